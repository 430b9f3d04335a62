"""The world a case is judged in: one version of a pack, compiled, with the settings that its owners have filled.

Packs come from the folder GONGBAO_PACKS; of several versions a new matter takes the one that its day picks
(`for_matter`), a page the one in force on the office's day. Every version that has opened a case keeps its files in the database, so
that the case can be replayed when the folder has moved on, is broken, or is gone. Compiled packs are kept per process,
and for a moment so is why one does not compile; filled settings and the holiday table are read again when any was
changed.
"""

from __future__ import annotations

import base64
import datetime as dt
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Max

from gongbao.engine.fact import Fact, read_facts
from gongbao.engine.time.calendar import Calendar, default_calendar
from gongbao.engine.time.counting import parse_limit
from gongbao.engine.world import Setting, World
from gongbao.office import clock
from gongbao.office.cases import codec
from gongbao.office.cases.models import CalendarYear, Case, PackVersion, SettingValue
from gongbao.policy import loader
from gongbao.policy.errors import PackError
from gongbao.policy.head import Head, read_head
from gongbao.policy.schema import Pack
from gongbao.policy.versions import Version, line, pick

_lock = threading.RLock()
_compiled: dict[tuple[str, str], World] = {}  # (pack, version) -> world without office settings
_current: dict[str, tuple[float, str | PackError]] = {}  # pack -> (when looked at, version or why there is none)
_placed: dict[tuple[str, str], tuple[float, World]] = {}  # -> (when looked at, world with its place among the versions)
_filled: dict[tuple[str, str], tuple[tuple[int, int], World, World]] = {}  # -> (newest setting and calendar, of, world)
_calendar: tuple[int, Calendar] | None = None  # (newest edition, table)
_read: dict[tuple[str, str], Pack] = {}  # (pack, version) -> its files
_CHECK_SECONDS = 2.0


class NoPack(LookupError):
    """What was asked for needs a pack that is not here."""


class NoSuchPack(NoPack):
    def __init__(self, pack: str) -> None:
        super().__init__(f"没有政策包“{pack}”；现有：{'、'.join(pack_ids()) or '无'}")


def pack_ids() -> tuple[str, ...]:
    """The ids of all packs in the folder, e.g. langfang/hotline-110."""
    return tuple(dict.fromkeys(found.id for found in loader.find_packs(settings.GONGBAO_PACKS)))


def folder(pack: str) -> Path:
    """The folder of the version of the pack that is in force on the office's day."""
    try:
        return loader.in_force(Path(settings.GONGBAO_PACKS), pack, clock.today()).folder
    except PackError as error:
        if pack in pack_ids():
            raise
        raise NoSuchPack(pack) from error


def current_version(pack: str) -> str:
    """The version of the pack as its files are now; looked at again every other second. PackError, NoSuchPack."""
    with _lock:
        held = _current.get(pack)
        if held is not None and time.monotonic() - held[0] < _CHECK_SECONDS:
            if isinstance(held[1], PackError):
                raise PackError(held[1].problems)
            return held[1]
        try:
            made = loader.load_folder(folder(pack))
        except PackError as error:
            _current[pack] = (time.monotonic(), error.with_traceback(None))
            raise
        if _compiled.get((pack, made.version)) is not made:  # the city's units file is not part of the version
            _filled.pop((pack, made.version), None)
            _placed.pop((pack, made.version), None)
        _compiled[pack, made.version] = made
        _current[pack] = (time.monotonic(), made.version)
        return made.version


def world(pack: str, version: str | None = None) -> World:
    """The compiled pack with the settings filled so far; the version in the folder unless another is asked for."""
    version = version or current_version(pack)
    setting = SettingValue.objects.filter(pack=pack).aggregate(newest=Max("id"))["newest"] or 0
    newest = (setting, calendar_edition())
    with _lock:
        plain = _in_its_place(pack, version)
        held = _filled.get((pack, version))
        if held is not None and held[0] == newest and held[1] is plain:
            return held[2]
        values = values_for(plain)
        made = (plain.with_settings(values) if values else plain).with_calendar(calendar())
        _filled[pack, version] = (newest, plain, made)
        return made


def _in_its_place(pack: str, version: str) -> World:
    """The compiled version with what follows it (`loader.placed`), looked at again every other second."""
    held = _placed.get((pack, version))
    if held is not None and time.monotonic() - held[0] < _CHECK_SECONDS:
        return held[1]
    plain = _compiled.get((pack, version))
    if plain is None:
        plain = _compiled[pack, version] = loader.load_folder(_files(pack, version))
    made = loader.placed(plain, Path(settings.GONGBAO_PACKS))
    _placed[pack, version] = (time.monotonic(), made)
    return made


