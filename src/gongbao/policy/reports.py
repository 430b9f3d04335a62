"""The reports of many packs: those that are kept are told at once, the others are made on all cores.

A report is kept by all that it depends on: every file of the pack's folder, the city's units, the heads of the packs
beside it (versions, repeals), gongbao itself and the libraries that it checks with (policy.kept).
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from gongbao.policy import kept, place
from gongbao.policy.report import Report

_LIBRARIES = ("chinesecalendar", "pydantic", "pydantic-core", "PyYAML")  # holidays; messages; what is read


class Stopped(RuntimeError):
    """A process that checked packs ended before it told what it found (the machine was out of memory, say)."""


def reports(folders: Sequence[Path], cores: int | None = None) -> list[Report]:
    """What `check_folder` says of each folder, in their order. cores: how many processes (all that this one may use).

    Stopped where a process was ended from outside; what was found until then is kept.
    """
    keys = {folder: key_of(folder) for folder in dict.fromkeys(folders)}
    found = {folder: report for folder, key in keys.items() if (report := _kept(key)) is not None}
    for folder, report in _made([folder for folder in keys if folder not in found], cores or _cores()):
        found[folder] = report
        if (key := keys[folder]) is not None and key_of(folder) == key:  # not one that was saved meanwhile
            kept.keep(key, report)
    return [found[folder] for folder in folders]


def key_of(folder: Path) -> str | None:
    """What the report of a folder is kept by; None where nothing is kept, or the folder cannot be read whole."""
    if place.folder is None or not folder.is_dir():
        return None
    whole = folder.resolve()
    heads = sorted(whole.parent.parent.glob("*/*/document.yaml"))
    digest = hashlib.sha256(_libraries().encode())
    try:
        for path in (*_below(whole), whole.parent / "units.yaml", *heads):
            data = path.read_bytes() if path.is_file() else None
            name = path.relative_to(whole.parent.parent).as_posix()
            digest.update(f"\n{name}\0{-1 if data is None else len(data)}\0".encode(errors="surrogateescape"))
            digest.update(data or b"")
    except OSError:
        return None
    return f"report {whole.parent.name}/{whole.name} {digest.hexdigest()}"


def _below(folder: Path) -> Iterator[Path]:
    """Everything in a folder, in the order of its names. OSError for a link to a folder: what it holds is not seen."""
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() and path.is_dir():
            raise OSError(path)
        yield path


def _kept(key: str | None) -> Report | None:
    found = None if key is None else kept.value(key)
    return found if isinstance(found, Report) else None


@cache
def _libraries() -> str:
    found = []
    for name in _LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(name)
    return "\n".join(found)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _made(folders: Sequence[Path], cores: int) -> Iterator[tuple[Path, Report]]:
    """The folders checked, each as it is done."""
    if not folders:
        return
    from gongbao.policy.check import check_folder  # here, so that the processes begin with all of it imported

    if min(cores, len(folders)) < 2:
        yield from ((folder, check_folder(folder)) for folder in folders)
        return
    mine = multiprocessing.active_children()
    pool = ProcessPoolExecutor(min(cores, len(folders)), initializer=_uninterrupted)
    try:
        largest_first = sorted(folders, key=_size, reverse=True)
        waiting = {pool.submit(check_folder, folder): folder for folder in largest_first}
        for done in as_completed(waiting):
            yield waiting[done], done.result()
            del waiting[done]
    except BaseException as error:  # interrupted, or a mistake: the others are not waited for
        for process in multiprocessing.active_children():
            if process not in mine:
                process.terminate()
        if isinstance(error, BrokenProcessPool):
            left = "、".join(sorted(folder.name for folder in waiting.values()))
            raise Stopped(f"检查用的进程中途结束了（内存可能不足），没有查完：{left}") from None
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _uninterrupted() -> None:
    """Ctrl-C goes to every process of the terminal; the one that waits ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*.yaml") if path.is_file())
