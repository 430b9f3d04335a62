"""The words of an indicator: what is measured, from where, to what target by when, and what is said of it.

A pack's file (policy.schema) says how it is written down; engine.indicator_forms makes its decisions; observations
(engine.indicator_observations) are judged by them in engine.indicator_judge.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from gongbao.engine.model import SettingRef, Who

Number = int | Decimal

# What is said of an indicator.
REACHED = "达标"  # the target is reached, early too
MISSED = "未达标"  # the target year's value is there and does not reach it
ON_PATH = "在轨"  # the target year is not over; the point that the path has for this year is reached
BEHIND = "落后"  # that point is not reached
UNDER_WAY = "推进中"  # the target year is not over, and nothing says what this year should have reached
NO_DATA = "无数据"  # the value that would have to be judged is not there
PERSON = "需人工判定"  # a person judges, or somebody has yet to say a number or a reading
STATUSES = (MISSED, BEHIND, PERSON, NO_DATA, UNDER_WAY, ON_PATH, REACHED)
"""From what most needs looking at to what is done: of several targets the first of these stands for the whole."""

ABOVE = ("国家", "省", "市")  # who assigns targets; anything else that `by` names is a number that stands elsewhere
YES, NO = "达到", "未达到"  # what a person says of a qualitative target
PREVIOUS, PATH = "上年实际", "累计路径"  # the readings of a yearly change that a setting chooses from
POINTS, PERCENT = "百分点", "%"  # the readings of 提高10%
LINEAR = "按直线"  # the reading of the years between that a setting declares

YEAR, FINAL = "indicator_year", "indicator_final"  # facts that every indicator's decisions read


@dataclass(frozen=True, slots=True)
class Ratio:
    """`num` for every `per` of `den`, both observed under their fact's id."""

    num: str
    den: str
    per: int = 1


@dataclass(frozen=True, slots=True)
class Baseline:
    year: int | SettingRef | None = None
    value: Number | None = None
    bound: str | None = None
    text: str | None = None

    @property
    def known(self) -> Number | None:
        """The number to reckon with."""
        return self.value if self.bound is None else None


@dataclass(frozen=True, slots=True)
class Judge:
    """Whom the target is for; one of `share` (per cent) and `at_least` where not all must reach it."""

    each: str
    share: Number | None = None
    at_least: Number | None = None
    count: int | SettingRef | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """What a year between should have reached, as the text says it."""

    value: Number
    cite: str


@dataclass(frozen=True, slots=True)
class Target:
    """One target with the ids of its decisions; see policy.schema.TargetSpec for the forms."""

    form: str
    cite: str
    decision: str
    progress: str | None  # judges a value against the point of its year; None where no side is good
    whole: str | None  # judges the members together; None where nobody is judged each
    year: int | None = None
    each_year: bool = False
    since: int | None = None
    value: Number | None = None
    strict: bool = False
    by: Number | str | None = None
    unit: str | SettingRef | None = None
    against: str | SettingRef | None = None
    over: str | None = None
    tolerance: Number | SettingRef | None = None
    strive: bool = False
    judge: Judge | None = None
    milestones: Mapping[int, Point] = field(default_factory=dict)
    quotas: Mapping[str, tuple[Number, str]] = field(default_factory=dict)  # subject -> (its own target, decision)
    text: str | None = None
    up: bool | None = None  # which side is good; None: neither

    @property
    def assigned_as(self) -> str:
        """What the number of an assigned target is called: 省下达的目标, or a number that stands elsewhere."""
        return f"{self.by}下达的目标" if self.by in ABOVE else str(self.by)

    @property
    def decisions(self) -> frozenset[str]:
        """The ids of all that it is judged by."""
        own = {self.decision, self.progress, self.whole, *(decision for _, decision in self.quotas.values())}
        return frozenset(name for name in own if name is not None)

    @property
    def reads_previous(self) -> bool:
        return self.form == "change" and (isinstance(self.against, SettingRef) or self.against == "previous_actual")

    @property
    def reads_baseline(self) -> bool:
        return self.form == "growth" or (self.form == "change" and self.against != "previous_actual")


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator of a plan. `key` is what it is observed under: its shared name, or `<pack>:<id>`."""

    id: str
    key: str
    label: str
    cite: str
    targets: tuple[Target, ...]
    group: str | None = None
    unit: str = ""
    ratio: Ratio | None = None
    baseline: Baseline = Baseline()
    nature: str | None = None
    owner: tuple[Who, ...] = ()
    with_: tuple[Who, ...] = ()
    source: str | None = None
    min: Number | None = None
    max: Number | None = None
    step: Number | None = None
    path: str | None = None  # a setting
    parts: tuple[str, ...] = ()

    @property
    def qualitative(self) -> bool:
        return all(target.form == "qualitative" for target in self.targets)

    def fact(self, what: str = "value") -> str:
        """The fact of its decisions: value, base, previous, assigned, judged, point, passed, missing, members."""
        return f"indicator_{self.id}_{what}"


def worst(statuses: list[str]) -> str:
    """The status that stands for several."""
    return min(statuses, key=STATUSES.index)
