"""The renewal of old pipes: its three tables to the last decimal, what the print gets wrong, what is in scope, who pays."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.packs.papers import assert_every_paper_is_filled

from gongbao.engine.decision.decide import decide
from gongbao.engine.world import World
from gongbao.policy.check import check_folder
from gongbao.policy.loader import load_folder, packs_root

FOLDER = packs_root() / "langfang" / "pipe-renewal"


@cache
def loaded() -> World:
    return load_folder(FOLDER)


def rows(**where: str):
    return loaded().registers["plan"].where(**where)


def outcome(decision: str, **facts: object) -> object:
    return decide(loaded(), decision, facts).output


def test_the_pack_passes_its_own_check() -> None:
    report = check_folder(FOLDER)
    assert report.errors == ()
    assert report.warnings == ()


def test_every_paper_is_filled() -> None:
    assert_every_paper_is_filled(FOLDER, loaded())


# --------------------------------------------------------------------------------------------------------- the tables


def test_exactly_these_sums_are_printed_otherwise_than_they_come_to() -> None:
    assert [(d.of.partition("·")[0], d.printed, d.counted, d.rounded) for d in loaded().registers["plan"].discrepancies] == [
        ("2023 燃气", 1015, 1050, False),
        ("2024 其中政府或居民共有产权部分", Decimal("6540.18"), Decimal("6540.179"), True),
        ("2025 其中政府或居民共有产权部分", Decimal("14553.3"), Decimal("14553.324"), True),
        ("2025 燃气", Decimal("5390.584"), Decimal("5205.564"), False),
        ("2025 三河市 燃气", Decimal("2538.08"), Decimal("2723.10"), False),
    ]  # fmt: skip


def test_no_cell_was_repaired() -> None:
    (sanhe,) = rows(id="2025 三河市")
    assert (sanhe["gas"], sanhe["total"]) == (Decimal("2538.08"), Decimal("8747.1"))
    assert loaded().registers["plan"].printed_sums["2023"]["station_n"] == 1015


def test_the_three_years_come_to_the_printed_totals() -> None:
    printed = loaded().registers["plan"].printed_sums
    added = {column: sum(printed[year][column] for year in printed) for column in printed["2023"]}
    assert added["total"] == Decimal("37841.055")
    assert (added["gas"], added["water"], added["heat"], added["drain"]) == (
        Decimal("14110.965"), Decimal("2760.77"), Decimal(10861), Decimal("10108.32")
    )  # fmt: skip
    assert added["shared"] == Decimal("27472.14")
    assert (added["gas_main_km"], added["gas_yard_km"], added["riser_km"]) == (
        Decimal("35.237"), Decimal("296.365"), Decimal("124.903")
    )  # fmt: skip
    assert (added["water_km"], added["heat_km"], added["drain_km"]) == (
        Decimal("44.262"),
        Decimal("16.97"),
        Decimal("17.9"),
    )


@pytest.mark.parametrize(("city", "total"), [
    ("安次区", "6618.505"), ("广阳区", "6425.848"), ("开发区", "8616.339"), ("霸州市", "395"), ("三河市", "10179.81"),
    ("固安县", "255.18"), ("永清县", "186.2"), ("文安县", "988.65"), ("大城县", "132.44"), ("香河县", "743.083"), ("大厂县", "3300"),
])  # fmt: skip
def test_each_city_has_its_total_of_three_years(city: str, total: str) -> None:
    assert sum(row["total"] for row in rows(city=city)) == Decimal(total)


def test_every_number_of_the_tables_is_exact() -> None:
    numbers = [value for row in rows() for value in row.values() if isinstance(value, (int, Decimal, float))]
    assert len(numbers) == 33 * 26
    assert not any(isinstance(value, float) for value in numbers)


# -------------------------------------------------------------------------------------------------------------- scope

STEEL = {"gas_material": "钢质", "occupied": False, "safe": True}


def test_a_pipe_is_judged_by_its_material_its_age_and_its_hazard() -> None:
    assert outcome("gas_pipe", gas_material="灰口铸铁", service_years=5, occupied=False) == "列入"
    pe = {"gas_material": "聚乙烯（PE）", "occupied": False}
    assert outcome("gas_pipe", **pe, service_years=20, hazard=False) == "不列入"
    assert outcome("gas_pipe", **pe, service_years=20, hazard=True) == "列入"
    assert outcome("gas_pipe", **pe, service_years=19, hazard=True, controlled=True) == "不列入"
    assert outcome("gas_pipe", **pe, service_years=19, hazard=True, controlled=False) == "列入"


def test_what_is_not_known_yet_is_asked_for() -> None:
    found = decide(loaded(), "gas_pipe", {**STEEL, "service_years": 19, "hazard": True})
    assert not found.settled
    assert "controlled" in found.ask
    assert decide(loaded(), "gas_pipe", {**STEEL, "service_years": 20, "hazard": True}).output == "列入"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 80), st.booleans(), st.booleans())
def test_a_hazard_or_more_years_never_take_a_pipe_out_of_scope(years: int, hazard: bool, controlled: bool) -> None:
    facts = {**STEEL, "controlled": controlled}
    now = outcome("gas_pipe", **facts, service_years=years, hazard=hazard)
    if now == "列入":
        assert outcome("gas_pipe", **facts, service_years=years + 1, hazard=hazard) == "列入"
        assert outcome("gas_pipe", **facts, service_years=years, hazard=True) == "列入"


# ----------------------------------------------------------------------------------------------- money and procedures


def test_a_yard_whose_ownership_is_unclear_goes_to_the_local_government() -> None:
    assert outcome("funding", ownership="居民共有", no_funds=True) == "属地政府明确责任单位"


def test_a_line_that_moves_needs_the_procedures_of_land_and_planning() -> None:
    assert outcome("approval", land_changes=False, line_moves=True) == "须办理"
    assert outcome("approval", land_changes=False, line_moves=False) == "不再办理"
