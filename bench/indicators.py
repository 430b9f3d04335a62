"""How long it takes to judge every indicator of 50 plans: 1,000 indicators of 200 subjects over 5 years.

    .venv/bin/python bench/indicators.py [--plans 50] [--indicators 20] [--subjects 200] [--years 5] [--monthly]

The plans have the forms of target that the national health plan of Langfang has; --monthly reports twelve values a year
of a twelfth of the indicators, which is the other way to come to as many observations.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import resource
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from gongbao.engine.indicator_judge import evaluate
from gongbao.engine.indicator_observations import Book, Observation, period
from gongbao.engine.world import World
from gongbao.policy.loader import load_folder

PACK = Path(__file__).resolve().parent.parent / "packs" / "langfang" / "public-health"
NUMERIC = ("floor", "ceiling", "value", "about", "change")


def plans(count: int, each: int) -> list[World]:
    """Plans with `each` of the health plan's numeric indicators, every one under a key of its own."""
    world = load_folder(PACK).with_settings(
        {"yearly_path": "按直线", "about_tolerance": 1, "myopia_reading": "上年实际"}
    )
    numeric = [one for one in world.indicators.values() if one.targets[0].form in NUMERIC and not one.targets[0].judge]
    made = []
    for n in range(count):
        named = {one.id: replace(one, key=f"{n}:{one.id}", ratio=None) for one in numeric[:each]}
        made.append(world.changed(pack=f"bench/{n}", indicators=named))
    return made


def reports(worlds: list[World], subjects: int, years: int, monthly: bool) -> Iterator[Observation]:
    draw = random.Random(7)
    at = dt.datetime(2021, 2, 1, tzinfo=dt.UTC)
    parts = [("month", n) for n in range(1, 13)] if monthly else [("year", 1)]
    for world in worlds:
        for i, one in enumerate(world.indicators.values()):
            if monthly and i % 12:
                continue
            goal = one.targets[0].value or one.baseline.value or 50
            for subject in range(subjects):
                name = "" if subject == 0 else f"单位{subject}"
                for year in range(2021, 2021 + years):
                    for part, n in parts:
                        value = Decimal(goal) + Decimal(draw.randrange(-300, 300)) / 100
                        yield Observation(one.key, name, period(year, part, n), value, reported_at=at)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("plans", 50), ("indicators", 20), ("subjects", 200), ("years", 5)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--monthly", action="store_true")
    given = parser.parse_args()
    worlds = plans(given.plans, given.indicators)
    made = list(reports(worlds, given.subjects, given.years, given.monthly))
    on = dt.date(2021 + given.years, 1, 31)
    began, cpu = time.perf_counter(), time.process_time()
    book = Book.of(made, on)
    booked = time.perf_counter()
    found = Counter(one.status for one in evaluate(worlds, book, on))
    ended = time.perf_counter()
    print(f"{len(made):,} observations, {sum(found.values()):,} judgements: {dict(found)}")
    print(f"by what they are of {booked - began:.2f} s, judged {ended - booked:.2f} s, together {ended - began:.2f} s "
          f"({time.process_time() - cpu:.2f} s of one processor)")  # fmt: skip
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
