"""The nearest change to every other outcome, for every decision of the packs: how long does it take to find.

    python bench/nearest.py [--rounds N] [--shown N] [--pack PACK ...]

Of each decision, N cases are drawn with all facts known, around the figures of the rules. Shown are the slowest
decisions, and all together. Times are processor time.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

from gongbao.dmn import OverlapError
from gongbao.engine.decision.decide import decide
from gongbao.engine.decision.nearest import nearest
from gongbao.engine.decision.samples import around
from gongbao.policy.loader import load_folder

ROOT = Path(__file__).parents[1] / "packs" / "langfang"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--shown", type=int, default=8)
    parser.add_argument("--pack", nargs="*", default=sorted(p.parent.name for p in ROOT.glob("*/decisions.yaml")))
    options = parser.parse_args()
    found: dict[str, list[float]] = {}
    for pack in options.pack:
        world = load_folder(ROOT / pack)
        for name in world.decisions:
            chance = random.Random(name)
            try:
                pools = around(decide(world, name, {}))
            except ValueError:  # it reads the day on which it is decided
                continue
            for _ in range(options.rounds):
                try:
                    outcome = decide(world, name, {fact: chance.choice(values) for fact, values in pools.items()})
                except OverlapError:
                    continue
                before = time.process_time()
                nearest(outcome)
                found.setdefault(f"{pack} {name}", []).append((time.process_time() - before) * 1000)
    print("| decision | p50 ms | p95 ms | most ms |")
    print("|---|---:|---:|---:|")
    for name, times in sorted(found.items(), key=lambda pair: -max(pair[1]))[: options.shown]:
        print(_line(name, times))
    every = [each for times in found.values() for each in times]
    print(_line(f"all {len(found)} decisions, {len(every)} cases", every))


def _line(name: str, times: list[float]) -> str:
    times = sorted(times)
    return f"| {name} | {times[len(times) // 2]:.1f} | {times[int(len(times) * 0.95) - 1]:.1f} | {times[-1]:.1f} |"


if __name__ == "__main__":
    main()
