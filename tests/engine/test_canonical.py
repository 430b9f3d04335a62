"""Equal content has equal bytes; what has no exact form is refused."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongbao.engine.canonical import canonical_json, digest, to_jsonable
from gongbao.engine.time.calendar import SHANGHAI
from gongbao.feel import YearsMonths


def test_the_order_of_keys_does_not_matter_and_chinese_stays_chinese() -> None:
    assert canonical_json({"乙": 1, "甲": [True, None]}) == '{"乙":1,"甲":[true,null]}'.encode()
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1}) != digest({"a": 1, "b": 3})


def test_a_decimal_keeps_its_digits() -> None:
    assert to_jsonable(Decimal("1.20")) == "1.20"
    assert to_jsonable(Decimal("1E+3")) == "1000"


def test_one_moment_has_one_form_in_every_zone() -> None:
    moment = dt.datetime(2023, 1, 19, 8, 30, tzinfo=SHANGHAI)
    assert to_jsonable(moment) == to_jsonable(moment.astimezone(dt.UTC)) == "2023-01-19T08:30:00+08:00"


def test_dates_lengths_and_sets() -> None:
    assert to_jsonable([dt.date(2023, 1, 2), dt.timedelta(hours=26), YearsMonths(14)]) == [
        "2023-01-02",
        "P1DT2H",
        "P1Y2M",
    ]
    assert to_jsonable({3, 1, 2}) == [1, 2, 3]


@pytest.mark.parametrize(
    "value", [1.5, float("nan"), Decimal("NaN"), Decimal("Infinity"), dt.datetime(2023, 1, 1), object(), {1: 2}, b"x"]
)
def test_what_is_not_exact_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        canonical_json({"x": value} if not isinstance(value, dict) else value)


@given(st.dictionaries(st.text(), st.one_of(st.integers(), st.text(), st.booleans(), st.none()), max_size=5))
def test_the_bytes_are_those_of_the_content(content: dict[str, Any]) -> None:
    assert canonical_json(content) == canonical_json(dict(reversed(content.items())))
