"""The same decisions for zen-engine, SpiffWorkflow and cel-python, written from the rules that gongbao compiled.

A decision becomes a JDM graph (one table node per decision), one zen and one CEL expression per decision (`? :` over
the rows), and DMN XML with Python expressions. The series decision needs a loop over stretches of days, which tables and
expressions do not have: zen's graph gets a function node, SpiffWorkflow a Python function, and the two expression
languages a closed form over exactly seven days.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from types import SimpleNamespace
from typing import Any
from xml.sax.saxutils import escape

import celpy
import zen
from bare import Facts, stretches
from lxml import etree
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.dmn.parser.BpmnDmnParser import BpmnDmnParser

from gongbao.engine.decision.logic import Decision
from gongbao.engine.world import World
from gongbao.feel import syntax
from gongbao.feel.syntax import Node

Run = Callable[[Facts], tuple[Any, ...]]


# FEEL in other languages ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Dialect:
    """How a language writes what the five decisions use."""

    both: str
    either: str
    choose: str  # with {c}, {a}, {b}
    literal: Callable[[Any], str]
    entry: Callable[[str, str], str] = "{}.{}".format


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


ZEN = Dialect("and", "or", "({c} ? {a} : {b})", _json)
CEL = Dialect("&&", "||", "({c} ? {a} : {b})", _json)
PYTHON = Dialect("and", "or", "({a} if {c} else {b})", repr, "{}['{}']".format)


class Written:
    """A decision's expressions in a dialect; lets stand where they are used, or under a plain name."""

    def __init__(self, world: World, decision: Decision, dialect: Dialect, *, inline: bool) -> None:
        self.world, self.decision, self.dialect = world, decision, dialect
        self.names: dict[str, str] = {}
        self.lets: dict[str, str] = {}
        order = [name for name, _ in decision.table.table.lets]
        for name, node in decision.table.let_nodes.items():
            plain = self.names[name] = f"let{order.index(name)}"
            if not isinstance(node, syntax.Call):  # of the series decision, what a function of the peer gives
                self.lets[plain] = self.names[name] = self.text(node)
        if not inline:
            self.names = {name: f"let{at}" for at, name in enumerate(order)}
        self.subjects = [self.text(node) for node in decision.table.input_nodes]

    def text(self, node: Node) -> str:
        d = self.dialect
        match node:
            case syntax.Literal():
                return d.literal(node.value)
            case syntax.Name():
                return self.names.get(node.name, node.name)
            case syntax.Path(base=syntax.Name(name="params")):
                return d.literal(self.world.params[node.name])
            case syntax.Path(base=syntax.Name(name="settings")):
                return d.literal(self.world.settings[node.name].value)
            case syntax.Path():
                return d.entry(self.text(node.base), node.name)
            case syntax.Arithmetic():
                return f"({self.text(node.left)} {node.op} {self.text(node.right)})"
            case syntax.Comparison():
                return f"({self.text(node.left)} {node.op.replace('=', '==') if node.op == '=' else node.op} {self.text(node.right)})"
            case syntax.And() | syntax.Or():
                word = d.both if isinstance(node, syntax.And) else d.either
                return "(" + f" {word} ".join(self.text(term) for term in node.terms) + ")"
            case syntax.If():
                return d.choose.format(c=self.text(node.condition), a=self.text(node.then), b=self.text(node.otherwise))
        raise NotImplementedError(type(node).__name__)

    def test(self, subject: str, test: Node) -> str:
        if isinstance(test, syntax.UnaryComparison):
            return f"{subject} {test.op} {self.text(test.operand)}"
        if isinstance(test, syntax.RangeLiteral):
            return f"({subject} >= {self.text(test.low)} {self.dialect.both} {subject} <= {self.text(test.high)})"
        return f"{subject} == {self.text(test)}"

    def condition(self, row: int) -> str:
        parts = []
        for subject, cell in zip(self.subjects, self.decision.table.tests[row], strict=True):
            if len(cell.tests) > 1:
                parts.append(f"{subject} in [{', '.join(self.text(test) for test in cell.tests)}]")
            elif cell.tests:
                parts.append(self.test(subject, cell.tests[0]))
        return f" {self.dialect.both} ".join(parts) or self.dialect.literal(True)

    def outputs(self, row: int) -> list[str]:
        """The outputs of a row with its number and clause; where a peer cannot add null, a target is 0."""
        found = []
        for entry, output in zip(self.decision.table.entry_nodes[row], self.decision.outputs, strict=True):
            none = 0 if output.type == "number" else None
            value = (
                self.text(entry) if isinstance(entry, Node) else self.dialect.literal(none if entry is None else entry)
            )
            found.append(value)
        return [*found, self.dialect.literal(row + 1), self.dialect.literal(self.decision.rows[row].cite)]


