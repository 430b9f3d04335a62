"""预警与响应: from a series of readings to a warning, its measures, its lifting."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from gongbao.office.alerts import warnings
from gongbao.office.cases.service import Look
from gongbao.office.pages.panels import Panel
from gongbao.office.rooms import EMERGENCY, Room

ROOM = Room(warnings.ROOM, "alerts:home", key="w", order=36, group=EMERGENCY, prefix="/alerts/", drilled=True)


def _applies(seen: Look) -> bool:
    return warnings.of_case(seen) is not None


def _series(seen: Look, request: HttpRequest) -> dict[str, Any] | None:
    from gongbao.office.alerts import showing

    kind = warnings.of_case(seen)
    a = warnings.assessment_of(seen, kind) if kind is not None else None
    if kind is None or a is None:
        return None
    return {"charts": showing.charts(kind, a, seen.now), "a": a, "kind": kind}


PANELS = (Panel("过程线", "alerts/series_panel.html", _applies, _series),)
