"""What a decision answers for many rows: as columns where the pack says so, one by one otherwise, the same either way.

A row is a mapping of typed facts by id (`engine.fact.read_facts`); what is absent or null is unknown.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from gongbao.batch.words import MAY_NEED_PERSON, may_need_person
from gongbao.dmn import OverlapError
from gongbao.engine.canonical import to_jsonable
from gongbao.engine.decision.decide import decide
from gongbao.engine.decision.grounds import grounds
from gongbao.engine.decision.outcome import Outcome
from gongbao.engine.world import World

if TYPE_CHECKING:
    import pyarrow as pa

Facts = Mapping[str, Any]
SINGLE = ("boolean", "integer", "number", "money", "date", "choice", "text", "place", "unit", "person")
AT_ONCE = 50_000  # rows of one piece
SETTLED, OPEN, PERSON, INVALID = "settled", "open", "needs_person", "invalid"


@dataclass(frozen=True, slots=True)
class Answer:
    """One row's outcome. `outputs` where settled; `rule` from 1, where exactly one held; `candidates` as JSON data."""

    status: str
    outputs: Mapping[str, Any] = field(default_factory=dict)
    rule: int | None = None
    candidates: tuple[Any, ...] = ()
    reason: str = ""

    @property
    def unruled(self) -> bool:
        """Whether a person's turn is among what is possible, though not certain."""
        return self.status == OPEN and MAY_NEED_PERSON in self.reason

    @property
    def candidates_key(self) -> tuple[str, ...]:
        """What tells the candidates of one answer from those of another, in whatever order they stand."""
        return (*sorted(map(repr, self.candidates)), *([MAY_NEED_PERSON] if self.unruled else []))


def answers(world: World, decision: str, rows: Sequence[Facts], as_of: dt.datetime | None = None) -> list[Answer]:
    """The answer for each row, in order."""
    found: list[Answer] = []
    for at in range(0, len(rows), AT_ONCE):
        part = rows[at : at + AT_ONCE]
        table = as_table(world, decision, part) if world.decisions[decision].columns else None
        found += _together(world, decision, table, part, as_of)
    return found


def _together(
    world: World, decision: str, table: pa.Table | None, part: Sequence[Facts], as_of: dt.datetime | None
) -> list[Answer]:
    """As columns where there is a table, unless a figure is larger than columns hold."""
    if table is None:
        return _each(world, decision, part, as_of)
    from gongbao.batch.facts import BeyondError

    try:
        return by_columns(world, decision, table, as_of)
    except BeyondError:
        return _each(world, decision, part, as_of)


def one(world: World, decision: str, facts: Facts, as_of: dt.datetime | None = None) -> tuple[Answer, Outcome | None]:
    """One row, with the outcome that it comes from (None where two rows of the table hold at once)."""
    try:
        outcome = decide(world, decision, facts, as_of=as_of)
    except OverlapError as error:
        return Answer(PERSON, reason=str(error)), None
    if outcome.settled and not outcome.needs_person and outcome.value is not None:
        rule = outcome.rows[0] + 1 if len(outcome.rows) == 1 and not outcome.decision.formula else None
        return Answer(SETTLED, dict(outcome.value), rule), outcome
    labels = [world.labels.get(name, name) for name in outcome.ask]
    unset = [f"设置“{each.label}”未填（{each.owner}）" for each in outcome.open]
    parts = [f"须先知：{'、'.join(labels)}" if labels else "", *unset, outcome.reason, may_need_person(outcome)]
    why = "；".join(filter(None, parts))
    candidates = tuple(to_jsonable(list(outcome.candidates)))
    return Answer(PERSON if outcome.needs_person else OPEN, {}, None, candidates, why), outcome


def _each(world: World, decision: str, rows: Iterable[Facts], as_of: dt.datetime | None) -> list[Answer]:
    names = grounds(world, decision).facts
    known: dict[Any, Answer] = {}
    found = []
    for row in rows:
        key = tuple(_key(row.get(name)) for name in names)
        if key not in known:
            known[key] = one(world, decision, row, as_of)[0]
        found.append(known[key])
    return found


def _key(value: Any) -> Any:
    """What tells values of one fact apart: true is not 1, lists by their content."""
    return repr(value) if isinstance(value, (bool, list, dict)) else value


# ------------------------------------------------------------------------------------------------------- as columns


def as_table(world: World, decision: str, rows: Sequence[Facts]) -> pa.Table | None:
    """The facts that the decision reads as a table; None where one is no single value, or too long for a column."""
    names = grounds(world, decision).facts
    if any(world.facts[name].type not in SINGLE for name in names):
        return None
    import pyarrow as pa

    columns: dict[str, Any] = {}
    for name in names:
        values = [row.get(name) for row in rows]
        try:
            columns[name] = pa.array(values, _kind(world, name, values))
        except (OverflowError, pa.ArrowInvalid, pa.ArrowTypeError):
            return None
    return pa.table(columns)


def _kind(world: World, name: str, values: Sequence[Any]) -> Any:
    import pyarrow as pa

    match world.facts[name].type:
        case "boolean":
            return pa.bool_()
        case "integer":
            return pa.int64()
        case "number" | "money":
            scale = max((-int(v.as_tuple().exponent) for v in values if isinstance(v, Decimal)), default=0)
            return pa.decimal128(38, max(0, scale)) if scale > 0 else pa.int64()
        case "date":
            return pa.date32()
    return pa.string()


def by_columns(world: World, decision: str, table: pa.Table, as_of: dt.datetime | None = None) -> list[Answer]:
    """The answers for a table of facts, by `gongbao.batch`. BatchError says why it cannot be run as columns."""
    from gongbao.batch.run import run_arrow

    made = run_arrow(world, decision, table, as_of)
    shown = shown_outputs(world, decision, table.column_names)
    return [answer(row, shown) for row in made.select([*shown.values(), *TOLD]).to_pylist()]


TOLD = ("status", "rule", "candidates", "reason")


def shown_outputs(world: World, decision: str, given: Sequence[str]) -> dict[str, str]:
    """The columns of the outputs by their names: `<decision>_<output>` where the table has such a column."""
    names = world.decisions[decision].output_names
    return {name: f"{decision}_{name}" if name in given else name for name in names}


def answer(row: Mapping[str, Any], shown: Mapping[str, str]) -> Answer:
    """A row of a batch's result as an answer."""
    if row["status"] == SETTLED:
        return Answer(SETTLED, {name: row[column] for name, column in shown.items()}, row["rule"])
    return Answer(row["status"], {}, None, tuple(json.loads(row["candidates"] or "[]")), row["reason"] or "")
