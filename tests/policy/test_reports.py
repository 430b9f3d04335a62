"""The report of a pack is the same whether it is made alone, beside others, or kept; any change makes it anew."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.policy.conftest import INVALID, VALID

from gongbao.policy import check, kept, place, reports
from gongbao.policy.check import check_folder
from gongbao.policy.report import Report

PROCESSES = pytest.mark.skipif(
    multiprocessing.get_start_method() != "fork",
    reason="what a test puts in place reaches only processes that are forked",
)


@pytest.fixture
def packs(tmp_path: Path) -> list[Path]:
    """A city with packs that are right, wrong, and not to be read."""
    city = tmp_path / "root" / "shili"
    shutil.copytree(VALID.parent, city)
    for overlay in INVALID[:4]:
        folder = city / overlay.name.replace("_", "-")
        shutil.copytree(VALID, folder)
        shutil.copytree(overlay, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("EXPECT.yaml"))
    (city / "nothing").mkdir()
    return sorted(path for path in city.iterdir() if path.is_dir())


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "folder", None)


@pytest.fixture
def keeping(nowhere: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(place, "folder", tmp_path / "kept")
    return tmp_path / "kept"


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders that were checked, in order."""
    made: list[Path] = []

    def counted(folder: Path) -> Report:
        made.append(folder)
        return check_folder(folder)

    monkeypatch.setattr(check, "check_folder", counted)
    return made


def test_on_one_core_on_several_and_kept_the_reports_are_the_same(packs: list[Path], keeping: Path) -> None:
    alone = [check_folder(folder) for folder in packs]
    assert {bool(report.errors) for report in alone} == {True, False}
    place.folder = None
    assert reports.reports(packs, cores=1) == reports.reports(packs, cores=3) == alone
    assert reports.reports(packs[::-1], cores=2) == alone[::-1]
    place.folder = keeping
    assert reports.reports(packs, cores=2) == alone
    assert reports.reports(packs, cores=1) == alone
    assert reports.reports([*packs, packs[0]], cores=2) == [*alone, alone[0]]


def test_what_is_kept_is_not_made_again(packs: list[Path], keeping: Path, checked: list[Path]) -> None:
    first = reports.reports(packs, cores=1)
    assert checked == packs
    assert reports.reports(packs, cores=1) == first
    assert checked == packs


def test_on_one_core_or_for_one_pack_there_is_no_other_process(
    packs: list[Path], monkeypatch: pytest.MonkeyPatch, checked: list[Path]
) -> None:
    monkeypatch.setattr(reports, "ProcessPoolExecutor", None)
    reports.reports(packs, cores=1)
    reports.reports(packs[:1], cores=8)
    assert checked == [*packs, packs[0]]


