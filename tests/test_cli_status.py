"""`gongbao gazette status`: a document's status on a day, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gongbao.cli import app

TEXT = """丙市人民政府
关于印发《丙市长椅办法》的通知
丙政〔2020〕3号
各区人民政府：
现印发给你们。
丙市人民政府
2020年5月6日
丙市长椅办法
第一条　根据《丙市园林条例》制定。
第二条　本办法自2020年6月1日起施行，有效期五年。《丙市长凳办法》（丙政〔2010〕1号）同时废止。
"""


@pytest.fixture
def asked(tmp_path: Path):  # type: ignore[no-untyped-def]
    (tmp_path / "丙市公报.txt").write_text(TEXT, encoding="utf-8")

    def run(*arguments: str) -> tuple[int, str]:
        made = CliRunner().invoke(app, ["gazette", "status", *arguments, "--gazettes", str(tmp_path)])
        return made.exit_code, made.output if made.exit_code == 0 else made.output + str(made.exception)

    return run


@pytest.mark.parametrize(
    ("day", "state"), [("2020-05-31", "not_yet"), ("2025-06-01", "in_force"), ("2025-06-02", "expired")]
)
def test_status_of_a_day_as_json(asked, day: str, state: str) -> None:  # type: ignore[no-untyped-def]
    code, said = asked("丙政〔2020〕3号", "--on", day, "--json")
    told = json.loads(said)
    assert (code, told["status"]["state"], told["loaded"]) == (0, state, True)
    assert [c["relation"] for c in told["cites"]] == ["based_on", "repeals"]


def test_a_document_that_is_only_mentioned(asked) -> None:  # type: ignore[no-untyped-def]
    told = json.loads(asked("丙政[2010]1号", "--on", "2020-06-01", "--json")[1])
    assert (told["status"]["state"], told["loaded"], told["cited_by"][0]["locator"]) == ("repealed", False, "第二条")


def test_in_words(asked) -> None:  # type: ignore[no-untyped-def]
    code, said = asked("长椅办法", "--on", "2021-01-01")
    assert code == 0
    assert "现行有效" in said
    assert "第二条" in said


def test_part_of_a_title_means_a_document_that_is_printed_before_one_that_is_mentioned(asked) -> None:  # type: ignore[no-untyped-def]
    assert json.loads(asked("丙市", "--json")[1])["title"] == "丙市长椅办法"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(("丙政〔1999〕9号",), "没有印出也没有提到"), (("长椅办法", "--on", "昨天"), "日期“昨天”不对")],
)
def test_bad_input_is_named(asked, arguments: tuple[str, ...], message: str) -> None:  # type: ignore[no-untyped-def]
    code, said = asked(*arguments)
    assert code != 0
    assert message in said
