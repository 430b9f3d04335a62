"""Everything that the cells of a table can tell apart, as numbered points, and sets of them as whole numbers.

Columns that read a fact in common are explored together (`symbols.explore`): each combination of classes that some
facts reach is a state of their group, with the smallest facts that reach it. A point is one state of every group; a
set of points is a whole number of as many bits, so that where a row holds is the `&` of its cells. All that is said of
gaps, overlaps, dead rules and changed cells is then said of every case there is, not of samples.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from gongbao.engine.decision.unknown import Kind, Linear, frozen, linear
from gongbao.feel.syntax import Node
from gongbao.policy.analysis.calls import Unfound, may_be, witness
from gongbao.policy.analysis.evaluate import Evaluator, compared
from gongbao.policy.analysis.runs import with_series
from gongbao.policy.analysis.symbols import MAX_PATHS, State, TooMany, explore, units_of

MAX_POINTS = 1 << 22
MAX_NUMBERS = 20_000  # combinations of numbers that a function of them is tried with, one by one
Class = tuple[Any, ...]


# What a column is asked ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cuts:
    """Where the value stands among quantities (in days, but for numbers): 2i on the i-th cut, 2i - 1 and 2i + 1 beside.

    base: what the cuts are counted from, where cells compare with something that is not fixed. None: no such quantity.
    """

    cuts: tuple[Fraction, ...]
    kind: Kind = "number"
    base: Node | None = None

    def of(self, evaluator: Evaluator, state: State, value: Any) -> int | None:
        line = linear(value if isinstance(value, Linear) else evaluator.plain(state, value))
        if line is None or line.kind != self.kind:
            return None
        if self.base is not None:
            base = linear(evaluator.value(state, self.base))
            if base is None or base.kind != line.kind:
                return None
            line = line.plus(base, -1)
        low, high = 0, len(self.cuts)
        while low < high:  # among the cuts, the first that is not below the value
            middle = (low + high) // 2
            if compared(state, ">", line.plus(Linear((), self.cuts[middle]), -1)):
                low = middle + 1
            else:
                high = middle
        if low < len(self.cuts) and compared(state, "=", line.plus(Linear((), self.cuts[low]), -1)):
            return 2 * low
        return 2 * low - 1


@dataclass(frozen=True, slots=True)
class Itself:
    """The value itself, where cells compare with texts, truth values and null."""

    def of(self, evaluator: Evaluator, state: State, value: Any) -> Any:
        return "@number" if linear(value) is not None else frozen(evaluator.plain(state, value))


@dataclass(frozen=True, slots=True)
class Holds:
    """Whether a test holds that is none of these."""

    test: Node

    def of(self, evaluator: Evaluator, state: State, value: Any) -> Any:
        return evaluator.test(state, value, self.test)


@dataclass(frozen=True, slots=True)
class Same:
    """Whether it equals something that is not fixed and is no number."""

    base: Node

    def of(self, evaluator: Evaluator, state: State, value: Any) -> Any:
        if linear(value) is not None:
            return None
        return evaluator.test(state, value, self.base)


Question = Cuts | Itself | Holds | Same


@dataclass(frozen=True, slots=True)
class Asked:
    """An expression and what is asked of it; its class is the tuple of the answers. `names`: what it reads."""

    node: Node
    questions: tuple[Question, ...]
    names: frozenset[str]
    by: Evaluator | None = None  # another evaluator than that of the table

    def of(self, evaluator: Evaluator, state: State) -> Class:
        evaluator = self.by or evaluator
        value = evaluator.value(state, self.node)
        return tuple(question.of(evaluator, state, value) for question in self.questions)


# Groups --------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Group:
    """Columns that are explored together. `states`: a class per column of the group, and facts that reach it."""

    columns: tuple[int, ...]
    states: list[tuple[tuple[Class, ...], Mapping[str, Any], Mapping[str, Any]]]
    sampled: frozenset[str] = frozenset()
    unfound: frozenset[tuple[str, ...]] = frozenset()  # calls for combinations of which no dates were found


@dataclass(slots=True)
class Space:
    """All points of a table. `column` masks are those of a group, spread over all points."""

    asked: tuple[Asked, ...]
    groups: list[Group]
    size: int = 1
    weights: list[int] = field(default_factory=list)
    place: dict[int, tuple[int, int]] = field(default_factory=dict)  # column -> group, position in it
    kept: dict[Any, int] = field(default_factory=dict)
    classed: dict[int, dict[Class, int]] = field(default_factory=dict)
    numbered: list[dict[tuple[Class, ...], int]] = field(default_factory=list)  # of each group, states by their classes
    everything: int = 0  # all points

    def __post_init__(self) -> None:
        self.weights = [1] * len(self.groups)
        for at in reversed(range(len(self.groups))):
            self.weights[at] = self.size
            self.size *= len(self.groups[at].states)
            if self.size > MAX_POINTS:
                raise TooMany
        for at, group in enumerate(self.groups):
            for position, column in enumerate(group.columns):
                self.place[column] = at, position
        self.everything = (1 << self.size) - 1

    def where(self, column: int, holds: Callable[[Class], bool]) -> int:
        """The points at which the class of a column is such."""
        found = 0
        for each, points in self.by_class(column).items():
            if holds(each):
                found |= points
        return found

    def by_class(self, column: int) -> dict[Class, int]:
        """The points of every class of a column."""
        if column not in self.classed:
            at, position = self.place[column]
            states: dict[Class, list[int]] = {}
            for i, state in enumerate(self.groups[at].states):
                states.setdefault(state[0][position], []).append(i)
            self.classed[column] = {each: self.spread(at, some) for each, some in states.items()}
        return self.classed[column]

    def state(self, at: int, classes: tuple[Class, ...]) -> int:
        """The number of the state of a group that has these classes."""
        if not self.numbered:
            self.numbered += [{state[0]: i for i, state in enumerate(group.states)} for group in self.groups]
        return self.numbered[at][classes]

    def spread(self, at: int, states: Sequence[int]) -> int:
        """The points at which a group is in one of these states."""
        weight, count = self.weights[at], len(self.groups[at].states)
        key = (at, tuple(states))
        if key not in self.kept:
            block = (1 << weight) - 1
            pattern = 0
            for i in states:
                pattern |= block << (i * weight)
            self.kept[key] = _repeated(pattern, weight * count, self.size)
        return self.kept[key]

    def classes(self, column: int) -> list[Class]:
        return list(self.by_class(column))

    def facts(self, point: int) -> tuple[dict[str, Any], dict[str, Any]]:
        """The smallest facts at a point, and what a person would have to decide for it."""
        given: dict[str, Any] = {}
        judged: dict[str, Any] = {}
        for at, group in enumerate(self.groups):
            _, values, by_person = group.states[point // self.weights[at] % len(group.states)]
            given.update(values)
            judged.update(by_person)
        return given, judged


def _repeated(pattern: int, width: int, size: int) -> int:
    """A pattern of so many bits, repeated to fill the size."""
    result, filled = pattern, width
    while filled < size:
        result |= result << filled
        filled *= 2
    return result & ((1 << size) - 1)


def lowest(mask: int) -> int:
    """The first point of a set."""
    return (mask & -mask).bit_length() - 1


def groups_of(asked: Sequence[Asked]) -> list[list[int]]:
    """The columns by what they read in common, in written order."""
    groups: list[tuple[set[str], list[int]]] = []
    for at, one in enumerate(asked):
        names = set(one.names)
        joined = [group for group in groups if group[0] & names]
        columns = sorted([at, *(column for _, columns in joined for column in columns)])
        groups = [group for group in groups if group not in joined]
        groups.append((names.union(*(each for each, _ in joined)), columns))
    return sorted((columns for _, columns in groups), key=lambda columns: columns[0])


def explored(
    evaluator: Evaluator, asked: Sequence[Asked], columns: Sequence[int], assume: Sequence[Node], budget: list[int]
) -> Group:
    """The states of one group of columns; those that an assumption excludes are left out.

    Where a function needs the numbers themselves some are tried; that they are enough is shown by looking again as if
    it could give any number. Where that does not show it, all numbers are tried, if they are not too many.
    """
    group, reached = _group(evaluator, asked, columns, assume, budget)
    if not group.sampled:
        return group
    evaluator.abstract = True
    try:
        more = _reached(evaluator, asked, columns, assume, budget)
        if {found for found, state in more if may_be(state)} <= reached:
            return replace(group, sampled=frozenset())
    finally:
        evaluator.abstract = False
    evaluator.limit = MAX_NUMBERS
    try:
        every, _ = _group(evaluator, asked, columns, assume, new_budget())
        return group if every.sampled else every
    except TooMany:
        return group
    finally:
        evaluator.limit = 0


def _group(
    evaluator: Evaluator, asked: Sequence[Asked], columns: Sequence[int], assume: Sequence[Node], budget: list[int]
) -> tuple[Group, set[tuple[Class, ...]]]:
    """The states of one group with the smallest facts of each, and their classes."""
    best: dict[tuple[Class, ...], tuple[Any, Mapping[str, Any], Mapping[str, Any]]] = {}
    sampled: frozenset[str] = frozenset()
    unfound: dict[tuple[Class, ...], tuple[str, ...]] = {}
    for found, state in _reached(evaluator, asked, columns, assume, budget):
        sampled |= state.sampled
        try:
            values = witness(state)
        except Unfound as error:
            unfound[found] = error.names
            continue
        if values is None:
            continue
        key = (len(state.judged), weight(evaluator, values))
        if found not in best or key < best[found][0]:
            best[found] = (key, values, dict(state.judged))
    ordered = sorted(best.items(), key=lambda item: item[1][0])
    states = [(found, with_series(evaluator.leaves, values), judged) for found, (_, values, judged) in ordered]
    left = frozenset(names for found, names in unfound.items() if found not in best)
    return Group(tuple(columns), states, sampled, left), set(best)


def _reached(
    evaluator: Evaluator, asked: Sequence[Asked], columns: Sequence[int], assume: Sequence[Node], budget: list[int]
) -> list[tuple[tuple[Class, ...], State]]:
    """Every combination of classes that some facts reach, with the states in which they do."""
    ahead: list[tuple[tuple[Class, ...], State]] = [((), State(evaluator.leaves))]
    for column in columns:
        one = asked[column]
        ahead = [
            ((*found, made), state)
            for found, start in ahead
            for made, state in explore(start, lambda state, one=one: one.of(evaluator, state), budget)  # type: ignore[misc]
        ]
    for node in assume:
        ahead = [
            (found, state)
            for found, start in ahead
            for held, state in explore(start, lambda state, node=node: evaluator.truth(state, node), budget)  # type: ignore[misc]
            if held is not False
        ]
    return ahead


def weight(evaluator: Evaluator, values: Mapping[str, Any]) -> Any:
    """How large facts are: numbers by how far they are from 0, choices by where they stand in their list."""
    total: Fraction = Fraction(0)
    picks = 0
    for name, value in values.items():
        leaf = evaluator.leaves[name]
        if leaf.kind == "number":
            total += abs((units_of(leaf, value) or 0) * leaf.unit)
        else:
            picks += leaf.values.index(value)
    return picks, total


def new_budget() -> list[int]:
    return [MAX_PATHS]
