"""How many a document says there are, or are to be, against the rows that are kept: counted, shown, never repaired."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

Row = Mapping[str, Any]
Number = int | Decimal


@dataclass(frozen=True, slots=True)
class Count:
    """One statement of number (policy.schema.CountSpec)."""

    label: str
    cite: str
    where: Mapping[str, Any] = field(default_factory=dict)
    sum: str | None = None
    each: str | None = None
    of: str | None = None
    exactly: Number | None = None
    at_least: Number | None = None
    at_most: Number | None = None
    by: dt.date | None = None
    text: str | None = None
    implied: str | None = None

    @property
    def wanted(self) -> str:
        """What is demanded, in words: 13, 不少于5, 2至3."""
        if self.exactly is not None:
            return str(self.exactly)
        if self.at_least is not None and self.at_most is not None:
            return f"{self.at_least}至{self.at_most}"
        return f"不少于{self.at_least}" if self.at_least is not None else f"不多于{self.at_most}"

    def holds(self, found: Number) -> bool:
        return (
            (self.exactly is None or found == self.exactly)
            and (self.at_least is None or found >= self.at_least)
            and (self.at_most is None or found <= self.at_most)
        )


@dataclass(frozen=True, slots=True)
class Counted:
    """What a statement comes to. `group` is the value of `each` it is for; `unknown`: rows without the number to add."""

    count: Count
    found: Number
    group: str | None = None
    unknown: int = 0

    @property
    def holds(self) -> bool | None:
        """None where rows lack the number to add and what is known neither reaches nor passes what is demanded."""
        if self.unknown == 0:
            return self.count.holds(self.found)
        if self.count.at_most is None and self.count.exactly is None:
            return True if self.count.holds(self.found) else None
        limit = self.count.exactly if self.count.exactly is not None else self.count.at_most
        return False if limit is not None and self.found > limit else None


def counted(
    counts: Sequence[Count], rows: Sequence[Row], members: Mapping[str, Sequence[str]] | None = None
) -> tuple[Counted, ...]:
    """Every statement against the rows. members: for a group named by `of`, the values that must be there."""
    made: list[Counted] = []
    for count in counts:
        taken = [row for row in rows if all(row.get(name) == value for name, value in count.where.items())]
        if count.each is None:
            made.append(_one(count, taken, None))
            continue
        groups = list((members or {}).get(count.of or "", ()))
        if count.of is None:
            groups = list(dict.fromkeys(str(row[count.each]) for row in taken if row.get(count.each) is not None))
        made += [_one(count, [r for r in taken if str(r.get(count.each)) == group], group) for group in groups]
    return tuple(made)


def _one(count: Count, rows: Sequence[Row], group: str | None) -> Counted:
    if count.sum is None:
        return Counted(count, len(rows), group)
    known = [row[count.sum] for row in rows if row.get(count.sum) is not None]
    return Counted(count, sum(known, start=0), group, len(rows) - len(known))
