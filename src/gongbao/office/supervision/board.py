"""What the board asks of its rows: whose an account sees, how many there are of each light, and one page of them.

The figures of all units, plans and leaders come from one pass over the open rows in the order of their index.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from gongbao.office import clock
from gongbao.office.cases.models import Case
from gongbao.office.people import access
from gongbao.office.people.models import Account
from gongbao.office.supervision import index, rule
from gongbao.office.supervision.lights import Lights
from gongbao.office.supervision.models import Involved, Item
from gongbao.office.tasks import LOG
from gongbao.office.tasks.lists import oversees

FILTERS = ("plan", "unit", "area", "leader", "kind", "q")
KINDS = {Item.MATTER: "督查事项", Item.PART: "承办件", Item.TASK: "文件任务"}
TABS = {
    "red": "红灯", "yellow": "黄灯", "green": "绿灯", "week": "本周到期", "month": "本月到期", "silent": "久未反馈",
    "office": "待督查室办", "all": "全部在办", "closed": "已办结",
}  # fmt: skip


def lights() -> Lights:
    world = rule.find()
    return Lights(clock.now(), rule.days(world, "yellow_days"), rule.days(world, "silent_days"))


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
        case "red":
            return live.filter(lit.red).order_by(*by_due)
        case "yellow":
            return live.filter(lit.yellow).order_by(*by_due)
        case "green":
            return live.exclude(lit.red | lit.yellow).order_by(*by_due)
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

    @property
    def all(self) -> int:
        return self.red + self.yellow + self.green


@dataclass(frozen=True, slots=True)
class Figures:
    """`tabs`: how many of each; `by`: plan, unit, area and leader, each with its lines, those with most red first."""

    tabs: Mapping[str, int]
    by: Mapping[str, list[Line]] = field(default_factory=dict)


def figures(rows: QuerySet[Item], lit: Lights) -> Figures:
    """One pass over the open rows."""
    counted = {
        "red": lit.red, "yellow": lit.yellow, "week": lit.week, "month": lit.month, "silent": lit.silent,
        "office": Q(at_office=True),
    }  # fmt: skip
    found = rows.filter(open=True).order_by().values("plan", "unit", "leader").annotate(
        n=Count("pk"), **{f"n_{name}": Count("pk", filter=condition) for name, condition in counted.items()}
    )  # fmt: skip
    tabs: Counter[str] = Counter()
    by: dict[str, dict[str, Line]] = {"plan": {}, "unit": {}, "area": {}, "leader": {}}
    for row in found:
        red, yellow, every = row["n_red"], row["n_yellow"], row["n"]
        for name in counted:
            tabs[name] += row[f"n_{name}"]
        tabs["all"] += every
        tabs["green"] += every - red - yellow
        for kind, key in (("plan", row["plan"]), ("unit", row["unit"]), ("area", index.area_of(row["unit"])),
                          ("leader", row["leader"])):  # fmt: skip
            if key:
                line = by[kind].setdefault(key, Line(key, key))
                line.red, line.yellow, line.green = (
                    line.red + red,
                    line.yellow + yellow,
                    line.green + every - red - yellow,
                )
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
