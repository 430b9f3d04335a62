"""A proposal binds nobody; an act of deciding makes it, or the decider's own value with a reason, the legal state."""

from __future__ import annotations

from typing import Any

import pytest
from tests.engine.small import POLICE, action, at, by, duty, feel, log, procedure, step, world

from gongbao.engine.case.acts import act, decide_on, record_facts, void
from gongbao.engine.case.options import possible
from gongbao.engine.case.state import replay
from gongbao.engine.decision.logic import compile_decision
from gongbao.engine.errors import CaseError, NotPossible, NotYours
from gongbao.engine.fact import compile_facts
from gongbao.engine.model import Actor, Decide, Event, Who
from gongbao.engine.receipt import receipt_from, verify_receipt

FACTS = compile_facts(
    {
        "deaths": {"label": "死亡人数", "type": "integer", "min": 0},
        "poisoned": {"label": "中毒人数", "type": "integer", "min": 0},
        "strange": {"label": "情形不明", "type": "boolean"},
        "remark": {"label": "说明", "type": "text"},
    }
)
LEVELS = ("一般", "较大", "重大")
NAMES = (*FACTS, "grade", "signer")
GRADE = compile_decision(
    "grade", label="事故分级", cite="二", hit="first", names=NAMES,
    output={"grade": {"type": "choice", "values": LEVELS, "ordered": True}},
    rules=[
        {"when": {"strange": "true"}, "then": None, "cite": "二 注", "note": "文中未写情形不明的级别"},
        {"when": {"deaths": ">= 10"}, "then": "重大", "cite": "二Ⅱ"},
        {"when": {"deaths": ">= 1"}, "then": "较大", "cite": "二Ⅲ"},
        {"otherwise": "一般", "cite": "二Ⅳ"},
    ],
)  # fmt: skip
SIGNER = compile_decision(
    "signer", label="签发人", cite="三", requires=("grade",), names=NAMES,
    output={"post": {"type": "text"}},
    rules=[{"when": {"grade.grade": '"重大"'}, "then": "组长", "cite": "三"}, {"otherwise": "副组长", "cite": "三"}],
)  # fmt: skip
INCIDENT = procedure(
    step("grading", action("graded", "response", decides="level", on_behalf=True, form=("remark?",), label="定级")),
    step("response", action("raised", stay=True, decides="level", label="调整级别"), action("closed_", "closed"),
         by=by("市公安局")),
    decide={"level": Decide("grade", (Who("decision", "signer.post"),)), "signer": Decide("signer", by("市公安局"))},
    duties=(duty("open_beds", by("市城管局"), 'decided.level = "重大"'),),
)  # fmt: skip
WORLD = world(INCIDENT, facts=FACTS, decisions={"grade": GRADE, "signer": SIGNER})
CHIEF = Actor("chief", "市政府办公室", posts=frozenset({"组长"}))
DEPUTY = Actor("deputy", "市政府办公室", posts=frozenset({"副组长"}))
KNOWN = {"deaths": 10, "strange": False}


def grade(facts: dict[str, Any], actor: Actor = CHIEF, **more: Any) -> tuple[Event, ...]:
    events = log(("opened", "03-01 09:00", facts, {"unit": "市政府办公室"}))
    return (*events, *act(WORLD, "matter", events, action="graded", actor=actor, occurred_at=at("03-01 10:00"),
                          recorded_at=at("03-01 10:00"), **more))  # fmt: skip


