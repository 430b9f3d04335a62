"""A year's days off and make-up days as an administrator gives them: read, held against the year, shown as differences.

One line a day or a run of days: `2024-02-10 至 2024-02-17 休 春节`, `2024-02-04 班`; or a table with the columns 日期,
类型 and 名称. Everything wrong is told at once, with the line or cell; nothing of it is taken before all is right.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from gongbao.engine.time.calendar import ONE_DAY, Calendar, days

REST, WORK = "休", "班"
_KINDS = {
    **dict.fromkeys(("休", "休息", "休息日", "放假", "假", "节假日"), REST),
    **dict.fromkeys(("班", "补班", "补班日", "上班", "调休", "调休上班", "工作日"), WORK),
}
_COLUMNS = {"日期": ("日期", "date"), "类型": ("类型", "种类", "安排"), "名称": ("名称", "节日", "说明")}
WEEK = "一二三四五六日"
LONGEST = 31  # days of one run: more is a slip of the pen
NEAR = 14  # days between a make-up day and the holiday it makes up for, at most
FIXED = ((1, 1, "元旦"), (5, 1, "劳动节"), (10, 1, "国庆节"))  # statutory days whose date does not move

_ONE = r"(?:(?P<y{0}>\d{{4}})\s*(?:-|/|\.|年)\s*)?(?:(?P<m{0}>\d{{1,2}})\s*(?:-|/|\.|月)\s*)?(?P<d{0}>\d{{1,2}})\s*日?"
_DATES = re.compile(_ONE.format(1) + r"(?:\s*(?:至|到|~|～|—|–)\s*" + _ONE.format(2) + r")?")
_LINE = re.compile(
    r"(?P<dates>[\d\s年月日/.\-至到~～—–]+?)\s*[（(]?(?:周|星期)?[一二三四五六日]?[）)]?[\s,，、:：]+"
    r"(?P<kind>[^\d\s至到~～—–]\S*)(?:\s+(?P<name>.+))?"
)


@dataclass(frozen=True, slots=True)
class Entry:
    day: dt.date
    kind: str  # 休 | 班
    name: str
    where: str  # 第 3 行, B4


class Refused(ValueError):
    """What was given cannot be the arrangement of the year; `problems`: one Chinese sentence each."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("；".join(self.problems))


def from_text(text: str, year: int) -> list[Entry]:
    """The entries of typed lines; lines that are empty or begin with # are passed over."""
    found: list[Entry] = []
    problems: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.strip().startswith("#"):
            continue
        where = f"第 {number} 行"
        parts = _LINE.fullmatch(line.strip())
        if parts is None:
            problems.append(
                f"{where}“{line.strip()[:40]}”读不懂；须写作 {year}-10-01 至 {year}-10-07 休 国庆节，或 {year}-10-08 班"
            )
            continue
        _entries(parts["dates"], parts["kind"], (parts["name"] or "").strip(), where, year, found, problems)
    if problems:
        raise Refused(problems)
    return found


def from_table(data: bytes, name: str, year: int) -> list[Entry]:
    """The entries of a CSV or XLSX file. exchange.tables.TableError for a file that is no table."""
    from gongbao.exchange.tables import read_table

    table = read_table(data, name)
    headers = [header.strip().lower() for header in table.header]
    at = {word: n for word, names in _COLUMNS.items() for n, header in enumerate(headers) if header in names}
    if missing := [word for word in ("日期", "类型") if word not in at]:
        raise Refused([f"表头缺少“{'”“'.join(missing)}”列；现有：{'、'.join(h for h in table.header if h) or '无'}"])
    found: list[Entry] = []
    problems: list[str] = []
    for row in table.rows:
        cell = row[at["日期"]]
        kind = row[at["类型"]].text
        label = row[at["名称"]].text if "名称" in at and at["名称"] < len(row) else ""
        _entries(cell.text, kind, label, f"单元格 {cell.address}", year, found, problems)
    if problems:
        raise Refused(problems)
    return found


def _entries(
    dates: str, kind: str, name: str, where: str, year: int, found: list[Entry], problems: list[str]
) -> None:  # fmt: skip
    if kind.strip() not in _KINDS:
        problems.append(f"{where}：类型“{kind}”不认识；只能是 休息日（休）或 补班日（班）")
        return
    if len(name) > 20:
        problems.append(f"{where}：名称最多 20 个字，现有 {len(name)} 个")
        return
    try:
        first, last = _span(dates.strip(), year)
    except ValueError as error:
        problems.append(f"{where}：{error}")
        return
    if last < first:
        problems.append(f"{where}：{last} 在 {first} 之前")
    elif (last - first).days >= LONGEST:
        problems.append(f"{where}：{first} 至 {last} 有 {(last - first).days + 1} 天，一段最多 {LONGEST} 天")
    else:
        found += [Entry(day, _KINDS[kind.strip()], name, where) for day in days(first, last)]


