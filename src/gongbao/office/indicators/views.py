"""规划指标: the plans with how they stand, one plan judged, the grid and sheet of a unit, and the history of one value."""

from __future__ import annotations

import datetime as dt
from urllib.parse import quote

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from gongbao.engine.indicator_judge import evaluate
from gongbao.engine.indicator_observations import Period, parse_period
from gongbao.engine.indicator_observations import period as period_of
from gongbao.engine.indicator_words import counts, said_of, shown
from gongbao.exchange.tables import TableError
from gongbao.office import clock
from gongbao.office.cases import files
from gongbao.office.indicators import book, lines, sheet
from gongbao.office.indicators.models import Report
from gongbao.office.pages.grounds import grounds_of
from gongbao.office.people import audit
from gongbao.office.people import roles as r
from gongbao.office.people.models import Account

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The plans with how many of their indicators stand how, on the office's day."""
    found, today = lines.plans(), clock.today()
    observed = book.observations()
    rows = []
    for world in found:
        results = [one for one in evaluate([world], observed, today) if not one.subject]
        until = (world.document.get("in_force") or {}).get("until")
        rows.append({"world": world, "n": len(world.indicators), "counts": counts(results),
                     "over": until if until is not None and until < today else None})  # fmt: skip
    return render(request, "indicators/home.html", {
        "rows": rows, "today": today, "mine": len(lines.of_account(request.user, found)),
    })  # fmt: skip


@require_GET
def plan(request: HttpRequest, city: str, slug: str) -> HttpResponse:
    """Every indicator of a plan with its target, its value, what is said of it and why."""
    world = next((w for w in lines.plans() if w.pack == f"{city}/{slug}"), None)
    if world is None:
        raise Http404(f"没有指标的政策包“{city}/{slug}”")
    on = _day(request.GET.get("on", "")) or clock.today()
    found = list(evaluate([world], book.observations(), on))
    rows = []
    for one in found:
        result = one.results[0]
        outcomes = [o for each in one.results for o in (each.outcome, each.progress) if o is not None]
        rows.append({
            "one": one, "indicator": one.indicator, "value": shown(result.value, one.indicator.unit), "year": result.year,
            "target": "；".join(said_of(one.indicator, each.target, dated=True) for each in one.results),
            "reason": "；".join(dict.fromkeys(each.reason for each in one.results if each.reason)),
            "per_year": None if result.per_year is None else shown(result.per_year, one.indicator.unit),
            "baseline": shown(one.indicator.baseline.value, one.indicator.unit),
            "failing": result.failing, "silent": result.silent,
            "grounds": [grounds_of(outcome, world) for outcome in outcomes],
            "history": urlencode({"key": one.indicator.key, "subject": one.subject, "period": str(result.year or on.year)}),
        })  # fmt: skip
    return render(request, "indicators/plan.html", {
        "world": world, "rows": rows, "on": on, "counts": counts(found), "several": any(row["one"].subject for row in rows),
    })  # fmt: skip


# ---------------------------------------------------------------------------------------------------------- entering


def enter(request: HttpRequest) -> HttpResponse:
    """The grid of a unit: one line for each value, one column for the period."""
    found = lines.of_account(request.user, lines.plans())
    period = _period(request)
    if request.method == "POST":
        given = [
            book.Given(line, request.POST.get(f"v-{n}", ""), request.POST.get(f"s-{n}", ""), request.POST.get(f"n-{n}", ""))
            for n, line in enumerate(found)
        ]  # fmt: skip
        try:
            evidence = [files.keep(upload) for upload in request.FILES.getlist("evidence")]
            done = book.enter(request.user, period, given, evidence=evidence)
        except (book.Refused, files.BadFile) as refused:
            return _grid(request, found, period, given, refused, 422)
        messages.success(request, f"已填报 {done} 项" if done else "没有改动")
        return redirect(f"{request.path}?period={quote(period.code)}")
    return _grid(request, found, period)


def _grid(
    request: HttpRequest, found: tuple[lines.Line, ...], period: Period, given: list[book.Given] | None = None,
    refused: Exception | None = None, status: int = 200, errors: list[dict[str, str]] | None = None,
) -> HttpResponse:  # fmt: skip
    held, before = book.held(period), book.held(_before(period))
    faults = getattr(refused, "faults", {})
    rows = []
    for n, line in enumerate(found):
        typed = given[n] if given else None
        rows.append({
            "n": n, "line": line, "held": held.get(line.id), "before": before.get(line.id), "fault": faults.get(line.id, ""),
            "value": typed.value if typed else "", "source": typed.source if typed else "", "note": typed.note if typed else "",
            "history": urlencode({"key": line.key, "subject": line.subject, "period": period.code}),
        })  # fmt: skip
    listed = [{"id": f"v-{row['n']}", "text": row["fault"]} for row in rows if row["fault"]]
    if refused is not None and not listed:
        listed = [{"id": "", "text": str(refused)}]
    return render(request, "indicators/enter.html", {
        "rows": rows, "period": period, "before": _before(period), "errors": [*listed, *(errors or [])],
        "periods": _periods(), "missing": sum(row["held"] is None or row["held"].report.returned for row in rows),
    }, status=status)  # fmt: skip


