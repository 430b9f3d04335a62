"""The hotline's own pack on the 12345 desk, and people of both desks and of a county."""

from __future__ import annotations

from pathlib import Path

import pytest

from gongbao.office import worlds

PACKS = Path(__file__).parents[3] / "packs"
OFFICE, POLICE, COUNTY = "廊坊市人民政府办公室", "廊坊市公安局", "三河市人民政府"


@pytest.fixture
def pack(settings, office_clock) -> str:
    settings.GONGBAO_PACKS = PACKS
    worlds.forget()
    return "langfang/hotline-110"


@pytest.fixture
def taker(pack, account):
    return account("hua", OFFICE, "话务员", name="华某")


@pytest.fixture
def leader(pack, account):
    return account("ban", OFFICE, "班长", name="班某")


@pytest.fixture
def inspector(pack, account):
    return account("du", OFFICE, "督查员", name="督某")


@pytest.fixture
def county(pack, account):
    return account("sanhe", COUNTY, "承办人", "审核人", name="三某")


@pytest.fixture
def police(pack, account):
    return account("jing", POLICE, "接警员", "指挥调度", name="警某")


CALL = {
    "f-content": "我们小区路灯好几盏都不亮", "f-place": "三河市", "f-address": "燕郊镇迎宾路", "f-channel": "电话",
    "f-caller_number": "13900001234", "f-caller_name": "王某", "f-request_type": "非紧急求助", "f-danger": "否",
    "f-category": "公共设施类", "f-list_row": "附件2第1行", "f-handler": COUNTY,
}  # fmt: skip


@pytest.fixture
def call():
    """call(client, do, **changes) sends the form; the newest case, or the answer if it was refused."""
    from gongbao.office.cases.models import Case

    def send(client, do="dispatch", **changes):
        data = {**CALL, **{f"f-{name}": value for name, value in changes.items()}, "do": do}
        answer = client.post("/hotline/take/", {name: value for name, value in data.items() if value is not None})
        return Case.objects.order_by("-id").first() if answer.status_code == 302 else answer

    return send
