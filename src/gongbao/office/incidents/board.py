"""The clock board of an incident: every deadline that runs or was missed, whom it binds, and the acts that end it.

Which act ends which clock is read from the time rules of the pack (`met_by`), never from their names.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gongbao.engine.case.state import deadlines_of, fold_of
from gongbao.engine.model import Deadline, DeadlineState, Possible
from gongbao.engine.who import resolve
from gongbao.office.cases import presenting
from gongbao.office.cases.service import Look
from gongbao.office.people.models import Account

LIVE = ("overdue", "running", "paused", "unset")
PHONE = "电话"


@dataclass(frozen=True, slots=True)
class Ending:
    """An act that ends a clock. `phone`: it can be done by telephone, and is then entered as such."""

    possible: Possible
    id: str
    phone: bool

    @property
    def label(self) -> str:
        return self.possible.label


@dataclass(frozen=True, slots=True)
class Clock:
    """One line of the board. `missing`: of several to be told those that have not been told yet."""

    state: DeadlineState
    endings: tuple[Ending, ...]
    held: tuple[str, ...]  # acts that would end it and that this person may not take, and who may
    missing: tuple[str, ...]
    own: bool

    @property
    def id(self) -> str:
        return f"{self.state.step or ''}.{self.state.id}.{self.state.instance}"

    @property
    def late_since(self) -> dt.datetime | None:
        return self.state.due if self.state.status == "overdue" else None


@dataclass(frozen=True, slots=True)
class Board:
    live: tuple[Clock, ...]
    past: tuple[DeadlineState, ...]  # met, missed for good or cancelled; missed ones first
    missed: int


def board(seen: Look, account: Account, actions: Iterable[Possible]) -> Board:
    """The clocks of the case, the most urgent first, for this person."""
    rules = {(d.step, d.id): d for d in deadlines_of(seen.world.procedures[seen.case.procedure])}
    actions = tuple(actions)
    names = set(account.names)
    live, past = [], []
    for state in seen.state.deadlines:
        if state.status in LIVE and state.kind != "right":
            live.append(_clock(seen, state, rules[state.step, state.id], actions, names))
        elif state.status not in ("waiting", "running"):
            past.append(state)
    order = {status: n for n, status in enumerate(LIVE)}
    far = dt.datetime.max.replace(tzinfo=dt.UTC)
    live.sort(key=lambda c: (order[c.state.status], c.state.due or far))
    past.sort(key=lambda d: (not d.breached, -(d.arises_at.timestamp())))
    return Board(tuple(live), tuple(past), sum(d.breached for d in past))


def _clock(seen: Look, state: DeadlineState, rule: Deadline, actions: tuple[Possible, ...], names: set[str]) -> Clock:
    ending = [p for p in actions if ends(seen, rule, p)]
    return Clock(
        state,
        tuple(Ending(p, presenting.action_id(p), by_phone(seen, p)) for p in ending if p.allowed),
        tuple(f"{p.label}：{'、'.join(p.who)}" for p in ending if not p.allowed),
        untold(seen, rule, state),
        not names.isdisjoint(state.owner),
    )


def ends(seen: Look, rule: Deadline, possible: Possible) -> bool:
    """Whether this act meets the deadline: emits the event it waits for, decides what it waits for, or leaves its step."""
    action = presenting.action_of(seen, possible)
    moment = rule.met_by
    if moment is None:
        return rule.step is not None and possible.step == rule.step and not action.stay
    if moment.kind == "decided":
        return action.decides == moment.name
    if moment.kind == "fact":
        return moment.name in dict(action.form)
    if moment.name not in (action.event or action.id, action.id):
        return False
    return moment.where.get("action", action.id) == action.id


def by_phone(seen: Look, possible: Possible) -> bool:
    """Whether an act may be done by telephone: it says something to somebody and asks for no more."""
    action = presenting.action_of(seen, possible)
    form = dict(action.form)
    if not presenting.is_report(action):
        return False
    return PHONE in action.label or (bool(form) and {n for n, need in form.items() if need} <= set(presenting.REPORTS))


def untold(seen: Look, rule: Deadline, state: DeadlineState) -> tuple[str, ...]:
    """Of those whom the deadline wants told, the ones that no act since it arose has named."""
    if rule.met_by is None or not rule.met_by.to:
        return ()
    scope = fold_of(seen.world, seen.case.procedure, seen.events).scope(seen.now)
    wanted = list(resolve(rule.met_by.to, seen.world, scope, seen.now.date()).names)
    for event in seen.events:
        if event.type != rule.met_by.name or event.seq in seen.state.voided:
            continue
        told: Any = event.data.get("to", event.facts.get("to", ()))
        for name in [told] if isinstance(told, str) else list(told or ()):
            if name in wanted:
                wanted.remove(name)
    return tuple(wanted)


# ------------------------------------------------------------------------------------------------- what is prefilled


def filled_for(seen: Look, possible: Possible, missing: Iterable[str] = ()) -> dict[str, Any]:
    """Values for a report's form that the case gives: whom the clock still wants told, and what there is to say."""
    form = dict(possible.form)
    found: dict[str, Any] = {}
    fact = seen.world.facts.get("to")
    if "to" in form and fact is not None:
        allowed = tuple(getattr(fact, "values", ()) or getattr(getattr(fact, "of", None), "values", ()) or ())
        found["to"] = [name for name in missing if name in allowed]
    if "said" in form:
        found["said"] = in_words(seen)
    return {name: value for name, value in found.items() if value}


def in_words(seen: Look) -> str:
    """The matter in one paragraph, as it is read out on the telephone: when, where, what, how many, which level."""
    rule = seen.world.procedures[seen.case.procedure]
    facts, known = seen.world.facts, seen.state.facts
    date_fact = (seen.world.document.get("in_force") or {}).get("date_fact")
    when = known.get(date_fact)
    head = "，".join(
        filter(
            None,
            [
                f"{when.month}月{when.day}日{when.hour}时{when.minute:02}分" if isinstance(when, dt.datetime) else "",
                "".join(dict.fromkeys(str(known[n]) for n in ("place", "site") if known.get(n))),
                seen.case.title,
            ],
        )
    )
    counted = [
        f"{fact.label.removesuffix('人数')}{known[name]}{fact.unit}"
        for name, fact in facts.items()
        if fact.type == "integer" and fact.unit == "人" and known.get(name) is not None
    ]
    told = [str(known[n]).strip() for n in ("situation", "content") if known.get(n)]
    levels = [
        f"{seen.world.labels.get(name, name)}{'、'.join(str(v) for v in seen.state.decided[name].value.values())}"
        for name in rule.decide if name in seen.state.decided
    ]  # fmt: skip
    measures = [f"已采取措施：{known['first_measures']}"] if known.get("first_measures") else []
    return (
        "。".join(part.rstrip("。") for part in [head, *told, "，".join(counted), *measures, "，".join(levels)] if part)
        + "。"
    )
