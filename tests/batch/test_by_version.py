"""Rows under different versions: each as its own version decides it, in their order, at both ends of each span."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.policy.conftest import VALID

from gongbao.batch.by_version import Span, run_by_version
from gongbao.batch.plan import BatchError
from gongbao.engine.time.calendar import SHANGHAI
from gongbao.policy.loader import load_folder
from gongbao.policy.versions import line

D = dt.date
HELD = "{from: 2023-04-01, until: 2028-03-31, applies_by: event_date}"
TABLE = """
level:
  label: 等级
  cite: 二
  columns: true
  output: {level: {type: choice, values: [一般, 严重], ordered: true}}
  rules:
    - {when: {bikes: "< LIMIT"}, then: 一般, cite: 二}
    - {when: {bikes: ">= LIMIT"}, then: 严重, cite: 二}
late_in_month:
  label: 下旬
  cite: 二
  columns: true
  output: {late: {type: boolean}}
  value: {late: "as_of.day > 20 and bikes < LIMIT"}
"""


@pytest.fixture(scope="module")
def spans(tmp_path_factory: pytest.TempPathFactory) -> list[Span]:
    root = tmp_path_factory.mktemp("packs")
    for label, number, held, limit in (
        ("2023", "示政办字〔2023〕5号", "{from: 2023-04-01, until: 2024-02-29}", 100),
        ("2024", "示政办字〔2024〕1号", "{from: 2024-03-01, until: 2024-12-31}", 50),
    ):
        folder = root / "shili" / f"parking@{label}"
        shutil.copytree(VALID.parent, root / "shili", dirs_exist_ok=True)
        (root / "shili" / "parking").rename(folder)
        for gone in ("procedures", "duties", "documents", "examples"):
            (folder / f"{gone}.yaml").unlink(missing_ok=True)
        text = (folder / "document.yaml").read_text("utf-8").replace(HELD, held).replace("示政办字〔2023〕5号", number)
        (folder / "document.yaml").write_text(text, "utf-8")
        (folder / "decisions.yaml").write_text(TABLE.replace("LIMIT", str(limit)), "utf-8")
    return [Span(v.label, v.first, v.last, load_folder(v.folder)) for v in line(root, "shili/parking")]


DAYS = [D(2024, 3, 1), D(2023, 3, 31), D(2024, 2, 29), None, D(2023, 4, 1), D(2024, 12, 31), D(2025, 1, 1)]
BIKES = [70, 70, 70, 70, 100, None, 70]


def table(**columns: Any) -> pa.Table:
    return pa.table({"bikes": pa.array(BIKES, pa.int64()), **columns})


def run(spans: list[Span], tmp_path: Path, made: pa.Table, column: str = "day") -> Any:
    pq.write_table(made, tmp_path / "in.parquet")
    summary, under = run_by_version(spans, "level", tmp_path / "in.parquet", tmp_path / "out.parquet", column)
    return pq.read_table(tmp_path / "out.parquet"), summary, under


def test_each_row_is_decided_by_the_version_of_its_day(spans: list[Span], tmp_path: Path) -> None:
    out, summary, under = run(spans, tmp_path, table(day=pa.array(DAYS, pa.date32())))
    assert out.column("day").to_pylist() == DAYS
    assert out.column("version").to_pylist() == ["2024", None, "2023", None, "2023", "2024", None]
    assert out.column("level").to_pylist() == ["严重", None, "一般", None, "严重", None, None]
    status = ["settled", "invalid", "settled", "invalid", "settled", "open", "invalid"]
    assert out.column("status").to_pylist() == status
    assert [r for r in out.column("reason").to_pylist() if r and "版本" in r] == [
        "2023-03-31 没有有效的版本", "“day”是空的，不知道按哪个版本", "2025-01-01 没有有效的版本",
    ]  # fmt: skip
    assert summary.status == {"settled": 3, "open": 1, "invalid": 3}
    assert summary.invalid[0] == "第 2 行，2023-03-31 没有有效的版本"
    assert under == {"2023": 2, "2024": 2}
    assert set(out.column_names) == {"bikes", "day", "level", "rule", "status", "candidates", "reason", "version"}


def test_what_reads_the_moment_reads_the_day_of_its_row_where_none_is_given(
    spans: list[Span], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = [D(2024, 3, 20), D(2024, 3, 21), D(2023, 4, 21), D(2023, 4, 20), D(2024, 3, 21)]
    made = pa.table({"bikes": pa.array([40, 40, 70, 70, 50], pa.int64()), "day": pa.array(days, pa.date32())})
    source, target = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pq.write_table(made, source)
    _, under = run_by_version(spans, "late_in_month", source, target, "day")
    assert pq.read_table(target).column("late").to_pylist() == [False, True, True, False, False]
    assert under == {"2023": 2, "2024": 3}
    run_by_version(spans, "late_in_month", source, target, "day", dt.datetime(2024, 5, 31, tzinfo=SHANGHAI))
    assert pq.read_table(target).column("late").to_pylist() == [True, True, True, True, False]
    many = [D(2023, 4, 1) + dt.timedelta(days=n) for n in range(200)]
    pq.write_table(pa.table({"bikes": [1] * 200, "day": pa.array(many, pa.date32())}), source)
    monkeypatch.setattr("gongbao.batch.by_version.MOST_DAYS", 199)
    with pytest.raises(BatchError, match="多于 199 天：请用 --on"):
        run_by_version(spans, "late_in_month", source, target, "day")


def test_what_a_killed_run_left_is_gone_after_the_next(spans: list[Span], tmp_path: Path) -> None:
    left = tmp_path / ".out.parquet.versions"
    left.mkdir()
    (left / "0-0.parquet").write_bytes(b"half")
    (tmp_path / ".out.parquet.partial").write_bytes(b"half")
    run(spans, tmp_path, table(day=pa.array(DAYS, pa.date32())))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.parquet", "out.parquet"]


def test_of_a_moment_the_day_in_shanghai_counts(spans: list[Span], tmp_path: Path) -> None:
    late = dt.datetime(2024, 2, 29, 15, 59, 59, tzinfo=dt.UTC)
    moments = pa.array([late, late + dt.timedelta(seconds=1)], pa.timestamp("us", "UTC"))
    made = pa.table({"bikes": pa.array([70, 70], pa.int64()), "at": moments, "version": pa.array(["x", "y"])})
    out, _, _ = run(spans, tmp_path, made, "at")
    assert out.column("level_version").to_pylist() == ["2023", "2024"]
    assert out.column("version").to_pylist() == ["x", "y"]


@pytest.mark.parametrize(
    ("columns", "column", "said"),
    [
        ({"day": pa.array(["2024-03-01"] * 7)}, "day", "须是日期或时刻"),
        ({"day": pa.array(DAYS, pa.date32())}, "on", "没有“on”这一列；有：bikes、day"),
        ({"day": pa.array([D(2030, 1, 1)] * 7)}, "day", "没有一天有有效的版本"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_no_file(
    spans: list[Span], tmp_path: Path, columns: Any, column: str, said: str
) -> None:
    with pytest.raises(BatchError, match=said):
        run(spans, tmp_path, table(**columns), column)
    assert [p.name for p in tmp_path.iterdir()] == ["in.parquet"]


def test_the_input_itself_and_a_csv_are_refused(spans: list[Span], tmp_path: Path) -> None:
    pq.write_table(table(day=pa.array(DAYS, pa.date32())), tmp_path / "in.parquet")
    with pytest.raises(BatchError, match="输入文件本身"):
        run_by_version(spans, "level", tmp_path / "in.parquet", tmp_path / "in.parquet", "day")
    with pytest.raises(BatchError, match="只读写 Parquet"):
        run_by_version(spans, "level", tmp_path / "in.parquet", tmp_path / "out.csv", "day")
    with pytest.raises(BatchError, match="--resume 只用于一个文件夹"):
        run_by_version(spans, "level", tmp_path / "in.parquet", tmp_path / "out.parquet", "day", resume=True)


def test_a_folder_is_decided_file_by_file_and_goes_on_where_it_stopped(spans: list[Span], tmp_path: Path) -> None:
    source, target = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    for name, at in (("a", slice(0, 4)), ("b", slice(4, 7))):
        part = pa.table({"bikes": pa.array(BIKES[at], pa.int64()), "day": pa.array(DAYS[at], pa.date32())})
        pq.write_table(part, source / f"{name}.parquet")
    whole, _, under = run(spans, tmp_path, table(day=pa.array(DAYS, pa.date32())))
    first, found = run_by_version(spans, "level", source, target, "day")
    assert found == under
    assert pa.concat_tables([pq.read_table(target / f"{n}.parquet") for n in "ab"]).to_pylist() == whole.to_pylist()
    assert first.invalid == (
        "文件 a.parquet 第 2 行，2023-03-31 没有有效的版本",
        "文件 a.parquet 第 4 行，“day”是空的，不知道按哪个版本",
        "文件 b.parquet 第 3 行，2025-01-01 没有有效的版本",
    )
    (target / "b.parquet").unlink()
    again, found = run_by_version(spans, "level", source, target, "day", resume=True)
    assert (again.kept, again.status, found) == (1, first.status, under)
    moved = [Span(s.name, s.first, s.last, s.world) for s in spans[:1]]
    other, _ = run_by_version(moved, "level", source, target, "day", resume=True)
    assert other.kept == 0, "with other versions nothing is kept"


@pytest.mark.postgres
@pytest.mark.xdist_group("postgres")
def test_on_postgresql_too(spans: list[Span], tmp_path: Path, postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGBAO_BATCH_URL", postgres)
    made, summary, under = run(spans, tmp_path, table(day=pa.array(DAYS, pa.date32())))
    there = run_by_version(spans, "level", tmp_path / "in.parquet", tmp_path / "pg.parquet", "day", engine="postgres")
    assert pq.read_table(tmp_path / "pg.parquet").to_pylist() == made.to_pylist()
    assert (there[0].status, there[0].invalid, there[1]) == (summary.status, summary.invalid, under)
