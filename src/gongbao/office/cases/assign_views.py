"""The page of a register whose rows are handed out: its tree with counts and progress, each unit's share, two editions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from gongbao.engine.editions import KINDS, changes
from gongbao.engine.register import Register
from gongbao.engine.world import World
from gongbao.office import clock, worlds
from gongbao.office.cases import assigning, service

STATES = {"": "全部", "todo": "未交办", "open": "办理中", "closed": "已办结"}


@require_http_methods(["GET", "POST"])
def rows(request: HttpRequest, city: str, slug: str, name: str) -> HttpResponse:
    """The tree; a POST hands out the rows that are ticked (`row`), those below one (`under`), or all (`all`)."""
    world, register = _found(city, slug, name)
    on = clock.today()
    if request.method == "POST":
        return _hand_out(request, world, register)
    view = request.GET.get("view", "")
    context = _head(world, register, view) | {
        "may": assigning.may_hand_out(world, register, request.user, on), "states": STATES,
    }  # fmt: skip
    if view == "units":
        context["units"] = assigning.unit_lines(world, register, request.user, on)
        return render(request, "cases/rows_units.html", context)
    if view == "diff":
        return render(request, "cases/rows_diff.html", context | _compared(request, world, register))
    asked = {key: request.GET.get(key, "").strip()[:80] for key in ("q", "state", "under")}
    every = assigning.lines(world, register, request.user, on)
    tops = [line for line in every if line.node.depth == 1]
    context |= {
        "lines": _shown(every, asked), "asked": asked, "filtered": any(asked.values()), "leaves": sum(t.node.leaves for t in tops),
        "all": sum(t.all for t in tops), "out": sum(t.out for t in tops), "closed": sum(t.closed for t in tops),
    }  # fmt: skip
    return render(request, "cases/rows.html", context)


def _found(city: str, slug: str, name: str) -> tuple[World, Register]:
    pack = f"{city}/{slug}"
    if not worlds.is_loaded(pack):
        raise Http404(f"没有政策包“{pack}”")
    world = worlds.world(pack)
    register = world.registers.get(name)
    if register is None or register.assign is None:
        raise Http404(f"{pack} 没有可以交办的清单“{name}”")
    return world, register


def _head(world: World, register: Register, view: str) -> dict[str, Any]:
    labels = {c.id: c.label for c in register.columns}
    assert register.assign is not None
    title = register.known_by or register.key[0]
    return {
        "r": register, "world": world, "view": view, "title": title, "to": register.assign.to, "labels": labels,
        "sums": [(c, labels[c]) for c in register.sums], "procedure": world.procedures[register.assign.procedure],
        "mark": "no" if "no" in labels else "",
        "tabs": [("", "各行和进度"), ("units", "按单位"), *([("diff", "与另一版比较")] if _others(world, register) else [])],
        "city": world.pack.partition("/")[0], "slug": world.pack.partition("/")[2],
    }  # fmt: skip


def _shown(every: Sequence[assigning.Line], asked: dict[str, str]) -> list[assigning.Line]:
    """The rows found; else those below one (`under`; all: every row), else the first level alone."""
    if asked["q"] or asked["state"]:
        return [line for line in every if _chosen(line, asked)]
    if asked["under"] == "all":
        return list(every)
    inside = {id(node) for line in every if str(line.key) == asked["under"] for node in line.node.walk()}
    return [line for line in every if id(line.node) in inside or (not inside and line.node.depth == 1)]


def _chosen(line: assigning.Line, asked: dict[str, str]) -> bool:
    if not line.node.is_leaf:
        return False
    words = " ".join(str(value) for value in line.node.row.values() if value is not None)
    if not all(word in words for word in asked["q"].split()):
        return False
    match asked["state"]:
        case "todo":
            return bool(line.todo)
        case "open":
            return any(not one.closed for one in line.held)
        case "closed":
            return not line.todo and all(one.closed for one in line.held)
    return True


def _hand_out(request: HttpRequest, world: World, register: Register) -> HttpResponse:
    on = clock.today()
    back = reverse("cases:rows", args=[*world.pack.split("/"), register.id])
    every = assigning.lines(world, register, request.user, on)
    if "all" in request.POST:
        keys = [line.key for line in every if line.node.is_leaf and line.todo]
    elif under := request.POST.get("under"):
        tops = [line.node for line in every if str(line.key) == under]
        keys = [node.row[register.key[0]] for top in tops for node in top.walk() if node.is_leaf]
    else:
        ticked = set(request.POST.getlist("row"))
        keys = [line.key for line in every if str(line.key) in ticked]
    try:
        opened = assigning.hand_out(world, register, request.user, keys, on)
    except service.ActionRefused as refused:
        messages.error(request, str(refused))
        return redirect(back)
    if opened:
        messages.success(request, f"已交办 {len(opened)} 件：{opened[0].number}" + (
            f" 至 {opened[-1].number}" if len(opened) > 1 else ""))  # fmt: skip
    else:
        messages.info(request, "没有选中未交办的行" if not keys else "选中的行都已交办")
    return redirect(back)


def _others(world: World, register: Register) -> list[World]:
    """The packs here that hold another edition: the same city, a register of the same name with the same columns.

    Only packs whose file names such a register are compiled for it.
    """
    if register.known_by is None:
        return []
    city, columns = world.pack.partition("/")[0], [c.id for c in register.columns]
    named = re.compile(rf"^{re.escape(register.id)}:", re.MULTILINE)
    found = []
    for pack in worlds.pack_ids():
        file = worlds.folder(pack) / "registers.yaml"
        if pack == world.pack or not pack.startswith(f"{city}/") or not file.is_file():
            continue
        if named.search(file.read_text(encoding="utf-8", errors="replace")) and worlds.is_loaded(pack):
            other = worlds.world(pack)
            held = other.registers.get(register.id)
            if held is not None and [c.id for c in held.columns] == columns:
                found.append(other)
    return found


def _compared(request: HttpRequest, world: World, register: Register) -> dict[str, Any]:
    others = _others(world, register)
    asked = request.GET.get("with", "")
    other = next((each for each in others if each.pack == asked), others[0] if others else None)
    if other is None:
        raise Http404("没有可以比较的另一版")
    pair = sorted((other, world), key=lambda each: str(each.document.get("dated")))
    found = changes(pair[0].registers[register.id], pair[1].registers[register.id])
    return {
        "others": [(each.pack, each.document["title"]) for each in others], "other": other.pack,
        "old": pair[0].document["title"], "new": pair[1].document["title"],
        "changes": [(KINDS[change.kind], change) for change in found],
        "counts": [(words, sum(c.kind == kind for c in found)) for kind, words in KINDS.items()],
    }  # fmt: skip
