"""应急值守: from a call to the after-action report of an incident, under any plan of the city."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from gongbao.office import clock
from gongbao.office.incidents import escalating, listing, plans, stocks
from gongbao.office.pages.board import Part
from gongbao.office.pages.panels import Panel
from gongbao.office.people import access
from gongbao.office.people import roles as r
from gongbao.office.rooms import EMERGENCY, Room


def _ready() -> bool:
    return bool(plans.pack_ids())


ROOM = Room(
    "应急值守", "incidents:home", key="e", order=34, group=EMERGENCY, sites=frozenset({"office", "12345", "drill"}),
    roles=frozenset({
        r.DUTY_OFFICER, r.DUTY_LEADER, r.HANDLER, r.REVIEWER, r.INSPECTOR, r.REGULATOR, r.DISPATCHER, r.ADMINISTRATOR,
    }),
    prefix="/incidents/", ready=_ready, drilled=True,
)  # fmt: skip


def _open(request: HttpRequest) -> dict[str, Any] | None:
    rows, count = listing.foremost(access.visible(request.user), clock.now())
    return {"rows": rows, "count": count} if rows else None


BOARD = (Part("incidents/board_part.html", _open),)
ESCALATIONS = (escalating.upward,)
PANELS = (Panel("监测过程线", "incidents/stocks_panel.html", stocks.applies, stocks.context),)
