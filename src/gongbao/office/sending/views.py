"""What was sent: the list, one message with its addresses, and what an officer does about those that did not arrive."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages as flash
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import Case, Q, QuerySet, When
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from gongbao.exchange.tables import write_xlsx
from gongbao.office import clock
from gongbao.office.cases import files
from gongbao.office.people import access, audit
from gongbao.office.people import roles as r
from gongbao.office.people.models import Account
from gongbao.office.sending import gate, messages, sms
from gongbao.office.sending.models import (
    CHANNELS,
    FAILED,
    QUEUED,
    SENDING,
    STATES,
    UNCLEAR,
    Channel,
    Message,
    Recipient,
)

PAGE = 50
FEW = 20  # messages on the first page: each is counted over all its addresses
# What asks for a hand stands first.
FIRST = Case(*(When(state=state, then=n) for n, state in enumerate((UNCLEAR, FAILED, QUEUED, SENDING))), default=9)
DESK = (r.DUTY_OFFICER, r.DUTY_LEADER)
LOOKS = (*DESK, r.INSPECTOR, r.ADMINISTRATOR)


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Messages newest first with how they stand, and whether the mail server and the gateway answer."""
    access.require(request.user, *LOOKS)
    page = Paginator(seen_by(request.user), FEW).get_page(request.GET.get("page"))
    found = messages.counts(page)
    channels = {row.name: row for row in Channel.objects.all()}
    context = {
        "page": page, "rows": [(m, found[m.pk]) for m in page], "tab": "home", "allowed": gate.allowed(),
        "channels": [
            (label, messages.channel_missing(name), channels.get(name)) for name, label in CHANNELS.items()
        ],
    }  # fmt: skip
    return render(request, "sending/home_live.html" if request.htmx else "sending/home.html", context)


def seen_by(account: Account) -> QuerySet[Message]:
    """Messages of the account's unit, and of the matters it sees."""
    rows = Message.objects.select_related("case", "release")
    if access.sees_all(account):
        return rows.exclude(case__sealed=True)
    return rows.filter(Q(unit=account.unit) | Q(case__in=access.visible(account).values("pk")))


def _message(request: HttpRequest, pk: int) -> Message:
    found = get_object_or_404(Message.objects.select_related("case", "release"), pk=pk)
    account = request.user
    known = access.sees_all(account) if found.case is None else access.may_see(account, found.case)
    if found.unit != account.unit and not known:
        raise access.NotYours("这条信息由其他单位发出，您没有参与，不能查看。")
    return found


def may_settle(account: Account, message: Message) -> bool:
    """Who resends and enters calls: the unit that sent it, and the duty desk that takes part in the matter."""
    if message.unit == account.unit:
        return True
    return bool(account.has_role(*DESK) and message.case is not None and access.takes_part(account, message.case))


@require_GET
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """One message: what it said, how its addresses stand; ?state=, ?q=, ?received=no narrow the list."""
    return _page(request, _message(request, pk))


def _page(request: HttpRequest, found: Message, *, error: str = "", status: int = 200) -> HttpResponse:
    asked = {k: request.GET.get(k, "").strip()[:60] for k in ("state", "q", "received")}
    rows = _asked(found, asked).order_by(FIRST, "id")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    reads = access.reads(request.user, "personal")
    carried = [name for name in CHANNELS if not messages.channel_missing(name)]
    if reads and page.object_list:
        audit.note(request.user, audit.READ_PERSONAL, f"信息 {found.pk}", {"facts": ["收件地址"]}, request)
    context = {
        "message": found, "count": messages.counts([found])[found.pk], "asked": asked, "page": page, "states": STATES,
        "rows": [(row, row.address if reads else access.mask(row.address), row.name if reads else _masked(row.name))
                 for row in page],
        "channels": CHANNELS, "may": may_settle(request.user, found), "errors": [{"text": error}] if error else [],
        "again": carried if not found.exercise else (),
        "failed": 0 if found.exercise else found.recipients.filter(state=FAILED, channel__in=carried).count(),
    }  # fmt: skip
    template = "sending/message_live.html" if request.htmx else "sending/message.html"
    return render(request, template, context, status=status)


