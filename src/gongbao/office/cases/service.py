"""What people do to cases, each as one transaction: judge it by the engine, append the events, and write what follows.

    open_case   opens a case                        act         takes a legal action of a step
    decide      makes a decision the legal state    record      revises facts
    feedback    a unit's word on its task           remark      adds a remark
    void        voids a mistaken event              look        the case as it stands, for a page

Every function checks the actor against the rules of the pack (the engine) and returns the case as it then is.
Errors: `ActionRefused` (with the reasons, by field where they concern one), `Conflict` (somebody was faster).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from gongbao.engine import case as engine
from gongbao.engine.errors import CaseError, Conflict
from gongbao.engine.fact import FactErrors
from gongbao.engine.model import Actor, CaseState, Event, Possible, Value
from gongbao.engine.units import UnitNotFound
from gongbao.engine.world import World
from gongbao.office import clock, worlds
from gongbao.office.cases import chain, codec, log, news, numbers, projection
from gongbao.office.cases.models import Case, CaseLink, Notice, Outbox
from gongbao.office.cases.models import Sequence as Sequence_
from gongbao.office.people.models import Account

__all__ = [
    "ActionRefused", "Conflict", "Look", "act", "decide", "feedback", "feedback_all", "link", "look", "open_case", "possible", "record",
    "refresh", "remark", "void",
]  # fmt: skip

SYSTEM = "系统"
SOURCES = ("系统", "电话", "书面", "口头")


class ActionRefused(Exception):
    """The rules do not allow it; `fields` holds the messages that concern one fact, by its id."""

    def __init__(self, message: str, fields: Mapping[str, str] | None = None) -> None:
        self.fields = dict(fields or {})
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Look:
    """A case as it stands: what a page needs, from one replay."""

    case: Case
    world: World
    events: tuple[Event, ...]
    state: CaseState
    now: dt.datetime


@dataclass(frozen=True, slots=True)
class Remark:
    """What the log is to say of something that was made for an act (its paper)."""

    note: str
    evidence: tuple[str, ...]


Brings = Callable[[Case, Sequence[Event]], Remark | None]
"""From a case and its log up to the act to what the act brings with it."""


def look(case: Case, now: dt.datetime | None = None) -> Look:
    world = worlds.world_of(case)
    events = log.events_of(case)
    now = now or clock.now()
    return Look(case, world, events, engine.replay(world, case.procedure, events, now), now)


def possible(seen: Look, account: Account) -> tuple[Possible, ...]:
    """The actions of the case with whether this account may take them now, and why not."""
    return engine.possible(seen.world, seen.state, seen.events, account.actor, seen.now)


def open_case(
    account: Account | Actor, pack: str, procedure: str, facts: Mapping[str, Any], *,
    occurred_at: dt.datetime | None = None, recorded_at: dt.datetime | None = None, source: str = SYSTEM,
    on_behalf_of: str | None = None, evidence: Sequence[str] = (), note: str = "",
    data: Mapping[str, Any] | None = None, link: Mapping[str, Any] | None = None,
    basis_confirmed_by: str | None = None, sealed: bool = False,
) -> Case:  # fmt: skip
    """Open a case. `facts`: by id or label, raw (text of a form) or typed. `data`: what `case.` shows (place, level).

    `link`: where it comes from, when another case opened it. `basis_confirmed_by`: the officer who confirmed the basis
    of a document that is no longer in force.
    """
    actor = _actor(account)
    now = recorded_at or clock.now()
    try:
        world = worlds.for_matter(pack, facts, _when(occurred_at, now), now)
    except FactErrors as errors:
        raise ActionRefused(str(errors), {item.path: item.message for item in errors.items}) from errors
    if procedure not in world.procedures:
        raise ActionRefused(f"政策包 {pack} 没有办理程序“{procedure}”；现有：{'、'.join(world.procedures)}")
    with transaction.atomic():
        worlds.keep_version(pack, world.version)
        rule = world.procedures[procedure]
        number = numbers.case_number(rule.number or numbers.default_pattern(pack, procedure), now.date())
        event = _judged(
            engine.open_case, world, procedure, actor=actor, facts=known_units(world, facts, now),
            occurred_at=_when(occurred_at, now), recorded_at=now, source=source, on_behalf_of=on_behalf_of,
            evidence=tuple(evidence), note=note,
            data={**(data or {}), "number": number}, link=link, basis_confirmed_by=basis_confirmed_by,
        )  # fmt: skip
        return _create(world, procedure, number, event, now, sealed=sealed)


def act(
    case: Case, account: Account | Actor, action: str, *, step: str | None = None,
    facts: Mapping[str, Any] | None = None, expected_seq: int | None = None, each_key: str | None = None,
    occurred_at: dt.datetime | None = None, recorded_at: dt.datetime | None = None, source: str = SYSTEM,
    on_behalf_of: str | None = None, evidence: Sequence[str] = (), note: str = "",
    value: Mapping[str, Value] | Value = None, brings: Brings | None = None,
) -> Case:  # fmt: skip
    """Take an action. Give `expected_seq` (the sequence the page showed) for whatever decides or moves the case.

    `value`: for an action that decides, what is decided where it differs from the proposal (`note` gives the reason).
    `brings`: what the act brings with it, remarked in the same transaction.
    """
    return _append(
        case, engine.act, recorded_at, occurred_at, action=action, step=step, actor=_actor(account),
        facts=dict(facts or {}), each_key=each_key, source=source, on_behalf_of=on_behalf_of,
        evidence=tuple(evidence), note=note, value=value, expected_seq=expected_seq, brings=brings,
    )  # fmt: skip


def decide(
    case: Case, account: Account | Actor, decision: str, *, value: Mapping[str, Value] | Value = None,
    expected_seq: int | None = None, occurred_at: dt.datetime | None = None, recorded_at: dt.datetime | None = None,
    source: str = SYSTEM, on_behalf_of: str | None = None, evidence: Sequence[str] = (), note: str = "",
) -> Case:  # fmt: skip
    """Make a decision of the procedure's `decide` the legal state, where no action of a step does."""
    return _append(
        case, engine.decide_on, recorded_at, occurred_at, decision=decision, actor=_actor(account), value=value,
        expected_seq=expected_seq, source=source, on_behalf_of=on_behalf_of, evidence=tuple(evidence), note=note,
    )  # fmt: skip


