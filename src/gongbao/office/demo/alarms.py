"""The police desk: its own alarms, and the matters that the hotline gave to 110 through the exchange table.

Handing over goes the way it goes in service: an act on one site, a row in the exchange table, a case on the other.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator

from gongbao.engine.world import World
from gongbao.office import clock
from gongbao.office.cases import bulk, service
from gongbao.office.cases.models import Case, CaseLink
from gongbao.office.demo import texts, times
from gongbao.office.demo.filled import HOTLINE
from gongbao.office.demo.matters import desks
from gongbao.office.demo.size import DATE, SEED

MINUTE = times.MINUTE
_ALARMS = (
    ("{street}路口两车相撞，没有人受伤，车堵在路中间", "道路交通类警情", "已到场勘查，拍照后撤离，恢复通行"),
    ("{home}楼下有人打架，已经推搡起来", "治安类警情", "已到场制止，双方带回调解"),
    ("{street}的电动车被偷了", "刑事类警情", "已勘查现场并调取录像，立案"),
    ("{home}{n}号楼有烟味，门锁着没人应", "灾害事故", "会同消防开门，系锅烧干，无人受伤"),
    ("{street}一个孩子找不到家里大人", "其他紧急危难", "已联系到家属，孩子平安交接"),
    ("{street}夜里有人放音响，劝不住", "治安类警情", "已到场劝止"),
)  # fmt: skip
_HANDED = (
    "{street}有人拿着棍子要打人，围了一圈人",
    "{home}{n}号楼有人站在楼顶边上，情绪激动",
    "{street}货车漏下油，冒着白烟，过往车打滑",
    "{home}门口讨工钱的人和保安动了手",
    "{street}楼道里电动车起火，有人困在楼上",
    "{home}老人出门没回来，记性不好，找了一下午",
)  # fmt: skip
HANDED_NOTE = "话务员确认有紧急危险"


def _stations(world: World) -> dict[str, str]:
    """The police body of each area; the city's own where the area has none."""
    found = {a: world.units.find("市公安局", DATE.date()).name for a in texts.PLACES}
    for unit in world.units.units.values():
        if "公安机关" in unit.functions and unit.area in found:
            found[unit.area] = unit.name
    return found


def alarms(world: World, count: int) -> Iterator[bulk.Draft]:
    """Alarms that the police desk took itself."""
    chance = random.Random(SEED + 110)
    staff = desks(world, "110")
    stations = _stations(world)
    for at in times.calls(chance, count):
        words, kind, result = chance.choice(_ALARMS)
        place, taker = texts.place(chance), staff[chance.choice(("jiejing1", "jiejing2"))]
        made = bulk.draft(world, "alarm", at.date()).open(taker, {
            "platform": "110", "channel": "电话", "content": texts.say(chance, words), "place": place,
            "request_type": "报警" if kind.endswith("警情") else "紧急求助", "caller_number": texts.phone(chance),
            "caller_name": texts.caller(chance), "alarm_kind": kind, "belongs": "110", "danger": False,
        }, at)  # fmt: skip
        yield made
        signed, sent = at + chance.randrange(1, 9) * MINUTE, at + chance.randrange(9, 15) * MINUTE
        done = sent + chance.randrange(30, 600) * MINUTE
        if signed <= DATE:
            made.act(taker, "signed", signed)
        if sent <= DATE:
            made.act(staff["zhihui"], "dispatched", sent, {"alarm_kind": kind, "station": stations[place]})
        if done <= DATE and chance.random() > 0.02:
            made.act(staff["zhihui"], "replied", done, {"police_result": result})


def hand_over(world: World, count: int) -> int:
    """On the hotline's side: matters with a danger, given to 110. They wait in the outbox for the exchange table."""
    chance = random.Random(SEED + 1)
    staff = desks(world, "12345")
    for number, at in enumerate(times.calls(chance, count, days=2)):
        words, taker = _HANDED[number % len(_HANDED)], staff["huawu2"]
        case = service.open_case(taker, HOTLINE, "request", {
            "platform": "12345", "channel": "电话", "content": texts.say(chance, words), "place": texts.place(chance),
            "request_type": "紧急求助", "address": f"{texts.street(chance)}{chance.randrange(1, 90)}号",
            "caller_number": texts.phone(chance), "caller_name": texts.caller(chance),
        }, occurred_at=at, recorded_at=at)  # fmt: skip
        service.act(case, taker, "transferred", facts={"belongs": "110", "danger": True}, note=HANDED_NOTE,
                    occurred_at=at + MINUTE, recorded_at=at + MINUTE)  # fmt: skip
    return count


def take_over(world: World) -> int:
    """On the police side: take what came at the time it came, and deal with most of it; the answers go back."""
    from gongbao.office.exchange_table import personal
    from gongbao.office.exchange_table.models import Transfer

    chance = random.Random(SEED + 2)
    staff = desks(world, "110")
    stations = _stations(world)
    taken = 0
    for row in Transfer.objects.filter(to_site="110", kind="open", taken_at=None).order_by("id"):
        at = dt.datetime.fromisoformat(row.payload["occurred_at"]) + MINUTE
        number = service.receive(personal.opened(row), row.key, row.from_site, at)
        Transfer.objects.filter(pk=row.pk).update(taken_at=at, answered_at=at, answer={"number": number})
        personal.arrived(row.key)
        case = CaseLink.objects.get(key=row.key, target__isnull=False).target
        assert case is not None
        taken += 1
        if taken % 6 != 0:  # every sixth still waits for its receipt
            _deal_with(chance, case, staff["jiejing1"], staff["zhihui"], at, stations, taken)
    return taken


def _deal_with(chance, case: Case, taker, leader, at: dt.datetime, stations: dict[str, str], number: int) -> None:  # type: ignore[no-untyped-def]
    steps = (
        (taker, "signed", 2, {}),
        (leader, "dispatched", 5, {"alarm_kind": "其他紧急危难", "station": stations[case.place]}),
        (leader, "replied", chance.randrange(40, 200), {"police_result": "已到场处置，人员安全，现场秩序恢复"}),
    )
    for actor, action, minutes, facts in steps[: 2 if number % 4 == 0 else 3]:
        when = at + minutes * MINUTE
        if when <= clock.now():
            service.act(case, actor, action, facts=facts, occurred_at=when, recorded_at=when)
