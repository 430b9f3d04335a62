"""Lists that are tables without lines: items that all say the same things under the same words, read as rows.

Two ways of printing are known. A block of labelled lines for each record (任务1：… 解读：… 佐证材料：…), under headings that
are counted themselves. And numbered items that each end in a bracket of labelled fields (牵头单位：…，责任单位：…).
The rows are a second reading of text that the clauses hold as well; nothing is taken out of them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from gongbao.gazette.clause import Clause
from gongbao.gazette.clauses import clauses
from gongbao.gazette.documents import Document
from gongbao.gazette.tables import Group, Row, Table
from gongbao.gazette.text import Line

_COUNTED = re.compile(r"([\u4e00-\u9fff]{2,6})[-－—]?(\d{1,3})[：:](.*)", re.S)
_LABELLED = re.compile(r"([\u4e00-\u9fff]{2,6})[：:](.*)", re.S)
_BRACKET = re.compile(r"[（(]((?:[^（）()]|[（(][^（）()]*[）)])*)[）)][。；]?$")
_FIELD = re.compile(r"(?:^|[，,；;。])([\u4e00-\u9fff]{2,8}(?:单位|部门|主体|时限|时间))[：:]")
_FEWEST = 3


def document_lists(document: Document) -> tuple[Table, ...]:
    """The lists of a document that read as tables, in printed order."""
    found = [table for part in document.parts for table in _records(document.lines_of(part), part.label, part.title)]
    for clause in clauses(document).walk():
        if table := _items(clause):
            found.append(table)
    return tuple(sorted(found, key=lambda table: table.first))


# --- a block of labelled lines for each record ------------------------------------------------------------------------


def _records(lines: Sequence[Line], label: str, title: str) -> list[Table]:
    starts = [(line, match) for line in lines if not line.is_cell and (match := _COUNTED.fullmatch(line.text))]
    counts = Counter(match[1] for _, match in starts)
    named = [name for name, times in counts.most_common() if times >= _FEWEST and _runs(name, starts)]
    if not named:
        return []
    record = named[0]
    numbers = [int(match[2]) for _, match in starts if match[1] == record]
    labels = Counter(match[1] for line in lines if (match := _LABELLED.fullmatch(line.text)))
    fields = [name for name, times in labels.items() if 2 * times >= len(numbers) and name != record]
    if not fields:
        return []
    columns = ("序号", record, *fields)
    opening = re.compile(rf"({'|'.join(map(re.escape, fields))})[：:，,](.*)", re.S)
    rows: list[Row] = []
    groups: list[Group] = []
    group = ""
    for line in lines:
        match = None if line.is_cell else _COUNTED.fullmatch(line.text)
        if match and match[1] == record:
            cells = (match[2], match[3].strip(), *[""] * len(fields))
            place = f"{label} {record}{match[2]}"
            rows.append(Row(place, match[2], group, cells, cells, columns, line.number, line.number))
            if groups:
                last = groups[-1]
                groups[-1] = Group(last.name, last.rows + 1, last.first, last.printed_total)
        elif match and match[1] in named:
            group = line.text
            groups.append(Group(group, 0, line.number))
        elif rows and line.text and not line.is_cell:
            rows[-1] = _with(rows[-1], line, opening)
    rows = [_marked(row) for row in rows]
    return [
        Table(f"{label} 各{record}", title, columns, tuple(rows), rows[0].first, rows[-1].last, groups=tuple(groups))
    ]


def _runs(name: str, starts: Sequence[tuple[Line, re.Match[str]]]) -> bool:
    numbers = [int(match[2]) for _, match in starts if match[1] == name]
    return numbers == list(range(1, len(numbers) + 1))


def _with(row: Row, line: Line, opening: re.Pattern[str]) -> Row:
    """The record with one more line: a field of its own, or more of the field before it."""
    cells = list(row.cells)
    match = opening.fullmatch(line.text)
    if match and not cells[row.columns.index(match[1])]:
        cells[row.columns.index(match[1])] = match[2].strip()
    else:
        at = max(c for c, cell in enumerate(cells) if cell)
        cells[at] = f"{cells[at]}\n{line.text}"
    return Row(row.locator, row.key, row.group, tuple(cells), tuple(cells), row.columns, row.first, line.number)


def _marked(row: Row) -> Row:
    """A field without its label is somewhere in the text of the field before it; which part it is, the print leaves."""
    empty = tuple(column for column, cell in zip(row.columns, row.cells, strict=True) if not cell)
    return Row(row.locator, row.key, row.group, row.cells, row.printed, row.columns, row.first, row.last, "row", empty)


# --- numbered items that end in a bracket of fields -------------------------------------------------------------------


def _items(clause: Clause) -> Table | None:
    read = [(child, _fields(child)) for child in clause.children if child.row is None]
    told = [fields for _, fields in read if fields]
    if len(told) < _FEWEST or 10 * len(told) < 8 * len(read):
        return None
    names = list(dict.fromkeys(name for fields in told for name in fields[1]))
    columns = ("序号", "事项", *names)
    rows = []
    for child, fields in read:
        text, values = fields or (child.text, {})
        key = child.locator.removeprefix(clause.locator).strip()
        cells = (key, text, *[values.get(name, "") for name in names])
        rows.append(Row(child.locator, key, "", cells, cells, columns, child.first, child.last))
    return Table(clause.locator, clause.heading, columns, tuple(rows), rows[0].first, rows[-1].last)


def _fields(clause: Clause) -> tuple[str, dict[str, str]] | None:
    """The item's words, and its fields by their labels; a paragraph after the one that ends in the bracket is no more
    of the item."""
    texts = [clause.heading, *(paragraph.text for paragraph in clause.paragraphs)]
    for at in range(len(texts) - 1, -1, -1):
        match = _BRACKET.search(texts[at])
        labels = list(_FIELD.finditer(match[1])) if match else []
        if not match or not labels or labels[0].start() != 0:
            continue
        ends = [*(label.start() for label in labels[1:]), len(match[1])]
        values = {
            label[1]: match[1][label.end() : end].strip("，,；;。 ") for label, end in zip(labels, ends, strict=True)
        }
        words = [*texts[1:at], texts[at][: match.start()].strip()] if at else [texts[0][: match.start()].strip()]
        return "\n".join(words), values
    return None
