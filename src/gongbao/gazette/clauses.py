"""A document is a tree of clauses, and every clause has one locator that a rule can cite.

The locators are those of `locators`. The parts around the text are 题注, 通知, 正文, 附件目录, 落款, 附件N and 解读.
A paragraph without a number belongs to the numbered clause before it, as the print leaves it. A box (专栏3) stands in the
clause in which it is printed, but counts for itself: its locator is 专栏3, as articles are numbered through a document.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise

from gongbao.gazette.documents import Document, Part
from gongbao.gazette.locators import (
    CIRCLED,
    FULL_DIGITS,
    HAN,
    ONE_CHARACTER,
    join,
    number_value,
    parse,
    readings,
    render,
    token,
)
from gongbao.gazette.table_cells import block_end, caption_above
from gongbao.gazette.table_checks import discrepancies
from gongbao.gazette.tables import Discrepancy, Row, Table, is_table, printed_total, rebuild
from gongbao.gazette.text import GazetteError, Line, squeeze

_RANK = {"章": 1, "节": 2, "条": 3, "一": 4, "（一）": 5, "1": 6, "（1）": 7, "1）": 8, "①": 9}
_UNDER_SECTION = 4.5
"""The rank of 条 in a text of several sets of rules, each under its own 一、 and counted from 第一条."""
_BOXED = 10
_LABELS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("章", re.compile(rf"第({HAN}|\d{{1,3}})章(?:\s+|(?=[^为是的，]{{1,24}}$)|$)")),
    ("节", re.compile(rf"第({HAN}|\d{{1,3}})节(?:\s+|(?=[^为是的，]{{1,24}}$)|$)")),
    ("条", re.compile(rf"第({HAN}|\d{{1,3}})条(?:\s+|[:：]|(?=[（(【])|$)")),
    ("一", re.compile(rf"({HAN})、\s*")),
    ("（一）", re.compile(rf"[（(]\s*({HAN})\s*[）)]\s*[、.]?\s*")),
    ("1", re.compile(r"(\d{1,3})\s*[.．、](?!\d(?!\d{3}年))\s*")),
    ("（1）", re.compile(r"[（(]\s*(\d{1,3})\s*[）)]\s*[、.]?\s*")),
    ("1）", re.compile(r"(\d{1,2})[）)]\s*[、.]?\s*")),
    ("①", re.compile(rf"([{CIRCLED}])\s*[、.]?\s*")),
)
_BOX = re.compile(rf"专栏\s*(\d{{1,2}}|{HAN})\s*[：:]?\s*([^。；]{{0,40}})")
_DOTLESS = re.compile(r"(\d{1,2})\s+([\u4e00-\u9fff].{3,28})")
_NOTE = re.compile(r"(注|备注|说明|附注|注释)[：:]")
_MARKUP = re.compile(r"</?(?:div|p|br)\b[^<>]*>")
_LONGEST_JOIN = 4000
"""Characters up to which a paragraph may be wrapped over lines; print never comes near it."""
_SENTENCE_END = re.compile(r"[。；：！？”）)》…，、.;:%％】]$")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph as printed, without the number that labels its clause. Lines are inclusive."""

    text: str
    first: int
    last: int


