"""The search through what is possible: a judgement tried on the values of what stands in its way.

`explore` tries booleans, choices and candidates one by one, and numbers at the points where a comparison changes (the
zeros of a view's `lines`), which together meet every case. Where that cannot be done exactly (texts, lists, three
numbers in one sum, too many cases) it takes every result that three-valued evaluation does not exclude: too many,
never too few.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from gongbao.engine.decision.unknown import Domain, Linear, as_number, is_known
from gongbao.engine.decision.view import View
from gongbao.engine.series import Series
from gongbao.feel import values
from gongbao.feel.syntax import Node
from gongbao.feel.values import Value

MAX_CASES = 3000  # cases tried before three-valued evaluation has the last word
MAX_POINTS = 200


@dataclass(frozen=True, slots=True)
class Result:
    """One thing that may come out: the matched rows, and per output its value (or OPEN)."""

    rows: tuple[int, ...]
    outputs: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Leaf:
    """What comes out in one case: `assigned` are the values tried, `needs` what still stood in the way."""

    assigned: Mapping[str, Value]
    results: tuple[Result, ...]
    needs: tuple[str, ...] = ()
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """A judgement in one case: settled when `results` is one; `blocked` says that it is not settled."""

    results: tuple[Result, ...]
    blocked: bool


Judge = Callable[[View, Mapping[str, bool]], Verdict]
"""From a view and the numbers tried (name -> whether all its values are tried) to a verdict."""


def explore(view: View, judge: Judge, assume: Sequence[Node] = ()) -> list[Leaf]:
    """Every result that is possible, with the case it comes out in."""
    leaves: list[Leaf] = []
    budget = [MAX_CASES]
    _explore(view, judge, assume, {}, {}, leaves, budget)
    return leaves


def _explore(
    view: View,
    judge: Judge,
    assume: Sequence[Node],
    assigned: dict[str, Value],
    tried: dict[str, bool],
    leaves: list[Leaf],
    budget: list[int],
) -> None:
    budget[0] -= 1
    view.needs, view.lines = [], []
    held = [view.value(each) for each in assume]
    if any(each is False for each in held):
        return
    open_assumption = not all(is_known(each) for each in held)
    if not open_assumption:
        view.needs, view.lines = [], []
    verdict = judge(view, tried)
    names = _names(view)
    if not verdict.blocked and not open_assumption:
        leaves.append(Leaf(assigned, verdict.results, names))
        return
    choice = None if budget[0] <= 0 else _choice(view)
    if choice is None:
        leaves.append(Leaf(assigned, verdict.results, names, exact=not verdict.blocked))
        return
    domain, points, exact = choice
    if not exact:
        leaves.append(Leaf(assigned, verdict.results, names, exact=not verdict.blocked))
    numbers = {**tried, domain.name: domain.small} if domain.kind == "number" else tried
    for point in points:
        further = {**assigned, domain.name: point}
        _explore(view.pinned(domain.name, point), judge, assume, further, numbers, leaves, budget)


def _names(view: View) -> tuple[str, ...]:
    lines = [name for line in view.lines for name, _ in line.terms]
    return tuple(dict.fromkeys([*(name for name, _ in view.needs), *lines]))


def _choice(view: View) -> tuple[Domain, Sequence[Value], bool] | None:
    """What to try next, the values to try, and whether they meet every case; None when nothing can be tried."""
    needed: dict[str, bool] = {}
    for name, exact in view.needs:
        needed[name] = needed.get(name, True) and exact
    domains = [view.unknown[name] for name in needed if name in view.unknown]
    listed = [domain for domain in domains if domain.kind == "values" and domain.values]
    if listed:
        domain = min(listed, key=lambda each: len(each.values))
        return domain, domain.values, True
    in_lines = {name: view.unknown[name] for line in view.lines for name, _ in line.terms}
    numbers = {**{each.name: each for each in domains if each.kind == "number"}, **in_lines}
    if not numbers:
        return None
    # First the numbers that stand alone or whose values can all be tried: they leave the others simpler.
    domain = min(numbers.values(), key=lambda each: (not each.small, _partners(each.name, view.lines)))
    if domain.small:
        low, high, unit = domain.low, domain.high, domain.unit
        assert low is not None
        assert high is not None
        assert unit is not None
        first, last = math.ceil(low / unit), math.floor(high / unit)
        return domain, [as_number(k * unit) for k in range(first, last + 1)], True
    cuts, exact = _cuts(domain, view)
    points = _points(domain, cuts)
    if len(points) > MAX_POINTS:
        step = -(-len(points) // MAX_POINTS)
        points, exact = points[::step], False
    return domain, points, exact and needed.get(domain.name, True)


def _partners(name: str, lines: Iterable[Linear]) -> int:
    return len({other for line in lines if name in dict(line.terms) for other, _ in line.terms})


def _cuts(domain: Domain, view: View) -> tuple[list[Fraction], bool]:
    """Where something changes along one number, and whether that is all."""
    name = domain.name
    mine = [line for line in view.lines if name in dict(line.terms)]
    others = {other for line in mine for other, _ in line.terms} - {name}
    cuts = [-line.constant / dict(line.terms)[name] for line in mine if len(line.terms) == 1]
    if any(each == name for each, _ in view.needs):  # compared inside a series or list: with its numbers
        cuts.extend(_numbers_in(view.scope.values()))
    if not others:
        return cuts, True
    # Lines over two numbers: something changes where two of them cross. Beyond two numbers that is not all of it.
    partner = min(others)
    unit, other_unit = domain.unit, view.unknown[partner].unit
    edges: list[tuple[Fraction, Fraction, Fraction]] = []
    for line in view.lines:
        factors = dict(line.terms)
        if factors.keys() <= {name, partner}:
            edges.append((factors.get(name, Fraction(0)), factors.get(partner, Fraction(0)), line.constant))
    simple = unit is None or all(
        abs(a) in (0, 1) and abs(b) in (0, 1) and (c / unit).denominator == 1 for a, b, c in edges
    )
    for bound in (view.unknown[partner].low, view.unknown[partner].high):
        if bound is not None:
            edges.append((Fraction(0), Fraction(1), -bound))
    if unit is not None:  # among steps, more than a line means at least one step beyond it
        edges = [(a, b, c + k * unit) for a, b, c in edges for k in (-1, 0, 1)]
    for i, (a, b, c) in enumerate(edges):
        for d, e, f in edges[:i]:
            slope = a * e - d * b
            if slope:
                cuts.append((b * f - e * c) / slope)
    alone = {n for line in view.lines if partner in dict(line.terms) for n, _ in line.terms} <= {name, partner}
    return list(set(cuts)), len(others) == 1 and alone and unit == other_unit and simple


def _numbers_in(found: Iterable[Value]) -> list[Fraction]:
    numbers: set[Fraction] = set()
    for each in found:
        if isinstance(each, Series):
            each = list(each.values)
        if isinstance(each, list | tuple):
            numbers.update(Fraction(number) for number in each if values.is_number(number))
    return sorted(numbers)


def _points(domain: Domain, cuts: Iterable[Fraction]) -> list[Value]:
    """Numbers that meet every point and every space between the cuts, within the bounds."""
    if domain.unit is not None:
        wanted: set[Fraction] = set()
        for cut in cuts:
            for k in (math.floor(cut / domain.unit), math.ceil(cut / domain.unit)):
                wanted.update(step * domain.unit for step in (k - 1, k, k + 1))
        low = None if domain.low is None else math.ceil(domain.low / domain.unit) * domain.unit
        high = None if domain.high is None else math.floor(domain.high / domain.unit) * domain.unit
        wanted.update(each for each in (low, high) if each is not None)
    else:
        edges = sorted({*cuts, *(each for each in (domain.low, domain.high) if each is not None)})
        wanted = {*edges, *((a + b) / 2 for a, b in pairwise(edges))}
        if edges:
            wanted |= {edges[0] - 1, edges[-1] + 1}
        low, high = domain.low, domain.high
    inside = [each for each in wanted if (low is None or each >= low) and (high is None or each <= high)]
    return [as_number(each) for each in sorted(inside or [low or high or Fraction(0)])]
