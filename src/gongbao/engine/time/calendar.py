"""The working days of a city: weekends, public holidays and make-up working days, as data.

A `Calendar` is a table of exceptions to Monday-to-Friday. `default_calendar()` fills it from chinesecalendar (the
yearly notices of the State Council's office); the office enters a year anew with `with_year` and passes the table in. A year without any
entry is computed from weekends, and `known_year` says so, so that whoever counts with it can say so too.

Days are `datetime.date`; moments are timezone-aware datetimes in Asia/Shanghai. The engine's clock ticks in seconds.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
ONE_DAY = dt.timedelta(days=1)

# The statutory holidays in the words a reader knows; keys are chinesecalendar's names.
_HOLIDAY_NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
    "Anti-Fascist 70th Day": "抗战胜利70周年纪念日",
}


@dataclass(frozen=True)
class Calendar:
    """Working days and rest days.

    holidays: day -> True (rest, though it may be a weekday) or False (make-up working day, though a weekend);
              days not listed follow the week.
    names:    day -> the holiday it belongs to (春节 ...), for explanations only.
    years:    years whose arrangement is published; default: those that occur in `holidays`.
    source:   where the table comes from, as shown to the user and kept in receipts.
    sources:  year -> where that year comes from, where it is not `source` (entered by the office).
    """

    holidays: Mapping[dt.date, bool] = field(default_factory=dict)
    source: str = "按周末推算"
    names: Mapping[dt.date, str] = field(default_factory=dict)
    years: frozenset[int] | None = None
    sources: Mapping[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for day, rest in self.holidays.items():
            if isinstance(day, dt.datetime) or not isinstance(day, dt.date) or not isinstance(rest, bool):
                raise ValueError(f"节假日表的一行有误：{day!r}: {rest!r}；须为 日期: true（放假）或 false（调休上班）")
        if self.years is None:
            object.__setattr__(self, "years", frozenset(day.year for day in self.holidays))

    def known_year(self, year: int) -> bool:
        """Whether the holiday arrangement of `year` is in the table; otherwise only weekends are known."""
        return self.years is not None and year in self.years

    def source_of(self, year: int) -> str:
        """Where the arrangement of `year` comes from; of a year without data, that it follows the week."""
        if not self.known_year(year):
            return "未载入放假安排，按周末推算"
        return self.sources.get(year, self.source)

    def is_working(self, day: dt.date) -> bool:
        rest = self.holidays.get(day)
        return day.weekday() < 5 if rest is None else not rest

    def is_make_up(self, day: dt.date) -> bool:
        """A weekend day that is worked (调休上班)."""
        return self.holidays.get(day) is False and day.weekday() >= 5

    def holiday_name(self, day: dt.date) -> str | None:
        """The holiday that makes `day` a rest day, or None for a plain weekend or a working day."""
        if not self.holidays.get(day, False):
            return None
        return self.names.get(day, "节假日")

    def add_working_days(self, day: dt.date, n: int) -> dt.date:
        """The n-th working day after `day` (before it when n < 0); `day` itself is not counted. n = 0 is `day`."""
        step = ONE_DAY if n > 0 else -ONE_DAY
        left = abs(n)
        while left:
            day = _shift(day, step)
            if self.is_working(day):
                left -= 1
        return day

    def working_days_between(self, a: dt.date, b: dt.date) -> int:
        """How many working days `b` is after `a`: those in (a, b]; for b before a, minus those in [b, a).

        The inverse of `add_working_days`: working_days_between(a, add_working_days(a, n)) == n.
        """
        if b < a:
            return -self._worked(b.toordinal(), a.toordinal())
        return self._worked(a.toordinal() + 1, b.toordinal() + 1)

    def _worked(self, first: int, end: int) -> int:
        """The working days in [first, end), by ordinals: the weekdays, and what the table says otherwise."""
        worked = _weekdays_before(end) - _weekdays_before(first)
        for day, rest in self.holidays.items():
            if first <= day.toordinal() < end and rest == (day.weekday() < 5):
                worked += -1 if rest else 1
        return worked

    def next_working_day(self, day: dt.date) -> dt.date:
        """`day` if it is worked, else the first working day after it (顺延)."""
        while not self.is_working(day):
            day = _shift(day, ONE_DAY)
        return day

    def previous_working_day(self, day: dt.date) -> dt.date:
        """`day` if it is worked, else the last working day before it."""
        while not self.is_working(day):
            day = _shift(day, -ONE_DAY)
        return day

    def exceptions(self, first: dt.date, last: dt.date) -> dict[dt.date, bool]:
        """The entries used when counting from `first` to `last`, both included: what a receipt keeps."""
        return {day: self.holidays[day] for day in days(first, last) if day in self.holidays}

    def with_days(
        self, holidays: Mapping[dt.date, bool], *, source: str, names: Mapping[dt.date, str] | None = None
    ) -> Calendar:
        """This calendar with entries added or replaced (the office's own edits)."""
        return replace(
            self,
            holidays={**self.holidays, **holidays},
            names={**self.names, **(names or {})},
            years=(self.years or frozenset()) | frozenset(day.year for day in holidays),
            source=source,
        )

    def with_year(
        self, year: int, holidays: Mapping[dt.date, bool], *, source: str, names: Mapping[dt.date, str] | None = None
    ) -> Calendar:
        """This calendar with the whole arrangement of `year` replaced. ValueError for a day of another year."""
        for day in holidays:
            if day.year != year:
                raise ValueError(f"{day} 不在 {year} 年")
        kept = {day: rest for day, rest in self.holidays.items() if day.year != year}
        named = {day: name for day, name in self.names.items() if day.year != year}
        return replace(
            self,
            holidays={**kept, **holidays},
            names={**named, **(names or {})},
            years=(self.years or frozenset()) | {year},
            sources={**self.sources, year: source},
        )


def _weekdays_before(ordinal: int) -> int:
    """Mondays to Fridays from the first day of the calendar, which is a Monday, up to but without this one."""
    weeks, rest = divmod(ordinal - 1, 7)
    return weeks * 5 + min(rest, 5)


def days(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """Every day from `first` to `last`, both included; none when last < first."""
    for n in range((last - first).days + 1):
        yield first + dt.timedelta(days=n)


def add_months(day: dt.date, n: int) -> dt.date:
    """The corresponding day n months later (earlier when n < 0); where there is none, the last day of that month."""
    month = day.year * 12 + day.month - 1 + n
    year, index = divmod(month, 12)
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        raise ValueError(f"日期超出范围：{day} 的 {n} 个月之后")
    return dt.date(year, index + 1, min(day.day, month_end(year, index + 1).day))


def month_end(year: int, month: int) -> dt.date:
    first_of_next = dt.date(year + month // 12, month % 12 + 1, 1) if (year, month) != (9999, 12) else None
    return first_of_next - ONE_DAY if first_of_next else dt.date(9999, 12, 31)


_DAY = re.compile(
    r"\s*(?P<year>\d{4})\s*(?:-|/|\.|年)\s*(?P<month>\d{1,2})"
    r"(?:\s*(?:-|/|\.|月)\s*(?P<day>\d{1,2})\s*日?)?\s*月?\s*(?:底|末)?\s*(?:前)?\s*"
)


def parse_day(text: str) -> dt.date:
    """A day as a document states it: `2023-05-01`, `2023年5月1日`; to the month (`2023-10`, `2023年10月底前`) it is
    the last day of the month. Raises ValueError, in Chinese, for anything else."""
    found = _DAY.fullmatch(text)
    try:
        if not found:
            raise ValueError
        year, month = int(found["year"]), int(found["month"])
        if not 1 <= month <= 12:
            raise ValueError
        return dt.date(year, month, int(found["day"])) if found["day"] else month_end(year, month)
    except ValueError:
        raise ValueError(f"不是日期：{text!r}；须写作 2023-05-01，或只到月份 2023-10（指当月最后一日）") from None


def parse_moment(text: str) -> dt.datetime | dt.date:
    """An ISO 8601 time (`2023-01-19T10:00`, `2023-01-19 10:00+08:00`) or day; without an offset it is Beijing time."""
    text = text.strip()
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return dt.date.fromisoformat(text)
        return localise(dt.datetime.fromisoformat(text))
    except ValueError:
        raise ValueError(f"不是时间：{text!r}；须写作 2023-01-19T10:00 或 2023-01-19") from None


def localise(moment: dt.datetime) -> dt.datetime:
    """The moment in Beijing time, to the second; a naive one is read as Beijing time."""
    if moment.tzinfo is SHANGHAI and not moment.microsecond:
        return moment  # nearly always: everything inside the engine has been here before
    moment = moment.replace(tzinfo=SHANGHAI) if moment.tzinfo is None else moment.astimezone(SHANGHAI)
    return moment.replace(microsecond=0)


def plain_calendar() -> Calendar:
    """Weekends only; no year is known."""
    return Calendar()


@cache
def default_calendar() -> Calendar:
    """The calendar of mainland China as published year by year, from chinesecalendar (2004 onwards)."""
    from importlib.metadata import version

    from chinese_calendar import constants  # costs 40 ms: only who counts days pays

    holidays = dict.fromkeys(constants.holidays, True) | dict.fromkeys(constants.workdays, False)
    names = {day: _HOLIDAY_NAMES.get(name, str(name)) for day, name in constants.holidays.items()}
    return Calendar(
        holidays, source=f"国务院办公厅历年节假日安排（chinesecalendar {version('chinesecalendar')}）", names=names
    )


def _shift(day: dt.date, by: dt.timedelta) -> dt.date:
    try:
        return day + by
    except OverflowError:
        raise ValueError(f"日期超出范围：{day} 之外没有日历") from None
