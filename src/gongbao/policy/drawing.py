"""A pack's decisions as one DMN model, and why some cannot be drawn in one.

Facts become input data, params a context of constants, settings one of input; functions that FEEL does not have
(series, registers, a case's events) keep their names, and the description of a decision lists them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from gongbao.dmn import export
from gongbao.engine.decision.logic import Decision
from gongbao.engine.specs import Fact
from gongbao.engine.world import World
from gongbao.feel.builtins import BUILTINS

#: The FEEL type of each type of fact; others are ``Any``.
_TYPES = {
    "integer": "number", "number": "number", "money": "number", "rate": "number", "text": "string", "choice": "string",
    "boolean": "boolean", "date": "date", "time": "date and time", "duration": "days and time duration",
}  # fmt: skip
_OUTSIDE = ("case", "actor", "as_of", "decided")


@dataclass(frozen=True, slots=True)
class Drawing:
    """The model, and for each decision that is not in it the reason, in Chinese."""

    model: Element
    refused: Mapping[str, str]


def drawn(world: World) -> Drawing:
    """The decisions of a pack as a DMN 1.5 model."""
    refused: dict[str, str] = {}
    kept: list[Decision] = []
    for name, decision in world.decisions.items():
        reason = _reason(decision, refused)
        if reason:
            refused[name] = reason
        else:
            kept.append(decision)
    inputs: dict[str, export.InputData] = {}
    decisions = []
    for decision in kept:
        roots = dict.fromkeys(name.partition(".")[0] for name in decision.names)
        for root in roots:
            if root not in decision.requires and root != "params":
                inputs.setdefault(root, _input(world, root))
        decisions.append(
            export.Drawn(
                name=decision.id,
                table=decision.table.table,
                requires=tuple(dict.fromkeys((*roots, *decision.requires))),
                label=decision.label,
                description=_description(world, decision),
                notes=tuple(row.note or "" for row in decision.rows),
            )
        )
    constants = {"params": world.params} if any("params" in each.requires for each in decisions) else {}
    number = str(world.document.get("number") or world.pack)
    made = export.model(number, f"urn:gongbao:{world.pack}:{world.version}", [*inputs.values()], decisions, constants)
    return Drawing(made, refused)


def _reason(decision: Decision, refused: Mapping[str, str]) -> str:
    if decision.for_each is not None:
        return "逐项判定再合成结果，DMN 的判定表写不出来"
    missing = [name for name in decision.requires if name in refused]
    return f"依赖的判定 {'、'.join(missing)} 没有画出" if missing else ""


def _input(world: World, name: str) -> export.InputData:
    fact: Fact | None = world.facts.get(name)
    if fact is None:
        kind = "date and time" if name == "as_of" else "context" if name in ("settings", *_OUTSIDE) else "Any"
        return export.InputData(name, kind)
    values = tuple(fact.values) if fact.type == "choice" else ()
    return export.InputData(name, _TYPES.get(fact.type, "Any"), fact.label, values)


def _description(world: World, decision: Decision) -> str:
    own = sorted(set(decision.table.calls) - set(BUILTINS))
    parts = [f"{world.document.get('title', '')} {decision.cite}".strip()]
    if own:
        parts.append(f"用到 FEEL 以外的函数：{'、'.join(own)}")
    parts += [f"前提：{each.text}" for each in decision.assume]
    return "。".join(part for part in parts if part)
