"""What an expression is while it is lowered to a column: an Ibis expression with its kind, its scale and its nulls.

Numbers are scaled integers (2.50 is 250 at scale 2), so that +, - and * are exact and an overflow is an error, never
a rounding. A quotient is kept as two whole numbers and compared by multiplying across. Days between two dates are a
duration counted in days; other durations in seconds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import ibis

from gongbao.feel import YearsMonths

Kind = Literal["number", "text", "boolean", "date", "moment", "duration", "months", "list", "null"]
KINDS = {
    "number": "数", "text": "文字", "boolean": "是否", "date": "日期", "moment": "时刻", "duration": "时长", "months": "月数",
    "list": "列表",
}  # fmt: skip
DTYPES = {
    "number": "int64", "text": "string", "boolean": "boolean", "date": "date", "duration": "int64", "months": "int64",
    "null": "string",
}  # fmt: skip
DAY = 86_400  # seconds


class Refused(ValueError):
    """An expression that would not mean the same in a column; the message (Chinese) says which part and why."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A column or a constant.

    scale:    a number stands as its value times 10**scale, in whole numbers; of a duration: the seconds of its unit.
    nullable: it may be null in a row whose facts are all known and valid (other rows are not decided in columns).
    value:    what a constant is.
    over:     the number is a quotient: `expr` at its scale, divided by this positive whole number.
    run:      the number is the longest run in a coded series: the name of the code, and what of it holds.
    item:     what one item of a list is.
    """

    expr: Any
    kind: Kind
    scale: int = 0
    nullable: bool = True
    constant: bool = False
    value: Any = None
    over: Any = None
    run: tuple[str, str] | None = None
    item: Piece | None = None

    def at(self, scale: int) -> Any:
        """The number's integer at a larger scale."""
        if self.constant:  # an engine reads small numbers as 32 bits, and would overflow over their product
            return _int64(int(Decimal(self.value).scaleb(scale)), self.value, "")
        return self.expr if scale == self.scale else self.expr * whole(10 ** (scale - self.scale))

    @property
    def seconds(self) -> Any:
        """A duration in seconds."""
        if self.constant:
            return _int64(self.value // dt.timedelta(seconds=1), self.value, "")
        return self.expr if self.scale == 1 else self.expr * whole(self.scale)


def constant(value: Any, text: str = "") -> Piece:
    """A literal, a parameter or a setting as a piece. Refused where a column has nothing of its kind."""
    if value is None:
        return Piece(ibis.null("string"), "null", constant=True)
    if isinstance(value, bool):
        return Piece(ibis.literal(value, "boolean"), "boolean", nullable=False, constant=True, value=value)
    if isinstance(value, int | Decimal):
        exponent = 0 if isinstance(value, int) or not value.is_finite() else int(value.normalize().as_tuple()[2])
        scale = max(0, -exponent)
        scaled = int(Decimal(value).scaleb(scale)) if scale else int(value)
        return Piece(_int64(scaled, value, text), "number", scale, nullable=False, constant=True, value=value)
    if isinstance(value, str):
        return Piece(ibis.literal(value, "string"), "text", nullable=False, constant=True, value=value)
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return Piece(ibis.literal(value, "date"), "date", nullable=False, constant=True, value=value)
    if isinstance(value, dt.datetime):  # only what is computed of it once becomes a column
        return Piece(ibis.literal(value), "moment", nullable=False, constant=True, value=value)
    if isinstance(value, dt.timedelta) and not value % dt.timedelta(seconds=1):
        unit = DAY if not value % dt.timedelta(days=1) else 1
        made = _int64(value // dt.timedelta(seconds=unit), value, text)
        return Piece(made, "duration", unit, nullable=False, constant=True, value=value)
    if isinstance(value, YearsMonths):
        return Piece(_int64(value.months, value, text), "months", nullable=False, constant=True, value=value)
    raise Refused(f"“{text}”里的 {value} 不能按列计算")


def _int64(number: int, value: Any, text: str) -> Any:
    if not -(2**63) <= number < 2**63:
        raise Refused(f"{f'“{text}”里的' if text else ''}数 {value} 太大")
    return whole(number)


def whole(number: int) -> Any:
    return ibis.literal(number, "int64")


def every(each: Iterable[Any]) -> Any:
    found = None
    for one in each:
        found = one if found is None else found & one
    return ibis.literal(True) if found is None else found


def some(each: Iterable[Any]) -> Any:
    found = None
    for one in each:
        found = one if found is None else found | one
    return ibis.literal(False) if found is None else found


def dtype_of(piece: Piece) -> str:
    """The type of the column that shows it: a scaled number as a decimal."""
    if piece.kind == "number":
        return "int64" if piece.scale == 0 else f"decimal(38, {piece.scale})"
    return DTYPES[piece.kind]


def shown(piece: Piece) -> Any:
    """The value as a reader has it. Refused where a column cannot hold it exactly."""
    if piece.over is not None:
        raise Refused("除法的商不一定除得尽，不能作为一列输出，只能用来比较")
    if piece.kind in ("moment", "duration", "months", "list"):
        raise Refused(f"{KINDS[piece.kind]}不能作为一列输出")
    if piece.kind != "number" or piece.scale == 0:
        return piece.expr
    unit = ibis.literal(Decimal(1).scaleb(-piece.scale), f"decimal({piece.scale + 1}, {piece.scale})")
    return (piece.expr * unit).cast(dtype_of(piece))
