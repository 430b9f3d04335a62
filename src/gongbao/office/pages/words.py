"""How moments, lengths of time and values read on a page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from gongbao.engine.series import DAY, Series
from gongbao.engine.time.counting import limit_text, parse_limit
from gongbao.office.clock import SHANGHAI

SOON = dt.timedelta(hours=6)


def when(value: dt.datetime | dt.date | None) -> str:
    """2023-03-01 09:05"""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        local = value.astimezone(SHANGHAI)
        if (local.hour, local.minute, local.second) == (23, 59, 59):  # the end of a day as the engine has it
            return local.strftime("%Y-%m-%d 24:00")
        return local.strftime("%Y-%m-%d %H:%M")
    return value.isoformat()


def length(span: dt.timedelta) -> str:
    """3天, 1天4小时, 2小时5分, 40分: the two largest parts that matter."""
    seconds = int(abs(span.total_seconds()))
    days, hours, minutes = seconds // 86400, seconds % 86400 // 3600, seconds % 3600 // 60
    if days >= 3:
        return f"{days}天"
    if days:
        return f"{days}天{hours}小时" if hours else f"{days}天"
    if hours:
        return f"{hours}小时{minutes}分" if minutes else f"{hours}小时"
    return f"{minutes}分"


def remaining(due: dt.datetime, now: dt.datetime) -> tuple[str, str]:
    """The words of a deadline chip and its tone: 剩2小时5分 (soon), 逾期1天 (over)."""
    left = due - now
    if left < dt.timedelta():
        return f"逾期{length(left)}", "over"
    return f"剩{length(left)}", "soon" if left < SOON else ""


def shown(value: Any) -> str:
    """Any value of a fact or an outcome."""
    if value is None:
        return "（不详）"
    if value is True:
        return "是"
    if value is False:
        return "否"
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, (dt.datetime, dt.date)):
        return when(value)
    if isinstance(value, dt.timedelta):
        return length(value)
    if isinstance(value, Series):
        return series(value)
    if isinstance(value, Mapping):
        return "，".join(f"{key}：{shown(item)}" for key, item in value.items())
    if isinstance(value, (list, tuple, set, frozenset)):
        return "、".join(shown(item) for item in value) or "无"
    return str(value)


def setting(spec: Any, value: Any) -> str:
    """A setting's value with its unit; `2 working days` is 2个工作日. `spec`: whatever has the setting's type, unit."""
    if value is None:
        return ""
    if spec.type == "duration" and isinstance(value, str):
        return limit_text(parse_limit(value))
    return f"{shown(value)}{spec.unit or ''}"


def series(value: Series) -> str:
    """8个24小时读数，2017-11-02 至 2017-11-09，最高350，缺测1个"""
    kind = "24小时" if value.step == DAY else f"每{length(value.step)}"
    known = [v for v in value.values if v is not None]
    parts = [f"{len(value)}个{kind}读数"]
    if value.start is not None and len(value):
        first, last = value.at(0), value.at(len(value) - 1)
        parts.append(f"{when(first)} 至 {when(last)}" if value.step < DAY else f"{first:%Y-%m-%d} 至 {last:%Y-%m-%d}")
    if known:
        parts.append(f"最高{shown(max(known))}")
    if len(known) < len(value):
        parts.append(f"缺测{len(value) - len(known)}个")
    return "，".join(parts)
