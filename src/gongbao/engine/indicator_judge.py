"""Indicators judged by their observations on a day: reached, on path, behind, no data, a person's turn, and why.

The last value of a whole year is judged, by the indicator's decision; what was reported within a year is shown and not
judged, as no text says how the parts of a year become the whole. The plan's own words set the pace: the point of a
year is a milestone, or the straight line where a setting declares it, and otherwise none (推进中).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal

from gongbao.engine.decision.decide import decide
from gongbao.engine.decision.outcome import Outcome
from gongbao.engine.indicator import (
    BEHIND,
    FINAL,
    LINEAR,
    MISSED,
    NO_DATA,
    ON_PATH,
    PERSON,
    REACHED,
    UNDER_WAY,
    YEAR,
    Indicator,
    Number,
    Target,
    worst,
)  # fmt: skip
from gongbao.engine.indicator_observations import CITY, TARGET, Book, Observation, Period, subject_of
from gongbao.engine.model import SettingRef
from gongbao.engine.units import UnitNotFound
from gongbao.engine.world import World
from gongbao.feel.values import Value

_IN_TIME = (UNDER_WAY, ON_PATH, BEHIND)


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
    outcome, progress: the decisions that said so. latest: the last report, of whatever period.
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
    latest: Observation | None = None
    from_: tuple[Observation, ...] = ()
    years: tuple[tuple[int, Value, str], ...] = ()
    members: tuple[Result, ...] = ()
    count: int | None = None
    outcome: Outcome | None = None
    progress: Outcome | None = None
    own: bool = True  # the text sets the target for this subject; False: it is compared with the whole city's

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


def evaluate(worlds: Iterable[World], book: Book, on: dt.date) -> Iterator[Judged]:
    """Every indicator of every plan: first for the city, then for every other subject that has observations of it."""
    for world in worlds:
        for indicator in world.indicators.values():
            yield judged(world, indicator, book, on)
            each = any(target.judge for target in indicator.targets)
            subjects = () if each else _subjects(indicator, book)
            for subject in subjects:
                yield judged(world, indicator, book, on, subject)


def judged(world: World, indicator: Indicator, book: Book, on: dt.date, subject: str = CITY) -> Judged:
    years: dict[str, dict[int, Yearly]] = {}
    results = tuple(
        _members(world, indicator, target, book, on, years) if target.judge and subject == CITY
        else _one(world, indicator, target, book, on, subject, years)
        for target in indicator.targets
    )  # fmt: skip
    return Judged(indicator, subject, results)


def yearly(book: Book, key: str, subject: str, on: dt.date) -> dict[int, Yearly]:
    """The value of each year up to a day: of the whole year if it is there, else of what of it ended last."""
    best: dict[int, Yearly] = {}
    for period, one in book.get(key, subject).items():
        if period.end <= on:
            other = best.get(period.year)
            if other is None or _better(period, other.period):  # type: ignore[union-attr]
                best[period.year] = one
    return best


def _better(one: Period, other: Period) -> bool:
    """The whole year before its parts; of parts the one that ends later, then the longer."""
    if other.part == "year" or one.part == "year":
        return one.part == "year"
    return (one.end, -_RANK[one.part]) > (other.end, -_RANK[other.part])


_RANK = {"year": 0, "half": 1, "quarter": 2, "month": 3}


def _values(
    world: World, indicator: Indicator, book: Book, on: dt.date, subject: str, held: dict[str, dict[int, Yearly]]
) -> dict[int, Yearly]:
    found = held.get(subject)
    if found is None:
        found = held[subject] = yearly(book, indicator.key, subject, on)
        if indicator.ratio is not None:
            num, den = (yearly(book, key, subject, on) for key in (indicator.ratio.num, indicator.ratio.den))
            for year in num.keys() & den.keys() - found.keys():
                above, below = num[year], den[year]
                if isinstance(above.value, str) or isinstance(below.value, str) or not below.value:
                    continue
                value = Decimal(above.value) * indicator.ratio.per / below.value
                found[year] = Worked(value, above.final and below.final, (*above.from_, *below.from_))
    return found


def _one(
    world: World, indicator: Indicator, target: Target, book: Book, on: dt.date, subject: str,
    held: dict[str, dict[int, Yearly]],
) -> Result:  # fmt: skip
    """One target for one subject."""
    values = _values(world, indicator, book, on, subject, held)
    latest = _latest(book.get(indicator.key, subject))
    own = subject == CITY or subject in target.quotas or target.judge is not None
    result = Result(indicator, target, subject, NO_DATA, latest=latest, own=own)
    if target.form == "assigned" and not any(book.get(indicator.key, who, TARGET) for who in (subject, CITY)):
        return _said(result, PERSON, f"{target.by}下达的目标尚未录入")
    if not values:
        if target.form == "qualitative":
            return _said(result, PERSON, f"由{'、'.join(map(str, indicator.owner)) or '人'}判定")
        return _said(result, NO_DATA, _lacking(world, result, book, on))
    if target.each_year:
        return _each_year(world, result, values, book, on)
    finals = [year for year, one in values.items() if one.final]
    year = max(finals or values)
    last = target.year or year
    if on.year > last and (last not in values or not values[last].final):
        result.year, result.value = year, values[year].value
        return _said(result, NO_DATA, f"没有目标年 {last} 年的全年数值，最近的是 {year} 年")
    if last in values and values[last].final:
        year = last  # values after the target year are not what was promised
    return _of_year(world, result, values, year, book)


def _lacking(world: World, result: Result, book: Book, on: dt.date) -> str:
    """What of a value is not there; of a ratio whose denominator is, what the target takes can be said all the same."""
    ratio = result.indicator.ratio
    if ratio is None:
        return "没有数值"
    below = yearly(book, ratio.den, result.subject, on)
    if below:
        result.from_ = below[max(below)].from_
        result.goal = result.target.value
    lacks = [name for name in (ratio.num, ratio.den) if not yearly(book, name, result.subject, on)]
    return f"没有{'、'.join(world.facts[name].label for name in lacks)}的数值" if lacks else "两项数值不在同一年"


def _latest(series: Mapping[Period, Observation]) -> Observation | None:
    found: Observation | None = None
    for period, one in series.items():
        if found is None or period.end > found.period.end or (period.end == found.period.end and period.part == "year"):
            found = one
    return found


def _of_year(world: World, result: Result, values: Mapping[int, Yearly], year: int, book: Book) -> Result:
    """The result by the value of one year."""
    indicator, target = result.indicator, result.target
    one = values[year]
    result.year, result.value, result.from_ = year, one.value, one.from_
    final = one.final
    if target.over is not None and (lacking := _over(result, values, year)):
        final = False
        if not (target.over == "sum" and target.up):
            return _said(result, NO_DATA, f"缺 {'、'.join(map(str, lacking))} 年的数值，算不出{_OVER[target.over]}")
    facts: dict[str, Value] = {YEAR: year, FINAL: final}
    facts[indicator.fact("judged" if target.form == "qualitative" else "value")] = result.value
    if (lack := _beside(world, result, facts, values, year, book)) is not None:
        return lack
    decision = target.quotas[result.subject][1] if result.subject in target.quotas else target.decision
    result.outcome = outcome = decide(world, decision, facts)
    if not outcome.settled or outcome.value is None or outcome.needs_person:
        lacks = "、".join(f"{each.label}（{each.owner}）" for each in outcome.open)
        return _said(result, PERSON, f"有待确定：{lacks}" if lacks else outcome.reason or "不能确定")
    result.goal = outcome.value.get("goal")
    status = str(outcome.value["status"])
    if status == UNDER_WAY:
        if not final:
            return _said(result, status, f"{year}年的数值还不是全年的")
        return _on_path(world, result, facts, year)
    return _said(result, status, "")


_OVER = {"sum": "累计数", "mean": "年均数"}


def _over(result: Result, values: Mapping[int, Yearly], year: int) -> list[int]:
    """Puts the sum or mean of the years from `since` in place of the year's value; gives the years that lack."""
    target = result.target
    wanted = range(target.since or year, year + 1)
    there = {
        y: values[y].value for y in wanted if y in values and values[y].final and not isinstance(values[y].value, str)
    }
    result.years = tuple((y, value, "") for y, value in there.items())
    result.from_ = tuple(one for y in there for one in values[y].from_)
    total = sum((Decimal(value) for value in there.values()), Decimal(0))
    if target.over == "mean" and there:
        total /= len(there)
    result.value = int(total) if total == total.to_integral_value() else total
    return [y for y in wanted if y not in there]


