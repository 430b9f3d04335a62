"""Unknown is not false: the candidates are what a try of every possible value gives, or more, never less."""

from __future__ import annotations

import os
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.table_worlds import make_world

from gongbao.dmn import OverlapError
from gongbao.engine.decision.decide import decide
from gongbao.engine.decision.outcome import Outcome

# The suite's profile; a longer search by GONGBAO_EXAMPLES=2000.
EXAMPLES = int(os.environ.get("GONGBAO_EXAMPLES", "150"))

FACTS: dict[str, Any] = {
    "a": {"label": "甲", "type": "boolean"},
    "b": {"label": "乙", "type": "boolean"},
    "c": {"label": "丙", "type": "choice", "values": ["一", "二", "三"]},
    "x": {"label": "数一", "type": "integer", "min": 0, "max": 6},
    "y": {"label": "数二", "type": "integer", "min": 0, "max": 6},
}
LETS = {
    "total": "x + y",
    "gap": "x - y",
    "larger": "max(x, y)",
    "picked": "if a then x else y",
    "kind": 'if x > 3 then "多" else if b then c else "少"',
    "twice": "2 * x",
}
NUMBERS = ("x", "y", "total", "gap", "larger", "picked", "twice")
VALUES = {"a": (True, False), "b": (True, False), "c": ("一", "二", "三"), "x": range(7), "y": range(7)}


def cells() -> st.SearchStrategy[tuple[str, str]]:
    """An input of the table and a cell for it."""
    number = st.integers(-2, 9).map(str)
    tests = st.one_of(
        st.tuples(st.sampled_from((">", ">=", "<", "<=")), number).map(" ".join),
        number,
        st.tuples(number, number).map(lambda pair: f"not({pair[0]}, {pair[1]})"),
        st.tuples(st.integers(-2, 4), st.integers(0, 4)).map(lambda p: f"[{p[0]}..{p[0] + p[1]})"),
        st.sampled_from(("> y", "<= x", "? * ? > 9", "x, y")),
    )
    texts = st.sampled_from(('"一"', '"二", "三"', 'not("一")', "c", '"多"'))
    return st.one_of(
        st.tuples(st.sampled_from(NUMBERS), tests),
        st.tuples(st.sampled_from(("a", "b")), st.sampled_from(("true", "false", "a", "not(b)"))),
        st.tuples(st.sampled_from(("c", "kind")), texts),
        st.tuples(
            st.sampled_from(("a and x > 2 or b", "a != b", "x = y", "x * y > 6")), st.sampled_from(("true", "false"))
        ),
    )


ENTRIES = st.sampled_from(("低", "中", "高", '= if a then "低" else "高"', '= if x > 2 then "中" else "低"', None))
OUTPUT = {"o": {"type": "choice", "values": ["低", "中", "高"], "ordered": True}}


@st.composite
def tables(draw: Any) -> list[dict[str, Any]]:
    rules = [
        {"when": dict(draw(st.lists(cells(), min_size=1, max_size=3))), "then": draw(ENTRIES), "cite": f"一（{i}）"}
        for i in range(draw(st.integers(1, 5)))
    ]
    if draw(st.booleans()):
        rules.append({"otherwise": draw(ENTRIES), "cite": "二"})
    return rules


def found_in(outcome: Outcome) -> set[Any]:
    """What the outcome says is possible; None where the text has no rule."""
    if outcome.settled:
        return {outcome.output}
    return {each["o"] for each in outcome.candidates} | ({None} if outcome.unruled else set())


def brute(world: Any, decision: str, known: dict[str, Any], values: dict[str, Any]) -> set[Any]:
    names = [name for name in values if name not in known]
    cases = product(*(values[name] for name in names))
    return {decide(world, decision, {**known, **dict(zip(names, case, strict=True))}).output for case in cases}


