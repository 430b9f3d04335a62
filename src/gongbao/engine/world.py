"""All that a rule may look at besides the case: the pack's compiled rules, settings, registers, units and calendar.

One frozen value, made by policy.loader for one version of one pack; the office adds the settings and the calendar of
its day. Nothing in it changes while a case is folded, so the same world and the same events give the same state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from gongbao.feel.values import Value

if TYPE_CHECKING:
    from gongbao.engine.decision.logic import Decision
    from gongbao.engine.indicator import Indicator
    from gongbao.engine.model import Duty, Procedure
    from gongbao.engine.register import Register
    from gongbao.engine.scoresheet import Sheet
    from gongbao.engine.specs import Fact
    from gongbao.engine.time.calendar import Calendar
    from gongbao.engine.units import Units


UNCERTIFIED = "未经发布机关审定，仅供参考"


@dataclass(frozen=True, slots=True)
class Setting:
    """A figure or reading that the text leaves to `owner`; `value` is None until it is filled.

    each: every member of the group `owner` fills its own, in `own` (full name of the unit -> value); `value` is then
    that of `whose`, the unit that the world was asked for (`World.for_unit`), and None while no unit is named.
    """

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
    each: bool = False
    own: Mapping[str, Value] = field(default_factory=dict)
    whose: str | None = None

    @property
    def filled(self) -> bool:
        """Whether anybody filled it."""
        return self.value is not None or any(value is not None for value in self.own.values())


@dataclass(frozen=True, slots=True)
class World:
    """One version of one pack, compiled, with what surrounds it.

    What `later` makes (field -> function) is made when it is first asked for.
    """

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
    plans: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)  # engine.decision.plan
    later: Mapping[str, Callable[[], Any]] = field(default_factory=dict, init=False, repr=False, compare=False)
    label: str = ""  # of the folder (<slug>@<label>), where a document has several versions
    indicators: Mapping[str, Indicator] = field(default_factory=dict)
    scoresheets: Mapping[str, Sheet] = field(default_factory=dict)

    @property
    def house(self) -> bool:
        """Whether it is a working rule of the office's own: no gazette prints it, no issuing organ certifies it."""
        return self.document.get("kind") == "house"

    @property
    def notice(self) -> str:
        """What stands beside all that the pack says: that nobody certified it, or whose rule it is; else empty."""
        return str(self.document.get("number")) if self.house else "" if self.certified_by else UNCERTIFIED

    @classmethod
    def of(cls, values: Mapping[str, Any], later: Mapping[str, Callable[[], Any]]) -> World:
        """A world of these fields, and of others that are made when they are first asked for."""
        world = object.__new__(cls)
        for name, value in {**values, "plans": {}, "later": later}.items():
            object.__setattr__(world, name, value)
        return world

    def __getattr__(self, name: str) -> Any:
        if name == "later" or name not in self.later:
            raise AttributeError(f"World has no {name}")
        value = self.later[name]()
        object.__setattr__(self, name, value)
        return value

    def changed(self, **changes: Any) -> World:
        """The same world with other values in these fields; what is not made yet is not made for it."""
        kept = {}
        for each in fields(self):
            if each.name not in changes:
                with suppress(AttributeError):
                    kept[each.name] = getattr(type(self), each.name).__get__(self)
        return World.of({**kept, **changes}, self.later)

    def with_settings(self, values: Mapping[str, Value]) -> World:
        """The same world with these settings filled; an unknown name is an error that lists the allowed ones.

        A setting of each unit takes a mapping of units to values, or one value that then holds for whoever asks.
        """
        unknown = sorted(set(values) - set(self.settings))
        if unknown:
            raise KeyError(f"没有这项设置：{'、'.join(unknown)}；可设置：{'、'.join(self.settings) or '无'}")
        filled = {n: self._filled(s, values[n]) if n in values else s for n, s in self.settings.items()}
        return self.changed(settings=filled)

    def for_unit(self, unit: str | None) -> World:
        """The same world as this unit sees it: a setting of each unit has the value that the unit filled for itself.

        unit: by any of its names. Where it is None, such a setting is open however many units filled it.
        """
        if not any(setting.each for setting in self.settings.values()):
            return self
        name = None if not unit else self.units.find(unit).name if self.units.knows(unit) else unit
        return self.changed(settings={
            n: replace(s, value=s.own.get(name or ""), whose=name) if s.each and (s.own or s.value is None) else s
            for n, s in self.settings.items()
        })  # fmt: skip

    def _filled(self, setting: Setting, value: Value) -> Setting:
        if not (setting.each and isinstance(value, Mapping)):
            return replace(setting, value=value, own={}, whose=None)
        own = {self.units.find(u).name if self.units.knows(u) else u: v for u, v in value.items()}
        return replace(setting, value=None, own=own, whose=None)

    def with_calendar(self, calendar: Calendar) -> World:
        return self.changed(calendar=calendar)
