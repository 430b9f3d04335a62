"""Which days are worked: weekends, public holidays, make-up days, and years without data."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongbao.engine.time.calendar import (
    Calendar,
    add_months,
    default_calendar,
    localise,
    parse_day,
    parse_moment,
    plain_calendar,
)

D = dt.date
DAYS = st.dates(D(2004, 1, 1), D(2030, 12, 31))
COUNTS = st.integers(0, 300)


def test_the_spring_festival_of_2023_rests_seven_days_and_makes_up_two():
    calendar = default_calendar()
    rest = [D(2023, 1, n) for n in range(21, 28)]
    assert not any(map(calendar.is_working, rest))
    assert {calendar.holiday_name(day) for day in rest} == {"春节"}
    for made_up in (D(2023, 1, 28), D(2023, 1, 29)):  # a Saturday and a Sunday
        assert calendar.is_working(made_up)
        assert calendar.is_make_up(made_up)
        assert calendar.holiday_name(made_up) is None
    assert calendar.is_working(D(2023, 1, 20))
    assert calendar.is_working(D(2023, 1, 30))
    assert not calendar.is_make_up(D(2023, 1, 30))


def test_a_plain_weekend_rests_without_being_a_holiday():
    calendar = default_calendar()
    assert calendar.is_working(D(2023, 2, 10))
    assert not calendar.is_working(D(2023, 2, 11))
    assert calendar.holiday_name(D(2023, 2, 11)) is None


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        (D(2023, 1, 19), 1, D(2023, 1, 20)),
        (D(2023, 1, 19), 2, D(2023, 1, 28)),
        (D(2023, 1, 19), 5, D(2023, 1, 31)),
        (D(2023, 1, 20), 5, D(2023, 2, 1)),
        (D(2023, 1, 25), 1, D(2023, 1, 28)),  # from within the holiday
        (D(2023, 1, 31), -4, D(2023, 1, 20)),
        (D(2023, 1, 25), 0, D(2023, 1, 25)),
        (D(2022, 12, 30), 1, D(2023, 1, 3)),  # New Year: 31 December to 2 January
    ],
)
def test_working_days_are_counted_from_the_next_day(start, n, end):
    assert default_calendar().add_working_days(start, n) == end


@given(DAYS, COUNTS)
def test_adding_then_counting_gives_the_amount_back(day, n):
    calendar = default_calendar()
    assert calendar.working_days_between(day, calendar.add_working_days(day, n)) == n
    assert calendar.working_days_between(day, calendar.add_working_days(day, -n)) == -n


@given(DAYS, COUNTS)
def test_counting_then_adding_gives_a_working_day_back(day, n):
    calendar = default_calendar()
    later = calendar.next_working_day(day + dt.timedelta(days=n + 1))
    assert calendar.add_working_days(day, calendar.working_days_between(day, later)) == later


@given(DAYS, COUNTS)
def test_forward_and_back_from_a_working_day_is_that_day(day, n):
    calendar = default_calendar()
    day = calendar.next_working_day(day)
    assert calendar.add_working_days(calendar.add_working_days(day, n), -n) == day


@given(DAYS)
def test_next_and_previous_working_day_enclose_a_day_and_leave_a_working_one(day):
    calendar = default_calendar()
    before, after = calendar.previous_working_day(day), calendar.next_working_day(day)
    assert before <= day <= after
    assert (before == day == after) == calendar.is_working(day)
    assert calendar.working_days_between(before, after) == (0 if calendar.is_working(day) else 1)


def test_a_year_without_data_is_computed_from_weekends_and_says_so():
    calendar = default_calendar()
    assert calendar.known_year(2023)
    assert calendar.known_year(2004)
    assert not calendar.known_year(2003)
    assert not calendar.known_year(2035)
    assert calendar.is_working(D(2035, 10, 1))  # a Monday
    assert not calendar.is_working(D(2035, 10, 6))
    assert not plain_calendar().known_year(2023)


def test_the_office_edits_its_table():
    calendar = default_calendar().with_days(
        {D(2035, 10, 1): True, D(2035, 10, 6): False}, source="本市录入", names={D(2035, 10, 1): "国庆节"}
    )
    assert calendar.known_year(2035)
    assert calendar.add_working_days(D(2035, 9, 28), 1) == D(2035, 10, 2)
    assert calendar.is_make_up(D(2035, 10, 6))
    assert calendar.source == "本市录入"
    assert not default_calendar().known_year(2035)
    assert calendar.exceptions(D(2035, 9, 28), D(2035, 10, 6)) == {D(2035, 10, 1): True, D(2035, 10, 6): False}


@pytest.mark.parametrize("bad", [{"2023-01-01": True}, {D(2023, 1, 1): "rest"}, {dt.datetime(2023, 1, 1): True}])
def test_a_wrong_line_of_the_table_is_named(bad):
    with pytest.raises(ValueError, match="节假日表的一行有误"):
        Calendar(bad)


@pytest.mark.parametrize(
    ("day", "n", "end"),
    [
        (D(2023, 1, 31), 1, D(2023, 2, 28)),
        (D(2024, 1, 31), 1, D(2024, 2, 29)),
        (D(2024, 2, 29), 12, D(2025, 2, 28)),
        (D(2024, 2, 29), 48, D(2028, 2, 29)),
        (D(2023, 3, 31), -1, D(2023, 2, 28)),
        (D(2022, 11, 30), 3, D(2023, 2, 28)),
        (D(2023, 2, 28), 1, D(2023, 3, 28)),
        (D(2023, 12, 15), 1, D(2024, 1, 15)),
        (D(2023, 1, 15), -1, D(2022, 12, 15)),
    ],
)
def test_a_corresponding_day_that_does_not_exist_is_the_last_of_the_month(day, n, end):
    assert add_months(day, n) == end


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2023-05-01", D(2023, 5, 1)),
        ("2023-10", D(2023, 10, 31)),
        ("2024-02", D(2024, 2, 29)),
        ("2023-02", D(2023, 2, 28)),
        ("2022-12", D(2022, 12, 31)),
        ("2023年10月", D(2023, 10, 31)),
        ("2023年9月底前", D(2023, 9, 30)),
        ("2023年5月1日", D(2023, 5, 1)),
    ],
)
def test_a_date_to_the_month_is_its_last_day(text, day):
    assert parse_day(text) == day


@pytest.mark.parametrize("text", ["2023", "2023-13", "2023-00", "2023-02-30", "明年", "", "2023-10-"])
def test_what_is_no_day_is_refused_with_what_is_allowed(text):
    with pytest.raises(ValueError, match="须写作 2023-05-01"):
        parse_day(text)


def test_a_time_without_an_offset_is_beijing_time():
    assert parse_moment("2023-01-19T10:00") == parse_moment("2023-01-19T02:00+00:00")
    assert parse_moment("2023-01-19") == D(2023, 1, 19)
    assert localise(dt.datetime(2023, 1, 19, 10, 0, 0, 999999)).microsecond == 0
    with pytest.raises(ValueError, match="不是时间"):
        parse_moment("昨天")


def test_running_out_of_days_is_an_error_in_words():
    with pytest.raises(ValueError, match="日期超出范围"):
        plain_calendar().add_working_days(D(9999, 12, 30), 3)
    with pytest.raises(ValueError, match="日期超出范围"):
        add_months(D(9999, 12, 1), 1)


def test_a_year_entered_by_the_office_replaces_that_year_alone():
    own = default_calendar()
    entered = own.with_year(2023, {D(2023, 1, 2): True}, source="某通知（第 3 版）", names={D(2023, 1, 2): "元旦"})
    assert entered.exceptions(D(2023, 1, 1), D(2023, 12, 31)) == {D(2023, 1, 2): True}
    assert entered.is_working(D(2023, 10, 2))
    assert entered.holiday_name(D(2023, 1, 2)) == "元旦"
    assert entered.exceptions(D(2022, 1, 1), D(2022, 12, 31)) == own.exceptions(D(2022, 1, 1), D(2022, 12, 31))
    assert (entered.source_of(2023), entered.source_of(2022)) == ("某通知（第 3 版）", own.source)
    with pytest.raises(ValueError, match="2022-12-31 不在 2023 年"):
        own.with_year(2023, {D(2022, 12, 31): True}, source="x")


def test_a_year_without_data_has_no_source_but_the_week():
    assert default_calendar().source_of(2035) == "未载入放假安排，按周末推算"
    assert default_calendar().with_year(2035, {D(2035, 10, 1): True}, source="某通知").source_of(2035) == "某通知"
