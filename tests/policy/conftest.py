"""Tiny packs of an invented city: `valid` stands as it is; each `invalid/<name>` is laid over the valid one."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from gongbao.policy.yaml_core import parse

PACKS = Path(__file__).parent / "packs"
VALID = PACKS / "valid" / "shili" / "parking"
INVALID = sorted(p for p in (PACKS / "invalid").iterdir() if p.is_dir())


def expected(folder: Path) -> dict[str, Any]:
    value = parse((folder / "EXPECT.yaml").read_text(encoding="utf-8"), "EXPECT.yaml").value
    assert isinstance(value, dict)
    return value


def invalid(stage: str) -> list[Any]:
    """The invalid packs found out at a stage: read, compile or check."""
    return [pytest.param(f, id=f.name) for f in INVALID if expected(f)["stage"] == stage]


@pytest.fixture
def lay_over(tmp_path: Path) -> Any:
    """Copies the valid city to a scratch folder and lays an invalid pack's files over its pack."""

    def build(overlay: Path | None = None) -> Path:
        shutil.copytree(VALID.parent, tmp_path / "shili")
        folder = tmp_path / "shili" / "parking"
        if overlay is not None:
            shutil.copytree(overlay, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("EXPECT.yaml"))
        return folder

    return build
