"""A report with headings and tables of several columns: what it says, apart from how it is laid out (report_docx)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """One heading with paragraphs, then a table. `widths`: parts of the width, by column; equal where left out."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    widths: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    title: str
    sections: tuple[Section, ...]
    subtitle: str = ""
    issuer: str = ""
    dated: dt.date | None = None
    remark: str = ""
