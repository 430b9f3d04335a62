"""A FEEL expression compiled once to a Python function of a scope.

>>> compile_expression("poisoned + deaths > params.limit").evaluate(
...     {"poisoned": 40, "deaths": 1, "params": {"limit": 30}})
True

A scope is a mapping of names to values (``values.py``); entries such as ``params`` are mappings themselves. A name
that the scope does not hold is null.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from gongbao.feel.emit import Emitter
from gongbao.feel.literals import literals
from gongbao.feel.parse import KnownName, parse_expression, parse_unary_tests
from gongbao.feel.program import Code
from gongbao.feel.runtime import RUNTIME, HostFunction
from gongbao.feel.syntax import Node, UnaryTests
from gongbao.feel.types import OwnTypes
from gongbao.feel.values import Value

__all__ = ["CompiledExpression", "CompiledTests", "Functions", "HostFunction", "Scope", "distinct", "load"]
__all__ += ["compile_expression", "compile_unary_tests"]

Functions: TypeAlias = Mapping[str, Callable[..., Value] | HostFunction]
Scope: TypeAlias = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class CompiledExpression:
    """One expression: ``evaluate(scope)`` gives its value.

    ``names`` are the free names it reads, dotted (``params.base``); ``constants`` the distinct values written in
    it; ``calls`` the functions it calls; ``source`` the generated Python.
    """

    text: str
    node: Node
    names: tuple[str, ...]
    constants: tuple[Value, ...]
    calls: tuple[str, ...]
    source: str
    evaluate: Callable[[Scope], Value]


@dataclass(frozen=True, slots=True)
class CompiledTests:
    """Unary tests: ``evaluate(value, scope)`` gives True, False or None (cannot be told: null took part)."""

    text: str
    node: UnaryTests
    names: tuple[str, ...]
    constants: tuple[Value, ...]
    calls: tuple[str, ...]
    source: str
    evaluate: Callable[[Value, Scope], bool | None]


def compile_expression(
    expression: str | Node,
    names: Iterable[KnownName] = (),
    functions: Functions | None = None,
    *,
    strict: bool = True,
    shares_budget: bool = False,
    types: OwnTypes | None = None,
) -> CompiledExpression:
    """Compiles an expression (its text, or its tree).

    ``names`` are the names that may occur (needed where they contain spaces, and to tell entries of list items
    from names in a filter); ``functions`` the host's own. ``FeelSyntaxError`` for what is no expression, and in
    ``strict`` mode for unknown functions and wrong arguments, which otherwise give null. With ``shares_budget`` the scope
    may carry the budget (``meter.BUDGET``) of an evaluation that this one is a part of. ``types`` are those of a model, for
    ``instance of`` and parameters.
    """
    names = tuple(names)
    text = expression if isinstance(expression, str) else ""
    known = [*names, *(functions or ())]
    node = parse_expression(expression, known, types or ()) if isinstance(expression, str) else expression
    emitter = Emitter(names, functions, strict)
    emitter.shares_budget = shares_budget
    emitter.types = types or {}
    emitter.text = text
    emitter.emit(f"return {emitter.value(node).text}")
    source = emitter.source("evaluate")
    evaluate = load(source, "evaluate", emitter, text)
    return CompiledExpression(
        text, node, emitter.names(), distinct(literals(node)), tuple(emitter.calls), source, evaluate
    )


def compile_unary_tests(
    tests: str | UnaryTests, names: Iterable[KnownName] = (), functions: Functions | None = None, *, strict: bool = True
) -> CompiledTests:
    """Compiles a decision table cell; names and errors as for ``compile_expression``."""
    names = tuple(names)
    text = tests if isinstance(tests, str) else ""
    node = parse_unary_tests(tests, [*names, *(functions or ())]) if isinstance(tests, str) else tests
    emitter = Emitter(names, functions, strict)
    emitter.text = text
    subject = Code("x", "", True)
    with emitter.frame({"?": subject}):
        emitter.emit(f"return {emitter.value(emitter.tests(subject, node.tests, node.negated)).text}")
    source = emitter.source("evaluate", "x, s")
    evaluate = load(source, "evaluate", emitter, text)
    return CompiledTests(text, node, emitter.names(), distinct(literals(node)), tuple(emitter.calls), source, evaluate)


def load(source: str, name: str, emitter: Emitter, label: str) -> Any:
    """Runs generated source in the FEEL runtime (and nothing else) and gives the function ``name``."""
    namespace = {**RUNTIME, **emitter.hosts}
    shown = "".join(letter if letter.isprintable() else " " for letter in label[:60])
    exec(compile(source, f"<FEEL {shown}>", "exec"), namespace)
    return namespace[name]


def distinct(values: Iterable[Value]) -> tuple[Value, ...]:
    """The values, each once (``1`` and ``true`` are two), in the order in which they first stand."""
    seen: dict[tuple[type, Value], Value] = {}
    for value in values:
        seen.setdefault((type(value), value), value)
    return tuple(seen.values())
