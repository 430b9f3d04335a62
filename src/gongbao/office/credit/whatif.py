"""All enterprises of the register as rows of a 试算: their facts counted under each version, nothing written.

A changed setting may change what is counted (which date counts, whether a repaired record does), so each version counts
for itself. Where a setting is empty, every reading is counted and decided, and an enterprise is settled only where all
agree, as in an evaluation. Regulators see enterprises by name; others get counts (三（四）, 三（六）).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.urls import reverse

from gongbao.batch.whatif.answers import OPEN, PERSON, SETTLED, Answer, answers
from gongbao.batch.whatif.compare import Ask
from gongbao.batch.whatif.result import Row
from gongbao.engine.canonical import to_jsonable
from gongbao.engine.decision.grounds import grounds
from gongbao.engine.world import World
from gongbao.office import clock
from gongbao.office.credit import facts as counting
from gongbao.office.credit.models import PACK, Enterprise
from gongbao.office.people import roles
from gongbao.office.people.models import Account

CHUNK = 5_000
HELD = {"sector_risk": "sector_risk", "field_of_business": "field", "city_owned": "city_owned"}  # fact → field
READS = (*(f"settings.{name}" for name in counting.READ_BY_COUNTING), "params.evaluation_cycle")


def fits(world: World, decision: str, account: Account) -> bool:
    """Whether the account may count over the register, the register knows a fact that the decision reads, and somebody is in it."""
    return world.pack == PACK and counts(world, account) and bool(set(grounds(world, decision).facts) & {*counting.FACTS, *HELD}) and (
        Enterprise.objects.exists()
    )  # fmt: skip


def counts(world: World, account: Account) -> bool:
    """Who sees enterprises by name sees how many change; so does the unit that owns the document, for its next draft."""
    owner = str(world.document["owner"])
    return names(account) or (world.units.knows(owner) and account.unit in (owner, *world.units.find(owner).names))


def names(account: Account) -> bool:
    return account.has_role(roles.REGULATOR, roles.INSPECTOR)


def pieces(before: World, after: World, decision: str, account: Account) -> Iterator[tuple[Sequence[Row], Ask | None]]:
    """Chunks of enterprises, with what answers them."""
    reads = set(grounds(before, decision).facts) | set(grounds(after, decision).facts)
    counted = bool(reads & set(counting.FACTS))
    last = 0
    while chunk := list(Enterprise.objects.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        last = chunk[-1].pk
        held = [{n: getattr(e, field) for n, field in HELD.items() if n in reads} for e in chunk]
        sides = [
            _counted(world, chunk, held, reads) if counted else [([h], ()) for h in held] for world in (before, after)
        ]
        rows = [
            Row(e.name, a[0][0], key=e.credit_code, after=b[0][0])
            for e, a, b in zip(chunk, *sides, strict=True)
        ]  # fmt: skip

        def ask(world: World, _: Sequence[Mapping[str, Any]], sides: list[list[Any]] = sides) -> list[Answer]:
            return merged(world, decision, sides[0] if world is before else sides[1])

        yield rows, ask


def _counted(
    world: World, chunk: Sequence[Enterprise], held: Sequence[Mapping[str, Any]], reads: set[str]
) -> list[tuple[list[dict[str, Any]], tuple[str, ...]]]:
    """Of each enterprise the facts under every reading, and the empty settings that make them differ."""
    cycle = counting.cycle(world, clock.today())
    found = counting.of_many([(e.pk, e.licence_revoked) for e in chunk], world, cycle)
    return [
        ([{**{n: v for n, v in counting.known(f).items() if n in reads}, **more} for f in c.facts], c.differing)
        for (_, c), more in zip(found, held, strict=True)
    ]


def merged(
    world: World, decision: str, sides: Sequence[tuple[Sequence[Mapping[str, Any]], Sequence[str]]]
) -> list[Answer]:
    """One answer for each enterprise, from those under every reading of it."""
    distinct: dict[Any, Mapping[str, Any]] = {}
    for readings, _ in sides:
        for facts in readings:
            distinct.setdefault(_key(facts), facts)
    made = dict(zip(distinct, answers(world, decision, list(distinct.values())), strict=True))
    return [_one(world, [made[_key(f)] for f in readings], differing) for readings, differing in sides]


def _key(facts: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(sorted((n, repr(v)) for n, v in facts.items()))


def _one(world: World, found: Sequence[Answer], differing: Sequence[str]) -> Answer:
    first = found[0]
    if all((each.status, each.outputs, each.candidates_key) == (first.status, first.outputs, first.candidates_key)
           for each in found):  # fmt: skip
        return first if len({each.rule for each in found}) == 1 else Answer(first.status, first.outputs)
    candidates: dict[str, Any] = {}
    for each in found:
        for one in [to_jsonable(dict(each.outputs))] if each.status == SETTLED else each.candidates:
            candidates.setdefault(repr(one), one)
    unset = [f"设置“{world.settings[n].label}”未填（{world.settings[n].owner}）" for n in differing]
    reasons = dict.fromkeys([*(each.reason for each in found if each.reason), *unset])
    person = any(each.status == PERSON for each in found) or bool(differing)
    return Answer(PERSON if person else OPEN, {}, None, tuple(candidates.values()), "；".join(reasons))


def address(code: str) -> str:
    return reverse("credit:enterprise", args=[code])
