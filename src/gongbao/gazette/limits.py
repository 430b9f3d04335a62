"""Time limits of a text: 自受理之日起20个工作日内 is `within 20 working_day`, counted from 受理.

A duration is a limit where it bounds when something may or must happen; 连续7天 or 近3年 only measures.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from gongbao.gazette.figures import han_value
from gongbao.gazette.plain import plain
from gongbao.gazette.responsible import is_unit

_HAN = "零一二三四五六七八九十百两半"
_UNITS = {
    "个工作日": "working_day", "工作日": "working_day", "个自然日": "day", "自然日": "day", "天": "day", "日": "day",
    "个小时": "hour", "小时": "hour", "分钟": "minute", "个月": "month", "月": "month", "周": "week", "个星期": "week",
    "年": "year", "周年": "year",
}  # fmt: skip
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
_DURATION = re.compile(
    rf"(?<!\d)(?:\d+[-—－～至])?(?P<num>\d+(?:\.\d+)?|[{_HAN}]{{1,6}}(?=(?:个半)?(?:{_UNIT})))(?P<half>个半)?(?P<unit>{_UNIT})(?P<half2>半)?"
)
_INSIDE = re.compile(r"(?:以|之)?内(?!无|电话呼|未(?!完成|办结|答复|提出|作出)|没有|仍|累计|发生|部|容|涵|设|外)")
_EXTEND = re.compile(r"(?:延长|延期|顺延|延续)[^，。；]{0,12}$")
_AHEAD = re.compile(r"(?:提前|之?前)$")
_LEAST = re.compile(r"(?:不少于|不得少于|不低于|不得低于|至少|不短于|不得短于)(?:为)?$")
_MOST = re.compile(r"(?:不超过|不得超过|最长|最多|不多于|不长于)(?:为)?$")
_TERM = re.compile(
    r"(?:有效期|有效期限|期限|任期|聘期|保存期|周期|公示期?|公告期?|试行期?|实施期)(?:限)?(?:为|是|至少)?$"
)
_TERM_NEAR = re.compile(r"(?:有效期|期限|任期|聘期|公示|公告|时限|实施期|周期|时间)[^，。；\d]{0,8}$")
_MARKED = re.compile(r"(?P<event>.{1,40}?)(?:之日起?的?|之时起|以?后的?|之后|起的?)$")


@dataclass(frozen=True, slots=True)
class Limit:
    """`word` is within, least, before, extend or exact; `event` what it is counted from or before, or empty."""

    word: str
    amount: Decimal
    unit: str
    event: str
    text: str
    start: int
    end: int

    @property
    def written(self) -> str:
        """In the grammar of tests/gazette/labelled, without the event: `within 5 working_day`."""
        return f"{self.word} {self.amount.normalize():f} {self.unit}"


def limits(text: str, taken: tuple[tuple[int, int], ...] = ()) -> tuple[Limit, ...]:
    """The limits of plain(text), in printed order, outside the spans already taken by dates."""
    line = plain(text)
    found = []
    for match in _DURATION.finditer(line):
        start, end = match.span()
        if any(start < b and a < end for a, b in taken):
            continue
        before, after = line[:start], line[end:]
        if before[-1:] in "第每近.〔：" or (before[-1:].isdigit() and before[-1:]):
            continue
        amount = _amount(match)
        word = _word(before, after, match["unit"])
        if amount is None or word is None:
            continue
        if match["unit"] == "月" and match["num"].isdigit():
            continue  # 9月 is a month of the year
        if match["unit"] == "日" and match["num"].isdigit() and re.search(r"\d月$", before):
            continue
        if match["unit"] == "年" and len(match["num"]) == 4 and match["num"].isdigit():
            continue
        found.append(Limit(word, amount, _UNITS[match["unit"]], _event(before, word), match[0], start, end))
    return tuple(found)


def _amount(match: re.Match[str]) -> Decimal | None:
    printed = match["num"]
    if printed == "半":
        return Decimal("0.5")
    amount = Decimal(printed) if printed[0].isdigit() else han_value(printed.replace("个半", "").rstrip("半"))
    if amount is not None and (match["half"] or match["half2"]):
        amount += Decimal("0.5")
    return amount


def _word(before: str, after: str, unit: str) -> str | None:
    near = before[-16:]
    if re.search(r"(?:未来|过去|最近|近|今后|连续)$", near):
        return None
    if _EXTEND.search(near):
        return "extend"
    if _AHEAD.search(near) and not after.startswith("的") and not re.search(r"(?:以前|目前|当前)$", near):
        return "before"
    if _LEAST.search(near):
        return "least" if _TERM_NEAR.search(before[-24:]) or unit.endswith("工作日") else None
    if _INSIDE.match(after):
        return "within"
    if _MOST.search(near):
        return "within" if _TERM_NEAR.search(before[-24:]) else None
    if _TERM.search(near):
        return "exact"
    if re.match(r"(?:之|以)?前(?!年)", after):
        return "before"
    return None


def _event(before: str, word: str) -> str:
    """What the limit counts from, as printed: the words before it in its part of the sentence, or in one before that."""
    if word == "extend":
        return ""
    parts = re.split(r"[，：]", re.split(r"[。；\n]", before)[-1])
    piece = parts[-1]
    if word == "exact":
        began = re.search(r"起.{0,6}(施行|实施|执行)", before[-40:])
        return began[1] if "有效期" in piece and began else ""
    if _MOST.search(piece) or _LEAST.search(piece):
        return ""
    if word == "before":
        return _cut(re.sub(r"(?:提前|之?前|的)$", "", piece))
    if marked := _MARKED.search(piece):
        return _cut(marked["event"])
    if got := re.search(r"(?:接到|收到|接|收)[^，。；]{1,24}$", piece):
        return _cut(got[0])
    if (
        piece
        and not re.search(r"(?:应当?|要|须|需|可|在|于|经|至|为)$", piece)
        and len(piece) <= 14
        and not is_unit(piece)
    ):
        return _cut(piece) if word == "within" and not re.search(r"\d", piece) else _earlier(parts[:-1])
    return _earlier(parts[:-1])


def _earlier(parts: list[str]) -> str:
    """接到报告后，要在20分钟内: the nearest part before that ends in 后 or 起."""
    for part in reversed(parts):
        if marked := _MARKED.search(part):
            return _cut(marked["event"])
    return ""


def _cut(event: str) -> str:
    parts = re.split(r"(?:应当|应|须|必须|务必|需要|原则上)?(?:自|从|(?<!存)在|于)", event)
    return re.sub(r"之日$", "", parts[-1] or event)[-24:]
