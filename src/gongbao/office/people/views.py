"""Signing in as one person of one unit, and out. A demonstration lists its accounts, and only its own."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from gongbao.office.people import audit
from gongbao.office.people.models import Account


def _onward(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else settings.LOGIN_REDIRECT_URL


@login_not_required
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    errors = []
    if request.method == "POST":
        account = _demonstration_account(request) if "as" in request.POST else _known_account(request)
        if account is not None:
            login(request, account, backend="django.contrib.auth.backends.ModelBackend")
            audit.note(account, audit.SIGN_IN, account.username, request=request)
            return redirect(_onward(request))
        errors = [{"id": "username", "label": "", "text": "账号或密码不对，或账号已停用"}]
        audit.note(None, "登录失败", request.POST.get("username", "")[:60], request=request)
    elif request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    accounts = _listed() if settings.GONGBAO_DEMO else ()
    context = {
        "form_errors": errors, "accounts": accounts, "next": request.POST.get("next") or request.GET.get("next", ""),
        "username": request.POST.get("username", ""), "limit": settings.AXES_FAILURE_LIMIT,
    }  # fmt: skip
    return render(request, "people/sign_in.html", context, status=400 if errors else 200)


def _known_account(request: HttpRequest) -> Account | None:
    return authenticate(request, username=request.POST.get("username", ""), password=request.POST.get("password", ""))


def _demonstration_account(request: HttpRequest) -> Account | None:
    if not settings.GONGBAO_DEMO:
        return None
    return Account.objects.filter(username=request.POST["as"], demonstration=True, is_active=True).first()


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        audit.note(request.user, audit.SIGN_OUT, request.user.username, request=request)
    logout(request)
    return redirect("people:sign_in")


def _listed() -> list[Account]:
    """The demonstration's accounts as they were made, those of one unit together: the desks first, then who they ask."""
    accounts = list(Account.objects.filter(demonstration=True, is_active=True).order_by("id"))
    first: dict[str, int] = {}
    for account in accounts:
        first.setdefault(account.unit, account.pk)
    return sorted(accounts, key=lambda account: (first[account.unit], account.pk))
