"""YAML 1.2 core: what an author writes is what the engine gets."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongbao.policy.yaml_core import MAX_DEPTH, dotted, parse


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("on", "on"), ("off", "off"), ("yes", "yes"), ("no", "no"), ("y", "y"), ("true", True), ("False", False),
        ("~", None), ("", None), ("null", None), ("'null'", "null"), ("12", 12), ("-3", -3), ("012", 12), ("0o17", 15),
        ("1_000", "1_000"), ("12:30", "12:30"), ("0.1", Decimal("0.1")), ("0.10", Decimal("0.10")),
        ("1e3", Decimal("1e3")), ("'0.1'", "0.1"), ("2022-12-23", dt.date(2022, 12, 23)),
        ("'2022-12-23'", "2022-12-23"),
        ("2022-12-23T08:00", "2022-12-23T08:00"), ("2022-12-23 08:00:00", "2022-12-23 08:00:00"), ("=", "="),
        ("<<", "<<"), ("一（二）", "一（二）"),
    ],
)  # fmt: skip
def test_a_scalar_means_what_the_core_schema_says(written: str, value: Any) -> None:
    parsed = parse(f"key: {written}", "f.yaml")
    assert parsed.problems == []
    assert parsed.value == {"key": value}
    assert type(parsed.value["key"]) is type(value)


def test_keys_are_always_text() -> None:
    assert parse("1: a\non: b\ntrue: c\n2022-01-01: d", "f").value == {
        "1": "a",
        "on": "b",
        "true": "c",
        "2022-01-01": "d",
    }


def test_lines_are_of_the_keys() -> None:
    lines = parse("a:\n  b:\n    - x\n    - y: 1\n", "f").lines
    assert lines[("a", "b")] == 2
    assert lines[("a", "b", 1, "y")] == 4


@pytest.mark.parametrize(("depth", "refused"), [(MAX_DEPTH, False), (MAX_DEPTH + 1, True)])
def test_nesting_is_bounded(depth: int, refused: bool) -> None:
    assert bool(parse("[" * depth + "]" * depth, "f").problems) is refused


def test_merge_keys_and_infinities_are_not_of_the_core_schema() -> None:
    assert parse("a: {<<: {b: 1}}", "f").value == {"a": {"<<": {"b": 1}}}
    assert "不允许 .inf" in parse("a: .inf", "f").problems[0].message
    assert "没有这一天" in parse("a: 2023-02-29", "f").problems[0].message


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda b: b.decode("utf-8", "replace")))
def test_no_text_makes_the_reader_fall_over(text: str) -> None:
    parsed = parse(text, "f.yaml")
    assert all(p.file == "f.yaml" and p.message for p in parsed.problems)


def test_a_path_is_shown_dotted() -> None:
    assert dotted(("level", "rules", 0, "when")) == "level.rules[0].when"


@pytest.mark.parametrize("written", ["1e999999999", "1e-999999999", "-1E+100"])
def test_a_number_that_no_machine_holds_is_refused_before_it_is_made(written: str) -> None:
    parsed = parse(f"key: {written}", "f.yaml")
    assert [p.message for p in parsed.problems] == [
        f"数太大或太小：{written}（指数 {written.lower().partition('e')[2].lstrip('+-')}）"
    ]
