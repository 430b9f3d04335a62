"""What a room adds to the 值班台: a part with its own template, for the accounts it concerns.

A room app's `room.py` may hold `BOARD = (Part(...), ...)`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from gongbao.office.rooms import Room


@dataclass(frozen=True, slots=True)
class Part:
    """`context(request)` gives the template's values, seen there as `part.<name>`; None leaves the part out."""

    template: str
    context: Callable[[HttpRequest], dict[str, Any] | None]


@cache
def all_parts() -> tuple[tuple[Room, Part], ...]:
    rooms = [import_module(f"gongbao.office.{name}.room") for name in settings.ROOMS]
    found = [(room.ROOM, part) for room in rooms for part in getattr(room, "BOARD", ())]
    return tuple(sorted(found, key=lambda one: one[0].order))


def parts_for(request: HttpRequest) -> list[dict[str, Any]]:
    """The parts of the rooms that are open to this account, in the order of the navigation."""
    made = []
    for room, part in all_parts():
        if room.open_to(request.user.roles, settings.GONGBAO_SITE):
            context = part.context(request)
            if context is not None:
                made.append({"template": part.template, **context})
    return made
