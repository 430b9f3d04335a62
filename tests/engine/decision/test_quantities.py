"""Moments and durations that are not known are quantities: what they can change is exact, and each case is a real one."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from tests.engine.table_worlds import make_world

from gongbao.engine.decision.decide import decide
from gongbao.engine.decision.unknown import Linear, as_value, linear
from gongbao.engine.time.calendar import SHANGHAI
from gongbao.engine.world import World

FACTS: dict[str, Any] = {
    "since": {"label": "开始", "type": "datetime"},
    "until": {"label": "结束", "type": "datetime"},
    "day": {"label": "日期", "type": "date"},
    "limit": {"label": "时限", "type": "duration"},
    "kinds": {"label": "情形", "type": "list", "of": "choice", "values": ["甲", "乙"]},
}
NOON = dt.datetime(2024, 3, 1, 12, tzinfo=SHANGHAI)


def world_of(*conditions: str, assume: tuple[str, ...] = ()) -> World:
    """A decision `d` of the first condition that holds, by its number; else 0."""
    rules = [{"when": {each: "true"}, "then": i, "cite": "一"} for i, each in enumerate(conditions, 1)]
    values = list(range(len(conditions) + 1))
    output = {"o": {"type": "integer", "values": values}}
    spec = {"label": "判定", "cite": "一", "hit": "first", "output": output, "assume": assume,
            "rules": [*rules, {"otherwise": 0, "cite": "一"}]}  # fmt: skip
    return make_world(FACTS, {"d": spec})


def found(world: World, **known: Any) -> set[Any]:
    """The outcomes that are possible, each of which its own case comes to."""
    outcome = decide(world, "d", known)
    assert outcome.exact
    if outcome.settled:
        return {outcome.output}
    for each in outcome.cases:
        again = decide(world, "d", {**known, **each.when})
        assert not again.settled or again.output == each.value["o"]
    return {each["o"] for each in outcome.candidates}


def test_an_unknown_moment_is_before_or_after_a_known_one() -> None:
    world = world_of('since < @"2024-03-01T08:00:00"', 'since = @"2024-03-01T08:00:00"', "since <= until")
    assert found(world) == {0, 1, 2, 3}
    assert found(world, until=NOON) == {0, 1, 2, 3}
    assert found(world, until=dt.datetime(2024, 3, 1, 7, tzinfo=SHANGHAI)) == {0, 1, 2}


def test_the_day_of_an_unknown_moment_lies_where_the_moment_does() -> None:
    world = world_of("date(since) <= day", "date(until) >= day", assume=("since <= until",))
    assert found(world, day=dt.date(2024, 3, 1)) == {1, 2}  # what begins later ends later
    assert found(world, day=dt.date(2024, 3, 1), since=NOON) == {1}
    assert found(world, day=dt.date(2024, 2, 29), since=NOON) == {2}


@pytest.mark.parametrize(
    ("day", "wanted"), [(dt.date(2024, 2, 28), {1}), (dt.date(2024, 2, 29), {1, 0}), (dt.date(2024, 3, 1), {0})]
)
def test_two_questions_about_one_moment_hang_together(day: dt.date, wanted: set[int]) -> None:
    world = world_of("date(since) > day", assume=('since >= @"2024-02-29T23:00:00"', 'since <= @"2024-03-01T01:00:00"'))
    assert found(world, day=day) == wanted


def test_the_time_between_two_moments_is_a_duration() -> None:
    world = world_of('until - since > @"PT24H"', "until - since > limit", assume=("since <= until",))
    assert found(world) == {0, 1, 2}
    assert found(world, limit=dt.timedelta(hours=24)) == {0, 1}
    assert found(world, limit=dt.timedelta(hours=23), since=NOON) == {0, 1, 2}
    assert found(world, limit=dt.timedelta(hours=23), since=NOON, until=NOON + dt.timedelta(hours=24)) == {2}


def test_a_moment_some_time_later_is_a_moment() -> None:
    world = world_of("since + limit < until", 'date(since + @"PT12H") > day')
    assert found(world, limit=dt.timedelta(hours=1), until=NOON, day=NOON.date()) == {0, 1, 2}
    assert found(world, limit=dt.timedelta(hours=1), until=NOON, since=NOON, day=NOON.date()) == {2}


def test_the_days_of_two_unknown_moments_are_not_compared_exactly_and_it_is_said() -> None:
    outcome = decide(world_of("date(since) = date(until)"), "d", {})
    assert {each["o"] for each in outcome.candidates} == {0, 1}
    assert outcome.exact == (not outcome.doubts)
    assert decide(world_of("date(since) = date(until)"), "d", {"until": NOON}).exact


def test_a_moment_is_neither_a_date_nor_a_number() -> None:
    assert found(world_of("since = day", "since < 5", "since = limit")) == {0}


def test_an_unknown_list_of_choices_is_any_set_of_them() -> None:
    world = world_of('list contains(kinds, "甲") and list contains(kinds, "乙")', 'list contains(kinds, "甲")')
    assert found(world) == {0, 1, 2}
    world = world_of("count(kinds) > 2", "count(kinds) = 2")
    assert found(world) == {0, 2}
    assert decide(world, "d", {}).ask == ("kinds",)


@pytest.mark.parametrize(
    "value",
    [NOON, dt.date(2024, 2, 29), dt.timedelta(minutes=-90), 7, dt.datetime(2024, 3, 1, 23, 59, 59, tzinfo=SHANGHAI)],
)
def test_a_quantity_is_itself_again(value: Any) -> None:
    line = linear(value)
    assert isinstance(line, Linear)
    assert as_value(line.constant, line.kind) == value
