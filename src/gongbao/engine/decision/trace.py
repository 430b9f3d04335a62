"""The grounds of an outcome, made on demand: the rows that matched, the values compared, the clauses they stand on.

As plain JSON data (`trace`, `as_dict`) and as Chinese text (`explain`). Nothing here decides anything.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from gongbao.dmn import Part
from gongbao.engine.canonical import to_jsonable
from gongbao.engine.decision.domains import space_of
from gongbao.engine.decision.judging import items_of, symbolic_of
from gongbao.engine.decision.logic import Decision
from gongbao.engine.decision.outcome import Outcome
from gongbao.engine.decision.symbolic import Symbolic
from gongbao.engine.decision.unknown import Open
from gongbao.engine.labels import label_of
from gongbao.engine.series import Series
from gongbao.engine.world import World
from gongbao.feel import YearsMonths
from gongbao.feel.syntax import Literal, Node
from gongbao.feel.temporal import write_number
from gongbao.feel.values import Value


def trace(outcome: Outcome) -> dict[str, Any]:
    """The grounds as JSON data: lets, matched rows with their cells, per item where there is one, required decisions.

    {lets: [{name, text, value}], rows: [{row, cite, note, implied, otherwise, cells: [{input, label, test, value,
    unit}], outputs}], items: [{item, lets, rows}], cases: [{value, when, rows, items}], required: {decision: trace}};
    a value that is not known is null.
    """
    decision = outcome.decision
    if outcome.captured is not None:
        return _captured(outcome)
    made: dict[str, Any] = {"lets": [], "items": [], "cases": []}
    if decision.for_each is None:
        seen = _symbolic(outcome)
        made["lets"] = _lets(decision, seen)
        made["rows"] = _rows(outcome, outcome.rows, seen)
    else:
        made["rows"] = []
        for item, rows in outcome.items:
            seen = _inside(_symbolic(outcome), decision, item)
            made["items"].append(_one(outcome, item, rows, seen))
        if not outcome.items:
            seen = _inside(_symbolic(outcome), decision, _ANYTHING)
            possible = outcome.rows or tuple(sorted({row for case in outcome.cases for row in case.rows}))
            made["rows"] = _rows(outcome, possible, seen)
    for case in outcome.cases:
        known = _symbolic(outcome, case.when)
        seen = known if decision.for_each is None else _inside(known, decision, _ANYTHING)
        when = {name: _data(value) for name, value in case.when.items()}
        told = {"value": _data(case.value), "when": when, "rows": _rows(outcome, case.rows, seen), "items": []}
        for item, rows in items_of(decision, known):
            told["items"].append(_one(outcome, item, rows, _inside(known, decision, item)))
        made["cases"].append(told)
    if outcome.required:
        made["required"] = {name: trace(inner) for name, inner in outcome.required.items()}
    return made


def as_dict(outcome: Outcome) -> dict[str, Any]:
    """The whole outcome as JSON data."""
    world, decision = outcome.world, outcome.decision
    return {
        "pack": world.pack,
        "version": world.version,
        "decision": decision.id,
        "label": decision.label,
        "cite": decision.cite,
        "status": outcome.status,
        "value": to_jsonable(outcome.value),
        "candidates": [to_jsonable(each) for each in outcome.candidates],
        "complete": outcome.complete,
        "exact": outcome.exact,
        "doubts": list(outcome.doubts),
        "at_least": to_jsonable(outcome.at_least),
        "ask": [
            {
                "fact": name,
                "label": label_of(world, name),
                "judged_by": getattr(world.facts.get(name.partition(".")[0]), "judged_by", None),
            }
            for name in outcome.ask
        ],
        "open": [
            {"setting": each.name, "label": each.label, "owner": each.owner, "why": each.why} for each in outcome.open
        ],
        "needs_person": outcome.needs_person,
        "reason": outcome.reason,
        "rows": [{"row": row + 1, "cite": decision.rows[row].cite} for row in outcome.rows],
        "cites": list(outcome.cites),
        "trace": trace(outcome),
        **({"calendar": _calendar(outcome)} if outcome.calendar_years else {}),
    }


def _calendar(outcome: Outcome) -> dict[str, str]:
    """Where the working days that were counted come from, by year."""
    return {str(year): outcome.world.calendar.source_of(year) for year in outcome.calendar_years}


_ANYTHING = Open(frozenset(), "item")


def _symbolic(outcome: Outcome, when: Mapping[str, Value] | None = None) -> Symbolic:
    """The decision's expressions over what is known, and over what is assumed beside it."""
    return symbolic_of(outcome, space_of(outcome, given=when))


def _inside(seen: Symbolic, decision: Decision, item: Value) -> Symbolic:
    assert decision.for_each is not None
    return seen.within(decision.for_each[0], seen.diagrams.leaf(item))


def _one(outcome: Outcome, item: Value, rows: tuple[int, ...], seen: Symbolic) -> dict[str, Any]:
    return {"item": _item(item), "lets": _lets(outcome.decision, seen), "rows": _rows(outcome, rows, seen)}


