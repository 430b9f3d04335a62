"""How a document and a clause are cited in writing: 《标题》（文号）第十六条第（二）项.

What is written resolves back to the clause (`clauses.resolve`). A level without a name of its own in the practice of
legislation (a table's row, a numbered line below 目) is written as it is printed.
"""

from __future__ import annotations

import re

from gongbao.gazette.clause import Clause
from gongbao.gazette.documents import Document
from gongbao.gazette.locators import parse

_UNNUMBERED = ("（一）", "1", "（1）", "1）", "①", "项")


def document_words(document: Document) -> str:
    """《title》（number）; without a number, the issuer and the day stand in its place. Inner 《》 become 〈〉."""
    title = re.sub(r"^〈(.*)〉$", r"\1", document.title.replace("《", "〈").replace("》", "〉"))
    stands = document.number
    if not stands or stands.startswith("〔"):
        day = document.dated
        when = f"，{day.year}年{day.month}月{day.day}日" if day else ""
        stands = f"{document.issuer}{stands or ''}{when}"
    return f"《{title}》（{stands}）"


def locator_words(locator: str) -> str:
    """第十六条第（二）项 for 第十六条（二）, 第四部分第（一）项第3目 for 四（一）3; a locator that has no such words as it is."""
    if re.match(r"附件[（(]", locator):  # 附件（一） would be read as annex 1
        return locator
    if locator.startswith("附件 "):  # an annex without a number
        inner = locator_words(locator.removeprefix("附件 "))
        return f"附件{inner}" if inner.startswith("第") else locator
    tokens = parse(locator)
    if not tokens or any(kind in ("#", "skip", "行", "表", "note", "last", "列") for kind, _ in tokens):
        return locator
    words, levels = "", 0
    named = False  # an article or a part stands above
    for kind, text in tokens:
        if kind == "一":
            words, levels, named = f"{words}第{text}部分", 0, True
        elif kind in ("条", "章", "节", "款"):
            words, levels, named = words + text, 0, True
        elif kind in _UNNUMBERED:
            levels += 1
            if not named or levels > 2 or kind in ("1）", "①"):
                apart = " " if words and words[-1].isdigit() and text[0].isdigit() else ""
                words += apart + text
            else:
                words += f"第{text}{'项' if levels == 1 else '目'}"
        else:
            words += text
    return words


def clause_words(document: Document, clause: Clause) -> str:
    """The clause cited in full, as it is written in a reply or a decision."""
    locator = clause.locator
    if locator in ("", "正文"):
        return document_words(document)
    return document_words(document) + (locator if clause.row is not None else locator_words(locator))
