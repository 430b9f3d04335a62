"""Values of which some are not known, compared: every comparison is a decision diagram (engine.decision.diagram).

A comparison of quantities asks whether a linear form is at most a figure; what none of this can express is a question
of its own, whose answer is open.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from math import ceil, floor, gcd, lcm
from typing import Any

from gongbao.engine.decision.diagram import Choice, Diagram, Form, Leaf
from gongbao.engine.decision.space import Space
from gongbao.engine.decision.unknown import (
    Floor,
    Linear,
    Moved,
    Open,
    all_of,
    any_of,
    as_value,
    frozen,
    is_known,
    linear,
    whole_part,
)
from gongbao.feel import YearsMonths, values
from gongbao.feel.values import Value

MAX_POINTS = 130  # numbers that one function is tried with


class Comparing:
    """Comparisons of values over what the domains of a space leave open."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.diagrams = space.diagrams

    # Questions ----------------------------------------------------------------------------------------------------

    def true(self, found: Diagram) -> Diagram:
        """Whether it is true: null and everything else that is not true is false."""
        if type(found) is Leaf and is_known(found.value):
            return self.diagrams.leaf(found.value is True)
        return self.diagrams.apply(lambda v: v is True, self.answered(found))

    def answered(self, found: Diagram) -> Diagram:
        """What may be anything as a question whether it is true."""
        if type(found) is Leaf and not isinstance(found.value, Open):
            return found
        return self.diagrams.apply(
            lambda v: self.ask(v.names, (True, False, None), v.what) if isinstance(v, Open) else v, found
        )

    def ask(self, names: frozenset[str], answers: Sequence[Value], what: Any) -> Diagram:
        """A question of its own: which of the answers something open comes to."""
        name = f"?{frozen(what)!r}:{len(answers)}"
        self.space.asked[name] = names
        return self.diagrams.choice(Choice(name, tuple(answers), tuple(sorted(names))))

    def joined(self, how: Callable[[Iterable[Any]], Any], deciding: bool, terms: Sequence[Diagram]) -> Diagram:
        """Conjunction or disjunction; what is `deciding` settles it."""
        settled = self.diagrams.leaf(deciding)

        def early(*found: Diagram) -> Diagram | None:
            return settled if settled in found else None

        result = self.answered(terms[0])
        for term in terms[1:]:
            if result is settled:
                break
            result = self.diagrams.apply(lambda a, b: how((a, b)), result, self.answered(term), early=early)
        return result if len(terms) > 1 else self.diagrams.apply(lambda v: how((v,)), result)

    def lifted(self, value: Any) -> Diagram:
        return value if isinstance(value, Diagram) else self.diagrams.leaf(value)

    def hang(self, *found: Any) -> frozenset[str]:
        """The unknown names that values hang on."""
        names: set[str] = set()
        for each in found:
            if not is_known(each):
                names |= each.names
            elif self.is_fresh(each):
                names |= self.space.fresh[each]
        return frozenset(names)

    def is_fresh(self, value: Any) -> bool:
        """Whether it stands for a text that nothing names."""
        return type(value) is str and value in self.space.fresh

    # Comparisons --------------------------------------------------------------------------------------------------

    def compare(self, op: str, left: Diagram, right: Diagram) -> Diagram:
        return self.diagrams.apply(lambda a, b: self._compared(op, a, b), left, right)

    def among(self, subject: Any, wanted: Sequence[Value]) -> Any:
        """Whether a value is one of those listed."""
        if is_known(subject):
            return any_of([values.eq(subject, each) for each in wanted])
        return self.joined(any_of, True, [self.lifted(self._compared("=", subject, each)) for each in wanted])

    def inside(self, subject: Any, wanted: Any) -> Any:
        """Whether a value is another, in a range, or in a list."""
        if is_known(wanted) and is_known(subject):
            return values.in_value(subject, wanted)
        if not isinstance(wanted, list | tuple | values.Range):
            return self._compared("=", subject, wanted)
        if isinstance(wanted, values.Range):
            low = self.lifted(self._compared(">=" if wanted.low_closed else ">", subject, wanted.low))
            high = self.lifted(self._compared("<=" if wanted.high_closed else "<", subject, wanted.high))
            return self.joined(all_of, False, [low, high])
        return self.joined(any_of, True, [self.lifted(self.inside(subject, each)) for each in wanted])

    def _compared(self, op: str, a: Any, b: Any) -> Any:
        if is_known(a) and is_known(b):
            if op not in ("=", "!=") and (self.is_fresh(a) or self.is_fresh(b)):
                return self.ask(self.hang(a, b), (True, False), (op, a, b))
            return values.COMPARE[op](a, b)
        if isinstance(a, Open) or isinstance(b, Open):
            return self.ask(self.hang(a, b), (True, False, None), (op, key_of(a), key_of(b)))
        for one, other, turned in ((a, b, op), (b, a, values.MIRROR[op])):
            if isinstance(one, Moved):
                return self._moved(turned, one, other)
            if isinstance(one, Floor) and (found := self._floored(turned, one, other)) is not None:
                return found
        return self._lines(op, a, b)

    def _lines(self, op: str, a: Any, b: Any) -> Any:
        one, other = (linear(_line(each)) for each in (a, b))
        if one is None or other is None or _kind(a) != _kind(b):  # of two kinds; which values does not matter
            return values.COMPARE[op](*(each if is_known(each) else as_value(_A_DAY, _kind(each)) for each in (a, b)))
        if isinstance(a, Floor) or isinstance(b, Floor):
            return self.ask(self.hang(a, b), (True, False), (op, key_of(a), key_of(b)))
        line = one.plus(other, -1)
        if not line.terms:
            return values.COMPARE[op](_sign(line.constant), 0)
        return self._by(op, self.cut(line, True), self.cut(line, False))

    def _by(self, op: str, at_most: Diagram, less: Diagram) -> Diagram:
        """A comparison from whether one side is at most the other, and whether it is less."""
        if op in ("=", "!="):
            leaf = self.diagrams.leaf
            return self.diagrams.either(
                less, leaf(op == "!="), self.diagrams.either(at_most, leaf(op == "="), leaf(op == "!="))
            )
        return {"<=": at_most, "<": less}.get(op) or self._not(at_most if op == ">" else less)

    def _floored(self, op: str, whole: Floor, other: Any) -> Diagram | None:
        """The whole part of something beside a whole quantity, or a figure; None where it is neither."""
        line = linear(other)
        if line is None or line.kind != whole.kind:
            return None
        if line.terms and not isinstance(whole_part(line, self.units(line)), Linear):
            return None
        up = line if line.terms else Linear((), Fraction(ceil(line.constant)))
        down = line if line.terms else Linear((), Fraction(floor(line.constant)))
        above = whole.line.plus(down, -1).plus(_ONE, -1)
        if op in ("=", "!=") and up != down:
            return self.diagrams.leaf(op == "!=")
        return self._by(op, self.cut(above, False), self.cut(whole.line.plus(up, -1), False))

    def units(self, line: Linear) -> dict[str, Fraction | None]:
        return {name: self.space.domains[name].unit for name in line.names}

    def _moved(self, op: str, moved: Moved, other: Any) -> Diagram:
        """A date some months after an unknown one: later for later ones, so a cut of it is a cut of the unknown."""
        if type(other) is not dt.date:
            return self.ask(self.hang(moved, other), (True, False), (op, moved, key_of(other)))
        name = Linear(((moved.name, Fraction(1)),))
        last = _latest(moved.months, other)  # the last day that is not moved beyond the other
        before = _latest(moved.months, other - dt.timedelta(days=1)) if other > dt.date.min else 0
        at_most, less = (self.cut(name.plus(Linear((), Fraction(each)), -1), True) for each in (last, before))
        return self._by(op, at_most, less)

    def _not(self, found: Diagram) -> Diagram:
        return self.diagrams.apply(lambda v: not v, found)

    # Cuts ---------------------------------------------------------------------------------------------------------

    def cut(self, line: Linear, closed: bool) -> Diagram:
        """Whether a linear form is at most 0 (`closed`), or less."""
        if not line.terms:
            return self.diagrams.leaf(line.constant <= 0 if closed else line.constant < 0)
        first = line.terms[0][1]
        terms = tuple((name, factor / first) for name, factor in line.terms)
        cut = -line.constant / first
        if first < 0:  # -x <= c is x >= -c
            return self._not(self._at_most(terms, cut, not closed))
        return self._at_most(terms, cut, closed)

    def _at_most(self, terms: tuple[tuple[str, Fraction], ...], cut: Fraction, closed: bool) -> Diagram:
        domains = self.space.domains
        grid = grid_of([(factor, domains[name].unit) for name, factor in terms])
        if grid is not None:
            steps = floor(cut / grid)
            cut = grid * (steps if closed or cut != steps * grid else steps - 1)
            closed = True
        low, high = self.bounds(terms)
        if high is not None and (high < cut or (high == cut and closed)):
            return self.diagrams.leaf(True)
        if low is not None and (low > cut or (low == cut and not closed)):
            return self.diagrams.leaf(False)
        at = (self.diagrams.group(Form(terms)), cut, int(closed))
        return self.diagrams.node(at, (self.diagrams.leaf(True), self.diagrams.leaf(False)))

    def bounds(self, terms: Iterable[tuple[str, Fraction]]) -> tuple[Fraction | None, Fraction | None]:
        low: Fraction | None = Fraction(0)
        high: Fraction | None = Fraction(0)
        for name, factor in terms:
            domain = self.space.domains[name]
            ends = (domain.low, domain.high) if factor > 0 else (domain.high, domain.low)
            low = None if low is None or ends[0] is None else low + factor * ends[0]
            high = None if high is None or ends[1] is None else high + factor * ends[1]
        return low, high

    def points(self, value: Any, cuts: Iterable[Fraction] = ()) -> Diagram | None:
        """A number as a diagram of plain numbers: all it may be, or those at the cuts and between; None: too many."""
        if not isinstance(value, Linear):
            return self.diagrams.leaf(value)
        if value.kind != "number" or not all(self.space.domains[name].small for name in value.names):
            cuts = sorted(set(cuts))
            if value.kind != "number" or len(value.terms) != 1 or not 0 < len(cuts) <= MAX_POINTS:
                return None
            return self._at_cuts(value, cuts)
        made: Diagram = self.diagrams.leaf(value)
        for name, _ in value.terms:
            made = self._fixed(made, name)
        return self.diagrams.apply(lambda v: v.plain if isinstance(v, Linear) else v, made)

    def _fixed(self, made: Diagram, name: str) -> Diagram:
        """A linear form with one of its names at each of its numbers."""
        domain = self.space.domains[name]
        assert domain.unit is not None
        assert domain.low is not None
        assert domain.high is not None
        numbers = [k * domain.unit for k in range(ceil(domain.low / domain.unit), floor(domain.high / domain.unit) + 1)]
        own = Linear(((name, Fraction(1)),))

        def branch(value: Linear) -> Diagram:
            rest = value.plus(own.times(-dict(value.terms)[name]))
            factor = dict(value.terms)[name]
            at = [self.diagrams.leaf(rest.plus(Linear((), factor * number))) for number in numbers]
            found: Diagram = at[-1]
            for number, each in zip(numbers[-2::-1], at[-2::-1], strict=True):
                found = self.diagrams.either(self.cut(own.plus(Linear((), number), -1), True), each, found)
            return found

        return self.diagrams.apply(branch, made)

    def _at_cuts(self, value: Linear, cuts: Sequence[Fraction]) -> Diagram:
        """A number at every cut, and one in every space beside them."""
        ((name, factor),) = value.terms
        unit = self.space.domains[name].unit
        step = abs(factor * unit) if unit is not None else Fraction(1)

        def number(at: Fraction) -> Diagram:
            return self.diagrams.leaf(as_value(at, "number"))

        found = number(cuts[-1] + step)
        for i in range(len(cuts) - 1, -1, -1):
            cut = cuts[i]
            under = cut - step if unit is not None or i == 0 else (cut + cuts[i - 1]) / 2
            line = Linear(value.terms, value.constant - cut)
            found = self.diagrams.either(self.cut(line, True), number(cut), found)
            found = self.diagrams.either(self.cut(line, False), number(under), found)
        return found


