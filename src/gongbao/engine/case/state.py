"""The state of a case at a moment: the fold of its events, with its deadlines and tasks judged at that moment.

`replay` is what every page, board and paper stands on. The same world, events and `now` give the same state.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from gongbao.engine.case.duty import tasks
from gongbao.engine.case.fold import Fold, Open
from gongbao.engine.errors import CaseError
from gongbao.engine.log import CaseLog, Visit
from gongbao.engine.model import (
    Action,
    ActiveStep,
    CaseState,
    Deadline,
    DeadlineState,
    Event,
    LogFault,
    Procedure,
    Step,
    Task,
    Who,
)
from gongbao.engine.time.calendar import localise
from gongbao.engine.time.counting import END_OF_DAY
from gongbao.engine.time.deadline import follow
from gongbao.engine.who import resolve
from gongbao.engine.world import World


def replay(world: World, procedure_id: str, events: Iterable[Event], now: dt.datetime) -> CaseState:
    """The case as the fold of these events (in any order; `seq` orders them), judged at `now`.

    Raises CaseError when the pack has no such procedure. It never refuses an event: what the procedure does not know,
    or what came out of place, is told in `faults`.
    """
    return state_of(fold_of(world, procedure_id, events), now)


def fold_of(world: World, procedure_id: str, events: Iterable[Event]) -> Fold:
    """The events folded, ready to take further ones (`apply`) and to be judged (`state_of`)."""
    return Fold(world, procedure(world, procedure_id)).extend(events)


def procedure(world: World, procedure_id: str) -> Procedure:
    found = world.procedures.get(procedure_id)
    if found is None:
        allowed = tuple(world.procedures)
        raise CaseError(
            f"没有“{procedure_id}”这个办理程序；可用：{'、'.join(allowed) or '无'}",
            field="procedure",
            value=procedure_id,
            allowed=allowed,
        )
    return found


def deadlines_of(procedure: Procedure) -> tuple[Deadline, ...]:
    """The time rules of a procedure and of its steps."""
    return (*procedure.deadlines, *(d for step in procedure.steps.values() for d in step.deadlines))


def actions_of(procedure: Procedure) -> tuple[Action, ...]:
    """All actions of a procedure: of its steps, and those possible at any time."""
    return (*(a for step in procedure.steps.values() for a in step.actions.values()), *procedure.anytime.values())


def log_of(fold: Fold) -> CaseLog:
    """The fold's events and visits as the time rules read them."""
    ends = {id(here): event for here, event in fold.left}
    visits = []
    for here in fold.entered:
        end = ends.get(id(here))
        visits.append(
            Visit(
                here.id,
                here.visit,
                here.entered_at,
                here.entered_by,
                end.occurred_at if end is not None else None,
                end.seq if end is not None else None,
                here.key,
            )
        )
    return CaseLog(tuple(fold.events), tuple(visits), fold.closed)


@dataclass(frozen=True, slots=True)
class Judged:
    """A fold judged at a moment; `moments` are the ends of waits, which expressions and duties may start from."""

    state: CaseState
    moments: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Clocks:
    """Time rules of a fold at a moment, without what else its state tells; `moments` as in `Judged`."""

    deadlines: tuple[DeadlineState, ...]
    moments: tuple[Event, ...]


def clocks(fold: Fold, now: dt.datetime, rules: Iterable[Deadline]) -> Clocks:
    """These rules of the fold's procedure at a moment; the waits that they may start from must be among them."""
    world, now, log = fold.world, localise(now), log_of(fold)
    scope, today = fold.scope(now), now.date()

    def names(whos: Sequence[Who]) -> tuple[str, ...]:
        return resolve(whos, world, scope, today).names

    found, full = follow(
        rules,
        log,
        now,
        world.calendar,
        settings=world.settings,
        snapshots=[(s.event, s.scope) for s in fold.snapshots],
        resolve=names,
        end_of_day=day_end(world),
    )
    counted = {id(e) for e in log.events}
    return Clocks(tuple(found), tuple(e for e in full.events if id(e) not in counted))