class TestDeciding:
    def test_the_proposal_is_taken_as_it_stands_with_its_receipt(self) -> None:
        event = grade(KNOWN)[-1]
        assert (event.data["decision"], event.data["value"]) == ("level", {"grade": "重大"})
        assert "proposed" not in event.data
        receipt = receipt_from(event.data["receipt"])
        assert receipt.facts == {"deaths": 10, "strange": False}
        assert verify_receipt(receipt, WORLD) == []

    def test_it_becomes_the_legal_state_of_the_case(self) -> None:
        state = replay(WORLD, "matter", grade(KNOWN), at("03-01 11:00"))
        made = state.decided["level"]
        assert (made.value, made.at, made.by, made.seq) == ({"grade": "重大"}, at("03-01 10:00"), "市政府办公室", 2)
        assert made.receipt == grade(KNOWN)[-1].data["receipt"]["sha256"]
        assert [t.duty for t in state.tasks] == ["open_beds"]

    def test_until_then_nothing_is_decided(self) -> None:
        state = replay(WORLD, "matter", log(("opened", "03-01 09:00", KNOWN)), at("03-01 11:00"))
        assert (state.decided, state.tasks) == ({}, ())

    def test_another_value_needs_a_reason_and_the_proposal_is_kept_beside_it(self) -> None:
        with pytest.raises(CaseError, match="“事故分级”与规则提出的“重大”不同，决定为“较大”须写明理由"):
            grade(KNOWN, value="较大")
        data = grade(KNOWN, value={"grade": "较大"}, note="专家组意见")[-1].data
        assert (data["value"], data["proposed"], data["reason"]) == ({"grade": "较大"}, {"grade": "重大"}, "专家组意见")

    def test_the_same_value_is_the_proposal(self) -> None:
        assert "reason" not in grade(KNOWN, value="重大")[-1].data

    def test_a_value_that_the_decision_does_not_have(self) -> None:
        with pytest.raises(CaseError, match="判定“事故分级”不能是“特大”；可为：一般、较大、重大"):
            grade(KNOWN, value="特大", note="x")

    def test_while_facts_are_unknown_the_candidates_are_told(self) -> None:
        with pytest.raises(NotYours):
            grade({"strange": False})  # the signer depends on the grade
        facts = {"strange": False}
        events = log(("opened", "03-01 09:00", facts))
        rules = procedure(step("grading", action("graded", stay=True, decides="grade")))
        w = world(rules, facts=FACTS, decisions={"grade": GRADE})
        args: dict[str, Any] = {"action": "graded", "actor": POLICE, "occurred_at": at("03-01 10:00"),
                                "recorded_at": at("03-01 10:00")}  # fmt: skip
        with pytest.raises(NotPossible, match="可能是“一般”或“较大”或“重大”；尚须知道：死亡人数"):
            act(w, "matter", events, **args)
        (event,) = act(w, "matter", events, **args, value="较大", note="先按较大处置")
        assert (event.data["value"], event.data["proposed"]) == ({"grade": "较大"}, None)

    def test_where_the_text_has_no_rule_a_person_decides(self) -> None:
        events = log(("opened", "03-01 09:00", {"strange": True, "deaths": 0}))
        rules = procedure(step("grading", action("graded", stay=True, decides="grade")))
        w = world(rules, facts=FACTS, decisions={"grade": GRADE})
        with pytest.raises(NotPossible, match="需人工判定：文中未写情形不明的级别（二 注）"):
            act(w, "matter", events, action="graded", actor=POLICE, occurred_at=at("03-01 10:00"),
                recorded_at=at("03-01 10:00"))  # fmt: skip


class TestWhoDecides:
    def test_whom_another_decision_names(self) -> None:
        assert grade(KNOWN, CHIEF)
        with pytest.raises(NotYours, match="须由组长办理，您代表市政府办公室（副组长）"):
            grade(KNOWN, DEPUTY)
        assert grade({"deaths": 1, "strange": False}, DEPUTY)

    def test_staff_enter_it_naming_the_signer(self) -> None:
        officer = Actor("duty", "市公安局", frozenset({"值班员"}))
        event = grade(KNOWN, officer, on_behalf_of="组长王某", source="电话")[-1]
        assert (event.on_behalf_of, event.unit) == ("组长王某", "市公安局")
        assert replay(WORLD, "matter", (*grade(KNOWN)[:1], event), at("03-01 11:00")).decided["level"].by == "组长王某"

    def test_possible_says_that_it_decides_and_for_whom(self) -> None:
        events = log(("opened", "03-01 09:00", KNOWN))
        now = at("03-01 09:30")
        (found,) = possible(WORLD, replay(WORLD, "matter", events, now), events, CHIEF, now)
        assert (found.decides, found.who, found.allowed) == ("level", ("组长",), True)

    def test_a_decision_that_no_action_makes(self) -> None:
        events = log(("opened", "03-01 09:00", KNOWN))
        args: dict[str, Any] = {"occurred_at": at("03-01 10:00"), "recorded_at": at("03-01 10:00")}
        (event,) = decide_on(WORLD, "matter", events, decision="signer", actor=POLICE, **args)
        assert (event.type, event.data["value"]) == ("decided", {"post": "组长"})
        with pytest.raises(NotYours):
            decide_on(WORLD, "matter", events, decision="signer", actor=CHIEF, **args)
        with pytest.raises(NotPossible, match="没有可作的判定“grade”；可作：level、signer"):
            decide_on(WORLD, "matter", events, decision="grade", actor=CHIEF, **args)


