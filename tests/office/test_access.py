"""Taking part gives sight; a county bureau answers to its county and the city bureau; others are refused and logged."""

from __future__ import annotations

import pytest

from gongbao.office.cases import lists, service
from gongbao.office.cases.models import Case
from gongbao.office.people import access
from gongbao.office.people.models import Audit

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("unit", "roles", "sees"),
    [
        ("东区城管局", ["承办人"], True),  # handles it
        ("东区人民政府", ["承办人"], True),  # its county
        ("甲市城管局", ["承办人"], True),  # the city bureau of its profession
        ("甲市人民政府", ["带班领导"], True),
        ("甲市热线中心", ["班长"], True),  # the unit that took it in
        ("西区城管局", ["承办人"], False),
        ("西区人民政府", ["承办人"], False),
        ("甲市环保局", ["承办人"], False),
        ("甲市环保局", ["督查员"], True),
    ],
)
def test_who_sees_a_case(dispatched, account, signed_in, unit, roles, sees):
    person = account("ren", unit, *roles)
    assert access.may_see(person, dispatched) is sees
    assert (dispatched in access.visible(person)) is sees
    assert (dispatched in lists.seen_by(person)) is sees
    assert signed_in(person).get(f"/case/{dispatched.number}/").status_code == (200 if sees else 403)


@pytest.mark.parametrize(("unit", "sees"), [("东区城管局", True), ("甲市城管局", False), ("甲市人民政府", False)])
def test_a_sealed_case_is_seen_only_by_those_who_take_part(toy, operator, account, unit, sees):
    case = service.open_case(operator, toy, "complaint", {"content": "举报", "place": "东区"}, sealed=True)
    service.act(case, operator, "sent", facts={"handler": "东区城管局"})
    case.refresh_from_db()
    person = account("ren", unit, "督查员")
    assert access.may_see(person, case) is sees
    assert (case in lists.seen_by(person)) is sees


def test_a_refusal_is_a_page_that_says_why_and_is_logged(dispatched, account, signed_in):
    other = account("ren", "西区城管局", "承办人")
    answer = signed_in(other).get(f"/case/{dispatched.number}/")
    assert "西区城管局没有参与" in answer.content.decode()
    assert Audit.objects.filter(account="ren", act="越权被拒").exists()


def test_a_user_of_another_unit_cannot_act_by_address(dispatched, account, signed_in):
    other = signed_in(account("ren", "西区城管局", "承办人"))
    answer = other.post(f"/case/{dispatched.number}/act/", {"action": "answered", "step": "handle", "f-result": "好"})
    assert answer.status_code == 403
    assert Case.objects.get(pk=dispatched.pk).seq == 2


def test_a_superior_sees_but_cannot_act_for_its_subordinate(dispatched, account, signed_in):
    city = signed_in(account("shi", "甲市城管局", "承办人"))
    answer = city.post(f"/case/{dispatched.number}/act/", {"action": "answered", "step": "handle", "f-result": "好"})
    assert answer.status_code == 422
    assert "须由东区城管局办理" in answer.content.decode()


def test_personal_data_is_masked_from_those_who_do_not_take_part(dispatched, account, signed_in):
    page = signed_in(account("du", "甲市环保局", "督查员")).get(f"/case/{dispatched.number}/").content.decode()
    assert "13800000000" not in page
    assert "王某" not in page
    assert not Audit.objects.filter(act="查看个人信息").exists()


def test_reading_personal_data_is_logged_with_what_was_read(dispatched, east, signed_in):
    page = signed_in(east).get(f"/case/{dispatched.number}/").content.decode()
    assert "13800000000" in page
    entry = Audit.objects.get(act="查看个人信息")
    assert (entry.account, entry.subject) == ("dong", dispatched.number)
    assert "phone" in entry.detail["facts"]
    assert "13800000000" not in str(entry.detail)


def test_sensitive_data_is_for_those_who_handle_the_case(dispatched, account, signed_in):
    leader = account("ban", "东区城管局", "带班领导")
    page = signed_in(leader).get(f"/case/{dispatched.number}/").content.decode()
    assert "13800000000" in page
    assert "131000199001011234" not in page


def test_without_signing_in_there_is_only_the_sign_in_page(client, db):
    for address in ("/", "/mine/", "/cases/", "/case/T1/", "/notices/"):
        answer = client.get(address)
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/sign-in/")
    for address in ("/live/", "/live/now/", "/api/cases"):
        assert client.get(address).status_code == 401


def test_what_a_page_asks_for_in_the_background_gets_no_sign_in_form_to_put_in_its_middle(client, db):
    assert client.get("/", headers={"HX-Request": "true"}).status_code == 401


def test_a_forged_session_is_nobody(client, db):
    client.cookies["gongbao_office"] = "f" * 32
    assert client.get("/").status_code == 302


def test_the_audit_log_can_only_grow(account):
    from django.db import DatabaseError, connection, transaction

    from gongbao.office.people import audit

    audit.note(account("a"), "试", "x")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM people_audit")
