"""The pages of an incident: the clock board and the next act, duties, reports, the log; and the list of incidents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from gongbao.engine.model import Possible
from gongbao.office import clock, worlds
from gongbao.office.alerts import measures
from gongbao.office.cases import files, lists, papers, presenting, service
from gongbao.office.cases.acting import attempt, how
from gongbao.office.cases.models import Case
from gongbao.office.incidents import board, found, groups, intake, listing, looking, plans, questions, tiles
from gongbao.office.incidents import reports as reporting
from gongbao.office.pages import fields, grounds
from gongbao.office.pages.panels import panels_for
from gongbao.office.people import access, audit

TABS = (("page", "处置"), ("duties", "任务"), ("reports", "报告"), ("log", "经过"), ("review", "复盘"))
COMMANDERS = ("commander", "site_commander")  # names that packs share for who commands


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Open incidents, the gravest and most urgent first; then the last ones that are over. ?place= one area."""
    place = request.GET.get("place", "").strip()
    listed = listing.home(lists.seen_by(request.user), clock.now(), place)
    context = {"home": listed, "place": place, "grids": tiles.grids(listed.everywhere)}
    return render(request, "incidents/home_live.html" if request.htmx else "incidents/home.html", context)


# ----------------------------------------------------------------------------------------------- one incident's page


def case_for(request: HttpRequest, number: str) -> Case:
    case = access.case_for(request.user, number)
    if not plans.is_desk(worlds.world_of(case)):
        raise Http404(f"{number} 不在应急值守")
    return case


def seen_for(request: HttpRequest, number: str) -> service.Look:
    return looking.look(case_for(request, number))


def head(request: HttpRequest, seen: service.Look, tab: str) -> dict[str, Any]:
    """What stands above every tab: title, how the incident stands, and what belongs to the same event."""
    return {
        **standing(seen), "seen": seen, "tab": tab, "tabs": TABS,
        "linked": [
            (other, plans.page_of(other), "、".join(str(v) for d in other.decided.values() for v in d.values()))
            for other in listing.same_event(seen.case, access.visible(request.user))
        ],
    }  # fmt: skip


def standing(seen: service.Look) -> dict[str, Any]:
    """Place, level decided and proposed, response, commander, the nearest clock."""
    rule = seen.world.procedures[seen.case.procedure]
    level, response = plans.level_and_response(seen.world, rule)
    live = [d for d in seen.state.deadlines if d.status in ("running", "overdue") and d.due and d.kind != "right"]
    return {
        "case": seen.case, "world": seen.world, "state": seen.state, "rule": rule,
        "level": questions.standing(seen, level) if level and seen.case.is_open else None,
        "level_held": _decided(seen, level), "response": _decided(seen, response),
        "level_since": seen.state.decided[level].at if level in seen.state.decided else None,
        "response_since": seen.state.decided[response].at if response in seen.state.decided else None,
        "commander": next((str(seen.state.facts[n]) for n in COMMANDERS if seen.state.facts.get(n)), ""),
        "nearest": min(live, key=lambda d: d.due, default=None),
    }  # fmt: skip


def _decided(seen: service.Look, name: str | None) -> str:
    held = seen.state.decided.get(name or "")
    return "" if held is None else "、".join(str(v) for v in held.value.values())


def page(request: HttpRequest, number: str) -> HttpResponse:
    """处置: clocks, questions, the next act; ?do=<action id> opens that form."""
    if request.htmx:
        return _live(request, number)
    return _page(request, seen_for(request, number), open_=request.GET.get("do", ""))


def _live(request: HttpRequest, number: str) -> HttpResponse:
    """The live part alone; 204 where the page shows the case as it is (?shown=): every act of the office makes it ask."""
    case = case_for(request, number)
    seq, _, at = request.GET.get("shown", "").partition("-")
    if case.is_open and seq == str(case.seq) and at.isdigit() and case.changed_at.timestamp() < int(at):
        return HttpResponse(status=204)
    with looking.TURNS:
        seen = looking.look(case)
        part = live_part(request, seen, service.possible(seen, request.user))
        return render(request, "incidents/live.html", {**standing(seen), **part, "again": True})


def live_part(request: HttpRequest, seen: service.Look, actions: Iterable[Possible]) -> dict[str, Any]:
    """What the live part of the page shows: the clocks and the questions."""
    levels = [s for name in seen.world.procedures[seen.case.procedure].decide if (s := questions.standing(seen, name))]
    return {
        "case": seen.case, "board": board.board(seen, request.user, actions), "levels": levels,
        "questions": _questions(seen, levels), "takes_part": access.takes_part(request.user, seen.case),
        "shown": f"{seen.case.seq}-{int(seen.now.timestamp())}",
    }  # fmt: skip


