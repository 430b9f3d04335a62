"""Decision diagrams: what an expression comes to for every way in which the unknown may turn out.

A diagram is a leaf that holds a value, or a node that asks one question and has a diagram for each answer. Questions
are asked in one order and equal diagrams are one object, so a question that stands in a diagram makes a difference
to it. A question is a tuple: (group,) asks which of the values of a choice holds; (group, cut, 1) whether a number is at
most `cut`, (group, cut, 0) whether it is less; the questions about one number are asked from the lowest cut upwards.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from gongbao.engine.decision.unknown import frozen
from gongbao.feel.values import Value

MAX_STEPS = 400_000
Question: TypeAlias = tuple[Any, ...]


class TooMany(Exception):
    """More cases than can be gone through."""


class Leaf:
    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


class Node:
    __slots__ = ("at", "kids")

    def __init__(self, at: Question, kids: tuple[Diagram, ...]) -> None:
        self.at = at
        self.kids = kids


Diagram: TypeAlias = Leaf | Node


@dataclass(frozen=True, slots=True)
class Choice:
    """What is asked about: one of several values. `of`: the names it stands for, where it is not one name itself."""

    name: str
    values: tuple[Value, ...]
    of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """A sum of numbers, factor x name, that is compared with cuts; the first factor is 1."""

    terms: tuple[tuple[str, Fraction], ...]

    @property
    def alone(self) -> bool:
        return len(self.terms) == 1


class Diagrams:
    """All the diagrams of one question to a decision: equal ones are the same object."""

    def __init__(self) -> None:
        self.groups: list[Choice | Form] = []
        self._group_of: dict[Hashable, int] = {}
        self._leaves: dict[Hashable, Leaf] = {}
        self._nodes: dict[Hashable, Node] = {}
        self.steps = 0

    def leaf(self, value: Any) -> Leaf:
        key = frozen(value)
        try:
            found = self._leaves.get(key)
        except TypeError:
            key = id(value)
            found = self._leaves.get(key)
        if found is None:
            found = self._leaves[key] = Leaf(value)
        return found

    def group(self, about: Choice | Form) -> int:
        key = about.name if isinstance(about, Choice) else about
        found = self._group_of.get(key)
        if found is None:
            found = self._group_of[key] = len(self.groups)
            self.groups.append(about)
        return found

    def choice(self, about: Choice) -> Diagram:
        """The value of a choice."""
        return self.node((self.group(about),), [self.leaf(value) for value in about.values])

    def answers(self, at: Question) -> int:
        return len(self.groups[at[0]].values) if len(at) == 1 else 2  # type: ignore[union-attr]

    def node(self, at: Question, kids: Sequence[Diagram]) -> Diagram:
        """A node whose answers ask only later questions."""
        first = kids[0]
        if all(each is first for each in kids):
            return first
        if len(at) == 3:
            first, other = kids
            if type(other) is Node and other.at[0] == at[0] and other.kids[0] is first:
                return other
        key = (at, *map(id, kids))
        found = self._nodes.get(key)
        if found is None:
            found = self._nodes[key] = Node(at, tuple(kids))
        return found

    def given(self, diagram: Diagram, at: Question, answer: int) -> Diagram:
        """A diagram that asks nothing before `at`, once that question is answered."""
        if type(diagram) is Leaf or diagram.at[0] != at[0]:  # type: ignore[union-attr]
            return diagram
        if diagram.at == at:  # type: ignore[union-attr]
            return diagram.kids[answer]  # type: ignore[union-attr]
        if answer:
            return diagram
        while type(diagram) is Node and diagram.at[0] == at[0]:  # at most a cut is at most every higher one
            diagram = diagram.kids[0]
        return diagram

    def pick(self, at: Question, kids: Sequence[Diagram]) -> Diagram:
        """The diagram among `kids` that the answer to `at` picks, whatever they ask themselves."""
        tops = [each.at for each in kids if type(each) is Node]
        top = min(tops, default=at)
        if at <= top:
            return self.node(at, [self.given(each, at, i) for i, each in enumerate(kids)])
        self.step()
        made = []
        for answer in range(self.answers(top)):
            inside = [self.given(each, top, answer) for each in kids]
            made.append(inside[0] if top[0] == at[0] and not answer else self.pick(at, inside))
        return self.node(top, made)

    def step(self) -> None:
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise TooMany

    def apply(self, of: Callable[..., Any], *diagrams: Diagram, early: Callable[..., Any] | None = None) -> Diagram:
        """The diagram of a function of the values of diagrams; it may give a value or a diagram.

        early: a function of the diagrams that gives the result where it is known before all their values are, or None.
        """
        if all(type(each) is Leaf for each in diagrams):
            if early is not None and (done := early(*diagrams)) is not None:
                return done  # type: ignore[no-any-return]
            result = of(*[each.value for each in diagrams])  # type: ignore[union-attr]
            return result if type(result) is Leaf or type(result) is Node else self.leaf(result)
        memo: dict[tuple[int, ...], Diagram] = {}

        def go(now: tuple[Diagram, ...]) -> Diagram:
            key = tuple(map(id, now))
            found = memo.get(key)
            if found is not None:
                return found
            self.step()
            if early is not None and (done := early(*now)) is not None:
                memo[key] = done
                return done  # type: ignore[no-any-return]
            tops = [each.at for each in now if type(each) is Node]
            if tops:
                at = min(tops)
                kids = [go(tuple([self.given(each, at, i) for each in now])) for i in range(self.answers(at))]
                found = self.pick(at, kids)
            else:
                result = of(*[each.value for each in now])  # type: ignore[union-attr]
                found = result if type(result) is Leaf or type(result) is Node else self.leaf(result)
            memo[key] = found
            return found

        return go(diagrams)

    def either(self, condition: Diagram, then: Diagram, otherwise: Diagram) -> Diagram:
        """`then` where the condition is true, else `otherwise`."""
        if type(condition) is Leaf:
            return then if condition.value is True else otherwise

        def early(c: Diagram, a: Diagram, b: Diagram) -> Diagram | None:
            return a if a is b else (a if c.value is True else b) if type(c) is Leaf else None

        return self.apply(lambda *_: None, condition, then, otherwise, early=early)


def nodes_of(diagram: Diagram) -> Iterator[Diagram]:
    """Every node and leaf once, those that ask first before those they lead to."""
    seen = {id(diagram)}
    stack: list[Diagram] = [diagram]
    while stack:
        each = stack.pop()
        yield each
        if type(each) is Node:
            for kid in each.kids:
                if id(kid) not in seen:
                    seen.add(id(kid))
                    stack.append(kid)


def leaves_of(diagram: Diagram) -> list[Leaf]:
    return [each for each in nodes_of(diagram) if type(each) is Leaf]