_A_DAY = Fraction(dt.date(2000, 1, 1).toordinal())
_ONE = Linear((), Fraction(1))


def key_of(value: Any) -> Any:
    return value if not is_known(value) else frozen(value)


def _line(value: Any) -> Any:
    return value.line if isinstance(value, Floor) else value


def _kind(value: Any) -> str:
    """The kind of a quantity, unknown or not; nothing for what is none."""
    if isinstance(value, Linear | Floor):
        return value.kind
    line = linear(value)
    return "" if line is None else line.kind


def _sign(number: Fraction) -> int:
    return (number > 0) - (number < 0)


def _latest(months: YearsMonths, day: dt.date) -> int:
    """The last day that, moved by these months, is not after `day` (as an ordinal; 0 when there is none)."""
    low, high = 0, dt.date.max.toordinal()
    while low < high:
        middle = (low + high + 1) // 2
        moved = values.add_months(dt.date.fromordinal(middle), months.months)
        if (type(moved) is dt.date and moved <= day) or (type(moved) is not dt.date and months.months < 0):
            low = middle
        else:
            high = middle - 1
    return low


def grid_of(parts: Iterable[tuple[Fraction, Fraction | None]]) -> Fraction | None:
    """What all values of a sum are multiples of; None where a number of it may be any."""
    found = Fraction(0)
    for factor, unit in parts:
        if unit is None:
            return None
        each = abs(factor * unit)
        bottom = lcm(found.denominator, each.denominator)
        found = Fraction(gcd(int(found * bottom), int(each * bottom)), bottom)
    return found
