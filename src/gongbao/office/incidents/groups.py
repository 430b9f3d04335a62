"""The work groups of a response: lead and members as the pack's register prints them, and what their units have to do."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from gongbao.engine.units import UnitNotFound
from gongbao.engine.world import World
from gongbao.office.alerts.measures import Count
from gongbao.office.cases.models import CaseTask

COLUMNS = {"group", "lead", "members"}


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    lead: str
    members: str
    units: tuple[str, ...]  # official names of those that are known
    active: bool
    count: Count


def of_case(world: World, tasks: Iterable[CaseTask], formed: Iterable[str], now: dt.datetime) -> list[Group]:
    """formed: the names of the groups that the case says are at work."""
    tasks, formed = list(tasks), set(formed)
    made = []
    for register in world.registers.values():
        rows = list(register.rows)
        if not rows or not set(rows[0]) >= COLUMNS:
            continue
        for row in rows:
            units = tuple(dict.fromkeys(_units(world, f"{row['lead'] or ''}、{row['members'] or ''}", now.date())))
            count = Count()
            for task in tasks:
                if task.unit in units:
                    count.add(task, now)
            name = str(row["group"])
            made.append(Group(name, str(row["lead"] or ""), str(row["members"] or ""), units, name in formed, count))
    return made


def _units(world: World, text: str, on: dt.date) -> list[str]:
    found = []
    for name in re.split(r"[、，；]", text):
        for one in (name.strip(), re.sub(r"（.*）$", "", name.strip())):
            if one and world.units.knows(one):
                try:
                    found += [u.name for u in world.units.successors(one, on)]
                except UnitNotFound:
                    continue
                break
    return found
