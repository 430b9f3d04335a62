"""`gongbao decide` and `gongbao receipt verify`: one decision, and the same one computed again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gongbao.cli import deciding
from gongbao.cli.failure import Failure, or_fail
from gongbao.cli.finding import receipt_world
from gongbao.cli.options import Json, PackId, Packs
from gongbao.cli.output import plain, print_json
from gongbao.cli.reading import mapping, read_json

if TYPE_CHECKING:
    from gongbao.engine.receipt import Difference


def decide(
    pack: PackId,
    decision: Annotated[str, typer.Argument(metavar="DECISION", help="判定的编号")],
    facts: Annotated[
        str, typer.Option("--facts", help="事实的 JSON 文件，- 为标准输入，也可直接写 {…}；键为编号或名称")
    ],
    on: Annotated[
        str | None,
        typer.Option(
            "--on",
            help="判定之日（年-月-日），也是 as_of；有几个版本时，文件写明的日期（事件之日等）没有给出就以它取版本",
        ),
    ] = None,
    settings: Annotated[
        str | None, typer.Option("--settings", help="设置的 JSON 文件或 {…}；各单位自填的可写成 {设置: {单位: 值}}")
    ] = None,
    unit: Annotated[str | None, typer.Option("--unit", help="由哪个单位作此判定：取它自己填的设置")] = None,
    packs: Packs = None,
    as_json: Json = False,
) -> None:
    """作一次判定：结果或候选、要问的事实、依据和版本。"""
    deciding.decide(pack, decision, facts, on, settings=settings, unit=unit, packs=packs, as_json=as_json)


def receipt_verify(
    file: Annotated[str, typer.Argument(metavar="FILE", help="判定凭据的 JSON 文件，- 为标准输入")],
    packs: Packs = None,
    as_json: Json = False,
) -> None:
    """按凭据重新计算一次，核对结果与版本。不符时退出码为 1；只有单位表变了而结果和依据不变的，作附注。"""
    from gongbao.engine.receipt import receipt_from, verify_receipt

    raw = mapping(read_json(file), "凭据")
    held = raw.get("receipt", raw)  # the output of `decide --json` holds its receipt
    pack = held.get("pack") if isinstance(held, dict) else None
    if not isinstance(pack, str):
        raise Failure("凭据里没有 pack（政策包）")
    world = receipt_world(pack, str(held.get("version", "")), packs)
    receipt = or_fail(lambda: receipt_from(held))
    found = or_fail(lambda: verify_receipt(receipt, world))
    differences, notes = [d for d in found if not d.noted], [d for d in found if d.noted]
    wrong = [d for d in differences if not d.erased]
    if as_json:
        print_json({"ok": not wrong, "pack": world.pack, "version": world.version,
                     "decision": receipt.decision, "differences": [_told(d) for d in differences],
                     "notes": [_told(d) for d in notes]})  # fmt: skip
    else:
        word = "不符" if wrong else "其余相符" if differences else "相符"
        print(f"{word}：{receipt.pack} {receipt.decision}，版本 {receipt.version[:12]}")
        if world.version != receipt.version:
            print("  这里没有凭据所记的版本，按现有版本核对")
        for each in (*differences, *notes):
            print(f"  {each}")
    if wrong:
        raise typer.Exit(1)


def _told(found: Difference) -> dict[str, Any]:
    """A difference or note as JSON; which of the two it is, the list says that it stands in."""
    return {name: value for name, value in plain(found).items() if name != "noted"}
