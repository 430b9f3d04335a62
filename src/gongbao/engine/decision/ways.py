"""The ways through a diagram: values of the unknown that lead to a result, and what each question tells.

A way is the answers to the questions on it; it can be gone when numbers exist that give these answers
(engine.decision.linear). Where every number is asked about on its own they always do.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

from gongbao.engine.decision.diagram import Choice, Diagram, Form, Leaf, Node, Question, nodes_of
from gongbao.engine.decision.judging import IMPOSSIBLE
from gongbao.engine.decision.linear import Row, Undecided, solve
from gongbao.engine.decision.space import Space
from gongbao.engine.decision.unknown import as_value
from gongbao.feel.values import Value

MAX_TRIED = 3000
_OPEN_COST = 1000
Answers = tuple[tuple[Question, int], ...]


@dataclass(frozen=True)
class Ways:
    """The ways through one diagram of outputs (or IMPOSSIBLE)."""

    space: Space
    diagram: Diagram
    near: Mapping[str, Fraction] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)  # names that results which may be any value hang on

    # Which names ------------------------------------------------------------------------------------------------

    @cached_property
    def groups(self) -> tuple[int, ...]:
        """The groups of questions that are asked, in order."""
        return tuple(sorted({each.at[0] for each in nodes_of(self.diagram) if type(each) is Node}))

    def about(self, group: int) -> Choice | Form:
        return self.space.diagrams.groups[group]

    def names_of(self, group: int) -> tuple[str, ...]:
        """The names that a group of questions hangs on."""
        about = self.about(group)
        if isinstance(about, Form):
            return tuple(name for name, _ in about.terms)
        return about.of if about.of or about.name in self.space.asked else (about.name,)

    def is_open(self, group: int) -> bool:
        """Whether it stands for something that may or may not be so for some value of the names."""
        return getattr(self.about(group), "name", None) in self.space.asked

    @cached_property
    def names(self) -> tuple[str, ...]:
        asked = [name for group in self.groups for name in self.names_of(group)]
        return tuple(dict.fromkeys([*asked, *sorted(self.hidden)]))

    @cached_property
    def entangled(self) -> bool:
        """Whether sums are asked about, so that answers can contradict each other."""
        return any(isinstance(each := self.about(group), Form) and not each.alone for group in self.groups)

    # Ways to a result -------------------------------------------------------------------------------------------

    def way(self, wanted: Callable[[Any], bool]) -> tuple[dict[str, Value], bool] | None:
        """The values of the unknown names on a way to a wanted result that asks least, and whether it surely leads there.

        None when there is no such way.
        """
        if not self.entangled:
            found = min(
                (each for each in self._direct.values() if wanted(each[0])), key=lambda each: each[1], default=None
            )
            if found is None:
                return None
            _, cost, answers = found
            return {**self._choices(answers), **(self._numbers(answers) or {})}, cost < _OPEN_COST
        unsure: dict[str, Value] | None = None
        tried = 0
        for answers in self._cheapest(wanted):
            tried += 1
            opened = any(self.is_open(at[0]) for at, _ in answers)
            if tried > MAX_TRIED:
                return unsure or self._choices(answers), False
            try:
                numbers = self._numbers(answers)
            except Undecided:
                unsure = unsure or self._choices(answers)
                continue
            if numbers is not None and not opened:
                return {**self._choices(answers), **numbers}, True
            if numbers is not None and unsure is None:
                unsure = {**self._choices(answers), **numbers}
                if not self.entangled:
                    break
        return None if unsure is None else (unsure, False)

    @cached_property
    def _direct(self) -> dict[int, tuple[Any, int, Answers]]:
        """For each result that is possible the way to it that asks least, with its cost, where every way can be gone."""
        order = sorted((each for each in nodes_of(self.diagram) if type(each) is Node), key=lambda each: each.at)
        cost: dict[int, int] = {id(self.diagram): 0}
        came: dict[int, tuple[Node, int]] = {}
        for each in order:
            own = _OPEN_COST if self.is_open(each.at[0]) else 1
            for i, kid in enumerate(each.kids):
                further = cost[id(each)] + (0 if type(kid) is Node and kid.at[0] == each.at[0] else own)
                if id(kid) not in cost or further < cost[id(kid)]:
                    cost[id(kid)], came[id(kid)] = further, (each, i)
        found = {}
        for leaf in nodes_of(self.diagram):
            if type(leaf) is Leaf and leaf.value != IMPOSSIBLE:
                answers: list[tuple[Question, int]] = []
                at: Diagram = leaf
                while id(at) in came:
                    at, answer = came[id(at)]
                    answers.append((at.at, answer))
                found[id(leaf)] = leaf.value, cost[id(leaf)], tuple(reversed(answers))
        return found

    def _cheapest(self, wanted: Callable[[Any], bool]) -> Iterator[Answers]:
        """The ways to wanted results, those first that ask about few names."""
        cost: dict[int, float] = {}
        order = sorted(
            nodes_of(self.diagram), key=lambda each: each.at if type(each) is Node else (float("inf"),), reverse=True
        )
        far = float("inf")
        for each in order:
            if type(each) is Leaf:
                cost[id(each)] = 0 if each.value != IMPOSSIBLE and wanted(each.value) else far
            else:
                assert type(each) is Node
                own = _OPEN_COST if self.is_open(each.at[0]) else 1
                cost[id(each)] = min(
                    cost[id(kid)] + (0 if type(kid) is Node and kid.at[0] == each.at[0] else own) for kid in each.kids
                )

        def go(diagram: Diagram, answers: Answers) -> Iterator[Answers]:
            if cost[id(diagram)] == far:
                return
            if type(diagram) is Leaf:
                yield answers
                return
            assert type(diagram) is Node
            kids = sorted(range(len(diagram.kids)), key=lambda i: cost[id(diagram.kids[i])])
            for i in kids:
                yield from go(diagram.kids[i], (*answers, (diagram.at, i)))

        return go(self.diagram, ())

    def _choices(self, answers: Answers) -> dict[str, Value]:
        found = {}
        for at, answer in answers:
            about = self.about(at[0])
            if isinstance(about, Choice) and not self.is_open(at[0]):
                found[about.name] = about.values[answer]
        return found

    def _numbers(self, answers: Answers) -> dict[str, Value] | None:
        """Numbers and dates that give these answers; None when there are none."""
        rows = self.rows(answers)
        if not rows:
            return {}
        found = self.solved(rows)
        return None if found is None else {name: self.plain(name, number) for name, number in found.items()}

    def rows(self, answers: Iterable[tuple[Question, int]], renamed: str = "") -> list[Row]:
        """The inequalities that the answers are; `renamed` is a name that is another's in this way."""
        rows = []
        for at, answer in answers:
            if len(at) != 3:
                continue
            about = self.about(at[0])
            assert isinstance(about, Form)
            sign = 1 if answer == 0 else -1
            factors = {name + "'" if name == renamed else name: factor * sign for name, factor in about.terms}
            closed = bool(at[2]) if answer == 0 else not at[2]
            rows.append(Row(factors, at[1] * sign, not closed))
        return rows

    def solved(self, rows: Sequence[Row]) -> dict[str, Fraction] | None:
        names = dict.fromkeys(name for row in rows for name in row.factors)
        units, bounds, near = {}, [], {}
        for name in names:
            domain = self.space.domains[name.removesuffix("'")]
            units[name] = domain.unit
            if domain.low is not None:
                bounds.append(Row({name: Fraction(-1)}, -domain.low))
            if domain.high is not None:
                bounds.append(Row({name: Fraction(1)}, domain.high))
            plain = name.removesuffix("'")
            if plain in self.near:
                near[name] = self.near[plain]
            elif domain.kind in ("date", "moment"):
                near[name] = _SOME_DAY
        return solve([*rows, *bounds], units, near)

    def plain(self, name: str, number: Fraction) -> Value:
        return as_value(number, self.space.domains[name].kind)

    # What a name tells --------------------------------------------------------------------------------------------

    def tells(self, name: str) -> bool:
        """Whether two cases that differ in nothing but this name come out differently."""
        mine = [group for group in self.groups if name in self.names_of(group)]
        if name in self.hidden or any(self.is_open(group) for group in mine):
            return True
        if not self.entangled:
            return any(self._differs(each) for each in nodes_of(self.diagram)
                       if type(each) is Node and each.at[0] in mine)  # fmt: skip
        return self._tells_entangled(name, frozenset(mine))

    def _differs(self, node: Node) -> bool:
        sides = list(dict.fromkeys(_sides(node)))
        return any(self._apart(a, b) for i, a in enumerate(sides) for b in sides[:i])

    def _apart(self, a: Diagram, b: Diagram) -> bool:
        """Whether two diagrams come out differently in one case that is possible in both."""
        if a is b:
            return False
        key = (id(a), id(b)) if id(a) < id(b) else (id(b), id(a))
        found = self._apart_memo.get(key)
        if found is None:
            if type(a) is Leaf and type(b) is Leaf:
                found = a.value != IMPOSSIBLE and b.value != IMPOSSIBLE
            else:
                diagrams = self.space.diagrams
                at = min(each.at for each in (a, b) if type(each) is Node)
                found = any(
                    self._apart(diagrams.given(a, at, i), diagrams.given(b, at, i)) for i in range(diagrams.answers(at))
                )
            self._apart_memo[key] = found
        return found

    @cached_property
    def _apart_memo(self) -> dict[tuple[int, int], bool]:
        return {}

    def _tells_entangled(self, name: str, mine: frozenset[int]) -> bool:
        diagrams, budget = self.space.diagrams, [MAX_TRIED]

        def go(a: Diagram, b: Diagram, one: Answers, other: Answers) -> bool:
            if a is b and not any(type(each) is Node and each.at[0] in mine for each in nodes_of(a)):
                return False
            budget[0] -= 1
            if budget[0] < 0:
                return True
            if type(a) is Leaf and type(b) is Leaf:
                if IMPOSSIBLE in (a.value, b.value):
                    return False
                try:
                    return self.solved([*self.rows(one), *self.rows(other, name)]) is not None
                except Undecided:
                    return True
            at = min(each.at for each in (a, b) if type(each) is Node)
            for i in range(diagrams.answers(at)):
                if at[0] not in mine:
                    if go(diagrams.given(a, at, i), diagrams.given(b, at, i), (*one, (at, i)), (*other, (at, i))):
                        return True
                elif type(a) is Node and a.at == at:
                    if go(diagrams.given(a, at, i), b, (*one, (at, i)), other):
                        return True
                elif go(a, diagrams.given(b, at, i), one, (*other, (at, i))):
                    return True
            return False

        return go(self.diagram, self.diagram, (), ())

    def left(self, name: str) -> float:
        """How many results are left on average once this name is known."""
        group = next((group for group in self.groups if name in self.names_of(group)), None)
        if group is None:
            return len(self._reached(self.diagram))
        cuts = sorted({each.at for each in nodes_of(self.diagram) if type(each) is Node and each.at[0] == group})
        count = len(cuts) + 1 if len(cuts[0]) == 3 else len(self.about(group).values)  # type: ignore[union-attr]
        always: set[int] = set()
        found: list[set[int]] = [set() for _ in range(count)]
        seen: set[int] = set()
        stack = [self.diagram]
        while stack:
            each = stack.pop()
            if id(each) in seen:
                continue
            seen.add(id(each))
            if type(each) is Leaf or each.at[0] > group:  # type: ignore[union-attr]
                always |= self._reached(each)
            elif each.at[0] < group:  # type: ignore[union-attr]
                stack.extend(each.kids)  # type: ignore[union-attr]
            else:
                for i in range(count):
                    found[i] |= self._reached(self._answered(each, cuts, i))
        return sum(len(some | always) for some in found) / count

    def _answered(self, diagram: Diagram, cuts: Sequence[Question], answer: int) -> Diagram:
        """The diagram with the number in one of the spaces between its cuts, or with one value of a choice."""
        if len(cuts[0]) != 3:
            return self.space.diagrams.given(diagram, cuts[0], answer)
        for i, cut in enumerate(cuts):
            diagram = self.space.diagrams.given(diagram, cut, 0 if answer <= i else 1)
        return diagram

    def _reached(self, diagram: Diagram) -> frozenset[int]:
        found = self._reached_memo.get(id(diagram))
        if found is None:
            if type(diagram) is Leaf:
                found = frozenset(() if diagram.value == IMPOSSIBLE else (id(diagram),))
            else:
                found = frozenset().union(*(self._reached(kid) for kid in diagram.kids))  # type: ignore[union-attr]
            self._reached_memo[id(diagram)] = found
        return found

    @cached_property
    def _reached_memo(self) -> dict[int, frozenset[int]]:
        return {}


def _sides(node: Node) -> Iterator[Diagram]:
    """Where the answers to all the questions about one thing lead."""
    for kid in node.kids:
        if type(kid) is Node and kid.at[0] == node.at[0]:
            yield from _sides(kid)
        else:
            yield kid


_SOME_DAY = Fraction(dt.date(2020, 1, 1).toordinal())
