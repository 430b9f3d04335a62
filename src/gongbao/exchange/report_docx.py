"""A report with headings and tables of several columns as DOCX, in the faces and on the sheet of the office's papers."""

from __future__ import annotations

import io
from typing import Any

from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from gongbao.exchange.docx import FANGSONG, HEITI, LINE, TITLE, XIAOBIAOSONG, _face, _paragraph, _sheet
from gongbao.exchange.paper import say
from gongbao.exchange.report import Grid, Report

WIDTH = 156  # mm between the margins
CELL = Pt(10.5)  # 五号


def laid_out(report: Report) -> bytes:
    """The report as the bytes of a .docx file."""
    document = _sheet()
    if report.mark:
        for header in (document.sections[0].header, document.sections[0].even_page_header):
            _face(header.paragraphs[0].add_run(f"【{report.mark}】"), HEITI, CELL)
    centre, left, right = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.RIGHT
    _paragraph(document, report.title, face=XIAOBIAOSONG, size=TITLE, align=centre, line=Pt(34))
    if report.subtitle:
        _paragraph(document, report.subtitle, align=centre)
    _paragraph(document, "", line=LINE)
    for section in report.sections:
        _paragraph(document, section.heading, face=HEITI, align=left, indent=True)
        for text in section.paragraphs:
            _paragraph(document, text, indent=True)
        if section.grid is not None and section.grid.rows:
            _table(document, section.grid)
            _paragraph(document, "", line=Pt(12))
    if report.issuer:
        _paragraph(document, report.issuer, align=right, right=2)
    if report.dated:
        _paragraph(document, say(report.dated), align=right, right=4)
    if report.remark:
        _paragraph(document, f"（{report.remark}）", indent=True)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _table(document: Any, grid: Grid) -> None:
    """A table whose head is repeated on every page and whose rows are not torn apart."""
    parts = grid.widths or (1,) * len(grid.head)
    widths = [Mm(WIDTH * part / sum(parts)) for part in parts]
    table = document.add_table(rows=0, cols=len(grid.head))
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for at, row in enumerate((grid.head, *grid.rows)):
        line = table.add_row()
        marks = line._tr.get_or_add_trPr()
        for mark in ("w:cantSplit", *(("w:tblHeader",) if at == 0 else ())):
            marks.append(OxmlElement(mark))
            marks[-1].set(qn("w:val"), "true")
        for cell, width, text in zip(line.cells, widths, row, strict=True):
            cell.width = width
            cell.paragraphs[0]._p.getparent().remove(cell.paragraphs[0]._p)
            face = HEITI if at == 0 else FANGSONG
            _paragraph(cell, text, face=face, size=CELL, align=WD_ALIGN_PARAGRAPH.LEFT, line=Pt(16))
