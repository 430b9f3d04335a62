"""Dates and times beyond Python's calendar behave as those inside it do."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongbao.feel import compile_expression, far, temporal
from gongbao.feel.values import add, add_months, eq, ge, lt, path, sub

CYCLE = timedelta(days=146_097)
dates = st.dates(date(1, 1, 1), date(9599, 12, 31))
turns = st.integers(-40, 40).filter(bool)


def moved(day: date, cycles: int) -> object:
    return far.make_date(day.year + 400 * cycles, day.month, day.day)


def value_of(text: str) -> object:
    return compile_expression(text, strict=False).evaluate({})


@given(dates, dates, turns)
def test_two_dates_moved_by_the_same_cycles_compare_and_subtract_as_before(a: date, b: date, cycles: int):
    far_a, far_b = moved(a, cycles), moved(b, cycles)
    assert eq(far_a, far_b) is (a == b)
    assert lt(far_a, far_b) is (a < b)
    assert ge(far_a, far_b) is (a >= b)
    assert sub(far_a, far_b) == a - b
    assert sub(far_a, a) == CYCLE * cycles


@given(dates, turns, st.timedeltas(timedelta(days=-3000), timedelta(days=3000)))
def test_adding_a_duration_commutes_with_cycles(day: date, cycles: int, duration: timedelta):
    plain = add(day, duration)
    shifted = add(moved(day, cycles), duration)
    assert path(shifted, "year") == path(plain, "year") + 400 * cycles
    assert (path(shifted, "month"), path(shifted, "day"), path(shifted, "weekday")) == (
        path(plain, "month"), path(plain, "day"), path(plain, "weekday"),
    )  # fmt: skip


@given(dates, turns, st.integers(-500, 500))
def test_adding_months_commutes_with_cycles(day: date, cycles: int, months: int):
    plain, shifted = add_months(day, months), add_months(moved(day, cycles), months)
    assert eq(shifted, moved(plain, cycles) if isinstance(plain, date) else add(plain, CYCLE * cycles)) is True


@given(st.datetimes(datetime(1800, 1, 1), datetime(2300, 1, 1), timezones=st.just(UTC)), st.integers(0, 999))
def test_text_is_read_and_written_back_to_the_nanosecond(moment: datetime, nanos: int):
    text = f"{moment.strftime('%Y-%m-%dT%H:%M:%S')}.{moment.microsecond:06d}{nanos:03d}Z"
    read = temporal.read_moment(text)
    assert eq(temporal.read_moment(temporal.write(read)), read) is True
    assert far.order(read) == ((moment - datetime(2000, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1), nanos)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('string(date("9999-12-31") + @"P1D")', "10000-01-01"),
        ('string(date("10000-01-01") - @"P1D")', "9999-12-31"),
        ('string(date("0001-01-01") - @"P1D")', "0000-12-31"),
        ('string(@"-2021-01-31T10:00:00+08:00" + @"P1M")', "-2021-02-28T10:00:00+08:00"),
        ('@"10000-02-29"', far.make_date(10000, 2, 29)),
        ('date("9999-02-29")', None),
        ('date("0000-01-01")', None),
        ('date("1000000000-01-01")', None),
        ('time("10:00:00.000000001") > time("10:00:00")', True),
        ('time("10:00:00.000000001") = time("10:00:00")', False),
        ('@"10000-01-01T00:00:00Z" > @"9999-12-31T23:59:59Z"', True),
        ('(@"10000-01-01T00:00:00Z" - @"9999-12-31T23:59:59Z").seconds', 1),
        ('date(@"10000-01-01T08:00:00Z") = @"10000-01-01"', True),
        ('date and time(@"10000-01-01", time("08:00:00Z")).hour', 8),
        ('day of week(@"12026-11-24")', "Tuesday"),
    ],
)
def test_at_the_ends_of_the_calendar(text: str, wanted: object):
    assert value_of(text) == wanted


def test_what_python_holds_stays_plain():
    assert type(far.make_date(9999, 12, 31)) is date
    assert type(far.make_time(time(1), 0)) is time
    assert type(value_of('date("10000-01-01") - @"P1D"')) is date
    assert type(value_of('@"10000-01-01T00:00:00Z" - @"P1D"')) is datetime