def _beside(
    world: World, result: Result, facts: dict[str, Value], values: Mapping[int, Yearly], year: int, book: Book
) -> Result | None:
    """Adds what the form compares with; the result that says what is lacking, if something is."""
    indicator, target = result.indicator, result.target
    base_year = indicator.baseline.year
    if isinstance(base_year, SettingRef):
        setting = world.settings[base_year.name]
        base_year = setting.value
        if base_year is None and (target.reads_baseline or target.reads_previous):
            return _said(result, PERSON, f"有待确定：{setting.label}（{setting.owner}）")
    if target.reads_baseline and indicator.baseline.known is None:
        base = values.get(base_year) if isinstance(base_year, int) else None
        if base is None:
            return _said(result, NO_DATA, f"没有基期（{base_year}年）的数值")
        facts[indicator.fact("base")] = base.value
    if target.reads_previous:
        before = values.get(year - 1)
        previous = before.value if before is not None and before.final else None
        if previous is None and year - 1 == base_year:
            previous = indicator.baseline.known
        if previous is None:
            return _said(result, NO_DATA, f"没有上年（{year - 1}年）的数值，不能比较")
        facts[indicator.fact("previous")] = previous
    if target.form == "assigned":
        given = yearly_targets(book, indicator.key, result.subject) or yearly_targets(book, indicator.key, CITY)
        goal = given.get(year) if year in given else given.get(target.year or year)
        if goal is None:
            return _said(result, PERSON, f"{target.by}下达的 {year} 年目标尚未录入")
        facts[indicator.fact("assigned")] = goal
    return None


