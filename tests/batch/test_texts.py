"""A CSV file is decided as the same rows in Parquet are; what is wrong with a cell is told by row and column."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ibis")
import pyarrow as pa
import pyarrow.parquet as pq
from tests.batch import columns_pack as pack
from tests.batch.test_run import SCHEMA, world  # noqa: F401

from gongbao.batch.run import BatchError, run_parquet
from gongbao.engine.decision.grounds import grounds
from gongbao.engine.world import World

TEXT = """企业,停放数量,rate,是否堵塞
甲,20,1.5,是
"乙,二",１２,0.25,false
丙,,1,否
丁,三十,1,是
戊,1001,1,是
己,100,"1,000",true
庚,50,1.005,不清
"""


def run(world: World, tmp_path: Path, data: bytes, out: str = "out.csv") -> tuple[Any, list[dict[str, str]]]:  # noqa: F811
    (tmp_path / "in.csv").write_bytes(data)
    summary = run_parquet(world, "level", tmp_path / "in.csv", tmp_path / out)
    assert {p.name for p in tmp_path.iterdir()} == {"in.csv", out}
    if out.endswith(".parquet"):
        return summary, pq.read_table(tmp_path / out).to_pylist()
    written = (tmp_path / out).read_bytes()
    assert written.startswith(b"\xef\xbb\xbf"), "opened by a spreadsheet program as it is"
    return summary, list(csv.DictReader(written.decode("utf-8-sig").splitlines()))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_cells_are_read_as_a_form_is_and_stand_as_they_were_written(
    world: World,  # noqa: F811
    tmp_path: Path,
    encoding: str,
) -> None:
    summary, rows = run(world, tmp_path, TEXT.encode(encoding))
    assert [r["status"] for r in rows] == ["settled", "settled", "open", "invalid", "invalid", "settled", "invalid"]
    assert [r["level"] for r in rows] == ["较重", "一般", "", "", "", "严重", ""]
    assert [r["企业"] for r in rows] == ["甲", "乙,二", "丙", "丁", "戊", "己", "庚"]
    assert [r["停放数量"] for r in rows] == ["20", "１２", "", "三十", "1001", "100", "50"]
    assert rows[5]["rate"] == "1,000"
    assert [r["rule"] for r in rows] == ["2", "3", "", "", "", "1", ""]
    first, second, third = summary.invalid
    assert first.startswith("第 4 行，不算表头；列 停放数量：“停放数量”（bikes）：给出的是 “三十”")
    assert second.startswith("第 5 行，不算表头；列 停放数量：")
    assert "1001" in second
    assert all(part in third for part in ("列 rate：", "1.005", "列 是否堵塞：", "不清"))
    assert summary.status == {"settled": 3, "open": 1, "invalid": 3}
    assert summary.outcomes == {"较重": 1, "一般": 1, "严重": 1}


def test_into_parquet_the_facts_are_typed(world: World, tmp_path: Path) -> None:  # noqa: F811
    _, rows = run(world, tmp_path, TEXT.encode(), "out.parquet")
    assert [r["停放数量"] for r in rows] == [20, None, None, None, 1001, 100, 50]
    assert [r["rate"] for r in rows][:3] == [Decimal("1.500"), Decimal("0.250"), Decimal("1.000")]
    assert [r["是否堵塞"] for r in rows] == [True, False, False, True, True, True, None]
    assert [r["level"] for r in rows] == ["较重", "一般", None, None, None, "严重", None]


def test_parquet_into_csv(world: World, tmp_path: Path) -> None:  # noqa: F811
    rows = [{"bikes": 100, "rate": Decimal("1.5"), "blocked": True, "owner": "私人"}, {"bikes": -1}]
    table = pa.Table.from_pylist(rows, SCHEMA).append_column("近况", pa.array([["甲", "乙"], None]))
    pq.write_table(table, tmp_path / "in.parquet")
    summary = run_parquet(world, "followed", tmp_path / "in.parquet", tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8-sig") as text:
        first, second = csv.DictReader(text)
    assert (first["blocked"], first["again"], first["近况"], first["rate"]) == ("是", "否", "甲、乙", "1.500")
    assert (second["status"], second["again"]) == ("invalid", "")
    assert summary.rows == 2


@pytest.mark.parametrize("decision", sorted(pack.GROUPS))
def test_a_table_as_text_is_decided_as_the_typed_one(
    decision: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    columns = pack.load(tmp_path_factory.mktemp("packs")).with_settings({"good": 150, "extra": 2})
    rows = [r for r in pack.sample(160, 5) if all(v and None not in v for v in r.values() if isinstance(v, list))]
    assert len(rows) > 40, "a cell cannot say that a list is empty or has an unknown item"
    whole = pa.Table.from_pylist(rows, pack.SCHEMA)
    plain = [f.name for f in pack.SCHEMA if not pa.types.is_struct(f.type)]
    table = whole.select(plain)
    pq.write_table(table, tmp_path / "in.parquet")
    with (tmp_path / "in.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(plain)
        writer.writerows([[_cell(v) for v in row.values()] for row in table.to_pylist()])
    if marked := set(grounds(columns, decision).facts) - set(plain):
        pytest.skip(f"{'、'.join(marked)} 带标记，CSV 的一格写不下")
    typed = run_parquet(columns, decision, tmp_path / "in.parquet", tmp_path / "typed.parquet")
    text = run_parquet(columns, decision, tmp_path / "in.csv", tmp_path / "text.parquet")
    answers = [c for c in pq.read_schema(tmp_path / "typed.parquet").names if c not in plain]
    ours, theirs = (pq.read_table(tmp_path / f"{n}.parquet").select(answers).to_pylist() for n in ("typed", "text"))
    for n, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        held = {c: b[c] for c in answers if c != "reason"}
        assert held == {c: a[c] for c in answers if c != "reason"}, (n, table.slice(n, 1).to_pylist())
    assert (text.status, text.outcomes) == (typed.status, typed.outcomes)


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return "、".join("" if v is None else _cell(v) for v in value)
    return (
        ""
        if value is None
        else {True: "是", False: "否"}.get(value, str(value))
        if isinstance(value, bool)
        else str(value)
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "没有表头"), ("bikes,rate,blocked\n", "一行也没有"), ("bikes,rate\n1,2\n", "缺少列：blocked"),
        ("bikes,bikes,rate,blocked\n1,1,1,是\n", "重复的列：bikes"), ("bikes,,rate\n1,,2\n", "表头第 2 列是空的"),
        ("bikes,rate,blocked\n1,2,是\n1,2\n", "第 3 行（连表头）有 2 格，表头有 3 格"), ("a\0b\n1\n", "空字符"),
        ("bikes,rate,blocked,status\n1,2,是,x\n", "输入表已有列 status"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_is_told(world: World, tmp_path: Path, text: str, said: str) -> None:  # noqa: F811
    with pytest.raises(BatchError) as error:
        run(world, tmp_path, text.encode())
    assert said in str(error.value)
    assert [p.name for p in tmp_path.iterdir()] == ["in.csv"]
