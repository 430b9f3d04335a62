"""Makes one site ready in a process of its own: tables, packs, gazettes, demonstration; prints what it does.

`python -m gongbao.office.demo.prepare [--empty] [--began UNIX_TIME]`, with the environment of the site. What is
ready is left in `up.json` of the site's folder, from which bin/up tells it at the next start without loading anything.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from gongbao.office.progress import Teller


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--empty", action="store_true")
    options.add_argument("--began", type=float, default=None)
    given = options.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongbao.office.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    site = settings.GONGBAO_SITE

    say = Teller(f"  [{site}] ")
    for alias in ("default", "exchange"):
        call_command("migrate", database=alias, verbosity=0, interactive=False)
    from gongbao.office import exercise

    exercise.check_database()
    say("数据库表已就绪")
    ready: dict[str, Any] = {"site": site, "empty": given.empty, "demonstration": {}, "waiting": []}
    if not given.empty:
        from gongbao.office.demo import fill
        from gongbao.office.demo.size import size

        ready["demonstration"], ready["waiting"] = fill.fill(site, size(), given.began or time.time(), say)
    if exercise.here():
        from gongbao.office.drills import clearing, running

        if running.current() is None:
            say(f"由办公台带来 {clearing.bring_over().get('people.Account', 0)} 个账号")
    ready["packs"] = _packs(say)
    ready["gazettes"] = _gazettes(say)
    ready["accounts"] = _accounts()
    say.done()
    Path(settings.GONGBAO_HOME, "up.json").write_text(json.dumps(ready, ensure_ascii=False, indent=1), encoding="utf-8")
    return 0


def _packs(say: Teller) -> list[dict[str, str]]:
    """Load every pack; one that cannot be loaded is told, and does not keep the others from work."""
    from gongbao.office import worlds
    from gongbao.policy.errors import PackError

    found: list[dict[str, str]] = []
    at = say.counting("装入政策包", len(worlds.pack_ids()))
    for pack in worlds.pack_ids():
        at(len(found))
        try:
            world = worlds.world(pack)
        except PackError as error:
            say(f"政策包 {pack} 不能用：{error}")
            found.append({"pack": pack, "error": str(error)})
            continue
        empty = sum(setting.value is None for setting in world.settings.values())
        document = world.document
        found.append({
            "pack": pack, "number": str(document.get("number") or ""), "title": str(document.get("title") or ""),
            "what": f"{len(world.decisions)} 项判定、{len(world.procedures)} 个程序、{len(world.duties)} 项职责"
                    + (f"，{empty} 项设置待填" if empty else ""),
        })  # fmt: skip
    return found


def _gazettes(say: Teller) -> dict[str, Any]:
    from gongbao.office import gazettes

    library = gazettes.library(lambda files: say.counting("读公报", files))
    for name, reason in gazettes.refused().items():
        say(f"公报 {name} 读不了：{reason}")
    return {
        "files": len(library.gazettes), "documents": sum(len(g.documents) for g in library.gazettes),
        "folders": [str(folder) for folder in gazettes.folders()], "refused": gazettes.refused(),
    }  # fmt: skip


def _accounts() -> list[dict[str, Any]]:
    from django.conf import settings

    from gongbao.office import exercise
    from gongbao.office.demo.people import people
    from gongbao.office.people.models import Account

    desks = {p.username: p.desk for p in people("12345" if exercise.here() else settings.GONGBAO_SITE)}
    order = list(desks)
    rows = Account.objects.filter(demonstration=True, is_active=True)
    return sorted(
        (
            {
                "desk": desks.get(a.username, ""),
                "name": a.name,
                "unit": a.unit,
                "roles": list(a.roles),
                "username": a.username,
            }
            for a in rows
        ),
        key=lambda a: order.index(a["username"]) if a["username"] in desks else len(order),
    )


if __name__ == "__main__":
    sys.exit(main())
