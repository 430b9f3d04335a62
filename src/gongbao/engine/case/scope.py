"""What an expression inside a case may look at: facts, decided states, proposals, figures, the case, the actor.

Names at the top are facts by id; `decided.<decision>` is what was formally decided; `<decision>.<output>` is what the
rules propose now, computed only when an expression asks for it; `params`, `settings`, `case`, `actor` and `as_of`. A
fact that is not known is null. There is no clock: `as_of` is the moment asked about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from gongbao.engine.model import Actor, Decided, Event, Value
from gongbao.engine.world import World


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
