"""Built-ins on dates, times and durations; a date and time without a zone is in Asia/Shanghai."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from gongbao.feel import far
from gongbao.feel.builtins.registry import builtin
from gongbao.feel.far import make_date
from gongbao.feel.temporal import make_time, read_date, read_duration, read_moment, read_time
from gongbao.feel.values import CITY_ZONE, Value, YearsMonths, is_number, midnight_of, whole

_is_date = far.is_day


@builtin("date", "from", "year, month, day", constant=True)
def to_date(first: Value, month: Value = None, day: Value = None) -> Value:
    """A date from text, from a date and time, or from its parts."""
    if isinstance(first, str):
        return read_date(first)
    if far.is_moment(first):
        return first.date()
    if far.is_day(first):
        return first
    parts = [whole(part) if is_number(part) else None for part in (first, month, day)]
    year, month, day = parts
    return None if not year or month is None or day is None else make_date(year, month, day)


@builtin("time", "from", "hour, minute, second, offset?", constant=True)
def to_time(first: Value, minute: Value = None, second: Value = None, offset: Value = None) -> Value:
    """A time of day from text, from a date and time, or from its parts."""
    if isinstance(first, str):
        return read_time(first)
    if far.is_moment(first):
        return first.timetz()
    if far.is_clock(first):
        return first
    if far.is_day(first):
        return time(tzinfo=UTC)  # DMN 1.5: a date is its midnight in UTC
    if not (is_number(first) and is_number(minute) and is_number(second)):
        return None
    hours, minutes = whole(first), whole(minute)
    if hours is None or minutes is None or not 0 <= second < 60 or not isinstance(offset, timedelta | None):
        return None
    return make_time(hours, minutes, second, offset)


@builtin("date and time", "from", "date, time", constant=True)
def date_and_time(first: Value, *clocks: Value) -> Value:
    """A date and time from text, or from a date and a time of day."""
    if not clocks:
        if isinstance(first, str):
            return read_moment(first)
        return midnight_of(first) if far.is_day(first) else None
    clock = clocks[0]
    if not far.is_day(first) or not far.is_clock(clock):
        return None
    day = first.date() if far.is_moment(first) else first
    return far.combine(day, clock, clock.tzinfo or CITY_ZONE)


@builtin("duration", "from", constant=True)
def duration(text: Value) -> Value:
    """A duration from text: ``P5D``, ``PT4H``, ``P1Y6M``."""
    if isinstance(text, timedelta | YearsMonths):
        return text
    return read_duration(text) if isinstance(text, str) else None


@builtin("years and months duration", "from, to")
def years_and_months_duration(start: Value, end: Value) -> Value:
    """The whole months between two dates; the time of day does not count."""
    if not (_is_date(start) and _is_date(end)):
        return None
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and end.day < start.day:
        months -= 1
    elif months < 0 and end.day > start.day:
        months += 1
    return YearsMonths(months)


@builtin("day of year", "date")
def day_of_year(value: Value) -> Value:
    """The number of the day in its year, 1 to 366."""
    return value.timetuple().tm_yday if _is_date(value) else None


_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@builtin("day of week", "date")
def day_of_week(value: Value) -> Value:
    """The English name of the day, ``Monday`` to ``Sunday``; ``date.weekday`` gives 1 to 7."""
    return _DAYS[value.weekday()] if _is_date(value) else None


@builtin("month of year", "date")
def month_of_year(value: Value) -> Value:
    """The English name of the month; ``date.month`` gives 1 to 12."""
    return _MONTHS[value.month - 1] if _is_date(value) else None


@builtin("week of year", "date")
def week_of_year(value: Value) -> Value:
    """The number of the ISO week."""
    return value.isocalendar().week if _is_date(value) else None


@builtin("is", "value1, value2")
def same(left: Value, right: Value) -> Value:
    """Whether two values are the same in kind and in every part, zones and scale of numbers included."""
    if isinstance(left, datetime | time) and type(left) is type(right):
        return left.replace(tzinfo=None) == right.replace(tzinfo=None) and left.tzinfo == right.tzinfo
    if is_number(left) and is_number(right):
        return bool(Decimal(left) == Decimal(right))
    return type(left) is type(right) and bool(left == right)
