"""A pack with one decision for each way in which an expression becomes a column, and rows of its facts."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from gongbao.dmn import OverlapError
from gongbao.engine.canonical import to_jsonable
from gongbao.engine.decision.decide import decide
from gongbao.engine.fact import read_facts
from gongbao.engine.world import World
from gongbao.policy.loader import load_folder

CITY = "city: 示例市\nunits: {市交管局: {name: 示例市交通管理局, short: 市交管局}}\n"
DOCUMENT = """
number: 示政办字〔2023〕7号
title: 示例市成列判定办法
issuer: 示例市人民政府办公室
dated: 2023-03-01
in_force: {from: 2023-04-01}
jurisdiction: shili
owner: 市交管局
work: {case: 件, room: 城管}
review: {drafted_by: gongbao}
"""
FACTS = """
a: {label: 甲数, type: integer}
b: {label: 乙数, type: integer}
rate: {label: 比率, type: number, scale: 2}
paid: {label: 金额, type: money, min: 0}
name: {label: 名称, type: text}
kind: {label: 种类, type: choice, values: [一类, 二类, 三类]}
ok: {label: 是否, type: boolean}
from_day: {label: 起日, type: date}
to_day: {label: 止日, type: date}
sizes: {label: 各数, type: list, of: integer, min: 0, max_items: 20}
rates: {label: 各率, type: list, of: number, scale: 2}
kinds: {label: 各种类, type: list, of: choice, values: [一类, 二类, 三类]}
week: {label: 七日存量, type: series, of: number, scale: 1, min: 0, max_items: 7}
year: {label: 逐日读数, type: series, of: integer, min: 0, max: 500, max_items: 60, marks: [监测, 预报]}
gap: {label: 间隔读法, type: choice, values: [分段计算, 剔除间隔连续计算, 间隔计入连续计算]}
"""
PARAMS = """
limit: {value: 3, text: 三日, cite: 二}
many: {value: 30, text: 三十日, cite: 二}
share: {value: 0.25, text: 四分之一, cite: 二}
line: {value: 200, text: "200", cite: 二}
severe: {value: 300.5, text: "300.5", cite: 二}
lift: {value: 36, text: 36小时, cite: 二}
day: {value: 24, text: 24小时, cite: 二}
start: {value: 2023-05-01, text: 五月一日, cite: 二}
"""
SETTINGS = """
extra: {owner: 市交管局, label: 另加日数, type: integer, candidates: [2, 5]}
good: {owner: 市交管局, label: 良好上限, type: integer}
quota: {owner: 市交管局, label: 各自限额, type: integer, each: true}
"""


def formula(name: str, expression: str, kind: str = "boolean") -> str:
    text = expression.replace("'", "''")
    return f"""
{name}:
  label: {name}
  cite: 二
  columns: true
  output: {{x: {{type: {kind}}}}}
  value: {{x: '{text}'}}
