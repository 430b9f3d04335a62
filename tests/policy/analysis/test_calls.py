"""Calendar functions of dates are looked at as whole numbers; what is shown of them are real dates that decide so."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from tests.policy.analysis.conftest import made, table

from gongbao.engine.decision.decide import decide
from gongbao.engine.fact import read_facts
from gongbao.policy.analysis import Case, TableView
from gongbao.policy.analysis.tables import table_of
from gongbao.policy.times import moment

FACTS: dict[str, dict[str, Any]] = {
    "born": {"label": "出生日期", "type": "date"},
    "on": {"label": "日期", "type": "date"},
    "grown": {"label": "已成年", "type": "boolean"},
    "n": {"label": "数", "type": "integer", "min": 0, "max": 9, "step": 1},
}
AGE = 'age(born, on, "生日当日")'


def looked_at(rules: list[tuple[dict[str, str], str]], **more: Any) -> TableView:
    """The view of a table, every gap and overlap of which has been decided for real."""
    spec = table([{"when": when, "then": then} for when, then in rules], **more)
    source, world = made({"t": spec}, FACTS)
    view = table_of(source, world, "t", ())
    for case in view.gaps:
        assert not decided(world, case).rows
    return view


def decided(world: Any, case: Case) -> Any:
    facts = dict(case.facts)
    day = facts.pop("as_of", None)
    return decide(world, "t", read_facts(world.facts, facts), as_of=moment(day.isoformat()) if day else None)


CALLS = [
    (AGE, lambda f: f["on"].year - f["born"].year - ((f["on"].month, f["on"].day) < (f["born"].month, f["born"].day))),
    ("months_between(born, on)", None),
    ("years_between(born, on)", None),
    ("working_days_between(born, on)", None),
    ("on.year - born.year", lambda f: f["on"].year - f["born"].year),
    ('age(born, as_of, "生日次日")', None),
    ("working_days_between(born, as_of)", None),
    ("as_of.year - born.year", lambda f: f["as_of"].year - f["born"].year),
]


@pytest.mark.parametrize(("call", "by_hand"), CALLS, ids=[each for each, _ in CALLS])
def test_a_gap_of_one_number_is_found_with_dates_that_come_to_it(call: str, by_hand: Any) -> None:
    view = looked_at([({call: "< 18"}, "x"), ({call: "> 18"}, "y")])
    (gap,) = view.gaps
    assert view.undecided == ()
    assert not any(rule.dead for rule in view.rules)
    if by_hand is not None:
        assert by_hand(gap.facts) == 18


@pytest.mark.parametrize("call", [each for each, _ in CALLS])
def test_a_sound_table_over_a_call_has_no_fault(call: str) -> None:
    view = looked_at([({call: "< 18"}, "x"), ({call: ">= 18"}, "y")])
    assert (view.gaps, view.overlaps, view.undecided) == ((), (), ())
    assert not any(rule.dead for rule in view.rules)


@pytest.mark.parametrize("call", [each for each, _ in CALLS])
def test_an_overlap_and_a_dead_rule_are_found(call: str) -> None:
    view = looked_at([({call: "<= 18"}, "x"), ({call: ">= 18"}, "y")])
    assert [case.rules for case in view.overlaps] == [(1, 2)]
    view = looked_at([({call: "< 18"}, "x"), ({call: ">= 18"}, "y"), ({call: "30"}, "z")], hit="first")
    assert [rule.dead for rule in view.rules] == [False, False, True]


def test_an_age_is_never_below_nought() -> None:
    view = looked_at([({AGE: "< 0"}, "x"), ({AGE: ">= 0"}, "y")])
    assert [rule.dead for rule in view.rules] == [True, False]


def test_the_same_call_is_one_number_wherever_it_stands() -> None:
    view = looked_at(
        [({"young": "true", AGE: ">= 16"}, "x"), ({"young": "true", AGE: "< 16"}, "y"), ({AGE: ">= 18"}, "z")],
        let={"young": f"{AGE} < 18"},
    )
    assert (view.gaps, view.overlaps, view.undecided) == ((), (), ())


def test_a_call_is_compared_with_other_numbers() -> None:
    view = looked_at([({AGE: "< n + 1"}, "x"), ({AGE: "> n + 1"}, "y")])
    (gap,) = view.gaps
    assert view.undecided == ()
    assert gap.facts["on"].year - gap.facts["born"].year == gap.facts["n"] + 1


def test_a_day_and_its_year_hang_together() -> None:
    view = looked_at([({"on": '< date("2024-01-01")', "on.year": ">= 2024"}, "x"), ({"on.year": "< 2024"}, "y")])
    assert [rule.dead for rule in view.rules] == [True, False]
    (gap,) = view.gaps
    assert gap.facts["on"] >= dt.date(2024, 1, 1)
    assert view.undecided == ()


def test_a_combination_that_no_dates_can_have_is_no_gap() -> None:
    months = "months_between(born, on)"
    rules = [({AGE: ">= 18"}, "x"), ({AGE: "< 18", months: "< 300"}, "y")]  # 18 years are 216 months
    view = looked_at(rules)
    assert (view.gaps, view.undecided) == ((), ())


def test_a_combination_of_two_calls_that_is_left_open_is_told_and_is_no_gap() -> None:
    months = "months_between(born, on)"
    rules = [({AGE: ">= 18"}, "x"), ({AGE: "< 18", months: "< 216"}, "y"), ({AGE: "< 18", months: "> 216"}, "z")]
    view = looked_at(rules)  # 216 months are 18 years: the days between alone do not show it
    assert view.gaps == ()
    assert "未能判定" in view.undecided[0]
    assert not any(rule.dead for rule in view.rules)


def test_two_calls_that_dates_can_have_together_are_found() -> None:
    days = "working_days_between(born, on)"
    view = looked_at([({AGE: ">= 1"}, "x"), ({AGE: "< 1", days: "< 5"}, "y"), ({AGE: "< 1", days: "> 5"}, "z")])
    (gap,) = view.gaps
    assert gap.facts["born"] <= gap.facts["on"] < gap.facts["born"] + dt.timedelta(days=20)


def test_the_month_and_the_day_of_a_date_are_found() -> None:
    view = looked_at([({"on.month": "< 2"}, "x"), ({"on.month": "> 2"}, "y"), ({"on.day": "< 29"}, "z")], hit="first")
    (gap,) = view.gaps
    assert (gap.facts["on"].month, gap.facts["on"].day) == (2, 29)
