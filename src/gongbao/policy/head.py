"""The head of a pack: the little of its document.yaml that says which law it is and when it holds."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from pathlib import Path

from gongbao.policy import kept


@dataclass(frozen=True, slots=True)
class Force:
    """From when until when it holds and what picks it; the fields of schema.InForce that choosing a version asks for."""

    from_: dt.date
    until: dt.date | None
    applies_by: str
    date_fact: str | None
    open_cases: str
    gap: str | None


@dataclass(frozen=True, slots=True)
class Revision:
    no: int
    kind: str


@dataclass(frozen=True, slots=True)
class Head:
    number: str
    title: str
    in_force: Force
    revision: Revision
    repeals: tuple[str, ...]


def read_head(folder: Path) -> Head:
    """The head of the pack in a folder. PackError with every problem of its document.yaml."""
    path = folder / "document.yaml"
    key = f"head {hashlib.sha256(path.read_bytes()).hexdigest()}" if path.is_file() else ""
    held = kept.value(key)
    if isinstance(held, Head):
        return held
    from gongbao.policy.source import read_document  # reads YAML and checks it, which takes a while to import

    document = read_document(folder)
    force, revision = document.in_force, document.revision
    made = Head(
        document.number,
        document.title,
        Force(force.from_, force.until, force.applies_by, force.date_fact, force.open_cases, force.gap),
        Revision(revision.no, revision.kind),
        document.repeals,
    )
    kept.keep(key, made)
    return made
