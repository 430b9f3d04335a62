"""How a case went against its clocks: every deadline that bound somebody, kept, kept late, missed, or still running.

One reading for drills and for what is written after an incident. In earnest an act counts when it happened, however late
it is entered; in a drill, where nothing happens but what is entered, when it was recorded. Nothing is weighed: a plan
gives no weights.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from gongbao.engine.model import CaseState, DeadlineState
from gongbao.engine.time.counting import in_time

Verdict = Literal["met", "late", "missed", "running", "unset"]
_VERDICTS: Mapping[str, Verdict] = {
    "met": "met", "met_late": "late", "overdue": "missed", "lapsed": "missed", "running": "running",
    "paused": "running", "unset": "unset",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kept:
    """One clock of a case. `over`: how long after its due time it was met, or has been missed by now; None if neither.

    `at`: when the act that met it counts. A clock that was already past when it was first recorded (`known_late`) binds
    nobody any more, and is not counted.
    """

    deadline: DeadlineState
    verdict: Verdict
    over: dt.timedelta | None = None
    known_late: bool = False
    at: dt.datetime | None = None

    @property
    def counts(self) -> bool:
        return self.verdict in ("met", "late", "missed") and not self.known_late


def kept(state: CaseState, now: dt.datetime, *, recorded: bool = False) -> tuple[Kept, ...]:
    """Every clock that bound somebody, in order of its due time; cancelled ones and waiting periods are left out.

    recorded: an act counts at the moment at which it was recorded.
    """
    found = []
    for one in (*state.deadlines, *(t.deadline for t in state.tasks if t.deadline is not None)):
        verdict = _VERDICTS.get(one.status)
        if verdict is None or one.kind in ("wait", "right"):
            continue
        at = one.met_recorded_at if recorded and one.met_recorded_at is not None else one.met_at
        if verdict == "met" and at is not None and one.due is not None and not in_time(at, one.due):
            verdict = "late"
        over = None
        if verdict in ("late", "missed") and one.due is not None:
            over = (at if verdict == "late" and at is not None else now) - one.due
        found.append(Kept(one, verdict, over, one.past_when_known, at))
    return tuple(sorted(found, key=lambda k: (k.deadline.due is None, k.deadline.due or k.deadline.arises_at)))


@dataclass(frozen=True, slots=True)
class Score:
    """Clocks in numbers."""

    met: int
    late: int
    missed: int
    running: int
    unset: int

    @property
    def counted(self) -> int:
        return self.met + self.late + self.missed


def score(clocks: Iterable[Kept]) -> Score:
    """Count the clocks by verdict; those that were past when they became known count for nobody."""
    counts = dict.fromkeys(("met", "late", "missed", "running", "unset"), 0)
    for one in clocks:
        if one.counts or one.verdict in ("running", "unset"):
            counts[one.verdict] += 1
    return Score(**counts)
