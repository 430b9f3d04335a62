"""What stands for a value that is not known, and what can be said of it all the same.

A number that is not known is a linear form over names (`Linear`), so that sums and differences of unknown numbers can
still be compared; dates are numbers of days. What may be anything is `Open`. An output of a decision that could be any value is `OPEN`. `all_of` and `any_of` are conjunction and
disjunction over true, false and null.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from gongbao.feel import values
from gongbao.feel.values import Value

SMALL = 64  # so many numbers are tried one by one where nothing else tells them apart


@dataclass(frozen=True, slots=True)
class Linear:
    """A number that is not known: constant + Σ factor x name; a date as its ordinal, where `date`."""

    terms: tuple[tuple[str, Fraction], ...]
    constant: Fraction = Fraction(0)
    date: bool = False

    def plus(self, other: Linear, factor: int = 1) -> Linear:
        found = dict(self.terms)
        for name, each in other.terms:
            found[name] = found.get(name, Fraction(0)) + factor * each
        terms = tuple(sorted((name, each) for name, each in found.items() if each))
        return Linear(terms, self.constant + factor * other.constant, self.date != other.date)

    def times(self, factor: Fraction) -> Linear:
        return Linear(tuple((n, f * factor) for n, f in self.terms) if factor else (), self.constant * factor)

    @property
    def names(self) -> frozenset[str]:
        return frozenset(name for name, _ in self.terms)


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

    kind: values (one of `values`), number or date (from low to high, in steps of `unit`, or any), text, decision (what
    a required decision comes to), open (anything), given (known after all). origin: fact, setting, or decision.
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
    return not isinstance(value, Linear | Moved | Open)


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
    """A number as a linear form; None for what is no number."""
    if isinstance(value, Linear):
        return value
    return Linear((), Fraction(value)) if values.is_number(value) else None


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
