"""A numbered outline (类目, 分目, 条目) as nodes with what each line orders: who supplies it, how long, how many charts.

The levels are those of the clauses. A number that lost its point between two neighbours counts, and is marked; items
under an unnumbered heading (编纂注意事项：) are rules for the writer and no nodes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from gongbao.gazette.clause import Clause
from gongbao.gazette.plain import split_outside
from gongbao.gazette.text import squeeze

_SUPPLIED = re.compile(
    r"[（(]((?:[^（）()]|[（(][^（）()]*[）)])*?)各?(供稿|收集|提供)((?:[^（）()]|[（(][^（）()]*[）)])*)[）)]"
)
_WORDS = re.compile(r"(\d+)(?:[～~\-—至](\d+))?字")
_CHARTS = re.compile(r"图表各?(\d+)张")
_HEADED = re.compile(r"[^。；：]{2,24}[：:]")
_LOST_POINT = re.compile(r"(\d{1,2})(?=[\u4e00-\u9fff])")


@dataclass(frozen=True, slots=True)
class Node:
    """A line of an outline. `level` counts from 1; `words` is the fewest and the most; `each` says that every supplier
    writes as much. `repaired` marks a number that was printed without its point; `note` a rule that is no node."""

    locator: str
    level: int
    title: str
    suppliers: tuple[str, ...]
    words: tuple[int, int] | None
    charts: int | None
    each: bool
    line: int
    repaired: bool = False
    note: bool = False


def outline(clause: Clause) -> tuple[Node, ...]:
    """The outline below a clause, in printed order, rules for the writer included (`note`)."""
    headed = [
        paragraph.first
        for below in clause.walk()
        for paragraph in below.paragraphs
        if paragraph.first > below.first and _HEADED.fullmatch(squeeze(paragraph.text))
    ]
    nodes: list[Node] = []
    under = 0
    for node in _below(clause, 1):
        before = nodes[-1].line if nodes else clause.first
        if any(before < line < node.line for line in headed):
            under = node.level
        elif node.level < under:
            under = 0
        nodes.append(replace(node, note=True) if under else node)
    return tuple(nodes)


def _below(clause: Clause, level: int) -> Iterator[Node]:
    for at, child in enumerate(clause.children):
        yield _node(child.locator, level, child.text, child.first)
        yield from _below(child, level + 1)
        following = clause.children[at + 1] if at + 1 < len(clause.children) else None
        yield from _lost(child, following, level)


def _lost(child: Clause, following: Clause | None, level: int) -> Iterator[Node]:
    """2旅游 between 1.综述 and 3.旅游: read as a paragraph of the node before, it is the node that is missing."""
    if following is None:
        return
    own, after = _number(child), _number(following)
    for clause in child.walk():
        for paragraph in clause.paragraphs:
            match = _LOST_POINT.match(paragraph.text)
            if match and int(match[1]) == own + 1 == after - 1 and paragraph.first > clause.first:
                place = f"{child.locator.removesuffix(str(own))}{own + 1}"
                yield _node(place, level, paragraph.text[match.end() :], paragraph.first, repaired=True)


def _number(clause: Clause) -> int:
    match = re.search(r"(\d+)[）)]?$", clause.locator)
    return int(match[1]) if match else -9


def _node(locator: str, level: int, text: str, line: int, *, repaired: bool = False) -> Node:
    printed = text.split("\n")
    said = _SUPPLIED.search(text)
    title = squeeze(printed[0])
    if said and (start := text.find(said[0])) >= 0:
        title = squeeze(text[:start].split("\n")[0]) or title
    terms = (said[1] + said[3]) if said else ""
    words = _WORDS.search(terms)
    charts = _CHARTS.search(terms)
    return Node(
        locator,
        level,
        title,
        tuple(split_outside(said[1].strip("，、各"), "、，")) if said else (),
        (int(words[1]), int(words[2] or words[1])) if words else None,
        int(charts[1]) if charts else None,
        bool(said and re.search(r"各|每", said[0])),
        line,
        repaired,
    )
