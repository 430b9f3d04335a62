"""A case as plain data: its title, its state and the faults of its log, for the CLI and the API."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from gongbao.engine.canonical import to_jsonable
from gongbao.engine.case.state import fold_of
from gongbao.engine.model import CaseState, Event, LogFault, Possible
from gongbao.engine.world import World


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
