"""A pack's indicators are whole: what they refer to is there, every form is held at its boundary, one number in one place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.policy.plans import INDICATORS, written

from gongbao.engine.indicator_words import said_of
from gongbao.policy.check import check_folder
from gongbao.policy.cites import cited
from gongbao.policy.compile import compile_pack
from gongbao.policy.errors import PackError
from gongbao.policy.indicators import disagreements
from gongbao.policy.loader import load_folder
from gongbao.policy.source import read_pack, read_source

FLOOR = '- {id: a, label: 管理率, unit: "%", step: 1, min: 0, max: 100, target: {year: 2025, form: floor, value: 90}, cite: 一}\n'
HELD = """
- {id: at, of: indicator, indicator: a, given: {value: 90}, expect: 达标}
- {id: below, of: indicator, indicator: a, given: {value: 89}, expect: 未达标}
"""


def problems(root: Path, indicators: str, examples: str = "") -> list[str]:
    report = check_folder(written(root, indicators=indicators, examples=examples))
    return [p.message for p in report.problems]


def test_a_form_is_held_when_an_example_stands_on_each_side_of_its_boundary(tmp_path):
    assert problems(tmp_path, FLOOR, HELD) == []


@pytest.mark.parametrize(("left_out", "side"), [("at", "恰好达到"), ("below", "差一步达到")])
def test_a_boundary_without_an_example_is_told(tmp_path, left_out, side):
    kept = "\n".join(line for line in HELD.splitlines() if f"id: {left_out}," not in line)
    assert problems(tmp_path, FLOOR, kept) == [f"目标形式 floor 缺“{side}”的样例"]


def test_two_steps_below_is_no_neighbour_of_the_boundary(tmp_path):
    assert problems(tmp_path, FLOOR, HELD.replace("89", "88")) == ["目标形式 floor 缺“差一步达到”的样例"]


@pytest.mark.parametrize(
    ("target", "sides"),
    [
        ("{form: exact, value: 5}", ["恰好达到", "差一步达到", "超出一步"]),
        ("{form: qualitative, text: 提升}", ["还没有录入或判定", "判为达到", "判为未达到"]),
        ("{form: assigned, by: 省}", ["还没有录入或判定", "恰好达到", "差一步达到"]),
    ],
)
def test_each_form_has_boundaries_of_its_own(tmp_path, target, sides):
    text = f"- {{id: a, label: 甲, better: up, step: 1, target: {target.replace('{', '{year: 2025, ')}, cite: 一}}\n"
    told = problems(tmp_path, text)
    form = target.partition("form: ")[2].partition(",")[0]
    assert told == [f"目标形式 {form} 缺“{side}”的样例" for side in sides]


def test_an_example_that_says_otherwise_is_wrong(tmp_path):
    assert any("应为 达标，实为 未达标" in each for each in problems(tmp_path, FLOOR, HELD.replace("未达标", "达标")))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("form: floor, value: 90", "form: floor", "缺少 value"),
        ("form: floor, value: 90", "form: floor, value: 90, by: 3", "用不到 by"),
        ("year: 2025, ", "", "须写 year"),
        ("form: floor, value: 90", "form: value, value: 90", "须写 better"),
        ("form: floor, value: 90", "form: change, by: 1, against: baseline", "须写 baseline.year"),
        ("form: floor, value: 90", "form: assigned, by: 3", "下达的一方"),
        ("form: floor, value: 90", "form: floor, value: 90, over: sum", "须同时写 since"),
        ("id: a", "id: A-1", "只能用小写英文字母"),
    ],
)
def test_what_is_not_whole_is_refused_with_its_reason(tmp_path, old, new, told):
    with pytest.raises(PackError) as error:
        read_source(written(tmp_path, indicators=FLOOR.replace(old, new)))
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("value: 90}", "value: 101}", "101 不在“管理率”可取的 0 到 100 之间"),
        ("cite: 一", "cite: 一, path: {setting: lines}", "没有“lines”这个设置，是否应为“line”"),
        ("cite: 一", "cite: 一, path: {setting: tolerance}", "candidates 只能取 按直线"),
        ("floor, value: 90", "about, value: 90, tolerance: {setting: loose}", "须写 min: 0"),
        ("value: 90}", "value: 90, judge: {each: 乡镇}}", "“乡镇”不是登记的组"),
        ("value: 90}", "value: 90, quotas: {北区: 3}}", "“北区”不是登记的地方或单位"),
        ("value: 90}", "value: 90, quotas: {东区政府: 3}}", "“东区政府”应写作“东区”"),
        ("cite: 一", "cite: 一, value: {num: place, den: residents}", "没有“place”这个事实"),
        ("cite: 一", "cite: 一, owner: {unit: 市没有局}", "市没有局"),
        ("cite: 一", "cite: 一, parts: [b]", "没有“b”这个指标"),
    ],
)
def test_what_refers_to_nothing_is_told(tmp_path, old, new, told):
    assert any(told in each for each in problems(tmp_path, FLOOR.replace(old, new), HELD))


def test_a_sum_that_the_text_prints_wrong_is_shown(tmp_path):
    part = (
        "- {{id: {0}, label: 部分{0}, unit: 张, step: 1, target: {{year: 2025, form: floor, value: {1}}}, cite: 一}}\n"
    )
    whole = "- {id: w, label: 合计, unit: 张, step: 1, target: {year: 2025, form: floor, value: 10}, parts: [x, y], cite: 一}\n"
    right = problems(tmp_path / "1", part.format("x", 4) + part.format("y", 6) + whole)
    wrong = problems(tmp_path / "2", part.format("x", 4) + part.format("y", 7) + whole)
    assert not any("合计" in each for each in right)
    assert any("“合计”的目标印的是 10，各部分 4 + 7 = 11" in each for each in wrong)


def test_a_shared_indicator_is_listed_where_plans_disagree(tmp_path):
    one = FLOOR.replace("cite: 一", "cite: 一, same_as: care, baseline: {year: 2020, value: 80}")
    other = one.replace("80}", "81}").replace("value: 90", "value: 95")
    first = written(tmp_path, indicators=one)
    second = tmp_path / "shili" / "other"
    second.mkdir()
    for path in first.iterdir():
        (second / path.name).write_text(path.read_text(encoding="utf-8").replace("1号", "2号"), encoding="utf-8")
    (second / "indicators.yaml").write_text(other, encoding="utf-8")
    packs = [read_pack(first), read_pack(second)]
    assert [str(each) for each in disagreements(packs)] == [
        "“care”的2020年基期值不一致：shili/plan 为 80%；shili/other 为 81%",
        "“care”的2025年目标不一致：shili/plan 为 ≥90%；shili/other 为 ≥95%",
    ]
    assert list(disagreements([packs[0], packs[0]])) == []
    told = [p for p in check_folder(first).problems if p.code == "disagree"]
    assert [p.level for p in told] == ["warning", "warning"]
    document = first / "document.yaml"
    question = "open_questions: [{id: care, cite: 一, about: 两份规划不一致, treated_as: 各按各的}]\n"
    document.write_text(document.read_text(encoding="utf-8") + question, encoding="utf-8")
    assert not [p for p in check_folder(first).problems if p.code == "disagree"]


def test_plans_that_agree_enter_a_shared_indicator_once(tmp_path):
    world = compile_pack(read_source(written(tmp_path)))
    assert world.indicators["ratio"].key == "childcare"
    assert world.indicators["floor"].key == "shili/plan:floor"


def test_a_target_is_said_as_an_office_writes_it(tmp_path):
    world = compile_pack(read_source(written(tmp_path)))
    said = {name: said_of(one, one.targets[0], dated=True) for name, one in world.indicators.items()}
    assert said["floor"] == "2025年≥90%"
    assert said["above"] == "2025年＞90%"
    assert said["yearly"] == "每年降低0.5个百分点"
    assert said["more"] == "2025年比基期提高1岁"
    assert said["percent"] == "2025年比基期降低18%"
    assert said["no_worse"] == "2025年不低于基期"
    assert said["growth"] == "2025年年均提高10%"
    assert said["around"] == "2025年约65%"
    assert said["built"] == "2025年累计≥8个"
    assert said["zero"] == "2025年为零"
    assert said["province"] == "2025年由省下达"
    assert said["words"] == "2025年持续提升"
    assert said["full"] == "2025年全部（100%）"


def test_the_numbers_of_an_indicator_must_stand_in_its_clause(tmp_path):
    pack = read_pack(written(tmp_path))
    held: dict[str, Any] = {pack.indicators[c.path[0]].id: c for c in cited(pack) if c.kind == "IndicatorSpec"}
    assert held["number"].derived == ("23.77", "22.50")
    assert held["number"].terms == ("吸烟率", "预期性")
    assert held["yearly"].derived == ("55", "0.5")
    assert held["shares"].derived == ("100", "60", "40")
    assert [c.derived for c in cited(pack) if c.cite == "二"] == [("80",)]


def test_a_compiled_plan_is_kept_with_its_indicators(tmp_path, monkeypatch):
    from gongbao.policy import kept, loader, place

    folder = written(tmp_path / "packs")
    monkeypatch.setattr(place, "folder", tmp_path / "kept")
    made = load_folder(folder)
    monkeypatch.setattr(loader, "_worlds", {})
    monkeypatch.setattr(loader, "_placed", {})
    assert list((tmp_path / "kept").glob("*.pack"))
    again = load_folder(folder)
    assert isinstance(again.decisions, kept.Decisions)
    assert again.indicators == made.indicators
    assert len(INDICATORS.strip().splitlines()) == len(again.indicators)


OTHERS = """
- {id: cover, label: 覆盖率, unit: "%", baseline: {year: 2020, value: 35.03}, target: [{year: 2025, form: change, by: 0, against: baseline}, {year: 2025, form: floor, value: 35, strict: true}], better: up, cite: 一}
- {id: insured, label: 参保率, unit: "%", baseline: {year: 2020, value: 90, bound: above, text: ＞90}, target: {year: 2025, form: floor, value: 90, strict: true}, cite: 一}
- {id: place, label: 排名, unit: 位, baseline: {year: 2020}, target: [{year: 2025, form: change, by: -20, against: baseline}, {year: 2025, form: rank, value: 100}], cite: 一}
- {id: villages, label: 美丽乡村, unit: 个, target: [{year: 2025, each_year: true, since: 2021, form: floor, value: 120}, {year: 2025, form: floor, value: 650, over: sum, since: 2016}], cite: 一}
- {id: pipes, label: 管网, unit: 公里, target: [{year: 2023, form: value, value: 7.552, quotas: {东区: 0, 西区: 6.06}}, {year: 2024, form: value, value: 17.019, quotas: {东区: 12.78}}], better: up, cite: 一}
- {id: used, label: 利用率, unit: "%", better: up, target: {year: 2025, form: assigned, by: 全省平均水平, strict: true}, cite: 一}
- {id: income, label: 收入增长, unit: "%", better: up, target: {each_year: true, since: 2022, form: assigned, by: 生产总值增长}, cite: 一}
- {id: rivers, label: 劣五类, unit: "%", target: {year: 2025, form: zero, text: 全部消除}, cite: 一}
"""


def test_what_other_plans_ask_is_data(tmp_path):
    world = compile_pack(read_source(written(tmp_path, indicators=OTHERS)))
    said = {
        name: "；".join(said_of(one, each, dated=True) for each in one.targets)
        for name, one in world.indicators.items()
    }
    assert said == {
        "cover": "2025年不低于基期；2025年＞35%",
        "insured": "2025年＞90%",
        "place": "2025年比基期降低20位；2025年前100位",
        "villages": "每年≥120个；2025年累计≥650个",
        "pipes": "2023年7.552公里；2024年17.019公里",
        "used": "2025年高于全省平均水平",
        "income": "每年不低于生产总值增长",
        "rivers": "2025年为零",
    }
