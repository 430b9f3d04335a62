"""The words by which a call is recognised: what the two lists print, and the everyday words the pack's author adds.

A row of the register `words` is one entry. Its `word` holds parts separated by spaces, all of which must occur close
together; `|` separates alternatives inside a part; a part that begins with `-` must not occur:

    井盖 没了|丢了|掉进 -松     a manhole cover that is gone, but not one that is loose
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

TO_110, TO_12345 = "附件1", "附件2"
PLATFORM = {TO_110: "110", TO_12345: "12345"}
LONGEST_TERM = 12  # a printed item that is longer is a sentence, not a term

Row = tuple[str, int]  # (list, row number)


@dataclass(frozen=True, slots=True)
class Entry:
    """One way to say what a row is about. `parts` must all occur, `unless` must not."""

    row: Row
    parts: tuple[tuple[str, ...], ...]
    unless: tuple[str, ...] = ()
    danger: bool = False
    printed: bool = False


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All entries, the words in them by their first character (longest first), and the category of each row."""

    entries: tuple[Entry, ...]
    by_first: Mapping[str, tuple[str, ...]]
    using: Mapping[str, tuple[int, ...]]  # word -> indexes of the entries in which it is a part
    categories: Mapping[Row, str]


def entry_of(text: str, row: Row, *, danger: bool = False) -> Entry:
    """One entry from its written form. Raises ValueError (Chinese) if nothing is left to look for."""
    parts: list[tuple[str, ...]] = []
    unless: list[str] = []
    for token in text.lower().split():
        words = tuple(word for word in token.removeprefix("-").split("|") if word)
        if token.startswith("-"):
            unless += words
        elif words:
            parts.append(tuple(sorted(words, key=len, reverse=True)))
    if not parts:
        raise ValueError(f"接线提示词“{text}”没有要找的词（{row[0]}第{row[1]}行）")
    return Entry(row, tuple(parts), tuple(unless), danger)


def printed_terms(scope: str) -> tuple[str, ...]:
    """The items that a row of a list prints: between 、，。； and brackets, without 等 and its like."""
    plain = re.sub(r"[（(]([^）)]*)[）)]", r"、\1、", scope.replace("“", "").replace("”", ""))
    found: dict[str, None] = {}
    for item in re.split(r"[、，,。；;]", plain):
        item = re.sub(r"(等事项的举报投诉|的举报投诉|等物业管理类纠纷|等)$", "", item.strip())
        item = re.sub(r"^(涉及|发生|或者|以及|和|举报)", "", item)
        if 2 <= len(item) <= LONGEST_TERM:
            found[item] = None
    return tuple(found)


def lexicon(
    to_110: Iterable[Mapping[str, Any]], to_12345: Iterable[Mapping[str, Any]], words: Iterable[Mapping[str, Any]]
) -> Lexicon:
    """The lexicon of the pack's three registers (rows with no, category, scope; and word, list, no, danger)."""
    entries: list[Entry] = []
    categories: dict[Row, str] = {}
    for name, rows in ((TO_110, to_110), (TO_12345, to_12345)):
        for line in rows:
            row = (name, int(line["no"]))
            categories[row] = str(line["category"])
            entries += [Entry(row, ((term.lower(),),), printed=True) for term in printed_terms(str(line["scope"]))]
    for line in words:
        row = (str(line["list"]), int(line["no"]))
        if row not in categories:
            raise ValueError(f"接线提示词“{line['word']}”指向{row[0]}第{row[1]}行，清单里没有这一行")
        entries.append(entry_of(str(line["word"]), row, danger=_true(line["danger"])))
    return indexed(entries, categories)


def indexed(entries: Iterable[Entry], categories: Mapping[Row, str]) -> Lexicon:
    """The entries with their words found quickly; `row` of an entry may name anything that `categories` knows."""
    entries = tuple(entries)
    using: dict[str, list[int]] = {}
    for index, entry in enumerate(entries):
        for word in {word for part in entry.parts for word in part}:
            using.setdefault(word, []).append(index)
    first: dict[str, list[str]] = {}
    for word in using:
        first.setdefault(word[0], []).append(word)
    return Lexicon(
        entries,
        {char: tuple(sorted(group, key=len, reverse=True)) for char, group in first.items()},
        {word: tuple(indexes) for word, indexes in using.items()},
        categories,
    )


def _true(value: Any) -> bool:
    return value is True or str(value).strip().lower() in ("true", "1", "是")
