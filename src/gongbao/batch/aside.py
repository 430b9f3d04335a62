"""A folder beside the output for what a run makes on the way: the next run to the same output clears what a killed one left."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def folder_beside(target: Path, what: str) -> Iterator[Path]:
    """An empty folder `.<target>.<what>`, gone afterwards. OSError where it cannot be made."""
    folder = target.with_name(f".{target.name.lstrip('.')}.{what}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
