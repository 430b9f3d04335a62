"""One spelling of a printed text, so that what is read out of it does not depend on how the page was set.

White space goes (the line ends between paragraphs stay), digits and signs become half-width, commas and brackets
between Chinese become full-width.
"""

from __future__ import annotations

import re

_SPACE = re.compile(r"[^\S\n]+")
_SIGNS = str.maketrans("０１２３４５６７８９％．＞＜＝≧≦", "0123456789%.><=≥≤")
_COMMA = re.compile(r",(?!\d{3}(?!\d))|(?<!\d),")
OPEN, CLOSE = "（〔《“「【", "）〕》”」】"


def plain(text: str) -> str:
    """`12，5 ％,各县(市、区)` -> `12，5%，各县（市、区）`."""
    text = _SPACE.sub("", text).translate(_SIGNS)
    text = text.replace("(", "（").replace(")", "）").replace(";", "；").replace(":", "：").replace("~", "～")
    return _COMMA.sub("，", text)


def split_outside(text: str, marks: str) -> list[str]:
    """Cut at any of the marks, but not inside brackets: 各县（市、区）、市财政局 has two pieces. Empty ones are dropped."""
    pieces: list[str] = []
    depth = start = 0
    for at, character in enumerate(text):
        if character in OPEN:
            depth += 1
        elif character in CLOSE:
            depth = max(0, depth - 1)
        elif character in marks and depth == 0:
            pieces.append(text[start:at])
            start = at + 1
    return [piece for piece in (*pieces, text[start:]) if piece]


def sentences(text: str) -> list[str]:
    """Sentences and what semicolons part, brackets kept whole."""
    return split_outside(text, "。；！？\n")
