"""Invented incidents on the duty desk, so that it shows what it is for: each opened and led on by the service that the
pages use, by those whose acts they are, at the times at which they might have been.

Units, places and people of what happened say 演示. On the stated date: a spill in the midst of its response with the fire
that it came from, a call about food that has just come in, blood short of one type, a fire under investigation, a field
fire closed; resources lent to the spill; last night's log of three desks.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from gongbao.engine.model import Actor
from gongbao.engine.series import Series
from gongbao.office.cases import service
from gongbao.office.cases.models import Case
from gongbao.office.demo import people
from gongbao.office.demo.size import DATE
from gongbao.office.incidents.intake import SAME
from gongbao.office.people.units import official

SPILL, FOOD = "langfang/environmental-incident", "langfang/food-safety-incident"
BLOOD, FIRE, STRAW = "langfang/blood-supply", "langfang/fire-investigation", "langfang/straw-burning"
PACKS = (SPILL, FOOD, BLOOD, FIRE, STRAW)
DAY = dt.timedelta(days=1)


def ready(packs: set[str]) -> bool:
    return packs.issuperset(PACKS)


def fill() -> str:
    """Open them, the oldest first."""
    made = [*straw(), *fire_investigated(), *blood(), *spill(), *food()]
    return f"{len(made)} 件应急事件（演示）"


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    """A moment `day` days after the stated date."""
    return (DATE + day * DAY).replace(hour=hour, minute=minute, second=0)


def actor(unit: str) -> Actor:
    """Whoever acts for the unit: its account of the demonstration on the desk, else a clerk without one."""
    name = official(unit)
    own = [p for p in people.people("12345") if official(p.unit) == name]
    desk = next((p for p in own if p.desk == people.DESK), own[0] if own else None)
    if desk is None:
        return Actor(account=f"{unit}值班室", unit=name)
    return Actor(desk.username, name, frozenset(desk.roles), frozenset(desk.posts))


def opened(unit: str, pack: str, procedure: str, when: dt.datetime, by: str = "电话", **facts: Any) -> Case:
    return service.open_case(
        actor(unit), pack, procedure, facts, occurred_at=when, recorded_at=when, source=by,
        data={"place": facts.get("place")},
    )  # fmt: skip


def act(case: Case, unit: str, action: str, when: dt.datetime, by: str = "系统", note: str = "", **facts: Any) -> Case:
    return service.act(case, actor(unit), action, facts=facts, occurred_at=when, recorded_at=when, source=by, note=note)


# --------------------------------------------------------------------------------------------- a spill, and its fire

TRUCK = "演示物流公司"
RIVER = "永清县城东（演示）"


def spill() -> list[Case]:
    """A tank lorry burnt and spilt into a river last night: the city leads, half of the duties are signed for, the first
    report went out by telephone after its time. The fire that it came from is tied to it.
    """
    case = opened(
        "市生态环境局", SPILL, "incident", at(-1, 22, 5), place="永清县", company=TRUCK, site=RIVER,
        occurred_at=at(-1, 21, 40), found_by="环境污染举报热线", told_residents=True, source_known=True,
        situation="群众来电：一辆罐车翻在县城东边起火，火刚扑灭，罐里的东西和消防水一起流进河道，气味刺鼻。",
        first_measures="下游闸门已关，围油栏和吸附材料正在运送。",
    )  # fmt: skip
    fire = opened(
        "永清县消防救援大队", FIRE, "investigation", at(-1, 22, 20), place="永清县", fire_at=at(-1, 21, 40),
        fire_unit=f"{TRUCK}罐车", site_kind="其他场所", deaths=0, first_note="罐车侧翻起火，21时58分扑灭，无人员死亡。",
    )  # fmt: skip
    service.link(case, fire, SAME, recorded_at=at(-1, 22, 20))
    known = {
        "kind": "水体污染", "inside": True, "cause": "危化品运输交通事故", "pollutant": "甲醛", "deaths": 0, "injured": 2,
        "evacuated": 5_200, "loss": 300_000, "ecology": "未涉及", "water_cut": "未中断", "radiation": False, "cross": "未跨县",
        "may_cross": "跨县级", "county_dispute": False, "some_effect": True, "farm": True, "drinking_water": False,
    }  # fmt: skip
    case = act(case, "市生态环境局", "assessed", at(-1, 22, 38), note="疏散人数由永清县应急管理局报来", **known)
    case = act(
        case, "市生态环境局", "city_reported", at(-1, 23, 12), by="电话", to=["市政府", "河北省生态环境厅"], told_whom="值班室",
        said="永清县城东罐车侧翻，甲醛入河，疏散5200人，2人送医，初判较大，闸门已关，请求启动响应。",
    )  # fmt: skip
    case = act(case, "市突发环境事件应急指挥部", "city_started", at(-1, 23, 30), commander="冯某（副市长，演示）")
    case = act(
        case,
        "市生态环境局",
        "groups_formed",
        at(-1, 23, 40),
        groups=["污染处置组", "应急监测组", "医学救援组", "应急保障组"],
    )
    case = act(
        case,
        "市生态环境局",
        "team_sent",
        at(-1, 23, 50),
        team_note="市局应急中心6人、监测站4人赴永清，组长李某（演示）。",
    )
    case = act(
        case,
        "市生态环境局",
        "scheme_made",
        at(0, 0, 30),
        scheme="闸门上下游各设1个断面、入河口1个，每2小时测一次甲醛和pH。",
    )
    case = act(
        case,
        "市生态环境局",
        "monitored",
        at(0, 2),
        readings="入河口超标11倍，闸上超标4倍，闸下未检出。",
        within_limits=False,
    )
    case = receipts(case)
    case = act(
        case,
        "市生态环境局",
        "monitored",
        at(0, 6),
        readings="入河口超标3倍，闸上超标2倍，闸下未检出。",
        within_limits=False,
    )
    case = act(
        case, "市生态环境局", "learned", at(0, 7, 10), by="电话",
        situation="围堰完成，正在抽取处理；疏散群众安置在两所学校，需要折叠床和棉被。", asked="棉被200床、折叠床80张",
    )  # fmt: skip
    return [case, fire]


SAID = (
    "人员已到现场，正在处置", "物资已装车，7时前送到", "已通知沿河各村，暂停取用河水", "值班力量已加强，随时待命",
    "已派专家1人到前方指挥部",
)  # fmt: skip


def receipts(case: Case) -> Case:
    """Two units of three sign for what they have to do, every second of those says how it stands."""
    by: dict[str, list[str]] = {}
    for task in service.look(case, at(0, 2, 30)).state.tasks:
        if task.status == "issued":
            by.setdefault(task.unit, []).append(task.id)
    for n, (unit, tasks) in enumerate(sorted(by.items())):
        if n % 3 == 2 or unit == official("市应急管理局"):  # whose desk has just been taken over
            continue
        signed = at(0, 2, 30) + dt.timedelta(minutes=3 * n)
        case = service.feedback_all(case, actor(unit), tasks, "task_received", occurred_at=signed, recorded_at=signed)
        if n % 2 == 0:
            later = max(signed, at(0, 4)) + dt.timedelta(minutes=n)
            case = service.feedback(
                case, actor(unit), tasks[0], "task_feedback", note=SAID[n % len(SAID)], occurred_at=later,
                recorded_at=later,
            )  # fmt: skip
    return case


LENT = (("team", "永清县", None), ("stock", "吸油毡", 6), ("stock", "棉被", 200), ("stock", "折叠床", 80))


def lend() -> str:
    """What went to the spill from the registers of the city: the duty officer lends it, as on the page."""
    from gongbao.office.people.models import Account
    from gongbao.office.resources import lending
    from gongbao.office.resources.models import Row

    case = Case.objects.get(pack=SPILL)
    officer = Account.objects.get(username="zhiban")
    for kind, name, amount in LENT:
        row = Row.objects.filter(kind=kind, name__startswith=name).order_by("-quantity", "id").first()
        assert row is not None
        lending.lend(row.pk, case, officer, quantity=str(amount) if amount else None, note="永清县请求（演示）")
    return f"{len(LENT)} 项资源已调往{RIVER}"


# ------------------------------------------------------------------------------------------------ food, just called in


def food() -> list[Case]:
    """Called in three minutes ago: nobody knows yet how many are ill, since when, or of what."""
    case = opened(
        "市市场监督管理局", FOOD, "incident", DATE - dt.timedelta(minutes=3), place="香河县", accident_unit="演示小学",
        site="学校食堂（演示）", reporter_kind="事故发生或发现单位", report_unit="演示小学",
        situation="校医来电：早饭后有学生呕吐、腹泻，人数还在点，已送县医院，剩饭已封存。", first_measures="食堂停餐，剩饭封存。",
    )  # fmt: skip
    return [case]


# -------------------------------------------------------------------------------------------------------------- blood

TYPES = {
    "stock_total": "4.6 4.5 4.5 4.4 4.4 4.3 4.2 4.1 4.0", "stock_a": "4.9 4.8 4.8 4.7 4.7 4.6 4.6 4.5 4.4",
    "stock_b": "5.1 5.0 4.9 4.9 4.8 4.8 4.7 4.6 4.6", "stock_o": "3.0 2.9 2.8 2.8 2.6 2.5 2.4 2.3 2.1",
    "stock_ab": "5.4 5.4 5.3 5.3 5.3 5.2 5.2 5.1 5.1", "balance": "-4 -6 -3 0 2 1 -5 -7 -6",
}  # fmt: skip


def stock(days: int) -> dict[str, Series]:
    """Readings of as many days, from nine days before the stated date on."""
    return {
        name: Series(at(-9, 0), DAY, tuple(Decimal(v) for v in values.split()[:days]), ("监测",) * days)
        for name, values in TYPES.items()
    }


def blood() -> list[Case]:
    """Type O low for seven working days: graded, reported in time, warned of; the response waits for the city."""
    case = opened(
        "市中心血站", BLOOD, "shortage", at(-1, 15, 20), by="系统", found_at=at(-1, 15), cause="气候或季节",
        situation="O型库存连续7个工作日不高于3天；几家医院手术集中，用血增加（演示读数）。", **stock(9),
    )  # fmt: skip
    case = act(
        case, "市中心血站", "station_phoned", at(-1, 15, 25), by="电话", reported_grade="较大", told_whom="值班室",
        said="O型库存连续7个工作日不高于3天，建议按较大核定。",
    )  # fmt: skip
    case = act(
        case, "市卫生健康委", "assessed", at(-1, 15, 55), surge=True, donors_fall=False, destroyed=False, restore_days=0,
        recognised="未认定", tight=True, expert_opinion="O型缺口集中在创伤和择期手术，建议按较大核定。",
    )  # fmt: skip
    case = act(
        case, "市卫生健康委", "commission_phoned", at(-1, 16, 5), by="电话", told_whom="各值班室",
        to=["中共廊坊市委员会", "廊坊市人民政府", "河北省卫生健康委员会"], said="O型血连续7个工作日偏低，核定为较大，正提请预警。",
    )  # fmt: skip
    case = act(
        case, "市卫生健康委", "warning_proposed", at(-1, 16, 30), area="全市", outlook="预计一周内难以自行恢复",
        advice="请O型血的市民就近献血；医院优先保障急症用血。",
    )  # fmt: skip
    case = act(case, "市政府", "warning_published", at(-1, 17, 30), area="全市")
    case = act(case, "市卫生健康委", "start_requested", at(-1, 17, 45))
    return [case]


# --------------------------------------------------------------------------------------------------- an earlier fire


def fire_investigated() -> list[Case]:
    """A larger fire of eleven days ago: the city's group is formed and at work; its days stand still while a laboratory
    looks at what was found.
    """
    brigade, unit = "市消防救援支队", "演示家具厂仓库"
    case = opened(
        "霸州市消防救援大队", FIRE, "investigation", at(-11, 20, 15), place="霸州市", fire_at=at(-11, 19, 20), fire_unit=unit,
        site_kind="其他场所", social=True, first_note="仓库起火，过火约600平方米，21时40分扑灭。",
    )  # fmt: skip
    case = act(case, brigade, "accepted", at(-9, 9, 30), site_kind="其他场所", grade="较大", deaths=0, social=True)
    case = act(case, brigade, "petitioned", at(-8, 15))
    case = act(
        case, "市政府", "city_formed", at(-6, 10), leader="秦某（演示）", member_units=["市应急管理局", "市公安局", "市住建局"],
        members=["秦某", "尤某", "许某"], invited=["同级纪检监察机关", "同级检察院"], subgroups=["技术组", "管理组"],
    )  # fmt: skip
    case = act(
        case, brigade, "channels_published", at(-5, 9), channels=["举报电话"], channel_detail="0316-0000119（演示）"
    )
    case = act(case, brigade, "materials_asked", at(-5, 10), asked_of=unit, materials="消防设施检测记录、用电台账")
    case = act(case, brigade, "testing_began", at(-2, 9), reason_note="送检电气线路残留物，等鉴定结论")
    return [case]


# ------------------------------------------------------------------------------------------------------- a field fire


def straw() -> list[Case]:
    """A field fire seen from above, put out within two hours, closed the next day."""
    office, spot = "市农业局", "文安县某村东（演示）"
    case = opened(
        "市气象局", STRAW, "fire_point", at(-2, 11, 20), by="系统", place="文安县", seen_at=at(-2, 11, 5), spot=spot,
        source="气象信息",
    )  # fmt: skip
    case = act(case, office, "routed", at(-2, 11, 35), site="农田", burnt="秸秆")
    case = act(case, "市环保局", "enforced", at(-2, 13), enforced_note="找到点火人，批评教育并登记。")
    case = act(
        case, "市环保局", "handled", at(-2, 13, 10), handled_note="明火扑灭，翻土压实，留人看守2小时。", put_out=True
    )
    case = act(case, office, "finished", at(-1, 9, 10), large=False, serious=False)
    return [case]
