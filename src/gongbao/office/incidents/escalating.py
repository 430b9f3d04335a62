"""A missed clock of an emergency goes upward: to the leader on duty of the unit it binds, and to the unit above.

The worker asks when a timer fires (`ESCALATIONS` of a room's room.py); it tells the unit itself in any case.
"""

from __future__ import annotations

from collections.abc import Iterable

from gongbao.engine.units import UnitNotFound, Units
from gongbao.engine.world import World
from gongbao.office.cases.models import Case
from gongbao.office.incidents.plans import is_desk
from gongbao.office.people.models import leader_of


def upward(case: Case, world: World, owners: Iterable[str]) -> dict[str, str]:
    """Whom to tell beside the owners of a missed deadline, each with what is said before the deadline's name."""
    if not is_desk(world) or not case.is_open:
        return {}
    told: dict[str, str] = {}
    for owner in dict.fromkeys(owners):
        told[leader_of(owner)] = "请带班领导督办"
        above = superior(world.units, owner)
        if above:
            told.setdefault(above, f"{owner}超时")
    return told


def superior(units: Units, name: str) -> str:
    """The unit above: of its profession where it has one, else the one it belongs to; empty for none."""
    try:
        unit = units.find(name)
        above = unit.profession_parent or unit.parent
        return units.find(above).name if above else ""
    except UnitNotFound:
        return ""
