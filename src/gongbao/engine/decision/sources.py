"""Where the values that a row compared come from: facts, settings, figures of the document, other decisions.

Who entered a fact, and when, only the case knows (office.pages.grounds).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gongbao.engine.canonical import to_jsonable
from gongbao.engine.decision.outcome import Outcome
from gongbao.engine.labels import label_of
from gongbao.engine.specs import fact_at
from gongbao.feel.values import Value

_KINDS = {"settings": "setting", "params": "figure", "decided": "decided", "case": "case", "as_of": "as_of"}


def sources(outcome: Outcome) -> list[dict[str, Any]]:
    """For each compared value of the rows an outcome stands on: [{row, input, from: [{kind, name, label, value}]}].

    kind: fact, setting, figure (of the document), decision (one that is required), decided (formally, in the case),
    case, as_of, item (of what is judged one by one). A value that is not known is null.
    """
    table = outcome.decision.table
    found = []
    for row in sorted({*outcome.rows, *(row for _, rows in outcome.items for row in rows)}):
        for at, cell in enumerate(table.table.rules[row].cells):
            if cell is not None:
                test = table.cells[row][at]
                names = dict.fromkeys((*table.inputs[at].names, *(test.names if test is not None else ())))
                came = [_source(outcome, name) for name in names]
                found.append({"row": row + 1, "input": table.table.inputs[at].expression, "from": came})
    return found


def facts_behind(outcome: Outcome, expression: str) -> tuple[str, ...]:
    """The facts that an input of the decision is worked out from, also through derived values."""
    for column, part in zip(outcome.decision.table.table.inputs, outcome.decision.table.inputs, strict=True):
        if column.expression == expression:
            return tuple(n for n in part.names if fact_at(outcome.world.facts, n.split(".")) is not None)
    return ()


def _source(outcome: Outcome, name: str) -> dict[str, Any]:
    world, head = outcome.world, name.partition(".")[0]
    if fact_at(world.facts, name.split(".")) is not None:
        kind = "fact"
    elif head in outcome.required:
        kind = "decision"
    else:
        kind = _KINDS.get(head, "item")
    found = {"kind": kind, "name": name, "label": label_of(world, name), "value": to_jsonable(_value(outcome, name))}
    if kind == "setting":
        setting = world.settings[name.split(".")[1]]
        found["owner"] = setting.whose or setting.owner
    if kind == "decision":
        found["label"] = world.decisions[head].label
    return found


def _value(outcome: Outcome, name: str) -> Value:
    found: Any = outcome.scope
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found
