"""`gongbao decide` and `gongbao receipt verify`: one decision, and the same one computed again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gongbao.cli import law
from gongbao.cli.failure import Failure, or_fail
from gongbao.cli.finding import certificate, out_of_force, receipt_world
from gongbao.cli.options import Json, PackId, Packs
from gongbao.cli.output import plain, print_json, warn
from gongbao.cli.reading import known, mapping, read_json

if TYPE_CHECKING:
    pass


def decide(
    pack: PackId,
    decision: Annotated[str, typer.Argument(metavar="DECISION", help="判定的编号")],
    facts: Annotated[str, typer.Option("--facts", help="事实的 JSON 文件，- 为标准输入；键为编号或名称")],
    on: Annotated[
        str | None,
        typer.Option(
            "--on",
            help="判定之日（年-月-日），也是 as_of；有几个版本时，文件写明的日期（事件之日等）没有给出就以它取版本",
        ),
    ] = None,
    settings: Annotated[
        Path | None, typer.Option("--settings", help="设置的 JSON 文件；各单位自填的可写成 {设置: {单位: 值}}")
    ] = None,
    unit: Annotated[str | None, typer.Option("--unit", help="由哪个单位作此判定：取它自己填的设置")] = None,
    packs: Packs = None,
    as_json: Json = False,
) -> None:
    """作一次判定：结果或候选、要问的事实、依据和版本。"""
    from gongbao.engine.decision.decide import decide as decide_one
    from gongbao.engine.decision.trace import as_dict, explain
    from gongbao.engine.fact import read_facts
    from gongbao.engine.receipt import make_receipt

    given, as_of = mapping(read_json(facts), "事实"), law.start(on)
    world, version = law.picked(pack, packs, settings, occurred_at=as_of, given=given)
    day = version.day if version is not None else as_of and as_of.date()
    known(decision, world.decisions, "判定")
    if unit is not None:
        known(unit, {name: each for each in world.units.units.values() for name in each.names}, "单位")
    read = or_fail(lambda: read_facts(world.facts, given))
    outcome = or_fail(lambda: decide_one(world, decision, read, as_of=as_of, unit=unit))
    if as_json:
        shown = {**as_dict(outcome), "certificate": certificate(world), "out_of_force": out_of_force(world, day),
                 "law": law.as_data(world, version, day)}  # fmt: skip
        print_json({**shown, "receipt": make_receipt(world, outcome, read).to_dict()})
        return
    print(explain(outcome))
    print(f"{world.document['title']}（{world.document['number']}），版本 {world.version[:12]}，{certificate(world)}")
    if said := law.in_words(world, version):
        print(said)
    warn(out_of_force(world, day))


def receipt_verify(
    file: Annotated[str, typer.Argument(metavar="FILE", help="判定凭据的 JSON 文件，- 为标准输入")],
    packs: Packs = None,
    as_json: Json = False,
) -> None:
    """按凭据重新计算一次，核对结果与版本。不符时退出码为 1。"""
    from gongbao.engine.receipt import receipt_from, verify_receipt

    raw = mapping(read_json(file), "凭据")
    held = raw.get("receipt", raw)  # the output of `decide --json` holds its receipt
    pack = held.get("pack") if isinstance(held, dict) else None
    if not isinstance(pack, str):
        raise Failure("凭据里没有 pack（政策包）")
    world = receipt_world(pack, str(held.get("version", "")), packs)
    receipt = or_fail(lambda: receipt_from(held))
    differences = or_fail(lambda: verify_receipt(receipt, world))
    wrong = [d for d in differences if not d.erased]
    if as_json:
        print_json({"ok": not wrong, "pack": world.pack, "version": world.version,
                     "decision": receipt.decision, "differences": [plain(d) for d in differences]})  # fmt: skip
    else:
        word = "不符" if wrong else "其余相符" if differences else "相符"
        print(f"{word}：{receipt.pack} {receipt.decision}，版本 {receipt.version[:12]}")
        for difference in differences:
            print(f"  {difference}")
    if wrong:
        raise typer.Exit(1)
