"""A log of events written short (`{at, action | type, by?, facts?, decided?, ...}`): read, and told what is wrong in it.

A log is always read. An event that means nothing (no time, an action that the procedure does not have, a value of
another kind) is left out and told; a fact that is not allowed stays unknown and is told; whatever else could not have
been entered through `engine.case` (`problems_of`) is told and stays.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from gongbao.engine.canonical import to_jsonable
from gongbao.engine.case.decided_value import Refused, allowed_values, decided_value
from gongbao.engine.case.entries import SOURCES, worked_out
from gongbao.engine.case.fold import Fold, effective
from gongbao.engine.case.options import clocks_in_the_way, obstacle, unmet
from gongbao.engine.case.proposal import open_in_words, takes
from gongbao.engine.case.state import actions_of, fold_of
from gongbao.engine.decision.decide import decide
from gongbao.engine.errors import BadFacts
from gongbao.engine.fact import FactErrors, read_facts
from gongbao.engine.model import DECIDED, OPENED, Action, Actor, CaseState, Event, LogFault, Procedure, Who
from gongbao.engine.time.calendar import localise
from gongbao.engine.world import World
from gongbao.policy.times import moment


@dataclass(frozen=True, slots=True)
class EventProblem:
    """One thing wrong with an event. event: its place in the list, from 1. seq: its number in the log, where it has one.

    code: a short stable word. field: the key (facts by `facts.<id>`); value: what stands there; allowed: what may.
    """

    event: int
    seq: int | None
    code: str
    message: str
    field: str | None = None
    value: Any = None
    allowed: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.message

    def as_dict(self) -> dict[str, Any]:
        return {
            "event": self.event, "seq": self.seq, "code": self.code, "field": self.field,
            "value": to_jsonable(self.value), "allowed": list(self.allowed), "message": self.message,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Read:
    """The events that could be read, each with its place in the list (by seq), and what was wrong with the others."""

    events: tuple[Event, ...]
    places: Mapping[int, int]
    problems: tuple[EventProblem, ...]


class Unreadable(ValueError):
    """Why an event is left out."""

    def __init__(self, code: str, text: str, field: str, value: Any = None, allowed: Sequence[str] = ()) -> None:
        super().__init__(text)
        self.code, self.text, self.field, self.value, self.allowed = code, text, field, value, tuple(allowed)


def read_events(world: World, procedure: str, raw: Iterable[Any]) -> Read:
    """The events of a list, as far as they can be read. Never raises for what is wrong in an event.

    An action that decides records the value given under `decided`, else what the rules propose on the facts so far.
    """
    rules, known = world.procedures[procedure], dict[str, Any]()
    shaped: dict[int, tuple[int, dict[str, Any]]] = {}  # by seq: its place, and what was written
    events: dict[int, Event] = {}
    problems: list[EventProblem] = []

    def left_out(place: int, seq: int | None, why: Unreadable) -> None:
        text = f"第{place}个事件：{why.text}" + ("" if why.code == "duplicate" else "；这个事件没有计入")
        problems.append(EventProblem(place, seq, why.code, text, why.field, why.value, why.allowed))

    for place, one in enumerate(raw, 1):
        seq = None
        try:
            written = _shaped(one)
            seq = written.get("seq", place)
            if seq in shaped:
                text = f"编号 {seq} 与第{shaped[seq][0]}个事件重复，只按前一个计"
                raise Unreadable("duplicate", text, "seq", seq)
        except Unreadable as e:
            left_out(place, seq, e)
            continue
        if shaped and seq < max(shaped):
            text = f"第{place}个事件：编号 {seq} 排在 {max(shaped)} 之后；按编号的次序计"
            problems.append(EventProblem(place, seq, "order", text, "seq", seq, (f"大于 {max(shaped)}",)))
        shaped[seq] = place, written
    for seq, (place, written) in sorted(shaped.items()):
        try:
            event, wrong = _event(world, rules, seq, written, known, events.values())
        except Unreadable as e:
            left_out(place, seq, e)
            continue
        problems += (replace(p, event=place, message=f"第{place}个事件：{p.message}") for p in wrong)
        events[seq] = event
        known.update(event.facts)
    return Read(tuple(events.values()), {seq: place for seq, (place, _) in shaped.items()}, tuple(problems))


def write_events(events: Iterable[Event]) -> list[dict[str, Any]]:
    """The events as `read_events` reads them back. A decision keeps its value; its receipt can be made again."""
    return [
        {key: value for key, value in _written(event).items() if value not in (None, "", {}, [])} for event in events
    ]


def _written(event: Event) -> dict[str, Any]:
    data = {key: value for key, value in event.data.items() if key not in ("action", "decision", "value", "receipt")}
    named = {"action": event.data["action"]} if "action" in event.data else {"type": event.type}
    decided = {event.data["decision"]: event.data.get("value")} if "decision" in event.data else None
    return {
        "seq": event.seq, "at": to_jsonable(event.occurred_at), **named, "step": event.step, "by": event.unit,
        "facts": to_jsonable(event.facts), "decided": to_jsonable(decided),
        "recorded_at": to_jsonable(event.recorded_at), "recorded_by": event.recorded_by,
        "on_behalf_of": event.on_behalf_of, "source": event.source, "evidence": list(event.evidence),
        "note": event.note, "data": to_jsonable(data), "each_key": event.each_key,
    }  # fmt: skip


# ------------------------------------------------------------------------------------------------------- one event


_KEYS = (
    "at", "action", "type", "step", "by", "facts", "decided", "recorded_at", "on_behalf_of", "source", "evidence",
    "note", "data", "each_key", "seq", "recorded_by", "place", "level", "platform",
)  # fmt: skip
_TEXTS = ("action", "type", "step", "by", "on_behalf_of", "place", "level", "source", "platform", "note", "recorded_by")
_SHAPES: Mapping[str, tuple[tuple[type, ...], str]] = {
    **dict.fromkeys(_TEXTS, ((str,), "文本")),
    "data": ((Mapping,), "一组“名称: 值”"),
    "facts": ((Mapping,), "一组“名称: 值”"),
    "evidence": ((list, tuple), "列表"),
    "seq": ((int,), "整数"),
}


def _shaped(one: Any) -> dict[str, Any]:
    """The event as a mapping of known keys with values of their kinds; null is the same as not written."""
    if not isinstance(one, Mapping):
        raise Unreadable("shape", "应是一组“名称: 值”", "", one)
    unknown = sorted(str(key) for key in one if key not in _KEYS)
    if unknown:
        text = f"不认识 {'、'.join(unknown)}；可写：{'、'.join(_KEYS)}"
        raise Unreadable("unknown_key", text, unknown[0], one[unknown[0]], _KEYS)
    made = {key: value for key, value in one.items() if value is not None}
    for key, (kinds, allowed) in _SHAPES.items():
        if key in made and (not isinstance(made[key], kinds) or isinstance(made[key], bool)):
            raise Unreadable("shape", f"{key} 给出的是 {_short(made[key])}，须为{allowed}", key, made[key], (allowed,))
    for key, needed in (("at", "at" in made), ("action", "action" in made or "type" in made)):
        if not needed:
            text = "须写 at（发生时间）" if key == "at" else "须写 action（动作）或 type（事件类型）"
            raise Unreadable("missing", text, key)
    return made


def _event(
    world: World,
    rules: Procedure,
    seq: int,
    one: Mapping[str, Any],
    known: Mapping[str, Any],
    before: Iterable[Event] = (),
) -> tuple[Event, list[EventProblem]]:
    wrong: list[EventProblem] = []
    name = one.get("action") or one["type"]
    step = one.get("step")
    if step is not None and step not in rules.steps:
        text = f"“{rules.label}”没有环节“{step}”；有：{'、'.join(rules.steps)}"
        raise Unreadable("no_such_step", text, "step", step, tuple(rules.steps))
    action = _action(rules, name, step)
    if action is None and "action" in one and name != OPENED:
        there = tuple(dict.fromkeys(a.id for a in actions_of(rules)))
        text = f"流程“{rules.id}”没有动作“{name}”；有：{'、'.join(there)}"
        raise Unreadable("no_such_action", text, "action", name, there)
    at = _moment("at", one["at"])
    facts = dict(one.get("facts") or {})
    try:
        values = read_facts(world.facts, facts)
    except FactErrors as errors:
        wrong += [EventProblem(0, seq, "fact", f"{e.message}；按未知计", f"facts.{e.path}", e.value, (e.allowed,))
                  for e in errors.items]  # fmt: skip
        values = _allowed_facts(world, facts)
    if action is not None:
        values = {**values, **action.sets}
        if action.computes:
            try:
                fold = fold_of(world, rules.id, before)
                # The open step it is taken in: what the step's `each` stands for is known only there.
                key, steps = one.get("each_key"), fold.procedure.steps
                open_here = (o for o in fold.open if o.key == key and action.id in steps[o.id].actions)
                values |= worked_out(world, action, fold.scope(at, at=next(open_here, None), facts=values))
            except BadFacts as bad:
                wrong += [
                    EventProblem(0, seq, "fact", f.text, f"facts.{f.field}", f.value, tuple(f.allowed))
                    for f in bad.faults
                ]
    data = dict(one.get("data") or {})
    data |= {key: one[key] for key in ("place", "level", "platform") if key in one}
    if action is not None:
        data["action"] = action.id
    decides = action.decides if action is not None else None
    given = one.get("decided")
    if isinstance(given, Mapping):
        if len(given) != 1:
            raise Unreadable("shape", "decided 一次只能写一项判定", "decided", given)
        ((decides, given),) = given.items()
    if decides is not None:
        known = {**known, **values}
        if given is None:  # the proposal sees what was decided before
            sight = fold_of(world, rules.id, before).scope(at, facts=values)
            data["decision"], data["value"] = decides, value_of(world, rules, decides, None, known, at, sight)
        else:
            data["decision"], data["value"] = decides, value_of(world, rules, decides, given, known, at)
    source = one.get("source", "系统")
    if source not in SOURCES:
        text = f"来源“{source}”不对；可为：{'、'.join(SOURCES)}"
        wrong.append(EventProblem(0, seq, "source", text, "source", source, SOURCES))
    made = Event(
        type=(action.event or action.id) if action is not None else DECIDED if name == "decided" else name,
        seq=seq,
        occurred_at=at,
        recorded_at=_moment("recorded_at", one["recorded_at"]) if "recorded_at" in one else at,
        recorded_by=one.get("recorded_by", ""),
        unit=_unit(world, one.get("by"), at),
        on_behalf_of=one.get("on_behalf_of"),
        source=source,
        evidence=tuple(one.get("evidence") or ()),
        facts=values,
        step=step,
        each_key=one.get("each_key"),
        note=one.get("note", ""),
        data=data,
    )
    return made, wrong


def _action(rules: Procedure, name: str, step: str | None) -> Action | None:
    places = [rules.steps[step].actions] if step is not None else [s.actions for s in rules.steps.values()]
    return next((actions[name] for actions in (*places, rules.anytime) if name in actions), None)


def _moment(field: str, value: Any) -> dt.datetime:
    try:
        return moment(value)
    except ValueError as e:
        allowed = ("2023-02-03T17:05",)
        raise Unreadable("time", f"{field} {e}", field, value, allowed) from None


def _allowed_facts(world: World, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the facts that can stand, each taken by itself."""
    made: dict[str, Any] = {}
    for name, value in facts.items():
        try:
            made |= read_facts(world.facts, {name: value})
        except FactErrors:
            continue
    return made


