"""What is not known yet and can change the level, in the order in which it can; and what the last fact changed.

The engine gives the questions (`Outcome.ask`) and judges again with every fact; here is only what a page says of it.
A proposal never becomes the level by itself: that is the act of whoever may decide it.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gongbao.engine.case.proposal import facts_under, propose, rule_of
from gongbao.engine.case.scope import decided_context
from gongbao.engine.case.state import fold_of
from gongbao.engine.decision.logic import PERSON
from gongbao.engine.decision.outcome import Outcome
from gongbao.engine.world import World
from gongbao.office.cases.presenting import fact_label
from gongbao.office.cases.service import Look
from gongbao.office.incidents.plans import ordered_values
from gongbao.office.pages import words

UP, DOWN, SAME, OPEN = "建议升级", "建议降级", "", "尚不能定"


@dataclass(frozen=True, slots=True)
class Standing:
    """One decision of the procedure: what was decided, what the rules now propose, and what they would ask."""

    name: str
    label: str
    decided: str  # empty while nothing is
    proposed: str  # empty while the facts do not settle it
    candidates: tuple[str, ...]
    at_least: str
    turn: str  # UP, DOWN, OPEN or SAME: the proposal against what was decided
    needs_person: str
    ask: tuple[str, ...]
    cites: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What the last fact-bearing entry did to a decision: from, to, which facts, on which row."""

    label: str
    before: str
    after: str
    facts: tuple[str, ...]
    cites: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def changed(self) -> bool:
        return self.before != self.after


def outcome_of(seen: Look, name: str, without: Mapping[str, Any] | None = None) -> Outcome | None:
    """What the rules propose for the decision `name` now; `without`: the facts as they were instead."""
    rule = rule_of(seen.world.procedures[seen.case.procedure], name)
    if rule not in seen.world.decisions:
        return None
    facts = seen.state.facts if without is None else without
    scope = fold_of(seen.world, seen.case.procedure, seen.events).scope(seen.now)
    return propose(seen.world, rule, facts, decided_context(seen.state.decided), scope["case"], seen.now)


_held: dict[tuple[str, str, str], tuple[World, dt.datetime, Any]] = {}  # of many officers on one incident
_MOST = 256
_lock = threading.Lock()


def _once(what: str, judge: Callable[[Look, str], Any], seen: Look, name: str) -> Any:
    """What was judged on this very log, world and minute before: many look at one incident at once."""
    key, minute = (what, seen.case.head, name), seen.now.replace(second=0, microsecond=0)
    if seen.state.seq != seen.case.seq:  # somebody acted between the reading of the case and of its log
        return judge(seen, name)
    with _lock:  # the others wait for the first instead of judging beside it
        known = _held.get(key)
        if known is not None and known[0] is seen.world and known[1] == minute:
            return known[2]
        made = judge(seen, name)
        if len(_held) >= _MOST:
            _held.clear()
        _held[key] = (seen.world, minute, made)
        return made


def standing(seen: Look, name: str) -> Standing | None:
    """What was decided under `name` and what the rules propose now; None for what no decision of the pack proposes."""
    return _once("standing", _standing, seen, name)


def last_change(seen: Look, name: str) -> Change | None:
    """What the newest entry with facts that the decision reads changed in it; None where there was none."""
    return _once("change", _last_change, seen, name)


def _standing(seen: Look, name: str) -> Standing | None:
    outcome = outcome_of(seen, name)
    if outcome is None:
        return None
    values = ordered_values(seen.world, seen.world.procedures[seen.case.procedure], name)
    held = seen.state.decided.get(name)
    decided = "" if held is None else _plain(held.value)
    proposed = _settled(outcome)
    turn = SAME
    if decided and proposed and decided != proposed:
        turn = UP if _at(values, proposed) > _at(values, decided) else DOWN
    elif decided and outcome.candidates and decided not in [_plain(c) for c in outcome.candidates]:
        ranks, held_at = [_at(values, _plain(c)) for c in outcome.candidates], _at(values, decided)
        turn = UP if min(ranks) > held_at else DOWN if max(ranks) < held_at else OPEN
    at_least = "" if outcome.settled else "、".join(words.shown(v) for v in outcome.at_least.values())
    return Standing(
        name, outcome.decision.label, decided, proposed, tuple(dict.fromkeys(_plain(c) for c in outcome.candidates)),
        at_least, turn, outcome.reason.removeprefix(f"{PERSON}：") if outcome.needs_person else "",
        () if outcome.settled else outcome.ask, outcome.cites, _notes(outcome),
    )  # fmt: skip


def _last_change(seen: Look, name: str) -> Change | None:
    procedure = seen.world.procedures[seen.case.procedure]
    under = facts_under(seen.world, rule_of(procedure, name))
    bearing = [e for e in seen.events if e.seq not in seen.state.voided and under & e.facts.keys()]
    if len(bearing) < 2 and not (bearing and bearing[0].seq > 1):
        return None
    last = bearing[-1]
    before = fold_of(seen.world, seen.case.procedure, [e for e in seen.events if e.seq < last.seq]).facts
    changed = [n for n in last.facts if n in under and before.get(n) != last.facts[n]]
    old, new = outcome_of(seen, name, before), outcome_of(seen, name)
    if not changed or old is None or new is None:
        return None
    facts = tuple(
        f"{fact_label(seen.world, n)}{f'由{words.shown(before[n])}改为' if before.get(n) is not None else '：'}"
        f"{words.shown(last.facts[n])}{getattr(seen.world.facts[n], 'unit', None) or ''}"
        for n in changed
    )
    return Change(new.decision.label, _told(old), _told(new), facts, new.cites, _notes(new))


def _plain(value: Mapping[str, Any]) -> str:
    return "、".join(words.shown(v) for v in value.values())


def _settled(outcome: Outcome) -> str:
    return _plain(outcome.value) if outcome.settled and outcome.value and not outcome.needs_person else ""


def _told(outcome: Outcome) -> str:
    """One line for any outcome: 较大; 一般或较大; 需人工判定."""
    if outcome.needs_person:
        return "需人工判定"
    return _settled(outcome) or "或".join(dict.fromkeys(_plain(c) for c in outcome.candidates)) or "不能定"


def _notes(outcome: Outcome) -> tuple[str, ...]:
    rows = [outcome.decision.rows[row] for row in outcome.rows]
    return tuple(dict.fromkeys(row.note for row in rows if row.note))


def _at(values: tuple[Any, ...], value: str) -> int:
    shown = [words.shown(v) for v in values]
    return shown.index(value) if value in shown else -1