def remark(
    case: Case, account: Account | Actor, note: str, *, occurred_at: dt.datetime | None = None,
    recorded_at: dt.datetime | None = None, source: str = SYSTEM, evidence: Sequence[str] = (),
) -> Case:  # fmt: skip
    """A remark on the case; it moves nothing."""
    return _append(
        case, engine.remark, recorded_at, occurred_at, note=note, actor=_actor(account), source=source,
        evidence=tuple(evidence),
    )  # fmt: skip


def record(
    case: Case, account: Account | Actor, facts: Mapping[str, Any], *, occurred_at: dt.datetime | None = None,
    recorded_at: dt.datetime | None = None, source: str = SYSTEM, evidence: Sequence[str] = (), note: str = "",
) -> Case:  # fmt: skip
    """Revise facts (续报, 更正): the newest holds, the older stay in the log."""
    return _append(
        case, engine.record_facts, recorded_at, occurred_at, actor=_actor(account), facts=dict(facts), source=source,
        evidence=tuple(evidence), note=note,
    )  # fmt: skip


def feedback(
    case: Case, account: Account | Actor, task: str, kind: str, *, note: str = "", evidence: Sequence[str] = (),
    occurred_at: dt.datetime | None = None, recorded_at: dt.datetime | None = None, source: str = SYSTEM,
) -> Case:  # fmt: skip
    """A unit's word on its task. kind: task_received | task_feedback | task_verified | task_returned | task_done.

    Never conflicts: many units answer at once, and each is appended.
    """
    return _append(
        case, engine.task_event, recorded_at, occurred_at, type=kind, task=task, actor=_actor(account),
        note=note, evidence=tuple(evidence), source=source,
    )  # fmt: skip


