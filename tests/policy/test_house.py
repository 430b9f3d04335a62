"""A working rule of the office's own: no gazette prints it, its rules are held against the clauses it gives itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gongbao.cli.commands import app
from gongbao.gazette.text import GazetteError
from gongbao.policy.check import check_folder
from gongbao.policy.coverage import coverage
from gongbao.policy.errors import PackError
from gongbao.policy.loader import load_folder, read_source
from gongbao.policy.publish import certificate
from gongbao.policy.verify import verify

DOCUMENT = """\
kind: house
title: 借阅办法
issuer: 示例市人民政府
dated: 2023-01-01
in_force: {from: 2023-01-01, cite: 第二条}
jurisdiction: shili
owner: 示例市人民政府
work: {case: 借阅, room: 档案}
review: {drafted_by: gongbao}
clauses:
  第一条: 一人一次可借三册。
  第二条: 自印发之日起施行。
"""
PARAMS = "most: {value: 3, text: 三册, cite: 第一条}\n"


@pytest.fixture
def folder(lay_over: Any) -> Path:
    made = lay_over().parent / "lending"
    made.mkdir()
    (made / "document.yaml").write_text(DOCUMENT, encoding="utf-8")
    (made / "params.yaml").write_text(PARAMS, encoding="utf-8")
    return made


def changed(folder: Path, before: str, after: str, file: str = "document.yaml") -> Path:
    text = (folder / file).read_text(encoding="utf-8")
    assert before in text
    (folder / file).write_text(text.replace(before, after), encoding="utf-8")
    return folder


def test_a_house_rule_stands_by_itself(folder: Path) -> None:
    assert check_folder(folder).errors == ()
    document = read_source(folder).pack.document
    assert document.number == certificate(document) == load_folder(folder).notice == "本单位办理规则"


def test_a_citation_of_a_clause_that_it_does_not_have_is_an_error(folder: Path) -> None:
    problem = check_folder(changed(folder, "第一条", "第三条", "params.yaml")).errors[-1]
    assert (problem.file, problem.code) == ("params.yaml", "cite")
    assert "没有“第三条”这个条文" in problem.message


def test_a_clause_that_no_rule_stands_on_is_an_error_unless_set_aside(folder: Path) -> None:
    more = "  第三条: 爱护图书。\n"
    (folder / "document.yaml").write_text(DOCUMENT + more, encoding="utf-8")
    assert [p.message for p in check_folder(folder).errors] == ["没有规则依据“第三条”；不成规则的写入 no_rule"]
    (folder / "document.yaml").write_text(
        DOCUMENT + more + "no_rule: [{cite: 第三条, reason: 倡导}]\n", encoding="utf-8"
    )
    assert check_folder(folder).errors == ()


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("review: {drafted_by: gongbao}", "review: {drafted_by: gongbao, certified_by: 张某}", "没有发布机关"),
        (DOCUMENT[DOCUMENT.index("clauses:") :], "", "须用 clauses 写出条文"),
        ("kind: house", "number: 示〔2023〕1号", "公报的条文从公报读取"),
    ],
)
def test_what_cannot_be_of_a_house_rule_is_refused(folder: Path, before: str, after: str, message: str) -> None:
    with pytest.raises(PackError, match=message):
        read_source(changed(folder, before, after))


def test_there_is_nothing_to_verify_nor_to_cover(folder: Path) -> None:
    source = read_source(folder)
    found = verify(source, ())
    assert (found.verified, found.house, found.citations) == (True, True, 0)
    with pytest.raises(GazetteError, match="没有公报可以核对"):
        coverage(source, ())


@pytest.mark.parametrize("command", ["verify", "coverage"])
def test_the_commands_say_so_in_one_line(folder: Path, command: str) -> None:
    gazettes = Path(__file__).parent / "gazettes"
    said = CliRunner().invoke(
        app, [command, "shili/lending", "--gazettes", str(gazettes), "--packs", str(folder.parent.parent)]
    )
    assert (said.exit_code, said.stdout) == (0, "shili/lending：本单位办理规则，没有公报可以核对\n")
