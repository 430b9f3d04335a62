"""What each example showed of a table: the values its inputs took and the rules that held, items and all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gongbao.dmn import CompiledTable, DmnError
from gongbao.engine.decision.decide import decide
from gongbao.engine.fact import read_facts
from gongbao.engine.functions import REGISTERS
from gongbao.engine.time.dates import CALENDAR, Counted
from gongbao.engine.world import World
from gongbao.feel.errors import FeelError
from gongbao.policy import schema
from gongbao.policy.times import moment


@dataclass(frozen=True, slots=True)
class Observed:
    """One example at one table (one item of it, where the table decides per item).

    `rows`: the rules that held, from 0; `settled_open`: the example says that a person must decide.
    """

    inputs: tuple[Any, ...]
    rows: tuple[int, ...]
    settings: Mapping[str, Any]
    settled_open: bool


def observed(world: World, pack: schema.Pack, name: str) -> list[tuple[str, Observed]]:
    """What all examples showed of a table, each under the id of its example."""
    table = world.decisions[name].table
    using = {other for other in pack.decisions if name in needed(pack, other)}
    return [
        (example.id, each)
        for example in pack.examples
        if example.of == "decision" and example.decision in using
        for each in _observe(world, pack, name, table, example)
    ]


def _observe(
    world: World, pack: schema.Pack, name: str, table: CompiledTable, example: schema.Example
) -> list[Observed]:
    """What an example showed of this table; it is about it or about a decision that requires it."""
    there = world.with_settings(example.settings) if set(example.settings) <= set(world.settings) else world
    settings = {n: s.value for n, s in there.settings.items()}
    given = {k: v for k, v in example.given.items() if k not in ("decided", "case", "as_of")}
    try:
        facts = read_facts(world.facts, given)
    except ValueError:
        return []  # the example itself is told to be wrong
    spec = pack.decisions[name]
    said = example.given.get("as_of") or example.now or example.on
    as_of = moment(said) if said else None
    scope: dict[str, Any] = {
        **facts,
        "params": world.params,
        "settings": settings,
        "decided": example.given.get("decided") or {},
        "case": example.given.get("case") or {},
        REGISTERS: world.registers,
        CALENDAR: Counted(world.calendar),
        "as_of": as_of,
    }
    for required in spec.requires:
        if required in world.decisions:
            try:
                scope[required] = decide(there, required, facts, as_of=as_of).value or {}
            except (DmnError, FeelError, ValueError):
                return []  # told of the example, and of the table of that decision
    open_case = isinstance(example.expect, dict) and example.expect.get("needs_person") is True
    if not spec.for_each:
        return [_one(table, scope, settings, open_case and example.decision == name)]
    each = world.decisions[name].for_each
    assert each is not None
    variable, expression = each
    items = expression.evaluate(scope)
    if not isinstance(items, (list, tuple)):
        return []
    if not items:  # nothing to decide about: the engine takes the `otherwise` row
        fallback = tuple(i for i, rule in enumerate(table.table.rules) if rule.otherwise)
        return [Observed((None,) * len(table.inputs), fallback, settings, False)]
    return [_one(table, {**scope, variable: item}, settings, open_case and example.decision == name) for item in items]


def needed(pack: schema.Pack, name: str) -> set[str]:
    """The decision and all that it requires, directly or through others."""
    found: set[str] = set()
    ahead = [name]
    while ahead:
        one = ahead.pop()
        if one in pack.decisions and one not in found:
            found.add(one)
            ahead.extend(pack.decisions[one].requires)
    return found


def _one(table: CompiledTable, scope: Mapping[str, Any], settings: Mapping[str, Any], settled_open: bool) -> Observed:
    inputs = tuple(part.evaluate(scope) for part in table.inputs)
    return Observed(inputs, _rows(table, scope), settings, settled_open)


def _rows(table: CompiledTable, scope: Mapping[str, Any]) -> tuple[int, ...]:
    """The rules that surely hold: an unknown fact counts only where no cell that could decide needs it."""
    certain: list[int] = []
    fallback: int | None = None
    undecided = False
    for i, rule in enumerate(table.table.rules):
        if rule.otherwise:
            fallback = i
            continue
        held = [cell.evaluate(scope) for cell in table.cells[i] if cell is not None]
        if all(h is True for h in held):
            if table.table.hit == "first" and undecided:
                return ()
            certain.append(i)
            if table.table.hit == "first":
                return tuple(certain)
        elif not any(h is False for h in held):
            undecided = True
    if not certain and fallback is not None and not undecided:
        return (fallback,)
    return tuple(certain)
