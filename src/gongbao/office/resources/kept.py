"""The registers of all packs that units keep (`kept_by`), with who may edit which rows of them.

A unit of one county keeps the rows of that county only; where a register has no column of the place, all rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from gongbao.engine.counts import Counted, counted
from gongbao.engine.register import Column, Register
from gongbao.engine.units import Unit, UnitNotFound
from gongbao.engine.world import World
from gongbao.office import clock, worlds
from gongbao.office.people import roles as r
from gongbao.office.people.models import Account
from gongbao.office.people.units import city_units

EDITS = (r.HANDLER, r.DUTY_OFFICER, r.DUTY_LEADER, r.REGULATOR)
LENDS = (r.DUTY_OFFICER, r.DUTY_LEADER, r.HANDLER)
ENTERS = frozenset({*EDITS, r.INSPECTOR, r.ADMINISTRATOR, r.REVIEWER})
OTHER = "other"
KINDS = {  # what can serve an incident
    "team": "队伍", "expert": "专家", "shelter": "避难场所", "warehouse": "储备库", "stock": "物资", "equipment": "装备",
}  # fmt: skip
ALL_KINDS = {
    **KINDS, "site": "作业点、机构", "enterprise": "企业", "person": "人员", "plan": "预案", "drill": "演练、专项", OTHER: "其他",
    "neighbours": "相邻",
}  # fmt: skip
_some: set[str] = set()  # folders of packs in which a register is kept


class NoSuchRegister(LookupError):
    pass


@dataclass(frozen=True)
class Kept:
    """One register that units keep, of one pack."""

    world: World
    register: Register

    @property
    def pack(self) -> str:
        return self.world.pack

    @property
    def id(self) -> str:
        return self.register.id

    @property
    def label(self) -> str:
        return self.register.label

    @property
    def kind(self) -> str:
        return self.register.kind or OTHER

    @property
    def kind_word(self) -> str:
        return ALL_KINDS[self.kind]

    @property
    def serves(self) -> bool:
        return self.kind in KINDS and self.role("name") is not None

    @property
    def lent(self) -> bool:
        """Whether rows are lent to matters: not a stock that is counted in days only (blood)."""
        return self.serves and (self.kind != "stock" or self.by_quantity)

    @property
    def columns(self) -> tuple[Column, ...]:
        return self.register.columns

    @property
    def typed(self) -> tuple[Column, ...]:
        """The columns that somebody fills."""
        return tuple(c for c in self.columns if c.decided_by is None)

    def role(self, name: str) -> Column | None:
        return next((c for c in self.columns if c.role == name), None)

    @property
    def by_quantity(self) -> bool:
        """Whether it can be drawn on in part; else a row is lent whole, to one case at a time."""
        return self.role("quantity") is not None

    def name_of(self, values: Mapping[str, Any]) -> str:
        column = self.role("name")
        parts = [values.get(column.id)] if column is not None else [values.get(k) for k in self.register.key]
        return " ".join(str(p) for p in parts if p is not None)

    def cell(self, values: Mapping[str, Any], role: str) -> Any:
        column = self.role(role)
        return None if column is None else values.get(column.id)

    def keepers(self) -> tuple[Unit, ...]:
        """The units that keep it on the office's day."""
        today, number = clock.today(), str(self.world.document.get("number") or "")
        found: dict[str, Unit] = {}
        for keeper in self.register.kept_by:
            units = self.world.units
            members = (
                units.members(keeper, today, number) if units.is_group(keeper) else units.successors(keeper, today)
            )
            found |= {unit.name: unit for unit in members}
        return tuple(found.values())

    def keepers_of(self, place: str | None) -> tuple[Unit, ...]:
        """Those of them who answer for rows of this place: its own county's, or where there is none the city's."""
        all_ = self.keepers()
        local = [u for u in all_ if u.level == "县" and place and u.area == place]
        return tuple(local or [u for u in all_ if u.level != "县"])

    def may_edit(self, account: Account, place: str | None) -> bool:
        """Whether the account adds, changes and ends rows of this place (None: of any)."""
        if not account.has_role(*EDITS):
            return False
        unit = next((u for u in self.keepers() if u.name == account.unit), None)
        if unit is None:
            return False
        return unit.level != "县" or self.role("place") is None or place is None or unit.area == place

    def counted(self, rows: list[Mapping[str, Any]]) -> tuple[Counted, ...]:
        """What the document says there are, or are to be, against these rows."""
        today, number = clock.today(), str(self.world.document.get("number") or "")
        groups = {count.of for count in self.register.counts if count.of}
        members = {}
        for group in groups:
            found = self.world.units.members(group, today, number)
            members[group] = tuple(dict.fromkeys(unit.area or unit.name for unit in found))
        return counted(self.register.counts, rows, members)


def all_kept() -> tuple[Kept, ...]:
    return tuple(_all())


def _all() -> Iterator[Kept]:
    for world in worlds.loaded():
        for register in world.registers.values():
            if register.kept_by:
                yield Kept(world, register)


def kept(pack: str, register: str) -> Kept:
    """NoSuchRegister when the pack is not here or has no such register."""
    found = worlds.world(pack).registers.get(register) if worlds.is_loaded(pack) else None
    if found is None or not found.kept_by:
        raise NoSuchRegister(f"没有由单位登记的清单“{register}”（{pack}）")
    return Kept(worlds.world(pack), found)


def any_kept() -> bool:
    """Whether a pack of the folder has such a register; once found, it is not looked for again."""
    folder = str(settings.GONGBAO_PACKS)
    if folder not in _some and next(_all(), None) is not None:
        _some.add(folder)
    return folder in _some


def area_of(account: Account) -> str | None:
    """The county that the account's unit belongs to; None for a unit of the city."""
    for units in city_units():
        try:
            unit = units.find(account.unit)
        except UnitNotFound:
            continue
        return unit.area if unit.level in ("县", "乡") else None
    return None


def may_lend(account: Account, one: Kept, place: str | None) -> bool:
    """Duty officers and leaders of the city lend everything, those of a county what is there, keepers their own rows."""
    if one.may_edit(account, place):
        return True
    if not account.has_role(r.DUTY_OFFICER, r.DUTY_LEADER):
        return False
    area = area_of(account)
    return area is None or area == place
