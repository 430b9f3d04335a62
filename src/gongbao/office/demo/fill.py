"""Filling the demonstration city: part after part, each written whole or not at all, and never twice."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from gongbao.office import clock, exercise, worlds
from gongbao.office.demo import (
    alarms,
    enterprises,
    filled,
    handed_back,
    incidents,
    matters,
    people,
    pollution,
    resources,
    rosters,
)  # fmt: skip
from gongbao.office.demo.filled import CREDIT, HOTLINE, POLLUTION
from gongbao.office.demo.size import DATE, Size
from gongbao.office.people.models import Audit
from gongbao.office.progress import Teller

ACT = "装入演示数据"


@dataclass(frozen=True, slots=True)
class Part:
    """One part: `do` returns the line that says what it made; `ready` False leaves it for a later start."""

    name: str
    do: Callable[[], str]
    ready: bool = True


def done() -> dict[str, str]:
    """What is there already: part -> its line."""
    rows = Audit.objects.filter(act=ACT).order_by("id").values_list("subject", "detail")
    return {subject: detail.get("made", "") for subject, detail in rows}


def clock_set(elapsed: float) -> str:
    """Let the office stand on the stated date, `elapsed` seconds after the two sites began to be filled."""
    import datetime as dt

    clock.move_to(DATE + dt.timedelta(seconds=elapsed), by="演示", reason="演示日期：三份文件都在施行期内")
    return f"演示日期 {DATE:%Y-%m-%d %H:%M}"


def parts(site: str, size: Size, began: float, say: Teller) -> tuple[Part, ...]:
    """The parts of this site, in the order in which they need each other."""
    if site == exercise.SITE:  # a drill begins with what the office has that day; nothing is invented here
        return ()
    here = {world.pack for world in worlds.loaded()}
    started = (
        Part("演示日期", lambda: clock_set(time.time() - began)),
        Part("账号", lambda: f"{people.fill(site)} 个演示账号"),
    )
    settings = Part("设置", lambda: f"{filled.fill()} 项设置填了演示值")
    if site == "110":
        return (
            *started, settings,
            Part("警情", lambda: _alarms(size, say), HOTLINE in here),
            Part("12345转来", lambda: f"{alarms.take_over(worlds.world(HOTLINE))} 件由12345转来", HOTLINE in here),
            Part("转12345", lambda: f"{handed_back.hand_back(worlds.world(HOTLINE), size.handed_back)} 件转12345", HOTLINE in here),
            Part("日终摘要", _days),
        )  # fmt: skip
    return (
        *started, settings,
        Part("12345诉求", lambda: _matters(size, say), HOTLINE in here),
        Part("转110", lambda: f"{alarms.hand_over(worlds.world(HOTLINE), size.handed_over)} 件转110", HOTLINE in here),
        Part("重污染过程", _pollution, POLLUTION in here),
        Part("企业", lambda: _enterprises(size, say), enterprises.ready()),
        Part("信用评价", lambda: _grades(size, say), enterprises.ready() and CREDIT in here),
        Part("值班表", lambda: f"{rosters.fill()} 个班次（虚构）"),
        Part("应急资源", resources.fill, resources.ready(here)),
        Part("应急事件", incidents.fill, incidents.ready(here)),
        Part("应急调用", incidents.lend, incidents.ready(here) and resources.ready(here)),
        Part("值班日志", lambda: f"{rosters.write_down()} 条值班日志（演示）"),
        Part("日终摘要", _days),
    )  # fmt: skip


def _matters(size: Size, say: Teller) -> str:
    from gongbao.office.cases import bulk

    world = worlds.world(HOTLINE)
    made = bulk.store(matters.matters(world, size.matters), progress=say.counting("12345诉求", size.matters))
    return f"{made} 件12345诉求（近30天）"


def _alarms(size: Size, say: Teller) -> str:
    from gongbao.office.cases import bulk

    world = worlds.world(HOTLINE)
    made = bulk.store(alarms.alarms(world, size.alarms), progress=say.counting("110警情", size.alarms))
    return f"{made} 件110警情（近30天）"


def _pollution() -> str:
    from gongbao.office.cases import bulk, log, papers
    from gongbao.office.cases.models import Case

    world = worlds.world(POLLUTION)
    made = pollution.warning(world)
    bulk.store([made])
    case = Case.objects.get(number=made.number)
    office = matters.desks(world, "12345")["xiangying"]
    ordered = [event.seq for event in log.events_of(case) if event.data.get("document")]
    for seq in ordered:
        case = papers.issue(case, office, seq, recorded_at=DATE)
    return f"1 次重污染过程（{made.number}，应急响应中）"


def _days() -> str:
    """The digests of the days gone by, which the worker would else make at its first round."""
    from gongbao.office.worker import close_days

    return f"{close_days()} 个日终摘要"


def _enterprises(size: Size, say: Teller) -> str:
    companies, records = enterprises.fill(size.enterprises, say.counting("企业和信用记录", size.enterprises))
    return f"{companies} 家企业、{records} 条信用记录"


def _grades(size: Size, say: Teller) -> str:
    return f"{enterprises.evaluate(say.counting('评价企业信用等级', size.enterprises))} 家企业已定等级"


def fill(site: str, size: Size, began: float, say: Teller) -> tuple[dict[str, str], list[str]]:
    """Make what is missing. ({part: line}, parts left for later because their room is not on)."""
    already, waiting = done(), []
    for part in parts(site, size, began, say):
        if part.name in already:
            continue
        if not part.ready:
            waiting.append(part.name)
            continue
        started = time.monotonic()
        with transaction.atomic():
            line = part.do()
            Audit.objects.create(
                at=clock.machine_now(), office_time=clock.now(), act=ACT, subject=part.name, account="演示", unit="",
                detail={"made": line},
            )  # fmt: skip
        say(f"{line}（{time.monotonic() - started:.1f} 秒）")
        already[part.name] = line
    from gongbao.office.exchange_table import delivery

    delivery.deliver(limit=1_000)
    return already, waiting
