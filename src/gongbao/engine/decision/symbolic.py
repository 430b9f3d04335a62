"""FEEL trees over values of which some are not known, as decision diagrams (engine.decision.diagram).

An unknown choice is a question with its values as answers, an unknown number a linear form whose comparisons are
questions, an unknown text one of the texts that a rule names or another. What none of this can express is `Open`: what
hangs on it may come out either way.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor, gcd, lcm
from typing import Any

from gongbao.engine.decision.diagram import Choice, Diagram, Diagrams, Form, Leaf, leaves_of
from gongbao.engine.decision.unknown import (
    Domain,
    Linear,
    Moved,
    Open,
    all_of,
    any_of,
    as_number,
    frozen,
    is_known,
    linear,
)
from gongbao.engine.series import CARRIED, SERIES_FUNCTIONS, Series
from gongbao.feel import CompiledExpression, Functions, YearsMonths, compile_expression, syntax, values
from gongbao.feel.syntax import Comparison, Literal, Name, Node, Path
from gongbao.feel.values import Value

MAX_POINTS = 130  # numbers that one function is tried with
_EQUALS_ONLY = frozenset({"register", "count", "list contains", "index of", "distinct values", "union", "get value"})


@dataclass(frozen=True)
class Language:
    """The names and functions that the trees were written with; keeps what was compiled of them."""

    names: tuple[str, ...] = ()
    functions: Functions | None = None
    compiled: dict[Node, CompiledExpression] = field(default_factory=dict, compare=False, repr=False)

    def of(self, node: Node) -> CompiledExpression:
        found = self.compiled.get(node)
        if found is None:
            found = self.compiled[node] = compile_expression(node, self.names, self.functions, strict=False)
        return found


@dataclass(frozen=True)
class Space:
    """What is not known in one question to a decision, required decisions included.

    domains: dotted name -> what it may be. texts: those that rules or the case name. fresh: a text that is none of
    them -> the names that may be it. decisions: a required decision -> the diagram of its value. asked: a question
    that stands for something open -> the names it hangs on. readings: a decision -> its expressions in this space.
    """

    diagrams: Diagrams
    domains: dict[str, Domain]
    texts: tuple[str, ...] = ()
    fresh: Mapping[str, frozenset[str]] = field(default_factory=dict)
    decisions: dict[str, Diagram] = field(default_factory=dict)
    asked: dict[str, frozenset[str]] = field(default_factory=dict)
    readings: dict[str, Symbolic] = field(default_factory=dict)


class Symbolic:
    """The expressions of one decision over a scope in which the names of the space's domains are not known."""

    def __init__(
        self,
        space: Space,
        language: Language,
        scope: Mapping[str, Value],
        lets: Mapping[str, Node],
        bound: Mapping[str, Diagram] | None = None,
    ) -> None:
        self.space = space
        self.diagrams = space.diagrams
        self.language = language
        self.scope = scope
        self.lets = lets
        self.bound = dict(bound or {})
        self._memo: dict[int, tuple[Node, Diagram]] = {}

    def inside(self, name: str, value: Diagram) -> Symbolic:
        """The same with something more under a name: an item of a list, the subject of a cell."""
        scope = {**self.scope, name: value.value} if type(value) is Leaf else self.scope
        return Symbolic(self.space, self.language, scope, self.lets, {**self.bound, name: value})

    @property
    def open_inside(self) -> bool:
        """Whether what stands under one of its own names is not known."""
        return not all(type(each) is Leaf and is_known(each.value) for each in self.bound.values())

    # Evaluation ---------------------------------------------------------------------------------------------------

    def value(self, node: Node) -> Diagram:
        found = self._memo.get(id(node))
        if found is None:
            method = _METHODS.get(type(node), Symbolic._other)
            found = self._memo[id(node)] = (node, method(self, node))
        return found[1]

    def seen(self, node: Node) -> Any:
        """Its value, where that is the same whatever the unknown is; else None."""
        found = self.value(node)
        return (
            found.value if type(found) is Leaf and is_known(found.value) and not self._is_fresh(found.value) else None
        )

    def holds(self, node: Node) -> Diagram:
        """Whether it is true: null and everything else that is not true is false."""
        return self._true(self.value(node))

    def cell(self, node: Node, tests: syntax.UnaryTests) -> Diagram:
        """Whether a cell holds for its input: null and everything else that is not true is false."""
        if not tests.tests:
            return self._true(self.diagrams.leaf(not tests.negated))
        subject = self.value(node)
        found = self._any_test(subject, tests.tests)
        if not tests.negated:
            return self._true(found)
        return self.diagrams.apply(lambda v: v is False, self._answered(found))

    def _true(self, found: Diagram) -> Diagram:
        if type(found) is Leaf and is_known(found.value):
            return self.diagrams.leaf(found.value is True)
        return self.diagrams.apply(lambda v: v is True, self._answered(found))

    def _answered(self, found: Diagram) -> Diagram:
        """What may be anything as a question whether it is true."""
        if type(found) is Leaf and not isinstance(found.value, Open):
            return found
        return self.diagrams.apply(
            lambda v: self.ask(v.names, (True, False, None), v.what) if isinstance(v, Open) else v, found
        )

    def ask(self, names: frozenset[str], answers: Sequence[Value], what: Any) -> Diagram:
        """A question of its own: which of the answers something open comes to."""
        name = f"?{frozen(what)!r}:{len(answers)}"
        self.space.asked[name] = names
        return self.diagrams.choice(Choice(name, tuple(answers), tuple(sorted(names))))

    def points(self, value: Any, cuts: Iterable[Fraction] = ()) -> Diagram | None:
        """A number as a diagram of plain numbers: all it may be, or those at the cuts and between; None: too many."""
        if not isinstance(value, Linear):
            return self.diagrams.leaf(value)
        if value.date or not all(self.space.domains[name].small for name in value.names):
            cuts = sorted(set(cuts))
            if value.date or len(value.terms) != 1 or not 0 < len(cuts) <= MAX_POINTS:
                return None
            return self._at_cuts(value, cuts)
        made: Diagram = self.diagrams.leaf(value)
        for name, _ in value.terms:
            domain = self.space.domains[name]
            assert domain.unit is not None
            assert domain.low is not None
            assert domain.high is not None
            numbers = range(-floor(-domain.low / domain.unit), floor(domain.high / domain.unit) + 1)
            made = self._fixed(made, name, [k * domain.unit for k in numbers])
        return self.diagrams.apply(lambda v: as_number(v.constant) if isinstance(v, Linear) else v, made)

    def _fixed(self, made: Diagram, name: str, numbers: Sequence[Fraction]) -> Diagram:
        """A linear form with one of its names at each of its numbers."""

        def at(value: Linear, number: Fraction) -> Linear:
            factor = dict(value.terms)[name]
            return Linear(tuple(each for each in value.terms if each[0] != name), value.constant + factor * number)

        def branch(value: Any) -> Diagram:
            found: Diagram = self.diagrams.leaf(at(value, numbers[-1]))
            for number in reversed(numbers[:-1]):
                below = self._cut(Linear(((name, Fraction(1)),), -number), True)
                found = self.diagrams.either(below, self.diagrams.leaf(at(value, number)), found)
            return found

        return self.diagrams.apply(branch, made)

    def _at_cuts(self, value: Linear, cuts: Sequence[Fraction]) -> Diagram:
        """A number at every cut, and one in every space beside them."""
        ((name, factor),) = value.terms
        unit = self.space.domains[name].unit
        step = abs(factor * unit) if unit is not None else Fraction(1)
        found: Diagram = self.diagrams.leaf(as_number(cuts[-1] + step))
        for i in range(len(cuts) - 1, -1, -1):
            cut = cuts[i]
            under = cut - step if unit is not None or i == 0 else (cut + cuts[i - 1]) / 2
            line = Linear(value.terms, value.constant - cut)
            found = self.diagrams.either(self._cut(line, True), self.diagrams.leaf(as_number(cut)), found)
            found = self.diagrams.either(self._cut(line, False), self.diagrams.leaf(as_number(under)), found)
        return found

    # Comparisons --------------------------------------------------------------------------------------------------

    def _any_test(self, subject: Diagram, tests: Sequence[Node]) -> Diagram:
        wanted = [test.value for test in tests if type(test) is Literal]
        if len(wanted) == len(tests):
            if type(subject) is Leaf and is_known(subject.value):
                value = subject.value
                return self.diagrams.leaf(any_of([values.eq(value, each) for each in wanted]))
            return self.diagrams.apply(lambda v: self._among(v, wanted), subject)
        return self._joined(any_of, True, [self._test(subject, test) for test in tests])

    def _among(self, subject: Any, wanted: Sequence[Value]) -> Any:
        if is_known(subject):
            return any_of([values.eq(subject, each) for each in wanted])
        return self._joined(any_of, True, [self._lifted(self._compared("=", subject, each)) for each in wanted])

    def _lifted(self, value: Any) -> Diagram:
        return value if isinstance(value, Diagram) else self.diagrams.leaf(value)

    def _test(self, subject: Diagram, test: Node) -> Diagram:
        if isinstance(test, syntax.UnaryComparison):
            return self.compare(test.op, subject, self.value(test.operand))
        if isinstance(test, syntax.RangeLiteral):
            low = self.compare(">=" if test.low_closed else ">", subject, self.value(test.low))
            high = self.compare("<=" if test.high_closed else "<", subject, self.value(test.high))
            return self._joined(all_of, False, [low, high])
        if any(isinstance(each, Name) and each.name == "?" for each in syntax.walk(test)):
            found = self.inside(_SUBJECT, subject).value(_renamed(test))
            return self._true(found)
        if isinstance(test, syntax.ListLiteral):
            return self._any_test(subject, test.items)
        return self.diagrams.apply(self._in, subject, self.value(test))

    def _in(self, subject: Any, wanted: Any) -> Any:
        if is_known(wanted) and is_known(subject):
            return values.in_value(subject, wanted)
        if not isinstance(wanted, list | tuple | values.Range):
            return self._compared("=", subject, wanted)
        if isinstance(wanted, values.Range):
            low = self._lifted(self._compared(">=" if wanted.low_closed else ">", subject, wanted.low))
            high = self._lifted(self._compared("<=" if wanted.high_closed else "<", subject, wanted.high))
            return self._joined(all_of, False, [low, high])
        return self._joined(any_of, True, [self._lifted(self._in(subject, each)) for each in wanted])

    def compare(self, op: str, left: Diagram, right: Diagram) -> Diagram:
        return self.diagrams.apply(lambda a, b: self._compared(op, a, b), left, right)

    def _compared(self, op: str, a: Any, b: Any) -> Any:
        if is_known(a) and is_known(b):
            if op not in ("=", "!=") and (self._is_fresh(a) or self._is_fresh(b)):
                return self.ask(self._hang(a, b), (True, False), (op, a, b))
            return values.COMPARE[op](a, b)
        if isinstance(a, Open) or isinstance(b, Open):
            return self.ask(self._hang(a, b), (True, False, None), (op, _key(a), _key(b)))
        if isinstance(a, Moved) or isinstance(b, Moved):
            return self._compared_moved(op, a, b)
        return self._compared_lines(op, a, b)

    def _compared_lines(self, op: str, a: Any, b: Any) -> Any:
        if any(isinstance(each, Linear) and each.date for each in (a, b)):
            one, other = _day(a), _day(b)
            if one is None or other is None:  # a date compared with what is none
                return values.COMPARE[op](*(_A_DAY if isinstance(each, Linear) else each for each in (a, b)))
        else:
            one, other = linear(a), linear(b)
            if one is None or other is None:
                return values.COMPARE[op](*(0 if isinstance(each, Linear) else each for each in (a, b)))
        line = one.plus(other, -1)
        if not line.terms:
            return values.COMPARE[op](_sign(line.constant), 0)
        if op in ("<=", "<"):
            return self._cut(line, op == "<=")
        if op in (">", ">="):
            return self._not(self._cut(line, op == ">"))
        return self.diagrams.either(
            self._cut(line, False), self.diagrams.leaf(op == "!="),
            self.diagrams.either(self._cut(line, True), self.diagrams.leaf(op == "="), self.diagrams.leaf(op == "!=")),
        )  # fmt: skip

    def _compared_moved(self, op: str, a: Any, b: Any) -> Any:
        """A date some months after an unknown one: later for later ones, so a cut of it is a cut of the unknown."""
        for one, other, turned in ((a, b, op), (b, a, values.MIRROR[op])):
            if isinstance(one, Moved) and type(other) is dt.date:
                return self._moved_against(turned, one, other)
        return self.ask(self._hang(a, b), (True, False), (op, _key(a), _key(b)))

    def _moved_against(self, op: str, moved: Moved, day: dt.date) -> Diagram:
        terms = ((moved.name, Fraction(1)),)
        last = Fraction(_latest(moved.months, day))  # the last day that is not moved beyond `day`
        before = Fraction(_latest(moved.months, day - dt.timedelta(days=1))) if day > dt.date.min else Fraction(0)
        at_most, less = self._at_most(terms, last, True), self._at_most(terms, before, True)
        same = self.diagrams.either(less, self.diagrams.leaf(False), at_most)
        if op in ("=", "!="):
            return same if op == "=" else self._not(same)
        return {"<=": at_most, "<": less}.get(op) or self._not(at_most if op == ">" else less)

    def _not(self, found: Any) -> Diagram:
        return self.diagrams.apply(lambda v: not v, self._lifted(found))

    def _cut(self, line: Linear, closed: bool) -> Diagram:
        """Whether a linear form is at most 0 (`closed`), or less."""
        first = line.terms[0][1]
        terms = tuple((name, factor / first) for name, factor in line.terms)
        cut = -line.constant / first
        if first < 0:  # -x <= c is x >= -c
            return self._not(self._at_most(terms, cut, not closed))
        return self._at_most(terms, cut, closed)

    def _at_most(self, terms: tuple[tuple[str, Fraction], ...], cut: Fraction, closed: bool) -> Diagram:
        domains = self.space.domains
        grid = _grid([(factor, domains[name].unit) for name, factor in terms])
        if grid is not None:
            steps = floor(cut / grid)
            cut = grid * (steps if closed or cut != steps * grid else steps - 1)
            closed = True
        low, high = self.bounds(terms)
        if high is not None and (high < cut or (high == cut and closed)):
            return self.diagrams.leaf(True)
        if low is not None and (low > cut or (low == cut and not closed)):
            return self.diagrams.leaf(False)
        at = (self.diagrams.group(Form(terms)), cut, int(closed))
        return self.diagrams.node(at, (self.diagrams.leaf(True), self.diagrams.leaf(False)))

    def bounds(self, terms: Iterable[tuple[str, Fraction]]) -> tuple[Fraction | None, Fraction | None]:
        low: Fraction | None = Fraction(0)
        high: Fraction | None = Fraction(0)
        for name, factor in terms:
            domain = self.space.domains[name]
            ends = (domain.low, domain.high) if factor > 0 else (domain.high, domain.low)
            low = None if low is None or ends[0] is None else low + factor * ends[0]
            high = None if high is None or ends[1] is None else high + factor * ends[1]
        return low, high

    def _hang(self, *found: Any) -> frozenset[str]:
        """The unknown names that values hang on."""
        names: set[str] = set()
        for each in found:
            if isinstance(each, Linear | Moved | Open):
                names |= each.names
            elif self._is_fresh(each):
                names |= self.space.fresh[each]
        return frozenset(names)

    def _is_fresh(self, value: Any) -> bool:
        return type(value) is str and value in self.space.fresh

    # Nodes --------------------------------------------------------------------------------------------------------

    def _literal(self, node: Literal) -> Diagram:
        return self.diagrams.leaf(node.value)

    def _name(self, node: Node) -> Diagram:
        parts = _dotted(node)
        return self._other(node) if parts is None else self.named(parts)

    def named(self, parts: Sequence[str]) -> Diagram:
        head, rest = parts[0], parts[1:]
        if head in self.bound:
            return self._along(self.bound[head], rest)
        for length in range(1, len(parts) + 1):
            domain = self.space.domains.get(".".join(parts[:length]))
            if domain is not None:
                return self._along(self.variable(domain), parts[length:])
        if head in self.lets:
            return self._along(self.value(self.lets[head]), rest)
        return self._along(self.diagrams.leaf(self.scope.get(head)), rest)

    def variable(self, domain: Domain) -> Diagram:
        if domain.kind in ("number", "date"):
            return self.diagrams.leaf(Linear(((domain.name, Fraction(1)),), date=domain.kind == "date"))
        if domain.kind == "given":
            return self.diagrams.leaf(domain.values[0])
        if domain.kind == "decision":
            return self.space.decisions[domain.name]
        if domain.kind in ("values", "text"):
            return self.diagrams.choice(Choice(domain.name, domain.values))
        return self.diagrams.leaf(Open(frozenset((domain.name,)), domain.name))

    def _along(self, found: Diagram, parts: Sequence[str]) -> Diagram:
        for part in parts:
            found = self.diagrams.apply(lambda v, part=part: self._path(v, part), found)
        return found

    def _path(self, value: Any, part: str) -> Any:
        if is_known(value):
            return values.path(value, part)
        return Open(value.names, (_key(value), part)) if isinstance(value, Open) or _is_day(value) else None

    def _and(self, node: syntax.And) -> Diagram:
        return self._joined(all_of, False, [self.value(term) for term in node.terms])

    def _or(self, node: syntax.Or) -> Diagram:
        return self._joined(any_of, True, [self.value(term) for term in node.terms])

    def _joined(self, how: Callable[[Iterable[Any]], Any], deciding: bool, terms: Sequence[Diagram]) -> Diagram:
        """Conjunction or disjunction; what is `deciding` settles it."""
        settled = self.diagrams.leaf(deciding)

        def early(*found: Diagram) -> Diagram | None:
            return settled if settled in found else None

        result = self._answered(terms[0])
        for term in terms[1:]:
            if result is settled:
                break
            result = self.diagrams.apply(lambda a, b: how((a, b)), result, self._answered(term), early=early)
        return result if len(terms) > 1 else self.diagrams.apply(lambda v: how((v,)), result)

    def _comparison(self, node: Comparison) -> Diagram:
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(other, Literal) and other.value is None and node.op in ("=", "!="):
                parts = _dotted(one)
                domain = None if parts is None or parts[0] in self.bound else self.space.domains.get(".".join(parts))
                if domain is not None and domain.kind != "given":
                    # `x = null` asks whether something is known, so of an unknown fact it is true.
                    return self.diagrams.leaf(node.op == "=")
        return self.compare(node.op, self.value(node.left), self.value(node.right))

    def _between(self, node: syntax.Between) -> Diagram:
        subject = self.value(node.value)
        low = self.compare(">=", subject, self.value(node.low))
        return self._joined(all_of, False, [low, self.compare("<=", subject, self.value(node.high))])

    def _in_node(self, node: syntax.In) -> Diagram:
        return self._any_test(self.value(node.value), node.tests)

    def _if(self, node: syntax.If) -> Diagram:
        condition = self.holds(node.condition)
        if type(condition) is Leaf:
            return self.value(node.then if condition.value is True else node.otherwise)
        return self.diagrams.either(condition, self.value(node.then), self.value(node.otherwise))

    def _negate(self, node: syntax.Negate) -> Diagram:
        return self.diagrams.apply(lambda v: values.neg(v) if is_known(v) else self._computed("-", 0, v),
                                   self.value(node.operand))  # fmt: skip

    def _arithmetic(self, node: syntax.Arithmetic) -> Diagram:
        return self.diagrams.apply(
            lambda a, b: self._computed(node.op, a, b), self.value(node.left), self.value(node.right)
        )

    def _computed(self, op: str, left: Any, right: Any) -> Any:
        if is_known(left) and is_known(right):
            if self._is_fresh(left) or self._is_fresh(right):
                return Open(self._hang(left, right), (op, left, right))
            return _ARITHMETIC[op](left, right)
        opened = Open(self._hang(left, right), (op, _key(left), _key(right)))
        if isinstance(left, Open | Moved) or isinstance(right, Open | Moved):
            return opened
        if _is_day(left) or _is_day(right):
            return self._moved(op, left, right) or opened
        a, b = linear(left), linear(right)
        if a is None or b is None:
            return None
        if op in "+-":
            return _simple(a.plus(b, 1 if op == "+" else -1))
        if op == "*" and not (a.terms and b.terms):
            return _simple(a.times(b.constant) if a.terms else b.times(a.constant))
        if op == "/" and not b.terms and b.constant:
            return _simple(a.times(1 / b.constant))
        one, other = self.points(left), self.points(right)
        if one is None or other is None:
            return opened
        return self.diagrams.apply(_ARITHMETIC[op], one, other)

    def _moved(self, op: str, left: Any, right: Any) -> Any:
        """An unknown date, some days or months later; None for anything else."""
        if op == "+" and not _is_day(left):
            left, right = right, left
        if not _is_day(left) or op not in "+-":
            return None
        if isinstance(right, dt.timedelta) and right % dt.timedelta(days=1) == dt.timedelta(0):
            return Linear(left.terms, left.constant + (right.days if op == "+" else -right.days), True)
        if isinstance(right, YearsMonths) and not left.constant and len(left.terms) == 1:
            return Moved(left.terms[0][0], right if op == "+" else values.neg(right))
        return None

    def _call(self, node: syntax.Call) -> Diagram:
        name = node.function.name if isinstance(node.function, Name) else ""
        if name == "not" and len(node.arguments) == 1:
            found = self._answered(self.value(node.arguments[0]))
            return self.diagrams.apply(lambda v: not v if isinstance(v, bool) else None, found)
        if name in ("max", "min", "sum") and not node.named:
            terms = node.arguments
            if len(terms) == 1 and isinstance(terms[0], syntax.ListLiteral):
                terms = terms[0].items
            if len(terms) > 1:
                return self._gathered(name, node, [self.value(each) for each in terms])
        if name == "abs" and len(node.arguments) == 1 and not node.named:
            return self.diagrams.apply(self._absolute, self.value(node.arguments[0]))
        if name in SERIES_FUNCTIONS and not node.named:
            return self._series_call(name, node)
        return self._other(node)

    def _gathered(self, name: str, node: syntax.Call, terms: Sequence[Diagram]) -> Diagram:
        """The largest, smallest or sum of several numbers, two by two."""

        def two(a: Any, b: Any) -> Any:
            if name == "sum":
                return self._computed("+", a, b)
            found = self.compare(">=" if name == "max" else "<=", self.diagrams.leaf(a), self.diagrams.leaf(b))
            return self.diagrams.either(found, self.diagrams.leaf(a), self.diagrams.leaf(b))

        def plain(*found: Any) -> bool:
            return all((isinstance(each, Linear) and not each.date) or values.is_number(each) for each in found)

        if not all(plain(*[leaf.value]) for term in terms for leaf in leaves_of(term)):
            return self._other(node)
        result = terms[0]
        for term in terms[1:]:
            result = self.diagrams.apply(two, result, term)
        return result

    def _absolute(self, value: Any) -> Any:
        if values.is_number(value):
            return abs(value)
        if not isinstance(value, Linear) or value.date:
            return Open(self._hang(value), ("abs", _key(value))) if not is_known(value) else None
        return self.diagrams.either(
            self._cut(value, False), self.diagrams.leaf(_simple(value.times(Fraction(-1)))), self.diagrams.leaf(value)
        )

    # Series -------------------------------------------------------------------------------------------------------

    def _series_call(self, name: str, node: syntax.Call) -> Diagram:
        """A function of a series takes null for what is not known, and gives null only where that matters."""
        call = SERIES_FUNCTIONS[name].call

        def of(*found: Any) -> Any:
            plain = [each if is_known(each) and not self._is_fresh(each) else None for each in found]
            result = call(*plain)
            hidden = [i for i, each in enumerate(found) if not is_known(each) or self._is_fresh(each)]
            if result is not None and not (name == "stretches" and self._carries(result, hidden)):
                return result
            for i in hidden if not any(isinstance(each, Open) for each in found) else ():
                if isinstance(found[i], Linear):
                    spread = self.points(found[i], _readings(plain))
                    if spread is not None:
                        return self.diagrams.apply(lambda v, i=i: of(*found[:i], v, *found[i + 1 :]), spread)
            if result is None and not hidden:
                if any(each is None for each in found):
                    return None
                gaps = frozenset(self._with_gaps(node))
                return Open(gaps, (name, *(_key(each) for each in found))) if gaps else None
            if result is not None:
                return result
            return Open(self._hang(*found), (name, *(_key(each) for each in found)))

        return self.diagrams.apply(of, *[self.value(argument) for argument in node.arguments])

    def _carries(self, stretches: Any, hidden: Sequence[int]) -> bool:
        """Whether stretches with a missing reading carry on an argument that is not known."""
        gaps = any(isinstance(each, Mapping) and None in each.get("values", ()) for each in stretches)
        return gaps and any(CARRIED.start <= i < CARRIED.stop for i in hidden)

    def _with_gaps(self, node: Node) -> list[str]:
        """The series with a missing reading that a call looks at, also through lets and items."""
        found: dict[str, None] = {}
        for each in syntax.walk(node):
            if isinstance(each, Name):
                value = self.scope.get(each.name)
                if isinstance(value, Series) and not value.complete:
                    found[each.name] = None
                elif each.name in self.bound:
                    gaps = (n for n, v in self.scope.items() if isinstance(v, Series) and not v.complete)
                    found.update(dict.fromkeys(gaps))
                elif each.name in self.lets:
                    found.update(dict.fromkeys(self._with_gaps(self.lets[each.name])))
        return list(found)

    # Everything else ----------------------------------------------------------------------------------------------

    def _other(self, node: Node) -> Diagram:
        """Anything else: its value for every value of all it reads."""
        compiled = self.language.of(node)
        names = [tuple(name.split(".")) for name in compiled.names]
        found = [self.named(parts) for parts in names]
        varied = [(parts, each) for parts, each in zip(names, found, strict=True) if not self._is_plain(parts, each)]
        exact = all(call in _EQUALS_ONLY for call in compiled.calls)

        def of(*values_: Any) -> Any:
            for i, each in enumerate(values_):
                if isinstance(each, Linear) and (spread := self.points(each)) is not None:
                    return self.diagrams.apply(lambda v, i=i: of(*values_[:i], v, *values_[i + 1 :]), spread)
            if not all(is_known(v) for v in values_) or not (exact or not any(map(self._is_fresh, values_))):
                return Open(self._hang(*values_), (node, *(_key(v) for v in values_)))
            scope = dict(self.scope)
            for (parts, _), value in zip(varied, values_, strict=True):
                scope = _with(scope, parts, value)
            return compiled.evaluate(scope)

        return self.diagrams.apply(of, *[each for _, each in varied])

    def _is_plain(self, parts: Sequence[str], found: Diagram) -> bool:
        """Whether the scope has it as it is."""
        if type(found) is not Leaf or not is_known(found.value) or parts[0] in self.bound or parts[0] in self.lets:
            return False
        domains = self.space.domains
        return not domains or not any(".".join(parts[: i + 1]) in domains for i in range(len(parts)))


