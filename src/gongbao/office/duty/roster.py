"""The roster of a unit: who is on duty at a moment, where nobody is, shifts put in and taken out.

Two may stand the same shift; one person cannot stand two of a kind at once. A change to what is past is refused: what
happened is told in the log.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.db import transaction

from gongbao.office import clock
from gongbao.office.duty.models import KINDS, LEADING, ON_DUTY, Shift
from gongbao.office.people.models import Account

DAY = dt.timedelta(days=1)
LONGEST = 7 * DAY  # of one shift
MOST = 800  # shifts in one go


@dataclass(frozen=True, slots=True)
class Given:
    """A shift as somebody asks for it; `place` says where it was written (row 5, the form)."""

    kind: str
    starts: dt.datetime
    ends: dt.datetime
    name: str
    phone: str = ""
    place: str = ""


class BadRoster(Exception):
    """What is wrong with the shifts asked for, one line each; none of them was put in."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("；".join(self.faults))


def on_duty(units: Iterable[str], at: dt.datetime) -> dict[str, list[Shift]]:
    """Who is on duty at this moment, by unit; a unit where nobody is stands with an empty list."""
    wanted = list(dict.fromkeys(units))
    found: dict[str, list[Shift]] = {unit: [] for unit in wanted}
    rows = Shift.objects.filter(removed_at=None, starts__lte=at, ends__gt=at)
    if len(wanted) < 200:
        rows = rows.filter(unit__in=wanted)
    for shift in rows.order_by("-kind", "id"):
        if shift.unit in found:
            found[shift.unit].append(shift)
    return found


def gaps(unit: str, begin: dt.datetime, end: dt.datetime) -> list[tuple[str, dt.datetime, dt.datetime]]:
    """The stretches of [begin, end) in which nobody of a kind is on duty: (kind, from, until), by time."""
    found = []
    rows = list(Shift.objects.filter(removed_at=None, unit=unit, starts__lt=end, ends__gt=begin).order_by("starts"))
    for kind in KINDS:
        at = begin
        for shift in (s for s in rows if s.kind == kind):
            if shift.starts > at:
                found.append((kind, at, shift.starts))
            at = max(at, shift.ends)
        if at < end:
            found.append((kind, at, end))
    return sorted(found, key=lambda gap: (gap[1], gap[0]))


def put_in(account: Account, given: Sequence[Given], *, recorded_at: dt.datetime | None = None) -> int:
    """Put these shifts into the roster of the account's unit, all or none. BadRoster names every fault."""
    now = recorded_at or clock.now()
    if len(given) > MOST:
        raise BadRoster([f"一次最多 {MOST} 个班次，给出的是 {len(given)} 个"])
    faults = [f"{one.place}：{why}" for one in given for why in _faults(one, now)]
    if not given:
        faults.append("没有班次")
    with transaction.atomic():
        if not faults:
            first, last = min(g.starts for g in given), max(g.ends for g in given)
            held = Shift.objects.filter(removed_at=None, unit=account.unit, starts__lt=last, ends__gt=first)
            faults = _twice([*given], [_given(s) for s in held])
        if faults:
            raise BadRoster(faults[:20] + ([f"另有 {len(faults) - 20} 处"] if len(faults) > 20 else []))
        Shift.objects.bulk_create([
            Shift(unit=account.unit, kind=g.kind, starts=g.starts, ends=g.ends, name=g.name, phone=g.phone,
                  made_by=account.username, made_at=now)
            for g in given
        ])  # fmt: skip
    return len(given)


def _given(shift: Shift) -> Given:
    starts, ends = (moment.astimezone(clock.SHANGHAI) for moment in (shift.starts, shift.ends))
    return Given(shift.kind, starts, ends, shift.name, place="已排")


def _faults(one: Given, now: dt.datetime) -> Iterable[str]:
    if one.kind not in KINDS:
        yield f"类别“{one.kind}”不对，只能是 {'、'.join(KINDS)}"
    if not one.name or len(one.name) > 40:
        yield f"姓名“{one.name[:40]}”不对，须填 1 到 40 字"
    if len(one.phone) > 30:
        yield f"电话“{one.phone[:30]}…”太长，最多 30 字"
    if one.ends <= one.starts:
        yield f"结束 {one.ends:%m-%d %H:%M} 不晚于开始 {one.starts:%m-%d %H:%M}"
    elif one.ends - one.starts > LONGEST:
        yield f"一个班次最长 {LONGEST.days} 天，给出的是 {one.starts:%m-%d %H:%M} 到 {one.ends:%m-%d %H:%M}"
    if one.ends <= now:
        yield f"{one.starts:%Y-%m-%d %H:%M} 的班次已经过去，不能再排"


def _twice(given: list[Given], held: list[Given]) -> list[str]:
    """One person at two shifts of a kind at once."""
    found = []
    ordered = sorted((*given, *held), key=lambda g: (g.kind, g.name, g.starts))
    for before, after in pairwise(ordered):
        if (before.kind, before.name) == (after.kind, after.name) and after.starts < before.ends:
            place = after.place if after.place != "已排" else before.place
            found.append(
                f"{place}：{after.name}{after.kind} {after.starts:%m-%d %H:%M} 与 {before.starts:%m-%d %H:%M} 的班次重叠"
            )
    return found


def rotation(
    kind: str, people: Sequence[tuple[str, str]], first: dt.date, last: dt.date, changes: Sequence[dt.time]
) -> list[Given]:
    """Shifts from `first` to `last` (days on which they begin): people (name, phone) in turn, changing at these times."""
    if not people or not changes:
        raise BadRoster(["轮排须写人员和交接班时间"])
    if last < first:
        raise BadRoster([f"止于 {last} 早于起于 {first}"])
    if (last - first).days > MOST:
        raise BadRoster([f"一次最多排 {MOST} 天，给出的是 {first} 至 {last}"])
    moments = [
        dt.datetime.combine(first + n * DAY, at, clock.SHANGHAI)
        for n in range((last - first).days + 2)
        for at in sorted(set(changes))
    ]
    shifts = [(a, b) for a, b in pairwise(moments) if a.date() <= last]
    return [
        Given(kind, start, end, *people[n % len(people)], place=f"{start:%m-%d %H:%M}")
        for n, (start, end) in enumerate(shifts)
    ]


def take_out(account: Account, pk: int) -> Shift:
    """Take one shift of the own unit out of the roster; one that has begun only ends now."""
    now = clock.now()
    with transaction.atomic():
        shift = Shift.objects.select_for_update().filter(pk=pk, unit=account.unit, removed_at=None).first()
        if shift is None:
            raise BadRoster(["没有这个班次，或者已经删去"])
        if shift.ends <= now:
            raise BadRoster([f"{shift.starts.astimezone(clock.SHANGHAI):%m-%d %H:%M} 的班次已经过去，不能删去"])
        if shift.starts < now:
            shift.ends = now
            shift.save(update_fields=["ends"])
        else:
            shift.removed_by, shift.removed_at = account.username, now
            shift.save(update_fields=["removed_by", "removed_at"])
    return shift


def words(shifts: Iterable[Shift]) -> str:
    """带班 罗成；值班 李某、王某."""
    by: dict[str, list[str]] = {}
    for shift in shifts:
        by.setdefault(shift.kind, []).append(shift.name)
    return "；".join(f"{kind} {'、'.join(by[kind])}" for kind in (LEADING, ON_DUTY) if kind in by)
