"""A decision for each output of a decision it requires, while facts are unknown: all that is possible, nothing else."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from tests.engine.table_worlds import make_world

from gongbao.engine.decision.decide import decide
from gongbao.engine.decision.unknown import frozen

FACTS: dict[str, Any] = {
    "a": {"label": "甲", "type": "boolean"},
    "x": {"label": "数", "type": "integer", "min": 0, "max": 9},
    "n": {"label": "件数", "type": "integer", "min": 0},
}
COLLECTED = {
    "label": "前一项", "cite": "一", "hit": "collect", "output": {"u": {"type": "integer"}},
    "rules": [{"when": {"a": "true"}, "then": 1, "cite": "一"}, {"when": {"x": "> 5"}, "then": "= x", "cite": "一"},
              {"when": {"x": "> 2"}, "then": 2, "cite": "一"}],
}  # fmt: skip
LISTED = {
    "label": "前一项",
    "cite": "一",
    "output": {"u": {"type": "list"}},
    "value": {"u": "if a then [1, n] else [n]"},
}


def world_of(inner: dict[str, Any], take: str) -> Any:
    rules = [{"when": {"i": ">= 7"}, "then": "高", "cite": "一"}, {"when": {"i": ">= 2"}, "then": "中", "cite": "一"},
             {"otherwise": "低", "cite": "二"}]  # fmt: skip
    output = {"o": {"type": "choice", "values": ["低", "中", "高"], "ordered": True}}
    outer = {"label": "判定", "cite": "一", "hit": "first", "output": output, "requires": ["inner"],
             "for_each": {"i": "inner.u"}, "take": take, "rules": rules}  # fmt: skip
    return make_world(FACTS, {"inner": inner, "d": outer})


def found(outcome: Any) -> set[Any]:
    return {frozen(outcome.output)} if outcome.settled else {frozen(each["o"]) for each in outcome.candidates}


@pytest.mark.parametrize("take", ["highest", "all"])
@pytest.mark.parametrize("known", [{}, {"a": True}, {"a": False}, {"x": 0}, {"x": 3}, {"x": 7}, {"a": True, "x": 9}])
def test_the_candidates_are_those_of_every_case(take: str, known: dict[str, Any]) -> None:
    world = world_of(COLLECTED, take)
    outcome = decide(world, "d", known)
    cases = [{"a": a, "x": x} | known for a, x in product((True, False), range(10))]
    assert found(outcome) == set().union(*(found(decide(world, "d", case)) for case in cases))
    assert outcome.exact
    for each in outcome.cases:
        assert frozen(each.value["o"]) in found(decide(world, "d", {**known, **each.when}))


def test_the_highest_of_items_that_are_not_known_is_found_by_trying_them() -> None:
    world = world_of(LISTED, "highest")
    assert found(decide(world, "d", {})) == {"低", "中", "高"}
    assert decide(world, "d", {}).exact
    assert found(decide(world, "d", {"n": 9})) == {"高"}


def test_all_items_of_a_list_that_is_not_known_are_not_gone_through_and_it_is_said() -> None:
    outcome = decide(world_of(LISTED, "all"), "d", {"a": True})
    assert (outcome.candidates, outcome.complete, outcome.ask) == ((), False, ("n",))
    assert outcome.doubts == ("“判定”可以是许多值，不能逐个列出",)
