"""Working days and ages in a decision: what was counted in is told, kept in the receipt, and open where it is open."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.engine.table_worlds import make_world

from gongbao.engine.decision.decide import decide
from gongbao.engine.decision.trace import as_dict, explain
from gongbao.engine.receipt import make_receipt, verify_receipt
from gongbao.engine.time.calendar import default_calendar

FACTS: dict[str, Any] = {
    "asked": {"label": "申请日", "type": "date"},
    "replied": {"label": "答复日", "type": "date"},
    "born": {"label": "出生日期", "type": "date"},
    "on": {"label": "报名日", "type": "date"},
}
LATE = {
    "label": "逾期", "cite": "一", "output": {"late": {"type": "boolean"}},
    "rules": [
        {"when": {"working_days_between(asked, replied)": "> params.days"}, "then": True, "cite": "一"},
        {"when": {"working_days_between(asked, replied)": "<= params.days"}, "then": False, "cite": "一"},
    ],
}  # fmt: skip
TOLD = {
    "label": "告知", "cite": "二", "output": {"told": {"type": "boolean"}}, "requires": ["late"],
    "value": {"told": "late.late"},
}  # fmt: skip
OLD_ENOUGH = {
    "label": "年满",
    "cite": "三",
    "output": {"may": {"type": "boolean"}},
    "value": {"may": "age(born, on, settings.reading) >= params.age"},
}
SETTINGS = {
    "reading": {"label": "周岁的算法", "owner": "市教育局", "type": "choice", "candidates": ["生日当日", "生日次日"]}
}


def world() -> Any:
    decisions = {"late": LATE, "told": TOLD, "old_enough": OLD_ENOUGH}
    made = make_world(FACTS, decisions, settings=SETTINGS, params={"days": 2, "age": 6}, calendar=default_calendar())
    return made


def test_the_holiday_table_decides_and_is_named() -> None:
    given = {"asked": dt.date(2023, 1, 20), "replied": dt.date(2023, 1, 29)}
    outcome = decide(world(), "late", given)
    assert outcome.output is False  # the 28th and the 29th, both made up for 春节
    assert outcome.calendar_years == (2023,)
    assert as_dict(outcome)["calendar"]["2023"].startswith("国务院办公厅")
    assert decide(world(), "late", {**given, "replied": dt.date(2023, 1, 30)}).output is True


def test_a_year_without_data_says_so_also_through_a_required_decision() -> None:
    outcome = decide(world(), "told", {"asked": dt.date(2061, 1, 3), "replied": dt.date(2061, 1, 5)})
    assert outcome.output is False
    assert as_dict(outcome)["calendar"] == {"2061": "未载入放假安排，按周末推算"}
    assert explain(outcome).count("2061年的工作日：未载入放假安排，按周末推算") == 1


def test_a_receipt_holds_the_years_counted_in_and_finds_that_one_was_changed() -> None:
    given = {"asked": dt.date(2023, 1, 20), "replied": dt.date(2023, 1, 29)}
    outcome = decide(world(), "told", given)
    receipt = make_receipt(world(), outcome, given)
    assert list(receipt.calendar) == ["2023"]
    assert verify_receipt(receipt, world()) == []
    changed = world().with_calendar(default_calendar().with_days({dt.date(2023, 1, 28): True}, source="改"))
    assert {d.field for d in verify_receipt(receipt, changed)} >= {"calendar.2023"}


def test_an_unknown_day_leaves_it_open_and_a_decision_without_working_days_names_no_year() -> None:
    open_ = decide(world(), "late", {"asked": dt.date(2023, 1, 20)})
    assert not open_.settled
    assert open_.ask == ("replied",)
    assert "calendar" not in as_dict(
        decide(world(), "old_enough", {"born": dt.date(2017, 1, 1), "on": dt.date(2023, 1, 1)})
    )


def test_the_reading_of_an_age_matters_on_the_birthday_alone() -> None:
    def may(on: dt.date) -> Any:
        outcome = decide(world(), "old_enough", {"born": dt.date(2017, 9, 1), "on": on})
        return outcome.output if outcome.settled else [each.name for each in outcome.open]

    assert may(dt.date(2023, 8, 31)) is False
    assert may(dt.date(2023, 9, 1)) == ["reading"]
    assert may(dt.date(2023, 9, 2)) is True
