"""What is said of an indicator: the result of each of its targets for one subject, and what is still missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_UP, Decimal

from gongbao.engine.decision.outcome import Outcome
from gongbao.engine.indicator import BEHIND, MISSED, NO_DATA, REACHED, Indicator, Number, Target, worst
from gongbao.engine.indicator_observations import RANK, Observation, Period
from gongbao.feel.values import Value


@dataclass(slots=True)
class Worked:
    """A value of one year that was worked out of the reports `from_`; `final`: it is that of the whole year."""

    value: Number
    final: bool
    from_: tuple[Observation, ...]


Yearly = Observation | Worked


@dataclass(slots=True)
class Result:
    """What is said of one target for one subject (CITY or a name).

    goal: the number to be reached; point: what the year should have reached on the way; year: of the value judged.
    years: (year, value, status) of every year of a target that is for each year. members: of those judged each.
    outcome, progress: the decisions that said so. series: the reports of this subject, of every period.
    """

    indicator: Indicator
    target: Target
    subject: str
    status: str
    reason: str = ""
    year: int | None = None
    value: Number | str | None = None
    goal: Number | None = None
    point: Number | None = None
    series: Mapping[Period, Observation] = field(default_factory=dict)
    from_: tuple[Observation, ...] = ()
    years: tuple[tuple[int, Value, str], ...] = ()
    members: tuple[Result, ...] = ()
    count: int | None = None
    outcome: Outcome | None = None
    progress: Outcome | None = None
    own: bool = True  # the text sets the target for this subject; False: it is compared with the whole city's

    @property
    def latest(self) -> Observation | None:
        """The report of the period that ended last, of whatever length."""
        key = lambda one: (one.period.end, -RANK[one.period.part])  # noqa: E731
        return max(self.series.values(), key=key, default=None)

    @property
    def gap(self) -> Number | None:
        """What is still missing to the goal; None where it is reached or either is not a number."""
        if self.goal is None or self.value is None or isinstance(self.value, str) or self.status == REACHED:
            return None
        return self.goal - self.value

    @property
    def per_year(self) -> Number | None:
        """By how much the value has to change every year from now on to reach the goal, rounded away from zero."""
        last = self.target.year
        if self.gap is None or last is None or self.year is None or self.year >= last or self.target.each_year:
            return None
        return _rounded(Decimal(self.gap) / (last - self.year), _places(self.value, self.goal) + 2)

    @property
    def needed(self) -> Number | None:
        """Of a ratio: the numerator that the goal takes for the denominator last reported."""
        ratio = self.indicator.ratio
        den = next((one.value for one in self.from_ if ratio is not None and one.key == ratio.den), None)
        if ratio is None or self.goal is None or not isinstance(den, int | Decimal):
            return None
        found = Decimal(self.goal) * den / ratio.per
        return int(found) if found == found.to_integral_value() else found.normalize()

    @property
    def failing(self) -> tuple[str, ...]:
        return tuple(each.subject for each in self.members if each.status in (MISSED, BEHIND))

    @property
    def silent(self) -> tuple[str, ...]:
        return tuple(each.subject for each in self.members if each.status == NO_DATA)


@dataclass(slots=True)
class Judged:
    """An indicator for one subject: the result of each of its targets, and the status of the whole."""

    indicator: Indicator
    subject: str
    results: tuple[Result, ...]

    @property
    def status(self) -> str:
        return self.results[0].status if len(self.results) == 1 else worst([each.status for each in self.results])


def said(result: Result, status: str, reason: str) -> Result:
    result.status, result.reason = status, reason
    return result


def _places(*numbers: object) -> int:
    found = (number.as_tuple().exponent for number in numbers if isinstance(number, Decimal))
    return max((-exponent for exponent in found if isinstance(exponent, int)), default=0)


def _rounded(number: Decimal, places: int) -> Number:
    places = min(max(places, 2), 6)
    found = number.quantize(Decimal(1).scaleb(-places), ROUND_UP)
    return int(found) if found == found.to_integral_value() else found.normalize()
