"""企业: the list with its filters and export, and the page of one enterprise."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from gongbao.office import worlds
from gongbao.office.cases.models import Case
from gongbao.office.credit import city, grading, inspection, models
from gongbao.office.credit.models import PACK, CreditRecord, Effect, Enterprise
from gongbao.office.credit.views import common
from gongbao.office.people import access, audit, roles, units

HEADER = (
    "统一社会信用代码",
    "企业名称",
    "注册地",
    "监管名录",
    "行业",
    "重点领域",
    "行业信用风险",
    "等级",
    "状态",
    "评价时间",
)


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    access.require(request.user, *common.STAFF)
    asked = common.asked(request)
    found = city.filtered(asked)
    if asked.get("format") in ("xlsx", "csv"):
        audit.note(request.user, "导出企业信用等级", "名录", {k: v for k, v in asked.items() if k != "format"}, request)
        rows = (
            (e.credit_code, e.name, e.county, e.directory, e.sector, e.field, e.sector_risk, e.grade,
             models.STATUS_WORDS.get(e.grade_status, "未评"), e.graded_at)
            for e in found.order_by("credit_code").iterator()
        )  # fmt: skip
        return common.table("企业信用等级", asked["format"], HEADER, rows)
    world = worlds.world(PACK)
    context = {
        **common.paged(request, found), "asked": asked, "areas": units.areas(), "grades": (*city.GRADES, city.UNKNOWN, "未评"),
        "sectors": Enterprise.objects.order_by("sector").values_list("sector", flat=True).distinct(),
        "fields": world.facts["field_of_business"].values, "count": _capped(found), "world": world,
    }  # fmt: skip
    return render(request, "credit/enterprises.html", context)


def _capped(found: object) -> str:
    number = found.order_by()[:10_001].count()  # type: ignore[attr-defined]
    return "10000+" if number > 10_000 else str(number)


@require_GET
def page(request: HttpRequest, code: str) -> HttpResponse:
    access.require(request.user, *common.EVERYBODY)
    enterprise = get_object_or_404(Enterprise, credit_code=code)
    common.sees(request.user, enterprise)
    judged = grading.grade(enterprise)
    world, facts = judged.world, judged.facts[0]
    inspected = inspection.inspect(world, grading.counting.known(facts), enterprise.sector_risk)
    records = list(CreditRecord.objects.filter(enterprise=enterprise))
    for record in records:
        record.inside = judged.cycle.holds(record.dated) or judged.cycle.holds(record.collected_on)
    key = world.decisions["key_area"]
    cases = list(
        Case.objects.filter(
            pack=PACK, procedure__in=("objection", "repair"), title__startswith=f"{enterprise.name}："
        ).order_by("-id")[:12]
    )
    effects: dict[str, list[Effect]] = {}
    for effect in Effect.objects.filter(case_number__in=[c.number for c in cases]).order_by("case_number", "seq"):
        effects.setdefault(effect.case_number, []).append(effect)
    context = {
        "enterprise": enterprise, "judged": judged, "world": world, "outcome": judged.outcome, "records": records,
        "in_cycle": sum(r.inside and r.stands for r in records),
        "inspected": inspected, "inspected_possible": [dict(c) for c in inspected.candidates],
        "history": enterprise.grades.select_related("run")[:24],
        "key_area": _key_area(world, enterprise), "key_cite": key.cite,
        "cases": [(c, effects.get(c.number, ())) for c in cases],
        "differs": enterprise.grade_status and (enterprise.grade, enterprise.grade_status) != (judged.verdict.grade, judged.verdict.status),
        "may_open": request.user.has_role(*common.WINDOW), "may_judge": request.user.has_role(roles.REGULATOR),
    }  # fmt: skip
    return render(request, "credit/enterprise.html", context)


def _key_area(world: object, enterprise: Enterprise) -> bool:
    from gongbao.engine.decision.decide import decide

    return bool(decide(world, "key_area", {"field_of_business": enterprise.field}).output)  # type: ignore[arg-type]


@require_POST
def regrade(request: HttpRequest, code: str) -> HttpResponse:
    access.require(request.user, roles.REGULATOR)
    enterprise = get_object_or_404(Enterprise, credit_code=code)
    row = grading.regrade(enterprise, cause=f"单个评价 {request.user.name}")
    messages.success(request, f"已重新评价：{row.grade or models.STATUS_WORDS[row.status]}")
    return redirect("credit:enterprise", code)


@require_POST
def judge(request: HttpRequest, code: str) -> HttpResponse:
    """Enter the judgement of the regulator who found a record: whether it did serious harm."""
    access.require(request.user, roles.REGULATOR)
    enterprise = get_object_or_404(Enterprise, credit_code=code)
    record = get_object_or_404(CreditRecord, enterprise=enterprise, number=request.POST.get("record", ""))
    answer = {"是": True, "否": False}.get(request.POST.get("serious", ""))
    judge_name = request.POST.get("judge", "").strip()
    if answer is None or not judge_name:
        messages.error(request, "请选择是或否，并写明认定该行为的监管部门和判断人")
        return redirect("credit:enterprise", code)
    record.serious_consequence = answer
    record.save(update_fields=["serious_consequence"])
    audit.note(request.user, "登记是否造成严重后果", record.number, {"serious": answer, "judge": judge_name}, request)
    grading.regrade(enterprise, cause=f"判断后果 {record.number} {judge_name}")
    messages.success(request, f"已登记 {record.number}：{'造成' if answer else '未造成'}严重后果，等级已重新评价")
    return redirect("credit:enterprise", code)
