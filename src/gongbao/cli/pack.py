"""`gongbao pack`: list, show, schema, dmn."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gongbao.cli.finding import folder_of, root_of, world_of
from gongbao.cli.options import Json, On, PackId, Packs
from gongbao.cli.output import print_json, print_table
from gongbao.cli.reading import write_whole

if TYPE_CHECKING:
    pass


def pack_list(packs: Packs = None, as_json: Json = False) -> None:
    """列出全部政策包；有不能用的，说明原因，退出码为 1。"""
    from gongbao.policy.errors import PackError
    from gongbao.policy.loader import find_packs, load_folder, pack_hash, read_pack

    rows = []
    for found in find_packs(root_of(packs)):
        row: dict[str, Any] = {"id": found.id, "label": found.label, "version": pack_hash(found.folder)}
        try:
            document = read_pack(found.folder).document
            load_folder(found.folder)
        except PackError as e:
            row |= {"error": f"{len(e.problems)} 处错误：{e.problems[0]}"}
        else:
            row |= {
                "number": document.number,
                "title": document.title,
                "issuer": document.issuer,
                "in_force": {"from": document.in_force.from_, "until": document.in_force.until},
                "certified_by": document.review.certified_by,
                "error": None,
            }
        rows.append(row)
    if as_json:
        print_json(rows)
    else:
        shown = [
            [r["id"] + (f"@{r['label']}" if r["label"] else ""), r.get("number", ""), r.get("title", r.get("error", "")), r["version"][:12]]
            for r in rows
        ]  # fmt: skip
        print_table(["政策包", "文号", "标题", "版本"], shown)
    if any(r["error"] for r in rows):
        raise typer.Exit(1)


def pack_show(pack: PackId, packs: Packs = None, on: On = None, as_json: Json = False) -> None:
    """一个政策包的内容：事实与事件的 JSON Schema，判定、流程的编号。"""
    from gongbao.engine.indicator_words import shown
    from gongbao.policy.loader import pack_hash, read_source
    from gongbao.policy.publish import published

    source = read_source(folder_of(pack, packs, on))
    shape = published(source.pack, pack_hash(source.folder))
    if as_json:
        print_json(shape)
        return
    document = shape["document"]
    print(f"{document['title']}（{document['number']}）\n{document['issuer']}　{document['dated']}")
    print(shape["certificate"])
    print_table(["判定", "名称", "依据", "结果"], [
        [d["id"], d["label"], d["cite"], "、".join(d["outputs"])] for d in shape["decisions"]
    ])  # fmt: skip
    print_table(["流程", "名称", "环节"], [
        [p["id"], p["label"], "、".join(s["label"] for s in p["steps"])] for p in shape["procedures"]
    ])  # fmt: skip
    print_table(["清单", "名称", "行数"], [[r["id"], r["label"], r["rows"]] for r in shape["registers"]])
    print_table(["指标", "名称", "基期", "目标", "性质", "依据"], [
        [i["id"], i["label"], shown(i["baseline"]["value"], i["unit"]), "、".join(t["says"] for t in i["targets"]),
         i["nature"] or "", i["cite"]]
        for i in shape["indicators"]
    ])  # fmt: skip
    for sheet in shape["scoresheets"]:
        print_table([f"考核表 {sheet['id']}", "项", "满分", "依据", "怎么得分"], [
            [i["decision"], i["label"], "" if i["full"] is None else i["full"], i["cite"], i["says"]]
            for item in sheet["items"] for i in (item, *item["parts"])
        ])  # fmt: skip
        print("\n".join(f"{said}（原文如此）" for said in sheet["discrepancies"]))


def pack_schema() -> None:
    """政策包各文件的 JSON Schema。"""
    from gongbao.policy.publish import file_schemas

    print_json(file_schemas())


def pack_dmn(
    pack: PackId,
    output: Annotated[Path | None, typer.Option("--output", help="写到这个文件；缺省为标准输出")] = None,
    packs: Packs = None,
    on: On = None,
) -> None:
    """把政策包的判定画成一个 DMN 1.5 模型（XML，带图）；画不成的判定及原因写在标准错误。"""
    from gongbao.dmn import xml
    from gongbao.policy.drawing import drawn

    drawing = drawn(world_of(pack, packs, on, None))
    made = xml.write(drawing.model)
    if output is None:
        sys.stdout.buffer.write(made)
        sys.stdout.buffer.flush()
    else:
        write_whole(output, made)
    for decision, reason in drawing.refused.items():
        print(f"没有画出 {decision}：{reason}", file=sys.stderr)
