"""Five decisions of the packs, one case at a time: gongbao against zen-engine, SpiffWorkflow, cel-python and bare Python.

    python bench/one_case.py [--rounds N]

Everyone gets the same dict of raw facts and returns the outputs with row and clause (the series decision: level and
clause). gongbao checks every fact and keeps what it computed (captured), and writes the whole grounds as JSON data
(rendered); zen's graph returns its trace; the others have none. Before anything is timed, all of them must say the same
in every case. The contenders take turns, round by round; a figure is the least time over the rounds (two at least,
of who is slow), in microseconds per decision.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import random
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import bare
import peers
from bare import Facts

from gongbao.engine.decision.decide import judging
from gongbao.engine.decision.trace import trace
from gongbao.engine.world import World
from gongbao.policy.loader import load_folder

ROOT = Path(__file__).parents[1] / "packs" / "langfang"
LEVELS = ["无", "蓝色", "黄色", "橙色", "红色"]
Run = Callable[[Facts], tuple[Any, ...]]
_CREDIT = {
    "licence_revoked": [False, True],
    "general_records": [0, 1, 5, 6],
    "repaired_records": [0, 1],
    "serious_listed": [0, 1],
    "serious_penalties": [0, 1],
    "serious_consequence": [False, True],
}
DECISIONS: dict[str, tuple[str, str, dict[str, list[Any]]]] = {
    "grade": ("标量：信用等级（6 项事实，2 个中间值，6 行，唯一）", "enterprise-credit", _CREDIT),
    "province_warning": ("选项：省级预警后的等级（2 项事实，7 行，唯一）", "heavy-pollution",
                         {"notice_level": LEVELS[1:], "local_level": LEVELS}),
    "reduction_met": ("先中：减排达标（5 项事实，2 个中间值，依另一判定，7 行）", "heavy-pollution",
                      {"warning_level": LEVELS, "cut_so2": [9, 10, 20, 31], "cut_nox": [0, 10, 29, 30],
                       "cut_pm": [4, 5, 20, 30], "cut_vocs": [5, 15, 20]}),
    "level": ("序列：预警分级（7 日 AQI，逐段三种最长连续日数，取最高）", "heavy-pollution", {}),
    "inspection": ("依另一判定：差异化监管（7 项事实，6＋4 个中间值和行）", "enterprise-credit",
                   {**_CREDIT, "sector_risk": ["未分级", "低", "一般", "较高"]}),
}  # fmt: skip
_ENOUGH = 2.0  # seconds in which a slow contender has had its rounds
_FILLED = {
    "repaired_counts": "计入",
    "conflict_reading": "从严",
    "light_max": 150,
    "valid_hours": 20,
    "trend_counts": True,
}


def cases(name: str, many: int = 256) -> list[Facts]:
    """Values on both sides of every boundary, in all combinations, or that many of them by lot."""
    chance = random.Random(name)
    if name == "level":
        values = [150, 200, 201, 300, 301, 499, 500]
        series = [[chance.choice(values) for _ in range(7)] for _ in range(many // 8)]
        return [{"aqi": each, "gap_reading": "分段计算"} for each in [*series, [100] * 7, [201] * 7]]
    domains = DECISIONS[name][2]
    every = [dict(zip(domains, each, strict=True)) for each in itertools.product(*domains.values())]
    if name == "inspection":  # an enterprise whose grade a person decides has no measures yet
        every = [each for each in every if bare.grade(each)[0] is not None]
    return every if len(every) <= many else chance.sample(every, many)


def ours(world: World, name: str) -> dict[str, Run]:
    def level(facts: Facts) -> tuple[Any, ...]:
        outcome = judge(facts)
        return outcome.output, outcome.cites[0]

    def one(facts: Facts) -> tuple[Any, ...]:
        outcome = judge(facts)
        return outcome.output, outcome.rows[0] + 1, outcome.cites[0]

    def several(facts: Facts) -> tuple[Any, ...]:
        outcome = judge(facts)
        return *outcome.output.values(), outcome.rows[0] + 1, outcome.cites[0]

    captured = level if name == "level" else one if len(world.decisions[name].outputs) == 1 else several
    judge = judging(world, name)

    def written(facts: Facts) -> tuple[Any, ...]:
        outcome = judge(facts)
        assert trace(outcome)
        output = outcome.output
        values = output.values() if type(output) is dict else (output,)
        return (*values, outcome.cites[0]) if name == "level" else (*values, outcome.rows[0] + 1, outcome.cites[0])

    return {"gongbao，依据留存": captured, "gongbao，依据写出": written}


def contenders(name: str) -> tuple[dict[str, Run], Callable[[Facts], float]]:
    plain = load_folder(ROOT / DECISIONS[name][1])
    world = plain.with_settings({key: value for key, value in _FILLED.items() if key in plain.settings})
    graph, own = peers.zen_graph(world, name)
    return {
        "纯 Python 函数": getattr(bare, name),
        **ours(world, name),
        "zen 决策图（trace）": graph,
        "zen 表达式": peers.zen_expression(world, name),
        "SpiffWorkflow DMN": peers.spiff(world, name),
        "cel-python": peers.cel(world, name),
    }, own


def same_everywhere(name: str, found: dict[str, Run], every: list[Facts]) -> None:
    for facts in every:
        answers = {who: run(dict(facts)) for who, run in found.items()}
        assert len(set(answers.values())) == 1, (name, facts, answers)


def least(found: dict[str, Run], every: list[Facts], rounds: int) -> dict[str, float]:
    """Microseconds per case: each contender's cases in pieces of about a millisecond, the least time of every piece.

    Short pieces are rarely interrupted, so the machine may be shared with other work.
    """
    best: dict[str, list[float]] = {}
    size = {}
    for who, run in found.items():
        taken = min(_timed(run, every[:4]) for _ in range(3)) / 4
        size[who] = max(1, min(len(every), int(0.001 / taken)))
        best[who] = [float("inf")] * -(-len(every) // size[who])
    gc.disable()
    spent = dict.fromkeys(found, 0.0)
    for round_ in range(rounds):
        for who, run in found.items():
            if round_ > 1 and spent[who] > _ENOUGH:
                continue
            began = time.perf_counter()
            for at in range(len(best[who])):
                piece = every[at * size[who] : (at + 1) * size[who]]
                best[who][at] = min(best[who][at], _timed(run, piece))
            spent[who] += time.perf_counter() - began
        gc.collect()
    gc.enable()
    return {who: sum(pieces) / len(every) * 1e6 for who, pieces in best.items()}


def _timed(run: Run, piece: list[Facts]) -> float:
    started = time.perf_counter()
    for facts in piece:
        run(facts)
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=25)
    rounds = parser.parse_args().rounds
    packages = ("zen-engine", "SpiffWorkflow", "cel-python")
    print("；".join(f"{package} {version(package)}" for package in packages), end="\n\n")
    columns: dict[str, dict[str, float]] = {}
    for name, (words, _, _) in DECISIONS.items():
        found, own = contenders(name)
        every = cases(name)
        same_everywhere(name, found, every)
        columns[name] = least(found, every, rounds)
        columns[name]["zen 自报的内部时间"] = min(sum(map(own, every)) / len(every) for _ in range(5))
        print(f"- `{name}` {words}：{len(every)} 个情形，各方结果一致")
    print("\n每次判定的微秒数（轮中最少）：\n\n| 做法 | " + " | ".join(columns) + " |\n|---|" + "---:|" * len(columns))
    for who in next(iter(columns.values())):
        print(f"| {who} | " + " | ".join(f"{each[who]:.2f}" for each in columns.values()) + " |")

    def ratios(over: str, under: str) -> str:
        return " | ".join(f"{each[over] / each[under]:.1f}" for each in columns.values())

    print(f"| 留存 ÷ 纯函数（目标 ≤ 10） | {ratios('gongbao，依据留存', '纯 Python 函数')} |")
    print(f"| 写出 ÷ 纯函数（目标 ≤ 30） | {ratios('gongbao，依据写出', '纯 Python 函数')} |")
    print(f"| zen 决策图 ÷ 留存（目标 ≥ 30） | {ratios('zen 决策图（trace）', 'gongbao，依据留存')} |")
    print(f"| zen 决策图 ÷ 写出 | {ratios('zen 决策图（trace）', 'gongbao，依据写出')} |")


if __name__ == "__main__":
    main()
