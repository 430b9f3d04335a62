"""Why two versions of a decision answer differently for one row: the conditions that ceased or began to hold.

The rule that held before is asked in the other version, the rule that holds after in the first one: by its place where
both have as many rules, else as it is written, with the figures of the other. The conditions that fail there are the
difference, and the facts behind them are the facts that made it. Where none fails the rules were rewritten, and it is the
conditions in which they differ; where only a result was, there is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gongbao.engine.decision.decide import Decision, Outcome
from gongbao.engine.decision.trace import shown
from gongbao.engine.model import Value
from gongbao.feel.errors import FeelError


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: what is compared (`value`), the test as it was and as it is; `facts` by id, `via` a decision."""

    label: str
    value: Value
    before: str
    after: str
    facts: tuple[str, ...]
    via: str = ""

    def words(self) -> str:
        where = f"“{self.via}”的" if self.via else ""
        return f"{where}{self.label} {shown(self.value)}：{self.before} → {self.after}"


def conditions(before: Outcome | None, after: Outcome | None) -> tuple[Condition, ...]:
    """The conditions that made the difference, those of the decisions that are required included."""
    if before is None or after is None:
        return ()
    found = list(_own(before, after))
    for name, inner in before.required.items():
        if name in after.required and _differ(inner, after.required[name]):
            label = inner.decision.label
            for each in conditions(inner, after.required[name]):
                found.append(Condition(each.label, each.value, each.before, each.after, each.facts, each.via or label))
    seen: dict[Any, Condition] = {}
    for each in found:
        seen.setdefault((each.label, each.before, each.after, each.via), each)
    return tuple(seen.values())


def _differ(before: Outcome, after: Outcome) -> bool:
    return (before.value, before.candidates, before.rows) != (after.value, after.candidates, after.rows)


def _own(before: Outcome, after: Outcome) -> Iterator[Condition]:
    """Those of the decision itself; of a version that is not settled by one rule, the rule of the other is asked."""
    left, right = _rule(before), _rule(after)
    if before.decision.for_each is not None or (left is None and right is None):
        return
    aligned = len(before.decision.rows) == len(after.decision.rows)
    failing: list[str] = []
    if left is not None:
        failing += _failing(before, after if aligned else before, left, after.scope)
    if right is not None:
        failing += _failing(after, before if aligned else after, right, before.scope)
    if not failing and left is not None and right is not None:
        failing = _rewritten(before.decision, left, after.decision, right)
    shown_left, shown_right = (left if left is not None else right), (right if right is not None else left)
    for column in dict.fromkeys(failing):
        part = _part(before.decision, column) or _part(after.decision, column)
        of = before if _part(before.decision, column) is not None else after
        facts = [n.partition(".")[0] for n in part.names] if part is not None else []
        yield Condition(
            before.world.labels.get(column, column),
            _evaluated(part, of.scope),
            _test(before, shown_left, column),
            _test(after, shown_right, column),
            tuple(n for n in dict.fromkeys(facts) if n in of.world.facts),
        )


def _rule(outcome: Outcome) -> int | None:
    return outcome.rows[0] if len(outcome.rows) == 1 and outcome.settled else None


def _failing(own: Outcome, asked: Outcome, row: int, scope: Any) -> list[str]:
    """The conditions that hold in the rule of one version and do not in that rule of `asked`, in the other's scope."""
    held = dict(_held(own, row, own.scope))
    return [c for c, value in _held(asked, row, scope) if value is not True and held.get(c, True) is True]


def _held(outcome: Outcome, row: int, scope: Any) -> Iterator[tuple[str, Value]]:
    table = outcome.decision.table
    for j, column in enumerate(table.table.inputs):
        if (cell := table.cells[row][j]) is not None:
            yield column.expression, _evaluated(cell, scope)


def _rewritten(before: Decision, left: int, after: Decision, right: int) -> list[str]:
    cells = [
        {c.expression: t.table.table.rules[row].cells[j] for j, c in enumerate(t.table.table.inputs)}
        for t, row in ((before, left), (after, right))
    ]
    return [c for c in dict.fromkeys((*cells[0], *cells[1])) if cells[0].get(c) != cells[1].get(c)]


def _part(decision: Decision, column: str) -> Any:
    names = [c.expression for c in decision.table.table.inputs]
    return decision.table.inputs[names.index(column)] if column in names else None


def _evaluated(part: Any, scope: Any) -> Value:
    try:
        return part.evaluate(scope) if part is not None else None
    except (FeelError, KeyError):
        return None


def _test(outcome: Outcome, row: int | None, column: str) -> str:
    """A rule's condition on a column as it is written, figures by their values."""
    table = outcome.decision.table.table
    if row is None or row >= len(table.rules):
        return "—"
    names = [c.expression for c in table.inputs]
    if table.rules[row].otherwise:
        return "其余情形"
    cell = table.rules[row].cells[names.index(column)] if column in names else None
    if cell is None:
        return "不限"
    text = str(cell)
    for kind, held in (("params", outcome.world.params), ("settings", None)):
        values = held if held is not None else {n: s.value for n, s in outcome.world.settings.items()}
        for name in sorted(values, key=len, reverse=True):
            if values[name] is not None:
                text = text.replace(f"{kind}.{name}", shown(values[name]))
    return text
