"""What the worker sends in each round, written so that it may be killed at any moment.

A row is leased (so that another worker takes others), marked `sending` and committed just before it is handed over, and
marked as the server answered just after, in the commit that marks the next. Of a worker that was killed, therefore, at most one row for each channel is
found `sending`: nobody can know whether it went out, so it becomes `unclear` and waits for an officer. The rows that it
had only leased go back to the queue. A server that does not answer rests, longer each time, and no row pays for it.

Leases and pauses are counted in the machine's time. One that lies further ahead than any can was made before the clock
was set back, and is over.
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import Exists, F, OuterRef, Q

from gongbao.office import clock
from gongbao.office.cases.models import Notice
from gongbao.office.sending import gate, mail, sms
from gongbao.office.sending.messages import channel_missing, counts
from gongbao.office.sending.models import (
    EMAIL,
    FAILED,
    OPEN_STATES,
    QUEUED,
    SENDING,
    SENT,
    SMS,
    UNCLEAR,
    Channel,
    Message,
    Recipient,
)  # fmt: skip
from gongbao.office.sending.outcome import Down, Hand, Outcome

BATCH = 100
BUDGET = 2.0  # seconds of one channel in one round: deadlines must not wait for a long list
LEASE = dt.timedelta(minutes=5)
ROW_PAUSE, ROW_PAUSE_MOST = dt.timedelta(seconds=30), dt.timedelta(minutes=30)
REST = dt.timedelta(seconds=5)
PATIENCE = 120.0  # seconds to wait for a database that is away, with the answer for a row in hand
HOST = socket.gethostname()[:40]
CONNECTIONS: dict[str, Callable[[], AbstractContextManager[Hand]]] = {EMAIL: mail.connection, SMS: sms.connection}
ABANDONED = "发送中断，不知是否送出；请向对方核实"

_run = secrets.token_hex(4)


def worker() -> str:
    """This thread of this process: its host, its number, and what tells it from another of the same number."""
    return f"{HOST}/{os.getpid()}/{_run}-{threading.get_ident():x}"


def send_waiting() -> int:
    """One round: settle what was abandoned, then send some rows of each channel; how many rows changed."""
    if not gate.allowed():
        return 0
    done = settle_abandoned() + give_up()
    for channel, connect in CONNECTIONS.items():
        if not channel_missing(channel):
            done += _send(channel, connect)
    if done:
        finish()
    return done


# ------------------------------------------------------------------------------------------------------------ one round


def _send(channel: str, connect: Callable[[], AbstractContextManager[Hand]]) -> int:
    if resting(channel):
        return 0
    rows = claim(channel)
    if not rows:
        return 0
    done, stop = 0, time.monotonic() + BUDGET
    waiting = iter(rows)
    try:
        with connect() as hand:
            row = _take(waiting)
            while row is not None:
                outcome = _hand_over(row, hand)
                done += 1
                on = not outcome.lost and time.monotonic() < stop and gate.allowed()
                row = _settle(row, outcome, waiting if on else iter(()))
            _answers(channel)
    except Down as down:
        _rest(channel, str(down))
    finally:
        mine = Recipient.objects.filter(pk__in=[row.pk for row in rows], state=QUEUED, lease=worker())
        mine.update(lease="", lease_until=None)
    return done


def _due(now: dt.datetime) -> Q:
    return Q(next_try__lte=now) | Q(next_try__gt=now + ROW_PAUSE_MOST + LEASE)


def _free(now: dt.datetime) -> Q:
    return Q(lease_until=None) | Q(lease_until__lte=now) | Q(lease_until__gt=now + 2 * LEASE)


def claim(channel: str, limit: int = BATCH) -> list[Recipient]:
    """Lease the next rows of a channel to this worker; rows that another worker is taking are passed over."""
    now = clock.machine_now()
    waiting = Recipient.objects.filter(_due(now) & _free(now), channel=channel, state=QUEUED, message__exercise=False)
    if not waiting.exists():
        return []
    with transaction.atomic():
        pks = list(
            waiting.select_for_update(skip_locked=True, of=("self",))
            .order_by("id")
            .values_list("pk", flat=True)[:limit]
        )
        Recipient.objects.filter(pk__in=pks).update(lease=worker(), lease_until=now + LEASE)
    return list(Recipient.objects.filter(pk__in=pks).select_related("message").order_by("id"))


def _take(waiting: Iterator[Recipient]) -> Recipient | None:
    """The next row that is still this worker's, marked `sending`."""
    for row in waiting:
        mine = Recipient.objects.filter(pk=row.pk, lease=worker(), state=QUEUED)
        if mine.update(state=SENDING, attempts=F("attempts") + 1, lease_until=clock.machine_now() + LEASE):
            return row
    return None


def _hand_over(row: Recipient, hand: Hand) -> Outcome:
    """Hand over one row that was taken. Down puts it back into the queue, the try not counted."""
    try:
        return hand(row)
    except Down:
        Recipient.objects.filter(pk=row.pk, lease=worker(), state=SENDING).update(
            state=QUEUED, attempts=F("attempts") - 1, lease="", lease_until=None
        )
        raise
    except Exception as error:  # e.g. an enclosed file that is gone: this row cannot be made, the others can
        return Outcome(FAILED, f"发不出：{error}"[:280])


