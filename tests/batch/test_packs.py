"""Every decision of the repository's packs that says `columns: true` runs as columns, and its examples agree there."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

pytest.importorskip("ibis")
import pyarrow as pa

from gongbao.batch.run import run_arrow
from gongbao.dmn import OverlapError
from gongbao.engine.canonical import to_jsonable
from gongbao.engine.decision.decide import decide
from gongbao.engine.decision.grounds import grounds
from gongbao.engine.fact import read_facts
from gongbao.engine.series import Series, series_form
from gongbao.engine.world import World
from gongbao.policy.loader import find_packs, load_folder, read_pack
from gongbao.policy.settings import with_settings

PACKS = Path(__file__).parents[2] / "packs"
TYPES = {"boolean": pa.bool_(), "integer": pa.int64(), "date": pa.date32(), "number": pa.decimal128(18, 4),
         "money": pa.decimal128(18, 2)}  # fmt: skip
SERIES = pa.struct([
    ("start", pa.timestamp("s", "Asia/Shanghai")), ("step", pa.string()), ("values", pa.list_(pa.int64())),
    ("marks", pa.list_(pa.string())),
])  # fmt: skip
TYPES["series"] = SERIES
WORLDS = {found.folder: load_folder(found.folder) for found in find_packs(PACKS)}
CASES = [
    pytest.param(found.folder, name, id=f"{found.id} {name}")
    for found in find_packs(PACKS)
    for name, spec in read_pack(found.folder).decisions.items()
    if spec.columns
]


def table(world: World, facts: tuple[str, ...], rows: list[dict[str, Any]]) -> pa.Table:
    schema = pa.schema([(name, TYPES.get(world.facts[name].type, pa.string())) for name in facts])
    return pa.Table.from_pylist(
        [{n: _exact(r.get(n), schema.field(n).type) for n in facts} for r in rows], schema=schema
    )


def _exact(value: Any, dtype: pa.DataType) -> Any:
    if isinstance(value, Series):
        form = series_form(value)
        marks = form.get("marks")
        return {**form, "marks": [marks] * len(value) if isinstance(marks, str) else marks}
    return Decimal(value) if value is not None and pa.types.is_decimal(dtype) else value


@pytest.mark.parametrize(("folder", "decision"), CASES)
def test_the_examples_of_a_pack_come_out_the_same_in_columns(folder: Path, decision: str) -> None:
    world = load_folder(folder)
    pack = read_pack(folder)
    facts = grounds(world, decision).facts
    by_settings: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {}
    for example in pack.examples:
        if example.decision == decision:
            read = read_facts(world.facts, example.given)
            by_settings.setdefault(repr(example.settings), (example.settings, []))[1].append(read)
    assert by_settings, "一个样例也没有"
    for filled, rows in by_settings.values():
        there = with_settings(world, {**_numbers(world, decision), **filled})
        made = run_arrow(there, decision, table(there, facts, rows)).to_pylist()
        for row, got in zip(rows, made, strict=True):
            outcome = decide(there, decision, {n: row[n] for n in facts if n in row})
            names = [o.name for o in outcome.decision.outputs]
            settled = outcome.settled and not outcome.needs_person
            assert (got["status"] == "settled") is settled, (row, got)
            if settled:
                shown = [got.get(n) if n not in facts else got[f"{decision}_{n}"] for n in names]
                assert shown == [outcome.value[n] for n in names], (row, got)


@pytest.mark.parametrize(("folder", "decision"), CASES)
@settings(max_examples=2, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(data=st.data())
def test_any_row_comes_out_as_the_single_case_does(folder: Path, decision: str, data: st.DataObject) -> None:
    world = WORLDS[folder]
    there = with_settings(world, _numbers(world, decision))
    facts = grounds(world, decision).facts
    rows = data.draw(st.lists(st.fixed_dictionaries({n: _values(world, n) for n in facts}), min_size=4, max_size=12))
    made = run_arrow(there, decision, table(there, facts, rows)).to_pylist()
    for row, got in zip(rows, made, strict=True):
        assert _told(got, there, decision, facts) == _single(there, decision, row), (row, got)


def _told(got: dict[str, Any], world: World, decision: str, facts: tuple[str, ...]) -> tuple[Any, ...]:
    outputs = [o.name for o in world.decisions[decision].outputs]
    shown = [got[n] if n not in facts else got[f"{decision}_{n}"] for n in outputs]
    return got["status"], shown, got["rule"], None if got["candidates"] is None else json.loads(got["candidates"])


def _single(world: World, decision: str, row: dict[str, Any]) -> tuple[Any, ...]:
    """Status, outputs, rule and candidates as `decide` gives them for one case."""
    spec = world.decisions[decision]
    try:
        outcome = decide(world, decision, read_facts(world.facts, {n: v for n, v in row.items() if v is not None}))
    except OverlapError:
        return "needs_person", [None] * len(spec.outputs), None, None
    rule = outcome.rows[0] + 1 if len(outcome.rows) == 1 and not spec.formula else None
    if outcome.settled and not outcome.needs_person and outcome.value is not None:
        return "settled", [outcome.value[o.name] for o in spec.outputs], rule, None
    status = "needs_person" if outcome.needs_person else "open"
    return status, [None] * len(spec.outputs), None, to_jsonable(list(outcome.candidates)) or None


def _values(world: World, name: str) -> st.SearchStrategy[Any]:
    """Unknown, or an allowed value of the fact: for a number the bounds, small ones, and round ones on both sides."""
    fact = world.facts[name]
    if fact.type == "boolean":
        return st.none() | st.booleans()
    if fact.type == "choice":
        return st.none() | st.sampled_from(fact.values)
    if fact.type in ("integer", "number", "money"):
        low, high = int(fact.min or 0), int(fact.max if fact.max is not None else 1000)
        near = {low, low + 1, high - 1, high, *(k + d for k in (5, 10, 20, 50, 100, 150, 200, 300) for d in (-1, 0, 1))}
        return st.none() | st.sampled_from(sorted(n for n in near if low <= n <= high)) | st.integers(low, high)
    if fact.type == "series":
        reading = st.sampled_from([40, 100, 149, 150, 151, 200, 201, 299, 300, 301, 499, 500, 501])
        length = st.integers(1, 12)
        return st.none() | length.flatmap(lambda n: st.fixed_dictionaries({
            "step": st.sampled_from([None, "24 h", "24 h", "1 h"]),
            "values": st.lists(reading | st.none(), min_size=n, max_size=n) | st.lists(reading, min_size=n, max_size=n),
            "marks": st.none() | st.lists(st.sampled_from([*fact.marks, ""]), min_size=n, max_size=n),
        }))  # fmt: skip
    if fact.type == "date":
        return st.none() | st.dates(dt.date(2015, 1, 1), dt.date(2024, 12, 31))
    return st.none() | st.sampled_from(["三河市", "广阳区", "市生态环境局", "其他"])


def _numbers(world: World, decision: str) -> dict[str, Any]:
    """A value for each setting that a run over a table must have filled."""
    found: dict[str, Any] = {}
    for name in grounds(world, decision).settings:
        setting = world.settings[name]
        if not setting.values and not setting.candidates:
            found[name] = {"date": dt.date(2022, 1, 1), "boolean": True}.get(setting.type, min(150, setting.max or 150))
    return found
