"""A table decided as a whole gives each row what `decide` gives one case, unknown facts included."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

pytest.importorskip("ibis")
import pyarrow as pa
import pyarrow.parquet as pq

from gongbao.batch.run import BatchError, run_arrow, run_parquet
from gongbao.engine.canonical import to_jsonable
from gongbao.engine.decision.decide import decide
from gongbao.engine.fact import read_facts
from gongbao.engine.world import World
from gongbao.policy.loader import load_folder

CITY = "city: 示例市\nunits: {市交管局: {name: 示例市交通管理局, short: 市交管局}}\n"
DOCUMENT = """
number: 示政办字〔2023〕6号
title: 示例市自行车停放收费办法
issuer: 示例市人民政府办公室
dated: 2023-03-01
in_force: {from: 2023-04-01}
jurisdiction: shili
owner: 市交管局
work: {case: 清理单, room: 城管}
review: {drafted_by: gongbao}
"""
FACTS = """
bikes: {label: 停放数量, type: integer, min: 0, max: 1000, step: 1}
rate: {label: 单价, type: number, scale: 2, min: 0}
blocked: {label: 是否堵塞, type: boolean}
owner: {label: 车辆类别, type: choice, values: [私人, 共享, 单位]}
area: {label: 区, type: text}
"""
DECISIONS = """
level:
  label: 程度
  cite: 二
  hit: first
  columns: true
  output: {level: {values: [一般, 较重, 严重], ordered: true}}
  let: {many: "bikes * rate >= params.limit"}
  rules:
    - {when: {many: "true"}, then: 严重, cite: 二}
    - {when: {bikes: ">= 20", blocked: "true"}, then: 较重, cite: 二}
    - {otherwise: 一般, cite: 二}
kind:
  label: 归口
  cite: 三
  columns: true
  requires: [level]
  output: {to: {values: [企业, 个人, 街道, 需人工判定]}, fee: {type: number}}
  rules:
    - {when: {owner: '"共享"', level.level: 'not("严重")'}, then: {to: 企业, fee: "= bikes * params.fee"}, cite: 三}
    - {when: {owner: '"私人"', area: '"东区", "西区"'}, then: {to: 个人, fee: 0.5}, cite: 三}
    - {when: {owner: '"私人"', area: 'not("东区", "西区")'}, then: {to: 街道, fee: null}, cite: 三}
    - {when: {owner: '"共享"', level.level: '"严重"'}, then: {to: 需人工判定, fee: null}, cite: 三}
    - {when: {owner: '"单位"', blocked: "true"}, then: {to: null, fee: null}, cite: 三, note: 没有写}
handling:
  label: 处置
  cite: 三
  columns: true
  hit: first
  output: {how: {values: [清走, 劝离, 需人工判定]}, days: {type: integer}, by: {type: text}}
  rules:
    - when: {owner: '"共享"', bikes: ">= 100"}
      then: {how: 清走, days: 1, by: '= if blocked then "市交管局" else "需人工判定"'}
      cite: 三1
    - {when: {owner: '"单位"'}, then: {how: 需人工判定, days: 3, by: 市交管局}, cite: 三2}
    - {when: {bikes: "< 20"}, then: {how: null, days: null, by: 需人工判定}, cite: 三3}
    - {otherwise: {how: 劝离, days: 2, by: null}, cite: 三4}
followed:
  label: 复查
  cite: 三
  columns: true
  hit: first
  requires: [handling]
  output: {again: {type: boolean}}
  rules:
    - {when: {owner: '"私人"'}, then: false, cite: 三5}
    - {when: {handling.days: "<= 2"}, then: true, cite: 三6}
    - {otherwise: false, cite: 三7}
reading:
  label: 按读法
  cite: 四
  columns: true
  output: {ok: {type: boolean}}
  value: {ok: 'if settings.how = "从严" then bikes <= params.base else bikes < params.limit'}
