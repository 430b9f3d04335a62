"""Whether two rows of a table can never both hold, as far as their cells alone show it.

Two cells of one column exclude each other where they compare with values that are written in them (or are fixed for the
function that is being written): other texts, the other truth value, numbers in ranges that do not meet. Rows with such
a pair of cells need not be tested against each other. Everything else may meet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from gongbao.feel import syntax
from gongbao.feel.syntax import Literal, Node, UnaryTests

Fixed = Mapping[tuple[str, ...], Any]
Span = tuple[Any, bool, Any, bool]  # low (None: no end), whether it belongs, high, whether it belongs


def apart(row: Sequence[UnaryTests], other: Sequence[UnaryTests], fixed: Fixed) -> bool:
    """Whether some column keeps the two rows apart."""
    return any(_apart(a, b, fixed) for a, b in zip(row, other, strict=True) if a.tests and b.tests)


def _apart(a: UnaryTests, b: UnaryTests, fixed: Fixed) -> bool:
    first = [_span(test, fixed) for test in a.tests]
    second = [_span(test, fixed) for test in b.tests]
    if None in first or None in second or (a.negated and b.negated):
        return False
    if a.negated or b.negated:
        out, held = (first, second) if a.negated else (second, first)
        return all(_point(each) and each in out for each in held)
    return not any(_meet(x, y) for x in first for y in second)


def _span(test: Node, fixed: Fixed) -> Span | None:
    """The values for which a test holds; None where it does not show."""
    if isinstance(test, syntax.UnaryComparison):
        value = _value(test.operand, fixed)
        if value is None or not _number(value):
            return None
        low = {">": (value, False), ">=": (value, True)}.get(test.op, (None, False))
        high = {"<": (value, False), "<=": (value, True)}.get(test.op, (None, False))
        return None if test.op in ("=", "!=") else (*low, *high)
    if isinstance(test, syntax.RangeLiteral):
        first, last = _value(test.low, fixed), _value(test.high, fixed)
        return (first, test.low_closed, last, test.high_closed) if _number(first) and _number(last) else None
    value = _value(test, fixed) if isinstance(test, Literal) else None
    return None if value is None else (value, True, value, True)


def _value(node: Node, fixed: Fixed) -> Any:
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, syntax.Path) and isinstance(node.base, syntax.Name):
        return fixed.get((node.base.name, node.name))
    return None


def _number(value: Any) -> bool:
    return type(value) is int or type(value) is Decimal


def _point(span: Span | None) -> bool:
    return span is not None and span[1] and span[3] and span[0] == span[2]


def _meet(a: Span | None, b: Span | None) -> bool:
    """Whether a value may lie in both; values of two types are never equal, and only numbers have an order."""
    assert a is not None
    assert b is not None
    ends = [end for end in (a[0], a[2], b[0], b[2]) if end is not None]
    if not all(_number(end) for end in ends):
        return not (_point(a) and _point(b)) or (type(a[0]) is type(b[0]) and a[0] == b[0])
    return _before(a, b) and _before(b, a)


def _before(a: Span, b: Span) -> bool:
    """Whether the low end of one is not beyond the high end of the other."""
    low, low_in, high, high_in = a[0], a[1], b[2], b[3]
    return low is None or high is None or low < high or (low == high and low_in and high_in)
