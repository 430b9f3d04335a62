"""The contents page (目录) of a gazette: what it lists, so that a document that was not read is noticed.

An entry is broken over lines, its page stands behind leaders (……（3）) or in a cell of its own; sections begin with ●.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gongbao.gazette.documents import Document
from gongbao.gazette.parts import plain_letters
from gongbao.gazette.text import Line, squeeze

_BEGINS = re.compile(r"(?:目录|目次)")
_SECTION = re.compile(r"[●◆■▲★◎○·•]\s*(.{2,20})")
_ENTRY = re.compile(r"(.*?)[….·．。\s|—-]*[（(](\d{1,4})[）)][|\s]*")
_LONGEST = 400
"""Printed lines within which a contents page ends."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a contents page. `page` is as printed; `line` is the line of the file in which the entry begins."""

    section: str
    title: str
    page: int
    line: int


def contents(lines: Iterable[Line]) -> tuple[Entry, ...]:
    """What the contents page lists, in printed order; empty where there is none with pages in brackets."""
    printed = [line for line in lines if line.text]
    start = next((i for i, line in enumerate(printed[:_LONGEST]) if _BEGINS.fullmatch(squeeze(line.text))), None)
    if start is None:
        return ()
    entries: list[Entry] = []
    section, title, begun = "", "", 0
    for line in printed[start + 1 : start + _LONGEST]:
        text = squeeze(line.text)
        if not re.sub(r"[|\-:]", "", text):
            continue
        if (head := _SECTION.fullmatch(text)) and not title:
            section = head[1]
            continue
        begun = begun if title else line.number
        entry = _ENTRY.fullmatch(text)
        title += (entry[1] if entry else text).strip("|")
        if entry and title:
            entries.append(Entry(section, title, int(entry[2]), begun))
        if entry or len(title) > 200:
            if not entry:
                break
            title = ""
    return tuple(entries)


def unread(entries: Sequence[Entry], documents: Iterable[Document]) -> tuple[Entry, ...]:
    """Entries that no document answers, nor an interpretation bound to one: what the reading missed."""
    names = set()
    for document in documents:
        names.add(plain_letters(document.issuer + document.heading))
        names.add(plain_letters(document.heading))
        names.update(plain_letters(part.title) for part in document.parts if part.kind == "interpretation")
    return tuple(entry for entry in entries if plain_letters(entry.title) not in names)
