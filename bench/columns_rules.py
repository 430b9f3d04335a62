"""The three tables of bench/columns.py: how their input is generated, the rule as a pack, and the same in SQL by hand.

The SQL is what somebody who knows DuckDB would write for known, allowed values: bits for the run, joins against the
calendar. Each writes the columns of the input, the outcome, the number of the rule and, unless it is bare, the status.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from gongbao.engine.time.calendar import default_calendar
from gongbao.engine.world import World
from gongbao.policy.loader import load_folder

ROOT = Path(__file__).parents[1]
CITY = "city: 示例市\nunits: {市应急局: {name: 示例市应急管理局, short: 市应急局}}\n"
DOCUMENT = """
number: 示政办字〔2023〕8号
title: 示例市储备与办理时限测算
issuer: 示例市人民政府办公室
dated: 2023-03-01
in_force: {from: 2023-04-01}
jurisdiction: shili
owner: 市应急局
work: {case: 件, room: 应急}
review: {drafted_by: gongbao}
"""
FACTS = """
week: {label: 七日存量, type: series, of: integer, min: 0, max_items: 7}
city_level: {label: 市级储备, type: boolean}
accepted: {label: 受理日, type: date}
finished: {label: 办结日, type: date}
"""
PARAMS = "low: {value: 3, text: 三日, cite: 二}\nlimit: {value: 20, text: 20个工作日, cite: 三}\n"
DECISIONS = """
shortage:
  label: 短缺
  cite: 二
  columns: true
  hit: first
  let: {days: 'run(week, "<=", params.low)'}
  output: {level: {values: [无, 蓝, 黄, 红], ordered: true}}
  rules:
    - {when: {days: ">= 5"}, then: 红, cite: 二}
    - {when: {days: ">= 3", city_level: "true"}, then: 红, cite: 二}
    - {when: {days: ">= 3"}, then: 黄, cite: 二}
    - {when: {days: "[1..3)"}, then: 蓝, cite: 二}
    - {otherwise: 无, cite: 二}
handling:
  label: 办理时限
  cite: 三
  columns: true
  hit: first
  let: {due: "working_days_after(accepted, params.limit)", used: "working_days_between(accepted, finished)"}
  output: {state: {values: [按期, 到期日办结, 逾期], ordered: true}, until: {type: date}}
  rules:
    - {when: {used: "> params.limit"}, then: {state: 逾期, until: "= due"}, cite: 三}
    - {when: {finished: "due"}, then: {state: 到期日办结, until: "= due"}, cite: 三}
    - {otherwise: {state: 按期, until: "= due"}, cite: 三}
"""


@dataclass(frozen=True)
class Table:
    """generate: SQL of the rows of `range({first}, {last})`; by_hand: of the result, from `input`; outputs: its columns."""

    name: str
    world: World
    decision: str
    generate: str
    by_hand: str
    outputs: tuple[str, ...]


def tables(folder: Path) -> list[Table]:
    """The three tables; the packs of two of them are written into the folder."""
    pack = folder / "shili" / "bench"
    pack.mkdir(parents=True)
    (pack.parent / "units.yaml").write_text(CITY, encoding="utf-8")
    for name, text in (("document", DOCUMENT), ("facts", FACTS), ("decisions", DECISIONS), ("params", PARAMS)):
        (pack / f"{name}.yaml").write_text(text, encoding="utf-8")
    credit = load_folder(ROOT / "packs" / "langfang" / "enterprise-credit").with_settings({"repaired_counts": "不计入"})
    made = load_folder(pack)
    return [
        Table("标量", credit, "grade", GRADE, GRADE_BY_HAND, ("grade",)),
        Table("序列", made, "shortage", WEEK, WEEK_BY_HAND, ("level",)),
        Table("日历", made, "handling", DATES, DATES_BY_HAND, ("state", "until")),
    ]


HASHED = "(SELECT i, CAST(hash(i) % 1000000007 AS BIGINT) AS h FROM range({first}, {last}) t(i))"
GRADE = f"""
SELECT i AS id, h % 97 = 0 AS licence_revoked, CASE WHEN h % 5 < 3 THEN 0 ELSE h // 7 % 9 END AS general_records,
       CASE WHEN h % 11 = 0 THEN 1 ELSE 0 END AS repaired_records,
       CASE WHEN h // 13 % 80 = 0 THEN 1 ELSE 0 END AS serious_listed,
       CASE WHEN h // 17 % 60 = 0 THEN 1 ELSE 0 END AS serious_penalties,
       CASE WHEN {{unknown}} > 0 AND h // 19 % 1000 < {{unknown}} THEN NULL ELSE false END AS serious_consequence
