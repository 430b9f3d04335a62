"""Moments, durations, sets of choices and functions of numbers as columns: what is proved is what trying every case shows."""

from __future__ import annotations

import datetime as dt
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.policy.analysis.conftest import made, table

from gongbao.dmn import OverlapError
from gongbao.engine.decision.decide import decide
from gongbao.engine.fact import read_facts
from gongbao.policy.analysis import TableView
from gongbao.policy.analysis.findings import plain
from gongbao.policy.analysis.tables import table_of

FACTS: dict[str, dict[str, Any]] = {
    "since": {"label": "开始", "type": "datetime"},
    "until": {"label": "结束", "type": "datetime"},
    "day": {"label": "日期", "type": "date"},
    "limit": {"label": "时限", "type": "duration"},
    "kinds": {"label": "情形", "type": "list", "of": "choice", "values": ["甲", "乙", "丙"]},
    "a": {"label": "甲数", "type": "integer", "min": 0, "max": 5, "step": 1},
    "b": {"label": "乙数", "type": "integer", "min": -2, "max": 3, "step": 1},
    "n": {"label": "数", "type": "integer", "min": 0, "step": 1},
    "p": {"label": "另一数", "type": "integer", "min": 0, "step": 1},
}
NEW_YEAR = '@"2024-01-01T08:00:00"'


def view_of(rules: list[tuple[dict[str, str], str]], **more: Any) -> TableView:
    """The view of a table; every gap of it has been decided for real, as it would be pasted."""
    source, world = made({"t": table([{"when": when, "then": then} for when, then in rules], **more)}, FACTS)
    view = table_of(source, world, "t", ())
    for case in view.gaps:
        assert not decide(world, "t", read_facts(world.facts, plain(case.facts))).rows
    return view


def test_a_gap_of_one_minute_is_found() -> None:
    (gap,) = view_of([({"since": f"< {NEW_YEAR}"}, "x"), ({"since": f"> {NEW_YEAR}"}, "y")]).gaps
    assert gap.facts["since"].isoformat() == "2024-01-01T08:00:00+08:00"
    later = '@"2024-01-01T08:01:00"'  # a minute is the step of a moment
    view = view_of([({"since": f"<= {NEW_YEAR}"}, "x"), ({"since": f">= {later}"}, "y")])
    assert (view.gaps, view.overlaps, view.undecided) == ((), (), ())


def test_the_day_of_a_moment_is_compared_with_days_and_other_moments() -> None:
    last = 'date("2024-02-29")'
    view = view_of([({"date(since)": f"<= {last}"}, "x"), ({"since": '>= @"2024-03-01T00:00:00"'}, "y")])
    assert (view.gaps, view.overlaps, view.undecided) == ((), (), ())
    view = view_of(
        [({"date(since) = date(until)": "true"}, "x"), ({"date(since) < date(until)": "true"}, "y"),
         ({"since > until": "true"}, "z")]
    )  # fmt: skip
    assert view.gaps == ()
    assert [case.rules for case in view.overlaps] == [(1, 3)]
    assert view.overlaps[0].facts["since"].date() == view.overlaps[0].facts["until"].date()
    view = view_of([({"date(since) < day": "true"}, "x"), ({"date(since) >= day": "true"}, "y")])
    assert (view.gaps, view.overlaps, view.undecided) == ((), (), ())


def test_the_time_between_two_moments_is_compared_with_durations() -> None:
    view = view_of(
        [({"until - since": '< @"PT24H"'}, "x"), ({"until - since": '> @"PT24H"'}, "y")], assume=["since <= until"]
    )
    (gap,) = view.gaps
    assert gap.facts["until"] - gap.facts["since"] == dt.timedelta(days=1)
    assert view.undecided == ()
    view = view_of([({"until - since": "<= limit"}, "x"), ({"since + limit < until": "true"}, "y")])
    assert (view.gaps, view.overlaps, view.undecided) == ((), (), ())


def test_a_duration_is_swept_from_nothing_upwards() -> None:
    view = view_of([({"limit": '< @"PT0S"'}, "x"), ({"limit": '<= @"PT1H"'}, "y"), ({"limit": '> @"P1D"'}, "z")])
    assert [rule.dead for rule in view.rules] == [True, False, False]
    (gap,) = view.gaps
    assert gap.as_json().startswith('{"limit": "PT1H1M"') or gap.facts["limit"] == dt.timedelta(hours=1, minutes=1)


