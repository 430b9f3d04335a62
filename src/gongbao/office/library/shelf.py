"""What stands on the shelf: every document of the loaded gazettes, and every pack, as one list of entries.

An entry's key is its permanent address: the number of the document where it names an organ; where it does not, or none is
printed, or two documents share one, the city, the day and the title (甲市-2023-01-01-长椅办法). Neither depends on how a
gazette sets the text nor on what else is loaded.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import re
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from django.conf import settings

import gongbao.gazette as reader
from gongbao.engine.units import Units
from gongbao.gazette.documents import UNNUMBERED, Document, number_key
from gongbao.gazette.kinds import kind_of
from gongbao.gazette.library import Library
from gongbao.gazette.search import Hit, Index
from gongbao.office import clock, gazettes
from gongbao.office.library import legal, packs
from gongbao.policy.errors import PackError
from gongbao.policy.loader import read_units
from gongbao.policy.publish import certificate
from gongbao.policy.schema import DocumentFile, Pack

_CITY = re.compile(r"([\u4e00-\u9fff]{1,4}?市)")
_SHORT = re.compile(r"([\u4e00-\u9fff]{2,5}?[省市县区])")
_DIGEST = re.compile(r"[0-9a-f]{12}")
_lock = threading.Lock()
_held: dict[str, object] = {"state": None, "entries": ()}
_by_document: dict[str, object] = {"entries": None, "of": {}}
_index: dict[str, object] = {"library": None, "index": None}
_names: dict[str, object] = {"state": None, "names": {}}


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
    def kind(self) -> str:
        return kind_of(self.title)

    @property
    def state(self) -> str:
        """The state on the office's day: a key of `gazette.status.WORDS`."""
        if self.document is not None:
            return legal.on(self.document, clock.today()).state
        return "in_force" if self.force[1] else "unknown"

    @property
    def force(self) -> tuple[str, bool]:
        """Whether it is in force on the office's day, in words and as a truth; without a pack, as the gazettes say."""
        if self.file is None:
            said = legal.on(self.document, clock.today()) if self.document is not None else None
            return (said.words, said.state == "in_force") if said is not None else ("不能确定", False)
        span, today = self.file.in_force, clock.today()
        if today < span.from_:
            return f"尚未施行（自 {span.from_} 起）", False
        if span.until is not None and today > span.until:
            return f"已于 {span.until} 期满", False
        return "现行有效", True


def entries() -> tuple[Entry, ...]:
    """All documents, the newest first."""
    library = gazettes.library()
    state = (
        library,
        tuple((name, packs.version(name), isinstance(read, Pack)) for name, read in packs.all_packs().items()),
    )
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
        city = city_of(document.issuer, document)
        alone = not document.number or times[number_key(document.number)] == 1
        made.append(Entry(
            key=_key(document.number if alone else None, city, document.dated, document.title),
            number=document.number or "", title=document.title, issuer=document.issuer, dated=document.dated, city=city,
            document=document, pack=pack, file=read.document if read is not None else None,
        ))  # fmt: skip
    for name, pack in readable.items():
        if name not in used:
            file = pack.document
            city = city_of(file.issuer)
            number = "" if file.number == UNNUMBERED else file.number
            made.append(Entry(_key(number, city, file.dated, file.title), number, file.title, file.issuer, file.dated, city,
                              None, name, file))  # fmt: skip
    same = Counter(e.key for e in made)
    made = [
        replace(e, key=f"{e.key}-{e.document.digest[:6]}") if same[e.key] > 1 and e.document is not None else e
        for e in made
    ]
    return sorted(made, key=lambda e: (e.dated or dt.date.min, e.number), reverse=True)


