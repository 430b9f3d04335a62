"""A decision table looked at from outside: its thresholds, the values that can make a difference, gaps and overlaps.

Gaps and overlaps are looked for by trying every combination of representative values: each threshold and its
neighbours by the fact's step, every choice, both truth values. That finds every fault of a table whose cells compare
single facts with figures; a table that computes on several facts at once is only sampled at these points.
"""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from gongbao.dmn import CompiledTable, OverlapError
from gongbao.engine.functions import FUNCTIONS
from gongbao.feel import syntax
from gongbao.feel.parse import parse_unary_tests
from gongbao.policy import schema
from gongbao.policy.expressions import scope_names

MAX_COMBINATIONS = 40_000
_OTHER = "（其他）"  # a text that no cell names


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


# ------------------------------------------------------------------------------------------------- gaps and overlaps


@dataclass(slots=True)
class Sweep:
    """What trying all combinations found. `skipped` says why nothing was tried; `sampled`: there were too many."""

    tried: int = 0
    sampled: bool = False
    skipped: str | None = None
    gap: dict[str, Any] | None = None
    gaps: int = 0
    overlaps: dict[tuple[int, ...], dict[str, Any]] = field(default_factory=dict)
    hit: set[int] = field(default_factory=set)
    reached: dict[int, set[Any]] = field(default_factory=dict)  # computed column -> the numbers it came to

    def cannot(self, column: int, value: Any) -> bool:
        """Whether a computed column surely never comes to this value: every point was tried and none gave it."""
        return bool(self.tried) and not self.sampled and column in self.reached and value not in self.reached[column]


def sweep(pack: schema.Pack, name: str, table: CompiledTable) -> Sweep:
    """Try a table at every combination of representative values."""
    spec = pack.decisions[name]
    found = Sweep()
    if spec.for_each:
        found.skipped = "逐项判定"
        return found
    domains: dict[str, list[Any]] = {}
    numbers = _settings_numbers(pack, table)
    for path in table.names:
        values = _domain(pack, table, path, numbers)
        if values is None:
            found.skipped = f"“{path}”不能逐值列举"
            return found
        if values:
            domains[path] = values
    assume = [compile_assume(pack, spec, text) for text in spec.assume]
    computed = [j for j, c in enumerate(table.table.inputs) if c.expression not in pack.facts]
    for combination in _combinations(list(domains.values()), found):
        given = dict(zip(domains, combination, strict=True))
        scope = _scope(pack, given, numbers)
        if any(one.evaluate(scope) is False for one in assume):
            continue
        found.tried += 1
        for j in computed:
            value = table.inputs[j].evaluate(scope)
            if _is_number(value):
                found.reached.setdefault(j, set()).add(value)
        try:
            rows = table.decide(scope).rows
        except OverlapError as e:
            found.overlaps.setdefault(e.rules, given)
            found.hit.update(e.rules)
            continue
        found.hit.update(rows)
        if not rows and spec.hit != "collect":
            found.gaps += 1
            if found.gap is None:
                found.gap = given
    return found


def compile_assume(pack: schema.Pack, spec: schema.DecisionSpec, text: str) -> Any:
    from gongbao.feel import compile_expression

    return compile_expression(text, (*scope_names(pack), *spec.let), FUNCTIONS)


def _combinations(domains: list[list[Any]], found: Sweep) -> Iterator[tuple[Any, ...]]:
    size = 1
    for domain in domains:
        size *= len(domain)
    if size <= MAX_COMBINATIONS:
        yield from itertools.product(*domains)
        return
    found.sampled = True
    chance = random.Random(size)  # the same table is sampled at the same points every time
    for _ in range(MAX_COMBINATIONS):
        yield tuple(chance.choice(domain) for domain in domains)


