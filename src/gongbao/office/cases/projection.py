"""What lists, boards and timers read of a case: computed from its replayed state, never a source of truth.

`of_events` is a pure function of world, events and time; `store` writes only what differs. Rebuilding all projections
from the events gives the same rows (tests/office/test_projection.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from gongbao.engine.case.fold import Fold
from gongbao.engine.case.proposal import rule_of
from gongbao.engine.case.state import fold_of, state_of, step_who
from gongbao.engine.model import CaseState, DeadlineState, Event, Task
from gongbao.engine.who import resolve
from gongbao.engine.world import World
from gongbao.office.cases import models
from gongbao.office.cases.models import CLOSED, DANGER, OPEN, Case, CaseTask, Participation, Timer

COLOURS = {"蓝": 1, "黄": 2, "橙": 3, "红": 4}
UNMET = ("running", "overdue")
LIVE_TASKS = ("issued", "received", "feedback", "verified", "returned")


@dataclass(frozen=True, slots=True)
class Projection:
    fields: Mapping[str, Any]
    people: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # who -> {acting, unsigned, due}
    tasks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    timers: Mapping[tuple[str, dt.datetime], Mapping[str, Any]] = field(default_factory=dict)


def shown(value: Any) -> Any:
    """A value as a page shows it, in plain JSON."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(k): shown(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [shown(v) for v in value]
    return str(value)


def alarm_of(world: World, state: CaseState) -> tuple[int, str]:
    """How loudly the case asks for attention: a danger to life, or the colour that was decided.

    When anything ordered is decided at its lowest (a response of 无), the warning is over, whatever its colour was.
    """
    if state.closed_at is not None:
        return 0, ""
    for name, value in state.facts.items():
        if value is True and name.startswith("danger"):
            return DANGER, getattr(world.facts.get(name), "label", name)
    level, words = 0, ""
    if any(_at_lowest(world, state.procedure, name, decided.value) for name, decided in state.decided.items()):
        return 0, ""
    for decision, decided in state.decided.items():
        for value in decided.value.values():
            colour = COLOURS.get(value[:1], 0) if isinstance(value, str) and len(value) <= 4 else 0
            if colour > level:
                label = world.decisions[decision].label if decision in world.decisions else decision
                level, words = colour, f"{label}：{value}"
    return level, words[:80]


def _at_lowest(world: World, procedure: str, name: str, value: Mapping[str, Any]) -> bool:
    rule = world.decisions.get(rule_of(world.procedures[procedure], name))
    return rule is not None and any(
        o.ordered and value.get(o.name) == o.values[0] and str(o.values[0])[:1] not in COLOURS for o in rule.outputs
    )


def _timer_key(deadline: DeadlineState, task: str = "") -> str:
    return f"{deadline.id}:{deadline.instance}{':' + task if task else ''}"[:120]


def _earliest(moments: Iterable[dt.datetime | None]) -> dt.datetime | None:
    return min((m for m in moments if m is not None), default=None)


def of_events(world: World, procedure: str, events: Iterable[Event], now: dt.datetime) -> tuple[CaseState, Projection]:
    """State and projection of a case from its events, judged at `now`."""
    fold = fold_of(world, procedure, events)
    state = state_of(fold, now)
    return state, project(world, state, title=title_of(fold, now), seen_by=names_told(fold, now))


def title_of(fold: Fold, now: dt.datetime) -> str:
    """What the case is called in lists: the procedure's `title`, else its label."""
    expression = fold.procedure.title
    value = None if expression is None else expression.evaluate(fold.scope(now))
    return str(value) if value not in (None, "") else fold.procedure.label


def names_told(fold: Fold, now: dt.datetime) -> tuple[str, ...]:
    """All whom a step ever was for: units, and the posts and roles of this office."""
    names: dict[str, None] = {}
    for here in fold.entered:
        resolved = resolve(step_who(fold, here), fold.world, fold.scope(now, at=here), now.date())
        names.update(dict.fromkeys(resolved.names))
    return tuple(names)


