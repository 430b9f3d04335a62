"""One decision over a whole table: the settled rows as columns, the open ones one by one, the same answers as `decide`.

A row whose facts are all known and valid is decided by the engine's own query (batch.plan). Every other row goes
through `decide` (batch.rest). Each row of the result says which it was:

    status      settled | open (candidates) | needs_person | invalid (a value is not allowed)
    <output>    one column per output, null unless settled; named `<decision>_<output>` where the table has that column
    rule        the rule that held, counted from 1; null unless exactly one did
    candidates  JSON list of what is still possible, where open
    reason      what to ask for, or what is wrong, in Chinese
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from gongbao.batch import duck
from gongbao.batch.aside import folder_beside
from gongbao.batch.plan import STATUS, BatchError, check_decision, counts_days, plan
from gongbao.batch.rest import SHOWN, Rest
from gongbao.engine.world import World

__all__ = ["ENGINES", "BatchError", "Summary", "run_arrow", "run_parquet"]

ENGINES = ("duckdb", "postgres", "spark")
MAGIC = b"PAR1"  # what a Parquet file begins and ends with

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
    """Decide every row of a Parquet file, or of every file of a folder, and write the result beside its columns.

    BatchError names what is wrong. A target file is written beside its place and moved there when it is whole; after an
    error there is none. Of a folder each file becomes one of the same name in the target folder: with `resume` those
    that an earlier run finished (same rules, settings, day and input file) are kept.
    ordered: rows keep their order (False takes less memory). told: hears of the progress.
    """
    source, target = Path(source), Path(target)
    started = time.monotonic()
    decider = _decider(engine)
    check_decision(world, decision)
    if not source.is_dir():
        if resume:
            raise BatchError("--resume 只用于一个文件夹的 Parquet 文件；单个文件总是整个重做")
        _target_fits(source, target)
        done = [_file(decider, world, decision, source, target, as_of, ordered, told and partial(_at, told, 0, 1, ""))]
        return _summed(done, started, "")
    files = sorted(p for p in source.glob("*.parquet") if p.is_file())
    if not files:
        raise BatchError(f"{source} 里没有 .parquet 文件")
    if target.is_file():
        raise BatchError(f"{target} 是一个文件；--input 是文件夹时 --output 也应是文件夹")
    if target.resolve() == source.resolve():
        raise BatchError("输出文件夹不能是输入文件夹本身")
    for file in files:
        _is_parquet(file)
    try:
        target.mkdir(exist_ok=True)
    except OSError as e:
        raise BatchError(f"建不了文件夹 {target}：{e.strerror}") from None
    done = []
    for i, file in enumerate(files):
        made = target / file.name
        hear = told and partial(_at, told, i, len(files), file.name)
        earlier = _finished(world, decision, file, made, as_of) if resume else None
        done.append(earlier or _file(decider, world, decision, file, made, as_of, ordered, hear))
        if hear is not None:
            hear(1.0)
    return _summed(done, started, "文件 ")


def _at(told: Told, before: int, files: int, name: str, share: float) -> None:
    told((before + share) / files, name)


@dataclass(frozen=True, slots=True)
class _Done:
    """One file: rows by status and value, how many one by one, the first invalid rows by number."""

    file: str
    counts: list[tuple[str, Any, int]]
    one_by_one: int
    invalid: list[tuple[int | None, str]]
    kept: bool = False


def _summed(done: Iterable[_Done], started: float, prefix: str) -> Summary:
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
            f"{where}第 {row + 1} 行，{why}" if row is not None else f"{where}{why}" for row, why in each.invalid
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


# ---------------------------------------------------------------------------------------------------------- one file

_Decider = Callable[..., tuple[Rest, str]]


def _file(
    decider: _Decider, world: World, decision: str, source: Path, target: Path, as_of: dt.datetime | None, ordered: bool,
    told: Callable[[float], None] | None,
) -> _Done:  # fmt: skip
    """One file into another, which appears under its name when it is whole."""
    _is_parquet(source)
    con = duck.connect()
    try:
        types = duck.see_parquet(con, source)
        empty = duck.rows(con) == 0
    except duckdb.Error as e:
        raise BatchError(f"{source.name} 不是可读的 Parquet 文件（可能已损坏）：{_first_line(e)}") from None
    partly = target.with_name(f".{target.name}.partial")
    marks = _marks(world, decision, source, as_of)
    failed: list[BaseException] = []
    try:
        rest, shown = decider(con, world, decision, types, source, partly, marks, as_of, ordered, told, failed, empty)
        counts = duck.counts(con, partly, shown)
        partly.replace(target)
    except duckdb.IOException as e:
        raise BatchError(f"读不出 {source.name} 或写不出 {target}：{_first_line(e)}") from None
    except duckdb.Error as e:
        if failed:
            raise failed[0] from None
        raise BatchError(f"计算失败（数可能太大，或 {source.name} 已损坏）：{_first_line(e)}") from None
    except OSError as e:
        raise BatchError(f"写不出 {target}：{e.strerror}") from None
    finally:
        partly.unlink(missing_ok=True)
        con.close()
    return _Done(source.name, counts, rest.count, list(rest.invalid))


def _by_duckdb(
    con: Any, world: World, decision: str, types: Mapping[str, Any], source: Path, target: Path, marks: str,
    as_of: dt.datetime | None, ordered: bool, told: Callable[[float], None] | None, failed: list[BaseException],
    empty: bool,
) -> tuple[Rest, str]:  # fmt: skip
    made = plan(world, decision, types, as_of=as_of)
    _has_rows(source, empty)
    rest = Rest(world, made, as_of)
    duck.copy(con, duck.query(con, made, rest, failed), target, marks, ordered, told)
    return rest, made.shown(made.outputs[0])


def _by_postgres(
    con: Any, world: World, decision: str, types: Mapping[str, Any], source: Path, target: Path, marks: str,
    as_of: dt.datetime | None, ordered: bool, told: Callable[[float], None] | None, failed: list[BaseException],
    empty: bool,
) -> tuple[Rest, str]:  # fmt: skip
    from gongbao.batch import postgres

    made = plan(world, decision, types, "postgres", as_of)
    _has_rows(source, empty)
    rest = Rest(world, made, as_of)
    postgres.run(made, rest, source, target, marks, told)
    return rest, made.shown(made.outputs[0])


def _by_spark(
    con: Any, world: World, decision: str, types: Mapping[str, Any], source: Path, target: Path, marks: str,
    as_of: dt.datetime | None, ordered: bool, told: Callable[[float], None] | None, failed: list[BaseException],
    empty: bool,
) -> tuple[Rest, str]:  # fmt: skip
    from gongbao.batch import spark

    made = plan(world, decision, types, "pyspark", as_of)
    _has_rows(source, empty)
    rest = Rest(world, made, as_of)
    with folder_beside(target, "parts") as folder:
        parts = spark.run(made, source, folder)
        duck.copy(con, duck.query(con, made, rest, failed, parts), target, marks, ordered, told)
    return rest, made.shown(made.outputs[0])


def _decider(engine: str) -> _Decider:
    """What decides a file with this engine. BatchError where it is none, or cannot run here, and why."""
    if engine == "duckdb":
        return _by_duckdb
    if engine not in ENGINES:
        raise BatchError(f"--engine 可为 {'、'.join(ENGINES)}，给出的是“{engine}”")
    if engine == "postgres":
        from gongbao.batch import postgres

        postgres.check()
        return _by_postgres
    from gongbao.batch import spark

    spark.check()
    return _by_spark


def _has_rows(source: Path, empty: bool) -> None:
    if empty:
        raise BatchError(f"{source.name} 里一行也没有")


def _marks(world: World, decision: str, source: Path, as_of: dt.datetime | None) -> str:
    """What a file was made by, written into it: with the same, it need not be made again."""
    seen = source.stat()
    settings = {name: repr(s.value) for name, s in world.settings.items() if s.value is not None}
    made_by = {"pack": world.pack, "version": world.version, "decision": decision, "settings": settings,
               "as_of": as_of and as_of.isoformat(), "input": [source.name, seen.st_size, seen.st_mtime_ns]}  # fmt: skip
    if counts_days(world, decision):
        made_by["calendar"] = hashlib.sha256(repr(sorted(world.calendar.holidays.items())).encode()).hexdigest()
    return json.dumps(made_by, ensure_ascii=False, sort_keys=True)


def _finished(world: World, decision: str, source: Path, target: Path, as_of: dt.datetime | None) -> _Done | None:
    """The file as an earlier run made it; None where it is not there, or other rules or another input made it."""
    if not target.is_file():
        return None
    con = duck.connect()
    try:
        if duck.marks_of(con, target) != _marks(world, decision, source, as_of):
            return None
        types = duck.see_parquet(con, source)
        first = world.decisions[decision].output_names[0]
        counts = duck.counts(con, target, first if first not in types else f"{decision}_{first}")
        wrong = sum(n for status, _, n in counts if status == "invalid")
        told: list[tuple[int | None, str]] = [(None, f"前次已标出 {wrong} 行数据有误")] if wrong else []
        return _Done(source.name, counts, 0, told, True)
    except duckdb.Error:
        return None
    finally:
        con.close()


def _target_fits(source: Path, target: Path) -> None:
    _is_parquet(source)
    if target.resolve() == source.resolve():
        raise BatchError("输出文件不能是输入文件本身")
    if not target.parent.is_dir():
        raise BatchError(f"没有这个文件夹：{target.parent}")
    if target.is_dir():
        raise BatchError(f"{target} 是一个文件夹；--output 应是一个文件")


def _is_parquet(source: Path) -> None:
    """BatchError where the file is none, is empty, or does not begin and end as a Parquet file does."""
    if not source.is_file():
        raise BatchError(f"没有这个文件：{source}")
    try:
        with source.open("rb") as file:
            begins, size = file.read(4), file.seek(0, 2)
            file.seek(max(0, size - 4))
            ends = file.read(4)
    except OSError as e:
        raise BatchError(f"读不出 {source}：{e.strerror}") from None
    if size == 0:
        raise BatchError(f"{source.name} 是空的（0 字节）")
    if begins != MAGIC or size < 12:
        raise BatchError(f"{source.name} 不是 Parquet 文件（应以 PAR1 开头）")
    if ends != MAGIC:
        raise BatchError(f"{source.name} 不是完整的 Parquet 文件（应以 PAR1 结尾，可能没有传完）")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


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
        raise BatchError(f"计算失败（数可能太大）：{_first_line(e)}") from None
    finally:
        con.close()
