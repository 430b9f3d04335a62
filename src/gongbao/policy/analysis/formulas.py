"""Changes of what stands outside the cells: a comparison in a `let` made strict or not, a parameter a step off.

They are tried for real, on the examples of the decision and of those that require it. Of one that no example notices,
facts that would show it are looked for among the smallest facts of every point of the table.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gongbao.engine.world import World
from gongbao.feel import syntax, values
from gongbao.feel.parse import parse_expression
from gongbao.policy.analysis.evaluate import Evaluator
from gongbao.policy.analysis.findings import Case
from gongbao.policy.analysis.space import Asked, Space, explored, groups_of, lowest, new_budget
from gongbao.policy.analysis.survivors import case_at, dependents, outcome_text, world_with
from gongbao.policy.analysis.symbols import TooMany, Unsupported
from gongbao.policy.analysis.work import Work, reads
from gongbao.policy.examples import Result, run_one

MAX_TRIED = 300
_STRICT = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}


@dataclass(frozen=True, slots=True)
class Formula:
    """A change of a let (`name`), or of a parameter (`param`)."""

    told: str
    path: tuple[str | int, ...]
    world: World
    param: bool = False


def unnoticed(work: Work, results: Sequence[Result]) -> tuple[list[tuple[Formula, Case | None, str, str]], int, int]:
    """The changes that no example notices, each with facts that show it where some were found; how many were tried,
    and how many of them were noticed."""
    using = dependents(work.pack, work.decision.id)
    examples = [r.index for r in results if r.ok and work.pack.examples[r.index].decision in using]
    # Those of the decision itself first: they notice most.
    examples.sort(key=lambda i: work.pack.examples[i].decision != work.decision.id)
    left: list[tuple[Formula, Case | None, str, str]] = []
    tried = noticed = 0
    for change in _changes(work):
        tried += 1
        if any(not run_one(change.world, work.pack.examples[i], i).ok for i in examples):
            noticed += 1
        else:
            left.append((change, *_shown(work, change.world)))
    return left, tried, noticed


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


def _changes(work: Work) -> Iterator[Formula]:
    yield from _params(work)
    spec, name = work.pack.decisions[work.decision.id], work.decision.id
    known = [*work.decision.language.names]
    for let, text in spec.let.items():
        for node in syntax.walk(parse_expression(text, [each for each in known if each in text])):
            if not isinstance(node, syntax.Comparison) or node.op not in _STRICT:
                continue
            between = text[node.left.span[1] : node.right.span[0]]
            if between.strip() != node.op:
                continue
            changed = (
                text[: node.left.span[1]] + between.replace(node.op, _STRICT[node.op]) + text[node.right.span[0] :]
            )
            made = world_with(
                work.pack, work.world, name, spec.model_copy(update={"let": {**spec.let, let: changed}})
            )  # fmt: skip
            if made is not None:
                yield Formula(f"“{text}”改为“{changed}”", (name, "let", let), made)


def _params(work: Work) -> Iterator[Formula]:
    """Each parameter that a let, a list or an output reads, a step up and a step down."""
    decision = work.decision
    parts = [
        *decision.table.lets.values(),
        *(part for row in decision.table.entries for part in row if part is not None),
    ]
    names = {each for part in parts for each in part.names}
    names |= set(decision.for_each[1].names) if decision.for_each is not None else set()
    for name in sorted(each.partition(".")[2] for each in names if each.startswith("params.")):
        value = work.world.params[name]
        for other in _beside(value):
            told = f"params.{name} 由 {value} 改为 {other}"
            yield Formula(told, (name,), replace(work.world, params={**work.world.params, name: other}), param=True)


def _beside(value: Any) -> list[Any]:
    if type(value) is dt.date:
        return [value - dt.timedelta(1), value + dt.timedelta(1)]
    if values.is_number(value):
        step = 1 if value == int(value) else value.__class__(1).scaleb(value.as_tuple().exponent)
        return [value - step, value + step]
    return []
