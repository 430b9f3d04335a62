"""Every decision of the packs while facts are unknown: is the outcome exact, and how long does it take.

    python bench/unknown.py [--rounds N] [--pack PACK ...]

Of each decision, N cases are drawn: facts by their types, around the figures of the rules, of which a random subset
(always also: all, and none) is unknown, as are settings that nobody filled. A decision is exact when every candidate
came out in a case that was found and nothing else that can be listed is possible. An output that may be any number,
date or text is not listed, and says so. Times are processor time.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from pathlib import Path

from gongbao.engine.decision.decide import decide
from gongbao.engine.decision.samples import around
from gongbao.policy.loader import load_folder

ROOT = Path(__file__).parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument(
        "--pack", nargs="*", default=sorted(p.parent.name for p in ROOT.glob("packs/langfang/*/decisions.yaml"))
    )
    options = parser.parse_args()
    print("| decision | facts | exact | p50 ms | p95 ms | most ms |")
    print("|---|---:|---|---:|---:|---:|")
    every: list[float] = []
    for pack in options.pack:
        world = load_folder(ROOT / "packs" / "langfang" / pack)
        for name, decision in world.decisions.items():
            chance, times, inexact = random.Random(name), [], 0
            pools = around(decide(world, name, {}))
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
