"""The events of one case as the time rules read them: those that stand, with the visits of each step.

The case fold (engine.case) makes a `CaseLog` from the events that were not voided and the visits it has folded so
far. Moments are ordered by when they occurred; visits are bounded by sequence numbers, because an entry made late
belongs to the visit during which it was made.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from gongbao.engine.model import VOIDED, Event, Value


@dataclass(frozen=True, slots=True)
class Visit:
    """One stay in a step. `entered_seq`/`left_seq`: the events that entered and left it; open while `left_seq` is
    None. A step with `each` has one visit per key."""

    step: str
    visit: int
    entered_at: dt.datetime
    entered_seq: int
    left_at: dt.datetime | None = None
    left_seq: int | None = None
    each_key: str | None = None

    def covers(self, event: Event) -> bool:
        """Whether the event was entered during this visit (its first and last event included) and for its key."""
        if self.each_key is not None and event.each_key not in (None, self.each_key):
            return False
        return self.entered_seq <= event.seq and (self.left_seq is None or event.seq <= self.left_seq)


@dataclass(frozen=True)
class CaseLog:
    """events: those that stand, in order of sequence. closed: the event that ended the case, if any."""

    events: tuple[Event, ...] = ()
    visits: tuple[Visit, ...] = ()
    closed: Event | None = None
    _sorted: tuple[Event, ...] = field(init=False, repr=False, compare=False, default=())
    _by_type: Mapping[str, tuple[Event, ...]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_sorted", tuple(sorted(self.events, key=when)))
        by_type: dict[str, list[Event]] = {}
        for event in self._sorted:
            by_type.setdefault(event.type, []).append(event)
        object.__setattr__(self, "_by_type", {type: tuple(events) for type, events in by_type.items()})

    @classmethod
    def of(cls, events: Iterable[Event], visits: Iterable[Visit] = (), closed: Event | None = None) -> CaseLog:
        """The log of raw events: those that a `voided` event names are left out."""
        ordered = sorted(events, key=lambda e: e.seq)
        voided: set[Value] = set()
        for event in reversed(ordered):  # the latest word first: a voided `voided` takes nothing out
            if event.type == VOIDED and event.seq not in voided:
                voided.add(event.data.get("seq"))
        standing = [e for e in ordered if e.seq not in voided]
        return cls(tuple(standing), tuple(visits), closed)

    def with_events(self, events: Iterable[Event]) -> CaseLog:
        """The same log with further moments (ends of waits), which carry the sequence number they follow."""
        return replace(self, events=tuple(sorted((*self.events, *events), key=lambda e: e.seq)))

    def matching(
        self, type: str, where: Mapping[str, Value] | None = None, each_key: str | None = None
    ) -> tuple[Event, ...]:
        """The events of this type whose facts, data or own fields have these values, by when they occurred."""
        found = self._by_type.get(type, ())
        if each_key is None and not where:
            return found
        return tuple(
            e
            for e in found
            if (each_key is None or e.each_key in (None, each_key))
            and all(has(e, name, value) for name, value in (where or {}).items())
        )

    def decisions(self, decision: str, where: Mapping[str, Value] | None = None) -> tuple[Event, ...]:
        """The events by which `decision` was formally decided, by when they occurred."""
        return tuple(
            e
            for e in self._sorted
            if e.data.get("decision") == decision and all(has(e, name, value) for name, value in (where or {}).items())
        )

    def first(self, type: str, where: Mapping[str, Value] | None = None) -> Event | None:
        found = self.matching(type, where)
        return found[0] if found else None

    def last(self, type: str, where: Mapping[str, Value] | None = None) -> Event | None:
        found = self.matching(type, where)
        return found[-1] if found else None

    def times(self, type: str, where: Mapping[str, Value] | None = None) -> int:
        return len(self.matching(type, where))

    def this_visit(
        self, type: str, step: str, each_key: str | None = None, where: Mapping[str, Value] | None = None
    ) -> Event | None:
        """The last event of this type in the latest visit of the step (the event that entered it included)."""
        visits = [v for v in self.visits if v.step == step and (each_key is None or v.each_key == each_key)]
        if not visits:
            return None
        latest = max(visits, key=lambda v: v.entered_seq)
        found = [e for e in self.matching(type, where, each_key) if latest.covers(e)]
        return found[-1] if found else None

    def fact(self, name: str, before_seq: int | None = None) -> tuple[Value, Event] | None:
        """The latest value recorded for a fact (before an event), with the event that gave it; None while unknown."""
        found: tuple[Value, Event] | None = None
        for event in self.events:
            if before_seq is not None and event.seq >= before_seq:
                break
            if name in event.facts and (found is None or event.facts[name] != found[0]):
                found = (event.facts[name], event)
        return found if found and found[0] is not None else None


def when(event: Event) -> tuple[dt.datetime, int]:
    return (event.occurred_at, event.seq)


def has(event: Event, name: str, value: Value) -> bool:
    """Whether the event says `name` is `value`: in its facts, its data, what it decided, or its own fields."""
    decided = event.data.get("value")
    for source in (event.facts, event.data, decided if isinstance(decided, Mapping) else {}):
        if name in source:
            return bool(source[name] == value)
    if name == event.data.get("decision") and not isinstance(decided, Mapping):
        return bool(decided == value)
    if name in ("source", "unit", "step", "each_key", "on_behalf_of"):
        return bool(getattr(event, name) == value)
    return False
