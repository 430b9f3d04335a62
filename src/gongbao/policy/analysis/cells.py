"""Cells as tests on classes: a cell is any of several conditions, each on the answers to a column's questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from gongbao.engine.decision.trees import asks_subject
from gongbao.engine.decision.unknown import MINUTE, Kind, Linear, all_of, any_of, as_value, frozen, linear
from gongbao.feel import syntax, values
from gongbao.feel.parse import parse_unary_tests
from gongbao.feel.syntax import Node, UnaryTests
from gongbao.feel.temporal import write
from gongbao.policy.analysis.evaluate import Evaluator
from gongbao.policy.analysis.space import Class, Cuts, Holds, Itself, Question, Same
from gongbao.policy.analysis.symbols import State, explore

Base = tuple[Kind, Node | None]


@dataclass(frozen=True, slots=True)
class Sign:
    """The value compared with a number, or with something and a number added to it."""

    base: Base
    op: str
    cut: Fraction


@dataclass(frozen=True, slots=True)
class Is:
    value: Any


@dataclass(frozen=True, slots=True)
class Other:
    """A test that is asked as a whole."""

    question: Question


Condition = Sign | Is | Other


@dataclass(frozen=True, slots=True)
class Cell:
    """Any of `parts` holds, of each part all conditions; negated: none does."""

    parts: tuple[tuple[Condition, ...], ...]
    negated: bool

    def conditions(self) -> Iterable[Condition]:
        return (condition for part in self.parts for condition in part)


def read_cell(evaluator: Evaluator, text: str, names: Sequence[Any]) -> Cell:
    """A cell as written; it must parse."""
    tree = _parsed(text, tuple(names))
    parts: list[tuple[Condition, ...]] = []
    for test in tree.tests:
        for one in test.items if isinstance(test, syntax.ListLiteral) else (test,):
            parts.append(_conditions(evaluator, one))
    return Cell(tuple(parts), tree.negated)


@lru_cache(maxsize=8192)  # one change of a cell is often tried in several rows
def _parsed(text: str, names: tuple[Any, ...]) -> UnaryTests:
    return parse_unary_tests(text, names)


def _conditions(evaluator: Evaluator, test: Node) -> tuple[Condition, ...]:
    if asks_subject(test):
        return (Other(Holds(test)),)
    if isinstance(test, syntax.UnaryComparison):
        return _compared(evaluator, test.op, test.operand, test)
    if isinstance(test, syntax.RangeLiteral):
        low = _compared(evaluator, ">=" if test.low_closed else ">", test.low, test)
        high = _compared(evaluator, "<=" if test.high_closed else "<", test.high, test)
        whole: tuple[Condition, ...] = (Other(Holds(test)),)
        return whole if whole in (low, high) else (*low, *high)
    return _compared(evaluator, "=", test, test)


def _compared(evaluator: Evaluator, op: str, operand: Node, test: Node) -> tuple[Condition, ...]:
    base, offset = operand, Fraction(0)
    if isinstance(operand, syntax.Arithmetic) and operand.op in ("+", "-") and not is_fixed(evaluator, operand):
        moved = constant(evaluator, operand.right) if is_fixed(evaluator, operand.right) else None
        if moved is not None and values.is_number(moved):
            base, offset = operand.left, Fraction(moved) * (1 if operand.op == "+" else -1)
    if not is_fixed(evaluator, base):
        kind = _kind(evaluator, base)
        if isinstance(kind, Linear):
            return (Sign((kind.kind, base), op, offset),)
        return (Other(Same(base)),) if op == "=" and not offset else (Other(Holds(test)),)
    value = constant(evaluator, operand)
    line = linear(value)
    if line is not None:
        return (Sign((line.kind, None), op, line.constant),)
    if op == "=" and (value is None or isinstance(value, (str, bool))):
        return (Is(value),)
    return (Other(Holds(test)),)


def is_fixed(evaluator: Evaluator, node: Node) -> bool:
    """Whether an operand is the same whatever the facts are."""
    names = evaluator.decision.language.of(node).names
    return all(name.startswith("params.") for name in names)


def constant(evaluator: Evaluator, node: Node) -> Any:
    """The value of an operand that is fixed."""
    return node.value if isinstance(node, syntax.Literal) else evaluator.opaque(State({}), node)


def _kind(evaluator: Evaluator, node: Node) -> Any:
    """A number (as a line) or something else, by the first value that an operand can have."""
    for value, _ in explore(State(evaluator.leaves), lambda state: evaluator.value(state, node), [2_000]):
        if value is not None:
            line = linear(value)
            return value if line is None else line
    return None


def questions_of(cells: Iterable[Cell]) -> tuple[Question, ...]:
    """What must be asked of a column so that all of these cells can be judged."""
    cuts: dict[Base, set[Fraction]] = {}
    asked: dict[Question, None] = {}
    for cell in cells:
        for condition in cell.conditions():
            if isinstance(condition, Sign):
                cuts.setdefault(condition.base, set()).add(condition.cut)
            elif isinstance(condition, Is):
                asked[Itself()] = None
            else:
                asked[condition.question] = None
    numbers = [Cuts(tuple(sorted(found)), kind, base) for (kind, base), found in cuts.items()]
    return (*numbers, *asked)


def holds(cell: Cell, questions: Sequence[Question], answers: Class) -> bool:
    """Whether a cell holds for a column of this class; one without a test (`-`) always does."""
    if not cell.parts:
        return not cell.negated
    found = any_of([all_of([_judged(each, questions, answers) for each in part]) for part in cell.parts])
    if cell.negated:
        return found is False
    return found is True


def _judged(condition: Condition, questions: Sequence[Question], answers: Class) -> Any:
    if isinstance(condition, Sign):
        for question, place in zip(questions, answers, strict=True):
            if isinstance(question, Cuts) and (question.kind, question.base) == condition.base:
                if place is None:
                    return None if condition.op in ("<", "<=", ">", ">=") else condition.op == "!="
                return _ORDER[condition.op](place, 2 * question.cuts.index(condition.cut))
    if isinstance(condition, Is):
        return answers[questions.index(Itself())] == frozen(condition.value)
    assert isinstance(condition, Other)
    return answers[questions.index(condition.question)]


_ORDER: Mapping[str, Any] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


# Changes -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """A cell written a little differently."""

    kind: str  # threshold, strictness, choice
    text: str
    told: str


_STRICT = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}


def changes(evaluator: Evaluator, text: str, names: Sequence[Any], step: Any, choices: Sequence[Any]) -> list[Change]:
    """A cell with a threshold moved by a step, a comparison made strict or not, a choice left out or taken in.

    step: of the fact (a number; of a date, days); None where the pack does not say. choices: what may stand there.
    """
    tree = _parsed(text, tuple(names))
    found: list[Change] = []
    for test in tree.tests:
        if isinstance(test, syntax.UnaryComparison):
            found += _moved(evaluator, text, test.operand, step)
            if test.op in _STRICT and _ordered(evaluator, test.operand):
                start = test.span[0]
                changed = text[:start] + _STRICT[test.op] + text[start + len(test.op) :]
                found.append(Change("strictness", changed, f"“{text}”改为“{changed}”"))
        elif isinstance(test, syntax.RangeLiteral):
            found += _moved(evaluator, text, test.low, step) + _moved(evaluator, text, test.high, step)
            start, end = test.span
            for at, bracket in ((start, "(" if test.low_closed else "["), (end - 1, ")" if test.high_closed else "]")):
                changed = text[:at] + bracket + text[at + 1 :]
                found.append(Change("strictness", changed, f"“{text}”改为“{changed}”"))
        elif not isinstance(test, syntax.ListLiteral):
            found += _moved(evaluator, text, test, step)
    found += _chosen(text, tree, choices)
    return found


def _moved(evaluator: Evaluator, text: str, operand: Node, step: Any) -> list[Change]:
    if step is None or not _ordered(evaluator, operand):
        return []
    start, end = operand.span
    written = text[start:end]
    fixed = constant(evaluator, operand) if is_fixed(evaluator, operand) else None
    found = []
    line = linear(fixed)
    for by in (-step, step):
        if line is not None and line.kind != "number":
            new = _written(line.constant + (int(by) if line.kind == "date" else by * MINUTE), line.kind)
        elif fixed is not None and isinstance(operand, (syntax.Literal, syntax.Negate)):
            new = f"{fixed + by:f}" if not isinstance(fixed + by, int) else str(fixed + by)
        else:
            new = f"{written} {'-' if by < 0 else '+'} {abs(by)}"
        changed = text[:start] + new + text[end:]
        found.append(Change("threshold", changed, f"“{text}”改为“{changed}”"))
    return found


def _written(number: Fraction, kind: str) -> str:
    """A date, moment or duration as a cell has it."""
    value = as_value(number, kind)
    return f'date("{value}")' if kind == "date" else f'@"{write(value)}"'


def _ordered(evaluator: Evaluator, operand: Node) -> bool:
    """Whether an operand is a quantity."""
    if is_fixed(evaluator, operand):
        return linear(constant(evaluator, operand)) is not None
    return isinstance(_kind(evaluator, operand), Linear)


def _chosen(text: str, tree: UnaryTests, choices: Sequence[Any]) -> list[Change]:
    stated = [test.value for test in tree.tests if isinstance(test, syntax.Literal)]
    if not stated or len(stated) < len(tree.tests) or not all(isinstance(value, (str, bool)) for value in stated):
        return []
    found = []
    for value in stated if len(stated) > 1 else ():
        kept = [_feel(each) for each in stated if each != value]
        found.append(Change("choice", _joined(kept, tree.negated), f"“{text}”去掉{_feel(value)}"))
    for value in choices:
        if value not in stated or isinstance(value, bool) != isinstance(stated[stated.index(value)], bool):
            more = [_feel(each) for each in (*stated, value)]
            found.append(Change("choice", _joined(more, tree.negated), f"“{text}”加上{_feel(value)}"))
    return found


def _feel(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else f'"{value}"'


def _joined(parts: Sequence[str], negated: bool) -> str:
    inside = ", ".join(parts)
    return f"not({inside})" if negated else inside
