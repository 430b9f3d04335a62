"""Three-valued evaluation: FEEL trees over values of which some are not known.

An unknown number is a linear form with bounds, so `poisoned + deaths >= 30` is true as soon as 40 are known to be
poisoned. What stood in the way of a value is noted: names (`needs`) and linear forms whose sign is open (`lines`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from typing import Any

from gongbao.engine.decision.unknown import (
    UNKNOWN,
    Domain,
    Linear,
    OneOf,
    Unknown,
    all_of,
    any_of,
    as_number,
    frozen,
    is_known,
    linear,
)
from gongbao.engine.series import CARRIED, SERIES_FUNCTIONS, Series
from gongbao.feel import CompiledExpression, Functions, compile_expression, syntax, values
from gongbao.feel.syntax import Comparison, Literal, Name, Node, Path
from gongbao.feel.values import Value

_MAX_ALTERNATIVES = 16


@dataclass(frozen=True)
class Language:
    """The names and functions that the trees were written with; keeps what was compiled of them."""

    names: tuple[str, ...] = ()
    functions: Functions | None = None
    compiled: dict[Node, CompiledExpression] = field(default_factory=dict, compare=False, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        return {"names": self.names, "functions": self.functions, "compiled": {}}

    def of(self, node: Node) -> CompiledExpression:
        found = self.compiled.get(node)
        if found is None:
            found = self.compiled[node] = compile_expression(node, self.names, self.functions, strict=False)
        return found


class View:
    """FEEL trees evaluated over a scope in which the names of `unknown` (dotted) are not known."""

    def __init__(
        self,
        language: Language,
        scope: Mapping[str, Value],
        unknown: Mapping[str, Domain],
        lets: Mapping[str, Node],
    ) -> None:
        self.language = language
        self.scope = scope
        self.unknown = unknown
        self.lets = lets
        self.needs: list[tuple[str, bool]] = []  # (name, whether trying its values is exact)
        self.lines: list[Linear] = []
        self._let_values: dict[str, tuple[Any, list[tuple[str, bool]], list[Linear]]] = {}

    def pinned(self, name: str, value: Value) -> View:
        """The same with one unknown name known."""
        unknown = {other: domain for other, domain in self.unknown.items() if other != name}
        return View(self.language, _with(self.scope, name.split("."), value), unknown, self.lets)

    def inside(self, name: str, value: Any) -> View:
        """The same with an item of a list under a name; what stands in the way is noted here too."""
        scope = dict(self.scope)
        unknown = dict(self.unknown)
        if is_known(value):
            scope[name] = value
        else:
            unknown[name] = Domain(name, "opaque", origin="item")
        view = View(self.language, scope, unknown, self.lets)
        view.needs, view.lines = self.needs, self.lines
        return view

    # Evaluation ---------------------------------------------------------------------------------------------------

    def value(self, node: Node) -> Any:
        """A known value, `UNKNOWN`, a `Linear` or a `OneOf`; what kept it from being known is noted."""
        needs, lines = len(self.needs), len(self.lines)
        method = _METHODS.get(type(node))
        found = self._opaque(node) if method is None else method(self, node)
        if is_known(found):
            del self.needs[needs:], self.lines[lines:]
        return found

    def truth(self, node: Node) -> bool | Unknown:
        """Whether it is true: null and everything else that is not true is False."""
        found = self.value(node)
        return found is True if is_known(found) else self._alternatives(found, lambda v: v is True)

    def cell(self, node: Node, tests: syntax.UnaryTests) -> bool | Unknown:
        """Whether a cell holds for its input: null and everything else that is not true is False."""
        needs, lines = len(self.needs), len(self.lines)
        subject = self.value(node)
        found = any_of(self._test(subject, test) for test in tests.tests) if tests.tests else True
        if tests.negated and is_known(found):
            found = None if found is None else not found
        if is_known(found):
            del self.needs[needs:], self.lines[lines:]
            return found is True
        return UNKNOWN

    def _test(self, subject: Any, test: Node) -> Any:
        if isinstance(test, syntax.UnaryComparison):
            return self.compare(test.op, subject, self.value(test.operand))
        if isinstance(test, syntax.RangeLiteral):
            low = self.compare(">=" if test.low_closed else ">", subject, self.value(test.low))
            return all_of((low, self.compare("<=" if test.high_closed else "<", subject, self.value(test.high))))
        if isinstance(test, Literal):
            return self.compare("=", subject, test.value)
        if any(isinstance(each, Name) and each.name == "?" for each in syntax.walk(test)):
            return self.inside(_SUBJECT, subject).value(_renamed(test)) if is_known(subject) else self.blur(subject)
        if isinstance(test, syntax.ListLiteral):
            return any_of(self._test(subject, item) for item in test.items)
        wanted = self.value(test)
        if is_known(wanted) and is_known(subject):
            return values.in_value(subject, wanted)
        if is_known(wanted) and not isinstance(wanted, list | tuple | values.Range):
            return self.compare("=", subject, wanted)
        return self.blur(subject, wanted)

    def compare(self, op: str, left: Any, right: Any) -> Any:
        if is_known(left) and is_known(right):
            return _COMPARE[op](left, right)
        for one, other, flipped in ((left, right, False), (right, left, True)):
            if isinstance(one, OneOf):
                found = [self.compare(op, *((other, each) if flipped else (each, other))) for each in one.values]
                return found[0] if all(is_known(each) and each is found[0] for each in found) else UNKNOWN
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            self.blur(left, right)
            return UNKNOWN
        a, b = linear(left), linear(right)
        if a is None or b is None:  # a number compared with what is none
            return _COMPARE[op](*(0 if isinstance(each, Linear) else each for each in (left, right)))
        return self._sign(op, a.plus(b, -1))

    def _sign(self, op: str, line: Linear) -> Any:
        if not line.terms:
            return _COMPARE[op](line.constant.numerator, 0)
        low, high = self.bounds(line)
        if op in ("=", "!="):
            if (low is not None and low > 0) or (high is not None and high < 0):
                return op == "!="
        else:
            found = _ordered(op, low, high)
            if found is not None:
                return found
        self.lines.append(line)
        return UNKNOWN

    def bounds(self, line: Linear) -> tuple[Fraction | None, Fraction | None]:
        low: Fraction | None = line.constant
        high: Fraction | None = line.constant
        for name, factor in line.terms:
            domain = self.unknown[name]
            ends = (domain.low, domain.high) if factor > 0 else (domain.high, domain.low)
            low = None if low is None or ends[0] is None else low + factor * ends[0]
            high = None if high is None or ends[1] is None else high + factor * ends[1]
        return low, high

    def blur(self, *operands: Any) -> Unknown:
        """Unknown numbers went into something that is not linear: their points are no longer exact."""
        for each in operands:
            if isinstance(each, Linear):
                self.needs.extend((name, False) for name, _ in each.terms)
            elif isinstance(each, OneOf):
                self.blur(*each.values)
        return UNKNOWN

    def _alternatives(self, found: Any, of: Callable[[Any], Any]) -> Any:
        if isinstance(found, OneOf) and all(is_known(each) for each in found.values):
            results = [of(each) for each in found.values]
            if all(each is results[0] for each in results):
                return results[0]
        return UNKNOWN

    # Nodes --------------------------------------------------------------------------------------------------------

    def _name(self, node: Node) -> Any:
        parts = _dotted(node)
        if parts is None:
            return self._opaque(node)
        for length in range(1, len(parts) + 1):
            domain = self.unknown.get(".".join(parts[:length]))
            if domain is not None:
                if domain.kind == "number" and length == len(parts):
                    return Linear(((domain.name, Fraction(1)),))
                self.needs.append((domain.name, True))
                return UNKNOWN
        if parts[0] in self.lets:
            found = self._let(parts[0])
            if len(parts) == 1:
                return found
            if not is_known(found):
                return UNKNOWN
            return _along(found, parts[1:])
        return _along(self.scope.get(parts[0]), parts[1:])

    def _let(self, name: str) -> Any:
        if name not in self._let_values:
            view = View(self.language, self.scope, self.unknown, self.lets)
            found = view.value(self.lets[name])
            self._let_values[name] = (found, view.needs, view.lines)
        found, needs, lines = self._let_values[name]
        self.needs.extend(needs)
        self.lines.extend(lines)
        return found

    def _and(self, node: syntax.And) -> Any:
        return all_of(self.value(term) for term in node.terms)

    def _or(self, node: syntax.Or) -> Any:
        return any_of(self.value(term) for term in node.terms)

    def _comparison(self, node: Comparison) -> Any:
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(other, Literal) and other.value is None and node.op in ("=", "!="):
                return self._is_given(one, node.op)
        return self.compare(node.op, self.value(node.left), self.value(node.right))

    def _is_given(self, node: Node, op: str) -> Any:
        """`x = null` asks whether something is known, so of an unknown fact it is true."""
        found = self.value(node)
        parts = _dotted(node)
        if parts is not None and ".".join(parts) in self.unknown:
            return op == "="
        return _COMPARE[op](found, None) if is_known(found) else UNKNOWN

    def _between(self, node: syntax.Between) -> Any:
        subject = self.value(node.value)
        low = self.compare(">=", subject, self.value(node.low))
        return all_of((low, self.compare("<=", subject, self.value(node.high))))

    def _in(self, node: syntax.In) -> Any:
        subject = self.value(node.value)
        return any_of(self._test(subject, test) for test in node.tests)

    def _if(self, node: syntax.If) -> Any:
        condition = self.truth(node.condition)
        if isinstance(condition, bool):
            return self.value(node.then if condition else node.otherwise)
        return self._one_of((self.value(node.then), self.value(node.otherwise)))

    def _one_of(self, found: Iterable[Any]) -> Any:
        flat: dict[Any, Any] = {}
        for each in found:
            if isinstance(each, Unknown):
                return UNKNOWN
            for value in each.values if isinstance(each, OneOf) else (each,):
                flat.setdefault(frozen(value), value)
        if len(flat) > _MAX_ALTERNATIVES:
            return self.blur(*flat.values())
        return next(iter(flat.values())) if len(flat) == 1 else OneOf(tuple(flat.values()))

    def _negate(self, node: syntax.Negate) -> Any:
        return self._computed("-", 0, self.value(node.operand))

    def _arithmetic(self, node: syntax.Arithmetic) -> Any:
        return self._computed(node.op, self.value(node.left), self.value(node.right))

    def _computed(self, op: str, left: Any, right: Any) -> Any:
        if is_known(left) and is_known(right):
            return _ARITHMETIC[op](left, right)
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            return self.blur(left, right)
        if isinstance(left, OneOf) or isinstance(right, OneOf):
            pairs = product(*(each.values if isinstance(each, OneOf) else (each,) for each in (left, right)))
            return self._one_of(self._computed(op, a, b) for a, b in pairs)
        a, b = linear(left), linear(right)
        if a is None or b is None:
            return None
        if op in "+-":
            return _simple(a.plus(b, 1 if op == "+" else -1))
        if op == "*" and not (a.terms and b.terms):
            return _simple(a.times(b.constant) if a.terms else b.times(a.constant))
        if op == "/" and not b.terms and b.constant:
            return _simple(a.times(1 / b.constant))
        return self.blur(left, right)

    def _call(self, node: syntax.Call) -> Any:
        name = node.function.name if isinstance(node.function, Name) else ""
        if name == "not" and len(node.arguments) == 1:
            found = self.value(node.arguments[0])
            if is_known(found):
                return not found if isinstance(found, bool) else None
            return UNKNOWN
        if name in ("max", "min") and len(node.arguments) > 1:
            return self._extreme(node)
        if name in SERIES_FUNCTIONS and not node.named:
            return self._series_call(name, node)
        return self._opaque(node)

    def _extreme(self, node: syntax.Call) -> Any:
        """The largest or smallest of several numbers is one of them."""
        found = [self.value(argument) for argument in node.arguments]
        if all(map(is_known, found)):
            return self._opaque(node)
        if any(is_known(each) and not values.is_number(each) for each in found):
            return self.blur(*found)
        return self._one_of(found)

    def _series_call(self, name: str, node: syntax.Call) -> Any:
        """A function of a series takes null for what is not known, and gives null only where that matters."""
        arguments = [self.value(argument) for argument in node.arguments]
        result = SERIES_FUNCTIONS[name].call(*(each if is_known(each) else None for each in arguments))
        if result is not None:
            return result
        if all(is_known(each) for each in arguments):
            if any(each is None for each in arguments):
                return None
            self.needs.extend((name, False) for name in self._with_gaps(node))
        for each in arguments:
            if isinstance(each, Linear):
                self.needs.extend((name_, True) for name_, _ in each.terms)
        return UNKNOWN

    def note_carried(self, node: Node, items: Iterable[Value]) -> None:
        """Of stretches with a missing reading: note what they stand on when somebody looks inside, known or not."""
        if not any(isinstance(each, Mapping) and None in each.get("values", ()) for each in items):
            return
        for each in syntax.walk(node):
            if isinstance(each, syntax.Call) and isinstance(each.function, Name) and each.function.name == "stretches":
                for argument in each.arguments[CARRIED]:
                    found = self.value(argument)
                    if isinstance(found, Linear):
                        self.needs.extend((name, True) for name, _ in found.terms)
        self.needs.extend((name, False) for name in self._with_gaps(node))

    def _with_gaps(self, node: Node) -> list[str]:
        """The series with a missing reading that a call looks at, also through lets."""
        found: dict[str, None] = {}
        for each in syntax.walk(node):
            if isinstance(each, Name):
                value = self.scope.get(each.name)
                if isinstance(value, Series) and not value.complete:
                    found[each.name] = None
                elif each.name in self.lets:
                    found.update(dict.fromkeys(self._with_gaps(self.lets[each.name])))
        return list(found)

    def _opaque(self, node: Node) -> Any:
        """Anything else: its value when all it reads is known."""
        compiled = self.language.of(node)
        scope = dict(self.scope)
        known = True
        for name in compiled.names:
            head = name.partition(".")[0]
            found = self._name(_node_of(name))
            if not is_known(found):
                self.blur(found)
                known = False
            elif head in self.lets:
                scope[head] = self._let(head)
        return compiled.evaluate(scope) if known else UNKNOWN


_METHODS: dict[type[Node], Callable[[Any, Any], Any]] = {
    Literal: lambda view, node: node.value,
    Name: View._name,
    Path: View._name,
    syntax.And: View._and,
    syntax.Or: View._or,
    Comparison: View._comparison,
    syntax.Between: View._between,
    syntax.In: View._in,
    syntax.If: View._if,
    syntax.Negate: View._negate,
    syntax.Arithmetic: View._arithmetic,
    syntax.Call: View._call,
}
_COMPARE: dict[str, Callable[[Any, Any], bool | None]] = {
    "=": values.eq, "!=": values.ne, "<": values.lt, "<=": values.le, ">": values.gt, ">=": values.ge,
}  # fmt: skip
_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": values.add, "-": values.sub, "*": values.mul, "/": values.div, "**": values.power,
}  # fmt: skip


def _ordered(op: str, low: Fraction | None, high: Fraction | None) -> bool | None:
    """The sign test of something between low and high, None when it is open."""
    if op in ("<", "<="):
        op = {"<": ">", "<=": ">="}[op]
        low, high = (None if high is None else -high), (None if low is None else -low)
    if op == ">":
        if low is not None and low > 0:
            return True
        return False if high is not None and high <= 0 else None
    if low is not None and low >= 0:
        return True
    return False if high is not None and high < 0 else None


def _simple(line: Linear) -> Any:
    return line if line.terms else as_number(line.constant)


_SUBJECT = "@subject"  # stands for `?` in a tree; no name of a pack can be spelt so


def _renamed(node: Any) -> Any:
    """The tree with `?` under a name that can be compiled outside a cell."""
    if isinstance(node, tuple):
        return tuple(_renamed(each) for each in node)
    if isinstance(node, Name) and node.name == "?":
        return Name(_SUBJECT)
    return type(node)(*(_renamed(getattr(node, each)) for each in node.fields)) if isinstance(node, Node) else node


def _dotted(node: Node) -> tuple[str, ...] | None:
    parts: list[str] = []
    while isinstance(node, Path):
        parts.append(node.name)
        node = node.base
    return (node.name, *reversed(parts)) if isinstance(node, Name) else None


def _node_of(name: str) -> Node:
    head, *rest = name.split(".")
    node: Node = Name(head)
    for part in rest:
        node = Path(node, part)
    return node


def _along(value: Value, parts: Iterable[str]) -> Value:
    for part in parts:
        value = values.path(value, part)
    return value


def _with(scope: Mapping[str, Value], parts: Sequence[str], value: Value) -> dict[str, Value]:
    inner = value if len(parts) == 1 else _with(scope.get(parts[0]) or {}, parts[1:], value)
    return {**scope, parts[0]: inner}
