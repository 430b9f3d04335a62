"""Personal values between two sites: sealed in what is kept for good, and apart only for as long as they travel.

What is written for the other site (outbox, transfer) holds the salted digest that the event holds. On delivery the value
goes into `TransferValue`; when the receiver has taken it, value and salt are erased there. A value that is erased at
its origin before it was taken does not arrive.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gongbao.engine.world import World
from gongbao.office import clock
from gongbao.office.cases import chain
from gongbao.office.cases.models import Case, PersonalValue
from gongbao.office.exchange_table.models import Transfer, TransferValue


def is_sealed(stored: Any) -> bool:
    return isinstance(stored, dict) and stored.get("$") == chain.PERSONAL


def sealed(case: Case, world: World, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The encoded facts with each personal value replaced by the digest under which the case keeps it."""
    personal = [n for n, v in facts.items() if v is not None and getattr(world.facts.get(n), "personal", None)]
    if not personal:
        return dict(facts)
    kept = list(PersonalValue.objects.filter(case=case, name__in=personal, erased_at=None).order_by("-seq"))
    found = dict(facts)
    for name in personal:
        digest = next((row.digest for row in kept if row.name == name and row.value == facts[name]), None)
        found[name] = None if digest is None else {"$": chain.PERSONAL, "v": digest}
    return found


def send(key: str, site: str, payload: Mapping[str, Any]) -> None:
    """Lay the values of a payload beside its transfer; done twice it leaves one row each."""
    for name, stored in (payload.get("facts") or {}).items():
        if not is_sealed(stored):
            continue
        rows = PersonalValue.objects.filter(case__number=payload["number"], digest=stored["v"], erased_at=None)
        if (row := rows.first()) is not None:
            TransferValue.objects.get_or_create(
                key=key, name=name,
                defaults={"from_site": site, "digest": row.digest, "salt": row.salt, "value": row.value,
                          "sent_at": clock.now()},
            )  # fmt: skip


def opened(transfer: Transfer) -> dict[str, Any]:
    """The payload with its personal values put back; one that is gone or does not fit its digest is left out."""
    facts = transfer.payload.get("facts") or {}
    if not any(map(is_sealed, facts.values())):
        return dict(transfer.payload)
    held = {row.name: row for row in TransferValue.objects.filter(key=transfer.key, erased_at=None)}
    found = {}
    for name, stored in facts.items():
        if is_sealed(stored):
            row = held.get(name)
            if row is None or chain.personal_digest(row.salt, row.value) != stored["v"]:
                continue
            stored = row.value
        found[name] = stored
    return {**transfer.payload, "facts": found}


def arrived(key: str) -> int:
    """The receiver has it: nothing of the values stays in the exchange table."""
    return _erase(TransferValue.objects.filter(key=key, erased_at=None))


def withdraw(site: str) -> int:
    """Erase what this site has sent and meanwhile erased at home, where nobody has taken it yet."""
    waiting = dict(TransferValue.objects.filter(from_site=site, erased_at=None).values_list("digest", "pk"))
    if not waiting:
        return 0
    gone = PersonalValue.objects.filter(digest__in=list(waiting), erased_at__isnull=False).values_list(
        "digest", flat=True
    )
    pks = [waiting[digest] for digest in gone]
    return _erase(TransferValue.objects.filter(pk__in=pks)) if pks else 0


def _erase(rows: Any) -> int:
    return int(rows.update(value=None, salt="", erased_at=clock.now()))
