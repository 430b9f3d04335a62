"""Two versions of a decision over a Parquet file of any length: piece by piece as columns, only groups and changes kept.

The pieces go through `batch.run`, as `gongbao batch` does; what comes back is counted by DuckDB, so that a row costs no
Python, and only the rows that changed are read again.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from gongbao.batch.plan import BatchError, check_decision, fact_columns
from gongbao.batch.run import run_arrow
from gongbao.batch.whatif.answers import INVALID, Answer, answer, shown_outputs
from gongbao.batch.whatif.result import Changed, Comparison, Row
from gongbao.batch.whatif.tally import EXAMPLES, Tally
from gongbao.engine.fact import read_facts
from gongbao.engine.world import World

CHUNK = 500_000  # rows at a time


def simulate_parquet(
    before: World, after: World, decision: str, source: Path, *, target: Path | None = None, name: str | None = None,
    as_of: dt.datetime | None = None, examples: int = EXAMPLES, told: Callable[[float], None] | None = None,
) -> Comparison:  # fmt: skip
    """The comparison; `target` gets every changed row, with both answers, in the order of the file.

    name: the column that says what a row is called. BatchError names what is wrong; then there is no target.
    """
    check_decision(before, decision)
    check_decision(after, decision)
    tally = Tally(before, after, decision, examples=examples)
    partly = None if target is None else target.with_name(f".{target.name}.partial")
    writer: pq.ParquetWriter | None = None
    try:
        with pq.ParquetFile(source) as file:
            whole, done = file.metadata.num_rows, 0
            if whole == 0:
                raise BatchError(f"{source.name} 里一行也没有")
            columns = [fact_columns(w, decision, file.schema_arrow.names) for w in (before, after)]
            if name is not None and name not in file.schema_arrow.names:
                raise BatchError(f"表里没有列“{name}”；有：{'、'.join(file.schema_arrow.names)}")
            wanted = list(dict.fromkeys([*columns[0].values(), *columns[1].values(), *([name] if name else [])]))
            for batch in file.iter_batches(CHUNK, columns=wanted):
                table = pa.Table.from_batches([batch])
                made = [
                    run_arrow(w, decision, table.select(list(c.values())), as_of)
                    for w, c in zip((before, after), columns, strict=True)
                ]
                changes = _count(tally, table, made, columns, name, done)
                if partly is not None and changes is not None:
                    writer = writer or pq.ParquetWriter(partly, changes.schema)
                    writer.write_table(changes)
                done += table.num_rows
                if told is not None:
                    told(done / whole)
        if writer is not None:
            writer.close()
        if partly is not None and target is not None:
            if writer is None:
                raise AssertionError("a file of rows has at least one piece")
            partly.replace(target)
    except (pa.ArrowInvalid, OSError) as e:
        raise BatchError(f"读不出 {source.name}，或写不出结果：{(str(e).splitlines() or [''])[0][:200]}") from None
    finally:
        if partly is not None:
            partly.unlink(missing_ok=True)
    return tally.result(as_of)


def _count(
    tally: Tally, table: pa.Table, made: list[pa.Table], columns: list[dict[str, str]], name: str | None, first: int
) -> pa.Table:
    """Counts one piece; the changed rows with both answers."""
    shown = [
        shown_outputs(w, tally.decision, list(c.values())) for w, c in zip(tally.worlds, columns, strict=True)
    ]  # fmt: skip
    joined: dict[str, Any] = {"n": pa.array(range(table.num_rows), pa.int64())}
    for side, found, outputs in zip("ba", made, shown, strict=True):
        joined[f"{side}_status"] = found["status"].cast(pa.string())
        for i, column in enumerate(outputs.values()):
            column_ = found[column]
            joined[f"{side}_{i}"] = column_.cast(pa.string()) if pa.types.is_dictionary(column_.type) else column_
        joined[f"{side}_candidates"] = found["candidates"]
    keys = [c for c in joined if c != "n"]
    half = len(keys) // 2
    con = duckdb.connect()
    try:
        con.register("pairs", pa.table(joined))
        groups = con.execute(
            f"SELECT {', '.join(keys)}, count(*), min(n, {tally.most}) FROM pairs GROUP BY ALL ORDER BY min(n)"
        ).fetchall()
        differ = " OR ".join(f"{b} IS DISTINCT FROM {a}" for b, a in zip(keys[:half], keys[half:], strict=True))
        rows = con.execute(f"SELECT n FROM pairs WHERE {differ} ORDER BY n").to_arrow_table()["n"]
        bad = con.execute(
            f"SELECT n FROM pairs WHERE b_status = '{INVALID}' OR a_status = '{INVALID}' ORDER BY n LIMIT 5"
        ).fetchall()
        ((wrong,),) = con.execute(
            f"SELECT count(*) FROM pairs WHERE b_status = '{INVALID}' OR a_status = '{INVALID}'"
        ).fetchall()
    finally:
        con.close()
    for group in groups:
        *values, count, numbers = group
        left, right = _key(values[:half]), _key(values[half:])
        if not tally.count(left, right, count):
            continue
        for n in numbers:
            if tally.wants(left, right):
                found_ = [_answer(m, n, s) for m, s in zip(made, shown, strict=True)]
                row = _row(tally.worlds, table, n, columns, name)
                tally.keep(left, right, Changed(first + n + 1, row, found_[0], found_[1]))
    for (n,) in bad:
        tally.tell(first + n + 1, made[0]["reason"][n].as_py() or made[1]["reason"][n].as_py() or "数据有误")
    tally.wrong += int(wrong) - len(bad)
    return _changes(table, made, shown, rows, first)


def _key(values: list[Any]) -> tuple[Any, ...]:
    status, *outputs, candidates = values
    return (status, *outputs, *Answer(status, candidates=tuple(json.loads(candidates or "[]"))).candidates_key)


def _answer(made: pa.Table, n: int, shown: Mapping[str, str]) -> Answer:
    return answer(made.slice(n, 1).to_pylist()[0], shown)


def _row(worlds: tuple[World, World], table: pa.Table, n: int, columns: list[dict[str, str]], name: str | None) -> Row:
    held = table.slice(n, 1).to_pylist()[0]
    facts = []
    for world, named in zip(worlds, columns, strict=True):
        try:
            facts.append(read_facts(world.facts, {f: held[c] for f, c in named.items() if held[c] is not None}))
        except ValueError:
            facts.append({})
    return Row(str(held[name]) if name and held[name] is not None else "", facts[0], after=facts[1])


def _changes(
    table: pa.Table, made: list[pa.Table], shown: list[dict[str, str]], rows: pa.ChunkedArray, first: int
) -> pa.Table:
    """The changed rows: their number from 1, the columns read, and of both versions outcome, status, rule, reason."""
    import pyarrow.compute as pc

    found: dict[str, Any] = {"row": pc.add(rows, first + 1)}
    found |= {c: table[c].take(rows) for c in table.column_names}
    for side, answers, outputs in zip(("before", "after"), made, shown, strict=True):
        for output, column in outputs.items():
            held = answers[column]
            held = held.cast(pa.string()) if pa.types.is_dictionary(held.type) else held
            found[f"{side}_{output}"] = held.take(rows)
        for told in ("status", "rule", "candidates", "reason"):
            held = answers[told]
            held = held.cast(pa.string()) if pa.types.is_dictionary(held.type) else held
            found[f"{side}_{told}"] = held.take(rows)
    return pa.table(found)
