"""A setting that each unit fills for itself: who fills what, what is seen, and values of the time when there was one."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.urls import reverse

from gongbao.office import clock, worlds
from gongbao.office.cases.models import SettingValue
from gongbao.office.people import audit
from gongbao.office.people.models import Audit

pytestmark = pytest.mark.django_db
PACK, NAME = "langfang/enterprise-credit", "ratio_reduced"
MARKET, SAFETY = "廊坊市市场监督管理局", "廊坊市应急管理局"


@pytest.fixture(autouse=True)
def _credit(_instance, settings, office_clock):
    settings.GONGBAO_PACKS = Path(__file__).parents[2] / "packs"
    settings.GONGBAO_SITE = "office"
    worlds.forget()


def page():
    return reverse("management:setting", args=["langfang", "enterprise-credit", NAME])


def own():
    return dict(worlds.world(PACK).settings[NAME].own)


def old(value, by):
    """A value of the time when one held for all."""
    return SettingValue.objects.create(
        pack=PACK, name=NAME, value=value, owner="各监管部门", set_by=by, set_at=clock.now(), reason="旧"
    )


def test_a_member_fills_and_sees_its_own_value_only(account, signed_in):
    market, safety = account("shi", MARKET, "监管人员"), account("ying", SAFETY, "监管人员")
    for who, value in ((market, "2"), (safety, "7")):
        assert signed_in(who).post(page(), {"value": value, "reason": "纪要"}).status_code == 302
    assert own() == {MARKET: 2, SAFETY: 7}
    shown = signed_in(market).get(page())
    assert (shown.context["current"], shown.context["values"]) == ("2%", [])
    assert [row.unit for row, _ in shown.context["history"]] == [MARKET]
    assert Audit.objects.filter(act="更改设置", detail__单位=SAFETY).count() == 1
    signed_in(market).post(page(), {"act": "empty", "reason": "停用"})
    assert own() == {MARKET: None, SAFETY: 7}


def test_a_member_fills_for_no_other_and_a_unit_outside_for_nobody(account, signed_in):
    signed_in(account("shi", MARKET, "监管人员")).post(page(), {"value": "2", "reason": "x", "unit": SAFETY})
    assert own() == {MARKET: 2}
    outside = account("shui", "市税务局", "承办人")
    assert signed_in(outside).post(page(), {"value": "9", "reason": "x", "unit": MARKET}).status_code == 403
    assert own() == {MARKET: 2}


def test_the_administrator_sees_all_of_them_and_fills_for_a_unit_that_is_named(account, signed_in):
    client = signed_in(account("guan", "市政府办公室", "管理员"))
    assert client.post(page(), {"value": "3", "reason": "x"}).status_code == 400
    assert client.post(page(), {"value": "3", "reason": "x", "unit": "市税务局"}).status_code == 400
    assert client.post(page(), {"value": "3", "reason": "x", "unit": SAFETY}).status_code == 302
    rows = {unit: (value, row and row.set_by) for unit, value, row in client.get(page()).context["values"]}
    assert len(rows) == 23
    assert (rows[SAFETY], rows[MARKET]) == (("3%", "guan"), ("", None))


def test_the_one_value_of_before_goes_to_the_unit_of_who_entered_it_else_to_none(account, signed_in):
    give = import_module("gongbao.office.cases.migrations.0004_settings_of_each_unit").give
    from django.db import connection

    from gongbao.office.append_only import guard, unguard

    class Editor:
        pass

    Editor.connection = connection
    old(4, "ying"), old(6, "shi")
    for who, unit in (("ying", SAFETY), ("shi", MARKET)):
        audit.note(account(who, unit, "监管人员"), "更改设置", f"{PACK} {NAME}", {})
    unguard(connection, "cases_settingvalue")
    try:
        # The migration sees models of that moment, which have no guard of their own.
        history = type("Apps", (), {"get_model": staticmethod(lambda app, name: _Plain(apps.get_model(app, name)))})
        give(history, Editor)
    finally:
        guard(connection, "cases_settingvalue")
    worlds.forget()
    assert own() == {MARKET: 6}
    assert list(SettingValue.objects.order_by("id").values_list("unit", flat=True)) == ["", MARKET]


class _Plain:
    """A model with Django's own manager, as a migration gets it."""

    def __init__(self, model):
        from django.db.models import QuerySet

        self.objects = QuerySet(model)


def test_a_value_that_is_nobodys_is_shown_and_not_used(account, signed_in):
    old(20, "演示")
    assert own() == {}
    assert not worlds.world(PACK).settings[NAME].filled
    shown = signed_in(account("guan", "市政府办公室", "管理员")).get(page())
    assert shown.context["unassigned"] == ("演示", "20%")
    assert "未归属，不使用" in shown.content.decode()
    worlds.set_setting(PACK, NAME, 5, by="ying", reason="x", unit="市应急管理局")
    assert own() == {SAFETY: 5}
