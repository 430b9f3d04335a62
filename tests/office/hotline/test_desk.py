"""The 12345 desk: a call becomes a matter with its first steps at once, and the operator's word counts."""

from __future__ import annotations

import json

import pytest

from gongbao.office.cases import service
from gongbao.office.cases.models import Case, CaseLink, Event, Outbox
from gongbao.office.exchange_table import delivery
from gongbao.office.exchange_table.models import Transfer, TransferValue
from gongbao.office.hotline import index
from gongbao.office.hotline.models import At, Matter, Term
from gongbao.office.people.models import Audit

pytestmark = pytest.mark.django_db(databases=["default", "exchange"])


def steps(case: Case) -> list[str]:
    case.refresh_from_db()
    return [step["id"] for step in case.steps]


def act(case, account, action, **facts):
    return service.act(case, account, action, facts=facts, expected_seq=Case.objects.get(pk=case.pk).seq)


def test_a_call_is_opened_accepted_and_dispatched_in_one_go(taker, signed_in, call):
    case = call(signed_in(taker))
    assert steps(case) == ["signing"]
    assert case.number.startswith("LF20230301")
    assert [e.type for e in Event.objects.filter(case=case).order_by("seq")] == ["opened", "accepted", "dispatched"]
    assert Matter.objects.get(case=case).handler == "三河市人民政府"


def test_without_an_answer_about_danger_nothing_is_taken(taker, signed_in, call):
    answer = call(signed_in(taker), danger=None)
    assert answer.status_code == 422
    assert "先问清有无危险" in answer.content.decode()
    assert "我们小区路灯好几盏都不亮" in answer.content.decode()
    assert Case.objects.count() == 0


def test_what_one_step_refuses_undoes_all_of_it(taker, signed_in, call):
    answer = call(signed_in(taker), handler="不存在的局")
    assert answer.status_code == 422
    assert "不存在的局" in answer.content.decode()
    assert (Case.objects.count(), Event.objects.count(), Matter.objects.count()) == (0, 0, 0)


def test_a_call_without_unit_names_the_field(taker, signed_in, call):
    answer = call(signed_in(taker), handler="")
    assert answer.status_code == 422
    assert "#f-handler" in answer.content.decode()
    assert Case.objects.count() == 0


@pytest.mark.parametrize(
    ("do", "changes", "step"),
    [
        ("accept", {}, ["dispatching"]),
        ("answer", {"request_type": "咨询", "answer": "已告知"}, ["visiting"]),
        ("negotiate", {}, ["negotiation"]),
        ("guide", {"guide_note": "告知向法院起诉"}, []),
        ("decline", {"excluded": "行政复议", "guide_note": "告知复议机关"}, []),
        ("transfer", {"danger": "是", "content": "厨房煤气味特别冲，头都晕了"}, ["at_110"]),
    ],
)
def test_each_way_to_end_a_call_leads_to_its_step(taker, signed_in, call, do, changes, step):
    assert steps(call(signed_in(taker), do, **changes)) == step


def test_only_a_question_is_answered_at_once(taker, signed_in, call):
    answer = call(signed_in(taker), "answer", answer="已告知")
    assert answer.status_code == 422
    assert "只有咨询" in answer.content.decode()


def test_a_danger_answered_with_no_is_noted(taker, signed_in, call):
    case = call(signed_in(taker), content="厨房煤气味特别冲，头都晕了")
    assert "接线人员问明后判断为否" in Event.objects.get(case=case, seq=1).note


def test_typing_suggests_row_unit_and_repeats_with_reasons(taker, signed_in, call):
    client = signed_in(taker)
    first = call(client)
    page = client.post("/hotline/suggest/", {
        "f-content": "小区路灯不亮，好几盏", "f-place": "三河市", "f-address": "燕郊镇迎宾路", "f-channel": "电话",
    }).content.decode()  # fmt: skip
    assert "公共设施类" in page
    assert "因为说到“路灯”和“不亮”" in page
    assert "此前由其办理 1 件" in page
    assert first.number in page


