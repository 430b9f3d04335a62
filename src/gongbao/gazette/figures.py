"""Quantities as a gazette prints them: found in a text, and looked for in a clause without mistaking 15 for 5."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

FigureKind = Literal["number", "percent", "permille", "fraction", "range", "date", "time", "majority"]

_HAN_DIGIT = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "○": 0}
_HAN_NUMERAL = "零〇○一二三四五六七八九十百千万亿两"
_MAGNITUDE = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_UNITS = (
    "个工作日|个自然日|个百分点|个百分比|个小时|个月|工作日|自然日|日历天|百分点|小时|分钟|平方公里|平方千米|平方米|立方米|"
    "公里|千米|毫米|厘米|千克|公斤|万元|亿元|万人|人次|家次|批次|年度|季度|微克/立方米|毫克/立方米|"
    "元|天|日|年|月|周|秒|人|名|户|家|次|起|件|项|个|条|倍|级|吨|克|米|亩|公顷|座|所|处(?![置理罚分于])|台|辆|套|张|份|款|章|分|岁|℃|度|例|种|类|批|组|支|期|"
    "㎡|m³|mg/L|μg/m³|km|kg"
)
_NUM = r"\d{1,3}(?:[,，]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_DASH = r"[-—–－~～至到]+"
_FIGURE = re.compile(
    rf"(?P<date>\d{{4}}年(?:\d{{1,2}}月)?(?:\d{{1,2}}日|底|末|初)?|\d{{1,2}}月\d{{1,2}}日|[二一][{_HAN_NUMERAL}]{{3}}年(?:[{_HAN_NUMERAL}]{{1,2}}月)?(?:[{_HAN_NUMERAL}]{{1,3}}日)?)"
    rf"|(?P<clock>\d{{1,2}}[:：]\d{{2}}(?!\d)|\d{{1,2}}时(?:\d{{1,2}}分)?(?!间|限|段|期|代|候))"
    rf"|(?P<han_fraction>[{_HAN_NUMERAL}]+分之[{_HAN_NUMERAL}]+|百分之[{_HAN_NUMERAL}点\d.]+|千分之[{_HAN_NUMERAL}点\d.]+)"
    rf"|(?P<fraction>\d+\s?/\s?\d+(?:万|亿)?)"
    rf"|(?P<range>(?:{_NUM})[%％‰]?[万千亿]?(?:{_UNITS})?{_DASH}(?:{_NUM})(?:[%％‰]|万|千|亿)?(?:{_UNITS})?)"
    rf"|(?P<percent>(?:{_NUM})\s?[%％‰])"
    rf"|(?P<number>(?:{_NUM})(?:多|余)?\s?[百千万亿]{{0,2}}(?:多|余)?\s?(?:{_UNITS})?)"
    rf"|(?P<majority>超过半数|过半数|半数以上|半数)"
    rf"|(?P<han>(?:[{_HAN_NUMERAL}]+)(?:{_UNITS}))"
)
_ORDINALS = ("次", "条", "款", "项", "章", "期", "批", "个")
_FULL = str.maketrans("０１２３４５６７８９％．，＋－～：／", "0123456789%.,+-~:/")
_NUMBER_CHARS = "0123456789"


@dataclass(frozen=True, slots=True)
class Figure:
    """A quantity as printed at text[start:end]. `value` is exact (percentages as 30, not 0.3); None for dates."""

    text: str
    start: int
    end: int
    kind: FigureKind
    value: Decimal | None = None
    high: Decimal | None = None
    unit: str = ""


def figures(text: str) -> tuple[Figure, ...]:
    """Every quantity printed in a text, in order, without overlaps. Clause numbers at its beginning are not figures."""
    plain = text.translate(_FULL)
    found: list[Figure] = []
    for match in _FIGURE.finditer(plain):
        group = match.lastgroup or "number"
        printed = text[match.start() : match.end()].rstrip()
        end = match.start() + len(printed)
        if group in ("number", "percent", "range", "fraction") and _inside_word(plain, match.start()):
            continue
        ordinal = plain[match.start() - 1 : match.start()] == "第"
        if ordinal and (printed.endswith(_ORDINALS) or group == "han"):
            continue  # 第一次, 第2款 and 第三人民医院 say which, not how many
        kind, value, high, unit = _read(group, printed.translate(_FULL))
        found.append(Figure(printed, match.start(), end, kind, value, high, unit))
    return tuple(found)


def contains_figure(clause_text: str, printed: str) -> bool:
    """Does the figure stand in the clause as the gazette prints it, and not as part of a longer number?

    5 is not found in 15, 2.5, 5万 or 5%; 20万元 not in 120万元; 十日 not in 六十日; 10月 not in 10月15日's date.
    Full-width digits, spaces inside a figure and the several dashes of ranges are taken as equal.
    """
    wanted = _plain(printed)
    if not wanted:
        return False
    text, places = _plain_with_places(clause_text)
    at = text.find(wanted)
    while at >= 0:
        if _stands_alone(text, at, at + len(wanted), places):
            return True
        at = text.find(wanted, at + 1)
    return False


def figure_positions(clause_text: str, printed: str) -> tuple[tuple[int, int], ...]:
    """Where `printed` stands in the clause, as spans of the original text, for showing it marked."""
    wanted = _plain(printed)
    text, places = _plain_with_places(clause_text)
    found = []
    at = text.find(wanted) if wanted else -1
    while at >= 0:
        if _stands_alone(text, at, at + len(wanted), places):
            found.append((places[at], places[at + len(wanted) - 1] + 1))
        at = text.find(wanted, at + 1)
    return tuple(found)


def han_value(text: str) -> Decimal | None:
    """A Chinese numeral as a number: 六十 60, 一千二百 1200, 二〇二三 2023, 三点五 3.5. None if it is not one."""
    whole, dotted, rest = text.partition("点")
    if dotted:
        head = han_value(whole)
        digits = "".join(str(_HAN_DIGIT[c]) for c in rest if c in _HAN_DIGIT)
        return None if head is None or not digits else head + Decimal(f"0.{digits}")
    if not text or any(c not in _HAN_NUMERAL for c in text):
        return None
    if len(text) > 1 and all(c in _HAN_DIGIT for c in text):
        return Decimal("".join(str(_HAN_DIGIT[c]) for c in text))
    total = section = digit = 0
    for character in text:
        if character in _HAN_DIGIT:
            digit = _HAN_DIGIT[character]
        elif character == "亿":
            total = (total + section + digit) * _MAGNITUDE[character]
            section = digit = 0
        elif character == "万":
            total += (section + digit) * _MAGNITUDE[character]
            section = digit = 0
        else:
            section += (digit or 1) * _MAGNITUDE[character]
            digit = 0
    return Decimal(total + section + digit)


def _read(group: str, printed: str) -> tuple[FigureKind, Decimal | None, Decimal | None, str]:
    match group:
        case "date":
            return "date", None, None, ""
        case "clock":
            return "time", None, None, ""
        case "majority":
            return "majority", None, None, ""
        case "han_fraction":
            below, _, above = printed.partition("分之")
            top = han_value(above) if not above[:1].isdigit() else Decimal(above)
            if below == "百":
                return "percent", top, None, "%"
            if below == "千":
                return "permille", top, None, "‰"
            bottom = han_value(below)
            value = top / bottom if top is not None and bottom else None
            return "fraction", value, None, ""
        case "fraction":
            above, _, below = printed.replace(" ", "").partition("/")
            scale = _MAGNITUDE.get(below[-1], 1)
            bottom = Decimal(below.rstrip("万亿")) * scale
            return "fraction", Decimal(above) / bottom if bottom else None, None, ""
        case "range":
            low, high = re.split(_DASH, printed, maxsplit=1)
            low_value, _ = _quantity(low)
            high_value, unit = _quantity(high)
            return "range", low_value, high_value, unit
        case "percent":
            value, unit = _quantity(printed)
            return ("permille" if unit == "‰" else "percent"), value, None, unit
        case "han":
            numeral = re.match(rf"[{_HAN_NUMERAL}]+", printed)
            assert numeral is not None
            return "number", han_value(numeral[0]), None, printed[numeral.end() :]
    value, unit = _quantity(printed)
    return "number", value, None, unit


def _quantity(printed: str) -> tuple[Decimal | None, str]:
    match = re.match(rf"({_NUM})(?:多|余)?\s?([百千万亿]*)(?:多|余)?\s?(.*)", printed)
    if not match:
        return None, ""
    value = Decimal(match[1].replace(",", "").replace("，", ""))
    unit = match[3]
    for character in match[2]:
        value *= _MAGNITUDE[character]
    return value, unit


def _inside_word(text: str, start: int) -> bool:
    """Digits that continue a number or a Latin word are not figures: PM2.5, SO2, A4."""
    before = text[start - 1 : start]
    return bool(before) and ((before.isascii() and before.isalnum()) or before == ".")


_DIGITS_ALL = "0123456789０１２３４５６７８９"
_UNIFY = {
    **dict.fromkeys("—–－~～", "-"),
    "＞": ">",
    "＜": "<",
    "≧": "≥",
    "≦": "≤",
    "∶": ":",
    "○": "〇",
    **dict(zip("ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ", ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"), strict=True)),
}


def _plain(text: str) -> str:
    return _plain_with_places(text)[0]


def _plain_with_places(text: str) -> tuple[str, list[int]]:
    """Digits, dashes and Roman numerals unified, and where each character came from.

    White space is dropped, except between digits, where one space keeps two numbers apart; dashes in a row are one.
    """
    plain: list[str] = []
    places: list[int] = []
    spaced = False
    for place, character in enumerate(text):
        if character.isspace():
            spaced = bool(plain)
            continue
        if spaced and plain[-1] in _NUMBER_CHARS and character in _DIGITS_ALL:
            plain.append(" ")
            places.append(place)
        spaced = False
        for unified in _UNIFY.get(character, character.translate(_FULL)):
            if unified == "-" and plain and plain[-1] == "-":
                places[-1] = place
                continue
            plain.append(unified)
            places.append(place)
    return "".join(plain), places


def _stands_alone(text: str, start: int, end: int, places: list[int]) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    if start and _letter(before) and places[start] > places[start - 1] + 1:
        before = ""  # the 271 of WS 271 is a word of its own, as the 5 of PM2.5 is not
    first, last = text[start], text[end - 1]
    if _letter(first) and _letter(before):
        return False  # I级 is no part of III级
    if first in _NUMBER_CHARS:
        if before and (before in _NUMBER_CHARS or before in "./" or (before.isascii() and before.isalpha())):
            return False
        if before == "-" and text[start - 2 : start - 1] in ("", *"≥≤<>=（(于为"):
            return False  # 5℃ is not -5℃
        if before == "," and text[start - 2 : start - 1].isdigit() and re.match(r"\d{3}(?!\d)", text[start:]):
            return False
    elif first in _HAN_NUMERAL and (
        (before and before in _HAN_NUMERAL + "第点") or text[max(start - 2, 0) : start] == "分之"
    ):
        return False
    if _letter(last) and _letter(after):
        return False
    if last in _NUMBER_CHARS:
        if after and (after in _NUMBER_CHARS or after in "%‰百千万亿/"):
            return False
        if after in (".", ",") and text[end + 1 : end + 2].isdigit():
            return False
    elif last in _HAN_NUMERAL and after and (after in _HAN_NUMERAL or text[end : end + 2] == "分之" or after == "点"):
        return False
    return not (last == "月" and re.match(r"\d{1,2}日", text[end:]))


def _letter(character: str) -> bool:
    return character.isascii() and character.isalpha()
