"""Numbers are exact and agree with Decimal; ranges hold their ends as they are written."""

from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gongbao.feel import FeelValueError, compile_expression
from gongbao.feel.temporal import read_temporal, write
from gongbao.feel.values import DECIMAL128, add, div, eq, ge, le, lt, mul, sub

integers = st.integers(-(10**12), 10**12)
decimals = st.decimals(-(10**9), 10**9, allow_nan=False, places=4)
numbers = integers | decimals


@pytest.mark.parametrize(("op", "function"), [("+", add), ("-", sub), ("*", mul)])
@given(numbers, numbers)
def test_arithmetic_agrees_with_decimal(op, function, a, b):
    expected = {"+": DECIMAL128.add, "-": DECIMAL128.subtract, "*": DECIMAL128.multiply}[op](Decimal(a), Decimal(b))
    compiled = compile_expression(f"a {op} b").evaluate({"a": a, "b": b})
    assert compiled == function(a, b) == expected
    assert type(compiled) in (int, Decimal)


@given(numbers, numbers)
def test_division_agrees_with_decimal(a, b):
    assume(b != 0)
    assert div(a, b) == DECIMAL128.divide(Decimal(a), Decimal(b))
    assert div(a, 0) is None


@given(numbers, numbers)
def test_order_agrees_with_decimal(a, b):
    for op, expected in (("<", a < b), ("<=", a <= b), (">", a > b), (">=", a >= b), ("=", a == b), ("!=", a != b)):
        assert compile_expression(f"a {op} b").evaluate({"a": a, "b": b}) is expected
        assert compile_expression(f"a {op} {b}").evaluate({"a": a}) is expected
        assert compile_expression(f"{a} {op} b").evaluate({"b": b}) is expected


@given(numbers, numbers, numbers, st.booleans(), st.booleans())
def test_a_range_holds_its_ends_as_written(x, low, high, low_closed, high_closed):
    low, high = min(low, high), max(low, high)
    text = f"{'[' if low_closed else '('}low..high{']' if high_closed else ')'}"
    expected = (low <= x if low_closed else low < x) and (x <= high if high_closed else x < high)
    scope = {"x": x, "low": low, "high": high}
    assert compile_expression(f"x in {text}").evaluate(scope) is expected
    assert compile_expression(f"{{r: {text}, found: x in r}}.found").evaluate(scope) is expected
    for end, closed in ((low, low_closed), (high, high_closed)):
        if low < high:
            assert compile_expression(f"x in {text}").evaluate({**scope, "x": end}) is closed


@given(st.integers(0, 10**40), st.integers(0, 10**40))
def test_integers_beyond_34_digits_round_half_even(a, b):
    product = compile_expression("a * b").evaluate({"a": a, "b": b})
    assert product == (a * b if a * b < 10**34 else DECIMAL128.plus(Decimal(a * b)))


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)) | st.dates() | st.timedeltas())
def test_temporal_text_is_read_back_as_written(value):
    from gongbao.feel import CITY_ZONE

    value = value.replace(tzinfo=CITY_ZONE, fold=0) if isinstance(value, datetime) else value
    assert read_temporal(write(value)) == value


def test_null_never_raises():
    for function in (add, sub, mul, div, lt, le, ge):
        assert function(None, 1) is None
        assert function(1, None) is None
    assert eq(None, None) is True


@pytest.mark.parametrize("value", [1.5, datetime(2023, 1, 1), object()])
def test_a_host_cannot_pass_a_float_or_a_moment_without_zone(value):
    with pytest.raises(FeelValueError):
        compile_expression('x > @"2023-01-01T00:00:00" or x > 1').evaluate({"x": value})


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('@"10:00:00+08:00" = @"02:00:00Z"', True),
        ('@"10:00:00+08:00" < @"10:00:00Z"', True),
        ('@"02:00:00Z" < @"10:00:00+08:00"', False),
        ('@"10:00:00" = @"02:00:00Z"', True),
        ('@"10:00:00Z" - @"10:00:00+08:00" = @"PT8H"', True),
        ('@"10:00:00+08:00" in [@"01:00:00Z"..@"03:00:00Z"]', True),
    ],
)
def test_times_of_day_are_compared_in_one_zone(expression, expected):
    assert compile_expression(expression).evaluate({}) is expected
