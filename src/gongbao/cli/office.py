"""`gongbao worker`: the background of the office."""

from __future__ import annotations

from typing import Annotated

import typer


def worker(
    once: Annotated[bool, typer.Option("--once", help="只做一轮就停")] = False,
) -> None:
    """办公系统的后台：到期提醒、两台之间的交换、日终摘要（需要 gongbao\\[office]）。"""
    from gongbao.office.__main__ import run

    run(["worker", *(["--once"] if once else [])])
