"""Histories of many cases stored at once: what `service` writes one by one, in batches.

A `Draft` takes acts as `service` does, judged by the same engine, but keeps them in memory; `store` writes drafts with
their chains and projections. Used for the demonstration city, for taking over another system's record, and for tests.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import transaction

from gongbao.engine import case as engine
from gongbao.engine.model import Actor, Event
from gongbao.engine.world import World
from gongbao.office import clock, worlds
from gongbao.office.cases import chain, log, numbers, projection
from gongbao.office.cases.models import Case, CaseTask, Participation, PersonalValue, Timer
from gongbao.office.cases.models import Event as EventRow


@dataclass
class Draft:
    """One case on its way: its events so far. Times are given, not read from a clock."""

    world: World
    procedure: str
    number: str
    sealed: bool = False
    events: list[Event] = field(default_factory=list)

    def open(self, actor: Actor, facts: Mapping[str, Any], at: dt.datetime, **more: Any) -> Draft:
        data = {**more.pop("data", {}), "number": self.number}
        self.events = list(engine.open_case(
            self.world, self.procedure, actor=actor, facts=facts, occurred_at=more.pop("occurred_at", at),
            recorded_at=at, data=data, **more,
        ))  # fmt: skip
        return self

    def act(
        self, actor: Actor, action: str, at: dt.datetime, facts: Mapping[str, Any] | None = None, **more: Any
    ) -> Draft:
        self.events += engine.act(
            self.world, self.procedure, self.events, action=action, actor=actor, facts=facts or {},
            occurred_at=more.pop("occurred_at", at), recorded_at=at, **more,
        )  # fmt: skip
        return self

    def feedback(self, actor: Actor, task: str, kind: str, at: dt.datetime, **more: Any) -> Draft:
        self.events += engine.task_event(
            self.world, self.procedure, self.events, type=kind, task=task, actor=actor,
            occurred_at=more.pop("occurred_at", at), recorded_at=at, **more,
        )  # fmt: skip
        return self


def draft(world: World, procedure: str, on: dt.date, *, sealed: bool = False) -> Draft:
    """A draft with the next number of that day."""
    rule = world.procedures[procedure]
    pattern = rule.number or numbers.default_pattern(world.pack, procedure)
    with transaction.atomic():
        return Draft(world, procedure, numbers.case_number(pattern, on), sealed)


def store(drafts: Iterable[Draft], *, batch: int = 250, progress: Callable[[int], None] = lambda _: None) -> int:
    """Write the drafts; how many. Linked cases that their actions would open are not opened here."""
    done, waiting = 0, []
    for one in drafts:
        waiting.append(one)
        if len(waiting) >= batch:
            done += _store(waiting)
            waiting = []
            progress(done)
    done += _store(waiting)
    progress(done)
    return done


def _store(drafts: list[Draft]) -> int:
    if not drafts:
        return 0
    now = clock.now()
    with transaction.atomic():
        for world in {id(d.world): d.world for d in drafts}.values():
            worlds.keep_version(world.pack, world.version)
        cases, views = [], []
        for d in drafts:
            _, view = projection.of_events(d.world, d.procedure, d.events, now)
            views.append(view)
            cases.append(Case(
                number=d.number, site=settings.GONGBAO_SITE, pack=d.world.pack, version=d.world.version,
                procedure=d.procedure, opened_at=d.events[0].occurred_at, changed_at=d.events[-1].recorded_at,
                sealed=d.sealed, head="", **view.fields,
            ))  # fmt: skip
        Case.objects.bulk_create(cases)
        rows, apart, people, tasks, timers = [], [], [], [], []
        for d, case, view in zip(drafts, cases, views, strict=True):
            start = chain.genesis(d.number, d.world.pack, d.world.version, d.procedure)
            made, values, case.head = log.rows_for(case, d.events, d.world, 0, start)
            case.seq = len(made)
            rows += made
            apart += values
            people += [Participation(case=case, who=w, opened_at=case.opened_at, **v) for w, v in view.people.items()]
            tasks += [CaseTask(case=case, key=key, **v) for key, v in view.tasks.items()]
            timers += [
                Timer(case=case, key=key, due_at=due, fired_at=now if due <= now else None, **v)
                for (key, due), v in view.timers.items()
            ]
        Case.objects.bulk_update(cases, ["seq", "head"], batch_size=200)
        for model, made in (
            (EventRow, rows),
            (PersonalValue, apart),
            (Participation, people),
            (CaseTask, tasks),
            (Timer, timers),
        ):
            model.objects.bulk_create(made, batch_size=500)
    return len(drafts)
