"""Law in force: the versions of a document side by side, and which of them holds on a day.

The versions of a pack are the folders `<slug>` and `<slug>@<label>` of a city. Of these

- a correction (`revision: transcription_fix`) is the same law: of the versions with one number the highest revision
  stands, the others hold on no day;
- a version holds from `from` to `until`, both included, and at most until the day before the next one begins; a pack
  whose number another pack `repeals` at most until the day before that one begins.

So on each day one version holds, or none. What contradicts itself on the way there is an error of `gongbao check`
(`problems`): two versions that say of themselves that they hold on the same day (an overlap), and days between a
version and the one after it on which none holds (a gap), unless the later one says why (`in_force.gap`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gongbao.engine.force import day_that_counts
from gongbao.policy.errors import PackError, Problem
from gongbao.policy.head import Head, read_head

if TYPE_CHECKING:
    from gongbao.policy.source import Source

ONE_DAY = dt.timedelta(days=1)
FIX = "transcription_fix"
_BRACKETS = str.maketrans("[]［］()（）【】", "〔〕" * 5)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a pack. `last`: the last day on which it holds, None where no end is known.

    replaced_by: what takes its place after `last`, where something does; corrected_by: the later revision of the same
    law that stands in its place; it then holds on no day itself.
    """

    id: str  # <city>/<slug>
    label: str  # what stands after @ in the folder's name
    folder: Path
    document: Head
    last: dt.date | None = None
    replaced_by: Head | None = None
    corrected_by: Head | None = None

    @property
    def corrected(self) -> bool:
        return self.corrected_by is not None

    @property
    def first(self) -> dt.date:
        return self.document.in_force.from_

    @property
    def words(self) -> str:
        """As a reader knows it: the number, and the label of its folder."""
        return self.document.number + (f"（{self.label}）" if self.label else "")

    def holds(self, day: dt.date) -> bool:
        return not self.corrected and self.first <= day and (self.last is None or day <= self.last)


# Reading ----------------------------------------------------------------------------------------------------------


def line(root: Path, pack_id: str) -> tuple[Version, ...]:
    """All versions of a pack under a root, the earliest first. PackError where one cannot be read."""
    found = [Version(pack_id, label, folder, _head(folder)) for folder, label in _folders(root, pack_id)]
    numbers = {_key(each.document.number) for each in found}
    return settled(found, _repealing(root, pack_id, numbers))


def ending(root: Path, pack_id: str, document: Mapping[str, Any]) -> tuple[dt.date | None, Head | None]:
    """The last day of a document (as a world has it) among the packs under a root, and what takes its place.

    A document that does not stand there (its files were changed since) ends as the one of its number does, else where
    the next version begins. Files that cannot be read end nothing.
    """
    held = document["in_force"]
    from_, until = held["from"], held["until"]
    try:
        versions = line(root, pack_id)
    except PackError:
        return until, None
    number, no = _key(str(document["number"])), document["revision"]["no"]
    here = [v for v in versions if _key(v.document.number) == number and not v.corrected]
    same = next((v for v in here if v.first == from_ and v.document.revision.no == no), None) or next(iter(here), None)
    if same is not None and same.document.in_force.until == until:
        return same.last, same.replaced_by
    later = [v.document for v in versions if not v.corrected and v.first > from_]
    own = [] if same is None else [same.replaced_by] if same.replaced_by is not None else []
    by = min((*later, *own), key=lambda d: d.in_force.from_, default=None)
    if by is None or (until is not None and until < by.in_force.from_ - ONE_DAY):
        return until, None
    return by.in_force.from_ - ONE_DAY, by


def _folders(root: Path, pack_id: str) -> Iterator[tuple[Path, str]]:
    city, _, slug = pack_id.partition("/")
    for path in sorted((Path(root) / city).glob(f"{slug}*/document.yaml")):
        name, _, label = path.parent.name.partition("@")
        if name == slug:
            yield path.parent, label


def _repealing(root: Path, pack_id: str, numbers: set[str]) -> list[Head]:
    """The documents of other packs that repeal one of these numbers; one that cannot be read repeals nothing."""
    own = {folder for folder, _ in _folders(root, pack_id)}
    found = []
    for path in sorted(Path(root).glob("*/*/document.yaml")):
        if path.parent in own or not any(number in _text(path) for number in numbers):
            continue
        try:
            document = _head(path.parent)
        except PackError:
            continue
        if numbers & set(map(_key, document.repeals)):
            found.append(document)
    return found


def _key(number: str) -> str:
    """A number however its brackets and spaces are written."""
    return "".join(number.translate(_BRACKETS).split())


def _head(folder: Path) -> Head:
    seen = (folder / "document.yaml").stat()
    return _read_head(folder, seen.st_mtime_ns, seen.st_size)


