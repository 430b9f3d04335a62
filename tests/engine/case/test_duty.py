"""Duties arise while their condition holds, once per unit, and become tasks that their units answer for."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.small import action, at, by, duty, log, procedure, step, world

from gongbao.engine.case.duty import standing_tasks
from gongbao.engine.case.state import replay
from gongbao.engine.decision.logic import Output
from gongbao.engine.model import Deadline, Event, Limit, Moment, Procedure, Task, Who

RESPONSE = procedure(
    step("response", action("issued", stay=True), action("lifted", "closed"), by=by("市政府办公室")), id="matter"
)
NOW = at("03-05 09:00")
SCHOOLS = duty("schools", by("市公安局", "市城管局"), 'decided.level in ("橙色", "红色")', do="停止室外课程")


def decided(level: str, when: str) -> tuple[Any, ...]:
    return ("issued", when, {}, {"data": {"decision": "level", "value": {"level": level}}, "unit": "市政府办公室"})


OPENED = ("opened", "03-01 09:00")


def tasks(duties: tuple[Any, ...], *entries: Any, now: dt.datetime = NOW, rules: Procedure = RESPONSE) -> list[Task]:
    return list(replay(world(replace(rules, duties=duties)), "matter", log(*entries), now).tasks)


def seen(found: list[Task]) -> list[tuple[str, str, str]]:
    return [(t.unit, t.arises_at.strftime("%d %H:%M"), t.status) for t in found]


class TestArising:
    def test_one_task_for_each_unit_at_the_moment_the_condition_begins_to_hold(self) -> None:
        found = tasks((SCHOOLS,), OPENED, decided("橙色", "03-01 10:00"))
        assert seen(found) == [("廊坊市公安局", "01 10:00", "issued"), ("廊坊市城市管理局", "01 10:00", "issued")]
        assert [t.id for t in found] == ["schools:廊坊市公安局", "schools:廊坊市城市管理局"]

    def test_none_while_the_condition_does_not_hold(self) -> None:
        assert tasks((SCHOOLS,), OPENED, decided("黄色", "03-01 10:00")) == []

    def test_unknown_is_not_true(self) -> None:
        assert tasks((SCHOOLS,), OPENED) == []

    def test_a_level_that_still_carries_the_duty_does_not_issue_it_again(self) -> None:
        found = tasks((SCHOOLS,), OPENED, decided("橙色", "03-01 10:00"), decided("红色", "03-02 10:00"))
        assert [t.arises_at for t in found] == [at("03-01 10:00")] * 2

    def test_coming_back_issues_a_second_instance_and_keeps_the_first(self) -> None:
        found = tasks((SCHOOLS,), OPENED, decided("橙色", "03-01 10:00"), decided("黄色", "03-02 10:00"),
                      decided("红色", "03-03 10:00"))  # fmt: skip
        assert [(t.id, t.status) for t in found if t.unit == "廊坊市公安局"] == [
            ("schools:廊坊市公安局", "cancelled"), ("schools:廊坊市公安局:2", "issued"),
        ]  # fmt: skip

    def test_at_an_event(self) -> None:
        report = duty("report", by("市公安局"), on=Moment("event", "lifted"))
        found = tasks((report,), OPENED, decided("橙色", "03-01 10:00"), ("lifted", "03-03 10:00"))
        assert seen(found) == [("廊坊市公安局", "03 10:00", "issued")]

    def test_at_every_event_or_at_the_first(self) -> None:
        entries = [OPENED, decided("橙色", "03-01 10:00"), decided("红色", "03-02 10:00")]
        every = duty("told", by("市公安局"), on=Moment("event", "issued"))
        once = duty("told", by("市公安局"), on=Moment("event", "issued", "first"))
        assert [t.arises_at for t in tasks((every,), *entries)] == [at("03-01 10:00"), at("03-02 10:00")]
        assert [t.arises_at for t in tasks((once,), *entries)] == [at("03-01 10:00")]

    def test_at_an_event_while_a_condition_holds(self) -> None:
        report = duty("report", by("市公安局"), 'decided.level = "红色"', on=Moment("event", "lifted"))
        assert tasks((report,), OPENED, decided("橙色", "03-01 10:00"), ("lifted", "03-03 10:00")) == []
        assert len(tasks((report,), OPENED, decided("红色", "03-01 10:00"), ("lifted", "03-03 10:00"))) == 1

    def test_a_late_entry_arises_when_it_happened(self) -> None:
        late = ("issued", "03-01 10:00", {}, {"data": {"decision": "level", "value": {"level": "红色"}},
                                             "recorded_at": at("03-02 09:00")})  # fmt: skip
        assert {t.arises_at for t in tasks((SCHOOLS,), OPENED, late)} == {at("03-01 10:00")}


class TestWhom:
    EACH = "各县（市、区）"
    RED = 'decided.level = "红色"'

    def units(self, duty_: Any, facts: dict[str, Any] | None = None) -> list[tuple[str, str]]:
        found = tasks((duty_,), ("opened", "03-01 09:00", facts or {}), decided("红色", "03-01 10:00"))
        return [(t.unit, t.do) for t in found]

    def test_each_member_of_a_group_that_leads_itself(self) -> None:
        sweep = duty("sweep", (Who("group", self.EACH),), self.RED, each=self.EACH)
        assert self.units(sweep) == [("三河市人民政府", "sweep"), ("香河县人民政府", "sweep")]

    def test_the_unit_with_a_function_in_each_member(self) -> None:
        patrol = duty("patrol", (Who("relative", "公安机关", "县"),), self.RED, each=self.EACH)
        assert self.units(patrol) == [("三河市公安局", "patrol"), ("香河县公安局", "patrol")]

    def test_one_unit_for_all_has_one_task_per_member(self) -> None:
        check = duty("check", by("市公安局"), self.RED, each=self.EACH)
        assert self.units(check) == [
            ("廊坊市公安局", "check（三河市人民政府）"),
            ("廊坊市公安局", "check（香河县人民政府）"),
        ]

    def test_the_members_may_be_a_fact(self) -> None:
        check = duty("check", by("市公安局"), self.RED, each="firms")
        assert self.units(check, {"firms": ["甲厂", "乙厂"]}) == [
            ("廊坊市公安局", "check（甲厂）"), ("廊坊市公安局", "check（乙厂）"),
        ]  # fmt: skip

    def test_the_successor_answers_after_the_reform(self) -> None:
        assert self.units(duty("air", by("市环保局"), self.RED)) == [("廊坊市生态环境局", "air")]

    def test_who_cannot_be_named_yet_is_told_by_the_rule(self) -> None:
        assert self.units(duty("air", by("=source_unit"), self.RED)) == [("source_unit", "air")]

    def test_a_task_stays_with_whom_it_was_given_to(self) -> None:
        air = duty("air", by("=source_unit"), self.RED)
        first = ("opened", "03-01 09:00", {"source_unit": "市公安局"})
        moved = ("recorded", "03-02 09:00", {"source_unit": "市城管局"})
        assert [t.unit for t in tasks((air,), first, decided("红色", "03-01 10:00"), moved)] == ["廊坊市公安局"]

    def test_or_goes_to_whom_is_named_later_when_nobody_was(self) -> None:
        air = duty("air", by("=source_unit"), self.RED)
        named = ("recorded", "03-02 09:00", {"source_unit": "市城管局"})
        assert [t.unit for t in tasks((air,), OPENED, decided("红色", "03-01 10:00"), named)] == ["廊坊市城市管理局"]

    def test_units_it_works_with(self) -> None:
        joint = duty("joint", by("市公安局"), self.RED, with_=by("市城管局", "市公安局"))
        (task,) = tasks((joint,), OPENED, decided("红色", "03-01 10:00"))
        assert task.with_ == ("廊坊市城市管理局",)


class TestLowering:
    LOWERED = (OPENED, decided("橙色", "03-01 10:00"), decided("黄色", "03-02 10:00"))
    DONE = ("task_done", "03-01 12:00", {}, {"data": {"task": "schools:廊坊市公安局"}})

    def test_open_tasks_are_cancelled_with_the_level(self) -> None:
        assert {t.status for t in tasks((SCHOOLS,), *self.LOWERED)} == {"cancelled"}

    def test_or_kept_where_the_rule_says_so(self) -> None:
        assert {t.status for t in tasks((replace(SCHOOLS, on_lowering="keep"),), *self.LOWERED)} == {"issued"}

    def test_what_was_done_stays_done(self) -> None:
        entries = (OPENED, decided("橙色", "03-01 10:00"), self.DONE, decided("黄色", "03-02 10:00"))
        assert [t.status for t in tasks((SCHOOLS,), *entries)] == ["done", "cancelled"]

    def test_the_end_of_the_case_leaves_tasks_as_they_are(self) -> None:
        entries = (OPENED, decided("橙色", "03-01 10:00"), ("lifted", "03-02 10:00"))
        assert {t.status for t in tasks((SCHOOLS,), *entries)} == {"issued"}


class TestIncludesLower:
    """A response of a higher level carries out what the lower levels order."""

    LEVELS = ("无", "蓝色", "黄色", "橙色", "红色")

    def found(self, level: str, includes_lower: bool) -> set[str]:
        duties = (
            duty("blue", by("市公安局"), 'decided.level = "蓝色"'),
            duty("yellow", by("市公安局"), 'decided.level = "黄色"'),
            duty("orange", by("市公安局"), 'decided.level = "橙色"', includes_lower=includes_lower),
            duty("red", by("市公安局"), 'decided.level = "红色"'),
        )
        output = Output("level", "预警级别", values=self.LEVELS, ordered=True)
        w = world(
            replace(RESPONSE, duties=duties),
            decisions={"level": SimpleNamespace(outputs=(output,))},
        )
        state = replay(w, "matter", log(OPENED, decided(level, "03-01 10:00")), NOW)
        return {t.duty for t in state.tasks}

    def test_it_brings_in_all_lower_levels(self) -> None:
        assert self.found("橙色", True) == {"blue", "yellow", "orange"}

    def test_without_it_each_level_stands_alone(self) -> None:
        assert self.found("橙色", False) == {"orange"}

    @pytest.mark.parametrize(("level", "expected"), [("黄色", {"yellow"}), ("红色", {"red"}), ("无", set())])
    def test_other_levels_are_not_touched(self, level: str, expected: set[str]) -> None:
        assert self.found(level, True) == expected


class TestAnswering:
    ID = "schools:廊坊市公安局"

    def task(self, *events: tuple[str, str, str]) -> Task:
        entries = [(type_, when, {}, {"data": {"task": self.ID}, "note": note}) for type_, when, note in events]
        return tasks((SCHOOLS,), OPENED, decided("橙色", "03-01 10:00"), *entries)[0]

    def test_received(self) -> None:
        task = self.task(("task_received", "03-01 10:30", ""))
        assert (task.status, task.received_at) == ("received", at("03-01 10:30"))

    def test_feedback_keeps_the_last_word(self) -> None:
        task = self.task(("task_feedback", "03-01 11:00", "已部署"), ("task_feedback", "03-01 12:00", "已落实"))
        assert (task.status, task.last_feedback) == ("feedback", "已落实")

    def test_checked_returned_and_done(self) -> None:
        answered = [("task_received", "03-01 10:30", ""), ("task_feedback", "03-01 11:00", "已落实")]
        assert self.task(*answered, ("task_verified", "03-01 12:00", "")).status == "verified"
        assert self.task(*answered, ("task_returned", "03-01 12:00", "材料不全")).status == "returned"
        assert self.task(*answered, ("task_done", "03-01 12:00", "")).done_at == at("03-01 12:00")

    def test_returned_after_done_is_not_done(self) -> None:
        task = self.task(("task_done", "03-01 11:00", ""), ("task_returned", "03-01 12:00", "不实"))
        assert (task.status, task.done_at) == ("returned", None)

    def test_another_units_feedback_is_not_its_own(self) -> None:
        other = ("task_feedback", "03-01 11:00", {}, {"data": {"task": "schools:廊坊市城市管理局"}, "note": "x"})
        assert [t.status for t in tasks((SCHOOLS,), OPENED, decided("橙色", "03-01 10:00"), other)] == [
            "issued",
            "feedback",
        ]


class TestClock:
    """The task's own deadline."""

    def state(self, rule: Deadline, *more: Any, now: str, **kind: Any) -> Any:
        d = replace(SCHOOLS, lead=by("市公安局"), deadline=rule, **kind)
        found = tasks((d,), OPENED, decided("橙色", "03-01 10:00"), *more, now=at(now))
        return found[0].deadline

    TWO_HOURS = Deadline("answer", "反馈", "二", limit=Limit(2, "hours"))
    DONE = ("task_done", "03-01 11:59", {}, {"data": {"task": "schools:廊坊市公安局"}})

    def test_it_runs_from_when_the_task_arose_and_is_the_units(self) -> None:
        state = self.state(self.TWO_HOURS, now="03-01 11:00")
        assert (state.due, state.status, state.owner) == (at("03-01 12:00"), "running", ("廊坊市公安局",))

    def test_at_the_last_moment_it_still_runs_and_then_it_is_overdue(self) -> None:
        assert self.state(self.TWO_HOURS, now="03-01 12:00").status == "running"
        assert self.state(self.TWO_HOURS, now="03-01 12:01").status == "overdue"

    def test_done_meets_it(self) -> None:
        assert self.state(self.TWO_HOURS, self.DONE, now="03-02 12:00").status == "met"

    def test_another_event_may_meet_it(self) -> None:
        rule = replace(self.TWO_HOURS, met_by=Moment("event", "task_received"))
        received = ("task_received", "03-01 10:10", {}, {"data": {"task": "schools:廊坊市公安局"}})
        others = ("task_received", "03-01 10:10", {}, {"data": {"task": "schools:别家"}})
        assert self.state(rule, received, now="03-02 12:00").status == "met"
        assert self.state(rule, others, now="03-02 12:00").status == "overdue"

    def test_it_ends_with_the_duty(self) -> None:
        lowered = decided("黄色", "03-01 11:00")
        assert self.state(self.TWO_HOURS, lowered, now="03-02 12:00").status == "cancelled"
        assert self.state(self.TWO_HOURS, lowered, now="03-02 12:00", on_lowering="keep").status == "overdue"

    def test_a_second_instance_has_its_own_clock(self) -> None:
        d = replace(SCHOOLS, lead=by("市公安局"), deadline=self.TWO_HOURS)
        found = tasks((d,), OPENED, decided("橙色", "03-01 10:00"), self.DONE, decided("黄色", "03-02 10:00"),
                      decided("红色", "03-03 10:00"), now=at("03-03 11:00"))  # fmt: skip
        assert [(t.deadline.status, t.deadline.due) for t in found if t.deadline] == [
            ("met", at("03-01 12:00")), ("running", at("03-03 12:00")),
        ]  # fmt: skip

    def test_a_report_due_after_the_end_outlives_the_case(self) -> None:
        report = duty("report", by("市公安局"), on=Moment("event", "lifted"),
                      deadline=Deadline("report", "总结", "七", limit=Limit(3, "days")))  # fmt: skip
        found = tasks(
            (report,), OPENED, decided("橙色", "03-01 10:00"), ("lifted", "03-03 10:00"), now=at("03-04 09:00")
        )
        assert found[0].deadline is not None
        assert (found[0].deadline.status, found[0].deadline.due.date()) == ("running", dt.date(2023, 3, 6))  # type: ignore[union-attr]


