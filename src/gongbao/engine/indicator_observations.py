"""Observations: what was measured of whom for which period, said by whom and when, and corrected how often.

`Book` holds them by what they are of, in one pass (engine.indicator_reading reads them). Of one period the last report
counts; the earlier ones stay. What was reported after the day of judging is not seen.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from gongbao.engine.indicator import Number
from gongbao.engine.time.calendar import SHANGHAI

CITY = ""  # the subject that is the whole city
VALUE, TARGET = "value", "target"


class Period(NamedTuple):
    """A year, or a half, quarter or month of it (`n` from 1), as `period` makes it; `final`: it ends with the year."""

    year: int
    part: str
    n: int
    end: dt.date
    final: bool

    def __str__(self) -> str:
        if self.part == "year":
            return f"{self.year}年"
        if self.part == "half":
            return f"{self.year}年{'上' if self.n == 1 else '下'}半年"
        return (
            f"{self.year}年{'第' if self.part == 'quarter' else ''}{self.n}{'季度' if self.part == 'quarter' else '月'}"
        )

    @property
    def code(self) -> str:
        """2025, 2025H1, 2025Q3, 2025-07."""
        mark = {"year": "", "half": f"H{self.n}", "quarter": f"Q{self.n}", "month": f"-{self.n:02}"}[self.part]
        return f"{self.year}{mark}"


@lru_cache(maxsize=4096)
def period(year: int, part: str = "year", n: int = 1) -> Period:
    """The n-th part (year, half, quarter, month) of a year."""
    month = n * _MONTHS[part]
    end = dt.date(year, 12, 31) if month == 12 else dt.date(year, month + 1, 1) - dt.timedelta(days=1)
    return Period(year, part, n, end, month == 12)


_MONTHS = {"year": 12, "half": 6, "quarter": 3, "month": 1}
_PERIODS = (
    (re.compile(r"(\d{4})年?"), "year", 1),
    (re.compile(r"(\d{4})年?(?:-?H([12])|(上|下)半年)"), "half", 2),
    (re.compile(r"(\d{4})年?(?:-?Q([1-4])|第?([1-4一二三四])季度)"), "quarter", 4),
    (re.compile(r"(\d{4})(?:-(\d{1,2})|年(\d{1,2})月)"), "month", 12),
)
_WORDS = {"上": 1, "下": 2, "一": 1, "二": 2, "三": 3, "四": 4}
PERIODS = "2025、2025H1、2025Q3、2025-07（或 2025年上半年、2025年第3季度、2025年7月）"


def parse_period(text: str) -> Period:
    """A period as people write it. ValueError with what may stand there."""
    plain = "".join(str(text).split()).upper()
    for pattern, part, most in _PERIODS:
        if found := pattern.fullmatch(plain):
            said = next((group for group in found.groups()[1:] if group), "1")
            n = _WORDS.get(said) or int(said)
            if 1 <= n <= most and 1900 <= int(found[1]) <= 2200:
                return period(int(found[1]), part, n)
    raise ValueError(f"时期“{text}”读不懂；应写作 {PERIODS}")


RANK = {"year": 0, "half": 1, "quarter": 2, "month": 3}
"""Of periods that end on one day the longest comes first."""


class Observation(NamedTuple):
    """One report. `key`: of what (an indicator's key, or the id of a ratio's term); `subject`: of whom, CITY or a name."""

    key: str
    subject: str
    period: Period
    value: Number | str  # a text only of a qualitative target: 达到, 未达到
    of: str = VALUE  # or TARGET: a number that somebody assigned
    source: str = ""
    reported_at: dt.datetime | None = None
    reported_by: str = ""
    revises: str | None = None
    id: str | None = None
    note: str = ""

    @property
    def final(self) -> bool:
        return self.period.final

    @property
    def from_(self) -> tuple[Observation, ...]:
        return (self,)


Series = dict[Period, Observation]


@dataclass(slots=True)
class Book:
    """Observations by (key, subject, of), the last of every period; `earlier` holds those that no longer count."""

    series: dict[tuple[str, str, str], Series] = field(default_factory=dict)
    earlier: dict[tuple[str, str, str, Period], list[Observation]] = field(default_factory=dict)
    subjects: dict[str, dict[str, None]] = field(default_factory=dict)  # key -> the subjects that have any

    @classmethod
    def of(cls, observations: Iterable[Observation], on: dt.date | None = None) -> Book:
        """What was reported by the end of a day. A report without a time counts as the first of its period."""
        book = cls()
        series, earlier = book.series, book.earlier
        cutoff = None if on is None else dt.datetime.combine(on + dt.timedelta(days=1), dt.time(), SHANGHAI)
        for one in observations:
            at = one.reported_at
            if at is not None and cutoff is not None and at >= cutoff:
                continue
            name = (one.key, one.subject, one.of)
            held = series.get(name)
            if held is None:
                series[name] = {one.period: one}
                continue
            other = held.setdefault(one.period, one)
            if other is not one:
                late, early = (one, other) if after(one, other) else (other, one)
                held[one.period] = late
                earlier.setdefault((*name, one.period), []).append(early)
        for key, subject, _ in series:
            book.subjects.setdefault(key, {})[subject] = None
        return book

    def get(self, key: str, subject: str, of: str = VALUE) -> Series:
        return self.series.get((key, subject, of)) or {}

    def history(self, one: Observation) -> list[Observation]:
        """The earlier reports of the same, oldest first."""
        found = self.earlier.get((one.key, one.subject, one.of, one.period)) or []
        return sorted(found, key=lambda each: each.reported_at or _FIRST)


_FIRST = dt.datetime(1, 1, 1, tzinfo=SHANGHAI)


def after(one: Observation, other: Observation) -> bool:
    """Whether the one that comes later in the file counts: unless it was reported before the other."""
    return (one.reported_at or _FIRST) >= (other.reported_at or _FIRST)
