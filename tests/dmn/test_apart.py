"""Rows that can never both hold: what their cells show, on both sides of every boundary."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongbao.dmn.apart import apart
from gongbao.feel import compile_unary_tests, parse_unary_tests


def keeps_apart(a: str, b: str, **fixed: Any) -> bool:
    known = {("params", name): value for name, value in fixed.items()}
    return apart([parse_unary_tests(a)], [parse_unary_tests(b)], known)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("true", "false", True), ("true", "true", False), ('"A"', '"B"', True), ('"A"', '"A","B"', False),
        ("> 5", "<= 5", True), (">= 5", "<= 5", False), (">= 5", "< 5", True), ("> 5", "< 5", True),
        ("[1..5]", "> 5", True), ("[1..5]", ">= 5", False), ("[1..5)", "5", True), ("(5..9]", "5", True),
        ("0", ">= 1", True), ("1", ">= 1", False), ("> 5.5", "5.5", True), (">= 5.5", "5.5", False),
        ('not("A")', '"A"', True), ('not("A")', '"B"', False), ('not("A","B")', '"B"', True), ('not("A")', 'not("B")', False),
        ("1", '"1"', True), ("1", "true", True), ("-", "1", False), ("null", "1", False), ("? > 5", "? < 5", False),
        ('> date("2020-01-01")', '< date("2020-01-01")', False), ("> x", "<= x", False),
        ("> params.k", "[1..params.k]", False),
    ],
)  # fmt: skip
def test_cells(a: str, b: str, expected: bool) -> None:
    assert keeps_apart(a, b) is expected
    assert keeps_apart(b, a) is expected


def test_a_fixed_value_shows_more() -> None:
    assert keeps_apart("> params.k", "[1..params.k]", k=5)
    assert keeps_apart("> params.k", "5", k=5)
    assert not keeps_apart("> params.k", "6", k=5)


def test_one_column_is_enough() -> None:
    rows = [[parse_unary_tests(cell) for cell in row] for row in (["-", "true"], ["1", "false"])]
    assert apart(*rows, {})


CELLS = [
    "0",
    "1",
    "2",
    "< 1",
    "<= 1",
    "> 1",
    ">= 1",
    "[0..1]",
    "(0..2)",
    "0, 2",
    "not(1)",
    "not(0, 2)",
    "0.5",
    '"A"',
    "true",
]


@given(st.sampled_from(list(itertools.product(CELLS, CELLS))))
def test_no_value_holds_for_two_cells_that_are_kept_apart(pair: tuple[str, str]) -> None:
    if keeps_apart(*pair):
        both = [compile_unary_tests(cell).evaluate for cell in pair]
        for value in (None, -1, 0, 1, 2, 3, Decimal("0.5"), Decimal("1.5"), True, False, "A", "B"):
            assert not all(test(value, {}) is True for test in both), value
