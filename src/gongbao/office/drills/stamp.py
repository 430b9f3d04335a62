"""With what a drill was played: the version of its plan, what the owners had filled into its settings, who directed its
time. Kept with the drill, so that its record can be judged when all of it has changed.
"""

from __future__ import annotations

from typing import Any

from gongbao.office import clock, worlds
from gongbao.office.cases.models import Clock
from gongbao.office.drills.models import Drill
from gongbao.office.pages import words

EMPTY = "未填"


def taken(pack: str) -> dict[str, Any]:
    """The version and settings of the plan as they are now; `settings`: [label, value, owner] of each."""
    world = worlds.world(pack)
    return {
        "version": world.version, "number": str(world.document.get("number") or ""),
        "title": str(world.document.get("title") or ""),
        "settings": [
            [spec.label, _value(spec), spec.owner or ""] for spec in world.settings.values()
        ],
    }  # fmt: skip


def _value(spec: Any) -> str:
    if spec.each:  # each of the units has its own
        return "各单位分别填写"
    return EMPTY if spec.value is None else words.setting(spec, spec.value)


def changed(drill: Drill) -> list[tuple[str, str, str]]:
    """What was set otherwise while the drill was on: (label, at the start, at the end)."""
    before = {row[0]: row[1] for row in drill.stamp.get("settings", ())}
    now = {row[0]: row[1] for row in taken(drill.pack)["settings"]}
    return [(label, before.get(label, "—"), value) for label, value in now.items() if before.get(label) != value]


def directed(drill: Drill) -> list[tuple[str, str, str]]:
    """Every change of the drill's time by its director: (the machine's time, the drill's then, what and by whom)."""
    rows = Clock.objects.filter(set_at__gte=drill.began_at).exclude(offset=None).order_by("id")
    return [
        (
            words.when(row.set_at.astimezone(clock.SHANGHAI)),
            words.when((row.set_at + row.offset).astimezone(clock.SHANGHAI)), f"{row.reason}（{row.set_by}）",
        )
        for row in rows if drill.ended_at is None or row.set_at <= drill.ended_at
    ]  # fmt: skip
