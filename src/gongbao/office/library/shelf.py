"""What stands on the shelf: every document of the loaded gazettes, and every pack, as one list of entries.

An entry's key is its permanent address: the number of the document, or where none is printed (or one is shared by two
documents) the beginning of the SHA-256 of its text, which does not depend on how a gazette sets it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from gongbao.gazette.documents import Document, number_key
from gongbao.gazette.library import Library
from gongbao.gazette.search import Hit, Index
from gongbao.office import clock, gazettes
from gongbao.office.library import packs
from gongbao.policy.publish import certificate
from gongbao.policy.schema import DocumentFile, Pack

_CITY = re.compile(r"([\u4e00-\u9fff]{1,4}?市)")
_SHORT = re.compile(r"([\u4e00-\u9fff]{2,5}?[省市县区])")
_lock = threading.Lock()
_held: dict[str, object] = {"state": None, "entries": ()}
_index: dict[str, object] = {"library": None, "index": None}


@dataclass(frozen=True, eq=False, slots=True)
class Entry:
    """One document. `document`: as the gazette prints it, if loaded; `pack`: the id of its pack, if there is one."""

    key: str
    number: str
    title: str
    issuer: str
    dated: dt.date | None
    city: str
    document: Document | None
    pack: str = ""
    file: DocumentFile | None = None

    @property
    def certificate(self) -> str:
        return certificate(self.file) if self.file is not None else ""

    @property
    def certified(self) -> bool:
        return self.file is not None and self.file.review.certified_by is not None

    @property
    def force(self) -> tuple[str, bool]:
        """Whether it is in force on the office's day, in words and as a truth; without a pack nobody has entered it."""
        if self.file is None:
            return "未建包，效力未录入", False
        span, today = self.file.in_force, clock.today()
        if today < span.from_:
            return f"尚未施行（自 {span.from_} 起）", False
        if span.until is not None and today > span.until:
            return f"已于 {span.until} 期满", False
        return "现行有效", True


def entries() -> tuple[Entry, ...]:
    """All documents, the newest first."""
    library = gazettes.library()
    state = (library, tuple((name, packs.version(name), isinstance(read, Pack)) for name, read in packs.all_packs().items()))
    with _lock:
        if _held["state"] != state:
            _held.update(state=state, entries=tuple(_entries(library)))
        return _held["entries"]  # type: ignore[return-value]


def _entries(library: Library) -> list[Entry]:
    documents = list(library.documents)
    times = Counter(number_key(d.number) for d in documents if d.number)
    readable = {name: pack for name, pack in packs.all_packs().items() if isinstance(pack, Pack)}
    of_document = {id(gazettes.document(p.document.number, p.document.title)): (n, p) for n, p in readable.items()}
    made, used = [], set()
    for document in documents:
        pack, read = of_document.get(id(document), ("", None))
        used.add(pack)
        alone = bool(document.number) and times[number_key(document.number)] == 1
        made.append(Entry(
            key=_plain(document.number) if alone else document.digest[:12], number=document.number or "",
            title=document.title, issuer=document.issuer, dated=document.dated, city=city_of(document.issuer, document),
            document=document, pack=pack, file=read.document if read is not None else None,
        ))  # fmt: skip
    for name, pack in readable.items():
        if name not in used:
            file = pack.document
            made.append(Entry(_plain(file.number), file.number, file.title, file.issuer, file.dated,
                              city_of(file.issuer), None, name, file))  # fmt: skip
    return sorted(made, key=lambda e: (e.dated or dt.date.min, e.number), reverse=True)


def _plain(number: str | None) -> str:
    return re.sub(r"[\s/]+", "", number or "")


def city_of(issuer: str, document: Document | None = None) -> str:
    """The city whose gazette it stands in; a county's document stands in its city's gazette."""
    if found := _CITY.match(issuer):
        return found[1]
    if document is not None:
        others = (d.issuer for d in gazettes.library().documents if d.gazette == document.gazette)
        cities = Counter(m[1] for issuer in others if (m := _CITY.match(issuer)))
        if cities:
            return cities.most_common(1)[0][0]
    return m[1] if (m := _SHORT.match(issuer)) else issuer


def find(key: str) -> tuple[Entry, ...]:
    """The entry of this address; several where a bare number is shared; none where there is no such document."""
    wanted = number_key(key)
    exact = [e for e in entries() if e.key == key or (e.number and number_key(e.key) == wanted)]
    return tuple(exact or [e for e in entries() if e.number and number_key(e.number) == wanted])


def of_document(document: Document) -> Entry | None:
    return next((e for e in entries() if e.document is document), None)


def of_pack(pack: str) -> Entry | None:
    return next((e for e in entries() if e.pack == pack), None)


def choose(
    found: Iterable[Entry], *, city: str = "", year: str = "", issuer: str = "", pack: str = "", words: str = ""
) -> list[Entry]:
    """Those that fit every filter that is given; `words`: parts of title or number; `pack`: yes | no | force."""
    phrases = [re.sub(r"\s", "", w).lower() for w in words.split()]
    return [
        e for e in found
        if (not city or e.city == city)
        and (not year or (e.dated is not None and str(e.dated.year) == year))
        and (not issuer or e.issuer == issuer)
        and (not pack or (bool(e.pack) if pack == "yes" else not e.pack if pack == "no" else e.force[1]))
        and all(p in f"{e.title}{e.number}{number_key(e.number)}".lower() for p in phrases)
    ]  # fmt: skip


def search(words: str, allowed: Iterable[Entry], *, limit: int = 40) -> list[tuple[Entry, Hit, list[tuple[str, bool]]]]:
    """Clauses that hold the words, best first, each with its snippet cut into (text, marked) pieces."""
    of = {e.key: e for e in allowed if e.document is not None}
    return [(of[h.key], h, list(_pieces(h))) for h in index().search(words, limit=limit, among=of)]


def index() -> Index:
    """The index over all loaded documents, kept in a file and made anew when the gazettes change."""
    library = gazettes.library()
    shelf = entries()
    with _lock:
        if _index["library"] is not library:
            there = [(e.key, e.document) for e in shelf if e.document is not None]
            stamp = hashlib.sha256("".join(f"{key}{d.digest}" for key, d in there).encode()).hexdigest()
            path = Path(settings.GONGBAO_HOME) / "search.sqlite3"
            _index.update(library=library, index=Index(lambda: there, path=path, stamp=stamp))
        return _index["index"]  # type: ignore[return-value]


def _pieces(hit: Hit) -> Iterator[tuple[str, bool]]:
    at = 0
    for start, end in hit.marks:
        if start < at:
            continue
        if start > at:
            yield hit.snippet[at:start], False
        yield hit.snippet[start:end], True
        at = end
    if at < len(hit.snippet):
        yield hit.snippet[at:], False
