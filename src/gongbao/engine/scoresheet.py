"""A scoring sheet judged: every line is a decision, and the score is what they come to, each deduction with its clause.

A sheet holds no rule of its own. Each line (`Line`) names the decision that gives its points and the least and most
that it can give; the total and the grade are decisions too (policy.scoresheets makes them). What is not known leaves
a range: the lowest and the highest score possible, and what is missing.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from gongbao.engine.decision.decide import decide
from gongbao.engine.decision.domains import is_given
from gongbao.engine.decision.logic import PERSON
from gongbao.engine.decision.outcome import Outcome
from gongbao.engine.decision.trace import shown
from gongbao.engine.labels import label_of
from gongbao.engine.world import World
from gongbao.feel.values import Value, add, mul

Number = int | Decimal
#: More places than any score has: what division leaves behind at the 34th digit must not decide about a grade or a tie.
PLACES = 20


@dataclass(frozen=True, slots=True)
class Line:
    """An item, a part of one, or a veto. `low` and `high` are the bounds of its points (`high` None: none is set).

    says: the rule in words. effect: of a veto zero, withhold or exclude, and on what (`item`, `withhold`).
    """

    id: str
    label: str
    decision: str
    cite: str
    rule: str
    says: str
    full: Number | None
    low: Number
    high: Number | None
    parts: tuple[Line, ...] = ()
    most: Number | str | None = None  # what its parts give together at most: a number, or a setting by its name
    weight: Number | str | None = None  # a setting by its name
    group: str | None = None
    effect: str | None = None
    withhold: str | None = None
    item: str | None = None
    evidence: tuple[str, ...] = ()
    note: str | None = None
    judged: str | None = None  # the fact that holds the points a person gives


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its lines in printed order (`bonus` among them), its vetoes, and the decisions of total and grade.

    full: what all items but bonuses come to; printed: the total that the document prints, if it prints one.
    discrepancies: where the printed points contradict each other, in Chinese. cuts: the bounds of the grades.
    """

    id: str
    label: str
    cite: str
    subject: str
    lines: tuple[Line, ...]
    vetoes: tuple[Line, ...]
    total: str
    full: Number
    printed: Number | None = None
    discrepancies: tuple[str, ...] = ()
    grade: str | None = None
    grades: tuple[str, ...] = ()
    cuts: tuple[Number, ...] = ()
    subjects: str | None = None
    take: int | str | None = None
    take_cite: str = ""
    within: str | None = None
    votes: Votes | None = None
    self_by: tuple[Any, ...] = ()
    verified_by: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Votes:
    """At most `limit` votes of one voter (`by`) on one day."""

    limit: int
    by: str
    cite: str


@dataclass(frozen=True, slots=True)
class Deduction:
    """Why points are lost: which line, how many at least, the findings that the rule looked at, and its clause."""

    line: str
    label: str
    points: Number
    why: str
    cite: str


@dataclass(frozen=True, slots=True)
class Scored:
    """The points of one line; None while they are not settled, `lowest` and `highest` are then what is possible.

    full: the most it gives. missing: findings to ask for, by name. reason: why a person must decide.
    evidence: the papers that the document asks for; lacking: those of them that were not handed in.
    """

    line: Line
    points: Number | None
    lowest: Number
    highest: Number | None
    missing: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    reason: str = ""
    parts: tuple[Scored, ...] = ()
    deductions: tuple[Deduction, ...] = ()
    lacking: tuple[str, ...] = ()
    outcome: Outcome | None = None

    @property
    def id(self) -> str:
        return self.line.id


@dataclass(frozen=True, slots=True)
class Score:
    """What a sheet gives for the findings of one subject.

    total: None while it is not settled. grade: None while it is not, or where a person decides; `grades` are those
    possible. vetoes: hit (True), not hit, or None while that is not known. outcome: of the total, and of the grade, when
    they are settled: their trace and receipt hold every line.
    """

    sheet: Sheet
    total: Number | None
    lowest: Number | None
    highest: Number | None
    lines: tuple[Scored, ...]
    vetoes: tuple[tuple[Line, bool | None], ...] = ()
    grade: str | None = None
    grades: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    outcome: Outcome | None = None

    @property
    def deductions(self) -> tuple[Deduction, ...]:
        return tuple(each for line in self.lines for each in line.deductions)

    @property
    def excluded(self) -> bool | None:
        """Whether the subject is left out of the ranking; None while that is not known."""
        hits = [hit for line, hit in self.vetoes if line.effect == "exclude"]
        return True if True in hits else None if None in hits else False


