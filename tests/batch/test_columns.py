"""Every way in which an expression becomes a column says there what it says in one case: one decision for each."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

pytest.importorskip("ibis")
import pyarrow as pa
from tests.batch import columns_pack as pack

from gongbao.batch.run import BatchError, run_arrow
from gongbao.engine.time.calendar import SHANGHAI
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


def test_a_setting_that_each_unit_fills_is_that_of_the_unit_that_asks(world: World) -> None:
    table = pa.Table.from_pylist([{"a": 4}, {"a": 3}], schema=pa.schema([("a", pa.int64())]))
    with pytest.raises(BatchError, match="请用 --unit 写明"):
        run_arrow(world, "over_quota", table)
    filled = world.with_settings({"good": 150, "quota": {"市交管局": 3}})
    assert run_arrow(filled.for_unit("市交管局"), "over_quota", table)["x"].to_pylist() == [True, False]
    with pytest.raises(BatchError, match="示例市交通管理局 还没有填写"):
        run_arrow(world.for_unit("市交管局"), "over_quota", table)


@pytest.mark.parametrize(
    ("decision", "message"),
    [
        ("far_window", "均值的窗口是 48 小时"), ("peaks", "只有 longest 可以"), ("open_line", "须是写定的"),
        ("all_of_them", "take: all"), ("since", "函数 lasting_hours"), ("both_quotients", "两个商"),
        ("shown_quotient", "不能作为一列输出"), ("hours_of", "它不是一列"),
    ],
)  # fmt: skip
def test_what_cannot_be_the_same_in_columns_is_refused_with_the_reason(
    tmp_path: Path, decision: str, message: str
) -> None:
    world = pack.load(tmp_path, pack.REFUSED)
    with pytest.raises(BatchError, match=message):
        run_arrow(world, decision, pa.Table.from_pylist(pack.sample(2, 0), schema=pack.SCHEMA))


def test_the_moment_of_deciding_is_one_for_every_row(tmp_path: Path) -> None:
    world = pack.load(tmp_path, pack.AS_OF)
    rows = pack.sample(60, 3)
    table = pa.Table.from_pylist(rows, schema=pack.SCHEMA)
    seen: set[tuple[str, object]] = set()
    for month, day in ((2, 19), (2, 20), (3, 10)):
        as_of = dt.datetime(2023, month, day, tzinfo=SHANGHAI)
        for decision in world.decisions:
            made = run_arrow(world, decision, table, as_of).to_pylist()
            for row, got in zip(rows, made, strict=True):
                shown = (got["status"], got["x"], got["rule"], got["candidates"] and json.loads(got["candidates"]))
                assert shown == pack.single(world, decision, row, as_of), (decision, row)
                seen.add((decision, got["x"]))
    assert seen >= {(decision, value) for decision in world.decisions for value in (True, False)}


def test_a_decision_that_reads_the_moment_is_not_run_without_one_nor_beside_dates(tmp_path: Path) -> None:
    world = pack.load(tmp_path, pack.AS_OF + pack.NOT_THEN)
    table = pa.Table.from_pylist(pack.sample(2, 0), schema=pack.SCHEMA)
    for decision in ("overdue", "this_month"):
        with pytest.raises(BatchError, match="请用 --on 写明哪一天"):
            run_arrow(world, decision, table)
    with pytest.raises(BatchError, match="日期与时刻不能比较"):
        run_arrow(world, "beside_a_moment", table, dt.datetime(2023, 2, 20, tzinfo=SHANGHAI))