def _write(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes((path.read_bytes() if path.is_file() else b"") + b"\n")


@pytest.mark.parametrize(
    "file",
    ["document.yaml", "facts.yaml", "examples.yaml", "../units.yaml", "registers/items.csv", "decisions/level.dmn",
     "drills/one.yaml", "documents/letter.docx", "strange.yml", ".hidden/x.yaml", "../other/document.yaml",
     "../../elsewhere/other/document.yaml"],
)  # fmt: skip
def test_a_change_of_any_file_is_noticed(file: str, packs: list[Path], keeping: Path, checked: list[Path]) -> None:
    folder = next(each for each in packs if each.name == "parking")
    reports.reports([folder], cores=1)
    changed = folder / file
    changed.parent.parent.mkdir(exist_ok=True)
    _write(changed)
    assert reports.reports([folder], cores=1) == [check_folder(folder)]
    assert len(checked) == 2
    _write(changed)
    reports.reports([folder], cores=1)
    assert len(checked) == 3
    changed.rename(changed.with_name("moved" + changed.suffix))
    for _ in range(2):
        assert reports.reports([folder], cores=1) == [check_folder(folder)]


def test_the_same_files_under_another_name_are_another_pack(
    packs: list[Path], keeping: Path, checked: list[Path]
) -> None:
    folder = next(each for each in packs if each.name == "parking")
    reports.reports([folder], cores=1)
    (moved,) = reports.reports([folder.rename(folder.with_name("parking@2023"))], cores=1)
    assert moved.pack == "shili/parking@2023"
    assert len(checked) == 2


@pytest.mark.parametrize("what", ["fingerprint", "library"])
def test_another_gongbao_or_another_library_makes_it_anew(
    what: str, packs: list[Path], keeping: Path, checked: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    reports.reports(packs[:1], cores=1)
    if what == "fingerprint":
        monkeypatch.setattr(kept, "fingerprint", lambda: "another")
    else:
        monkeypatch.setattr(reports, "_libraries", lambda: "chinesecalendar 99")
    reports.reports(packs[:1], cores=1)
    assert len(checked) == 2


def test_a_folder_linked_into_a_pack_is_not_seen_whole_so_nothing_is_kept(
    packs: list[Path], keeping: Path, checked: list[Path], tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (packs[0] / "registers").mkdir(exist_ok=True)
    (packs[0] / "registers" / "more").symlink_to(tmp_path / "elsewhere")
    reports.reports(packs[:1], cores=1)
    reports.reports(packs[:1], cores=1)
    assert len(checked) == 2


def test_what_was_saved_while_it_was_checked_is_not_kept(
    packs: list[Path], keeping: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def saved_meanwhile(folder: Path) -> Report:
        found = check_folder(folder)
        _write(folder / "examples.yaml")
        return found

    monkeypatch.setattr(check, "check_folder", saved_meanwhile)
    reports.reports(packs[:1], cores=1)
    assert not list(keeping.glob("*.pack"))


@pytest.mark.parametrize("at", [0, 20, 60, 200, -40, -1])
def test_a_damaged_report_is_made_again(at: int, packs: list[Path], keeping: Path, checked: list[Path]) -> None:
    first = reports.reports(packs[:1], cores=1)
    (file,) = keeping.glob("*.pack")
    whole = file.read_bytes()
    damaged = bytearray(whole)
    damaged[at] ^= 1
    for content in (bytes(damaged), whole[: len(whole) // 2], b""):
        checked.clear()
        file.write_bytes(content)
        assert reports.reports(packs[:1], cores=1) == first
        assert len(checked) == 1


def test_another_value_under_its_key_is_no_report(packs: list[Path], keeping: Path, checked: list[Path]) -> None:
    key = reports.key_of(packs[0])
    assert key is not None
    kept.keep(key, {"pack": "shili/parking", "problems": ()})
    assert reports.reports(packs[:1], cores=1) == [check_folder(packs[0])]
    assert checked == packs[:1]


# Processes ------------------------------------------------------------------------------------------------------------


def _dies(folder: Path) -> Report:
    if folder.name == "parking":
        os._exit(9)
    return check_folder(folder)


def _fails(folder: Path) -> Report:
    if folder.name == "parking":
        raise RuntimeError("a mistake of the checker")
    time.sleep(60)
    raise AssertionError


def _interrupts(folder: Path) -> Report:
    if folder.name == "parking":
        os.kill(os.getppid(), signal.SIGINT)
    time.sleep(60)
    raise AssertionError


def _with(work: Callable[[Path], Report], packs: Sequence[Path], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(check, "check_folder", work)
    first = sorted(packs, key=lambda folder: folder.name != "parking")
    monkeypatch.setattr(reports, "_size", lambda folder: -first.index(folder))
    held = signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background ignores it
    try:
        reports.reports(packs, cores=2)
    except BaseException as error:
        assert multiprocessing.active_children() == []
        return error
    finally:
        signal.signal(signal.SIGINT, held)
    return None


@PROCESSES
def test_a_process_that_ends_before_it_told_is_told_of(packs: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    error = _with(_dies, packs, monkeypatch)
    assert isinstance(error, reports.Stopped)
    assert "parking" in str(error)


@PROCESSES
def test_a_mistake_in_a_process_is_a_mistake_here(packs: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    error = _with(_fails, packs, monkeypatch)
    assert isinstance(error, RuntimeError)
    assert str(error) == "a mistake of the checker"


@PROCESSES
def test_ctrl_c_ends_all_processes_at_once(packs: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(_with(_interrupts, packs, monkeypatch), KeyboardInterrupt)
