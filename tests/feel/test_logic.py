"""Three-valued logic: the tables of DMN 1.5, as values and as conditions, for every way of writing them."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongbao.feel import compile_expression

BOOLEANS = (True, False, None)


def conjunction(*values):
    return False if False in values else None if None in values else True


def disjunction(*values):
    return True if True in values else None if None in values else False


@pytest.mark.parametrize(("a", "b", "c"), list(product(BOOLEANS, repeat=3)))
def test_and_or_not(a, b, c):
    scope = {"a": a, "b": b, "c": c}

    def value(text):
        return compile_expression(text).evaluate(scope)

    assert value("a and b and c") is conjunction(a, b, c)
    assert value("a or b or c") is disjunction(a, b, c)
    assert value("a and b or c") is disjunction(conjunction(a, b), c)
    assert value("not(a)") is (None if a is None else not a)
    assert value("all([a, b, c])") is conjunction(a, b, c)
    assert value("any([a, b, c])") is disjunction(a, b, c)


def test_what_is_no_boolean_counts_as_null():
    assert compile_expression("true and 5").evaluate({}) is None
    assert compile_expression("false and 5").evaluate({}) is False
    assert compile_expression('"x" or true').evaluate({}) is True
    assert compile_expression("not(5)").evaluate({}) is None


def _formulas():
    leaves = st.sampled_from(
        ["a", "b", "c", "n > 1", "n = m", 's = "x"', "n in [1..2]", "m between n and 3", "b = true"]
    )

    def grow(inner):
        return st.one_of(
            st.tuples(inner, inner).map(lambda p: f"({p[0]} and {p[1]})"),
            st.tuples(inner, inner).map(lambda p: f"({p[0]} or {p[1]})"),
            inner.map(lambda p: f"not({p})"),
        )

    return st.recursive(leaves, grow, max_leaves=8)


SCOPES = st.fixed_dictionaries(
    {
        **{name: st.sampled_from(BOOLEANS) for name in "abc"},
        **{name: st.sampled_from([None, 0, 1, 2, 3]) for name in "nm"},
        "s": st.sampled_from([None, "x", "y", 1]),
    }
)


@given(_formulas(), SCOPES)
def test_a_condition_holds_exactly_when_its_value_is_true(formula, scope):
    # The compiler treats "is it true?", "is it false?" and "what is it?" by different code.
    value = compile_expression(formula).evaluate(scope)
    assert value in BOOLEANS
    assert compile_expression(f"if {formula} then 1 else 0").evaluate(scope) == (1 if value is True else 0)
    assert compile_expression(f"if not({formula}) then 1 else 0").evaluate(scope) == (1 if value is False else 0)
    assert compile_expression(f"count([1][{formula}])").evaluate(scope) == (1 if value is True else 0)
