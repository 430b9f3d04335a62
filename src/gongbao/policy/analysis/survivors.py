"""Changes of a table that no example of the pack notices, with the smallest facts that would show them.

An example whose facts are all known is a point of the table's space, so whether it notices a change is one `&` of two
sets. What is left is tried for real: the changed decision, with the examples that leave facts unknown and those of
decisions that require it. A change that no facts at all can show is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from gongbao.dmn import DmnError
from gongbao.engine.decision.decide import decide
from gongbao.engine.decision.linear import nearest
from gongbao.engine.decision.logic import Decision, compile_decision
from gongbao.engine.decision.outcome import Outcome
from gongbao.engine.fact import read_facts
from gongbao.engine.world import World
from gongbao.feel.errors import FeelError
from gongbao.policy import schema
from gongbao.policy.analysis.calls import AS_OF
from gongbao.policy.analysis.findings import Case, plain
from gongbao.policy.analysis.sequences import classes_of_item
from gongbao.policy.analysis.space import lowest
from gongbao.policy.analysis.symbols import Fork, Leaf, State, TooMany, Unsupported, explore, units_of, value_of
from gongbao.policy.analysis.work import Mutant, Stand, Work
from gongbao.policy.examples import Result, run_one, shown
from gongbao.policy.expressions import scope_names
from gongbao.policy.times import moment

_FAILED = "出错："
Seen = dict[tuple[tuple[int, ...], bool], int]
Found = tuple[Mutant, Case, str, str]  # the change, the facts that show it, what comes out before and after


def survivors(work: Work, results: Sequence[Result]) -> tuple[list[Found], int, int]:
    """The changes that no example notices; how many were noticed, and how many no facts can show."""
    name = work.decision.id
    whole = tuple(range(len(work.decision.outputs)))
    stands: list[tuple[tuple[int, ...], Stand]] = []
    others: list[int] = []
    using = dependents(work.pack, name)
    for result in results:
        example = work.pack.examples[result.index]
        if example.of != "decision" or example.decision not in using or not result.ok:
            continue
        stand = stand_of(work, example, result) if example.decision == name else None
        if stand is not None:
            stands.append((_told(work.decision, example.expect), stand))
        else:
            others.append(result.index)
    seen: dict[int, Seen] = {}  # by work (coarse, or with one group refined)
    replayed = [i for i in killers(work.pack, name, results) if work.pack.examples[i].of == "procedure"]
    left: list[tuple[Mutant, Work, int]] = []
    killed = equivalent = 0
    for mutant in work.mutants:
        fine = work.refined(mutant.column)
        if id(fine) not in seen:
            seen[id(fine)] = _seen(fine, stands)
        differs, twice = fine.differs(mutant, whole)
        if not differs | twice:
            equivalent += 1
        elif fine.refused(mutant, twice) or _noticed(fine, mutant, differs, twice, whole, seen[id(fine)]):
            killed += 1
        else:
            left.append((mutant, fine, differs | twice))
    found: list[Found] = []
    for mutant, fine, points in left:
        changed = changed_world(work, mutant)
        if changed is None or not _all_pass(work, changed, others):
            killed += 1
            continue
        case, before, after = shown_by(fine, changed, points)
        if before.startswith(_FAILED):  # two rows hold: that is told of the table itself
            killed += 1
        elif before == after:
            equivalent += 1
        elif not _all_pass(work, changed, replayed):
            killed += 1
        else:
            found.append((mutant, case, before, after))
    return found, killed, equivalent


def _all_pass(work: Work, changed: World, examples: Sequence[int]) -> bool:
    return all(run_one(changed, work.pack.examples[i], i).ok for i in examples)


def _seen(work: Work, stands: Sequence[tuple[tuple[int, ...], Stand]]) -> Seen:
    """The points of all examples, by the outputs they tell and whether they give all facts."""
    found: Seen = {}
    single: dict[tuple[int, ...], bytearray] = {}
    for outputs, stand in stands:
        if all(classes is not None and len(classes) == 1 for classes in stand):
            point, points = work.point(stand), single.setdefault(outputs, bytearray(work.space.size // 8 + 1))
            points[point >> 3] |= 1 << (point & 7)
        else:
            found[outputs, False] = found.get((outputs, False), 0) | work.standing(stand)
    for outputs, points in single.items():
        found[outputs, True] = int.from_bytes(points, "little")
    return found


def _noticed(
    work: Work, mutant: Mutant, differs: int, twice: int, whole: tuple[int, ...], seen: Seen
) -> bool:  # fmt: skip
    """Whether an example stands where the change shows. With facts unknown, two rows at once do not show."""
    for (outputs, known), points in seen.items():
        if points & (differs | twice):
            here = differs if outputs == whole else work.differs(mutant, outputs)[0]
            if points & (here | twice if known else here):
                return True
    return False


def dependents(pack: schema.Pack, name: str) -> set[str]:
    """The decision and those that require it, directly or through others."""
    found = {name}
    while True:
        more = {n for n, spec in pack.decisions.items() if n not in found and found & set(spec.requires)}
        if not more:
            return found
        found |= more


def killers(pack: schema.Pack, name: str, results: Sequence[Result]) -> list[int]:
    """The examples that may notice a change of a decision, by their places: those of the decision itself first, as they
    notice most, and those of whole cases last, as they take the longest."""
    using = dependents(pack, name)
    ranks = {}
    for result in results:
        example = pack.examples[result.index]
        if result.ok and (example.of == "procedure" or example.decision in using):
            ranks[result.index] = 2 if example.of == "procedure" else int(example.decision != name)
    return sorted(ranks, key=lambda i: ranks[i])


def _told(decision: Decision, expect: Any) -> tuple[int, ...]:
    """The outputs that an expectation speaks of."""
    names = decision.output_names
    if isinstance(expect, Mapping) and set(expect) <= set(names) and len(names) > 1:
        return tuple(i for i, name in enumerate(names) if name in expect)
    return tuple(range(len(names)))


# Examples as points --------------------------------------------------------------------------------------------------


def left_to_person(work: Work, results: Sequence[Result]) -> dict[str, int]:
    """The points that an example says are a person's, by the id of the example: no rule holds, whatever is unknown."""
    found: dict[str, int] = {}
    for result in results:
        example = work.pack.examples[result.index]
        if example.of != "decision" or example.decision != work.decision.id or not result.ok:
            continue
        if isinstance(example.expect, Mapping) and example.expect.get("needs_person") is True:
            stand = stand_of(work, example, result, unruled=True)
            if stand is not None:
                found[example.id] = work.standing(stand)
    return found


