"""The worker: fires what has fallen due, exchanges with the other site, closes the day's digest, moves open cases to a
version that says so, and once a day erases personal values whose time is over.

It needs no queue: due timers and waiting rows are found by their indexes, and each is claimed under a lock, so that
several workers may run. `gongbao worker` and `python -m gongbao.office worker` run it.
"""

from __future__ import annotations

import datetime as dt
import logging
import signal
import threading
from collections.abc import Callable
from importlib import import_module

from django.conf import settings
from django.db import close_old_connections, connection, transaction

from gongbao.office import clock, exercise, worlds
from gongbao.office.cases import chain, keeping, log, moving, service
from gongbao.office.cases.models import Case, Digest, Event, Notice, Timer
from gongbao.office.exchange_table import delivery

logger = logging.getLogger("gongbao.worker")
PAUSE = 2.0
KINDS = {"wait": "期限已满，可以办理下一步", "right": "期限已过，权利失效"}


def fire_timers(limit: int = 200) -> int:
    """Tell the owners of every deadline that has fallen due, and bring the projection of its case up to now."""
    due = list(
        Timer.objects.filter(fired_at=None, due_at__lte=clock.now())
        .order_by("due_at")
        .values_list("pk", "case_id")[:limit]
    )
    fired = 0
    for case_id in dict.fromkeys(case for _, case in due):
        fired += _fire(case_id, [pk for pk, case in due if case == case_id])
    return fired


def _fire(case_id: int, pks: list[int]) -> int:
    with transaction.atomic():
        case = log.locked(Case(pk=case_id))
        now = clock.now()
        timers = list(Timer.objects.filter(pk__in=pks, fired_at=None))
        if not timers:  # another worker was here
            return 0
        Timer.objects.filter(pk__in=[t.pk for t in timers]).update(fired_at=now)
        world = worlds.world_of(case)
        before = [who for step in case.steps for who in step["who"]]
        state = service.refresh(case, world, log.events_of(case), now)
        known_late = {f"{d.id}:{d.instance}" for d in state.deadlines if d.past_when_known}
        notices = []
        for timer in timers:
            people = list(dict.fromkeys(timer.owner or before))
            missed = timer.kind not in KINDS
            late = "获知时已到期，尚未完成" if timer.key in known_late else "已到时限，尚未完成"
            text = f"{case.number} {timer.label}：{KINDS.get(timer.kind, late)}"
            notices += [Notice(who=who, case=case, text=text[:300], kind="due", at=now) for who in people]
            above = [part(case, world, people) for part in escalations()] if missed else []
            notices += [
                Notice(who=who, case=case, text=f"{said}：{text}"[:300], kind="escalated", at=now)
                for told in above for who, said in told.items()
            ]  # fmt: skip
        if case.is_open:
            Notice.objects.bulk_create(notices)
        return len(timers)


def close_days() -> int:
    """Make the digest of each finished day that has none yet."""
    today = clock.today()
    last = Digest.objects.order_by("-day").values_list("day", flat=True).first()
    if last is None:
        first = Event.objects.order_by("id").values_list("recorded_at", flat=True).first()
        if first is None:
            return 0
        day = first.astimezone(clock.SHANGHAI).date()
    else:
        day = last + dt.timedelta(days=1)
    made = 0
    while day < today and made < 400:
        chain.make_digest(day)
        day += dt.timedelta(days=1)
        made += 1
    return made


def rounds() -> tuple[Callable[[], int], ...]:
    """What the rooms do in each round (`ROUNDS` of their room.py)."""
    rooms = (import_module(f"gongbao.office.{name}.room") for name in settings.ROOMS)
    return tuple(part for room in rooms for part in getattr(room, "ROUNDS", ()))


def escalations() -> tuple[Callable[..., dict[str, str]], ...]:
    """Whom the rooms tell beside the owners of a missed deadline (`ESCALATIONS` of their room.py)."""
    rooms = (import_module(f"gongbao.office.{name}.room") for name in settings.ROOMS)
    return tuple(part for room in rooms for part in getattr(room, "ESCALATIONS", ()))


def turn() -> int:
    """One round of everything; how much there was to do. A failure of one part does not stop the others."""
    done = 0
    for part in (
        fire_timers,
        delivery.deliver,
        delivery.take,
        delivery.read_answers,
        close_days,
        keeping.erase_due,
        moving.move_due,
        *rounds(),
    ):
        try:
            done += part()
        except Exception:
            logger.exception("worker: %s failed", part.__name__)
            if connection.in_atomic_block:
                raise
    return done


def run(stop: threading.Event | None = None) -> None:
    """Rounds until stopped (SIGTERM, SIGINT, or `stop`). WrongDatabase on the data of the other kind of site."""
    exercise.check_database()
    stop = stop or threading.Event()
    if threading.current_thread() is threading.main_thread():
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
    while not stop.is_set():
        close_old_connections()
        clock.forget()
        if turn() == 0:
            stop.wait(PAUSE)
