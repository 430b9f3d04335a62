"""How a drill went: every clock of the plan kept or missed, every decision that was expected, everything told.

An act counts at the moment at which it was recorded on the drill's clock: whoever enters late, with an earlier time of
what happened, is late. Both times stand in the record.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from gongbao.engine.case.score import Kept, Score, kept, score
from gongbao.office import worlds
from gongbao.office.cases import service
from gongbao.office.drills import running
from gongbao.office.drills.models import Drill
from gongbao.office.pages import words
from gongbao.policy.drills import ScriptFile, length

VERDICTS = {"met": "按时", "late": "迟报迟办", "missed": "未完成", "running": "未到时限", "unset": "时限未设"}

EXPECTED = {"right": "按时判对", "late": "判对，超时", "wrong": "判错", "missing": "未判定", "waiting": "未到时限"}


@dataclass(frozen=True, slots=True)
class Expected:
    """A decision that the script expects. `verdict`: right | late | wrong | missing | waiting."""

    what: str
    value: str
    by: dt.datetime
    verdict: str
    found: str = ""
    at: dt.datetime | None = None  # when it was recorded
    cite: str = ""
    said: dt.datetime | None = None  # when it is said to have been decided


@dataclass(frozen=True, slots=True)
class Played:
    """One case of the drill as it stands, with its clocks."""

    seen: service.Look
    clocks: tuple[Kept, ...]

    @property
    def score(self) -> Score:
        return score(self.clocks)


def played(now: dt.datetime) -> tuple[Played, ...]:
    looks = [service.look(case, now) for case in running.cases()]
    return tuple(Played(seen, kept(seen.state, now, recorded=True)) for seen in looks)


def expected(drill: Drill, cases: tuple[Played, ...], now: dt.datetime) -> tuple[Expected, ...]:
    """Each expectation of the script against what was decided, and when, in the cases of its procedure."""
    if not drill.script:
        return ()
    spec = ScriptFile.model_validate(drill.script)
    found = []
    for one in spec.expects:
        by = drill.starts + length(one.within)
        for decision, value in one.decided.items():
            found.append(_expected(drill, spec.procedure, decision, value, by, one.cite or "", cases, now))
    return tuple(found)


def _expected(
    drill: Drill, procedure: str, decision: str, value: str, by: dt.datetime, cite: str, cases: tuple[Played, ...],
    now: dt.datetime,
) -> Expected:  # fmt: skip
    label, last = worlds.world(drill.pack).labels.get(decision, decision), None
    for one in cases:
        if (one.seen.case.pack, one.seen.case.procedure) != (drill.pack, procedure):
            continue
        for event in one.seen.events:
            if event.data.get("decision") == decision and event.seq not in one.seen.state.voided:
                given = event.data.get("value")
                text = words.shown(next(iter(given.values()), None) if isinstance(given, dict) else given)
                if text == value:
                    verdict = "right" if event.recorded_at <= by else "late"
                    return Expected(label, value, by, verdict, text, event.recorded_at, cite, event.occurred_at)
                last = (text, event.recorded_at, cite, event.occurred_at)
    if last is not None:
        return Expected(label, value, by, "wrong", *last)
    return Expected(label, value, by, "waiting" if now < by else "missing", cite=cite)


def result(drill: Drill, now: dt.datetime) -> dict[str, Any]:
    """The score as data, kept with the drill when it ends."""
    cases = played(now)
    total = score([clock for one in cases for clock in one.clocks])
    told = expected(drill, cases, now)
    return {
        "met": total.met, "late": total.late, "missed": total.missed, "running": total.running, "unset": total.unset,
        "right": sum(e.verdict == "right" for e in told), "expected": len(told),
        "cases": [one.seen.case.number for one in cases],
    }  # fmt: skip
