"""Keeping a projection of one's own up to the logs: the cases written to since it last read, whoever wrote them.

It looks back a few events, for a transaction that took a number earlier may have ended later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import models, transaction

from gongbao.office.cases.models import Event

LOOK_BACK = 300  # events


@contextmanager
def written_since(cursors: type[models.Model], limit: int) -> Iterator[set[int]]:
    """The ids of the cases of the next `limit` events. In one transaction: one files at a time, the others wait.

    cursors: a table with one row, whose `event` is the last one read; it is moved when what is done with them is done.
    """
    kept: Any = cursors._default_manager
    with transaction.atomic():
        kept.get_or_create(pk=1)
        read = kept.select_for_update().get(pk=1).event
        rows = list(
            Event.objects.filter(id__gt=read - LOOK_BACK)
            .order_by("id").values_list("id", "case_id")[: limit + LOOK_BACK]
        )  # fmt: skip
        yield {case for _, case in rows}
        if rows:
            kept.filter(pk=1, event__lt=rows[-1][0]).update(event=rows[-1][0])


def wholly(cursors: type[models.Model], catch_up: Callable[[int], int]) -> int:
    """For the worker: `catch_up` until nothing is left, in pieces; how much it did."""
    read: Any = cursors._default_manager.filter(pk=1).values_list("event", flat=True)
    done = 0
    while True:
        before = read.first() or 0
        done += catch_up(2000)
        if (read.first() or 0) == before:
            return done
