"""What lists and boards read equals what a replay gives, after any sequence of acts."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongbao.office import worlds
from gongbao.office.cases import bulk, chain, lists, projection, service
from gongbao.office.cases.models import Case, CaseTask, Participation, Timer
from gongbao.office.cases.rebuild import rebuild_projections

pytestmark = pytest.mark.django_db


def test_the_next_deadline_is_the_earliest_unmet(opened, office_clock):
    assert opened.next_due == office_clock() + dt.timedelta(minutes=30)
    assert opened.next_due_label == "派单时限"


def test_a_met_deadline_gives_way_to_the_next(dispatched):
    assert dispatched.next_due_label == "办理时限"
    assert dispatched.next_due.astimezone(dt.timezone(dt.timedelta(hours=8))).date() == dt.date(2023, 3, 8)


def test_who_acts_and_who_has_acted_take_part(dispatched):
    people = dict(Participation.objects.filter(case=dispatched).values_list("who", "acting"))
    assert people == {"甲市热线中心": False, "话务员": False, "东区城管局": True}


def test_a_closed_case_expects_nothing_of_anybody(dispatched, east, operator):
    service.act(dispatched, east, "answered", facts={"result": "已修好"})
    case = service.act(dispatched, operator, "finished", facts={"satisfied": "满意"})
    assert (case.status, case.next_due, case.steps) == ("closed", None, [])
    assert not Participation.objects.filter(case=case, acting=True).exists()
    assert not Timer.objects.filter(case=case, fired_at=None).exists()


def test_a_decided_level_issues_tasks_and_sounds_the_alarm(toy, account, office_clock):
    duty = account("zhi", "甲市环保局", "值班员")
    case = service.open_case(duty, toy, "warning", {"place": "东区", "dust": 320})
    case = service.act(case, duty, "signed", facts={"dust": 320}, on_behalf_of="市长")
    assert (case.alarm, case.alarm_text) == (4, "粉尘等级：红色")
    assert sorted(CaseTask.objects.filter(case=case).values_list("unit", "duty")) == [
        ("东区人民政府", "water"), ("甲市城管局", "stop"), ("西区人民政府", "water"),
    ]  # fmt: skip
    assert case.unsigned_tasks == 3
    case = service.feedback(case, account("xi", "西区人民政府", "承办人"), _task(case, "西区人民政府"), "task_received")
    assert case.unsigned_tasks == 2


def _task(case: Case, unit: str) -> str:
    return CaseTask.objects.get(case=case, unit=unit).key


STEPS = st.lists(
    st.sampled_from(["sent", "returned", "answered", "finished", "redo", "remark", "record", "void", "wait"]),
    max_size=9,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_after_any_acts_the_projection_equals_a_rebuild(toy, operator, east, office_clock, wanted):
    case = service.open_case(operator, toy, "complaint", {"content": "噪声", "place": "东区", "phone": "13800000000"})
    facts = {"sent": {"handler": "东区城管局"}, "returned": {"reason": "非本区"}, "answered": {"result": "好"},
             "finished": {"satisfied": "满意"}}  # fmt: skip
    for what in wanted:
        try:
            if what == "wait":
                office_clock.advance(hours=5)
            elif what == "remark":
                service.remark(case, operator, "已电话联系")
            elif what == "record":
                service.record(case, operator, {"content": "夜间噪声"})
            elif what == "void":
                service.void(case, operator, case.seq, reason="记错", approver="班长")
            else:
                actor = east if what in ("returned", "answered") else operator
                service.act(case, actor, what, facts=facts.get(what))
        except service.ActionRefused:
            continue
        case.refresh_from_db()
    before = projection.snapshot(case)
    rebuild_projections()
    if "wait" not in wanted:
        assert projection.snapshot(case) == before
    again = projection.snapshot(case)
    rebuild_projections()
    assert projection.snapshot(case) == again
    assert chain.verify_chain(Case.objects.get(pk=case.pk)) == ()


def test_what_is_stored_in_bulk_equals_what_is_entered_one_by_one(toy, operator, east, office_clock):
    world, start = worlds.world(toy), office_clock()
    one = service.open_case(operator, toy, "complaint", {"content": "噪声", "place": "东区", "phone": "138"})
    one = service.act(one, operator, "sent", facts={"handler": "东区城管局"})
    draft = bulk.draft(world, "complaint", start.date())
    draft.open(operator.actor, {"content": "噪声", "place": "东区", "phone": "138"}, start)
    draft.act(operator.actor, "sent", start, {"handler": "东区城管局"})
    assert bulk.store([draft]) == 1
    two = Case.objects.get(number=draft.number)
    assert projection.snapshot(two) == projection.snapshot(one)
    assert chain.verify_chain(two) == ()
    assert lists.mine(east).count() == 2
