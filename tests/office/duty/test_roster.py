"""The roster: who is on duty at a moment, where nobody is, and what may be put in and taken out."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongbao.office import clock
from gongbao.office.duty import roster
from gongbao.office.duty.models import Shift
from gongbao.office.duty.roster import BadRoster, Given, rotation

NINE = dt.datetime(2023, 3, 1, 9, tzinfo=clock.SHANGHAI)
HOUR = dt.timedelta(hours=1)
UNIT = "甲市热线中心"


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NINE)


def shift(starts: int, ends: int, name: str = "甲", kind: str = "值班") -> Given:
    return Given(kind, NINE + starts * HOUR, NINE + ends * HOUR, name, place=f"{name}{starts}")


@pytest.mark.django_db
def test_one_is_on_duty_from_the_first_instant_of_the_shift_to_before_its_last(operator) -> None:
    roster.put_in(operator, [shift(1, 2)])
    for at, there in ((1, True), (2, False)):
        assert bool(roster.on_duty([UNIT], NINE + at * HOUR)[UNIT]) is there
    assert roster.on_duty([UNIT], NINE + 2 * HOUR - dt.timedelta(seconds=1))[UNIT]
    assert not roster.on_duty([UNIT], NINE + HOUR - dt.timedelta(seconds=1))[UNIT]


@pytest.mark.django_db
def test_gaps_are_told_by_kind_and_shifts_that_touch_leave_none(operator) -> None:
    roster.put_in(operator, [shift(0, 2), shift(2, 4, "乙"), shift(5, 6)])
    found = roster.gaps(UNIT, NINE, NINE + 6 * HOUR)
    assert ("值班", NINE + 4 * HOUR, NINE + 5 * HOUR) in found
    assert ("带班", NINE, NINE + 6 * HOUR) in found
    assert len(found) == 2


@pytest.mark.django_db
def test_one_person_cannot_stand_two_shifts_of_a_kind_at_once_but_may_follow_himself(operator) -> None:
    roster.put_in(operator, [shift(1, 3), shift(3, 4)])
    roster.put_in(operator, [shift(1, 3, kind="带班"), shift(1, 3, "乙")])
    with pytest.raises(BadRoster, match="甲值班 03-01 11:00 与 03-01 10:00 的班次重叠"):
        roster.put_in(operator, [shift(8, 9, "丙"), shift(2, 4)])
    assert not Shift.objects.filter(name="丙").exists()  # none of them


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("one", "says"),
    [
        (shift(2, 2), "不晚于开始"),
        (shift(-3, 0), "已经过去"),
        (shift(1, 7 * 24 + 2), "最长 7 天"),
        (shift(1, 2, kind="陪班"), "只能是 值班、带班"),
        (shift(1, 2, ""), "姓名"),
    ],
)
def test_a_shift_that_cannot_be_is_refused(operator, one: Given, says: str) -> None:
    with pytest.raises(BadRoster, match=says):
        roster.put_in(operator, [one])


@pytest.mark.django_db
def test_a_shift_to_come_goes_one_that_runs_ends_now_and_one_that_is_past_stays(operator, monkeypatch) -> None:
    roster.put_in(operator, [shift(0, 2), shift(3, 4)])
    monkeypatch.setattr(clock, "now", lambda: NINE + HOUR)
    first, second = Shift.objects.order_by("starts")
    assert roster.take_out(operator, first.pk).ends == NINE + HOUR
    roster.take_out(operator, second.pk)
    assert roster.on_duty([UNIT], NINE + 3 * HOUR)[UNIT] == []
    with pytest.raises(BadRoster, match="已经过去"):
        roster.take_out(operator, first.pk)
    assert Shift.objects.count() == 2  # what stood on a roster stays readable


@pytest.mark.django_db
def test_nobody_changes_the_roster_of_another_unit(operator, east) -> None:
    roster.put_in(operator, [shift(1, 2)])
    with pytest.raises(BadRoster, match="没有这个班次"):
        roster.take_out(east, Shift.objects.get().pk)


@settings(max_examples=60, deadline=None)
@given(
    people=st.integers(1, 5), days=st.integers(0, 40),
    changes=st.lists(st.times().map(lambda t: t.replace(second=0, microsecond=0, tzinfo=None)), min_size=1, max_size=4),
)  # fmt: skip
def test_a_rotation_leaves_no_gap_and_takes_people_in_turn(people: int, days: int, changes: list[dt.time]) -> None:
    names = [(f"人{n}", "") for n in range(people)]
    first = dt.date(2023, 3, 2)
    made = rotation("值班", names, first, first + dt.timedelta(days=days), changes)
    assert made[0].starts.date() == first
    assert made[-1].starts.date() == first + dt.timedelta(days=days)
    assert all(a.ends == b.starts for a, b in pairwise(made))
    assert [one.name for one in made] == [f"人{n % people}" for n in range(len(made))]
    assert len(made) == len(set(changes)) * (days + 1)