FROM {HASHED}"""
GRADE_BY_HAND = """
SELECT * EXCLUDE (counted, serious),
       CASE WHEN licence_revoked THEN 'D' WHEN serious > 0 OR counted > 5 THEN 'C'
            WHEN counted > 0 THEN CASE WHEN serious_consequence THEN NULL ELSE 'B' END ELSE 'A' END AS grade,
       CASE WHEN licence_revoked THEN 1 WHEN serious > 0 THEN 2 WHEN counted > 5 THEN 3
            WHEN counted > 0 THEN CASE WHEN serious_consequence THEN 5 ELSE 4 END ELSE 6 END AS rule
FROM (SELECT *, general_records AS counted, serious_listed + serious_penalties AS serious FROM input)"""
WEEK = f"""
SELECT i AS id, [h % 9, h // 9 % 8, h // 72 % 9, h // 648 % 7, h // 4536 % 9, h // 40824 % 8, h // 326592 % 9] AS week,
       h % 3 = 0 AS city_level
FROM {HASHED}"""
WEEK_BY_HAND = """
SELECT id, week, city_level,
       CASE WHEN b5 THEN '红' WHEN b3 THEN CASE WHEN city_level THEN '红' ELSE '黄' END WHEN b > 0 THEN '蓝' ELSE '无' END
           AS level,
       CASE WHEN b5 THEN 1 WHEN b3 THEN CASE WHEN city_level THEN 2 ELSE 3 END WHEN b > 0 THEN 4 ELSE 5 END AS rule
FROM (SELECT *, b & (b >> 1) & (b >> 2) & (b >> 3) & (b >> 4) != 0 AS b5, b & (b >> 1) & (b >> 2) != 0 AS b3
      FROM (SELECT *, (week[1] <= 3)::INT + 2 * (week[2] <= 3)::INT + 4 * (week[3] <= 3)::INT
                      + 8 * (week[4] <= 3)::INT + 16 * (week[5] <= 3)::INT + 32 * (week[6] <= 3)::INT
                      + 64 * (week[7] <= 3)::INT AS b FROM input))"""
DATES = f"""
SELECT i AS id, DATE '2015-01-01' + CAST(h % 3650 AS INT) AS accepted,
       DATE '2015-01-01' + CAST(h % 3650 + h // 3650 % 45 AS INT) AS finished
FROM {HASHED}"""
DATES_BY_HAND = """
SELECT id, accepted, finished,
       CASE WHEN used > 20 THEN '逾期' WHEN due = finished THEN '到期日办结' ELSE '按期' END AS state, due AS until,
       CASE WHEN used > 20 THEN 1 WHEN due = finished THEN 2 ELSE 3 END AS rule
FROM (SELECT input.*, n.day AS due, b.number - a.number AS used
      FROM input JOIN days a ON a.day = accepted JOIN numbers n ON n.number = a.number + 20
           JOIN days b ON b.day = finished)"""


def calendar_tables(con: Any) -> None:
    """`days` (day, running number) and its inverse `numbers`, as somebody who writes the SQL by hand has them."""
    calendar, first = default_calendar(), dt.date(2010, 1, 1)
    days = [first + dt.timedelta(days=i) for i in range(7300)]
    numbers, working, n = [], [], 0
    for day in days:
        if calendar.is_working(day):
            n += 1
            working.append(day)
        numbers.append(n)
    for name, table in (
        ("days", pa.table({"day": days, "number": numbers})),
        ("numbers", pa.table({"number": list(range(1, n + 1)), "day": working})),
    ):
        con.register(f"{name}_arrow", table)
        con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM {name}_arrow")


def write_by_hand(table: Table, source: Path, target: Path, ordered: bool = True, bare: bool = False) -> None:
    """bare: the outcome and the rule only, without the columns in which gongbao tells what is not settled."""
    con = duckdb.connect()
    con.execute(f"SET preserve_insertion_order = {str(ordered).lower()}")
    con.execute(f"CREATE TEMP VIEW input AS FROM read_parquet('{source}')")
    if table.name == "日历":
        calendar_tables(con)
    more = "" if bare else ", 'settled' AS status, NULL::VARCHAR AS candidates, NULL::VARCHAR AS reason"
    con.execute(f"COPY (SELECT *{more} FROM ({table.by_hand})) TO '{target}' (FORMAT parquet)")
