"""Regular expressions that cannot run away: a pattern is refused when it could take more than linear-ish time.

Python's matcher backtracks, so ``(a+)+$`` on thirty letters would run for minutes. A pattern is measured once:
a repetition of something that itself varies is refused; the free repetitions and the alternatives side by side bound how
long a subject may be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

from gongbao.feel.errors import FeelLimitError
from gongbao.feel.meter import spend
from gongbao.feel.xpath import rewritten

MAX_PATTERN = 1_000
MAX_WRITTEN = 100_000
MAX_SUBJECT = 100_000
#: Steps that one match may take at worst.
MAX_STEPS = 20_000_000

# What "s" and "x" mean is written into the pattern.
_FLAGS = {"i": re.IGNORECASE, "s": re.NOFLAG, "m": re.MULTILINE, "x": re.NOFLAG}
_REPEATS = (_constants.MAX_REPEAT, _constants.MIN_REPEAT)
_POSSESSIVE = (_constants.POSSESSIVE_REPEAT,)


class _Unsafe(Exception):
    """The pattern may need exponential time."""


def compiled(pattern: str, flags: str | None, subject: str, budget: list[int] | None = None) -> re.Pattern[str] | None:
    """The pattern ready to run on ``subject``; None when it is no regular expression or a flag is unknown.

    ``FeelLimitError`` when running it might take too long, by itself or for what is left of the budget.
    """
    if len(pattern) > MAX_PATTERN or len(subject) > MAX_SUBJECT:
        raise FeelLimitError(f"正则表达式最长 {MAX_PATTERN} 个字符，被匹配的文字最长 {MAX_SUBJECT} 个字符")
    found, cost = _measured(pattern, flags or "")
    if cost is None:
        raise FeelLimitError(f"正则表达式 {pattern} 里有重复套重复的写法，可能耗时过长，请改写")
    steps = cost.ways * (len(subject) + 1) ** (1 + cost.degree)
    if steps > MAX_STEPS and (cost.degree or cost.ways > 1):
        raise FeelLimitError(f"正则表达式 {pattern} 对 {len(subject)} 个字符的文字可能耗时过长")
    if budget is not None:
        spend(budget, steps >> 8)
    return found


@dataclass(frozen=True, slots=True)
class _Cost:
    """What matching takes at one place of a subject of n characters: ``ways * n ** degree`` steps at worst.

    ``degree`` counts the repetitions of open length side by side, ``ways`` the choices between alternatives.
    """

    degree: int = 0
    ways: int = 1

    def then(self, other: _Cost) -> _Cost:
        return _Cost(self.degree + other.degree, _capped(self.ways * other.ways))

    def times(self, count: int) -> _Cost:
        """The same, ``count`` times in a row."""
        return _Cost(self.degree * count, _capped(self.ways ** min(count, 64)))


def _capped(ways: int) -> int:
    return min(ways, MAX_STEPS + 1)


@lru_cache(maxsize=512)
def _measured(pattern: str, flags: str) -> tuple[re.Pattern[str] | None, _Cost | None]:
    """The compiled pattern and what it costs at worst; None for a cost that grows exponentially."""
    value = 0
    for flag in flags:
        if flag not in _FLAGS:
            return None, _Cost()
        value |= _FLAGS[flag]
    try:
        written = rewritten(pattern, flags or "")
        if len(written) > MAX_WRITTEN:  # classes of Unicode categories are hundreds of ranges each
            return None, None
        cost = _cost(_parser.parse(written, value), inside=False, last=True)
        return re.compile(written, value), cost
    except _Unsafe:
        return None, None
    except (re.error, OverflowError, RecursionError, ValueError):
        return None, _Cost()


def _cost(items: Iterable[Any], inside: bool, last: bool = False) -> _Cost:
    """The cost of what stands side by side.

    ``inside`` says that a repetition is around them; ``last`` that nothing follows, so that a repetition at the end,
    which cannot be made to try again, does not count.
    """
    total = _Cost()
    items = list(items)
    for at, (operation, argument) in enumerate(items):
        total = total.then(_cost_of(operation, argument, inside, last and at == len(items) - 1))
    return total


def _cost_of(operation: Any, argument: Any, inside: bool, ends: bool) -> _Cost:
    if operation in _REPEATS or operation in _POSSESSIVE:
        low, high, body = argument
        if low == high and high * max(1, len(body)) <= 1000:
            return _cost(body, inside).times(int(high))
        if inside:
            raise _Unsafe
        held = _cost(body, inside=int(high) > 1)
        if int(high) == 1:  # "x?": with or without
            return _Cost(ways=2).then(held) if not ends else held
        return _Cost(0 if ends else 1, held.ways)
    if operation is _constants.BRANCH:
        branches = argument[1]
        distinct = _distinct_starts(branches)
        if inside and not distinct:
            raise _Unsafe
        each = [_cost(branch, inside, ends) for branch in branches]
        ways = max(cost.ways for cost in each) if distinct else sum(cost.ways for cost in each)
        return _Cost(max(cost.degree for cost in each), _capped(ways))
    if operation is _constants.SUBPATTERN:
        return _cost(argument[-1], inside, ends)
    if operation in (_constants.ASSERT, _constants.ASSERT_NOT):
        return _cost(argument[1], inside)
    if operation is _constants.ATOMIC_GROUP:
        return _cost(argument, inside)
    if operation in (_constants.GROUPREF, _constants.GROUPREF_EXISTS):
        if inside:
            raise _Unsafe
        return _Cost(degree=1)  # what it refers to may be as long as the subject
    return _Cost()


def _distinct_starts(branches: list[Any]) -> bool:
    """Whether every alternative begins with another literal character, so that at most one can go on."""
    starts = [branch[0][1] if len(branch) and branch[0][0] is _constants.LITERAL else None for branch in branches]
    return None not in starts and len(set(starts)) == len(starts)
