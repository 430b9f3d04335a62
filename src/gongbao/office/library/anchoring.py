"""How a pack stands on its gazette: what of it is found there, and which clauses and figures no rule uses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from gongbao.gazette.clause import Clause
from gongbao.gazette.documents import Document
from gongbao.office import worlds
from gongbao.office.library import shelf
from gongbao.policy import loader
from gongbao.policy.coverage import Coverage, coverage
from gongbao.policy.verify import Verification, verify


@dataclass(frozen=True, slots=True)
class Anchoring:
    """The pack held against its loaded document. Figures are (locator, as printed)."""

    verification: Verification
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class OfClause:
    """One clause with those below it: figures that rules use and do not, whether it is set aside or nothing stands on it."""

    used: tuple[str, ...]
    unused: tuple[str, ...]
    aside: bool
    open: bool
    problems: tuple[str, ...]


def of_pack(pack: str) -> Anchoring | None:
    """None where the pack's document is not loaded. Raises PackError for a pack that cannot be read."""
    return of_entry(shelf.of_pack(pack), worlds.folder(pack))


def of_entry(entry: shelf.Entry | None, folder: Path) -> Anchoring | None:
    """The version of a pack in that folder, held against the document of the entry."""
    if entry is None or entry.document is None:
        return None
    return _held(folder, loader.pack_hash(folder), entry.document)


@lru_cache(maxsize=64)
def _held(folder: Path, version: str, document: Document) -> Anchoring:
    source = loader.read_source(folder)
    return Anchoring(verify(source, (document,)), coverage(source, (document,)))


def of_clause(entry: shelf.Entry, clause: Clause) -> OfClause | None:
    held = of_pack(entry.pack)
    if held is None:
        return None
    under = {c.locator for c in clause.walk()}
    covered = held.coverage
    return OfClause(
        tuple(figure for at, figure in covered.used_figures if at in under),
        tuple(figure for at, figure in covered.open_figures if at in under),
        clause.locator in covered.aside,
        any(at == clause.locator for at, _ in covered.open_clauses),
        tuple(p.message for p in held.verification.problems if p.message.startswith(f"“{clause.locator}”")),
    )