@dataclass(frozen=True, eq=False)
class Clause:
    """A clause with its own words and those below it.

    `kind` is 章, 节, 条, 一, （一）, 1, （1）, 1） or ① after its number, 专栏, 款, row, note, cell, or the label of a part.
    """

    locator: str
    kind: str
    heading: str
    paragraphs: tuple[Paragraph, ...]
    first: int
    last: int
    children: tuple[Clause, ...] = ()
    tables: tuple[Table, ...] = ()
    row: Row | None = None

    @property
    def text(self) -> str:
        """Its own words: the heading where it stands alone, and the paragraphs."""
        own = [paragraph.text for paragraph in self.paragraphs]
        if self.heading and not (own and own[0].startswith(self.heading)):
            own.insert(0, self.heading)
        return "\n".join(own)

    @property
    def full_text(self) -> str:
        """Its own words and those of every clause below it, in printed order."""
        return "\n".join(clause.text for clause in self.walk() if clause.text)

    def walk(self) -> Iterator[Clause]:
        """Itself and every clause below it, in printed order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def paragraph(self, number: int) -> Clause:
        """第N款 as a clause of its own. Raises IndexError outside 1..len(paragraphs)."""
        if not 1 <= number <= len(self.paragraphs):
            raise IndexError(number)
        chosen = self.paragraphs[number - 1]
        return Clause(f"{self.locator}第{number}款", "款", "", (chosen,), chosen.first, chosen.last)


def clauses(document: Document) -> Clause:
    """The tree of a document. Its root has the empty locator; its children are the parts in printed order."""
    return _read(document)[0]


def clause_index(document: Document) -> dict[str, Clause]:
    """Every clause by its locator, in printed order; locators are unique."""
    return dict(_read(document)[1])


def resolve(document: Document, locator: str) -> Clause:
    """The clause that a person means: 四（一）, 四、(一), 第16条第2项, 附件2第3行, 附件1 说明, 四（一）第4款.

    Raises GazetteError with the nearest locators when there is none, and with all candidates when several are meant.
    """
    index = _read(document)[1]
    locator = _of_a_text(document, locator)
    if (plain := " ".join(locator.split())) in index:  # 附件 1 is item 1 of an annex without a number
        return index[plain]
    tokens = parse(locator)
    if not tokens:
        raise GazetteError(
            f"{document.name}：看不懂条款位置“{locator}”。写法如 四（一）、第十六条（二）、附件2 一 3、四（一）第4款。"
        )
    meant: dict[str, Clause] = {}
    for position, reading in enumerate(readings(tokens)):
        found = _lookup(index, reading)
        if found and position == 0 and all(kind != "项" for kind, _ in tokens):
            return found  # as written: nothing else can be meant
        if found:
            meant.setdefault(found.locator, found)
    if len(meant) > 1:
        raise GazetteError(
            f"{document.name}：“{locator}”可指{len(meant)}处：{'、'.join(f'“{place}”' for place in meant)}。请写明是哪一处。"
        )
    if meant:
        return next(iter(meant.values()))
    if tokens[0][0] == "节":  # sections may be counted through the chapters: 第四节 without its chapter
        ends = [clause for place, clause in index.items() if place.endswith("章" + render(tokens))]
        if len(ends) == 1:
            return ends[0]
    raise GazetteError(_not_found(document, index, locator, tokens))


def _of_a_text(document: Document, locator: str) -> str:
    """A locator that begins with the title of a text (《信息共享制度》第一条), with the title as the part is called."""
    match = re.match(r"\s*《([^》]+)》\s*的?", locator)
    if not match:
        return locator
    wanted, rest = _letters(match[1]), locator[match.end() :]
    texts = [part for part in document.parts if part.kind == "text"]
    meant = [p for p in texts if _letters(p.title) == wanted] or [p for p in texts if wanted in _letters(p.title)]
    labels = {part.label for part in meant}
    if not labels and wanted in _letters(document.title + document.heading):
        labels = {"正文"}
    if len(labels) != 1:
        names = "、".join(f"“{label}”" for label in sorted({part.label for part in meant or texts}))
        raise GazetteError(f"{document.name}：“{match[0].strip()}”不是其中一份文本的标题。这份文件的文本有：{names}。")
    label = labels.pop()
    return rest if label == "正文" and rest.strip() else label + rest


def document_tables(document: Document) -> tuple[Table, ...]:
    """Every table of a document, in printed order."""
    return tuple(table for clause in clauses(document).walk() for table in clause.tables)


def document_discrepancies(document: Document) -> tuple[Discrepancy, ...]:
    """Where the document's tables contradict themselves or the total printed above them."""
    found = list(discrepancies(document_tables(document)))
    for part in clauses(document).children:
        if not part.locator.startswith("附件"):
            continue
        below = [table for clause in part.walk() for table in clause.tables]
        counted = sum(len(table.rows) for table in below)
        for paragraph in part.paragraphs:
            printed = printed_total(paragraph.text) if re.match(r"[（(]共", squeeze(paragraph.text)) else None
            if printed is not None and below and printed != counted:
                message = f"{part.locator}印明共{printed}项，各表实列{counted}项"
                found.insert(0, Discrepancy(part.locator, "total", message, printed, counted))
    return (*lost_numbers(document), *found)


