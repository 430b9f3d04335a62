"""Whole numbers under linear conditions: whether some meet them all, and the smallest that do.

Variables are eliminated one after the other (Fourier and Motzkin). With factors of 1 and -1 that is exact for whole
numbers. Where other factors leave a gap between fractions, the whole numbers of the first variable are tried from 0
outwards; `Undecided` is raised when there are too many of them, never a guess.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import gcd

Condition = tuple[tuple[tuple[str, int], ...], int]
"""`((("x", 1), ("y", -2)), 3)` is x - 2y + 3 >= 0."""

Bounds = tuple[int | None, int | None]

Written = tuple[dict[str, int], int]

MAX_CONDITIONS = 2_000
MAX_TRIED = 2_000


class Undecided(Exception):
    """The conditions can be met by fractions; whether by whole numbers is open."""


class _Gap(Exception):
    """Fractions were chosen so that the next variable would have to lie between two whole numbers."""


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
    found = _whole([(dict(terms), constant) for terms, constant in conditions], names, [MAX_TRIED])
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


def _whole(conditions: list[Written], names: Sequence[str], budget: list[int]) -> dict[str, int] | None:
    """`smallest` for conditions that hold the bounds; the budget is how many numbers may still be tried."""
    try:
        return _solved(conditions, names)
    except _Gap:
        pass
    first, *others = names
    for value in _outwards(*_between(conditions, first, others)):
        budget[0] -= 1
        if budget[0] < 0:
            raise Undecided
        found = _whole([_set(each, first, value) for each in conditions], others, budget)
        if found is not None:
            return {first: value, **found}
    return None


def _set(condition: Written, name: str, value: int) -> Written:
    terms, constant = condition
    return {each: factor for each, factor in terms.items() if each != name}, constant + terms.get(name, 0) * value


def _outwards(low: int | None, high: int | None) -> Iterator[int]:
    """The numbers from low to high, those nearest to 0 first."""
    up = down = nearest(low, high)
    yield up
    while (high is None or up < high) or (low is None or down > low):
        if high is None or up < high:
            up += 1
            yield up
        if low is None or down > low:
            down -= 1
            yield down


def _between(conditions: list[Written], name: str, others: Sequence[str]) -> Bounds:
    """What the conditions leave to one variable, for fractions of the others."""
    for each in others:
        conditions = _without(_tightest(conditions) or {}, each)[0]
    low: int | None = None
    high: int | None = None
    for terms, constant in conditions:
        factor = terms.get(name, 0)
        if factor > 0:
            low = -(constant // factor) if low is None else max(low, -(constant // factor))
        elif factor < 0:
            high = constant // -factor if high is None else min(high, constant // -factor)
    return low, high


def _tightest(conditions: Iterable[Written]) -> dict[tuple[tuple[str, int], ...], int] | None:
    """The conditions without common factors, the tightest of those with the same terms; None where one cannot hold."""
    found: dict[tuple[tuple[str, int], ...], int] = {}
    for terms, constant in conditions:
        terms = {name: factor for name, factor in terms.items() if factor}
        if not terms:
            if constant < 0:
                return None
            continue
        by = gcd(*terms.values())
        key = tuple(sorted((name, factor // by) for name, factor in terms.items()))
        found[key] = min(constant // by, found.get(key, constant // by))
    if len(found) > MAX_CONDITIONS:
        raise Undecided
    return found


def _without(
    tightest: Mapping[tuple[tuple[str, int], ...], int], name: str
) -> tuple[list[Written], list[tuple[dict[str, int], int, int]], list[tuple[dict[str, int], int, int]], bool]:
    """The conditions without a variable; those that bound it from below and from above; whether nothing is lost."""
    lower: list[tuple[dict[str, int], int, int]] = []
    upper: list[tuple[dict[str, int], int, int]] = []
    joined: list[Written] = []
    for key, constant in tightest.items():
        terms = dict(key)
        factor = terms.pop(name, 0)
        if factor:
            (lower if factor > 0 else upper).append((terms, constant, abs(factor)))
        else:
            joined.append((terms, constant))
    exact = True
    for low, low_constant, a in lower:
        for high, high_constant, b in upper:
            exact = exact and 1 in (a, b)
            both = {each: b * low.get(each, 0) + a * high.get(each, 0) for each in {*low, *high}}
            joined.append((both, b * low_constant + a * high_constant))
    return joined, lower, upper, exact


def _solved(conditions: list[Written], names: Sequence[str]) -> dict[str, int] | None:
    tightest = _tightest(conditions)
    if tightest is None:
        return None
    if not names:
        return {}
    *others, name = names
    joined, lower, upper, exact = _without(tightest, name)
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
        raise _Gap
    found[name] = nearest(least, most)
    return found
