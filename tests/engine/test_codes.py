"""Resident ids (GB 11643) and unified social credit codes (GB 32100): right, and wrong in every way told apart."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gongbao.engine.codes import (
    CREDIT_CODE,
    credit_code_check,
    credit_code_problem,
    resident_id_check,
    resident_id_problem,
)
from gongbao.engine.fact import Fact, FactErrors, read_facts
from gongbao.engine.functions import FUNCTIONS
from gongbao.feel import compile_expression

# The worked example of GB 11643 and that of GB 32100 with its check character put right.
ID, CODE = "11010519491231002X", "91350100M000100Y43"


def value_of(text, **scope):
    return compile_expression(text, list(scope), FUNCTIONS).evaluate(scope)


@st.composite
def ids(draw):
    born = draw(st.dates(dt.date(1900, 1, 1), dt.date(2030, 12, 31)))
    body = f"{draw(st.integers(110000, 659999))}{born:%Y%m%d}{draw(st.integers(0, 999)):03d}"
    return body + resident_id_check(body)


@st.composite
def codes(draw):
    letters = st.text(CREDIT_CODE, min_size=9, max_size=9)
    body = f"{draw(st.sampled_from(['91', '92', '11', '52']))}{draw(st.integers(110000, 659999))}{draw(letters)}"
    return body + credit_code_check(body)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (ID, None),
        ("110105194912310021", "末位校验码不符"),
        ("11010519491231002", "现有 17 位"),
        ("11010519491231002XX", "现有 19 位"),
        ("110105194902290022", "出生日期 19490229 不存在"),
        ("110105179912310020", "出生日期 17991231 不存在"),
        ("110105491231002", "15位的旧号码"),
        ("1101051949123100AX", "全是数字"),
        ("010105194912310020", "全是数字"),
        ("１１０１０５19491231002X", "全是数字"),
        ("", "现有 0 位"),
    ],
)
def test_a_resident_id(text, problem):
    found = resident_id_problem(text)
    assert found is None if problem is None else problem in found


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (CODE, None),
        ("91350100M000100Y4Z", "不能有“Z”"),
        ("91350100M000100Y42", "末位校验码不符"),
        ("9135A100M000100Y43", "行政区划码"),
        ("91350100M000100Y4", "现有 17 位"),
        ("91350100MI00100Y43", "不能有“I”"),
        ("91350100m000100Y43", "不能有“m”"),
        ("000000000000000000", "第1位"),  # what is typed to get past a form; its check character is right
    ],
)
def test_a_credit_code(text, problem):
    found = credit_code_problem(text)
    assert found is None if problem is None else problem in found


@given(ids(), st.integers(0, 17), st.integers(1, 9))
@settings(max_examples=100)
def test_one_wrong_digit_of_an_id_is_found(code, at, by):
    assert resident_id_problem(code) is None
    assume(code[at] != "X")
    changed = code[:at] + str((int(code[at]) + by) % 10) + code[at + 1 :]
    assert resident_id_problem(changed) is not None


@given(codes(), st.integers(0, 17), st.integers(1, 30))
@settings(max_examples=100)
def test_one_wrong_character_of_a_credit_code_is_found(code, at, by):
    assert credit_code_problem(code) is None
    other = CREDIT_CODE[(CREDIT_CODE.index(code[at]) + by) % 31]
    assert credit_code_problem(code[:at] + other + code[at + 1 :]) is not None


@given(ids())
@settings(max_examples=50)
def test_birth_and_sex_stand_in_the_id(code):
    assert value_of("birth_date_of(id)", id=code) == dt.date.fromisoformat(code[6:14])
    assert value_of("sex_of(id)", id=code) == ("女" if int(code[16]) % 2 == 0 else "男")


def test_in_an_expression_spaces_small_letters_and_full_width_do_not_matter_and_what_is_no_code_gives_null():
    assert value_of("is_resident_id(id)", id=" 110105 19491231 002x ") is True
    assert value_of("is_credit_code(id)", id="９１350100m000100y43") is True
    assert value_of("is_resident_id(id)", id="110105491231002") is False
    for text in ("is_resident_id(id)", "is_credit_code(id)", "birth_date_of(id)", "sex_of(id)"):
        assert value_of(text, id=None) is None
        assert value_of(text, id=42) is None
    assert value_of("birth_date_of(id)", id="110105194912310021") is None
    assert value_of("sex_of(id)", id="110105194912310021") is None


@pytest.mark.parametrize(
    ("form", "given_", "kept"),
    [
        ("resident_id", "11010519491231002x", ID),
        ("credit_code", "9135 0100 m000 100y 43", CODE),
        ("mobile", "138 0000 0000", "13800000000"),
        ("mobile", "１３８00000000", "13800000000"),
    ],
)
def test_as_the_format_of_a_fact(form, given_, kept):
    facts = {"x": Fact("x", "号码", "text", format=form)}
    assert read_facts(facts, {"x": given_}) == {"x": kept}


@pytest.mark.parametrize(
    ("form", "given_", "said"),
    [
        ("resident_id", "110105491231002", "15位的旧号码"),
        ("resident_id", "110105194912310021", "末位校验码不符"),
        ("credit_code", "91350100M000100Y4Z", "I、O、S、V、Z"),
        ("mobile", "12800000000", "11位手机号码"),
        ("mobile", "1380000000", "11位手机号码"),
        ("mobile", "138000000000", "11位手机号码"),
    ],
)
def test_a_wrong_one_is_refused_with_its_label_and_why(form, given_, said):
    facts = {"x": Fact("x", "号码", "text", format=form)}
    with pytest.raises(FactErrors, match=f"号码.*{said}"):
        read_facts(facts, {"x": given_})
