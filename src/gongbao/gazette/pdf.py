"""A PDF page is characters at places; they become lines again from the top down, column by column.

Ruled tables become rows, running heads and page numbers fall away, and lines that the page's width broke are joined to
paragraphs: a full line goes on in the next one unless that is indented. Lengths are in points, y grows upwards.
"""

from __future__ import annotations

import ctypes
import re
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from gongbao.gazette.heads import ISSUER, find_date, find_number
from gongbao.gazette.text import GazetteError, is_page_debris, row, squeeze

MAX_PAGES = 3000
_ONE_AT_A_TIME = threading.Lock()  # PDFium is not thread-safe
_NEEDS_OCR = "请先用扫描软件或 WPS 做文字识别（OCR），存成带文字层的 PDF 或文本后再导入"
_HAN = re.compile(r"[\u3400-\u9fff]")
_LABELLED = re.compile(
    r"第[一二三四五六七八九十百]+[章节条]|[一二三四五六七八九十]+、|[（(][一二三四五六七八九十\d]+[）)]|\d+[.．、]|附件"
)
_STOPS = ("。", "；", "：", "！", "？", "”", "）")
_EDGE = 0.13
"""The share of a page's height, at its top and its foot, in which running heads and page numbers are looked for."""
_NEAR = 3.0


@dataclass(frozen=True, slots=True)
class _Mark:
    """One character: left and right edge, base line, size; whether a space stands before it."""

    left: float
    right: float
    base: float
    size: float
    letter: str
    spaced: bool


@dataclass(frozen=True, slots=True)
class _Printed:
    """One line of a page, or a table row (`ruled`); `column` has the edges of its column where a page has two."""

    text: str
    left: float
    right: float
    base: float
    size: float
    page: int
    column: tuple[float, float] | None
    ruled: bool = False


@dataclass(frozen=True, slots=True)
class _Sheet:
    number: int
    width: float
    height: float
    marks: tuple[_Mark, ...]
    across: tuple[tuple[float, float, float], ...]
    down: tuple[tuple[float, float, float], ...]
    pictured: bool


def lines_of_pdf(data: bytes, name: str) -> tuple[list[tuple[str, int]], tuple[str, ...]]:
    """Paragraphs and table rows with the page that each begins on, from 1; and warnings of pages that are pictures.

    Raises GazetteError for a damaged or locked file, and for one whose pages are pictures: that needs OCR first.
    """
    with _ONE_AT_A_TIME:
        sheets = _sheets(data, name)
    written = [sheet for sheet in sheets if len(sheet.marks) >= 10]
    letters = [mark.letter for sheet in sheets for mark in sheet.marks]
    pictures = [sheet.number for sheet in sheets if sheet.pictured and len(sheet.marks) < 10]
    if len(pictures) * 2 > len(sheets) or not letters:
        raise GazetteError(f"{name}：这是扫描件，{len(sheets)}页中只有{len(written)}页有文字层。{_NEEDS_OCR}。")
    strange = sum(1 for letter in letters if letter in "\0\ufffd\ufffe" or "\ue000" <= letter <= "\uf8ff")
    if strange * 5 > len(letters):
        raise GazetteError(f"{name}：文字层中{len(letters)}个字有{strange}个没有编码，无法还原成汉字。{_NEEDS_OCR}。")
    pages = _without_running_heads([_printed(sheet) for sheet in sheets], sheets)
    warnings: tuple[str, ...] = ()
    if pictures:
        which = "、".join(str(number) for number in pictures[:20]) + ("等" if len(pictures) > 20 else "")
        warnings = (f"{name}：第{which}页是图片，没有文字层，没有读入（共{len(pictures)}页）。{_NEEDS_OCR}。",)
    return _paragraphs([line for page in pages for line in page]), warnings


def _sheets(data: bytes, name: str) -> list[_Sheet]:
    try:
        import pypdfium2
    except ImportError as error:
        raise GazetteError(f"{name}：读取 PDF 需要安装 pypdfium2。") from error
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise GazetteError(f"{name}：PDF 有打开密码，无法读取。请解除密码后再导入。") from error
        raise GazetteError(f"{name}：PDF 已损坏，无法打开，可能没有下载完整。请重新下载后再导入。") from error
    try:
        if len(document) > MAX_PAGES:
            raise GazetteError(f"{name}：PDF 有{len(document)}页，超过{MAX_PAGES}页的上限。请按期拆分后再导入。")
        sheets = []
        for at in range(len(document)):
            page = document[at]
            sheets.append(_sheet(page, at + 1))
            page.close()
        return sheets
    except pypdfium2.PdfiumError as error:
        raise GazetteError(f"{name}：PDF 有损坏的页，无法读完。请重新下载后再导入。") from error
    finally:
        document.close()


