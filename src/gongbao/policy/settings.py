"""Settings filled from outside: each value read and checked by the type that the pack gives the setting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gongbao.engine.fact import Fact, read_facts
from gongbao.engine.time.counting import parse_limit
from gongbao.engine.world import Setting, World


def with_settings(world: World, raw: Mapping[str, Any]) -> World:
    """The world with these settings. KeyError for an unknown name, ValueError for a value that is not allowed."""
    unknown = [n for n in raw if n not in world.settings]
    if unknown:
        return world.with_settings({n: raw[n] for n in unknown})  # raises, listing what may be set
    return world.with_settings({name: _read(world, world.settings[name], value) for name, value in raw.items()})


def _read(world: World, setting: Setting, value: Any) -> Any:
    """One value, or, of a setting that each unit fills for itself, one per unit that is a member of its group."""
    if not isinstance(value, Mapping):
        return read_setting(setting, value)
    if not setting.each:
        raise ValueError(f"设置“{setting.label}”（{setting.name}）只有一个值，由{setting.owner}填写，不能按单位给出")
    members = {u.name for u in world.units.members(setting.owner, None, str(world.document.get("number") or ""))}
    found: dict[str, Any] = {}
    for unit, own in value.items():
        name = world.units.find(unit).name if world.units.knows(unit) else unit
        if name not in members:
            allowed = "、".join(sorted(members))
            raise ValueError(f"设置“{setting.label}”由{setting.owner}各自填写，“{unit}”不在其中；可以是 {allowed}")
        found[name] = read_setting(setting, own)
    return found


def read_setting(setting: Setting, value: Any) -> Any:
    """A value of the setting's type; null empties it. A length of time stays as it is written (`3 working days`)."""
    if value is None:
        return None
    if setting.type == "duration":
        parse_limit(value)
        return value
    if setting.values and value not in setting.values:
        allowed = "、".join(str(v) for v in setting.values)
        raise ValueError(f"设置“{setting.label}”只能是 {allowed}，现为“{value}”")
    if setting.type == "choice":
        choices = setting.values or setting.candidates
        if value not in choices:
            allowed = "、".join(str(v) for v in choices)
            raise ValueError(f"设置“{setting.label}”只能是 {allowed}，现为“{value}”")
        return value
    fact = Fact(setting.name, setting.label, setting.type, unit=setting.unit, min=setting.min, max=setting.max)
    return read_facts({setting.name: fact}, {setting.name: value}).get(setting.name)
