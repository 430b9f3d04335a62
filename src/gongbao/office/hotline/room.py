"""受理 (12345) and 接警 (110): the desk where calls are taken, its queues, and the day in figures."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from gongbao.office.cases.models import CaseLink
from gongbao.office.cases.service import Look
from gongbao.office.hotline import desk
from gongbao.office.pages.panels import Panel
from gongbao.office.people import roles as r
from gongbao.office.rooms import Room

ROOM = Room(
    "接警" if settings.GONGBAO_SITE == "110" else "受理", "hotline:home", key="s", order=10,
    roles=frozenset({
        r.CALL_TAKER, r.SHIFT_LEADER, r.POLICE_CALL_TAKER, r.DISPATCHER, r.REVIEWER, r.INSPECTOR, r.DUTY_LEADER,
        r.ADMINISTRATOR,
    }),
    prefix="/hotline/", ready=desk.is_here,
)  # fmt: skip


def _applies(seen: Look) -> bool:
    rule = seen.world.procedures
    return seen.case.procedure in (desk.REQUEST, desk.ALARM) and {desk.REQUEST, desk.ALARM} <= set(rule)


def _links(seen: Look, request: HttpRequest) -> dict[str, Any] | None:
    """联动: where the matter came from and where it went, with what the other desk last said."""
    rows = CaseLink.objects.filter(source=seen.case).select_related("target").order_by("id")
    back = CaseLink.objects.filter(target=seen.case).select_related("source").order_by("id")
    police = {e.type: e for e in seen.events if e.type in desk.ANSWERS and e.seq not in seen.state.voided}
    if not rows and not back:
        return None
    return {"out": rows, "back": back, "answers": [(desk.ANSWERS[name], event) for name, event in police.items()]}


def _alike(seen: Look, request: HttpRequest) -> dict[str, Any] | None:
    """Open matters of the county that say the same, with 并案 for who may."""
    if not seen.case.is_open or seen.case.procedure != desk.REQUEST or not request.user.has_role(*r.TAKES_CALLS):
        return None
    if not desk.is_here():
        return None
    from gongbao.office.hotline import index

    facts = seen.state.facts
    found = index.alike(
        str(facts.get("content") or ""), str(facts.get("place") or ""), str(facts.get("address") or ""), desk.find(),
        without=seen.case.pk,
    )  # fmt: skip
    return {"alike": found} if found else None


def _papers(seen: Look, request: HttpRequest) -> dict[str, Any] | None:
    """文书: the papers that acts of the matter ordered (督办单), made or to be made."""
    from gongbao.office.cases import papers

    ordered = papers.of_case(seen)
    return {"papers": ordered, "may": request.user.has_role(r.INSPECTOR, r.SHIFT_LEADER)} if ordered else None


def _index() -> int:
    from gongbao.office.hotline import index

    try:
        return index.catch_up_wholly()
    except desk.NoHotline:
        return 0


PANELS = (
    Panel("联动", "hotline/links_panel.html", _applies, _links),
    Panel("文书", "hotline/papers_panel.html", _applies, _papers),
    Panel("类似工单", "hotline/alike_panel.html", _applies, _alike, side=True),
)
ROUNDS = (_index,)
