"""值班台: what is burning, what is due, what awaits a signature; and the reminders."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode

from gongbao.office import clock
from gongbao.office.cases import lists
from gongbao.office.cases.models import OPEN, Case, Notice
from gongbao.office.people import access

HOURS = 24


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
        "figures": [
            ("待办", lists.capped(mine), "/mine/"),
            ("已逾期", lists.capped(mine.filter(due__lt=now)), "/mine/?due=overdue"),
            (f"{HOURS}小时内到期", lists.capped(mine.filter(due__gte=now, due__lt=soon)), "/mine/?due=soon"),
            ("待签收", lists.capped(mine.filter(unsigned=True)), "/mine/?due=unsigned"),
        ],
    }
    if access.sees_all(account):
        open_ = Case.objects.filter(status=OPEN)
        context["overseen"] = list(open_.filter(next_due__lt=now, sealed=False).order_by("next_due")[:12])
        context["figures"] += [("全部逾期", lists.capped(open_.filter(next_due__lt=now)),
                                "/cases/?" + urlencode({"status": "overdue"}))]  # fmt: skip
    template = "pages/board_live.html" if request.htmx else "pages/board.html"
    return render(request, template, context)


def notices(request: HttpRequest) -> HttpResponse:
    """Reminders of this person, newest first; a POST marks all as read."""
    rows = Notice.objects.filter(who__in=request.user.names)
    if request.method == "POST":
        rows.filter(read_at=None).update(read_at=clock.now())
        return redirect("pages:notices")
    return render(request, "pages/notices.html", {"notices": rows.select_related("case").order_by("-at", "-id")[:100]})
