"""复盘: the after-action report of an incident, as a page and as a paper."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from gongbao.exchange.report import to_docx
from gongbao.office.cases import files, presenting
from gongbao.office.incidents import review as reviewing
from gongbao.office.incidents.views import head, seen_for
from gongbao.office.people import audit


@require_GET
def review(request: HttpRequest, number: str) -> HttpResponse:
    seen = seen_for(request, number)
    reader = presenting.Reader(request.user, seen)
    context = {**head(request, seen, "review"), "report": reviewing.report(seen, reader, request.user.unit)}
    _read(request, reader, number)
    return render(request, "incidents/review.html", context)


@require_GET
def docx(request: HttpRequest, number: str) -> HttpResponse:
    """The report as a DOCX."""
    seen = seen_for(request, number)
    reader = presenting.Reader(request.user, seen)
    made = reviewing.report(seen, reader, request.user.unit)
    _read(request, reader, number)
    answer = HttpResponse(to_docx(made), content_type=files.KINDS[".docx"])
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(f'{made.title}.docx')}"
    return answer


def _read(request: HttpRequest, reader: presenting.Reader, number: str) -> None:
    if reader.read:
        audit.note(request.user, audit.READ_PERSONAL, number, {"facts": sorted(reader.read)}, request)
