"""Two sites with nothing in common but the exchange table: what one hands over, the other opens, once."""

from __future__ import annotations

import shutil

import pytest

from gongbao.office import worlds
from gongbao.office.cases import chain, service
from gongbao.office.cases.models import Case, CaseLink, Notice, Outbox
from gongbao.office.exchange_table import delivery
from gongbao.office.exchange_table.models import Transfer, TransferValue

pytestmark = pytest.mark.django_db(databases=["default", "exchange"])


@pytest.fixture
def handed_over(dispatched, operator):
    service.act(dispatched, operator, "to_police")
    return dispatched


def as_site(settings, name: str) -> None:
    settings.GONGBAO_SITE = name


def test_handing_over_waits_in_the_outbox_and_goes_once(handed_over):
    assert Outbox.objects.count() == 1
    assert (delivery.deliver(), delivery.deliver()) == (1, 0)
    assert Transfer.objects.count() == 1


def test_the_other_site_opens_its_own_case_and_answers_with_its_number(handed_over, settings):
    delivery.deliver()
    as_site(settings, "110")
    assert (delivery.take(), delivery.take()) == (1, 0)
    alarm = Case.objects.get(procedure="alarm")
    assert alarm.title == "东区：路灯不亮"
    assert CaseLink.objects.get(target=alarm).other_number == handed_over.number
    as_site(settings, "12345")
    assert delivery.read_answers() == 1
    link = CaseLink.objects.get(source=handed_over)
    assert (link.other_site, link.other_number) == ("110", alarm.number)
    assert Notice.objects.filter(case=handed_over, kind="other_site").exists()


def test_a_transfer_cut_off_and_repeated_opens_one_case(handed_over, settings):
    delivery.deliver()
    as_site(settings, "110")
    delivery.take()
    Transfer.objects.update(taken_at=None, answer=None, answered_at=None)  # as if the power had gone before the mark
    delivery.take()
    assert Case.objects.filter(procedure="alarm").count() == 1


def test_what_becomes_of_it_is_told_back(handed_over, settings, account):
    delivery.deliver()
    as_site(settings, "110")
    delivery.take()
    alarm = Case.objects.get(procedure="alarm")
    service.act(alarm, account("jing", "甲市热线中心", "接警员"), "arrived", facts={"result": "已处置"})
    delivery.deliver()
    as_site(settings, "12345")
    delivery.take()
    assert CaseLink.objects.get(source=handed_over).other_status == "已办结"


def test_what_was_changed_on_the_way_is_refused(handed_over, settings):
    Outbox.objects.update(delivered_at=None)
    delivery.deliver()
    sent = Transfer.objects.get()
    Transfer.objects.create(
        key="forged", from_site="12345", to_site="110", kind="open", payload={**sent.payload, "note": "x"},
        digest=sent.digest, created_at=sent.created_at,
    )  # fmt: skip
    as_site(settings, "110")
    delivery.take()
    assert "摘要不符" in Transfer.objects.get(key="forged").answer["refused"]
    assert Case.objects.filter(procedure="alarm").count() == 1


@pytest.mark.parametrize("change", [{"pack": "toy/none"}, {"procedure": "none"}, {"facts": {}}, {"occurred_at": "x"}])
def test_what_cannot_be_opened_is_answered_with_the_reason(handed_over, settings, change):
    from gongbao.office.cases.codec import canonical, sha256

    delivery.deliver()
    sent = Transfer.objects.get()
    payload = {**sent.payload, **change}
    Transfer.objects.create(
        key="odd", from_site="12345", to_site="110", kind="open", payload=payload, digest=sha256(canonical(payload)),
        created_at=sent.created_at,
    )  # fmt: skip
    as_site(settings, "110")
    delivery.take()
    answer = Transfer.objects.get(key="odd").answer
    assert "refused" in answer or change == {"facts": {}}


def test_a_linked_case_of_the_same_site_opens_in_the_same_transaction(toy, account, operator):
    case = service.open_case(operator, toy, "complaint", {"content": "扬尘", "place": "西区"})
    service.act(case, operator, "split")
    link = CaseLink.objects.get(source=case)
    assert (link.kind, link.target.procedure, link.target.place) == ("衍生", "warning", "西区")


PHONE = "13800000000"


def everything_written() -> str:
    """All that the outbox and the exchange table hold, as text."""
    values = [(v.name, v.digest, v.salt, v.value) for v in TransferValue.objects.all()]
    return str(
        [
            *Outbox.objects.values_list("payload", flat=True),
            *Transfer.objects.values_list("payload", flat=True),
            *values,
        ]
    )


def test_a_personal_value_travels_apart_and_is_gone_once_taken(handed_over, settings):
    assert PHONE not in everything_written()
    delivery.deliver()
    assert PHONE not in str(Transfer.objects.get().payload)
    assert TransferValue.objects.get().value == PHONE
    as_site(settings, "110")
    delivery.take()
    alarm = Case.objects.get(procedure="alarm")
    assert service.look(alarm).state.facts["phone"] == PHONE
    assert PHONE not in everything_written()
    kept = TransferValue.objects.get()
    assert (kept.value, kept.salt) == (None, "")
    assert kept.erased_at is not None
    assert chain.verify_chain(alarm) == ()


def test_what_is_erased_at_home_before_it_is_sent_does_not_go(handed_over, settings):
    chain.erase(handed_over, by="admin", why="本人申请", names=["phone"])
    delivery.deliver()
    assert not TransferValue.objects.exists()
    as_site(settings, "110")
    delivery.take()
    assert service.look(Case.objects.get(procedure="alarm")).state.facts.get("phone") is None


def test_what_is_erased_at_home_before_it_is_taken_is_withdrawn(handed_over, settings):
    delivery.deliver()
    chain.erase(handed_over, by="admin", why="本人申请", names=["phone"])
    delivery.deliver()
    assert PHONE not in everything_written()
    as_site(settings, "110")
    delivery.take()
    assert service.look(Case.objects.get(procedure="alarm")).state.facts.get("phone") is None


def test_a_value_changed_on_the_way_is_not_believed(handed_over, settings):
    delivery.deliver()
    TransferValue.objects.update(value="13999999999")
    as_site(settings, "110")
    delivery.take()
    assert service.look(Case.objects.get(procedure="alarm")).state.facts.get("phone") is None


def test_cut_off_after_opening_it_is_taken_again_without_the_value(handed_over, settings):
    delivery.deliver()
    as_site(settings, "110")
    delivery.take()
    Transfer.objects.update(taken_at=None, answer=None, answered_at=None)
    delivery.take()
    alarm = Case.objects.get(procedure="alarm")
    assert service.look(alarm).state.facts["phone"] == PHONE


def test_what_another_site_sent_waits_while_its_pack_is_broken_and_is_opened_after(
    handed_over, settings, tmp_path
) -> None:
    delivery.deliver()
    root = tmp_path / "packs"
    shutil.copytree(settings.GONGBAO_PACKS, root)
    settings.GONGBAO_PACKS, settings.GONGBAO_SITE = root, "110"
    whole = (root / "toy" / "street" / "decisions.yaml").read_text(encoding="utf-8")
    (root / "toy" / "street" / "decisions.yaml").write_text("level: [", encoding="utf-8")
    worlds.forget()
    assert delivery.take() == 0
    waiting = Transfer.objects.get()
    assert (waiting.taken_at, waiting.answer) == (None, None)
    (root / "toy" / "street" / "decisions.yaml").write_text(whole, encoding="utf-8")
    worlds.forget()
    assert delivery.take() == 1
    assert Case.objects.filter(procedure="alarm").count() == 1
