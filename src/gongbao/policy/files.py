"""The files of a pack folder, and the hash of their content: what a version of a pack is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

NAMES = (
    "document", "facts", "params", "settings", "decisions", "procedures", "duties", "indicators", "registers", "documents",
    "scoresheets", "examples",
)  # fmt: skip
"""The YAML files that a pack may have."""


def pack_hash(folder: Path) -> str:
    """SHA-256 over the pack's files in the order of their names; line ends do not count, names do."""
    digest = hashlib.sha256()
    for name, data in _files(Path(folder)):
        body = data.replace(b"\r\n", b"\n")
        digest.update(f"{name}\0{len(body)}\0".encode())
        digest.update(body)
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    paths = [folder / f"{name}.yaml" for name in NAMES]
    paths += [p for sub in ("registers", "documents") for p in folder.glob(f"{sub}/**/*")]
    paths += [p for kind in ("dmn", "xml") for p in folder.glob(f"decisions/**/*.{kind}")]
    for path in sorted(p for p in paths if p.is_file() and not p.name.startswith((".", "~"))):
        yield path.relative_to(folder).as_posix(), path.read_bytes()
