"""Invented teams, experts, shelters, depots, equipment and stock, so that the room 应急资源 is not empty.

Names say 演示, telephone numbers are of a series that is not given out; coordinates are somewhere in the county named. Which
counties border on which is entered for those with a common border on the map.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from gongbao.office.people.models import Account

PACK = "langfang/emergency-system"
SINCE = dt.date(2023, 1, 16)
WHY = "演示数据"
SEATS = {  # longitude, latitude of a point in each county
    "三河市": ("117.07", "39.98"), "大厂回族自治县": ("116.99", "39.89"), "香河县": ("117.01", "39.76"),
    "广阳区": ("116.71", "39.53"), "安次区": ("116.69", "39.50"), "固安县": ("116.30", "39.44"), "永清县": ("116.50", "39.32"),
    "霸州市": ("116.39", "39.12"), "文安县": ("116.46", "38.87"), "大城县": ("116.64", "38.70"), "廊坊开发区": ("116.76", "39.58"),
}  # fmt: skip
BORDERS = (
    ("三河市", "大厂回族自治县"), ("三河市", "香河县"), ("大厂回族自治县", "香河县"), ("广阳区", "安次区"), ("广阳区", "永清县"),
    ("广阳区", "固安县"), ("广阳区", "廊坊开发区"), ("安次区", "永清县"), ("固安县", "永清县"), ("固安县", "霸州市"), ("永清县", "霸州市"),
    ("霸州市", "文安县"), ("文安县", "大城县"),
)  # fmt: skip
PEOPLE = "赵孙周吴郑冯陈蒋沈韩杨"
STOCK = (  # name, measure, quantity, floor
    ("帐篷（12平方米）", "顶", 60, 30), ("折叠床", "张", 200, 100), ("棉被", "床", 500, 300), ("编织袋", "条", 20_000, 15_000),
    ("发电机（5千瓦）", "台", 6, 4), ("防护服", "套", 80, 100), ("吸油毡", "箱", 24, 20), ("应急照明灯", "只", 90, 60),
)  # fmt: skip


def ready(packs: set[str]) -> bool:
    from django.apps import apps

    return apps.is_installed("gongbao.office.resources") and PACK in packs


def fill() -> str:
    """Enter them as the city's duty officer would, each with its entry in the history."""
    from gongbao.office.resources import book
    from gongbao.office.resources.kept import all_kept, kept

    account = Account.objects.get(username="zhiban")
    made = 0
    for register in all_kept():
        book.begin(register)
    for name, rows in _rows():
        register = kept(PACK, name)
        for row in rows:
            given = {column: str(value) for column, value in row.items()}
            book.add(register, account, given, valid_from=SINCE, why=WHY)
            made += 1
    return f"{made} 项应急资源（演示）"


def _rows() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    yield "neighbours", [{"place": a, "neighbour": b} for a, b in BORDERS]
    yield "teams", list(_teams())
    yield "experts", [
        {"name": f"{PEOPLE[i]}某（演示）", "field": field, "place": place, "owner": "演示大学", "phone": _phone(i), "state": "可用"}
        for i, (field, place) in enumerate(
            [("危险化学品", "廊坊开发区"), ("环境监测", "广阳区"), ("结构抗震", "广阳区"), ("食品检验", "安次区"), ("防汛", "霸州市")]
        )
    ]  # fmt: skip
    yield "shelters", list(_shelters())
    yield "warehouses", list(_depots())
    yield "equipment", [
        {"name": name, "quantity": n, "measure": unit, "place": place, "owner": owner, "spot": "演示站", "contact": f"{PEOPLE[i]}某",
         "phone": _phone(i + 5), "state": "可用", **_at(place, i)}
        for i, (name, n, unit, place, owner) in enumerate([
            ("举高喷射消防车", 2, "辆", "广阳区", "市消防救援支队"), ("排水抢险车", 3, "辆", "安次区", "市应急管理局"),
            ("无人机（热成像）", 4, "架", "三河市", "三河市应急管理局"), ("冲锋舟", 8, "艘", "文安县", "文安县应急管理局"),
            ("便携式气体检测仪", 12, "台", "霸州市", "霸州市应急管理局"),
        ])
    ]  # fmt: skip
    yield "stock", list(_stock())


