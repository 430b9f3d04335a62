"""应急资源: registers that units keep, what is nearest and can serve, what each matter holds."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from gongbao.office.cases.service import Look
from gongbao.office.pages.board import Part
from gongbao.office.pages.panels import Panel
from gongbao.office.resources import kept
from gongbao.office.rooms import EMERGENCY, Room

ROOM = Room(
    "应急资源", "resources:home", key="z", order=37, group=EMERGENCY, roles=kept.ENTERS,
    sites=frozenset({"12345", "office", "drill"}), prefix="/resources/", ready=kept.any_kept, drilled=True,
)  # fmt: skip
COPIED = ("resources.Row",)  # what a drill begins with; what real matters hold is not out there


def _applies(look: Look) -> bool:
    from gongbao.office.resources import panel

    return panel.applies(look)


def _held(look: Look, request: HttpRequest) -> dict[str, Any] | None:
    from gongbao.office.resources import panel

    return panel.context(look, request)


def _used(look: Look) -> list[Any]:
    from gongbao.office.resources import panel

    return panel.reviewed(look)


def _low(request: HttpRequest) -> dict[str, Any] | None:
    from gongbao.office.resources import panel

    return panel.on_the_board(request)


PANELS = (Panel("应急资源", "resources/case_panel.html", _applies, _held),)
BOARD = (Part("resources/board_part.html", _low),)
REVIEWED = (_used,)
