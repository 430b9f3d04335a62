"""When an instance of a rule is due: its limit counted from the moment, pauses left out, extensions added.

A limit may be a setting of the pack; while that is empty there is no due time, and the rule says whose it is to fill.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from gongbao.engine.log import CaseLog, when
from gongbao.engine.model import Deadline, Event, Limit, SettingRef
from gongbao.engine.time.calendar import localise, parse_day
from gongbao.engine.time.counting import Due, Spell, due, end_of, in_time, limit_text, parse_limit
from gongbao.engine.time.moments import as_time
from gongbao.engine.time.spans import Sight, Span

if TYPE_CHECKING:
    from gongbao.engine.world import Setting


@dataclass(frozen=True)
class Counted:
    at: dt.datetime
    explain: str
    paused: bool = False


def counted_to(deadline: Deadline, span: Span, sight: Sight, met: Event | None) -> Counted | str:
    """The due time, or in Chinese why there is none yet."""
    if deadline.kind == "date":
        return _date(deadline, sight)
    limit = length_of(deadline.limit, sight.settings)
    if isinstance(limit, str):
        return limit
    if deadline.kind == "lead":
        counted = due(limit, span.start.at, sight.calendar, "lead", sight.end_of_day)
        return Counted(counted.at, counted.explain)
    until = min([sight.now, *([met.occurred_at] if met else []), *([span.end.at] if span.end else [])])
    pauses, open_pause = _pauses(deadline, sight.log, until)

    def count(extensions: Sequence[Limit]) -> Due:
        return due(
            limit, span.start.at, sight.calendar, deadline.kind, sight.end_of_day,
            pauses=pauses, extensions=extensions, roll=deadline.roll,
        )  # fmt: skip

    granted: list[Limit] = []
    notes: list[str] = []
    for event in _extensions(deadline, span, sight.log, until):
        if len(granted) == (deadline.extend.times if deadline.extend else 0):
            notes.append(f"已延期{len(granted)}次，不再延长")
            break
        if not in_time(event.occurred_at, count(granted).at):
            notes.append(f"{event.occurred_at:%Y-%m-%d %H:%M}的延期在到期之后，不计")
            continue
        try:
            length, note = _granted(deadline, event, sight.settings)
        except ValueError as error:  # written down long ago: it is told, not thrown at the reader of the case
            length, note = None, f"延期未计：{error}"
        granted += [length] if length else []
        notes += [note] if note else []
    counted = count(granted)
    paused = open_pause and in_time(until, counted.at)
    if paused:
        notes.append("暂停中，恢复后顺延")
    return Counted(counted.at, "；".join([counted.explain, *notes]), paused)


def _date(deadline: Deadline, sight: Sight) -> Counted | str:
    on = deadline.on_or_before
    value: Any = on
    if on is not None and not isinstance(on, dt.date):
        # `2023-10` written plainly is a month, not a subtraction.
        try:
            value = parse_day(on.text.strip("\"' "))
        except ValueError:
            value = on.evaluate(sight.scope)
    at = as_time(value)
    if at is None:
        return "到期日尚不确定"
    if isinstance(at, dt.datetime):
        return Counted(at, f"最迟{at:%Y-%m-%d %H:%M}，不顺延")
    return Counted(end_of(at, sight.end_of_day), f"最迟{at}，不因休息日顺延")


def _pauses(deadline: Deadline, log: CaseLog, until: dt.datetime) -> tuple[list[Spell], bool]:
    """The spells of the pauses opened up to `until`, and whether one is open then (it counts as lasting till then)."""
    spells: list[Spell] = []
    is_open = False
    for opens, closes in deadline.pause:
        opened: Event | None = None
        for event in sorted((*log.matching(opens), *(log.matching(closes) if closes != opens else ())), key=when):
            if event.occurred_at > until:
                break
            if event.type == opens:
                opened = opened or event
            elif opened is not None:
                spells.append((opened.occurred_at, event.occurred_at))
                opened = None
        if opened is not None:
            spells.append((opened.occurred_at, until))
            is_open = True
    return spells, is_open


def _extensions(deadline: Deadline, span: Span, log: CaseLog, until: dt.datetime) -> list[Event]:
    if deadline.extend is None:
        return []
    key = span.start.visit.each_key if span.start.visit else None
    return [
        e
        for e in log.matching(deadline.extend.event, None, key)
        if span.start.moment <= localise(e.occurred_at)
        and e.occurred_at <= until
        and span.start.comes_before_next(e)
        and e.data.get("deadline") in (None, deadline.id)
    ]


def _granted(deadline: Deadline, event: Event, settings: Mapping[str, Setting]) -> tuple[Limit | None, str]:
    """How long an extension event extends: its `limit` (data or facts), at most `max`; without one, `max`."""
    assert deadline.extend is not None
    most = length_of(deadline.extend.max, settings)
    asked = event.data.get("limit", event.facts.get("limit"))
    length = parse_limit(asked) if asked is not None else None
    if isinstance(most, str):
        return length, "" if length else f"延期未计：{most}"
    if length is None:
        return most, ""
    if length.unit != most.unit:
        return most, f"延期以{limit_text(most)}为限（申请{limit_text(length)}）"
    if length.amount > most.amount:
        return most, f"申请延期{limit_text(length)}，以{limit_text(most)}为限"
    return length, ""


def length_of(limit: Limit | SettingRef | None, settings: Mapping[str, Setting]) -> Limit | str:
    """The length, or in Chinese which setting is empty and whose it is."""
    if isinstance(limit, Limit):
        return limit
    if limit is None:
        raise ValueError("时限没有写 limit")
    setting = setting_of(limit, settings)
    value = setting.value
    if value is None:
        return f"时限尚未设定：须由{setting.owner}设定“{setting.label}”"
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        if value != int(value) or value < 0:
            raise ValueError(f"设置“{setting.label}”的值 {value} 不能作时限；须为不小于0的整数")
        value = f"{int(value)}{setting.unit or ''}"
    try:
        return parse_limit(value)
    except ValueError as error:
        raise ValueError(f"设置“{setting.label}”（{setting.name}）：{error}") from None


def setting_of(ref: SettingRef, settings: Mapping[str, Setting]) -> Setting:
    if ref.name not in settings:
        raise KeyError(f"没有这项设置：{ref.name}；有：{'、'.join(settings) or '无'}")
    return settings[ref.name]
