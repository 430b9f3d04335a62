"""Small readings of FEEL trees that more than one evaluation of them needs."""

from __future__ import annotations

from typing import Any

from gongbao.feel import syntax
from gongbao.feel.syntax import Name, Node, Path

SUBJECT = "@subject"  # stands for `?` in a tree; no name of a pack can be spelt so


def asks_subject(test: Node) -> bool:
    """Whether a test is written with `?`."""
    return any(isinstance(each, Name) and each.name == "?" for each in syntax.walk(test))


def with_subject(node: Any) -> Any:
    """The tree with `?` under a name that can be compiled outside a cell."""
    if isinstance(node, tuple):
        return tuple(with_subject(each) for each in node)
    if isinstance(node, Name) and node.name == "?":
        return Name(SUBJECT)
    return type(node)(*(with_subject(getattr(node, each)) for each in node.fields)) if isinstance(node, Node) else node


def dotted(node: Node) -> tuple[str, ...] | None:
    """The parts of a dotted name; None for anything else."""
    parts: list[str] = []
    while isinstance(node, Path):
        parts.append(node.name)
        node = node.base
    return (node.name, *reversed(parts)) if isinstance(node, Name) else None


def called(node: syntax.Call) -> str:
    """The function that a call names, where its arguments stand in order; else nothing."""
    return node.function.name if isinstance(node.function, Name) and not node.named else ""


def terms_of(node: syntax.Call) -> tuple[Node, ...]:
    """The terms of `max(a, b)` or `max([a, b])`."""
    terms = tuple(node.arguments)
    return tuple(terms[0].items) if len(terms) == 1 and isinstance(terms[0], syntax.ListLiteral) else terms
