"""The gate for observations: rows of JSON, CSV or XLSX become observations, all of them or none.

A row is by ids or by Chinese headings (FIELDS). Every error names its row, its field, the value given and what is allowed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gongbao.engine.fact import Fact, FactErrors, read_facts
from gongbao.engine.indicator import Number
from gongbao.engine.indicator_observations import CITY, TARGET, VALUE, Observation, Period, after, parse_period
from gongbao.engine.scalars import TOO_LARGE
from gongbao.engine.time.calendar import SHANGHAI
from gongbao.engine.units import Units
from gongbao.engine.world import World

_OF = {"": VALUE, "数值": VALUE, "下达目标": TARGET, VALUE: VALUE, TARGET: TARGET}
FIELDS = {
    "indicator": "指标", "subject": "对象", "period": "时期", "value": "数值", "unit": "单位", "of": "类别", "source": "来源",
    "reported_at": "报送时间", "reported_by": "报送人", "revises": "更正", "id": "编号", "note": "备注",
}  # fmt: skip
_KEYS = {**{label: name for name, label in FIELDS.items()}, **{name: name for name in FIELDS}}


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


def subject_of(units: Units, name: str) -> str:
    """The subject as it is kept: CITY, the area of a government, a unit's full name, or the name as it stands."""
    name = name.strip()
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
            subjects[name] = subject_of(worlds[0].units, name)
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
        elif not after(one, other):
            yield RowError(number, "revises", one.revises, f"更正的报送时间早于所更正的“{one.revises}”")
