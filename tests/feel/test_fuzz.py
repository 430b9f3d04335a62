"""Whatever text stands where FEEL should, the end is a value or a refusal in words; none of it becomes Python."""

import re
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.feel import hostile

from gongbao.feel import FeelError, FeelSyntaxError, compile_expression, compile_unary_tests
from gongbao.feel.syntax import Filter, ListLiteral, Literal, Name, Path
from gongbao.feel.values import kind_of

CHINESE = re.compile("[\u4e00-\u9fff]")
CHANCE = st.randoms(use_true_random=False)


def told(error, text):
    """A refusal is in Chinese, and one of the text points at a character of it."""
    assert CHINESE.search(str(error))
    assert not isinstance(error, FeelSyntaxError) or 0 <= error.position <= len(text)
    return error


def put_to_work(compile_, text, run, names=()):
    """Compiles and runs a text; gives what came of it."""
    try:
        compiled = compile_(text, names, strict=False)
    except FeelError as error:
        return told(error, text)
    assert hostile.foreign(compiled) == []
    try:
        return run(compiled)
    except FeelError as error:
        return told(error, text)


@given(CHANCE)
@settings(max_examples=500, deadline=None)
def test_any_text_ends_in_a_value_or_a_refusal(chance):
    scope = hostile.scope(chance)
    value = put_to_work(
        compile_expression, hostile.text(chance), lambda compiled: compiled.evaluate(scope),
        chance.choice(((), hostile.NAMES)),
    )  # fmt: skip
    assert isinstance(value, FeelError) or kind_of(value)


@given(CHANCE)
@settings(max_examples=200, deadline=None)
def test_any_cell_is_true_false_null_or_refused(chance):
    scope = hostile.scope(chance)
    value = put_to_work(
        compile_unary_tests,
        hostile.cell(chance),
        lambda compiled: compiled.evaluate(chance.choice(hostile.VALUES), scope),
    )
    assert isinstance(value, FeelError) or value in (True, False, None)


@given(st.text(max_size=60))
@settings(max_examples=150, deadline=None)
@example("\x00")
@example("\ud800")
@example("\u2028")
def test_any_characters_end_in_a_value_or_a_refusal(text):
    put_to_work(compile_expression, text, lambda compiled: compiled.evaluate({}))


WORDS = [name for name in hostile.NAMES if name not in ("item", "?")]  # these two the language itself gives a meaning


@pytest.mark.parametrize("name", [*WORDS, "'", '"', "\n", "\\", "{}", "a\nb", "x'] or f['", "\ud800", "\0"])
def test_a_name_is_only_ever_the_key_of_a_scope(name):
    """Names come from facts and from models; what they look like does not matter."""
    compiled = compile_expression("[a, a.b, for i in [a] return i.b]", [(name,), (name, name)], strict=False)
    assert hostile.foreign(compiled) == []
    node = ListLiteral((Path(Name(name), name), Filter(Name("xs"), Name(name)), Literal(name)))
    compiled = compile_expression(node, strict=False)
    assert hostile.foreign(compiled) == []
    assert compiled.evaluate({name: {name: 7}, "xs": [{name: True}]}) == [7, [{name: True}], name]


@pytest.mark.parametrize(
    "text",
    [
        "x.__class__.__mro__", "s.__class__", '"".__class__', "[].__len__", "(function(x) x).__globals__", "x.append", "x.get",
        "@\"2023-01-01\".__reduce__", "f_sum", "FeelFunction", "evaluate", "budget", "date.__init__", "sum.call",
    ],
)  # fmt: skip
def test_nothing_of_python_can_be_reached(text):
    assert compile_expression(text, strict=False).evaluate({"x": "text"}) in (None, [])


@pytest.mark.parametrize("text", ['__import__("os")', 'eval("1")', 'open("x")', "x.__class__()", "type(1)", "len([])"])
def test_nothing_of_python_can_be_called(text):
    assert compile_expression(text, strict=False).evaluate({"x": "text"}) in (None, [])
    if "." not in text:
        with pytest.raises(FeelSyntaxError, match="函数"):
            compile_expression(text)


def test_the_same_seed_makes_the_same_texts():
    assert [hostile.text(Random(7)) for _ in range(2)] == [hostile.text(Random(7)) for _ in range(2)]


@pytest.mark.parametrize("text", ["[1][function(x) q]", "[1][(function(x) partial)(1)]", "[1][function(x) a.b]"])
def test_a_name_without_meaning_inside_a_filter_and_a_function_is_null(text):
    """What a function body captures must be a variable: None is none."""
    compiled = compile_expression(text, [("a",)], strict=False)
    assert hostile.foreign(compiled) == []
    assert compiled.evaluate({}) in ([], None)
