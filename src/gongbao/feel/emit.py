"""Syntax tree to straight-line Python: the one place that gives FEEL constructs their meaning.

The generated source holds only names made here, operators, and literals rendered here, so no text of a pack ever
becomes Python. It keeps three-valued logic by *polarity*: where only "is it true?" matters (a cell, an ``if``, a
filter) ``condition`` gives a Python truth test; elsewhere ``value`` gives True, False or None. Whole numbers take
an inlined fast path (``type(x) is int``); everything else goes to ``gongbao.feel.values``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from keyword import iskeyword
from typing import Any

from gongbao.feel import syntax, values
from gongbao.feel.builtins import BUILTINS, REFUSED, Builtin
from gongbao.feel.literals import arranged
from gongbao.feel.parse import KnownName
from gongbao.feel.program import NULL, Code, Filtered, FunctionBorder, Program, entry_of
from gongbao.feel.runtime import ARITHMETIC, COMPARISONS, HostFunction, python_name
from gongbao.feel.syntax import Comparison, Literal, Name, Node, Path
from gongbao.feel.types import OwnTypes
from gongbao.feel.values import Value, YearsMonths

_MAX_INDENT = 80
_MAX_LOOPS = 15
_LONG = 240
_INLINE_INT = 2**63


class Given(Node):
    """A value that is already in Python: the subject of a unary test."""

    code: Code


class Membership(Node):
    """``value in test`` where the test is known only when it is evaluated."""

    value: Node
    test: Node


_PYTHON = {"=": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_BOOLEAN_NODES = (syntax.And, syntax.Or, Comparison, syntax.Between, syntax.In, syntax.Quantified, syntax.InstanceOf)


class Emitter(Program):
    """Writes expressions into one generated function.

    ``names`` (the names the pack declares, dotted or not) decide what may be called as a function value and what
    inside a filter can only be an entry of the item; with none given, any name may be anything. ``strict`` refuses
    unknown functions and wrong numbers of arguments; otherwise they give null, as the standard has it.
    """

    def __init__(
        self,
        names: Iterable[KnownName] = (),
        functions: Mapping[str, Callable[..., Value] | HostFunction] | None = None,
        strict: bool = True,
    ) -> None:
        super().__init__(names)
        self.functions = functions or {}
        self.strict = strict
        #: The types of a model, beside FEEL's own.
        self.types: OwnTypes = {}
        self.loops = 0
        #: The functions called, in written order, and those of the host by the variable that holds them.
        self.calls: list[str] = []
        self.hosts: dict[str, Any] = {}

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
                raise self.fail("“?”只能写在判定表的格子里", node)
            if node.name not in self.declared and (builtin := BUILTINS.get(node.name)) is not None:
                # A fact may be called count or date: what the scope holds comes before the function of that name.
                self.uses_budget = True
                called = f"paid({python_name(node.name)}, {builtin.cost!r}, budget)"
                function = f"FeelFunction({builtin.signatures[0].parameters!r}, {called})"
                return Code(f"(s[{node.name!r}] if {node.name!r} in s else {function})")
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
        return Code(entry_of(base_code.text, node.name, self.budget()))

    def _Negate(self, node: syntax.Negate) -> Code:
        operand = self.atom(node.operand)
        flag = self.is_int(operand)
        return Code(f"(-{operand.text} if {flag} else neg({operand.text}))")

    def _Arithmetic(self, node: syntax.Arithmetic) -> Code:
        left, right = self.atom(node.left), self.atom(node.right)
        function = ARITHMETIC[node.op]
        call = f"{function}({left.text}, {right.text})"
        grows = node.op == "+" and not any(code.literal and code.kind == "int" for code in (left, right))
        if grows:
            call = f"grown(budget, {call})"
        literal = right if right.literal else left
        small = literal.kind == "int" and literal.literal and abs(literal.value) < _INLINE_INT
        # Inside loops and functions numbers may grow without bound, so only the checked form is used.
        if self.loops or self.in_function() or not (node.op in "+-" or (node.op == "*" and small)):
            self.uses_budget |= grows
            return Code(call)
        flags = [self.is_int(code) for code in (left, right) if code.kind != "int"]
        plain = f"{left.text} {node.op} {right.text}"
        if not flags:
            return Code(f"({plain})", "int")
        self.uses_budget |= grows
        return Code(f"({plain} if {' and '.join(flags)} else {call})")

    def compare(self, op: str, left: Code, right: Code) -> Code:
        """``left op right`` for two atoms."""
        if left.literal and right.literal:
            return self.constant(getattr(values, COMPARISONS[op])(left.value, right.value))
        if left.literal:
            op, left, right = values.MIRROR[op], right, left
        call = f"{COMPARISONS[op]}({left.text}, {right.text})"
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
        if op in ("=", "!="):
            call = f"{COMPARISONS[op]}({left.text}, {right.text}{self.budget()})"
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
        raise self.fail("判定表的格子不能单独作为公式", node)

    def _Membership(self, node: Membership) -> Code:
        subject = self.value(node.value).text
        if isinstance(node.test, syntax.ListLiteral) and node.test.items:
            texts = [item.value if isinstance(item, Literal) else None for item in node.test.items]
            if all(type(text) is str for text in texts):
                listed = "(" + "".join(f"{text!r}, " for text in texts) + ")"
                slow = f"in_value({subject}, {listed})"
                return Code(f"({subject} in {listed} if type({subject}) is str else {slow})", "boolean")
        return Code(f"in_value({subject}, {self.value(node.test).text}{self.budget()})", "boolean")

    def _If(self, node: syntax.If) -> Code:
        result = self.fresh("t")
        keyword, branch = "if", node
        condition = self.condition(branch.condition)
        if condition in ("True", "False"):
            return self.value(branch.then if condition == "True" else branch.otherwise)
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
        self.uses_budget = True
        source = self.atom(first.source)
        end = self.atom(first.end) if first.end is not None else NULL
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
            raise self.fail(f"循环嵌套过深（最多 {_MAX_LOOPS} 层）", node)

    def _Filter(self, node: syntax.Filter) -> Code:
        base = self.atom(node.base)
        condition = node.condition
        if isinstance(condition, Literal):
            if values.is_number(condition.value):
                return Code(f"index({base.text}, {self.constant(condition.value).text})")
            if type(condition.value) is not bool:
                return NULL
        result, items, item = self.fresh("r"), self.fresh("x"), self.fresh("v")
        boolean = isinstance(condition, _BOOLEAN_NODES) or _is_not(condition) or isinstance(condition, Literal)
        self.uses_budget = True
        self.emit(f"{result} = []")
        self.emit(f"{items} = iterate({base.text}, None, False, budget)")
        self.emit(f"if {items} is None:")
        self.emit(f" {result} = None")
        self.emit(f" {items} = ()")
        self._enter_loop(node)
        # An index is recognised by its value, so on an empty list it is still looked at once.
        self.emit(f"for {item} in {items}{'' if boolean else ' or (None,)'}:")
        with self.block() as lines, self.frame(Filtered(item)):
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
                raise self.fail(f"不能使用 {name}()：{REFUSED[name]}", node)
            if not local and self.strict and name not in self.declared:
                raise self.fail(f"没有名为“{name}”的函数{self._similar(name)}", node)
        called = self.atom(function)
        if node.named:
            if node.arguments:
                raise self.fail("函数的参数要么全按位置、要么全按名称给出", node)
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
            raise self.fail(f"函数“{name}”的参数不对：{error}", node) from None
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
        if self.repeated():
            return Code(f"hosted({', '.join(['budget', variable, *written])})")
        return Code(f"{variable}({', '.join(written)})")

    def _argument(self, node: Node, bare: bool) -> Code:
        if bare and (name := _bare_name(node)) is not None and self.lookup(name.partition(".")[0]) is None:
            return self.constant(name)
        return self.value(node)

    def _builtin_call(self, node: syntax.Call, builtin: Builtin) -> Code:
        arguments = arranged(node, builtin)
        if arguments is None:
            if self.strict:
                raise self.fail(f"函数“{builtin.name}”的参数不对，写法是 {builtin.usage}", node)
            return NULL
        stated = [argument.value for argument in arguments if isinstance(argument, Literal)]
        if builtin.constant and len(stated) == len(arguments):
            return self.constant(builtin.call(*stated))
        if builtin.name == "not":
            code = self.variable(arguments[0])
            either = f"{code.text} is True or {code.text} is False"
            known = f"{code.text} is not None" if code.kind == "boolean" else either
            return Code(f"(not {code.text} if {known} else None)", "boolean")
        self.calls.append(builtin.name)
        called = python_name(builtin.name)
        given = [self.value(argument).text for argument in arguments]
        if builtin.cost != "flat":
            self.uses_budget = True
            given = ["budget", called, *given] + (["budget=budget"] if builtin.cost == "own" else [])
            called = "metered"
        return Code(f"{called}({', '.join(given)})")

    def repeated(self) -> bool:
        """Whether what is being written may be evaluated any number of times."""
        if self.loops or self.in_function():
            self.uses_budget = True
            return True
        return False

    def _paid(self, steps: int) -> None:
        """Pays for what a loop or a function makes each time."""
        if self.repeated():
            self.emit(f"spend(budget, {steps})")

    # Structures ------------------------------------------------------------------------------------------------

    def _ListLiteral(self, node: syntax.ListLiteral) -> Code:
        self._paid(1 + len(node.items) // 4)
        return Code("[" + ", ".join(self.value(item).text for item in node.items) + "]")

    def _ContextLiteral(self, node: syntax.ContextLiteral) -> Code:
        self._paid(2 + len(node.entries))
        frame: dict[str, Code] = {}
        with self.frame(frame):
            for key, entry in node.entries:
                frame[key] = self.atom(entry)
        return Code("{" + ", ".join(f"{key!r}: {code.text}" for key, code in frame.items()) + "}")

    def _RangeLiteral(self, node: syntax.RangeLiteral) -> Code:
        low, high = self.value(node.low), self.value(node.high)
        return Code(f"make_range({low.text}, {high.text}, {node.low_closed}, {node.high_closed})")

    def _UnaryComparison(self, node: syntax.UnaryComparison) -> Code:
        """``(< 10)`` as a value; inside a test it is the test's subject that is compared."""
        return Code(f"open_range({node.op!r}, {self.atom(node.operand).text})")

    def _FunctionLiteral(self, node: syntax.FunctionLiteral) -> Code:
        self._paid(4)
        name = self.fresh("f")
        variables = {parameter: Code(self.fresh("p"), "", True) for parameter in node.parameters}
        border = FunctionBorder()
        outer_loops, self.loops = self.loops, 0
        self.uses_budget = True
        with self.block() as lines, self.frame(border), self.frame(variables):
            self.emit("spend(budget)")
            for parameter, wanted in zip(node.parameters, node.types, strict=True):
                if wanted is not None:
                    given = variables[parameter].text
                    self.emit(f"t{given} = converted({given}, {self._typed(wanted)})")
                    self.emit(f"if t{given} is None and {given} is not None: return None")
                    self.emit(f"{given} = t{given}")
            self.emit(f"return {self.value(node.body).text}")
        self.loops = outer_loops
        # Defaults freeze what the body reads of a loop that is still turning.
        frozen = [f"{variable}={variable}" for variable in sorted(border.captured) if _is_variable(variable)]
        parameters = [code.text for code in variables.values()]
        self.emit(f"def {name}({', '.join(parameters + frozen)}):")
        self.lines.append(lines)
        return Code(f"FeelFunction({node.parameters!r}, {name})")

    def _InstanceOf(self, node: syntax.InstanceOf) -> Code:
        return Code(f"instance_of({self.value(node.value).text}, {self._typed(node.type)})", "boolean")

    def _typed(self, wanted: syntax.TypeName) -> str:
        """A type as the last arguments of what asks for it: its form, the budget, the types of the model it names."""
        if self.types:
            self.hosts["types"] = self.types
        return f"{_type_spec(wanted)!r}{self.budget()}{', types' if self.types else ''}"

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
        if code.kind == "int":
            return "False"
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


def _is_variable(text: str) -> bool:
    """Whether a piece of code is a variable, not a literal such as None or something to be computed."""
    return text.isidentifier() and not iskeyword(text)


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


def _type_spec(node: syntax.TypeName) -> tuple[Any, ...]:
    return (
        node.name,
        tuple(_type_spec(each) for each in node.arguments),
        tuple((key, _type_spec(each)) for key, each in node.entries),
    )
