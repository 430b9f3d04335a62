"""The syntax tree of FEEL: one frozen node per construct, each with the span of source it was read from.

Spans are ``(start, end)`` character offsets and do not take part in equality, so two trees are equal when
they mean the same text. Chains of ``and`` and of ``or`` are one node with many terms.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any, TypeAlias

Span: TypeAlias = tuple[int, int]

NOWHERE: Span = (0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Anything an expression is made of."""

    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A value written in the text: number, string, boolean, null, or temporal (``@"2023-01-01"``)."""

    value: Any


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A name in scope; ``?`` is the value under test in a unary test."""

    name: str


@dataclass(frozen=True, slots=True)
class Path(Node):
    """``base.name``."""

    base: Node
    name: str


@dataclass(frozen=True, slots=True)
class Negate(Node):
    operand: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """``op`` is one of ``+ - * / **``."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """``op`` is one of ``= != < <= > >=``."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class And(Node):
    terms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    terms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Between(Node):
    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    """``value in (tests)``: any of the positive unary tests holds."""

    value: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class If(Node):
    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class IterationSource(Node):
    """``name in source`` or, when ``end`` is given, ``name in source..end``."""

    name: str
    source: Node
    end: Node | None = None


@dataclass(frozen=True, slots=True)
class For(Node):
    sources: tuple[IterationSource, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """``every`` or, when ``every`` is false, ``some``."""

    every: bool
    sources: tuple[IterationSource, ...]
    condition: Node


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """``base[condition]``: an index when the condition is a number, else a filter."""

    base: Node
    condition: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """An invocation; ``named`` holds ``(parameter, argument)`` pairs in written order."""

    function: Node
    arguments: tuple[Node, ...] = ()
    named: tuple[tuple[str, Node], ...] = ()


@dataclass(frozen=True, slots=True)
class ListLiteral(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ContextLiteral(Node):
    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class RangeLiteral(Node):
    low: Node
    high: Node
    low_closed: bool
    high_closed: bool


@dataclass(frozen=True, slots=True)
class TypeName(Node):
    """A type: ``number``, ``list<string>``, ``context<a: number>``, ``function<number> -> string``."""

    name: str
    arguments: tuple[TypeName, ...] = ()
    entries: tuple[tuple[str, TypeName], ...] = ()


@dataclass(frozen=True, slots=True)
class FunctionLiteral(Node):
    parameters: tuple[str, ...]
    types: tuple[TypeName | None, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    value: Node
    type: TypeName


@dataclass(frozen=True, slots=True)
class UnaryComparison(Node):
    """``> 5``: the value under test compared with an operand."""

    op: str
    operand: Node


@dataclass(frozen=True, slots=True)
class UnaryTests(Node):
    """A cell: any of ``tests`` holds, or none when ``negated``; no tests at all is ``-`` (anything)."""

    tests: tuple[Node, ...]
    negated: bool = False


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below ``node``, in written order."""
    for each in fields(node):
        if each.name != "span":
            yield from _nodes_in(getattr(node, each.name))


def _nodes_in(value: Any) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif type(value) is tuple:
        for item in value:
            yield from _nodes_in(item)


def walk(node: Node) -> Iterator[Node]:
    """``node`` and everything below it, without recursion."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(children(current))


def height(node: Node) -> int:
    """How many nodes the longest way from ``node`` down to a leaf has."""
    tallest = 0
    stack = [(node, 1)]
    while stack:
        current, level = stack.pop()
        tallest = max(tallest, level)
        stack.extend((child, level + 1) for child in children(current))
    return tallest
