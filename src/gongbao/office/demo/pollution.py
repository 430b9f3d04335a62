"""One heavy-pollution episode in progress: published two days before the stated date, begun one day before it.

Measures are under way; most units have signed for theirs, some have reported.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from typing import Any

from gongbao.engine.case.state import fold_of, state_of
from gongbao.engine.decision.decide import decide
from gongbao.engine.fact import read_facts
from gongbao.engine.model import Actor, Event
from gongbao.engine.series import Series
from gongbao.engine.world import World
from gongbao.office.cases import bulk
from gongbao.office.demo.matters import desks
from gongbao.office.demo.size import DATE, SEED

MIDNIGHT = DATE.replace(hour=0, minute=0)
DAY = dt.timedelta(days=1)
BACK = 4  # days of VALUES that are past on the stated date
VALUES = (118, 176, 188, 232, 268, 312, 224, 142)
FORECAST, TREND = 3, 2  # days ahead


def series(observed: int) -> Series:
    """Daily means as they were known on the day after `observed` measured ones."""
    marks = (["监测"] * observed + ["预报"] * FORECAST + ["趋势"] * TREND)[: len(VALUES)]
    return Series(MIDNIGHT - BACK * DAY, DAY, VALUES[: len(marks)], tuple(marks))


WORDS = (
    "已部署到各乡镇和街道", "现场检查正在进行，暂未发现问题", "已通知到企业和工地，逐家核查", "已落实，安排专人值守",
    "检查中发现两处未苫盖，已当场整改",
)  # fmt: skip


def _at(days: int, hour: int, minute: int = 0) -> dt.datetime:
    return MIDNIGHT + days * DAY + dt.timedelta(hours=hour, minutes=minute)


PUBLISHED = _at(-2, 12, 5)


def warning(world: World) -> bulk.Draft:
    """The warning as far as it has come; levels and signer are what the pack's rules say of the series."""
    staff = desks(world, "12345")
    office, forecasters, deputy_head = staff["xiangying"], staff["yubao"], staff["fuzhuren"]
    emergency = staff["zhiban"]
    known = series(BACK - 3)
    outcome = decide(world, "level", read_facts(world.facts, {"aqi": known}), as_of=_at(-3, 8))
    level = str(outcome.output)
    signer = str(decide(world, "signer", read_facts(world.facts, {"warning_level": level})).output)
    leader = next(a for a in staff.values() if signer in a.posts)
    response = str(decide(world, "response", read_facts(world.facts, {"warning_level": level})).output)
    forecast = max(v for v, mark in zip(known.values, known.marks, strict=True) if mark == "预报")
    made = bulk.draft(world, "warning", _at(-3, 8).date())
    made.open(office, {"warning_source": "本市", "adverse_weather": True, "predicted_aqi": forecast, "aqi": known},
              _at(-3, 8))  # fmt: skip
    _act(made, forecasters, "conditions_met", _at(-3, 9), consulted=True,
         consult_note="静稳高湿，预计14日午后起有一次重度污染过程")  # fmt: skip
    _act(made, forecasters, "reported", _at(-3, 9, 40), change="发布", warning_level=level, area="全市",
         severity="重度污染", main_pollutant="PM2.5", weather="静稳，湿度较大", cause="一般", planned_at=_at(-1, 10),
         starts_at=_at(-1, 13), ends_at=_at(2, 18), urgent_issue=False)  # fmt: skip
    _act(made, deputy_head, "office_signed", _at(-3, 10))
    _act(made, office, "submitted", _at(-3, 10, 10))
    _act(made, emergency, "forwarded", _at(-3, 16, 20))
    _act(made, leader, "signed", _at(-2, 11, 5))
    _act(made, emergency, "published", PUBLISHED, response_level=response)
    for days, hour in ((-2, 15), (-2, 20), (-1, 8), (-1, 17)):
        _act(made, forecasters, "consulted_again", _at(days, hour), consult_note="实况与预报基本一致，维持现级别")
    _act(made, forecasters, "consulted_again", _at(0, 8, 40), consult_note="预计16日日均值仍超过300", aqi=series(BACK))
    _receipts(world, made)
    return made


def _act(made: bulk.Draft, actor: Actor, action: str, at: dt.datetime, **facts: Any) -> None:
    made.act(actor, action, at, facts)


def _receipts(world: World, made: bulk.Draft) -> None:
    """Most units have signed for their measures, some have reported; a few have not answered.

    Hundreds of entries, each of which the engine would judge on a replay of all before it: they are written as its own
    `task_event` writes them, and the whole log is replayed once.
    """
    chance = random.Random(SEED + 3)
    tasks = [t for t in state_of(fold_of(world, made.procedure, made.events), DATE).tasks if t.status != "cancelled"]
    said: list[Event] = []
    for task in tasks:
        unit = sum(map(ord, task.unit))
        received = max(task.arises_at, PUBLISHED) + dt.timedelta(minutes=unit % 150 + chance.randrange(5, 60))
        if unit % 11 == 0 or chance.random() < 0.1 or received > DATE:
            continue
        said.append(_entry("task_received", received, task.id, task.unit))
        later = received + dt.timedelta(minutes=chance.randrange(60, 1_500))
        if chance.random() < 0.45 and later <= DATE:
            said.append(_entry("task_feedback", later, task.id, task.unit, chance.choice(WORDS)))
    in_order = sorted((*made.events, *said), key=lambda event: event.recorded_at)
    made.events = [replace(event, seq=number) for number, event in enumerate(in_order, 1)]
    problems = state_of(fold_of(world, made.procedure, made.events), DATE).problems
    if problems:
        raise RuntimeError(f"演示的重污染过程不能重放：{problems[0]}")


def _entry(kind: str, at: dt.datetime, task: str, unit: str, note: str = "") -> Event:
    return Event(type=kind, seq=0, occurred_at=at, recorded_at=at, recorded_by=f"{unit}承办人"[:60], unit=unit,
                 source="系统", note=note, data={"task": task})  # fmt: skip
