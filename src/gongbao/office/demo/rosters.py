"""Invented rosters of the units that keep one in the demonstration, for the month of the stated date and two weeks on:
three people in turn, two leading; and what three desks wrote down last night and handed over this morning.
"""

from __future__ import annotations

import datetime as dt

from gongbao.office.cases.models import Case
from gongbao.office.demo.people import FORECAST, NAMES, OFFICE, RESPONSE
from gongbao.office.demo.size import DATE
from gongbao.office.duty import log
from gongbao.office.duty.models import LEADING, ON_DUTY
from gongbao.office.duty.roster import on_duty, put_in, rotation
from gongbao.office.people.models import Account
from gongbao.office.people.units import official

UNITS = (
    "市应急管理局", OFFICE, RESPONSE, FORECAST, "市生态环境局", "市市场监督管理局", "市卫生健康委", "市消防救援支队",
    "市公安局", "市水利局",
)  # fmt: skip
FIRST, LAST = DATE.date().replace(day=1), DATE.date() + dt.timedelta(days=14)
DAY, NIGHT = dt.time(8, 30), dt.time(20, 30)
CHANGES = {ON_DUTY: (DAY, NIGHT), LEADING: (DAY,)}
MADE = dt.datetime.combine(FIRST, dt.time(), DATE.tzinfo)  # rosters are made before the month begins


def fill() -> int:
    """Put the rosters in, unit by unit, as their keepers would; how many shifts."""
    made = 0
    for n, unit in enumerate(UNITS):
        shifts = []
        for k, (kind, changes) in enumerate(CHANGES.items()):
            people = [
                (NAMES[(n * 5 + k * 3 + i) % len(NAMES)], f"1380000{n:02}{k}{i}")
                for i in range(3 if kind == ON_DUTY else 2)
            ]
            shifts += rotation(kind, people, FIRST, LAST, list(changes))
        made += put_in(Account(username="演示", unit=official(unit)), shifts, recorded_at=MADE)
    return made


# -------------------------------------------------------------------------------------------------- last night's log

# unit, day from the stated date, time, what was written, how the number of the matter begins
LINES = (
    ("市应急管理局", -1, "22:14", "市生态环境局电话：永清县城东罐车侧翻起火，甲醛入河，正在疏散。已告带班领导。", "HJ"),
    ("市应急管理局", -1, "22:40", "永清县应急管理局电话：疏散5200人，2人送医，安置在两所学校。", "HJ"),
    ("市应急管理局", -1, "23:34", "市突发环境事件应急指挥部启动Ⅲ级响应，本局任成员单位，通知防汛物资库备车。", "HJ"),
    ("市应急管理局", 0, "02:35", "永清县报：两处安置点均已通电、供热水。", "HJ"),
    ("市应急管理局", 0, "05:50", "有雾，永清县境内部分路段限速，已告永清县留意返程车辆。", ""),
    ("市应急管理局", 0, "07:15", "永清县要棉被200床、折叠床80张，待白班调拨。", "HJ"),
    ("市生态环境局", -1, "22:05", "环境污染举报热线转来：永清县城东河道异味、起火，立即核实。", "HJ"),
    ("市生态环境局", -1, "23:15", "市政府、省厅已电话报告；晚于规定时间，核实疏散人数所致。", "HJ"),
    ("市生态环境局", 0, "02:05", "监测站报第一组数：入河口超标11倍，闸下未检出。", "HJ"),
    ("市生态环境局", 0, "06:05", "第二组数：入河口超标3倍，闸下未检出。", "HJ"),
    ("市卫生健康委", -1, "17:40", "血液黄色预警已由市政府发布，通知各医院优先急症用血。", "XY"),
    ("市卫生健康委", -1, "22:50", "永清县医院收治2人，吸入刺激性气体，生命体征平稳。", "HJ"),
    ("市卫生健康委", 0, "08:05", "血站报O型2.1天，机采献血者已约12人。", "XY"),
)  # fmt: skip
HANDED = {
    "市应急管理局": "①永清环境事件Ⅲ级响应中：棉被、折叠床待调，本局任务待签收；②下一组监测数8时到；③雾未散，留意路况。",
    "市生态环境局": "①每2小时一组监测数，报指挥部；②未签收任务的单位要催；③书面报告待补。",
    "市卫生健康委": "①O型血库存，等市政府定响应；②永清2名伤者情况中午回话。",
}  # fmt: skip


def write_down() -> int:
    """Last night's log: taken over in the evening, written through the night, handed over and taken in the morning;
    one desk's morning has not been taken over yet. How many lines.
    """
    made = 0
    for unit, words in HANDED.items():
        day, night, morning = (_on_duty(unit, d, t) for d, t in ((-1, "12:00"), (-1, "23:00"), (0, "09:00")))
        evening = log.hand_over(day, "白天无未办事项，正常交班。（演示）", recorded_at=_at(-1, "20:30"))
        log.take_over(night, evening.pk, recorded_at=_at(-1, "20:36"))
        own = [line for line in LINES if line[0] == unit]
        for _, ahead, time, text, mark in own:
            when = _at(ahead, time)
            case = Case.objects.filter(number__startswith=f"{mark}2023").order_by("id").first() if mark else None
            log.write(day if when < evening.at else night, text, at=when, case=case, recorded_at=when)
        handed = log.hand_over(night, words, recorded_at=_at(0, "08:30"))
        made += 3 + len(own)
        if unit != "市卫生健康委":
            log.take_over(morning, handed.pk, recorded_at=_at(0, "08:38"))
            made += 1
    return made


def _at(ahead: int, time: str) -> dt.datetime:
    return dt.datetime.combine(DATE.date() + dt.timedelta(days=ahead), dt.time.fromisoformat(time), tzinfo=DATE.tzinfo)


def _on_duty(unit: str, ahead: int, time: str) -> Account:
    """Who stood in the roster then; such a person has no account."""
    name = official(unit)
    shift = next(s for s in on_duty([name], _at(ahead, time))[name] if s.kind == ON_DUTY)
    return Account(username=f"演示·{shift.name}", name=shift.name, unit=name)
