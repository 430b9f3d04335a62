"""Every decision of the repository's packs that says `columns: true` runs as columns, and its examples agree there."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ibis")
import pyarrow as pa

from gongbao.batch.run import run_arrow
from gongbao.engine.decision import decide, grounds
from gongbao.engine.fact import read_facts
from gongbao.engine.world import World
from gongbao.policy.loader import find_packs, load_folder, read_pack
from gongbao.policy.settings import with_settings

PACKS = Path(__file__).parents[2] / "packs"
TYPES = {"boolean": pa.bool_(), "integer": pa.int64(), "date": pa.date32(), "number": pa.decimal128(18, 4),
         "money": pa.decimal128(18, 2)}  # fmt: skip
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


def _numbers(world: World, decision: str) -> dict[str, Any]:
    """A value for each setting that a run over a table must have filled."""
    found: dict[str, Any] = {}
    for name in grounds(world, decision).settings:
        setting = world.settings[name]
        if not setting.values and not setting.candidates:
            found[name] = {"date": dt.date(2022, 1, 1), "boolean": True}.get(setting.type, 150)
    return found
