"""The page of the wall screen."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from gongbao.office import clock
from gongbao.office.cases import lists
from gongbao.office.incidents import listing, tiles, wall


@require_GET
def wall_screen(request: HttpRequest) -> HttpResponse:
    """The big screen of the duty room; ?tone=dark for a dark one."""
    now = clock.now()
    listed = listing.home(lists.seen_by(request.user), now)
    context = {
        "home": listed, "grids": tiles.grids(listed.everywhere), "wall": wall.wall(listed.everywhere, request.user, now),
        "now": now, "dark": request.GET.get("tone") == "dark",
    }  # fmt: skip
    return render(request, "incidents/wall_live.html" if request.htmx else "incidents/wall.html", context)
