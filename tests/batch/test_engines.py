"""PostgreSQL and Spark give the same table as DuckDB, row by row; an engine that cannot run here says what is missing."""

from __future__ import annotations

import importlib.util
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ibis")
import pyarrow as pa
import pyarrow.parquet as pq
from tests.batch import columns_pack as pack
from tests.batch.test_run import SCHEMA, world  # noqa: F401

from gongbao.batch.run import BatchError, run_parquet
from gongbao.engine.world import World

ROWS: list[dict[str, Any]] = [
    {"bikes": bikes, "rate": rate, "blocked": blocked, "owner": owner, "area": area}
    for bikes in (None, -1, 19, 20, 100, 101)
    for rate in (None, Decimal("-0.5"), Decimal("0.125"), Decimal("4.99"))
    for blocked in (None, True, False)
    for owner, area in (
        (None, "东区"),
        ("私人", "东区"),
        ("私人", " 西区"),
        ("单位", ""),
        ("共享", "a\x00b"),
        ("其他", "南 区"),
    )
]


@pytest.fixture(scope="module")
def columns(tmp_path_factory: pytest.TempPathFactory) -> World:
    return pack.load(tmp_path_factory.mktemp("packs")).with_settings({"good": 150, "extra": 2})


def same_table(world: World, decision: str, table: pa.Table, engine: str, folder: Path) -> None:  # noqa: F811
    """The engine's file is DuckDB's, in columns, types, order and values; so is what is told of it."""
    source = folder / "in.parquet"
    pq.write_table(table, source)
    here = run_parquet(world, decision, source, folder / "duck.parquet")
    there = run_parquet(world, decision, source, folder / "there.parquet", engine=engine)
    ours, theirs = (pq.read_table(folder / f"{name}.parquet") for name in ("duck", "there"))
    assert theirs.column_names == ours.column_names
    for row, (a, b) in enumerate(zip(ours.to_pylist(), theirs.to_pylist(), strict=True)):
        assert b == a, (row, a, b)
    assert (there.status, there.outcomes, there.invalid) == (here.status, here.outcomes, here.invalid)
    assert here.status["settled"] > here.rows // 8
    assert here.one_by_one < here.rows * 7 // 8


