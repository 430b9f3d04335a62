"""`gongbao register`: a list of a pack as its tree with counts and sums, the work of each unit, and two editions compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gongbao.cli.failure import Failure
from gongbao.cli.finding import world_of
from gongbao.cli.options import Json, On, PackId, Packs
from gongbao.cli.output import print_json, print_table

if TYPE_CHECKING:
    from gongbao.engine.register import Register
    from gongbao.engine.world import World

Name = Annotated[str, typer.Argument(metavar="REGISTER", help="清单的编号，如 outline")]


def register_show(
    pack: PackId,
    name: Name,
    by_unit: Annotated[bool, typer.Option("--by-unit", help="按交办的单位汇总")] = False,
    packs: Packs = None,
    on: On = None,
    as_json: Json = False,
) -> None:
    """清单的各级行数（与数过的、文中称的核对）、逐级汇总；--by-unit：每个单位几行、合计多少。"""
    from gongbao.engine.outline import leaves, loads, meant, tree

    world = world_of(pack, packs, on, None)
    register = _register(world, name)
    labels = {c.id: c.label for c in register.columns}
    title = register.known_by or register.key[0]
    if by_unit:
        if register.assign is None:
            raise Failure(f"清单“{register.label}”没有写交办给谁（assign）")
        number = str(world.document.get("number") or "")
        found = loads(register, register.assign.to, lambda unit: meant(world.units, unit, document=number))
        if as_json:
            print_json([{"unit": load.unit, "rows": len(load.rows), **load.sums} for load in found])
            return
        print_table(["单位", "行", *(labels[c] for c in register.sums)], [
            [load.unit, len(load.rows), *load.sums.values()] for load in found
        ])  # fmt: skip
        return
    tops = tree(register)
    if as_json:
        print_json({
            "register": register.id, "label": register.label, "rows": register.total, "groups": register.groups,
            "leaves": len(leaves(register)), "discrepancies": [str(d) for d in register.discrepancies],
            "tree": [
                {"key": node.row[register.key[0]], "title": node.row[title], "depth": node.depth, "leaves": node.leaves,
                 **node.sums}
                for top in tops for node in top.walk()
            ],
        })  # fmt: skip
        return
    groups = "，".join(f"{group} {count}" for group, count in register.groups.items())
    print(f"{register.label}：{register.total} 行{f'（{groups}）' if groups else ''}，末级 {len(leaves(register))} 行")
    for discrepancy in register.discrepancies:
        print(f"与印数不符：{discrepancy}")
    print_table(["", "末级", *(labels[c] for c in register.sums)], [
        ["　" * (node.depth - 1) + str(node.row[title]), node.leaves, *node.sums.values()]
        for top in tops for node in top.walk()
    ])  # fmt: skip


def register_diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help="旧版的政策包")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="新版的政策包")],
    name: Name,
    packs: Packs = None,
    as_json: Json = False,
) -> None:
    """同一清单两版的差别：新增、删去、改名、移动、调整次序、改动的单元格。"""
    from gongbao.engine.editions import KINDS, changes

    one, two = (_register(world_of(pack, packs, None, None), name) for pack in (old, new))
    try:
        found = changes(one, two)
    except ValueError as error:
        raise Failure(str(error)) from error
    if as_json:
        print_json(found)
        return
    rows: list[list[Any]] = []
    for change in found:
        what = f"{change.column}：{change.before or '（空）'} → {change.after or '（空）'}" if change.column else (
            f"{change.before} → {change.after}" if change.before or change.after else "")  # fmt: skip
        rows.append([KINDS[change.kind], change.title, " / ".join(change.where), what])
    print_table(["差别", "名称", "所在", "内容"], rows)
    print(f"{one.label}：{one.total} 行 → {two.total} 行，{len(found)} 处差别")


def _register(world: World, name: str) -> Register:
    if name not in world.registers:
        raise Failure(f"{world.pack} 没有清单“{name}”；有：{'、'.join(world.registers) or '无'}")
    return world.registers[name]
