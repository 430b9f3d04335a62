"""Dates, times, moments and durations as text: reading them (None when they are none) and writing them.

ISO 8601 as XML Schema profiles it: ``2023-01-01``, ``10:00:00+08:00``, ``2023-01-01T10:00:00@Asia/Shanghai``,
``P1DT2H``, ``P1Y2M``. A moment without a zone is in the city's zone and is written without one again.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from gongbao.feel import far
from gongbao.feel.far import FarDate, FarMoment, FarTime, make_date
from gongbao.feel.values import CITY_ZONE, Value, YearsMonths, normal

_ZONE = r"(?P<zone>Z|z|[+-]\d{2}:\d{2}(?::\d{2})?|@[A-Za-z_]+(?:/[A-Za-z0-9_+-]+)*)?"
_CLOCK = r"(?P<hour>\d{2}):(?P<minute>\d{2}):(?P<second>\d{2})(?P<fraction>\.\d+)?"
_DATE = r"(?P<year>-?(?:\d{4}|[1-9]\d{4,8}))-(?P<month>\d{2})-(?P<day>\d{2})"
_DATE_TEXT = re.compile(_DATE, re.ASCII)
_TIME_TEXT = re.compile(_CLOCK + _ZONE, re.ASCII)
_MOMENT_TEXT = re.compile(f"{_DATE}(?:T{_CLOCK}{_ZONE})?", re.ASCII)
_MONTHS_TEXT = re.compile(r"(-)?P(?=\d)(?:(\d{1,9})Y)?(?:(\d{1,9})M)?", re.ASCII)
_DAYS_TEXT = re.compile(
    r"(-)?P(?=\d|T\d)(?:(\d{1,9})D)?(?:T(?=\d)(?:(\d{1,12})H)?(?:(\d{1,12})M)?(?:(\d{1,15})(\.\d*)?S)?)?", re.ASCII
)


def read_date(text: str) -> date | FarDate | None:
    found = _DATE_TEXT.fullmatch(text)
    return None if found is None else _day_of(found)


def _day_of(found: re.Match[str]) -> date | FarDate | None:
    year = int(found["year"])
    return make_date(year, int(found["month"]), int(found["day"])) if year else None  # XML Schema knows no year 0


def read_time(text: str) -> time | FarTime | None:
    found = _TIME_TEXT.fullmatch(text)
    return None if found is None else _clock_of(found)


def read_moment(text: str) -> datetime | FarMoment | None:
    """A date and time; a bare date is its midnight."""
    found = _MOMENT_TEXT.fullmatch(text)
    if found is None:
        return None
    day = _day_of(found)
    if day is not None and found["hour"] == "24":  # the end of a day is the beginning of the next
        if found["minute"] + found["second"] != "0000":
            return None
        next_day = far.from_ordinal(day.toordinal() + 1)
        return None if next_day is None else far.combine(next_day, time(), read_zone(found["zone"]) or CITY_ZONE)
    clock = time() if found["hour"] is None else _clock_of(found)
    return None if day is None or clock is None else far.combine(day, clock, clock.tzinfo or CITY_ZONE)


def _clock_of(found: re.Match[str]) -> time | FarTime | None:
    zone = read_zone(found["zone"])
    if zone is None and found["zone"]:
        return None
    micros, nanos = divmod(int((found["fraction"] or ".0")[1:10].ljust(9, "0")), 1000)
    try:
        clock = time(int(found["hour"]), int(found["minute"]), int(found["second"]), micros, zone)
        return far.make_time(clock, nanos)
    except ValueError:
        return None


def read_zone(text: str | None) -> tzinfo | None:
    """``Z``, ``+08:00`` or ``@Asia/Shanghai``; None when absent or unknown."""
    if not text:
        return None
    if text in "Zz":
        return UTC
    if text[0] == "@":
        if text in ("@localtime", "@posixrules"):  # another zone on another machine
            return None
        try:
            return ZoneInfo(text[1:])
        except (KeyError, ValueError, OSError):
            return None
    hours, minutes, *seconds = (int(part) for part in text[1:].split(":"))
    if hours > 18 or minutes > 59:
        return None
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds[0] if seconds else 0)
    return timezone(-offset if text[0] == "-" else offset)


def read_duration(text: str) -> timedelta | YearsMonths | None:
    found = _MONTHS_TEXT.fullmatch(text)
    if found is not None:
        months = int(found[2] or 0) * 12 + int(found[3] or 0)
        return YearsMonths(-months if found[1] else months)
    found = _DAYS_TEXT.fullmatch(text)
    if found is None:
        return None
    micros = int((found[6] or ".0")[1:7].ljust(6, "0"))
    try:
        size = timedelta(
            days=int(found[2] or 0),
            hours=int(found[3] or 0),
            minutes=int(found[4] or 0),
            seconds=int(found[5] or 0),
            microseconds=micros,
        )
    except OverflowError:
        return None
    return -size if found[1] else size


def read_temporal(text: str) -> Value:
    """What ``@"…"`` may hold: a date, a moment, a time or a duration; None when it is none of them."""
    for read in (read_date, read_moment, read_time, read_duration):
        value = read(text)
        if value is not None:
            return value
    return None


def make_time(hour: int, minute: int, second: int | Decimal, offset: timedelta | None) -> time | FarTime | None:
    micros, nanos = divmod(int((second - int(second)) * 1_000_000_000), 1000)
    try:
        clock = time(hour, minute, int(second), micros, None if offset is None else timezone(offset))
        return far.make_time(clock, nanos)
    except (ValueError, OverflowError):
        return None


def write(value: Any) -> str:
    """The value in the form ``read_temporal`` reads."""
    if isinstance(value, YearsMonths):
        return _write_months(value)
    if isinstance(value, timedelta):
        return _write_days(value)
    if far.is_moment(value):
        return f"{_write_date(value)}T{_write_clock(value)}{_write_zone(value)}"
    if far.is_clock(value):
        return _write_clock(value) + _write_zone(value)
    return _write_date(value)


def _write_date(value: Any) -> str:
    return f"{far.years(value.year)}-{value.month:02d}-{value.day:02d}"


def _write_clock(value: Any) -> str:
    nanos = value.microsecond * 1000 + (value.nanos if isinstance(value, FarTime | FarMoment) else 0)
    fraction = f".{nanos:09d}".rstrip("0") if nanos else ""
    return f"{value.hour:02d}:{value.minute:02d}:{value.second:02d}{fraction}"


def _write_zone(value: Any) -> str:
    zone = value.tzinfo
    if zone is None or zone is CITY_ZONE:
        return ""
    if isinstance(zone, ZoneInfo):
        return f"@{zone.key}"
    offset = zone.utcoffset(None)
    if not offset:
        return "Z"
    minutes, seconds = divmod(abs(offset) // timedelta(seconds=1), 60)
    sign = "-" if offset < timedelta(0) else "+"
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}" + (f":{seconds:02d}" if seconds else "")


def _write_months(value: YearsMonths) -> str:
    years, months = divmod(abs(value.months), 12)
    parts = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
    return ("-" if value.months < 0 else "") + "P" + (parts or "0M")


def _write_days(value: timedelta) -> str:
    size = abs(value)
    hours, rest = divmod(size.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    fraction = f".{size.microseconds:06d}".rstrip("0") if size.microseconds else ""
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    clock += f"{seconds}{fraction}S" if seconds or fraction else ""
    parts = (f"{size.days}D" if size.days else "") + (f"T{clock}" if clock else "")
    return ("-" if value < timedelta(0) else "") + "P" + (parts or "T0S")


def write_number(value: int | Decimal) -> str:
    """A number in plain digits, without an exponent, as long as that stays readable (40 digits)."""
    value = normal(value)
    if isinstance(value, int):
        return str(value)
    return format(value, "f") if -40 < value.adjusted() < 40 else str(value)
