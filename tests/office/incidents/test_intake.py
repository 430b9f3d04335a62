"""Taking a call: nothing typed is lost, one case per ticked plan in one transaction, and only by who may open it."""

from __future__ import annotations

import html

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.office.incidents.conftest import ENVIRONMENT, FIRE, FIREWORKS, FLIGHT, FOOD, HAZE, POISONED, STRAW

from gongbao.office.cases import service
from gongbao.office.cases.models import Case, CaseLink, Notice
from gongbao.office.incidents import listing

pytestmark = pytest.mark.django_db


@pytest.fixture
def police(account):
    return account("police", "三河市公安局", "值班员", name="王值班")


@pytest.fixture
def county(account):
    return account("env-county", "廊坊市生态环境局三河市分局", "值班员", name="何值班")


def text_in(answer) -> str:
    page = answer.content.decode()
    return html.unescape(page.partition('<textarea id="text"')[2].partition(">")[2].partition("</textarea>")[0])


def test_the_page_proposes_the_plan_with_its_words_and_clause(night, city_food, signed_in) -> None:
    page = signed_in(city_food).post("/incidents/new/proposal/", {"text": POISONED}).content.decode()
    proposed, _, others = page.partition("其他预案")
    assert "食品安全事故处置" in proposed
    assert "附件1 一" in proposed
    assert "火灾事故调查处理" in others


def test_what_the_text_says_is_offered_and_not_taken(night, city_food, signed_in) -> None:
    client = signed_in(city_food)
    page = client.post("/incidents/new/proposal/", {"text": POISONED, "plans": [FOOD]}).content.decode()
    assert f"{FOOD}~f-poisoned=120" in page
    assert "120名学生" in page
    client.post("/incidents/new/", {"text": POISONED, "plans": [FOOD], "place": "三河市", "do": "open"})
    facts = service.look(Case.objects.get()).state.facts
    assert facts["situation"] == POISONED
    assert "poisoned" not in facts
    assert facts.get("occurred_at") is None


def test_a_text_that_no_plan_matches_lists_all_plans(night, city_food, signed_in) -> None:
    page = signed_in(city_food).post("/incidents/new/proposal/", {"text": "有人问路"}).content.decode()
    assert "没有认出适用哪个预案" in page
    for label in ("食品安全事故处置", "突发环境事件处置", "火灾事故调查处理", "焚烧火点处置"):
        assert label in page


def test_nothing_is_opened_without_a_plan_and_the_text_stays(night, city_food, signed_in) -> None:
    answer = signed_in(city_food).post("/incidents/new/", {"text": POISONED, "do": "open", "place": "三河市"})
    assert answer.status_code == 422
    assert text_in(answer) == POISONED
    assert not Case.objects.exists()


def test_a_plan_that_refuses_says_which_field_and_keeps_what_was_typed(night, city_food, signed_in) -> None:
    data = {
        "text": POISONED,
        "do": "open",
        "plans": [FOOD],
        f"{FOOD}~f-poisoned": "abc",
        "place": "三河市",
        "caller": "校医",
    }
    answer = signed_in(city_food).post("/incidents/new/", data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert text_in(answer) == POISONED
    assert 'value="abc"' in page
    assert 'value="校医"' in page
    assert not Case.objects.exists()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=120))
def test_proposing_and_refusing_never_lose_the_text(night, city_food, signed_in, text: str) -> None:
    client = signed_in(city_food)
    for data in ({"text": text}, {"text": text, "do": "open"}, {"text": text, "do": "open", "plans": [FOOD]}):
        assert text_in(client.post("/incidents/new/", data)) == text
    assert client.post("/incidents/new/proposal/", {"text": text, "plans": [FOOD]}).status_code == 200


def test_what_a_form_has_no_place_for_stands_in_the_note(night, account, signed_in) -> None:
    brigade = account("brigade", "廊坊市消防救援支队", "值班员")
    data = {
        "text": "三河市家具厂火灾", "do": "open", "plans": [FIRE], "place": "三河市", "happened": "2023-03-01T02:00",
        "caller": "110", f"{FIRE}~f-fire_unit": "家具厂",
    }  # fmt: skip
    answer = signed_in(brigade).post("/incidents/new/", data)
    assert answer.status_code == 302
    seen = service.look(Case.objects.get())
    assert seen.state.facts["first_note"] == "三河市家具厂火灾"
    assert seen.events[0].note == "报告人：110"


def test_the_call_is_entered_as_it_came(night, city_food, signed_in) -> None:
    data = {"text": POISONED, "do": "open", "plans": [FOOD], "place": "三河市", "at": "2023-03-01T03:02"}
    signed_in(city_food).post("/incidents/new/", data)
    opened = service.look(Case.objects.get()).events[0]
    assert (opened.source, opened.occurred_at.minute, opened.recorded_at.minute) == ("电话", 2, 10)


