"""A page of a government site becomes lines: the article is found by where its words are, not by a site's class names.

Words outside links weigh; the article is the smallest element that holds most of them. Navigation, scripts and forms
fall away, real tables stay rows. A page that prints title and number in its frame gets them back as the article's head.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gongbao.gazette.heads import NUMBER, TITLE_END, split_issuer
from gongbao.gazette.text import GazetteError, decode, row, squeeze

_DROPPED = {
    "script", "style", "noscript", "template", "nav", "header", "footer", "aside", "form", "button", "select", "input",
    "textarea", "iframe", "object", "svg", "video", "audio", "head", "figure", "canvas",
}  # fmt: skip
_BLOCKS = {
    "p", "div", "section", "article", "main", "body", "html", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ul", "ol", "dl",
    "dt", "dd", "blockquote", "pre", "center", "table", "tr", "td", "th", "tbody", "thead", "tfoot", "caption", "hr",
    "address", "fieldset", "ucapcontent", "ucaptitle",
}  # fmt: skip
_HOLDERS = {"div", "section", "article", "main", "body", "td", "center", "ucapcontent", "blockquote", "span", "tr",
            "table", "tbody", "html"}  # fmt: skip
_HAN = re.compile(r"[\u3400-\u9fff]")
_HIDDEN = re.compile(r"(?i)display\s*:\s*none|visibility\s*:\s*hidden")
_SHARE = 0.8
"""How much of the words an element must hold to be taken for the article; its title and number may stand outside."""
_CHARSET = re.compile(rb"""(?i)<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w-]{3,20})""")
_CHARSETS = {"gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "utf-8": "utf-8", "utf8": "utf-8"}


def lines_of_html(data: bytes, name: str) -> tuple[list[str], str]:
    """The article's lines, and the page's encoding. Raises GazetteError if the page holds no article."""
    try:
        import lxml.html
    except ImportError as error:
        raise GazetteError(f"{name}：读取网页需要安装 lxml。") from error
    decoded, encoding = _decoded(data, name)
    # lxml refuses text that declares its own encoding; it is decoded already.
    decoded = re.sub(r"^\s*<\?xml[^>]*\?>", "", decoded)
    parser = lxml.html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True)
    try:
        page = lxml.html.document_fromstring(decoded, parser=parser)
    except (ValueError, lxml.etree.LxmlError) as error:
        raise GazetteError(f"{name}：网页中没有内容。") from error
    title, number = _announced(page)
    for element in list(page.iter()):
        dropped = element.tag in _DROPPED or _HIDDEN.search(element.get("style") or "")
        if dropped and element.getparent() is not None:
            element.drop_tree()
    lines = _lines(_article(page))
    if not any(_HAN.search(line) for line in lines):
        raise GazetteError(
            f"{name}：网页中没有正文。正文可能由脚本载入，请在浏览器中打开后另存为文本，或导入 PDF、DOCX。"
        )
    return _with_head(lines, title, number), encoding


def _decoded(data: bytes, name: str) -> tuple[str, str]:
    declared = _CHARSET.search(data[:4096])
    known = _CHARSETS.get(declared[1].decode("ascii").lower()) if declared else None
    if known and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        try:
            return data.decode(known), known
        except UnicodeDecodeError:
            pass  # pages declare one encoding and are saved in another
    return decode(data, name)


def _announced(page: Any) -> tuple[str, str]:
    """Title and number as the page's frame gives them: the meta tag that the state's standard for sites asks for, the
    heading, or the title; the number where a cell or a line says 文号."""
    title = ""
    for meta in page.iter("meta"):
        if (meta.get("name") or "").lower() == "articletitle":
            title = squeeze(meta.get("content") or "")
    for tag in ("h1", "h2", "title"):
        for heading in page.iter(tag):
            words = re.split(r"[_|]|\s-\s|--", heading.text_content())[0]
            if not title and TITLE_END.search(squeeze(words)):
                title = squeeze(words)
    number = ""
    for element in page.iter("td", "th", "li", "p", "div", "span", "dd", "dt"):
        words = squeeze(element.text_content())
        if 2 <= len(words) < 60 and re.match(r"(?:发文字号|文号|发文号|文件编号)[：:]?", words):
            following = element.getnext()
            told = words + (squeeze(following.text_content()) if following is not None else "")
            if found := NUMBER.search(re.sub(r"^(?:发文字号|文号|发文号|文件编号)[：:]?", "", told)):
                number = found[0]
                break
    return title, number


def _article(page: Any) -> Any:
    """From the body downwards, as long as one child holds most of the words."""
    weights: dict[Any, int] = {}
    for element in page.iter():
        weights[element] = 0
    for element in page.iter():
        own = len(_HAN.findall(element.text or "")) if not _in_link(element) else 0
        weights[element] += own
        parent = element.getparent()
        if parent is not None and element.tail and not _in_link(parent):
            weights[parent] += len(_HAN.findall(element.tail))
    for element in reversed(list(page.iter())):
        parent = element.getparent()
        if parent is not None:
            weights[parent] += weights[element]
    here = page
    while True:
        heavy = [child for child in here if child.tag in _HOLDERS and weights[child] >= _SHARE * weights[here] > 0]
        if not heavy or (here.tag == "table" and _is_table(here)):
            return here
        if here.tag in ("tr", "tbody") or not _is_row_of_table(heavy[0]):
            here = heavy[0]
        else:
            return here


def _is_row_of_table(element: Any) -> bool:
    """An element inside a real table is not an article, however much it says."""
    table = next(element.iterancestors("table"), None) if element.tag != "table" else element
    return table is not None and _is_table(table)


def _in_link(element: Any) -> bool:
    return element.tag == "a" or next(element.iterancestors("a"), None) is not None


def _is_table(table: Any) -> bool:
    """Two rows of two filled cells and no table within: what remains is a table that lays out a page."""
    if next((inner for inner in table.iter("table") if inner is not table), None) is not None:
        return False
    filled = [sum(1 for cell in line.iter("td", "th") if cell.text_content().strip()) for line in table.iter("tr")]
    return sum(count >= 2 for count in filled) >= 2


def _lines(article: Any) -> list[str]:
    pieces: list[str] = []
    _gather(article, pieces)
    return [re.sub(r"[ \t\r\xa0]+", " ", line).strip() for line in "".join(pieces).split("\n")]


def _gather(element: Any, pieces: list[str]) -> None:
    if element.tag == "table" and _is_table(element):
        pieces.append("\n")
        pieces.extend(f"{line}\n" for line in _rows(element))
        return
    if element.tag == "br":
        pieces.append("\n")
        return
    block = element.tag in _BLOCKS
    if block:
        pieces.append("\n")
    pieces.append(_flat(element.text))
    for child in element:
        _gather(child, pieces)
        pieces.append(_flat(child.tail))
    if block:
        pieces.append("\n")


def _flat(text: str | None) -> str:
    """A line end in the source is nothing between Chinese characters."""
    return re.sub(r"\s*[\r\n]\s*", "", text) if text else ""


def _rows(table: Any) -> Iterator[str]:
    """Rows with the empty cells that cells above or to the left reach into."""
    reaching: dict[int, int] = {}
    caption = next(table.iter("caption"), None)
    if caption is not None and caption.text_content().strip():
        yield squeeze(caption.text_content())
    width = 0
    for line in table.iter("tr"):
        cells: list[str] = []
        shown = 0
        for cell in line.iter("td", "th"):
            while reaching.get(len(cells), 0) > 0:
                reaching[len(cells)] -= 1
                cells.append("")
            across, down = _span(cell, "colspan"), _span(cell, "rowspan")
            for step in range(across):
                if down > 1:
                    reaching[len(cells)] = down - 1
                cells.append(" ".join(filter(None, _lines(cell))) if step == 0 else "")
            shown += 1
        while reaching.get(len(cells), 0) > 0:
            reaching[len(cells)] -= 1
            cells.append("")
        width = max(width, len(cells))
        if any(cells):
            yield row(cells[:1] if shown == 1 and len(cells) == width > 1 else cells)


def _span(cell: Any, name: str) -> int:
    value = (cell.get(name) or "1").strip()
    return min(max(int(value), 1), 1000) if value.isdigit() else 1


def _with_head(lines: list[str], title: str, number: str) -> list[str]:
    """Sites print a document's title and number above its text, often in the page's frame only."""
    opening = squeeze("".join([line for line in lines if line][:12]))
    found = split_issuer(title)
    if not title or not found or squeeze(found[1]) in opening:
        return lines
    issuer, rest = found
    printed = number and number not in opening
    return [issuer, rest, *([number] if printed else []), *lines]
