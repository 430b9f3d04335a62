"""One intended entry, checked before it becomes an event: the lock, its times and source, its papers, its signer.

Late entry is normal: `occurred_at` may lie well before `recorded_at`, but not before the case was opened and not
after it was written down.

The lock. `expected_seq` is the last seq the person had seen. If somebody has since acted, revised a fact or voided an
entry, the act is a Conflict. Feedback and remarks without facts change nothing an act stands on: they neither need the
lock nor break it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gongbao.engine.case.fold import Fold
from gongbao.engine.case.options import Standing
from gongbao.engine.case.state import actions_of, state_of
from gongbao.engine.errors import BadFacts, BadTime, CaseError, Conflict, Fault, NotPossible, NotYours
from gongbao.engine.fact import FactErrors, read_facts
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
    Expression,
    Value,
)
from gongbao.engine.time.calendar import localise
from gongbao.engine.who import is_one_of, official, resolve
from gongbao.engine.world import World

SOURCES = ("系统", "电话", "书面", "口头")


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry whose lock, times, source and papers are in order; `event` makes it what happened."""

    seq: int
    actor: Actor
    occurred_at: dt.datetime
    recorded_at: dt.datetime
    on_behalf_of: str | None
    source: str
    evidence: tuple[str, ...]
    note: str

    def signed(self, standing: Standing, act: str) -> None:
        """NotYours where the act is not the actor's to enter, or is another's who is not named."""
        if standing.why_not:
            raise NotYours(standing.why_not, field="actor", value=self.actor.unit, allowed=standing.who)
        if standing.on_behalf and self.on_behalf_of is None:
            raise NotYours(
                f"“{act}”是{'、'.join(standing.who)}的行为，由您代为登记的，须写明是谁作出的",
                field="on_behalf_of",
                allowed=standing.who,
            )

    def event(
        self,
        type: str,
        *,
        facts: Mapping[str, Value] | None = None,
        data: Mapping[str, Value] | None = None,
        step: str | None = None,
        each_key: str | None = None,
    ) -> Event:
        return Event(
            type=type,
            seq=self.seq,
            occurred_at=self.occurred_at,
            recorded_at=self.recorded_at,
            recorded_by=self.actor.account,
            unit=self.actor.unit,
            on_behalf_of=self.on_behalf_of,
            source=self.source,
            evidence=self.evidence,
            facts=dict(facts or {}),
            step=step,
            each_key=each_key,
            note=self.note,
            data=dict(data or {}),
        )


def entry(
    fold: Fold | None,
    *,
    actor: Actor,
    occurred_at: dt.datetime | None = None,
    recorded_at: dt.datetime,
    expected_seq: int | None = None,
    on_behalf_of: str | None = None,
    source: str = "系统",
    evidence: Sequence[str] = (),
    note: str = "",
    seq: int = 1,
    since: dt.datetime | None = None,
) -> Entry:
    """The next entry of a case, or an entry beside one (fold=None: its opening, the log of standing tasks).

    occurred_at: left out for what happens by being written down. seq, since: beside a case, the number of the entry
    and when its document came into force.
    Raises Conflict, NotPossible (a case that was not opened), BadTime, CaseError (source, evidence).
    """
    began = "文件施行"
    if fold is not None:
        if expected_seq is not None:
            _locked(fold, expected_seq)
        if fold.opened is None:
            raise NotPossible("事项尚未立案", field="events")
        seq, since, began = next_seq(fold), fold.opened.occurred_at, "立案"
    happened = None if occurred_at is None else _moment(occurred_at, "发生时间", "occurred_at")
    written = _moment(recorded_at, "登记时间", "recorded_at")
    happened = written if happened is None else happened
    _in_order(happened, written, since, began)
    if source not in SOURCES:
        raise CaseError(
            f"来源“{source}”不对；可为：{'、'.join(SOURCES)}", field="source", value=source, allowed=SOURCES
        )
    if isinstance(evidence, str) or not all(isinstance(paper, str) and paper.strip() for paper in evidence):
        raise CaseError(f"材料 {evidence!r} 须为一列不空的文件引用", field="evidence", value=evidence)
    signer = (on_behalf_of or "").strip() or None
    return Entry(seq, actor, happened, written, signer, source, tuple(evidence), note)


def next_seq(fold: Fold) -> int:
    return fold.log[-1].seq + 1 if fold.log else 1


def _locked(fold: Fold, expected_seq: int) -> None:
    last = next_seq(fold) - 1
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
        entered = "；".join(told(fold, e) for e in since)
        raise Conflict(f"在您打开之后已有新的登记：{entered}。请刷新后再办", field="expected_seq", value=expected_seq)


def told(fold: Fold, event: Event) -> str:
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


def takes_part(fold: Fold, actor: Actor, at: dt.datetime) -> None:
    """Entries beside the procedure's own actions are for those who take part in the case."""
    own = official_of(fold.world, actor.unit, at)
    if own in officials(fold.world, fold.acted, at):  # the same as below, without the tasks of the case
        return
    whos = [*fold.procedure.open_by, *(w for s in fold.procedure.steps.values() for w in s.by)]
    if is_one_of(resolve(whos, fold.world, fold.scope(at), at.date()), actor, fold.world.units, at.date()):
        return
    told = state_of(fold, at).taken_part
    if own not in officials(fold.world, told, at):
        raise NotYours(f"{actor.unit}没有参与本事项，不能登记", field="actor", value=actor.unit, allowed=told)


def given_facts(
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
        # Those that are right were not read either; a blank one was not said.
        said = {name: raw.get(name, raw.get(label_of(world, name))) for name, _ in form}
        wrong = {(fault.field or "").partition(".")[0].partition("[")[0] for fault in faults}
        known = {
            **known,
            **{name: None for name, value in said.items() if name in wrong or value not in (None, "", [])},
        }
    for name, required in form:
        if complete and required and name not in given and name not in known:
            faults.append(Fault(name, f"“{label_of(world, name)}”（{name}）必须填写"))
    if faults:
        raise BadFacts("\n".join(fault.text for fault in faults), faults=tuple(faults))
    return given


def worked_out(world: World, action: Action, scope: Mapping[str, Any]) -> dict[str, Value]:
    """The facts that an act works out (现存 = 现存 - 出库), each from what stood before it and what its form says.

    scope: the case with the facts of the form. BadFacts where one cannot be worked out or is no value of its fact.
    """
    found = {name: expression.evaluate(scope) for name, expression in action.computes.items()}
    faults = [
        Fault(name, f"“{label_of(world, name)}”（{name}）算不出来：先要知道{_unknown_in(world, action.computes[name], scope)}")
        for name, value in found.items()
        if value is None
    ]  # fmt: skip
    if faults:
        raise BadFacts("\n".join(fault.text for fault in faults), faults=tuple(faults))
    try:
        return given_facts(world, [(name, True) for name in found], found, {})
    except BadFacts as bad:  # nobody typed it
        told = [Fault(f.field, f.text.replace("给出的是", "算出的是", 1), f.value, f.allowed) for f in bad.faults]
        raise BadFacts("\n".join(fault.text for fault in told), faults=tuple(told)) from None


def _unknown_in(world: World, expression: Expression, scope: Mapping[str, Any]) -> str:
    names = [f"“{label_of(world, n)}”" for n in expression.names if n in world.facts and scope.get(n) is None]
    return "、".join(names) or "它所依据的情况"


def officials(world: World, names: Iterable[str], at: dt.datetime) -> frozenset[str]:
    return frozenset(official_of(world, n, at) for n in names)


def official_of(world: World, name: str, at: dt.datetime) -> str:
    return official(world.units, name, at.date())
