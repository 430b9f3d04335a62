"""A target that every member of a group has for itself: each of them judged, and all of them together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from gongbao.engine.decision.decide import decide
from gongbao.engine.indicator import (
    BEHIND,
    FINAL,
    MISSED,
    NO_DATA,
    ON_PATH,
    PERSON,
    REACHED,
    UNDER_WAY,
    YEAR,
    Indicator,
    Target,
)  # fmt: skip
from gongbao.engine.indicator_observations import CITY, Book
from gongbao.engine.indicator_reading import subject_of
from gongbao.engine.indicator_result import Result, Yearly, said
from gongbao.engine.indicator_years import of_subject
from gongbao.engine.model import SettingRef
from gongbao.engine.units import UnitNotFound
from gongbao.engine.world import World
from gongbao.feel.values import Value


def of_members(
    world: World, indicator: Indicator, target: Target, book: Book, on: dt.date, held: dict[str, dict[int, Yearly]]
) -> Result:
    """One target judged of every member of a group, and of all of them together."""
    judge = target.judge
    assert judge is not None
    assert target.whole is not None
    names, count = _roster(world, indicator, target, book, on)
    members = tuple(of_subject(world, indicator, target, book, on, name, held) for name in names)
    result = Result(indicator, target, CITY, NO_DATA, members=members, count=count)
    result.goal = next((each.goal for each in members if each.goal is not None), None)
    if not members:
        return said(result, NO_DATA, f"没有{judge.each}的数值")
    asked = [each for each in members if each.status == PERSON]
    if asked:
        return said(result, PERSON, f"{asked[0].subject}：{asked[0].reason}")
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
            return said(
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
    return said(result, status, why)


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
        names = list(dict.fromkeys(subject_of(world.units, unit.name) for unit in units))
        return names, len(names)
    count = judge.count
    if isinstance(count, SettingRef):
        count = world.settings[count.name].value
    names = subjects_of(indicator, book)
    return names, count if isinstance(count, int) else None


def subjects_of(indicator: Indicator, book: Book) -> list[str]:
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
