"""Runs that a pack counts in its series, and what each length of a run is a condition of: read from its decisions.

A formula `latest_run(on_working_days(stock_o), "<=", params.low_days)` says which readings count and in which days; a
comparison of its output (`low_run.o >= params.larger_stock`) says which length matters, and the rows that need it to be
true say for what. No pack is known here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gongbao.engine.decision.logic import Decision
from gongbao.engine.decision.trees import called, dotted
from gongbao.engine.series import Series, read_test
from gongbao.engine.time.dates import CALENDAR, Counted
from gongbao.engine.world import World
from gongbao.feel import syntax
from gongbao.feel.syntax import Call, Comparison, Literal, Name, Node, UnaryTests
from gongbao.feel.values import is_number

RUNS = "latest_run"
WORKING = "on_working_days"


@dataclass(frozen=True, slots=True)
class Mark:
    """A length that matters: `value` is the lowest outcome it is a condition of, by the clause `cite`."""

    length: int
    value: str
    cite: str


@dataclass(frozen=True, slots=True)
class Run:
    """A run that a decision counts over one series. `op` and `line`: which readings count; `unit`: 个工作日, 天."""

    series: str
    label: str
    unit: str
    op: str
    line: Any
    working_days: bool
    marks: tuple[Mark, ...]
    decision: Decision
    node: Node

    def length(self, world: World, series: Series) -> int | None:
        """How long it is now; None where a missing reading or an unknown first day leaves it open."""
        scope = {"params": world.params, CALENDAR: Counted(world.calendar), self.series: series}
        return self.decision.language.of(self.node).evaluate(scope)


def runs_of(world: World) -> tuple[Run, ...]:
    """Every run that a decision of the pack counts, in the order of the pack."""
    return tuple(
        run for decision in world.decisions.values() if decision.reads_series for run in _runs(world, decision)
    )


def _runs(world: World, decision: Decision) -> Iterator[Run]:
    if not decision.formula:
        return
    for output, node in zip(decision.outputs, decision.trees.entries[0], strict=True):
        if not isinstance(node, Call) or called(node) != RUNS or len(node.arguments) < 2:
            continue
        first, *rest = node.arguments
        working = isinstance(first, Call) and called(first) == WORKING
        name = first.arguments[0] if working and isinstance(first, Call) else first
        if not isinstance(name, Name) or getattr(world.facts.get(name.name), "type", "") != "series":
            continue
        constants = [_constant(world, decision, each) for each in rest]
        test = None if None in constants else read_test(*constants)
        if test is not None:
            op, line = test
            marks = _marks(world, decision.id, output.name)
            yield Run(
                name.name, output.label, output.unit or "个读数", op, line, working, marks, decision, node
            )  # fmt: skip


def _constant(world: World, decision: Decision, node: Node) -> Any:
    """The value of an expression that only reads params; None for any other."""
    compiled = decision.language.of(node)
    if any(not name.startswith("params.") for name in compiled.names):
        return None
    return compiled.evaluate({"params": world.params})


# --------------------------------------------------------------------------------------------- which lengths matter


def _marks(world: World, decision: str, output: str) -> tuple[Mark, ...]:
    """The lengths that decisions compare the output with and what they need them for, the shortest first."""
    found: dict[int, tuple[int, Mark]] = {}
    for other in world.decisions.values():
        if decision not in other.requires or other.ranked is None:
            continue
        compared = {name: _lengths(world, other, node, (decision, output)) for name, node in other.trees.lets.items()}
        for row, cells in enumerate(other.trees.cells):
            value = other.trees.entries[row][other.ranked] if row < len(other.rows) else None
            rank = other.outputs[other.ranked].rank(value.value) if isinstance(value, Literal) else None
            if rank is None:
                continue
            for node, cell in zip(other.trees.inputs, cells, strict=True):
                if not _wants(cell):
                    continue
                lengths = _lengths(world, other, node, (decision, output))
                for each in syntax.walk(node):
                    lengths |= compared.get(each.name, set()) if isinstance(each, Name) else set()
                for length in lengths:
                    if length not in found or rank < found[length][0]:
                        found[length] = (rank, Mark(length, str(value.value), other.rows[row].cite))
    return tuple(found[length][1] for length in sorted(found))


def _wants(cell: UnaryTests | None) -> bool:
    """Whether a row needs the column to be true."""
    return cell is not None and not cell.negated and cell.tests == (Literal(True),)


def _lengths(world: World, decision: Decision, node: Node, name: tuple[str, str]) -> set[int]:
    """The whole numbers from which on a comparison of `name` in this expression holds."""
    found = set()
    for each in syntax.walk(node):
        if not isinstance(each, Comparison) or each.op not in (">", ">=") or dotted(each.left) != name:
            continue
        length = _constant(world, decision, each.right)
        if is_number(length):
            found.add(int(length) + 1 if each.op == ">" else -int(-length // 1))
    return found
