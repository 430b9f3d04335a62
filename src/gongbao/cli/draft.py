"""`gongbao draft`: a draft pack of a document of the loaded gazettes, printed for a person to finish."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer


def draft(
    document: Annotated[str, typer.Argument(metavar="DOCUMENT", help="文号或标题，如 廊政办字〔2022〕60号")],
    gazettes: Annotated[
        Path | None, typer.Option("--gazettes", help="公报所在文件夹；缺省取环境变量 GONGBAO_GAZETTES")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出，清单带全部行")] = False,
) -> None:
    """由一份文件起草政策包：任务、时限、数字、指标、清单和引用，标“需核对”处由人看。"""
    from gongbao.cli.output import dumps
    from gongbao.gazette.library import Library
    from gongbao.gazette.text import GazetteError
    from gongbao.policy.draft import draft as make
    from gongbao.policy.draft import to_yaml

    folder = gazettes or (Path(found) if (found := os.environ.get("GONGBAO_GAZETTES")) else None)
    if folder is None:
        raise GazetteError("没有指明公报：用 --gazettes 文件夹，或设环境变量 GONGBAO_GAZETTES。")
    made = make(Library.read([folder]).lookup(document))
    print(dumps(made.as_dict()) if as_json else to_yaml(made), end="\n" if as_json else "")
