"""Functions of a series as machines that read it one reading after the other.

Two series after which all machines of a decision stand alike come to the same outcome, whatever follows. What a state
holds is therefore no more than what can still matter: a run is counted up to just beyond the largest figure that it
is compared with. All of them look at readings one by one: windows of several readings are no machine's.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

from gongbao.engine.series import Test, holds

State = Any
Prefix = Callable[[], Sequence[Any]]
"""The readings before the one that is read (at the end: all of them)."""


class Machine(Protocol):
    """`tests`: all that it asks of one reading. `read` gives None where what it comes to is then not known."""

    tests: tuple[Test, ...]

    @property
    def start(self) -> State: ...

    def read(self, state: State, reading: Fraction, before: Prefix) -> State | None: ...

    def comes_to(self, state: State, whole: Prefix) -> Hashable: ...


@dataclass(frozen=True, slots=True)
class Counted:
    """A test of a reading, and up to what number its runs are counted (None: as far as they go)."""

    test: Test
    most: int | None = None

    def run(self, here: int, reading: Fraction) -> int:
        """The run that a reading ends."""
        if not holds(reading, self.test):
            return 0
        return here + 1 if self.most is None or here < self.most else here


class Latest:
    """How many readings in a row hold up to the last one."""

    start = 0

    def __init__(self, counted: Counted) -> None:
        self.counted = counted
        self.tests: tuple[Test, ...] = (counted.test,)

    def read(self, state: int, reading: Fraction, before: Prefix) -> int:
        return self.counted.run(state, reading)

    def comes_to(self, state: int, whole: Prefix) -> Hashable:
        return state


class Longest:
    """How many readings in a row hold at most."""

    start = (0, 0)

    def __init__(self, counted: Counted) -> None:
        self.counted = counted
        self.tests: tuple[Test, ...] = (counted.test,)

    def read(self, state: tuple[int, int], reading: Fraction, before: Prefix) -> tuple[int, int]:
        here = self.counted.run(state[0], reading)
        return here, max(here, state[1])

    def comes_to(self, state: tuple[int, int], whole: Prefix) -> Hashable:
        return state[1]


class Peak:
    """The highest reading, told apart by the figures that it is compared with."""

    start = -1

    def __init__(self, figures: Sequence[Fraction]) -> None:
        self.tests: tuple[Test, ...] = tuple((op, figure) for figure in sorted(set(figures)) for op in (">=", ">"))

    def read(self, state: int, reading: Fraction, before: Prefix) -> int:
        return max(state, sum(bool(holds(reading, test)) for test in self.tests))

    def comes_to(self, state: int, whole: Prefix) -> Hashable:
        return state


@dataclass(frozen=True, slots=True)
class Joining:
    """Which stretches are one. least: how many readings in a row of at most `at_most` keep two apart (None: not known);
    how: separate, dropped or counted (None: not known)."""

    at_most: Fraction | None
    least: int | None
    how: str | None


Runs = tuple[tuple[int, int], ...]  # of each test: the run that the stretch now ends in, and its longest
Gap = tuple[int, int, int, Runs]  # its readings, the good ones at its end, the most in a row, the runs through it


class Episodes:
    """The stretches (过程) of a series, each told apart by the longest runs inside it.

    A state is the best that the stretches that are over came to, the runs of the one that is not, and the gap after it.
    outcome: what the decision gives for the last stretch of these readings; better: the better of two of those;
    is_highest: whether one is such that no other matters.
    """

    start = (None, None, None)

    def __init__(
        self,
        above: Test,
        inside: Sequence[Counted],
        joining: Joining,
        outcome: Callable[[Sequence[Any]], Hashable],
        better: Callable[[Hashable, Hashable], Hashable],
        is_highest: Callable[[Hashable], bool],
    ) -> None:
        self.above, self.inside, self.joining = above, tuple(inside), joining
        self.outcome, self.better = outcome, better
        known = joining.how is not None and (joining.how == "separate" or None not in (joining.at_most, joining.least))
        self.is_highest = is_highest if known else lambda best: False  # else the stretches after it may be none
        good = () if joining.at_most is None else (("<=", joining.at_most),)
        self.tests = (above, *(each.test for each in inside), *good)
        self._outcomes: dict[tuple[int, ...], Hashable] = {}

    def read(self, state: State, reading: Fraction, before: Prefix) -> State | None:
        best, runs, gap = state
        if best is not None and runs is gap is None and self.is_highest(best):
            return state  # whatever follows
        if not holds(reading, self.above):
            if runs is None:
                return state
            if self.joining.how == "separate":
                return self._over(best, runs, before), None, None
            return best, runs, self._further(gap or (0, 0, 0, runs), reading)
        if runs is None:
            return best, self._on(self._none, reading), None
        if gap is None:
            return best, self._on(runs, reading), None
        apart = self._apart(gap)
        if apart:
            best = self._over(best, runs, before)
            return best, None if self.is_highest(best) else self._on(self._none, reading), None
        if apart is None or self.joining.how is None:
            return None
        return best, self._on(gap[3] if self.joining.how == "counted" else runs, reading), None

    def comes_to(self, state: State, whole: Prefix) -> Hashable:
        best, runs, _ = state
        return best if runs is None else self._over(best, runs, whole)

    @property
    def _none(self) -> Runs:
        return ((0, 0),) * len(self.inside)

    def _on(self, runs: Runs, reading: Fraction) -> Runs:
        made = []
        for each, (here, most) in zip(self.inside, runs, strict=True):
            here = each.run(here, reading)
            made.append((here, max(here, most)))
        return tuple(made)

    def _further(self, gap: Gap, reading: Fraction) -> Gap:
        """A gap with one more reading; a reading between parts that counts is above the line of the stretch."""
        length, good, most, runs = gap
        least = self.joining.least or 0
        good = good + 1 if self.joining.at_most is not None and reading <= self.joining.at_most else 0
        through = []
        for each, (here, longest) in zip(self.inside, runs, strict=True):
            counts = self.joining.how == "counted" and each.test == self.above
            here = each.run(here, self.above[1] + 1 if counts else reading)  # type: ignore[arg-type]
            through.append((here, max(here, longest)))
        return min(length + 1, least), min(good, least), min(max(good, most), least), tuple(through)

    def _apart(self, gap: Gap) -> bool | None:
        least = self.joining.least
        if least is None or gap[0] < least:
            return None if least is None else False
        return None if self.joining.at_most is None else gap[2] >= least

    def _over(self, best: Hashable, runs: Runs, readings: Prefix) -> Hashable:
        longest = tuple(most for _, most in runs)
        if longest not in self._outcomes:
            self._outcomes[longest] = self.outcome(readings())
        found = self._outcomes[longest]
        return found if best is None else self.better(best, found)
