"""Tags every template has: times, deadline chips, warnings, grounds, timeline, tasks, action forms."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from gongbao.office import clock
from gongbao.office.cases import news
from gongbao.office.pages import words

register = template.Library()
UNFOLDED = 30  # entries of a timeline that stand open

_STATUS = {
    "waiting": ("未满期限", ""), "met": ("按时", "met"), "met_late": ("超时完成", "met"), "lapsed": ("已失效", "met"),
    "cancelled": ("已取消", "met"), "unset": ("时限未设定", "unset"), "paused": ("已暂停", "unset"),
}  # fmt: skip
_WARNING = {1: "蓝色", 2: "黄色", 3: "橙色", 4: "红色", 5: "紧急危险"}


@register.filter
def when(value: Any) -> str:
    return words.when(value)


@register.filter
def day(value: dt.datetime | None) -> str:
    return "" if value is None else value.astimezone(clock.SHANGHAI).strftime("%m-%d %H:%M")


@register.filter
def shown(value: Any) -> str:
    return words.shown(value)


@register.filter
def pulse(case: Any) -> str:
    """What the live stream of this case alone says while it is as it was read."""
    return news.token_of(case)


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """mapping[key], or empty."""
    try:
        return mapping.get(key, "")
    except AttributeError:
        return ""


@register.inclusion_tag("pages/parts/deadline.html")
def due_chip(due: dt.datetime | None, title: str = "") -> dict[str, Any]:
    """A chip for a moment: how long is left, or how long overdue; it keeps counting on the page."""
    if due is None:
        return {}
    text, tone = words.remaining(due, clock.now())
    title = f"{title} {words.when(due)}".strip()
    return {"due": due.astimezone(clock.SHANGHAI), "words": text, "tone": tone, "title": title, "counting": True}


@register.inclusion_tag("pages/parts/deadline.html")
def deadline_chip(deadline: Any) -> dict[str, Any]:
    """A chip for the engine's DeadlineState."""
    title = f"{deadline.label} {words.when(deadline.due)} {deadline.explain}".strip()
    if deadline.status in _STATUS:
        text, tone = _STATUS[deadline.status]
        if deadline.status == "lapsed" and deadline.breached:
            text, tone = "未做到", "over"
        if deadline.past_when_known:
            text += "（获知时已到期）"
        return {"due": deadline.due, "words": text, "tone": tone, "title": title, "counting": False}
    return {**due_chip(deadline.due, deadline.label), "title": title}


@register.simple_tag
def alarm(case: Any) -> SafeString:
    """The warning badge of a case; its colour is a warning colour."""
    if not case.alarm:
        return SafeString("")
    short = _WARNING[case.alarm]
    return format_html('<span class="alarm alarm-{}" title="{}">{}</span>', case.alarm, case.alarm_text or short, short)


@register.simple_tag
def level_badge(level: str) -> SafeString:
    """A warning level by its name (红色, 橙色, 黄色, 蓝色); other words as a plain badge."""
    number = {"蓝": 1, "黄": 2, "橙": 3, "红": 4}.get(str(level)[:1])
    if number is None:
        return format_html('<span class="badge">{}</span>', level)
    return format_html('<span class="alarm alarm-{}">{}</span>', number, level)


@register.inclusion_tag("pages/parts/grounds.html")
def grounds(outcome: Any, world: Any, decision: str = "") -> dict[str, Any]:
    """判定依据: outcome, matched row, compared values, clause text from the loaded gazette."""
    from gongbao.office.pages.grounds import grounds_of

    return {"g": grounds_of(outcome, world, decision)}


@register.inclusion_tag("pages/parts/clause.html")
def clause(world: Any, cite: str) -> dict[str, Any]:
    """The text of one clause of the pack's document, from the gazettes the city has loaded; else only the citation."""
    from gongbao.office.pages.grounds import clause_text

    return {"cite": cite, "text": clause_text(world, cite), "world": world}


@register.inclusion_tag("pages/parts/timeline.html")
def timeline(entries: Any) -> dict[str, Any]:
    """The entries, newest first; the same word of one unit on many tasks at once stands as one line.

    Long matters show their newest entries and fold the others.
    """
    from gongbao.office.cases.presenting import grouped

    lines = grouped(entries)
    shown = len(lines) if len(lines) <= UNFOLDED + 5 else UNFOLDED
    return {"entries": lines[:shown], "earlier": lines[shown:]}


@register.inclusion_tag("pages/parts/tasks.html", takes_context=True)
def tasks(context: Any, rows: Any, number: str, unit: str = "") -> dict[str, Any]:
    """Duties by unit; those of `unit` get the buttons for receipt and feedback."""
    return {"rows": rows, "number": number, "unit": unit, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("pages/parts/fields.html")
def controls(fields: Any) -> dict[str, Any]:
    """Form controls made by pages.fields.fields."""
    return {"fields": fields}
