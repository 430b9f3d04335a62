"""Invented rosters of the units that keep one in the demonstration: three people in turn, one of them leading."""

from __future__ import annotations

import datetime as dt

from gongbao.office.demo.people import FORECAST, NAMES, OFFICE, RESPONSE
from gongbao.office.demo.size import DATE
from gongbao.office.duty.models import LEADING, ON_DUTY, Shift
from gongbao.office.duty.roster import rotation
from gongbao.office.people.units import official

UNITS = (
    "市应急管理局", OFFICE, RESPONSE, FORECAST, "市生态环境局", "市市场监督管理局", "市卫生健康委", "市消防救援支队",
    "市公安局", "市水利局",
)  # fmt: skip
BACK, AHEAD = 3, 14  # days before and after the stated date
CHANGES = {ON_DUTY: (dt.time(8, 30), dt.time(20, 30)), LEADING: (dt.time(8, 30),)}


def fill() -> int:
    """Put the rosters in; how many shifts."""
    day = DATE.date()
    made = []
    for n, unit in enumerate(UNITS):
        for k, (kind, changes) in enumerate(CHANGES.items()):
            people = [
                (NAMES[(n * 5 + k * 3 + i) % len(NAMES)], f"1380000{n:02}{k}{i}")
                for i in range(3 if kind == ON_DUTY else 2)
            ]
            for one in rotation(
                kind, people, day - dt.timedelta(days=BACK), day + dt.timedelta(days=AHEAD), list(changes)
            ):
                made.append(Shift(
                    unit=official(unit), kind=kind, starts=one.starts, ends=one.ends, name=one.name, phone=one.phone,
                    made_by="演示", made_at=DATE,
                ))  # fmt: skip
    Shift.objects.bulk_create(made)
    return len(made)
