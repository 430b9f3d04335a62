"""Where a rule is in force: the stretches of a case, each from the moment it runs from to what cuts it off.

A rule of a step is in force in the visits of that step; one with a condition, in the spells in which it holds; one
that restarts, until the next occurrence of its moment; all of them until the case ends.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gongbao.engine.log import CaseLog, Visit, when
from gongbao.engine.model import Deadline, Event, Expression, Moment, Value, Who
from gongbao.engine.time.calendar import Calendar, localise
from gongbao.engine.time.moments import instant, times_of

if TYPE_CHECKING:
    from gongbao.engine.world import Setting

# What an expression could see right after an event, in the order of the log; made by the case fold.
Snapshot = tuple[Event, Mapping[str, Value]]
Resolve = Callable[[Sequence[Who]], tuple[str, ...]]


@dataclass(frozen=True)
class Sight:
    """What judging a rule may look at."""

    log: CaseLog
    now: dt.datetime
    calendar: Calendar
    settings: Mapping[str, Setting]
    snapshots: Sequence[Snapshot]
    resolve: Resolve
    end_of_day: dt.time

    @property
    def scope(self) -> Mapping[str, Value]:
        return self.snapshots[-1][1] if self.snapshots else {}


@dataclass(frozen=True)
class Start:
    """The moment a rule runs from, the event that made it known, and the event at which the next one replaces it."""

    at: dt.datetime | dt.date
    event: Event
    visit: Visit | None = None
    next: Event | None = None

    @property
    def moment(self) -> dt.datetime:
        return instant(self.at)

    def comes_before_next(self, event: Event) -> bool:
        """Whether the event came before the next occurrence, from which the rule runs anew."""
        return self.next is None or when(event) < when(self.next)

    @property
    def key(self) -> str | None:
        return self.visit.each_key if self.visit else None


@dataclass(frozen=True)
class End:
    """What ended an instance that was not met, and when."""

    at: dt.datetime
    seq: int
    why: str


@dataclass(frozen=True)
class Span:
    """One stretch in which a rule is in force: it arises at `arises`; `end` cuts it off unless it is met before."""

    start: Start
    arises: dt.datetime
    known: dt.datetime  # when what gives rise to it had been written down
    end: End | None


def spans(deadline: Deadline, sight: Sight) -> Iterator[Span]:
    condition = _condition(deadline.while_, sight)
    for start in _starts(deadline, sight.log):
        known = max(start.event.recorded_at, _entry(start, sight.log))
        for on, off in condition:
            if off and off.seq <= start.event.seq:
                continue  # the condition had gone before the moment came
            cut = [_left(start), None if deadline.kind == "lead" else _next_start(start), _closed(start, on, sight.log)]
            ends = [e for e in cut if e] + ([End(off.occurred_at, off.seq, "条件不再成立")] if off else [])
            end = min(ends, key=lambda e: (e.seq, e.at)) if ends else None
            if on and end and start.event.seq < end.seq <= on.seq:
                continue  # over before the condition came
            arises = [_arises(deadline, start, sight.log)]
            if start.visit:
                arises.append(start.visit.entered_at)
            if on and on.seq > start.event.seq:
                arises.append(on.occurred_at)
            yield Span(start, localise(max(arises)), max(known, on.recorded_at) if on else known, end)


def _arises(deadline: Deadline, start: Start, log: CaseLog) -> dt.datetime:
    """The moment itself; for a rule counted backwards, its own `from`, else when the later moment became known."""
    if deadline.kind != "lead":
        return start.moment
    if deadline.from_ is not None and (found := times_of(deadline.from_, log, start.visit)):
        return instant(found[0][0])
    return start.event.occurred_at


def _condition(while_: Expression | None, sight: Sight) -> list[tuple[Event | None, Event | None]]:
    """The spells in which the condition held: (event that made it true, event that ended it)."""
    if while_ is None:
        return [(None, None)]
    spells: list[tuple[Event | None, Event | None]] = []
    on: Event | None = None
    for event, scope in sight.snapshots:
        holds = while_.evaluate(scope) is True
        if holds and on is None:
            on = event
        elif not holds and on is not None:
            spells.append((on, event))
            on = None
    return [*spells, (on, None)] if on is not None else spells


def _starts(deadline: Deadline, log: CaseLog) -> Iterator[Start]:
    moment = deadline.before if deadline.kind == "lead" else deadline.from_
    if deadline.step is None or not log.visits:
        yield from _chain(times_of(moment, log, None), moment, None)
        return
    for visit in sorted((v for v in log.visits if v.step == deadline.step), key=lambda v: v.entered_seq):
        found = [
            (at, e) for at, e in times_of(moment, log, visit) if visit.left_seq is None or e.seq < visit.left_seq
        ]  # fmt: skip
        inside = [(at, e) for at, e in found if e.seq >= visit.entered_seq]
        if moment is None:
            found = [(visit.entered_at, e) for e in log.events if e.seq == visit.entered_seq]
        elif moment.kind != "fact" and moment.pick == "this_visit":
            found = inside
        elif moment.kind != "fact" and moment.pick == "last":
            earlier = [(at, e) for at, e in found if e.seq < visit.entered_seq]
            found = (earlier[-1:] if not inside or inside[0][1].seq != visit.entered_seq else []) + inside
        yield from _chain(found, moment, visit)


def _chain(
    found: Sequence[tuple[dt.datetime | dt.date, Event]], moment: Moment | None, visit: Visit | None
) -> Iterator[Start]:
    if moment is None or moment.kind == "fact" or moment.pick == "first":
        found = found[:1]
    for i, (at, event) in enumerate(found):
        after = found[i + 1][1] if i + 1 < len(found) else None
        yield Start(localise(at) if isinstance(at, dt.datetime) else at, event, visit, after)


def _entry(start: Start, log: CaseLog) -> dt.datetime:
    """When the entry into the step was written down."""
    if start.visit is None:
        return start.event.recorded_at
    return next((e.recorded_at for e in log.events if e.seq == start.visit.entered_seq), start.event.recorded_at)


def _left(start: Start) -> End | None:
    visit = start.visit
    if visit is None or visit.left_seq is None or visit.left_at is None:
        return None
    return End(visit.left_at, visit.left_seq, "已离开该环节")


def _next_start(start: Start) -> End | None:
    return End(start.next.occurred_at, start.next.seq, "重新起算") if start.next else None


def _closed(start: Start, on: Event | None, log: CaseLog) -> End | None:
    if log.closed is None or max(start.event.seq, on.seq if on else 0) >= log.closed.seq:
        return None
    return End(log.closed.occurred_at, log.closed.seq, "事项已办结")
