"""The first administrator of an empty office comes from the command line, or nothing is made and the reason is told."""

import io

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from gongbao.office.people.models import Account

pytestmark = pytest.mark.django_db
GIVEN = ("create_account", "admin", "--name", "袁某", "--unit", "甲市人民政府", "--password-stdin")


def _make(monkeypatch: pytest.MonkeyPatch, password: str, *more: str) -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
    said = io.StringIO()
    call_command(*GIVEN, *more, stdout=said)
    return said.getvalue()


def test_an_administrator_is_made_and_may_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "角色 管理员" in _make(monkeypatch, "shui-guan-7-po-lie", "--role", "管理员")
    account = Account.objects.get(username="admin")
    assert account.check_password("shui-guan-7-po-lie")
    assert account.has_role("管理员")


@pytest.mark.parametrize(("password", "more"), [("123", ()), ("shui-guan-7-po-lie", ("--role", "皇帝"))])
def test_a_weak_password_or_an_unknown_role_makes_nothing(
    monkeypatch: pytest.MonkeyPatch, password: str, more: tuple[str, ...]
) -> None:
    with pytest.raises(CommandError, match="没有建立账号"):
        _make(monkeypatch, password, *more)
    assert not Account.objects.exists()


def test_a_unit_that_no_city_has_makes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="没有单位“火星局”"):
        _make(monkeypatch, "shui-guan-7-po-lie", "--unit", "火星局")
    assert not Account.objects.exists()
