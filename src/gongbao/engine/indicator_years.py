"""One target of an indicator for one subject: the year whose value is judged, and the decision that judges it.

The last value of a whole year is judged; what was reported within a year is shown and not judged, as no text says how
the parts of a year become the whole. The plan's own words set the pace: the point of a year is a milestone, or the
straight line where a setting declares it, and otherwise none (推进中).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from gongbao.engine.decision.decide import decide
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
)  # fmt: skip
from gongbao.engine.indicator_observations import CITY, RANK, TARGET, Book, Period
from gongbao.engine.indicator_result import Result, Worked, Yearly, said
from gongbao.engine.model import SettingRef
from gongbao.engine.world import World
from gongbao.feel.values import Value


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
    return (one.end, -RANK[one.part]) > (other.end, -RANK[other.part])


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


def of_subject(
    world: World, indicator: Indicator, target: Target, book: Book, on: dt.date, subject: str,
    held: dict[str, dict[int, Yearly]],
) -> Result:  # fmt: skip
    """One target for one subject."""
    values = _values(world, indicator, book, on, subject, held)
    own = subject == CITY or subject in target.quotas or target.judge is not None
    result = Result(indicator, target, subject, NO_DATA, series=book.get(indicator.key, subject), own=own)
    if target.form == "assigned" and not any(book.get(indicator.key, who, TARGET) for who in (subject, CITY)):
        return said(result, PERSON, f"{target.assigned_as}尚未录入")
    if not values:
        if target.form == "qualitative":
            return said(result, PERSON, f"由{'、'.join(map(str, indicator.owner)) or '人'}判定")
        return said(result, NO_DATA, _lacking(world, result, book, on))
    if target.each_year:
        return _each_year(world, result, values, book, on)
    finals = [year for year, one in values.items() if one.final]
    year = max(finals or values)
    last = target.year or year
    if on.year > last and (last not in values or not values[last].final):
        result.year, result.value = year, values[year].value
        return said(result, NO_DATA, f"没有目标年 {last} 年的全年数值，最近的是 {year} 年")
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


def _of_year(world: World, result: Result, values: Mapping[int, Yearly], year: int, book: Book) -> Result:
    """The result by the value of one year."""
    indicator, target = result.indicator, result.target
    one = values[year]
    result.year, result.value, result.from_ = year, one.value, one.from_
    final = one.final
    if target.over is not None and (lacking := _over(result, values, year)):
        final = False
        if not (target.over == "sum" and target.up):
            return said(result, NO_DATA, f"缺 {'、'.join(map(str, lacking))} 年的数值，算不出{_OVER[target.over]}")
    facts: dict[str, Value] = {YEAR: year, FINAL: final}
    facts[indicator.fact("judged" if target.form == "qualitative" else "value")] = result.value
    if (lack := _beside(world, result, facts, values, year, book)) is not None:
        return lack
    decision = target.quotas[result.subject][1] if result.subject in target.quotas else target.decision
    result.outcome = outcome = decide(world, decision, facts)
    if not outcome.settled or outcome.value is None or outcome.needs_person:
        lacks = "、".join(f"{each.label}（{each.owner}）" for each in outcome.open)
        return said(result, PERSON, f"有待确定：{lacks}" if lacks else outcome.reason or "不能确定")
    result.goal = outcome.value.get("goal")
    status = str(outcome.value["status"])
    if status == UNDER_WAY:
        if not final:
            return said(result, status, f"{year}年的数值还不是全年的")
        return _on_path(world, result, facts, year)
    return said(result, status, "")


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
            return said(result, PERSON, f"有待确定：{setting.label}（{setting.owner}）")
    if target.reads_baseline and indicator.baseline.known is None:
        base = values.get(base_year) if isinstance(base_year, int) else None
        if base is None:
            return said(result, NO_DATA, f"没有基期（{base_year}年）的数值")
        facts[indicator.fact("base")] = base.value
    if target.reads_previous:
        before = values.get(year - 1)
        previous = before.value if before is not None and before.final else None
        if previous is None and year - 1 == base_year:
            previous = indicator.baseline.known
        if previous is None:
            return said(result, NO_DATA, f"没有上年（{year - 1}年）的数值，不能比较")
        facts[indicator.fact("previous")] = previous
    if target.form == "assigned":
        given = yearly_targets(book, indicator.key, result.subject) or yearly_targets(book, indicator.key, CITY)
        goal = given.get(year) if year in given else given.get(target.year or year)
        if goal is None:
            return said(result, PERSON, f"{year} 年{target.assigned_as}尚未录入")
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
        return said(result, UNDER_WAY, f"{target.year}年才到期，文中没有 {year} 年应达到的数" if target.year else "")
    result.point = point
    result.progress = outcome = decide(
        world, target.progress, {indicator.fact(): result.value, indicator.fact("point"): point}
    )
    status = str(outcome.output)
    return said(result, status, "" if milestone is not None else f"按直线推算 {year} 年应达到 {_plain(point)}")


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
        whole = Result(result.indicator, target, result.subject, NO_DATA, series=result.series, own=result.own)
        _of_year(world, whole, values, year, book)
        years.append((year, whole.value, whole.status))
    if not years:
        return said(result, NO_DATA, f"{first}年起各年都没有数值")
    whole.years = tuple(years)
    missed = [str(year) for year, _, status in years if status == MISSED]
    if end is None:
        return whole
    lacking = [str(year) for year, _, status in years if status == NO_DATA]
    lacking += [str(year) for year in range(last + 1, min(end, on.year - 1) + 1)] if on.year > end else []
    if missed:
        return said(whole, MISSED if last == end or on.year > end else BEHIND, f"{'、'.join(missed)}年没有达到")
    if lacking:
        return said(whole, NO_DATA, f"缺 {'、'.join(lacking)} 年的数值，或与上年比较的数值")
    if whole.status == REACHED and last < end:
        return said(whole, ON_PATH, "到目前各年都达到")
    return whole


def _plain(number: Number) -> str:
    shown = Decimal(number).quantize(Decimal("0.0001"))
    text = f"{shown:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
