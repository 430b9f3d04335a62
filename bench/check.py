"""How long `gongbao check` takes for all packs: nothing kept, all kept, one pack changed; on one core and on all.

    python bench/check.py [--copies N] [--rounds N]

Every figure is wall time of a fresh process, the ways taking turns in each round. With --copies the packs stand N
times more under other names, each copy's content its own. Reports are asserted equal. The code is a
copy, with bytecode as in an installed package.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from start import ROOT, copied

PACKS = ROOT / "packs"


def check(root: Path, cache: str, code: Path, one_core: bool = False) -> tuple[float, float, Any]:
    """Seconds of wall time and of processor time, and what was said."""
    environment = {
        **os.environ, "PYTHONPATH": str(code), "PYTHONPYCACHEPREFIX": str(code / "bytecode"), "GONGBAO_CACHE": cache,
    }  # fmt: skip
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-m", "gongbao", "check", str(root), "--json"]
    if one_core:
        command = ["taskset", "-c", str(min(os.sched_getaffinity(0))), *command]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    taken, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode in (0, 1), done.stderr
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return taken, spent, json.loads(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--copies", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        root = copied(PACKS, scratch / "packs", given.copies + 1)
        code, kept = scratch / "code", str(scratch / "kept")
        shutil.copytree(ROOT / "src" / "gongbao", code / "gongbao", ignore=shutil.ignore_patterns("__pycache__"))
        *_, first = check(root, kept, code)
        examples = sorted(root.glob("*/*/examples.yaml"))
        changed = max(examples, key=lambda file: file.stat().st_size)
        found: dict[str, list[tuple[float, float]]] = {}
        for at in range(given.rounds):
            for words, cache, one_core in (
                ("nothing kept, all cores", "", False), ("nothing kept, one core", "", True), ("all kept", kept, False),
                ("all kept but one pack", kept, False),
            ):  # fmt: skip
                if words == "all kept but one pack":
                    with changed.open("a", encoding="utf-8") as file:
                        file.write(f"# {at}\n")
                *taken, said = check(root, cache, code, one_core)
                assert said == first, words
                found.setdefault(words, []).append((taken[0], taken[1]))
        load = os.getloadavg()[0]
    print(f"{len(first)} packs, {len(os.sched_getaffinity(0))} cores, load {load:.1f}, {given.rounds} rounds; changed: "
          f"{changed.parent.name}\n\n| | wall s, median (least) | processor s, median |\n|---|---:|---:|")  # fmt: skip
    for words, times in found.items():
        walls = [wall for wall, _ in times]
        spent = statistics.median(each for _, each in times)
        print(f"| {words} | {statistics.median(walls):.2f} ({min(walls):.2f}) | {spent:.2f} |")


if __name__ == "__main__":
    main()
