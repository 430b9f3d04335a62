"""Duties that arise in a case, or by themselves, as tasks of units: issued, received, answered, checked, done.

A duty arises once per unit (and per member of `each`) at the moment its `while` begins to hold, or at each event of its
`on` (only the first, with `pick: first`). It ends when its `while` no longer holds: open tasks are then cancelled, or
kept with `on_lowering: keep`. When it begins again, a new instance arises; what was done stays in the record. Closing
the case leaves tasks as they are.

`on_repeat: replace`: when the event of `on` comes again, the new task takes the place of the open one before it (a text
to be sent out anew: the old one need not be sent any more); by default it stands beside it.

`done_by`: the first such event after the task arose does it, for every unit that has it (a telephone report entered in
the case needs no second tick on the task that asked for it). What units say of the task later still counts.

`includes_lower`: while such a duty holds, the duties of the lower values of the same ordered decision hold too (a
response of level I carries out what levels II to IV order), unless they hold already.

`each`: a group of units.yaml, or a fact or decision holding a list. A lead that is one unit for all has one task per
member; a lead that depends on the member (`relative`, or the member itself by a group) has its own in each. Expressions
see the member as `each`, and its area as `case.place`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from gongbao.engine.case.fold import Fold, Snapshot, effective
from gongbao.engine.case.proposal import rule_of
from gongbao.engine.case.scope import Scope, settings_context
from gongbao.engine.functions import REGISTERS
from gongbao.engine.log import CaseLog
from gongbao.engine.model import (
    TASK_EVENTS,
    DeadlineState,
    Duty,
    Event,
    Expression,
    Moment,
    Procedure,
    Task,
    Value,
    Who,
)
from gongbao.engine.time.calendar import SHANGHAI
from gongbao.engine.time.counting import END_OF_DAY
from gongbao.engine.time.dates import CALENDAR, Counted
from gongbao.engine.time.deadline import states
from gongbao.engine.time.moments import occurrences
from gongbao.engine.units import UnitNotFound
from gongbao.engine.who import Resolved, resolve
from gongbao.engine.world import World

Status = Literal["issued", "received", "feedback", "verified", "returned", "done", "cancelled"]
_CHECKED: Mapping[str, Status] = {"task_verified": "verified", "task_returned": "returned"}
ARISEN = "@arisen"
"""The moment a task arose, in the log its own clock is judged on; no event of a case has this type."""


@dataclass(frozen=True, slots=True)
class Included:
    """A duty's condition widened by the duties that include lower levels; `evaluate` answers for both."""

    own: Expression
    including: tuple[Expression, ...]
    world: World
    procedure: Procedure

    @property
    def text(self) -> str:
        return self.own.text

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*self.own.names, *(n for e in self.including for n in e.names)]))

    def evaluate(self, scope: Mapping[str, Value]) -> Value:
        if self.own.evaluate(scope) is True:
            return True
        if not any(e.evaluate(scope) is True for e in self.including):
            return False
        return any(self.own.evaluate(lower) is True for lower in lowered(self.world, self.procedure, scope))


def lowered(world: World, procedure: Procedure, scope: Mapping[str, Value]) -> Iterable[Scope]:
    """The same scope with each decided level replaced by each level below it."""
    decided = scope["decided"]
    for name, value in decided.items():
        decision = world.decisions.get(rule_of(procedure, name))
        if decision is None or not isinstance(scope, Scope):
            continue
        for output in decision.outputs:
            if not output.ordered:
                continue
            current = value.get(output.name) if isinstance(value, Mapping) else value
            if current not in output.values:
                continue
            for lower in output.values[: output.values.index(current)]:
                instead = {**value, output.name: lower} if isinstance(value, Mapping) else lower
                yield scope.over(decided={**decided, name: instead})


def duties_of(world: World, procedure: Procedure) -> tuple[Duty, ...]:
    """The duties that the cases of a procedure raise, each once."""
    mine = [*procedure.duties, *(d for d in world.duties if d.procedure == procedure.id)]
    return tuple({d.id: d for d in mine}.values())


def conditions(world: World, procedure: Procedure) -> dict[str, Expression]:
    """The condition of each duty that has one, widened by the duties that include lower levels."""
    duties = [d for d in duties_of(world, procedure) if d.while_ is not None]
    including = tuple(d.while_ for d in duties if d.includes_lower and d.while_ is not None)
    found: dict[str, Expression] = {}
    for duty in duties:
        assert duty.while_ is not None
        found[duty.id] = Included(duty.while_, including, world, procedure) if including else duty.while_
    return found


@dataclass(frozen=True, slots=True)
class Spell:
    """A stretch of the log during which a duty was in force: from one event up to (not including) another."""

    start: dt.datetime
    start_seq: int
    end: dt.datetime | None = None
    end_seq: int | None = None