# --- building the tree ---------------------------------------------------------------------------------------------


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


class _Tree:
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
        title = _letters(part.title)
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
            joined += _letters(line.text)
            count += 1
            if joined == title:
                return count
            if not title.startswith(joined):
                break
        return at

    def _fill(self, part: _Node, lines: Sequence[Line], stack: list[_Node]) -> None:
        blocks = _blocks(lines)
        boxes = _boxes(lines, blocks)
        labels = _labels(lines)
        for start, box in boxes.items():
            labels[start : box.end] = [None] * (box.end - start)
        boxed = _boxed(labels)
        under = _under_sections(labels)
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
                rank = _BOXED if i in boxed else _UNDER_SECTION if i in under else _RANK[kind]
                if kind == "章" and len(stack) > 1 and stack[1].kind == "一":
                    before_chapters = stack[1]
                while len(stack) > 1 and stack[-1].rank >= rank:
                    stack.pop()
                if kind == "一" and before_chapters and _goes_on_after_chapters(stack, before_chapters, number):
                    del stack[1:]
                if i in boxed:  # its neighbours in the box hang on the same clause
                    holder = holder or stack[-1]
                    del stack[stack.index(holder) + 1 :]
                else:
                    holder = None
                parent = self._locator_parent(stack, kind, i in under)
                locator = self._unique(join(parent, token(kind, number)))
                heading, body = _heading(rest)
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

    def _box(self, part: _Node, here: _Node, line: Line, box: _Box, inside: Sequence[Line]) -> None:
        base = "" if part.locator == "正文" else part.locator
        locator = self._unique(join(base, f"专栏{box.number}"))
        last = inside[-1].number if inside else line.number
        node = _Node(locator, "专栏", _BOXED, box.title, line.number, last)
        here.children.append(node)
        self._fill(node, [piece for each in inside for piece in _unframed(each)], [node])

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
        for inside in _unframed(line):
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
                if line.text.startswith("第") and (label := _label(line.text)) and label[0] == "章":
                    chapters.setdefault(_letters(_heading(label[2])[0]), label[1])
    return chapters


def _with_chapters(lines: Sequence[Line], chapters: dict[str, int]) -> Sequence[Line]:
    """The lines with the numbers of chapters that the print lost: a title alone, that the interpretation numbers.

    Only where the text prints other chapters with their numbers, and not this one.
    """
    labels = [_label(line.text) if line.text.startswith("第") else None for line in lines]
    printed = {label[1] for label in labels if label and label[0] == "章"}
    wanted = {title: number for title, number in chapters.items() if number not in printed and len(title) > 5}
    if not printed or not wanted:
        return lines
    out: list[Line] = []
    i = 0
    while i < len(lines):
        joined, count = "", 0
        while i + count < len(lines) and count < 3 and joined not in wanted and not lines[i + count].is_cell:
            joined += _letters(lines[i + count].text)
            count += 1
        if joined in wanted:
            title = "".join(squeeze(line.text) for line in lines[i : i + count])
            out.append(replace(lines[i], text=f"{token('章', wanted.pop(joined))}　{title}"))
            i += count
        else:
            out.append(lines[i])
            i += 1
    return out


