"""A table whose rows fall under different versions of a document: each row is decided by the one of its own day.

A column of dates says which day that is. The rows of each version are decided together as any table is, and come back
in their order with the version beside them (`version`, or `<decision>_version` where the table has that column). A row
without a date, or on whose day no version holds, is `invalid` with the reason. Where the decision reads `as_of` and no
moment is given, that of a row is the beginning of its own day.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from gongbao.batch import duck
from gongbao.batch.aside import folder_beside
from gongbao.batch.plan import ROW, STATUS, BatchError
from gongbao.batch.rest import SHOWN
from gongbao.batch.run import Summary, run_parquet
from gongbao.engine.decision.grounds import grounds
from gongbao.engine.time.calendar import SHANGHAI
from gongbao.engine.world import World

NONE = "没有有效的版本"
MOST_DAYS = 400  # different days that are each a moment of deciding
PLACE = "__gongbao_place"  # where a row stood in the table, from 0


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
) -> tuple[Summary, Mapping[str, int]]:
    """Decide every row of a Parquet file by the version of its day, and how many rows fell under each.

    spans: of which no two share a day. BatchError names what is wrong; after one there is no target file.
    """
    source, target = Path(source), Path(target)
    if source.is_dir():
        raise BatchError("按日期列取版本（--date-column）只用于单个 Parquet 文件")
    if target.resolve() == source.resolve():
        raise BatchError("输出文件不能是输入文件本身")
    if target.is_dir() or not target.parent.is_dir():
        raise BatchError(f"写不到 {target}：应是一个已有文件夹里的文件")
    started = time.monotonic()
    partly = target.with_name(f".{target.name}.partial")
    con = duck.connect()
    try:
        with folder_beside(target, "versions") as held:
            done = _decided(con, spans, decision, source, partly, column, as_of, engine, held)
        partly.replace(target)
    except duckdb.Error as e:
        raise BatchError(f"按版本判定失败：{(str(e).splitlines() or ['?'])[0][:200]}") from None
    except OSError as e:
        raise BatchError(f"写不出 {target}：{e.strerror}") from None
    finally:
        partly.unlink(missing_ok=True)
        con.close()
    counts, one_by_one, invalid, under = done
    status: dict[str, int] = {}
    outcomes: dict[str, int] = {}
    for state, value, n in counts:
        status[state] = status.get(state, 0) + n
        if state == "settled":
            outcomes[str(value)] = outcomes.get(str(value), 0) + n
    ordered = dict(sorted(outcomes.items(), key=lambda item: (-item[1], item[0])))
    known = {k: status[k] for k in STATUS if k in status}
    seconds = time.monotonic() - started
    return Summary(sum(status.values()), known, ordered, one_by_one, seconds, tuple(invalid)), under


def _decided(
    con: Any, spans: Sequence[Span], decision: str, source: Path, target: Path, column: str, as_of: dt.datetime | None,
    engine: str, held: Path,
) -> tuple[list[tuple[str, Any, int]], int, list[str], dict[str, int]]:  # fmt: skip
    if not source.is_file():
        raise BatchError(f"没有这个文件：{source}")
    types = duck.see_parquet(con, source)
    day = _day(types, column, source)
    con.execute(f"CREATE TEMP VIEW placed AS SELECT * EXCLUDE {_q(ROW)}, {_q(ROW)} AS {PLACE} FROM input")
    name = "version" if "version" not in types else f"{decision}_version"
    parts: list[str] = []
    under: dict[str, int] = {}
    one_by_one = 0
    shown = ""
    for i, span in enumerate(spans):
        (rows,) = con.execute(f"SELECT count(*) FROM placed WHERE {span.condition(day)}").fetchone()
        if not rows:
            continue
        for j, (rows_of, moment) in enumerate(_moments(con, _known(span, decision), decision, span, day, as_of)):
            given, made = held / f"{i}-{j}.parquet", held / f"{i}-{j}.out.parquet"
            con.execute(f"COPY (SELECT * FROM placed WHERE {rows_of} ORDER BY {PLACE}) TO {_t(given)}")
            try:
                summary = run_parquet(span.world, decision, given, made, moment, engine=engine)
            except BatchError as e:
                raise BatchError(f"版本 {span.name}：{e}") from None
            one_by_one += summary.one_by_one
            parts.append(f"SELECT *, {_t(span.name)} AS {_q(name)} FROM read_parquet({_t(made)})")
        under[span.name] = rows
        first = span.world.decisions[decision].output_names[0]
        shown = shown or (first if first not in types else f"{decision}_{first}")
    outside = " AND ".join(f"NOT coalesce({span.condition(day)}, false)" for span in spans) or "true"
    why = f"CASE WHEN {day} IS NULL THEN '“{column}”是空的，不知道按哪个版本' ELSE {day} || ' {NONE}' END"
    if not parts:
        raise BatchError(f"“{column}”的日期里没有一天有有效的版本")
    parts.append(f"SELECT *, 'invalid' AS status, {why} AS reason FROM placed WHERE {outside}")
    whole = " UNION ALL BY NAME ".join(f"({part})" for part in parts)
    con.execute(f"CREATE TEMP TABLE invalid AS SELECT {PLACE} AS row, reason FROM ({whole}) WHERE status = 'invalid'")
    con.execute(f"COPY (SELECT * EXCLUDE {PLACE} FROM ({whole}) ORDER BY {PLACE}) TO {_t(target)} (FORMAT parquet)")
    told = con.execute(f"SELECT row, reason FROM invalid ORDER BY row LIMIT {SHOWN}").fetchall()
    invalid = [f"第 {row + 1} 行，{reason}" for row, reason in told]
    return duck.counts(con, target, shown), one_by_one, invalid, under


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
        return _q(column)
    if kind.is_timestamp():
        zone = f" AT TIME ZONE '{'Asia/Shanghai'}'" if kind.timezone else ""
        return f"CAST({_q(column)}{zone} AS DATE)"
    raise BatchError(f"“{column}”这一列是 {kind}，须是日期或时刻（DATE、TIMESTAMP）")


def _q(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _t(text: Any) -> str:
    return "'" + str(text).replace("'", "''") + "'"