def feedback_all(
    case: Case, account: Account | Actor, tasks: Sequence[str], kind: str, *, note: str = "",
    occurred_at: dt.datetime | None = None, recorded_at: dt.datetime | None = None, source: str = SYSTEM,
) -> Case:  # fmt: skip
    """The same word on several tasks at once (批量签收): all are entered, or none."""

    def judge(world: World, procedure: str, events: Sequence[Event], **intended: Any) -> tuple[Event, ...]:
        made: tuple[Event, ...] = ()
        for task in tasks:
            made += engine.task_event(world, procedure, (*events, *made), task=task, **intended)
        return made

    return _append(case, judge, recorded_at, occurred_at, type=kind, actor=_actor(account), note=note, source=source)


def void(
    case: Case, account: Account | Actor, seq: int, *, reason: str, approver: str,
    recorded_at: dt.datetime | None = None, expected_seq: int | None = None,
) -> Case:  # fmt: skip
    """Void event `seq`: it stays in the log, marked, and counts no longer; decisions that stood on it become stale."""
    return _append(
        case, engine.void, recorded_at, None, seq=seq, reason=reason, approver=approver, actor=_actor(account),
        expected_seq=expected_seq,
    )  # fmt: skip


def link(source: Case, target: Case, kind: str, *, recorded_at: dt.datetime | None = None) -> CaseLink:
    """Tie two cases together (同一事件, 并案 ...); tied so before, either way round, they stay as they are."""
    both = CaseLink.objects.filter(kind=kind)
    held = both.filter(source=source, target=target).first() or both.filter(source=target, target=source).first()
    return held or CaseLink.objects.create(
        source=source, target=target, kind=kind, seq=source.seq, made_at=recorded_at or clock.now()
    )


# ------------------------------------------------------------------------------------------------------ what follows


def _append(
    case: Case, judge: Any, recorded_at: dt.datetime | None, occurred_at: dt.datetime | None, *,
    brings: Brings | None = None, **intended: Any,
) -> Case:  # fmt: skip
    """Judge an intended entry on the log as it is under the lock, append it, and write what follows."""
    with transaction.atomic():
        case = log.locked(case)
        world = worlds.world_of(case)
        events = log.events_of(case)
        now = recorded_at or clock.now()
        if judge is not engine.void:
            intended["occurred_at"] = _when(occurred_at, now)
        if "facts" in intended:
            intended["facts"] = known_units(world, intended["facts"], now)
        new = _judged(judge, world, case.procedure, events, recorded_at=now, **intended)
        added = log.append(case, new, world)
        remark = None if brings is None else brings(case, (*events, *added))
        if remark is not None:
            said = _judged(
                engine.remark, world, case.procedure, (*events, *added), actor=intended["actor"], note=remark.note,
                evidence=remark.evidence, occurred_at=now, recorded_at=now,
            )  # fmt: skip
            added += log.append(case, said, world)
        refresh(case, world, (*events, *added), now)
        for event in added:
            _open_linked(case, event, now)
            _answer(case, events[0], event, now)
        return case


def _create(
    world: World, procedure: str, number: str, events: Sequence[Event], now: dt.datetime, *, sealed: bool
) -> Case:
    from django.conf import settings

    opened = events[0]
    case = Case.objects.create(
        number=number, site=settings.GONGBAO_SITE, pack=world.pack, version=world.version, procedure=procedure,
        opened_at=opened.occurred_at, changed_at=now, sealed=sealed,
        head=chain.genesis(number, world.pack, world.version, procedure),
    )  # fmt: skip
    added = log.append(case, events, world)
    refresh(case, world, added, now, fresh=True)
    for event in added:
        _open_linked(case, event, now)
    return case


