"""Red, yellow, green: when each stands, as a condition on rows and as words on one row.

Red: past its day, or sent back by a check. Yellow: falls due within the days, or has been silent for as many days, as
the supervision office has set; while it has not, only red and green are told apart. What waits for the supervision
office itself is not held against the unit.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q

from gongbao.office import clock
from gongbao.office.clock import SHANGHAI
from gongbao.office.supervision import rule
from gongbao.office.supervision.models import Item

RED, YELLOW, GREEN = "red", "yellow", "green"
WORDS = {RED: "红", YELLOW: "黄", GREEN: "绿"}


@dataclass(frozen=True, slots=True)
class Lights:
    """The lights of one moment. `yellow_days`, `silent_days`: None where the supervision office has set none."""

    now: dt.datetime
    yellow_days: int | None = None
    silent_days: int | None = None

    @property
    def stamp(self) -> str:
        """What all lights depend on beside their rows."""
        return f"{self.today} {self.yellow_days} {self.silent_days}"

    @property
    def today(self) -> dt.date:
        return self.now.astimezone(SHANGHAI).date()

    def _end(self, day: dt.date) -> dt.datetime:
        return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), SHANGHAI)

    # Conditions on open rows.

    @property
    def red(self) -> Q:
        return Q(at_office=False) & (Q(due__lt=self.now) | Q(returned=True))

    @property
    def due_soon(self) -> Q:
        if self.yellow_days is None:
            return Q(pk__in=())
        last = self._end(self.today + dt.timedelta(days=self.yellow_days))
        return Q(at_office=False, due__gte=self.now, due__lt=last)

    @property
    def silent(self) -> Q:
        if self.silent_days is None:
            return Q(pk__in=())
        return Q(at_office=False, last_word__lt=self._end(self.today - dt.timedelta(days=self.silent_days)))

    @property
    def yellow(self) -> Q:
        return (self.due_soon | self.silent) & ~self.red

    @property
    def week(self) -> Q:
        """Falls due by the end of this week (Sunday)."""
        return Q(due__gte=self.now, due__lt=self._end(self.today + dt.timedelta(days=6 - self.today.weekday())))

    @property
    def month(self) -> Q:
        """Falls due by the end of this month."""
        first = (self.today.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
        return Q(due__gte=self.now, due__lt=dt.datetime.combine(first, dt.time(), SHANGHAI))

    # One row.

    def of(self, item: Item) -> tuple[str, str]:
        """The light of an open item, and why, in words."""
        if not item.open:
            return "", ""
        if item.at_office:
            return GREEN, item.state
        late = self._days(item.due, self.now) if item.due is not None and item.due < self.now else None
        quiet = (self.today - item.last_word.astimezone(SHANGHAI).date()).days
        silent = f"{quiet} 天未反馈" if self.silent_days is not None and quiet >= self.silent_days else ""
        if late is not None or item.returned:
            first = f"逾期 {late} 天" if late else "今日逾期" if late == 0 else ""
            return RED, "，".join(filter(None, (first, "核查退回" if item.returned else "", silent)))
        left = None if item.due is None else self._days(self.now, item.due)
        soon = ""
        if left is not None and self.yellow_days is not None and left <= self.yellow_days:
            soon = "今日到期" if left == 0 else f"{left} 天后到期"
        if soon or silent:
            return YELLOW, "，".join(filter(None, (soon, silent)))
        return GREEN, "无期限" if left is None else f"还有 {left} 天"

    @staticmethod
    def _days(start: dt.datetime, end: dt.datetime) -> int:
        return (end.astimezone(SHANGHAI).date() - start.astimezone(SHANGHAI).date()).days


def now() -> Lights:
    """The lights of the office's moment, by what the supervision office has set."""
    world = rule.find()
    return Lights(clock.now(), rule.days(world, "yellow_days"), rule.days(world, "silent_days"))
