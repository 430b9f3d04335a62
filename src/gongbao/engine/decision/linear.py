"""Whole numbers and exact fractions that meet several linear inequalities at once, or the certainty that none do.

Variables are eliminated one after the other (Fourier and Motzkin), with the bounds of whole numbers tightened; where a
whole number would have to lie between two others, both sides are looked at. `Undecided` is raised when that goes on
too long, never a guess.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, partial
from typing import Any, TypeAlias

MAX_BRANCHES = 200
MAX_ROWS = 3_000

Terms: TypeAlias = tuple[tuple[str, int], ...]
Condition: TypeAlias = tuple[Terms, int]
"""`((("x", 1), ("y", -2)), 3)` is x - 2y + 3 >= 0, over whole numbers."""
Bounds: TypeAlias = tuple[int | None, int | None]
Number: TypeAlias = int | Fraction
_Written: TypeAlias = tuple[Mapping[str, int], Number, bool]  # Σ + constant >= 0, or > 0 where the last is true
_Rows: TypeAlias = dict[Terms, tuple[Number, bool]]  # by sorted terms without a common factor


class Undecided(Exception):
    """Neither numbers were found nor the certainty that there are none."""


@dataclass(frozen=True, slots=True)
class Row:
    """Σ factor x name <= limit, or < where `strict`."""

    factors: Mapping[str, Fraction]
    limit: Fraction
    strict: bool = False


def solve(
    rows: Sequence[Row], units: Mapping[str, Fraction | None], near: Mapping[str, Fraction] | None = None
) -> dict[str, Fraction] | None:
    """Numbers that meet all rows, each a multiple of its unit (any where it is None); None when there are none.

    near: where the numbers should lie close to. Undecided when it cannot be told.
    """
    wanted = {name: value / (units[name] or 1) for name, value in (near or {}).items() if name in units}
    whole = frozenset(name for name, unit in units.items() if unit is not None)
    written = [_written(row, units, whole) for row in rows]
    found = _Search(whole, wanted, tuple(sorted(units)), False).found(written, [MAX_BRANCHES])
    return None if found is None else {name: value * (units[name] or Fraction(1)) for name, value in found.items()}


def smallest(conditions: Iterable[Condition], bounds: Mapping[str, Bounds]) -> dict[str, int] | None:
    """The whole numbers nearest to 0 (the first name first) that meet all conditions and bounds; None when none do."""
    found = {name: nearest(*each) for name, each in bounds.items()}
    for names, some in _apart(conditions):
        numbers = _smallest(some, tuple([(name, *bounds.get(name, (None, None))) for name in names]))
        if numbers is None:
            return None
        found |= numbers
    return found


def can_be(conditions: Iterable[Condition], bound: Callable[[str], Bounds], about: str) -> bool:
    """Whether some whole numbers meet the conditions that have to do with a name, and the bounds."""
    for names, some in _apart(conditions):
        if about in names:
            return _smallest(some, tuple([(name, *bound(name)) for name in names])) is not None
    return True


def _apart(conditions: Iterable[Condition]) -> list[tuple[tuple[str, ...], tuple[Condition, ...]]]:
    """The conditions by the names that have to do with one another."""
    groups: list[tuple[set[str], list[Condition]]] = []
    for condition in dict.fromkeys(conditions):
        names, mine, others = {name for name, _ in condition[0]}, [condition], []
        for group in groups:
            if names.isdisjoint(group[0]):
                others.append(group)
            else:
                names |= group[0]
                mine += group[1]
        groups = [*others, (names, mine)]
    return [(tuple(sorted(names)), tuple(sorted(mine))) for names, mine in groups]


@lru_cache(maxsize=8192)  # what is asked on many ways of an exploration
def _smallest(conditions: tuple[Condition, ...], bounds: tuple[tuple[str, int | None, int | None], ...]) -> Any:
    written: list[_Written] = [(dict(terms), constant, False) for terms, constant in conditions]
    for name, low, high in bounds:
        if low is not None:
            written.append(({name: 1}, -low, False))
        if high is not None:
            written.append(({name: -1}, high, False))
    names = tuple([name for name, *_ in bounds])
    found = _Search(frozenset(names), {}, names, True).found(written, [MAX_BRANCHES])
    return None if found is None else {name: int(value) for name, value in found.items()}


def nearest(low: int | None, high: int | None, to: int = 0) -> int:
    """The number from low to high that is nearest to another."""
    if low is not None and low > to:
        return low
    return high if high is not None and high < to else to


def _written(row: Row, units: Mapping[str, Fraction | None], whole: frozenset[str]) -> _Written:
    """A row in units and whole factors; among whole numbers, less than is at most one less."""
    factors = {name: -factor * (units[name] or 1) for name, factor in row.factors.items() if factor}
    by = math.lcm(row.limit.denominator, *(factor.denominator for factor in factors.values()))
    constant = int(row.limit * by)
    strict = row.strict and not factors.keys() <= whole
    return {n: int(f * by) for n, f in factors.items()}, constant - (row.strict and not strict), strict


@dataclass(frozen=True, slots=True)
class _Search:
    """whole: the names of whole numbers. near: where numbers should lie (else 0). names: all; the first are to be
    the nearest where `ordered`, else the numbers are any."""

    whole: frozenset[str]
    near: Mapping[str, Fraction]
    names: tuple[str, ...]
    ordered: bool

    def found(self, written: list[_Written], budget: list[int]) -> dict[str, Number] | None:
        """budget: how many more branches may be looked at."""
        budget[0] -= 1
        if budget[0] < 0:
            raise Undecided
        rows = self.tightest(written)
        left = list(self.names)
        steps: list[tuple[str, list[_Written]]] = []
        while left and rows is not None:
            name = left[-1] if self.ordered else min(left, key=partial(_cost, rows))
            left.remove(name)
            mine, joined = _without(rows, name)
            steps.append((name, mine))
            rows = self.tightest(joined)
        if rows is None:
            return None
        numbers: dict[str, Number] = {}
        for name, mine in reversed(steps):
            value, gap = self.value(name, mine, numbers)
            if gap is not None:
                sides = ({name: -1}, gap, False), ({name: 1}, -gap - 1, False)
                return self.better([*written, sides[0]], [*written, sides[1]], budget)
            numbers[name] = value
        return numbers

    def better(self, one: list[_Written], other: list[_Written], budget: list[int]) -> dict[str, Number] | None:
        """The numbers of either side, of both the nearer ones."""
        first = self.found(one, budget)
        if first is not None and not self.ordered:
            return first
        second = self.found(other, budget)
        return min((each for each in (first, second) if each is not None), key=self.far, default=None)

    def far(self, found: Mapping[str, Number]) -> list[tuple[Fraction, bool]]:
        return [(abs(Fraction(found[name])), found[name] < 0) for name in self.names]

    def tightest(self, written: Iterable[_Written]) -> _Rows | None:
        """The rows without common factors, the tightest of those with the same terms; None where one cannot hold."""
        found: _Rows = {}
        for factors, constant, strict in written:
            terms = {name: factor for name, factor in factors.items() if factor}
            if not terms:
                if constant < 0 or (strict and not constant):
                    return None
                continue
            by = math.gcd(*terms.values())
            if by > 1:
                terms = {name: factor // by for name, factor in terms.items()}
                constant = constant // by if terms.keys() <= self.whole else Fraction(constant) / by
            key = tuple(sorted(terms.items()))
            held = found.get(key)
            if held is None or (constant, not strict) < (held[0], not held[1]):
                found[key] = constant, strict
        if len(found) > MAX_ROWS:
            raise Undecided
        return found

    def value(self, name: str, rows: Sequence[_Written], numbers: Mapping[str, Number]) -> tuple[Number, int | None]:
        """A number within its bounds, near where it should be; with the whole number below where none lies between."""
        low: tuple[Number, bool] | None = None  # the bound, and whether it is left out
        high: tuple[Number, bool] | None = None
        whole = name in self.whole
        for terms, constant, strict in rows:
            factor = terms[name]
            rest = constant + sum(f * numbers[each] for each, f in terms.items() if each != name)
            if factor > 0:  # factor x name >= -rest
                if whole:
                    bound: Number = -rest // factor + 1 if strict else -(rest // factor)
                else:
                    bound = Fraction(-rest) / factor
                if low is None or (bound, strict) > low:
                    low = bound, strict
            else:
                if whole:
                    bound = -(-rest // -factor) - 1 if strict else rest // -factor
                else:
                    bound = Fraction(rest) / -factor
                if high is None or (bound, not strict) < (high[0], not high[1]):
                    high = bound, strict
        if not whole:
            return _between(low, high, self.near.get(name, Fraction(0))), None
        first, last = (None if each is None else int(each[0]) for each in (low, high))
        if first is not None and last is not None and first > last:
            return 0, last
        return nearest(first, last, round(self.near.get(name, 0))), None


def _cost(rows: _Rows, name: str) -> int:
    """How many more rows there are without a variable."""
    factors = [factor for terms in rows for each, factor in terms if each == name]
    lows = sum(1 for factor in factors if factor > 0)
    highs = len(factors) - lows
    return lows * highs - lows - highs


def _without(rows: _Rows, name: str) -> tuple[list[_Written], list[_Written]]:
    """The rows that speak of a variable, and what all rows say of the others."""
    lower: list[_Written] = []
    upper: list[_Written] = []
    joined: list[_Written] = []
    for key, (constant, strict) in rows.items():
        terms = dict(key)
        factor = terms.get(name, 0)
        (lower if factor > 0 else upper if factor < 0 else joined).append((terms, constant, strict))
    for low, low_constant, low_strict in lower:
        for high, high_constant, high_strict in upper:
            a, b = low[name], -high[name]
            both = {each: b * low.get(each, 0) + a * high.get(each, 0) for each in {**low, **high} if each != name}
            joined.append((both, b * low_constant + a * high_constant, low_strict or high_strict))
    return [*lower, *upper], joined


def _between(low: tuple[Number, bool] | None, high: tuple[Number, bool] | None, near: Fraction) -> Fraction:
    above = low is None or near > low[0] or (near == low[0] and not low[1])
    below = high is None or near < high[0] or (near == high[0] and not high[1])
    if above and below:
        return near
    if not above:
        assert low is not None
        if not low[1]:
            return Fraction(low[0])
        return Fraction(low[0] + 1 if high is None or high[0] > low[0] + 1 else Fraction(low[0] + high[0]) / 2)
    assert high is not None
    if not high[1]:
        return Fraction(high[0])
    return Fraction(high[0] - 1 if low is None or low[0] < high[0] - 1 else Fraction(low[0] + high[0]) / 2)
