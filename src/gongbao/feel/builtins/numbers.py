"""Built-ins on numbers; all but the roots and logarithms are exact."""

from __future__ import annotations

from decimal import (
    MAX_PREC,
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    InvalidOperation,
)

from gongbao.feel.builtins.registry import builtin
from gongbao.feel.values import DECIMAL128, Value, is_number, neg, normal, whole
from gongbao.feel.values import mul as times
from gongbao.feel.values import sub as minus

_EXACT = Context(prec=MAX_PREC, traps=[InvalidOperation])
# The scales of decimal128.
_MIN_SCALE, _MAX_SCALE = -6111, 6176


def _rounded(number: Value, scale: Value, rounding: str) -> Value:
    if not is_number(number) or not is_number(scale) or not _MIN_SCALE <= scale <= _MAX_SCALE:
        return None
    places = int(scale)
    if type(number) is int and places >= 0:
        return number
    value = Decimal(number).quantize(Decimal(1).scaleb(-places), rounding=rounding, context=_EXACT)
    if places > 0:
        return DECIMAL128.plus(value)
    return normal(int(value)) if value.adjusted() < 40 else DECIMAL128.plus(value)


@builtin("decimal", "n, scale")
def decimal(n: Value, scale: Value) -> Value:
    """The number at a scale, halves to the even digit."""
    return _rounded(n, scale, ROUND_HALF_EVEN)


@builtin("floor", "n, scale?")
def floor(n: Value, scale: Value = 0) -> Value:
    """The number rounded towards minus infinity."""
    return _rounded(n, scale, ROUND_FLOOR)


@builtin("ceiling", "n, scale?")
def ceiling(n: Value, scale: Value = 0) -> Value:
    """The number rounded towards plus infinity."""
    return _rounded(n, scale, ROUND_CEILING)


@builtin("round up", "n, scale?")
def round_up(n: Value, scale: Value = 0) -> Value:
    """The number rounded away from zero."""
    return _rounded(n, scale, ROUND_UP)


@builtin("round down", "n, scale?")
def round_down(n: Value, scale: Value = 0) -> Value:
    """The number rounded towards zero."""
    return _rounded(n, scale, ROUND_DOWN)


@builtin("round half up", "n, scale?")
def round_half_up(n: Value, scale: Value = 0) -> Value:
    """The number rounded to the nearest, halves away from zero (四舍五入)."""
    return _rounded(n, scale, ROUND_HALF_UP)


@builtin("round half down", "n, scale?")
def round_half_down(n: Value, scale: Value = 0) -> Value:
    """The number rounded to the nearest, halves towards zero."""
    return _rounded(n, scale, ROUND_HALF_DOWN)


@builtin("abs", "n")
def absolute(n: Value) -> Value:
    """The number, or duration, without its sign."""
    if is_number(n):
        return abs(n)
    return None if n is None or (back := neg(n)) is None else max(n, back)


@builtin("modulo", "dividend, divisor")
def modulo(dividend: Value, divisor: Value) -> Value:
    """What is left after dividing into whole parts; it has the sign of the divisor."""
    if not (is_number(dividend) and is_number(divisor)) or divisor == 0:
        return None
    if type(dividend) is int and type(divisor) is int:
        return dividend % divisor
    try:
        parts = (DECIMAL128.divide(dividend, divisor)).to_integral_value(rounding=ROUND_FLOOR)
    except ArithmeticError:
        return None
    return minus(dividend, times(parts, divisor))


@builtin("sqrt", "number")
def sqrt(number: Value) -> Value:
    """The square root, to 34 digits."""
    if not is_number(number) or number < 0:
        return None
    root = DECIMAL128.sqrt(number)
    exact = whole(root)
    return exact if exact is not None and type(number) is int and exact * exact == number else root


@builtin("log", "number")
def log(number: Value) -> Value:
    """The natural logarithm, to 34 digits."""
    return DECIMAL128.ln(number) if is_number(number) and number > 0 else None


@builtin("exp", "number")
def exp(number: Value) -> Value:
    """The natural exponential, to 34 digits."""
    try:
        return DECIMAL128.exp(number) if is_number(number) else None
    except ArithmeticError:
        return None


@builtin("odd", "number")
def odd(number: Value) -> Value:
    """Whether a whole number is odd."""
    value = whole(number) if is_number(number) else None
    return None if value is None else value % 2 == 1


@builtin("even", "number")
def even(number: Value) -> Value:
    """Whether a whole number is even."""
    value = whole(number) if is_number(number) else None
    return None if value is None else value % 2 == 0
