"""From a root of packs to a World: find the version in force, compile it, and keep it by content.

A root holds `<city>/units.yaml` and `<city>/<slug>/` per document; where one document has several versions on file,
their folders are `<slug>@<label>` and the date picks the one in force.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gongbao.policy import kept
from gongbao.policy.errors import PackError, Problem
from gongbao.policy.files import pack_hash
from gongbao.policy.versions import Version, ending, line, nearest

if TYPE_CHECKING:
    from gongbao.engine.world import World
    from gongbao.policy.source import read_pack, read_source, read_units

__all__ = ["Found", "find_packs", "in_force", "load", "load_folder", "pack_hash", "packs_root", "read_pack"]
__all__ += ["days_given", "placed", "read_source", "read_units"]


def __getattr__(name: str) -> Any:
    """Reading and checking the files takes a second to import, and a kept pack needs none of it."""
    if name in ("read_pack", "read_source", "read_units"):
        from gongbao.policy import source

        return getattr(source, name)
    raise AttributeError(name)


@dataclass(frozen=True, slots=True)
class Found:
    """A pack folder under a root."""

    id: str  # <city>/<slug>
    folder: Path
    label: str = ""  # what stands after @ in the folder's name


def find_packs(root: Path) -> list[Found]:
    """Every pack folder under a root (`<city>/<slug>[@<label>]/document.yaml`), in the order of their ids."""
    found = [
        Found(f"{p.parent.parent.name}/{p.parent.name.partition('@')[0]}", p.parent, p.parent.name.partition("@")[2])
        for p in Path(root).glob("*/*/document.yaml")
    ]
    return sorted(found, key=lambda f: (f.id, f.label))


def in_force(root: Path, pack_id: str, on: dt.date | None = None) -> Found:
    """The version of a pack on a date; without a date the newest. PackError names the packs there are.

    A date outside every version gives the nearest earlier one (an expired document can be read and replayed), else
    the earliest (policy.versions).
    """
    found = find_packs(root)
    versions = [f for f in found if f.id == pack_id or (f.label and f"{f.id}@{f.label}" == pack_id)]
    if not versions:
        names = "、".join(dict.fromkeys(f.id for f in found)) or "无"
        raise PackError([Problem(pack_id, None, "", f"没有这个政策包；现有：{names}", code="missing")])
    if len(versions) == 1:
        return versions[0]
    chosen = nearest(line(Path(root), pack_id), on)
    return Found(chosen.id, chosen.folder, chosen.label)


_worlds: dict[tuple[str, str], World] = {}
_placed: dict[tuple[Any, ...], tuple[World, World]] = {}


def load(root: Path, pack_id: str, on: dt.date | None = None) -> World:
    """The compiled pack in force on a date. The same files are compiled once per process. PackError on mistakes."""
    return load_folder(in_force(root, pack_id, on).folder)


def load_folder(folder: Path) -> World:
    """The compiled pack of one folder; see `load`."""
    folder = Path(folder)
    units_file = folder.parent / "units.yaml"
    units = units_file.read_bytes().replace(b"\r\n", b"\n") if units_file.is_file() else b""
    key = (f"{folder.parent.name}/{folder.name}:{pack_hash(folder)}", hashlib.sha256(units).hexdigest())
    if key not in _worlds:
        whole = f"world {key[0]} {key[1]}"
        made = kept.world(whole)
        if made is None:
            made = _compiled(folder, key)
            kept.keep_world(whole, made)
        _worlds[key] = made
    return placed(_worlds[key], folder.resolve().parent.parent)


def _compiled(folder: Path, key: tuple[str, str]) -> World:
    from gongbao.policy.compile import compile_pack
    from gongbao.policy.source import read_source

    return compile_pack(read_source(folder), version=key[0].rpartition(":")[2]).changed(units_version=key[1])


def placed(world: World, root: Path) -> World:
    """The world with its place among the versions under a root: the last day on which it holds, and what follows.

    They stand in the `in_force` of its document as `last` (None: no end is known) and `replaced_by` ({number, title,
    from}, or None). The version itself, the hash of its files, does not depend on its neighbours.
    """
    last, by = ending(root, world.pack, world.document)
    key = (world.pack, world.version, world.units_version, world.label, last, by and by.number)
    held = _placed.get(key)
    if held is not None and (held[0] is world or held[1] is world):
        return held[1]
    told = by and {"number": by.number, "title": by.title, "from": by.in_force.from_}
    in_force = {**world.document["in_force"], "last": last, "replaced_by": told}
    made = world.changed(document={**world.document, "in_force": in_force})
    _placed[key] = (world, made)
    return made


def days_given(versions: Sequence[Version], given: Mapping[str, Any]) -> dict[str, Any]:
    """The days of events (`date_fact`) among facts as they were typed, by id or label; engine.fact.FactErrors."""
    from gongbao.engine.fact import read_facts

    found: dict[str, Any] = {}
    for version in versions:
        name = version.document.in_force.date_fact
        if name is None or name in found:
            continue
        fact = load_folder(version.folder).facts.get(name)
        if fact is not None:
            found |= read_facts({name: fact}, {k: v for k, v in given.items() if k in (name, fact.label)})
    return found


def packs_root(given: Path | None = None, env: Mapping[str, str] | None = None) -> Path:
    """Where the packs are: what was given, else GONGBAO_PACKS, else the checkout's or the installed packs folder."""
    if given is not None:
        return Path(given)
    if env and env.get("GONGBAO_PACKS"):
        return Path(env["GONGBAO_PACKS"])
    package = Path(__file__).resolve().parent.parent
    installed = package / "packs"
    return installed if installed.is_dir() else package.parent.parent / "packs"
