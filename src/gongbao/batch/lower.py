"""FEEL's syntax tree as an Ibis expression, for the part of FEEL that means the same in a column as in one case.

Numbers are scaled integers (2.50 is 250 at scale 2), so that +, - and * are exact and an overflow is an error, never
a rounding. Booleans are lowered by polarity: `true(node)` and `false(node)` are columns without null, because SQL's
three-valued logic is not FEEL's (null = null is true in FEEL); where neither side can be null (facts of a row that is
known and valid cannot) the plain comparison says the same and is twice as fast. What is not in the list below is refused when the
decision is compiled, with the reason:

comparisons, ranges, lists of literals, and/or/not, + - *, if, in, between, tests for null, let names, params,
settings, and the outputs of required decisions.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import ibis

from gongbao.feel import syntax
from gongbao.feel.syntax import Node

Kind = Literal["number", "text", "boolean", "date", "null"]


class Refused(ValueError):
    """An expression that would not mean the same in a column; the message (Chinese) says which part and why."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A column or a constant. `scale`: a number stands as its value times 10**scale, in whole numbers.

    `nullable`: it may be null in a row whose facts are all known and valid (other rows are not decided in columns).
    """

    expr: Any
    kind: Kind
    scale: int = 0
    nullable: bool = True
    constant: bool = False

    def at(self, scale: int) -> Any:
        """The number's integer at a larger scale."""
        return self.expr if scale == self.scale else self.expr * ibis.literal(10 ** (scale - self.scale), "int64")


