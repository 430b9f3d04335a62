"""The nearest change that would alter an outcome: "一般失信行为记录次数少1次，即为A".

For every other outcome that other values of known facts would give: the smallest change of one fact, else of two. A
number changes by its step, a date by days, a choice or yes-or-no as one change (an ordered choice by its places). The
smallest is found in the diagram of the whole decision, required ones included, and is decided once more before it is
told. What an `assume` rules out is no change.

Left out: texts, lists and series (no value is nearest), facts that are not known, numbers without a step, settings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from itertools import combinations, product
from typing import Any, Literal

from gongbao.dmn import OverlapError
from gongbao.engine.decision.candidates import spread
from gongbao.engine.decision.decide import filled, redecide
from gongbao.engine.decision.diagram import Choice, Diagram, Leaf, Node, Question, TooMany
from gongbao.engine.decision.domains import is_given, space_of
from gongbao.engine.decision.judging import IMPOSSIBLE, judge, symbolic_of
from gongbao.engine.decision.linear import Row, Undecided
from gongbao.engine.decision.outcome import Outcome, facts_of
from gongbao.engine.decision.space import Space
from gongbao.engine.decision.unknown import Domain, frozen, is_known
from gongbao.engine.decision.ways import Answers, Ways
from gongbao.engine.specs import Fact, fact_at
from gongbao.feel.values import Value, is_number

MAX_FACTS = 2  # facts changed together
MAX_WAYS = 20_000
MAX_TRIES = 5  # changes to one outcome decided again: more fail only where facts that are not known stand in the way


@dataclass(frozen=True, slots=True)
class Change:
    """One fact at another value: `by` how many of its steps (1 for a choice that has no order)."""

    fact: str
    now: Value
    then: Value
    by: int


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
    """For each other outcome within reach the smallest change, the smallest of all first; empty where it is not settled."""
    if not outcome.settled:
        return ()
    facts = facts_of(outcome)
    names = _movable(outcome, facts)
    found: dict[Any, list[_Found]] = {}
    try:
        search = _search(outcome, facts, names)
        search.best(found)
        for name in search.obscure:  # facts that cannot be moved together: each on its own
            _search(outcome, facts, [each for each in names if each == name or each not in search.obscure]).best(found)
    except TooMany:
        return ()
    return tuple(_told(outcome, names, facts, found))


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

    @property
    def size(self) -> tuple[int, int]:
        return len(self.by), sum(self.by.values())


class _Search:
    """The search through a diagram for ways on which at most two facts are not what they are now."""

    def __init__(self, outcome: Outcome, space: Space, now: Mapping[str, Value], ways: Ways) -> None:
        self.outcome, self.space, self.now, self.ways = outcome, space, now, ways
        self.numbers = {name: _number(value) for name, value in now.items() if space.domains[name].kind != "values"}

    @property
    def obscure(self) -> list[str]:
        """The moved facts that something open hangs on."""
        groups = [group for group in self.ways.groups if self.ways.is_open(group)]
        return [name for name in self.now if any(name in self.ways.names_of(group) for group in groups)]

    def best(self, found: dict[Any, list[_Found]]) -> None:
        """Adds, for each outcome, the changes that lead to it."""
        for number, (outputs, answers) in enumerate(self.ways_near(self.ways.diagram, (), frozenset())):
            if number >= MAX_WAYS:
                break
            try:
                for each in self.changes(outputs, answers):
                    found.setdefault(frozen(outputs), []).append(each)
            except Undecided:
                continue

    def ways_near(
        self, diagram: Diagram, answers: Answers, moved: frozenset[str]
    ) -> Iterator[tuple[tuple[Value, ...], Answers]]:
        if type(diagram) is Leaf:
            if diagram.value != IMPOSSIBLE and all(is_known(each) for each in diagram.value):
                yield diagram.value, answers
            return
        assert type(diagram) is Node
        now = self.answer(diagram.at)
        about = self.space.diagrams.groups[diagram.at[0]]
        alone = about.name if isinstance(about, Choice) else about.terms[0][0] if about.alone else None
        for i, kid in enumerate(diagram.kids):
            further = moved if now is None or i == now or alone is None else moved | {alone}
            if len(further) <= MAX_FACTS:
                yield from self.ways_near(kid, (*answers, (diagram.at, i)), further)

    def answer(self, at: Question) -> int | None:
        """The answer to a question as things are; None where that is not known."""
        about = self.space.diagrams.groups[at[0]]
        if isinstance(about, Choice):
            return about.values.index(self.now[about.name]) if about.name in self.now else None
        if not all(name in self.numbers for name, _ in about.terms):
            return None
        total = sum((factor * self.numbers[name] for name, factor in about.terms), Fraction(0))
        return 0 if total < at[1] or (total == at[1] and at[2]) else 1

    def changes(self, outputs: tuple[Value, ...], answers: Answers) -> Iterator[_Found]:
        """The smallest changes of at most two facts that give these answers."""
        chosen: dict[str, int] = {}
        forms: dict[str, None] = {}
        for at, answer in answers:
            about = self.space.diagrams.groups[at[0]]
            now = self.answer(at)
            if now is None or now == answer:
                continue
            if isinstance(about, Choice):
                chosen[about.name] = answer
            else:
                forms.update(dict.fromkeys(name for name, _ in about.terms))
        values = {name: self.value_at(name, answer) for name, answer in chosen.items()}
        by = {name: self.places(name, value) for name, value in values.items()}
        rows = [row for row in self.ways.rows(answers) if all(name in self.numbers for name in row.factors)]
        if not forms:
            yield _Found(outputs, values, by)
            return
        wide = dict.fromkeys(name for row in rows for name in row.factors)
        single = False
        for count in range(1, MAX_FACTS - len(chosen) + 1):
            if single:  # more facts are never nearer
                return
            for names in combinations(wide, count):
                if not forms.keys() & set(names):
                    continue
                numbers = self.closest(rows, names)
                if numbers is not None:
                    steps = {name: self.steps(name, number) for name, number in numbers.items()}
                    moved = {name: n for name, n in steps.items() if n}
                    plain = {name: self.ways.plain(name, numbers[name]) for name in moved}
                    single = count == 1
                    yield _Found(outputs, {**values, **plain}, {**by, **moved})

    def value_at(self, name: str, answer: int) -> Value:
        return self.space.domains[name].values[answer]

    def places(self, name: str, value: Value) -> int:
        """How many places a choice moves: those of its order, else one."""
        fact = fact_at(self.outcome.world.facts, name.split("."))
        if fact is None or not fact.ordered:
            return 1
        return abs(fact.values.index(value) - fact.values.index(self.now[name]))

    def steps(self, name: str, number: Fraction) -> int:
        unit = self.space.domains[name].unit
        assert unit is not None
        return int(abs(number - self.numbers[name]) / unit)

    def closest(self, rows: Sequence[Row], names: Sequence[str]) -> dict[str, Fraction] | None:
        """The numbers of these names, all others as they are, that meet the rows with the fewest steps; None: none do."""
        held = []
        for row in rows:
            factors = {name: factor for name, factor in row.factors.items() if name in names}
            rest = sum((f * self.numbers[n] for n, f in row.factors.items() if n not in names), Fraction(0))
            held.append(Row(factors, row.limit - rest, row.strict))
        best: tuple[Fraction, dict[str, Fraction]] | None = None
        for signs in product((1, -1), repeat=len(names)):
            sides = [Row({n: Fraction(-s)}, -s * self.numbers[n]) for n, s in zip(names, signs, strict=True)]
            found = self.fewest([*held, *sides], dict(zip(names, signs, strict=True)))
            if found is not None:
                total = self.total(found)
                if best is None or total < best[0]:
                    best = total, found
        return None if best is None else best[1]

    def total(self, numbers: Mapping[str, Fraction]) -> Fraction:
        return sum((Fraction(self.steps(name, number)) for name, number in numbers.items()), Fraction(0))

    def fewest(self, rows: Sequence[Row], signs: Mapping[str, int]) -> dict[str, Fraction] | None:
        """The numbers on one side of those of now that meet the rows with the fewest steps."""
        near = Ways(self.space, self.ways.diagram, {name: self.numbers[name] for name in signs})
        found = near.solved(rows)
        if found is None:
            return None
        found = {name: found.get(name, self.numbers[name]) for name in signs}
        low, high = 0, int(self.total(found))
        factors = {name: sign / (self.space.domains[name].unit or Fraction(1)) for name, sign in signs.items()}
        start = sum((factors[name] * self.numbers[name] for name in signs), Fraction(0))
        while low < high:
            middle = (low + high) // 2
            tried = near.solved([*rows, Row(factors, start + middle)])
            if tried is None:
                low = middle + 1
            else:
                found = {name: tried.get(name, self.numbers[name]) for name in signs}
                high = int(self.total(found))
        return found


def _number(value: Value) -> Fraction:
    return Fraction(value.toordinal()) if type(value) is date else Fraction(value)


def _told(
    outcome: Outcome, names: Sequence[str], facts: Mapping[str, Value], found: Mapping[Any, list[_Found]]
) -> list[Nearest]:
    """The smallest changes, decided once more: a fact that is not known may still make a difference."""
    place = {name: i for i, name in enumerate(names)}

    def order(each: _Found) -> tuple[Any, ...]:
        return (*each.size, sorted(place[name] for name in each.by))

    told: list[tuple[Any, Nearest]] = []
    own = _outputs(outcome)
    for outputs, some in found.items():
        if outputs == own:
            continue
        for each in sorted(some, key=order)[:MAX_TRIES]:
            try:
                then = redecide(outcome, filled(facts, each.values))
            except OverlapError:  # two rows at once give no outcome that could be told
                continue
            if then.settled and _outputs(then) == outputs:
                changes = tuple(
                    Change(name, _at(facts, name), each.values[name], each.by[name])
                    for name in sorted(each.by, key=place.__getitem__)
                )
                told.append((order(each), Nearest(then.value, _direction(outcome, then), changes)))
                break
    ways = {"raise": 0, None: 1, "lower": 2}
    return [each for _, each in sorted(told, key=lambda pair: (*pair[0][:2], ways[pair[1].direction], pair[0][2]))]


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
