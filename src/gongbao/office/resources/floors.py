"""A stock below its floor (底线): told once to those who keep it, and again only after it had recovered."""

from __future__ import annotations

from decimal import Decimal

from gongbao.office import clock
from gongbao.office.cases import codec
from gongbao.office.cases.models import Notice
from gongbao.office.pages import words
from gongbao.office.resources import holdings
from gongbao.office.resources.kept import Kept
from gongbao.office.resources.models import Row


def level(one: Kept, row: Row, out: Decimal | None = None) -> tuple[Decimal, Decimal] | None:
    """(what there is, the floor) of a row that has a floor: what is left to lend, or where none is counted its days."""
    values = codec.decode(row.values)
    floor = one.cell(values, "floor")
    if floor is None or row.valid_until is not None:
        return None
    if row.quantity is not None:
        there = Decimal(row.quantity) - (holdings.outstanding(row) if out is None else out)
    else:
        days = one.cell(values, "days")
        if days is None:
            return None
        there = Decimal(days)
    return there, Decimal(floor)


def look(one: Kept, row: Row) -> None:
    """After every change of a row: note whether it is below its floor, and tell once when it has come to be."""
    found = level(one, row)
    below = found is not None and found[0] < found[1]
    if below == row.below:
        return
    row.below = below
    Row.objects.filter(pk=row.pk).update(below=below)
    if found is None or not below:
        return
    measure = one.cell(codec.decode(row.values), "measure") or ("天" if row.quantity is None else "")
    there, floor = (words.shown(part) for part in found)
    text = f"{one.label} {row.name}（{row.place or '市级'}）现有 {there}{measure}，低于底线 {floor}{measure}"
    people = [unit.name for unit in one.keepers_of(row.place)]
    city = [unit.name for unit in one.keepers() if unit.level != "县"][:1]
    Notice.objects.bulk_create(
        Notice(who=who, text=text[:300], kind="floor", at=clock.now()) for who in dict.fromkeys([*people, *city])
    )