def lost_numbers(document: Document) -> tuple[Discrepancy, ...]:
    """Chapters of which the print lost the number; it is that of the document's own interpretation."""
    found = []
    for clause in clauses(document).walk():
        if clause.kind == "章" and (part := document.part("text")) and part.first <= clause.first <= part.last:
            line = next(line for line in document.lines_of(part) if line.number == clause.first)
            if not line.text.startswith("第"):
                message = f"{clause.locator}的编号没有印出，按本文件的政策解读补"
                found.append(Discrepancy(clause.locator, "missing", message))
    return tuple(found)


def _label(text: str) -> tuple[str, int, str] | None:
    """The number that opens a line: its kind, its value and the rest of the line."""
    if text[:1] in ONE_CHARACTER:
        text = ONE_CHARACTER[text[0]] + text[1:]
    text = text[:8].translate(FULL_DIGITS) + text[8:]
    for kind, pattern in _LABELS:
        match = pattern.match(text)
        if not match:
            continue
        number = number_value(match[1])
        if number is None:
            continue
        return kind, number, text[match.end() :].strip()
    return None


_Label = tuple[str, int, str]


def _labels(lines: Sequence[Line]) -> list[_Label | None]:
    """The number that opens each line; also one whose dot the print lost (`3 打造…` after 2.), if it goes on the count."""
    labels = [None if line.is_cell or line.is_piped else _label(line.text) for line in lines]
    count = 0
    for i, label in enumerate(labels):
        if label:
            count = label[1] if label[0] == "1" else 0 if _RANK[label[0]] < _RANK["1"] else count
        elif count and (bare := _DOTLESS.fullmatch(lines[i].text)) and int(bare[1]) == count + 1:
            count += 1
            labels[i] = ("1", count, bare[2])
    return labels


def _boxed(labels: Sequence[_Label | None]) -> set[int]:
    """Lines whose 一、二、 belong to a box (专栏) inside a section: they break the count, which later goes on as before."""
    boxed: set[int] = set()
    sections: list[list[tuple[int, int]]] = [[]]
    for i, label in enumerate(labels):
        if label and label[0] in ("章", "节", "条"):
            sections.append([])
        elif label and label[0] == "一":
            sections[-1].append((i, label[1]))
    for counted in sections:
        current = at = 0
        while at < len(counted):
            number = counted[at][1]
            if number == current + 1 or current == 0:
                current, at = number, at + 1
                continue
            ahead = at
            while ahead < len(counted) and (ahead == at or counted[ahead][1] != current + 1):
                ahead += 1
                while ahead < len(counted) and counted[ahead][1] == counted[ahead - 1][1] + 1:
                    ahead += 1
            if ahead == len(counted):
                current, at = number, at + 1
                continue
            boxed.update(i for i, _ in counted[at:ahead])
            at = ahead
    return boxed


@dataclass(frozen=True, slots=True)
class _Box:
    """A box (专栏) by its number and title; `body` and `end` are indexes of lines."""

    number: int
    title: str
    body: int
    end: int


def _unframed(line: Line) -> list[Line]:
    """A line of a box without the table cell that framed it, one for each paragraph of HTML that a converter left in it.

    The rule between two rows is an empty line.
    """
    text = line.text.strip("| ") if line.is_piped else line.text
    pieces = [piece.strip() for piece in _MARKUP.split(text)] if "<" in text else [text]
    if not re.sub(r"[-:|\s]", "", text):
        pieces = [""]
    return [replace(line, raw=piece, text=piece) for piece in pieces if piece or len(pieces) == 1]


def _blocks(lines: Sequence[Line]) -> dict[int, tuple[int, bool]]:
    """Stretches of cells by where they begin: where they end, and whether they are a table and not a box around text."""
    blocks = {}
    i = 0
    while i < len(lines):
        if not (lines[i].is_cell or lines[i].is_piped):
            i += 1
            continue
        end = block_end(lines, i)
        inside = [
            text for line in lines[i:end] if line.is_cell or line.is_piped for text in [_unframed(line)[0].text] if text
        ]
        box = len(inside) > 1 and _BOX.fullmatch(inside[0]) and all(_label(text) for text in inside[1:])
        blocks[i] = (end, not box and is_table(lines[i:end]))
        i = end
    return blocks


