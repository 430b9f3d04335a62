"""The log of each pack's standing tasks, and the rows (CaseTask) that lists read of it.

    catch_up   brings the rows of every pack up to its present duties      record   a unit's word on one task
    entries    what has been entered on one task, newest first

The engine says which tasks there are and whether an entry is allowed; rows can be made anew from the log at any time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction

from gongbao.engine import case as engine
from gongbao.engine.case.duty import standing_since, standing_tasks
from gongbao.engine.errors import CaseError
from gongbao.engine.force import may_open
from gongbao.engine.model import TASK_EVENTS, Event
from gongbao.engine.world import World
from gongbao.office import clock, worlds
from gongbao.office.cases import chain, log, projection
from gongbao.office.cases.models import Case, CaseTask, Notice
from gongbao.office.cases.service import ActionRefused
from gongbao.office.people.models import Account
from gongbao.office.tasks import LOG, SITES

STATUS = "standing"  # neither open nor closed: the log of a document's tasks is no matter of anybody's list
_seen: dict[str, tuple[World, dt.date]] = {}


def logs() -> dict[str, Case]:
    """The log of each pack that has standing tasks."""
    return {case.pack: case for case in Case.objects.filter(procedure=LOG)}


def catch_up() -> int:
    """Open the log of each pack in force that orders tasks, and write its rows where the pack has changed.

    A document that is no longer in force orders nothing new; what it ordered before stays listed.
    """
    if settings.GONGBAO_SITE not in SITES:
        return 0
    held, written = logs(), 0
    for world in worlds.loaded():
        pack = world.pack
        known = _seen.get(pack)
        if pack in held and known is not None and known[0] is world and known[1] == clock.today():
            continue
        if any(_standing(duty) for duty in world.duties) and (pack in held or _in_force(world)):
            written += _write(held.get(pack) or _open(world))
        _seen[pack] = (world, clock.today())
    return written


def record(
    task: CaseTask, account: Account, kind: str, *, note: str = "", evidence: Sequence[str] = (), source: str = "系统",
    occurred_at: dt.datetime | None = None, recorded_at: dt.datetime | None = None,
) -> None:  # fmt: skip
    """A word on one task: task_received | task_feedback | task_done by its unit, task_verified | task_returned by
    supervision. Never conflicts. Raises ActionRefused."""
    with transaction.atomic():
        case = log.locked(task.case)
        world = world_of(case)
        now = recorded_at or clock.now()
        moment = now if occurred_at is None else log.aware(occurred_at)
        if moment > now:
            raise ActionRefused("发生时间晚于现在", {"occurred_at": "晚于现在"})
        events = log.events_of(case)
        try:
            made = engine.task_event(
                world, None, events, type=kind, task=task.key, actor=account.actor, occurred_at=moment,
                recorded_at=now, source=source, evidence=tuple(evidence), note=note.strip(),
            )  # fmt: skip
        except CaseError as refused:
            raise ActionRefused(refused.text, {f.field: f.text for f in refused.faults if f.field}) from refused
        added = log.append(case, made, world)
        _store(case, world, (*events, *added), now)
        if kind == "task_returned":
            Notice.objects.create(who=task.unit, text=f"工作任务被退回：{task.do}"[:300], kind="task", at=now)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry on a task: the event, and whether it stands for one task of many entered at once."""

    event: Event
    name: str


def entries(task: CaseTask) -> tuple[Entry, ...]:
    """What has been entered on this task, newest first."""
    mine = [e for e in log.events_of(task.case) if e.type in TASK_EVENTS and e.data.get("task") == task.key]
    names = dict(Account.objects.filter(username__in={e.recorded_by for e in mine}).values_list("username", "name"))
    return tuple(Entry(e, names.get(e.recorded_by, e.recorded_by)) for e in reversed(mine))


def rebuild(case: Case) -> None:
    """Write the rows of one log from its events. The log's lock is held."""
    world = world_of(case)
    _store(case, world, log.events_of(case), case.changed_at)


# ------------------------------------------------------------------------------------------------------------ the log


def world_of(case: Case) -> World:
    """The pack as it is now; while that does not load, as it was when its log was opened."""
    return worlds.world(case.pack) if worlds.is_loaded(case.pack) else worlds.world_of(case)


def _standing(duty: Any) -> bool:
    return duty.procedure is None and duty.while_ is None and duty.on is None


def _in_force(world: World) -> bool:
    return not may_open(world, clock.today())


def _open(world: World) -> Case:
    number = f"RW-{world.pack.replace('/', '-')}"
    worlds.keep_version(world.pack, world.version)
    case, _ = Case.objects.get_or_create(
        number=number,
        defaults={
            "site": settings.GONGBAO_SITE, "pack": world.pack, "version": world.version, "procedure": LOG,
            "status": STATUS, "word": "工作任务", "title": str(world.document.get("title") or world.pack)[:200],
            "opened_at": standing_since(world), "changed_at": clock.now(),
            "head": chain.genesis(number, world.pack, world.version, LOG),
        },
    )  # fmt: skip
    return case


def _write(case: Case) -> int:
    with transaction.atomic():
        case = log.locked(case)
        _store(case, worlds.world(case.pack), log.events_of(case), clock.now())
    return 1


def _store(case: Case, world: World, events: Iterable[Event], now: dt.datetime) -> None:
    tasks = standing_tasks(world, events, now)
    live = [t for t in tasks if t.status in projection.LIVE_TASKS]
    due = [t.deadline.due for t in live if t.deadline is not None and t.deadline.due is not None]
    case.changed_at = now
    case.open_tasks = len(live)
    case.unsigned_tasks = sum(t.status == "issued" for t in live)
    case.next_due = min(due, default=None)
    case.save()
    projection.store_tasks(case, tasks)
