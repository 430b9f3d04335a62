"""Which packs were saved since they were last looked at, by the times of their files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

Stamps = dict[Path, int]


def stamps(folder: Path) -> Stamps:
    """When each file that a pack is read from was last written: its own, and the units of its city."""
    found = [*folder.rglob("*"), folder.parent / "units.yaml"]
    times: Stamps = {}
    for path in found:
        try:
            if path.is_file() and not path.name.startswith((".", "~")):
                times[path] = path.stat().st_mtime_ns
        except OSError:  # an editor replaces a file by moving another over it
            continue
    return times


def saved(folders: Sequence[Path], wait: Callable[[], None]) -> Iterator[list[Path]]:
    """First all folders, then, after each `wait`, those that were saved in between (none: nothing is told)."""
    known = {folder: stamps(folder) for folder in folders}
    yield list(folders)
    while True:
        wait()
        now = {folder: stamps(folder) for folder in folders}
        changed = [folder for folder in folders if now[folder] != known[folder]]
        known = now
        if changed:
            yield changed
