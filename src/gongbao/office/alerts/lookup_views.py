"""查询 for the public and the hotline: under the response that runs, what may an enterprise, a vehicle, a school do."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from gongbao.office import worlds
from gongbao.office.alerts import lookups, warnings
from gongbao.office.cases.models import OPEN, Case


def running() -> str:
    """The gravest response that runs now, by the open warnings; empty when none does."""
    found = ""
    order: dict[str, int] = {}
    for kind in warnings.kinds():
        if kind.response is None:
            continue
        decision = kind.world.decisions[kind.world.procedures[kind.procedure].decide[kind.response].decision]
        order |= {value: i for i, value in enumerate(next(o.values for o in decision.outputs if o.ordered))}
        rows = Case.objects.filter(status=OPEN, alarm__gt=0, pack=kind.pack, procedure=kind.procedure)
        for decided in rows.values_list("decided", flat=True):
            level = next(iter((decided.get(kind.response) or {}).values()), "")
            if order.get(level, 0) > order.get(found, 0):
                found = level
    return found


@login_not_required
@require_GET
def questions(request: HttpRequest) -> HttpResponse:
    found = [q for _, q in lookups.available()]
    return render(request, "alerts/questions.html", {"questions": found, "running": running()})


@login_not_required
@require_GET
def ask(request: HttpRequest, name: str) -> HttpResponse:
    found = next(((pack, q) for pack, q in lookups.available() if q.name == name), None)
    if found is None:
        raise Http404("没有这项查询")
    pack, question = found
    now = running()
    given = {key[2:]: value.strip()[:100] for key, value in request.GET.items() if key.startswith("f-")}
    answer = lookups.answer(question, worlds.world(pack), given, now)
    context = {
        "answer": answer, "question": question, "running": now, "world": answer.world,
        "others": [q for _, q in lookups.available() if q.name != name],
    }  # fmt: skip
    return render(request, "alerts/ask_part.html" if request.htmx else "alerts/ask.html", context)
