"""A table that lost its layout is rebuilt: its header, its rows with merged cells filled in, its groups and totals.

What a cell covers is told by the table itself (see `table_cells` for rows, `table_headers` for columns): a row that
begins with an empty cell goes on from the one above; an empty cell left of the row's own name repeats the name above;
a narrower row leaves out the column that its cells do not fit. What the print does not settle is marked `uncertain`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from gongbao.gazette.table_cells import NUMBER, Printed, block_end, printed_rows
from gongbao.gazette.table_headers import SEPARATOR, Header, is_figure, read_header, share_of
from gongbao.gazette.text import Line, squeeze

__all__ = ["Discrepancy", "Group", "Row", "Span", "Table", "block_end", "is_table", "printed_total", "rebuild"]

_TOTAL = re.compile(r"共(?:计)?(\d+)(?:大)?[项件个家条种类宗户]|[（(](\d+)[项件个家条种类宗户][）)]$")
_FULL = str.maketrans("０１２３４５６７８９", "0123456789")
_HAN = re.compile(r"[一二三四五六七八九十]{1,3}")
_TOTAL_ROW = re.compile(r".{0,12}(?:合计|总计|小计|共计|累计)")
_TOTAL_LINE = re.compile(r"(.{0,12}(?:合计|总计|小计|共计|累计))[：:]?([\d.,]+)([^\d.,]{0,6})")
_NOTE_ROW = re.compile(r"备注|说明|注|附注")

Kind = Literal["row", "subtotal", "total", "note"]


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `cells` have merged cells filled in, `printed` are as printed; both have one entry per column.

    `uncertain` names the columns whose cell the print leaves open: a cell that may be empty or merged with the one
    above, or that may stand one column further.
    """

    locator: str
    key: str
    group: str
    cells: tuple[str, ...]
    printed: tuple[str, ...]
    columns: tuple[str, ...]
    first: int
    last: int
    kind: Kind = "row"
    uncertain: tuple[str, ...] = ()

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
    def drawn(self) -> tuple[tuple[str, bool, int], ...]:
        """The cells as they are to be drawn: each with whether the print leaves it open, and the columns it covers.
        The label of a total reaches to its figures, a note to the end."""
        cells = [(cell, name in self.uncertain, 1) for cell, name in zip(self.cells, self.columns, strict=True)]
        at = {"row": len(cells), "note": 1}.get(self.kind, 0)
        while at + 1 < len(cells) and cells[at][0] and not cells[at + 1][0]:
            cells[at] = (*cells[at][:2], cells[at][2] + 1)
            del cells[at + 1]
        return tuple(cells)

    @property
    def text(self) -> str:
        return "　".join(cell for cell in self.cells if cell)


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under one heading or one merged cell: `rows` were read, `printed_total` is what the heading says."""

    name: str
    rows: int
    first: int
    printed_total: int | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A cell that reaches over several rows: `column` from 1, `row` the position from 1 of its first row."""

    column: int
    row: int
    rows: int


@dataclass(frozen=True, slots=True)
class Table:
    """A rebuilt table. `printed_total` is the number of rows that the gazette says there are, where it says so.

    `rows` are the records, `totals` the rows that add others up, `notes` the rows of 备注, each in printed order;
    `header` are the printed header rows; `uncertain` names the columns whose name is a guess.
    """

    locator: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    first: int
    last: int
    printed_total: int | None = None
    header: tuple[tuple[str, ...], ...] = ()
    totals: tuple[Row, ...] = ()
    groups: tuple[Group, ...] = ()
    notes: tuple[Row, ...] = ()
    unit: str = ""
    uncertain: tuple[str, ...] = ()

    @property
    def printed_rows(self) -> tuple[Row, ...]:
        """Records, totals and notes together, in printed order."""
        return tuple(sorted((*self.rows, *self.totals, *self.notes), key=lambda row: row.first))

    @property
    def spans(self) -> tuple[Span, ...]:
        """The merged cells that reach over rows, column by column."""
        found = []
        for column in range(len(self.columns)):
            start = 0
            for at in range(1, len(self.rows) + 1):
                goes_on = at < len(self.rows) and _continued(self.rows[at], column)
                if not goes_on:
                    if at - start > 1:
                        found.append(Span(column + 1, start + 1, at - start))
                    start = at
        return tuple(found)

    @property
    def heading(self) -> tuple[tuple[tuple[str, int, int], ...], ...]:
        """The header as it is to be drawn: for each level its cells as (name, columns, levels) that they cover."""
        paths = [re.sub(r"#\d+$", "", name).split(SEPARATOR) for name in self.columns]
        depth = max(map(len, paths), default=0)
        rows = []
        for level in range(depth):
            cells: list[tuple[str, int, int]] = []
            before: list[str] = []
            for path in paths:
                leaf = len(path) == level + 1
                if level < len(path):
                    one = path[: level + 1] == before[: level + 1] and leaf == (len(before) == level + 1)
                    name, across, down = cells.pop() if one else (path[level], 0, depth - level if leaf else 1)
                    cells.append((name, across + 1, down))
                before = path
            rows.append(tuple(cells))
        return tuple(rows)

    @property
    def is_form(self) -> bool:
        """A form to fill in: as many of its cells are left empty as are filled."""
        printed = [cell for row in self.rows for cell in row.printed]
        return bool(printed) and 2 * sum(1 for cell in printed if cell) <= len(printed) and not self.totals


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """Where the print contradicts itself; both readings are kept.

    `kind` is total (a printed number of rows), sum (a printed sum), rounded (a sum printed with fewer decimals),
    duplicate, missing or identical.
    """

    locator: str
    kind: str
    message: str
    printed: int | Decimal | None = None
    counted: int | Decimal | None = None


