"""Security headers on every answer: nothing but the office's own scripts, styles and forms runs on its pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_and_async_middleware

from gongbao.office import exercise

POLICY = "; ".join((
    "default-src 'self'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
    "connect-src 'self'", "object-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
))  # fmt: skip


def _with_headers(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if not request.path.startswith("/api/docs"):  # the API's own page brings its scripts inline
        response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    if not request.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-store")
    if exercise.here() and (named := response.headers.get("Content-Disposition")):
        response.headers["Content-Disposition"] = _marked(named)
    return response


def _marked(named: str) -> str:
    """A file taken from the drill site says so in its name, in either of the two ways in which names are written."""
    named = re.sub(
        r"filename\*=utf-8''", lambda found: f"{found[0]}{quote(exercise.MARK)}-", named, flags=re.IGNORECASE
    )
    return re.sub(r'filename="?', lambda found: f"{found[0]}{exercise.SITE}-", named)


@sync_and_async_middleware
def security_headers(get_response: Callable) -> Callable:
    if iscoroutinefunction(get_response):

        async def answer(request: HttpRequest) -> HttpResponse:
            return _with_headers(request, await get_response(request))

    else:

        def answer(request: HttpRequest) -> HttpResponse:
            return _with_headers(request, get_response(request))

    return answer
