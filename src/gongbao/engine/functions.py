"""The functions that an expression of a pack may call besides FEEL's own: over a case's events, lists and series.

`first`, `last`, `this_visit` and `times` look at the events of the case, which stand in the scope under `PAST`;
`register` looks at the pack's lists, under `REGISTERS`; working days are those of the calendar under `CALENDAR`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gongbao.engine.codes import CODE_FUNCTIONS
from gongbao.engine.series import SERIES_FUNCTIONS
from gongbao.engine.time.dates import DATE_FUNCTIONS
from gongbao.feel import Functions, HostFunction
from gongbao.feel.values import Value

if TYPE_CHECKING:
    from gongbao.engine.model import Event

PAST = "@past"  # keys that no fact can have
REGISTERS = "@registers"


class History:
    """The events of a case that count, by type, for `first`, `last`, `this_visit` and `times`.

    First and last are by when they occurred; a visit is bounded by the log (a late entry belongs to the visit in
    which it was made), the event that entered the step included. The same as engine.log.CaseLog reads them.
    """

    __slots__ = ("_by_type",)

    def __init__(self) -> None:
        self._by_type: dict[str, list[Event]] = {}

    def add(self, event: Event) -> None:
        self._by_type.setdefault(event.type, []).append(event)

    def of(self, type_: str) -> list[Event]:
        return self._by_type.get(type_, [])

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_type)

    def counts(self) -> dict[str, int]:
        return {type_: len(events) for type_, events in self._by_type.items()}


@dataclass(frozen=True, slots=True)
class Past:
    """The events as an expression sees them. It stands in the scope under `PAST`, where the host functions find it.

    upto: the last seq that is seen; visit_from: the seq of the event by which the step in question was entered (None
    outside a step); moments: further events that are seen (ends of waits).
    """

    history: History
    upto: int
    visit_from: int | None = None
    moments: tuple[Event, ...] = ()

    def times_of(self, type_: str, since: int = 0) -> list[dt.datetime]:
        events = (*self.history.of(type_), *(m for m in self.moments if m.type == type_))
        return [e.occurred_at for e in events if since <= e.seq <= self.upto]


def first(scope: Mapping[str, Value], event: str) -> Value:
    past = scope.get(PAST)
    return min(past.times_of(event), default=None) if past is not None else None


def last(scope: Mapping[str, Value], event: str) -> Value:
    past = scope.get(PAST)
    return max(past.times_of(event), default=None) if past is not None else None


def this_visit(scope: Mapping[str, Value], event: str) -> Value:
    past = scope.get(PAST)
    return max(past.times_of(event, past.visit_from or 0), default=None) if past is not None else None


def times(scope: Mapping[str, Value], event: str) -> Value:
    past = scope.get(PAST)
    return len(past.times_of(event)) if past is not None else 0


def register(scope: Mapping[str, Value], name: str) -> Value:
    registers = scope.get(REGISTERS)
    return registers[name].as_table() if registers and name in registers else None


_EVENT = frozenset({"event"})
CASE_FUNCTIONS: Mapping[str, HostFunction] = {
    "first": HostFunction(first, _EVENT, True, "事项中某事件第一次发生的时间"),
    "last": HostFunction(last, _EVENT, True, "事项中某事件最近一次发生的时间"),
    "this_visit": HostFunction(this_visit, _EVENT, True, "本次进入环节以来某事件最近一次发生的时间"),
    "times": HostFunction(times, _EVENT, True, "某事件发生的次数"),
    "register": HostFunction(register, frozenset({"name"}), True, "清单的各行"),
}

FUNCTIONS: Functions = {**CASE_FUNCTIONS, **SERIES_FUNCTIONS, **DATE_FUNCTIONS, **CODE_FUNCTIONS}
"""The functions that every expression of a pack may call."""
