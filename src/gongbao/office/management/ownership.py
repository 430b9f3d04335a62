"""Who may fill a setting: the unit that the pack names as owner, what succeeded it by the office's day, 管理员."""

from __future__ import annotations

from gongbao.engine.units import UnitNotFound
from gongbao.engine.world import Setting, World
from gongbao.office import clock, worlds
from gongbao.office.pages import words
from gongbao.office.people import access
from gongbao.office.people import roles as r
from gongbao.office.people.models import Account


def owners(world: World, owner: str) -> frozenset[str]:
    """The units meant by an owner's name: itself, its successors on the office's day, the members of a group."""
    units, day = world.units, clock.today()
    found: set[str] = set()
    try:
        found |= {units.find(owner).name, *(u.name for u in units.successors(owner, day))}
    except UnitNotFound:
        if units.is_group(owner):
            found |= {u.name for u in units.members(owner, day, str(world.document.get("number") or ""))}
    return frozenset(found)


def may_fill(account: Account, world: World, setting: Setting) -> bool:
    return account.has_role(r.ADMINISTRATOR) or account.unit in owners(world, setting.owner)


def own_unit(account: Account, world: World, setting: Setting) -> str:
    """For a setting that each unit fills for itself: the account's unit where it is one of them, else empty."""
    return account.unit if setting.each and account.unit in worlds.members(world, setting) else ""


def shown(account: Account, world: World, setting: Setting) -> str:
    """The value in words, empty where there is none: the own unit's where each fills its own, else how many did."""
    if not setting.each:
        return words.setting(setting, setting.value)
    if unit := own_unit(account, world, setting):
        return words.setting(setting, setting.own.get(unit))
    filled = sum(value is not None for value in setting.own.values())
    return f"{len(worlds.members(world, setting))}个单位中{filled}个已填" if filled else ""


def why_not(account: Account, world: World, setting: Setting) -> str:
    """Why the account may not fill the setting; empty where it may."""
    if may_fill(account, world, setting):
        return ""
    meant = "、".join(sorted(owners(world, setting.owner))) or setting.owner
    return f"这项设置由 {meant} 或管理员填写；您的单位是 {account.unit}。"


def require(account: Account, world: World, setting: Setting) -> None:
    if reason := why_not(account, world, setting):
        raise access.NotYours(reason)
