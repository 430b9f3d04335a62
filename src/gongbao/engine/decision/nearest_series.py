"""The smallest change of the readings of one series that gives another outcome: "AQI序列第4日多3（148→151），即升为黄色".

Fewest readings first, then fewest steps. What a decision asks of the series are machines that read it one reading after
the other (engine.decision.series_reading), so for every state they can stand in only the cheapest way into it is kept;
of a reading only the nearest value on each side of the lines that it is compared with is tried.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor
from typing import Any

from gongbao.dmn import OverlapError
from gongbao.engine.decision.decide import redecide
from gongbao.engine.decision.machines import Machine
from gongbao.engine.decision.outcome import Outcome
from gongbao.engine.decision.series_reading import Looking, Unread, machines_of
from gongbao.engine.decision.unknown import as_number
from gongbao.engine.series import Series, Test
from gongbao.engine.specs import Fact
from gongbao.feel.values import Value

MAX_READ = 200_000  # readings that are tried in a state
MAX_DECIDED = 300  # ways at whose end the decision is asked

Size = tuple[int, int]  # how many readings, and by how many steps in all


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a series at another value: its place from 0, and by how many steps of the fact."""

    place: int
    now: Value
    then: Value
    by: int


@dataclass(frozen=True, slots=True)
class Changed:
    """The outcome of a series with some readings changed."""

    outcome: Outcome
    readings: tuple[Reading, ...]

    @property
    def size(self) -> Size:
        return len(self.readings), sum(each.by for each in self.readings)


def changes(outcome: Outcome, fact: Fact, series: Series, facts: Mapping[str, Value]) -> Iterator[Changed]:
    """For each way in which the decision can see the series, the smallest change to it, the smallest of all first.

    Nothing where the decision looks at the series in a way that is not gone through, a reading is missing, or the fact
    says neither `step` nor `scale`.
    """
    try:
        looking = machines_of(outcome, fact.id, series)
        ways = _Search(fact, series, looking).ways() if looking else []
    except Unread:
        return
    for readings in ways[:MAX_DECIDED]:
        if readings:
            changed = list(series.values)
            for each in readings:
                changed[each.place] = each.then
            try:
                then = redecide(outcome, {**facts, fact.id: replace(series, values=tuple(changed))})
            except OverlapError:  # two rows at once give no outcome that could be told
                continue
            if then.settled and not any(each.evaluate(then.scope) is False for each in then.decision.assume):
                yield Changed(then, readings)


@dataclass(frozen=True, slots=True)
class _Choice:
    """A value that a reading may have: the side of every line that it is on, and how many steps away it is."""

    side: int
    reading: Fraction
    by: int
    then: Value


_Way = tuple["_Way | None", int, _Choice]
"""The way before, and a reading at its place."""
_Cost = tuple[int, int, "_Way | None"]  # readings changed, steps, and the way


