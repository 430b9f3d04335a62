"""What a text refers to: document numbers (文号) and 《titles》, where, and what the sentence does with them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from gongbao.gazette.documents import Document, number_key
from gongbao.gazette.parts import issued_title
from gongbao.gazette.text import Line, squeeze

Relation = Literal["based_on", "repeals", "amends", "mentions"]

_NUMBER = re.compile(
    r"(?P<organ>[\u4e00-\u9fff]{0,10}?)(?P<year>[〔\[［（(【﹝]\d{4}[〕\]］）)】﹞])\s*(?P<rest>[—\-－–]?\s*第?\s*\d{1,4}\s*号)"
)
_ORGAN_TAIL = re.compile(r"[\u4e00-\u9fff]{1,10}$")
_LEADING = re.compile(
    r"^.*(?:根据|按照|依据|依照|遵照|落实|贯彻|印发|废止|下发|以及|以|的|和|与|及|原|由|对|将|在|据|照|参见|详见|参考|参照|见|按|附)(?=.)"
)
_ORGAN_WORDS = re.compile(r".{0,8}(?:字|发|函|办|令|规|通|文|告|复|政|委|会|局|厅|部|联)[\u4e00-\u9fff]{0,2}$")
_REPEALS = re.compile(r"废止|失效|停止执行|不再执行|予以撤销")
_AMENDS = re.compile(r"修改|修订|修正")
_BASED = re.compile(r"根据|按照|依据|依照|为贯彻|为落实|贯彻落实|落实|为深入贯彻|遵照|参照|执行|编制依据")
_CLAUSE_END = re.compile(r"[。；\n]")


@dataclass(frozen=True, slots=True)
class Citation:
    """One reference. Either `number` or `title` may be None; `line` and `column` (from 1) say where it is printed."""

    title: str | None
    number: str | None
    relation: Relation
    line: int
    column: int


def citations(document: Document) -> tuple[Citation, ...]:
    """Every reference of a document to another, in printed order; its own number and title are left out."""
    own = {number_key(document.number)} if document.number else set()
    titles = {squeeze(document.title), squeeze(document.heading), issued_title(document.heading)}
    found = []
    for citation in find_citations(document.lines):
        if citation.number and number_key(citation.number) in own and not _organless(citation.number):
            continue
        if citation.title and citation.number is None and squeeze(citation.title) in titles:
            continue
        if citation.line <= document.parts[0].last and document.number and citation.title is None:
            continue  # the document's own number in its head
        found.append(citation)
    return tuple(found)


def find_citations(lines: Sequence[Line]) -> tuple[Citation, ...]:
    """References in any lines. A title that the print breaks over two lines is read as one."""
    found: list[Citation] = []
    i = 0
    while i < len(lines):
        text, count = lines[i].text, 1
        while text.count("《") > text.count("》") and i + count < len(lines) and count < 3:
            if lines[i + count].is_cell:
                break
            text += lines[i + count].text
            count += 1
        for start, title, number in _references(text):
            line, column = _place(lines[i : i + count], start)
            found.append(Citation(title, number, _relation(text, start), line, column))
        i += count
    return tuple(found)


def _references(text: str) -> Iterator[tuple[int, str | None, str | None]]:
    numbers = {start: (end, number) for start, end, number in _numbers(text)}
    taken: set[int] = set()
    merged: list[tuple[int, str | None, str | None]] = []
    for start, end, title in _titles(text):
        number = None
        # 《title》（number）: the pair is one reference; a number inside the title is part of the title.
        for at, (_, printed) in numbers.items():
            if start < at < end:
                taken.add(at)
            elif end <= at <= end + 2 and not text[end:at].strip("（( 的"):
                number = printed
                taken.add(at)
        merged.append((start, title, number))
    merged.extend((at, None, number) for at, (_, number) in numbers.items() if at not in taken)
    yield from sorted(merged, key=lambda item: item[0])


def _titles(text: str) -> Iterator[tuple[int, int, str]]:
    """Outermost 《…》, nested ones included in the outer title."""
    depth = start = 0
    for at, character in enumerate(text):
        if character == "《":
            if depth == 0:
                start = at
            depth += 1
        elif character == "》" and depth:
            depth -= 1
            if depth == 0 and 1 < at - start <= 160:
                yield start, at + 1, squeeze(text[start + 1 : at])


def _numbers(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _NUMBER.finditer(text):
        head = _ORGAN_TAIL.search(text, max(0, match.start("year") - 10), match.start("year"))
        organ = head[0] if head else ""
        organ = _LEADING.sub("", organ)
        if organ and not _ORGAN_WORDS.fullmatch(organ):
            organ = ""
        year = re.sub(r"\D", "", match["year"])
        if not organ and match["year"][0] in "（([":
            continue  # (2023) 5号 without an organ is no document number
        yield match.start("year") - len(organ), match.end(), f"{organ}〔{year}〕{squeeze(match['rest'])}"


def _relation(text: str, start: int) -> Relation:
    sentence_start = max((m.end() for m in _CLAUSE_END.finditer(text, 0, start)), default=0)
    ending = _CLAUSE_END.search(text, start)
    before, after = text[sentence_start:start], text[start : ending.start() if ending else len(text)]
    after = re.sub(r"《.*?》", "", after)
    if _REPEALS.search(after):
        return "repeals"
    if re.search(r"(?:将|对)$", before) and _AMENDS.search(after):
        return "amends"
    if _BASED.search(before):
        return "based_on"
    return "mentions"


def _place(lines: Sequence[Line], offset: int) -> tuple[int, int]:
    for line in lines:
        if offset < len(line.text):
            return line.number, offset + 1
        offset -= len(line.text)
    return lines[-1].number, len(lines[-1].text)


def _organless(number: str) -> bool:
    return number.startswith("〔")
