"""A gazette is a sequence of documents, each opened by a head: issuer, title, number, addressees.

A document owns every line up to the next head: cover notice, the text it issues, annexes, policy interpretation.
Contents pages stand before the first head and are nobody's lines.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from gongbao.gazette.heads import (
    UNNUMBERED,
    Head,
    asked_number,
    find_date,
    find_heads,
    find_number,
    number_key,
    printed_number,
)
from gongbao.gazette.parts import Attachment, Layout, Part, PartKind, plain_letters
from gongbao.gazette.text import Line, Text, squeeze
from gongbao.gazette.validity import Validity, disclosure_of, validity_of

__all__ = [
    "UNNUMBERED",
    "Attachment",
    "Document",
    "Part",
    "PartKind",
    "asked_number",
    "documents",
    "find_date",
    "find_number",
    "number_key",
]


@dataclass(frozen=True, eq=False)
class Document:
    """One document of a gazette. `number` is None where none is printed; `first` and `last` are lines of the file.

    `disclosure` is what 此件… says (公开发布), empty where nothing is printed; `validity` is from when until when it holds.
    """

    number: str | None
    title: str
    heading: str
    issuer: str
    addressees: str
    dated: date | None
    first: int
    last: int
    parts: tuple[Part, ...]
    attachments: tuple[Attachment, ...]
    gazette: str
    lines: Sequence[Line] = field(repr=False)
    validity: Validity = field(default_factory=Validity)
    disclosure: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 over the text without white space: the same document set differently has the same digest."""
        content = hashlib.sha256()
        for line in self.lines:
            if line.text:
                content.update(squeeze(line.text).encode())
        return content.hexdigest()

    @property
    def name(self) -> str:
        """How people cite it: 《title》（number）."""
        return f"《{self.title}》" + (f"（{self.number}）" if self.number else "")

    def part(self, kind: PartKind) -> Part | None:
        return next((part for part in self.parts if part.kind == kind), None)

    def lines_of(self, part: Part) -> tuple[Line, ...]:
        """The printed lines of one part."""
        start = bisect_left(self.lines, part.first, key=_number_of)
        return tuple(self.lines[start : bisect_right(self.lines, part.last, key=_number_of)])


def documents(text: Text) -> tuple[Document, ...]:
    """Every document of a gazette, in printed order. A file without any head gives an empty tuple."""
    printed = [line for line in text.lines if line.text or line.is_cell]
    heads = list(find_heads(printed))
    ends = [*(head.at for head in heads[1:]), len(printed)]
    found = [make_document(head, printed[head.at : end], text.name) for head, end in zip(heads, ends, strict=False)]
    return tuple(bind_interpretations(found))


def make_document(head: Head, printed: Sequence[Line], gazette: str) -> Document:
    """The document whose printed (not blank) lines begin with this head."""
    layout = Layout(head, printed)
    dated = head.dated or layout.dated
    own = [(p.first, p.last) for p in layout.parts if p.kind in ("notice", "text")]
    said = [line for line in printed if any(first <= line.number <= last for first, last in own)]
    closing = [(p.first, p.last) for p in layout.parts if p.kind == "closing"]
    signed = [line for line in printed if any(first <= line.number <= last for first, last in closing)]
    return Document(
        number=printed_number(head.number),
        title=layout.title,
        heading=head.heading,
        issuer=head.issuer,
        addressees=head.addressees,
        dated=dated,
        first=printed[0].number,
        last=printed[-1].number,
        parts=tuple(layout.parts),
        attachments=tuple(layout.attachments),
        gazette=gazette,
        lines=tuple(printed),
        validity=validity_of(layout.title, said, dated),
        disclosure=disclosure_of(signed),
    )


def _number_of(line: Line) -> int:
    return line.number


def bind_interpretations(found: Sequence[Document]) -> list[Document]:
    """Interpretations gathered at a gazette's end go to the documents that they name, the nearest of that name."""
    bound = list(found)
    names = [(plain_letters(document.title), plain_letters(document.heading)) for document in found]
    for position, document in enumerate(found):
        for part in document.parts:
            named = re.search(r"《(.+)》", part.title) if part.kind == "interpretation" else None
            if not named:
                continue
            owner = _owner(plain_letters(named[1]), position, names)
            if owner == position:
                continue
            stays, moved = bound[position], bound[owner]
            lines = stays.lines_of(part)
            kept = tuple(line for line in stays.lines if not part.first <= line.number <= part.last)
            parts = tuple(p for p in stays.parts if p is not part)
            last = max(p.last for p in parts)
            bound[position] = replace(stays, parts=parts, lines=kept, last=last)
            bound[owner] = replace(
                moved, parts=(*moved.parts, part), lines=tuple(sorted((*moved.lines, *lines), key=_number_of))
            )
    return bound


def _owner(wanted: str, position: int, names: Sequence[tuple[str, str]]) -> int:
    title, heading = names[position]
    if wanted in heading + title:
        return position
    others: list[int] = [*range(position - 1, -1, -1), *range(position + 1, len(names))]
    for other in others:
        title, heading = names[other]
        if wanted == title or wanted in heading:
            return other
    return position
