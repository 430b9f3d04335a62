"""PostgreSQL: the same query in the database, a chunk of the file at a time.

Only the columns of facts go there, as a temporary table; back come, per row, whether it is settled, by which rule and
with what. What is left over is decided by `batch.rest`, and everything is written in the order of the input.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from gongbao.batch.days import look_up_table
from gongbao.batch.duck import arrow_type
from gongbao.batch.facts import BatchError, BeyondError, part_of
from gongbao.batch.plan import ROW, Plan
from gongbao.batch.rest import Rest

_OUT_OF_RANGE = "22003"  # the SQLSTATE of a number that its type does not hold
CHUNK = 100_000  # rows at a time
URL = "GONGBAO_BATCH_URL"  # where the database is, as postgresql://user:password@host:port/name


def check() -> None:
    """BatchError where there is no database to ask, with what is missing."""
    if importlib.util.find_spec("psycopg") is None:
        raise BatchError("--engine postgres 需要安装 psycopg")
    if not os.environ.get(URL):
        raise BatchError(f"--engine postgres 要先在环境变量 {URL} 里写明数据库：postgresql://用户@主机/库")


def run(plan: Plan, rest: Rest, source: Path, target: Path, marks: str, told: Callable[[float], None] | None) -> None:
    """The file decided into another. BatchError where the database cannot be reached or fails."""
    try:
        con = ibis.connect(os.environ[URL])
    except Exception as e:
        raise BatchError(f"连不上 postgres：{_first_line(e)}") from None
    try:
        for name in plan.look_ups:
            _load(con, name, look_up_table(name, plan.world.calendar))
        with pq.ParquetFile(source) as file:
            whole, before = file.metadata.num_rows, 0
            writer: pq.ParquetWriter | None = None
            try:
                for batch in file.iter_batches(CHUNK):
                    table = pa.Table.from_batches([batch])
                    made = _decided(con, plan, rest, table, before)
                    if writer is None:
                        writer = pq.ParquetWriter(target, made.schema.with_metadata({"gongbao": marks}))
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
        if not type(e).__module__.startswith(("psycopg", "ibis", "pyarrow")):
            raise
        if getattr(e, "sqlstate", None) == _OUT_OF_RANGE:
            raise BeyondError(f"postgres 计算失败，有数超出 64 位整数：{_first_line(e)}") from None
        raise BatchError(f"postgres 计算失败：{_first_line(e)}") from None
    finally:
        con.disconnect()


def _decided(con: Any, plan: Plan, rest: Rest, table: pa.Table, before: int) -> pa.Table:
    """One chunk with the columns of the result; its first row is number `before` of the file."""
    columns = list(plan.columns.values())
    facts = table.select(columns)
    numbers = pa.array(range(table.num_rows), pa.int64())
    _load(con, "input", pa.table({**_sent(facts), ROW: numbers}))
    fused = ibis.options.sql.fuse_selects
    ibis.options.sql.fuse_selects = False  # as in Plan.sql
    try:
        found = con.to_pyarrow(plan.expression).sort_by(ROW)
    finally:
        ibis.options.sql.fuse_selects = fused
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


def _load(con: Any, name: str, table: pa.Table) -> None:
    """The table as a temporary one of the connection; `COPY` is ten times as fast as inserting."""
    con.create_table(name, schema=ibis.schema(table.schema), temp=True, overwrite=True)
    with con.con.cursor() as cursor, cursor.copy(f'COPY "{name}" FROM STDIN') as copy:
        for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
            copy.write_row(row)
    con.con.commit()


def _sent(facts: pa.Table) -> dict[str, Any]:
    """The columns as the database takes them: it has no structs that Ibis could send."""
    made: dict[str, Any] = {}
    for name, column in zip(facts.column_names, facts.columns, strict=True):
        if pa.types.is_struct(column.type):
            made.update({part_of(name, f.name): pc.struct_field(column, f.name) for f in column.type})
        else:
            made[name] = _sendable(column)
    return made


def _sendable(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A text with a zero character is no text to a database: it is sent as unknown, and told of by `batch.rest`.

    Whole numbers without a sign, and those of one byte, are no types of the database: they go as its 64 bits.
    """
    if pa.types.is_integer(column.type):
        return column.cast(pa.int64())
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column
    return pc.if_else(pc.match_substring(column, "\x00"), pa.scalar(None, column.type), column)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
