"""Dates that a text orders by: 2023年3月10日前, 到2025年, 自印发之日起, 每季度末月25日.

What is over, cited or only a base year is no date to act by. The precision is that of the print: 到2025年 stays a year.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

from gongbao.gazette.plain import plain

_DAY = r"(?P<y>\d{4})年(?:(?P<m>\d{1,2})月)?(?:份)?(?P<d>\d{1,2}日|\d{1,2}(?=前)|上旬|中旬|下旬|初|中|底|末)?"
_SPAN = re.compile(
    r"(?P<y1>\d{4})年?(?:(?P<m1>\d{1,2})月)?(?P<d1>\d{1,2}日)?(?:起)?(?:[-—–－～]+|至|到)"
    r"(?:(?P<y2>\d{4})年(?:(?P<m2>\d{1,2})月)?(?P<d2>\d{1,2}日)?(?P<e2>底|末)?|(?P<m3>\d{1,2})月(?P<d3>\d{1,2}日)?)"
)
_ONE = re.compile(_DAY)
_SHORT = re.compile(r"(?<![\d年至个延长])(?P<m>\d{1,2})月(?:份)?(?P<d>\d{1,2}日|底|末|初)?(?=(?:之|以)?前)")
_BY = re.compile(r"(?:之|以)?前(?!年|期|后|置|提)")
_PLANS = {"十二五": (2011, 2015), "十三五": (2016, 2020), "十四五": (2021, 2025), "十五五": (2026, 2030)}
_PLAN = re.compile(r"“?(十[二三四五]五)”?(?P<what>期间|时期|末)")
_ISSUE = re.compile(r"自(?:本\w{2,4})?(?:印发|发文|发布|颁布|公布|下发|签发)之日起")
_HAN = "一二三四五六七八九十"
_REPEAT = re.compile(
    r"(?P<rate>每人|每生|每亩|每户|每床)?每(?:一|个)?(?P<unit>年度|年|半年|季度|季|个?月|周|星期|天|日)(?!度)"
    r"(?P<last>末月)?(?P<end>末|底)?(?:(?P<m>\d{1,2})月)?(?:(?P<d>\d{1,2})日|(?P<e>底|末))?(?P<by>(?:之|以)?前)?"
)
_UNITS = {"年": "year", "年度": "year", "半年": "half-year", "季度": "quarter", "季": "quarter", "月": "month",
          "个月": "month", "周": "week", "星期": "week", "天": "day", "日": "day"}  # fmt: skip
_CITED = re.compile(r"《[^》]*》|〔[^〕]*〕|（\d{4}[-—–－～至]+\d{4}年?）")
_PAST = re.compile(r"(?:比|较|与|于|在)$")


@dataclass(frozen=True, slots=True)
class Dated:
    """`rule` in the grammar of tests/gazette/labelled (by 2022-12-31, every quarter end); at plain[start:end]."""

    rule: str
    text: str
    start: int
    end: int

    @property
    def day(self) -> date | None:
        """The last day of `by` and `until`, where the rule names one or a month or a year."""
        match = re.fullmatch(r"(?:by|until) (\d{4})(?:-(\d\d))?(?:-(\d\d))?", self.rule)
        if not match:
            return None
        year, month = int(match[1]), int(match[2] or 12)
        return date(year, month, int(match[3] or calendar.monthrange(year, month)[1]))


def dates(text: str, dated: date | None = None) -> tuple[Dated, ...]:
    """The dates of plain(text) to act by, in printed order. `dated` is the day of issue: what lies before it is past."""
    line = plain(text)
    found: list[Dated] = []
    read = bytearray(len(line))  # which characters are cited or already read
    for match in _CITED.finditer(line):
        read[match.start() : match.end()] = b"1" * (match.end() - match.start())

    def add(rule: str | None, start: int, end: int) -> None:
        if rule and not any(read[start:end]):
            found.append(Dated(rule, line[start:end], start, end))
            read[start:end] = b"1" * (end - start)

    for match in _ISSUE.finditer(line):
        add("from issue", *match.span())
    for match in _SPAN.finditer(line):
        add(_span(match, line, dated), *match.span())
    in_span = bytearray(len(line))
    for match in _SPAN.finditer(line):
        in_span[match.start() : match.end()] = b"1" * (match.end() - match.start())
    for match in _ONE.finditer(line):
        if not any(in_span[match.start() : match.end()]):
            add(_one(match, line, dated), *match.span())
    for match in _SHORT.finditer(line):
        if dated and not read[match.start()] and line[match.start() - 1] not in "每末":
            add(f"by {_day(dated.year, int(match['m']), match['d'])}", match.start(), match.end() + 1)
    for match in _PLAN.finditer(line):
        first, last = _PLANS[match[1]]
        if dated is None or dated.year <= last:
            ordered = match["what"] == "末" or not (
                line[match.end() : match.end() + 1] in ("是", "的")
                or re.search(r"(?:表\d*|为|对|进入|我市|展望)$", line[: match.start()])
            )
            add((f"by {last}" if match["what"] == "末" else f"in {first}..{last}") if ordered else None, *match.span())
    for match in _REPEAT.finditer(line):
        add(_repeat(match, line), *match.span())
    return tuple(sorted(found, key=lambda f: f.start))


def taken(text: str) -> tuple[tuple[int, int], ...]:
    """Where anything that looks like a date is printed, past and cited ones too: its numbers are no quantities."""
    line = plain(text)
    patterns = (_SPAN, _ONE, _SHORT, _CITED)
    return tuple(m.span() for pattern in patterns for m in pattern.finditer(line))


def _span(match: re.Match[str], line: str, dated: date | None) -> str | None:
    last_year = int(match["y2"] or match["y1"])
    if dated and last_year < dated.year:
        return None
    if match["m1"] is None and match["d1"] is None and match["m3"]:
        return None
    first = _text(int(match["y1"]), match["m1"], match["d1"])
    last = _text(last_year, match["m2"] or match["m3"], match["d2"] or match["d3"])
    return f"in {first}..{last}"


def _one(match: re.Match[str], line: str, dated: date | None) -> str | None:
    year, month, day = int(match["y"]), match["m"], match["d"]
    before, after = line[max(0, match.start() - 4) : match.start()], line[match.end() :]
    exact = _text(year, month, day)
    if after[:1] == "度" or re.match(r"版|年鉴|以来|目标|基期", after):
        return None
    if re.search(r"(?:完成|办理|落实)?(?:时间|时限|期限)：$", line[max(0, match.start() - 8) : match.start()]):
        return f"by {_day(year, int(month) if month else None, day)}"
    end = _day(year, int(month) if month else None, day)
    past = dated is not None and _last(end) < dated
    if past:
        return None
    if _BY.match(after):
        if day in ("底", "末") or month:
            return f"by {end}"
        return f"before {year}"
    if re.search(r"(?:自|从)$", before) or re.match(r"(?:之日)?起(?!草)", after):
        return f"from {exact}"
    if re.search(r"(?:至|到|截至|截止到?)$", before):
        ended = f"{end}"
        valid = re.search(r"有效期[^，。；]{0,6}$|实施期[^，。；]{0,6}$", line[: match.start()])
        return f"until {ended}" if valid or after.startswith("止") else f"by {ended}"
    if after.startswith("至") and re.match(r"至[\u4e00-\u9fff]", after):
        return f"from {exact}"
    if re.match(r"(?:召开|印发|发布|出台|批准|修订)", after):
        return None
    if _PAST.search(before) and not re.search(r"(?:将|须|应|需|要|务必)于$|于$", before):
        return None
    if re.search(r"于$", before):
        return f"by {end}" if day in ("底", "末") else f"on {exact}" if day else f"in {exact}"
    if dated and year == dated.year and not month and not re.match(r"，|全市|全县|起|内|完成|新增|新建", after):
        return None
    if day in ("底", "末"):
        return f"by {end}"
    if day and day.endswith("日"):
        return f"on {exact}"
    return f"in {exact}"


def _repeat(match: re.Match[str], line: str) -> str | None:
    if match["rate"] or line[match.start() - 1 : match.start()] in ("人", "元", "/", "生", "户", "亩", "床", "辆"):
        return None
    unit = _UNITS[match["unit"].removeprefix("个") if match["unit"] != "个月" else "月"]
    if match["last"] and match["d"]:
        return f"every {unit} by last-month-{int(match['d']):02d}"
    if match["m"]:
        end = calendar.monthrange(2001, int(match["m"]))[1] if match["e"] or not match["d"] else int(match["d"])
        return f"every {unit} by {int(match['m']):02d}-{end:02d}"
    if match["d"]:
        return f"every {unit} by {int(match['d']):02d}"
    return f"every {unit} end" if match["end"] or match["e"] else f"every {unit}"


def _text(year: int, month: str | None, day: str | None) -> str:
    number = re.match(r"\d+", day or "")
    return f"{year}" + (f"-{int(month):02d}" if month else "") + (f"-{int(number[0]):02d}" if month and number else "")


def _day(year: int, month: int | None, day: str | None) -> str:
    """The last day meant: 12月底 is the 31st, a bare month its last day, 年底 the year's; a bare year stays a year."""
    if month is None:
        return f"{year}-12-31" if day in ("底", "末") else f"{year}"
    if not 1 <= month <= 12:
        return f"{year}"
    length = calendar.monthrange(year, month)[1]
    number = re.match(r"\d+", day or "")
    last = int(number[0]) if number else {"上旬": 10, "中旬": 20, "初": 10, "中": 15}.get(day or "", length)
    return f"{year}-{month:02d}-{min(last, length):02d}"


def _last(text: str) -> date:
    parts = [int(p) for p in text.split("-")]
    year, month = parts[0], parts[1] if len(parts) > 1 else 12
    return date(year, month, parts[2] if len(parts) > 2 else calendar.monthrange(year, month)[1])
