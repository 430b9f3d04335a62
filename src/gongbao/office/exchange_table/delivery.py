"""Between the outbox of this site and the exchange table: deliver what waits, take what came, read the answers.

Every step may be cut off and repeated: a transfer's key makes writing it twice leave one row, and a case is opened
for a key once.
"""

from __future__ import annotations

import logging

from django.conf import settings
from django.db import transaction
from django.db.models import F

from gongbao.office import clock, exercise
from gongbao.office.cases.codec import canonical, sha256
from gongbao.office.cases.models import CaseLink, Notice, Outbox
from gongbao.office.exchange_table import personal
from gongbao.office.exchange_table.models import Transfer
from gongbao.policy.errors import PackError

logger = logging.getLogger("gongbao.exchange")
OPEN, NEWS, ANSWER = "open", "news", "answer"


def deliver(limit: int = 100) -> int:
    """Write waiting rows of the outbox into the exchange table; how many. From the drill site none, whoever shares it."""
    if exercise.here():
        return 0
    sent = 0
    personal.withdraw(settings.GONGBAO_SITE)
    for row in Outbox.objects.filter(delivered_at=None).order_by("id")[:limit]:
        personal.send(row.key, settings.GONGBAO_SITE, row.payload)  # first: a transfer is never there without them
        Transfer.objects.get_or_create(
            key=row.key,
            defaults={
                "from_site": settings.GONGBAO_SITE, "to_site": row.to_site, "kind": row.kind, "payload": row.payload,
                "digest": sha256(canonical(row.payload)), "created_at": clock.now(),
            },
        )  # fmt: skip
        Outbox.objects.filter(pk=row.pk).update(delivered_at=clock.now(), attempts=F("attempts") + 1)
        sent += 1
    return sent


def take(limit: int = 100) -> int:
    """Take what other sites sent here: open the case asked for and answer with its number; note their news.

    What needs a pack that does not load here is not refused: it waits, and what came after it goes on.
    """
    taken = 0
    waiting = Transfer.objects.filter(to_site=settings.GONGBAO_SITE, taken_at=None).order_by("id")
    for pk in list(waiting.values_list("pk", flat=True)):
        if taken == limit:
            break
        row = Transfer.objects.get(pk=pk)
        try:
            answer = _answer(row)
        except PackError as error:
            logger.warning("%s waits for its pack: %s", row.key, error.problems[0])
            continue
        Transfer.objects.filter(pk=row.pk, taken_at=None).update(
            taken_at=clock.now(), answer=answer, answered_at=clock.now()
        )
        personal.arrived(row.key)
        taken += 1
    return taken


def _answer(row: Transfer) -> dict[str, str]:
    """What to tell the site that sent it. PackError where the pack it needs does not load."""
    if sha256(canonical(row.payload)) != row.digest:
        return {"refused": "内容与摘要不符，可能在传输中被改动"}
    if row.kind == OPEN:
        return _opened(row)
    if row.kind == NEWS:
        return _heard(row)
    if row.kind == ANSWER:
        return _recorded(row)
    return {"refused": f"不认识的来件种类“{row.kind}”"}


def _opened(row: Transfer) -> dict[str, str]:
    from gongbao.office.cases import service

    try:
        return {"number": service.receive(personal.opened(row), row.key, row.from_site, clock.now())}
    except PackError:
        raise
    except (service.ActionRefused, LookupError, ValueError, KeyError) as error:
        return {"refused": str(error)[:300]}


def _heard(row: Transfer) -> dict[str, str]:
    news = row.payload
    with transaction.atomic():
        link = CaseLink.objects.filter(key=news["key"], source__isnull=False).select_related("source").first()
        if link is None:
            return {"refused": "没有对应的转出事项"}
        CaseLink.objects.filter(pk=link.pk).update(other_number=news["number"], other_status=news["status"])
        _tell(link, f"{link.kind}至 {row.from_site} 的 {news['number']}：{news['status']}")
    return {"noted": link.source.number}


def _recorded(row: Transfer) -> dict[str, str]:
    """What the case opened there did, recorded as an act of the case here that led to it."""
    from gongbao.office.cases import service

    link = CaseLink.objects.filter(key=row.payload["key"], source__isnull=False).select_related("source").first()
    if link is None:
        return {"refused": "没有对应的转出事项"}
    CaseLink.objects.filter(pk=link.pk).update(other_number=row.payload["number"])
    try:
        label = service.hear(link.source, personal.opened(row), row.from_site, row.key, clock.now())
    except PackError:
        raise
    except (service.ActionRefused, LookupError, ValueError, KeyError) as error:
        return {"refused": str(error)[:300]}
    if label:
        _tell(link, f"{row.from_site} 平台 {row.payload['number']}：{label}")
    return {"noted": link.source.number}


def read_answers(limit: int = 100) -> int:
    """Read what the other sites answered to what this one sent."""
    rows = Transfer.objects.filter(
        from_site=settings.GONGBAO_SITE, answered_at__isnull=False, answer_read_at=None
    ).order_by("id")[:limit]
    for row in rows:
        if row.kind == OPEN:
            with transaction.atomic():
                link = CaseLink.objects.filter(key=row.key, source__isnull=False).select_related("source").first()
                if link is not None and "number" in row.answer:
                    CaseLink.objects.filter(pk=link.pk).update(other_number=row.answer["number"])
                    _tell(link, f"{row.to_site} 平台已接收，编号 {row.answer['number']}")
                elif link is not None:
                    CaseLink.objects.filter(pk=link.pk).update(other_status=row.answer.get("refused", "")[:200])
                    _tell(link, f"{row.to_site} 平台没有接收：{row.answer.get('refused', '')}"[:300])
        Transfer.objects.filter(pk=row.pk).update(answer_read_at=clock.now())
    return len(rows)


def _tell(link: CaseLink, text: str) -> None:
    people = link.source.participations.values_list("who", flat=True)
    Notice.objects.bulk_create(
        [Notice(who=who, case=link.source, text=text, kind="other_site", at=clock.now()) for who in people]
    )
