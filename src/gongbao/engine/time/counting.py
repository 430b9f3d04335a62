"""How a length of time is counted: from a moment, over a calendar, to the last instant that is still in time.

The rules (PACK.md section 4; Civil Code art. 200-204):

- Days, working days, weeks, months and years: the first day is not counted; the end is the end of the last day.
  A month's or year's end is the corresponding day; where there is none, the last day of that month.
- Hours and minutes run on the clock from the moment itself, nights and holidays included, and never roll.
- A period (and a right) that would end on a rest day ends on the next working day: once, after pauses and
  extensions. Dates, waits and validity do not roll.
- A pause stops the count. Spells are united first. For days, the days in (opened, closed] do not count (the day of
  opening was already spent); for hours, the time between the two moments does not.
- `lead` counts backwards: the last day from which the whole length still fits before the day of the later moment
  (3 working days before Monday leaves Wednesday, Thursday, Friday free: Tuesday). Hours before are exact.

Conventions. The end of a day is 23:59:59 (24:00) unless the office's setting says close of business. `Due.at` is the
last instant in time: an act exactly then is in time, one second later is late. The clock ticks in whole seconds.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from gongbao.engine.model import Limit
from gongbao.engine.time.calendar import ONE_DAY, SHANGHAI, Calendar, add_months, days, localise

END_OF_DAY = dt.time(23, 59, 59)
Spell = tuple[dt.datetime, dt.datetime]  # a pause: opened, closed
Kind = Literal["period", "wait", "right", "lead", "date", "repeat"]
Unit = Literal["minutes", "hours", "days", "working days", "weeks", "months", "years"]
CLOCK = ("minutes", "hours")
ROLLS = ("period", "right")


@dataclass(frozen=True, slots=True)
class Due:
    """`at`: the last instant in time (for a wait: when it is over). `explain`: how it was counted, in Chinese."""

    at: dt.datetime
    explain: str


# ------------------------------------------------------------------------------------------------------- reading

_WORDS: dict[str, Unit] = {
    "minute": "minutes", "min": "minutes", "分钟": "minutes", "分": "minutes",
    "hour": "hours", "h": "hours", "小时": "hours", "个小时": "hours",
    "day": "days", "calendar day": "days", "日": "days", "天": "days", "自然日": "days", "个自然日": "days",
    "working day": "working days", "business day": "working days", "工作日": "working days", "个工作日": "working days",
    "week": "weeks", "周": "weeks", "星期": "weeks", "个星期": "weeks",
    "month": "months", "个月": "months",
    "year": "years", "年": "years",
}  # fmt: skip
_CHINESE: dict[Unit, str] = {
    "minutes": "分钟", "hours": "小时", "days": "日", "working days": "个工作日",
    "weeks": "周", "months": "个月", "years": "年",
}  # fmt: skip
_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SCALES = {"十": 10, "百": 100, "千": 1000}
_LIMIT = re.compile(r"(?P<amount>[0-9]{1,4}|[零〇一二两三四五六七八九十百千]+)\s*(?P<unit>\D+?)\s*(?:以内|之内|内)?")
_HALVES = {"半年": Limit(6, "months"), "半小时": Limit(30, "minutes"), "半个小时": Limit(30, "minutes")}


def parse_limit(text: str | Limit) -> Limit:
    """`3 working days`, `2 hours`, `24 h`, `1 month`; 3个工作日, 2小时, 六十日, 1个月, 半年. ValueError otherwise."""
    if isinstance(text, Limit):
        return text
    if isinstance(text, str):
        clean = " ".join(text.strip().lower().split())
        if clean in _HALVES:
            return _HALVES[clean]
        found = _LIMIT.fullmatch(clean)
        unit = _WORDS.get(found["unit"]) or _WORDS.get(found["unit"].removesuffix("s")) if found else None
        amount = _amount(found["amount"]) if found else None
        if unit is not None and amount is not None:
            return Limit(amount, unit)
    raise ValueError(
        f"时限写法有误：{text!r}；须为“数 + 单位”，如 3 working days、2 hours、30 minutes、1 month，"
        "或 3个工作日、2小时、15日、1个月（单位：分钟、小时、日、工作日、周、月、年）"
    )


def limit_text(limit: Limit) -> str:
    """The limit in Chinese: 3个工作日, 2小时."""
    return f"{limit.amount}{_CHINESE[limit.unit]}"


def _amount(text: str) -> int | None:
    """An amount in digits or Chinese numerals (六十, 一百二十); None when it is not well formed."""
    if text.isdigit():
        return int(text)
    total, digit, last_scale = 0, None, 10_000
    for c in text:
        if c in _DIGITS:
            if digit not in (None, 0):
                return None
            digit = _DIGITS[c]
        else:
            scale = _SCALES[c]
            if scale >= last_scale or digit == 0 or (digit is None and c != "十"):
                return None
            total, digit, last_scale = total + (digit or 1) * scale, None, scale
    return total + (digit or 0)


# ------------------------------------------------------------------------------------------------------ counting


def due(
    limit: Limit | str,
    start: dt.datetime | dt.date,
    calendar: Calendar,
    kind: Kind = "period",
    end_of_day: dt.time = END_OF_DAY,
    *,
    pauses: Sequence[Spell] = (),
    extensions: Sequence[Limit] = (),
    roll: bool | None = None,
) -> Due:
    """When a limit that runs from `start` (for `lead`: before `start`) ends, and how that was counted.

    start: an aware datetime, or a day when only the day is known (hours then run from its 0:00).
    pauses: spells, in any order, overlapping or not. extensions: granted lengths, added in order before any rolling.
    roll: whether a rest-day end moves to the next working day; default by kind (period and right do).
    Raises ValueError for a naive datetime, a kind that has no length (`date`), or a day outside the calendar.
    """
    limit = parse_limit(limit)
    if kind not in get_args(Kind) or kind == "date":
        raise ValueError(f"时限种类有误：{kind!r}；可为 period、wait、right、lead、repeat")
    begin = _start(start)
    try:
        return _ends(limit, kind, begin, calendar, pauses, extensions, roll, end_of_day)
    except OverflowError:
        raise ValueError(f"日期超出范围：自{begin}起算{limit_text(limit)}，日历到不了那一天") from None


def _ends(
    limit: Limit,
    kind: str,
    begin: dt.datetime | dt.date,
    calendar: Calendar,
    pauses: Sequence[Spell],
    extensions: Sequence[Limit],
    roll: bool | None,
    end_of_day: dt.time,
) -> Due:
    if kind == "lead":
        return _lead(limit, begin, calendar, end_of_day)
    count = _Count(calendar, end_of_day, _united(pauses), begin)
    count.forward(limit)
    for extension in extensions:
        count.said.append(f"延期{limit_text(extension)}")
        count.forward(extension)
    if roll if roll is not None else kind in ROLLS:
        count.roll()
    return count.due(wait=kind == "wait")


def in_time(at: dt.datetime, due_at: dt.datetime) -> bool:
    """Whether an act at `at` keeps a limit whose last instant is `due_at`."""
    return localise(at) <= localise(due_at)


def end_of(day: dt.date, end_of_day: dt.time = END_OF_DAY) -> dt.datetime:
    """The last instant of a day."""
    return dt.datetime.combine(day, end_of_day, SHANGHAI)


def _start(start: dt.datetime | dt.date) -> dt.datetime | dt.date:
    if isinstance(start, dt.datetime):
        if start.tzinfo is None:
            raise ValueError(f"起算时间 {start} 没有时区；须写明，例如 {start.isoformat()}+08:00")
        return localise(start)
    return start


def _united(pauses: Sequence[Spell]) -> list[Spell]:
    """The union of the spells, in order, none touching another."""
    united: list[Spell] = []
    for opened, closed in sorted((localise(a), localise(b)) for a, b in pauses):
        if closed < opened:
            raise ValueError(f"暂停的结束 {closed} 早于开始 {opened}")
        if united and opened <= united[-1][1]:
            united[-1] = (united[-1][0], max(closed, united[-1][1]))
        else:
            united.append((opened, closed))
    return united


class _Count:
    """A count under way: `position` is a day (its end) or a moment on the clock; `said` is the explanation so far."""

    def __init__(
        self, calendar: Calendar, end_of_day: dt.time, spells: list[Spell], start: dt.datetime | dt.date
    ) -> None:
        self.calendar, self.end_of_day, self.spells = calendar, end_of_day, spells
        self.position: dt.datetime | dt.date = start
        self.said: list[str] = []
        self.started = False
        self.looked_up: list[dt.date] = []  # the days whose being worked or not mattered

    def forward(self, limit: Limit) -> None:
        first, self.started = not self.started, True
        if limit.unit in CLOCK:
            self._clock(limit, first)
        else:
            self._days(limit, first)

    def roll(self) -> None:
        """To the next working day, if this is a day, not worked; a paused day is not one to act on either."""
        day = self.position
        if isinstance(day, dt.datetime):
            return
        self.looked_up.append(day)
        if self.calendar.is_working(day):
            return
        rest = self.calendar.holiday_name(day) or "周末"
        while not self.calendar.is_working(day) or self._paused(day):
            day += ONE_DAY
        self.position = day
        made_up = "（调休上班）" if self.calendar.is_make_up(day) else ""
        self.said.append(f"逢{rest}顺延至{day}{made_up}")

    def due(self, wait: bool) -> Due:
        at = self.position if isinstance(self.position, dt.datetime) else end_of(self.position, self.end_of_day)
        if not isinstance(self.position, dt.datetime):
            hour = "24时" if self.end_of_day == END_OF_DAY else f"{self.end_of_day:%H:%M}"
            self.said.append(f"于当日{hour}期满" if wait else f"当日{hour}截止")
        return Due(at, "，".join(self.said) + _unknown_years(self.calendar, self.looked_up))

    # -- hours and minutes

    def _clock(self, limit: Limit, first: bool) -> None:
        left = dt.timedelta(**{limit.unit: limit.amount})
        if isinstance(self.position, dt.datetime):
            begin = self.position
        elif first:
            begin = dt.datetime.combine(self.position, dt.time(0), SHANGHAI)
            self.said.append("起算时点只知日期")
        else:
            begin = end_of(self.position, self.end_of_day)
        at, stopped = begin, dt.timedelta(0)
        for opened, closed in self.spells:
            if closed <= at:
                continue
            if at + left <= opened:
                break
            running = max(opened, at)
            left -= running - at
            stopped += closed - running
            at = closed
        at += left
        if first:
            self.said.append(f"自{begin:%Y-%m-%d %H:%M}起连续计时{limit_text(limit)}，夜间和休息日照计")
        if stopped:
            self.said.append(f"扣除暂停{_length(stopped)}")
        self.said.append(f"至{at:%Y-%m-%d %H:%M}")
        self.position = at

    # -- days and longer

    def _paused(self, day: dt.date) -> bool:
        return any(opened.date() < day <= closed.date() for opened, closed in self.spells)

    def _days(self, limit: Limit, first: bool) -> None:
        start = self.position.date() if isinstance(self.position, dt.datetime) else self.position
        if limit.unit in ("months", "years"):
            end = self._months(start, limit, first)
        else:
            end = self._walk(start, limit, first)
        self.position = end

    def _walk(self, start: dt.date, limit: Limit, first: bool) -> dt.date:
        working = limit.unit == "working days"
        left = limit.amount * 7 if limit.unit == "weeks" else limit.amount
        day, stopped = start, 0
        while left:
            day = _next(day)
            if working and not self.calendar.is_working(day):
                continue
            if self._paused(day):
                stopped += 1
            else:
                left -= 1
        if working:
            self.looked_up += [start, day]
        if first:
            self.said.append(f"自{start}次日起算" if limit.amount else f"{start}当日")
        if working and (skipped := _skipped(self.calendar, start, day)):
            self.said.append(skipped)
        if stopped:
            self.said.append(f"扣除暂停{stopped}{'个工作日' if working else '日'}")
        if first and limit.amount:
            ordinal = f"第{limit_text(limit)}" if limit.unit != "weeks" else f"满{limit_text(limit)}"
            self.said.append(f"{ordinal}为{day}")
        elif limit.amount:
            self.said.append(f"至{day}")
        return day

    def _months(self, start: dt.date, limit: Limit, first: bool) -> dt.date:
        end = add_months(start, limit.amount * (12 if limit.unit == "years" else 1))
        corresponding = end.day == start.day
        left = sum(map(self._paused, days(start + ONE_DAY, end)))
        stopped = left
        whole = end
        while left:
            end = _next(end)
            if self._paused(end):
                stopped += 1
            else:
                left -= 1
        if first:
            self.said.append(f"自{start}次日起算{limit_text(limit)}")
        self.said.append(f"对应日为{whole}" if corresponding else f"该月无对应日，取月末日{whole}")
        if stopped:
            self.said.append(f"扣除暂停{stopped}日，至{end}")
        return end


def _lead(limit: Limit, before: dt.datetime | dt.date, calendar: Calendar, end_of_day: dt.time) -> Due:
    if limit.unit in CLOCK:
        moment = before if isinstance(before, dt.datetime) else dt.datetime.combine(before, dt.time(0), SHANGHAI)
        at = moment - dt.timedelta(**{limit.unit: limit.amount})
        return Due(at, f"自{moment:%Y-%m-%d %H:%M}向前倒数{limit_text(limit)}，最迟{at:%Y-%m-%d %H:%M}")
    day = before.date() if isinstance(before, dt.datetime) else before
    said = [f"自{day}向前倒数，其间须满{limit_text(limit)}"]
    looked_up: list[dt.date] = []
    if limit.unit in ("months", "years"):
        months = limit.amount * (12 if limit.unit == "years" else 1)
        last = add_months(day, -months)
        # The corresponding day itself would end on `day`; a clamped one may still end before it.
        if add_months(last, months) >= day:
            last -= ONE_DAY
    elif limit.unit == "working days":
        last = calendar.add_working_days(day, -limit.amount) - ONE_DAY
        looked_up = [last, day]
        if skipped := _skipped(calendar, last, day - ONE_DAY):
            said.append(skipped)
    else:
        last = day - dt.timedelta(days=limit.amount * (7 if limit.unit == "weeks" else 1) + 1)
    said.append(f"最迟{last}")
    hour = "24时" if end_of_day == END_OF_DAY else f"{end_of_day:%H:%M}"
    return Due(end_of(last, end_of_day), "，".join([*said, f"当日{hour}截止"]) + _unknown_years(calendar, looked_up))


# ---------------------------------------------------------------------------------------------------- explaining


def _skipped(calendar: Calendar, start: dt.date, end: dt.date) -> str:
    """What lies in (start, end] and is not worked, and which weekend days are: 跳过春节7天、周末2天."""
    holidays: dict[str, int] = {}
    weekends, made_up = 0, []
    for day in days(start + ONE_DAY, end):
        if calendar.is_make_up(day):
            made_up.append(f"{day.month}月{day.day}日")
        elif not calendar.is_working(day):
            name = calendar.holiday_name(day)
            if name:
                holidays[name] = holidays.get(name, 0) + 1
            else:
                weekends += 1
    parts = [f"{name}{n}天" for name, n in holidays.items()] + ([f"周末{weekends}天"] if weekends else [])
    said = [f"跳过{'、'.join(parts)}"] if parts else []
    if made_up:
        said.append(f"{'、'.join(made_up)}调休上班照计")
    return "，".join(said)


def _unknown_years(calendar: Calendar, looked_up: Sequence[dt.date]) -> str:
    if not looked_up:
        return ""
    years = [y for y in range(min(looked_up).year, max(looked_up).year + 1) if not calendar.known_year(y)]
    if not years:
        return ""
    named = f"{years[0]}年" if len(years) == 1 else f"{years[0]}至{years[-1]}年"
    return f"（{named}放假安排未载入，只按周末推算）"


def _length(length: dt.timedelta) -> str:
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{n}{word}" for n, word in ((hours, "小时"), (minutes, "分钟"), (seconds, "秒")) if n]
    return "".join(parts)


def _next(day: dt.date) -> dt.date:
    try:
        return day + ONE_DAY
    except OverflowError:
        raise ValueError("日期超出范围：9999-12-31 之后没有日历") from None
