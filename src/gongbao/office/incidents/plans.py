"""The plans of the duty desk: which packs are its own, which of their procedures it opens, who may, and what it shows.

A pack is the desk's when its document's work belongs to one of ROOMS. A plan is a procedure with `signals`; every case
of such a pack, also of its other procedures (a warning, a hand-over), has its page here. No document is known here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from gongbao.engine.case.proposal import rule_of
from gongbao.engine.force import may_open
from gongbao.engine.model import Actor, Procedure
from gongbao.engine.units import UnitNotFound
from gongbao.engine.who import is_one_of, resolve
from gongbao.engine.world import World
from gongbao.office import worlds
from gongbao.office.cases.models import Case

EMERGENCY, WARNINGS = "应急", "预警与响应"
ROOMS = (EMERGENCY, WARNINGS)


@dataclass(frozen=True, slots=True)
class Plan:
    """One procedure that the desk opens. `key` names it in forms: the pack's slug and the procedure."""

    world: World
    procedure: str

    @property
    def pack(self) -> str:
        return self.world.pack

    @property
    def key(self) -> str:
        return f"{self.pack}:{self.procedure}"

    @property
    def rule(self) -> Procedure:
        return self.world.procedures[self.procedure]

    @property
    def title(self) -> str:
        return str(self.world.document.get("title") or "")

    @property
    def number(self) -> str:
        return str(self.world.document.get("number") or "")

    @property
    def date_fact(self) -> str | None:
        """The fact of its form that says when it happened."""
        name = (self.world.document.get("in_force") or {}).get("date_fact")
        return name if name in dict(self.rule.form) else None

    def expired(self, on: dt.date) -> str:
        """Why the basis must be confirmed before it is opened on that day; empty where it need not."""
        return may_open(self.world, on)


def room_of(world: World) -> str:
    return str((world.document.get("work") or {}).get("room") or "")


def is_desk(world: World) -> bool:
    """Whether matters of this pack have their page at the desk."""
    return room_of(world) in ROOMS


def pack_ids() -> tuple[str, ...]:
    """The ids of the desk's packs; asks the database for nothing once each version has been seen."""
    return tuple(p for p in worlds.pack_ids() if worlds.is_loaded(p) and _is_desk(p, worlds.current_version(p)))


@lru_cache(maxsize=256)
def _is_desk(pack: str, version: str) -> bool:
    return is_desk(worlds.world(pack, version))


def packs() -> tuple[World, ...]:
    """The desk's packs, in force today."""
    return tuple(worlds.world(pack) for pack in pack_ids())


def plans() -> tuple[Plan, ...]:
    """Every plan that may be opened from the desk, in the order of the packs."""
    return tuple(Plan(world, name) for world in packs() for name, rule in world.procedures.items() if rule.signals)


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether somebody may open a plan; `who` may, those of the place first."""

    allowed: bool
    who: tuple[str, ...]


def standing(plan: Plan, actor: Actor, place: str, on: dt.date) -> Standing:
    """Whether the actor opens this plan. place: where it happened, so that only its own county's units are named."""
    by = plan.rule.open_by
    if not by:
        return Standing(True, ())
    whom = resolve(by, plan.world, {"case": {"place": place or None}, "decided": {}}, on)
    return Standing(is_one_of(whom, actor, plan.world.units, on), _of_place(plan.world, whom.names, place))


def _of_place(world: World, names: Iterable[str], place: str) -> tuple[str, ...]:
    """Of the units those whose area is the place, and those that are of no county."""
    area = world.units.area_of(place)
    if area is None:
        return tuple(names)
    found = []
    for name in names:
        try:
            unit = world.units.find(name)
        except UnitNotFound:
            found.append((1, name))
            continue
        if unit.level != "县" or unit.area == area:
            found.append((unit.area != area, name))
    return tuple(name for _, name in sorted(found, key=lambda one: one[0]))


# ------------------------------------------------------------------------------------------- what a case's level is


def ordered_values(world: World, procedure: Procedure, name: str) -> tuple[Any, ...]:
    """The values, lowest first, of what is decided under `name`; empty where it has no order."""
    rule = world.decisions.get(rule_of(procedure, name))
    return next((o.values for o in rule.outputs if o.ordered), ()) if rule is not None else ()


def level_and_response(world: World, procedure: Procedure) -> tuple[str | None, str | None]:
    """What the procedure decides as the level of the matter and as the response to it: of those with an order the first,
    and the one named `response`, else the second (a plan may decide its warning between the two).
    """
    ordered = [name for name in procedure.decide if ordered_values(world, procedure, name)]
    response = next((name for name in ordered[1:] if name == "response"), ordered[1] if len(ordered) > 1 else None)
    return (ordered[0] if ordered else None), response


def page_of(case: Case, world: World | None = None) -> str:
    """The address of the case's page: of the warning room where it has one there, else at the desk."""
    from django.urls import reverse

    from gongbao.office.alerts import warnings

    world = world or worlds.world_of(case)
    warns = room_of(world) == WARNINGS and warnings.kind_of(world, case.procedure) is not None
    return reverse("alerts:warning" if warns else "incidents:page", args=[case.number])
