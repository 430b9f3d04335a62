"""Two plans that share an indicator, the office's rule of supervision, and people of both sides."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gongbao.engine.indicator_observations import parse_period
from gongbao.office import worlds
from gongbao.office.supervision import rule

PACKS = Path(__file__).parents[3] / "packs"
RULE = "langfang/supervision"
OFFICE, HEALTH, COUNTY = "廊坊市人民政府督查室", "廊坊市卫生健康委员会", "三河市人民政府"
DOCUMENT = """
number: 廊示〔2022〕{n}号
title: {title}
issuer: 廊坊市人民政府办公室
dated: 2022-01-01
in_force: {{from: 2022-01-01, until: {until}}}
jurisdiction: langfang
owner: 市卫生健康委
work: {{case: 指标, room: 指标}}
review: {{drafted_by: gongbao}}
"""
NURSES = """
- {id: 1, label: 每千人口注册护士数, unit: 人, baseline: {year: 2020, value: 3.0, text: "3.0"}, target: {year: 2025, form: floor, value: 3.8, text: "3.8"}, same_as: nurses, owner: {unit: 市卫生健康委}, min: 0, step: 0.1, cite: 一}
"""
MORE = """
- {id: 2, label: 健康素养水平, unit: "%", target: {year: 2025, form: floor, value: 25, text: "25"}, quotas: {}, owner: {unit: 市卫生健康委}, min: 0, max: 100, step: 0.1, cite: 二}
- {id: 3, label: 服务体系, target: {year: 2025, form: qualitative, text: 更加完善}, owner: {unit: 市卫生健康委}, cite: 三}
""".replace(", quotas: {}", "")
YEAR = parse_period("2022")


@pytest.fixture
def city(tmp_path, settings, office_clock):
    """The clock stands at 2023-03-01 09:00."""
    folder = tmp_path / "packs" / "langfang"
    for n, (slug, title, until, text) in enumerate(
        (("health", "健康规划", "2025-12-31", NURSES + MORE), ("nursing", "护理规划", "2025-12-31", NURSES)), 1
    ):
        (folder / slug).mkdir(parents=True)
        (folder / slug / "document.yaml").write_text(DOCUMENT.format(n=n, title=title, until=until), "utf-8")
        (folder / slug / "indicators.yaml").write_text(text, "utf-8")
    shutil.copy(PACKS / "langfang" / "units.yaml", folder)
    shutil.copytree(PACKS / "langfang" / "supervision", folder / "supervision")
    settings.GONGBAO_PACKS = tmp_path / "packs"
    settings.GONGBAO_SITE = "office"
    worlds.forget()
    rule._is_rule.cache_clear()


@pytest.fixture
def clerk(city, account):
    return account("wei", HEALTH, "承办人", name="卫某")


@pytest.fixture
def stranger(city, account):
    return account("sanhe", COUNTY, "承办人", name="三某")


@pytest.fixture
def inspector(city, account):
    return account("du", OFFICE, "督查员", name="督某")