def _masked(name: str) -> str:
    return access.mask(name) if name else ""


def _asked(found: Message, asked: dict[str, str]) -> QuerySet[Recipient]:
    rows = found.recipients.all()
    if asked["state"] in STATES:
        rows = rows.filter(state=asked["state"])
    if asked["received"] in ("yes", "no"):
        rows = rows.filter(received_at__isnull=asked["received"] == "no")
    if asked["q"]:
        rows = rows.filter(unit__icontains=asked["q"])
    return rows


@require_POST
def resend(request: HttpRequest, pk: int) -> HttpResponse:
    """核实后重发: one row (`row`), or all that were not sent (`all=failed`); never all that are unclear at once."""
    found = _message(request, pk)
    if not may_settle(request.user, found):
        raise access.NotYours("由发出这条信息的单位或参与本事项的值班员、带班领导重发。")
    rows = found.recipients.filter(state=FAILED)
    if request.POST.get("row", "").isdigit():
        rows = found.recipients.filter(pk=int(request.POST["row"]))
    try:
        done = messages.resend(rows, by=request.user)
    except messages.Refused as refused:
        return _page(request, found, error=str(refused), status=422)
    if not done:
        return _page(request, found, error="没有可以重发的：未接邮件服务器或短信网关，或已经送出", status=422)
    audit.note(request.user, "核实后重发", f"信息 {pk}", {"条数": done}, request)
    flash.success(request, f"{done} 个地址已重新排入发送")
    return redirect("sending:message", pk)


@require_POST
def settle(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    """A row settled by a call: `act=phone` told by phone, `act=came` the other side says that it came."""
    found = _message(request, pk)
    if not may_settle(request.user, found):
        raise access.NotYours("由发出这条信息的单位或参与本事项的值班员、带班领导登记。")
    one = get_object_or_404(Recipient, pk=row, message=found)
    try:
        if request.POST.get("act") == "came":
            messages.came(one)
        else:
            messages.by_phone(one, by=request.user, said=request.POST.get("said", ""))
    except messages.Refused as refused:
        return _page(request, found, error=str(refused), status=422)
    audit.note(request.user, "登记回执", f"信息 {pk}", {"收件": row, "方式": request.POST.get("act", "phone")}, request)
    flash.success(request, "已登记")
    return redirect("sending:message", pk)


@require_GET
def as_table(request: HttpRequest, pk: int) -> HttpResponse:
    """The addresses and what became of them as XLSX: the call list of those who have not confirmed."""
    found = _message(request, pk)
    reads = access.reads(request.user, "personal")
    audit.note(request.user, audit.READ_PERSONAL, f"信息 {pk}", {"facts": ["收件地址"], "导出": reads}, request)
    head = ("单位", "联系人", "方式", "地址", "状态", "原因", "送出时间", "回执时间", "回执方式")
    rows = (
        (x.unit, x.name if reads else _masked(x.name), CHANNELS[x.channel], x.address if reads else access.mask(x.address),
         STATES[x.state], x.error, _local(x.sent_at), _local(x.received_at), x.received_how)
        for x in found.recipients.order_by("received_at", "unit", "id").iterator()
    )  # fmt: skip
    answer = HttpResponse(write_xlsx(head, rows, "发送情况"), content_type=files.KINDS[".xlsx"])
    answer.headers["Content-Disposition"] = f'attachment; filename="message-{pk}.xlsx"'
    return answer


def _local(moment: Any) -> Any:
    return moment.astimezone(clock.SHANGHAI) if moment is not None else ""


@csrf_exempt
@login_not_required
@require_POST
def reports(request: HttpRequest) -> HttpResponse:
    """Delivery reports of the SMS gateway, see docs/how-to/connect-an-sms-gateway.md."""
    if not sms.may_report(request.headers.get("Authorization", "")):
        return JsonResponse({"error": "令牌不对"}, status=401)
    try:
        return JsonResponse({"taken": sms.take_reports(json.loads(request.body))})
    except ValueError as error:
        return JsonResponse({"error": str(error)}, status=400)
