"""The room's first page (what is nearest and can serve; the registers) and the page of one row with its history."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from gongbao.office import clock
from gongbao.office.cases.models import OPEN, Case
from gongbao.office.people import access, audit
from gongbao.office.people.units import areas
from gongbao.office.resources import book, cells, finding, holdings, panel
from gongbao.office.resources.kept import (
    ALL_KINDS,
    ENTERS,
    KINDS,
    LENDS,
    Kept,
    NoSuchRegister,
    all_kept,
    area_of,
    kept,
    may_lend,
)
from gongbao.office.resources.models import Holding, Row
from gongbao.office.tasks import LOG

SUBJECT = "应急资源"
HISTORY = 200


def enter(request: HttpRequest) -> None:
    access.require(request.user, *sorted(ENTERS))


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """?kind=&place=&spot=&point=&state=&need=&q=&case=: the nearest that can serve; without a question the registers."""
    enter(request)
    account = request.user
    given = {key: value for key, value in request.GET.items() if value.strip()}
    question = finding.asked(request.GET.dict())
    case = _case(request)
    searched = any(key in request.GET for key in ("kind", "place", "q", "point", "need", "state", "spot", "case"))
    for one in all_kept():
        book.begin(one)
    context: dict[str, Any] = {
        "asked": given, "question": question, "searched": searched, "case": case, "kinds": KINDS,
        "states": finding.STATES, "areas": areas(), "registers": () if searched else _registers(),
        "errors": [{"id": name, "label": "", "text": text} for name, text in question.problems.items()],
        "own": area_of(account) or "",
    }  # fmt: skip
    if searched:
        answer = finding.find(account, question)
        context |= {
            "measured": answer.measured, "others": answer.others, "left_out": answer.left_out, "shown": finding.SHOWN,
            "has_neighbours": answer.has_neighbours, "lends": account.has_role(*LENDS),
        }  # fmt: skip
        note_reading(request, finding.read_personally(found for _, found in (*answer.measured, *answer.others)))
    return render(request, "resources/home.html", context, status=422 if question.problems else 200)


def _case(request: HttpRequest) -> Case | None:
    number = request.GET.get("case", "").strip()
    if not number:
        return None
    try:
        return access.case_for(request.user, number)
    except Case.DoesNotExist:
        raise Http404(f"没有编号为 {number} 的事项") from None


def _registers() -> list[dict[str, Any]]:
    """The registers by kind, with how many rows each has and how many statements of number do not hold."""
    numbers = {
        (row["pack"], row["register"]): row["n"]
        for row in Row.objects.filter(valid_until=None).values("pack", "register").annotate(n=Count("id"))
    }
    found = []
    for one in all_kept():
        counts = one.counted([book.decoded(r) for r in listed(one)]) if one.register.counts else ()
        open_ = [c for c in counts if not c.holds]
        pending = sum(c.count.by is not None and c.count.by >= clock.today() for c in open_)
        found.append({
            "kept": one, "rows": numbers.get((one.pack, one.id), 0), "counts": len(counts), "pending": pending,
            "short": len(open_) - pending, "keepers": "、".join(one.register.kept_by),
        })  # fmt: skip
    order = list(ALL_KINDS)
    return sorted(found, key=lambda f: order.index(f["kept"].kind))


def listed(one: Kept) -> Any:
    return Row.objects.filter(pack=one.pack, register=one.id, valid_until=None).order_by("name", "id")


@require_GET
def row(request: HttpRequest, pk: int) -> HttpResponse:
    enter(request)
    return row_page(request, pk)


def row_page(
    request: HttpRequest, pk: int, *, tried: str = "", given: dict[str, str] | None = None, error: str = "",
    fields: dict[str, str] | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    """One row: its cells, what holds it, its history, and what this account may do with it."""
    account = request.user
    found = get_object_or_404(holdings.with_out(Row.objects.all()), pk=pk)
    one = kept_or_404(found.pack, found.register)
    values = {**book.decoded(found), **book.codec.decode(found.personal)}
    made = cells.computed(one, values)
    facts, read = [], []
    for column in one.columns:
        text = made.get(column.id) or cells.shown(account, column, values.get(column.id))
        if column.personal and text and cells.reads(account, column):
            read.append(column.id)
        facts.append((column.label, text))
    note_reading(request, [found.pk] if read else [])
    labels = {c.id: c.label for c in one.columns}
    changes = [
        (entry, "、".join(labels.get(c, c) for c in entry.columns) if entry.kind == "changed" else "")
        for entry in found.changes.order_by("-seq")[:HISTORY]
    ]
    out = [
        panel.line(held, account)
        for held in Holding.objects.filter(row=found, closed_at=None).select_related("row", "case")
    ]
    edits = found.valid_until is None and one.may_edit(account, found.place or None)
    lends = (
        found.valid_until is None
        and one.lent
        and account.has_role(*LENDS)
        and may_lend(account, one, found.place or None)
    )
    errors = [{"id": f"{tried}-{name}", "label": "", "text": text} for name, text in (fields or {}).items()]
    return render(request, "resources/row.html", {
        "row": found, "kept": one, "facts": facts, "blank": [label for label, text in facts if not text], "changes": changes, "out": out, "edits": edits, "lends": lends,
        "found": finding.seen(account, one, found), "tried": tried, "given": given or {}, "labels": labels,
        "errors": errors or ([{"text": error}] if error else []),
        "cases": _cases(request) if lends else (), "seen_cases": {h["held"].case_id for h in out if access.may_see(account, h["held"].case)},
    }, status=status)  # fmt: skip


def _cases(request: HttpRequest) -> list[Case]:
    """The open emergency matters that the account sees, the newest first: what it may lend to from here."""
    from gongbao.office import worlds

    packs = [world.pack for world in worlds.loaded() if panel.calls_on_resources(world)]
    cases = access.visible(request.user).filter(status=OPEN, pack__in=packs).exclude(procedure=LOG)
    return list(cases.order_by("-opened_at")[:30])


def kept_or_404(pack: str, register: str) -> Kept:
    try:
        return kept(pack, register)
    except NoSuchRegister as missing:
        raise Http404(str(missing)) from None


def note_reading(request: HttpRequest, rows: list[int]) -> None:
    """Personal values shown in the clear are written down, with the rows and never the values."""
    if rows:
        audit.note(request.user, audit.READ_PERSONAL, SUBJECT, {"rows": rows[:500], "n": len(rows)}, request)
