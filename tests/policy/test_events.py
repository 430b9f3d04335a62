"""What is wrong with a log is told event by event, as data, and all the rest of it is replayed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.policy.conftest import VALID

from gongbao.engine.case import replay
from gongbao.engine.model import CaseState
from gongbao.engine.world import World
from gongbao.policy.events import EventProblem, problems_of, read_events, write_events
from gongbao.policy.loader import load_folder
from gongbao.policy.times import moment

NOW = "2023-05-08T18:00"
OPENED = {"at": "2023-05-08T09:00", "type": "opened", "by": "市交管局",
          "facts": {"bikes": 120, "place": "东区", "found_at": "2023-05-08T09:00", "blocked": False}}  # fmt: skip
CONFIRMED = {"at": "2023-05-08T10:00", "action": "confirmed", "by": "市交管局"}


@pytest.fixture(scope="module")
def world() -> World:
    return load_folder(VALID)


def told(world: World, *events: Any, now: str = NOW) -> tuple[CaseState, list[EventProblem]]:
    read = read_events(world, "clearing", events)
    state = replay(world, "clearing", read.events, moment(now))
    return state, list(problems_of(world, state, read, moment(now)))


def test_a_log_in_order_has_no_problems(world: World) -> None:
    state, problems = told(world, OPENED, CONFIRMED)
    assert [s.id for s in state.steps] == ["clear"]
    assert problems == []


@pytest.mark.parametrize(
    ("event", "code", "field", "value"),
    [
        ({**CONFIRMED, "recorded_at": "2023-05-08T09:59"}, "recorded_before", "recorded_at", "2023-05-08T09:59"),
        ({**CONFIRMED, "at": "2023-05-08T18:00:01"}, "future", "at", "2023-05-08T18:00:01"),
        ({**CONFIRMED, "recorded_at": "2023-05-08T18:00:01"}, "future", "recorded_at", "2023-05-08T18:00:01"),
        ({**CONFIRMED, "at": "2023-05-08T08:59"}, "before_opening", "at", "2023-05-08T08:59"),
        ({**CONFIRMED, "by": "市交通局"}, "unit", "by", "市交通局"),
        ({**CONFIRMED, "source": "梦"}, "source", "source", "梦"),
        ({**CONFIRMED, "facts": {"bikes": -1}}, "fact", "facts.bikes", -1),
        ({**CONFIRMED, "facts": {"bicycles": 1}}, "fact", "facts.bicycles", 1),
    ],
)  # fmt: skip
def test_what_could_not_have_been_entered_is_told_and_stays(
    world: World, event: dict[str, Any], code: str, field: str, value: Any
) -> None:
    state, (problem,) = told(world, OPENED, event)
    assert [s.id for s in state.steps] == ["clear"]
    assert (problem.event, problem.seq, problem.code, problem.field) == (2, 2, code, field)
    assert problem.value == (moment(value) if field in ("at", "recorded_at") else value)
    assert problem.allowed


@pytest.mark.parametrize(
    ("event", "code", "field", "allowed"),
    [
        ({"at": "2023-05-08T09:30", "action": "fly"}, "no_such_action", "action", "urged"),
        ({"at": "2023-05-08T09:30", "action": "confirmed", "step": "x"}, "no_such_step", "step", "check"),
        ({"at": "2023-05-08T09:30", "action": "urged", "colour": 1}, "unknown_key", "colour", "note"),
        ({"at": "soon", "action": "urged"}, "time", "at", "2023-02-03T17:05"),
        ({"at": "2023-02-30", "action": "urged"}, "time", "at", "2023-02-03T17:05"),
        ({"at": "2023-05-08T09:30", "type": "note", "evidence": 5}, "shape", "evidence", "列表"),
        ({"at": "2023-05-08T09:30", "type": "note", "data": "x"}, "shape", "data", "一组“名称: 值”"),
        ({"at": "2023-05-08T09:30", "type": "note", "seq": "x"}, "shape", "seq", "整数"),
        ({"at": "2023-05-08T09:30", "type": "note", "by": ["x"]}, "shape", "by", "文本"),
        ({"at": "2023-05-08T09:30", "type": "decided", "decided": {"x": 1}}, "no_such_decision", "decided", "level"),
        ({"at": "2023-05-08T09:30", "action": "confirmed", "decided": "极重"}, "value", "decided.level", "严重"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_and_left_out(
    world: World, event: dict[str, Any], code: str, field: str, allowed: str
) -> None:
    state, (problem,) = told(world, OPENED, event, CONFIRMED)
    assert [s.id for s in state.steps] == ["clear"]
    assert (problem.event, problem.code, problem.field) == (2, code, field)
    assert allowed in problem.allowed
    assert "没有计入" in problem.message


@pytest.mark.parametrize(
    ("event", "code"), [("x", "shape"), ({"at": NOW}, "missing"), ({"action": "urged"}, "missing")]
)
def test_what_is_no_event_at_all_is_told(world: World, event: Any, code: str) -> None:
    state, (problem,) = told(world, OPENED, event, CONFIRMED)
    assert (problem.event, problem.code, [s.id for s in state.steps]) == (2, code, ["clear"])


def test_an_event_of_an_unknown_kind_moves_nothing_and_names_what_there_is(world: World) -> None:
    state, (problem,) = told(world, OPENED, {"at": "2023-05-08T09:30", "type": "fly"}, CONFIRMED)
    assert (problem.event, problem.code, problem.value) == (2, "unknown_event", "fly")
    assert "confirmed" in problem.allowed
    assert [s.id for s in state.steps] == ["clear"]


@pytest.mark.parametrize(("data", "value"), [({"seq": 9}, 9), ({"seq": 2}, 2), ({}, None)])
def test_voiding_what_is_not_there_is_told(world: World, data: dict[str, Any], value: Any) -> None:
    state, (problem,) = told(world, OPENED, {"at": "2023-05-08T09:30", "type": "voided", "data": data}, CONFIRMED)
    assert (problem.event, problem.code, problem.field, problem.value) == (2, "no_such_event", "data.seq", value)
    assert problem.allowed == ("1",)
    assert [s.id for s in state.steps] == ["clear"]


def test_voiding_what_is_there_is_no_problem(world: World) -> None:
    state, problems = told(world, OPENED, CONFIRMED, {"at": "2023-05-08T11:00", "type": "voided", "data": {"seq": 2}})
    assert problems == []
    assert [s.id for s in state.steps] == ["check"]


def test_an_event_with_the_number_of_another_counts_once(world: World) -> None:
    state, (problem,) = told(world, OPENED, CONFIRMED, {**CONFIRMED, "seq": 2})
    assert (problem.event, problem.seq, problem.code, problem.field) == (3, 2, "duplicate", "seq")
    assert state.counts == {"opened": 1, "confirmed": 1}


def test_events_are_taken_by_their_number_and_a_list_out_of_order_is_told(world: World) -> None:
    state, (problem,) = told(world, {**CONFIRMED, "seq": 2}, {**OPENED, "seq": 1})
    assert (problem.event, problem.seq, problem.code) == (2, 1, "order")
    assert [s.id for s in state.steps] == ["clear"]


def test_an_act_whose_step_is_not_open_is_told_with_what_is_possible(world: World) -> None:
    state, (problem,) = told(world, OPENED, {"at": "2023-05-08T09:30", "action": "cleared", "by": "东区人民政府"})
    assert (problem.event, problem.code, problem.value) == (2, "step_not_open", "cleared")
    assert problem.allowed == ("confirmed", "rejected", "urged")
    assert [s.id for s in state.steps] == ["check"]


def test_an_act_whose_condition_did_not_hold_is_told_in_the_words_of_the_pack(world: World) -> None:
    rejected = {"at": "2023-05-08T09:30", "action": "rejected", "by": "市交管局"}
    _, (problem,) = told(world, OPENED, rejected)
    assert (problem.event, problem.code) == (2, "not_possible")
    assert "须写理由" in problem.message
    assert told(world, OPENED, {**rejected, "facts": {"reason": "已挪走"}})[1] == []


@pytest.mark.parametrize("action", ["confirmed", "urged"])
def test_an_act_before_the_opening_is_told(world: World, action: str) -> None:
    state, problems = told(
        world, {"at": "2023-05-08T09:00", "action": action, "by": "市交管局", "decided": "严重"}, OPENED
    )
    assert [(p.event, p.code) for p in problems] == [(1, "not_opened")]
    assert [s.id for s in state.steps] == ["check"]


def test_a_case_opened_by_a_unit_that_nobody_knows_is_told_with_who_may(world: World) -> None:
    _, (problem,) = told(world, {**OPENED, "by": "无此处"})
    assert (problem.event, problem.code, problem.value, problem.allowed) == (1, "unit", "无此处", ("市交管局",))


def test_several_problems_come_together_in_the_order_of_the_list(world: World) -> None:
    _, problems = told(
        world,
        {**OPENED, "by": "无此处"},
        {"at": "2023-05-08T09:30", "action": "fly"},
        {**CONFIRMED, "recorded_at": "2023-05-08T09:00", "by": "无此处"},
    )
    assert [(p.event, p.code) for p in problems] == [
        (1, "unit"), (2, "no_such_action"), (3, "recorded_before"), (3, "unit"),
    ]  # fmt: skip


def test_a_log_written_short_is_read_back_as_it_was(world: World) -> None:
    read = read_events(
        world, "clearing", [OPENED, CONFIRMED, {"at": "2023-05-08T11:00", "type": "note", "note": "看过"}]
    )
    again = read_events(world, "clearing", write_events(read.events))
    assert not again.problems
    assert [replace(e, data={k: v for k, v in e.data.items() if k != "receipt"}) for e in read.events] == list(
        again.events
    )
