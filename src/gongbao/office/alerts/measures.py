"""The measures of a case by unit and by measure: who has signed, answered, finished, and who is late.

Read from the task projection alone, whatever the number of units: no case is replayed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gongbao.engine.units import UnitNotFound, Units
from gongbao.office.cases.models import Case, CaseTask

KINDS = {"health": "健康防护", "advised": "倡议性减排", "mandatory": "强制性减排", "task": "任务"}
DONE = ("done", "cancelled")
STATUSES = {
    "unsigned": "未签收", "overdue": "已逾期", "answered": "待核查", "open": "未办结", "done": "已办结",
    "cancelled": "已取消",
}  # fmt: skip


@dataclass(slots=True)
class Count:
    """Tasks of one unit, one measure or all: cancelled ones are not counted."""

    total: int = 0
    unsigned: int = 0
    overdue: int = 0
    answered: int = 0
    done: int = 0
    last: str = ""

    @property
    def signed(self) -> int:
        return self.total - self.unsigned

    @property
    def open(self) -> int:
        return self.total - self.done

    def add(self, task: CaseTask, now: dt.datetime) -> None:
        if task.status == "cancelled":
            return
        self.total += 1
        self.unsigned += task.status == "issued"
        self.overdue += late(task, now)
        self.answered += task.status == "feedback"
        self.done += task.status == "done"
        self.last = task.last_feedback or self.last


@dataclass(slots=True)
class UnitRow:
    name: str
    short: str
    area: str
    count: Count = field(default_factory=Count)
    own: bool = False


@dataclass(slots=True)
class MeasureRow:
    duty: str
    do: str
    cite: str
    kind: str
    count: Count = field(default_factory=Count)
    units: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Board:
    all: Count
    own: tuple[CaseTask, ...]
    counties: tuple[UnitRow, ...]
    units: tuple[UnitRow, ...]
    measures: Mapping[str, tuple[MeasureRow, ...]]  # by the word of the kind


def late(task: CaseTask, now: dt.datetime) -> bool:
    return task.status not in DONE and task.due is not None and task.due < now


def tasks_of(case: Case) -> list[CaseTask]:
    """All tasks of the case, those in force first."""
    return list(CaseTask.objects.filter(case=case).order_by("id"))


def filtered(
    tasks: Iterable[CaseTask], now: dt.datetime, *, kind: str = "", status: str = "", unit: str = ""
) -> list[CaseTask]:
    """kind: of KINDS; status: of STATUSES; without a status the cancelled ones are left out."""

    def fits(task: CaseTask) -> bool:
        match status:
            case "unsigned":
                state = task.status == "issued"
            case "overdue":
                state = late(task, now)
            case "answered":
                state = task.status == "feedback"
            case "open":
                state = task.status not in DONE
            case "done" | "cancelled":
                state = task.status == status
            case _:
                state = task.status != "cancelled"
        return state and (not kind or task.kind == kind) and (not unit or task.unit == unit)

    return [task for task in tasks if fits(task)]


def board(tasks: Iterable[CaseTask], units: Units, own: str, now: dt.datetime) -> Board:
    """`tasks`: already filtered. Counties are the units of county level; others follow in the order of the document."""
    every = Count()
    rows: dict[str, UnitRow] = {}
    by_measure: dict[str, MeasureRow] = {}
    mine = []
    county: dict[str, bool] = {}
    for task in tasks:
        every.add(task, now)
        if task.unit not in rows:
            short, area, county[task.unit] = _known(units, task.unit)
            rows[task.unit] = UnitRow(task.unit, short, area, own=task.unit == own)
        rows[task.unit].count.add(task, now)
        measure = by_measure.setdefault(task.duty, MeasureRow(task.duty, task.do, task.cite, task.kind))
        measure.count.add(task, now)
        measure.units.append({"name": rows[task.unit].short, "status": task.status, "late": late(task, now)})
        if task.unit == own:
            mine.append(task)
    measures = {
        word: tuple(m for m in by_measure.values() if m.kind == kind) for kind, word in KINDS.items()
    }  # fmt: skip
    kinds = list(KINDS)
    order = {name: n for n, name in enumerate(units.areas)}
    return Board(
        every,
        tuple(sorted(mine, key=lambda t: _mine_first(t, kinds, now))),
        tuple(sorted((r for r in rows.values() if county[r.name]), key=lambda r: (not r.own, order.get(r.area, 99)))),
        tuple(sorted((r for r in rows.values() if not county[r.name]), key=lambda r: not r.own)),
        {word: listed for word, listed in measures.items() if listed},
    )  # fmt: skip


def _mine_first(task: CaseTask, kinds: list[str], now: dt.datetime) -> tuple[bool, bool, bool, int]:
    """The order of one's own tasks: what awaits a signature, then what is late, then by kind; what is done last."""
    return task.status in DONE, task.status != "issued", not late(task, now), kinds.index(task.kind)


def _known(units: Units, name: str) -> tuple[str, str, bool]:
    """(what to call it on a tile, its area, whether it is of county level)."""
    try:
        unit = units.find(name)
    except UnitNotFound:
        return name, "", False
    county = unit.level == "县"
    return ((unit.area or unit.short or name) if county else (unit.short or name)), unit.area or "", county
