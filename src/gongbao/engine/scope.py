"""What an expression inside a case may look at: facts, decided states, proposals, figures, the case, the actor.

Names at the top are facts by id; `decided.<decision>` is what was formally decided; `<decision>.<output>` is what the
rules propose now, computed only when an expression asks for it; `params`, `settings`, `case`, `actor` and `as_of`; and
the functions `first`, `last`, `this_visit` and `times` over the events of the case and `register` over the pack's
lists (`CASE_FUNCTIONS`, given to the compiler). A fact that is not known is null. There is no clock: `as_of` is the
moment asked about.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from gongbao.engine.model import Actor, Decided, Event, Value
from gongbao.engine.world import World
from gongbao.feel import HostFunction

PAST = "@past"  # keys that no fact can have
REGISTERS = "@registers"


class Scope(dict[str, Value]):
    """A dict that computes a decision's proposal the first time its name is asked for.

    propose: from a decision's id to its outputs; raises KeyError for a name that is no decision (FEEL then reads null).
    """

    __slots__ = ("_propose",)

    def __init__(self, values: Mapping[str, Value], propose: Callable[[str], Value] | None = None) -> None:
        super().__init__(values)
        self._propose = propose

    def __missing__(self, name: str) -> Value:
        if self._propose is None or name[:1] == "@":
            raise KeyError(name)
        value = self._propose(name)
        self[name] = value
        return value

    def get(self, name: str, default: Value = None) -> Value:
        try:
            return self[name]
        except KeyError:
            return default

    def over(self, **values: Value) -> Scope:
        """The same scope with these names laid over it."""
        other = Scope(self, self._propose)
        other.update(values)
        return other


def plain(value: Mapping[str, Value]) -> Value:
    """A decision's outputs as `decided.<decision>` shows them: the value itself when there is one output."""
    return next(iter(value.values())) if len(value) == 1 else dict(value)


def decided_context(decided: Mapping[str, Decided]) -> dict[str, Value]:
    return {name: plain(d.value) for name, d in decided.items()}


def settings_context(world: World) -> dict[str, Value]:
    return {name: setting.value for name, setting in world.settings.items()}


def place_facts(world: World) -> tuple[str, ...]:
    """The facts that may tell `case.place`: the one called `place`, then those of type place."""
    return ("place", *(name for name, fact in world.facts.items() if fact.type == "place" and name != "place"))


def case_context(
    procedure: str, opened: Event | None, facts: Mapping[str, Value], places: Iterable[str]
) -> dict[str, Value]:
    """The `case` of an expression: everything the opening event's data says, and when, by whom and where.

    `case.place` is as given at opening, else the first known fact of `places`.
    """
    data = dict(opened.data) if opened is not None else {}
    for name in ("level", "platform", "number"):
        data.setdefault(name, facts.get(name))
    if data.get("place") is None:
        data["place"] = next((facts[name] for name in places if facts.get(name) is not None), None)
    data["procedure"] = procedure
    data["opened_at"] = opened.occurred_at if opened is not None else None
    data["opened_by"] = opened.unit if opened is not None else None
    return data


def actor_context(actor: Actor | None) -> dict[str, Value]:
    if actor is None:
        return {"unit": None, "post": None, "posts": [], "roles": []}
    posts = sorted(actor.posts)
    return {
        "unit": actor.unit, "post": posts[0] if len(posts) == 1 else None, "posts": posts, "roles": sorted(actor.roles)
    }  # fmt: skip


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
"""What `compile_expression(functions=...)` is given for the expressions of procedures and duties."""
