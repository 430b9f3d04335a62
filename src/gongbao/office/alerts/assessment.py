"""What a series means under a pack: its episodes, how long each stayed above which line, the level, what is open.

Everything comes from the pack's own decision over the series (in the heavy-pollution plan `level`): the lines are the
figures that its `longest` compares with, the episodes are its `for_each`, and the level is its outcome. Nothing here
knows a document.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gongbao.engine.case.scope import settings_context
from gongbao.engine.decision.decide import decide
from gongbao.engine.decision.logic import Decision
from gongbao.engine.decision.outcome import Outcome
from gongbao.engine.series import DROPPED, GAP_READINGS, SEPARATE, Series, longest, peak
from gongbao.engine.world import World

_LONGEST = re.compile(r'longest\(\s*(\w+)\s*,\s*(?:"(>=|>)"\s*,\s*)?params\.(\w+)\s*\)')


@dataclass(frozen=True, slots=True)
class Line:
    """A threshold that the decision looks at: a mean `op` than `value`."""

    name: str
    op: str  # > or >=
    value: Any

    @property
    def words(self) -> str:
        return f"{'＞' if self.op == '>' else '≥'}{self.value}"

    @property
    def spoken(self) -> str:
        return f"{'超过' if self.op == '>' else '达到'}{self.value}"


@dataclass(frozen=True, slots=True)
class Episode:
    """One episode as drawn and listed. `joined_to_next`: whether the pack takes it and the next as one (None: open)."""

    number: int
    start: dt.datetime | None
    end: dt.datetime | None
    hours: Any
    peak: Any
    lasting: tuple[tuple[Line, Any], ...]  # per line the most windows in a row
    level: str | None
    gap_after: Any = None  # hours to the next episode
    joined_to_next: bool | None = False


@dataclass(frozen=True, slots=True)
class Supposition:
    """If this were so, the level would be that."""

    about: str
    name: str
    value: Any
    level: str
    kind: str  # fact | setting


@dataclass(frozen=True, slots=True)
class Assessment:
    """`level`: what the rules settle, None while a person or a setting must (then `candidates`)."""

    decision: Decision
    series: Series
    outcome: Outcome
    lines: tuple[Line, ...]
    episodes: tuple[Episode, ...] | None  # None: a gap in the readings leaves open where an episode begins or ends
    window_hours: Any
    level: str | None
    candidates: tuple[str, ...]
    suppositions: tuple[Supposition, ...] = ()

    @property
    def levels(self) -> tuple[str, ...]:
        return next(o.values for o in self.decision.outputs if o.ordered)

    @property
    def highest(self) -> Episode | None:
        """The episode that bears the level (the first of the highest)."""
        if not self.episodes:
            return None
        rank = {level: i for i, level in enumerate(self.levels)}
        return max(self.episodes, key=lambda e: rank.get(e.level or "", -1))

    @property
    def span(self) -> tuple[dt.datetime | None, dt.datetime | None]:
        """Beginning and end of the episode of the level, with those that are or may be one with it."""
        best = self.highest
        if best is None or self.episodes is None:
            return None, None
        first = last = best.number - 1
        while first > 0 and self.episodes[first - 1].joined_to_next is not False:
            first -= 1
        while last + 1 < len(self.episodes) and self.episodes[last].joined_to_next is not False:
            last += 1
        return self.episodes[first].start, self.episodes[last].end


def series_decision(world: World) -> tuple[Decision, str] | None:
    """The pack's decision over episodes of a series with an ordered outcome, and the series fact it reads."""
    for decision in world.decisions.values():
        if decision.for_each is None or not decision.reads_series or decision.ranked is None:
            continue
        for name in decision.facts:
            if name in world.facts and world.facts[name].type == "series":
                return decision, name
    return None


def lines_of(world: World, decision: Decision) -> tuple[Line, ...]:
    """The figures its episodes are measured against, lowest first."""
    found = {
        name: Line(name, op or ">", world.params[name])
        for _, text in decision.table.table.lets
        for _, op, name in _LONGEST.findall(text)
    }
    return tuple(sorted(found.values(), key=lambda line: line.value))


