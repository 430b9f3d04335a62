"""Entering what happened: each function checks one intended entry wholly and gives back the event(s) to append.

Nothing is applied here. The caller appends the events in one transaction; a refused entry is a CaseError and leaves no
trace. Late entry is normal: `occurred_at` may lie well before `recorded_at`, but not before the case was opened and not
after it was written down.

The lock. `expected_seq` is the last seq the person had seen. If somebody has since acted, revised a fact or voided an
entry, the act is a Conflict. Feedback and remarks without facts change nothing an act stands on: they neither need the
lock nor break it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gongbao.engine.calendar import localise
from gongbao.engine.duty import standing_since, standing_tasks
from gongbao.engine.errors import BadFacts, BadTime, CaseError, Conflict, Fault, NotPossible, NotYours
from gongbao.engine.fact import FactErrors, read_facts
from gongbao.engine.fold import AFTER_CLOSING, Fold, Open
from gongbao.engine.labels import label_of
from gongbao.engine.model import (
    DECIDED,
    NOTE,
    OPENED,
    RECORDED,
    TASK_EVENTS,
    VOIDED,
    Action,
    Actor,
    Event,
    Task,
    Value,
)
from gongbao.engine.options import available, may_open, obstacle, standing_of, unmet
from gongbao.engine.proposal import choose, propose, receipt_of, rule_of
from gongbao.engine.state import actions_of, fold_of, judge, procedure, state_of
from gongbao.engine.who import is_one_of, may_enter, official, refusal, resolve
from gongbao.engine.world import World

SOURCES = ("系统", "电话", "书面", "口头")
CHECKERS = frozenset({"审核人", "督查员", "值班员", "班长"})
"""Roles that check the tasks of their own unit; other units' tasks are checked by any unit that takes part."""
OVERSEER = "督查员"
"""Checks the standing tasks of all units: they belong to no case in which supervision could take part."""


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
    occurred_at, recorded_at = _times(None, occurred_at, recorded_at, world)
    _source(source)
    if rules.open_by and link is None:
        whom = resolve(rules.open_by, world, {"case": dict(data or {}), "decided": {}}, occurred_at.date())
        entered = on_behalf_of is not None and whom.party and may_enter(actor)
        if not is_one_of(whom, actor, world.units, occurred_at.date()) and not entered:
            raise NotYours(
                refusal(whom, actor).replace("办理，", "立案受理，"),
                field="actor",
                value=actor.unit,
                allowed=whom.names,
            )
    in_force: Mapping[str, Value] = world.document.get("in_force") or {}
    day = recorded_at if in_force.get("applies_by") == "decision_date" else occurred_at
    reason = may_open(world, day)
    if reason and not (basis_confirmed_by or "").strip():
        raise NotPossible(f"{reason}；须由指定负责人确认依据后才能立案", field="basis_confirmed_by")
    # A case that another one opens takes whatever facts that one carries.
    carried = () if link is None else tuple((name, False) for name in world.facts)
    known = _facts(world, (*rules.form, *carried), facts or {}, {}, complete=link is None)
    about: dict[str, Value] = {**(data or {}), "pack": world.pack, "version": world.version}
    if link is not None:
        about["link"] = dict(link)
    if reason:
        about["basis_confirmed_by"] = basis_confirmed_by
    return (
        _event(OPENED, 1, actor, occurred_at, recorded_at, known, about, on_behalf_of, source, evidence, note),
    )  # fmt: skip


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
    _locked(fold, expected_seq)
    occurred_at, recorded_at = _times(fold, occurred_at, recorded_at, world)
    _source(source)
    here, found = _find(fold, action, step, each_key)
    judged = judge(fold, occurred_at)
    standing = standing_of(fold, judged, here, found, actor, occurred_at)
    if standing.why_not:
        raise NotYours(standing.why_not, field="actor", value=actor.unit, allowed=standing.who)
    if standing.on_behalf and not (on_behalf_of or "").strip():
        raise NotYours(
            f"“{found.label}”是{'、'.join(standing.who)}的行为，由您代为登记的，须写明是谁作出的",
            field="on_behalf_of",
            allowed=standing.who,
        )
    hindered = obstacle(fold, judged, here, found, occurred_at)
    if hindered:
        raise NotPossible(hindered, field="action", value=action)
    given = _facts(world, found.form, facts or {}, _known(fold, found))
    scope = fold.scope(occurred_at, actor=actor, at=here, facts=given, moments=judged.moments)
    reason = unmet(world, found, scope)
    if reason:
        raise NotPossible(reason, field="action", value=action)
    data: dict[str, Value] = {"action": found.id}
    if standing.on_behalf:
        data["acting_as"] = list(standing.who)  # whose act it is by the rules, beside the signer's name
    if found.decides is not None:
        data |= _decision(fold, found.decides, {**fold.facts, **given}, scope, value, note, occurred_at)
    elif value is not None:
        raise CaseError(f"“{found.label}”不作判定，不能带判定值", field="value", value=value)
    if found.opens is not None:
        data["opens"] = _opens(world, found, {**fold.facts, **given})
    if found.document is not None:
        data["document"] = found.document
    event = _event(
        found.event or found.id, _next(fold), actor, occurred_at, recorded_at, given, data, on_behalf_of, source,
        evidence, note, step=here.id if here is not None else None, each_key=here.key if here is not None else None,
    )  # fmt: skip
    return (event,)


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
    _locked(fold, expected_seq)
    occurred_at, recorded_at = _times(fold, occurred_at, recorded_at, world)
    _source(source)
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
    judged = judge(fold, occurred_at)
    standing = standing_of(fold, judged, None, action, actor, occurred_at)
    if standing.why_not:
        raise NotYours(standing.why_not, field="actor", value=actor.unit, allowed=standing.who)
    if standing.on_behalf and not (on_behalf_of or "").strip():
        raise NotYours(
            f"判定由{'、'.join(standing.who)}作出，代为登记须写明是谁作出的", field="on_behalf_of", allowed=standing.who
        )
    scope = fold.scope(occurred_at, actor=actor, moments=judged.moments)
    data = _decision(fold, decision, fold.facts, scope, value, note, occurred_at)
    return (
        _event(DECIDED, _next(fold), actor, occurred_at, recorded_at, {}, data, on_behalf_of, source, evidence, note),
    )  # fmt: skip


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
    _locked(fold, expected_seq)
    occurred_at, recorded_at = _times(fold, occurred_at, recorded_at, world)
    _source(source)
    _takes_part(fold, actor, occurred_at)
    if not facts:
        raise BadFacts("没有要登记的事实", field="facts")
    known = _facts(world, tuple((name, False) for name in world.facts), facts, {})
    return (
        _event(RECORDED, _next(fold), actor, occurred_at, recorded_at, known, {}, None, source, evidence, note),
    )  # fmt: skip


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
    occurred_at, recorded_at = _times(fold, occurred_at, recorded_at, world)
    _source(source)
    _takes_part(fold, actor, occurred_at)
    if not note.strip():
        raise CaseError("备注不能为空", field="note", value=note)
    return (
        _event(NOTE, _next(fold), actor, occurred_at, recorded_at, {}, {}, None, source, evidence, note),
    )  # fmt: skip


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
    _locked(fold, expected_seq)
    recorded_at = _moment(recorded_at, "登记时间", "recorded_at")
    _takes_part(fold, actor, recorded_at)
    target = next((e for e in fold.log if e.seq == seq), None)
    if target is None:
        raise NotPossible(f"没有第{seq}号事件；现有第1号至第{_next(fold) - 1}号", field="seq", value=seq)
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
    event = _event(VOIDED, _next(fold), actor, recorded_at, recorded_at, {}, data, None, "系统", (), reason.strip())
    after = fold_of(world, procedure_id, (*events, event))
    broken = [p for p in after.problems if p not in fold.problems]
    if broken:
        raise NotPossible(
            f"第{seq}号事件（{_told(fold, target)}）之后的登记以它为前提，请先作废后面的：{'；'.join(broken)}",
            field="seq",
            value=seq,
        )
    return (event,)