def test_the_threshold_of_a_moment_is_moved_by_a_minute_and_of_a_duration_too() -> None:
    source, world = made({"t": table([{"when": {"since": f"< {NEW_YEAR}"}, "then": "x"}, {"otherwise": "y"}])}, FACTS)
    told = [each.changed for each in table_of(source, world, "t", ()).survivors if each.kind == "threshold"]
    assert told == [f'“< {NEW_YEAR}”改为“< @"2024-01-01T07:59:00"”', f'“< {NEW_YEAR}”改为“< @"2024-01-01T08:01:00"”']
    source, world = made({"t": table([{"when": {"limit": '< @"PT1H"'}, "then": "x"}, {"otherwise": "y"}])}, FACTS)
    told = [each.changed for each in table_of(source, world, "t", ()).survivors if each.kind == "threshold"]
    assert told == ['“< @"PT1H"”改为“< @"PT59M"”', '“< @"PT1H"”改为“< @"PT1H1M"”']


def test_a_list_of_choices_is_every_set_of_them() -> None:
    has = 'list contains(kinds, "甲")'
    view = view_of([({has: "true"}, "x"), ({has: "false", "count(kinds)": "> 0"}, "y")])
    (gap,) = view.gaps
    assert (gap.facts["kinds"], view.undecided) == ([], ())
    view = view_of([({has: "true"}, "x"), ({has: "false"}, "y"), ({"count(kinds)": "> 3"}, "z")], hit="first")
    assert [rule.dead for rule in view.rules] == [False, False, True]


CELLS = {
    "abs(a - b)": ["> 2", "<= 2", "0", "[1..3)"],
    "max(a, b, 2)": ["> 3", "<= 3", "2"],
    "min(a, b)": ["< 0", ">= 0", "3"],
    "floor(a / 2)": ["1", "> 1", "< 1"],
    "ceiling(b / 2)": ["0", "> 0", "< 0"],
    "modulo(a, 3)": ["0", "1", "> 1"],
    "a * b": ["> 4", "<= 4", "0", "[-6..2]"],
    "a ** 2 - b": ["> 9", "<= 9"],
    "a": ["> 2", "<= 2", "> b"],
    "b": ["0", "< 0", ">= 0"],
}
rows = st.dictionaries(st.sampled_from(list(CELLS)), st.integers(0, 3), min_size=1, max_size=2).map(
    lambda picked: {column: CELLS[column][at % len(CELLS[column])] for column, at in picked.items()}
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(rows, min_size=1, max_size=4))
def test_functions_of_small_numbers_are_looked_at_exactly(found: list[dict[str, str]]) -> None:
    source, world = made({"t": table([{"when": row, "then": f"{i}"} for i, row in enumerate(found)])}, FACTS)
    view = table_of(source, world, "t", ())
    assert view.undecided == ()
    held: set[int] = set()
    gap = overlap = False
    for a, b in product(range(6), range(-2, 4)):
        facts = {"a": a, "b": b}
        cells = world.decisions["t"].table.cells
        rules = [i for i, row in enumerate(cells) if all(c is None or c.evaluate(facts) is True for c in row)]
        held |= set(rules)
        gap, overlap = gap or not rules, overlap or len(rules) > 1
    assert (bool(view.gaps), bool(view.overlaps)) == (gap, overlap)
    assert {rule.number - 1 for rule in view.rules if rule.dead} == set(range(len(found))) - held
    for case in view.overlaps:
        with pytest.raises(OverlapError):
            decide(world, "t", dict(case.facts))


def test_a_cell_that_reads_another_fact_is_looked_at_together_with_the_columns_of_that_fact() -> None:
    (case,) = view_of([({"b": "-1"}, "x"), ({"a": "> b", "b": "< 0"}, "y"), ({"b": ">= 0"}, "z")]).overlaps
    assert case.facts["b"] == -1
    with pytest.raises(OverlapError):
        decide(made({"t": table([{"when": {"b": "-1"}, "then": "x"}, {"when": {"a": "> b", "b": "< 0"}, "then": "y"}])},
                    FACTS)[1], "t", dict(case.facts))  # fmt: skip


@pytest.mark.parametrize(
    "column", ["abs(n - p)", "max(n, p)", "floor(n / 3)", "modulo(n, 4)", "ceiling((n + p) / 5)", "n * 3 - p", "a * n"]
)
def test_a_gap_of_one_number_is_found_among_numbers_without_end(column: str) -> None:
    view = view_of([({column: "< 2"}, "x"), ({column: "> 2"}, "y")])
    assert (len(view.gaps), view.undecided) == (1, ())


def test_of_two_numbers_without_end_that_are_multiplied_it_is_said() -> None:
    rules = [({"n * p": "< 7"}, "x"), ({"n * p": ">= 7", "n": "> 0"}, "y"), ({"n * p": "7", "n": "0"}, "z")]
    view = view_of(rules)  # the third rule is dead, but that no sample shows
    assert "只试了若干取值" in view.undecided[0]
    assert not any(rule.dead for rule in view.rules)
