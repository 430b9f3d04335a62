"""Whole numbers under linear conditions: whether some meet them all, and the smallest that do.

Variables are eliminated one after the other (Fourier and Motzkin). With factors of 1 and -1, which is all that rules
write, that is exact for whole numbers; where other factors leave it open, `Undecided` is raised, never a guess.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import gcd

Condition = tuple[tuple[tuple[str, int], ...], int]
"""`((("x", 1), ("y", -2)), 3)` is x - 2y + 3 >= 0."""

Bounds = tuple[int | None, int | None]

MAX_CONDITIONS = 2_000


class Undecided(Exception):
    """The conditions can be met by fractions; whether by whole numbers is open."""


def smallest(conditions: Iterable[Condition], bounds: Mapping[str, Bounds]) -> dict[str, int] | None:
    """The values nearest to 0 (the first variable first) that meet all conditions and bounds; None when none do."""
    conditions = list(conditions)
    names = sorted({name for terms, _ in conditions for name, _ in terms})
    for name in names:
        low, high = bounds.get(name, (None, None))
        if low is not None:
            conditions.append((((name, 1),), -low))
        if high is not None:
            conditions.append((((name, -1),), high))
    found = _solved([(dict(terms), constant) for terms, constant in conditions], names)
    if found is None:
        return None
    for name, (low, high) in bounds.items():
        if name not in found:
            found[name] = nearest(low, high)
    return found


def nearest(low: int | None, high: int | None) -> int:
    """The number from low to high that is nearest to 0."""
    if low is not None and low > 0:
        return low
    return high if high is not None and high < 0 else 0


def _solved(conditions: list[tuple[dict[str, int], int]], names: Sequence[str]) -> dict[str, int] | None:
    tightest: dict[tuple[tuple[str, int], ...], int] = {}
    for terms, constant in conditions:
        terms = {name: factor for name, factor in terms.items() if factor}
        if not terms:
            if constant < 0:
                return None
            continue
        by = gcd(*terms.values())
        key = tuple(sorted((name, factor // by) for name, factor in terms.items()))
        tightest[key] = min(constant // by, tightest.get(key, constant // by))
    if len(tightest) > MAX_CONDITIONS:
        raise Undecided
    if not names:
        return {}
    *others, name = names
    lower: list[tuple[dict[str, int], int, int]] = []
    upper: list[tuple[dict[str, int], int, int]] = []
    rest: list[tuple[dict[str, int], int, int]] = []
    for key, constant in tightest.items():
        terms = dict(key)
        factor = terms.pop(name, 0)
        (lower if factor > 0 else upper if factor < 0 else rest).append((terms, constant, abs(factor)))
    exact = True
    joined = [(terms, constant) for terms, constant, _ in rest]
    for low, low_constant, a in lower:
        for high, high_constant, b in upper:
            exact = exact and 1 in (a, b)
            both = {each: b * low.get(each, 0) + a * high.get(each, 0) for each in {*low, *high}}
            joined.append((both, b * low_constant + a * high_constant))
    found = _solved(joined, others)
    if found is None:
        return None

    def at(terms: Mapping[str, int], constant: int) -> int:
        return constant + sum(factor * found[each] for each, factor in terms.items())

    least = max((-(at(terms, constant) // a) for terms, constant, a in lower), default=None)
    most = min((at(terms, constant) // b for terms, constant, b in upper), default=None)
    if least is not None and most is not None and least > most:
        if exact:  # cannot be: the elimination was exact
            raise AssertionError("elimination with unit factors lost a solution")
        raise Undecided
    found[name] = nearest(least, most)
    return found