def chain(world: World, name: str) -> list[Decision]:
    """A decision after those that it requires."""
    decision = world.decisions[name]
    return [*(each for inner in decision.requires for each in chain(world, inner)), decision]


# zen-engine ----------------------------------------------------------------------------------------------------------


def _zen_cell(written: Written, tests: tuple[Node, ...]) -> str:
    def one(test: Node) -> str:
        if isinstance(test, syntax.UnaryComparison):
            return f"{test.op} {written.text(test.operand)}"
        if isinstance(test, syntax.RangeLiteral):
            return f"[{written.text(test.low)}..{written.text(test.high)}]"
        return written.text(test)

    return ", ".join(one(test) for test in tests)


def _zen_nodes(world: World, decision: Decision, *, last: bool, loop: bool = False) -> list[dict[str, Any]]:
    written = Written(world, decision, ZEN, inline=False)
    table = decision.table
    names = [*decision.output_names, "row", "cite"]
    content: dict[str, Any] = {
        "hitPolicy": "first",
        "inputs": [{"id": f"i{n}", "name": f"i{n}", "field": subject} for n, subject in enumerate(written.subjects)],
        "outputs": [{"id": f"o{n}", "name": name, "field": name} for n, name in enumerate(names)],
        "rules": [
            {"_id": f"r{row}"}
            | {f"i{n}": _zen_cell(written, cell.tests) for n, cell in enumerate(table.tests[row]) if cell.tests}
            | {f"o{n}": text for n, text in enumerate(written.outputs(row))}
            for row in range(len(table.table.rules))
        ],
    }
    if not last:
        content |= {"passThrough": True, "outputPath": decision.id}
    if loop:
        content |= {"executionMode": "loop", "inputField": "stretches", "outputPath": "found", "passThrough": True}
    made = [{"id": decision.id, "type": "decisionTableNode", "name": decision.id, "content": content}]
    if written.lets and not loop:
        lets = [{"id": name, "key": name, "value": text} for name, text in written.lets.items()]
        made.insert(0, {"id": f"let-{decision.id}", "type": "expressionNode", "name": f"let-{decision.id}",
                        "content": {"passThrough": True, "expressions": lets}})  # fmt: skip
    return made


_STRETCHES = """
export const handler = async (input) => {
  const stretches = [];
  let d2 = 0, d3 = 0, d5 = 0, run3 = 0, run5 = 0;
  for (const value of [...input.aqi, 0]) {
    if (value > 200) {
      d2 += 1; run3 = value > 300 ? run3 + 1 : 0; run5 = value >= 500 ? run5 + 1 : 0;
      d3 = Math.max(d3, run3); d5 = Math.max(d5, run5);
    } else if (d2) {
      stretches.push({let0: d2, let1: d3, let2: d5});
      d2 = d3 = d5 = run3 = run5 = 0;
    }
  }
  return {stretches};
};
"""
_HIGHEST = """
export const handler = async (input) => {
  const rank = ["无", "蓝色", "黄色", "橙色", "红色"];
  let best = {level: "无", row: 6, cite: "四（一）"};
  for (const each of input.found) if (rank.indexOf(each.level) > rank.indexOf(best.level)) best = each;
  return best;
};
"""


