"""A report with headings and tables of several columns: what it says, apart from how it is laid out (report_docx)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Grid:
    """A table. `widths`: parts of the width, by column; equal where left out."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """One heading with paragraphs, then a table; a table without rows is left out."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    grid: Grid | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """`mark`: a word at the head of every page (演练), so that no page can be taken for another thing."""

    title: str
    sections: tuple[Section, ...]
    subtitle: str = ""
    mark: str = ""
    issuer: str = ""
    dated: dt.date | None = None
    remark: str = ""


def to_docx(report: Report) -> bytes:
    """The report as the bytes of a .docx file."""
    from gongbao.exchange import report_docx  # python-docx is not for a server's start

    return report_docx.laid_out(report)
