"""Does a register that the office keeps fit together? Who keeps it, what its columns are for, what is counted in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gongbao.engine.register import WHOLE
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
        yield from _tree(source, name, spec)
        if spec.assign is not None:
            yield from _assigned(source, name, spec, spec.assign, units)
        for i, count in enumerate(spec.counts):
            yield from _count(source, (name, "counts", i), spec, count, units)


def _columns(source: Source, name: str, spec: schema.RegisterSpec) -> Iterator[Problem]:
    def said(column: str, key: str, message: str) -> Problem:
        return source.problem("registers.yaml", (name, "columns", column, key), message, code="register")

    roles = Counter(column.role for column in spec.columns.values() if column.role is not None)
    for id_, column in spec.columns.items():
        if ((column.role or "clause") != "clause" or column.required or column.decided_by) and not spec.kept_by:
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


def _tree(source: Source, name: str, spec: schema.RegisterSpec) -> Iterator[Problem]:
    """That the columns which a tree, its sums and the comparison of editions stand on are there."""
    named = [("parent", spec.parent), ("known_by", spec.known_by)]
    named += [("sums", column) for column in spec.sums] + [("compared", column) for column in spec.compared]
    for key, column in named:
        if column is not None and column not in spec.columns:
            yield source.problem("registers.yaml", (name, key), no_such(column, "列", spec.columns), code="name")
        elif key == "sums" and spec.columns[str(column)].type not in _NUMBERS:
            yield source.problem("registers.yaml", (name, key), f"只有数能相加，{column} 不是", code="register")
    added = [("printed_sums", column) for printed in spec.printed_sums.values() for column in printed]
    added += [("row_sums", column) for total, parts in spec.row_sums.items() for column in (total, *parts)]
    for key, column in added:
        if column not in spec.columns:
            yield source.problem("registers.yaml", (name, key), no_such(column, "列", spec.columns), code="name")
        elif spec.columns[column].type not in _NUMBERS:
            yield source.problem("registers.yaml", (name, key), f"只有数能相加，{column} 不是", code="register")
    if any(group != WHOLE for group in spec.printed_sums) and spec.group_by is None:
        message = f"printed_sums 按组写的，须同时写 group_by；全部行的写 {WHOLE}"
        yield source.problem("registers.yaml", (name, "printed_sums"), message, code="register")
    if (spec.known_by or spec.compared or spec.assign) and len(spec.key) != 1:
        message = "写了 known_by、compared、assign 的清单，key 须是一列"
        yield source.problem("registers.yaml", (name, "label"), message, code="register")


def _assigned(
    source: Source, name: str, spec: schema.RegisterSpec, assign: schema.AssignSpec, units: Units
) -> Iterator[Problem]:
    """That rows can be handed out: the procedure is there and asks for the facts, the units of the rows are known."""
    at = (name, "assign")
    procedure = source.pack.procedures.get(assign.procedure)
    if procedure is None:
        message = no_such(assign.procedure, "办理程序", source.pack.procedures)
        yield source.problem("registers.yaml", (*at, "procedure"), message, code="name")
        return
    asked = {fact.removesuffix("?") for fact in procedure.form}
    for fact, column in assign.facts.items():
        if fact not in asked:
            message = no_such(fact, "开立时填写的事实", sorted(asked))
            yield source.problem("registers.yaml", (*at, "facts", fact), message, code="name")
        if column not in spec.columns:
            yield source.problem(
                "registers.yaml", (*at, "facts", fact), no_such(column, "列", spec.columns), code="name"
            )
    if not set(assign.facts.values()) & set(spec.key):
        message = "facts 须把认行的列（key）记进事项，否则不知道哪一行已经交办"
        yield source.problem("registers.yaml", (*at, "facts"), message, code="register")
    for key, named in (("to", assign.to), ("apart", assign.apart)):
        if named is not None and named not in spec.columns:
            yield source.problem("registers.yaml", (*at, key), no_such(named, "列", spec.columns), code="name")
    for i, row in enumerate(source.pack.rows.get(name, ())):
        held = row.get(assign.to) or ()
        for unit in (held,) if isinstance(held, str) else held:
            if not units.knows(unit) and not units.is_group(unit):
                file = f"registers/{(spec.file or '').removeprefix('registers/')}"
                yield Problem(file, i + 2, assign.to, f"没有“{unit}”这个单位或组", code="unit")


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
