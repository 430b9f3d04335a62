"""Boxes (专栏3) inside a text: where one begins, what its title is and where it ends."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gongbao.gazette.labels import label_of, push_label
from gongbao.gazette.locators import HAN, number_value
from gongbao.gazette.table_cells import block_end
from gongbao.gazette.tables import is_table
from gongbao.gazette.text import Line

BOXED = 10
"""The rank of what stands in a box: below every numbered clause."""
_BOX = re.compile(rf"专栏\s*(\d{{1,2}}|{HAN})\s*[：:]?\s*([^。；]{{0,40}})")
_MARKUP = re.compile(r"</?(?:div|p|br)\b[^<>]*>")


@dataclass(frozen=True, slots=True)
class Box:
    """A box (专栏) by its number and title; `body` and `end` are indexes of lines."""

    number: int
    title: str
    body: int
    end: int


def unframed(line: Line) -> list[Line]:
    """A line of a box without the table cell that framed it, one for each paragraph of HTML that a converter left in it.

    The rule between two rows is an empty line.
    """
    text = line.text.strip("| ") if line.is_piped else line.text
    pieces = [piece.strip() for piece in _MARKUP.split(text)] if "<" in text else [text]
    if not re.sub(r"[-:|\s]", "", text):
        pieces = [""]
    return [replace(line, raw=piece, text=piece) for piece in pieces if piece or len(pieces) == 1]


def blocks_of(lines: Sequence[Line]) -> dict[int, tuple[int, bool]]:
    """Stretches of cells by where they begin: where they end, and whether they are a table and not a box around text."""
    blocks = {}
    i = 0
    while i < len(lines):
        if not (lines[i].is_cell or lines[i].is_piped):
            i += 1
            continue
        end = block_end(lines, i)
        inside = [
            text for line in lines[i:end] if line.is_cell or line.is_piped for text in [unframed(line)[0].text] if text
        ]
        box = len(inside) > 1 and _BOX.fullmatch(inside[0]) and all(label_of(text) for text in inside[1:])
        blocks[i] = (end, not box and is_table(lines[i:end]))
        i = end
    return blocks


def boxes_of(lines: Sequence[Line], blocks: dict[int, tuple[int, bool]]) -> dict[int, Box]:
    """The boxes of a part by where they begin. A box has no printed end: it ends where the count around it goes on."""
    tabular = {i for start, (end, is_tabular) in blocks.items() if is_tabular for i in range(start, end)}
    boxes: dict[int, Box] = {}
    if not any("专栏" in line.text for line in lines):
        return boxes
    outer: list[tuple[float, str, int]] = []
    i = 0
    while i < len(lines):
        text = "" if i in tabular else unframed(lines[i])[0].text
        if match := _BOX.fullmatch(text):
            body, title = _box_title(lines, i, match[2])
            if body not in tabular:  # else it is the caption of a table
                end = _box_end(lines, body, tabular, outer)
                boxes[i] = Box(number_value(match[1]) or 0, title, body, end)
                i = end
                continue
        elif not (lines[i].is_cell or lines[i].is_piped) and (label := label_of(text)):
            push_label(outer, label)
        i += 1
    return boxes


def _box_title(lines: Sequence[Line], at: int, title: str) -> tuple[int, str]:
    """Where a box's words begin, and its title, which the width of its cell may have broken."""
    body = at + 1
    while lines[at].is_cell and body < len(lines) and body <= at + 2:
        line = lines[body]
        if (
            line.is_cell
            or line.is_piped
            or len(line.text) > 24
            or re.search(r"[。；：，]", line.text)
            or label_of(line.text)
        ):
            break
        title += line.text
        body += 1
    return body, title.strip()


def _box_end(lines: Sequence[Line], body: int, tabular: set[int], outer: Sequence[tuple[float, str, int]]) -> int:
    around = {kind: number for _, kind, number in outer}
    inner: list[tuple[float, str, int]] = []
    for i in range(body, len(lines)):
        text, *more = (piece.text for piece in unframed(lines[i]))
        if i in tabular or _BOX.fullmatch(text):
            return i
        if label := label_of(text):
            kind, number, _ = label
            before = next((count for _, other, count in inner if other == kind), None)
            goes_on = before is not None and number == before + 1
            if kind in ("章", "节", "条"):
                return i
            if not goes_on and kind in around and (number == around[kind] + 1 or (number > 1 and before is None)):
                return i
            push_label(inner, label)
        for piece in more:
            if label := label_of(piece):
                push_label(inner, label)
    return len(lines)
