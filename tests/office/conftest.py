"""What tests of the office share: a database per run, a clock that stands still, a small pack, accounts, clients."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest
from django.db import connections
from django.test import Client
from tests.office.browsing import CHROMIUM

from gongbao.office import clock as office_time
from gongbao.office import worlds
from gongbao.office.append_only import GUARDED, guard, unguard
from gongbao.office.cases import keeping, moving

HERE = Path(__file__).parent
TOY = "toy/street"
START = dt.datetime(2023, 3, 1, 9, 0, tzinfo=office_time.SHANGHAI)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, tmp_path_factory):
    """SQLite tests run on a file, as an office does: threads then wait for each other as they would there."""
    folder = tmp_path_factory.mktemp("databases")
    for alias in ("default", "exchange"):
        if connections[alias].vendor == "sqlite":
            connections[alias].settings_dict["TEST"]["NAME"] = str(folder / f"{alias}.sqlite3")


@pytest.fixture(autouse=True)
def _instance(settings, tmp_path):
    """Each test has its own folder, the toy pack, and no lock-out at sign-in."""
    settings.GONGBAO_HOME = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.GONGBAO_PACKS = HERE / "packs"
    settings.GONGBAO_SITE = "12345"
    settings.AXES_ENABLED = False
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    worlds.forget()
    keeping.forget()
    moving.forget()
    office_time.forget()
    yield
    worlds.forget()
    office_time.forget()


@pytest.fixture(autouse=True)
def _guards(request):
    """The append-only triggers stand during a test; they let go when a test database is emptied afterwards."""
    marker = request.node.get_closest_marker("django_db")
    if marker is None:
        yield
        return
    transactional = bool(marker.kwargs.get("transaction"))
    request.getfixturevalue("transactional_db" if transactional else "db")
    for table in GUARDED:
        guard(connections["default"], table)
    yield
    if transactional:
        for table in GUARDED:
            unguard(connections["default"], table)


class StandingClock:
    """The office's time in a test: it moves only when told."""

    def __init__(self, moment: dt.datetime) -> None:
        self.moment = moment

    def __call__(self) -> dt.datetime:
        return self.moment

    def advance(self, **by: float) -> dt.datetime:
        self.moment += dt.timedelta(**by)
        return self.moment


@pytest.fixture
def office_clock(monkeypatch) -> StandingClock:
    standing = StandingClock(START)
    monkeypatch.setattr(office_time, "now", standing)
    return standing


@pytest.fixture
def toy(office_clock) -> str:
    """The id of the toy pack; the clock stands at a day on which it is in force."""
    return TOY


@pytest.fixture
def account(db):
    """account(username, unit, *roles, **more) makes or finds an account."""
    from gongbao.office.people.models import Account

    def make(username: str, unit: str = "甲市热线中心", *roles: str, **more):
        found = Account.objects.filter(username=username).first()
        return found or Account.objects.create_user(
            username, "correct-horse", name=more.pop("name", username), unit=unit, roles=list(roles), **more
        )

    return make


@pytest.fixture
def signed_in():
    """signed_in(account) is a client of that person's session."""

    def make(account) -> Client:
        client = Client()
        client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make


@pytest.fixture
def operator(account):
    return account("hua", "甲市热线中心", "话务员")


@pytest.fixture
def east(account):
    return account("dong", "东区城管局", "承办人")


@pytest.fixture
def opened(toy, operator):
    """An open complaint in 东区, not yet dispatched."""
    from gongbao.office.cases import service

    return service.open_case(
        operator, toy, "complaint",
        {"content": "路灯不亮", "caller": "王某", "phone": "13800000000", "id_number": "131000199001011234",
         "place": "东区"},
    )  # fmt: skip


@pytest.fixture
def dispatched(opened, operator):
    from gongbao.office.cases import service

    return service.act(opened, operator, "sent", facts={"handler": "东区城管局"})


@pytest.fixture(scope="module")
def browser():
    """Chromium; playwright's loop runs in this thread, which Django would otherwise refuse to query from."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright 未安装")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
