"""Keeping the board's rows up to the logs: matters and parts from their events, tasks of plans from their rows.

`catch_up` reads what was written since it last did, whoever wrote it; pages call it for a little, the worker for all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from gongbao.engine.model import TASK_EVENTS
from gongbao.engine.units import UnitNotFound, Units
from gongbao.office.cases import following, log
from gongbao.office.cases.models import Case, CaseTask, Event
from gongbao.office.clock import SHANGHAI
from gongbao.office.people.units import city_units
from gongbao.office.supervision import lights, rule
from gongbao.office.supervision.models import Book, Cursor, Involved, Item
from gongbao.office.tasks import LOG, SITES
from gongbao.office.tasks.lists import DONE

SAID = ("signed", "refused", "progress", "asked_more_time", "reported")  # the words of a unit on its part
TASK_STATES = {
    "issued": "待签收", "received": "办理中", "feedback": "办理中", "verified": "办理中", "returned": "退回重办", "done": "已办结",
    "cancelled": "已取消",
}  # fmt: skip
PART_STATES = {
    "receive": "待签收",
    "reassign": "退回待审",
    "work": "办理中",
    "extension": "延期待审",
    "verify": "待核查",
}
AT_OFFICE = frozenset({"reassign", "extension", "verify"})


def catch_up(limit: int = 400) -> int:
    """File what has changed; how many rows were written. `limit`: events read."""
    if settings.GONGBAO_SITE not in SITES:
        return 0
    done = _cases(limit) + _books()
    relight(lights.now())
    return done


def catch_up_wholly() -> int:
    """For the worker: until nothing is left."""
    return following.wholly(Cursor, catch_up)


# ------------------------------------------------------------------------------------------------- matters and parts


def _cases(limit: int) -> int:
    pack = rule.pack_id()
    if pack is None:
        return 0
    with following.written_since(Cursor, limit) as written:
        cases = Case.objects.filter(pk__in=written, pack=pack, procedure__in=(rule.MATTER, rule.PART))
        known = dict(Item.objects.filter(case__in=cases).values_list("case_id", "seq"))
        found = [_of_case(case, log.events_of(case)) for case in cases if known.get(case.pk) != case.seq]
        return _write([each for each in found if each is not None])


def _of_case(case: Case, events: Iterable[Any]) -> tuple[Item, tuple[str, ...]] | None:
    """The row of a matter or part, and who takes part in it."""
    voided = {e.data.get("seq") for e in events if e.type == "voided"}
    events = [e for e in events if e.seq not in voided]
    if not events:
        return None
    facts: dict[str, Any] = {}
    for event in events:
        facts.update({name: value for name, value in event.facts.items() if value is not None})
    step = case.steps[0]["id"] if case.steps else ""
    last = events[-1]
    source, paper = str(facts.get("source") or "其他"), str(facts.get("source_paper") or "")
    plan = paper if source == "规划任务" and paper else source
    item = Item(
        case=case, seq=case.seq, kind=Item.PART if case.procedure == rule.PART else Item.MATTER, plan=plan[:120], plan_label=plan[:200],
        leader=str(facts.get("leader") or "")[:80], open=case.is_open, sealed=case.sealed, closed_at=case.closed_at,
    )  # fmt: skip
    if case.procedure == rule.PART:
        lead, beside = str(facts.get("part_lead") or ""), tuple(facts.get("part_with") or ())
        words = [e for e in events if e.type in SAID]
        given = [e.occurred_at for e in events if e.type in ("opened", "handed", "returned")][-1]
        kinds = [e.type for e in events if e.type in ("reported", "returned")]
        item.title = (
            f"{facts.get('part_title') or '承办件'}（{facts.get('title')}）"[:300] if facts.get("title") else case.title
        )
        item.unit, item.due = lead, _end_of(facts.get("current_due") or facts.get("part_due"))
        item.at_office = step in AT_OFFICE
        item.returned = case.is_open and bool(kinds) and kinds[-1] == "returned" and step == "work"
        item.last_word = max([e.occurred_at for e in words] + [given])
        item.state = (
            ("已撤销" if last.type == "part_dropped" else "已销号") if not case.is_open
            else "退回重办" if item.returned else PART_STATES.get(step, step)
        )  # fmt: skip
        item.told = next((str(e.facts.get("progress") or e.facts.get("result") or "") for e in reversed(words)), "")[
            :500
        ]
    else:
        parts = sum(e.type == "part_assigned" for e in events)
        done = sum(e.type in ("part_cleared", "part_withdrawn") for e in events)
        lead, beside = events[0].unit, ()
        item.title, item.unit, item.due = case.title[:300], lead, _end_of(facts.get("whole_due"))
        item.at_office = parts == done
        item.last_word = last.occurred_at
        item.state = (
            ("已撤销" if last.type == "dropped" else "已归档") if not case.is_open
            else "待分解" if not parts else "待归档" if parts == done else f"{done}/{parts} 件已办结"
        )  # fmt: skip
        item.told = ""
    item.unit = item.unit[:80]
    item.area = area_of(item.unit)
    item.leader = item.leader or leader_of(item.unit)
    return item, (lead, *beside)


def _end_of(day: Any) -> dt.datetime | None:
    """The last moment of a day."""
    return dt.datetime.combine(day, dt.time(23, 59, 59), SHANGHAI) if isinstance(day, dt.date) else None


# ------------------------------------------------------------------------------------------------- tasks of plans


def _books() -> int:
    """The tasks of every log that has changed since its rows were last written."""
    known = {book.case_id: (book.seq, book.changed_at) for book in Book.objects.all()}
    stale = [c for c in Case.objects.filter(procedure=LOG) if known.get(c.pk) != (c.seq, c.changed_at)]
    return sum(_book(case) for case in stale)


def _book(case: Case) -> int:
    with transaction.atomic():
        case = log.locked(case)
        said: dict[str, dt.datetime] = {}
        for key, at in (
            Event.objects.filter(case=case, type__in=TASK_EVENTS)
            .order_by("seq")
            .values_list("data__task", "occurred_at")
        ):
            said[key] = at
        tasks = list(CaseTask.objects.filter(case=case))
        known = {i.key: i for i in Item.objects.filter(case=case)}
        found = [(_of_task(case, task, said.get(task.key)), (task.unit, *task.supporting)) for task in tasks]
        changed = [(item, units) for item, units in found if not _same(known.get(item.key), item)]
        if gone := set(known) - {task.key for task in tasks}:
            Item.objects.filter(case=case, key__in=gone).delete()
        written = _write(changed)
        Book.objects.update_or_create(case=case, defaults={"seq": case.seq, "changed_at": case.changed_at})
        return written


def _of_task(case: Case, task: CaseTask, said: dt.datetime | None) -> Item:
    return Item(
        case=case, task=task, key=task.key, kind=Item.TASK, plan=case.pack, plan_label=case.title[:200],
        title=task.do[:300], cite=task.cite, unit=task.unit, area=area_of(task.unit), leader=leader_of(task.unit),
        state=TASK_STATES.get(task.status, task.status), open=task.status not in DONE, returned=task.status == "returned",
        due=task.due, last_word=said or task.arises_at, closed_at=task.done_at, told=task.last_feedback[:500],
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------- lights


def relight(lit: lights.Lights) -> None:
    """The lights of all open rows as of this moment: anew on another day or by other settings, else what fell due."""
    live = Item.objects.filter(open=True)
    if Cursor.objects.filter(pk=1, lit=lit.stamp).exists():
        late = live.filter(at_office=False, due__lt=lit.now).exclude(light=lights.RED)
        if late.exists():
            late.update(light=lights.RED)
            _changed()
        return
    with transaction.atomic():
        Cursor.objects.get_or_create(pk=1)
        Cursor.objects.select_for_update().get(pk=1)
        live.filter(lit.red).exclude(light=lights.RED).update(light=lights.RED)
        live.filter(lit.yellow).exclude(light=lights.YELLOW).update(light=lights.YELLOW)
        live.exclude(lit.red | lit.yellow).exclude(light=lights.GREEN).update(light=lights.GREEN)
        Cursor.objects.filter(pk=1).update(lit=lit.stamp)
        _changed()


def _changed() -> None:
    Cursor.objects.filter(pk=1).update(version=F("version") + 1)


# ------------------------------------------------------------------------------------------------- writing

_FIELDS = [f.attname for f in Item._meta.concrete_fields if f.attname not in ("id", "light")]
_KEEP = [f.name for f in Item._meta.concrete_fields if f.name not in ("id", "case", "key")]


def _same(held: Item | None, made: Item) -> bool:
    return held is not None and all(getattr(held, name) == getattr(made, name) for name in _FIELDS)


def _write(found: list[tuple[Item, tuple[str, ...]]]) -> int:
    if not found:
        return 0
    lit = lights.now()
    for item, _ in found:
        item.light = lit.of(item)[0]
    Item.objects.bulk_create(
        [item for item, _ in found], update_conflicts=True, unique_fields=["case", "key"], update_fields=_KEEP,
        batch_size=400,
    )  # fmt: skip
    cases = {item.case_id for item, _ in found}
    ids = {(case, key): pk for pk, case, key in Item.objects.filter(case__in=cases).values_list("pk", "case_id", "key")}
    wanted = {(ids[item.case_id, item.key], unit) for item, units in found for unit in units if unit}
    touched = {ids[item.case_id, item.key] for item, _ in found}
    held: set[tuple[int, str]] = set()
    for some in _pieces(sorted(touched)):
        held |= set(Involved.objects.filter(item__in=some).values_list("item_id", "unit"))
    for item, unit in held - wanted:
        Involved.objects.filter(item=item, unit=unit).delete()
    Involved.objects.bulk_create(
        [Involved(item_id=item, unit=unit[:80]) for item, unit in sorted(wanted - held)], batch_size=1000,
        ignore_conflicts=True,
    )  # fmt: skip
    _changed()
    return len(found)


def _pieces(numbers: list[int], size: int = 500) -> Iterable[list[int]]:
    return (numbers[i : i + size] for i in range(0, len(numbers), size))


# ------------------------------------------------------------------------------------------------- of units

_of_unit: dict[int, tuple[tuple[Units, ...], dict[str, tuple[str, str]]]] = {}


def area_of(unit: str) -> str:
    """The county that a unit is of; 市直 for one of the city; empty for one that no city's file has."""
    return _told(unit)[0]


def leader_of(unit: str) -> str:
    """The leader whose portfolio holds the unit, as units.yaml has it: 姓名（职务）; empty where it says nothing."""
    return _told(unit)[1]


def _told(name: str) -> tuple[str, str]:
    cities = city_units()
    held = _of_unit.get(0)
    if held is None or held[0] != cities:
        held = _of_unit[0] = (cities, {})
    if name not in held[1]:
        held[1][name] = next((found for units in cities if (found := _in_city(units, name)) is not None), ("", ""))
    return held[1][name]


def _in_city(units: Units, name: str) -> tuple[str, str] | None:
    try:
        unit = units.find(name)
    except UnitNotFound:
        return None
    area = unit.area or ""
    area = area if unit.level in ("县", "乡") and area in units.areas else "市直" if unit.level == "市" else area
    for organ in units.units.values():
        for post in organ.posts.values():
            if post.holder and any(each in unit.names for each in post.portfolio):
                return area, f"{post.holder}（{post.name}）"
    return area, ""