def zen_graph(world: World, name: str) -> tuple[Run, Callable[[Facts], float]]:
    """The graph with its trace, and its own time (microseconds) as it tells it."""
    decisions = chain(world, name)
    if name == "level":
        nodes = [
            {"id": "stretches", "type": "functionNode", "name": "stretches", "content": {"source": _STRETCHES}},
            *_zen_nodes(world, decisions[0], last=True, loop=True),
            {"id": "highest", "type": "functionNode", "name": "highest", "content": {"source": _HIGHEST}},
        ]
    else:
        nodes = [node for each in decisions for node in _zen_nodes(world, each, last=each is decisions[-1])]
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in"},
        *nodes,
        {"id": "out", "type": "outputNode", "name": "out"},
    ]
    for node in nodes:
        node["position"] = {"x": 0, "y": 0}
    pairs = pairwise(nodes)
    edges = [{"id": f"{a['id']}-{b['id']}", "type": "edge", "sourceId": a["id"], "targetId": b["id"]} for a, b in pairs]
    graph = zen.ZenEngine().create_decision(json.dumps({"nodes": nodes, "edges": edges}, ensure_ascii=False))
    names = ["level", "cite"] if name == "level" else [*world.decisions[name].output_names, "row", "cite"]

    def run(facts: Facts) -> tuple[Any, ...]:
        response = graph.evaluate(facts, {"trace": True})
        assert response["trace"]
        result = response["result"]
        return tuple(result.get(each) for each in names)

    def own(facts: Facts) -> float:
        told = graph.evaluate(facts, {"trace": True})["performance"]
        number = float(told.rstrip("nµms"))
        return number * {"ns": 0.001, "µs": 1, "ms": 1000}.get(told.lstrip("0123456789."), 1_000_000)

    return run, own


# One expression per decision -----------------------------------------------------------------------------------------


def _seven_days(dialect: Dialect) -> str:
    """The level and clause of exactly seven days, without a loop."""

    def days(first: int, end: int, above: int) -> list[str]:
        return [f"aqi[{i}] > {above}" for i in range(first, end)]

    def every(parts: list[str]) -> str:
        return "(" + f" {dialect.both} ".join(parts) + ")"

    def any_of(parts: list[str]) -> str:
        return f" {dialect.either} ".join(parts)

    red = [
        every([*days(min(i, j), max(i + 4, j + 2), 200), *days(j, j + 2, 300)])
        for i in range(4)
        for j in range(6)
    ]  # fmt: skip
    orange = [
        every([*days(min(i, j), max(i + 3, j + 1), 200), *days(j, j + 1, 300)]) for i in range(5) for j in range(7)
    ]
    steps = [
        (any_of([*(f"aqi[{i}] >= 500" for i in range(7)), *red]), ["红色", "四（一）第5款"]),
        (any_of(orange), ["橙色", "四（一）第4款"]),
        (any_of([every(days(i, i + 2, 200)) for i in range(6)]), ["黄色", "四（一）第3款"]),
        (any_of(days(0, 7, 200)), ["蓝色", "四（一）第2款"]),
    ]
    text = _json(["无", "四（一）"])
    for condition, value in reversed(steps):
        text = f"(({condition}) ? {_json(value)} : {text})"
    return text


def _expressions(world: World, name: str, dialect: Dialect) -> list[tuple[Decision, str]]:
    """Per decision one expression over facts and required outputs: a list of outputs, row and clause."""
    if name == "level":
        return [(world.decisions[name], _seven_days(dialect))]
    made = []
    for decision in chain(world, name):
        written = Written(world, decision, dialect, inline=True)
        text = "null"
        for row in reversed(range(len(decision.table.table.rules))):
            text = f"({written.condition(row)} ? [{', '.join(written.outputs(row))}] : {text})"
        made.append((decision, text))
    return made


def zen_expression(world: World, name: str) -> Run:
    *before, (_, last) = [(each, zen.compile_expression(text)) for each, text in _expressions(world, name, ZEN)]

    def run(facts: Facts) -> tuple[Any, ...]:
        seen = facts
        for decision, program in before:
            found = program.evaluate(seen)
            seen = {**seen, decision.id: dict(zip(decision.output_names, found, strict=False))}
        return tuple(last.evaluate(seen))

    return run


