"""Entering what becomes of a task: received, feedback, verified, returned, done, each by those whose part it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gongbao.engine.case.duty import standing_since, standing_tasks
from gongbao.engine.case.entries import entry, given_facts, official_of, officials
from gongbao.engine.case.state import fold_of, state_of
from gongbao.engine.errors import CaseError, NotPossible, NotYours
from gongbao.engine.model import TASK_EVENTS, Actor, Event, Task
from gongbao.engine.world import World

CHECKERS = frozenset({"审核人", "督查员", "值班员", "班长"})
"""Roles that check the tasks of their own unit; other units' tasks are checked by any unit that takes part."""
OVERSEER = "督查员"
"""Checks the standing tasks of all units: they belong to no case in which supervision could take part."""


def task_event(
    world: World,
    procedure_id: str | None,
    events: Iterable[Event],
    *,
    type: str,
    task: str,
    actor: Actor,
    occurred_at: dt.datetime,
    recorded_at: dt.datetime,
    facts: Mapping[str, Any] | None = None,
    on_behalf_of: str | None = None,
    source: str = "系统",
    evidence: Sequence[str] = (),
    note: str = "",
) -> tuple[Event, ...]:
    """The event of a task: received, feedback, verified, returned or done. Without a lock: many units enter theirs.

    procedure_id=None: a standing task of the pack; `events` are then the standing tasks' own log.
    Received and done are entered by the task's unit, feedback also by the units it works with; verified and returned
    by another unit that takes part, or by somebody of the same unit whose role is to check.
    """
    if type not in TASK_EVENTS:
        raise CaseError(f"没有“{type}”这种任务登记", field="type", value=type, allowed=TASK_EVENTS)
    events = tuple(events)
    fold = None if procedure_id is None else fold_of(world, procedure_id, events)
    since = standing_since(world) if fold is None else None
    made = entry(
        fold, actor=actor, occurred_at=occurred_at, recorded_at=recorded_at, on_behalf_of=on_behalf_of, source=source,
        evidence=evidence, note=note, seq=max((e.seq for e in events), default=0) + 1, since=since,
    )  # fmt: skip
    if fold is None:
        tasks = standing_tasks(world, events, made.recorded_at)
        part: tuple[str, ...] = tuple(dict.fromkeys(u for t in tasks for u in (t.unit, *t.with_)))
    else:
        state = state_of(fold, made.recorded_at)
        tasks, part = state.tasks, state.taken_part
    found = next((t for t in tasks if t.id == task), None)
    if found is None:
        raise NotPossible(f"没有任务“{task}”", field="task", value=task, allowed=tuple(t.id for t in tasks))
    oversees = procedure_id is None and OVERSEER in actor.roles
    _may_move(world, found, type, actor, part, made.occurred_at, oversees=oversees)
    if type in ("task_feedback", "task_returned") and not note.strip() and not evidence and not facts:
        raise CaseError(
            "反馈须写明情况或附材料" if type == "task_feedback" else "退回须写明理由", field="note", value=note
        )
    known = given_facts(world, tuple((name, False) for name in world.facts), facts or {}, {})
    return (made.event(type, facts=known, data={"task": task}),)


_MOVES: Mapping[str, tuple[str, ...]] = {
    "task_received": ("issued", "returned"),
    "task_feedback": ("issued", "received", "feedback", "verified", "returned", "done", "cancelled"),
    "task_verified": ("feedback", "done"),
    "task_returned": ("received", "feedback", "verified", "done"),
    "task_done": ("issued", "received", "feedback", "verified", "returned"),
}
_STATUS = {
    "issued": "待签收", "received": "已签收", "feedback": "已反馈", "verified": "已核查", "returned": "已退回",
    "done": "已办结", "cancelled": "已取消",
}  # fmt: skip


def _may_move(
    world: World, task: Task, type_: str, actor: Actor, part: tuple[str, ...], at: dt.datetime, *, oversees: bool
) -> None:
    if task.status not in _MOVES[type_]:
        raise NotPossible(
            f"任务“{task.do}”（{task.unit}）{_STATUS[task.status]}，不能再作这项登记", field="task", value=task.id
        )
    whom = officials(world, (task.unit,), at)
    own = actor.unit in whom or official_of(world, actor.unit, at) in whom or task.unit in actor.roles | actor.posts
    if type_ in ("task_verified", "task_returned"):
        if oversees:
            return
        if own and not (CHECKERS & actor.roles):
            raise NotYours(
                f"任务由{task.unit}办理，不能由承办人自己核查；须由交办单位或审核人核查",
                field="actor",
                value=actor.unit,
            )
        if not own and official_of(world, actor.unit, at) not in officials(world, part, at):
            raise NotYours(f"{actor.unit}未参与本事项，不能核查任务", field="actor", value=actor.unit, allowed=part)
        return
    if type_ == "task_feedback":
        own = own or official_of(world, actor.unit, at) in officials(world, task.with_, at)
    if not own:
        raise NotYours(
            f"须由{task.unit}办理，您代表{actor.unit}", field="actor", value=actor.unit, allowed=(task.unit,)
        )
