"""Where a table contradicts itself: its printed number of rows, its numbering, its sums down and across, twin rows.

Which columns add up to which is told by their names (合计, 小计, 总计) and proved on the rows: a rule that holds in most
of them is a rule, and the rows that break it are reported. Both readings are kept.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal

from gongbao.gazette.table_cells import NUMBER
from gongbao.gazette.table_headers import SEPARATOR
from gongbao.gazette.tables import Discrepancy, Row, Table
from gongbao.gazette.text import squeeze

_DECIMAL = re.compile(r"-?\d+(?:,\d{3})*(?:\.\d+)?")
_TOTAL_LINE = re.compile(r"(.{0,12}?(?:合计|总计|小计|共计|累计))[：:]?([\d.,]+)([^\d.,]{0,6})")
_ADDS_UP = re.compile(r"合计|小计|总计|总量")
_NOT_ADDED = re.compile(r"率|比例|比重|占比|均|序号|[%％‰]")
_BRACKETS = re.compile(r"[（(][^（）()]*[）)]|预计|总")
_PROVED = Decimal("0.75")


def amount(cell: str) -> Decimal | None:
    """The exact number that a cell prints, whatever blanks stand between its digits; None when it prints none."""
    bare = squeeze(cell)
    return Decimal(bare.replace(",", "")) if _DECIMAL.fullmatch(bare) else None


def discrepancies(tables: Iterable[Table]) -> tuple[Discrepancy, ...]:
    """What each table contradicts in itself, table by table."""
    found: list[Discrepancy] = []
    for table in tables:
        found.extend(_counts(table))
        found.extend(_numbering(table))
        found.extend(_twins(table))
        found.extend(_down(table))
        found.extend(_across(table))
    return tuple(found)


def _counts(table: Table) -> list[Discrepancy]:
    found = []
    counted = len(table.rows)
    if table.printed_total is not None and table.printed_total != counted:
        message = f"{table.locator}印明共{table.printed_total}项，实列{counted}项"
        found.append(Discrepancy(table.locator, "total", message, table.printed_total, counted))
    for group in table.groups:
        if group.printed_total is not None and group.printed_total != group.rows:
            message = f"{table.locator}“{squeeze(group.name)}”印明{group.printed_total}项，实列{group.rows}项"
            found.append(Discrepancy(table.locator, "total", message.strip(), group.printed_total, group.rows))
    return found


def _numbering(table: Table) -> list[Discrepancy]:
    """Numbers that come twice or not at all, in a table that is numbered through (a heading may begin again at 1)."""
    runs: list[list[int]] = []
    heading = None
    for row in table.rows:
        if not row.printed or not NUMBER.fullmatch(squeeze(row.printed[0])):
            continue
        number = int(squeeze(row.printed[0]))
        if not runs or (row.group != heading and number == 1):
            runs.append([])
        heading = row.group
        runs[-1].append(number)
    if any(" " in row.key and not re.match("[一二三四五六七八九十]", row.key) for row in table.rows):
        return []  # a row goes on below its number, which a new page may print again
    place, found = table.locator, []
    for numbers in runs:
        for number, times in sorted(Counter(numbers).items()):
            if times == 1:
                continue
            found.append(Discrepancy(place, "duplicate", f"{place}序号{number}出现{times}次", number, times))
        for number in sorted(set(range(min(numbers), max(numbers) + 1)) - set(numbers)):
            found.append(Discrepancy(place, "missing", f"{place}没有序号{number}", number, 0))
    return found


def _twins(table: Table) -> list[Discrepancy]:
    found: list[Discrepancy] = []
    if table.is_form:
        return found
    contents: dict[tuple[str, ...], Row] = {}
    for row in table.rows:
        content = tuple(squeeze(cell) for cell in row.cells[1:])
        if not any(content):
            continue
        if content in contents and len(max(content, key=len)) > 4:
            other = contents[content]
            message = f"{other.locator}与{row.locator}内容相同"
            found.append(Discrepancy(row.locator, "identical", message))
        contents.setdefault(content, row)
    return found


# --- down ------------------------------------------------------------------------------------------------------------


def _down(table: Table) -> list[Discrepancy]:
    """Every total row against the rows it adds up."""
    found: list[Discrepancy] = []
    for total, parts in _parts(table):
        for column, printed in _sums(table, total):
            name = table.columns[column]
            amounts = [amount(row.printed[column]) for row in parts]  # a merged cell counts once
            if _NOT_ADDED.search(name) or not any(value is not None for value in amounts):
                continue
            counted = sum((value for value in amounts if value is not None), Decimal(0))
            found.extend(_compared(total.locator, name, printed, counted))
    return found


def _parts(table: Table) -> list[tuple[Row, Sequence[Row]]]:
    """What each total adds up: the rows below it where it opens a group, the rows since the last subtotal where it
    closes one, else all."""
    lines = [row.first for row in table.rows]
    found: list[tuple[Row, Sequence[Row]]] = []
    opened = [total.first for total in table.totals if total.kind == "subtotal"]
    for at, total in enumerate(table.totals):
        if total.kind == "total":
            found.append((total, table.rows))
        elif re.fullmatch("[一二三四五六七八九十]{1,3}", total.key.split("#")[0]):
            after = opened[bisect_right(opened, total.first) :][:1] or [lines[-1] + 1 if lines else 0]
            found.append((total, table.rows[bisect_right(lines, total.first) : bisect_left(lines, after[0])]))
        else:
            before = table.totals[at - 1].first if at else 0
            found.append((total, table.rows[bisect_right(lines, before) : bisect_left(lines, total.first)]))
    return found


def _sums(table: Table, total: Row) -> list[tuple[int, Decimal]]:
    """The sums that a total row prints, each with its column; 双桥区合计25.6334公顷 is of the column in 公顷."""
    line = _TOTAL_LINE.fullmatch(squeeze(total.cells[0]))
    if not line:
        sums = [(column, amount(cell)) for column, cell in enumerate(total.cells)]
        return [(column, value) for column, value in sums if value is not None]
    value, unit = amount(line[2]), line[3]
    columns = [c for c, name in enumerate(table.columns) if unit and unit in name]
    if len(columns) != 1 or value is None:
        return []
    return [(columns[0], value)]


def _compared(place: str, name: str, printed: Decimal, counted: Decimal) -> list[Discrepancy]:
    if printed == counted:
        return []
    scale = Decimal(1).scaleb(int(printed.as_tuple().exponent))
    rounded = counted.quantize(scale) == printed
    kind = "rounded" if rounded else "sum"
    how = "是取整后的数" if rounded else "不相符"
    message = f"{place}“{name}”印{printed}，各行相加得{counted}，{how}"
    return [Discrepancy(place, kind, message, printed, counted)]


# --- across ----------------------------------------------------------------------------------------------------------


def _across(table: Table) -> list[Discrepancy]:
    """Every column that its name makes a sum, against the columns that it is proved to add up."""
    found: list[Discrepancy] = []
    rows = [row for row in (*table.rows, *table.totals) if not _TOTAL_LINE.fullmatch(squeeze(row.cells[0]))]
    for column, name in enumerate(table.columns):
        if not _ADDS_UP.search(name.split(SEPARATOR)[-1]) or _NOT_ADDED.search(name):
            continue
        parts = _proved(table, column, rows)
        for row in rows if parts else ():
            printed, counted = amount(row.cells[column]), _added(row, parts)
            if printed is not None and counted is not None and printed != counted:
                message = (
                    f"{row.locator}“{name}”印{printed}，{'、'.join(table.columns[c] for c in parts)}相加得{counted}"
                )
                found.append(Discrepancy(row.locator, "sum", message, printed, counted))
    return found


def _proved(table: Table, column: int, rows: Sequence[Row]) -> tuple[int, ...]:
    """The columns that add up to this one in most rows (at least three that are not 0), else none."""
    best: tuple[Decimal, int, tuple[int, ...]] | None = None
    for parts in _candidates(table, column):
        tried = [(amount(row.cells[column]), _added(row, parts)) for row in rows]
        known = [(printed, counted) for printed, counted in tried if printed and counted is not None]
        if len(known) < 3:
            continue
        share = Decimal(sum(1 for printed, counted in known if printed == counted)) / len(known)
        if share >= _PROVED and (best is None or share > best[0]):
            best = (share, len(parts), parts)
    return best[2] if best else ()


def _candidates(table: Table, column: int) -> list[tuple[int, ...]]:
    """Columns that may make up a sum: those under the same name, alike in what they count; or the sums beside it."""
    path = table.columns[column].split(SEPARATOR)
    others = [c for c in range(len(table.columns)) if c != column and not _NOT_ADDED.search(table.columns[c])]
    if len(path) > 1:
        beside = [c for c in others if table.columns[c].split(SEPARATOR)[: len(path) - 1] == path[:-1]]
    else:
        beside = others
    plain = [c for c in beside if not _ADDS_UP.search(table.columns[c].split(SEPARATOR)[-1])]
    sums = [c for c in beside if c not in plain]
    alike: dict[str, list[int]] = {}
    for c in plain:
        alike.setdefault(_BRACKETS.sub("", table.columns[c].split(SEPARATOR)[-1]), []).append(c)
    lone = [c for c in plain if SEPARATOR not in table.columns[c]] if len(path) == 1 else []
    choices = [plain, sums, [*sums, *lone], *alike.values()]
    return [tuple(sorted(choice)) for choice in choices if choice]


def _added(row: Row, parts: Sequence[int]) -> Decimal | None:
    values = [amount(row.cells[column]) for column in parts]
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if known else None
