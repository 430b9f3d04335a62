"""Personal values are erased when their time is over, once, written down, and the chain stays whole."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongbao.office import worker
from gongbao.office.cases import chain, keeping, log, service
from gongbao.office.cases.models import Case, KeepRule, PersonalValue
from gongbao.office.people.models import Audit

pytestmark = pytest.mark.django_db(databases=["default", "exchange"])
TOY = "toy/street"


def kept(case):
    return set(PersonalValue.objects.filter(case=case, erased_at=None).values_list("name", flat=True))


@pytest.fixture
def closed(dispatched, operator, east):
    service.act(dispatched, east, "answered", facts={"result": "已修好"})
    return service.act(dispatched, operator, "finished", facts={"satisfied": "满意"})


def at(clock, *parts):
    clock.moment = dt.datetime(*parts, tzinfo=clock.moment.tzinfo)
    keeping.forget()


def test_without_a_period_nothing_is_erased(closed, office_clock):
    at(office_clock, 2099, 1, 1)
    assert keeping.erase_due() == 0
    assert kept(closed) == {"caller", "phone", "id_number"}


def test_the_last_day_keeps_and_the_next_erases_once_and_is_written_down(closed, office_clock):
    keeping.set_rule(TOY, "phone", "办结后1年", by="guan", reason="档案规定")
    at(office_clock, 2024, 3, 1, 23, 59)
    assert keeping.erase_due() == 0
    at(office_clock, 2024, 3, 2)
    assert keeping.erase_due() == 1
    keeping.forget()
    assert keeping.erase_due() == 0
    assert kept(closed) == {"caller", "id_number"}
    gone = PersonalValue.objects.get(case=closed, name="phone")
    assert (gone.value, gone.salt, gone.erased_by, gone.erased_why) == (None, "", "系统", "保存期满（办结后1年）")
    assert Audit.objects.get(act=keeping.ACT).detail == {"事实": "联系电话", "条数": 1}
    assert chain.verify_chain(Case.objects.get(pk=closed.pk)) == ()
    assert log.events_of(closed)[0].facts["phone"] is None


def test_an_open_case_keeps_what_counts_from_its_closing_but_not_from_recording(dispatched, office_clock):
    keeping.set_rule(TOY, "phone", "办结后1日", by="guan", reason="x")
    keeping.set_rule(TOY, "caller", "记录后1日", by="guan", reason="x")
    at(office_clock, 2023, 3, 3)
    assert keeping.erase_due() == 1
    assert kept(dispatched) == {"phone", "id_number"}


def test_the_worker_looks_once_a_day(closed, office_clock):
    keeping.set_rule(TOY, "phone", "办结后1日", by="guan", reason="x")
    at(office_clock, 2023, 3, 3)
    worker.turn()
    assert kept(closed) == {"caller", "id_number"}


@pytest.mark.parametrize(
    ("keep", "reason", "told"),
    [("永远", "x", "须写作 办结后3年"), ("办结后3年", "", "请写明理由"), ("办结后9999年", "x", "超出范围")],
)
def test_a_period_that_cannot_be_is_refused(toy, account, signed_in, keep, reason, told):
    client = signed_in(account("guan", "甲市人民政府", "管理员"))
    shown = client.post(reverse("management:personal"), {"pack": TOY, "fact": "phone", "keep": keep, "reason": reason})
    assert shown.status_code == 400
    assert told in shown.content.decode()
    assert not KeepRule.objects.exists()


def test_the_page_sets_a_period_and_shows_what_is_due_and_what_was_erased(closed, office_clock, account, signed_in):
    client = signed_in(account("guan", "甲市人民政府", "管理员"))
    page = reverse("management:personal")
    client.post(page, {"pack": TOY, "fact": "phone", "keep": "办结后1年", "reason": "档案规定"})
    at(office_clock, 2024, 3, 2)

    def phone():
        row = next(r for r in client.get(page).context["rows"] if r["rule"].fact == "phone")
        return row["held"], row["erased"], row["due"]

    assert phone() == (1, 0, 1)
    keeping.erase_due()
    assert phone() == (0, 1, 0)
    assert [(e["label"], e["n"]) for e in client.get(page).context["log"]] == [("联系电话", 1)]


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["caller", "phone", "id_number"]), max_size=4))
def test_whatever_is_erased_in_whatever_order_the_chain_stays_whole(closed, names):
    before = kept(closed)
    for name in names:
        chain.erase(closed, by="x", why="x", names=[name])
    assert kept(closed) == before - set(names)
    assert chain.verify_chain(Case.objects.get(pk=closed.pk)) == ()


@pytest.mark.parametrize("keep", ["三年后再说", "办结后9999年"])
def test_a_period_that_slipped_in_unreadable_or_beyond_the_calendar_erases_nothing_and_breaks_nothing(
    closed, office_clock, account, signed_in, keep
):
    """As if written past `set_rule`, by hand or by another version."""
    KeepRule.objects.create(pack=TOY, fact="phone", keep=keep, set_by="guan", set_at=office_clock(), reason="x")
    at(office_clock, 2099, 1, 1)
    keeping.set_rule(TOY, "caller", "办结后1年", by="guan", reason="x")
    assert keeping.erase_due() == 1
    assert kept(closed) == {"phone", "id_number"}
    assert signed_in(account("guan", "甲市人民政府", "管理员")).get(reverse("management:personal")).status_code == 200
