"""What a decision asks of one series: the machines (engine.decision.machines) that its formulas come to.

Gone through are `run`, `latest_run`, `longest` and `peak` of a series, and a decision for each of its `stretches` that
asks for the `longest` runs inside; of the whole series, of its working days, or without the readings of a mark. A
decision that looks at the series in any other way is `Unread`, with what it is.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any

from gongbao.dmn import DmnError
from gongbao.engine.decision.judging import rank_key
from gongbao.engine.decision.machines import Counted, Episodes, Joining, Latest, Longest, Machine, Peak
from gongbao.engine.decision.outcome import Outcome
from gongbao.engine.decision.trees import called, dotted
from gongbao.engine.decision.unknown import frozen
from gongbao.engine.series import COUNTED, DROPPED, SEPARATE, SERIES_FUNCTIONS, Series, Test, read_steps, read_test
from gongbao.feel import syntax
from gongbao.feel.syntax import Name, Node, Path
from gongbao.feel.values import MIRROR, Value, is_number

_VIEWS = ("without", "on_working_days")  # of a series the same readings, or fewer
_HOW = {SEPARATE: "separate", DROPPED: "dropped", COUNTED: "counted"}


class Unread(Exception):
    """The series is looked at in a way that no machine has."""


@dataclass(frozen=True, slots=True)
class Looking:
    """A machine and the places of the readings that it reads, in order."""

    places: tuple[int, ...]
    machine: Machine


def machines_of(outcome: Outcome, fact: str, series: Series) -> list[Looking]:
    """All that an outcome's decision and those that it requires ask of a series. Unread."""
    chain: dict[str, Outcome] = {}
    ahead = [outcome]
    while ahead:
        one = ahead.pop()
        chain.setdefault(one.decision.id, one)
        ahead.extend(one.required.values())
    readers = {name: _Reader(one, fact, series, chain) for name, one in chain.items()}
    return [each for reader in readers.values() for each in reader.machines()]