def stand_of(work: Work, example: schema.Example, result: Result, unruled: bool = False) -> Stand | None:
    """Where an example stands; None where that cannot be said, as where a person decides what is required.

    unruled: of an example for which no rule holds, too.
    """
    outcome = result.outcome
    if outcome is None or not (outcome.settled or (unruled and outcome.unruled and not outcome.candidates)):
        return None
    if work.decision.for_each is not None:
        return _stand_of_item(work, outcome)
    given = {k: v for k, v in example.given.items() if k not in ("decided", "case", "as_of")}
    try:
        facts: dict[str, Any] = read_facts(work.world.facts, given)
    except ValueError:
        return None
    settings = {name: setting.value for name, setting in work.world.settings.items()} | dict(example.settings)
    scope = {**facts, "settings": settings, "decided": example.given.get("decided") or {}}
    day = example.given.get("as_of") or example.now or example.on
    scope[AS_OF] = moment(day).date() if day else None
    leaves = work.evaluator.leaves
    state = pinned(leaves, scope)
    found: list[frozenset[tuple[Any, ...]] | None] = []
    for group in work.fine:
        names = frozenset[str]().union(*(work.space.asked[column].names for column in group.columns))
        if not any(name in state.picks or name in state.bounds for name in names):
            found.append(None if len(group.states) > 1 else frozenset([group.states[0][0]]))
            continue
        ahead: list[tuple[tuple[Any, ...], State]] = [((), state)]
        try:
            for column in group.columns:
                one = work.space.asked[column]
                ahead = [
                    ((*classes, made), narrower)
                    for classes, start in ahead
                    for made, narrower in explore(start, lambda s, one=one: one.of(work.evaluator, s), [2_000])  # type: ignore[misc]
                ]
        except (Unsupported, TooMany):
            return None
        if any(narrower.judged for _, narrower in ahead):
            return None
        reached = frozenset(classes for classes, _ in ahead)
        known = {state[0] for state in group.states}
        if not reached & known:  # excluded by an assumption
            return None
        found.append(reached & known)
    return tuple(found)