def assess(
    world: World, series: Series, facts: Mapping[str, Any] | None = None, *, as_of: dt.datetime | None = None
) -> Assessment:
    """The level of a series under the pack. `facts`: what else is known of the case (how a gap counts ...)."""
    found = series_decision(world)
    if found is None:
        raise LookupError(f"政策包 {world.pack} 没有按序列分级的判定")
    decision, name = found
    known = {**(facts or {}), name: series}
    outcome = decide(world, decision.id, known, as_of=as_of)
    lines = lines_of(world, decision)
    output = decision.outputs[decision.ranked or 0].name
    level = outcome.value.get(output) if outcome.settled and outcome.value and not outcome.needs_person else None
    candidates = tuple(dict.fromkeys(str(c[output]) for c in outcome.candidates if output in c))
    return Assessment(
        decision=decision, series=series, outcome=outcome, lines=lines,
        episodes=_episodes(world, decision, name, known, lines, output, as_of),
        window_hours=_window(world, decision), level=level, candidates=candidates,
        suppositions=() if level is not None else tuple(_suppose(world, decision, outcome, known, output, as_of)),
    )  # fmt: skip


def gap_fact(world: World, decision: Decision) -> str | None:
    """The fact that says how the hours between joined episodes count."""
    for name in decision.facts:
        fact = world.facts.get(name)
        if fact is not None and fact.type == "choice" and tuple(fact.values) == GAP_READINGS:
            return name
    return None


def _window(world: World, decision: Decision) -> Any:
    assert decision.for_each is not None
    return next((world.params[n.partition(".")[2]] for n in decision.for_each[1].names if "window" in n), 24)


def _listed(world: World, decision: Decision, known: Mapping[str, Any], gap: str | None, reading: str) -> Any:
    assert decision.for_each is not None
    scope = {**dict.fromkeys(decision.facts), **known, "params": world.params, "settings": settings_context(world)}
    if gap is not None:
        scope[gap] = reading
    return decision.for_each[1].evaluate(scope)


def _episodes(
    world: World, decision: Decision, name: str, known: Mapping[str, Any], lines: tuple[Line, ...], output: str,
    as_of: dt.datetime | None,
) -> tuple[Episode, ...] | None:  # fmt: skip
    """The stretches each on its own, with what the pack says of the time between them."""
    gap = gap_fact(world, decision)
    apart = _listed(world, decision, known, gap, SEPARATE)
    if apart is None:
        return None
    joined = _listed(world, decision, known, gap, DROPPED) if gap is not None else apart
    ends = None if joined is None else {one["until"] for one in joined}
    made = []
    for number, one in enumerate(apart, start=1):
        following = apart[number] if number < len(apart) else None
        between = None if following is None else (following["from"] - one["until"]) // dt.timedelta(hours=1)
        together: bool | None = False
        if following is not None:
            together = None if ends is None else one["until"] not in ends
        made.append(Episode(
            number, one["from"], one["until"], one["hours"], peak(one),
            tuple((line, longest(one, line.op, line.value)) for line in lines),
            _level_alone(world, decision, name, known, gap, one, output, as_of), between, together,
        ))  # fmt: skip
    return tuple(made)


def _level_alone(
    world: World, decision: Decision, name: str, known: Mapping[str, Any], gap: str | None, one: Mapping[str, Any],
    output: str, as_of: dt.datetime | None,
) -> str | None:  # fmt: skip
    """The level of one stretch by itself: the decision over its readings alone."""
    series = known[name]
    part = Series(one["from"], series.step, tuple(one["values"]), tuple(one["marks"]))
    outcome = decide(world, decision.id, {**known, name: part, **({gap: SEPARATE} if gap else {})}, as_of=as_of)
    return outcome.value.get(output) if outcome.settled and outcome.value else None


def _suppose(
    world: World, decision: Decision, outcome: Outcome, known: Mapping[str, Any], output: str,
    as_of: dt.datetime | None,
) -> list[Supposition]:  # fmt: skip
    """What each answer to what is open would give: for facts with few values, and settings with few values."""
    found = []
    for name in outcome.ask:
        fact = world.facts.get(name)
        values: tuple[Any, ...] = ()
        if fact is not None:
            values = (True, False) if fact.type == "boolean" else tuple(fact.values) if fact.type == "choice" else ()
        for value in values:
            level = _would_be(world, decision, {**known, name: value}, output, as_of)
            found.append(Supposition(fact.label, name, value, level, "fact"))
    for setting in outcome.open:
        spec = world.settings[setting.name]
        values = (True, False) if spec.type == "boolean" else tuple(spec.candidates or spec.values)
        for value in values:
            level = _would_be(world.with_settings({setting.name: value}), decision, known, output, as_of)
            found.append(Supposition(spec.label, setting.name, value, level, "setting"))
    return found


def _would_be(
    world: World, decision: Decision, known: Mapping[str, Any], output: str, as_of: dt.datetime | None
) -> str:
    outcome = decide(world, decision.id, known, as_of=as_of)
    if outcome.settled and outcome.value and not outcome.needs_person:
        return str(outcome.value.get(output))
    options = tuple(dict.fromkeys(str(c.get(output)) for c in outcome.candidates if output in c))
    return "或".join(options) or "需人工判定"
