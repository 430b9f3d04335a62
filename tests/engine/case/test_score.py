"""How a case went against its clocks: kept, kept late, missed; and what counts for nobody."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from gongbao.engine.case.score import kept, score
from gongbao.engine.model import CaseState, DeadlineState

NOON = dt.datetime(2023, 3, 1, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
HOUR = dt.timedelta(hours=1)
ONE = DeadlineState("report", "报告", "一", "period", "running", NOON - HOUR, NOON)


def state(*deadlines: DeadlineState) -> CaseState:
    return CaseState("p", NOON, None, (), {}, {}, deadlines, (), (), 1)


@pytest.mark.parametrize(
    ("status", "met_at", "verdict", "over"),
    [
        ("met", NOON, "met", None),
        ("met_late", NOON + dt.timedelta(seconds=1), "late", dt.timedelta(seconds=1)),
        ("overdue", None, "missed", HOUR),
        ("lapsed", None, "missed", HOUR),
        ("running", None, "running", None),
        ("paused", None, "running", None),
    ],
)
def test_each_clock_has_its_verdict_and_how_long_it_was_over(status, met_at, verdict, over) -> None:
    (one,) = kept(state(replace(ONE, status=status, met_at=met_at)), NOON + HOUR)
    assert (one.verdict, one.over) == (verdict, over)


@pytest.mark.parametrize(
    ("recorded_at", "verdict", "over"),
    [
        (NOON, "met", None),
        (NOON + dt.timedelta(seconds=1), "late", dt.timedelta(seconds=1)),
        (NOON + HOUR, "late", HOUR),
    ],
)
def test_where_it_is_asked_for_an_act_counts_when_it_was_recorded(recorded_at, verdict, over) -> None:
    met = state(replace(ONE, status="met", met_at=NOON - HOUR, met_recorded_at=recorded_at))
    (one,) = kept(met, NOON + HOUR, recorded=True)
    assert (one.verdict, one.over, one.at) == (verdict, over, recorded_at)
    (earnest,) = kept(met, NOON + HOUR)
    assert (earnest.verdict, earnest.over, earnest.at) == ("met", None, NOON - HOUR)


def test_what_was_cancelled_and_what_only_waits_is_left_out() -> None:
    gone = replace(ONE, status="cancelled")
    wait = replace(ONE, kind="wait", status="met")
    right = replace(ONE, kind="right", status="lapsed")
    assert kept(state(gone, wait, right), NOON) == ()


def test_a_clock_that_was_past_when_it_became_known_counts_for_nobody() -> None:
    known = replace(ONE, status="overdue", past_when_known=True)
    found = score(kept(state(known, replace(ONE, status="overdue")), NOON + HOUR))
    assert (found.missed, found.counted) == (1, 1)


def test_the_score_counts_each_verdict_once() -> None:
    clocks = kept(
        state(replace(ONE, status="met", met_at=NOON), replace(ONE, status="met_late", met_at=NOON + HOUR),
              replace(ONE, status="overdue"), ONE, replace(ONE, status="unset", due=None)), NOON + HOUR)  # fmt: skip
    found = score(clocks)
    assert (found.met, found.late, found.missed, found.running, found.unset) == (1, 1, 1, 1, 1)
    assert [c.verdict for c in clocks][-1] == "unset"  # without a due time, at the end
