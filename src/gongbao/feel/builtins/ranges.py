"""Built-ins that compare points and ranges (Allen's relations, DMN 1.5, 10.3.4.11); a point is a range of itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from gongbao.feel.builtins.registry import REGISTERED, builtin
from gongbao.feel.temporal import read_temporal
from gongbao.feel.values import Range, Value, conjunction, disjunction, eq, is_list, lt, make_range


def _as_range(value: Value) -> Range | None:
    if isinstance(value, Range):
        return value
    return None if value is None or is_list(value) else Range(value, value)


def _relation(name: str, *signatures: str) -> Callable[[Callable[[Range, Range], Value]], Callable[..., Value]]:
    def register(relation: Callable[[Range, Range], Value]) -> Callable[..., Value]:
        def call(first: Value, second: Value) -> Value:
            a, b = _as_range(first), _as_range(second)
            return None if a is None or b is None else relation(a, b)

        call.__doc__ = relation.__doc__
        return builtin(name, *signatures)(call)

    return register


def _ends_before(a: Range, b: Range) -> bool | None:
    """The end of a lies before the start of b, or touches it where one of the two is open."""
    touching = eq(a.high, b.low) if not (a.high_closed and b.low_closed) else False
    return disjunction(lt(a.high, b.low), touching)


def _starts_within(a: Range, b: Range) -> bool | None:
    """a starts no earlier than b."""
    return disjunction(lt(b.low, a.low), conjunction(eq(a.low, b.low), b.low_closed or not a.low_closed))


def _ends_within(a: Range, b: Range) -> bool | None:
    """a ends no later than b."""
    return disjunction(lt(a.high, b.high), conjunction(eq(a.high, b.high), b.high_closed or not a.high_closed))


def _same_start(a: Range, b: Range) -> bool | None:
    return conjunction(eq(a.low, b.low), a.low_closed == b.low_closed)


def _same_end(a: Range, b: Range) -> bool | None:
    return conjunction(eq(a.high, b.high), a.high_closed == b.high_closed)


def _negated(value: bool | None) -> bool | None:
    return None if value is None else not value


@_relation("before", "point1, point2", "point, range", "range, point", "range1, range2")
def before(a: Range, b: Range) -> Value:
    """Whether the first lies wholly before the second."""
    return _ends_before(a, b)


@_relation("after", "point1, point2", "point, range", "range, point", "range1, range2")
def after(a: Range, b: Range) -> Value:
    """Whether the first lies wholly after the second."""
    return _ends_before(b, a)


@_relation("meets", "range1, range2")
def meets(a: Range, b: Range) -> Value:
    """Whether the first ends, inclusively, where the second starts."""
    return conjunction(a.high_closed and b.low_closed, eq(a.high, b.low))


@_relation("met by", "range1, range2")
def met_by(a: Range, b: Range) -> Value:
    """Whether the first starts, inclusively, where the second ends."""
    return conjunction(a.low_closed and b.high_closed, eq(a.low, b.high))


@_relation("overlaps", "range1, range2")
def overlaps(a: Range, b: Range) -> Value:
    """Whether the two have a point in common."""
    return conjunction(_negated(_ends_before(a, b)), _negated(_ends_before(b, a)))


@_relation("overlaps before", "range1, range2")
def overlaps_before(a: Range, b: Range) -> Value:
    """Whether the two overlap and the first starts earlier and ends no later."""
    earlier = disjunction(lt(a.low, b.low), conjunction(eq(a.low, b.low), a.low_closed and not b.low_closed))
    return conjunction(conjunction(earlier, _ends_within(a, b)), _negated(_ends_before(a, b)))


@_relation("overlaps after", "range1, range2")
def overlaps_after(a: Range, b: Range) -> Value:
    """Whether the two overlap and the first starts later and ends no earlier."""
    later = disjunction(lt(b.low, a.low), conjunction(eq(a.low, b.low), b.low_closed and not a.low_closed))
    return conjunction(conjunction(later, _ends_within(b, a)), _negated(_ends_before(b, a)))


@_relation("finishes", "point, range", "range1, range2")
def finishes(a: Range, b: Range) -> Value:
    """Whether the first lies in the second and ends with it."""
    return conjunction(_same_end(a, b), _starts_within(a, b))


@_relation("finished by", "range, point", "range1, range2")
def finished_by(a: Range, b: Range) -> Value:
    """Whether the second lies in the first and ends with it."""
    return conjunction(_same_end(a, b), _starts_within(b, a))


@_relation("includes", "range, point", "range1, range2")
def includes(a: Range, b: Range) -> Value:
    """Whether the second lies wholly in the first."""
    return conjunction(_starts_within(b, a), _ends_within(b, a))


@_relation("during", "point, range", "range1, range2")
def during(a: Range, b: Range) -> Value:
    """Whether the first lies wholly in the second."""
    return conjunction(_starts_within(a, b), _ends_within(a, b))


@_relation("starts", "point, range", "range1, range2")
def starts(a: Range, b: Range) -> Value:
    """Whether the first lies in the second and starts with it."""
    return conjunction(_same_start(a, b), _ends_within(a, b))


@_relation("started by", "range, point", "range1, range2")
def started_by(a: Range, b: Range) -> Value:
    """Whether the second lies in the first and starts with it."""
    return conjunction(_same_start(a, b), _ends_within(b, a))


@_relation("coincides", "point1, point2", "range1, range2")
def coincides(a: Range, b: Range) -> Value:
    """Whether the two are the same point or range."""
    return conjunction(_same_start(a, b), _same_end(a, b))


_RANGE = re.compile(r"\s*([\[\](])\s*(.+?)\s*\.\.\s*(.+?)\s*([\])\[])\s*", re.DOTALL)
_NUMBER = re.compile(r"-?\d{1,40}(?:\.\d{1,40})?", re.ASCII)


_CALL = re.compile(r'(date and time|date|time|duration)\("([^"]*)"\)')


@builtin("range", "from")
def to_range(text: Value) -> Value:
    """A range from text, e.g. ``range("[1..5)")``, its ends numbers, strings in quotes, dates, times or durations."""
    found = _RANGE.fullmatch(text) if isinstance(text, str) and len(text) <= 1000 else None
    if found is None:
        return None
    low, high = _end(found[2]), _end(found[3])
    return None if low is None or high is None else make_range(low, high, found[1] == "[", found[4] == "]")


def _end(text: str) -> Value:
    if _NUMBER.fullmatch(text):
        return int(text) if text.lstrip("-").isdecimal() else Decimal(text)
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return text[1:-1]
    called = _CALL.fullmatch(text)
    if called is not None:
        return REGISTERED[called[1]].call(called[2])
    return read_temporal(text.removeprefix('@"').removesuffix('"'))
