"""Every decision of the packs while facts are unknown: is the outcome exact, and how long does it take.

    python bench/unknown.py [--rounds N] [--pack PACK ...]

Of each decision, N cases are drawn: facts by their types, around the figures of the rules, of which a random subset
(always also: all, and none) is unknown, as are settings that nobody filled. A decision is exact when every candidate
came out in a case that was found and no other is possible; one whose output may be any number, date or text cannot
list its candidates and says so.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from pathlib import Path
from typing import Any

from gongbao.engine.decision.decide import decide
from gongbao.engine.decision.domains import space_of
from gongbao.engine.decision.samples import pool
from gongbao.engine.world import World
from gongbao.policy.loader import load_folder

ROOT = Path(__file__).parents[1]


def values_of(world: World, name: str) -> dict[str, list[Any]]:
    """For each fact that a decision and those it requires read: values on both sides of every line."""
    outcome = decide(world, name, {})
    found = {}
    for each in [outcome, *outcome.required.values()]:
        for fact, domain in space_of(each, free=each.decision.facts).domains.items():
            if domain.origin == "fact" and (values := pool(each, fact, domain)):
                found.setdefault(fact, values)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--pack", nargs="*", default=["enterprise-credit", "heavy-pollution", "hotline-110"])
    options = parser.parse_args()
    print("| decision | facts | exact | p50 ms | p95 ms | most ms |")
    print("|---|---:|---|---:|---:|---:|")
    every: list[float] = []
    for pack in options.pack:
        world = load_folder(ROOT / "packs" / "langfang" / pack)
        for name, decision in world.decisions.items():
            chance, times, inexact = random.Random(name), [], 0
            pools = values_of(world, name)
            for number in range(options.rounds):
                facts = {fact: chance.choice(values) for fact, values in pools.items()}
                share = {0: 0.0, 1: 1.0}.get(number, chance.random())
                known = {fact: value for fact, value in facts.items() if chance.random() < share}
                before = time.process_time()
                outcome = decide(world, name, known)
                times.append((time.process_time() - before) * 1000)
                inexact += not outcome.exact
            every += times
            times.sort()
            share = "yes" if not inexact else f"no: {inexact} of {len(times)}"
            print(
                f"| {pack} {decision.id} | {len(facts)} | {share} | {statistics.median(times):.1f} "
                f"| {times[int(len(times) * 0.95) - 1]:.1f} | {times[-1]:.1f} |"
            )
    every.sort()
    print(f"\n{len(every)} cases: p50 {statistics.median(every):.1f} ms, p95 {every[int(len(every) * 0.95) - 1]:.1f} ms, "
          f"most {every[-1]:.1f} ms")  # fmt: skip


if __name__ == "__main__":
    main()
