"""FEEL's own functions, and the calendar rules of a pack that need no calendar, as columns.

Each takes the lowering and the argument nodes, and gives a piece. Rounding works on the scaled integers by what is
left over from the unit, so that halves are halves; numbers from outside int64 are an error of the engine, as everywhere.
Working days are looked up in tables (batch.days), series are coded (batch.series): both before these are called.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import ibis

from gongbao.batch.pieces import Piece, some, whole
from gongbao.feel.syntax import Node

if TYPE_CHECKING:
    from gongbao.batch.lower import Lowering

Call = Callable[..., Piece]


# Numbers ----------------------------------------------------------------------------------------------------------


def absolute(low: Lowering, n: Node) -> Piece:
    number = low.number(n)
    return Piece(number.expr.abs(), "number", number.scale, number.nullable)


def modulo(low: Lowering, dividend: Node, divisor: Node) -> Piece:
    """What is left, with the sign of the divisor; by zero null."""
    a, b = low.number(dividend), low.number(divisor)
    scale = max(a.scale, b.scale)
    by = b.at(scale).nullif(whole(0))
    nullable = a.nullable or b.nullable or not (b.constant and b.value != 0)
    return Piece(_mod(a.at(scale), by), "number", scale, nullable)


def _mod(a: Any, by: Any) -> Any:
    """SQL's remainder has the sign of the dividend, FEEL's that of the divisor."""
    left = a % by
    return ibis.cases(((left != 0) & ((left < 0) != (by < 0)), left + by), else_=left)


def odd(low: Lowering, n: Node, *, rest: bool = True) -> Piece:
    number = low.number(n)
    if number.scale:
        raise low.refuse("odd / even 只能用于整数")
    found = number.expr % whole(2)
    return Piece(found != 0 if rest else found == 0, "boolean", nullable=number.nullable)


Round = Callable[[Any, Any, Any, Any], Any]  # size without sign, what is left of it over the unit, unit, is negative


def rounded(how: Round, low: Lowering, n: Node, scale: Node | None = None) -> Piece:
    """The number at fewer decimals; the result keeps the scale, so that no division is needed."""
    number = low.number(n)
    places = 0 if scale is None else low.number(scale)
    if isinstance(places, Piece):
        if not places.constant or places.scale:
            raise low.refuse("取整的位数须是写定的整数")
        places = int(places.value)
    if places >= number.scale:
        return number
    if places < -18 or number.scale - places > 18:
        raise low.refuse(f"取整到 {places} 位小数太粗")
    unit = whole(10 ** (number.scale - places))
    size = number.expr.abs()
    left = size % unit
    negative = number.expr < 0
    moved = how(size, left, unit, negative)
    return Piece(ibis.cases((negative, -moved), else_=moved), "number", number.scale, number.nullable)


def _down(size: Any, left: Any, unit: Any, negative: Any) -> Any:
    return size - left


def _up(size: Any, left: Any, unit: Any, negative: Any) -> Any:
    return ibis.cases((left > 0, size - left + unit), else_=size)


def _floor(size: Any, left: Any, unit: Any, negative: Any) -> Any:
    return ibis.cases((negative & (left > 0), size - left + unit), else_=size - left)


def _ceiling(size: Any, left: Any, unit: Any, negative: Any) -> Any:
    return ibis.cases((~negative & (left > 0), size - left + unit), else_=size - left)


def _half_up(size: Any, left: Any, unit: Any, negative: Any) -> Any:
    return ibis.cases((left * 2 >= unit, size - left + unit), else_=size - left)


def _half_down(size: Any, left: Any, unit: Any, negative: Any) -> Any:
    return ibis.cases((left * 2 > unit, size - left + unit), else_=size - left)


def _half_even(size: Any, left: Any, unit: Any, negative: Any) -> Any:
    tie_up = (left * 2 == unit) & ((size - left) % (unit * 2) != 0)
    return ibis.cases(((left * 2 > unit) | tie_up, size - left + unit), else_=size - left)


def extreme(take: Any, low: Lowering, *arguments: Node) -> Piece:
    """`min` or `max` of numbers, or of a list of them."""
    if len(arguments) == 1:
        items = _items(low, arguments[0], ("number", "date"))
        found = reduced(items.expr, "mins" if take is ibis.least else "maxs")
        assert items.item is not None
        return Piece(found, items.item.kind, items.item.scale, nullable=True)
    numbers = [low.number(each) for each in arguments]
    scale = max(n.scale for n in numbers)
    found = take(*(n.at(scale) for n in numbers))
    if not (nullable := [n for n in numbers if n.nullable]):
        return Piece(found, "number", scale, nullable=False)
    unknown = some(n.expr.isnull() for n in nullable)
    return Piece(ibis.cases((unknown, ibis.null("int64")), else_=found), "number", scale)


# Lists ------------------------------------------------------------------------------------------------------------


def _items(low: Lowering, node: Node, kinds: tuple[str, ...] = ()) -> Piece:
    items = low.value(node)
    if items.kind != "list" or items.item is None or items.nullable:
        raise low.refuse("此处应是一项列表事实")
    if kinds and items.item.kind not in kinds:
        raise low.refuse("此处应是数的列表")
    return items


def reduced(items: Any, how: str) -> Any:
    """`sums`, `mins` or `maxs` of a list; null of an empty one. In a case of its own: two columns that are the same bare
    subquery come out under one name (PostgreSQL, Ibis 12)."""
    return ibis.cases((items.length() > 0, getattr(items, how)()))


def count(low: Lowering, items: Node) -> Piece:
    return Piece(_items(low, items).expr.length().cast("int64"), "number", nullable=False)


def total(low: Lowering, *arguments: Node) -> Piece:
    """The sum; null of an empty list, as SQL has it too."""
    if len(arguments) == 1:
        items = _items(low, arguments[0], ("number",))
        assert items.item is not None
        return Piece(reduced(items.expr, "sums").cast("int64"), "number", items.item.scale)
    numbers = [low.number(each) for each in arguments]
    scale = max(n.scale for n in numbers)
    made = numbers[0].at(scale)
    for each in numbers[1:]:
        made = made + each.at(scale)
    return Piece(made, "number", scale, any(n.nullable for n in numbers))


def mean(low: Lowering, items: Node) -> Piece:
    """A quotient, compared by multiplying across; null of an empty list."""
    listed = _items(low, items, ("number",))
    assert listed.item is not None
    size = listed.expr.length().cast("int64")
    return Piece(reduced(listed.expr, "sums").cast("int64"), "number", listed.item.scale, over=size.nullif(whole(0)))


def list_contains(low: Lowering, items: Node, element: Node) -> Piece:
    listed, one = _items(low, items), low.plain(low.value(element))
    assert listed.item is not None
    if one.kind == "null":
        return Piece(ibis.literal(False), "boolean", nullable=False)  # items are never null
    if one.kind != listed.item.kind or one.over is not None:
        raise low.refuse("列表里没有这种值")
    if one.kind == "number":
        scale = max(one.scale, listed.item.scale)
        if scale > listed.item.scale:
            if not one.constant:
                raise low.refuse("要找的数比列表里的数位数多")
            return Piece(ibis.literal(False), "boolean", nullable=False)  # a constant stands at its least scale
        return Piece(listed.expr.contains(one.at(scale)).fill_null(False), "boolean", nullable=False)
    return Piece(listed.expr.contains(one.expr).fill_null(False), "boolean", nullable=False)


# Texts ------------------------------------------------------------------------------------------------------------


def _texts(low: Lowering, *nodes: Node) -> tuple[list[Any], bool]:
    pieces = [low.value(each) for each in nodes]
    if any(p.kind != "text" for p in pieces):
        raise low.refuse("此处应是文字")
    return [p.expr for p in pieces], any(p.nullable for p in pieces)


def contains(low: Lowering, text: Node, match: Node) -> Piece:
    (a, b), nullable = _texts(low, text, match)
    return Piece(a.contains(b), "boolean", nullable=nullable)


def starts_with(low: Lowering, text: Node, match: Node) -> Piece:
    (a, b), nullable = _texts(low, text, match)
    return Piece(a.startswith(b), "boolean", nullable=nullable)


def ends_with(low: Lowering, text: Node, match: Node) -> Piece:
    (a, b), nullable = _texts(low, text, match)
    return Piece(a.endswith(b), "boolean", nullable=nullable)


def string_length(low: Lowering, text: Node) -> Piece:
    (a,), nullable = _texts(low, text)
    return Piece(a.length().cast("int64"), "number", nullable=nullable)


# Dates ------------------------------------------------------------------------------------------------------------


def _days(low: Lowering, *nodes: Node) -> list[Piece]:
    pieces = [low.value(each) for each in nodes]
    if any(p.kind != "date" for p in pieces):
        raise low.refuse("此处应是日期")
    return pieces


def _months(low: Lowering, start: Node, end: Node, corresponding: bool) -> Piece:
    """Whole months from start to end. corresponding: where a month lacks the day, its last day is it."""
    a, b = _days(low, start, end)
    between = (b.expr.year() * 12 + b.expr.month() - a.expr.year() * 12 - a.expr.month()).cast("int64")
    ahead = b.expr >= a.expr
    if corresponding:  # counted from the earlier to the later, as engine.time.dates does
        first, last = (ibis.cases((ahead, x), else_=y) for x, y in ((a.expr, b.expr), (b.expr, a.expr)))
        reached = (first.day() <= last.day()) | (last.day() == _month_length(last))
        months = ibis.cases((reached, between.abs()), else_=between.abs() - 1)
        months = ibis.cases((ahead, months), else_=-months)
    else:
        short = (between > 0) & (b.expr.day() < a.expr.day())
        over = (between < 0) & (b.expr.day() > a.expr.day())
        months = ibis.cases((short, between - 1), (over, between + 1), else_=between)
    return Piece(months.cast("int64"), "number", nullable=a.nullable or b.nullable)


def _month_length(day: Any) -> Any:
    year, month = day.year(), day.month()
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    return ibis.cases((month.isin([4, 6, 9, 11]), 30), (month != 2, 31), (leap, 29), else_=28)


def months_between(low: Lowering, start: Node, end: Node) -> Piece:
    return _months(low, start, end, True)


def years_between(low: Lowering, start: Node, end: Node) -> Piece:
    months = _months(low, start, end, True)
    whole_years = (months.expr - months.expr % 12) / 12  # exact: months are few
    return Piece(whole_years.cast("int64"), "number", nullable=months.nullable)


def years_and_months_duration(low: Lowering, start: Node, end: Node) -> Piece:
    months = _months(low, start, end, False)
    return Piece(months.expr, "months", nullable=months.nullable)


def end_of(months: int, low: Lowering, day: Node) -> Piece:
    """The last day of the month, quarter, half year or year that a day lies in."""
    (one,) = _days(low, day)
    month = one.expr.month()
    last = month + (months - 1) - (month - 1) % months
    first_of_last = ibis.date(one.expr.year(), last.cast("int32"), ibis.literal(1, "int32"))
    length = _month_length(first_of_last)
    made = ibis.date(one.expr.year(), last.cast("int32"), length.cast("int32"))
    return Piece(made, "date", nullable=one.nullable)


CALLS: dict[str, Call] = {
    "abs": absolute, "modulo": modulo, "odd": odd, "even": partial(odd, rest=False),
    "floor": partial(rounded, _floor), "ceiling": partial(rounded, _ceiling), "decimal": partial(rounded, _half_even),
    "round up": partial(rounded, _up), "round down": partial(rounded, _down),
    "round half up": partial(rounded, _half_up), "round half down": partial(rounded, _half_down),
    "min": partial(extreme, ibis.least), "max": partial(extreme, ibis.greatest), "sum": total, "mean": mean,
    "count": count, "list contains": list_contains,
    "contains": contains, "starts with": starts_with, "ends with": ends_with, "string length": string_length,
    "months_between": months_between, "years_between": years_between,
    "years and months duration": years_and_months_duration,
    "end_of_month": partial(end_of, 1), "end_of_quarter": partial(end_of, 3),
    "end_of_half_year": partial(end_of, 6), "end_of_year": partial(end_of, 12),
}  # fmt: skip
_CHEAP = {"contains", "starts with", "ends with", "string length", "list contains", "odd", "even"}
STAGED = frozenset(CALLS) - _CHEAP  # worth a column of their own
