"""`gongbao indicator`: a plan's indicators judged by their observations on a day."""

from __future__ import annotations

import csv
import datetime as dt
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gongbao.cli import law
from gongbao.cli.failure import Failure
from gongbao.cli.finding import certificate, out_of_force
from gongbao.cli.options import Json, PackId, Packs
from gongbao.cli.output import print_json, print_table, warn
from gongbao.cli.reading import MAX_INPUT, day, read_json

if TYPE_CHECKING:
    from gongbao.engine.indicator_judge import Judged
    from gongbao.engine.world import World

_TODAY = "判定之日（年-月-日）：只看到这一天为止报来的数值；缺省为数值里最晚的时期之末"


def indicator_command(
    pack: PackId,
    observations: Annotated[
        str,
        typer.Option("--observations", help="指标数值的 JSON（列表）或 CSV 文件，- 为标准输入的 JSON，也可直接写 […]"),
    ],
    on: Annotated[str | None, typer.Option("--on", help=_TODAY)] = None,
    settings: Annotated[str | None, typer.Option("--settings", help="设置的 JSON 文件或 {…}")] = None,
    receipts: Annotated[bool, typer.Option("--receipts", help="JSON 里附上每项判定的凭据")] = False,
    packs: Packs = None,
    as_json: Json = False,
) -> None:
    """按报来的数值判每项指标：达标、未达标、在轨、落后、推进中、无数据、需人工判定，和为什么。"""
    from gongbao.engine.indicator_judge import evaluate
    from gongbao.engine.indicator_observations import Book
    from gongbao.engine.indicator_reading import ObservationErrors, read_observations
    from gongbao.engine.indicator_words import counts, judged_as_dict
    from gongbao.engine.receipt import make_receipt

    as_of = law.start(on)
    world, version = law.picked(pack, packs, settings, occurred_at=as_of)
    if not world.indicators:
        raise Failure(f"《{world.document['title']}》的政策包里没有指标")
    rows = read_rows(observations)
    try:
        read = read_observations(rows, [world])
    except ObservationErrors as errors:
        details = [{"row": e.row, "field": e.field, "value": e.value, "message": e.message} for e in errors.items]
        raise Failure(str(errors), details) from None
    until = day(on) if on else max((one.period.end for one in read), default=dt.date(1900, 1, 1))
    book = Book.of(read, until if on else None)
    found = list(evaluate([world], book, until))
    law_day = until if on else None
    if as_json:
        shown = []
        for one in found:
            made = judged_as_dict(world, one, book)
            if receipts:
                made["receipts"] = [
                    make_receipt(world, outcome, outcome.scope).to_dict()
                    for result in one.results for outcome in (result.outcome, result.progress) if outcome is not None
                ]  # fmt: skip
            shown.append(made)
        print_json({
            "pack": world.pack, "version": world.version, "on": until, "certificate": certificate(world),
            "out_of_force": out_of_force(world, law_day), "law": law.as_data(world, version, until),
            "observations": len(read), "counts": counts(found), "indicators": shown,
        })  # fmt: skip
        return
    print(
        f"{world.document['title']}（{world.document['number']}），{until}，版本 {world.version[:12]}，{certificate(world)}"
    )
    print("　".join(f"{status} {number}" for status, number in counts(found).items()))
    print_table(["指标", "名称", "对象", "目标", "年度", "数值", "结论", "说明"], [_row(world, one) for one in found])
    warn(out_of_force(world, law_day))


def _row(world: World, one: Judged) -> list[Any]:
    from gongbao.engine.indicator_words import said_of, shown

    result = one.results[0]
    unit = one.indicator.unit
    target = "；".join(said_of(one.indicator, each.target, dated=True) for each in one.results)
    reason = "；".join(dict.fromkeys(each.reason for each in one.results if each.reason))
    if result.per_year is not None:
        reason = f"{reason}；今后每年还须变化 {shown(result.per_year, unit)}".lstrip("；")
    if result.needed is not None and result.gap is not None:
        fact = world.facts[one.indicator.ratio.num] if one.indicator.ratio else None
        reason = f"{reason}；达到目标须有{fact.label} {shown(result.needed)}".lstrip("；") if fact else reason
    return [one.indicator.id, one.indicator.label, one.subject or "全市", target, result.year or "",
            shown(result.value, unit), one.status, reason]  # fmt: skip


def read_rows(name: str) -> list[Any]:
    """The rows of a JSON list, or of a CSV file with a heading."""
    if name.lower().endswith(".csv"):
        path = Path(name)
        if not path.is_file():
            raise Failure(f"没有这个文件：{name}")
        if path.stat().st_size > MAX_INPUT:
            raise Failure(f"{name}：文件过大，上限 {MAX_INPUT:,} 字节")
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise Failure(f"{name}：不是 UTF-8 文本") from None
        csv.field_size_limit(min(sys.maxsize, MAX_INPUT))
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        for number, row in enumerate(rows, 1):
            if None in row:
                raise Failure(f"{name} 第 {number} 行：比表头多出 {len(row[None])} 格")
        return [{key: value for key, value in row.items() if value is not None} for row in rows]
    rows = read_json(name)
    if not isinstance(rows, list):
        raise Failure('指标数值应是一个列表，如 [{"indicator": "3", "period": "2025", "value": 9.8}]')
    return rows