def test_with_no_history_the_county_answers_for_what_lies_in_it(taker, signed_in):
    page = signed_in(taker).post("/hotline/suggest/", {"f-content": "路灯不亮", "f-place": "永清县"}).content.decode()
    assert "永清县人民政府" in page
    assert "属地主体责任单位" in page


def test_danger_is_told_and_doubt_is_asked(taker, signed_in):
    client = signed_in(taker)
    told = client.post("/hotline/suggest/", {"f-content": "厨房煤气味特别冲"}).content.decode()
    assert "听到危险" in told
    unknown = client.post("/hotline/suggest/", {"f-content": "喂你好"}).content.decode()
    assert "没有认出是什么事" in unknown


def test_a_handler_cannot_take_calls(county, signed_in):
    client = signed_in(county)
    assert client.post("/hotline/suggest/", {"f-content": "路灯"}).status_code == 403
    assert client.post("/hotline/take/", {"do": "dispatch"}).status_code == 403


# ------------------------------------------------------------------------------------------------- who reads whom


def test_the_handling_unit_reads_the_caller_and_it_is_logged(taker, county, signed_in, call):
    case = call(signed_in(taker))
    page = signed_in(county).get(f"/case/{case.number}/").content.decode()
    assert "13900001234" in page
    assert Audit.objects.filter(act="查看个人信息", account="sanhe", subject=case.number).exists()


@pytest.mark.parametrize("wish", ["anonymous", "confidential"])
def test_a_caller_who_wants_it_stays_unknown_to_the_handling_unit(taker, county, signed_in, call, wish):
    case = call(signed_in(taker), **{wish: "是"})
    page = signed_in(county).get(f"/case/{case.number}/").content.decode()
    assert "13900001234" not in page
    assert "王某" not in page
    desk = signed_in(taker).get(f"/case/{case.number}/").content.decode()
    assert "13900001234" in desk


def test_another_county_does_not_see_the_matter(taker, account, signed_in, call):
    case = call(signed_in(taker))
    assert signed_in(account("yq", "永清县人民政府", "承办人")).get(f"/case/{case.number}/").status_code == 403


def test_what_is_sent_to_110_leaves_no_number_in_the_log(taker, signed_in, call):
    case = call(signed_in(taker), "transfer", danger="是")
    written = Outbox.objects.get().payload
    assert set(written["facts"]["caller_number"]) == {"$", "v"}  # a digest, here and in the exchange table
    assert "13900001234" not in json.dumps(written)
    delivery.deliver()
    assert Transfer.objects.get().payload == written
    assert TransferValue.objects.get(name="caller_number").value == "13900001234"
    sent = Event.objects.get(case=case, type="transferred")
    assert "caller_number" not in sent.data["opens"]["facts"]
    assert sent.data["opens"]["personal"] == ["caller_number", "caller_name"]


# --------------------------------------------------------------------------------------------------------- queues


def test_a_matter_stands_in_the_queue_of_its_step_only(taker, leader, county, signed_in, call):
    case = call(signed_in(taker))
    client = signed_in(leader)
    assert case.number in client.get("/hotline/queue/signing/").content.decode()
    act(case, county, "returned", return_reason="不属我单位职责")
    assert case.number not in client.get("/hotline/queue/signing/").content.decode()
    assert case.number in client.get("/hotline/queue/return_review/").content.decode()


def test_an_extension_asked_for_waits_for_review_beside_the_handling(taker, leader, county, signed_in, call):
    case = call(signed_in(taker))
    act(case, county, "signed")
    act(case, county, "asked_extension", limit="3个工作日", extension_reason="配件未到")
    assert set(steps(case)) == {"handling", "extension_review"}
    assert case.number in signed_in(leader).get("/hotline/queue/extension_review/").content.decode()
    act(case, leader, "extended", limit="3个工作日")
    assert steps(case) == ["handling"]


def test_an_extension_is_not_granted_for_what_has_been_answered(taker, leader, county, signed_in, call):
    case = call(signed_in(taker))
    act(case, county, "signed")
    act(case, county, "asked_extension", limit="3个工作日", extension_reason="配件未到")
    act(case, county, "replied", result="已修好")
    with pytest.raises(service.ActionRefused, match="已反馈办理结果"):
        act(case, leader, "extended", limit="3个工作日")
    act(case, leader, "extension_lapsed")
    assert steps(case) == ["visiting"]


