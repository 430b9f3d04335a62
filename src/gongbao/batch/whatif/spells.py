"""Days and episodes at each level: what a decision over the stretches of a series says of every single day of it.

Such a decision has `for_each` over stretches (contexts with `from` and `until`) and an ordered output. A calendar day
(Asia/Shanghai) has the level of the stretch that it lies in, wholly or in part, the highest where it lies in several;
a day in none has the level of the rule for all other cases. Time between stretches that the plan joins into one lies in
it. Where the level is not settled, what could still be open (yes or no, one of a few) is tried; a day whose level stays
the same is settled, the others are not.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gongbao.dmn import OverlapError
from gongbao.engine.decision.decide import Outcome, decide
from gongbao.engine.decision.grounds import grounds
from gongbao.engine.series import Series
from gongbao.engine.world import World

MOST_TRIED = 64  # combinations of what is open
UNSETTLED = "未定"
Level = str | None


@dataclass(frozen=True, slots=True)
class Spells:
    """The level of every day, by day, and of every episode in order; UNSETTLED where it is open.

    episodes: None where it is open how many there are, or two readings of what is open give them other levels.
    """

    days: Mapping[dt.date, str]
    episodes: tuple[str, ...] | None


def series_of(world: World, decision: str) -> str | None:
    """The series fact whose stretches the decision goes through; None where it is another kind of decision."""
    spec = world.decisions[decision]
    if spec.for_each is None or spec.ranked is None or not spec.reads_series:
        return None
    names = [n for n in spec.for_each[1].names if n in world.facts and world.facts[n].type == "series"]
    return names[0] if len(names) == 1 else None


def spells(world: World, decision: str, facts: Mapping[str, Any], as_of: dt.datetime | None = None) -> Spells | None:
    """The days and episodes of one series; None where there is no series, or it does not say when it begins."""
    name = series_of(world, decision)
    series = facts.get(name) if name else None
    if not isinstance(series, Series) or series.start is None or not len(series):
        return None
    seen = [
        _read(world, decision, series, there, each, as_of) for there, each in _worlds(world, decision, facts, as_of)
    ]
    days = {}
    for day in _days(series):
        levels = {None if one is None else one[0].get(day) for one in seen}
        days[day] = UNSETTLED if len(levels) != 1 or None in levels else str(levels.pop())
    episodes = {None if one is None else one[1] for one in seen}
    settled = episodes.pop() if len(episodes) == 1 else None
    return Spells(days, None if settled is None else tuple(UNSETTLED if e is None else e for e in settled))


def _days(series: Series) -> Iterator[dt.date]:
    assert series.start is not None
    day, end = series.start.date(), series.start + len(series) * series.step
    while dt.datetime.combine(day, dt.time(), series.start.tzinfo) < end:
        yield day
        day += dt.timedelta(days=1)


def _worlds(
    world: World, decision: str, facts: Mapping[str, Any], as_of: dt.datetime | None
) -> Iterator[tuple[World, Mapping[str, Any]]]:
    """The facts as they are where they settle it, else with every value of what is open that has few."""
    read = grounds(world, decision)
    choices: dict[tuple[str, str], tuple[Any, ...]] = {}
    for name in read.facts:
        fact = world.facts.get(name)
        if fact is not None and facts.get(name) is None:
            few = (True, False) if fact.type == "boolean" else tuple(fact.values) if fact.type == "choice" else ()
            choices["fact", name] = few
    for name in read.settings:
        setting = world.settings[name]
        if setting.value is None:
            few = (True, False) if setting.type == "boolean" else tuple(setting.candidates or setting.values)
            choices["setting", name] = few
    listed = {key: values for key, values in choices.items() if values}
    size = 1
    for values in listed.values():
        size *= len(values)
    if size > MOST_TRIED:
        listed = {}
    for values in itertools.product(*listed.values()):
        held = dict(zip(listed, values, strict=True))
        filled = {name: v for (kind, name), v in held.items() if kind == "setting"}
        known = {**facts, **{name: v for (kind, name), v in held.items() if kind == "fact"}}
        yield (world.with_settings(filled) if filled else world), known


def _read(
    world: World, decision: str, series: Series, there: World, facts: Mapping[str, Any], as_of: dt.datetime | None
) -> tuple[dict[dt.date, Level], tuple[Level, ...]] | None:
    """The level of each day and each stretch with everything that can be known; None where stretches are not certain."""
    try:
        outcome = decide(there, decision, facts, as_of=as_of)
    except OverlapError:
        return None
    spec = outcome.decision
    assert spec.for_each is not None
    assert spec.ranked is not None
    listed = spec.for_each[1].evaluate(outcome.scope)
    if not isinstance(listed, (list, tuple)):
        return None
    output = spec.outputs[spec.ranked]
    lowest = _otherwise(outcome)
    days: dict[dt.date, Level] = dict.fromkeys(_days(series), lowest)
    levels: list[Level] = []
    for item in listed:
        level = _level(outcome, item)
        levels.append(level)
        start, until = item.get("from"), item.get("until")
        if start is None or until is None:
            return None
        day = start.date()
        while dt.datetime.combine(day, dt.time(), start.tzinfo) < until:
            held = days.get(day)
            if level is None or (held is not None and (output.rank(level) or 0) > (output.rank(held) or 0)):
                days[day] = level
            day += dt.timedelta(days=1)
    return days, tuple(levels)


def _otherwise(outcome: Outcome) -> Level:
    spec = outcome.decision
    fallback, at = spec.trees.fallback, spec.ranked or 0
    value = None if fallback is None else spec.table.table.rules[fallback].outputs[at]
    return value if isinstance(value, str) else None


def _level(outcome: Outcome, item: Any) -> Level:
    """The level of one stretch; None where a missing reading leaves it open."""
    spec = outcome.decision
    assert spec.for_each is not None
    assert spec.ranked is not None
    scope = {**outcome.scope, spec.for_each[0]: item}
    if any(part.evaluate(scope) is None for part in spec.table.lets.values()):
        return None
    try:
        values = spec.table.decide(scope).values
    except OverlapError:
        return None
    value = None if values is None else values[spec.ranked]
    return value if isinstance(value, str) else None
