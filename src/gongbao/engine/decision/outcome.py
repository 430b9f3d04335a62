"""What a decision gives for the facts of one case: a settled outcome, candidates with questions, or a person's turn.

A row that comes out null, 需人工判定, or no row at all, means that the text has no rule for these facts: a person
decides, and the outcome says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

from gongbao.engine.decision.logic import PERSON, Decision
from gongbao.engine.decision.unknown import OPEN
from gongbao.engine.functions import REGISTERS
from gongbao.engine.time.dates import CALENDAR, Counted
from gongbao.engine.world import World
from gongbao.feel.values import Value


@dataclass(frozen=True, slots=True)
class OpenSetting:
    """A setting that is not filled and matters here; `owner` is the unit asked for where each fills its own."""

    name: str
    label: str
    owner: str
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One way to a candidate: `when` are values of unknown facts, settings and required decisions (dotted names),
    `rows` the rows it can stand on."""

    value: Mapping[str, Value]
    when: Mapping[str, Value]
    rows: tuple[int, ...]


class Outcome:
    """What a decision gives for these facts.

    status        settled: one outcome whatever the unknown facts are; candidates: several are possible.
    value         the outputs by name when settled (lists of values when rows are collected, or `take: all`), else
                  None. None too when the text has no rule for the facts.
    candidates    the possible outputs, each whole; an output that may be any value is left out of its candidate.
    complete      whether `candidates` are all (False: an output may be a value that cannot be listed).
    exact         whether each of them comes out in a case that was found, and none is left out but what cannot be listed.
    doubts        why the candidates are not complete or not exact, in Chinese.
    at_least      for each ordered output the lowest candidate, when all are known.
    ask           the facts whose answer can change it, the most telling first.
    open          the settings that are not filled and matter.
    needs_person  a person must decide (需人工判定); `reason` says why, in Chinese.
    rows          the matched rows, by their place in the decision (0-based), `cites` their clauses.
    cases         for each candidate a case in which it comes out.
    unruled       a case is possible in which the text has no rule.
    """

    # What most outcomes are; an outcome holds what is otherwise.
    status: Literal["settled", "candidates"] = "settled"
    value: dict[str, Value] | None = None
    rows: tuple[int, ...] = ()
    candidates: tuple[dict[str, Value], ...] = ()
    complete: bool = True
    exact: bool = True
    doubts: tuple[str, ...] = ()
    at_least: Mapping[str, Value] = MappingProxyType({})
    ask: tuple[str, ...] = ()
    open: tuple[OpenSetting, ...] = ()
    needs_person: bool = False
    reason: str = ""
    unruled: bool = False
    items: tuple[tuple[Value, tuple[int, ...]], ...] = ()
    cases: tuple[Case, ...] = ()
    required: Mapping[str, Outcome] = MappingProxyType({})
    as_of: dt.datetime | None = None
    captured: tuple[Any, ...] | None = None  # by a plan (engine.decision.plan): facts, lets, inputs, outputs
    known: tuple[str, ...] = ()  # the facts captured

    def __init__(
        self,
        world: World,
        decision: Decision,
        scope: dict[str, Value],
        required: Mapping[str, Outcome],
        as_of: dt.datetime | None = None,
    ) -> None:
        """An outcome of the general way; engine.decision.plan makes its own, with what it `captured` (see there)."""
        self.world = world
        self.decision = decision
        self.scope = scope
        self.required = required
        self.as_of = as_of

    @cached_property
    def facts(self) -> Mapping[str, Value]:
        """The facts that it stands on, those of required decisions included, as a plan captured them."""
        facts: dict[str, Value] = dict(zip(self.known, self.captured or (), strict=False))
        for inner in self.required.values():
            facts |= inner.facts
        return facts

    @cached_property
    def scope(self) -> dict[str, Value]:
        """What its expressions could see."""
        seen = scope_of(self.world, self.decision, self.facts, as_of=self.as_of)
        return seen | {name: inner.value for name, inner in self.required.items()}

    @property
    def settled(self) -> bool:
        return self.status == "settled"

    @property
    def output(self) -> Value:
        """The plain value of the one output, or the outputs by name; None when there is none."""
        if self.value is None:
            return None
        return next(iter(self.value.values())) if len(self.value) == 1 else self.value

    @property
    def version(self) -> str:
        return self.world.version

    @property
    def calendar_years(self) -> tuple[int, ...]:
        """The years in which working days were counted, those of required decisions included."""
        own = self.scope.get(CALENDAR) if self.captured is None else None
        years = set(own.years) if own is not None else set()
        return tuple(sorted(years.union(*(inner.calendar_years for inner in self.required.values()))))

    @property
    def cites(self) -> tuple[str, ...]:
        """The clauses of the matched rows, or of the decision where no row matched."""
        found = [self.decision.rows[row].cite for row in self.rows] or [self.decision.cite]
        return tuple(found) if len(found) == 1 else tuple(dict.fromkeys(found))

    def __repr__(self) -> str:
        shown = self.value if self.settled else self.candidates
        return f"Outcome({self.decision.id}: {self.status} {shown!r}, rows={self.rows})"


