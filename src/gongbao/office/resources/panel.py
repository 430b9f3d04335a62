"""What other pages show of resources: those that a matter holds, on its page; stocks below their floor, on the 值班台."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.http import urlencode

from gongbao.engine.world import World
from gongbao.exchange.report import Grid, Section
from gongbao.office.cases.models import CLOSED
from gongbao.office.cases.service import Look
from gongbao.office.pages.words import when
from gongbao.office.people import access
from gongbao.office.people.models import Account
from gongbao.office.people.units import areas
from gongbao.office.resources import book, cells, floors, holdings, lending
from gongbao.office.resources.kept import ENTERS, KINDS, LENDS, NoSuchRegister, area_of, kept
from gongbao.office.resources.models import Holding, Row

ROOMS_OF_PLANS = ("应急", "预警与响应")  # work.room of the documents whose matters call on resources
MOST = 12


def applies(look: Look) -> bool:
    """Matters of an emergency document, and any that holds something."""
    if calls_on_resources(look.world):
        return settings.GONGBAO_SITE != "110"
    return Holding.objects.filter(case=look.case).exists()


def calls_on_resources(world: World) -> bool:
    work = world.document.get("work")
    return isinstance(work, dict) and work.get("room") in ROOMS_OF_PLANS


def context(look: Look, request: HttpRequest) -> dict[str, Any] | None:
    account = request.user
    if not account.has_role(*ENTERS):
        return None
    case = look.case
    out = [line(held, account) for held in _of(case).filter(closed_at=None)]
    back = [line(held, account) for held in _of(case).exclude(closed_at=None)]
    may = case.is_open and account.has_role(*LENDS) and access.may_see(account, case)
    place = next((area for area in areas() if case.place and area in case.place), "")
    return {
        "out": out, "back": back, "may": may,
        "search": urlencode({"case": case.number, **({"place": place} if place else {})}),
        "kinds": KINDS,
    }  # fmt: skip


def _of(case: Any) -> Any:
    return Holding.objects.filter(case=case).select_related("row", "case").order_by("lent_at", "id")


def line(held: Holding, account: Account) -> dict[str, Any]:
    """One holding as lists show it."""
    row = held.row
    try:
        one = kept(row.pack, row.register)
    except NoSuchRegister:  # its pack is not loaded now
        return {"held": held, "row": row, "word": "", "out": "", "may": False, "counted": False}
    values = book.decoded(row)
    measure = cells.written(one.cell(values, "measure")) if one.by_quantity else ""
    amounts = {
        name: f"{cells.written(book.plain(value))}{measure}" if one.by_quantity else ""
        for name, value in (
            ("lent", held.quantity),
            ("left", held.outstanding),
            ("back", held.returned),
            ("gone", held.used),
        )
    }
    return {
        "held": held, "row": row, "word": one.kind_word, "counted": one.by_quantity, "measure": measure, **amounts,
        "owner": cells.written(one.cell(values, "owner")),
        "may": held.closed_at is None and lending.may_return(account, one, row, held.case),
    }  # fmt: skip


def reviewed(look: Look) -> list[Section]:
    """What a matter used, for its after-action report; nothing where it held nothing."""
    rows = []
    for held in _of(look.case):
        row = held.row
        try:
            one = kept(row.pack, row.register)
        except NoSuchRegister:  # its pack is not loaded now
            rows.append((row.name, "", when(held.lent_at), when(held.closed_at), "", ""))
            continue
        values = book.decoded(row)
        measure = cells.written(one.cell(values, "measure")) if one.by_quantity else ""
        lent, back, gone = (
            f"{cells.written(book.plain(value))}{measure}" if one.by_quantity else ""
            for value in (held.quantity, held.returned, held.used)
        )
        told = [f"归还{back}"] if held.returned and back else []
        told += [f"消耗{gone}"] if held.used and gone else []
        told += ["未还清" if told else "未归还"] if held.closed_at is None else []
        rows.append((
            f"{one.kind_word} {row.name}".strip(), cells.written(one.cell(values, "owner")), when(held.lent_at),
            when(held.closed_at), lent, "，".join(told) or "已归还",
        ))  # fmt: skip
    grid = Grid(("资源", "归属", "调用", "归还", "数量", "结果"), tuple(rows), (26, 20, 17, 17, 12, 16))
    return [Section("使用的资源", (), grid)] if rows else []


def on_the_board(request: HttpRequest) -> dict[str, Any] | None:
    """Stocks below their floor, and what matters that are closed have not given back; a county sees its own."""
    area = area_of(request.user)
    rows = Row.objects.filter(below=True, valid_until=None)
    late = Holding.objects.filter(closed_at=None, case__status=CLOSED).select_related("row", "case")
    if area is not None:
        rows, late = rows.filter(place=area), late.filter(row__place=area)
    low = []
    for row in holdings.with_out(rows).order_by("name")[:MOST]:
        try:
            one = kept(row.pack, row.register)
        except NoSuchRegister:
            continue
        level = floors.level(one, row, row.out)
        if level is not None:
            measure = one.cell(book.decoded(row), "measure") or ("天" if row.quantity is None else "")
            there, floor = (cells.written(book.plain(part)) for part in level)
            low.append({"row": row, "label": one.label, "there": f"{there}{measure}", "floor": f"{floor}{measure}"})
    late_rows = [line(held, request.user) for held in late.order_by("lent_at")[:MOST]]
    return {"low": low, "late": late_rows} if low or late_rows else None
