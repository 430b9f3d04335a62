"""Projections made anew from the events: after a change of their code, or to show that they are what a replay gives."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from gongbao.office import clock, worlds
from gongbao.office.cases import log, projection
from gongbao.office.cases.models import Case
from gongbao.office.tasks import LOG, book


def rebuild_case(case: Case) -> None:
    """Write the projection of one case from its events, as of the office's time."""
    with transaction.atomic():
        case = log.locked(case)
        if case.procedure == LOG:
            book.rebuild(case)
            return
        world = worlds.world_of(case)
        _, view = projection.of_events(world, case.procedure, log.events_of(case), clock.now())
        projection.store(case, view, case.changed_at)


def rebuild_projections(progress: Callable[[int], None] = lambda _: None) -> int:
    """All cases, one transaction each; how many."""
    done = 0
    for pk in Case.objects.order_by("pk").values_list("pk", flat=True).iterator():
        rebuild_case(Case(pk=pk))
        done += 1
        progress(done)
    return done