@pytest.mark.postgres
@pytest.mark.xdist_group("postgres")
@pytest.mark.parametrize("decision", ["level", "kind", "reading", "amount"])
def test_postgresql_gives_the_same_table(
    world: World,  # noqa: F811
    decision: str,
    postgres: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GONGBAO_BATCH_URL", postgres)
    source = pa.Table.from_pylist(ROWS * 2, SCHEMA)
    pq.write_table(source, tmp_path / "in.parquet")
    here = run_parquet(world, decision, tmp_path / "in.parquet", tmp_path / "duck.parquet")
    there = run_parquet(world, decision, tmp_path / "in.parquet", tmp_path / "pg.parquet", engine="postgres")
    assert pq.read_table(tmp_path / "pg.parquet").to_pylist() == pq.read_table(tmp_path / "duck.parquet").to_pylist()
    assert (there.status, there.outcomes, there.invalid) == (here.status, here.outcomes, here.invalid)
    assert here.status["settled"] > 0
    assert here.status["invalid"] > 0


@pytest.mark.postgres
@pytest.mark.xdist_group("postgres")
@pytest.mark.parametrize("decision", pack.GROUPS)
def test_postgresql_lowers_every_expression_to_the_same(
    columns: World, decision: str, postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GONGBAO_BATCH_URL", postgres)
    same_table(columns, decision, pa.Table.from_pylist(pack.sample(300, 1), pack.SCHEMA), "postgres", tmp_path)


@pytest.mark.postgres
@pytest.mark.xdist_group("postgres")
@pytest.mark.parametrize("kind", [pa.uint8(), pa.int8(), pa.uint16(), pa.uint32(), pa.uint64()], ids=str)
def test_whole_numbers_of_any_width_go_to_postgresql(
    world: World,  # noqa: F811
    kind: pa.DataType,
    postgres: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GONGBAO_BATCH_URL", postgres)
    rows = [row for row in ROWS if row["bikes"] != -1]
    at = SCHEMA.get_field_index("bikes")
    same_table(
        world, "level", pa.Table.from_pylist(rows, SCHEMA.set(at, pa.field("bikes", kind))), "postgres", tmp_path
    )


@pytest.mark.spark
@pytest.mark.xdist_group("spark")
@pytest.mark.parametrize("decision", pack.GROUPS)
def test_spark_lowers_every_expression_to_the_same(columns: World, decision: str, spark: Any, tmp_path: Path) -> None:
    same_table(columns, decision, pa.Table.from_pylist(pack.sample(120, 2), pack.SCHEMA), "spark", tmp_path)


@pytest.mark.spark
@pytest.mark.xdist_group("spark")
def test_spark_compiled_gives_the_same_and_clears_what_a_killed_run_left(
    columns: World, spark: Any, tmp_path: Path
) -> None:
    left = tmp_path / ".there.parquet.partial.parts"
    (left / "made").mkdir(parents=True)
    (left / "made" / "part-00000.parquet").write_bytes(b"half")
    quick = {name: spark.conf.get(name) for name in ("spark.sql.codegen.factoryMode", "spark.sql.codegen.wholeStage")}
    for name, value in zip(quick, ("FALLBACK", "true"), strict=True):  # as it runs outside the tests
        spark.conf.set(name, value)
    try:
        same_table(columns, "deadline", pa.Table.from_pylist(pack.sample(120, 3), pack.SCHEMA), "spark", tmp_path)
    finally:
        for name, value in quick.items():
            spark.conf.set(name, value)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["duck.parquet", "in.parquet", "there.parquet"]


def test_an_engine_that_cannot_run_says_what_is_missing(
    world: World,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = tmp_path / "in.parquet"
    pq.write_table(pa.Table.from_pylist(ROWS, SCHEMA), source)
    monkeypatch.delenv("GONGBAO_BATCH_URL", raising=False)
    monkeypatch.setenv("PATH", "")
    cases = [("postgres", "GONGBAO_BATCH_URL"), ("oracle", "duckdb、postgres、spark")]
    cases += [("spark", "没有 java" if importlib.util.find_spec("pyspark") else "需要安装 pyspark")]
    for engine, message in cases:
        with pytest.raises(BatchError, match=message):
            run_parquet(world, "level", source, tmp_path / "out.parquet", engine=engine)
    assert [p.name for p in tmp_path.iterdir()] == ["in.parquet"]


def test_a_folder_goes_on_where_it_stopped(world: World, tmp_path: Path) -> None:  # noqa: F811
    source, target = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    for name, rows in (("a", ROWS[:200]), ("b", ROWS[200:])):
        pq.write_table(pa.Table.from_pylist(rows, SCHEMA), source / f"{name}.parquet")
    heard: list[tuple[float, str]] = []
    first = run_parquet(world, "level", source, target, told=lambda share, name: heard.append((share, name)))
    assert (first.rows, first.kept) == (len(ROWS), 0)
    assert {(0.5, "a.parquet"), (1.0, "b.parquet")} <= set(heard)
    assert first.invalid[0].startswith("文件 a.parquet 第 ")
    (target / "b.parquet").unlink()
    finished = (target / "a.parquet").stat().st_mtime_ns
    again = run_parquet(world, "level", source, target, resume=True)
    assert (again.kept, again.status, again.outcomes) == (1, first.status, first.outcomes)
    assert (target / "a.parquet").stat().st_mtime_ns == finished
    pq.write_table(pa.Table.from_pylist(ROWS[:10], SCHEMA), source / "a.parquet")  # another input: done again
    assert run_parquet(world, "level", source, target, resume=True).kept == 1
    assert pq.read_metadata(target / "a.parquet").num_rows == 10
    other = run_parquet(world.with_settings({"how": "从严"}), "level", source, target, resume=True)
    assert other.kept == 0, "with other settings nothing is kept"
    with pytest.raises(BatchError, match="--resume 只用于一个文件夹"):
        run_parquet(world, "level", source / "a.parquet", tmp_path / "x.parquet", resume=True)
    assert not list(target.glob(".*")), os.listdir(target)
