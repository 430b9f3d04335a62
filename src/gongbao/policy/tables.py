"""The figures in the cells of a decision table, and what a step beside one of them is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from gongbao.feel import syntax
from gongbao.feel.parse import parse_unary_tests
from gongbao.policy import schema


@dataclass(frozen=True, slots=True)
class Threshold:
    """A figure in a cell. `sides`: 0 is the figure itself, -1 and 1 its neighbours, those an example must stand on."""

    rule: int
    column: str
    operand: syntax.Node
    text: str
    sides: tuple[int, ...]


# -------------------------------------------------------------------------------------------------------- thresholds


def thresholds(spec: schema.DecisionSpec) -> Iterator[Threshold]:
    """The figures of every cell, in written order."""
    for i, rule in enumerate(spec.rules):
        for column, cell in (rule.when or {}).items():
            tree = parse_unary_tests(cell)
            for test in tree.tests:
                yield from _of_test(i, column, test)


_SIDES = {">=": (0, -1), "<": (0, -1), ">": (0, 1), "<=": (0, 1), "=": (0, -1, 1), "!=": (0, -1, 1)}


def _of_test(rule: int, column: str, test: syntax.Node) -> Iterator[Threshold]:
    if isinstance(test, syntax.UnaryComparison):
        yield from _figure(rule, column, test.operand, _SIDES[test.op])
    elif isinstance(test, syntax.RangeLiteral):
        yield from _figure(rule, column, test.low, (0, -1) if test.low_closed else (0, 1))
        yield from _figure(rule, column, test.high, (0, 1) if test.high_closed else (0, -1))
    elif isinstance(test, syntax.ListLiteral):
        for item in test.items:
            yield from _figure(rule, column, item, _SIDES["="])
    else:
        yield from _figure(rule, column, test, _SIDES["="])


def _figure(rule: int, column: str, operand: syntax.Node, sides: tuple[int, ...]) -> Iterator[Threshold]:
    if (text := _written(operand)) is not None:
        yield Threshold(rule, column, operand, text, sides)


def _written(node: syntax.Node) -> str | None:
    """A number, a parameter or a setting as it stands in the cell; None for anything else."""
    if isinstance(node, syntax.Literal):
        return digits(node.value) if _is_number(node.value) else None
    if isinstance(node, syntax.Negate) and isinstance(node.operand, syntax.Literal) and _is_number(node.operand.value):
        return f"-{digits(node.operand.value)}"
    if (
        isinstance(node, syntax.Path)
        and isinstance(node.base, syntax.Name)
        and node.base.name in ("params", "settings")
    ):
        return f"{node.base.name}.{node.name}"
    return None


def digits(value: int | Decimal) -> str:
    """A number by its own digits."""
    return str(value) if isinstance(value, int) else f"{value:f}"


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


def value_of(node: syntax.Node, params: Mapping[str, Any], settings: Mapping[str, Any]) -> Any:
    """The number that a threshold's operand stands for; None while it is an empty setting or no number."""
    if isinstance(node, syntax.Literal):
        return node.value
    if isinstance(node, syntax.Negate) and isinstance(node.operand, syntax.Literal):
        return -node.operand.value
    if isinstance(node, syntax.Path) and isinstance(node.base, syntax.Name):
        value = (params if node.base.name == "params" else settings).get(node.name)
        return value if _is_number(value) else None
    return None


def step_of(pack: schema.Pack, spec: schema.DecisionSpec, names: Sequence[str]) -> Decimal | int | None:
    """What one step of a threshold means for a column that reads these names; None where the facts do not say."""
    steps: list[Decimal | int] = []
    for name in names:
        head = name.partition(".")[0]
        if head in ("params", "settings", "case", "decided", "actor", "as_of"):
            continue
        fact = pack.facts.get(head)
        if fact is None:
            continue
        if fact.step is not None:
            steps.append(fact.step)
        elif fact.type == "integer" or fact.of == "integer":
            steps.append(1)
        elif fact.scale is not None:
            steps.append(Decimal(1).scaleb(-fact.scale))
        elif fact.type in ("number", "money") or fact.of in ("number", "money"):
            return None
    return min(steps) if steps else 1
