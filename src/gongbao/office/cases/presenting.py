"""A case as its page shows it: timeline entries, facts, tasks and actions, with personal values masked by role."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from gongbao.engine.case.decided_value import offered
from gongbao.engine.case.proposal import rule_of
from gongbao.engine.model import DECIDED, NOTE, OPENED, RECORDED, TASK_EVENTS, VOIDED, Action, Possible
from gongbao.engine.world import World
from gongbao.office.cases.service import Look
from gongbao.office.pages import fields, words
from gongbao.office.people import access, roles
from gongbao.office.people.models import Account

BUILT_IN = {
    OPENED: "开立", RECORDED: "更正、续报", DECIDED: "作出判定", VOIDED: "作废记录", "task_received": "签收任务",
    "task_feedback": "反馈任务", "task_verified": "核查任务", "task_returned": "退回任务", "task_done": "办结任务",
    "extended": "延期", NOTE: "备注",
}  # fmt: skip
STATUS = {
    "issued": "待签收", "received": "已签收", "feedback": "已反馈", "verified": "已核查", "returned": "已退回",
    "done": "已办结", "cancelled": "已取消",
}  # fmt: skip
LATE = dt.timedelta(minutes=5)
CONCEALING = ("anonymous", "confidential")  # facts of a pack that keep personal values from those who handle the case


@dataclass(frozen=True, slots=True)
class ShownFact:
    name: str
    label: str
    text: str
    masked: bool = False


@dataclass(frozen=True, slots=True)
class Paper:
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline."""

    seq: int
    label: str
    occurred_at: dt.datetime
    recorded_at: dt.datetime
    late: bool
    who: str
    on_behalf_of: str | None
    source: str
    facts: tuple[ShownFact, ...]
    note: str
    evidence: tuple[Paper, ...]
    voided: bool
    task: bool = False  # a unit's word on one of its tasks


