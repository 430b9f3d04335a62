"""The picture of a what-if as SVG: who moves from which outcome to which, and how much of each there is before and after.

Drawn with attributes alone (no style, no script), so that a page with a strict policy may show it as it is. Nothing is
said by colour alone: a rise is blue with ▲, a fall is orange with ▼ and hatched, the rest is grey; every cell has its
number. The four warning colours are not used.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from html import escape

from gongbao.batch.whatif.result import Comparison, Matrix, OutputChange, share

INK, FAINT, RULE = "#1f2a30", "#5c6a71", "#cfd6da"
RISE, FALL, OTHER, STAY = "#1f5f99", "#b45309", "#6b5b7b", "#8a979e"
CELL, ROW, HEAD, LEFT, EDGE = 92, 46, 58, 130, 24
FONT = "'PingFang SC','Microsoft YaHei','Noto Sans CJK SC','Source Han Sans SC',sans-serif"
MOST_BARS = 15
NARROWEST = 640
_HATCH = (
    '<defs><pattern id="fall" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    f'<line x1="0" y1="0" x2="0" y2="6" stroke="{FALL}" stroke-width="1.2" stroke-opacity="0.28"/></pattern></defs>'
)


def picture(found: Comparison, changes: Sequence[str] = (), output: str | None = None, unit: str = "行") -> str:
    """The whole picture. `changes`: what was changed, in words; `output`: which output (else the first); `unit`: of rows."""
    chosen = next((o for o in found.outputs if o.output == output), found.outputs[0])
    parts: list[str] = []
    y = EDGE + 22
    y = _lines(parts, [found.label], y, 17, INK, bold=True)
    y = _lines(parts, changes, y, 14, INK)
    told = f"共 {found.rows} {unit}，结果改变 {found.changed} {unit}（{share(found.changed, found.rows)}%）"
    if found.reopened:
        told += f"，其中 {found.reopened} {unit}仍未定、只是可能的结果变了"
    if found.days is not None:
        told = f"{found.rows} 条序列共 {found.days.total} 天，{found.days.moved} 天的级别改变（{share(found.days.moved, found.days.total)}%）"
    y = _lines(parts, [told], y, 13, FAINT) + 10
    width = NARROWEST
    if chosen.matrix is not None and (found.days is None or found.rows > 1):
        y, wide = _matrix(parts, chosen.matrix, y, unit)
        width = max(width, wide)
    if chosen.differences and any(by for by, _ in chosen.differences):
        y = _differences(parts, chosen, y, unit)
    if found.days is not None:
        y = _lines(parts, ["每天的级别"], y + 16, 15, INK, bold=True) + 4
        y, wide = _matrix(parts, found.days, y, "天")
        width = max(width, wide)
    said = escape(describe(found, changes, unit))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {y + EDGE}" width="{width}" height="{y + EDGE}" '
        f'role="img" font-family="{FONT}"><title>{escape(found.label)}：试算</title><desc>{said}</desc>{_HATCH}'
        f'<rect width="{width}" height="{y + EDGE}" fill="#ffffff"/>{"".join(parts)}</svg>'
    )


def describe(found: Comparison, changes: Sequence[str] = (), unit: str = "行") -> str:
    """The picture in sentences."""
    said = [
        f"{found.label}，{'；'.join(changes) or '两个版本'}：共 {found.rows} {unit}，结果改变 {found.changed} {unit}"
    ]
    for each in found.outputs:
        said += _told(each.label, each.matrix, unit)
    said += _told("每天的级别", found.days, "天")
    return "。".join(said) + "。"


def _told(label: str, matrix: Matrix | None, unit: str) -> list[str]:
    if matrix is None:
        return []
    names = matrix.outcomes
    moves = [(n, names[i], names[j]) for i, row in enumerate(matrix.counts) for j, n in enumerate(row) if i != j and n]
    return [
        f"{label}：" + ("、".join(f"{a}改为{b} {n} {unit}" for n, a, b in sorted(moves, reverse=True)) or "没有改变")
    ]


def _matrix(parts: list[str], matrix: Matrix, y: int, unit: str) -> tuple[int, int]:
    """The matrix with sums at its sides and, beneath, bars of each outcome before and after; (next y, width)."""
    kept = _kept(matrix)
    n = len(kept)
    left = max(LEFT, min(220, EDGE + 16 + 13 * max(len(matrix.outcomes[i]) for i in kept)))
    top = y + HEAD
    most = max((matrix.counts[i][j] for i in kept for j in kept if i != j), default=0)
    parts.append(_text(EDGE, y + 14, "原结果 ↓　改后 →", 12, FAINT))
    for at, i in enumerate(kept):
        _wrapped(parts, left + at * CELL + CELL // 2, y + HEAD - 10, matrix.outcomes[i])
        parts.append(_text(left - 10, top + at * ROW + 28, _short(matrix.outcomes[i], 14), 13, INK, "end"))
    parts.append(_text(left + n * CELL + 12, y + HEAD - 10, "原计", 12, FAINT))
    for at, i in enumerate(kept):
        for to, j in enumerate(kept):
            parts.append(_cell(matrix, i, j, left + to * CELL, top + at * ROW, most, unit))
        parts.append(_text(left + n * CELL + 12, top + at * ROW + 28, str(matrix.before[i]), 13, INK))
    bottom = top + n * ROW
    parts.append(_text(left - 10, bottom + 20, "改后计", 12, FAINT, "end"))
    for at, i in enumerate(kept):
        change = matrix.after[i] - matrix.before[i]
        parts.append(_text(left + at * CELL + CELL // 2, bottom + 20, str(matrix.after[i]), 13, INK, "middle"))
        if change:
            parts.append(
                _text(left + at * CELL + CELL // 2, bottom + 36, f"{change:+d}".replace("-", "−"), 12, FAINT, "middle")
            )
    y = bottom + 58
    legend = [("■ 不变", STAY)]
    if matrix.ordered:
        legend += [(f"▲ 升 {matrix.up} {unit}", RISE), (f"▼ 降 {matrix.down} {unit}", FALL)]
        legend += [(f"{'升' if k > 0 else '降'} {abs(k)} 级 {c} {unit}", FAINT) for k, c in matrix.steps.items() if k]
    else:
        legend.append((f"◆ 改变 {matrix.moved} {unit}", OTHER))
    x = EDGE
    for words, colour in legend:
        if x + 14 * len(words) > left + n * CELL + 70:
            x, y = EDGE, y + 18
        parts.append(_text(x, y, words, 12, colour))
        x += 14 * len(words) + 10
    y = _bars(parts, matrix, kept, y + 18, left)
    return y, left + n * CELL + 80


def _kept(matrix: Matrix) -> list[int]:
    """Every outcome of a small matrix; of a large one those that occur."""
    every = list(range(len(matrix.outcomes)))
    return every if len(every) <= 6 else [i for i in every if matrix.before[i] or matrix.after[i]] or every[:1]


def _cell(matrix: Matrix, i: int, j: int, x: int, y: int, most: int, unit: str) -> str:
    count = matrix.counts[i][j]
    ordered = i < matrix.ordered and j < matrix.ordered
    colour, sign = (
        (STAY, "") if i == j else (RISE, "▲") if ordered and j > i else (FALL, "▼") if ordered else (OTHER, "◆")
    )
    strong = 0 if not count else 14 if i == j else 12 + (50 * count // most if most else 0)
    box = f'x="{x + 1}" y="{y + 1}" width="{CELL - 2}" height="{ROW - 2}"'
    made = [f'<rect {box} fill="{colour}" fill-opacity="0.{strong:02d}" stroke="{RULE}"/>']
    if count and colour == FALL:
        made.append(f'<rect {box} fill="url(#fall)"/>')
    middle = x + CELL // 2
    if not count:
        made.append(_text(middle, y + 28, "·", 13, STAY, "middle"))
    else:
        made.append(_text(middle, y + 22, f"{sign}{count}", 14, INK, "middle", bold=i != j))
        made.append(_text(middle, y + 38, f"{share(count, matrix.total)}%", 11, INK, "middle"))
    names = matrix.outcomes
    moved = f"{names[i]} 不变" if i == j else f"{names[i]} → {names[j]}"
    return f"<g><title>{escape(moved)}：{count} {unit}</title>{''.join(made)}</g>"


def _bars(parts: list[str], matrix: Matrix, kept: Iterable[int], y: int, left: int) -> int:
    """Of each outcome a hollow bar before and a full one after."""
    kept = list(kept)
    most = max([*matrix.before, *matrix.after, 1])
    room = max(CELL * len(kept), 260)
    for i in kept:
        parts.append(_text(left - 10, y + 17, _short(matrix.outcomes[i], 14), 12, INK, "end"))
        for at, (count, fill) in enumerate(((matrix.before[i], "#ffffff"), (matrix.after[i], INK))):
            long = room * count // most
            parts.append(
                f'<rect x="{left}" y="{y + 2 + 11 * at}" width="{max(long, 1)}" height="9" fill="{fill}" stroke="{INK}"/>'
            )
            parts.append(_text(left + long + 6, y + 10 + 11 * at, f"{'改后' if at else '原'} {count}", 10, FAINT))
        y += 30
    return y


def _differences(parts: list[str], chosen: OutputChange, y: int, unit: str) -> int:
    """The distribution of the difference as bars; many distinct ones fall into equal classes."""
    y = _lines(parts, [f"{chosen.label}的差（改后减原）"], y + 16, 15, INK, bold=True)
    bars = classes(chosen.differences)
    most = max(n for _, _, n in bars)
    for low, high, n in bars:
        words = _number(low) if low == high else f"{_number(low)} 至 {_number(high)}"
        colour = RISE if low > 0 else FALL if high < 0 else STAY
        sign = "▲ " if low > 0 else "▼ " if high < 0 else ""
        parts.append(_text(LEFT + 60, y + 15, f"{sign}{words}{chosen.unit}", 12, INK, "end"))
        long = max(1, 320 * n // most)
        parts.append(
            f'<rect x="{LEFT + 70}" y="{y + 3}" width="{long}" height="15" fill="{colour}" fill-opacity="0.75"/>'
        )
        parts.append(_text(LEFT + 78 + long, y + 15, f"{n} {unit}", 12, FAINT))
        y += 22
    return y


def classes(differences: Sequence[tuple[Decimal, int]]) -> list[tuple[Decimal, Decimal, int]]:
    """(lowest, highest, rows): every difference by itself, or equal classes; each class says what is really in it."""
    if len(differences) <= MOST_BARS:
        return [(by, by, n) for by, n in differences]
    low, high = differences[0][0], differences[-1][0]
    length = (high - low) / MOST_BARS
    held: dict[int, list[tuple[Decimal, int]]] = {}
    for by, n in differences:
        # nothing and something are not put into one class, whatever its bounds
        key = min(int((by - low) / length), MOST_BARS - 1) * 4 + (1 if by < 0 else 2 if by == 0 else 3)
        held.setdefault(key, []).append((by, n))
    return [(each[0][0], each[-1][0], sum(n for _, n in each)) for _, each in sorted(held.items())]


def _number(value: Decimal) -> str:
    text = f"{value:+f}"
    return ("0" if not value else text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")


def _lines(parts: list[str], lines: Iterable[str], y: int, size: int, colour: str, bold: bool = False) -> int:
    wide = (NARROWEST - 2 * EDGE) // size
    for line in lines:
        for at in range(0, len(line), wide):
            parts.append(_text(EDGE, y, line[at : at + wide], size, colour, bold=bold))
            y += size + 8
    return y


def _wrapped(parts: list[str], x: int, y: int, words: str) -> None:
    """A heading over a column, upwards from its foot in lines of seven characters."""
    text = _short(words, 20)
    lines = [text[at : at + 7] for at in range(0, len(text), 7)]
    for up, line in enumerate(reversed(lines)):
        parts.append(_text(x, y - 15 * up, line, 12, INK, "middle"))


def _short(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1] + "…"


def _text(x: int, y: int, words: str, size: int, colour: str, anchor: str = "start", bold: bool = False) -> str:
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="{colour}" text-anchor="{anchor}"{weight}>{escape(words)}</text>'