# ----------------------------------------------------------------------------------------------------------- tasks


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
    _source(source)
    fold: Fold | None = None
    if procedure_id is None:
        occurred_at, recorded_at = (
            _moment(occurred_at, "发生时间", "occurred_at"),
            _moment(recorded_at, "登记时间", "recorded_at"),
        )
        _in_order(occurred_at, recorded_at, standing_since(world), "文件施行")
        tasks = standing_tasks(world, events, recorded_at)
        seq = max((e.seq for e in events), default=0) + 1
        part: tuple[str, ...] = tuple(dict.fromkeys(u for t in tasks for u in (t.unit, *t.with_)))
    else:
        fold = fold_of(world, procedure_id, events)
        occurred_at, recorded_at = _times(fold, occurred_at, recorded_at, world)
        state = state_of(fold, recorded_at)
        tasks, part, seq = state.tasks, state.taken_part, _next(fold)
    found = next((t for t in tasks if t.id == task), None)
    if found is None:
        raise NotPossible(f"没有任务“{task}”", field="task", value=task, allowed=tuple(t.id for t in tasks))
    oversees = procedure_id is None and OVERSEER in actor.roles
    _may_move(world, found, type, actor, part, occurred_at, oversees=oversees)
    if type in ("task_feedback", "task_returned") and not note.strip() and not evidence and not facts:
        raise CaseError(
            "反馈须写明情况或附材料" if type == "task_feedback" else "退回须写明理由", field="note", value=note
        )
    known = _facts(world, tuple((name, False) for name in world.facts), facts or {}, {})
    return (
        _event(type, seq, actor, occurred_at, recorded_at, known, {"task": task}, on_behalf_of, source, evidence, note),
    )  # fmt: skip


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
    whom = resolve_names(world, (task.unit,), at)
    own = actor.unit in whom or _official(world, actor.unit, at) in whom or task.unit in actor.roles | actor.posts
    if type_ in ("task_verified", "task_returned"):
        if oversees:
            return
        if own and not (CHECKERS & actor.roles):
            raise NotYours(
                f"任务由{task.unit}办理，不能由承办人自己核查；须由交办单位或审核人核查",
                field="actor",
                value=actor.unit,
            )
        if not own and _official(world, actor.unit, at) not in resolve_names(world, part, at):
            raise NotYours(f"{actor.unit}未参与本事项，不能核查任务", field="actor", value=actor.unit, allowed=part)
        return
    if type_ == "task_feedback":
        own = own or _official(world, actor.unit, at) in resolve_names(world, task.with_, at)
    if not own:
        raise NotYours(
            f"须由{task.unit}办理，您代表{actor.unit}", field="actor", value=actor.unit, allowed=(task.unit,)
        )


