"""Entering what happened in a case: each function checks one intended entry wholly and gives back the events to append.

Nothing is applied here. The caller appends the events in one transaction; a refused entry is a CaseError and leaves no
trace. What every entry must keep (its lock, times, source and signer) is in `entries`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gongbao.engine.case.entries import entry, given_facts, takes_part, told, worked_out
from gongbao.engine.case.fold import AFTER_CLOSING, Fold, Open
from gongbao.engine.case.options import available, obstacle, standing_of, unmet
from gongbao.engine.case.proposal import choose, propose, receipt_of, rule_of
from gongbao.engine.case.state import fold_of, judge, procedure
from gongbao.engine.errors import BadFacts, CaseError, NotPossible, NotYours
from gongbao.engine.force import day_that_counts, may_open
from gongbao.engine.labels import label_of
from gongbao.engine.model import DECIDED, NOTE, OPENED, RECORDED, VOIDED, Action, Actor, Event, Value
from gongbao.engine.time.calendar import localise
from gongbao.engine.who import is_one_of, may_enter, refusal, resolve
from gongbao.engine.world import World

# ---------------------------------------------------------------------------------------------------------- opening


def open_case(
    world: World,
    procedure_id: str,
    *,
    actor: Actor,
    facts: Mapping[str, Any] | None = None,
    occurred_at: dt.datetime,
    recorded_at: dt.datetime,
    data: Mapping[str, Value] | None = None,
    link: Mapping[str, Value] | None = None,
    basis_confirmed_by: str | None = None,
    on_behalf_of: str | None = None,
    source: str = "系统",
    evidence: Sequence[str] = (),
    note: str = "",
) -> tuple[Event, ...]:
    """The `opened` event of a new case.

    data: what expressions shall see as `case.<name>` (place, level, platform, number ...).
    link: where it comes from ({link, pack, procedure, case ...}) when another case opened it: then anybody's act there
    opened it, and facts that the form asks for may still be missing (they are asked for later).
    basis_confirmed_by: the officer who confirmed the basis; needed when the document is not in force on the day that
    its `applies_by` names.
    """
    rules = procedure(world, procedure_id)
    made = entry(
        None, actor=actor, occurred_at=occurred_at, recorded_at=recorded_at, on_behalf_of=on_behalf_of, source=source,
        evidence=evidence, note=note,
    )  # fmt: skip
    on = made.occurred_at.date()
    if rules.open_by and link is None:
        whom = resolve(rules.open_by, world, {"case": dict(data or {}), "decided": {}}, on)
        entered = made.on_behalf_of is not None and whom.party and may_enter(actor)
        if not is_one_of(whom, actor, world.units, on) and not entered:
            raise NotYours(
                refusal(whom, actor).replace("办理，", "立案受理，"),
                field="actor",
                value=actor.unit,
                allowed=whom.names,
            )
    # A case that another one opens takes whatever facts that one carries.
    carried = () if link is None else tuple((name, False) for name in world.facts)
    known = given_facts(world, (*rules.form, *carried), facts or {}, {}, complete=link is None)
    in_force: Mapping[str, Value] = world.document.get("in_force") or {}
    reason = may_open(world, day_that_counts(in_force, known, made.occurred_at, made.recorded_at))
    if reason and not (basis_confirmed_by or "").strip():
        raise NotPossible(f"{reason}；须由指定负责人确认依据后才能立案", field="basis_confirmed_by")
    about: dict[str, Value] = {**(data or {}), "pack": world.pack, "version": world.version}
    if link is not None:
        about["link"] = dict(link)
    if reason:
        about["basis_confirmed_by"] = basis_confirmed_by
    return (made.event(OPENED, facts=known, data=about),)


# ---------------------------------------------------------------------------------------------------------- acting


def act(
    world: World,
    procedure_id: str,
    events: Iterable[Event],
    *,
    action: str,
    step: str | None = None,
    each_key: str | None = None,
    actor: Actor,
    facts: Mapping[str, Any] | None = None,
    occurred_at: dt.datetime,
    recorded_at: dt.datetime,
    expected_seq: int | None = None,
    on_behalf_of: str | None = None,
    source: str = "系统",
    evidence: Sequence[str] = (),
    note: str = "",
    value: Mapping[str, Value] | Value = None,
) -> tuple[Event, ...]:
    """The event of one action.

    step, each_key: may be left out where only one open step (one instance) has the action.
    facts: by id or label, those of the action's form; a required one may be left out when the case knows it already,
    unless it was last given for an earlier taking of this same action.
    value: for an action that decides, what is decided, when it differs from the proposal or the rules cannot settle it;
    `note` then gives the reason.
    Raises Conflict, NotPossible, NotYours, BadTime, BadFacts (all CaseError).
    """
    fold = fold_of(world, procedure_id, events)
    made = entry(
        fold, actor=actor, occurred_at=occurred_at, recorded_at=recorded_at, expected_seq=expected_seq,
        on_behalf_of=on_behalf_of, source=source, evidence=evidence, note=note,
    )  # fmt: skip
    at = made.occurred_at
    here, found = _find(fold, action, step, each_key)
    judged = judge(fold, at)
    standing = standing_of(fold, judged, here, found, actor, at)
    made.signed(standing, found.label)
    hindered = obstacle(fold, judged.state.deadlines, here, found, at)
    if hindered:
        raise NotPossible(hindered, field="action", value=action)
    given = {**given_facts(world, found.form, facts or {}, _known(fold, found)), **found.sets}
    scope = fold.scope(at, actor=actor, at=here, facts=given, moments=judged.moments)
    if found.computes:
        given |= worked_out(world, found, scope)
        scope = fold.scope(at, actor=actor, at=here, facts=given, moments=judged.moments)
    reason = unmet(world, found, scope)
    if reason:
        raise NotPossible(reason, field="action", value=action)
    data: dict[str, Value] = {"action": found.id}
    if standing.on_behalf:
        data["acting_as"] = list(standing.who)  # whose act it is by the rules, beside the signer's name
    if found.decides is not None:
        data |= _decision(fold, found.decides, {**fold.facts, **given}, scope, value, note, at)
    elif value is not None:
        raise CaseError(f"“{found.label}”不作判定，不能带判定值", field="value", value=value)
    if found.opens is not None:
        data["opens"] = _opens(world, found, {**fold.facts, **given})
    if found.document is not None:
        data["document"] = found.document
    step, each_key = (here.id, here.key) if here is not None else (None, None)
    return (made.event(found.event or found.id, facts=given, data=data, step=step, each_key=each_key),)


def decide_on(
    world: World,
    procedure_id: str,
    events: Iterable[Event],
    *,
    decision: str,
    actor: Actor,
    occurred_at: dt.datetime,
    recorded_at: dt.datetime,
    expected_seq: int | None = None,
    value: Mapping[str, Value] | Value = None,
    on_behalf_of: str | None = None,
    source: str = "系统",
    evidence: Sequence[str] = (),
    note: str = "",
) -> tuple[Event, ...]:
    """The `decided` event of a decision that no action of the procedure makes; by those in its `decided_by`."""
    fold = fold_of(world, procedure_id, events)
    made = entry(
        fold, actor=actor, occurred_at=occurred_at, recorded_at=recorded_at, expected_seq=expected_seq,
        on_behalf_of=on_behalf_of, source=source, evidence=evidence, note=note,
    )  # fmt: skip
    at = made.occurred_at
    _still_open(fold, "判定")
    rule = fold.procedure.decide.get(decision)
    if rule is None:
        allowed = tuple(fold.procedure.decide)
        raise NotPossible(
            f"“{fold.procedure.label}”没有可作的判定“{decision}”；可作：{'、'.join(allowed) or '无'}",
            field="decision",
            value=decision,
            allowed=allowed,
        )
    action = Action(id=DECIDED, label=f"判定{label_of(world, decision)}", decides=decision, on_behalf=True)
    judged = judge(fold, at)
    standing = standing_of(fold, judged, None, action, actor, at)
    made.signed(standing, action.label)
    scope = fold.scope(at, actor=actor, moments=judged.moments)
    data = _decision(fold, decision, fold.facts, scope, value, note, at)
    return (made.event(DECIDED, data=data),)


# ------------------------------------------------------------------------------------------ facts, remarks, mistakes


def record_facts(
    world: World,
    procedure_id: str,
    events: Iterable[Event],
    *,
    facts: Mapping[str, Any],
    actor: Actor,
    occurred_at: dt.datetime,
    recorded_at: dt.datetime,
    expected_seq: int | None = None,
    source: str = "系统",
    evidence: Sequence[str] = (),
    note: str = "",
) -> tuple[Event, ...]:
    """The `recorded` event that revises or adds facts, also after closing; by whoever takes part in the case."""
    fold = fold_of(world, procedure_id, events)
    made = entry(
        fold, actor=actor, occurred_at=occurred_at, recorded_at=recorded_at, expected_seq=expected_seq,
        source=source, evidence=evidence, note=note,
    )  # fmt: skip
    takes_part(fold, actor, made.occurred_at)
    if not facts:
        raise BadFacts("没有要登记的事实", field="facts")
    known = given_facts(world, tuple((name, False) for name in world.facts), facts, {})
    return (made.event(RECORDED, facts=known),)


def remark(
    world: World,
    procedure_id: str,
    events: Iterable[Event],
    *,
    note: str,
    actor: Actor,
    occurred_at: dt.datetime,
    recorded_at: dt.datetime,
    source: str = "系统",
    evidence: Sequence[str] = (),
) -> tuple[Event, ...]:
    """A `note`: a remark on the case, at any time, without a lock."""
    fold = fold_of(world, procedure_id, events)
    made = entry(
        fold, actor=actor, occurred_at=occurred_at, recorded_at=recorded_at, source=source, evidence=evidence, note=note
    )
    takes_part(fold, actor, made.occurred_at)
    if not note.strip():
        raise CaseError("备注不能为空", field="note", value=note)
    return (made.event(NOTE),)


def void(
    world: World,
    procedure_id: str,
    events: Iterable[Event],
    *,
    seq: int,
    reason: str,
    approver: str,
    actor: Actor,
    recorded_at: dt.datetime,
    expected_seq: int | None = None,
) -> tuple[Event, ...]:
    """The `voided` event that takes entry `seq` out, with the reason and the approver (not the one who enters it).

    Refused for the opening of the case, for an entry already voided, and where later entries stand on it (they are
    named; the latest must be voided first). Decisions that stood on its facts become `stale`.
    """
    events = tuple(events)
    fold = fold_of(world, procedure_id, events)
    made = entry(fold, actor=actor, recorded_at=recorded_at, expected_seq=expected_seq, note=reason.strip())
    takes_part(fold, actor, made.recorded_at)
    target = next((e for e in fold.log if e.seq == seq), None)
    if target is None:
        raise NotPossible(f"没有第{seq}号事件；现有第1号至第{made.seq - 1}号", field="seq", value=seq)
    if seq in fold.voided:
        raise NotPossible(f"第{seq}号事件已经作废", field="seq", value=seq)
    if target.type == OPENED:
        raise NotPossible("立案不能作废；不应办理的，请按程序办结", field="seq", value=seq)
    if not reason.strip():
        raise CaseError("作废须写明原因", field="reason", value=reason)
    if not approver.strip():
        raise CaseError("作废须有批准人", field="approver", value=approver)
    if approver.strip() == actor.account:
        raise CaseError("作废的批准人不能是登记人本人", field="approver", value=approver)
    data = {"seq": seq, "reason": reason.strip(), "approver": approver.strip()}
    event = made.event(VOIDED, data=data)
    after = fold_of(world, procedure_id, (*events, event))
    broken = [p for p in after.problems if p not in fold.problems]
    if broken:
        raise NotPossible(
            f"第{seq}号事件（{told(fold, target)}）之后的登记以它为前提，请先作废后面的：{'；'.join(broken)}",
            field="seq",
            value=seq,
        )
    return (event,)


# ---------------------------------------------------------------------------------------------------------- checks


def _find(fold: Fold, action: str, step: str | None, each_key: str | None) -> tuple[Open | None, Action]:
    """The open step and the action meant; NotPossible says what is possible instead."""
    rules = fold.procedure
    everywhere = {**{a.id: a for s in rules.steps.values() for a in s.actions.values()}, **rules.anytime}
    name = everywhere[action].label if action in everywhere else action
    _still_open(fold, name)
    offered = available(fold)
    options = [
        (here, a)
        for here, a in offered
        if a.id == action
        and (step is None or (here is not None and here.id == step))
        and (each_key is None or (here is not None and here.key == each_key))
    ]
    if not options:
        allowed = tuple(dict.fromkeys(a.id for _, a in offered))
        labels = "、".join(dict.fromkeys(a.label for _, a in offered)) or "无"
        if action not in everywhere:
            text = f"“{rules.label}”没有动作“{action}”"
        elif step is not None and step not in rules.steps:
            text = f"“{rules.label}”没有环节“{step}”"
        else:
            where = rules.steps[step].label if step is not None else ""
            key = f"（{each_key}）" if each_key is not None else ""
            text = f"现在不能“{name}”" + (f"：环节“{where}{key}”没有开着或没有这个动作" if where else "")
        raise NotPossible(f"{text}；现在可以：{labels}", field="action", value=action, allowed=allowed)
    if len(options) > 1:
        keys = tuple(str(here.key if here.key is not None else here.id) for here, _ in options if here is not None)
        raise NotPossible(
            f"“{name}”有{len(options)}处可办，须指明是哪一处：{'、'.join(keys)}",
            field="each_key" if len({h.id for h, _ in options if h is not None}) == 1 else "step",
            allowed=keys,
        )
    return options[0]


def _still_open(fold: Fold, what: str) -> None:
    if fold.opened is None:
        raise NotPossible("事项尚未立案", field="events")
    if fold.closed is not None:
        raise NotPossible(
            f"事项已于{localise(fold.closed.occurred_at):%Y-%m-%d %H:%M}办结，不能再“{what}”；"
            "只能补充事实、备注、任务反馈或作废",
            field="action",
            value=what,
            allowed=tuple(sorted(AFTER_CLOSING)),
        )


def _known(fold: Fold, action: Action) -> dict[str, Value]:
    """The facts that need not be given again: known, and not last given for an earlier taking of this action."""
    return {
        name: value
        for name, value in fold.facts.items()
        if value is not None and fold.fact_from[name].data.get("action") != action.id
    }


def _decision(
    fold: Fold,
    name: str,
    facts: Mapping[str, Value],
    scope: Mapping[str, Value],
    value: Mapping[str, Value] | Value,
    reason: str,
    as_of: dt.datetime,
) -> dict[str, Value]:
    """What an act of deciding adds to the event: decision, value, receipt and, where they differ, the proposal."""
    world = fold.world
    decision = rule_of(fold.procedure, name)
    if decision not in world.decisions:
        raise CaseError(f"没有判定“{decision}”", field="decision", value=decision, allowed=tuple(world.decisions))
    decided, case = scope["decided"], scope["case"]
    actor: Any = scope["actor"]
    outcome = propose(world, decision, facts, decided, case, as_of, actor["unit"])
    return {
        "decision": name,
        **choose(world, decision, outcome, value, reason),
        "receipt": receipt_of(world, outcome, facts, decided, case, as_of),
    }


def _opens(world: World, action: Action, facts: Mapping[str, Value]) -> dict[str, Value]:
    """What the office is to open in the same transaction."""
    opens = action.opens
    assert opens is not None
    return {
        "pack": opens.pack or world.pack,
        "procedure": opens.procedure,
        "link": opens.link,
        "site": opens.site,
        "facts": {name: facts[name] for name in opens.carry if facts.get(name) is not None},
        **({"answers": {event: list(actions) for event, actions in opens.answers.items()}} if opens.answers else {}),
    }