def _sheet(page: Any, number: int) -> _Sheet:
    import pypdfium2.raw as raw

    turn = page.get_rotation()
    left, bottom, right, top = page.get_mediabox()
    wide, high = right - left, top - bottom

    def seen(x: float, y: float) -> tuple[float, float]:
        """A place as the reader sees the page, which may be turned."""
        x, y = x - left, y - bottom
        return {0: (x, y), 90: (y, wide - x), 180: (wide - x, high - y), 270: (high - y, x)}[turn]

    text = page.get_textpage()
    marks = []
    spaced = False
    x, y, box = ctypes.c_double(), ctypes.c_double(), raw.FS_RECTF()
    for i in range(text.count_chars()):
        code = raw.FPDFText_GetUnicode(text, i)
        if code in (0x20, 0xA0, 0x3000, 0x09):
            spaced = True
            continue
        if 0 < code < 32:
            continue
        if abs((raw.FPDFText_GetCharAngle(text, i) * 57.29578 - turn + 180) % 360 - 180) > 5:
            continue  # a watermark, a seal
        if not (raw.FPDFText_GetLooseCharBox(text, i, box) and raw.FPDFText_GetCharOrigin(text, i, x, y)):
            continue
        (x0, y0), (x1, y1) = seen(box.left, box.bottom), seen(box.right, box.top)
        size = abs(raw.FPDFText_GetFontSize(text, i)) or 1.0
        # Font size may be scaled by a matrix; the height of the box is what is seen.
        size = min(max(abs(y1 - y0) * 0.8, 1.0), 200.0) if not 3 < size < 200 else size
        letter = chr(code) if code < 0x110000 else "\ufffd"
        marks.append(_Mark(min(x0, x1), max(x0, x1), seen(x.value, y.value)[1], size, letter, spaced))
        spaced = False
    text.close()
    across: list[tuple[float, float, float]] = []
    down: list[tuple[float, float, float]] = []
    pictured = False
    for thing in page.get_objects(filter=(raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_IMAGE)):
        if thing.type == raw.FPDF_PAGEOBJ_IMAGE:
            pictured = True
            continue
        for (x0, y0), (x1, y1) in _strokes(thing, seen, raw):
            if abs(y1 - y0) < 1 and abs(x1 - x0) > 5:
                across.append(((y0 + y1) / 2, min(x0, x1), max(x0, x1)))
            elif abs(x1 - x0) < 1 and abs(y1 - y0) > 5:
                down.append(((x0 + x1) / 2, min(y0, y1), max(y0, y1)))
    shape = (wide, high) if turn in (0, 180) else (high, wide)
    return _Sheet(number, *shape, tuple(marks), _merged(across), _merged(down), pictured)


def _strokes(path: Any, seen: Any, raw: Any) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """The straight strokes of a drawn path, where they are seen."""
    matrix = path.get_matrix()
    strokes = []
    start = here = (0.0, 0.0)
    x, y = ctypes.c_float(), ctypes.c_float()
    for i in range(min(raw.FPDFPath_CountSegments(path), 5000)):
        segment = raw.FPDFPath_GetPathSegment(path, i)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        to = seen(*matrix.on_point(x.value, y.value))
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_LINETO:
            strokes.append((here, to))
        elif kind == raw.FPDF_SEGMENT_MOVETO:
            start = to
        here = to
        if raw.FPDFPathSegment_GetClose(segment):
            strokes.append((here, start))
    return strokes


def _merged(strokes: list[tuple[float, float, float]]) -> tuple[tuple[float, float, float], ...]:
    """Strokes of one direction, with those that lie on each other or run on made one: (place, from, to)."""
    merged: list[tuple[float, float, float]] = []
    for place, begin, end in sorted(strokes, key=lambda s: (round(s[0] / 2), s[1])):
        if merged and abs(merged[-1][0] - place) <= _NEAR and begin <= merged[-1][2] + _NEAR:
            before = merged[-1]
            merged[-1] = (before[0], min(before[1], begin), max(before[2], end))
        else:
            merged.append((place, begin, end))
    return tuple(merged)


# --- one page: tables, columns, lines -------------------------------------------------------------------------------


