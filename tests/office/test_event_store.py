"""The event log keeps what happened: in order, once, unchanged, provably; personal values apart and erasable."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import DatabaseError, connection, transaction

from gongbao.office.append_only import Rewritten
from gongbao.office.cases import chain, log, service
from gongbao.office.cases.models import Case, Event, PersonalValue

pytestmark = pytest.mark.django_db


def test_an_act_appends_one_event_and_moves_the_case(dispatched):
    types = list(Event.objects.filter(case=dispatched).values_list("seq", "type"))
    assert types == [(1, "opened"), (2, "sent")]
    assert [s["id"] for s in dispatched.steps] == ["handle"]
    assert dispatched.number == "T202303010001"


def test_the_chain_of_an_untouched_case_is_whole(dispatched):
    assert chain.verify_chain(Case.objects.get(pk=dispatched.pk)) == ()


def test_changing_an_event_behind_the_models_back_is_refused_by_the_database(dispatched):
    for statement in ("UPDATE cases_event SET note = 'x'", "DELETE FROM cases_event"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_changing_an_event_through_the_models_is_refused(dispatched):
    event = Event.objects.filter(case=dispatched).first()
    event.note = "x"
    with pytest.raises(Rewritten):
        event.save()
    with pytest.raises(Rewritten):
        event.delete()
    with pytest.raises(Rewritten):
        Event.objects.filter(case=dispatched).update(note="x")
    with pytest.raises(Rewritten):
        Event.objects.filter(case=dispatched).delete()


def test_a_forged_event_breaks_the_chain(dispatched):
    from gongbao.office.append_only import guard, unguard

    unguard(connection, "cases_event")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cases_event SET note = 'forged' WHERE case_id = %s AND seq = 1", [dispatched.pk])
    guard(connection, "cases_event")
    found = chain.verify_chain(Case.objects.get(pk=dispatched.pk))
    assert found[0].seq == 1


def test_a_personal_value_never_stands_in_the_event(opened):
    event = Event.objects.get(case=opened, seq=1)
    assert "13800000000" not in str(event.facts)
    assert "王某" not in str(event.facts)
    assert PersonalValue.objects.get(case=opened, name="phone").value == "13800000000"
    assert log.events_of(opened)[0].facts["phone"] == "13800000000"


def test_erasing_personal_values_leaves_the_chain_valid_and_the_values_gone(dispatched):
    assert chain.erase(dispatched, by="admin", why="期满") == 3
    assert chain.verify_chain(Case.objects.get(pk=dispatched.pk)) == ()
    kept = PersonalValue.objects.get(case=dispatched, name="phone")
    assert (kept.value, kept.salt) == (None, "")
    assert log.events_of(dispatched)[0].facts["phone"] is None


def test_erasing_one_value_keeps_the_others(dispatched):
    assert chain.erase(dispatched, by="admin", why="本人申请", names=["phone"]) == 1
    assert log.events_of(dispatched)[0].facts["caller"] == "王某"


def test_a_changed_personal_value_is_found(dispatched):
    PersonalValue.objects.filter(case=dispatched, name="caller").update(value="李某")
    assert [b.what for b in chain.verify_chain(Case.objects.get(pk=dispatched.pk))] == ["个人信息“caller”与摘要不符"]


def test_two_who_decide_on_the_same_page_get_one_conflict(dispatched, east):
    seen = dispatched.seq
    service.act(dispatched, east, "answered", facts={"result": "已修好"}, expected_seq=seen)
    with pytest.raises(service.Conflict):
        service.act(dispatched, east, "answered", facts={"result": "已换灯"}, expected_seq=seen)
    assert Event.objects.filter(case=dispatched, type="answered").count() == 1


def test_a_refused_act_leaves_nothing(dispatched, east):
    with pytest.raises(service.ActionRefused) as refused:
        service.act(dispatched, east, "answered", facts={})
    assert "result" in refused.value.fields
    assert Event.objects.filter(case=dispatched).count() == 2


def test_a_case_is_not_sent_to_a_unit_that_does_not_exist(opened, operator):
    with pytest.raises(service.ActionRefused, match="东区城管局") as refused:
        service.act(opened, operator, "sent", facts={"承办单位": "东区城管"})
    assert "handler" in refused.value.fields
    assert Event.objects.filter(case=opened).count() == 1


def test_a_unit_by_its_short_name_is_recorded_by_its_full_name(opened, operator):
    case = service.act(opened, operator, "sent", facts={"handler": "市城管局"})
    assert log.events_of(case)[1].facts["handler"] == "甲市城管局"


def test_an_act_of_the_future_is_refused(dispatched, east, office_clock):
    with pytest.raises(service.ActionRefused):
        service.act(
            dispatched, east, "answered", facts={"result": "好"}, occurred_at=office_clock() + dt.timedelta(minutes=1)
        )


def test_numbers_count_per_day(toy, operator, office_clock):
    def number() -> str:
        return service.open_case(operator, toy, "complaint", {"content": "噪声", "place": "西区"}).number

    assert [number(), number()] == ["T202303010001", "T202303010002"]
    office_clock.advance(days=1)
    assert number() == "T202303020001"


def test_a_days_digest_fixes_the_heads_and_continues_the_day_before(dispatched, operator, toy, office_clock):
    first = chain.make_digest(office_clock().date())
    assert first.heads == {dispatched.number: [2, Case.objects.get(pk=dispatched.pk).head]}
    office_clock.advance(days=1)
    service.open_case(operator, toy, "complaint", {"content": "噪声", "place": "西区"})
    second = chain.make_digest(office_clock().date())
    assert second.previous == first.digest
    assert chain.make_digest(office_clock().date()).pk == second.pk


@pytest.mark.django_db(transaction=True)
def test_many_who_answer_at_once_neither_lose_nor_repeat_a_word(dispatched, operator):
    failures: list[BaseException] = []

    def speak(name: str) -> None:
        try:
            for n in range(5):
                service.remark(dispatched, operator, f"{name}-{n}")
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=speak, args=(f"t{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    rows = list(Event.objects.filter(case=dispatched).order_by("seq").values_list("seq", "note"))
    assert [seq for seq, _ in rows] == list(range(1, 33))
    assert {note for _, note in rows[2:]} == {f"t{t}-{n}" for t in range(6) for n in range(5)}
    assert chain.verify_chain(Case.objects.get(pk=dispatched.pk)) == ()


@pytest.mark.django_db(transaction=True)
def test_two_people_signing_at_once_make_one_decision_and_one_conflict(toy, account, office_clock):
    duty = account("zhi", "甲市环保局", "值班员")
    case = service.open_case(duty, toy, "warning", {"place": "东区", "dust": 320})
    start = threading.Barrier(2)
    outcomes: list[str] = []

    def sign(name: str) -> None:
        try:
            start.wait()
            service.act(case, duty, "signed", facts={"dust": 320}, expected_seq=1, on_behalf_of=f"市长{name}")
            outcomes.append("signed")
        except service.Conflict:
            outcomes.append("conflict")
        finally:
            connection.close()

    threads = [threading.Thread(target=sign, args=(n,)) for n in "甲乙"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["conflict", "signed"]
    assert Event.objects.filter(case=case, type="signed").count() == 1
