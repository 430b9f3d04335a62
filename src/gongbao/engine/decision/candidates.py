"""The outcome of a decision while something is not known: all that is possible, summed up for a reader."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from gongbao.engine.decision.domains import view_of
from gongbao.engine.decision.judging import items_of, judge, rank_key
from gongbao.engine.decision.logic import PERSON
from gongbao.engine.decision.outcome import Case, Outcome, named, says_person, settle
from gongbao.engine.decision.questions import asks, open_settings, relevant_names
from gongbao.engine.decision.search import Leaf, Result, explore
from gongbao.engine.decision.unknown import OPEN, frozen
from gongbao.engine.labels import label_of
from gongbao.engine.specs import fact_at
from gongbao.engine.world import World
from gongbao.feel.values import Value


def possible(outcome: Outcome) -> Outcome:
    """The outcome (so far only what was asked) filled with what is possible: settled all the same, or candidates."""
    decision = outcome.decision
    view = view_of(outcome)
    domains = view.unknown
    leaves = explore(view, partial(judge, decision), [each.node for each in decision.assume])
    results: dict[Any, list[Result]] = {}
    for leaf in leaves:
        for result in leaf.results:
            results.setdefault(frozen(result.outputs), []).append(result)
    if not results:
        outcome.unruled = outcome.needs_person = True
        outcome.reason = f"{PERSON}：已知事实与“{decision.label}”的前提（assume）不能同时成立"
        return outcome
    outcome.items = items_of(decision, view_of(outcome))
    complete = not any(each is OPEN for found in results.values() for each in found[0].outputs)
    if len(results) == 1 and complete:
        (found,) = results.values()
        return settle(outcome, tuple(sorted({row for result in found for row in result.rows})), found[0].outputs)
    relevant = relevant_names(leaves, domains)
    empty = [found for found in results.values() if not decision.listing and says_person(found[0].outputs)]
    outcome.status = "candidates"
    outcome.complete = complete
    _list_candidates(outcome, list(results.values()), leaves, relevant)
    if complete and not empty and not decision.listing:
        outcome.at_least = _at_least(outcome)
    outcome.ask = asks(outcome, leaves, relevant, domains)
    outcome.open = open_settings(outcome, relevant, domains)
    _explain_open(outcome, empty)
    return outcome


def _list_candidates(
    outcome: Outcome, results: Sequence[list[Result]], leaves: Sequence[Leaf], relevant: Sequence[str]
) -> None:
    """The candidates from the lowest to the highest, each with a case in which it comes out."""
    decision = outcome.decision
    at = decision.ranked

    def key(found: list[Result]) -> tuple[int, tuple[int, ...]]:
        rank = None if at is None else decision.outputs[at].rank(found[0].outputs[at])
        return (rank_key(rank), min(result.rows for result in found))

    listed = [found for found in results if decision.listing or not all(v is None for v in found[0].outputs)]
    shown = [(named(decision, found[0].outputs), found) for found in sorted(listed, key=key)]
    outcome.candidates = tuple(value for value, _ in shown if value)
    outcome.cases = tuple(_case(value, found, leaves, relevant) for value, found in shown if value)


def _at_least(outcome: Outcome) -> dict[str, Value]:
    return {
        output.name: min((each[output.name] for each in outcome.candidates), key=lambda v: rank_key(output.rank(v)))
        for output in outcome.decision.outputs
        if output.ordered and outcome.candidates
    }


def _case(value: dict[str, Value], found: Sequence[Result], leaves: Sequence[Leaf], relevant: Sequence[str]) -> Case:
    """The case of a candidate that assumes least."""
    wanted = frozen(found[0].outputs)
    ways = [
        {name: leaf.assigned[name] for name in relevant if name in leaf.assigned}
        for leaf in leaves
        if any(frozen(result.outputs) == wanted for result in leaf.results)
    ]
    when = min(ways, key=len, default={})
    return Case(value, when, tuple(sorted({row for result in found for row in result.rows})))


def _explain_open(outcome: Outcome, empty: Sequence[Sequence[Result]]) -> None:
    """Whether a person must decide, and why."""
    world = outcome.world
    reasons = [f"设置“{each.label}”未填（{each.owner}）" for each in outcome.open]
    judged = [name for name in outcome.ask if _judge_of(world, name)]
    outcome.unruled = bool(empty)
    if len(judged) == len(outcome.ask):  # as long as something else can be asked, that comes first
        for found in empty:
            for row in sorted({row for result in found for row in result.rows}):
                each = outcome.decision.rows[row]
                reasons.append(f"{each.note or '文中没有写其中的一种情形'}（{each.cite}）")
            if not all(result.rows for result in found):
                reasons.append(f"文中没有写其中的一种情形（{outcome.decision.cite}）")
    for name, inner in outcome.required.items():
        if inner.needs_person and not inner.open and name not in outcome.scope:
            reasons.append(inner.reason.removeprefix(f"{PERSON}：") or f"“{inner.decision.label}”未定")
    if not reasons and judged and len(judged) == len(outcome.ask):
        reasons = [f"“{label_of(world, name)}”须由{_judge_of(world, name)}判断" for name in judged]
    if reasons:
        outcome.needs_person = True
        outcome.reason = f"{PERSON}：" + "；".join(dict.fromkeys(reasons))


def _judge_of(world: World, name: str) -> str | None:
    fact = fact_at(world.facts, name.split("."))
    return fact.judged_by if fact is not None else None
