"""The pages: what each says, what an act from a page does, and what happens with what cannot be taken."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gongbao.office import clock
from gongbao.office.cases import service
from gongbao.office.cases.models import Case, Event, Notice

pytestmark = pytest.mark.django_db


def text(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_the_board_shows_what_is_overdue_due_and_unsigned(opened, operator, signed_in, office_clock):
    client = signed_in(operator)
    assert "东区：路灯不亮" in text(client.get("/"))
    office_clock.advance(hours=1)
    board = text(client.get("/"))
    assert "逾期30分" in board


def test_the_board_asked_live_is_only_its_inner_part(opened, operator, signed_in):
    answer = signed_in(operator).get("/", headers={"HX-Request": "true"})
    assert b"<html" not in answer.content
    assert "路灯不亮" in text(answer)


def test_the_page_of_a_case_offers_what_is_possible_and_says_why_not(dispatched, operator, east, signed_in):
    page = text(signed_in(east).get(f"/case/{dispatched.number}/"))
    assert "答复" in page
    page = text(signed_in(operator).get(f"/case/{dispatched.number}/"))
    assert "须由东区城管局办理" in page
    assert "时限未设定" in page  # the setting of the return limit is empty
    assert "未经发布机关审定，仅供参考" in page


def test_an_act_from_the_page(dispatched, east, signed_in):
    client = signed_in(east)
    answer = client.post(
        f"/case/{dispatched.number}/act/",
        {"action": "answered", "step": "handle", "seq": "2", "f-result": "已修好", "source": "电话", "note": "已复明"},
        follow=True,
    )
    assert "已记录：答复" in text(answer)
    event = Event.objects.get(case=dispatched, seq=3)
    assert (event.source, event.note, event.unit) == ("电话", "已复明", "东区城管局")


def test_a_missing_fact_is_told_beside_its_field_and_in_the_summary(dispatched, east, signed_in):
    answer = signed_in(east).post(
        f"/case/{dispatched.number}/act/", {"action": "returned", "step": "handle", "seq": "2", "f-reason": " "}
    )
    html = answer.content.decode()
    assert answer.status_code == 422
    assert 'href="#handle.returned-f-reason"' in html
    assert 'id="handle.returned-f-reason-error"' in html
    assert Case.objects.get(pk=dispatched.pk).seq == 2


def test_an_act_on_an_old_page_is_a_conflict_that_keeps_what_was_typed(dispatched, east, signed_in):
    service.act(dispatched, east, "returned", facts={"reason": "非本区"})
    answer = signed_in(east).post(
        f"/case/{dispatched.number}/act/", {"action": "answered", "step": "handle", "seq": "2", "f-result": "已修好"}
    )
    assert answer.status_code == 409
    assert Case.objects.get(pk=dispatched.pk).seq == 3


def test_an_act_of_a_leader_is_entered_with_signer_time_and_scan(toy, account, signed_in, office_clock):
    duty = account("zhi", "甲市环保局", "值班员")
    case = service.open_case(duty, toy, "warning", {"place": "东区"})
    office_clock.advance(hours=2)
    client = signed_in(duty)
    answer = client.post(f"/case/{case.number}/act/", {
        "action": "signed", "step": "sign", "seq": "1", "f-dust": "320", "on_behalf_of": "李某（市长）",
        "occurred_at": "2023-03-01T10:30", "source": "电话",
        "evidence": SimpleUploadedFile("签批件.pdf", b"%PDF-1.4 signed"),
    })  # fmt: skip
    assert answer.status_code == 302
    event = Event.objects.get(case=case, seq=2)
    assert (event.on_behalf_of, event.source) == ("李某（市长）", "电话")
    assert event.occurred_at == dt.datetime(2023, 3, 1, 10, 30, tzinfo=clock.SHANGHAI)
    page = client.get(f"/case/{case.number}/").content.decode()
    address = re.search(r'href="(/case/[^"]+/file/[^"]+)"', page)[1]
    assert b"".join(client.get(address).streaming_content) == b"%PDF-1.4 signed"
    assert "补记于" in page


@pytest.mark.parametrize("name", ["x.exe", "x", "x.html", "x.svg"])
def test_a_file_of_another_kind_is_refused(dispatched, east, signed_in, name):
    answer = signed_in(east).post(
        f"/case/{dispatched.number}/act/",
        {
            "action": "answered",
            "step": "handle",
            "seq": "2",
            "f-result": "好",
            "evidence": SimpleUploadedFile(name, b"x"),
        },
    )
    assert answer.status_code == 422
    assert "不收" in text(answer)


def test_a_file_is_given_only_to_those_who_see_its_case(dispatched, east, account, signed_in):
    client = signed_in(east)
    client.post(f"/case/{dispatched.number}/act/", {
        "action": "answered", "step": "handle", "seq": "2", "f-result": "好",
        "evidence": SimpleUploadedFile("a.txt", b"x"),
    })  # fmt: skip
    digest = Event.objects.get(case=dispatched, seq=3).evidence[0].partition("/")[0]
    other = signed_in(account("ren", "西区城管局", "承办人"))
    assert other.get(f"/case/{dispatched.number}/file/{digest}/").status_code == 403
    assert client.get(f"/case/{dispatched.number}/file/{'0' * 64}/").status_code == 404


def test_facts_are_corrected_and_mistakes_voided_without_losing_them(dispatched, operator, account, signed_in):
    client = signed_in(operator)
    assert client.get(f"/case/{dispatched.number}/control/?fact=content").status_code == 200
    client.post(
        f"/case/{dispatched.number}/record/", {"fact": "content", "f-content": "三盏路灯不亮", "note": "来电人补充"}
    )
    page = text(client.get(f"/case/{dispatched.number}/"))
    assert "三盏路灯不亮" in page
    assert "诉求内容 路灯不亮" in page
    leader = signed_in(account("zhang", "甲市热线中心", "班长"))
    leader.post(f"/case/{dispatched.number}/void/", {"seq": "3", "reason": "记错", "approver": "主任"})
    page = text(leader.get(f"/case/{dispatched.number}/"))
    assert "已作废" in page
    assert Event.objects.filter(case=dispatched).count() == 4


def test_those_who_have_something_new_to_do_are_told(dispatched, east, signed_in):
    assert Notice.objects.filter(who="东区城管局", case=dispatched).count() == 1
    client = signed_in(east)
    assert "到“办理”" in text(client.get("/notices/"))
    client.post("/notices/")
    assert not Notice.objects.filter(who="东区城管局", read_at=None).exists()


@pytest.mark.parametrize(
    ("asked", "found"),
    [("q=路灯", 1), ("q=T2023030100", 1), ("q=没有", 0), ("status=open", 1), ("status=closed", 0), ("place=东区", 1),
     ("place=西区", 0), ("procedure=toy/street:complaint", 1), ("procedure=toy/street:warning", 0),
     ("unit=东区城管局", 1),
     ("from=2023-03-01&to=2023-03-01", 1), ("from=2023-03-02", 0), ("from=x&page=zz", 1), ("page=999999999999", 0)],
)  # fmt: skip
def test_the_list_of_all_cases_filters(dispatched, operator, signed_in, asked, found):
    answer = signed_in(operator).get(f"/cases/?{asked}")
    assert answer.content.decode().count("路灯不亮</a>") == found


def test_the_search_box_goes_straight_to_a_number(dispatched, operator, account, signed_in):
    answer = signed_in(operator).get("/find/", {"q": dispatched.number.lower()})
    assert answer["Location"] == f"/case/{dispatched.number}/"
    other = signed_in(account("ren", "西区城管局", "承办人")).get("/find/", {"q": dispatched.number})
    assert other.status_code == 200


def test_every_page_carries_its_security_headers(operator, signed_in):
    answer = signed_in(operator).get("/")
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Cache-Control"] == "no-store"


def test_no_page_needs_what_its_policy_forbids(dispatched, east, signed_in):
    client = signed_in(east)
    for address in ("/", "/mine/", "/cases/", "/notices/", f"/case/{dispatched.number}/"):
        html = client.get(address).content.decode()
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", html), address


def test_a_form_without_its_token_is_refused(dispatched, east):
    client = Client(enforce_csrf_checks=True)
    client.force_login(east, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post(f"/case/{dispatched.number}/act/", {"action": "answered", "step": "handle"})
    assert answer.status_code == 403
    assert "表单已过期" in text(answer)


def test_an_unknown_number_is_a_page_that_says_so(operator, signed_in):
    answer = signed_in(operator).get("/case/NONE/")
    assert answer.status_code == 404
    assert "没有找到" in text(answer)


def test_the_demonstration_date_is_on_every_page(operator, signed_in, monkeypatch):
    clock.move_to(dt.datetime(2017, 12, 1, 8, 0), by="admin", reason="演示")
    answer = text(signed_in(operator).get("/"))
    assert "演示日期 2017-12-01 08:0" in answer
    clock.move_to(None, by="admin", reason="结束")
    assert "演示日期" not in text(signed_in(operator).get("/"))


def test_what_is_typed_comes_back_as_text(toy, operator, signed_in):
    case = service.open_case(operator, toy, "complaint", {"content": "<script>alert(1)</script>", "place": "东区"})
    html = signed_in(operator).get(f"/case/{case.number}/").content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;" in html


# ------------------------------------------------------------------------------------------------------ the navigation


def navigation(client, address: str) -> dict[str, list[str]]:
    """The labels of each row of the navigation, by its name; a hidden row's name is in brackets."""
    html = client.get(address).content.decode()
    found = {}
    for name, hidden, body in re.findall(
        r'<nav class="rooms[^"]*" aria-label="([^"]+)"( hidden)?>(.*?)</nav>', html, re.S
    ):
        found[f"（{name}）" if hidden else name] = re.findall(r"<a [^>]*>([^<]+)</a>", body)
    return found


