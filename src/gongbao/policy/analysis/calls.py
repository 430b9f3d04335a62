"""Calendar functions of dates as whole numbers of their own, and real dates that come to them.

`age(born, as_of, …)` is looked at as a number that may be anything in its range, the same one wherever the same call
stands. Which dates come to it is asked at the end, of each combination found: all of these functions run one way in
each of their days, so the days that fit are an interval once the other day is chosen. Combinations that are shown to
have no dates are none; those for which none were found are `Unfound`, never a gap.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from gongbao.engine.decision.linear import Bounds, Condition, Undecided, smallest
from gongbao.engine.decision.unknown import Linear
from gongbao.engine.time import dates
from gongbao.engine.world import World
from gongbao.policy.analysis.symbols import Leaf, State, numbers, value_of

AS_OF = "as_of"  # the day on which the rule is applied
CALLS = ("age", "years_between", "months_between", "working_days_between", "date")
PARTS = {"year": (None, None), "month": (1, 12), "day": (1, 31), "weekday": (1, 7)}
_LAST = dt.date.max.toordinal()
_SEARCHED = 60  # how many choices of days are looked at
_SCANNED = 4 * 366 + 1  # days tried one by one for what does not run one way (the day of a month)
_UNITS = {"age": (365, 366), "years_between": (365, 366), "months_between": (28, 31)}  # days: at least, at most


class Unfound(Exception):
    """No dates were found that come to a combination, nor shown that there are none."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)


# Leaves --------------------------------------------------------------------------------------------------------------


def as_of(world: World) -> Leaf:
    """The day of a decision, as an input of calendar functions."""
    start = world.document["in_force"]["from"].toordinal()
    return Leaf(AS_OF, "number", low=1 - start, high=_LAST - start, quantity="date", origin=start)


def call_leaf(world: World, name: str, args: Sequence[Any]) -> Leaf | None:
    """The number that a call comes to; None where it is none of these, or its days are not those of leaves.

    args: lines and values of the arguments in order.
    """
    wanted = 3 if name == "age" else 2
    if name == "date" or len(args) != wanted:
        return None
    days = [_day_of(each) for each in args[:2]]
    if None in days or days[0] == days[1] or not any(type(each) is str for each in days):
        return None
    made: Any
    if name == "age":
        if args[2] not in ("生日当日", "生日次日"):
            return None
        made = lambda born, on: -1 if on < born else dates.age(born, on, args[2])  # noqa: E731 - before birth: below 0
    elif name == "working_days_between":
        made = world.calendar.working_days_between
    else:
        made = getattr(dates, name)
    shown = ", ".join(map(str, [*days, *args[2:]]))
    low = 0 if name == "age" else None
    return Leaf(f"{name}({shown})", "number", low=low, of=tuple(days), make=made, slopes=(-1, 1), function=name)


def part_leaf(world: World, name: str, part: str) -> Leaf:
    """The year, month, day or weekday of a date leaf; the year is counted from that of the document."""
    start = world.document["in_force"]["from"].year
    low, high = (1 - start, dt.date.max.year - start) if part == "year" else PARTS[part]
    made: Callable[..., Any] = {
        "year": lambda day: day.year - start, "month": lambda day: day.month, "day": lambda day: day.day,
        "weekday": lambda day: day.isoweekday(),
    }[part]  # fmt: skip
    slopes = (1,) if part == "year" else (0,)
    return Leaf(f"{name}.{part}", "number", low=low, high=high, of=(name,), make=made, slopes=slopes, function=part,
                origin=start if part == "year" else 0)  # fmt: skip


def _day_of(value: Any) -> Any:
    """The name of a date leaf, or a fixed day."""
    if isinstance(value, Linear):
        return value.terms[0][0] if value.kind == "date" and len(value.terms) == 1 and value.terms[0][1] == 1 else None
    return value if type(value) is dt.date else None


# Facts ---------------------------------------------------------------------------------------------------------------


def witness(state: State) -> Mapping[str, Any] | None:
    """The smallest values of the leaves that the state speaks of; None where it is shown that there are none.

    Unfound where that is open.
    """
    units = _units(state)
    if units is None:
        return None
    found: dict[str, Any] = {name: remaining[0] for name, remaining in state.picks.items()}
    for name, each in units.items():
        if state.leaves[name].make is None and not state.leaves[name].hidden:
            found[name] = value_of(state.leaves[name], each)
    return found


def may_be(state: State) -> bool:
    """Whether it is not shown that no values come to a state."""
    try:
        return _units(state) is not None
    except Unfound:
        return True


def _units(state: State) -> dict[str, int] | None:
    named = {*state.bounds, *(name for line, _ in state.lines for name, _ in line)}
    calls = [leaf for name in sorted(named) if (leaf := state.leaves[name]).make is not None]
    return _Search(state, calls, named).found() if calls else numbers(state) or {}


