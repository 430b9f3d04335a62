"""Which day counts, and whether a document holds on it: both ends included, and what takes its place told."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from tests.engine.table_worlds import make_world

from gongbao.engine.force import day_that_counts, last_day, may_open, out_of_force
from gongbao.engine.time.calendar import SHANGHAI
from gongbao.engine.world import World

D = dt.date
HAPPENED = dt.datetime(2023, 5, 1, 23, 59, 59, tzinfo=SHANGHAI)
RECORDED = dt.datetime(2023, 5, 3, 8, tzinfo=SHANGHAI)


def world(**force: Any) -> World:
    document = {"number": "试政发〔2023〕1号", "title": "试验办法", "in_force": {"from": D(2023, 1, 1), **force}}
    return make_world({}, {}, document=document)


@pytest.mark.parametrize(
    ("in_force", "facts", "day"),
    [
        ({}, {}, D(2023, 5, 1)),
        ({"applies_by": "event_date"}, {}, D(2023, 5, 1)),
        ({"applies_by": "application_date"}, {"at": D(2023, 4, 1)}, D(2023, 5, 1)),
        ({"applies_by": "decision_date"}, {}, D(2023, 5, 3)),
        ({"applies_by": "event_date", "date_fact": "at"}, {"at": D(2023, 4, 1)}, D(2023, 4, 1)),
        ({"applies_by": "event_date", "date_fact": "at"}, {"at": None}, D(2023, 5, 1)),
        ({"applies_by": "event_date", "date_fact": "at"}, {"at": HAPPENED}, D(2023, 5, 1)),
        ({"applies_by": "event_date", "date_fact": "at"}, {"at": dt.datetime(2023, 4, 30, 16, tzinfo=dt.UTC)},
         D(2023, 5, 1)),
        ({"applies_by": "event_date", "date_fact": "at"}, {"at": dt.datetime(2023, 4, 30, 15, 59, tzinfo=dt.UTC)},
         D(2023, 4, 30)),
    ],
)  # fmt: skip
def test_the_day_that_counts(in_force: Any, facts: Any, day: D) -> None:
    assert day_that_counts(in_force, facts, HAPPENED, RECORDED) == day


def test_without_any_moment_no_day_counts() -> None:
    assert day_that_counts({"applies_by": "event_date"}, {}, None) is None
    assert day_that_counts({"applies_by": "decision_date"}, {}, HAPPENED) == D(2023, 5, 1)
    assert may_open(world(), None) == ""


@pytest.mark.parametrize(
    ("force", "day", "said"),
    [
        ({}, D(2022, 12, 31), "自2023-01-01起施行，2022-12-31尚未施行"),
        ({}, D(2023, 1, 1), ""),
        ({}, D(9999, 12, 31), ""),
        ({"until": D(2024, 2, 29)}, D(2024, 2, 29), ""),
        ({"until": D(2024, 2, 29)}, D(2024, 3, 1), "有效期到2024-02-29为止，2024-03-01已失效"),
        ({"until": D(2025, 1, 1), "last": D(2024, 2, 29)}, D(2024, 3, 1), "已失效"),
    ],
)
def test_both_ends_are_included(force: Any, day: D, said: str) -> None:
    found = may_open(world(**force), day)
    assert said in found
    assert bool(found) is bool(said)


def test_what_takes_its_place_is_named() -> None:
    by = {"number": "试政发〔2024〕9号", "title": "新办法", "from": D(2024, 3, 1)}
    ended = world(until=D(2027, 12, 31), last=D(2024, 2, 29), replaced_by=by, after_expiry="stop")
    assert may_open(ended, D(2024, 3, 1)).startswith("《试验办法》自2024-03-01起由《新办法》（试政发〔2024〕9号）代替")
    assert last_day(ended.document["in_force"]) == D(2024, 2, 29)
    assert "代替，到期后停止办理" in out_of_force(ended, dt.datetime(2024, 3, 1, tzinfo=SHANGHAI))


@pytest.mark.parametrize(("after", "stops"), [("finish", False), ("stop", True)])
def test_open_cases_finish_or_stop_after_the_end(after: str, stops: bool) -> None:
    ended = world(until=D(2024, 2, 29), after_expiry=after)
    assert out_of_force(ended, dt.datetime(2024, 2, 29, 23, 59, tzinfo=SHANGHAI)) == ""
    assert bool(out_of_force(ended, dt.datetime(2024, 3, 1, 0, 0, tzinfo=SHANGHAI))) is stops
