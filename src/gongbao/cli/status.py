"""`gongbao gazette status`: what the gazettes say of one document's legal status on a day, and of what it refers to."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from gongbao.gazette.references import Act, References


def gazette_status(
    document: Annotated[str, typer.Argument(metavar="DOCUMENT", help="文号或标题；公报没有印、只提到的文件也可以")],
    gazettes: Annotated[Path, typer.Option("--gazettes", metavar="DIR", help="公报所在文件夹")],
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="哪一天的效力，如 2023-06-30；缺省只列时间线")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False,
) -> None:
    """一份文件某日是否有效、依据哪一条，时间线，引用了什么、被什么引用。"""
    from gongbao.cli.output import dumps
    from gongbao.gazette.library import Library
    from gongbao.gazette.references import references
    from gongbao.gazette.status import lives, status
    from gongbao.gazette.text import GazetteError

    day = None
    if on is not None:
        try:
            day = date.fromisoformat(on)
        except ValueError as error:
            raise GazetteError(f"--on：日期“{on}”不对；写法如 2023-06-30。") from error
    documents = Library.read([gazettes]).documents
    found = references(documents)
    act = _act(document, found)
    life = lives(documents)[act.key]
    said = status(life, day) if day else None
    events = [
        {"day": e.day, "kind": e.kind, "words": e.words, "assumed": e.assumed,
         "source": e.source and (e.source.number or e.source.title), "locator": e.locator}
        for e in life.events
    ]  # fmt: skip
    cites = [
        {"relation": r.relation, "title": r.act.title, "number": r.act.number, "loaded": r.target is not None,
         "by": r.by, "locator": r.locator, "line": r.line}
        for r in (found.of(act.document) if act.document else ()) if not r.within
    ]  # fmt: skip
    cited_by = [
        {"relation": r.relation, "title": r.source.title, "number": r.source.number, "locator": r.locator, "line": r.line}
        for r in found.to(act)
    ]  # fmt: skip
    if as_json:
        told: dict[str, Any] | None = None
        if said is not None:
            told = {"state": said.state, "words": said.words, "on": said.on, "reason": said.reason,
                    "assumed": said.assumed, "trial": said.trial, "until": said.until}  # fmt: skip
        print(dumps({"title": act.title, "number": act.number or None, "loaded": act.document is not None, "status": told,
                     "timeline": events, "cites": cites, "cited_by": cited_by}))  # fmt: skip
        return
    print(act.name)
    if said:
        print(f"  {said.on} {said.words}{'（推定）' if said.assumed else ''}：{said.reason}")
    for e in events:
        print(f"  {e['day']} {e['words']}{'（推定）' if e['assumed'] else ''}　{e['source'] or ''} {e['locator']}")
    print(f"  引用 {len(cites)} 处，被引用 {len(cited_by)} 处")


def _act(asked: str, found: References) -> Act:
    """The one act meant: by number, else by title or part of it. GazetteError names the near ones."""
    from gongbao.gazette.documents import asked_number, number_key
    from gongbao.gazette.text import GazetteError, squeeze

    wanted = squeeze(asked).strip("《》")
    if asked_number(asked):
        key = number_key(asked)
        near = [a for a in found.acts if a.number and number_key(a.number) == key]
    else:
        exact = [a for a in found.acts if squeeze(a.title) == wanted]
        near = exact or [a for a in found.acts if wanted in squeeze(a.title)]
        near = [a for a in near if a.document is not None] or near
    if len(near) == 1:
        return near[0]
    if not near:
        raise GazetteError(f"公报里没有印出也没有提到“{asked}”。")
    raise GazetteError(f"“{asked}”对应{len(near)}份文件：{'、'.join(a.name for a in near[:5])}。请写全文号或标题。")
