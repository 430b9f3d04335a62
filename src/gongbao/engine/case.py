"""A case: read it, see what may be done, enter what happened. The one module that the office and the CLI import for it.

    state = replay(world, "incident", events, now)
    options = possible(world, state, events, actor, now)
    new = act(world, "incident", events, action="accepted", actor=actor, occurred_at=..., recorded_at=...)

Nothing is stored here: `act` and its like give back the events to append, or raise a CaseError.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from gongbao.engine.acts import act, decide_on, open_case, record_facts, remark, void
from gongbao.engine.canonical import to_jsonable
from gongbao.engine.duty import standing_tasks
from gongbao.engine.errors import BadFacts, BadTime, CaseError, Conflict, Fault, NotPossible, NotYours
from gongbao.engine.fold import Fold
from gongbao.engine.model import CaseState, Event, LogFault, Possible
from gongbao.engine.options import possible
from gongbao.engine.state import fold_of, replay, state_of
from gongbao.engine.task_entries import task_event
from gongbao.engine.world import World

__all__ = [
    "BadFacts",
    "BadTime",
    "CaseError",
    "Conflict",
    "Fault",
    "Fold",
    "NotPossible",
    "NotYours",
    "act",
    "decide_on",
    "fault_to_dict",
    "fold_of",
    "open_case",
    "possible",
    "record_facts",
    "remark",
    "replay",
    "standing_tasks",
    "state_of",
    "state_to_dict",
    "task_event",
    "title_of",
    "void",
]


def title_of(world: World, procedure_id: str, events: Iterable[Event], now: dt.datetime) -> str:
    """What the case is called: the procedure's `title` on what is known now, else the procedure's own label."""
    fold = fold_of(world, procedure_id, events)
    if fold.procedure.title is not None:
        value = fold.procedure.title.evaluate(fold.scope(now))
        if value not in (None, ""):
            return str(value)
    return fold.procedure.label


def fault_to_dict(fault: LogFault) -> dict[str, Any]:
    """What is wrong with an entry of the log, as JSON values."""
    return {
        "seq": fault.seq,
        "code": fault.code,
        "field": fault.field,
        "value": to_jsonable(fault.value),
        "allowed": list(fault.allowed),
        "message": fault.text,
    }


def state_to_dict(
    state: CaseState, options: Iterable[Possible] | None = None, *, labels: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The state as JSON values: times in ISO 8601, exact decimals as text, sets as sorted lists.

    options: what `possible` gave, shown under `possible`. labels: of decisions and facts, shown beside their ids.
    """
    labels = labels or {}
    shown: dict[str, Any] = {
        "procedure": state.procedure,
        "opened_at": to_jsonable(state.opened_at),
        "closed_at": to_jsonable(state.closed_at),
        "seq": state.seq,
        "steps": [to_jsonable(s) for s in state.steps],
        "facts": to_jsonable(state.facts),
        "decided": {name: to_jsonable(d) for name, d in state.decided.items()},
        "deadlines": [to_jsonable(d) for d in state.deadlines],
        "tasks": [to_jsonable(t) for t in state.tasks],
        "taken_part": list(state.taken_part),
        "counts": dict(state.counts),
        "voided": sorted(state.voided),
        "problems": [fault_to_dict(fault) for fault in state.faults],
    }
    if options is not None:
        shown["possible"] = [to_jsonable(p) for p in options]
    if labels:
        named = [*state.facts, *state.decided]
        shown["labels"] = {name: labels[name] for name in named if name in labels}
    return shown
