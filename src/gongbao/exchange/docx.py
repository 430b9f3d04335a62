"""Papers as DOCX in the layout of GB/T 9704-2012: A4, 22 lines of 28 characters, red head, page numbers outside.

The standard's faces (小标宋, 仿宋, 黑体) are named with their common aliases; a reader without them falls back to its
own Chinese font, and the layout holds.
"""

from __future__ import annotations

import io
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from gongbao.exchange.paper import Paper, say
from gongbao.exchange.xml_text import printable

RED = RGBColor(0xD7, 0x00, 0x0F)
BODY, TITLE, HEAD, SMALL = Pt(16), Pt(22), Pt(36), Pt(14)  # 三号, 二号, the issuer's mark, 四号
LINE = Pt(29)  # 225 mm of type area in 22 lines
FANGSONG, XIAOBIAOSONG, HEITI, SONGTI = "仿宋_GB2312", "方正小标宋简体", "黑体", "宋体"


def _face(run: Any, face: str, size: Any, *, bold: bool = False, colour: RGBColor | None = None) -> None:
    run.font.name = "Times New Roman"
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), face)
    run.font.size = size
    run.font.bold = bold
    if colour is not None:
        run.font.color.rgb = colour


def _paragraph(
    holder: Any,
    text: str,
    *,
    face: str = FANGSONG,
    size: Any = BODY,
    align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.JUSTIFY,
    indent: bool = False,
    right: int = 0,
    colour: RGBColor | None = None,
    line: Any = LINE,
) -> Any:
    paragraph = holder.add_paragraph()
    form = paragraph.paragraph_format
    form.line_spacing_rule = WD_LINE_SPACING.EXACTLY if line is not None else WD_LINE_SPACING.SINGLE
    if line is not None:
        form.line_spacing = line
    form.space_before = form.space_after = Pt(0)
    form.alignment = align
    if indent:
        form.first_line_indent = size * 2
    if right:
        form.right_indent = size * right
    _face(paragraph.add_run(printable(text)), face, size, colour=colour)
    return paragraph


def _rule(paragraph: Any, colour: str, eighths: int, edge: str = "bottom") -> None:
    borders = OxmlElement("w:pBdr")
    border = OxmlElement(f"w:{edge}")
    for name, value in (("val", "single"), ("sz", str(eighths)), ("space", "1"), ("color", colour)):
        border.set(qn(f"w:{name}"), value)
    borders.append(border)
    paragraph._p.get_or_add_pPr().append(borders)


def _field(paragraph: Any, instruction: str) -> None:
    for kind, text in (("begin", None), (None, instruction), ("end", None)):
        run = paragraph.add_run()
        _face(run, SONGTI, SMALL)
        if kind is None:
            node = OxmlElement("w:instrText")
            node.set(qn("xml:space"), "preserve")
            node.text = text
        else:
            node = OxmlElement("w:fldChar")
            node.set(qn("w:fldCharType"), kind)
        run._r.append(node)


def _page_number(footer: Any, align: WD_ALIGN_PARAGRAPH) -> None:
    paragraph = footer.paragraphs[0]
    paragraph.alignment = align
    form = paragraph.paragraph_format
    form.left_indent = form.right_indent = SMALL  # one character in from the edge
    for part in ("— ", "PAGE", " —"):
        if part == "PAGE":
            _field(paragraph, part)
        else:
            _face(paragraph.add_run(part), SONGTI, SMALL)


def _sheet() -> Any:
    document = Document()
    document.settings.odd_and_even_pages_header_footer = True
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(28)
    _page_number(section.footer, WD_ALIGN_PARAGRAPH.RIGHT)
    _page_number(section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT)
    return document


def _form(document: Any, rows: tuple[tuple[str, str], ...]) -> None:
    table = document.add_table(rows=0, cols=2)
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    table.columns[0].width, table.columns[1].width = Mm(44), Mm(112)
    for label, value in rows:
        left, right = table.add_row().cells
        left.width, right.width = Mm(44), Mm(112)
        for cell, text, face in ((left, label, HEITI), (right, value, FANGSONG)):
            cell.paragraphs[0]._p.getparent().remove(cell.paragraphs[0]._p)
            _paragraph(cell, text, face=face, size=SMALL, align=WD_ALIGN_PARAGRAPH.LEFT, line=Pt(24))


def to_docx(paper: Paper) -> bytes:
    """The paper as the bytes of a .docx file."""
    document = _sheet()
    if paper.mark:
        for header in (document.sections[0].header, document.sections[0].even_page_header):
            _face(header.paragraphs[0].add_run(f"【{paper.mark}】"), HEITI, SMALL)
    centre, left, right = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.RIGHT
    if paper.kind == "red_head" and paper.issuer:
        _paragraph(document, paper.issuer, face=XIAOBIAOSONG, size=HEAD, align=centre, colour=RED, line=None)
        _paragraph(document, "", line=LINE)
        if paper.signer:
            last = _paragraph(document, f"{paper.number}　　签发人：{paper.signer}", align=centre)
        else:
            last = _paragraph(document, paper.number, align=centre)
        _rule(last, "D7000F", 18)
    elif paper.number:
        _paragraph(document, paper.number, align=right)
    _paragraph(document, "", line=LINE)
    _paragraph(document, paper.title, face=XIAOBIAOSONG, size=TITLE, align=centre, line=Pt(34))
    _paragraph(document, "", line=LINE)
    if paper.addressees:
        _paragraph(document, f"{paper.addressees}：", align=left)
    for text in paper.paragraphs:
        _paragraph(document, text, indent=True)
    if paper.table:
        _form(document, paper.table)
    _paragraph(document, "", line=LINE)
    signed = paper.signed_by or paper.issuer
    if signed:
        _paragraph(document, signed, align=right, right=2)
    if paper.dated:
        _paragraph(document, say(paper.dated), align=right, right=4)
    if paper.remark:
        _paragraph(document, f"（{paper.remark}）", indent=True)
    if paper.copies:
        _paragraph(document, "", line=LINE)
        line = _paragraph(document, f"抄送：{'，'.join(paper.copies)}。", size=SMALL, align=left)
        _rule(line, "000000", 8, "top")
        end = _paragraph(document, f"{paper.issuer}　　{say(paper.dated)}印发", size=SMALL, align=left)
        _rule(end, "000000", 8)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()
