"""A scoring sheet of an invented city, with a line of every rule, for the tests of scoring."""

from __future__ import annotations

from pathlib import Path
from typing import Any

UNITS = """
city: 示例市
areas: [东区, 西区]
units:
  市政府: {name: 示例市人民政府, level: 市, kind: 政府, area: 示例市, functions: [人民政府]}
  市交管局: {name: 示例市交通管理局, short: 市交管局, area: 示例市, parent: 市政府}
  东区政府: {name: 东区人民政府, level: 县, kind: 政府, area: 东区, functions: [人民政府], parent: 市政府}
  西区政府: {name: 西区人民政府, level: 县, kind: 政府, area: 西区, functions: [人民政府], parent: 市政府}
groups:
  各区: {label: 各区人民政府, members: [东区政府, 西区政府]}
"""

DOCUMENT = """
number: 示政办字〔2023〕9号
title: 示例考核办法
issuer: 示例市人民政府办公室
dated: 2023-01-01
in_force: {from: 2023-01-01}
jurisdiction: shili
owner: 市交管局
work: {case: 考核, room: 考核}
review: {drafted_by: gongbao}
"""

FACTS = """
drawn_up: {label: 已制定方案, type: boolean}
shared: {label: 共享部门数, type: integer, min: 0, max: 20, unit: 个}
funds: {label: 到位资金比例, type: number, min: 0, max: 100, step: 1, unit: "%"}
whole: {label: 完好站数, type: integer, min: 0, max: 200}
stations: {label: 台站总数, type: integer, min: 1, max: 200}
ready: {label: 完成的县数, type: integer, min: 0, max: 12}
counties: {label: 县数, type: integer, min: 1, max: 12}
staffed: {label: 到岗比例, type: number, min: 0, max: 100, step: 1, unit: "%"}
accidents: {label: 事故次数, type: integer, min: 0, max: 50}
prizes: {label: 获奖次数, type: integer, min: 0, max: 50}
impression: {label: 现场评审得分, type: number, min: 0, max: 10, judged_by: 考核组}
by_hand: {label: 人工评定得分, type: number, min: 0, max: 5, judged_by: 考核组}
tried: {label: 已演练, type: boolean}
criticised: {label: 受省级批评, type: boolean}
faked: {label: 弄虚作假, type: boolean}
struck: {label: 方案被撤回, type: boolean}
listed: {label: 列入失信名单, type: boolean}
"""

SETTINGS = """
share_curve: {owner: 市交管局, label: 按比例的算法, type: choice, candidates: [按完成比例得分, 人工评定]}
funds_partial: {owner: 市交管局, label: 不足一档怎么扣, type: choice, candidates: [不足一档不扣, 不足一档按一档扣, 不足一档按比例扣]}
shared_floor: {owner: 市交管局, label: 共享一项最低分}
parts_most: {owner: 市交管局, label: 演练一项最高分}
"""

DECISIONS = """
drill_points:
  label: 演练得分
  cite: 附件 9
  output: {points: {type: number}}
  rules:
    - {when: {tried: "true"}, then: 2, cite: 附件 9}
    - {when: {tried: "false"}, then: 0, cite: 附件 9}
"""

SCORESHEETS = """
yearly:
  label: 年度考核
  cite: 附件
  subject: 区
  subjects: 各区
  verified_by: {unit: 市交管局}
  items:
    - {id: 1, label: 方案, full: 10, rule: all_or_nothing, when: drawn_up, cite: 附件 1, evidence: {papers: [方案正文|方案扫描件], cite: 附件 1}}
    - {id: 2, label: 共享, full: 3, rule: per_missing, have: shared, need: 4, each: -0.8, floor: {setting: shared_floor}, cite: 附件 2}
    - {id: 3, label: 资金, full: 5, rule: per_missing, have: funds, need: 40, each: -1, step: 10, partial: {setting: funds_partial}, floor: 0, cite: 附件 3}
    - {id: 4, label: 站网, full: 5, rule: share, have: whole, of: stations, cite: 附件 4}
    - id: 5
      label: 预案
      full: 8
      cite: 附件 5
      parts:
        - {id: a, label: 县级预案, full: 5, rule: share, have: ready, of: counties, curve: {setting: share_curve}, judged: by_hand, cite: 附件 5}
        - id: b
          label: 队伍
          full: 3
          rule: bands
          on: staffed
          cite: 附件 5
          bands: [{when: "< 30", points: 0}, {when: "[30..60)", points: 1}, {when: "[60..100)", points: 2}, {when: "100", points: 3}]
    - {id: 6, label: 事故, full: 6, rule: per_case, count: accidents, each: -2, floor: 0, cite: 附件 6}
    - {id: 7, label: 现场评审, full: 10, rule: judged, judged: impression, weight: 0.5, cite: 附件 7}
    - {id: 8, label: 获奖加分, full: 4, rule: bonus, count: prizes, each: 1.5, cite: 附件 8}
    - id: 9
      label: 演练
      full: 3
      over: {setting: parts_most}
      cite: 附件 9
      parts:
        - {id: a, label: 已演练, full: 2, rule: table, decision: drill_points.points, cite: 附件 9}
        - {id: b, label: 有方案, full: 2, rule: all_or_nothing, when: drawn_up, cite: 附件 9}
    - {id: criticism, label: 受省级批评, rule: veto, when: criticised, effect: withhold, withhold: 优秀, cite: 附件 10}
    - {id: fake, label: 弄虚作假, rule: veto, when: faked, effect: zero, cite: 附件 11}
    - {id: strike, label: 方案被撤回, rule: veto, when: struck, effect: zero, item: 1, cite: 附件 12}
    - {id: blacklist, label: 列入失信名单, rule: veto, when: listed, effect: exclude, cite: 附件 13}
  grades:
    values: [不合格, 合格, 优秀]
    bands:
      - {when: "< 24", then: 不合格, cite: 附件 14}
      - {when: "[24..36)", then: 合格, cite: 附件 14}
      - {when: ">= 36", then: 优秀, cite: 附件 14}
  ranking: {cite: 附件 15, take: 2}
  votes: {limit: 10, by: IP, cite: 附件 16}
"""

FULL: dict[str, Any] = {
    "drawn_up": True, "shared": 4, "funds": 40, "whole": 9, "stations": 9, "ready": 3, "counties": 3, "staffed": 100,
    "accidents": 0, "prizes": 3, "impression": 10, "tried": True, "criticised": False, "faked": False, "struck": False,
    "listed": False,
}  # fmt: skip
ZERO: dict[str, Any] = {
    "drawn_up": False, "shared": 0, "funds": 0, "whole": 0, "stations": 9, "ready": 0, "counties": 3, "staffed": 0,
    "accidents": 3, "prizes": 0, "impression": 0, "tried": False, "criticised": False, "faked": False, "struck": False,
    "listed": False,
}  # fmt: skip
SET: dict[str, Any] = {
    "share_curve": "按完成比例得分", "funds_partial": "不足一档按一档扣", "shared_floor": 0, "parts_most": 3,
}  # fmt: skip


def written(root: Path, **changed: str) -> Path:
    """The pack written under a root, some of its files otherwise; the folder."""
    folder = root / "shili" / "yearly"
    folder.mkdir(parents=True)
    (folder.parent / "units.yaml").write_text(UNITS, encoding="utf-8")
    files = {
        "document": DOCUMENT, "facts": FACTS, "settings": SETTINGS, "decisions": DECISIONS, "scoresheets": SCORESHEETS,
        **changed,
    }  # fmt: skip
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder
