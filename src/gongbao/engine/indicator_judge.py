"""Indicators judged by their observations on a day: reached, on path, behind, no data, a person's turn, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from gongbao.engine.indicator import Indicator
from gongbao.engine.indicator_members import of_members, subjects_of
from gongbao.engine.indicator_observations import CITY, Book
from gongbao.engine.indicator_result import Judged, Result, Yearly
from gongbao.engine.indicator_years import of_subject
from gongbao.engine.world import World

__all__ = ["Judged", "Result", "evaluate", "judged"]


def evaluate(worlds: Iterable[World], book: Book, on: dt.date) -> Iterator[Judged]:
    """Every indicator of every plan: first for the city, then for every other subject that has observations of it."""
    for world in worlds:
        for indicator in world.indicators.values():
            yield judged(world, indicator, book, on)
            each = any(target.judge for target in indicator.targets)
            subjects = () if each else subjects_of(indicator, book)
            for subject in subjects:
                yield judged(world, indicator, book, on, subject)


def judged(world: World, indicator: Indicator, book: Book, on: dt.date, subject: str = CITY) -> Judged:
    years: dict[str, dict[int, Yearly]] = {}
    results = tuple(
        of_members(world, indicator, target, book, on, years) if target.judge and subject == CITY
        else of_subject(world, indicator, target, book, on, subject, years)
        for target in indicator.targets
    )  # fmt: skip
    return Judged(indicator, subject, results)
