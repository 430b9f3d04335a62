"""`gongbao decide` goes straight to its work when it is written plainly, and says the same as through the app."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import gongbao.cli as cli
from gongbao.cli import app
from gongbao.policy import place

FACTS = {"licence_revoked": False, "general_records": 6, "repaired_records": 0, "serious_listed": 0,
         "serious_penalties": 0, "serious_consequence": False}  # fmt: skip


@pytest.fixture
def facts(tmp_path: Path) -> str:
    file = tmp_path / "facts.json"
    file.write_text(json.dumps(FACTS))
    return str(file)


def straight(
    arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> tuple[int, str]:
    monkeypatch.setattr(sys, "argv", ["gongbao", *arguments])
    monkeypatch.setenv("GONGBAO_CACHE", "")
    monkeypatch.setattr(place, "folder", None)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0), capsys.readouterr().out


@pytest.mark.parametrize("more", [[], ["--json"], ["--on", "2023-05-01"], ["--on", "2023-05-01", "--json"]])
def test_straight_and_through_the_app_say_the_same(
    more: list[str], facts: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ["decide", "langfang/enterprise-credit", "grade", "--facts", facts, *more]
    assert cli.decided(arguments[1:])
    capsys.readouterr()
    code, said = straight(arguments, capsys, monkeypatch)
    through = CliRunner().invoke(app, arguments)
    assert (code, said) == (through.exit_code, through.stdout)
    assert "C" in said


@pytest.mark.parametrize(
    "arguments",
    [
        [], ["--help"], ["p", "d"], ["p", "--facts", "f"], ["p", "d", "e", "--facts", "f"], ["p", "d", "--facts"],
        ["p", "d", "--facts", "--json"], ["p", "d", "--facts", "f", "--facts", "g"], ["p", "d", "--facts=f"],
        ["p", "d", "--facts", "f", "--json", "--json"], ["p", "d", "--facts", "f", "--other"], ["-p", "d", "--facts", "f"],
    ],
)  # fmt: skip
def test_what_is_not_written_plainly_goes_through_the_app(arguments: list[str]) -> None:
    assert not cli.decided(arguments)


def test_a_wrong_command_line_is_told_by_the_app(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert straight(["decide", "langfang/enterprise-credit"], capsys, monkeypatch)[0] == 2


def test_a_decision_needs_neither_typer_nor_pydantic_nor_yaml_once_its_pack_is_kept(facts: str, tmp_path: Path) -> None:
    script = (
        "import sys, gongbao.cli\n"
        f"sys.argv = ['gongbao', 'decide', 'langfang/enterprise-credit', 'grade', '--facts', {facts!r}]\n"
        "try: gongbao.cli.main()\n"
        "except SystemExit: pass\n"
        "print(sorted({'typer', 'rich', 'pydantic', 'yaml', 'lxml'} & set(sys.modules)))\n"
    )
    environment = {"GONGBAO_CACHE": str(tmp_path / "kept"), "PYTHONPATH": ":".join(sys.path)}
    runs = [
        subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    ]
    assert runs[0].splitlines()[:-1] == runs[1].splitlines()[:-1]
    assert runs[1].splitlines()[-1] == "[]"


def test_packs_are_kept_in_the_users_folder_unless_another_or_none_is_named(tmp_path: Path) -> None:
    assert cli.cache_folder({"HOME": str(tmp_path)}) == tmp_path / ".cache" / "gongbao" / "packs"
    assert cli.cache_folder({"HOME": "/h", "XDG_CACHE_HOME": str(tmp_path)}) == tmp_path / "gongbao" / "packs"
    assert cli.cache_folder({"HOME": "/h", "GONGBAO_CACHE": str(tmp_path)}) == tmp_path
    assert cli.cache_folder({"HOME": "/h", "GONGBAO_CACHE": ""}) is None
    assert cli.cache_folder({}) is None
