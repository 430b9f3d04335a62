"""Cells as they are typed or imported, read by their columns; and as they are shown, personal ones masked by role."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from gongbao.engine.decision.decide import decide
from gongbao.engine.register import Column, cell
from gongbao.engine.units import UnitNotFound
from gongbao.feel.errors import FeelError
from gongbao.office import clock
from gongbao.office.pages import words
from gongbao.office.people import access
from gongbao.office.people.models import Account
from gongbao.office.resources.kept import Kept

LONGEST = 500
MOST_DIGITS = 12
_KINDS = {"integer": "整数", "number": "数", "money": "数", "date": "日期（2023-05-01）", "boolean": "是 或 否"}
_RANGES = {"longitude": (-180, 180), "latitude": (-90, 90)}


def read(one: Kept, column: Column, text: str) -> Any:
    """The value of a cell; None when empty. ValueError, in Chinese, with what is allowed."""
    text = text.strip()
    if text == "":
        if column.required or column.id in one.register.key:
            raise ValueError("不能为空")
        return None
    if len(text) > LONGEST:
        raise ValueError(f"有 {len(text)} 个字，最多 {LONGEST} 个")
    if any(ord(c) < 32 for c in text):
        raise ValueError("不能含有换行、制表等控制字符")
    try:
        value = cell(text, column.type)
    except ValueError as wrong:
        raise ValueError(f"{wrong}；应为{_KINDS.get(column.type, column.type)}") from None
    if column.values and value not in column.values:
        raise ValueError(f"只能是 {'、'.join(column.values)}")
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        _number(column, value)
    units = one.world.units
    if column.type == "unit":
        try:
            return units.find(text, clock.today()).name
        except UnitNotFound as unknown:
            raise ValueError(str(unknown)) from None
    if column.type == "place" and column.role in ("place", "neighbour") and units.areas and value not in units.areas:
        raise ValueError(f"只能是 {'、'.join(units.areas)}")
    return value


def _number(column: Column, value: int | Decimal) -> None:
    low, high = _RANGES.get(column.role or "", (0, 10**MOST_DIGITS))
    if not low <= value <= high:
        raise ValueError(f"应在 {low} 到 {high} 之间")
    exponent = value.as_tuple().exponent if isinstance(value, Decimal) else 0
    if isinstance(exponent, int) and exponent < -6:
        raise ValueError("最多六位小数")


def computed(one: Kept, values: Mapping[str, Any]) -> dict[str, str]:
    """What decisions make of the row, by column; where they cannot tell, what they would have to know."""
    found: dict[str, str] = {}
    for column in one.columns:
        if column.decided_by is None:
            continue
        name, _, output = column.decided_by.partition(".")
        facts = {fact: values.get(fact) for fact in one.world.facts if values.get(fact) is not None}
        try:
            outcome = decide(one.world, name, facts, as_of=clock.now())
        except FeelError as wrong:
            found[column.id] = f"算不出：{wrong}"
            continue
        possible = [outcome.value] if outcome.value is not None else list(outcome.candidates)
        output = output or next((key for each in possible for key in each), "")
        values_of = {str(each[output]) if each.get(output) is not None else "" for each in possible if output in each}
        if len(values_of) == 1 and "" not in values_of and outcome.complete:
            found[column.id] = values_of.pop()  # known, or the same whatever is unknown
        else:
            asked = [one.world.facts[fact].label for fact in outcome.ask if fact in one.world.facts]
            found[column.id] = f"待填{'、'.join(asked)}" if asked else "需人工判定"
    return found


def written(value: Any) -> str:
    """A cell as it stands in a list, a form and an exported table."""
    if value is None:
        return ""
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return "、".join(map(str, value))
    return words.shown(value)


def reads(account: Account, column: Column) -> bool:
    return column.personal is None or access.reads(account, column.personal)


def shown(account: Account, column: Column, value: Any) -> str:
    text = written(value)
    return text if not text or reads(account, column) else access.mask(text)
