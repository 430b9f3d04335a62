"""Calls that 110 gave to the hotline: they leave by the exchange table, and the 12345 desk takes them at its next round."""

from __future__ import annotations

import random

from gongbao.engine.world import World
from gongbao.office.cases import service
from gongbao.office.demo import texts, times
from gongbao.office.demo.filled import HOTLINE
from gongbao.office.demo.matters import desks
from gongbao.office.demo.size import SEED

MINUTE = times.MINUTE
_CALLS = (
    ("{street}路灯坏了一排，晚上看不清", "附件2 第1行"),
    ("{home}楼下工地夜里施工，吵得睡不着", "附件2 第4行"),
    ("{home}小区里私家车乱停，堵住了单元门", "附件2 第18行"),
    ("{street}垃圾好几天没有清运", "附件2 第2行"),
    ("干完活工钱一直没有结", "附件2 第8行"),
    ("出租车上落了一个包", "附件2 第19行"),
)


def hand_back(world: World, count: int) -> int:
    """On the police side: calls that belong to 12345, transferred to it."""
    chance = random.Random(SEED + 3)
    staff = desks(world, "110")
    for number, at in enumerate(times.calls(chance, count, days=1)):
        words, row = _CALLS[number % len(_CALLS)]
        taker, place = staff["jiejing1"], texts.place(chance)
        case = service.open_case(taker, HOTLINE, "alarm", {
            "platform": "110", "channel": "电话", "content": texts.say(chance, words), "place": place,
            "request_type": "非紧急求助", "address": f"{place}{texts.street(chance)}{chance.randrange(1, 90)}号",
            "caller_number": texts.phone(chance), "caller_name": texts.caller(chance), "danger": False,
        }, occurred_at=at, recorded_at=at)  # fmt: skip
        service.act(case, taker, "transferred", facts={"belongs": "12345", "target": "同级12345"}, note=f"属{row}",
                    occurred_at=at + MINUTE, recorded_at=at + MINUTE)  # fmt: skip
    return count
