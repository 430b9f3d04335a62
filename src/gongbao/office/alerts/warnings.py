"""What the room knows of a warning: which procedures are warnings, where one stands, what its next form should say.

A warning is a procedure of a pack whose work belongs to this room (document.work.room) and which decides an ordered
level. Everything proposed here can be changed by the person; what the rules allow is the engine's to judge.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from gongbao.engine.case.proposal import rule_of
from gongbao.engine.case.scope import Scope
from gongbao.engine.case.state import fold_of
from gongbao.engine.model import Action, Actor
from gongbao.engine.who import is_one_of, resolve
from gongbao.engine.world import World
from gongbao.office import worlds
from gongbao.office.alerts.assessment import Assessment, assess, series_decision
from gongbao.office.cases.models import Case
from gongbao.office.cases.service import Look

ROOM = "预警与响应"
# Names that packs of warnings share; a pack without them only loses the proposal.
CHANGE, STARTS, ENDS = "change", "starts_at", "ends_at"
FIRST, RAISE, LOWER = "发布", "升级", "降级"


@dataclass(frozen=True, slots=True)
class Kind:
    """One procedure that warns: its pack, the series it is judged on, and the decisions that make its level."""

    pack: str
    procedure: str
    world: World
    fact: str  # the series
    level: str  # what is decided as the level
    response: str | None  # what is decided as the response, where the pack has one

    @property
    def series(self) -> Any:
        return self.world.facts[self.fact]

    @property
    def name(self) -> str:
        """AQI, from AQI序列."""
        return self.series.label.removesuffix("序列") or self.series.label

    @property
    def label(self) -> str:
        return self.world.procedures[self.procedure].label


def kind_of(world: World, procedure: str) -> Kind | None:
    found = series_decision(world)
    rule = world.procedures.get(procedure)
    if found is None or rule is None or (world.document.get("work") or {}).get("room") != ROOM:
        return None
    decision, fact = found
    values = decision.outputs[decision.ranked or 0].values
    levels = {name: _ordered(world, rule_of(rule, name)) for name in rule.decide}
    level = next((name for name, known in levels.items() if known == values), None)
    if level is None:
        return None
    response = next((name for name, known in levels.items() if known and known != values), None)
    return Kind(world.pack, procedure, world, fact, level, response)


def kinds() -> tuple[Kind, ...]:
    """Every procedure that warns, of the packs in force."""
    made = []
    for world in worlds.loaded():
        made += [kind for name in world.procedures if (kind := kind_of(world, name)) is not None]
    return tuple(made)


def opened_by(kind: Kind, actor: Actor, on: dt.date) -> bool:
    """Whether this person's unit, post or role opens such warnings."""
    by = kind.world.procedures[kind.procedure].open_by
    whom = resolve(by, kind.world, {"case": {}, "decided": {}}, on)
    return not by or is_one_of(whom, actor, kind.world.units, on)


def of_case(seen: Look) -> Kind | None:
    return kind_of(seen.world, seen.case.procedure)


def _ordered(world: World, decision: str) -> tuple[Any, ...]:
    rule = world.decisions.get(decision)
    return next((o.values for o in rule.outputs if o.ordered), ()) if rule is not None else ()


def cases(rows: QuerySet[Case]) -> QuerySet[Case]:
    """Of these cases those that warn."""
    from django.db.models import Q

    wanted = Q(pk__in=[])
    for kind in kinds():
        wanted |= Q(pack=kind.pack, procedure=kind.procedure)
    return rows.filter(wanted)


# ------------------------------------------------------------------------------------------------- where it stands


def decided(seen: Look, name: str | None) -> str | None:
    """The plain value decided for `name`, e.g. 橙色."""
    found = seen.state.decided.get(name or "")
    return None if found is None else str(next(iter(found.value.values())))


def assessment_of(seen: Look, kind: Kind) -> Assessment | None:
    """The series of the case judged now, with what else the case knows; None while it has no series."""
    series = seen.state.facts.get(kind.fact)
    return None if series is None else assess(seen.world, series, seen.state.facts, as_of=seen.now)


@dataclass(frozen=True, slots=True)
class Stage:
    """One step on the way, for the bar at the top of the page."""

    label: str
    state: str  # done | now | next
    who: tuple[str, ...] = ()


def stages(seen: Look) -> tuple[Stage, ...]:
    """The steps of the procedure in written order: those behind, the one that is open, those ahead."""
    rule = seen.world.procedures[seen.case.procedure]
    open_ = {step.id: step for step in seen.state.steps}
    if not open_:
        return tuple(Stage(step.label, "done") for step in rule.steps.values())
    order = list(rule.steps)
    here = min(order.index(name) for name in open_ if name in order)
    return tuple(
        Stage(step.label, "now", open_[name].who)
        if name in open_
        else Stage(step.label, "done" if i < here else "next")
        for i, (name, step) in enumerate(rule.steps.items())
    )


# --------------------------------------------------------------------------------------------------- what to propose

_LITERAL = re.compile(r'^(\w+) = "([^"]*)"$')
_STATEMENT = re.compile(r"^(\w+) = true$")
_EQUAL = re.compile(r"^(\w+) = (\w+)\.(\w+)$")


