"""Pages that say no in plain words: not understood, not found, not yours, expired form, failure.

Refusals of access are logged.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from gongbao.office import worlds
from gongbao.office.cases.models import Case
from gongbao.office.people import audit
from gongbao.policy.errors import PackError

AWAY = """<!doctype html><html lang="zh-Hans"><meta charset="utf-8"><title>数据库暂时不可用</title>
<h1>数据库暂时不可用</h1><p>已经答复“已记录”的都在。刚才提交的可能没有保存：恢复以后请先看该事项的经过，没有再提交一次。</p>"""


def page(request: HttpRequest, status: int, title: str, words: str, next_steps: tuple[str, ...] = ()) -> HttpResponse:
    context = {"title": title, "words": words, "next_steps": next_steps}
    return render(request, "pages/refused.html", context, status=status)


class PlainRefusals:
    """Middleware: a refusal of a view becomes a page that says what was refused, and an entry in the log."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if request.path.startswith("/api/"):
            return None
        if isinstance(error, Case.DoesNotExist):
            return not_found(request)
        if isinstance(error, PermissionDenied):
            return forbidden(request, error)
        if isinstance(error, BadRequest):
            return page(request, 400, "填写有误", str(error))
        if isinstance(error, (PackError, worlds.NoPack)):
            return no_pack(request, error)
        return None


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    audit.note(getattr(request, "user", None), audit.REFUSED, request.path, {"method": request.method}, request)
    words = str(exception or "") or "您的账号没有这项权限。"
    return page(request, 403, "不能查看或操作", words, ("确有工作需要时，请主办单位在办理中把您的单位列为参与单位。",))


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return page(request, 404, "没有找到", "没有这个页面或这个编号。请核对编号，或用页首“查找”。")


def no_pack(request: HttpRequest, error: Exception) -> HttpResponse:
    """A room, or a case, whose pack is not here or does not compile."""
    words = "这里所用的政策包有错误，改正以前不能用。" if isinstance(error, PackError) else str(error)
    steps = tuple(f"政策包 {pack}：{why}" for pack, why in worlds.not_loaded().items())
    return page(request, 503, "所用的政策包没有载入", words, (*steps, "请告知管理员；改正后不必重新启动。"))


def server_error(request: HttpRequest) -> HttpResponse:
    """500; or 503 where the database is away, which the frame of a page needs as well."""
    try:
        return page(request, 500, "系统出错", "本次操作没有完成，也没有留下一半的结果。错误已记入系统日志。")
    except Error:
        return HttpResponse(AWAY, status=503, headers={"Retry-After": "10"})


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    audit.note(getattr(request, "user", None), "表单校验失败", request.path, {"reason": reason[:200]}, request)
    return page(request, 403, "表单已过期", "这个页面打开太久，或不是从本系统打开的。请返回后刷新页面再提交。")
