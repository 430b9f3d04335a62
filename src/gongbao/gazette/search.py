"""Full-text search over clauses and table rows, in SQLite.

Chinese is written without spaces, so what is indexed are pairs of neighbouring characters: a word of two characters is
one entry of the index, a longer one a phrase of pairs, a single character the beginning of a pair. Nothing is lost by
cutting words wrongly. An index may live in a file beside the gazettes it was made from, so that it is made once.
"""

from __future__ import annotations

import heapq
import json
import re
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from gongbao.gazette.clause import Clause
from gongbao.gazette.clauses import clauses
from gongbao.gazette.documents import Document
from gongbao.gazette.text import squeeze

MAX_QUERY = 200
"""Characters of a query that are looked at."""
MAX_PHRASES = 8
_LOOKED_AT = 200
"""Clauses with the words that are weighed against each other when not all are asked for."""
_FOLD = str.maketrans("０１２３４５６７８９％（）［］", "0123456789%()[]") | str.maketrans("〔〕（）", "[]()")
_NUMBER = re.compile(
    r"(?<![\u4e00-\u9fff])([\u4e00-\u9fff]{1,10})(?:[\[(【]?((?:19|20)\d{2})[\])】]?第?(\d{1,4})号"
    r"|[\[(【]((?:19|20)\d{2})[\])】]第?(\d{1,4})(?!\d))"
)
_END = "\n"
_VERSION = 1
_SCHEMA = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE document (id INTEGER PRIMARY KEY, key TEXT UNIQUE, title TEXT);
CREATE TABLE entry (id INTEGER PRIMARY KEY, document INTEGER, locator TEXT, heading TEXT, trail TEXT, line INTEGER,
                    text TEXT);
CREATE INDEX entry_document ON entry (document);
CREATE VIRTUAL TABLE pairs USING fts5 (head, body, content = '', tokenize = 'ascii', prefix = '4');
"""


@dataclass(frozen=True, slots=True)
class Hit:
    """One clause or table row found.

    `key` is that of its document; `trail` the headings above it, outermost first; `snippet` holds the words around the
    first match, `marks` are spans inside the snippet. The title of a document has no locator.
    """

    key: str
    title: str
    locator: str
    heading: str
    trail: tuple[str, ...]
    snippet: str
    marks: tuple[tuple[int, int], ...]
    line: int
    score: int


@dataclass(frozen=True, slots=True)
class Entry:
    """What is indexed: a clause, a table row, or a document's title (no locator)."""

    locator: str
    heading: str
    trail: tuple[str, ...]
    line: int
    text: str