@dataclass(frozen=True, slots=True)
class Button:
    label: str
    type: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class TaskRow:
    key: str
    unit: str
    do: str
    cite: str
    kind: str
    status: str
    status_word: str
    supporting: tuple[str, ...]
    due: dt.datetime | None
    received_at: dt.datetime | None
    last_feedback: str
    buttons: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One output of a decision, with its values; empty means: as the rules propose."""

    name: str
    label: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ActionForm:
    """An action this person may take now, with its form."""

    possible: Possible
    id: str
    fields: tuple[fields.Field, ...]
    open: bool
    on_behalf: bool
    choices: tuple[Choice, ...] = ()  # of an action that decides: what may be decided instead of the proposal
    errors: tuple[dict[str, str], ...] = ()


def label_of(world: World, procedure: str, type_: str, step: str | None = None, action: str | None = None) -> str:
    """What an event is called: by its action (the one it names, where several emit such an event), or by the engine's
    own words."""
    rule = world.procedures[procedure]
    places = [rule.steps[step].actions] if step in rule.steps else []
    places += [rule.anytime, *(s.actions for s in rule.steps.values())]
    for actions in places:
        if action in actions and type_ in (actions[action].event, action):
            return actions[action].label
    for actions in places:
        for each in actions.values():
            if type_ == (each.event or each.id):
                return each.label
    return BUILT_IN.get(type_) or world.labels.get(type_, type_)


def fact_label(world: World, name: str) -> str:
    return getattr(world.facts.get(name), "label", None) or name


def fact_text(world: World, name: str, value: Any) -> str:
    unit = getattr(world.facts.get(name), "unit", None)
    text = words.shown(value)
    return f"{text} {unit}" if unit and value is not None else text


def conceals(account: Account, facts: Mapping[str, Any]) -> bool:
    """Whether the caller asked to stay unknown (匿名, 保密): then only the desks that take calls read who it is."""
    return any(facts.get(name) is True for name in CONCEALING) and not account.has_role(*roles.TAKES_CALLS)


class Reader:
    """What this account reads of this case; remembers which personal facts it was shown, for the log."""

    def __init__(self, account: Account, seen: Look) -> None:
        part = access.takes_part(account, seen.case) and not conceals(account, seen.state.facts)
        self.world = seen.world
        self.reads = {kind: part and access.reads(account, kind) for kind in ("personal", "sensitive")}
        self.read: set[str] = set()

    def facts(self, facts: Mapping[str, Any]) -> tuple[ShownFact, ...]:
        return tuple(self.fact(name, value) for name, value in facts.items() if value is not None)

    def fact(self, name: str, value: Any) -> ShownFact:
        kind = getattr(self.world.facts.get(name), "personal", None)
        label = fact_label(self.world, name)
        if kind is None:
            return ShownFact(name, label, fact_text(self.world, name, value))
        if not self.reads[kind]:
            return ShownFact(name, label, access.mask(words.shown(value)), masked=True)
        self.read.add(name)
        return ShownFact(name, label, fact_text(self.world, name, value))


def grouped(entries: Iterable[Entry]) -> list[Entry]:
    """Entries for reading: neighbours that say the same of many tasks (批量签收) become one line with their number."""
    made: list[Entry] = []
    counts: list[int] = []
    for entry in entries:
        same = (
            made and entry.task and made[-1].task and not (entry.note or entry.evidence or entry.voided)
            and not (made[-1].note or made[-1].evidence or made[-1].voided)
            and (entry.label, entry.who, entry.occurred_at) == (made[-1].label, made[-1].who, made[-1].occurred_at)
        )  # fmt: skip
        if same:
            counts[-1] += 1
        else:
            made.append(entry)
            counts.append(1)
    return [
        dataclasses.replace(one, label=f"{one.label} {n} 项") if n > 1 else one
        for one, n in zip(made, counts, strict=True)
    ]


def timeline(seen: Look, reader: Reader) -> tuple[Entry, ...]:
    """The events of the case, newest first."""
    number, procedure = seen.case.number, seen.case.procedure
    usernames = {event.recorded_by for event in seen.events}
    names = dict(Account.objects.filter(username__in=usernames).values_list("username", "name"))
    entries = []
    for event in reversed(seen.events):
        papers = tuple(
            Paper(name, reverse("cases:file", args=[number, digest]))
            for digest, _, name in (e.partition("/") for e in event.evidence)
            if name
        )
        note = event.note
        if event.type == DECIDED:
            value = event.data.get("value")
            decision = str(event.data.get("decision", ""))
            note = f"{seen.world.labels.get(decision, decision)}：{words.shown(value)}　{note}".strip()
        elif event.type == VOIDED:
            note = f"作废第 {event.data.get('seq')} 条：{event.data.get('reason', note)}"
        entries.append(Entry(
            seq=event.seq, label=label_of(seen.world, procedure, event.type, event.step, event.data.get("action")),
            occurred_at=event.occurred_at, recorded_at=event.recorded_at,
            late=event.recorded_at - event.occurred_at > LATE,
            who=f"{event.unit} {names.get(event.recorded_by, event.recorded_by)}".strip(),
            on_behalf_of=event.on_behalf_of, source=event.source, facts=reader.facts(event.facts), note=note,
            evidence=papers, voided=event.seq in seen.state.voided, task=event.type in TASK_EVENTS,
        ))  # fmt: skip
    return tuple(entries)


def entered(seen: Look) -> dict[str, str]:
    """For each fact the entry by which it last came: what was done, by whom and when."""
    usernames = {event.recorded_by for event in seen.events}
    names = dict(Account.objects.filter(username__in=usernames).values_list("username", "name"))
    found = {}
    for event in seen.events:
        if event.seq not in seen.state.voided:
            label = label_of(seen.world, seen.case.procedure, event.type, event.step, event.data.get("action"))
            who = f"{event.unit} {names.get(event.recorded_by, event.recorded_by)}".strip()
            told = "，".join(filter(None, [label, who, words.when(event.occurred_at)]))
            found.update(dict.fromkeys(event.facts, told))
    return found


FEW_TASKS = 60


def first_tasks(rows: tuple[TaskRow, ...]) -> tuple[TaskRow, ...]:
    """What a page of one matter lists: all tasks where they are few, else those in force, the first of them."""
    if len(rows) <= FEW_TASKS:
        return rows
    return tuple(row for row in rows if row.status != "cancelled")[:FEW_TASKS]


def task_rows(seen: Look, account: Account) -> tuple[TaskRow, ...]:
    """Duties by unit: the account's own first, then what is open, then what is done."""
    order = {
        status: n
        for n, status in enumerate(("issued", "returned", "received", "feedback", "verified", "done", "cancelled"))
    }
    rows = []
    for t in seen.state.tasks:
        rows.append(TaskRow(
            key=t.id, unit=t.unit, do=t.do, cite=t.cite, kind=t.kind, status=t.status, status_word=STATUS[t.status],
            supporting=tuple(t.with_), due=t.deadline.due if t.deadline else None, received_at=t.received_at,
            last_feedback=t.last_feedback, buttons=_buttons(t, account) if seen.case.is_open else (),
        ))  # fmt: skip
    return tuple(sorted(rows, key=lambda r: (r.unit != account.unit, order[r.status], r.unit, r.key)))


def _buttons(task: Any, account: Account) -> tuple[Button, ...]:
    if task.unit == account.unit:
        match task.status:
            case "issued":
                return (Button("签收", "task_received"),)
            case "received" | "feedback" | "verified" | "returned":
                return (Button("反馈", "task_feedback", "办理情况"), Button("办结", "task_done", "完成情况"))
    elif account.has_role("督查员", "值班员", "带班领导", "审核人", "班长"):
        match task.status:
            case "feedback":
                return (Button("核查", "task_verified", "核查情况"), Button("退回", "task_returned", "退回原因"))
            case "done":
                return (Button("退回", "task_returned", "退回原因"),)
    return ()