def value_of(
    world: World, rules: Procedure, decision: str, given: Any, facts: Mapping[str, Any], at: dt.datetime,
    sight: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, Any]:  # fmt: skip
    """What an event decides: the value given, else what the rules propose. Unreadable where neither can be.

    sight: the scope of the case, for what was decided before and what the case is.
    """
    made = rules.decide.get(decision)
    rule = made.decision if made is not None else decision
    if rule not in world.decisions:
        text = f"没有“{decision}”这个判定；有：{'、'.join(world.decisions) or '无'}"
        raise Unreadable("no_such_decision", text, "decided", decision, tuple(world.decisions))
    if given is not None:
        try:
            return decided_value(world.decisions[rule], given)
        except Refused as refused:
            raise Unreadable("value", str(refused), f"decided.{decision}", given, refused.allowed) from None
    outcome = decide(world, rule, facts, decided=sight.get("decided", {}), case=sight.get("case", {}), as_of=at)
    if not takes(outcome):
        allowed = tuple(v for o in world.decisions[rule].outputs for v in allowed_values(o))
        text = f"判定“{decision}”此时未定（{open_in_words(world, outcome)}），须用 decided 写明作出了什么决定"
        raise Unreadable("open", text, "decided", None, allowed)
    return dict(outcome.value or {})


