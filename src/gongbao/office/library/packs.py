"""The files of a pack as they are now: read again only when they changed. A pack that does not load says why."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings

from gongbao.office import worlds
from gongbao.policy import loader
from gongbao.policy.errors import PackError, Problem
from gongbao.policy.names import names
from gongbao.policy.schema import Pack


@lru_cache(maxsize=64)
def _read(folder: Path, version: str) -> Pack:
    return loader.read_pack(folder)


def version(pack: str) -> str:
    """The hash of the pack's files, whether or not they can be read."""
    try:
        return loader.pack_hash(worlds.folder(pack))
    except PackError:  # of several versions one cannot be read, so which is in force cannot be told
        found = [f.folder for f in loader.find_packs(settings.GONGBAO_PACKS) if f.id == pack]
        return sha256("".join(map(loader.pack_hash, found)).encode()).hexdigest()


def pack_of(pack: str) -> Pack:
    """The files of a pack that is loaded. worlds.NoSuchPack, or PackError with everything that is wrong in them."""
    worlds.current_version(pack)
    return of_folder(worlds.folder(pack))


def of_folder(folder: Path) -> Pack:
    """The files of one version of a pack. PackError."""
    return _read(folder, loader.pack_hash(folder))


@lru_cache(maxsize=64)
def _misnamed(folder: Path, version: str) -> tuple[Problem, ...]:
    return tuple(p for p in names(loader.read_source(folder)) if p.level == "error")


def problems(pack: str, decision: str = "", folder: Path | None = None) -> tuple[Problem, ...]:
    """What names something that the pack does not have: in all of it, or in one decision and those it requires.

    folder: that of the version asked about, else of the one in force. Such a pack still compiles: to the engine a name without a value is a fact not yet known, and what depends on it
    would stay open for ever.
    """
    found = _misnamed(folder, loader.pack_hash(folder)) if folder else _misnamed(worlds.folder(pack), version(pack))
    if not decision:
        return found
    of, left, known = (of_folder(folder) if folder else pack_of(pack)).decisions, [decision], set[str]()
    while left:
        if (name := left.pop()) in of and name not in known:
            known.add(name)
            left += of[name].requires
    return tuple(p for p in found if p.file == "decisions.yaml" and p.key.partition(".")[0] in known)


def all_packs() -> dict[str, Pack | PackError]:
    """Every pack by its id; of one that does not load, the error."""
    found: dict[str, Pack | PackError] = {}
    for name in worlds.pack_ids():
        try:
            found[name] = pack_of(name)
        except PackError as error:
            found[name] = error
    return found
