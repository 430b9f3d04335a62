"""A number beyond a column's 64 bits never stops a table: its row is decided one by one, or told by row, column and value."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ibis")
import pyarrow as pa
import pyarrow.parquet as pq
from tests.batch.test_run import one, world  # noqa: F401

from gongbao.batch import apart
from gongbao.batch.run import run_arrow, run_parquet
from gongbao.engine.world import World

MOST = 2**63 - 1
BIG = [(0, 1), (1000, MOST), (20, MOST), (21, MOST), (22, MOST), (1, None), (18, MOST // 2), (1001, 1), (30, 7)]


def table(rows: list[tuple[Any, Any]] = BIG, rate: pa.DataType | None = None) -> pa.Table:
    bikes, rates = zip(*rows, strict=True)
    return pa.table({"bikes": pa.array(bikes, pa.int64()), "rate": pa.array(rates, rate or pa.int64())})


def expected(world: World, rows: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:  # noqa: F811
    made = []
    for bikes, rate in rows:
        given = {n: v for n, v in (("bikes", bikes), ("rate", rate)) if v is not None}
        status, amount, _ = one(world, "amount", given)
        fits = amount is None or (-(10**36) < amount < 10**36 and (amount != int(amount) or -(2**63) <= amount < 2**63))
        made.append((status, amount) if fits else ("invalid", None))
    return made


def test_rows_at_both_sides_of_the_limit_in_their_order(world: World, tmp_path: Path) -> None:  # noqa: F811
    source, target = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pq.write_table(table().append_column("n", pa.array(range(len(BIG)))), source)
    summary = run_parquet(world, "amount", source, target)
    made = pq.read_table(target)
    assert made.column_names == ["bikes", "rate", "n", "amount", "rule", "status", "candidates", "reason"]
    assert made["n"].to_pylist() == list(range(len(BIG)))
    assert list(zip(made["status"].to_pylist(), made["amount"].to_pylist(), strict=True)) == expected(world, BIG)
    assert [s for s, _ in expected(world, BIG)].count("invalid") == 3, "20: 0, 21: the largest that fits, 22: beyond"
    told = summary.invalid[0]
    assert told.startswith("第 2 行，列 bikes 为 1000、列 rate 为 9223372036854775807：“金额”算得 ")
    assert [line.partition("，")[0] for line in summary.invalid] == ["第 2 行", "第 5 行", "第 8 行"]
    assert {p.name for p in tmp_path.iterdir()} == {"in.parquet", "out.parquet"}


def test_in_memory_too(world: World) -> None:  # noqa: F811
    made = run_arrow(world, "amount", table())
    assert list(zip(made["status"].to_pylist(), made["amount"].to_pylist(), strict=True)) == expected(world, BIG)
    assert made["bikes"].to_pylist() == [b for b, _ in BIG]


def test_numbers_wider_than_a_column_are_read_as_one_case_reads_them(world: World) -> None:  # noqa: F811
    rows = [(21, Decimal("1.25")), (21, Decimal("98765432109876543210.25")), (20, Decimal("5E+27"))]
    made = run_arrow(world, "amount", table(rows, pa.decimal128(38, 2)))
    assert made["status"].to_pylist() == ["settled"] * 3
    assert made["amount"].to_pylist() == [Decimal("1.25"), Decimal("98765432109876543210.25"), Decimal(0)]
    wide = run_arrow(world, "amount", table([(20, 2**64 - 1), (30, 3)], pa.uint64()))
    assert wide["amount"].to_pylist() == [0, 30]


def test_only_the_rows_around_one_beyond_go_one_by_one(
    world: World,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(apart, "CHUNK", 100)
    monkeypatch.setattr(apart, "BLOCK", 4)
    rows: list[tuple[Any, Any]] = [(n % 900, n) for n in range(450)]
    for at in (0, 99, 100, 449):
        rows[at] = (1000, MOST)
    rows[230] = (1001, 1)  # not allowed, and told by its own number
    source, target = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pq.write_table(table(rows), source, row_group_size=64)
    summary = run_parquet(world, "amount", source, target)
    assert summary.one_by_one <= 4 * 4 + 1
    assert [line.partition("，")[0] for line in summary.invalid] == [f"第 {n + 1} 行" for n in (0, 99, 100, 230, 449)]
    made = pq.read_table(target)
    assert made["rate"].to_pylist() == [r for _, r in rows]
    assert list(zip(made["status"].to_pylist(), made["amount"].to_pylist(), strict=True)) == expected(world, rows)


@pytest.mark.parametrize(
    "engine",
    [
        pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.xdist_group("postgres")]),
        pytest.param("spark", marks=[pytest.mark.spark, pytest.mark.xdist_group("spark")]),
    ],
)
def test_on_every_engine(
    world: World,  # noqa: F811
    engine: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    server = request.getfixturevalue(engine)
    if engine == "postgres":
        monkeypatch.setenv("GONGBAO_BATCH_URL", server)
    source = tmp_path / "in.parquet"
    pq.write_table(table(), source)
    here = run_parquet(world, "amount", source, tmp_path / "duck.parquet")
    there = run_parquet(world, "amount", source, tmp_path / "there.parquet", engine=engine)
    assert pq.read_table(tmp_path / "there.parquet").to_pylist() == pq.read_table(tmp_path / "duck.parquet").to_pylist()
    assert (there.status, there.invalid) == (here.status, here.invalid)
