"""Every way in which an expression becomes a column says there what it says in one case: one decision for each."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

pytest.importorskip("ibis")
import pyarrow as pa
from tests.batch import columns_pack as pack

from gongbao.batch.run import run_arrow
from gongbao.engine.world import World


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return pack.load(tmp_path_factory.mktemp("packs"))


@pytest.mark.parametrize("decision", pack.NAMES)
@settings(
    max_examples=12,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.large_base_example],
)
@given(rows=pack.ROWS)
def test_a_column_says_what_one_case_says(world: World, decision: str, rows: list[dict[str, Any]]) -> None:
    made = run_arrow(world, decision, pa.Table.from_pylist(rows, schema=pack.SCHEMA)).to_pylist()
    names = world.decisions[decision].output_names
    assert len(made) == len(rows)
    for row, got in zip(rows, made, strict=True):
        candidates = None if got["candidates"] is None else json.loads(got["candidates"])
        shown = (got["status"], *(got[n] for n in names), got["rule"], candidates)
        assert shown == pack.single(world, decision, row), (row, got)
