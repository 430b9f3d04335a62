"""The calendar functions of packs: working days, full months and years, ages, ends of periods; each at its edges."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongbao.engine.functions import FUNCTIONS
from gongbao.engine.series import DAY, HOUR, Series
from gongbao.engine.time.calendar import SHANGHAI, Calendar, default_calendar
from gongbao.engine.time.dates import CALENDAR, Counted
from gongbao.feel import FeelError, compile_expression

DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31))
D = dt.date


def value_of(text, **scope):
    compiled = compile_expression(text, [*scope, "x"], FUNCTIONS)
    return compiled.evaluate({CALENDAR: Counted(default_calendar()), **scope})


# ---------------------------------------------------------------------------------------------------- working days


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('working_days_after(@"2023-01-19", 1)', D(2023, 1, 20)),
        ('working_days_after(@"2023-01-20", 1)', D(2023, 1, 28)),  # 春节, then a Saturday that is worked
        ('working_days_after(@"2023-01-20", 2)', D(2023, 1, 29)),
        ('working_days_after(@"2023-01-28", -1)', D(2023, 1, 20)),
        ('working_days_after(@"2023-01-22", 0)', D(2023, 1, 22)),
        ('working_days_after(@"2023-01-22T23:59:00", 1)', D(2023, 1, 28)),
        ('working_days_after(@"2023-01-22", 1.0)', D(2023, 1, 28)),
        ('working_days_after(@"2023-01-22", 1.5)', None),
        ('working_days_after(x, 1)', None),
        ('working_days_after(@"2023-01-22", x)', None),
        ('working_days_after("2023-01-22", 1)', None),
        ('working_days_between(@"2023-01-20", @"2023-01-28")', 1),
        ('working_days_between(@"2023-01-20", @"2023-01-27")', 0),
        ('working_days_between(@"2023-01-28", @"2023-01-20")', -1),
        ('working_days_between(@"2023-01-20", @"2023-01-20")', 0),
        ('working_days_between(@"2023-01-20", x)', None),
        ('is_working_day(@"2023-01-28")', True),
        ('is_working_day(@"2023-01-27")', False),
        ('is_working_day(x)', None),
        ('next_working_day(@"2023-01-21")', D(2023, 1, 28)),
        ('next_working_day(@"2023-01-28")', D(2023, 1, 28)),
        ('next_working_day(x)', None),
    ],
)  # fmt: skip
def test_working_days_are_those_of_the_table(text, value):
    assert value_of(text, x=None) == value


def readings_from(day, *values, step=DAY):
    return Series(dt.datetime.combine(day, dt.time(), SHANGHAI), step, values, ("监测",) * len(values))


def test_readings_of_rest_days_are_left_out():
    week = readings_from(D(2023, 3, 2), 1, 2, 3, None, 5, 6, 7)  # Thursday to Wednesday
    kept = value_of("on_working_days(x)", x=week)
    assert (kept.start, kept.step, kept.values, kept.marks) == (None, DAY, (1, 2, 5, 6, 7), ("监测",) * 5)


def test_worked_weekends_stay_and_holidays_go():
    festival = readings_from(D(2023, 1, 19), *range(19, 31))  # 21 to 27 free, 28 and 29 worked
    assert value_of("on_working_days(x)", x=festival).values == (19, 20, 28, 29, 30)


def test_hourly_readings_are_kept_by_their_day():
    night = readings_from(D(2023, 3, 3), *range(48), step=HOUR)  # Friday and Saturday
    assert value_of("on_working_days(x)", x=night).values == tuple(range(24))


def test_readings_without_days_cannot_be_told():
    assert value_of("on_working_days(x)", x=Series(None, DAY, (1, 2), ("", ""))) is None
    assert value_of("on_working_days(x)", x=None) is None
    with pytest.raises(FeelError):
        value_of("on_working_days(x)", x=[1, 2])


def test_the_years_of_the_readings_are_noted():
    counted = Counted(default_calendar())
    turn = readings_from(D(2022, 12, 30), 1, 2, 3, 4)
    compile_expression("on_working_days(x)", ["x"], FUNCTIONS).evaluate({CALENDAR: counted, "x": turn})
    assert counted.years == {2022, 2023}


def test_a_moment_counts_by_its_day_in_shanghai():
    late = dt.datetime(2023, 1, 19, 20, 0, tzinfo=dt.UTC)  # 04:00 on the 20th in Shanghai
    assert value_of("working_days_after(at, 1)", at=late) == D(2023, 1, 28)


@given(DAYS, st.integers(-300, 300))
@settings(max_examples=60)
def test_after_and_between_are_each_others_inverse(day, n):
    assert value_of("working_days_between(day, working_days_after(day, n))", day=day, n=n) == n


@given(DAYS, DAYS)
@settings(max_examples=60)
def test_between_counts_each_day_once(a, b):
    first, last = min(a, b), max(a, b)
    table = default_calendar()
    worked = sum(table.is_working(first + dt.timedelta(days=i)) for i in range(1, (last - first).days + 1))
    assert value_of("working_days_between(a, b)", a=first, b=last) == worked


def test_the_last_days_of_the_calendar_and_far_counts_end_in_an_error_or_a_number():
    assert value_of("working_days_between(a, b)", a=D.min, b=D.max) > 2_600_000
    assert value_of("working_days_between(a, b)", a=D.max, b=D.max) == 0
    for text in (
        "working_days_after(a, 1)",
        "next_working_day(working_days_after(a, 10001))",
        "working_days_after(a, -10001)",
    ):
        with pytest.raises(FeelError):
            value_of(text, a=D(9999, 12, 31))


def test_the_years_that_were_looked_at_are_noted():
    counted = Counted(Calendar())
    scope = {CALENDAR: counted, "day": D(2022, 12, 30)}
    compile_expression("working_days_after(day, 1)", ["day"], FUNCTIONS).evaluate(scope)
    assert counted.years == {2022, 2023}


# --------------------------------------------------------------------------------------------- months, years, ages


@pytest.mark.parametrize(
    ("a", "b", "months"),
    [
        (D(2023, 1, 31), D(2023, 2, 27), 0),
        (D(2023, 1, 31), D(2023, 2, 28), 1),
        (D(2024, 1, 31), D(2024, 2, 28), 0),
        (D(2024, 1, 31), D(2024, 2, 29), 1),
        (D(2023, 2, 28), D(2023, 3, 27), 0),
        (D(2023, 2, 28), D(2023, 3, 28), 1),
        (D(2023, 3, 28), D(2023, 2, 28), -1),
        (D(2023, 5, 1), D(2023, 5, 1), 0),
        (D(2020, 2, 29), D(2021, 2, 27), 11),
        (D(2020, 2, 29), D(2021, 2, 28), 12),
    ],
)
def test_months_by_the_corresponding_day(a, b, months):
    assert value_of("months_between(a, b)", a=a, b=b) == months
    assert value_of("years_between(a, b)", a=a, b=b) == int(months / 12)


@given(DAYS, DAYS)
@settings(max_examples=100)
def test_whole_months_fit_and_one_more_does_not(a, b):
    from gongbao.engine.time.calendar import add_months

    first, last = min(a, b), max(a, b)
    n = value_of("months_between(a, b)", a=first, b=last)
    assert add_months(first, n) <= last < add_months(first, n + 1)
    assert value_of("months_between(b, a)", a=first, b=last) == -n


@pytest.mark.parametrize(
    ("born", "on", "birthday", "day_after"),
    [
        (D(2005, 6, 1), D(2023, 5, 31), 17, 17),
        (D(2005, 6, 1), D(2023, 6, 1), 18, 17),
        (D(2005, 6, 1), D(2023, 6, 2), 18, 18),
        (D(2005, 6, 1), D(2005, 6, 1), 0, 0),
        (D(2005, 6, 1), D(2005, 5, 31), None, None),
        (D(2004, 2, 29), D(2022, 2, 27), 17, 17),
        (D(2004, 2, 29), D(2022, 2, 28), 18, 17),
        (D(2004, 2, 29), D(2022, 3, 1), 18, 18),
        (D(2004, 2, 29), D(2024, 2, 28), 19, 19),
        (D(2004, 2, 29), D(2024, 2, 29), 20, 19),
        (D(2004, 2, 29), D(2024, 3, 1), 20, 20),
    ],
)
def test_age_by_either_reading_and_null_while_the_reading_is_open_and_matters(born, on, birthday, day_after):
    scope = {"born": born, "on": on}
    assert value_of('age(born, on, "生日当日")', **scope) == birthday
    assert value_of('age(born, on, "生日次日")', **scope) == day_after
    assert value_of("age(born, on, x)", x=None, **scope) == (birthday if birthday == day_after else None)


def test_another_reading_of_an_age_is_refused():
    with pytest.raises(FeelError, match="生日当日、生日次日"):
        value_of('age(@"2000-01-01", @"2020-01-01", "虚岁")')


# -------------------------------------------------------------------------------------------------- ends of periods


@pytest.mark.parametrize(
    ("day", "month", "quarter", "half"),
    [
        (D(2024, 2, 1), D(2024, 2, 29), D(2024, 3, 31), D(2024, 6, 30)),
        (D(2023, 2, 28), D(2023, 2, 28), D(2023, 3, 31), D(2023, 6, 30)),
        (D(2023, 3, 31), D(2023, 3, 31), D(2023, 3, 31), D(2023, 6, 30)),
        (D(2023, 4, 1), D(2023, 4, 30), D(2023, 6, 30), D(2023, 6, 30)),
        (D(2023, 6, 30), D(2023, 6, 30), D(2023, 6, 30), D(2023, 6, 30)),
        (D(2023, 7, 1), D(2023, 7, 31), D(2023, 9, 30), D(2023, 12, 31)),
        (D(9999, 12, 31), D(9999, 12, 31), D(9999, 12, 31), D(9999, 12, 31)),
    ],
)
def test_the_end_of_the_period_that_a_day_lies_in(day, month, quarter, half):
    for name, end in (("month", month), ("quarter", quarter), ("half_year", half), ("year", D(day.year, 12, 31))):
        assert value_of(f"end_of_{name}(day)", day=day) == end
    at = dt.datetime.combine(day, dt.time(23, 59, 59), SHANGHAI)
    assert value_of("end_of_month(at)", at=at) == month
    assert value_of("end_of_month(x)", x=None) is None
