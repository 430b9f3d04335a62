"""What an enterprise, a driver or a school must do under a response level: a decision of the pack, asked step by step.

Only what still matters is asked: the decision itself says which facts can change it. Open to the public and to the
hotline; it reads no case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gongbao.engine.decision.decide import decide
from gongbao.engine.decision.outcome import Outcome
from gongbao.engine.fact import FactErrors, read_facts
from gongbao.engine.world import World
from gongbao.office import worlds
from gongbao.office.alerts.warnings import ROOM

LEVEL = "response_level"
UNKNOWN = "不详"


@dataclass(frozen=True, slots=True)
class Question:
    """A question people ask, and the decision that answers it. `first`: what to ask before anything else."""

    name: str
    title: str
    who: str
    decision: str
    first: tuple[str, ...]


QUESTIONS = (
    Question("industry", "企业停产、限产", "企业、园区", "industry_measure", ("industry",)),
    Question("vehicle", "车辆限行", "车主、运输企业", "vehicle_restriction", ("vehicle_class",)),
    Question("transport", "运输车辆进出厂区", "大宗运输企业", "transport_measure", ()),
    Question("site", "工地施工", "建设、施工单位", "site_work", ()),
    Question("school", "学校停课、户外活动", "学校、家长", "school_suspension", ()),
    Question("bus", "公交车费", "市民", "bus_fare", ()),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question with the answer so far."""

    fact: str
    label: str
    help: str
    options: tuple[str, ...]
    value: str
    control: str  # choice | radio | number | date
    unit: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    question: Question
    world: World
    asked: tuple[Asked, ...]
    outcome: Outcome | None
    more: bool  # something that matters is still not answered


def available() -> tuple[tuple[str, Question], ...]:
    """(pack, question) of every question that a pack of this room answers."""
    found = []
    for world in worlds.loaded():
        if (world.document.get("work") or {}).get("room") == ROOM:
            found += [(world.pack, q) for q in QUESTIONS if q.decision in world.decisions]
    return tuple(found)


def answer(question: Question, world: World, given: Mapping[str, str], level: str = "") -> Answer:
    """`given`: answers by fact as text (不详: not known). `level`: the response that runs now, when none is given.

    Facts that can change the outcome are asked one by one in the order in which the decision needs them; an answer
    that no longer matters is left aside.
    """
    facts, errors = _read(world, given)
    if LEVEL in world.facts and LEVEL not in given and level:
        facts[LEVEL] = level
    order = [name for name in (LEVEL, *question.first) if name in world.facts]
    asked = [_asked(world, name, given.get(name, level if name == LEVEL else ""), errors) for name in order]
    if any(facts.get(name) is None for name in order):
        return Answer(question, world, tuple(asked), None, True)
    known = {name: facts[name] for name in order}
    outcome = decide(world, question.decision, known)
    unknown: set[str] = set()
    while not outcome.settled:
        name = next((n for n in outcome.ask if n in world.facts and n not in known and n not in unknown), None)
        if name is None:
            break
        asked.append(_asked(world, name, given.get(name, ""), errors))
        if given.get(name) == UNKNOWN:
            unknown.add(name)
            continue
        if facts.get(name) is None:
            return Answer(question, world, tuple(asked), outcome, True)
        known[name] = facts[name]
        outcome = decide(world, question.decision, known)
    return Answer(question, world, tuple(asked), outcome, False)


def _read(world: World, given: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    plain = {n: v for n, v in given.items() if n in world.facts and v.strip() and v != UNKNOWN}
    facts: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, value in plain.items():
        try:
            facts.update(read_facts(world.facts, {name: value}))
        except FactErrors as wrong:
            errors[name] = str(wrong)
    return facts, errors


def _asked(world: World, name: str, value: str, errors: Mapping[str, str]) -> Asked:
    fact = world.facts[name]
    options: tuple[str, ...] = ("是", "否", UNKNOWN) if fact.type == "boolean" else tuple(map(str, fact.values))
    control = (
        "radio"
        if options and len(options) <= 6
        else "choice"
        if options
        else "date"
        if fact.type == "date"
        else "number"
    )
    return Asked(name, fact.label, fact.help or "", options, value, control, fact.unit or "", errors.get(name, ""))