def project(world: World, state: CaseState, *, title: str, seen_by: Iterable[str] = ()) -> Projection:
    closed = state.closed_at is not None
    unmet = [d for d in state.deadlines if d.status in UNMET and d.due is not None and d.kind != "right"]
    live = [] if closed else [t for t in state.tasks if t.status in LIVE_TASKS]
    nearest = min(unmet, key=lambda d: d.due, default=None) if not closed else None
    alarm, alarm_text = alarm_of(world, state)
    steps = [
        {"id": s.id, "label": s.label, "who": list(s.who), **({"key": s.each_key} if s.each_key else {})}
        for s in state.steps
    ]
    fields = {
        "word": world.procedures[state.procedure].case_word[:20],
        "title": title[:200],
        "status": CLOSED if closed else OPEN,
        "closed_at": state.closed_at,
        "place": str(state.facts.get("place") or "")[:80],
        "steps": [] if closed else steps,
        "decided": {name: shown(decided.value) for name, decided in state.decided.items()},
        "alarm": alarm,
        "alarm_text": alarm_text,
        "next_due": nearest.due if nearest else None,
        "next_due_label": nearest.label[:80] if nearest else "",
        "open_tasks": len(live),
        "unsigned_tasks": sum(t.status == "issued" for t in live),
    }
    people: dict[str, dict[str, Any]] = {
        who: {"acting": False, "unsigned": False, "due": None} for who in (*state.taken_part, *seen_by) if who
    }
    for step in () if closed else state.steps:
        for who in step.who:
            due = _earliest(d.due for d in unmet if d.step in (None, step.id) and (not d.owner or who in d.owner))
            entry = people.setdefault(who, {"acting": False, "unsigned": False, "due": None})
            entry["acting"], entry["due"] = True, _earliest((entry["due"], due))
    for task in live:
        entry = people.setdefault(task.unit, {"acting": False, "unsigned": False, "due": None})
        entry["acting"] = True
        entry["unsigned"] = entry["unsigned"] or task.status == "issued"
        entry["due"] = _earliest((entry["due"], task.deadline.due if task.deadline else None))
        for unit in task.with_:
            people.setdefault(unit, {"acting": False, "unsigned": False, "due": None})
    tasks = task_rows(state.tasks)
    timers: dict[tuple[str, dt.datetime], dict[str, Any]] = {}
    for d in () if closed else state.deadlines:
        if d.due is not None and d.status in ("running", "overdue", "waiting"):
            timers[_timer_key(d), d.due] = {"label": d.label[:120], "kind": d.kind, "owner": list(d.owner)}
    for task in live:
        d = task.deadline
        if d is not None and d.due is not None:
            timers[_timer_key(d, task.unit), d.due] = {
                "label": task.do[:120], "kind": "task", "owner": [task.unit],
            }  # fmt: skip
    return Projection(fields, people, tasks, timers)


def task_rows(tasks: Iterable[Task]) -> dict[str, dict[str, Any]]:
    """The rows (CaseTask) of tasks, by the engine's task id."""
    return {
        t.id[:200]: {
            "duty": t.duty, "do": t.do, "cite": t.cite, "kind": t.kind, "unit": t.unit, "supporting": list(t.with_),
            "status": t.status, "arises_at": t.arises_at, "due": t.deadline.due if t.deadline else None,
            "received_at": t.received_at, "done_at": t.done_at, "last_feedback": t.last_feedback,
        }
        for t in tasks
    }  # fmt: skip


def store_tasks(case: Case, tasks: Iterable[Task]) -> None:
    """Write the task rows of a log that has tasks and nothing else (standing tasks)."""
    _rows(CaseTask, case, "key", task_rows(tasks), {}, fresh=False)


def _same(row: Any, values: Mapping[str, Any]) -> bool:
    return all(getattr(row, name) == value for name, value in values.items())


def store(case: Case, projection: Projection, now: dt.datetime, *, fresh: bool = False) -> None:
    """Write the projection of `case`; only what differs. The case itself is saved too (with its seq and head).

    fresh: the case was made in this transaction and has no rows yet.
    """
    for name, value in projection.fields.items():
        setattr(case, name, value)
    case.changed_at = now
    case.save()
    _rows(Participation, case, "who", projection.people, {"opened_at": case.opened_at}, fresh)
    _rows(CaseTask, case, "key", projection.tasks, {}, fresh)
    known = {} if fresh else {(t.key, t.due_at): t for t in Timer.objects.filter(case=case)}
    gone = [t.pk for at, t in known.items() if at not in projection.timers and t.fired_at is None]
    if gone:
        Timer.objects.filter(pk__in=gone).delete()
    new = [
        Timer(case=case, key=key, due_at=due, **values)
        for (key, due), values in projection.timers.items()
        if (key, due) not in known
    ]
    if new:
        Timer.objects.bulk_create(new, ignore_conflicts=True)


def _rows(model: Any, case: Case, name: str, wanted: Mapping[str, Mapping[str, Any]], fixed: dict, fresh: bool) -> None:
    known = {} if fresh else {getattr(row, name): row for row in model.objects.filter(case=case)}
    changed = []
    for key, row in known.items():
        if key in wanted and not _same(row, wanted[key]):
            for attribute, value in wanted[key].items():
                setattr(row, attribute, value)
            changed.append(row)
    if changed:
        model.objects.bulk_update(changed, list(next(iter(wanted.values()))))  # same keys in all
    if gone := [row.pk for key, row in known.items() if key not in wanted]:
        model.objects.filter(pk__in=gone).delete()
    new = [model(case=case, **{name: key}, **values, **fixed) for key, values in wanted.items() if key not in known]
    if new:
        model.objects.bulk_create(new)


def snapshot(case: Case) -> dict[str, Any]:
    """All projected rows of a case as plain data: for comparing what is stored with what a rebuild gives."""
    fields = ("word", "title", "status", "closed_at", "place", "steps", "decided", "alarm", "alarm_text", "next_due",
              "next_due_label", "open_tasks", "unsigned_tasks")  # fmt: skip
    fresh = Case.objects.get(pk=case.pk)
    return {
        "case": {name: getattr(fresh, name) for name in fields},
        "people": sorted(
            Participation.objects.filter(case=case).values_list("who", "acting", "unsigned", "due"), key=str
        ),
        "tasks": sorted(models.CaseTask.objects.filter(case=case).values_list("key", "status", "due"), key=str),
        "timers": sorted(Timer.objects.filter(case=case, fired_at=None).values_list("key", "due_at"), key=str),
    }
