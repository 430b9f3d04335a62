"""What the board asks of its rows: whose an account sees, how many there are of each light, and one page of them.

The figures are counted from indexes in the order in which they are grouped, and kept until a row changes.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from gongbao.office.cases.models import Case
from gongbao.office.people import access
from gongbao.office.people.models import Account
from gongbao.office.supervision import index
from gongbao.office.supervision.lights import Lights
from gongbao.office.supervision.models import Cursor, Involved, Item
from gongbao.office.tasks import LOG
from gongbao.office.tasks.lists import oversees

KEPT = 200
_lock = threading.Lock()
_counted: dict[tuple[Hashable, ...], Figures] = {}

FILTERS = ("plan", "unit", "area", "leader", "kind", "q")
KINDS = {Item.MATTER: "督查事项", Item.PART: "承办件", Item.TASK: "文件任务"}
TABS = {
    "red": "红灯", "yellow": "黄灯", "green": "绿灯", "week": "本周到期", "month": "本月到期", "silent": "久未反馈",
    "office": "待督查室办", "all": "全部在办", "closed": "已办结",
}  # fmt: skip


def seen_by(account: Account) -> QuerySet[Item]:
    """All for supervision; for a unit what it, or a unit that answers to it, takes part in. Sealed: only one's own."""
    own = Q(pk__in=Involved.objects.filter(unit=account.unit).values("item"))
    if oversees(account):
        return Item.objects.filter(Q(sealed=False) | own)
    below = access.subordinates(account.unit)
    if not below:
        return Item.objects.filter(own)
    return Item.objects.filter(own | Q(sealed=False, pk__in=Involved.objects.filter(unit__in=below).values("item")))


def filtered(rows: QuerySet[Item], asked: Mapping[str, str]) -> QuerySet[Item]:
    """asked: plan, unit, area, leader, kind, q."""
    for name in ("plan", "unit", "area", "leader", "kind"):
        if asked.get(name):
            rows = rows.filter(**{name: asked[name]})
    if q := asked.get("q", "").strip():
        rows = rows.filter(Q(title__icontains=q) | Q(unit__icontains=q) | Q(plan_label__icontains=q))
    return rows


def in_tab(rows: QuerySet[Item], tab: str, lit: Lights) -> QuerySet[Item]:
    live = rows.filter(open=True)
    by_due = (F("due").asc(nulls_last=True), "id")
    match tab:
        case "red" | "yellow" | "green":
            return live.filter(light=tab).order_by(*by_due)
        case "week":
            return live.filter(lit.week).order_by("due", "id")
        case "month":
            return live.filter(lit.month).order_by("due", "id")
        case "silent":
            return live.filter(lit.silent).order_by("last_word", "id")
        case "office":
            return live.filter(at_office=True).order_by("last_word", "id")
        case "closed":
            return rows.filter(open=False).order_by("-closed_at", "-id")
    return live.order_by(*by_due)


@dataclass(slots=True)
class Line:
    """How the open items of one plan, unit, county or leader stand."""

    key: str
    label: str
    red: int = 0
    yellow: int = 0
    green: int = 0

    def add(self, light: str, n: int) -> None:
        setattr(self, light, getattr(self, light) + n)

    @property
    def all(self) -> int:
        return self.red + self.yellow + self.green


@dataclass(frozen=True, slots=True)
class Figures:
    """`tabs`: how many of each; `by`: plan, unit, area and leader, each with its lines, those with most red first."""

    tabs: Mapping[str, int]
    by: Mapping[str, list[Line]] = field(default_factory=dict)


def figures(rows: QuerySet[Item], lit: Lights, of: Hashable = None) -> Figures:
    """How the rows stand. `of`: who sees them and by what they are narrowed; while no row changes, they are counted once."""
    version = Cursor.objects.filter(pk=1).values_list("version", flat=True).first()
    key = (version, lit.stamp, of)
    with _lock:
        if of is not None and key in _counted:
            return _counted[key]
    made = _figures(rows, lit)
    with _lock:
        if len(_counted) >= KEPT or any(held[0] != version for held in _counted):
            _counted.clear()
        if of is not None:
            _counted[key] = made
    return made


def _figures(rows: QuerySet[Item], lit: Lights) -> Figures:
    live = rows.filter(open=True).order_by()
    by: dict[str, dict[str, Line]] = {"plan": {}, "unit": {}, "area": {}, "leader": {}}
    tabs: Counter[str] = Counter()
    for kind in ("plan", "unit", "leader"):
        for key, light, n in live.values_list(kind, "light").annotate(n=Count("*")):
            if kind == "plan":
                tabs[light] += n
                tabs["all"] += n
            if kind == "unit" and (area := index.area_of(key)):
                by["area"].setdefault(area, Line(area, area)).add(light, n)
            if key:
                by[kind].setdefault(key, Line(key, key)).add(light, n)
    for name, condition in (
        ("week", lit.week), ("month", lit.month), ("silent", lit.silent), ("office", Q(at_office=True))
    ):  # fmt: skip
        tabs[name] = live.filter(condition).count()
    _name_plans(by["plan"])
    return Figures(tabs, {kind: sorted(lines.values(), key=lambda x: (-x.red, -x.yellow, x.label))
                          for kind, lines in by.items()})  # fmt: skip


def _name_plans(lines: Mapping[str, Line]) -> None:
    """The titles of plans; the sources of matters are their own names."""
    for pack, title in Case.objects.filter(procedure=LOG).values_list("pack", "title"):
        if pack in lines:
            lines[pack].label = title


def sheet(rows: Iterable[Item], lit: Lights) -> tuple[list[str], list[list[Any]]]:
    """The rows as a table: header and lines."""
    header = [
        "灯",
        "原因",
        "类别",
        "事项或任务",
        "来源",
        "依据",
        "牵头单位",
        "配合单位",
        "县（市、区）",
        "分管领导",
        "状态",
        "期限",
        "最近反馈日期",
        "最近反馈",
    ]
    lines = []
    for item in rows:
        light, why = lit.of(item)
        beside = [i.unit for i in item.involved.all() if i.unit != item.unit]
        lines.append([
            {"red": "红", "yellow": "黄", "green": "绿"}.get(light, ""), why, KINDS[item.kind], item.title, item.plan_label, item.cite,
            item.unit, "、".join(beside), item.area, item.leader, item.state,
            item.due.astimezone(lit.now.tzinfo).date() if item.due else None,
            item.last_word.astimezone(lit.now.tzinfo).date(), item.told,
        ])  # fmt: skip
    return header, lines