def _key(number: str | None, city: str, dated: dt.date | None, title: str) -> str:
    plain = re.sub(r"[\s/]+", "", number or "")
    if plain and not plain.startswith("〔"):
        return plain
    return "-".join(filter(None, [city, dated.isoformat() if dated else "", re.sub(r"\W+", "", title)[:40]]))


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
    if not exact and _DIGEST.fullmatch(key):  # the address that documents without a number had at first
        exact = [e for e in entries() if e.document is not None and e.document.digest.startswith(key)]
    return tuple(exact or [e for e in entries() if e.number and number_key(e.number) == wanted])


def of_document(document: Document) -> Entry | None:
    held = entries()
    with _lock:
        if _by_document["entries"] is not held:
            _by_document.update(entries=held, of={id(e.document): e for e in held if e.document is not None})
        return _by_document["of"].get(id(document))  # type: ignore[attr-defined, no-any-return]


def of_pack(pack: str) -> Entry | None:
    return next((e for e in entries() if e.pack == pack), None)


def choose(
    found: Iterable[Entry], *, city: str = "", year: str = "", issuer: str = "", kind: str = "", status: str = "",
    pack: str = "", words: str = "",
) -> list[Entry]:  # fmt: skip
    """Those that fit every filter that is given; `words`: parts of title or number; `pack`: yes | no | force.

    `kind` is one of `gazette.kinds`, `status` a state on the office's day (in_force, expired ...).
    """
    phrases = [re.sub(r"\s", "", w).lower() for w in words.split()]
    return [
        e for e in found
        if (not city or e.city == city)
        and (not year or (e.dated is not None and str(e.dated.year) == year))
        and (not issuer or e.issuer == issuer)
        and (not kind or e.kind == kind)
        and (not status or e.state == status)
        and (not pack or (bool(e.pack) if pack == "yes" else not e.pack if pack == "no" else bool(e.pack) and e.force[1]))
        and all(p in f"{e.title}{e.number}{number_key(e.number)}".lower() for p in phrases)
    ]  # fmt: skip


def search(words: str, allowed: Iterable[Entry], *, limit: int = 40) -> list[tuple[Entry, Hit, list[tuple[str, bool]]]]:
    """Clauses that hold the words, best first, each with its snippet cut into (text, marked) pieces."""
    of = {e.key: e for e in allowed if e.document is not None}
    found = index().search(words, limit=limit, among=of, names=_meant(words))
    return [(of[h.key], h, list(_pieces(h))) for h in found]


def _meant(words: str) -> dict[str, tuple[str, ...]]:
    """For each word that ends the name of an organ (环保局), the other names of that organ."""
    known = unit_names()
    made: dict[str, tuple[str, ...]] = {}
    for word in re.split(r"[\s,，;；]+", words):
        if len(word) > 2 and (others := [o for name in known if name.endswith(word) for o in known[name]]):
            made[word] = tuple(dict.fromkeys(others))[:12]
    return made


def unit_names() -> dict[str, tuple[str, ...]]:
    """Every name of an organ with its other names, those of its predecessors and successors among them."""
    files = tuple(sorted(Path(settings.GONGBAO_PACKS).glob("*/units.yaml")))
    state = tuple((str(path), path.stat().st_mtime_ns) for path in files)
    with _lock:
        if _names["state"] != state:
            made: dict[str, tuple[str, ...]] = {}
            for path in files:
                with contextlib.suppress(PackError):  # a file that cannot be read is told where packs are
                    units = Units(read_units(path).model_dump(by_alias=True))
                    made.update(units.other_names())
            _names.update(state=state, names=made)
        return _names["names"]  # type: ignore[return-value]


def index() -> Index:
    """The index over all loaded documents, kept in a file and made anew when the gazettes change."""
    library = gazettes.library()
    shelf = entries()
    with _lock:
        if _index["library"] is not library:
            there = [(e.key, e.document) for e in shelf if e.document is not None]
            # Of what is read and of what reads it: a newer reader finds other clauses in the same text.
            code = "".join(path.read_text("utf-8") for path in sorted(Path(reader.__file__).parent.glob("*.py")))
            stamp = hashlib.sha256("".join((code, *(f"{key}{d.digest}" for key, d in there))).encode()).hexdigest()
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