def cel(world: World, name: str) -> Run:
    environment = celpy.Environment()
    programs = [(each, environment.program(environment.compile(text))) for each, text in _expressions(world, name, CEL)]

    def run(facts: Facts) -> tuple[Any, ...]:
        seen = dict(celpy.json_to_cel(facts))
        for decision, program in programs:
            found = program.evaluate(seen)
            seen[decision.id] = celpy.json_to_cel(dict(zip(decision.output_names, found, strict=False)))
        return tuple(_python(each) for each in found)

    return run


def _python(value: Any) -> Any:
    if isinstance(value, celpy.celtypes.BoolType):
        return bool(value)
    return int(value) if isinstance(value, int) else str(value) if isinstance(value, str) else value


# SpiffWorkflow -------------------------------------------------------------------------------------------------------


def _spiff_cell(written: Written, tests: tuple[Node, ...]) -> str:
    if len(tests) > 1:
        return f"? in ({', '.join(written.text(test) for test in tests)})"
    test = tests[0]
    if isinstance(test, syntax.RangeLiteral):
        return f"{written.text(test.low)} <= ? <= {written.text(test.high)}"
    return f"{test.op} {written.text(test.operand)}" if isinstance(test, syntax.UnaryComparison) else written.text(test)


def _spiff_engine(world: World, decision: Decision, *, inline: bool = True) -> Any:
    written = Written(world, decision, PYTHON, inline=inline)
    inputs = "".join(
        f'<input id="i{n}"><inputExpression id="e{n}" typeRef="string"><text>{escape(subject)}</text></inputExpression></input>'
        for n, subject in enumerate(written.subjects)
    )
    names = [*decision.output_names, "row", "cite"]
    outputs = "".join(f'<output id="o{n}" name="{name}" typeRef="string"/>' for n, name in enumerate(names))
    body = ""
    for row in range(len(decision.table.table.rules)):
        cells = [_spiff_cell(written, cell.tests) if cell.tests else "" for cell in decision.table.tests[row]]
        entries = "".join(
            f'<inputEntry id="c{row}_{n}"><text>{escape(cell)}</text></inputEntry>' for n, cell in enumerate(cells)
        )
        results = "".join(
            f'<outputEntry id="x{row}_{n}"><text>{escape(text)}</text></outputEntry>'
            for n, text in enumerate(written.outputs(row))
        )
        body += f'<rule id="r{row}">{entries}{results}</rule>'
    xml = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">'
        f'<decision id="{decision.id}" name="{decision.id}"><decisionTable id="t" hitPolicy="FIRST">'
        f"{inputs}{outputs}{body}</decisionTable></decision></definitions>"
    )
    parser = BpmnDmnParser()
    parser.add_dmn_xml(etree.fromstring(xml))
    return parser.get_engine(decision.id, None)


def spiff(world: World, name: str) -> Run:
    workflow = SimpleNamespace(script_engine=PythonScriptEngine())
    engines = [(each, _spiff_engine(world, each, inline=name != "level")) for each in chain(world, name)]
    names = [*world.decisions[name].output_names, "row", "cite"]

    def run(facts: Facts) -> tuple[Any, ...]:
        data = dict(facts)
        for decision, engine in engines:
            found = engine.result(SimpleNamespace(data=data, workflow=workflow))
            data[decision.id] = found
        return tuple(found.get(each) for each in names)

    def run_level(facts: Facts) -> tuple[Any, ...]:
        ((decision, engine),) = engines
        best: dict[str, Any] = {"level": "无", "cite": "四（一）"}
        rank = decision.outputs[0].rank
        for d2, d3, d5 in stretches(facts["aqi"]):
            data = {"let0": d2, "let1": d3, "let2": d5}
            found = engine.result(SimpleNamespace(data=data, workflow=workflow))
            if rank(found["level"]) > rank(best["level"]):
                best = found
        return best["level"], best["cite"]

    return run_level if name == "level" else run
