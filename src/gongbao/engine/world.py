"""All that a rule may look at besides the case: the pack's compiled rules, settings, registers, units and calendar.

One frozen value, made by policy.loader for one version of one pack; the office adds the settings and the calendar of
its day. Nothing in it changes while a case is folded, so the same world and the same events give the same state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from gongbao.engine.calendar import Calendar
from gongbao.engine.model import Duty, Procedure, Value
from gongbao.engine.units import Units

if TYPE_CHECKING:
    from gongbao.engine.logic import Decision
    from gongbao.engine.register import Register
    from gongbao.engine.specs import Fact


@dataclass(frozen=True, slots=True)
class Setting:
    """A figure or reading that the text leaves to `owner`; `value` is None until it is filled."""

    name: str
    label: str
    owner: str
    type: str = "number"
    values: tuple[Value, ...] = ()
    candidates: tuple[Value, ...] = ()
    unit: str | None = None
    min: int | Decimal | None = None
    max: int | Decimal | None = None
    why: str | None = None
    value: Value = None


@dataclass(frozen=True, slots=True)
class World:
    """One version of one pack, compiled, with what surrounds it."""

    pack: str  # langfang/heavy-pollution
    version: str  # content hash of the pack's files
    document: Mapping[str, Value]  # number, title, issuer, dated, in_force ...
    facts: Mapping[str, Fact]
    params: Mapping[str, Value]
    settings: Mapping[str, Setting]
    decisions: Mapping[str, Decision]
    procedures: Mapping[str, Procedure]
    duties: tuple[Duty, ...]
    registers: Mapping[str, Register]
    units: Units
    calendar: Calendar
    certified_by: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    units_version: str | None = None  # content hash of the city's units file

    def with_settings(self, values: Mapping[str, Value]) -> World:
        """The same world with these settings filled; an unknown name is an error that lists the allowed ones."""
        unknown = sorted(set(values) - set(self.settings))
        if unknown:
            raise KeyError(f"没有这项设置：{'、'.join(unknown)}；可设置：{'、'.join(self.settings) or '无'}")
        filled = {n: replace(s, value=values[n]) if n in values else s for n, s in self.settings.items()}
        return replace(self, settings=filled)

    def with_calendar(self, calendar: Calendar) -> World:
        return replace(self, calendar=calendar)
