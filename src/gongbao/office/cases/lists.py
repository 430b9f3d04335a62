"""Lists of cases, read from the projections alone: what one person has to do, what they may see, what is burning.

No list replays a case. Each is written so that an index gives its first page, with 100,000 cases as with ten.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet

from gongbao.engine.model import VOIDED
from gongbao.office import clock
from gongbao.office.cases.models import CLOSED, DANGER, OPEN, Case, Event, Participation
from gongbao.office.cases.projection import COLOURS
from gongbao.office.people import access
from gongbao.office.people.models import Account
from gongbao.office.tasks import LOG

PAGE = 50
FEW = 5000
COUNT_CAP = 9999


def seen_by(account: Account) -> QuerySet[Case]:
    """The cases the account may see, asked for in the way that suits how many they are."""
    if access.sees_all(account):
        return access.visible(account)
    below = access.subordinates(account.unit)
    whos = (*account.names, *below)
    if Participation.objects.filter(who__in=whos)[:FEW].count() == FEW:
        return access.visible(account)
    own = Participation.objects.filter(who__in=account.names).values("case_id")
    if not below:
        return Case.objects.filter(pk__in=own)
    theirs = Participation.objects.filter(who__in=below, case__sealed=False).values("case_id")
    return Case.objects.filter(pk__in=own.union(theirs))


def capped(rows: QuerySet, cap: int = 999) -> str:
    """How many rows, as text; beyond `cap` no more are counted: 999+."""
    n = rows.order_by()[: cap + 1].count()
    return f"{cap}+" if n > cap else str(n)


@dataclass(frozen=True, slots=True)
class Todo:
    """One case in which something is expected of this person."""

    case: Case
    due: dt.datetime | None
    unsigned: bool


def mine(account: Account) -> QuerySet[Participation]:
    """What is expected of the account's unit, posts and roles now."""
    return Participation.objects.filter(who__in=account.names, acting=True)


def todo(account: Account, *, due_before: dt.datetime | None = None, due_after: dt.datetime | None = None,
         unsigned: bool = False, limit: int = PAGE) -> list[Todo]:  # fmt: skip
    """The first `limit` by due time (those without one last), each case once."""
    rows = mine(account)
    if unsigned:
        rows = rows.filter(unsigned=True)
    if due_before is not None:
        rows = rows.filter(due__lt=due_before)
    if due_after is not None:
        rows = rows.filter(due__gte=due_after)
    first = _by_name(account, rows.filter(due__isnull=False), "due", limit)
    if len(first) < limit and due_before is None and due_after is None:
        first += _by_name(account, rows.filter(due__isnull=True), "-opened_at", limit)
    found: dict[int, dict[str, Any]] = {}
    for row in first:
        found.setdefault(row["case_id"], row)
    wanted = list(found.values())[:limit]
    cases = Case.objects.in_bulk([row["case_id"] for row in wanted])
    return [Todo(cases[row["case_id"]], row["due"], row["unsigned"]) for row in wanted if row["case_id"] in cases]


def _by_name(account: Account, rows: QuerySet[Participation], order: str, limit: int) -> list[dict[str, Any]]:
    """The first rows of each of the account's names, merged: each name's are read from the index in order."""
    column = order.lstrip("-")
    found: list[dict[str, Any]] = []
    for name in account.names:
        found += rows.filter(who=name).order_by(order).values("case_id", "due", "unsigned", "opened_at")[:limit]
    return sorted(found, key=lambda row: row[column], reverse=order.startswith("-"))


@dataclass(frozen=True, slots=True)
class Burning:
    """A case that asks for attention now; `level` is the colour that stands, `since` when it was decided."""

    case: Case
    level: str = ""
    since: dt.datetime | None = None


def burning(account: Account, limit: int = 12) -> list[Burning]:
    """Open cases with a warning level, then those with a danger to life, each the gravest and newest first.

    A warning holds the whole city and there are few; it must not be pushed out of sight by many single calls.
    """
    rows = access.visible(account, Case.objects.filter(status=OPEN, alarm__gt=0))
    warnings = list(rows.filter(alarm__lt=DANGER).order_by("-alarm", "-opened_at")[:limit])
    dangers = rows.filter(alarm=DANGER).order_by("-opened_at")[: limit - len(warnings)]
    since = levels_since(warnings)
    return [Burning(case, level_of(case), since.get(case.pk)) for case in warnings] + [Burning(c) for c in dangers]


