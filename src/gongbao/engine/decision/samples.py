"""Values to try for what cannot be gone through: series, lists and whatever else may be anything.

They are made of the figures and texts that the rules name, so that each side of every line is met.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import chain, cycle, islice, product
from typing import Any

from gongbao.engine.codes import credit_code_check, resident_id_check
from gongbao.engine.decision.domains import literals, space_of
from gongbao.engine.decision.outcome import Outcome
from gongbao.engine.decision.unknown import FIRST_MOMENT, MINUTE, Domain, as_number, as_value
from gongbao.engine.scalars import has_format
from gongbao.engine.series import DAY, Series
from gongbao.engine.specs import Fact, fact_at
from gongbao.engine.time.calendar import SHANGHAI, localise
from gongbao.feel import YearsMonths
from gongbao.feel.values import Value, add_months, is_number

MAX_SAMPLES = 80


def samples(outcome: Outcome, names: Iterable[str], domains: Mapping[str, Domain]) -> Iterator[dict[str, Value]]:
    """Values of facts together; nothing where one of the names cannot be filled."""
    wanted = sorted(names)
    lists = [pool(outcome, name, domains.get(name)) for name in wanted]
    if not wanted or not all(lists):
        return
    longest = min(max(map(len, lists)), MAX_SAMPLES // 2)
    together = zip(*(islice(cycle(each), longest) for each in lists), strict=True)  # each on the same side of its lines
    for values in chain(together if len(lists) > 1 else (), islice(product(*lists), MAX_SAMPLES)):
        yield dict(zip(wanted, values, strict=True))


def around(outcome: Outcome) -> dict[str, list[Value]]:
    """For each fact that the decision and those it requires read: values on each side of every line they draw."""
    found: dict[str, list[Value]] = {}
    for each in _behind(outcome):
        for name, domain in space_of(each, free=each.decision.facts).domains.items():
            if domain.origin == "fact" and (values := pool(each, name, domain)):
                found.setdefault(name, values)
    return found


def _behind(outcome: Outcome) -> Iterator[Outcome]:
    yield outcome
    for inner in outcome.required.values():
        yield from _behind(inner)


def pool(outcome: Outcome, name: str, domain: Domain | None) -> list[Value]:
    """Values of a fact on each side of every line that the outcome's decision draws; none where it cannot be filled."""
    fact = fact_at(outcome.world.facts, name.split("."))
    if fact is None or (domain is not None and domain.origin != "fact"):
        return []
    held = outcome.scope.get(name)
    if isinstance(held, Series):
        return _filled(fact, held, _figures(outcome))
    if fact.type == "series":
        return _series(fact, _figures(outcome))
    if domain is None:
        return []
    if domain.kind == "number":
        found = [f + k * (domain.unit or 1) for f in _figures(outcome) for k in (0, 1, -1)]
        ends = [each for each in (domain.low, domain.high) if each is not None]
        return [as_number(each) for each in dict.fromkeys([*ends, *found]) if _inside(domain, each)]
    if domain.kind == "text" and fact.format in _WRITTEN:
        return [*(each for each in domain.values if has_format(str(each), fact)), *_WRITTEN[fact.format](outcome)]
    if domain.kind in ("values", "text"):
        return list(domain.values)
    if domain.kind == "date":
        return _days(outcome)
    if domain.kind == "moment":
        days = [Fraction(day.toordinal()) for day in _days(outcome) if isinstance(day, dt.date)]
        return [as_value(day + by, "moment") for day in days for by in (0, -MINUTE) if day > FIRST_MOMENT]
    if fact.type == "list":
        texts = [each for each in _constants(outcome) if type(each) is str]
        return [[], *([each] for each in (*fact.values, *texts, "其他")), list(fact.values)]
    return []


def _inside(domain: Domain, number: Fraction) -> bool:
    return (
        (domain.low is None or number >= domain.low)
        and (domain.high is None or number <= domain.high)
        and (domain.unit is None or (number / domain.unit).denominator == 1)
    )


def _constants(outcome: Outcome) -> list[Value]:
    trees = outcome.decision.trees
    nodes = [*trees.lets.values(), *trees.inputs, *(c for cells in trees.cells for c in cells if c is not None)]
    if outcome.decision.for_each is not None:
        nodes.append(outcome.decision.for_each[1].node)
    named: list[Any] = list(literals(nodes))
    settings = outcome.scope.get("settings") or {}
    return [*named, *outcome.world.params.values(), *settings.values()]