def test_from_call_to_archive_through_the_pages(taker, county, signed_in, call):
    case, desk, unit = call(signed_in(taker)), signed_in(taker), signed_in(county)
    for client, step, action, facts in (
        (unit, "signing", "signed", {}), (unit, "handling", "replied", {"f-result": "已更换灯头"}),
        (desk, "visiting", "visited", {"f-responded": "响应", "f-solved": "已解决", "f-satisfied": "满意"}),
    ):  # fmt: skip
        seq = Case.objects.get(pk=case.pk).seq
        sent = client.post(f"/case/{case.number}/act/", {"step": step, "action": action, "seq": seq, **facts})
        assert sent.status_code == 302, sent.content.decode()
    assert case.number in desk.get("/hotline/queue/archiving/").content.decode()
    assert desk.post(f"/hotline/quick/archiving/{case.number}/").status_code == 302
    case.refresh_from_db()
    assert case.status == "closed"
    assert not At.objects.filter(case=case).exists()
    assert not Term.objects.filter(case=case).exists()


def test_merging_closes_one_into_the_other_and_says_so_there(taker, signed_in, call):
    client = signed_in(taker)
    first, second = call(client), call(client, caller_number="13900005678")
    assert client.post(f"/hotline/merge/{second.number}/", {"into": first.number}).status_code == 302
    second.refresh_from_db()
    assert second.status == "closed"
    assert CaseLink.objects.get(kind="并案").target == first
    assert second.number in client.get(f"/case/{first.number}/").content.decode()


@pytest.mark.parametrize("into", ["", "LF2023", "self"])
def test_a_matter_is_not_merged_into_nothing_or_itself(taker, signed_in, call, into):
    client = signed_in(taker)
    case = call(client)
    client.post(f"/hotline/merge/{case.number}/", {"into": case.number if into == "self" else into})
    assert steps(case) == ["signing"]


def test_the_day_in_figures(taker, signed_in, call):
    client = signed_in(taker)
    call(client)
    call(client, "transfer", danger="是")
    page = client.get("/hotline/day/").content.decode()
    assert "<b>2</b><span>受理</span>" in page
    assert "三河市" in page


def test_the_index_filled_anew_is_the_same(taker, county, signed_in, call):
    case = call(signed_in(taker))
    act(case, county, "signed")
    index.catch_up()
    before = (
        list(Matter.objects.values()),
        set(Term.objects.values_list("case_id", "term")),
        list(At.objects.values_list("case_id", "step")),
    )
    from gongbao.office.hotline.models import Cursor

    Matter.objects.all().delete()
    At.objects.all().delete()
    Term.objects.all().delete()
    Cursor.objects.all().delete()
    index.catch_up_wholly()
    after = (
        list(Matter.objects.values()),
        set(Term.objects.values_list("case_id", "term")),
        list(At.objects.values_list("case_id", "step")),
    )
    assert before == after


def test_a_supervision_order_has_number_limit_and_signer(taker, inspector, signed_in, call):
    from gongbao.office.cases import papers

    case = call(signed_in(taker))
    case = service.act(
        case, inspector, "supervised", expected_seq=case.seq, on_behalf_of="李某（副主任）",
        facts={"conduct": "推诿扯皮", "supervise_by": "督办单", "supervise_note": "限期办结", "supervise_limit": "2023-03-03 18:00"},
    )  # fmt: skip
    assert signed_in(inspector).post(f"/hotline/paper/{case.number}/", {"seq": case.seq}).status_code == 302
    made = papers.of_case(service.look(case))[0]
    assert "督办单" in made.name
    filled = papers.fill(
        case, [e for e in service.look(case).events if e.seq <= made.seq], "supervision_order", number="x"
    )
    text = "".join(filled.paragraphs)
    assert "2023年3月3日18时00分" in text
    assert "推诿扯皮" in text
    assert filled.addressees == "三河市人民政府"
    assert filled.signer == "李某（副主任）"
