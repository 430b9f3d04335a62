"""Is a pack whole? Its shape, its names, its steps, and its examples against every rule and every threshold.

`errors` must be put right; `warnings` are for a person to judge. What cannot be checked by machine is said, not
passed over: a table that was not tried at all points is a warning with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from gongbao.dmn import CompiledTable
from gongbao.engine.world import World
from gongbao.feel import syntax
from gongbao.policy import schema, versions
from gongbao.policy.compile import compile_pack
from gongbao.policy.errors import PackError, Problem
from gongbao.policy.examples import Result, run, shown
from gongbao.policy.expressions import Written, written
from gongbao.policy.names import compiled, names
from gongbao.policy.observed import Observed, observe
from gongbao.policy.source import Source, pack_hash, read_source
from gongbao.policy.steps import dead_steps
from gongbao.policy.tables import Sweep, digits, step_of, sweep, thresholds, value_of

_SIDES = {0: "界值", -1: "界值之下一步", 1: "界值之上一步"}
_HIDDEN = re.compile(r"\s*(?:[<>]=?|=)?\s*-?\d")


@dataclass(frozen=True, slots=True)
class Report:
    """Everything found in one pack, and how much there was to look at."""

    pack: str
    problems: tuple[Problem, ...]
    examples: int = 0
    rules: int = 0
    thresholds: int = 0

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(p for p in self.problems if p.level == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return tuple(p for p in self.problems if p.level == "warning")

    def as_dict(self) -> dict[str, Any]:
        return {
            "pack": self.pack,
            "ok": not self.errors,
            "examples": self.examples,
            "rules": self.rules,
            "thresholds": self.thresholds,
            "problems": [p.as_dict() for p in self.problems],
        }


def check_folder(folder: Path) -> Report:
    """Check one pack folder. Never raises for what is wrong in the pack: that is in the report."""
    name = f"{folder.resolve().parent.name}/{folder.resolve().name.partition('@')[0]}"
    try:
        source = read_source(folder)
    except PackError as e:
        return Report(name, e.problems)
    return check(source)


def check(source: Source) -> Report:
    """Check a pack as read."""
    problems: list[Problem] = []
    world: World | None = None
    try:
        world = compile_pack(source, pack_hash(source.folder))
    except PackError as e:
        problems += e.problems
    problems += names(source)
    problems += figures(source)
    problems += dead_steps(source)
    problems += versions.problems(source)
    results: list[Result] = []
    guarded = 0
    if world is not None:
        results = run(world, source.pack.examples)
        problems += _failed(source, results)
        for name, spec in source.pack.decisions.items():
            if spec.rules:
                found, count = _table(source, world, name, spec, results)
                problems += found
                guarded += count
    rules = sum(len(d.rules) or 1 for d in source.pack.decisions.values())
    order = {f"{n}.yaml": i for i, n in enumerate(schema.Pack.model_fields)}
    problems.sort(key=lambda p: (order.get(p.file, 99), p.file, p.line or 0))
    return Report(source.pack.id, tuple(dict.fromkeys(problems)), len(results), rules, guarded)


# ----------------------------------------------------------------------------------------------- figures in formulas


def figures(source: Source) -> Iterator[Problem]:
    """Figures other than 0 and 1 stand in params.yaml (or in a table's cells), never inside a formula."""
    for one in written(source.pack):
        if one.formula and (expression := compiled(source, one)) is not None:
            for figure in _figures(one, expression.node):
                message = f"公式里有数字 {figure}；数字写在 params.yaml，公式里用 params.名字"
                yield source.problem(one.file, one.path, message, code="figure")


def _figures(one: Written, node: syntax.Node) -> Iterator[str]:
    for part in syntax.walk(node):
        if not isinstance(part, syntax.Literal):
            continue
        value = part.value
        if isinstance(value, bool) or value is None:
            continue
        if isinstance(value, (int, Decimal)):
            if value not in (0, 1):
                yield digits(value)
        elif isinstance(value, str):
            # A condition handed to a function as text (`run(days, "<= 3")`) hides a figure as well.
            found = re.fullmatch(r"\s*(?:[<>]=?|=)\s*(-?\d+(?:\.\d+)?)\s*", value)
            if found and Decimal(found[1]) not in (0, 1):
                yield value
        else:
            yield str(value)


# ---------------------------------------------------------------------------------------------------------- examples


def _failed(source: Source, results: Sequence[Result]) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for result in results:
        if result.id in seen:
            message = f"样例编号“{result.id}”重复"
            yield source.problem("examples.yaml", (result.index, "id"), message, code="duplicate")
        seen[result.id] = result.index
        for difference in result.differences:
            message = f"样例“{result.id}”：{difference}"
            yield source.problem("examples.yaml", (result.index, "expect"), message, code="example")


def _table(
    source: Source, world: World, name: str, spec: schema.DecisionSpec, results: Sequence[Result]
) -> tuple[list[Problem], int]:
    """One decision table: every rule reached, every threshold guarded, no gap, no overlap."""
    table = world.decisions[name].table
    seen = [observe(world, source.pack, name, table, e) for e in source.pack.examples if e.of == "decision"]
    observed = [o for group in seen for o in group]
    problems = list(_unreached(source, name, spec, observed))
    found = sweep(source.pack, name, table)
    guards = list(_unguarded(source, world, name, spec, table, observed, found))
    problems += [p for p, _ in guards if p is not None]
    problems += _swept(source, name, spec, found, observed)
    return problems, len({key for _, key in guards})


def _unreached(source: Source, name: str, spec: schema.DecisionSpec, observed: Sequence[Observed]) -> Iterator[Problem]:
    reached = {row for o in observed for row in o.rows}
    for i in range(len(spec.rules)):
        if i not in reached:
            message = f"第 {i + 1} 条规则没有样例走到"
            yield source.problem("decisions.yaml", (name, "rules", i), message, code="unreached")


def _unguarded(
    source: Source, world: World, name: str, spec: schema.DecisionSpec, table: CompiledTable,
    observed: Sequence[Observed], found: Sweep,
) -> Iterator[tuple[Problem | None, tuple[str, str]]]:  # fmt: skip
    """For each figure of each cell, an example at the figure and one a step beyond it."""
    columns = [i.expression for i in table.table.inputs]
    told: set[tuple[str, str, int]] = set()
    for threshold in thresholds(spec):
        j = columns.index(threshold.column)
        part = table.inputs[j]
        at = (name, "rules", threshold.rule, "when", threshold.column)
        key = (threshold.column, threshold.text)
        step = step_of(source.pack, spec, part.names)
        fact = source.pack.facts.get(threshold.column)
        pairs = [
            (o.inputs[j], value_of(threshold.operand, world.params, o.settings))
            for o in observed
        ]  # fmt: skip
        met = [(v, t) for v, t in pairs if _number(v) and _number(t)]
        if not met and not any(_number(v) for v, _ in pairs) and _not_numeric(source.pack, threshold.column):
            continue  # a parameter that is compared as text
        if step is None:
            message = f"“{threshold.column}”没有写 step，门槛 {threshold.text} 的相邻值不明"
            yield source.problem("decisions.yaml", at, message, code="unguarded"), key
            continue
        for side in threshold.sides:
            fixed = value_of(threshold.operand, world.params, {})
            wanted = None if fixed is None else fixed + side * step
            if (
                side
                and wanted is not None
                and (found.cannot(j, wanted) or (fact is not None and _outside(fact, wanted)))
            ):
                continue
            if any(v - t == side * step for v, t in met) or (threshold.column, threshold.text, side) in told:
                yield None, key
                continue
            told.add((threshold.column, threshold.text, side))
            where = f" {shown(wanted)}" if wanted is not None else ""
            message = f"门槛 {threshold.text} 缺“{threshold.column}”取{_SIDES[side]}{where} 的样例"
            yield source.problem("decisions.yaml", at, message, code="unguarded"), key


def _not_numeric(pack: schema.Pack, column: str) -> bool:
    fact = pack.facts.get(column)
    return fact is not None and fact.type not in ("integer", "number", "money")


def _number(value: Any) -> bool:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


def _outside(fact: schema.FactSpec, value: Any) -> bool:
    return (fact.min is not None and value < fact.min) or (fact.max is not None and value > fact.max)


def _swept(
    source: Source, name: str, spec: schema.DecisionSpec, found: Sweep, observed: Sequence[Observed]
) -> Iterator[Problem]:
    file, at = "decisions.yaml", (name,)
    if found.skipped is not None:
        message = f"没有逐一检查重叠与空缺：{found.skipped}"
        yield source.problem(file, at, message, code="not_swept", level="warning")
        return
    if found.sampled:
        message = f"取值组合过多，只抽查了 {found.tried} 组"
        yield source.problem(file, at, message, code="not_swept", level="warning")
    for rules, given in found.overlaps.items():
        numbers = "、".join(str(r + 1) for r in rules)
        message = f"第 {numbers} 条规则重叠：{_told(source.pack, given)} 时同时成立"
        yield source.problem(file, at, message, code="overlap")
    if found.gap is not None:
        declared = any(not o.rows and o.settled_open for o in observed)
        message = f"有空缺：{_told(source.pack, found.gap)} 时没有规则成立（{found.gaps} 组）"
        if declared:
            message += "；已有样例说明此时需人工判定"
        yield source.problem(file, at, message, code="gap", level="warning" if declared else "error")
    if not found.sampled:
        for i in range(len(spec.rules)):
            if i not in found.hit and found.tried:
                message = f"第 {i + 1} 条规则永远轮不到"
                yield source.problem(file, (name, "rules", i), message, code="dead_rule", level="warning")


def _told(pack: schema.Pack, given: dict[str, Any]) -> str:
    parts = []
    for path, value in given.items():
        fact = pack.facts.get(path)
        parts.append(f"{fact.label if fact else path}＝{shown(value)}")
    return "，".join(parts)