def held(condition: Expression, snapshots: Iterable[Snapshot], decisions: Iterable[str]) -> list[Spell]:
    """The spells during which a condition was true; unknown is not true."""
    roots = {name.partition(".")[0] for name in condition.names}
    # A proposal may move with any fact, a count of events with any event: then every snapshot is looked at.
    always = bool(roots & set(decisions)) or "(" in condition.text
    spells: list[Spell] = []
    inside = False
    for number, snapshot in enumerate(snapshots):
        if number and not always and not roots & snapshot.changed:
            continue
        holds = condition.evaluate(snapshot.scope) is True
        event = snapshot.event
        if holds and not inside:
            spells.append(Spell(event.occurred_at, event.seq))
        elif inside and not holds:
            last = spells[-1]
            spells[-1] = replace(last, end=max(event.occurred_at, last.start), end_seq=event.seq)
        inside = holds
    return spells


# ------------------------------------------------------------------------------------------------- tasks of a case


def tasks(
    world: World,
    fold: Fold,
    now: dt.datetime,
    *,
    moments: Iterable[Event] = (),
    end_of_day: dt.time = END_OF_DAY,
) -> tuple[Task, ...]:
    """All tasks that have arisen in the case, in the order of the duties and of their units.

    moments: ends of waits, from which a duty or its deadline may start.
    """
    moments = tuple(m for m in moments if m.occurred_at <= now)
    scope = fold.scope(now, moments=moments)
    common = [e for e in fold.events if e.type not in TASK_EVENTS]
    log = CaseLog(tuple(common), closed=fold.closed).with_events(moments)
    clock = Clock(world, log, fold.snapshots, scope, now, end_of_day)
    found: list[Task] = []
    followed = conditions(world, fold.procedure)
    stood: dict[str, list[Spell]] = {}  # by the words of a condition: many duties have the same one
    then: dict[int, Scope] = {}
    for duty in duties_of(world, fold.procedure):
        condition = followed.get(duty.id)
        if condition is not None and condition.text not in stood:
            stood[condition.text] = held(condition, fold.snapshots, world.decisions)
        spells = [] if condition is None else stood[condition.text]
        for instance, spell in enumerate(_spells(duty, spells, fold, log), start=1):
            if spell.start_seq not in then:
                then[spell.start_seq] = _then(fold, spell)
            shared: list[DeadlineState | None] = []
            for unit, member, with_ in _addressees(duty, world, then[spell.start_seq], scope, spell.start.date()):
                id_ = task_id(duty.id, unit, member, instance)
                own = [*fold.tasks.get(id_, []), *_done_by(duty, spell, log)]
                if duty.deadline is None:
                    deadline = None
                elif own:
                    deadline = clock.read(duty, spell, own)
                else:
                    # Units that have done nothing yet share one clock.
                    shared = shared or [clock.read(duty, spell, [])]
                    deadline = shared[0]
                found.append(_task(duty, id_, unit, member, with_, spell, own, deadline))
    return tuple({task.id: task for task in found}.values())


def _done_by(duty: Duty, spell: Spell, log: CaseLog) -> list[Event]:
    """The act of the case that does the task, as the task's own event."""
    if duty.done_by is None:
        return []
    for event in sorted(occurrences(duty.done_by, log), key=lambda e: e.seq):
        if event.seq > spell.start_seq and (spell.end_seq is None or event.seq < spell.end_seq):
            return [replace(event, type="task_done")]
    return []


def task_id(duty: str, unit: str, member: str | None = None, instance: int = 1) -> str:
    """`<duty>:<unit>[:<member>][:<instance>]`; the first instance is not numbered."""
    return ":".join([duty, unit, *([member] if member else []), *([str(instance)] if instance > 1 else [])])


def _spells(duty: Duty, spells: list[Spell], fold: Fold, log: CaseLog) -> list[Spell]:
    """When the duty was in force; `spells`: those of its `while`."""
    if duty.while_ is not None:
        if duty.on is None:
            return spells
        # Both given: at each such event while the condition holds.
        found = [
            Spell(at, seq, spell.end, spell.end_seq)
            for at, seq in _moments(duty.on, log)
            for spell in spells
            if spell.start_seq <= seq and (spell.end_seq is None or seq < spell.end_seq)
        ]
        return _replacing(found) if duty.on_repeat == "replace" else found
    if duty.on is not None:
        found = [Spell(at, seq) for at, seq in _moments(duty.on, log)]
        return _replacing(found) if duty.on_repeat == "replace" else found
    if fold.opened is None:
        return []
    return [Spell(fold.opened.occurred_at, fold.opened.seq)]


