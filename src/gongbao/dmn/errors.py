"""What is wrong with a decision table, naming the row and the column."""

from __future__ import annotations

import reprlib


class DmnError(Exception):
    """Any refusal by the decision model."""


class TableError(DmnError):
    """A table that cannot be compiled. ``rule`` is the 0-based row and ``column`` the input or output, where known."""

    def __init__(self, table: str, reason: str, rule: int | None = None, column: str | None = None) -> None:
        self.table = table
        self.reason = reason
        self.rule = rule
        self.column = column
        where = "，".join(
            part
            for part in (
                f"判定表“{table}”",
                None if rule is None else f"第 {rule + 1} 行",
                None if column is None else f"“{column}”",
            )
            if part
        )
        super().__init__(f"{where}：{reason}")


_SHOWN = reprlib.Repr()
_SHOWN.maxstring = _SHOWN.maxlong = _SHOWN.maxother = 100


def shown(value: object) -> str:
    """A value in a message, cut where it is long: parts of a value may be shared, so that it has no end on paper."""
    return _SHOWN.repr(value)


class OverlapError(DmnError):
    """Two rows hold at once where the hit policy allows one; ``rules`` are their 0-based numbers."""

    def __init__(self, table: str, reason: str, rules: tuple[int, ...]) -> None:
        self.table = table
        self.rules = rules
        super().__init__(f"判定表“{table}”：{reason}")
