"""What may be done now: every action of every open step and every `anytime` action, for one person, and why not.

An action is for the persons its `by` (or its step's, or for a decision the procedure's `decided_by`) names. Two kinds
of acts are entered by staff for somebody else, who is then named in `on_behalf_of`: acts of leaders, where the action
says `on_behalf`, and acts of parties outside the office (申请人 ...). A superior unit has no standing in the step of a
subordinate.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from gongbao.engine.case.fold import Fold, Open
from gongbao.engine.case.scope import Scope
from gongbao.engine.case.state import Clocks, Judged, actions_of, clocks, deadlines_of, fold_of
from gongbao.engine.force import out_of_force
from gongbao.engine.functions import FUNCTIONS
from gongbao.engine.labels import label_of
from gongbao.engine.model import Action, Actor, CaseState, Deadline, DeadlineState, Event, Expression, Possible, Who
from gongbao.engine.time.calendar import localise
from gongbao.engine.who import Resolved, is_one_of, may_enter, official, refusal, resolve
from gongbao.engine.world import World
from gongbao.feel import compile_expression
from gongbao.feel.syntax import And


def possible(
    world: World, state: CaseState, events: Iterable[Event], actor: Actor | None, now: dt.datetime
) -> tuple[Possible, ...]:
    """Every action there is now, allowed or not, and why not. actor=None: asked for whoever the action is for.

    An action whose `requires` reads a fact of its own form, itself or through a decision, is offered: the form may still
    make it true, and `act` checks it with the form's facts; but not where a part of it, joined by `and`, reads none and
    does not hold. `state` must be the replay of `events`.
    """
    fold = fold_of(world, state.procedure, events)
    judged = Judged(state, clocks_in_the_way(fold, now).moments)
    return tuple(describe(fold, judged, here, action, actor, localise(now)) for here, action in available(fold))


def available(fold: Fold) -> list[tuple[Open | None, Action]]:
    """The actions of the open steps, then those possible at any time; none once the case is closed."""
    if fold.opened is None or fold.closed is not None:
        return []
    steps = [(here, action) for here in fold.open for action in fold.procedure.steps[here.id].actions.values()]
    return [*steps, *((None, action) for action in fold.procedure.anytime.values())]


def describe(
    fold: Fold, judged: Judged, here: Open | None, action: Action, actor: Actor | None, now: dt.datetime
) -> Possible:
    standing = standing_of(fold, judged, here, action, actor, now)
    why_not = standing.why_not or obstacle(fold, judged.state.deadlines, here, action, now)
    if not why_not and action.requires is not None:
        scope = fold.scope(now, actor=actor, at=here, facts=action.sets, moments=judged.moments)
        if not reads_form(fold.world, action):
            why_not = unmet(fold.world, action, scope)
        elif not all(part.evaluate(scope) is True for part in apart_from_form(fold.world, action)):
            why_not = action.why or f"须满足：{in_words(fold.world, action.requires)}"
    return Possible(
        action=action.id,
        step=here.id if here is not None else None,
        label=action.label,
        who=standing.who,
        allowed=not why_not,
        why_not=why_not,
        form=action.form,
        cite=action.cite,
        each_key=here.key if here is not None else None,
        on_behalf=standing.on_behalf,
        decides=action.decides,
    )


# ------------------------------------------------------------------------------------------------------ by whom


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether somebody may take an action. `on_behalf`: only by naming in `on_behalf_of` whose act it is."""

    who: tuple[str, ...]
    why_not: str = ""
    on_behalf: bool = False


def standing_of(
    fold: Fold, judged: Judged, here: Open | None, action: Action, actor: Actor | None, now: dt.datetime
) -> Standing:
    world, on = fold.world, now.date()
    scope = fold.scope(now, actor=actor, at=here, moments=judged.moments)
    decide = fold.procedure.decide.get(action.decides) if action.decides is not None else None
    step_by: tuple[Who, ...] = fold.procedure.steps[here.id].by if here is not None else ()
    by = action.by or (decide.decided_by if decide is not None else ()) or step_by
    whom = resolve(by, world, scope, on)
    if actor is None or not by:
        return Standing(whom.names)
    itself = is_one_of(whom, actor, world.units, on)
    for_leader = action.on_behalf and whom.persons and not only_tasked(fold, judged, scope, actor, on)
    enters = may_enter(actor) and (for_leader or whom.party)
    for_others = enters or (itself and (action.on_behalf or whom.party))
    if not itself and not for_others:
        return Standing(whom.names, refusal(whom, actor))
    if decide is None or not action.by:
        return Standing(whom.names, on_behalf=not itself)
    # Who enters the act is one thing (`by`), whose decision it is another (`decided_by`).
    deciders = resolve(decide.decided_by, world, scope, on)
    if is_one_of(deciders, actor, world.units, on):
        return Standing(deciders.names)
    if for_others:
        return Standing(deciders.names, on_behalf=True)
    return Standing(deciders.names, _not_the_decider(deciders, actor))


def only_tasked(fold: Fold, judged: Judged, scope: Scope, actor: Actor, on: dt.date) -> bool:
    """Whether the actor's unit has a task of the case and nothing else to do in its procedure.

    Such a unit carries out what was signed; it does not register the signature.
    """
    unit = official(fold.world.units, actor.unit, on)
    if not any(task.unit == unit for task in judged.state.tasks):
        return False
    rules = fold.procedure
    named = [rules.open_by, *(step.by for step in rules.steps.values()), *(a.by for a in actions_of(rules))]
    return not any(by and is_one_of(resolve(by, fold.world, scope, on), actor, fold.world.units, on) for by in named)