def _replacing(spells: list[Spell]) -> list[Spell]:
    """Each spell ended by the one after it, and by nothing else."""
    made = [Spell(s.start, s.start_seq) for s in spells]
    for i, following in enumerate(spells[1:]):
        made[i] = replace(made[i], end=max(following.start, made[i].start), end_seq=following.start_seq)
    return made


def _moments(on: Moment, log: CaseLog) -> list[tuple[dt.datetime, int]]:
    """When a duty's `on` took place, in log order; a fact's moment is the time it holds."""
    if on.kind == "fact":
        known = log.fact(on.name)
        if known is None or not isinstance(known[0], dt.datetime):
            return []
        return [(known[0], known[1].seq)]
    if on.kind == "decided":
        events = log.decisions(on.name, on.where)
    else:
        events = log.matching(on.name, on.where)
    if on.pick == "first":
        events = events[:1]
    return [(e.occurred_at, e.seq) for e in sorted(events, key=lambda e: e.seq)]


def _then(fold: Fold, spell: Spell) -> Scope:
    """What could be seen when a duty arose: a task stays with whom it was given to, whatever is revised later."""
    before = [s.scope for s in fold.snapshots if s.event.seq <= spell.start_seq]
    return before[-1] if before else fold.scope(spell.start)


def _addressees(
    duty: Duty, world: World, then: Scope, now: Scope, on: dt.date
) -> Iterable[tuple[str, str | None, tuple[str, ...]]]:
    """(unit, member or None, units it works with) of each task of a duty, as of when it arose.

    What could not be told then (a unit not yet recorded, members not yet listed) is read from what is known now.
    """
    if duty.each is not None:
        scope = then if _members(duty.each, world, then, on) else now
    else:
        scope = then if resolve(duty.lead, world, then, on).names else now
    if duty.each is None:
        with_ = resolve(duty.with_, world, scope, on).names
        for unit in _whom(duty.lead, resolve(duty.lead, world, scope, on)):
            yield unit, None, tuple(w for w in with_ if w != unit)
        return
    constant = resolve(duty.lead, world, scope, on)
    members = _members(duty.each, world, scope, on)
    names = {name for name, _ in members}
    of_the_member = bool(constant.units) and names <= set(constant.units)
    for name, area in members:
        local = scope.over(each=name, case={**(scope.get("case") or {}), "place": area or name})
        with_ = resolve(duty.with_, world, local, on).names
        if of_the_member:
            yield name, None, tuple(w for w in with_ if w != name)
            continue
        lead = resolve(duty.lead, world, local, on)
        for unit in _whom(duty.lead, lead):
            # A unit that leads for one member only needs no mention of it.
            own = any(w.kind == "relative" for w in duty.lead) and unit not in constant.units
            yield unit, None if own or unit == name else name, tuple(w for w in with_ if w != unit)


def _whom(lead: tuple[Who, ...], resolved: Resolved) -> tuple[str, ...]:
    """The addressees by name; when nobody can be named yet, the rule's own words, so that the task is not lost."""
    return resolved.names or tuple(str(w) for w in lead)


def _members(each: str, world: World, scope: Scope, on: dt.date) -> list[tuple[str, str | None]]:
    """The members of a duty's `each`: (name, area)."""
    try:
        units = world.units.members(each, on, str(world.document.get("number") or ""))
    except UnitNotFound:
        value: Value = scope
        for part in each.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        values = value if isinstance(value, (list, tuple)) else [] if value is None else [value]
        return [(str(v), None) for v in values]
    return [(u.name, u.area) for u in units]


def _task(
    duty: Duty,
    id_: str,
    unit: str,
    member: str | None,
    with_: tuple[str, ...],
    spell: Spell,
    events: list[Event],
    deadline: DeadlineState | None,
) -> Task:
    status: Status = "issued"
    received_at = done_at = None
    feedback = ""
    for event in sorted(events, key=lambda e: e.seq):
        if event.type == "task_received":
            received_at = received_at or event.occurred_at
            status = "received" if status == "issued" else status
        elif event.type == "task_feedback":
            feedback = event.note or feedback
            status = status if status == "done" else "feedback"
        elif event.type == "task_done":
            status, done_at = "done", event.occurred_at
        else:
            status, done_at = _CHECKED[event.type], None
    if status != "done" and spell.end is not None and duty.on_lowering == "cancel":
        status = "cancelled"
    return Task(
        id=id_,
        duty=duty.id,
        do=duty.do if member is None else f"{duty.do}（{member}）",
        cite=duty.cite,
        kind=duty.kind,
        unit=unit,
        with_=with_,
        arises_at=spell.start,
        status=status,
        deadline=replace(deadline, owner=(unit,)) if deadline is not None else None,
        received_at=received_at,
        last_feedback=feedback,
        done_at=done_at,
        exempt=duty.exempt,
        evidence=duty.evidence,
    )


