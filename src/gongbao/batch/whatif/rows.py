"""Rows of a table as rows of facts: columns by the facts' ids or labels, one row a case, or a reading a row.

A decision over a series takes a table of readings: a column of times, one of values, one of marks where the fact has
marks, and a column that names the series where there are several. What is wrong with one row stands with that row;
what is wrong with the columns is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from gongbao.batch.whatif.result import Row
from gongbao.engine.decision.grounds import grounds
from gongbao.engine.fact import Fact, FactErrors, read_facts
from gongbao.engine.world import World

TIME, VALUE, MARK = "时间", "数值", "标记"
_HEADS = {
    TIME: ("时间", "日期", "时刻", "日期时间", "time", "date", "at"),
    VALUE: ("数值", "值", "读数", "均值", "value"),
    MARK: ("标记", "性质", "mark"),
}


class RecordsError(ValueError):
    """The table cannot be taken at all; the message (Chinese) says which column is missing or means two things."""


def rows_of(
    before: World, after: World, decision: str, records: Iterable[Mapping[str, Any]], *, name: str | None = None,
    fixed: Mapping[str, Any] | None = None,
) -> list[Row]:  # fmt: skip
    """The rows of a table, read for both versions. `records`: column → what stands there (text, or typed).

    name: the column that names a row; fixed: facts, by id or label, that are the same in every row (an empty one is
    unknown in all). RecordsError for columns; the row itself holds what is wrong with its values.
    """
    held: list[Mapping[str, Any]] = list(records)
    given = list(dict.fromkeys(c for each in held for c in each))
    if not held:
        raise RecordsError("表里一行也没有")
    if name is not None and name not in given:
        raise RecordsError(f"表里没有列“{name}”；有：{'、'.join(given)}")
    series = _long_series(before, decision, given)
    if series is not None:
        held = list(_series(before.facts[series], held, given, name))
        given = [series, *([name] if name else [])]
    columns = [_columns(world, decision, given, fixed or {}) for world in (before, after)]
    found = []
    for record in held:
        called = "" if name is None or record.get(name) is None else str(record[name]).strip()
        row = _row(before, record, columns[0], fixed or {}, called)
        if before.facts != after.facts or columns[0] != columns[1]:
            other = _row(after, record, columns[1], fixed or {}, called)
            row = replace(row, after=other.facts, wrong=row.wrong or other.wrong)
        found.append(row)
    return found


def _columns(world: World, decision: str, given: Sequence[str], fixed: Mapping[str, Any]) -> dict[str, str]:
    """Fact → column, for every fact that the decision reads and nobody fixed."""
    found: dict[str, str] = {}
    missing = []
    for fact in grounds(world, decision).facts:
        spec = world.facts.get(fact)
        if spec is None:
            continue
        names = list(dict.fromkeys(c for c in (fact, spec.label) if c in given))
        if len(names) == 2:
            raise RecordsError(f"表里同时有列 {names[0]} 和 {names[1]}，说的是同一项事实")
        if names:
            found[fact] = names[0]
        elif not {fact, spec.label} & set(fixed):
            missing.append(f"{fact}（{spec.label}）")
    if missing:
        raise RecordsError(f"表里缺少列：{'、'.join(missing)}")
    return found


def _row(
    world: World, record: Mapping[str, Any], columns: Mapping[str, str], fixed: Mapping[str, Any], called: str
) -> Row:
    given = {**fixed, **{fact: record[c] for fact, c in columns.items() if record.get(c) is not None}}
    specs = {n: replace(f, max_items=None) if f.type == "series" else f for n, f in world.facts.items()}
    try:
        return Row(called, read_facts(specs, given))
    except FactErrors as error:
        items = [f"列 {columns.get(i.path.partition('[')[0], i.path)}：{i.message}" for i in error.items[:3]]
        return Row(called, {}, wrong="；".join(items))


# ------------------------------------------------------------------------------------------------ a reading per row


def series_facts(world: World, decision: str) -> list[str]:
    return [n for n in grounds(world, decision).facts if n in world.facts and world.facts[n].type == "series"]


def _long_series(world: World, decision: str, given: Sequence[str]) -> str | None:
    """The series whose readings the rows are; None where a row is a case."""
    names = series_facts(world, decision)
    if len(names) != 1 or _head(TIME, given, world.facts[names[0]]) is None:
        return None
    return names[0]


def _head(what: str, given: Sequence[str], fact: Fact) -> str | None:
    words = {w.lower() for w in _HEADS[what]}
    if what == VALUE:
        words |= {fact.id.lower(), fact.label.lower(), fact.label.removesuffix("序列").lower()}
    return next((c for c in given if c.strip().lower() in words), None)


def _series(
    fact: Fact, records: Sequence[Mapping[str, Any]], given: Sequence[str], name: str | None
) -> list[dict[str, Any]]:
    """One record per series, in the order in which they first stand."""
    heads = {what: _head(what, given, fact) for what in (TIME, VALUE, MARK)}
    if heads[VALUE] is None:
        raise RecordsError(f"表里缺少列：{VALUE}（{fact.label}）")
    if fact.marks and heads[MARK] is None:
        raise RecordsError(f"表里缺少列：{MARK}（{'、'.join(fact.marks)}）")
    groups: dict[Any, list[dict[str, Any]]] = {}
    for record in records:
        at, value = record.get(heads[TIME] or ""), record.get(heads[VALUE] or "")
        mark = record.get(heads[MARK] or "")
        blank = value is None or (isinstance(value, str) and not value.strip())
        reading = {"at": at, "value": "缺测" if blank else value, **({"mark": mark} if mark is not None else {})}
        groups.setdefault(record.get(name) if name else None, []).append(reading)
    return [{fact.id: readings, **({name: key} if name else {})} for key, readings in groups.items()]


def header(world: World, decision: str) -> list[str]:
    """The columns of an empty table to be filled in: a name, then the facts by their labels, or readings."""
    names = grounds(world, decision).facts
    series = series_facts(world, decision)
    if len(series) == 1:
        other = [world.facts[n].label for n in names if n in world.facts and n not in series]
        return ["名称", TIME, VALUE, *([MARK] if world.facts[series[0]].marks else []), *other[:0]]
    return ["名称", *(world.facts[n].label for n in names if n in world.facts)]
