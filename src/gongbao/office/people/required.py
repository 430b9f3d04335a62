"""Every page asks for sign-in unless its view says otherwise. The API answers 401 by itself, it has no sign-in page; so
is answered what a page asks for in the background, for a sign-in form would else stand in the middle of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.urls import reverse


class SignInRequired(LoginRequiredMiddleware):
    def process_view(
        self, request: HttpRequest, view: Callable, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if request.path.startswith("/api/"):
            return None
        return super().process_view(request, view, args, kwargs)

    def handle_no_permission(self, request: HttpRequest, view_func: Callable) -> HttpResponse:
        if "HX-Request" in request.headers or request.path.startswith(reverse("pages:live")):
            return HttpResponse("登录已过期", status=401, content_type="text/plain; charset=utf-8")
        return super().handle_no_permission(request, view_func)
