"""Observations: what was measured of whom for which period, said by whom and when, and corrected how often.

`read_observations` is the gate for rows of JSON, CSV or XLSX; `Book` holds them by what they are of, in one pass. Of one
period the last report counts; the earlier ones stay. What was reported after the day of judging is not seen.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from gongbao.engine.fact import Fact, FactErrors, read_facts
from gongbao.engine.indicator import Number
from gongbao.engine.scalars import TOO_LARGE
from gongbao.engine.time.calendar import SHANGHAI
from gongbao.engine.world import World

CITY = ""  # the subject that is the whole city
VALUE, TARGET = "value", "target"
_OF = {"": VALUE, "数值": VALUE, "下达目标": TARGET, VALUE: VALUE, TARGET: TARGET}
FIELDS = {
    "indicator": "指标", "subject": "对象", "period": "时期", "value": "数值", "unit": "单位", "of": "类别", "source": "来源",
    "reported_at": "报送时间", "reported_by": "报送人", "revises": "更正", "id": "编号", "note": "备注",
}  # fmt: skip
_KEYS = {**{label: name for name, label in FIELDS.items()}, **{name: name for name in FIELDS}}


class Period(NamedTuple):
    """A year, or a half, quarter or month of it (`n` from 1), as `period` makes it; `final`: it ends with the year."""

    year: int
    part: str
    n: int
    end: dt.date
    final: bool

    def __str__(self) -> str:
        if self.part == "year":
            return f"{self.year}年"
        if self.part == "half":
            return f"{self.year}年{'上' if self.n == 1 else '下'}半年"
        return (
            f"{self.year}年{'第' if self.part == 'quarter' else ''}{self.n}{'季度' if self.part == 'quarter' else '月'}"
        )

    @property
    def code(self) -> str:
        """2025, 2025H1, 2025Q3, 2025-07."""
        mark = {"year": "", "half": f"H{self.n}", "quarter": f"Q{self.n}", "month": f"-{self.n:02}"}[self.part]
        return f"{self.year}{mark}"


@lru_cache(maxsize=4096)
def period(year: int, part: str = "year", n: int = 1) -> Period:
    """The n-th part (year, half, quarter, month) of a year."""
    month = n * _MONTHS[part]
    end = dt.date(year, 12, 31) if month == 12 else dt.date(year, month + 1, 1) - dt.timedelta(days=1)
    return Period(year, part, n, end, month == 12)


_MONTHS = {"year": 12, "half": 6, "quarter": 3, "month": 1}
_PERIODS = (
    (re.compile(r"(\d{4})年?"), "year", 1),
    (re.compile(r"(\d{4})年?(?:-?H([12])|(上|下)半年)"), "half", 2),
    (re.compile(r"(\d{4})年?(?:-?Q([1-4])|第?([1-4一二三四])季度)"), "quarter", 4),
    (re.compile(r"(\d{4})(?:-(\d{1,2})|年(\d{1,2})月)"), "month", 12),
)
_WORDS = {"上": 1, "下": 2, "一": 1, "二": 2, "三": 3, "四": 4}
PERIODS = "2025、2025H1、2025Q3、2025-07（或 2025年上半年、2025年第3季度、2025年7月）"


def parse_period(text: str) -> Period:
    """A period as people write it. ValueError with what may stand there."""
    plain = "".join(str(text).split()).upper()
    for pattern, part, most in _PERIODS:
        if found := pattern.fullmatch(plain):
            said = next((group for group in found.groups()[1:] if group), "1")
            n = _WORDS.get(said) or int(said)
            if 1 <= n <= most and 1900 <= int(found[1]) <= 2200:
                return period(int(found[1]), part, n)
    raise ValueError(f"时期“{text}”读不懂；应写作 {PERIODS}")


class Observation(NamedTuple):
    """One report. `key`: of what (an indicator's key, or the id of a ratio's term); `subject`: of whom, CITY or a name."""

    key: str
    subject: str
    period: Period
    value: Number | str  # a text only of a qualitative target: 达到, 未达到
    of: str = VALUE  # or TARGET: a number that somebody assigned
    source: str = ""
    reported_at: dt.datetime | None = None
    reported_by: str = ""
    revises: str | None = None
    id: str | None = None
    note: str = ""

    @property
    def final(self) -> bool:
        return self.period.final

    @property
    def from_(self) -> tuple[Observation, ...]:
        return (self,)


Series = dict[Period, Observation]


@dataclass(slots=True)
class Book:
    """Observations by (key, subject, of), the last of every period; `earlier` holds those that no longer count."""

    series: dict[tuple[str, str, str], Series] = field(default_factory=dict)
    earlier: dict[tuple[str, str, str, Period], list[Observation]] = field(default_factory=dict)
    subjects: dict[str, dict[str, None]] = field(default_factory=dict)  # key -> the subjects that have any

    @classmethod
    def of(cls, observations: Iterable[Observation], on: dt.date | None = None) -> Book:
        """What was reported by the end of a day. A report without a time counts as the first of its period."""
        book = cls()
        series, earlier = book.series, book.earlier
        cutoff = None if on is None else dt.datetime.combine(on + dt.timedelta(days=1), dt.time(), SHANGHAI)
        for one in observations:
            at = one.reported_at
            if at is not None and cutoff is not None and at >= cutoff:
                continue
            name = (one.key, one.subject, one.of)
            held = series.get(name)
            if held is None:
                series[name] = {one.period: one}
                continue
            other = held.setdefault(one.period, one)
            if other is not one:
                late, early = (one, other) if _after(one, other) else (other, one)
                held[one.period] = late
                earlier.setdefault((*name, one.period), []).append(early)
        for key, subject, _ in series:
            book.subjects.setdefault(key, {})[subject] = None
        return book

    def get(self, key: str, subject: str, of: str = VALUE) -> Series:
        return self.series.get((key, subject, of)) or {}

    def history(self, one: Observation) -> list[Observation]:
        """The earlier reports of the same, oldest first."""
        found = self.earlier.get((one.key, one.subject, one.of, one.period)) or []
        return sorted(found, key=lambda each: each.reported_at or _FIRST)


_FIRST = dt.datetime(1, 1, 1, tzinfo=SHANGHAI)


def _after(one: Observation, other: Observation) -> bool:
    """Whether the one that comes later in the file counts: unless it was reported before the other."""
    return (one.reported_at or _FIRST) >= (other.reported_at or _FIRST)


# Reading -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RowError:
    """One thing wrong: `row` from 1, `field` of FIELDS, the value given, and the sentence for the user."""

    row: int
    field: str
    value: Any
    message: str

    def __str__(self) -> str:
        return f"第 {self.row} 行“{FIELDS.get(self.field, self.field)}”：{self.message}"


class ObservationErrors(ValueError):
    """Everything that is wrong with the rows; none of them was taken."""

    def __init__(self, items: Sequence[RowError]) -> None:
        self.items = tuple(items)
        super().__init__("\n".join(str(item) for item in items))


@dataclass(frozen=True, slots=True)
class Measure:
    """What an observation may be of, and what its values may be."""

    key: str
    label: str
    fact: Fact
    assigned: bool = False  # a target that somebody assigns may be entered


def measures(worlds: Iterable[World]) -> dict[str, Measure]:
    """Every name by which something can be observed: shared name, `pack:id`, label, and, of one pack alone, the id.

    A label that means different things in different packs is left out.
    """
    found: dict[str, Measure] = {}
    labels: dict[str, Measure | None] = {}
    worlds = tuple(worlds)
    for world in worlds:
        for indicator in world.indicators.values():
            fact = world.facts[indicator.fact("judged" if indicator.qualitative else "value")]
            assigned = any(target.form == "assigned" for target in indicator.targets)
            one = Measure(indicator.key, indicator.label, fact, assigned)
            found[indicator.key] = found[f"{world.pack}:{indicator.id}"] = one
            if len(worlds) == 1:
                found[indicator.id] = one
            known = labels.setdefault(indicator.label, one)
            if known is not None and known.key != one.key:
                labels[indicator.label] = None
            for term in (indicator.ratio.num, indicator.ratio.den) if indicator.ratio else ():
                found[term] = labels[world.facts[term].label] = Measure(
                    term, world.facts[term].label, world.facts[term]
                )
    return {**{label: one for label, one in labels.items() if one is not None}, **found}


def subject_of(world: World, name: str) -> str:
    """The subject as it is kept: CITY, the area of a government, a unit's full name, or the name as it stands."""
    units, name = world.units, name.strip()
    if name in ("", "全市", units.city) or name in units.areas:
        return CITY if name not in units.areas else name
    if not units.knows(name):
        return name
    unit = units.find(name)
    if unit.area in units.areas and (unit.kind == "政府" or "人民政府" in unit.functions):
        return str(unit.area)
    return unit.name