def _unit(world: World, name: str | None, at: dt.datetime) -> str:
    if name is None or not world.units.knows(name):
        return name or ""
    try:
        return world.units.find(name, at.date()).name
    except LookupError:  # its work went to several units: it stands as it is written
        return name


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:40] + "…"


# --------------------------------------------------------------------------------------------- what could not have been


def problems_of(world: World, state: CaseState, read: Read, now: dt.datetime) -> tuple[EventProblem, ...]:
    """Everything wrong with a log: what could not be read, what came out of place, what the rules did not allow then.

    state: the replay of `read.events`, judged at `now`.
    """
    found = [*state.faults, *_audit(world, state.procedure, read.events, localise(now))]
    told = [
        EventProblem(read.places[f.seq], f.seq, f.code, f.text, f.field, f.value, f.allowed)
        for f in found
    ]  # fmt: skip
    return tuple(sorted((*read.problems, *told), key=lambda p: (p.event, p.code)))


def _audit(world: World, procedure: str, events: Sequence[Event], now: dt.datetime) -> Iterator[LogFault]:
    """The events that stand, each before it is taken: its times, its unit, and whether its act was possible."""
    fold = fold_of(world, procedure, ())
    whos = _whos(fold.procedure)
    somebody = {w.name for w in whos if w.kind in ("post", "role", "body", "party", "group")}
    named = tuple(dict.fromkeys(w.name for w in whos if w.kind == "unit"))
    for event in effective(events)[0]:
        yield from _times(fold, event, now)
        if event.unit and not world.units.knows(event.unit) and event.unit not in somebody:
            near = world.units.near(event.unit)
            allowed = near or named
            hint = f"；{'相近的' if near else '本流程中'}有：{'、'.join(allowed)}" if allowed else ""
            text = f"第{event.seq}号事件的单位“{event.unit}”没有登记{hint}"
            yield LogFault(event.seq, "unit", text, "by", event.unit, allowed)
        if reason := _impossible(fold, event):
            name = event.data.get("action", event.type)
            yield LogFault(event.seq, "not_possible", f"第{event.seq}号事件当时不能办：{reason}", "action", name)
        fold.apply(event)


