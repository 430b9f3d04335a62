"""Which version of a pack a page shows: that of the day asked for (`?on=`), that of a matter (`?version=`), or today's.

What was asked for goes along on every link inside the pack (`carry`), so that its pages speak of one version.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest

from gongbao.engine.fact import FactErrors
from gongbao.engine.time.calendar import SHANGHAI
from gongbao.office import clock, gazettes, worlds
from gongbao.office.cases.models import PackVersion
from gongbao.office.library import shelf
from gongbao.office.library.json_views import asked_day
from gongbao.policy import loader
from gongbao.policy.schema import Pack
from gongbao.policy.versions import Version, nearest, on_day, pick

SHORTEST = 12  # characters of a version's hash that name it


@dataclass(frozen=True, slots=True)
class Dated:
    """The version that is shown. `stage`: its place among the versions, None where only matters keep its files.

    day: the day asked for, else the office's; named: it is the version that was named, whatever the day; holds: whether
    it is in force on that day; present: whether it is the one in force on the office's day.
    """

    folder: Path
    version: str
    stage: Version | None
    day: dt.date
    asked: bool
    named: bool
    holds: bool
    present: bool

    @property
    def carried(self) -> tuple[tuple[str, str], ...]:
        """What a link or form inside the pack takes along."""
        named = (("version", self.version[:16]),) if self.named else ()
        return (("on", self.day.isoformat()), *named) if self.asked else named

    @property
    def carry(self) -> str:
        return f"?{urlencode(self.carried)}" if self.carried else ""

    @property
    def carry_more(self) -> str:
        return f"&{urlencode(self.carried)}" if self.carried else ""

    @property
    def as_of(self) -> dt.datetime:
        """The moment of a trial: now on the office's day, else the beginning of the day."""
        return dt.datetime.combine(self.day, dt.time(), SHANGHAI) if self.asked else clock.now()


def shown(request: HttpRequest, pack: str, facts: Mapping[str, Any] | None = None) -> Dated:
    """The version that the address asks for. Http404, PackError; BadRequest for a day that is none.

    facts: typed, for the day of the event that the document names (`date_fact`): it goes before the day asked for.
    """
    day, today = asked_day(request), clock.today()
    if named := request.GET.get("version", "").strip():
        return _named(pack, named, day, today)
    versions = worlds.versions(pack)
    if not versions:
        raise worlds.NoSuchPack(pack)
    if day == today and not facts:
        return present(pack)
    found = _picked(versions, day, facts or {})
    version = loader.pack_hash(found.folder)
    return Dated(
        found.folder, version, found, day, day != today, False, found.holds(day), found is on_day(versions, today)
    )


def present(pack: str) -> Dated:
    """The version of the office's day. worlds.NoSuchPack, PackError."""
    worlds.current_version(pack)  # says what is wrong with a pack that does not compile
    folder, day = worlds.folder(pack), clock.today()
    stage = next((v for v in worlds.versions(pack) if v.folder == folder), None)
    holds = stage is not None and stage.holds(day)
    return Dated(folder, loader.pack_hash(folder), stage, day, False, False, holds, True)


def _picked(versions: tuple[Version, ...], day: dt.date, facts: Mapping[str, Any]) -> Version:
    try:
        given = loader.days_given(versions, facts)
    except FactErrors:  # its control says what is wrong with it
        given = {}
    if not given:
        return nearest(versions, day)
    return pick(versions, dt.datetime.combine(day, dt.time(), SHANGHAI), facts=given).version


def _named(pack: str, named: str, day: dt.date, today: dt.date) -> Dated:
    """A version by the beginning of its hash: in the folder of packs, or as matters keep it."""
    versions = worlds.versions(pack)
    here = {loader.pack_hash(v.folder): v for v in versions}
    kept = PackVersion.objects.filter(pack=pack, version__startswith=named).values_list("version", flat=True)
    found = next((v for v in (*here, *kept) if len(named) >= SHORTEST and v.startswith(named)), None)
    if found is None:
        raise Http404(f"政策包 {pack} 没有版本“{named[:64]}”")
    folder, _ = worlds.document_of(pack, found)
    stage = here.get(found)
    present = stage is not None and stage is on_day(versions, today)
    return Dated(folder, found, stage, day, day != today, True, stage is not None and stage.holds(day), present)


def entry_of(pack: str, read: Pack) -> shelf.Entry | None:
    """The shelf's entry of the document as this version has it; None where neither gazette nor shelf holds it."""
    current, file = shelf.of_pack(pack), read.document
    if current is not None and (current.file is file or (current.number, current.title) == (file.number, file.title)):
        return current if current.file is file else replace(current, file=file)
    document = gazettes.document(file.number, file.title)
    entry = shelf.of_document(document) if document is not None else None
    return replace(entry, pack=pack, file=file) if entry is not None else None


def days(versions: tuple[Version, ...]) -> Iterator[str]:
    """The facts by which the versions of a pack are told apart."""
    yield from dict.fromkeys(name for v in versions if (name := v.document.in_force.date_fact) is not None)
