"""Entering what happened: everything is checked first, and an entry that is refused leaves no trace."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.small import (
    CITY_MANAGEMENT,
    DOCUMENT,
    OPERATOR,
    POLICE,
    action,
    at,
    by,
    duty,
    feel,
    log,
    period,
    procedure,
    step,
    world,
)

from gongbao.engine.case.acts import act, open_case, record_facts, remark, void
from gongbao.engine.case.state import replay
from gongbao.engine.case.task_entries import task_event
from gongbao.engine.errors import BadFacts, BadTime, CaseError, Conflict, NotPossible, NotYours
from gongbao.engine.fact import compile_facts
from gongbao.engine.model import Actor, Event, Opens

FACTS = compile_facts(
    {
        "content": {"label": "诉求内容", "type": "text"},
        "caller": {"label": "来电人", "type": "text"},
        "reason": {"label": "退单理由", "type": "text"},
        "result": {"label": "办理结果", "type": "text"},
        "present": {"label": "到会人数", "type": "integer", "min": 0},
        "danger": {"label": "有无危险", "type": "boolean"},
        "unit": {"label": "承办单位", "type": "unit"},
    }
)
MATTER = procedure(
    step(
        "intake",
        action("accepted", "handling", form=("unit",), label="受理"),
        action(
            "transferred",
            "closed",
            label="转110",
            opens=Opens("alarm", "转办", carry=("content", "caller"), site="110"),
        ),
        by=by("<话务员>"),
    ),
    step(
        "handling",
        action("returned", "intake", form=("reason",), label="退单"),
        action("replied", "closed", form=("result", "present?"), requires=feel('result != "无"'), label="反馈办理结果"),
        action("voted", stay=True, form=("present",), requires=feel("present >= 3"), why="到会人数不足"),
        label="办理",
        by=by("=unit"),
    ),
    anytime=(action("urged", stay=True, by=by("<话务员>"), label="催办"),),
    form=("content", "caller?"),
    open_by=by("<话务员>"),
)
CHECK = duty("check", by("市公安局", "市城管局"), "danger = true", with_=by("市政府办公室"))
WORLD = world(MATTER, facts=FACTS, duties=(CHECK,))


def opened(**more: Any) -> tuple[Event, ...]:
    return open_case(
        WORLD, "matter", actor=OPERATOR, facts={"content": "路灯不亮", **more}, occurred_at=at("03-01 09:00"),
        recorded_at=at("03-01 09:01"),
    )  # fmt: skip


def take(
    events: tuple[Event, ...], action_: str, actor: Actor = OPERATOR, when: str = "03-01 10:00", **more: Any
) -> Any:
    made = act(WORLD, "matter", events, action=action_, actor=actor, occurred_at=at(when),
               recorded_at=more.pop("recorded_at", at(when)), **more)  # fmt: skip
    return (*events, *made)


def accepted() -> tuple[Event, ...]:
    return take(opened(), "accepted", facts={"承办单位": "市公安局"})


class TestOpening:
    def test_the_first_event_holds_the_facts_and_who_opened_it(self) -> None:
        (event,) = opened(来电人="某某")
        assert (event.type, event.seq, event.facts) == ("opened", 1, {"content": "路灯不亮", "caller": "某某"})
        assert (event.recorded_by, event.unit) == ("wang", "市政府办公室")

    def test_it_keeps_which_version_of_the_pack_it_stands_on(self) -> None:
        (event,) = opened()
        assert (event.data["pack"], event.data["version"]) == ("langfang/test", "v1")

    def test_a_required_fact_must_be_there(self) -> None:
        with pytest.raises(BadFacts, match="“诉求内容”（content）必须填写"):
            open_case(
                WORLD, "matter", actor=OPERATOR, facts={}, occurred_at=at("03-01 09:00"), recorded_at=at("03-01 09:00")
            )

    def test_all_faults_are_told_together(self) -> None:
        with pytest.raises(BadFacts) as told:
            open_case(WORLD, "matter", actor=OPERATOR, facts={"ocntent": 1, "caller": True},
                      occurred_at=at("03-01 09:00"), recorded_at=at("03-01 09:00"))  # fmt: skip
        assert [f.field for f in told.value.faults] == ["ocntent", "caller", "content"]

    def test_others_may_not_open_it(self) -> None:
        with pytest.raises(NotYours, match="须由话务员立案受理，您代表市公安局"):
            open_case(WORLD, "matter", actor=POLICE, facts={"content": "x"}, occurred_at=at("03-01 09:00"),
                      recorded_at=at("03-01 09:00"))  # fmt: skip

    def test_another_case_may_open_it_with_what_it_carries(self) -> None:
        (event,) = open_case(WORLD, "matter", actor=POLICE, facts={}, occurred_at=at("03-01 09:00"),
                             recorded_at=at("03-01 09:00"), link={"link": "转办", "case": "LFJ1"})  # fmt: skip
        assert event.data["link"] == {"link": "转办", "case": "LFJ1"}

    @pytest.mark.parametrize(
        ("day", "in_force"), [("02-28", False), ("03-01", True), ("03-31", True), ("04-01", False)]
    )
    def test_outside_its_validity_a_document_opens_a_case_only_when_the_basis_is_confirmed(
        self, day: str, in_force: bool
    ) -> None:
        document = {**DOCUMENT, "in_force": {"from": dt.date(2023, 3, 1), "until": dt.date(2023, 3, 31)}}
        w = world(MATTER, facts=FACTS, document=document)
        args: dict[str, Any] = {
            "actor": OPERATOR, "facts": {"content": "x"}, "occurred_at": at(f"{day} 09:00"),
            "recorded_at": at("04-02 09:00"),
        }  # fmt: skip
        if in_force:
            assert "basis_confirmed_by" not in open_case(w, "matter", **args)[0].data
            return
        with pytest.raises(NotPossible, match="须由指定负责人确认依据"):
            open_case(w, "matter", **args)
        assert open_case(w, "matter", **args, basis_confirmed_by="李某")[0].data["basis_confirmed_by"] == "李某"


class TestActing:
    def test_the_event_says_what_was_done_where_by_whom_and_when(self) -> None:
        event = accepted()[-1]
        assert (event.type, event.seq, event.step, event.data["action"]) == ("accepted", 2, "intake", "accepted")
        assert event.facts == {"unit": "市公安局"}
        assert [s.id for s in replay(WORLD, "matter", accepted(), at("03-02 09:00")).steps] == ["handling"]

    def test_an_unknown_action_is_told_with_what_is_possible(self) -> None:
        with pytest.raises(NotPossible, match="没有动作“flown”；现在可以：受理、转110、催办") as told:
            take(opened(), "flown")
        assert told.value.allowed == ("accepted", "transferred", "urged")

    def test_an_action_whose_step_is_not_open(self) -> None:
        with pytest.raises(NotPossible, match="现在不能“反馈办理结果”"):
            take(opened(), "replied", POLICE, facts={"result": "已修"})

    def test_another_units_action(self) -> None:
        with pytest.raises(NotYours, match="须由廊坊市公安局办理，您代表市城管局"):
            take(accepted(), "replied", CITY_MANAGEMENT, facts={"result": "已修"})

    def test_what_the_act_itself_says_is_recorded_with_it_and_cannot_be_said_otherwise(self) -> None:
        rules = procedure(
            step("review", action("passed", "closed", sets={"result": "通过"}, requires=feel('result = "通过"')),
                 action("failed", stay=True, sets={"result": "不通过"}, requires=feel('result = "通过"'))),
        )  # fmt: skip
        small = world(rules, facts=FACTS)
        times = {"occurred_at": at("03-01 09:00"), "recorded_at": at("03-01 09:00")}
        events = open_case(small, "matter", actor=POLICE, **times)
        (event,) = act(small, "matter", events, action="passed", actor=POLICE, **times)
        assert event.facts == {"result": "通过"}
        with pytest.raises(BadFacts):
            act(small, "matter", events, action="passed", actor=POLICE, facts={"result": "不通过"}, **times)
        with pytest.raises(NotPossible):
            act(small, "matter", events, action="failed", actor=POLICE, **times)

    def test_what_the_act_works_out_stands_on_what_was_known_before_it_and_on_its_form(self) -> None:
        left = {"reserve": feel("reserve - moved")}
        rules = procedure(
            step("store",
                 action("counted", stay=True, form=("reserve",)),
                 action("issued", stay=True, form=("moved",), computes=left, requires=feel("reserve >= 2"),
                        why="须留二件")),
        )  # fmt: skip
        amount = {"type": "integer", "min": 0}
        small = world(
            rules,
            facts=compile_facts({"reserve": {"label": "现存数量", **amount}, "moved": {"label": "出库数量", **amount}}),
        )
        times = {"occurred_at": at("03-01 09:00"), "recorded_at": at("03-01 09:00")}
        events = open_case(small, "matter", actor=POLICE, **times)

        def issue(moved: int) -> None:
            nonlocal events
            events += act(small, "matter", events, action="issued", actor=POLICE, facts={"moved": moved}, **times)

        with pytest.raises(BadFacts, match="“现存数量”（reserve）算不出来：先要知道“现存数量”"):
            issue(1)
        events += act(small, "matter", events, action="counted", actor=POLICE, facts={"reserve": 10}, **times)
        issue(3)
        issue(4)
        assert [e.facts.get("reserve") for e in events[1:]] == [10, 7, 3]
        for too_much, told, text in ((2, NotPossible, "须留二件"), (4, BadFacts, "“现存数量”（reserve）：算出的是 -1")):
            with pytest.raises(told, match=text):
                issue(too_much)
        issue(1)
        assert replay(small, "matter", events, at("03-02 09:00")).facts["reserve"] == 2

    def test_a_fact_outside_the_form(self) -> None:
        with pytest.raises(BadFacts, match="reason"):
            take(accepted(), "replied", POLICE, facts={"result": "已修", "reason": "x"})

    def test_a_wrong_value_names_the_fact_and_what_is_allowed(self) -> None:
        with pytest.raises(BadFacts, match="“到会人数”（present）：给出的是 -1，须为不小于 0 的整数"):
            take(accepted(), "voted", POLICE, facts={"present": -1})

    @pytest.mark.parametrize(("present", "enough"), [(2, False), (3, True)])
    def test_what_it_requires_is_checked_with_the_facts_of_the_form(self, present: int, enough: bool) -> None:
        if enough:
            assert take(accepted(), "voted", POLICE, facts={"present": present})[-1].facts == {"present": 3}
        else:
            with pytest.raises(NotPossible, match="到会人数不足"):
                take(accepted(), "voted", POLICE, facts={"present": present})

    def test_a_required_fact_known_from_elsewhere_need_not_be_given_again(self) -> None:
        events = (*accepted(), *record_facts(
            WORLD, "matter", accepted(), facts={"present": 5}, actor=OPERATOR, occurred_at=at("03-01 10:30"),
            recorded_at=at("03-01 10:30")))  # fmt: skip
        assert take(events, "voted", POLICE, when="03-01 11:00")[-1].facts == {}

    def test_but_a_reason_given_last_time_does_not_serve_again(self) -> None:
        once = take(accepted(), "returned", POLICE, facts={"reason": "不属职责"})
        again = take(once, "accepted", facts={"unit": "市公安局"}, when="03-01 12:00")
        with pytest.raises(BadFacts, match="“退单理由”（reason）必须填写"):
            take(again, "returned", POLICE, when="03-01 13:00")

    def test_what_it_opens_elsewhere_is_named_with_the_facts_it_carries(self) -> None:
        event = take(opened(caller="某某"), "transferred")[-1]
        assert event.data["opens"] == {
            "pack": "langfang/test", "procedure": "alarm", "link": "转办", "site": "110",
            "facts": {"content": "路灯不亮", "caller": "某某"},
        }  # fmt: skip

    def test_a_value_on_an_action_that_decides_nothing(self) -> None:
        with pytest.raises(CaseError, match="不作判定"):
            take(opened(), "urged", value="红色")

    def test_nothing_may_be_done_before_the_opening(self) -> None:
        with pytest.raises(NotPossible, match="尚未立案"):
            take((), "accepted")

    def test_the_procedure_must_exist(self) -> None:
        with pytest.raises(CaseError, match="没有“other”这个办理程序；可用：matter"):
            act(
                WORLD,
                "other",
                (),
                action="x",
                actor=OPERATOR,
                occurred_at=at("03-01 09:00"),
                recorded_at=at("03-01 09:00"),
            )


class TestTimes:
    def test_late_entry_is_normal(self) -> None:
        event = take(accepted(), "urged", when="03-01 10:05", recorded_at=at("03-02 09:00"))[-1]
        assert (event.occurred_at, event.recorded_at) == (at("03-01 10:05"), at("03-02 09:00"))

    @pytest.mark.parametrize(("when", "fits"), [("03-01 08:59", False), ("03-01 09:00", True)])
    def test_not_before_the_case_was_opened(self, when: str, fits: bool) -> None:
        if fits:
            take(opened(), "urged", when=when, recorded_at=at("03-02 09:00"))
        else:
            with pytest.raises(BadTime, match="早于立案时间 2023-03-01 09:00:00"):
                take(opened(), "urged", when=when, recorded_at=at("03-02 09:00"))

    @pytest.mark.parametrize(("when", "fits"), [("03-02 09:01", False), ("03-02 09:00", True)])
    def test_not_after_it_was_written_down(self, when: str, fits: bool) -> None:
        if fits:
            take(opened(), "urged", when=when, recorded_at=at("03-02 09:00"))
        else:
            with pytest.raises(BadTime, match="晚于登记时间"):
                take(opened(), "urged", when=when, recorded_at=at("03-02 09:00"))

    def test_a_time_without_a_zone_is_refused(self) -> None:
        with pytest.raises(BadTime, match="须为带时区的时间"):
            act(WORLD, "matter", opened(), action="urged", actor=OPERATOR,
                occurred_at=dt.datetime(2023, 3, 1, 10), recorded_at=at("03-02 09:00"))  # fmt: skip

    def test_a_wait_is_judged_at_the_time_it_happened(self) -> None:
        wait = period("posting", "1 days", "opened", kind="wait", label="公示", step="publicity")
        rules = procedure(step("publicity", action("confirmed", "closed"), by=by("<话务员>"), deadlines=(wait,)))
        w = world(rules)
        events = log(("opened", "03-01 09:00"))
        with pytest.raises(NotPossible, match="“公示”尚未届满"):
            act(w, "matter", events, action="confirmed", actor=OPERATOR, occurred_at=at("03-02 12:00"),
                recorded_at=at("03-05 09:00"))  # fmt: skip
        act(w, "matter", events, action="confirmed", actor=OPERATOR, occurred_at=at("03-03 00:00"),
            recorded_at=at("03-05 09:00"))  # fmt: skip


class TestLock:
    def test_the_sequence_the_person_saw_must_still_be_the_last(self) -> None:
        assert take(accepted(), "urged", expected_seq=2)[-1].seq == 3

    def test_a_conflict_says_who_did_what_meanwhile(self) -> None:
        with pytest.raises(Conflict, match="市政府办公室、wang于03-01 10:00登记“受理”。请刷新后再办"):
            take(accepted(), "urged", expected_seq=1)

    def test_of_two_who_act_on_the_same_page_the_second_is_told(self) -> None:
        first = take(accepted(), "replied", POLICE, facts={"result": "已修"}, expected_seq=2)
        with pytest.raises(Conflict, match="反馈办理结果"):
            take(first, "replied", POLICE, facts={"result": "已修"}, expected_seq=2)

    def test_feedback_and_remarks_meanwhile_are_no_conflict(self) -> None:
        events = accepted()
        noted = (*events, *remark(WORLD, "matter", events, note="来电询问", actor=OPERATOR,
                                  occurred_at=at("03-01 10:10"), recorded_at=at("03-01 10:10")))  # fmt: skip
        assert take(noted, "urged", expected_seq=2, when="03-01 11:00")[-1].seq == 4

    def test_a_revised_fact_is(self) -> None:
        events = accepted()
        revised = (*events, *record_facts(WORLD, "matter", events, facts={"danger": True}, actor=OPERATOR,
                                          occurred_at=at("03-01 10:10"), recorded_at=at("03-01 10:10")))  # fmt: skip
        with pytest.raises(Conflict, match="修改事实"):
            take(revised, "urged", expected_seq=2, when="03-01 11:00")

    def test_a_sequence_from_the_future_is_a_conflict(self) -> None:
        with pytest.raises(Conflict, match="第9号事件不存在"):
            take(accepted(), "urged", expected_seq=9)


class TestForOthers:
    RULES = procedure(step("signing", action("signed", "closed", on_behalf=True, label="签发"), by=by("[组长]")))
    OFFICER = Actor("duty", "市公安局", frozenset({"值班员"}))

    def sign(self, **more: Any) -> Event:
        made = act(world(self.RULES), "matter", log(("opened", "03-01 09:00")), action="signed", actor=self.OFFICER,
                   occurred_at=at("03-01 09:30"), recorded_at=at("03-01 10:00"), **more)  # fmt: skip
        return made[0]

    def test_the_signer_must_be_named(self) -> None:
        with pytest.raises(NotYours, match="“签发”是组长的行为，由您代为登记的，须写明是谁作出的"):
            self.sign()

    def test_and_the_event_keeps_who_acted_and_who_wrote_it_down(self) -> None:
        event = self.sign(on_behalf_of="组长王某", source="电话", evidence=("scan-1",))
        assert event.data["acting_as"] == ["组长"]
        assert (event.on_behalf_of, event.recorded_by, event.source, event.evidence) == (
            "组长王某",
            "duty",
            "电话",
            ("scan-1",),
        )

    def test_the_source_is_one_of_four(self) -> None:
        with pytest.raises(CaseError, match="来源“传真”不对；可为：系统、电话、书面、口头"):
            self.sign(on_behalf_of="组长", source="传真")


class TestClosed:
    def closed(self) -> tuple[Event, ...]:
        return take(opened(), "transferred")

    def test_no_action(self) -> None:
        with pytest.raises(NotPossible, match="事项已于2023-03-01 10:00办结，不能再“催办”"):
            take(self.closed(), "urged", when="03-01 11:00")

    def test_facts_may_still_be_revised_and_remarks_added(self) -> None:
        events = self.closed()
        for made in (
            record_facts(WORLD, "matter", events, facts={"caller": "某某"}, actor=OPERATOR,
                         occurred_at=at("03-01 11:00"), recorded_at=at("03-01 11:00")),
            remark(WORLD, "matter", events, note="补记", actor=OPERATOR, occurred_at=at("03-01 11:00"),
                   recorded_at=at("03-01 11:00")),
        ):  # fmt: skip
            assert replay(WORLD, "matter", (*events, *made), at("03-02 09:00")).closed_at == at("03-01 10:00")

    def test_voiding_the_closing_opens_it_again(self) -> None:
        events = self.closed()
        made = void(
            WORLD,
            "matter",
            events,
            seq=2,
            reason="误登",
            approver="班长",
            actor=OPERATOR,
            recorded_at=at("03-01 11:00"),
        )
        assert [s.id for s in replay(WORLD, "matter", (*events, *made), at("03-02 09:00")).steps] == ["intake"]


class TestVoiding:
    def void(self, events: tuple[Event, ...], seq: int, **more: Any) -> tuple[Event, ...]:
        args = {"reason": "误登", "approver": "班长", "actor": OPERATOR, "recorded_at": at("03-02 09:00"), **more}
        return (*events, *void(WORLD, "matter", events, seq=seq, **args))

    def test_the_latest_entry(self) -> None:
        state = replay(WORLD, "matter", self.void(accepted(), 2), at("03-02 10:00"))
        assert ([s.id for s in state.steps], state.facts) == (["intake"], {"content": "路灯不亮"})

    def test_not_what_later_entries_stand_on(self) -> None:
        events = take(accepted(), "voted", POLICE, facts={"present": 3}, when="03-01 11:00")
        with pytest.raises(NotPossible, match="之后的登记以它为前提，请先作废后面的"):
            self.void(events, 2)

    def test_not_the_opening(self) -> None:
        with pytest.raises(NotPossible, match="立案不能作废"):
            self.void(accepted(), 1)

    def test_not_twice_and_not_what_is_not_there(self) -> None:
        with pytest.raises(NotPossible, match="已经作废"):
            self.void(self.void(accepted(), 2), 2)
        with pytest.raises(NotPossible, match="没有第7号事件；现有第1号至第2号"):
            self.void(accepted(), 7)

    @pytest.mark.parametrize(("more", "message"), [
        ({"reason": " "}, "须写明原因"), ({"approver": ""}, "须有批准人"), ({"approver": "wang"}, "不能是登记人本人"),
    ])  # fmt: skip
    def test_it_needs_a_reason_and_another_persons_approval(self, more: dict[str, Any], message: str) -> None:
        with pytest.raises(CaseError, match=message):
            self.void(accepted(), 2, **more)

    def test_who_takes_no_part_may_not(self) -> None:
        with pytest.raises(NotYours, match="没有参与本事项"):
            self.void(accepted(), 2, actor=CITY_MANAGEMENT)


class TestTasks:
    POLICE_TASK = "check:廊坊市公安局"

    def events(self) -> tuple[Event, ...]:
        events = accepted()
        return (*events, *record_facts(WORLD, "matter", events, facts={"danger": True}, actor=OPERATOR,
                                       occurred_at=at("03-01 10:10"), recorded_at=at("03-01 10:10")))  # fmt: skip

    def enter(self, events: tuple[Event, ...], type_: str, actor: Actor = POLICE, **more: Any) -> tuple[Event, ...]:
        made = task_event(WORLD, "matter", events, type=type_, task=more.pop("task", self.POLICE_TASK), actor=actor,
                          occurred_at=at("03-01 11:00"), recorded_at=at("03-01 11:00"), **more)  # fmt: skip
        return (*events, *made)

    def status(self, events: tuple[Event, ...]) -> str:
        return {t.id: t.status for t in replay(WORLD, "matter", events, at("03-02 09:00")).tasks}[self.POLICE_TASK]

    def test_from_receipt_to_done(self) -> None:
        events = self.enter(self.events(), "task_received")
        events = self.enter(events, "task_feedback", note="已派警")
        assert self.status(events) == "feedback"
        assert self.status(self.enter(events, "task_verified", OPERATOR)) == "verified"
        assert self.status(self.enter(events, "task_done")) == "done"

    def test_another_units_task(self) -> None:
        with pytest.raises(NotYours, match="须由廊坊市公安局办理，您代表市城管局"):
            self.enter(self.events(), "task_received", CITY_MANAGEMENT)

    def test_a_unit_that_works_with_it_may_give_feedback_but_not_finish_it(self) -> None:
        assert self.status(self.enter(self.events(), "task_feedback", OPERATOR, note="已通知")) == "feedback"
        with pytest.raises(NotYours):
            self.enter(self.events(), "task_done", OPERATOR)

    def test_nobody_checks_his_own_work(self) -> None:
        answered = self.enter(self.events(), "task_feedback", note="已派警")
        with pytest.raises(NotYours, match="不能由承办人自己核查"):
            self.enter(answered, "task_verified")

    def test_not_checked_before_there_is_feedback(self) -> None:
        with pytest.raises(NotPossible, match="待签收，不能再作这项登记"):
            self.enter(self.events(), "task_verified", OPERATOR)

    def test_feedback_says_something(self) -> None:
        with pytest.raises(CaseError, match="反馈须写明情况或附材料"):
            self.enter(self.events(), "task_feedback")

    def test_an_unknown_task(self) -> None:
        with pytest.raises(NotPossible, match="没有任务“check:别家”"):
            self.enter(self.events(), "task_received", task="check:别家")

    def test_it_outlives_the_case(self) -> None:
        events = take(self.events(), "replied", POLICE, facts={"result": "已修"}, when="03-01 10:30")
        assert self.status(self.enter(events, "task_done")) == "done"


class TestStandingTasks:
    W = world(MATTER, facts=FACTS, duties=(replace(CHECK, while_=None, procedure=None),))

    def enter(self, type_: str, when: dt.datetime = at("03-01 11:00")) -> tuple[Event, ...]:
        return task_event(self.W, None, (), type=type_, task="check:廊坊市公安局", actor=POLICE, occurred_at=when,
                          recorded_at=at("03-01 11:00"))  # fmt: skip

    def test_they_have_a_log_of_their_own(self) -> None:
        (event,) = self.enter("task_received")
        assert (event.seq, event.data) == (1, {"task": "check:廊坊市公安局"})

    def test_not_before_the_document(self) -> None:
        assert self.enter("task_received", at("01-01 00:00"))
        with pytest.raises(BadTime, match="早于文件施行时间"):
            self.enter("task_received", at("01-01 00:00") - dt.timedelta(minutes=1))


ATTEMPTS: list[tuple[str, Callable[[tuple[Event, ...]], tuple[Event, ...]]]] = [
    ("accepted", lambda e: take(e, "accepted", facts={"unit": "市公安局"}, when="03-02 09:00")),
    ("returned", lambda e: take(e, "returned", POLICE, facts={"reason": "x"}, when="03-02 09:00")),
    ("replied", lambda e: take(e, "replied", POLICE, facts={"result": "已修"}, when="03-02 09:00")),
    ("transferred", lambda e: take(e, "transferred", when="03-02 09:00")),
    ("urged", lambda e: take(e, "urged", when="03-02 09:00")),
    ("voted", lambda e: take(e, "voted", POLICE, facts={"present": 2}, when="03-02 09:00")),
]


@given(st.lists(st.sampled_from(ATTEMPTS), max_size=8))
def test_what_is_accepted_never_leaves_a_log_with_problems(
    tries: list[tuple[str, Callable[[tuple[Event, ...]], tuple[Event, ...]]]],
) -> None:
    """Whatever people try, in whatever order: what gets in is in order, and what is refused changes nothing."""
    events = opened()
    for _, attempt in tries:
        before = events
        with contextlib.suppress(CaseError):
            events = attempt(events)
        assert events[: len(before)] == before
    state = replay(WORLD, "matter", events, at("03-03 09:00"))
    assert state.problems == ()
    assert [e.seq for e in events] == list(range(1, len(events) + 1))
