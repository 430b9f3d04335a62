"""A list that a document prints (清单, 台账, 名录): rows with a key, counted against what the document says of itself.

A difference between the rows as counted and the total as printed is data (`Discrepancy`), shown and never repaired.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from gongbao.engine.counts import Count

Row = Mapping[str, Any]
WHOLE = "总计"  # in `printed_sums`: of all rows


class RegisterError(ValueError):
    """Rows that do not fit their register; the message (Chinese) names each row, column and value."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its label as printed, its type (policy.schema.FactType) and the values allowed, if closed.

    role: what it is to a register that the office keeps (policy.schema.ColumnRole); decided_by: the decision, or
    decision.output, that computes it from the other cells.
    """

    id: str
    label: str
    type: str = "text"
    values: tuple[Any, ...] = ()
    role: str | None = None
    required: bool = False
    personal: str | None = None
    decided_by: str | None = None


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """The document says `printed`, the rows are `counted`. `of` is 总数, the group, or a row or group and the column added up.

    rounded: what is printed is what was counted, rounded.
    """

    register: str
    of: str
    printed: int | Decimal
    counted: int | Decimal
    rounded: bool = False

    def __str__(self) -> str:
        added = "相加" if isinstance(self.printed, Decimal) or isinstance(self.counted, Decimal) else "实列"
        return f"{self.register}：{self.of}，文中称{self.printed}，{added}{self.counted}{'（取整）' if self.rounded else ''}"


@dataclass(frozen=True, slots=True)
class Assign:
    """Rows handed out to units as cases of a procedure (policy.schema.AssignSpec)."""

    procedure: str
    facts: Mapping[str, str]
    to: str
    apart: str | None = None


@dataclass(frozen=True)
class Register:
    """Rows with named columns; with `parent` (the column that holds the key of the row above) they are a tree.

    count and group_counts are what the pack's author counted (guards against a damaged file: a difference is an error);
    printed_total, group_totals, printed_sums (group, or 总计 for all rows -> column -> its sum) and row_sums (a column that
    is to be the sum of others) are what the document claims (a difference is a Discrepancy).
    Raises RegisterError for rows of other columns, values outside a closed column, empty or repeated keys, a row above
    that does not stand before the row.
    """

    id: str
    label: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...] = ()
    key: tuple[str, ...] = ()
    cite: str | None = None
    count: int | None = None
    printed_total: int | None = None
    group_by: str | None = None
    group_totals: Mapping[str, int] = field(default_factory=dict)
    group_counts: Mapping[str, int] = field(default_factory=dict)
    parent: str | None = None
    known_by: str | None = None
    compared: tuple[str, ...] = ()
    sums: tuple[str, ...] = ()
    assign: Assign | None = None
    printed_sums: Mapping[str, Mapping[str, int | Decimal]] = field(default_factory=dict)
    row_sums: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    note: str | None = None
    authored: bool = False
    kept_by: tuple[str, ...] = ()
    kind: str | None = None
    counts: tuple[Count, ...] = ()

    def __post_init__(self) -> None:
        problems = list(self._problems())
        if problems:
            raise RegisterError(f"清单“{self.label}”有误：\n" + "\n".join(problems))

    # ------------------------------------------------------------------------------------------------- reading

    def __len__(self) -> int:
        return len(self.rows)

    def find(self, *key: Any) -> Row | None:
        """The row with this key (its parts in the order of `key`), or None."""
        if len(key) != len(self.key) or not self.key:
            raise RegisterError(f"清单“{self.label}”的键是 {'、'.join(self.key) or '（无）'}，给出了 {len(key)} 个值")
        return self._index.get(tuple(key))

    def where(self, **values: Any) -> tuple[Row, ...]:
        """The rows in which each named column equals the value; a list-valued cell matches if it contains it."""
        unknown = sorted(set(values) - self._ids)
        if unknown:
            raise RegisterError(
                f"清单“{self.label}”没有列 {'、'.join(unknown)}；有：{'、'.join(c.id for c in self.columns)}"
            )
        return tuple(row for row in self.rows if all(_same(row[name], value) for name, value in values.items()))

    def as_table(self) -> list[dict[str, Any]]:
        """The rows as FEEL contexts: what `register("name")` gives an expression."""
        return [dict(row) for row in self.rows]

    @property
    def total(self) -> int:
        return len(self.rows)

    @cached_property
    def groups(self) -> dict[str, int]:
        """Rows by the value of `group_by`, in the order of first appearance."""
        if self.group_by is None:
            return {}
        return dict(Counter(str(row[self.group_by]) for row in self.rows))

    @cached_property
    def discrepancies(self) -> tuple[Discrepancy, ...]:
        """Where the document's own totals and its rows differ: the whole first, then the groups as printed."""
        found = []
        if self.printed_total is not None and self.printed_total != self.total:
            found.append(Discrepancy(self.label, "总数", self.printed_total, self.total))
        for group, printed in self.group_totals.items():
            counted = self.groups.get(group, 0)
            if counted != printed:
                found.append(Discrepancy(self.label, group, printed, counted))
        return (*found, *self._sums_amiss())

    def _sums_amiss(self) -> Iterable[Discrepancy]:
        """Where columns added up, and rows added across, come to something else than is printed."""
        labels = {c.id: c.label for c in self.columns}
        for group, printed_sums in self.printed_sums.items():
            rows = [r for r in self.rows if group == WHOLE or str(r[self.group_by or ""]) == group]
            for column, printed in printed_sums.items():
                yield from self._amiss(f"{group} {labels[column]}", printed, [row[column] for row in rows])
        for row in self.rows:
            for column, parts in self.row_sums.items():
                key = " ".join(str(row[k]) for k in self.key)
                yield from self._amiss(f"{key} {labels[column]}", row[column], [row[part] for part in parts])

    def _amiss(self, of: str, printed: int | Decimal | None, parts: Sequence[Any]) -> Iterable[Discrepancy]:
        counted = sum((Decimal(part) for part in parts if part is not None), Decimal(0))
        if printed is None or counted == printed:
            return
        scale = Decimal(printed).as_tuple().exponent
        rounded = isinstance(scale, int) and counted.quantize(Decimal(1).scaleb(scale)) == printed
        yield Discrepancy(self.label, of, printed, counted, rounded)

    # ------------------------------------------------------------------------------------------------ checking

    @cached_property
    def _ids(self) -> frozenset[str]:
        return frozenset(c.id for c in self.columns)

    @cached_property
    def _index(self) -> dict[tuple[Any, ...], Row]:
        return {tuple(row[k] for k in self.key): row for row in self.rows}

    def _problems(self) -> Iterable[str]:
        for name in (*self.key, *((self.group_by,) if self.group_by else ())):
            if name not in self._ids:
                yield f"键或分组列“{name}”不在列中（{'、'.join(c.id for c in self.columns)}）"
                return
        if (self.group_totals or self.group_counts) and self.group_by is None:
            yield f"写了 {'group_totals' if self.group_totals else 'group_counts'} 就须写 group_by"
            return
        if self.parent is not None and (self.parent not in self._ids or len(self.key) != 1):
            yield f"parent 须是一列（现为“{self.parent}”），并且 key 只有一列"
            return
        seen: dict[tuple[Any, ...], int] = {}
        for number, row in enumerate(self.rows, 1):
            if set(row) != self._ids:
                missing, extra = sorted(self._ids - set(row)), sorted(set(row) - self._ids)
                yield f"第{number}行：" + "；".join(
                    part
                    for part in (
                        f"缺少列 {'、'.join(missing)}" if missing else "",
                        f"多出列 {'、'.join(map(str, extra))}" if extra else "",
                    )
                    if part
                )
                continue
            for column in self.columns:
                value = row[column.id]
                if column.values and value is not None and value not in column.values:
                    yield f"第{number}行 {column.label}：“{value}”不在可取值 {'、'.join(map(str, column.values))} 中"
            if self.key:
                key = tuple(row[k] for k in self.key)
                if any(part is None or part == "" for part in key):
                    yield f"第{number}行：键 {'、'.join(self.key)} 不能为空"
                elif key in seen:
                    yield f"第{number}行：键 {'、'.join(map(str, key))} 与第{seen[key]}行重复"
                seen.setdefault(key, number)
            above = row[self.parent] if self.parent is not None else None
            if above is not None and (seen.get((above,)) or number) >= number:
                yield f"第{number}行：上级“{above}”须在它之前列出"
        whole = all(self.group_by in row for row in self.rows)
        for group, counted in self.group_counts.items() if whole else ():
            if counted != (found := self.groups.get(group, 0)):
                yield f"“{group}”应有{counted}行（group_counts），实有{found}行"
        if self.count is not None and self.count != len(self.rows):
            yield f"应有{self.count}行（count），实有{len(self.rows)}行"


