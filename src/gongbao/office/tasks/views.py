"""The list of standing tasks, the page of one with its receipt, feedback and completion, and its attachments."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from gongbao.office.cases import files
from gongbao.office.cases.models import CaseTask
from gongbao.office.cases.presenting import BUILT_IN, STATUS
from gongbao.office.cases.service import SOURCES, ActionRefused
from gongbao.office.people import access, audit
from gongbao.office.people import roles as r
from gongbao.office.tasks import book, lists

PAGE = 60
CHECKS = (r.INSPECTOR,)
WORDS = {
    "task_received": ("签收", ""), "task_feedback": ("反馈", "办理情况"), "task_done": ("办结", "完成情况"),
    "task_verified": ("核查", "核查情况"), "task_returned": ("退回", "退回理由"),
}  # fmt: skip


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The tasks of the account's unit, or of all units for supervision; `view=with`: those it works with."""
    book.catch_up()
    account = request.user
    oversees = lists.oversees(account)
    asked = {name: request.GET.get(name, "")[:80] for name in ("unit", "pack", "q")}
    asked["state"] = request.GET.get("state", "open") if request.GET.get("state", "open") in lists.STATES else "open"
    view = request.GET.get("view", "")
    mine = lists.own(account)
    supporting = lists.supported_by(account)
    if view == "with":
        rows: Any = supporting
    else:
        view = "all" if oversees and (view == "all" or not mine.exists()) else ""
        rows = lists.filtered(lists.seen_by(account) if view == "all" or not oversees else mine, asked)
    pages = Paginator(rows, PAGE)
    page = pages.get_page(request.GET.get("page"))
    kept = {**{k: v for k, v in asked.items() if v}, "state": asked["state"], **({"view": view} if view else {})}
    scope = lists.seen_by(account)
    return render(request, "tasks/home.html", {
        "rows": page.object_list, "view": view, "asked": asked, "states": lists.STATES, "oversees": oversees,
        "tabs": [("", "本单位承办", mine.count()), ("with", "本单位配合", len(supporting)),
                 *([("all", "全部单位", lists.all_tasks().count())] if oversees else [])],
        "units": lists.by_unit(lists.filtered(scope, {**asked, "state": "", "unit": ""})) if view == "all" else (),
        "packs": lists.packs(scope.values_list("case__pack", "case__title").distinct()),
        "several": view == "all" or scope.values("unit").distinct().count() > 1,
        "receivable": list(lists.in_state(mine, "unsigned")) if view == "" else [],
        "page": {
            "words": f"第 {page.start_index()}–{page.end_index()} 项，共 {pages.count} 项",
            "next": urlencode({**kept, "page": page.next_page_number()}) if page.has_next() else "",
            "previous": urlencode({**kept, "page": page.previous_page_number()}) if page.has_previous() else "",
        },
        "words": STATUS,
    })  # fmt: skip


@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """Receive every task of the own unit that still waits for it."""
    done = 0
    for task in lists.in_state(lists.own(request.user), "unsigned"):
        book.record(task, request.user, "task_received")
        done += 1
    messages.success(request, f"已签收 {done} 项工作任务" if done else "没有待签收的工作任务")
    return redirect("tasks:home")


@require_GET
def page(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _task(request, pk))


def _page(
    request: HttpRequest, task: CaseTask, *, tried: str = "", note: str = "", error: str = "", status: int = 200
) -> HttpResponse:
    world = book.world_of(task.case)
    issued = world.document.get("dated")
    papers = [
        (entry, [(name, digest) for digest, _, name in (e.partition("/") for e in entry.event.evidence) if name])
        for entry in book.entries(task)
    ]
    return render(request, "tasks/task.html", {
        "task": task, "world": world, "status_word": STATUS[task.status], "entries": papers, "labels": BUILT_IN,
        "forms": _forms(task, request), "tried": tried, "note": note, "sources": SOURCES,
        "errors": [{"id": f"{tried}-note", "text": error}] if error else [],
        "others": lists.all_tasks().filter(case=task.case, duty=task.duty).exclude(pk=task.pk).order_by("unit"),
        "late_at_issue": task.due is not None and issued is not None and str(task.due.date()) < str(issued),
        "live": task.status not in lists.DONE, "words": STATUS, "seen": lists.seen_by(request.user),
    }, status=status)  # fmt: skip


def _forms(task: CaseTask, request: HttpRequest) -> list[tuple[str, str, str]]:
    """(kind, button, what the note is called) of what this account may enter on the task now."""
    kinds: list[str] = []
    if task.unit == request.user.unit:
        kinds += ["task_received"] if task.status == "issued" else []
        kinds += ["task_feedback", "task_done"] if task.status not in lists.DONE else []
    elif request.user.unit in task.supporting and task.status not in lists.DONE:
        kinds += ["task_feedback"]
    if request.user.has_role(*CHECKS) and task.status in ("feedback", "done"):
        kinds += ["task_verified", "task_returned"]
    return [(kind, *WORDS[kind]) for kind in dict.fromkeys(kinds)]


@require_POST
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """An entry: `type`, `note`, `evidence` (files), `source`."""
    task = _task(request, pk)
    kind, note = request.POST.get("type", ""), request.POST.get("note", "").strip()
    if kind not in {k for k, _, _ in _forms(task, request)}:
        return _page(request, task, error=f"您现在不能在这项任务上作“{WORDS.get(kind, (kind, ''))[0]}”", status=422)
    source = request.POST.get("source", "")
    try:
        if kind == "task_done" and not note:
            raise ActionRefused("办结须写明完成情况")
        book.record(
            task, request.user, kind, note=note, source=source if source in SOURCES else "系统",
            evidence=[files.keep(upload) for upload in request.FILES.getlist("evidence")],
        )  # fmt: skip
    except (ActionRefused, files.BadFile) as refused:
        return _page(request, task, tried=kind, note=note, error=str(refused), status=422)
    messages.success(request, f"已{WORDS[kind][0]}：{task.do}")
    return redirect("tasks:page", pk)


@require_GET
def file(request: HttpRequest, pk: int, digest: str) -> HttpResponse:
    """An attachment of this task; only files that one of its entries names."""
    task = _task(request, pk)
    for entry in book.entries(task):
        for reference in entry.event.evidence:
            held, _, name = reference.partition("/")
            if held == digest and name:
                try:
                    content = files.path_of(digest).open("rb")
                except OSError:
                    raise Http404("文件不在了") from None
                audit.note(request.user, "查看附件", task.case.number, {"file": name}, request)
                kind = files.KINDS.get("." + name.rpartition(".")[2].lower(), "application/octet-stream")
                return FileResponse(content, as_attachment=True, filename=name, content_type=kind)
    raise Http404("没有这个文件")


def _task(request: HttpRequest, pk: int) -> CaseTask:
    task = get_object_or_404(lists.all_tasks(), pk=pk)
    if not lists.may_see(request.user, task):
        raise access.NotYours(f"这项工作任务由{task.unit}承办，{request.user.unit}没有参与，不能查看。")
    return task