def _settings_numbers(pack: schema.Pack, table: CompiledTable) -> dict[str, Any]:
    """A stand-in for each numeric setting that the table reads, each far from the others."""
    found: dict[str, Any] = {}
    for path in table.names:
        head, _, name = path.partition(".")
        if head == "settings" and name in pack.settings and not _choices(pack.settings[name]):
            setting = pack.settings[name]
            if setting.type in ("number", "integer", "money"):
                low = setting.min if setting.min is not None else 0
                guess = low + 100 * (len(found) + 1)
                found[name] = guess if setting.max is None else min(guess, setting.max)
    return found


def _choices(setting: schema.Setting) -> tuple[Any, ...]:
    return setting.values or setting.candidates


def _domain(pack: schema.Pack, table: CompiledTable, path: str, numbers: Mapping[str, Any]) -> list[Any] | None:
    """The values to try for a name; empty where it is fixed (a parameter), None where it cannot be listed."""
    head, _, rest = path.partition(".")
    constants = table.constants.get(path, ())
    if head == "params":
        return []
    if head == "settings":
        choices = _choices(pack.settings[rest])
        if choices:
            return list(choices)
        if pack.settings[rest].type == "boolean":
            return [True, False]
        return [] if rest in numbers else None
    if head in pack.facts:
        fact = pack.facts[head]
        if rest:
            if fact.type != "record" or rest not in fact.fields:
                return None
            fact = fact.fields[rest]
        return _of_fact(fact, constants, [*numbers.values(), *_params(pack, table)])
    if head == "decided":
        head, _, rest = rest.partition(".")
    if head in pack.decisions:
        outputs = pack.decisions[head].output
        output = outputs.get(rest) if rest else next(iter(outputs.values())) if len(outputs) == 1 else None
        if output is None:
            return None
        if output.type == "choice":
            return list(output.values)
        if output.type == "boolean":
            return [True, False]
    return None


def _params(pack: schema.Pack, table: CompiledTable) -> list[Any]:
    names = [p.partition(".")[2] for p in table.names if p.startswith("params.")]
    return [pack.params[n].value for n in names if n in pack.params]


def _of_fact(fact: schema.FactSpec, constants: Sequence[Any], more: Sequence[Any]) -> list[Any] | None:
    match fact.type:
        case "boolean":
            return [True, False]
        case "choice":
            return list(fact.values)
        case "text" | "place" | "unit" | "person":
            return [*dict.fromkeys(c for c in constants if isinstance(c, str)), _OTHER]
        case "date":
            days = {c for c in (*constants, *more) if type(c) is dt.date}
            return sorted(d + dt.timedelta(n) for d in days for n in (-1, 0, 1)) or None
        case "integer" | "number" | "money":
            step = fact.step or (1 if fact.type == "integer" else Decimal(1).scaleb(-(fact.scale or 0)))
            points = {0, *(c for c in (*constants, *more) if _is_number(c))}
            near = {p + d for p in points for d in (-step, 0, step)}
            if fact.type == "integer":
                near = {int(p) for p in near if p == int(p)}
            low, high = fact.min, fact.max
            near |= {p for p in (low, high) if p is not None}
            return sorted(p for p in near if (low is None or p >= low) and (high is None or p <= high))
    return None


def _scope(pack: schema.Pack, given: Mapping[str, Any], numbers: Mapping[str, Any]) -> dict[str, Any]:
    scope: dict[str, Any] = {
        "params": {n: p.value for n, p in pack.params.items()},
        "settings": dict(numbers),
        "decided": {},
    }
    for path, value in given.items():
        head, _, rest = path.partition(".")
        if head in ("settings", "decided") and rest:
            first, _, second = rest.partition(".")
            if second:
                scope[head].setdefault(first, {})[second] = value
            else:
                scope[head][first] = value
        elif rest:
            scope.setdefault(head, {})[rest] = value
        elif head in pack.decisions and head not in pack.facts:
            scope[head] = {next(iter(pack.decisions[head].output)): value}
        else:
            scope[head] = value
    return scope
