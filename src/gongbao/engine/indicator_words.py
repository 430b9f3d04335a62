"""Indicators in words and as data: a target as an office writes it, and what was said of an indicator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from gongbao.engine.canonical import to_jsonable
from gongbao.engine.indicator import ABOVE, PERCENT, POINTS, STATUSES, Indicator, Number, Target
from gongbao.engine.indicator_judge import Judged, Result
from gongbao.engine.indicator_observations import CITY, Book, Observation
from gongbao.engine.model import SettingRef
from gongbao.engine.world import World

_LONG, _PLACES = 15, Decimal("0.0001")
_SIGNS = {"floor": "≥", "ceiling": "≤", "about": "约", "rank": "前", "exact": "＝"}


def shown(value: Number | str | None, unit: str = "") -> str:
    """A number with its unit, without zeros behind that say nothing."""
    if value is None or isinstance(value, str):
        return value or "—"
    if isinstance(value, Decimal) and len(value.as_tuple().digits) > _LONG:
        value = value.quantize(_PLACES)  # a quotient; what is judged is the whole of it
    text = str(value) if isinstance(value, int) else f"{value:f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}{unit}"


def said_of(indicator: Indicator, target: Target, *, dated: bool = False) -> str:
    """A target in a few words: ≥90%、每年降低0.5个百分点、由省下达 ...; `dated`: with its year."""
    every = "每年" if target.each_year else f"{target.year}年" if dated else ""
    return every + _said(indicator, target)


def _said(indicator: Indicator, target: Target) -> str:
    unit = indicator.unit
    if target.form in ("change", "growth") and isinstance(target.by, int | Decimal):
        against = {"baseline": "比基期", "previous_actual": "比上年"}.get(str(target.against), "")
        if target.by == 0:
            if target.strict:
                return f"{against}{'提高' if target.up else '降低'}"
            return f"{'不低于' if target.up else '不高于'}{against.removeprefix('比')}"
        by = shown(
            abs(Decimal(target.by)),
            "%" if target.form == "growth" else _unit(target, unit),
        )
        return f"{against}{'年均' if target.form == 'growth' else ''}{'提高' if target.by > 0 else '降低'}{by}"
    if target.form == "qualitative":
        return target.text or "由人判定"
    if target.form == "assigned":
        if target.by in ABOVE:
            return f"由{target.by}下达"
        side = ("高于" if target.up else "低于") if target.strict else ("不低于" if target.up else "不高于")
        return f"{side}{target.by}"
    if target.form == "zero":
        return "为零"
    if target.form == "full":
        return f"全部（{shown(100 if target.value is None else target.value, unit)}）"
    sign = _SIGNS.get(target.form, "")
    if target.strict:
        sign = "＞" if target.up else "＜"
    return f"{ {'sum': '累计', 'mean': '年均'}.get(target.over or '', '') }{sign}{shown(target.value, unit)}"


def _unit(target: Target, unit: str) -> str:
    """The unit of a change."""
    if isinstance(target.unit, SettingRef):
        return PERCENT
    return f"个{POINTS}" if target.unit == POINTS else target.unit or unit


def counts(results: Iterable[Judged]) -> dict[str, int]:
    """How many indicators of the city have each status, in the order of STATUSES."""
    found = Counter(each.status for each in results if each.subject == CITY)
    return {status: found[status] for status in STATUSES if found[status]}


def indicator_as_dict(world: World, indicator: Indicator) -> dict[str, Any]:
    """An indicator as JSON data, without its observations."""
    baseline = indicator.baseline
    return {
        "id": indicator.id, "key": indicator.key, "label": indicator.label, "group": indicator.group,
        "unit": indicator.unit, "nature": indicator.nature, "owner": [who.name for who in indicator.owner],
        "with": [who.name for who in indicator.with_], "cite": indicator.cite,
        "baseline": {"year": _plain(baseline.year), "value": to_jsonable(baseline.value), "bound": baseline.bound},
        "targets": [
            {"form": target.form, "year": target.year, "each_year": target.each_year,
             "says": said_of(indicator, target), "printed": target.text, "decision": target.decision, "cite": target.cite}
            for target in indicator.targets
        ],
    }  # fmt: skip


def judged_as_dict(world: World, one: Judged, book: Book) -> dict[str, Any]:
    """What was said of an indicator for one subject as JSON data."""
    return {
        **indicator_as_dict(world, one.indicator), "subject": one.subject or world.units.city, "status": one.status,
        "results": [_result(world, result, book) for result in one.results],
    }  # fmt: skip


def _result(world: World, result: Result, book: Book) -> dict[str, Any]:
    outcomes = [each for each in (result.outcome, result.progress) if each is not None]
    cites = list(dict.fromkeys(cite for each in outcomes for cite in each.cites)) or [result.target.cite]
    made: dict[str, Any] = {
        "status": result.status, "reason": result.reason, "says": said_of(result.indicator, result.target),
        "year": result.year, "value": to_jsonable(result.value), "goal": to_jsonable(result.goal),
        "gap": to_jsonable(result.gap), "per_year": to_jsonable(result.per_year), "needed": to_jsonable(result.needed),
        "point": to_jsonable(result.point), "own_target": result.own, "cites": cites,
        "decisions": [each.decision.id for each in outcomes],
        "from": [_observation(world, one, book) for one in result.from_],
        "latest": _observation(world, result.latest, book) if result.latest is not None else None,
    }  # fmt: skip
    if result.years:
        made["years"] = [
            {"year": year, "value": to_jsonable(value), "status": status} for year, value, status in result.years
        ]
    if result.members:
        made |= {
            "count": result.count,
            "members": [{"subject": each.subject, **_result(world, each, book)} for each in result.members],
            "failing": list(result.failing),
            "silent": list(result.silent),
        }
    return made


def _observation(world: World, one: Observation, book: Book) -> dict[str, Any]:
    """A report with what it replaced, oldest first; `days_after`: how long after the end of its period it came."""
    made = _report(world, one)
    made["earlier"] = [_report(world, each) for each in book.history(one)]
    return made


def _report(world: World, one: Observation) -> dict[str, Any]:
    at = one.reported_at
    return {
        "of": one.key, "subject": one.subject or world.units.city, "period": one.period.code,
        "value": to_jsonable(one.value), "source": one.source, "reported_at": at.isoformat() if at else None,
        "reported_by": one.reported_by, "revises": one.revises, "id": one.id, "note": one.note,
        "days_after": (at.date() - one.period.end).days if at else None,
    }  # fmt: skip


def _plain(year: int | SettingRef | None) -> int | None:
    return year if isinstance(year, int) else None