def read_observations(rows: Iterable[Mapping[str, Any]], worlds: Iterable[World]) -> list[Observation]:
    """Rows as typed (keys of FIELDS or their labels) as observations. ObservationErrors with all that is wrong."""
    worlds = tuple(worlds)
    known = measures(worlds)
    periods: dict[str, Period] = {}
    subjects: dict[str, str] = {}
    errors: list[RowError] = []
    made: list[Observation] = []
    for number, raw in enumerate(rows, 1):
        before = len(errors)
        if not isinstance(raw, Mapping):
            errors.append(RowError(number, "indicator", raw, "应是一组“名称: 值”"))
            continue
        row = _fields(number, raw, errors)
        measure = known.get(str(row.get("indicator") or "").strip())
        if measure is None:
            errors.append(RowError(number, "indicator", row.get("indicator"), _no_measure(row.get("indicator"), known)))
            continue
        text = str(row.get("period") or "").strip()
        if text not in periods:
            try:
                periods[text] = parse_period(text)
            except ValueError as error:
                errors.append(RowError(number, "period", row.get("period"), str(error)))
        name = str(row.get("subject") or "")
        if name not in subjects:
            subjects[name] = subject_of(worlds[0], name)
        of = _OF.get(str(row.get("of") or "").strip())
        if of is None or (of == TARGET and not measure.assigned):
            allowed = "数值（value）、下达目标（target）" if measure.assigned else "数值（value）"
            errors.append(RowError(number, "of", row.get("of"), f"“{row.get('of')}”不能写在这里；可写：{allowed}"))
        unit = str(row.get("unit") or "").strip()
        if unit and unit != (measure.fact.unit or ""):
            wanted = f"“{measure.fact.unit}”" if measure.fact.unit else "空（没有单位）"
            errors.append(RowError(number, "unit", unit, f"“{measure.label}”的单位应为{wanted}，现为“{unit}”"))
        value = _value(number, measure, row.get("value"), errors)
        at = _time(number, row.get("reported_at"), errors)
        if len(errors) > before or value is None or of is None:
            continue
        made.append(Observation(
            measure.key, subjects[name], periods[text], value, of, str(row.get("source") or ""), at,
            str(row.get("reported_by") or ""), _maybe(row.get("revises")), _maybe(row.get("id")), str(row.get("note") or ""),
        ))  # fmt: skip
    errors += _revisions(made) if not errors else ()
    if errors:
        raise ObservationErrors(errors)
    return made