"""


FORMULAS = {
    # numbers
    "quotient": "a / b > params.share",
    "quotient_equal": "paid / a = rate",
    "quotient_not": "not(a / b >= rate) or a / b < 0",
    "divided_evenly": "paid / 8 + 1 > rate",
    "modulo_of_negatives": "modulo(a, b) = 1 or modulo(rate, b) < 0",
    "roundings": "floor(rate) = -2 or ceiling(rate) = 2 or round half up(rate, 1) = 0.3 or decimal(rate, 1) = 0.2",
    "rounded_down": "round down(rate, 1) = -0.1 or round up(rate) = 3 or round half down(rate, 1) = 0.2",
    "odd_even": "odd(a) and even(b)",
    "extremes": "min(a, b, rate) < 0 and max([a, b]) > 1 and abs(a) >= abs(b)",
    "null_under_not": "not(a = null) and not(name != null)",
    "ties": "rate * 4 = a and rate + 0.25 >= paid",
    "large_constants": 'paid < 100000000 and rate < 30000000 and (to_day - from_day) < duration("P30000D") + duration("PT1H")',
    # texts, dates
    "texts": 'contains(name, "区") or starts with(name, "A") or ends with(name, "b") or string length(name) = 2',
    "text_order": 'name < kind or name >= "b"',
    "days_between": 'to_day - from_day > duration("P30D") or (to_day - from_day).days = 0',
    "moved": 'from_day + duration("P1M") <= to_day and from_day - @"P2D" < params.start',
    "months": "months_between(from_day, to_day) >= 1 or years_between(to_day, from_day) > 0",
    "months_by_day": 'years and months duration(from_day, to_day) >= duration("P1M")',
    "ends": "end_of_month(from_day) = to_day or end_of_quarter(from_day) = end_of_half_year(to_day)",
    "end_of_year_is": "end_of_year(from_day) > to_day",
    # lists
    "listed": 'list contains(kinds, kind) and not(list contains(kinds, "三类"))',
    "counted": "count(sizes) > 2 and sum(sizes) >= 5 and max(sizes) > min(sizes)",
    "list_mean": "mean(rates) > params.share or sum(rates) = 0.5",
    "some_of": "some s in sizes satisfies s > a",
    "every_of": "every s in sizes satisfies s / b > 1",
    # series
    "short_run": 'run(week, "<= 3") >= params.limit',
    "short_run_number": 'run(week, "<", params.limit) > a',
    "short_run_equal": 'run(week, "=", 2) = 1 or run(week, "<= 3") < 2 or run(week, ">= 9.5") != 0',
    "long_run": "run(year, params.line) >= params.limit",
    "long_run_number": 'longest(year, ">=", 100) + a > 4 and longest(year, "<", params.severe) <= 12',
    "of_series": 'mean_of(year) > params.line and peak(week) >= 3 and share(year, "预报") > params.share',
    "marked": 'marked_hours(year, "监测") >= 48',
    # working days
    "worked": "is_working_day(from_day)",
    "rolled": "next_working_day(from_day) > to_day",
    "apart": "working_days_between(from_day, to_day) > a",
    "after_some": "working_days_after(from_day, a) <= to_day",
    "after_setting": "working_days_after(from_day, settings.extra) <= to_day",
    "earlier": "working_days_after(to_day, -3) >= from_day",
}
NUMBERS = {
    "amount": "(a - b) * rate", "shortest": "min(paid, 2.5)", "runs": 'run(week, "<= 3")', "left": "modulo(a, 7)",
    "workdays": "working_days_between(from_day, to_day)", "full_months": "months_between(from_day, to_day)",
    "nearest": "round half up(rate, 1)", "size": "count(kinds)",
}  # fmt: skip
DATES = {
    "due": "next_working_day(working_days_after(from_day, params.limit))", "later": 'from_day + duration("P2M")',
    "far_due": "working_days_after(from_day, params.many)", "quarter": "end_of_quarter(from_day)",
}  # fmt: skip
TABLES = """
parts:
  label: 年月日
  cite: 三
  columns: true
  let: {since: from_day, till: to_day}
  output: {x: {type: boolean}}
  value: {x: since.month = till.month and since.weekday > 5 or till.year = 2024 and till.day != 29}
deadline:
  label: 期限
  cite: 三
  columns: true
  hit: first
  let: {due: "working_days_after(from_day, params.limit)", left: "working_days_between(to_day, due)"}
  output: {state: {values: [按期, 当日到期, 逾期], ordered: true}}
  rules:
    - {when: {left: "< 0"}, then: 逾期, cite: 三}
    - {when: {due: "to_day"}, then: 当日到期, cite: 三}
    - {otherwise: 按期, cite: 三}
shortage:
  label: 短缺
  cite: 三
  columns: true
  hit: first
  let: {low: 'run(week, "<= 3")'}
  output: {level: {values: [无, 蓝, 黄, 红], ordered: true}}
  rules:
    - {when: {low: ">= 5"}, then: 红, cite: 三}
    - {when: {low: "[3..5)", kind: 'not("三类")'}, then: 黄, cite: 三}
    - {when: {low: "1, 2"}, then: 蓝, cite: 三}
    - {otherwise: 无, cite: 三}
episodes:
  label: 过程
  cite: 四
  columns: true
  hit: first
  for_each: {e: 'stretches(year, params.line, params.day, settings.good, params.lift, gap, null, 0)'}
  take: highest
  output: {level: {values: [无, 蓝, 黄, 红], ordered: true}}
  let: {days: "longest(e, params.line)", bad: 'longest(e, ">=", params.severe)', fair: 'longest(e, "<= 300")'}
  rules:
    - {when: {days: ">= 4", bad: ">= 2"}, then: 红, cite: 四}
    - {when: {days: "3", fair: "> 1"}, then: 黄, cite: 四}
    - {when: {"days >= bad + 1": "true"}, then: 黄, cite: 四}
    - {otherwise: 蓝, cite: 四}