def _span(text: str, year: int) -> tuple[dt.date, dt.date]:
    parts = _DATES.fullmatch(text)
    if parts is None or parts["m1"] is None:
        raise ValueError(f"“{text}”不是日期；须写作 {year}-02-10 或 {year}-02-10 至 {year}-02-17")
    try:
        first = dt.date(int(parts["y1"] or year), int(parts["m1"]), int(parts["d1"]))
        last = first
        if parts["d2"] is not None:
            last = dt.date(int(parts["y2"] or first.year), int(parts["m2"] or first.month), int(parts["d2"]))
    except ValueError:
        raise ValueError(f"“{text}”不是日历上的日子") from None
    return first, last


def checked(entries: Iterable[Entry], year: int) -> tuple[tuple[dt.date, str, str], ...]:
    """The arrangement of the year, in order of days: (day, 休 | 班, name). Refused with all that cannot be."""
    problems: list[str] = []
    held: dict[dt.date, Entry] = {}
    for entry in entries:
        day = entry.day
        if day.year != year:
            problems.append(f"{entry.where}：{day} 不是 {year} 年的日子")
        elif day in held:
            before = held[day]
            both = "" if before.kind == entry.kind else f"，一次是{_word(before.kind)}，一次是{_word(entry.kind)}"
            problems.append(f"{entry.where}：{_dated(day)}写了两次（另见{before.where}）{both}")
        elif entry.kind == WORK and day.weekday() < 5:
            problems.append(f"{entry.where}：{_dated(day)}本来就上班；补班日只能是周六、周日")
        else:
            held[day] = entry
    rests = [d for d, e in held.items() if e.kind == REST and d.weekday() < 5]
    made_up = sorted(d for d, e in held.items() if e.kind == WORK and not _at_the_edge(d))
    if not problems and not any(e.kind == REST for e in held.values()):
        problems.append(f"{year} 年没有一个休息日；法定节日都须列出")
    if not problems and len(made_up) > len(rests):
        problems.append(
            f"补班日有 {len(made_up)} 天，而放假占用的工作日只有 {len(rests)} 天："
            f"{'、'.join(map(_dated, made_up))}中有没有调休的，请核对通知"
        )
    if problems:
        raise Refused(problems)
    return tuple((day, held[day].kind, held[day].name) for day in sorted(held))


def reminders(arranged: Iterable[tuple[dt.date, str, str]], year: int) -> tuple[str, ...]:
    """What may be right but is worth a second look before saving."""
    held = {day: kind for day, kind, _ in arranged}
    found = [f"{month} 月 {day} 日（{name}）没有列为休息日" for month, day, name in FIXED
             if held.get(dt.date(year, month, day)) != REST]  # fmt: skip
    rests = [d for d, kind in held.items() if kind == REST and d.weekday() < 5]
    for day in sorted(d for d, kind in held.items() if kind == WORK and not _at_the_edge(d)):
        if not any(abs((day - rest).days) <= NEAR for rest in rests):
            found.append(f"{_dated(day)}上班，但前后两周内没有占用工作日的放假")
    return tuple(found)


def as_text(arranged: Iterable[tuple[dt.date, str, str]]) -> str:
    """The arrangement as lines that `from_text` reads back, runs of days off joined."""
    lines: list[str] = []
    for first, last, kind, name in _runs(sorted(arranged)):
        dates = f"{first}" if first == last else f"{first} 至 {last}"
        lines.append(f"{dates} {kind} {name}".rstrip())
    return "\n".join(lines)


def _runs(arranged: list[tuple[dt.date, str, str]]) -> Iterator[tuple[dt.date, dt.date, str, str]]:
    at = 0
    while at < len(arranged):
        first, kind, name = arranged[at]
        last = first
        while kind == REST and at + 1 < len(arranged) and arranged[at + 1] == (last + ONE_DAY, kind, name):
            at, last = at + 1, last + ONE_DAY
        yield first, last, kind, name
        at += 1


def of_year(table: Calendar, year: int) -> tuple[tuple[dt.date, str, str], ...]:
    """The arrangement of the year as the table has it."""
    held = table.exceptions(dt.date(year, 1, 1), dt.date(year, 12, 31))
    return tuple((d, REST if rest else WORK, table.names.get(d, "")) for d, rest in sorted(held.items()))


@dataclass(frozen=True, slots=True)
class Change:
    day: dt.date
    before: str
    after: str

    @property
    def dated(self) -> str:
        return _dated(self.day)


def changes(before: Calendar, after: Calendar, year: int) -> tuple[Change, ...]:
    """The days that are worked under one table and not under the other."""
    words: Mapping[bool, str] = {True: "上班", False: "休息"}
    return tuple(
        Change(day, words[before.is_working(day)], words[after.is_working(day)])
        for day in days(dt.date(year, 1, 1), dt.date(year, 12, 31))
        if before.is_working(day) != after.is_working(day)
    )


def _at_the_edge(day: dt.date) -> bool:
    """So near the turn of the year that the holiday it makes up for may be in the other year (2011-12-31)."""
    return day + dt.timedelta(NEAR) > dt.date(day.year, 12, 31) or day - dt.timedelta(NEAR) < dt.date(day.year, 1, 1)


def _word(kind: str) -> str:
    return "休息日" if kind == REST else "补班日"


def _dated(day: dt.date) -> str:
    return f"{day}（周{WEEK[day.weekday()]}）"
