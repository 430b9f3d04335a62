"""A plan of an invented city with an indicator of every form, for the tests of indicators."""

from __future__ import annotations

from pathlib import Path

UNITS = """
city: 示例市
areas: [东区, 西区, 南区]
units:
  市政府: {name: 示例市人民政府, level: 市, kind: 政府, area: 示例市, functions: [人民政府]}
  市卫健委: {name: 示例市卫生健康委员会, short: 市卫健委, area: 示例市, parent: 市政府}
  东区政府: {name: 东区人民政府, level: 县, kind: 政府, area: 东区, functions: [人民政府], parent: 市政府}
  西区政府: {name: 西区人民政府, level: 县, kind: 政府, area: 西区, functions: [人民政府], parent: 市政府}
  南区政府: {name: 南区人民政府, level: 县, kind: 政府, area: 南区, functions: [人民政府], parent: 市政府}
groups:
  各区: {label: 各区人民政府, members: [东区政府, 西区政府, 南区政府]}
"""

DOCUMENT = """
number: 示政办字〔2021〕1号
title: 示例规划
issuer: 示例市人民政府办公室
dated: 2021-01-01
in_force: {from: 2021-01-01, until: 2025-12-31}
jurisdiction: shili
owner: 市卫健委
work: {case: 督查事项, room: 规划与督查}
review: {drafted_by: gongbao}
"""

FACTS = """
places: {label: 托位数, type: integer, min: 0}
residents: {label: 常住人口, type: integer, min: 1}
"""

SETTINGS = """
tolerance: {owner: 市卫健委, label: 左右可差多少, type: number, min: 0}
loose: {owner: 市卫健委, label: 可差多少（没有下限）, type: number}
line: {owner: 市卫健委, label: 各年进度, type: choice, candidates: [按直线]}
reading: {owner: 市卫健委, label: 每年降低怎么比, type: choice, candidates: [上年实际, 累计路径]}
first: {owner: 市卫健委, label: 下降与哪年比, type: integer, min: 2010, max: 2025}
towns: {owner: 市卫健委, label: 乡镇个数, type: integer, min: 1}
"""

