"""Invented enterprises and records for the demonstration, tests and measurements, from a fixed seed.

Names are made of invented words; codes carry a valid check character. Nothing here is drawn from a real register.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Sequence

from gongbao.engine.codes import credit_code_check
from gongbao.office.credit import models
from gongbao.office.credit.models import CreditRecord, Enterprise

COUNTIES = (
    ("三河市", "131082"), ("大厂回族自治县", "131028"), ("香河县", "131024"), ("广阳区", "131003"), ("安次区", "131002"),
    ("固安县", "131022"), ("永清县", "131023"), ("霸州市", "131081"), ("文安县", "131026"), ("大城县", "131025"),
    ("廊坊开发区", "131071"), ("临空经济区（廊坊）", "131090"),
)  # fmt: skip
SECTORS = (
    ("制造业", "制造"), ("批发和零售业", "商贸"), ("建筑业", "建筑工程"), ("交通运输、仓储和邮政业", "物流"),
    ("住宿和餐饮业", "餐饮"), ("农、林、牧、渔业", "农业"), ("房地产业", "置业"), ("信息传输、软件和信息技术服务业", "科技"),
    ("科学研究和技术服务业", "检测技术"), ("居民服务、修理和其他服务业", "服务"), ("教育", "教育咨询"),
    ("卫生和社会工作", "医疗服务"), ("文化、体育和娱乐业", "文化传播"), ("水利、环境和公共设施管理业", "环保"),
)  # fmt: skip
FIELDS = (("食品药品", 0.09), ("医疗器械", 0.03), ("特种设备", 0.04), ("危险化学品", 0.02))
FIRST = "恒瑞嘉华盛泰宏远鑫博凯达润丰金诚永信安康明德立天祥云海川东方中北新兴汇通"
SECOND = "源晟航宇腾翔隆昌顺捷悦和景程佳禾卓越力臻尚品众诺朗"
GENERAL_KINDS = (
    ("司法判决及执行信息", "市中级人民法院"), ("经营异常名录信息", "市市场监督管理局"),
    ("行政处罚（严重失信行为除外）信息", "市市场监督管理局"), ("行政强制执行信息", "市应急管理局"),
    ("未履行信用承诺信息", "市行政审批局"), ("合同违约信息", "市住建局"), ("欠缴税款", "市税务局"),
    ("非正常纳税户信息", "市税务局"), ("欠缴水电气费信息", "廊坊供电公司"),
)  # fmt: skip
SEVEN = ("暂扣许可证件", "降低资质等级", "吊销许可证件", "限制开展生产经营活动", "责令停产停业", "责令关闭", "限制从业")
LISTING = "严重失信主体名单信息"
HEAVY = "被处以暂扣许可证件、降低资质等级、吊销许可证件、限制开展生产经营活动、责令停产停业、责令关闭，限制从业等行政处罚信息"


def credit_code(area: str, number: int) -> str:
    body = f"91{area}MA{number:07d}"[:17]
    return body + credit_code_check(body)


def fill(
    count: int,
    *,
    as_of: dt.date,
    added_at: dt.datetime,
    seed: int = 8,
    sources: Sequence[str] = (),
    progress: Callable[[int], None] = lambda _: None,
) -> tuple[int, int]:
    """Make `count` enterprises with their records; (enterprises, records) written. `progress`: enterprises so far."""
    chance = random.Random(seed)
    enterprises = [_enterprise(chance, number, as_of, added_at) for number in range(1, count + 1)]
    for start in range(0, count, 1_000):
        Enterprise.objects.bulk_create(enterprises[start : start + 1_000])
        progress(min(start + 1_000, count))
    records = [r for e in enterprises for r in _records(chance, e, as_of)]
    for number, record in enumerate(records, 1):
        record.number = f"XY{as_of:%Y}{number:07d}"
    CreditRecord.objects.bulk_create(records, batch_size=1_000)
    return len(enterprises), len(records)


def _enterprise(chance: random.Random, number: int, as_of: dt.date, added_at: dt.datetime) -> Enterprise:
    county, area = chance.choice(COUNTIES)
    sector, word = chance.choice(SECTORS)
    name = "".join(chance.sample(FIRST, 2)) + chance.choice(SECOND) + chance.choice(SECOND)
    kind = chance.choices(("有限公司", "有限责任公司", "股份有限公司"), (80, 15, 5))[0]
    field = next((f for f, share in FIELDS if chance.random() < share), "其他")
    revoked = chance.choices((False, True, None), (985, 10, 5))[0]
    return Enterprise(
        credit_code=credit_code(area, number), name=f"廊坊{name}{word}{kind}", county=county, sector=sector, field=field,
        sector_risk=chance.choices(models.SECTOR_RISKS, (70, 14, 12, 4))[0], city_owned=chance.random() < 0.004,
        licence_revoked=revoked, registered_on=as_of - dt.timedelta(days=chance.randrange(200, 9_000)),
        added_at=added_at,
    )  # fmt: skip


def _records(chance: random.Random, enterprise: Enterprise, as_of: dt.date) -> list[CreditRecord]:
    made = []
    for _ in range(chance.choices((0, 1, 2, 3, 4, 5, 6, 7, 9), (780, 110, 45, 22, 12, 10, 9, 7, 5))[0]):
        kind, source = chance.choice(GENERAL_KINDS)
        penalty = chance.choice(("罚款", "警告或通报批评", "没收")) if kind.startswith("行政处罚") else ""
        status = chance.choices((models.VALID, models.REPAIRED), (90, 10))[0]
        made.append(_record(chance, enterprise, as_of, kind, models.GENERAL, source, status, penalty))
        made[-1].serious_consequence = chance.choices((False, True, None), (965, 15, 20))[0]
    if chance.random() < 0.012:
        status = chance.choices((models.VALID, models.REMOVED), (70, 30))[0]
        made.append(_record(chance, enterprise, as_of, LISTING, models.SERIOUS, "市市场监督管理局", status))
        made[-1].listed = True
    if chance.random() < 0.010:
        made.append(_record(
            chance, enterprise, as_of, HEAVY, models.SERIOUS, "市应急管理局", models.VALID, chance.choice(SEVEN)
        ))  # fmt: skip
    return made


def _record(
    chance: random.Random, enterprise: Enterprise, as_of: dt.date, kind: str, klass: str, source: str, status: str,
    penalty: str = "",
) -> CreditRecord:  # fmt: skip
    dated = as_of - dt.timedelta(days=chance.randrange(5, 560))
    collected = min(as_of, dated + dt.timedelta(days=chance.randrange(0, 12)))
    changed = None if status == models.VALID else min(as_of, dated + dt.timedelta(days=30))
    return CreditRecord(
        enterprise=enterprise, kind=kind, klass=klass, penalty_kind=penalty, dated=dated, collected_on=collected,
        source=source, status=status, status_on=changed, details=f"演示记录：{penalty or kind}",
    )  # fmt: skip