@given(tables(), st.data())
@settings(max_examples=EXAMPLES, deadline=None)
def test_the_candidates_are_what_trying_every_value_gives(rules: list[dict[str, Any]], data: st.DataObject) -> None:
    world = make_world(
        FACTS, {"d": {"label": "判定", "cite": "一", "hit": "first", "output": OUTPUT, "let": LETS, "rules": rules}}
    )
    known = {
        name: data.draw(st.sampled_from(list(VALUES[name])), label=name)
        for name in data.draw(st.sets(st.sampled_from(list(VALUES))))
    }
    outcome = decide(world, "d", known)
    true = brute(world, "d", known, dict(VALUES))
    assert found_in(outcome) == true
    assert outcome.complete
    if not outcome.settled and not outcome.unruled:
        order = ["低", "中", "高"]
        assert outcome.at_least == {"o": min(true, key=order.index)}


@given(tables(), st.data())
@settings(max_examples=EXAMPLES, deadline=None)
def test_what_is_not_asked_for_cannot_change_the_outcome(rules: list[dict[str, Any]], data: st.DataObject) -> None:
    world = make_world(
        FACTS, {"d": {"label": "判定", "cite": "一", "hit": "first", "output": OUTPUT, "let": LETS, "rules": rules}}
    )
    known = {
        name: data.draw(st.sampled_from(list(VALUES[name])), label=name)
        for name in data.draw(st.sets(st.sampled_from(list(VALUES))))
    }
    outcome = decide(world, "d", known)
    asked = {name: data.draw(st.sampled_from(list(VALUES[name])), label=f"answer {name}") for name in outcome.ask}
    assert not set(asked) & set(known)
    assert decide(world, "d", {**known, **asked}).settled


UNBOUNDED = {
    **FACTS,
    "x": {"label": "数一", "type": "integer", "min": 0},
    "y": {"label": "数二", "type": "integer", "min": 0},
}
LINEAR = {name: text for name, text in LETS.items() if name in ("total", "gap", "larger", "picked", "kind")}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(("x", "y", "total", "gap", "larger", "picked")),
            st.tuples(st.sampled_from((">", ">=", "<", "<=", "")), st.integers(0, 6)).map(lambda p: f"{p[0]} {p[1]}"),
        ),
        min_size=1,
        max_size=4,
    ),
    st.sets(st.sampled_from(("a", "b", "c", "x"))),
    st.data(),
)
@settings(max_examples=EXAMPLES, deadline=None)
def test_numbers_without_an_end_are_met_at_the_points_where_something_changes(
    tests: list[tuple[str, str]], names: set[str], data: st.DataObject
) -> None:
    rules = [
        {"when": dict(tests[: i + 1]), "then": o, "cite": "一"}
        for i, o in zip(range(len(tests)), "低中高低", strict=False)
    ]
    rules = rules[::-1]
    world = make_world(
        UNBOUNDED,
        {"d": {"label": "判定", "cite": "一", "hit": "first", "output": OUTPUT, "let": LINEAR, "rules": rules}},
    )
    known = {name: data.draw(st.sampled_from(list(VALUES[name])), label=name) for name in sorted(names)}
    every = {"a": (True, False), "b": (True,), "c": ("一",), "x": range(15), "y": range(15)}
    assert found_in(decide(world, "d", known)) == brute(world, "d", known, dict(every))


