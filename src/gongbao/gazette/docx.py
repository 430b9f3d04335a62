"""A DOCX is walked in reading order: paragraphs with the numbers that Word writes by itself, tables row by row.

Much of an official text's numbering (一、 （一） 第三条) is not typed but counted by Word, so it is counted here as well.
Left out are what the reader of the paper does not see: deletions, hidden text, field codes, contents pages.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from gongbao.gazette.locators import CIRCLED, han
from gongbao.gazette.text import GazetteError, row

MAX_UNPACKED = 256 * 1024 * 1024
MAX_RATIO = 200
"""How many times its packed size a part may unpack to, beyond the first megabyte. Text packs about 5 to 1."""

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DELETED = {
    _W + tag
    for tag in ("del", "moveFrom", "instrText", "delText", "rPr", "pPr", "sdtPr", "rt", "footnoteReference", "commentReference")
}  # fmt: skip
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_CONTENTS = re.compile(r"(?i)(?:toc|目录)\s?\d")
_LIST_ITEM = re.compile(r"%([1-9])")
_HAN_FORMATS = {
    "chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCounting", "taiwaneseCountingThousand",
    "ideographDigital", "japaneseDigitalTenThousand", "koreanCounting",
}  # fmt: skip


def lines_of_docx(data: bytes, name: str) -> Iterator[tuple[str, int]]:
    """The lines of a document with the pages that Word last laid them out on (1 throughout if it noted none).

    Raises GazetteError for a damaged file, and for one that unpacks to far more than it is (a zip bomb).
    """
    _measure(data, name)
    try:
        import docx
    except ImportError as error:
        raise GazetteError(f"{name}：读取 DOCX 需要安装 python-docx。") from error
    try:
        document = docx.Document(io.BytesIO(data))
        body = document.element.body
    except Exception as error:  # python-docx raises KeyError, ValueError and lxml's errors alike for a broken package
        raise GazetteError(f"{name}：DOCX 已损坏，无法打开。请重新下载，或用 WPS、Word 打开后另存。") from error
    reader = _Reader(_Numbering.of(document))
    reader.blocks(body)
    return iter(reader.lines)


def _measure(data: bytes, name: str) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        unpacked = 0
        for member in archive.infolist():
            unpacked += member.file_size
            packed = max(member.compress_size, 1)
            if member.file_size > 1024 * 1024 and member.file_size > MAX_RATIO * packed:
                raise GazetteError(
                    f"{name}：其中的“{member.filename}”压缩前后相差{member.file_size // packed}倍，不像正常文件，已拒绝读取。"
                )
        if unpacked > MAX_UNPACKED:
            raise GazetteError(f"{name}：解压后有{unpacked}字节，超过{MAX_UNPACKED}字节的上限。请按期拆分后再导入。")


@dataclass
class _Numbering:
    """Word's automatic numbers: what level a paragraph or its style is on, and what that level writes."""

    levels: dict[tuple[str, int], tuple[str, str, int, str]] = field(default_factory=dict)
    abstract: dict[str, str] = field(default_factory=dict)
    styles: dict[str, Any] = field(default_factory=dict)
    styled: dict[tuple[str, str], int] = field(default_factory=dict)
    counters: dict[str, list[int | None]] = field(default_factory=dict)

    @classmethod
    def of(cls, document: Any) -> _Numbering:
        made = cls()
        for style in document.styles.element.iterfind(_W + "style"):
            made.styles[style.get(_W + "styleId")] = style
        try:
            numbering = document.part.numbering_part.element
        except (KeyError, NotImplementedError):
            return made
        abstracts = {a.get(_W + "abstractNumId"): a for a in numbering.iterfind(_W + "abstractNum")}
        for num in numbering.iterfind(_W + "num"):
            number = num.get(_W + "numId")
            reference = num.find(_W + "abstractNumId")
            key = reference.get(_W + "val") if reference is not None else ""
            made.abstract[number] = key
            if key in abstracts:
                made._levels(number, abstracts[key])
            for override in num.iterfind(_W + "lvlOverride"):
                made.abstract[number] = f"{key}/{number}"  # it counts for itself
                for level in override.iterfind(_W + "lvl"):
                    made._level(number, level)
                start = override.find(_W + "startOverride")
                at = (number, int(override.get(_W + "ilvl") or 0))
                if start is not None and at in made.levels:
                    form, words, _, suffix = made.levels[at]
                    made.levels[at] = (form, words, int(start.get(_W + "val") or 1), suffix)
        return made

    def _levels(self, number: str, abstract: Any) -> None:
        for level in abstract.iterfind(_W + "lvl"):
            self._level(number, level)

    def _level(self, number: str, level: Any) -> None:
        def value(tag: str, default: str) -> str:
            found = level.find(_W + tag)
            return default if found is None else str(found.get(_W + "val") or default)

        style, start = value("pStyle", ""), value("start", "1")
        if style:
            self.styled[(number, style)] = int(level.get(_W + "ilvl") or 0)
        self.levels[(number, int(level.get(_W + "ilvl") or 0))] = (
            value("numFmt", "decimal"),
            value("lvlText", ""),
            int(start) if start.isdigit() else 1,
            value("suff", "tab"),
        )

    def properties(self, paragraph: Any) -> tuple[str, int] | None:
        """The list and level of a paragraph, its own or its style's."""
        holder = paragraph.find(_W + "pPr")
        style = _value(holder, "pStyle", "")
        level: int | None = None
        for properties in (holder, *self._inherited(style)):
            listed = None if properties is None else properties.find(_W + "numPr")
            if listed is None:
                continue
            at, number = listed.find(_W + "ilvl"), listed.find(_W + "numId")
            if level is None and at is not None:
                level = int(at.get(_W + "val") or 0)
            if number is not None:
                key = str(number.get(_W + "val"))
                if key == "0":  # the paragraph takes itself out of its style's list
                    return None
                return key, self.styled.get((key, style), 0) if level is None else level
        return None

    def _inherited(self, style: str) -> Iterator[Any]:
        """Paragraph properties of a style and of those that it is based on."""
        seen: set[str] = set()
        while style in self.styles and style not in seen:
            seen.add(style)
            yield self.styles[style].find(_W + "pPr")
            style = _value(self.styles[style], "basedOn", "")

    def is_contents(self, paragraph: Any) -> bool:
        """A line of a contents page, by the name of its style (toc 1, 目录 2)."""
        style = _value(paragraph.find(_W + "pPr"), "pStyle", "")
        known = self.styles.get(style)
        return bool(_CONTENTS.fullmatch(style) or _CONTENTS.fullmatch(_value(known, "name", "")))

    def label(self, paragraph: Any) -> str:
        """What Word writes before this paragraph. Counts on, so it is asked once for each, in order."""
        found = self.properties(paragraph)
        if found is None or found not in self.levels:
            return ""
        number, at = found
        counters = self.counters.setdefault(self.abstract[number], [None] * 9)
        before = counters[at]
        counters[at] = self.levels[found][2] if before is None else before + 1
        counters[at + 1 :] = [None] * (8 - at)
        form, words, _, suffix = self.levels[found]
        if form in ("bullet", "none"):
            return ""

        def count(match: re.Match[str]) -> str:
            level = int(match[1]) - 1
            own = self.levels.get((number, level), ("decimal", "", 1, ""))
            return _written(counters[level] or own[2], own[0])

        label = _LIST_ITEM.sub(count, words)
        return label if suffix == "nothing" or not label else label + "　" if label.startswith("第") else label


