"""Changes of what stands outside the cells: a comparison made strict or not, a parameter a step off.

They are tried for real, on the examples of the decision and of those that require it. Of one that no example notices,
facts that would show it are looked for: for a table among the smallest facts of every point, for a formula beside the
facts of its examples, each fact on each side of the lines that the formula draws.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gongbao.engine.decision.decide import decide, filled
from gongbao.engine.decision.samples import around
from gongbao.engine.world import World
from gongbao.feel import syntax, values
from gongbao.feel.parse import parse_expression
from gongbao.policy import schema
from gongbao.policy.analysis.evaluate import Evaluator
from gongbao.policy.analysis.findings import Case
from gongbao.policy.analysis.space import Asked, Space, explored, groups_of, lowest, new_budget
from gongbao.policy.analysis.survivors import case_at, killers, outcome_text, world_with
from gongbao.policy.analysis.symbols import TooMany, Unsupported
from gongbao.policy.analysis.work import Work, reads
from gongbao.policy.examples import Result, run_one

MAX_TRIED = 300
MAX_VALUES = 40
_STRICT = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}


@dataclass(frozen=True, slots=True)
class Formula:
    """A change of a let (`name`), or of a parameter (`param`)."""

    told: str
    path: tuple[str, ...]
    world: World
    param: bool = False


Unnoticed = tuple[Formula, Case | None, str, str]  # the change, the facts that show it, what comes out before and after


def unnoticed(work: Work, results: Sequence[Result]) -> tuple[list[Unnoticed], int, int]:
    """The changes of a table that no example notices, each with facts that show it where some were found; how many
    were tried, and how many of them were noticed."""
    left, tried = _left(work.pack, work.world, work.decision.id, results)
    return [(change, *_shown(work, change.world)) for change in left], tried, tried - len(left)


def unnoticed_of_formula(
    pack: schema.Pack, world: World, name: str, results: Sequence[Result]
) -> tuple[list[Unnoticed], int, int]:
    """The same of a decision that is a formula."""
    left, tried = _left(pack, world, name, results)
    return [(change, *_shown_beside(pack, world, change.world, name)) for change in left], tried, tried - len(left)


def _left(pack: schema.Pack, world: World, name: str, results: Sequence[Result]) -> tuple[list[Formula], int]:
    """The changes that no example notices, and how many were tried."""
    ordered = killers(pack, name, results)
    changes = list(_changes(pack, world, name))
    left = [change for change in changes if all(run_one(change.world, pack.examples[i], i).ok for i in ordered)]
    return left, len(changes)


def _shown_beside(pack: schema.Pack, world: World, changed: World, name: str) -> tuple[Case | None, str, str]:
    """Facts beside those of an example that show a change of a formula: those of the fewest facts that differ."""
    pools = {fact: values[:MAX_VALUES] for fact, values in around(decide(world, name, {})).items()}
    given = [(dict(each.given), dict(each.settings)) for each in pack.examples if each.decision == name]
    tried = 0
    for facts, settings in given or [({}, {})]:
        if "decided" in facts or "case" in facts:
            continue
        single = ({fact: value} for fact, values in pools.items() for value in values)
        for more in ({}, *single):
            tried += 1
            if tried > MAX_TRIED:
                return None, "", ""
            case = Case(filled(facts, more), settings)
            before, after = (outcome_text(there, name, case) for there in (world, changed))
            if before != after:
                return case, before, after
    return None, "", ""


def _shown(work: Work, changed: World) -> tuple[Case | None, str, str]:
    """The first facts that show a change: among those of the table's own points, then those that tell it apart."""
    for space, points in ((work.space, range(min(work.space.size, MAX_TRIED))), _apart(work, changed)):
        for point in points:
            case = case_at(replace(work, space=space), point)
            before, after = (outcome_text(world, work.decision.id, case) for world in (work.world, changed))
            if before != after:
                return case, before, after
    return None, "", ""


def _apart(work: Work, changed: World) -> tuple[Space, list[int]]:
    """The columns as they are beside the columns as changed, and the points at which they are not of one class."""
    nothing = work.space, list[int]()
    if work.decision.for_each is not None:
        return nothing
    other = Evaluator(changed, changed.decisions[work.decision.id], work.evaluator.leaves, work.evaluator.constants)
    other.mark = "changed"
    own = work.space.asked
    asked = [*own, *(replace(one, by=other) for one in own)]
    assumed = [Asked(each.node, (), reads(work.world, work.decision, each.names)) for each in work.decision.assume]
    budget = new_budget()
    try:
        groups = []
        for columns in groups_of([*asked, *assumed]):
            nodes = [assumed[each - len(asked)].node for each in columns if each >= len(asked)]
            kept = [each for each in columns if each < len(asked)]
            if kept:
                groups.append(explored(work.evaluator, asked, kept, nodes, budget))
        space = Space(tuple(asked), groups)
    except (TooMany, Unsupported):
        return nothing
    moved = 0
    for column in range(len(own)):
        for found in space.classes(column):
            moved |= space.where(column, found.__eq__) & ~space.where(column + len(own), found.__eq__)
    points: list[int] = []
    while moved and len(points) < MAX_TRIED:
        points.append(lowest(moved))
        moved &= moved - 1
    return space, points


def _changes(pack: schema.Pack, world: World, name: str) -> Iterator[Formula]:
    yield from _params(world, name)
    spec, decision = pack.decisions[name], world.decisions[name]
    known = [*decision.language.names]
    for part, texts in (("let", spec.let), ("value", spec.value)):
        for own, text in (texts or {}).items():
            for changed in _turned(text, known):
                made = world_with(pack, world, name, spec.model_copy(update={part: {**texts, own: changed}}))
                if made is not None:
                    yield Formula(f"“{text}”改为“{changed}”", (name, part, own), made)


def _turned(text: str, known: Sequence[str]) -> Iterator[str]:
    """A formula with one of its comparisons made strict, or not."""
    for node in syntax.walk(parse_expression(text, [each for each in known if each in text])):
        if isinstance(node, syntax.Comparison) and node.op in _STRICT:
            start, end = node.left.span[1], node.right.span[0]
            between = text[start:end]
            if between.strip() == node.op:
                yield text[:start] + between.replace(node.op, _STRICT[node.op]) + text[end:]


def _params(world: World, name: str) -> Iterator[Formula]:
    """Each parameter that a let, a list or an output reads, a step up and a step down."""
    decision = world.decisions[name]
    parts = [
        *decision.table.lets.values(),
        *(part for row in decision.table.entries for part in row if part is not None),
    ]
    names = {each for part in parts for each in part.names}
    names |= set(decision.for_each[1].names) if decision.for_each is not None else set()
    for param in sorted(each.partition(".")[2] for each in names if each.startswith("params.")):
        value = world.params[param]
        for other in _beside(value):
            told = f"params.{param} 由 {value} 改为 {other}"
            yield Formula(told, (param,), replace(world, params={**world.params, param: other}), param=True)


def _beside(value: Any) -> list[Any]:
    if type(value) is dt.date:
        return [value - dt.timedelta(1), value + dt.timedelta(1)]
    if values.is_number(value):
        step = 1 if value == int(value) else value.__class__(1).scaleb(value.as_tuple().exponent)
        return [value - step, value + step]
    return []
