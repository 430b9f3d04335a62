"""Kinds follow through `let`; what can never fit is told with its place, and nothing sound is."""

from __future__ import annotations

from typing import Any

import pytest
from tests.policy.analysis.conftest import made, table

from gongbao.policy.kinds import kinds, literals_fit


def told(spec: dict[str, Any]) -> list[str]:
    source, _ = made({"t": spec})
    return [f"{each.key} {each.message}" for each in (*kinds(source), *literals_fit(source))]


@pytest.mark.parametrize(
    ("let", "cell", "message"),
    [
        ({"n": "a + b"}, {"n": '"x"'}, "t.rules[0].when.n “n”是数，格子里却是文字，永远不成立"),
        ({"n": "if d then a else b"}, {"n": "true"}, "t.rules[0].when.n “n”是数，格子里却是是非，永远不成立"),
        ({"n": 'if d then c else "w"', "m": "n"}, {"m": '"v"'}, "t.rules[0].when.m “v”不是“m”可取的值；可取：x、y、z、w"),
        ({"n": 'a = "3"'}, {"n": "true"}, "t.let.n “a = \"3\"”把数与文字相比，比不出结果"),
        ({"n": "a + b", "m": 'n > c'}, {"m": "true"}, "t.let.m “n > c”把数与文字相比，比不出结果"),
        ({"n": 'if d then "p" else "q"', "m": 'n = "r"'}, {"m": "true"}, "t.let.m “r”不是可取的值；可取：p、q"),
    ],
)  # fmt: skip
def test_what_can_never_hold_is_told_through_lets(let: dict[str, str], cell: dict[str, str], message: str) -> None:
    assert told(table([{"when": cell, "then": "1"}], let=let)) == [message]


def test_an_output_of_another_kind_than_declared_is_told() -> None:
    spec = table([{"when": {"d": "true"}, "then": "= n"}, {"otherwise": "甲"}], let={"n": "a > b"})
    spec["output"] = {"o": {"type": "number"}}
    assert told(spec) == [
        "t.rules[0].then 结果“o”应是数，这里得出是非",
        "t.rules[1].otherwise 结果“o”应是数，这里写的是文字“甲”",
    ]


@pytest.mark.parametrize(
    ("let", "cell"),
    [
        ({"n": "a + b"}, {"n": "[1..3]"}),
        ({"n": "if d then c else null"}, {"n": "null"}),
        ({"n": 'if d then c else "w"'}, {"n": '"w", "x"'}),
        ({"n": "string(a)"}, {"n": '"3"'}),
        ({}, {"a": "> b"}),
        ({"n": "c"}, {"n": 'not("x")'}),
        ({}, {"a": "? * 2 > b"}),
    ],
)
def test_nothing_is_told_of_what_fits(let: dict[str, str], cell: dict[str, str]) -> None:
    assert told(table([{"when": cell, "then": "1"}], let=let)) == []
