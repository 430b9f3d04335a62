"""The nearest change that would alter an outcome: "一般失信行为记录次数少1次，即为A".

For every other outcome that other values of known facts would give: the smallest change of one fact, else of two. A
number changes by its step, a date by days, a choice or yes-or-no as one change (an ordered choice by its places). The
smallest is found in the diagram of the whole decision, required ones included, and is decided once more before it is
told. What an `assume` rules out is no change. Of a series as many readings as it takes, each counting as one fact
(engine.decision.nearest_series).

Left out: texts and lists (no value is nearest), facts that are not known, numbers without a step or compared only
together with one that is not known, settings; readings of two series, or of a series and another fact, together.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from itertools import combinations, islice, product
from math import ceil, floor, lcm
from typing import Any, Literal

from gongbao.dmn import OverlapError
from gongbao.engine.decision import nearest_series
from gongbao.engine.decision.candidates import spread
from gongbao.engine.decision.decide import filled, redecide
from gongbao.engine.decision.diagram import Choice, Diagram, Leaf, Node, Question, TooMany
from gongbao.engine.decision.domains import is_given, space_of
from gongbao.engine.decision.judging import IMPOSSIBLE, judge, symbolic_of
from gongbao.engine.decision.linear import Bounds, Condition, Undecided, smallest
from gongbao.engine.decision.linear import nearest as nearest_number
from gongbao.engine.decision.outcome import Outcome, facts_of
from gongbao.engine.decision.space import Space
from gongbao.engine.decision.unknown import Domain, frozen, is_known
from gongbao.engine.decision.ways import Ways
from gongbao.engine.series import Series
from gongbao.engine.specs import Fact, fact_at
from gongbao.feel.values import Value, is_number

MAX_FACTS = 2  # facts changed together
MAX_WAYS = 20_000


@dataclass(frozen=True, slots=True)
class Change:
    """One fact at another value: `by` how many of its steps (1 for a choice that has no order).

    place: of a series, which reading it is, from 0.
    """

    fact: str
    now: Value
    then: Value
    by: int
    place: int | None = None


@dataclass(frozen=True, slots=True)
class Nearest:
    """The smallest change of facts to another outcome.

    value: the outputs then; None where the text has no rule for it. direction: whether the first ordered output rises
    or falls, None where there is no order.
    """

    value: Mapping[str, Value] | None
    direction: Literal["raise", "lower"] | None
    changes: tuple[Change, ...]


def nearest(outcome: Outcome) -> tuple[Nearest, ...]:
    """For each other outcome within reach the smallest change, the smallest of all first.

    Empty where it is not settled, and where the facts are not as the decision assumes: one of them is then wrong.
    """
    if not outcome.settled or any(each.evaluate(outcome.scope) is False for each in outcome.decision.assume):
        return ()
    facts = facts_of(outcome)
    names = _movable(outcome, facts)
    told = _Told(outcome, names, facts)
    try:
        whole = _search(outcome, facts, names)
        obscure = whole.obscure  # facts that cannot be moved together: each on its own
        alone = [[each for each in names if each == name or each not in obscure] for name in obscure]
        searches = [whole, *(_search(outcome, facts, some) for some in alone)]
    except TooMany:
        searches = []
    for count in range(1, MAX_FACTS + 1):  # more facts are never nearer
        found: dict[Any, list[_Found]] = {}
        for search in searches:
            for each in search.changes(count, told.outputs):
                found.setdefault(frozen(each.outputs), []).append(each)
        told.take(found)
    for name in _series(outcome, facts):
        told.take_series(name)
    return told.sorted()


def _series(outcome: Outcome, facts: Mapping[str, Value]) -> list[str]:
    """The known series of numbers that the decision and those it requires read, all of their readings known."""
    read = {path[0] for each in _behind(outcome) for path in each.decision.fact_paths}
    return [name for name in outcome.world.facts if name in read and _is_whole(facts.get(name))]


def _is_whole(value: Value) -> bool:
    return isinstance(value, Series) and value.complete


def _search(outcome: Outcome, facts: Mapping[str, Value], names: Sequence[str]) -> _Search:
    space = space_of(outcome, free=names)
    now = {name: value for name in space.domains if (value := _at(facts, name)) is not None}
    for name in list(now):
        domain = _stepped(space.domains[name], fact_at(outcome.world.facts, name.split(".")), now[name])
        if domain is None:
            space.domains[name] = Domain(name, "given", (now.pop(name),))
        else:
            space.domains[name] = domain
    found = spread(judge(outcome, space), symbolic_of(outcome, space))
    outputs = space.diagrams.apply(lambda r: r if r == IMPOSSIBLE else r.outputs, found)
    return _Search(outcome, space, now, Ways(space, outputs))


def _movable(outcome: Outcome, facts: Mapping[str, Value]) -> list[str]:
    """The known facts that the decision and those it requires read, whose values can be gone through."""
    found: dict[str, None] = {}
    for each in _behind(outcome):
        for path in each.decision.fact_paths:
            fact = fact_at(each.world.facts, path)
            listed = fact is not None and (fact.type in ("boolean", "date") or fact.numeric or bool(fact.values))
            if listed and fact is not None and fact.type not in ("series", "list") and is_given(facts, path):
                found[".".join(path)] = None
    declared = {name: i for i, name in enumerate(outcome.world.facts)}
    return sorted(found, key=lambda name: declared[name.partition(".")[0]])


def _behind(outcome: Outcome) -> Iterator[Outcome]:
    yield outcome
    for inner in outcome.required.values():
        yield from _behind(inner)


def _at(facts: Mapping[str, Value], name: str) -> Value:
    found: Any = facts
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _stepped(domain: Domain, fact: Fact | None, now: Value) -> Domain | None:
    """The domain of a known fact in its own steps; None where the fact cannot be moved."""
    if domain.kind == "values":
        return domain if now in domain.values else None
    if domain.kind == "date":
        return domain if type(now) is date else None
    if domain.kind != "number" or fact is None or not is_number(now):
        return None
    step = Fraction(fact.step) if fact.step is not None else domain.unit
    unit = domain.unit or step
    if step is None or unit is None or (Fraction(now) / unit).denominator > 1:
        return None
    return replace(domain, unit=step if (Fraction(now) / step).denominator == 1 else unit)


@dataclass(slots=True)
class _Found:
    """A change found: the outputs it leads to, the new values, and how far they are."""

    outputs: tuple[Value, ...]
    values: dict[str, Value]
    by: dict[str, int]
    search: _Search

    @property
    def size(self) -> tuple[int, int]:
        return len(self.by), sum(self.by.values())


_Way = tuple[tuple[Value, ...], dict[str, Value], list[Condition]]
"""Where it leads, the choices that are not what they are now, and what it asks of the numbers, in steps from now."""
_TOTAL = ""  # the steps of all facts together: sorted before every name, so it is made the least first


class _Search:
    """The search through a diagram for ways on which at most two facts are not what they are now."""

    def __init__(self, outcome: Outcome, space: Space, now: Mapping[str, Value], ways: Ways) -> None:
        self.outcome, self.space, self.now, self.ways = outcome, space, now, ways
        self.numbers = {name: _number(value) for name, value in now.items() if space.domains[name].kind != "values"}
        self.bounds = {name: self.steps_left(name) for name in self.numbers}
        self._conditions: dict[tuple[Question, int], Condition | None] = {}
        self._now: dict[Question, int | None] = {}

    @property
    def obscure(self) -> list[str]:
        """The moved facts that something open hangs on."""
        groups = [group for group in self.ways.groups if self.ways.is_open(group)]
        return [name for name in self.now if any(name in self.ways.names_of(group) for group in groups)]

    def unit(self, name: str) -> Fraction:
        unit = self.space.domains[name].unit
        assert unit is not None
        return unit

    def steps_left(self, name: str) -> Bounds:
        """How many steps a number may be moved, down and up."""
        domain, now, unit = self.space.domains[name], self.numbers[name], self.unit(name)
        low = None if domain.low is None else ceil((domain.low - now) / unit)
        return low, None if domain.high is None else floor((domain.high - now) / unit)

    # Ways ---------------------------------------------------------------------------------------------------------

    @cached_property
    def found(self) -> list[_Way]:
        return list(islice(self.ways_near(self.ways.diagram, {}, [], frozenset()), MAX_WAYS))

    def ways_near(
        self, diagram: Diagram, chosen: dict[str, Value], asked: list[Condition], moved: frozenset[str]
    ) -> Iterator[_Way]:
        if type(diagram) is Leaf:
            if diagram.value != IMPOSSIBLE and all(is_known(each) for each in diagram.value):
                yield diagram.value, chosen, asked
            return
        assert type(diagram) is Node
        at = diagram.at
        now, about = self.answer(at), self.space.diagrams.groups[at[0]]
        alone = about.name if isinstance(about, Choice) else about.terms[0][0] if about.alone else None
        for i, kid in enumerate(diagram.kids):
            further = moved if now is None or i == now or alone is None else moved | {alone}
            if len(further) > MAX_FACTS:
                continue
            if isinstance(about, Choice):
                choice = chosen if now is None or i == now else {**chosen, about.name: about.values[i]}
                yield from self.ways_near(kid, choice, asked, further)
            else:
                condition = self.condition(at, i)
                yield from self.ways_near(kid, chosen, asked if condition is None else [*asked, condition], further)

    def answer(self, at: Question) -> int | None:
        """The answer to a question as things are; None where that is not known."""
        if at not in self._now:
            self._now[at] = self.answer_at(at, self.now)
        return self._now[at]

    def answer_at(self, at: Question, values: Mapping[str, Value]) -> int | None:
        about = self.space.diagrams.groups[at[0]]
        if isinstance(about, Choice):
            return about.values.index(values[about.name]) if about.name in self.now else None
        if not all(name in self.numbers for name, _ in about.terms):
            return None
        total = sum((factor * _number(values[name]) for name, factor in about.terms), Fraction(0))
        return 0 if total < at[1] or (total == at[1] and at[2]) else 1

    def condition(self, at: Question, answer: int) -> Condition | None:
        """What an answer asks of the numbers, in whole steps from now; None where one of them is not known."""
        key = at, answer
        if key not in self._conditions:
            terms = self.space.diagrams.groups[at[0]].terms  # type: ignore[union-attr]
            found = None
            if all(name in self.numbers for name, _ in terms):
                sign = -1 if answer == 0 else 1  # the total is at most the cut, or beyond it
                factors = {name: sign * factor * self.unit(name) for name, factor in terms}
                rest = sign * (sum((factor * self.numbers[name] for name, factor in terms), Fraction(0)) - at[1])
                by = lcm(rest.denominator, *(factor.denominator for factor in factors.values()))
                closed = bool(at[2]) if answer == 0 else not at[2]
                whole = tuple(sorted((name, int(factor * by)) for name, factor in factors.items()))
                found = whole, int(rest * by) - (not closed)
            self._conditions[key] = found
        return self._conditions[key]

    # Changes ------------------------------------------------------------------------------------------------------

    def changes(self, count: int, told: Container[Any]) -> Iterator[_Found]:
        """The smallest changes of so many facts on each way to an outcome that is not told yet."""
        for outputs, chosen, asked in self.found:
            unmet = [{name for name, _ in terms} for terms, constant in asked if constant < 0]
            more = count - len(chosen)
            if more < bool(unmet) or (more and not unmet) or frozen(outputs) in told:
                continue
            for names in _meeting(unmet, asked, more):
                try:
                    steps = self.closest(names, asked)
                except Undecided:
                    continue
                if steps is not None:
                    moved = {name: self.moved(name, n) for name, n in steps.items() if n}
                    by = {name: self.places(name, value) for name, value in chosen.items()}
                    by |= {name: abs(n) for name, n in steps.items() if n}
                    yield _Found(outputs, {**chosen, **moved}, by, self)

    def closest(self, names: Sequence[str], asked: Sequence[Condition]) -> dict[str, int] | None:
        """The fewest steps of these facts, all others as they are, that meet what is asked; None: none do."""
        bounds = {name: self.bounds[name] for name in names}
        joint: list[Condition] = []
        for terms, constant in asked:
            mine = tuple((name, factor) for name, factor in terms if name in bounds)
            if len(mine) > 1:
                joint.append((mine, constant))
            elif mine:
                ((name, factor),) = mine
                low, high = bounds[name]
                if factor > 0:
                    bound = -(constant // factor)
                    bounds[name] = (bound if low is None else max(low, bound)), high
                else:
                    bound = constant // -factor
                    bounds[name] = low, (bound if high is None else min(high, bound))
            elif constant < 0:
                return None
        if any(low is not None and high is not None and low > high for low, high in bounds.values()):
            return None
        apart = {name: nearest_number(*each) for name, each in bounds.items()}
        if all(sum(f * apart[name] for name, f in terms) + constant >= 0 for terms, constant in joint):
            return apart
        signs = product((1, -1), repeat=len(names))
        total = [(((_TOTAL, 1), *zip(sorted(names), each, strict=True)), 0) for each in signs]
        found = smallest([*joint, *total], {_TOTAL: (0, None), **bounds})
        return None if found is None else {name: found[name] for name in names}

    def moved(self, name: str, steps: int) -> Value:
        return self.ways.plain(name, self.numbers[name] + steps * self.unit(name))

    def places(self, name: str, value: Value) -> int:
        """How many places a choice moves: those of its order, else one."""
        fact = fact_at(self.outcome.world.facts, name.split("."))
        if fact is None or not fact.ordered:
            return 1
        return abs(fact.values.index(value) - fact.values.index(self.now[name]))

    def leads_elsewhere(self, change: _Found) -> bool:
        """Whether what is not known can lead to another outcome after the change; False where that is to be decided."""
        values = {**self.now, **change.values}
        fixed = {}
        for name in self.numbers:
            number = _number(values[name])
            fixed[name] = replace(self.space.domains[name], low=number, high=number)
        space = replace(self.space, domains={**self.space.domains, **fixed})
        ways = Ways(space, self.given(self.ways.diagram, values, {}))
        if any(ways.is_open(group) and not self.now.keys().isdisjoint(ways.names_of(group)) for group in ways.groups):
            return False  # once the fact has its value it is known
        return ways.way(lambda outputs: outputs != change.outputs) is not None

    def given(self, diagram: Diagram, values: Mapping[str, Value], done: dict[int, Diagram]) -> Diagram:
        """The diagram of what is not known when the facts have these values."""
        found = done.get(id(diagram))
        if found is None:
            if type(diagram) is Leaf:
                return diagram
            assert type(diagram) is Node
            answer = self.answer_at(diagram.at, values)
            if answer is not None:
                found = self.given(diagram.kids[answer], values, done)
            else:
                found = self.space.diagrams.node(diagram.at, [self.given(kid, values, done) for kid in diagram.kids])
            done[id(diagram)] = found
        return found


def _meeting(unmet: Sequence[set[str]], asked: Sequence[Condition], count: int) -> Iterator[tuple[str, ...]]:
    """The sets of so many names of which each condition not met now has one."""
    if not count:
        yield ()
        return
    every = dict.fromkeys(name for terms, _ in asked for name, _ in terms)
    for names in combinations(every, count):
        if all(some.intersection(names) for some in unmet):
            yield names


def _number(value: Value) -> Fraction:
    return Fraction(value.toordinal()) if type(value) is date else Fraction(value)


class _Told:
    """The smallest changes, decided once more: a fact that is not known may still make a difference."""

    def __init__(self, outcome: Outcome, names: Sequence[str], facts: Mapping[str, Value]) -> None:
        self.outcome, self.facts = outcome, facts
        self.place = {name: i for i, name in enumerate(names)}
        self.now = _outputs(outcome)
        self.outputs = {self.now}  # that need no more changes
        self.told: dict[Any, tuple[Any, Nearest]] = {}

    def order(self, each: _Found) -> tuple[Any, ...]:
        return (*each.size, sorted(self.place[name] for name in each.by))

    def take(self, found: Mapping[Any, list[_Found]]) -> None:
        """Of the changes to each outcome the first that surely leads to it."""
        for outputs, some in found.items():
            for each in sorted(some, key=self.order):
                then = None if each.search.leads_elsewhere(each) else self.decided(each)
                if then is not None and then.settled and _outputs(then) == outputs:
                    changes = tuple(
                        Change(name, _at(self.facts, name), each.values[name], each.by[name])
                        for name in sorted(each.by, key=self.place.__getitem__)
                    )
                    near = Nearest(then.value, _direction(self.outcome, then), changes)
                    self.told[outputs] = self.order(each), near
                    self.outputs.add(outputs)
                    break

    def take_series(self, name: str) -> None:
        """The changes of a series alone to outcomes for which nothing smaller is told."""
        at = len(self.place) + list(self.outcome.world.facts).index(name)
        series: Any = self.facts[name]
        for each in nearest_series.changes(self.outcome, self.outcome.world.facts[name], series, self.facts):
            outputs = _outputs(each.outcome)
            held = self.told.get(outputs)
            if outputs == self.now or (held is not None and held[0][:2] <= each.size):
                continue
            changes = tuple(Change(name, one.now, one.then, one.by, one.place) for one in each.readings)
            near = Nearest(each.outcome.value, _direction(self.outcome, each.outcome), changes)
            self.told[outputs] = (*each.size, [at, *(one.place for one in each.readings)]), near

    def decided(self, each: _Found) -> Outcome | None:
        try:
            return redecide(self.outcome, filled(self.facts, each.values))
        except OverlapError:  # two rows at once give no outcome that could be told
            return None

    def sorted(self) -> tuple[Nearest, ...]:
        ways = {"raise": 0, None: 1, "lower": 2}
        order = sorted(self.told.values(), key=lambda pair: (*pair[0][:2], ways[pair[1].direction], pair[0][2]))
        return tuple(each for _, each in order)


def _outputs(outcome: Outcome) -> Any:
    names = outcome.decision.output_names
    return frozen(tuple((outcome.value or {}).get(name) for name in names))


def _direction(outcome: Outcome, then: Outcome) -> Literal["raise", "lower"] | None:
    at = outcome.decision.ranked
    if at is None or outcome.value is None or then.value is None:
        return None
    output = outcome.decision.outputs[at]
    now, later = output.rank(outcome.value.get(output.name)), output.rank(then.value.get(output.name))
    if now is None or later is None or now == later:
        return None
    return "raise" if later > now else "lower"
