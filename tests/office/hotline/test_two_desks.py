"""12345 and 110 apart, joined by the exchange table alone: what one hands over, the other answers."""

from __future__ import annotations

import pytest

from gongbao.office.cases import service
from gongbao.office.cases.models import Case, CaseLink, Event, Notice
from gongbao.office.exchange_table import delivery

pytestmark = pytest.mark.django_db(databases=["default", "exchange"])


def steps(case: Case) -> list[str]:
    case.refresh_from_db()
    return [step["id"] for step in case.steps]


@pytest.fixture
def at(settings):
    """at(site): from now on this process is that desk; what waits in the exchange table is carried over."""

    def become(site: str) -> None:
        delivery.deliver()
        settings.GONGBAO_SITE = site
        delivery.take()
        delivery.read_answers()

    return become


@pytest.fixture
def alarm(taker, signed_in, call, at):
    """A call that turned dangerous: (the matter at 12345, the alarm at 110, where we stand)."""
    matter = call(signed_in(taker), "transfer", danger="是", content="厨房煤气味特别冲，头都晕了")
    at("110")
    return matter, Case.objects.get(procedure="alarm")


def test_the_alarm_arrives_unsigned_with_the_caller_s_number(alarm, police, signed_in):
    _, case = alarm
    page = signed_in(police).get("/hotline/queue/unsigned/").content.decode()
    assert case.number in page
    assert "12345转来" in page
    assert service.look(case).state.facts["caller_number"] == "13900001234"


def test_signing_and_answering_come_back_as_acts_of_the_matter(alarm, police, signed_in, at, taker):
    matter, case = alarm
    assert signed_in(police).post(f"/hotline/quick/unsigned/{case.number}/").status_code == 302
    at("12345")
    assert Event.objects.filter(case=matter, type="police_signed", recorded_by="110平台").count() == 1
    assert steps(matter) == ["at_110"]
    at("110")
    case.refresh_from_db()
    case = service.act(case, police, "dispatched", facts={"alarm_kind": "公共设施险情", "station": "三河市公安局"})
    service.act(case, police, "replied", facts={"police_result": "已关阀通风，人员安全"})
    at("12345")
    answered = Event.objects.get(case=matter, type="police_replied")
    assert answered.facts["police_result"] == "已关阀通风，人员安全"
    assert steps(matter) == ["visiting"]
    assert Notice.objects.filter(case=matter, kind="other_site").exists()


def test_an_alarm_sent_back_is_judged_again(alarm, police, at):
    matter, case = alarm
    service.act(case, police, "sent_back", facts={"return_reason": "无险情，属燃气公司维修"})
    at("12345")
    assert steps(matter) == ["intake"]


def test_an_answer_delivered_twice_is_recorded_once(alarm, police, signed_in, at, settings):
    from gongbao.office.exchange_table.models import Transfer

    matter, case = alarm
    service.act(case, police, "signed")
    at("12345")
    Transfer.objects.filter(kind="answer").update(taken_at=None)  # as if the power had gone before the mark
    delivery.take()
    assert Event.objects.filter(case=matter, type="police_signed").count() == 1


def test_a_matter_that_turns_dangerous_with_its_unit_stays_there_while_110_goes(
    taker, county, police, signed_in, call, at
):
    matter = call(signed_in(taker))
    service.act(matter, taker, "endangered", facts={"danger": True})
    at("110")
    case = Case.objects.get(procedure="alarm")
    service.act(case, police, "signed")
    case.refresh_from_db()
    case = service.act(case, police, "dispatched", facts={"alarm_kind": "公共设施险情", "station": "三河市公安局"})
    service.act(case, police, "replied", facts={"police_result": "已处置"})
    at("12345")
    assert steps(matter) == ["signing"]
    told = list(Event.objects.filter(case=matter, recorded_by="110平台").order_by("seq").values_list("type", flat=True))
    assert told == ["police_signed", "police_replied"]


def test_the_same_matter_sent_twice_is_one_alarm(taker, signed_in, call, at, police):
    matter = call(signed_in(taker), "negotiate")
    service.act(matter, taker, "endangered", facts={"danger": True})
    at("110")
    at("12345")
    matter.refresh_from_db()
    service.act(matter, taker, "agreed_110", facts={"negotiation": "由110受理"}, expected_seq=matter.seq)
    at("110")
    case = Case.objects.get(procedure="alarm")
    assert CaseLink.objects.filter(target=case).count() == 2
    service.act(case, police, "signed")
    at("12345")
    assert Event.objects.filter(case=matter, type="police_signed").count() == 1


def test_a_request_from_110_reports_its_result_back(police, taker, county, signed_in, call, at, settings):
    settings.GONGBAO_SITE = "110"
    alarm = call(
        signed_in(police), "transfer", content="路灯不亮", target="市级12345", request_type="非紧急求助", handler=None,
        category=None, list_row=None,
    )  # fmt: skip
    assert steps(alarm) == ["at_12345"]
    at("12345")
    matter = Case.objects.get(procedure="request")
    assert steps(matter) == ["intake"]
    for who, action, facts in (
        (taker, "accepted", {"excluded": "无", "belongs": "12345", "emergency_event": False}),
        (taker, "dispatched", {"handler": "三河市人民政府"}), (county, "signed", {}), (county, "replied", {"result": "已修好"}),
    ):  # fmt: skip
        matter = service.act(matter, who, action, facts=facts, expected_seq=matter.seq)
    at("110")
    alarm.refresh_from_db()
    assert alarm.status == "closed"
    assert service.look(alarm).state.facts["result"] == "已修好"


def test_the_chain_of_both_stands(alarm, police, at):
    from gongbao.office.cases import chain

    matter, case = alarm
    service.act(case, police, "signed")
    at("12345")
    for one in (matter, case):
        one.refresh_from_db()
        assert not chain.verify_chain(one)