class _Search:
    def __init__(self, fact: Fact, series: Series, looking: Sequence[Looking]) -> None:
        self.fact, self.series = fact, series
        self.machines: list[Machine] = [each.machine for each in looking]
        self.reads = [frozenset(each.places) for each in looking]
        self.cuts = _cuts([test for each in self.machines for test in each.tests])
        self.left = MAX_READ
        self.states: list[tuple[Any, ...]] = []  # all states of the machines together, by number
        self.numbers: dict[tuple[Any, ...], int] = {}
        self._after: dict[tuple[int, tuple[bool, ...]], dict[int, int | None]] = {}  # by the side of the reading

    def ways(self) -> list[tuple[Reading, ...]]:
        """The cheapest changes to every way in which the machines can end, the cheapest first."""
        costs: dict[int, _Cost] = {self.number(tuple(machine.start for machine in self.machines)): (0, 0, None)}
        for place in range(len(self.series)):
            mine = tuple(place in reads for reads in self.reads)
            choices = self.choices(place) if any(mine) else self.choices(place)[:1]
            self.left -= len(costs) * len(choices)
            if self.left < 0:
                raise Unread(self.fact.id)
            found: dict[int, _Cost] = {}
            for state, (count, steps, way) in costs.items():
                after = self._after.setdefault((state, mine), {})
                for choice in choices:
                    if choice.side not in after:
                        after[choice.side] = self.after(state, mine, choice, way)
                    if (then := after[choice.side]) is None:
                        continue
                    more, far = count + (choice.by > 0), steps + choice.by
                    held = found.get(then)
                    if held is None or more < held[0] or (more == held[0] and far < held[1]):
                        found[then] = more, far, (way, place, choice)
            costs = found
        best: dict[Any, _Cost] = {}
        for state, cost in costs.items():
            comes_to = tuple(
                machine.comes_to(each, lambda way=cost[2]: _readings(way))  # type: ignore[misc]
                for machine, each in zip(self.machines, self.states[state], strict=True)
            )
            if comes_to not in best or cost[:2] < best[comes_to][:2]:
                best[comes_to] = cost
        return [self.changed(way) for *_, way in sorted(best.values(), key=lambda cost: cost[:2])]

    def number(self, state: tuple[Any, ...]) -> int:
        found = self.numbers.setdefault(state, len(self.states))
        if found == len(self.states):
            self.states.append(state)
        return found

    def after(self, state: int, mine: tuple[bool, ...], choice: _Choice, way: _Way | None) -> int | None:
        """The state of the machines after a reading; None where one of them cannot tell what it comes to."""
        made = tuple(
            machine.read(each, choice.reading, lambda: _readings(way)) if reads else each
            for machine, reads, each in zip(self.machines, mine, self.states[state], strict=True)
        )
        return None if None in made else self.number(made)

    def choices(self, place: int) -> list[_Choice]:
        """A reading as it is, and the nearest other values on each side of the lines."""
        now = self.series.values[place]
        if now is None:
            raise Unread(self.fact.id)
        here, unit = Fraction(now), _step(self.fact, Fraction(now))
        low, high = (
            None if each is None else by((Fraction(each) - here) / unit)
            for each, by in ((self.fact.min, ceil), (self.fact.max, floor))
        )
        mine = self.side(here)
        made = [_Choice(mine, here, 0, now)]
        # From which step on a reading is beyond a cut: the smallest that reaches it, or that passes it.
        bounds = [
            ceil((line - here) / unit) if not beyond else floor((line - here) / unit) + 1 for line, beyond in self.cuts
        ]
        for side in range(len(bounds) + 1):
            first = bounds[side - 1] if side else low
            last = bounds[side] - 1 if side < len(bounds) else high
            first = low if first is None else first if low is None else max(first, low)
            last = high if last is None else last if high is None else min(last, high)
            if side == mine or (first is not None and last is not None and first > last):
                continue
            steps = first if side > mine else last
            assert steps is not None
            there = here + steps * unit
            made.append(_Choice(side, there, abs(steps), as_number(there)))
        return made

    def side(self, reading: Fraction) -> int:
        return bisect_left(self.cuts, True, key=lambda cut: reading < cut[0] or (cut[1] and reading == cut[0]))

    def changed(self, way: _Way | None) -> tuple[Reading, ...]:
        found: list[Reading] = []
        while way is not None:
            way, place, choice = way
            if choice.by:
                found.append(Reading(place, self.series.values[place], choice.then, choice.by))
        return tuple(reversed(found))


def _readings(way: _Way | None) -> list[Value]:
    found: list[Value] = []
    while way is not None:
        way, _, choice = way
        found.append(choice.then)
    return found[::-1]


def _cuts(tests: Sequence[Test]) -> list[tuple[Fraction, bool]]:
    """Where readings begin to be told apart: at a line, or (true) just beyond it; in order."""
    found = set()
    for op, line in tests:
        if op in (">=", "<", "="):
            found.add((Fraction(line), False))
        if op in (">", "<=", "="):
            found.add((Fraction(line), True))
    return sorted(found)


def _step(fact: Fact, now: Fraction) -> Fraction:
    """By how much a reading moves: the fact's step where it stands on one, else as fine as it is written."""
    places = 0 if fact.of == "integer" else fact.scale
    fine = None if places is None else Fraction(1, 10**places)
    step = Fraction(fact.step) if fact.step is not None else fine
    if step is None or (now / (fine or step)).denominator > 1:
        raise Unread(fact.id)
    return step if (now / step).denominator == 1 else fine or step
