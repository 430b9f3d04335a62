"""Quantities of a text with their comparison: 不低于95% is >=95 %, 50—200米 is 50..200 米, 20万元 is =200000 元.

A quantity is a number that something is measured against: a target, a threshold, an amount, a count of things to do.
Dates, time limits, grades, clause numbers and the 1000 of 每1000人 are not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from gongbao.gazette.figures import han_value
from gongbao.gazette.plain import plain

_HAN = "零一二三四五六七八九十百千万两"
_MEASURES = (
    "立方米/日|吨/日|吨/年|元/月|元/年|元/人|平方公里|平方米|立方米|公里|千米|毫米|厘米|千克|公斤|个百分点|百分点|个工作日|工作日|"
    "个小时|小时|分钟|个月|周岁|人次|家次|批次|场次|项次|公顷|"
    "微克/立方米|毫克/立方米|座次|元|天|日|年|月|周|秒|人|名|户|家|次|起|件|项|个|条|倍|吨|克|米|亩|座|所|处|台|辆|套|张|份|"
    "岁|℃|例|种|类|批|组|支|期|层|行|片|场|部|村|孔|床|艘|架|颗|株|篇|本|册|栋|幢|眼|头|只|羽|字|㎡|m³"
)
_MEASURE = re.compile(rf"(?:{_MEASURES})(?:/(?:日|天|年|月|人|立方米|平方米|亩|公里|吨))?")
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_HAN_FIGURE = re.compile(
    rf"(?P<half>过半数|半数以上|超过半数)|(?P<fraction>[{_HAN}]+分之[{_HAN}点]+)"
    rf"|(?<![\d百千万亿])(?P<number>[零一二三四五六七八九十两][{_HAN}]{{0,5}})(?P<unit>{_MEASURES})"
)
_ARABIC = re.compile(
    rf"(?P<low>{_NUMBER})(?P<low_scale>[百千万亿]*)"
    rf"(?:(?P<low_unit>[%‰]|{_MEASURES})?(?:[-—–－～]+|至|到)(?P<high>{_NUMBER})(?P<high_scale>[百千万亿]*))?"
    rf"(?P<more>多|余)?(?P<unit>[%‰]|{_MEASURES})?(?P<per>/(?:10万|万|日|天|年|月|人|立方米|平方米|亩|公里|吨))?"
)
_SCALE = {"百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}

_BEFORE = (
    (">=", r"(?:不低于|不少于|不得低于|不得少于|不小于|不得小于|至少|最低|达到?|≥|>=|力争达到|提高到|提升到|增长到|增加到|保持在?)"),
    (">", r"(?:超过|大于|高于|多于|>|突破)"),
    ("<=", r"(?:不(?:得|应|宜|能|准|许)?超过?|不大于|不高于|不得高于|不多于|不得多于|至多|最多|最高(?:不超过)?|≤|<=|控制在|降至|下降到|降到|控制到)"),
    ("<", r"(?:低于|小于|少于|未满|不满|不足|不到|<)"),
    ("~", r"(?:约|大约|约为|(?<![最附临邻就])近)"),
)  # fmt: skip
_BEFORE_AT = [(op, re.compile(words + r"[在为到]?$")) for op, words in _BEFORE]
_OF = re.compile(r"(不(?:得)?(?:低于|少于|超过|高于))[^，。；、\d]{1,16}的$")  # 不少于辖区内常住人口的0.4‰
_AFTER = (
    (">=", re.compile(r"(?:及|（含）|（含本数）)?以上")),
    ("<=", re.compile(r"(?:及|（含）|（含本数）)?以[下内]|范围内|之内|内(?:无法|未|不能|没有|仍)")),
    ("~", re.compile(r"左右|上下")),
)
_DATES = re.compile(
    r"\d{4}[-—–－～至到]+\d{2,4}年|\d{2,4}年(?:度)?(?:\d{1,2}月)?(?:\d{1,2}日)?|\d{1,2}月\d{1,2}日"
    r"|(?<![个延长至少过期内])\d{1,2}月(?:底|末|初|份|上旬|中旬|下旬)|\d{1,2}[:：]\d{2}|\d{1,2}时(?!间|限)"
)
_CODES = re.compile(
    r"(?<![A-Za-z])[A-Za-z]+[-—]?\d[\d.\-—]*|(?<!\d)\d+[A-Za-z]+(?!㎡|m³)|第\d+[-—\d]*|〔\d{4}〕\d+号|[（(]\d{4}[）)]\d+号|(?:(?<=：)|(?<=电话))\d{5,}(?:[-—]\d+)?|(?<!\d)(?:1\d{10}|0\d{2,3}[-—]?\d{7,8})(?!\d)"
    r"|(?<!\d)(?:110|119|120|122|12345|12315|12369)(?![\d.个人名家万件%元条张处台亩平吨户])"
)
_ENUMERATED = re.compile(r"(?:^|[、，（])\d{2,4}(?:、\d{2,4})+")
_NAMES = re.compile(r"《[^》]*》|“[^”]*”")
_DENOMINATOR = re.compile(r"每(?:隔|满)?$|每[\d,.]+[-—～至到]*$")


@dataclass(frozen=True, slots=True)
class Quantity:
    """`op` is one of >=, >, <=, <, =, ~ or range; `value` (and `high`) exact, multiplied out; at plain[start:end]."""

    op: str
    value: Decimal
    high: Decimal | None
    unit: str
    text: str
    start: int
    end: int

    @property
    def written(self) -> str:
        """In the grammar of tests/gazette/labelled: `>=95 %`, `50..200 米`, `=112`."""
        if self.high is not None:
            number = f"{self.value.normalize():f}..{self.high.normalize():f}"
        else:
            number = f"{self.op}{self.value.normalize():f}"
        return f"{number}{'' if self.unit.startswith('/') else ' '}{self.unit}".strip()


def quantities(text: str, taken: tuple[tuple[int, int], ...] = (), unit: str = "") -> tuple[Quantity, ...]:
    """The quantities of plain(text), in printed order, outside the spans already taken by dates and limits.

    `unit` is that of a table column whose name holds it: 床位总量（万张） makes ≥2.5 >=25000 张.
    """
    line = plain(text)
    blocked = [*taken, *_blocked(line)]
    found = [q for q in (*_arabic(line, unit), *_han(line)) if not _overlaps(q.start, q.end, blocked)]
    return tuple(sorted(found, key=lambda q: q.start))


def unit_of_label(label: str) -> str:
    """The unit in an indicator's name: 覆盖率（%）, 床位总量（万张）; empty if there is none."""
    match = re.search(rf"（(?:单位：)?([%‰]|[万亿]?(?:{_MEASURES}))）", plain(label))
    return match[1] if match else ""


