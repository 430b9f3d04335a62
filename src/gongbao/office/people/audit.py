"""Writing down who read or changed what. A reading of personal data is written with the names of the facts read."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from gongbao.office import clock
from gongbao.office.people.models import Account, Audit

READ_PERSONAL = "查看个人信息"
SIGN_IN = "登录"
SIGN_OUT = "退出"
REFUSED = "越权被拒"


def note(
    account: Account | None, act: str, subject: str, detail: dict[str, Any] | None = None,
    request: HttpRequest | None = None, *, username: str = "",
) -> None:  # fmt: skip
    """One entry. `subject`: a case number, an account, a setting ...; `detail`: what of it, never the values read."""
    signed_in = account is not None and getattr(account, "is_authenticated", False)
    Audit.objects.create(
        at=clock.machine_now(), office_time=clock.now(), act=act, subject=subject[:120], detail=detail or {},
        account=account.username if signed_in else username[:60], unit=account.unit if signed_in else "",
        address=(request.META.get("REMOTE_ADDR") or "")[:60] if request is not None else "",
    )  # fmt: skip
