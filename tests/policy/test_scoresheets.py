"""A sheet becomes decisions that are looked at like any other; what does not fit together is told at its line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.policy.sheets import FULL, SCORESHEETS, SET, written

from gongbao.policy.check import check_folder
from gongbao.policy.compile import compile_pack
from gongbao.policy.errors import PackError
from gongbao.policy.examples import run_one
from gongbao.policy.publish import published
from gongbao.policy.schema import Example
from gongbao.policy.scoresheets import discrepancies
from gongbao.policy.source import read_source


def test_every_line_becomes_a_decision_and_knows_its_place(tmp_path: Path) -> None:
    source = read_source(written(tmp_path))
    made = {name: spec.made_at for name, spec in source.pack.decisions.items() if spec.made_at is not None}
    assert list(made)[:3] == ["yearly_1", "yearly_2", "yearly_3"]
    assert {"yearly_5_a", "yearly_5", "yearly_criticism", "yearly_total", "yearly_grade"} <= set(made)
    assert made["yearly_5_a"] == ("scoresheets.yaml", ("yearly", "items", 4, "parts", 0))
    problem = source.problem("decisions.yaml", ("yearly_2", "rules", 0), "x")
    assert (problem.file, problem.key) == ("scoresheets.yaml", "yearly.items[1]")
    assert problem.line is not None


def test_check_wants_an_example_on_each_side_of_each_bound(tmp_path: Path) -> None:
    found = [p for p in check_folder(written(tmp_path)).problems if p.code == "unguarded" and "staffed" in p.message]
    assert {p.file for p in found} == {"scoresheets.yaml"}
    assert len(found) == 6  # 30, 60 and 100, and a step below each


def complaints(tmp_path: Path, old: str, new: str) -> list[str]:
    assert SCORESHEETS.count(old) >= 1
    folder = written(tmp_path, scoresheets=SCORESHEETS.replace(old, new, 1))
    try:
        read_source(folder)
    except PackError as error:
        return [str(p) for p in error.problems]
    return [str(p) for p in check_folder(folder).errors]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("need: 4, ", "", "“共享”（per_missing）缺少 need"),
        ("when: drawn_up, cite: 附件 1,", "when: drawn_up, need: 3, cite: 附件 1,", "“方案”（all_or_nothing）用不到 need"),
        ("each: -0.8", "each: 0.8", "each 应是扣分（负数）"),
        ("each: 1.5", "each: -1.5", "each 应是加分（正数）"),
        ("step: 10, ", "", "step 与 partial"),
        (", floor: {setting: shared_floor}", "", "扣到底是 -0.2 分，须用 floor"),
        ("have: shared", "have: sharde", "没有“sharde”这个事实、let 或判定"),
        ("{setting: share_curve}", "{setting: shared_floor}", "candidates 只能是 按完成比例得分、人工评定"),
        ("judged: impression", "judged: impresion", "没有“impresion”这个事实"),
        ("drill_points.points", "drill_points.grade", "写作 判定.结果"),
        ("      over: {setting: parts_most}\n", "", "须用 over 写明"),
        ("withhold: 优秀", "withhold: 良好", "没有“良好”这个等次"),
        ("item: 1,", "item: 99,", "没有“99”这个考核项"),
        ('when: "[24..36)"', 'when: "[24..36]"', "总分 36 同时是合格、优秀"),
        ('when: "[24..36)"', 'when: "(24..36)"', "总分 24 没有等次"),
        ("subjects: 各区", "subjects: 各县", "没有“各县”这个组"),
        ("{id: 2,", "{id: 1,", "编号“1”重复"),
        ("{id: criticism,", "{id: Criticism,", "不是可用的名字"),
        ('on: staffed', 'on: "staffed + 3"', "公式里有数字 3"),
        ("effect: exclude", "effect: remove", "effect"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_told(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert any(said in each for each in complaints(tmp_path, old, new)), complaints(tmp_path / "again", old, new)


def test_printed_points_that_contradict_each_other_are_shown_and_no_error(tmp_path: Path) -> None:
    text = SCORESHEETS + "  printed_total: {value: 100, cite: 附件, text: 100分}\n"
    source = read_source(written(tmp_path, scoresheets=text))
    said = [message for _, message in discrepancies("yearly", source.pack.scoresheets["yearly"])]
    assert said == ["“演练”满分 3 分，各分项合计 4 分", "各项满分合计 45 分，文件印的总分是 100分"]
    shown = published(source.pack, "x")["scoresheets"][0]
    assert (shown["full"], shown["printed_total"], shown["discrepancies"]) == (45, 100, said)
    assert not any(problem.code == "total" for problem in check_folder(source.folder).problems)


def example(**more: Any) -> Example:
    return Example.model_validate({"id": "e", "of": "score", "sheet": "yearly", "given": FULL, "settings": SET, **more})


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        ({"total": 49, "grade": "优秀", "items": {"5.b": 3, 2: 3}, "missing": [], "needs_person": False}, None),
        ({"total": 48}, "total 应为 48，实为 49"),
        ({"items": {2: 1}}, "第 2 项应得 1，实为 3"),
        ({"items": {77: 1}}, "没有“77”这一项"),
        ({"points": 3}, "expect 里不认识“points”"),
        ({"vetoes": ["fake"]}, "vetoes应为"),
    ],
)
def test_an_example_of_a_score(tmp_path: Path, expect: Any, said: str | None) -> None:
    world = compile_pack(read_source(written(tmp_path)))
    found = run_one(world, example(expect=expect)).differences
    assert found == () if said is None else any(said in each for each in found)


def test_score_ranks_subjects_and_gives_receipts_that_verify(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from gongbao.cli.score import score_command

    folder = written(tmp_path)
    raw = {"subjects": [{"subject": "东区", "verified": FULL, "self": FULL}, {"subject": "西区", "facts": {**FULL, "shared": 3}}],
           "votes": [{"voter": "10.0.0.1", "subject": "东区", "at": "2023-05-01T09:00"}]}  # fmt: skip
    score_command(str(folder), "yearly", json.dumps(raw), settings=json.dumps(SET), as_json=True)
    shown = json.loads(capsys.readouterr().out)
    assert [(p["subject"], p["place"], p["chosen"]) for p in shown["ranking"]] == [("东区", 1, True), ("西区", 2, True)]
    assert shown["scores"][1]["deductions"][0]["points"] == "0.8"
    assert shown["scores"][0]["differences"] == []
    assert shown["scores"][0]["receipt"]["decision"] == "yearly_grade"
    assert shown["votes"]["counted"] == {"东区": 1}
    score_command(str(folder), "yearly", json.dumps(FULL), settings=json.dumps(SET))
    assert "年度考核：49 分（满分 45），优秀" in capsys.readouterr().out
