"""Settings that a text leaves open: who fills them, what they hold, and every filling with its reason."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from gongbao.engine.world import Setting, World
from gongbao.office import worlds
from gongbao.office.cases import codec
from gongbao.office.cases.models import SettingValue
from gongbao.office.library import packs as pack_files
from gongbao.office.library import shelf
from gongbao.office.management import ownership
from gongbao.office.management.doors import BOTH, tabs
from gongbao.office.pages import words
from gongbao.office.people import access, audit, roles
from gongbao.policy.errors import PackError


def settings(request: HttpRequest) -> HttpResponse:
    """All settings for who works in 管理; an owner sees those of the own unit."""
    all_of_them = request.user.has_role(*BOTH)
    asked = {k: request.GET.get(k, "")[:80] for k in ("pack", "state")}
    groups = []
    for world in worlds.loaded():
        if asked["pack"] and world.pack != asked["pack"]:
            continue
        rows = [
            {"s": s, "value": ownership.shown(request.user, world, s), "may": ownership.may_fill(request.user, world, s)}
            for s in world.settings.values()
            if all_of_them or ownership.may_fill(request.user, world, s)
        ]  # fmt: skip
        if asked["state"]:
            rows = [row for row in rows if (not row["value"]) == (asked["state"] == "empty")]
        if rows:
            city, slug = world.pack.split("/")
            groups.append({"world": world, "city": city, "slug": slug, "rows": rows})
    if not groups and not all_of_them and not any(asked.values()):
        access.require(request.user, *BOTH)
    return render(request, "management/settings.html", {
        "groups": groups, "asked": asked, "packs": [(w.pack, w.document["title"]) for w in worlds.loaded()],
        "tabs": tabs(request.user), "tab": "settings",
    })  # fmt: skip


def setting(request: HttpRequest, city: str, slug: str, name: str) -> HttpResponse:
    pack = f"{city}/{slug}"
    try:
        world = worlds.world(pack)
        spec = world.settings[name]
        written = pack_files.pack_of(pack).settings[name]
    except (worlds.NoSuchPack, PackError) as error:
        raise Http404(str(error)) from error
    except KeyError as error:
        raise Http404(f"{pack} 没有设置“{name}”") from error
    why_not = ownership.why_not(request.user, world, spec)
    if why_not and not request.user.has_role(*BOTH):
        raise access.NotYours(why_not)
    errors: dict[str, str] = {}
    everything = request.user.has_role(*BOTH)
    unit = ownership.own_unit(request.user, world, spec)
    if spec.each and request.user.has_role(roles.ADMINISTRATOR):
        unit = (request.POST if request.method == "POST" else request.GET).get("unit", unit)
    if spec.each:
        spec = world.for_unit(unit).settings[name]
    given = {"value": "" if spec.value is None else _typed(spec.value), "reason": ""}
    if request.method == "POST":
        ownership.require(request.user, world, spec)
        given = {k: request.POST.get(k, "").strip() for k in ("value", "reason")}
        empty = request.POST.get("act") == "empty"
        errors = _fill(request, pack, spec, None if empty else given["value"], given["reason"], unit)
        if not errors:
            done = "已清空" if empty else "已填写"
            messages.success(
                request,
                f"“{spec.label}”{f'（{unit}）' if spec.each else ''}{done}；此后的判定按新值计算，已作出的决定不变",
            )
            return redirect("management:setting", city, slug, name)
    history = [
        (row, "（清空）" if row.value is None else words.setting(spec, codec.decode(row.value)))
        for row in SettingValue.objects.filter(pack=pack, name=name).order_by("-id")
        if not spec.each or everything or row.unit == unit
    ]  # fmt: skip
    values, unassigned = _by_unit(world, spec) if spec.each and everything else ([], None)
    return render(request, "management/setting.html", {
        "world": world, "s": spec, "cite": written.cite, "pack": pack, "current": words.setting(spec, spec.value), "unit": unit, "values": values,
        "unassigned": unassigned, "units": worlds.members(world, spec) if spec.each else (),
        "choose": spec.each and request.user.has_role(roles.ADMINISTRATOR),
        "why_not": why_not, "errors": errors, "given": given, "history": history, "city": city, "slug": slug,
        "summary": [{"id": k, "label": {"unit": "单位", "value": "值", "reason": "理由"}[k], "text": v} for k, v in errors.items()],
        "options": _options(spec), "candidates": [_typed(c) for c in spec.candidates], "entry": shelf.of_pack(pack),
        "owners": sorted(ownership.owners(world, spec.owner)), "tabs": tabs(request.user), "tab": "settings",
        "unit_names": [u.name for u in world.units.units.values()] if spec.type == "unit" else [],
    }, status=400 if errors else 200)  # fmt: skip


def _by_unit(world: World, spec: Setting) -> tuple[list[tuple[str, str, SettingValue | None]], tuple[str, str] | None]:
    """Every member with its value in words and the filling; and a value that is no member's: (whose word, in words)."""
    held = worlds.standing(world.pack, spec.name)
    of = {row.unit: row for row in held}
    members = worlds.members(world, spec)
    rows = [(unit, words.setting(spec, spec.own.get(unit)), of.get(unit)) for unit in members]
    last = held[-1] if held else None
    if last is None or last.value is None or last.unit in members:
        return rows, None
    return rows, (f"{last.unit}{last.set_by}", words.setting(spec, codec.decode(last.value)))


