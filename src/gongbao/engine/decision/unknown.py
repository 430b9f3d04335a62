"""What stands for a value that is not known, and what can be said of it all the same.

A quantity that is not known is a linear form over names (`Linear`), so that sums and differences of what is not known
can still be compared: a number, or a date, moment or duration, which are all measured in days. What may be anything
is `Open`. An output of a decision that could be any value is `OPEN`. `all_of` and `any_of` are conjunction and
disjunction over true, false and null.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, TypeAlias

from gongbao.engine.time.calendar import SHANGHAI
from gongbao.feel import values
from gongbao.feel.values import Value

SMALL = 64  # so many numbers are tried one by one where nothing else tells them apart
Kind: TypeAlias = Literal["number", "date", "moment", "duration"]
QUANTITIES = ("number", "date", "moment", "duration")

MINUTE = Fraction(1, 24 * 60)
FIRST_MOMENT = dt.date(1992, 1, 1).toordinal()  # since then the city's clock has known no summer time
LAST_DAY = dt.date.max.toordinal()
_DAY_ONE = dt.datetime(1, 1, 1, tzinfo=SHANGHAI)  # moments are counted by the city's clock


@dataclass(frozen=True, slots=True)
class Linear:
    """A quantity that is not known: constant + Σ factor x name; in days, but for a number."""

    terms: tuple[tuple[str, Fraction], ...]
    constant: Fraction = Fraction(0)
    kind: Kind = "number"

    def plus(self, other: Linear, factor: int = 1, kind: Kind = "number") -> Linear:
        """The sum (factor -1: the difference), of a kind."""
        found = dict(self.terms)
        for name, each in other.terms:
            found[name] = found.get(name, Fraction(0)) + factor * each
        terms = tuple(sorted((name, each) for name, each in found.items() if each))
        return Linear(terms, self.constant + factor * other.constant, kind)

    def times(self, factor: Fraction) -> Linear:
        terms = tuple((n, f * factor) for n, f in self.terms) if factor else ()
        return Linear(terms, self.constant * factor, self.kind)

    @property
    def names(self) -> frozenset[str]:
        return frozenset(name for name, _ in self.terms)

    @property
    def plain(self) -> Any:
        """The value itself, where nothing in it is unknown."""
        return self if self.terms else as_value(self.constant, self.kind)


@dataclass(frozen=True, slots=True)
class Floor:
    """The whole part of a quantity that is not known: of a moment its date."""

    line: Linear

    @property
    def kind(self) -> Kind:
        return "date" if self.line.kind == "moment" else self.line.kind

    @property
    def names(self) -> frozenset[str]:
        return self.line.names


@dataclass(frozen=True, slots=True)
class Moved:
    """A date that is not known, some months later."""

    name: str
    months: values.YearsMonths

    @property
    def names(self) -> frozenset[str]:
        return frozenset((self.name,))


@dataclass(frozen=True, slots=True)
class Open:
    """A value that may be anything; `names` are those it hangs on, `what` tells it from others."""

    names: frozenset[str]
    what: Hashable


class _Open:
    """An output that could be any value."""

    def __repr__(self) -> str:
        return "OPEN"


OPEN = _Open()


@dataclass(frozen=True, slots=True)
class Domain:
    """What an unknown name may be.

    kind: values (one of `values`), a quantity (number, date, moment, duration: from low to high, in steps of `unit`, or
    any), text, decision (what a required decision comes to), open (anything), given (known after all). origin: fact,
    setting, or decision.
    """

    name: str
    kind: str
    values: tuple[Value, ...] = ()
    low: Fraction | None = None
    high: Fraction | None = None
    unit: Fraction | None = None
    origin: str = "fact"

    @property
    def small(self) -> bool:
        """Whether all of its numbers can be tried."""
        if self.kind != "number" or None in (self.low, self.high, self.unit):
            return False
        return (self.high - self.low) / self.unit <= SMALL  # type: ignore[operator]


def is_known(value: Any) -> bool:
    return not isinstance(value, Linear | Floor | Moved | Open)


def all_of(found: Iterable[Any]) -> Any:
    """Whether all are true: false as soon as one is, else null where one is no boolean."""
    return _connected(found, False, True)


def any_of(found: Iterable[Any]) -> Any:
    """Whether one is true, likewise."""
    return _connected(found, True, False)


def _connected(found: Iterable[Any], deciding: bool, neutral: bool) -> Any:
    result: Any = neutral
    for each in found:
        if each is deciding:
            return deciding
        if each is not neutral:
            result = None
    return result


def linear(value: Any) -> Linear | None:
    """A quantity as a linear form; None for what is none."""
    kind = type(value)
    if kind is Linear:
        return value  # type: ignore[no-any-return]
    if values.is_number(value):
        return Linear((), Fraction(value))
    if kind is dt.date:
        return Linear((), Fraction(value.toordinal()), "date")
    if kind is dt.timedelta:
        return Linear((), Fraction(_seconds(value)) / 86_400, "duration")
    if kind is dt.datetime and FIRST_MOMENT < value.toordinal() < LAST_DAY:
        there = value.replace(tzinfo=SHANGHAI) if value.tzinfo is None else value.astimezone(SHANGHAI)
        return Linear((), 1 + _seconds(there - _DAY_ONE) / 86_400, "moment")
    return None


def _seconds(value: dt.timedelta) -> Fraction:
    return Fraction(value // dt.timedelta(microseconds=1), 1_000_000)


def as_value(number: Fraction, kind: str) -> Any:
    """The value that a quantity of a kind is."""
    if kind == "date":
        return dt.date.fromordinal(math.floor(number))
    if kind == "moment":
        seconds = dt.timedelta(microseconds=round((number - 1) * 86_400_000_000))
        return _DAY_ONE + seconds
    if kind == "duration":
        return dt.timedelta(microseconds=round(number * 86_400_000_000))
    return as_number(number)


def added(op: str, left: Linear, right: Linear) -> Linear | None:
    """left + right or left - right, as FEEL reads it; None where it gives none (two dates added).

    Of a date and a duration of hours it is not yet the whole day that FEEL makes of it.
    """
    sign = 1 if op == "+" else -1
    kinds = (left.kind, right.kind)
    if kinds[0] == kinds[1] and kinds[0] in ("number", "duration"):
        return left.plus(right, sign, left.kind)
    if kinds[1] == "duration" and kinds[0] != "number":
        return left.plus(right, sign, left.kind)
    if kinds[0] == "duration" and op == "+" and kinds[1] != "number":
        return right.plus(left, 1, right.kind)
    if op == "-" and {*kinds} <= {"date", "moment"}:
        return left.plus(right, -1, "duration")
    return None


def scaled(op: str, left: Linear, right: Linear) -> Linear | None:
    """left * right or left / right where one side is a known number; None where it is not linear."""
    if right.kind == "number" and not right.terms and (right.constant or op == "*"):
        return left.times(right.constant if op == "*" else 1 / right.constant) if _measured(left) else None
    if op == "*" and left.kind == "number" and not left.terms and _measured(right):
        return right.times(left.constant)
    return None


def _measured(line: Linear) -> bool:
    return line.kind in ("number", "duration")


def whole_part(line: Linear, units: Mapping[str, Fraction | None]) -> Linear | Floor:
    """The whole part of a quantity; the quantity itself where it is whole anyway. units: of each name."""
    grid = [each * (units[name] or 0) for name, each in line.terms]
    if line.constant.denominator == 1 and all(each and each.denominator == 1 for each in grid):
        return replace(line, kind=Floor(line).kind)
    return Floor(line)


def as_number(value: Fraction) -> int | Decimal:
    """The exact number where it has one, else to 34 digits."""
    return value.numerator if value.denominator == 1 else values.div(value.numerator, value.denominator)


def frozen(value: Any) -> Any:
    """A hashable stand-in that tells `true` from 1, and equal content as equal."""
    kind = type(value)
    if kind is str or value is None:
        return value
    if kind is bool:
        return ("boolean", value)
    if kind is int or kind is Decimal:
        return ("number", value)
    if isinstance(value, Mapping):
        return ("context", tuple(sorted((key, frozen(item)) for key, item in value.items())))
    if isinstance(value, list | tuple):
        return ("list", tuple([frozen(item) for item in value]))
    return ("moment", value) if isinstance(value, dt.datetime) else value