class Lowering:
    """Lowers nodes over named pieces; `names` maps dotted names (facts, lets, params.x, decision.output) to them."""

    def __init__(self, names: Mapping[str, Piece], text: str = "") -> None:
        self.names = dict(names)
        self.text = text

    # ------------------------------------------------------------------------------------------------------ values

    def value(self, node: Node) -> Piece:
        match node:
            case syntax.Literal(value=value):
                return constant(value, self.text)
            case syntax.Name() | syntax.Path():
                name = dotted(node)
                if name in self.names:
                    return self.names[name]
                raise self.refuse(f"读到“{name or '?'}”，它不是一列")
            case syntax.Negate(operand=operand):
                number = self.number(operand)
                return Piece(-number.expr, "number", number.scale, number.nullable)
            case syntax.Arithmetic(op=op, left=left, right=right):
                return self.arithmetic(op, self.number(left), self.number(right))
            case syntax.If(condition=condition, then=then, otherwise=otherwise):
                return self.choose(self.true(condition), self.value(then), self.value(otherwise))
            case syntax.Comparison() | syntax.And() | syntax.Or() | syntax.Between() | syntax.In() | syntax.Call():
                if self.certain(node):
                    return Piece(self.true(node), "boolean", nullable=False)
                null = ibis.null("boolean")
                truth = ibis.cases((self.true(node), True), (self.false(node), False), else_=null)
                return Piece(truth, "boolean")
        raise self.refuse(f"{_KINDS.get(type(node).__name__, type(node).__name__)} 不能按列计算")

    def number(self, node: Node) -> Piece:
        piece = self.value(node)
        if piece.kind != "number":
            raise self.refuse("加减乘只能用于数")
        return piece

    def arithmetic(self, op: str, left: Piece, right: Piece) -> Piece:
        nullable = left.nullable or right.nullable
        if op in "+-":
            scale = max(left.scale, right.scale)
            a, b = left.at(scale), right.at(scale)
            return Piece(a + b if op == "+" else a - b, "number", scale, nullable)
        if op == "*":
            return Piece(left.expr * right.expr, "number", left.scale + right.scale, nullable)
        reason = "除法的商不一定除得尽" if op == "/" else f"{op} 的结果不能保证精确"
        raise self.refuse(f"{op} 不能按列计算：{reason}")

    def choose(self, condition: Any, then: Piece, otherwise: Piece) -> Piece:
        kinds = {then.kind, otherwise.kind} - {"null"}
        if len(kinds) > 1:
            raise self.refuse("if 的两个结果种类不同")
        kind: Kind = next(iter(kinds), "null")
        nullable = then.nullable or otherwise.nullable
        if kind == "number":
            scale = max(then.scale, otherwise.scale)
            chosen = ibis.cases((condition, _or_null(then, scale)), else_=_or_null(otherwise, scale))
            return Piece(chosen, kind, scale, nullable)
        dtype = _DTYPES[kind]
        a, b = (p.expr if p.kind != "null" else ibis.null(dtype) for p in (then, otherwise))
        return Piece(ibis.cases((condition, a), else_=b), kind, nullable=nullable)

    def pick(self, branches: Sequence[tuple[Any, Piece]]) -> Piece:
        """The first branch whose condition holds, as one column; null where none does (such a row is not settled)."""
        kinds = {piece.kind for _, piece in branches} - {"null"}
        if len(kinds) > 1:
            raise self.refuse("各条规则的结果种类不同")
        kind: Kind = next(iter(kinds), "null")
        scale = max((piece.scale for _, piece in branches), default=0)
        dtype = _DTYPES[kind]
        made = [
            (held, ibis.null(dtype) if p.kind == "null" else p.at(scale) if kind == "number" else p.expr)
            for held, p in branches
        ]
        nullable = any(piece.nullable for _, piece in branches)
        return Piece(ibis.cases(*made, else_=ibis.null(dtype)), kind, scale, nullable)

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
            case syntax.Literal() | syntax.Name() | syntax.Path():
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
            case syntax.Call(function=function):
                raise self.refuse(f"函数 {dotted(function) or ''}() 不能按列计算")
        piece = self.value(node)
        if piece.kind == "null":
            return ibis.literal(False)
        if piece.kind != "boolean":
            raise self.refuse("此处应是条件（是或否）")
        if not piece.nullable:
            return piece.expr if wanted else ~piece.expr
        return piece.expr.identical_to(ibis.literal(wanted))

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
                return self.compare("=", subject, self.value(test), wanted)
        raise self.refuse("格子里的这种写法不能按列计算")

    def compare(self, op: str, left: Piece, right: Piece, wanted: bool) -> Any:
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
        if not wanted:
            op = {"<": ">=", ">": "<=", "<=": ">", ">=": "<"}[op]
        held = {"<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b}[op]
        return held.fill_null(False) if left.nullable or right.nullable else held

    def aligned(self, left: Piece, right: Piece) -> tuple[Any, Any]:
        if left.kind != right.kind:
            names = {"number": "数", "text": "文字", "boolean": "是否", "date": "日期"}
            raise self.refuse(f"{names.get(left.kind, left.kind)}与{names.get(right.kind, right.kind)}不能比较")
        if left.kind == "number":
            scale = max(left.scale, right.scale)
            return left.at(scale), right.at(scale)
        return left.expr, right.expr

    def refuse(self, reason: str) -> Refused:
        return Refused(f"“{self.text}”{reason}" if self.text else reason)


_DTYPES = {"number": "int64", "text": "string", "boolean": "boolean", "date": "date", "null": "string"}
_KINDS = {
    "For": "for 循环", "Quantified": "some / every", "Filter": "筛选", "ListLiteral": "列表",
    "ContextLiteral": "上下文", "RangeLiteral": "区间", "FunctionLiteral": "函数定义", "InstanceOf": "instance of",
}  # fmt: skip


def constant(value: Any, text: str = "") -> Piece:
    """A literal, a parameter or a setting as a piece. Refused where it is no number, text, boolean, date or null."""
    if value is None:
        return Piece(ibis.null("string"), "null", constant=True)
    if isinstance(value, bool):
        return Piece(ibis.literal(value, "boolean"), "boolean", nullable=False, constant=True)
    if isinstance(value, int):
        return Piece(_int64(value, text), "number", nullable=False, constant=True)
    if isinstance(value, Decimal):
        _, _, exponent = value.normalize().as_tuple()
        scale = max(0, -int(exponent))
        return Piece(_int64(int(value.scaleb(scale)), text), "number", scale, nullable=False, constant=True)
    if isinstance(value, str):
        return Piece(ibis.literal(value, "string"), "text", nullable=False, constant=True)
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return Piece(ibis.literal(value, "date"), "date", nullable=False, constant=True)
    raise Refused(f"“{text}”里的 {value} 不能按列计算")


def _int64(value: int, text: str) -> Any:
    if not -(2**63) <= value < 2**63:
        raise Refused(f"“{text}”里的数 {value} 太大")
    return ibis.literal(value, "int64")


def dotted(node: Node) -> str | None:
    """`a.b` of a chain of names; None for anything else."""
    if isinstance(node, syntax.Name):
        return node.name
    if isinstance(node, syntax.Path):
        base = dotted(node.base)
        return None if base is None else f"{base}.{node.name}"
    return None


def _or_null(piece: Piece, scale: int) -> Any:
    return ibis.null("int64") if piece.kind == "null" else piece.at(scale)


def every(each: Any) -> Any:
    whole = None
    for one in each:
        whole = one if whole is None else whole & one
    return ibis.literal(True) if whole is None else whole


def some(each: Any) -> Any:
    whole = None
    for one in each:
        whole = one if whole is None else whole | one
    return ibis.literal(False) if whole is None else whole