def _printed(sheet: _Sheet) -> list[_Printed]:
    marks = list(sheet.marks)
    found: list[_Printed] = []
    for table in _grids(sheet):
        inside = [m for m in marks if table.holds(m)]
        if not inside:
            continue
        marks = [m for m in marks if not table.holds(m)]
        found.extend(table.rows(inside, sheet.number))
    pieces = [piece for line in _rows(marks) for piece in _pieces(line)]
    gutter = _gutter(pieces, sheet)
    if gutter is None:
        flowing = _lines(_rows(marks), sheet.number)
        return sorted([*flowing, *found], key=lambda p: -p.base)
    # Bands: what crosses the gutter ends the columns above it and is read where it stands.
    crossing = [p for p in pieces if p[0].left < gutter - 2 and p[-1].right > gutter + 2]
    ends = sorted({p[0].base for p in crossing} | {p.base for p in found}, reverse=True)
    columns = [
        (min(p[0].left for p in half), max(p[-1].right for p in half))
        for side in (False, True)
        if (half := [p for p in pieces if p not in crossing and (p[0].left > gutter - 2) == side])
    ]
    ordered: list[_Printed] = []
    upper = sheet.height * 2
    for lower in [*ends, -1.0]:
        for side in (False, True):
            column = [
                m
                for p in pieces
                if p not in crossing and (p[0].left > gutter - 2) == side and lower + 1 < p[0].base < upper - 1
                for m in p
            ]
            ordered.extend(_lines(_rows(column), sheet.number, columns[side]))
        across = [m for p in crossing if abs(p[0].base - lower) <= 1 for m in p]
        ordered.extend(_lines(_rows(across), sheet.number))
        ordered.extend(p for p in found if abs(p.base - lower) <= 1)
        upper = lower
    return ordered


def _rows(marks: Iterable[_Mark]) -> list[list[_Mark]]:
    """Characters on one base line, from left to right; base lines from the top down."""
    rows: list[list[_Mark]] = []
    base = 0.0
    for mark in sorted(marks, key=lambda m: (-m.base, m.left)):
        if rows and base - mark.base < 0.45 * max(mark.size, rows[-1][0].size):
            rows[-1].append(mark)
        else:
            rows.append([mark])
            base = mark.base
    for line in rows:
        line.sort(key=lambda m: m.left)
    return rows


def _pieces(line: Sequence[_Mark]) -> list[list[_Mark]]:
    """A row of characters parted where the gap is wider than one and a half characters."""
    pieces = [[line[0]]]
    for before, mark in pairwise(line):
        if mark.left - before.right > 1.5 * max(before.size, mark.size):
            pieces.append([mark])
        else:
            pieces[-1].append(mark)
    return pieces


def _words(line: Sequence[_Mark]) -> str:
    """Characters with the gaps that part words: a gap of a full character is a full-width space."""
    written = line[0].letter
    for before, mark in pairwise(line):
        gap = (mark.left - before.right) / max(before.size, mark.size, 1.0)
        if gap > 0.7:
            written += "　" * min(round(gap), 4)
        elif (
            (mark.spaced and gap > 0.15)
            or gap > 0.4
            or (gap > 0.18 and before.letter.isascii() and mark.letter.isascii())
        ):
            written += " "
        written += mark.letter
    return written


def _lines(rows: Sequence[Sequence[_Mark]], page: int, column: tuple[float, float] | None = None) -> list[_Printed]:
    return [
        _Printed(_words(line), line[0].left, line[-1].right, line[0].base, median(m.size for m in line), page, column)
        for line in rows
    ]


def _gutter(pieces: Sequence[Sequence[_Mark]], sheet: _Sheet) -> float | None:
    """The x between two columns of running text, if the page is set in two."""
    body = [p for p in pieces if _EDGE * 0.6 * sheet.height < p[0].base < (1 - _EDGE * 0.6) * sheet.height]
    wide = [p for p in body if p[-1].right - p[0].left > 0.2 * sheet.width]
    if len(wide) < 8:
        return None
    best = None
    for step in range(40, 61):
        x = sheet.width * step / 100
        crossing = sum(1 for p in body if p[0].left < x - 2 and p[-1].right > x + 2)
        left = sum(1 for p in wide if p[-1].right <= x + 2)
        right = sum(1 for p in wide if p[0].left >= x - 2)
        if crossing <= 0.15 * len(body) and min(left, right) >= 0.25 * len(wide) and min(left, right) >= 4:
            score = (crossing, abs(step - 50))
            if best is None or score < best[0]:
                best = (score, x)
    return best[1] if best else None