class Index:
    """An index over documents; many threads may search it.

    `made` is called when the file is not there, is damaged, or was made from something else (`stamp`): it gives every
    document with its key. Without a path the index lives in memory.
    """

    def __init__(
        self, made: Callable[[], Iterable[tuple[str, Document]]], *, path: Path | None = None, stamp: str = ""
    ) -> None:
        self._path = path
        self._local = threading.local()
        self._shared: sqlite3.Connection | None = None
        self._lock = threading.Lock()
        if path is not None and self._stands(stamp):
            return
        target = None if path is None else path.with_suffix(path.suffix + ".new")
        if target is not None:
            target.unlink(missing_ok=True)
        connection = sqlite3.connect(":memory:" if target is None else target, check_same_thread=False)
        _fill(connection, made(), stamp)
        if path is None or target is None:
            self._shared = connection
        else:
            connection.close()
            target.replace(path)

    def _stands(self, stamp: str) -> bool:
        assert self._path is not None
        if not self._path.is_file():
            return False
        try:
            found = dict(self._connection().execute("SELECT name, value FROM about"))
        except sqlite3.DatabaseError:
            self._local = threading.local()
            return False
        if found == {"stamp": stamp, "version": str(_VERSION)}:
            return True
        self._local = threading.local()
        return False

    def _connection(self) -> sqlite3.Connection:
        if self._shared is not None:
            return self._shared
        opened: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if opened is None:
            assert self._path is not None
            opened = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)
            self._local.connection = opened
        return opened

    def __len__(self) -> int:
        return int(str(self._rows("SELECT count(*) FROM entry")[0][0]))

    def _rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[object, ...]]:
        if self._shared is None:
            return self._connection().execute(query, values).fetchall()
        with self._lock:
            return self._shared.execute(query, values).fetchall()

    def search(
        self,
        query: str,
        *,
        limit: int = 20,
        among: Collection[str] | None = None,
        names: Mapping[str, Sequence[str]] | None = None,
    ) -> tuple[Hit, ...]:
        """Clauses and rows that hold every phrase of the query (phrases are parted by spaces), best first.

        `among`: only documents with these keys. `names`: other names of a unit; a phrase that is one of them is found
        under all of them.
        """
        phrases = self._phrases(query, names or {})
        if not phrases or limit < 1 or (among is not None and not among):
            return ()
        looked_at = max(_LOOKED_AT, limit)
        found: dict[int, tuple[object, ...]] = {}
        for column in ("head", "body"):
            for row in self._candidates(_match(phrases, column), looked_at, among):
                found.setdefault(int(str(row[0])), row)
        weighed = ((_weight(row, phrases), -ident, row) for ident, row in found.items())
        best = heapq.nlargest(limit, (each for each in weighed if each[0] > 0), key=lambda each: each[:2])
        return tuple(_hit(row, phrases, weight) for weight, _, row in best)

    @staticmethod
    def _phrases(query: str, names: Mapping[str, Sequence[str]]) -> list[tuple[str, ...]]:
        """Each phrase with its other spellings, folded."""
        text = fold(query[:MAX_QUERY])
        text = _NUMBER.sub(
            lambda found: f" {found[1]}[{found[2] or found[4]}]{found[3] or found[5]}号 ", re.sub(r"\s+", " ", text)
        )
        words = dict.fromkeys(squeeze(word) for word in re.split(r"[\s,，;；“”\"]+", text))
        folded = {fold(name): tuple(fold(other) for other in others) for name, others in names.items()}
        return [(word, *folded.get(word, ())) for word in words if word][:MAX_PHRASES]

    def _candidates(self, match: str, limit: int, among: Collection[str] | None) -> list[tuple[object, ...]]:
        columns = "e.id, d.key, d.title, e.locator, e.heading, e.trail, e.line, e.text"
        where, values = "", [match]
        if among is not None:
            where = "AND d.key IN (SELECT value FROM json_each(?))"
            values.append(json.dumps(list(among)))
        return self._rows(
            f"SELECT {columns} FROM pairs p JOIN entry e ON e.id = p.rowid JOIN document d ON d.id = e.document"
            f" WHERE pairs MATCH ? {where} LIMIT {int(limit)}",
            values,
        )


