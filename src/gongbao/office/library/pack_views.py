"""The pages of one pack: what it holds, a decision and a trial of it, a procedure, duties, figures, a register."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from gongbao.engine.world import World
from gongbao.exchange.tables import write_xlsx
from gongbao.office import gazettes, worlds
from gongbao.office.library import anchoring, checking, dated, lineage, packs, readable, showing, trying, views
from gongbao.office.management import ownership
from gongbao.office.pages import words
from gongbao.policy.errors import PackError, Problem
from gongbao.policy.publish import certificate
from gongbao.policy.schema import Pack

PAGE = 100
SOON = 0.7  # seconds that a page waits for the check of its table
SHORT = 12  # characters of a cell that stays on one line


def opened(
    request: HttpRequest, city: str, slug: str, facts: Mapping[str, Any] | None = None
) -> tuple[Pack, dict[str, Any]]:
    """The version of the pack that the address asks for (library.dated), and what all its pages show."""
    return _opened(city, slug, lambda pack: dated.shown(request, pack, facts))


def of_today(city: str, slug: str) -> tuple[Pack, dict[str, Any]]:
    """The version in force on the office's day, whatever the address asks for."""
    return _opened(city, slug, dated.present)


def _opened(city: str, slug: str, find: Callable[[str], dated.Dated]) -> tuple[Pack, dict[str, Any]]:
    name = f"{city}/{slug}"
    try:
        at = find(name)
        read = packs.of_folder(at.folder)
        return read, {
            "pack": read, "city": city, "slug": slug, "entry": dated.entry_of(name, read), "version": at.version,
            "dated": at, "certificate": certificate(read.document), "loaded": worlds.is_loaded(name),
        }  # fmt: skip
    except (worlds.NoSuchPack, PackError) as error:
        raise Http404(str(error)) from error


def world_of(context: Mapping[str, Any]) -> World:
    """The compiled version that the page shows, with the office's settings."""
    return worlds.world(f"{context['city']}/{context['slug']}", context["version"])


def problems(context: Mapping[str, Any], name: str = "") -> tuple[Problem, ...]:
    return packs.problems(context["pack"].id, name, context["dated"].folder)


def one(of: dict[str, Any], name: str, what: str) -> Any:
    if name not in of:
        raise Http404(f"没有{what}“{name}”；有：{'、'.join(of) or '无'}")
    return of[name]


@require_GET
def pack(request: HttpRequest, city: str, slug: str) -> HttpResponse:
    read, context = opened(request, city, slug)
    filled = [s for s in world_of(context).settings.values() if s.filled]
    misnamed, at = problems(context), context["dated"]
    context |= {
        "decisions": [(n, d, len(d.rules), sum(e.decision == n for e in read.examples),
                       not misnamed or not problems(context, n))
                      for n, d in read.decisions.items()],
        "procedures": [(n, p, len(p.steps)) for n, p in read.procedures.items()],
        "registers": [(n, r, len(read.rows.get(n, ()))) for n, r in read.registers.items()],
        "questions": views.questions(read), "templates": list(read.documents.items()),
        "anchored": anchoring.of_entry(context["entry"], at.folder), "filled": len(filled), "examples": len(read.examples),
        "problems": misnamed, "lineage": lineage.lineage(read.id, at.day, at.asked),
    }  # fmt: skip
    return render(request, "library/pack.html", context)


@require_GET
def decision(request: HttpRequest, city: str, slug: str, name: str) -> HttpResponse:
    read, context = opened(request, city, slug)
    one(read.decisions, name, "判定")
    world, wrong = world_of(context), problems(context, name)
    folder = context["dated"].folder
    held = checking.wait(read.id, name, SOON, folder) if read.decisions[name].rules and not wrong else None
    return render(request, "library/decision.html", context | _checked(read, name, held) | {
        "d": showing.decision(read, name), "world": world, "name": name, "problems": wrong,
        "examples": () if wrong else showing.examples(read, world, name), "drawn_in": read.decisions[name].drawn_in,
    })  # fmt: skip


def _checked(read: Pack, name: str, held: dict[str, Any] | None) -> dict[str, Any]:
    if held is None or "error" in held:
        return {"check_error": (held or {}).get("error", "")}
    return {"checked": checking.shown(read, name, held)}


@require_GET
def checked(request: HttpRequest, city: str, slug: str, name: str) -> HttpResponse:
    """The table with what the checker found; 204 while it is still at it."""
    read, context = opened(request, city, slug)
    spec = one(read.decisions, name, "判定")
    if not spec.rules or problems(context, name):
        raise Http404(f"判定“{name}”没有可检查的表")
    held = checking.found(read.id, name, context["dated"].folder)
    if held is None:
        return HttpResponse(status=204)
    context |= {"d": showing.decision(read, name), "name": name} | _checked(read, name, held)
    return render(request, "library/parts/decision_table.html", context)


