"""A rule that repeats, cut into windows: every so long from its moment, or so many times in each period.

One window is open at a time. An act keeps the window it falls in; a window that was missed lapses and stays breached.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from gongbao.engine.log import when
from gongbao.engine.model import Deadline, DeadlineState, Limit
from gongbao.engine.time.calendar import add_months, localise, month_end
from gongbao.engine.time.counting import due, end_of, in_time, limit_text
from gongbao.engine.time.expiry import length_of, setting_of
from gongbao.engine.time.moments import occurrences
from gongbao.engine.time.spans import End, Sight, Span

if TYPE_CHECKING:
    from gongbao.engine.world import Setting

_PERIODS = {"day": "日", "week": "周", "month": "月", "quarter": "季", "half year": "半年", "year": "年"}


def windows(deadline: Deadline, span: Span, sight: Sight) -> Iterator[DeadlineState]:
    """The windows of a repeating rule from where it arises to its end or `now`."""
    end = span.end
    if deadline.until is not None:
        for event in occurrences(deadline.until, sight.log, span.start.visit):
            if when(event) > when(span.start.event) and (end is None or event.seq < end.seq):
                end = End(event.occurred_at, event.seq, "已终止")
                break
    limit: Limit | None = None
    need = 1
    for problem in (
        length_of(deadline.every, sight.settings) if deadline.every is not None else None,
        _need(deadline, sight.settings),
    ):
        if isinstance(problem, str):
            yield DeadlineState(
                id=deadline.id, label=deadline.label, cite=deadline.cite, kind=deadline.kind,
                status="cancelled" if end else "unset", arises_at=span.arises, due=None, step=deadline.step,
                explain=f"{problem}；{end.why}" if end else problem,
            )  # fmt: skip
            return
        if isinstance(problem, Limit):
            limit = problem
        elif isinstance(problem, int):
            need = problem
    events = [
        e
        for e in (occurrences(deadline.met_by, sight.log, span.start.visit) if deadline.met_by else ())
        if e is not span.start.event and (end is None or e.seq <= end.seq or e.occurred_at <= end.at)
    ]
    times = [localise(e.occurred_at) for e in events]
    position = bisect_left(times, span.arises)
    opened = span.arises
    for last, explain in _ends(deadline, limit, need, span, sight):
        if opened != span.arises and (sight.now <= opened or (end and localise(end.at) <= opened)):
            return  # the next window opens after the last instant of the one before
        after = bisect_right(times, last, lo=position)
        inside, first, position = times[position:after], position, after
        state = DeadlineState(
            id=deadline.id, label=deadline.label, cite=deadline.cite, kind=deadline.kind, status="running",
            arises_at=opened, due=last, step=deadline.step, explain=explain,
        )  # fmt: skip
        if deadline.met_by is None:
            # Nothing in the log can keep it: only the running window is told, as a schedule.
            if sight.now <= last and end is None:
                yield state
        elif len(inside) >= need:
            kept = events[first : first + need]
            yield replace(
                state, status="met", met_at=inside[need - 1],
                met_recorded_at=max(localise(event.recorded_at) for event in kept),
            )  # fmt: skip
        elif end and in_time(end.at, last):
            yield replace(state, status="cancelled", explain=f"{explain}；{end.why}")
        elif sight.now > last:
            late = localise(span.known) > last
            note = "；获知时已到期" if late else ""
            yield replace(
                state, status="lapsed", lapsed_at=last, breached=True, past_when_known=late,
                explain=f"{explain}；已{len(inside)}次{note}" if need > 1 else f"{explain}{note}",
            )  # fmt: skip
        else:
            yield state
        opened = last


def _need(deadline: Deadline, settings: Mapping[str, Setting]) -> int | str:
    if deadline.at_least is None:
        return 1
    if isinstance(deadline.at_least, int):
        return deadline.at_least
    setting = setting_of(deadline.at_least, settings)
    if setting.value is None:
        return f"次数尚未设定：须由{setting.owner}设定“{setting.label}”"
    return int(setting.value)


def _ends(
    deadline: Deadline, limit: Limit | None, need: int, span: Span, sight: Sight
) -> Iterator[tuple[dt.datetime, str]]:
    """The last instants of the windows, without end."""
    if limit is not None:
        if limit.amount < 1:
            raise ValueError(f"时限“{deadline.label}”的 every 须大于0，现为 {limit_text(limit)}")
        n = 0
        while True:
            n += 1
            start = span.arises if span.arises > span.start.moment else span.start.at
            counted = due(replace(limit, amount=limit.amount * n), start, sight.calendar, "repeat", sight.end_of_day)
            yield counted.at, f"每{limit_text(limit)}一次，第{n}次；{counted.explain}"
    period = deadline.per or (deadline.at or "").removesuffix(" end")
    if period not in _PERIODS:
        allowed = "、".join(f"{p} end" for p in _PERIODS)
        raise ValueError(f"时限“{deadline.label}”的 at 有误：{deadline.at!r}；可为 {allowed}")
    day = span.arises.date()
    while True:
        last = _period_end(period, day)
        often = f"每{_PERIODS[period]}不少于{need}次" if deadline.at_least is not None else f"每{_PERIODS[period]}末"
        yield end_of(last, sight.end_of_day), f"{often}，本期至{last}"
        day = last + dt.timedelta(days=1)


def _period_end(period: str, day: dt.date) -> dt.date:
    """The last day of the day, week (Sunday), month, quarter, half year or year that `day` is in."""
    if period == "day":
        return day
    if period == "week":
        return day + dt.timedelta(days=6 - day.weekday())
    months = {"month": 1, "quarter": 3, "half year": 6, "year": 12}[period]
    first = day.replace(day=1, month=(day.month - 1) // months * months + 1)
    last = add_months(first, months - 1)
    return month_end(last.year, last.month)