def test_the_emergency_rooms_stand_under_one_entry_and_in_a_row_of_their_own_once_inside(toy, account, signed_in):
    client = signed_in(account("zhi", "甲市环保局", "值班员"))
    outside = navigation(client, "/")
    inner = ["预警与响应", "值班", "信息发布", "演练"]
    assert outside["（应急）"] == inner
    assert "应急" in outside["主导航"]
    assert not set(inner) & set(outside["主导航"])
    inside = navigation(client, "/duty/")
    assert inside["应急"] == inner
    assert inside["主导航"] == outside["主导航"]


def test_g_and_a_letter_leads_to_every_room_from_every_page(toy, account, signed_in):
    html = signed_in(account("zhi", "甲市环保局", "值班员")).get("/").content.decode()
    keys = re.findall(r'data-key="(.)"', html)
    assert len(keys) == len(set(keys))
    assert {"b", "m", "a", "w", "u", "f", "l"} <= set(keys)
    assert set(re.findall(r"<kbd>g</kbd> <kbd>(.)</kbd>", html)) == set(keys)


def test_one_marks_where_one_is_in_each_row(toy, account, signed_in):
    html = signed_in(account("zhi", "甲市环保局", "值班员")).get("/duty/").content.decode()
    assert re.findall(r'aria-current="(\w+)">([^<]+)<', html) == [("true", "应急"), ("page", "值班")]


def test_a_single_room_of_a_group_stands_by_itself(toy, account, signed_in):
    rows = navigation(signed_in(account("hu", "甲市热线中心", "话务员")), "/")
    assert not {"应急", "（应急）"} & set(rows)
    assert "预警与响应" in rows["主导航"]
