"""The office's time: the machine's clock, or in a demonstration a stated date that runs on from when it was set.

In a drill it may run faster, or stand still (`rate`): only there, for real work has but one time.

Every moment that the office records or counts from is `now()`. The machine's own time is used for nothing but the
audit log's second column.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import OperationalError, ProgrammingError
from django.utils import timezone

if TYPE_CHECKING:
    from gongbao.office.cases.models import Clock

SHANGHAI = ZoneInfo("Asia/Shanghai")
_CACHE_SECONDS = 1.0
_cache = threading.local()


def machine_now() -> dt.datetime:
    return timezone.now().astimezone(SHANGHAI)


def offset() -> dt.timedelta | None:
    """How far the office's time stands from the machine's now; None while it is the machine's own."""
    return _offset(machine_now())


def _offset(machine: dt.datetime) -> dt.timedelta | None:
    row = _row()
    if row is None or row.offset is None:
        return None
    return row.offset + (machine - row.set_at) * (row.rate - 1)


def rate() -> int:
    """How many seconds of the office pass in one of the machine's: 1; in a drill also 0 and more."""
    row = _row()
    return 1 if row is None or row.offset is None else row.rate


def _row() -> Clock | None:
    stamp = time.monotonic()
    held = getattr(_cache, "held", None)
    if held is not None and stamp - held[0] < _CACHE_SECONDS:
        return held[1]
    from gongbao.office.cases.models import Clock

    try:
        row = Clock.objects.order_by("-id").first()
    except (OperationalError, ProgrammingError) as error:
        if isinstance(error, ProgrammingError) or "no such table" in str(error):  # before the first migration
            return None
        raise  # a database that is away says nothing of the office's time: the machine's would fire every timer
    _cache.held = (stamp, row)
    return row


def now() -> dt.datetime:
    """The office's time, in Asia/Shanghai, to the second."""
    machine = machine_now()  # read once: a time that stands must not fall into the second before
    return (machine + (_offset(machine) or dt.timedelta())).replace(microsecond=0)


def today() -> dt.date:
    return now().date()


def is_demonstration() -> bool:
    return offset() is not None


def move_to(moment: dt.datetime | None, *, by: str, reason: str = "", rate: int = 1) -> None:
    """Let the office's time be `moment` from now on (None: the machine's own). Kept with who did it and why.

    ValueError for another rate than 1 outside of a drill.
    """
    from gongbao.office import exercise
    from gongbao.office.cases.models import Clock

    if rate != 1 and not exercise.here():
        raise ValueError("只有演练台的时间可以加快或停住")
    if moment is not None and moment.tzinfo is None:
        moment = moment.replace(tzinfo=SHANGHAI)
    machine = machine_now()
    Clock.objects.create(
        offset=None if moment is None else moment - machine, set_at=machine, set_by=by, reason=reason, rate=rate
    )
    forget()


def forget() -> None:
    """Drop the remembered time of this thread (after a change, and between tests)."""
    _cache.held = None
