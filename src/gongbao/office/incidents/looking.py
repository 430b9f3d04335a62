"""After an act every open page asks for its live part at once: one replay for all who look in the same second, and few
answered at a time, for whoever acts meanwhile holds the lock of the case and must not wait for fifty of them."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

from gongbao.office import clock, worlds
from gongbao.office.cases import service
from gongbao.office.cases.models import Case

FRESH = 1.0  # seconds of the machine; the office's own time may stand still
MOST = 16
TURNS = threading.BoundedSemaphore(2)  # live parts that one process makes at a time
_held: dict[int, tuple[float, service.Look]] = {}
_lock = threading.Lock()


def look(case: Case) -> service.Look:
    """`service.look` for a page, for reading only."""
    now, world = clock.now(), worlds.world_of(case)
    with _lock:  # the others wait for the first instead of replaying beside it
        made, seen = _held.get(case.pk, (0.0, None))
        if (
            seen is not None and time.monotonic() - made < FRESH
            and (seen.case.head, seen.now) == (case.head, now) and seen.world is world
        ):  # fmt: skip
            return replace(seen, case=case)
        seen = service.look(case, now)
        if seen.state.seq == case.seq:  # else somebody acted between the reading of the case and of its log
            if len(_held) >= MOST:
                _held.clear()
            _held[case.pk] = (time.monotonic(), seen)
        return seen
