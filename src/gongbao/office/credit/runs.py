"""A run: the grade of every enterprise of the city, decided as columns, written chunk by chunk with its progress.

Enterprises with the same facts get the same outcome, so each distinct set of facts is decided once, all new ones of a
chunk together through `gongbao.batch`. Nothing is dropped: an enterprise whose facts are not all known, or for which
the text has no rule, is written with its candidates and the reason.

A run is carried out by a thread of the web process that was asked for it (`start`), or in place (`carry_out`).
"""

from __future__ import annotations

import datetime as dt
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import close_old_connections, transaction

from gongbao.engine.world import World
from gongbao.office import clock, worlds
from gongbao.office.credit import facts as counting
from gongbao.office.credit import grading
from gongbao.office.credit.models import PACK, Enterprise, Grade, Run

CHUNK = 5_000
SILENT = dt.timedelta(seconds=60)  # a run that has said nothing for so long has died with its process

Key = tuple[Any, ...]


class Busy(Exception):
    """Another run is on its way."""


def start(account: str, *, months: int | None = None) -> Run:
    """Begin a run in the background. Busy when one is on its way; ValueError for a cycle that is not allowed."""
    run = prepare(account, months=months)
    threading.Thread(target=_in_background, args=(run.pk,), name=f"credit-run-{run.pk}", daemon=True).start()
    return run


def prepare(account: str, *, months: int | None = None, as_of: dt.date | None = None) -> Run:
    """The row of a run that has yet to be carried out."""
    world = worlds.world(PACK)
    cycle = counting.cycle(world, as_of or clock.today(), months)
    with transaction.atomic():
        bury()
        if Run.objects.select_for_update().filter(status__in=(Run.WAITING, Run.RUNNING)).exists():
            raise Busy("上一次评价还在进行，完成后才能再评价")
        return Run.objects.create(
            started_at=clock.now(), seen_at=clock.machine_now(), started_by=account, as_of=cycle.as_of,
            cycle_months=cycle.months, version=world.version, total=Enterprise.objects.count(),
            settings={name: setting.value for name, setting in _settings(world).items()},
        )  # fmt: skip


def bury() -> None:
    """Mark runs whose process has gone as failed."""
    dead = Run.objects.filter(status__in=(Run.WAITING, Run.RUNNING), seen_at__lt=clock.machine_now() - SILENT)
    dead.update(status=Run.FAILED, error="进程中断，结果不完整，请重新评价")


def _settings(world: World) -> dict[str, Any]:
    names = dict.fromkeys((*counting.READ_BY_COUNTING, *world.decisions["grade"].settings))
    return {name: world.settings[name] for name in names}


def _in_background(pk: int) -> None:
    try:
        carry_out(Run.objects.get(pk=pk))
    except Exception as error:
        Run.objects.filter(pk=pk).update(status=Run.FAILED, error=f"{type(error).__name__}：{error}"[:300])
        raise
    finally:
        close_old_connections()


def carry_out(run: Run, progress: Callable[[int], None] = lambda _: None) -> Run:
    """Evaluate every enterprise as the records stand; returns the finished run. `progress`: how many are done."""
    started = time.monotonic()
    world = worlds.world(PACK)
    cycle = counting.Cycle(run.as_of, run.cycle_months)
    Run.objects.filter(pk=run.pk).update(status=Run.RUNNING, seen_at=clock.machine_now())
    decided: dict[Key, grading.Plain] = {}
    counts: Counter[str] = Counter()
    done = 0
    for chunk in _chunks():
        found = list(counting.of_many([(e.pk, e.licence_revoked) for e in chunk], world, cycle))
        new = {tuple(each.values()): each for _, counted in found for each in counted.facts}
        fresh = {key: facts for key, facts in new.items() if key not in decided}
        if fresh:
            decided.update(zip(fresh, decide_all(world, list(fresh.values())), strict=True))
        verdicts = [
            grading.verdict(world, [decided[tuple(each.values())] for each in counted.facts], counted.differing)
            for _, counted in found
        ]
        counts.update(v.grade or v.status for v in verdicts)
        done += len(chunk)
        _write(run, chunk, found, verdicts, done)
        progress(done)
    run.refresh_from_db()
    run.status, run.finished_at, run.done, run.counts = Run.DONE, clock.now(), done, dict(counts)
    run.total = done
    run.seconds = Decimal(str(round(time.monotonic() - started, 2)))
    run.save()
    return run


def decide_all(world: World, facts: Sequence[Mapping[str, Any]]) -> list[grading.Plain]:
    """The outcome of `grade` for each set of facts, decided as columns; the same as `decide` one by one."""
    import pyarrow as pa

    from gongbao.batch.run import run_arrow

    kinds = {"boolean": pa.bool_(), "integer": pa.int64()}
    columns = {name: pa.array([f[name] for f in facts], kinds[world.facts[name].type]) for name in counting.FACTS}
    result = run_arrow(world, "grade", pa.table(columns))
    made = []
    for row in result.select(["grade", "rule", "status", "candidates", "reason"]).to_pylist():
        candidates = tuple(each["grade"] for each in json.loads(row["candidates"] or "[]") if "grade" in each)
        settled = row["status"] == "settled"
        made.append(grading.Plain(
            row["grade"] if settled else "", row["rule"] if settled else None, candidates,
            row["status"] == "needs_person", row["reason"] or "",
        ))  # fmt: skip
    return made


def _chunks() -> Iterator[list[Enterprise]]:
    last = 0
    fields = ("pk", "licence_revoked", "grade")
    while chunk := list(Enterprise.objects.filter(pk__gt=last).order_by("pk").only(*fields)[:CHUNK]):
        yield chunk
        last = chunk[-1].pk


def _write(
    run: Run, chunk: Sequence[Enterprise], found: Sequence[tuple[int, counting.Counted]],
    verdicts: Sequence[grading.Verdict], done: int,
) -> None:  # fmt: skip
    now = clock.now()
    rows: list[Grade] = []
    alike: dict[tuple[str, str], list[int]] = {}
    for enterprise, (_, counted), verdict in zip(chunk, found, verdicts, strict=True):
        rows.append(Grade(
            enterprise=enterprise, run=run, at=now, as_of=run.as_of, version=run.version, before=enterprise.grade,
            facts=counted.facts[0], **grading.as_row(verdict),
        ))  # fmt: skip
        alike.setdefault((verdict.grade, verdict.status), []).append(enterprise.pk)
    with transaction.atomic():
        Grade.objects.bulk_create(rows, batch_size=1_000)
        for (grade, status), keys in alike.items():
            for at in range(0, len(keys), 900):  # SQLite takes so many values in one statement, and more
                held = Enterprise.objects.filter(pk__in=keys[at : at + 900])
                held.update(grade=grade, grade_status=status, graded_at=now)
        Run.objects.filter(pk=run.pk).update(done=done, seen_at=clock.machine_now())


def changed(run: Run) -> Any:
    """The grades of this run that differ from the one they replaced, an enterprise's first grade left out."""
    from django.db.models import F

    return run.grades.exclude(before="").exclude(before=F("grade")).select_related("enterprise")
