"""The log of a case in and out of the database: rows to the engine's events and back, appended in one locked step.

Appending takes the case's lock, so sequence numbers neither repeat nor leave gaps. Whether an entry may stand on what
its author had seen is judged by the engine under the same lock: a decision gives the sequence it was made on and is
refused with `Conflict` when somebody has acted since; feedback gives none and always joins.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction

from gongbao.engine.model import Event
from gongbao.engine.world import World
from gongbao.office.cases import chain, codec, models, receipts
from gongbao.office.clock import SHANGHAI


def locked(case: models.Case) -> models.Case:
    """The case as it is now, held until the end of the transaction."""
    return models.Case.objects.select_for_update().get(pk=case.pk)


def events_of(case: models.Case, upto: int | None = None) -> tuple[Event, ...]:
    """The events of a case as the engine reads them, personal values put back (an erased one is unknown)."""
    rows = models.Event.objects.filter(case_id=case.pk).order_by("seq")
    if upto is not None:
        rows = rows.filter(seq__lte=upto)
    rows = list(rows)
    return tuple(read(rows, models.PersonalValue.objects.filter(case_id=case.pk)))


def read(rows: Iterable[models.Event], values: Iterable[models.PersonalValue]) -> Iterable[Event]:
    apart = {(v.seq, v.name): v for v in values}
    for row in rows:
        facts = {}
        for name, stored in row.facts.items():
            if isinstance(stored, dict) and stored.get("$") == chain.PERSONAL:
                kept = apart.get((row.seq, name))
                stored = None if kept is None else kept.value
            facts[name] = codec.decode(stored)
        yield Event(
            type=row.type, seq=row.seq, occurred_at=row.occurred_at.astimezone(SHANGHAI),
            recorded_at=row.recorded_at.astimezone(SHANGHAI), recorded_by=row.recorded_by, unit=row.unit,
            on_behalf_of=row.on_behalf_of, source=row.source, evidence=tuple(row.evidence), facts=facts,
            step=row.step, each_key=row.each_key, note=row.note, data=codec.decode(row.data),
        )  # fmt: skip


def rows_for(
    case: models.Case, events: Sequence[Event], world: World, seq: int, head: str
) -> tuple[list[models.Event], list[models.PersonalValue], str]:
    """Rows for `events` after `seq`, chained to `head`; personal values set apart. Nothing is written yet."""
    rows, apart = [], []
    for number, event in enumerate(events, seq + 1):
        facts: dict[str, Any] = {}
        for name, value in event.facts.items():
            stored = codec.encode(value)
            kind = getattr(world.facts.get(name), "personal", None)
            if kind and value is not None:
                digest, salt = chain.set_apart(stored)
                apart.append(models.PersonalValue(
                    case=case, seq=number, name=name, kind=kind, digest=digest["v"], salt=salt, value=stored
                ))  # fmt: skip
                stored = digest
            facts[name] = stored
        data = _without_personal(event.data, world)
        if isinstance(data.get("receipt"), Mapping):
            data["receipt"], new = receipts.sealed(case, number, data["receipt"], world, apart)
            apart += new
        row = models.Event(
            case=case, seq=number, type=event.type, occurred_at=event.occurred_at, recorded_at=event.recorded_at,
            recorded_by=event.recorded_by, unit=event.unit, on_behalf_of=event.on_behalf_of, source=event.source,
            evidence=list(event.evidence), facts=facts, step=event.step, each_key=event.each_key, note=event.note,
            data=codec.encode(data),
        )  # fmt: skip
        head = row.hash = chain.link(head, row)
        rows.append(row)
    return rows, apart, head


def _without_personal(data: Mapping[str, Any], world: World) -> dict[str, Any]:
    """What an event opened carries facts to another case: personal ones only by name, for the log cannot be erased."""
    opens = data.get("opens")
    if not isinstance(opens, Mapping) or not isinstance(opens.get("facts"), Mapping):
        return dict(data)
    personal = [name for name in opens["facts"] if getattr(world.facts.get(name), "personal", None)]
    kept = {name: value for name, value in opens["facts"].items() if name not in personal}
    return {**data, "opens": {**opens, "facts": kept, **({"personal": personal} if personal else {})}}


def append(case: models.Case, events: Sequence[Event], world: World) -> tuple[Event, ...]:
    """Append to a case whose lock is held (`locked`); moves its seq and head (saved with the projection)."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("append 须在事务中、持有案件锁时调用")
    numbered = tuple(replace(event, seq=case.seq + n) for n, event in enumerate(events, 1))
    rows, apart, head = rows_for(case, numbered, world, case.seq, case.head)
    models.Event.objects.bulk_create(rows)
    if apart:
        models.PersonalValue.objects.bulk_create(apart)
    case.seq += len(rows)
    case.head = head
    return tuple(_as_kept(event, row) for event, row in zip(numbered, rows, strict=True))


def _as_kept(event: Event, row: models.Event) -> Event:
    """The event with its receipt as it was written: without personal values."""
    receipt = row.data.get("receipt")
    return event if receipt is None else replace(event, data={**event.data, "receipt": receipt})


def aware(moment: dt.datetime) -> dt.datetime:
    """A moment typed without a zone is Shanghai's."""
    return moment.replace(tzinfo=SHANGHAI) if moment.tzinfo is None else moment.astimezone(SHANGHAI)
