"""The grade of a million enterprises: gongbao.batch against SQL written by hand for DuckDB, Parquet to Parquet.

    python bench/columns.py [--rows N] [--rounds N]

Both read the same file of generated facts, all of them known, and write grade and row; the results must be equal row by
row. They take turns in every round; figures are medians over the rounds (a first one, in which the decision is compiled, is
left out), ratios those of one round. A second table then shows what rows with an unknown fact
cost, which gongbao decides one by one and the SQL does not decide at all.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import tempfile
import time
from pathlib import Path

import duckdb

from gongbao.batch.run import run_parquet
from gongbao.policy.loader import load_folder

ROOT = Path(__file__).parents[1]
GENERATE = """
COPY (SELECT i AS id, h % 97 = 0 AS licence_revoked, CASE WHEN h % 5 < 3 THEN 0 ELSE h // 7 % 9 END AS general_records,
      CASE WHEN h % 11 = 0 THEN 1 ELSE 0 END AS repaired_records, CASE WHEN h // 13 % 80 = 0 THEN 1 ELSE 0 END AS serious_listed,
      CASE WHEN h // 17 % 60 = 0 THEN 1 ELSE 0 END AS serious_penalties,
      CASE WHEN {unknown} > 0 AND h // 19 % 1000 < {unknown} THEN NULL ELSE false END AS serious_consequence
      FROM (SELECT i, CAST(hash(i) % 1000000007 AS BIGINT) AS h FROM range({rows}) t(i))) TO '{file}' (FORMAT parquet)
"""
BY_HAND = """
COPY (SELECT *, CASE WHEN licence_revoked THEN 'D' WHEN serious > 0 OR counted > 5 THEN 'C'
                     WHEN counted > 0 THEN CASE WHEN serious_consequence THEN NULL ELSE 'B' END ELSE 'A' END AS grade,
      CASE WHEN licence_revoked THEN 1 WHEN serious > 0 THEN 2 WHEN counted > 5 THEN 3
           WHEN counted > 0 THEN CASE WHEN serious_consequence THEN 5 ELSE 4 END ELSE 6 END AS rule
      FROM (SELECT *, general_records AS counted, serious_listed + serious_penalties AS serious FROM '{source}'))
TO '{target}' (FORMAT parquet)
"""


def by_hand(source: Path, target: Path) -> float:
    started = time.perf_counter()
    duckdb.connect().execute(BY_HAND.format(source=source, target=target))
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    world = load_folder(ROOT / "packs" / "langfang" / "enterprise-credit").with_settings({"repaired_counts": "不计入"})
    with tempfile.TemporaryDirectory() as folder:
        source, ours, theirs = (Path(folder) / name for name in ("facts.parquet", "ours.parquet", "hand.parquet"))
        duckdb.connect().execute(GENERATE.format(rows=given.rows, unknown=0, file=source))
        loose, kept, hand = [], [], []
        run_parquet(world, "grade", source, ours)
        for _ in range(given.rounds):
            for times, ordered in ((loose, False), (kept, True)):
                started = time.perf_counter()
                summary = run_parquet(world, "grade", source, ours, ordered=ordered)
                times.append(time.perf_counter() - started)
            hand.append(by_hand(source, theirs))
        differ = (
            duckdb.connect()
            .execute(
                f"SELECT count(*) FROM '{ours}' a JOIN '{theirs}' b USING (id) WHERE a.grade IS DISTINCT FROM b.grade OR a.rule IS DISTINCT FROM b.rule"
            )
            .fetchone()
        )
        assert differ == (0,), f"{differ} 行不同"
        assert summary.rows == given.rows, summary
        assert summary.one_by_one == 0, summary
        print(f"{given.rows} 行，逐行相等；等级：{dict(summary.outcomes)}\n")
        print("| 做法 | 秒 | 行/秒 | 与手写 SQL 之比 |\n|---|---:|---:|---:|")
        for name, times in (
            ("gongbao.batch，保持次序", kept),
            ("gongbao.batch，不保持次序", loose),
            ("手写 SQL", hand),
        ):
            middle = statistics.median(times)
            ratio = statistics.median(a / b for a, b in zip(times, hand, strict=True))
            print(f"| {name} | {middle:.2f} | {given.rows / middle:,.0f} | {ratio:.2f} |")
        print(f"\n内存最多 {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")
        duckdb.connect().execute(GENERATE.format(rows=given.rows // 100, unknown=20, file=source))
        started = time.perf_counter()
        summary = run_parquet(world, "grade", source, ours)
        print(f"\n{given.rows // 100} 行、百分之二有一项未知：{time.perf_counter() - started:.2f} 秒，"
              f"其中逐行判定 {summary.one_by_one} 行；{summary.told}")  # fmt: skip


if __name__ == "__main__":
    main()
