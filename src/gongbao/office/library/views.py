"""The list of documents with search, one document, one clause with the rules that stand on it."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from gongbao.gazette.clause import Clause
from gongbao.gazette.clauses import clauses, document_discrepancies, document_tables, resolve
from gongbao.gazette.quoting import clause_words, document_words
from gongbao.gazette.status import WORDS, Life, status
from gongbao.gazette.text import GazetteError
from gongbao.office import clock, gazettes, worlds
from gongbao.office.library import anchoring, legal, packs, readable, shelf, standing
from gongbao.office.library.json_views import asked_day
from gongbao.policy.schema import Pack

_FILTERS = ("city", "year", "issuer", "kind", "status", "pack")
MANY = 60
PAGE = 50


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    everything = shelf.entries()
    words = request.GET.get("q", "").strip()[:200]
    asked = {name: request.GET.get(name, "").strip()[:60] for name in _FILTERS}
    fitting = shelf.choose(everything, **asked)
    context: dict[str, Any] = {"q": words, "asked": asked, "total": len(everything), "searched": bool(words)}
    found = shelf.choose(fitting, words=words) if words else fitting
    context |= _page_of(found, request.GET.get("page", ""), {"q": words, **asked})
    if words:
        context["hits"] = shelf.search(words, fitting)
    if request.htmx:
        return render(request, "library/found.html", context)
    context |= {
        "cities": _options(e.city for e in everything), "issuers": _options(e.issuer for e in everything),
        "years": sorted({str(e.dated.year) for e in everything if e.dated}, reverse=True),
        "with_pack": sum(bool(e.pack) for e in everything), "refused": gazettes.refused(),
        "gazettes": [(g.name, len(g.documents), g.warnings) for g in gazettes.library().gazettes],
        "broken": worlds.not_loaded(),
        "sorts": _options(e.kind for e in everything),
        "states": [(state, WORDS[state], n) for state, n in _options(e.state for e in everything)],
        "kinds": (("yes", "已建包"), ("force", "已建包且现行有效"), ("no", "未建包")),
    }  # fmt: skip
    return render(request, "library/home.html", context)


def _page_of(found: list[shelf.Entry], page: str, asked: dict[str, str]) -> dict[str, Any]:
    last = max(1, -(-len(found) // PAGE))
    number = min(max(1, int(page)), last) if page.isdecimal() else 1
    start, kept = (number - 1) * PAGE, {key: value for key, value in asked.items() if value}
    rows = found[start : start + PAGE]
    return {"rows": rows, "found": len(found), "page": {
        "words": f"第 {start + 1}–{start + len(rows)} 份，共 {len(found)} 份",
        "next": urlencode({**kept, "page": number + 1}) if number < last else "",
        "previous": urlencode({**kept, "page": number - 1}) if number > 1 else "",
    }}  # fmt: skip


def _options(values: Any) -> list[tuple[str, int]]:
    return Counter(values).most_common()


def _entry(request: HttpRequest, key: str) -> shelf.Entry | HttpResponse:
    found = shelf.find(key)
    if not found:
        raise Http404(f"政策库里没有“{key}”这份文件")
    if len(found) > 1:
        return render(request, "library/several.html", {"key": key, "rows": found}, status=300)
    return found[0]


@require_GET
def document(request: HttpRequest, key: str) -> HttpResponse:
    entry = _entry(request, key)
    if isinstance(entry, HttpResponse):
        return entry
    if entry.key != key:
        return redirect(reverse("library:document", args=[entry.key]), permanent=True)
    context: dict[str, Any] = {"entry": entry, "pack": packs.pack_of(entry.pack) if entry.pack else None}
    if entry.pack:
        context["counts"] = standing.counts(entry.pack)
        context["unresolved"] = [s for s in standing.standings(entry.pack) if not s.resolved] if entry.document else []
    if entry.document is not None:
        context |= {
            "tree": clauses(entry.document), "discrepancies": document_discrepancies(entry.document),
            "tables": document_tables(entry.document), "names": legal.names(entry.document),
            "cites": legal.cites(entry.document), "cited_by": legal.cited_by(entry.document),
            "parts": legal.parts(entry.document), "citation": document_words(entry.document),
            **_force(request, legal.life(entry.document)),
        }  # fmt: skip
    if context["pack"] is not None:
        context["questions"] = questions(context["pack"])
        context["register_discrepancies"] = _register_discrepancies(entry.pack)
    return render(request, "library/document.html", context)


def questions(pack: Pack) -> list[dict[str, str]]:
    """The open questions, with settings called by their labels."""
    return [
        {"cite": q.cite, "about": readable.named_settings(q.about, pack),
         "treated_as": readable.named_settings(q.treated_as, pack)}
        for q in pack.document.open_questions
    ]  # fmt: skip


def _register_discrepancies(pack: str) -> list[str]:
    return [str(d) for r in worlds.world(pack).registers.values() for d in r.discrepancies]


def _force(request: HttpRequest, known: Life) -> dict[str, Any]:
    """The status today and on the day that is asked for, and the timeline."""
    day, today = asked_day(request), clock.today()
    return {
        "day": day, "today": today, "status": status(known, today), "asked": status(known, day) if day != today else None,
        "timeline": legal.timeline(known, day),
    }  # fmt: skip


@require_GET
def act(request: HttpRequest, key: str) -> HttpResponse:
    """What the loaded gazettes say of a document whose text none of them prints."""
    known = legal.act(key)
    if known is None:
        raise Http404(f"已载入的公报没有提到“{key}”")
    if known.document is not None and (entry := shelf.of_document(known.document)) is not None:
        return redirect(reverse("library:document", args=[entry.key]))
    context = {"act": known, "cited_by": legal.cited_by(known), **_force(request, legal.life_of_act(known))}
    return render(request, "library/act.html", context)


@require_GET
def clause(request: HttpRequest, key: str, locator: str) -> HttpResponse:
    entry = _entry(request, key)
    if isinstance(entry, HttpResponse):
        return entry
    locator = locator.strip("/ ")
    if entry.key != key:
        return redirect(reverse("library:clause", args=[entry.key, locator]), permanent=True)
    found: Clause | None = None
    trail: list[Clause] = []
    if entry.document is not None:
        try:
            found = resolve(entry.document, locator)
        except (GazetteError, IndexError) as error:
            raise Http404(str(error)) from error
        if found.locator != locator:  # 四、(一) and 四（一） are one clause with one address
            return redirect(reverse("library:clause", args=[entry.key, found.locator]))
        trail = _trail(clauses(entry.document), found)
    elif not entry.pack:
        raise Http404("没有载入这份文件的原文")
    plain, _ = standing.canonical(entry.document, locator)
    rules = standing.on_clause(entry.pack, found if found and found.kind != "款" else None, plain) if entry.pack else ()
    order = [c for c in clauses(entry.document).walk() if c.locator] if entry.document else []
    places = [c.locator for c in order]
    at = places.index(plain) if plain in places else -1
    return render(request, "library/clause.html", {
        "entry": entry, "locator": locator, "clause": found, "trail": trail, "rules": rules,
        "cells": _cells(found), "above": trail[-1] if trail and trail[-1].locator != "正文" else None,
        "many": sum(len(group) for _, group in rules),
        "names": legal.names(entry.document) if entry.document else {},
        "status": legal.on(entry.document, clock.today()) if entry.document else None,
        "citation": clause_words(entry.document, found) if entry.document and found else "",
        "anchored": anchoring.of_clause(entry, found) if entry.pack and found else None,
        "before": order[at - 1] if at > 0 else None, "after": order[at + 1] if 0 <= at < len(order) - 1 else None,
        "discrepancies": [d for d in document_discrepancies(entry.document) if d.locator.startswith(plain)]
        if entry.document else [],
    })  # fmt: skip


def _cells(found: Clause | None) -> list[tuple[str, str]]:
    """The cells of a row under their columns; a column printed over two cells is named twice by its print."""
    if found is None or found.row is None:
        return []
    return [(re.sub(r"#\d+$", "", c), cell) for c, cell in zip(found.row.columns, found.row.cells, strict=False)]


def _trail(root: Clause, wanted: Clause) -> list[Clause]:
    """The clauses above the wanted one, the outermost first."""
    place = standing.canonical_paragraph(wanted.locator)

    def walk(node: Clause, above: list[Clause]) -> list[Clause] | None:
        if node.locator == place:
            return above
        for child in node.children:
            found = walk(child, [*above, node] if node.locator else above)
            if found is not None:
                return found
        return None

    return walk(root, []) or []