def score(
    world: World,
    sheet: Sheet,
    facts: Mapping[str, Value],
    *,
    as_of: dt.datetime | None = None,
    evidence: Mapping[str, Iterable[str]] | None = None,
    unit: str | None = None,
) -> Score:
    """The score of one subject.

    facts: its findings by id, as `read_facts` gives them; evidence: by line the papers that were handed in (None: nobody
    looked); unit: as for `decide`.
    """

    def judged(name: str) -> Outcome:
        return decide(world, name, facts, as_of=as_of, unit=unit)

    papers = None if evidence is None else {name: set(given) for name, given in evidence.items()}
    lines = tuple(_scored(world, line, facts, judged, papers) for line in sheet.lines)
    vetoes = tuple((line, _hit(judged(line.decision))) for line in sheet.vetoes)
    reasons = [each.reason for line in lines for each in (line, *line.parts) if each.reason]
    missing = [name for line in lines for name in line.missing]
    open_ = [name for line in lines for name in line.open]
    for line, hit in vetoes:
        if hit is None:
            missing += judged(line.decision).ask
    lowest, highest = _range(world, sheet, lines, vetoes)
    weights = [line.weight for line in sheet.lines if isinstance(line.weight, str)]
    for name in weights:
        if world.settings[name].value is None:
            open_.append(name)
            reasons.append(f"设置“{world.settings[name].label}”未填（{world.settings[name].owner}）")
    outcome, total = None, None
    if all(line.points is not None for line in lines) and lowest is not None and lowest == highest:
        outcome = judged(sheet.total)
        total = _number(outcome)
    grade: Value = None
    grades: tuple[str, ...] = ()
    if sheet.grade is not None:
        if total is not None and all(hit is not None for _, hit in vetoes):
            outcome = judged(sheet.grade)
            grade = None if outcome.value is None or outcome.needs_person else outcome.output
            if outcome.needs_person:
                reasons.append(_plain(outcome.reason))
        grades = (grade,) if isinstance(grade, str) else _grades(world, sheet, lowest, highest, vetoes)
        if len(grades) == 1:  # whatever is still unknown
            grade = grades[0]
    return Score(
        sheet, total, lowest, highest, lines, vetoes, grade if isinstance(grade, str) else None, grades,
        tuple(dict.fromkeys(missing)), tuple(dict.fromkeys(open_)), tuple(dict.fromkeys(reasons)), outcome,
    )  # fmt: skip


# Lines ---------------------------------------------------------------------------------------------------------------

Judge = Callable[[str], Outcome]


def _scored(
    world: World, line: Line, facts: Mapping[str, Value], judged: Judge, papers: Mapping[str, set[str]] | None
) -> Scored:
    parts = tuple(_scored(world, part, facts, judged, papers) for part in line.parts)
    given = set() if papers is None else papers.get(line.id, set())
    lacking = () if papers is None else tuple(each for each in line.evidence if not given & {each, *each.split("|")})
    if parts and any(part.points is None for part in parts):
        lowest, highest = _sum(part.lowest for part in parts), _sum(part.highest for part in parts)
        assert lowest is not None
        most = world.settings[line.most].value if isinstance(line.most, str) else line.most
        if isinstance(most, int | Decimal):
            lowest, highest = min(lowest, most), most if highest is None else min(highest, most)
        return Scored(
            line, None, lowest, highest, _names(parts, "missing"), _names(parts, "open"), "", parts,
            tuple(each for part in parts for each in part.deductions), lacking,
        )  # fmt: skip
    if line.rule == "share" and (asked := _unknown(world, line, facts)):
        # Whatever part of the full points: not every pair of the two numbers need be tried.
        return Scored(line, None, line.low, line.high, asked, lacking=lacking)
    outcome = judged(line.decision)
    points = _number(outcome)
    if points is None:
        lowest, highest = _bounds(outcome, line)
        return Scored(
            line, None, lowest, highest, outcome.ask, tuple(each.name for each in outcome.open), _reason(outcome, line),
            parts, tuple(each for part in parts for each in part.deductions), lacking, outcome,
        )  # fmt: skip
    deductions = tuple(each for part in parts for each in part.deductions)
    if not parts and line.full is not None and line.rule != "bonus" and points < line.full:
        deductions = (_deduction(world, line, points, outcome),)
    return Scored(line, points, points, points, (), (), "", parts, deductions, lacking, outcome)


def _unknown(world: World, line: Line, facts: Mapping[str, Value]) -> tuple[str, ...]:
    """The findings of a line that are not known, but for what a person gives."""
    decision = world.decisions[line.decision]
    pairs = zip(decision.facts, decision.fact_paths, strict=True)
    return tuple(name for name, path in pairs if name != line.judged and not is_given(facts, path))


def _sum(points: Iterable[Number | None]) -> Number | None:
    """Added as the decisions add; None where one has no bound."""
    total: Number = 0
    for each in points:
        if each is None:
            return None
        total = add(total, each)
    return total


def _names(parts: Sequence[Scored], kind: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in parts for name in getattr(part, kind)))


