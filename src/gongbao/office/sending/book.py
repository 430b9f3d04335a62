"""The address book: contacts of units, groups of them, and the same as an XLSX table in and out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q, QuerySet

from gongbao.engine.units import UnitNotFound
from gongbao.exchange.tables import Table, TableError, read_table, write_xlsx
from gongbao.office import clock
from gongbao.office.people.units import city_units, official
from gongbao.office.sending.models import EMAIL, SMS, Contact, Group

HEADER = ("单位", "姓名", "岗位", "邮箱", "手机", "备注")
FIELDS = ("unit", "name", "post", "email", "mobile", "note")
LENGTHS = {name: Contact._meta.get_field(name).max_length for name in FIELDS}
MOBILE = re.compile(r"1[3-9]\d{9}")
MOST = 100_000  # contacts in one file


@dataclass(frozen=True, slots=True)
class Address:
    """One place a message goes to."""

    channel: str
    address: str
    unit: str = ""
    name: str = ""


class BadTable(ValueError):
    """A table of contacts that is not taken; each fault names its cell."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("；".join(self.faults[:5]))


def is_email(text: str) -> bool:
    if not text.isascii():
        return False
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def faults_of(values: dict[str, str]) -> dict[str, str]:
    """What is wrong with a contact, by field."""
    found: dict[str, str] = {}
    if not values.get("unit"):
        found["unit"] = "没有填写"
    elif not known_unit(values["unit"]):
        found["unit"] = f"没有“{values['unit']}”这个单位"
    if not values.get("email") and not values.get("mobile"):
        found["email"] = "邮箱和手机至少填一个"
    if values.get("email") and not is_email(values["email"]):
        found["email"] = f"“{values['email']}”不是邮箱地址"
    if values.get("mobile") and not MOBILE.fullmatch(values["mobile"]):
        found["mobile"] = f"“{values['mobile']}”不是手机号码；须为 11 位数字，以 1 开头"
    for name, most in LENGTHS.items():
        if len(values.get(name, "")) > (most or 0):
            found[name] = f"最多 {most} 字，现有 {len(values[name])} 字"
    return found


def known_unit(name: str) -> bool:
    return any(units.knows(name) for units in city_units())


def from_table(data: bytes, name: str) -> int:
    """Take a table of contacts in place of what the book holds of the units it names. All of it, or nothing."""
    try:
        table = read_table(data, name)
    except TableError as error:
        raise BadTable([str(error)]) from error
    rows = _rows(table)
    with transaction.atomic():
        Contact.objects.filter(unit__in={row.unit for row in rows}).delete()
        Contact.objects.bulk_create(rows, batch_size=500)
    return len(rows)


def _rows(table: Table) -> list[Contact]:
    missing = [head for head in HEADER[:5] if head not in table.header]
    if missing:
        raise BadTable([f"表头缺 {'、'.join(missing)}；须有 {'、'.join(HEADER)}"])
    if len(table.rows) > MOST:
        raise BadTable([f"有 {len(table.rows)} 行，最多 {MOST} 行"])
    faults: list[str] = []
    made: list[Contact] = []
    seen: dict[tuple[str, str, str], str] = {}
    names: dict[str, str] = {}
    for record in table.records():
        cells = {field: record.get(head) for field, head in zip(FIELDS, HEADER, strict=True)}
        values = {field: cell.text if cell is not None else "" for field, cell in cells.items()}
        wrong = faults_of(values)
        first = next(cell.address for cell in record.values() if cell is not None)
        faults += [
            f"{c.address if (c := cells[f]) is not None else first}（{HEADER[FIELDS.index(f)]}）：{t}"
            for f, t in wrong.items()
        ]
        values["unit"] = names.setdefault(values["unit"], official(values["unit"]))
        same = (values["unit"], values["email"].casefold(), values["mobile"])
        if same in seen:
            faults.append(f"{first}：与 {seen[same]} 重复")
        seen.setdefault(same, first)
        made.append(Contact(**values))
    if faults:
        more = [f"另有 {len(faults) - 50} 处"] if len(faults) > 50 else []
        raise BadTable([*faults[:50], *more])
    if not made:
        raise BadTable(["表里没有联系人"])
    return made


def as_table(rows: Iterable[Contact]) -> bytes:
    return write_xlsx(HEADER, ([getattr(row, f) for f in FIELDS] for row in rows), "通讯录")


# --------------------------------------------------------------------------------------------------------------- groups


def unit_groups() -> list[tuple[str, str]]:
    """(key, label) of the groups of the cities' units."""
    return [(key, group.label) for units in city_units() for key, group in units.groups.items()]


def members(group: Group) -> QuerySet[Contact]:
    """The contacts of a group as the city's units are on the office's day."""
    names: set[str] = set()
    today = clock.today()
    for units in city_units():
        for key in group.unit_groups:
            if key in units.groups:
                # Names of old documents mean whoever carries on their work today.
                for member in units.groups[key].members:
                    names |= {u.name for u in units.successors(member, today)}
        names |= {u.name for u in units.units.values() if u.area in group.areas}
        for name in group.units:
            try:
                names.add(units.find(name).name)
            except UnitNotFound:
                continue
    rows = Contact.objects.all()
    narrowed = bool(group.unit_groups or group.areas or group.units)
    if narrowed:
        rows = rows.filter(unit__in=names)
    if group.posts:
        rows = rows.filter(post__in=group.posts)
    return rows if narrowed or group.posts else rows.none()


def addresses(contacts: Iterable[Contact], channels: Iterable[str]) -> list[Address]:
    """Where these contacts are reached by these channels; each address once."""
    wanted, found = set(channels), {}
    for contact in contacts:
        for channel, address in ((EMAIL, contact.email), (SMS, contact.mobile)):
            if channel in wanted and address:
                found.setdefault(
                    (channel, address.casefold()), Address(channel, address, contact.unit, contact.name or contact.post)
                )
    return list(found.values())


def typed(text: str) -> tuple[list[Address], list[str]]:
    """Addresses written one a line (邮箱 or 手机), and the lines that are neither."""
    found, wrong = [], []
    for line in filter(None, (part.strip() for part in re.split(r"[\s,;，；、]+", text))):
        if is_email(line):
            found.append(Address(EMAIL, line))
        elif MOBILE.fullmatch(line):
            found.append(Address(SMS, line))
        else:
            wrong.append(line)
    return found, wrong


def find(q: str) -> QuerySet[Contact]:
    rows = Contact.objects.all()
    return rows.filter(Q(unit__icontains=q) | Q(name__icontains=q) | Q(post__icontains=q)) if q else rows
