"""From when until when a document says that it holds, as data: the day, the span, and whether it is on trial.

Nothing is inferred: a document that does not say from when it holds has no `starts`, one without a span no end.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from gongbao.gazette.heads import FULL_DIGITS
from gongbao.gazette.locators import number_value
from gongbao.gazette.text import Line, squeeze

_DATE = r"(\d{4})年(\d{1,2})月(\d{1,2})日"
_COUNT = r"([\d一二两三四五六七八九十]{1,3})"
_STARTS = re.compile(
    rf"本[\u4e00-\u9fff]{{1,10}}?(?:从|自)(?:{_DATE}|(?:印发|公布|发布|颁布|下发|发文|签发|发)之日)(?:开始|起)(?:施行|实施|执行|生效)"
)
_UNTIL = re.compile(rf"(?:有效期|试行期|执行期限)(?:限)?(?:截至|截止到?|至|到)(?:{_DATE}|(\d{{4}})年底)")
_SPAN = re.compile(rf"(?:有效期|试行期)(?:限)?(?:为|暂定为?|暂定|是)?{_COUNT}(?:个)?(年|月)")
_TRIAL = re.compile(r"(?:[（(](?:试行|暂行)[）)]|(?:试行|暂行)(?:办法|规定|细则|条例))(?:$|等)")
_HOURS = re.compile(
    rf"[管控禁限封][\u4e00-\u9fff]{{1,3}}时间[：:]{_DATE}(?:\d{{1,2}}时)?(?:至|到|—)(?:(\d{{4}})年)?(\d{{1,2}})月(\d{{1,2}})日"
)
"""The measure of a public notice holds for a while: 管控时间：2024年5月1日0时至2024年5月9日24时."""
_DISCLOSURE = re.compile(r"[（(]?此件(.{2,12}?)[）)]?")


@dataclass(frozen=True, slots=True)
class Validity:
    """`starts` is the first day; `by_issue` says that the text counts from its issue and `starts` is the day it is dated.

    `until` is a last day that is printed; `months` is a span that is printed (有效期五年 is 60). `line` is where it stands.
    """

    starts: date | None = None
    by_issue: bool = False
    until: date | None = None
    months: int | None = None
    trial: bool = False
    line: int | None = None

    @property
    def ends(self) -> date | None:
        """The last day in force: as printed, or the same day once the span is over; None if unstated.

        The first day is not counted (Civil Code, art. 201, 202): 五年 from 19 January 2023 ends on 19 January 2028.
        """
        if self.until or not (self.starts and self.months):
            return self.until
        month = self.starts.month - 1 + self.months
        year, month = self.starts.year + month // 12, month % 12 + 1
        return date(year, month, min(self.starts.day, calendar.monthrange(year, month)[1]))


def validity_of(title: str, lines: Iterable[Line], issued: date | None) -> Validity:
    """Read from the lines of a document's own text (not of annexes or interpretations); the last statement counts."""
    trial = bool(_TRIAL.search(title))
    found = Validity(trial=trial)
    for line in lines:
        if "时间" in line.text and (held := _HOURS.search(squeeze(line.text).translate(FULL_DIGITS))):
            year, month, day, last_year, last_month, last_day = held.groups()
            until_day = _day(last_year or year, last_month, last_day)
            found = Validity(_day(year, month, day), False, until_day, None, trial, line.number)
        if "自" not in line.text and "从" not in line.text:
            continue
        words = squeeze(line.text).translate(FULL_DIGITS)
        match = _STARTS.search(words)
        if not match:
            continue
        starts = _day(match[1], match[2], match[3]) if match[1] else issued
        rest = words[match.end() :]
        until, span = _UNTIL.search(rest), _SPAN.search(rest)
        last = None
        if until:
            last = date(int(until[4]), 12, 31) if until[4] else _day(until[1], until[2], until[3])
        months = None
        if span and not until:
            count = 2 if span[1] == "两" else number_value(span[1])
            months = count * 12 if count and span[2] == "年" else count
        found = Validity(starts, not match[1], last, months, trial, line.number)
    return found


def disclosure_of(lines: Iterable[Line]) -> str:
    """What 此件… says, as printed: 公开发布, 删减后公开; empty where nothing is printed."""
    for line in lines:
        if "此件" in line.text and (match := _DISCLOSURE.fullmatch(squeeze(line.text))):
            return match[1]
    return ""


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
