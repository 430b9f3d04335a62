"""Calendar rules as functions of a pack: working days, full months and years, ages, the ends of periods.

A day is a date; of a moment it is the day in Asia/Shanghai. Null, and what is no day, gives null. Working days are
those of the calendar that stands in the scope under `CALENDAR`: the office's holiday table, never a clock. `Counted`
notes the years that were looked at, so that a receipt can hold them and a year without data can be told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Literal, get_args

from gongbao.engine.series import DAY, Series
from gongbao.engine.time.calendar import Calendar, add_months, localise, month_end
from gongbao.feel import FeelValueError, HostFunction
from gongbao.feel.values import Value

CALENDAR = "@calendar"  # a key that no fact can have
MAX_WORKING_DAYS = 10_000  # forty years; further than any rule counts

Reached = Literal["生日当日", "生日次日"]
"""When a person has completed a year of age: on the birthday, or on the day after it."""


class Counted:
    """A calendar in use: which years were looked at."""

    __slots__ = ("calendar", "years")

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self.years: set[int] = set()

    def over(self, a: dt.date, b: dt.date) -> Calendar:
        """The calendar, for counting from one day to the other."""
        self.years.update(range(min(a.year, b.year), max(a.year, b.year) + 1))
        return self.calendar


# Working days -----------------------------------------------------------------------------------------------------


def working_days_after(scope: Mapping[str, Value], day: Value, n: Value) -> dt.date | None:
    """The n-th working day after a day, itself not counted; before it when n < 0; the day itself when n = 0."""
    start, table = _day(day), scope.get(CALENDAR)
    if start is None or table is None or not _whole(n):
        return None
    if abs(n) > MAX_WORKING_DAYS:
        raise FeelValueError(f"工作日最多数 {MAX_WORKING_DAYS} 个，给出的是 {n}")
    try:
        end: dt.date = table.calendar.add_working_days(start, int(n))
    except ValueError as error:
        raise FeelValueError(str(error)) from None
    table.over(start, end)
    return end


def working_days_between(scope: Mapping[str, Value], start: Value, end: Value) -> int | None:
    """How many working days the end is after the start: those in (start, end]; negative when it comes before."""
    a, b, table = _day(start), _day(end), scope.get(CALENDAR)
    return None if a is None or b is None or table is None else table.over(a, b).working_days_between(a, b)


def is_working_day(scope: Mapping[str, Value], day: Value) -> bool | None:
    """Whether a day is worked: made-up weekends are, holidays are not."""
    one, table = _day(day), scope.get(CALENDAR)
    return None if one is None or table is None else table.over(one, one).is_working(one)


def next_working_day(scope: Mapping[str, Value], day: Value) -> dt.date | None:
    """The day itself if it is worked, else the first working day after it (逢休息日顺延)."""
    one, table = _day(day), scope.get(CALENDAR)
    if one is None or table is None:
        return None
    try:
        found: dt.date = table.calendar.next_working_day(one)
    except ValueError as error:
        raise FeelValueError(str(error)) from None
    table.over(one, found)
    return found


# Months, years, ages ----------------------------------------------------------------------------------------------


def months_between(start: Value, end: Value) -> int | None:
    """How many whole months the end is after the start, by the corresponding day; negative when it comes before.

    Where a month lacks the corresponding day its last day is it (Civil Code, art. 202): from 31 January to
    28 February is a whole month.
    """
    a, b = _day(start), _day(end)
    if a is None or b is None:
        return None
    if b < a:
        made = months_between(b, a)
        return None if made is None else -made
    n = (b.year - a.year) * 12 + b.month - a.month
    return n if add_months(a, n) <= b else n - 1


def years_between(start: Value, end: Value) -> int | None:
    """How many whole years the end is after the start, by the corresponding day; negative when it comes before."""
    months = months_between(start, end)
    return None if months is None else int(abs(months) // 12) * (-1 if months < 0 else 1)


def age(born: Value, on: Value, reached: Value) -> int | None:
    """How old (周岁) a person born on a day is on another.

    reached: 生日当日 (a year of age is complete on the birthday) or 生日次日 (on the day after it); null while the
    text leaves it open. A birthday on 29 February is 28 February where the year has no such day.
    Null for a day before the birth; FeelValueError for another reading.
    """
    birth, day = _day(born), _day(on)
    if reached is not None and reached not in get_args(Reached):
        raise FeelValueError(f"周岁的算法须为 {'、'.join(get_args(Reached))}，给出的是 {reached!r}")
    if birth is None or day is None or day < birth:
        return None
    on_birthday, day_after = years_between(birth, day), _before(birth, day)
    if reached is None:  # it matters on birthdays alone
        return on_birthday if on_birthday == day_after else None
    return on_birthday if reached == "生日当日" else day_after


def _before(birth: dt.date, day: dt.date) -> int | None:
    return 0 if day == birth else years_between(birth, day - dt.timedelta(days=1))


# Readings on working days -----------------------------------------------------------------------------------------


def on_working_days(scope: Mapping[str, Value], series: Value) -> Series | None:
    """The readings of working days, one after the other; those of rest days are left out, and so break no run.

    Null for a series without a start, whose days are not known.
    """
    table = scope.get(CALENDAR)
    if series is None or table is None:
        return None
    if not isinstance(series, Series):
        raise FeelValueError(f"须为序列，给出的是 {type(series).__name__}")
    if series.start is None:
        return None
    days = [localise(series.start + i * series.step).date() for i in range(len(series))]
    if not days:
        return series
    calendar = table.over(days[0], days[-1])
    kept = [i for i, day in enumerate(days) if calendar.is_working(day)]
    return Series(None, DAY, tuple(series.values[i] for i in kept), tuple(series.marks[i] for i in kept))


# Ends of periods --------------------------------------------------------------------------------------------------


def end_of_month(day: Value) -> dt.date | None:
    """The last day of the month that a day lies in (月底)."""
    return _end(day, 1)


def end_of_quarter(day: Value) -> dt.date | None:
    """The last day of the quarter that a day lies in (季度末)."""
    return _end(day, 3)


def end_of_half_year(day: Value) -> dt.date | None:
    """The last day of the half year that a day lies in: 30 June or 31 December."""
    return _end(day, 6)


def end_of_year(day: Value) -> dt.date | None:
    """The last day of the year that a day lies in (年底)."""
    return _end(day, 12)


def _end(day: Value, months: int) -> dt.date | None:
    one = _day(day)
    return None if one is None else month_end(one.year, (one.month - 1) // months * months + months)


def _day(value: Value) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return localise(value).date()
    return value if isinstance(value, dt.date) else None


def _whole(value: Value) -> bool:
    """A whole number; 3.0 is one."""
    return not isinstance(value, bool) and isinstance(value, int | Decimal) and value == int(value)


WORKING_DAY_FUNCTIONS: Mapping[str, HostFunction] = {
    "working_days_after": HostFunction(working_days_after, takes_scope=True, summary="某日之后第几个工作日"),
    "working_days_between": HostFunction(working_days_between, takes_scope=True, summary="两日之间有几个工作日"),
    "is_working_day": HostFunction(is_working_day, takes_scope=True, summary="是不是工作日"),
    "next_working_day": HostFunction(next_working_day, takes_scope=True, summary="逢休息日顺延到的工作日"),
    "on_working_days": HostFunction(on_working_days, takes_scope=True, summary="序列中工作日的读数"),
}
DATE_FUNCTIONS: Mapping[str, HostFunction] = {
    **WORKING_DAY_FUNCTIONS,
    "months_between": HostFunction(months_between, summary="两日之间满几个月"),
    "years_between": HostFunction(years_between, summary="两日之间满几年"),
    "age": HostFunction(age, summary="某日的周岁"),
    "end_of_month": HostFunction(end_of_month, summary="所在月的最后一日"),
    "end_of_quarter": HostFunction(end_of_quarter, summary="所在季度的最后一日"),
    "end_of_half_year": HostFunction(end_of_half_year, summary="所在半年的最后一日"),
    "end_of_year": HostFunction(end_of_year, summary="所在年的最后一日"),
}
