"""Other engines: the same query on PostgreSQL or Spark, a chunk of the file at a time.

Only the columns of facts go to the engine, as a temporary table; back come, per row, whether it is settled, by which rule
and with what. What is left over is decided by `batch.rest`, and everything is written in the order of the input.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from gongbao.batch.duck import arrow_type
from gongbao.batch.plan import ROW, BatchError, Plan
from gongbao.batch.rest import Rest

CHUNK = 100_000  # rows at a time
DIALECTS = {"postgres": "postgres", "spark": "pyspark"}
POSTGRES_URL = "GONGBAO_BATCH_URL"  # where the database is, as postgresql://user:password@host:port/name


def check(engine: str) -> None:
    """BatchError where the engine cannot run here, with what is missing."""
    if engine == "postgres":
        if importlib.util.find_spec("psycopg") is None:
            raise BatchError("--engine postgres 需要安装 psycopg")
        if not os.environ.get(POSTGRES_URL):
            raise BatchError(f"--engine postgres 要先在环境变量 {POSTGRES_URL} 里写明数据库：postgresql://用户@主机/库")
        return
    if importlib.util.find_spec("pyspark") is None:
        raise BatchError("--engine spark 需要安装 pyspark（不随 gongbao 安装）")
    if shutil.which("java") is None:
        raise BatchError("--engine spark 需要 Java 17 或更新版本，本机没有 java 命令")


def run(
    engine: str, plan: Plan, rest: Rest, source: Path, target: Path, marks: str, told: Callable[[float], None] | None
) -> None:
    """The file decided into another. BatchError where the engine cannot be reached or fails."""
    try:
        con = _connect(engine)
    except Exception as e:
        raise BatchError(f"连不上 {engine}：{_first_line(e)}") from None
    fused = ibis.options.sql.fuse_selects
    ibis.options.sql.fuse_selects = False  # as in Plan.sql
    try:
        with pq.ParquetFile(source) as file:
            whole, before = file.metadata.num_rows, 0
            writer: pq.ParquetWriter | None = None
            try:
                for batch in file.iter_batches(CHUNK):
                    table = pa.Table.from_batches([batch])
                    made = _decided(con, plan, rest, table, before)
                    if writer is None:
                        schema = made.schema.with_metadata({"gongbao": marks})
                        writer = pq.ParquetWriter(target, schema)
                    writer.write_table(made)
                    before += table.num_rows
                    if told is not None:
                        told(before / whole)
            finally:
                if writer is not None:
                    writer.close()
    except (BatchError, OSError):
        raise
    except Exception as e:
        if not type(e).__module__.startswith(("psycopg", "pyspark", "py4j", "ibis", "pyarrow")):
            raise
        raise BatchError(f"{engine} 计算失败（数可能太大）：{_first_line(e)}") from None
    finally:
        ibis.options.sql.fuse_selects = fused
        con.disconnect()


def _connect(engine: str) -> Any:
    if engine == "postgres":
        return ibis.connect(os.environ[POSTGRES_URL])
    session = (
        importlib.import_module("pyspark.sql")
        .SparkSession.builder.config("spark.sql.ansi.enabled", "true")
        .config("spark.ui.enabled", "false")
    )
    return ibis.pyspark.connect(session.getOrCreate())


def _decided(con: Any, plan: Plan, rest: Rest, table: pa.Table, before: int) -> pa.Table:
    """One chunk with the columns of the result; its first row is number `before` of the file."""
    columns = list(plan.columns.values())
    facts = table.select(columns)
    numbers = pa.array(range(table.num_rows), pa.int64())
    sent = pa.table([*map(_sendable, facts.columns), numbers], [*columns, ROW])
    con.create_table("input", sent, temp=True, overwrite=True)
    found = con.to_pyarrow(plan.expression).sort_by(ROW)
    settled = found["__settled"].combine_chunks()
    left = [i for i, is_settled in enumerate(settled.to_pylist()) if not is_settled]
    rows = facts.take(pa.array(left, pa.int64())).to_pydict()
    answers = [rest.row(before + i, [rows[c][n] for c in columns]) for n, i in enumerate(left)]
    made = {c: table[c] for c in plan.given}
    for output in plan.outputs:
        values = [answer["outputs"].get(output) for answer in answers]
        kind = arrow_type(plan.dtypes[output])
        made[plan.shown(output)] = _filled(found[f"__out_{output}"].cast(kind), settled, pa.array(values, kind))
    for name, kind in (("rule", pa.int64()), ("status", pa.string()), ("candidates", pa.string()),
                       ("reason", pa.string())):  # fmt: skip
        column = {"rule": found["__rule"], "status": pa.array(["settled"] * len(settled))}.get(
            name, pa.nulls(len(settled), kind)
        )
        made[name] = _filled(column.cast(kind), settled, pa.array([a[name] for a in answers], kind))
    return pa.table(made)


def _filled(column: Any, settled: pa.Array, rest: pa.Array) -> pa.Array:
    """The column where the row is settled, the next of `rest` where it is not."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return pc.replace_with_mask(whole, pc.invert(settled), rest)


def _sendable(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A text with a zero character is no text to a database: it is sent as unknown, and told of by `batch.rest`."""
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column
    return pc.if_else(pc.match_substring(column, "\x00"), pa.scalar(None, column.type), column)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