def resolve_names(world: World, names: Iterable[str], at: dt.datetime) -> frozenset[str]:
    return frozenset(_official(world, n, at) for n in names)


def _official(world: World, name: str, at: dt.datetime) -> str:
    return official(world.units, name, at.date())


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


def _locked(fold: Fold, expected_seq: int | None) -> None:
    if expected_seq is None:
        return
    last = _next(fold) - 1
    if expected_seq > last:
        raise Conflict(
            f"您依据的第{expected_seq}号事件不存在，现在只到第{last}号；请刷新后再办",
            field="expected_seq",
            value=expected_seq,
        )
    since = [
        e for e in fold.log if e.seq > expected_seq and (e.facts or (e.type != NOTE and e.type not in TASK_EVENTS))
    ]
    if since:
        told = "；".join(_told(fold, e) for e in since)
        raise Conflict(f"在您打开之后已有新的登记：{told}。请刷新后再办", field="expected_seq", value=expected_seq)


def _told(fold: Fold, event: Event) -> str:
    """Who did what and when, for a reader."""
    names = {
        OPENED: "立案", RECORDED: "修改事实", DECIDED: "判定", NOTE: "备注",
        VOIDED: f"作废第{event.data.get('seq')}号事件",
        "task_received": "签收任务", "task_feedback": "反馈任务", "task_verified": "核查任务",
        "task_returned": "退回任务", "task_done": "办结任务",
    }  # fmt: skip
    what = names.get(event.type)
    if what is None:
        fits = [a.label for a in actions_of(fold.procedure) if a.id == event.data.get("action", event.type)]
        what = fits[0] if fits else event.type
    who = "、".join(x for x in (event.unit, event.recorded_by) if x) or "系统"
    return f"{who}于{localise(event.recorded_at):%m-%d %H:%M}登记“{what}”"


def _times(
    fold: Fold | None, occurred_at: dt.datetime, recorded_at: dt.datetime, world: World
) -> tuple[dt.datetime, dt.datetime]:
    occurred_at = _moment(occurred_at, "发生时间", "occurred_at")
    recorded_at = _moment(recorded_at, "登记时间", "recorded_at")
    opened = fold.opened.occurred_at if fold is not None and fold.opened is not None else None
    if fold is not None and fold.opened is None:
        raise NotPossible("事项尚未立案", field="events")
    _in_order(occurred_at, recorded_at, opened, "立案")
    return occurred_at, recorded_at


