"""The candidates of random small tables are exactly what deciding every complete case gives, each with its own case."""

from __future__ import annotations

import os
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.table_worlds import make_world

from gongbao.engine.decision.decide import decide
from gongbao.engine.decision.outcome import Outcome
from gongbao.engine.decision.unknown import frozen

EXAMPLES = int(os.environ.get("GONGBAO_EXAMPLES", "20"))

FACTS: dict[str, Any] = {
    "a": {"label": "甲", "type": "boolean"},
    "c": {"label": "丙", "type": "choice", "values": ["一", "二"]},
    "t": {"label": "名称", "type": "text"},
    "x": {"label": "数一", "type": "integer", "min": 0, "max": 3},
    "y": {"label": "数二", "type": "integer", "min": 0, "max": 3},
    "z": {"label": "数三", "type": "integer", "min": 0, "max": 2},
    "k": {"label": "情形", "type": "list", "of": "choice", "values": ["一"]},
}
SETTINGS: dict[str, Any] = {"limit": {"label": "界限", "owner": "市局", "type": "integer", "min": 1, "max": 3}}
GRID: dict[str, Any] = {
    "a": (True, False), "c": ("一", "二"), "t": ("子", "丑", "寅", "一", "二"), "x": range(4), "y": range(4), "z": range(3),
    "k": ((), ("一",)),
}  # fmt: skip
LETS = {
    "sum": "x + y + z",
    "mixed": "2 * x - y + z",
    "counted": 'if c = "一" then x + y else z',
    "over": "x + y > settings.limit",
}
ORDER = ("低", "中", "高")
OUTPUT = {"o": {"type": "choice", "values": list(ORDER), "ordered": True}}

numbers = st.one_of(
    st.tuples(st.sampled_from((">", ">=", "<", "<=", "")), st.integers(0, 7)).map(lambda p: f"{p[0]} {p[1]}".strip()),
    st.sampled_from(("> y", "<= settings.limit", "not(2, 3)", "[1..4)", "? + z > 4")),
)
cells = st.one_of(
    st.tuples(st.sampled_from(("sum", "mixed", "counted", "x", "y + z", "x - z")), numbers),
    st.tuples(st.just("t"), st.sampled_from(('"子"', '"子", "丑"', 'not("丑")', "c"))),
    st.tuples(st.just("c"), st.sampled_from(('"一"', 'not("一")'))),
    st.tuples(st.sampled_from(("floor((x + y) / 2)", "ceiling(x / 3)", "abs(x - y)", "max(x, y, z)", "floor(x / 2) + 1")),
              st.sampled_from(("> 1", "<= 1", "2", "<= z", "> 1.5", "1.5"))),
    st.tuples(st.sampled_from(("over", 'a and x > 1 or t = "子"', "inner.i = x", "inner.i >= 2")),
              st.sampled_from(("true", "false"))),
)  # fmt: skip
sets = st.tuples(
    st.sampled_from(('list contains(k, "一")', "count(k) > 1", "c in k")), st.sampled_from(("true", "false"))
)
entries = st.sampled_from((*ORDER, None, '= if a then "低" else "高"'))
INNER = [
    {"when": {"x + y": ">= 4"}, "then": 3, "cite": "三"},
    {"when": {"a": "true"}, "then": "= x", "cite": "三"},
    {"otherwise": None, "cite": "三"},
]


@st.composite
def worlds(draw: Any) -> tuple[Any, list[str]]:
    hit = draw(st.sampled_from(("first", "first", "collect", "unique")))
    rules = [
        {
            "when": dict(draw(st.lists(st.one_of(cells, sets), min_size=1, max_size=3))),
            "then": draw(entries),
            "cite": "一",
        }
        for _ in range(draw(st.integers(1, 4)))
    ]
    if hit == "unique":  # rows that exclude each other, by their sum
        rules = [{**rule, "when": {**rule["when"], "x + z": str(i)}} for i, rule in enumerate(rules)]
    if draw(st.booleans()):
        rules.append({"otherwise": draw(entries), "cite": "二"})
    assume = draw(st.sampled_from(([], ["x <= y + 1"], ["x + y >= z", 't != "丑"'])))
    decisions = {
        "inner": {"label": "前一项", "cite": "三", "hit": "first", "rules": INNER,
                  "output": {"i": {"type": "integer", "values": [0, 1, 2, 3]}}},
        "d": {"label": "判定", "cite": "一", "hit": hit, "output": OUTPUT, "let": LETS, "rules": rules,
              "assume": assume, "requires": ["inner"]},
    }  # fmt: skip
    return make_world(FACTS, decisions, settings=SETTINGS), assume


def found_in(outcome: Outcome) -> set[Any]:
    """What the outcome says is possible; None where the text has no rule."""
    if outcome.settled:
        return {frozen(outcome.output)}
    return {frozen(each["o"]) for each in outcome.candidates} | ({None} if outcome.unruled else set())


def possible(world: Any, case: dict[str, Any]) -> set[Any]:
    """What a case in which every fact and setting is known can come to, by deciding it."""
    assumed = [each.evaluate({**case}) for each in world.decisions["d"].assume]
    return found_in(decide(world, "d", case)) if all(each is True for each in assumed) else set()


def table_of(world: Any) -> dict[tuple[Any, ...], set[Any]]:
    """All that can come out, by the values of the facts in order and of the setting."""
    found = {}
    for limit in (1, 2, 3):
        filled = world.with_settings({"limit": limit})
        for case in product(*GRID.values()):
            found[(*case, limit)] = possible(filled, dict(zip(GRID, case, strict=True)))
    return found


def draw_known(data: st.DataObject) -> dict[str, Any]:
    names = data.draw(st.sets(st.sampled_from(list(GRID))), label="known")
    return {name: data.draw(st.sampled_from(list(GRID[name])), label=name) for name in sorted(names)}


@given(worlds(), st.data())
@settings(max_examples=EXAMPLES, deadline=None)
def test_the_candidates_are_all_that_is_possible_and_nothing_else(made: Any, data: st.DataObject) -> None:
    world, _ = made
    known = draw_known(data)
    names = [*GRID, "limit"]
    table = table_of(world)
    cases = {case: all_ for case, all_ in table.items() if all(case[names.index(n)] == v for n, v in known.items())}
    outcome = decide(world, "d", known)
    true = set().union(*cases.values())
    if not true:
        assert "不能同时成立" in outcome.reason
        return
    assert outcome.exact
    assert found_in(outcome) == true
    # (b) every candidate's own case leads to it
    for each in outcome.cases:
        assert frozen(each.value["o"]) in found_in(_filled(world, known, each.when))
    # (c) what is asked can change something, and what can is asked
    essential = {name for i, name in enumerate(names) if name not in known and _tells(i, cases)}
    assert {*outcome.ask, *(s.name for s in outcome.open)} == essential
    if outcome.ask and essential:
        assert outcome.ask[0] in essential


def _filled(world: Any, known: dict[str, Any], when: dict[str, Any]) -> Outcome:
    filled = {name.removeprefix("settings."): v for name, v in when.items() if name.startswith("settings.")}
    facts = {name: value for name, value in when.items() if name in GRID}
    return decide(world.with_settings(filled), "d", {**known, **facts})


def _tells(at: int, cases: dict[tuple[Any, ...], set[Any]]) -> bool:
    """Whether two possible cases that differ in one place come out differently."""
    groups: dict[tuple[Any, ...], list[set[Any]]] = {}
    for case, found in cases.items():
        if found:
            groups.setdefault((*case[:at], *case[at + 1 :]), []).append(found)
    return any(len({frozenset(each) for each in group}) > 1 for group in groups.values())
