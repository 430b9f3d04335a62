"""Suggestions and proposals of 2023: letters by author, dates that never roll, ten working days, classes, the look-back."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.packs.logs import Log as CaseLog
from tests.packs.papers import assert_every_paper_is_filled

from gongbao.engine.case import possible
from gongbao.engine.decision.decide import decide
from gongbao.engine.errors import CaseError, NotPossible, NotYours
from gongbao.engine.model import Actor
from gongbao.engine.world import World
from gongbao.policy.check import check_folder
from gongbao.policy.loader import load_folder, packs_root

FOLDER = packs_root() / "langfang" / "proposals-2023"
SHANGHAI = dt.timezone(dt.timedelta(hours=8))

OFFICE = Actor("office", "廊坊市人民政府办公室", frozenset({"承办人"}))
LAW = Actor("law", "廊坊市人民政府提案法规科", frozenset({"承办人"}))
LEAD = Actor("lead", "廊坊市住房和城乡建设局", frozenset({"承办人"}))
MONEY = Actor("money", "廊坊市财政局", frozenset({"承办人"}))
POLICE = Actor("police", "廊坊市公安局", frozenset({"承办人"}))

SUGGESTION: dict[str, Any] = {
    "kind": "代表建议",
    "item_no": "12",
    "title": "增设路灯",
    "authors": ["甲某", "乙某", "丙某"],
}
PROPOSAL: dict[str, Any] = {**SUGGESTION, "kind": "政协提案", "lead_author": "甲某"}
GIVEN: dict[str, Any] = {"lead_unit": "市住建局", "city_key": False, "ten_areas": False}
DIVIDED: dict[str, Any] = {
    "chief": "张某", "leader": "李某", "section": "市政科", "handler": "王某", "phone": "0316-1", "division_confirmed": True,
}  # fmt: skip
DRAFT: dict[str, Any] = {
    "solved": False, "planned": True, "blocked_by": "没有", "reply_text": "列入计划", "public_mark": "未标注", "signer": "李某",
    "letter_contact": "王某", "signed_by_leader": True,
}  # fmt: skip


@cache
def loaded() -> World:
    return load_folder(FOLDER)


@pytest.fixture(scope="module")
def world() -> World:
    return loaded()


def at(text: str) -> dt.datetime:
    """`03-02 09:30` of 2023, or a whole date with its year."""
    whole = text if text.startswith("20") else f"2023-{text}"
    return dt.datetime.strptime(whole, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


class Log(CaseLog):
    at = staticmethod(at)

    def __init__(self, world: World, procedure: str, by: Actor, when: str, **facts: Any) -> None:
        super().__init__(world, procedure, by, when, facts)

    def keys(self, step: str) -> list[str | None]:
        return [s.each_key for s in self.state().steps if s.id == step]


def assigned(world: World, item: dict[str, Any] = SUGGESTION, **more: Any) -> Log:
    return Log(world, "item", OFFICE, "03-01 09:00", **item).do(OFFICE, "assigned", **{**GIVEN, **more})


def contacted(log: Log, *authors: str) -> Log:
    for author in authors:
        log.do(LEAD, "contacted_once", contact_author=author, contact_at="2023-04-01T09:00", contact_way="电话",
               contact_note="已沟通")  # fmt: skip
    return log


def drafting(world: World, item: dict[str, Any] = SUGGESTION, **more: Any) -> Log:
    log = assigned(world, item, **more).do(LEAD, "divided", **DIVIDED)
    log.do(LEAD, "analysed", analysis_note="已分析", plan_note="已拟")
    return contacted(log, *item["authors"])


def answering(world: World, item: dict[str, Any] = SUGGESTION, **more: Any) -> Log:
    log = drafting(world, item, **more).do(LEAD, "review_sent", "05-09 09:00", planned_reply_on="2023-05-24", **DRAFT)
    return log.do(LAW, "review_passed")


def test_the_pack_passes_its_own_check() -> None:
    report = check_folder(FOLDER)
    assert report.errors == ()
    assert report.warnings == ()


def test_every_paper_is_filled_from_the_case_that_issues_it(world: World) -> None:
    assert_every_paper_is_filled(FOLDER, world)


# ---------------------------------------------------------------------------------------------------------- letters


@given(st.lists(st.sampled_from("甲乙丙丁戊己庚辛"), min_size=1, max_size=8, unique=True), st.booleans())
@settings(max_examples=12, deadline=None)
def test_every_joint_deputy_has_a_letter_and_of_joint_members_the_first_alone(names: list[str], deputies: bool) -> None:
    item = {**(SUGGESTION if deputies else PROPOSAL), "authors": names, "lead_author": names[0]}
    log = answering(loaded(), item)
    expected = names if deputies else names[:1]
    assert log.keys("reply") == expected
    for name in expected:
        log.do(LEAD, "reply_suggestion" if deputies else "reply_proposal", "05-24 09:00", each_key=name)
    assert [e.facts["addressee"] for e in log.events if e.type == "replied"] == expected
    assert {s.id for s in log.state().steps} == {"track", "copy", "publish", "feedback", "recheck"}


def test_a_reference_item_has_no_letter_and_closes_when_every_author_was_told(world: World) -> None:
    log = Log(world, "item", OFFICE, "03-01 09:00", **SUGGESTION).do(
        OFFICE, "given_for_reference", lead_unit="市住建局"
    )
    told: dict[str, Any] = {"section": "科", "handler": "王某", "phone": "1", "contact_at": "2023-08-01T09:00",
                            "contact_way": "电话", "contact_note": "已告知"}  # fmt: skip
    assert log.keys("reference") == SUGGESTION["authors"]
    for name in SUGGESTION["authors"]:
        assert log.state().closed_at is None
        log.do(LEAD, "reference_contacted", each_key=name, **told)
    assert log.state().closed_at is not None
    assert not any(e.type == "replied" for e in log.events)


def test_each_split_unit_has_a_case_of_its_own(world: World) -> None:
    log = Log(world, "item", OFFICE, "03-01 09:00", **SUGGESTION).do(OFFICE, "split_off", lead_unit="市水利局")
    opens = log.events[-1].data["opens"]
    assert opens["facts"]["lead_unit"] == "市水利局"
    assert opens["facts"]["authors"] == SUGGESTION["authors"]
    log.do(OFFICE, "split_assigned", lead_unit="市住建局", city_key=False, ten_areas=False)
    assert (log.state().facts["handling"], log.state().facts["lead_unit"]) == ("分办", "市住建局")


def test_a_proposal_without_its_leading_member_is_not_handed_over(world: World) -> None:
    log = Log(world, "item", OFFICE, "03-01 09:00", **{**SUGGESTION, "kind": "政协提案"})
    with pytest.raises(NotPossible, match="领衔委员"):
        log.do(OFFICE, "assigned", **GIVEN)


# -------------------------------------------------------------------------------------- ten working days, fixed dates


@given(st.dates(dt.date(2023, 3, 1), dt.date(2023, 6, 30)), st.dates(dt.date(2023, 3, 1), dt.date(2023, 6, 30)))
@settings(max_examples=60, deadline=None)
def test_ten_working_days_are_counted_on_the_calendar(handed: dt.date, reply: dt.date) -> None:
    calendar = loaded().calendar
    days = sum(calendar.is_working(handed + dt.timedelta(n)) for n in range(1, (reply - handed).days))
    outcome = decide(loaded(), "lead_time", {"handed_in_on": handed, "reply_on": reply})
    assert outcome.value == {"result": "满十个工作日" if days >= 10 else "不足十个工作日"}


def test_the_last_day_for_the_pre_review_is_counted_back_from_the_date_of_the_reply(world: World) -> None:
    (last,) = [d for d in assigned(world).state().deadlines if d.id == "last_review"]
    assert last.due is not None
    assert last.due.astimezone(SHANGHAI).date() == dt.date(2023, 5, 17)


def test_returned_by_the_pre_review_the_days_go_on_from_the_first_handing_in(world: World) -> None:
    log = drafting(world).do(LEAD, "review_sent", "05-09 09:00", planned_reply_on="2023-05-24", **DRAFT)
    log.do(LAW, "review_returned", "05-22 09:00", review_note="补充")
    log.do(LEAD, "review_resent", reply_text="已补充", public_mark="是", signed_by_leader=True)
    log.do(LAW, "review_passed", "05-23 09:00").do(LEAD, "reply_suggestion", "05-24 09:00", each_key="甲某")
    assert log.state().facts["reply_on"] == dt.date(2023, 5, 24)


def test_only_the_pre_review_office_reviews(world: World) -> None:
    log = drafting(world).do(LEAD, "review_sent", "05-09 09:00", planned_reply_on="2023-05-24", **DRAFT)
    with pytest.raises(NotYours):
        log.do(LEAD, "review_passed")


@pytest.mark.parametrize(
    ("when", "status"), [("05-01 23:59", "met"), ("05-02 00:01", "met_late"), ("05-04 09:00", "met_late")]
)
def test_the_first_of_may_is_a_holiday_and_stays_the_date(world: World, when: str, status: str) -> None:
    log = assigned(world, co_units=["市财政局", "市公安局"])
    log.do(
        MONEY, "co_suggestion", "04-20 09:00", each_key="市财政局", co_text="可", co_signer="赵某", co_contact="钱某"
    )
    log.do(POLICE, "co_suggestion", when, each_key="市公安局", co_text="可", co_signer="孙某", co_contact="周某")
    found = {d.owner: d.status for d in log.state().deadlines if d.id == "co_handle"}
    assert found == {("廊坊市财政局",): "met", ("廊坊市公安局",): status}


def test_a_co_unit_writes_its_own_opinion_only(world: World) -> None:
    log = assigned(world, co_units=["市财政局", "市公安局"])
    with pytest.raises(NotYours):
        log.do(POLICE, "co_suggestion", each_key="市财政局", co_text="可", co_signer="孙某", co_contact="周某")


@pytest.mark.parametrize(
    ("chosen", "due"), [("正文", dt.date(2023, 8, 31)), ("附件6的注", dt.date(2023, 9, 30)), (None, None)]
)
def test_which_of_the_two_printed_dates_holds_for_the_visit_cards_is_for_the_office_to_say(
    chosen: str | None, due: dt.date | None
) -> None:
    world = load_folder(FOLDER).with_settings({"visit_card_by": chosen} if chosen else {})
    log = Log(world, "year_work", OFFICE, "03-01 09:00", work_unit="市住建局", has_lead=True, has_reference=False,
              has_door=False)  # fmt: skip
    found = [d.due.astimezone(SHANGHAI).date() if d.due else None for d in log.state().deadlines if d.id == "cards"]
    assert found == [due]


# --------------------------------------------------------------------------------------------- classes, open, looked at


@pytest.mark.parametrize(
    ("said", "question", "bad_answer"),
    [
        ({"solved": True, "planned": False, "blocked_by": "没有"}, "是否解决落实", False),
        ({"solved": False, "planned": True, "blocked_by": "没有"}, "有无工作进展", False),
        ({"solved": False, "planned": False, "blocked_by": "法律和政策规定"}, "有无出现情况变化", None),
    ],
)
def test_the_look_back_asks_by_class_and_what_has_not_moved_is_pushed(
    world: World, said: dict[str, Any], question: str, bad_answer: bool | None
) -> None:
    log = drafting(world).do(LEAD, "review_sent", "05-09 09:00", planned_reply_on="2023-05-24", **{**DRAFT, **said})
    log.do(LAW, "review_passed")
    for name in SUGGESTION["authors"]:
        log.do(LEAD, "reply_suggestion", "05-24 09:00", each_key=name)
    decided = {"reply_class": log.state().decided["reply_class"].value["class"]}
    assert decide(world, "recheck_question", {}, decided=decided).value == {"question": question}
    log.do(
        LEAD,
        f"rechecked_{decided['reply_class'].lower()}",
        "09-20 09:00",
        recheck_yes=bad_answer is None,
        recheck_note="复查",
    )
    assert ("push" in {s.id for s in log.state().steps}) is (bad_answer is False)
    assert ("push_on" in log.open_tasks()) is (bad_answer is False)


def test_the_unit_of_the_item_says_its_class_and_the_office_checks_the_mark(world: World) -> None:
    log = answering(world)
    with pytest.raises(NotYours):
        log.do(LEAD, "class_checked", class_check="标注属实", class_note="已核")
    log.do(OFFICE, "class_checked", class_check="标注不实", class_note="未列入计划")
    assert "correct_mark" in log.open_tasks()
    log.do(LEAD, "class_corrected", solved=False, planned=False, blocked_by="目前条件不具备", reason_note="资金不足")
    assert log.state().decided["reply_class"].value == {"class": "C"}
    assert "correct_mark" not in log.open_tasks()


def test_what_contradicts_itself_is_marked_by_a_person_with_the_reason(world: World) -> None:
    log = drafting(world)
    both = {**DRAFT, "solved": True, "blocked_by": "目前条件不具备", "planned_reply_on": "2023-05-24"}
    with pytest.raises(CaseError):
        log.do(LEAD, "review_sent", "05-09 09:00", **both)


@pytest.mark.parametrize("by", ["委托下级单位", "委托基层单位"])
def test_a_visit_is_never_left_to_another_unit(world: World, by: str) -> None:
    card: dict[str, Any] = {"contact_author": "甲某", "visit_at": "2023-04-01T09:00", "visit_place": "某村",
                            "attitude_opinion": "好", "work_opinion": "好", "card_signed": True}  # fmt: skip
    with pytest.raises(NotPossible, match="不得委托"):
        assigned(world).do(LEAD, "visited", visit_by=by, **card)
    log = assigned(world).do(LEAD, "visited", visit_by="承办单位直接组织", **card)
    assert log.state().facts["contacted"] == ["甲某"]


def test_nobody_is_answered_before_all_were_talked_to(world: World) -> None:
    log = assigned(world).do(LEAD, "divided", **DIVIDED).do(LEAD, "analysed", analysis_note="已析", plan_note="已拟")
    contacted(log, "甲某", "乙某").do(LEAD, "review_sent", "05-09 09:00", planned_reply_on="2023-05-24", **DRAFT)
    log.do(LAW, "review_passed")
    with pytest.raises(NotPossible, match="逐位沟通联系"):
        log.do(LEAD, "reply_suggestion", "05-24 09:00", each_key="甲某")
    contacted(log, "丙某").do(LEAD, "reply_suggestion", each_key="甲某")


def test_two_who_are_dissatisfied_are_both_answered_again_and_nobody_else(world: World) -> None:
    log = answering(world)
    for name in SUGGESTION["authors"]:
        log.do(LEAD, "reply_suggestion", "05-24 09:00", each_key=name)
    for name in ("甲某", "丙某"):
        log.do(LEAD, "dissatisfied", each_key=name, objection="不满意", feedback_note="太慢")
    assert log.keys("improve") == ["甲某", "丙某"]
    assert log.keys("feedback") == ["乙某"]
    for name in ("甲某", "丙某"):
        log.do(LEAD, "improved", each_key=name, visit_at="2023-05-24T09:00", visit_place="某村", visit_by="承办单位直接组织",
               cause_note="沟通不够", improve_note="加快")  # fmt: skip
    log.do(LEAD, "review_sent", "05-25 09:00", planned_reply_on="2023-06-09", **DRAFT).do(LAW, "review_passed")
    assert log.keys("reply") == ["甲某", "丙某"]
    assert [d.status for d in log.state("06-02 09:00").deadlines if d.id == "reply"] == ["met"] * 3


def test_three_key_items_are_refused_and_one_or_two_are_filed(world: World) -> None:
    def year() -> Log:
        return Log(world, "year_work", OFFICE, "03-01 09:00", work_unit="市住建局", has_lead=True, has_reference=False,
                   has_door=False)  # fmt: skip

    for count, right in ((1, True), (2, True), (3, False)):
        items = [f"{n}号" for n in range(count)]
        if right:
            assert year().do(LEAD, "key_filed", key_items=items).state().facts["key_count"] == count
        else:
            with pytest.raises(NotPossible, match="1至2件"):
                year().do(LEAD, "key_filed", key_items=items)


def test_a_year_that_has_no_reference_items_owes_no_form_for_them(world: World) -> None:
    log = Log(world, "year_work", OFFICE, "03-01 09:00", work_unit="市住建局", has_lead=False, has_reference=False,
              has_door=False)  # fmt: skip
    assert {d.id for d in log.state().deadlines if d.status != "cancelled"} == {
        "division",
        "analysis",
        "cards",
        "summary",
    }
    offered = possible(world, log.state(), log.events, LEAD, log.now)
    assert {p.action for p in offered if p.allowed} >= {"division_filed", "analysis_filed", "summary_filed"}


def test_from_2024_on_no_new_item_is_registered_and_an_open_one_is_finished(world: World) -> None:
    with pytest.raises(CaseError, match="2023-12-31"):
        Log(world, "item", OFFICE, "2024-01-02 09:00", **SUGGESTION)
    assigned(world).do(LEAD, "divided", "2024-01-02 09:00", **DIVIDED)