def _choices(seen: Look, possible: Possible) -> tuple[Choice, ...]:
    if not possible.decides:
        return ()
    decision = seen.world.decisions.get(rule_of(seen.world.procedures[seen.case.procedure], possible.decides))
    if decision is None:
        return ()
    return tuple(Choice(f"v-{o.name}", o.label, offered(o)) for o in decision.outputs)


def action_of(seen: Look, possible: Possible) -> Action:
    """The rule behind a possible action."""
    rule = seen.world.procedures[seen.case.procedure]
    return rule.steps[possible.step].actions[possible.action] if possible.step else rule.anytime[possible.action]


_STATEMENT = re.compile(r"\b(\w+) = true\b")
ADDRESSED = ("to", "told_whom")  # to whom a report goes: said anew with every report


def carried(seen: Look, possible: Possible) -> dict[str, Any]:
    """What the case knows, as far as a form of this action is filled from it.

    Left empty are statements that the action requires (made anew each time), to whom a report goes, and words that were
    last written for an earlier taking of this same action.
    """
    rule = action_of(seen, possible)
    stated = _STATEMENT.findall(rule.requires.text) if rule.requires is not None else []
    anew = {*stated, *ADDRESSED}
    last: dict[str, str] = {}
    for event in seen.events:
        if event.seq not in seen.state.voided:
            last.update(dict.fromkeys(event.facts, str(event.data.get("action") or "")))
    facts = seen.world.facts
    anew |= {n for n, by in last.items() if by == rule.id and getattr(facts.get(n), "type", "") in ("text", "list")}
    return {name: value for name, value in seen.state.facts.items() if name not in anew}


def action_id(possible: Possible) -> str:
    return ".".join(part for part in (possible.step, possible.action, possible.each_key) if part)


def action_forms(
    seen: Look, account: Account, actions: Iterable[Possible], tried: str = "", given: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None, other: Iterable[str] = (),
) -> tuple[ActionForm, ...]:  # fmt: skip
    """Forms of the allowed actions; the one that was `tried` and refused keeps what was typed, with its messages."""
    made = []
    of_steps = [action_id(p) for p in actions if p.allowed and p.step]  # one thing to do: its form stands open
    for p in actions:
        if not p.allowed:
            continue
        own = action_id(p)
        mine = own == tried
        controls = fields.fields(
            seen.world, p.form, given if mine else None, errors if mine else None, known=carried(seen, p),
            prefix=f"{own}-",
        )  # fmt: skip
        made.append(ActionForm(
            p, own, controls, open=mine or (not tried and of_steps == [own]), on_behalf=p.on_behalf,
            choices=_choices(seen, p),
            errors=tuple(fields.summary(controls, other)) if mine else (),
        ))  # fmt: skip
    return tuple(made)


NEXT, REPORT, SUPERVISION, CORRECTION, RELATED, OTHER = (
    "下一步",
    "报告、通报",
    "督办、催办",
    "更正、补充、改派",
    "转办、联动、并案",
    "其他登记",
)
GROUPS = (NEXT, REPORT, SUPERVISION, CORRECTION, RELATED, OTHER)


def kind_of(seen: Look, possible: Possible) -> str:
    """What sort of act it is, by what the rule of the procedure says of it; no procedure is known here.

    Next step: an act of a step. Of those possible at any time: 督办 is open to 督查员; 报告 says whom it tells or makes
    a paper of something told; 关联 opens another case, or ends this one into another; 更正 revises facts or sends the case
    to another; the rest registers.
    """
    if possible.step is not None or possible.decides:
        return NEXT
    action = seen.world.procedures[seen.case.procedure].anytime.get(possible.action)
    if action is None:
        return OTHER
    if any(who.kind == "role" and who.name == roles.INSPECTOR for who in action.by):
        return SUPERVISION
    if action.opens is not None or "closed" in action.to:
        return RELATED
    if is_report(action):
        return REPORT
    if action.document:
        return SUPERVISION
    if action.to or (action.form and action.event in ("", action.id)):
        return CORRECTION
    return OTHER


REPORTS = ("to", "said", "told_whom")  # facts that packs share for what a report says of itself


def is_report(action: Action) -> bool:
    """Whether the action tells somebody something: its form says to whom or what."""
    return any(name in REPORTS for name, _ in action.form) or (
        bool(action.document) and bool(re.search("报|告知|发布", action.label))
    )


def grouped_forms(seen: Look, forms: Iterable[ActionForm]) -> list[tuple[str, list[ActionForm]]]:
    """The forms by sort of act, the next step first; only sorts that have one."""
    found: dict[str, list[ActionForm]] = {name: [] for name in GROUPS}
    for form in forms:
        found[kind_of(seen, form.possible)].append(form)
    return [(name, listed) for name, listed in found.items() if listed]


def plain(value: Any) -> Any:
    """An outcome of the engine as JSON: frozen dataclasses become mappings."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return words.shown(value)
