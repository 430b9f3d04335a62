"""`gongbao gazette read`: a gazette as documents."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gongbao.cli.options import Json
from gongbao.cli.output import plain, print_json, print_table

if TYPE_CHECKING:
    from gongbao.gazette.library import Gazette


def gazette_read(
    file: Annotated[
        Path, typer.Argument(metavar="PATH", help="公报文件（文本、HTML、DOCX、带文字层的 PDF）或其文件夹")
    ],
    as_json: Json = False,
    full: Annotated[bool, typer.Option("--full", help="连同条款原文、表、引用和矛盾之处，一律 JSON，每期一行")] = False,
) -> None:
    """把公报读成文件：文号、标题、发文机关、日期、行号。给文件夹时逐期读出，--json 每期一行。"""
    from gongbao.gazette.library import files_of, read_file, to_json

    for each in files_of(file):
        gazette = read_file(each)
        if full:
            print(json.dumps(to_json(gazette, full=True), ensure_ascii=False))
        else:
            _show_gazette(gazette, as_json, whole=file.is_file())


def _show_gazette(gazette: Gazette, as_json: bool, whole: bool) -> None:
    from gongbao.gazette.library import in_force_json

    for warning in gazette.warnings:
        print(warning, file=sys.stderr)
    rows: list[dict[str, Any]] = [
        {
            "number": d.number,
            "title": d.title,
            "heading": d.heading,
            "issuer": d.issuer,
            "addressees": d.addressees,
            "dated": d.dated,
            "in_force": in_force_json(d),
            "disclosure": d.disclosure,
            "lines": [d.first, d.last],
            "digest": d.digest,
            "parts": [plain(p) for p in d.parts],
            "attachments": [plain(a) for a in d.attachments],
        }
        for d in gazette.documents
    ]
    if as_json:
        said = {"file": gazette.name, "encoding": gazette.encoding, "digest": gazette.digest,
                "line_count": gazette.line_count, "warnings": gazette.warnings, "documents": rows}  # fmt: skip
        if whole:
            print_json(said)
        else:
            print(json.dumps(said, ensure_ascii=False, default=str))
        return
    if not whole:
        print(gazette.name)
    print_table(["文号", "标题", "发文机关", "日期", "行"], [
        [r["number"] or "", r["title"], r["issuer"], r["dated"] or "", f"{r['lines'][0]}-{r['lines'][1]}"] for r in rows
    ])  # fmt: skip