# --- ruled tables ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Grid:
    xs: tuple[float, ...]
    ys: tuple[float, ...]
    across: tuple[tuple[float, float, float], ...]
    down: tuple[tuple[float, float, float], ...]

    def holds(self, mark: _Mark) -> bool:
        middle = (mark.left + mark.right) / 2
        return self.xs[0] <= middle <= self.xs[-1] and self.ys[-1] <= mark.base + mark.size / 3 <= self.ys[0]

    def rows(self, marks: Sequence[_Mark], page: int) -> list[_Printed]:
        """Rows from the top; a cell that reaches over several holds its words in the first and leaves the rest empty."""
        wide, high = len(self.xs) - 1, len(self.ys) - 1
        owner = {(i, j): (i, j) for i in range(high) for j in range(wide)}
        for i in range(high):
            for j in range(wide):
                y = (self.ys[i] + self.ys[i + 1]) / 2
                x = (self.xs[j] + self.xs[j + 1]) / 2
                if j and not _ruled(self.down, self.xs[j], y):
                    owner[i, j] = owner[i, j - 1]
                elif i and not _ruled(self.across, self.ys[i], x):
                    owner[i, j] = owner[i - 1, j]
        cells: dict[tuple[int, int], list[_Mark]] = {}
        for mark in marks:
            x, y = (mark.left + mark.right) / 2, mark.base + mark.size / 3
            i = min(max(sum(1 for edge in self.ys if edge > y) - 1, 0), high - 1)
            j = min(max(sum(1 for edge in self.xs if edge < x) - 1, 0), wide - 1)
            cells.setdefault(owner[i, j], []).append(mark)
        printed = []
        for i in range(high):
            texts = ["".join(_words(line) for line in _rows(cells.get((i, j), []))) for j in range(wide)]
            if len({owner[i, j] for j in range(wide)}) == 1:
                texts = texts[:1]
            if any(texts):
                edges = (self.xs[0], self.xs[-1])
                printed.append(_Printed(row(texts), *edges, self.ys[i] - 1, 10, page, edges, ruled=True))
        return printed


def _ruled(strokes: Iterable[tuple[float, float, float]], place: float, along: float) -> bool:
    return any(abs(at - place) <= _NEAR and begin - 1 <= along <= end + 1 for at, begin, end in strokes)


def _grids(sheet: _Sheet) -> list[_Grid]:
    """Strokes that cross each other make a grid; one with two columns is a table, of which a page may hold but a row."""
    strokes = [("-", s) for s in sheet.across] + [("|", s) for s in sheet.down]
    if not sheet.across or not sheet.down or len(strokes) > 4000:
        return []
    group = list(range(len(strokes)))

    def top(i: int) -> int:
        while group[i] != i:
            group[i] = group[group[i]]
            i = group[i]
        return i

    for i, (kind, one) in enumerate(strokes):
        if kind == "|":
            break
        for j in range(len(sheet.across), len(strokes)):
            other = strokes[j][1]
            if (
                one[1] - _NEAR <= other[0] <= one[2] + _NEAR
                and other[1] - _NEAR <= one[0] <= other[2] + _NEAR
            ):  # fmt: skip
                group[top(i)] = top(j)
    members: dict[int, list[int]] = {}
    for i in range(len(strokes)):
        members.setdefault(top(i), []).append(i)
    grids = []
    for indexes in members.values():
        across = tuple(strokes[i][1] for i in indexes if strokes[i][0] == "-")
        down = tuple(strokes[i][1] for i in indexes if strokes[i][0] == "|")
        xs, ys = _places(s[0] for s in down), _places(s[0] for s in across)
        if len(xs) >= 3 and len(ys) >= 2:
            grids.append(_Grid(tuple(xs), tuple(reversed(ys)), across, down))
    return sorted(grids, key=lambda g: -g.ys[0])


def _places(values: Iterable[float]) -> list[float]:
    places: list[float] = []
    for value in sorted(values):
        if not places or value - places[-1] > _NEAR:
            places.append(value)
    return places


# --- all pages: running heads, paragraphs ---------------------------------------------------------------------------


