"""Enterprises with their credit records, and one evaluation of all of them, where the credit room is on."""

from __future__ import annotations

from collections.abc import Callable

from django.apps import apps

from gongbao.office.demo.size import DATE, SEED


def ready() -> bool:
    return apps.is_installed("gongbao.office.credit")


def fill(count: int, progress: Callable[[int], None]) -> tuple[int, int]:
    """(enterprises, records) made; `progress`: how many enterprises are there."""
    from gongbao.office.credit import invent

    return invent.fill(count, as_of=DATE.date(), added_at=DATE, seed=SEED, progress=progress)


def evaluate(progress: Callable[[int], None]) -> int:
    """Grade them all as the room does; how many have a grade that is settled. `progress`: how many are graded."""
    from gongbao.office.credit import runs
    from gongbao.office.credit.models import Enterprise

    runs.carry_out(runs.prepare("jianguan"), progress)
    return Enterprise.objects.filter(grade_status="settled").count()
