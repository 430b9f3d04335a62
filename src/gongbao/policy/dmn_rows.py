"""The rows of a DMN table under a hit policy of a pack: in another order, apart from each other, or summed.

A pack has unique, first and collect. PRIORITY is first with the rows in the order of their results, OUTPUT ORDER collect in
that order, the least or greatest of stated results first by size; the rows of ANY that state the same are set apart by
"an earlier one does not hold", so that two which differ still contradict. A sum or a count is a formula over its rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from gongbao.dmn.table import DecisionTable
from gongbao.policy import schema
from gongbao.policy.dmn_text import Names, Refused, aggregated, condition, ranked, stated

HITS = {"unique": "unique", "first": "first", "collect": "collect", "rule order": "collect", "priority": "first",
        "output order": "collect", "any": "unique"}  # fmt: skip


def row_name(number: int) -> str:
    """The derived value that says whether a row (from 0) holds."""
    return f"第{number + 1}行成立"


def arranged(
    table: DecisionTable, rules: Sequence[schema.Rule], subjects: Sequence[str], names: Names, output: str
) -> dict[str, Any]:
    """`hit` and `rules`, or `value`, and the `let` that they need, for rows in the order of the table.

    subjects: the columns in the words of the pack; output: the name of the first result.
    """
    if table.aggregator is None:
        return _rows(table, rules, subjects, names)
    numbers = [number for number, rule in enumerate(table.rules) if not rule.otherwise]
    results = [stated(_text(table.rules[number].outputs[0])) for number in numbers]
    comparable = all(is_value and isinstance(value, int | Decimal) and value is not True for is_value, value in results)
    if table.aggregator in ("min", "max") and comparable and results:
        sign = 1 if table.aggregator == "min" else -1
        order = sorted(numbers, key=lambda n: sign * results[numbers.index(n)][1])
        return {"hit": "first", "rules": _in_order(table, rules, order)}
    fallback = next((names.pack(_text(r.outputs[0])) for r in table.rules if r.otherwise), None)
    lets = {row_name(n): _holds(table, n, subjects, names) for n in numbers}
    texts = [f"({names.pack(_text(table.rules[n].outputs[0]))})" for n in numbers]
    return {"value": {output: aggregated(table.aggregator, list(lets), texts, fallback)}, "let": lets}


def _rows(table: DecisionTable, rules: Sequence[schema.Rule], subjects: Sequence[str], names: Names) -> dict[str, Any]:
    hit = HITS[table.hit]
    if table.hit in ("priority", "output order"):
        return {"hit": hit, "rules": _in_order(table, rules, ranked(table))}
    if table.hit != "any":
        return {"hit": hit, "rules": tuple(rules)}
    lets: dict[str, str] = {}
    made = []
    seen: list[tuple[int, tuple[str, ...]]] = []
    for number, (drawn, rule) in enumerate(zip(table.rules, rules, strict=True)):
        if drawn.otherwise:
            made.append(rule)
            continue
        entries = tuple(map(_text, drawn.outputs))
        alike = [n for n, other in seen if other == entries]
        if any(other != entries and not _differ(other, entries) for _, other in seen):
            raise Refused(
                f"命中方式 ANY：第 {number + 1} 行和前面的行结果是不同的公式，算出来是否相同说不定；写成同一个公式，或改为 UNIQUE"
            )
        for n in alike:
            lets[row_name(n)] = _holds(table, n, subjects, names)
        when = {**(rule.when or {}), **{row_name(n): "false" for n in alike}}
        made.append(rule.model_copy(update={"when": when}))
        seen.append((number, entries))
    return {"hit": hit, "rules": tuple(made), "let": lets}


def _differ(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether two rows state results that are surely not the same."""
    pairs = [(stated(a), stated(b)) for a, b in zip(first, second, strict=True)]
    return any(a[0] and b[0] and a[1] != b[1] for a, b in pairs)


def _holds(table: DecisionTable, number: int, subjects: Sequence[str], names: Names) -> str:
    return f"if {condition(table.rules[number], subjects, names)} then true else false"


def _in_order(table: DecisionTable, rules: Sequence[schema.Rule], order: Sequence[int]) -> tuple[schema.Rule, ...]:
    last = [n for n, rule in enumerate(table.rules) if rule.otherwise]
    return tuple(rules[n] for n in (*order, *last))


def _text(entry: Any) -> str:
    return str(getattr(entry, "text", entry))


def lets_of(found: Mapping[str, Any], lets: Mapping[str, str]) -> dict[str, str]:
    """The derived values of the model and those of its rows. Refused where one has the name of the other."""
    own = found.get("let", {})
    if twice := sorted(set(own) & set(lets)):
        raise Refused(f"上下文里的“{twice[0]}”与判定表的行同名，改一个名字")
    return {**lets, **own}
