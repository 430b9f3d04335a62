"""`gongbao`: packs, decisions, cases, deadlines, gazettes and checks from the command line.

JSON on stdout with --json, a table or text otherwise; errors on stderr with exit 1 (2 for a wrong command line). The
shapes are a contract: docs/reference/cli.md. `gongbao decide` written plainly goes straight to its work; everything
else, help and mistakes included, goes through the app (cli.commands), which takes ten times as long to import.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, NoReturn

from gongbao.policy import place


def __getattr__(name: str) -> Any:
    if name == "app":
        from gongbao.cli.commands import app

        return app
    raise AttributeError(name)


def main() -> NoReturn:
    """The entry point: every error of the input is one message, never a traceback."""
    place.keep_in(cache_folder(os.environ))
    try:
        if sys.argv[1:2] != ["decide"] or not decided(sys.argv[2:]):
            from gongbao.cli.commands import app

            app(prog_name="gongbao")
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except Exception as e:
        if not _is_of_the_input(e):
            raise
        fail(str(e))
    sys.exit(0)


def cache_folder(environ: Any) -> Path | None:
    """Where compiled packs are kept: GONGBAO_CACHE (empty: nowhere), else the user's folder for such things."""
    if (named := environ.get("GONGBAO_CACHE")) is not None:
        return Path(named) if named else None
    base = environ.get("XDG_CACHE_HOME") or (environ.get("HOME") and os.path.join(environ["HOME"], ".cache"))
    return Path(base) / "gongbao" / "packs" if base and os.path.isabs(base) else None


_OPTIONS = {"--facts": "facts", "--on": "on", "--settings": "settings", "--unit": "unit", "--packs": "packs"}


def decided(arguments: list[str]) -> bool:
    """Runs `decide` with these arguments if they are its two names and known options, each with its value and once."""
    given: dict[str, str] = {}
    names: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        name = _OPTIONS.get(argument, "as_json" if argument == "--json" else "")
        value = next(waiting, "-?") if argument in _OPTIONS else argument
        if name in given or (name != "as_json" and value.startswith("-") and value != "-"):
            return False
        if name:
            given[name] = value
        else:
            names.append(argument)
    if len(names) != 2 or "facts" not in given:
        return False
    from gongbao.cli.deciding import decide

    settings, packs = given.get("settings"), Path(given["packs"]) if "packs" in given else None
    unit, as_json = given.get("unit"), "as_json" in given
    pack, decision = names
    decide(pack, decision, given["facts"], given.get("on"), settings=settings, unit=unit, packs=packs, as_json=as_json)
    return True


def _is_of_the_input(error: Exception) -> bool:
    from gongbao.cli.failure import Failure
    from gongbao.dmn import DmnError
    from gongbao.feel.errors import FeelError
    from gongbao.gazette.text import GazetteError
    from gongbao.policy.errors import PackError

    return isinstance(error, (Failure, PackError, GazetteError, FeelError, DmnError))


def fail(text: str) -> NoReturn:
    print(f"错误：{text}", file=sys.stderr)
    sys.exit(1)
