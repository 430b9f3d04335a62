"""How a pack stands on its gazette: what of it is found there, and which clauses and figures no rule uses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from gongbao.gazette.clause import Clause
from gongbao.gazette.documents import Document
from gongbao.office import worlds
from gongbao.office.library import packs, shelf
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
    entry = shelf.of_pack(pack)
    if entry is None or entry.document is None:
        return None
    return _held(pack, packs.version(pack), entry.document)


@lru_cache(maxsize=64)
def _held(pack: str, version: str, document: Document) -> Anchoring:
    source = loader.read_source(worlds.folder(pack))
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
