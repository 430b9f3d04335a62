"""管理: who may enter what; accounts, settings with history, the office's time, the log, chains and digests."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from gongbao.office import clock, worlds
from gongbao.office.cases import chain, service
from gongbao.office.cases.models import Case, Clock, Digest, SettingValue
from gongbao.office.clock import SHANGHAI
from gongbao.office.management.doors import TABS
from gongbao.office.people import audit
from gongbao.office.people.models import Account, Audit

pytestmark = pytest.mark.django_db
SETTING = ["toy", "street", "return_limit"]


@pytest.fixture
def admin(account):
    return account("guan", "甲市人民政府", "管理员")


@pytest.fixture
def editor(account):
    return account("bian", "甲市人民政府", "政策维护")


def at(name, *args):
    return reverse(f"management:{name}", args=args)


# ---------------------------------------------------------------------------------------------------- who may enter


def test_the_administrator_enters_every_page(toy, admin, signed_in):
    client = signed_in(admin)
    assert client.get(at("home")).status_code == 200
    assert {tab.name: client.get(at(tab.name)).status_code for tab in TABS} == {tab.name: 200 for tab in TABS}


def test_who_keeps_the_policies_enters_only_what_concerns_them(toy, editor, signed_in):
    client = signed_in(editor)
    refused = {tab.name for tab in TABS if client.get(at(tab.name)).status_code == 403}
    assert refused == {"accounts", "contacts", "clock", "personal", "audit", "chain"}


def test_others_enter_nothing(toy, operator, east, signed_in):
    client = signed_in(east)
    assert client.get(at("home")).status_code == 403
    assert {tab.name for tab in TABS if client.get(at(tab.name)).status_code == 403} == {tab.name for tab in TABS}


def test_posting_is_refused_as_well(toy, editor, signed_in):
    client = signed_in(editor)
    client.post(at("clock"), {"moment": "2024-01-01T09:00", "reason": "x"})
    client.post(at("account_new"), {"username": "new", "name": "新", "unit": "甲市城管局"})
    assert not Clock.objects.exists()
    assert not Account.objects.filter(username="new").exists()


# --------------------------------------------------------------------------------------------------------- accounts


def test_an_account_is_made_with_a_password_shown_once_and_written_down_without_it(toy, admin, signed_in, client):
    made = signed_in(admin).post(
        at("account_new"), {"username": "new", "name": "新来", "unit": "市城管局", "roles": ["承办人"]}
    )
    account = Account.objects.get(username="new")
    assert (account.unit, account.roles, account.is_active) == ("甲市城管局", ["承办人"], True)
    word = made.context["word"]
    assert account.check_password(word)
    assert word not in str(list(Audit.objects.values_list("detail", flat=True)))
    assert Audit.objects.filter(act="新建账号", subject="new", account="guan").exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"unit": "城管大队"}, "unit"), ({"roles": ["皇帝"]}, "roles"), ({"username": ""}, "username"),
     ({"username": "guan"}, "username"), ({"password": "123"}, "password")],
)  # fmt: skip
def test_what_cannot_be_an_account_is_refused_by_field(toy, admin, signed_in, wrong, field):
    before = Account.objects.count()
    given = {"username": "new", "name": "新来", "unit": "甲市城管局", "roles": ["承办人"], **wrong}
    shown = signed_in(admin).post(at("account_new"), given)
    assert shown.status_code == 400
    assert field in shown.context["errors"]
    assert Account.objects.count() == before


def test_a_disabled_account_is_out_at_once(toy, admin, east, signed_in):
    theirs = signed_in(east)
    assert theirs.get("/mine/").status_code == 200
    given = {"name": "东", "unit": east.unit, "roles": east.roles}
    signed_in(admin).post(at("account", east.pk), given)
    assert theirs.get("/mine/").status_code == 302
    assert Audit.objects.filter(act="停用账号", subject="dong").exists()


def test_a_new_password_ends_the_sessions_of_the_old(toy, admin, east, signed_in):
    theirs = signed_in(east)
    shown = signed_in(admin).post(at("password", east.pk))
    assert theirs.get("/mine/").status_code == 302
    east.refresh_from_db()
    assert east.check_password(shown.context["word"])


def test_nobody_takes_the_administration_from_themselves(toy, admin, signed_in):
    given = {"name": "管", "unit": admin.unit, "roles": [], "is_active": "on"}
    shown = signed_in(admin).post(at("account", admin.pk), given)
    assert shown.status_code == 400
    admin.refresh_from_db()
    assert admin.has_role("管理员")


# --------------------------------------------------------------------------------------------------------- settings


def test_the_owners_unit_fills_its_setting_and_every_filling_is_kept(toy, operator, signed_in):
    client = signed_in(operator)  # 热线中心 owns 退单时限
    for value, reason in (("4小时", "试行"), ("1个工作日", "办公会议定")):
        assert client.post(at("setting", *SETTING), {"value": value, "reason": reason}).status_code == 302
    shown = client.get(at("setting", *SETTING))
    assert [(row.reason, value) for row, value in shown.context["history"]] == [
        ("办公会议定", "1个工作日"), ("试行", "4小时"),
    ]  # fmt: skip
    assert worlds.world(toy).settings["return_limit"].value == "1个工作日"
    assert Audit.objects.filter(act="更改设置", account="hua").count() == 2


def test_another_unit_may_not_fill_it(toy, east, editor, signed_in):
    assert signed_in(east).get(at("setting", *SETTING)).status_code == 403
    for account in (east, editor):
        assert signed_in(account).post(at("setting", *SETTING), {"value": "4小时", "reason": "x"}).status_code == 403
    assert "热线中心" in signed_in(editor).get(at("setting", *SETTING)).context["why_not"]
    assert not SettingValue.objects.exists()


@pytest.mark.parametrize(
    ("given", "field"),
    [({"value": "很快", "reason": "x"}, "value"), ({"value": "4小时", "reason": ""}, "reason"),
     ({"value": "", "reason": "x"}, "value"), ({"value": "4小时", "reason": "长" * 301}, "reason")],
)  # fmt: skip
def test_a_filling_that_cannot_be_taken_is_refused_by_field(toy, admin, signed_in, given, field):
    shown = signed_in(admin).post(at("setting", *SETTING), given)
    assert shown.status_code == 400
    assert set(shown.context["errors"]) == {field}
    assert not SettingValue.objects.exists()


def test_a_setting_is_emptied_with_a_reason(toy, admin, signed_in):
    client = signed_in(admin)
    client.post(at("setting", *SETTING), {"value": "4小时", "reason": "试行"})
    client.post(at("setting", *SETTING), {"act": "empty", "reason": "停用"})
    assert worlds.world(toy).settings["return_limit"].value is None
    assert SettingValue.objects.count() == 2


# ------------------------------------------------------------------------------------------------------------- time


def test_the_office_is_moved_to_a_day_with_a_reason_and_back(admin, signed_in):
    client = signed_in(admin)
    client.post(at("clock"), {"moment": "2023-03-01T09:00", "reason": "演示"})
    clock.forget()
    assert abs(clock.now() - dt.datetime(2023, 3, 1, 9, 0, tzinfo=SHANGHAI)) < dt.timedelta(minutes=1)
    client.post(at("clock"), {"act": "machine", "reason": "演示结束"})
    clock.forget()
    assert not clock.is_demonstration()
    moves = Clock.objects.order_by("id").values_list("set_by", "reason")
    assert list(moves) == [("guan", "演示"), ("guan", "演示结束")]
    assert Audit.objects.filter(act="更改办公时间").count() == 2


@pytest.mark.parametrize("given", [{"moment": "明天", "reason": "x"}, {"moment": "2023-03-01T09:00", "reason": ""},
                                   {"moment": "0001-01-01T00:00", "reason": "x"}])  # fmt: skip
def test_a_move_without_a_time_or_a_reason_is_refused(admin, signed_in, given):
    assert signed_in(admin).post(at("clock"), given).status_code == 400
    assert not Clock.objects.exists()


def test_the_calendar_shows_make_up_days_and_says_when_a_year_is_only_computed(toy, admin, signed_in):
    client = signed_in(admin)
    shown = client.get(at("calendar") + "?year=2023")
    assert (dt.date(2023, 1, 28), "班", "") in shown.context["rows"]
    assert shown.context["known"]
    assert "按周末推算" in client.get(at("calendar") + "?year=2028").content.decode()


# ----------------------------------------------------------------------------------------------------------- record


def test_the_log_is_filtered_by_what_was_done(toy, admin, operator, signed_in):
    audit.note(operator, audit.READ_PERSONAL, "T1", {"facts": ["phone"]})
    audit.note(operator, audit.SIGN_IN, "hua")
    shown = signed_in(admin).get(at("audit"), {"act": audit.READ_PERSONAL})
    assert [row.subject for row, _ in shown.context["rows"]] == ["T1"]
    shown = signed_in(admin).get(at("audit"), {"subject": "hua"})
    assert [row.act for row, _ in shown.context["rows"]] == [audit.SIGN_IN]


def test_a_whole_chain_is_told_from_a_broken_one(opened, admin, signed_in):
    client = signed_in(admin)
    assert client.get(at("chain"), {"number": opened.number}).context["breaks"] == ()
    Case.objects.filter(pk=opened.pk).update(head="0" * 64)
    assert "记录不完整" in client.get(at("chain"), {"number": opened.number}).content.decode()


def test_the_digest_of_a_day_lists_its_cases_and_notices_a_changed_head(opened, admin, signed_in, office_clock):
    row = chain.make_digest(office_clock.moment.date())
    shown = signed_in(admin).get(at("digest", row.pk))
    assert [(n, same) for n, _, _, same in shown.context["heads"]] == [(opened.number, True)]
    assert shown.context["wrong"] == ""


def test_a_long_digest_lists_some_heads_first_what_differs_and_all_to_be_printed(
    toy, operator, admin, signed_in, office_clock
):
    cases = [service.open_case(operator, toy, "complaint", {"content": f"{n}", "place": "东区"}) for n in range(32)]
    row = chain.make_digest(office_clock.moment.date())
    client = signed_in(admin)

    def listed(**asked):
        shown = client.get(at("digest", row.pk), asked)
        return [number for number, *_ in shown.context["heads"]], shown.content.decode()

    numbers, page = listed()
    assert numbers == sorted(case.number for case in cases)[:30]
    assert "列出全部 32 件，打印" in page
    assert len(listed(all="1")[0]) == 32
    row = Digest.objects.create(
        day=row.day + dt.timedelta(days=1), previous=row.digest, digest="0" * 64, cases=32, made_at=office_clock(),
        heads={**row.heads, cases[31].number: [1, "0" * 64]},
    )  # fmt: skip
    numbers, page = listed()
    assert numbers == [cases[31].number]
    assert "不符的事项" in page


def test_digests_are_listed_a_month_at_a_time(opened, admin, signed_in, office_clock):
    day = office_clock.moment.date()
    made = [chain.make_digest(day + dt.timedelta(days=n)) for n in range(33)]
    client = signed_in(admin)
    first = client.get(at("digests"))
    assert [row.pk for row, _ in first.context["rows"]] == [row.pk for row in reversed(made)][:31]
    rest = client.get(at("digests"), {"before": first.context["next"]})
    assert [row.pk for row, _ in rest.context["rows"]] == [made[1].pk, made[0].pk]
    assert rest.context["next"] is None
    assert client.get(at("digests"), {"before": "9" * 40}).status_code == 200


def test_the_units_whose_names_no_gazette_prints_are_listed_alone_to_be_confirmed(settings, admin, signed_in):
    from gongbao.policy.loader import packs_root

    settings.GONGBAO_PACKS = packs_root()
    client = signed_in(admin)
    every = client.get(at("units"))
    found = client.get(at("units"), {"open": "1"})
    names = [row["u"].name for city in found.context["cities"] for row in city["rows"]]
    assert len(names) == every.context["to_confirm"]
    assert "香河县市场监督管理局" in names
    assert "香河县人民政府" not in names
    assert "逐个核对" in every.content.decode()


def test_the_units_of_a_city_are_folded_by_level_and_unfold_when_looked_for(toy, admin, signed_in):
    client = signed_in(admin)
    parts = client.get(at("units")).context["cities"][0]["parts"]
    assert {name: len(rows) for name, rows in parts.items()} == {"市级": 4, "县级": 4}
    found = client.get(at("units"), {"q": "东区城管局"})
    assert list(found.context["cities"][0]["parts"]) == ["县级"]
    assert '<details class="part" open>' in found.content.decode()


def test_a_check_tells_what_is_wrong_in_a_pack(toy, editor, signed_in):
    shown = signed_in(editor).post(at("check", "toy", "street"), HTTP_HX_REQUEST="true")
    report = shown.context["result"]["report"]
    assert report.pack == toy
    assert "没有样例走到" in shown.content.decode()
    assert Audit.objects.filter(act="检查政策包", subject=toy).exists()