def refresh(case: Case, world: World, events: Sequence[Event], now: dt.datetime, *, fresh: bool = False) -> CaseState:
    """Write the projection of the case from these events as of `now`, and tell those who have something new to do."""
    before = {(s["id"], who) for s in case.steps for who in s["who"]}
    state, view = projection.of_events(world, case.procedure, events, now)
    projection.store(case, view, now, fresh=fresh)
    labels = {s["id"]: s["label"] for s in case.steps}
    notices = [
        Notice(who=who, case=case, text=f"{case.word} {case.number} 到“{labels[step]}”", kind="step", at=now)
        for step, who in sorted({(s["id"], who) for s in case.steps for who in s["who"]} - before)
    ]
    if notices:
        Notice.objects.bulk_create(notices)
    _tell_other_site(case, now)
    news.tell()
    return state


def _open_linked(case: Case, event: Event, now: dt.datetime) -> None:
    """Open the case that an action leads to (`data.opens` of its event): here, or on another site."""
    from django.conf import settings

    opens = event.data.get("opens")
    if not opens:
        return
    if opens.get("site") and opens["site"] != settings.GONGBAO_SITE:
        from gongbao.office.exchange_table.personal import sealed

        key = f"{settings.GONGBAO_SITE}:{case.number}:{event.seq}"
        Outbox.objects.create(
            key=key, to_site=opens["site"], kind="open", created_at=now,
            payload={
                "pack": opens["pack"], "procedure": opens["procedure"], "link": opens["link"], "number": case.number,
                "from_pack": case.pack, "from_procedure": case.procedure, "title": case.title, "unit": event.unit,
                "occurred_at": codec.moment(event.occurred_at), "note": event.note, "place": case.place,
                "facts": sealed(case, worlds.world_of(case), codec.encode(opens["facts"])),
                "answers": opens.get("answers") or {},
            },
        )  # fmt: skip
        CaseLink.objects.create(
            source=case, kind=opens["link"], seq=event.seq, other_site=opens["site"], key=key, made_at=now
        )
        return
    known = worlds.for_matter(opens["pack"], opens["facts"], event.occurred_at, now).facts
    other = open_case(
        Actor(account=event.recorded_by, unit=event.unit), opens["pack"], opens["procedure"],
        {name: value for name, value in opens["facts"].items() if name in known},
        occurred_at=event.occurred_at, recorded_at=now, note=event.note, data={"place": case.place or None},
        link={"link": opens["link"], "pack": case.pack, "procedure": case.procedure, "case": case.number,
              "answers": opens.get("answers") or {}},
        sealed=case.sealed,
    )  # fmt: skip
    CaseLink.objects.create(source=case, target=other, kind=opens["link"], seq=event.seq, made_at=now)


def _tell_other_site(case: Case, now: dt.datetime) -> None:
    """Where another site opened this case, let it know what became of it."""
    from_site = CaseLink.objects.filter(target=case).exclude(other_site="").first()
    if from_site is None:
        return
    words = "已办结" if not case.is_open else "、".join(s["label"] for s in case.steps)
    if words == from_site.other_status:
        return
    CaseLink.objects.filter(pk=from_site.pk).update(other_status=words)
    Outbox.objects.create(
        key=f"{case.site}:{case.number}:{case.seq}:news", to_site=from_site.other_site, kind="news", created_at=now,
        payload={"key": from_site.key, "number": case.number, "status": words, "closed": not case.is_open},
    )  # fmt: skip


