"""The grade of one enterprise: decided under every reading that is still open, with its grounds and what would change it.

`verdict` is the one way in which outcomes become a grade, here and in a run over all enterprises (runs.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

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
    return Plain("", None, candidates, outcome.needs_person, "；".join([*asked, *filter(None, [outcome.reason])]))


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


# What would change it ---------------------------------------------------------------------------------------------

MOST_TRIED = 2_000
MOST_STEPS = 12


@dataclass(frozen=True, slots=True)
class Step:
    """One fact that would be otherwise, in the words of its label."""

    label: str
    words: str


@dataclass(frozen=True, slots=True)
class Change:
    """The least that would have to be otherwise for this grade; `better` than the present one or not."""

    grade: str
    better: bool
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        return "，且".join(f"{step.label}{step.words}" for step in self.steps) + f"，即为{self.grade}"


def changes(world: World, facts: Mapping[str, Any]) -> tuple[Change, ...]:
    """For each other grade the nearest way to it, found by deciding the neighbours of these facts; better ones first.

    A neighbour differs in one step of one fact (one record, one yes or no). The search goes outward step by step, to
    fewer and to more, and takes the first that comes out with a grade; what is not settled is nobody's goal.
    """
    start = decide(world, "grade", counting.known(facts))
    if not start.settled or start.value is None or any(value is None for value in facts.values()):
        return ()
    output = start.decision.outputs[0]
    here = output.rank(start.output) or 0
    found: dict[str, tuple[int, Change]] = {}
    names, first = tuple(facts), tuple(facts.values())
    for direction in (-1, 1):
        layer, seen = [first], {first}
        for far in range(1, MOST_STEPS + 1):
            following = []
            for near in (each for at in layer for each in _near(world, names, at, first, direction)):
                if near in seen or len(seen) > MOST_TRIED:
                    continue
                seen.add(near)
                following.append(near)
                outcome = decide(world, "grade", dict(zip(names, near, strict=True)))
                grade = outcome.output if outcome.settled and outcome.value is not None else start.output
                if grade != start.output and (grade not in found or found[grade][0] > far):
                    better = (output.rank(grade) or 0) > here
                    found[grade] = (far, Change(grade, better, _steps(world, names, first, near)))
            layer = following
            if not layer or len(found) == len(output.values) - 1:
                break
    ranked = sorted(found.values(), key=lambda each: (not each[1].better, each[0], -(output.rank(each[1].grade) or 0)))
    return tuple(change for _, change in ranked)


def _near(
    world: World, names: Sequence[str], place: Sequence[Any], first: Sequence[Any], direction: int
) -> list[tuple[Any, ...]]:
    made = []
    for at, (name, value) in enumerate(zip(names, place, strict=True)):
        fact = world.facts[name]
        if fact.type == "boolean":
            if value == first[at] and value is (direction < 0):
                made.append((*place[:at], not value, *place[at + 1 :]))
        else:
            moved = value + direction * int(fact.step or 1)
            if (fact.min is None or moved >= fact.min) and (fact.max is None or moved <= fact.max):
                made.append((*place[:at], moved, *place[at + 1 :]))
    return made


def _steps(world: World, names: Sequence[str], first: Sequence[Any], last: Sequence[Any]) -> tuple[Step, ...]:
    steps = []
    for name, before, after in zip(names, first, last, strict=True):
        if before == after:
            continue
        fact = world.facts[name]
        if fact.type == "boolean":
            words = f"由{'是' if before else '否'}变为{'是' if after else '否'}"
        else:
            more = "多" if after > before else "少"
            words = f"{more}{abs(after - before)}{fact.unit or ''}（{before}→{after}）"
        steps.append(Step(fact.label, words))
    return tuple(steps)
