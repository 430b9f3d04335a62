"""接报: one box of text, the plans it is about and why, what it says for their forms, and the opening of those ticked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from gongbao.office import clock
from gongbao.office.cases import service
from gongbao.office.cases.models import Case
from gongbao.office.incidents import intake
from gongbao.office.incidents.intake import Call
from gongbao.office.incidents.plans import Plan, page_of, plans, standing
from gongbao.office.incidents.proposing import Why, propose
from gongbao.office.people import access, audit, units

KEYS = "1234567890QWERTYUIP"  # with Alt: the plans in the order in which they stand


@dataclass(frozen=True, slots=True)
class Line:
    """One plan as the page lists it: why it is proposed, whether it is ticked, and who may open it."""

    plan: Plan
    key: str
    why: tuple[Why, ...]
    ticked: bool
    allowed: bool
    who: tuple[str, ...]


def new(request: HttpRequest) -> HttpResponse:
    """The page; a POST with do=open opens the ticked plans."""
    every = plans()
    beside = _beside(request)
    if request.method != "POST":
        return _page(request, every, _from(beside, request), beside)
    call = intake.read(request.POST, every)
    if request.POST.get("do") != "open":
        return _page(request, every, call, beside)
    chosen = [plan for plan in every if plan.key in call.ticked]
    if not chosen:
        return _page(request, every, call, beside, other=("请至少选一个预案（Alt 加数字键）",), status=422)
    try:
        opened = intake.take(request.user, call, chosen, beside=beside)
    except intake.Refused as refused:
        return _page(request, every, call, beside, refused=refused, status=422)
    except service.ActionRefused as refused:
        return _page(request, every, call, beside, other=(str(refused),), status=422)
    told = "、".join(f"{case.word} {case.number}" for case in opened)
    messages.success(request, f"已开立 {told}")
    return redirect(page_of(opened[0]))


def _page(
    request: HttpRequest, every: Sequence[Plan], call: Call, beside: Case | None, *,
    refused: intake.Refused | None = None, other: tuple[str, ...] = (), status: int = 200,
) -> HttpResponse:  # fmt: skip
    forms = _forms(every, call, refused)
    errors = [e for form in forms for e in form.errors]
    context = {
        **_proposal(request, every, call), "forms": forms, "beside": beside, "areas": units.areas(),
        "errors": errors or [{"text": text} for text in (other or ([str(refused)] if refused else []))],
        "sources": service.SOURCES,
    }  # fmt: skip
    return render(request, "incidents/new.html", context, status=status)


def _forms(every: Sequence[Plan], call: Call, refused: intake.Refused | None = None) -> list[intake.PlanForm]:
    made = []
    for plan in every:
        if plan.key not in call.ticked:
            continue
        errors: Mapping[str, str] = {}
        other: tuple[str, ...] = ()
        if refused is not None and refused.plan.key == plan.key:
            errors = refused.why.fields
            form = dict(plan.rule.form)
            left = [text for name, text in errors.items() if name not in form]
            other = tuple(f"{plan.rule.label}：{text}" for text in (left or ([] if errors else [str(refused)])))
        made.append(intake.plan_form(plan, call, errors, other))
    return made


def _proposal(request: HttpRequest, every: Sequence[Plan], call: Call) -> dict[str, Any]:
    """The plans that the words point to, then the others; and what was read in the text."""
    now = clock.now()
    proposed = propose(call.text, every)
    order = [p.plan for p in proposed] + [p for p in every if p.key not in {q.plan.key for q in proposed}]
    why = {p.plan.key: p.why for p in proposed}
    lines = []
    for at, plan in enumerate(order):
        may = standing(plan, request.user.actor, call.place, now.date())
        key = KEYS[at] if at < len(KEYS) else ""
        lines.append(Line(plan, key, why.get(plan.key, ()), plan.key in call.ticked, may.allowed, may.who))
    ticked = [plan for plan in every if plan.key in call.ticked]
    return {
        "call": call, "proposed": lines[: len(proposed)], "others": lines[len(proposed) :],
        "readings": intake.readings(call, ticked, now), "unknown": bool(call.text.strip()) and not proposed,
    }  # fmt: skip


@require_POST
def proposal(request: HttpRequest) -> HttpResponse:
    """The plans and readings for what is typed so far."""
    every = plans()
    return render(request, "incidents/proposal.html", _proposal(request, every, intake.read(request.POST, every)))


@require_POST
def forms(request: HttpRequest) -> HttpResponse:
    """The forms of the plans that are ticked now."""
    every = plans()
    return render(request, "incidents/forms.html", {"forms": _forms(every, intake.read(request.POST, every))})


@require_POST
def tell(request: HttpRequest) -> HttpResponse:
    """Tell those who may open the plan (`tell`) what was reported here."""
    every = plans()
    call = intake.read(request.POST, every)
    plan = next((p for p in every if p.key == request.POST.get("tell")), None)
    if plan is None or not call.text.strip():
        return HttpResponse('<span class="error">先记下报告内容，再告知</span>')
    who = intake.tell(request.user, plan, call, clock.now())
    audit.note(request.user, "告知预案责任单位", plan.key, {"who": list(who)}, request)
    return render(request, "incidents/told.html", {"who": who, "now": clock.now()})


def _beside(request: HttpRequest) -> Case | None:
    """The case that a new opening belongs to (?beside=), if the account may see it."""
    number = request.POST.get("beside") or request.GET.get("beside") or ""
    return access.case_for(request.user, number) if number else None


def _from(beside: Case | None, request: HttpRequest) -> Call:
    """A call that begins with what a case already says; else an empty one, with the text of the address."""
    if beside is None:
        return Call(text=request.GET.get("text", ""))
    seen = service.look(beside)
    known = seen.state.facts
    date_fact = (seen.world.document.get("in_force") or {}).get("date_fact")
    happened = known.get(date_fact)
    return Call(
        text="\n".join(str(known[n]) for n in intake.TEXTS if known.get(n)), place=str(known.get("place") or ""),
        happened=f"{happened:%Y-%m-%dT%H:%M}" if hasattr(happened, "hour") else "", source="系统",
    )  # fmt: skip
