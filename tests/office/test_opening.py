"""Opening a matter by hand: a unit is offered what its packs let it open, and is told what is missing."""

from __future__ import annotations

import pytest

from gongbao.office.cases.models import Case
from gongbao.policy.loader import packs_root

pytestmark = pytest.mark.django_db
ITEM = "langfang/proposals-2023:item"
GIVEN = {"f-kind": "代表建议", "f-item_no": "12", "f-title": "增设路灯", "f-authors": "甲某\n乙某"}


@pytest.fixture
def packs(settings, office_clock, tmp_path):
    """Only this pack and the city's units, so that no other has to be compiled."""
    city = tmp_path / "packs" / "langfang"
    city.mkdir(parents=True)
    for name in ("units.yaml", "proposals-2023"):
        (city / name).symlink_to(packs_root() / "langfang" / name)
    settings.GONGBAO_PACKS = city.parent


@pytest.fixture
def office(packs, account, signed_in):
    return signed_in(account("wang", "廊坊市人民政府办公室", "承办人"))


def test_a_unit_is_offered_what_it_may_open_and_nothing_else(office, account, signed_in) -> None:
    page = office.get("/cases/new/").content.decode()
    assert ITEM.replace(":", "%3A") in page or ITEM in page
    other = signed_in(account("li", "廊坊市体育局", "承办人"))
    assert ITEM.partition(":")[0] not in other.get("/cases/new/").content.decode()
    assert other.get("/cases/new/", {"procedure": ITEM}).status_code == 404
    assert other.post(f"/cases/new/?procedure={ITEM}", GIVEN).status_code == 404
    assert not Case.objects.exists()


def test_the_form_opens_the_matter_and_leads_to_its_page(office) -> None:
    assert "建议提案编号" in office.get("/cases/new/", {"procedure": ITEM}).content.decode()
    answer = office.post(f"/cases/new/?procedure={ITEM}", GIVEN)
    case = Case.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == f"/case/{case.number}/"
    assert case.title == "代表建议12号：增设路灯"


@pytest.mark.parametrize(
    ("given", "told"),
    [({"f-item_no": ""}, "建议提案编号"), ({"f-kind": "来信"}, "类别"), ({"occurred_at": "昨天"}, "请填年月日时分")],
)
def test_what_is_wrong_is_told_beside_what_was_typed_and_nothing_is_opened(office, given, told) -> None:
    answer = office.post(f"/cases/new/?procedure={ITEM}", {**GIVEN, **given})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert told in page[page.index('class="errors"') :][:600]
    assert 'value="增设路灯"' in page
    assert not Case.objects.exists()


def test_under_an_expired_document_it_is_opened_only_on_a_confirmed_basis(office, office_clock) -> None:
    office_clock.advance(days=365)
    assert "依据确认人" in office.get("/cases/new/", {"procedure": ITEM}).content.decode()
    assert office.post(f"/cases/new/?procedure={ITEM}", GIVEN).status_code == 422
    assert office.post(f"/cases/new/?procedure={ITEM}", {**GIVEN, "basis": "张某（科长）"}).status_code == 302
