"""Which pages of 管理 a person may enter. Accounts, time, log and chains are the administrator's alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from gongbao.office.people import access
from gongbao.office.people import roles as r
from gongbao.office.people.models import Account

BOTH = (r.ADMINISTRATOR, r.POLICY_EDITOR)
ADMINISTRATOR = (r.ADMINISTRATOR,)


@dataclass(frozen=True, slots=True)
class Tab:
    name: str
    label: str
    roles: tuple[str, ...]
    what: str

    @property
    def url(self) -> str:
        return reverse(f"management:{self.name}")


TABS = (
    Tab("accounts", "账号", ADMINISTRATOR, "新建、停用，角色、单位和岗位，重设密码"),
    Tab("units", "单位", BOTH, "机关及其别名、职能、承接关系，各组成员"),
    Tab("packs", "政策包", BOTH, "版本、审定情况，现场检查"),
    Tab("settings", "设置", BOTH, "文件没有写明、由责任单位填写的数值和读法"),
    Tab("contacts", "通讯录", ADMINISTRATOR, "各单位的邮箱和手机，表格导入导出"),
    Tab("clock", "办公时间", ADMINISTRATOR, "演示日期及其变动记录"),
    Tab("calendar", "节假日", BOTH, "工作日、放假和调休"),
    Tab("personal", "个人信息", ADMINISTRATOR, "保存期限，何时删除了什么，什么将到期"),
    Tab("audit", "审计日志", ADMINISTRATOR, "登录、更改和查看个人信息的记录"),
    Tab("digests", "每日摘要", BOTH, "当日全部记录的散列，可打印留存"),
    Tab("chain", "记录核验", ADMINISTRATOR, "核对一件事项的记录是否完整、未被改动"),
)


def tabs(account: Account) -> tuple[Tab, ...]:
    return tuple(tab for tab in TABS if account.has_role(*tab.roles))


def only(*roles: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """The view is for these roles; others get the 403 page."""

    def wrap(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            access.require(request.user, *roles)
            return view(request, *args, **kwargs)

        return guarded

    return wrap