def _figures(outcome: Outcome) -> list[Fraction]:
    """The numbers that the rules name, in order."""
    found = {Fraction(each) for each in _constants(outcome) if is_number(each)}
    return sorted(found | {Fraction(0)})


def _days(outcome: Outcome) -> list[Value]:
    """The days that the rules and the case name, those beside them, and the same days years before and after."""
    known = [*_constants(outcome), *outcome.scope.values(), dt.date(2020, 1, 1)]
    days = [each for each in known if type(each) is dt.date]
    spans = [each for each in _constants(outcome) if isinstance(each, YearsMonths)]
    months = {0, *(k * each.months for each in spans for k in (1, -1)), *(12 * k for k in (-3, -2, -1, 1, 2, 3))}
    found = [
        moved + dt.timedelta(days=k)
        for day in days for m in sorted(months, key=abs) for k in (0, 1, -1)
        if type(moved := add_months(day, m)) is dt.date
    ]  # fmt: skip
    return list(dict.fromkeys(found))


def _resident_ids(outcome: Outcome) -> list[Value]:
    """Ids of both sexes born on each side of the days that the rules draw from the day of the decision and others."""
    bases = [each for each in _constants(outcome) if type(each) is dt.date]
    for each in outcome.scope.values():
        if isinstance(each, dt.datetime):
            bases.append(localise(each).date())
        elif type(each) is dt.date:
            bases.append(each)
    figures = [int(each) for each in _figures(outcome) if 0 < each <= 150 and each.denominator == 1]
    months = sorted({0, *(k * (each + by) for each in figures for by in (0, 1) for k in (1, 12))})
    found = []
    for base in bases or [dt.date(2020, 1, 1)]:
        for m in months:
            moved = add_months(base, -m)
            if type(moved) is not dt.date or moved.year <= 1800:
                continue
            for k in (0, -1, 1)[: 3 if m else 2]:  # nobody is born after the day
                for number in ("001", "002"):
                    body = f"110101{moved + dt.timedelta(days=k):%Y%m%d}{number}"
                    found.append(body + resident_id_check(body))
    return list(dict.fromkeys(found))


_COMPANY = "91110101MA0000000"
_WRITTEN: Mapping[str | None, Callable[[Outcome], list[Value]]] = {
    "resident_id": _resident_ids,
    "credit_code": lambda _: [_COMPANY + credit_code_check(_COMPANY)],
    "mobile": lambda _: ["13800000000"],
    "phone": lambda _: ["13800000000"],
    "email": lambda _: ["a@example.com"],
}  # facts of a format: texts that are so written


def _series(fact: Fact, figures: list[Fraction]) -> list[Value]:
    """Series of days that stay beyond one of the figures; first beyond the highest, which are lines of readings.

    They are a few days long, then as long as a figure says, in days and in working days.
    """
    step = Fraction(fact.step or 1)
    beyond = [as_number(each + step) for each in figures[::-1]]
    under: list[Value] = [0] if fact.min is not None else [0, as_number(-step)]
    limit = fact.max_items or 5
    days = [int(each) for each in figures if 5 < each <= _LONGEST and each.denominator == 1]
    lengths = [n for n in (1, 2, 3, 4, 5) if n <= limit]
    longer = [n for each in days for n in (each, each * 7 // 5 + 2) if n <= limit]
    ways = [(n, value) for few in (beyond[:3], beyond[3:]) for n in lengths for value in (*under, *few)]
    ways[_FIRST:_FIRST] = [(n, value) for n in longer for value in under]
    found = [Series(_A_MONDAY, DAY, (value,) * n, ("",) * n) for n, value in dict.fromkeys(ways)]
    return [each for each in found if fact.max is None or max(v for v in each.values if v is not None) <= fact.max]


_A_MONDAY = dt.datetime(2024, 3, 4, tzinfo=SHANGHAI)  # no holiday for a month
_LONGEST = 31
_FIRST = 20


def _filled(fact: Fact, series: Series, figures: list[Fraction]) -> list[Value]:
    """The series with all its missing readings at one of the figures, or far beyond them all."""
    step = Fraction(fact.step or 1)
    far = max(abs(each) for each in figures) * max(len(series), 1) + 1
    low = Fraction(fact.min) if fact.min is not None else -far
    high = Fraction(fact.max) if fact.max is not None else far
    wanted = [low, high, *(each + k * step for each in figures for k in (0, 1))]
    found = [as_number(each) for each in dict.fromkeys(wanted) if low <= each <= high]
    return [
        Series(series.start, series.step, tuple(v if each is None else each for each in series.values), series.marks)
        for v in found
    ]
