"""A document's legal status, its timeline, what it cites and what cites it, as the loaded gazettes say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gongbao.gazette.documents import Document
from gongbao.gazette.references import Act, Reference, References, link_names, references
from gongbao.gazette.status import Event, Life, Status, lives, status
from gongbao.office import gazettes

RELATIONS = {
    "based_on": "依据", "implements": "贯彻落实", "repeals": "废止", "lapses": "宣布失效", "keeps": "列为现行有效",
    "amends": "修改", "forwards": "转发", "attached": "附件", "interprets": "解读", "mentions": "提及",
}  # fmt: skip
CITED_AS = {
    "based_on": "引为依据", "implements": "贯彻落实", "repeals": "废止本文件", "lapses": "宣布本文件失效",
    "keeps": "列为现行有效", "amends": "修改本文件", "forwards": "转发本文件", "mentions": "提及",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cited:
    """An act with what is done with it and the clauses that do so; `document` where the library holds it."""

    act: Act
    relation: str
    words: str
    clauses: tuple[str, ...]
    source: Document

    @property
    def document(self) -> Document | None:
        return self.act.document


def found() -> References:
    return references(gazettes.library().documents)


def warm() -> None:
    """Work out what a first page would else wait for."""
    lives(gazettes.library().documents)


def life(document: Document) -> Life:
    return life_of_act(found().act(document))


def life_of_act(act: Act) -> Life:
    return lives(gazettes.library().documents)[act.key]


def on(document: Document, day: dt.date) -> Status:
    """The status of a loaded document on a day."""
    return status(life(document), day)


def act(key: str) -> Act | None:
    """The act of this key, whether or not its text is loaded."""
    return next((a for a in found().acts if a.key == key), None)


def cites(document: Document) -> tuple[Cited, ...]:
    """What a document refers to, each act once for each relation, those with a bearing on force first."""
    return _grouped(r for r in found().of(document) if not r.within)


def cited_by(known: Act | Document) -> tuple[Cited, ...]:
    """The documents that refer to it, each once for each relation."""
    return _grouped(found().to(known), by_source=True)


def parts(document: Document) -> tuple[Reference, ...]:
    """Its attachments and interpretations."""
    return tuple(r for r in found().of(document) if r.within and r.relation in ("attached", "interprets"))


def names(document: Document) -> dict[str, Act]:
    """What its words call the acts it refers to, for linking them."""
    return link_names(r for r in found().of(document) if not r.within)


def timeline(known: Life, day: dt.date) -> list[dict[str, Any]]:
    """Events for the page, oldest first, each with whether it lies after `day`."""
    return [{"event": e, "later": e.day > day} for e in known.events]


def _grouped(held: Iterable[Reference], *, by_source: bool = False) -> tuple[Cited, ...]:
    groups: dict[tuple[str, str, int], list[Reference]] = {}
    for r in held:
        groups.setdefault((r.relation, r.act.key, id(r.source) if by_source else 0), []).append(r)
    order = list(RELATIONS)
    words = CITED_AS if by_source else RELATIONS
    made = [
        Cited(rs[0].act, relation, words[relation], tuple(dict.fromkeys(r.locator for r in rs)), rs[0].source)
        for (relation, _, _), rs in groups.items()
    ]
    return tuple(sorted(made, key=lambda c: order.index(c.relation)))


def status_json(said: Status) -> dict[str, Any]:
    """A status as JSON values."""
    return {
        "state": said.state, "words": said.words, "on": said.on.isoformat(), "reason": said.reason,
        "assumed": said.assumed, "trial": said.trial, "until": said.until.isoformat() if said.until else None,
        "because": event_json(said.because) if said.because else None,
    }  # fmt: skip


def event_json(event: Event) -> dict[str, Any]:
    source = event.source
    return {
        "day": event.day.isoformat(), "kind": event.kind, "words": event.words, "assumed": event.assumed,
        "source": {"number": source.number, "title": source.title, "locator": event.locator} if source else None,
    }  # fmt: skip