_METHODS: dict[type[Node], Callable[[Any, Any], Diagram]] = {
    Literal: Symbolic._literal,
    Name: Symbolic._name,
    Path: Symbolic._name,
    syntax.And: Symbolic._and,
    syntax.Or: Symbolic._or,
    Comparison: Symbolic._comparison,
    syntax.Between: Symbolic._between,
    syntax.In: Symbolic._in_node,
    syntax.If: Symbolic._if,
    syntax.Negate: Symbolic._negate,
    syntax.Arithmetic: Symbolic._arithmetic,
    syntax.Call: Symbolic._call,
}
_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": values.add, "-": values.sub, "*": values.mul, "/": values.div, "**": values.power,
}  # fmt: skip
_A_DAY = dt.date(2000, 1, 1)
_SUBJECT = "@subject"  # stands for `?` in a tree; no name of a pack can be spelt so


def _sign(number: Fraction) -> int:
    return (number > 0) - (number < 0)


def _is_day(value: Any) -> bool:
    return isinstance(value, Linear) and value.date


def _day(value: Any) -> Linear | None:
    """A date as a linear form of days; None for what is none."""
    if _is_day(value):
        return value  # type: ignore[no-any-return]
    return Linear((), Fraction(value.toordinal()), True) if type(value) is dt.date else None


