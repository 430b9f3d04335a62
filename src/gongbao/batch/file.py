"""One Parquet file of facts into one of answers, by the engine asked for.

The file appears under its name when it is whole. Where a number goes beyond what a column holds, the rows in which it
does are set apart (batch.apart) and the others are decided as columns.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from gongbao.batch import apart, duck
from gongbao.batch.aside import folder_beside
from gongbao.batch.facts import BatchError, BeyondError
from gongbao.batch.plan import Plan, counts_days, plan
from gongbao.batch.rest import Rest
from gongbao.engine.world import World

ENGINES = ("duckdb", "postgres", "spark")
MAGIC = b"PAR1"  # what a Parquet file begins and ends with
BEYOND = (duckdb.OutOfRangeException, duckdb.ConversionException)

Heard = Callable[[float], None]  # how much of a file is done (0-1)


@dataclass(frozen=True, slots=True)
class Done:
    """One file: rows by status and value, how many one by one, the first invalid rows by number (from 0)."""

    file: str
    counts: list[tuple[str, Any, int]]
    one_by_one: int
    invalid: list[tuple[int | None, str]]
    kept: bool = False


Made = tuple[Rest, str]  # what decided the rows left over, and the column of the first output
_Decider = Callable[..., Made]


@dataclass(frozen=True, slots=True)
class Job:
    """A decision with all that decides a file beside the file itself. ordered: rows keep their order."""

    world: World
    decision: str
    as_of: dt.datetime | None
    decider: _Decider
    ordered: bool = True


def decided(job: Job, source: Path, target: Path, told: Heard | None = None) -> Done:
    """One file into another. BatchError names what is wrong; then there is none, and an earlier one stays as it was."""
    is_parquet(source)
    partly = target.with_name(f".{target.name}.partial")
    marks = marks_of(job, source)
    try:
        try:
            done = _whole(job, source, partly, marks, told)
        except BeyondError as beyond:
            done = _apart(job, source, partly, marks, beyond)
        partly.replace(target)
    except duckdb.IOException as e:
        raise BatchError(f"读不出 {source.name} 或写不出 {target}：{first_line(e)}") from None
    except duckdb.Error as e:
        raise BatchError(f"{source.name} 计算失败：{first_line(e)}") from None
    except OSError as e:
        raise BatchError(f"写不出 {target}：{e.strerror}") from None
    finally:
        partly.unlink(missing_ok=True)
    return done


def _whole(job: Job, source: Path, target: Path, marks: str, told: Heard | None) -> Done:
    """All rows as columns, and those left over one by one. BeyondError where a number is too large for a column."""
    con = duck.connect()
    failed: list[BaseException] = []
    try:
        types, empty = _seen(con, source)
        rest, shown = job.decider(con, job, types, source, target, marks, told, failed, empty)
        return Done(source.name, duck.counts(con, target, shown), rest.count, list(rest.invalid))
    except duckdb.IOException:
        raise
    except duckdb.Error as e:
        if failed:
            raise failed[0] from None
        if isinstance(e, BEYOND):
            raise BeyondError(f"{source.name} 计算失败，有数超出 64 位整数：{first_line(e)}") from None
        raise
    finally:
        con.close()


def _apart(job: Job, source: Path, target: Path, marks: str, beyond: BeyondError) -> Done:
    """The rows in which a number goes beyond a column set apart, the others as columns, together in their order."""
    con = duck.connect()
    try:
        types, _ = _seen(con, source)
        made = plan(job.world, job.decision, types, as_of=job.as_of)
        with folder_beside(target, "apart") as held:
            hot, cold = held / "hot.parquet", held / "cold.parquet"
            if not apart.split(con, made, source, hot, cold):
                raise BatchError(str(beyond))
            answers, done = decided_apart(job, made, hot, cold, held)
            apart.together(con, source, answers, target, marks)
        shown = made.shown(made.outputs[0])
        return Done(source.name, duck.counts(con, target, shown), done.one_by_one, done.invalid)
    finally:
        con.close()


def decided_apart(job: Job, made: Plan, hot: Path, cold: Path, held: Path) -> tuple[list[Path], Done]:
    """The answers of the rows of `hot` one by one and of those of `cold` as columns, as files by `apart.PLACE`.

    made: the plan whose facts stand in `hot`, as values or as they were written. The rows told of bear their places.
    """
    answers: list[Path] = []
    found: list[tuple[int | None, str]] = []
    count = 0
    if apart.rows(hot):
        rest = Rest(job.world, made, job.as_of)
        answers.append(held / "hot.out.parquet")
        apart.answer(rest, hot, answers[-1])
        found, count = list(rest.invalid), rest.count
    if apart.rows(cold):
        answers.append(held / "cold.out.parquet")
        try:
            done = _whole(job, cold, answers[-1], "", None)
        except BeyondError as beyond:
            done = _apart(job, cold, answers[-1], "", beyond)
        places = apart.places(cold, [row for row, _ in done.invalid if row is not None])
        found += [(places[row], why) for row, why in done.invalid if row is not None]
        count += done.one_by_one
    found.sort(key=lambda each: each[0] or 0)
    return answers, Done(cold.name, [], count, found)


def _seen(con: Any, source: Path) -> tuple[dict[str, Any], bool]:
    try:
        types = duck.see_parquet(con, source)
        return types, duck.rows(con) == 0
    except duckdb.Error as e:
        raise BatchError(f"{source.name} 不是可读的 Parquet 文件（可能已损坏）：{first_line(e)}") from None


# ------------------------------------------------------------------------------------------------------------ engines


def decider(engine: str) -> _Decider:
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


def _by_duckdb(
    con: Any, job: Job, types: Mapping[str, Any], source: Path, target: Path, marks: str, told: Heard | None,
    failed: list[BaseException], empty: bool,
) -> Made:  # fmt: skip
    made = plan(job.world, job.decision, types, as_of=job.as_of)
    _has_rows(source, empty)
    rest = Rest(job.world, made, job.as_of)
    duck.copy(con, duck.query(con, made, rest, failed), target, marks, job.ordered, told)
    return rest, made.shown(made.outputs[0])


def _by_postgres(
    con: Any, job: Job, types: Mapping[str, Any], source: Path, target: Path, marks: str, told: Heard | None,
    failed: list[BaseException], empty: bool,
) -> Made:  # fmt: skip
    from gongbao.batch import postgres

    made = plan(job.world, job.decision, types, "postgres", job.as_of)
    _has_rows(source, empty)
    rest = Rest(job.world, made, job.as_of)
    postgres.run(made, rest, source, target, marks, told)
    return rest, made.shown(made.outputs[0])


def _by_spark(
    con: Any, job: Job, types: Mapping[str, Any], source: Path, target: Path, marks: str, told: Heard | None,
    failed: list[BaseException], empty: bool,
) -> Made:  # fmt: skip
    from gongbao.batch import spark

    made = plan(job.world, job.decision, types, "pyspark", job.as_of)
    _has_rows(source, empty)
    rest = Rest(job.world, made, job.as_of)
    with folder_beside(target, "parts") as folder:
        parts = spark.run(made, source, folder)
        duck.copy(con, duck.query(con, made, rest, failed, parts), target, marks, job.ordered, told)
    return rest, made.shown(made.outputs[0])


def _has_rows(source: Path, empty: bool) -> None:
    if empty:
        raise BatchError(f"{source.name} 里一行也没有")


# -------------------------------------------------------------------------------------------------------------- files


def marks_of(job: Job, source: Path, more: Sequence[str] = ()) -> str:
    """What a file was made by, written into it: with the same, it need not be made again."""
    seen, world = source.stat(), job.world
    settings = {name: repr(s.value) for name, s in world.settings.items() if s.value is not None}
    made_by = {"pack": world.pack, "version": world.version, "decision": job.decision, "settings": settings,
               "as_of": job.as_of and job.as_of.isoformat(), "input": [source.name, seen.st_size, seen.st_mtime_ns]}  # fmt: skip
    if counts_days(world, job.decision):
        made_by["calendar"] = hashlib.sha256(repr(sorted(world.calendar.holidays.items())).encode()).hexdigest()
    if more:
        made_by["more"] = list(more)
    return json.dumps(made_by, ensure_ascii=False, sort_keys=True)


def finished(marks: str, shown: str, source: Path, target: Path) -> Done | None:
    """The file as an earlier run made it; None where it is not there, or bears other marks.

    shown: the column of the first output.
    """
    if not target.is_file():
        return None
    con = duck.connect()
    try:
        if duck.marks_of(con, target) != marks:
            return None
        counts = duck.counts(con, target, shown)
        wrong = sum(n for status, _, n in counts if status == "invalid")
        told: list[tuple[int | None, str]] = [(None, f"前次已标出 {wrong} 行数据有误")] if wrong else []
        return Done(source.name, counts, 0, told, True)
    except duckdb.Error:
        return None
    finally:
        con.close()


def column_of(world: World, decision: str, source: Path) -> str:
    """The column in which the first output is shown beside those of the file."""
    con = duck.connect()
    try:
        types, _ = _seen(con, source)
    finally:
        con.close()
    first = world.decisions[decision].output_names[0]
    return first if first not in types else f"{decision}_{first}"


def files_of(source: Path, target: Path) -> list[Path]:
    """The Parquet files of a folder, and the folder for what becomes of them made. BatchError names what is wrong."""
    files = sorted(p for p in source.glob("*.parquet") if p.is_file())
    if not files:
        raise BatchError(f"{source} 里没有 .parquet 文件")
    if target.is_file():
        raise BatchError(f"{target} 是一个文件；--input 是文件夹时 --output 也应是文件夹")
    if target.resolve() == source.resolve():
        raise BatchError("输出文件夹不能是输入文件夹本身")
    for file in files:
        is_parquet(file)
    try:
        target.mkdir(exist_ok=True)
    except OSError as e:
        raise BatchError(f"建不了文件夹 {target}：{e.strerror}") from None
    return files


def target_fits(source: Path, target: Path) -> None:
    if not source.is_file():
        raise BatchError(f"没有这个文件：{source}")
    if target.resolve() == source.resolve():
        raise BatchError("输出文件不能是输入文件本身")
    if not target.parent.is_dir():
        raise BatchError(f"没有这个文件夹：{target.parent}")
    if target.is_dir():
        raise BatchError(f"{target} 是一个文件夹；--output 应是一个文件")


def is_parquet(source: Path) -> None:
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


def first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