@require_GET
def attempt(request: HttpRequest, city: str, slug: str, name: str) -> HttpResponse:
    """The day typed decides with the version of that day; where it is another than the form's, the page loads anew."""
    days, typed = _days(f"{city}/{slug}", request)
    read, context = opened(request, city, slug, typed)
    one(read.decisions, name, "判定")
    world, at = world_of(context), context["dated"]
    seen = f"{at.version[:16]} {at.day}"
    if request.htmx and request.headers.get("X-Seen", seen) != seen:
        return HttpResponse(headers={"HX-Redirect": request.get_full_path()})
    context |= {"d": read.decisions[name], "name": name, "world": world, "problems": problems(context, name),
                "seen": json.dumps({"X-Seen": seen})}  # fmt: skip
    if context["problems"]:
        return render(request, "library/try.html", context, status=422)
    context["trial"] = trying.attempt(world.for_unit(request.user.unit), name, request.GET, at.as_of, days)
    return render(request, "library/try_part.html" if request.htmx else "library/try.html", context)


def _days(pack: str, request: HttpRequest) -> tuple[tuple[str, ...], dict[str, str]]:
    """The facts that pick a version where there are several, and what was typed for them."""
    try:
        versions = worlds.versions(pack)
    except PackError:
        return (), {}
    names = tuple(dated.days(versions)) if len(versions) > 1 else ()
    return names, {n: said for n in names if (said := request.GET.get(f"f-{n}", "").strip())}


@require_GET
def procedure(request: HttpRequest, city: str, slug: str, name: str) -> HttpResponse:
    read, context = opened(request, city, slug)
    spec = one(read.procedures, name, "程序")
    labels = readable.event_labels(read)
    steps = [
        {
            "id": key, "label": step.label, "who": readable.whos_words(step.by, read), "cite": step.cite,
            "when": readable.expression_words(step.when, read) if step.when else "",
            "actions": [_action(read, spec, a) for a in step.actions.values()],
            "deadlines": [_deadline(read, d, labels) for d in step.deadlines],
        }
        for key, step in spec.steps.items()
    ]  # fmt: skip
    return render(request, "library/procedure.html", context | {
        "p": spec, "name": name, "steps": steps, "anytime": [_action(read, spec, a) for a in spec.anytime.values()],
        "deadlines": [_deadline(read, d, labels) for d in spec.deadlines], "form": _facts(read, spec.form),
        "decide": [(read.decisions[d.proposed_by], d.proposed_by, readable.whos_words(d.decided_by, read), d.cite)
                   for d in spec.decide.values()],
        "open_by": readable.whos_words(spec.open_by, read),
    })  # fmt: skip


def _facts(read: Pack, form: tuple[str, ...]) -> list[tuple[str, bool]]:
    names = ((n.removesuffix("?"), not n.endswith("?")) for n in form)
    return [(read.facts[n].label if n in read.facts else n, required) for n, required in names]


def _action(read: Pack, spec: Any, action: Any) -> dict[str, Any]:
    to = ["办结" if t == "closed" else spec.steps[t].label if t in spec.steps else t for t in action.to]
    return {
        "label": action.label, "who": readable.whos_words(action.by, read), "form": _facts(read, action.form),
        "requires": readable.expression_words(action.requires, read) if action.requires else "", "why": action.why,
        "to": "、".join(to) or "停留在本环节", "cite": action.cite,
        "opens": action.opens.link if action.opens is not None else "",
        "document": read.documents[action.document].label if action.document in read.documents else "",
    }  # fmt: skip


def _deadline(read: Pack, spec: Any, labels: dict[str, str]) -> dict[str, Any]:
    return {
        "id": spec.id, "label": spec.label, "words": readable.deadline_words(spec, read, labels), "cite": spec.cite,
        "owner": readable.whos_words(spec.owner, read),
        "condition": readable.expression_words(spec.while_, read) if spec.while_ else "",
    }  # fmt: skip


@require_GET
def duties(request: HttpRequest, city: str, slug: str) -> HttpResponse:
    read, context = opened(request, city, slug)
    labels = readable.event_labels(read)
    kinds = {"mandatory": "强制", "advised": "建议", "health": "健康防护", "task": "任务"}
    asked = request.GET.get("q", "").strip()
    rows = [
        {
            "id": d.id, "do": d.do, "kind": kinds[d.kind], "lead": readable.whos_words(d.lead, read),
            "with": readable.whos_words(d.with_, read), "each": d.each, "cite": d.cite, "exempt": d.exempt,
            "condition": readable.expression_words(d.while_, read) if d.while_ else "",
            "deadline": readable.deadline_words(d.deadline, read, labels) if d.deadline else "",
        }
        for d in read.duties
    ]  # fmt: skip
    if asked:
        rows = [r for r in rows if asked in f"{r['do']}{r['lead']}{r['with']}{r['cite']}"]
    order = {condition: i for i, condition in enumerate(dict.fromkeys(r["condition"] for r in rows))}
    rows.sort(key=lambda r: order[r["condition"]])  # what holds under the same condition stands together
    return render(request, "library/duties.html", context | {"rows": rows, "q": asked, "all": len(read.duties)})


