"""The regional health plan: what a population takes of beds and staff, the printed tables that add up, two plans on one number."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.packs.papers import assert_every_paper_is_filled

from gongbao.engine.indicator import NO_DATA, REACHED
from gongbao.engine.indicator_judge import Result, judged
from gongbao.engine.indicator_observations import Book
from gongbao.engine.indicator_reading import read_observations
from gongbao.engine.world import World
from gongbao.policy.check import check_folder
from gongbao.policy.indicators import disagreements
from gongbao.policy.loader import load_folder, packs_root, read_pack

FOLDER = packs_root() / "langfang" / "health-institutions"
END = dt.date(2025, 12, 31)
BEDS = ("beds_hospital", "beds_primary", "beds_public", "beds_private", "beds_city", "beds_county", "beds_other")


@cache
def loaded() -> World:
    return load_folder(FOLDER)


@pytest.fixture(scope="module")
def world() -> World:
    return loaded()


def needed(world: World, name: str, residents: int) -> Result:
    read = read_observations([{"indicator": "residents", "period": "2025", "value": residents}], [world])
    return judged(world, world.indicators[name], Book.of(read), END).results[0]


def test_the_pack_is_whole() -> None:
    assert [str(p) for p in check_folder(FOLDER).problems] == []


def test_every_paper_is_filled(world: World) -> None:
    assert_every_paper_is_filled(FOLDER, world)


def test_the_table_has_16_rows_of_which_one_is_binding(world: World) -> None:
    table = [one for one in world.indicators.values() if one.id.isdigit()]
    assert [int(one.id) for one in table] == list(range(1, 17))
    assert [one.id for one in table if one.nature == "约束性"] == ["9"]
    assert Counter(one.group for one in table) == {"公共卫生": 4, "医疗服务": 7, "中医药服务": 3, "重点人群健康服务": 2}


@settings(max_examples=30)
@given(st.integers(1, 10**7))
def test_the_beds_that_a_population_takes_add_up(residents: int) -> None:
    world = loaded()
    beds = {name: Decimal(needed(world, name, residents).needed or 0) for name in (*BEDS, "5")}
    assert beds["5"] == beds["beds_hospital"] + beds["beds_primary"]
    assert beds["beds_hospital"] == beds["beds_public"] + beds["beds_private"]
    assert beds["beds_public"] == beds["beds_city"] + beds["beds_county"] + beds["beds_other"]


def test_what_a_population_takes_is_said_before_the_beds_are_counted(world: World) -> None:
    found = needed(world, "beds_city", 5_464_100)
    assert (found.status, found.needed) == (NO_DATA, Decimal("7376.535"))


def test_the_printed_bed_plan_adds_up(world: World) -> None:
    rows = world.registers["bed_plan"].rows
    sums = [sum(row[c] or 0 for row in rows) for c in ("approved", "real", "planned", "more")]
    assert sums == [1578, 1721, 4900, 3179]
    by_name: dict[str, list[int]] = {}
    for row in rows:
        held = by_name.setdefault(row["name"], [0, 0, 0])
        for i, column in enumerate(("planned", "real", "more")):
            held[i] += row[column] or 0
    assert all(planned - real == more for planned, real, more in by_name.values())


def test_the_baselines_are_those_of_the_printed_counts(world: World) -> None:
    rows = [("doctors", 16968), ("nurses", 13599), ("beds", 27348), ("health_staff", 46788), ("residents", 5_464_100)]
    read = read_observations([{"indicator": n, "period": "2020", "value": v} for n, v in rows], [world])
    book = Book.of(read)
    for name in ("5", "6", "7", "10", "11"):
        one = world.indicators[name]
        result = judged(world, one, book, dt.date(2021, 1, 31)).results[0]
        assert round(Decimal(result.value or 0), 2) == one.baseline.value


def test_a_number_of_two_plans_is_entered_once(world: World) -> None:
    other = load_folder(FOLDER.parent / "public-health")
    shared = {one.key for one in world.indicators.values()} & {one.key for one in other.indicators.values()}
    assert {"per_1000_doctors", "per_1000_nurses", "per_1000_pharmacists", "per_1000_childcare"} <= shared
    both = [world, other]
    rows = [
        {"indicator": "nurses", "period": "2025", "value": 3700},
        {"indicator": "residents", "period": "2025", "value": 1_000_000},
    ]
    book = Book.of(read_observations(rows, both))
    for there, name in ((world, "7"), (other, "11")):
        assert judged(there, there.indicators[name], book, END).status == REACHED


def test_where_the_two_plans_disagree_is_listed() -> None:
    packs = [read_pack(FOLDER), read_pack(FOLDER.parent / "public-health")]
    assert [str(each) for each in disagreements(packs)] == [
        "“prenatal_screening”的2025年目标不一致：langfang/health-institutions 为 ≥85%；langfang/public-health 为 ≥83%"
    ]
