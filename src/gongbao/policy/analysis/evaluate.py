"""FEEL trees over leaves: comparisons fork on what they tell apart, and nothing else is told apart.

A value is a FEEL value, a `Pick` or a `Line`. Required decisions are decided on the way, row by row, so that their
outputs are what the facts make of them. What only a function can tell (dates plus months, texts) is evaluated at
values themselves; numbers are then tried at samples, and the state says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, product
from typing import Any

from gongbao.engine.decision.logic import PERSON, Decision, Output
from gongbao.engine.decision.outcome import says_person
from gongbao.engine.decision.trees import SUBJECT, asks_subject, called, dotted, terms_of, with_subject
from gongbao.engine.decision.unknown import (
    FIRST_MOMENT,
    LAST_DAY,
    MINUTE,
    Kind,
    Linear,
    added,
    all_of,
    any_of,
    as_value,
    linear,
    scaled,
    whole_part,
)
from gongbao.engine.functions import REGISTERS
from gongbao.engine.specs import Fact, fact_at
from gongbao.engine.time.dates import CALENDAR, Counted
from gongbao.engine.world import World
from gongbao.feel import syntax, values
from gongbao.feel.errors import FeelError
from gongbao.feel.syntax import Literal, Name, Node, Path
from gongbao.policy.analysis.calls import AS_OF, CALLS, PARTS, as_of, call_leaf, part_leaf
from gongbao.policy.analysis.runs import CALLS as RUNS
from gongbao.policy.analysis.runs import run_leaf
from gongbao.policy.analysis.symbols import (
    Fork,
    Leaf,
    Pick,
    State,
    Unsupported,
    among,
    below,
    chosen,
    explore,
    known,
    size,
    tied,
    value_of,
)

_ONE = Linear((), Fraction(1))
_A_DAY = Fraction(dt.date(2000, 1, 1).toordinal())
_TAKES = {"abs": 1, "floor": 1, "ceiling": 1, "modulo": 2}
_SUBSETS = 8  # values of a choice of which a list may be any set
OTHER = "（其他）"  # a text that no rule names
FINE = Fraction(1, 10_000)  # the grid of a number of which the pack does not say how fine it is
_TEXTS = ("text", "place", "unit", "person")


class Evaluator:
    """The expressions of one decision of a world; `leaves` are shared with those of the decisions it requires."""

    def __init__(self, world: World, decision: Decision, leaves: dict[str, Leaf], constants: Mapping[str, set[Any]]):
        self.world = world
        self.decision = decision
        self.leaves = leaves
        self.constants = constants
        self.mark = ""  # tells apart what two evaluators of one decision keep in a state
        self.inner: dict[str, Evaluator] = {}
        self.abstract = False  # numbers that a function makes of others are then any numbers
        self.limit = 0  # up to so many combinations of numbers are all tried, where a function needs them
        self.bound: dict[str, Any] = {}  # the item that is decided for

    # Names --------------------------------------------------------------------------------------------------------

    def value(self, state: State, node: Node) -> Any:
        method = _METHODS.get(type(node))
        return self.opaque(state, node) if method is None else method(self, state, node)

    def name(self, state: State, node: Node) -> Any:
        parts = dotted(node)
        if parts is None:
            return self.opaque(state, node)
        head, rest = parts[0], list(parts[1:])
        lets = self.decision.trees.lets
        if head in lets:
            return self.along(state, self.let(state, head), rest)
        if head in self.bound:
            return _along(self.bound[head], rest)
        if head == "params":
            return _along(self.world.params, rest)
        if head in self.decision.requires:
            return self.along(state, self.required(state, head), rest)
        if self.is_day(head) and (rest or head == AS_OF):
            if len(rest) == 1 and rest[0] in PARTS:
                return self.along(state, self.day(head), rest)
            raise Unsupported(f"“{'.'.join(parts)}”的取值不能列举")
        return self.leaf(".".join(parts))

    def is_day(self, name: str) -> bool:
        """Whether a name is a date that is not computed, or the day of the decision."""
        return name == AS_OF or (name in self.world.facts and self.world.facts[name].type == "date")

    def day(self, name: str) -> Linear:
        """The leaf of a date; the day of the decision is one where a function takes the day of it."""
        if name == AS_OF:
            self.leaves.setdefault(AS_OF, as_of(self.world))
        found: Linear = self.leaf(name)
        return found

    def along(self, state: State, value: Any, parts: list[str]) -> Any:
        """What stands at a path in a value."""
        if isinstance(value, Linear) and value.kind == "date" and len(parts) == 1 and parts[0] in PARTS:
            if len(value.terms) == 1:
                return self.called(state, part_leaf(self.world, value.terms[0][0], parts[0]))
            value = self.plain(state, value)
        return _along(value, parts)

    def called(self, state: State, leaf: Leaf) -> Any:
        """The number that a calendar function makes of days: itself where they are known, else a leaf of its own."""
        days = []
        for each in leaf.of:
            low, high = state.bound(each) if isinstance(each, str) else (0, 0)
            if low is None or low != high:
                break
            days.append(value_of(self.leaves[each], low) if isinstance(each, str) else each)
        else:
            assert leaf.make is not None
            made = leaf.make(*days) + leaf.origin
            return None if leaf.low is not None and made < leaf.low + leaf.origin else made
        self.leaves.setdefault(leaf.name, leaf)
        return self.leaf(leaf.name)

    def let(self, state: State, name: str) -> Any:
        key = (self.mark, self.decision.id, name)
        if key not in state.cache:
            state.cache[key] = self.value(state, self.decision.trees.lets[name])
        return state.cache[key]

    def leaf(self, name: str) -> Any:
        leaf = self.leaves.get(name)
        if leaf is None:
            leaf = self.leaves[name] = leaf_of(self.world, name, self.constants.get(name, set()))
        if leaf.kind == "number":
            return Linear(((name, Fraction(1)),), Fraction(leaf.origin), leaf.quantity)
        return Pick(leaf)

    # Required decisions -------------------------------------------------------------------------------------------

    def required(self, state: State, name: str) -> Mapping[str, Any]:
        key = (self.mark, "@decision", name)
        if key not in state.cache:
            if name not in self.inner:
                decision = self.world.decisions[name]
                self.inner[name] = Evaluator(self.world, decision, self.leaves, self.constants)
                self.inner[name].mark = self.mark
            outputs = self.inner[name].outputs(state)
            if outputs is None or says_person(outputs):
                raise Fork(self.decided_by_person(state, key))
            names = self.world.decisions[name].output_names
            state.cache[key] = dict(zip(names, outputs, strict=True))
        found: Mapping[str, Any] = state.cache[key]
        return found

    def decided_by_person(self, state: State, key: tuple[str, str, str]) -> list[State]:
        """Whatever a person may decide instead, as far as that can be listed."""
        decision = self.world.decisions[key[2]]
        listed = [_values_of(output) for output in decision.outputs]
        if decision.listing or any(each is None for each in listed):
            return []
        found = []
        for values_ in product(*(each or () for each in listed)):
            made = dict(zip(decision.output_names, values_, strict=True))
            shown = next(iter(made.values())) if len(made) == 1 else made
            judged = (*state.judged, (key[2], shown))
            found.append(state.narrowed(cache={**state.cache, key: made}, judged=judged))
        return found

    def outputs(self, state: State) -> tuple[Any, ...] | None:
        """What a required decision gives: the outputs of its first row that holds, None where no row does."""
        decision = self.decision
        if decision.for_each is not None:
            raise Unsupported(f"所依据的判定“{decision.label}”逐项判定")
        rows = self.rows(state)
        entries = decision.trees.entries
        if decision.collects:
            columns = range(len(decision.outputs))
            return tuple([self.plain(state, self.value(state, entries[i][j])) for i in rows] for j in columns)
        return tuple(self.value(state, node) for node in entries[rows[0]]) if rows else None

    def rows(self, state: State) -> list[int]:
        trees = self.decision.trees
        found = []
        for i, cells in enumerate(trees.cells):
            if i == trees.fallback:
                continue
            if all(c is None or self.cell(state, trees.inputs[j], c) for j, c in enumerate(cells)):
                found.append(i)
                if not self.decision.collects:
                    break
        return found or ([] if trees.fallback is None else [trees.fallback])

    # Tests --------------------------------------------------------------------------------------------------------

    def cell(self, state: State, node: Node, tests: syntax.UnaryTests) -> bool:
        subject = self.value(state, node)
        found = any_of([self.test(state, subject, test) for test in tests.tests])
        return (not found if found is not None else None) is True if tests.negated else found is True

    def test(self, state: State, subject: Any, test: Node) -> Any:
        if isinstance(test, syntax.UnaryComparison):
            return self.compare(state, test.op, subject, self.value(state, test.operand))
        if isinstance(test, syntax.RangeLiteral):
            low = self.compare(state, ">=" if test.low_closed else ">", subject, self.value(state, test.low))
            high = self.compare(state, "<=" if test.high_closed else "<", subject, self.value(state, test.high))
            return all_of([low, high])
        if isinstance(test, syntax.ListLiteral):
            return any_of([self.test(state, subject, item) for item in test.items])
        if asks_subject(test):
            return self.asked(state, subject, test)
        wanted = self.value(state, test)
        if isinstance(wanted, (list, tuple, values.Range)):
            return values.in_value(self.plain(state, subject), wanted)
        return self.compare(state, "=", subject, wanted)

    def asked(self, state: State, subject: Any, test: Node) -> Any:
        """A test written with `?`: the value under test takes its place."""
        return self.opaque(state, with_subject(test), {SUBJECT: self.plain(state, subject)})

    def compare(self, state: State, op: str, left: Any, right: Any) -> Any:
        if isinstance(left, Linear) or isinstance(right, Linear):
            left, right = (chosen(state, each) if isinstance(each, Pick) else each for each in (left, right))
            a, b = linear(left), linear(right)
            if a is not None and b is not None and a.kind == b.kind:
                return compared(state, op, a.plus(b, -1))
            left, right = (_example(each) for each in (left, right))  # of two kinds; which values does not matter
        if op in ("=", "!=") and isinstance(left, Pick) != isinstance(right, Pick):
            pick, other = (left, right) if isinstance(left, Pick) else (right, left)
            holds = among(state, pick, lambda value: values.eq(value, other) is True)
            return holds if op == "=" else not holds
        return values.COMPARE[op](self.plain(state, left), self.plain(state, right))

    # Nodes --------------------------------------------------------------------------------------------------------

    def truth(self, state: State, node: Node) -> Any:
        value = self.value(state, node)
        return chosen(state, value) if isinstance(value, Pick) else value

    def if_(self, state: State, node: syntax.If) -> Any:
        return self.value(state, node.then if self.truth(state, node.condition) is True else node.otherwise)

    def and_(self, state: State, node: syntax.And) -> Any:
        return all_of(self.truth(state, each) for each in node.terms)

    def or_(self, state: State, node: syntax.Or) -> Any:
        return any_of(self.truth(state, each) for each in node.terms)

    def comparison(self, state: State, node: syntax.Comparison) -> Any:
        return self.compare(state, node.op, self.value(state, node.left), self.value(state, node.right))

    def between(self, state: State, node: syntax.Between) -> Any:
        value = self.value(state, node.value)
        low = self.compare(state, ">=", value, self.value(state, node.low))
        return all_of([low, self.compare(state, "<=", value, self.value(state, node.high))])

    def in_(self, state: State, node: syntax.In) -> Any:
        subject = self.value(state, node.value)
        return any_of([self.test(state, subject, test) for test in node.tests])

    def negate(self, state: State, node: syntax.Negate) -> Any:
        value = self.value(state, node.operand)
        numeric = isinstance(value, Linear) and value.kind in ("number", "duration")
        return value.times(Fraction(-1)) if numeric else self.opaque(state, node)

    def arithmetic(self, state: State, node: syntax.Arithmetic) -> Any:
        left, right = self.value(state, node.left), self.value(state, node.right)
        if not isinstance(left, Linear) and not isinstance(right, Linear):
            return self.opaque(state, node)
        left, right = (chosen(state, each) if isinstance(each, Pick) else each for each in (left, right))
        a, b = linear(left), linear(right)
        if a is None or b is None:
            return self.opaque(state, node)
        if node.op in ("+", "-"):
            found = added(node.op, a, b)
            if found is not None and found.kind == "date":
                return self.whole(state, found)
            return None if found is None else found.plain
        if node.op in ("*", "/"):
            if a.terms and b.terms and min(size(state, a), size(state, b)) <= self.limit:
                fix = b if node.op == "/" or size(state, b) <= size(state, a) else a
                if size(state, fix) <= self.limit:
                    number = linear(known(state, fix, self.limit))
                    assert number is not None
                    a, b = (a, number) if fix is b else (number, b)
            if (product := scaled(node.op, a, b)) is not None:
                return product.plain
        return self.opaque(state, node)

    def call(self, state: State, node: syntax.Call) -> Any:
        name = called(node)
        if name == "not" and len(node.arguments) == 1:
            value = self.truth(state, node.arguments[0])
            return not value if isinstance(value, bool) else None
        if name in ("max", "min", "sum", "abs", "floor", "ceiling", "modulo"):
            found = self.number(state, name, [self.value(state, each) for each in terms_of(node)])
            return self.opaque(state, node) if found is None else found
        if name in CALLS:
            arguments = [self.argument(state, each) for each in node.arguments]
            if name == "date" and len(arguments) == 1 and isinstance(arguments[0], Linear):
                return self.whole(state, arguments[0]) if arguments[0].kind in ("date", "moment") else None
            if (leaf := call_leaf(self.world, name, arguments)) is not None:
                return self.called(state, leaf)
        if (
            name in RUNS
            and not self.bound
            and (run := run_leaf(self.world, self.decision, node, self.leaves)) is not None
        ):
            self.leaves.setdefault(run.name, run)
            return self.leaf(run.name)
        return self.opaque(state, node)

    def number(self, state: State, name: str, terms: list[Any]) -> Any:
        """A function of numbers, some of them not known, that comes to one number; None where it is not that."""
        lines = [linear(each) for each in terms]
        if not any(isinstance(each, Linear) for each in terms) or len(terms) != _TAKES.get(name, len(terms)):
            return None
        numbers = [line for line in lines if line is not None and line.kind == "number"]
        if len(numbers) < len(terms):
            return None
        first, *others = numbers
        if name == "abs":
            return first.times(Fraction(-1)) if below(state, first) else first
        if name == "floor":
            return self.whole(state, first)
        if name == "ceiling":
            turned = linear(self.whole(state, first.times(Fraction(-1))))
            assert turned is not None
            return turned.times(Fraction(-1)).plain
        if name == "modulo":
            by = others[0]
            if by.terms or not by.constant:
                return None
            times = linear(self.whole(state, first.times(1 / by.constant)))
            assert times is not None
            return first.plus(times.times(by.constant), -1).plain
        for each in others:
            if name == "sum":
                first = first.plus(each)
            elif compared(state, "<" if name == "max" else ">", first.plus(each, -1)):
                first = each
        return first.plain

    def whole(self, state: State, line: Linear) -> Any:
        """The whole part of a number, the date of a moment: a number of its own, tied to those it is made of."""
        found = whole_part(line, {name: self.leaves[name].unit for name in line.names})
        if isinstance(found, Linear):
            return found.plain
        name = f"@{line!r}"
        if name not in self.leaves:
            origin = line.constant // 1
            self.leaves[name] = Leaf(name, "number", quantity=found.kind, origin=origin, hidden=True)
        own = self.leaf(name)
        tied(state, self.leaves[name], line.plus(own, -1), own.plus(line, -1).plus(_ONE))
        return own

    def argument(self, state: State, node: Node) -> Any:
        """An argument of a calendar function: the moment of the decision is its day there."""
        if isinstance(node, Name) and node.name == AS_OF:
            return self.day(AS_OF)
        value = self.value(state, node)
        return chosen(state, value) if isinstance(value, Pick) else value

    def opaque(self, state: State, node: Node, more: Mapping[str, Any] | None = None) -> Any:
        """Anything else, evaluated at values themselves (`abstract`: numbers made of numbers are any numbers)."""
        if self.abstract and not more and (free := self.free(node)) is not None:
            return free
        compiled = self.decision.language.of(node)
        scope: dict[str, Any] = {"params": self.world.params, REGISTERS: self.world.registers, **(more or {})}
        scope[CALENDAR] = Counted(self.world.calendar)
        found: list[tuple[list[str], Any]] = []
        for name in compiled.names:
            parts = name.split(".")
            if parts[0] == "params" or (more and parts[0] in more):
                continue
            if parts[0] in self.bound:
                scope[parts[0]] = self.bound[parts[0]]
                continue
            if parts[0] in self.decision.trees.lets or parts[0] in self.decision.requires or self.is_day(parts[0]):
                parts = parts[:1]
            found.append((parts, self.name(state, _node_of(parts))))
        lines = [value for _, value in found if isinstance(value, Linear)]
        together = Linear(tuple({name: (name, _ONE.constant) for line in lines for name in line.names}.values()))
        limit = self.limit if size(state, together) <= self.limit else 0
        for parts, value in found:
            _put(scope, parts, self.plain(state, value, limit))
        try:
            return compiled.evaluate(scope)
        except FeelError:
            return None

    def free(self, node: Node) -> Any:
        """A number or truth value of its own for a node that computes with numbers; None for one that does not."""
        name = f"@{self.decision.id}:{node!r}"
        if name not in self.leaves:
            self.abstract = False
            start = State(self.leaves)
            try:
                value, state = next(iter(explore(start, lambda state: self.opaque(state, node), [2_000])))
            finally:
                self.abstract = True
            if not state.sampled:
                return None
            if isinstance(value, bool):
                self.leaves[name] = Leaf(name, "values", (False, True))
            elif (line := linear(value)) is not None:
                self.leaves[name] = _free_leaf(name, line)
            else:
                raise Unsupported("文本经函数计算，不能逐一判定")
        return self.leaf(name)

    def plain(self, state: State, value: Any, limit: int | None = None) -> Any:
        """The FEEL value itself."""
        if isinstance(value, Pick):
            return chosen(state, value)
        if isinstance(value, Linear):
            return known(state, value, self.limit if limit is None else limit)
        if isinstance(value, Mapping):
            return {key: self.plain(state, item, limit) for key, item in value.items()}
        return value


_METHODS: dict[type[Node], Callable[[Evaluator, State, Any], Any]] = {
    Literal: lambda evaluator, state, node: node.value,
    Name: Evaluator.name,
    Path: Evaluator.name,
    syntax.If: Evaluator.if_,
    syntax.And: Evaluator.and_,
    syntax.Or: Evaluator.or_,
    syntax.Comparison: Evaluator.comparison,
    syntax.Between: Evaluator.between,
    syntax.In: Evaluator.in_,
    syntax.Negate: Evaluator.negate,
    syntax.Arithmetic: Evaluator.arithmetic,
    syntax.Call: Evaluator.call,
}


def compared(state: State, op: str, difference: Linear) -> bool:
    """Whether a difference of two numbers compares so with 0."""
    if op == "<":
        return below(state, difference)
    if op == "<=":
        return below(state, difference, inclusive=True)
    if op == ">":
        return not below(state, difference, inclusive=True)
    if op == ">=":
        return not below(state, difference)
    equal = below(state, difference, inclusive=True) and not below(state, difference)
    return equal if op == "=" else not equal


def _example(value: Any) -> Any:
    return as_value(_A_DAY, value.kind) if isinstance(value, Linear) else value


def _free_leaf(name: str, line: Linear) -> Leaf:
    """A quantity of a kind that may be anything."""
    if line.kind == "number":
        return Leaf(name, "number", unit=FINE)
    unit = Fraction(1) if line.kind == "date" else MINUTE
    if line.kind == "duration":
        return Leaf(name, "number", unit=unit, quantity=line.kind)
    return Leaf(name, "number", unit=unit, low=int(1 / unit), high=int(LAST_DAY / unit), quantity=line.kind)


def _node_of(parts: list[str]) -> Node:
    node: Node = Name(parts[0])
    for part in parts[1:]:
        node = Path(node, part)
    return node


def _along(value: Any, parts: list[str]) -> Any:
    for part in parts:
        value = value.get(part) if isinstance(value, Mapping) else values.path(value, part)
    return value


def _put(scope: dict[str, Any], parts: list[str], value: Any) -> None:
    for part in parts[:-1]:
        scope = scope.setdefault(part, {})
    scope[parts[-1]] = value


# Leaves --------------------------------------------------------------------------------------------------------------


def leaf_of(world: World, name: str, constants: set[Any]) -> Leaf:
    """What a name may be. Unsupported (Chinese) where that cannot be said."""
    head, *rest = name.split(".")
    if head == "settings" and rest:
        setting = world.settings[rest[0]]
        listed = setting.candidates or (() if setting.type in ("integer", "number", "money") else setting.values)
        spec = Fact(name, setting.label, setting.type, min=setting.min, max=setting.max)
        return Leaf(name, "values", tuple(listed)) if listed else _of_fact(world, name, spec, constants)
    if head == "decided" and rest and rest[0] in world.decisions:
        outputs = world.decisions[rest[0]].outputs
        output = next((each for each in outputs if each.name == (rest[1:] or [outputs[0].name])[0]), None)
        listed_values = _values_of(output) if output is not None else None
        if listed_values:
            return Leaf(name, "values", listed_values)
    fact = fact_at(world.facts, name.split("."))
    if fact is None:
        raise Unsupported(f"“{name}”的取值不能列举")
    return _of_fact(world, name, fact, constants)


def _of_fact(world: World, name: str, fact: Fact, constants: set[Any]) -> Leaf:
    if fact.type == "boolean":
        return Leaf(name, "values", (False, True))
    if fact.type == "choice":
        return Leaf(name, "values", fact.values)
    if fact.type in _TEXTS:
        return Leaf(name, "values", (*sorted(each for each in constants if isinstance(each, str)), OTHER))
    if fact.type in ("integer", "number", "money"):
        return _of_number(name, fact, constants)
    if fact.type == "list" and fact.of == "choice" and 0 < len(fact.values) <= _SUBSETS:
        sets = (list(each) for n in range(len(fact.values) + 1) for each in combinations(fact.values, n))
        return Leaf(name, "values", tuple(sets))
    if fact.type == "duration":
        return Leaf(name, "number", unit=MINUTE, low=0, quantity="duration")
    if fact.type in ("date", "datetime"):
        return _of_day(world, name, fact, constants)
    raise Unsupported(f"“{fact.label}”（{_KINDS.get(fact.type, fact.type)}）的取值不能列举")


_KINDS = {"list": "清单", "record": "整条记录", "series": "序列"}


def _of_day(world: World, name: str, fact: Fact, constants: set[Any]) -> Leaf:
    """A date or moment, counted from the day on which the document came into force."""
    start = world.document["in_force"]["from"].toordinal()
    unit, first = (Fraction(1), 1) if fact.type == "date" else (MINUTE, FIRST_MOMENT)
    lines = [line for each in constants if (line := linear(each)) is not None and line.kind in ("date", "moment")]
    days = sorted({int((line.constant - start) / unit) for line in lines})
    samples = tuple(dict.fromkeys((0, *(day + k for day in days for k in (-1, 0, 1)))))
    low, high = int((first - start) / unit), int((LAST_DAY - start) / unit)
    kind: Kind = "date" if fact.type == "date" else "moment"
    return Leaf(name, "number", unit=unit, low=low, high=high, quantity=kind, origin=start, samples=samples)


def _of_number(name: str, fact: Fact, constants: set[Any]) -> Leaf:
    places = 0 if fact.type == "integer" else 2 if fact.type == "money" and fact.scale is None else fact.scale
    unit = FINE if places is None else Fraction(1, 10**places)
    low = None if fact.min is None else -int(-Fraction(fact.min) // unit)
    high = None if fact.max is None else int(Fraction(fact.max) // unit)
    found = sorted({int(Fraction(each) // unit) for each in constants if values.is_number(each)})
    step = int(Fraction(fact.step or 1) / unit) or 1
    samples = tuple(dict.fromkeys(k + d for k in found for d in (-step, 0, step)))
    return replace(Leaf(name, "number", unit=unit, samples=samples), low=low, high=high)


def _values_of(output: Output) -> tuple[Any, ...] | None:
    if output.type == "boolean":
        return (False, True)
    return tuple(value for value in output.values if value != PERSON) or None
