"""A rebuilt table for other programs: as JSON with all that was read of it, and as CSV of its rows."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Any

from gongbao.gazette.tables import Row, Table

_KINDS = {"row": "", "subtotal": "小计", "total": "合计", "note": "备注"}


def described(table: Table) -> dict[str, Any]:
    """What is known of the table beside its rows. Columns and rows of a span count from 1."""
    return {
        "title": table.title,
        "unit": table.unit,
        "header": [list(cells) for cells in table.header],
        "groups": [
            {"name": g.name, "rows": g.rows, "printed_total": g.printed_total, "line": g.first} for g in table.groups
        ],
        "totals": [row.locator for row in table.totals],
        "notes": [row.locator for row in table.notes],
        "spans": [[span.column, span.row, span.rows] for span in table.spans],
        "uncertain": list(table.uncertain),
        "form": table.is_form,
    }


def exact(number: int | Decimal | None) -> int | str | None:
    """A printed number for JSON: a whole one as it is, a decimal as text, so that no reader rounds it."""
    return str(number) if isinstance(number, Decimal) else number


def to_json(table: Table) -> dict[str, Any]:
    """The whole table. `rows` are in printed order, totals and notes among them, told apart by `kind`."""
    return {
        "locator": table.locator,
        "columns": list(table.columns),
        "lines": [table.first, table.last],
        "printed_total": table.printed_total,
        **described(table),
        "rows": [_row_json(row) for row in table.printed_rows],
    }


def to_csv(table: Table) -> str:
    """The rows in printed order under the table's columns, each with its place, its group, and what is open in it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["位置", "分组", "性质", *table.columns, "存疑的列"])
    for row in table.printed_rows:
        writer.writerow([row.locator, row.group, _KINDS[row.kind], *row.cells, "、".join(row.uncertain)])
    return out.getvalue()


def _row_json(row: Row) -> dict[str, Any]:
    return {
        "locator": row.locator,
        "kind": row.kind,
        "group": row.group,
        "cells": list(row.cells),
        "printed": list(row.printed),
        "lines": [row.first, row.last],
        "uncertain": list(row.uncertain),
    }