@dataclass(frozen=True, slots=True)
class Clock:
    """What the deadline of one task is judged on: the case's events without those of other tasks."""

    world: World
    log: CaseLog
    snapshots: list[Snapshot]
    scope: Scope
    now: dt.datetime
    end_of_day: dt.time

    def read(self, duty: Duty, spell: Spell, own: list[Event]) -> DeadlineState | None:
        """The task's clock: from when the task arises unless the rule names another moment; met when it is done
        unless the rule names another event. None when the rule's moment has not come."""
        rule = duty.deadline
        if rule is None:
            return None
        arose = Event(ARISEN, spell.start_seq, spell.start, self._known(spell.start_seq))
        rule = replace(
            rule,
            from_=rule.from_ or Moment("event", ARISEN, "first"),
            met_by=rule.met_by or (None if rule.kind == "repeat" else Moment("event", "task_done", "first")),
            step=None,
        )
        snapshots: list[tuple[Event, Mapping[str, Value]]] = [(s.event, s.scope) for s in self.snapshots]
        if rule.while_ is None and spell.end_seq is not None and duty.on_lowering == "cancel":
            rule = replace(rule, while_=InForce())
            snapshots = [(arose, {InForce.name: True}), (self._event(spell.end_seq), {InForce.name: False})]
        elif not snapshots:
            snapshots = [(arose, self.scope)]
        found = states(
            rule,
            self.log.with_events([arose, *own]),
            self.now,
            self.world.calendar,
            settings=self.world.settings,
            snapshots=snapshots,
            resolve=lambda whos: resolve(whos, self.world, self.scope, spell.start.date()).names,
            end_of_day=self.end_of_day,
        )
        mine = [s for s in found if spell.end is None or s.arises_at <= spell.end]
        return mine[-1] if mine else None

    def _event(self, seq: int) -> Event:
        return next(s.event for s in self.snapshots if s.event.seq == seq)

    def _known(self, seq: int) -> dt.datetime:
        return next((e.recorded_at for e in self.log.events if e.seq == seq), self.now)


@dataclass(frozen=True, slots=True)
class InForce:
    """The condition `the task's duty is in force`, for a clock that ends with its duty."""

    name: ClassVar[str] = "@in force"
    text: str = name
    names: tuple[str, ...] = ()

    def evaluate(self, scope: Mapping[str, Value]) -> Value:
        return scope.get(self.name)


# ------------------------------------------------------------------------------------------- tasks beside any case


def standing_tasks(
    world: World, events: Iterable[Event], now: dt.datetime, *, end_of_day: dt.time = END_OF_DAY
) -> tuple[Task, ...]:
    """The tasks that a document orders by itself (`procedure` of the duty is None), from the day it is dated.

    events: the task events of this pack's standing tasks, in a log of their own.
    """
    from_ = standing_since(world)
    counted, _ = effective(events)
    own: dict[str, list[Event]] = {}
    for event in counted:
        if event.type in TASK_EVENTS:
            own.setdefault(str(event.data.get("task")), []).append(event)
    start = Event("opened", 0, from_, from_)
    log = CaseLog((start, *(e for e in counted if e.type not in TASK_EVENTS)))
    scope = Scope({"params": world.params, "settings": settings_context(world), "decided": {}, "case": {},
                   "as_of": now, REGISTERS: world.registers, CALENDAR: Counted(world.calendar)})  # fmt: skip
    clock = Clock(world, log, [Snapshot(start, scope, frozenset())], scope, now, end_of_day)
    spell = Spell(from_, 0)
    found: list[Task] = []
    for duty in world.duties:
        if duty.procedure is not None or duty.while_ is not None or duty.on is not None:
            continue
        for unit, member, with_ in _addressees(duty, world, scope, scope, now.date()):
            id_ = task_id(duty.id, unit, member)
            done = own.get(id_, [])
            found.append(_task(duty, id_, unit, member, with_, spell, done, clock.read(duty, spell, done)))
    return tuple({task.id: task for task in found}.values())


def standing_since(world: World) -> dt.datetime:
    """When a document's standing tasks arise: its day of entry into force, else its date, at 00:00."""
    in_force = world.document.get("in_force") or {}
    day = in_force.get("from") or in_force.get("from_") or world.document.get("dated")
    if isinstance(day, str):
        day = dt.date.fromisoformat(day)
    if not isinstance(day, dt.date):
        raise ValueError(f"文件{world.document.get('number') or ''}没有写明日期，无法确定任务自何时起")
    return dt.datetime.combine(day, dt.time(0), SHANGHAI)