def _stand_of_item(work: Work, outcome: Outcome) -> Stand | None:
    """Where the one item that an example has stands; of several, the whole takes the highest, which is no point."""
    assert work.decision.for_each is not None
    if len(outcome.items) != 1:
        return None
    name, item = work.decision.for_each[0], outcome.items[0][0]
    try:
        classes = classes_of_item(work.evaluator, name, item, work.space.asked, State(work.evaluator.leaves))
    except (Fork, Unsupported):
        return None
    return (frozenset([classes]),) if classes in work.merged[0] else None


def pinned(leaves: Mapping[str, Leaf], scope: Mapping[str, Any]) -> State:
    """The state in which every leaf that is given has its value."""
    state = State(dict(leaves))
    for name, leaf in leaves.items():
        value: Any = scope
        for part in name.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        if value is None:
            continue
        if leaf.kind == "values":
            state.picks[name] = (value,)
        else:
            units = units_of(leaf, value)
            if units is not None and units == int(units):
                state.bounds[name] = (int(units), int(units))
    return state


# Changed for real ----------------------------------------------------------------------------------------------------


def changed_world(work: Work, mutant: Mutant) -> World | None:
    """The world with the changed table; None where it does not even compile."""
    spec = work.pack.decisions[work.decision.id]
    rules = list(spec.rules)
    rule = rules[mutant.rule]
    if mutant.kind == "removed":
        del rules[mutant.rule]
    elif mutant.other is not None:
        other = rules[mutant.other]
        outputs = other.otherwise if other.when is None else other.then
        rules[mutant.rule] = rule.model_copy(update={"then" if rule.when is not None else "otherwise": outputs})
    else:
        assert rule.when is not None
        assert mutant.column is not None
        column = work.decision.table.table.inputs[mutant.column].expression
        rules[mutant.rule] = rule.model_copy(update={"when": {**rule.when, column: mutant.text}})
    if not rules:
        return None
    return world_with(work.pack, work.world, work.decision.id, spec.model_copy(update={"rules": tuple(rules)}))


def world_with(pack: schema.Pack, world: World, name: str, spec: schema.DecisionSpec) -> World | None:
    """The world with a decision written otherwise; None where it does not compile."""
    keys = {"when", "then", "otherwise", "cite", "note", "implied"}
    try:
        decision = compile_decision(
            name, label=spec.label, cite=spec.cite, output=spec.output, hit=spec.hit, let=spec.let,
            assume=spec.assume, requires=spec.requires,
            rules=[rule.model_dump(include=keys, exclude_unset=True) for rule in spec.rules],
            value=spec.value, for_each=spec.for_each, take=spec.take, columns=spec.columns, asks=spec.asks,
            names=scope_names(pack),
        )  # fmt: skip
    except (DmnError, FeelError):
        return None
    return replace(world, decisions={**world.decisions, name: decision})


def shown_by(work: Work, changed: World, points: int) -> tuple[Case, str, str]:
    """The smallest facts among these points, with what comes out before and after."""
    case = case_at(work, lowest(points))
    return case, outcome_text(work.world, work.decision.id, case), outcome_text(changed, work.decision.id, case)