def _number(outcome: Outcome) -> Number | None:
    """The points of a settled outcome; None where it is not, or a person decides."""
    value = outcome.output if outcome.settled and not outcome.needs_person else None
    return value if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def _bounds(outcome: Outcome, line: Line) -> tuple[Number, Number | None]:
    """What the points can be: the candidates where they are all known, else all that the rule can give."""
    found = [next(iter(each.values()), None) for each in outcome.candidates]
    numbers = [each for each in found if isinstance(each, int | Decimal)]
    if outcome.complete and outcome.exact and not outcome.unruled and numbers and len(numbers) == len(found):
        return min(numbers), max(numbers)
    return line.low, line.high


def _reason(outcome: Outcome, line: Line) -> str:
    """Why a person must decide, where nothing else is left to ask."""
    return f"{line.label}：{_plain(outcome.reason)}" if outcome.needs_person else ""


def _plain(reason: str) -> str:
    return reason.removeprefix(f"{PERSON}：")


def _deduction(world: World, line: Line, points: Number, outcome: Outcome) -> Deduction:
    assert line.full is not None
    looked_at = [
        f"{label_of(world, name)} {shown(value)}{_unit(world, name)}"
        for name, value in _findings(outcome).items()
        if value is not None
    ]
    cites = [cite for cite in outcome.cites if cite != line.cite] or [line.cite]
    why = "；".join(filter(None, ["，".join(looked_at), line.says]))
    return Deduction(line.id, line.label, line.full - points, why, "、".join(cites))


def _findings(outcome: Outcome) -> dict[str, Value]:
    """The findings that a line looked at, those of the decision it takes its points from included."""
    found: dict[str, Value] = {}
    for inner in outcome.required.values():
        found |= _findings(inner)
    for path in outcome.decision.fact_paths:
        value: Any = outcome.scope
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        found[".".join(path)] = value
    return found


def _unit(world: World, name: str) -> str:
    fact = world.facts.get(name)
    return (fact.unit or "") if fact is not None else ""


def _hit(outcome: Outcome) -> bool | None:
    return outcome.output if outcome.settled and isinstance(outcome.output, bool) else None


# The whole -----------------------------------------------------------------------------------------------------------

Vetoes = Sequence[tuple[Line, bool | None]]


def _range(world: World, sheet: Sheet, lines: Sequence[Scored], vetoes: Vetoes) -> tuple[Number | None, Number | None]:
    """The lowest and the highest total; None where there is no telling (a weight is not set, a bonus has no cap)."""
    lowest: Number = 0
    highest: Number | None = 0
    for each in lines:
        weight = world.settings[each.line.weight].value if isinstance(each.line.weight, str) else each.line.weight
        if weight is None:
            if isinstance(each.line.weight, str):
                return None, None
            weight = 1
        assert isinstance(weight, int | Decimal)
        hits = [hit for line, hit in vetoes if line.effect == "zero" and line.item == each.id]
        low, high = (0, 0) if True in hits else (each.lowest, each.highest)
        if None in hits:
            low, high = min(0, low), high if high is None else max(0, high)
        lowest = add(lowest, mul(weight, low))
        highest = None if high is None or highest is None else add(highest, mul(weight, high))
    whole = [hit for line, hit in vetoes if line.effect == "zero" and line.item is None]
    if True in whole:
        return 0, 0
    if None in whole:
        return min(0, lowest), highest if highest is None else max(0, highest)
    return lowest, highest


def _grades(
    world: World, sheet: Sheet, lowest: Number | None, highest: Number | None, vetoes: Vetoes
) -> tuple[str, ...]:
    """The grades that some total between the two can have: asked at both ends, at each bound and between them."""
    assert sheet.grade is not None
    if lowest is None:
        return sheet.grades
    inside = [cut for cut in sheet.cuts if cut > lowest and (highest is None or cut < highest)]
    points = [lowest, *inside, *([highest] if highest is not None else [max([lowest, *inside]) + 1])]
    points += [(Decimal(low) + Decimal(high)) / 2 for low, high in itertools.pairwise(points)]
    decision = world.decisions[sheet.grade]
    found: set[Value] = set()
    withheld = [line for line, _ in vetoes if line.effect == "withhold"]
    hits = {line.id: hit for line, hit in vetoes}
    for unknown in (False, True):
        for point in points:
            scope: dict[str, Any] = {"params": world.params, sheet.total: {"points": point}}
            for line in withheld:
                hit = hits[line.id]
                scope[line.decision] = {"hit": unknown if hit is None else hit}
            outputs = decision.table.decide(scope).values
            if outputs is not None and outputs[0] is not None:
                found.add(outputs[0])
            elif outputs is not None:  # the text withholds a grade and does not say which it is instead
                gone = {line.withhold for line in withheld if scope[line.decision]["hit"]}
                found.update(each for each in sheet.grades if each not in gone)
    return tuple(each for each in sheet.grades if each in found)
