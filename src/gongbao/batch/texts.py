"""A CSV file in or out: its cells typed by the facts of the decision, its rows in their order, told by row and column.

A cell that is written as its type stands in a column; a row with any other (１２, 3 万元, 是否不清) goes one by one, as it
was written, through the gate that reads forms, which takes it or says what is wrong. Columns that no rule reads stay texts.
UTF-8 and GB18030 are read; what is written is UTF-8 with a mark, as spreadsheet programs open it.
"""

from __future__ import annotations

import codecs
import csv
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from gongbao.batch import apart, duck
from gongbao.batch.apart import PLACE
from gongbao.batch.aside import folder_beside
from gongbao.batch.duck import quoted, quoted_text
from gongbao.batch.facts import BatchError
from gongbao.batch.file import Done, Heard, Job, decided_apart, first_line
from gongbao.batch.file import decided as file_decided
from gongbao.batch.plan import fact_columns, plan
from gongbao.engine.specs import Fact, item_of

OK = "__gongbao_ok"  # whether every cell of the row is written as its column is
MOST_DIGITS = 18  # of a number in a column, places included
MOST_PLACES = 6
_LIST, _SERIES = "[、；;\\n]", "[,，、；;\\s]+"  # as engine.fact takes them apart
_ENCODINGS = ("utf-8", "gb18030")


def is_text(path: Path) -> bool:
    return path.suffix.lower() == ".csv"


def decided(job: Job, source: Path, target: Path, told: Heard | None = None) -> Done:
    """One file into another, of which at least one is CSV. BatchError names what is wrong; then there is none."""
    partly = target.with_name(f".{target.name}.partial")
    con = duck.connect()
    try:
        with folder_beside(target, "texts") as held:
            if is_text(source):
                done, query = _from_text(con, job, source, is_text(target), held)
            else:
                made = held / "made.parquet"
                done = file_decided(job, source, made, told)
                query = f"SELECT * FROM read_parquet({quoted_text(made)})"
            if is_text(target):
                _write(con, query, held / "made.csv", partly)
            else:
                con.execute(f"COPY ({query}) TO {quoted_text(partly)} (FORMAT parquet)")
            partly.replace(target)
    except duckdb.Error as e:
        raise BatchError(f"读不出 {source.name} 或写不出 {target}：{first_line(e)}") from None
    except OSError as e:
        raise BatchError(f"写不出 {target}：{e.strerror}") from None
    finally:
        partly.unlink(missing_ok=True)
        con.close()
    return done


def _from_text(con: Any, job: Job, source: Path, as_written: bool, held: Path) -> tuple[Done, str]:
    """What was decided, and the query that gives the result: the cells as written, or typed."""
    header = _read(con, source, held)
    columns = fact_columns(job.world, job.decision, header)
    typed = {column: _typed(con, job.world.facts[fact], column) for fact, column in columns.items()}
    chosen = ", ".join(f"{typed.get(c, quoted(c))} AS {quoted(c)}" for c in header)
    ok = " AND ".join(f"({quoted(c)} IS NULL OR coalesce({e}) IS NOT NULL)" for c, e in typed.items()) or "true"
    whole, hot, cold = held / "whole.parquet", held / "hot.parquet", held / "cold.parquet"
    con.execute(f"COPY (SELECT {chosen}, {PLACE}, {ok} AS {OK} FROM cells ORDER BY {PLACE}) TO {quoted_text(whole)}")
    if not apart.rows(whole):
        raise BatchError(f"{source.name} 里一行也没有")
    con.execute(f"CREATE TEMP VIEW whole AS FROM read_parquet({quoted_text(whole)})")
    con.execute(f"COPY (SELECT * EXCLUDE {OK} FROM whole WHERE {OK} ORDER BY {PLACE}) TO {quoted_text(cold)}")
    con.execute(
        f"COPY (SELECT cells.* FROM cells JOIN whole USING ({PLACE}) WHERE NOT {OK} ORDER BY {PLACE}) TO {quoted_text(hot)}"
    )
    types = {n: t for n, t in duck.types(pq.read_schema(cold)).items() if n != PLACE}
    made = plan(job.world, job.decision, types, as_of=job.as_of)
    answers, done = decided_apart(job, made, hot, cold, held)
    first = made.shown(made.outputs[0])
    files = ", ".join(quoted_text(p) for p in answers)
    counts = con.execute(
        f"SELECT status, {quoted(first)}, count(*) FROM read_parquet([{files}], union_by_name = true) GROUP BY ALL"
    ).fetchall()
    told: list[tuple[int | None, str]] = [(row, f"不算表头；{why}") for row, why in done.invalid]
    stands = held / "cells.parquet" if as_written else whole
    query = apart.joined(stands, answers, ", ".join(f"source.{quoted(c)}" for c in header))
    return Done(source.name, [(str(s), v, int(n)) for s, v, n in counts], done.one_by_one, told), query


# ------------------------------------------------------------------------------------------------------------ reading


