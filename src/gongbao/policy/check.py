"""Is a pack whole? Its shape, its names, its steps, and its examples against every rule and every threshold.

`errors` must be put right; `warnings` are for a person to judge. What cannot be checked by machine is said, not
passed over: a table that could not be looked at exactly is a warning with the reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from gongbao.feel import syntax
from gongbao.policy import schema, versions
from gongbao.policy.acts import acts
from gongbao.policy.analysis.findings import NO_STEP, Case, TableView, plain
from gongbao.policy.analysis.tables import example_of, formula_of, table_of
from gongbao.policy.compile import compile_pack
from gongbao.policy.errors import PackError, Problem
from gongbao.policy.examples import Result, run_one, shown
from gongbao.policy.expressions import Written, written
from gongbao.policy.house import clauses
from gongbao.policy.indicator_check import indicators
from gongbao.policy.kinds import kinds, literals_fit
from gongbao.policy.names import compiled, names
from gongbao.policy.rechecking import LastLook
from gongbao.policy.registers import registers
from gongbao.policy.report import Report
from gongbao.policy.scoresheet_checks import beyond, scoresheets
from gongbao.policy.source import Source, pack_hash, read_source
from gongbao.policy.steps import dead_steps
from gongbao.policy.tables import digits

_SIDES = {0: "界值", -1: "界值之下一步", 1: "界值之上一步", NO_STEP: ""}


def check_folder(folder: Path, last: LastLook | None = None) -> Report:
    """Check one pack folder. Never raises for what is wrong in the pack: that is in the report.

    last: what the last look at this folder found; it is used and brought up to date.
    """
    name = _name(folder)
    try:
        source = read_source(folder)
    except PackError as e:
        return Report(name, e.problems)
    return check(source, last)


def _name(folder: Path) -> str:
    """The pack as its folder names it, with the label that tells the versions of one document apart."""
    whole = folder.resolve()
    return f"{whole.parent.name}/{whole.name}"


def check(source: Source, last: LastLook | None = None) -> Report:
    """Check a pack as read; `last` as for `check_folder`."""
    problems: list[Problem] = []
    last = last or LastLook()
    world = last.known_world(source)
    if world is None:
        try:
            world = compile_pack(source, pack_hash(source.folder))
        except PackError as e:
            problems += e.problems
    problems += names(source)
    problems += registers(source)
    problems += scoresheets(source)
    problems += kinds(source)
    problems += literals_fit(source)
    problems += figures(source)
    problems += dead_steps(source)
    problems += acts(source)
    problems += uncited(source)
    problems += clauses(source)
    problems += versions.problems(source)
    if world is None:
        problems += indicators(source, None)
    results: list[Result] = []
    guarded = mutants = survivors = 0
    if world is not None:
        for i, example in enumerate(source.pack.examples):
            results.append(last.known_result(source, i) or run_one(world, example, i))
        problems += indicators(source, world)
        views: dict[str, TableView] = {}
        problems += _failed(source, results)
        for name, spec in source.pack.decisions.items():
            if beyond(source.pack, name):
                continue
            made = table_of if spec.rules else formula_of
            view = views[name] = last.known_view(source, name) or made(source, world, name, results)
            problems += _table(source, name, view)
            mutants += view.mutants
            survivors += len(view.survivors)
            guarded += len({(c.column, g.text) for r in view.rules for c in r.cells if c for g in c.guards})
        last.source, last.world, last.views = source, world, views
        last.results = {result.id: result for result in results}
    rules = sum(len(d.rules) or 1 for d in source.pack.decisions.values())
    order = {f"{n}.yaml": i for i, n in enumerate(schema.Pack.model_fields)}
    problems.sort(key=lambda p: (order.get(p.file, 99), p.file, p.line or 0))
    return Report(
        _name(source.folder), tuple(dict.fromkeys(problems)), len(results), rules, guarded, mutants, survivors
    )


def uncited(source: Source) -> Iterator[Problem]:
    """Rows of a DMN file without a clause of their own stand under that of the decision, which nobody wrote for them."""
    for name, spec in source.pack.decisions.items():
        for row in spec.uncited:
            message = f"DMN 判定表第 {row} 行没有写条款，用了判定的“{spec.cite}”；各行同一条款时写 cites: [{spec.cite}]"
            yield source.problem("decisions.yaml", (name,), message, code="cite", level="warning")


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


def _table(source: Source, name: str, view: TableView) -> Iterator[Problem]:
    """One decision table: every rule reached, every threshold guarded, no gap, no overlap, no change unnoticed."""
    file, spec = "decisions.yaml", source.pack.decisions[name]
    told: set[tuple[str, str, int]] = set()
    for i, rule in enumerate(view.rules):
        at: tuple[str | int, ...] = (name, "rules", i)
        if rule.dead:
            message = f"第 {rule.number} 条规则永远轮不到：没有一组事实走得到它"
            yield source.problem(file, at, message, code="dead_rule", level="warning")
        elif not rule.examples:
            yield source.problem(file, at, f"第 {rule.number} 条规则没有样例走到", code="unreached")
        for cell in rule.cells:
            if cell is None:
                continue
            for guard in cell.guards:
                key = (cell.column, guard.text, guard.side)
                if guard.examples or key in told:
                    continue
                told.add(key)
                where = f" {shown(guard.wanted)}" if guard.wanted is not None else ""
                message = f"门槛 {guard.text} 缺“{cell.column}”取{_SIDES[guard.side]}{where} 的样例"
                if guard.side == NO_STEP:
                    message = f"“{cell.column}”没有写 step，门槛 {guard.text} 的相邻值不明"
                yield source.problem(file, (*at, "when", cell.column), message, code="unguarded")
    if view.contradictory:
        yield source.problem(file, (name, "assume"), view.undecided[0], code="assume")
    for reason in () if view.contradictory else view.undecided:
        message = f"没有逐一检查重叠与空缺：{reason}"
        yield source.problem(file, (name,), message, code="not_swept", level="warning")
    for case in view.overlaps:
        numbers = "、".join(map(str, case.rules))
        message = f"第 {numbers} 条规则重叠：{case.told} 时同时成立；{_pasted(case)}"
        yield source.problem(file, (name,), message, code="overlap")
    for case in view.gaps:
        message = f"有空缺：{case.told} 时没有规则成立；{_pasted(case)}"
        if case.example:
            message += f"；样例“{case.example}”说明此时需人工判定"
        yield source.problem(file, (name,), message, code="gap", level="warning" if case.example else "error")
    for lost in view.survivors:
        path: tuple[str | int, ...] = (name, "rules", lost.rule - 1, *(("when", lost.column) if lost.column else ()))
        where = file
        if lost.at:
            where, path = ("params.yaml" if len(lost.at) == 1 else file), lost.at
        cite = spec.rules[lost.rule - 1].cite if lost.rule else spec.cite
        message = f"{lost.changed}，“{spec.label}”没有样例察觉"
        if lost.case is not None:
            message += f"（原为 {lost.before}，改后为 {lost.after}）；可补样例 {example_of(name, lost, cite)}"
        yield source.problem(where, path, message, code="survivor", level="warning")


def _pasted(case: Case) -> str:
    """The facts as `gongbao decide` takes them."""
    settings = f"，设置 {json.dumps(plain(case.settings), ensure_ascii=False)}" if case.settings else ""
    day = f"，--on {case.facts['as_of']}" if "as_of" in case.facts else ""
    return f"事实 {case.as_json()}{settings}{day}"
