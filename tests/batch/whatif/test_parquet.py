"""A Parquet file goes through as columns, piece by piece, with the same result as its rows one by one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ibis")
import pyarrow as pa
import pyarrow.parquet as pq

from gongbao.batch.run import BatchError
from gongbao.batch.whatif import parquet
from gongbao.batch.whatif.compare import simulate
from gongbao.batch.whatif.parquet import simulate_parquet
from gongbao.batch.whatif.rows import rows_of
from gongbao.policy.loader import load_folder
from gongbao.policy.settings import with_settings
from gongbao.policy.variant import variant

CREDIT = Path(__file__).parents[3] / "packs/langfang/enterprise-credit"
NOW = with_settings(load_folder(CREDIT), {"repaired_counts": "不计入"})
THREE, _ = variant(CREDIT, NOW, {"params.general_limit": "3"})
RECORDS = [
    {"name": f"企业{i}", "licence_revoked": None if i % 11 == 0 else i % 13 == 0, "general_records": -1 if i == 17 else i % 8,
     "repaired_records": 0, "serious_listed": int(i % 29 == 0), "serious_penalties": 0,
     "serious_consequence": None if i % 7 == 0 else i % 5 == 0}
    for i in range(300)
]  # fmt: skip


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "in.parquet"
    pq.write_table(pa.Table.from_pylist(RECORDS), file, row_group_size=70)
    return file


@pytest.mark.parametrize("chunk", [64, 500_000])
def test_the_result_is_that_of_the_rows(source: Path, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "CHUNK", chunk)
    target = source.with_name("out.parquet")
    found = simulate_parquet(NOW, THREE, "grade", source, target=target, name="name", examples=5)
    expected, changed = simulate(NOW, THREE, "grade", rows_of(NOW, THREE, "grade", RECORDS, name="name"), examples=5)
    assert (found.rows, found.changed, found.newly) == (300, expected.changed, expected.newly)
    assert found.outputs == expected.outputs
    assert [e.name for e in found.examples] == [e.name for e in expected.examples]
    assert (found.wrong, expected.wrong) == (1, 1)
    assert found.invalid[0].startswith("第 18 行，")
    written = pq.read_table(target).to_pylist()
    assert [r["row"] for r in written] == [c.number for c in changed]
    assert [r["after_grade"] for r in written] == [c.after.outputs.get("grade") for c in changed]


def test_what_cannot_be_run_leaves_no_file(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.parquet"
    for table, why in (
        (pa.table({"x": [1]}), "表里缺少列"),
        (pa.Table.from_pylist(RECORDS[:0], pq.read_schema(source)), "一行也没有"),
    ):
        pq.write_table(table, source)
        with pytest.raises(BatchError, match=why):
            simulate_parquet(NOW, THREE, "grade", source, target=target)
    source.write_bytes(b"PAR1 nothing")
    with pytest.raises(BatchError):
        simulate_parquet(NOW, THREE, "grade", source, target=target)
    assert not target.exists()
    assert [p.name for p in tmp_path.iterdir()] == ["in.parquet"]


def test_a_decision_that_does_not_say_columns_is_refused_here(source: Path) -> None:
    with pytest.raises(BatchError, match="columns: true"):
        simulate_parquet(NOW, THREE, "ratio", source)


def test_a_wrong_type_of_column_is_refused_as_batch_refuses_it(tmp_path: Path) -> None:
    file = tmp_path / "in.parquet"
    rows: list[dict[str, Any]] = [{**r, "general_records": 1.5} for r in RECORDS[:3]]
    pq.write_table(pa.Table.from_pylist(rows), file)
    with pytest.raises(BatchError, match="general_records（一般失信行为记录次数）应是整数列"):
        simulate_parquet(NOW, THREE, "grade", file)
