"""Does the pack say what the gazette prints? Every citation resolved, every figure found, every register row matched.

What the text only implies is listed apart, and so are columns and rows that the pack's authors added: they are the
pack's own words and make no claim on the print.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from gongbao.gazette.clause import Clause
from gongbao.gazette.clauses import resolve
from gongbao.gazette.documents import UNNUMBERED, Document, number_key
from gongbao.gazette.figures import contains_figure, figures
from gongbao.gazette.library import Library
from gongbao.gazette.tables import Row, Table
from gongbao.gazette.text import GazetteError, squeeze
from gongbao.policy import schema
from gongbao.policy.cites import Cited, cited, clause_column
from gongbao.policy.errors import PackError, Problem
from gongbao.policy.scoresheets import discrepancies
from gongbao.policy.source import Source
from gongbao.policy.yaml_core import dotted

#: Figures that say their number in a word, and the numbers that a limit may then have (每周 is 1 week or 7 days).
_SAID = {
    "半小时": ("30",), "半个小时": ("30",), "一个半小时": ("90",), "半年": ("6",), "半个月": ("15",), "半月": ("15",), "每小时": ("1", "60"),
    "每日": ("1", "24"), "每天": ("1", "24"), "每周": ("1", "7"), "每月": ("1", "30"), "每季": ("1", "3", "90"), "每年": ("1", "12"),
}  # fmt: skip
#: One that begins so in another way is left to the reader (两部, 每班).
_WORDS = "半每两"
#: Units that say another number as well: 75% is 0.75, 0.4‰ is 0.0004, 1周 is 7 days.
_AS_WELL = {"%": Decimal("0.01"), "％": Decimal("0.01"), "‰": Decimal("0.001"), "周": Decimal(7)}


@dataclass(frozen=True, slots=True)
class Verification:
    """What was looked for and what was not found. `document` is the gazette's own title, None where it is not there."""

    pack: str
    number: str
    document: str | None
    gazette: str | None
    citations: int
    figures: int
    rows: int
    implied: tuple[tuple[Cited, str], ...]
    added: tuple[str, ...]  # register columns whose values the document does not print, and authored registers
    problems: tuple[Problem, ...]
    discrepancies: tuple[str, ...] = ()  # where the print contradicts itself: shown, not repaired
    house: bool = False  # a working rule of the office's own: there is no print to hold it against

    @property
    def verified(self) -> bool:
        return not self.problems

    def as_dict(self) -> dict[str, Any]:
        return {
            "pack": self.pack,
            "number": self.number,
            "document": self.document,
            "gazette": self.gazette,
            "verified": self.verified,
            "house": self.house,
            "citations": self.citations,
            "figures": self.figures,
            "rows": self.rows,
            "implied": [{"file": c.file, "key": dotted(c.path), "cite": c.cite, "reason": r} for c, r in self.implied],
            "added": list(self.added),
            "discrepancies": list(self.discrepancies),
            "problems": [p.as_dict() for p in self.problems],
        }


def unreadable(pack: str, error: PackError) -> Verification:
    """A pack that cannot be read, as a result: all that is wrong in it, and nothing looked for."""
    return Verification(pack, "", None, None, 0, 0, 0, (), (), error.problems)


def read_gazettes(folder: Path) -> tuple[Document, ...]:
    """Every document of every text file in a folder, in the order of the file names. GazetteError, in Chinese."""
    return Library.read([folder]).documents


def find_document(gazettes: Iterable[Document], pack: schema.Pack) -> Document | None:
    """The document of this pack, by its number; with a number printed twice or none at all (无文号), by its title."""
    title = squeeze(pack.document.title)
    if pack.document.number == UNNUMBERED:
        return next((d for d in gazettes if not d.number and title in squeeze(d.title)), None)
    key = number_key(pack.document.number)
    found = [d for d in gazettes if d.number and number_key(d.number) == key]
    return next((d for d in found if title in squeeze(d.title)), found[0] if found else None)


