"""A table over runs of series is looked at exactly: gaps, dead rows and changed figures, with series to paste."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gongbao.policy.analysis.findings import TableView
from gongbao.policy.analysis.tables import tables_of
from gongbao.policy.loader import packs_root
from gongbao.policy.source import read_source

FACTS = """
a: {label: 甲, type: series, of: number, min: 0, step: 0.1, cite: 一}
b: {label: 乙, type: series, of: number, step: 0.1, cite: 一}
"""
PARAMS = "low: {value: 3, text: 3天, cite: 一}\n"
TABLE = """
grade:
  label: 分级
  cite: 一
  output: {{grade: {{type: choice, values: [无, 一般, 较大], ordered: true}}}}
  let: {{甲: '{a}', 乙: 'latest_run(b, "<", 0)'}}
  rules:
    - {{when: {{甲: ">= 7"}}, then: 较大, cite: 一}}
    - {{when: {{甲: "[5..7)"}}, then: 一般, cite: 一}}
    - {{when: {{甲: "< 4", 乙: "< 1"}}, then: 无, cite: 一}}
    - {{when: {{甲: "< 5", 乙: ">= 1"}}, then: 一般, cite: 一}}
"""


def looked_at(folder: Path, a: str) -> TableView:
    shutil.copytree(packs_root() / "langfang" / "straw-burning", folder, ignore=shutil.ignore_patterns("registers"))
    shutil.copy(packs_root() / "langfang" / "units.yaml", folder.parent / "units.yaml")
    for name in ("procedures", "duties", "registers", "documents", "examples", "settings"):
        (folder / f"{name}.yaml").unlink(missing_ok=True)
    (folder / "facts.yaml").write_text(FACTS, encoding="utf-8")
    (folder / "params.yaml").write_text(PARAMS, encoding="utf-8")
    (folder / "decisions.yaml").write_text(TABLE.format(a=a), encoding="utf-8")
    return tables_of(read_source(folder))["grade"]


WORKING = 'latest_run(on_working_days(a), "<=", params.low)'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "langfang" / "runs"


def test_a_gap_is_found_with_a_series_that_shows_it(folder: Path) -> None:
    view = looked_at(folder, WORKING)
    assert view.undecided == ()
    (gap,) = view.gaps
    assert len([v for v in gap.facts["a"]["values"] if v <= 3]) == 4  # four working days, and nothing of b
    assert set(gap.facts) >= {"a", "b"}


def test_changed_figures_are_shown_by_series(folder: Path) -> None:
    view = looked_at(folder, WORKING)
    assert view.mutants > 20
    shown = [each.case.facts["a"] for each in view.survivors if each.case is not None]
    assert shown, "no example kills anything here"
    assert all("values" in each and "start" in each for each in shown)


def test_two_counts_of_one_series_are_not_gone_through(folder: Path) -> None:
    view = looked_at(folder, f'{WORKING} + run(a, "> 5")')
    assert any("相互牵连" in each for each in view.undecided)


def test_other_uses_of_a_series_are_not_gone_through(folder: Path) -> None:
    view = looked_at(folder, f"if mean_of(a) > params.low then 0 else {WORKING}")
    assert any("取值不能列举" in each for each in view.undecided)
