"""What a built-in function is: its name, the ways its parameters may be written, and a Python function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias, TypeVar

from gongbao.feel.values import Value

_F = TypeVar("_F", bound=Callable[..., Value])
#: What a call costs: nothing to speak of; by the size of what goes in and comes out; or, beside that, what the
#: function itself takes from the ``budget`` it is given by name.
Cost: TypeAlias = Literal["flat", "size", "own"]


@dataclass(frozen=True, slots=True)
class Signature:
    """Parameter names in order; those from ``required`` on may be left out; a ``variadic`` last one may repeat."""

    parameters: tuple[str, ...]
    required: int
    variadic: bool

    def accepts(self, count: int) -> bool:
        return count >= self.required and (self.variadic or count <= len(self.parameters))


@dataclass(frozen=True, slots=True)
class Builtin:
    """A built-in; ``call`` takes arguments by position and gives null for arguments it is not defined for."""

    name: str
    signatures: tuple[Signature, ...]
    call: Callable[..., Value]
    summary: str
    constant: bool
    cost: Cost = "flat"

    @property
    def usage(self) -> str:
        """How it is written, e.g. ``substring(string, start position, length?)``."""
        return " / ".join(f"{self.name}({_written(signature)})" for signature in self.signatures)


REGISTERED: dict[str, Builtin] = {}


def builtin(name: str, *signatures: str, constant: bool = False, cost: Cost = "flat") -> Callable[[_F], _F]:
    """Registers a function under a FEEL name.

    A signature lists parameters by comma; ``length?`` may be left out, ``list...`` may repeat. ``constant``
    functions of literals are computed when the expression is compiled. The docstring's first line is the summary.
    """

    def register(function: _F) -> _F:
        summary = (function.__doc__ or "").strip().partition("\n")[0]
        REGISTERED[name] = Builtin(name, tuple(_read(text) for text in signatures), function, summary, constant, cost)
        return function

    return register


def _read(text: str) -> Signature:
    parts = [part.strip() for part in text.split(",")] if text else []
    variadic = bool(parts) and parts[-1].endswith("...")
    names = tuple(part.removesuffix("...").removesuffix("?") for part in parts)
    return Signature(names, sum(not part.endswith("?") for part in parts), variadic)


def _written(signature: Signature) -> str:
    shown = [name + ("?" if i >= signature.required else "") for i, name in enumerate(signature.parameters)]
    return ", ".join(shown) + ("..." if signature.variadic else "")
