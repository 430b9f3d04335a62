"""The supervision office's own rule beside a pack with two dated tasks, and people of both sides."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from gongbao.office import worlds
from gongbao.office.supervision import rule

PACKS = Path(__file__).parents[3] / "packs"
PACK = "langfang/supervision"
OFFICE, LEAD, HELPER, OTHER = "廊坊市人民政府督查室", "廊坊市住房和城乡建设局", "廊坊市财政局", "三河市人民政府"
PLAN = """
number: 廊示〔2023〕1号
title: 路灯改造方案
issuer: 廊坊市人民政府办公室
dated: 2023-01-01
in_force: {from: 2023-01-01}
jurisdiction: langfang
owner: 市住建局
work: {case: 任务, room: 任务}
review: {drafted_by: gongbao}
"""
DUTIES = """
- {id: survey, do: 完成路灯普查, lead: [{unit: 市住建局}], with: [{unit: 市财政局}], deadline: {id: done, label: 普查, kind: date, on_or_before: 2023-02-20, cite: 一}, cite: 一}
- {id: repair, do: 修复破损路灯, lead: [{unit: 三河市人民政府}], deadline: {id: done, label: 修复, kind: date, on_or_before: 2023-12-20, cite: 二}, cite: 二}
"""
MATTER = {
    "title": "老旧小区改造",
    "source": "政府工作报告",
    "instruction": "年内完成",
    "whole_due": "2023-12-31",
    "leader": "李某（副市长）",
}
SHARE = {"part_title": "完成改造立项", "part_lead": LEAD, "part_with": [HELPER], "part_due": "2023-03-20"}


@pytest.fixture
def city(tmp_path, settings, office_clock):
    """The clock stands at 2023-03-01 09:00."""
    folder = tmp_path / "packs" / "langfang"
    (folder / "lights").mkdir(parents=True)
    shutil.copy(PACKS / "langfang" / "units.yaml", folder)
    shutil.copytree(PACKS / "langfang" / "supervision", folder / "supervision")
    (folder / "lights" / "document.yaml").write_text(PLAN, "utf-8")
    (folder / "lights" / "duties.yaml").write_text(DUTIES, "utf-8")
    settings.GONGBAO_PACKS = tmp_path / "packs"
    settings.GONGBAO_SITE = "office"
    worlds.forget()
    rule._is_rule.cache_clear()


@pytest.fixture
def inspector(city, account):
    return account("du", OFFICE, "督查员", name="督某")


@pytest.fixture
def lead(city, account):
    return account("jian", LEAD, "承办人", name="建某")


@pytest.fixture
def helper(city, account):
    return account("cai", HELPER, "承办人", name="财某")


@pytest.fixture
def other(city, account):
    return account("sanhe", OTHER, "承办人", name="三某")


@pytest.fixture
def days(inspector):
    """days(yellow=…, silent=…): as the supervision office sets them."""

    def fill(**values: int) -> None:
        for name, value in values.items():
            worlds.set_setting(PACK, f"{name}_days", value, by=inspector, reason="试行")

    return fill


@pytest.fixture
def divided(inspector):
    """A matter with one part in the hands of 市住建局, 市财政局 beside it."""
    from gongbao.office.cases import service
    from gongbao.office.cases.models import Case

    matter = service.open_case(inspector, PACK, "matter", MATTER)
    service.act(matter, inspector, "part_assigned", facts=SHARE)
    return matter, Case.objects.get(procedure="part")


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)
