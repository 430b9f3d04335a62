"""The page of the functions tells the truth: each example gives what it says, and each function stands in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gongbao.engine.functions import FUNCTIONS
from gongbao.engine.time.calendar import default_calendar
from gongbao.engine.time.dates import CALENDAR, Counted
from gongbao.feel import compile_expression, compile_unary_tests

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "functions.md").read_text(encoding="utf-8")
EXAMPLES = [
    found
    for table in PAGE.split("| expression | value |")[1:]
    for found in re.findall(r"^\| `([^`]+)` \| `([^`]+)` \|", table.split("\n\n")[0], re.MULTILINE)
]
CELLS = re.findall(r"\| `([^`]+)` \|", PAGE.split("the cell is", 1)[1])


@pytest.mark.parametrize(("expression", "value"), EXAMPLES)
def test_example(expression, value):
    scope = {CALENDAR: Counted(default_calendar())}
    assert compile_expression(expression, [], FUNCTIONS).evaluate(scope) == compile_expression(value).evaluate({})


def test_the_examples_are_found():
    assert len(EXAMPLES) >= 25
    assert len(CELLS) >= 10


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_stands_in_the_page(name):
    assert re.search(rf"^\| `{name}\(", PAGE, re.MULTILINE)


def test_no_function_stands_that_does_not_exist():
    assert set(re.findall(r"^\| `([a-z_]+)\([^`]*` \| [^`]", PAGE, re.MULTILINE)) <= {*FUNCTIONS}


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_of_a_threshold_word_is_a_test(cell):
    compile_unary_tests(cell, ["n", "a", "b", "base"])
