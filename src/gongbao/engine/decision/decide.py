"""Deciding: typed facts through a decision's table or formula to an outcome. The one module to import for decisions.

`decide` gives what holds for every possible value of what is not known: a settled outcome, or the candidates with the
questions that can change it. With all facts known it runs the table's generated function and nothing else; the trace
is made when somebody asks for it (engine.decision.trace).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from gongbao.engine.decision.candidates import Again, possible
from gongbao.engine.decision.domains import is_given
from gongbao.engine.decision.grounds import Grounds, grounds
from gongbao.engine.decision.judging import Result, combined
from gongbao.engine.decision.logic import PERSON, Decision, Output, compile_decision, find
from gongbao.engine.decision.outcome import Outcome, against, judged_by_row, no_rule, says_person, scope_of, settle
from gongbao.engine.decision.plan import Plan, plan_of, planned
from gongbao.engine.fact import read_facts
from gongbao.engine.functions import FUNCTIONS
from gongbao.engine.series import Series
from gongbao.engine.world import World
from gongbao.feel.values import Value, as_list

__all__ = [
    "FUNCTIONS",
    "PERSON",
    "Decision",
    "Grounds",
    "Outcome",
    "Output",
    "compile_decision",
    "decide",
    "grounds",
    "judge",
]


def decide(
    world: World,
    decision_id: str,
    facts: Mapping[str, Value],
    *,
    decided: Mapping[str, Value] | None = None,
    case: Mapping[str, Value] | None = None,
    as_of: dt.datetime | None = None,
    unit: str | None = None,
) -> Outcome:
    """What a decision gives for these facts (by id, as `read_facts` gives them; null or absent is unknown).

    decided: what was formally decided in the case (`decided.<decision>`); case: what `case.` shows; unit: who asks, for
    the settings that each unit fills for itself (without it they are as `world` has them).
    KeyError (Chinese) for a decision that does not exist; dmn.OverlapError when two rows of a `unique` table hold;
    ValueError without `as_of` for a decision that reads it, as what it gave then would be no reading of the law.
    """
    if unit is not None:
        world = world.for_unit(unit)
    decision = find(world.decisions, decision_id)
    run = plan_of(world, decision)
    if run is not None and (outcome := run(facts, False)) is not None:
        if as_of is not None:
            outcome.as_of = as_of
        return outcome
    if as_of is None and grounds(world, decision_id).as_of:
        raise ValueError(f"判定“{decision.label}”要用到判定之日，请给出 as_of")
    return _decide(world, decision, facts, decided or {}, case or {}, as_of, {})


def judge(world: World, decision_id: str, raw: Mapping[str, Any], *, as_of: dt.datetime | None = None) -> Outcome:
    """`read_facts` and `decide` in one: what a decision gives for facts as they come. FactErrors with what is wrong.

    The facts as they were read stand in `outcome.facts`.
    """
    found = world.plans.get(decision_id)
    if type(found) is Plan and type(raw) is dict and len(raw) == found.size and found.run is not None:
        outcome = found.run(raw, True)
        if outcome is not None:
            if as_of is not None:
                outcome.as_of = as_of
            return outcome
    facts = read_facts(world.facts, raw)
    outcome = decide(world, decision_id, facts, as_of=as_of)
    outcome.facts = facts
    return outcome


def judging(world: World, decision_id: str) -> Callable[[Mapping[str, Any]], Outcome]:
    """`judge` for many cases of one decision, prepared at once. KeyError as for `decide`."""
    plan = planned(world, find(world.decisions, decision_id))
    run, size = plan.run, plan.size
    if run is None:
        return partial(judge, world, decision_id)

    def judged(raw: Mapping[str, Any]) -> Outcome:
        if type(raw) is dict and len(raw) == size and (outcome := run(raw, True)) is not None:
            return outcome
        return judge(world, decision_id, raw)

    return judged


def _decide(
    world: World,
    decision: Decision,
    facts: Mapping[str, Value],
    decided: Mapping[str, Value],
    case: Mapping[str, Value],
    as_of: dt.datetime | None,
    done: dict[str, Outcome],
) -> Outcome:
    scope = scope_of(world, decision, facts, decided, case, as_of)
    required: dict[str, Outcome] = {}
    known = True
    for name in decision.requires:
        if name not in done:
            done[name] = _decide(world, find(world.decisions, name), facts, decided, case, as_of, done)
        required[name] = inner = done[name]
        if inner.settled and not inner.needs_person:
            scope[name] = inner.value
        else:
            known = False
    known = known and None not in scope.get("settings", {}).values()
    outcome = Outcome(world, decision, scope, required, as_of)

    def again(more: Mapping[str, Value]) -> Outcome:
        return _decide(world, decision, filled(facts, more), decided, case, as_of, {})

    if not known or not _all_given(decision, facts) or (decision.reads_series and _has_gaps(facts)):
        return possible(outcome, again)
    for each in decision.assume:
        if each.evaluate(scope) is False:
            return against(outcome, each.text)
    if decision.for_each is not None:
        return _each(outcome, again)
    found = decision.table.decide(scope)
    outcome.rows, outputs = found.rows, found.values
    if decision.hit == "collect":
        rows = outputs or ()
        outcome.value = {name: [row[i] for row in rows] for i, name in enumerate(decision.output_names)}
    elif outputs is None:
        return no_rule(outcome)
    else:
        outcome.value = dict(zip(decision.output_names, outputs, strict=True))
        if (outputs[0] is None or PERSON in outputs) and says_person(outputs):
            judged_by_row(outcome, outputs)
    return outcome


def filled(facts: Mapping[str, Value], more: Mapping[str, Value]) -> dict[str, Value]:
    """The facts with more of them, by dotted names."""
    found = dict(facts)
    for name, value in more.items():
        head, _, rest = name.partition(".")
        found[head] = filled(found.get(head) or {}, {rest: value}) if rest else value
    return found


def redecide(outcome: Outcome, facts: Mapping[str, Value]) -> Outcome:
    """The same decision in the same world for other facts."""
    scope = outcome.scope
    decided, case = scope.get("decided") or {}, scope.get("case") or {}
    return _decide(outcome.world, outcome.decision, facts, decided, case, outcome.as_of, {})


def _all_given(decision: Decision, facts: Mapping[str, Value]) -> bool:
    for name in decision.plain_facts:
        if facts.get(name) is None:
            return False
    return not decision.dotted_facts or all(is_given(facts, path) for path in decision.dotted_facts)


def _has_gaps(facts: Mapping[str, Value]) -> bool:
    return any(isinstance(value, Series) and not value.complete for value in facts.values())


def _each(outcome: Outcome, again: Again) -> Outcome:
    """One decision per item of a list, all of it known; without an item the `otherwise` row stands alone."""
    decision, scope = outcome.decision, outcome.scope
    assert decision.for_each is not None
    name, expression = decision.for_each
    listed = expression.evaluate(scope)
    if listed is None and decision.reads_series:
        return possible(outcome, again)
    items = as_list(listed) if listed is not None else []
    results = []
    for item in items:
        found = decision.table.decide({**scope, name: item})
        values = found.values if found.values is not None else (None,) * len(decision.outputs)
        results.append(Result(found.rows, values))
    whole = combined(decision, results) if items else _without(decision, scope)
    outcome.items = tuple((item, result.rows) for item, result in zip(items, results, strict=True))
    return settle(outcome, whole.rows, whole.outputs)


def _without(decision: Decision, scope: Mapping[str, Value]) -> Result:
    """The result for a list without items: the `otherwise` row stands alone."""
    if decision.take == "all":
        return Result((), tuple([] for _ in decision.outputs))
    row = decision.trees.fallback
    if row is None:
        return Result((), (None,) * len(decision.outputs))
    pairs = zip(decision.table.entries[row], decision.table.table.rules[row].outputs, strict=True)
    return Result((row,), tuple(value if part is None else part.evaluate(scope) for part, value in pairs))
