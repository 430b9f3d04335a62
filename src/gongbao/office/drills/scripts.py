"""The scripts that can be played: those of every pack that is here, and why one cannot be read."""

from __future__ import annotations

from gongbao.engine.world import World
from gongbao.office import worlds
from gongbao.policy.drills import Script, scripts
from gongbao.policy.errors import PackError


def of_packs() -> tuple[list[tuple[World, Script]], dict[str, str]]:
    """Every script with its pack's world, and the packs of whose scripts one is wrong: pack -> the first mistake."""
    found: list[tuple[World, Script]] = []
    wrong: dict[str, str] = {}
    for world in worlds.loaded():
        try:
            found += [(world, script) for script in scripts(worlds.folder(world.pack), world).values()]
        except PackError as error:
            wrong[world.pack] = str(error.problems[0])
    return found, wrong


def find(pack: str, name: str) -> tuple[World, Script]:
    """LookupError names the scripts there are."""
    found, _ = of_packs()
    made = next(((w, s) for w, s in found if (w.pack, s.id) == (pack, name)), None)
    if made is None:
        known = "、".join(f"{w.pack}/{s.id}" for w, s in found) or "无"
        raise LookupError(f"没有演练脚本“{pack}/{name}”；现有：{known}")
    return made