def scope_of(
    world: World,
    decision: Decision,
    facts: Mapping[str, Value],
    decided: Mapping[str, Value] = MappingProxyType({}),
    case: Mapping[str, Value] = MappingProxyType({}),
    as_of: dt.datetime | None = None,
) -> dict[str, Value]:
    """What the expressions of a decision see, without the decisions that it requires."""
    scope = {**facts, "params": world.params, "decided": decided, "case": case, "as_of": as_of}
    if decision.looks_up:
        scope[REGISTERS] = world.registers
    if decision.counts_days:
        scope[CALENDAR] = Counted(world.calendar)
    if decision.settings:
        scope["settings"] = {name: world.settings[name].value for name in decision.settings}
    return scope


def facts_of(outcome: Outcome) -> dict[str, Value]:
    """The known facts that an outcome and those it requires were decided by."""
    found: dict[str, Value] = {}
    for inner in outcome.required.values():
        found |= facts_of(inner)
    names = {path[0] for path in outcome.decision.fact_paths}
    return found | {name: outcome.scope[name] for name in names if outcome.scope.get(name) is not None}


def settle(outcome: Outcome, rows: tuple[int, ...], outputs: Sequence[Value]) -> Outcome:
    """The outcome as settled by these rows with these outputs; a person's turn where they say so."""
    outcome.rows = rows
    outcome.value = named(outcome.decision, outputs)
    if outcome.decision.listing or not says_person(outputs):
        return outcome
    if not rows:
        outcome.value = None
        return no_rule(outcome)
    judged_by_row(outcome, outputs)
    return outcome


def named(decision: Decision, outputs: Sequence[Value]) -> dict[str, Value]:
    """The outputs by name, those left out that could be any value."""
    return {output.name: value for output, value in zip(decision.outputs, outputs, strict=True) if value is not OPEN}


def no_rule(outcome: Outcome) -> Outcome:
    outcome.unruled = outcome.needs_person = True
    outcome.reason = f"{PERSON}：“{outcome.decision.label}”没有写这种情形（{outcome.decision.cite}）"
    return outcome


def against(outcome: Outcome, assumed: str = "") -> Outcome:
    """A person's turn, as what is known cannot be what the decision assumes (`assumed`: which of it, as written)."""
    outcome.unruled = outcome.needs_person = True
    which = f"“{assumed}”" if assumed else "（assume）"
    outcome.reason = f"{PERSON}：已知事实与“{outcome.decision.label}”的前提{which}不能同时成立"
    return outcome


def judged_by_row(outcome: Outcome, outputs: Sequence[Value]) -> None:
    """The matched row says itself that the text has no rule: null in every output, or 需人工判定."""
    row = outcome.decision.rows[outcome.rows[0]] if outcome.rows else None
    why = row.note if row is not None and row.note else "文中没有写这种情形"
    outcome.unruled = outcome.needs_person = True
    outcome.reason = f"{PERSON}：{why}（{row.cite if row is not None else outcome.decision.cite}）"
    if all(value is None for value in outputs):
        outcome.value = None


def says_person(outputs: Sequence[Value]) -> bool:
    """Whether a row's outputs leave it to a person: null in every output, or 需人工判定 in one."""
    return PERSON in outputs or outputs.count(None) == len(outputs)
