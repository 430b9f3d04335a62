"""The change told as nearest is the smallest of one fact, else of two, that gives another outcome."""

from __future__ import annotations

import datetime as dt
import os
from decimal import Decimal
from itertools import combinations, product
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.engine.decision.test_exact import EXAMPLES as _EXAMPLES
from tests.engine.decision.test_exact import LETS, OUTPUT, cells, entries
from tests.engine.table_worlds import make_world

from gongbao.engine.decision.change_words import nearest_data, nearest_lines
from gongbao.engine.decision.decide import decide
from gongbao.engine.decision.nearest import nearest
from gongbao.engine.decision.unknown import frozen

EXAMPLES = int(os.environ.get("GONGBAO_EXAMPLES", 2 * _EXAMPLES))
FACTS: dict[str, Any] = {
    "a": {"label": "甲", "type": "boolean"},
    "c": {"label": "丙", "type": "choice", "values": ["一", "二"]},
    "t": {"label": "名称", "type": "text"},
    "x": {"label": "数一", "type": "integer", "min": 0, "max": 6, "step": 1},
    "y": {"label": "数二", "type": "integer", "min": 0, "max": 6, "step": 2},
    "z": {"label": "数三", "type": "integer", "min": 0, "max": 6},
    "w": {"label": "颜色", "type": "choice", "values": ["蓝", "黄", "红"], "ordered": True},
}
VALUES: dict[str, Any] = {
    "a": (True, False), "c": ("一", "二"), "x": range(7), "y": (0, 2, 4, 6), "z": range(7), "w": ("蓝", "黄", "红"),
}  # fmt: skip
INNER = [{"when": {"x + y": ">= 4"}, "then": 3, "cite": "三"}, {"otherwise": "= z", "cite": "三"}]
colours = st.tuples(st.just("w"), st.sampled_from(('"红"', 'not("蓝")')))


@st.composite
def worlds(draw: Any) -> Any:
    rules = [
        {
            "when": dict(draw(st.lists(st.one_of(cells, colours), min_size=1, max_size=3))),
            "then": draw(entries),
            "cite": "一",
        }
        for _ in range(draw(st.integers(1, 4)))
    ]
    if draw(st.booleans()):
        rules.append({"otherwise": draw(entries), "cite": "二"})
    decisions = {
        "inner": {"label": "前一项", "cite": "三", "hit": "first", "rules": INNER, "output": {"i": {"type": "integer"}}},
        "d": {"label": "判定", "cite": "一", "hit": "first", "output": OUTPUT, "let": LETS, "rules": rules,
              "assume": draw(st.sampled_from(([], ["x <= y + 3"], ["x + y + z <= 12"]))), "requires": ["inner"]},
    }  # fmt: skip
    limit = {"limit": {"label": "界限", "owner": "市局", "type": "integer", "min": 1, "value": draw(st.integers(1, 4))}}
    return make_world(FACTS, decisions, settings=limit)


def places(name: str, now: Any, then: Any) -> int:
    if name in ("x", "y", "z"):
        return abs(then - now) // (2 if name == "y" else 1)
    return abs(VALUES["w"].index(then) - VALUES["w"].index(now)) if name == "w" else int(now != then)


def smallest(world: Any, facts: dict[str, Any]) -> dict[Any, tuple[int, int]]:
    """For each other outcome the number of facts that must change, and by how many steps together."""
    assumed, found = world.decisions["d"].assume, {}
    known = [name for name in VALUES if name in facts]
    for names in [()] + [s for n in (1, 2) for s in combinations(known, n)]:
        for values in product(*(VALUES[name] for name in names)):
            case = {**facts, **dict(zip(names, values, strict=True))}
            size = (sum(case[n] != facts[n] for n in names), sum(places(n, facts[n], case[n]) for n in names))
            if any(each.evaluate({**case, "settings": {}}) is False for each in assumed):
                continue
            outcome = decide(world, "d", case)
            if outcome.settled:
                found[outcome.output] = min(found.get(outcome.output, (9, 9)), size)
    found.pop(decide(world, "d", facts).output, None)
    return found


def checked(world: Any, facts: dict[str, Any]) -> None:
    if any(each.evaluate({**facts, "settings": {}}) is False for each in world.decisions["d"].assume):
        assert nearest(decide(world, "d", facts)) == ()  # one of the facts is wrong
        return
    found = {}
    for each in nearest(decide(world, "d", facts)):
        case = {**facts, **{change.fact: change.then for change in each.changes}}
        outcome = decide(world, "d", case)
        assert outcome.settled
        assert (None if each.value is None else each.value["o"]) == outcome.output
        assert all(change.by == places(change.fact, facts[change.fact], change.then) > 0 for change in each.changes)
        found[outcome.output] = (len(each.changes), sum(change.by for change in each.changes))
    assert found == smallest(world, facts)
    assert list(found.values()) == sorted(found.values())


ALL = st.fixed_dictionaries({name: st.sampled_from(list(values)) for name, values in VALUES.items()})


@given(worlds(), ALL)
@settings(max_examples=EXAMPLES, deadline=None)
def test_no_smaller_change_gives_another_outcome(world: Any, facts: dict[str, Any]) -> None:
    checked(world, {**facts, "t": "子"})


