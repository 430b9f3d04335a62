"""The outcome of a decision while something is not known: all that is possible, summed up for a reader.

Every candidate listed comes out in a case that is written down with it, and no other outcome is possible. Where that
cannot be shown, the outcome says so and why (`doubts`).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from gongbao.engine.decision.diagram import Diagram, TooMany, leaves_of
from gongbao.engine.decision.domains import space_of
from gongbao.engine.decision.judging import IMPOSSIBLE, Result, items_of, judge, rank_key, symbolic_of
from gongbao.engine.decision.logic import PERSON
from gongbao.engine.decision.outcome import Case, Outcome, against, named, says_person, settle
from gongbao.engine.decision.questions import asks, open_settings, relevant_names
from gongbao.engine.decision.samples import samples
from gongbao.engine.decision.space import Space
from gongbao.engine.decision.symbolic import Symbolic
from gongbao.engine.decision.unknown import OPEN, Linear, frozen, is_known
from gongbao.engine.decision.ways import Ways
from gongbao.engine.labels import label_of
from gongbao.engine.specs import fact_at
from gongbao.engine.world import World
from gongbao.feel.values import Value

Again = Callable[[Mapping[str, Value]], Outcome]
"""From values of facts to the outcome when they are known too."""


#: Of so many required decisions that do not come out, the combinations are not gone through (the total of a sheet).
MANY = 12


@dataclass(slots=True)
class Possible:
    """One result that may come out: its outputs, the rows it can stand on, a case, and whether that is certain."""

    outputs: tuple[Value, ...]
    rows: tuple[int, ...]
    when: dict[str, Value]
    certain: bool


def possible(outcome: Outcome, again: Again) -> Outcome:
    """The outcome (so far only what was asked) filled with what is possible: settled all the same, or candidates."""
    decision = outcome.decision
    space = space_of(outcome)
    if sum(name not in outcome.scope for name in outcome.required) > MANY:
        return _given_up(outcome, space)
    try:
        found = spread(judge(outcome, space), symbolic_of(outcome, space))
        ways = Ways(space, space.diagrams.apply(lambda r: r if r == IMPOSSIBLE else r.outputs, found))
        ways.hidden.update(_hidden(found, symbolic_of(outcome, space)))
        results = _results(found, ways)
    except TooMany:
        return _given_up(outcome, space)
    if not results:
        return against(outcome)
    if not all(each.certain for each in results):
        _try_samples(outcome, results, ways, again)
    outcome.items = items_of(decision, symbolic_of(outcome, space))
    outcome.complete = not any(_is_open(each.outputs) for each in results)
    if len(results) == 1 and outcome.complete:
        return settle(outcome, results[0].rows, results[0].outputs)
    relevant = relevant_names(ways, space.domains)
    empty = [each for each in results if not decision.listing and says_person(each.outputs)]
    outcome.status = "candidates"
    outcome.doubts = _doubts(outcome, results)
    outcome.exact = all(each.certain or _is_open(each.outputs) for each in results)
    _list_candidates(outcome, results, relevant)
    if outcome.complete and not empty and not decision.listing:
        outcome.at_least = _at_least(outcome)
    outcome.ask = asks(outcome, relevant, space.domains)
    outcome.open = open_settings(outcome, relevant, space.domains)
    _explain_open(outcome, empty)
    return outcome


def spread(found: Diagram, symbolic: Symbolic) -> Diagram:
    """The results with a number that has few values as each of them; what else is not known stays as it is."""

    def each(result: Result) -> Any:
        if not any(isinstance(value, Linear) for value in result.outputs):
            return result
        points = [symbolic.points(value) or symbolic.diagrams.leaf(value) for value in result.outputs]
        return symbolic.diagrams.apply(lambda *values: Result(result.rows, values), *points)

    return symbolic.diagrams.apply(lambda r: r if r == IMPOSSIBLE else each(r), found)


def _closed(outputs: Sequence[Value], space: Space) -> tuple[Value, ...]:
    """The outputs with OPEN for what could be any value."""
    return tuple(OPEN if _names_in(value, space) is not None else value for value in outputs)


def _names_in(value: Any, space: Space) -> frozenset[str] | None:
    """The names that something in it which could be any value hangs on; None where there is no such thing."""
    if isinstance(value, list | tuple | Mapping):
        inside = [_names_in(each, space) for each in (value.values() if isinstance(value, Mapping) else value)]
        found = [each for each in inside if each is not None]
        return frozenset().union(*found) if found else None
    if is_known(value):
        return space.fresh.get(value) if type(value) is str else None
    return value.names  # type: ignore[no-any-return]


def _hidden(found: Diagram, symbolic: Symbolic) -> set[str]:
    """The names that outputs hang on which could be any value."""
    results = [leaf.value for leaf in leaves_of(found) if leaf.value != IMPOSSIBLE]
    names = [_names_in(value, symbolic.space) for result in results for value in result.outputs]
    return {name for each in names if each is not None for name in each}


def _is_open(outputs: Sequence[Value]) -> bool:
    return any(each is OPEN for each in outputs)


def _results(found: Diagram, ways: Ways) -> list[Possible]:
    """What may come out, each with the case in which it does that asks least."""
    rows: dict[Any, dict[int, None]] = {}
    outputs: dict[Any, tuple[Value, ...]] = {}
    held: dict[Any, bool] = {}
    exact = Ways(ways.space, found) if ways.entangled else None
    for leaf in leaves_of(found):
        if leaf.value == IMPOSSIBLE:
            continue
        closed = _closed(leaf.value.outputs, ways.space)
        key = frozen(closed)
        outputs.setdefault(key, closed)
        if exact is None or exact.way(partial(operator.is_, leaf.value)) is not None:
            rows.setdefault(key, {}).update(dict.fromkeys(leaf.value.rows))
            held[key] = True
    made = []
    for key in held:
        way = ways.way(partial(_is, ways.space, key))
        if way is not None:
            made.append(Possible(outputs[key], tuple(sorted(rows[key])), way[0], way[1]))
    return made


def _is(space: Space, key: Any, outputs: Sequence[Value]) -> bool:
    return bool(frozen(_closed(outputs, space)) == key)


def _try_samples(outcome: Outcome, results: Sequence[Possible], ways: Ways, again: Again) -> None:
    """Cases for what hangs on something open: tried with some of its values."""
    waiting = {frozen(_plain_outputs(each.outputs)): each for each in results if not each.certain}
    hanging = {name for group in ways.groups if ways.is_open(group) for name in ways.names_of(group)}
    domains = ways.space.domains
    names = {name for name in hanging if name not in domains or domains[name].kind == "open"} or hanging
    for values in samples(outcome, names, domains):
        tried = again(values)
        found = (
            [Case(tried.value, {}, tried.rows)] if tried.settled and tried.value is not None
            else [] if not tried.exact else tried.cases
        )  # fmt: skip
        for case in found:
            each = waiting.pop(frozen(tuple(case.value.get(n) for n in outcome.decision.output_names)), None)
            if each is not None:
                each.when, each.certain = {**values, **case.when}, True
        if tried.unruled and (tried.exact or tried.settled):
            each = waiting.pop(frozen((None,) * len(outcome.decision.outputs)), None)
            if each is not None:
                each.when, each.certain = dict(values), True
        if not waiting:
            return


def _plain_outputs(outputs: Sequence[Value]) -> tuple[Value, ...]:
    return tuple(None if each is OPEN else each for each in outputs)


def _doubts(outcome: Outcome, results: Sequence[Possible]) -> tuple[str, ...]:
    """Why the candidates may not be all, or not all possible."""
    decision, found = outcome.decision, []
    for i, output in enumerate(decision.outputs):
        if any(each.outputs[i] is OPEN for each in results):
            found.append(f"“{output.label}”可以是许多值，不能逐个列出")
    unsure = [each for each in results if not each.certain and not _is_open(each.outputs)]
    if unsure:
        shown = "、".join(str(_first(each.outputs)) for each in unsure)
        found.append(f"{shown}是否可能，要看不能逐一试过的值")
    return tuple(found)


def _first(outputs: Sequence[Value]) -> Value:
    return "、".join("无规定" if value is None else str(value) for value in outputs)


def _given_up(outcome: Outcome, space: Space) -> Outcome:
    """The outcome where the cases are too many to go through: any of the rows, and perhaps more."""
    outcome.status, outcome.complete, outcome.exact = "candidates", False, False
    outcome.doubts = ("没有查明的事实太多，不能逐一试过",)
    outcome.ask = tuple(name for name, domain in space.domains.items() if domain.origin == "fact")
    outcome.open = open_settings(outcome, tuple(space.domains), space.domains)
    return outcome


def _list_candidates(outcome: Outcome, results: Sequence[Possible], relevant: Sequence[str]) -> None:
    """The candidates from the lowest to the highest, each with a case in which it comes out."""
    decision = outcome.decision
    at = decision.ranked

    def key(each: Possible) -> tuple[int, tuple[int, ...]]:
        rank = None if at is None else decision.outputs[at].rank(each.outputs[at])
        return rank_key(rank), each.rows

    listed = [each for each in results if decision.listing or not all(v is None for v in each.outputs)]
    shown = [(named(decision, each.outputs), each) for each in sorted(listed, key=key)]
    outcome.candidates = tuple(value for value, _ in shown if value)
    outcome.cases = tuple(Case(value, each.when, each.rows) for value, each in shown if value)


def _at_least(outcome: Outcome) -> dict[str, Value]:
    return {
        output.name: min((each[output.name] for each in outcome.candidates), key=lambda v: rank_key(output.rank(v)))
        for output in outcome.decision.outputs
        if output.ordered and outcome.candidates
    }


def _explain_open(outcome: Outcome, empty: Sequence[Possible]) -> None:
    """Whether a person must decide, and why."""
    world = outcome.world
    reasons = [f"设置“{each.label}”未填（{each.owner}）" for each in outcome.open]
    judged = [name for name in outcome.ask if _judge_of(world, name)]
    outcome.unruled = bool(empty)
    if len(judged) == len(outcome.ask):  # as long as something else can be asked, that comes first
        for found in empty:
            for row in found.rows:
                each = outcome.decision.rows[row]
                reasons.append(f"{each.note or '文中没有写其中的一种情形'}（{each.cite}）")
            if not found.rows:
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
