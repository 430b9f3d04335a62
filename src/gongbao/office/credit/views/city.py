"""总览: the distribution of grades, the last run, what awaits a person."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from gongbao.office import worlds
from gongbao.office.cases.models import OPEN, Case
from gongbao.office.credit import city as figures
from gongbao.office.credit import runs
from gongbao.office.credit.models import PACK, Run
from gongbao.office.credit.views import common
from gongbao.office.people import access

VIEWS = {"county": "按县（市、区）", "sector": "按行业", "directory": "按监管名录"}


@require_GET
def city(request: HttpRequest) -> HttpResponse:
    access.require(request.user, *common.EVERYBODY)
    runs.bury()
    view = request.GET.get("by", "county")
    lines = {"sector": figures.by_sector, "directory": figures.directories}.get(view, figures.by_county)()
    whole = figures.whole(lines)
    world = worlds.world(PACK)
    context = {
        "world": world, "lines": lines, "whole": whole, "columns": figures.COLUMNS, "view": view, "views": VIEWS,
        "figures": list(zip(figures.COLUMNS, whole.counts, strict=True)), "last": Run.objects.first(),
        "done": Run.objects.filter(status=Run.DONE).first(),
        "objections": Case.objects.filter(pack=PACK, procedure="objection", status=OPEN).count(),
        "repairs": Case.objects.filter(pack=PACK, procedure="repair", status=OPEN).count(),
        "empty": [s for s in world.settings.values() if not s.filled],
        "may_run": request.user.has_role("监管人员"), "longest": 12 * int(world.params["evaluation_cycle"]),
        "bar": figures.WIDTH,
    }  # fmt: skip
    return render(request, "credit/city.html", context)
