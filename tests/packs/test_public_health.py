"""The national health plan: 27 indicators in 8 forms, each at its boundary; what the text leaves open stays open."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from tests.packs.papers import assert_every_paper_is_filled

from gongbao.engine.force import may_open
from gongbao.engine.indicator import MISSED, NO_DATA, PERSON, REACHED
from gongbao.engine.indicator_judge import Judged, evaluate, judged
from gongbao.engine.indicator_observations import Book
from gongbao.engine.indicator_reading import read_observations
from gongbao.engine.world import World
from gongbao.policy.check import check_folder
from gongbao.policy.cites import cited
from gongbao.policy.loader import load_folder, packs_root, read_pack

FOLDER = packs_root() / "langfang" / "public-health"
SET = {
    "about_tolerance": Decimal("0.5"),
    "myopia_reading": "上年实际",
    "townships": 3,
    "large_counties": 2,
    "breast_reading": "%",
}
NUMERIC = ("floor", "ceiling", "value", "change", "full")


@cache
def loaded() -> World:
    return load_folder(FOLDER)


@pytest.fixture(scope="module")
def world() -> World:
    return loaded()


def say(world: World, name: str, *rows: dict[str, Any], on: dt.date = dt.date(2025, 12, 31)) -> Judged:
    read = read_observations([{"indicator": name, "period": "2025", **row} for row in rows], [world])
    return judged(world, world.indicators[name], Book.of(read, on), on)


def table(world: World) -> list[Any]:
    return [one for one in world.indicators.values() if one.id.isdigit()]


def test_the_pack_is_whole() -> None:
    assert [str(p) for p in check_folder(FOLDER).problems] == []


def test_every_paper_is_filled(world: World) -> None:
    assert_every_paper_is_filled(FOLDER, world)


def test_the_table_has_27_rows_of_which_6_are_binding(world: World) -> None:
    assert [int(one.id) for one in table(world)] == list(range(1, 28))
    assert Counter(one.nature for one in table(world)) == {"约束性": 6, "预期性": 21}
    assert [one.id for one in table(world) if one.nature == "约束性"] == ["15", "16", "18", "21", "25", "26"]
    groups = Counter(one.group for one in table(world))
    assert groups == {"健康水平": 6, "健康生活": 3, "健康服务": 11, "健康保障": 3, "健康环境": 3, "健康产业": 1}


def test_its_targets_have_8_forms(world: World) -> None:
    targets = [one.targets[0] for one in table(world)]
    forms = {(t.form, "每年" if t.each_year else "") for t in targets}
    assert forms == {
        ("value", ""), ("floor", ""), ("ceiling", ""), ("about", ""), ("change", ""), ("change", "每年"),
        ("qualitative", ""), ("assigned", ""),
    }  # fmt: skip


@pytest.mark.parametrize("name", [n for n, one in loaded().indicators.items() if one.targets[0].form in NUMERIC])
def test_every_target_is_reached_at_its_number_and_missed_one_step_short(world: World, name: str) -> None:
    there = world.with_settings(SET)
    one = there.indicators[name]
    target, step = one.targets[0], one.step or 1
    base = one.baseline.value
    goal = {
        "18": Decimal("52.5"), "1": Decimal("81.25"), "breast": Decimal("44"),
    }.get(name, target.value if target.value is not None else 100)  # fmt: skip
    before = {"18": [{"period": str(y), "value": str(55 - (y - 2020) * Decimal("0.5"))} for y in range(2021, 2025)],
              "breast": [{"period": "2024", "value": 40}]}.get(name, [])  # fmt: skip
    members = {"15": ("甲镇", "乙镇", "丙镇"), "level_three": ("三河市", "霸州市")}.get(name, ("",))
    short = goal - step if target.up else goal + step
    rows = [{"subject": who, "value": str(goal)} for who in members]
    assert say(there, name, *before, *rows).status == REACHED
    rows[-1]["value"] = str(short)
    assert say(there, name, *before, *rows).status == MISSED
    assert base is None or one.baseline.year == 2020


def test_without_reports_nothing_is_said_but_that(world: World) -> None:
    on = dt.date(2025, 6, 30)
    found = {one.indicator.id: one for one in evaluate([world], Book.of([]), on)}
    asked = {name for name, one in found.items() if one.status == PERSON}
    assert asked == {"2", "24", "26", "heavy_pollution", "worst_water"}
    assert {one.status for name, one in found.items() if name not in asked} == {NO_DATA}
    assert all(result.goal is None for name in asked for result in found[name].results)


def test_the_places_that_a_population_needs(world: World) -> None:
    found = say(
        world, "17", {"indicator": "childcare_places", "value": 20_000}, {"indicator": "residents", "value": 5_460_000}
    )
    assert found.results[0].needed == 24_570


def test_a_date_after_the_plan_is_outside_it(world: World) -> None:
    assert may_open(world, dt.date(2025, 12, 31)) == ""
    assert "已失效" in may_open(world, dt.date(2026, 1, 1))


def test_the_measures_and_projects_are_those_that_the_text_counts(world: World) -> None:
    measures, projects = world.registers["measures"], world.registers["projects"]
    assert (measures.total, projects.total) == (39, 23)
    chapters = Counter(row["clause"][0] for row in measures.rows)
    assert chapters == {"三": 4, "四": 5, "五": 5, "六": 3, "七": 5, "八": 7, "九": 5, "十": 5}
    assert list(Counter(row["box"] for row in projects.rows).values()) == [3, 3, 5, 2, 5, 3, 1, 1]
    assert all(row["lead"] is None and row["due_on"] is None for row in measures.rows)


def test_every_measure_is_looked_for_in_the_clause_of_its_own() -> None:
    rows = [c for c in cited(read_pack(FOLDER)) if c.file == "registers/measures.csv"]
    assert len(rows) == 39
    assert (rows[0].cite, rows[0].terms, rows[0].path) == ("三（一）", ("开展全民健康教育",), (2,))
    results = [c for c in cited(read_pack(FOLDER)) if c.file == "registers/results.csv"]
    assert (results[6].cite, results[6].figures) == ("一（一）1", ("14.83/10万",))