def _read(con: Any, source: Path, held: Path) -> list[str]:
    """Makes the file the table `cells` of texts with PLACE; gives its header."""
    file = _utf8(source, held)
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            first = text.readline()
            text.seek(0)
            delimiter = "\t" if "\t" in first and "," not in first else ","
            header = [cell.strip() for cell in next(csv.reader(text, delimiter=delimiter), [])]
    except csv.Error as e:
        raise BatchError(f"{source.name} 的表头读不出：{e}") from None
    if not any(header):
        raise BatchError(f"{source.name} 没有表头（第一行应是各列的名称）")
    if "" in header:
        raise BatchError(f"{source.name} 的表头第 {header.index('') + 1} 列是空的")
    if repeated := sorted({h for h in header if header.count(h) > 1}):
        raise BatchError(f"{source.name} 的表头有重复的列：{'、'.join(repeated)}")
    columns = ", ".join(f"{quoted_text(h)}: 'VARCHAR'" for h in header)
    cells = held / "cells.parquet"
    try:
        con.execute(
            f"COPY (SELECT *, row_number() OVER () - 1 AS {PLACE} FROM read_csv({quoted_text(file)}, "
            f"columns = {{{columns}}}, auto_detect = false, header = true, delim = {quoted_text(delimiter)}, "
            f"quote = '\"', escape = '\"')) TO {quoted_text(cells)} (FORMAT parquet)"
        )
    except duckdb.Error as e:
        raise BatchError(f"{source.name} {_where(str(e))}") from None
    con.execute(f"CREATE TEMP VIEW cells AS FROM read_parquet({quoted_text(cells)})")
    return header


def _where(error: str) -> str:
    line = re.search(r"on Line: (\d+)", error)
    counts = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", error)
    at = f"第 {line[1]} 行（连表头）" if line else ""
    if counts:
        return f"{at}有 {counts[2]} 格，表头有 {counts[1]} 格"
    return f"{at}读不出：{error.splitlines()[0][:200]}"


def _utf8(source: Path, held: Path) -> Path:
    """The file itself where it is UTF-8, else a copy that is."""
    for encoding in _ENCODINGS:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with source.open("rb") as file:
                while data := file.read(1 << 20):
                    if b"\0" in data:
                        raise BatchError(f"{source.name} 含有空字符，不是 CSV 文本")
                    decoder.decode(data)
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8":
            return source
        made = held / "utf8.csv"
        with source.open(encoding=encoding, newline="") as text, made.open("w", encoding="utf-8", newline="") as out:
            shutil.copyfileobj(text, out)
        return made
    raise BatchError(f"{source.name} 既不是 UTF-8 也不是 GB18030 编码的文本，读不出表格")


# ------------------------------------------------------------------------------------------------------------- typing


def _typed(con: Any, fact: Fact, column: str) -> str:
    """The cell as the type of its fact, in SQL; null where it is not written as one."""
    cell = f"trim({quoted(column)})"
    if fact.type not in ("list", "series"):
        return _single(fact, quoted(column), cell, _places(con, fact, f"SELECT {cell} AS cell FROM cells"))
    item, between = item_of(fact), quoted_text(_SERIES if fact.type == "series" else _LIST)
    split = (
        f"list_filter(list_transform(regexp_split_to_array({cell}, {between}), lambda x: trim(x)), lambda x: x <> '')"
    )
    places = _places(con, item, f"SELECT unnest({split}) AS cell FROM cells")
    one = _single(item, "x", "x", places)
    if one == "x":
        return split
    made = f"list_transform({split}, lambda x: {one})"
    return f"CASE WHEN list_bool_and(list_transform({split}, lambda x: ({one}) IS NOT NULL)) THEN {made} END"


def _single(fact: Fact, raw: str, cell: str, places: int) -> str:
    match fact.type:
        case "integer":
            return f"CASE WHEN regexp_full_match({cell}, '-?[0-9]{{1,{MOST_DIGITS}}}') THEN CAST({cell} AS BIGINT) END"
        case "number" | "money":
            digits = f"-?[0-9]{{1,{MOST_DIGITS - places}}}"
            if not places:
                return f"CASE WHEN regexp_full_match({cell}, '{digits}') THEN CAST({cell} AS BIGINT) END"
            written = f"{digits}(\\.[0-9]{{1,{places}}})?"
            kind = f"DECIMAL({MOST_DIGITS}, {places})"
            return f"CASE WHEN regexp_full_match({cell}, '{written}') THEN CAST({cell} AS {kind}) END"
        case "boolean":
            return f"CASE {cell} WHEN '是' THEN true WHEN '否' THEN false WHEN 'true' THEN true WHEN 'false' THEN false END"
        case "date":
            return f"CASE WHEN regexp_full_match({cell}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}') THEN TRY_CAST({cell} AS DATE) END"
    return raw


def _places(con: Any, fact: Fact, cells: str) -> int:
    """The most places after the point that a number of the column has."""
    if fact.type not in ("number", "money"):
        return 0
    (found,) = con.execute(
        f"SELECT max(length(split_part(cell, '.', 2))) FROM ({cells}) WHERE regexp_full_match(cell, '-?[0-9]+\\.[0-9]{{1,{MOST_PLACES}}}')"
    ).fetchone()
    return int(found or 0)


# ------------------------------------------------------------------------------------------------------------ writing


def _write(con: Any, query: str, plain: Path, target: Path) -> None:
    """The result as CSV: yes and no in words, lists with 、 between."""
    kinds: Mapping[str, str] = {name: kind for name, kind, *_ in con.execute(f"DESCRIBE {query}").fetchall()}
    chosen = ", ".join(f"{_shown(quoted(n), kind)} AS {quoted(n)}" for n, kind in kinds.items())
    con.execute(f"COPY (SELECT {chosen} FROM ({query})) TO {quoted_text(plain)} (FORMAT csv, HEADER)")
    with plain.open("rb") as made, target.open("wb") as out:
        out.write(codecs.BOM_UTF8)
        shutil.copyfileobj(made, out)


def _shown(column: str, kind: str) -> str:
    if kind == "BOOLEAN":
        return f"CASE {column} WHEN true THEN '是' WHEN false THEN '否' END"
    if kind.endswith("[]"):
        return f"array_to_string({column}, '、')"
    return f"CAST(to_json({column}) AS VARCHAR)" if kind.startswith(("STRUCT", "MAP")) else column
