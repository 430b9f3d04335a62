"""What a comparison of two versions says: how many rows have which outcome before and after, and some of them told.

A row that is not settled stands apart from the outcomes (未定, 需人工判定, 数据有误), and is counted like the others: the
sum of a matrix is the number of rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from gongbao.batch.whatif.answers import Answer, Facts
from gongbao.batch.whatif.conditions import Condition
from gongbao.engine.canonical import to_jsonable


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the data. `facts` are typed; `wrong` says why they could not be read (then there are none).

    after: the facts of the second version where they are others (another pack, records counted otherwise).
    key: what finds the row again (a credit code, a number of a matter); name: what people call it.
    """

    name: str
    facts: Facts
    key: str = ""
    wrong: str = ""
    after: Facts | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """A row that is answered otherwise: its number from 1, and both answers."""

    number: int
    row: Row
    before: Answer
    after: Answer


@dataclass(frozen=True, slots=True)
class Matrix:
    """Counts by outcome before (down) and after (across), over the same outcomes in the same order."""

    outcomes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    ordered: int = 0  # so many of the outcomes, from the first, stand in order from the lowest up

    @property
    def before(self) -> tuple[int, ...]:
        return tuple(map(sum, self.counts))

    @property
    def after(self) -> tuple[int, ...]:
        return tuple(map(sum, zip(*self.counts, strict=True)))

    @property
    def total(self) -> int:
        return sum(self.before)

    @property
    def moved(self) -> int:
        return self.total - sum(row[i] for i, row in enumerate(self.counts))

    @property
    def steps(self) -> dict[int, int]:
        """Places up (+) or down (-) among the ordered outcomes → rows; those that stay are at 0."""
        found: Counter[int] = Counter()
        for i in range(self.ordered):
            for j in range(self.ordered):
                found[j - i] += self.counts[i][j]
        return {k: found[k] for k in sorted(found) if found[k]}

    @property
    def up(self) -> int:
        return sum(n for k, n in self.steps.items() if k > 0)

    @property
    def down(self) -> int:
        return sum(n for k, n in self.steps.items() if k < 0)

    def as_dict(self) -> dict[str, Any]:
        return {"outcomes": list(self.outcomes), "counts": [list(row) for row in self.counts],
                "shares": [[share(n, self.total) for n in row] for row in self.counts],
                "before": list(self.before), "after": list(self.after), "moved": self.moved,
                **({"steps": {f"{k:+d}" if k else "0": n for k, n in self.steps.items()}, "up": self.up,
                    "down": self.down} if self.ordered else {})}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OutputChange:
    """One output over all rows. `matrix` is None where there are too many outcomes to stand side by side."""

    output: str
    label: str
    unit: str
    matrix: Matrix | None
    differences: tuple[tuple[Decimal, int], ...] = ()  # after minus before → rows, from the lowest

    def as_dict(self) -> dict[str, Any]:
        return {"output": self.output, "label": self.label, "unit": self.unit or None,
                "matrix": None if self.matrix is None else self.matrix.as_dict(),
                "differences": [{"by": _digits(by), "rows": n} for by, n in self.differences]}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Example:
    """A changed row told: facts as JSON data by id, rules as (row, clause), the conditions that differ."""

    number: int
    name: str
    key: str
    facts: Mapping[str, Any]
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    conditions: tuple[Condition, ...]

    def as_dict(self) -> dict[str, Any]:
        return {"row": self.number, "name": self.name or None, "key": self.key or None, "facts": dict(self.facts),
                "before": dict(self.before), "after": dict(self.after),
                "because": [{"label": c.label, "value": to_jsonable(c.value), "before": c.before, "after": c.after,
                             "facts": list(c.facts), "via": c.via or None} for c in self.conditions]}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two versions of a decision give for the same rows."""

    decision: str
    label: str
    rows: int
    changed: int
    outputs: tuple[OutputChange, ...]
    newly: Mapping[str, int]  # status → rows that had another status before
    reopened: int = 0  # rows not settled before and after, with other candidates: changed, though not moved
    days: Matrix | None = None
    episodes: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # level → before, after
    open_series: tuple[int, int] = (0, 0)  # series whose episodes are open and not counted, before and after
    examples: tuple[Example, ...] = ()
    invalid: tuple[str, ...] = ()  # the first rows that could not be read, in Chinese
    wrong: int = 0  # how many those are in all

    def as_dict(self) -> dict[str, Any]:
        return {"decision": self.decision, "label": self.label, "rows": self.rows, "changed": self.changed,
                "outputs": [o.as_dict() for o in self.outputs], "newly": dict(self.newly), "reopened": self.reopened,
                "days": None if self.days is None else self.days.as_dict(),
                "episodes": {k: {"before": b, "after": a} for k, (b, a) in self.episodes.items()},
                "open_series": {"before": self.open_series[0], "after": self.open_series[1]},
                "examples": [e.as_dict() for e in self.examples], "invalid": self.wrong}  # fmt: skip


def share(part: int, whole: int) -> str:
    """A share in percent with one place, half up; its digits as text."""
    return (
        "0.0"
        if not whole
        else f"{(2000 * part + whole) // (2 * whole) // 10}.{(2000 * part + whole) // (2 * whole) % 10}"
    )


def _digits(value: Any) -> int | str:
    return int(value) if value == int(value) else f"{value:f}"
