"""What a name of a rule may be, and all that is known of the names at one point of an exploration.

A `Leaf` is a name that is not computed: a fact, a setting, what was decided. It is one of a few values, or a whole
number of units (a date is a number of days). A `State` narrows leaves: some values, bounds, linear conditions. A
question that a state does not answer raises `Fork` with the narrower states that do; `explore` follows all of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from typing import Any, TypeVar

from gongbao.engine.decision.linear import Bounds, Condition, Undecided, nearest, smallest
from gongbao.engine.decision.unknown import as_number
from gongbao.feel import values

T = TypeVar("T")
MAX_PATHS = 60_000


class TooMany(Exception):
    """More ways than are followed."""


class Unsupported(Exception):
    """Something that cannot be looked at; the message says what, in Chinese."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A name that is not computed. kind `values`: one of `values`; `number`: units from `low` to `high`."""

    name: str
    kind: str
    values: tuple[Any, ...] = ()
    unit: Fraction = Fraction(1)
    low: int | None = None
    high: int | None = None
    date: bool = False
    origin: int = 0  # of a date: the day that 0 is
    samples: tuple[int, ...] = ()  # units to try where a function needs the number itself
    # A number that a calendar function makes of days (`calls`): of date leaves and fixed days, by what, and whether it
    # grows (1) or falls (-1) with each of them, or neither (0).
    function: str = ""
    of: tuple[str | dt.date, ...] = ()
    make: Callable[..., int] | None = None
    slopes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Pick:
    """The value of a leaf that is one of a few."""

    leaf: Leaf


@dataclass(frozen=True, slots=True)
class Line:
    """constant + Σ factor x leaf, in plain numbers; of a date, in days (date.toordinal)."""

    terms: tuple[tuple[str, Fraction], ...]
    constant: Fraction = Fraction(0)
    date: bool = False

    def plus(self, other: Line, factor: int = 1) -> Line:
        found = dict(self.terms)
        for name, each in other.terms:
            found[name] = found.get(name, Fraction(0)) + factor * each
        terms = tuple(sorted((name, each) for name, each in found.items() if each))
        return Line(terms, self.constant + factor * other.constant)

    def times(self, factor: Fraction) -> Line:
        return Line(tuple((n, f * factor) for n, f in self.terms) if factor else (), self.constant * factor)


@dataclass(slots=True)
class State:
    """What is known so far. Only `cache` changes: values computed under a state hold under every narrower one."""

    leaves: dict[str, Leaf]
    picks: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    bounds: dict[str, Bounds] = field(default_factory=dict)
    lines: tuple[Condition, ...] = ()
    cache: dict[Any, Any] = field(default_factory=dict)
    judged: tuple[tuple[str, Any], ...] = ()  # required decisions that a person decides, and how
    sampled: frozenset[str] = frozenset()  # leaves of which only some numbers were tried

    def narrowed(self, **more: Any) -> State:
        found = State(self.leaves, self.picks, self.bounds, self.lines, dict(self.cache), self.judged, self.sampled)
        for key, value in more.items():
            setattr(found, key, value)
        return found

    def remaining(self, leaf: Leaf) -> tuple[Any, ...]:
        return self.picks.get(leaf.name, leaf.values)

    def bound(self, name: str) -> Bounds:
        found = self.bounds.get(name)
        leaf = self.leaves[name]
        return (leaf.low, leaf.high) if found is None else found


class Fork(Exception):
    """A question that the state leaves open, with the states in which it is answered."""

    def __init__(self, states: Sequence[State]) -> None:
        self.states = states


def explore(start: State, evaluate: Callable[[State], T], budget: list[int]) -> list[tuple[T, State]]:
    """Every result with a state it comes out in; together the states are all there is. TooMany when they are too many.

    budget: how many more states may be looked at, in all.
    """
    found: list[tuple[T, State]] = []
    ahead = [start]
    while ahead:
        state = ahead.pop()
        budget[0] -= 1
        if budget[0] < 0:
            raise TooMany
        try:
            found.append((evaluate(state), state))
        except Fork as fork:
            ahead.extend(reversed(fork.states))
    return found


# Picks ---------------------------------------------------------------------------------------------------------------


