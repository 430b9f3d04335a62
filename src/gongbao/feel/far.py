"""Dates and times that Python cannot hold: years before 1 or after 9999, and nanoseconds.

The Gregorian calendar repeats itself every 400 years to the day of the week. So a far date is a date between 2000 and
2399 and a number of such cycles, and Python's own calendar does the work. The functions that make a value give a plain
``date``, ``datetime`` or ``time`` wherever that holds it: far values are rare, and nothing else need know of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import total_ordering
from typing import Any

_YEARS = 400
_DAYS = 146_097
_START = date(2000, 1, 1).toordinal()
#: Years that may be written, either way.
MAX_YEAR = 999_999_999


@total_ordering
@dataclass(frozen=True, slots=True, eq=False)
class FarDate:
    """The date ``base`` (2000 to 2399), ``cycles`` times 400 years later."""

    base: date
    cycles: int

    @property
    def year(self) -> int:
        return self.base.year + _YEARS * self.cycles

    @property
    def month(self) -> int:
        return self.base.month

    @property
    def day(self) -> int:
        return self.base.day

    def toordinal(self) -> int:
        return self.base.toordinal() + _DAYS * self.cycles

    def __getattr__(self, name: str) -> Any:
        """The week, and the day of week and year, are those of the base."""
        if name in ("weekday", "isoweekday", "timetuple", "isocalendar"):
            return getattr(self.base, name)
        raise AttributeError(name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FarDate | date) and self.toordinal() == other.toordinal()

    def __lt__(self, other: FarDate | date) -> bool:
        return self.toordinal() < other.toordinal()

    def __hash__(self) -> int:
        return hash(self.toordinal())


@dataclass(frozen=True, slots=True)
class FarTime:
    """A time of day with ``nanos`` nanoseconds (1 to 999) beyond its microseconds."""

    base: time
    nanos: int

    def __getattr__(self, name: str) -> Any:
        return getattr(self.base, name)


@dataclass(frozen=True, slots=True)
class FarMoment:
    """The moment ``base`` (2000 to 2399, with a zone), ``cycles`` times 400 years and ``nanos`` nanoseconds later."""

    base: datetime
    cycles: int
    nanos: int

    @property
    def year(self) -> int:
        return self.base.year + _YEARS * self.cycles

    def date(self) -> date | FarDate:
        return make_date(self.year, self.base.month, self.base.day) or self.base.date()

    def timetz(self) -> time | FarTime:
        return make_time(self.base.timetz(), self.nanos)

    def __getattr__(self, name: str) -> Any:
        """Month, day, clock, zone and week are those of the base."""
        return getattr(self.base, name)


FAR = (FarDate, FarTime, FarMoment)


def make_date(year: int, month: int, day: int) -> date | FarDate | None:
    """The date; None when there is no such day."""
    if abs(year) > MAX_YEAR:
        return None
    cycles = 0 if 1 <= year <= 9999 else (year - 2000) // _YEARS
    try:
        base = date(year - _YEARS * cycles, month, day)
    except (ValueError, OverflowError):
        return None
    return FarDate(base, cycles) if cycles else base


def from_ordinal(ordinal: int) -> date | FarDate | None:
    """The date with a number of days since the first of January of year 1."""
    if 1 <= ordinal <= date.max.toordinal():
        return date.fromordinal(ordinal)
    cycles, rest = divmod(ordinal - _START, _DAYS)
    return make_date(date.fromordinal(_START + rest).year + _YEARS * cycles, *_month_and_day(_START + rest))


def _month_and_day(ordinal: int) -> tuple[int, int]:
    day = date.fromordinal(ordinal)
    return day.month, day.day


def make_time(base: time, nanos: int) -> time | FarTime:
    return FarTime(base, nanos) if nanos else base


def combine(day: date | FarDate, clock: time | FarTime, zone: tzinfo) -> datetime | FarMoment:
    """The moment of a day and a time of day."""
    base, cycles = (day.base, day.cycles) if isinstance(day, FarDate) else (day, 0)
    plain, nanos = (clock.base, clock.nanos) if isinstance(clock, FarTime) else (clock, 0)
    return _moment(datetime.combine(base, plain, zone), cycles, nanos) or datetime.combine(base, plain, zone)


def _moment(base: datetime, cycles: int, nanos: int) -> datetime | FarMoment | None:
    year = base.year + _YEARS * cycles
    if abs(year) > MAX_YEAR:
        return None
    if 1 <= year <= 9999 and not nanos:
        return base.replace(year=year)
    turns = (base.year - 2000) // _YEARS
    return FarMoment(base.replace(year=base.year - _YEARS * turns), cycles + turns, nanos)


def is_day(value: object) -> bool:
    """Whether a value is a date or a moment."""
    return isinstance(value, date | FarDate | FarMoment)


def is_moment(value: object) -> bool:
    return isinstance(value, datetime | FarMoment)


def is_clock(value: object) -> bool:
    return isinstance(value, time | FarTime)


def order(moment: datetime | FarMoment) -> tuple[int, int]:
    """Nanoseconds and what else tells two moments apart in time: (microseconds since 2000 in UTC, nanoseconds)."""
    base, cycles, nanos = _parts(moment)
    since = base.astimezone(UTC) - datetime(2000, 1, 1, tzinfo=UTC)
    return since // timedelta(microseconds=1) + cycles * _DAYS * 86_400_000_000, nanos


def _parts(moment: datetime | FarMoment) -> tuple[datetime, int, int]:
    if isinstance(moment, FarMoment):
        return moment.base, moment.cycles, moment.nanos
    # Far from both ends of Python's calendar, so that no step of the arithmetic can fall off.
    turns = (moment.year - 2000) // _YEARS
    return moment.replace(year=moment.year - _YEARS * turns), turns, 0


def later(value: Any, duration: timedelta) -> Any:
    """A date or moment ``duration`` later; None beyond the years that may be written."""
    if not is_moment(value):
        seconds = duration // timedelta(seconds=1)
        return from_ordinal(value.toordinal() + seconds // 86400)
    base, cycles, nanos = _parts(value)
    turns, rest = divmod(duration, timedelta(days=_DAYS))
    return _moment((base.astimezone(UTC) + rest).astimezone(base.tzinfo), cycles + turns, nanos)


def with_date(value: Any, year: int, month: int, day: int) -> Any:
    """The date or moment on another day, at the same time of day; None when there is no such day."""
    made = make_date(year, month, day)
    if made is None or not is_moment(value):
        return made
    return combine(made, value.timetz().replace(tzinfo=None) if isinstance(value, datetime) else _clock(value),
                   value.tzinfo)  # fmt: skip


def _clock(value: FarMoment) -> time | FarTime:
    return make_time(value.base.time(), value.nanos)


def years(value: int) -> str:
    """A year as it is written: four digits at least, a sign before year 0."""
    return f"{'-' if value < 0 else ''}{abs(value):04d}"
