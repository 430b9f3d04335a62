"""The embedded engine: one statement reads, decides and writes; Python is called for the rows left over only.

Reading, checking the values, deciding, naming the rule and writing Parquet are one `COPY`; rows that are not settled
call back into `batch.rest` from inside it, a vector at a time, so that nothing is computed twice and nothing waits.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pyarrow as pa

from gongbao.batch.days import look_up_table
from gongbao.batch.plan import ROW, STATUS, Plan
from gongbao.batch.rest import Rest

_POLL = 0.5  # seconds between two reports of progress
_TYPES = {"int64": "BIGINT", "string": "VARCHAR", "boolean": "BOOLEAN", "date": "DATE"}


def connect() -> Any:
    con = duckdb.connect()
    con.execute("SET enable_progress_bar = true")  # what `query_progress` reads; printed it is not
    con.execute("SET enable_progress_bar_print = false")
    return con


def see_parquet(con: Any, source: Path) -> dict[str, Any]:
    """Makes the file the table `input` with numbered rows; its columns by Ibis type."""
    file = quoted_text(str(source))
    con.execute(
        f"CREATE OR REPLACE TEMP VIEW input AS SELECT * EXCLUDE file_row_number, file_row_number AS {quoted(ROW)} "
        f"FROM read_parquet({file}, file_row_number = true)"
    )
    return types(con.execute("FROM input LIMIT 0").to_arrow_table().schema)


def see_arrow(con: Any, table: pa.Table) -> dict[str, Any]:
    """The same of a table in memory."""
    con.register("input", table.append_column(ROW, pa.array(range(table.num_rows), pa.int64())))
    return types(table.schema)


def types(schema: pa.Schema) -> dict[str, Any]:
    """Ibis type by column; None where Ibis has none, which only a column that no rule reads may have."""
    found: dict[str, Any] = {}
    for field in schema:
        try:
            found[field.name] = ibis.dtype(field.type)
        except (TypeError, NotImplementedError, KeyError):
            found[field.name] = ibis.dtype("unknown")
    return found


def rows(con: Any) -> int:
    (count,) = con.execute("SELECT count(*) FROM input").fetchone()
    return int(count)


def look_ups(con: Any, plan: Plan) -> None:
    """Makes the tables of days that the plan joins."""
    for name in plan.look_ups:
        con.register(f"{name}_arrow", look_up_table(name, plan.world.calendar))
        con.execute(f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS FROM {quoted(name + '_arrow')}")
        con.unregister(f"{name}_arrow")


def query(con: Any, plan: Plan, rest: Rest, failed: list[BaseException], parts: Sequence[Path] = ()) -> str:
    """The statement that gives the result; `failed` gets what went wrong in a row decided one by one.

    parts: what another engine made of the input with the same query, as Parquet files; without them it is made here.
    """
    if not parts:
        look_ups(con, plan)
    if plan.look_ups:  # the rows must be the side that streams, however few they are: only then they keep their order
        con.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
    fields = {"status": "VARCHAR", **{f"out_{o}": _sql_type(d) for o, d in plan.dtypes.items()}, "rule": "BIGINT",
              "candidates": "VARCHAR", "reason": "VARCHAR"}  # fmt: skip
    arrow = pa.struct([(n, _arrow_type(n, plan)) for n in fields])

    def left_over(*columns: Any) -> pa.Array:
        try:
            lists = [column.to_pylist() for column in columns]
            made = [rest.row(number, values) for number, *values in zip(*lists, strict=True)]
            return pa.array([{**m, **{f"out_{o}": v for o, v in m["outputs"].items()}} for m in made], arrow)
        except BaseException as e:
            failed.append(e)
            raise

    con.create_function(
        "gongbao_rest", left_over, None, duckdb.struct_type(fields), type="arrow", null_handling="special"
    )
    asked = ", ".join(quoted(c) for c in (ROW, *plan.columns.values()))
    chosen = [quoted(c) for c in plan.given]
    for output in plan.outputs:
        by_rule = plan.by_rule.get(output)
        told = f"rest.{quoted('out_' + output)}"
        if by_rule is None:
            value = quoted(f"__out_{output}")
        else:
            value, kind = _by_rule(by_rule)
            told = f"CAST({told} AS {kind})"
        chosen.append(f"CASE WHEN __settled THEN {value} ELSE {told} END AS {quoted(plan.shown(output))}")
    # Texts from a known few are ENUMs: written as a dictionary without hashing every row, read back as plain texts.
    status = f"ENUM ({', '.join(map(quoted_text, STATUS))})"
    chosen.append("CASE WHEN __settled THEN __rule ELSE rest.rule END AS rule")
    chosen.append(
        f"CASE WHEN __settled THEN CAST('settled' AS {status}) ELSE CAST(rest.status AS {status}) END AS status"
    )
    chosen += ["rest.candidates AS candidates", "rest.reason AS reason"]
    return (
        f"SELECT {', '.join(chosen)} FROM (SELECT *, CASE WHEN __settled THEN NULL ELSE gongbao_rest({asked}) END AS rest "
        f"FROM ({_put_together(con, plan, parts) if parts else plan.sql}))"
    )


def _put_together(con: Any, plan: Plan, parts: Sequence[Path]) -> str:
    """The parts as the query gives them here: with the types that the columns of the input have."""
    known = {name: kind for name, kind, *_ in con.execute("DESCRIBE input").fetchall()}
    columns = ", ".join(f"CAST({quoted(c)} AS {known[c]}) AS {quoted(c)}" for c in (*plan.given, ROW))
    outputs = ", ".join(
        f"CAST({quoted(f'__out_{o}')} AS {_sql_type(d)}) AS {quoted(f'__out_{o}')}" for o, d in plan.dtypes.items()
    )
    files = ", ".join(quoted_text(str(part)) for part in parts)
    return f"SELECT {columns}, {outputs}, __settled, __rule, __row FROM read_parquet([{files}])"


def _by_rule(values: Mapping[int, Any]) -> tuple[str, str]:
    """An output that is a text per rule: the expression over the rule's number, and its type."""
    texts = dict.fromkeys(v for v in values.values() if v is not None)
    if not texts:
        return "NULL", "VARCHAR"
    kind = f"ENUM ({', '.join(map(quoted_text, texts))})"
    whens = " ".join(f"WHEN {i} THEN CAST({quoted_text(v)} AS {kind})" for i, v in values.items() if v is not None)
    return f"CASE __row {whens} END", kind