def _without_running_heads(pages: list[list[_Printed]], sheets: Sequence[_Sheet]) -> list[list[_Printed]]:
    """What stands at the edge of many pages and differs only in its digits is the frame; so are page numbers there."""

    def edge(line: _Printed, sheet: _Sheet) -> bool:
        return not line.ruled and not _EDGE * sheet.height < line.base < (1 - _EDGE) * sheet.height

    def plain(text: str) -> str:
        return re.sub(r"\d+", "0", squeeze(text))

    repeated = Counter(
        words
        for page, sheet in zip(pages, sheets, strict=True)
        for words in {plain(line.text) for line in page if edge(line, sheet)}
    )
    often = max(3, len(pages) // 4)
    sizes = [line.size for page in pages for line in page if not line.ruled]
    usual = median(sizes) if sizes else 0.0

    def framed(line: _Printed, sheet: _Sheet) -> bool:
        if not edge(line, sheet):
            return False
        bare = squeeze(line.text)
        if is_page_debris(bare) or bare.isdigit():
            return True
        if len(pages) <= 2:
            return False
        times = repeated[plain(line.text)]
        # An organ's name at the top of a page opens a document there, unless it is set small or stands on all pages.
        opens = ISSUER.fullmatch(bare) and line.size > 0.9 * usual
        return times >= (0.8 * len(pages) if opens else often)

    return [[line for line in page if not framed(line, sheet)] for page, sheet in zip(pages, sheets, strict=True)]


def _paragraphs(printed: Sequence[_Printed]) -> list[tuple[str, int]]:
    lines: list[tuple[str, int]] = []
    before: _Printed | None = None
    spacing = _usual_spacing(printed)
    margins = _margins(printed)
    indents = _indents(printed, margins)
    for line in printed:
        if before is not None and _runs_on(before, line, spacing, margins, indents):
            words, page = lines[-1]
            apart = " " if words[-1:].isascii() and line.text[:1].isascii() and words[-1:].isalpha() else ""
            lines[-1] = (words + apart + line.text, page)
        else:
            lines.append((line.text, line.page))
        before = line
    return lines


def _usual_spacing(printed: Sequence[_Printed]) -> float:
    gaps = [
        round(one.base - two.base, 1)
        for one, two in pairwise(printed)
        if one.page == two.page and 0 < one.base - two.base < 80 and not (one.ruled or two.ruled)
    ]
    return Counter(gaps).most_common(1)[0][0] if gaps else 0.0


def _margins(printed: Sequence[_Printed]) -> dict[int, tuple[float, float]]:
    """The edges of the type area on odd and on even pages, which a binding may shift; both are of the same width."""
    edges = {}
    for odd in (0, 1):
        lines = [line for line in printed if line.page % 2 == odd and not line.ruled]
        if lines:
            edges[odd] = (min(line.left for line in lines), max(line.right for line in lines))
    width = max((right - left for left, right in edges.values()), default=0.0)
    outer = min((left for left, _ in edges.values()), default=0.0)
    # Pages that do not show the full width hold no paragraph that goes on: all they show may be indented lines.
    return {
        odd: (left, right) if right - left > 0.97 * width else (outer, max(right, outer + width))
        for odd, (left, right) in edges.items()
    }


def _indents(printed: Sequence[_Printed], margins: dict[int, tuple[float, float]]) -> bool:
    """Are numbered paragraphs indented throughout? Then a number at the very margin stands inside a sentence."""
    lefts = [
        line.left - (line.column or margins[line.page % 2])[0] > 1.2 * line.size
        for line in printed
        if not line.ruled and _LABELLED.match(line.text)
    ]
    return len(lefts) >= 5 and sum(lefts) >= 0.9 * len(lefts)


def _runs_on(
    one: _Printed, two: _Printed, spacing: float, margins: dict[int, tuple[float, float]], indents: bool
) -> bool:
    """Does the second line go on with the sentence of the first? Full to the right edge, and not indented below."""
    if one.ruled or two.ruled or abs(one.size - two.size) > 0.15 * one.size:
        return False
    # A bracket or a number that may not be broken leaves the line before it short by up to three characters.
    slack = 1.6 if one.text.endswith(_STOPS) or len(one.text) < 25 else 3.5
    right = (one.column or margins[one.page % 2])[1]
    left = (two.column or margins[two.page % 2])[0]
    if one.right < right - slack * one.size or two.left > left + 0.8 * two.size:
        return False
    if len(one.text) < 12 or find_number(one.text) or find_number(two.text) or find_date(two.text):
        return False
    if _LABELLED.match(two.text) and one.text.endswith(_STOPS) and not indents:
        return False
    if one.page == two.page and one.base - two.base > 0:
        return one.base - two.base <= 1.35 * spacing or not one.text.endswith(_STOPS)
    return True
