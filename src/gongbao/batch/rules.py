"""One decision lowered on the stages of a query: its lets, its inputs, which rules hold, what comes out.

It keeps `<decision>.<output>`, `<decision>/row` (the rule whose outputs stand, from 1), `<decision>/rule` (the same
where one rule alone holds) and `<decision>/settled`. Settled means that exactly one rule holds (the first, where they
are ordered) and that it does not leave the matter to a person. Refused where a column cannot mean the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis

from gongbao.batch import ahead, each
from gongbao.batch.lower import Lowering
from gongbao.batch.pieces import Piece, Refused, every, whole
from gongbao.batch.stages import Stages
from gongbao.engine.decision.logic import PERSON, Decision
from gongbao.feel import syntax

Names = dict[Any, Piece]


def lower(stages: Stages, decision: Decision) -> None:
    if decision.hit not in ("unique", "first"):
        raise Refused(f"命中方式 {decision.hit} 的结果不止取自一条规则，不能按列计算")
    table, trees, texts = decision.table.table, decision.trees, dict(decision.table.table.lets)
    ahead.compute_series(stages, decision)
    if decision.for_each is not None:
        each.lower(stages, decision)
    else:
        for let in decision.table.let_names:
            ahead.look_up_days(stages, [trees.lets[let]])
            ahead.compute_calls(stages, [trees.lets[let]])
            stages.each(lambda names, let=let: {let: _low(stages, names, texts[let]).value(trees.lets[let])})  # type: ignore[misc]
        nodes: list[syntax.Node] = [*trees.inputs]
        nodes += [test for cells in trees.cells for cell in cells if cell is not None for test in cell.tests]
        nodes += [node for row in trees.entries for node in row]
        ahead.look_up_days(stages, nodes)
        ahead.compute_calls(stages, nodes)
        stages.each(lambda names: {
            f"{decision.id}/{j}": _low(stages, names, c.expression).value(node)
            for j, (c, node) in enumerate(zip(table.inputs, trees.inputs, strict=True))
        })  # fmt: skip
        stages.each(lambda names: _rows(stages, names, decision))
        stages.each(lambda names: _chosen(names, decision))
    stages.each(lambda names: _outputs(stages, names, decision))
    stages.each(lambda names: {f"{decision.id}/settled": _settled(stages, names, decision)})
    stages.held.append(f"{decision.id}/settled")
    if len(decision.outputs) == 1:
        for own in stages.own:
            own[decision.id] = own[f"{decision.id}.{decision.outputs[0].name}"]


def _low(stages: Stages, names: Names, text: str) -> Lowering:
    return Lowering(names, text, stages.dialect)


def held(low: Any, names: Names, decision: Decision, i: int, inputs: Sequence[Piece]) -> Any:
    """Whether rule i holds."""
    rule, cells = decision.table.table.rules[i], decision.trees.cells[i]
    if rule.otherwise:
        return ibis.literal(False)
    return every(
        low(names, str(text)).tests(inputs[j], cell)
        for j, (cell, text) in enumerate(zip(cells, rule.cells, strict=True))
        if cell is not None and cell.tests
    )


def _rows(stages: Stages, names: Names, decision: Decision) -> dict[str, Piece]:
    """Whether each rule holds."""
    inputs = [names[f"{decision.id}/{j}"] for j in range(len(decision.trees.inputs))]
    return {
        f"{decision.id}#{i}": Piece(
            held(lambda n, t: _low(stages, n, t), names, decision, i, inputs), "boolean", nullable=False
        )
        for i in range(len(decision.rows))
    }


def _chosen(names: Names, decision: Decision) -> dict[str, Piece]:
    """The rule that holds, from 1, and whether no other does where only one may."""
    name, fallback = decision.id, decision.trees.fallback
    rows = [names[f"{name}#{i}"].expr for i in range(len(decision.rows))]
    otherwise = ibis.null("int64") if fallback is None else whole(fallback + 1)
    number = ibis.cases(*((held, whole(i + 1)) for i, held in enumerate(rows)), else_=otherwise)
    made = {f"{name}/row": Piece(number, "number", nullable=fallback is None)}
    made[f"{name}/rule"] = made[f"{name}/row"]
    rows = [held for i, held in enumerate(rows) if i != fallback]
    if decision.hit == "unique" and len(rows) > 1:  # two rules at once: `decide` says which
        one = sum((held.cast("int32") for held in rows[1:]), rows[0].cast("int32")) <= 1
        made[f"{name}/one"] = Piece(one, "boolean", nullable=False)
    return made


def _outputs(stages: Stages, names: Names, decision: Decision) -> dict[str, Piece]:
    name, trees, table = decision.id, decision.trees, decision.table.table
    number = names[f"{name}/row"]
    made: dict[str, Piece] = {}
    for j, output in enumerate(decision.outputs):
        entries = []
        for i, row in enumerate(trees.entries):
            text = str(getattr(table.rules[i].outputs[j], "text", output.label))
            entries.append((number.expr == i + 1, _low(stages, names, text).value(row[j])))
        low = _low(stages, names, output.label)
        made[f"{name}.{output.name}"] = low.plain(entries[0][1]) if decision.formula else low.pick(entries)
    return made


def _settled(stages: Stages, names: Names, decision: Decision) -> Piece:
    """Whether the outputs settle the matter: a person decides where all are null or one says so, or where the facts
    are not as the decision assumes."""
    name, trees = decision.id, decision.trees
    number = names[f"{name}/row"]
    settled: list[Any] = [number.expr.notnull()] if number.nullable else []
    settled += [~_low(stages, names, each.text).false(each.node) for each in decision.assume]
    if f"{name}/one" in names:
        settled.append(names[f"{name}/one"].expr)
    outputs = [names[f"{name}.{output}"] for output in decision.output_names]
    if all(isinstance(node, syntax.Literal) for row in trees.entries for node in row):
        asked = [i + 1 for i, row in enumerate(trees.entries) if _persons([_literal(node) for node in row])]
        if asked:
            settled.append(number.expr.notin(asked))
    else:
        if all(piece.nullable for piece in outputs):
            nothing = [ibis.literal(True) if p.kind == "null" else p.expr.isnull() for p in outputs]
            settled.append(~every(nothing))
        settled += [~piece.expr.identical_to(PERSON) for piece in outputs if piece.kind == "text"]
    whole = every(settled).fill_null(False) if settled else ibis.literal(True)
    return Piece(whole, "boolean", nullable=False)


def _literal(node: Any) -> Any:
    return node.value


def _persons(values: Sequence[Any]) -> bool:
    return PERSON in values or all(v is None for v in values)