def yearly_targets(book: Book, key: str, subject: str) -> dict[int, Value]:
    """The numbers that were assigned, by year."""
    return {period.year: one.value for period, one in book.get(key, subject, TARGET).items() if period.part == "year"}


def _on_path(world: World, result: Result, facts: dict[str, Value], year: int) -> Result:
    """Before the target year: on path or behind where the year has a point to reach."""
    indicator, target = result.indicator, result.target
    milestone = target.milestones.get(year)
    point = milestone.value if milestone is not None else _on_line(world, result, year)
    if point is None or target.progress is None or not result.own:
        return _said(result, UNDER_WAY, f"{target.year}年才到期，文中没有 {year} 年应达到的数" if target.year else "")
    result.point = point
    result.progress = outcome = decide(
        world, target.progress, {indicator.fact(): result.value, indicator.fact("point"): point}
    )
    status = str(outcome.output)
    return _said(result, status, "" if milestone is not None else f"按直线推算 {year} 年应达到 {_plain(point)}")


def _on_line(world: World, result: Result, year: int) -> Number | None:
    """The point of a year on the line between baseline and target, where a setting declares that line."""
    indicator, target = result.indicator, result.target
    first, base = indicator.baseline.year, indicator.baseline.known
    if indicator.path is None or world.settings[indicator.path].value != LINEAR:
        return None
    if not isinstance(first, int) or base is None or result.goal is None or target.year is None or target.over:
        return None
    return Decimal(base) + (Decimal(result.goal) - Decimal(base)) * (year - first) / (target.year - first)


def _each_year(world: World, result: Result, values: Mapping[int, Yearly], book: Book, on: dt.date) -> Result:
    """A target for every year: the last year is judged, and what the years before came to is not forgotten."""
    target = result.target
    first, end = target.since or min(values), target.year
    last = max((year for year, one in values.items() if one.final), default=max(values))
    if end is not None and last > end:
        last = end
    years: list[tuple[int, Value, str]] = []
    whole = result
    for year in range(first, last + 1):
        if year not in values:
            years.append((year, None, NO_DATA))
            continue
        whole = Result(result.indicator, target, result.subject, NO_DATA, latest=result.latest, own=result.own)
        _of_year(world, whole, values, year, book)
        years.append((year, whole.value, whole.status))
    if not years:
        return _said(result, NO_DATA, f"{first}年起各年都没有数值")
    whole.years = tuple(years)
    missed = [str(year) for year, _, status in years if status == MISSED]
    if end is None:
        return whole
    lacking = [str(year) for year, _, status in years if status == NO_DATA]
    lacking += [str(year) for year in range(last + 1, min(end, on.year - 1) + 1)] if on.year > end else []
    if missed:
        return _said(whole, MISSED if last == end or on.year > end else BEHIND, f"{'、'.join(missed)}年没有达到")
    if lacking:
        return _said(whole, NO_DATA, f"缺 {'、'.join(lacking)} 年的数值，或与上年比较的数值")
    if whole.status == REACHED and last < end:
        return _said(whole, ON_PATH, "到目前各年都达到")
    return whole


# Members -------------------------------------------------------------------------------------------------------------


