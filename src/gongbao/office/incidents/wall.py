"""The wall screen of a duty room: the clocks of all open incidents that the account sees, read from the projections.

What is overdue is the nearest unmet deadline of each case (`next_due`): a timer that has fired says nothing of whether
its act was done meanwhile. What still runs is every timer that has not fired.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from gongbao.office.cases.models import Case, Timer
from gongbao.office.duty import roster
from gongbao.office.duty.models import Shift
from gongbao.office.incidents.listing import Row
from gongbao.office.people.models import Account

MOST = 10  # lines that can be read across a room
RUNS = ("period", "date", "lead", "repeat")  # kinds of deadline that call for an act; tasks are counted, not listed


@dataclass(frozen=True, slots=True)
class Line:
    """One clock. `own`: it binds the unit, a post or a role of the account."""

    due: dt.datetime
    what: str
    whose: tuple[str, ...]
    case: Case
    address: str
    late: bool
    own: bool


@dataclass(frozen=True, slots=True)
class Wall:
    lines: tuple[Line, ...]
    more: int
    late: int
    duty: tuple[Shift, ...]


def wall(rows: Iterable[Row], account: Account, now: dt.datetime) -> Wall:
    """rows: the open incidents (listing.home), so that the wall shows what the list shows."""
    by = {row.case.pk: row for row in rows}
    names = set(account.names)
    timers = Timer.objects.filter(case__in=list(by), kind__in=RUNS)
    owners = {
        (t.case_id, t.due_at, t.label[:80]): t.owner
        for t in timers.filter(due_at__in={row.case.next_due for row in by.values() if row.late})
    }
    found = []
    for row in by.values():
        if row.late:
            due, what = row.case.next_due, row.case.next_due_label
            found.append((due, what, owners.get((row.case.pk, due, what), ()), row))
    running = timers.filter(due_at__gte=now, fired_at=None).order_by("due_at", "id")
    found += [(t.due_at, t.label, t.owner, by[t.case_id]) for t in running[: MOST + 1]]
    more = max(running.count() + sum(row.late for row in by.values()) - MOST, 0)
    lines = [
        Line(due, what, tuple(whose), row.case, row.address, due < now, not names.isdisjoint(whose))
        for due, what, whose, row in sorted(found, key=lambda one: (one[0], one[3].case.pk))[:MOST]
    ]
    duty = roster.on_duty([account.unit], now)[account.unit]
    return Wall(tuple(lines), more, sum(row.late for row in by.values()), tuple(duty))
