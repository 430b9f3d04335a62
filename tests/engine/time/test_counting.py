"""How a length of time is counted: every rule on both sides of its boundary."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongbao.engine.model import Limit
from gongbao.engine.time.calendar import SHANGHAI, Calendar, default_calendar, localise, parse_moment
from gongbao.engine.time.counting import due, end_of, in_time, limit_text, parse_limit

D = dt.date
CALENDAR = default_calendar()
DAY_UNITS = ("days", "working days", "weeks", "months", "years")


def at(text: str) -> dt.datetime:
    moment = parse_moment(text)
    assert isinstance(moment, dt.datetime)
    return moment


def day_of(limit, start, kind="period", **more):
    """The day on whose end a limit expires."""
    found = due(limit, at(start) if "T" in start else D.fromisoformat(start), CALENDAR, kind, **more).at
    assert found.time() == dt.time(23, 59, 59)
    return found.date().isoformat()


# ------------------------------------------------------------------------------------------------------- reading


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("3 working days", Limit(3, "working days")),
        ("1 working day", Limit(1, "working days")),
        ("2 hours", Limit(2, "hours")),
        ("24 h", Limit(24, "hours")),
        ("30 minutes", Limit(30, "minutes")),
        ("1 month", Limit(1, "months")),
        ("5 years", Limit(5, "years")),
        ("2 weeks", Limit(2, "weeks")),
        ("10 calendar days", Limit(10, "days")),
        ("3个工作日", Limit(3, "working days")),
        ("3 个工作日内", Limit(3, "working days")),
        ("2小时", Limit(2, "hours")),
        ("1个月", Limit(1, "months")),
        ("15日", Limit(15, "days")),
        ("5天", Limit(5, "days")),
        ("六十日", Limit(60, "days")),
        ("十五日内", Limit(15, "days")),
        ("一百二十日", Limit(120, "days")),
        ("一百零五天", Limit(105, "days")),
        ("两个月", Limit(2, "months")),
        ("二十个工作日", Limit(20, "working days")),
        ("三年", Limit(3, "years")),
        ("半年", Limit(6, "months")),
        ("0 days", Limit(0, "days")),
    ],
)
def test_a_limit_is_read_in_english_and_in_chinese(text, limit):
    assert parse_limit(text) == limit


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3",
        "days",
        "-1 days",
        "1.5 hours",
        "3 fortnights",
        "尽快",
        "1月",
        "十百日",
        "三四日",
        None,
        3,
        "3 daysss",
        "99999 hours",
    ],
)
def test_what_is_no_limit_is_refused_with_what_is_allowed(text):
    with pytest.raises(ValueError, match=r"时限写法有误.*3个工作日"):
        parse_limit(text)


@given(st.integers(0, 9999), st.sampled_from(("minutes", "hours", *DAY_UNITS)))
def test_a_limit_written_in_chinese_is_read_back(amount, unit):
    assert parse_limit(limit_text(Limit(amount, unit))) == Limit(amount, unit)


# ------------------------------------------------------------------------------------------- days and working days


def test_the_first_day_is_not_counted_whatever_the_hour():
    assert day_of("1 days", "2023-02-06T00:00") == "2023-02-07"
    assert day_of("1 days", "2023-02-06T23:59") == "2023-02-07"
    assert day_of("1 days", "2023-02-07T00:00") == "2023-02-08"
    assert day_of("0 days", "2023-02-06T23:59") == "2023-02-06"


def test_working_days_jump_the_spring_festival_and_count_the_make_up_days():
    assert day_of("1 working day", "2023-01-19T10:00") == "2023-01-20"
    assert day_of("2 working days", "2023-01-19T10:00") == "2023-01-28"
    assert day_of("3 working days", "2023-01-20T22:30") == "2023-01-30"
    assert day_of("5 working days", "2023-01-19T16:00") == "2023-01-31"
    assert day_of("5 working days", "2023-01-20T16:00") == "2023-02-01"


def test_a_working_day_count_may_start_on_a_rest_day():
    assert day_of("1 working day", "2023-02-04T10:00") == "2023-02-06"  # a Saturday: Monday is the first
    assert day_of("1 working day", "2023-02-03T10:00") == "2023-02-06"


def test_a_period_that_ends_on_a_rest_day_ends_on_the_next_working_day():
    assert day_of("3 days", "2023-02-07T10:00") == "2023-02-10"  # a Friday
    assert day_of("4 days", "2023-02-07T10:00") == "2023-02-13"  # Saturday, to Monday
    assert day_of("5 days", "2023-02-07T10:00") == "2023-02-13"
    assert day_of("6 days", "2023-02-07T10:00") == "2023-02-13"
    assert day_of("5 days", "2023-01-19T10:00") == "2023-01-28"  # in the festival, to a Saturday that is worked


@pytest.mark.parametrize("kind", ["wait", "repeat"])
def test_waits_and_repetitions_do_not_roll(kind):
    assert day_of("4 days", "2023-02-07T10:00", kind) == "2023-02-11"


def test_a_right_rolls_as_a_period_does_and_a_rule_may_say_otherwise():
    assert day_of("4 days", "2023-02-07T10:00", "right") == "2023-02-13"
    assert day_of("4 days", "2023-02-07T10:00", roll=False) == "2023-02-11"
    assert day_of("4 days", "2023-02-07T10:00", "wait", roll=True) == "2023-02-13"


def test_weeks_are_seven_days():
    assert day_of("1 week", "2023-02-07T10:00") == "2023-02-14"
    assert day_of("1 week", "2023-02-04T10:00") == "2023-02-13"  # Saturday to Saturday, then Monday


@pytest.mark.parametrize(
    ("limit", "start", "end"),
    [
        ("1 month", "2023-03-15", "2023-04-17"),  # 15 April is a Saturday
        ("1 month", "2023-01-30", "2023-02-28"),
        ("1 month", "2023-01-31", "2023-02-28"),
        ("1 month", "2024-01-31", "2024-02-29"),
        ("1 month", "2023-02-28", "2023-03-28"),
        ("1 year", "2024-02-29", "2025-02-28"),
        ("4 years", "2024-02-29", "2028-02-29"),
        ("3 months", "2023-08-31", "2023-11-30"),
    ],
)
def test_months_and_years_end_on_the_corresponding_day_or_the_last_of_the_month(limit, start, end):
    assert day_of(limit, start) == end


# -------------------------------------------------------------------------------------------------------- the clock


@pytest.mark.parametrize(
    ("limit", "start", "end"),
    [
        ("3 hours", "2023-01-20T22:30", "2023-01-21T01:30"),  # over midnight into the festival
        ("2 hours", "2023-01-20T22:00", "2023-01-21T00:00"),
        ("36 hours", "2024-02-28T18:00", "2024-03-01T06:00"),  # over a leap day
        ("30 minutes", "2023-12-31T23:45", "2024-01-01T00:15"),
    ],
)
def test_hours_run_on_the_clock_through_nights_and_holidays(limit, start, end):
    assert due(limit, at(start), CALENDAR).at == at(end)


def test_hours_from_a_day_run_from_its_beginning():
    assert due("2 hours", D(2023, 2, 6), CALENDAR).at == at("2023-02-06T02:00")


def test_hours_never_roll():
    assert due("24 hours", at("2023-02-10T10:00"), CALENDAR, roll=True).at == at("2023-02-11T10:00")


def test_an_act_at_the_last_instant_is_in_time_and_a_second_later_is_not():
    last = due("2 hours", at("2023-02-06T10:00"), CALENDAR).at
    assert in_time(at("2023-02-06T12:00:00"), last)
    assert not in_time(at("2023-02-06T12:00:01"), last)
    day = due("1 days", at("2023-02-06T10:00"), CALENDAR).at
    assert in_time(at("2023-02-07T23:59:59"), day)
    assert in_time(day.replace(microsecond=999999), day)  # the clock ticks in seconds
    assert not in_time(at("2023-02-08T00:00"), day)


def test_the_end_of_the_day_may_be_the_close_of_business():
    found = due("1 working day", at("2023-02-06T10:00"), CALENDAR, end_of_day=dt.time(17, 30))
    assert found.at == at("2023-02-07T17:30")
    assert "17:30" in found.explain


def test_times_of_other_zones_are_counted_in_beijing_time():
    start = dt.datetime(2023, 2, 6, 20, 0, tzinfo=dt.UTC)  # already the 7th in Beijing
    assert due("1 working day", start, CALENDAR).at == end_of(D(2023, 2, 8))


# --------------------------------------------------------------------------------------------------------- backwards


def test_n_working_days_before_leaves_n_whole_working_days_between():
    # The meeting is on Monday 15 May: Friday, Thursday, Wednesday lie between.
    assert day_of("3 working days", "2023-05-15T09:00", "lead") == "2023-05-09"
    assert CALENDAR.working_days_between(D(2023, 5, 9), D(2023, 5, 14)) == 3
    assert CALENDAR.working_days_between(D(2023, 5, 10), D(2023, 5, 14)) == 2


def test_days_before_count_every_day():
    assert day_of("3 days", "2023-05-15T09:00", "lead") == "2023-05-11"
    assert day_of("0 days", "2023-05-15T09:00", "lead") == "2023-05-14"


@pytest.mark.parametrize(
    ("before", "last"),
    [
        ("2023-05-31", "2023-02-28"),
        ("2023-05-28", "2023-02-27"),
        ("2023-06-01", "2023-02-28"),
        ("2023-06-02", "2023-03-01"),
    ],
)
def test_months_before_are_the_last_day_from_which_the_months_end_earlier(before, last):
    assert day_of("3 months", before, "lead") == last


def test_hours_before_are_exact():
    assert due("24 hours", at("2023-02-06T08:00"), CALENDAR, "lead").at == at("2023-02-05T08:00")


@given(st.dates(D(2022, 1, 1), D(2024, 12, 31)), st.integers(0, 60), st.sampled_from(DAY_UNITS[:4]))
def test_lead_is_the_latest_day_from_which_the_length_ends_earlier(before, amount, unit):
    last = due(Limit(amount, unit), before, CALENDAR, "lead").at.date()
    ends = [due(Limit(amount, unit), last + dt.timedelta(days=n), CALENDAR, roll=False).at.date() for n in (0, 1)]
    assert ends[0] < before
    assert ends[1] >= before


# ------------------------------------------------------------------------------------------- pauses and extensions


def pause(a: str, b: str):
    return (at(a), at(b))


def test_a_pause_takes_out_the_days_after_its_opening_up_to_its_closing():
    start = "2023-02-06T09:00"  # Monday; 5 working days end on Monday 13
    assert day_of("5 working days", start) == "2023-02-13"
    assert day_of("5 working days", start, pauses=[pause("2023-02-08T10:00", "2023-02-08T18:00")]) == "2023-02-13"
    assert day_of("5 working days", start, pauses=[pause("2023-02-08T10:00", "2023-02-09T08:00")]) == "2023-02-14"
    assert day_of("5 working days", start, pauses=[pause("2023-02-08T10:00", "2023-02-10T08:00")]) == "2023-02-15"


def test_a_pause_over_a_weekend_takes_no_working_day_but_does_take_calendar_days():
    weekend = [pause("2023-02-10T17:00", "2023-02-12T20:00")]
    assert day_of("5 working days", "2023-02-06T09:00", pauses=weekend) == "2023-02-13"
    assert day_of("7 days", "2023-02-06T09:00") == "2023-02-13"
    assert day_of("7 days", "2023-02-06T09:00", pauses=weekend) == "2023-02-15"


def test_rolling_comes_once_after_the_pauses():
    # 4 days end on Friday 10; two paused days move that to Sunday, which rolls to Monday.
    paused = [pause("2023-02-07T09:00", "2023-02-09T09:00")]
    assert day_of("4 days", "2023-02-06T09:00", pauses=paused) == "2023-02-13"
    # 5 days end on Saturday 11; unrolled, two paused days make it Monday 13, not Wednesday 15.
    assert day_of("5 days", "2023-02-06T09:00", pauses=paused) == "2023-02-13"


def test_overlapping_pauses_count_once():
    two = [pause("2023-02-07T09:00", "2023-02-09T09:00"), pause("2023-02-08T09:00", "2023-02-10T09:00")]
    one = [pause("2023-02-07T09:00", "2023-02-10T09:00")]
    assert day_of("5 working days", "2023-02-06T09:00", pauses=two) == "2023-02-16"
    assert day_of("5 working days", "2023-02-06T09:00", pauses=one) == "2023-02-16"


def test_a_pause_after_the_end_changes_nothing_and_at_the_end_neither():
    start, last = "2023-02-06T09:00", "2023-02-13"
    assert day_of("5 working days", start, pauses=[pause("2023-02-13T09:00", "2023-02-20T09:00")]) == last
    assert day_of("5 working days", start, pauses=[pause("2023-02-12T09:00", "2023-02-20T09:00")]) == "2023-02-21"


def test_a_paused_clock_stands_still():
    start = at("2023-02-06T09:00")
    assert due("3 hours", start, CALENDAR, pauses=[pause("2023-02-06T10:00", "2023-02-06T10:45")]).at == at(
        "2023-02-06T12:45"
    )
    # A pause that began before the start counts from the start; one that begins at the last instant comes too late.
    assert due("3 hours", start, CALENDAR, pauses=[pause("2023-02-06T08:00", "2023-02-06T10:00")]).at == at(
        "2023-02-06T13:00"
    )
    assert due("3 hours", start, CALENDAR, pauses=[pause("2023-02-06T12:00", "2023-02-06T15:00")]).at == at(
        "2023-02-06T12:00"
    )
    assert due("3 hours", start, CALENDAR, pauses=[pause("2023-02-06T11:59", "2023-02-06T15:00")]).at == at(
        "2023-02-06T15:01"
    )


def test_a_month_is_lengthened_by_its_paused_days():
    paused = [pause("2023-03-01T09:00", "2023-03-04T09:00")]
    assert day_of("1 month", "2023-02-20T09:00") == "2023-03-20"
    assert day_of("1 month", "2023-02-20T09:00", pauses=paused) == "2023-03-23"


def test_a_pause_cannot_close_before_it_opened():
    with pytest.raises(ValueError, match="早于开始"):
        due("1 days", at("2023-02-06T09:00"), CALENDAR, pauses=[pause("2023-02-08T09:00", "2023-02-07T09:00")])


def test_an_extension_is_added_before_rolling():
    extended = {"extensions": [Limit(2, "days")]}
    assert day_of("4 days", "2023-02-07T09:00", **extended) == "2023-02-13"  # Saturday 11 + 2 = Monday 13, not 15
    assert day_of("20 working days", "2023-02-06T09:00", extensions=[Limit(10, "working days")]) == "2023-03-20"


def test_an_extension_may_count_otherwise_than_the_limit():
    assert due("1 days", at("2023-02-06T09:00"), CALENDAR, extensions=[Limit(2, "hours")]).at == at(
        "2023-02-08T01:59:59"
    )
    assert day_of("2 hours", "2023-02-06T09:00", extensions=[Limit(1, "working days")]) == "2023-02-07"


# ---------------------------------------------------------------------------------------------------------- properties

STARTS = st.datetimes(dt.datetime(2021, 1, 1), dt.datetime(2025, 12, 31)).map(localise)
UNITS = st.sampled_from(("minutes", "hours", *DAY_UNITS))
SPELLS = st.lists(
    st.tuples(STARTS, st.timedeltas(dt.timedelta(0), dt.timedelta(days=40))).map(lambda s: (s[0], s[0] + s[1])),
    max_size=4,
)
KINDS = st.sampled_from(("period", "wait", "right", "repeat"))


@given(STARTS, STARTS, st.integers(0, 40), UNITS, KINDS)
def test_a_later_start_never_ends_earlier(one, two, amount, unit, kind):
    first, second = sorted((one, two))
    limit = Limit(amount, unit)
    assert due(limit, first, CALENDAR, kind).at <= due(limit, second, CALENDAR, kind).at


@given(STARTS, st.integers(0, 40), st.integers(0, 40), UNITS, KINDS)
def test_a_longer_limit_never_ends_earlier(start, one, two, unit, kind):
    shorter, longer = sorted((one, two))
    assert due(Limit(shorter, unit), start, CALENDAR, kind).at <= due(Limit(longer, unit), start, CALENDAR, kind).at


@given(STARTS, st.integers(0, 40), UNITS, SPELLS, KINDS)
def test_pauses_never_shorten(start, amount, unit, spells, kind):
    limit = Limit(amount, unit)
    without = due(limit, start, CALENDAR, kind).at
    with_some = due(limit, start, CALENDAR, kind, pauses=spells[:-1]).at
    assert without <= with_some <= due(limit, start, CALENDAR, kind, pauses=spells).at


@given(STARTS, st.integers(0, 40), st.sampled_from(DAY_UNITS), SPELLS)
def test_a_period_in_days_ends_on_a_working_day_at_the_end_of_day(start, amount, unit, spells):
    last = due(Limit(amount, unit), start, CALENDAR, pauses=spells).at
    assert CALENDAR.is_working(last.date())
    assert last == end_of(last.date())
    assert last.tzinfo is SHANGHAI


@given(STARTS, st.integers(0, 30), UNITS)
def test_an_extension_in_the_same_unit_is_a_longer_limit(start, amount, unit):
    if unit in ("months", "years"):
        return  # the month's last day is taken at each end, so the two ways differ by design
    extended = due(Limit(amount, unit), start, CALENDAR, extensions=[Limit(7, unit)]).at
    assert extended == due(Limit(amount + 7, unit), start, CALENDAR).at


# --------------------------------------------------------------------------------------------------------- explaining


def test_the_explanation_tells_what_was_jumped():
    explain = due("5 working days", at("2023-01-19T16:00"), CALENDAR).explain
    assert explain == (
        "自2023-01-19次日起算，跳过春节7天，1月28日、1月29日调休上班照计，第5个工作日为2023-01-31，当日24时截止"
    )
    assert "跳过周末2天" in due("5 working days", at("2023-02-06T09:00"), CALENDAR).explain


def test_the_explanation_tells_rolling_pauses_and_extensions():
    assert "逢周末顺延至2023-02-13" in due("4 days", at("2023-02-07T10:00"), CALENDAR).explain
    assert "逢春节顺延至2023-01-28（调休上班）" in due("5 days", at("2023-01-19T10:00"), CALENDAR).explain
    paused = [pause("2023-02-07T10:00", "2023-02-09T10:00")]
    assert "扣除暂停2个工作日" in due("5 working days", at("2023-02-06T09:00"), CALENDAR, pauses=paused).explain
    assert "扣除暂停48小时" in due("5 hours", at("2023-02-07T09:00"), CALENDAR, pauses=paused).explain
    assert "延期3日" in due("4 days", at("2023-02-07T10:00"), CALENDAR, extensions=[Limit(3, "days")]).explain
    assert "夜间和休息日照计" in due("3 hours", at("2023-02-07T10:00"), CALENDAR).explain
    assert "取月末日2023-02-28" in due("1 month", at("2023-01-31T10:00"), CALENDAR).explain


def test_the_explanation_warns_of_a_year_without_holiday_data():
    explain = due("3 working days", D(2035, 9, 28), CALENDAR).explain
    assert "2035年放假安排未载入，只按周末推算" in explain
    assert "未载入" not in due("3 hours", D(2035, 9, 28), CALENDAR).explain  # hours do not ask
    assert "未载入" in due("3 days", D(2023, 2, 7), Calendar()).explain
    assert "未载入" not in due("3 days", D(2023, 2, 7), CALENDAR).explain


# --------------------------------------------------------------------------------------------------------- bad input


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="没有时区"):
        due("1 days", dt.datetime(2023, 2, 6, 9), CALENDAR)


@pytest.mark.parametrize("kind", ["date", "deadline", ""])
def test_a_kind_that_has_no_length_is_refused(kind):
    with pytest.raises(ValueError, match="时限种类有误"):
        due("1 days", at("2023-02-06T09:00"), CALENDAR, kind)


def test_a_limit_beyond_the_calendar_is_an_error_in_words():
    with pytest.raises(ValueError, match="日期超出范围"):
        due("9999 years", at("2023-02-06T09:00"), CALENDAR)
