"""How long it takes to have all packs: compiled from their files, read from where they are kept; and one `gongbao decide`.

    python bench/start.py [--copies N] [--rounds N]

Every figure is the median over fresh processes. "Ready" is every world loaded, its parts waiting in memory; "whole" is
every decision, procedure, duty, register and unit read as well. The copies are the packs under other names, each with
files of its own content. `gongbao decide` and `python -c pass` take turns. Bytecode is cached as in an installed package.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
FACTS = {"licence_revoked": False, "general_records": 6, "repaired_records": 0, "serious_listed": 0,
         "serious_penalties": 0, "serious_consequence": False}  # fmt: skip
_LOAD = """
import sys, time
from pathlib import Path
began = time.perf_counter()
from gongbao.policy import place
from gongbao.policy.loader import find_packs, load_folder
imported = time.perf_counter()
place.keep_in(Path(sys.argv[2]) if sys.argv[2] else None)
worlds = [load_folder(found.folder) for found in find_packs(Path(sys.argv[1]))]
ready = time.perf_counter()
for world in worlds:
    list(world.decisions.values()), world.procedures, world.duties, world.registers, world.units
whole = time.perf_counter()
print(len(worlds), imported - began, ready - imported, whole - ready)
"""


def copied(packs: Path, to: Path, times: int) -> Path:
    """Every pack so many times under other names, each copy's content its own (a comment in its document)."""
    for city in packs.iterdir():
        if (city / "units.yaml").is_file():
            (to / city.name).mkdir(parents=True)
            shutil.copy(city / "units.yaml", to / city.name / "units.yaml")
    for head in packs.glob("*/*/document.yaml"):
        for at in range(times):
            folder = to / head.parent.parent.name / f"{head.parent.name}-{at}"
            shutil.copytree(head.parent, folder)
            with (folder / "document.yaml").open("a", encoding="utf-8") as file:
                file.write(f"\n# {at}\n")
    return to


class Bench:
    def __init__(self, folder: Path, rounds: int) -> None:
        self.folder, self.rounds = folder, rounds
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT / "src"),
            "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
        }
        self.environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def run(self, *arguments: str, **environment: str) -> tuple[float, str]:
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, *arguments], env=self.environment | environment, capture_output=True, text=True, check=True
        )
        return time.perf_counter() - began, done.stdout

    def loads(self, root: Path, kept: str, rounds: int) -> tuple[int, list[float]]:
        """How many packs, and the medians of import, ready and whole, in milliseconds."""
        found = [[float(each) for each in self.run("-c", _LOAD, str(root), kept)[1].split()] for _ in range(rounds)]
        return int(found[0][0]), [statistics.median(column) * 1000 for column in list(zip(*found, strict=True))[1:]]

    def table(self, root: Path, kept: Path, *, unkept: bool = True) -> None:
        cold_rounds = max(1, self.rounds // 10)
        rows = {"由文件编译（不留存）": self.loads(root, "", cold_rounds)} if unkept else {}
        rows["由文件编译并留存（首次）"] = self.loads(root, str(kept), 1)
        rows["取留存的"] = self.loads(root, str(kept), self.rounds)
        for words, (count, (imported, ready, whole)) in rows.items():
            print(f"| {count} 个包，{words} | {imported:.0f} | {ready:.0f} | {ready / count:.1f} | {whole:.0f} |")

    def decide(self) -> None:
        facts = self.folder / "facts.json"
        facts.write_text(json.dumps(FACTS))
        command = ["-m", "gongbao", "decide", "langfang/enterprise-credit", "grade", "--facts", str(facts), "--json"]
        cache = str(self.folder / "decide")
        _, first = self.run(*command, GONGBAO_CACHE=cache)
        bare, ours = [], []
        for _ in range(self.rounds):
            bare.append(self.run("-c", "pass")[0])
            taken, said = self.run(*command, GONGBAO_CACHE=cache)
            ours.append(taken)
            assert said == first
        without, _ = self.run(*command, GONGBAO_CACHE="")
        a, b = statistics.median(bare) * 1000, statistics.median(ours) * 1000
        print(f"\n`python -c pass` {a:.1f} ms；`gongbao decide --json`（新进程，包已留存） {b:.0f} ms：{b / a:.1f} 倍；"
              f"不留存 {without * 1000:.0f} ms（{self.rounds} 次的中位数，交替）")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--copies", type=int, default=25)
    parser.add_argument("--rounds", type=int, default=20)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(Path(name), given.rounds)
        bench.run("-c", _LOAD, str(ROOT / "packs"), "")  # bytecode
        head = "毫秒：\n\n| | 导入 | 就绪 | 每包 | 再全部读出 |\n|---|---:|---:|---:|---:|"
        print(head)
        bench.table(ROOT / "packs", Path(name) / "kept")
        bench.decide()
        if given.copies:
            print(f"\n{head}")
            many = copied(ROOT / "packs", Path(name) / "many", given.copies)
            bench.table(many, Path(name) / "kept-many", unkept=False)


if __name__ == "__main__":
    main()
