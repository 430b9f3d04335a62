"""From the lines of a document to its tree of clauses, each with a locator of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from gongbao.gazette.boxes import BOXED, Box, blocks_of, boxes_of, unframed
from gongbao.gazette.clause import Clause, Paragraph
from gongbao.gazette.documents import Document, Part
from gongbao.gazette.labels import RANK, UNDER_SECTION, boxed, heading_of, label_of, labels_of, letters, under_sections
from gongbao.gazette.locators import join, token
from gongbao.gazette.table_cells import caption_above
from gongbao.gazette.tables import Row, Table, printed_total, rebuild
from gongbao.gazette.text import Line, squeeze

_NOTE = re.compile(r"(注|备注|说明|附注|注释)[：:]")
_LONGEST_JOIN = 4000
"""Characters up to which a paragraph may be wrapped over lines; print never comes near it."""
_SENTENCE_END = re.compile(r"[。；：！？”）)》…，、.;:%％】]$")


@dataclass(slots=True)
class _Node:
    locator: str
    kind: str
    rank: float
    heading: str
    first: int
    last: int
    paragraphs: list[Paragraph] = field(default_factory=list)
    children: list[_Node] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    row: Row | None = None

    def freeze(self) -> Clause:
        children = tuple(child.freeze() for child in self.children)
        last = max([self.last, *(child.last for child in children)])
        return Clause(
            self.locator,
            self.kind,
            self.heading,
            tuple(self.paragraphs),
            self.first,
            last,
            children,
            tuple(self.tables),
            self.row,
        )


class Tree:
    """Builds the clauses of one document, giving each locator once."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.used: dict[str, int] = {}
        self.top = _Node("", "文件", 0, document.title, document.first, document.last)
        self.chapters = _explained_chapters(document)

    def root(self) -> Clause:
        body: tuple[_Node, list[_Node]] | None = None
        for part in self.document.parts:
            lines: Sequence[Line] = self.document.lines_of(part)
            if part.kind == "text":
                lines = _with_chapters(lines, self.chapters)
            if part.label == "正文" and body:
                node, stack = body
                self._fill(node, lines, stack)
                continue
            node = _Node(self._unique(part.label), part.label, 0, "", part.first, part.last)
            self.top.children.append(node)
            if part.kind in ("head", "closing", "attachments"):
                node.paragraphs = [Paragraph(line.text, line.number, line.number) for line in lines if line.text]
                continue
            stack = [node]
            if part.label == "正文":
                body = (node, stack)
            node.heading = part.title if part.kind != "notice" else ""
            self._fill(node, lines[self._title_lines(part, lines) :], stack)
        return self.top.freeze()

    def _unique(self, locator: str) -> str:
        count = self.used.get(locator, 0) + 1
        self.used[locator] = count
        return locator if count == 1 else self._unique_again(locator, count)

    def _unique_again(self, locator: str, count: int) -> str:
        while f"{locator}#{count}" in self.used:
            count += 1
        self.used[f"{locator}#{count}"] = 1
        return f"{locator}#{count}"

    def _title_lines(self, part: Part, lines: Sequence[Line]) -> int:
        """How many lines at a part's beginning only print its label and title."""
        title = letters(part.title)
        if part.kind == "text" and not title:
            return 0
        at = 0
        if (
            part.kind == "annex"
            and lines
            and re.fullmatch(r"附件[\d０-９一二三四五六七八九十]{0,3}[：:]?", squeeze(lines[0].text))
        ):
            at = 1
        joined = ""
        count = at
        for line in lines[at : at + 5]:
            if line.is_cell or line.is_piped:
                break
            joined += letters(line.text)
            count += 1
            if joined == title:
                return count
            if not title.startswith(joined):
                break
        return at

    def _fill(self, part: _Node, lines: Sequence[Line], stack: list[_Node]) -> None:
        blocks = blocks_of(lines)
        boxes = boxes_of(lines, blocks)
        labels = labels_of(lines)
        for start, box in boxes.items():
            labels[start : box.end] = [None] * (box.end - start)
        framed = boxed(labels)
        under = under_sections(labels)
        holder: _Node | None = None
        before_chapters: _Node | None = None
        i = 0
        while i < len(lines):
            line = lines[i]
            here = stack[-1]
            if i in boxes:
                box = boxes[i]
                self._box(part, here, line, box, lines[box.body : box.end])
                i = box.end
                continue
            if line.is_cell or line.is_piped:
                end, tabular = blocks.get(i, (i + 1, False))
                if tabular:
                    self._table(here, lines[i:end], caption_above(lines, i))
                else:  # the frame of a box: its words are paragraphs
                    end = min([end, *(start for start in boxes if i < start < end)])
                    for inside in lines[i:end]:
                        self._boxed_line(here, inside)
                i = end
                continue
            labelled = labels[i]
            if labelled:
                kind, number, rest = labelled
                rank = BOXED if i in framed else UNDER_SECTION if i in under else RANK[kind]
                if kind == "章" and len(stack) > 1 and stack[1].kind == "一":
                    before_chapters = stack[1]
                while len(stack) > 1 and stack[-1].rank >= rank:
                    stack.pop()
                if kind == "一" and before_chapters and _goes_on_after_chapters(stack, before_chapters, number):
                    del stack[1:]
                if i in framed:  # its neighbours in the box hang on the same clause
                    holder = holder or stack[-1]
                    del stack[stack.index(holder) + 1 :]
                else:
                    holder = None
                parent = self._locator_parent(stack, kind, i in under)
                locator = self._unique(join(parent, token(kind, number)))
                heading, body = heading_of(rest)
                node = _Node(locator, kind, rank, heading, line.number, line.number)
                if body:
                    node.paragraphs.append(Paragraph(rest, line.number, line.number))
                stack[-1].children.append(node)
                stack.append(node)
            elif (note := _NOTE.match(line.text)) and here.tables:
                node = _Node(self._unique(join(here.locator, note[1])), "note", 99, "", line.number, line.number)
                node.paragraphs.append(Paragraph(line.text, line.number, line.number))
                here.children.append(node)
            elif line.text:
                self._paragraph(here, line)
            i += 1

    def _box(self, part: _Node, here: _Node, line: Line, box: Box, inside: Sequence[Line]) -> None:
        base = "" if part.locator == "正文" else part.locator
        locator = self._unique(join(base, f"专栏{box.number}"))
        last = inside[-1].number if inside else line.number
        node = _Node(locator, "专栏", BOXED, box.title, line.number, last)
        here.children.append(node)
        self._fill(node, [piece for each in inside for piece in unframed(each)], [node])

    def _locator_parent(self, stack: Sequence[_Node], kind: str, under: bool) -> str:
        """Articles are numbered through a document, so 第十六条 does not name its chapter; others name their parent."""
        base = stack[0].locator
        if base == "正文":
            base = ""
        if (kind == "条" and not under) or len(stack) == 1:
            return base
        return stack[-1].locator

    def _paragraph(self, node: _Node, line: Line) -> None:
        node.last = max(node.last, line.number)
        if node.paragraphs and not node.children:
            before = node.paragraphs[-1]
            if 30 <= len(before.text) <= _LONGEST_JOIN and not _SENTENCE_END.search(before.text) and len(line.text) > 1:
                node.paragraphs[-1] = Paragraph(before.text + line.text, before.first, line.number)
                return
        node.paragraphs.append(Paragraph(line.text, line.number, line.number))

    def _boxed_line(self, node: _Node, line: Line) -> None:
        for inside in unframed(line):
            if inside.text:
                node.paragraphs.append(Paragraph(inside.text, line.number, line.number))
                node.last = max(node.last, line.number)

    def _table(self, node: _Node, lines: Sequence[Line], caption: tuple[str, str]) -> None:
        title, unit = caption
        where = "" if node.locator == "正文" else node.locator
        place = self._unique(join(where, f"表{len(node.tables) + 1}")) if node.tables else where
        table = rebuild(lines, place, title or ("" if node.tables else node.heading), unit)
        if not node.tables and table.printed_total is None:
            table = replace(table, printed_total=printed_total(node.heading))
        if table.title not in ("", title, node.heading):  # printed inside the table's frame
            node.paragraphs.append(Paragraph(table.title, table.first, table.first))
        kept: dict[str, list[Row]] = {"row": [], "total": [], "subtotal": [], "note": []}
        for row in table.printed_rows:
            row = replace(row, locator=self._unique(row.locator))
            kept[row.kind].append(row)
            paragraph = Paragraph(row.text, row.first, row.last)
            node.children.append(_Node(row.locator, "row", 99, "", row.first, row.last, [paragraph], row=row))
        totals = sorted((*kept["total"], *kept["subtotal"]), key=lambda row: row.first)
        node.tables.append(replace(table, rows=tuple(kept["row"]), totals=tuple(totals), notes=tuple(kept["note"])))
        node.last = max(node.last, table.last)


