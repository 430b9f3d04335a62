"""What is not known in one question to a decision, and the language that its expressions are written in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gongbao.engine.decision.diagram import Diagram, Diagrams
from gongbao.engine.decision.unknown import Domain
from gongbao.feel import CompiledExpression, Functions, compile_expression
from gongbao.feel.syntax import Node

if TYPE_CHECKING:
    from gongbao.engine.decision.symbolic import Symbolic


@dataclass(frozen=True)
class Language:
    """The names and functions that the trees were written with; keeps what was compiled of them."""

    names: tuple[str, ...] = ()
    functions: Functions | None = None
    compiled: dict[Node, CompiledExpression] = field(default_factory=dict, compare=False, repr=False)

    def of(self, node: Node) -> CompiledExpression:
        found = self.compiled.get(node)
        if found is None:
            found = self.compiled[node] = compile_expression(node, self.names, self.functions, strict=False)
        return found


@dataclass(frozen=True)
class Space:
    """What is not known in one question to a decision, required decisions included.

    domains: dotted name -> what it may be. texts: those that rules or the case name. fresh: a text that is none of
    them -> the names that may be it. decisions: a required decision -> the diagram of its value. asked: a question
    that stands for something open -> the names it hangs on. readings: a decision -> its expressions in this space.
    """

    diagrams: Diagrams
    domains: dict[str, Domain]
    texts: tuple[str, ...] = ()
    fresh: Mapping[str, frozenset[str]] = field(default_factory=dict)
    decisions: dict[str, Diagram] = field(default_factory=dict)
    asked: dict[str, frozenset[str]] = field(default_factory=dict)
    readings: dict[str, Symbolic] = field(default_factory=dict)
