"""How many a document says there are, against rows: exactly, at least, at most, per group, added up, and unknown."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gongbao.engine.counts import Count, Counted, counted


def one(count: Count, rows: list[dict[str, object]]) -> Counted:
    (found,) = counted([count], rows)
    return found


@pytest.mark.parametrize(("n", "exactly", "at_least", "at_most", "within"), [
    (1, False, False, True, False), (2, True, True, True, True), (3, False, True, False, True), (4, False, True, False, False),
])  # fmt: skip
def test_bounds_are_inclusive(n: int, exactly: bool, at_least: bool, at_most: bool, within: bool) -> None:
    rows: list[dict[str, object]] = [{} for _ in range(n)]
    assert one(Count("x", "一", exactly=2), rows).holds is exactly
    assert one(Count("x", "一", at_least=2), rows).holds is at_least
    assert one(Count("x", "一", at_most=2), rows).holds is at_most
    assert one(Count("x", "一", at_least=2, at_most=3), rows).holds is within


def test_only_rows_of_the_kind_count() -> None:
    rows = [{"class": "甲", "core": True}, {"class": "甲", "core": False}, {"class": "乙", "core": True}]
    assert one(Count("x", "一", where={"class": "甲", "core": True}, exactly=1), rows).found == 1


def test_a_member_without_rows_is_counted_as_none() -> None:
    found = counted([Count("x", "一", each="place", of="县", at_least=1)], [{"place": "甲"}], {"县": ["甲", "乙"]})
    assert [(c.group, c.found, c.holds) for c in found] == [("甲", 1, True), ("乙", 0, False)]


def test_without_members_the_groups_are_those_of_the_rows() -> None:
    found = counted([Count("x", "一", each="year", at_least=2)], [{"year": 2022}, {"year": 2022}, {"year": None}])
    assert [(c.group, c.found) for c in found] == [("2022", 2)]


def test_a_sum_is_exact_and_says_how_many_rows_lack_the_number() -> None:
    rows = [{"n": Decimal("0.1")}, {"n": Decimal("0.2")}, {"n": None}]
    found = one(Count("x", "一", sum="n", at_least=Decimal("0.3")), rows)
    assert (found.found, found.unknown, found.holds) == (Decimal("0.3"), 1, True)


@pytest.mark.parametrize(("count", "holds"), [
    (Count("x", "一", sum="n", at_least=6), None), (Count("x", "一", sum="n", at_least=5), True),
    (Count("x", "一", sum="n", at_most=5), None), (Count("x", "一", sum="n", at_most=4), False),
    (Count("x", "一", sum="n", exactly=5), None), (Count("x", "一", sum="n", exactly=4), False),
])  # fmt: skip
def test_an_unknown_number_settles_only_what_it_cannot_change(count: Count, holds: bool | None) -> None:
    assert one(count, [{"n": 5}, {"n": None}]).holds is holds


def test_what_is_wanted_is_said_in_words() -> None:
    assert [Count("x", "一", **bounds).wanted for bounds in (
        {"exactly": 13}, {"at_least": 5}, {"at_most": 3}, {"at_least": 2, "at_most": 3},
    )] == ["13", "不少于5", "不多于3", "2至3"]  # fmt: skip
