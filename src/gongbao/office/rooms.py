"""A room of the office: its name in the navigation, where it is, who may enter, and its key after `g`.

A room app holds `room.py` with `ROOM = Room(...)`; settings.ROOMS lists the apps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from gongbao.office import exercise


@dataclass(frozen=True, slots=True)
class Room:
    """`url` is a URL name. `roles` empty: everybody; `sites` empty: every instance. `order` sorts the navigation.

    `group`: rooms of one group stand under one entry of the navigation, and in a row of their own once inside.

    `drilled`: what is trained in drills; the drill site offers only such rooms.

    `ready`: whether the pack that the room works on is here and compiles; a room without it is not offered.
    """

    label: str
    url: str
    key: str
    order: int
    roles: frozenset[str] = frozenset()
    sites: frozenset[str] = frozenset()
    prefix: str = ""  # a page whose path starts so belongs to the room
    ready: Callable[[], bool] = lambda: True
    drilled: bool = False
    group: str = ""

    def open_to(self, roles: Iterable[str], site: str) -> bool:
        if site == exercise.SITE and not self.drilled:
            return False
        return (not self.roles or not self.roles.isdisjoint(roles)) and (
            (not self.sites or site in self.sites) and self.ready()
        )


PLANNING = "规划与督查"  # a group: plans, their tasks, and supervision
EMERGENCY = "应急"  # a group: the duty desk and what it works with
FRAME = (
    Room("值班台", "pages:board", "b", 0, prefix="/", drilled=True),
    Room("我的待办", "cases:mine", "m", 20, prefix="/mine/", drilled=True),
    Room("全部事项", "cases:all", "a", 30, prefix="/cases/", drilled=True),
)


@cache
def all_rooms() -> tuple[Room, ...]:
    from django.conf import settings

    found = [import_module(f"gongbao.office.{name}.room").ROOM for name in settings.ROOMS]
    return tuple(sorted((*FRAME, *found), key=lambda room: room.order))