@given(worlds(), ALL, st.sets(st.sampled_from("acwt"), min_size=1, max_size=3))
@settings(max_examples=EXAMPLES // 2, deadline=None)
def test_nor_does_one_where_facts_that_are_no_numbers_are_not_known(
    world: Any, facts: dict[str, Any], unknown: set[str]
) -> None:
    known = {name: value for name, value in {**facts, "t": "子"}.items() if name not in unknown}
    assume(decide(world, "d", known).settled)
    checked(world, known)


def grade(**more: Any) -> Any:
    facts = {
        "n": {"label": "一般失信", "type": "integer", "min": 0, "step": 1, "unit": "条"},
        "bad": {"label": "后果严重", "type": "boolean"},
        **more.pop("facts", {}),
    }
    output = {"g": {"type": "choice", "values": ["C", "B", "A"], "ordered": True}}
    rules = [
        {"when": {"n": "0"}, "then": "A", "cite": "一"},
        {"when": {"n": "[1..5]", "bad": "false"}, "then": "B", "cite": "一"},
        {"when": {"n": "[1..5]", "bad": "true"}, "then": None, "cite": "一"},
        {"when": {"n": "> 5"}, "then": "C", "cite": "一"},
    ]
    return make_world(facts, {"g": {"label": "等级", "cite": "一", "output": output, "rules": rules, **more}})


def test_what_would_raise_and_what_would_lower_is_said_in_words() -> None:
    lines = nearest_lines(decide(grade(), "g", {"n": 1, "bad": False}))
    assert lines == [
        "一般失信少1条（1条→0条），即升为A",
        "后果严重由“否”改为“是”，即无规定可依，须人工判定",
        "一般失信多5条（1条→6条），即降为C",
    ]


def test_the_data_names_fact_values_and_steps() -> None:
    first = nearest_data(decide(grade(), "g", {"n": 1, "bad": False}))[0]
    assert first["value"] == {"g": "A"}
    assert first["direction"] == "raise"
    assert first["changes"] == [{"fact": "n", "label": "一般失信", "from": 1, "to": 0, "steps": 1}]


def test_what_an_assumption_rules_out_is_no_change() -> None:
    told = nearest(decide(grade(assume=["n >= 1"]), "g", {"n": 1, "bad": False}))
    assert [each.value for each in told] == [None, {"g": "C"}]


def test_an_outcome_that_is_not_settled_has_no_nearest_change() -> None:
    assert nearest(decide(grade(), "g", {"bad": False})) == ()


def test_a_fact_that_is_not_known_is_left_alone_and_the_outcome_must_be_settled_without_it() -> None:
    told = nearest(decide(grade(), "g", {"n": 0}))
    assert [(each.value, each.changes[0].then) for each in told] == [({"g": "C"}, 6)]


def test_numbers_move_by_their_step_and_dates_by_days() -> None:
    facts = {
        "share": {"label": "占比", "type": "number", "scale": 2, "step": Decimal("0.01"), "min": 0, "unit": "%"},
        "day": {"label": "日期", "type": "date"},
    }
    rules = [
        {"when": {"share": "> 30"}, "then": "超过", "cite": "一"},
        {"when": {"day": '>= date("2023-03-01")'}, "then": "到期", "cite": "一"},
        {"otherwise": "不", "cite": "一"},
    ]
    output = {"o": {"type": "choice", "values": ["超过", "到期", "不"]}}
    world = make_world(facts, {"d": {"label": "判定", "cite": "一", "hit": "first", "output": output, "rules": rules}})
    assert nearest_lines(decide(world, "d", {"share": 30, "day": dt.date(2023, 2, 27)})) == [
        "占比多0.01%（30%→30.01%），即为超过",
        "日期晚2日（2023-02-27→2023-03-01），即为到期",
    ]


def test_a_date_some_years_after_another_is_moved_to_its_day() -> None:
    facts = {"on": {"label": "今日", "type": "date"}, "last": {"label": "上次", "type": "date"}}
    rules = [
        {"when": {"on > due": "true"}, "then": "逾期", "cite": "一"},
        {"when": {"on = due": "true"}, "then": "末日", "cite": "一"},
        {"otherwise": "未到", "cite": "一"},
    ]
    output = {"o": {"type": "choice", "values": ["逾期", "末日", "未到"]}}
    let = {"due": 'last + duration("P3Y")'}
    world = make_world(
        facts, {"d": {"label": "判定", "cite": "一", "hit": "first", "output": output, "let": let, "rules": rules}}
    )
    told = nearest(decide(world, "d", {"on": dt.date(2023, 2, 28), "last": dt.date(2020, 3, 1)}))
    assert {frozen(each.value): each.changes[0].by for each in told} == {
        frozen({"o": "末日"}): 1,
        frozen({"o": "逾期"}): 2,
    }


def test_facts_at_which_two_rows_hold_are_no_outcome_and_are_passed_over() -> None:
    rules = [{"when": {"x": "<= 1"}, "then": 1, "cite": "一"}, {"when": {"x": ">= 3"}, "then": 2, "cite": "一"},
             {"when": {"x": "[3..4]"}, "then": 3, "cite": "一"}]  # fmt: skip
    world = make_world(FACTS, {
        "d": {"label": "判定", "cite": "一", "hit": "unique", "output": {"o": {"type": "integer"}}, "rules": rules},
    })  # fmt: skip
    found = nearest(decide(world, "d", {"x": 1}))
    assert {(each.value or {}).get("o") for each in found} <= {None, 2}