def state_of(fold: Fold, now: dt.datetime) -> CaseState:
    return judge(fold, now).state


def judge(fold: Fold, now: dt.datetime) -> Judged:
    world, now = fold.world, localise(now)
    today = now.date()
    clocks_now = clocks(fold, now, deadlines_of(fold.procedure))
    moments = clocks_now.moments
    issued = tasks(world, fold, now, moments=moments, end_of_day=day_end(world))
    # Units that acted, that a step was or is for, and that have a task: they see the case.
    told = dict.fromkeys(fold.acted)
    for here in fold.entered:
        told.update(dict.fromkeys(resolve(step_who(fold, here), world, fold.scope(now, at=here), today).units))
    for task in issued:
        told.update(dict.fromkeys([task.unit, *task.with_]))
    deadlines = [owned(fold, d, now) for d in clocks_now.deadlines]
    state = CaseState(
        procedure=fold.procedure.id,
        opened_at=fold.opened.occurred_at if fold.opened is not None else None,
        closed_at=fold.closed.occurred_at if fold.closed is not None else None,
        steps=tuple(active(fold, here, now) for here in fold.open),
        facts=dict(fold.facts),
        decided=dict(fold.decided),
        deadlines=tuple(deadlines),
        tasks=issued,
        taken_part=tuple(told),
        seq=fold.log[-1].seq if fold.log else 0,
        counts=fold.history.counts(),
        voided=fold.voided,
        faults=(*fold.faults, *_unknown_tasks(fold, issued)),
    )
    return Judged(state, moments)


def _unknown_tasks(fold: Fold, issued: Sequence[Task]) -> list[LogFault]:
    """Entries on tasks that did not arise, or no longer do because what raised them was voided."""
    known = tuple(task.id for task in issued)
    return [
        LogFault(event.seq, "no_such_task", f"第{event.seq}号事件所指的任务“{id_}”不存在", "data.task", id_, known)
        for id_, events in fold.tasks.items()
        if id_ not in known
        for event in events
    ]


def step_who(fold: Fold, here: Open) -> tuple[Who, ...]:
    """Who a step is for: its own `by`, or, where it has none, those of its actions together."""
    step: Step = fold.procedure.steps[here.id]
    return step.by or tuple(who for action in step.actions.values() for who in action.by)


def owned(fold: Fold, deadline: DeadlineState, now: dt.datetime) -> DeadlineState:
    """With whose it is: those the rule says, else those its step is for; of a step with `each` those of its instance."""
    if deadline.step is None or (deadline.owner and deadline.each_key is None):
        return deadline
    step, place = fold.procedure.steps[deadline.step], (deadline.step, deadline.each_key)
    said = next((d.owner for d in step.deadlines if d.id == deadline.id), ())
    here = next((o for o in fold.entered if (o.id, o.key) == place), None)
    return replace(deadline, owner=resolve(said or step.by, fold.world, fold.scope(now, at=here), now.date()).names)


def active(fold: Fold, here: Open, now: dt.datetime) -> ActiveStep:
    resolved = resolve(step_who(fold, here), fold.world, fold.scope(now, at=here), now.date())
    label = fold.procedure.steps[here.id].label
    return ActiveStep(here.id, label, here.entered_at, here.visit, resolved.names, here.key)


def day_end(world: World) -> dt.time:
    """The last instant of a day: 24:00 unless the setting `end_of_day` (a time, or "17:30") is there and filled."""
    setting = world.settings.get("end_of_day")
    value = setting.value if setting is not None else None
    if value is None:
        return END_OF_DAY
    if isinstance(value, dt.time):
        return value
    try:
        return dt.time.fromisoformat(str(value))
    except ValueError:
        assert setting is not None
        raise CaseError(
            f"设置“{setting.label}”的值 {value!r} 不是一天中的时刻；应为 17:30 这样的时间",
            field="end_of_day",
            value=value,
        ) from None
