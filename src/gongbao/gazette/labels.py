"""The numbers that open printed lines (第三条, 四、, （一）, 1.), their order, and the headings after them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from gongbao.gazette.locators import CIRCLED, FULL_DIGITS, HAN, ONE_CHARACTER, number_value
from gongbao.gazette.text import Line, squeeze

RANK = {"章": 1, "节": 2, "条": 3, "一": 4, "（一）": 5, "1": 6, "（1）": 7, "1）": 8, "①": 9}
UNDER_SECTION = 4.5
"""The rank of 条 in a text of several sets of rules, each under its own 一、 and counted from 第一条."""
_LABELS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("章", re.compile(rf"第({HAN}|\d{{1,3}})章(?:\s+|(?=[^为是的，]{{1,24}}$)|$)")),
    ("节", re.compile(rf"第({HAN}|\d{{1,3}})节(?:\s+|(?=[^为是的，]{{1,24}}$)|$)")),
    ("条", re.compile(rf"第({HAN}|\d{{1,3}})条(?:\s+|[:：]|(?=[（(【])|$)")),
    ("一", re.compile(rf"({HAN})、\s*")),
    ("（一）", re.compile(rf"[（(]\s*({HAN})\s*[）)]\s*[、.]?\s*")),
    ("1", re.compile(r"(\d{1,3})\s*[.．、](?!\d(?!\d{3}年))\s*")),
    ("（1）", re.compile(r"[（(]\s*(\d{1,3})\s*[）)]\s*[、.]?\s*")),
    ("1）", re.compile(r"(\d{1,2})[）)]\s*[、.]?\s*")),
    ("①", re.compile(rf"([{CIRCLED}])\s*[、.]?\s*")),
)
_DOTLESS = re.compile(r"(\d{1,2})\s+([\u4e00-\u9fff].{3,28})")
_Label = tuple[str, int, str]


def label_of(text: str) -> tuple[str, int, str] | None:
    """The number that opens a line: its kind, its value and the rest of the line."""
    if text[:1] in ONE_CHARACTER:
        text = ONE_CHARACTER[text[0]] + text[1:]
    text = text[:8].translate(FULL_DIGITS) + text[8:]
    for kind, pattern in _LABELS:
        match = pattern.match(text)
        if not match:
            continue
        number = number_value(match[1])
        if number is None:
            continue
        return kind, number, text[match.end() :].strip()
    return None


def labels_of(lines: Sequence[Line]) -> list[_Label | None]:
    """The number that opens each line; also one whose dot the print lost (`3 打造…` after 2.), if it goes on the count."""
    labels = [None if line.is_cell or line.is_piped else label_of(line.text) for line in lines]
    count = 0
    for i, label in enumerate(labels):
        if label:
            count = label[1] if label[0] == "1" else 0 if RANK[label[0]] < RANK["1"] else count
        elif count and (bare := _DOTLESS.fullmatch(lines[i].text)) and int(bare[1]) == count + 1:
            count += 1
            labels[i] = ("1", count, bare[2])
    return labels


def push_label(stack: list[tuple[float, str, int]], label: _Label) -> None:
    """The numbers under which a line stands, from the outermost, after this label."""
    rank = RANK[label[0]]
    while stack and stack[-1][0] >= rank:
        stack.pop()
    stack.append((rank, label[0], label[1]))


def boxed(labels: Sequence[_Label | None]) -> set[int]:
    """Lines whose 一、二、 belong to a box (专栏) inside a section: they break the count, which later goes on as before."""
    boxed: set[int] = set()
    sections: list[list[tuple[int, int]]] = [[]]
    for i, label in enumerate(labels):
        if label and label[0] in ("章", "节", "条"):
            sections.append([])
        elif label and label[0] == "一":
            sections[-1].append((i, label[1]))
    for counted in sections:
        current = at = 0
        while at < len(counted):
            number = counted[at][1]
            if number == current + 1 or current == 0:
                current, at = number, at + 1
                continue
            ahead = at
            while ahead < len(counted) and (ahead == at or counted[ahead][1] != current + 1):
                ahead += 1
                while ahead < len(counted) and counted[ahead][1] == counted[ahead - 1][1] + 1:
                    ahead += 1
            if ahead == len(counted):
                current, at = number, at + 1
                continue
            boxed.update(i for i, _ in counted[at:ahead])
            at = ahead
    return boxed


def under_sections(labels: Sequence[_Label | None]) -> set[int]:
    """Lines of 条 that belong to a 一、 above them: several sets of rules, each counted from 第一条 under its own 一、."""
    order = [(i, label[:2]) for i, label in enumerate(labels) if label and label[0] in ("章", "一", "条")]
    starts = [i for (_, one), (i, two) in pairwise(order) if one[0] == "一" and two == ("条", 1)]
    under: set[int] = set()
    inside = False
    for i, label in order:
        if label == ("条", 1):
            inside = i in starts
        if label[0] == "条" and inside:
            under.add(i)
    return under if len(starts) >= 2 else set()


def heading_of(rest: str) -> tuple[str, bool]:
    """A line's heading, and whether the line says more: 总则 alone, or 直接转办。and what follows."""
    if not rest:
        return "", False
    sentence = re.match(r"([^。；：！？]{1,36})。(.+)", rest, re.S)
    if sentence:
        return sentence[1], True
    if not re.search(r"[。；：！？]", rest) and len(rest) <= 60 and not rest.endswith(("，", "、")):
        return rest, False
    return "", True


def letters(text: str) -> str:
    return re.sub(r"\W", "", squeeze(text)).translate(FULL_DIGITS)
