"""The record looked at from above: the audit log, the digest of each day, whether the chain of a case is whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from gongbao.office import clock
from gongbao.office.cases import chain
from gongbao.office.cases.codec import canonical, sha256
from gongbao.office.cases.models import Case, Digest, Event
from gongbao.office.library import packs as pack_files
from gongbao.office.management.doors import ADMINISTRATOR, BOTH, only, tabs
from gongbao.office.pages import words
from gongbao.office.people import audit
from gongbao.office.people.models import Audit
from gongbao.policy.errors import PackError

PAGE = 100
DAYS = 31
HEADS = 30  # of a day's digest on the screen; the page to be printed has all
_WORDS = {
    "unit": "单位", "roles": "角色", "posts": "岗位", "name": "姓名", "phone": "电话", "is_active": "启用",
    "facts": "事实", "made": "装入", "method": "方式", "before": "之前", "after": "之后", "reason": "理由", "why": "原因",
}  # fmt: skip


@require_GET
@only(*ADMINISTRATOR)
def audit_log(request: HttpRequest) -> HttpResponse:
    asked = {k: request.GET.get(k, "").strip()[:80] for k in ("account", "act", "subject", "from", "to")}
    rows = Audit.objects.all()
    if asked["account"]:
        rows = rows.filter(Q(account__icontains=asked["account"]) | Q(unit__icontains=asked["account"]))
    if asked["act"]:
        rows = rows.filter(act=asked["act"])
    if asked["subject"]:
        rows = rows.filter(subject__icontains=asked["subject"])
    problems = []
    for name, days in (("from", 0), ("to", 1)):
        if asked[name]:
            try:
                day = dt.datetime.combine(dt.date.fromisoformat(asked[name]), dt.time(), clock.SHANGHAI)
            except ValueError:
                problems.append(f"“{asked[name]}”不是日期；须写作 2023-03-01")
                continue
            rows = rows.filter(**{"at__lt" if days else "at__gte": day + dt.timedelta(days=days)})
    before = request.GET.get("before", "")
    if before.isdigit():
        rows = rows.filter(id__lt=int(before))
    found = list(rows[: PAGE + 1])
    keep = request.GET.copy()
    keep["before"] = str(found[PAGE - 1].id) if len(found) > PAGE else ""
    packs = [read for read in pack_files.all_packs().values() if not isinstance(read, PackError)]
    labels = {name: fact.label for read in packs for name, fact in read.facts.items()}
    return render(request, "management/audit.html", {
        "rows": [(row, _detail(row.detail, labels)) for row in found[:PAGE]], "asked": asked, "problems": problems,
        "acts": Audit.objects.order_by("act").values_list("act", flat=True).distinct(), "reading": audit.READ_PERSONAL,
        "next": keep.urlencode() if len(found) > PAGE else "", "tabs": tabs(request.user), "tab": "audit",
    })  # fmt: skip


def _detail(detail: dict[str, Any], labels: Mapping[str, str]) -> str:
    parts = []
    for key, value in (detail or {}).items():
        if isinstance(value, list) and len(value) == 2 and key not in ("facts", "roles", "posts"):
            value = f"{words.shown(value[0])} → {words.shown(value[1])}"
        elif key == "facts" and isinstance(value, list):
            value = [labels.get(name, name) for name in value]
        parts.append(f"{_WORDS.get(key, key)}：{words.shown(value)}")
    return "；".join(parts)


@require_GET
@only(*BOTH)
def digests(request: HttpRequest) -> HttpResponse:
    before = request.GET.get("before", "")
    rows = (
        Digest.objects.filter(id__lt=int(before)) if before.isdecimal() and len(before) < 19 else Digest.objects.all()
    )
    found = list(rows[: DAYS + 1])
    return render(request, "management/digests.html", {
        "rows": [(row, _sound(row)) for row in found[:DAYS]], "next": found[DAYS - 1].pk if len(found) > DAYS else None,
        "tabs": tabs(request.user), "tab": "digests"})  # fmt: skip


def _sound(row: Digest) -> str:
    """What is wrong with a digest; empty where it is what its heads and the digest before it give."""
    before = Digest.objects.filter(id__lt=row.id).order_by("-id").values_list("digest", flat=True).first()
    if row.previous != (before or sha256("gongbao digest")):
        return "没有接上前一日的摘要"
    if row.digest != sha256(row.previous + "\n" + canonical([row.day.isoformat(), row.heads])):
        return "摘要与所列记录不符"
    return ""


@require_GET
@only(*BOTH)
def digest(request: HttpRequest, number: int) -> HttpResponse:
    """One day's digest; each head is held against the case's own record. `all`: every head listed, to be printed."""
    row = get_object_or_404(Digest, pk=number)
    numbers = list(row.heads)
    stored: dict[tuple[str, int], str] = {}
    for start in range(0, len(numbers), 500):
        part = numbers[start : start + 500]
        wanted = {row.heads[n][0] for n in part}
        events = Event.objects.filter(case__number__in=part, seq__in=wanted).values_list("case__number", "seq", "hash")
        stored.update({(n, seq): digest for n, seq, digest in events})
    heads = [(n, seq, head, stored.get((n, seq)) == head) for n, (seq, head) in sorted(row.heads.items())]
    different = [head for head in heads if not head[3]]
    listed = heads if "all" in request.GET else different or heads[:HEADS]
    return render(request, "management/digest.html", {
        "row": row, "heads": listed, "of": len(heads), "wrong": _sound(row), "different": different,
        "tabs": tabs(request.user), "tab": "digests",
    })  # fmt: skip


@require_GET
@only(*ADMINISTRATOR)
def chain_page(request: HttpRequest) -> HttpResponse:
    number = request.GET.get("number", "").strip()[:80]
    context: dict[str, Any] = {"number": number, "tabs": tabs(request.user), "tab": "chain"}
    if number:
        case = Case.objects.filter(number=number).first()
        context["case"] = case
        if case is not None:
            breaks = chain.verify_chain(case)
            context |= {"breaks": breaks, "events": case.seq,
                        "digests": [d for d in Digest.objects.all()[:400] if number in d.heads][:10]}  # fmt: skip
            audit.note(request.user, "核验记录", number, {"断点": len(breaks)}, request)
    return render(request, "management/chain.html", context)
