"""A decision table cell against a value: what holds, what does not, and what null makes of it."""

from datetime import date
from decimal import Decimal

import pytest

from gongbao.feel import compile_unary_tests

SCOPE = {"limit": 5, "params": {"max": 10, "levels": ["橙色", "红色"]}, "level": "橙色"}


@pytest.mark.parametrize(
    ("cell", "value", "expected"),
    [
        ("-", 1, True),
        ("-", None, True),
        ("> 5", 6, True),
        ("> 5", 5, False),
        ("> 5", Decimal("5.1"), True),
        ("> 5", None, None),
        ("> 5", "6", None),
        (">= limit", 5, True),
        ("< params.max", 10, False),
        ("= 5", 5, True),
        ("!= 5", 5, False),
        ("5", 5, True),
        ("5, 7", 7, True),
        ("< 3, > 7", 5, False),
        ("< 3, > 7", 8, True),
        ("null", None, True),
        ("null", 1, False),
        ('"较大","重大"', "重大", True),
        ('"较大","重大"', "一般", False),
        ('"较大"', None, False),
        ('not("较大")', "一般", True),
        ('not("较大", "重大")', "重大", False),
        ("not(> 5)", 5, True),
        ("not(> 5)", None, None),
        ("not(null)", 1, True),
        ("true", True, True),
        ("true", False, False),
        ("true", 1, None),
        ("[30..99]", 30, True),
        ("[30..99]", 99, True),
        ("[30..99]", 100, False),
        ("[30..100)", 100, False),
        ("(30..100)", 30, False),
        ("[30..params.max * 10]", 100, True),
        ("params.levels", "橙色", True),
        ("params.levels", "蓝色", False),
        ("level", "橙色", True),
        ("? > 5 and ? < 9", 7, True),
        ("? > 5 and ? < 9", 9, False),
        ("? > limit or ? = null", None, True),
        ('contains(?, "学校")', "第一学校", True),
        ("count(?) >= 2", [1, 2], True),
        ("some x in ? satisfies x > 3", [1, 4], True),
        ('not(contains(?, "学校"))', "医院", True),
        ('>= date("2023-01-01")', date(2023, 1, 1), True),
        ('< @"2023-01-01"', date(2023, 1, 1), False),
        ('[@"2023-01-01"..@"2023-02-01")', date(2023, 1, 31), True),
        ("0.5", Decimal("0.50"), True),
    ],
)
def test_cell(cell, value, expected):
    assert compile_unary_tests(cell).evaluate(value, SCOPE) is expected


def test_a_cell_tells_its_names_and_constants():
    cell = compile_unary_tests('[params.low..99], > limit, date("2023-01-01")')
    assert cell.names == ("limit", "params.low")
    assert cell.constants == (99, date(2023, 1, 1))
