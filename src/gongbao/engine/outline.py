"""A register whose rows stand under one another (类目, 分目, 条目): its tree, its sums, and whose work its rows are.

Rows are in printed order, each after the row it stands under (`Register.parent`). A row that has none below it is a
leaf: that is what is handed out to units. Sums (`Register.sums`) are those of the leaves as printed, each row once; what
a unit has to do is counted in full for every unit that a row names.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gongbao.engine.register import Register, Row
from gongbao.engine.units import UnitNotFound, Units

Sums = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Node:
    """A row and what stands below it. depth: 1 for a row that stands under none; sums: of all leaves, itself if one."""

    row: Row
    depth: int
    below: tuple[Node, ...]
    sums: Sums
    leaves: int

    @property
    def is_leaf(self) -> bool:
        return not self.below

    def walk(self) -> Iterator[Node]:
        yield self
        for node in self.below:
            yield from node.walk()


@dataclass(frozen=True, slots=True)
class Load:
    """What one unit has to do: its rows, and the sums of the columns over them."""

    unit: str
    rows: tuple[Row, ...]
    sums: Sums


def tree(register: Register) -> tuple[Node, ...]:
    """The rows that stand under none, with all below them; without `parent` every row is one of them."""
    children: dict[Any, list[Row]] = {}
    for row in register.rows:
        children.setdefault(row[register.parent] if register.parent is not None else None, []).append(row)

    def node(row: Row, depth: int) -> Node:
        own = children.get(row[register.key[0]], []) if register.parent is not None else []
        below = tuple(node(each, depth + 1) for each in own)
        if not below:
            return Node(row, depth, (), {name: row[name] or 0 for name in register.sums}, 1)
        sums = {name: sum(each.sums[name] for each in below) for name in register.sums}
        return Node(row, depth, below, sums, sum(each.leaves for each in below))

    return tuple(node(row, 1) for row in children.get(None, []))


def leaves(register: Register) -> tuple[Row, ...]:
    """The rows that have none below them, in printed order."""
    return tuple(node.row for top in tree(register) for node in top.walk() if node.is_leaf)


def meant(units: Units, name: str, on: dt.date | None = None, document: str | None = None) -> tuple[str, ...]:
    """The units that a name in a row means on that day, by official name: a group its members, a unit itself.

    A name that nobody bears stands as it is.
    """
    if units.is_group(name):
        return tuple(unit.name for unit in units.members(name, on, document))
    try:
        return (units.find(name, on).name,)
    except UnitNotFound:
        return (name,)


def loads(register: Register, column: str, members: Callable[[str], tuple[str, ...]]) -> tuple[Load, ...]:
    """What each unit of a list column has to do, the one with most rows first.

    members: the units that a name of the column means, by official name (a group means its members).
    """
    held: dict[str, list[Row]] = {}
    for row in leaves(register):
        names = row[column] or ()
        for name in (names,) if isinstance(names, str) else names:
            for unit in members(name):
                held.setdefault(unit, []).append(row)
    found = [
        Load(unit, tuple(rows), {name: sum(row[name] or 0 for row in rows) for name in register.sums})
        for unit, rows in held.items()
    ]
    return tuple(sorted(found, key=lambda load: -len(load.rows)))