def _fields(number: int, raw: Mapping[str, Any], errors: list[RowError]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for key, value in raw.items():
        name = _KEYS.get(str(key).strip())
        if name is None:
            errors.append(RowError(number, str(key), value, f"没有这一栏；可写：{'、'.join(FIELDS.values())}"))
        else:
            row[name] = value
    return row


def _no_measure(name: Any, known: Mapping[str, Measure]) -> str:
    if name in (None, ""):
        return "没有写是哪个指标"
    labels = list(dict.fromkeys(one.label for one in known.values()))
    more = "" if len(labels) <= 12 else f" 等 {len(labels)} 项"
    return f"没有“{name}”这个指标；有：{'、'.join(labels[:12]) or '无'}{more}"


def _value(number: int, measure: Measure, raw: Any, errors: list[RowError]) -> Number | str | None:
    fact = measure.fact
    if type(raw) is int and fact.numeric and (fact.min is None or raw >= fact.min) and (
        raw <= fact.max if fact.max is not None else raw < TOO_LARGE
    ) and raw > -TOO_LARGE:  # fmt: skip
        return raw
    try:
        found = read_facts({measure.fact.id: measure.fact}, {measure.fact.id: raw})
    except FactErrors as wrong:
        allowed = wrong.items[0].allowed
        errors.append(RowError(number, "value", raw, f"“{measure.label}”现为“{raw}”，应为{allowed}"))
        return None
    if measure.fact.id not in found:
        errors.append(RowError(number, "value", raw, f"“{measure.label}”没有填数值"))
        return None
    value: Number | str = found[measure.fact.id]
    return value


def _time(number: int, raw: Any, errors: list[RowError]) -> dt.datetime | None:
    if raw in (None, ""):
        return None
    if isinstance(raw, dt.datetime):
        return raw.replace(tzinfo=SHANGHAI) if raw.tzinfo is None else raw.astimezone(SHANGHAI)
    if isinstance(raw, dt.date):
        return dt.datetime.combine(raw, dt.time(), SHANGHAI)
    try:
        found = dt.datetime.fromisoformat(str(raw).strip())
    except ValueError:
        errors.append(RowError(number, "reported_at", raw, f"“{raw}”读不懂；应写作 2026-01-15 或 2026-01-15 09:30"))
        return None
    return found.replace(tzinfo=SHANGHAI) if found.tzinfo is None else found.astimezone(SHANGHAI)


def _maybe(raw: Any) -> str | None:
    return None if raw in (None, "") else str(raw).strip()


def _revisions(made: Sequence[Observation]) -> Iterable[RowError]:
    """A correction names a report of the same indicator, subject and period that was made before it."""
    by_id: dict[str, Observation] = {}
    for number, one in enumerate(made, 1):
        if one.id is None:
            continue
        if one.id in by_id:
            yield RowError(number, "id", one.id, f"编号“{one.id}”重复")
        by_id[one.id] = one
    for number, one in enumerate(made, 1):
        if one.revises is None:
            continue
        other = by_id.get(one.revises)
        if other is None:
            yield RowError(number, "revises", one.revises, f"没有编号为“{one.revises}”的数值")
        elif other[:3] != one[:3] or other.of != one.of:
            yield RowError(number, "revises", one.revises, f"“{one.revises}”是另一指标、对象或时期的数值")
        elif not _after(one, other):
            yield RowError(number, "revises", one.revises, f"更正的报送时间早于所更正的“{one.revises}”")
