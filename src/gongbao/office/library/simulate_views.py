"""试算: choose a decision, other values and the data; follow the run; see who changes, and take the changes along."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from gongbao.batch.whatif.rows import header
from gongbao.exchange.tables import TableError, write_xlsx
from gongbao.office import worlds
from gongbao.office.library import pack_views, packs, simulating, sources
from gongbao.office.library.models import Simulation
from gongbao.office.pages import fields
from gongbao.office.people import access, audit

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def page(request: HttpRequest, city: str, slug: str) -> HttpResponse:
    """The form; a POST runs it."""
    access.require(request.user, *simulating.MAY)
    read, context = pack_views.of_today(city, slug)
    name = (request.POST if request.method == "POST" else request.GET).get("decision", "")
    offered = [(n, d.label) for n, d in read.decisions.items() if not packs.problems(read.id, n)]
    context |= {"offered": offered, "recent": list(simulating.of_account(request.user, read.id)), "decision": name}
    if not name:
        return render(request, "library/simulate.html", context)
    if name not in dict(offered):
        raise Http404(f"没有判定“{name}”；有：{'、'.join(dict(offered)) or '无'}")
    world = worlds.world(read.id).for_unit(request.user.unit)
    data = sources.fitting(world, name, request.user)
    given = {k.removeprefix("c-"): v.strip() for k, v in request.POST.items() if k.startswith("c-") and v.strip()}
    chosen = request.POST.get("source", data[0].key if data else simulating.UPLOAD)
    wanted = [(n, False) for n in simulating.fixed_facts(world, name)]
    typed = fields.typed(world, wanted, request.POST)
    more = dict.fromkeys(n for each in data for n in each.reads)
    context |= {
        "d": read.decisions[name], "name": name, "sources": [(s, s.count(world, request.user)) for s in data],
        "chosen": chosen, "figures": simulating.figures(world, name, given, tuple(more)),
        "controls": fields.fields(world, wanted, typed), "header": header(world, name),
    }  # fmt: skip
    if request.method != "POST":
        return render(request, "library/simulate.html", context)
    upload = request.FILES.get("file")
    try:
        row = simulating.start(
            request.user, world, name, given, source=chosen, facts={n: str(typed.get(n, "")) for n, _ in wanted},
            upload=(upload.name or "", upload.read()) if upload is not None else None,
        )  # fmt: skip
    except (ValueError, TableError) as error:
        context["errors"] = [{"id": "simulate", "label": "", "text": line} for line in str(error).splitlines()]
        return render(request, "library/simulate.html", context, status=422)
    audit.note(request.user, "试算", f"{read.id} {name}", {"改动": given, "数据": chosen, "编号": row.pk}, request)
    return redirect("library:simulation", city, slug, row.pk)


@require_GET
def template(request: HttpRequest, city: str, slug: str, name: str) -> HttpResponse:
    """An empty table with the columns that the decision wants."""
    access.require(request.user, *simulating.MAY)
    read, _ = pack_views.of_today(city, slug)
    spec = pack_views.one(read.decisions, name, "判定")
    return _download(f"试算 {spec.label}.xlsx", write_xlsx(header(worlds.world(read.id), name), [], spec.label), XLSX)


def _row(request: HttpRequest, city: str, slug: str, pk: int) -> Simulation:
    access.require(request.user, *simulating.MAY)
    row = Simulation.objects.filter(pk=pk, pack=f"{city}/{slug}").first()
    if row is None:
        raise Http404(f"没有第 {pk} 次试算，或已过保存期")
    if row.account != request.user.username:
        raise access.NotYours("试算只由作试算的人查看。")
    return row


@require_GET
def result(request: HttpRequest, city: str, slug: str, pk: int) -> HttpResponse:
    row = _row(request, city, slug, pk)
    read, context = pack_views.of_today(city, slug)
    spec = read.decisions.get(row.decision)
    data = sources.source(row.source)
    context |= {
        "row": row, "d": spec, "name": row.decision, "found": _shown(row.result) if row.result else None,
        "data": data.label if data is not None else row.file_name or "上传的表", "stale": row.version != context["version"],
    }  # fmt: skip
    return render(request, "library/simulation.html", context)


def _shown(found: dict[str, Any]) -> dict[str, Any]:
    """The result with what a template cannot compute: rows of the matrices under their names."""
    outputs = [
        {**o, "lines": _lines(o["matrix"]), "moved": [d for d in o["differences"] if d["by"] != 0]}
        for o in found["outputs"]
    ]
    return {**found, "outputs": outputs, "day_lines": _lines(found["days"])}


def _lines(matrix: dict[str, Any] | None) -> list[tuple[str, list[tuple[int, str, bool]], int]]:
    if matrix is None:
        return []
    return [
        (name, list(zip(matrix["counts"][i], matrix["shares"][i], (i == j for j in range(len(matrix["outcomes"]))),
                        strict=True)), matrix["before"][i])
        for i, name in enumerate(matrix["outcomes"])
    ]  # fmt: skip


@require_GET
def progress(request: HttpRequest, city: str, slug: str, pk: int) -> HttpResponse:
    """How far it is; the page asks again every second until it is done, then loads itself anew."""
    simulating.bury()
    row = _row(request, city, slug, pk)
    response = render(request, "library/simulation_progress.html", {"row": row, "city": city, "slug": slug})
    if not row.running:
        response.headers["HX-Refresh"] = "true"
    return response


@require_GET
def download(request: HttpRequest, city: str, slug: str, pk: int, form: str) -> HttpResponse:
    """The changed rows as a workbook, or the picture."""
    row = _row(request, city, slug, pk)
    if form == "svg" and row.picture:
        return _download(f"试算{pk}.svg", row.picture.encode(), "image/svg+xml; charset=utf-8")
    if form == "xlsx" and row.changed is not None:
        audit.note(request.user, "导出试算的变化", f"{row.pack} {row.decision}", {"编号": pk}, request)
        return _download(f"试算{pk} 改变的行.xlsx", bytes(row.changed), XLSX)
    raise Http404("没有这个文件")


def _download(name: str, data: bytes, kind: str) -> HttpResponse:
    return HttpResponse(data, content_type=kind, headers={
        "Content-Disposition": content_disposition_header(True, name) or "attachment"})  # fmt: skip