class _Reader:
    """One decision of the chain, read for what it asks of the series."""

    def __init__(self, outcome: Outcome, fact: str, series: Series, chain: Mapping[str, Outcome]) -> None:
        self.outcome, self.decision, self.fact, self.series, self.chain = outcome, outcome.decision, fact, series, chain
        self.lets = self.decision.trees.lets
        self.item = None if self.decision.for_each is None else self.decision.for_each[0]
        self.views = {fact}
        self.hanging = {fact, *(each for each in self.decision.requires if self._reads(each))}  # names, on the series
        self.own = set() if self.item is None else {self.item}  # names that are something else for every item
        if self.decision.for_each is not None and self.mentions(self.decision.for_each[1].node):
            self.hanging.add(self.decision.for_each[0])
        for _ in self.lets:  # a let may read one written after it
            for name, node in self.lets.items():
                if self.mentions(node):
                    self.hanging.add(name)
                    if self.is_view(node):
                        self.views.add(name)
                if any(isinstance(each, Name) and each.name in self.own for each in syntax.walk(node)):
                    self.own.add(name)

    def _reads(self, name: str) -> bool:
        inner = self.chain[name].decision
        return any(path[0] == self.fact for path in inner.fact_paths) or any(map(self._reads, inner.requires))

    def mentions(self, node: Node) -> bool:
        return any(isinstance(each, Name) and each.name in self.hanging for each in syntax.walk(node))

    def is_view(self, node: Node) -> bool:
        """Whether it is the series, or fewer of its readings, whatever they are."""
        if isinstance(node, Name):
            return node.name in self.views
        if isinstance(node, syntax.If):
            return not self.mentions(node.condition) and self.is_view(node.then) and self.is_view(node.otherwise)
        if isinstance(node, syntax.Call) and called(node) in _VIEWS and node.arguments:
            return self.is_view(node.arguments[0]) and not any(map(self.mentions, node.arguments[1:]))
        return False

    # Values -------------------------------------------------------------------------------------------------------

    def value(self, node: Node, series: Series | None = None) -> Value:
        """The value of a formula that asks nothing of the readings, with another series in the place of this one."""
        compiled = self.decision.language.of(node)
        scope = dict(self.outcome.scope)
        if series is not None:
            scope[self.fact] = series
        for name in compiled.names:
            head = name.partition(".")[0]
            if head in self.lets and head not in scope:
                scope[head] = self.value(self.lets[head], series)
        return compiled.evaluate(scope)

    def fixed(self, node: Node) -> Value:
        """The value of an argument; Unread where it hangs on the series."""
        if not self.is_fixed(node):
            raise Unread(self.fact)
        return self.value(node)

    def is_fixed(self, node: Node) -> bool:
        names = {each.name for each in syntax.walk(node) if isinstance(each, Name)}
        return names.isdisjoint(self.hanging) and names.isdisjoint(self.own) and "?" not in names

    def places(self, node: Node) -> tuple[Series, tuple[int, ...]] | None:
        """The series that a call looks at, and the places of its readings in the whole; None where it is null."""
        if not self.is_view(node):
            raise Unread(self.fact)
        whole = self.series
        seen = self.value(node, Series(whole.start, whole.step, tuple(range(len(whole))), whole.marks))
        if seen is None:
            return None
        if not isinstance(seen, Series) or None in seen.values:
            raise Unread(self.fact)
        return seen, seen.values  # type: ignore[return-value]

    # Calls --------------------------------------------------------------------------------------------------------

    def machines(self) -> Iterator[Looking]:
        trees = self.decision.trees
        each = self.decision.for_each
        if each is not None and self.mentions(each[1].node):
            yield from self.episodes(each[1].node)
        nodes = [
            *trees.inputs,
            *(node for row in trees.entries for node in row),
            *(a.node for a in self.decision.assume),
        ]
        nodes += [cell for row in trees.cells for cell in row if cell is not None]
        nodes += [node for name, node in self.lets.items() if name not in self.views]
        for node in nodes:
            yield from self.calls(node)

    def calls(self, node: Node) -> Iterator[Looking]:
        if not self.mentions(node):
            return
        parts = dotted(node)
        if parts is not None:
            if parts[0] in self.views or parts[0] == self.item:
                raise Unread(self.fact)
            return  # a let or a required decision, which is read where it stands
        name = called(node) if isinstance(node, syntax.Call) else ""
        if isinstance(node, syntax.Call) and name in SERIES_FUNCTIONS and node.arguments:
            if self.is_item(node.arguments[0]):
                return  # read with the stretches
            yield from self.call(name, node)
            return
        for each in syntax.children(node):
            yield from self.calls(each)

    def is_item(self, node: Node) -> bool:
        return isinstance(node, Name) and node.name == self.item and node.name in self.hanging

    def call(self, name: str, node: syntax.Call) -> Iterator[Looking]:
        found = self.places(node.arguments[0])
        if found is None:
            return
        if name == "peak":
            figures = self.figures(node)
            if figures is None:
                raise Unread(self.fact)
            yield Looking(found[1], Peak(figures))
            return
        if name not in ("run", "longest", "latest_run"):
            raise Unread(self.fact)
        test = self.test(node)
        if test is not None:
            counted = Counted(test, self.most(node))
            yield Looking(found[1], Latest(counted) if name == "latest_run" else Longest(counted))

    def test(self, node: syntax.Call) -> Test | None:
        """The test of a call; None where a part of it is not known, so that the call is null."""
        arguments = [self.fixed(each) for each in node.arguments[1:]]
        return read_test(*arguments) if 0 < len(arguments) < 3 else None

    # Stretches ----------------------------------------------------------------------------------------------------

    def episodes(self, node: Node) -> Iterator[Looking]:
        if not isinstance(node, syntax.Call) or called(node) != "stretches" or self.decision.take != "highest":
            raise Unread(self.fact)
        found = self.places(node.arguments[0])
        if found is None:
            return
        seen, places = found
        above, window, at_most, hours, how = [*map(self.fixed, node.arguments[1:]), *[None] * 4][:5]
        if not is_number(above) or read_steps(window, seen.step) != 1:
            raise Unread(self.fact)
        joining = Joining(
            Fraction(at_most) if is_number(at_most) else None,
            read_steps(hours, seen.step),
            _HOW.get(how),
        )
        beyond: Test = (">", Fraction(above))
        yield Looking(places, Episodes(beyond, list(self.inside()), joining, self.last, self.better, self.is_highest))

    def inside(self) -> Iterator[Counted]:
        """The tests of the longest runs inside an item. Unread where something else of an item is looked at."""
        trees = self.decision.trees
        nodes = [*self.lets.values(), *trees.inputs, *(node for row in trees.entries for node in row)]
        nodes += [cell for row in trees.cells for cell in row if cell is not None]
        found: dict[Test, int | None] = {}
        for node in nodes:
            for call in self._of_item(node):
                test = self.test(call)
                if test is None:
                    raise Unread(self.fact)
                most = self.most(call)
                held = found.get(test, 0)
                found[test] = None if most is None or held is None else max(most, held)
        return (Counted(test, most) for test, most in found.items())

    def _of_item(self, node: Node) -> Iterator[syntax.Call]:
        if isinstance(node, Name) and node.name == self.item:
            raise Unread(self.fact)
        if isinstance(node, syntax.Call) and node.arguments and self.is_item(node.arguments[0]):
            if called(node) != "longest":
                raise Unread(self.fact)
            yield node
            return
        for each in syntax.children(node):
            yield from self._of_item(each)

    def last(self, readings: Sequence[Any]) -> Hashable:
        """What the table gives for the last stretch of these readings: (rank, outputs); no rank for no rule."""
        series, decision = self.series, self.decision
        assert decision.for_each is not None
        assert decision.ranked is not None
        cut = Series(series.start, series.step, tuple(readings), series.marks[: len(readings)])
        scope = {**self.outcome.scope, self.fact: cut}
        items = decision.for_each[1].evaluate(scope)
        try:
            found = decision.table.decide({**scope, decision.for_each[0]: items[-1]}).values
        except DmnError:
            raise Unread(self.fact) from None
        if found is None:
            return (None, None), False
        rank = decision.outputs[decision.ranked].rank(found[decision.ranked])
        return ((None, None), False) if rank is None else ((rank, frozen(found)), True)

    def better(self, one: Any, other: Any) -> Hashable:
        """The higher of two, the first of equals; and whether every stretch has a rule."""
        return (one if rank_key(one[0][0]) >= rank_key(other[0][0]) else other)[0], one[1] and other[1]

    def is_highest(self, best: Any) -> bool:
        """Whether no further stretch can change what comes out."""
        assert self.decision.ranked is not None
        return bool(best[0][0] == len(self.decision.outputs[self.decision.ranked].values) - 1)

    # Figures ------------------------------------------------------------------------------------------------------

    def most(self, node: Node) -> int | None:
        """Up to what number it matters how long a run is."""
        try:
            return max(
                [0, *(ceil(figure) if reached else floor(figure) + 1 for figure, reached in self._compared(node))]
            )
        except _Otherwise:
            return None

    def figures(self, node: Node) -> list[Fraction] | None:
        """All numbers that a call is compared with, through lets and outputs as well; None where more is done with it."""
        try:
            return [figure for figure, _ in self._compared(node)]
        except _Otherwise:
            return None

    def _compared(self, node: Node) -> Iterator[_Figure]:
        trees = self.decision.trees
        for name, tree in self.lets.items():
            yield from self._compared(Name(name)) if tree == node else self._in(tree, node)
        for at, tree in enumerate(trees.inputs):
            if tree == node:
                for row in trees.cells:
                    if (cell := row[at]) is not None:
                        yield from self._tests(cell.tests)
            else:
                yield from self._in(tree, node)
        for row in trees.cells:
            for cell in row:
                if cell is not None:
                    yield from self._in(cell, node)
        for each in self.decision.assume:
            yield from self._in(each.node, node)
        for entries in trees.entries:
            for output, tree in zip(self.decision.output_names, entries, strict=True):
                if tree == node:
                    yield from self._of_output(output)
                else:
                    yield from self._in(tree, node)

    def _of_output(self, output: str) -> Iterator[_Figure]:
        """Where an output is read by the decisions of the chain; of the decision itself it is what comes out."""
        if self.decision.id == next(iter(self.chain)):
            raise _Otherwise
        for outer in self.chain.values():
            if self.decision.id in outer.decision.requires:
                reader = _Reader(outer, self.fact, self.series, self.chain)
                yield from reader._compared(Path(Name(self.decision.id), output))

    def _in(self, tree: Node, node: Node) -> Iterator[_Figure]:
        if tree == node:
            raise _Otherwise
        if isinstance(tree, syntax.Comparison) and tree.left == node:
            yield self._figure(tree.op, tree.right)
        elif isinstance(tree, syntax.Comparison) and tree.right == node:
            yield self._figure(MIRROR[tree.op], tree.left)
        elif isinstance(tree, syntax.Between) and tree.value == node:
            yield self._figure(">=", tree.low)
            yield self._figure("<=", tree.high)
        elif isinstance(tree, syntax.In) and tree.value == node:
            yield from self._tests(tree.tests)
        else:
            for each in syntax.children(tree):
                yield from self._in(each, node)

    def _tests(self, tests: Sequence[Node]) -> Iterator[_Figure]:
        for test in tests:
            if isinstance(test, syntax.UnaryComparison):
                yield self._figure(test.op, test.operand)
            elif isinstance(test, syntax.RangeLiteral):
                yield self._figure(">=" if test.low_closed else ">", test.low)
                yield self._figure("<=" if test.high_closed else "<", test.high)
            else:
                yield self._figure("=", test)

    def _figure(self, op: str, node: Node) -> _Figure:
        value = self.value(node) if self.is_fixed(node) else None
        if not is_number(value):
            raise _Otherwise
        return Fraction(value), op in (">=", "<")  # type: ignore[arg-type]


_Figure = tuple[Fraction, bool]
"""A number that something is compared with, and whether it only matters that it is reached."""


class _Otherwise(Exception):
    """More is done with a number than that it is compared with others."""
