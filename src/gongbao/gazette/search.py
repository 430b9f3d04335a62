"""Full-text search over clauses: an inverted index of characters and pairs, so that a word of two characters hits."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gongbao.gazette.clauses import Clause, clauses
from gongbao.gazette.documents import Document
from gongbao.gazette.text import squeeze

MAX_QUERY = 200
"""Characters of a query that are looked at."""
_FOLD = str.maketrans("０１２３４５６７８９％（）［］", "0123456789%()[]") | str.maketrans("〔〕（）", "[]()")


@dataclass(frozen=True, slots=True)
class Hit:
    """One clause found. `snippet` holds the words around the first match; `marks` are spans inside the snippet."""

    document: Document
    locator: str
    heading: str
    snippet: str
    marks: tuple[tuple[int, int], ...]
    line: int
    score: int


@dataclass(frozen=True, slots=True)
class _Entry:
    document: Document
    clause: Clause
    text: str
    folded: str


class Index:
    """Built once over documents; `search` does not change it. Holds each clause's text and, per pair, its places."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._entries: list[_Entry] = []
        self._postings: dict[str, array[int]] = {}
        for document in documents:
            names = f"{document.title} {document.number or ''} {document.issuer}"
            for clause in clauses(document).walk():
                text = names if not clause.locator else squeeze_lines(clause.text)
                if text:
                    self._add(_Entry(document, clause, text, fold(text)))

    def __len__(self) -> int:
        return len(self._entries)

    def _add(self, entry: _Entry) -> None:
        place = len(self._entries)
        self._entries.append(entry)
        folded = entry.folded
        grams = set(folded) | {folded[i : i + 2] for i in range(len(folded) - 1)}
        for gram in grams:
            self._postings.setdefault(gram, array("I")).append(place)

    def search(self, query: str, *, limit: int = 20) -> tuple[Hit, ...]:
        """Clauses that hold every phrase of the query (phrases are parted by spaces), best first."""
        phrases = [fold(phrase) for phrase in re.split(r"[\s,，;；“”\"]+", query[:MAX_QUERY]) if phrase.strip()]
        phrases = [phrase for phrase in phrases if phrase]
        if not phrases or limit < 1:
            return ()
        scored = [(self._score(place, phrases), -place) for place in self._candidates(phrases)]
        best = sorted((pair for pair in scored if pair[0] > 0), reverse=True)[:limit]
        return tuple(self._hit(-negative, phrases, score) for score, negative in best)

    def _candidates(self, phrases: Iterable[str]) -> Iterator[int]:
        """Places whose text has every gram of every phrase; the rarest gram is walked, the rest are looked up."""
        grams = {gram for phrase in phrases for gram in _grams(phrase)}
        lists = sorted((self._postings.get(gram, array("I")) for gram in grams), key=len)
        if not lists or not lists[0]:
            return iter(())
        places = set(lists[0])
        for postings in lists[1:]:
            if len(places) < 64:
                break  # few enough to look at each text
            places.intersection_update(postings)
        return iter(sorted(places))

    def _score(self, place: int, phrases: Iterable[str]) -> int:
        entry = self._entries[place]
        heading = fold(entry.clause.heading)
        score = 0
        for phrase in phrases:
            count = entry.folded.count(phrase)
            if not count:
                return 0
            score += 10 * min(count, 5) + 40 * (phrase in heading) + 30 * (phrase == heading)
        if not entry.clause.locator:
            score += 60
        if entry.clause.locator.startswith("解读"):
            score -= 5
        return max(1, score - min(len(entry.folded) // 200, 8))

    def _hit(self, place: int, phrases: list[str], score: int) -> Hit:
        entry = self._entries[place]
        first = min(entry.folded.find(phrase) for phrase in phrases)
        start = max(0, first - 24)
        snippet = entry.text[start : start + 120].replace("\n", " ")
        folded = entry.folded[start : start + 120]
        marks = []
        for phrase in phrases:
            at = folded.find(phrase)
            while at >= 0:
                marks.append((at, at + len(phrase)))
                at = folded.find(phrase, at + 1)
        clause = entry.clause
        return Hit(entry.document, clause.locator, clause.heading, snippet, tuple(sorted(marks)), clause.first, score)


def fold(text: str) -> str:
    """Case, width and brackets do not matter: 〔2023〕 is found by [2023]. One character stays one character."""
    lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    return lowered.translate(_FOLD)


def squeeze_lines(text: str) -> str:
    """White space inside a paragraph dropped: the print spreads words (通　　知), a query does not."""
    return "\n".join(squeeze(line) for line in text.split("\n"))


def _grams(phrase: str) -> set[str]:
    if len(phrase) == 1:
        return {phrase}
    return {phrase[i : i + 2] for i in range(len(phrase) - 1)}