def _boxes(lines: Sequence[Line], blocks: dict[int, tuple[int, bool]]) -> dict[int, _Box]:
    """The boxes of a part by where they begin. A box has no printed end: it ends where the count around it goes on."""
    tabular = {i for start, (end, is_tabular) in blocks.items() if is_tabular for i in range(start, end)}
    boxes: dict[int, _Box] = {}
    if not any("专栏" in line.text for line in lines):
        return boxes
    outer: list[tuple[float, str, int]] = []
    i = 0
    while i < len(lines):
        text = "" if i in tabular else _unframed(lines[i])[0].text
        if match := _BOX.fullmatch(text):
            body, title = _box_title(lines, i, match[2])
            if body not in tabular:  # else it is the caption of a table
                end = _box_end(lines, body, tabular, outer)
                boxes[i] = _Box(number_value(match[1]) or 0, title, body, end)
                i = end
                continue
        elif not (lines[i].is_cell or lines[i].is_piped) and (label := _label(text)):
            _count(outer, label)
        i += 1
    return boxes


def _box_title(lines: Sequence[Line], at: int, title: str) -> tuple[int, str]:
    """Where a box's words begin, and its title, which the width of its cell may have broken."""
    body = at + 1
    while lines[at].is_cell and body < len(lines) and body <= at + 2:
        line = lines[body]
        if (
            line.is_cell
            or line.is_piped
            or len(line.text) > 24
            or re.search(r"[。；：，]", line.text)
            or _label(line.text)
        ):
            break
        title += line.text
        body += 1
    return body, title.strip()


def _box_end(lines: Sequence[Line], body: int, tabular: set[int], outer: Sequence[tuple[float, str, int]]) -> int:
    around = {kind: number for _, kind, number in outer}
    inner: list[tuple[float, str, int]] = []
    for i in range(body, len(lines)):
        text, *more = (piece.text for piece in _unframed(lines[i]))
        if i in tabular or _BOX.fullmatch(text):
            return i
        if label := _label(text):
            kind, number, _ = label
            before = next((count for _, other, count in inner if other == kind), None)
            goes_on = before is not None and number == before + 1
            if kind in ("章", "节", "条"):
                return i
            if not goes_on and kind in around and (number == around[kind] + 1 or (number > 1 and before is None)):
                return i
            _count(inner, label)
        for piece in more:
            if label := _label(piece):
                _count(inner, label)
    return len(lines)


def _count(stack: list[tuple[float, str, int]], label: _Label) -> None:
    """The numbers under which a line stands, from the outermost, after this label."""
    rank = _RANK[label[0]]
    while stack and stack[-1][0] >= rank:
        stack.pop()
    stack.append((rank, label[0], label[1]))


def _under_sections(labels: Sequence[_Label | None]) -> set[int]:
    """Lines of 条 that belong to a 一、 above them: several sets of rules, each counted from 第一条 under its own 一、."""
    order = [(i, label[:2]) for i, label in enumerate(labels) if label and label[0] in ("章", "一", "条")]
    starts = [i for (_, one), (i, two) in pairwise(order) if one[0] == "一" and two == ("条", 1)]
    under: set[int] = set()
    inside = False
    for i, label in order:
        if label == ("条", 1):
            inside = i in starts
        if label[0] == "条" and inside:
            under.add(i)
    return under if len(starts) >= 2 else set()


def _heading(rest: str) -> tuple[str, bool]:
    """A line's heading, and whether the line says more: 总则 alone, or 直接转办。and what follows."""
    if not rest:
        return "", False
    sentence = re.match(r"([^。；：！？]{1,36})。(.+)", rest, re.S)
    if sentence:
        return sentence[1], True
    if not re.search(r"[。；：！？]", rest) and len(rest) <= 60 and not rest.endswith(("，", "、")):
        return rest, False
    return "", True


def _letters(text: str) -> str:
    return re.sub(r"\W", "", squeeze(text)).translate(FULL_DIGITS)


