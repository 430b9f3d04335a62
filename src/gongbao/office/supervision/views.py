"""The board: lights with their reasons, by plan, unit, county and leader; the same rows as XLSX."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from gongbao.exchange.tables import write_xlsx
from gongbao.office.people import audit
from gongbao.office.supervision import board, index, lights, rule
from gongbao.office.supervision.models import Book, Item
from gongbao.office.tasks import book
from gongbao.office.tasks.lists import oversees

PAGE = 60
SIDES = {"plan": "来源", "unit": "单位", "area": "县（市、区）", "leader": "分管领导"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """?tab= one of board.TABS; plan, unit, area, leader, kind, q narrow it."""
    _up_to_date()
    lit = lights.now()
    asked = _asked(request)
    rows = board.filtered(board.seen_by(request.user), asked)
    figures = board.figures(rows, lit, (oversees(request.user), request.user.unit, *asked.values()))
    tab = request.GET.get("tab", "")
    if tab not in board.TABS:
        tab = next((name for name in ("red", "yellow", "office") if figures.tabs[name]), "all")
    pages = Paginator(board.in_tab(rows, tab, lit).select_related("case"), PAGE)
    if tab != "closed":
        pages.count = figures.tabs[tab]  # counted already
    page = pages.get_page(request.GET.get("page"))
    kept = {name: value for name, value in asked.items() if value}
    world = rule.find()
    return render(request, "supervision/home.html", {
        "rows": [(item, *lit.of(item)) for item in page.object_list], "tab": tab, "asked": asked, "kinds": board.KINDS,
        "tabs": [(name, label, figures.tabs.get(name)) for name, label in board.TABS.items()],
        "sides": [(name, label, figures.by[name]) for name, label in SIDES.items() if len(figures.by[name]) > 1 or asked[name]],
        "kept": urlencode(kept), "narrowed": kept, "words": SIDES, "oversees": oversees(request.user),
        "may_open": world is not None and request.user.has_role("督查员"), "pack": world.pack if world else "",
        "unset": [world.settings[n].label for n in ("yellow_days", "silent_days") if rule.days(world, n) is None] if world else [],
        "page": {
            "words": f"第 {page.start_index()}–{page.end_index()} 项，共 {pages.count} 项",
            "next": urlencode({**kept, "tab": tab, "page": page.next_page_number()}) if page.has_next() else "",
            "previous": urlencode({**kept, "tab": tab, "page": page.previous_page_number()}) if page.has_previous() else "",
        },
    })  # fmt: skip


@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The rows of a tab with the same filters, all pages."""
    _up_to_date()
    lit, asked = lights.now(), _asked(request)
    tab = request.GET.get("tab", "all")
    rows = board.in_tab(board.filtered(board.seen_by(request.user), asked), tab, lit).prefetch_related("involved")
    header, lines = board.sheet(rows, lit)
    audit.note(request.user, "导出督查台账", "督查", {"范围": board.TABS.get(tab, tab), "行数": len(lines)}, request)
    response = HttpResponse(write_xlsx(header, lines, "督查台账"), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="duchalan-{lit.today:%Y%m%d}.xlsx"'
    return response


def _asked(request: HttpRequest) -> dict[str, Any]:
    asked = {name: request.GET.get(name, "").strip()[:120] for name in board.FILTERS}
    if asked["kind"] not in board.KINDS:
        asked["kind"] = ""
    return asked


def _up_to_date() -> None:
    """What was written since the board was last asked; the standing tasks themselves are the worker's round."""
    if not Book.objects.exists() and not Item.objects.exists():
        book.catch_up()
    index.catch_up()
