"""A case as a fold: each event in the order of the log moves steps, facts and decided states, and nothing else does.

Rules of the fold
- The order is that of `seq` (when it was written down); the moments are `occurred_at` (when it happened).
- A fact's later event wins. `voided` takes an event out, as if it had not been: the rest is folded again without it.
  A `voided` event may itself be voided, which restores what it took out.
- An action of a step leaves that step (unless it stays) and enters the steps of `to`, side by side. A step whose
  `when` is not true at that moment is passed over and nothing is entered in its place.
- A step with `each` is entered once per key; every event of it carries `each_key`.
- Steps entered together are one fan-out. An action with `join` leads on when all of the fan-out have left (`all`), at
  the first (`any`) or the n-th (a number) that arrives; for `any` and a number the rest of the fan-out ends then.
- An `anytime` action with `to` moves the whole case there; with `stay` it enters those steps beside the others.
- `closed` ends the case: all steps are left. Later actions change no step; facts may still be revised, remarks added,
  and the tasks that outlive the case (a report due after the end) received, answered and done.
- An event that the procedure does not know, or whose step was not open, changes no step; the state says so in
  `faults`. The engine never refuses to read a log (that is `act`'s work, before anything is written).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gongbao.engine.case.proposal import as_context, facts_under, propose, rule_of
from gongbao.engine.case.scope import (
    Scope,
    actor_context,
    case_context,
    decided_context,
    place_facts,
    settings_context,
)
from gongbao.engine.functions import PAST, REGISTERS, History, Past
from gongbao.engine.model import (
    CLOSED,
    DECIDED,
    NOTE,
    OPENED,
    RECORDED,
    TASK_EVENTS,
    VOIDED,
    Action,
    Actor,
    Decided,
    Event,
    LogFault,
    Procedure,
    Step,
    Value,
)
from gongbao.engine.time.dates import CALENDAR, Counted
from gongbao.engine.world import World

AFTER_CLOSING = frozenset({RECORDED, VOIDED, NOTE, *TASK_EVENTS})
"""What a closed case still accepts."""


@dataclass(slots=True)
class Open:
    """A step that is open: entered, and not yet left."""

    id: str
    key: str | None
    entered_at: dt.datetime
    entered_by: int  # seq of the event that entered it
    visit: int
    fan: int | None = None  # the fan-out it belongs to


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What an expression could see right after an event that changed something an expression may look at."""

    event: Event
    scope: Scope
    changed: frozenset[str]  # top-level names: facts, `decided`, `case`


def effective(events: Iterable[Event]) -> tuple[list[Event], frozenset[int]]:
    """The events that count, in log order, and the seqs that were voided."""
    ordered = sorted(events, key=lambda e: e.seq)
    voided: set[int] = set()
    for event in reversed(ordered):  # the latest word first: a voided `voided` takes nothing out
        if event.type == VOIDED and event.seq not in voided:
            target = event.data.get("seq")
            if isinstance(target, int) and target < event.seq:
                voided.add(target)
    return [e for e in ordered if e.seq not in voided], frozenset(voided)