def printed_total(text: str) -> int | None:
    """The 2 of 市某某局（共2项） and of 市某某局（2件）."""
    match = _TOTAL.search(squeeze(text).translate(_FULL))
    return int(match[1] or match[2]) if match else None


def is_table(lines: Sequence[Line]) -> bool:
    """Has the block more than one column? A box around text (专栏) has one, and is no table."""
    return any(len(row.cells) > 1 for row in printed_rows(lines))


def rebuild(lines: Sequence[Line], locator: str = "", title: str = "", unit: str = "") -> Table:
    """The table of one block of lines (see `block_end`). `unit` is what is printed above it, behind 单位：."""
    piped = bool(lines) and lines[0].is_piped
    printed = printed_rows(lines)
    captions = []
    while len(printed) > 1 and len(printed[0].cells) == 1 and printed[0].cells[0] and len(printed[1].cells) > 1:
        if printed_total(printed[0].cells[0]) is not None:
            break  # the heading of a group
        captions.append(squeeze(printed.pop(0).cells[0]))
    header, body = read_header(printed, piped)
    read = _Body(locator, header, piped)
    read.rows_of(body)
    first, last = (lines[0].number, lines[-1].number) if lines else (0, 0)
    return Table(
        locator,
        "".join(captions) or title,
        header.names,
        tuple(read.rows),
        first,
        last,
        printed_total(title),
        header.rows,
        tuple(read.totals),
        read.all_groups(),
        tuple(read.notes),
        unit,
        tuple(header.names[column] for column in header.guessed),
    )


@dataclass(frozen=True, slots=True)
class _Placed:
    """A row brought to the width of the table. None marks columns that a neighbouring cell covers as well."""

    cells: tuple[str | None, ...]
    row: Printed
    kind: Kind
    section: str
    han: str
    open: tuple[int, ...]


