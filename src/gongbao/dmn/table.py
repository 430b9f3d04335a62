"""A decision table as data: inputs, output columns, rules, hit policy, and the values derived first (``let``).

Independent of YAML and of DMN XML; both are ways to write one of these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any, Literal, TypeAlias, get_args

from gongbao.dmn.errors import TableError, shown
from gongbao.feel import Value, YearsMonths

HitPolicy: TypeAlias = Literal["unique", "first", "any", "priority", "collect", "rule order", "output order"]
Aggregator: TypeAlias = Literal["sum", "min", "max", "count"]
HIT_POLICIES: tuple[HitPolicy, ...] = get_args(HitPolicy)
AGGREGATORS: tuple[Aggregator, ...] = get_args(Aggregator)

_LITERALS = (str, bool, int, Decimal, date, time, timedelta, YearsMonths)


@dataclass(frozen=True, slots=True)
class Input:
    """An input column: a FEEL expression over facts and lets, and how a reader knows it."""

    expression: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Output:
    """An output column; ``values`` are the allowed ones in their order (for ``priority``: the first wins)."""

    name: str
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Expression:
    """An output entry that is computed rather than stated."""

    text: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: a cell per input, an entry per output, and ``label`` (the clause) for messages.

    A cell is the text of a FEEL unary test, a literal to be equal to, or None where the input does not matter.
    An ``otherwise`` row has no cells: it holds when no other row does.
    """

    cells: tuple[Value, ...]
    outputs: tuple[Value | Expression, ...]
    label: str = ""
    otherwise: bool = False


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """A whole table. ``lets`` are (name, expression) pairs in any order; ``aggregator`` belongs to ``collect``."""

    name: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]
    hit: HitPolicy = "unique"
    aggregator: Aggregator | None = None
    lets: tuple[tuple[str, str], ...] = ()


def decision_table(
    name: str,
    rules: Sequence[Mapping[str, Any]],
    outputs: Mapping[str, Sequence[Value]],
    *,
    hit: HitPolicy = "unique",
    aggregator: Aggregator | None = None,
    lets: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
) -> DecisionTable:
    """The table that rows of a pack describe (PACK.md section 3).

    Each row is ``{"when": {expression: cell}, "then": entry, "cite": clause}`` or ``{"otherwise": entry, ...}``. The
    inputs are the keys of ``when`` in the order in which they first stand. An entry is a literal, or ``"= "`` and an
    expression; with several outputs it is a mapping of them. ``outputs`` maps each output to its allowed values in
    order (empty: any). ``labels`` gives inputs a name for readers. ``TableError`` names the row that is wrong.
    """
    inputs: dict[str, None] = {}
    for number, row in enumerate(rules):
        for key, cell in row.get("when", {}).items():
            if cell is None:
                raise TableError(name, '格子是空的；要比较空值请写 "null"，不看这一项就不要写它', number, str(key))
            inputs[str(key)] = None
    table = DecisionTable(
        name=name,
        inputs=tuple(Input(key, (labels or {}).get(key, "")) for key in inputs),
        outputs=tuple(Output(key, tuple(values)) for key, values in outputs.items()),
        rules=tuple(_rule(name, number, row, list(inputs), list(outputs)) for number, row in enumerate(rules)),
        hit=hit,
        aggregator=aggregator,
        lets=tuple((lets or {}).items()),
    )
    check_shape(table)
    return table


def _rule(table: str, number: int, row: Mapping[str, Any], inputs: list[str], outputs: list[str]) -> Rule:
    if ("when" in row) == ("otherwise" in row):
        raise TableError(table, "一行要么写 when 和 then，要么写 otherwise", number)
    otherwise = "otherwise" in row
    entry = row["otherwise"] if otherwise else row.get("then")
    if entry is None and not otherwise and "then" not in row:
        raise TableError(table, "有 when 而没有 then", number)
    if len(outputs) == 1 and not (isinstance(entry, Mapping) and list(entry) == outputs):
        entry = {outputs[0]: entry}
    if not isinstance(entry, Mapping) or set(entry) != set(outputs):
        raise TableError(table, f"结果应当逐项写出：{'、'.join(outputs)}", number)
    when = row.get("when", {})
    return Rule(
        cells=tuple(when.get(key) for key in inputs),
        outputs=tuple(_entry(entry[key]) for key in outputs),
        label=str(row.get("cite", "")),
        otherwise=otherwise,
    )


def _entry(value: Value) -> Value | Expression:
    return Expression(value[2:].strip()) if isinstance(value, str) and value.startswith("= ") else value


def check_shape(table: DecisionTable) -> None:
    """Refuses a table whose parts do not fit together (``TableError``)."""
    if table.hit not in HIT_POLICIES:
        raise TableError(table.name, f"没有“{table.hit}”这种命中方式，可用：{'、'.join(HIT_POLICIES)}")
    if table.aggregator is not None and (table.hit != "collect" or table.aggregator not in AGGREGATORS):
        allowed = "、".join(AGGREGATORS)
        raise TableError(table.name, f"汇总方式 {table.aggregator} 不可用：只有 collect 可以用 {allowed}")
    if not table.outputs:
        raise TableError(table.name, "没有结果列")
    if table.aggregator is not None and len(table.outputs) != 1:
        raise TableError(table.name, "汇总只能用于单个结果列")
    if table.hit in ("priority", "output order") and not any(output.values for output in table.outputs):
        raise TableError(table.name, f"{table.hit} 要求至少一个结果列写明取值的先后")
    fallbacks = [number for number, rule in enumerate(table.rules) if rule.otherwise]
    if len(fallbacks) > 1:
        raise TableError(table.name, f"otherwise 只能有一行，第 {fallbacks[0] + 1} 行已经是", fallbacks[1])
    if table.hit == "first" and fallbacks and fallbacks[0] != len(table.rules) - 1:
        raise TableError(table.name, "按先后判定时 otherwise 要放在最后一行", fallbacks[0])
    for number, rule in enumerate(table.rules):
        if len(rule.cells) != len(table.inputs) or len(rule.outputs) != len(table.outputs):
            raise TableError(table.name, "格子的数目与列数不符", number)
        for cell, column in zip(rule.cells, table.inputs, strict=True):
            if cell is not None and (not isinstance(cell, _LITERALS) or isinstance(cell, float)):
                reason = f"格子 {shown(cell)} 不是条件；数字须为整数或 Decimal"
                raise TableError(table.name, reason, number, column.expression)
        for entry, output in zip(rule.outputs, table.outputs, strict=True):
            _check_entry(table, number, entry, output)


def _check_entry(table: DecisionTable, number: int, entry: Value | Expression, output: Output) -> None:
    if isinstance(entry, Expression):
        return
    if not _is_literal(entry):
        raise TableError(
            table.name, f"结果 {shown(entry)} 不是公式能用的值；数字须为整数或 Decimal", number, output.name
        )
    if output.values and entry is not None and entry not in output.values:
        allowed = "、".join(str(value) for value in output.values)
        raise TableError(table.name, f"结果“{entry}”不在允许的取值里：{allowed}", number, output.name)


def _is_literal(value: Value) -> bool:
    if isinstance(value, list | tuple):
        return all(_is_literal(item) for item in value)
    if isinstance(value, Mapping):
        return all(isinstance(key, str) and _is_literal(item) for key, item in value.items())
    return value is None or isinstance(value, _LITERALS)
