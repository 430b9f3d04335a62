"""信息发布: what left the office, to whom, and what became of it; the panel on the page of a matter."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from gongbao.office.cases.service import Look
from gongbao.office.pages.panels import Panel
from gongbao.office.people import roles as r
from gongbao.office.rooms import EMERGENCY, Room
from gongbao.office.sending import releasing
from gongbao.office.sending.rounds import send_waiting

ROOM = Room(
    "信息发布", "sending:home", key="f", order=39, group=EMERGENCY, prefix="/sending/",
    roles=frozenset({r.DUTY_OFFICER, r.DUTY_LEADER, r.INSPECTOR, r.ADMINISTRATOR}),
)  # fmt: skip


def _applies(seen: Look) -> bool:
    return releasing.applies(seen) or seen.case.messages.exists()


def _sent(seen: Look, request: HttpRequest) -> dict[str, Any] | None:
    """What was released and sent in this matter, to how many, received by how many."""
    from gongbao.office.sending.messages import counts

    sent = list(seen.case.messages.order_by("-id")[:20])
    found = counts(sent)
    releases = list(seen.case.releases.order_by("-count")[:20])
    may = releasing.applies(seen) and not releasing.may_not(seen, request.user)
    plan = releasing.draft(seen, request.user) if may else None
    if not sent and not releases and plan is None:
        return None
    return {
        "messages": [(m, found[m.pk]) for m in sent], "releases": releases, "names": releasing.NAMES,
        "draft": plan, "verb": releasing.NAMES[plan.kind] if plan is not None else "",
    }  # fmt: skip


PANELS = (Panel("信息发布", "sending/panel.html", _applies, _sent),)
ROUNDS = (send_waiting,)
COPIED = ("sending.Contact", "sending.Group")  # what a drill site is given of the office's own
