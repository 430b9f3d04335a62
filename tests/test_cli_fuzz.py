"""Whatever stands in a file for the command line, the end is an answer, or one message and exit code 1."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.policy import hostile
from tests.policy.conftest import PACKS

from gongbao.cli import main

COMMANDS = (
    ("decide", "shili/parking", "level", "--facts"),
    ("decide", "shili/parking", "charge", "--json", "--facts"),
    ("case", "replay", "shili/parking", "clearing", "--now", "2023-04-02T08:00", "--events"),
    ("receipt", "verify"),
    ("batch", "shili/parking", "level", "--output", "out.parquet", "--input"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@given(chance=st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_any_file_ends_in_an_answer_or_one_message(folder: Path, chance: Random) -> None:
    path = folder / "input.json"
    path.write_bytes(hostile.json_text(chance))
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setenv("GONGBAO_PACKS", str(PACKS / "valid"))
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["gongbao", *chance.choice(COMMANDS), str(path)])
        with pytest.raises(SystemExit) as stopped:
            main()
    said = err.getvalue()
    assert "Traceback" not in said
    assert stopped.value.code in (0, 1, None)
    assert not stopped.value.code or said.startswith("错误：")
