"""Working days as columns: a table of days to look a date up in, and its inverse from the running number of a working day.

Both are made of the engine's `Calendar` for the days from `FIRST` to `LAST`; a date outside finds the row `NO_DAY`, which
holds nothing, and its row is not decided in columns (it goes one by one, as the calendar of one case knows every year). Where the number of days is written, the
day that many working days later is a table of its own, and one look-up is enough.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import ibis
import pyarrow as pa

from gongbao.engine.time.calendar import Calendar, days
from gongbao.engine.time.dates import MAX_WORKING_DAYS

FIRST, LAST = dt.date(1980, 1, 1), dt.date(2079, 12, 31)
NO_DAY, NO_NUMBER = dt.date(1900, 1, 1), 0
MOST = (LAST - FIRST).days + 1  # no running number of a working day is larger
DAYS, NUMBERS, AFTER = "gongbao_days", "gongbao_workdays", "gongbao_after_"
SCHEMAS: Mapping[str, Mapping[str, str]] = {
    DAYS: {"day": "date", "number": "int32", "works": "boolean", "next": "date"},
    NUMBERS: {"number": "int32", "day": "date"},
    AFTER: {"day": "date", "due": "date"},
}


def unbound(name: str) -> Any:
    """A look-up table as Ibis knows it before there is an engine."""
    schema = SCHEMAS[AFTER if name.startswith(AFTER) else name]
    return ibis.table(dict(schema), name=name)


def key(name: str, column: Any) -> Any:
    """What a date or number is looked up by: itself, or the row that holds nothing."""
    if name == NUMBERS:
        return ibis.cases(
            ((column >= 1) & (column <= MOST), column.cast("int32")), else_=ibis.literal(NO_NUMBER, "int32")
        )
    first, last, none = (ibis.literal(day, "date") for day in (FIRST, LAST, NO_DAY))
    return ibis.cases(((column >= first) & (column <= last), column), else_=none)


def after(n: int) -> str:
    """The name of the table of days n working days later (earlier where n < 0)."""
    return f"{AFTER}{'m' if n < 0 else ''}{abs(n)}"


def look_up_table(name: str, calendar: Calendar) -> pa.Table:
    """The table of that name for a calendar: every day, or every working day, from FIRST to LAST."""
    return _look_up_table(name, _Key(calendar))


@lru_cache(maxsize=16)
def _look_up_table(name: str, key: _Key) -> pa.Table:
    every, works, numbers, working = _counted(key)
    date, int32 = pa.date32(), pa.int32()
    if name == NUMBERS:
        found = [None, *(_at(working, n) for n in range(1, MOST + 1))]
        return pa.table({"number": pa.array(range(NO_NUMBER, MOST + 1), int32), "day": pa.array(found, date)})
    keys = pa.array([NO_DAY, *every], date)
    counted = list(zip(every, works, numbers, strict=True))
    if name == DAYS:
        following = [_at(working, n if is_worked else n + 1) for _, is_worked, n in counted]
        return pa.table({
            "day": keys, "number": pa.array([None, *numbers], int32), "works": pa.array([None, *works], pa.bool_()),
            "next": pa.array([None, *following], date),
        })  # fmt: skip
    text = name.removeprefix(AFTER)
    n = -int(text[1:]) if text.startswith("m") else int(text)
    due = [day if n == 0 else _at(working, number_after(number, is_worked, n)) for day, is_worked, number in counted]
    return pa.table({"day": keys, "due": pa.array([None, *due], date)})


def number_after(number: Any, works: Any, n: int) -> int:
    """The running number of the n-th working day after a day (before it where n < 0); a rest day has the last one's."""
    return int(number) + n + (1 if n < 0 and not works else 0)


def far(n: int) -> bool:
    """Whether that many working days are more than the engine counts."""
    return abs(n) > MAX_WORKING_DAYS


def _at(working: list[dt.date], number: int) -> dt.date | None:
    return working[number - 1] if 0 < number <= len(working) else None


class _Key:
    """A calendar by what of it counts days."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self.value = digest(calendar)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self.value == other.value

    def __hash__(self) -> int:
        return hash(self.value)


def digest(calendar: Calendar) -> int:
    """Equal for calendars with the same working days; it holds within one process."""
    return hash(frozenset(calendar.holidays.items()))


@lru_cache(maxsize=4)
def _counted(key: _Key) -> tuple[list[dt.date], list[bool], list[int], list[dt.date]]:
    every = list(days(FIRST, LAST))
    works = [key.calendar.is_working(day) for day in every]
    numbers, n = [], 0
    for is_worked in works:
        n += is_worked
        numbers.append(n)
    return every, works, numbers, [day for day, is_worked in zip(every, works, strict=True) if is_worked]