INDICATORS = """
- {id: floor, label: 管理率, unit: "%", min: 0, max: 100, step: 0.01, target: {year: 2025, form: floor, value: 90}, cite: 一}
- {id: above, label: 参保率, unit: "%", step: 0.1, target: {year: 2025, form: floor, value: 90, strict: true}, cite: 一}
- {id: ceiling, label: 死亡率, unit: "‰", step: 0.01, target: {year: 2025, form: ceiling, value: 3.60}, cite: 一}
- {id: below, label: 受灾率, step: 0.01, target: {year: 2025, form: ceiling, value: 1, strict: true}, cite: 一}
- {id: number, label: 吸烟率, unit: "%", step: 0.01, better: down, baseline: {year: 2020, value: 23.77}, path: {setting: line}, target: {year: 2025, form: value, value: 22.50}, nature: 预期性, cite: 一}
- {id: exact, label: 岗位数, step: 1, target: {year: 2025, form: exact, value: 5}, cite: 一}
- {id: around, label: 支付比例, unit: "%", step: 0.01, target: {year: 2025, form: about, value: 65, tolerance: {setting: tolerance}}, cite: 一}
- {id: around_down, label: 支出比重, unit: "%", step: 0.01, better: down, target: {year: 2025, form: about, value: 27, tolerance: {setting: tolerance}}, cite: 一}
- {id: more, label: 预期寿命, unit: 岁, step: 0.01, baseline: {year: 2020, value: 80.25}, target: {year: 2025, form: change, by: 1, against: baseline}, cite: 一}
- {id: percent, label: 事故死亡人数, unit: 人, step: 1, baseline: {year: {setting: first}}, target: {year: 2025, form: change, by: -18, unit: "%", against: baseline}, cite: 一}
- {id: no_worse, label: 林木覆盖率, unit: "%", step: 0.01, better: up, baseline: {year: 2020, value: 35.03}, target: {year: 2025, form: change, by: 0, against: baseline}, cite: 一}
- {id: yearly, label: 近视率, unit: "%", step: 0.1, baseline: {year: 2020, value: 55}, target: {year: 2025, each_year: true, since: 2021, form: change, by: -0.5, unit: 百分点, against: {setting: reading}}, nature: 约束性, cite: 一}
- {id: rising, label: 涉林收入, unit: 元, step: 1, better: up, target: {each_year: true, since: 2021, form: change, by: 0, strict: true, against: previous_actual}, cite: 一}
- {id: quota, label: 赛事场次, unit: 场, step: 1, target: {each_year: true, since: 2021, form: floor, value: 120}, cite: 一}
- {id: growth, label: 研发经费, unit: 亿元, step: 0.001, baseline: {year: 2020, value: 100}, target: {year: 2025, form: growth, by: 10}, cite: 一}
- {id: full, label: 处置率, unit: "%", step: 0.1, target: {year: 2025, form: full}, cite: 一}
- {id: rank, label: 全国位次, unit: 名, step: 1, target: {year: 2025, form: rank, value: 30}, cite: 一}
- {id: zero, label: 重大案件, unit: 起, step: 1, target: {year: 2025, form: zero, over: sum, since: 2021}, cite: 一}
- {id: built, label: 新建场馆, unit: 个, step: 1, target: {year: 2025, form: floor, value: 8, over: sum, since: 2021}, cite: 一}
- {id: mean, label: 年均死亡率, step: 0.01, target: {year: 2025, form: ceiling, value: 1, strict: true, over: mean, since: 2021}, cite: 一}
- {id: words, label: 卫生城市占比, target: {year: 2025, form: qualitative, text: 持续提升}, owner: {unit: 市卫健委}, cite: 一}
- {id: province, label: 水体比例, unit: "%", step: 0.1, better: up, target: {year: 2025, form: assigned, by: 省}, cite: 一}
- {id: ratio, label: 每千人托位数, unit: 个, step: 0.01, better: up, value: {num: places, den: residents, per: 1000}, target: {year: 2025, form: value, value: 4.50}, same_as: childcare, cite: 一}
- {id: towns, label: 接种率, unit: "%", step: 1, target: {year: 2025, form: floor, value: 90, judge: {each: 乡镇, count: {setting: towns}}}, cite: 一}
- {id: districts, label: 老年大学, unit: 所, step: 1, target: {year: 2025, form: floor, value: 1, judge: {each: 各区}}, cite: 一}
- {id: most, label: 康复服务, unit: 处, step: 1, target: {year: 2025, form: floor, value: 1, judge: {each: 各区, pass: {share: 60}}}, cite: 一}
- {id: two, label: 森林覆盖率, unit: "%", step: 0.1, target: [{year: 2025, form: floor, value: 31.5}, {year: 2025, form: floor, value: 30, judge: {each: 各区, pass: {at_least: 2}}}], cite: 一}
- {id: stages, label: 集中救治率, unit: "%", step: 1, target: {year: 2025, form: floor, value: 90, milestones: {2023: 70, 2024: {value: 80, cite: 二}}}, cite: 一}
- {id: shares, label: 改造管网, unit: 公里, step: 1, target: {year: 2025, form: floor, value: 100, quotas: {东区: 60, 西区: 40}}, cite: 一}
"""


def written(
    root: Path, *, indicators: str = INDICATORS, examples: str = "", slug: str = "plan", number: str = "1"
) -> Path:
    """A pack folder of this plan under root/shili."""
    folder = root / "shili" / slug
    folder.mkdir(parents=True)
    (root / "shili" / "units.yaml").write_text(UNITS, encoding="utf-8")
    files = {
        "document": DOCUMENT.replace("1号", f"{number}号"),
        "facts": FACTS,
        "settings": SETTINGS,
        "indicators": indicators,
    }
    if examples:
        files["examples"] = examples
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder
