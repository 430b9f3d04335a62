"""The pages of cases: one matter, what is mine, all of them; and the acts that come from the page of one matter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from gongbao.office import clock, worlds
from gongbao.office.cases import files, lists, presenting, service
from gongbao.office.cases.acting import attempt, how
from gongbao.office.cases.models import Case, CaseLink, Event
from gongbao.office.pages import fields, grounds
from gongbao.office.pages.panels import panels_for
from gongbao.office.people import access, audit, units
from gongbao.office.people import roles as r
from gongbao.office.tasks import LOG


@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """我的待办: by due time; ?due=overdue|soon|unsigned."""
    account, now = request.user, clock.now()
    due = request.GET.get("due", "")
    kinds: dict[str, dict[str, Any]] = {
        "overdue": {"due_before": now},
        "soon": {"due_after": now, "due_before": now + dt.timedelta(days=1)},
        "unsigned": {"unsigned": True},
    }
    rows = lists.todo(account, **kinds.get(due, {}), limit=200)
    tabs = (("", "全部"), ("overdue", "已逾期"), ("soon", "24小时内到期"), ("unsigned", "待签收"))
    context = {"rows": rows, "due": due, "tabs": tabs, "total": lists.capped(lists.mine(account), lists.COUNT_CAP)}
    return render(request, "cases/mine_live.html" if request.htmx else "cases/mine.html", context)


@require_GET
def all_cases(request: HttpRequest) -> HttpResponse:
    asked = {key: value.strip() for key, value in request.GET.items()}
    context = {
        "page": lists.page(request.user, asked), "asked": asked, "statuses": lists.STATUSES,
        "procedures": procedures(), "areas": units.areas(),
    }  # fmt: skip
    return render(request, "cases/all.html", context)


PAST = ("met", "met_late", "lapsed", "cancelled")  # deadlines nobody waits for any more


def procedures() -> list[tuple[str, str]]:
    """(pack:procedure, label) of every procedure of the packs here."""
    found = []
    for world in worlds.loaded():
        found += [(f"{world.pack}:{name}", rule.label) for name, rule in world.procedures.items()]
    return found


@require_GET
def find(request: HttpRequest) -> HttpResponse:
    """The case of this number if the account may see it, else a list."""
    q = request.GET.get("q", "").strip()
    case = Case.objects.filter(number__iexact=q).exclude(procedure=LOG).first() if q else None
    if case is not None and access.may_see(request.user, case):
        return redirect("cases:page", case.number)
    request.GET = request.GET.copy()
    return all_cases(request)


def page(request: HttpRequest, number: str) -> HttpResponse:
    case = access.case_for(request.user, number)
    return _page(request, case)


def _page(
    request: HttpRequest, case: Case, *, tried: str = "", given: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None, other: Iterable[str] = (), status: int = 200,
) -> HttpResponse:  # fmt: skip
    account = request.user
    seen = service.look(case)
    reader = presenting.Reader(account, seen)
    actions = service.possible(seen, account)
    forms = presenting.action_forms(seen, account, actions, tried, given, errors, other)
    rule = seen.world.procedures[case.procedure]
    facts = [
        (name, reader.fact(name, value)) for name, value in seen.state.facts.items() if value not in (None, "", [])
    ]
    context = {
        "case": case, "seen": seen, "world": seen.world, "state": seen.state, "rule": rule,
        "pack_address": grounds.pack_address(seen.world),
        "facts": [shown for _, shown in facts],
        "entries": presenting.timeline(seen, reader),
        "tasks": presenting.first_tasks(rows := presenting.task_rows(seen, account)),
        "all_tasks": len(rows),
        "decisions": grounds.of_case(seen, presenting.entered(seen)),
        "seen_open_deadlines": [d for d in seen.state.deadlines if d.status not in PAST],
        "seen_past_deadlines": [d for d in seen.state.deadlines if d.status in PAST],
        "groups": presenting.grouped_forms(seen, forms),
        "refused": [p for p in actions if not p.allowed],
        "links": CaseLink.objects.filter(source=case).select_related("target"),
        "links_in": CaseLink.objects.filter(target=case).select_related("source"),
        "panels": panels_for(seen, request),
        "errors": [e for form in forms for e in form.errors] or [{"text": text} for text in other],
        "may_void": account.has_role(r.REVIEWER, r.SHIFT_LEADER, r.DUTY_LEADER, r.INSPECTOR),
        "sources": service.SOURCES,
    }  # fmt: skip
    if reader.read:
        audit.note(account, audit.READ_PERSONAL, case.number, {"facts": sorted(reader.read)}, request)
    template = "cases/page_live.html" if request.htmx else "cases/page.html"
    return render(request, template, context, status=status)


@require_POST
def act(request: HttpRequest, number: str) -> HttpResponse:
    """An action from the page."""
    case = access.case_for(request.user, number)
    made = attempt(request, case)
    if made.case is None:
        return _page(
            request, case, tried=made.tried, given=made.given, errors=made.errors, other=made.other, status=made.status
        )
    messages.success(request, f"已记录：{made.label}")
    return redirect("cases:page", made.case.number)


@require_GET
def control(request: HttpRequest, number: str) -> HttpResponse:
    """The control for revising one fact."""
    case = access.case_for(request.user, number)
    name = request.GET.get("fact", "")
    seen = service.look(case)
    if name not in seen.world.facts:
        return HttpResponse("")
    reader = presenting.Reader(request.user, seen)
    known = seen.state.facts if not reader.fact(name, seen.state.facts.get(name)).masked else {}
    made = fields.fields(seen.world, [(name, True)], known=known, prefix="record-")
    return render(request, "cases/control.html", {"fields": made, "sources": service.SOURCES})


@require_POST
def record(request: HttpRequest, number: str) -> HttpResponse:
    """Revise one fact: `fact` and its value as f-<fact>."""
    case = access.case_for(request.user, number)
    seen = service.look(case)
    name = request.POST.get("fact", "")
    given = fields.typed(seen.world, [(name, True)], request.POST)
    try:
        service.record(case, request.user, given, note=request.POST.get("note", "").strip(), **_without_behalf(request))
    except service.ActionRefused as refused:
        return _page(request, case, other=[str(refused)], status=422)
    messages.success(request, "已更正，原记录保留")
    return redirect("cases:page", case.number)


def _without_behalf(request: HttpRequest) -> dict[str, Any]:
    return {key: value for key, value in how(request).items() if key != "on_behalf_of"}


@require_POST
def task(request: HttpRequest, number: str) -> HttpResponse:
    case = access.case_for(request.user, number)
    try:
        service.feedback(
            case, request.user, request.POST.get("task", ""), request.POST.get("type", ""),
            note=request.POST.get("note", "").strip(), **_without_behalf(request),
        )  # fmt: skip
    except service.ActionRefused as refused:
        return _page(request, case, other=[str(refused)], status=422)
    messages.success(request, "已记录")
    return redirect("cases:page", case.number)


@require_POST
def void(request: HttpRequest, number: str) -> HttpResponse:
    case = access.case_for(request.user, number)
    access.require(request.user, r.REVIEWER, r.SHIFT_LEADER, r.DUTY_LEADER, r.INSPECTOR)
    post = request.POST
    try:
        service.void(
            case, request.user, int(post.get("seq", "0") or 0), reason=post.get("reason", "").strip(),
            approver=post.get("approver", "").strip() or request.user.name,
        )  # fmt: skip
    except (service.ActionRefused, ValueError) as refused:
        return _page(request, case, other=[str(refused)], status=422)
    audit.note(request.user, "作废记录", case.number, {"seq": post.get("seq")}, request)
    messages.success(request, "已作废，原记录保留")
    return redirect("cases:page", case.number)


@require_GET
def file(request: HttpRequest, number: str, digest: str) -> HttpResponse:
    """A scan of this case; only files that one of its events names."""
    case = access.case_for(request.user, number)
    for evidence in Event.objects.filter(case=case).values_list("evidence", flat=True):
        for reference in evidence:
            held, _, name = reference.partition("/")
            if held == digest and name:
                try:
                    content = files.path_of(digest).open("rb")
                except OSError:
                    raise Http404("文件不在了") from None
                audit.note(request.user, "查看附件", case.number, {"file": name}, request)
                kind = files.KINDS.get("." + name.rpartition(".")[2].lower(), "application/octet-stream")
                return FileResponse(content, as_attachment=True, filename=name, content_type=kind)
    raise Http404("没有这个文件")
