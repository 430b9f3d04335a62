"""Examples of a table over working days count as examples: the checker counts with the holiday table too."""

from __future__ import annotations

from typing import Any

from gongbao.policy.check import check_folder

FILES = {
    "facts.yaml": "asked: {label: 申请日, type: date}\nreplied: {label: 答复日, type: date}\n",
    "params.yaml": "days: {value: 2, text: 2日, cite: 二}\n",
    "decisions.yaml": """
late:
  label: 逾期
  cite: 一
  let: {days: "working_days_between(asked, replied)"}
  output: {late: {type: boolean}}
  rules:
    - {when: {"days > params.days": "true"}, then: true, cite: 一}
    - {when: {"days > params.days": "false"}, then: false, cite: 一}
""",
    "examples.yaml": """
- {id: in-time, of: decision, decision: late, given: {asked: 2023-01-20, replied: 2023-01-29}, expect: false}
- {id: late, of: decision, decision: late, given: {asked: 2023-01-20, replied: 2023-01-30}, expect: true}
""",
}


def test_both_rules_are_reached_by_their_examples(lay_over: Any) -> None:
    folder = lay_over()
    for gone in ("procedures", "duties", "documents"):
        (folder / f"{gone}.yaml").unlink()
    for name, text in FILES.items():
        (folder / name).write_text(text, "utf-8")
    assert [str(p) for p in check_folder(folder).errors] == []