def _latest(months: YearsMonths, day: dt.date) -> int:
    """The last day that, moved by these months, is not after `day` (as an ordinal; 0 when there is none)."""
    low, high = 0, dt.date.max.toordinal()
    while low < high:
        middle = (low + high + 1) // 2
        moved = values.add_months(dt.date.fromordinal(middle), months.months)
        if (type(moved) is dt.date and moved <= day) or (type(moved) is not dt.date and months.months < 0):
            low = middle
        else:
            high = middle - 1
    return low


def _grid(parts: Sequence[tuple[Fraction, Fraction | None]]) -> Fraction | None:
    """What all values of a sum are multiples of; None where a number of it may be any."""
    found = Fraction(0)
    for factor, unit in parts:
        if unit is None:
            return None
        each = abs(factor * unit)
        bottom = lcm(found.denominator, each.denominator)
        found = Fraction(gcd(int(found * bottom), int(each * bottom)), bottom)
    return found


def _simple(line: Linear) -> Any:
    return line if line.terms else as_number(line.constant)


def _key(value: Any) -> Any:
    return value if not is_known(value) else frozen(value)


def _readings(found: Iterable[Any]) -> list[Fraction]:
    """The numbers in series and stretches: where a number that they are compared with makes a difference."""
    numbers: set[Fraction] = set()
    for each in found:
        listed: Iterable[Any] = (
            each.values if isinstance(each, Series) else each.get("values", ()) if isinstance(each, Mapping) else ()
        )
        numbers.update(Fraction(number) for number in listed if values.is_number(number))
    return sorted(numbers)


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


def _with(scope: Mapping[str, Value], parts: Sequence[str], value: Value) -> dict[str, Value]:
    """The scope with something else under a dotted name."""
    held = scope.get(parts[0])
    inner = value if len(parts) == 1 else _with(held if isinstance(held, Mapping) else {}, parts[1:], value)
    return {**scope, parts[0]: inner}
