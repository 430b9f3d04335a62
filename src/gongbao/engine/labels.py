"""What people call a name of the pack: the label of a fact, setting, decision or output."""

from __future__ import annotations

from gongbao.engine.specs import fact_at
from gongbao.engine.world import World


def label_of(world: World, name: str) -> str:
    """The label of a name as expressions write it (`place`, `settings.hours`, `decided.level`); itself without one."""
    if (plain := world.facts.get(name)) is not None:
        return plain.label
    head, _, rest = name.partition(".")
    fact = fact_at(world.facts, name.split("."))
    if fact is not None:
        return fact.label
    if head == "settings" and rest in world.settings:
        return world.settings[rest].label
    if name in world.decisions:
        return world.decisions[name].label
    last = name.rpartition(".")[2] if name.replace(".", "").isidentifier() else ""
    return world.labels.get(name) or world.labels.get(rest) or world.labels.get(last) or name
