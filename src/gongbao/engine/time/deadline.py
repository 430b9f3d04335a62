"""The time rules of one case: which have arisen, by when they must be met, and what became of them.

`states` judges one rule over the log of a case; `follow` judges all rules of a procedure and feeds the ends of waits
to the rules that start from them. Both are pure: the same log, calendar, settings and `now` give the same states.

How a rule becomes instances:

- A period, wait or right runs from its `from` moment. `pick: first` runs once; `last` restarts at every further
  occurrence (the instance before it, if open, is cancelled and kept); `this_visit` runs once per visit of its step.
- A rule of a step arises when the step is entered (or at `from`, if later) and is cancelled when the step is left
  unmet; without `met_by`, leaving the step is what meets it.
- `while` must hold (be true; unknown is not true). The instance arises when it first becomes true after `from`
  exists, counts from `from` all the same, and is cancelled, with its history, when it ceases to be true.
- `lead` is judged against a `before` moment that is known (a planned day in a fact, or the event itself).
- `repeat` cuts time into windows (`every` from its moment, `at` the end of each period, `at_least` n `per` period).
  One window is open at a time; an act keeps the window it falls in; a missed window lapses and stays breached.
- The end of the case cancels what is open, save what arises from that very event.

`breached` is a fact: not met by the last instant. Whether anybody is to blame is for a person, above all when
`past_when_known` (获知时已到期): the limit had passed before the event that gave rise to it was written down.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from gongbao.engine.log import CaseLog
from gongbao.engine.model import Deadline, DeadlineState, Event, Who
from gongbao.engine.time.calendar import Calendar, localise
from gongbao.engine.time.counting import END_OF_DAY, in_time
from gongbao.engine.time.expiry import counted_to
from gongbao.engine.time.moments import occurrences
from gongbao.engine.time.repeats import windows
from gongbao.engine.time.spans import Resolve, Sight, Snapshot, Span, spans

if TYPE_CHECKING:
    from gongbao.engine.world import Setting


def _names(who: Sequence[Who]) -> tuple[str, ...]:
    return tuple(w.name for w in who)


def follow(
    deadlines: Iterable[Deadline],
    log: CaseLog,
    now: dt.datetime,
    calendar: Calendar,
    *,
    settings: Mapping[str, Setting] | None = None,
    snapshots: Sequence[Snapshot] = (),
    resolve: Resolve = _names,
    end_of_day: dt.time = END_OF_DAY,
) -> tuple[list[DeadlineState], CaseLog]:
    """All instances of all rules, in the order of the rules; and the log with the ends of waits as moments.

    A wait with `then: publicity_over` that is over puts an event of that type at its end, from which other rules may
    start and which `first(publicity_over)` sees in the returned log.
    """
    deadlines = tuple(deadlines)
    sight = Sight(log, localise(now), calendar, settings or {}, snapshots, resolve, end_of_day)
    waits = [d for d in deadlines if d.kind == "wait" and d.then]
    for _ in waits:  # a wait may start from the end of another; a chain is at most as long as there are waits
        ends = [
            _end_event(log, wait, state, known)
            for wait in waits
            for state, known in _instances(wait, sight)
            if state.status == "met"
        ]
        full = log.with_events(ends)
        if full == sight.log:
            break
        sight = replace(sight, log=full)
    return [state for d in deadlines for state, _ in _instances(d, sight)], sight.log


def states(
    deadline: Deadline,
    log: CaseLog,
    now: dt.datetime,
    calendar: Calendar,
    *,
    settings: Mapping[str, Setting] | None = None,
    snapshots: Sequence[Snapshot] = (),
    resolve: Resolve = _names,
    end_of_day: dt.time = END_OF_DAY,
) -> list[DeadlineState]:
    """The instances of one rule in one case, in the order in which they arose, up to `now`.

    settings: by name; a limit that refers to an empty one gives status `unset` and no due time.
    snapshots: (event, scope after it) in the order of the log; needed when the rule has `while` or an expression.
    resolve: from a rule's Who to the names of units or posts (default: the name as written).
    Raises KeyError for a setting that the pack does not have, ValueError for one whose value is no length of time.
    """
    sight = Sight(log, localise(now), calendar, settings or {}, snapshots, resolve, end_of_day)
    return [state for state, _ in _instances(deadline, sight)]


def _instances(deadline: Deadline, sight: Sight) -> list[tuple[DeadlineState, dt.datetime]]:
    """The instances, each with the moment at which what gave rise to it had been written down."""
    if deadline.by_time is not None:
        sight = replace(sight, end_of_day=deadline.by_time)
    found: list[tuple[DeadlineState, dt.datetime]] = []
    met_starts: set[tuple[int, str | None]] = set()
    used: set[tuple[int, str | None]] = set()
    for span in spans(deadline, sight):
        if (span.start.event.seq, span.start.key) in met_starts:
            continue  # its condition came back after the rule had been met from this very moment
        if span.arises > sight.now:
            continue  # a moment planned for later
        if deadline.kind == "repeat":
            found += [(state, span.known) for state in windows(deadline, span, sight)]
            continue
        state = _judge(deadline, span, sight, used)
        if state.status in ("met", "met_late"):
            met_starts.add((span.start.event.seq, span.start.key))
        found.append((replace(state, each_key=span.start.key), span.known))
    owner = sight.resolve(deadline.owner) if deadline.owner else ()
    return [(replace(s, owner=owner, instance=n), known) for n, (s, known) in enumerate(found, 1)]


def _judge(deadline: Deadline, span: Span, sight: Sight, used: set[tuple[int, str | None]]) -> DeadlineState:
    met = _met(deadline, span, sight, used)
    counted = counted_to(deadline, span, sight, met)
    state = DeadlineState(
        id=deadline.id, label=deadline.label, cite=deadline.cite, kind=deadline.kind, status="running",
        arises_at=span.arises, due=None, step=deadline.step, explain="",
    )  # fmt: skip
    end = span.end
    if isinstance(counted, str):
        if met:
            return replace(_done(state, met), explain=counted)
        if end:
            return replace(state, status="cancelled", explain=f"{counted}；{end.why}")
        return replace(state, status="unset", explain=counted)
    last, explain, paused = counted.at, counted.explain, counted.paused
    state = replace(state, due=last, explain=explain)
    if deadline.kind == "wait":
        if end and localise(end.at) < last:
            return replace(state, status="cancelled", explain=f"{explain}；{end.why}")
        if sight.now >= last:
            return replace(state, status="met", met_at=last)
        return replace(state, status="paused" if paused else "waiting")
    if deadline.kind == "right":
        if met and in_time(met.occurred_at, last):
            return _done(state, met)
        if end and in_time(end.at, last):
            return replace(state, status="cancelled", explain=f"{explain}；{end.why}")
        if sight.now > last:
            return replace(state, status="lapsed", lapsed_at=last)
        return replace(state, status="paused" if paused else "running")
    if met and in_time(met.occurred_at, last):
        return _done(state, met)
    late = localise(span.known) > last
    state = replace(state, past_when_known=late, explain=f"{explain}；获知时已到期" if late else explain)
    if met:
        return replace(_done(state, met), status="met_late", breached=True)
    if end:
        return replace(
            state, status="cancelled", breached=not in_time(end.at, last), explain=f"{state.explain}；{end.why}"
        )
    if sight.now > last:
        return replace(state, status="overdue", breached=True)
    return replace(state, status="paused" if paused else "running")


def _done(state: DeadlineState, met: Event) -> DeadlineState:
    """The instance as met by this event."""
    return replace(state, status="met", met_at=localise(met.occurred_at), met_recorded_at=localise(met.recorded_at))


def _met(deadline: Deadline, span: Span, sight: Sight, used: set[tuple[int, str | None]]) -> Event | None:
    """The event that meets this instance: the first after `from` that no earlier instance took."""
    if deadline.kind == "wait":
        return None
    start, end = span.start, span.end
    if deadline.met_by is None:
        if deadline.kind == "right":  # exercised, or not; leaving the step is neither
            events: Sequence[Event] = sight.log.matching(deadline.closes) if deadline.closes else ()
        else:
            visit = start.visit
            if visit is None or visit.left_seq is None:
                return None
            if end and end.seq < visit.left_seq:
                return None
            return next((e for e in sight.log.events if e.seq == visit.left_seq), None)
    else:
        events = occurrences(deadline.met_by, sight.log, start.visit)
    events = [
        e for e in events if e is not start.event and (e.seq, start.key) not in used and start.comes_before_next(e)
    ]
    if deadline.kind == "lead":
        early = [e for e in events if localise(e.occurred_at) <= start.moment]
        met = _told_all(deadline, early, sight) or _told_all(deadline, events, sight)
    else:
        met = _told_all(deadline, [e for e in events if localise(e.occurred_at) >= start.moment], sight)
    if met is None or (end and met.seq > end.seq and met.occurred_at > end.at):
        return None
    used.add((met.seq, start.key))
    return met


def _told_all(deadline: Deadline, events: Sequence[Event], sight: Sight) -> Event | None:
    """The first event, or, where `to` names recipients, the event that completes them (data or facts: `to`)."""
    moment = deadline.met_by
    if moment is None or not moment.to:
        return events[0] if events else None
    wanted = set(sight.resolve(moment.to))
    for event in events:
        told = event.data.get("to", event.facts.get("to", ()))
        wanted -= {told} if isinstance(told, str) else set(told or ())
        if not wanted:
            return event
    return None


def _end_event(log: CaseLog, wait: Deadline, state: DeadlineState, known: dt.datetime) -> Event:
    """The end of a wait as a moment. It carries the sequence number of the last event before it."""
    assert wait.then is not None
    assert state.due is not None
    return Event(
        type=wait.then,
        seq=max((e.seq for e in log.events if e.occurred_at <= state.due), default=0),
        occurred_at=state.due,
        recorded_at=max(state.due, known),
        source="系统",
        step=wait.step,
        data={"deadline": wait.id},
    )
