"""A table whose rows fall under different versions of a document: each row is decided by the one of its own day.

A column of dates says which day that is. The rows of each version are decided together as any table is, and come back
in their order with the version beside them (`version`, or `<decision>_version` where the table has that column). A row
without a date, or on whose day no version holds, is `invalid` with the reason. Where the decision reads `as_of` and no
moment is given, that of a row is the beginning of its own day.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from gongbao.batch import duck, texts
from gongbao.batch.apart import PLACE
from gongbao.batch.aside import folder_beside
from gongbao.batch.duck import quoted, quoted_text
from gongbao.batch.facts import BatchError
from gongbao.batch.file import (
    Done,
    Job,
    column_of,
    decider,
    files_of,
    finished,
    first_line,
    is_parquet,
    marks_of,
    target_fits,
)
from gongbao.batch.plan import ROW
from gongbao.batch.rest import SHOWN
from gongbao.batch.run import Summary, run_parquet, summed
from gongbao.engine.decision.grounds import grounds
from gongbao.engine.time.calendar import SHANGHAI
from gongbao.engine.world import World

NONE = "没有有效的版本"
MOST_DAYS = 400  # different days that are each a moment of deciding


@dataclass(frozen=True, slots=True)
class Span:
    """A version from its first to its last day (None: no end), and the name by which the result tells it."""

    name: str
    first: dt.date
    last: dt.date | None
    world: World

    def condition(self, day: str) -> str:
        after = "" if self.last is None else f" AND {day} <= DATE '{self.last}'"
        return f"{day} >= DATE '{self.first}'{after}"


def run_by_version(
    spans: Sequence[Span],
    decision: str,
    source: Path,
    target: Path,
    column: str,
    as_of: dt.datetime | None = None,
    *,
    engine: str = "duckdb",
    resume: bool = False,
) -> tuple[Summary, Mapping[str, int]]:
    """Decide every row of a Parquet file, or of every file of a folder, by the version of its day, and how many rows
    fell under each.

    spans: of which no two share a day. BatchError names what is wrong; after one there is no target file.
    resume: files of a folder that an earlier run finished with the same versions are kept.
    """
    source, target = Path(source), Path(target)
    started = time.monotonic()
    run = _Run(spans, decision, column, as_of, engine)
    if texts.is_text(source) or texts.is_text(target):
        raise BatchError("按日期列取版本（--date-column）只读写 Parquet：CSV 里没有哪一列说明自己是日期")
    if not source.is_dir():
        if resume:
            raise BatchError("--resume 只用于一个文件夹的 Parquet 文件；单个文件总是整个重做")
        target_fits(source, target)
        done, under = _file(run, source, target, "")
        return summed([done], started, ""), under
    files, all_under = [], Counter[str]()
    for file in files_of(source, target):
        made = target / file.name
        marks = run.marks(file)
        earlier = _finished(run, file, made, marks) if resume else None
        done, under = earlier or _file(run, file, made, marks)
        files.append(done)
        all_under.update(under)
    return summed(files, started, "文件 "), {span.name: all_under[span.name] for span in spans if all_under[span.name]}


@dataclass(frozen=True, slots=True)
class _Run:
    spans: Sequence[Span]
    decision: str
    column: str
    as_of: dt.datetime | None
    engine: str

    def marks(self, source: Path) -> str:
        """What a file was made by: the same versions over the same days and the same input."""
        each = []
        for span in self.spans:
            if self.decision in span.world.decisions:
                job = Job(span.world, self.decision, self.as_of, decider("duckdb"))
                each.append([span.name, str(span.first), str(span.last), marks_of(job, source)])
        return json.dumps({"column": self.column, "versions": each}, ensure_ascii=False, sort_keys=True)


def _file(run: _Run, source: Path, target: Path, marks: str) -> tuple[Done, dict[str, int]]:
    """One file into another, which appears under its name when it is whole."""
    is_parquet(source)
    partly = target.with_name(f".{target.name}.partial")
    con = duck.connect()
    try:
        with folder_beside(target, "versions") as held:
            done = _decided(con, run, source, partly, marks, held)
        partly.replace(target)
    except duckdb.Error as e:
        raise BatchError(f"{source.name} 按版本判定失败：{first_line(e)}") from None
    except OSError as e:
        raise BatchError(f"写不出 {target}：{e.strerror}") from None
    finally:
        partly.unlink(missing_ok=True)
        con.close()
    return done


def _finished(run: _Run, source: Path, target: Path, marks: str) -> tuple[Done, dict[str, int]] | None:
    """The file as an earlier run made it; None where it is not there, or other versions or another input made it."""
    world = next((s.world for s in run.spans if run.decision in s.world.decisions), None)
    if world is None:
        return None
    done = finished(marks, column_of(world, run.decision, source), source, target)
    if done is None:
        return None
    version = quoted(_version(run.decision, pq.read_schema(source).names))
    rows = duckdb.execute(
        f"SELECT {version}, count(*) FROM read_parquet({quoted_text(target)}) WHERE {version} IS NOT NULL GROUP BY ALL"
    ).fetchall()
    return done, {str(name): int(n) for name, n in rows}


def _version(decision: str, given: Collection[str]) -> str:
    """The column that names the version."""
    return "version" if "version" not in given else f"{decision}_version"


def _decided(
    con: Any, run: _Run, source: Path, target: Path, marks: str, held: Path
) -> tuple[Done, dict[str, int]]:  # fmt: skip
    decision, column, spans = run.decision, run.column, run.spans
    types = duck.see_parquet(con, source)
    day = _day(types, column, source)
    con.execute(f"CREATE TEMP VIEW placed AS SELECT * EXCLUDE {quoted(ROW)}, {quoted(ROW)} AS {PLACE} FROM input")
    name = _version(decision, types)
    parts: list[str] = []
    under: dict[str, int] = {}
    one_by_one = 0
    shown = ""
    for i, span in enumerate(spans):
        (rows,) = con.execute(f"SELECT count(*) FROM placed WHERE {span.condition(day)}").fetchone()
        if not rows:
            continue
        for j, (rows_of, moment) in enumerate(_moments(con, _known(span, decision), decision, span, day, run.as_of)):
            given, made = held / f"{i}-{j}.parquet", held / f"{i}-{j}.out.parquet"
            con.execute(f"COPY (SELECT * FROM placed WHERE {rows_of} ORDER BY {PLACE}) TO {quoted_text(given)}")
            try:
                summary = run_parquet(span.world, decision, given, made, moment, engine=run.engine)
            except BatchError as e:
                raise BatchError(f"版本 {span.name}：{e}") from None
            one_by_one += summary.one_by_one
            parts.append(f"SELECT *, {quoted_text(span.name)} AS {quoted(name)} FROM read_parquet({quoted_text(made)})")
        under[span.name] = rows
        first = span.world.decisions[decision].output_names[0]
        shown = shown or (first if first not in types else f"{decision}_{first}")
    outside = " AND ".join(f"NOT coalesce({span.condition(day)}, false)" for span in spans) or "true"
    why = f"CASE WHEN {day} IS NULL THEN '“{column}”是空的，不知道按哪个版本' ELSE {day} || ' {NONE}' END"
    if not parts:
        raise BatchError(f"{source.name}：“{column}”的日期里没有一天有有效的版本")
    parts.append(f"SELECT *, 'invalid' AS status, {why} AS reason FROM placed WHERE {outside}")
    whole = " UNION ALL BY NAME ".join(f"({part})" for part in parts)
    con.execute(f"CREATE TEMP TABLE invalid AS SELECT {PLACE} AS row, reason FROM ({whole}) WHERE status = 'invalid'")
    con.execute(
        f"COPY (SELECT * EXCLUDE {PLACE} FROM ({whole}) ORDER BY {PLACE}) TO {quoted_text(target)} "
        f"(FORMAT parquet, KV_METADATA {{gongbao: {quoted_text(marks)}}})"
    )
    told = con.execute(f"SELECT row, reason FROM invalid ORDER BY row LIMIT {SHOWN}").fetchall()
    return Done(source.name, duck.counts(con, target, shown), one_by_one, told), under


def _moments(
    con: Any, world: World, decision: str, span: Span, day: str, as_of: dt.datetime | None
) -> Iterator[tuple[str, dt.datetime | None]]:
    """Which rows of a version are decided together, in SQL, and the moment of their deciding."""
    held = span.condition(day)
    if as_of is not None or not grounds(world, decision).as_of:
        yield held, as_of
        return
    days = con.execute(f"SELECT DISTINCT {day} AS day FROM placed WHERE {held} ORDER BY day").fetchall()
    if len(days) > MOST_DAYS:
        label = world.decisions[decision].label
        raise BatchError(
            f"判定“{label}”要看判定之日（as_of），各行的日期多于 {MOST_DAYS} 天：请用 --on 写明哪一天，或分开判定"
        )
    for (each,) in days:
        yield f"{day} = DATE '{each}'", dt.datetime.combine(each, dt.time(0), SHANGHAI)


def _known(span: Span, decision: str) -> World:
    if decision not in span.world.decisions:
        raise BatchError(f"没有“{decision}”这个判定；有：{'、'.join(span.world.decisions)}")
    return span.world


def _day(types: Mapping[str, Any], column: str, source: Path) -> str:
    """The day of a row in SQL; of a moment the day in Shanghai."""
    if column not in types:
        names = "、".join(c for c in types if c != ROW)
        raise BatchError(f"{source.name} 没有“{column}”这一列；有：{names}")
    kind = types[column]
    if kind.is_date():
        return quoted(column)
    if kind.is_timestamp():
        zone = f" AT TIME ZONE '{'Asia/Shanghai'}'" if kind.timezone else ""
        return f"CAST({quoted(column)}{zone} AS DATE)"
    raise BatchError(f"“{column}”这一列是 {kind}，须是日期或时刻（DATE、TIMESTAMP）")
