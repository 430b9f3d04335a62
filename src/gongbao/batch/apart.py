"""Rows that no column can hold, set apart: found, decided one by one, and put back in their places.

Such a row has a number, or computes one, beyond 64 bits, or a cell of a text file that is not written as its column is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from gongbao.batch import duck
from gongbao.batch.duck import arrow_type, quoted, quoted_text
from gongbao.batch.plan import ROW, Plan
from gongbao.batch.rest import Rest

PLACE = "__gongbao_place"  # where a row stood in its table, from 0
CHUNK = 122_880  # rows tried at once: a row group as DuckDB writes it
BLOCK = 512  # rows that are not tried in smaller parts: to decide them one by one costs no more
_TOLD = {"rule": pa.int64(), "status": pa.string(), "candidates": pa.string(), "reason": pa.string()}


def split(con: Any, plan: Plan, source: Path, hot: Path, cold: Path) -> int:
    """The rows of a file that cannot be computed as columns (in blocks of at most BLOCK) and the others, as two files.

    plan: compiled for DuckDB, whatever engine is to decide. Both files bear PLACE. Gives how many blocks there are.
    """
    con.execute(
        f"CREATE OR REPLACE TEMP VIEW whole AS SELECT * EXCLUDE file_row_number, file_row_number AS {quoted(ROW)} "
        f"FROM read_parquet({quoted_text(source)}, file_row_number = true)"
    )
    found = list(beyond(con, plan))
    if found:
        con.register("blocks", pa.table({"a": [a for a, _ in found], "b": [b for _, b in found]}))
        at = quoted(ROW)
        for file, held in ((hot, "EXISTS"), (cold, "NOT EXISTS")):
            con.execute(
                f"COPY (SELECT * EXCLUDE {at}, {at} AS {PLACE} FROM whole "
                f"WHERE {held} (FROM blocks WHERE {at} >= a AND {at} < b) ORDER BY {at}) TO {quoted_text(file)}"
            )
    return len(found)


def beyond(con: Any, plan: Plan) -> Iterator[tuple[int, int]]:
    """The blocks of rows of the table `whole` (with ROW) over which the plan fails, each from and up to a row."""
    duck.look_ups(con, plan)
    size = con.execute("SELECT count(*) FROM whole").fetchone()[0]
    outputs = ", ".join(quoted(f"__out_{o}") for o in plan.outputs)
    tried = f"SELECT __settled, __rule, __row, {outputs} FROM ({plan.sql})"
    con.execute("DROP VIEW IF EXISTS input")
    for first in range(0, size, CHUNK):
        con.execute(f"CREATE OR REPLACE TEMP TABLE piece AS {_between('whole', first, first + CHUNK)}")
        waiting = [(first, min(size, first + CHUNK))]
        while waiting:
            a, b = waiting.pop()
            con.execute(f"CREATE OR REPLACE TEMP TABLE input AS {_between('piece', a, b)}")
            try:
                con.execute(tried).to_arrow_table()
            except (duckdb.OutOfRangeException, duckdb.ConversionException):
                if b - a <= BLOCK:
                    yield a, b
                else:
                    middle = (a + b) // 2
                    waiting += [(middle, b), (a, middle)]


def _between(table: str, a: int, b: int) -> str:
    return f"SELECT * FROM {table} WHERE {quoted(ROW)} >= {a} AND {quoted(ROW)} < {b}"


def answer(rest: Rest, source: Path, target: Path) -> None:
    """Decides each row of a file (PLACE, and the facts by their columns) and writes the answers beside PLACE."""
    with pq.ParquetFile(source) as file:
        writer: pq.ParquetWriter | None = None
        try:
            for batch in file.iter_batches(CHUNK, columns=[*rest.plan.columns.values(), PLACE]):
                made = answers(rest, pa.Table.from_batches([batch]))
                writer = writer or pq.ParquetWriter(target, made.schema)
                writer.write_table(made)
        finally:
            if writer is not None:
                writer.close()


def answers(rest: Rest, table: pa.Table) -> pa.Table:
    """The answers for the rows of a table with PLACE, one by one."""
    columns = [table[c].to_pylist() for c in rest.plan.columns.values()]
    places = table[PLACE].to_pylist()
    found = [rest.row(place, values) for place, *values in zip(places, *columns, strict=True)]
    made: dict[str, Any] = {PLACE: pa.array(places, pa.int64())}
    for output in rest.plan.outputs:
        values = [each["outputs"].get(output) for each in found]
        made[rest.plan.shown(output)] = pa.array(values, arrow_type(rest.plan.dtypes[output]))
    return pa.table(made | {n: pa.array([each[n] for each in found], kind) for n, kind in _TOLD.items()})


def together(con: Any, source: Path, parts: Sequence[Path], target: Path, marks: str, columns: str = "") -> None:
    """The rows of a file in their order, each with its answer from the parts, into a Parquet file that bears `marks`.

    columns: of the source as they are to stand; without, all as they are.
    """
    con.execute(
        f"COPY ({joined(source, parts, columns)}) TO {quoted_text(target)} "
        f"(FORMAT parquet, KV_METADATA {{gongbao: {quoted_text(marks)}}})"
    )


def joined(source: Path, parts: Sequence[Path], columns: str = "") -> str:
    given = pq.read_schema(source).names
    told = [c for c in pq.read_schema(parts[0]).names if c not in given and c != PLACE]
    chosen = columns or ", ".join(f"source.{quoted(c)}" for c in given if c != PLACE)
    place = PLACE if PLACE in given else "file_row_number"
    files = ", ".join(quoted_text(p) for p in parts)
    return (
        f"SELECT {chosen}, {', '.join(f'made.{quoted(c)}' for c in told)} "
        f"FROM read_parquet({quoted_text(source)}, file_row_number = true) AS source "
        f"JOIN read_parquet([{files}], union_by_name = true) AS made ON source.{place} = made.{PLACE} "
        f"ORDER BY made.{PLACE}"
    )


def rows(file: Path) -> int:
    return int(pq.read_metadata(file).num_rows)


def places(file: Path, numbers: Sequence[int]) -> dict[int, int]:
    """Where the rows of these numbers stood, for a file with PLACE."""
    if not numbers:
        return {}
    found = duckdb.execute(
        f"SELECT file_row_number, {PLACE} FROM read_parquet({quoted_text(file)}, file_row_number = true) "
        f"WHERE file_row_number IN ({', '.join(map(str, numbers))})"
    ).fetchall()
    return {int(n): int(place) for n, place in found}
