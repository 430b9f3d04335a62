"""The pages of duty: my unit now, its roster, the city at a glance, and the list of whom to call."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from gongbao.exchange.tables import write_xlsx
from gongbao.office import clock, worlds
from gongbao.office.cases import files, lists
from gongbao.office.cases.models import Case
from gongbao.office.duty import calls as calling
from gongbao.office.duty import log, roster, sheets
from gongbao.office.duty.models import KINDS, Line, Shift
from gongbao.office.duty.room import KEEPERS
from gongbao.office.people import access, audit
from gongbao.office.people import roles as r
from gongbao.office.people.models import Account

DAY = dt.timedelta(days=1)
AHEAD = 7  # days for which a roster without gaps is expected to stand
LINES = 60
TYPED = "duty_typed"  # in the session: what was refused, shown once more in its form
READERS = (*KEEPERS, r.INSPECTOR, r.DISPATCHER)
CALLERS = (r.DUTY_OFFICER, r.DUTY_LEADER, r.SHIFT_LEADER, r.DISPATCHER)  # who calls at night, and so reads every number


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Who is on duty in my unit, what is handed over, what is burning, and the log."""
    account, now = request.user, clock.now()
    access.require(account, *READERS)
    asked = request.GET.get("page", "")
    page = max(1, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1
    lines = Line.objects.filter(unit=account.unit).select_related("case", "answers")
    shifts = Shift.objects.filter(removed_at=None, unit=account.unit, ends__gt=now)
    context = {
        "now": now, "here": [s for s in shifts if s.starts <= now], "next": [s for s in shifts if s.starts > now][:4],
        "gaps": roster.gaps(account.unit, now, now + AHEAD * DAY)[:6], "ahead": AHEAD, "waiting": log.waiting(account.unit),
        "lines": lines[(page - 1) * LINES : page * LINES], "page": page, "more": lines.count() > page * LINES,
        "burning": lists.burning(account), "overdue": lists.todo(account, due_before=now, limit=8),
        "keeps": account.has_role(*KEEPERS), "form": secrets.token_hex(8), "typed": {} if request.htmx else request.session.pop(TYPED, {}),
    }  # fmt: skip
    return render(request, "duty/home_live.html" if request.htmx else "duty/home.html", context)


def _case(request: HttpRequest) -> Case | None:
    number = request.POST.get("case", "").strip()
    if not number:
        return None
    try:
        return access.case_for(request.user, number)
    except (Case.DoesNotExist, access.NotYours):
        raise log.BadLine(f"没有编号为“{number}”的事项，或者您看不到它") from None


@require_POST
def write(request: HttpRequest) -> HttpResponse:
    access.require(request.user, *KEEPERS)
    at = request.POST.get("at", "").strip()
    try:
        moment = dt.datetime.fromisoformat(at).replace(tzinfo=clock.SHANGHAI) if at else None
        log.write(
            request.user, request.POST.get("text", ""), at=moment, case=_case(request),
            form=request.POST.get("form", ""),
        )  # fmt: skip
    except ValueError:
        messages.error(request, f"时间“{at}”不对，须为年月日时分")
    except log.BadLine as bad:
        messages.error(request, str(bad))
    else:
        return redirect("duty:home")
    return _again(request, "write")


def _again(request: HttpRequest, form: str) -> HttpResponse:
    """Back to the page, with what was typed: it is not lost."""
    request.session[TYPED] = {"form": form, **{name: request.POST.get(name, "") for name in ("text", "at", "case")}}
    return redirect("duty:home")


@require_POST
def hand_over(request: HttpRequest) -> HttpResponse:
    access.require(request.user, *KEEPERS)
    try:
        log.hand_over(request.user, request.POST.get("text", ""), form=request.POST.get("form", ""))
        messages.success(request, "已交班，等接班人确认")
    except log.BadLine as bad:
        messages.error(request, str(bad))
        return _again(request, "hand_over")
    return redirect("duty:home")


@require_POST
def take_over(request: HttpRequest, pk: int) -> HttpResponse:
    access.require(request.user, *KEEPERS)
    try:
        log.take_over(request.user, pk, request.POST.get("text", ""))
        messages.success(request, "已接班")
    except log.BadLine as bad:
        messages.error(request, str(bad))
    return redirect("duty:home")


# ------------------------------------------------------------------------------------------------------- the roster


def roster_page(request: HttpRequest) -> HttpResponse:
    """A month of my unit's roster; a POST puts shifts in: one (`do=one`), in turn (`do=turn`), or a file (`do=file`)."""
    account, now = request.user, clock.now()
    access.require(account, *READERS)
    month = _month(request.GET.get("month", ""), now)
    faults: tuple[str, ...] = ()
    given: Any = {}
    if request.method == "POST":
        access.require(account, *KEEPERS)
        given = request.POST
        try:
            made = roster.put_in(account, sheets.asked(request.POST, request.FILES.get("file")))
            audit.note(account, "排班", account.unit, {"班次": made}, request)
            messages.success(request, f"已排 {made} 个班次")
            return redirect(f"{request.path}?month={month:%Y-%m}")
        except roster.BadRoster as bad:
            faults = bad.faults
    start = dt.datetime.combine(month, dt.time(), clock.SHANGHAI)
    end = dt.datetime.combine(_next(month), dt.time(), clock.SHANGHAI)
    shifts = list(Shift.objects.filter(removed_at=None, unit=account.unit, starts__lt=end, ends__gt=start))
    days = [
        (start + n * DAY, {k: [s for s in shifts if s.kind == k and s.starts.astimezone(clock.SHANGHAI).date() == (start + n * DAY).date()]
                           for k in KINDS})
        for n in range((end - start).days)
    ]  # fmt: skip
    people = Account.objects.filter(unit=account.unit, is_active=True).values_list("name", "phone")
    return render(request, "duty/roster.html", {
        "month": month, "before": _next(month, -1), "after": _next(month), "days": days, "kinds": KINDS, "now": now,
        "people": list(people), "faults": [{"text": fault} for fault in faults], "given": given,
        "gaps": roster.gaps(account.unit, max(now, start), end)[:8] if end > now else [],
        "keeps": account.has_role(*KEEPERS), "calendar": worlds.calendar(),
    }, status=422 if faults else 200)  # fmt: skip


def _month(text: str, now: dt.datetime) -> dt.date:
    try:
        day = dt.date.fromisoformat(f"{text}-01")
    except ValueError:
        day = now.date()
    return (day if day.year in sheets.YEARS else now.date()).replace(day=1)


def _next(month: dt.date, by: int = 1) -> dt.date:
    n = month.year * 12 + month.month - 1 + by
    return dt.date(n // 12, n % 12 + 1, 1)


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    access.require(request.user, *KEEPERS)
    try:
        shift = roster.take_out(request.user, pk)
        audit.note(
            request.user, "删去班次", request.user.unit, {"姓名": shift.name, "开始": str(shift.starts)}, request
        )
        messages.success(request, f"已删去 {shift.name} {shift.starts.astimezone(clock.SHANGHAI):%m-%d %H:%M} 的班次")
    except roster.BadRoster as bad:
        messages.error(request, str(bad))
    return redirect("duty:roster")


@require_GET
def sheet(request: HttpRequest, form: str) -> HttpResponse:
    """The roster of a month as XLSX, in the form in which it is read again."""
    if form != "xlsx":
        raise Http404("只有 xlsx")
    access.require(request.user, *READERS)
    month = _month(request.GET.get("month", ""), clock.now())
    start, end = (dt.datetime.combine(day, dt.time(), clock.SHANGHAI) for day in (month, _next(month)))
    shifts = Shift.objects.filter(removed_at=None, unit=request.user.unit, starts__gte=start, starts__lt=end)
    content = write_xlsx(list(sheets.HEAD), sheets.rows(shifts), f"{month:%Y-%m} 值班表")
    answer = HttpResponse(content, content_type=files.KINDS[".xlsx"])
    answer.headers["Content-Disposition"] = f'attachment; filename="roster-{month:%Y-%m}.xlsx"'
    return answer


# --------------------------------------------------------------------------------------------------------- the city


@require_GET
def city(request: HttpRequest) -> HttpResponse:
    """Who is on duty now in every unit that keeps a roster, and which of them nobody is."""
    access.require(request.user, *READERS)
    now = clock.now()
    asked = request.GET.get("q", "").strip()
    units = list(
        dict.fromkeys(Shift.objects.filter(removed_at=None, ends__gt=now - 30 * DAY).values_list("unit", flat=True))
    )
    here = set(calling.units_of(None, request.user))
    standing = roster.on_duty([u for u in units if asked in u and u in here], now)
    reads = access.reads(request.user, "personal") and request.user.has_role(*CALLERS)
    if reads and standing:
        audit.note(request.user, audit.READ_PERSONAL, "全市值班", {"单位": len(standing)}, request)
    shown = [
        (unit, [(s, s.phone if reads or not s.phone else access.mask(s.phone)) for s in shifts])
        for unit, shifts in sorted(standing.items(), key=lambda row: (bool(row[1]), row[0]))
    ]
    return render(request, "duty/city.html", {
        "now": now, "rows": shown, "q": asked, "reads": reads,
        "packs": [w for w in worlds.loaded() if (w.document.get("work") or {}).get("room") in ("应急", "预警与响应")
                  and w.units.knows(request.user.unit)],
    })  # fmt: skip


@require_GET
def calls(request: HttpRequest) -> HttpResponse:
    """The list of whom to call as PDF; ?pack= for the units of one plan."""
    access.require(request.user, *CALLERS)
    pack = request.GET.get("pack", "")
    if pack and pack not in worlds.pack_ids():
        raise Http404(f"没有政策包 {pack}")
    if pack and not worlds.world(pack).units.knows(request.user.unit):
        raise access.NotYours(f"{pack} 是另一个城市的预案，{request.user.unit}不能下载它的联络表。")
    from gongbao.exchange.call_list import to_pdf  # reportlab is not for a server's start

    made = calling.call_list(worlds.world(pack) if pack else None, request.user, clock.now())
    audit.note(
        request.user, audit.READ_PERSONAL, made.title, {"行": sum(len(lines) for _, lines in made.parts)}, request
    )
    answer = HttpResponse(to_pdf(made), content_type="application/pdf")
    answer.headers["Content-Disposition"] = 'attachment; filename="calls.pdf"'
    return answer
