"""One decision over a whole table: the settled rows as columns, the open ones one by one, the same answers as `decide`.

A row whose facts are all known and valid is decided by the engine's own query (batch.plan). Every other row goes
through `decide` (batch.rest), and so does one in which a number goes beyond a column (batch.apart). Each row of the
result says which it was:

    status      settled | open (candidates) | needs_person | invalid (a value is not allowed, or a result fits no column)
    <output>    one column per output, null unless settled; named `<decision>_<output>` where the table has that column
    rule        the rule that held, counted from 1; null unless exactly one did
    candidates  JSON list of what is still possible, where open
    reason      what to ask for, or what is wrong, in Chinese
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from gongbao.batch import apart, duck, texts
from gongbao.batch.facts import BatchError
from gongbao.batch.file import (
    BEYOND,
    ENGINES,
    Done,
    Job,
    column_of,
    decided,
    decider,
    files_of,
    finished,
    first_line,
    marks_of,
    target_fits,
)
from gongbao.batch.plan import ROW, STATUS, Plan, check_decision, plan
from gongbao.batch.rest import SHOWN, Rest
from gongbao.engine.world import World

__all__ = ["ENGINES", "BatchError", "Summary", "run_arrow", "run_parquet", "summed"]

Told = Callable[[float, str], None]  # how much is done (0-1), and which file it is at


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did. `outcomes`: rows per value of the first output; `status`: rows per status.

    invalid: the first rows with a value that is not allowed: row, column, value and what is allowed, in Chinese.
    kept: files of a folder that an earlier run had finished; their rows are counted, not decided again.
    """

    rows: int
    status: Mapping[str, int]
    outcomes: Mapping[str, int]
    one_by_one: int
    seconds: float
    invalid: tuple[str, ...] = ()
    kept: int = 0

    @property
    def told(self) -> dict[str, int]:
        words = {"settled": "已定", "open": "未定", "needs_person": "需人工判定", "invalid": "数据有误"}
        return {words[k]: v for k, v in self.status.items()}

    def as_dict(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "status": dict(self.status),
            "outcomes": dict(self.outcomes),
            "one_by_one": self.one_by_one,
            "seconds": round(self.seconds, 3),
        }


def run_parquet(
    world: World,
    decision: str,
    source: Path,
    target: Path,
    as_of: dt.datetime | None = None,
    *,
    engine: str = "duckdb",
    ordered: bool = True,
    resume: bool = False,
    told: Told | None = None,
) -> Summary:
    """Decide every row of a Parquet or CSV file, or of every Parquet file of a folder, and write the result beside its columns.

    BatchError names what is wrong. A target file is written beside its place and moved there when it is whole; after an
    error there is none. Of a folder each file becomes one of the same name in the target folder: with `resume` those
    that an earlier run finished (same rules, settings, day and input file) are kept.
    ordered: rows keep their order (False takes less memory). told: hears of the progress.
    """
    source, target = Path(source), Path(target)
    started = time.monotonic()
    job = Job(world, decision, as_of, decider(engine), ordered)
    check_decision(world, decision)
    if not source.is_dir():
        if resume:
            raise BatchError("--resume 只用于一个文件夹的 Parquet 文件；单个文件总是整个重做")
        target_fits(source, target)
        hear = told and partial(_at, told, 0, 1, "")
        if texts.is_text(source) or texts.is_text(target):
            return summed([texts.decided(job, source, target, hear)], started, "")
        return summed([decided(job, source, target, hear)], started, "")
    files = files_of(source, target)
    done = []
    for i, file in enumerate(files):
        made = target / file.name
        hear = told and partial(_at, told, i, len(files), file.name)
        earlier = finished(marks_of(job, file), column_of(world, decision, file), file, made) if resume else None
        done.append(earlier or decided(job, file, made, hear))
        if hear is not None:
            hear(1.0)
    return summed(done, started, "文件 ")


def _at(told: Told, before: int, files: int, name: str, share: float) -> None:
    told((before + share) / files, name)


def summed(done: Iterable[Done], started: float, prefix: str) -> Summary:
    """All files together; `prefix` stands before the name of a file where there are several."""
    status: dict[str, int] = {}
    outcomes: dict[str, int] = {}
    invalid: list[str] = []
    one_by_one = kept = 0
    for each in done:
        for state, value, n in each.counts:
            status[state] = status.get(state, 0) + n
            if state == "settled":
                outcomes[str(value)] = outcomes.get(str(value), 0) + n
        one_by_one += each.one_by_one
        kept += each.kept
        where = f"{prefix}{each.file} " if prefix else ""
        invalid += [
            f"{where}第 {row + 1} 行，{why}" if row is not None else f"{where}{why}"
            for row, why in each.invalid[:SHOWN]
        ]
    return Summary(
        sum(status.values()),
        {k: status[k] for k in STATUS if k in status},
        dict(sorted(outcomes.items(), key=lambda item: (-item[1], item[0]))),
        one_by_one,
        time.monotonic() - started,
        tuple(invalid[:SHOWN]),
        kept,
    )


# ---------------------------------------------------------------------------------------------------------- in memory


def run_arrow(world: World, decision: str, table: pa.Table, as_of: dt.datetime | None = None) -> pa.Table:
    """The same over an Arrow table in memory; the rows keep their order."""
    check_decision(world, decision)
    made = plan(world, decision, duck.types(table.schema), as_of=as_of)
    con = duck.connect()
    failed: list[BaseException] = []
    try:
        duck.see_arrow(con, table)
        return con.execute(duck.query(con, made, Rest(world, made, as_of), failed)).to_arrow_table()
    except duckdb.Error as e:
        if failed:
            raise failed[0] from None
        if not isinstance(e, BEYOND):
            raise BatchError(f"计算失败：{first_line(e)}") from None
        beyond = first_line(e)
    finally:
        con.close()
    return _arrow_apart(made, table, as_of, beyond)


def _arrow_apart(made: Plan, table: pa.Table, as_of: dt.datetime | None, beyond: str) -> pa.Table:
    """The rows in which a number goes beyond a column one by one, the others as columns."""
    con = duck.connect()
    try:
        con.register("whole", table.append_column(ROW, pa.array(range(table.num_rows), pa.int64())))
        blocks = list(apart.beyond(con, made))
    finally:
        con.close()
    if not blocks:
        raise BatchError(f"计算失败，有数超出 64 位整数：{beyond}")
    hot = [n for a, b in blocks for n in range(a, b)]
    cold = sorted(set(range(table.num_rows)) - set(hot))
    chosen = table.take(pa.array(hot, pa.int64()))
    told = apart.answers(
        Rest(made.world, made, as_of), chosen.append_column(apart.PLACE, pa.array(hot, pa.int64()))
    ).drop_columns([apart.PLACE])
    parts = [pa.table({**{c: chosen[c] for c in chosen.column_names}, **{c: told[c] for c in told.column_names}})]
    if cold:
        whole = run_arrow(made.world, made.decision, table.take(pa.array(cold, pa.int64())), as_of)
        parts.append(whole.cast(parts[0].schema))
    order = sorted(range(table.num_rows), key=[*hot, *cold].__getitem__)
    return pa.concat_tables(parts).take(pa.array(order, pa.int64())).combine_chunks()
