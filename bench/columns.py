"""A decision over a table: gongbao.batch against SQL written by hand for DuckDB, Parquet to Parquet.

    python bench/columns.py [--rows N] [--rounds N] [--only 标量,序列,日历] [--large N] [--spark N]

Three tables (bench/columns_rules.py): a scalar one (the grade of an enterprise), one over a series (runs of days), one
over a calendar (working days after and between). Both sides read the same file of generated facts, all of them known,
and write the same columns: the input, the outcome, the rule, the status; the results must be equal row by row. What the
SQL takes without the columns that tell what is not settled stands beside it. They take turns in every round, and
every second round in the other order; figures are medians over the rounds (a first one, in which the decision is compiled,
is left out), ratios those of one round. A last table shows what rows with an unknown fact cost, which gongbao decides
one by one and the SQL does not decide at all.

--large N: N rows in any order, in a process of its own whose memory is told, beside a tenth of them. --spark N: N rows
by Spark, equal to DuckDB's. OpenFisca has its own file (bench/columns_openfisca.py), as it must have its own environment.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
from columns_rules import Table, tables, write_by_hand

from gongbao.batch.run import run_parquet


def generate(table: Table, file: Path, rows: int, unknown: int = 0) -> None:
    """The rows, streamed into one file."""
    con = duckdb.connect()
    con.execute("SET preserve_insertion_order = false")
    con.execute("SET memory_limit = '1GB'")
    con.execute(f"COPY ({table.generate.format(first=0, last=rows, unknown=unknown)}) TO '{file}' (FORMAT parquet)")


def differing(table: Table, ours: Path, theirs: Path) -> int:
    told = " OR ".join(f"a.{c} IS DISTINCT FROM b.{c}" for c in (*table.outputs, "rule", "status"))
    found = duckdb.connect().execute(
        f"SELECT count(*) FROM (SELECT * FROM '{ours}') a FULL JOIN (SELECT * FROM '{theirs}') b USING (id) WHERE {told}"
    )
    return int(found.fetchall()[0][0])


def taken(what: Callable[[], object]) -> float:
    started = time.perf_counter()
    what()
    return time.perf_counter() - started


def compare(table: Table, folder: Path, rows: int, rounds: int, keep: Path | None) -> None:
    source, ours, theirs = (folder / name for name in ("facts.parquet", "ours.parquet", "hand.parquet"))
    generate(table, source, rows)
    summary = run_parquet(table.world, table.decision, source, ours)
    write_by_hand(table, source, theirs)
    assert differing(table, ours, theirs) == 0, "不相等"
    assert (summary.rows, summary.one_by_one) == (rows, 0), summary
    runs = {
        ("gongbao", True): lambda: run_parquet(table.world, table.decision, source, ours),
        ("手写 SQL", True): lambda: write_by_hand(table, source, theirs),
        ("gongbao", False): lambda: run_parquet(table.world, table.decision, source, ours, ordered=False),
        ("手写 SQL", False): lambda: write_by_hand(table, source, theirs, ordered=False),
        ("手写 SQL，不写状态各列", True): lambda: write_by_hand(table, source, theirs, bare=True),
    }
    times: dict[tuple[str, bool], list[float]] = {key: [] for key in runs}
    for i in range(rounds):
        for key in list(runs) if i % 2 == 0 else list(runs)[::-1]:
            times[key].append(taken(runs[key]))
    print(f"\n{table.name}：{rows} 行，逐行相等；{dict(summary.outcomes)}\n")
    print("| 做法 | 秒 | 行/秒 | 速度与手写 SQL 之比 |\n|---|---:|---:|---:|")
    for (who, ordered), each in times.items():
        middle = statistics.median(each)
        ratio = statistics.median(b / a for a, b in zip(each, times["手写 SQL", ordered], strict=True))
        order = "保持次序" if ordered else "不保持次序"
        print(f"| {who}，{order} | {middle:.2f} | {rows / middle:,.0f} | {ratio:.2f} |", flush=True)
    for file in (source, ours, theirs):
        shutil.move(file, keep / file.name) if keep else file.unlink()


def unknown(table: Table, folder: Path, rows: int) -> None:
    source = folder / "facts.parquet"
    generate(table, source, rows, unknown=20)
    seconds = taken(lambda: told.append(run_parquet(table.world, table.decision, source, folder / "ours.parquet")))
    print(f"\n{rows} 行、百分之二有一项未知：{seconds:.2f} 秒，其中逐行判定 {told[0].one_by_one} 行；{told[0].told}")


told: list = []


def large(table: Table, folder: Path, rows: int) -> None:
    """The rows and a tenth of them, each decided in a fresh process that tells its seconds and its most memory."""
    print(f"\n{table.name}，不保持次序，各在一个新进程里：\n\n| 行 | 秒 | 行/秒 | 内存最多 MB |\n|---:|---:|---:|---:|")
    for n in (rows // 10, rows):
        source = folder / "facts.parquet"
        generate(table, source, n)
        command = [sys.executable, __file__, "--one", table.name, str(source), str(folder / "ours.parquet")]
        made = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        assert made["rows"] == n, made
        print(f"| {n:,} | {made['seconds']:.1f} | {n / made['seconds']:,.0f} | {made['megabytes']} |", flush=True)
        source.unlink()
        (folder / "ours.parquet").unlink()


def one(name: str, source: Path, target: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (table,) = (t for t in tables(Path(folder)) if t.name == name)
        seconds = taken(lambda: told.append(run_parquet(table.world, table.decision, source, target, ordered=False)))
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"rows": told[0].rows, "seconds": seconds, "megabytes": megabytes}))


def spark(table: Table, folder: Path, rows: int) -> None:
    source, ours, theirs = (folder / name for name in ("facts.parquet", "ours.parquet", "spark.parquet"))
    generate(table, source, rows)
    run_parquet(table.world, table.decision, source, ours)
    first = taken(lambda: run_parquet(table.world, table.decision, source, theirs, engine="spark"))
    warm = taken(lambda: run_parquet(table.world, table.decision, source, theirs, engine="spark"))
    assert differing(table, ours, theirs) == 0, "不相等"
    print(f"| {table.name} | {rows:,} | {first:.1f} | {warm:.1f} | {rows / warm:,.0f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--only", default="标量,序列,日历")
    parser.add_argument("--large", type=int, default=0)
    parser.add_argument("--spark", type=int, default=0)
    parser.add_argument("--one", nargs=3)
    parser.add_argument("--keep", type=Path, help="leaves the facts and the result of the last table in this folder")
    given = parser.parse_args()
    if given.one:
        one(given.one[0], Path(given.one[1]), Path(given.one[2]))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        chosen = [t for t in tables(folder / "packs") if t.name in given.only.split(",")]
        if given.rounds:
            for table in chosen:
                compare(table, folder, given.rows, given.rounds, given.keep)
            unknown(next(t for t in tables(folder / "more") if t.name == "标量"), folder, given.rows // 100)
        if given.large:
            for table in chosen:
                large(table, folder, given.large)
        if given.spark:
            print("\n| 表 | 行 | Spark 首次秒 | 再次秒 | 行/秒 |\n|---|---:|---:|---:|---:|")
            for table in chosen:
                spark(table, folder, given.spark)


if __name__ == "__main__":
    main()
