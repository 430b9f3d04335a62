"""The hash chain of a case: each event's hash covers the event and the hash before it, so nothing can be rewritten.

A personal value enters the chain as a salted digest. Erasing the value and its salt leaves the digest, so the chain
stays valid and the value cannot be guessed back. Once a day the heads of all chains that grew go into one printable
digest, which itself continues the digest before.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from gongbao.office import clock
from gongbao.office.cases import models
from gongbao.office.cases.codec import canonical, moment, sha256

PERSONAL = "personal"  # {"$": "personal", "v": digest} in Event.facts


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain is broken, and how."""

    number: str
    seq: int
    what: str


def genesis(number: str, pack: str, version: str, procedure: str) -> str:
    return sha256(canonical(["gongbao case", number, pack, version, procedure]))


def content(row: models.Event) -> dict[str, Any]:
    """All of an event that its hash covers."""
    return {
        "seq": row.seq, "type": row.type, "occurred_at": moment(row.occurred_at),
        "recorded_at": moment(row.recorded_at), "recorded_by": row.recorded_by, "unit": row.unit,
        "on_behalf_of": row.on_behalf_of, "source": row.source, "evidence": row.evidence, "facts": row.facts,
        "step": row.step, "each_key": row.each_key, "note": row.note, "data": row.data,
    }  # fmt: skip


def link(previous: str, row: models.Event) -> str:
    return sha256(previous + "\n" + canonical(content(row)))


def personal_digest(salt: str, stored: Any) -> str:
    return sha256(salt + canonical(stored))


def set_apart(stored: Any) -> tuple[dict[str, str], str]:
    """What stands in the event for a personal value, and the salt that goes with the value."""
    salt = secrets.token_hex(16)
    return {"$": PERSONAL, "v": personal_digest(salt, stored)}, salt


def breaks(case: models.Case) -> Iterator[Break]:
    """Every place where the record of `case` is not what was written; none when it is whole."""
    apart = {(p.seq, p.name): p for p in models.PersonalValue.objects.filter(case=case)}
    previous, seq = genesis(case.number, case.pack, first_version(case), case.procedure), 0
    for row in models.Event.objects.filter(case=case).order_by("seq"):
        if row.seq != seq + 1:
            yield Break(case.number, row.seq, f"缺少第 {seq + 1} 条记录")
        if link(previous, row) != row.hash:
            yield Break(case.number, row.seq, "记录内容与散列不符")
        for name, stored in row.facts.items():
            if isinstance(stored, dict) and stored.get("$") == PERSONAL:
                value = apart.get((row.seq, name))
                if value is None or value.digest != stored["v"]:
                    yield Break(case.number, row.seq, f"个人信息“{name}”的摘要缺失或不符")
                elif value.erased_at is None and personal_digest(value.salt, value.value) != value.digest:
                    yield Break(case.number, row.seq, f"个人信息“{name}”与摘要不符")
        previous, seq = row.hash, row.seq
    if (case.seq, case.head) != (seq, previous):
        yield Break(case.number, seq, "末端与案件所记不符")


def first_version(case: models.Case) -> str:
    """The pack version the case was opened under: a case may move to a corrected pack, its first hash does not."""
    opened = models.Event.objects.filter(case=case, seq=1).values_list("data", flat=True).first() or {}
    return str(opened.get("version", case.version))


def verify_chain(case: models.Case) -> tuple[Break, ...]:
    return tuple(breaks(case))


def erase(
    case: models.Case, *, by: str, why: str, names: Iterable[str] | None = None, kind: str | None = None,
    only: Iterable[int] | None = None,
) -> int:  # fmt: skip
    """Erase personal values of a case (all, or the named facts, of one kind, `only` these rows); how many."""
    rows = models.PersonalValue.objects.filter(case=case, erased_at=None)
    if names is not None:
        rows = rows.filter(name__in=list(names))
    if kind is not None:
        rows = rows.filter(kind=kind)
    if only is not None:
        rows = rows.filter(pk__in=list(only))
    return rows.update(value=None, salt="", erased_at=clock.now(), erased_by=by, erased_why=why)


def make_digest(day: dt.date) -> models.Digest:
    """The digest of `day`: heads of all cases that got an event recorded on it. Made once; asking again returns it."""
    with transaction.atomic():
        made = models.Digest.objects.filter(day=day).first()
        if made is not None:
            return made
        start = dt.datetime.combine(day, dt.time(), clock.SHANGHAI)
        grown: dict[str, list[Any]] = {}
        rows = models.Event.objects.filter(recorded_at__gte=start, recorded_at__lt=start + dt.timedelta(days=1))
        for number, seq, digest in rows.order_by("case__number", "seq").values_list("case__number", "seq", "hash"):
            grown[number] = [seq, digest]
        last = models.Digest.objects.order_by("-id").first()
        previous = last.digest if last else sha256("gongbao digest")
        return models.Digest.objects.create(
            day=day, made_at=clock.now(), cases=len(grown), heads=grown, previous=previous,
            digest=sha256(previous + "\n" + canonical([day.isoformat(), grown])),
        )  # fmt: skip