class TestStale:
    """A decision made on a fact that was voided afterwards asks for a new one."""

    GRADED = {"action": "graded", "decision": "level", "value": {"grade": "重大"}}

    def case(self, *between: Any, voided: int = 2) -> bool:
        events = log(("opened", "03-01 09:00", {"strange": False}, {"unit": "市政府办公室"}),
                     ("recorded", "03-01 09:10", {"deaths": 10}), *between)  # fmt: skip
        seq = len(events) + 1
        decided = Event("graded", seq, at("03-01 10:00"), at("03-01 10:00"), step="grading",
                        data={"action": "graded", "decision": "level", "value": {"grade": "重大"}})  # fmt: skip
        gone = Event("voided", seq + 1, at("03-01 11:00"), at("03-01 11:00"), data={"seq": voided})
        return replay(WORLD, "matter", (*events, decided, gone), at("03-01 12:00")).decided["level"].stale

    def test_a_fact_it_stood_on(self) -> None:
        assert self.case()

    def test_a_fact_it_does_not_read(self) -> None:
        assert not self.case(("recorded", "03-01 09:20", {"remark": "x"}), voided=3)

    def test_a_fact_that_had_been_revised_before_it_was_made(self) -> None:
        assert not self.case(("recorded", "03-01 09:20", {"deaths": 11}))

    def test_a_decision_made_again_afterwards_is_fresh(self) -> None:
        events = log(
            ("opened", "03-01 09:00", {"strange": False}, {"unit": "市政府办公室"}),
            ("recorded", "03-01 09:10", {"deaths": 10}),
            (
                "graded",
                "03-01 10:00",
                {},
                {"data": {"action": "graded", "decision": "level", "value": {"grade": "重大"}}},
            ),
            ("voided", "03-01 11:00", {}, {"data": {"seq": 2}}),
            (
                "raised",
                "03-01 11:30",
                {},
                {"data": {"action": "raised", "decision": "level", "value": {"grade": "较大"}}},
            ),
        )
        made = replay(WORLD, "matter", events, at("03-01 12:00")).decided["level"]
        assert (made.seq, made.stale) == (5, False)

    def test_restoring_the_fact_restores_the_decision(self) -> None:
        events = log(
            ("opened", "03-01 09:00", {"strange": False}), ("recorded", "03-01 09:10", {"deaths": 10}),
            ("graded", "03-01 10:00", {}, {"data": self.GRADED}),
            ("voided", "03-01 11:00", {}, {"data": {"seq": 2}}), ("voided", "03-01 11:10", {}, {"data": {"seq": 4}}),
        )  # fmt: skip
        assert not replay(WORLD, "matter", events, at("03-01 12:00")).decided["level"].stale

    def test_through_the_acts_that_people_take(self) -> None:
        events = log(("opened", "03-01 09:00", {"strange": False}, {"unit": "市政府办公室"}))
        when: dict[str, Any] = {"occurred_at": at("03-01 09:10"), "recorded_at": at("03-01 09:10")}
        events = (*events, *record_facts(WORLD, "matter", events, facts={"死亡人数": "10"}, actor=CHIEF, **when))
        events = (*events, *act(WORLD, "matter", events, action="graded", actor=CHIEF, **when))
        events = (*events, *void(WORLD, "matter", events, seq=2, reason="误登", approver="李", actor=CHIEF,
                                 recorded_at=at("03-01 09:20")))  # fmt: skip
        assert replay(WORLD, "matter", events, at("03-01 12:00")).decided["level"].stale


def test_a_proposal_may_be_read_by_what_an_action_requires() -> None:
    rules = procedure(step("a", action("go", stay=True, requires=feel('grade.grade = "重大"'))))
    w = world(rules, facts=FACTS, decisions={"grade": GRADE})
    for deaths, allowed in ((9, False), (10, True)):
        events = log(("opened", "03-01 09:00", {"deaths": deaths, "strange": False}))
        (found,) = possible(w, replay(w, "matter", events, at("03-01 10:00")), events, None, at("03-01 10:00"))
        assert found.allowed is allowed