class TestStanding:
    """Tasks that a document orders by itself, with a date."""

    RULE = Deadline("done", "完成", "三", "date", on_or_before=dt.date(2023, 6, 30))
    DUTY = duty("build", by("市公安局", "市城管局"), procedure=None, deadline=RULE, kind="task")

    def found(self, now: str, *entries: Any) -> list[tuple[str, str, str | None]]:
        w = world(RESPONSE, duties=(self.DUTY,))
        found = standing_tasks(w, log(*entries), at(now))
        return [(t.id, t.status, t.deadline and t.deadline.status) for t in found]

    def test_one_for_each_lead_unit_from_the_date_of_the_document(self) -> None:
        assert self.found("03-01 09:00") == [
            ("build:廊坊市公安局", "issued", "running"), ("build:廊坊市城市管理局", "issued", "running"),
        ]  # fmt: skip

    def test_the_last_day_is_in_time_and_the_next_is_not(self) -> None:
        assert {d for _, _, d in self.found("06-30 23:59")} == {"running"}
        assert {d for _, _, d in self.found("07-01 00:00")} == {"overdue"}

    def test_done_by_one_unit(self) -> None:
        done = ("task_done", "06-01 09:00", {}, {"data": {"task": "build:廊坊市公安局"}})
        assert self.found("07-01 00:00", done) == [
            ("build:廊坊市公安局", "done", "met"), ("build:廊坊市城市管理局", "issued", "overdue"),
        ]  # fmt: skip

    def test_they_are_no_tasks_of_a_case(self) -> None:
        assert replay(world(RESPONSE, duties=(self.DUTY,)), "matter", log(OPENED), NOW).tasks == ()


