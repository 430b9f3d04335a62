"""The grade of one enterprise: decided under every reading that is still open, with its grounds.

`verdict` is the one way in which outcomes become a grade, here and in a run over all enterprises (runs.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from gongbao.batch.words import may_need_person
from gongbao.engine.canonical import to_jsonable
from gongbao.engine.decision.decide import decide
from gongbao.engine.decision.outcome import Outcome
from gongbao.engine.receipt import make_receipt
from gongbao.engine.world import World
from gongbao.office import clock, worlds
from gongbao.office.credit import facts as counting
from gongbao.office.credit.models import OPEN, PACK, PERSON, SETTLED, Enterprise, Grade


@dataclass(frozen=True, slots=True)
class Verdict:
    """What holds for an enterprise: a grade, or why there is none yet."""

    status: str  # settled, open, needs_person
    grade: str = ""
    rule: int | None = None
    candidates: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Plain:
    """An outcome in few words, from `decide` or from a row of a batch: `grade` is empty unless settled."""

    grade: str
    rule: int | None
    candidates: tuple[str, ...]
    needs_person: bool
    reason: str


def plain(outcome: Outcome) -> Plain:
    grade = outcome.output if outcome.settled and outcome.value is not None else ""
    candidates = tuple(each["grade"] for each in outcome.candidates if "grade" in each)
    rule = outcome.rows[0] + 1 if len(outcome.rows) == 1 else None
    if grade:
        return Plain(grade, rule, (), False, "")
    labels = [outcome.world.labels.get(name, name) for name in outcome.ask]
    asked = [f"须先知：{'、'.join(labels)}"] if labels else []
    told = [*asked, *filter(None, [outcome.reason, may_need_person(outcome)])]
    return Plain("", None, candidates, outcome.needs_person, "；".join(told))


def verdict(world: World, found: Sequence[Plain], differing: Sequence[str] = ()) -> Verdict:
    """One verdict from the outcomes under every reading: settled only when all of them agree.

    differing: the empty settings that make the readings differ.
    """
    first = found[0]
    if all(each.grade and each.grade == first.grade for each in found):
        rules = {each.rule for each in found}
        return Verdict(SETTLED, first.grade, first.rule if len(rules) == 1 else None)
    order = {value: at for at, value in enumerate(world.decisions["grade"].outputs[0].values)}
    possible = {grade for each in found for grade in ((each.grade,) if each.grade else each.candidates)}
    reasons = [part for each in found if not each.grade for part in each.reason.replace("需人工判定：", "").split("；")]
    person = any(each.needs_person for each in found)
    if differing and len({(each.grade, each.candidates, each.needs_person) for each in found}) > 1:
        reasons += [f"设置“{world.settings[n].label}”未填（{world.settings[n].owner}）" for n in differing]
        person = True
    words = "；".join(dict.fromkeys(filter(None, reasons)))
    return Verdict(PERSON if person else OPEN, candidates=tuple(sorted(possible, key=order.__getitem__)), reason=words)


@dataclass(frozen=True, slots=True)
class Graded:
    """One enterprise judged: every reading's facts and outcome, and the verdict."""

    world: World
    cycle: counting.Cycle
    facts: tuple[counting.Facts, ...]
    outcomes: tuple[Outcome, ...]
    verdict: Verdict

    @property
    def outcome(self) -> Outcome:
        return self.outcomes[0]


def grade(enterprise: Enterprise, world: World | None = None, cycle: counting.Cycle | None = None) -> Graded:
    """The grade as the records stand now. Writes nothing."""
    world = world or worlds.world(PACK)
    cycle = cycle or counting.cycle(world, clock.today())
    found = counting.of_one(enterprise, world, cycle)
    outcomes = tuple(decide(world, "grade", counting.known(each)) for each in found.facts)
    judged = verdict(world, [plain(each) for each in outcomes], found.differing)
    return Graded(world, cycle, found.facts, outcomes, judged)


def regrade(enterprise: Enterprise, *, cause: str) -> Grade:
    """Decide anew and keep it, with the receipt; `cause`: why (修复 XF..., 异议 YY..., 单个评价)."""
    judged = grade(enterprise)
    now, world = clock.now(), judged.world
    with transaction.atomic():
        held = Enterprise.objects.select_for_update().get(pk=enterprise.pk)
        row = Grade.objects.create(
            enterprise=held, run=None, at=now, as_of=judged.cycle.as_of, version=world.version, before=held.grade,
            facts=to_jsonable(judged.facts[0]), cause=cause[:120],
            receipt=make_receipt(world, judged.outcome, judged.facts[0]).to_dict(), **as_row(judged.verdict),
        )  # fmt: skip
        held.grade, held.grade_status, held.graded_at = row.grade, row.status, now
        held.save(update_fields=["grade", "grade_status", "graded_at"])
    for name in ("grade", "grade_status", "graded_at"):
        setattr(enterprise, name, getattr(held, name))
    return row


def as_row(found: Verdict) -> dict[str, Any]:
    return {
        "status": found.status, "grade": found.grade, "rule": found.rule, "candidates": list(found.candidates),
        "reason": found.reason,
    }  # fmt: skip
