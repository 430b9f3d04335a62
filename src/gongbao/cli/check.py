"""`gongbao check`, `verify`, `coverage`: a pack by itself, and against the gazette."""

from __future__ import annotations

import gc
import sys
import time
from typing import Annotated

import typer

from gongbao.cli.failure import Failure
from gongbao.cli.finding import folder_of, folders_of, id_of
from gongbao.cli.options import Gazettes, Json, PackId, PackOrAll, Packs
from gongbao.cli.output import print_json

_POLL = 0.3  # seconds between two looks at the files


def check(
    pack: PackOrAll = None,
    packs: Packs = None,
    as_json: Json = False,
    watch: Annotated[bool, typer.Option("--watch", help="保存文件后重新检查改动的政策包，按 Ctrl-C 结束")] = False,
) -> None:
    """检查政策包：格式、名字、种类、环节、每条规则与门槛的样例、空缺与重叠、没有样例察觉的改动。有错误时退出码为 1。"""
    from gongbao.policy.report import Report
    from gongbao.policy.reports import Stopped, reports

    def told(found: list[Report]) -> None:
        if as_json:
            print_json([r.as_dict() for r in found])
            return
        for report in found:
            for problem in report.problems:
                mark = "" if problem.level == "error" else "（提醒）"
                print(f"{report.pack}/{problem}{mark}")
            summary = (
                f"{report.examples} 个样例，{report.rules} 条规则，{report.thresholds} 个门槛，{report.mutants} 处改动"
            )
            print(f"{report.pack}：{'未通过' if report.errors else '通过'}，{len(report.errors)} 处错误，"
                  f"{len(report.warnings)} 处提醒；{summary}")  # fmt: skip

    folders = folders_of(pack, packs)
    if watch:
        from gongbao.policy.check import check_folder
        from gongbao.policy.rechecking import LastLook
        from gongbao.policy.watch import saved

        last = {folder: LastLook() for folder in folders}
        try:
            for changed in saved(folders, lambda: time.sleep(_POLL)):
                told([check_folder(folder, last[folder]) for folder in changed])
                sys.stdout.flush()
        except KeyboardInterrupt:
            return
    gc.set_threshold(100_000, 50, 1000)  # a sixth less time: a check makes much, and hardly any of it in circles
    try:
        found = reports(folders)
    except Stopped as error:
        raise Failure(str(error)) from None
    told(found)
    if any(r.errors for r in found):
        raise typer.Exit(1)


def verify(
    gazettes: Gazettes,
    pack: PackOrAll = None,
    packs: Packs = None,
    as_json: Json = False,
) -> None:
    """与公报核对：每处引用都有那一条，每个数字都照印，清单逐行相同。有不符时退出码为 1。"""
    from gongbao.policy.errors import PackError
    from gongbao.policy.loader import read_source
    from gongbao.policy.verify import read_gazettes, unreadable
    from gongbao.policy.verify import verify as verify_one

    printed = read_gazettes(gazettes)
    results = []
    for folder in folders_of(pack, packs):
        try:
            results.append(verify_one(read_source(folder), printed))
        except PackError as e:
            results.append(unreadable(id_of(folder), e))
    if as_json:
        print_json([r.as_dict() for r in results])
    else:
        for result in results:
            if result.house:
                print(f"{result.pack}：{result.number}，没有公报可以核对")
                continue
            for problem in result.problems:
                print(f"{result.pack}/{problem}")
            for said in result.discrepancies:
                print(f"{result.pack}/scoresheets.yaml：{said}（原文如此）")
            print(f"{result.pack}：{'相符' if result.verified else '不符'}，引用 {result.citations} 处，数字 "
                  f"{result.figures} 个，清单 {result.rows} 行，隐含 {len(result.implied)} 处，"
                  f"编写人所加 {len(result.added)} 处，不符 {len(result.problems)} 处")  # fmt: skip
    if not all(r.verified for r in results):
        raise typer.Exit(1)


def coverage(pack: PackId, gazettes: Gazettes, packs: Packs = None, as_json: Json = False) -> None:
    """文件里还没有规则站立其上的条款和数字。"""
    from gongbao.policy.coverage import coverage as cover
    from gongbao.policy.loader import read_source
    from gongbao.policy.verify import read_gazettes

    source = read_source(folder_of(pack, packs, None))
    if source.pack.document.kind == "house":
        told = {"pack": source.pack.id, "house": True}
        print_json(told) if as_json else print(f"{source.pack.id}：{source.pack.document.number}，没有公报可以核对")
        return
    result = cover(source, read_gazettes(gazettes))
    if as_json:
        print_json(result.as_dict())
        return
    print(f"条款 {result.clauses} 条，覆盖 {result.clause_share}%（其中声明不成规则 {result.set_aside} 条）")
    for cite, begins in result.open_clauses:
        print(f"  未覆盖 {cite}：{begins}…")
    print(f"数字 {result.figures} 个，用到 {result.figure_share}%")
    for cite, figure in result.open_figures:
        print(f"  未用 {cite}：{figure}")
