"""Which printed rows name the columns of a table, and what each column is called when its names stand in levels.

A name over several columns is told from those below it: a lower name that contains the upper one opens its columns, a
lower name that comes again opens the next; else the columns are shared out evenly. A single header that is narrower
than the rows has one name over several columns: the one that leaves names and cells alike in kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gongbao.gazette.table_cells import NUMBER, Printed
from gongbao.gazette.text import squeeze

_COLUMN_NUMBERS = re.compile(r"[①-⑳]|[（(]?\d{1,2}[）)]?(?:[=＝].*)?|栏次|甲|乙")
_FIGURE = re.compile(r"[≥≤＞＜>＜<±约]?-?\d[\d,.]*(?:[%％‰]|以上|以下|以内|左右)?|-{1,3}|—{1,2}|一|/")
_WITH_FIGURES = re.compile(r"\d{4}年|数量|面积|投资|金额|比例|基数|目标|合计|总量|增量|小计|总计|万元|公顷")
_BRACKETS = re.compile(r"[（(][^（）()]*[）)]")
SEPARATOR = "·"
"""Between the levels of a column's name: 燃气·市政管道·数量（公里）."""


@dataclass(frozen=True, slots=True)
class Header:
    """`names` has one entry per column; `rows` are the printed header rows; `guessed` are the columns (from 0) whose
    name the print does not settle."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    guessed: tuple[int, ...] = ()


def is_figure(cell: str) -> bool:
    """A number with or without a comparison or unit, or a dash in its place."""
    return bool(_FIGURE.fullmatch(squeeze(cell)))


def read_header(rows: Sequence[Printed], piped: bool) -> tuple[Header, list[Printed]]:
    """The header and the rows below it. Without a header the columns are called 第1列, 第2列 …"""
    levels = _levels(rows, piped)
    body = list(rows[len(levels) :])
    printed = tuple(tuple(squeeze(cell) for cell in row.cells) for row in levels)
    widths = [len(row.cells) for row in body] + [len(cells) for cells in printed]
    width = max(widths, default=0)
    below = [cells for cells in printed if any(cells) and not _numbers_columns(cells)]
    if not below:
        return Header(_unique([f"第{i}列" for i in range(1, width + 1)]), printed), body
    names: list[str]
    guessed: tuple[int, ...]
    if len(below[-1]) < width:
        names, guessed = _stretched(below[-1], body, width)
        if len(below) > 1:
            guessed = tuple(range(width))
    elif all(len(cells) == width for cells in below):
        names, guessed = _full(below, width), ()
    else:
        names, guessed = _nested(below, width)
    return Header(_unique(names), printed, guessed), body


def _levels(rows: Sequence[Printed], piped: bool) -> list[Printed]:
    if not rows or len(rows[0].cells) < 2 or rows[0].number is not None:
        return []
    first = rows[0]
    if not first.filled:  # an empty header above rows that go on from an earlier page
        return [first] if piped else []
    if not piped and (first.filled < len(first.cells) or any(is_figure(cell) for cell in first.cells)):
        return []
    levels = [first]
    for row in rows[1:]:
        if row.cells[0] or not row.filled or len(row.cells) < 2:
            break
        if any(is_figure(cell) for cell in row.cells if cell) and not _numbers_columns(row.cells):
            break
        if not piped and len(row.cells) <= len(levels[-1].cells):
            break  # a lower level of a flattened header is wider: its names stand under those above
        levels.append(row)
    if piped and len(levels) == len(rows) and len(rows) > 1:
        return levels[:1]
    return levels


def _numbers_columns(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell]
    return bool(filled) and all(_COLUMN_NUMBERS.fullmatch(squeeze(cell)) for cell in filled)


def _full(levels: Sequence[tuple[str, ...]], width: int) -> list[str]:
    """Every level has a cell for every column: an empty one right of a name is covered by it."""
    paths: list[list[str]] = [[] for _ in range(width)]
    for at, cells in enumerate(levels):
        below = levels[at + 1 :]
        reaching = ""
        for column, cell in enumerate(cells):
            covered = any(level[column] for level in below)
            reaching = cell or (reaching if covered or not paths[column] else "")
            if reaching and (not paths[column] or paths[column][-1] != reaching):
                paths[column].append(reaching)
    return [SEPARATOR.join(path) for path in paths]


def _nested(levels: Sequence[tuple[str, ...]], width: int) -> tuple[list[str], tuple[int, ...]]:
    """Each level is narrower than the next: a cell of one covers one or more cells of the next."""
    paths = [[name] if name else [] for name in levels[-1]]
    guessed: set[int] = set()
    below = list(levels[-1])
    spans = [[column] for column in range(width)]
    for upper in reversed(levels[:-1]):
        shares, sure = _shares(upper, below)
        if shares is None:
            return [SEPARATOR.join(path) for path in paths], tuple(range(width))
        joined: list[list[int]] = []
        at = 0
        for name, share in zip(upper, shares, strict=True):
            columns = [column for span in spans[at : at + share] for column in span]
            at += share
            joined.append(columns)
            for column in columns:
                if name:
                    paths[column].insert(0, name)
            if not sure and share > 1:
                guessed.update(columns)
        spans, below = joined, list(upper)
    return [SEPARATOR.join(path) for path in paths], tuple(sorted(guessed))


def _shares(upper: Sequence[str], below: Sequence[str]) -> tuple[list[int] | None, bool]:
    """How many cells of the level below each upper cell covers. An empty cell below is the one above it, going down."""
    runs: list[list[str]] = []
    for name in below:
        if name and runs and runs[-1][0]:
            runs[-1].append(name)
        else:
            runs.append([name])
    single = sum(1 for run in runs if not run[0])
    left = len(upper) - single
    long = [run for run in runs if run[0]]
    repeats = [_repeats(run) for run in long]
    if len(long) == 1:
        counts = [left]
    elif sum(repeats) == left:
        counts = repeats
    else:
        return None, False
    shares: list[int] = []
    sure = True
    at = 0
    taken = iter(counts)
    for run in runs:
        count = next(taken) if run[0] else 1
        if count < 1 or count > len(run):
            return None, False
        parts, certain = _split(upper[at : at + count], run)
        sure = sure and certain
        shares.extend(parts)
        at += count
    return (shares, sure) if at == len(upper) else (None, False)


def _repeats(run: Sequence[str]) -> int:
    first = _BRACKETS.sub("", run[0])
    return sum(1 for name in run if _BRACKETS.sub("", name) == first)


def _split(uppers: Sequence[str], run: Sequence[str]) -> tuple[list[int], bool]:
    count = len(uppers)
    if count == 1:
        return [len(run)], True
    if count == len(run):
        return [1] * count, True
    starts: list[int] = []
    for name in uppers:
        after = starts[-1] + 1 if starts else 0
        found = next((i for i in range(after, len(run)) if name and name in run[i]), None)
        if found is None:
            break
        starts.append(found)
    if len(starts) < count or starts[0] != 0:
        first = _BRACKETS.sub("", run[0])
        starts = [i for i, name in enumerate(run) if _BRACKETS.sub("", name) == first]
    if len(starts) == count:
        return [b - a for a, b in zip(starts, [*starts[1:], len(run)], strict=True)], True
    even, more = divmod(len(run), count)
    return [even + (1 if i < more else 0) for i in range(count)], False


def _stretched(names: Sequence[str], body: Sequence[Printed], width: int) -> tuple[list[str], tuple[int, ...]]:
    """One name covers the columns that the header lacks: the one before the last, unless the cells tell better."""
    extra = width - len(names)
    wide = [row for row in body if len(row.cells) == width]
    figures = [share_of(row.cells[column] for row in wide) for column in range(width)]
    numbering = {column for column in range(width) if _counts([row.cells[column] for row in wide])}
    # A label over several rows stands under one name with what it labels.
    labels = [
        column
        for column in range(width)
        if (figures[column] or 0) < 0.5 and any(not row.cells[column] for row in wide) and wide[0].cells[column]
    ]
    default = max(len(names) - 2, 0)
    scores = []
    for spanning in range(len(names)):
        stretched = [*names[: spanning + 1], *[names[spanning]] * extra, *names[spanning + 1 :]]
        score = sum(
            1
            for column, name in enumerate(stretched)
            if not (spanning <= column <= spanning + extra)
            and (name == "序号" if column in numbering else _fits(name, figures[column]))
        )
        score += sum(
            1
            for column in range(spanning, spanning + extra + 1)
            if column not in numbering and _fits(names[spanning], figures[column])
        )
        score += sum(1 for column in labels if spanning <= column < spanning + extra)
        scores.append((score, spanning == default, spanning))
    best = max(scores)
    chosen = best[2]
    sure = sum(1 for score, _, _ in scores if score == best[0]) == 1
    named = [*names[: chosen + 1], *[names[chosen]] * extra, *names[chosen + 1 :]]
    return named, () if sure else tuple(range(min(chosen, default), width))


def _counts(cells: Sequence[str]) -> bool:
    """1, 2, 3, …: the column numbers the rows."""
    numbers = [int(cell) for cell in cells if NUMBER.fullmatch(cell)]
    return len(numbers) > 2 and numbers == list(range(1, len(numbers) + 1))


def share_of(cells: Iterable[str | None]) -> float | None:
    """Which part of the filled cells are figures; None when no cell is filled."""
    filled = [cell for cell in cells if cell]
    return sum(1 for cell in filled if is_figure(cell)) / len(filled) if filled else None


def _fits(name: str, figures: float | None) -> bool:
    if figures is None:
        return True
    if name == "序号":
        return figures > 0.9
    return (figures >= 0.5) == bool(_WITH_FIGURES.search(name))


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    seen: dict[str, int] = {}
    unique: list[str] = []
    for i, printed in enumerate(names):
        name = printed or (re.sub(r"#\d+$", "", unique[-1]) if unique else f"第{i + 1}列")
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return tuple(unique)