def _page(
    request: HttpRequest, seen: service.Look, *, tried: str = "", given: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None, other: Iterable[str] = (), since: int | None = None, open_: str = "",
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    account = request.user
    actions = service.possible(seen, account)
    reader = presenting.Reader(account, seen)
    forms = presenting.action_forms(seen, account, actions, tried, given, errors, other)
    if open_:
        forms = tuple(replace(f, open=f.id == open_) for f in forms)
    entries = presenting.timeline(seen, reader)
    names = set(account.names)
    context = {
        **head(request, seen, "page"), **live_part(request, seen, actions), "steps": [f for f in forms if f.possible.step],
        "groups": presenting.grouped_forms(seen, [f for f in forms if not f.possible.step]),
        "held": [p for p in actions if not p.allowed and p.step and not names.isdisjoint(p.who)],
        "refused": [p for p in actions if not p.allowed],
        "decisions": grounds.of_case(seen, presenting.entered(seen)), "panels": panels_for(seen, request),
        "news": [e for e in entries if since is not None and e.seq > since],
        "latest": entries[:6], "act_at": reverse("incidents:act", args=[seen.case.number]),
        "facts": reader.facts({n: v for n, v in seen.state.facts.items() if v not in ("", [])}),
        "errors": [e for f in forms for e in f.errors] or [{"text": text} for text in other],
        "papers": papers.of_case(seen), "sources": service.SOURCES,
    }  # fmt: skip
    if reader.read:
        audit.note(account, audit.READ_PERSONAL, seen.case.number, {"facts": sorted(reader.read)}, request)
    return render(request, "incidents/page.html", context, status=status)


def _questions(seen: service.Look, levels: list[questions.Standing]) -> list[dict[str, Any]]:
    """For the level what is not known, the first with its control; for what else is decided only where it has parted."""
    level, _ = plans.level_and_response(seen.world, seen.world.procedures[seen.case.procedure])
    told = "\n".join(str(seen.state.facts[n]) for n in intake.TEXTS if seen.state.facts.get(n))
    made = []
    for one in levels:
        mine = one.name == level or level is None
        changed = questions.last_change(seen, one.name) if mine else None
        asked = [n for n in one.ask if n in seen.world.facts and seen.world.facts[n].type != "series"] if mine else []
        first = fields.fields(seen.world, [(n, True) for n in asked[:1]], prefix=f"ask-{one.name}-")
        rest = [presenting.fact_label(seen.world, n) for n in asked[1:]]
        if first or changed or one.turn:
            read = found.for_form(told, seen.world, [(n, True) for n in asked], seen.now, None)
            made.append({"of": one, "first": first, "rest": rest, "changed": changed, "read": read})
    return made


@require_POST
def act(request: HttpRequest, number: str) -> HttpResponse:
    """An action of the incident; back to its page, or to where the form stood."""
    case = case_for(request, number)
    made = attempt(request, case)
    if made.case is None:
        fresh = service.look(Case.objects.get(pk=case.pk))
        return _page(
            request, fresh, tried=made.tried, given=made.given, errors=made.errors, other=made.other, since=made.since,
            status=made.status,
        )  # fmt: skip
    messages.success(request, f"已记录：{made.label}")
    return redirect(_back(request, reverse("incidents:page", args=[number])))


def _back(request: HttpRequest, otherwise: str) -> str:
    back = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        return back
    return otherwise


@require_GET
def form(request: HttpRequest, number: str) -> HttpResponse:
    """The form of one action in place: ?do=<action id>, &phone=1 as done by telephone, &clock= whose missing it tells."""
    seen = seen_for(request, number)
    actions = service.possible(seen, request.user)
    wanted = request.GET.get("do", "")
    chosen = next((p for p in actions if p.allowed and presenting.action_id(p) == wanted), None)
    if chosen is None:
        return HttpResponse('<p class="error">现在不能办这一项，请刷新页面。</p>')
    clocks = board.board(seen, request.user, actions).live
    missing = next((c.missing for c in clocks if c.id == request.GET.get("clock")), ())
    made = presenting.action_forms(seen, request.user, [chosen])[0]
    filled = board.filled_for(seen, chosen, missing)
    known = {**presenting.carried(seen, chosen), **filled}
    controls = fields.fields(seen.world, chosen.form, known=known, prefix=f"now-{wanted}-")
    context = {
        "case": seen.case, "form": replace(made, id=f"now-{wanted}", fields=controls, open=True),
        "act_at": reverse("incidents:act", args=[number]), "sources": service.SOURCES,
        "source": "电话" if request.GET.get("phone") else "", "phone": bool(request.GET.get("phone")),
    }  # fmt: skip
    return render(request, "incidents/form.html", context)


@require_POST
def answer(request: HttpRequest, number: str) -> HttpResponse:
    """One question answered: the fact is recorded, and what it changed is told."""
    seen = seen_for(request, number)
    name = request.POST.get("fact", "")
    if name not in seen.world.facts:
        raise Http404(f"没有“{name}”这项事实")
    given = fields.typed(seen.world, [(name, True)], request.POST)
    if not given:
        return _page(request, seen, other=[f"{seen.world.facts[name].label}：请填写后再提交"], status=422)
    try:
        case = service.record(seen.case, request.user, given, note=request.POST.get("note", "").strip())
    except service.ActionRefused as refused:
        return _page(request, seen, other=[str(refused)], status=422)
    after = service.look(case)
    for decision in after.world.procedures[case.procedure].decide:
        change = questions.last_change(after, decision)
        if change is not None:
            told = f"由{change.before}变为{change.after}" if change.changed else f"不变，仍为{change.after}"
            messages.success(request, f"{change.label}：{told}（{'、'.join(change.facts)}；{'、'.join(change.cites)}）")
    return redirect(reverse("incidents:page", args=[number]) + "#questions")


# ------------------------------------------------------------------------------------------------- duties, reports, log


@require_GET
def duties(request: HttpRequest, number: str) -> HttpResponse:
    """任务: by unit, by group and by task; ?unit= ?status= ?group="""
    seen = seen_for(request, number)
    asked = {key: request.GET.get(key, "") for key in ("unit", "status", "group")}
    every = measures.tasks_of(seen.case)
    own = request.user.unit
    formed = seen.state.facts.get("groups") or ()
    listed_groups = groups.of_case(seen.world, measures.filtered(every, seen.now), formed, seen.now)
    chosen = measures.filtered(every, seen.now, status=asked["status"], unit=asked["unit"])
    if asked["group"]:
        of_group = next((g.units for g in listed_groups if g.name == asked["group"]), ())
        chosen = [t for t in chosen if t.unit in of_group]
    rows = {row.key: row for row in presenting.task_rows(seen, request.user)}
    whole = measures.board(measures.filtered(every, seen.now), seen.world.units, own, seen.now)
    mine = [rows[t.key] for t in whole.own if t.key in rows]
    context = {
        **head(request, seen, "duties"), "asked": asked, "own": own, "whole": whole, "mine": mine,
        "groups": listed_groups, "listed": [rows[t.key] for t in chosen if t.key in rows],
        "statuses": measures.STATUSES, "listing": any(asked.values()),
        "to_sign": sum(t.status == "issued" for t in whole.own) if seen.case.is_open else 0,
    }  # fmt: skip
    return render(request, "incidents/duties.html", context)


@require_POST
def sign(request: HttpRequest, number: str) -> HttpResponse:
    """签收 every task of one's own unit that is not yet signed for."""
    seen = seen_for(request, number)
    open_ = [t.id for t in seen.state.tasks if t.unit == request.user.unit and t.status == "issued"]
    try:
        if open_:
            service.feedback_all(seen.case, request.user, open_, "task_received")
            messages.success(request, f"已签收 {len(open_)} 项")
        else:
            messages.info(request, "本单位没有待签收的任务")
    except service.ActionRefused as refused:
        messages.error(request, str(refused))
    return redirect("incidents:duties", number)


@require_POST
def task(request: HttpRequest, number: str) -> HttpResponse:
    """One word on one task: type, task, note, attachments; back to where it was said."""
    case = access.case_for(request.user, number)
    post = request.POST
    try:
        told = {key: value for key, value in how(request).items() if key != "on_behalf_of"}
        service.feedback(
            case, request.user, post.get("task", ""), post.get("type", ""), note=post.get("note", "").strip(), **told
        )
        messages.success(request, "已记录")
    except (service.ActionRefused, files.BadFile) as refused:
        messages.error(request, str(refused))
    return redirect(_back(request, reverse("incidents:duties", args=[number])))


@require_GET
def reports(request: HttpRequest, number: str) -> HttpResponse:
    """报告: what is to be reported to whom, what was sent when, and the clocks of it."""
    seen = seen_for(request, number)
    actions: tuple[Possible, ...] = service.possible(seen, request.user)
    context = {
        **head(request, seen, "reports"), "kinds": reporting.of_case(seen, actions),
        "board": board.board(seen, request.user, actions), "papers": papers.of_case(seen),
        "templates": papers.templates_of(seen), "takes_part": access.takes_part(request.user, seen.case),
    }  # fmt: skip
    return render(request, "incidents/reports.html", context)


@require_GET
def news(request: HttpRequest, number: str) -> HttpResponse:
    """How many entries came since ?seq=, for a tab that is not made anew while somebody works on it."""
    case = case_for(request, number)
    since = request.GET.get("seq", "")
    count = max(0, case.seq - int(since)) if since.isdigit() else 0
    return render(request, "incidents/news.html", {"count": count})


@require_GET
def log(request: HttpRequest, number: str) -> HttpResponse:
    """经过: every entry, and what the decisions stand on."""
    seen = seen_for(request, number)
    reader = presenting.Reader(request.user, seen)
    context = {**head(request, seen, "log"), "entries": presenting.timeline(seen, reader)}
    if reader.read:
        audit.note(request.user, audit.READ_PERSONAL, seen.case.number, {"facts": sorted(reader.read)}, request)
    return render(request, "incidents/log.html", context)
