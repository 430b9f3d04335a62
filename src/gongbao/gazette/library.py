"""Many gazettes read together: find a document by number or title, a clause by document and locator."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from gongbao.gazette import formats, stream
from gongbao.gazette import text as _text
from gongbao.gazette.citations import citations
from gongbao.gazette.clause import Clause
from gongbao.gazette.clauses import clauses, document_discrepancies, resolve
from gongbao.gazette.contents import Entry, contents, unread
from gongbao.gazette.documents import UNNUMBERED, Document, asked_number, documents, number_key
from gongbao.gazette.table_export import described, exact
from gongbao.gazette.tables import Table
from gongbao.gazette.text import GazetteError, squeeze


@dataclass(frozen=True, eq=False)
class Gazette:
    """One file. `digest` is the SHA-256 of its bytes, `line_count` its lines as `sed` counts them.

    `warnings` say what of the file could not be read (pages that are pictures, documents that only the contents page
    has), for the person who reads it. `contents` is what its contents page lists.
    """

    name: str
    encoding: str
    digest: str
    line_count: int
    documents: tuple[Document, ...]
    warnings: tuple[str, ...] = ()
    contents: tuple[Entry, ...] = ()


@dataclass(frozen=True, eq=False)
class Library:
    """Gazettes in the order given. Documents are looked up by number, title or both; numbers alone may repeat."""

    gazettes: tuple[Gazette, ...]

    @classmethod
    def read(cls, paths: Iterable[Path | str]) -> Library:
        """Reads files, and those of folders (see `files_of`). Raises GazetteError for a file that is no gazette."""
        return cls(tuple(read_file(file) for path in paths for file in files_of(Path(path))))

    @property
    def documents(self) -> tuple[Document, ...]:
        return tuple(document for gazette in self.gazettes for document in gazette.documents)

    def find(self, number: str | None = None, title: str | None = None) -> tuple[Document, ...]:
        """Documents whose number and title, as far as given, match; the title is the notice's or the issued text's.

        A document that has no number is meant by 无文号 with its title.
        """
        found = list(self.documents)
        if number == UNNUMBERED:
            found = [d for d in found if not d.number] if title else []
        elif number:
            key = number_key(number)
            found = [d for d in found if d.number and number_key(d.number) == key]
        if title:
            exact = [d for d in found if _same_title(d, title)]
            found = exact or [d for d in found if _letters(title) in _letters(d.heading + "\n" + d.title)]
        return tuple(found) if number or title else ()

    def document(self, number: str | None = None, title: str | None = None, dated: date | None = None) -> Document:
        """The one document meant. Raises GazetteError when there is none, with near ones, or more than one."""
        asked = " ".join(filter(None, [f"《{title}》" if title else "", number])) or "（空）"
        found = self.find(number, title)
        if len(found) > 1 and dated:
            found = tuple(d for d in found if d.dated == dated)
        if len(found) == 1:
            return found[0]
        if found:
            names = "、".join(f"{d.name}{d.dated or ''}" for d in found[:5])
            raise GazetteError(f"“{asked}”对应{len(found)}份文件：{names}。请同时给出文号、标题或日期。")
        raise GazetteError(f"已载入的公报中没有{asked}。{self._near(number, title)}")

    def lookup(self, query: str) -> Document:
        """By whatever a person types: 廊政办字〔2023〕1号, [2023]1号, or (part of) a title."""
        return self.document(number=query) if asked_number(query) else self.document(title=query.strip("《》 "))

    def clause(self, number: str, locator: str, title: str | None = None) -> Clause:
        return resolve(self.document(number, title), locator)

    def _near(self, number: str | None, title: str | None) -> str:
        names = {}
        for document in self.documents:
            if number and document.number:
                names[document.number] = document
            if title:
                names[document.title] = document
        near = difflib.get_close_matches(number or title or "", list(names), n=3, cutoff=0.5)
        return (
            "相近的有：" + "、".join(names[n].name for n in near) + "。"
            if near
            else f"共载入{len(self.documents)}份文件。"
        )


def files_of(path: Path) -> tuple[Path, ...]:
    """The file itself, or a folder's files whose names end as gazettes' do (`formats.SUFFIXES`), in order of names.

    Raises GazetteError if there are none.
    """
    if path.is_dir():
        inside = tuple(
            sorted(
                f for f in path.iterdir() if f.is_file() and f.suffix.lower() in formats.SUFFIXES and f.name[0] != "."
            )
        )
        if not inside:
            raise GazetteError(f"文件夹{path.name}中没有公报文件（{'、'.join(formats.SUFFIXES)}）。")
        return inside
    if not path.is_file():
        raise GazetteError(f"找不到公报文件：{path}。")
    return (path,)


def read_file(path: Path) -> Gazette:
    """One gazette from a file. Plain text may be of any size: beyond `text.MAX_BYTES` its lines stay in the file."""
    size = path.stat().st_size
    if size <= _text.MAX_BYTES:
        return read_gazette(path.read_bytes(), path.name)
    if not stream.is_plain(path):
        raise GazetteError(f"{path.name}：文件有{size}字节，超过{_text.MAX_BYTES}字节的上限。请按期拆分后再导入。")
    read = stream.read(path)
    return Gazette(path.name, read.encoding, read.digest, read.line_count, read.documents)


def read_gazette(data: bytes, name: str = "公报") -> Gazette:
    """One gazette from bytes in any readable format. Raises GazetteError if the text holds no document."""
    text = formats.read(data, name)
    found = documents(text)
    if not found:
        raise GazetteError(f"{name}：没有找到文件。公报中的每份文件应以发布机关、标题、文号（或主送机关）开头。")
    listed = contents(line for line in text.lines if line.number < found[0].first)
    missed = tuple(
        f"{name}：目录列有“{e.title}”（第{e.page}页），正文中没有读到这份文件。" for e in unread(listed, found)
    )
    return Gazette(name, text.encoding, text.digest, text.line_count, found, (*text.warnings, *missed), listed)


def to_json(gazette: Gazette, *, full: bool = False) -> dict[str, Any]:
    """A gazette as JSON values. `full` adds clauses with their text, tables, citations and discrepancies."""
    return {
        "name": gazette.name,
        "encoding": gazette.encoding,
        "sha256": gazette.digest,
        "lines": gazette.line_count,
        "warnings": list(gazette.warnings),
        "contents": [
            {"section": e.section, "title": e.title, "page": e.page, "line": e.line} for e in gazette.contents
        ],
        "documents": [document_json(document, full=full) for document in gazette.documents],
    }


def document_json(document: Document, *, full: bool = False) -> dict[str, Any]:
    """One document as JSON values: its head, its parts and attachments, and with `full` all of its content."""
    value: dict[str, Any] = {
        "number": document.number,
        "title": document.title,
        "heading": document.heading,
        "issuer": document.issuer,
        "addressees": document.addressees,
        "dated": _day(document.dated),
        "in_force": in_force_json(document),
        "disclosure": document.disclosure,
        "lines": [document.first, document.last],
        "sha256": document.digest,
        "parts": [
            {"kind": part.kind, "label": part.label, "title": part.title, "lines": [part.first, part.last]}
            for part in document.parts
        ],
        "attachments": [{"no": a.no, "title": a.title, "printed": a.printed} for a in document.attachments],
    }
    if full:
        value["clauses"] = [clause_json(child) for child in clauses(document).children]
        value["citations"] = [
            {"title": c.title, "number": c.number, "relation": c.relation, "line": c.line, "column": c.column}
            for c in citations(document)
        ]
        value["discrepancies"] = [
            {
                "locator": d.locator,
                "kind": d.kind,
                "message": d.message,
                "printed": exact(d.printed),
                "counted": exact(d.counted),
            }
            for d in document_discrepancies(document)
        ]
    return value


def in_force_json(document: Document) -> dict[str, Any]:
    """From when until when a document says that it holds: days as ISO text or null, `months` of a printed span."""
    validity = document.validity
    return {
        "from": _day(validity.starts),
        "by_issue": validity.by_issue,
        "until": _day(validity.ends),
        "months": validity.months,
        "trial": validity.trial,
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def dumps(gazettes: Sequence[Gazette], *, full: bool = False) -> str:
    """The JSON text that `gongbao gazette read` prints."""
    return json.dumps([to_json(gazette, full=full) for gazette in gazettes], ensure_ascii=False, indent=1)


def clause_json(clause: Clause) -> dict[str, Any]:
    """A clause with all that stands below it as JSON values."""
    value: dict[str, Any] = {"locator": clause.locator, "kind": clause.kind, "lines": [clause.first, clause.last]}
    if clause.heading:
        value["heading"] = clause.heading
    if clause.row:
        value["cells"] = list(clause.row.cells)
        if clause.row.kind != "row":
            value["row_kind"] = clause.row.kind
        if clause.row.uncertain:
            value["uncertain"] = list(clause.row.uncertain)
        return value
    if clause.paragraphs:
        value["paragraphs"] = [{"text": p.text, "lines": [p.first, p.last]} for p in clause.paragraphs]
    if clause.tables:
        value["tables"] = [_table_json(table) for table in clause.tables]
    if clause.children:
        value["children"] = [clause_json(child) for child in clause.children]
    return value


def _table_json(table: Table) -> dict[str, Any]:
    return {
        "locator": table.locator,
        "columns": list(table.columns),
        "rows": len(table.rows),
        "printed_total": table.printed_total,
        "lines": [table.first, table.last],
        **described(table),
    }


def _same_title(document: Document, title: str) -> bool:
    wanted = _letters(title)
    return wanted in (_letters(document.title), _letters(document.heading))


def _letters(text: str) -> str:
    return "".join(c for c in squeeze(text) if c.isalnum())