observed:
  label: 只看监测
  cite: 四
  columns: true
  for_each: {e: 'stretches(without(year, "预报"), params.line, params.day)'}
  take: highest
  output: {level: {values: [无, 蓝, 红], ordered: true}}
  let: {days: "longest(e, params.line)"}
  rules:
    - {when: {days: ">= 3"}, then: 红, cite: 四}
    - {when: {days: "[1..3]"}, then: 蓝, cite: 四}
over_quota:
  label: 超限额
  cite: 五
  columns: true
  output: {x: {type: boolean}}
  value: {x: a > settings.quota}
each_kind:
  label: 逐类
  cite: 五
  columns: true
  for_each: {k: kinds}
  take: highest
  output: {level: {values: [低, 中, 高], ordered: true}, to: {type: text}}
  rules:
    - {when: {k: '"一类"', ok: "true"}, then: {level: 高, to: 市}, cite: 五}
    - {when: {k: '"一类"', ok: "false"}, then: {level: 中, to: 县}, cite: 五}
    - {when: {k: '"二类"'}, then: {level: 中, to: 乡}, cite: 五}
"""
_TEN = [list(FORMULAS)[i : i + 9] for i in range(0, len(FORMULAS), 9)]  # together: an engine is asked fewer times
GROUPS = (
    *(f"formulas_{i}" for i in range(len(_TEN))), "all_numbers", "all_dates", "parts", "deadline", "shortage", "episodes",
    "observed", "each_kind",
)  # fmt: skip
NAMES = (*FORMULAS, *NUMBERS, *DATES, "parts", "deadline", "shortage", "episodes", "observed", "each_kind")

SERIES = pa.struct([("values", pa.list_(pa.int64())), ("marks", pa.list_(pa.string()))])
SCHEMA = pa.schema([
    ("a", pa.int32()), ("b", pa.int64()), ("rate", pa.decimal128(8, 3)), ("paid", pa.decimal128(12, 2)),
    ("name", pa.string()), ("kind", pa.string()), ("ok", pa.bool_()), ("from_day", pa.date32()),
    ("to_day", pa.date32()), ("sizes", pa.list_(pa.int64())), ("rates", pa.list_(pa.decimal128(6, 2))),
    ("kinds", pa.list_(pa.string())), ("week", pa.list_(pa.decimal128(6, 1))), ("year", SERIES), ("gap", pa.string()),
])  # fmt: skip


REFUSED = """
far_window:
  label: 两日均值
  cite: 四
  columns: true
  hit: first
  for_each: {e: 'stretches(year, params.line, 48)'}
  output: {level: {values: [无, 蓝], ordered: true}}
  rules:
    - {when: {"longest(e, 200) > 0": "true"}, then: 蓝, cite: 四}
    - {otherwise: 无, cite: 四}
peaks:
  label: 最高
  cite: 四
  columns: true
  hit: first
  for_each: {e: 'stretches(year, params.line, params.day)'}
  output: {level: {values: [无, 蓝], ordered: true}}
  rules:
    - {when: {"peak(e) > 300": "true"}, then: 蓝, cite: 四}
    - {otherwise: 无, cite: 四}
hours_of:
  label: 小时数
  cite: 四
  columns: true
  hit: first
  for_each: {e: 'stretches(year, params.line, params.day)'}
  output: {level: {values: [无, 蓝], ordered: true}}
  rules:
    - {when: {"e.hours > 300": "true"}, then: 蓝, cite: 四}
    - {otherwise: 无, cite: 四}
all_of_them:
  label: 各类
  cite: 四
  columns: true
  for_each: {k: kinds}
  take: all
  output: {level: {values: [无, 蓝], ordered: true}}
  rules: [{when: {k: '"一类"'}, then: 蓝, cite: 四}]
