"""措施落实 and 播发安排: what every unit must do under the warning, and what it has answered."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from gongbao.office.alerts import broadcasts as casting
from gongbao.office.alerts import measures as board
from gongbao.office.alerts.views import head, seen_for
from gongbao.office.cases import files, service
from gongbao.office.cases.presenting import STATUS, task_rows
from gongbao.office.cases.views import how
from gongbao.office.people import access

FEEDBACK = ("task_received", "task_feedback", "task_verified", "task_returned", "task_done")


@require_GET
def measures(request: HttpRequest, number: str) -> HttpResponse:
    """?by=unit|measure &kind= &status= &unit="""
    seen, kind = seen_for(request, number)
    asked = {key: request.GET.get(key, "") for key in ("by", "kind", "status", "unit")}
    every = board.tasks_of(seen.case)
    chosen = board.filtered(every, seen.now, kind=asked["kind"], status=asked["status"], unit=asked["unit"])
    own = request.user.unit
    rows = {row.key: row for row in task_rows(seen, request.user)}
    whole = board.board(board.filtered(every, seen.now), seen.world.units, own, seen.now)
    listing = bool(asked["unit"] or (asked["status"] and asked["by"] != "measure"))
    context = {
        **head(seen, kind, "measures"), "listing": listing, "asked": asked, "own": own,
        "board": board.board(chosen, seen.world.units, own, seen.now), "whole": whole,
        "mine": [rows[t.key] for t in whole.own if t.key in rows],
        "listed": [rows[t.key] for t in chosen if t.key in rows] if listing else [],
        "kinds": board.KINDS, "statuses": board.STATUSES, "status_words": STATUS,
        "to_sign": sum(t.status == "issued" for t in whole.own) if seen.case.is_open else 0,
    }  # fmt: skip
    return render(request, "alerts/measures.html", context)


@require_POST
def sign(request: HttpRequest, number: str) -> HttpResponse:
    """签收 every task of one's own unit that is not yet signed for, in one act."""
    seen, _ = seen_for(request, number)
    open_ = [t.id for t in seen.state.tasks if t.unit == request.user.unit and t.status == "issued"]
    if not open_:
        messages.info(request, "本单位没有待签收的任务")
        return redirect("alerts:measures", number)
    try:
        service.feedback_all(seen.case, request.user, open_, "task_received")
    except service.ActionRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"已签收 {len(open_)} 项")
    return redirect("alerts:measures", number)


@require_POST
def task(request: HttpRequest, number: str) -> HttpResponse:
    """One word on one task: type, task, note; back to where it was said."""
    case = access.case_for(request.user, number)
    type_ = request.POST.get("type", "")
    told = {key: value for key, value in how(request).items() if key != "on_behalf_of"}
    try:
        service.feedback(
            case, request.user, request.POST.get("task", ""), type_, note=request.POST.get("note", "").strip(), **told
        )
    except (service.ActionRefused, files.BadFile) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "已记录")
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = reverse("alerts:measures", args=[number])
    return redirect(back)


@require_GET
def broadcasts(request: HttpRequest, number: str) -> HttpResponse:
    seen, kind = seen_for(request, number)
    channels = casting.channels(seen.world, board.tasks_of(seen.case), seen.events, request.user.unit, seen.now)
    context = {
        **head(seen, kind, "broadcasts"),
        "channels": sorted(channels, key=lambda c: (not c.own, c.next_due is None)),
    }  # fmt: skip
    return render(request, "alerts/broadcasts.html", context)
