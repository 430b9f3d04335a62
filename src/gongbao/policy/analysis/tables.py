"""Every decision table of a pack looked at: what `gongbao check` and the page of a table show (`findings.TableView`)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from gongbao.engine.world import World
from gongbao.policy import schema
from gongbao.policy.analysis.findings import NO_STEP, Case, Cell, Column, Guard, RuleView, Survivor, TableView, plain
from gongbao.policy.analysis.formulas import Unnoticed, unnoticed, unnoticed_of_formula
from gongbao.policy.analysis.space import lowest
from gongbao.policy.analysis.survivors import case_at, expected, left_to_person, overlapping, survivors
from gongbao.policy.analysis.symbols import Contradictory, TooMany, Unsupported
from gongbao.policy.analysis.work import Work, work_of
from gongbao.policy.examples import Result, run, shown
from gongbao.policy.guards import Guarded, guarded
from gongbao.policy.observed import Observed, observed
from gongbao.policy.source import Source, pack_hash


def tables_of(
    source: Source, world: World | None = None, results: Sequence[Result] | None = None
) -> dict[str, TableView]:
    """What is known of every decision table of a pack, by decision. PackError where the pack does not compile."""
    from gongbao.policy.compile import compile_pack

    world = compile_pack(source, pack_hash(source.folder)) if world is None else world
    results = run(world, source.pack.examples) if results is None else results
    return {name: table_of(source, world, name, results) for name, spec in source.pack.decisions.items() if spec.rules}


_PLAIN = re.compile(r"(?!true$|false$|null$)[^\W\d_][^\s,:{}\[\]#&*!|>'\"%@`]*|\d{4}-\d\d-\d\d")


def table_of(source: Source, world: World, name: str, results: Sequence[Result]) -> TableView:
    """What is known of one decision table."""
    seen = observed(world, source.pack, name)
    try:
        work = work_of(source.pack, world, name)
    except Unsupported as error:
        view = _view(source, world, name, seen, None, str(error), results)
        return replace(view, contradictory=isinstance(error, Contradictory))
    except TooMany:
        return _view(source, world, name, seen, None, "取值组合过多，没有逐一检查", results)
    return _view(source, world, name, seen, work, None, results)


def _view(
    source: Source, world: World, name: str, seen: Sequence[tuple[str, Observed]], work: Work | None,
    undecided: str | None, results: Sequence[Result],
) -> TableView:  # fmt: skip
    spec, decision = source.pack.decisions[name], world.decisions[name]
    gaps: list[Case] = []
    overlaps: list[Case] = []
    dead: set[int] = set()
    lost: list[Survivor] = []
    killed = equivalent = tried = 0
    if work is not None:
        hits, twice = work.hits(work.space.everything)
        reached = {i for i, mask in hits.items() if mask}
        for rules, both in overlapping(work, twice) if twice else ():
            reached |= set(rules)
            overlaps.append(case_at(work, lowest(_first(work, both)), tuple(i + 1 for i in rules)))
        if hits.get(None) and not decision.collects:
            gaps.append(_gap(work, hits[None], results))
        if decision.for_each is not None and decision.trees.fallback is not None:
            reached.add(decision.trees.fallback)  # the row of a list without items
        if not work.undecided:  # else other values than those that were tried may reach it
            dead = set(range(len(spec.rules))) - reached
        found, killed, equivalent = survivors(work, results)
        for mutant, case, before, after in found:
            column = None if mutant.column is None else decision.table.table.inputs[mutant.column].expression
            path: tuple[Any, ...] = (name, "rules", mutant.rule, *(("when", column) if column is not None else ()))
            line = source.problem("decisions.yaml", path, "").line
            lost.append(
                Survivor(
                    mutant.rule + 1,
                    column,
                    line,
                    mutant.kind,
                    mutant.told,
                    case,
                    before,
                    after,
                    expected(world, name, case),
                )
            )
        formulas, tried, noticed = unnoticed(work, results)
        killed += noticed
        lost += _formulas(source, world, name, formulas)
    guards = list(guarded(source.pack, world, name, seen, None if work is None else work))
    return TableView(
        decision=name,
        label=spec.label,
        cite=spec.cite,
        line=source.problem("decisions.yaml", (name,), "").line,
        hit=spec.hit,
        columns=tuple(_column(source.pack, each.expression) for each in decision.table.table.inputs),
        outputs=tuple(spec.output),
        rules=tuple(_rule(source, name, i, seen, guards, lost, i in dead) for i in range(len(spec.rules))),
        gaps=tuple(gaps),
        overlaps=tuple(overlaps),
        survivors=tuple(lost),
        mutants=0 if work is None else len(work.mutants) + tried,
        killed=killed,
        equivalent=equivalent,
        undecided=tuple(work.undecided if work is not None else [undecided or ""]),
    )


def formula_of(source: Source, world: World, name: str, results: Sequence[Result]) -> TableView:
    """What is known of a decision that is a formula: which changes of it no example notices."""
    spec = source.pack.decisions[name]
    if _whole(world, name):
        found, tried, noticed = unnoticed_of_formula(source.pack, world, name, results)
    else:  # it cannot be run; what it lacks is told where the names are looked at
        found, tried, noticed = [], 0, 0
    return TableView(
        decision=name, label=spec.label, cite=spec.cite, line=source.problem("decisions.yaml", (name,), "").line,
        hit="formula", columns=(), outputs=tuple(spec.output), rules=(), mutants=tried, killed=noticed,
        survivors=tuple(_formulas(source, world, name, found)),
    )  # fmt: skip


def _whole(world: World, name: str) -> bool:
    """Whether all that a decision names, and what it requires names, is in the pack."""
    decision = world.decisions.get(name)
    if decision is None:
        return False
    params = {each.partition(".")[2] for each in decision.names if each.startswith("params.")}
    return (
        params <= world.params.keys()
        and set(decision.settings) <= world.settings.keys()
        and all(_whole(world, each) for each in decision.requires if each != name)
    )


def _formulas(source: Source, world: World, name: str, found: Sequence[Unnoticed]) -> Iterator[Survivor]:
    for change, case, before, after in found:
        file = "params.yaml" if change.param else "decisions.yaml"
        line = source.problem(file, change.path, "").line
        expect = None if case is None else expected(world, name, case)
        yield Survivor(0, change.path[-1], line, "expression", change.told, case, before, after, expect, change.path)


def _gap(work: Work, points: int, results: Sequence[Result]) -> Case:
    """The smallest case of a gap; of the part that no example leaves to a person, where there is such a part."""
    told = left_to_person(work, results)
    left = points
    for each in told.values():
        left &= ~each
    if left:
        return case_at(work, lowest(_first(work, left)))
    point = lowest(_first(work, points))
    return replace(case_at(work, point), example=next(name for name, each in told.items() if each >> point & 1))


def _first(work: Work, points: int) -> int:
    """Those of the points that facts alone reach, where there are any."""
    return points & work.reachable or points


def _column(pack: schema.Pack, expression: str) -> Column:
    fact = pack.facts.get(expression)
    return Column(expression, fact.label if fact is not None else expression)


def _rule(
    source: Source, name: str, i: int, seen: Sequence[tuple[str, Observed]], guards: Sequence[Guarded],
    lost: Sequence[Survivor], dead: bool,
) -> RuleView:  # fmt: skip
    spec = source.pack.decisions[name]
    rule = spec.rules[i]
    columns = list(dict.fromkeys(column for each in spec.rules for column in (each.when or {})))
    outputs = rule.otherwise if rule.when is None else rule.then
    cells: list[Cell | None] = []
    for column in columns:
        text = (rule.when or {}).get(column)
        if text is None:
            cells.append(None)
            continue
        line = source.problem("decisions.yaml", (name, "rules", i, "when", column), "").line
        own = tuple(
            Guard(each.threshold.text, NO_STEP if each.side is None else each.side, each.examples, each.wanted)
            for each in guards
            if each.threshold.rule == i and each.threshold.column == column
        )
        left = tuple(at for at, each in enumerate(lost) if each.rule == i + 1 and each.column == column)
        cells.append(Cell(column, text, line, own, left))
    return RuleView(
        number=i + 1,
        line=source.problem("decisions.yaml", (name, "rules", i), "").line,
        cite=rule.cite,
        note=rule.note,
        otherwise=rule.when is None,
        cells=tuple(cells),
        outputs=tuple(outputs[each] if isinstance(outputs, Mapping) else outputs for each in spec.output),
        examples=tuple(dict.fromkeys(id_ for id_, each in seen if i in each.rows)),
        dead=dead,
        survivors=tuple(at for at, each in enumerate(lost) if each.rule == i + 1 and each.column is None),
    )


def example_of(name: str, survivor: Survivor, cite: str) -> str:
    """An example to paste, in the flow style of YAML, that would notice a change."""
    case = survivor.case or Case({})
    settings = f", settings: {_flow(plain(case.settings))}" if case.settings else ""
    return (
        f"- {{id: ……, of: decision, decision: {name}, given: {_flow(plain(case.facts))}{settings}, "
        f"expect: {_flow(survivor.expect)}, cite: {cite}, confirmed_by: null}}"
    )


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and not _PLAIN.fullmatch(value):
        return json.dumps(value, ensure_ascii=False)
    return "null" if value is None else str(value)


__all__ = ["example_of", "formula_of", "shown", "table_of", "tables_of"]
