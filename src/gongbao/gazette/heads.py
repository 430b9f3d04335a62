"""Where documents begin: a head is an issuer, a title, a number and the addressees, in that order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from gongbao.gazette.text import Line, squeeze

_ORGAN = (
    r"[\u4e00-\u9fff（）()、]{2,28}?"
    r"(?:人民政府办公[室厅]|人民政府|委员会办公室|委员会|管委会|办公[室厅]|[局厅委]|指挥部|领导小组)"
)
ISSUER = re.compile(rf"(?:{_ORGAN})(?:令)?$")
_ISSUER_AND_TITLE = re.compile(rf"({_ORGAN})((?:关于|印发|转发|批转).+)$")
_TITLE_START = re.compile(r"(?:关于|印发|转发|批转|对|授予|表彰|公布)")
_KIND = (
    r"通知|意见|决定|通告|公告|通报|批复|办法|措施|方案|规定|规则|细则|规划|计划|命令|函|"
    r"决议|公报|条例|报告|纪要|要点|预案"
)
TITLE_END = re.compile(rf"(?:{_KIND})(?:[（(][^）)]{{1,14}}[）)])?$")
_BRACKETED_YEAR = r"[〔\[［（(【﹝]\d{4}[〕\]］）)】﹞]"
NUMBER = re.compile(rf"(?:[\u4e00-\u9fff]{{1,14}})?{_BRACKETED_YEAR}[—\-－–]?第?\d{{1,4}}号")
_DATE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
_DATE_HAN = re.compile(
    r"([二〇○零一三四五六七八九Ｏ]{4})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})日"
)
_ADDRESSEE = re.compile(r"[：:]$")
_PREAMBLE = re.compile(r"(?:为|根据|按照|依据|近|经|现|近年|今年|自)")
FULL_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")
_MAX_TITLE_LINES = 8
LOOKS_AHEAD = _MAX_TITLE_LINES + 6
UNNUMBERED = "无文号"  # what is said where a number is asked and the document has none; its title then tells it


@dataclass(frozen=True, slots=True)
class Head:
    """Where a document begins, as indexes into the printed (not blank) lines; `body` is the first line after it."""

    at: int
    body: int
    issuer: str
    heading: str
    number: str | None
    addressees: str
    dated: date | None


def number_key(number: str) -> str:
    """The form for comparing numbers: brackets and digits unified, no spaces or 第, 某市人民政府令 is 政府令."""
    key = squeeze(number).translate(FULL_DIGITS)
    key = re.sub(r"[\[［（(【﹝](\d{4})[\]］）)】﹞]", r"〔\1〕", key)
    key = re.sub(r"[—\-－–]", "—", key).replace("〕第", "〕")
    key = re.sub(r"(〔\d{4}〕—?\d{1,4})$", r"\1号", key)  # as people type it
    return re.sub(r"^.*人民政府令〔", "政府令〔", key)


def find_number(text: str) -> str | None:
    """The line as a document number (文号), or None."""
    bare = squeeze(text)
    return bare.translate(FULL_DIGITS) if len(bare) < 40 and NUMBER.fullmatch(bare) else None


def asked_number(text: str) -> str | None:
    """What a person typed as a document number, the 号 at its end left out or not; None when it is none."""
    return find_number(text) or find_number(f"{text.strip()}号")


def find_date(text: str) -> date | None:
    """A line that is nothing but a date (2023年1月7日, 二〇二三年一月七日)."""
    bare = squeeze(text).translate(FULL_DIGITS)
    if match := _DATE.fullmatch(bare):
        year, month, day = (int(group) for group in match.groups())
    elif match := _DATE_HAN.fullmatch(bare):
        digits = "".join("0" if c in "〇○零Ｏ" else str("一二三四五六七八九".index(c) + 1) for c in match[1])
        year, month, day = int(digits), ten(match[2]), ten(match[3])
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def ten(text: str) -> int:
    """Chinese numerals up to 99."""
    tens, found, ones = text.partition("十")
    digit = {c: i for i, c in enumerate("一二三四五六七八九", 1)}
    return (digit.get(tens, 1) * 10 if found else digit.get(tens, 0)) + digit.get(ones, 0)


def split_issuer(title: str) -> tuple[str, str] | None:
    """Issuer and title of one that is written in a piece: 某市人民政府办公室 and 关于…的通知."""
    match = _ISSUER_AND_TITLE.fullmatch(squeeze(title))
    return (match[1], match[2]) if match and TITLE_END.search(match[2]) else None


def find_heads(printed: Sequence[Line]) -> Iterator[Head]:
    at = 0
    while at < len(printed):
        head = head_at(printed, at)
        if head:
            yield head
            at = head.body
        else:
            at += 1


def head_at(printed: Sequence[Line], at: int) -> Head | None:
    """The head that begins at this line, or None. Looks at most `LOOKS_AHEAD` lines on.

    A head begins with an issuer's name; what tells it from a signature is that a title follows, not a date.
    """
    line = printed[at]
    if line.is_cell or len(line.text) > 120:
        return None
    opening = squeeze(line.text)
    together = _ISSUER_AND_TITLE.match(opening)
    if together and not re.search(r"\s", line.text):
        together = None  # an organ's name run into a title is a sentence or a contents entry
    if together:
        issuer, pieces = together[1], [together[2]]
    elif len(opening) <= 34 and ISSUER.match(opening):
        issuer, pieces = opening, []
    else:
        return None
    order = issuer.endswith("令")
    i = at + 1
    number = None
    while i < len(printed) and i - at <= _MAX_TITLE_LINES:
        candidate = printed[i]
        bare = squeeze(candidate.text)
        if number := find_number(candidate.text):
            i += 1
            break
        titled = bool(pieces) and bool(TITLE_END.search("".join(pieces)))
        if candidate.is_cell or find_date(bare) or len(bare) > 60:
            break
        if _ADDRESSEE.search(bare) or bare.endswith(("。", "；")):
            break
        if titled and not _continues(bare):
            break
        if not pieces and (order or not _TITLE_START.match(bare)):
            break
        pieces.append(bare)
        i += 1
    heading = "".join(pieces)
    if order and number and not heading:
        heading = issuer
    elif not heading or not TITLE_END.search(heading) or heading.endswith("解读"):
        return None
    dated = None
    if i < len(printed) and (dated := find_date(printed[i].text)):
        i += 1
    addressees = ""
    for ahead in range(i, min(i + 3, len(printed))):
        if printed[ahead].is_cell:
            break
        bare = squeeze(printed[ahead].text)
        if _PREAMBLE.match(bare) or "《" in bare.partition("：")[0]:
            break
        opened = re.match(r"^(.{2,200}?(?:部门|单位|政府|管委会|委员会|企业|各[^。：:]{1,20}))[：:]", bare)
        if _ADDRESSEE.search(bare) or (opened and ahead == i):
            addressees = "".join(squeeze(p.text) for p in printed[i : ahead + 1]) if not opened else opened[1]
            addressees = addressees.rstrip("：:")
            if not opened or len(opened[0]) == len(bare):
                i = ahead + 1
            break
        if "。" in bare:
            break
    if number is None and not addressees and dated is None:
        return None
    if order:
        number = f"{issuer}{number}" if number and number.startswith(("〔", "[", "（", "(")) else number
    return Head(at, i, issuer.removesuffix("令") if order else issuer, heading, number, addressees, dated)


def _continues(bare: str) -> bool:
    """A title's further line after one that could already end it: 关于…实施方案 / 的通知."""
    return len(bare) <= 30 and bool(TITLE_END.search(bare)) and not re.match(r"[一二三四五六七八九十]+、", bare)


def printed_number(number: str | None) -> str | None:
    """The number as printed, with the brackets 〔〕 that the standard asks for."""
    return re.sub(r"[\[［（(【﹝](\d{4})[\]］）)】﹞]", r"〔\1〕", number) if number else None
