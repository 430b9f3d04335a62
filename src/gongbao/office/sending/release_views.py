"""发布预警: what will go out, to read and to edit, its preview as CAP and as mail, and the key that releases it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages as flash
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from gongbao.exchange import cap
from gongbao.office.cases import files, papers, service
from gongbao.office.people import access
from gongbao.office.sending import book, gate, messages, releasing
from gongbao.office.sending.book import Address
from gongbao.office.sending.models import CHANNELS, EMAIL, SMS, Contact, Group

LARGE = ("description", "instruction")


def release(request: HttpRequest, number: str) -> HttpResponse:
    """GET: the proposal. POST: `do=preview` shows what would go out, `do=release` releases it."""
    case = access.case_for(request.user, number)
    seen = service.look(case)
    if not releasing.applies(seen):
        raise Http404(f"{number} 不是预警")
    plan = releasing.draft(seen, request.user)
    why = releasing.may_not(seen, request.user)
    if request.method != "POST" or plan is None:
        return _page(request, seen, plan, dict(plan.said) if plan else {}, why=why)
    given = {name: request.POST.get(name, "") for name in releasing.FIELDS}
    if why:
        return _page(request, seen, plan, given, why=why, other=[why], status=403)
    to, wrong = addressed(request)
    if wrong:
        return _page(
            request,
            seen,
            plan,
            given,
            to=to,
            fields={"others": f"不是邮箱，也不是手机号码：{'、'.join(wrong[:5])}"},
            status=422,
        )
    address = settings.GONGBAO_ADDRESS or f"{request.scheme}://{request.get_host()}"
    try:
        made = releasing.alert(seen, plan, given, sent=seen.now)
        content = cap.validated(made)
    except releasing.Unfit as unfit:
        return _page(request, seen, plan, given, to=to, fields=unfit.fields, other=unfit.other, status=422)
    except cap.CapError as error:
        return _page(request, seen, plan, given, to=to, other=error.faults, status=422)
    if request.POST.get("do") != "release":
        shown = {"alert": made, "xml": content.decode(), "letter": releasing.letter(made), "sms": releasing.short(made)}
        return _page(request, seen, plan, given, to=to, preview=shown)
    seq = request.POST.get("seq", "")
    try:
        kept = releasing.release(
            case, request.user, given, to, expected_seq=int(seq) if seq.isdigit() else -1,
            public="public" in request.POST, enclose="enclose" in request.POST, address=address,
        )  # fmt: skip
    except service.Conflict as conflict:
        fresh = service.look(type(case).objects.get(pk=case.pk))
        return _page(
            request, fresh, releasing.draft(fresh, request.user), given, to=to, other=[str(conflict)], status=409
        )
    except (service.ActionRefused, releasing.Unfit, files.BadFile) as refused:
        return _page(request, seen, plan, given, to=to, other=[str(refused)], status=422)
    flash.success(request, f"已{releasing.NAMES[kept.kind]}：{kept.identifier}，{len(to)} 个收件地址排入发送")
    sent = getattr(kept, "message", None)
    return redirect("sending:message", sent.pk) if sent is not None else redirect("cases:page", number)


def addressed(request: HttpRequest) -> tuple[list[Address], list[str]]:
    """The addresses of the chosen groups by the chosen channels, and those typed; with the lines that are none."""
    post = request.POST
    channels = [name for name in CHANNELS if name in post.getlist("channels")]
    found: dict[tuple[str, str], Address] = {}
    for group in Group.objects.filter(pk__in=[pk for pk in post.getlist("groups") if pk.isdigit()]):
        for one in book.addresses(book.members(group).iterator(), channels):
            found.setdefault((one.channel, one.address.casefold()), one)
    if "everybody" in post.getlist("groups"):
        for one in book.addresses(Contact.objects.iterator(), channels):
            found.setdefault((one.channel, one.address.casefold()), one)
    typed, wrong = book.typed(post.get("others", "")[:20_000])
    for one in typed:
        found.setdefault((one.channel, one.address.casefold()), one)
    return list(found.values()), wrong


def _page(
    request: HttpRequest, seen: service.Look, plan: releasing.Draft | None, given: dict[str, str], *, why: str = "",
    to: list[Address] | None = None, fields: dict[str, str] | None = None, other: Any = (), preview: Any = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    errors = fields or {}
    labels = {name: label for name, (label, _) in releasing.FIELDS.items()} | {"others": "另加收件人"}
    post = request.POST
    chosen = post.getlist("groups") if request.method == "POST" else []
    groups = [(g, book.members(g).count(), str(g.pk) in chosen) for g in Group.objects.all()]
    context = {
        "case": seen.case, "seen": seen, "world": seen.world, "plan": plan, "given": given, "why": why,
        "verb": releasing.NAMES[plan.kind] if plan else "", "errors_of": errors, "to": to, "preview": preview,
        "errors": [{"id": k, "label": labels.get(k, ""), "text": v} for k, v in errors.items()] + [{"text": t} for t in other],
        "controls": [
            {"name": name, "label": label, "most": most, "large": name in LARGE, "value": given.get(name, ""),
             "required": name in releasing.REQUIRED, "error": errors.get(name, ""),
             "type": "datetime-local" if name in ("onset", "expires") else "text"}
            for name, (label, most) in releasing.FIELDS.items() if name not in ("category", "certainty")
        ],
        "categories": releasing.CATEGORIES, "certainties": releasing.CERTAINTIES, "groups": groups,
        "everybody": Contact.objects.count(), "all_chosen": "everybody" in chosen,
        "channels": [(name, label, messages.channel_missing(name), name in post.getlist("channels") if post else name == EMAIL)
                     for name, label in CHANNELS.items()],
        "others": post.get("others", ""), "public": "public" in post if post else True,
        "enclose": "enclose" in post if post else True, "status": gate.status(), "is_public": settings.GONGBAO_PUBLIC,
        "mails": sum(1 for a in to or () if a.channel == EMAIL), "texts": sum(1 for a in to or () if a.channel == SMS),
        "templates": papers.templates_of(seen), "papers": papers.of_case(seen)[:6],
        "releases": seen.case.releases.order_by("-count"), "names": releasing.NAMES,
    }  # fmt: skip
    return render(request, "sending/release.html", context, status=status)


@require_GET
def draft(request: HttpRequest, number: str, template: str) -> HttpResponse:
    """A paper of the matter as it would be now, as DOCX."""
    case = access.case_for(request.user, number)
    if template not in papers.templates_of(service.look(case)):
        raise Http404("没有这种文书")
    name, content = papers.draft(case, template)
    answer = HttpResponse(content, content_type=files.KINDS[".docx"])
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return answer