def _written(number: int, form: str) -> str:
    if form in _HAN_FORMATS:
        return han(number) if 0 < number < 1000 else str(number)
    if form in ("decimalEnclosedCircle", "decimalEnclosedCircleChinese"):
        return CIRCLED[number - 1] if 0 < number <= len(CIRCLED) else f"（{number}）"
    if form in ("lowerLetter", "upperLetter") and 0 < number <= 26:
        return chr((97 if form == "lowerLetter" else 65) + number - 1)
    if form in ("upperRoman", "lowerRoman"):
        roman = ""
        for value, letters in ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
            while number >= value:
                roman, number = roman + letters, number - value
        return roman if form == "upperRoman" else roman.lower()
    return str(number)


class _Reader:
    """Collects lines in reading order."""

    def __init__(self, numbering: _Numbering) -> None:
        self.numbering = numbering
        self.lines: list[tuple[str, int]] = []
        self.page = 1
        self.laid_out: bool | None = None

    def blocks(self, container: Any) -> None:
        for block in container.iterchildren():
            if block.tag == _W + "p":
                self._paragraph(block)
            elif block.tag == _W + "tbl":
                self._table(block)
            elif block.tag == _W + "sdt":
                gallery = block.find(f".//{_W}docPartGallery")
                if gallery is None or gallery.get(_W + "val") != "Table of Contents":
                    for content in block.iterfind(_W + "sdtContent"):
                        self.blocks(content)
            elif block.tag in (_W + "ins", _W + "customXml", _W + "moveTo", _W + "smartTag"):
                self.blocks(block)

    def _paragraph(self, paragraph: Any) -> None:
        page = self.page
        text, boxes = self._text(paragraph)
        label = self.numbering.label(paragraph) if text.strip() else ""
        if not self.numbering.is_contents(paragraph):
            for part in (label + text).split("\n"):
                self.lines.append((part.strip(), page))
        for box in boxes:
            self.blocks(box)

    def _text(self, element: Any) -> tuple[str, list[Any]]:
        pieces: list[str] = []
        boxes: list[Any] = []
        self._gather(element, pieces, boxes)
        return "".join(pieces), boxes

    def _gather(self, element: Any, pieces: list[str], boxes: list[Any]) -> None:
        for child in element.iterchildren():
            tag = child.tag
            if tag in _DELETED or tag == _FALLBACK or not isinstance(tag, str):
                continue
            if tag == _W + "t":
                pieces.append((child.text or "").replace("\t", "　"))
            elif tag in (_W + "tab", _W + "ptab"):
                pieces.append("　")
            elif tag == _W + "br":
                pieces.append("\n")
                self.page += child.get(_W + "type") == "page" and not self._laid_out(child)
            elif tag == _W + "cr":
                pieces.append("\n")
            elif tag == _W + "noBreakHyphen":
                pieces.append("-")
            elif tag == _W + "lastRenderedPageBreak":
                self.page += 1
            elif tag == _W + "txbxContent":
                boxes.append(child)
            elif tag == _W + "r" and _hidden(child):
                continue
            else:
                self._gather(child, pieces, boxes)

    def _laid_out(self, element: Any) -> bool:
        """Did Word note its own page breaks? Then a typed one is already among them."""
        if self.laid_out is None:
            self.laid_out = next(element.getroottree().iter(_W + "lastRenderedPageBreak"), None) is not None
        return self.laid_out

    def _table(self, table: Any) -> None:
        rows = []
        for line in _children(table, "tr"):
            page = self.page
            cells: list[str] = []
            covered = 1
            for cell in _children(line, "tc"):
                properties = cell.find(_W + "tcPr")
                span = _value(properties, "gridSpan", "1")
                merge = None if properties is None else properties.find(_W + "vMerge")
                words = self._cell(cell)
                # A cell that goes on from the row above is empty here, as it is on paper.
                continued = merge is not None and merge.get(_W + "val") != "restart"
                cells.append("" if continued else words)
                covered = int(span) if span.isdigit() else 1
                cells.extend([""] * (covered - 1))
            rows.append((cells[:1] if covered == len(cells) else cells, page, line))
        if max((len(cells) for cells, _, _ in rows), default=0) < 2:  # a frame around text is no table
            for _, _, line in rows:
                for cell in _children(line, "tc"):
                    self.blocks(cell)
            return
        for cells, page, _ in rows:
            if any(cells):
                self.lines.append((row(cells), page))

    def _cell(self, cell: Any) -> str:
        inner = _Reader(self.numbering)
        inner.page = self.page
        if (
            max(
                (len(list(_children(line, "tc"))) for t in cell.iter(_W + "tbl") for line in _children(t, "tr")),
                default=1,
            )
            > 1
        ):
            inner.blocks(cell)
            return " ".join(text.strip("| ").replace(" | ", " ") for text, _ in inner.lines)
        for paragraph in cell.iter(_W + "p"):
            inner._paragraph(paragraph)
        self.page = inner.page
        return " ".join(text for text, _ in inner.lines if text)


def _children(element: Any, tag: str) -> Iterator[Any]:
    """Direct rows of a table or cells of a row, also inside content controls."""
    for child in element.iterchildren():
        if child.tag == _W + tag:
            yield child
        elif child.tag in (_W + "sdt", _W + "sdtContent", _W + "ins", _W + "customXml"):
            yield from _children(child, tag)


def _value(properties: Any, tag: str, default: str) -> str:
    found = None if properties is None else properties.find(_W + tag)
    return default if found is None else str(found.get(_W + "val") or default)


def _hidden(run: Any) -> bool:
    properties = run.find(_W + "rPr")
    mark = None if properties is None else properties.find(_W + "vanish")
    return mark is not None and mark.get(_W + "val") not in ("0", "false", "off")