class _Body:
    """Reads the rows below a header: places their cells, takes out headings and totals, fills merged cells in."""

    def __init__(self, locator: str, header: Header, piped: bool) -> None:
        self.locator = locator
        self.columns = header.names
        self.width = len(header.names)
        self.headings = {tuple(cells) for cells in header.rows if any(cells)}
        self.piped = piped
        self.rows: list[Row] = []
        self.totals: list[Row] = []
        self.notes: list[Row] = []
        self.groups: list[Group] = []
        self.used: dict[str, int] = {}

    def rows_of(self, body: Sequence[Printed]) -> None:
        placed = self._place(body)
        records = [one for one in placed if one.kind == "row"]
        merged = self._merged_columns(records)
        often = [10 * sum(1 for one in records if one.cells[c]) >= 8 * len(records) for c in range(self.width)]
        sub_rows = any(one.row.cells and not one.row.cells[0] and len(one.row.cells) > 1 for one in records)
        above: tuple[str, ...] | None = None
        left_open: set[int] = set()
        section: tuple[str, str] = ("", "")
        for one in placed:
            if one.kind != "row":
                self._aside(one)
                continue
            if (one.section, one.han) != section:
                section, above, left_open = (one.section, one.han), None, set()
            cells = tuple(cell or "" for cell in one.cells)
            filled = list(cells)
            open_columns = set(one.open)
            if above is not None and self.width:
                begins_empty = not cells[0]
                name = next((c for c, cell in enumerate(cells) if cell), self.width)
                for column in range(self.width):
                    if one.cells[column] != "" or not above[column]:
                        open_columns |= {column} & left_open if one.cells[column] == "" else set()
                        continue
                    if begins_empty or column in merged:
                        filled[column] = above[column]
                        if column > name and column not in merged:
                            open_columns.add(column)
                    elif often[column]:
                        open_columns.add(column)
            above, left_open = tuple(filled), open_columns
            self._record(one, cells, above, sub_rows, merged, open_columns)

    def all_groups(self) -> tuple[Group, ...]:
        """The groups that headings open, with the rows counted; else those that merged cells make."""
        if self.groups:
            lines = [row.first for row in self.rows]
            ends = [*(bisect_left(lines, group.first) for group in self.groups[1:]), len(lines)]
            return tuple(
                replace(group, rows=end - bisect_left(lines, group.first))
                for group, end in zip(self.groups, ends, strict=True)
            )
        made: list[Group] = []
        for row in self.rows:
            if row.group and made and made[-1].name == row.group:
                made[-1] = replace(made[-1], rows=made[-1].rows + 1)
            elif row.group:
                made.append(Group(row.group, 1, row.first))
        return tuple(made)

    def _place(self, body: Sequence[Printed]) -> list[_Placed]:
        figures = [
            share_of(row.cells[column] for row in body if len(row.cells) == self.width) for column in range(self.width)
        ]
        mostly_filled = 2 * sum(1 for row in body if row.filled > 1) > len(body)
        numbered = any(row.number is not None for row in body)
        placed: list[_Placed] = []
        section = han = ""
        for row in body:
            if tuple(squeeze(cell) for cell in row.cells) in self.headings or (self.piped and not row.filled):
                continue  # the header printed again on the next page, or left empty there
            if self._is_heading(row, mostly_filled):
                text = row.cells[0]
                if _TOTAL_LINE.fullmatch(squeeze(text)):
                    alone = (text, *[""] * (self.width - 1))
                    placed.append(_Placed(alone, row, "subtotal", section, han, ()))
                else:
                    section = text
                    self.groups.append(Group(text, 0, row.first, printed_total(text)))
                continue
            if len(row.cells) == 2 < self.width and _NOTE_ROW.fullmatch(squeeze(row.cells[0])):
                noted: tuple[str | None, ...] = (row.cells[0], row.cells[1], *[None] * (self.width - 2))
                placed.append(_Placed(noted, row, "note", section, han, ()))
                continue
            cells: tuple[str | None, ...]
            unsure: tuple[int, ...] = ()
            if len(row.cells) > 1 and _TOTAL_ROW.fullmatch(squeeze(row.cells[0])):  # its label reaches to the figures
                cells = (row.cells[0], *[None] * (self.width - len(row.cells)), *row.cells[1:])
            else:
                cells, unsure = _at_width(row.cells, self.columns, figures)
            names = [squeeze(cell) for cell in cells[:2] if cell]
            kind: Kind = "row"
            if numbered and len(names) == 2 and _HAN.fullmatch(names[0]) and row.filled > 2:
                kind, han, section = "subtotal", names[0], names[1]
                self.groups.append(Group(section, 0, row.first, printed_total(section)))
            elif any(_TOTAL_ROW.fullmatch(name) for name in names) and any(is_figure(c) for c in cells[1:] if c):
                kind = "subtotal" if any(name.endswith("小计") for name in names) else "total"
            placed.append(_Placed(cells, row, kind, section, han, unsure if kind == "row" else ()))
        return placed

    def _is_heading(self, row: Printed, mostly_filled: bool) -> bool:
        """One cell over the whole row. A row of blanks behind its first cell is one too, among rows that are filled."""
        if self.width <= 2 or row.filled != 1 or not row.cells[0]:
            return False
        if len(row.cells) == 1 or printed_total(row.cells[0]) is not None:
            return True
        return mostly_filled and (self.piped or len(row.cells) < self.width)

    def _merged_columns(self, records: Sequence[_Placed]) -> set[int]:
        """Columns left of the one that names the rows, in which an empty cell is covered by the one above."""
        if not records:
            return set()
        full = [
            column
            for column in range(self.width)
            if sum(1 for one in records if one.cells[column]) >= 0.9 * len(records)
        ]
        words = [column for column in full if (share_of(one.cells[column] for one in records) or 0) < 0.5]
        # Rows without a name of their own are named by their labels; those end where the figures begin.
        named = words[0] if words else next((column for column in full if column), 0)
        return {
            column
            for column in range(named)
            if records[0].cells[column]
            and not is_figure(records[0].cells[column] or "")
            and any(one.cells[column] == "" for one in records)
        }

    def _record(
        self,
        one: _Placed,
        printed: tuple[str, ...],
        filled: tuple[str, ...],
        sub_rows: bool,
        merged: set[int],
        open_columns: set[int],
    ) -> None:
        number = squeeze(filled[0]).translate(_FULL) if filled else ""
        numeric = bool(NUMBER.fullmatch(number))
        if one.han and numeric:
            key = f"{one.han} {number}"
        elif sub_rows and numeric:
            self.used[number] = self.used.get(number, 0) + 1
            key = f"{number} {self.used[number]}"
        else:
            key = number if numeric else f"第{len(self.rows) + 1}行"
        group = one.section
        if not group and merged:
            group = squeeze(filled[min(merged)])
        elif not group and sub_rows and filled:
            group = filled[0]
        uncertain = tuple(self.columns[column] for column in sorted(open_columns))
        self.rows.append(self._row(key, group, filled, printed, one, uncertain))

    def _aside(self, one: _Placed) -> None:
        cells = tuple(cell or "" for cell in one.cells)
        names = [squeeze(cell) for cell in cells[:2] if cell]
        if one.kind == "note":
            self.notes.append(self._row(names[0], one.section, cells, cells, one, ()))
            return
        line = _TOTAL_LINE.fullmatch(names[0])
        key = line[1] if line else one.han if one.han and names[0] == one.han else names[-1]
        if not line and not one.han:
            key = next(name for name in names if _TOTAL_ROW.fullmatch(name))
        self.totals.append(self._row(key, one.section, cells, cells, one, ()))

    def _row(
        self,
        key: str,
        group: str,
        cells: tuple[str, ...],
        printed: tuple[str, ...],
        one: _Placed,
        uncertain: tuple[str, ...],
    ) -> Row:
        self.used[f"={key}"] = self.used.get(f"={key}", 0) + 1
        if self.used[f"={key}"] > 1:
            key = f"{key}#{self.used[f'={key}']}"
        place = f"{self.locator} {key}".strip()
        return Row(place, key, group, cells, printed, self.columns, one.row.first, one.row.last, one.kind, uncertain)