def _conjuncts(text: str) -> Iterable[str]:
    """The parts of a condition joined by `and` outside of parentheses."""
    depth, part, quoted = 0, "", False
    for piece in re.split(r'(\s+and\s+|[()"])', text):
        if piece == '"':
            quoted = not quoted
        elif not quoted and piece in ("(", ")"):
            depth += 1 if piece == "(" else -1
        elif not quoted and depth == 0 and piece.strip() == "and":
            yield part.strip()
            part = ""
            continue
        part += piece
    yield part.strip()


def scope_of(seen: Look) -> Scope:
    """What the expressions of the case see now; made once for a page."""
    return fold_of(seen.world, seen.case.procedure, seen.events).scope(seen.now)


def proposals(seen: Look, kind: Kind, action: Action, a: Assessment | None, scope: Scope) -> dict[str, Any]:
    """Values for the action's form by fact id: what its condition fixes, what the series says, what is decided."""
    form = dict(action.form)
    found: dict[str, Any] = {}
    level = decided(seen, kind.level)
    levels = _ordered(seen.world, rule_of(seen.world.procedures[seen.case.procedure], kind.level))
    for part in _conjuncts(action.requires.text if action.requires is not None else ""):
        if (literal := _LITERAL.match(part)) and literal[1] in form:
            found[literal[1]] = literal[2]
        elif (equal := _EQUAL.match(part)) and equal[1] in form:
            value = (
                (scope.get("decided") or {}).get(equal[3])
                if equal[2] == "decided"
                else _part(scope.get(equal[2]), equal[3])
            )
            if value is not None:
                found[equal[1]] = value
    proposed = a.level if a is not None else None
    for name, required in form.items():
        fact = seen.world.facts.get(name)
        if name not in found and required and fact is not None and tuple(fact.values) == levels and proposed:
            found[name] = proposed
    if level is None and CHANGE in form and CHANGE not in found and seen.state.facts.get(CHANGE) is None:
        found[CHANGE] = FIRST
    parted = level in levels and proposed in levels and proposed != level
    if CHANGE in form and CHANGE not in found and parted and {RAISE, LOWER} <= set(_words(action)):
        found[CHANGE] = RAISE if levels.index(proposed) > levels.index(level) else LOWER
    if a is not None and a.level not in (None, levels[0] if levels else None):
        start, end = a.span
        for name, moment in ((STARTS, start), (ENDS, end)):
            # Where a level stands, a later series moves the end but not the beginning.
            fresh = seen.state.facts.get(name) is None or (name == ENDS and level is not None)
            if name in form and fresh and moment is not None:
                found[name] = moment
    return found


def _part(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else None


def _words(action: Action) -> list[str]:
    return re.findall(r'"([^"]+)"', action.requires.text) if action.requires is not None else []


def declarations(action: Action) -> frozenset[str]:
    """Facts of the form that the action requires to be true: a statement is made anew each time, never carried over."""
    parts = _conjuncts(action.requires.text if action.requires is not None else "")
    return frozenset(m[1] for part in parts if (m := _STATEMENT.match(part)) and m[1] in dict(action.form))


def beside(seen: Look, action: Action) -> bool:
    """Whether the action is for another kind of case: its condition names a value that a known fact does not have."""
    for part in _conjuncts(action.requires.text if action.requires is not None else ""):
        if (literal := _LITERAL.match(part)) and literal[1] not in dict(action.form):
            known = seen.state.facts.get(literal[1])
            if known is not None and known != literal[2]:
                return True
    return False


def level_fact(seen: Look, kind: Kind, action: Action) -> str | None:
    """The fact of the form in which a person writes the level to be reported, if it has one."""
    levels = _ordered(seen.world, rule_of(seen.world.procedures[seen.case.procedure], kind.level))
    fixed = {m[1] for part in _conjuncts(action.requires.text if action.requires else "") if (m := _EQUAL.match(part))}
    for name, required in action.form:
        fact = seen.world.facts.get(name)
        if required and name not in fixed and fact is not None and tuple(fact.values) == levels:
            return name
    return None


def reason_missing(a: Assessment | None, given: str | None, note: str) -> str:
    """Why a level may not be reported without a word of explanation; empty when it may."""
    if not given or note.strip() or (a is not None and a.level == given):
        return ""
    if a is None:
        return f"还没有录入序列，填报{given}须在“说明”里写明依据"
    if a.level is None:
        return f"规则不能定（可能为{'、'.join(a.candidates)}），填报{given}须在“说明”里写明由谁判断、理由是什么"
    return f"规则判定为{a.level}，填报{given}须在“说明”里写明理由"


def lowest_response(kind: Kind) -> Any:
    """The value of the response that means that nothing is ordered any more."""
    rule = kind.world.procedures[kind.procedure]
    values = _ordered(kind.world, rule_of(rule, kind.response)) if kind.response is not None else ()
    return values[0] if values else None


def ended(seen: Look, kind: Kind) -> dt.datetime | None:
    """When the response was decided to be over."""
    found = seen.state.decided.get(kind.response or "")
    return found.at if found is not None and decided(seen, kind.response) == lowest_response(kind) else None


def since(seen: Look, kind: Kind) -> dt.datetime | None:
    """Since when the decided level holds."""
    found = seen.state.decided.get(kind.level)
    return None if found is None else found.at