def _not_the_decider(deciders: Resolved, actor: Actor) -> str:
    return refusal(deciders, actor).replace("办理，", "决定，")


# ---------------------------------------------------------------------------------------------- what stands in the way


def clocks_in_the_way(fold: Fold, at: dt.datetime) -> Clocks:
    """All that `obstacle` must know: the waits, the rights, and what may be extended only so often."""
    able = [d for d in deadlines_of(fold.procedure) if d.kind in ("wait", "right") or d.extend is not None]
    return clocks(fold, at, able) if able else Clocks((), ())


def obstacle(fold: Fold, deadlines: Sequence[DeadlineState], here: Open | None, action: Action, at: dt.datetime) -> str:
    """A wait that still runs, a right that has lapsed, or a document that is no longer in force; empty if none."""
    stopped = out_of_force(fold.world, at)
    if stopped:
        return stopped
    rules = {(d.step, d.id): d for d in deadlines_of(fold.procedure)}
    for state in deadlines:
        rule = rules[state.step, state.id]
        if state.status == "cancelled" or state.due is None:
            continue
        if state.kind == "wait" and state.due > at and _waits(fold, rule, here, action):
            return f"“{state.label}”尚未届满，须待{state.due:%Y-%m-%d %H:%M}之后（{state.cite}）"
        if state.kind == "right" and rule.closes in (action.id, action.event) and state.due < at:
            return f"“{state.label}”已于{state.due:%Y-%m-%d %H:%M}届满（{state.cite}）"
    return no_more_extension(fold, deadlines, action)


def no_more_extension(fold: Fold, deadlines: Sequence[DeadlineState], action: Action) -> str:
    """Why the action may not extend: every deadline that it extends has been extended as often as its rule allows."""
    refusals: list[str] = []
    for rule in deadlines_of(fold.procedure):
        if rule.extend is None or rule.extend.event not in (action.id, action.event):
            continue
        states = [s for s in deadlines if (s.step, s.id) == (rule.step, rule.id) and s.status != "cancelled"]
        if not states:
            continue
        since = states[-1].arises_at
        used = [e for e in fold.history.of(rule.extend.event) if e.occurred_at >= since]
        if len(used) < rule.extend.times:
            return ""
        refusals.append(f"“{rule.label}”最多延期{rule.extend.times}次，已经用完（{rule.cite}）")
    return "；".join(refusals)


def _waits(fold: Fold, wait: Deadline, here: Open | None, action: Action) -> bool:
    """A wait holds back the action that its `then` names; if it names none, every action that leaves its step."""
    if wait.then is not None and any(wait.then in (a.id, a.event) for a in actions_of(fold.procedure)):
        return wait.then in (action.id, action.event)
    return here is not None and wait.step == here.id and not action.stay


# ---------------------------------------------------------------------------------------------------- requires


def reads_form(world: World, action: Action) -> bool:
    """Whether what the action requires depends on what its form will say, itself or through the decisions it names."""
    assert action.requires is not None
    return _reads(world, action.requires.names, action)


def _reads(world: World, names: Iterable[str], action: Action) -> bool:
    roots: set[str] = set()
    waiting = list(names)
    while waiting:
        root = waiting.pop().partition(".")[0]
        if root not in roots and root in world.decisions:
            waiting += world.decisions[root].names
        roots.add(root)
    return bool(roots & {*(fact for fact, _ in action.form), *action.computes})


def apart_from_form(world: World, action: Action) -> list[Expression]:
    """The parts of what the action requires, joined by `and`, that no answer of its form can change."""
    assert action.requires is not None
    node = getattr(action.requires, "node", None)
    if not isinstance(node, And):
        return []
    return [part for part in _parts(node, action.requires.names) if not _reads(world, part.names, action)]


@lru_cache(maxsize=1024)
def _parts(node: And, names: tuple[str, ...]) -> tuple[Expression, ...]:
    known = tuple(dict.fromkeys(name.partition(".")[0] for name in names))
    return tuple(compile_expression(term, known, FUNCTIONS) for term in node.terms)


def unmet(world: World, action: Action, scope: Scope) -> str:
    """Why the action's condition does not hold: the pack's words, else the condition in words; empty if it holds."""
    if action.requires is None or action.requires.evaluate(scope) is True:
        return ""
    if action.why:
        return action.why
    unknown = [label_of(world, n) for n in action.requires.names if n in world.facts and scope.get(n) is None]
    text = in_words(world, action.requires)
    return f"须满足：{text}" + (f"（尚不知道：{'、'.join(unknown)}）" if unknown else "")


_WORDS = (
    (r"\band\b", "，且"), (r"\bor\b", "，或"), ("!= null", "已填写"), ("= null", "未填写"), ("= true", "为是"),
    ("= false", "为否"), (">=", "不小于"), ("<=", "不大于"), ("!=", "不是"), (">", "大于"), ("<", "小于"), ("=", "是"),
)  # fmt: skip


def in_words(world: World, expression: Expression) -> str:
    """A condition for a reader: names by their labels, comparisons in words. For what a pack gives no `why`."""
    pieces = expression.text.split('"')
    for i in range(0, len(pieces), 2):  # outside of strings
        text = pieces[i]
        for name in sorted(expression.names, key=len, reverse=True):
            text = _replace_name(text, name, label_of(world, name))
        for mark, word in _WORDS:
            text = re.sub(rf"\s*{mark}\s*", word, text)
        pieces[i] = text
    return "“".join(pieces[:2]) + "".join(("”" if i % 2 == 0 else "“") + p for i, p in enumerate(pieces[2:], 2))


def _replace_name(text: str, name: str, instead: str) -> str:
    return re.sub(rf"(?<![\w.]){re.escape(name)}(?![\w.(])", instead, text)
