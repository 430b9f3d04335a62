"""Is every figure of a table guarded by examples: one that stands on it, and one a step beside it?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from gongbao.engine.world import World
from gongbao.policy import schema
from gongbao.policy.analysis.space import Cuts
from gongbao.policy.analysis.work import Work
from gongbao.policy.observed import Observed
from gongbao.policy.tables import Threshold, step_of, thresholds, value_of


@dataclass(frozen=True, slots=True)
class Guarded:
    """A figure of a cell at one side (0 itself, -1 and 1 a step beside it) and the examples that stand there.

    wanted: the number itself, where it is fixed. No `side` where the fact has no `step`: what is beside it is not known.
    """

    threshold: Threshold
    side: int | None
    wanted: Any
    examples: tuple[str, ...]


def guarded(
    pack: schema.Pack, world: World, name: str, seen: Sequence[tuple[str, Observed]], work: Work | None
) -> Iterator[Guarded]:
    """Every side of every figure on which an example can stand, in written order."""
    spec, table = pack.decisions[name], world.decisions[name].table
    columns = [i.expression for i in table.table.inputs]
    for threshold in thresholds(spec):
        j = columns.index(threshold.column)
        fact = pack.facts.get(threshold.column)
        values = [(id_, o.inputs[j], value_of(threshold.operand, world.params, o.settings)) for id_, o in seen]
        met = [(id_, v - t) for id_, v, t in values if _number(v) and _number(t)]
        if not met and not any(_number(v) for _, v, _ in values) and _not_numeric(fact):
            continue  # a parameter that is compared as text
        step = step_of(pack, spec, table.inputs[j].names)
        if step is None:
            yield Guarded(threshold, None, None, ())
            continue
        fixed = value_of(threshold.operand, world.params, {})
        for side in threshold.sides:
            wanted = None if fixed is None else fixed + side * step
            if side and wanted is not None and (_outside(fact, wanted) or not _can_be(work, j, wanted)):
                continue
            examples = dict.fromkeys(id_ for id_, beside in met if beside == side * step)
            yield Guarded(threshold, side, wanted, tuple(examples))


def _number(value: Any) -> bool:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


def _not_numeric(fact: schema.FactSpec | None) -> bool:
    return fact is not None and fact.type not in ("integer", "number", "money")


def _outside(fact: schema.FactSpec | None, value: Any) -> bool:
    if fact is None:
        return False
    return (fact.min is not None and value < fact.min) or (fact.max is not None and value > fact.max)


def _can_be(work: Work | None, column: int, value: Any) -> bool:
    """Whether some facts bring a column to this number; True where that is not known."""
    if work is None:
        return True
    for at, question in enumerate(work.questions[column]):
        if isinstance(question, Cuts) and question.base is None and value in question.cuts:
            place = 2 * question.cuts.index(value)
            return any(found[at] == place for found in work.classes(column))
    return True
