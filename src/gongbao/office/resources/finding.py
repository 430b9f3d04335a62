"""What a duty officer asks: which resources of a kind can serve here, the nearest first, and whom to call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import F, Q, QuerySet

from gongbao.office.cases import codec
from gongbao.office.people.models import Account
from gongbao.office.people.units import areas
from gongbao.office.resources import book, cells, floors, holdings
from gongbao.office.resources.kept import KINDS, Kept, all_kept, may_lend
from gongbao.office.resources.models import Row
from gongbao.office.resources.nearness import Candidate, Placed, Point, Where, ordered

STATES = {"free": "可用", "lent": "已调用", "unusable": "不可用", "all": "全部"}
SHOWN = 60  # of those with a distance, and as many of the others


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was typed; `problems` by field."""

    kind: str = ""
    state: str = "free"
    q: str = ""
    need: Decimal | None = None
    where: Where = field(default_factory=Where)
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """One resource as the list shows it. `personal`: whether a personal value was shown in the clear."""

    row: Row
    kept: Kept
    state: str  # 可用, 已调用, 部分调用, or the state in which it does not serve
    may_serve: bool
    klass: str
    left: str  # what is left of what is counted, with its measure
    spot: str
    owner: str
    contact: str
    phone: str
    days: str
    low: bool
    personal: bool
    may_lend: bool


def asked(given: Mapping[str, str]) -> Asked:
    """The question of a form. Coordinates: 经度,纬度 in degrees."""
    problems: dict[str, str] = {}
    place = given.get("place", "").strip()
    if place and place not in areas():
        problems["place"] = f"没有“{place}”；可以是 {'、'.join(areas())}"
        place = ""
    need: Decimal | None = None
    if given.get("need", "").strip():
        try:
            need = Decimal(given["need"].strip())
            if not need.is_finite() or need <= 0:
                raise InvalidOperation
        except InvalidOperation:
            need, problems["need"] = None, f"“{given['need'][:20]}”须为大于0的数"
    point: Point | None = None
    if given.get("point", "").strip():
        try:
            point = _point(given["point"])
        except ValueError as wrong:
            problems["point"] = str(wrong)
    state = given.get("state", "free")
    return Asked(
        given.get("kind", "") if given.get("kind") in KINDS else "", state if state in STATES else "free",
        given.get("q", "").strip()[:80], need, Where(place, given.get("spot", "").strip()[:40], point), problems,
    )  # fmt: skip


