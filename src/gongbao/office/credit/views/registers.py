"""清单: what the document lists (with what does not add up), the directories of enterprises, and a change of an item."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from gongbao.engine.register import Register
from gongbao.office import worlds
from gongbao.office.cases import files, service
from gongbao.office.cases.models import Case
from gongbao.office.cases.views import how
from gongbao.office.credit import city
from gongbao.office.credit.models import PACK
from gongbao.office.credit.views import common
from gongbao.office.pages import fields
from gongbao.office.people import access


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    access.require(request.user, *common.EVERYBODY)
    return redirect("credit:register", "items")


@require_GET
def register(request: HttpRequest, name: str) -> HttpResponse:
    access.require(request.user, *common.EVERYBODY)
    world = worlds.world(PACK)
    tabs = [*((key, each.label) for key, each in world.registers.items()), ("directories", "监管企业名录")]
    if name == "directories":
        context = {"lines": city.directories(), "columns": city.COLUMNS, "bar": city.WIDTH}
        return render(request, "credit/directories.html", {**context, "tabs": tabs, "name": name, "world": world})
    if name not in world.registers:
        raise Http404(name)
    held = world.registers[name]
    asked = common.asked(request)
    rows = [row for row in held.rows if _fits(held, row, asked)]
    if asked.get("format") in ("xlsx", "csv"):
        columns = [c.id for c in held.columns]
        header = [c.label for c in held.columns]
        return common.table(held.label, asked["format"], header, ([row[c] for c in columns] for row in rows))
    context = {
        "register": held, "rows": [[row[c.id] for c in held.columns] for row in rows], "tabs": tabs, "name": name,
        "asked": asked, "world": world, "strange": strange(held) if name == "items" else (),
        "changes": Case.objects.filter(pack=PACK, procedure="item_change").order_by("-id")[:8] if name == "items" else (),
        "may_change": request.user.has_role(*common.WINDOW),
    }  # fmt: skip
    return render(request, "credit/register.html", context)


def _fits(held: Register, row: Any, asked: dict[str, str]) -> bool:
    if asked.get("group") and held.group_by and str(row[held.group_by]) != asked["group"]:
        return False
    return asked.get("q", "") in "".join(str(value) for value in row.values())


def strange(held: Register) -> tuple[str, ...]:
    """What does not add up in the catalogue as printed: numbers that repeat or are skipped, items that stand twice."""
    found: list[str] = []
    for department in held.groups:
        rows = held.where(department=department)
        numbers = [row["no"] for row in rows]
        repeated = [n for n, times in Counter(numbers).items() if times > 1]
        skipped = [n for n in range(1, max(numbers) + 1) if n not in numbers]
        if repeated:
            found.append(f"{department}：序号 {'、'.join(map(str, repeated))} 印了两次")
        if skipped:
            found.append(f"{department}：没有序号 {'、'.join(map(str, skipped))}")
        for item, times in Counter(row["item"] for row in rows).items():
            if times > 1:
                own = "、".join(str(row["no"]) for row in rows if row["item"] == item)
                found.append(f"{department}：{own} 号的事项名称相同")
    return tuple(found)


def item_change(request: HttpRequest) -> HttpResponse:
    """Report that an item was added, removed or changed: the unit then has its days to tell the lead department."""
    access.require(request.user, *common.WINDOW)
    world = worlds.world(PACK)
    form = list(world.procedures["item_change"].form)
    given, errors, other = None, {}, []
    if request.method == "POST":
        given = fields.typed(world, form, request.POST)
        try:
            told = {key: value for key, value in how(request).items() if key in ("source", "evidence")}
            case = service.open_case(request.user, PACK, "item_change", given, **told)
            messages.success(request, f"已登记：{case.number}")
            return redirect("cases:page", case.number)
        except service.ActionRefused as refused:
            errors = refused.fields
            other = [t for n, t in errors.items() if n not in dict(form)] or ([] if errors else [str(refused)])
        except files.BadFile as bad:
            other = [str(bad)]
    controls = fields.fields(world, form, given, errors, known={"changed_by": request.user.unit})
    context = {"fields": controls, "errors": fields.summary(controls, other), "world": world,
               "rule": world.procedures["item_change"]}  # fmt: skip
    return render(request, "credit/item_change.html", context, status=422 if errors or other else 200)
