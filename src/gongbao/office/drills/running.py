"""A drill as it runs: it owns the time of its site, tells what is due to be told, and ends once.

One drill at a time: the time of the site is the drill's. A jump lets the worker fire, in order, all that fell due.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from gongbao.office import clock, exercise, worlds
from gongbao.office.cases.models import Case, Clock, Notice, Timer
from gongbao.office.drills import clearing, stamp
from gongbao.office.drills.models import Drill, Injection
from gongbao.office.people.models import Account
from gongbao.policy.drills import Script

RATES = (0, 1, 10, 60)
WAYS = ("电话", "书面", "系统", "口头")
YEARS = 30  # a drill plays at most so far from today


class CannotDrill(Exception):
    """Why a drill cannot begin, go on or end, in Chinese."""


def current() -> Drill | None:
    """The drill that has not been cleared: running, or ended and still on the desk."""
    return Drill.objects.filter(cleared_at=None).first()


def start(
    by: Account, script: Script | None, *, pack: str = "", label: str = "", starts: dt.datetime | None = None
) -> Drill:
    """Begin a drill on a clear desk: accounts and settings are brought over, the time becomes the script's.

    Without a script: `pack`, `label` and `starts` say on what, and the director tells everything by hand.
    """
    if not exercise.here():
        raise CannotDrill("演练只能在演练台开始")
    if script is None:
        _sound(pack, label, starts)
    begins = script.starts if script is not None else starts
    with transaction.atomic():
        Clock.objects.select_for_update().order_by("-id").first()  # two who press at once: the second waits here
        if current() is not None:
            raise CannotDrill("上一次演练还没有归档清场")
        clearing.clear()
        clearing.bring_over(begins)
        began = clock.machine_now()
        clock.move_to(begins, by=by.username, reason="演练开始", rate=1)
        drill = Drill.objects.create(
            pack=script.pack if script is not None else pack, name=script.id if script is not None else "",
            label=script.spec.label if script is not None else label,
            script=script.spec.model_dump(mode="json", by_alias=True) if script is not None else {},
            starts=begins, began_at=began, by=by.name,
            stamp=stamp.taken(script.pack if script is not None else pack),
        )  # fmt: skip
        for after, one in script.injects if script is not None else ():
            units = worlds.world(drill.pack).units
            Injection.objects.create(
                drill=drill, at=begins + after, to=[units.find(name).name for name in one.to], source=one.from_, by=one.by,
                text=one.text, table=one.table or "",
            )  # fmt: skip
    return drill


def _sound(pack: str, label: str, starts: dt.datetime | None) -> None:
    """What a drill without a script is begun with."""
    if not label or starts is None:
        raise CannotDrill("没有脚本的演练须写明名称和演练开始时间")
    if len(label) > 120:
        raise CannotDrill(f"演练名称最多 120 字，现有 {len(label)} 字")
    if pack not in [world.pack for world in worlds.loaded()]:
        raise CannotDrill(f"没有政策包“{pack}”")
    if abs(starts.year - clock.machine_now().year) > YEARS:
        raise CannotDrill(f"演练开始时间 {starts:%Y-%m-%d %H:%M} 不对，离今天最多 {YEARS} 年")


def _running() -> Drill:
    drill = current()
    if drill is None or not drill.running:
        raise CannotDrill("现在没有进行中的演练")
    return drill


def pace(by: Account, rate: int) -> None:
    """Let the simulated time run at this rate, or stand (0)."""
    _running()
    if rate not in RATES:
        raise CannotDrill(f"时间快慢只能是 {'、'.join(map(str, RATES))} 倍")
    clock.move_to(clock.now(), by=by.username, reason=f"演练时间 {rate} 倍" if rate else "演练暂停", rate=rate)


def jump(by: Account, to: dt.datetime) -> None:
    """Move the simulated time forward to this moment; it never goes back, for what was done stays done."""
    _running()
    now = clock.now()
    if to <= now:
        raise CannotDrill(f"演练时间只能往前走：现在是 {now:%Y-%m-%d %H:%M}")
    clock.move_to(to, by=by.username, reason="演练快进", rate=clock.rate())


def next_moment(drill: Drill) -> tuple[dt.datetime, str] | None:
    """The next thing that will happen by itself: something told, or a clock that falls due."""
    now = clock.now()
    told = drill.injections.filter(told_at=None, at__gt=now).first()
    timer = Timer.objects.filter(fired_at=None, due_at__gt=now).order_by("due_at").first()
    found = [(told.at, f"来{told.by}：{told.source}")] if told is not None else []
    found += [(timer.due_at, f"到时限：{timer.label}")] if timer is not None else []
    return min(found, default=None)


def tell(drill: Drill, by: Account, to: list[str], source: str, way: str, text: str) -> Injection:
    """Something the director tells now, beside the script."""
    _running()
    if not to or not source.strip() or not text.strip():
        raise CannotDrill("请写明告诉谁、来自谁、内容")
    if len(source.strip()) > 80:
        raise CannotDrill(f"“来自”最多 80 字，现有 {len(source.strip())} 字")
    if way not in WAYS:
        raise CannotDrill(f"方式“{way[:20]}”不对，只能是 {'、'.join(WAYS)}")
    units = worlds.world(drill.pack).units
    unknown = [name for name in to if not units.knows(name)]
    if unknown:
        raise CannotDrill(f"“{'、'.join(unknown)}”不是本市的单位")
    made = Injection.objects.create(
        drill=drill,
        at=clock.now(),
        to=[units.find(n).name for n in to],
        source=source.strip(),
        by=way,
        text=text.strip(),
    )
    tell_due()
    return made


def tell_due() -> int:
    """Tell what is due to be told; how many. A round of the worker, and after every act of the director."""
    drill = current() if exercise.here() else None
    if drill is None or not drill.running:
        return 0
    now = clock.now()
    told = 0
    for one in drill.injections.filter(told_at=None, at__lte=now):
        with transaction.atomic():
            if Injection.objects.filter(pk=one.pk, told_at=None).update(told_at=now):
                words = f"【演练】{one.by} {one.source}：{one.text}"
                Notice.objects.bulk_create(Notice(who=who, text=words[:300], kind="drill", at=one.at) for who in one.to)
                told += 1
    return told


def end(by: Account) -> Drill:
    """End the drill: the time stands, the score is kept. The desk stays readable until it is cleared."""
    from gongbao.office.drills import scoring

    drill = _running()
    now = clock.now()
    with transaction.atomic():
        clock.move_to(now, by=by.username, reason="演练结束", rate=0)
        drill.ends, drill.ended_at = now, clock.machine_now()
        drill.result = scoring.result(drill, now)
        drill.save(update_fields=["ends", "ended_at", "result"])
    return drill


def clear(by: Account) -> Drill:
    """Pack away all that was played (events, report) and empty the desk for the next drill."""
    from gongbao.office.drills import record

    drill = current()
    if drill is None:
        raise CannotDrill("没有要清场的演练")
    if drill.running:
        raise CannotDrill("演练还在进行，请先结束")
    drill.record = record.pack(drill)
    with transaction.atomic():
        drill.cleared_at = clock.machine_now()
        drill.save(update_fields=["record", "cleared_at"])
        clearing.clear()
        clock.move_to(None, by=by.username, reason="演练清场")
    return drill


def cases() -> list[Case]:
    """The cases played, the first opened first."""
    from gongbao.office.tasks import LOG

    return list(Case.objects.exclude(procedure=LOG).order_by("id"))
