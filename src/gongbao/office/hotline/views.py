"""The pages of the desk: taking a call, what it suggests while typing, queues, 并案, the day in figures."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from gongbao.office import clock
from gongbao.office.cases import papers, service
from gongbao.office.cases.models import Case, CaseLink
from gongbao.office.hotline import day as days
from gongbao.office.hotline import desk, index, intake, propose, queues
from gongbao.office.hotline.suggest import is_danger
from gongbao.office.hotline.suggest import suggest as suggested
from gongbao.office.pages import fields
from gongbao.office.people import access
from gongbao.office.people import roles as r

MORE_12345 = ("handler", "dispatch_note", "answer", "guide_note", "excluded")
MORE_110 = ("station", "target", "guide_note")


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The call form for who takes calls here, the first queue for the others."""
    index.catch_up()
    takers = queues.POLICE if desk.is_police() else queues.CALLS
    if request.user.has_role(*takers):
        return _call(request)
    mine = queues.of(request.user)
    return redirect("hotline:queue", mine[0].id) if mine else redirect("cases:mine")


def _call(
    request: HttpRequest, given: dict[str, Any] | None = None, errors: dict[str, str] | None = None,
    other: tuple[str, ...] = (), status: int = 200,
) -> HttpResponse:  # fmt: skip
    found = desk.find()
    more = MORE_110 if desk.is_police() else MORE_12345
    needed = {"content", "place", "request_type", "danger"}
    names = tuple(dict.fromkeys((*intake.form(), *more)))
    made = fields.fields(found.world, [(name, name in needed) for name in names], given, errors)
    by_name = {f.fact: f for f in made}
    context = {
        "f": by_name, "ways": intake.ways(), "areas": found.areas, "police": desk.is_police(),
        "counts": queues.counts(request.user), "errors": fields.summary(made, other) if errors or other else [],
        "world": found.world,
        "proposal": propose.propose(*_typed(given or {}), found) if given else None,
    }  # fmt: skip
    return render(request, "hotline/call.html", context, status=status)


def _typed(given: Any) -> tuple[str, str, str, str]:
    return tuple(str(given.get(name) or "") for name in ("content", "place", "address", "channel"))  # type: ignore[return-value]


@require_POST
def suggest(request: HttpRequest) -> HttpResponse:
    """What the words typed so far suggest (called while typing)."""
    _require_taker(request)
    found = desk.find()
    given = fields.typed(found.world, [(n, False) for n in ("content", "place", "address", "channel")], request.POST)
    proposal = propose.propose(*_typed(given), found)
    return render(request, "hotline/proposal.html", {"proposal": proposal, "police": desk.is_police()})


@require_POST
def take(request: HttpRequest) -> HttpResponse:
    """Take the call: open the matter and go the chosen way (`do`)."""
    _require_taker(request)
    found = desk.find()
    way = next((w for w in intake.ways() if w.id == request.POST.get("do")), None)
    more = MORE_110 if desk.is_police() else MORE_12345
    given = fields.typed(found.world, [(n, False) for n in dict.fromkeys((*intake.form(), *more))], request.POST)
    if way is None:
        return _call(request, given, other=("请选择办理方式",), status=422)
    if not given.get("danger"):
        told = "先问清有无危险，再选“是”或“否”"
        return _call(request, given, {"danger": told}, status=422)
    note = ""
    if given["danger"] == "否" and is_danger(suggested(str(given.get("content") or ""), found.lexicon)):
        note = "系统提示有危险，接线人员问明后判断为否"
    try:
        case = intake.take(request.user, way, given, note=note)
    except service.ActionRefused as refused:
        shown = {*intake.form(), *more}
        fault = {name: text for name, text in refused.fields.items() if name in shown}
        other = tuple(text for name, text in refused.fields.items() if name not in shown) or (
            () if fault else (str(refused),)
        )
        return _call(request, given, fault, other, status=422)
    except service.Conflict as conflict:
        return _call(request, given, other=(str(conflict),), status=409)
    index.catch_up()
    where = case.steps[0]["label"] if case.steps else "已办结"
    messages.success(request, f"{case.word} {case.number}：{way.label}，{where}")
    if request.POST.get("stay") == "case":
        return redirect("cases:page", case.number)
    return redirect("hotline:home")


