"""导入: enterprises and records from a table; what is wrong is told by cell and then nothing is taken."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from gongbao.exchange.tables import TableError
from gongbao.office.credit import loading
from gongbao.office.credit.views import common
from gongbao.office.people import access, audit, roles

KINDS = {"enterprises": "企业名录", "records": "信用记录"}


def page(request: HttpRequest) -> HttpResponse:
    access.require(request.user, roles.REGULATOR)
    context: dict[str, object] = {"kinds": KINDS, "kind": request.POST.get("kind", "enterprises"), "columns": {
        "enterprises": loading.ENTERPRISE_COLUMNS, "records": loading.RECORD_COLUMNS}}  # fmt: skip
    if request.method != "POST":
        return render(request, "credit/import.html", context)
    kind, upload = request.POST.get("kind", ""), request.FILES.get("file")
    if kind not in KINDS or upload is None:
        context["errors"] = [{"id": "file", "label": "", "text": "请选择文件和内容"}]
        return render(request, "credit/import.html", context, status=422)
    try:
        loaded = loading.load(kind, upload.read(), upload.name or "")
    except TableError as error:
        context["errors"] = [{"id": "file", "label": "", "text": str(error)}]
        return render(request, "credit/import.html", context, status=422)
    if loaded.faults:
        context |= {"loaded": loaded, "faults": loaded.faults[: loading.MOST_SHOWN], "file": upload.name}
        return render(request, "credit/import.html", context, status=422)
    audit.note(
        request.user,
        f"导入{KINDS[kind]}",
        (upload.name or "")[:80],
        {"added": loaded.added, "changed": loaded.changed},
        request,
    )
    messages.success(
        request,
        f"{KINDS[kind]}：读 {loaded.rows} 行，新增 {loaded.added}，更新 {loaded.changed}。等级在下次评价时更新。",
    )
    return redirect("credit:import")


@require_GET
def template(request: HttpRequest, kind: str) -> HttpResponse:
    access.require(request.user, roles.REGULATOR)
    if kind not in KINDS:
        raise Http404(kind)
    name, data = loading.template(kind)
    return common.download(name, data, common.XLSX)
