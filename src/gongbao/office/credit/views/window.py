"""The window: a query by the enterprise or on its authority, an objection, a request for repair."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from gongbao.engine.decision.decide import decide
from gongbao.office import clock, worlds
from gongbao.office.cases import files, numbers, service
from gongbao.office.cases import papers as case_papers
from gongbao.office.cases.views import how
from gongbao.office.credit import grading, models, papers
from gongbao.office.credit.models import PACK, CreditRecord, Enterprise, Query
from gongbao.office.credit.views import common
from gongbao.office.pages import fields
from gongbao.office.people import access, audit, roles
from gongbao.office.people.units import official

PROCEDURES = {"objection": "提出异议", "repair": "申请信用修复"}
RECORDS = "record_numbers"


def queries(request: HttpRequest) -> HttpResponse:
    """Register who asks and answer by the rule (三（四）); below, the queries so far."""
    access.require(request.user, *common.EVERYBODY)
    world = worlds.world(PACK)
    form = [("credit_code", True), ("asker", True)]
    given = fields.typed(world, form, request.POST) if request.method == "POST" else None
    errors: dict[str, str] = {}
    name = request.POST.get("asker_name", "").strip()
    if given is not None:
        access.require(request.user, *common.WINDOW)
        try:
            made, errors = _ask(request, world, given, name)
        except files.BadFile as bad:
            made, errors = None, {"evidence": str(bad)}
        if made is not None:
            return redirect("credit:query", made.number)
    controls = fields.fields(world, form, given, errors)
    other = [text for key, text in errors.items() if key not in dict(form)]
    context = {
        "fields": controls, "errors": fields.summary(controls, other), "asker_name": name, "world": world,
        "may_ask": request.user.has_role(*common.WINDOW), "rows": _recent(request.user),
    }  # fmt: skip
    return render(request, "credit/queries.html", context, status=422 if errors else 200)


def _recent(account: Any) -> Any:
    """The newest queries: all of them for those who see enterprises anyway, the window's own for the window."""
    rows = Query.objects.select_related("enterprise")
    return (rows if account.has_role(*common.STAFF) else rows.filter(account=account.username))[:30]


def _ask(request: HttpRequest, world: Any, given: dict[str, Any], name: str) -> tuple[Query | None, dict[str, str]]:
    code, asker = str(given.get("credit_code", "")).upper(), given.get("asker", "")
    enterprise = Enterprise.objects.filter(credit_code=code).first()
    errors = {}
    if enterprise is None:
        errors["credit_code"] = "名录中没有这个代码" if code else "请填写统一社会信用代码"
    if asker not in world.facts["asker"].values:
        errors["asker"] = f"请选择：{'、'.join(world.facts['asker'].values)}"
    if not name:
        errors["asker_name"] = "请填写查询人姓名"
    evidence = [files.keep(upload) for upload in request.FILES.getlist("evidence")] if not errors else []
    if asker == "经企业授权的人" and not evidence and not errors:
        errors["evidence"] = "授权查询须附企业授权书扫描件"
    if errors or enterprise is None:
        return None, errors
    allowed = decide(world, "query_allowed", {"asker": asker}).output is True
    verdict = grading.grade(enterprise).verdict if allowed else None
    with transaction.atomic():
        made = Query.objects.create(
            number=numbers.case_number("CX{date}{seq:04}", clock.today()), at=clock.now(), enterprise=enterprise,
            asker=asker, asker_name=name[:40], evidence=evidence, allowed=allowed, account=request.user.username,
            unit=request.user.unit, grade=verdict.grade if verdict else "",
        )  # fmt: skip
        act = "信用查询" if allowed else "信用查询被拒"
        audit.note(request.user, act, code, {"asker": asker, "query": made.number}, request)
    return made, {}


def query(request: HttpRequest, number: str) -> HttpResponse:
    """The answer to one query: the result, or why it is not given."""
    access.require(request.user, *common.EVERYBODY)
    made = get_object_or_404(Query.objects.select_related("enterprise"), number=number)
    if not request.user.has_role(*common.STAFF) and made.account != request.user.username:
        raise access.NotYours("这次查询由其他人登记。")
    world = worlds.world(PACK)
    context: dict[str, Any] = {
        "query": made, "world": world, "outcome": decide(world, "query_allowed", {"asker": made.asker}),
        "procedures": PROCEDURES, "may_open": request.user.has_role(*common.WINDOW),
    }  # fmt: skip
    if made.allowed:
        judged = grading.grade(made.enterprise)
        context |= {"judged": judged, "grounds": judged.outcome, "facts": judged.facts[0]}
    return render(request, "credit/query.html", context)


