"""Personal values from above: how long each fact is kept, how many are held, what was erased when and what is due."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count, Q
from django.db.models.functions import TruncDate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from gongbao.office import clock, worlds
from gongbao.office.cases import keeping
from gongbao.office.cases.models import PersonalValue
from gongbao.office.management.doors import ADMINISTRATOR, only, tabs
from gongbao.office.people import audit

SHOWN = 200


@only(*ADMINISTRATOR)
def personal(request: HttpRequest) -> HttpResponse:
    """The page; a posting sets the period of a fact whose pack does not say one."""
    summary = []
    if request.method == "POST":
        given = {k: request.POST.get(k, "").strip() for k in ("pack", "fact", "keep", "reason")}
        try:
            keeping.set_rule(**given, by=request.user.username)
        except ValueError as error:
            summary = [{"id": "", "label": "保存期限", "text": str(error)}]
        else:
            audit.note(request.user, "更改保存期限", given["pack"], {
                "事实": given["fact"], "期限": given["keep"] or "（撤销）", "理由": given["reason"]}, request)  # fmt: skip
            messages.success(request, "保存期限已更改；到期的由后台任务删除")
            return redirect("management:personal")
    counts = {
        (row["case__pack"], row["name"]): row
        for row in PersonalValue.objects.values("case__pack", "name").annotate(
            held=Count("id", filter=Q(erased_at=None)), erased=Count("id", filter=Q(erased_at__isnull=False)))
    }  # fmt: skip
    rules, now = keeping.rules(), clock.now()
    rows = [
        {"rule": rule, "title": str(worlds.world(rule.pack).document.get("title") or rule.pack),
         "due": sum(1 for _ in keeping.over(rule, now)),
         **{k: counts.get((rule.pack, rule.fact), {}).get(k, 0) for k in ("held", "erased")}}
        for rule in rules
    ]  # fmt: skip
    labels = {(rule.pack, rule.fact): rule.label for rule in rules}
    erased = PersonalValue.objects.filter(erased_at__isnull=False).annotate(day=TruncDate("erased_at"))
    log = erased.values("day", "case__pack", "name", "erased_by", "erased_why").annotate(n=Count("id")).order_by("-day")
    return render(request, "management/personal.html", {
        "rows": rows, "summary": summary, "tabs": tabs(request.user), "tab": "personal",
        "log": [{**e, "label": labels.get((e["case__pack"], e["name"]), e["name"])} for e in log[:SHOWN]],
    }, status=400 if summary else 200)  # fmt: skip
