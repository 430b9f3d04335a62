"""The office's own rule of supervision: which pack it is, and what the supervision office has set in it."""

from __future__ import annotations

from functools import lru_cache

from gongbao.engine.world import World
from gongbao.office import worlds

MATTER, PART = "matter", "part"


def pack_id() -> str | None:
    """The pack with the procedures of matters and parts; None where no such pack is here."""
    for pack in worlds.pack_ids():
        if worlds.is_loaded(pack) and _is_rule(pack, worlds.current_version(pack)):
            return pack
    return None


def find() -> World | None:
    pack = pack_id()
    return None if pack is None else worlds.world(pack)


@lru_cache(maxsize=512)
def _is_rule(pack: str, version: str) -> bool:
    world = worlds.world(pack, version)
    return world.house and {MATTER, PART} <= set(world.procedures)


def days(world: World | None, name: str) -> int | None:
    """A number of days that the supervision office has set; None while it has not."""
    setting = world.settings.get(name) if world is not None else None
    return None if setting is None or setting.value is None else int(setting.value)
