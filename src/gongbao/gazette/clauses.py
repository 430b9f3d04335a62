"""A document is a tree of clauses, and every clause has one locator that a rule can cite.

The locators are those of `locators`. The parts around the text are 题注, 通知, 正文, 附件目录, 落款, 附件N and 解读.
A paragraph without a number belongs to the numbered clause before it, as the print leaves it. A box (专栏3) stands in the
clause in which it is printed, but counts for itself: its locator is 专栏3, as articles are numbered through a document.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from functools import lru_cache

from gongbao.gazette.clause import Clause, Paragraph
from gongbao.gazette.documents import Document
from gongbao.gazette.labels import letters
from gongbao.gazette.locators import parse, readings, render
from gongbao.gazette.table_checks import discrepancies
from gongbao.gazette.tables import Discrepancy, Table, printed_total
from gongbao.gazette.text import GazetteError, squeeze
from gongbao.gazette.tree import Tree


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
    wanted, rest = letters(match[1]), locator[match.end() :]
    texts = [part for part in document.parts if part.kind == "text"]
    meant = [p for p in texts if letters(p.title) == wanted] or [p for p in texts if wanted in letters(p.title)]
    labels = {part.label for part in meant}
    if not labels and wanted in letters(document.title + document.heading):
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
    root = Tree(document).root()
    return root, {clause.locator: clause for clause in root.walk() if clause.locator}
