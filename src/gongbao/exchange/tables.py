"""Tables in and out: rows of a CSV or XLSX file as lists of text cells, and rows written as an XLSX workbook.

Reading gives text as a person sees it, with the cell's address, so that an error can name the cell; what a column
means is decided by whoever asked for the table. openpyxl (with numpy, a second at a server's start) is imported when an
XLSX is.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from gongbao.exchange.xml_text import printable

SHANGHAI = ZoneInfo("Asia/Shanghai")

MOST_ROWS = 200_000
MOST_BYTES = 50 * 1024 * 1024
MOST_UNPACKED = 4 * MOST_BYTES  # of an XLSX, all parts together
MOST_RATIO = 200  # and of one part to its size in the file; written sheets reach 30
_FORMULA = re.compile(rb"<f[ >/]")


class TableError(ValueError):
    """The file is not a table that can be read; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Cell:
    address: str  # A1, B2 ...
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def records(self) -> list[dict[str, Cell]]:
        """One mapping per row, from the header's words to the cells."""
        return [dict(zip(self.header, row, strict=False)) for row in self.rows]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%d %H:%M") if value.time() != dt.time() else value.strftime("%Y-%m-%d")
    if isinstance(value, float):
        return format(Decimal(repr(value)).normalize(), "f")
    return str(value).strip()


def _decode(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise TableError("文件既不是 UTF-8 也不是 GB18030 编码的文本，读不出表格")


def _from_csv(data: bytes) -> list[list[str]]:
    if b"\0" in data:
        raise TableError("文件含有空字符，不是 CSV 文本")
    try:
        return [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(_decode(data), newline=""))]
    except csv.Error as error:
        raise TableError(f"CSV 读不下去：{error}") from error


def _from_xlsx(data: bytes) -> list[list[str]]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            packed = any(p.file_size > 2**20 and p.file_size > MOST_RATIO * max(p.compress_size, 1) for p in parts)
            if packed or sum(p.file_size for p in parts) > MOST_UNPACKED:
                raise TableError("XLSX 展开后过大，疑为压缩炸弹，未读取")
            sheets = [p for p in parts if p.filename.startswith("xl/worksheets/")]
            has_formulas = any(_FORMULA.search(archive.read(p)) for p in sheets)
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        rows: list[list[str]] = []
        for row in book.worksheets[0].iter_rows(values_only=True):
            if len(rows) > MOST_ROWS:
                break
            rows.append([_text(cell) for cell in row])
        if has_formulas:
            _all_computed(load_workbook(io.BytesIO(data), read_only=True), rows)
        return rows
    except TableError:
        raise
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise TableError(f"不是可读的 XLSX 文件：{error}") from error


def _all_computed(book: Any, rows: Sequence[Sequence[str]]) -> None:
    """A formula counts as the value that the spreadsheet program kept beside it; without one it is no value at all."""
    bare = []
    for written, row in zip(book.worksheets[0].iter_rows(), rows, strict=False):
        for cell, text in zip(written, row, strict=False):
            if not text and getattr(cell, "data_type", None) == "f":
                bare.append(f"{column_letters(cell.column)}{cell.row}")
    if bare:
        more = f" 等 {len(bare)} 格" if len(bare) > 5 else ""
        raise TableError(f"{'、'.join(bare[:5])}{more}是没有算出值的公式；请用表格软件打开、保存后再导入，或改成数值")


def read_table(data: bytes, name: str) -> Table:
    """The first sheet of an XLSX file, or a CSV file; the first row that is not empty is the header."""
    if len(data) > MOST_BYTES:
        raise TableError(f"文件有 {len(data) // 1024 // 1024} MB，最多 {MOST_BYTES // 1024 // 1024} MB")
    suffix = name.rsplit(".", 1)[-1].lower()
    if suffix == "xlsx":
        cells = _from_xlsx(data)
    elif suffix in ("csv", "txt"):
        cells = _from_csv(data)
    else:
        raise TableError(f"只收 .csv 和 .xlsx，收到的是“{name}”")
    numbered = [(number, row) for number, row in enumerate(cells, start=1) if any(row)]
    if not numbered:
        raise TableError("文件里没有内容")
    if len(numbered) - 1 > MOST_ROWS:
        raise TableError(f"表格超过 {MOST_ROWS} 行，请分批导入")
    header = tuple(numbered[0][1])
    repeated = sorted({h for h in header if h and header.count(h) > 1})
    if repeated:
        raise TableError(f"表头有重复的列：{'、'.join(repeated)}")
    letters = [column_letters(n) for n in range(1, max(len(row) for _, row in numbered) + 1)]
    rows = tuple(
        tuple(Cell(f"{letter}{number}", text) for letter, text in zip(letters, row, strict=False))
        for number, row in numbered[1:]
    )
    return Table(header, rows)


def column_letters(column: int) -> str:
    """The name of a column, counted from 1: A ... Z, AA, AB ..."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def write_xlsx(header: Sequence[str], rows: Iterable[Sequence[Any]], title: str = "表") -> bytes:
    """A workbook of one sheet with a frozen, shaded header and columns as wide as their first rows need."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    kept: list[Sequence[Any]] = []
    iterator = iter(rows)
    for row in iterator:
        kept.append(row)
        if len(kept) == 200:
            break
    for column, name in enumerate(header, start=1):
        widest = max([_width(name), *(_width(_text(row[column - 1])) for row in kept)])
        sheet.column_dimensions[column_letters(column)].width = min(60, widest + 2)
    sheet.append([_styled(sheet, name) for name in header])
    for row in kept:
        sheet.append([_plain(value) for value in row])
    for row in iterator:
        sheet.append([_plain(value) for value in row])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _width(text: str) -> int:
    return sum(2 if ord(character) > 0x2E80 else 1 for character in text)


def _styled(sheet: Any, text: str) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font, PatternFill

    cell = WriteOnlyCell(sheet, value=text)
    cell.font = Font(bold=True)
    cell.fill = PatternFill("solid", fgColor="E8EEF0")
    cell.alignment = Alignment(vertical="center")
    return cell


def _plain(value: Any) -> Any:
    """A value a sheet can hold: aware times become local naive ones; text is never taken for a formula."""
    if isinstance(value, dt.datetime):
        return (value.astimezone(SHANGHAI) if value.tzinfo is not None else value).replace(tzinfo=None)
    if isinstance(value, (list, tuple)):
        value = "、".join(str(v) for v in value)
    if isinstance(value, str):
        value = printable(value)
        return f"'{value}" if value.startswith(("=", "+", "-", "@")) else value
    return value
