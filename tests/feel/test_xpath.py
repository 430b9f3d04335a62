"""Regular expressions mean what the standard (XPath) says, not what Python's would."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongbao.feel import compile_expression
from gongbao.feel.xpath import NoPattern, rewritten


def matches(text: str, pattern: str, flags: str = "") -> object:
    scope = {"t": text, "p": pattern, "f": flags}
    return compile_expression("matches(t, p, f)", ["t", "p", "f"]).evaluate(scope)


@pytest.mark.parametrize(
    ("text", "pattern", "flags", "wanted"),
    [
        ("a\rb", "a.b", "", False),
        ("a\rb", "a.b", "s", True),
        ("a\n", "a$", "", False),
        ("a\nb", "a$", "m", True),
        ("P", "^[A-Z-[OI]]$", "", True),
        ("O", "^[A-Z-[OI]]$", "", False),
        ("o", "^[A-Z-[OI]]$", "i", False),
        ("廊", r"^\p{Lo}$", "", True),
        ("廊", r"^\P{Lo}$", "", False),
        ("A", r"^\p{Lu}$", "", True),
        ("a", r"^\p{Lu}$", "", False),
        ("廊坊", r"^\p{IsCJKUnifiedIdeographs}+$", "", True),
        ("a", r"^[\P{Lu}]$", "", True),
        ("A", r"^[^\P{Lu}]$", "", True),
        ("a", r"^[^\P{Lu}]$", "", False),
        ("a-1", r"^\i\c*$", "", True),
        ("1a", r"^\i\c*$", "", False),
        ("٣", r"^\d$", "", True),
        ("_", r"^\w$", "", False),
        ("ab", "a b", "x", True),
        ("a b", "a[ ]b", "x", True),
        ("aa", r"(a)\1", "", True),
        ("a.b", r"a\.b", "", True),
        ("a&b", "[&][b]", "", True),
        ("x", "(?=x)", "", None),
        ("x", r"\1", "", None),
        ("x", r"[\1]", "", None),
        ("x", r"\z", "", None),
        ("x", r"\p{Xx}", "", None),
        ("x", r"\p{IsKlingon}", "", None),
        ("x", "[]", "", None),
        ("x", "a]", "", None),
        ("x", "[a", "", None),
        ("x", "(a", "", None),
        ("x", "x", "q?", None),
    ],
)
def test_matches(text: str, pattern: str, flags: str, wanted: object):
    assert matches(text, pattern, flags) is wanted


@given(st.text(alphabet="ab[]()\\^-$.*+?{},|pLuicdwsIsBasic12 ", max_size=20))
def test_any_text_is_a_pattern_or_is_refused(pattern: str):
    try:
        written = rewritten(pattern, "")
    except NoPattern:
        return
    try:
        re.compile(written)
    except re.error:
        return  # refused in its turn, and matches() gives null