def notice(request: HttpRequest, number: str) -> HttpResponse:
    """企业公共信用评价结果单 for a query that was allowed."""
    access.require(request.user, *common.WINDOW)
    made = get_object_or_404(Query.objects.select_related("enterprise"), number=number)
    if not made.allowed:
        raise access.NotYours("这次查询没有得到允许，不能出具结果单（三（四））。")
    common.sees(request.user, made.enterprise)
    try:
        name, data = papers.grade_notice(made.enterprise, grading.grade(made.enterprise), clock.today())
    except papers.NotGraded as refused:
        messages.error(request, str(refused))
        return redirect("credit:query", number)
    audit.note(request.user, "出具信用评价结果单", made.enterprise.credit_code, {"query": number}, request)
    return common.download(name, data, common.DOCX)


def open_case(request: HttpRequest, code: str, procedure: str) -> HttpResponse:
    """Open an objection or a repair for one enterprise, its records ticked from a list."""
    access.require(request.user, *common.WINDOW)
    if procedure not in PROCEDURES:
        raise Http404(procedure)
    enterprise = get_object_or_404(Enterprise, credit_code=code)
    common.sees(request.user, enterprise)
    world = worlds.world(PACK)
    form = [(name, required) for name, required in world.procedures[procedure].form
            if name not in ("enterprise", "credit_code", RECORDS)]  # fmt: skip
    open_to = (models.VALID, models.DISPUTED) if procedure == "repair" else (models.VALID,)
    records = list(CreditRecord.objects.filter(enterprise=enterprise, status__in=open_to))
    given, errors, other = None, {}, []
    ticked = request.POST.getlist(f"f-{RECORDS}") or request.GET.getlist("record")
    if request.method == "POST":
        given = fields.typed(world, form, request.POST)
        facts = {**given, "enterprise": enterprise.name, "credit_code": code}
        known = {r.number for r in records}
        if wrong := [n for n in ticked if n not in known]:
            other = [f"{'、'.join(wrong)} 不是这个企业可以办理的记录"]
        else:
            facts |= {RECORDS: ticked} if ticked else {}
            try:
                case = service.open_case(
                    request.user, PACK, procedure, facts, data={"place": enterprise.county}, **_how(request)
                )
                messages.success(request, f"已登记：{world.procedures[procedure].label} {case.number}")
                return redirect("cases:page", case.number)
            except service.ActionRefused as refused:
                errors = refused.fields
                other = [t for n, t in errors.items() if n not in dict(form)] or ([] if errors else [str(refused)])
            except files.BadFile as bad:
                other = [str(bad)]
    controls = fields.fields(world, form, given, errors, known=_first(enterprise, records, ticked, procedure))
    context = {
        "enterprise": enterprise, "records": records, "ticked": ticked, "fields": controls, "world": world,
        "rule": world.procedures[procedure], "procedure": procedure, "title": PROCEDURES[procedure],
        "errors": fields.summary(controls, other), "sources": service.SOURCES,
    }  # fmt: skip
    return render(request, "credit/open_case.html", context, status=422 if errors or other else 200)


def _how(request: HttpRequest) -> dict[str, Any]:
    return {key: value for key, value in how(request).items() if key in ("source", "evidence")}


def _first(enterprise: Enterprise, records: list[CreditRecord], ticked: list[str], procedure: str) -> dict[str, Any]:
    """What the form starts with: the time now, the unit that gave the ticked record, the present grade."""
    chosen = [r for r in records if r.number in ticked]
    unit = official((chosen or records)[0].source) if records else ""
    known: dict[str, Any] = {"received_at": clock.now(), "source_unit": unit}
    if procedure == "objection":
        known["objection_about"] = f"等级{enterprise.grade}" if enterprise.grade else "评价结果"
    if procedure == "repair" and chosen:
        known["repaired_what"] = "；".join(f"{r.kind}（{r.dated}，{r.number}）" for r in chosen)
    return known


@require_POST
def paper(request: HttpRequest, number: str) -> HttpResponse:
    """Number and make the letter that an act of an objection or a repair ordered."""
    access.require(request.user, roles.REGULATOR)
    case = access.case_for(request.user, number)
    seq = request.POST.get("seq", "")
    try:
        case_papers.issue(case, request.user, int(seq) if seq.isdecimal() else 0)
        messages.success(request, "文书已编号制发，在“文书”中下载")
    except (case_papers.NoPaper, service.ActionRefused) as refused:
        messages.error(request, str(refused))
    return redirect("cases:page", number)
