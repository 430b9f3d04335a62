"""沿革: the versions of a pack on a time line, which of them holds on a day, and how many open cases stand on each."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count

from gongbao.office import clock, worlds
from gongbao.office.cases.models import OPEN, Case
from gongbao.office.tasks import LOG
from gongbao.policy.errors import PackError
from gongbao.policy.loader import pack_hash
from gongbao.policy.versions import Version, on_day

APPLIES_BY = {"event_date": "事件发生之日", "application_date": "申请之日", "decision_date": "作出决定之日"}


@dataclass(frozen=True, slots=True)
class Stage:
    """One version as a reader sees it. `state` on the day asked: holds, later, ended; or corrected."""

    version: Version
    state: str
    words: str
    open_cases: int

    @property
    def last(self) -> dt.date | None:
        """The last day; of a corrected version the one that its document states, for it holds on no day itself."""
        return self.version.document.in_force.until if self.version.corrected else self.version.last


@dataclass(frozen=True, slots=True)
class Lineage:
    """The versions, the earliest first; `day` is the day asked about, `holding` the version that holds then."""

    stages: tuple[Stage, ...]
    day: dt.date
    holding: Version | None
    asked: bool
    other: int  # open cases on versions whose files are with the cases alone


def lineage(pack: str, day: dt.date, asked: bool) -> Lineage | None:
    """The versions of a pack; None where one cannot be read (its page says what is wrong)."""
    try:
        versions = worlds.versions(pack)
    except PackError:
        return None
    held = Case.objects.filter(pack=pack, status=OPEN).exclude(procedure=LOG).order_by()
    counts = dict(held.values_list("version").annotate(n=Count("id")))
    stages = []
    for version in versions:
        cases = counts.pop(pack_hash(version.folder), 0)
        state = _state(version, day)
        stages.append(Stage(version, state, _words(version), cases))
    return Lineage(tuple(stages), day, on_day(versions, day), asked and day != clock.today(), sum(counts.values()))


def _state(version: Version, day: dt.date) -> str:
    if version.corrected:
        return "corrected"
    if version.holds(day):
        return "holds"
    return "later" if version.first > day else "ended"


def _words(version: Version) -> str:
    """What became of it, and what it says of cases that are open when it begins."""
    if version.corrected_by is not None:
        return f"有转录之误，由第 {version.corrected_by.revision.no} 次修订代替"
    force, said = version.document.in_force, []
    if version.replaced_by is not None:
        by = version.replaced_by
        said.append(f"自 {by.in_force.from_} 起由《{by.title}》（{by.number}）代替")
    said.append(f"按{APPLIES_BY[force.applies_by]}适用")
    if force.gap:
        said.append(f"之前有间断：{force.gap}")
    if force.open_cases == "move":
        said.append("施行时在办的事项改按本版本办理")
    return "；".join(said)
