"""A pack with other figures: `params.general_limit=3`, `settings.light_max=150`, checked as the pack itself is.

The files are not touched. What is changed goes through what any pack goes through (its shape, its compilation) and, before
that, through what the figure itself allows: its kind, and the bounds of the facts that a cell compares it with.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from gongbao.engine.decision.trace import shown
from gongbao.engine.fact import Fact, read_facts
from gongbao.engine.world import Setting, World
from gongbao.feel import syntax
from gongbao.policy import schema
from gongbao.policy.compile import compile_pack
from gongbao.policy.loader import load_folder
from gongbao.policy.names import no_such
from gongbao.policy.settings import with_settings
from gongbao.policy.source import Source, read_source
from gongbao.policy.tables import thresholds

FRACTIONAL = ("%", "‰", "元", "万元", "亿元")  # units in which a whole figure may become one that is not


@dataclass(frozen=True, slots=True)
class Change:
    """One figure as it is and as it is tried. `name` is dotted; `unit`, `cite` as the pack has them."""

    name: str
    label: str
    before: Any
    after: Any
    unit: str = ""
    cite: str = ""

    def words(self) -> str:
        """5次（计入的一般失信次数）改为 3次; a setting with its present value."""
        after = "未填" if self.after is None else f"{shown(self.after)}{self.unit}"
        if self.name.startswith("params."):
            return f"{self.label}改为 {after}"
        return f"{self.label}：{'未填' if self.before is None else f'{shown(self.before)}{self.unit}'} 改为 {after}"


def read_changes(written: Iterable[str]) -> dict[str, str]:
    """`["params.x=3", "settings.y=是"]` by name. ValueError for what is written otherwise, or twice."""
    found: dict[str, str] = {}
    for each in written:
        name, equals, value = each.partition("=")
        name = name.strip()
        if not equals or name.partition(".")[0] not in ("params", "settings") or not name.partition(".")[2]:
            raise ValueError(f"改动应写作 params.名字=值 或 settings.名字=值，现为“{each}”")
        if name in found:
            raise ValueError(f"“{name}”改了两次")
        found[name] = value.strip()
    return found


def variant(folder: Path, world: World, changes: Mapping[str, Any]) -> tuple[World, tuple[Change, ...]]:
    """The world with these figures and settings instead, and what was changed. ValueError (Chinese) names what is wrong.

    world: the pack of this folder with its settings as they are now; those that are not changed stay.
    """
    source = read_source(folder)
    params: dict[str, Any] = {}
    settings: dict[str, Any] = {}
    made: list[Change] = []
    for name, value in changes.items():
        kind, _, key = name.partition(".")
        if kind == "params":
            if key not in source.pack.params:
                raise ValueError(no_such(key, "参数", source.pack.params))
            params[key] = _param(source.pack, key, value)
            spec = source.pack.params[key]
            made.append(
                Change(name, param_label(source.pack, key), spec.value, params[key], spec.unit or "", spec.cite)
            )
        elif kind == "settings":
            if key not in world.settings:
                raise ValueError(no_such(key, "设置", world.settings))
            settings[key] = _setting(world.settings[key], value)
            held = source.pack.settings[key]
            made.append(
                Change(name, held.label, world.settings[key].value, settings[key], held.unit or "", held.cite or "")
            )
        else:
            raise ValueError(f"“{name}”不能改；只能改 params. 和 settings. 开头的")
    changed = _compiled(source, world, params) if params else world
    return (with_settings(changed, settings) if settings else changed), tuple(made)


def with_pack(folder: Path, world: World) -> World:
    """Another version of the pack, with the settings that both have as they are filled now."""
    other = load_folder(folder)
    kept = {n: s for n, s in world.settings.items() if n in other.settings and s.filled}
    values = {n: s.own if s.own else s.value for n, s in kept.items()}
    return with_settings(other, values) if values else other


def param_label(pack: schema.Pack, name: str) -> str:
    """What a reader calls a figure: its label, or what is compared with it, and as the gazette prints it."""
    spec = pack.params[name]
    if spec.label:
        return f"{spec.label}（{spec.text or spec.value}）"
    used = uses(pack, name)
    return f"{spec.text or spec.value}（{'、'.join(used[:2]) if used else spec.cite}）"


def uses(pack: schema.Pack, name: str) -> tuple[str, ...]:
    """What reads a figure, in words: columns of tables, values derived first, and decisions else."""
    word = re.compile(rf"\bparams\.{re.escape(name)}\b")
    found: dict[str, None] = {}
    for spec in pack.decisions.values():
        own = [
            pack.facts[column].label if column in pack.facts else column
            for rule in spec.rules for column, cell in (rule.when or {}).items() if word.search(cell)
        ]  # fmt: skip
        own += [let for let, text in spec.let.items() if word.search(text)]
        rest = [*spec.value.values(), *spec.for_each.values(), *map(str, (r.then for r in spec.rules))]
        found |= dict.fromkeys(own or ([spec.label] if any(map(word.search, rest)) else []))
    return tuple(found)


def _compiled(source: Source, world: World, params: Mapping[str, Any]) -> World:
    pack = source.pack
    held = {n: p.model_copy(update={"value": params[n]}) if n in params else p for n, p in pack.params.items()}
    told = "，".join(f"params.{n}={v}" for n, v in params.items())
    made = compile_pack(replace(source, pack=pack.model_copy(update={"params": held})), f"{world.version}+{told}")
    return replace(made, settings=world.settings, calendar=world.calendar, units_version=world.units_version)


def _param(pack: schema.Pack, name: str, value: Any) -> Any:
    """The value as the figure's own kind has it."""
    spec = pack.params[name]
    held, where, name = spec.value, param_label(pack, name), f"params.{name}"
    if isinstance(held, bool):
        fact = Fact(name, where, "boolean")
    elif isinstance(held, (int, Decimal)):
        low, high = _bounds(pack, name.partition(".")[2])
        if low is None and held >= 0:
            low = 0  # a count, a limit or a share that is none below zero as printed
        whole = isinstance(held, int) and spec.unit not in FRACTIONAL
        fact = Fact(name, where, "integer" if whole else "number", min=low, max=high, unit=spec.unit)
    elif isinstance(held, dt.date):
        fact = Fact(name, where, "date")
    elif isinstance(held, str):
        if not isinstance(value, str) or not value:
            raise ValueError(f"“{where}”（{name}）应为文字，现为“{value}”")
        return value
    else:
        raise ValueError(f"“{where}”（{name}）没有值，不能改")
    found = read_facts({name: fact}, {name: value}).get(name)
    if found is None:
        raise ValueError(f"“{where}”（{name}）不能是空的；写一个值")
    return found


def _bounds(pack: schema.Pack, name: str) -> tuple[Any, Any]:
    """The bounds of the facts that cells compare a figure with."""
    lows: list[Any] = []
    highs: list[Any] = []
    for spec in pack.decisions.values():
        for threshold in thresholds(spec):
            fact = pack.facts.get(threshold.column)
            if fact is None or not _is(threshold.operand, name):
                continue
            lows += [] if fact.min is None else [fact.min]
            highs += [] if fact.max is None else [fact.max]
    return max(lows, default=None), min(highs, default=None)


def _is(node: syntax.Node, name: str) -> bool:
    if not (isinstance(node, syntax.Path) and isinstance(node.base, syntax.Name)):
        return False
    return node.base.name == "params" and node.name == name


def _setting(spec: Setting, value: Any) -> Any:
    """A value typed as text, as the setting's listed values have it; the empty text empties it."""
    if value is None or value == "":
        return None
    for listed in (*spec.values, *spec.candidates):
        if str(listed) == str(value):
            return listed
    if spec.type == "boolean" and isinstance(value, str):
        return read_facts({spec.name: Fact(spec.name, spec.label, "boolean")}, {spec.name: value}).get(spec.name)
    return value
