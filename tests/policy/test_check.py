"""`check` finds what is missing or wrong in a pack; a sound pack has nothing to be told."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from tests.policy.conftest import VALID, expected, invalid

from gongbao.policy.check import check_folder


def test_a_sound_pack_passes() -> None:
    report = check_folder(VALID)
    assert report.problems == ()
    assert (report.examples, report.rules, report.thresholds) == (17, 6, 2)
    assert report.as_dict()["ok"] is True


@pytest.mark.parametrize("folder", invalid("check"))
def test_each_fault_is_found_with_its_place(folder: Path, lay_over: Any) -> None:
    want = expected(folder)
    report = check_folder(lay_over(folder))
    problems = [p for p in report.errors if p.file == want["file"] and want["message"] in p.message]
    assert problems, "\n".join(map(str, report.problems))
    assert want.get("code") in (None, problems[0].code)
    if "key" in want:
        assert want["key"] in [p.key for p in problems]


@pytest.mark.parametrize("folder", [*invalid("read"), *invalid("compile")])
def test_what_cannot_be_read_or_compiled_is_in_the_report_too(folder: Path, lay_over: Any) -> None:
    want = expected(folder)
    report = check_folder(lay_over(folder))
    assert any(p.file == want["file"] and want.get("message", "") in p.message for p in report.errors)


def change(folder: Path, file: str, before: str, after: str) -> Path:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("file", "before", "after", "code", "message"),
    [
        ("procedures.yaml", "document: notice", "document: letter", "name", "letter"),
        ("procedures.yaml", "decides: level", "decides: charge", "name", "charge"),
        ("procedures.yaml", "met_by: {event: cleared}", "met_by: {event: cleaned}", "name", "cleaned"),
        ("procedures.yaml", "from: {fact: found_at}", "from: {fact: founded_at}", "name", "founded_at"),
        ("procedures.yaml", "relative: 人民政府", "relative: 城管部门", "unit", "城管部门"),
        ("procedures.yaml", 'decided.level != "一般"', 'decided.level != "一班"', "value", "一班"),
        ("procedures.yaml", 'decided.level != "一般"', 'decided.stage != "一般"', "name", "stage"),
        ("procedures.yaml", "id: clear_time", "id: check_time", "duplicate", "check_time"),
        ("duties.yaml", "group: 各区", "group: 各县", "unit", "各县"),
        ("duties.yaml", "id: patrol", "id: warn", "duplicate", "warn"),
        ("duties.yaml",
         "procedure: clearing, while: 'decided.level =", "procedure: x, while: 'decided.level =", "name", "x"),
        ("decisions.yaml", "requires: [level]", "requires: []", "name", "requires"),
        ("decisions.yaml", "requires: [level]", "requires: [level, size]", "name", "size"),
        ("decisions.yaml", '\'"私人"\'', '\'"个人"\'', "value", "个人"),
        ("decisions.yaml", "then: 企业", "then: 公司", "compile", "公司"),
        ("documents.yaml", "共{bikes}辆", "共{bicycles}辆", "name", "bicycles"),
        ("document.yaml", "owner: 市交管局", "owner: 市园林局", "unit", "市园林局"),
        ("settings.yaml", "candidates: [1, 2]", "candidates: [1, 2], kind: x", "schema", "未知的键"),
        ("examples.yaml",
         "given: {bikes: 99, blocked: true}", "given: {bikes: -1, blocked: true}", "example", "停放数量"),
        ("examples.yaml", "not_possible: [confirmed]", "not_possible: [cleared]", "example", "cleared"),
        ("examples.yaml", "steps: [clear]", "steps: [check]", "example", "check"),
        ("examples.yaml",
         'check_time: {due: "2023-05-08T11:00"', 'check_time: {due: "2023-05-08T11:01"', "example", "11:01"),
        ("examples.yaml", "tasks: [warn, patrol]", "tasks: [warn]", "example", "patrol"),
        ("examples.yaml", "{count: 3, printed_total: 3", "{count: 4, printed_total: 3", "example", "4"),
        ("examples.yaml", "id: charge-free", "id: charge", "duplicate", "charge"),
    ],
)  # fmt: skip
def test_small_slips_are_found(lay_over: Any, file: str, before: str, after: str, code: str, message: str) -> None:
    report = check_folder(change(lay_over(), file, before, after))
    assert any(p.code == code and message in p.message for p in report.errors), "\n".join(map(str, report.problems))


@pytest.mark.parametrize(
    ("file", "before", "after", "key", "message"),
    [
        ("decisions.yaml", 'bikes: ">= 100"', 'bikse: ">= 100"', "level.rules[0].when.bikse", "“bikse”这个事实.*“bikes”"),
        ("decisions.yaml", 'bikes: ">= 100"', 'bikes: ">= params.fees"', "level.rules[0].when.bikes", "“params.fees”这个参数.*“fee”"),
        ("decisions.yaml", 'blocked: "true"', 'blocked: "blokced"', "level.rules[1].when.blocked", "“blokced”.*“blocked”"),
        ("decisions.yaml", "then: 严重", "then: '= bikse'", "level.rules[0].then", "“bikse”.*“bikes”"),
        ("decisions.yaml", "  value: {amount: 'if", "  let: {over: 'bikse - params.free'}\n  value: {amount: 'if",
         "charge.let.over", "“bikse”.*“bikes”"),
        ("decisions.yaml", "max(0, bikes -", "max(0, bikse -", "charge.value.amount", "“bikse”.*“bikes”"),
        ("decisions.yaml", "level.level =", "level.levle =", "charge.value.amount", "“level.levle”这个结果.*“level”"),
        ("decisions.yaml", "* params.fee'", "* settings.patrol'", "charge.value.amount", "“settings.patrol”这个设置.*“patrols”"),
        ("decisions.yaml", "  value: {amount: 'if", "  assume: ['blokced = true']\n  value: {amount: 'if",
         "charge.assume[0]", "“blokced”.*“blocked”"),
        ("procedures.yaml", "while: 'decided.level", "while: 'decided.levle", "clearing.deadlines[0].while", "“decided.levle”这个判定.*“level”"),
        ("procedures.yaml", "while: 'decided.level", "while: 'blokced and decided.level", "clearing.deadlines[0].while", "“blokced”.*“blocked”"),
        ("procedures.yaml", "limit: 3 working days,", "limit: {setting: patrol},", "clearing.deadlines[0].limit", "“patrol”这个设置.*“patrols”"),
        ("procedures.yaml", "from: {event: confirmed}", "from: {event: confirmd}", "clearing.deadlines[0].from.event", "“confirmd”这个事件.*“confirmed”"),
        ("duties.yaml", "while: 'decided.level =", "while: 'decided.levle =", "[0].while", "“decided.levle”这个判定.*“level”"),
        ("duties.yaml", "while: 'decided.level =", "while: 'bikse > 1 and decided.level =", "[0].while", "“bikse”.*“bikes”"),
        ("procedures.yaml", 'requires: "reason', 'requires: "raeson', "clearing.steps.check.actions.rejected.requires", "“raeson”.*“reason”"),
        ("procedures.yaml", "confirmed: {label: 属实, ", "confirmed: {label: 属实, sets: {bikes: '= bikes + bikse'}, ", "clearing.steps.check.actions.confirmed.sets.bikes", "“bikse”.*“bikes”"),
        ("procedures.yaml", 'requires: "reason != null', 'requires: "last(confirmd) != null', "clearing.steps.check.actions.rejected.requires", "“confirmd”这个事件.*“confirmed”"),
        ("procedures.yaml", "    clear:\n", "    clear:\n      when: 'blokced = true'\n", "clearing.steps.clear.when", "“blokced”.*“blocked”"),
        ("procedures.yaml", "title: 'string(bikes", "title: 'string(bikse", "clearing.title", "“bikse”.*“bikes”"),
        ("registers.yaml", "  file: ", "  where: 'sizes > 0'\n  file: ", "spots.where", "“sizes”.*“size”"),
    ],
)  # fmt: skip
def test_a_name_that_means_nothing_is_told_wherever_it_stands_with_the_one_that_comes_near(
    lay_over: Any, file: str, before: str, after: str, key: str, message: str
) -> None:
    report = check_folder(change(lay_over(), file, before, after))
    told = [p for p in report.errors if (p.file, p.key, p.code) == (file, key, "name")]
    assert any(re.search(message, p.message) for p in told), "\n".join(map(str, report.problems))


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        ("candidates: [1, some]", "须为整数"),
        ("type: duration, candidates: [1 hours, few days]", "时限写法有误：'few days'"),
        ("type: boolean, values: [true, perhaps]", "patrols"),
    ],
)
def test_what_a_setting_lists_is_held_against_its_type(lay_over: Any, listed: str, message: str) -> None:
    before = "candidates: [1, 2]" if "type" not in listed else "type: integer, candidates: [1, 2]"
    report = check_folder(change(lay_over(), "settings.yaml", before, listed))
    (problem,) = [p for p in report.errors if p.file == "settings.yaml"]
    assert (problem.key[-3:], problem.code) == ("[1]", "value")
    assert message in problem.message


def test_a_gap_that_an_example_leaves_to_a_person_is_a_warning(lay_over: Any) -> None:
    folder = change(lay_over(), "decisions.yaml", '\'"共享", "单位"\'', "'\"共享\"'")
    given = "given: {owner_type: 单位}, expect: "
    change(folder, "examples.yaml", f"{given}企业", f"{given}{{needs_person: true}}")
    report = check_folder(folder)
    assert report.errors == ()
    assert [p.code for p in report.warnings] == ["gap"]


def test_a_report_names_the_pack_even_where_nothing_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "shili" / "nothing").mkdir(parents=True)
    report = check_folder(tmp_path / "shili" / "nothing")
    assert report.pack == "shili/nothing"
    assert "缺少 document.yaml" in report.errors[0].message


def test_a_report_tells_the_versions_of_a_document_apart(lay_over: Any) -> None:
    folder = lay_over()
    assert check_folder(folder.rename(folder.with_name("parking@2023"))).pack == "shili/parking@2023"
