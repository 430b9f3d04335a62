"""One credit decision, with validated facts, trace and clause: gongbao against zen-engine, SpiffWorkflow and bare Python.

    python bench/one_case.py [--rounds N]

The table `grade` of packs/langfang/enterprise-credit is compiled by gongbao, and written from the same compiled rules
as a JDM graph for zen-engine, as one zen expression, and as DMN XML for SpiffWorkflow; the bare function is written by
hand. Before anything is timed, all of them must give the same grade and clause at every boundary case. The contenders
take turns, round by round; a figure is the least time per decision over the rounds, in microseconds.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.sax.saxutils import escape

import zen
from lxml import etree
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.dmn.parser.BpmnDmnParser import BpmnDmnParser

from gongbao.engine.decision.decide import decide
from gongbao.engine.decision.trace import trace
from gongbao.engine.fact import read_facts
from gongbao.engine.world import World
from gongbao.policy.loader import load_folder

ROOT = Path(__file__).parents[1]
NAMES = (
    "licence_revoked",
    "general_records",
    "repaired_records",
    "serious_listed",
    "serious_penalties",
    "serious_consequence",
)
Facts = dict[str, Any]
Answer = tuple[str | None, str]  # grade (None: a person decides), clause


def cases() -> list[Facts]:
    """Every combination of values on both sides of every boundary."""
    sides = ((False, True), (0, 1, 5, 6), (0, 1), (0, 1), (0, 1), (False, True))
    return [dict(zip(NAMES, values, strict=True)) for values in itertools.product(*sides)]


# gongbao ------------------------------------------------------------------------------------------------------------


def ours(world: World) -> dict[str, Callable[[Facts], Answer]]:
    def decided(facts: Facts) -> Answer:
        outcome = decide(world, "grade", facts)
        return outcome.output, outcome.cites[0]

    def traced(facts: Facts) -> Answer:
        outcome = decide(world, "grade", read_facts(world.facts, facts))
        return outcome.output, trace(outcome)["rows"][0]["cite"]

    return {"gongbao：核对事实＋判定＋依据（trace、条款）": traced, "gongbao：判定（行、条款；依据未写出）": decided}


# The same table for the others -------------------------------------------------------------------------------------


def rows(world: World) -> list[tuple[dict[str, str], Any, str]]:
    """(cells by column, grade, clause) of the compiled table, parameters as figures."""
    table, decision = world.decisions["grade"].table.table, world.decisions["grade"]
    limit = str(world.params["general_limit"])
    columns = [column.expression for column in table.inputs]
    made = []
    for rule, row in zip(table.rules, decision.rows, strict=True):
        cells = {
            c: str(cell).replace("params.general_limit", limit)
            for c, cell in zip(columns, rule.cells, strict=True)
            if cell is not None
        }
        made.append((cells, rule.outputs[0], row.cite))
    return made


def lets(world: World, counted: bool) -> dict[str, str]:
    """The two intermediate values, in a form that all three languages read; the setting is filled."""
    names = [name for name, _ in world.decisions["grade"].table.table.lets]
    assert len(names) == 2
    return {names[0]: "general_records + repaired_records" if counted else "general_records",
            names[1]: "serious_listed + serious_penalties"}  # fmt: skip


def _plain(world: World) -> dict[str, str]:
    """Names that are spelt in letters for the languages that know no others."""
    return {name: f"let{at}" for at, (name, _) in enumerate(world.decisions["grade"].table.table.lets)}


def zen_graph(world: World, counted: bool) -> Callable[[Facts], Answer]:
    plain = _plain(world)
    columns = list(dict.fromkeys(c for cells, _, _ in rows(world) for c in cells))
    graph = {
        "nodes": [
            {"id": "in", "type": "inputNode", "name": "request", "position": {"x": 0, "y": 0}},
            {"id": "let", "type": "expressionNode", "name": "lets", "position": {"x": 0, "y": 0}, "content": {
                "passThrough": True, "expressions": [
                    {"id": plain[name], "key": plain[name], "value": text} for name, text in lets(world, counted).items()]}},
            {"id": "table", "type": "decisionTableNode", "name": "grade", "position": {"x": 0, "y": 0}, "content": {
                "hitPolicy": "first",
                "inputs": [{"id": f"i{n}", "name": c, "field": plain.get(c, c)} for n, c in enumerate(columns)],
                "outputs": [{"id": "grade", "name": "grade", "field": "grade"}, {"id": "cite", "name": "cite", "field": "cite"}],
                "rules": [
                    {"_id": f"r{n}", **{f"i{columns.index(c)}": cell for c, cell in cells.items()},
                     "grade": json.dumps(grade), "cite": json.dumps(cite, ensure_ascii=False)}
                    for n, (cells, grade, cite) in enumerate(rows(world))]}},
            {"id": "out", "type": "outputNode", "name": "response", "position": {"x": 0, "y": 0}},
        ],
        "edges": [{"id": f"{a}-{b}", "type": "edge", "sourceId": a, "targetId": b}
                  for a, b in (("in", "let"), ("let", "table"), ("table", "out"))],
    }  # fmt: skip
    decision = zen.ZenEngine().create_decision(json.dumps(graph, ensure_ascii=False))

    def run(facts: Facts) -> Answer:
        response = decision.evaluate(facts, {"trace": True})
        assert response["trace"]
        result = response["result"]
        return result.get("grade"), result["cite"]

    return run


def _zen_test(name: str, cell: str) -> str:
    if cell.startswith("["):
        low, high = cell.strip("[]").split("..")
        return f"({name} >= {low} and {name} <= {high})"
    return f"{name} {cell}" if cell[0] in "<>" else f"{name} == {cell}"


def zen_expression(world: World, counted: bool) -> Callable[[Facts], Answer]:
    named = {name: f"({text})" for name, text in lets(world, counted).items()}
    text = "null"
    for cells, grade, cite in reversed(rows(world)):
        tests = " and ".join(_zen_test(named.get(c, c), cell) for c, cell in cells.items())
        text = f"{tests} ? [{json.dumps(grade)}, {json.dumps(cite, ensure_ascii=False)}] : ({text})"
    compiled = zen.compile_expression(text)

    def run(facts: Facts) -> Answer:
        grade, cite = compiled.evaluate(facts)
        return grade, cite

    return run


def _spiff_cell(cell: str) -> str:
    if cell.startswith("["):
        low, high = cell.strip("[]").split("..")
        return f"{low} <= ? <= {high}"
    return {"true": "True", "false": "False"}.get(cell, cell)


def spiff(world: World, counted: bool) -> Callable[[Facts], Answer]:
    named = lets(world, counted)
    columns = list(dict.fromkeys(c for cells, _, _ in rows(world) for c in cells))
    inputs = "".join(
        f'<input id="i{n}"><inputExpression id="e{n}" typeRef="string"><text>{escape(named.get(c, c))}</text></inputExpression></input>'
        for n, c in enumerate(columns)
    )
    body = ""
    for n, (cells, grade, cite) in enumerate(rows(world)):
        entries = "".join(
            f'<inputEntry id="c{n}_{m}"><text>{escape(_spiff_cell(cells[c])) if c in cells else ""}</text></inputEntry>'
            for m, c in enumerate(columns)
        )
        outputs = "".join(
            f'<outputEntry id="o{n}_{m}"><text>{escape(repr(value))}</text></outputEntry>'
            for m, value in enumerate((grade, cite))
        )
        body += f'<rule id="r{n}">{entries}{outputs}</rule>'
    xml = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">'
        '<decision id="grade" name="grade"><decisionTable id="t">' + inputs
        + '<output id="o0" name="grade" typeRef="string"/><output id="o1" name="cite" typeRef="string"/>' + body
        + "</decisionTable></decision></definitions>"
    )  # fmt: skip
    parser = BpmnDmnParser()
    parser.add_dmn_xml(etree.fromstring(xml))
    engine = parser.get_engine("grade", None)
    workflow = SimpleNamespace(script_engine=PythonScriptEngine())

    def run(facts: Facts) -> Answer:
        result = engine.result(SimpleNamespace(data=facts, workflow=workflow))
        return result["grade"], result["cite"]

    return run


def bare(counted: bool, limit: int) -> Callable[[Facts], Answer]:
    """The rule as one would write it by hand: no validation, no trace."""

    def run(facts: Facts) -> Answer:
        if facts["licence_revoked"]:
            return "D", "三（五）"
        if facts["serious_listed"] + facts["serious_penalties"] >= 1:
            return "C", "三（五）"
        records = facts["general_records"] + (facts["repaired_records"] if counted else 0)
        if records > limit:
            return "C", "三（五）"
        if records == 0:
            return "A", "三（五）"
        return (None if facts["serious_consequence"] else "B"), "三（五）"

    return run


# Measuring ----------------------------------------------------------------------------------------------------------


def contenders(world: World, counted: bool) -> dict[str, Callable[[Facts], Answer]]:
    return {
        **ours(world),
        "zen-engine：决策图（trace、条款）": zen_graph(world, counted),
        "zen-engine：编译的表达式（无依据）": zen_expression(world, counted),
        "SpiffWorkflow：DMN 引擎（条款，无依据）": spiff(world, counted),
        "纯 Python 函数（不核对、无依据）": bare(counted, int(world.params["general_limit"])),
    }


def same_everywhere(found: Mapping[str, Callable[[Facts], Answer]]) -> int:
    """Every contender gives the same answer at every boundary case; how many there are."""
    every = cases()
    for facts in every:
        answers = {name: run(dict(facts)) for name, run in found.items()}
        assert len(set(answers.values())) == 1, (facts, answers)
    return len(every)


def measure(found: Mapping[str, Callable[[Facts], Answer]], rounds: int) -> dict[str, float]:
    every = cases()
    best = dict.fromkeys(found, float("inf"))
    for _ in range(rounds):
        for name, run in found.items():
            repeat = 1
            gc.disable()
            while True:
                started = time.perf_counter()
                for _ in range(repeat):
                    for facts in every:
                        run(facts)
                taken = time.perf_counter() - started
                if taken > 0.05:
                    break
                repeat *= 4
            gc.enable()
            best[name] = min(best[name], taken / repeat / len(every) * 1e6)
    return best


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    plain = load_folder(ROOT / "packs" / "langfang" / "enterprise-credit")
    total = 0
    for value in ("计入", "不计入"):
        world = plain.with_settings({"repaired_counts": value})
        found = contenders(world, value == "计入")
        total += same_everywhere(found)
    times = measure(found, rounds)
    own = times[next(iter(times))]
    print(f"{total} 个边界情形，各方结果一致；每次判定的微秒数（{rounds} 轮中最少），比率以第一行为 1\n")
    print("| 做法 | 微秒/次 | 与第一行之比 |\n|---|---:|---:|")
    for name, taken in times.items():
        print(f"| {name} | {taken:.2f} | {taken / own:.2f} |")


if __name__ == "__main__":
    main()
