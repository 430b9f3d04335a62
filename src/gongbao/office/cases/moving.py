"""Open cases and a new version of their document: which of them move to it, and moving them.

To a correction (`revision: transcription_fix`) an open case moves at once, to a later version that says `open_cases:
move` on the day on which that begins; otherwise it keeps the version it was opened under. Moving is an event of the
case; what was decided before, and its receipts, stand as they are. A case whose log would not mean the same under the
new version stays, and those who have it to do are told why.
"""

from __future__ import annotations

import datetime as dt
import time

from django.db import transaction

from gongbao.engine.case.moving import obstacle
from gongbao.engine.model import NOTE, Event
from gongbao.engine.world import World
from gongbao.office import clock, worlds
from gongbao.office.cases import log, service
from gongbao.office.cases.models import OPEN, Case, Notice
from gongbao.office.tasks import LOG
from gongbao.policy.errors import PackError
from gongbao.policy.loader import pack_hash
from gongbao.policy.versions import Version, moves, settled

BY = "系统"
_PAUSE = 60.0
_looked: list[tuple[float, dt.date]] = []  # when this process last looked, and on which day of the office


def move_due() -> int:
    """Move every open case that is to move by now; how many. Looked at once a minute, and when the day changes."""
    today, stamp = clock.today(), time.monotonic()
    if _looked and _looked[0][1] == today and stamp - _looked[0][0] < _PAUSE:
        return 0
    _looked[:] = [(stamp, today)]
    return sum(move_all(pack) for pack in worlds.pack_ids())


def forget() -> None:
    """Look again (between tests)."""
    _looked.clear()


def move_all(pack: str) -> int:
    """Move the open cases of one pack that are to move by now; how many."""
    held = Case.objects.filter(pack=pack, status=OPEN).exclude(procedure=LOG)
    moved = 0
    for version in held.order_by().values_list("version", flat=True).distinct():
        try:
            way = _way(pack, version)
        except (PackError, worlds.NoSuchPack):
            continue  # what cannot be read moves nothing; the pack says itself what is wrong
        for to in way:
            for pk in held.filter(version=version).values_list("pk", flat=True):
                moved += _move(pk, version, to)
            version = to
    return moved


def _way(pack: str, version: str) -> list[str]:
    """The versions (by hash) that a case of this version moves to by now, one after the other."""
    found = worlds.versions(pack)
    here = next((v for v in found if pack_hash(v.folder) == version), None)
    if here is None:  # its files are kept with the cases alone: it stands among the others all the same
        folder, document = worlds.document_of(pack, version)
        plain = [Version(v.id, v.label, v.folder, v.document) for v in found]
        found = settled([*plain, Version(pack, "", folder, document)])
        here = next(v for v in found if v.folder == folder)
    return [pack_hash(v.folder) for v in moves(found, here, clock.today())]


def _move(pk: int, version: str, to: str) -> int:
    with transaction.atomic():
        case = log.locked(Case(pk=pk))
        if not case.is_open or case.version != version:
            return 0
        here, there = worlds.world(case.pack, version), worlds.world(case.pack, to)
        events, now = log.events_of(case), clock.now()
        why = obstacle(here, there, case.procedure, events)
        if why:
            return _stays(case, there, why, now)
        worlds.keep_version(case.pack, to)
        text = f"改按{_words(there)}办理；此前的判定和凭证不变"
        event = Event(
            type=NOTE, seq=0, occurred_at=now, recorded_at=now, recorded_by=BY, source="系统", note=text,
            data={"moved": {"from": version, "to": to}},
        )  # fmt: skip
        case.version = to
        added = log.append(case, [event], there)
        service.refresh(case, there, (*events, *added), now)
        _tell(case, f"{case.word} {case.number} {text}", now)
        return 1


def _stays(case: Case, there: World, why: str, now: dt.datetime) -> int:
    """Tell once that a case stays under its version, and why."""
    text = f"{case.word} {case.number} 不能改按{_words(there)}办理：{why}"[:300]
    if not Notice.objects.filter(case=case, text=text).exists():
        _tell(case, text, now)
    return 0


def _tell(case: Case, text: str, now: dt.datetime) -> None:
    people = dict.fromkeys(who for step in case.steps for who in step["who"])
    Notice.objects.bulk_create(Notice(who=w, case=case, text=text[:300], kind="version", at=now) for w in people)


def _words(world: World) -> str:
    document = world.document
    revision = document["revision"]
    fixed = f"，第{revision['no']}次修订（改正转录）" if revision["kind"] == "transcription_fix" else ""
    return f"《{document['title']}》（{document['number']}{fixed}）"
