"""A table that lost its layout is rebuilt from its cells: one cell per line behind a TAB, or a row between pipes.

Rows are told apart by the blank lines between them. An empty cell below a merged one repeats it; a row that is
narrower than the table spans the column before the last; a group printed again after a page break is one group.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gongbao.gazette.text import Line, squeeze

_NUMERIC = re.compile(r"\d{1,4}")
_TOTAL = re.compile(r"共(?:计)?(\d+)(?:大)?[项件个家条种类宗户]")
_FULL = str.maketrans("０１２３４５６７８９", "0123456789")
_STRUCTURE = re.compile(
    r"(?:第[一二三四五六七八九十百]+[章节条]|[一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[）)]|附件|注[：:]|说明[：:])"
)
_CONTINUED = 12
"""How many lines a cell may run on without a TAB before the table is taken to have ended."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `cells` have merged cells filled in, `printed` are as printed; both have one entry per column."""

    locator: str
    key: str
    group: str
    cells: tuple[str, ...]
    printed: tuple[str, ...]
    columns: tuple[str, ...]
    first: int
    last: int

    def cell(self, column: str | int) -> str:
        """A cell by column name, or by position from 1. Raises KeyError naming the columns there are."""
        if isinstance(column, int):
            if 1 <= column <= len(self.cells):
                return self.cells[column - 1]
            raise KeyError(f"{self.locator}：没有第{column}列，共{len(self.cells)}列。")
        wanted = squeeze(column)
        if wanted in self.columns:
            return self.cells[self.columns.index(wanted)]
        raise KeyError(f"{self.locator}：没有“{column}”列，可用的列：{'、'.join(self.columns)}。")

    @property
    def text(self) -> str:
        return "　".join(cell for cell in self.cells if cell)


@dataclass(frozen=True, slots=True)
class Table:
    """A rebuilt table. `printed_total` is the number of rows that the gazette says there are, where it says so."""

    locator: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    first: int
    last: int
    printed_total: int | None = None


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """Where the print contradicts itself; both readings are kept. `kind` is total, duplicate, missing or identical."""

    locator: str
    kind: str
    message: str
    printed: int | None = None
    counted: int | None = None


def printed_total(text: str) -> int | None:
    """The 2 of 市某某局（共2项）."""
    match = _TOTAL.search(squeeze(text).translate(_FULL))
    return int(match[1]) if match else None


def block_end(lines: Sequence[Line], start: int) -> int:
    """Where the table that begins at `start` ends: the index after its last line.

    A line without a TAB belongs to it while it runs a cell on: the next cell follows without a blank line.
    """
    i = start
    if lines[start].is_piped:
        while i < len(lines) and lines[i].is_piped:
            i += 1
        return i
    while i < len(lines):
        if lines[i].is_cell:
            i += 1
            continue
        ahead = i
        while ahead < len(lines) and ahead - i < _CONTINUED and not lines[ahead].is_cell:
            if _STRUCTURE.match(squeeze(lines[ahead].text)) or lines[ahead].is_piped:
                return i
            ahead += 1
        runs_on = ahead < len(lines) and lines[ahead].is_cell and lines[ahead].number <= lines[ahead - 1].number + 1
        if not runs_on:
            return i
        i = ahead
    return i


def rebuild(lines: Sequence[Line], locator: str = "", title: str = "") -> Table:
    """The table of one block of lines (see `block_end`)."""
    groups = _piped(lines) if lines and lines[0].is_piped else _tabbed(lines)
    header, body = _header(groups)
    width = max([len(header), *(len(cells) for cells, _, _ in body)], default=0)
    columns = _columns(header, width)
    merged = any(cells and not cells[0] and len(cells) > 1 for cells, _, _ in body)
    rows: list[Row] = []
    above: list[str] | None = None
    section = ""
    ordinals: dict[str, int] = {}
    for cells, first, last in body:
        if header and cells == header:
            continue  # the header printed again on the next page
        if len(cells) == 1 and width > 2:
            section = cells[0]
            above = None
            continue
        spread = _spread(cells, width)
        printed = [cell or "" for cell in spread]
        filled = list(printed)
        if above is not None and not printed[0]:
            filled = [above[c] if spread[c] == "" else printed[c] for c in range(width)]
        above = filled
        group = filled[0] if merged else section
        if merged and _NUMERIC.fullmatch(filled[0]):
            ordinals[filled[0]] = ordinals.get(filled[0], 0) + 1
            key = f"{filled[0]} {ordinals[filled[0]]}"
        else:
            key = filled[0] if _NUMERIC.fullmatch(filled[0]) else f"第{len(rows) + 1}行"
            ordinals[key] = ordinals.get(key, 0) + 1
            if ordinals[key] > 1:
                key = f"{key}#{ordinals[key]}"
        place = f"{locator} {key}".strip()
        rows.append(Row(place, key, group, tuple(filled), tuple(printed), columns, first, last))
    total = printed_total(title)
    first, last = (lines[0].number, lines[-1].number) if lines else (0, 0)
    return Table(locator, title, columns, tuple(rows), first, last, total)


