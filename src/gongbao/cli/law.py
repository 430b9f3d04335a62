"""Which version of a pack a command works with: the one that the day of the matter picks, or the one that is named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gongbao.cli.failure import or_fail
from gongbao.cli.finding import folder_of, root_of, with_values
from gongbao.cli.reading import day_start

if TYPE_CHECKING:
    from gongbao.engine.world import World
    from gongbao.policy.versions import Picked, Version

BY = {"event_date": "事件之日", "application_date": "申请之日", "decision_date": "判定之日"}


def versions_of(pack: str, packs: Path | None) -> tuple[Version, ...]:
    """The versions of a pack named by its id; none where a folder or one version (`id@label`) is named."""
    from gongbao.policy.versions import line

    path = Path(pack)
    if (path / "document.yaml").is_file() or path.is_absolute() or pack.startswith(".") or "@" in pack:
        return ()
    return line(root_of(packs), pack)


def picked(
    pack: str,
    packs: Path | None,
    settings: Path | str | None,
    *,
    occurred_at: dt.datetime | None,
    recorded_at: dt.datetime | None = None,
    given: Mapping[str, Any] | None = None,
) -> tuple[World, Picked | None]:
    """The world of the version that the day picks, and how; of a version that is named, without a choice.

    given: facts as they were typed, by id or label, for `date_fact`.
    """
    from gongbao.policy.loader import days_given, load_folder
    from gongbao.policy.versions import pick

    versions = versions_of(pack, packs)
    if not versions:
        return with_values(load_folder(folder_of(pack, packs, None)), settings), None
    facts = or_fail(lambda: days_given(versions, given or {}))
    made = pick(versions, occurred_at, recorded_at, facts)
    return with_values(load_folder(made.version.folder), settings), made


def of_case(
    pack: str, packs: Path | None, settings: Path | str | None, events: Sequence[Any], now: dt.datetime
) -> tuple[World, Picked | None, dt.date]:
    """The version that a case is opened under, by its opening event; `now` where that event cannot be read."""
    from gongbao.policy.times import moment

    def read(key: str) -> dt.datetime | None:
        try:
            return moment(opened[key]) if opened.get(key) is not None else None
        except ValueError:
            return None

    maps = [each for each in events if isinstance(each, dict)]
    opened = next((e for e in maps if "opened" in (e.get("action"), e.get("type"))), {})
    given = opened.get("facts")
    world, made = picked(
        pack, packs, settings, occurred_at=read("at") or now, recorded_at=read("recorded_at"),
        given=given if isinstance(given, dict) else {},
    )  # fmt: skip
    return world, made, (made.day if made is not None else None) or (read("at") or now).date()


def moved(
    pack: str,
    packs: Path | None,
    settings: Path | str | None,
    world: World,
    now: dt.datetime,
    closed: dt.datetime | None,
) -> World | None:
    """The version that a case under `world` moves to next, up to now; None where it stays."""
    from gongbao.policy.loader import load_folder, pack_hash
    from gongbao.policy.versions import moves

    versions = versions_of(pack, packs)
    here = next((v for v in versions if v.label == world.label and pack_hash(v.folder) == world.version), None)
    if here is None:
        return None
    following = moves(versions, here, now.date(), closed.date() if closed is not None else None)
    return with_values(load_folder(following[0].folder), settings) if following else None


def as_data(world: World, made: Picked | None, day: dt.date | None) -> dict[str, Any]:
    """The version for `--json`: its label, from when to when it holds, and which day picked it (by: null if named)."""
    in_force = world.document["in_force"]
    return {
        "label": world.label, "from": in_force["from"], "until": in_force["last"], "revision": world.document["revision"]["no"],
        "on": day, "by": made.by if made is not None else None,
    }  # fmt: skip


def in_words(world: World, made: Picked | None) -> str:
    """`版本 2025，自2025-01-01起，按事件之日 2025-02-03`; empty where there is nothing to choose from."""
    in_force = world.document["in_force"]
    if made is None or made.day is None:
        return ""
    until = f"至{in_force['last']}" if in_force["last"] else ""
    return f"{'版本 ' + world.label + '，' if world.label else ''}自{in_force['from']}起{until}施行，按{BY[made.by]} {made.day}"


def start(on: str | None) -> dt.datetime | None:
    return day_start(on) if on else None