@given(st.lists(st.integers(1, 12), min_size=1, max_size=4), st.integers(0, 5))
@settings(max_examples=EXAMPLES // 3, deadline=None)
def test_three_numbers_in_one_sum_leave_nothing_out(lines: list[int], known: int) -> None:
    facts = {n: {"label": n, "type": "integer", "min": 0} for n in "xyzw"}
    rules = [
        {"when": {"s": f">= {line}", "x": f"<= {known}"}, "then": o, "cite": "一"}
        for line, o in zip(lines, "低中高低", strict=False)
    ]
    rules.append({"otherwise": None, "cite": "二"})
    world = make_world(
        facts,
        {
            "d": {
                "label": "判定",
                "cite": "一",
                "hit": "first",
                "output": OUTPUT,
                "let": {"s": "x + y + z - w"},
                "rules": rules,
            }
        },
    )
    every = {n: range(8) for n in "xyz"}
    assert found_in(decide(world, "d", {"w": known})) >= brute(world, "d", {"w": known}, dict(every))


def one(rules: list[dict[str, Any]], facts: dict[str, Any] = FACTS, **more: Any) -> Any:
    return make_world(
        facts, {"d": {"label": "判定", "cite": "一", "hit": "first", "output": OUTPUT, "rules": rules, **more}}
    )


def test_an_assumption_keeps_impossible_cases_out() -> None:
    rules = [{"when": {"x": ">= 5", "y": "<= 2"}, "then": "高", "cite": "一"}, {"otherwise": "低", "cite": "一"}]
    assert found_in(decide(one(rules), "d", {})) == {"低", "高"}
    assert found_in(decide(one(rules, assume=["x <= y"]), "d", {})) == {"低"}


def test_a_fact_that_only_an_assumption_reads_may_be_anything_while_it_is_not_known() -> None:
    rules = [{"when": {"a": "true"}, "then": "高", "cite": "一"}, {"when": {"a": "false"}, "then": "低", "cite": "二"}]
    world = one(rules, assume=["a or b", "x <= y"])
    assert found_in(decide(world, "d", {})) == {"高", "低"}
    assert found_in(decide(world, "d", {"b": False})) == {"高"}
    assert found_in(decide(world, "d", {"b": True})) == {"高", "低"}
    assert decide(world, "d", {}).ask == ("a",)


def test_known_facts_against_the_assumption_are_no_case_at_all() -> None:
    outcome = decide(
        one([{"when": {"a": "true"}, "then": "高", "cite": "一"}], assume=["x <= y"]), "d", {"x": 5, "y": 1}
    )
    assert outcome.needs_person
    assert "不能同时成立" in outcome.reason


def test_known_facts_against_an_assumption_are_a_persons_turn_that_names_it() -> None:
    rules = [{"when": {"x": "> 2"}, "then": "高", "cite": "一"}, {"otherwise": "低", "cite": "一"}]
    world = one(rules, assume=["x <= y + 1", "y < 9"])
    for _ in range(5):  # the general way, then the plan of the decision
        assert decide(world, "d", {"x": 3, "y": 2}).output == "高"
        outcome = decide(world, "d", {"x": 4, "y": 2})
        assert (outcome.settled, outcome.value, outcome.needs_person) == (True, None, True)
        assert "“x <= y + 1”" in outcome.reason
    assert decide(world, "d", {"x": 3}).candidates == ()  # of what is not known the assumption is taken to hold


def test_what_is_decided_on_facts_against_an_assumption_of_a_required_decision_is_a_persons_turn_too() -> None:
    inner = {"label": "前一项", "cite": "三", "output": {"i": {"type": "choice", "values": ["子", "丑"]}}, "assume": ["x <= y"],
             "hit": "first", "rules": [{"when": {"x": "> 1"}, "then": "子", "cite": "三"}, {"otherwise": "丑", "cite": "三"}]}  # fmt: skip
    rules = [{"when": {"inner.i": '"子"'}, "then": "高", "cite": "一"}, {"otherwise": "低", "cite": "一"}]
    outer = {"label": "判定", "cite": "一", "hit": "first", "output": OUTPUT, "rules": rules, "requires": ["inner"]}
    world = make_world(FACTS, {"inner": inner, "d": outer})
    for _ in range(5):
        assert decide(world, "d", {"x": 2, "y": 2}).output == "高"
        assert decide(world, "d", {"x": 2, "y": 1}).needs_person


def test_an_unknown_that_cannot_matter_is_not_asked_for() -> None:
    rules = [{"when": {"a": "true"}, "then": "高", "cite": "一"}, {"otherwise": "低", "cite": "一"}]
    outcome = decide(one(rules), "d", {"a": True})
    assert (outcome.status, outcome.output, outcome.ask) == ("settled", "高", ())


def test_two_facts_that_only_matter_together_are_both_asked_for() -> None:
    outcome = decide(
        one([{"when": {"a != b": "true"}, "then": "高", "cite": "一"}, {"otherwise": "低", "cite": "一"}]), "d", {}
    )
    assert set(outcome.ask) == {"a", "b"}


def test_the_most_telling_question_comes_first() -> None:
    rules = [
        {"when": {"a": "true"}, "then": "高", "cite": "一"},
        {"when": {"b": "true"}, "then": "中", "cite": "一"},
        {"otherwise": "低", "cite": "一"},
    ]
    assert decide(one(rules), "d", {}).ask == ("a", "b")
    assert decide(one(rules, asks=["b"]), "d", {}).ask == ("b", "a")


TEXTS = {"name": {"label": "名称", "type": "text"}, "people": {"label": "人员", "type": "list", "of": "text"}}


@pytest.mark.parametrize(
    ("cell", "possible"), [('"张三"', {"高", "低"}), ("null", {"低", "高"}), ('not("张三")', {"高", "低"})]
)
def test_a_text_that_is_not_known_may_be_anything(cell: str, possible: set[str]) -> None:
    world = one([{"when": {"name": cell}, "then": "高", "cite": "一"}, {"otherwise": "低", "cite": "一"}], TEXTS)
    assert found_in(decide(world, "d", {})) <= possible
    if cell != "null":
        assert found_in(decide(world, "d", {})) == possible
        assert decide(world, "d", {}).ask == ("name",)


def test_a_function_of_what_is_not_known_is_not_known() -> None:
    world = one(
        [{"when": {"count(people)": "> 0"}, "then": "高", "cite": "一"}, {"otherwise": "低", "cite": "一"}], TEXTS
    )
    assert found_in(decide(world, "d", {})) == {"高", "低"}
    assert decide(world, "d", {"people": []}).output == "低"


def test_a_field_of_a_record_may_be_unknown_while_the_record_is_known() -> None:
    facts = {
        "house": {
            "label": "宅基地",
            "type": "record",
            "fields": {"area": {"label": "面积", "type": "integer", "min": 0}},
        }
    }
    world = one(
        [{"when": {"house.area": "> 200"}, "then": "高", "cite": "一"}, {"otherwise": "低", "cite": "一"}], facts
    )
    assert found_in(decide(world, "d", {"house": {}})) == {"高", "低"}
    assert decide(world, "d", {"house": {"area": 201}}).output == "高"
    assert decide(world, "d", {"house": {}}).ask == ("house.area",)


def test_a_computed_number_is_left_open_rather_than_listed() -> None:
    world = make_world(
        {"n": {"label": "件数", "type": "integer", "min": 0}},
        {
            "d": {
                "label": "收费",
                "cite": "一",
                "output": {"fee": {"type": "money"}},
                "value": {"fee": "if n > 3 then n * 10 else 0"},
            }
        },
    )
    outcome = decide(world, "d", {})
    assert not outcome.settled
    assert not outcome.complete
    assert outcome.ask == ("n",)
    assert decide(world, "d", {"n": 4}).output == 40


def test_many_unknown_facts_end_in_a_result_soon_enough() -> None:
    facts = {f"n{i}": {"label": f"数{i}", "type": "integer", "min": 0, "max": 50} for i in range(12)}
    cell = " + ".join(facts)
    world = one([{"when": {cell: ">= 300"}, "then": "高", "cite": "一"}, {"otherwise": "低", "cite": "一"}], facts)
    assert found_in(decide(world, "d", {})) == {"高", "低"}


def test_two_rows_that_hold_whatever_is_unknown_are_an_overlap_all_the_same() -> None:
    rules = [{"when": {"x": "> 1"}, "then": "高", "cite": "一"}, {"when": {"x": "> 2"}, "then": "中", "cite": "一"},
             {"when": {"x": "< 0", "y": "> 1"}, "then": "低", "cite": "一"}]  # fmt: skip
    world = one(rules, hit="unique")
    assert decide(world, "d", {"x": 2}).output == "高"
    with pytest.raises(OverlapError):
        decide(world, "d", {"x": 3})
    with pytest.raises(OverlapError):
        decide(world, "d", {"x": 3, "y": 1})