@require_GET
def download(request: HttpRequest) -> HttpResponse:
    period = _period(request)
    found = lines.of_account(request.user, lines.plans())
    response = HttpResponse(sheet.made(found, book.held(period), period), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="zhibiao-{period.code}.xlsx"'
    return response


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """The sheet brought back: all of it, or nothing, each fault with its cell."""
    period = _period(request)
    found = lines.of_account(request.user, lines.plans())
    table = request.FILES.get("table")
    if table is None:
        return _grid(request, found, period, status=422, errors=[{"id": "table", "text": "请选择填好的 XLSX 表"}])
    try:
        given, cells = sheet.read(table.read(), table.name or "", found, period)
        evidence = [files.keep(each) for each in request.FILES.getlist("evidence")]
        done = book.enter(request.user, period, given, evidence=evidence)
    except book.Refused as refused:
        told = [{"id": "table", "text": f"{cells[name]}：{text}"} for name, text in refused.faults.items()]
        return _grid(request, found, period, status=422, errors=told or [{"id": "table", "text": str(refused)}])
    except (TableError, files.BadFile) as wrong:
        return _grid(request, found, period, status=422, errors=[{"id": "table", "text": str(wrong)}])
    messages.success(request, f"表中有 {len(given)} 项，填报 {done} 项")
    return redirect(f"/indicators/enter/?period={quote(period.code)}")


# ---------------------------------------------------------------------------------------------------------- one value


def history(request: HttpRequest) -> HttpResponse:
    """Every report of one value; supervision sends the last one back from here."""
    key, subject = request.GET.get("key", ""), request.GET.get("subject", "")
    period = _period(request)
    line = next((each for each in lines.lines(lines.plans()) if (each.key, each.subject) == (key, subject)), None)
    if line is None:
        raise Http404("没有这个指标")
    error = ""
    if request.method == "POST":
        try:
            book.give_back(request.user, key, subject, period, request.POST.get("why", ""))
        except book.Refused as refused:
            error = str(refused)
        else:
            messages.success(request, f"已退回：{line.label} {period}")
            return redirect(request.get_full_path())
    reports = book.history(key, subject, period.code)
    return render(request, "indicators/history.html", {
        "line": line, "period": period, "reports": [(one, _papers(one)) for one in reports], "errors":
        [{"id": "why", "text": error}] if error else [], "held": book.held(period).get(line.id),
        "may_return": request.user.has_role(r.INSPECTOR) and bool(reports) and not reports[0].returned,
    }, status=422 if error else 200)  # fmt: skip


@require_GET
def file(request: HttpRequest, pk: int, digest: str) -> HttpResponse:
    """An attachment of a report, for supervision and the units that answer for the value."""
    report = Report.objects.filter(pk=pk).first()
    paper = next((name for held, name in _papers(report) if held == digest), None) if report is not None else None
    if report is None or paper is None:
        raise Http404("没有这个文件")
    if not request.user.has_role(r.INSPECTOR, r.DUTY_LEADER, r.ADMINISTRATOR) and not _answers(request.user, report):
        raise Http404("没有这个文件")
    audit.note(request.user, "查看附件", report.key, {"file": paper}, request)
    kind = files.KINDS.get("." + paper.rpartition(".")[2].lower(), "application/octet-stream")
    return FileResponse(files.path_of(digest).open("rb"), as_attachment=True, filename=paper, content_type=kind)


def _answers(account: Account, report: Report) -> bool:
    return any((x.key, x.subject) == (report.key, report.subject) for x in lines.of_account(account, lines.plans()))


def _papers(report: Report) -> list[tuple[str, str]]:
    return [(digest, name) for digest, _, name in (each.partition("/") for each in report.evidence) if name]


# ---------------------------------------------------------------------------------------------------------- periods


def _period(request: HttpRequest) -> Period:
    """The period asked for; else the year that ended last."""
    try:
        return parse_period(request.GET.get("period", "") or request.POST.get("period", ""))
    except ValueError:
        return period_of(clock.today().year - 1)


def _before(period: Period) -> Period:
    """The same part a year earlier."""
    return period_of(period.year - 1, period.part, period.n)


def _periods() -> list[Period]:
    """What may be chosen: the last years, and the parts of this one and the last that are over."""
    today = clock.today()
    parts = [period_of(year, part, n) for year in (today.year, today.year - 1)
             for part, most in (("half", 2), ("quarter", 4), ("month", 12)) for n in range(most, 0, -1)]  # fmt: skip
    return [*(period_of(today.year - n) for n in range(1, 6)), *(each for each in parts if each.end <= today)]


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