def for_matter(pack: str, facts: Mapping[str, Any], occurred_at: dt.datetime, recorded_at: dt.datetime) -> World:
    """The world of the version that a new matter falls under by its own day (`applies_by`). FactErrors, PackError.

    facts: as they were typed, by id or label. Where no version holds on that day, the nearest.
    """
    found = versions(pack)
    if len(found) < 2:
        return world(pack)
    made = pick(found, occurred_at, recorded_at, loader.days_given(found, facts))
    return world(pack, loader.pack_hash(made.version.folder))


def versions(pack: str) -> tuple[Version, ...]:
    """The versions of a pack in the folder, the earliest first. PackError where one cannot be read."""
    return line(Path(settings.GONGBAO_PACKS), pack)


def loaded() -> Iterator[World]:
    """The worlds of all packs that compile; `not_loaded` tells what is wrong with the others."""
    for pack in pack_ids():
        try:
            yield world(pack)
        except (PackError, NoSuchPack):  # NoSuchPack: its folder was taken away meanwhile
            continue


def not_loaded() -> dict[str, str]:
    """Every pack of the folder that does not compile, with the first thing that is wrong and how many more there are."""
    found = {}
    for pack in pack_ids():
        try:
            current_version(pack)
        except PackError as error:
            more = len(error.problems) - 1
            found[pack] = f"{error.problems[0]}{f'（另有 {more} 处错误）' if more else ''}"
        except NoSuchPack:
            continue
    return found


def is_loaded(pack: str) -> bool:
    """Whether the pack is here and compiles."""
    try:
        current_version(pack)
    except (PackError, NoSuchPack):
        return False
    return True


def world_of(case: Case) -> World:
    return world(case.pack, case.version)


def pack_of(case: Case) -> Pack:
    """The files of the case's version as read, for what the world does not carry (templates of papers)."""
    with _lock:
        held = _read.get((case.pack, case.version))
        if held is None:
            held = _read[case.pack, case.version] = loader.read_pack(_files(case.pack, case.version))
        return held


def document_of(pack: str, version: str) -> tuple[Path, Head]:
    """The folder of a version, in the packs or as cases keep it, and the head of its document."""
    found = _files(pack, version)
    return found, read_head(found)


def keep_version(pack: str, version: str) -> None:
    """Keep the files of the folder's version in the database, once, before a case stands on it."""
    if PackVersion.objects.filter(pack=pack, version=version).exists():
        return
    root = _held(pack, version) or folder(pack)
    found = [p for kind in ("yaml", "csv", "dmn", "xml") for p in root.rglob(f"*.{kind}")] + [
        root.parent / "units.yaml"
    ]
    files = {str(file.relative_to(root.parent)): _as_kept(file) for file in sorted(found) if file.exists()}
    PackVersion.objects.get_or_create(pack=pack, version=version, defaults={"files": files, "first_seen": clock.now()})


def _as_kept(file: Path) -> str | dict[str, str]:
    """A file as JSON: its text, or where it is no UTF-8 (a DMN file in a Chinese encoding) its bytes."""
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(file.read_bytes()).decode()}


def _files(pack: str, version: str) -> Path:
    """Where the files of this version are: in the folder if it still holds them, else as cases keep them."""
    held = _held(pack, version)
    if held is not None:
        try:
            loader.load_folder(held)
            return held
        except PackError:  # the city's units file may be broken, which is not part of the version
            pass
    return _stored(pack, version)


def _held(pack: str, version: str) -> Path | None:
    """The folder that holds just this version, if one does."""
    folders = (found.folder for found in loader.find_packs(settings.GONGBAO_PACKS) if found.id == pack)
    return next((each for each in folders if loader.pack_hash(each) == version), None)


def _stored(pack: str, version: str) -> Path:
    """The files of an older version, written out under GONGBAO_HOME."""
    kept = PackVersion.objects.filter(pack=pack, version=version).first()
    if kept is None:
        raise NoSuchPack(f"{pack}@{version}")
    city = pack.partition("/")[0]
    root = Path(settings.GONGBAO_HOME) / "versions" / version.replace(":", "_")[:24] / city
    for name, held in kept.files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(held.encode() if isinstance(held, str) else base64.b64decode(held["base64"]))
    return next(root.glob("*/document.yaml")).parent


def calendar_edition() -> int:
    """The version of the office's holiday table: the id of its newest entry, 0 while nothing was entered."""
    return CalendarYear.objects.aggregate(newest=Max("id"))["newest"] or 0


