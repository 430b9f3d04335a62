"""The column of a fact as a piece, and where its value is one that the fact allows.

What is allowed here is what `engine.fact.read_facts` takes unchanged. A row with anything else (spaces around a text, a
mark under another name, a list with an empty item) is not wrong: it goes one by one, through `read_facts` itself.

Lists are array columns. A series is an array of numbers (a reading a day), or a struct with `values`, and beside it
`marks` (an array of as many texts), `step` and `start`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gongbao.batch.lower import Lowering
from gongbao.batch.pieces import Piece, constant, every, whole
from gongbao.batch.series import STEPS, Listed
from gongbao.engine.fact import MAX_ITEMS, MAX_TEXT
from gongbao.engine.series import MAX_READINGS
from gongbao.engine.specs import Fact, item_of

# A text that is taken as it stands: not empty, no space at its ends, no control character (others go one by one).
_CLEAN = r"^[^\s\pZ\pC]([^\pC]*[^\s\pZ\pC])?$"
# The same for engines whose expressions know no Unicode classes or know others: ASCII and Chinese without spaces.
_PLAIN = "^[!-~一-鿿·—‘-”…、。〈-】〔〕！（），：；？]+$"


class BatchError(ValueError):
    """A table or a decision that cannot be run as columns; the message (Chinese) names the column or expression."""


class BeyondError(BatchError):
    """In some row a number is, or becomes, larger than a column holds (64 bits)."""


class Column:
    """One column of facts: `piece` or `series`, and `valid`, a condition that is false or null for what is not allowed."""

    def __init__(self, table: Any, column: str, fact: Fact, dialect: str) -> None:
        self.fact, self.dialect = fact, dialect
        self.where = f"列 {column}（{fact.label}）"
        self.piece: Piece | None = None
        self.series: Listed | None = None
        self.valid: Any = None
        if fact.type == "series":
            self._series(table, column)
            return
        expr = table[column]
        if fact.type == "list":
            self._list(expr)
        else:
            self.piece, self.valid = self._one(expr, expr.type(), fact)
        self.valid = expr.notnull() if self.valid is None else expr.notnull() & self.valid

    def _one(self, expr: Any, dtype: Any, fact: Fact) -> tuple[Piece, Any]:
        """A single value, and whether it is allowed (None: every value is)."""
        match fact.type:
            case "boolean":
                if not dtype.is_boolean():
                    raise BatchError(f"{self.where}应是布尔列，现为 {dtype}")
                return Piece(expr, "boolean", nullable=False), None
            case "integer" | "number" | "money":
                piece = self._number(dtype, fact)(expr)
                return piece, self._within(piece, fact)
            case "choice" | "text" | "place" | "unit" | "person":
                if not dtype.is_string():
                    raise BatchError(f"{self.where}应是文字列，现为 {dtype}")
                return Piece(expr, "text", nullable=False), self._text(expr, fact)
            case "date":
                if not dtype.is_date():
                    raise BatchError(f"{self.where}应是日期列，现为 {dtype}")
                return Piece(expr, "date", nullable=False), None
        raise BatchError(f"{self.where}的类型 {fact.type} 不能按列计算")

    def _number(self, dtype: Any, fact: Fact) -> Callable[[Any], Piece]:
        if dtype.is_integer():
            return lambda expr: Piece(expr.cast("int64"), "number", nullable=False)
        if dtype.is_decimal() and fact.type != "integer":
            scale = dtype.scale or 0
            unit = whole(10**scale)
            return lambda expr: Piece((expr * unit).cast("int64"), "number", scale, nullable=False)
        kind = "整数列" if fact.type == "integer" else "整数或十进制（decimal）列，不能是浮点列"
        raise BatchError(f"{self.where}应是{kind}，现为 {dtype}")

    def _within(self, piece: Piece, fact: Fact) -> Any:
        low, valid = Lowering({}, self.where), []
        for bound, op in ((fact.min, ">="), (fact.max, "<=")):
            if bound is not None:
                valid.append(low.compare(op, piece, constant(bound, self.where), True))
        places = fact.scale if fact.scale is not None else 2 if fact.type == "money" else None
        if places is not None and piece.scale > places:
            valid.append(piece.expr % whole(10 ** (piece.scale - places)) == 0)
        return every(valid) if valid else None

    def _text(self, expr: Any, fact: Fact) -> Any:
        if fact.type == "choice":
            return expr.isin(list(fact.values))
        if fact.format is not None:
            raise BatchError(f"{self.where}的格式 {fact.format} 不能按列核对")
        return expr.re_search(_CLEAN if self.dialect == "duckdb" else _PLAIN) & (expr.length() <= MAX_TEXT)

    # ------------------------------------------------------------------------------------------------ lists, series

    def _list(self, expr: Any) -> None:
        dtype, item = expr.type(), item_of(self.fact)
        if not dtype.is_array():
            raise BatchError(f"{self.where}应是列表列，现为 {dtype}")
        self._one(expr[0], dtype.value_type, item)  # its type, or why not

        def wrong(each: Any) -> Any:
            valid = self._one(each, dtype.value_type, item)[1]
            return each.isnull() if valid is None else each.isnull() | ~valid

        size = expr.length()
        self.valid = (size <= (self.fact.max_items or MAX_ITEMS)) & (expr.filter(wrong).length() == 0)
        one = self._one(expr[0], dtype.value_type, item)[0]
        listed = (
            expr.map(lambda each: self._one(each, dtype.value_type, item)[0].expr) if one.kind == "number" else expr
        )
        self.piece = Piece(listed, "list", nullable=False, item=one)

    def _series(self, table: Any, column: str) -> None:
        fact = self.fact
        limit = min(fact.max_items or MAX_READINGS, MAX_READINGS)
        marks = None
        valid: list[Any] = []
        fields = _fields(table, column)
        if fields is None:
            expr = table[column]
        else:
            if "values" not in fields or (unknown := set(fields) - {"values", "marks", "step", "start"}):
                more = f"，没有 {'、'.join(sorted(unknown))}" if "values" in fields else ""
                raise BatchError(f"{self.where}是一个结构，其中应有 values，可有 marks、step、start{more}")
            expr = fields["values"]
            if "marks" in fields:
                marks = self._marks(fields["marks"], expr, valid)
            if "step" in fields:
                if not fields["step"].type().is_string():
                    raise BatchError(f"{self.where}的 step 应是文字（如 24 h），现为 {fields['step'].type()}")
                valid.append(fields["step"].isnull() | fields["step"].isin(list(STEPS)))
            start = fields["start"].type() if "start" in fields else None
            if start is not None and not (start.is_timestamp() or start.is_date()):
                raise BatchError(f"{self.where}的 start 应是时间或日期，现为 {start}")
        dtype = expr.type()
        if not dtype.is_array():
            raise BatchError(f"{self.where}应是数的列表，或有 values 的结构，现为 {dtype}")
        item = item_of(fact)
        number = self._number(dtype.value_type, item)
        scale = number(expr[0]).scale
        values = expr.map(lambda each: number(each).expr) if scale else expr
        size = expr.length()
        valid += [size > 0, size <= limit, values.filter(lambda each: each.isnull()).length() == 0]
        for found, bound, op in ((values.mins(), item.min, ">="), (values.maxs(), item.max, "<=")):
            if bound is not None:
                piece = Piece(found.cast("int64"), "number", scale, nullable=False)
                valid.append(Lowering({}, self.where).compare(op, piece, constant(bound, self.where), True))
        places = item.scale if item.scale is not None else 2 if item.type == "money" else None
        if places is not None and scale > places:
            unit = whole(10 ** (scale - places))
            valid.append(values.filter(lambda each: each % unit != 0).length() == 0)
        self.series = Listed(values, scale, marks, limit)
        self.valid = every(valid).fill_null(False)

    def _marks(self, marks: Any, values: Any, valid: list[Any]) -> Any:
        dtype = marks.type()
        if not (dtype.is_array() and dtype.value_type.is_string()):
            raise BatchError(f"{self.where}的 marks 应是文字的列表，现为 {dtype}")
        if not self.fact.marks:
            valid.append(marks.isnull())  # any text may be a mark: read as one case is
            return None
        allowed = [*self.fact.marks, ""]
        strange = marks.filter(lambda each: each.notnull() & ~each.isin(allowed))
        valid.append(marks.isnull() | ((marks.length() == values.length()) & (strange.length() == 0)))
        return marks


def _fields(table: Any, column: str) -> dict[str, Any] | None:
    """The fields of a struct column, or the columns that stand for them (`part_of`); None where it is no struct."""
    apart = {c.removeprefix(part_of(column, "")): table[c] for c in table.columns if c.startswith(part_of(column, ""))}
    if apart:
        return apart
    struct = table[column]
    return {name: struct[name] for name in struct.type().fields} if struct.type().is_struct() else None


def part_of(column: str, field: str) -> str:
    """The column that holds a field of a struct, for an engine that has no structs."""
    return f"{column}~{field}"