def _members(
    world: World, indicator: Indicator, target: Target, book: Book, on: dt.date, held: dict[str, dict[int, Yearly]]
) -> Result:
    """One target judged of every member of a group, and of all of them together."""
    judge = target.judge
    assert judge is not None
    assert target.whole is not None
    names, count = _roster(world, indicator, target, book, on)
    members = tuple(_one(world, indicator, target, book, on, name, held) for name in names)
    result = Result(indicator, target, CITY, NO_DATA, members=members, count=count)
    result.goal = next((each.goal for each in members if each.goal is not None), None)
    if not members:
        return _said(result, NO_DATA, f"没有{judge.each}的数值")
    asked = [each for each in members if each.status == PERSON]
    if asked:
        return _said(result, PERSON, f"{asked[0].subject}：{asked[0].reason}")
    passed = sum(each.status == REACHED for each in members)
    failed = sum(each.status in (MISSED, BEHIND) for each in members)
    if count is None:
        # Without a list of all, only what no further member can change is said.
        needs_all = judge.share is None and judge.at_least is None
        if needs_all and failed:
            count = len(members)
        elif judge.at_least is not None and passed >= judge.at_least:
            count = passed
        else:
            who = _setting_named(world, judge.count)
            return _said(
                result, PERSON, f"已报的 {len(members)} 个中 {passed} 个达到；{judge.each}一共几个没有登记{who}"
            )
    there = [each for each in members if each.year is not None]
    year = max((each.year for each in there if each.year is not None), default=on.year)
    if target.year is not None and on.year > target.year:
        year = target.year
    facts: dict[str, Value] = {
        YEAR: year, FINAL: all(one.final for each in there for one in [held[each.subject][each.year or year]]),
        indicator.fact("passed"): passed, indicator.fact("members"): max(count, len(members)),
        indicator.fact("missing"): max(count - passed - failed - _under_way(members), 0),
    }  # fmt: skip
    result.year = year
    result.outcome = outcome = decide(world, target.whole, facts)
    behind = [each.subject for each in members if each.status in (MISSED, BEHIND)]
    why = f"没有达到：{'、'.join(behind)}" if behind else f"{passed} 个达到，共 {facts[indicator.fact('members')]} 个"
    status = str((outcome.value or {}).get("status", PERSON))
    if status == UNDER_WAY and any(each.status == BEHIND for each in members):
        status = BEHIND
    return _said(result, status, why)


def _under_way(members: Iterable[Result]) -> int:
    return sum(each.status in (UNDER_WAY, ON_PATH) for each in members)


def _roster(
    world: World, indicator: Indicator, target: Target, book: Book, on: dt.date
) -> tuple[list[str], int | None]:
    """Who is judged each: the members of the group, or whoever reported, and how many there are if that is known."""
    judge = target.judge
    assert judge is not None
    if world.units.is_group(judge.each):
        try:
            units = world.units.members(judge.each, on, str(world.document.get("number") or ""))
        except UnitNotFound:
            units = world.units.members(judge.each)
        names = list(dict.fromkeys(subject_of(world, unit.name) for unit in units))
        return names, len(names)
    count = judge.count
    if isinstance(count, SettingRef):
        count = world.settings[count.name].value
    names = _subjects(indicator, book)
    return names, count if isinstance(count, int) else None


def _subjects(indicator: Indicator, book: Book) -> list[str]:
    """Everybody but the city who has a value of the indicator, or both terms of its ratio."""
    found = dict(book.subjects.get(indicator.key) or {})
    if indicator.ratio is not None:
        den = book.subjects.get(indicator.ratio.den) or {}
        found |= {name: None for name in book.subjects.get(indicator.ratio.num) or {} if name in den}
    return [name for name in found if name != CITY]


def _setting_named(world: World, count: object) -> str:
    if not isinstance(count, SettingRef):
        return ""
    setting = world.settings[count.name]
    return f"（{setting.label}，由{setting.owner}填写）"


def _said(result: Result, status: str, reason: str) -> Result:
    result.status, result.reason = status, reason
    return result


def _places(*numbers: object) -> int:
    found = (number.as_tuple().exponent for number in numbers if isinstance(number, Decimal))
    return max((-exponent for exponent in found if isinstance(exponent, int)), default=0)


def _rounded(number: Decimal, places: int) -> Number:
    places = min(max(places, 2), 6)
    found = number.quantize(Decimal(1).scaleb(-places), ROUND_UP)
    return int(found) if found == found.to_integral_value() else found.normalize()


def _plain(number: Number) -> str:
    shown = Decimal(number).quantize(Decimal("0.0001"))
    text = f"{shown:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
