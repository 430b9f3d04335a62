"""When things happen in the demonstration: calls over the day, desks in office hours, a calendar with its holidays."""

from __future__ import annotations

import datetime as dt
import random

from gongbao.office.demo.size import DATE, DAYS

_FREE = {dt.date(2023, 1, day) for day in range(21, 28)}  # 春节
_WORKED = {dt.date(2023, 1, 28), dt.date(2023, 1, 29)}
_HOURS = tuple(range(7, 23))
_CALLS = (3, 6, 10, 11, 10, 5, 4, 7, 9, 9, 8, 7, 6, 5, 3, 2)
MINUTE = dt.timedelta(minutes=1)


def is_working(day: dt.date) -> bool:
    return day in _WORKED or (day.weekday() < 5 and day not in _FREE)


def calls(chance: random.Random, count: int, until: dt.datetime = DATE, days: int = DAYS) -> list[dt.datetime]:
    """Moments of `count` calls over the days before `until`, in order; fewer on days off, most in the morning."""
    span = [(until - dt.timedelta(days=back)).date() for back in range(days, -1, -1)]
    weights = [1.0 if is_working(day) else 0.6 for day in span]
    found: list[dt.datetime] = []
    while len(found) < count:
        day = chance.choices(span, weights)[0]
        moment = dt.datetime.combine(
            day,
            dt.time(chance.choices(_HOURS, _CALLS)[0], chance.randrange(60), chance.randrange(60)),
            tzinfo=until.tzinfo,
        )
        if until - dt.timedelta(days=days) <= moment < until - 2 * MINUTE:
            found.append(moment)
    return sorted(found)


def in_office_hours(moment: dt.datetime) -> dt.datetime:
    """The moment itself, or the next at which an office is open (half past eight to half past five)."""
    while True:
        opens, closes = moment.replace(hour=8, minute=30, second=0), moment.replace(hour=17, minute=30, second=0)
        if is_working(moment.date()) and moment <= closes:
            return max(moment, opens)
        moment = (moment + dt.timedelta(days=1)).replace(hour=8, minute=30, second=moment.second)


def after(chance: random.Random, moment: dt.datetime, low: int, high: int) -> dt.datetime:
    """Some office time later: between `low` and `high` minutes of work, most near `low`."""
    left = int(low + (high - low) * chance.random() ** 1.8)
    moment = in_office_hours(moment)
    while True:
        closes = moment.replace(hour=17, minute=30, second=0)
        today = int((closes - moment).total_seconds() // 60)
        if left <= today:
            return moment + left * MINUTE + dt.timedelta(seconds=chance.randrange(50))
        left -= max(today, 0)
        moment = in_office_hours(moment + dt.timedelta(days=1)).replace(hour=8, minute=30, second=0)
