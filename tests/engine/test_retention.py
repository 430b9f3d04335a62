"""How long a personal fact is kept: the corresponding day still belongs to it, the day after does not."""

from __future__ import annotations

import datetime as dt

import pytest

from gongbao.engine.retention import Keep, parse_keep
from gongbao.engine.time.calendar import SHANGHAI


def at(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("text", "keep", "words"),
    [
        ("3 years after closed", Keep(3, "年", "closed"), "办结后3年"),
        ("1 year after recorded", Keep(1, "年", "recorded"), "记录后1年"),
        ("6 months after closed", Keep(6, "个月", "closed"), "办结后6个月"),
        ("30 days after recorded", Keep(30, "日", "recorded"), "记录后30日"),
        ("办结后3年", Keep(3, "年", "closed"), "办结后3年"),
        ("记录后 6个月", Keep(6, "个月", "recorded"), "记录后6个月"),
    ],
)
def test_a_period_is_read_and_said_back(text: str, keep: Keep, words: str) -> None:
    assert parse_keep(text) == keep
    assert str(keep) == words
    assert parse_keep(words) == keep


@pytest.mark.parametrize(
    "text", ["", "forever", "3 years", "0 days after closed", "3 years after", "after closed", "-1 年"]
)
def test_what_is_no_period_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(ValueError, match="须写作 办结后3年"):
        parse_keep(text)


@pytest.mark.parametrize(
    ("text", "start", "ends"),
    [
        ("3 years after closed", at(2020, 2, 29, 23, 59), at(2023, 3, 1)),
        ("1 months after closed", at(2023, 1, 31, 0, 0), at(2023, 3, 1)),
        ("1 days after closed", at(2023, 1, 31, 12, 0), at(2023, 2, 2)),
    ],
)
def test_the_last_day_belongs_to_the_period(text: str, start: dt.datetime, ends: dt.datetime) -> None:
    assert parse_keep(text).ends(start) == ends


def test_a_period_beyond_the_calendar_is_an_error_in_words() -> None:
    with pytest.raises(ValueError, match="日期超出范围"):
        parse_keep("9999 years after closed").ends(at(2023, 1, 1))
