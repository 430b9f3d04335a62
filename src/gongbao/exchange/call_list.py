"""A list of whom to call, as PDF: for when the network is down, so it is drawn up before and lies on the desk.

The Chinese face is named, not embedded (STSong-Light with UniGB encoding, in every PDF reader's Asian font pack).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

FACE = "STSong-Light"
WIDTHS = (52 * mm, 24 * mm, 34 * mm, 36 * mm, 34 * mm)


@dataclass(frozen=True, slots=True)
class Callee:
    """One line: `post` is what the person does (带班, 值班, 局长); empty texts print as a line to write on."""

    unit: str
    post: str
    name: str
    phone: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class CallList:
    """`drawn`: who drew it up and when, at the foot of every page; `parts`: a heading with its lines each."""

    title: str
    drawn: str
    parts: tuple[tuple[str, tuple[Callee, ...]], ...]
    banner: str = ""


def _style(size: float, **more: Any) -> ParagraphStyle:
    return ParagraphStyle(f"s{size}{sorted(more)}", fontName=FACE, fontSize=size, leading=size * 1.35, **more)


def to_pdf(calls: CallList) -> bytes:
    """The list as the bytes of a PDF on A4, the head of the table on every page."""
    if FACE not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(FACE))
    cell, head = _style(9.5, wordWrap="CJK"), _style(9.5, wordWrap="CJK", textColor=colors.HexColor("#333333"))
    story: list[Any] = []
    story.append(Paragraph(_plain(calls.title), _style(17, alignment=TA_CENTER)))
    for heading, lines in calls.parts:
        story += [Spacer(1, 5 * mm), Paragraph(_plain(heading), _style(12)), Spacer(1, 1.5 * mm)]
        rows = [[Paragraph(word, head) for word in ("单位", "岗位", "姓名", "电话", "备注")]]
        rows += [[Paragraph(_plain(text), cell) for text in _cells(line)] for line in lines]
        table = Table(rows, colWidths=WIDTHS, repeatRows=1)
        table.setStyle(TableStyle([
            ("GRID", (0, 0), (-1, -1), 0.5, colors.HexColor("#888888")),
            ("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#eeeeee")),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ("TOPPADDING", (0, 0), (-1, -1), 2.5), ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
        ]))  # fmt: skip
        story.append(table)

    def foot(canvas: Any, document: Any) -> None:
        canvas.setFont(FACE, 8.5)
        if calls.banner:  # on every page: sheets come apart
            canvas.drawCentredString(A4[0] / 2, A4[1] - 9 * mm, f"【{calls.banner}】")
        canvas.drawString(15 * mm, 9 * mm, calls.drawn)
        canvas.drawRightString(A4[0] - 15 * mm, 9 * mm, f"第{document.page}页")

    out = io.BytesIO()
    SimpleDocTemplate(
        out, pagesize=A4, leftMargin=15 * mm, rightMargin=15 * mm, topMargin=15 * mm, bottomMargin=16 * mm,
        title=calls.title,
    ).build(story, onFirstPage=foot, onLaterPages=foot)  # fmt: skip
    return out.getvalue()


def _cells(line: Callee) -> Sequence[str]:
    return line.unit, line.post, line.name, line.phone, line.note


def _plain(text: str) -> str:
    """Text for reportlab, which reads its paragraphs as XML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