def _goes_on_after_chapters(stack: Sequence[_Node], before: _Node, number: int) -> bool:
    """Does 三、 go on after 二、 that listed the chapters of another text (as interpretations do)?"""
    inside = len(stack) == 2 and stack[1].kind == "章" and not any(child.kind == "一" for child in stack[1].children)
    return inside and before.locator.endswith(token("一", number - 1))


def _explained_chapters(document: Document) -> dict[str, int]:
    """The chapters that a document's own interpretation lists (第二章 深度融入…。), as letters of the title to number."""
    chapters: dict[str, int] = {}
    for part in document.parts:
        if part.kind == "interpretation":
            for line in document.lines_of(part):
                if line.text.startswith("第") and (label := label_of(line.text)) and label[0] == "章":
                    chapters.setdefault(letters(heading_of(label[2])[0]), label[1])
    return chapters


def _with_chapters(lines: Sequence[Line], chapters: dict[str, int]) -> Sequence[Line]:
    """The lines with the numbers of chapters that the print lost: a title alone, that the interpretation numbers.

    Only where the text prints other chapters with their numbers, and not this one.
    """
    labels = [label_of(line.text) if line.text.startswith("第") else None for line in lines]
    printed = {label[1] for label in labels if label and label[0] == "章"}
    wanted = {title: number for title, number in chapters.items() if number not in printed and len(title) > 5}
    if not printed or not wanted:
        return lines
    out: list[Line] = []
    i = 0
    while i < len(lines):
        joined, count = "", 0
        while i + count < len(lines) and count < 3 and joined not in wanted and not lines[i + count].is_cell:
            joined += letters(lines[i + count].text)
            count += 1
        if joined in wanted:
            title = "".join(squeeze(line.text) for line in lines[i : i + count])
            out.append(replace(lines[i], text=f"{token('章', wanted.pop(joined))}　{title}"))
            i += count
        else:
            out.append(lines[i])
            i += 1
    return out
