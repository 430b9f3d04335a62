"""Bytes become numbered lines: whatever the file's encoding or layout, a line keeps the number that `sed` gives it.

This module reads plain text; `formats` reads every format that a city publishes in, into the same `Text`.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MAX_BYTES = 64 * 1024 * 1024
MAX_LINE = 200_000
"""Longest line in characters. A real paragraph has hundreds; a file far beyond that is not a gazette's text."""

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_BREAKS = re.compile("[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f\ufeff\u200b-\u200f\u2060\u00ad]")
_FIELD = re.compile(r'\b(?:INCLUDEPICTURE|HYPERLINK|PAGEREF)\s+(?:"[^"]*"|\S+)(?:\s*\\[*\w]+(?:\s*[A-Z]+\b)?)*')
"""What Word computes a field from; a converter may leave it between the words."""
_SPACE = re.compile(r"\s+")
_PAGE = re.compile(r"[-—–－·•.…\s]*(?:第\s*)?\d{1,4}(?:\s*页)?(?:\s*[/／共]\s*\d{1,4}\s*页?)?[-—–－·•.…\s]*")


class GazetteError(ValueError):
    """What is wrong with a gazette or a locator, in words for the person who gave it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file. `raw` is as printed (TABs kept, they mark cells); `text` is trimmed for reading.

    `page` counts from 1 in formats that have pages (PDF, DOCX), and is 0 elsewhere.
    """

    number: int
    raw: str
    text: str
    page: int = 0

    @property
    def is_cell(self) -> bool:
        """A table that lost its layout prints one cell per line, each behind a TAB."""
        return self.raw.startswith("\t")

    @property
    def is_piped(self) -> bool:
        """A table row kept between pipes: `| 1 | 名称 |`."""
        return self.text.startswith("|") and self.text.endswith("|") and len(self.text) > 1


@dataclass(frozen=True, slots=True)
class Text:
    """A file as lines. `encoding` is that of plain text and HTML, else the format (`pdf`, `docx`).

    `digest` is the SHA-256 of the file's bytes; page numbers standing alone are blank in `lines`. `warnings` say what
    of the file could not be read.
    """

    name: str
    encoding: str
    digest: str
    lines: tuple[Line, ...]
    line_count: int
    warnings: tuple[str, ...] = ()


def read(data: bytes, name: str = "公报") -> Text:
    """Decode a plain text gazette. Raises GazetteError, in Chinese, for what is not one."""
    decoded, encoding = decode(data, name)
    return of_lines(((line, 0) for line in split(decoded)), name, encoding, hashlib.sha256(data).hexdigest())


def split(decoded: str) -> list[str]:
    """The lines of a decoded file, without their ends; a last line feed ends the last line and opens none."""
    if "\n" not in decoded and "\r" in decoded:
        decoded = decoded.replace("\r", "\n")
    numbered = decoded.split("\n")
    if numbered and numbered[-1] == "":
        numbered.pop()
    return numbered


def of_lines(printed: Iterable[tuple[str, int]], name: str, encoding: str, digest: str) -> Text:
    """The model of a file from its lines and their pages. Raises GazetteError when no line holds a Chinese character."""
    lines: list[Line] = []
    for number, (line, page) in enumerate(printed, 1):
        lines.extend(pieces(number, line, name, page))
    if not any(_HAN.search(line.text) for line in lines):
        raise GazetteError(f"{name}：文件中没有汉字，不是公报文本。")
    return Text(name, encoding, digest, tuple(lines), lines[-1].number)


def pieces(number: int, printed: str, name: str, page: int = 0) -> Iterator[Line]:
    """One printed line as read: usually one. A stray CR, form feed or Unicode line separator parts the line but must
    not shift the numbers of the rest."""
    if len(printed) > MAX_LINE:
        raise GazetteError(
            f"{name}：第{number}行有{len(printed)}个字符，超过每行{MAX_LINE}个字符的上限，不像公报文本。请检查文件是否缺少换行。"
        )
    parts = [p for p in _BREAKS.split(printed) if p] if _BREAKS.search(printed) else [printed]
    for piece in parts or [""]:
        raw = _INVISIBLE.sub("", piece) if _INVISIBLE.search(piece) else piece
        if "\\" in raw or "INCLUDEPICTURE" in raw:
            raw = _FIELD.sub("", raw)
        text = raw.strip()
        if text and not raw.startswith("\t") and is_page_debris(text):
            raw = text = ""
        yield Line(number, raw, text, page)


def decode(data: bytes, name: str = "公报") -> tuple[str, str]:
    """The text and the name of its encoding: UTF-8, UTF-16 (with or without BOM) or GB18030."""
    if not data.strip():
        raise GazetteError(f"{name}：文件是空的。请选择含有公报正文的文本文件。")
    if len(data) > MAX_BYTES:
        raise GazetteError(f"{name}：文件有{len(data)}字节，超过{MAX_BYTES}字节的上限。请按期拆分后再导入。")
    for bom, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(bom):
            return _checked(_decode(data[2:], encoding), encoding, name)
    if data.startswith(codecs.BOM_UTF8):
        data = data[3:]
    guesses = ["utf-8", "gb18030"]
    if b"\0" in data[:4096]:
        guesses = _utf16_guess(data)
        if not guesses:
            raise GazetteError(f"{name}：文件含有空字节，是二进制文件，不是公报文本。")
    for encoding in guesses:
        decoded = _decode(data, encoding)
        if decoded is not None:
            return _checked(decoded, encoding, name)
    raise GazetteError(f"{name}：无法解码。可读的编码是 UTF-8、GB18030、UTF-16；文件可能损坏，或者是二进制文件。")


def _decode(data: bytes, encoding: str) -> str | None:
    # An incremental decoder forgives a character cut off by the end of a truncated file, and nothing else.
    try:
        return codecs.getincrementaldecoder(encoding)().decode(data, final=False)
    except UnicodeDecodeError:
        return None


def _utf16_guess(data: bytes) -> list[str]:
    """UTF-16 without a BOM shows its line feeds and ASCII as pairs with a zero byte on one constant side."""
    head = data[: 1 << 16]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > 4 * even:
        return ["utf-16-le"]
    if even > 4 * odd:
        return ["utf-16-be"]
    return []


def _checked(decoded: str | None, encoding: str, name: str) -> tuple[str, str]:
    if decoded is None:
        raise GazetteError(f"{name}：不是有效的 {encoding.upper()} 文本，文件可能损坏。")
    sample = decoded[:100_000]
    strange = len(re.findall("[\x00-\x08\x0e-\x1f\x7f\ufffd\ue000-\uf8ff]", sample))
    if strange * 50 > len(sample):
        raise GazetteError(f"{name}：开头{len(sample)}个字符中有{strange}个控制符或私用字符，是二进制文件或编码有误。")
    return decoded, encoding


def squeeze(text: str) -> str:
    """Headings are spread with spaces for looks (通　　知); without any white space they can be compared."""
    return _SPACE.sub("", text)


def is_page_debris(text: str) -> bool:
    """A page number between dashes or dots, or 第N页, alone on its line. A bare number may be content and stays."""
    if len(text) > 24 or not _PAGE.fullmatch(text):
        return False
    return not text.strip().isdigit() and not re.fullmatch(r"\d+\.\d+", text.strip())


def row(cells: Iterable[str]) -> str:
    """A row of a real table as one line. A pipe or a line break inside a cell must not look like a border."""
    return "| " + " | ".join(" ".join(cell.replace("|", "｜").split()) for cell in cells) + " |"
