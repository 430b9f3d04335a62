"""抽查: plan and make a 双随机 draw, show and export its result, draw it again from its seed."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from gongbao.office import worlds
from gongbao.office.credit import inspection
from gongbao.office.credit.models import PACK, Draw, Enterprise
from gongbao.office.credit.views import common
from gongbao.office.people import access, audit, roles, units

HEADER = ("序号", "统一社会信用代码", "企业名称", "注册地", "等级", "方式", "抽查", "理由", "执法检查人员")
SCOPE = ("county", "sector", "field")


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    access.require(request.user, *common.STAFF)
    context = {"rows": Draw.objects.all()[:60], "may_draw": request.user.has_role(roles.REGULATOR)}
    return render(request, "credit/draws.html", context)


def new(request: HttpRequest) -> HttpResponse:
    """The plan: department and item, scope, strata as they stand, and the draw itself."""
    access.require(request.user, roles.REGULATOR)
    world = worlds.world(PACK)
    given = request.POST if request.method == "POST" else request.GET
    asked = {name: given.get(name, "").strip() for name in SCOPE if given.get(name, "").strip()}
    department = given.get("department", "").strip()
    items = [row["item"] for row in world.registers["items"].rows if row["department"] == department]
    strata, refused, errors = _strata(world, asked, department)
    if request.method == "POST" and "draw" in request.POST:
        try:
            made = _draw(request, department, asked)
        except inspection.NoDraw as no:
            errors = [{"id": no.field, "label": "", "text": str(no)}]
        else:
            audit.note(request.user, "双随机抽查", made.number, {"department": department}, request)
            messages.success(request, f"已抽取：{made.number}")
            return redirect("credit:draw", made.number)
    context = {
        "departments": list(world.registers["items"].groups), "department": department, "items": items,
        "item": given.get("item", ""), "asked": asked, "areas": units.areas(), "strata": strata, "refused": refused,
        "errors": errors, "seed": given.get("seed", "") or secrets.token_hex(8), "world": world,
        "people": given.get("people", ""), "team": given.get("team", ""), "extra": given.get("extra", ""),
        "directed": given.get("directed", ""), "triggers": [v for v in world.facts["trigger"].values if v != inspection.PLAN],
        "sectors": Enterprise.objects.order_by("sector").values_list("sector", flat=True).distinct(),
        "fields": world.facts["field_of_business"].values,
    }  # fmt: skip
    return render(request, "credit/draw_new.html", context, status=422 if errors else 200)


def _strata(world: Any, asked: dict[str, str], department: str) -> tuple[Any, str, list[dict[str, str]]]:
    if not department:
        return (), "", []
    try:
        return inspection.strata(world, asked, department), "", []
    except inspection.NoDraw as no:
        return (), str(no), []


def _draw(request: HttpRequest, department: str, asked: dict[str, str]) -> Draw:
    post = request.POST
    people = [p.strip() for p in post.get("people", "").splitlines() if p.strip()]
    if len(set(people)) != len(people):
        raise inspection.NoDraw("执法检查人员名单有重复", "people")
    team = post.get("team", "").strip()
    if team and not team.isdecimal():
        raise inspection.NoDraw(f"每户人数“{team}”不是整数", "team")
    return inspection.draw(
        request.user, department=department, item=post.get("item", ""), asked=asked, seed=post.get("seed", "").strip(),
        people=people, size=int(team or 0), extra=_pairs(post.get("extra", "")),
        directed=[line.strip().upper() for line in post.get("directed", "").splitlines() if line.strip()],
    )  # fmt: skip


def _pairs(text: str) -> list[tuple[str, str]]:
    """代码 来由, one a line."""
    found = []
    for line in text.splitlines():
        if line.strip():
            code, _, trigger = line.strip().replace("，", " ").replace(",", " ").partition(" ")
            found.append((code.upper(), trigger.strip()))
    return found


@require_GET
def page(request: HttpRequest, number: str) -> HttpResponse:
    access.require(request.user, *common.STAFF)
    made = get_object_or_404(Draw, number=number)
    rows = made.results.select_related("enterprise")
    form = request.GET.get("format", "")
    if form in ("xlsx", "csv"):
        audit.note(request.user, "导出抽查名单", number, {}, request)
        return common.table(f"抽查名单 {number}", form, HEADER, (
            (r.order, r.enterprise.credit_code, r.enterprise.name, r.enterprise.county, r.grade, r.how, r.sampling,
             r.reason, "、".join(r.team))
            for r in rows.iterator()
        ))  # fmt: skip
    context = {"draw": made, "rows": rows[:500], "total": rows.count(), "world": worlds.world(PACK)}
    if request.GET.get("repeat"):
        same, then, now = inspection.repeat(made)
        context |= {"repeated": True, "same_list": same, "same": then == now, "number_now": len(now)}
    return render(request, "credit/draw.html", context)