def _point(text: str) -> Point:
    parts = text.replace("，", ",").replace(" ", ",").split(",")
    parts = [part for part in parts if part]
    try:
        longitude, latitude = (Decimal(part) for part in parts)
    except (ValueError, InvalidOperation):
        raise ValueError(f"“{text[:40]}”不对，写作 经度,纬度，如 116.68,39.52") from None
    if not (longitude.is_finite() and latitude.is_finite() and -180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise ValueError(f"“{text[:40]}”不对，经度在±180、纬度在±90以内")
    return longitude, latitude


@dataclass(frozen=True, slots=True)
class Answer:
    """The nearest: those with a distance, and the others; `left_out`: how many more there are than are shown."""

    measured: list[tuple[Placed[int], Found]]
    others: list[tuple[Placed[int], Found]]
    left_out: int
    has_neighbours: bool


def find(account: Account, question: Asked) -> Answer:
    """All that fits is put in order; the first `SHOWN` of each part are looked up."""
    kept = all_kept()
    registers = {(one.pack, one.id): one for one in kept if one.serves}
    rows = Row.objects.filter(valid_until=None, kind__in=[question.kind] if question.kind else list(KINDS))
    rows = _in_state(holdings.with_out(containing(rows, question.q)), question)
    candidates = []
    near = neighbours(kept)
    columns = ("pk", "pack", "register", "name", "place", "text", *(("values",) if question.where.point else ()))
    for pk, pack, register, name, place, text, *stored in rows.values_list(*columns):
        one = registers.get((pack, register))
        if one is not None:
            point = _stored_point(one, stored[0]) if stored else None
            candidates.append(Candidate(pk, name, place, text, point))
    measured, others = ordered(candidates, question.where, near, areas())
    measured, others = measured[:SHOWN], others[:SHOWN]
    left_out = len(candidates) - len(measured) - len(others)
    held = holdings.with_out(Row.objects.filter(pk__in=[p.of for p in (*measured, *others)]))
    shown = {row.pk: seen(account, registers[row.pack, row.register], row) for row in held}
    return Answer([(p, shown[p.of]) for p in measured], [(p, shown[p.of]) for p in others], left_out, bool(near))


def containing(rows: QuerySet[Row], q: str) -> QuerySet[Row]:
    """The rows in which every word of the search stands somewhere."""
    for word in q.lower().split():
        rows = rows.filter(text__contains=word)
    return rows


def _in_state(rows: QuerySet[Row], question: Asked) -> QuerySet[Row]:
    left = Q(quantity=None, out=0) | Q(quantity__gt=F("out"))
    if question.state == "free":
        rows = rows.filter(left, usable=True)
    elif question.state == "lent":
        rows = rows.filter(out__gt=0)
    elif question.state == "unusable":
        rows = rows.filter(usable=False)
    if question.need is not None:
        rows = rows.filter(Q(quantity=None) | Q(quantity__gte=F("out") + question.need))
    return rows


def _stored_point(one: Kept, stored: Mapping[str, Any]) -> Point | None:
    """Where a row is, from its cells as they are stored."""
    longitude, latitude = (codec.decode(one.cell(stored, role)) for role in ("longitude", "latitude"))
    return None if longitude is None or latitude is None else (Decimal(longitude), Decimal(latitude))


def seen(account: Account, one: Kept, row: Row) -> Found:
    """The row as this account sees it. `row.out` must be there (`holdings.with_out`)."""
    values = {**book.decoded(row), **codec.decode(row.personal)}
    out: Decimal = row.out
    measure = cells.written(one.cell(values, "measure"))
    left = ""
    if one.by_quantity and row.quantity is not None:
        left = f"{cells.written(book.plain(row.quantity - out))}{measure}"
        if out:
            left += f"（共{cells.written(book.plain(row.quantity))}{measure}）"
    state = "可用" if row.usable else cells.written(one.cell(values, "state"))
    if out and row.usable:
        state = "部分调用" if row.quantity is not None and row.quantity > out else "已调用"
    texts, personal = {}, False
    for role in ("contact", "phone"):
        column = one.role(role)
        value = None if column is None else values.get(column.id)
        texts[role] = "" if column is None or value is None else cells.shown(account, column, value)
        personal = personal or bool(column and column.personal and value and cells.reads(account, column))
    days = one.cell(values, "days")
    level = floors.level(one, row, out)
    return Found(
        row, one, state, one.lent and row.usable and state != "已调用", cells.written(one.cell(values, "class")), left, cells.written(one.cell(values, "spot")), cells.written(one.cell(values, "owner")),
        texts["contact"], texts["phone"], "" if days is None else cells.written(days),
        level is not None and level[0] < level[1], personal, may_lend(account, one, row.place or None),
    )  # fmt: skip


def neighbours(kept: Iterable[Kept]) -> dict[str, frozenset[str]]:
    """Which counties border on which, both ways round, as units have entered it."""
    found: dict[str, set[str]] = {}
    for one in kept:
        if one.kind != "neighbours":
            continue
        for row in Row.objects.filter(pack=one.pack, register=one.id, valid_until=None):
            values = book.decoded(row)
            a, b = one.cell(values, "place"), one.cell(values, "neighbour")
            if a and b:
                found.setdefault(a, set()).add(b)
                found.setdefault(b, set()).add(a)
    return {place: frozenset(near) for place, near in found.items()}


def read_personally(found: Iterable[Found]) -> list[int]:
    """The rows of which a personal value is shown in the clear."""
    return [one.row.pk for one in found if one.personal]