def _moment(value: dt.datetime, name: str, field: str) -> dt.datetime:
    if not isinstance(value, dt.datetime) or value.tzinfo is None:
        raise BadTime(f"{name} {value!r} 须为带时区的时间", field=field, value=value)
    return localise(value)


def _in_order(occurred_at: dt.datetime, recorded_at: dt.datetime, since: dt.datetime | None, what: str) -> None:
    if occurred_at > recorded_at:
        raise BadTime(
            f"发生时间 {occurred_at:%Y-%m-%d %H:%M:%S} 晚于登记时间 {recorded_at:%Y-%m-%d %H:%M:%S}",
            field="occurred_at",
            value=occurred_at,
            allowed=(f"不晚于 {recorded_at:%Y-%m-%d %H:%M:%S}",),
        )
    if since is not None and occurred_at < since:
        since = localise(since)
        raise BadTime(
            f"发生时间 {occurred_at:%Y-%m-%d %H:%M:%S} 早于{what}时间 {since:%Y-%m-%d %H:%M:%S}",
            field="occurred_at",
            value=occurred_at,
            allowed=(f"不早于 {since:%Y-%m-%d %H:%M:%S}",),
        )


def _source(source: str) -> None:
    if source not in SOURCES:
        raise CaseError(
            f"来源“{source}”不对；可为：{'、'.join(SOURCES)}", field="source", value=source, allowed=SOURCES
        )


def _takes_part(fold: Fold, actor: Actor, at: dt.datetime) -> None:
    """Entries beside the procedure's own actions are for those who take part in the case."""
    state = state_of(fold, at)
    on = at.date()
    units = resolve_names(fold.world, state.taken_part, at)
    if _official(fold.world, actor.unit, at) in units:
        return
    whos = [*fold.procedure.open_by, *(w for s in fold.procedure.steps.values() for w in s.by)]
    if is_one_of(resolve(whos, fold.world, fold.scope(at), on), actor, fold.world.units, on):
        return
    raise NotYours(f"{actor.unit}没有参与本事项，不能登记", field="actor", value=actor.unit, allowed=state.taken_part)


def _known(fold: Fold, action: Action) -> dict[str, Value]:
    """The facts that need not be given again: known, and not last given for an earlier taking of this action."""
    return {
        name: value
        for name, value in fold.facts.items()
        if value is not None and fold.fact_from[name].data.get("action") != action.id
    }


def _facts(
    world: World,
    form: Iterable[tuple[str, bool]],
    raw: Mapping[str, Any],
    known: Mapping[str, Value],
    *,
    complete: bool = True,
) -> dict[str, Value]:
    """The form's facts as values; BadFacts with every fault. `complete`: what the form requires must be known."""
    form = tuple(form)
    faults: list[Fault] = []
    given: dict[str, Value] = {}
    try:
        given = read_facts({name: world.facts[name] for name, _ in form}, raw)
    except FactErrors as errors:
        faults = [Fault(e.path, e.message, e.value, (e.allowed,)) for e in errors.items]
    wrong = {(fault.field or "").partition(".")[0].partition("[")[0] for fault in faults}
    for name, required in form:
        if complete and required and name not in given and name not in known and name not in wrong:
            faults.append(Fault(name, f"“{label_of(world, name)}”（{name}）必须填写"))
    if faults:
        raise BadFacts("\n".join(fault.text for fault in faults), faults=tuple(faults))
    return given


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
    outcome = propose(world, decision, facts, decided, case, as_of)
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


def _next(fold: Fold) -> int:
    return fold.log[-1].seq + 1 if fold.log else 1


def _event(
    type_: str,
    seq: int,
    actor: Actor,
    occurred_at: dt.datetime,
    recorded_at: dt.datetime,
    facts: Mapping[str, Value],
    data: Mapping[str, Value],
    on_behalf_of: str | None,
    source: str,
    evidence: Sequence[str],
    note: str,
    step: str | None = None,
    each_key: str | None = None,
) -> Event:
    return Event(
        type=type_,
        seq=seq,
        occurred_at=occurred_at,
        recorded_at=recorded_at,
        recorded_by=actor.account,
        unit=actor.unit,
        on_behalf_of=(on_behalf_of or "").strip() or None,
        source=source,
        evidence=tuple(evidence),
        facts=dict(facts),
        step=step,
        each_key=each_key,
        note=note,
        data=dict(data),
    )
