"""Lending and giving back from a page: back to where it was pressed, or to the row with what was wrong."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from gongbao.office.cases.models import Case
from gongbao.office.people import access
from gongbao.office.resources import lending, views
from gongbao.office.resources.models import Holding, Row


@require_POST
def lend(request: HttpRequest, pk: int) -> HttpResponse:
    """`case` (its number), `quantity`, `note`, `next`."""
    views.enter(request)
    row = get_object_or_404(Row, pk=pk)
    given = {name: request.POST.get(name, "").strip()[:200] for name in ("case", "quantity", "note")}
    try:
        case = access.case_for(request.user, given["case"])
    except Case.DoesNotExist:
        message = f"没有编号为 {given['case']} 的事项" if given["case"] else "须选择事项"
        return views.row_page(request, pk, tried="lend", given=given, fields={"case": message}, status=422)
    try:
        lending.lend(pk, case, request.user, quantity=given["quantity"], note=given["note"], seq=_seq(request))
    except lending.Refused as refused:
        return _refused(request, pk, "lend", given, refused)
    messages.success(request, f"已为 {case.number} 调用 {row.name}")
    return redirect(_next(request, pk))


@require_POST
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    """`returned`, `used` (both empty: all of it comes back), `note`, `next`."""
    views.enter(request)
    held = get_object_or_404(Holding.objects.select_related("row"), pk=pk)
    given = {name: request.POST.get(name, "").strip()[:200] for name in ("returned", "used", "note")}
    try:
        lending.give_back(
            pk, request.user, returned=given["returned"], used=given["used"], note=given["note"], seq=_seq(request)
        )
    except lending.Refused as refused:
        return _refused(request, held.row_id, f"return{pk}", given, refused)
    messages.success(request, f"已登记归还 {held.row.name}")
    return redirect(_next(request, held.row_id))


def _refused(
    request: HttpRequest, pk: int, tried: str, given: dict[str, str], refused: lending.Refused
) -> HttpResponse:
    return views.row_page(
        request, pk, tried=tried, given=given, error=str(refused),
        fields={name: str(refused) if name in given else text for name, text in refused.fields.items()}, status=422,
    )  # fmt: skip


def _seq(request: HttpRequest) -> int | None:
    seq = request.POST.get("seq", "")
    return int(seq) if seq.isascii() and seq.isdigit() and len(seq) < 10 else None


def _next(request: HttpRequest, pk: int) -> str:
    """Where it was pressed, if that is a page of this office; else the row."""
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    from django.urls import reverse

    return reverse("resources:row", args=[pk])