def _lets(decision: Decision, seen: Symbolic) -> list[dict[str, Any]]:
    return [
        {"name": name, "text": decision.let_texts[name], "value": _seen(seen, decision.trees.lets[name], part)}
        for name, part in decision.table.lets.items()
    ]


def _rows(outcome: Outcome, rows: tuple[int, ...], seen: Symbolic) -> list[dict[str, Any]]:
    decision = outcome.decision

    made = []
    for row in rows:
        form = _form(outcome, row)
        values = {at: _seen(seen, decision.trees.inputs[at], decision.table.inputs[at]) for at, _ in form.cells}
        pairs = zip(decision.trees.entries[row], decision.table.entries[row], strict=True)
        made.append(_row(form, values, [_seen(seen, node, part) for node, part in pairs]))
    return made


@dataclass(frozen=True, slots=True)
class _Form:
    """What the grounds say of a row whatever the facts are: its clause, and of each cell but the value compared."""

    head: dict[str, Any]
    cells: tuple[tuple[int, dict[str, Any]], ...]  # (column, cell)
    outputs: tuple[str, ...]


def _row(form: _Form, values: Mapping[int, Any] | Sequence[Any], outputs: Sequence[Any]) -> dict[str, Any]:
    made = form.head.copy()
    made["cells"] = cells = []
    for column, cell in form.cells:
        shown = cell.copy()
        shown["value"] = values[column]
        cells.append(shown)
    made["outputs"] = dict(zip(form.outputs, outputs, strict=False))
    return made


def _form(outcome: Outcome, row: int) -> _Form:
    decision, world = outcome.decision, outcome.world
    table, about = decision.table.table, decision.rows[row]
    rule = table.rules[row]
    head = {
        "row": row + 1,
        "cite": about.cite,
        "note": about.note,
        "implied": about.implied,
        "otherwise": rule.otherwise,
    }
    cells = tuple(
        (
            at,
            {
                "input": column.expression,
                "label": label_of(world, column.expression),
                "test": str(cell),
                "value": None,
                "unit": _unit(world, column.expression),
            },
        )
        for at, (column, cell) in enumerate(zip(table.inputs, rule.cells, strict=True))
        if cell is not None
    )
    return _Form(head, cells, decision.output_names)


# What a plan captured ------------------------------------------------------------------------------------------------

_Write = Callable[[tuple[Any, ...]], dict[str, Any]]


def _captured(outcome: Outcome) -> dict[str, Any]:
    """The grounds of an outcome that a plan gave (engine.decision.plan), from the values that it computed."""
    captured = outcome.captured or ()
    if outcome.decision.for_each is None:
        made = _writer(outcome, outcome.rows, len(outcome.known))(captured)
    else:
        made = {"lets": [], "items": [], "cases": [], "rows": []}
        for (item, rows), values in zip(outcome.items, captured[len(outcome.known) :], strict=True):
            one = _writer(outcome, rows, 0)(values)
            made["items"].append({"item": _item(item), "lets": one["lets"], "rows": one["rows"]})
    if outcome.required:
        made["required"] = {name: trace(inner) for name, inner in outcome.required.items()}
    return made


def _writer(outcome: Outcome, rows: tuple[int, ...], first: int) -> _Write:
    """The function that writes the grounds of these rows from captured values, the lets beginning at `first`."""
    held: dict[tuple[int, ...], _Write] = type(outcome).grounds  # type: ignore[attr-defined]
    write = held.get(rows)
    if write is None:
        decision, texts = outcome.decision, outcome.decision.let_texts
        names = decision.table.let_names
        inputs = first + len(names)
        outputs = inputs + len(decision.table.table.inputs)
        lets = [{"name": name, "text": texts[name], "value": _At(first + at)} for at, name in enumerate(names)]
        shown = [
            _row(form, [_At(inputs + at) for at in range(outputs - inputs)], [_At(outputs + at) for at in range(99)])
            for form in (_form(outcome, row) for row in rows)
        ]
        source = _source({"lets": lets, "items": [], "cases": [], "rows": shown})
        namespace = {"__builtins__": {}, "type": type, "plain": _PLAIN, "data": _data}
        write = held[rows] = eval(compile(f"lambda c: {source}", "<grounds>", "eval"), namespace)
    return write


@dataclass(frozen=True, slots=True)
class _At:
    """Where a value stands among the captured ones."""

    place: int


