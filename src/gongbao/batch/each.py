"""`for_each … take: highest` as columns: the rule that each item meets, then which of the rules were met at all.

The highest of an ordered output needs no more than that: the rules' ranks are known. Where an item meets no rule, two
rules of one rank come out differently, or an item meets two, the row goes one by one.
"""

from __future__ import annotations

from typing import Any

import ibis

from gongbao.batch import ahead
from gongbao.batch.lower import Lowering
from gongbao.batch.pieces import Piece, Refused, every, some, whole
from gongbao.batch.stages import Stages
from gongbao.engine.decision.logic import Decision

Names = dict[Any, Piece]
_TWO = -1  # the number of "more than one rule"


def lower(stages: Stages, decision: Decision) -> None:
    """Keeps `<decision>/row`, `<decision>/rule` and `<decision>/one`, as a decision without items does."""
    assert decision.for_each is not None
    if decision.take != "highest":
        raise Refused("for_each 的结果是列表（take: all），不能按列输出")
    name = decision.id
    stages.each(lambda names: {f"{name}/rules": _rules(stages, names, decision)})
    stages.each(lambda names: {
        f"{name}?{i}": Piece(_met(names[f"{name}/rules"], i), "boolean", nullable=False)
        for i in range(_TWO, len(decision.rows) + 1)
    })  # fmt: skip
    stages.each(lambda names: _highest(stages, names, decision))


def _met(rules: Piece, number: int) -> Any:
    return rules.expr.contains(whole(number))


def _rules(stages: Stages, names: Names, decision: Decision) -> Piece:
    """For each item the rule that holds, from 1; 0 for none."""
    from gongbao.batch.rules import held

    item, expression = decision.for_each or ("", None)
    assert expression is not None
    items = names.get(ahead.EPISODES) if decision.reads_series else None
    if items is None:
        items = Lowering(names, expression.text, stages.dialect).value(expression.node)
    if items.kind != "list" or items.item is None:
        raise Refused("for_each 逐项判定的不是一项列表事实，也不是 stretches 的各次过程")
    one = items.item

    def number(each: Any) -> Any:
        inner: Names = dict(names)
        piece = Piece(each, one.kind, one.scale, nullable=False)
        inner[ahead.ITEM if decision.reads_series and ahead.EPISODES in names else item] = piece
        texts, trees = dict(decision.table.table.lets), decision.trees
        for let in decision.table.let_names:
            inner[let] = Lowering(inner, texts[let], stages.dialect).value(trees.lets[let])
        inputs = [
            Lowering(inner, column.expression, stages.dialect).value(node)
            for column, node in zip(decision.table.table.inputs, trees.inputs, strict=True)
        ]

        def low(names: Names, text: str) -> Lowering:
            return Lowering(names, text, stages.dialect)

        rows = [(held(low, inner, decision, i, inputs), i + 1) for i in range(len(decision.rows))]
        rows = [row for row in rows if row[1] - 1 != trees.fallback]
        otherwise = whole(0 if trees.fallback is None else trees.fallback + 1)
        chosen = ibis.cases(*((holds, whole(i)) for holds, i in rows), else_=otherwise)
        if decision.hit == "unique" and len(rows) > 1:
            several = sum((holds.cast("int32") for holds, _ in rows[1:]), rows[0][0].cast("int32")) > 1
            chosen = ibis.cases((several, whole(_TWO)), else_=chosen)
        return chosen

    return Piece(items.expr.map(number), "list", nullable=False, item=Piece(None, "number", nullable=False))


def _highest(stages: Stages, names: Names, decision: Decision) -> dict[str, Piece]:
    """The rule whose outputs stand for the whole."""
    name, at = decision.id, decision.ranked
    assert at is not None
    output, fallback = decision.outputs[at], decision.trees.fallback
    ranked: dict[int, dict[Any, list[int]]] = {}
    unranked = [0]
    for i, row in enumerate(decision.trees.entries):
        values = []
        for node in row:
            piece = Lowering(names, decision.label, stages.dialect).value(node)
            if not (piece.constant or piece.kind == "null"):
                raise Refused("逐项判定的结果要看事实，不能按列计算")
            values.append(piece.value)
        rank = output.rank(values[at])
        if rank is None:
            unranked.append(i + 1)
        else:
            ranked.setdefault(rank, {}).setdefault(tuple(values), []).append(i + 1)

    def met(i: int) -> Any:
        return names[f"{name}?{i}"].expr

    nothing = names[f"{name}/rules"].expr.length() == 0
    top = [i for rules in ranked.get(len(output.values) - 1, {}).values() for i in rules]
    sure = [~met(_TWO), ~some(map(met, unranked)) | some(map(met, top))]
    rows: list[tuple[Any, Any]] = [(nothing, ibis.null("int64") if fallback is None else whole(fallback + 1))]
    alone = [(nothing, rows[0][1])]
    for rank in sorted(ranked, reverse=True):
        groups = list(ranked[rank].values())
        if len(groups) > 1:  # equal in rank, not in outcome: the first item counts
            several = sum(
                (some(map(met, g)).cast("int32") for g in groups[1:]), some(map(met, groups[0])).cast("int32")
            )
            sure.append(several <= 1)
        for rules in groups:
            here = some(map(met, rules))
            rows.append((here, whole(rules[0])))
            count = sum((met(i).cast("int32") for i in rules[1:]), met(rules[0]).cast("int32"))
            first = ibis.cases(*((met(i), whole(i)) for i in rules), else_=ibis.null("int64"))
            alone.append((here, ibis.cases((count == 1, first), else_=ibis.null("int64"))))
    return {
        f"{name}/row": Piece(ibis.cases(*rows, else_=ibis.null("int64")), "number"),
        f"{name}/rule": Piece(ibis.cases(*alone, else_=ibis.null("int64")), "number"),
        f"{name}/one": Piece(every(sure), "boolean", nullable=False),
    }