def _times(fold: Fold, event: Event, now: dt.datetime) -> Iterator[LogFault]:
    def fault(code: str, field: str, value: dt.datetime, text: str, allowed: str) -> LogFault:
        return LogFault(event.seq, code, f"第{event.seq}号事件的{text}", field, value, (allowed,))

    at, recorded = localise(event.occurred_at), localise(event.recorded_at)
    if recorded < at:
        text = f"登记时间 {_time(recorded)} 早于发生时间 {_time(at)}"
        yield fault("recorded_before", "recorded_at", recorded, text, f"不早于 {_time(at)}")
    if fold.opened is not None and at < fold.opened.occurred_at:
        opened = _time(localise(fold.opened.occurred_at))
        yield fault("before_opening", "at", at, f"发生时间 {_time(at)} 早于立案时间 {opened}", f"不早于 {opened}")
    for field, value, what in (("at", at, "发生时间"), ("recorded_at", recorded, "登记时间")):
        if value > now:
            yield fault("future", field, value, f"{what} {_time(value)} 晚于此刻 {_time(now)}", f"不晚于 {_time(now)}")
            break


def _impossible(fold: Fold, event: Event) -> str:
    """Why its action could not be taken then, where its step was open: a wait, a right lapsed, a condition not met."""
    found = fold.find_action(event) if event.type != OPENED else None
    if found is None or fold.opened is None or fold.closed is not None:
        return ""
    step, action = found
    here = fold.open_at(step.id, event.each_key) if step is not None else None
    if step is not None and here is None:
        return ""  # the fold says so itself
    then = clocks_in_the_way(fold, event.occurred_at)
    if reason := obstacle(fold, then.deadlines, here, action, event.occurred_at):
        return reason
    actor = Actor(event.recorded_by, event.unit)
    scope = fold.scope(event.occurred_at, actor=actor, at=here, facts=event.facts, moments=then.moments)
    return unmet(fold.world, action, scope)


def _whos(rules: Procedure) -> list[Who]:
    """Everybody whom the procedure names as acting."""
    whos: list[Who] = [*rules.open_by, *(w for s in rules.steps.values() for w in s.by)]
    return (
        whos + [w for a in actions_of(rules) for w in a.by] + [w for d in rules.decide.values() for w in d.decided_by]
    )


def _time(value: dt.datetime) -> str:
    return f"{value:%Y-%m-%d %H:%M:%S}".removesuffix(":00")
