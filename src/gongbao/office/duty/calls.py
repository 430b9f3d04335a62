"""Whom to call: those on duty now and the address book, by unit; of one plan's units or of all."""

from __future__ import annotations

import datetime as dt

from django.apps import apps

from gongbao.engine.world import World
from gongbao.exchange.call_list import Callee, CallList
from gongbao.office import exercise
from gongbao.office.duty import roster
from gongbao.office.pages.words import when
from gongbao.office.people.models import Account
from gongbao.office.people.units import city_units


def units_of(world: World | None, account: Account) -> tuple[str, ...]:
    """Every organ that a plan names (duties, acts, groups), else every organ of the account's own city, in its order."""
    if world is None:
        own = (units for units in city_units() if units.knows(account.unit))
        return tuple(unit.name for units in own for unit in units.units.values())
    named = _named(world)
    return tuple(unit.name for unit in world.units.units.values() if unit.key in named)


def _named(world: World) -> frozenset[str]:
    """Keys of the units that the duties and the acts of a pack name, groups told by their members."""
    found: set[str] = set()
    whom = [who for duty in world.duties for who in (*duty.lead, *duty.with_)]
    for rule in world.procedures.values():
        whom += rule.open_by
        for step in rule.steps.values():
            whom += step.by
            whom += [who for action in step.actions.values() for who in action.by]
        whom += [who for action in rule.anytime.values() for who in action.by]
    for who in whom:
        name = who.name if isinstance(who.name, str) else ""
        if who.kind == "unit" and world.units.knows(name):
            found.add(world.units.find(name).key)
        elif who.kind == "group":
            number = str(world.document.get("number") or "")  # a group may have members for its own document alone
            found |= {unit.key for unit in world.units.members(name, None, number)}
    return frozenset(found)


def call_list(world: World | None, account: Account, now: dt.datetime) -> CallList:
    """The list as it is now: first who is on duty, then the address book; a unit without either has a line to fill."""
    units = units_of(world, account)
    standing = roster.on_duty(units, now)
    duty = tuple(Callee(unit, s.kind, s.name, s.phone, f"至{when(s.ends)}") for unit in units for s in standing[unit])
    book: list[Callee] = []
    if apps.is_installed("gongbao.office.sending"):
        from gongbao.office.sending.models import Contact

        rows = Contact.objects.filter(unit__in=units) if len(units) < 400 else Contact.objects.all()
        by: dict[str, list[Callee]] = {}
        for c in rows:
            by.setdefault(c.unit, []).append(Callee(c.unit, c.post, c.name, c.mobile, c.note))
        book = [line for unit in units for line in by.get(unit, ())]
    reached = {line.unit for line in (*duty, *book)}
    blank = tuple(Callee(unit, "", "", "") for unit in units if unit not in reached)
    parts = [("现在值班", duty), ("通讯录", tuple(book)), ("没有登记值班和通讯的单位", blank)]
    title = f"{world.document['title']}联络表" if world is not None else "全市值班联络表"
    return CallList(
        title, f"{when(now)} 由{account.unit}{account.name}生成", tuple((h, lines) for h, lines in parts if lines),
        exercise.mark(),
    )  # fmt: skip
