"""The syntax tree of FEEL: one frozen node per construct, each with the span of source it was read from.

Spans are ``(start, end)`` character offsets and do not take part in equality, so two trees are equal when
they mean the same text. Chains of ``and`` and of ``or`` are one node with many terms.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, TypeAlias, dataclass_transform

Span: TypeAlias = tuple[int, int]

NOWHERE: Span = (0, 0)


def _field(*, default: Any, kw_only: bool) -> Any:
    """A field with a default; ``kw_only`` speaks to the type checker."""
    return default


@dataclass_transform(frozen_default=True, field_specifiers=(_field,))
class _Record:
    """A frozen dataclass in all but the way it is made: two dozen real ones would take 15 ms to import."""

    fields: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        cls.fields = tuple(name for name in cls.__annotations__ if name != "span")

    def __init__(self, *values: Any, span: Span = NOWHERE) -> None:
        own = self.__dict__
        own["span"] = span
        for name, value in zip(self.fields, values, strict=False):
            own[name] = value
        if len(values) != len(self.fields):
            self._fill(len(values))

    def _fill(self, given: int) -> None:
        """Checks that a field left out has a default, which the class holds."""
        if given > len(self.fields) or not all(hasattr(type(self), name) for name in self.fields[given:]):
            raise TypeError(f"{type(self).__name__} takes {', '.join(self.fields)}")

    def _values(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.fields)

    def __getstate__(self) -> dict[str, Any]:
        """Without the span, which only messages about the text ask for."""
        return {name: value for name, value in self.__dict__.items() if name != "span"}

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._values() == other._values()

    def __hash__(self) -> int:
        return hash((type(self), self._values()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(repr(value) for value in self._values())})"


class Node(_Record):
    """Anything an expression is made of: equal by class and fields, wherever it stands in a text."""

    span: Span = _field(default=NOWHERE, kw_only=True)


class Literal(Node):
    """A value written in the text: number, string, boolean, null, or temporal (``@"2023-01-01"``)."""

    value: Any


class Name(Node):
    """A name in scope; ``?`` is the value under test in a unary test."""

    name: str


class Path(Node):
    """``base.name``."""

    base: Node
    name: str


class Negate(Node):
    operand: Node


class Arithmetic(Node):
    """``op`` is one of ``+ - * / **``."""

    op: str
    left: Node
    right: Node


class Comparison(Node):
    """``op`` is one of ``= != < <= > >=``."""

    op: str
    left: Node
    right: Node


class And(Node):
    terms: tuple[Node, ...]


class Or(Node):
    terms: tuple[Node, ...]


class Between(Node):
    value: Node
    low: Node
    high: Node


class In(Node):
    """``value in (tests)``: any of the positive unary tests holds."""

    value: Node
    tests: tuple[Node, ...]


class If(Node):
    condition: Node
    then: Node
    otherwise: Node


class IterationSource(Node):
    """``name in source`` or, when ``end`` is given, ``name in source..end``."""

    name: str
    source: Node
    end: Node | None = None


class For(Node):
    sources: tuple[IterationSource, ...]
    body: Node


class Quantified(Node):
    """``every`` or, when ``every`` is false, ``some``."""

    every: bool
    sources: tuple[IterationSource, ...]
    condition: Node


class Filter(Node):
    """``base[condition]``: an index when the condition is a number, else a filter."""

    base: Node
    condition: Node


class Call(Node):
    """An invocation; ``named`` holds ``(parameter, argument)`` pairs in written order."""

    function: Node
    arguments: tuple[Node, ...] = ()
    named: tuple[tuple[str, Node], ...] = ()


class ListLiteral(Node):
    items: tuple[Node, ...]


class ContextLiteral(Node):
    entries: tuple[tuple[str, Node], ...]


class RangeLiteral(Node):
    low: Node
    high: Node
    low_closed: bool
    high_closed: bool


class TypeName(Node):
    """A type: ``number``, ``list<string>``, ``context<a: number>``, ``function<number> -> string``."""

    name: str
    arguments: tuple[TypeName, ...] = ()
    entries: tuple[tuple[str, TypeName], ...] = ()


class FunctionLiteral(Node):
    parameters: tuple[str, ...]
    types: tuple[TypeName | None, ...]
    body: Node


class InstanceOf(Node):
    value: Node
    type: TypeName


class UnaryComparison(Node):
    """``> 5``: the value under test compared with an operand."""

    op: str
    operand: Node


class UnaryTests(Node):
    """A cell: any of ``tests`` holds, or none when ``negated``; no tests at all is ``-`` (anything)."""

    tests: tuple[Node, ...]
    negated: bool = False


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below ``node``, in written order."""
    for name in node.fields:
        yield from _nodes_in(getattr(node, name))


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
