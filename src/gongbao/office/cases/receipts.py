"""The receipts of a case's decisions: kept without personal values, verified with those that the office still holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gongbao.engine.canonical import to_jsonable
from gongbao.engine.receipt import Difference, receipt_from, verify_receipt
from gongbao.engine.sealing import personal_facts, sealed_receipt
from gongbao.engine.world import World
from gongbao.office import worlds
from gongbao.office.cases import chain, codec, models
from gongbao.policy.errors import PackError


def sealed(
    case: models.Case, seq: int, receipt: Mapping[str, Any], world: World, apart: Iterable[models.PersonalValue]
) -> tuple[dict[str, Any], list[models.PersonalValue]]:
    """The receipt of event `seq` under the digests of the case's personal values, those in `apart` not yet written.

    A value that stands nowhere apart (its fact became personal later) is set apart now; those rows come back too.
    """
    names = personal_facts(receipt, world)
    if not names:
        return dict(receipt), []
    written = models.PersonalValue.objects.filter(case=case, name__in=names, erased_at=None).order_by("-seq")
    kept = [*(row for row in reversed(list(apart)) if row.case is case), *written]
    digests, new = {}, []
    for name in names:
        value = receipt["facts"][name]
        row = next((r for r in kept if r.name == name and to_jsonable(codec.decode(r.value)) == value), None)
        if row is None:
            digest, salt = chain.set_apart(value)
            kind = world.facts[name].personal
            row = models.PersonalValue(
                case=case, seq=seq, name=name, kind=kind, digest=digest["v"], salt=salt, value=value
            )
            new.append(row)
        digests[name] = row.digest
    return sealed_receipt(receipt, world, digests), new


def verify(case: models.Case, seq: int, world: World | None = None) -> list[Difference]:
    """Every difference of the receipt of event `seq`; a personal value that was erased is told as such.

    ValueError (Chinese) where the event holds no receipt.
    """
    event = models.Event.objects.get(case=case, seq=seq)
    receipt = receipt_from(event.data.get("receipt"))
    return verify_receipt(receipt, world or _made_in(case, receipt.version), held(case))


def _made_in(case: models.Case, version: str) -> World:
    """The version that a receipt was made in: the case may have moved since. Where it is gone, that of the case."""
    try:
        return worlds.world(case.pack, version)
    except (worlds.NoSuchPack, PackError):
        return worlds.world_of(case)


def held(case: models.Case) -> dict[str, Any]:
    """digest -> value of the personal values that the case still keeps and that fit their digests."""
    return {
        row.digest: codec.decode(row.value)
        for row in models.PersonalValue.objects.filter(case=case, erased_at=None)
        if chain.personal_digest(row.salt, row.value) == row.digest
    }
