"""Enterprises and records from a table (XLSX, CSV): read wholly, checked cell by cell, and taken all or not at all.

A record's class comes from the pack: the information table (附件1) by its name, a penalty's by `penalty_class`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from gongbao.engine.decision.decide import decide
from gongbao.engine.fact import Fact, FactErrors, read_facts
from gongbao.engine.world import World
from gongbao.exchange.tables import Cell, Table, TableError, read_table, write_xlsx
from gongbao.office import clock, worlds
from gongbao.office.credit import models
from gongbao.office.credit.models import PACK, CreditRecord, Enterprise
from gongbao.office.people import units

MOST_SHOWN = 200
LISTING = "严重失信主体名单信息"
CLASSES = {"企业基础信息": models.BASIC, "一般失信行为信息": models.GENERAL, "严重失信信息": models.SERIOUS}


@dataclass(frozen=True, slots=True)
class Fault:
    """One cell that cannot be taken."""

    cell: str
    column: str
    value: str
    message: str

    def __str__(self) -> str:
        return f"{self.cell} {self.column}“{self.value}”：{self.message}" if self.cell else self.message


@dataclass(slots=True)
class Loaded:
    """What a file holds: how many rows are new or changed; nothing is written while there are faults."""

    kind: str
    rows: int = 0
    added: int = 0
    changed: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def taken(self) -> bool:
        return not self.faults

    def blame(self, cell: Cell | None, column: str, message: str) -> None:
        self.faults.append(Fault(cell.address if cell else "", column, cell.text if cell else "", message))


def _facts(world: World) -> dict[str, Fact]:
    """The columns of an enterprise table as facts, by their label, so that one reader checks them all."""
    return {
        "统一社会信用代码": world.facts["credit_code"],
        "企业名称": Fact("name", "企业名称", "text"),
        "注册地": Fact("county", "注册地", "choice", values=units.areas()),
        "行业": Fact("sector", "行业", "text"),
        "重点领域": world.facts["field_of_business"],
        "行业信用风险": world.facts["sector_risk"],
        "市属国有企业": world.facts["city_owned"],
        "已吊销营业执照": world.facts["licence_revoked"],
        "登记日期": Fact("registered_on", "登记日期", "date"),
    }


ENTERPRISE_COLUMNS = ("统一社会信用代码", "企业名称", "注册地", "行业", "重点领域", "行业信用风险", "市属国有企业", "已吊销营业执照", "登记日期")  # fmt: skip
ENTERPRISE_NEEDS = ("统一社会信用代码", "企业名称", "注册地")
RECORD_COLUMNS = (
    "记录编号",
    "统一社会信用代码",
    "信息名称",
    "处罚种类",
    "认定日期",
    "归集日期",
    "提供单位",
    "状态",
    "造成严重后果",
    "内容",
)
RECORD_NEEDS = ("记录编号", "统一社会信用代码", "信息名称", "认定日期", "提供单位")


def template(kind: str) -> tuple[str, bytes]:
    """An empty table to fill in, with one row that shows the form of each column."""
    world = worlds.world(PACK)
    if kind == "enterprises":
        example = ("91131000MA07DEM009", "示例食品有限公司", units.areas()[0] if units.areas() else "", "制造业", "食品药品",
                   "未分级", "否", "否", "2019-05-06")  # fmt: skip
        return "企业名录模板.xlsx", write_xlsx(ENTERPRISE_COLUMNS, [example], "企业名录")
    kinds = [row["name"] for row in world.registers["information"].rows]
    example = ("XY2023-0001", "91131000MA07DEM009", kinds[4], "罚款", "2023-01-05", "2023-01-10", "市市场监督管理局",
               models.VALID, "否", "")  # fmt: skip
    return "信用记录模板.xlsx", write_xlsx(RECORD_COLUMNS, [example], "信用记录")


def load(kind: str, data: bytes, name: str) -> Loaded:
    """Take a file. `kind`: enterprises or records. Faults by cell; TableError when it is no table at all."""
    table = read_table(data, name)
    columns, needs = (ENTERPRISE_COLUMNS, ENTERPRISE_NEEDS) if kind == "enterprises" else (RECORD_COLUMNS, RECORD_NEEDS)
    _columns(table, columns, needs)
    reader: Callable[[World, Table, Loaded], list[Any]] = _enterprises if kind == "enterprises" else _records
    loaded = Loaded(kind, rows=len(table.rows))
    with transaction.atomic():
        made = reader(worlds.world(PACK), table, loaded)
        if loaded.faults:
            return loaded
        (_keep_enterprises if kind == "enterprises" else _keep_records)(made, loaded)
    return loaded


def _columns(table: Table, columns: Sequence[str], needs: Sequence[str]) -> None:
    missing = [c for c in needs if c not in table.header]
    foreign = [c for c in table.header if c and c not in columns]
    if missing:
        raise TableError(f"缺少列：{'、'.join(missing)}；可用模板")
    if foreign:
        raise TableError(f"不认识的列：{'、'.join(foreign)}；只收 {'、'.join(columns)}")
    if not table.rows:
        raise TableError("表头之下没有数据")


def _read(
    loaded: Loaded, cells: Mapping[str, Cell], specs: Mapping[str, Fact], needs: Sequence[str]
) -> dict[str, Any] | None:
    """One row through the gate of facts, by column name; None when a cell is wrong."""
    before = len(loaded.faults)
    found: dict[str, Any] = {}
    for column, fact in specs.items():
        cell = cells.get(column)
        if cell is None or not cell.text:
            if column in needs:
                loaded.blame(cell, column, "不能为空")
            continue
        try:
            found[column] = read_facts({fact.id: fact}, {fact.id: cell.text}).get(fact.id)
        except FactErrors as errors:
            loaded.blame(cell, column, f"应为{errors.items[0].allowed}")
    return found if len(loaded.faults) == before else None


def _enterprises(world: World, table: Table, loaded: Loaded) -> list[Enterprise]:
    specs, made = _facts(world), []
    seen: dict[str, str] = {}
    for cells in table.records():
        row = _read(loaded, cells, specs, ENTERPRISE_NEEDS)
        if row is None:
            continue
        code = row["统一社会信用代码"]
        if code in seen:
            loaded.blame(cells["统一社会信用代码"], "统一社会信用代码", f"与 {seen[code]} 重复")
            continue
        seen[code] = cells["统一社会信用代码"].address
        made.append(Enterprise(
            credit_code=code, name=row["企业名称"][:120], county=row["注册地"], sector=row.get("行业", "")[:40],
            field=row.get("重点领域", "其他"), sector_risk=row.get("行业信用风险", "未分级"),
            city_owned=row.get("市属国有企业", False), licence_revoked=row.get("已吊销营业执照"),
            registered_on=row.get("登记日期"), added_at=clock.now(),
        ))  # fmt: skip
    return made


_UPDATED = ("name", "county", "sector", "field", "sector_risk", "city_owned", "licence_revoked", "registered_on")


def _keep_enterprises(made: list[Enterprise], loaded: Loaded) -> None:
    known = _held(Enterprise, "credit_code", [e.credit_code for e in made])
    new, changed = [], []
    for each in made:
        held = known.get(each.credit_code)
        if held is None:
            new.append(each)
        elif any(getattr(held, n) != getattr(each, n) for n in _UPDATED):
            for name in _UPDATED:
                setattr(held, name, getattr(each, name))
            changed.append(held)
    Enterprise.objects.bulk_create(new, batch_size=500)
    Enterprise.objects.bulk_update(changed, _UPDATED, batch_size=200)
    loaded.added, loaded.changed = len(new), len(changed)


def _held(model: Any, key: str, values: Sequence[str]) -> dict[str, Any]:
    """The rows that are already here, by their key."""
    found: dict[str, Any] = {}
    for at in range(0, len(values), 500):
        found.update({getattr(r, key): r for r in model.objects.filter(**{f"{key}__in": values[at : at + 500]})})
    return found


def _records(world: World, table: Table, loaded: Loaded) -> list[CreditRecord]:
    kinds = {row["name"]: row for row in world.registers["information"].rows}
    specs = {
        "记录编号": Fact("number", "记录编号", "text"),
        "统一社会信用代码": world.facts["credit_code"],
        "信息名称": Fact("kind", "信息名称", "choice", values=tuple(kinds)),
        "处罚种类": world.facts["penalty_kind"],
        "认定日期": Fact("dated", "认定日期", "date"),
        "归集日期": Fact("collected_on", "归集日期", "date"),
        "提供单位": Fact("source", "提供单位", "text"),
        "状态": Fact("status", "状态", "choice", values=(models.VALID, models.REPAIRED, models.REMOVED)),
        "造成严重后果": world.facts["serious_consequence"],
        "内容": Fact("details", "内容", "text"),
    }
    owners = _held(
        Enterprise, "credit_code", [c["统一社会信用代码"].text for c in table.records() if c.get("统一社会信用代码")]
    )
    made: list[CreditRecord] = []
    seen: dict[str, str] = {}
    for cells in table.records():
        row = _read(loaded, cells, specs, RECORD_NEEDS)
        if row is None:
            continue
        number, code = row["记录编号"], row["统一社会信用代码"]
        if number in seen:
            loaded.blame(cells["记录编号"], "记录编号", f"与 {seen[number]} 重复")
        elif len(number) > 40:
            loaded.blame(cells["记录编号"], "记录编号", "不超过 40 字")
        elif code not in owners:
            loaded.blame(cells["统一社会信用代码"], "统一社会信用代码", "名录中没有这个企业，请先导入企业")
        elif record := _record(world, kinds, row, cells, loaded):
            record.enterprise = owners[code]
            made.append(record)
        seen.setdefault(number, cells["记录编号"].address)
    return made


def _record(
    world: World, kinds: Mapping[str, Any], row: Mapping[str, Any], cells: Mapping[str, Cell], loaded: Loaded
) -> CreditRecord | None:
    klass = CLASSES[kinds[row["信息名称"]]["class"]]
    penalty, listed = row.get("处罚种类", ""), row["信息名称"] == LISTING
    is_penalty = "处罚" in row["信息名称"] and not listed
    today = clock.today()
    if is_penalty and not penalty:
        loaded.blame(cells.get("处罚种类"), "处罚种类", "行政处罚须写明种类")
        return None
    if penalty and not is_penalty:
        loaded.blame(cells["处罚种类"], "处罚种类", f"“{row['信息名称']}”没有处罚种类，应为空")
        return None
    if penalty:
        found = str(decide(world, "penalty_class", {"penalty_kind": penalty}).output)
        wanted = {models.GENERAL: models.GENERAL, models.SERIOUS: models.SERIOUS, models.LICENCE: models.SERIOUS}[found]
        if wanted != klass:
            loaded.blame(cells["处罚种类"], "处罚种类", f"“{penalty}”归{found}，与信息名称所属的{klass}不符")
            return None
        klass = found
    status = row.get("状态", models.VALID)
    if status == models.REMOVED and not listed:
        loaded.blame(cells["状态"], "状态", f"只有{LISTING}可为“{models.REMOVED}”")
        return None
    for column in ("认定日期", "归集日期"):
        if column in row and row[column] > today:
            loaded.blame(cells[column], column, f"晚于今天（{today}）")
            return None
    collected = row.get("归集日期", today)
    if collected < row["认定日期"]:
        loaded.blame(cells.get("归集日期"), "归集日期", f"早于认定日期 {row['认定日期']}")
        return None
    return CreditRecord(
        number=row["记录编号"], kind=row["信息名称"], klass=klass, listed=listed, penalty_kind=penalty,
        dated=row["认定日期"], collected_on=collected, source=row["提供单位"][:80], status=status,
        status_on=None if status == models.VALID else today,
        serious_consequence=row.get("造成严重后果"), details=row.get("内容", ""),
    )  # fmt: skip


_RECORD_FIELDS = (
    "kind",
    "klass",
    "listed",
    "penalty_kind",
    "dated",
    "collected_on",
    "source",
    "serious_consequence",
    "details",
)


def _keep_records(made: list[CreditRecord], loaded: Loaded) -> None:
    """New ones are added; a known number is brought up to date, its status only where the file moves it on.

    A record that is 异议中 or 已撤销 here keeps that: it was decided in a case.
    """
    known = _held(CreditRecord, "number", [r.number for r in made])
    new, changed = [], []
    for each in made:
        held = known.get(each.number)
        if held is None:
            new.append(each)
            continue
        if held.enterprise_id != each.enterprise_id:
            loaded.blame(None, "", f"记录 {each.number} 已属于另一企业，不能改动")
            continue
        names = [n for n in _RECORD_FIELDS if getattr(held, n) != getattr(each, n)]
        if held.status == models.VALID and each.status != models.VALID:
            names += ["status", "status_on"]
        for name in names:
            setattr(held, name, getattr(each, name))
        if names:
            changed.append(held)
    if loaded.faults:
        return
    CreditRecord.objects.bulk_create(new, batch_size=500)
    CreditRecord.objects.bulk_update(changed, (*_RECORD_FIELDS, "status", "status_on"), batch_size=200)
    loaded.added, loaded.changed = len(new), len(changed)
