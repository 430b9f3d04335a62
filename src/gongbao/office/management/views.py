"""The first page of 管理; units, packs with their check, the office's time."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from gongbao.engine.units import Unit
from gongbao.office import clock, gazettes, worlds
from gongbao.office.cases.models import Case, Clock, PackVersion
from gongbao.office.library import packs as pack_files
from gongbao.office.library import shelf
from gongbao.office.management.doors import ADMINISTRATOR, BOTH, only, tabs
from gongbao.office.people import audit
from gongbao.office.people.models import Account
from gongbao.office.people.units import city_units
from gongbao.policy import loader
from gongbao.policy.errors import PackError
from gongbao.policy.publish import certificate
from gongbao.policy.report import Report
from gongbao.policy.reports import reports
from gongbao.policy.schema import Pack
from gongbao.policy.verify import verify

_checked: dict[tuple[str, str], dict[str, Any]] = {}  # (pack, version) -> what the last check in this process found
LEVELS = ("国家", "省", "市", "县", "乡")
OPEN = "待确认"  # in units.yaml: a name or a takeover that no gazette prints
FARTHEST = dt.timedelta(days=366 * 30)


@require_GET
@only(*BOTH)
def home(request: HttpRequest) -> HttpResponse:
    empty = sum(not s.filled for world in worlds.loaded() for s in world.settings.values())
    return render(request, "management/home.html", {
        "tabs": tabs(request.user), "tab": "home", "accounts": Account.objects.filter(is_active=True).count(),
        "packs": len(worlds.pack_ids()), "empty": empty, "units": sum(len(u.units) for u in city_units()),
        "cases": Case.objects.count(), "not_loaded": worlds.not_loaded(),
    })  # fmt: skip


# -------------------------------------------------------------------------------------------------------------- units


@require_GET
@only(*BOTH)
def units(request: HttpRequest) -> HttpResponse:
    asked = {k: request.GET.get(k, "").strip()[:60] for k in ("q", "level", "area", "open")}
    today = clock.today()
    cities = []
    for city in city_units():
        rows = [
            {"u": u, "after": [(s, city.find(s.unit).name if city.knows(s.unit) else s.unit) for s in u.successors],
             "parent": city.find(u.parent).name if u.parent and city.knows(u.parent) else u.parent or "",
             "gone": u.succeeded(today) or not u.exists(today), "open": OPEN in _noted(u)}
            for u in city.units.values()
            if (not asked["q"] or any(asked["q"] in n for n in (*u.names, *u.functions, *u.posts)))
            and (not asked["level"] or u.level == asked["level"]) and (not asked["area"] or u.area == asked["area"])
            and (not asked["open"] or OPEN in _noted(u))
        ]  # fmt: skip
        groups = [(g, [city.find(m).name if city.knows(m) else m for m in g.members]) for g in city.groups.values()]
        parts: dict[str, list[dict[str, Any]]] = {}
        for row in sorted(rows, key=lambda row: "".join(LEVELS).find(row["u"].level)):
            parts.setdefault(f"{row['u'].level}级", []).append(row)
        cities.append({"city": city, "rows": rows, "parts": parts, "groups": groups})
    people = dict(Account.objects.filter(is_active=True).values_list("unit").annotate(n=Count("id")))
    return render(request, "management/units.html", {
        "cities": cities, "asked": asked, "filtered": any(asked.values()),
        "people": people, "tabs": tabs(request.user), "tab": "units",
        "levels": LEVELS, "to_confirm": sum(OPEN in _noted(u) for city in city_units() for u in city.units.values()),
        "areas": sorted({u.area for c in city_units() for u in c.units.values() if u.area}),
    })  # fmt: skip


def _noted(unit: Unit) -> str:
    """What units.yaml says beside the unit and beside those that took over from it."""
    return "；".join(filter(None, (unit.note, *(s.source for s in unit.successors))))


# -------------------------------------------------------------------------------------------------------------- packs


@require_GET
@only(*BOTH)
def packs(request: HttpRequest) -> HttpResponse:
    rows = [_pack_row(name, pack) for name, pack in pack_files.all_packs().items()]
    cases = {(c["pack"], c["version"]): c["n"] for c in Case.objects.values("pack", "version").annotate(n=Count("id"))}
    kept = [
        {"v": v, "cases": cases.get((v.pack, v.version), 0), "current": v.version == pack_files.version(v.pack)}
        for v in PackVersion.objects.defer("files").order_by("pack", "-first_seen") if v.pack in worlds.pack_ids()
    ]  # fmt: skip
    return render(request, "management/packs.html", {
        "rows": rows, "kept": kept, "tabs": tabs(request.user), "tab": "packs", "today": clock.today(),
    })  # fmt: skip


def _pack_row(name: str, pack: Pack | PackError) -> dict[str, Any]:
    city, slug = name.split("/")
    version = pack_files.version(name)
    row: dict[str, Any] = {"name": name, "city": city, "slug": slug, "version": version,
                           "result": _checked.get((name, version))}  # fmt: skip
    if isinstance(pack, PackError):
        return row | {"problem": str(pack)}
    row["misnamed"] = pack_files.problems(name)
    entry = shelf.of_pack(name)
    return row | {
        "pack": pack, "certificate": certificate(pack.document), "force": entry.force[0] if entry else "",
        "filled": sum(s.filled for s in worlds.world(name).settings.values()), "settings": len(pack.settings),
    }  # fmt: skip


@require_POST
@only(*BOTH)
def check(request: HttpRequest, city: str, slug: str) -> HttpResponse:
    """What gongbao check says now and, where the gazette is loaded, gongbao verify; kept until the files change."""
    name = f"{city}/{slug}"
    if name not in worlds.pack_ids():
        raise Http404(f"没有政策包“{name}”")
    started = time.monotonic()
    version = pack_files.version(name)
    verified = None
    try:
        (report,) = reports([worlds.folder(name)])
    except PackError as error:
        report = Report(name, error.problems)
    try:
        source = loader.read_source(worlds.folder(name))
        if gazettes.library().find(number=source.pack.document.number):
            verified = verify(source, gazettes.library().documents)
    except PackError:
        pass
    result = {"report": report, "verified": verified, "at": clock.machine_now(),
              "seconds": round(time.monotonic() - started, 1)}  # fmt: skip
    _checked[name, version] = result
    audit.note(request.user, "检查政策包", name,
               {"版本": version[:16], "错误": len(report.errors), "提醒": len(report.warnings)}, request)  # fmt: skip
    if request.htmx:
        return render(request, "management/check_result.html", {"result": result, "version": version})
    return redirect("management:packs")


# --------------------------------------------------------------------------------------------------------------- time


@only(*ADMINISTRATOR)
def clock_page(request: HttpRequest) -> HttpResponse:
    errors: dict[str, str] = {}
    given = {"moment": clock.now().strftime("%Y-%m-%dT%H:%M"), "reason": ""}
    if request.method == "POST":
        given = {k: request.POST.get(k, "").strip() for k in ("moment", "reason")}
        machine = request.POST.get("act") == "machine"
        moment, errors = _moment(given["moment"]) if not machine else (None, {})
        if not given["reason"]:
            errors["reason"] = "请写明为什么要改"
        elif len(given["reason"]) > 200:
            errors["reason"] = f"最多 200 字，现有 {len(given['reason'])} 字"
        if not errors:
            before = clock.now()
            clock.move_to(moment, by=request.user.username, reason=given["reason"])
            audit.note(request.user, "更改办公时间", "办公时间", {
                "时间": [before.isoformat(), clock.now().isoformat()], "理由": given["reason"]}, request)  # fmt: skip
            also = "，与机器时间一致" if machine else ""
            messages.success(request, f"办公时间现为 {clock.now():%Y-%m-%d %H:%M}{also}")
            return redirect("management:clock")
    moves = Clock.objects.order_by("-id")[:50]
    rows = [(row, row.set_at + row.offset if row.offset is not None else None) for row in moves]
    return render(request, "management/clock.html", {
        "given": given, "errors": errors, "rows": rows, "now": clock.now(), "machine": clock.machine_now(),
        "demonstrating": clock.is_demonstration(), "tabs": tabs(request.user), "tab": "clock",
        "summary": [{"id": k, "label": {"moment": "时间", "reason": "理由"}[k], "text": v} for k, v in errors.items()],
        "packs": [e for e in shelf.entries() if e.pack],
    }, status=400 if errors else 200)  # fmt: skip


def _moment(text: str) -> tuple[dt.datetime | None, dict[str, str]]:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None, {"moment": f"“{text}”不是时间；须写作 2023-03-01T09:00"}
    moment = moment.replace(tzinfo=clock.SHANGHAI) if moment.tzinfo is None else moment.astimezone(clock.SHANGHAI)
    if abs(moment - clock.machine_now()) > FARTHEST:
        return None, {"moment": f"{moment:%Y-%m-%d} 离今天超过 30 年"}
    return moment, {}
