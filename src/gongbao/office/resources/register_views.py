"""One register: its rows and what the document says of their number; adding, changing, ending; tables in and out."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from gongbao.exchange.tables import TableError
from gongbao.office import clock
from gongbao.office.people import access, audit
from gongbao.office.people.units import areas
from gongbao.office.resources import book, cells, exchanging, finding, holdings, views
from gongbao.office.resources.kept import Kept, area_of
from gongbao.office.resources.models import Row

PAGE = 60
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HIDDEN = ("longitude", "latitude")  # roles that a list leaves to the page of the row


def _kept(request: HttpRequest, city: str, slug: str, register: str) -> Kept:
    views.enter(request)
    one = views.kept_or_404(f"{city}/{slug}", register)
    book.begin(one)
    return one


def _listed(one: Kept, request: HttpRequest) -> Any:
    rows = finding.containing(views.listed(one), request.GET.get("q", "")[:80])
    place = request.GET.get("place", "")
    return rows.filter(place=place) if place else rows


@require_GET
def register(request: HttpRequest, city: str, slug: str, register: str) -> HttpResponse:
    """?q=&place=&on=DATE: the rows valid today, or on a past day."""
    one = _kept(request, city, slug, register)
    account = request.user
    on, problem = _on(request.GET.get("on", ""))
    asked = {name: request.GET[name] for name in ("q", "place", "on") if request.GET.get(name)}
    found = _listed(one, request) if on is None else [e for e in book.as_of(one, on) if _matches(request, one, e[1])]
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    rows = [(row, _whole(row)) for row in page] if on is None else list(page)
    columns = [c for c in one.columns if c.role not in HIDDEN and (on is None or c.personal is None)]
    columns = [c for c in columns if c.required or c.decided_by or any(v.get(c.id) is not None for _, v in rows)]
    everything = [v for _, v in book.as_of(one, on)] if on else _now(one)
    return render(request, "resources/register.html", {
        "kept": one, "columns": columns, "rows": _lines(request, one, columns, rows), "asked": asked,
        "areas": areas() if one.role("place") else (), "counts": one.counted(everything), "today": clock.today(),
        "total": len(everything) if everything else page.paginator.count, "on": on,
        "edits": one.may_edit(account, area_of(account)), "keepers": one.register.kept_by,
        "errors": [{"id": "on", "text": problem}] if problem else [], "address": _address(one),
        "query": urlencode(asked),
        "page": {
            "words": f"第 {page.start_index()}–{page.end_index()} 行，共 {page.paginator.count} 行",
            "next": urlencode({**asked, "page": page.next_page_number()}) if page.has_next() else "",
            "previous": urlencode({**asked, "page": page.previous_page_number()}) if page.has_previous() else "",
        },
    }, status=422 if problem else 200)  # fmt: skip


def _whole(row: Row) -> dict[str, Any]:
    return {**book.decoded(row), **book.codec.decode(row.personal)}


def _now(one: Kept) -> list[dict[str, Any]]:
    """The cells of all rows, where the document says how many there are."""
    return [book.decoded(row) for row in views.listed(one)] if one.register.counts else []


def _lines(
    request: HttpRequest, one: Kept, columns: list[Any], rows: list[tuple[Row, dict[str, Any]]]
) -> list[tuple[Row, list[tuple[Any, str]], Any]]:
    """(row, its cells with their columns, what cases hold of it); personal cells shown in the clear are written down."""
    account, read, lines = request.user, [], []
    held = Row.objects.filter(pk__in=[row.pk for row, _ in rows])
    out = dict(holdings.with_out(held).values_list("pk", "out")) if one.lent else {}
    for row, values in rows:
        made = cells.computed(one, values)
        lines.append((
            row, [(c, made.get(c.id) or cells.shown(account, c, values.get(c.id))) for c in columns], out.get(row.pk)
        ))  # fmt: skip
        if any(c.personal and values.get(c.id) and cells.reads(account, c) for c in columns):
            read.append(row.pk)
    views.note_reading(request, read)
    return lines


def _matches(request: HttpRequest, one: Kept, values: dict[str, Any]) -> bool:
    text = " ".join(cells.written(v) for v in values.values()).lower()
    place = request.GET.get("place", "")
    words = request.GET.get("q", "")[:80].lower().split()
    return all(word in text for word in words) and (not place or one.cell(values, "place") == place)


def _on(text: str) -> tuple[dt.date | None, str]:
    if not text.strip():
        return None, ""
    try:
        day = dt.date.fromisoformat(text.strip())
    except ValueError:
        return None, f"“{text[:20]}”不是日期，须写作 2023-05-01"
    if day > clock.today():
        return None, "截至日期晚于今天"
    return (None if day == clock.today() else day), ""


def _address(one: Kept) -> tuple[str, str, str]:
    city, _, slug = one.pack.partition("/")
    return city, slug, one.id


def new(request: HttpRequest, city: str, slug: str, register: str) -> HttpResponse:
    one = _kept(request, city, slug, register)
    given = _given(request, one)
    if request.method != "POST":
        _may(request, one, area_of(request.user))
        place, state = one.role("place"), one.role("state")
        given = {place.id: area_of(request.user) or ""} if place else {}
        if state is not None and book.USABLE in state.values:
            given[state.id] = book.USABLE
        return _form(request, one, given)
    try:
        row = book.add(
            one, request.user, given, valid_from=_date(request, "valid_from"), why=request.POST.get("why", "")
        )
    except book.Refused as refused:
        return _form(request, one, given, refused=refused)
    messages.success(request, f"已登记 {row.name}")
    return redirect("resources:new", *_address(one)) if "again" in request.POST else redirect("resources:row", row.pk)


def change(request: HttpRequest, pk: int) -> HttpResponse:
    views.enter(request)
    row = get_object_or_404(Row, pk=pk)
    one = views.kept_or_404(row.pack, row.register)
    given = _given(request, one)
    hidden = [c.id for c in one.typed if c.personal and not cells.reads(request.user, c)]
    if request.method != "POST":
        _may(request, one, row.place or None)
        values = _whole(row)
        if any(c.personal and values.get(c.id) and c.id not in hidden for c in one.typed):
            views.note_reading(request, [row.pk])
        return _form(request, one, {c.id: cells.written(values.get(c.id)) for c in one.typed}, row=row, hidden=hidden)
    given = {name: text for name, text in given.items() if name not in hidden}
    seq = request.POST.get("seq", "")
    try:
        book.change(
            one, request.user, pk, given, seq=int(seq) if seq.isascii() and seq.isdigit() and len(seq) < 10 else None,
            valid_from=_date(request, "valid_from"), why=request.POST.get("why", ""),
        )  # fmt: skip
    except book.Refused as refused:
        return _form(request, one, given, row=row, hidden=hidden, refused=refused)
    messages.success(request, f"已变更 {row.name}")
    return redirect("resources:row", pk)


def _may(request: HttpRequest, one: Kept, place: str | None) -> None:
    """Refuse the form to whoever would only be refused once it is filled in."""
    if not one.may_edit(request.user, place):
        keepers = "、".join(u.name for u in one.keepers_of(place)) or "、".join(one.register.kept_by)
        raise access.NotYours(f"“{one.label}”的这一处由 {keepers} 登记。")


@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    views.enter(request)
    row = get_object_or_404(Row, pk=pk)
    one = views.kept_or_404(row.pack, row.register)
    seq = request.POST.get("seq", "")
    try:
        book.end(
            one, request.user, pk, last=_date(request, "last"), why=request.POST.get("why", ""),
            seq=int(seq) if seq.isascii() and seq.isdigit() and len(seq) < 10 else None,
        )  # fmt: skip
    except book.Refused as refused:
        return views.row_page(
            request, pk, tried="end", given={"why": request.POST.get("why", "")}, error=str(refused),
            fields=refused.fields, status=422,
        )  # fmt: skip
    messages.success(request, f"已注销 {row.name}")
    return redirect("resources:register", *_address(one))


def _given(request: HttpRequest, one: Kept) -> dict[str, str]:
    return {c.id: request.POST.get(f"c-{c.id}", "") for c in one.typed}


def _date(request: HttpRequest, name: str) -> dt.date | None:
    text = request.POST.get(name, "").strip()
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise book.Refused(f"“{text[:20]}”不是日期", {name: "须写作 2023-05-01"}) from None


def _form(
    request: HttpRequest, one: Kept, given: dict[str, str], *, row: Row | None = None, hidden: list[str] | None = None,
    refused: book.Refused | None = None,
) -> HttpResponse:  # fmt: skip
    fields = refused.fields if refused else {}
    labels = {c.id: c.label for c in one.columns}
    controls = [
        {
            "column": c, "id": f"c-{c.id}", "value": given.get(c.id, ""), "error": fields.get(c.id, ""),
            "needed": c.required or c.id in one.register.key, "options": _options(one, c),
        }
        for c in one.typed if c.id not in (hidden or ())
    ]  # fmt: skip
    errors = [
        {"id": f"c-{name}" if name in labels else name, "label": labels.get(name, ""), "text": text}
        for name, text in fields.items()
    ] or ([{"text": str(refused)}] if refused else [])
    return render(request, "resources/form.html", {
        "kept": one, "row": row, "controls": controls, "errors": errors, "today": clock.today(), "address": _address(one),
        "fields": fields, "why": request.POST.get("why", ""), "valid_from": request.POST.get("valid_from", ""),
        "hidden": [labels[h] for h in hidden or ()], "unit_names": _unit_names(one),
    }, status=422 if refused else 200)  # fmt: skip


def _unit_names(one: Kept) -> list[str]:
    """The units that a column of the form may name."""
    if not any(column.type == "unit" for column in one.typed):
        return []
    today = clock.today()
    return [u.name for u in one.world.units.units.values() if u.exists(today) and not u.succeeded(today)]


def _options(one: Kept, column: Any) -> tuple[str, ...]:
    if column.values:
        return tuple(column.values)
    if column.type == "boolean":
        return ("是", "否")
    if column.type == "place" and column.role in ("place", "neighbour"):
        return one.world.units.areas
    return ()


def bring(request: HttpRequest, city: str, slug: str, register: str) -> HttpResponse:
    one = _kept(request, city, slug, register)
    context: dict[str, Any] = {"kept": one, "address": _address(one), "why": request.POST.get("why", "")}
    if not one.may_edit(request.user, area_of(request.user)):
        context["errors"] = [{"text": f"由 {'、'.join(one.register.kept_by)} 登记"}]
        return render(request, "resources/import.html", context, status=403)
    if request.method != "POST":
        return render(request, "resources/import.html", context)
    upload = request.FILES.get("file")
    if upload is None:
        context["errors"] = [{"id": "file", "label": "", "text": "请选择文件"}]
        return render(request, "resources/import.html", context, status=422)
    try:
        brought = exchanging.take(one, request.user, upload.read(), upload.name or "", request.POST.get("why", ""))
    except (TableError, book.Refused) as error:
        context["errors"] = [{"id": "file", "label": "", "text": str(error)}]
        return render(request, "resources/import.html", context, status=422)
    if brought.faults:
        context |= {"brought": brought, "faults": brought.faults[: exchanging.MOST_SHOWN], "file": upload.name}
        return render(request, "resources/import.html", context, status=422)
    detail = {"file": (upload.name or "")[:80], "added": brought.added, "changed": brought.changed}
    audit.note(request.user, "导入清单", f"{one.pack} {one.id}", detail, request)
    messages.success(request, f"读 {brought.rows} 行，新增 {brought.added}，变更 {brought.changed}")
    return redirect("resources:register", *_address(one))


@require_GET
def export(request: HttpRequest, city: str, slug: str, register: str) -> HttpResponse:
    one = _kept(request, city, slug, register)
    on, problem = _on(request.GET.get("on", ""))
    if problem:
        return redirect("resources:register", *_address(one))
    if on is not None:
        rows = [(row, values) for row, values in book.as_of(one, on) if _matches(request, one, values)]
    else:
        rows = [(row, book.decoded(row)) for row in _listed(one, request)]
    data, personal = exchanging.sheet(one, request.user, rows, personal=on is None)
    detail = {"rows": len(rows), "personal": personal}
    audit.note(request.user, "导出清单", f"{one.pack} {one.id}", detail, request)
    if personal:
        views.note_reading(request, [row.pk for row, _ in rows if row.personal])
    return _download(exchanging.file_name(one, on or clock.today()), data)


@require_GET
def template(request: HttpRequest, city: str, slug: str, register: str) -> HttpResponse:
    one = _kept(request, city, slug, register)
    return _download(f"{one.label}模板.xlsx", exchanging.template(one))


def _download(name: str, data: bytes) -> HttpResponse:
    response = HttpResponse(data, content_type=XLSX)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response
