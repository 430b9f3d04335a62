"""Rows of a register handed out to units (交办): one case for each row, or one for each unit of a row, never twice.

The register says how (`Register.assign`): which procedure, which columns become facts of its opening, which column names
the units. Which rows are handed out is read from the opening events of the cases, so that it stands nowhere else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from gongbao.engine.outline import Node, leaves, loads, meant, tree
from gongbao.engine.register import Assign, Register, Row
from gongbao.engine.who import is_one_of, resolve
from gongbao.engine.world import World
from gongbao.office.cases import codec, service
from gongbao.office.cases.models import CLOSED, Case, Event, Sequence
from gongbao.office.people import access
from gongbao.office.people.models import Account


@dataclass(frozen=True, slots=True)
class Held:
    """A case that a row was handed out as; `case` is None where the account may not see it."""

    units: tuple[str, ...]
    case: Case | None
    closed: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the tree as the page shows it. out, closed: of the rows below it, or of itself; todo: cases still to open."""

    node: Node
    key: Any
    held: tuple[Held, ...]
    todo: tuple[tuple[str, ...], ...]
    all: int
    out: int
    closed: int


@dataclass(frozen=True, slots=True)
class UnitLine:
    """What one unit was to be given, what it was given, and what of that is done."""

    unit: str
    rows: int
    sums: Mapping[str, Any]
    out: int
    closed: int


def _assign(register: Register) -> Assign:
    if register.assign is None:
        raise service.ActionRefused(f"清单“{register.label}”没有写怎样交办")
    return register.assign


def shares(world: World, register: Register, row: Row, on: dt.date) -> tuple[tuple[str, ...], ...]:
    """The units of each case that a row becomes: all together, or each by itself; () for a row that names nobody."""
    assign = _assign(register)
    names = row[assign.to] or ()
    number = str(world.document.get("number") or "")
    units = [
        u for name in ((names,) if isinstance(names, str) else names) for u in meant(world.units, name, on, number)
    ]
    units = list(dict.fromkeys(units))
    if assign.apart is not None and row[assign.apart] is True and len(units) > 1:
        return tuple((unit,) for unit in units)
    return (tuple(units),)


def handed_out(world: World, register: Register, account: Account) -> dict[Any, tuple[Held, ...]]:
    """Key of a row -> the cases it was handed out as, by their opening events."""
    assign = _assign(register)
    key_fact, unit_fact = _facts(register, assign)
    cases = Case.objects.filter(pack=world.pack, procedure=assign.procedure)
    seen = access.visible(account, cases).in_bulk()
    found: dict[Any, list[Held]] = {}
    opened = Event.objects.filter(case__in=cases, seq=1).values_list("case_id", "facts", "case__status")
    for case, facts, status in opened.order_by("case_id"):
        facts = codec.decode(facts)
        units = facts.get(unit_fact) or ()
        units = (units,) if isinstance(units, str) else tuple(units)
        found.setdefault(facts.get(key_fact), []).append(Held(units, seen.get(case), status == CLOSED))
    return {key: tuple(held) for key, held in found.items()}


def _facts(register: Register, assign: Assign) -> tuple[str, str | None]:
    """The facts that hold the key of the row and its units."""
    by_column = {column: fact for fact, column in assign.facts.items()}
    return by_column[register.key[0]], by_column.get(assign.to)


def _missing(parts: Iterable[tuple[str, ...]], held: Iterable[Held]) -> tuple[tuple[str, ...], ...]:
    """Of the cases a row becomes those not opened yet; a row handed out as one case is handed out."""
    parts, held = tuple(parts), tuple(held)
    if len(parts) == 1:
        return () if held else parts
    given = {unit for one in held for unit in one.units}
    return tuple(part for part in parts if not given.issuperset(part))


def lines(world: World, register: Register, account: Account, on: dt.date) -> tuple[Line, ...]:
    """Every row in printed order, with what became of it."""
    held = handed_out(world, register, account)
    key = register.key[0]
    made: list[Line] = []

    def line(node: Node) -> tuple[int, int, int]:
        place = len(made)
        if node.is_leaf:
            own = held.get(node.row[key], ())
            todo = _missing(shares(world, register, node.row, on), own)
            counts = (len(own) + len(todo), len(own), sum(one.closed for one in own))
            made.append(Line(node, node.row[key], own, todo, *counts))
            return counts
        made.append(Line(node, node.row[key], (), (), 0, 0, 0))
        below = [line(each) for each in node.below]
        counts = (sum(b[0] for b in below), sum(b[1] for b in below), sum(b[2] for b in below))
        made[place] = Line(node, node.row[key], (), (), *counts)
        return counts

    for top in tree(register):
        line(top)
    return tuple(made)


def unit_lines(world: World, register: Register, account: Account, on: dt.date) -> tuple[UnitLine, ...]:
    """Every unit with its share of the register, the one with most rows first."""
    assign, number = _assign(register), str(world.document.get("number") or "")
    given: dict[str, list[Held]] = {}
    for held in handed_out(world, register, account).values():
        for one in held:
            for unit in one.units:
                given.setdefault(unit, []).append(one)
    return tuple(
        UnitLine(
            load.unit, len(load.rows), load.sums, len(given.get(load.unit, ())),
            sum(one.closed for one in given.get(load.unit, ())),
        )
        for load in loads(register, assign.to, lambda name: meant(world.units, name, on, number))
    )  # fmt: skip


def may_hand_out(world: World, register: Register, account: Account, on: dt.date) -> bool:
    """Whether the account may open the cases that rows become."""
    by = world.procedures[_assign(register).procedure].open_by
    return not by or is_one_of(resolve(by, world, {"case": {}, "decided": {}}, on), account.actor, world.units, on)


def hand_out(
    world: World, register: Register, account: Account, keys: Iterable[Any], on: dt.date, *, note: str = ""
) -> tuple[Case, ...]:
    """Open the cases of these leaves that are not opened yet, all or none.

    A key that is no leaf is refused. Two who press at once do not open a row twice: the second waits for the first.
    """
    assign = _assign(register)
    rows = {row[register.key[0]]: row for row in leaves(register)}
    wanted = list(dict.fromkeys(keys))
    if unknown := [str(key) for key in wanted if key not in rows]:
        raise service.ActionRefused(f"清单“{register.label}”没有可以交办的行：{'、'.join(unknown)}")
    _, unit_fact = _facts(register, assign)
    opened = []
    with transaction.atomic():
        name = f"assign:{world.pack}:{register.id}"
        Sequence.objects.get_or_create(name=name)
        Sequence.objects.select_for_update().get(name=name)
        held = handed_out(world, register, account)
        for key in wanted:
            for units in _missing(shares(world, register, rows[key], on), held.get(key, ())):
                facts = {fact: rows[key][column] for fact, column in assign.facts.items()}
                if unit_fact is not None:
                    whole = world.facts[unit_fact].type == "list"
                    facts[unit_fact] = (list(units) if whole else units[0]) if units else None
                facts = {fact: value for fact, value in facts.items() if value is not None}
                opened.append(service.open_case(account, world.pack, assign.procedure, facts, note=note))
    return tuple(opened)
