"""What may be done now, by whom, and why not."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from tests.engine.small import (
    CITY_MANAGEMENT,
    DOCUMENT,
    OPERATOR,
    POLICE,
    action,
    at,
    by,
    feel,
    log,
    period,
    procedure,
    step,
    world,
)

from gongbao.engine.case.options import in_words, possible
from gongbao.engine.case.state import replay
from gongbao.engine.decision.logic import compile_decision
from gongbao.engine.fact import compile_facts
from gongbao.engine.model import Actor, Decide, Extension, Limit, Possible, Who

NOW = at("03-02 09:00")
OPENED = ("opened", "03-01 09:00")


def options(rules: Any, actor: Actor | None, *entries: Any, now: dt.datetime = NOW, **more: Any) -> dict[str, Possible]:
    w = world(rules, **more)
    events = log(*(entries or (OPENED,)))
    found = possible(w, replay(w, "matter", events, now), events, actor, now)
    return {p.action: p for p in found}


class TestByWhom:
    RULES = procedure(
        step(
            "handling", action("replied", "closed"), action("checked", stay=True, by=by("<话务员>")), by=by("市公安局")
        ),
        anytime=(action("urged", stay=True, by=by("<话务员>", "市城管局")), action("noted", stay=True)),
    )

    def test_the_unit_of_the_step(self) -> None:
        assert options(self.RULES, POLICE)["replied"].allowed

    def test_another_unit_is_told_whose_it_is(self) -> None:
        refused = options(self.RULES, CITY_MANAGEMENT)["replied"]
        assert (refused.allowed, refused.why_not) == (False, "须由廊坊市公安局办理，您代表市城管局")

    def test_an_action_with_its_own_by_is_not_the_steps(self) -> None:
        found = options(self.RULES, POLICE)["checked"]
        assert (found.allowed, found.who) == (False, ("话务员",))
        assert options(self.RULES, OPERATOR)["checked"].allowed

    def test_any_one_of_several(self) -> None:
        assert options(self.RULES, OPERATOR)["urged"].allowed
        assert options(self.RULES, CITY_MANAGEMENT)["urged"].allowed
        assert not options(self.RULES, POLICE)["urged"].allowed

    def test_an_action_for_nobody_in_particular_is_for_all(self) -> None:
        assert options(self.RULES, CITY_MANAGEMENT)["noted"].allowed

    def test_asked_for_nobody_it_is_told_what_there_is(self) -> None:
        assert all(p.allowed for p in options(self.RULES, None).values())

    def test_nothing_is_possible_in_a_closed_case(self) -> None:
        assert options(self.RULES, POLICE, OPENED, ("replied", "03-01 10:00")) == {}


PARTY = Who("party", "申请人")
SIGNING = procedure(
    step("signing", action("signed", "closed", on_behalf=True), action("read", stay=True), by=by("[组长]")),
    step("window", action("applied", stay=True), by=(PARTY,)),
    start=("signing", "window"),
)
LEADER = Actor("chief", "市政府", posts=frozenset({"组长"}))
DUTY_OFFICER = Actor("duty", "市公安局", frozenset({"值班员"}))
CLERK = Actor("reader", "市公安局", frozenset({"监管人员"}))


class TestForOthers:
    def test_the_leader_acts_in_person(self) -> None:
        found = options(SIGNING, LEADER)["signed"]
        assert (found.allowed, found.on_behalf) == (True, False)

    def test_staff_may_enter_a_leaders_act_where_the_action_says_so(self) -> None:
        found = options(SIGNING, DUTY_OFFICER)
        assert (found["signed"].allowed, found["signed"].on_behalf) == (True, True)
        assert not found["read"].allowed

    def test_but_not_the_act_of_another_role_or_unit(self) -> None:
        """`on_behalf` is for leaders: what a role or a unit does is entered by those who have it."""
        rules = procedure(
            step("a", action("ordered", stay=True, on_behalf=True, by=by("<督查员>")),
                 action("told", stay=True, on_behalf=True, by=by("市城管局"))),
        )  # fmt: skip
        found = options(rules, DUTY_OFFICER)
        assert not found["ordered"].allowed
        assert not found["told"].allowed
        assert options(rules, CITY_MANAGEMENT)["told"].allowed

    def test_others_may_not(self) -> None:
        assert options(SIGNING, CLERK)["signed"].why_not == "须由组长办理，您代表市公安局（监管人员）"

    def test_staff_enter_what_a_party_outside_the_office_did(self) -> None:
        found = options(SIGNING, DUTY_OFFICER)["applied"]
        assert (found.allowed, found.on_behalf) == (True, True)
        assert not options(SIGNING, CLERK)["applied"].allowed

    def test_a_decision_is_for_whom_the_procedure_names(self) -> None:
        rules = procedure(
            step("grading", action("graded", stay=True, decides="grade", by=by("市公安局"))),
            decide={"grade": Decide("grade", by("[组长]"))},
        )
        assert options(rules, POLICE)["graded"].why_not == "须由组长决定，您代表市公安局（承办人）"
        police_chief = Actor("chief", "市公安局", posts=frozenset({"组长"}))
        assert options(rules, police_chief)["graded"].allowed


class TestRequires:
    RULES = procedure(
        step(
            "review",
            action("passed", "closed", requires=feel("present >= 3"), why="到会人数不足"),
            action("held", stay=True, requires=feel("present >= 3")),
            action("voted", stay=True, form=("agree",), requires=feel("agree = true")),
            by=by("市公安局"),
        )
    )

    def at_(self, present: int | None) -> dict[str, Possible]:
        return options(self.RULES, POLICE, ("opened", "03-01 09:00", {} if present is None else {"present": present}))

    def test_on_both_sides_of_the_condition(self) -> None:
        assert self.at_(3)["passed"].allowed
        assert not self.at_(2)["passed"].allowed

    def test_the_packs_own_words_are_told(self) -> None:
        assert self.at_(2)["passed"].why_not == "到会人数不足"

    def test_else_the_condition_in_words(self) -> None:
        assert self.at_(2)["held"].why_not == "须满足：present不小于3"

    def test_unknown_is_not_enough(self) -> None:
        assert not self.at_(None)["passed"].allowed

    @pytest.mark.parametrize(("says", "allowed"), [(3, True), (2, False)])
    def test_what_the_act_itself_says_is_seen_by_its_condition(self, says: int, allowed: bool) -> None:
        passed = action("passed", "closed", sets={"present": says}, requires=feel("present >= 3"), why="到会人数不足")
        assert options(procedure(step("review", passed, by=by("市公安局"))), POLICE)["passed"].allowed is allowed

    def test_what_the_form_will_say_is_left_to_the_form(self) -> None:
        assert self.at_(None)["voted"].allowed

    @pytest.mark.parametrize(("present", "allowed"), [(3, True), (2, False), (None, False)])
    @pytest.mark.parametrize("text", ["agree = true and present >= 3", "present >= 3 and agree = true"])
    def test_a_part_that_no_answer_of_the_form_can_change_must_hold_before_it_is_offered(
        self, text: str, present: int | None, allowed: bool
    ) -> None:
        voted = action("voted", stay=True, form=("agree",), requires=feel(text), why="到会人数不足")
        rules = procedure(step("review", voted, by=by("市公安局")))
        found = options(rules, POLICE, ("opened", "03-01 09:00", {} if present is None else {"present": present}))
        assert found["voted"].allowed is allowed
        assert found["voted"].why_not == ("" if allowed else "到会人数不足")

    def test_of_parts_joined_by_or_the_form_may_make_either_true(self) -> None:
        voted = action("voted", stay=True, form=("agree",), requires=feel("agree = true or present >= 3"))
        assert options(procedure(step("review", voted, by=by("市公安局"))), POLICE)["voted"].allowed

    @pytest.mark.parametrize(("form", "allowed"), [(("agree",), True), (("remark",), False)])
    def test_what_the_form_will_say_to_a_decision_is_left_to_the_form(
        self, form: tuple[str, ...], allowed: bool
    ) -> None:
        facts = compile_facts(
            {"agree": {"label": "同意", "type": "boolean"}, "remark": {"label": "说明", "type": "text"}}
        )
        names, yes = (*facts, "vote", "result"), {"type": "choice", "values": ("通过", "未通过")}
        vote = compile_decision(
            "vote", label="表决", cite="二", names=names, output={"vote": yes},
            rules=[{"when": {"agree": "true"}, "then": "通过", "cite": "二"},
                   {"when": {"agree": "false"}, "then": "未通过", "cite": "二"}],
        )  # fmt: skip
        result = compile_decision(
            "result", label="结果", cite="三", names=names, requires=("vote",), output={"result": yes}, value={"result": "vote.vote"}
        )  # fmt: skip
        passed = action("passed", "closed", form=form, requires=feel('result.result = "通过"'), why="未通过")
        found = options(
            procedure(step("review", passed, by=by("市公安局"))), POLICE,
            facts=facts, decisions={"vote": vote, "result": result},
        )  # fmt: skip
        assert found["passed"].allowed is allowed

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ('kind = "甲 = 乙"', "kind是“甲 = 乙”"),
            ("reason != null", "reason已填写"),
            ("danger = true", "danger为是"),
            ("n >= 3 and m < 2", "n不小于3，且m小于2"),
        ],
    )
    def test_words(self, text: str, words: str) -> None:
        assert in_words(world(self.RULES), feel(text)) == words


class TestWaits:
    RULES = procedure(
        step(
            "publicity",
            action("confirmed", "closed"), action("asked", stay=True),
            by=by("市公安局"),
            deadlines=(period("posting", "1 days", "opened", kind="wait", label="公示", step="publicity"),),
        )
    )  # fmt: skip

    def test_nothing_leaves_the_step_before_its_wait_is_over(self) -> None:
        refused = options(self.RULES, POLICE, now=at("03-02 23:59"))["confirmed"]
        assert not refused.allowed
        assert "“公示”尚未届满" in refused.why_not

    def test_what_stays_in_the_step_may_be_done_meanwhile(self) -> None:
        assert options(self.RULES, POLICE, now=at("03-02 23:59"))["asked"].allowed

    def test_and_after_it_everything(self) -> None:
        assert options(self.RULES, POLICE, now=at("03-03 00:00"))["confirmed"].allowed

    def test_a_wait_that_names_an_action_holds_back_that_one_only(self) -> None:
        wait = period("posting", "1 days", "opened", kind="wait", step="publicity", then="confirmed")
        rules = procedure(
            step("publicity", action("confirmed", "closed"), action("objected", "closed"), by=by("市公安局"),
                 deadlines=(wait,)),
        )  # fmt: skip
        found = options(rules, POLICE, now=at("03-02 12:00"))
        assert (found["confirmed"].allowed, found["objected"].allowed) == (False, True)

    def test_a_right_lapses(self) -> None:
        rules = procedure(
            step("open", action("recused", stay=True), by=by("市公安局"),
                 deadlines=(period("recusal", "1 days", "opened", kind="right", closes="recused", step="open"),)),
        )  # fmt: skip
        assert options(rules, POLICE, now=at("03-02 23:59"))["recused"].allowed
        refused = options(rules, POLICE, now=at("03-03 00:00"))["recused"]
        assert (refused.allowed, "届满" in refused.why_not) == (False, True)


class TestExtension:
    RULES = procedure(
        step("handling", action("replied", "closed"), by=by("市公安局")),
        anytime=(action("extended", stay=True, by=by("市公安局"), label="批准延期"),),
        deadlines=(period("handle", "5 days", "opened", "replied", label="办理",
                          extend=Extension(Limit(3, "days"))),),
    )  # fmt: skip

    def test_as_often_as_the_rule_allows_and_no_more(self) -> None:
        assert options(self.RULES, POLICE)["extended"].allowed
        refused = options(self.RULES, POLICE, OPENED, ("extended", "03-02 08:00"))["extended"]
        assert (refused.allowed, refused.why_not) == (False, "“办理”最多延期1次，已经用完（一）")


class TestForce:
    RULES = procedure(step("handling", action("replied", "closed"), by=by("市公安局")))

    def allowed(self, after: str, now: str) -> bool:
        document = {**DOCUMENT, "in_force": {"until": dt.date(2023, 3, 1), "after_expiry": after}}
        return options(self.RULES, POLICE, now=at(now), document=document)["replied"].allowed

    def test_an_open_case_is_finished_after_the_document_has_expired(self) -> None:
        assert self.allowed("finish", "03-02 09:00")

    def test_or_stops_where_the_document_says_so(self) -> None:
        assert self.allowed("stop", "03-01 23:59")
        assert not self.allowed("stop", "03-02 00:00")


def test_each_instance_is_offered_by_itself() -> None:
    rules = procedure(
        step("reply", action("sent", "closed", join="all"), each=("author", feel("authors")), by=by("市公安局"))
    )
    w = world(rules)
    events = log(("opened", "03-01 09:00", {"authors": ["甲", "乙"]}))
    found = possible(w, replay(w, "matter", events, NOW), events, POLICE, NOW)
    assert [p.each_key for p in found] == ["甲", "乙"]


def test_the_unit_of_an_instance_may_depend_on_its_key() -> None:
    rules = procedure(
        step("reply", action("sent", "closed", join="all"), each=("county", feel("counties")),
             by=(Who("relative", "公安机关", "县", feel("county")),)),
    )  # fmt: skip
    w = world(rules)
    events = log(("opened", "03-01 09:00", {"counties": ["三河市", "香河县"]}))
    found = possible(w, replay(w, "matter", events, NOW), events, Actor("a", "香河县公安局"), NOW)
    assert [(p.each_key, p.allowed) for p in found] == [("三河市", False), ("香河县", True)]