def _blocked(line: str) -> list[tuple[int, int]]:
    spans = [m.span() for pattern in (_DATES, _CODES, _ENUMERATED) for m in pattern.finditer(line)]
    # a quoted name is a term, unless all it holds is the figure: “15分钟健身圈” is blocked, “95%” is not
    spans += [m.span() for m in _NAMES.finditer(line) if not re.fullmatch(r"“[\d.%‰—～-]+[^”]?”", m[0])]
    return spans


def _arabic(line: str, column_unit: str) -> list[Quantity]:
    found = []
    for match in _ARABIC.finditer(line):
        start, end = match.span()
        before = line[:start]
        if before[-1:] == "." or before[-1:].isdigit():
            continue
        if _DENOMINATOR.search(before[-16:]):
            continue
        if start == 0 and re.match(r"[.、．]", line[end:]):
            continue  # the number of a row or an item
        unit = match["unit"] or match["low_unit"] or ""
        if unit == "小时" and re.match(r"均值|平均|值班|值守|不间断|在线|服务|热线", line[end:]):
            continue
        factor = _factor(match["high_scale"] or match["low_scale"])
        low_factor = _factor(match["low_scale"]) if match["low_scale"] else factor
        if match["high"] is None:
            factor = low_factor
        if not unit and column_unit:
            unit = column_unit.lstrip("万亿")
            scale = _factor(column_unit[0]) if column_unit[0] in "万亿" else 1
            factor, low_factor = factor * scale, low_factor * scale
        if not unit and not _worth_counting(line, start, end, match):
            continue
        value = Decimal(match["low"].replace(",", "")) * low_factor
        high = Decimal(match["high"].replace(",", "")) * factor if match["high"] else None
        unit = _unit(unit) + (match["per"] or "")
        op = "range" if high is not None else _comparison(line, start, end)
        found.append(Quantity(op, value, high, unit, line[start:end], start, end))
    return found


