"""A kept pack is the pack compiled afresh; whatever changes makes it anew, and what is not one's own is not opened."""

from __future__ import annotations

import os
import pickle
import shutil
from pathlib import Path
from typing import Any

import pytest

from gongbao.engine.decision.decide import decide, judge
from gongbao.engine.decision.plan import Plan
from gongbao.engine.decision.trace import as_dict
from gongbao.engine.model import Procedure
from gongbao.engine.world import World
from gongbao.policy import kept, loader, place

PACKS = Path(__file__).parents[2] / "packs" / "langfang"
CREDIT = {
    "licence_revoked": False, "general_records": 2, "repaired_records": 0, "serious_listed": 0, "serious_penalties": 0,
    "serious_consequence": False,
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place to keep packs in, and a process that has compiled none yet."""
    monkeypatch.setattr(loader, "_worlds", {})
    monkeypatch.setattr(loader, "_placed", {})
    monkeypatch.setattr(place, "folder", tmp_path / "kept")
    return tmp_path / "kept"


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The packs that were compiled, in order."""
    made: list[Path] = []
    real = loader._compiled

    def compile(folder: Path, key: Any) -> World:
        made.append(folder)
        return real(folder, key)

    monkeypatch.setattr(loader, "_compiled", compile)
    return made


def anew(folder: Path) -> World:
    """As another process would load it."""
    loader._worlds.clear()
    loader._placed.clear()
    return loader.load_folder(folder)


@pytest.mark.parametrize("name", sorted(path.parent.name for path in PACKS.glob("*/document.yaml")))
def test_a_kept_pack_is_the_pack_compiled_afresh(name: str, folder: Path, compiled: list[Path]) -> None:
    fresh, again = anew(PACKS / name), anew(PACKS / name)
    assert len(compiled) == 1
    assert again is not fresh
    for field in ("pack", "version", "document", "facts", "params", "settings", "labels", "units_version", "label"):
        assert getattr(again, field) == getattr(fresh, field), field
    assert list(again.decisions) == list(fresh.decisions)
    for key, decision in fresh.decisions.items():
        mine = again.decisions[key]
        assert mine.table.source == decision.table.source
        assert (mine.trees, mine.rows, mine.outputs) == (decision.trees, decision.rows, decision.outputs)
    assert again.registers == fresh.registers
    assert [unit.name for unit in again.units.units.values()] == [unit.name for unit in fresh.units.units.values()]
    assert again.calendar == fresh.calendar
    assert [shape(each) for each in again.procedures.values()] == [shape(each) for each in fresh.procedures.values()]
    assert [(duty.id, duty.cite) for duty in again.duties] == [(duty.id, duty.cite) for duty in fresh.duties]


def shape(procedure: Procedure) -> Any:
    return procedure.id, [
        (step.id, list(step.actions), [d.id for d in step.deadlines]) for step in procedure.steps.values()
    ]


def test_its_rules_decide_the_same_the_general_way_and_by_plan(folder: Path) -> None:
    fresh, again = anew(PACKS / "enterprise-credit"), anew(PACKS / "enterprise-credit")
    for world in (fresh, again):
        filled = world.with_settings({"repaired_counts": "计入"})
        outcomes = [decide(filled, "grade", CREDIT) for _ in range(4)] + [judge(filled, "grade", CREDIT)]
        assert isinstance(filled.plans["grade"], Plan)
        told = [as_dict(outcome) for outcome in outcomes]
        assert told[0]["value"] == {"grade": "B"}
        assert all(each == told[0] for each in told)
    assert as_dict(decide(fresh, "grade", {})) == as_dict(decide(again, "grade", {}))


def test_a_part_is_read_when_it_is_asked_for(folder: Path) -> None:
    anew(PACKS / "hotline-110")
    again = anew(PACKS / "hotline-110").changed(label="x")
    with pytest.raises(AttributeError):
        type(again).procedures.__get__(again)  # type: ignore[attr-defined]
    assert again.procedures
    assert type(again).procedures.__get__(again)  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        again.nothing  # noqa: B018


@pytest.mark.parametrize("file", ["facts.yaml", "examples.yaml", "registers/information.csv", "../units.yaml"])
def test_any_changed_byte_makes_it_anew(file: str, folder: Path, compiled: list[Path], tmp_path: Path) -> None:
    city = tmp_path / "root" / "langfang"
    shutil.copytree(PACKS / "enterprise-credit", city / "enterprise-credit")
    shutil.copy(PACKS / "units.yaml", city / "units.yaml")
    anew(city / "enterprise-credit")
    anew(city / "enterprise-credit")
    assert len(compiled) == 1
    changed = city / "enterprise-credit" / file
    if not changed.is_file():
        changed = next((city / "enterprise-credit" / "registers").glob("*.csv"))
    changed.write_bytes(changed.read_bytes() + b"\n")
    anew(city / "enterprise-credit")
    assert len(compiled) == 2


def test_another_gongbao_or_python_makes_it_anew(
    folder: Path, compiled: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    anew(PACKS / "enterprise-credit")
    monkeypatch.setattr(kept, "fingerprint", lambda: "another")
    anew(PACKS / "enterprise-credit")
    assert len(compiled) == 2


def only(folder: Path) -> Path:
    """The largest kept file: that of the world, not that of a head."""
    return max(folder.glob("*.pack"), key=lambda path: path.stat().st_size)


@pytest.mark.parametrize("at", [0, 20, 60, 400, -40, -1])
def test_a_damaged_file_is_made_again(at: int, folder: Path, compiled: list[Path]) -> None:
    anew(PACKS / "enterprise-credit")
    file = only(folder)
    whole = file.read_bytes()
    damaged = bytearray(whole)
    damaged[at] ^= 1
    for content in (bytes(damaged), whole[: len(whole) // 2], b""):
        compiled.clear()
        file.write_bytes(content)
        anew(PACKS / "enterprise-credit")
        assert len(compiled) == 1
        assert file.read_bytes()[:60] == whole[:60]


def test_what_another_could_have_written_is_not_opened(folder: Path, compiled: list[Path], tmp_path: Path) -> None:
    anew(PACKS / "enterprise-credit")
    assert folder.stat().st_mode & 0o777 == 0o700
    file = only(folder)

    def opened() -> bool:
        compiled.clear()
        anew(PACKS / "enterprise-credit")
        return not compiled

    assert opened()
    file.chmod(0o620)
    assert not opened()  # and it was written anew, closed
    assert opened()
    for mode in (0o750, 0o701, 0o770):
        folder.chmod(mode)
        assert not opened(), oct(mode)
    folder.chmod(0o700)
    assert opened()
    elsewhere = tmp_path / "elsewhere"
    shutil.move(file, elsewhere)
    file.symlink_to(elsewhere)
    assert not opened()
    shutil.move(folder, tmp_path / "moved")
    folder.symlink_to(tmp_path / "moved")
    assert not opened()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can give a file to another")
def test_what_belongs_to_another_is_not_opened(folder: Path, compiled: list[Path]) -> None:
    anew(PACKS / "enterprise-credit")
    os.chown(only(folder), 65534, -1)
    anew(PACKS / "enterprise-credit")
    assert len(compiled) == 2
    os.chown(folder, 65534, -1)
    anew(PACKS / "enterprise-credit")
    assert len(compiled) == 3


def test_where_nothing_can_be_kept_nothing_is(
    monkeypatch: pytest.MonkeyPatch, compiled: list[Path], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    for folder in (None, tmp_path / "file", tmp_path / "file" / "below"):
        monkeypatch.setattr(place, "folder", folder)
        monkeypatch.setattr(loader, "_worlds", {})
        assert loader.load_folder(PACKS / "enterprise-credit").pack == "langfang/enterprise-credit"
    assert len(compiled) == 3
    assert (tmp_path / "file").read_text() == ""


@pytest.mark.parametrize("what", [os.system, print, eval, shutil.rmtree, pickle.loads])
def test_no_function_of_another_module_is_named_by_a_kept_value(what: Any, folder: Path) -> None:
    kept.keep("x", {"a": what})
    assert kept.value("x") is None
    kept.keep("x", {"a": 1})
    assert kept.value("x") == {"a": 1}