class Fold:
    """The running state of one case; `apply` takes the next event. It always equals a fold of all from the start."""

    def __init__(self, world: World, procedure: Procedure) -> None:
        self.world = world
        self.procedure = procedure
        self.log: list[Event] = []
        self.voided: frozenset[int] = frozenset()
        self._always = _reads_history(procedure, world)
        self._places = place_facts(world)
        self._own_settings = any(setting.each for setting in world.settings.values())
        self._fixed: Mapping[str, Value] = {
            "params": world.params,
            "settings": settings_context(world),
            REGISTERS: world.registers,
            CALENDAR: Counted(world.calendar),
        }
        self._reset()

    def _reset(self) -> None:
        self.events: list[Event] = []  # those that count
        self.history = History()
        self.facts: dict[str, Value] = {}
        self.fact_from: dict[str, Event] = {}  # which event each fact's value stands on
        self.decided: dict[str, Decided] = {}
        self.decisions: list[Decided] = []  # all of them, in order
        self.open: list[Open] = []
        self.opened: Event | None = None
        self.closed: Event | None = None
        self.visits: dict[str, int] = {}
        self.entered: list[Open] = []  # every step ever entered, in order
        self.left: list[tuple[Open, Event]] = []  # when each was left, and by which event
        self.tasks: dict[str, list[Event]] = {}  # task events by task
        self.acted: dict[str, None] = {}  # units that acted or were told
        self.faults: list[LogFault] = []
        self.snapshots: list[Snapshot] = []
        self._fans: dict[int, int | None] = {}  # fan-out -> the one it stands in
        self._arrived: dict[tuple[int, tuple[str, ...]], int] = {}
        self._joined: set[tuple[int, tuple[str, ...]]] = set()

    # -------------------------------------------------------------------------------------------------- taking events

    def apply(self, event: Event) -> None:
        self.log.append(event)
        if event.type == VOIDED:
            self._again()
        else:
            self._take(event)

    def extend(self, events: Iterable[Event]) -> Fold:
        """Take several; their order in the argument does not matter, that of `seq` does."""
        self.log.extend(events)
        self.log.sort(key=lambda e: e.seq)
        self._again()
        return self

    def _again(self) -> None:
        events, self.voided = effective(self.log)
        self._reset()
        self._void_nothing(events)
        for event in events:
            self._take(event)
        if self.voided:
            self._mark_stale()

    @property
    def problems(self) -> list[str]:
        """The faults in words."""
        return [fault.text for fault in self.faults]

    def _fault(self, event: Event, code: str, text: str, **more: Any) -> None:
        self.faults.append(LogFault(event.seq, code, f"第{event.seq}号事件{text}", **more))

    def _void_nothing(self, events: Iterable[Event]) -> None:
        """Tell the `voided` events that name no earlier event."""
        for event in events:
            if event.type != VOIDED:
                continue
            target = event.data.get("seq")
            there = [e.seq for e in self.log if e.seq < event.seq]
            if target not in there:
                named = "没有写要作废的是第几号" if target is None else f"要作废的第{target}号事件不存在"
                allowed = tuple(str(seq) for seq in there)
                self._fault(event, "no_such_event", named, field="data.seq", value=target, allowed=allowed)

    def _take(self, event: Event) -> None:
        changed: set[str] = set()
        self.events.append(event)
        self.history.add(event)
        if event.unit:
            self.acted.setdefault(event.unit)
        for told in event.data.get("to") or ():
            self.acted.setdefault(str(told))
        if event.facts:
            self.facts.update(event.facts)
            for name in event.facts:
                self.fact_from[name] = event
            changed.update(event.facts)
        if event.type == OPENED and self.opened is None:
            self.opened = event
            changed.add("case")
        if isinstance(event.data.get("decision"), str) and "value" in event.data:
            self._decide(event)
            changed.add("decided")
        if event.type == OPENED:
            self._start(event)
        elif event.type in TASK_EVENTS:
            self.tasks.setdefault(str(event.data.get("task")), []).append(event)
        elif event.type not in (RECORDED, DECIDED, VOIDED, NOTE):
            self._move(event)
        if changed or self._always:
            self.snapshots.append(Snapshot(event, self.scope(event.occurred_at), frozenset(changed)))

    def _start(self, event: Event) -> None:
        if self.opened is not event:
            self._fault(event, "opened_again", "再次立案，只按第一次计", field="type", value=event.type)
            return
        self._enter(self.procedure.start, event, None)

    def _decide(self, event: Event) -> None:
        value = event.data["value"]
        decision = str(event.data["decision"])
        receipt = event.data.get("receipt")
        made = Decided(
            decision=decision,
            value=value if isinstance(value, Mapping) else {decision: value},
            at=event.occurred_at,
            by=event.on_behalf_of or event.unit,
            seq=event.seq,
            receipt=str(receipt.get("sha256")) if isinstance(receipt, Mapping) else receipt,
        )
        self.decided[decision] = made
        self.decisions.append(made)

    # ------------------------------------------------------------------------------------------------------ steps

    def _move(self, event: Event) -> None:
        found = self.find_action(event)
        if found is None:
            if event.type not in self._other_events():
                self._unknown(event)
            return
        step, action = found
        if self.opened is None:
            self._fault(event, "not_opened", f"“{action.label}”在立案之前，不改变环节", field="action", value=action.id)
            return
        if self.closed is not None:
            self._fault(event, "closed", f"“{action.label}”在办结之后，不改变环节", field="action", value=action.id,
                        allowed=tuple(sorted(AFTER_CLOSING)))  # fmt: skip
            return
        if step is None:
            if action.to and not action.stay:
                for here in list(self.open):
                    self._leave(here, event)
            self._enter(action.to, event, None)
            return
        at = self.open_at(step.id, event.each_key)
        if at is None:
            where = step.label + (f"（{event.each_key}）" if event.each_key is not None else "")
            text = f"“{action.label}”所在环节“{where}”当时没有开着，不改变环节"
            self._fault(event, "step_not_open", text, field="action", value=action.id, allowed=self._offered())
            return
        if not action.stay:
            self._leave(at, event)
        if action.join is None or at.fan is None:
            self._enter(action.to, event, at.fan)
        else:
            self._join(action, at.fan, event)

    def _join(self, action: Action, fan: int, event: Event) -> None:
        way = (fan, action.to)
        if way in self._joined:
            return
        self._arrived[way] = self._arrived.get(way, 0) + 1
        rest = [o for o in self.open if self._within(o.fan, fan)]
        if action.join == "all":
            complete = not rest
        else:
            complete = self._arrived[way] >= (1 if action.join in ("any", None) else int(action.join))
        if complete:
            self._joined.add(way)
            for other in rest:
                self._leave(other, event)
            self._enter(action.to, event, self._fans[fan])

    def _within(self, fan: int | None, outer: int) -> bool:
        while fan is not None:
            if fan == outer:
                return True
            fan = self._fans[fan]
        return False

    def _enter(self, targets: Iterable[str], event: Event, fan: int | None) -> None:
        entering: list[tuple[Step, str | None]] = []
        for target in targets:
            if target == CLOSED:
                self._close(event)
                return
            step = self.procedure.steps.get(target)
            if step is None:
                text = f"要进入的环节“{target}”不存在"
                self._fault(event, "no_such_step", text, value=target, allowed=tuple(self.procedure.steps))
                continue
            if step.when is not None and step.when.evaluate(self.scope(event.occurred_at)) is not True:
                continue
            keys = [None] if step.each is None else self._keys(step, event)
            entering += [(step, key) for key in keys if self.open_at(step.id, key) is None]
        if len(entering) > 1 or any(step.each is not None for step, _ in entering):
            self._fans[event.seq] = fan
            fan = event.seq
        for number in dict.fromkeys(step.id for step, _ in entering):
            self.visits[number] = self.visits.get(number, 0) + 1
        for step, key in entering:
            here = Open(step.id, key, event.occurred_at, event.seq, self.visits[step.id], fan)
            self.open.append(here)
            self.entered.append(here)

    def _keys(self, step: Step, event: Event) -> list[str | None]:
        assert step.each is not None
        value = step.each[1].evaluate(self.scope(event.occurred_at))
        values = value if isinstance(value, (list, tuple)) else [] if value is None else [value]
        return list(dict.fromkeys(str(v) for v in values if v is not None))

    def _leave(self, here: Open, event: Event) -> None:
        self.open.remove(here)
        self.left.append((here, event))

    def _close(self, event: Event) -> None:
        for here in list(self.open):
            self._leave(here, event)
        self.closed = event

    def open_at(self, step: str, key: str | None) -> Open | None:
        """The open instance of a step; without a key, the only one there is."""
        here = [o for o in self.open if o.id == step and (key is None or o.key == key)]
        if key is None and len(here) > 1:
            return None
        return here[0] if here else None

    def find_action(self, event: Event) -> tuple[Step | None, Action] | None:
        """The step and action an event stands for: by its data, else by its type in the steps open just then."""
        name = event.data.get("action")
        if event.step is not None:
            step = self.procedure.steps.get(event.step)
            places: list[Step | None] = [step] if step is not None else []
        else:
            here = [self.procedure.steps[o.id] for o in self.open]
            rest = [s for s in self.procedure.steps.values() if s not in here]
            places = [*here, None, *rest]
        for place in places:
            actions = self.procedure.anytime if place is None else place.actions
            if isinstance(name, str) and name in actions:
                return place, actions[name]
            if name is None:
                for action in actions.values():
                    if event.type in (action.event, action.id):
                        return place, action
        return None

    def _unknown(self, event: Event) -> None:
        """An event that is no action here: of the case's procedure, or at least of the step that it names."""
        rules, step = self.procedure, self.procedure.steps.get(event.step or "")
        if event.step is not None and step is None:
            text = f"“{event.type}”的环节“{event.step}”不存在"
            self._fault(event, "no_such_step", text, field="step", value=event.step, allowed=tuple(rules.steps))
            return
        places = [step.actions] if step is not None else [s.actions for s in rules.steps.values()]
        allowed = dict.fromkeys(name for actions in (*places, rules.anytime) for name in actions)
        text = f"“{event.type}”不是“{rules.label}”的动作"
        self._fault(event, "unknown_event", text, field="type", value=event.type, allowed=tuple(allowed))

    def _offered(self) -> tuple[str, ...]:
        """The actions of the steps that are open, and those possible at any time."""
        here = (self.procedure.steps[o.id].actions for o in self.open)
        return tuple(dict.fromkeys(name for actions in (*here, self.procedure.anytime) for name in actions))

    def _other_events(self) -> frozenset[str]:
        """Event types that move no step but that a time rule of the procedure waits for, pauses or extends by."""
        deadlines = [*self.procedure.deadlines, *(d for s in self.procedure.steps.values() for d in s.deadlines)]
        named = {d.extend.event for d in deadlines if d.extend is not None}
        named |= {name for d in deadlines for pair in d.pause for name in pair}
        return frozenset(named)

    # ------------------------------------------------------------------------------------------------- what is seen

    def scope(
        self,
        as_of: dt.datetime,
        *,
        actor: Actor | None = None,
        at: Open | None = None,
        facts: Mapping[str, Value] | None = None,
        moments: Iterable[Event] = (),
    ) -> Scope:
        """What an expression sees at `as_of`.

        at: inside that open step; facts: these laid over the known ones; moments: further events that `first`, `last`
        and the like shall see (ends of waits).
        """
        known = {**self.facts, **(facts or {})}
        decided = decided_context(self.decided)
        case = case_context(self.procedure.id, self.opened, known, self._places)
        values: dict[str, Any] = {
            **known,
            **self._fixed,
            PAST: Past(
                self.history,
                self.events[-1].seq if self.events else 0,
                at.entered_by if at is not None else None,
                tuple(moments),
            ),
            "decided": decided,
            "case": case,
            "actor": actor_context(actor),
            "as_of": as_of,
        }
        unit = actor.unit if actor is not None else None
        if unit is not None and self._own_settings:
            values["settings"] = settings_context(self.world.for_unit(unit))
        if at is not None and at.key is not None:
            each = self.procedure.steps[at.id].each
            if each is not None:
                values[each[0]] = at.key

        def proposed(name: str) -> Value:
            if name not in self.world.decisions:
                raise KeyError(name)
            return as_context(propose(self.world, name, known, decided, case, as_of, unit))

        return Scope(values, proposed)

    # --------------------------------------------------------------------------------------------------- stale

    def _mark_stale(self) -> None:
        """Mark the decisions that stood on a fact of an event that was voided after they were made."""
        voids = {
            int(e.data["seq"]): e for e in self.log if e.type == VOIDED and e.seq not in self.voided and "seq" in e.data
        }
        gone = [e for e in self.log if e.seq in self.voided and e.facts and e.seq in voids]
        if not gone:
            return

        def stood_on(made: Decided, lost: Event) -> bool:
            if not lost.seq < made.seq < voids[lost.seq].seq:
                return False
            for name in set(lost.facts) & facts_under(self.world, rule_of(self.procedure, made.decision)):
                between = (e for e in self.events if lost.seq < e.seq <= made.seq)
                if not any(name in e.facts for e in between):
                    return True
            return False

        self.decisions = [replace(d, stale=any(stood_on(d, lost) for lost in gone)) for d in self.decisions]
        for made in self.decisions:  # in order: the last of each is the one in force
            self.decided[made.decision] = made


def _reads_history(procedure: Procedure, world: World) -> bool:
    """Whether any condition that is followed over time looks at events, so that every event must be looked at."""
    deadlines = [*procedure.deadlines, *(d for s in procedure.steps.values() for d in s.deadlines)]
    duties = [*procedure.duties, *(d for d in world.duties if d.procedure == procedure.id)]
    conditions = [c for c in (*(d.while_ for d in deadlines), *(d.while_ for d in duties)) if c is not None]
    return any(name in c.text for c in conditions for name in ("first(", "last(", "this_visit(", "times("))