def _source(value: Any) -> str:
    """Python that makes this data anew: lists, mappings, texts, whole numbers, and captured values."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {_source(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_source(each) for each in value) + "]"
    if isinstance(value, _At):
        return f"(x if type(x := c[{value.place}]) in plain else data(x))"
    assert value is None or type(value) in (str, int, bool), type(value)
    return repr(value)


def _seen(seen: Symbolic, node: Node, part: Part | None) -> Any:
    """The value of an expression, null when something it stands on is not known."""
    if part is not None and not seen.space.domains and not seen.open_inside:
        return _data(part.evaluate(seen.scope))
    return _data(node.value if type(node) is Literal else seen.seen(node))


def _item(item: Value) -> Any:
    """An item of a list; the readings inside a stretch are many and stand in the facts anyway."""
    if isinstance(item, Mapping):
        return {key: _data(value) for key, value in item.items() if key not in ("values", "marks", "between")}
    return _data(item)


_PLAIN = frozenset({str, int, bool, type(None)})


def _data(value: Value) -> Any:
    if type(value) in _PLAIN:
        return value
    try:
        return to_jsonable(value)
    except TypeError:
        return str(value)


def _unit(world: World, name: str) -> str | None:
    fact = world.facts.get(name)
    return fact.unit if fact is not None else None


# Text -------------------------------------------------------------------------------------------------------------


def explain(outcome: Outcome) -> str:
    """The grounds in Chinese, for a page or a paper."""
    decision = outcome.decision
    lines = [f"{decision.label}：{_headline(outcome)}"]
    if outcome.reason:
        lines.append(outcome.reason)
    if not (outcome.complete and outcome.exact):
        lines.append(
            ("可能还有其他结果：" if not outcome.complete else "候选未能逐一证实：") + "；".join(outcome.doubts)
        )
    if outcome.at_least:
        lines.append("至少为：" + "，".join(shown(value) for value in outcome.at_least.values()))
    if outcome.ask:
        lines.append("还须查明：" + "、".join(_asked(outcome.world, name) for name in outcome.ask))
    made = trace(outcome)
    for number, item in enumerate(made["items"], 1):
        lines.append(f"第{number}项：" + "、".join(_row_line(row) for row in item["rows"]))
        lines.extend("　" + line for line in _let_lines(item["lets"]))
    lines.extend(f"依据：{_row_line(row)}" for row in made["rows"])
    lines.extend("其中 " + line for line in _let_lines(made["lets"]))
    for case in made["cases"]:
        when = "，".join(f"{label_of(outcome.world, name)}为{_text(value)}" for name, value in case["when"].items())
        cites = "、".join(dict.fromkeys(row["cite"] for row in case["rows"]))
        lines.append(f"{'若' + when if when else '可能'}：{_text(_plain(case['value']))}（{cites or decision.cite}）")
        for item in case["items"]:
            lines.extend("　" + line for line in _let_lines(item["lets"]))
    for inner in outcome.required.values():
        lines.extend("　" + line for line in explain(inner).split("\n"))
    told = {line.lstrip("　") for line in lines}
    counted = [f"{year}年的工作日：{source}" for year, source in _calendar(outcome).items()]
    lines.extend(line for line in counted if line not in told)
    return "\n".join(lines)


def _let_lines(lets: list[dict[str, Any]]) -> list[str]:
    return [f"{let['name']} = {let['text']} = {_text(let['value'])}" for let in lets if let["value"] is not None]


def _headline(outcome: Outcome) -> str:
    if outcome.settled:
        return shown(outcome.output) if outcome.value is not None else "需人工判定"
    found = "、".join(shown(next(iter(each.values())) if len(each) == 1 else each) for each in outcome.candidates)
    return f"未定，可能为 {found or '不能列出的值'}{'' if outcome.complete else '等'}"


def _asked(world: World, name: str) -> str:
    judge = getattr(world.facts.get(name.partition(".")[0]), "judged_by", None)
    return label_of(world, name) + (f"（由{judge}判断）" if judge else "")


def _row_line(row: Mapping[str, Any]) -> str:
    if row["otherwise"]:
        return f"{row['cite']}（其余各行都不合）"
    cells = "；".join(
        f"{cell['label']} {_text(cell['value'])}{cell['unit'] if cell['value'] is not None and cell['unit'] else ''}"
        f"（{cell['test']}）"
        for cell in row["cells"]
    )
    return f"{row['cite']}" + (f"：{cells}" if cells else "")


def _plain(value: Any) -> Any:
    return next(iter(value.values())) if isinstance(value, Mapping) and len(value) == 1 else value


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return "，".join(f"{key} {_text(each)}" for key, each in value.items())
    return "未知" if value is None else "是" if value is True else "否" if value is False else str(value)


def shown(value: Value) -> str:
    """A value as a reader writes it."""
    if value is None or isinstance(value, bool):
        return _text(value) if value is not None else "无"
    if isinstance(value, int | Decimal):
        return write_number(value)
    if isinstance(value, Mapping):
        return "，".join(f"{key} {shown(each)}" for key, each in value.items())
    if isinstance(value, list | tuple):
        return "、".join(shown(each) for each in value) or "无"
    if isinstance(value, Series | YearsMonths | dt.timedelta):
        return str(to_jsonable(value))
    return f"{value:%Y-%m-%d %H:%M}" if isinstance(value, dt.datetime) else str(value)
