"""A stored value comes back as the same value of the same type, and the same content has one canonical text."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongbao.engine.series import Series
from gongbao.office.cases.codec import canonical, decode, encode

SHANGHAI = ZoneInfo("Asia/Shanghai")
plain = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**30), 10**30), st.text(max_size=20),
    st.decimals(allow_nan=False, allow_infinity=False, places=3), st.dates(),
    st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2050, 1, 1)).map(lambda t: t.replace(tzinfo=SHANGHAI)),
    st.timedeltas(max_value=dt.timedelta(days=4000), min_value=dt.timedelta(days=-4000)),
)  # fmt: skip
values = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)


@given(values)
def test_a_value_comes_back_as_it_was(value):
    again = decode(encode(value))
    assert again == value
    assert type(again) is type(value)


@given(values)
def test_the_canonical_text_does_not_depend_on_the_order_of_keys(value):
    stored = encode({"b": value, "a": value})
    assert canonical(stored) == canonical(dict(reversed(list(stored.items()))))


def test_trailing_zeros_of_a_decimal_are_kept():
    assert str(decode(encode(Decimal("1.20")))) == "1.20"


def test_a_series_comes_back_whole():
    series = Series(
        dt.datetime(2017, 12, 1, tzinfo=SHANGHAI), dt.timedelta(hours=1), (250, None, 300), ("实况", "实况", "预报")
    )
    assert decode(encode(series)) == series


def test_a_float_is_refused():
    with pytest.raises(TypeError):
        encode(0.1)
