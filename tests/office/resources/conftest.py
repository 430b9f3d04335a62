"""The toy town with registers that its bureaus keep: teams (one printed), shelters, stock with a floor, blood by days."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gongbao.office import worlds
from gongbao.office.cases import service
from gongbao.office.resources import book
from gongbao.office.resources.kept import Kept, kept

HERE = Path(__file__).parents[1]
PACK = "toy/street"
REGISTERS = """
teams:
  label: 抢修队伍
  cite: 一
  kind: team
  kept_by: [市城管局, 区城管局]
  key: [name]
  columns:
    name: {label: 名称, role: name, required: true}
    class: {label: 类别, role: class, values: [专业, 社会]}
    place: {label: 所在区, type: place, role: place}
    spot: {label: 驻地, role: spot}
    longitude: {label: 经度, type: number, role: longitude}
    latitude: {label: 纬度, type: number, role: latitude}
    owner: {label: 主管单位, type: unit, role: owner}
    contact: {label: 负责人, role: contact, personal: personal}
    phone: {label: 电话, role: phone, personal: personal}
    members: {label: 人数, type: integer}
    state: {label: 状态, role: state, values: [可用, 不可用]}
    size: {label: 规模, decided_by: size}
  counts:
    - {label: 专业队伍, where: {class: 专业}, exactly: 2, implied: 例, cite: 一}
    - {label: 各区队伍, each: place, of: 各区, at_least: 1, implied: 例, cite: 一}
stock:
  label: 抢修物资
  cite: 一
  kind: stock
  kept_by: [市城管局, 区城管局]
  key: [name, spot]
  columns:
    name: {label: 品名, role: name, required: true}
    spot: {label: 库, role: spot, required: true}
    place: {label: 所在区, type: place, role: place, required: true}
    quantity: {label: 数量, type: number, role: quantity, required: true}
    measure: {label: 单位, role: measure, required: true}
    floor: {label: 底线, type: number, role: floor}
    state: {label: 状态, role: state, values: [可用, 不可用]}
    checked_on: {label: 盘点日期, type: date}
blood:
  label: 血液库存
  cite: 一
  kind: stock
  kept_by: [市城管局]
  key: [name]
  columns:
    name: {label: 血型, role: name, values: [A, B, O, AB], required: true}
    days: {label: 可供天数, type: number, role: days, required: true}
    floor: {label: 底线（天）, type: number, role: floor}
borders:
  label: 相邻区
  cite: 一
  kind: neighbours
  kept_by: [市城管局]
  key: [place, neighbour]
  columns:
    place: {label: 区, type: place, role: place, required: true}
    neighbour: {label: 相邻, type: place, role: neighbour, required: true}
printed:
  label: 印出的队伍
  cite: 一
  kind: team
  kept_by: [市城管局]
  key: [name]
  columns:
    name: {label: 名称, role: name, required: true}
    remarks: {label: 备注, authored: true}
  file: printed.csv
"""
DECISION = """
size:
  label: 规模
  cite: 一
  output: {size: {type: choice, values: [大队, 小队]}}
  rules:
    - {when: {members: ">= 10"}, then: 大队, cite: 一, implied: 例}
    - {when: {members: "< 10"}, then: 小队, cite: 一, implied: 例}
"""


@pytest.fixture
def town(tmp_path, settings, office_clock):
    """The folder of the toy packs with these registers."""
    packs = shutil.copytree(HERE / "packs", tmp_path / "packs")
    street = packs / "toy" / "street"
    (street / "registers.yaml").write_text(REGISTERS, "utf-8")
    (street / "registers").mkdir(exist_ok=True)
    (street / "registers" / "printed.csv").write_text("name,remarks\n甲市蓝盾救援队,\n甲市红星救援队,\n", "utf-8")
    for name, text in (
        ("decisions.yaml", DECISION),
        ("facts.yaml", "\nmembers: {label: 人数, type: integer, min: 0}\n"),
    ):
        file = street / name
        file.write_text((file.read_text("utf-8") if file.is_file() else "") + text, "utf-8")
    units = packs / "toy" / "units.yaml"
    units.write_text(
        units.read_text("utf-8").rstrip("\n") + "\n  区城管局: {label: 区城管局, members: [东区城管局, 西区城管局]}\n",
        "utf-8",
    )
    settings.GONGBAO_PACKS = packs
    worlds.forget()
    book.forget()
    return packs


@pytest.fixture
def teams(town) -> Kept:
    return kept(PACK, "teams")


@pytest.fixture
def stock(town) -> Kept:
    return kept(PACK, "stock")


@pytest.fixture
def city(account):
    """Of the bureau of the whole city: duty officer and handler."""
    return account("shi", "甲市城管局", "值班员", "承办人", name="石某")


@pytest.fixture
def west(account):
    return account("xi", "西区城管局", "承办人", name="西某")


@pytest.fixture
def case(town, operator):
    """An open complaint in 东区 in which the city's bureau takes part."""
    found = service.open_case(operator, PACK, "complaint", {"content": "井盖塌陷", "place": "东区"})
    return service.act(found, operator, "sent", facts={"handler": "甲市城管局"})


@pytest.fixture
def other_case(town, operator):
    found = service.open_case(operator, PACK, "complaint", {"content": "路面积水", "place": "西区"})
    return service.act(found, operator, "sent", facts={"handler": "甲市城管局"})


TENT = {"name": "帐篷", "spot": "东区库", "place": "东区", "quantity": "10", "measure": "顶"}


@pytest.fixture
def tents(stock, city):
    """10 tents in 东区, no floor."""
    return book.add(stock, city, TENT)


@pytest.fixture
def crew(teams, city):
    return book.add(teams, city, {
        "name": "东区抢修一队", "class": "专业", "place": "东区", "owner": "东区城管局", "contact": "赵某某",
        "phone": "13900001234",
    })  # fmt: skip