@require_GET
def figures(request: HttpRequest, city: str, slug: str) -> HttpResponse:
    read, context = opened(request, city, slug)
    world, at = world_of(context), context["dated"]
    types = {
        "boolean": "是/否", "integer": "整数", "number": "数", "money": "金额（元）", "text": "文字", "date": "日期",
        "datetime": "时间", "duration": "时长", "choice": "选一项", "unit": "单位", "person": "人", "place": "地点",
        "file": "文件", "list": "多项", "record": "一组", "series": "序列",
    }  # fmt: skip
    return render(request, "library/figures.html", context | {
        "params": [(n, p, words.shown(p.value)) for n, p in read.params.items()],
        "settings": [
            (n, s, ownership.shown(request.user, world, world.settings[n]),
             at.present and ownership.may_fill(request.user, world, world.settings[n]))
            for n, s in read.settings.items()
        ],
        "facts": [(n, f, types[f.type]) for n, f in read.facts.items()],
    })  # fmt: skip


def _register(request: HttpRequest, city: str, slug: str, name: str) -> tuple[Any, dict[str, Any]]:
    read, context = opened(request, city, slug)
    one(read.registers, name, "清单")
    return world_of(context).registers[name], context


def _chosen(rows: Any, asked: str) -> list[Any]:
    phrases = asked.split()
    return [row for row in rows if all(any(p in words.shown(v) for v in row.values()) for p in phrases)]


def _cell(value: Any) -> str:
    return "" if value is None else words.shown(value)


def _column_class(kind: str, cells: list[str]) -> str:
    """Numbers stand to the right; a column of short words is not broken."""
    if kind in ("integer", "number", "money"):
        return "n"
    return "nowrap" if max(map(len, cells), default=0) <= SHORT else ""


@require_GET
def register(request: HttpRequest, city: str, slug: str, name: str) -> HttpResponse:
    held, context = _register(request, city, slug, name)
    asked = request.GET.get("q", "").strip()[:100]
    chosen = _chosen(held.rows, asked)
    try:
        number = max(1, int(request.GET.get("page", "1")))
    except ValueError:
        number = 1
    last = max(1, -(-len(chosen) // PAGE))
    number = min(number, last)
    shown = chosen[(number - 1) * PAGE : number * PAGE]
    columns = [(c, _column_class(c.type, [_cell(row[c.id]) for row in held.rows])) for c in held.columns]
    context |= {
        "r": held, "name": name, "q": asked, "found": len(chosen), "number": number, "last": last,
        "rows": [list(zip(columns, (_cell(row[c.id]) for c in held.columns), strict=True)) for row in shown],
        "columns": columns,
        "authored": {n: c.authored for n, c in context["pack"].registers[name].columns.items()},
        "text": gazettes.clause_text(context["pack"].document.number, held.cite or "", context["pack"].document.title),
    }  # fmt: skip
    return render(request, "library/register_rows.html" if request.htmx else "library/register.html", context)


@require_GET
def export(request: HttpRequest, city: str, slug: str, name: str, form: str) -> HttpResponse:
    held, context = _register(request, city, slug, name)
    chosen = _chosen(held.rows, request.GET.get("q", "").strip()[:100])
    header = [c.label for c in held.columns]
    rows = [[_cell(row[c.id]) for c in held.columns] for row in chosen]
    if form == "xlsx":
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        data: bytes = write_xlsx(header, rows, held.label)
    elif form == "csv":
        kind, text = "text/csv; charset=utf-8", io.StringIO()
        writer = csv.writer(text)
        writer.writerow(header)
        writer.writerows([_no_formula(cell) for cell in row] for row in rows)
        data = b"\xef\xbb\xbf" + text.getvalue().encode()
    else:
        raise Http404(f"没有“{form}”这种导出；可用 csv、xlsx")
    title = context["pack"].document.number
    return HttpResponse(data, content_type=kind, headers={
        "Content-Disposition": _attachment(f"{title}_{held.label}.{form}")})  # fmt: skip


def _no_formula(cell: str) -> str:
    """A cell that a spreadsheet would take for a formula is shown as text."""
    return "'" + cell if cell[:1] in "=+-@" else cell


def _attachment(name: str) -> str:
    from django.utils.http import content_disposition_header

    return content_disposition_header(True, name) or "attachment"


@require_GET
def template(request: HttpRequest, city: str, slug: str, name: str) -> HttpResponse:
    read, context = opened(request, city, slug)
    spec = one(read.documents, name, "文书")
    kinds = {"red_head": "红头文件", "letter": "函", "report": "报告", "form": "表单", "notice": "通知"}
    return render(request, "library/template.html", context | {
        "t": spec, "name": name, "kind": kinds[spec.kind],
        "title": readable.filled_words(spec.title, read), "number": readable.filled_words(spec.number or "", read),
        "addressees": readable.filled_words(spec.addressees or "", read),
        "body": [readable.filled_words(paragraph, read) for paragraph in spec.body],
        "table": [(label, readable.expression_words(value, read)) for label, value in spec.table.items()],
        "signer": readable.who_words(spec.signed_by, read) if spec.signed_by else "",
    })  # fmt: skip
