"""What a pack says is held against what the gazette prints: citations, figures as printed, register rows."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from tests.policy.conftest import VALID

from gongbao.gazette.text import GazetteError
from gongbao.policy.coverage import coverage
from gongbao.policy.errors import PackError
from gongbao.policy.loader import find_packs, read_source
from gongbao.policy.verify import Verification, _says, prints_number, read_gazettes, verify

GAZETTES = Path(__file__).parent / "gazettes"


def verified(folder: Path) -> Verification:
    return verify(read_source(folder), read_gazettes(GAZETTES))


def changed(folder: Path, file: str, before: str, after: str) -> Path:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")
    return folder


def test_a_true_pack_is_verified() -> None:
    result = verified(VALID)
    assert result.problems == ()
    assert (result.document, result.rows) == ("示例市自行车停放管理办法", 3)
    assert result.citations == 20
    assert result.figures == 6


@pytest.mark.parametrize(
    ("file", "before", "after", "code", "message"),
    [
        ("params.yaml", "text: 20辆", "text: 30辆", "figure", "没有印“30辆”"),
        ("params.yaml", "text: 20辆", "text: 0辆", "figure", "没有印“0辆”"),
        ("params.yaml", "value: 20", "value: 21", "figure", "用的是 21"),
        ("params.yaml", "cite: 四", "cite: 九", "cite", "九"),
        ("procedures.yaml", "text: 2小时", "text: 3小时", "figure", "没有印“3小时”"),
        ("procedures.yaml", "limit: 2 hours", "limit: 3 hours", "figure", "用的是 3"),
        ("decisions.yaml", '">= 100"', '">= 101"', "figure", "没有印 101"),
        ("document.yaml", "示政办字〔2023〕5号", "示政办字〔2023〕6号", "not_found", "没有文号"),
        ("document.yaml", "dated: 2023-03-01", "dated: 2023-03-02", "dated", "2023-03-01"),
        ("document.yaml", "issuer: 示例市人民政府办公室", "issuer: 示例市人民政府", "issuer", "办公室"),
        ("document.yaml", "no_rule: [{cite: 一,", "no_rule: [{cite: 八,", "cite", "八"),
        ("registers/spots.csv", "东门,东区,50", "东门,东区,51", "row", "51"),
        ("registers/spots.csv", "3,西门,西区,80\n", "", "rows", "有 3 行，清单有 2 行"),
    ],
)
def test_what_the_gazette_does_not_print_is_found(
    lay_over: Any, file: str, before: str, after: str, code: str, message: str
) -> None:
    problems = verified(changed(lay_over(), file, before, after)).problems
    assert any(p.code == code and message in p.message for p in problems), problems


@pytest.mark.parametrize(
    ("signals", "missing"),
    [
        ("[{words: [自行车, 堵塞通道], cite: 二}]", []),
        ("[{words: ['自行车 堵塞|通道 -共享单车'], cite: 二}]", []),
        ("[{said: [乱停乱放, 车堵门口], cite: 二}]", []),
        ("[{words: ['自行车 电动车|堵塞'], said: [三轮车], cite: 二}]", ["电动车"]),
        ("[{words: [清理], cite: 二}]", ["清理"]),
    ],
)
def test_the_words_of_a_signal_must_be_printed_and_those_that_people_say_need_not(
    lay_over: Any, signals: str, missing: list[str]
) -> None:
    folder = lay_over()
    path = folder / "procedures.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"^(\w+:\n)", rf"\1  signals: {signals}\n", text, count=1, flags=re.M), encoding="utf-8")
    problems = verified(folder).problems
    assert [(p.code, p.message.split("“")[2].partition("”")[0]) for p in problems] == [("term", m) for m in missing]


def test_a_signal_is_no_rule_that_a_clause_is_covered_by(lay_over: Any) -> None:
    folder = lay_over()
    path = folder / "procedures.yaml"
    before = coverage(read_source(folder), read_gazettes(GAZETTES))
    text = path.read_text(encoding="utf-8")
    path.write_text(
        re.sub(r"^(\w+:\n)", r"\1  signals: [{words: [道路], cite: 一}]\n", text, count=1, flags=re.M), encoding="utf-8"
    )
    assert coverage(read_source(folder), read_gazettes(GAZETTES)).as_dict() == before.as_dict()


def test_a_signal_without_words_is_refused(lay_over: Any) -> None:
    folder = lay_over()
    path = folder / "procedures.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"^(\w+:\n)", r"\1  signals: [{cite: 二}]\n", text, count=1, flags=re.M), encoding="utf-8")
    with pytest.raises(PackError, match="words"):
        read_source(folder)


def test_what_is_only_implied_is_listed_apart(lay_over: Any) -> None:
    folder = changed(lay_over(), "params.yaml", "text: 20辆", "implied: 由第二条推得")
    result = verified(folder)
    assert result.problems == ()
    assert [(c.path, reason) for c, reason in result.implied] == [(("free",), "由第二条推得")]


def test_columns_that_the_authors_added_make_no_claim_on_the_print(lay_over: Any) -> None:
    before, after = "size: {label: 容量, type: integer}", "size: {label: 词, authored: true}"
    folder = changed(lay_over(), "registers.yaml", before, after)
    changed(folder, "registers/spots.csv", "东门,东区,50", "东门,东区,路口")
    result = verified(folder)
    assert result.problems == ()
    assert result.added == ("spots.size（词）：编写人所加",)


@pytest.mark.parametrize(("text", "value", "found"), [
    ("5次以下", "5", True), ("15次以下", "5", False), ("五个工作日", "5", True), ("三十日", "30", True),
    ("三日", "30", False),
    ("2—3天", "3", True), ("30%", "30", True),
])  # fmt: skip
def test_a_number_is_found_in_digits_or_numerals_never_inside_another(text: str, value: str, found: bool) -> None:
    assert prints_number(text, value) is found


def test_coverage_tells_what_no_rule_stands_on(lay_over: Any) -> None:
    gazettes = read_gazettes(GAZETTES)
    whole = coverage(read_source(VALID), gazettes)
    assert "五（2）" not in dict(whole.open_clauses)
    assert dict(whole.open_figures) == {"五（2）": "7日"}
    folder = lay_over()
    (folder / "duties.yaml").unlink()
    (folder / "examples.yaml").unlink()
    less = coverage(read_source(folder), gazettes)
    assert {"五（1）", "五（2）"} <= set(dict(less.open_clauses))
    assert less.clause_share < whole.clause_share


def test_a_clause_set_aside_takes_those_below_with_it_unless_a_rule_stands_there(lay_over: Any) -> None:
    gazettes = read_gazettes(GAZETTES)
    folder = lay_over()
    (folder / "duties.yaml").unlink()
    (folder / "examples.yaml").unlink()
    changed(folder, "document.yaml", "{cite: 一, reason: 目的}", "{cite: 一, reason: 目的}, {cite: 五, reason: 总述}")
    assert "五（2）" not in dict(coverage(read_source(folder), gazettes).open_clauses)
    duty = "- {id: warn, do: 设置警示标志, procedure: clearing, lead: {unit: 市交管局}, cite: 五（1）}\n"
    (folder / "duties.yaml").write_text(duty, encoding="utf-8")
    assert "五（2）" in dict(coverage(read_source(folder), gazettes).open_clauses)


def test_a_figure_that_no_rule_uses_is_marked_while_rules_stand_on_its_clause(lay_over: Any) -> None:
    gazettes = read_gazettes(GAZETTES)
    mark = "{cite: 一, reason: 目的}, {cite: 五（2）, figures: [7日], reason: 另行规定}"
    folder = changed(lay_over(), "document.yaml", "{cite: 一, reason: 目的}", mark)
    marked = coverage(read_source(folder), gazettes)
    assert (marked.open_figures, marked.marked_figures) == ((), (("五（2）", "7日"),))
    whole = coverage(read_source(VALID), gazettes)
    assert (marked.clauses, marked.set_aside, marked.open_clauses) == (
        whole.clauses,
        whole.set_aside,
        whole.open_clauses,
    )
    assert set(marked.used_figures) == set(whole.used_figures)
    assert verified(folder).problems == ()
    changed(folder, "document.yaml", "figures: [7日]", "figures: [8日]")
    assert coverage(read_source(folder), gazettes).open_figures == (("五（2）", "7日"),)
    assert any("没有印“8日”" in p.message for p in verified(folder).problems)


def test_a_folder_without_gazettes_is_said(tmp_path: Path) -> None:
    with pytest.raises(GazetteError):
        read_gazettes(tmp_path)
    with pytest.raises(GazetteError):
        read_gazettes(tmp_path / "nothing")


@pytest.mark.seeds
def test_the_packs_of_the_repository_say_what_the_seeds_print() -> None:
    root = Path(__file__).parents[2]
    seeds = Path(os.environ.get("GONGBAO_SHARED", root.parent / "shared")) / "seeds"
    if not seeds.is_dir():
        pytest.skip("公报原文不在：设 GONGBAO_SHARED 指向共享文件夹")
    gazettes = read_gazettes(seeds)
    for found in find_packs(root / "packs"):
        result = verify(read_source(found.folder), gazettes)
        assert result.problems == (), f"{found.id}：\n" + "\n".join(map(str, result.problems))


@pytest.mark.parametrize(("before", "after"), [("东区: 2", "东区: 9"), ("printed_total: 3", "printed_total: 77")])
def test_a_total_that_the_rows_do_not_come_to_must_be_printed(lay_over: Any, before: str, after: str) -> None:
    result = verified(changed(lay_over(), "registers.yaml", before, after))
    assert [problem.code for problem in result.problems] == ["total"]


def test_a_figure_in_the_words_of_a_duty_must_be_printed(lay_over: Any) -> None:
    folder = lay_over()
    duties = (folder / "duties.yaml").read_text(encoding="utf-8")
    first = next(line for line in duties.splitlines() if "do: " in line)
    wrong = first.replace("do: ", "do: 在987天内", 1)
    result = verified(changed(folder, "duties.yaml", first, wrong))
    assert [(problem.file, problem.code) for problem in result.problems] == [("duties.yaml", "figure")]


@pytest.mark.parametrize(
    ("figure", "number", "said"),
    [
        ("每日", "1", True), ("每日", "2", False), ("每日8时至18时", "1", True), ("每天至少1次", "2", False), ("每周", "7", True),
        ("每周", "2", False), ("每半小时1次", "30", True), ("每半小时1次", "20", False), ("每小时1次", "1", True), ("每3天", "3", True),
        ("每3天", "2", False), ("两部", "2", True), ("每班", "5", True), ("半年", "6", True), ("半年", "5", False),
        ("一个半小时", "90", True), ("一个半小时", "30", False), ("75%", "75", True), ("75%", "0.75", True), ("75%", "0.76", False),
        ("75%", "7.5", False), ("0.4‰", "0.0004", True), ("0.4‰", "0.004", False), ("1周", "1", True), ("1周", "7", True),
        ("1周", "8", False), ("2周", "14", True), ("2周", "7", False),
    ],
)  # fmt: skip
def test_a_figure_in_words_says_its_number(figure: str, number: str, said: bool) -> None:
    """每日 beside `every: 2 days` is a slip; words that name no number are left to the reader."""
    assert _says(figure, number) is said