def level_of(case: Case) -> str:
    """The colour at which a warning stands, as it was decided (橙色); empty for anything else."""
    return case.alarm_text.rpartition("：")[2] if 0 < case.alarm < DANGER else ""


def levels_since(warnings: Iterable[Case]) -> dict[int, dt.datetime]:
    """Since when each warning stands at its level: the first of the last decisions in its log that gave it."""
    wanted = {case.pk: level for case in warnings if (level := level_of(case))}
    rows = Event.objects.filter(case__in=wanted).filter(Q(data__has_key="decision") | Q(type=VOIDED))
    log = list(rows.order_by("-seq").values_list("case_id", "seq", "type", "occurred_at", "data"))
    voided = {(case, data.get("seq")) for case, _, kind, _, data in log if kind == VOIDED}
    found: dict[int, dt.datetime] = {}
    for case, seq, kind, at, data in log:
        value = data.get("value")
        told = str(next(iter(value.values()), "") if isinstance(value, Mapping) else value)
        if case not in wanted or kind == VOIDED or (case, seq) in voided or told[:1] not in COLOURS:
            continue
        if told == wanted[case]:
            found[case] = at
        else:
            del wanted[case]  # another level stood before it
    return found


@dataclass(frozen=True, slots=True)
class Page:
    cases: list[Case]
    words: str
    next: str = ""
    previous: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)


STATUSES = {"open": "办理中", "overdue": "已逾期", "soon": "24小时内到期", "alarm": "预警或危险", "closed": "已办结"}


def filtered(rows: QuerySet[Case], asked: Mapping[str, str]) -> QuerySet[Case]:
    """asked: q, status, procedure (pack:procedure), place, unit, from, to (days)."""
    now = clock.now()
    match asked.get("status"):
        case "open":
            rows = rows.filter(status=OPEN)
        case "closed":
            rows = rows.filter(status=CLOSED)
        case "overdue":
            rows = rows.filter(status=OPEN, next_due__lt=now)
        case "soon":
            rows = rows.filter(status=OPEN, next_due__gte=now, next_due__lt=now + dt.timedelta(days=1))
        case "alarm":
            rows = rows.filter(status=OPEN, alarm__gt=0)
    if procedure := asked.get("procedure"):
        pack, _, name = procedure.rpartition(":")
        rows = rows.filter(pack=pack, procedure=name)
    if place := asked.get("place"):
        rows = rows.filter(place=place)
    if unit := asked.get("unit"):
        rows = rows.filter(pk__in=Participation.objects.filter(who=unit).values("case_id"))
    if q := asked.get("q", "").strip():
        rows = rows.filter(Q(number__icontains=q) | Q(title__icontains=q))
    for name, edge in (("from", "gte"), ("to", "lt")):
        if day := _day(asked.get(name, "")):
            moment = dt.datetime.combine(day, dt.time(), clock.SHANGHAI) + dt.timedelta(days=name == "to")
            rows = rows.filter(**{f"opened_at__{edge}": moment})
    return rows


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def page(account: Account, asked: Mapping[str, str]) -> Page:
    """A page of 全部事项, newest first (by due time when asked for overdue ones); `before`/`at` continue a list."""
    rows = filtered(seen_by(account).exclude(procedure=LOG), asked)
    by_due = asked.get("status") in ("overdue", "soon")
    number = max(1, int(asked["page"])) if asked.get("page", "").isdigit() else 1
    number = min(number, 200)  # beyond ten thousand, filter instead
    order = ("next_due", "id") if by_due else ("-opened_at", "-id")
    start = (number - 1) * PAGE
    found = list(rows.order_by(*order)[start : start + PAGE + 1])
    more, cases = len(found) > PAGE, found[:PAGE]
    kept = {key: value for key, value in asked.items() if value and key != "page"}
    first = start + 1 if cases else 0
    total = str(start + len(cases)) if not more else capped(rows, COUNT_CAP)
    return Page(
        cases, f"第 {first}–{start + len(cases)} 件，共 {total} 件",
        next=urlencode({**kept, "page": number + 1}) if more and number < 200 else "",
        previous=urlencode({**kept, "page": number - 1}) if number > 1 else "", filters=kept,
    )  # fmt: skip