def _options(spec: Setting) -> list[str]:
    if spec.type == "boolean":
        return ["是", "否"]
    if spec.values:
        return [_typed(v) for v in spec.values]
    return [_typed(v) for v in spec.candidates] if spec.type == "choice" else []


def _typed(value: Any) -> str:
    return words.shown(value)


def _fill(request: HttpRequest, pack: str, spec: Setting, value: str | None, reason: str, unit: str) -> dict[str, str]:
    """Fill it, or say what is wrong, by field."""
    errors = {}
    if spec.each and unit not in worlds.members(worlds.world(pack), spec):
        errors["unit"] = f"这项设置由各单位各自填写，{f'没有“{unit}”这个单位' if unit else '请选择替哪个单位填写'}"
    if not reason:
        errors["reason"] = "请写明依据或理由，如批示、会议纪要、文号"
    elif len(reason) > 300:
        errors["reason"] = f"最多 300 字，现有 {len(reason)} 字"
    if value == "":
        errors["value"] = "请填写值；要恢复为未填，请用“清空”"
    if value is None and spec.value is None:
        errors["value"] = "这项设置本来就没有填"
    typed = value
    if value is not None and not errors.get("value"):
        choices = {_typed(v): v for v in (spec.values or (spec.candidates if spec.type == "choice" else ()))}
        if choices:
            if value not in choices:
                errors["value"] = f"给出的是 {value}，只能是 {'、'.join(choices)}"
            typed = choices.get(value, value)
        elif spec.type == "unit":
            found = _unit(pack, value)
            if found is None:
                errors["value"] = f"没有“{value}”这个单位"
            typed = found
    if errors:
        return errors
    try:
        if value is not None:
            typed = worlds.checked_setting(spec, typed)
        worlds.set_setting(pack, spec.name, typed, by=request.user.username, reason=reason, unit=unit)
    except ValueError as error:
        return {"value": str(error)}
    audit.note(request.user, "更改设置", f"{pack} {spec.name}",
               {"设置": spec.label, **({"单位": unit} if spec.each else {}), "值": [words.setting(spec, spec.value) or "未填", words.setting(spec, typed) or "未填"],
                "理由": reason}, request)  # fmt: skip
    return {}


def _unit(pack: str, name: str) -> str | None:
    units = worlds.world(pack).units
    return units.find(name).name if units.knows(name) else None
