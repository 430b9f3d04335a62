"""When a moment that a time rule names came about: the events that match it, or the day or time that a fact holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from gongbao.engine.log import CaseLog, Visit
from gongbao.engine.model import Event, Moment
from gongbao.engine.time.calendar import localise, parse_day, parse_moment
from gongbao.engine.time.counting import end_of


def times_of(moment: Moment | None, log: CaseLog, visit: Visit | None) -> list[tuple[dt.datetime | dt.date, Event]]:
    """The occurrences of a moment, by when they occurred; without a moment, the opening of the case."""
    if moment is None:
        return [(e.occurred_at, e) for e in log.events[:1]]
    if moment.kind == "fact":
        known = log.fact(moment.name, visit.left_seq if visit else None)
        at = as_time(known[0]) if known else None
        return [(at, known[1])] if known and at is not None else []
    if moment.kind == "decided":
        return [(e.occurred_at, e) for e in log.decisions(moment.name, moment.where)]
    return [(e.occurred_at, e) for e in log.matching(moment.name, moment.where, visit.each_key if visit else None)]


def occurrences(moment: Moment, log: CaseLog, visit: Visit | None = None) -> Sequence[Event]:
    """The events at which a moment came about, by when they occurred."""
    if moment.kind == "decided":
        return log.decisions(moment.name, moment.where)
    if moment.kind == "fact":
        known = log.fact(moment.name)
        at = as_time(known[0]) if known else None
        if known is None or at is None:
            return ()
        return (replace(known[1], occurred_at=instant(at)),)
    return log.matching(moment.name, moment.where, visit.each_key if visit else None)


def as_time(value: Any) -> dt.datetime | dt.date | None:
    """The value of a fact as a day or moment, None where it is neither. ValueError for text that says none."""
    if isinstance(value, str):
        try:
            value = parse_moment(value)
        except ValueError:
            value = parse_day(value)
    if isinstance(value, dt.datetime):
        return localise(value)
    return value if isinstance(value, dt.date) else None


def instant(at: dt.datetime | dt.date) -> dt.datetime:
    """The moment itself; of a day its first instant."""
    return at if isinstance(at, dt.datetime) else end_of(at, dt.time(0))