""" + "".join(
    f"{name}: {{label: {name}, cite: 二, columns: true, output: {{x: {{type: {kind}}}}}, value: {{x: '{text}'}}}}\n"
    for name, text, kind in (
        ("open_line", 'run(week, "<", rate) > 1', "boolean"), ("both_quotients", "a / b > b / a", "boolean"),
        ("since", 'lasting_hours(year, date and time("2023-01-01T00:00:00"), "> 200") > 1', "boolean"),
        ("shown_quotient", "a / b", "number"),
    )
)  # fmt: skip


# They read the moment of deciding, which is one for the whole table.
AS_OF = "".join(formula(name, text) for name, text in {
    "overdue": "to_day < date(as_of)",
    "aged": "months_between(from_day, date(as_of)) >= 1 and years_between(from_day, date(as_of)) < 1",
    "this_month": "from_day.year = as_of.year and from_day.month = as_of.month",
    "worked_since": "working_days_between(from_day, date(as_of)) > a",
    "elapsed": "(date(as_of) - from_day).days > params.many",
    "afterwards": 'as_of >= date and time("2023-02-20T00:00:00+08:00") and as_of != null and a > 1',
}.items())  # fmt: skip
NOT_THEN = formula("beside_a_moment", "from_day < as_of")


def decisions() -> str:
    made = [formula(name, text) for name, text in FORMULAS.items()]
    made += [formula(name, text, "number") for name, text in NUMBERS.items()]
    made += [formula(name, text, "date") for name, text in DATES.items()]
    ten = [(f"formulas_{i}", {n: FORMULAS[n] for n in names}, "boolean") for i, names in enumerate(_TEN)]
    for name, texts, kind in (*ten, ("all_numbers", NUMBERS, "number"), ("all_dates", DATES, "date")):
        outputs = "".join(f"    {n}: {{type: {kind}}}\n" for n in texts)
        values = "".join(f"    {n}: '{text}'\n" for n, text in texts.items())
        made.append(f"{name}:\n  label: {name}\n  cite: 二\n  columns: true\n  output:\n{outputs}  value:\n{values}")
    return "".join([*made, TABLES])


def load(folder: Path, other: str | None = None) -> World:
    """The pack compiled, or one with other decisions."""
    pack = folder / "shili" / "columns"
    pack.mkdir(parents=True)
    (pack.parent / "units.yaml").write_text(CITY, encoding="utf-8")
    for name, text in (("document", DOCUMENT), ("facts", FACTS), ("decisions", other or decisions()), ("params", PARAMS),
                       ("settings", SETTINGS)):  # fmt: skip
        (pack / f"{name}.yaml").write_text(text, encoding="utf-8")
    return load_folder(pack).with_settings({"good": 150})


days = st.dates(dt.date(2023, 1, 20), dt.date(2023, 3, 5)) | st.sampled_from(
    [dt.date(2024, 2, 29), dt.date(2023, 1, 31), dt.date(1979, 12, 31), dt.date(2080, 1, 1), dt.date(2023, 12, 31)]
)
_readings = st.sampled_from([0, 100, 149, 150, 151, 200, 201, 300, 301, 499, 500])
_year = st.integers(1, 14).flatmap(lambda n: st.fixed_dictionaries({
    "values": st.lists(_readings, min_size=n, max_size=n),
    "marks": st.none() | st.lists(st.sampled_from(["监测", "监测", "预报", ""]), min_size=n, max_size=n),
}))  # fmt: skip
STRANGE = st.sampled_from([
    {"values": [1, None, 201, 201, 201], "marks": None}, {"values": [501], "marks": None},
    {"values": [], "marks": []}, {"values": [201] * 61, "marks": None}, {"values": [201, 5], "marks": ["监测"]},
    {"values": [201, 5], "marks": ["监测", "猜测"]}, {"values": None, "marks": None},
    {"values": [201, 201, 201], "marks": ["监测", "预报", "监测"]}, {"values": [201], "marks": ["observed"]},
])  # fmt: skip
_tenths = st.sampled_from([Decimal(n) / 10 for n in (0, 10, 20, 29, 30, 31, 95, 100)])
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "a": st.integers(-6, 12), "b": st.sampled_from([-3, -1, 0, 1, 2, 7]),
    "rate": st.sampled_from([Decimal(t) for t in ("-2.5", "-0.15", "0", "0.25", "0.35", "1.5", "2", "3", "1.125")]),
    "paid": st.sampled_from([Decimal(t) for t in ("0", "0.01", "0.5", "3", "6", "12.34", "-1")]),
    "name": st.sampled_from(["东区", "A栋", "ab", "二类", "B", "b", "一", "", " 空格 ", "é", "\U0002a6a5"]),
    "kind": st.sampled_from(["一类", "二类", "三类", "四类"]), "ok": st.booleans(), "from_day": days, "to_day": days,
    "sizes": st.lists(st.integers(-1, 6) | st.none(), max_size=5) | st.lists(st.integers(0, 9), max_size=5),
    "rates": st.lists(st.sampled_from([Decimal(t) for t in ("0.25", "-1", "0.5", "0.24")]), max_size=4),
    "kinds": st.lists(st.sampled_from(["一类", "二类", "三类"]), max_size=4),
    "week": st.lists(_tenths, min_size=1, max_size=7) | st.sampled_from([[], [Decimal("-0.1")], [None, Decimal(1)]]),
    "year": _year | STRANGE, "gap": st.sampled_from(["分段计算", "剔除间隔连续计算", "间隔计入连续计算"]),
}  # fmt: skip
# Mostly known: an unknown fact sends the row to `decide` itself, which is equal by construction.
ROWS = st.lists(
    st.fixed_dictionaries({n: v if i else st.none() | v for i, (n, v) in enumerate(VALUES.items())}),
    min_size=1,
    max_size=30,
)


def sample(n: int, seed: int) -> list[dict[str, Any]]:
    """Rows drawn at random, one in eight with something unknown or strange."""
    r = random.Random(seed)

    def year() -> dict[str, Any]:
        size = r.randint(1, 14)
        values = r.choices([0, 100, 149, 150, 151, 200, 201, 300, 301, 499, 500], k=size)
        return {"values": values, "marks": r.choice([None, r.choices(["监测", "监测", "预报", ""], k=size)])}

    def day() -> dt.date:
        return dt.date(2023, 1, 20) + dt.timedelta(days=r.randint(0, 45))

    def row() -> dict[str, Any]:
        made: dict[str, Any] = {
            "a": r.randint(-6, 12), "b": r.choice([-3, -1, 0, 1, 2, 7]),
            "rate": r.choice([Decimal(t) for t in ("-2.5", "-0.15", "0", "0.25", "0.35", "1.5", "2", "3")]),
            "paid": r.choice([Decimal(t) for t in ("0", "0.01", "0.5", "3", "6", "12.34")]),
            "name": r.choice(["东区", "A栋", "ab", "二类", "B", "b", "一"]), "kind": r.choice(["一类", "二类", "三类"]),
            "ok": r.random() < 0.5, "from_day": day(), "to_day": day(), "sizes": r.choices(range(9), k=r.randint(0, 5)),
            "rates": r.choices([Decimal(t) for t in ("0.25", "-1", "0.5", "0.24")], k=r.randint(0, 4)),
            "kinds": r.choices(["一类", "二类", "三类"], k=r.randint(0, 4)),
            "week": r.choices([Decimal(n) / 10 for n in (0, 10, 20, 29, 30, 31, 95, 100)], k=r.randint(1, 7)),
            "year": year(), "gap": r.choice(["分段计算", "剔除间隔连续计算", "间隔计入连续计算"]),
        }  # fmt: skip
        if r.random() < 0.125:
            strange = {"rate": Decimal("1.125"), "name": " é ", "kind": "四类", "sizes": [1, None], "week": [],
                       "from_day": dt.date(1979, 12, 31), "to_day": dt.date(2080, 1, 1), "paid": Decimal(-1)}  # fmt: skip
            name = r.choice(list(made))
            made[name] = strange.get(name)
        return made

    return [row() for _ in range(n)]


def single(world: World, decision: str, row: dict[str, Any], as_of: dt.datetime | None = None) -> tuple[Any, ...]:
    """What `decide` gives for the row: status, outputs, rule, candidates."""
    spec = world.decisions[decision]
    names = spec.output_names
    given = {n: v for n, v in row.items() if v is not None and n in read(world, decision)}
    try:
        outcome = decide(world, decision, read_facts(world.facts, given), as_of=as_of)
    except OverlapError:
        return ("needs_person", *([None] * len(names)), None, None)
    except ValueError:
        return ("invalid", *([None] * len(names)), None, None)
    if outcome.settled and not outcome.needs_person and outcome.value is not None:
        rule = outcome.rows[0] + 1 if len(outcome.rows) == 1 and not spec.formula else None
        return ("settled", *(outcome.value[n] for n in names), rule, None)
    candidates = to_jsonable(list(outcome.candidates)) or None
    return ("needs_person" if outcome.needs_person else "open", *([None] * len(names)), None, candidates)


def read(world: World, decision: str) -> set[str]:
    """The facts that a decision reads."""
    return {path[0] for path in world.decisions[decision].fact_paths}
