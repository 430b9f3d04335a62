"""The values of a unit and period as XLSX: filled in with what stands, its cells checked by the program; and back again.

Only the cells that are to be written are open. What comes back is read by the key in its first column, whatever was
sorted in between; a fault names its cell.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping

from gongbao.engine.indicator_observations import Period
from gongbao.exchange.tables import Cell, TableError, read_table
from gongbao.office.indicators.book import MOST, Given, Held
from gongbao.office.indicators.lines import Line

HEADER = ("编号", "指标", "对象", "计量单位", "时期", "已报数值", "本次数值", "来源", "说明")
OPEN = (7, 8, 9)  # columns that are written, from 1
WIDTHS = (30, 34, 18, 10, 14, 14, 14, 24, 30)


def made(lines: Iterable[Line], held: Mapping[str, Held], period: Period) -> bytes:
    from openpyxl import Workbook
    from openpyxl.styles import Font, PatternFill, Protection
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet = book.active
    sheet.title = "指标填报"
    sheet.freeze_panes = "C2"
    sheet.append(HEADER)
    for column, width in enumerate(WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
        sheet.cell(1, column).font = Font(bold=True)
    rules: dict[tuple[object, ...], DataValidation] = {}
    for row, line in enumerate(lines, 2):
        standing = held.get(line.id)
        before = standing.report.value if standing is not None and not standing.report.returned else ""
        sheet.append([line.id, line.label, line.whom, line.fact.unit or "", str(period), before, None, None, None])
        for column in OPEN:
            cell = sheet.cell(row, column)
            cell.protection = Protection(locked=False)
            cell.fill = PatternFill("solid", start_color="FFF9E5")
        rule = rules.setdefault(_key(line), _rule(line))
        rule.add(sheet.cell(row, 7))
    for rule in rules.values():
        sheet.add_data_validation(rule)
    sheet.protection.sheet = True
    sheet.protection.formatColumns = False
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _key(line: Line) -> tuple[object, ...]:
    return (line.fact.numeric, line.fact.min, line.fact.max, line.fact.values)


def _rule(line: Line) -> object:
    from openpyxl.worksheet.datavalidation import DataValidation

    fact = line.fact
    if fact.values:
        rule = DataValidation(type="list", formula1='"' + ",".join(fact.values) + '"')
        rule.error = f"可填：{'、'.join(fact.values)}"
    elif fact.min is not None and fact.max is not None:
        rule = DataValidation(type="decimal", operator="between", formula1=str(fact.min), formula2=str(fact.max))
        rule.error = f"须在 {fact.min} 到 {fact.max} 之间"
    elif fact.min is not None:
        rule = DataValidation(type="decimal", operator="greaterThanOrEqual", formula1=str(fact.min))
        rule.error = f"不小于 {fact.min}"
    else:
        rule = DataValidation(type="decimal", operator="between", formula1="-1E+15", formula2="1E+15")
        rule.error = "须为数字"
    rule.allow_blank = rule.showErrorMessage = True
    return rule


def read(data: bytes, name: str, lines: Iterable[Line], period: Period) -> tuple[list[Given], dict[str, str]]:
    """What was written, and the cell of each line. TableError where it is not the sheet of this period."""
    table = read_table(data, name)
    missing = [name for name in (HEADER[0], HEADER[4], HEADER[6]) if name not in table.header]
    if missing:
        raise TableError(f"缺少{'、'.join(f'“{m}”' for m in missing)}一列；请用下载的填报表")
    if len(table.rows) > MOST:
        raise TableError(f"表格有 {len(table.rows)} 行，一次最多 {MOST} 行")
    known = {line.id: line for line in lines}
    given, cells, wrong = [], dict[str, str](), list[str]()
    for row in table.records():
        cell = row[HEADER[6]]
        if not cell.text.strip():
            continue
        line = known.get(row[HEADER[0]].text.strip())
        if line is None:
            wrong.append(f"{row[HEADER[0]].address}：没有“{row[HEADER[0]].text}”这一项，或不由您的单位填报")
        elif row[HEADER[4]].text.strip() != str(period):
            wrong.append(f"{row[HEADER[4]].address}：是“{row[HEADER[4]].text}”的表，现在填报 {period}")
        elif line.id in cells:
            wrong.append(f"{cell.address}：“{line.label}”（{line.whom}）在 {cells[line.id]} 已有一行")
        else:
            cells[line.id] = cell.address
            given.append(Given(line, cell.text, _of(row, HEADER[7]), _of(row, HEADER[8])))
    if wrong:
        more = f"；另有 {len(wrong) - 20} 处" if len(wrong) > 20 else ""
        raise TableError("；".join(wrong[:20]) + more)
    return given, cells


def _of(row: Mapping[str, Cell], name: str) -> str:
    return row[name].text if name in row else ""
