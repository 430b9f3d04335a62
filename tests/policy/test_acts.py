"""An act is named and done as its step says: what would surprise a reader is told."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.policy.conftest import VALID

from gongbao.policy.acts import ENGINE_EVENTS
from gongbao.policy.check import check_folder

CONFIRMED = "confirmed: {label: 属实, decides: level, to: [clear]}"


def changed(tmp_path: Path, *changes: str) -> list[tuple[str | None, str, str | None]]:
    """What is told of the pack with its procedure changed (what stands there, what instead): code, level, key."""
    shutil.copytree(VALID.parent, tmp_path / "shili")
    folder = tmp_path / "shili" / VALID.name
    file = folder / "procedures.yaml"
    text = file.read_text(encoding="utf-8")
    for before, after in zip(changes[::2], changes[1::2], strict=True):
        assert before in text
        text = text.replace(before, after)
    file.write_text(text, encoding="utf-8")
    found = check_folder(folder).problems
    return [(each.code, each.level, each.key) for each in found if each.code in ("reserved", "decider")]


@pytest.mark.parametrize("event", sorted(ENGINE_EVENTS))
def test_an_act_has_no_event_of_the_engine(event: str, tmp_path: Path) -> None:
    own = CONFIRMED.replace("{label", f"{{event: {event}, label")
    key = "clearing.steps.check.actions.confirmed.event"
    assert changed(tmp_path, CONFIRMED, own) == [("reserved", "error", key)]


def test_an_act_is_not_called_like_one_either(tmp_path: Path) -> None:
    urged = "urged: {label: 催办"
    assert changed(tmp_path, urged, urged.replace("urged", "recorded")) == [
        ("reserved", "error", "clearing.anytime.recorded")
    ]


def test_an_act_that_decides_says_by_whom_where_the_step_says_otherwise(tmp_path: Path) -> None:
    by = "level: {proposed_by: level, decided_by: {unit: 市交管局}"
    told = [("decider", "warning", "clearing.steps.check.actions.confirmed")]
    other = by.replace("unit: 市交管局", "relative: 人民政府, level: 县")
    assert changed(tmp_path / "a", by, by) == []
    assert changed(tmp_path / "b", by, other) == told
    assert changed(tmp_path / "c", by, other, CONFIRMED, CONFIRMED.replace("{", "{by: {unit: 市交管局}, ")) == []
