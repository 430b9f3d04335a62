"""Where a flattened table begins and ends, and which cells stand in which of its printed rows.

A table that lost its layout prints one cell per line behind a TAB, or a row between pipes. Blank lines part its rows;
a line without a TAB runs the cell above it on. Whether such a line still belongs to the table is told by what follows:
a cell right below it, the next number of the first column, an empty cell under a merged one, the rest of a header.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gongbao.gazette.text import Line, squeeze

NUMBER = re.compile(r"\d{1,5}")
_FULL = str.maketrans("０１２３４５６７８９", "0123456789")
_STRUCTURE = re.compile(
    r"(?:第[一二三四五六七八九十百]+[章节条]|[一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[）)]|附件|注[：:]|说明[：:])"
)
_TITLE = re.compile(
    r"(?:(?:表|专栏)\s*[\d０-９一二三四五六七八九十].*|单位[：:].*|.*(?:表|清单|目录|名单|名录|一览|台账|登记册)(?:[（(].{1,12}[）)])?)"
)
_SENTENCE = re.compile(r"[。；：]")
_UNFINISHED = re.compile(r"[；，、;,]$")
_ENUMERATED = re.compile(r"[（(](\d{1,2})[）)]")
_UNIT_NAME = re.compile(r"(?:局|委|厅|办|部|署|院|会|支队|大队|总队|政府|中心|公司|银行|管委会|局长|秘书长|主任)$")
_CONTINUED = 12
"""How many lines a cell may run on without a TAB before the table is taken to have ended."""
_SHORT = 20
"""Characters up to which a line without a TAB may be the rest of a header or of a name."""


@dataclass(frozen=True, slots=True)
class Printed:
    """One row as printed, a cell for each of its cells; a merged cell below or to the right prints nothing or ""."""

    cells: tuple[str, ...]
    first: int
    last: int

    @property
    def number(self) -> int | None:
        """The number that the first cell prints, if that is all it prints."""
        first = squeeze(self.cells[0]).translate(_FULL) if self.cells else ""
        return int(first) if NUMBER.fullmatch(first) else None

    @property
    def filled(self) -> int:
        """How many of its cells print something."""
        return sum(1 for cell in self.cells if cell)


def block_end(lines: Sequence[Line], start: int) -> int:
    """Where the table that begins at `start` ends: the index after its last line."""
    if lines[start].is_piped:
        end = start
        while end < len(lines) and lines[end].is_piped:
            end += 1
        return end
    seen = _Seen()
    i = start
    while i < len(lines):
        if lines[i].is_cell:
            seen.cell(lines[i])
            i += 1
            continue
        ahead = i
        while ahead < len(lines) and ahead - i <= _CONTINUED and not lines[ahead].is_cell:
            ahead += 1
        between = lines[i:ahead]
        found = ahead < len(lines) and lines[ahead].is_cell
        if any(_STRUCTURE.match(squeeze(line.text)) or line.is_piped for line in between):
            found = False
        if not (found and _goes_on(seen, between, _row_at(lines, ahead))):
            return i + _finishing(lines, seen, i)
        seen.words(between)
        i = ahead
    return i


class _Seen:
    """What the block has shown so far: the widths of its rows and where its numbering stands."""

    def __init__(self) -> None:
        self.row = 0
        self.wide = 0
        self.number: int | None = None
        self.body = False
        self.text = ""
        self.last = 0

    def cell(self, line: Line) -> None:
        parts = [part.strip() for part in line.raw.split("\t")[1:]]
        if not self.last or line.number > self.last + 1:
            self.row = 0
            first = squeeze(parts[0]).translate(_FULL)
            if NUMBER.fullmatch(first):
                self.number, self.body = int(first), True
        self.row += len(parts)
        self.wide = max(self.wide, self.row)
        self.text = parts[-1]
        self.last = line.number

    def words(self, between: Sequence[Line]) -> None:
        self.text = between[-1].text
        self.last = between[-1].number


def _row_at(lines: Sequence[Line], start: int) -> tuple[tuple[str, ...], int]:
    """The first cells of the row that begins at a cell, and its line."""
    if start >= len(lines):
        return (), 0
    cells: list[str] = []
    previous = lines[start].number
    for line in lines[start : start + 100]:
        if line.is_cell:
            if line.number > previous + 1:
                break
            cells.extend(part.strip() for part in line.raw.split("\t")[1:])
        elif line.is_piped:
            break
        previous = line.number
    return tuple(cells), lines[start].number


def _goes_on(seen: _Seen, between: Sequence[Line], following: tuple[tuple[str, ...], int]) -> bool:
    """Do these lines without a TAB run the last cell on, so that the row after them is of the same table?"""
    row, at = following
    short = all(len(line.text) <= _SHORT and not _SENTENCE.search(line.text) for line in between)
    if seen.wide == 1 and not short:
        return False  # a box: one cell, and text that is not of it
    if at <= between[-1].number + 1:
        return True
    if any(_TITLE.fullmatch(squeeze(line.text)) for line in between):
        return False
    first = squeeze(row[0]).translate(_FULL)
    if len(row) > 1 and not first:
        return True
    if NUMBER.fullmatch(first) and seen.number is not None and int(first) == seen.number + 1:
        return True
    if not seen.body and short and len(row) > 1 and (first == "1" or len(row) >= seen.wide > 1):
        return True
    if len(row) != seen.row or len(row) < 2:
        return False
    return _counts_on(seen.text, between)


def _counts_on(text: str, between: Sequence[Line]) -> bool:
    """（1）…；（2）… : the lines go on counting from the cell, or the cell stops in the middle of a sentence."""
    one, two = _ENUMERATED.match(text), _ENUMERATED.match(between[0].text)
    return bool(one and two and int(two[1]) == int(one[1]) + 1) or bool(_UNFINISHED.search(text))


def _finishing(lines: Sequence[Line], seen: _Seen, at: int) -> int:
    """How many lines from `at` on still belong to the last cell, because it stops in the middle of a sentence."""
    if seen.row < 2:
        return 0
    count, text = 0, seen.text
    while at + count < len(lines) and count <= _CONTINUED:
        line = lines[at + count]
        if line.is_cell or line.is_piped or _STRUCTURE.match(squeeze(line.text)):
            break
        if not _counts_on(text, [line]):
            break
        text, count = line.text, count + 1  # the next item counts on from this one, no longer from the cell
    return count


def printed_rows(lines: Sequence[Line]) -> list[Printed]:
    """The rows of one block of lines (see `block_end`), in printed order."""
    return _piped(lines) if lines and lines[0].is_piped else _tabbed(lines)


def _piped(lines: Sequence[Line]) -> list[Printed]:
    rows = []
    for line in lines:
        cells = tuple(cell.strip() for cell in line.text.strip().removeprefix("|").removesuffix("|").split("|"))
        if not all(re.fullmatch(r":?-+:?", cell) for cell in cells):
            rows.append(Printed(cells, line.number, line.number))
    return rows


def _tabbed(lines: Sequence[Line]) -> list[Printed]:
    rows: list[tuple[list[str], list[int], int]] = []
    previous: int | None = None
    for line in lines:
        if line.is_cell:
            if previous is None or line.number > previous + 1 or not rows:
                rows.append(([], [], line.number))
            cells, where, _ = rows[-1]
            # Several TABs on one line are several cells: a file may keep a row on one line.
            parts = [part.strip() for part in line.raw.split("\t")[1:]]
            cells.extend(parts)
            where.extend([line.number] * len(parts))
            rows[-1] = (cells, where, line.number)
        elif rows:
            cells, where, _ = rows[-1]
            cells[-1] = _joined(cells[-1], line.text)
            rows[-1] = (cells, where, line.number)
        previous = line.number
    printed = [Printed(tuple(cells), where[0], last) for cells, where, last in rows]
    return _by_number(printed, [w for _, where, _ in rows for w in where])


def _joined(cell: str, rest: str) -> str:
    """A cell and its next line: a new paragraph where a sentence or the name of a unit is complete, else one word."""
    before = cell.rsplit("\n", 1)[-1]
    units = len(rest) >= 4 and _UNIT_NAME.search(before) and _UNIT_NAME.search(rest) and len(before) >= 4
    parted = bool(units) or bool(re.search(r"[。；：]$", before)) or bool(_ENUMERATED.match(rest))
    return f"{cell}\n{rest}" if cell and parted else cell + rest


def _by_number(rows: list[Printed], where: Sequence[int]) -> list[Printed]:
    """Where blank lines do not part the rows (none at all, or one after every cell), the numbers of 序号 do."""
    sizes = {len(row.cells) for row in rows}
    flat = [cell for row in rows for cell in row.cells]
    if not flat or not (len(rows) == 1 or sizes == {1}) or not squeeze(flat[0]).startswith("序"):
        return rows
    width = next((i for i, cell in enumerate(flat) if NUMBER.fullmatch(cell.translate(_FULL))), 0)
    if width < 2 or len(flat) % width:
        return rows
    return [Printed(tuple(flat[i : i + width]), where[i], where[i + width - 1]) for i in range(0, len(flat), width)]


_CAPTION = re.compile(
    r"(?:(?:表|专栏)\s*[\d０-９一二三四五六七八九十].*|.*(?:表|清单|目录|名单|名录|一览|指标|目标|布局|计划|标准|分工|情况))"
    r"(?:[（(].{1,12}[）)])?"
)
_NUMBERED_CAPTION = re.compile(r"(?:表|专栏)\s*[\d０-９一二三四五六七八九十]")
_UNIT = re.compile(r"[（(]?(?:计量|金额|货币)?单位[：:](.{1,20}?)[）)]?")
_LONGEST_CAPTION = 60


def caption_above(lines: Sequence[Line], at: int) -> tuple[str, str]:
    """The title and the unit (单位：公顷) printed in the lines right above the table that begins at `at`, or ""."""
    unit = ""
    i = at - 1
    if i >= 0 and (said := _UNIT.fullmatch(squeeze(lines[i].text))) and not _is_cell(lines[i]):
        unit, i = said[1], i - 1
    if i < 0 or not _may_caption(lines[i]) or not _CAPTION.fullmatch(squeeze(lines[i].text)):
        return "", unit
    title = squeeze(lines[i].text)
    for back in (1, 2):
        if i - back < 0 or not _may_caption(lines[i - back]) or _NUMBERED_CAPTION.match(title):
            break
        above = squeeze(lines[i - back].text)
        if _NUMBERED_CAPTION.match(above):
            title = above + title if back == 1 else above + squeeze(lines[i - 1].text) + title
    return title, unit


def _is_cell(line: Line) -> bool:
    return line.is_cell or line.is_piped


def _may_caption(line: Line) -> bool:
    bare = squeeze(line.text)
    plain = not _is_cell(line) and 0 < len(bare) <= _LONGEST_CAPTION
    return plain and not _SENTENCE.search(bare) and not _STRUCTURE.match(bare)
