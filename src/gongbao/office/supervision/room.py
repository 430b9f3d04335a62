"""督查: the supervision office's board; on the page of a matter, what its clock proposes."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from gongbao.engine.case.proposal import propose
from gongbao.engine.case.state import fold_of
from gongbao.office.cases.service import Look
from gongbao.office.pages.grounds import grounds_of
from gongbao.office.pages.panels import Panel
from gongbao.office.rooms import PLANNING, Room
from gongbao.office.supervision import index, rule
from gongbao.office.tasks import SITES

ROOM = Room("督查", "supervision:home", key="o", order=33, sites=SITES, prefix="/supervision/", group=PLANNING)
ROUNDS = (index.catch_up_wholly,)


def _applies(seen: Look) -> bool:
    return (
        seen.world.house
        and seen.case.is_open
        and seen.case.procedure == rule.PART
        and bool(seen.state.facts.get("in_hand"))
    )


def _proposed(seen: Look, request: HttpRequest) -> dict[str, Any] | None:
    """What the clock of a part proposes (催办, 督办单), with its clause, to those who decide on it."""
    if not request.user.has_role("督查员"):
        return None
    scope = fold_of(seen.world, rule.PART, seen.events).scope(seen.now)
    outcome = propose(seen.world, "supervise", seen.state.facts, scope["decided"], scope["case"], seen.now)
    if not outcome.settled or outcome.output == "不需要":
        return None
    return {"grounds": grounds_of(outcome, seen.world)}


PANELS = (Panel("督办建议", "supervision/proposal_panel.html", _applies, _proposed, side=True),)
