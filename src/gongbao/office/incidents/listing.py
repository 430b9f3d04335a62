"""The incidents of the duty desk as lists: read from the projections alone, the gravest and most urgent first."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from gongbao.engine.world import World
from gongbao.office.cases.models import CLOSED, OPEN, Case, CaseLink
from gongbao.office.incidents import plans
from gongbao.office.incidents.intake import SAME
from gongbao.office.tasks import LOG

MOST = 400  # open incidents looked at for their order
OVER = 12
FEW, SHOWN = 60, 8  # on the 值班台: looked at for their order, and shown


@dataclass(frozen=True, slots=True)
class Row:
    """One incident as a list shows it. `gravity`: where its level stands in its own order, 0 to 100. `open_level`: what
    stands where no level is decided: that it is still to be, or that its plan has none.
    """

    case: Case
    address: str
    plan: str
    level: str
    response: str
    gravity: int
    late: bool
    city: str = ""
    area: str = ""  # the county of its place; empty where it is of none, or of the whole city
    linked: tuple[str, ...] = ()
    open_level: str = "—"


@dataclass(frozen=True, slots=True)
class Home:
    open: tuple[Row, ...]
    over: tuple[Row, ...]
    late: int
    soon: int
    unsigned: int
    tasks: int
    more: bool
    everywhere: tuple[Row, ...] = ()  # the open ones of all areas, where `open` holds those of one


def cases(rows: QuerySet[Case]) -> QuerySet[Case]:
    """Of these cases those of the desk's packs."""
    return rows.exclude(procedure=LOG).filter(pack__in=plans.pack_ids())


def home(rows: QuerySet[Case], now: dt.datetime, place: str = "") -> Home:
    """place: an area of the city, or the city for what is of no single area; empty: everything."""
    mine = cases(rows)
    held = list(mine.filter(status=OPEN).order_by("next_due", "-opened_at")[: MOST + 1])
    worlds = {world.pack: world for world in plans.packs()}
    linked = _linked(held)
    listed = sorted(
        (_row(case, worlds[case.pack], now, linked.get(case.pk, ())) for case in held[:MOST]),
        key=_order,
    )
    here = [r for r in listed if place in ("", r.area or r.city)]
    over = [] if place else mine.filter(status=CLOSED).order_by("-closed_at")[:OVER]
    soon = now + dt.timedelta(hours=1)
    return Home(
        tuple(here), tuple(_row(case, worlds[case.pack], now) for case in over), sum(r.late for r in here),
        sum(bool(r.case.next_due and now <= r.case.next_due < soon) for r in here),
        sum(r.case.unsigned_tasks for r in here), sum(r.case.open_tasks for r in here), len(held) > MOST, tuple(listed),
    )  # fmt: skip


def foremost(rows: QuerySet[Case], now: dt.datetime) -> tuple[tuple[Row, ...], int]:
    """Of the open incidents without a warning colour (those stand elsewhere) the gravest and most urgent, and how many
    there are.
    """
    held = cases(rows).filter(status=OPEN, alarm=0)
    worlds = {world.pack: world for world in plans.packs()}
    listed = [_row(case, worlds[case.pack], now) for case in held.order_by("next_due", "-opened_at")[:FEW]]
    return tuple(sorted(listed, key=_order)[:SHOWN]), held.count()


def _order(row: Row) -> tuple[object, ...]:
    due = row.case.next_due
    return -row.gravity, due is None, due or row.case.changed_at, -row.case.pk


def _row(case: Case, world: World, now: dt.datetime, linked: tuple[str, ...] = ()) -> Row:
    rule = world.procedures.get(case.procedure)
    city, area = world.units.city, world.units.area_of(case.place) or ""
    if rule is None:  # a procedure of an earlier version
        return Row(case, plans.page_of(case, world), case.word, "", "", 0, _late(case, now), city, area, linked)
    level, response = plans.level_and_response(world, rule)
    values = plans.ordered_values(world, rule, level) if level else ()
    shown = _decided(case, level)
    at = values.index(shown) if shown in values else 0
    return Row(
        case, plans.page_of(case, world), rule.label, shown, _decided(case, response),
        100 * at // max(len(values) - 1, 1), _late(case, now), city, area, linked, "未定级" if level else "—",
    )  # fmt: skip


def _late(case: Case, now: dt.datetime) -> bool:
    return bool(case.is_open and case.next_due and case.next_due < now)


def _decided(case: Case, name: str | None) -> str:
    value = case.decided.get(name or "")
    return "、".join(str(v) for v in value.values()) if isinstance(value, dict) else ""


def _linked(held: list[Case]) -> dict[int, tuple[str, ...]]:
    """The numbers of the cases that are one event with each."""
    ids = [case.pk for case in held]
    found: dict[int, tuple[str, ...]] = {}
    rows = CaseLink.objects.filter(kind=SAME, target__isnull=False).filter(Q(source__in=ids) | Q(target__in=ids))
    for link in rows.select_related("source", "target"):
        found[link.source_id] = (*found.get(link.source_id, ()), link.target.number)
        found[link.target_id] = (*found.get(link.target_id, ()), link.source.number)
    return found


def same_event(case: Case, rows: QuerySet[Case]) -> list[Case]:
    """The other cases of the same event, however they were tied to each other; only those among `rows`."""
    seen, queue = {case.pk}, [case.pk]
    while queue:
        pks = CaseLink.objects.filter(kind=SAME).filter(Q(source__in=queue) | Q(target__in=queue))
        queue = [pk for pair in pks.values_list("source_id", "target_id") for pk in pair if pk and pk not in seen]
        seen.update(queue)
    return list(rows.filter(pk__in=seen - {case.pk}).order_by("opened_at"))
