"""Who acts: a rule's "who" resolved to the units, posts and roles it means in this case on this day.

One expression names them everywhere (`by`, `lead`, `with`, `to`, `owner`): a unit, a post, a role of the office, a
body, a party, a group of units, the value of a fact or of a decision, or the unit with a function at a level and
place. Several stand for "any one of them". A superior unit is not its subordinate: only the named unit matches.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gongbao.engine.model import Actor, Value, Who
from gongbao.engine.units import UnitNotFound, Units
from gongbao.engine.world import World

ENTERING_ROLES = frozenset({"值班员", "承办人", "话务员", "接警员"})
"""Roles of staff who enter acts of others: of leaders (with `on_behalf`), and of applicants and other parties."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a "who" came to: `units` by official name; `others` are posts, roles, bodies or parties by name.

    `missing` says in Chinese what must be known first, when nobody could be named.
    """

    units: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    persons: bool = False  # leaders among them (by post or body), whose acts staff may enter where a rule says so
    party: bool = False  # somebody outside the office (申请人 ...), whose acts staff enter

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.units, *self.others)))


def official(units: Units, name: str, on: dt.date | None) -> str:
    """The official name on that day of a unit known by any name; a name that no unit bears stands as it is."""
    if not units.knows(name):
        return name
    try:
        return units.find(name, on).name
    except UnitNotFound:  # its work went to several units: which of them is for the rule to say
        return name


def resolve(whos: Iterable[Who], world: World, scope: Mapping[str, Value], on: dt.date | None) -> Resolved:
    """All that these name together, in the order written and without repetition."""
    units: dict[str, None] = {}
    others: dict[str, None] = {}
    missing: list[str] = []
    persons = party = False
    for who in whos:
        one = _one(who, world, scope, on)
        units.update(dict.fromkeys(one.units))
        others.update(dict.fromkeys(one.others))
        missing += one.missing
        persons, party = persons or one.persons, party or one.party
    return Resolved(tuple(units), tuple(others), tuple(dict.fromkeys(missing)), persons, party)


def _one(who: Who, world: World, scope: Mapping[str, Value], on: dt.date | None) -> Resolved:
    match who.kind:
        case "unit":
            return Resolved(units=_carried_on(world.units, who.name, on))
        case "post":
            return Resolved(others=(who.name,), persons=True)
        case "role":
            return Resolved(others=(who.name,))
        case "party":
            return Resolved(others=(who.name,), party=True)
        case "group" | "body":
            try:
                members = world.units.members(who.name, on, str(world.document.get("number") or ""))
            except UnitNotFound as unknown:
                return (
                    Resolved(others=(who.name,), persons=True)
                    if who.kind == "body"
                    else Resolved(missing=(str(unknown),))
                )
            return Resolved(units=tuple(u.name for u in members))
        case "fact":
            value = scope.get(who.name)
            if value in (None, "", []):
                fact = world.facts.get(who.name)
                return Resolved(missing=(str(getattr(fact, "label", None) or who.name),))
            return _named(value, world.units, on)
        case "decision":
            value = _output(who.name, scope)
            if value in (None, "", []):
                label = world.labels.get(who.name) or world.labels.get(who.name.partition(".")[0]) or who.name
                return Resolved(missing=(label,))
            return _named(value, world.units, on)
        case "relative":
            place = who.place.evaluate(scope) if who.place is not None else (scope.get("case") or {}).get("place")
            try:
                found = world.units.relative(who.name, who.level, _text(place), on)
            except UnitNotFound as unknown:
                return Resolved(missing=(str(unknown),))
            return Resolved(units=tuple(u.name for u in found))


def _carried_on(units: Units, name: str, on: dt.date | None) -> tuple[str, ...]:
    """A unit's successors of that day: when its work was divided, each of them may act."""
    return tuple(u.name for u in units.successors(name, on)) if units.knows(name) else (name,)


def _named(value: Value, units: Units, on: dt.date | None) -> Resolved:
    """The units (or posts, or roles) that a fact or a decision holds: one name or a list of names."""
    names = [_text(v) for v in (value if isinstance(value, (list, tuple)) else [value])]
    found: list[str] = []
    others: list[str] = []
    for name in names:
        if not name:
            continue
        (found if units.knows(name) else others).append(official(units, name, on))
    return Resolved(units=tuple(found), others=tuple(others), persons=bool(others))


def _text(value: Value) -> str | None:
    if value is None:
        return None
    if isinstance(value, Mapping):
        value = value.get("unit") or value.get("name")
        return None if value is None else str(value)
    return str(value)


def _output(name: str, scope: Mapping[str, Value]) -> Value:
    """`<decision>.<output>`: as decided if it was, else as the rules propose."""
    decision, _, output = name.partition(".")
    decided = (scope.get("decided") or {}).get(decision)
    value = decided if decided is not None else scope.get(decision)
    if isinstance(value, Mapping) and output:
        return value.get(output)
    return value


def is_one_of(resolved: Resolved, actor: Actor, units: Units, on: dt.date | None) -> bool:
    """Whether the actor is among them: acts for one of the units, or holds one of the posts or roles."""
    if official(units, actor.unit, on) in resolved.units or actor.unit in resolved.others:
        return True
    return any(name in actor.roles or name in actor.posts for name in resolved.others)


def may_enter(actor: Actor) -> bool:
    """Whether the actor is staff who may enter the act of somebody else."""
    return bool(ENTERING_ROLES & actor.roles)


def refusal(resolved: Resolved, actor: Actor) -> str:
    """Why this actor may not: 须由…办理，您代表…."""
    if not resolved.names:
        return f"尚未确定由谁办理，须先明确：{'、'.join(resolved.missing)}"
    whom = "、".join(resolved.names)
    if resolved.units:
        return f"须由{whom}办理，您代表{actor.unit}"
    own = "、".join([*sorted(actor.roles), *sorted(actor.posts)]) or "未设角色"
    return f"须由{whom}办理，您代表{actor.unit}（{own}）"