amount:
  label: 金额
  cite: 四
  columns: true
  output: {amount: {type: money}}
  value: {amount: "(bikes - params.base) * rate"}
plain:
  label: 不成列
  cite: 四
  output: {x: {type: boolean}}
  value: {x: "bikes > 0"}
divided:
  label: 相除
  cite: 四
  columns: true
  output: {x: {type: number}}
  value: {x: "bikes / rate"}
open_ended:
  label: 未填
  cite: 四
  columns: true
  output: {x: {type: boolean}}
  value: {x: "bikes > settings.most"}
"""
PARAMS = """
limit: {value: 100, text: 100元, cite: 二}
fee: {value: 0.25, text: 0.25元, cite: 三}
base: {value: 20, text: 20辆, cite: 四}
"""
SETTINGS = """
how: {owner: 市交管局, label: 读法, type: choice, candidates: [从严, 从宽]}
most: {owner: 市交管局, label: 上限, type: integer}
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    city = tmp_path_factory.mktemp("packs") / "shili"
    folder = city / "fees"
    folder.mkdir(parents=True)
    (city / "units.yaml").write_text(CITY, encoding="utf-8")
    for name, text in (("document", DOCUMENT), ("facts", FACTS), ("decisions", DECISIONS), ("params", PARAMS),
                       ("settings", SETTINGS)):  # fmt: skip
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return load_folder(folder)


SCHEMA = pa.schema([
    ("bikes", pa.int32()), ("rate", pa.decimal128(12, 3)), ("blocked", pa.bool_()), ("owner", pa.string()),
    ("area", pa.string()),
])  # fmt: skip
ROWS = st.lists(
    st.fixed_dictionaries({
        "bikes": st.none() | st.sampled_from([-1, 0, 1, 19, 20, 21, 99, 100, 101, 1000, 1001]),
        "rate": st.none() | st.sampled_from([Decimal(t) for t in ("-0.5", "0", "0.5", "1", "5", "0.125", "4.99")]),
        "blocked": st.none() | st.booleans(),
        "owner": st.none() | st.sampled_from(["私人", "共享", "单位", "其他", " 共享"]),
        "area": st.none() | st.sampled_from(["东区", "南区", " 西区", "", "\u3000东区"]),
    }),
    min_size=1,
    max_size=25,
)  # fmt: skip


def one(world: World, decision: str, row: dict[str, Any]) -> tuple[Any, ...]:
    """What `decide` gives for the row: status, outputs, candidates."""
    names = [o.name for o in world.decisions[decision].outputs]
    try:
        outcome = decide(world, decision, read_facts(world.facts, row))
    except ValueError:
        return ("invalid", *([None] * len(names)), None)
    if outcome.settled and not outcome.needs_person:
        return ("settled", *(outcome.value[n] for n in names), None)
    candidates = to_jsonable(list(outcome.candidates)) or None
    return ("needs_person" if outcome.needs_person else "open", *([None] * len(names)), candidates)


def read(world: World, decision: str) -> set[str]:
    """The facts that a decision and those it requires read."""
    found = set(world.decisions[decision].plain_facts)
    return found.union(*(read(world, r) for r in world.decisions[decision].requires))