UNITS = ("廊坊市公安局", "廊坊市城市管理局")


class TestDoneByAnActOfTheCase:
    CALL = duty("call", by("市公安局", "市城管局"), done_by=Moment("event", "issued", where={"level": "红色"}))

    @staticmethod
    def issued(level: str, when: str) -> tuple[Any, ...]:
        return ("issued", when, {"level": level}, {"unit": "市政府办公室"})

    def test_the_act_does_the_task_of_every_unit_that_has_it(self) -> None:
        found = tasks((self.CALL,), OPENED, self.issued("红色", "03-01 10:00"))
        assert [(t.status, t.done_at) for t in found] == [("done", at("03-01 10:00"))] * 2

    def test_another_act_does_not(self) -> None:
        found = tasks((self.CALL,), OPENED, self.issued("橙色", "03-01 10:00"))
        assert [t.status for t in found] == ["issued"] * 2

    def test_the_first_such_act_counts(self) -> None:
        found = tasks((self.CALL,), OPENED, self.issued("红色", "03-01 10:00"), self.issued("红色", "03-02 10:00"))
        assert {t.done_at for t in found} == {at("03-01 10:00")}

    @pytest.mark.parametrize(("act_at", "task"), [("03-01 11:00", "done"), ("03-01 09:30", "issued")])
    def test_only_an_act_after_the_task_arose(self, act_at: str, task: str) -> None:
        late = duty("call", by("市公安局"), on=Moment("event", "issued", where={"level": "橙色"}),
                    done_by=Moment("event", "issued", where={"level": "红色"}))  # fmt: skip
        acts = sorted([self.issued("橙色", "03-01 10:00"), self.issued("红色", act_at)], key=lambda e: e[1])
        assert [t.status for t in tasks((late,), OPENED, *acts)] == [task]

    @pytest.mark.parametrize(("act_at", "status"), [("03-01 10:00", "met"), ("03-01 10:01", "met_late")])
    def test_the_act_meets_the_clock_of_the_task(self, act_at: str, status: str) -> None:
        clock = Deadline("soon", "一小时内", "一", limit=Limit(1, "hours"))
        found = tasks((replace(self.CALL, deadline=clock),), OPENED, self.issued("红色", act_at))
        assert [t.deadline.status for t in found if t.deadline] == [status] * 2

    def test_what_a_unit_says_of_it_later_still_counts(self) -> None:
        returned = ("task_returned", "03-01 12:00", {}, {"data": {"task": "call:廊坊市公安局"}})
        found = tasks((self.CALL,), OPENED, self.issued("红色", "03-01 10:00"), returned)
        assert {t.unit: t.status for t in found} == {"廊坊市公安局": "returned", "廊坊市城市管理局": "done"}