def test_several_plans_are_opened_as_one_event_or_not_at_all(night, police, signed_in) -> None:
    client = signed_in(police)
    data = {
        "text": "有人用无人机吊着鞭炮燃放", "do": "open", "place": "三河市", "plans": [FIREWORKS, FLIGHT],
        f"{FLIGHT}~basis": "", f"{FLIGHT}~f-object_name": "无人机",
    }  # fmt: skip
    assert client.post("/incidents/new/", {**data, f"{FLIGHT}~f-object_name": ""}).status_code == 422
    assert not Case.objects.exists()
    assert client.post("/incidents/new/", data).status_code == 302
    one, two = Case.objects.order_by("id")
    assert CaseLink.objects.get().kind == "同一事件"
    assert listing.same_event(one, Case.objects.all()) == [two]
    assert listing.same_event(two, Case.objects.all()) == [one]
    assert two.number in client.get(f"/incidents/{one.number}/").content.decode()


def test_a_further_plan_is_opened_beside_an_incident_and_linked_through_it(night, police, account, signed_in) -> None:
    client = signed_in(police)
    client.post("/incidents/new/", {"text": "燃放爆竹", "do": "open", "place": "三河市", "plans": [FIREWORKS]})
    first = Case.objects.get()
    page = client.get(f"/incidents/new/?beside={first.number}")
    assert text_in(page) == "燃放爆竹"
    data = {"text": "还有无人机", "do": "open", "place": "三河市", "plans": [FLIGHT], "beside": first.number}
    client.post("/incidents/new/", {**data, f"{FLIGHT}~f-object_name": "无人机"})
    assert {c.pack for c in listing.same_event(first, Case.objects.all())} == {"langfang/low-altitude-control"}


def test_a_plan_of_others_is_shown_with_who_opens_it_and_they_are_told_by_one_key(
    night, city_food, county, signed_in
) -> None:
    client = signed_in(city_food)
    data = {"text": "化工厂泄漏" * 80, "place": "三河市", "tell": ENVIRONMENT}
    page = client.post("/incidents/new/proposal/", data).content.decode()
    assert f'value="{ENVIRONMENT}" id=' not in page  # no box to tick
    assert "廊坊市生态环境局三河市分局、廊坊市生态环境局 开立" in page
    assert "霸州市分局" not in page
    told = client.post("/incidents/new/tell/", data).content.decode()
    assert "已告知 廊坊市生态环境局三河市分局、廊坊市生态环境局" in told
    notices = Notice.objects.filter(who=county.unit, kind="told").order_by("id")
    assert "".join(n.text.partition("三河市，")[2] for n in notices) == data["text"]
    answer = client.post("/incidents/new/", {**data, "do": "open", "plans": [ENVIRONMENT]})
    assert answer.status_code == 422
    assert not Case.objects.exists()


def test_a_document_that_has_ended_asks_who_confirms_the_basis(night, police, signed_in) -> None:
    night.moment = night.moment.replace(month=3, day=20)
    data = {"text": "无人机", "do": "open", "place": "三河市", "plans": [FLIGHT], f"{FLIGHT}~f-object_name": "无人机"}
    client = signed_in(police)
    answer = client.post("/incidents/new/", data)
    assert answer.status_code == 422
    assert "有效期到2023-03-14" in answer.content.decode()
    assert client.post("/incidents/new/", {**data, f"{FLIGHT}~basis": "局长"}).status_code == 302


def test_a_fire_point_is_opened_by_its_office(night, account, signed_in) -> None:
    office = account("agri", "廊坊市农业农村局", "值班员")
    data = {
        "text": "永清县地里秸秆着火", "do": "open", "place": "永清县", "happened": "2023-03-01T02:30", "plans": [STRAW],
        f"{STRAW}~f-spot": "城东", f"{STRAW}~f-source": "群众举报",
    }  # fmt: skip
    answer = signed_in(office).post("/incidents/new/", data)
    assert answer.status_code == 302, answer.content.decode()
    assert "永清县地里秸秆着火" in service.look(Case.objects.get()).events[0].note


def test_a_plan_of_the_warning_room_is_opened_here_and_goes_on_there(night, account, signed_in) -> None:
    office = account("haze", "廊坊市重污染天气应急响应办公室", "值班员")
    data = {"text": "预报后天起重污染天气", "do": "open", "plans": [HAZE], f"{HAZE}~f-warning_source": "本市"}
    client = signed_in(office)
    answer = client.post("/incidents/new/", data)
    case = Case.objects.get()
    assert answer.url == f"/alerts/{case.number}/"
    assert case.number in client.get("/incidents/").content.decode()
    assert service.look(case).events[0].note == "预报后天起重污染天气"