def from_table(id: str, spec: Mapping[str, Any], rows: Sequence[Row]) -> Register:
    """A register from its specification in plain data (policy.schema.RegisterSpec, dumped) and its read rows.

    Rows may be keyed by column id or by the column's printed label; cells of CSV text are typed here: integer,
    number (exact decimal), boolean (是/否), date, list (split at 、；;), and an empty cell is None.
    """
    columns = tuple(
        Column(
            name,
            c["label"],
            c.get("type", "text"),
            tuple(c.get("values") or ()),
            c.get("role"),
            bool(c.get("required")),
            c.get("personal"),
            c.get("decided_by"),
        )
        for name, c in spec["columns"].items()
    )
    by_label = {c.label: c.id for c in columns}
    types = {c.id: c for c in columns}
    problems: list[str] = []
    typed: list[Row] = []
    for number, raw in enumerate(rows, 1):
        row: dict[str, Any] = {}
        for name, value in raw.items():
            name = by_label.get(name, name)
            try:
                row[name] = cell(value, types[name].type) if name in types else value
            except ValueError as error:
                problems.append(f"第{number}行 {types[name].label}：{error}")
        typed.append({c.id: row[c.id] for c in columns if c.id in row} | row)
    if problems:
        raise RegisterError(f"清单“{spec['label']}”有误：\n" + "\n".join(problems))
    return Register(
        id=id,
        label=spec["label"],
        columns=columns,
        rows=tuple(typed),
        key=tuple(spec.get("key") or ()),
        cite=spec.get("cite"),
        count=spec.get("count"),
        printed_total=spec.get("printed_total"),
        group_by=spec.get("group_by"),
        group_totals=dict(spec.get("group_totals") or {}),
        group_counts=dict(spec.get("group_counts") or {}),
        parent=spec.get("parent"),
        known_by=spec.get("known_by"),
        compared=tuple(spec.get("compared") or ()),
        sums=tuple(spec.get("sums") or ()),
        assign=Assign(**spec["assign"]) if spec.get("assign") else None,
        printed_sums=dict(spec.get("printed_sums") or {}),
        row_sums={column: tuple(parts) for column, parts in (spec.get("row_sums") or {}).items()},
        note=spec.get("note"),
        authored=bool(spec.get("authored", False)),
        kept_by=tuple(spec.get("kept_by") or ()),
        kind=spec.get("kind"),
        counts=tuple(Count(**each) for each in spec.get("counts") or ()),
    )


