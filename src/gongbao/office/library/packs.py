"""The files of a pack as they are now: read again only when they changed. A pack that cannot be read says why."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from gongbao.office import worlds
from gongbao.policy import loader
from gongbao.policy.errors import PackError
from gongbao.policy.schema import Pack


@lru_cache(maxsize=64)
def _read(folder: Path, version: str) -> Pack:
    return loader.read_pack(folder)


def version(pack: str) -> str:
    """The hash of the pack's files, whether or not they can be read."""
    return loader.pack_hash(worlds.folder(pack))


def pack_of(pack: str) -> Pack:
    """Raises worlds.NoSuchPack, or PackError with everything that is wrong in its files."""
    folder = worlds.folder(pack)
    return _read(folder, loader.pack_hash(folder))


def all_packs() -> dict[str, Pack | PackError]:
    """Every pack by its id; what cannot be read is its error."""
    found: dict[str, Pack | PackError] = {}
    for name in worlds.pack_ids():
        try:
            found[name] = pack_of(name)
        except PackError as error:
            found[name] = error
    return found
