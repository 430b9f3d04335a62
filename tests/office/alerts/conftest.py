"""The room on the real pack of Langfang: a clock in November 2017, the units that act, series as text."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from gongbao.office import clock as office_time
from gongbao.office import worlds
from gongbao.office.cases.models import Case
from gongbao.policy.loader import packs_root

PACK = "langfang/heavy-pollution"
REPORT = {"area": "全市", "severity": "重度污染", "main_pollutant": "PM2.5", "weather": "静稳", "cause": "一般"}


def at(text: str) -> dt.datetime:
    """`04 09:30` of November 2017."""
    return dt.datetime.strptime(f"2017-11-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=office_time.SHANGHAI)


def days(*values: int | str, first: int = 3, marks: str = "监监预预预趋趋趋") -> str:
    """Lines of 24-hour means from 3 November on: observed until the 4th, then forecast, then trend."""
    words = {"监": "监测", "预": "预报", "趋": "趋势"}
    return "\n".join(
        f"2017-11-{first + i:02}\t{value}\t{words[marks[min(i, len(marks) - 1)]]}" for i, value in enumerate(values)
    )


ORANGE = days(180, 250, 310, 250)
RED = days(180, 250, 310, 320, 280, 260)


@pytest.fixture
def pack(settings, office_clock) -> str:
    """The pack with the settings filled that the text leaves to their owners."""
    settings.GONGBAO_PACKS = packs_root()
    settings.GONGBAO_SITE = "office"
    worlds.forget()
    office_clock.moment = at("04 09:00")
    return PACK


@pytest.fixture
def filled(pack, db) -> str:
    for name, value in (("light_max", 150), ("trend_counts", True)):
        worlds.set_setting(pack, name, value, by="test", reason="测试")
    return pack


@pytest.fixture
def duty(pack, account):
    return account("zhiban", "市应急响应办公室", "值班员", name="赵值班")


@pytest.fixture
def forecaster(pack, account):
    return account("yubao", "监测预报组", "承办人", name="钱预报")


@pytest.fixture
def emergency(pack, account):
    return account("yingji", "市政府应急办", "值班员", name="孙应急")


@pytest.fixture
def head(pack, account):
    return account("zuzhang", "市政府", "带班领导", name="李组长", posts=["市大气领导小组组长"])


def open_(client, text=ORANGE, **more):
    answer = client.post(
        reverse("alerts:new"), {"pack": "langfang/heavy-pollution", "way": "paste", "do": "open", "series": text,
                                "f-warning_source": "本市", **more}, follow=True,
    )  # fmt: skip
    return Case.objects.order_by("-id").first(), answer


def act(client, case, action, step="", **more):
    seq = more.pop("seq", Case.objects.get(pk=case.pk).seq)
    facts = {f"f-{name}": value for name, value in more.pop("facts", {}).items()}
    return client.post(
        reverse("alerts:act", args=[case.number]), {"action": action, "step": step, "seq": seq, **facts, **more}
    )


@pytest.fixture
def people(signed_in, duty, forecaster, emergency, head):
    return {name: signed_in(one) for name, one in zip("dfeh", (duty, forecaster, emergency, head), strict=True)}


def reported(people, case, level="橙色", change="发布", action="reported", **more):
    answer = act(
        people["f"],
        case,
        action,
        "report",
        facts={**REPORT, "change": change, "warning_level": level, **more.pop("facts", {})},
        **more,
    )
    assert answer.status_code == 302, answer.content.decode()
    act(people["d"], case, "office_signed", "office_sign", on_behalf_of="周某（副主任）")
    act(people["d"], case, "submitted", "submit")
    act(people["e"], case, "forwarded", "forward")


def published(people, filled, office_clock, text=ORANGE, level="橙色", response="II级"):
    office_clock.moment = at("04 09:00")
    case, _ = open_(people["d"], text)
    act(people["f"], case, "conditions_met", "consult", facts={"consulted": "是"})
    reported(people, case, level)
    office_clock.moment = at("04 10:00")
    act(people["e"], case, "signed", "sign", on_behalf_of="李某（组长）", occurred_at="2017-11-04T09:30", source="书面")
    answer = act(people["e"], case, "published", "publish", facts={"response_level": response})
    assert answer.status_code == 302, answer.content.decode()
    return case