def _lookup(index: dict[str, Clause], tokens: Sequence[tuple[str, str]]) -> Clause | None:
    kind, text = tokens[-1]
    exact = render(tokens)
    if exact in index:
        return index[exact]
    if kind not in ("款", "行", "note", "last", "列") or len(tokens) < 2:
        return None
    owner = _lookup(index, tokens[:-1])
    if owner is None:
        return None
    match kind:
        case "款":
            number = int(text[1:-1])
            return owner.paragraph(number) if number <= len(owner.paragraphs) else None
        case "last":
            below = [clause for clause in owner.walk() if clause.paragraphs]
            return below[-1].paragraph(len(below[-1].paragraphs)) if below else None
        case "行":
            rows = [clause for clause in owner.walk() if clause.row]
            number = int(text[1:-1])
            return rows[number - 1] if 0 < number <= len(rows) else None
        case "note":
            return next((clause for clause in owner.walk() if clause.kind == "note"), None)
        case "列":
            number = int(text[1:-1])
            if owner.row and 0 < number <= len(owner.row.cells):
                cell = Paragraph(owner.row.cells[number - 1], owner.first, owner.last)
                return Clause(f"{owner.locator}第{number}列", "cell", "", (cell,), owner.first, owner.last)
    return None


def _not_found(document: Document, index: dict[str, Clause], locator: str, tokens: Sequence[tuple[str, str]]) -> str:
    if tokens[0][0].startswith("附件") and _lookup(index, tokens[:1]) is None:
        for entry in document.attachments:
            if not entry.printed and tokens[0][1] in ("附件", f"附件{entry.no}"):
                listed = f"附件目录列有附件{entry.no}“{entry.title}”，但公报没有刊印"
                return f"{document.name}：{listed}，条款位置“{locator}”无从查证。"
    for length in range(len(tokens) - 1, 0, -1):
        owner = _lookup(index, tokens[:length])
        if owner is None:
            continue
        if tokens[length][0] == "款":
            trailing = [c for child in owner.children for c in child.walk() if len(c.paragraphs) > 1]
            hint = "、".join(f"{c.locator}第{len(c.paragraphs)}款" for c in trailing[-3:])
            hint = f"编号之后的段落归前一项，如{hint}。" if hint else ""
            return f"{document.name}：没有“{locator}”，“{owner.locator}”只有{len(owner.paragraphs)}款。{hint}"
        below = [f"{child.locator}{' ' + child.heading if child.heading else ''}" for child in owner.children]
        if not below:
            return f"{document.name}：没有“{locator}”，“{owner.locator}”之下没有分项。"
        more = f"等{len(below)}项" if len(below) > 8 else ""
        return f"{document.name}：没有“{locator}”。“{owner.locator}”之下有：{'、'.join(below[:8])}{more}。"
    if len(tokens) == 1 and tokens[0][0] in ("（一）", "（1）", "1）", "①", "1"):
        ends = [place for place in index if _ends_with(place, tokens[0][1])]
        if ends:
            more = f"等{len(ends)}处" if len(ends) > 8 else ""
            return f"{document.name}：“{locator}”没有写明上级，可能是：{'、'.join(ends[:8])}{more}。"
    near = difflib.get_close_matches(render(tokens), list(index), n=5, cutoff=0.4)
    near = near or [clause.locator for clause in clauses(document).children]
    return f"{document.name}：没有“{locator}”。相近的有：{'、'.join(near)}。"


def _ends_with(place: str, token: str) -> bool:
    """Is the token the last step of a locator? 3 is not the end of 13."""
    before = place[: -len(token)]
    return place.endswith(token) and bool(before) and not (token.isdigit() and before[-1].isdigit())


@lru_cache(maxsize=256)
def _read(document: Document) -> tuple[Clause, dict[str, Clause]]:
    root = _Tree(document).root()
    return root, {clause.locator: clause for clause in root.walk() if clause.locator}