@pytest.mark.parametrize("decision", ["level", "kind", "handling", "followed", "reading", "amount"])
@settings(
    max_examples=15,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(rows=ROWS, how=st.sampled_from([None, "从严", "从宽"]))
def test_rows_as_columns_equal_rows_one_by_one(
    world: World, decision: str, rows: list[dict[str, Any]], how: str | None
) -> None:
    there = world.with_settings({"how": how})
    made = run_arrow(there, decision, pa.Table.from_pylist(rows, schema=SCHEMA)).to_pylist()
    facts = read(world, decision)
    names = [o.name for o in world.decisions[decision].outputs]
    assert len(made) == len(rows)
    for row, got in zip(rows, made, strict=True):
        assert {n: got[n] for n in row} == row
        want = one(there, decision, {n: v for n, v in row.items() if n in facts and v is not None})
        candidates = None if got["candidates"] is None else json.loads(got["candidates"])
        shown = (got["status"], *(got[n] for n in names), candidates)
        assert shown == want, (row, got)


def test_a_person_decides_where_any_output_says_so_and_then_no_output_is_shown(world: World) -> None:
    rows = [
        {"bikes": 100, "blocked": True, "owner": "共享"},
        {"bikes": 100, "blocked": False, "owner": "共享"},  # the last output says so, by an expression
        {"bikes": 99, "blocked": True, "owner": "单位"},  # the first one does
        {"bikes": 19, "blocked": True, "owner": "私人"},  # the only one that is not null
        {"bikes": 20, "blocked": True, "owner": "私人"},  # null in one of several is a value
    ]
    made = run_arrow(world, "handling", pa.Table.from_pylist(rows, schema=SCHEMA)).to_pylist()
    assert [(m["status"], m["how"], m["days"], m["by"], m["rule"]) for m in made] == [
        ("settled", "清走", 1, "市交管局", 1),
        *[("needs_person", None, None, None, None)] * 3,
        ("settled", "劝离", 2, None, 4),
    ]
    assert [m["reason"] for m in made[1:4]] == [f"需人工判定：文中没有写这种情形（三{n}）" for n in (1, 2, 3)]


def test_the_rule_that_held_is_kept(world: World) -> None:
    rows = [{"bikes": b, "rate": Decimal(1), "blocked": True} for b in (100, 20, 19)]
    made = run_arrow(world, "level", pa.Table.from_pylist(rows, schema=SCHEMA))
    assert made["rule"].to_pylist() == [1, 2, 3]
    assert made["level"].to_pylist() == ["严重", "较重", "一般"]


def test_columns_may_be_named_by_labels_and_outputs_do_not_overwrite(world: World) -> None:
    table = pa.table({"停放数量": pa.array([30]), "单价": pa.array([1]), "是否堵塞": [True], "level": ["旧"]})
    made = run_arrow(world, "level", table)
    assert made.column_names == [
        "停放数量",
        "单价",
        "是否堵塞",
        "level",
        "level_level",
        "rule",
        "status",
        "candidates",
        "reason",
    ]
    assert made["level_level"].to_pylist() == ["较重"]


def test_what_is_open_says_what_to_ask(world: World) -> None:
    table = pa.Table.from_pylist([{"bikes": 30, "rate": Decimal(1)}, {"bikes": -1}], schema=SCHEMA)
    made = run_arrow(world, "level", table).to_pylist()
    assert made[0]["status"] == "open"
    assert made[0]["reason"] == "须先知：是否堵塞"
    assert made[1]["status"] == "invalid"
    assert "停放数量" in made[1]["reason"]


@pytest.mark.parametrize(
    ("decision", "columns", "message"),
    [
        ("nothing", {}, "没有“nothing”"), ("plain", {}, "没有写 columns: true"),
        ("level", {"bikes": [1]}, "表里缺少列：blocked"),
        ("level", {"bikes": ["1"], "rate": [1], "blocked": [True]}, "应是整数列，现为 string"),
        ("level", {"bikes": [1], "rate": [0.5], "blocked": [True]}, "不能是浮点列"),
        ("level", {"bikes": [1], "rate": [1], "blocked": [1]}, "应是布尔列"),
        ("level", {"bikes": [1], "停放数量": [1], "rate": [1], "blocked": [True]}, "说的是同一项事实"),
        ("level", {"bikes": [1], "rate": [1], "blocked": [True], "status": ["x"]}, "输入表已有列 status"),
        ("divided", {"bikes": [1], "rate": [1]}, "不一定除得尽"),
        ("open_ended", {"bikes": [1]}, "还没有填写，由 市交管局 填写"),
    ],
)  # fmt: skip
def test_what_cannot_be_run_is_refused_before_anything_is_written(
    world: World, decision: str, columns: dict[str, Any], message: str
) -> None:
    with pytest.raises(BatchError, match=message):
        run_arrow(world, decision, pa.table(columns or {"bikes": [1]}))


def test_a_parquet_file_is_decided_into_another(world: World, tmp_path: Path) -> None:
    rows = [{"bikes": b, "rate": Decimal("1.50"), "blocked": b % 2 == 0} for b in range(200)] + [{"rate": Decimal(1)}]
    pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), tmp_path / "in.parquet")
    summary = run_parquet(world, "level", tmp_path / "in.parquet", tmp_path / "out.parquet")
    assert (summary.rows, summary.one_by_one) == (201, 1)
    assert summary.status == {"settled": 200, "open": 1}
    made = pq.read_table(tmp_path / "out.parquet")
    assert made["bikes"].to_pylist() == [*range(200), None]
    assert summary.outcomes == {"严重": 133, "一般": 43, "较重": 24}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.parquet", "out.parquet"]


