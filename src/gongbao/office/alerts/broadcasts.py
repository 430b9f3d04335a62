"""播发安排: the channels by which a warning is made known, how often each repeats, when it is next due, what was done.

The channels are the pack's register `channels`; a channel and the duties of the same clause belong together. What was
broadcast is the feedback of the unit on its task.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from gongbao.engine.model import Duty, Event, Limit
from gongbao.engine.world import World
from gongbao.office.alerts.measures import DONE
from gongbao.office.cases.models import CaseTask

REGISTER = "channels"


@dataclass(frozen=True, slots=True)
class Done:
    at: dt.datetime
    unit: str
    note: str


@dataclass(frozen=True, slots=True)
class Channel:
    name: str
    frequency: str
    period: str
    exempt: str
    cite: str
    do: str
    units: int
    begun: int  # units that have broadcast at least once
    every: str
    next_due: dt.datetime | None  # of the own unit, else of the units
    own: tuple[CaseTask, ...]
    log: tuple[Done, ...]

    @property
    def running(self) -> bool:
        return self.units > 0


def channels(
    world: World, tasks: Iterable[CaseTask], events: Iterable[Event], own: str, now: dt.datetime
) -> tuple[Channel, ...]:
    """Every channel of the pack, with the tasks that stand for it now."""
    register = world.registers.get(REGISTER)
    if register is None:
        return ()
    live = [t for t in tasks if t.status != "cancelled"]
    duties = {d.id: d for d in world.duties}
    feedback: dict[str, list[Event]] = {}
    for event in events:
        if event.type in ("task_feedback", "task_done"):
            feedback.setdefault(str(event.data.get("task")), []).append(event)
    made = []
    for row in register.as_table():
        mine = [t for t in live if t.cite == row.get("cite") and t.duty in duties]
        done = sorted(
            (Done(e.occurred_at, t.unit, e.note) for t in mine for e in feedback.get(t.key, ())),
            key=lambda d: d.at, reverse=True,
        )  # fmt: skip
        own_tasks = tuple(t for t in mine if t.unit == own)
        asked = own_tasks or tuple(mine)
        due = min((m for t in asked if (m := next_due(duties[t.duty], t, feedback.get(t.key, []), now))), default=None)
        first = next((duties[t.duty] for t in mine if t.duty in duties), None)
        made.append(Channel(
            str(row.get("channel") or ""), str(row.get("frequency") or ""), str(row.get("period") or ""),
            str(row.get("except") or ""), str(row.get("cite") or ""), mine[0].do if mine else "",
            len({t.unit for t in mine}), len({d.unit for d in done}), _every(first), due, own_tasks, tuple(done[:20]),
        ))  # fmt: skip
    return tuple(made)


def next_due(duty: Duty, task: CaseTask, done: list[Event], now: dt.datetime) -> dt.datetime | None:
    """When the channel is next due: one interval after it last went out (or after the task arose); None once over.

    A channel without an interval has no time of its own but the one its task may have.
    """
    if task.status in DONE:
        return None
    interval = _length(duty)
    if interval is None:
        return task.due
    return max((e.occurred_at for e in done), default=task.arises_at) + interval


def _length(duty: Duty) -> dt.timedelta | None:
    every = duty.deadline.every if duty.deadline is not None else None
    if not isinstance(every, Limit):
        return None
    match every.unit:
        case "minutes":
            return dt.timedelta(minutes=every.amount)
        case "hours":
            return dt.timedelta(hours=every.amount)
        case "days":
            return dt.timedelta(days=every.amount)
    return None


def _every(duty: Duty | None) -> str:
    every = duty.deadline.every if duty is not None and duty.deadline is not None else None
    words = {"minutes": "分钟", "hours": "小时", "days": "日"}
    return f"每{every.amount}{words[every.unit]}" if isinstance(every, Limit) and every.unit in words else ""
