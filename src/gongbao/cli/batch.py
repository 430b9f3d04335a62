"""`gongbao batch`: one decision over a table."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gongbao.cli import law
from gongbao.cli.failure import Failure
from gongbao.cli.finding import out_of_force, with_values, world_of
from gongbao.cli.options import Json, PackId, Packs
from gongbao.cli.output import print_json, print_table, warn
from gongbao.cli.reading import day_start, known

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gongbao.batch.run import Summary
    from gongbao.engine.world import World


def batch(
    pack: PackId,
    decision: Annotated[str, typer.Argument(metavar="DECISION", help="判定的编号（须 columns: true）")],
    source: Annotated[
        Path,
        typer.Option(
            "--input", help="Parquet 或 CSV 文件（或一个文件夹的 Parquet 文件），一行一例，列名为事实的编号或名称"
        ),
    ],
    target: Annotated[Path, typer.Option("--output", help="写出的 Parquet 或 CSV 文件（或文件夹）")],
    engine: Annotated[str, typer.Option("--engine", help="计算用的引擎：duckdb、postgres 或 spark")] = "duckdb",
    any_order: Annotated[bool, typer.Option("--any-order", help="不保持行的次序，占内存更少")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="输入是文件夹时，跳过前次已写完的文件")] = False,
    on: Annotated[str | None, typer.Option("--on", help="判定之日（年-月-日）")] = None,
    date_column: Annotated[
        str | None, typer.Option("--date-column", help="各行的日期所在的列：有几个版本时，每行按它那一天有效的版本判定")
    ] = None,
    settings: Annotated[Path | None, typer.Option("--settings", help="设置的 JSON 文件")] = None,
    unit: Annotated[str | None, typer.Option("--unit", help="由哪个单位作此判定：各单位自己填的设置取它的值")] = None,
    packs: Packs = None,
    as_json: Json = False,
) -> None:
    """对一张表逐行作同一判定，写出结果、命中的规则和状态。"""
    try:
        from gongbao.batch.by_version import run_by_version
        from gongbao.batch.run import BatchError, run_parquet
    except ImportError as e:
        raise Failure(f"成批判定需要安装 gongbao[batch]（缺 {e.name}）") from None
    world = world_of(pack, packs, on, settings).for_unit(unit)
    as_of = day_start(on) if on else None
    if date_column is not None:
        spans = [replace(span, world=span.world.for_unit(unit)) for span in _spans(pack, packs, settings)]
        if any_order:
            raise Failure("--date-column 按版本分开判定后合回原来的次序，不能与 --any-order 同用")
        try:
            summary, under = run_by_version(
                spans, decision, source, target, date_column, as_of, engine=engine, resume=resume
            )
        except BatchError as e:
            raise Failure(str(e)) from None
        _tell(world, decision, summary, None, as_json, under)
        return
    known(decision, world.decisions, "判定")
    try:
        summary = run_parquet(
            world, decision, source, target, as_of=as_of, engine=engine, ordered=not any_order, resume=resume,
            told=_progress if sys.stderr.isatty() else None,
        )  # fmt: skip
    except BatchError as e:
        raise Failure(str(e)) from None
    _tell(world, decision, summary, out_of_force(world, as_of), as_json)


def _spans(pack: str, packs: Path | None, settings: Path | None) -> list[Any]:
    """The versions of a pack with the days on which they hold."""
    from gongbao.batch.by_version import Span
    from gongbao.policy.loader import load_folder

    held = [v for v in law.versions_of(pack, packs) if not v.corrected]
    if not held:
        raise Failure(
            "--date-column 按日期取版本，政策包要写编号（如 langfang/heavy-pollution），不能写文件夹或某一版本"
        )
    return [
        Span(v.label or v.document.number, v.first, v.last, with_values(load_folder(v.folder), settings)) for v in held
    ]


def _tell(
    world: World, decision: str, summary: Summary, said: str | None, as_json: bool,
    under: Mapping[str, int] | None = None,
) -> None:  # fmt: skip
    if as_json:
        versions = {} if under is None else {"versions": under}
        print_json({"pack": world.pack, "version": world.version, "decision": decision, "out_of_force": said,
                     **summary.as_dict(), **versions})  # fmt: skip
    else:
        told = "，".join(f"{k} {v}" for k, v in summary.told.items())
        print(f"{summary.rows} 行：{told}；用时 {summary.seconds:.1f} 秒")
        print_table(["结果", "行数"], [[k, v] for k, v in summary.outcomes.items()])
        for name, rows in (under or {}).items():
            print(f"版本 {name}：{rows} 行")
        warn(said)
    if summary.invalid:
        more = summary.status["invalid"] - len(summary.invalid)
        lines = [*summary.invalid, *([f"另有 {more} 行"] if more else [])]
        raise Failure(f"{summary.status['invalid']} 行的数据有误，已在输出中标为 invalid：\n  " + "\n  ".join(lines))


def _progress(share: float, file: str) -> None:
    print(f"\r{share:4.0%} {file}", end="\n" if share >= 1 else "", file=sys.stderr, flush=True)
