"""What changed from one edition of a register to the next: rows added, removed, renamed, moved, reordered, altered.

A row is known again by `Register.known_by` (a title), not by a number that moves. Years do not tell titles apart: the
report of 2021 in one edition is that of 2022 in the next. First the rows with the same titles all the way up are paired,
then those with the same title elsewhere, then those that stand at the same place and say nearly the same; at last those
whose title is near enough and whose other columns agree. What is left was removed or added.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from gongbao.engine.register import Register, Row

_YEAR = re.compile(r"(?:19|20)\d\d(?=年)")
_NEAR = 0.5  # of SequenceMatcher: titles that may be one title reworded
KINDS = {
    "added": "新增",
    "removed": "删去",
    "renamed": "改名",
    "moved": "移动",
    "reordered": "调整次序",
    "altered": "改动",
}
"""What may have become of a row, with its word, in the order in which changes are told."""


@dataclass(frozen=True, slots=True)
class Change:
    """kind: added | removed | renamed | moved | reordered | altered. before and after: titles, places or cells.

    column: the label of the cell that was altered. where: titles of the rows above, in the newer edition if it is there.
    """

    kind: str
    title: str
    where: tuple[str, ...] = ()
    before: str = ""
    after: str = ""
    column: str = ""


@dataclass(frozen=True, slots=True)
class _Edition:
    register: Register
    name: str  # the column by which rows are known
    rows: dict[Any, Row]
    path: dict[Any, tuple[Any, ...]]  # key -> keys of the rows above, from the top

    @classmethod
    def of(cls, register: Register) -> _Edition:
        key = register.key[0]
        path: dict[Any, tuple[Any, ...]] = {}
        for row in register.rows:
            above = row[register.parent] if register.parent is not None else None
            path[row[key]] = (*path[above], above) if above is not None else ()
        return cls(register, register.known_by or key, {row[key]: row for row in register.rows}, path)

    def title(self, key: Any) -> str:
        return str(self.rows[key][self.name])

    def plain(self, key: Any) -> str:
        """The title without its years."""
        return _YEAR.sub("", self.title(key))

    def where(self, key: Any) -> tuple[str, ...]:
        return tuple(self.title(above) for above in self.path[key])

    def above(self, key: Any) -> Any:
        return self.path[key][-1] if self.path[key] else None

    def whole(self, key: Any) -> tuple[str, ...]:
        return (*(self.plain(above) for above in self.path[key]), self.plain(key))


def changes(old: Register, new: Register) -> tuple[Change, ...]:
    """The changes, kind by kind in the order of `Change`, each kind in printed order. The columns must have the same ids.

    ValueError where one of them has no key of one column.
    """
    for register in (old, new):
        if len(register.key) != 1:
            raise ValueError(f"清单“{register.label}”的 key 不是一列，不能比较两版")
    one, two = _Edition.of(old), _Edition.of(new)
    pairs = _paired(one, two)
    back = {b: a for a, b in pairs.items()}
    found = [Change("removed", one.title(a), one.where(a)) for a in one.rows if a not in pairs]
    found += [Change("added", two.title(b), two.where(b)) for b in two.rows if b not in back]
    kept = [(back[b], b) for b in two.rows if b in back]
    found += [
        Change("renamed", two.title(b), two.where(b), one.title(a), two.title(b))
        for a, b in kept
        if one.plain(a) != two.plain(b)
    ]
    moved = {b for a, b in kept if pairs.get(one.above(a), one.above(a)) != two.above(b)}
    found += [
        Change("moved", two.title(b), two.where(b), " / ".join(one.where(a)), " / ".join(two.where(b)))
        for a, b in kept
        if b in moved
    ]
    found += _reordered(one, two, [(a, b) for a, b in kept if b not in moved])
    for a, b in kept:
        found += _altered(one, two, a, b)
    return tuple(sorted(found, key=lambda change: list(KINDS).index(change.kind)))


def _paired(one: _Edition, two: _Edition) -> dict[Any, Any]:
    """Key of the old row -> key of the new row."""
    pairs: dict[Any, Any] = {}
    taken: set[Any] = set()

    def pair(by_old: Callable[[Any], Any], by_new: Callable[[Any], Any]) -> None:
        """Pair the rows still single that one word tells apart on both sides; None is no word."""
        left = _single((a for a in one.rows if a not in pairs), by_old)
        right = _single((b for b in two.rows if b not in taken), by_new)
        for word, a in left.items():
            if word in right:
                pairs[a] = right[word]
                taken.add(right[word])

    def under(key: Any) -> Any:
        above = one.above(key)
        return None if above is None else pairs.get(above)

    pair(one.whole, two.whole)
    pair(
        lambda a: ("", one.plain(a)) if not one.path[a] else None,
        lambda b: ("", two.plain(b)) if not two.path[b] else None,
    )
    _near_pairs(one, two, pairs, taken, lambda a, b: not one.path[a] and not two.path[b])
    pair(lambda a: (under(a), one.plain(a)) if under(a) else None, lambda b: (two.above(b), two.plain(b)))
    pair(one.plain, two.plain)
    _near_pairs(one, two, pairs, taken, lambda a, b: under(a) is not None and under(a) == two.above(b))
    _near_pairs(one, two, pairs, taken, lambda a, b: _alike(one, two, a, b))
    return pairs


def _single(keys: Iterable[Any], word: Callable[[Any], Any]) -> dict[Any, Any]:
    said = [(word(key), key) for key in keys]
    often = Counter(w for w, _ in said)
    return {w: key for w, key in said if w is not None and often[w] == 1}


def _near_pairs(
    one: _Edition, two: _Edition, pairs: dict[Any, Any], taken: set[Any], allowed: Callable[[Any, Any], bool]
) -> None:
    """Pair what is still single and allowed, the nearest titles first."""
    near: list[tuple[float, int, Any, Any]] = []
    for a in one.rows:
        for b in two.rows if a not in pairs else ():
            if b not in taken and allowed(a, b):
                likeness = SequenceMatcher(None, one.plain(a), two.plain(b), autojunk=False).ratio()
                if likeness > _NEAR:
                    near.append((-likeness, len(near), a, b))
    for _, _, a, b in sorted(near, key=lambda each: each[:2]):
        if a not in pairs and b not in taken:
            pairs[a] = b
            taken.add(b)


def _columns(register: Register) -> list[str]:
    """The columns whose cells are compared: those that the register names, else all but its key, its place and its title."""
    left_out = {*register.key, register.parent, register.known_by}
    return list(register.compared) or [c.id for c in register.columns if c.id not in left_out]


def _alike(one: _Edition, two: _Edition, a: Any, b: Any) -> bool:
    return all(one.rows[a][c] == two.rows[b].get(c) for c in _columns(one.register))


def _altered(one: _Edition, two: _Edition, a: Any, b: Any) -> list[Change]:
    labels = {c.id: c.label for c in two.register.columns}
    return [
        Change("altered", two.title(b), two.where(b), _shown(one.rows[a][c]), _shown(two.rows[b][c]), labels[c])
        for c in _columns(one.register)
        if c in labels and one.rows[a][c] != two.rows[b][c]
    ]


def _shown(cell: Any) -> str:
    if isinstance(cell, (list, tuple)):
        return "、".join(map(str, cell))
    if isinstance(cell, bool):
        return "是" if cell else "否"
    return "" if cell is None else str(cell)


def _reordered(one: _Edition, two: _Edition, kept: Sequence[tuple[Any, Any]]) -> list[Change]:
    """Of the rows under one row, those that left the order of the others: the fewest that must be taken out."""
    at = {key: number for number, key in enumerate(one.rows)}
    groups: dict[Any, list[tuple[Any, Any]]] = {}
    for a, b in kept:
        groups.setdefault(two.above(b), []).append((a, b))
    found = []
    for rows in groups.values():
        staying = _longest_rising([at[a] for a, _ in rows])
        found += [Change("reordered", two.title(b), two.where(b)) for i, (_, b) in enumerate(rows) if i not in staying]
    return found


def _longest_rising(numbers: Sequence[int]) -> set[int]:
    """The indices of a longest rising run of numbers, not necessarily side by side."""
    ends: list[int] = []  # the least last number of a run of each length
    last: list[int] = []  # its index
    before: list[int] = []
    for i, number in enumerate(numbers):
        length = bisect_left(ends, number)
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [number]
        last[length : length + 1] = [i]
    staying: set[int] = set()
    i = last[-1] if last else -1
    while i >= 0:
        staying.add(i)
        i = before[i]
    return staying