def cell(value: Any, type_: str) -> Any:
    """A cell as its column's type has it. ValueError, in Chinese, naming what was written."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text == "":
        return None
    if type_ == "integer":
        if not text.lstrip("+-").isascii() or not text.lstrip("+-").isdigit():
            raise ValueError(f"“{text}”不是整数")
        return int(text)
    if type_ in ("number", "money"):
        try:
            number = Decimal(text.replace(",", ""))
        except InvalidOperation:
            raise ValueError(f"“{text}”不是数") from None
        if not number.is_finite():
            raise ValueError(f"“{text}”不是数")
        return number
    if type_ == "boolean":
        words = {"是": True, "true": True, "1": True, "√": True, "否": False, "false": False, "0": False}
        if text.lower() not in words:
            raise ValueError(f"“{text}”须为 是 或 否")
        return words[text.lower()]
    if type_ == "date":
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            raise ValueError(f"“{text}”不是日期，须写作 2023-05-01") from None
    if type_ == "list":
        for mark in ("；", ";"):
            text = text.replace(mark, "、")
        return [part.strip() for part in text.split("、") if part.strip()]
    return text


def _same(cell: Any, value: Any) -> bool:
    return (
        bool(value in cell)
        if isinstance(cell, list | tuple) and not isinstance(value, list | tuple)
        else bool(cell == value)
    )