@lru_cache(maxsize=1000)
def _read_head(folder: Path, changed: int, size: int) -> Head:
    return read_head(folder)


def _text(path: Path) -> str:
    """The head of a pack as it is written, its numbers as `_key` has them; empty where it cannot be read."""
    try:
        seen = path.stat()
    except OSError:
        return ""
    return _read_text(path, seen.st_mtime_ns, seen.st_size)


@lru_cache(maxsize=1000)
def _read_text(path: Path, changed: int, size: int) -> str:
    try:
        return _key(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError):
        return ""


# Which holds ------------------------------------------------------------------------------------------------------


def settled(versions: Iterable[Version], others: Iterable[Head] = ()) -> tuple[Version, ...]:
    """The versions of one pack with what takes the place of each, the earliest first.

    others: documents of other packs that may repeal one of these.
    """
    ordered = sorted(versions, key=lambda v: (v.first, v.document.revision.no, v.label))
    by = _corrections(ordered)
    standing = [v for v in ordered if v.folder not in by]
    made = []
    for each in ordered:
        if each.folder in by:
            made.append(replace(each, corrected_by=by[each.folder]))
        else:
            following = [v.document for v in standing[standing.index(each) + 1 :][:1]]
            made.append(_ended(each, [*following, *_that_repeal(each.document, others)]))
    return tuple(made)


def _corrections(versions: Iterable[Version]) -> dict[Path, Head]:
    """For each version (by folder) that a later revision corrects, that revision.

    It corrects the version of its number that begins on the same day, else the one with the revision before.
    """
    found: dict[Path, Head] = {}
    standing: dict[str, list[Version]] = {}
    for each in sorted(versions, key=lambda v: (v.document.revision.no, v.label)):
        others = standing.setdefault(_key(each.document.number), [])
        if each.document.revision.kind == FIX and others:
            wrong = next((v for v in reversed(others) if v.first == each.first), others[-1])
            others.remove(wrong)
            found |= {folder: each.document for folder, by in found.items() if by is wrong.document}
            found[wrong.folder] = each.document
        others.append(each)
    return found


def _that_repeal(document: Head, others: Iterable[Head]) -> list[Head]:
    number = _key(document.number)
    return [other for other in others if number in map(_key, other.repeals)]


def _ended(version: Version, successors: Iterable[Head]) -> Version:
    until = version.document.in_force.until
    by = min(successors, key=lambda d: d.in_force.from_, default=None)
    if by is None or (until is not None and until < by.in_force.from_ - ONE_DAY):
        return replace(version, last=until)
    return replace(version, last=by.in_force.from_ - ONE_DAY, replaced_by=by)


def on_day(versions: Sequence[Version], day: dt.date) -> Version | None:
    """The version that holds on a day; None where none does."""
    return next((each for each in reversed(versions) if each.holds(day)), None)


def nearest(versions: Sequence[Version], day: dt.date | None) -> Version:
    """The version to read on a day: the one that holds, else the last before it, else the first; the newest without."""
    standing = [each for each in versions if not each.corrected] or list(versions)
    if day is None:
        return standing[-1]
    found = on_day(standing, day)
    return found or next((each for each in reversed(standing) if each.first <= day), standing[0])


@dataclass(frozen=True, slots=True)
class Picked:
    """The version that a matter falls under, and the day that decided it (None where no day is known).

    `holds` is false where none held then.
    """

    version: Version
    day: dt.date | None
    holds: bool

    @property
    def by(self) -> str:
        """Which day it was: event_date, application_date or decision_date."""
        return self.version.document.in_force.applies_by