def copy(
    con: Any, statement: str, target: Path, marks: str, ordered: bool, told: Callable[[float], None] | None
) -> None:
    """Runs the statement into a Parquet file that holds `marks`; `told` hears now and then how much is done (0-1)."""
    con.execute(f"SET preserve_insertion_order = {str(ordered).lower()}")
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(_POLL):
            done = con.query_progress()
            if told is not None and 0 <= done <= 100:
                told(done / 100)

    watcher = threading.Thread(target=watch, daemon=True) if told is not None else None
    if watcher is not None:
        watcher.start()
    try:
        con.execute(
            f"COPY ({statement}) TO {quoted_text(str(target))} (FORMAT parquet, KV_METADATA {{gongbao: {quoted_text(marks)}}})"
        )
    finally:
        stop.set()
        if watcher is not None:
            watcher.join()


def marks_of(con: Any, target: Path) -> str | None:
    """What an earlier run noted in a file it wrote; None where there is no such note."""
    try:
        found = con.execute(
            f"SELECT decode(value) FROM parquet_kv_metadata({quoted_text(str(target))}) WHERE decode(key) = 'gongbao'"
        ).fetchone()
    except duckdb.Error:
        return None
    return None if found is None else str(found[0])


def counts(con: Any, target: Path, output: str) -> list[tuple[str, Any, int]]:
    """Rows by status and value of an output, in a file that was written."""
    found = con.execute(
        f"SELECT status, {quoted(output)}, count(*) FROM read_parquet({quoted_text(str(target))}) GROUP BY ALL"
    ).fetchall()
    return [(str(status), value, int(n)) for status, value, n in found]


def _sql_type(dtype: str) -> str:
    return _TYPES.get(dtype) or dtype.upper()


def _arrow_type(field: str, plan: Plan) -> pa.DataType:
    dtype = plan.dtypes[field.removeprefix("out_")] if field.startswith("out_") else ""
    return pa.int64() if field == "rule" else arrow_type(dtype or "string")


def arrow_type(dtype: str) -> pa.DataType:
    """The Arrow type of an output's Ibis type."""
    scale = dtype.partition(", ")[2].rstrip(")")
    plain = {"int64": pa.int64(), "string": pa.string(), "boolean": pa.bool_(), "date": pa.date32()}
    return pa.decimal128(38, int(scale)) if scale else plain[dtype]


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def quoted_text(text: Any) -> str:
    return "'" + str(text).replace("'", "''") + "'"
