"""Every form of target is judged at its boundary, on what was known that day, and never by a number the text does not give."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.policy.plans import written

from gongbao.engine.indicator import BEHIND, MISSED, NO_DATA, ON_PATH, PERSON, REACHED, STATUSES, UNDER_WAY
from gongbao.engine.indicator_judge import Judged, evaluate, judged
from gongbao.engine.indicator_observations import Book
from gongbao.engine.indicator_reading import read_observations
from gongbao.engine.receipt import make_receipt, verify_receipt
from gongbao.engine.world import World
from gongbao.policy.compile import compile_pack
from gongbao.policy.source import read_source

END = dt.date(2025, 12, 31)


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> World:
    return compile_pack(read_source(written(tmp_path_factory.mktemp("plan"))))


def row(period: Any, value: Any, subject: str = "", **more: Any) -> dict[str, Any]:
    return {"period": str(period), "value": value, "subject": subject, **more}


def say(plan: World, name: str, *rows: dict[str, Any], on: dt.date = END, who: str = "", **chosen: Any) -> Judged:
    """What is said of an indicator of the plan by these reports on a day."""
    world = plan.with_settings(chosen) if chosen else plan
    read = read_observations([{"indicator": name, **each} for each in rows], [world])
    return judged(world, world.indicators[name], Book.of(read, on), on, who)


def status(plan: World, name: str, value: Any, **more: Any) -> str:
    return say(plan, name, row(2025, value), **more).status


# Boundaries ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "reached", "missed", "chosen"),
    [
        ("floor", "90", "89.99", {}),
        ("above", "90.1", "90", {}),
        ("ceiling", "3.60", "3.61", {}),
        ("below", "0.99", "1", {}),
        ("number", "22.50", "22.51", {}),
        ("exact", "5", "4", {}),
        ("exact", "5", "6", {}),
        ("around", "66", "66.01", {"tolerance": 1}),
        ("around", "64", "63.99", {"tolerance": 1}),
        ("around_down", "28", "28.01", {"tolerance": 1}),
        ("around_down", "3", "28.01", {"tolerance": 1}),
        ("more", "81.25", "81.24", {}),
        ("no_worse", "35.03", "35.02", {}),
        ("growth", "161.051", "161.050", {}),
        ("full", "100", "99.9", {}),
        ("rank", "30", "31", {}),
    ],
)  # fmt: skip
def test_at_the_boundary_a_target_is_reached_and_one_step_short_it_is_not(plan, name, reached, missed, chosen):
    assert status(plan, name, reached, **chosen) == REACHED
    assert status(plan, name, missed, **chosen) == MISSED


def test_a_fall_in_per_cent_is_reckoned_from_the_base_that_was_observed(plan):
    base = row(2020, 100)
    assert say(plan, "percent", base, row(2025, 82), first=2020).status == REACHED
    assert say(plan, "percent", base, row(2025, 83), first=2020).status == MISSED


def test_without_the_base_year_nobody_says_whether_it_fell(plan):
    assert say(plan, "percent", row(2020, 100), row(2025, 50)).results[0].reason == "有待确定：下降与哪年比（市卫健委）"
    found = say(plan, "percent", row(2025, 50), first=2020)
    assert (found.status, found.results[0].reason) == (NO_DATA, "没有基期（2020年）的数值")


@pytest.mark.parametrize(("value", "said"), [("65", REACHED), ("65.01", PERSON), ("64.99", PERSON)])
def test_about_is_settled_without_its_tolerance_only_where_any_tolerance_would_do(plan, value, said):
    assert status(plan, "around", value) == said


def test_about_with_a_good_side_needs_no_tolerance_on_it(plan):
    assert status(plan, "around_down", "20") == REACHED
    found = say(plan, "around_down", row(2025, "27.01"))
    assert found.status == PERSON
    assert "左右可差多少（市卫健委）" in found.results[0].reason


def test_a_person_judges_a_qualitative_target_and_says_nothing_but_that(plan):
    assert say(plan, "words").status == PERSON
    assert say(plan, "words").results[0].reason == "由市卫健委判定"
    assert status(plan, "words", "达到") == REACHED
    assert status(plan, "words", "未达到") == MISSED


def test_an_assigned_target_has_no_number_until_it_is_entered(plan):
    found = say(plan, "province", row(2025, 60))
    assert (found.status, found.results[0].goal) == (PERSON, None)
    given = row(2025, 60, of="下达目标")
    assert say(plan, "province", given, row(2025, 60)).status == REACHED
    assert say(plan, "province", given, row(2025, "59.9")).status == MISSED


def test_a_corrected_assigned_target_counts(plan):
    found = say(plan, "province", row(2025, 60, of="target", reported_at="2024-01-01"),
                row(2025, 62, of="target", reported_at="2024-06-01"), row(2025, 61))  # fmt: skip
    assert (found.status, found.results[0].goal) == (MISSED, 62)


# Years ---------------------------------------------------------------------------------------------------------------


def test_before_the_target_year_no_text_no_path(plan):
    assert say(plan, "floor", row(2023, 85), on=END).status == UNDER_WAY
    on = dt.date(2024, 6, 1)
    assert say(plan, "floor", row(2023, 85), on=on).status == UNDER_WAY
    assert say(plan, "floor", row(2023, 90), on=on).status == REACHED
    assert say(plan, "floor", on=on).status == NO_DATA


def test_a_value_within_the_year_is_shown_and_not_judged(plan):
    found = say(plan, "floor", row("2025Q3", 95))
    assert (found.status, found.results[0].value) == (UNDER_WAY, 95)
    assert say(plan, "floor", row("2025-12", 95)).status == REACHED  # what ends with the year is the year's
    both = say(plan, "floor", row(2024, 80), row("2025-06", 95), on=dt.date(2025, 7, 1)).results[0]
    assert (both.year, both.value, both.latest.value) == (2024, 80, 95)


def test_the_whole_year_counts_before_its_parts_in_whatever_order_they_come(plan):
    for rows in ((row(2025, 95), row("2025-12", 80)), (row("2025-12", 80), row(2025, 95))):
        assert say(plan, "floor", *rows).results[0].value == 95


def test_after_the_plan_its_target_year_must_have_been_reported(plan):
    on = dt.date(2026, 3, 1)
    found = say(plan, "floor", row(2024, 95), on=on)
    assert (found.status, found.results[0].reason) == (NO_DATA, "没有目标年 2025 年的全年数值，最近的是 2024 年")
    assert say(plan, "floor", row(2025, 95), row(2026, 10), on=dt.date(2027, 1, 1)).results[0].value == 95


def test_milestones_of_the_text_are_the_path(plan):
    on = dt.date(2025, 1, 31)
    assert say(plan, "stages", row(2024, 80), on=on).status == ON_PATH
    behind = say(plan, "stages", row(2024, 79), on=on).results[0]
    assert (behind.status, behind.point, behind.progress.cites) == (BEHIND, 80, ("一",))
    assert say(plan, "stages", row(2022, 79), on=dt.date(2023, 1, 31)).status == UNDER_WAY


def test_a_straight_line_is_a_path_only_where_its_owner_declares_it(plan):
    on = dt.date(2023, 1, 31)
    values = row(2022, "23.262")  # 23.77 - 1.27 * 2 / 5
    assert say(plan, "number", values, on=on).status == UNDER_WAY
    assert say(plan, "number", values, on=on, line="按直线").status == ON_PATH
    late = say(plan, "number", row(2022, "23.263"), on=on, line="按直线")
    assert late.status == BEHIND
    assert late.results[0].per_year == Decimal("-0.25434")


def test_what_is_missing_is_spread_over_the_years_that_are_left(plan):
    found = say(plan, "floor", row(2023, 85), on=dt.date(2024, 2, 1)).results[0]
    assert (found.gap, found.per_year) == (5, Decimal("2.5"))
    assert say(plan, "floor", row(2025, 85)).results[0].per_year is None


@pytest.mark.parametrize(
    ("values", "reading", "said"),
    [
        ({2021: 54.5, 2022: 54.0}, None, ON_PATH),
        ({2021: 54.6}, None, BEHIND),
        ({2021: 53.0, 2022: 52.6}, None, PERSON),
        ({2021: 53.0, 2022: 52.6}, "上年实际", BEHIND),
        ({2021: 53.0, 2022: 52.6}, "累计路径", ON_PATH),
        ({2022: 52.0}, "上年实际", NO_DATA),
    ],
)
def test_a_yearly_fall_is_compared_as_its_owner_reads_it(plan, values, reading, said):
    chosen = {"reading": reading} if reading else {}
    rows = [row(year, str(value)) for year, value in values.items()]
    assert say(plan, "yearly", *rows, on=dt.date(max(values) + 1, 1, 31), **chosen).status == said


def test_a_yearly_fall_is_reached_when_every_year_was(plan):
    rows = [row(year, str(Decimal("55") - (year - 2020) * Decimal("0.5"))) for year in range(2021, 2026)]
    assert say(plan, "yearly", *rows).status == REACHED
    missed = [*rows[:1], row(2022, "54.3"), *rows[2:]]
    found = say(plan, "yearly", *missed, reading="上年实际")
    assert (found.status, found.results[0].reason) == (MISSED, "2022年没有达到")


def test_a_quota_without_an_end_is_judged_year_by_year(plan):
    found = say(plan, "quota", row(2022, 120), row(2023, 119), on=dt.date(2024, 1, 31))
    assert found.status == MISSED
    assert found.results[0].years == ((2021, None, NO_DATA), (2022, 120, REACHED), (2023, 119, MISSED))


def test_rising_every_year_is_more_than_the_year_before(plan):
    assert say(plan, "rising", row(2021, 100), row(2022, 101)).status == REACHED
    assert say(plan, "rising", row(2021, 100), row(2022, 100)).status == MISSED


def test_a_sum_that_only_grows_is_reached_when_it_is(plan):
    on = dt.date(2023, 1, 31)
    assert say(plan, "built", row(2021, 5), row(2022, 3), on=on).status == REACHED
    assert say(plan, "built", row(2021, 5), row(2022, 2), on=on).status == UNDER_WAY
    rows = [row(year, 1) for year in range(2021, 2026)]
    assert (say(plan, "built", *rows).status, say(plan, "built", *rows).results[0].value) == (MISSED, 5)


def test_none_is_said_of_the_whole_time_only_when_it_is_over(plan):
    rows = [row(year, 0) for year in range(2021, 2026)]
    assert say(plan, "zero", *rows[:3], on=dt.date(2024, 1, 31)).status == UNDER_WAY
    assert say(plan, "zero", *rows).status == REACHED
    assert say(plan, "zero", *rows[:4], row(2025, 1)).status == MISSED
    gap = say(plan, "zero", *rows[:2], *rows[3:]).results[0]
    assert (gap.status, gap.reason) == (NO_DATA, "缺 2023 年的数值，算不出累计数")


def test_a_mean_is_of_every_year_from_the_first(plan):
    rows = [row(year, value) for year, value in zip(range(2021, 2026), ("0", "2", "1", "1", "0.99"), strict=True)]
    assert say(plan, "mean", *rows).results[0].value == Decimal("0.998")
    assert say(plan, "mean", *rows).status == REACHED
    assert say(plan, "mean", *rows[:4], row(2025, 1)).status == MISSED


# Ratios and members --------------------------------------------------------------------------------------------------


def terms(places: int, residents: int, period: Any = 2025, who: str = "") -> list[dict[str, Any]]:
    return [row(period, places, who, indicator="places"), row(period, residents, who, indicator="residents")]


def test_a_ratio_is_worked_out_exactly_and_says_what_its_target_takes(plan):
    assert say(plan, "ratio", *terms(24_570, 5_460_000)).status == REACHED
    short = say(plan, "ratio", *terms(24_569, 5_460_000)).results[0]
    assert (short.status, short.needed) == (MISSED, 24_570)
    assert {one.key for one in short.from_} == {"places", "residents"}


def test_terms_of_different_years_make_no_ratio(plan):
    rows = [row(2025, 10, indicator="places"), row(2024, 10, indicator="residents")]
    assert say(plan, "ratio", *rows).status == NO_DATA


@settings(max_examples=50)
@given(st.integers(0, 10**7), st.integers(1, 10**7))
def test_a_ratio_reaches_its_target_just_when_it_does_in_whole_numbers(places: int, residents: int):
    found = say(_plan(), "ratio", *terms(places, residents))
    assert (found.status == REACHED) == (places * 1000 * 2 >= residents * 9)


_PLANS: list[World] = []


def _plan() -> World:
    if not _PLANS:
        import tempfile
        from pathlib import Path

        with tempfile.TemporaryDirectory() as folder:
            _PLANS.append(compile_pack(read_source(written(Path(folder)))))
    return _PLANS[0]


def test_one_failing_member_fails_a_target_for_all_and_is_named(plan):
    found = say(plan, "towns", row(2025, 95, "甲镇"), row(2025, 92, "乙镇"), row(2025, 89, "丙镇")).results[0]
    assert (found.status, found.failing) == (MISSED, ("丙镇",))


def test_that_all_reached_it_is_said_only_when_it_is_known_how_many_they_are(plan):
    rows = row(2025, 95, "甲镇"), row(2025, 90, "乙镇")
    assert say(plan, "towns", *rows).status == PERSON
    assert say(plan, "towns", *rows, towns=2).status == REACHED
    assert say(plan, "towns", *rows, towns=3).status == NO_DATA


def test_the_members_of_a_group_are_its_areas(plan):
    found = say(plan, "districts", row(2025, 1, "东区"), row(2025, 1, "西区人民政府")).results[0]
    assert (found.status, found.silent) == (NO_DATA, ("南区",))
    whole = say(plan, "districts", *(row(2025, 1, who) for who in ("东区", "西区", "南区")))
    assert whole.status == REACHED


def test_a_share_of_the_members_is_enough_where_the_text_says_so(plan):
    assert say(plan, "most", row(2025, 1, "东区"), row(2025, 1, "西区"), row(2025, 0, "南区")).status == REACHED
    assert say(plan, "most", row(2025, 1, "东区"), row(2025, 0, "西区"), row(2025, 0, "南区")).status == MISSED
    assert say(plan, "most", row(2025, 1, "东区"), row(2025, 0, "西区")).status == NO_DATA


def test_of_two_targets_the_worse_stands_for_the_whole(plan):
    rows = [row(2025, "30", who) for who in ("东区", "西区")] + [row(2025, "29.9", "南区")]
    assert say(plan, "two", row(2025, "31.5"), *rows).status == REACHED
    found = say(plan, "two", row(2025, "31.4"), *rows)
    assert (found.status, [each.status for each in found.results]) == (MISSED, [MISSED, REACHED])


def test_a_quota_is_judged_for_its_own_county(plan):
    assert say(plan, "shares", row(2025, 60, "东区"), who="东区").status == REACHED
    assert say(plan, "shares", row(2025, 59, "东区"), who="东区").status == MISSED
    other = say(plan, "shares", row(2025, 59, "南区"), who="南区").results[0]
    assert not other.own  # the text gives it no share


# What was known ------------------------------------------------------------------------------------------------------


def test_the_last_report_counts_and_the_earlier_ones_stay(plan):
    rows = [
        {"indicator": "floor", **row(2024, 89, id="a", reported_at="2025-01-10")},
        {"indicator": "floor", **row(2024, 91, id="b", revises="a", reported_at="2025-03-01")},
    ]
    read = read_observations(rows, [plan])
    for on, value, said in ((dt.date(2025, 2, 28), 89, UNDER_WAY), (dt.date(2025, 3, 1), 91, REACHED)):
        book = Book.of(reversed(read), on)
        found = judged(plan, plan.indicators["floor"], book, on)
        assert (found.results[0].value, found.status) == (value, said)
    assert [one.value for one in book.history(found.results[0].from_[0])] == [89]


def test_a_year_that_is_not_over_is_not_seen(plan):
    assert say(plan, "floor", row(2025, 95), on=dt.date(2025, 12, 30)).status == NO_DATA


def test_every_indicator_is_said_something_of(plan):
    found = list(evaluate([plan], Book.of([]), END))
    assert [one.indicator.id for one in found] == list(plan.indicators)
    assert {one.status for one in found} <= {NO_DATA, PERSON}
    assert set(STATUSES) == {REACHED, MISSED, ON_PATH, BEHIND, UNDER_WAY, NO_DATA, PERSON}


def test_what_is_said_has_a_receipt_that_can_be_recomputed(plan):
    outcome = say(plan, "ceiling", row(2025, "3.61")).results[0].outcome
    receipt = make_receipt(plan, outcome, outcome.facts)
    assert (
        receipt.outcome["value"] == {"status": MISSED, "goal": "3.60"} or receipt.outcome["value"]["status"] == MISSED
    )
    assert not list(verify_receipt(receipt, plan))


@settings(max_examples=40)
@given(
    st.decimals(0, 100, places=2), st.sampled_from(["floor", "ceiling", "number", "more", "no_worse", "full", "rank"])
)
def test_the_table_says_what_comparing_says(value: Decimal, name: str):
    target = {"floor": 90, "ceiling": Decimal("3.6"), "number": Decimal("22.5"), "more": Decimal("81.25"),
              "no_worse": Decimal("35.03"), "full": 100, "rank": 30}[name]  # fmt: skip
    up = name in ("floor", "more", "no_worse", "full")
    wanted = REACHED if (value >= target if up else value <= target) else MISSED
    assert status(_plan(), name, str(value)) == wanted
