"""Which values are asked, and of whom: the lines of the packs' indicators, each shared one once.

A line is entered by the units that answer for the indicator (the document's owner where it names none); the value of a
county also by its government.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gongbao.engine.fact import Fact
from gongbao.engine.indicator import Indicator
from gongbao.engine.units import UnitNotFound, Units
from gongbao.engine.who import official, resolve
from gongbao.engine.world import World
from gongbao.office import clock, worlds
from gongbao.office.people.models import Account


@dataclass(frozen=True, slots=True)
class Line:
    """One value to be entered. plans: the documents whose indicators it is for."""

    key: str
    label: str
    subject: str
    fact: Fact
    units: frozenset[str]
    plans: tuple[str, ...]

    @property
    def id(self) -> str:
        return f"{self.key}|{self.subject}"

    @property
    def whom(self) -> str:
        return self.subject or "全市"


def plans() -> tuple[World, ...]:
    """The packs that have indicators."""
    return tuple(world for world in worlds.loaded() if world.indicators)


def lines(found: tuple[World, ...]) -> tuple[Line, ...]:
    """Every line of these packs, in their order."""
    made: dict[str, Line] = {}
    for world in found:
        for indicator in world.indicators.values():
            for line in _of(world, indicator):
                held = made.get(line.id)
                made[line.id] = line if held is None else Line(
                    line.key, held.label, line.subject, held.fact, held.units | line.units,
                    tuple(dict.fromkeys((*held.plans, *line.plans))),
                )  # fmt: skip
    return tuple(made.values())


def of_account(account: Account, found: tuple[World, ...]) -> tuple[Line, ...]:
    return tuple(line for line in lines(found) if account.unit in line.units)


def _of(world: World, indicator: Indicator) -> Iterator[Line]:
    today = clock.today()
    whom = frozenset(resolve(indicator.owner, world, {}, today).units) or frozenset(
        {official(world.units, str(world.document.get("owner") or ""), today)}
    )
    title = (str(world.document.get("title") or world.pack),)
    measured: list[tuple[str, str, Fact]] = []
    if indicator.ratio is not None:
        measured += [(t, world.facts[t].label, world.facts[t]) for t in (indicator.ratio.num, indicator.ratio.den)]
    else:
        fact = world.facts[indicator.fact("judged" if indicator.qualitative else "value")]
        measured.append((indicator.key, indicator.label, fact))
    for key, label, fact in measured:
        for subject in _subjects(world, indicator):
            own = _government(world.units, subject) if subject else frozenset()
            yield Line(key, label, subject, fact, whom | own, title)


def _subjects(world: World, indicator: Indicator) -> list[str]:
    """The members that a target judges each; else the city, and the counties that have a share of their own."""
    found: dict[str, None] = {}
    for target in indicator.targets:
        if target.judge is not None:
            try:
                members = world.units.members(target.judge.each, clock.today(), str(world.document.get("number") or ""))
            except UnitNotFound:
                continue  # a kind of place that no list has
            found.update(dict.fromkeys(u.area if u.area in world.units.areas else u.name for u in members))
        found.update(dict.fromkeys(target.quotas))
    if not any(target.judge for target in indicator.targets) or not found:
        return ["", *found]
    return list(found)


def _government(units: Units, area: str) -> frozenset[str]:
    return frozenset(u.name for u in units.units.values() if u.area == area and u.kind == "政府")