def among(state: State, pick: Pick, wanted: Callable[[Any], bool]) -> bool:
    """Whether the value is one of those wanted."""
    remaining = state.remaining(pick.leaf)
    inside = tuple(value for value in remaining if wanted(value))
    if len(inside) in (0, len(remaining)):
        return bool(inside)
    outside = tuple(value for value in remaining if not wanted(value))
    raise Fork([state.narrowed(picks={**state.picks, pick.leaf.name: each}) for each in (inside, outside)])


def chosen(state: State, pick: Pick) -> Any:
    """The value itself."""
    remaining = state.remaining(pick.leaf)
    if len(remaining) == 1:
        return remaining[0]
    raise Fork([state.narrowed(picks={**state.picks, pick.leaf.name: (value,)}) for value in remaining])


# Numbers -------------------------------------------------------------------------------------------------------------


def below(state: State, line: Line, inclusive: bool = False) -> bool:
    """Whether a line is below 0 (or, inclusive, at most 0)."""
    if not line.terms:
        return line.constant <= 0 if inclusive else line.constant < 0
    yes, no = (_with(state, condition) for condition in _conditions(state, line, inclusive))
    if yes is not None and no is not None:
        raise Fork([yes, no])
    return yes is not None


def _conditions(state: State, line: Line, inclusive: bool) -> tuple[Condition, Condition]:
    """`line < 0` (or <= 0) and its opposite, over whole numbers of units."""
    factors = [(name, factor * state.leaves[name].unit) for name, factor in line.terms]
    by = lcm(line.constant.denominator, *(factor.denominator for _, factor in factors))
    terms = tuple((name, int(factor * by)) for name, factor in factors)
    constant = int(line.constant * by)
    opposite = tuple((name, -factor) for name, factor in terms)
    if inclusive:
        return (opposite, -constant), (terms, constant - 1)
    return (opposite, -constant - 1), (terms, constant)


def _with(state: State, condition: Condition) -> State | None:
    """The state with one more condition; None where that cannot be."""
    terms, constant = condition
    if len(terms) > 1:
        found = state.narrowed(lines=(*state.lines, condition))
    else:
        ((name, factor),) = terms
        low, high = state.bound(name)
        if factor > 0:  # x >= -constant / factor
            least = -(constant // factor)
            low = least if low is None else max(low, least)
        else:
            most = constant // -factor
            high = most if high is None else min(high, most)
        if low is not None and high is not None and low > high:
            return None
        found = state.narrowed(bounds={**state.bounds, name: (low, high)})
        if not any(each == name for line, _ in state.lines for each, _ in line):
            return found
    return found if numbers(found) is not None else None


def numbers(state: State) -> dict[str, int] | None:
    """The smallest numbers of units, of the leaves that the state speaks of; None where there are none."""
    named = {name for line, _ in state.lines for name, _ in line} | set(state.bounds)
    try:
        return smallest(state.lines, {name: state.bound(name) for name in sorted(named)})
    except Undecided:
        labels = "、".join(f"“{name}”" for name in sorted({name for line, _ in state.lines for name, _ in line}))
        raise Unsupported(f"{labels}的数量条件带系数，未能判定是否有整数同时满足") from None


def of_number(value: Any) -> Line | None:
    """A number or a date as a line; None for anything else."""
    if isinstance(value, Line):
        return value
    if values.is_number(value):
        return Line((), Fraction(value))
    if type(value) is dt.date:
        return Line((), Fraction(value.toordinal()), True)
    return None


def known(state: State, line: Line) -> Any:
    """The number (or date) itself: the leaves in it are tried at their samples, and that is noted."""
    total = line.constant
    for name, factor in line.terms:
        leaf = state.leaves[name]
        low, high = state.bound(name)
        if low is None or low != high:
            inside = [k for k in leaf.samples if (low is None or k >= low) and (high is None or k <= high)]
            tried = dict.fromkeys([*inside, nearest(low, high)])
            made = [_at(state, name, k) for k in tried]
            raise Fork([each for each in made if each is not None])
        total += factor * leaf.unit * low
    return dt.date.fromordinal(int(total)) if line.date else as_number(total)


def _at(state: State, name: str, k: int) -> State | None:
    found = state.narrowed(bounds={**state.bounds, name: (k, k)}, sampled=state.sampled | {name})
    return found if not state.lines or numbers(found) is not None else None


def value_of(leaf: Leaf, units: int) -> Any:
    """The value of a number leaf at so many units."""
    return dt.date.fromordinal(leaf.origin + units) if leaf.date else as_number(units * leaf.unit)
