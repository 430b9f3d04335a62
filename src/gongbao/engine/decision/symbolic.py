"""FEEL trees over values of which some are not known, as decision diagrams (engine.decision.diagram).

An unknown choice is a question with its values as answers, an unknown quantity a linear form whose comparisons are
questions (`comparing`, `reckoning`), an unknown text one of the texts that a rule names or another. What none of this
can express is `Open`: what hangs on it may come out either way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from gongbao.engine.decision import missing
from gongbao.engine.decision.comparing import key_of
from gongbao.engine.decision.diagram import Choice, Diagram, Leaf, leaves_of
from gongbao.engine.decision.reckoning import GATHERED, Reckoning
from gongbao.engine.decision.space import Language, Space
from gongbao.engine.decision.trees import SUBJECT, asks_subject, called, dotted, terms_of, with_subject
from gongbao.engine.decision.unknown import QUANTITIES, Domain, Floor, Linear, Open, all_of, any_of, is_known
from gongbao.engine.series import SERIES_FUNCTIONS
from gongbao.feel import syntax, values
from gongbao.feel.syntax import Comparison, Literal, Name, Node, Path
from gongbao.feel.values import Value

_EQUALS_ONLY = frozenset({"register", "count", "list contains", "index of", "distinct values", "union", "get value"})


class Symbolic(Reckoning):
    """The expressions of one decision over a scope in which the names of the space's domains are not known."""

    def __init__(
        self,
        space: Space,
        language: Language,
        scope: Mapping[str, Value],
        lets: Mapping[str, Node],
        bound: Mapping[str, Diagram] | None = None,
    ) -> None:
        super().__init__(space)
        self.language = language
        self.scope = scope
        self.lets = lets
        self.bound = dict(bound or {})
        self._memo: dict[int, tuple[Node, Diagram]] = {}

    def within(self, name: str, value: Diagram) -> Symbolic:
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
        return found.value if type(found) is Leaf and is_known(found.value) and not self.is_fresh(found.value) else None

    def holds(self, node: Node) -> Diagram:
        """Whether it is true: null and everything else that is not true is false."""
        return self.true(self.value(node))

    def cell(self, node: Node, tests: syntax.UnaryTests) -> Diagram:
        """Whether a cell holds for its input: null and everything else that is not true is false."""
        if not tests.tests:
            return self.true(self.diagrams.leaf(not tests.negated))
        subject = self.value(node)
        found = self._any_test(subject, tests.tests)
        if not tests.negated:
            return self.true(found)
        return self.diagrams.apply(lambda v: v is False, self.answered(found))

    # Tests --------------------------------------------------------------------------------------------------------

    def _any_test(self, subject: Diagram, tests: Sequence[Node]) -> Diagram:
        wanted = [test.value for test in tests if type(test) is Literal]
        if len(wanted) == len(tests):
            if type(subject) is Leaf and is_known(subject.value):
                value = subject.value
                return self.diagrams.leaf(any_of([values.eq(value, each) for each in wanted]))
            return self.diagrams.apply(lambda v: self.among(v, wanted), subject)
        return self.joined(any_of, True, [self._one_test(subject, test) for test in tests])

    def _one_test(self, subject: Diagram, test: Node) -> Diagram:
        if isinstance(test, syntax.UnaryComparison):
            return self.compare(test.op, subject, self.value(test.operand))
        if isinstance(test, syntax.RangeLiteral):
            low = self.compare(">=" if test.low_closed else ">", subject, self.value(test.low))
            high = self.compare("<=" if test.high_closed else "<", subject, self.value(test.high))
            return self.joined(all_of, False, [low, high])
        if asks_subject(test):
            return self.true(self.within(SUBJECT, subject).value(with_subject(test)))
        if isinstance(test, syntax.ListLiteral):
            return self._any_test(subject, test.items)
        return self.diagrams.apply(self.inside, subject, self.value(test))

    # Nodes --------------------------------------------------------------------------------------------------------

    def _literal(self, node: Literal) -> Diagram:
        return self.diagrams.leaf(node.value)

    def _name(self, node: Node) -> Diagram:
        parts = dotted(node)
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
        if domain.kind in QUANTITIES:
            return self.diagrams.leaf(Linear(((domain.name, Fraction(1)),), kind=domain.kind))  # type: ignore[arg-type]
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
        return Open(value.names, (key_of(value), part)) if getattr(value, "kind", "") != "number" else None

    def _and(self, node: syntax.And) -> Diagram:
        return self.joined(all_of, False, [self.value(term) for term in node.terms])

    def _or(self, node: syntax.Or) -> Diagram:
        return self.joined(any_of, True, [self.value(term) for term in node.terms])

    def _comparison(self, node: Comparison) -> Diagram:
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(other, Literal) and other.value is None and node.op in ("=", "!="):
                parts = dotted(one)
                domain = None if parts is None or parts[0] in self.bound else self.space.domains.get(".".join(parts))
                if domain is not None and domain.kind != "given":
                    # `x = null` asks whether something is known, so of an unknown fact it is true.
                    return self.diagrams.leaf(node.op == "=")
        return self.compare(node.op, self.value(node.left), self.value(node.right))

    def _between(self, node: syntax.Between) -> Diagram:
        subject = self.value(node.value)
        low = self.compare(">=", subject, self.value(node.low))
        return self.joined(all_of, False, [low, self.compare("<=", subject, self.value(node.high))])

    def _in(self, node: syntax.In) -> Diagram:
        return self._any_test(self.value(node.value), node.tests)

    def _if(self, node: syntax.If) -> Diagram:
        condition = self.holds(node.condition)
        if type(condition) is Leaf:
            return self.value(node.then if condition.value is True else node.otherwise)
        return self.diagrams.either(condition, self.value(node.then), self.value(node.otherwise))

    def _negate(self, node: syntax.Negate) -> Diagram:
        return self.diagrams.apply(lambda v: values.neg(v) if is_known(v) else self.computed("-", 0, v),
                                   self.value(node.operand))  # fmt: skip

    def _arithmetic(self, node: syntax.Arithmetic) -> Diagram:
        return self.diagrams.apply(
            lambda a, b: self.computed(node.op, a, b), self.value(node.left), self.value(node.right)
        )

    def _call(self, node: syntax.Call) -> Diagram:
        name = called(node)
        if name in SERIES_FUNCTIONS:
            return missing.series_call(self, name, node)
        if name in GATHERED and len(terms := terms_of(node)) > 1:
            return self.gathered(name, [self.value(each) for each in terms]) or self._other(node)
        if len(node.arguments) != 1:
            return self._other(node)
        if name == "not":
            found = self.answered(self.value(node.arguments[0]))
            return self.diagrams.apply(lambda v: not v if isinstance(v, bool) else None, found)
        if name == "abs":
            return self.diagrams.apply(self.absolute, self.value(node.arguments[0]))
        if name in ("date", "floor", "ceiling"):
            found = self.value(node.arguments[0])
            if all(isinstance(leaf.value, Linear | Floor) for leaf in leaves_of(found)):
                return self.diagrams.apply(lambda v: self.whole(name, v), found)
        return self._other(node)

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
            if not all(is_known(v) for v in values_) or not (exact or not any(map(self.is_fresh, values_))):
                return Open(self.hang(*values_), (node, *(key_of(v) for v in values_)))
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
    syntax.In: Symbolic._in,
    syntax.If: Symbolic._if,
    syntax.Negate: Symbolic._negate,
    syntax.Arithmetic: Symbolic._arithmetic,
    syntax.Call: Symbolic._call,
}


def _with(scope: Mapping[str, Value], parts: Sequence[str], value: Value) -> dict[str, Value]:
    """The scope with something else under a dotted name."""
    held = scope.get(parts[0])
    inner = value if len(parts) == 1 else _with(held if isinstance(held, Mapping) else {}, parts[1:], value)
    return {**scope, parts[0]: inner}
