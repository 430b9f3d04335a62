"""The office's time: the machine's clock, or in a demonstration a stated date that runs on from when it was set.

Every moment that the office records or counts from is `now()`. The machine's own time is used for nothing but the
audit log's second column.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from zoneinfo import ZoneInfo

from django.db import OperationalError, ProgrammingError
from django.utils import timezone

SHANGHAI = ZoneInfo("Asia/Shanghai")
_CACHE_SECONDS = 1.0
_cache = threading.local()


def machine_now() -> dt.datetime:
    return timezone.now().astimezone(SHANGHAI)


def offset() -> dt.timedelta | None:
    """How far the office's time stands from the machine's; None while it is the machine's own."""
    stamp = time.monotonic()
    held = getattr(_cache, "held", None)
    if held is not None and stamp - held[0] < _CACHE_SECONDS:
        return held[1]
    from gongbao.office.cases.models import Clock

    try:
        row = Clock.objects.order_by("-id").first()
    except (OperationalError, ProgrammingError):  # before the first migration
        return None
    value = None if row is None or row.offset is None else row.offset
    _cache.held = (stamp, value)
    return value


def now() -> dt.datetime:
    """The office's time, in Asia/Shanghai, to the second."""
    return (machine_now() + (offset() or dt.timedelta())).replace(microsecond=0)


def today() -> dt.date:
    return now().date()


def is_demonstration() -> bool:
    return offset() is not None


def move_to(moment: dt.datetime | None, *, by: str, reason: str = "") -> None:
    """Let the office's time be `moment` from now on (None: the machine's own). Kept with who did it and why."""
    from gongbao.office.cases.models import Clock

    if moment is not None and moment.tzinfo is None:
        moment = moment.replace(tzinfo=SHANGHAI)
    Clock.objects.create(
        offset=None if moment is None else moment - machine_now(), set_at=machine_now(), set_by=by, reason=reason
    )
    forget()


def forget() -> None:
    """Drop the remembered offset of this thread (after a change, and between tests)."""
    _cache.held = None
