"""Whole numbers and exact fractions that meet several linear inequalities at once, or the certainty that none do.

Fourier-Motzkin elimination with the bounds of whole numbers tightened, and branching where a whole number would have
to lie in a gap.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

MAX_BRANCHES = 60
MAX_ROWS = 3000


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
    scaled = [_scaled(row, units) for row in rows]
    wanted = {name: value / (units[name] or 1) for name, value in (near or {}).items() if name in units}
    whole = frozenset(name for name, unit in units.items() if unit is not None)
    found = _solve(scaled, sorted(units), whole, wanted, [MAX_BRANCHES])
    return None if found is None else {name: value * (units[name] or 1) for name, value in found.items()}


def _scaled(row: Row, units: Mapping[str, Fraction | None]) -> Row:
    return Row({name: factor * (units[name] or 1) for name, factor in row.factors.items()}, row.limit, row.strict)


def _tight(row: Row, whole: frozenset[str]) -> Row:
    """The same row for whole numbers: whole factors without a common divisor, and a whole limit."""
    factors = {name: factor for name, factor in row.factors.items() if factor}
    if not factors or not factors.keys() <= whole:
        return Row(factors, row.limit, row.strict)
    scale = math.lcm(*(factor.denominator for factor in factors.values()))
    common = math.gcd(*(int(factor * scale) for factor in factors.values()))
    limit = row.limit * scale / common
    limit = Fraction(math.ceil(limit) - 1 if row.strict else math.floor(limit))
    return Row({name: factor * scale / common for name, factor in factors.items()}, limit)


def _solve(
    rows: Sequence[Row], names: Sequence[str], whole: frozenset[str], near: Mapping[str, Fraction], budget: list[int]
) -> dict[str, Fraction] | None:
    budget[0] -= 1
    if budget[0] < 0:
        raise Undecided
    left = dict.fromkeys(names)
    current = _distinct(_tight(row, whole) for row in rows)
    steps: list[tuple[str, list[Row]]] = []
    while left:
        name = min(left, key=lambda each: _cost(each, current))
        del left[name]
        mine = [row for row in current if name in row.factors]
        steps.append((name, mine))
        current = [row for row in current if name not in row.factors]
        for low in (row for row in mine if row.factors[name] < 0):
            current.extend(_without(name, low, high, whole) for high in mine if high.factors[name] > 0)
        current = _distinct(current)
        if len(current) > MAX_ROWS:
            raise Undecided
        if any(not row.factors and (row.limit < 0 or (row.strict and row.limit == 0)) for row in current):
            return None
    found: dict[str, Fraction] = {}
    for name, mine in reversed(steps):
        value = _value(name, mine, found, name in whole, near.get(name, Fraction(0)))
        if isinstance(value, tuple):
            gap = Fraction(math.floor(value[0]))
            for further in (Row({name: Fraction(1)}, gap), Row({name: Fraction(-1)}, -gap - 1)):
                other = _solve([*rows, further], names, whole, near, budget)
                if other is not None:
                    return other
            return None
        found[name] = value
    return found


def _cost(name: str, rows: Sequence[Row]) -> int:
    lows = sum(1 for row in rows if row.factors.get(name, 0) < 0)
    highs = sum(1 for row in rows if row.factors.get(name, 0) > 0)
    return lows * highs - lows - highs


def _without(name: str, low: Row, high: Row, whole: frozenset[str]) -> Row:
    """What a row that bounds a number from below and one that bounds it from above say of the others."""
    a, b = -low.factors[name], high.factors[name]
    factors = {each: high.factors.get(each, Fraction(0)) * a + low.factors.get(each, Fraction(0)) * b
               for each in {**low.factors, **high.factors} if each != name}  # fmt: skip
    return _tight(Row(factors, high.limit * a + low.limit * b, low.strict or high.strict), whole)


def _distinct(rows: object) -> list[Row]:
    """The tightest of the rows with the same factors."""
    found: dict[frozenset[tuple[str, Fraction]], Row] = {}
    for row in rows:  # type: ignore[attr-defined]
        key = frozenset(row.factors.items())
        held = found.get(key)
        if held is None or (row.limit, not row.strict) < (held.limit, not held.strict):
            found[key] = row
    return list(found.values())


def _value(
    name: str, rows: Sequence[Row], found: Mapping[str, Fraction], whole: bool, near: Fraction
) -> Fraction | tuple[Fraction, Fraction]:
    """A number within its bounds, near where it should be; the bounds where no whole number lies between them."""
    low: tuple[Fraction, bool] | None = None
    high: tuple[Fraction, bool] | None = None
    for row in rows:
        factor = row.factors[name]
        rest = row.limit - sum((f * found[other] for other, f in row.factors.items() if other != name), Fraction(0))
        bound = (rest / factor, row.strict)
        if factor > 0 and (high is None or (bound[0], not bound[1]) < (high[0], not high[1])):
            high = bound
        if factor < 0 and (low is None or (bound[0], bound[1]) > (low[0], low[1])):
            low = bound
    if whole:
        first = None if low is None else math.floor(low[0]) + 1 if low[1] else math.ceil(low[0])
        last = None if high is None else math.ceil(high[0]) - 1 if high[1] else math.floor(high[0])
        if first is not None and last is not None and first > last:
            assert low is not None
            assert high is not None
            return low[0], high[0]
        value = Fraction(round(near))
        if first is not None and value < first:
            value = Fraction(first)
        return Fraction(last) if last is not None and value > last else value
    return _between(low, high, near)


def _between(low: tuple[Fraction, bool] | None, high: tuple[Fraction, bool] | None, near: Fraction) -> Fraction:
    above = low is None or near > low[0] or (near == low[0] and not low[1])
    below = high is None or near < high[0] or (near == high[0] and not high[1])
    if above and below:
        return near
    if not above:
        assert low is not None
        if not low[1]:
            return low[0]
        return low[0] + 1 if high is None or high[0] > low[0] + 1 else (low[0] + high[0]) / 2
    assert high is not None
    if not high[1]:
        return high[0]
    return high[0] - 1 if low is None or low[0] < high[0] - 1 else (low[0] + high[0]) / 2
