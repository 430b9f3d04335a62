"""Signing in: the right password, eight tries, demonstration accounts only in a demonstration, no way elsewhere."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from gongbao.office.people.models import Account, Audit

pytestmark = pytest.mark.django_db


def test_the_right_password_opens_the_board_and_is_logged(client, operator):
    answer = client.post("/sign-in/", {"username": "hua", "password": "correct-horse"})
    assert answer["Location"] == "/"
    assert Audit.objects.filter(account="hua", act="登录").exists()
    client.post("/sign-out/")
    assert client.get("/").status_code == 302
    assert Audit.objects.filter(account="hua", act="退出").exists()


@pytest.mark.parametrize(("name", "word"), [("hua", "wrong"), ("nobody", "correct-horse"), ("", "")])
def test_a_wrong_one_says_nothing_about_which_part_was_wrong(client, operator, name, word):
    answer = client.post("/sign-in/", {"username": name, "password": word})
    assert answer.status_code == 400
    assert "账号或密码不对" in answer.content.decode()


def test_a_disabled_account_stays_outside(client, operator):
    Account.objects.update(is_active=False)
    assert client.post("/sign-in/", {"username": "hua", "password": "correct-horse"}).status_code == 400


def test_too_many_tries_lock_the_account(client, operator, settings):
    settings.AXES_ENABLED = True
    for _ in range(settings.AXES_FAILURE_LIMIT):
        answer = client.post("/sign-in/", {"username": "hua", "password": "wrong"})
    assert answer.status_code == 429
    answer = client.post("/sign-in/", {"username": "hua", "password": "correct-horse"})
    assert answer.status_code == 429
    assert "暂时锁定" in answer.content.decode()


def test_demonstration_accounts_are_listed_and_entered_by_name_only_in_a_demonstration(client, account, settings):
    account("demo", "甲市热线中心", "话务员", demonstration=True, name="演示话务员")
    account("real", "甲市热线中心", "话务员", name="真话务员")
    assert "演示话务员" not in client.get("/sign-in/").content.decode()
    assert client.post("/sign-in/", {"as": "demo"}).status_code == 400
    settings.GONGBAO_DEMO = True
    page = client.get("/sign-in/").content.decode()
    assert "演示话务员" in page
    assert "真话务员" not in page
    assert client.post("/sign-in/", {"as": "real"}).status_code == 400
    assert client.post("/sign-in/", {"as": "demo"}).status_code == 302


@pytest.mark.parametrize("onward", ["https://example.com/", "//example.com/", "javascript:alert(1)"])
def test_signing_in_leads_nowhere_else(client, operator, onward):
    answer = client.post("/sign-in/", {"username": "hua", "password": "correct-horse", "next": onward})
    assert answer["Location"] == "/"


def test_signing_in_leads_back_to_where_one_was(client, operator):
    answer = client.post("/sign-in/", {"username": "hua", "password": "correct-horse", "next": "/mine/?due=soon"})
    assert answer["Location"] == "/mine/?due=soon"


def test_an_unknown_role_is_refused_by_name():
    with pytest.raises(ValidationError, match="局长"):
        Account.objects.create_user("x", "correct-horse", name="x", unit="甲市热线中心", roles=["局长"])
