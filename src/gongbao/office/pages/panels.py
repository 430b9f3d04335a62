"""What a room adds to the page of one matter: a panel with its own template, for the cases it knows.

A room app's `room.py` may hold `PANELS = (Panel(...), ...)`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Panel:
    """`applies(look)` says for which cases; `context(look, request)` gives the template's values; `side`: the narrow
    column. A context of None leaves the panel out."""

    title: str
    template: str
    applies: Callable[[Any], bool]
    context: Callable[[Any, HttpRequest], dict[str, Any] | None]
    side: bool = False


@cache
def all_panels() -> tuple[Panel, ...]:
    from django.conf import settings

    rooms = (import_module(f"gongbao.office.{name}.room") for name in settings.ROOMS)
    return tuple(panel for room in rooms for panel in getattr(room, "PANELS", ()))


def panels_for(look: Any, request: HttpRequest) -> list[dict[str, Any]]:
    made = []
    for panel in all_panels():
        if panel.applies(look):
            context = panel.context(look, request)
            if context is not None:
                made.append({"title": panel.title, "template": panel.template, "side": panel.side, **context})
    return made
