"""The holiday table: read by whoever keeps policies, entered year by year by an administrator.

Nothing is saved unseen: the first posting shows which days change and which open times move; the second, of exactly the
same content, saves it. Each saving is a new edition; the older ones stay.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from gongbao.engine.time.calendar import Calendar, days, default_calendar, month_end
from gongbao.office import clock, worlds
from gongbao.office.cases import recounting
from gongbao.office.cases.codec import canonical, sha256
from gongbao.office.cases.models import OPEN, CalendarYear, Timer
from gongbao.office.management import holidays
from gongbao.office.management.doors import ADMINISTRATOR, BOTH, only, tabs
from gongbao.office.people import audit
from gongbao.office.people import roles as r

FIRST_YEAR, AHEAD = 2004, 5
SHOWN_MOVES = 100
MOST_BYTES = 1024 * 1024
_LABELS = {"days": "日子", "file": "文件", "source": "来源", "reason": "说明"}
_LONGEST = {"source": 120, "reason": 300}


@require_GET
@only(*BOTH)
def calendar(request: HttpRequest) -> HttpResponse:
    table, today = worlds.calendar(), clock.today()
    try:
        year = min(max(int(request.GET.get("year", today.year)), FIRST_YEAR), today.year + AHEAD)
    except ValueError:
        year = today.year
    return render(request, "management/calendar.html", {
        "year": year, "months": _months(table, year), "known": table.known_year(year),
        "source": table.source_of(year), "today": today, "week": holidays.WEEK,
        "rows": holidays.of_year(table, year), "working": _working(table, year),
        "editions": [(row, _days_of(row)) for row in CalendarYear.objects.filter(year=year).order_by("-id")],
        "falling": _open_times(year), "may_edit": request.user.has_role(r.ADMINISTRATOR),
        "tabs": tabs(request.user), "tab": "calendar",
    })  # fmt: skip


def _months(table: Calendar, year: int) -> list[tuple[int, list[list[Any]]]]:
    months = []
    for month in range(1, 13):
        first = dt.date(year, month, 1)
        cells: list[Any] = [None] * first.weekday()
        cells += [(d, _kind(table, d), table.holiday_name(d) or "") for d in days(first, month_end(year, month))]
        cells += [None] * (-len(cells) % 7)
        months.append((month, [cells[i : i + 7] for i in range(0, len(cells), 7)]))
    return months


def _kind(table: Calendar, day: dt.date) -> str:
    """holiday: rest on a weekday or a named day; make-up: a weekend worked; rest: a plain weekend; work."""
    if table.is_make_up(day):
        return "make-up"
    if not table.is_working(day):
        return "holiday" if table.holiday_name(day) else "rest"
    return "work"


def _working(table: Calendar, year: int) -> int:
    return sum(table.is_working(d) for d in days(dt.date(year, 1, 1), dt.date(year, 12, 31)))


def _open_times(year: int) -> int:
    """How many open times of open cases fall into the year."""
    begin, end = (dt.datetime(y, 1, 1, tzinfo=clock.SHANGHAI) for y in (year, year + 1))
    return Timer.objects.filter(due_at__gte=begin, due_at__lt=end, case__status=OPEN).aggregate(n=Count("id"))["n"]


def _days_of(row: CalendarYear) -> str:
    if row.days is None:
        return ""
    return holidays.as_text((dt.date.fromisoformat(day), kind, name) for day, kind, name in row.days)


# ------------------------------------------------------------------------------------------------------------ entering


@only(*ADMINISTRATOR)
def edit(request: HttpRequest, year: int) -> HttpResponse:
    """Show the year as lines, preview what was typed or imported, save what was previewed."""
    if not FIRST_YEAR <= year <= clock.today().year + AHEAD:
        raise Http404(f"只能填 {FIRST_YEAR} 年到 {clock.today().year + AHEAD} 年")
    if request.method != "POST":
        given = {"days": holidays.as_text(holidays.of_year(worlds.calendar(), year)), "source": "", "reason": ""}
        return _page(request, year, given, [])
    given = {k: request.POST.get(k, "").replace("\r\n", "\n").strip() for k in ("days", "source", "reason")}
    back = request.POST.get("act") == "withdraw"
    problems = _words_missing(given, back)
    arranged: tuple[tuple[dt.date, str, str], ...] | None = None
    try:
        arranged = None if back else _arranged(request, given, year)
    except ValueError as error:
        told = error.problems if isinstance(error, holidays.Refused) else (str(error),)
        where = "file" if request.FILES.get("file") else "days"
        problems += [{"id": where, "label": _LABELS[where], "text": text} for text in told]
    if not problems and back and not CalendarYear.objects.filter(year=year).exists():
        problems.append({"id": "", "label": "", "text": f"{year} 年没有填过，用的就是软件自带的安排"})
    if problems:
        return _page(request, year, given, problems, status=400)
    stored = None if arranged is None else [[day.isoformat(), kind, name] for day, kind, name in arranged]
    given["days"] = given["days"] if arranged is None else holidays.as_text(arranged)
    mark = sha256(canonical([year, stored, given["source"], given["reason"], worlds.calendar_edition()]))
    if request.POST.get("act") in ("save", "withdraw") and request.POST.get("previewed") == mark:
        return _save(request, year, stored, given)
    return _page(request, year, given, [], preview=_preview(year, stored, given, arranged or (), mark, back))


def _words_missing(given: dict[str, str], back: bool) -> list[dict[str, str]]:
    asked = {"source": "请写明来源，如通知的文号：国办发明电〔2023〕7号", "reason": "请写明为什么改，如 按通知录入"}
    if back:
        asked.pop("source")
    missing = [{"id": k, "label": _LABELS[k], "text": text} for k, text in asked.items() if not given[k]]
    return missing + [
        {"id": k, "label": _LABELS[k], "text": f"最多 {most} 字，现有 {len(given[k])} 字"}
        for k, most in _LONGEST.items() if len(given[k]) > most
    ]  # fmt: skip


def _arranged(request: HttpRequest, given: dict[str, str], year: int) -> tuple[tuple[dt.date, str, str], ...]:
    file = request.FILES.get("file")
    if file is None:
        return holidays.checked(holidays.from_text(given["days"], year), year)
    if file.size > MOST_BYTES:
        raise ValueError(f"文件有 {file.size // 1024} KB，最多 {MOST_BYTES // 1024} KB")
    return holidays.checked(holidays.from_table(file.read(), file.name, year), year)


def _tables(year: int, stored: list[list[str]] | None, source: str) -> tuple[Calendar, Calendar]:
    """The table as it is and as it would be."""
    now = worlds.calendar()
    if stored is not None:
        return now, worlds.year_entered(now, year, stored, source)
    own = default_calendar()
    if not own.known_year(year):
        years = (now.years or frozenset()) - {year}
        held = {d: rest for d, rest in now.holidays.items() if d.year != year}
        return now, Calendar(held, now.source, now.names, years, {y: s for y, s in now.sources.items() if y != year})
    held = own.exceptions(dt.date(year, 1, 1), dt.date(year, 12, 31))
    return now, now.with_year(year, held, source=own.source, names=own.names)


def _preview(
    year: int, stored: list[list[str]] | None, given: dict[str, str], arranged: Any, mark: str, back: bool
) -> dict[str, Any]:
    before, after = _tables(year, stored, given["source"])
    changed = holidays.changes(before, after, year)
    moved = recounting.moves(after, [c.day for c in changed])
    return {
        "mark": mark, "back": back, "changes": changed, "before": _working(before, year),
        "after": _working(after, year), "moves": moved[:SHOWN_MOVES], "moved": len(moved),
        "cases": len({m.case.pk for m in moved}), "rest": max(0, len(moved) - SHOWN_MOVES),
        "reminders": () if back else holidays.reminders(arranged, year), "was_known": before.known_year(year),
        "months": _months(after, year),
    }  # fmt: skip


def _save(request: HttpRequest, year: int, stored: list[list[str]] | None, given: dict[str, str]) -> HttpResponse:
    try:
        with transaction.atomic():
            before, after = _tables(year, stored, given["source"])
            changed = [c.day for c in holidays.changes(before, after, year)]
            moved = recounting.moves(after, changed)
            row = CalendarYear.objects.create(
                year=year, days=stored, source=given["source"] or "软件自带的安排", reason=given["reason"],
                set_by=request.user.username, set_at=clock.now(),
            )  # fmt: skip
            cases = recounting.recount(after, moved, f"{year} 年放假安排第 {row.pk} 版")
            audit.note(request.user, "更改节假日表", f"{year} 年第 {row.pk} 版", {
                "来源": row.source, "理由": row.reason, "变动的日子": len(changed), "移动的时限": len(moved),
            }, request)  # fmt: skip
    except BaseException:
        worlds.forget_calendar()  # an edition that was not kept may have been looked at
        raise
    messages.success(
        request, f"{year} 年放假安排已保存为第 {row.pk} 版；{cases} 件事项的 {len(moved)} 个时限已按新表重算"
    )
    return redirect(f"{request.path.removesuffix(f'{year}/')}?year={year}")


def _page(
    request: HttpRequest, year: int, given: dict[str, str], problems: list[dict[str, str]],
    preview: dict[str, Any] | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    wrong = {p["id"] for p in problems}
    return render(request, "management/calendar_edit.html", {
        "year": year, "given": given, "summary": problems, "wrong": wrong, "preview": preview,
        "entered": CalendarYear.objects.filter(year=year).exists(), "known": worlds.calendar().known_year(year),
        "source": worlds.calendar().source_of(year), "week": holidays.WEEK, "today": clock.today(),
        "tabs": tabs(request.user), "tab": "calendar",
    }, status=status)  # fmt: skip
