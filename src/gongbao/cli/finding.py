"""From what the user typed to a pack folder, and to a pack compiled with its settings."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import TYPE_CHECKING

from gongbao.cli.failure import Failure, or_fail
from gongbao.cli.reading import day, mapping, read_json

if TYPE_CHECKING:
    from gongbao.engine.world import World


def root_of(packs: Path | None) -> Path:
    from gongbao.policy.loader import packs_root

    root = packs_root(packs, os.environ)
    if not root.is_dir():
        raise Failure(f"没有政策包根目录：{root}（用 --packs 或环境变量 GONGBAO_PACKS 指明）")
    return root


def folder_of(pack: str, packs: Path | None, on: str | None) -> Path:
    """The folder of a pack named by id, or by its folder."""
    from gongbao.policy.loader import in_force

    path = Path(pack)
    if (path / "document.yaml").is_file() or path.is_absolute() or pack.startswith("."):
        return path
    return in_force(root_of(packs), pack, day(on) if on else None).folder


def folders_of(pack: str | None, packs: Path | None) -> list[Path]:
    from gongbao.policy.loader import find_packs

    root = Path(pack) if pack is not None and _holds_packs(Path(pack)) else None
    if pack is not None and root is None:
        return [folder_of(pack, packs, None)]
    root = root or root_of(packs)
    found = [f.folder for f in find_packs(root)]
    if not found:
        raise Failure(f"{root} 里没有政策包")
    return found


def _holds_packs(folder: Path) -> bool:
    """A root of packs (packs/), not a pack (packs/x/y), which may be given as well."""
    return not (folder / "document.yaml").is_file() and any(folder.glob("*/*/document.yaml"))


def id_of(folder: Path) -> str:
    whole = folder.resolve()
    return f"{whole.parent.name}/{whole.name.partition('@')[0]}"


def world_of(pack: str, packs: Path | None, on: str | None, settings: Path | str | None) -> World:
    from gongbao.policy.loader import load_folder

    return with_values(load_folder(folder_of(pack, packs, on)), settings)


def with_values(world: World, settings: Path | str | None) -> World:
    """The world with the settings of a file filled."""
    if settings is None:
        return world
    from gongbao.policy.settings import with_settings

    values = mapping(read_json(str(settings)), "设置")
    filled: World = or_fail(lambda: with_settings(world, values))
    return filled


def certificate(world: World) -> str:
    return world.notice or f"由 {world.certified_by} 审定"


def out_of_force(world: World, at: dt.date | None) -> str | None:
    """Said of a day on which the document did not yet hold or holds no more; what comes out is a reading only."""
    from gongbao.engine.force import may_open

    return may_open(world, at) or None


def with_day(world: World, decision: str, on: str | None) -> None:
    """Failure where a decision asks for the day and none is given: what it gives then would be no reading of the law."""
    from gongbao.engine.decision.grounds import grounds

    if on is None and grounds(world, decision).as_of:
        raise Failure(f"判定“{world.labels.get(decision, decision)}”要用到判定之日，请用 --on 年-月-日 写明")


def receipt_world(pack: str, version: str, packs: Path | None) -> World:
    """The version a receipt was made on if its folder is there, else the newest (the verification then says so)."""
    from gongbao.policy.loader import find_packs, in_force, load_folder, pack_hash

    folders = [f.folder for f in find_packs(root_of(packs)) if f.id == pack]
    if not folders:
        raise Failure(f"没有这个政策包：{pack}")
    own = next((f for f in folders if pack_hash(f) == version), None)
    return load_folder(own or in_force(root_of(packs), pack).folder)
