"""Options and arguments that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="以 JSON 输出")]
Packs = Annotated[
    Path | None, typer.Option("--packs", help="政策包根目录；缺省取环境变量 GONGBAO_PACKS，再取自带的 packs")
]
Gazettes = Annotated[Path, typer.Option("--gazettes", help="公报（文本、HTML、DOCX、带文字层的 PDF）所在文件夹")]
On = Annotated[str | None, typer.Option("--on", help="哪一天（年-月-日）：有几个版本时据此取有效的；缺省取最新的")]
PackOrAll = Annotated[
    str | None, typer.Argument(metavar="[PACK]", help="政策包，或其文件夹，或装有政策包的文件夹；缺省为全部")
]
PackId = Annotated[str, typer.Argument(metavar="PACK", help="政策包，如 langfang/heavy-pollution，或一个政策包文件夹")]
