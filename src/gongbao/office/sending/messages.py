"""Making a message with its rows, what an officer may do to rows afterwards, and who has confirmed receipt.

A message is made in the transaction of what causes it, so that it is there if and only if that is. A row that is
`unclear` is never sent again by itself: `resend` is an officer's act, after asking the other side.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Count as Count_
from django.db.models import Q, QuerySet

from gongbao.office import clock
from gongbao.office.cases.models import Case
from gongbao.office.people.models import Account
from gongbao.office.sending import gate
from gongbao.office.sending.book import MOBILE, Address, is_email
from gongbao.office.sending.models import (
    EMAIL,
    FAILED,
    HELD,
    OPEN_STATES,
    QUEUED,
    SENT,
    SMS,
    UNCLEAR,
    Message,
    Recipient,
    Release,
)  # fmt: skip

NO_GATEWAY, NO_SERVER = "未接短信网关，请电话通知", "未接邮件服务器，请电话通知"
LINK, PHONE, REPORT = "本人确认", "电话", "网关回执"
_signer = signing.Signer(salt="gongbao.sending.receipt", sep="~")


class Refused(ValueError):
    """Why an act on a message is not done, in Chinese."""


def channel_missing(channel: str) -> str:
    """Why this channel carries nothing here; empty where it does."""
    if channel == SMS:
        return "" if settings.GONGBAO_SMS_URL else NO_GATEWAY
    return "" if settings.EMAIL_HOST else NO_SERVER


def make(
    *, key: str, kind: str, subject: str, body: str, sms: str = "", to: Iterable[Address], by: Account,
    case: Case | None = None, release: Release | None = None, files: Sequence[str] = (), address: str = "",
) -> Message:  # fmt: skip
    """Queue a message to these addresses. Asked again with the same `key`, the first one is given."""
    known = Message.objects.filter(key=key).first()
    if known is not None:
        return known
    machine, exercise = clock.machine_now(), gate.is_exercise()
    mark = gate.MARKS[gate.status()]
    with transaction.atomic():
        message = Message.objects.create(
            key=key, kind=kind, case=case, release=release, subject=(mark + subject)[:200], body=body,
            sms=(mark + (sms or subject))[:500], files=list(files), address=address.rstrip("/"), exercise=exercise,
            made_at=clock.now(), queued_at=machine, made_by=by.username, unit=by.unit,
        )  # fmt: skip
        without = {channel: channel_missing(channel) for channel in (EMAIL, SMS)}
        rows, seen = [], set()
        for one in to:
            if (one.channel, one.address.casefold()) in seen:
                continue
            seen.add((one.channel, one.address.casefold()))
            good = is_email(one.address) if one.channel == EMAIL else bool(MOBILE.fullmatch(one.address))
            error = "" if exercise else without[one.channel] if good else f"“{one.address}”不是可用的地址"
            rows.append(Recipient(
                message=message, channel=one.channel, address=one.address, unit=one.unit[:80], name=one.name[:60],
                state=HELD if exercise else FAILED if error else QUEUED, error=error, next_try=machine,
                mail_id=_mail_id(message, one),
            ))  # fmt: skip
        Recipient.objects.bulk_create(rows, batch_size=500)
        if not any(row.state == QUEUED for row in rows):
            Message.objects.filter(pk=message.pk).update(finished_at=machine)
    return message


def _mail_id(message: Message, one: Address) -> str:
    """The same for every attempt at this row, so that a mail server can see a second one for what it is."""
    digest = hashlib.sha256(f"{message.key}\n{one.channel}\n{one.address.casefold()}".encode()).hexdigest()[:24]
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2] or "localhost"
    return f"<{message.pk}.{digest}@{domain}>"


# ---------------------------------------------------------------------------------------------------------- afterwards


def resend(rows: QuerySet[Recipient], *, by: Account) -> int:
    """Queue rows again that were not sent or are unclear: an officer has asked, and answers for it."""
    if not gate.allowed():
        raise Refused("演练内容不外发")
    done = 0
    with transaction.atomic():
        for channel in (EMAIL, SMS):
            if not channel_missing(channel):
                done += rows.filter(channel=channel, state__in=(UNCLEAR, FAILED), message__exercise=False).update(
                    state=QUEUED, attempts=0, next_try=clock.machine_now(), error="", lease="", lease_until=None
                )
        if done:
            Message.objects.filter(recipients__in=rows).update(finished_at=None, queued_at=clock.machine_now())
    return done


def by_phone(row: Recipient, *, by: Account, said: str) -> None:
    """The person was told by phone: `said` is who answered. What was unclear or not sent is settled by it."""
    if row.received_at is not None:
        raise Refused(f"已登记回执：{row.received_how}")
    if not said.strip():
        raise Refused("请写明接听人")
    # What still waits to be sent is left to be sent; the rest is settled by the call.
    Recipient.objects.filter(pk=row.pk, received_at=None).update(
        received_at=clock.now(), received_how=f"{PHONE}：{said.strip()}（{by.name}登记）"[:120]
    )


def came(row: Recipient) -> None:
    """An unclear row of which the other side says that it came: it counts as sent."""
    Recipient.objects.filter(pk=row.pk, state=UNCLEAR).update(state=SENT, error="", sent_at=clock.now())


def token(row_id: int) -> str:
    """What stands in the link of a receipt: the row's number, signed; nothing of the person."""
    return _signer.sign(str(row_id))


def row_of(given: str) -> Recipient | None:
    try:
        number = int(_signer.unsign(given))
    except (signing.BadSignature, ValueError):
        return None
    return Recipient.objects.filter(pk=number).select_related("message").first()


def receive(row: Recipient, how: str = LINK) -> bool:
    """The receipt of a row, once; whether it was the first. It also settles that the row arrived."""
    with transaction.atomic():
        Recipient.objects.filter(pk=row.pk, state=UNCLEAR).update(state=SENT, error="", sent_at=clock.now())
        return bool(
            Recipient.objects.filter(pk=row.pk, received_at=None).update(received_at=clock.now(), received_how=how)
        )


@dataclass(frozen=True, slots=True)
class Count:
    """How the rows of a message stand."""

    total: int
    waiting: int
    sent: int
    failed: int
    unclear: int
    held: int
    received: int


def counts(messages: Iterable[Message]) -> dict[int, Count]:
    """The counts of these messages, by message."""
    pks = [m.pk for m in messages]
    rows = Recipient.objects.filter(message__in=pks).order_by().values("message").annotate(
        total=Count_("id"), waiting=Count_("id", filter=Q(state__in=OPEN_STATES)),
        sent=Count_("id", filter=Q(state=SENT)), failed=Count_("id", filter=Q(state=FAILED)),
        unclear=Count_("id", filter=Q(state=UNCLEAR)), held=Count_("id", filter=Q(state=HELD)),
        received=Count_("id", filter=Q(received_at__isnull=False)),
    )  # fmt: skip
    found: dict[int, Count] = {row.pop("message"): Count(**_plain(row)) for row in rows}
    return {pk: found.get(pk, Count(0, 0, 0, 0, 0, 0, 0)) for pk in pks}


def _plain(row: dict[str, Any]) -> dict[str, int]:
    return {name: int(value) for name, value in row.items()}