def _teams() -> Iterator[dict[str, Any]]:
    fields = (
        "危化",
        "医疗卫生",
        "供电",
        "建筑施工",
        "长输管道",
        "通信保障",
        "特种设备",
        "交通",
        "科技救援",
        "危化",
        "森林防火",
    )
    for i, (place, field) in enumerate(zip(SEATS, fields, strict=True)):
        yield {
            "name": f"{place}{field}救援队（演示）", "class": "专业救援队伍", "field": field, "place": place, "spot": "演示路1号",
            "owner": f"{place}应急管理局", "contact": f"{PEOPLE[i]}某", "phone": _phone(i), "members": 12 + i * 3,
            "state": "不可用" if place == "大城县" else "可用", **_at(place, i),
        }  # fmt: skip


def _shelters() -> Iterator[dict[str, Any]]:
    for i, place in enumerate(SEATS):
        for n, site in enumerate(("公园", "学校操场")):
            yield {
                "name": f"{place}{site}避难场所（演示{n + 1}）", "class": "固定避难场所", "place": place,
                "core": "是" if place in ("广阳区", "安次区") else "否", "site": site, "capacity": 1_500 + 250 * n,
                "facilities": "避难宿住、应急供水、应急供电", "owner": f"{place}应急管理局", "phone": _phone(i + n), "state": "可用",
                **_at(place, i + n),
            }  # fmt: skip
    yield {
        "name": "市中心公园避难场所（演示）", "class": "中心避难场所", "place": "广阳区", "core": "是", "site": "公园",
        "capacity": 12_000, "owner": "市应急管理局", "phone": _phone(3), "state": "可用", **_at("广阳区", 3),
    }  # fmt: skip


def _depots() -> Iterator[dict[str, Any]]:
    yield {
        "name": "市级救灾物资储备库（演示）", "level": "市级", "class": "救灾物资储备库", "standard": "否", "place": "广阳区",
        "spot": "演示路8号", "owner": "市应急管理局", "contact": "沈某", "phone": _phone(7), "state": "可用", **_at("广阳区", 5),
    }  # fmt: skip
    for i, place in enumerate(list(SEATS)[:6]):
        yield {
            "name": f"{place}防汛应急物资储备库（演示）", "level": "县级", "class": "防汛应急物资储备库", "standard": "否",
            "place": place, "owner": f"{place}应急管理局", "phone": _phone(i + 2), "state": "可用", **_at(place, i + 3),
        }  # fmt: skip


def _stock() -> Iterator[dict[str, Any]]:
    for i, (name, measure, quantity, floor) in enumerate(STOCK):
        yield {
            "name": name, "mode": "实物储备", "quantity": quantity, "measure": measure, "floor": floor, "place": "广阳区",
            "spot": "市级救灾物资储备库（演示）", "owner": "市应急管理局", "contact": "沈某", "phone": _phone(7), "stage": "储备",
            "state": "可用", **_at("广阳区", 5),
        }  # fmt: skip
        place = list(SEATS)[i % len(SEATS)]
        yield {
            "name": name, "mode": "实物储备", "quantity": quantity // 4, "measure": measure, "place": place,
            "spot": f"{place}储备点（演示）", "owner": f"{place}应急管理局", "phone": _phone(i), "stage": "储备", "state": "可用",
            **_at(place, i),
        }  # fmt: skip


def _at(place: str, i: int) -> dict[str, str]:
    """A point of the county, moved a little for each row."""
    longitude, latitude = SEATS[place]
    return {"longitude": f"{longitude}{i % 10}", "latitude": f"{latitude}{(i * 3) % 10}"}


def _phone(i: int) -> str:
    return f"0316-000{i % 10:04d}"