def verify(source: Source, gazettes: Iterable[Document]) -> Verification:
    """Hold a pack against the gazettes. Never raises for what is wrong in the pack: that is in `problems`."""
    pack = source.pack
    number = pack.document.number
    if pack.document.kind == "house":
        return Verification(pack.id, number, None, None, 0, 0, 0, (), (), (), house=True)
    document = find_document(gazettes, pack)
    if document is None:
        missing = source.problem("document.yaml", ("number",), f"公报里没有文号为 {number} 的文件", code="not_found")
        return Verification(pack.id, number, None, None, 0, 0, 0, (), (), (missing,))
    problems: list[Problem] = list(_head(source, document))
    implied: list[tuple[Cited, str]] = []
    citation_count = figure_count = 0
    for item in cited(pack):
        citation_count += 1
        try:
            clause = resolve(document, item.cite)
        except GazetteError as e:
            problems.append(source.problem(item.file, (*item.path, "cite"), str(e), code="cite"))
            continue
        if item.implied is not None:
            implied.append((item, item.implied))
        text = printed_text(clause)
        for figure in item.figures:
            figure_count += 1
            if not contains_figure(text, figure):
                message = f"“{item.cite}”里没有印“{figure}”"
                problems.append(source.problem(item.file, item.path, message, code="figure"))
        for value in item.used:
            if not any(_says(figure, value) for figure in item.figures):
                message = f"用的是 {value}，而写明的原文数字是“{'、'.join(item.figures)}”"
                problems.append(source.problem(item.file, item.path, message, code="figure"))
        for term in missing_terms(text, item.terms):
            message = f"“{item.cite}”里没有印“{term}”{'；口头的说法写在 said' if item.kind == 'Signal' else ''}"
            problems.append(source.problem(item.file, item.path, message, code="term"))
        for value in item.derived:
            figure_count += 1
            if not prints_number(text, value):
                message = f"“{item.cite}”里没有印 {value}；若文中写法不同，用 text 写出原样，若只是隐含，写 implied"
                problems.append(source.problem(item.file, item.path, message, code="figure"))
    added: list[str] = []
    row_count = 0
    for name, spec in pack.registers.items():
        if spec.file is None:
            continue
        if spec.authored:
            added.append(f"{name}：编写人自拟，文中没有")
            continue
        row_count += len(pack.rows.get(name, ()))
        if clause_column(spec) is not None:
            continue  # each row was held against the clause that it names
        problems.extend(_register(source, document, name, spec, added))
    return Verification(
        pack.id, number, document.title, document.gazette, citation_count, figure_count, row_count,
        tuple(implied), tuple(added), tuple(problems), tuple(_contradictions(pack)),
    )  # fmt: skip


def _contradictions(pack: schema.Pack) -> Iterator[str]:
    """Printed points of scoring sheets that do not come to what is printed."""
    for name, sheet in pack.scoresheets.items():
        for _, message in discrepancies(name, sheet):
            yield f"{sheet.label}：{message}"


def printed_text(clause: Clause) -> str:
    """All that a citation of this clause covers: its words, those below it, and the rows of its tables."""
    rows = (row.text for part in clause.walk() for table in part.tables for row in table.rows)
    own = clause.row.text if clause.row is not None else ""
    return "\n".join([clause.full_text, own, *rows])


def _says(figure: str, value: str) -> bool:
    """Whether a figure says this number, in digits, numerals or a word."""
    if prints_number(figure, value):
        return True
    unit = _AS_WELL.get(figure[-1])
    if unit is not None and any(
        each.value is not None and each.value * unit == Decimal(value) for each in figures(figure)
    ):
        return True
    for word, numbers in _SAID.items():
        if figure.startswith((word, f"每{word}")):
            return value in numbers
    return figure[0] in _WORDS and not any(each.value is not None for each in figures(figure))


def missing_terms(text: str, terms: Iterable[str]) -> list[str]:
    """The words of signals that a text does not print; `-` parts need not be there."""
    printed = squeeze(text)
    words = (word for term in terms for part in term.split() if part[0] != "-" for word in part.split("|") if word)
    return [word for word in words if squeeze(word) not in printed]


def prints_number(text: str, value: str) -> bool:
    """Whether the text prints this number, in digits or in Chinese numerals, with or without a unit."""
    wanted = Decimal(value)
    return contains_figure(text, value) or any(
        f.value == wanted or f.high == wanted for f in figures(text) if f.value is not None
    )


def _head(source: Source, document: Document) -> Iterator[Problem]:
    """The pack's title, issuer and date against the head of the printed document."""
    said = source.pack.document
    if squeeze(said.title) not in squeeze(document.title) and squeeze(said.title) not in squeeze(document.heading):
        yield source.problem("document.yaml", ("title",), f"公报印的标题是《{document.title}》", code="title")
    if document.issuer and squeeze(said.issuer) != squeeze(document.issuer):
        yield source.problem("document.yaml", ("issuer",), f"公报印的发文机关是 {document.issuer}", code="issuer")
    if document.dated is not None and said.dated != document.dated:
        yield source.problem("document.yaml", ("dated",), f"公报印的成文日期是 {document.dated}", code="dated")


# ------------------------------------------------------------------------------------------------- registers' rows


