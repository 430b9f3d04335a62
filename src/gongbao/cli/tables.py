"""`gongbao gazette tables`: the rebuilt tables of gazettes, for people, as JSON, or as one CSV a table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gongbao.gazette.documents import Document


def gazette_tables(
    file: Annotated[Path, typer.Argument(metavar="PATH", help="公报文件或其文件夹")],
    document: Annotated[str | None, typer.Option("--document", help="只取一份文件：文号或标题")] = None,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="DIR", help="每张表写成这个文件夹里的一个 CSV")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出，带全部行")] = False,
) -> None:
    """公报里的表和逐条列出的清单：表头、行、合计行、分组，原文自相矛盾之处和读不准的单元格。"""
    from gongbao.cli.output import dumps
    from gongbao.gazette.clauses import document_discrepancies, document_tables
    from gongbao.gazette.lists import document_lists
    from gongbao.gazette.table_export import exact, to_csv, to_json
    from gongbao.gazette.text import GazetteError

    said = []
    for found in _documents(file, document):
        tables, lists = document_tables(found), document_lists(found)
        contradictions = document_discrepancies(found)
        if not tables and not lists:
            continue
        said.append(
            {
                "document": found.number,
                "title": found.title,
                "tables": [to_json(table) for table in tables],
                "lists": [to_json(table) for table in lists],
                "discrepancies": [
                    {"locator": d.locator, "kind": d.kind, "message": d.message, "printed": exact(d.printed),
                     "counted": exact(d.counted)}
                    for d in contradictions
                ],
            }
        )  # fmt: skip
        if csv is not None:
            csv.mkdir(parents=True, exist_ok=True)
            for table in (*tables, *lists):
                told = f"{found.number or ''} {found.title[:60]} {table.locator or '正文'}"
                name = re.sub(r"[\\/:*?\"<>|\s]+", " ", told).strip()
                (csv / f"{name}.csv").write_bytes(b"\xef\xbb\xbf" + to_csv(table).encode())
        if not as_json:
            print(found.number or "", found.title)
            for table in (*tables, *lists):
                open_cells = sum(len(row.uncertain) for row in table.rows)
                print(
                    f"  {table.locator or '正文'}　{table.title}　{len(table.rows)}行{len(table.columns)}列"
                    + (f"，合计{len(table.totals)}行" if table.totals else "")
                    + ("，空表" if table.is_form else "，逐条列出" if table in lists else "")
                    + (f"，存疑{open_cells}格" if open_cells and not table.is_form else "")
                )
            for contradiction in contradictions:
                print(f"  与印数不符：{contradiction.message}")
    if document is not None and not said:
        raise GazetteError(f"“{document}”里没有表，或公报里没有这份文件。")
    if as_json:
        print(dumps(said))


def _documents(file: Path, wanted: str | None) -> Iterator[Document]:
    from gongbao.gazette.library import files_of, read_file

    for each in files_of(file):
        for document in read_file(each).documents:
            if wanted is None or wanted in (document.number, document.title):
                yield document
