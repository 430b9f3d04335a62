"""Syntax tree to straight-line Python: the one place that gives FEEL constructs their meaning.

The generated source holds only names made here, operators, and literals rendered here, so no text of a pack ever
becomes Python. It keeps three-valued logic by *polarity*: where only "is it true?" matters (a cell, an ``if``, a
filter) ``condition`` gives a Python truth test; elsewhere ``value`` gives True, False or None. Whole numbers take
an inlined fast path (``type(x) is int``); everything else goes to ``gongbao.feel.values``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from gongbao.feel import syntax, temporal, values
from gongbao.feel.builtins import BUILTINS, REFUSED, Builtin, Signature
from gongbao.feel.errors import FeelSyntaxError
from gongbao.feel.syntax import Comparison, Literal, Name, Node, Path
from gongbao.feel.types import instance_of
from gongbao.feel.values import Value, YearsMonths

#: Steps that all loops of one evaluation may take together.
MAX_STEPS = 1_000_000
_MAX_INDENT = 80
_MAX_LOOPS = 15
_LONG = 240
_INLINE_INT = 2**63


@dataclass(frozen=True, slots=True)
class HostFunction:
    """A function that the engine adds to the language, such as ``first(event)`` or ``register(name)``.

    ``call`` gets evaluated arguments by position, and named ones as keywords (spaces become ``_``). Parameters in
    ``bare`` take a name as it stands: ``first(report_received)`` passes ``"report_received"``. With ``takes_scope``
    the mapping the expression is evaluated on comes first.
    """

    call: Callable[..., Value]
    bare: frozenset[str] = frozenset()
    takes_scope: bool = False
    summary: str = ""


class Code(NamedTuple):
    """A piece of Python: ``atomic`` pieces may be repeated; ``kind`` is ``int``, ``boolean`` (or None) or unknown."""

    text: str
    kind: str = ""
    atomic: bool = False
    literal: bool = False
    value: Value = None


class Given(Node):
    """A value that is already in Python: the subject of a unary test."""

    code: Code


class Membership(Node):
    """``value in test`` where the test is known only when it is evaluated."""

    value: Node
    test: Node


@dataclass(slots=True)
class _Filtered:
    """Names inside ``xs[...]``: entries of the item come first."""

    item: str


@dataclass(slots=True)
class _Function:
    """The border of a function body; ``captured`` are the outer variables its body reads."""

    captured: set[str] = field(default_factory=set)


_FUNCTIONS = {"=": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_PYTHON = {"=": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_MIRROR = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_ARITHMETIC = {"+": "add", "-": "sub", "*": "mul", "/": "div", "**": "power"}
_NULL = Code("None", "", True, True, None)
_BOOLEAN_NODES = (syntax.And, syntax.Or, Comparison, syntax.Between, syntax.In, syntax.Quantified, syntax.InstanceOf)


def python_name(builtin: str) -> str:
    return "f_" + builtin.replace(" ", "_")


def snapshot(items: list[Value], budget: list[int]) -> list[Value]:
    """What a loop has so far (``partial``), as a list of its own."""
    values.iterate(items, None, False, budget)
    return list(items)


#: Everything that generated source may refer to. There are no Python builtins beside these.
RUNTIME: dict[str, Any] = {
    "__builtins__": {},
    **{name: getattr(values, name) for name in (*_FUNCTIONS.values(), *_ARITHMETIC.values())},
    **{name: getattr(values, name) for name in ("neg", "path", "index", "iterate", "in_value", "make_range")},
    **{name: getattr(values, name) for name in ("is_number", "call_value", "call_named", "FeelFunction")},
    "YearsMonths": YearsMonths,
    "read_moment": temporal.read_moment,
    "read_time": temporal.read_time,
    "snapshot": snapshot,
    "instance_of": instance_of,
    **{kind.__name__: kind for kind in (Decimal, date, datetime, time, timedelta, KeyError)},
    **{kind.__name__: kind for kind in (type, int, str, bool, list, tuple, dict, len)},
    **{python_name(name): builtin.call for name, builtin in BUILTINS.items()},
}


class Emitter:
    """Collects the statements of one generated function over a scope ``s``.

    ``names`` (the names the pack declares, dotted or not) decide what may be called as a function value and what
    inside a filter can only be an entry of the item; with none given, any name may be anything. ``strict`` refuses
    unknown functions and wrong numbers of arguments; otherwise they give null, as the standard has it.
    """

    def __init__(
        self,
        names: Iterable[str] = (),
        functions: Mapping[str, Callable[..., Value] | HostFunction] | None = None,
        strict: bool = True,
    ) -> None:
        self.declared = frozenset(name.partition(".")[0] for name in names)
        self.functions = functions or {}
        self.strict = strict
        self.text = ""
        self.lines: list[Any] = []
        self.indent = 1
        self.loops = 0
        self.frames: list[Any] = [{}]
        self.free: dict[tuple[str, ...], str] = {}
        self.prelude: list[str] = []
        self.hosts: dict[str, Any] = {}
        self.calls: list[str] = []
        self._constants: dict[str, str] = {}
        # Where the line "i_x = type(x) is int" of a variable goes, should one be asked for, and its indent.
        self._flags: dict[str, tuple[list[Any], int]] = {}
        self._read: set[tuple[str, ...]] = set()
        self._counter = 0
        self._uses_budget = False

    # Putting the function together ---------------------------------------------------------------------------

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
        roots = [(path, variable) for path, variable in self.free.items() if len(path) == 1]
        if roots:
            head.append(" try:")
            head += [f"  {variable} = s[{path[0]!r}]" for path, variable in roots]
            head.append(" except KeyError:")
            head += [f"  {variable} = s.get({path[0]!r})" for path, variable in roots]
            head += [self._flags[variable][0] for _, variable in roots]
        for path, variable in sorted(self.free.items(), key=lambda item: len(item[0])):
            if len(path) > 1:
                head.append(f" {variable} = {_entry(self.free[path[:-1]], path[-1])}")
                head.append(self._flags[variable][0])
        if self._uses_budget:
            head.append(f" budget = [{MAX_STEPS}]")
        flat: list[str] = []
        _flatten([head, self.lines], flat)
        return "\n".join([*self.prelude, f"def {name}({parameters}):", *flat, ""])

    def names(self) -> tuple[str, ...]:
        """The free names, dotted as they are read, without those that only lead to a longer one."""
        return tuple(sorted(".".join(path) for path in self._read))

    # Names and literals ----------------------------------------------------------------------------------------

    def free_name(self, *path: str) -> Code:
        """The variable that holds a free name, loaded once at the start of the function."""
        self._read.add(path)
        for length in range(1, len(path) + 1):
            if path[:length] not in self.free:
                variable = f"n{len(self.free)}"
                self.free[path[:length]] = variable
                self._flags[variable] = ([], 1)
        return Code(self.free[path], "", True)

    def constant(self, value: Value) -> Code:
        """A literal. Small ones stand in the code, the others are made once, in the prelude."""
        kind = "int" if type(value) is int else "boolean" if type(value) is bool else ""
        if value is None or type(value) in (bool, str):
            return Code(repr(value), kind, True, True, value)
        if type(value) is int and value.bit_length() < 128:
            return Code(f"({value})" if value < 0 else str(value), kind, True, True, value)
        key = _rendered(value)  # not the value: equal moments in two zones are two constants
        if key not in self._constants:
            self._constants[key] = f"k{len(self._constants)}"
            self.prelude.append(f"{self._constants[key]} = {key}")
        return Code(self._constants[key], kind, True, True, value)

    def lookup(self, name: str, *rest: str) -> Code | None:
        """The code of a local name (and of the path that follows it), None when it is free."""
        crossed: list[_Function] = []
        for at in range(len(self.frames) - 1, -1, -1):
            frame = self.frames[at]
            if type(frame) is _Function:
                crossed.append(frame)
            elif type(frame) is _Filtered:
                return self._item_entry(name, rest, frame, at, crossed)
            elif name in frame:
                return _followed(self._captured(frame[name], crossed), rest)
        return None

    @staticmethod
    def _captured(code: Code, crossed: list[_Function]) -> Code:
        for function in crossed:
            function.captured.add(code.text)
        return code

    def _item_entry(
        self, name: str, rest: tuple[str, ...], frame: _Filtered, at: int, crossed: list[_Function]
    ) -> Code:
        if name == "item":
            return _followed(self._captured(Code(frame.item, "", True), crossed), rest)
        inner, self.frames = self.frames, self.frames[:at]
        try:
            outer = self.lookup(name, *rest)
            if outer is None:
                outer = _NULL if self.declared and name not in self.declared else self.free_name(name, *rest)
        finally:
            self.frames = inner
        self._captured(Code(frame.item), crossed)
        self._captured(outer, crossed)
        held = f"type({frame.item}) is dict and {name!r} in {frame.item}"
        entry = _followed(Code(f"{frame.item}[{name!r}]"), rest)
        return Code(f"({entry.text} if {held} else {outer.text})")

    # Values ----------------------------------------------------------------------------------------------------

    def value(self, node: Node) -> Code:
        """Python for the value of ``node``; statements it needs are emitted first."""
        code: Code = getattr(self, "_" + type(node).__name__)(node)
        return self.define(code) if len(code.text) > _LONG and not code.atomic else code

    def atom(self, node: Node) -> Code:
        code = self.value(node)
        return code if code.atomic else self.define(code)

    def variable(self, node: Node) -> Code:
        """As ``atom``, but never a literal, for code that asks ``x is True``."""
        code = self.value(node)
        return code if code.atomic and not code.literal else self.define(code)

    def _Given(self, node: Given) -> Code:
        return node.code

    def _Literal(self, node: Literal) -> Code:
        return self.constant(node.value)

    def _Name(self, node: Name) -> Code:
        code = self.lookup(node.name)
        if code is None:
            if node.name == "?":
                raise self._fail("“?”只能写在判定表的格子里", node)
            if node.name not in self.declared and (builtin := BUILTINS.get(node.name)) is not None:
                return Code(f"FeelFunction({builtin.signatures[0].parameters!r}, {python_name(node.name)})")
            code = self.free_name(node.name)
        return code

    def _Path(self, node: Path) -> Code:
        names = [node.name]
        base = node.base
        while isinstance(base, Path):
            names.append(base.name)
            base = base.base
        if isinstance(base, Name) and base.name != "?":
            return self.lookup(base.name, *reversed(names)) or self.free_name(base.name, *reversed(names))
        base_code = self.variable(node.base)
        return Code(_entry(base_code.text, node.name))

    def _Negate(self, node: syntax.Negate) -> Code:
        operand = self.atom(node.operand)
        flag = self.is_int(operand)
        return Code(f"(-{operand.text} if {flag} else neg({operand.text}))")

    def _Arithmetic(self, node: syntax.Arithmetic) -> Code:
        left, right = self.atom(node.left), self.atom(node.right)
        function = _ARITHMETIC[node.op]
        call = f"{function}({left.text}, {right.text})"
        literal = right if right.literal else left
        small = literal.kind == "int" and literal.literal and abs(literal.value) < _INLINE_INT
        # Inside loops and functions numbers may grow without bound, so only the checked form is used.
        if self.loops or self._in_function() or not (node.op in "+-" or (node.op == "*" and small)):
            return Code(call)
        flags = [self.is_int(code) for code in (left, right) if code.kind != "int"]
        plain = f"{left.text} {node.op} {right.text}"
        return Code(f"({plain} if {' and '.join(flags)} else {call})") if flags else Code(f"({plain})", "int")

    def _in_function(self) -> bool:
        return any(type(frame) is _Function for frame in self.frames)

    def is_int(self, code: Code) -> str:
        """A test whether a value is an int; for variables it is made once, where the variable is set."""
        if code.kind == "int":
            return "True"
        slot = self._flags.get(code.text)
        if slot is None or self._in_function():
            return f"type({code.text}) is int"
        lines, indent = slot
        if not lines:
            lines.append(f"{' ' * indent}i_{code.text} = type({code.text}) is int")
        return f"i_{code.text}"

    def compare(self, op: str, left: Code, right: Code) -> Code:
        """``left op right`` for two atoms."""
        if left.literal and right.literal:
            return self.constant(getattr(values, _FUNCTIONS[op])(left.value, right.value))
        if left.literal:
            op, left, right = _MIRROR[op], right, left
        call = f"{_FUNCTIONS[op]}({left.text}, {right.text})"
        plain = f"{left.text} {_PYTHON[op]} {right.text}"
        if right.literal:
            kind = type(right.value)
            if right.value is None and op in ("=", "!="):
                return Code(f"({left.text} {'is' if op == '=' else 'is not'} None)", "boolean")
            if kind is int:
                whole = left.kind == "int"
                return Code(f"({plain})" if whole else f"({plain} if {self.is_int(left)} else {call})", "boolean")
            if kind is Decimal:
                return Code(f"({plain} if {self.is_int(left)} or type({left.text}) is Decimal else {call})", "boolean")
            if kind in (str, date, timedelta, YearsMonths):
                return Code(f"({plain} if type({left.text}) is {kind.__name__} else {call})", "boolean")
            return Code(call, "boolean")
        flags = [self.is_int(code) for code in (left, right) if code.kind != "int"]
        return Code(f"({plain} if {' and '.join(flags)} else {call})" if flags else f"({plain})", "boolean")

    def _Comparison(self, node: Comparison) -> Code:
        return self.compare(node.op, self.atom(node.left), self.atom(node.right))

    def _And(self, node: syntax.And) -> Code:
        return self._connected(node.terms, "False", "True")

    def _Or(self, node: syntax.Or) -> Code:
        return self._connected(node.terms, "True", "False")

    def _connected(self, terms: tuple[Node, ...], deciding: str, neutral: str) -> Code:
        """Three-valued ``and`` / ``or``: the deciding value wins, any other non-neutral value makes it null."""
        result = self.fresh("t")
        first = self.variable(terms[0])
        if first.kind == "boolean":
            self.emit(f"{result} = {first.text}")
        else:
            self.emit(f"{result} = {first.text} if {first.text} is True or {first.text} is False else None")
        for term in terms[1:]:
            self.emit(f"if {result} is not {deciding}:")
            with self.block() as lines:
                code = self.variable(term)
                self.emit(f"if {code.text} is not {neutral}:")
                self.emit(f" {result} = {deciding} if {code.text} is {deciding} else None")
            self.lines.append(lines)
        return Code(result, "boolean", True)

    def _Between(self, node: syntax.Between) -> Code:
        return self.value(self._as_bounds(node))

    def _as_bounds(self, node: syntax.Between) -> Node:
        subject = Given(self.atom(node.value))
        return syntax.And((Comparison(">=", subject, node.low), Comparison("<=", subject, node.high)))

    def _In(self, node: syntax.In) -> Code:
        subject = self.atom(node.value)
        with self.frame({"?": subject}):
            return self.value(self.tests(subject, node.tests))

    def tests(self, subject: Code, tests: tuple[Node, ...], negated: bool = False) -> Node:
        """Unary tests as an ordinary expression about ``subject`` (to be compiled with ``?`` in a frame)."""
        if not tests:
            return Literal(True)
        each = tuple(self._test(Given(subject), test) for test in tests)
        whole: Node = each[0] if len(each) == 1 else syntax.Or(each)
        return syntax.Call(Name("not"), (whole,)) if negated else whole

    @staticmethod
    def _test(subject: Given, test: Node) -> Node:
        if isinstance(test, syntax.UnaryComparison):
            return Comparison(test.op, subject, test.operand)
        if isinstance(test, syntax.RangeLiteral):
            low = Comparison(">=" if test.low_closed else ">", subject, test.low)
            high = Comparison("<=" if test.high_closed else "<", subject, test.high)
            return syntax.And((low, high))
        if isinstance(test, Literal):
            return Comparison("=", subject, test)
        if any(isinstance(node, Name) and node.name == "?" for node in syntax.walk(test)):
            return test
        return Membership(subject, test)

    def _UnaryTests(self, node: syntax.UnaryTests) -> Code:
        raise self._fail("判定表的格子不能单独作为公式", node)

    def _UnaryComparison(self, node: syntax.UnaryComparison) -> Code:
        raise self._fail("“> 5”这样的写法只能用在判定表的格子里或 in 之后", node)

    def _Membership(self, node: Membership) -> Code:
        subject = self.value(node.value).text
        if isinstance(node.test, syntax.ListLiteral) and node.test.items:
            texts = [item.value if isinstance(item, Literal) else None for item in node.test.items]
            if all(type(text) is str for text in texts):
                listed = "(" + "".join(f"{text!r}, " for text in texts) + ")"
                slow = f"in_value({subject}, {listed})"
                return Code(f"({subject} in {listed} if type({subject}) is str else {slow})", "boolean")
        return Code(f"in_value({subject}, {self.value(node.test).text})", "boolean")

    def _If(self, node: syntax.If) -> Code:
        result = self.fresh("t")
        keyword, branch = "if", node
        condition = self.condition(branch.condition)
        while True:
            self.emit(f"{keyword} {condition}:")
            self._branch(result, branch.then)
            otherwise = branch.otherwise
            if not isinstance(otherwise, syntax.If):
                break
            with self.block() as lines:
                condition = self.condition(otherwise.condition)
                if lines:  # the next condition needs statements of its own, so it goes inside an else
                    rest = self._chosen(otherwise, condition)
                    self.emit(f"{result} = {rest.text}")
            if lines:
                self.emit("else:")
                self.lines.append(lines)
                return Code(result, "", True)
            keyword, branch = "elif", otherwise
        self.emit("else:")
        self._branch(result, otherwise)
        return Code(result, "", True)

    def _chosen(self, node: syntax.If, condition: str) -> Code:
        result = self.fresh("t")
        self.emit(f"if {condition}:")
        self._branch(result, node.then)
        self.emit("else:")
        self._branch(result, node.otherwise)
        return Code(result, "", True)

    def _branch(self, result: str, node: Node) -> None:
        with self.block() as lines:
            self.emit(f"{result} = {self.value(node).text}")
        self.lines.append(lines)

    # Loops -----------------------------------------------------------------------------------------------------

    def _For(self, node: syntax.For) -> Code:
        result, broken = self.fresh("r"), self.fresh("b")
        self.emit(f"{result} = []")
        self.emit(f"{broken} = False")

        def body() -> None:
            with self.frame({"partial": Code(f"snapshot({result}, budget)")}):
                self.emit(f"{result}.append({self.value(node.body).text})")

        self._loop(node.sources, broken, body, "")
        self.emit(f"if {broken}: {result} = None")
        return Code(result, "", True)

    def _Quantified(self, node: syntax.Quantified) -> Code:
        result, broken = self.fresh("r"), self.fresh("b")
        deciding, neutral = ("False", "True") if node.every else ("True", "False")
        self.emit(f"{result} = {neutral}")
        self.emit(f"{broken} = False")

        def body() -> None:
            code = self.variable(node.condition)
            self.emit(f"if {code.text} is {deciding}:")
            self.emit(f" {result} = {deciding}")
            self.emit(" break")
            self.emit(f"if {code.text} is not {neutral}: {result} = None")

        self._loop(node.sources, broken, body, f"if {result} is {deciding}: break")
        self.emit(f"if {broken} and {result} is not {deciding}: {result} = None")
        return Code(result, "boolean", True)

    def _loop(
        self, sources: tuple[syntax.IterationSource, ...], broken: str, body: Callable[[], None], after: str
    ) -> None:
        """Nested loops over ``sources``.

        ``broken`` is set when a source cannot be run over; ``after`` is a line that follows an inner loop.
        """
        first = sources[0]
        self._uses_budget = True
        source = self.atom(first.source)
        end = self.atom(first.end) if first.end is not None else _NULL
        items, variable = self.fresh("x"), self.fresh("v")
        self.emit(f"{items} = iterate({source.text}, {end.text}, {first.end is not None}, budget)")
        self.emit(f"if {items} is None:")
        self.emit(f" {broken} = True")
        self.emit(f" {items} = ()")
        self._enter_loop(first)
        self.emit(f"for {variable} in {items}:")
        with self.block() as lines, self.frame({first.name: Code(variable, "", True)}):
            if len(sources) > 1:
                self._loop(sources[1:], broken, body, after)
                if after:
                    self.emit(after)
            else:
                body()
        self.lines.append(lines)
        self.loops -= 1

    def _enter_loop(self, node: Node) -> None:
        self.loops += 1
        if self.loops > _MAX_LOOPS:
            raise self._fail(f"循环嵌套过深（最多 {_MAX_LOOPS} 层）", node)

    def _Filter(self, node: syntax.Filter) -> Code:
        base = self.atom(node.base)
        condition = node.condition
        if isinstance(condition, Literal):
            if values.is_number(condition.value):
                return Code(f"index({base.text}, {self.constant(condition.value).text})")
            if type(condition.value) is not bool:
                return _NULL
        result, items, item = self.fresh("r"), self.fresh("x"), self.fresh("v")
        boolean = isinstance(condition, _BOOLEAN_NODES) or _is_not(condition) or isinstance(condition, Literal)
        self._uses_budget = True
        self.emit(f"{result} = []")
        self.emit(f"{items} = iterate({base.text}, None, False, budget)")
        self.emit(f"if {items} is None:")
        self.emit(f" {result} = None")
        self.emit(f" {items} = ()")
        self._enter_loop(node)
        # An index is recognised by its value, so on an empty list it is still looked at once.
        self.emit(f"for {item} in {items}{'' if boolean else ' or (None,)'}:")
        with self.block() as lines, self.frame(_Filtered(item)):
            if boolean:
                self.emit(f"if {self.condition(condition)}: {result}.append({item})")
            else:
                code = self.atom(condition)
                self.emit(f"if {code.text} is True and {items}: {result}.append({item})")
                self.emit(f"elif is_number({code.text}):")
                self.emit(f" {result} = index({items}, {code.text})")
                self.emit(" break")
        self.lines.append(lines)
        self.loops -= 1
        return Code(result, "", True)

    # Calls -----------------------------------------------------------------------------------------------------

    def _Call(self, node: syntax.Call) -> Code:
        function = node.function
        if isinstance(function, Name):
            name = function.name
            local = any(type(frame) is dict and name in frame for frame in self.frames)
            if not local and name in self.functions:
                return self._host_call(node, name)
            if not local and name in BUILTINS:
                return self._builtin_call(node, BUILTINS[name])
            if not local and name in REFUSED:
                raise self._fail(f"不能使用 {name}()：{REFUSED[name]}", node)
            if not local and self.strict and name not in self.declared:
                raise self._fail(f"没有名为“{name}”的函数{self._similar(name)}", node)
        called = self.atom(function)
        if node.named:
            if node.arguments:
                raise self._fail("函数的参数要么全按位置、要么全按名称给出", node)
            given = "{" + ", ".join(f"{key!r}: {self.value(each).text}" for key, each in node.named) + "}"
            return Code(f"call_named({called.text}, {given})")
        arguments = "".join(f", {self.value(argument).text}" for argument in node.arguments)
        return Code(f"call_value({called.text}{arguments})")

    def _similar(self, name: str) -> str:
        import difflib  # only for a message, and slow to load

        close = difflib.get_close_matches(name, [*BUILTINS, *self.functions], n=1, cutoff=0.75)
        return f"，是否指“{close[0]}”？" if close else ""

    def _host_call(self, node: syntax.Call, name: str) -> Code:
        entry = self.functions[name]
        host = entry if isinstance(entry, HostFunction) else HostFunction(entry)
        self.calls.append(name)
        parameters: list[str] = []
        try:
            signature = inspect.signature(host.call)
            if host.takes_scope:
                signature.bind({}, *node.arguments, **{_keyword(key): 0 for key, _ in node.named})
            else:
                signature.bind(*node.arguments, **{_keyword(key): 0 for key, _ in node.named})
            parameters = list(signature.parameters)[int(host.takes_scope) :]
        except TypeError as error:
            raise self._fail(f"函数“{name}”的参数不对：{error}", node) from None
        except ValueError:  # a callable that does not tell its signature
            pass
        variable = next((known for known, call in self.hosts.items() if call is host.call), f"h{len(self.hosts)}")
        self.hosts[variable] = host.call
        written = ["s"] if host.takes_scope else []
        for at, argument in enumerate(node.arguments):
            parameter = parameters[min(at, len(parameters) - 1)] if parameters else ""
            written.append(self._argument(argument, parameter in host.bare).text)
        if node.named:
            pairs = [(_keyword(key), self._argument(each, key in host.bare)) for key, each in node.named]
            written.append("**{" + ", ".join(f"{key!r}: {code.text}" for key, code in pairs) + "}")
        return Code(f"{variable}({', '.join(written)})")

    def _argument(self, node: Node, bare: bool) -> Code:
        if bare and (name := _bare_name(node)) is not None and self.lookup(name.partition(".")[0]) is None:
            return self.constant(name)
        return self.value(node)

    def _builtin_call(self, node: syntax.Call, builtin: Builtin) -> Code:
        arguments = arranged(node, builtin)
        if arguments is None:
            if self.strict:
                raise self._fail(f"函数“{builtin.name}”的参数不对，写法是 {builtin.usage}", node)
            return _NULL
        stated = [argument.value for argument in arguments if isinstance(argument, Literal)]
        if builtin.constant and len(stated) == len(arguments):
            return self.constant(builtin.call(*stated))
        if builtin.name == "not":
            code = self.variable(arguments[0])
            either = f"{code.text} is True or {code.text} is False"
            known = f"{code.text} is not None" if code.kind == "boolean" else either
            return Code(f"(not {code.text} if {known} else None)", "boolean")
        self.calls.append(builtin.name)
        return Code(f"{python_name(builtin.name)}({', '.join(self.value(argument).text for argument in arguments)})")

    # Structures ------------------------------------------------------------------------------------------------

    def _ListLiteral(self, node: syntax.ListLiteral) -> Code:
        return Code("[" + ", ".join(self.value(item).text for item in node.items) + "]")

    def _ContextLiteral(self, node: syntax.ContextLiteral) -> Code:
        frame: dict[str, Code] = {}
        with self.frame(frame):
            for key, entry in node.entries:
                frame[key] = self.atom(entry)
        return Code("{" + ", ".join(f"{key!r}: {code.text}" for key, code in frame.items()) + "}")

    def _RangeLiteral(self, node: syntax.RangeLiteral) -> Code:
        low, high = self.value(node.low), self.value(node.high)
        return Code(f"make_range({low.text}, {high.text}, {node.low_closed}, {node.high_closed})")

    def _FunctionLiteral(self, node: syntax.FunctionLiteral) -> Code:
        name = self.fresh("f")
        variables = {parameter: Code(self.fresh("p"), "", True) for parameter in node.parameters}
        border = _Function()
        outer_loops, self.loops = self.loops, 0
        with self.block() as lines, self.frame(border), self.frame(variables):
            self.emit(f"return {self.value(node.body).text}")
        self.loops = outer_loops
        # Defaults freeze what the body reads of a loop that is still turning.
        frozen = [f"{variable}={variable}" for variable in sorted(border.captured) if variable.isidentifier()]
        parameters = [code.text for code in variables.values()]
        self.emit(f"def {name}({', '.join(parameters + frozen)}):")
        self.lines.append(lines)
        return Code(f"FeelFunction({node.parameters!r}, {name})")

    def _InstanceOf(self, node: syntax.InstanceOf) -> Code:
        return Code(f"instance_of({self.value(node.value).text}, {_type_spec(node.type)!r})", "boolean")

    # Conditions ------------------------------------------------------------------------------------------------

    def condition(self, node: Node, wanted: bool = True) -> str:
        """A Python expression that is truthy exactly when the value of ``node`` is ``wanted`` (True or False)."""
        if isinstance(node, syntax.And | syntax.Or):
            conjunctive = isinstance(node, syntax.And) is wanted
            if not conjunctive and wanted and (listed := self._one_of(node.terms)):
                return listed
            parts = [self._part(term, wanted) for term in node.terms]
            return "(" + (" and " if conjunctive else " or ").join(parts) + ")"
        if _is_not(node) and isinstance(node, syntax.Call) and len(node.arguments) == 1:
            return self._part(node.arguments[0], not wanted)
        if isinstance(node, syntax.Between):
            return self.condition(self._as_bounds(node), wanted)
        if isinstance(node, syntax.In):
            subject = self.atom(node.value)
            with self.frame({"?": subject}):
                return self.condition(self.tests(subject, node.tests), wanted)
        if wanted and isinstance(node, Comparison):
            left, right = self.atom(node.left), self.atom(node.right)
            if node.op == "=" and not left.literal and type(right.value) is str:
                return f"{left.text} == {right.text}"
            if node.op == "=" and not left.literal and type(right.value) is bool:
                return f"{left.text} is {right.text}"
            return self.compare(node.op, left, right).text
        code = self.value(node)
        if code.literal:
            return str(code.value is wanted)
        return code.text if wanted and code.kind == "boolean" else f"{code.text} is {wanted}"

    def _part(self, node: Node, wanted: bool) -> str:
        text = self.condition(node, wanted)
        return self.define(Code(text, "boolean")).text if len(text) > 4 * _LONG else text

    @staticmethod
    def _one_of(terms: tuple[Node, ...]) -> str:
        """``x in ("a", "b")`` when all terms compare one subject with a string."""
        texts, subjects = [], set()
        for term in terms:
            if not (isinstance(term, Comparison) and term.op == "=" and isinstance(term.left, Given)):
                return ""
            if not (isinstance(term.right, Literal) and type(term.right.value) is str):
                return ""
            subjects.add(term.left.code.text)
            texts.append(term.right.value)
        # A list cannot be hashed but can be compared, so membership in a tuple is safe for any value.
        return f"{subjects.pop()} in ({', '.join(repr(text) for text in texts)})" if len(subjects) == 1 else ""

    def _fail(self, reason: str, node: Node) -> FeelSyntaxError:
        return FeelSyntaxError(reason, self.text, min(node.span[0], len(self.text)))


def arranged(node: syntax.Call, builtin: Builtin) -> list[Node] | None:
    """The arguments of a call by position, as one of the signatures has them; None when none fits."""
    arguments = list(node.arguments)
    if not node.named:
        return arguments if any(signature.accepts(len(arguments)) for signature in builtin.signatures) else None
    given = dict(node.named)
    for signature in () if arguments else builtin.signatures:
        if set(given) <= set(signature.parameters) and _has_required(signature, given):
            used = max(signature.parameters.index(name) for name in given) + 1
            return [given.get(name, Literal(None)) for name in signature.parameters[:used]]
    return None


def literals(node: Node) -> Iterator[Value]:
    """The values that an expression holds: its literals, and dates and the like made from literals."""
    if isinstance(node, Literal):
        yield node.value
        return
    if isinstance(node, syntax.Call) and isinstance(node.function, Name):
        builtin = BUILTINS.get(node.function.name)
        arguments = None if builtin is None or not builtin.constant else arranged(node, builtin)
        stated = [each.value for each in arguments or () if isinstance(each, Literal)]
        if builtin is not None and stated and arguments is not None and len(stated) == len(arguments):
            yield builtin.call(*stated)
            return
    for child in syntax.children(node):
        yield from literals(child)


def _followed(base: Code, names: tuple[str, ...]) -> Code:
    """The path ``names`` from ``base`` on."""
    text = base.text
    for at, name in enumerate(names):
        text = _entry(text, name) if at == 0 and base.atomic and not base.literal else f"path({text}, {name!r})"
    return Code(text) if names else base


def _entry(base: str, name: str) -> str:
    return f"({base}[{name!r}] if type({base}) is dict and {name!r} in {base} else path({base}, {name!r}))"


def _is_not(node: Node) -> bool:
    return isinstance(node, syntax.Call) and isinstance(node.function, Name) and node.function.name == "not"


def _keyword(name: str) -> str:
    return name.replace(" ", "_")


def _bare_name(node: Node) -> str | None:
    parts: list[str] = []
    while isinstance(node, Path):
        parts.append(node.name)
        node = node.base
    return ".".join([node.name, *reversed(parts)]) if isinstance(node, Name) else None


def _has_required(signature: Signature, given: Mapping[str, Node]) -> bool:
    return all(name in given for name in signature.parameters[: signature.required])


def _rendered(value: Value) -> str:
    """Source of a constant; only types that FEEL literals can have."""
    if type(value) is int:
        return repr(value) if value.bit_length() < 4000 else f"int({hex(value)!r}, 16)"
    if type(value) is Decimal:
        return f"Decimal({str(value)!r})"
    if type(value) is datetime:
        return f"read_moment({temporal.write(value)!r})"
    if type(value) is date:
        return f"date({value.year}, {value.month}, {value.day})"
    if type(value) is time:
        return f"read_time({temporal.write(value)!r})"
    if type(value) is timedelta:
        return f"timedelta({value.days}, {value.seconds}, {value.microseconds})"
    if type(value) is YearsMonths:
        return f"YearsMonths({value.months})"
    raise TypeError(f"no FEEL literal: {value!r}")


def _type_spec(node: syntax.TypeName) -> tuple[Any, ...]:
    return (
        node.name,
        tuple(_type_spec(each) for each in node.arguments),
        tuple((key, _type_spec(each)) for key, each in node.entries),
    )


def _flatten(lines: list[Any], flat: list[str]) -> None:
    for line in lines:
        if isinstance(line, list):
            _flatten(line, flat)
        else:
            flat.append(line)
