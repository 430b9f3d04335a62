"""Examples of indicators: observations as they come, and what is said of the indicator on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from gongbao.engine.indicator_judge import Judged, judged
from gongbao.engine.indicator_observations import CITY, Book, parse_period
from gongbao.engine.indicator_reading import read_observations, subject_of
from gongbao.engine.world import World
from gongbao.policy import schema

_KEYS = ("status", "value", "goal", "gap", "per_year", "needed", "point", "failing", "silent", "years", "reason")


def judge(world: World, example: schema.Example) -> Judged:
    """What comes out of an example. ValueError (Chinese) for one that is wrong."""
    if example.indicator is None or example.indicator not in world.indicators:
        raise ValueError(f"没有“{example.indicator}”这个指标；有：{'、'.join(world.indicators) or '无'}")
    indicator = world.indicators[example.indicator]
    given = dict(example.given)
    subject = subject_of(world.units, str(given.pop("subject", "")))
    year = indicator.targets[0].year
    rows: list[Mapping[str, Any]] = [dict(row) for row in given.pop("observations", ())]
    values = dict(given.pop("values", {}))
    if "value" in given:
        values[given.pop("year", year)] = given.pop("value")
    for what, of in (("assigned", "下达目标"),):
        if what in given:
            rows.append({"period": year, "value": given.pop(what), "of": of})
    if given:
        raise ValueError(
            f"given 里不认识“{'、'.join(given)}”；可写：value、year、values、assigned、observations、subject"
        )
    rows += [{"period": period, "value": value, "subject": subject} for period, value in values.items()]
    rows = [{"indicator": indicator.id, **row, "period": str(row.get("period", year))} for row in rows]
    book = Book.of(read_observations(rows, [world]))
    ends = [parse_period(str(row["period"])).end for row in rows]
    on = example.on or max(ends, default=dt.date(year or 2000, 12, 31))
    return judged(world, indicator, book, on, subject if subject else CITY)


def against(world: World, example: schema.Example) -> list[str]:
    """How the result differs from what is expected."""
    found = judge(world, example)
    result = found.results[0]
    expect = example.expect if isinstance(example.expect, Mapping) else {"status": example.expect}
    differences = [f"expect 里不认识“{key}”；可写：{'、'.join(_KEYS)}" for key in expect if key not in _KEYS]
    for key, wanted in expect.items():
        if key == "status":
            if found.status != wanted:
                differences.append(f"应为 {wanted}，实为 {found.status}（{result.reason or '无说明'}）")
        elif key == "reason":
            if str(wanted) not in result.reason:
                differences.append(f"说明应有“{wanted}”，实为“{result.reason}”")
        elif key == "years":
            seen = {year: status for year, _, status in result.years}
            differences += [f"{year} 年应为 {said}，实为 {seen.get(int(year), '无')}" for year, said in wanted.items()
                            if seen.get(int(year)) != said]  # fmt: skip
        elif key in _KEYS:
            value = getattr(result, key)
            if list(value) != list(wanted) if isinstance(value, tuple) else not _equal(value, wanted):
                differences.append(f"{key} 应为 {wanted}，实为 {value}")
    return differences


def _equal(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, str) and isinstance(found, int | Decimal):
        wanted = Decimal(wanted)
    return bool(found == wanted)
