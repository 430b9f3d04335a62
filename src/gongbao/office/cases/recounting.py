"""What a changed holiday table does to open cases: which of their times move, and writing the new ones.

Only cases that have a time on or after the first changed day can be concerned, and leads, which count backwards. Each
is replayed under both tables; a time that is met already does not move.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q

from gongbao.engine.time.calendar import SHANGHAI, Calendar
from gongbao.engine.world import World
from gongbao.office import clock, worlds
from gongbao.office.cases import log, projection, service
from gongbao.office.cases.models import OPEN, Case, Notice, Timer


@dataclass(frozen=True, slots=True)
class Move:
    """One open time of a case under the table as it is and as it would be; None where there is none."""

    case: Case
    label: str
    owner: tuple[str, ...]
    before: dt.datetime | None
    after: dt.datetime | None


def concerned(changed: Collection[dt.date]) -> list[int]:
    """The open cases whose times may stand on one of these days."""
    if not changed:
        return []
    first = dt.datetime.combine(min(changed), dt.time(), SHANGHAI)
    rows = Timer.objects.filter(Q(due_at__gte=first) | Q(kind="lead"), case__status=OPEN)
    return sorted(set(rows.values_list("case_id", flat=True)))


def moves(table: Calendar, changed: Collection[dt.date]) -> tuple[Move, ...]:
    """Every open time that `table` moves, the earliest new one first; nothing is written."""
    now, found = clock.now(), []
    made: dict[int, World] = {}
    for case in Case.objects.filter(pk__in=concerned(changed)).iterator():
        world = worlds.world_of(case)
        new = made.setdefault(id(world), world.with_calendar(table))
        events = log.events_of(case)
        before, after = (_times(w, case, events, now) for w in (world, new))
        for key in dict.fromkeys([*before, *after]):
            old, later = before.get(key), after.get(key)
            if (old and old[0]) != (later and later[0]):
                label, owner = (old or later or ("", "", ()))[1:]
                found.append(Move(case, label, owner, old and old[0], later and later[0]))
    return tuple(sorted(found, key=lambda m: (m.after or m.before, m.case.number, m.label)))


def _times(world: World, case: Case, events: tuple, now: dt.datetime) -> dict[str, tuple[dt.datetime, str, tuple]]:
    view = projection.of_events(world, case.procedure, events, now)[1]
    return {key: (due, str(row["label"]), tuple(row["owner"])) for (key, due), row in sorted(view.timers.items())}


def recount(table: Calendar, moved: Collection[Move], why: str) -> int:
    """Write the times of the moved cases as `table` gives them and tell whose they are; in the caller's transaction."""
    now = clock.now()
    of_case: dict[int, list[Move]] = {}
    for move in moved:
        of_case.setdefault(move.case.pk, []).append(move)
    for pk, those in of_case.items():
        case = log.locked(Case(pk=pk))
        world = worlds.world_of(case).with_calendar(table)
        service.refresh(case, world, log.events_of(case), now)
        Notice.objects.bulk_create(
            Notice(who=who, case=case, text=_told(case, move, why)[:300], kind="due", at=now)
            for move in those
            for who in dict.fromkeys(move.owner or [w for step in case.steps for w in step["who"]])
        )
    return len(of_case)


def _told(case: Case, move: Move, why: str) -> str:
    def shown(at: dt.datetime | None) -> str:
        return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if at else "无"

    return f"{case.number} {move.label}：由 {shown(move.before)} 改为 {shown(move.after)}（{why}）"
