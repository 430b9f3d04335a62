"""Stretches of a series, how they are joined over a gap, and how long they last."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongbao.engine.series import (
    COUNTED,
    DAY,
    DROPPED,
    GAP_READINGS,
    HOUR,
    SEPARATE,
    Series,
    lasting_hours,
    latest_run,
    longest,
    marked_hours,
    mean_of,
    peak,
    read_step,
    readings,
    run,
    series_form,
    share,
    spaced,
    stretches,
    without,
)
from gongbao.engine.time.calendar import SHANGHAI
from gongbao.feel import FeelValueError

START = dt.datetime(2017, 11, 20, tzinfo=SHANGHAI)
HEAVY, WINDOW, LIGHT, LIFT = 200, 24, 150, 36


def days(*values: Any, marks: Any = None) -> Series:
    return Series(START, DAY, values, tuple(marks or ("",) * len(values)))


def hours(*values: Any, start: dt.datetime = START) -> Series:
    return Series(start, HOUR, values, ("",) * len(values))


def episodes(series: Series, reading: str | None = None, light: int | None = LIGHT) -> Any:
    return stretches(series, HEAVY, WINDOW, light, LIFT, reading)


def counts(series: Series, reading: str | None = None) -> list[tuple[int, int]]:
    return [(longest(each, 200), longest(each, 300)) for each in episodes(series, reading)]


# Stretches and gaps ---------------------------------------------------------------------------------------------


def test_two_good_days_part_two_episodes() -> None:
    series = days(250, 250, 250, 250, 100, 100, 350, 350)
    for reading in (None, *GAP_READINGS):
        assert counts(series, reading) == [(4, 0), (2, 2)]


def test_one_good_day_joins_them_and_the_reading_of_the_gap_decides() -> None:
    series = days(250, 250, 250, 250, 100, 350, 350)
    assert episodes(series, None) is None
    assert counts(series, SEPARATE) == [(4, 0), (2, 2)]
    assert counts(series, DROPPED) == [(6, 2)]
    assert counts(series, COUNTED) == [(7, 2)]


def test_an_episode_says_when_it_was_and_of_how_many_parts() -> None:
    (one,) = episodes(days(100, 250, 100, 350, 100), COUNTED)
    assert (one["from"], one["until"]) == (START + DAY, START + 4 * DAY)
    assert (one["hours"], one["gap_hours"], one["parts"]) == (72, 24, 2)


def test_a_reading_of_exactly_the_line_is_not_above_it() -> None:
    assert counts(days(200, 201, 200)) == [(1, 0)]
    assert episodes(days(200, 200)) == []


@pytest.mark.parametrize(
    ("gap", "apart"), [((150, 150), True), ((151, 150), False), ((150, 151), False), ((150,), False)]
)
def test_two_days_of_150_lift_and_one_of_151_does_not(gap: tuple[int, ...], apart: bool) -> None:
    assert len(episodes(days(250, *gap, 250), DROPPED)) == (2 if apart else 1)


@pytest.mark.parametrize(("good", "apart"), [(35, False), (36, True), (37, True)])
def test_thirty_six_hours_lift_and_thirty_five_do_not(good: int, apart: bool) -> None:
    # Above 24 times 200 at once, so that each episode ends with its last bad hour at the latest.
    series = hours(*[250] * 24, *[190] * 24, *[100] * good, *[190] * 24, *[250] * 24)
    assert len(episodes(series, DROPPED)) == (2 if apart else 1)


def test_without_the_line_of_lifting_a_gap_that_is_too_short_anyway_is_not_lifted() -> None:
    assert len(stretches(days(250, 100, 250), HEAVY, WINDOW, None, LIFT, DROPPED)) == 1
    assert stretches(days(250, 100, 100, 250), HEAVY, WINDOW, None, LIFT, DROPPED) is None
    assert len(stretches(days(250, 100, 100, 250), HEAVY, WINDOW, None, LIFT, SEPARATE)) == 2
    assert len(stretches(days(250, 250), HEAVY, WINDOW)) == 1


def test_an_unknown_reading_of_the_gap_is_refused() -> None:
    with pytest.raises(FeelValueError, match="间隔的读法"):
        episodes(days(250, 100, 250), "随便")


# Windows over hours ---------------------------------------------------------------------------------------------


def test_a_day_may_run_over_midnight() -> None:
    noon = START + 12 * HOUR
    series = hours(*[60] * 12, *[300] * 24, *[60] * 12)  # 12:00 to 12:00, each calendar day below 200
    assert all(sum(series.values[i : i + 24]) / 24 < 200 for i in (0, 24))  # type: ignore[arg-type]
    (one,) = episodes(series)
    assert longest(one, 200) == 1
    assert one["from"] <= noon < one["until"]


def test_two_days_are_two_windows_one_after_the_other() -> None:
    assert counts(hours(*[250] * 47)) == [(1, 0)]
    assert counts(hours(*[250] * 48)) == [(2, 0)]
    assert counts(hours(*[0] * 7, *[250] * 72, *[0] * 7)) == [(3, 0)]


@given(st.lists(st.integers(0, 600), min_size=1, max_size=12))
def test_hours_that_repeat_the_day_give_at_least_the_days_of_the_day_readings(values: list[int]) -> None:
    by_day, by_hour = days(*values), hours(*(v for v in values for _ in range(24)))
    for line in (200, 300):
        assert (
            run(by_day, line) <= max((longest(e, line) for e in episodes(by_hour, SEPARATE)), default=0) or line != 200
        )


@given(st.lists(st.integers(0, 600), max_size=20), st.sampled_from(GAP_READINGS))
def test_episodes_are_in_order_and_cover_every_day_above_the_line(values: list[int], reading: str) -> None:
    series = days(*values)
    found = episodes(series, reading)
    spans = [(each["from"], each["until"]) for each in found]
    assert spans == sorted(spans)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))
    for i, value in enumerate(values):
        inside = any(begin <= START + i * DAY < end for begin, end in spans)
        assert inside or value <= HEAVY
    assert sum(each["parts"] for each in found) == sum(
        1 for i, v in enumerate(values) if v > HEAVY and (i == 0 or values[i - 1] <= HEAVY)
    )


@given(st.lists(st.integers(0, 600), max_size=20))
def test_counting_the_gap_is_never_shorter_than_leaving_it_out_nor_that_than_apart(values: list[int]) -> None:
    series = days(*values)
    best = [max((longest(each, 200) for each in episodes(series, reading)), default=0) for reading in GAP_READINGS]
    assert best == sorted(best)


# Lines ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("value", "reached"), [(499, 0), (500, 1)])
def test_500_reaches_500_and_499_does_not(value: int, reached: int) -> None:
    (one,) = episodes(days(value))
    assert longest(one, ">= 500") == longest(one, ">=", 500) == longest(one, "≥", 500) == reached
    assert peak(one) == value


def test_a_third_of_a_mean_is_exact() -> None:
    series = Series(START, dt.timedelta(hours=8), (200, 200, 201), ("",) * 3)
    (one,) = stretches(series, HEAVY, 24)
    assert longest(one, 200) == 1  # 200 and a third
    assert stretches(Series(START, dt.timedelta(hours=8), (199, 200, 201), ("",) * 3), HEAVY, 24) == []


@pytest.mark.parametrize("test", ["über 300", ">> 3", "", True])
def test_a_comparison_that_is_none_is_refused(test: Any) -> None:
    with pytest.raises(FeelValueError, match="序列的比较"):
        run(days(1), test)


def test_a_comparison_may_not_have_two_lines() -> None:
    with pytest.raises(FeelValueError, match="序列的比较"):
        run(days(1), "> 3", 4)


# Missing readings -----------------------------------------------------------------------------------------------


def test_a_missing_reading_leaves_open_what_depends_on_it() -> None:
    assert episodes(days(250, None, 250), SEPARATE) is None
    assert run(days(1, None, 1), "> 0") is None
    assert run(days(1, None, 0), "> 1") is None
    assert run(days(5, 5, 0, None), "> 1") == 2
    assert mean_of(days(1, None)) is None
    assert peak(days(1, None)) is None


@given(st.lists(st.one_of(st.none(), st.integers(0, 600)), max_size=7), st.data())
def test_what_is_told_in_spite_of_missing_readings_holds_whatever_they_were(
    values: list[Any], data: st.DataObject
) -> None:
    filled = [data.draw(st.integers(0, 600)) if v is None else v for v in values]
    for line in (200, ">= 500", "<= 150"):
        told = run(days(*values), line)
        assert told is None or told == run(days(*filled), line)
    told = episodes(days(*values), COUNTED)
    assert told is None or [(e["from"], e["until"]) for e in told] == [
        (e["from"], e["until"]) for e in episodes(days(*filled), COUNTED)
    ]


def test_null_in_null_out() -> None:
    assert stretches(None, HEAVY, WINDOW) is None
    assert longest(None, 200) is longest({}, None) is share(None, "预报") is without(None, "趋势") is None
    assert lasting_hours(None, START, "> 1") is readings(None) is mean_of(None) is None


# Marks ----------------------------------------------------------------------------------------------------------


def test_without_a_mark_the_tail_is_cut_and_the_middle_is_missing() -> None:
    series = days(1, 2, 3, 4, marks=("监测", "趋势", "预报", "趋势"))
    cut = without(series, "趋势")
    assert cut.values == (1, None, 3)
    assert without(days(1, marks=("趋势",)), "趋势").values == ()


def test_shares_and_hours_of_a_mark() -> None:
    series = days(250, 250, 250, 250, marks=("监测", "预报", "预报", "趋势"))
    (one,) = episodes(series)
    assert share(one, "预报") == share(series, "预报") == Decimal("0.5")
    assert marked_hours(one, "趋势") == 24
    assert share(days(), "预报") is None


# Since a moment -------------------------------------------------------------------------------------------------


def test_how_long_it_stays_good_is_counted_from_the_moment_asked_about() -> None:
    series = hours(*[100] * 40, 151)
    assert lasting_hours(series, START + 4 * HOUR, "<= 150") == 36
    assert lasting_hours(series, START + dt.timedelta(hours=3, minutes=30), "<=", 150) == Decimal("36.5")
    assert lasting_hours(series, START + 40 * HOUR, "<= 150") == 0
    assert lasting_hours(series, START + 41 * HOUR, "<= 150") is None
    assert lasting_hours(hours(100, None), START, "<= 150") is None


# Making one -----------------------------------------------------------------------------------------------------


def test_readings_at_moments_find_their_places_and_leave_gaps() -> None:
    series = spaced([START + 2 * DAY, START], [3, 1], ["预报", "监测"], None)
    assert (series.step, series.values, series.marks) == (DAY, (1, None, 3), ("监测", "", "预报"))
    assert spaced([START, START + 5 * HOUR], [1, 2], ["", ""], None).step == HOUR


@pytest.mark.parametrize(("second", "said"), [(START, "两个读数"), (START + dt.timedelta(minutes=5), "刻度")])
def test_two_readings_at_one_moment_or_off_the_grid_are_refused(second: dt.datetime, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        spaced([START, second], [1, 2], ["", ""], None)


def test_a_century_of_hours_is_refused() -> None:
    with pytest.raises(ValueError, match="最多"):
        spaced([START, START + 36500 * DAY + HOUR], [1, 2], ["", ""], None)


@pytest.mark.parametrize(
    ("text", "step"),
    [("24 h", DAY), ("1小时", HOUR), ("1 d", DAY), ("30 min", HOUR / 2), (1, HOUR), ("0.5 h", HOUR / 2)],
)
def test_steps_are_read(text: Any, step: dt.timedelta) -> None:
    assert read_step(text) == step


@pytest.mark.parametrize("text", ["", "0 h", "-1 h", "25 h", 0, "每天", None])
def test_other_steps_are_refused(text: Any) -> None:
    with pytest.raises(ValueError, match="序列的间隔"):
        read_step(text)


def test_a_step_divides_the_day() -> None:
    with pytest.raises(ValueError, match="整除"):
        Series(START, dt.timedelta(hours=7), (1,), ("",))
    with pytest.raises(FeelValueError, match="不能按"):
        stretches(Series(START, DAY, (1,), ("",)), HEAVY, 12)


def test_the_written_form_is_short() -> None:
    assert series_form(days(1, 2, marks=("预报", "预报"))) == {
        "step": "24 h",
        "values": [1, 2],
        "start": START,
        "marks": "预报",
    }
    assert series_form(Series(None, HOUR, (1,), ("",))) == {"step": "1 h", "values": [1]}


def test_enough_valid_hours_make_a_mean_and_one_fewer_does_not() -> None:
    def told(missing: int) -> Any:
        return stretches(hours(*[205] * (24 - missing), *[None] * missing), HEAVY, WINDOW, LIGHT, LIFT, None, 20)

    assert [longest(each, 200) for each in told(4)] == [1]
    assert told(5) is None


def test_a_missing_hour_that_cannot_matter_leaves_nothing_open() -> None:
    gap = [250] * 12 + [None] + [250] * 11
    assert stretches(hours(*gap), HEAVY, WINDOW, LIGHT, LIFT) is None
    (one,) = stretches(hours(*gap), HEAVY, WINDOW, LIGHT, LIFT, None, None, 0)
    assert longest(one, 200) == 1
    assert stretches(hours(*[100] * 12, None, *[100] * 11), HEAVY, WINDOW, LIGHT, LIFT, None, None, 0, 500) == []


# What lasts until the last reading --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("readings_", "length"),
    [
        ((3, 3, 3), 3), ((3, 3, 4), 0), ((4, 3, 3), 2), ((4,), 0), ((3,), 1), ((), 0), ((3, 3, Decimal("3.1"), 3), 1),
        ((None, 4, 3), 1), ((4, None, 3), None), ((3, 3, None), None), ((4, None), None), ((None, None, 4), 0),
    ],
)  # fmt: skip
def test_the_latest_run_ends_with_the_last_reading(readings_: tuple[Any, ...], length: int | None) -> None:
    """A missing reading counts only where it could make the run longer."""
    assert latest_run(days(*readings_), "<= 3") == latest_run(days(*readings_), "<=", 3) == length


def test_the_latest_run_of_nothing_is_open() -> None:
    assert latest_run(None, "<= 3") is None
    assert latest_run(days(3), "<=", None) is None
    with pytest.raises(FeelValueError):
        latest_run([3, 3], "<= 3")


@given(st.lists(st.sampled_from([2, 3, 4, None]), max_size=12))
def test_the_latest_run_is_at_most_the_longest(values: list[int | None]) -> None:
    here, longest_run = latest_run(days(*values), "<= 3"), run(days(*values), "<= 3")
    assert here is None or longest_run is None or here <= longest_run
    filled = [latest_run(days(*(v if v is not None else each for v in values)), "<= 3") for each in (3, 4)]
    assert here == (filled[0] if filled[0] == filled[1] else None)