def _worth_counting(line: str, start: int, end: int, match: re.Match[str]) -> bool:
    """A bare number counts where it is compared, scaled (220万), or stands alone in a cell."""
    if _comparison(line, start, end) != "=" or match["low_scale"]:
        return True
    return start == 0 and end == len(line)


def _han(line: str) -> list[Quantity]:
    found = []
    for match in _HAN_FIGURE.finditer(line):
        start, end = match.span()
        if match["half"]:
            found.append(
                Quantity(">=" if match[0] == "半数以上" else ">", Decimal(1), None, "/2", match[0], start, end)
            )
            continue
        op = _comparison(line, start, end)
        if match["fraction"]:
            below, _, above = match["fraction"].partition("分之")
            top, bottom = han_value(above), han_value(below)
            if top is None or bottom is None:
                continue
            unit = {100: "%", 1000: "‰"}.get(int(bottom), f"/{bottom}")
            found.append(Quantity(op, top, None, unit, match[0], start, end))
            continue
        number = han_value(match["number"])
        if number is None or line[start - 1 : start] in ("第", "每", "之"):
            continue
        if match["unit"] in ("批", "种", "类", "部", "场", "篇", "支") and number == 1:
            continue
        if op in "=~" and not _told(line, start, number, match["unit"]):
            continue
        found.append(Quantity(op, number, None, _unit(match["unit"]), match[0], start, end))
    return found


def _told(line: str, start: int, number: Decimal, unit: str) -> bool:
    """一个 is mostly rhetoric; a count in Chinese numerals counts where it says how often, how long or how many each."""
    before = line[max(0, start - 14) : start]
    if unit == "次":
        return bool(re.search(r"每(?:年|月|周|季度?|半年|天|日)[^，。；]*$", before))
    if unit in ("年", "个月", "天", "日", "周岁", "小时", "元", "亩", "米", "公里", "平方米", "岁"):
        return unit not in ("日", "年") or bool(re.search(r"(?:连续|满|超过|累计)$", before))
    return bool(re.search(r"(?:至少|不少于|只能|各|分别)[^，。；]{0,4}$", before)) and number < 1000


def _comparison(line: str, start: int, end: int) -> str:
    before, after = line[max(0, start - 14) : start], line[end : end + 8]
    for op, pattern in _AFTER:
        if pattern.match(after):
            return op
    words = [(m.start(), op) for op, pattern in _BEFORE_AT if (m := pattern.search(before))]
    if words:
        op = min(words)[1]  # the longest word: 不低于 rather than 低于
        return "=" if op == "~" and re.match(r"年|个?月|天|日|周", line[end - 1 : end]) else op
    apart = _OF.search(line[max(0, start - 24) : start])
    if apart:
        return ">=" if apart[1].endswith(("低于", "少于")) else "<="
    if re.search(r"(?:至少|最少)[^，。；、\d]{0,12}$", line[max(0, start - 16) : start]):
        return ">="
    return "="


def _factor(scale: str | None) -> int:
    factor = 1
    for character in scale or "":
        factor *= _SCALE[character]
    return factor


def _unit(printed: str) -> str:
    return {"个工作日": "工作日", "个小时": "小时", "个百分点": "百分点"}.get(printed, printed)


def _overlaps(start: int, end: int, spans: list[tuple[int, int]]) -> bool:
    return any(start < b and a < end for a, b in spans)
