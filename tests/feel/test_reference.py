"""The reference page tells the truth: each example gives what it says, and each built-in stands in it."""

import re
from pathlib import Path

import pytest

from gongbao.feel import compile_expression, compile_unary_tests
from gongbao.feel.builtins import BUILTINS

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "feel.md").read_text(encoding="utf-8")
SCOPE = {
    "poisoned": 40,
    "deaths": 0,
    "unknown": None,
    "level": "橙色",
    "aqi": [150, 210, 320],
    "params": {"limit": 30},
    "calls": [{"unit": "公安", "days": 2}, {"unit": "城管", "days": 5}],
}


def rows_under(heading):
    section = PAGE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^\| `([^`]+)` \| `([^`]+)` \|", section, re.MULTILINE)


@pytest.mark.parametrize(("expression", "value"), rows_under("Expressions"))
def test_expression(expression, value):
    assert compile_expression(expression).evaluate(SCOPE) == compile_expression(value).evaluate({})


@pytest.mark.parametrize(("cell", "holds"), rows_under("Cells of a decision table"))
def test_cell(cell, holds):
    assert compile_unary_tests(cell).evaluate(40, SCOPE) is (holds == "true")


def test_the_examples_are_found():
    assert len(rows_under("Expressions")) >= 30
    assert len(rows_under("Cells of a decision table")) >= 10


@pytest.mark.parametrize("name", sorted(BUILTINS))
def test_every_builtin_stands_with_its_parameters_and_summary(name):
    builtin = BUILTINS[name]
    assert f"| `{builtin.usage}` | {builtin.summary} |" in PAGE


def test_no_function_stands_that_does_not_exist():
    section = PAGE.split("## Built-in functions", 1)[1].split("\n## ", 1)[0]
    written = re.findall(r"^\| `([a-z ]+)\(", section, re.MULTILINE)
    assert sorted(written) == sorted(BUILTINS)