def receive(payload: Mapping[str, Any], key: str, from_site: str, now: dt.datetime) -> str:
    """Open the case that another site asks for; its number here. Asked twice, the first one is given again."""
    known = CaseLink.objects.filter(key=key, target__isnull=False).select_related("target").first()
    if known is not None:
        return known.target.number
    with transaction.atomic():
        facts = codec.decode(payload["facts"])
        at = dt.datetime.fromisoformat(payload["occurred_at"])
        world = worlds.for_matter(payload["pack"], facts, at, now)
        again = _sent_before(payload, from_site)
        if again is not None:  # the same matter once more, graver: one case, not two
            return _received_again(again, payload, key, from_site, facts, now)
        case = open_case(
            Actor(account=f"{from_site}平台", unit=payload.get("unit") or from_site),
            payload["pack"], payload["procedure"], {n: v for n, v in facts.items() if n in world.facts},
            occurred_at=at, recorded_at=now,
            note=payload.get("note", ""), data={"place": payload.get("place") or None, "from_site": from_site},
            link={"link": payload["link"], "site": from_site, "pack": payload.get("from_pack"),
                  "procedure": payload.get("from_procedure"), "case": payload["number"],
                  "answers": payload.get("answers") or {}},
        )  # fmt: skip
        CaseLink.objects.create(
            target=case, kind=payload["link"], other_site=from_site, other_number=payload["number"], key=key,
            made_at=now,
        )  # fmt: skip
        return case.number


def _sent_before(payload: Mapping[str, Any], from_site: str) -> Case | None:
    """The open case of that procedure here which the same case there led to before."""
    link = CaseLink.objects.filter(
        other_site=from_site, other_number=payload["number"], target__status="open",
        target__procedure=payload["procedure"], target__pack=payload["pack"],
    ).select_related("target").order_by("-id").first()  # fmt: skip
    return None if link is None else link.target


def _received_again(
    case: Case, payload: Mapping[str, Any], key: str, from_site: str, facts: Mapping[str, Any], now: dt.datetime
) -> str:
    """Note a second sending on the case it already led to: what it says anew is recorded there."""
    seen = look(case, now)
    new = {n: v for n, v in facts.items() if n in seen.world.facts and seen.state.facts.get(n) != v and v is not None}
    CaseLink.objects.create(
        target=case, kind=payload["link"], other_site=from_site, other_number=payload["number"], key=key, made_at=now
    )
    desk = _desk(from_site, payload.get("unit") or from_site, (w for s in seen.state.steps for w in s.who))
    words = f"{from_site} 平台再次转来（{payload['link']}）"
    if new:
        record(case, desk, new, note=words, recorded_at=now)
    else:
        remark(case, desk, words, recorded_at=now)
    return case.number


# --------------------------------------------------------------------------------------------- answers of linked cases


def _answer(case: Case, opened: Event, event: Event, now: dt.datetime) -> None:
    """Where another case opened this one and waits for `event`, let it know: there it becomes an act of its own."""
    actions = ((opened.data.get("link") or {}).get("answers") or {}).get(event.type)
    if not actions:
        return
    told: set[tuple[str, str]] = set()
    for link in CaseLink.objects.filter(target=case).select_related("source").order_by("-id"):
        number = link.other_number or (link.source.number if link.source else "")
        if (link.other_site, number) in told:
            continue
        told.add((link.other_site, number))
        news = {
            "key": link.key, "number": case.number, "actions": list(actions), "unit": event.unit, "note": event.note,
            "occurred_at": codec.moment(event.occurred_at),
            "facts": codec.encode({n: v for n, v in event.facts.items() if v is not None}),
        }  # fmt: skip
        if link.other_site:
            from gongbao.office.exchange_table.personal import sealed

            news["facts"] = sealed(case, worlds.world_of(case), news["facts"])
            Outbox.objects.create(
                key=f"{case.site}:{case.number}:{event.seq}:answer:{link.pk}", to_site=link.other_site, kind="answer",
                created_at=now, payload=news,
            )  # fmt: skip
        elif link.source is not None:
            hear(link.source, news, case.site, f"{case.number}:{event.seq}:{link.pk}", now)


