"""Times as people write them in examples, events and on the command line: a day, or a day and a time, in Shanghai."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from gongbao.engine.time.calendar import SHANGHAI, localise, parse_day, parse_moment

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MIDNIGHT = re.compile(r"(\d{4}-\d{2}-\d{2})[ T]24:00(:00)?")


def moment(value: Any) -> dt.datetime:
    """A time (`2023-02-03 17:05`, `2023-02-03T24:00`; a day is its 0:00). ValueError, in Chinese, for anything else."""
    read = start_of(value)
    return read if isinstance(read, dt.datetime) else dt.datetime.combine(read, dt.time(), SHANGHAI)


def start_of(value: Any) -> dt.datetime | dt.date:
    """A moment, or a day where only the day is known."""
    if isinstance(value, dt.datetime):
        return localise(value)
    if isinstance(value, dt.date):
        return value
    text = str(value).strip()
    if midnight := _MIDNIGHT.fullmatch(text):
        day = parse_moment(midnight[1])
        return dt.datetime.combine(day, dt.time(), SHANGHAI) + dt.timedelta(days=1)
    return parse_moment(text)


def fixed_day(value: dt.date | str | None) -> dt.date | None:
    """The day that a `date` deadline states (`2023-10` is the last of that month); None for an expression."""
    if not isinstance(value, str):
        return value
    try:
        return parse_day(value)
    except ValueError:
        return None