def _settle(row: Recipient, outcome: Outcome, waiting: Iterator[Recipient]) -> Recipient | None:
    """Keep what became of a row and take the next, in one commit: so one row at most is ever in doubt."""
    values: dict[str, object] = {"state": outcome.state, "error": outcome.error[:300], "lease": "", "lease_until": None}
    if outcome.state == QUEUED:
        tried = row.attempts + 1
        if tried >= settings.GONGBAO_SEND_ATTEMPTS:
            values["state"], values["error"] = FAILED, f"试了 {tried} 次未成：{outcome.error}"[:300]
        pause = min(ROW_PAUSE * 2 ** min(tried - 1, 10), ROW_PAUSE_MOST)
        values["next_try"] = clock.machine_now() + pause
    stop = time.monotonic() + PATIENCE
    while True:
        try:
            if outcome.state == SENT:
                values["sent_at"] = clock.now()
            with transaction.atomic():
                # Whoever has taken it for abandoned meanwhile was wrong: the answer has come.
                Recipient.objects.filter(pk=row.pk, state__in=(SENDING, UNCLEAR)).update(**values)
                return _take(waiting)
        except OperationalError:  # the database is being restarted, or is full: what the server said must not be lost
            if time.monotonic() > stop or connection.in_atomic_block:
                raise
            time.sleep(0.5)
            connection.close()


# ------------------------------------------------------------------------------------------------------ the server rests


def resting(channel: str) -> bool:
    row = Channel.objects.filter(pk=channel).first()
    if row is None or row.rests_until is None:
        return False
    now = clock.machine_now()
    return now < row.rests_until <= now + _longest()


def _longest() -> dt.timedelta:
    return dt.timedelta(seconds=settings.GONGBAO_SEND_PAUSE)


def _rest(channel: str, error: str) -> None:
    with transaction.atomic():
        row, _ = Channel.objects.select_for_update().get_or_create(name=channel)
        pause = min(REST * 2 ** min(row.failures, 12), _longest())
        now = clock.machine_now()
        Channel.objects.filter(pk=channel).update(
            failures=row.failures + 1, rests_until=now + pause, since=row.since or now, error=error[:300]
        )


def _answers(channel: str) -> None:
    Channel.objects.filter(pk=channel, failures__gt=0).update(failures=0, rests_until=None, since=None, error="")


# ------------------------------------------------------------------------------------------------------- left behind


def settle_abandoned() -> int:
    """Rows found `sending` whose worker is gone become unclear, and their officer is told."""
    now = clock.machine_now()
    found = [
        row for row in Recipient.objects.filter(state=SENDING).select_related("message__case")[:1000] if _gone(row, now)
    ]
    done = 0
    for row in found:
        done += Recipient.objects.filter(pk=row.pk, state=SENDING, lease=row.lease).update(
            state=UNCLEAR, error=ABANDONED, lease="", lease_until=None
        )
    _dead_leases()
    return done


def _gone(row: Recipient, now: dt.datetime) -> bool:
    over = row.lease_until is None or row.lease_until <= now or row.lease_until > now + 2 * LEASE
    return over or row.lease == worker() or _dead(row.lease)  # between its rows this worker has none in hand


def _dead(lease: str) -> bool:
    """Whether the worker of a lease ran on this machine and is no more."""
    host, _, rest = lease.partition("/")
    number, _, run = rest.partition("/")
    if host != HOST or not number.isdigit():
        return False
    if int(number) == os.getpid():
        return run.partition("-")[0] != _run
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _dead_leases() -> None:
    """Rows that a dead worker had only leased go back to the queue at once."""
    held = (
        Recipient.objects.filter(state=QUEUED).exclude(lease="").order_by().values_list("lease", flat=True).distinct()
    )
    for lease in list(held[:50]):
        if _dead(lease):
            Recipient.objects.filter(state=QUEUED, lease=lease).update(lease="", lease_until=None)


def give_up() -> int:
    """Rows that could not be handed over for so long that the office would no longer want them to go out."""
    late = clock.machine_now() - dt.timedelta(hours=settings.GONGBAO_SEND_WITHIN)
    old = list(Message.objects.filter(finished_at=None, queued_at__lt=late).values_list("pk", flat=True)[:100])
    words = f"{settings.GONGBAO_SEND_WITHIN} 小时内未能送出"
    return Recipient.objects.filter(message__in=old, state=QUEUED).update(state=FAILED, error=words) if old else 0


def finish() -> int:
    """Messages of which nothing waits any more; where something was not sent, their office is told once."""
    waits = Recipient.objects.filter(message=OuterRef("pk"), state__in=OPEN_STATES)
    over = list(Message.objects.filter(~Exists(waits), finished_at=None)[:100])
    found = counts(over)
    done = 0
    for message in over:
        with transaction.atomic():
            if not Message.objects.filter(pk=message.pk, finished_at=None).update(finished_at=clock.machine_now()):
                continue
            done += 1
            n = found[message.pk]
            if n.failed or n.unclear:
                text = f"“{message.subject}”发送完毕：送出 {n.sent}，未送出 {n.failed}，待核实 {n.unclear}"
                Notice.objects.create(
                    who=message.unit, case=message.case, text=text[:300], kind="sending", at=clock.now()
                )
    return done
