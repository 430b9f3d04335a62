"""What the records of an enterprise say to the rule: the facts of `grade`, counted within the evaluation cycle.

Three settings decide what is counted: which date of a record counts, whether a serious penalty is limited to the
cycle, whether a repaired one still counts. Where one of them is empty, every reading is counted; readings that give
the same facts are one. The same function counts for one enterprise and for all of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, product
from typing import Any

from gongbao.engine.world import World
from gongbao.office.credit import models
from gongbao.office.credit.models import CreditRecord, Enterprise

FACTS = (
    "licence_revoked", "general_records", "repaired_records", "serious_listed", "serious_penalties",
    "serious_consequence",
)  # fmt: skip
READ_BY_COUNTING = ("record_date", "penalty_scope", "repaired_counts")
"""The settings that counting itself reads."""
ROWS = ("enterprise_id", "klass", "listed", "dated", "collected_on", "status", "serious_consequence")
Row = tuple[int, str, bool, dt.date, dt.date, str, bool | None]
Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Cycle:
    """The evaluation cycle: `months` that end on `as_of`, that day counted, the day `months` before it not."""

    as_of: dt.date
    months: int

    @property
    def start(self) -> dt.date:
        """The last day before the cycle."""
        years, month = divmod(self.as_of.year * 12 + self.as_of.month - 1 - self.months, 12)
        day = self.as_of.day
        while True:
            try:
                return dt.date(years, month + 1, day)
            except ValueError:  # a month without that day ends earlier
                day -= 1

    def holds(self, day: dt.date) -> bool:
        return self.start < day <= self.as_of

    def __str__(self) -> str:
        return f"{self.start + dt.timedelta(days=1)} 至 {self.as_of}"


def cycle(world: World, as_of: dt.date, months: int | None = None) -> Cycle:
    """The pack's cycle (1 year in principle), or a shorter one that a department asked for (三（四）)."""
    longest = 12 * int(world.params["evaluation_cycle"])
    if months is None:
        return Cycle(as_of, longest)
    asked = world.facts["shorter_cycle"]
    if months != longest and not int(asked.min or 1) <= months <= int(asked.max or longest):
        raise ValueError(f"评价周期为 {months} 个月，只能是 {longest} 个月，或缩短为 {asked.min} 至 {asked.max} 个月")
    return Cycle(as_of, months)


Reading = tuple[str, str, str]  # the values of READ_BY_COUNTING


def readings(world: World) -> tuple[Reading, ...]:
    """The settings as filled; an empty one at each of its candidates."""
    choices = []
    for name in READ_BY_COUNTING:
        setting = world.settings[name]
        choices.append((setting.value,) if setting.value is not None else tuple(setting.candidates))
    return tuple(product(*choices))


def count(revoked: bool | None, rows: Sequence[Row], cycle: Cycle, reading: Reading) -> Facts:
    """The facts of one enterprise under one reading; None is not known."""
    by_date, penalties_by, repaired_counts = reading
    general = repaired = listed = penalties = 0
    consequence: list[bool | None] = []
    for _, klass, in_list, dated, collected, status, serious in rows:
        stands = status in (models.VALID, models.DISPUTED)
        if not stands and status != models.REPAIRED:
            continue
        inside = cycle.holds(dated if by_date == "认定日期" else collected)
        if klass == models.LICENCE:
            if stands:
                revoked = True
        elif klass == models.GENERAL:
            if inside and stands:
                general += 1
            elif inside:
                repaired += 1
            if inside and (stands or repaired_counts == "计入"):
                consequence.append(serious)
        elif klass == models.SERIOUS and in_list:
            listed += stands  # whenever it was entered, as long as it has not been taken off
        elif klass == models.SERIOUS and (inside or penalties_by == "不限评价周期"):
            penalties += stands or repaired_counts == "计入"
    return {
        "licence_revoked": revoked, "general_records": general, "repaired_records": repaired,
        "serious_listed": listed, "serious_penalties": penalties, "serious_consequence": _any(consequence),
    }  # fmt: skip


def _any(judged: Iterable[bool | None]) -> bool | None:
    """Whether any of the records did serious harm: sure when one did or all were judged."""
    found = set(judged)
    return True if True in found else None if None in found else False


@dataclass(frozen=True, slots=True)
class Counted:
    """The facts under every reading, equal ones once, and the empty settings that make them differ."""

    facts: tuple[Facts, ...]
    differing: tuple[str, ...] = ()


def distinct(revoked: bool | None, rows: Sequence[Row], cycle: Cycle, chosen: Sequence[Reading]) -> Counted:
    """Count under every reading."""
    by_reading = {reading: tuple(count(revoked, rows, cycle, reading).items()) for reading in chosen}
    kept = tuple(dict(facts) for facts in dict.fromkeys(by_reading.values()))
    if len(kept) == 1:
        return Counted(kept)
    differing = [
        name for at, name in enumerate(READ_BY_COUNTING)
        if any(
            facts != by_reading[other]
            for reading, facts in by_reading.items()
            for other in by_reading
            if all((a == b) != (i == at) for i, (a, b) in enumerate(zip(reading, other, strict=True)))
        )
    ]  # fmt: skip
    return Counted(kept, tuple(differing))


def of_one(enterprise: Enterprise, world: World, cycle: Cycle) -> Counted:
    rows = list(CreditRecord.objects.filter(enterprise=enterprise).order_by().values_list(*ROWS))
    return distinct(enterprise.licence_revoked, rows, cycle, readings(world))


def of_many(
    enterprises: Sequence[tuple[int, bool | None]], world: World, cycle: Cycle
) -> Iterator[tuple[int, Counted]]:
    """(id, facts) for each (id, licence_revoked), which come in ascending order of id."""
    chosen = readings(world)
    low, high = enterprises[0][0], enterprises[-1][0]
    records = CreditRecord.objects.filter(enterprise_id__gte=low, enterprise_id__lte=high)
    rows = groupby(records.order_by("enterprise_id").values_list(*ROWS).iterator(), key=lambda row: row[0])
    pending = next(rows, None)
    own: list[Row]
    for key, revoked in enterprises:
        while pending is not None and pending[0] < key:
            pending = next(rows, None)
        if pending is not None and pending[0] == key:
            own = list(pending[1])
            pending = next(rows, None)
        else:
            own = []
        yield key, distinct(revoked, own, cycle, chosen)


def known(facts: Mapping[str, Any]) -> Facts:
    """The facts that are known, as `decide` takes them."""
    return {name: value for name, value in facts.items() if value is not None}
