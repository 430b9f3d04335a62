"""Nearest first: by distance where it is known, else by township, county, neighbours, and the rest in the city's order."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongbao.office.resources.nearness import Candidate, Where, kilometres, ordered

AREAS = ("甲县", "乙县", "丙县", "丁县")
NEIGHBOURS = {"甲县": frozenset({"丙县"}), "丙县": frozenset({"甲县"})}


def one(name: str, place: str = "", text: str = "", point: tuple[str, str] | None = None) -> Candidate[str]:
    return Candidate(name, name, place, text, None if point is None else (Decimal(point[0]), Decimal(point[1])))


def names(candidates, where, neighbours=NEIGHBOURS):
    measured, others = ordered(candidates, where, neighbours, AREAS)
    return [p.of for p in measured], [(p.of, p.relation) for p in others]


def test_a_degree_of_latitude_is_111_kilometres():
    assert kilometres((Decimal("116.7"), Decimal(39)), (Decimal("116.7"), Decimal(40))) == Decimal("111.2")


def test_two_known_cities():
    langfang, tianjin = (Decimal("116.70"), Decimal("39.52")), (Decimal("117.20"), Decimal("39.13"))
    assert Decimal(60) < kilometres(langfang, tianjin) < Decimal(63)


point = st.tuples(
    st.decimals(-180, 180, places=4, allow_nan=False), st.decimals(-90, 90, places=4, allow_nan=False)
)  # fmt: skip


@given(point, point)
@settings(max_examples=60)
def test_a_distance_is_symmetric_and_at_most_half_way_round(a, b):
    assert kilometres(a, b) == kilometres(b, a)
    assert 0 <= kilometres(a, b) <= Decimal("20015.2")
    assert kilometres(a, a) == 0


def test_with_coordinates_the_nearest_is_first_whatever_its_county():
    where = Where("甲县", "", (Decimal("116.7"), Decimal("39.5")))
    rows = [one("远", "甲县", point=("117.7", "39.5")), one("近", "乙县", point=("116.71", "39.5")), one("无", "甲县")]
    assert names(rows, where) == (["近", "远"], [("无", "本县")])


def test_without_them_the_same_county_then_neighbours_then_the_citys_order():
    rows = [one("丁", "丁县"), one("乙", "乙县"), one("丙", "丙县"), one("甲", "甲县"), one("市", "")]
    assert names(rows, Where("甲县")) == (
        [], [("甲", "本县"), ("丙", "相邻"), ("乙", "其他"), ("丁", "其他"), ("市", "其他")],
    )  # fmt: skip
    assert [n for n, _ in names(rows, Where("甲县"), {})[1]] == ["甲", "乙", "丙", "丁", "市"]


def test_what_names_the_township_is_before_the_rest_of_its_county():
    rows = [one("一队", "甲县", "一队 城关镇"), one("二队", "甲县", "二队 胜芳镇"), one("三队", "乙县", "胜芳镇")]
    assert names(rows, Where("甲县", "胜芳")) == ([], [("二队", "本乡镇"), ("一队", "本县"), ("三队", "其他")])


def test_where_no_place_is_asked_the_citys_order_and_the_name():
    rows = [one("b", "乙县"), one("a", "乙县"), one("c", "甲县")]
    assert names(rows, Where()) == ([], [("c", ""), ("a", ""), ("b", "")])


@pytest.mark.parametrize("where", [Where("甲县"), Where("", "", (Decimal(116), Decimal(39)))])
def test_nobody_is_lost_or_doubled(where):
    rows = [one(str(i), AREAS[i % 4], point=("116", "39") if i % 3 else None) for i in range(20)]
    measured, others = names(rows, where)
    assert sorted([*measured, *(n for n, _ in others)]) == sorted(str(i) for i in range(20))
