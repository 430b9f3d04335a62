"""FEEL's syntax tree as an Ibis expression, for the part of FEEL that means the same in a column as in one case.

Booleans are lowered by polarity: `true(node)` and `false(node)` are columns without null, because SQL's three-valued
logic is not FEEL's (null = null is true in FEEL); where neither side can be null (facts of a row that is known and
valid cannot) the plain comparison says the same and is twice as fast. What is not in the list below is refused when the
decision is compiled, with the reason:

comparisons, ranges, lists of literals, and/or/not, + - *, quotients that are compared, if, in, between, some and every
over a list, tests for null, let names, params, settings, the outputs of required decisions, parts of dates, and the
functions of `batch.calls`. Whatever reads only params and settings is computed once, as FEEL computes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import ibis

from gongbao.batch.pieces import DTYPES, KINDS, Kind, Piece, Refused, constant, every, some, whole
from gongbao.feel import compile_expression, syntax
from gongbao.feel.syntax import Node

__all__ = ["Lowering", "Piece", "Refused", "constant", "dotted", "every", "some"]


class Lowering:
    """Lowers nodes over named pieces.

    names: dotted names (facts, lets, params.x, decision.output) and nodes that were computed before -> pieces.
    dialect: the engine that it is for, where engines differ.
    """

    def __init__(self, names: Mapping[Any, Piece], text: str = "", dialect: str = "duckdb") -> None:
        self.names = dict(names)
        self.text = text
        self.dialect = dialect

    # ------------------------------------------------------------------------------------------------------ values

    def value(self, node: Node) -> Piece:
        known: Piece | None = self.names.get(node)
        if known is not None:
            return known
        if (folded := self.folded(node)) is not None:
            return folded
        match node:
            case syntax.Literal(value=value):
                return constant(value, self.text)
            case syntax.Name() | syntax.Path():
                name = dotted(node)
                found: Piece | None = self.names.get(name)
                if found is not None:
                    return found
                if isinstance(node, syntax.Path) and (name is None or dotted(node.base) in self.names):
                    return self.part(self.value(node.base), node.name)
                raise self.refuse(f"读到“{name}”，它不是一列")
            case syntax.Negate(operand=operand):
                number = self.value(operand)
                if number.kind not in ("number", "duration", "months") or number.over is not None:
                    raise self.refuse("负号只能用于数")
                number = self.plain(number)
                return Piece(-number.expr, number.kind, number.scale, number.nullable)
            case syntax.Arithmetic(op=op, left=left, right=right):
                return self.arithmetic(op, self.plain(self.value(left)), self.plain(self.value(right)))
            case syntax.If(condition=condition, then=then, otherwise=otherwise):
                decided = self.folded(condition)
                if decided is not None:
                    return self.value(then if decided.value is True else otherwise)
                return self.choose(self.true(condition), self.value(then), self.value(otherwise))
            case syntax.Call(function=syntax.Name(name=name)) if name != "not":
                return self.call(name, node)
            case (
                syntax.Comparison() | syntax.And() | syntax.Or() | syntax.Between() | syntax.In() | syntax.Call()
                | syntax.Quantified()
            ):  # fmt: skip
                if self.certain(node):
                    return Piece(self.true(node), "boolean", nullable=False)
                null = ibis.null("boolean")
                truth = ibis.cases((self.true(node), True), (self.false(node), False), else_=null)
                return Piece(truth, "boolean")
        raise self.refuse(f"{_KINDS.get(type(node).__name__, type(node).__name__)} 不能按列计算")

    def folded(self, node: Node) -> Piece | None:
        """The constant that an expression is which reads only constants; None where it reads anything else."""
        if isinstance(node, syntax.Literal) or not self._reads_constants(node):
            return None
        known: Piece | None = self.names.get(dotted(node))
        if known is not None:
            return known
        compiled = compile_expression(node, self._names, strict=False)
        scope: dict[str, Any] = {}
        for name in compiled.names:
            while name not in self.names:  # `as_of.year` is read of `as_of`
                name = name.rpartition(".")[0]
            inside = scope
            *way, last = name.split(".")
            for part in way:
                inside = inside.setdefault(part, {})
            inside[last] = self.names[name].value
        return constant(compiled.evaluate(scope), self.text)

    def _reads_constants(self, node: Node) -> bool:
        match node:
            case syntax.Literal():
                return True
            case syntax.Name() | syntax.Path():
                found = self.names.get(dotted(node))
                if found is None and isinstance(node, syntax.Path):
                    return self._reads_constants(node.base)  # a part of a constant
                return found is not None and (found.constant or found.kind == "null")
            case syntax.Call(function=syntax.Name(name=name), arguments=arguments, named=()):
                return name in _PLAIN_CALLS and all(map(self._reads_constants, arguments))
        return isinstance(node, _FOLDED) and all(map(self._reads_constants, syntax.children(node)))

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(name for name in self.names if isinstance(name, str))

    def plain(self, piece: Piece) -> Piece:
        """The same with its value in a column of its own (of a run: how long it is)."""
        if piece.run is None:
            return piece
        from gongbao.batch.series import length_of

        return length_of(self.names, piece)

    def part(self, piece: Piece, name: str) -> Piece:
        """`date.year` and its kin, `duration.days` of a number of days."""
        if piece.kind == "date" and name in ("year", "month", "day", "weekday"):
            found = getattr(piece.expr, {"weekday": "day_of_week"}.get(name, name))
            number = found.index() + 1 if name == "weekday" else found()
            return Piece(number.cast("int64"), "number", 0, piece.nullable)
        if piece.kind == "duration" and name == "days" and piece.scale > 1:
            return Piece(piece.expr, "number", 0, piece.nullable)
        if piece.kind == "months" and name == "months" and piece.constant:
            return constant(piece.value.months % 12, self.text)
        raise self.refuse(f"{KINDS.get(piece.kind, piece.kind)}的 {name} 不能按列计算")

    def call(self, name: str, node: syntax.Call) -> Piece:
        from gongbao.batch.calls import CALLS

        lowered = CALLS.get(name)
        if lowered is None:
            raise self.refuse(f"函数 {name}() 不能按列计算")
        if node.named:
            raise self.refuse(f"函数 {name}() 带名称的参数不能按列计算")
        try:
            return lowered(self, *_spread(name, node.arguments))
        except TypeError as e:
            if "argument" not in str(e):
                raise
            raise self.refuse(f"函数 {name}() 的这种写法不能按列计算") from None

    def number(self, node: Node) -> Piece:
        """A number in one column: no quotient."""
        piece = self.plain(self.value(node))
        if piece.kind != "number":
            raise self.refuse(f"此处应是数，而是{KINDS.get(piece.kind, '空值')}")
        if piece.over is not None:
            raise self.refuse("除法的商不一定除得尽，只能用来比较")
        return piece

    def arithmetic(self, op: str, left: Piece, right: Piece) -> Piece:
        nullable = left.nullable or right.nullable
        kinds = (left.kind, right.kind)
        if left.over is not None or right.over is not None:
            raise self.refuse(f"{op} 不能按列计算：除法的商不一定除得尽，只能用来比较")
        if kinds == ("number", "number"):
            if op in "+-":
                scale = max(left.scale, right.scale)
                a, b = left.at(scale), right.at(scale)
                return Piece(a + b if op == "+" else a - b, "number", scale, nullable)
            if op == "*":
                return Piece(left.expr * right.expr, "number", left.scale + right.scale, nullable)
            if op == "/":
                return self.quotient(left, right)
            raise self.refuse(f"{op} 不能按列计算：{op} 的结果不能保证精确")
        if kinds == ("date", "date") and op == "-":
            return Piece(left.expr.delta(right.expr, unit="day").cast("int64"), "duration", 86_400, nullable)
        if left.kind == "date" and op in "+-" and right.kind in ("duration", "months"):
            return self.shifted(left, right, 1 if op == "+" else -1)
        if right.kind == "date" and op == "+" and left.kind in ("duration", "months"):
            return self.shifted(right, left, 1)
        if kinds == ("duration", "duration") and op in "+-":
            a, b = (left.expr, right.expr) if left.scale == right.scale else (left.seconds, right.seconds)
            unit = left.scale if left.scale == right.scale else 1
            return Piece(a + b if op == "+" else a - b, "duration", unit, nullable)
        raise self.refuse(f"{op} 不能按列计算：加减乘只能用于数（及日期与时长）")

    def shifted(self, day: Piece, by: Piece, sign: int) -> Piece:
        """A date some days or months later."""
        if not by.constant:
            if by.kind != "duration" or by.scale == 1:
                raise self.refuse("日期加减的时长须是写定的")
            moved = day.expr + (by.expr * sign).as_interval("D")
        elif by.kind == "months":
            moved = day.expr + ibis.interval(months=sign * by.value.months)
        elif by.scale > 1:
            moved = day.expr + ibis.interval(days=sign * by.value.days)
        else:
            raise self.refuse("日期加减的时长须是整日")
        return Piece(moved.cast("timestamp").cast("date"), "date", nullable=day.nullable or by.nullable)

    def quotient(self, left: Piece, right: Piece) -> Piece:
        """Exact where the divisor is written and divides evenly; else two numbers, to be compared only."""
        if right.constant:
            value = right.value
            if value == 0:
                return Piece(ibis.null("string"), "null", constant=True)
            by, places = int(right.value.scaleb(right.scale)) if right.scale else int(value), 0
            while places < 18 and 10**places % by:
                places += 1
            if 10**places % by == 0:
                factor = 10**places // by
                scale = left.scale + places - right.scale
                expr = left.expr if factor == 1 else left.expr * whole(factor)
                if scale < 0:
                    expr, scale = expr * whole(10**-scale), 0
                return Piece(expr, "number", scale, left.nullable)
        zero = right.expr == 0
        top = ibis.cases((zero, ibis.null("int64")), (right.expr < 0, -left.expr), else_=left.expr)
        scale = left.scale - right.scale
        if scale < 0:
            top, scale = top * whole(10**-scale), 0
        return Piece(top, "number", scale, not right.constant or left.nullable, over=right.expr.abs())

    def choose(self, condition: Any, then: Piece, otherwise: Piece) -> Piece:
        return self.pick([(condition, then)], otherwise)

    def pick(self, branches: Sequence[tuple[Any, Piece]], otherwise: Piece | None = None) -> Piece:
        """The first branch whose condition holds, as one column; else `otherwise` (null)."""
        last = constant(None) if otherwise is None else self.plain(otherwise)
        pieces = [*(self.plain(piece) for _, piece in branches), last]
        if any(piece.over is not None for piece in pieces):
            raise self.refuse("除法的商不一定除得尽，只能用来比较")
        kinds = {piece.kind for piece in pieces} - {"null"}
        if len(kinds) > 1 or kinds & {"list", "moment"}:
            raise self.refuse("各个结果种类不同" if len(kinds) > 1 else f"结果是{KINDS[kinds.pop()]}")
        kind: Kind = next(iter(kinds), "null")
        scale = max((p.scale for p in pieces if p.kind != "null"), default=0)
        if kind == "duration" and len({p.scale for p in pieces if p.kind != "null"}) > 1:
            raise self.refuse("时长的单位不同")
        dtype = DTYPES[kind]
        made = [ibis.null(dtype) if p.kind == "null" else p.at(scale) if kind == "number" else p.expr for p in pieces]
        # Where nothing is left over (`otherwise` not given), a row in which no branch holds is not settled anyway.
        nullable = any(p.nullable for p in (pieces if otherwise is not None else pieces[:-1]))
        held = [condition for condition, _ in branches]
        expr = ibis.cases(*zip(held, made[:-1], strict=True), else_=made[-1]) if held else made[-1]
        return Piece(expr, kind, scale, nullable)

    # ------------------------------------------------------------------------------------------- truth, by polarity

    def true(self, node: Node) -> Any:
        """A column that is true where the node is true, and false where it is false or null."""
        return self.polar(node, True)

    def false(self, node: Node) -> Any:
        """A column that is true where the node is false, and false where it is true or null."""
        return self.polar(node, False)

    def certain(self, node: Node) -> bool:
        """Whether a condition is true or false in every row, never null."""
        match node:
            case syntax.And(terms=terms) | syntax.Or(terms=terms):
                return all(self.certain(t) for t in terms)
            case syntax.Call(function=syntax.Name(name="not"), arguments=(operand,)):
                return self.certain(operand)
            case syntax.Comparison(op="=" | "!="):
                return True
            case syntax.Comparison(left=left, right=right):
                return not (self.value(left).nullable or self.value(right).nullable)
            case syntax.Between(value=value, low=low, high=high):
                return not any(self.value(each).nullable for each in (value, low, high))
            case syntax.Literal() | syntax.Name() | syntax.Path() | syntax.Call():
                return not self.value(node).nullable
        return False

    def polar(self, node: Node, wanted: bool) -> Any:
        match node:
            case syntax.And(terms=terms):
                return every(self.true(t) for t in terms) if wanted else some(self.false(t) for t in terms)
            case syntax.Or(terms=terms):
                return some(self.true(t) for t in terms) if wanted else every(self.false(t) for t in terms)
            case syntax.Call(function=syntax.Name(name="not"), arguments=(operand,)):
                return self.polar(operand, not wanted)
            case syntax.Comparison(op=op, left=left, right=right):
                return self.compare(op, self.value(left), self.value(right), wanted)
            case syntax.Between(value=value, low=low, high=high):
                bounds = syntax.And((syntax.Comparison(">=", value, low), syntax.Comparison("<=", value, high)))
                return self.polar(bounds, wanted)
            case syntax.In(value=value, tests=tests):
                return self.tests(self.value(value), syntax.UnaryTests(tests), wanted)
            case syntax.Quantified():
                return self.quantified(node, wanted)
        piece = self.value(node)
        if piece.kind == "null":
            return ibis.literal(False)
        if piece.kind != "boolean":
            raise self.refuse("此处应是条件（是或否）")
        if not piece.nullable:
            return piece.expr if wanted else ~piece.expr
        return piece.expr.identical_to(ibis.literal(wanted))

    def quantified(self, node: syntax.Quantified, wanted: bool) -> Any:
        """`some x in list satisfies …`: by whether any item makes the condition true, and any makes it false."""
        if len(node.sources) != 1 or node.sources[0].end is not None:
            raise self.refuse("some / every 只能逐项看一个列表")
        source = node.sources[0]
        items = self.value(source.source)
        if items.kind != "list" or items.nullable or items.item is None:
            raise self.refuse("some / every 只能逐项看一项列表事实")
        one = items.item

        def where(polarity: bool) -> Any:
            def holds(item: Any) -> Any:
                piece = Piece(item, one.kind, one.scale, nullable=False)
                return Lowering({**self.names, source.name: piece}, self.text, self.dialect).polar(
                    node.condition, polarity
                )

            return items.expr.filter(holds).length()

        if node.every is not wanted:  # some is true, or every is false: where one item says so
            return where(wanted) > 0
        return where(wanted) == items.expr.length()

    def tests(self, subject: Piece, tests: syntax.UnaryTests, wanted: bool = True) -> Any:
        """A cell: whether any of its tests holds (none of them, where negated) for the subject."""
        if not tests.tests:
            return ibis.literal(wanted)
        if tests.negated:
            wanted = not wanted
        each = [self.test(subject, t, wanted) for t in tests.tests]
        return some(each) if wanted else every(each)

    def test(self, subject: Piece, test: Node, wanted: bool) -> Any:
        match test:
            case syntax.UnaryComparison(op=op, operand=operand):
                return self.compare(op, subject, self.value(operand), wanted)
            case syntax.RangeLiteral(low=low, high=high, low_closed=low_closed, high_closed=high_closed):
                ends = [
                    self.compare(">=" if low_closed else ">", subject, self.value(low), wanted),
                    self.compare("<=" if high_closed else "<", subject, self.value(high), wanted),
                ]
                return every(ends) if wanted else some(ends)
            case syntax.ListLiteral(items=items):
                each = [self.compare("=", subject, self.value(item), wanted) for item in items]
                return some(each) if wanted else every(each)
            case syntax.Literal() | syntax.Negate() | syntax.Name() | syntax.Path() | syntax.Arithmetic():
                value = self.value(test)
                if value.kind == "list":
                    raise self.refuse("格子里的列表事实不能按列计算")
                return self.compare("=", subject, value, wanted)
        raise self.refuse("格子里的这种写法不能按列计算")

    def compare(self, op: str, left: Piece, right: Piece, wanted: bool) -> Any:
        if left.run is not None and right.constant and right.kind == "number":
            from gongbao.batch.series import run_compared

            return run_compared(self.names, op, left, right.value, wanted)
        left, right = self.plain(left), self.plain(right)
        if op == "!=":
            op, wanted = "=", not wanted
        if op == "=":
            if left.kind == "null" or right.kind == "null":
                other = right if left.kind == "null" else left
                same = ibis.literal(True) if other.kind == "null" else other.expr.isnull()
            else:
                a, b = self.aligned(left, right)
                if not (left.nullable or right.nullable):
                    return a == b if wanted else a != b
                same = a.identical_to(b)
            return same if wanted else ~same
        if left.kind == "null" or right.kind == "null":
            return ibis.literal(False)  # an order with null is null: neither true nor false
        if left.kind == "boolean":
            raise self.refuse("是与否不能比较大小")
        a, b = self.aligned(left, right)
        if (
            left.kind == "text" and self.dialect == "postgres"
        ):  # its order is the database's language, FEEL's the code's
            a, b = convert_to(a, "UTF8"), convert_to(b, "UTF8")
        if not wanted:
            op = {"<": ">=", ">": "<=", "<=": ">", ">=": "<"}[op]
        held = {"<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b}[op]
        return held.fill_null(False) if left.nullable or right.nullable else held

    def aligned(self, left: Piece, right: Piece) -> tuple[Any, Any]:
        if left.kind != right.kind:
            a, b = (KINDS.get(piece.kind, piece.kind) for piece in (left, right))
            raise self.refuse(f"{a}与{b}不能比较")
        if left.kind == "list":
            raise self.refuse("两个列表不能按列比较")
        if left.kind == "duration" and left.scale != right.scale:
            return left.seconds, right.seconds
        if left.kind == "number":
            if left.over is not None and right.over is not None:
                raise self.refuse("两个商不能按列比较")
            scale = max(left.scale, right.scale)
            a, b = left.at(scale), right.at(scale)
            return (a if right.over is None else a * right.over), (b if left.over is None else b * left.over)
        return left.expr, right.expr

    def refuse(self, reason: str) -> Refused:
        return Refused(f"“{self.text}”{reason}" if self.text else reason)


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def convert_to(text: str, encoding: str) -> bytes:  # type: ignore[empty-body]
    """PostgreSQL's: the bytes of a text, which have the order of its characters' numbers."""


_KINDS = {
    "For": "for 循环", "Quantified": "some / every", "Filter": "筛选", "ListLiteral": "列表",
    "ContextLiteral": "上下文", "RangeLiteral": "区间", "FunctionLiteral": "函数定义", "InstanceOf": "instance of",
}  # fmt: skip
_FOLDED = (
    syntax.Negate, syntax.Arithmetic, syntax.Comparison, syntax.And, syntax.Or, syntax.If, syntax.Between,
)  # fmt: skip
_PLAIN_CALLS = frozenset({
    "not", "date", "date and time", "duration", "number", "string", "abs", "floor", "ceiling", "min", "max",
})  # fmt: skip


def _spread(name: str, arguments: tuple[Node, ...]) -> tuple[Node, ...]:
    """`min([a, b])` says the same as `min(a, b)`."""
    if name in ("min", "max", "sum") and len(arguments) == 1 and isinstance(arguments[0], syntax.ListLiteral):
        return arguments[0].items
    return arguments


def dotted(node: Node) -> str | None:
    """`a.b` of a chain of names; None for anything else."""
    if isinstance(node, syntax.Name):
        return node.name
    if isinstance(node, syntax.Path):
        base = dotted(node.base)
        return None if base is None else f"{base}.{node.name}"
    return None