def calendar() -> Calendar:
    """The working days of the city: what comes with the software, and over it the years that the office entered."""
    global _calendar
    edition = calendar_edition()
    with _lock:
        if _calendar is None or _calendar[0] != edition:
            newest = CalendarYear.objects.values("year").annotate(newest=Max("id")).values("newest")
            made = default_calendar()
            for row in CalendarYear.objects.filter(id__in=newest, days__isnull=False).order_by("year"):
                made = year_entered(made, row.year, row.days, f"{row.source}（节假日表第 {row.pk} 版）")
            _calendar = (edition, made)
        return _calendar[1]


def forget_calendar() -> None:
    """Drop what is held of the holiday table: after an entry that was taken back."""
    global _calendar
    with _lock:
        _calendar = None
        _filled.clear()


def year_entered(table: Calendar, year: int, days: list[list[str]], source: str) -> Calendar:
    """The table with a year as `CalendarYear.days` holds it."""
    dated = [(dt.date.fromisoformat(day), kind == "休", name) for day, kind, name in days]
    return table.with_year(
        year, {day: rest for day, rest, _ in dated}, source=source, names={day: name for day, _, name in dated if name}
    )


def values_for(plain: World) -> dict[str, Any]:
    """The value each filled setting holds now; of those that each unit fills for itself, by unit."""
    found: dict[str, Any] = {}
    for row in standing(plain.pack):
        spec = plain.settings.get(row.name)
        value = None if row.value is None else codec.decode(row.value)
        if spec is not None and not spec.each:
            found[row.name] = value  # in order: the newest is the last
        elif spec is not None and row.unit in members(plain, spec):
            found.setdefault(row.name, {})[row.unit] = value
    return found


def standing(pack: str, name: str | None = None) -> list[SettingValue]:
    """The newest filling of each setting and unit, in order; a value for all supersedes those of units before it."""
    rows = SettingValue.objects.filter(pack=pack, **({"name": name} if name else {}))
    newest = rows.values("name", "unit").annotate(newest=Max("id")).values("newest")
    held = list(SettingValue.objects.filter(id__in=newest).order_by("id"))
    shared = {row.name: row.pk for row in held if not row.unit}
    return [row for row in held if row.pk >= shared.get(row.name, 0)]


def members(plain: World, spec: Setting) -> tuple[str, ...]:
    """The units that each fill this setting for themselves, by full name, on the office's day."""
    number = str(plain.document.get("number") or "")
    return tuple(unit.name for unit in plain.units.members(spec.owner, clock.today(), number))


def set_setting(
    pack: str, name: str, value: Any, *, by: str, reason: str, at: dt.datetime | None = None, unit: str = ""
) -> SettingValue:
    """Fill a setting (None empties it). Who may do so is the caller's question; that it exists is checked here.

    unit: whose value it is, for a setting that each unit fills for itself; ValueError for one that is none of them.
    """
    here = world(pack)
    spec = here.settings.get(name)
    if spec is None:
        raise KeyError(f"政策包 {pack} 没有设置“{name}”；可设置：{'、'.join(here.settings) or '无'}")
    if spec.each:
        unit = here.units.find(unit).name if here.units.knows(unit) else unit
        allowed = members(here, spec)
        if unit not in allowed:
            raise ValueError(f"设置“{spec.label}”由{spec.owner}各自填写，“{unit}”不在其中；可以是 {'、'.join(allowed)}")
    return SettingValue.objects.create(
        pack=pack, name=name, value=codec.encode(None if value is None else checked_setting(spec, value)),
        owner=spec.owner, unit=unit if spec.each else "", set_by=by, set_at=at or clock.now(), reason=reason,
    )  # fmt: skip


def checked_setting(spec: Setting, value: Any) -> Any:
    """The value as the setting's type has it. ValueError, in Chinese, for one that it cannot hold."""
    if spec.type == "duration":  # a limit is kept as it is written: 3 working days, 2小时
        parse_limit(str(value))
        return str(value).strip()
    allowed = spec.values or (spec.candidates if spec.type == "choice" else ())
    fact = Fact(
        id=spec.name, label=spec.label, type=spec.type, unit=spec.unit, min=getattr(spec, "min", None),
        max=getattr(spec, "max", None), values=tuple(map(str, allowed)) if spec.type == "choice" else (),
    )  # fmt: skip
    found = read_facts({spec.name: fact}, {spec.name: value}).get(spec.name)
    if allowed and found not in allowed:
        words = "、".join(str(v) for v in allowed)
        raise ValueError(f"设置“{spec.label}”（{spec.name}）：给出的是 {value}，只能是 {words}")
    return found


def forget() -> None:
    """Drop everything compiled (between tests)."""
    global _calendar
    with _lock:
        _calendar = None
        for held in (_compiled, _current, _filled, _placed, _read):
            held.clear()
