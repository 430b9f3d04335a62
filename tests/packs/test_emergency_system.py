"""The lists of the emergency-management plan: what it prints, who keeps the rest, and how many it says there are."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from gongbao.engine.counts import counted
from gongbao.engine.decision.decide import decide
from gongbao.engine.world import World
from gongbao.policy.check import check_folder
from gongbao.policy.loader import load_folder, packs_root

FOLDER = packs_root() / "langfang" / "emergency-system"
COUNTIES = (
    "三河市", "大厂回族自治县", "香河县", "广阳区", "安次区", "固安县", "永清县", "霸州市", "文安县", "大城县",
)  # fmt: skip
GROUP = "各县（市、区）人民政府"


@pytest.fixture(scope="module")
def world() -> World:
    return load_folder(FOLDER)


def test_the_pack_is_whole() -> None:
    report = check_folder(FOLDER)
    assert [str(p) for p in report.problems] == []


def test_in_force_from_its_day_until_the_end_of_2025(world: World) -> None:
    assert (world.document["in_force"]["from"], world.document["in_force"]["until"]) == (
        dt.date(2023, 1, 7),
        dt.date(2025, 12, 31),
    )


def test_the_counties_that_must_have_shelters_are_the_ten(world: World) -> None:
    members = world.units.members(GROUP, dt.date(2023, 4, 18))
    assert tuple(unit.area for unit in members) == COUNTIES


def shelters(county: str, fixed: int, *, core: bool = False, kind: str = "固定避难场所") -> list[dict[str, Any]]:
    return [{"name": f"{county}{kind}{i}", "class": kind, "place": county, "core": core} for i in range(fixed)]


def short_of_shelters(world: World, rows: list[dict[str, Any]]) -> list[str | None]:
    found = counted(world.registers["shelters"].counts, rows, {GROUP: COUNTIES})
    return [one.group or one.count.label for one in found if not one.holds]


def test_every_county_with_fewer_than_five_fixed_shelters_is_listed(world: World) -> None:
    """works when S000a-1-4"""
    rows = [row for county in COUNTIES for row in shelters(county, 4 if county in ("香河县", "大城县") else 5)]
    rows += shelters("广阳区", 15, core=True) + shelters("广阳区", 2, core=True, kind="中心避难场所")
    assert short_of_shelters(world, rows) == ["香河县", "大城县"]


@pytest.mark.parametrize(("central", "fixed", "short"), [
    (2, 15, []),
    (1, 15, ["市主城区中心避难场所"]),
    (2, 14, ["市主城区固定避难场所"]),
])  # fmt: skip
def test_the_city_proper_has_two_central_and_fifteen_fixed(
    world: World, central: int, fixed: int, short: list[str]
) -> None:
    """works when S000a-1-4"""
    rows = [row for county in COUNTIES for row in shelters(county, 5)]
    rows += shelters("广阳区", fixed, core=True) + shelters("广阳区", central, core=True, kind="中心避难场所")
    assert short_of_shelters(world, rows) == short


def test_no_shelter_registered_means_every_county_is_short(world: World) -> None:
    assert short_of_shelters(world, []) == ["市主城区中心避难场所", "市主城区固定避难场所", *COUNTIES]


@pytest.mark.parametrize(("staff", "year"), [(0, "2024年"), (9, "2024年"), (10, "2023年"), (11, "2023年")])
def test_a_dust_enterprise_is_treated_in_its_year_and_reviewed_in_2025(world: World, staff: int, year: str) -> None:
    """works when S000a-1-5"""
    outcome = decide(world, "dust", {"staff": staff})
    assert dict(outcome.value) == {"year": year, "review": "2025年"}


@pytest.mark.parametrize(("members", "holds"), [(29, False), (30, True), (31, True), (None, None)])
def test_the_forest_fire_brigade_has_thirty_at_the_front(world: World, members: int | None, holds: bool | None) -> None:
    rows = [{"name": "三河市森林草原消防大队", "members": members}, {"name": "廊坊蓝天救援队", "members": 50}]
    (found,) = [c for c in counted(world.registers["teams"].counts, rows) if c.count.sum]
    assert found.holds is holds


def test_campaigns_of_a_year_are_in_two_or_three_counties(world: World) -> None:
    rows = [{"year": year, "place": COUNTIES[i]} for year, n in ((2021, 1), (2022, 2), (2023, 3), (2024, 4)) for i in range(n)]  # fmt: skip
    found = counted(world.registers["confined_campaigns"].counts, rows, {GROUP: COUNTIES})
    yearly = {one.group: one.holds for one in found if one.count.of is None}
    assert yearly == {"2021": False, "2022": True, "2023": True, "2024": False}
    assert [one.group for one in found if one.count.of and not one.holds] == list(COUNTIES[4:])


def test_the_depots_of_the_text_add_up(world: World) -> None:
    total, *parts = (c for c in world.registers["warehouses"].counts if c.exactly is not None)
    assert total.exactly == 21 == sum(int(part.exactly or 0) for part in parts)


def test_every_kept_register_says_who_keeps_it_and_what_its_columns_are(world: World) -> None:
    kept = {name: r for name, r in world.registers.items() if r.kept_by and name not in ("tasks", "projects")}
    assert len(kept) == 18
    for register in kept.values():
        assert register.kind, register.label
        assert register.key, register.label
        assert any(c.role == "place" for c in register.columns) or register.kind == "plan", register.label


def test_the_plan_has_12_indicators_of_which_4_are_binding(world: World) -> None:
    table = [one for one in world.indicators.values() if one.id.isdigit()]
    assert [one.id for one in table] == [str(n) for n in range(1, 13)]
    assert [one.id for one in table if one.nature == "约束性"] == ["1", "2", "3", "4"]
    assert world.registers["tasks"].total == 31
    assert world.registers["projects"].total == 9
