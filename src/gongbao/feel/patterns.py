"""Regular expressions that cannot run away: a pattern is refused when it could take more than linear-ish time.

Python's matcher backtracks, so ``(a+)+$`` on thirty letters would run for minutes. A pattern is measured once:
a repetition of something that itself varies is refused, and the number of free repetitions side by side bounds
how long a subject may be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

from gongbao.feel.errors import FeelLimitError
from gongbao.feel.xpath import rewritten

MAX_PATTERN = 1_000
MAX_SUBJECT = 100_000
#: Steps that one match may take at worst.
MAX_STEPS = 20_000_000

# What "s" and "x" mean is written into the pattern.
_FLAGS = {"i": re.IGNORECASE, "s": re.NOFLAG, "m": re.MULTILINE, "x": re.NOFLAG}
_REPEATS = (_constants.MAX_REPEAT, _constants.MIN_REPEAT)
_POSSESSIVE = (_constants.POSSESSIVE_REPEAT,)


class _Unsafe(Exception):
    """The pattern may need exponential time."""


def compiled(pattern: str, flags: str | None, subject: str) -> re.Pattern[str] | None:
    """The pattern ready to run on ``subject``; None when it is no regular expression or a flag is unknown.

    ``FeelLimitError`` when running it might take too long.
    """
    if len(pattern) > MAX_PATTERN or len(subject) > MAX_SUBJECT:
        raise FeelLimitError(f"正则表达式最长 {MAX_PATTERN} 个字符，被匹配的文字最长 {MAX_SUBJECT} 个字符")
    found, degree = _measured(pattern, flags or "")
    if degree < 0:
        raise FeelLimitError(f"正则表达式 {pattern} 里有重复套重复的写法，可能耗时过长，请改写")
    if degree > 1 and len(subject) ** degree > MAX_STEPS:
        raise FeelLimitError(f"正则表达式 {pattern} 对 {len(subject)} 个字符的文字可能耗时过长")
    return found


@lru_cache(maxsize=512)
def _measured(pattern: str, flags: str) -> tuple[re.Pattern[str] | None, int]:
    """The compiled pattern and the degree of its worst case in the length of the subject; -1 is exponential."""
    value = 0
    for flag in flags:
        if flag not in _FLAGS:
            return None, 0
        value |= _FLAGS[flag]
    try:
        written = rewritten(pattern, flags or "")
        degree = 1 + _free_repeats(_parser.parse(written, value), inside=False, last=True)
        return re.compile(written, value), degree
    except _Unsafe:
        return None, -1
    except (re.error, OverflowError, RecursionError, ValueError):
        return None, 0


def _free_repeats(items: Iterable[Any], inside: bool, last: bool = False) -> int:
    """How many repetitions of open length stand side by side.

    ``inside`` says that one is around them; ``last`` that nothing follows, so that a repetition at the end, which
    cannot be made to try again, does not count.
    """
    total = 0
    items = list(items)
    for at, (operation, argument) in enumerate(items):
        ends = last and at == len(items) - 1
        if operation in _REPEATS or operation in _POSSESSIVE:
            low, high, body = argument
            if low == high and high * max(1, len(body)) <= 1000:
                total += _free_repeats(body, inside) * max(1, int(high))
                continue
            if inside:
                raise _Unsafe
            _free_repeats(body, inside=int(high) > 1)
            total += not ends
        elif operation is _constants.BRANCH:
            if inside and not _distinct_starts(argument[1]):
                raise _Unsafe
            total += max(_free_repeats(branch, inside, ends) for branch in argument[1])
        elif operation is _constants.SUBPATTERN:
            total += _free_repeats(argument[-1], inside, ends)
        elif operation in (_constants.ASSERT, _constants.ASSERT_NOT):
            total += _free_repeats(argument[1], inside)
        elif operation is _constants.ATOMIC_GROUP:
            total += _free_repeats(argument, inside)
        elif operation in (_constants.GROUPREF, _constants.GROUPREF_EXISTS):
            if inside:
                raise _Unsafe
            total += 1  # what it refers to may be as long as the subject
    return total


def _distinct_starts(branches: list[Any]) -> bool:
    """Whether every alternative begins with another literal character, so that at most one can go on."""
    starts = [branch[0][1] if len(branch) and branch[0][0] is _constants.LITERAL else None for branch in branches]
    return None not in starts and len(set(starts)) == len(starts)