def test_bad_files_are_messages(world: World, tmp_path: Path) -> None:
    source, target = tmp_path / "bad.parquet", tmp_path / "out.parquet"
    pq.write_table(pa.Table.from_pylist([{"bikes": 1, "rate": Decimal(1), "blocked": True}] * 100, SCHEMA), source)
    whole = source.read_bytes()
    middle = len(whole) // 2
    for data, message in (
        (b"\x00\x01 not parquet", "不是 Parquet 文件"),
        (b"", "是空的"),
        (whole[:middle], "不是完整的 Parquet 文件"),
        (whole[:4] + b"\xff" * (len(whole) - 8) + whole[-4:], "不是可读的 Parquet 文件"),
    ):
        source.write_bytes(data)
        with pytest.raises(BatchError, match=message):
            run_parquet(world, "level", source, target)
    pq.write_table(SCHEMA.empty_table(), source)
    with pytest.raises(BatchError, match="一行也没有"):
        run_parquet(world, "level", source, target)
    assert [path.name for path in tmp_path.iterdir()] == ["bad.parquet"]
    with pytest.raises(BatchError, match="没有这个文件"):
        run_parquet(world, "level", tmp_path / "no.parquet", tmp_path / "out.parquet")
    with pytest.raises(BatchError, match="输入文件本身"):
        run_parquet(world, "level", tmp_path / "bad.parquet", tmp_path / "bad.parquet")


def test_a_run_that_fails_leaves_no_file_and_the_earlier_one_as_it_was(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*args: Any, **more: Any) -> None:
        raise KeyboardInterrupt

    source, target = tmp_path / "in.parquet", tmp_path / "out.parquet"
    target.write_bytes(b"earlier")
    pq.write_table(pa.table({"bikes": pa.array([None], pa.int64()), "rate": [1]}), source)
    monkeypatch.setattr("gongbao.batch.rest.decide", stop)
    with pytest.raises(KeyboardInterrupt):
        run_parquet(world, "amount", source, target)
    assert target.read_bytes() == b"earlier"
    assert {path.name for path in tmp_path.iterdir()} == {"in.parquet", "out.parquet"}


def test_rows_that_are_not_allowed_are_told_by_row_column_value_and_what_is(world: World, tmp_path: Path) -> None:
    source, target = tmp_path / "in.parquet", tmp_path / "out.parquet"
    rows = [{"bikes": n, "rate": Decimal(1), "blocked": True} for n in (0, -1, -2, -3, -4, -5, -6)]
    pq.write_table(pa.Table.from_pylist(rows, SCHEMA), source)
    made = run_parquet(world, "level", source, target)
    assert made.status == {"settled": 1, "invalid": 6}
    assert [line.partition("，")[0] for line in made.invalid] == [f"第 {n} 行" for n in range(2, 7)]
    assert all(part in made.invalid[0] for part in ("列 bikes", "停放数量", "-1", "0"))
