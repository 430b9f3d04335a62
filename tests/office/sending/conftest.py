"""Sending to a real SMTP server in this process, and messages to send."""

from __future__ import annotations

import pytest
from tests.office.sending import post as posts

from gongbao.office import clock
from gongbao.office.sending import book, messages


@pytest.fixture(autouse=True)
def _no_server(settings):
    settings.EMAIL_HOST, settings.GONGBAO_SMS_URL = "", ""
    settings.EMAIL_TIMEOUT = 5
    settings.DEFAULT_FROM_EMAIL = "duty@langfang.example"
    settings.GONGBAO_SITE = "office"


@pytest.fixture
def use(settings):
    """use(port): the office's mail server is there."""

    def at(port: int) -> None:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False

    return at


@pytest.fixture
def post(use):
    with posts.serving() as made:
        use(made.port)
        yield made


@pytest.fixture
def officer(account, office_clock):
    return account("zhi", "甲市热线中心", "值班员", name="赵值班")


@pytest.fixture
def made(officer):
    """made(*addresses) queues a message to these mail addresses (mobiles where they are numbers)."""

    def make(*addresses: str, key: str = "k", **more):
        to = [book.Address("sms" if a.isdigit() else "email", a, "东区城管局", "值班室") for a in addresses]
        return messages.make(key=key, kind="notice", subject="黄色预警", body="请做好准备。", to=to, by=officer, **more)

    return make


class Machine:
    """The machine's clock in a test: it runs on from now, and can be moved."""

    def __init__(self) -> None:
        self.ahead = clock.dt.timedelta()
        self.real = clock.machine_now

    def __call__(self):
        return self.real() + self.ahead

    def move(self, **by: float) -> None:
        self.ahead += clock.dt.timedelta(**by)


@pytest.fixture
def machine(monkeypatch):
    moved = Machine()
    monkeypatch.setattr(clock, "machine_now", moved)
    return moved