def hear(source: Case, news: Mapping[str, Any], from_site: str, key: str, now: dt.datetime) -> str:
    """Record on `source` what the case it led to answered: by the first of `actions` possible, else as a remark.

    The same `key` is heard once. Returns the label of what was recorded.
    """
    with transaction.atomic():
        if not Sequence_.objects.get_or_create(name=f"heard:{key}"[:120])[1]:
            return ""
        seen = look(source, now)
        unit = news.get("unit") or from_site
        facts = codec.decode(news.get("facts") or {})
        at = min(dt.datetime.fromisoformat(news["occurred_at"]), now)
        for name in news["actions"]:
            for rule in engine.possible(seen.world, seen.state, seen.events, _desk(from_site, unit, ()), seen.now):
                if rule.action != name:
                    continue
                form = {fact for fact, _ in rule.form}
                try:
                    act(
                        source, _desk(from_site, unit, rule.who), name, step=rule.step, each_key=rule.each_key,
                        facts={n: v for n, v in facts.items() if n in form}, occurred_at=at, recorded_at=now,
                        note=news.get("note", ""),
                    )  # fmt: skip
                except ActionRefused:
                    continue
                return rule.label
        words = "；".join(f"{seen.world.facts[n].label}：{v}" for n, v in facts.items() if n in seen.world.facts
                         and not seen.world.facts[n].personal)  # fmt: skip
        everyone = (who for step in seen.state.steps for who in step.who)
        remark(
            source, _desk(from_site, unit, (*everyone, *seen.state.taken_part)),
            f"{from_site} 平台 {news['number']} 反馈：{words or '见对方平台'}", occurred_at=at, recorded_at=now,
        )  # fmt: skip
        return "备注"


def _desk(site: str, unit: str, who: Iterable[str]) -> Actor:
    """The desk of another site, acting here through the link for those whose act it is."""
    names = frozenset(who)
    return Actor(account=f"{site}平台", unit=unit, roles=names, posts=names)


def _judged(judge: Any, *args: Any, **kwargs: Any) -> tuple[Event, ...]:
    try:
        made = judge(*args, **kwargs)
    except Conflict:
        raise
    except CaseError as refused:
        fields = {fault.field: fault.text for fault in refused.faults if fault.field}
        raise ActionRefused(refused.text, fields) from refused
    return (made,) if isinstance(made, Event) else tuple(made)


def known_units(world: World, facts: Mapping[str, Any], now: dt.datetime) -> dict[str, Any]:
    """The facts with every unit by its official name of the day; a case must not go to a unit that does not exist."""
    labelled = {fact.label: name for name, fact in world.facts.items()}
    found, wrong = dict(facts), {}
    for key, value in facts.items():
        name = key if key in world.facts else labelled.get(key, key)
        fact = world.facts.get(name)
        if fact is None or "unit" not in (fact.type, fact.of) or value in (None, "", []):
            continue
        units = []
        for one in value if isinstance(value, (list, tuple)) else [value]:
            try:
                units.append(world.units.find(str(one).strip(), now.date()).name)
            except UnitNotFound as unknown:
                wrong[name] = str(unknown)
        found[key] = units if isinstance(value, (list, tuple)) else next(iter(units), None)
    if wrong:
        raise ActionRefused("；".join(f"{world.facts[n].label}：{text}" for n, text in wrong.items()), wrong)
    return found


def _actor(account: Account | Actor) -> Actor:
    return account if isinstance(account, Actor) else account.actor


def _when(occurred_at: dt.datetime | None, now: dt.datetime) -> dt.datetime:
    if occurred_at is None:
        return now
    moment = log.aware(occurred_at)
    if moment > now:
        raise ActionRefused(
            f"发生时间 {moment:%Y-%m-%d %H:%M} 晚于现在（{now:%Y-%m-%d %H:%M}）", {"occurred_at": "晚于现在"}
        )
    return moment
