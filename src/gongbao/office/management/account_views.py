"""The pages of accounts. Every change is written into the audit log; a password never is."""

from __future__ import annotations

from typing import Any

from axes.utils import reset
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from gongbao.office.management import accounts as acts
from gongbao.office.management.doors import ADMINISTRATOR, only, tabs
from gongbao.office.people import audit
from gongbao.office.people import roles as r
from gongbao.office.people.models import Account
from gongbao.office.people.units import city_units

PAGE = 50


@require_GET
@only(*ADMINISTRATOR)
def accounts(request: HttpRequest) -> HttpResponse:
    asked = {k: request.GET.get(k, "").strip()[:80] for k in ("q", "role", "state")}
    rows = Account.objects.all()
    if asked["q"]:
        q = asked["q"]
        rows = rows.filter(Q(username__icontains=q) | Q(name__icontains=q) | Q(unit__icontains=q))
    if asked["state"] in ("on", "off"):
        rows = rows.filter(is_active=asked["state"] == "on")
    found = [a for a in rows if not asked["role"] or asked["role"] in a.roles]
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "management/accounts.html", {
        "page": page, "asked": asked, "roles": r.ROLES, "tabs": tabs(request.user), "tab": "accounts",
        "all": Account.objects.count(),
    })  # fmt: skip


def _form(request: HttpRequest, account: Account | None, given: dict[str, Any], errors: dict[str, str]) -> HttpResponse:
    names = [unit.name for units in city_units() for unit in units.units.values()]
    summary = [{"id": k, "label": acts.FIELDS.get(k, ""), "text": text} for k, text in errors.items()]
    return render(request, "management/account.html", {
        "account": account, "given": given, "errors": errors, "summary": summary, "all_roles": r.ROLES,
        "units": names, "tabs": tabs(request.user), "tab": "accounts",
        "posts": sorted({post for units in city_units() for unit in units.units.values() for post in unit.posts}),
        "history": audit.Audit.objects.filter(subject=account.username)[:12] if account else (),
    }, status=400 if errors else 200)  # fmt: skip


@never_cache
@sensitive_post_parameters("password")
@only(*ADMINISTRATOR)
def new(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _form(request, None, {"is_active": True, "roles": [], "posts": []}, {})
    given = acts.typed(request.POST)
    try:
        account, word = acts.create(given, request.POST.get("password", ""))
    except acts.Refused as refused:
        return _form(request, None, given, refused.fields)
    audit.note(request.user, "新建账号", account.username,
               {"unit": account.unit, "roles": account.roles, "posts": account.posts}, request)  # fmt: skip
    return _password_page(request, account, word, bool(request.POST.get("password")))


@only(*ADMINISTRATOR)
def edit(request: HttpRequest, number: int) -> HttpResponse:
    account = get_object_or_404(Account, pk=number)
    if request.method != "POST":
        given = {k: getattr(account, k) for k in (*acts.FIELDS, "is_active")}
        return _form(request, account, given, {})
    given = acts.typed(request.POST) | {"username": account.username}
    try:
        changed = acts.change(account, given, by=request.user)
    except acts.Refused as refused:
        return _form(request, Account.objects.get(pk=number), given, refused.fields)
    if changed:
        state = changed.get("is_active")
        act = "更改账号" if state is None else "启用账号" if state[1] else "停用账号"
        audit.note(request.user, act, account.username, changed, request)
        messages.success(request, f"{account.name}（{account.username}）已更改")
    return redirect("management:account", number)


@never_cache
@sensitive_post_parameters("password")
@require_POST
@only(*ADMINISTRATOR)
def password(request: HttpRequest, number: int) -> HttpResponse:
    account = get_object_or_404(Account, pk=number)
    given = request.POST.get("password", "")
    try:
        word = acts.reset_password(account, given)
    except acts.Refused as refused:
        return _form(request, account, {k: getattr(account, k) for k in (*acts.FIELDS, "is_active")}, refused.fields)
    audit.note(request.user, "重设密码", account.username, request=request)
    if account.pk == request.user.pk:
        from django.contrib.auth import update_session_auth_hash

        update_session_auth_hash(request, account)
    return _password_page(request, account, word, bool(given))


def _password_page(request: HttpRequest, account: Account, word: str, given: bool) -> HttpResponse:
    return render(request, "management/password.html", {
        "account": account, "word": "" if given else word, "tabs": tabs(request.user), "tab": "accounts"})  # fmt: skip


@require_POST
@only(*ADMINISTRATOR)
def unlock(request: HttpRequest, number: int) -> HttpResponse:
    account = get_object_or_404(Account, pk=number)
    reset(username=account.username)
    audit.note(request.user, "解除登录锁定", account.username, request=request)
    messages.success(request, f"{account.username} 的登录锁定已解除")
    return redirect("management:account", number)
