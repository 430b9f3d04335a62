"""评价: start a run over all enterprises, follow it, read and export what it gave and what it changed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from gongbao.office import worlds
from gongbao.office.credit import city, models, runs
from gongbao.office.credit.models import PACK, Grade, Run
from gongbao.office.credit.views import common
from gongbao.office.people import access, audit, roles

HEADER = ("统一社会信用代码", "企业名称", "注册地", "等级", "原等级", "状态", "规则行", "可能的等级", "原因", *(
    "吊销营业执照", "一般失信次数", "已修复次数", "严重失信名单", "七类处罚", "造成严重后果",
))  # fmt: skip


def listing(request: HttpRequest) -> HttpResponse:
    access.require(request.user, *common.STAFF)
    runs.bury()
    world = worlds.world(PACK)
    longest = 12 * int(world.params["evaluation_cycle"])
    if request.method == "POST":
        access.require(request.user, roles.REGULATOR)
        months = request.POST.get("months", "").strip()
        try:
            run = runs.start(request.user.username, months=int(months) if months else None)
        except (runs.Busy, ValueError) as refused:
            messages.error(
                request,
                str(refused) if not isinstance(refused, ValueError) or "周期" in str(refused) else "评价周期应为整数月",
            )
            return redirect("credit:runs")
        audit.note(request.user, "全市信用评价", str(run.pk), {"months": run.cycle_months}, request)
        return redirect("credit:run", run.pk)
    context = {"rows": Run.objects.all()[:50], "world": world, "longest": longest,
               "may_run": request.user.has_role(roles.REGULATOR)}  # fmt: skip
    return render(request, "credit/runs.html", context)


def _found(run: Run, asked: dict[str, str]) -> Any:
    rows = runs.changed(run) if asked.get("show") == "changed" else run.grades.select_related("enterprise")
    if asked.get("show") == "open":
        rows = rows.exclude(status=models.SETTLED)
    if asked.get("grade") in city.GRADES:
        rows = rows.filter(grade=asked["grade"])
    if asked.get("county"):
        rows = rows.filter(enterprise__county=asked["county"])
    return rows


@require_GET
def page(request: HttpRequest, pk: int) -> HttpResponse:
    access.require(request.user, *common.STAFF)
    run, asked = get_object_or_404(Run, pk=pk), common.asked(request)
    rows = _found(run, asked)
    if asked.get("format") in ("xlsx", "csv"):
        audit.note(request.user, "导出信用评价结果", str(pk), {"show": asked.get("show", "")}, request)
        return common.table(
            f"信用评价 {run.as_of}", asked["format"], HEADER,
            (_row(each) for each in rows.order_by("enterprise__credit_code").iterator()),
        )  # fmt: skip
    context = {
        "run": run, "asked": asked, "show": asked.get("show", "open"), **_counts(run),
        **common.paged(request, _found(run, {"show": "open", **asked}), "enterprise__credit_code"),
    }  # fmt: skip
    return render(request, "credit/run.html", context)


def _counts(run: Run) -> dict[str, Any]:
    whole = city.line("全市", [run.counts.get(g, 0) for g in city.GRADES]
                      + [sum(n for g, n in run.counts.items() if g not in city.GRADES), 0])  # fmt: skip
    return {"whole": whole, "columns": city.COLUMNS, "bar": city.WIDTH,
            "changed": runs.changed(run).count() if run.status == Run.DONE else 0}  # fmt: skip


def _row(each: Grade) -> tuple[Any, ...]:
    held, facts = each.enterprise, each.facts
    return (
        held.credit_code, held.name, held.county, each.grade, each.before, models.STATUS_WORDS.get(each.status, each.status),
        each.rule, "、".join(each.candidates), each.reason,
        *({True: "是", False: "否", None: "未知"}.get(v, v) if isinstance(v, bool) or v is None else v for v in facts.values()),
    )  # fmt: skip


@require_GET
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a run is; the page asks again every second until it is done, then loads itself anew."""
    access.require(request.user, *common.STAFF)
    runs.bury()
    run = get_object_or_404(Run, pk=pk)
    response = render(request, "credit/progress.html", {"run": run})
    if run.status in (Run.DONE, Run.FAILED):
        response.headers["HX-Refresh"] = "true"
    return response
