"""How the command line prints: JSON for programs, tables and times for people."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from typing import Any


def plain(value: Any) -> Any:
    """Dataclasses, mappings and tuples as JSON's own; expressions by their text."""
    import dataclasses
    from decimal import Decimal

    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return f"PT{int(value.total_seconds())}S"
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, (set, frozenset)):
        return sorted(plain(v) for v in value)
    if hasattr(value, "as_dict"):
        return plain(value.as_dict())
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name.rstrip("_"): plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    return str(getattr(value, "text", value))


def print_json(value: Any) -> None:
    print(dumps(value))


def dumps(value: Any) -> str:
    """JSON for people and programs; a number that is not whole is a string of its digits, as in receipts."""
    return json.dumps(plain(value), ensure_ascii=False, indent=2)


def print_table(columns: list[str], rows: Iterable[Iterable[Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    shown = [[str(cell) for cell in row] for row in rows]
    if not shown:
        return
    table = Table(show_edge=False, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in shown:
        table.add_row(*row)
    Console().print(table)


def time_text(value: dt.datetime | None) -> str:
    return "—" if value is None else f"{value:%Y-%m-%d %H:%M:%S}"


def warn(said: str | None) -> None:
    if said:
        print(f"注意：{said}")
