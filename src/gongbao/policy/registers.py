"""Does a register that the office keeps fit together? Who keeps it, what its columns are for, what is counted in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gongbao.engine.units import Units
from gongbao.policy import schema
from gongbao.policy.errors import Problem
from gongbao.policy.names import no_such
from gongbao.policy.source import Source

_NUMBERS = ("integer", "number", "money")
_ROLES_OF_NUMBERS = ("longitude", "latitude", "quantity", "floor", "days")


def registers(source: Source) -> Iterator[Problem]:
    try:
        units = Units(source.units.model_dump(by_alias=True))
    except ValueError:
        return  # told with the names of units
    for name, spec in source.pack.registers.items():
        for i, keeper in enumerate(spec.kept_by):
            if not units.knows(keeper) and not units.is_group(keeper):
                message = f"没有“{keeper}”这个单位或组"
                yield source.problem("registers.yaml", (name, "kept_by", i), message, code="unit")
        yield from _columns(source, name, spec)
        for i, count in enumerate(spec.counts):
            yield from _count(source, (name, "counts", i), spec, count, units)


def _columns(source: Source, name: str, spec: schema.RegisterSpec) -> Iterator[Problem]:
    def said(column: str, key: str, message: str) -> Problem:
        return source.problem("registers.yaml", (name, "columns", column, key), message, code="register")

    roles = Counter(column.role for column in spec.columns.values() if column.role is not None)
    for id_, column in spec.columns.items():
        if (column.role or column.required or column.decided_by) and not spec.kept_by:
            yield said(id_, "label", "role、required、decided_by 只用于由单位登记（kept_by）的清单")
        if column.role is not None and roles[column.role] > 1:
            yield said(id_, "role", f"有两列都是 {column.role}")
        if column.role in _ROLES_OF_NUMBERS and column.type not in _NUMBERS:
            yield said(id_, "role", f"{column.role} 须是数（integer、number），现为 {column.type}")
        if column.role == "place" and column.type != "place":
            yield said(id_, "role", f"place 须是 place，现为 {column.type}")
        if column.personal is not None and id_ in spec.key:
            yield said(id_, "personal", "认行的列不能是个人信息：它留在变更记录里")
        if column.decided_by is not None:
            yield from _decided(source, name, id_, spec, column.decided_by)


def _decided(source: Source, name: str, column: str, spec: schema.RegisterSpec, wanted: str) -> Iterator[Problem]:
    at = (name, "columns", column, "decided_by")
    decision, _, output = wanted.partition(".")
    found = source.pack.decisions.get(decision)
    if found is None:
        yield source.problem("registers.yaml", at, no_such(decision, "判定", source.pack.decisions), code="name")
    elif output and output not in found.output:
        yield source.problem("registers.yaml", at, no_such(output, "结果", found.output), code="name")
    if spec.file is not None:
        yield source.problem("registers.yaml", at, "有 CSV 的清单不能有算出的列", code="register")


def _count(
    source: Source, at: tuple[str | int, ...], spec: schema.RegisterSpec, count: schema.CountSpec, units: Units
) -> Iterator[Problem]:
    for key, column in (*((("where", c), c) for c in count.where), (("each",), count.each), (("sum",), count.sum)):
        if column is not None and column not in spec.columns:
            yield source.problem("registers.yaml", (*at, *key), no_such(column, "列", spec.columns), code="name")
    for column, value in count.where.items():
        allowed = spec.columns[column].values if column in spec.columns else ()
        if allowed and value not in allowed:
            message = f"“{spec.columns[column].label}”只能是 {'、'.join(allowed)}，现为“{value}”"
            yield source.problem("registers.yaml", (*at, "where", column), message, code="value")
    if count.sum in spec.columns and spec.columns[str(count.sum)].type not in _NUMBERS:
        yield source.problem("registers.yaml", (*at, "sum"), "只有数能相加", code="register")
    if count.of is not None and not units.is_group(count.of):
        yield source.problem("registers.yaml", (*at, "of"), f"没有“{count.of}”这个组", code="unit")