_Cells = tuple[list[str], int, int]


def _tabbed(lines: Sequence[Line]) -> list[_Cells]:
    groups: list[_Cells] = []
    previous: int | None = None
    for line in lines:
        if line.is_cell:
            if previous is None or line.number > previous + 1 or not groups:
                groups.append(([], line.number, line.number))
            cells, first, _ = groups[-1]
            # Several TABs on one line are several cells: a file may keep a row on one line.
            parts = [part.strip() for part in line.raw.split("\t")[1:]]
            cells.extend(parts)
            groups[-1] = (cells, first, line.number)
        else:
            cells, first, _ = groups[-1]
            cells[-1] = (cells[-1] + line.text).strip()
            groups[-1] = (cells, first, line.number)
        previous = line.number
    return _regroup(groups)


def _regroup(groups: list[_Cells]) -> list[_Cells]:
    """Where blank lines do not part the rows (none at all, or one after every cell), the numbers of 序号 do."""
    sizes = {len(cells) for cells, _, _ in groups}
    flat = [cell for cells, _, _ in groups for cell in cells]
    if not flat or not (len(groups) == 1 or sizes == {1}) or not squeeze(flat[0]).startswith("序"):
        return groups
    width = next((i for i, cell in enumerate(flat) if _NUMERIC.fullmatch(cell.translate(_FULL))), 0)
    if width < 2 or len(flat) % width:
        return groups
    where = [number for cells, first, last in groups for number in _numbers(len(cells), first, last)]
    return [(flat[i : i + width], where[i], where[i + width - 1]) for i in range(0, len(flat), width)]


def _numbers(count: int, first: int, last: int) -> list[int]:
    return [min(first + i, last) for i in range(count)]


def _piped(lines: Sequence[Line]) -> list[_Cells]:
    groups: list[_Cells] = []
    for line in lines:
        cells = [cell.strip() for cell in line.text.strip().strip("|").split("|")]
        if all(re.fullmatch(r":?-+:?", cell) for cell in cells):
            continue
        groups.append((cells, line.number, line.number))
    return groups


def _header(groups: list[_Cells]) -> tuple[list[str], list[_Cells]]:
    """The first row names the columns, unless it already carries a number."""
    if not groups or any(_NUMERIC.fullmatch(cell) for cell in groups[0][0]) or len(groups[0][0]) < 2:
        return [], groups
    return [squeeze(cell) for cell in groups[0][0]], [
        (
            [squeeze(c) for c in cells] if [squeeze(c) for c in cells] == [squeeze(c) for c in groups[0][0]] else cells,
            f,
            t,
        )
        for cells, f, t in groups[1:]
    ]


def _columns(header: Sequence[str], width: int) -> tuple[str, ...]:
    names = list(header) or [f"第{i}列" for i in range(1, width + 1)]
    extra = width - len(names)
    if extra > 0:
        at = max(len(names) - 1, 0)
        spanned = names[max(at - 1, 0)]
        names[at:at] = [spanned] * extra
    seen: dict[str, int] = {}
    unique = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return tuple(unique)


def _spread(cells: Sequence[str], width: int) -> list[str | None]:
    """A narrower row spans: None marks the columns that a wider cell to the right covers as well."""
    missing = width - len(cells)
    at = max(len(cells) - 2, 0)
    return [*cells[:at], *([None] * missing), *cells[at:]]


def discrepancies(tables: Iterable[Table]) -> tuple[Discrepancy, ...]:
    """What each table contradicts in itself: its printed total, its numbering, rows that say the same."""
    found: list[Discrepancy] = []
    for table in tables:
        found.extend(_discrepancies(table))
    return tuple(found)


def _discrepancies(table: Table) -> list[Discrepancy]:
    place = table.locator
    found: list[Discrepancy] = []
    counted = len(table.rows)
    if table.printed_total is not None and table.printed_total != counted:
        message = f"{place}印明共{table.printed_total}项，实列{counted}项"
        found.append(Discrepancy(place, "total", message, table.printed_total, counted))
    grouped = any(" " in row.key for row in table.rows)
    numbers = [int(row.cells[0]) for row in table.rows if row.cells and _NUMERIC.fullmatch(row.cells[0])]
    if not grouped and numbers and not any(row.group for row in table.rows):
        for number in sorted({n for n in numbers if numbers.count(n) > 1}):
            times = numbers.count(number)
            found.append(Discrepancy(place, "duplicate", f"{place}序号{number}出现{times}次", number, times))
        for number in sorted(set(range(min(numbers), max(numbers) + 1)) - set(numbers)):
            found.append(Discrepancy(place, "missing", f"{place}没有序号{number}", number, 0))
    contents: dict[tuple[str, ...], Row] = {}
    for row in table.rows:
        content = tuple(squeeze(cell) for cell in row.cells[1:])
        if not any(content):
            continue
        if content in contents and len(max(content, key=len)) > 4:
            other = contents[content]
            message = f"{other.locator}与{row.locator}内容相同"
            found.append(Discrepancy(row.locator, "identical", message))
        contents.setdefault(content, row)
    return found
