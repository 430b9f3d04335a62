"""值班台: what is burning, what is due, what awaits a signature; and the reminders."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from gongbao.office import clock, worlds
from gongbao.office.cases import lists
from gongbao.office.cases.models import OPEN, Notice
from gongbao.office.pages.board import parts_for
from gongbao.office.people import roles as r
from gongbao.office.tasks import lists as standing

HOURS = 24
OVERSEERS = (r.SHIFT_LEADER, r.REVIEWER, r.DUTY_LEADER, r.INSPECTOR, r.ADMINISTRATOR)


def board(request: HttpRequest) -> HttpResponse:
    """The first page. Everything here comes from indexed projections; no case is replayed."""
    account, now = request.user, clock.now()
    soon = now + dt.timedelta(hours=HOURS)
    mine = lists.mine(account)
    burning = lists.burning(account)
    context = {
        "burning": burning,
        "overdue": lists.todo(account, due_before=now, limit=12),
        "due": lists.todo(account, due_after=now, due_before=soon, limit=12),
        "unsigned": lists.todo(account, unsigned=True, limit=12),
        "hours": HOURS,
        "tasks": standing.board(account),
        "parts": parts_for(request),
        "figures": [
            ("待办", lists.capped(mine), "/mine/"),
            ("已逾期", lists.capped(mine.filter(due__lt=now)), "/mine/?due=overdue"),
            (f"{HOURS}小时内到期", lists.capped(mine.filter(due__gte=now, due__lt=soon)), "/mine/?due=soon"),
            ("待签收", lists.capped(mine.filter(unsigned=True)), "/mine/?due=unsigned"),
        ],
    }
    if account.has_role(*OVERSEERS):
        late = lists.seen_by(account).filter(status=OPEN, next_due__lt=now)
        context["overseen"] = list(late.order_by("next_due")[:12])
        context["figures"] += [("各单位逾期", lists.capped(late), "/cases/?status=overdue")]
    if account.has_role(r.ADMINISTRATOR, r.POLICY_EDITOR):
        context["not_loaded"] = worlds.not_loaded()
    template = "pages/board_live.html" if request.htmx else "pages/board.html"
    return render(request, template, context)


def notices(request: HttpRequest) -> HttpResponse:
    """Reminders of this person, newest first; a POST marks all as read."""
    rows = Notice.objects.filter(who__in=request.user.names)
    if request.method == "POST":
        rows.filter(read_at=None).update(read_at=clock.now())
        return redirect("pages:notices")
    return render(request, "pages/notices.html", {"notices": rows.select_related("case").order_by("-at", "-id")[:100]})