@require_GET
def queue(request: HttpRequest, name: str) -> HttpResponse:
    index.catch_up()
    mine = queues.of(request.user)
    here = next((q for q in mine if q.id == name), None)
    if here is None:
        access.require(request.user, *{role for q in mine for role in q.roles})
        raise Http404("没有这个队列")
    number = int(request.GET["page"]) if request.GET.get("page", "").isdigit() else 1
    rows, more = queues.page(here, request.user, number)
    context = {
        "here": here, "rows": rows, "counts": queues.counts(request.user), "page": number, "more": more,
        "may": request.user.has_role(*here.roles), "taker": _is_taker(request), "police": desk.is_police(),
    }  # fmt: skip
    return render(request, "hotline/queue_live.html" if request.htmx else "hotline/queue.html", context)


@require_POST
def quick(request: HttpRequest, name: str, number: str) -> HttpResponse:
    """The action of a queue that needs no form, taken from its row."""
    here = next((q for q in queues.of(request.user) if q.id == name and q.quick), None)
    if here is None:
        raise Http404("没有这个动作")
    case = access.case_for(request.user, number)
    try:
        service.act(case, request.user, here.next, step=here.step)
        messages.success(request, f"{case.number} 已{here.label.removeprefix('待')}")
    except (service.ActionRefused, service.Conflict) as refused:
        messages.error(request, f"{case.number}：{refused}")
    index.catch_up()
    return redirect("hotline:queue", name)


@require_POST
def merge(request: HttpRequest, number: str) -> HttpResponse:
    """并案: close this matter into another open one of the same kind, and note it there."""
    access.require(request.user, *queues.CALLS)
    case = access.case_for(request.user, number)
    into = Case.objects.filter(number=request.POST.get("into", "").strip()).first()
    fault = _unfit(request, case, into)
    if not fault:
        try:
            with transaction.atomic():
                service.act(case, request.user, "merged", facts={"merged_into": into.number})
                CaseLink.objects.create(source=case, target=into, kind="并案", seq=case.seq, made_at=clock.now())
                service.remark(into, request.user, f"并入 {case.number}：{case.title}"[:400])
        except (service.ActionRefused, service.Conflict) as refused:
            fault = str(refused)
    if fault:
        messages.error(request, fault)
        return redirect("cases:page", number)
    index.catch_up()
    messages.success(request, f"{case.number} 已并入 {into.number}")
    return redirect("cases:page", into.number)


def _unfit(request: HttpRequest, case: Case, into: Case | None) -> str:
    if into is None or not access.may_see(request.user, into):
        return f"没有可并入的工单“{request.POST.get('into', '')[:40]}”"
    if into.pk == case.pk:
        return "不能并入自己"
    if (into.pack, into.procedure) != (case.pack, case.procedure):
        return f"{into.number} 是{into.word}，不能并案"
    return "" if into.is_open else f"{into.number} 已办结，不能再并入"


@require_POST
def paper(request: HttpRequest, number: str) -> HttpResponse:
    """Number and make the paper that an act ordered (督办单)."""
    access.require(request.user, r.INSPECTOR, r.SHIFT_LEADER)
    case = access.case_for(request.user, number)
    try:
        papers.issue(case, request.user, int(request.POST.get("seq", "0") or 0))
        messages.success(request, "文书已编号制发，在“文书”中下载")
    except (papers.NoPaper, service.ActionRefused, ValueError) as refused:
        messages.error(request, str(refused))
    return redirect("cases:page", number)


@require_GET
def day(request: HttpRequest) -> HttpResponse:
    index.catch_up()
    access.require(request.user, *queues.CALLS, *queues.POLICE, *queues.REVIEWS, *queues.WATCHES)
    try:
        on = dt.date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        on = clock.today()
    context = {
        **days.figures(on), "before": on - dt.timedelta(days=1), "after": on + dt.timedelta(days=1),
        "counts": queues.counts(request.user), "today": clock.today(), "police": desk.is_police(),
        "taker": _is_taker(request), "address": reverse("hotline:day"),
    }  # fmt: skip
    return render(request, "hotline/day.html", context)


def _is_taker(request: HttpRequest) -> bool:
    return request.user.has_role(*(queues.POLICE if desk.is_police() else queues.CALLS))


def _require_taker(request: HttpRequest) -> None:
    access.require(request.user, *(queues.POLICE if desk.is_police() else (r.CALL_TAKER, r.SHIFT_LEADER)))
