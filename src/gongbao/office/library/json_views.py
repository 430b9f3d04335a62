"""A document and a clause as JSON, at the page's address with `.json`: text, status, references, how to cite it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from gongbao.gazette.clause import Clause
from gongbao.gazette.clauses import resolve
from gongbao.gazette.library import clause_json, document_json
from gongbao.gazette.quoting import clause_words, document_words, locator_words
from gongbao.gazette.text import GazetteError
from gongbao.office import clock
from gongbao.office.library import legal, shelf, standing

_WRITTEN = re.compile(r"\d{4}-\d\d-\d\d")
_OPTIONS = {"ensure_ascii": False, "indent": 1}
Params = ParamSpec("Params")


def as_json(view: Callable[Params, JsonResponse]) -> Callable[Params, JsonResponse]:
    """A bad `?on=` or an address of nothing is answered in JSON too: {detail}, as the API does."""

    @wraps(view)
    def answer(*args: Params.args, **more: Params.kwargs) -> JsonResponse:
        try:
            return view(*args, **more)
        except BadRequest as error:
            return JsonResponse({"detail": str(error)}, status=400, json_dumps_params=_OPTIONS)
        except Http404 as error:
            return JsonResponse({"detail": str(error)}, status=404, json_dumps_params=_OPTIONS)

    return answer


def asked_day(request: HttpRequest) -> dt.date:
    """The day of `?on=`, else the office's day. BadRequest (a page with status 400) for what is no date."""
    said = request.GET.get("on", "").strip()
    if not said:
        return clock.today()
    try:
        return dt.date.fromisoformat(said)
    except ValueError as error:
        why = "没有这一天；" if _WRITTEN.fullmatch(said) else ""
        raise BadRequest(f"日期（on）“{said[:20]}”不对：{why}须是年-月-日，写法如 2023-06-30。") from error


def _loaded(key: str) -> shelf.Entry:
    found = shelf.find(key)
    if not found:
        raise Http404(f"政策库里没有“{key}”这份文件")
    if len(found) > 1:
        raise Http404(f"“{key}”对应{len(found)}份文件：{'、'.join(e.key for e in found)}")
    if found[0].document is None:
        raise Http404(f"没有载入“{key}”的原文")
    return found[0]


def _address(request: HttpRequest, entry: shelf.Entry, locator: str = "") -> str:
    name, args = ("library:clause", [entry.key, locator]) if locator else ("library:document", [entry.key])
    return request.build_absolute_uri(reverse(name, args=args))


def _cited(request: HttpRequest, one: legal.Cited, *, source: bool = False) -> dict[str, Any]:
    held = one.source if source else one.document
    entry = shelf.of_document(held) if held is not None else None
    title, number = (one.source.title, one.source.number) if source else (one.act.title, one.act.number or None)
    return {
        "relation": one.relation, "title": title, "number": number, "clauses": list(one.clauses),
        "loaded": held is not None, "address": _address(request, entry) if entry else None,
    }  # fmt: skip


@require_GET
@as_json
def document(request: HttpRequest, key: str) -> JsonResponse:
    entry = _loaded(key)
    held = entry.document
    assert held is not None
    value = {"address": _address(request, entry), "citation": document_words(held), "pack": entry.pack or None}
    value |= document_json(held, full=True)
    value |= {
        "status": legal.status_json(legal.on(held, asked_day(request))),
        "timeline": [legal.event_json(e) for e in legal.life(held).events],
        "cites": [_cited(request, c) for c in legal.cites(held)],
        "cited_by": [_cited(request, c, source=True) for c in legal.cited_by(held)],
    }  # fmt: skip
    return JsonResponse(value, json_dumps_params=_OPTIONS)


@require_GET
@as_json
def clause(request: HttpRequest, key: str, locator: str) -> JsonResponse:
    entry = _loaded(key)
    held = entry.document
    assert held is not None
    try:
        found: Clause = resolve(held, locator.strip("/ "))
    except (GazetteError, IndexError) as error:
        raise Http404(str(error)) from error
    under = {c.locator for c in found.walk()}
    rules = standing.on_clause(entry.pack, found if found.kind != "款" else None, found.locator) if entry.pack else ()
    value = {
        "address": _address(request, entry, found.locator), "citation": clause_words(held, found),
        "words": locator_words(found.locator),
        "document": {"number": held.number, "title": held.title, "address": _address(request, entry)},
        "status": legal.status_json(legal.on(held, asked_day(request))),
        "clause": clause_json(found),
        "cites": [_cited(request, c) for c in legal.cites(held) if under & set(c.clauses)],
        "rules": [{"kind": kind, "title": s.title, "words": s.words, "cite": s.cite} for kind, group in rules for s in group],
    }  # fmt: skip
    return JsonResponse(value, json_dumps_params=_OPTIONS)