@given(st.permutations([("task_received", UNITS[0]), ("task_received", UNITS[1]), ("task_feedback", UNITS[0]),
                        ("task_feedback", UNITS[1])]))  # fmt: skip
def test_entries_of_different_units_commute(order: list[tuple[str, str]]) -> None:
    """Whatever order the units' entries reach the log in, each unit's task stands where its own entries put it."""
    own = {u: [t for t, unit in order if unit == u] for u in UNITS}
    entries = [(t, "03-01 11:00", {}, {"data": {"task": f"schools:{u}"}, "note": u}) for t, u in order]
    sorted_by_unit = [
        (t, "03-01 11:00", {}, {"data": {"task": f"schools:{u}"}, "note": u}) for u in UNITS for t in own[u]
    ]
    start = (OPENED, decided("橙色", "03-01 10:00"))
    assert tasks((SCHOOLS,), *start, *entries) == tasks((SCHOOLS,), *start, *sorted_by_unit)


def test_an_entry_on_a_task_that_did_not_arise_is_told() -> None:
    event = ("task_done", "03-01 11:00", {}, {"data": {"task": "schools:别家"}})
    state = replay(world(replace(RESPONSE, duties=(SCHOOLS,))), "matter", log(OPENED, event), NOW)
    assert state.problems == ("第2号事件所指的任务“schools:别家”不存在",)


def test_events_are_what_moves_a_task_not_the_clock() -> None:
    event = Event("task_received", 3, at("03-01 11:00"), at("03-01 11:00"), data={"task": "schools:廊坊市公安局"})
    state = replay(world(replace(RESPONSE, duties=(SCHOOLS,))), "matter",
                   (*log(OPENED, decided("橙色", "03-01 10:00")), event), at("03-01 10:30"))  # fmt: skip
    assert state.tasks[0].status == "received"
