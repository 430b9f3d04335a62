"""Where the seeds are, and what a gazette's structure is when two readings of it are compared."""

from __future__ import annotations

import os
import random
import re
from functools import lru_cache
from pathlib import Path

import pytest

from gongbao.gazette.clauses import clauses
from gongbao.gazette.documents import Document
from gongbao.gazette.library import Gazette, Library, read_gazette

REPOSITORY = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("GONGBAO_SHARED") or REPOSITORY.parent / "shared")
SEEDS = SHARED / "seeds"
SPEC = SHARED / "spec" / "README.md"

HAVE_SEEDS = any(SEEDS.glob("*.txt")) and SPEC.is_file()
needs_seeds = pytest.mark.skipif(
    not HAVE_SEEDS,
    reason="没有种子公报：请用环境变量 GONGBAO_SHARED 指向含 seeds/ 和 spec/ 的文件夹",
)

HEAVY_POLLUTION = "廊政办字〔2017〕118号"
HOTLINE = "廊政办字〔2023〕1号"
CREDIT = "廊政办字〔2023〕8号"


@lru_cache(maxsize=1)
def library() -> Library:
    return Library.read([SEEDS])


def seed_document(number: str) -> Document:
    return library().document(number)


def seed_file(prefix: str) -> Path:
    return next(SEEDS.glob(f"{prefix}_*.txt"))


def listed_documents() -> list[tuple[str, int, int, str | None, str]]:
    """The table of the spec: seed, first line, last line, number (None for 无文号), short title."""
    rows = []
    for line in SPEC.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) > 7 and re.fullmatch(r"\d{3}", cells[2]):
            first, last = map(int, cells[3].split("-"))
            number = re.sub(r"\s*\(.*\)$", "", cells[4])
            rows.append((cells[2], first, last, None if number == "无文号" else number, cells[5]))
    return rows


def structure(gazette: Gazette) -> list[object]:
    """Everything that must not depend on white space: heads, locators, words, cells."""
    return [
        (
            document.number,
            document.title,
            document.heading,
            document.issuer,
            document.dated,
            [(part.kind, part.label) for part in document.parts],
            [(clause.locator, clause.kind, re.sub(r"\s", "", clause.text)) for clause in clauses(document).walk()],
            [row.cells for clause in clauses(document).walk() for table in clause.tables for row in table.rows],
        )
        for document in gazette.documents
    ]


def respace(text: str, seed: int) -> str:
    """The same gazette set with other white space: trailing spaces, more blank lines, spread headings, CRLF."""
    chance = random.Random(seed)
    lines = text.split("\n")
    out: list[str] = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if line.strip() == "通知":
            line = "通　　知"
        if line.strip() and not line.startswith("\t"):
            line = chance.choice(("", "　　", " ")) + line + chance.choice(("", "  ", "　", "\t"))
        out.append(line)
        if not line.startswith("\t") and not following.startswith("\t") and chance.random() < 0.3:
            out.append("")
        elif line.strip() == "" and not line.startswith("\t") and chance.random() < 0.3:
            out.append("　")
    return chance.choice(("\n", "\r\n")).join(out)


def reread(text: str) -> Gazette:
    return read_gazette(text.encode(), "重排的公报")