class _Search:
    """Days for the date leaves of one state, so that every call comes to a number within its bounds."""

    def __init__(self, state: State, calls: Sequence[Leaf], named: set[str]) -> None:
        self.leaves = state.leaves
        self.calls = calls
        self.lines = state.lines
        self.days = list(dict.fromkeys(each for call in calls for each in call.of if isinstance(each, str)))
        self.bounds = {name: state.bound(name) for name in sorted({*named, *self.days})}
        self.left = 0

    def found(self) -> dict[str, int] | None:
        try:
            solved = self._solved(self.bounds)
            if solved is None:
                return None
            pinned = {call.name: (solved[1][call.name], solved[1][call.name]) for call in self.calls}
            for start in (self.bounds, {**self.bounds, **pinned}):  # the second: numbers that hang on other numbers
                self.left = _SEARCHED
                for found in self._tried(start):
                    return found
        except Undecided:
            pass
        raise Unfound([call.name for call in self.calls])

    def _tried(self, bounds: dict[str, Bounds]) -> Iterator[dict[str, int]]:
        self.left -= 1
        if self.left < 0:
            return
        solved = self._solved(bounds)
        if solved is None:
            return
        narrowed, units = solved
        fixed = {**narrowed, **{name: (units[name], units[name]) for name in self.days}}
        if (whole := self._solved(fixed)) is not None:
            yield whole[1]
            return
        ahead = [name for name in self.days if narrowed[name][0] != narrowed[name][1] or narrowed[name][0] is None]
        for name in ahead:
            for day in self._candidates(name, narrowed, units):
                yield from self._tried({**narrowed, name: (day, day)})

    def _candidates(self, name: str, bounds: Mapping[str, Bounds], units: Mapping[str, int]) -> list[int]:
        low, high = bounds[name]
        parts = [call for call in self.calls if call.of == (name,)]
        if any(0 in call.slopes for call in parts):
            for by in range(_SCANNED):
                for day in (units[name] + by, units[name] - by):
                    inside = (low is None or day >= low) and (high is None or day <= high)
                    if inside and all(self._within(call, bounds, self._at(call, {name: day})) for call in parts):
                        return [day]
            return []
        near = [each for each in (low, high) if each is not None and abs(each) < _LAST // 4]
        return list(dict.fromkeys([units[name], *near]))

    def _within(self, call: Leaf, bounds: Mapping[str, Bounds], value: int) -> bool:
        low, high = bounds.get(call.name, (None, None))
        return (low is None or value >= low) and (high is None or value <= high)

    def _at(self, call: Leaf, units: Mapping[str, int]) -> int:
        assert call.make is not None
        days = [
            dt.date.fromordinal(self.leaves[each].origin + units[each]) if isinstance(each, str) else each
            for each in call.of
        ]
        return int(call.make(*days))

    # What must hold in any case ---------------------------------------------------------------------------------------

    def _solved(self, bounds: Mapping[str, Bounds]) -> tuple[dict[str, Bounds], dict[str, int]] | None:
        """The bounds narrowed by the calls, and the smallest numbers within them; None where there are none."""
        narrowed, more = dict(bounds), list[Condition]()
        for call in (*self.calls, *self.calls):  # twice: what one call leaves of a day narrows another
            free = [i for i, each in enumerate(call.of) if isinstance(each, str) and _open(narrowed[each])]
            if not free:
                fixed = {each: narrowed[each][0] for each in call.of if isinstance(each, str)}
                value = self._at(call, fixed)  # type: ignore[arg-type]
                if not self._within(call, narrowed, value):
                    return None
                narrowed[call.name] = (value, value)
            elif len(free) == 1 and call.slopes[free[0]]:
                name = str(call.of[free[0]])
                inside = self._interval(call, free[0], narrowed)
                if inside is None:
                    return None
                narrowed[name] = inside
            elif len(free) == 2:
                more += self._apart(call, narrowed[call.name])
        units = smallest([*self.lines, *more], narrowed)
        return None if units is None else (narrowed, units)

    def _interval(self, call: Leaf, at: int, bounds: Mapping[str, Bounds]) -> Bounds | None:
        """The days of one argument with which a call is within its bounds, the others being fixed."""
        name, slope = str(call.of[at]), call.slopes[at]
        first, last = bounds[name]
        leaf = self.leaves[name]
        first = 1 - leaf.origin if first is None else first
        last = _LAST - leaf.origin if last is None else last
        known = {each: bounds[each][0] for each in call.of if isinstance(each, str) and each != name}
        low, high = bounds[call.name]

        def value(day: int) -> int:
            return self._at(call, {**known, name: day})  # type: ignore[dict-item]

        if slope > 0:
            start = first if low is None else _first(first, last, lambda day: value(day) >= low)
            end = last if high is None else _first(first, last, lambda day: value(day) > high) - 1
        else:
            start = first if high is None else _first(first, last, lambda day: value(day) <= high)
            end = last if low is None else _first(first, last, lambda day: value(day) < low) - 1
        return (start, end) if start <= end else None

    def _apart(self, call: Leaf, bounds: Bounds) -> Iterator[Condition]:
        """How many days there must be at least and at most between the two days of a call."""
        a, b = (str(each) for each in call.of)
        offset = self.leaves[b].origin - self.leaves[a].origin
        low, high = bounds
        least, most = _UNITS.get(call.function, (1, None))
        if low is not None and (low >= 0 or most is not None):
            fewest: int | None = None
            if call.function == "age" or low > 0:
                fewest = max(low, 0) * least
            elif most is not None:
                fewest = -((1 - low) * most + 2)
            if fewest is not None:
                yield ((b, 1), (a, -1)) if b < a else ((a, -1), (b, 1)), offset - fewest
        if high is not None:
            if high < 0:
                highest: int | None = high * least
            else:
                highest = (high + 1) * most + 2 if most is not None else None
            if highest is not None:
                yield ((a, 1), (b, -1)) if a < b else ((b, -1), (a, 1)), highest - offset


def not_found(names: Sequence[str]) -> str:
    """That a combination could not be decided, in Chinese."""
    return f"{'、'.join(f'“{each}”' for each in names)}相互牵连，有的组合没有找到日期，也没有证明没有，未能判定"


def _open(bounds: Bounds) -> bool:
    return bounds[0] is None or bounds[0] != bounds[1]


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The first number from low to high at which something holds from there on; high + 1 where it never does."""
    end = high + 1
    while low < end:
        middle = (low + end) // 2
        if holds(middle):
            end = middle
        else:
            low = middle + 1
    return low
