"""Handing rows to an SMS gateway over HTTP, in the interface of docs/how-to/connect-an-sms-gateway.md.

A request names the row by an `id` that stays the same; a gateway that keeps to the interface sends one id once. Where
no answer comes, the row is `unclear` all the same: the office does not rely on it.
"""

from __future__ import annotations

import hmac
import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from gongbao.office.sending.models import FAILED, QUEUED, SENT, SMS, UNCLEAR, Recipient
from gongbao.office.sending.outcome import Down, Hand, Outcome

LONGEST = 64 * 1024  # of an answer


@contextmanager
def connection() -> Iterator[Hand]:
    """The gateway by the office's settings; each row is one request."""
    if urlsplit(settings.GONGBAO_SMS_URL).scheme not in ("http", "https"):
        raise Down(f"短信网关地址“{settings.GONGBAO_SMS_URL}”须以 http:// 或 https:// 开头")
    yield hand


def hand(row: Recipient) -> Outcome:
    body = {"id": row.mail_id.strip("<>"), "to": row.address, "text": row.message.sms}
    request = urllib.request.Request(
        settings.GONGBAO_SMS_URL, json.dumps(body, ensure_ascii=False).encode(), method="POST",
        headers={"Content-Type": "application/json; charset=utf-8", "Authorization": f"Bearer {settings.GONGBAO_SMS_TOKEN}"},
    )  # fmt: skip
    try:
        with urllib.request.urlopen(request, timeout=settings.EMAIL_TIMEOUT) as answer:
            return _read(answer.read(LONGEST))
    except urllib.error.HTTPError as error:
        return _refused(error)
    except urllib.error.URLError as error:
        if isinstance(error.reason, ConnectionRefusedError) or "Name or service" in str(error.reason):
            raise Down(f"短信网关连不上：{error.reason}") from error
        return Outcome(UNCLEAR, f"交出后没有得到答复：{error.reason}"[:280], lost=True)
    except (OSError, ValueError) as error:
        return Outcome(UNCLEAR, f"交出后没有得到可读的答复：{error}"[:280], lost=True)


def _read(content: bytes) -> Outcome:
    answer = json.loads(content)
    if isinstance(answer, Mapping) and answer.get("status") == "accepted":
        return Outcome(SENT)
    if isinstance(answer, Mapping) and answer.get("status") == "refused":
        return Outcome(FAILED, str(answer.get("error") or "网关不收")[:280])
    return Outcome(UNCLEAR, "网关的答复不合接口约定")


def _refused(error: urllib.error.HTTPError) -> Outcome:
    words = f"{error.code} {error.read(300).decode('utf-8', 'replace')}"[:280]
    if error.code in (401, 403):
        raise Down(f"短信网关不认令牌：{words}")
    if error.code in (429, 503):
        return Outcome(QUEUED, words)
    if 400 <= error.code < 500:
        return Outcome(FAILED, words)
    return Outcome(UNCLEAR, f"网关出错：{words}")


# ------------------------------------------------------------------------------------------------------------- reports


def may_report(authorization: str) -> bool:
    """Whether a delivery report carries the gateway's token."""
    token = settings.GONGBAO_SMS_REPORT_TOKEN
    return bool(token) and hmac.compare_digest(authorization.encode(), f"Bearer {token}".encode())


def take_reports(content: Any) -> int:
    """Enter delivery reports: {"reports": [{"id", "status": delivered|failed, "error"}]}; how many were new.

    All of them or none: ValueError names what is wrong.
    """
    reports = content.get("reports") if isinstance(content, Mapping) else None
    if not isinstance(reports, list):
        raise ValueError("须有 reports 列表")
    with transaction.atomic():
        return sum(_take(n, report) for n, report in enumerate(reports))


def _take(n: int, report: Any) -> int:
    from gongbao.office.sending.messages import REPORT, receive

    if not isinstance(report, Mapping) or report.get("status") not in ("delivered", "failed"):
        raise ValueError(f"reports[{n}].status 只能是 delivered 或 failed")
    row = Recipient.objects.filter(mail_id=f"<{report.get('id')}>", channel=SMS).first()
    if row is None:
        raise ValueError(f"reports[{n}].id“{str(report.get('id'))[:80]}”不是这里发出的")
    if report["status"] == "delivered":
        return int(receive(row, REPORT))
    return Recipient.objects.filter(pk=row.pk, state__in=(SENT, UNCLEAR), received_at=None).update(
        state=FAILED, error=str(report.get("error") or "网关报告未送达")[:280]
    )
