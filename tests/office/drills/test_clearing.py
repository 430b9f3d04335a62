"""Between two drills: the office that trains is only read, and its people, settings and resources come over as they are."""

from __future__ import annotations

import datetime as dt

import pytest
from django.apps import apps
from django.db import connections

from gongbao.office import append_only, clock
from gongbao.office.cases.models import Case, Outbox
from gongbao.office.drills import clearing
from gongbao.office.exchange_table import delivery
from gongbao.office.exchange_table.models import Transfer
from gongbao.office.people.models import Account, Audit
from gongbao.office.resources.models import Change, Row

pytestmark = pytest.mark.django_db(databases=["default", "exchange"])
LABELS = (
    *clearing.BROUGHT, "resources.Row", "duty.Shift", "sending.Contact", "sending.Group", "cases.Clock",
)  # fmt: skip


@pytest.fixture
def real(settings, monkeypatch, transactional_db):
    """The database of the office that trains, with the tables that are brought over: here the second one of the tests."""
    settings.GONGBAO_SITE = "drill"
    monkeypatch.setattr(clearing, "REAL", "exchange")
    models = [apps.get_model(label) for label in LABELS]
    with connections["exchange"].schema_editor() as editor:
        for model in models:
            editor.create_model(model)
    yield "exchange"
    with connections["exchange"].schema_editor() as editor:
        for model in models:
            editor.delete_model(model)


def person(using: str, username: str, **more) -> Account:
    return Account.objects.using(using).create(username=username, unit="甲市热线中心", **{"name": username, **more})


def row(using: str, name: str) -> Row:
    now = dt.datetime(2023, 3, 6, 8, tzinfo=clock.SHANGHAI)
    return Row.objects.using(using).create(
        pack="toy/street", register="teams", key=name, name=name, kind="team", valid_from=now.date(), changed_at=now
    )


def test_an_account_is_known_by_its_name_whatever_its_number_here(real) -> None:
    here = person("default", "zhang", roles=["值班员"])
    taken = person("default", "qian").pk
    person(real, "li", pk=taken)
    person(real, "other", pk=taken + 1)
    person(real, "zhang", pk=taken + 2, name="张三", roles=["带班领导"])
    clearing.bring_over()
    found = {a.username: a for a in Account.objects.filter(is_active=True)}
    assert set(found) == {"zhang", "li", "other"}
    assert found["zhang"].pk == here.pk  # whoever is signed in stays who they are
    assert (found["zhang"].name, found["zhang"].roles) == ("张三", ["带班领导"])
    assert person("default", "new").pk not in {a.pk for a in found.values()}


def test_who_is_no_longer_in_the_office_does_not_enter_the_drill_site(real) -> None:
    for where in ("default", real):
        person(where, "zhang")
        person(where, "wang", is_active=where == "default")
    person("default", "gone")
    clearing.bring_over()
    assert list(Account.objects.filter(is_active=True).values_list("username", flat=True)) == ["zhang"]


def test_resources_come_over_without_what_was_played_with_them(real) -> None:
    played = row("default", "演练用过的队")
    Change.objects.create(
        row=played, seq=1, kind="added", valid_from=played.valid_from, at=played.changed_at, by="x", unit="甲市热线中心"
    )
    row(real, "真的队")
    assert clearing.bring_over()["resources.Row"] == 1
    assert list(Row.objects.values_list("name", flat=True)) == ["真的队"]
    assert not Change.objects.exists()
    assert list(Row.objects.using(real).values_list("name", flat=True)) == ["真的队"]
    assert row("default", "又一队").pk != Row.objects.get(name="真的队").pk


def test_clearing_leaves_accounts_and_the_audit_log(settings, account) -> None:
    settings.GONGBAO_SITE = "drill"
    account("zhi", "甲市热线中心", "值班员")
    Audit.objects.create(
        at=clock.now(), office_time=clock.now(), account="zhi", unit="甲市热线中心", act="登录", subject=""
    )
    clearing.clear()
    assert Account.objects.filter(username="zhi").exists()
    assert Audit.objects.filter(account="zhi").exists()


def test_a_database_with_real_matters_is_never_emptied_even_if_it_is_named_by_mistake(settings, opened) -> None:
    settings.GONGBAO_SITE = "drill"
    with pytest.raises(RuntimeError, match="不是演练的事项"):
        clearing.clear()
    assert Case.objects.exists()


def test_every_guarded_table_that_is_emptied_is_one_that_clearing_knows() -> None:
    tables = {model._meta.db_table for model in apps.get_models()}
    assert set(append_only.GUARDED) <= tables


def test_nothing_of_a_drill_reaches_the_exchange_table_even_if_it_is_shared_by_mistake(settings) -> None:
    settings.GONGBAO_SITE = "drill"
    Outbox.objects.create(key="k", to_site="110", kind="open", payload={}, created_at=clock.now())
    assert delivery.deliver() == 0
    assert not Transfer.objects.exists()
    assert Outbox.objects.get().delivered_at is None


def test_who_is_on_duty_today_in_the_office_is_on_duty_on_the_first_day_of_the_drill(real) -> None:
    from gongbao.office.cases.models import Clock
    from gongbao.office.duty import roster
    from gongbao.office.duty.models import Shift

    eight = clock.machine_now().replace(hour=8, minute=0, second=0, microsecond=0) - dt.timedelta(days=900)
    Clock.objects.using(real).create(
        offset=dt.timedelta(days=-900), set_at=clock.machine_now(), set_by="演示", reason="演示日期"
    )
    Shift.objects.using(real).create(
        unit="甲市热线中心", kind="值班", starts=eight, ends=eight + dt.timedelta(hours=12), name="张某", made_by="x",
        made_at=eight,
    )  # fmt: skip
    begins = dt.datetime(2023, 3, 6, 22, tzinfo=clock.SHANGHAI)
    clearing.bring_over(begins)
    for hour, there in ((7, False), (8, True), (19, True), (20, False)):
        found = roster.on_duty(["甲市热线中心"], begins.replace(hour=hour))
        assert bool(found["甲市热线中心"]) is there, hour