def _register(
    source: Source, document: Document, name: str, spec: schema.RegisterSpec, added: list[str]
) -> Iterator[Problem]:
    try:
        clause = resolve(document, spec.cite)
    except GazetteError:
        return  # already reported with the citations
    rows = source.pack.rows.get(name, ())
    tables = [table for part in clause.walk() for table in part.tables]
    if tables:
        yield from _against_tables(source, name, spec, rows, tables, added)
    else:
        yield from _against_text(source, name, spec, rows, printed_text(clause), added)
    yield from _totals(source, name, spec, rows, [squeeze(line.text) for line in document.lines])


def _totals(
    source: Source, name: str, spec: schema.RegisterSpec, rows: Sequence[dict[str, Any]], lines: Sequence[str]
) -> Iterator[Problem]:
    """A total that the rows do not come to must be printed: of a group, close behind its name (市商务局（共6项）)."""
    total = spec.printed_total
    if total is not None and total != len(rows) and not any(prints_number(line, str(total)) for line in lines):
        message = f"清单有 {len(rows)} 行，文件里没有印 {total}"
        yield source.problem("registers.yaml", (name, "printed_total"), message, code="total")
    counted = Counter(_written(row[spec.group_by]) for row in rows) if spec.group_by else Counter[str]()
    for group, said in spec.group_totals.items():
        close = re.compile(rf"{re.escape(squeeze(group))}[^\d。；]{{0,6}}{said}(?!\d)")
        if said != counted[group] and not any(close.search(line) for line in lines):
            message = f"“{group}”有 {counted[group]} 行，文件里没有印“{group}”共 {said}"
            yield source.problem("registers.yaml", (name, "group_totals", group), message, code="total")


def _against_tables(
    source: Source, name: str, spec: schema.RegisterSpec, rows: Sequence[dict[str, Any]], tables: Sequence[Table],
    added: list[str],
) -> Iterator[Problem]:  # fmt: skip
    printed = [(table, row) for table in tables for row in table.rows]
    if len(rows) != len(printed):
        message = f"“{spec.cite}”的表有 {len(printed)} 行，清单有 {len(rows)} 行"
        yield source.problem("registers.yaml", (name, "cite"), message, code="rows")
        return
    for column, column_spec in spec.columns.items():
        if column_spec.authored:
            added.append(f"{name}.{column}（{column_spec.label}）：编写人所加")
            continue
        values = [_written(row[column]) for row in rows]
        if column_spec.type == "integer" and [str(i) for i in range(1, len(rows) + 1)] == values:
            continue  # the running number of the row
        wrong = [
            (i, value)
            for i, (value, (table, row)) in enumerate(zip(values, printed, strict=True))
            if value and not _in_row(value, table, row)
        ]
        if len(wrong) == len([v for v in values if v]):
            added.append(f"{name}.{column}（{column_spec.label}）：表中没有这一列")
            continue
        for i, value in wrong:
            message = f"第 {i + 1} 行“{column_spec.label}”是“{value}”，公报第 {printed[i][1].first} 行起印的不是"
            yield Problem(
                f"registers/{(spec.file or '').removeprefix('registers/')}", i + 2, column, message, code="row"
            )


def _in_row(value: str, table: Table, row: Row) -> bool:
    """One of the row's cells says exactly this, or the table's title (a department heads its own table) names it."""
    wanted = squeeze(value)
    cells = {squeeze(text) for text in (*row.cells, *row.printed, row.key, row.group)}
    return wanted in cells or (len(wanted) > 1 and wanted in squeeze(table.title))


def _against_text(
    source: Source, name: str, spec: schema.RegisterSpec, rows: Sequence[dict[str, Any]], text: str, added: list[str]
) -> Iterator[Problem]:
    whole = squeeze(text)
    for column, column_spec in spec.columns.items():
        if column_spec.authored:
            added.append(f"{name}.{column}（{column_spec.label}）：编写人所加")
            continue
        values = [_written(row[column]) for row in rows]
        if column_spec.type == "integer" and [str(i) for i in range(1, len(rows) + 1)] == values:
            continue
        wrong = [(i, v) for i, v in enumerate(values) if v and squeeze(v) not in whole]
        if len(wrong) == len([v for v in values if v]):
            added.append(f"{name}.{column}（{column_spec.label}）：文中没有印")
            continue
        for i, value in wrong:
            message = f"第 {i + 1} 行“{column_spec.label}”的“{value}”不在“{spec.cite}”里"
            yield Problem(
                f"registers/{(spec.file or '').removeprefix('registers/')}", i + 2, column, message, code="row"
            )


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "、".join(str(v) for v in value)
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value)
