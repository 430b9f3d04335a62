"""判定依据 as a duty officer reads it: Chinese on every line, each value with what it was compared with."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from gongbao.engine.decision.decide import decide
from gongbao.engine.fact import read_facts
from gongbao.engine.world import World
from gongbao.office.pages.grounds import Grounds, grounds_of
from gongbao.policy.loader import load_folder, packs_root

pytestmark = pytest.mark.django_db
PACKS = ("heavy-pollution", "hotline-110", "enterprise-credit")
RAW = re.compile(r"[a-z_=<>{}]|\bor\b|\band\b")  # a name or a sign of the rule's own language


def world_of(pack: str) -> World:
    return load_folder(packs_root() / "langfang" / pack)


def told(world: World, decision: str, **facts: Any) -> Grounds:
    return grounds_of(decide(world, decision, read_facts(world.facts, facts)))


def lines(grounds: Grounds) -> list[str]:
    """Every text of the grounds that a reader sees, those of the decisions it stands on included."""
    made = [*grounds.candidates, *grounds.ask, *grounds.open, grounds.needs_person, grounds.at_least]
    made += [output.label + output.text for output in grounds.outputs]
    for row in grounds.rows:
        made += [row.note, row.item, *(text for c in row.compared for text in (c.label, c.value, c.test))]
    return made + [text for inner in grounds.required for text in lines(inner)]


@pytest.mark.parametrize("pack", PACKS)
def test_no_line_of_any_example_shows_the_language_of_the_rules(pack: str) -> None:
    world = world_of(pack)
    examples = yaml.safe_load((packs_root() / "langfang" / pack / "examples.yaml").read_text("utf-8"))
    for example in (e for e in examples if e["of"] == "decision"):
        here = world.with_settings(example.get("settings") or {})
        outcome = decide(here, example["decision"], read_facts(here.facts, example["given"]))
        raw = [text for text in lines(grounds_of(outcome)) if RAW.search(text)]
        assert raw == [], example["id"]


def compared(grounds: Grounds) -> list[tuple[str, str, str]]:
    return [(c.label, c.value, c.test) for row in grounds.rows for c in row.compared]


def test_a_condition_names_what_it_compares_with_the_values() -> None:
    world = world_of("heavy-pollution")
    known = {"warning_source": "本市", "consulted": True, "oscillating": False, "current_level": "橙色"}
    same = told(world, "adjust_allowed", **known, warning_level="橙色")
    assert ("预警级别（橙色） 等于 现行预警级别（橙色）", "是", "是") in compared(same)
    raised = told(world, "adjust_allowed", **known, warning_level="红色")
    assert ("属升级", "是（现行预警级别 橙色，预警级别 红色）", "是") in compared(raised)


def test_a_limit_that_is_a_setting_or_another_outcome_is_named_with_its_value() -> None:
    world = world_of("heavy-pollution").with_settings({"light_max": 150})
    lifted = told(world, "lift_allowed", improved_aqi=150, good_hours=36)
    assert [test for _, _, test in compared(lifted)] == ["不大于 轻度污染的AQI上限（150）", "不小于 36"]
    cuts = {"cut_so2": 30, "cut_nox": 30, "cut_pm": 19, "cut_vocs": 30}
    assert ("颗粒物减排比例", "19 %", "小于 颗粒物（20）") in compared(
        told(world, "reduction_met", warning_level="橙色", **cuts)
    )


def test_what_cannot_be_told_yet_is_not_said_to_hold() -> None:
    world = world_of("heavy-pollution").with_settings({"light_max": 150})
    values = [250] * 30 + [None] + [250] * 65
    found = told(world, "level", aqi={"start": "2017-11-04T00:00:00+08:00", "step": "1 h", "values": values})
    assert found.ask == ("AQI序列中缺测的读数",)
    assert found.open == ("24小时均值最少有效小时数（由市环保局设定）",)
    open_ = [c for row in found.rows for c in row.compared if c.open]
    assert {c.value for c in open_} == {"尚不能定"}
    assert [row.note for row in found.rows] == ["如成立：红色", "如成立：红色", "如成立：橙色", "如成立：黄色"]
