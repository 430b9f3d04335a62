"""What a name of a rule may be, and all that is known of the names at one point of an exploration.

A `Leaf` is a name that is not computed: a fact, a setting, what was decided. It is one of a few values, or a whole
number of units (a date is a number of days, a moment one of minutes). A `State` narrows leaves: some values, bounds, linear conditions. A
question that a state does not answer raises `Fork` with the narrower states that do; `explore` follows all of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from typing import Any, TypeVar

from gongbao.engine.decision.linear import Bounds, Condition, Undecided, can_be, nearest, smallest
from gongbao.engine.decision.unknown import Kind, Linear, as_value, linear

T = TypeVar("T")
MAX_PATHS = 60_000


class TooMany(Exception):
    """More ways than are followed."""


class Unsupported(Exception):
    """Something that cannot be looked at; the message says what, in Chinese."""


class Contradictory(Unsupported):
    """What is assumed cannot all hold."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A name that is not computed. kind `values`: one of `values`; `number`: units from `low` to `high`."""

    name: str
    kind: str
    values: tuple[Any, ...] = ()
    unit: Fraction = Fraction(1)
    low: int | None = None
    high: int | None = None
    quantity: Kind = "number"
    origin: int = 0  # of a date or moment: the day that 0 is
    samples: tuple[int, ...] = ()  # units to try where a function needs the number itself
    hidden: bool = False  # a number made of others, that conditions tie to them
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


def below(state: State, line: Linear, inclusive: bool = False) -> bool:
    """Whether a line is below 0 (or, inclusive, at most 0)."""
    if not line.terms:
        return line.constant <= 0 if inclusive else line.constant < 0
    yes, no = (_with(state, condition) for condition in _conditions(state, line, inclusive))
    if yes is not None and no is not None:
        raise Fork([yes, no])
    return yes is not None


def _conditions(state: State, line: Linear, inclusive: bool) -> tuple[Condition, Condition]:
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
    return found if _can_be(found, terms[0][0]) else None


def _can_be(state: State, about: str) -> bool:
    """Whether there are numbers that meet what the lines and bounds say of a name."""
    if not state.lines:
        return True
    try:
        return can_be(state.lines, state.bound, about)
    except Undecided:
        raise _undecided(state) from None


def numbers(state: State) -> dict[str, int] | None:
    """The smallest numbers of units, of the leaves that the state speaks of; None where there are none."""
    named = {name for line, _ in state.lines for name, _ in line} | set(state.bounds)
    try:
        return smallest(state.lines, {name: state.bound(name) for name in sorted(named)})
    except Undecided:
        raise _undecided(state) from None


def _undecided(state: State) -> Unsupported:
    labels = "、".join(f"“{name}”" for name in sorted({name for line, _ in state.lines for name, _ in line}))
    return Unsupported(f"{labels}的数量条件带系数，未能判定是否有整数同时满足")


def known(state: State, line: Linear, limit: int) -> Any:
    """The quantity itself: the leaves in it are tried at all their numbers where those of all of them together are at
    most the limit, else at their samples, and that is noted."""
    total = line.constant
    every = size(state, line) <= limit
    for name, factor in line.terms:
        leaf = state.leaves[name]
        low, high = state.bound(name)
        if low is None or low != high:
            if every and low is not None and high is not None:
                tried: Sequence[int] = range(low, high + 1)
            else:
                inside = [k for k in leaf.samples if (low is None or k >= low) and (high is None or k <= high)]
                tried = list(dict.fromkeys([*inside, nearest(low, high)]))
            made = [_at(state, name, k, every) for k in tried]
            raise Fork([each for each in made if each is not None])
        total += factor * leaf.unit * low
    return as_value(total, line.kind)


def size(state: State, line: Linear) -> float:
    """How many combinations of numbers the leaves of a line have left."""
    found: float = 1
    for name, _ in line.terms:
        low, high = state.bound(name)
        found *= float("inf") if low is None or high is None else high - low + 1
    return found


def _at(state: State, name: str, k: int, every: bool) -> State | None:
    sampled = state.sampled if every else state.sampled | {name}
    found = state.narrowed(bounds={**state.bounds, name: (k, k)}, sampled=sampled)
    return found if _can_be(found, name) else None


def tied(state: State, leaf: Leaf, least: Linear, above: Linear) -> None:
    """Forks to the state in which a hidden leaf is tied to others: one line is at least 0, the other above it."""
    if any(name == leaf.name for terms, _ in state.lines for name, _ in terms):
        return
    found = _with(state, _conditions(state, least, False)[1])
    found = None if found is None else _with(found, _conditions(state, above, True)[1])
    raise Fork([] if found is None else [found])


def value_of(leaf: Leaf, units: int) -> Any:
    """The value of a number leaf at so many units."""
    return as_value(leaf.origin + units * leaf.unit, leaf.quantity)


def units_of(leaf: Leaf, value: Any) -> Fraction | None:
    """So many units of a leaf that a value is; None for what is no such quantity."""
    line = linear(value)
    return None if line is None or line.kind != leaf.quantity else (line.constant - leaf.origin) / leaf.unit