def _at_width(
    cells: Sequence[str], names: Sequence[str], figures: Sequence[float | None]
) -> tuple[tuple[str | None, ...], tuple[int, ...]]:
    """A narrower row covers columns with one of its cells: where its figures and words fit the other rows best, there
    within one name of the header, else the column before the last. Second: the columns that could as well hold another
    cell."""
    width = len(names)
    missing = width - len(cells)
    if missing <= 0:
        return tuple(cells), ()
    default = max(len(cells) - 2, 0)
    choices = []
    for at in range(len(cells) + 1):
        spread: tuple[str | None, ...] = (*cells[:at], *[None] * missing, *cells[at:])
        score = sum(
            1
            for cell, share in zip(spread, figures, strict=True)
            if cell and (share is None or (share >= 0.5) == is_figure(cell))
        )
        left_out = {_base(name) for name in names[at : at + missing]}
        beside = {_base(name) for name in (*names[max(at - 1, 0) : at], *names[at + missing : at + missing + 1])}
        one_name = len(left_out) == 1 and left_out <= beside
        # Of equals the one that names its row in the first column, then the one that spares the column before the last.
        choices.append((score + one_name, at != 0, at == default, -at, spread))
    best = max(choices, key=lambda choice: choice[:4])
    rivals = [choice[-1] for choice in choices if choice[0] == best[0] and choice[-1] != best[-1]]
    unsure = {
        column
        for rival in rivals
        if [name for name, cell in zip(map(_base, names), rival, strict=True) if cell]
        != [name for name, cell in zip(map(_base, names), best[-1], strict=True) if cell]
        for column in range(width)
        if (rival[column] or "") != (best[-1][column] or "")
    }
    return best[-1], tuple(sorted(unsure))


def _base(name: str) -> str:
    return re.sub(r"#\d+$", "", name)


def _continued(row: Row, column: int) -> bool:
    return not row.printed[column] and bool(row.cells[column])