def case_at(work: Work, point: int, rules: tuple[int, ...] = ()) -> Case:
    """The facts at a point, ready to paste: every fact that the table itself reads, and what else decided it."""
    known, judged = work.space.facts(point)
    facts_read = [
        name.partition(".")[0] if work.evaluator.is_day(name.partition(".")[0]) else name
        for name in work.decision.facts
    ]  # of a day its year, too
    reads = (*facts_read, *(f"settings.{each}" for each in work.decision.settings))
    for name in (*reads, *([AS_OF] if AS_OF in work.evaluator.leaves else [])):
        if name not in known and (leaf := _leaf(work, name)) is not None:
            known[name] = leaf.values[0] if leaf.kind == "values" else value_of(leaf, nearest(leaf.low, leaf.high))
    settings = {name.partition(".")[2]: value for name, value in known.items() if name.startswith("settings.")}
    facts: dict[str, Any] = {}
    for name in ordered(work, known):
        if not name.startswith("settings."):
            _put(facts, name.split("."), known[name])
    return Case(facts, settings, rules, judged, told(work, facts, settings, judged))


def _leaf(work: Work, name: str) -> Leaf | None:
    try:
        work.evaluator.leaf(name)
    except Unsupported:
        return None
    return work.evaluator.leaves[name]


def ordered(work: Work, names: Mapping[str, Any]) -> list[str]:
    """In the order in which the pack declares its facts."""
    order = {name: i for i, name in enumerate(work.pack.facts)}
    return sorted(names, key=lambda name: order.get(name.partition(".")[0], len(order)))


def told(work: Work, facts: Mapping[str, Any], settings: Mapping[str, Any], judged: Mapping[str, Any]) -> str:
    parts = [f"{_label(work, name)}＝{shown(plain(value))}" for name, value in facts.items() if name != "decided"]
    parts += [f"已定的{n}＝{shown(plain(value))}" for n, value in facts.get("decided", {}).items()]
    parts += [f"设置“{work.world.settings[n].label}”＝{shown(plain(value))}" for n, value in settings.items()]
    parts += [f"“{work.world.decisions[n].label}”由人判定为{shown(plain(value))}" for n, value in judged.items()]
    return "，".join(parts)


def _label(work: Work, name: str) -> str:
    fact = work.world.facts.get(name)
    if name == AS_OF:
        return "判定之日"
    return fact.label if fact is not None else name


def _put(facts: dict[str, Any], parts: Sequence[str], value: Any) -> None:
    for part in parts[:-1]:
        facts = facts.setdefault(part, {})
    facts[parts[-1]] = value


def outcome_text(world: World, name: str, case: Case) -> str:
    """What a decision gives for a case, in words that tell outcomes apart."""
    found = expected(world, name, case)
    if isinstance(found, str) and found.startswith(_FAILED):
        return found
    if isinstance(found, dict) and found.keys() <= {"needs_person", "candidates"}:
        listed = "、".join(sorted(shown(each) for each in found.get("candidates", ())))
        return f"候选 {listed}" if listed else "需人工判定"
    return shown(found)


def expected(world: World, name: str, case: Case) -> Any:
    """What an example of the case would expect, as plain data."""
    given = dict(plain(case.facts))
    decided, day = given.pop("decided", None), given.pop(AS_OF, None)
    try:
        there = world.with_settings(dict(case.settings))
        as_of = moment(day) if day else None
        outcome = decide(there, name, read_facts(world.facts, given), decided=decided, as_of=as_of)
    except (DmnError, FeelError, ValueError) as error:
        return f"{_FAILED}{error}"
    if outcome.settled and not outcome.needs_person:
        return plain(outcome.output)
    if not outcome.candidates:
        return {"needs_person": True}
    single = len(world.decisions[name].outputs) == 1
    return {"candidates": [plain(next(iter(each.values())) if single else each) for each in outcome.candidates]}


def overlapping(work: Work, twice: int) -> Iterator[tuple[tuple[int, ...], int]]:
    """The pairs of rules that hold together, each with the points."""
    rules = work.ruled
    for at, i in enumerate(rules):
        for k in rules[at + 1 :]:
            both = work.row(i) & work.row(k) & twice
            if both:
                yield (i, k), both
