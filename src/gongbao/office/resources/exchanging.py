"""A register as a table: out as XLSX, and in from XLSX or CSV, checked cell by cell and taken all or not at all.

A column that a table does not have stays as it is. Personal columns go out only to those who read them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gongbao.exchange.tables import Cell, TableError, read_table, write_xlsx
from gongbao.office.cases import codec
from gongbao.office.people.models import Account
from gongbao.office.resources import book, cells
from gongbao.office.resources.kept import Kept
from gongbao.office.resources.models import SEPARATOR, Row

MOST = 20_000
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Fault:
    """One cell that cannot be taken."""

    cell: str
    column: str
    value: str
    message: str


@dataclass(slots=True)
class Brought:
    """What a file holds; nothing is written while there are faults."""

    rows: int = 0
    added: int = 0
    changed: int = 0
    faults: list[Fault] = field(default_factory=list)

    def blame(self, cell: Cell | None, column: str, message: str) -> None:
        self.faults.append(Fault(cell.address if cell else "", column, cell.text if cell else "", message))


def sheet(
    one: Kept, account: Account, rows: list[tuple[Row, dict[str, Any]]], *, personal: bool = True
) -> tuple[bytes, list[str]]:
    """The rows as XLSX, and the personal columns that went out with them."""
    columns = [c for c in one.columns if c.personal is None or (personal and cells.reads(account, c))]
    told = [c.label for c in columns if c.personal]
    lines = []
    for row, values in rows:
        whole = {**values, **(codec.decode(row.personal) if told else {}), **cells.computed(one, values)}
        lines.append([_plain(whole.get(c.id)) for c in columns])
    return write_xlsx([c.label for c in columns], lines, one.label), told


def template(one: Kept) -> bytes:
    return write_xlsx([c.label for c in one.typed], [], one.label)


def _plain(value: Any) -> Any:
    return value if isinstance(value, int) and not isinstance(value, bool) else cells.written(value)


def take(one: Kept, account: Account, data: bytes, name: str, why: str) -> Brought:
    """Bring in a table. TableError where it is no table of this register; book.Refused where it cannot be written."""
    table = read_table(data, name)
    _header(one, table.header)
    if not table.rows:
        raise TableError("表头之下没有数据")
    if len(table.rows) > MOST:
        raise TableError(f"表格有 {len(table.rows)} 行，一次最多 {MOST} 行")
    brought = Brought(rows=len(table.rows))
    known = {row.key: row for row in Row.objects.filter(pack=one.pack, register=one.id)}
    labels = {c.label: c.id for c in one.typed}
    met: dict[str, str] = {}
    made: list[tuple[book.Given, Row | None]] = []
    for record in table.records():
        here = {labels[label]: cell for label, cell in record.items() if label in labels}
        first = next(iter(record.values()), None)
        before = known.get(_key(one, here))
        given = book.read(one, {name: _unquoted(cell.text) for name, cell in here.items()}, before)
        for column, message in given.errors.items():
            label = next(c.label for c in one.typed if c.id == column)
            brought.blame(here.get(column) or first, label, message)
        if given.errors:
            continue
        key = book.key_of(one, given.values)
        if key in met:
            brought.blame(here.get(one.register.key[0]) or first, "", f"与 {met[key]} 是同一行")
            continue
        met[key] = (here.get(one.register.key[0]) or first or Cell("", "")).address
        place = one.cell(given.values, "place")
        if not one.may_edit(account, place):
            column_of = one.role("place")
            answers = "、".join(u.name for u in one.keepers_of(place))
            brought.blame(
                here.get(column_of.id) if column_of else first, column_of.label if column_of else "",
                f"由 {answers or '其他单位'} 登记",
            )  # fmt: skip
            continue
        made.append((given, before if before is not None else known.get(key)))
    if not brought.faults:
        brought.added, brought.changed = book.bring(one, account, made, why=why)
    return brought


def _header(one: Kept, header: tuple[str, ...]) -> None:
    needs = [c.label for c in one.typed if c.required or c.id in one.register.key]
    missing = [label for label in needs if label not in header]
    known = {c.label for c in one.columns}
    foreign = [label for label in header if label and label not in known]
    if missing:
        raise TableError(f"缺少列：{'、'.join(missing)}；可用模板")
    if foreign:
        raise TableError(f"不认识的列：{'、'.join(foreign)}；只收 {'、'.join(c.label for c in one.typed)}")


def _key(one: Kept, here: Mapping[str, Cell]) -> str:
    """The key as it is typed; where a cell is wrong or written otherwise, the row counts as new and is checked as one."""
    parts = []
    for name in one.register.key:
        column = next(c for c in one.columns if c.id == name)
        try:
            parts.append(cells.written(cells.read(one, column, here[name].text if name in here else "")))
        except ValueError:
            return ""
    return SEPARATOR.join(parts)[:400]


def _unquoted(text: str) -> str:
    """Text that was marked as text on its way out (`'-3`)."""
    return text[1:] if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@") else text


def file_name(one: Kept, day: dt.date) -> str:
    return f"{one.label}_{day}.xlsx"
