"""Whether a document holds, and on which day that is asked: the day of the event, of the application or the decision.

`in_force` of a world's document is what its pack says (from, until, applies_by, date_fact ...), with `last` and
`replaced_by` where another version or document takes its place (policy.versions).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from gongbao.engine.time.calendar import localise
from gongbao.engine.world import World
from gongbao.feel.values import Value


def day_that_counts(
    in_force: Mapping[str, Value],
    facts: Mapping[str, Value],
    occurred_at: dt.datetime | None,
    recorded_at: dt.datetime | None = None,
) -> dt.date | None:
    """The day that decides whether, and in which version, a document applies; None where it is not known.

    applies_by: event_date is the day of the fact `date_fact`, where one is named and known, else the day on which it
    happened; application_date the day on which it happened (came in); decision_date the day on which it is recorded.
    """
    by = in_force.get("applies_by")
    moment = (recorded_at or occurred_at) if by == "decision_date" else occurred_at
    if by == "event_date":
        given = facts.get(str(in_force.get("date_fact")))
        if isinstance(given, dt.datetime):
            return localise(given).date()
        if isinstance(given, dt.date):
            return given
    return None if moment is None else localise(moment).date()


def may_open(world: World, on: dt.date | None) -> str:
    """Why no case may be opened on this document on that day without somebody confirming the basis; empty if it may."""
    if on is None:
        return ""
    in_force: Mapping[str, Value] = world.document.get("in_force") or {}
    title, on = world.document.get("title", ""), _date(on)
    from_, last = _day(in_force.get("from", in_force.get("from_"))), last_day(in_force)
    if from_ is not None and on < from_:
        return f"《{title}》自{from_}起施行，{on}尚未施行"
    if last is None or on <= last:
        return ""
    return f"{_ended(world, last)}，{on}已失效"


def out_of_force(world: World, at: dt.datetime) -> str:
    """Why an open case may not go on: its document has ended and says that open cases stop then."""
    in_force: Mapping[str, Value] = world.document.get("in_force") or {}
    last = last_day(in_force)
    if last is not None and at.date() > last and in_force.get("after_expiry") == "stop":
        return f"{_ended(world, last)}，到期后停止办理"
    return ""


def _ended(world: World, last: dt.date) -> str:
    """That a document has ended, and by what."""
    title, by = world.document.get("title", ""), (world.document.get("in_force") or {}).get("replaced_by")
    if by:
        return f"《{title}》自{by['from']}起由《{by['title']}》（{by['number']}）代替"
    return f"《{title}》的有效期到{last}为止"


def last_day(in_force: Mapping[str, Value]) -> dt.date | None:
    """The last day on which it holds: what is written, or earlier, where something takes its place."""
    return _day(in_force.get("last") or in_force.get("until"))


def _day(value: Value) -> dt.date | None:
    if isinstance(value, str):
        return dt.date.fromisoformat(value)
    return value if isinstance(value, dt.date) else None


def _date(value: dt.date) -> dt.date:
    return value.date() if isinstance(value, dt.datetime) else value
