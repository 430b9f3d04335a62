"""What the checker knows of one decision table, as frozen data for a page or a program: the table beside its faults.

`gongbao.policy.analysis.tables_of(source)` gives a `TableView` per decision that is a table (formulas have none):

    TableView(decision="grade", label="公共信用等级", cite="三（五）", line=1, hit="unique",
        columns=(Column("licence_revoked", "已被依法吊销营业执照"), ...), outputs=("grade",),
        rules=(RuleView(number=1, line=14, cite="三（五）", note=None, otherwise=False,
                        cells=(Cell("licence_revoked", "true", line=14, guards=(), survivors=()), None, ...),
                        outputs=("D",), examples=("revoked-D", ...), dead=False), ...),
        gaps=(Case(facts={"licence_revoked": False, ...}, settings={}, rules=()), ...),
        overlaps=(Case(..., rules=(2, 3)), ...),
        survivors=(Survivor(...), ...), mutants=61, killed=58, equivalent=3, undecided=())

Rules count from 1, as people count them; lines are those of decisions.yaml. `cells` stand in the order of `columns`,
None where a rule does not look at a column. `Case.as_json()` is what `gongbao decide PACK DECISION --facts` takes.
`as_dict()` of each is plain JSON data (dates and decimals as text).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from decimal import Decimal
from typing import Any

from gongbao.feel.temporal import write

NO_STEP = 2


def plain(value: Any) -> Any:
    """Any of these records as data that JSON can hold."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else str(value)
    if isinstance(value, (dt.date, dt.timedelta)):
        return value.isoformat() if isinstance(value, dt.date) else write(value)
    return value


@dataclass(frozen=True, slots=True)
class Case:
    """The smallest facts (and filled settings, and `as_of` where it is read) that show something; `rules` are those that hold there.

    judged: what a person would have to decide first, where a decision that is required does not come out by itself.
    """

    facts: Mapping[str, Any]
    settings: Mapping[str, Any] = field(default_factory=dict)
    rules: tuple[int, ...] = ()
    judged: Mapping[str, Any] = field(default_factory=dict)
    told: str = ""  # the same in words: 已被依法吊销营业执照＝否，…
    example: str = ""  # of a gap: the example that says that it is a person's, as every part of the gap has one

    def as_json(self) -> str:
        """The facts as `gongbao decide --facts` takes them."""
        facts = {name: value for name, value in self.facts.items() if name != "as_of"}
        return json.dumps(plain(facts), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Column:
    """An input of the table: its expression as written, and the label of the fact where it is one."""

    expression: str
    label: str


@dataclass(frozen=True, slots=True)
class Guard:
    """A figure of a cell, and the examples that stand on it and a step beside it.

    side: 0 the figure itself, -1 the step below, 1 the step above; NO_STEP where the fact does not say what a step is.
    examples: their ids; none: not guarded there. wanted: the number that an example should have, where it is fixed.
    """

    text: str
    side: int
    examples: tuple[str, ...]
    wanted: Any = None


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as written; `survivors` are positions in `TableView.survivors`."""

    column: str
    text: str
    line: int | None = None
    guards: tuple[Guard, ...] = ()
    survivors: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule with the examples that reach it. dead: no facts at all can (proved, not tried)."""

    number: int
    line: int | None
    cite: str
    note: str | None
    otherwise: bool
    cells: tuple[Cell | None, ...]
    outputs: tuple[Any, ...]
    examples: tuple[str, ...]
    dead: bool = False
    survivors: tuple[int, ...] = ()  # of the whole rule: removed, its output exchanged


@dataclass(frozen=True, slots=True)
class Survivor:
    """A change of the table that no example notices, though some facts would: `case` are the smallest of them.

    kind: threshold, strictness, choice, output, removed; or expression, of a let or a parameter (`rule` is then 0 and
    `column` its name). before, after: what comes out for the case. No case: none was found, nor proved that none is.
    """

    rule: int
    column: str | None
    line: int | None
    kind: str
    changed: str  # what was changed, in words
    case: Case | None
    before: str = ""
    after: str = ""
    expect: Any = None  # what comes out before, as an example would expect it
    at: tuple[str, ...] = ()  # of a change outside the cells: (parameter,), or decision, let or value, name


@dataclass(frozen=True, slots=True)
class TableView:
    """One decision table with all that was found. undecided: what could not be decided exactly, with the reason.

    contradictory: what the table assumes cannot all hold, so that there is no case of it.
    """

    decision: str
    label: str
    cite: str
    line: int | None
    hit: str
    columns: tuple[Column, ...]
    outputs: tuple[str, ...]
    rules: tuple[RuleView, ...]
    gaps: tuple[Case, ...] = ()
    overlaps: tuple[Case, ...] = ()
    survivors: tuple[Survivor, ...] = ()
    mutants: int = 0
    killed: int = 0
    equivalent: int = 0
    undecided: tuple[str, ...] = ()
    contradictory: bool = False

    def as_dict(self) -> dict[str, Any]:
        found: dict[str, Any] = plain(self)
        return found
