"""How people point into a document (四（一）, 第16条第2项, 附件2第3行), read as tokens and written in one form.

`四（一）`, `第十六条（二）`, `附件2 一 3`, `四（四）3（3）①`, `四（一）第4款`; a number printed twice has `#2`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_DIGITS = "一二三四五六七八九"
HAN = r"[一二三四五六七八九十百零〇]{1,7}"
CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
ONE_CHARACTER = {
    **{chr(0x2474 + i): f"（{i + 1}）" for i in range(20)},
    **{chr(0x2488 + i): f"{i + 1}." for i in range(20)},
    **{chr(0x3220 + i): f"（{c}）" for i, c in enumerate("一二三四五六七八九十")},
}
FULL_DIGITS = str.maketrans("０１２３４５６７８９（）", "0123456789（）")


def number_value(text: str) -> int | None:
    """Arabic, Chinese or circled, up to 999."""
    text = text.translate(FULL_DIGITS)
    if text.isascii() and text.isdigit():
        return int(text)
    if text in CIRCLED:
        return CIRCLED.index(text) + 1
    if len(text) > 1 and all(character in _DIGITS + "零〇" for character in text):  # 一〇一
        return int("".join(str(_DIGITS.find(character) + 1) for character in text)) or None
    total = digit = 0
    for character in text:
        if character in _DIGITS:
            digit = _DIGITS.index(character) + 1
        elif character == "十":
            total += (digit or 1) * 10
            digit = 0
        elif character == "百":
            total += digit * 100
            digit = 0
        elif character not in "零〇":
            return None
    total += digit
    return total or None


def han(number: int) -> str:
    """1..999 in Chinese numerals, as clauses print them: 十六, 二十一, 一百零五."""
    if number >= 100:
        rest = number % 100
        middle = "零" if 0 < rest < 10 else ""
        tail = "" if rest == 0 else ("一" if 10 <= rest < 20 else "") + han(rest)
        return f"{_DIGITS[number // 100 - 1]}百{middle}{tail}"
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens - 1]}十"
    return head + ("" if ones == 0 else _DIGITS[ones - 1])


def token(kind: str, number: int) -> str:
    """One step of a locator as it is written: 第三条, 四, （四）, 3, （3）, ③, 第2款."""
    match kind:
        case "章" | "节" | "条" | "款" | "行":
            return f"第{han(number)}{kind}" if kind not in "款行" else f"第{number}{kind}"
        case "一":
            return han(number)
        case "（一）":
            return f"（{han(number)}）"
        case "（1）":
            return f"（{number}）"
        case "1）":
            return f"{number}）"
        case "①":
            return CIRCLED[number - 1] if number <= len(CIRCLED) else f"（{number}）"
    return str(number)


def join(parent: str, token: str) -> str:
    """A space only where two tokens would run into one number: 附件2 一 3, but 四（四）3（3）①."""
    if not parent:
        return token
    apart = token[0] not in "（①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳#" and parent[-1] not in "）》" and not token.startswith("第")
    if token.startswith("第"):
        apart = token[-1] not in "款章节条"
    return f"{parent} {token}" if apart else parent + token


_PARTS = {
    "题注": "题注", "标题": "题注", "文首": "题注", "题头": "题注",
    "正文": "正文", "前言": "正文", "引言": "正文", "序言": "正文", "导语": "正文", "总述": "正文",
    "通知": "通知", "印发通知": "通知", "落款": "落款", "附件目录": "附件目录", "附件清单": "附件目录",
    "解读": "解读", "政策解读": "解读",
}  # fmt: skip
_NOTES = ("说明", "备注", "注", "附注", "注释")
_READ = re.compile(
    r"(?P<text>《[^》]+》)"
    rf"|(?P<part>{'|'.join(sorted(_PARTS, key=len, reverse=True))})"
    rf"|(?P<annex>附\s*件\s*(?:[（(]?(?P<annex_no>\d{{1,2}}|{HAN})[）)]?(?!、))?(?P<annex_rest>\s*[:：]?))"
    rf"|专栏\s*(?P<box>\d{{1,2}}|{HAN})(?P<box_rest>\s*[:：、])?"
    rf"|第\s*(?P<nth>{HAN}|\d{{1,3}}|[（(]\s*(?:{HAN}|\d{{1,3}})\s*[）)])\s*(?P<unit>部分|[章节条款项行段列目])"
    rf"|[（(]\s*(?P<bracket_han>{HAN})\s*[）)]"
    r"|[（(]\s*(?P<bracket>\d{1,3})\s*[）)]"
    rf"|(?P<circled>[{CIRCLED}])"
    r"|(?P<half>\d{1,2})[）)]"
    r"|#(?P<dup>\d{1,3})"
    rf"|(?P<note>{'|'.join(_NOTES)})"
    r"|表(?P<table>\d{1,2})?"
    r"|(?P<last>(?:最后一|末)[款段])"
    rf"|(?P<han>{HAN})、?"
    r"|(?P<arabic>\d{1,3})[.．、]?(?:项|行)?"
    r"|(?P<skip>[\s、，,.．。之的:：\-—/·]+)"
)


def parse(locator: str) -> list[tuple[str, str]]:
    """A locator as tokens (kind, canonical text), or an empty list if some of it is not a locator."""
    text = "".join(ONE_CHARACTER.get(c, c) for c in locator.strip().strip("“”\"'")).translate(FULL_DIGITS)
    tokens: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        match = _READ.match(text, at)
        if not match or match.end() == at:
            return []
        at = match.end()
        token = _read_token(match)
        if token is None:
            return []
        if token[1]:
            tokens.append(token)
    return tokens


def _read_token(match: re.Match[str]) -> tuple[str, str] | None:
    got = match.groupdict()
    if got["annex"]:
        number = number_value(got["annex_no"]) if got["annex_no"] else None
        spaced = number is not None and re.match(r"附\s*件\s", got["annex"])
        return ("附件 " if spaced else "附件"), f"附件{number or ''}"
    if got["nth"]:
        bare = got["nth"].strip("（）() ")
        number = number_value(bare)
        if number is None:
            return None
        unit = got["unit"]
        if unit in "项目":
            if "（" in got["nth"] or "(" in got["nth"]:
                kind = "（1）" if bare.isdigit() else "（一）"
                return kind, token(kind, number)
            return "项", str(number)
        kind = {"段": "款", "部分": "一"}.get(unit, unit)
        return kind, token(kind, number) if kind != "列" else f"第{number}列"
    for name, kind in (
        ("bracket_han", "（一）"),
        ("bracket", "（1）"),
        ("circled", "①"),
        ("half", "1）"),
        ("han", "一"),
        ("arabic", "1"),
    ):
        if got[name]:
            number = number_value(got[name])
            return (kind, token(kind, number)) if number else None
    if got["dup"]:
        return ("#", f"#{got['dup']}") if got["dup"] != "1" else ("skip", "")
    if got["text"]:
        return "part", got["text"]
    if got["box"]:
        number = number_value(got["box"])
        return ("专栏", f"专栏{number}") if number else None
    if got["part"]:
        return "part", _PARTS[got["part"]]
    if got["note"]:
        return "note", got["note"]
    if got["last"]:
        return "last", "末款"
    if got["table"]:
        return "表", f"表{got['table']}" if got["table"] != "1" else ""
    return "skip", ""


def readings(tokens: Sequence[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    """A locator as written, then the other ways in which people mean it."""
    tokens = list(tokens)
    yield tokens
    if not tokens:
        return
    kinds = [kind for kind, _ in tokens]
    if "项" in kinds:  # 第二项 may stand for （二）, （2） or 2.
        at = kinds.index("项")
        number = int(tokens[at][1])
        for kind in ("（一）", "（1）", "1", "一"):
            yield [*tokens[:at], (kind, token(kind, number)), *tokens[at + 1 :]]
    if "专栏" in kinds[1:]:  # 四（二）专栏3: boxes are counted through the part
        yield tokens[kinds.index("专栏") :]
    if "表" in kinds:  # 附件1表3 for row 3 of the annex's table
        at = kinds.index("表")
        yield [*tokens[:at], ("1", tokens[at][1].removeprefix("表")), *tokens[at + 1 :]]
    if tokens[0] == ("part", "正文") and len(tokens) > 1:
        yield tokens[1:]
    if "款" in kinds[:-1]:  # 第三条第二款第一项: the print numbers items through the article
        at = kinds.index("款")
        yield from readings([*tokens[:at], *tokens[at + 1 :]])
    if kinds[0].startswith("附件"):
        label = tokens[0][1]
        if label == "附件1":
            yield [("附件", "附件"), *tokens[1:]]
        elif label == "附件":
            yield [("附件", "附件1"), *tokens[1:]]
            if len(tokens) > 1 and kinds[1] in ("1", "一"):  # 附件二、三
                yield [("附件", f"附件{number_value(tokens[1][1])}"), *tokens[2:]]
        if kinds[0] == "附件 ":  # 附件 2 is item 2 of an annex without a number, 附件2 is not
            number = int(label.removeprefix("附件"))
            for kind in ("1", "一"):
                yield [("附件", "附件"), (kind, token(kind, number)), *tokens[1:]]
    if "条" in kinds and ("章" in kinds or "节" in kinds):
        yield from readings([token for token in tokens if token[0] not in "章节"])
    if "1" in kinds and not kinds[0].startswith("附件"):  # 四（四）3 written for 四（四）（3）, and the other way round
        yield [("（1）", f"（{text}）") if kind == "1" else (kind, text) for kind, text in tokens]
    if "（1）" in kinds:
        yield [("1", text.strip("（）")) if kind == "（1）" else (kind, text) for kind, text in tokens]


def render(tokens: Sequence[tuple[str, str]]) -> str:
    """The canonical locator that tokens spell."""
    locator = ""
    for _, text in tokens:
        locator = locator + text if text.startswith("#") else join(locator, text)
    return locator