def _weight(row: tuple[object, ...], phrases: list[tuple[str, ...]]) -> int:
    """How well an entry fits; 0 when a phrase stands in it only as a part of a longer number."""
    locator, text = str(row[3]), fold(str(row[7]))
    head = fold(str(row[4]))
    score = 60 if not locator else -5 if locator.startswith("解读") else 0
    for spellings in phrases:
        times = sum(len(_places(text, spelling)) for spelling in spellings)
        in_head = any(_places(head, spelling) for spelling in spellings)
        if not times and not in_head:
            return 0
        score += 10 * min(times, 5) + 40 * in_head + 30 * (head in spellings)
    return max(1, score - min(len(text) // 200, 8))


def _hit(row: tuple[object, ...], phrases: list[tuple[str, ...]], weight: int) -> Hit:
    _, key, title, locator, heading, trail, line, text = (str(each) for each in row)
    folded = fold(text)
    spans = sorted({span for spellings in phrases for spelling in spellings for span in _places(folded, spelling)})
    start = max(0, (spans[0][0] if spans else 0) - 24)
    end = start + 120
    marks = tuple((a - start, min(b, end) - start) for a, b in spans if start <= a < end)
    above = tuple(part for part in trail.split("\n") if part)
    return Hit(key, title, locator, heading, above, text[start:end].replace("\n", " "), marks, int(line), weight)


def _fill(connection: sqlite3.Connection, made: Iterable[tuple[str, Document]], stamp: str) -> None:
    connection.executescript(_SCHEMA)
    connection.execute("PRAGMA synchronous = OFF")
    at = 0
    for number, (key, document) in enumerate(made, 1):
        connection.execute("INSERT INTO document VALUES (?, ?, ?)", (number, key, document.title))
        for entry in entries(document):
            at += 1
            trail = "\n".join(entry.trail)
            values = (at, number, entry.locator, entry.heading, trail, entry.line, entry.text)
            connection.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)", values)
            pairs = (at, _pairs(fold(entry.heading)), _pairs(fold(entry.text)))
            connection.execute("INSERT INTO pairs (rowid, head, body) VALUES (?, ?, ?)", pairs)
    # A file without these two is half made.
    about = [("stamp", stamp), ("version", str(_VERSION))]
    connection.executemany("INSERT INTO about VALUES (?, ?)", about)
    connection.commit()


def entries(document: Document) -> Iterator[Entry]:
    """What of a document is found: its title with number and issuer, then every clause and table row."""
    names = f"{document.title} {document.number or ''} {document.issuer}"
    yield Entry("", document.title, (), document.first, names)
    root = clauses(document)
    yield from _below(root, ())


def _below(clause: Clause, trail: tuple[str, ...]) -> Iterator[Entry]:
    if clause.locator:
        text = "\n".join(squeeze(line) for line in clause.text.split("\n"))
        if text.strip():
            yield Entry(clause.locator, clause.heading, trail, clause.first, text)
        trail = (*trail, clause.heading) if clause.heading else trail
    for child in clause.children:
        yield from _below(child, trail)


def fold(text: str) -> str:
    """Case, width and brackets do not matter: 〔2023〕 is found by [2023]. One character stays one character."""
    lowered = text.lower()
    if len(lowered) != len(text):  # a few letters become two, such as İ
        lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    return lowered.translate(_FOLD)


@lru_cache(maxsize=65536)
def _code(character: str) -> str:
    """A character as four letters and digits: what SQLite's simplest tokenizer leaves whole."""
    number, made = ord(character), ""
    for _ in range(4):
        number, rest = divmod(number, 36)
        made = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + made
    return made


def _pairs(text: str) -> str:
    codes = [_code(character) for character in text]
    codes.append(_code(_END))
    return " ".join(a + b for a, b in pairwise(codes))


def _match(phrases: Iterable[Sequence[str]], column: str) -> str:
    """The phrases as FTS5 writes a query, all of them in the heading or somewhere in the entry."""
    parts = []
    for spellings in phrases:
        either = " OR ".join(_phrase(spelling) for spelling in spellings)
        parts.append(f"({either})")
    everything = " AND ".join(parts)
    return f"{{head}} : ({everything})" if column == "head" else everything


def _phrase(text: str) -> str:
    if len(text) == 1:
        return _code(text) + "*"
    return '"' + " ".join(_code(a) + _code(b) for a, b in pairwise(text)) + '"'


def _places(text: str, phrase: str) -> list[tuple[int, int]]:
    """Where a phrase stands; a number only where no digit goes on, so that 20日 is not found in 120日."""
    found, at = [], text.find(phrase)
    while at >= 0:
        end = at + len(phrase)
        before, after = text[at - 1 : at], text[end : end + 1]
        cut = (phrase[0].isdecimal() and before.isdecimal()) or (phrase[-1].isdecimal() and after.isdecimal())
        if not cut:
            found.append((at, end))
        at = text.find(phrase, at + 1)
    return found
