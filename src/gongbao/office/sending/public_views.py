"""What the public may read: released warnings, their CAP files and the feed; and the page on which receipt is confirmed.

Without GONGBAO_PUBLIC all but the receipt asks for sign-in. A release of a drill is on none of these pages.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.cache import cache
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from gongbao.exchange import atom, cap
from gongbao.office import clock
from gongbao.office.cases import files
from gongbao.office.pages.frame import office_name
from gongbao.office.sending import gate, messages, releasing
from gongbao.office.sending.models import Release

SHOWN = 50
OFTEN, WITHIN = 20, 600  # times in so many seconds: wrong links of one address, openings of one link


def _open(request: HttpRequest) -> bool:
    return settings.GONGBAO_PUBLIC or request.user.is_authenticated


def _releases() -> QuerySet[Release]:
    return (
        Release.objects.filter(public=True).exclude(status=cap.EXERCISE).select_related("case").order_by("-sent", "-id")
    )


def _one(identifier: str) -> Release:
    found = _releases().filter(identifier=identifier).first()
    if found is None:
        raise Http404(f"没有编号为“{identifier}”的预警")
    return found


@login_not_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    if not _open(request):
        return redirect_to_login(request.get_full_path())
    found = list(_releases()[:SHOWN])
    last = {one.case_id: one.pk for one in reversed(found)}  # of each warning the newest word
    rows = [(one, last[one.case_id] == one.pk and one.kind != cap.CANCEL) for one in found]
    return render(request, "sending/public_home.html", {"rows": rows, "names": releasing.NAMES})


@login_not_required
@require_GET
def page(request: HttpRequest, identifier: str) -> HttpResponse:
    if not _open(request):
        return redirect_to_login(request.get_full_path())
    one = _one(identifier)
    made = cap.from_xml(files.path_of(one.file).read_bytes())
    later = Release.objects.filter(follows=one, public=True).first()
    return render(request, "sending/public_page.html", {
        "one": one, "alert": made, "later": later, "verb": releasing.NAMES[one.kind], "names": releasing.NAMES,
    })  # fmt: skip


@login_not_required
@require_GET
def file(request: HttpRequest, identifier: str) -> HttpResponse:
    """The CAP file, byte for byte as it stands in the case's log."""
    if not _open(request):
        return HttpResponse("请先登录", status=401, content_type="text/plain; charset=utf-8")
    one = _one(identifier)
    return FileResponse(files.path_of(one.file).open("rb"), content_type=atom.CAP_TYPE, filename=f"{identifier}.xml")


@login_not_required
@require_GET
def feed(request: HttpRequest) -> HttpResponse:
    if not _open(request):
        return HttpResponse("请先登录", status=401, content_type="text/plain; charset=utf-8")
    base = (settings.GONGBAO_ADDRESS or f"{request.scheme}://{request.get_host()}").rstrip("/")
    found = list(_releases()[:SHOWN])
    entries = [
        atom.Entry(
            one.identifier, gate.MARKS[one.status] + one.said["headline"], one.sent.astimezone(clock.SHANGHAI),
            one.said["sender_name"], f"{releasing.NAMES[one.kind]} {one.level}，{one.said['area']}",
            base + reverse("warnings:page", args=[one.identifier]), base + reverse("warnings:file", args=[one.identifier]),
        )
        for one in found
    ]  # fmt: skip
    updated = found[0].sent.astimezone(clock.SHANGHAI) if found else clock.now()
    content = atom.feed(f"{office_name()}预警信息", base + reverse("warnings:feed"), entries, updated=updated)
    return HttpResponse(content, content_type="application/atom+xml; charset=utf-8")


# ------------------------------------------------------------------------------------------------------------- receipts


@login_not_required
def received(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind a receipt's link. Opening it confirms nothing (mail filters open links): the key does."""
    row = messages.row_of(token)
    # Of an address that guesses, and of a link that is opened again and again; behind one proxy many are honest.
    counted = (
        f"sending-{'guess' if row is None else 'row'}:{request.META.get('REMOTE_ADDR', '') if row is None else row.pk}"
    )
    cache.add(counted, 0, WITHIN)
    if cache.incr(counted) > OFTEN:
        return render(request, "sending/received.html", {"why": "打开得太频繁，请十分钟后再试"}, status=429)
    if row is None:
        return render(
            request,
            "sending/received.html",
            {"why": "链接不完整或已失效；请回到信息里重新点开，或电话告知发送单位"},
            status=404,
        )
    if request.method == "POST":
        messages.receive(row)
        row.refresh_from_db()
    return render(request, "sending/received.html", {"row": row, "message": row.message})