def pick(
    versions: Sequence[Version],
    occurred_at: dt.datetime | None,
    recorded_at: dt.datetime | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Picked:
    """The version that a matter falls under: the latest in whose span its own day lies (`applies_by` of that version).

    facts: typed, for `date_fact`. Where none holds, the nearest to the day, as for reading (the newest without a day).
    """
    standing = [each for each in versions if not each.corrected]
    days = [_day(each, occurred_at, recorded_at, facts) for each in standing]
    for each, day in zip(reversed(standing), reversed(days), strict=True):
        if day is not None and each.holds(day):
            return Picked(each, day, True)
    found = nearest(versions, next((day for day in reversed(days) if day is not None), None))
    return Picked(found, _day(found, occurred_at, recorded_at, facts), False)


def _day(
    version: Version, occurred_at: dt.datetime | None, recorded_at: dt.datetime | None, facts: Mapping[str, Any] | None
) -> dt.date | None:
    force = version.document.in_force
    said = {"applies_by": force.applies_by, "date_fact": force.date_fact}
    return day_that_counts(said, facts or {}, occurred_at, recorded_at)


def moves(
    versions: Sequence[Version], under: Version, day: dt.date, closed: dt.date | None = None
) -> tuple[Version, ...]:
    """The versions to which a case opened under `under` moves, one after the other, up to a day.

    To a correction of its own law at once; to a later version on the day that it begins, if that one says
    `open_cases: move`. A case that was closed before stays where it is.
    """
    if closed is not None and closed <= day:
        day = closed
    found: list[Version] = []
    here = under
    if here.corrected:
        here = next((v for v in versions if v.document is under.corrected_by), under)
        if closed is None:
            found.append(here)
    for each in versions:
        if each.corrected or each.first <= here.first or each.first > day:
            continue
        if each.document.in_force.open_cases == "move" and (closed is None or each.first <= closed):
            found.append(each)
            here = each
    return tuple(found)


# What is wrong ----------------------------------------------------------------------------------------------------


def problems(source: Source) -> Iterator[Problem]:
    """Overlaps and gaps between this version and those before it, and what its `in_force` names that is not there."""
    force = source.pack.document.in_force

    def told(message: str, code: str, key: str = "from") -> Problem:
        return source.problem("document.yaml", ("in_force", key), message, code=code)

    if force.date_fact is not None:
        fact = source.pack.facts.get(force.date_fact)
        if fact is None or fact.type not in ("date", "datetime"):
            yield told(f"date_fact 应是一个日期或时刻的事实，现为 {force.date_fact}", "name", "date_fact")
    root = source.folder.resolve().parent.parent
    try:
        versions = line(root, source.pack.id)
    except PackError:
        return  # the version that cannot be read says so itself
    here = next((v for v in versions if v.folder.resolve() == source.folder.resolve()), None)
    if here is None:
        return
    yield from (told(message, code) for message, code in _against(here, versions))
    if not here.corrected:
        yield from (told(message, code) for message, code in _repealed(root, here))


def _against(here: Version, versions: Sequence[Version]) -> Iterator[tuple[str, str]]:
    number, revision = _key(here.document.number), here.document.revision
    same = [v for v in versions if v is not here and _key(v.document.number) == number]
    twice = next((v for v in same if v.document.revision.no == revision.no), None)
    if twice is not None:
        yield f"与 {twice.words} 的文号和修订次数（{revision.no}）都相同，不知道以哪一个为准", "overlap"
    if here.corrected:
        return
    standing = [v for v in versions if not v.corrected]
    at = standing.index(here)
    if at == 0:
        return
    before = standing[at - 1]
    yield from _between(before, here.document, here.document.in_force.until)


def _between(before: Version, document: Head, until: dt.date | None) -> Iterator[tuple[str, str]]:
    """What lies between the end that a version states and the beginning of the one after it."""
    begins, ends = document.in_force.from_, before.document.in_force.until
    repeals = _key(before.document.number) in map(_key, document.repeals)
    if before.first == begins:
        message = (
            f"与 {before.words} 自同一天 {begins} 起施行，不知道以哪一个为准；改正转录之误的写 revision.kind: {FIX}"
        )
        yield message, "overlap"
    elif ends is not None and ends >= begins and not repeals:
        both = min(ends, until) if until is not None else ends
        yield (
            f"{_span(begins, both)} 与 {before.words}（有效期到 {ends}）同时有效；若由本文废止它，写进 repeals",
            "overlap",
        )
    elif ends is not None and ends < begins - ONE_DAY and not document.in_force.gap:
        days = _span(ends + ONE_DAY, begins - ONE_DAY)
        yield (
            f"{days} 没有有效的版本：{before.words} 的有效期到 {ends} 为止，本文自 {begins} 起；确有间断的，用 gap 写明原因",
            "gap",
        )


def _repealed(root: Path, here: Version) -> Iterator[tuple[str, str]]:
    """Gaps between this document and those of other packs that it repeals."""
    wanted = set(map(_key, here.document.repeals))
    if not wanted:
        return
    for path in sorted(Path(root).glob("*/*/document.yaml")):
        id_ = f"{path.parent.parent.name}/{path.parent.name.partition('@')[0]}"
        if id_ == here.id or not any(number in _text(path) for number in wanted):
            continue
        try:
            document = _head(path.parent)
            latest = nearest(line(root, id_), None).document
        except PackError:
            continue
        if _key(document.number) in wanted and latest.number == document.number:
            before = Version(id_, path.parent.name.partition("@")[2], path.parent, document)
            yield from _between(before, here.document, here.document.in_force.until)


def _span(first: dt.date, last: dt.date) -> str:
    return f"{first}" if first == last else f"{first} 至 {last}"
