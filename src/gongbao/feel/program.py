"""The body of a generated function while it is being written: statements, variables, and the names in scope.

A free name is loaded once, at the start. A variable is set once, so a test of it ("is it an int") can be made where
it is set and used wherever it is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gongbao.feel.errors import FeelSyntaxError
from gongbao.feel.literals import rendered
from gongbao.feel.meter import MAX_STEPS
from gongbao.feel.parse import KnownName
from gongbao.feel.syntax import Node
from gongbao.feel.values import Value

_MAX_INDENT = 80


class Code(NamedTuple):
    """A piece of Python; ``atomic`` pieces may be repeated.

    ``kind`` is ``int`` or ``boolean`` (True, False or None) where that is known; a ``literal`` has its ``value``.
    """

    text: str
    kind: str = ""
    atomic: bool = False
    literal: bool = False
    value: Value = None


NULL = Code("None", "", True, True, None)


@dataclass(slots=True)
class Filtered:
    """Names inside ``xs[...]``: entries of the item come first."""

    item: str


@dataclass(slots=True)
class FunctionBorder:
    """The border of a function body; ``captured`` are the outer variables its body reads."""

    captured: set[str] = field(default_factory=set)


class Program:
    """One function over a scope ``s``, statement by statement."""

    def __init__(self, names: Iterable[KnownName] = ()) -> None:
        self.declared = frozenset(name.partition(".")[0] if isinstance(name, str) else name[0] for name in names)
        #: The text that is being compiled, for messages.
        self.text = ""
        self.lines: list[Any] = []
        self.indent = 1
        self.frames: list[Any] = [{}]
        #: Free names, by the parts of their path, whose value (or the code of it) is known while the function is written.
        self.fixed: Mapping[tuple[str, ...], Value] = {}
        self.uses_budget = False
        #: Whether the scope may carry a budget for the formulas that are evaluated on it.
        self.shares_budget = False
        self._prelude: list[str] = []
        self._free: dict[tuple[str, ...], str] = {}
        self._read: set[tuple[str, ...]] = set()
        self._constants: dict[str, str] = {}
        # Where the line "i_x = type(x) is int" of a variable goes, should one be asked for, and its indent.
        self._flags: dict[str, tuple[list[Any], int]] = {}
        self._counter = 0

    def fail(self, reason: str, node: Node) -> FeelSyntaxError:
        return FeelSyntaxError(reason, self.text, min(node.span[0], len(self.text)))

    # Statements ------------------------------------------------------------------------------------------------

    def fresh(self, prefix: str) -> str:
        self._counter += 1
        return f"{prefix}{self._counter}"

    def emit(self, line: str) -> None:
        if self.indent > _MAX_INDENT:
            raise FeelSyntaxError("公式嵌套过深", self.text, 0)
        self.lines.append(" " * self.indent + line)

    @contextmanager
    def block(self) -> Iterator[list[Any]]:
        """Statements emitted inside go, indented, to the list given; the caller places it."""
        outer, self.lines = self.lines, []
        self.indent += 1
        try:
            yield self.lines
        finally:
            self.indent -= 1
            self.lines = outer

    @contextmanager
    def frame(self, frame: Any) -> Iterator[None]:
        self.frames.append(frame)
        try:
            yield
        finally:
            self.frames.pop()

    def define(self, code: Code, prefix: str = "t") -> Code:
        """The code under a variable of its own, with a place where an "is it an int" flag may be put."""
        variable = self.fresh(prefix)
        self.emit(f"{variable} = {code.text}")
        self._flags[variable] = ([], self.indent)
        self.lines.append(self._flags[variable][0])
        return Code(variable, code.kind, True)

    def source(self, name: str, parameters: str = "s") -> str:
        """The module source: constants, then ``def name(parameters)`` with the statements emitted so far."""
        head: list[Any] = []
        roots = [(path, variable) for path, variable in self._free.items() if len(path) == 1]
        if roots:
            head.append(" try:")
            head += [f"  {variable} = s[{path[0]!r}]" for path, variable in roots]
            head.append(" except KeyError:")
            head += [f"  {variable} = s.get({path[0]!r})" for path, variable in roots]
            head += [self._flags[variable][0] for _, variable in roots]
        for path, variable in sorted(self._free.items(), key=lambda item: len(item[0])):
            if len(path) > 1:
                head.append(f" {variable} = {entry_of(self._free[path[:-1]], path[-1])}")
                head.append(self._flags[variable][0])
        if self.uses_budget:
            carried = "s.get(BUDGET) or " if self.shares_budget else ""
            head.append(f" budget = {carried}[{MAX_STEPS}]")
        flat: list[str] = []
        _flatten([head, self.lines], flat)
        return "\n".join([*self._prelude, f"def {name}({parameters}):", *flat, ""])

    def names(self) -> tuple[str, ...]:
        """The free names, dotted as they are read, without those that only lead to a longer one."""
        return tuple(sorted(".".join(path) for path in self._read))

    # Names and literals ----------------------------------------------------------------------------------------

    def free_name(self, *path: str) -> Code:
        """The variable that holds a free name, loaded once at the start of the function, or its fixed value."""
        if path in self.fixed:
            held = self.fixed[path]
            return held if type(held) is Code else self.constant(held)
        self._read.add(path)
        for length in range(1, len(path) + 1):
            if path[:length] not in self._free:
                variable = f"n{len(self._free)}"
                self._free[path[:length]] = variable
                self._flags[variable] = ([], 1)
        return Code(self._free[path], "", True)

    def constant(self, value: Value) -> Code:
        """A literal. Small ones stand in the code, the others are made once, in the prelude."""
        kind = "int" if type(value) is int else "boolean" if type(value) is bool else ""
        if value is None or type(value) in (bool, str):
            return Code(repr(value), kind, True, True, value)
        if type(value) is int and value.bit_length() < 128:
            return Code(f"({value})" if value < 0 else str(value), kind, True, True, value)
        key = rendered(value)  # not the value: equal moments in two zones are two constants
        if key not in self._constants:
            self._constants[key] = f"k{len(self._constants)}"
            self._prelude.append(f"{self._constants[key]} = {key}")
        return Code(self._constants[key], kind, True, True, value)

    def lookup(self, name: str, *rest: str) -> Code | None:
        """The code of a local name (and of the path that follows it), None when it is free."""
        crossed: list[FunctionBorder] = []
        for at in range(len(self.frames) - 1, -1, -1):
            frame = self.frames[at]
            if type(frame) is FunctionBorder:
                crossed.append(frame)
            elif type(frame) is Filtered:
                return self._item_entry(name, rest, frame, at, crossed)
            elif name in frame:
                return followed(self._captured(frame[name], crossed), rest, self.budget() if rest else "")
        return None

    @staticmethod
    def _captured(code: Code, crossed: list[FunctionBorder]) -> Code:
        for function in crossed:
            function.captured.add(code.text)
        return code

    def _item_entry(
        self, name: str, rest: tuple[str, ...], frame: Filtered, at: int, crossed: list[FunctionBorder]
    ) -> Code:
        if name == "item":
            return followed(self._captured(Code(frame.item, "", True), crossed), rest, self.budget() if rest else "")
        inner, self.frames = self.frames, self.frames[:at]
        try:
            outer = self.lookup(name, *rest)
            if outer is None:
                outer = NULL if self.declared and name not in self.declared else self.free_name(name, *rest)
        finally:
            self.frames = inner
        self._captured(Code(frame.item), crossed)
        self._captured(outer, crossed)
        held = f"(type({frame.item}) is dict or is_context({frame.item})) and {name!r} in {frame.item}"
        entry = followed(Code(f"{frame.item}[{name!r}]"), rest, self.budget() if rest else "")
        return Code(f"({entry.text} if {held} else {outer.text})")

    def budget(self) -> str:
        """The last argument of a call that takes a budget."""
        self.uses_budget = True
        return ", budget"

    def in_function(self) -> bool:
        return any(type(frame) is FunctionBorder for frame in self.frames)

    def is_int(self, code: Code) -> str:
        """A test whether a value is an int; for variables it is made once, where the variable is set."""
        if code.kind == "int":
            return "True"
        slot = self._flags.get(code.text)
        if slot is None or self.in_function():
            return f"type({code.text}) is int"
        lines, indent = slot
        if not lines:
            lines.append(f"{' ' * indent}i_{code.text} = type({code.text}) is int")
        return f"i_{code.text}"


def followed(base: Code, names: tuple[str, ...], budget: str) -> Code:
    """The path ``names`` from ``base`` on."""
    text = base.text
    for at, name in enumerate(names):
        direct = at == 0 and base.atomic and not base.literal
        text = entry_of(text, name, budget) if direct else f"path({text}, {name!r}{budget})"
    return Code(text) if names else base


def entry_of(base: str, name: str, budget: str = "") -> str:
    return f"({base}[{name!r}] if type({base}) is dict and {name!r} in {base} else path({base}, {name!r}{budget}))"


def _flatten(lines: list[Any], flat: list[str]) -> None:
    for line in lines:
        if isinstance(line, list):
            _flatten(line, flat)
        else:
            flat.append(line)
