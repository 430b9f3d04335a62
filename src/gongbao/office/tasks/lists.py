"""Which standing tasks an account sees, and how they are asked for: by unit, state, document, words.

A unit sees its own tasks and those of the units that answer to it; those it only works with are a list of their own.
督查员, 带班领导 and 管理员 see all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from gongbao.office import clock
from gongbao.office.cases.models import CaseTask
from gongbao.office.people import access
from gongbao.office.people import roles as r
from gongbao.office.people.models import Account
from gongbao.office.tasks import LOG

DONE = ("done", "cancelled")
SOON = dt.timedelta(days=30)
STATES = {
    "open": "未办结",
    "unsigned": "待签收",
    "overdue": "已逾期",
    "soon": "30日内到期",
    "done": "已办结",
    "": "全部",
}


def all_tasks() -> QuerySet[CaseTask]:
    return CaseTask.objects.filter(case__procedure=LOG).select_related("case")


def oversees(account: Account) -> bool:
    """Whether the account looks at the tasks of all units."""
    return access.sees_all(account) or account.has_role(r.DUTY_LEADER)


def own(account: Account) -> QuerySet[CaseTask]:
    """The tasks that this unit answers for."""
    return all_tasks().filter(unit=account.unit)


def seen_by(account: Account) -> QuerySet[CaseTask]:
    """The tasks an account may look at, without those it only works with."""
    if oversees(account):
        return all_tasks()
    return all_tasks().filter(unit__in=(account.unit, *access.subordinates(account.unit)))


def supported_by(account: Account) -> list[CaseTask]:
    """The tasks in which this unit works with others, by due time."""
    rows = all_tasks().exclude(unit=account.unit).order_by(F("due").asc(nulls_last=True), "duty", "unit")
    return [row for row in rows if account.unit in row.supporting]


def may_see(account: Account, task: CaseTask) -> bool:
    return account.unit in task.supporting or seen_by(account).filter(pk=task.pk).exists()


def in_state(rows: QuerySet[CaseTask], state: str) -> QuerySet[CaseTask]:
    now = clock.now()
    live = rows.exclude(status__in=DONE)
    match state:
        case "open":
            return live
        case "unsigned":
            return live.filter(status="issued")
        case "overdue":
            return live.filter(due__lt=now)
        case "soon":
            return live.filter(due__gte=now, due__lt=now + SOON)
        case "done":
            return rows.filter(status="done")
    return rows


def filtered(rows: QuerySet[CaseTask], asked: Mapping[str, str]) -> QuerySet[CaseTask]:
    """asked: state (STATES), unit, pack, q."""
    rows = in_state(rows, asked.get("state", ""))
    if unit := asked.get("unit"):
        rows = rows.filter(unit=unit)
    if pack := asked.get("pack"):
        rows = rows.filter(case__pack=pack)
    if q := asked.get("q", "").strip():
        rows = rows.filter(Q(do__icontains=q) | Q(case__title__icontains=q) | Q(unit__icontains=q))
    return rows.order_by(F("due").asc(nulls_last=True), "case_id", "duty", "unit")


@dataclass(frozen=True, slots=True)
class OfUnit:
    """How the tasks of one unit stand."""

    unit: str
    all: int
    unsigned: int
    overdue: int
    done: int


def by_unit(rows: QuerySet[CaseTask]) -> tuple[OfUnit, ...]:
    """Each unit with its tasks counted; those with the most overdue first."""
    live = ~Q(status__in=DONE)
    found = rows.order_by().values("unit").annotate(
        all=Count("pk"), unsigned=Count("pk", filter=Q(status="issued")),
        overdue=Count("pk", filter=live & Q(due__lt=clock.now())), done=Count("pk", filter=Q(status="done")),
    )  # fmt: skip
    made = (OfUnit(f["unit"], f["all"], f["unsigned"], f["overdue"], f["done"]) for f in found)
    return tuple(sorted(made, key=lambda u: (-u.overdue, -u.unsigned, u.unit)))


def board(account: Account, limit: int = 8) -> dict[str, Any] | None:
    """For 值班台: the own unit's tasks that are overdue or fall due soon, and how many of all units are overdue."""
    mine = own(account)
    overdue = in_state(mine, "overdue").order_by("due", "duty")
    soon = in_state(mine, "soon").order_by("due", "duty")
    rows = [*overdue[:limit], *soon[:limit]][:limit]
    units = in_state(all_tasks(), "overdue").count() if oversees(account) else 0
    if not rows and not units:
        return None
    return {"rows": rows, "overdue": overdue.count(), "soon": soon.count(), "units": units}


def packs(rows: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(set(rows), key=lambda each: each[1])
