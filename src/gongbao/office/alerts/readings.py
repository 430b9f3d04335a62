"""A series of readings as people bring it: a file, pasted lines, or a form; every fault named by its cell.

All three become the same rows of cells (时间, 数值, 标记); `read` makes the series of the fact, or says in which cells
it could not. One fault is enough for nothing to be taken.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from gongbao.engine.series import DAY, HOUR, Series, spaced
from gongbao.exchange.tables import Cell, Table, TableError, read_table
from gongbao.office.clock import SHANGHAI

TIME, VALUE, MARK = "时间", "数值", "标记"
_HEADS = {
    TIME: ("时间", "日期", "时刻", "日期时间", "time", "date"),
    VALUE: ("数值", "值", "aqi", "读数", "浓度", "均值", "value"),
    MARK: ("标记", "性质", "类型", "数据类型", "来源", "mark"),
}
MISSING = frozenset({"", "-", "--", "—", "——", "/", "缺", "缺测", "na", "n/a"})
STEPS = {"24": DAY, "1": HOUR}
MOST_ERRORS = 20


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one cell: its address (B7, 第7行第2列), and the sentence."""

    cell: str
    text: str


class BadReadings(ValueError):
    """The rows are no series; `faults` are all that was found, `more` how many were left out."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults[:MOST_ERRORS])
        self.more = len(faults) - len(self.faults)
        super().__init__("；".join(f"{f.cell}：{f.text}" for f in self.faults))


@dataclass(frozen=True, slots=True)
class Row:
    """One reading before it is understood."""

    time: Cell
    value: Cell
    mark: Cell


def from_file(data: bytes, name: str, label: str) -> tuple[Row, ...]:
    """The rows of a CSV or XLSX file with a heading. BadReadings names the file where it cannot be read at all."""
    try:
        return from_table(read_table(data, name), label)
    except TableError as error:
        raise BadReadings([Fault(name or "文件", str(error))]) from error


def from_table(table: Table, label: str) -> tuple[Row, ...]:
    columns: dict[str, int] = {}
    own = {label.lower(), label.removesuffix("序列").lower()}
    for position, head in enumerate(table.header):
        word = head.strip().lower()
        column = VALUE if word in own else next((c for c, known in _HEADS.items() if word in known), None)
        if column is not None:
            columns.setdefault(column, position)
    absent = [column for column in (TIME, VALUE, MARK) if column not in columns]
    if absent:
        found = "、".join(h for h in table.header if h) or "没有表头"
        raise BadReadings([Fault("表头", f"缺少“{'”“'.join(absent)}”列；读到的表头是：{found}")])
    blank = Cell("", "")
    return tuple(
        Row(*(row[columns[c]] if columns[c] < len(row) else blank for c in (TIME, VALUE, MARK))) for row in table.rows
    )


_HEADING = re.compile(r"^\s*(?:时间|日期|time)", re.IGNORECASE)


def from_text(text: str) -> tuple[Row, ...]:
    """Pasted lines `时间 数值 标记`, parted by tabs, commas or spaces; a heading line may stand first."""
    rows = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or (not rows and _HEADING.match(line)):
            continue
        rows.append(Row(*(Cell(f"第{number}行第{i}列", part) for i, part in enumerate(_parts(line), start=1))))
    return tuple(rows)


def _parts(line: str) -> tuple[str, str, str]:
    """A line in three: tabs or commas where there are any, else blanks (then a date and an hour are one cell)."""
    if re.search(r"[\t,，;；]", line):
        parts = [part.strip() for part in re.split(r"[\t,，;；]", line)]
    else:
        parts = line.split()
        if len(parts) > 1 and re.fullmatch(r"\d{1,2}([:：]\d{2}(:\d{2})?|[时点])", parts[1]):
            parts[:2] = [f"{parts[0]} {parts[1]}"]
    parts += [""] * (3 - len(parts))
    return (parts[0], parts[1], " ".join(parts[2:]).strip())


def from_form(start: dt.datetime, step: dt.timedelta, values: Sequence[str], marks: Sequence[str]) -> tuple[Row, ...]:
    """Rows typed into a table whose times are given; rows at the end that are empty are left out."""
    filled = max((i for i, value in enumerate(values, start=1) if value.strip()), default=0)
    return tuple(
        Row(
            Cell(f"第{i + 1}行时间", when_text(start + i * step, step)),
            Cell(f"第{i + 1}行数值", values[i].strip()),
            Cell(f"第{i + 1}行标记", marks[i].strip() if i < len(marks) else ""),
        )
        for i in range(filled)
    )


# ----------------------------------------------------------------------------------------------------- understanding


def read(rows: Iterable[Row], fact: Any, *, now: dt.datetime, step: dt.timedelta | None = None) -> Series:
    """The series of the fact (its marks, bounds and longest length). BadReadings with every cell that is wrong.

    A cell that is empty or says 缺测 is a gap. What is marked as the first mark (监测) cannot lie after `now`.
    """
    marks: tuple[str, ...] = tuple(fact.marks)
    faults: list[Fault] = []
    moments: list[dt.datetime] = []
    values: list[Any] = []
    read_marks: list[str] = []
    seen: dict[dt.datetime, str] = {}
    rows = [row for row in rows if any(cell.text.strip() for cell in (row.time, row.value, row.mark))]
    if not rows:
        raise BadReadings([Fault("序列", "没有读数")])
    if fact.max_items and len(rows) > fact.max_items:
        raise BadReadings([Fault("序列", f"有 {len(rows)} 个读数，最多 {fact.max_items} 个")])
    for row in rows:
        moment = read_time(row.time.text)
        value, wrong = read_value(row.value.text, fact)
        mark = row.mark.text.strip()
        if moment is None:
            faults.append(Fault(row.time.address, f"“{row.time.text}”不是时间；写作 2017-11-04 或 2017-11-04 13:00"))
        elif moment in seen:
            faults.append(Fault(row.time.address, f"{moment:%Y-%m-%d %H:%M} 与 {seen[moment]} 重复"))
        else:
            seen[moment] = row.time.address
        if wrong:
            faults.append(Fault(row.value.address, wrong))
        if marks and mark not in marks:
            given = f"“{mark}”不能用" if mark else "没有标记"
            faults.append(Fault(row.mark.address, f"{given}；须为 {'、'.join(marks)} 之一"))
        elif marks and mark == marks[0] and moment is not None and moment > now and value is not None:
            faults.append(Fault(row.time.address, f"{moment:%Y-%m-%d %H:%M} 还没有到，不能标为“{mark}”"))
        if moment is not None:
            moments.append(moment)
            values.append(value)
            read_marks.append(mark)
    if faults:
        raise BadReadings(faults)
    try:
        made = spaced(moments, values, read_marks, step)
    except ValueError as error:
        raise BadReadings([Fault("时间列", str(error))]) from error
    if fact.max_items and len(made) > fact.max_items:
        text = f"从 {made.at(0):%Y-%m-%d %H:%M} 到最后一个读数要 {len(made)} 个，最多 {fact.max_items} 个"
        raise BadReadings([Fault("时间列", text)])
    if all(value is None for value in made.values):
        raise BadReadings([Fault("数值列", "全部缺测，没有可用的读数")])
    return _marked_gaps(made, marks)


def _marked_gaps(series: Series, marks: Sequence[str]) -> Series:
    """A moment that no row names is a gap of the same kind as the reading before it."""
    found: list[str] = []
    for mark in series.marks:
        found.append(mark or (found[-1] if found else (marks[0] if marks else "")))
    return Series(series.start, series.step, series.values, tuple(found))


_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
    r"(?:[T\s]*(\d{1,2})\s*(?:[:：时点]\s*(\d{1,2})?)?\s*分?(?:[:：](\d{1,2}))?)?\s*"
)


def read_time(text: str) -> dt.datetime | None:
    """2017-11-04, 2017/11/4 13:00, 2017年11月4日13时; 24时 is the midnight that ends the day. None: not a time."""
    found = _DATE.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    try:
        midnight = dt.datetime(year, month, day, tzinfo=SHANGHAI)
        if hour == 24 and not minute and not second:
            return midnight + dt.timedelta(days=1)
        return midnight.replace(hour=hour, minute=minute, second=second)
    except ValueError:
        return None


def read_value(text: str, fact: Any) -> tuple[int | Decimal | None, str]:
    """(value, what is wrong); a missing reading is (None, "")."""
    plain = text.strip().replace("，", ",")
    if plain.lower() in MISSING:
        return None, ""
    whole = fact.of == "integer"
    try:
        value = Decimal(plain)
    except InvalidOperation:
        return None, f"“{text}”不是{'整数' if whole else '数'}；缺测请留空"
    if not value.is_finite():
        return None, f"“{text}”不是数；缺测请留空"
    if whole and value != value.to_integral_value():
        return None, f"“{text}”须为整数"
    if fact.min is not None and value < fact.min:
        return None, f"“{text}”小于最小值 {fact.min}"
    if fact.max is not None and value > fact.max:
        return None, f"“{text}”大于最大值 {fact.max}"
    return (int(value) if whole else value), ""


# ------------------------------------------------------------------------------------------------- writing it down


def when_text(moment: dt.datetime | None, step: dt.timedelta) -> str:
    if moment is None:
        return ""
    return f"{moment:%Y-%m-%d}" if step == DAY and moment.time() == dt.time() else f"{moment:%Y-%m-%d %H:%M}"


def as_text(series: Series) -> str:
    """The series as lines that `from_text` reads again: 时间, 数值 (空 for a gap), 标记, parted by tabs."""
    lines = [
        f"{when_text(series.at(i), series.step)}\t{_value_text(value)}\t{mark}"
        for i, (value, mark) in enumerate(zip(series.values, series.marks, strict=True))
    ]
    return "\n".join(lines)


def _value_text(value: int | Decimal | None) -> str:
    return "" if value is None else format(value, "f") if isinstance(value, Decimal) else str(value)


def as_rows(series: Series) -> list[tuple[str, str, str]]:
    return [tuple(line.split("\t")) for line in as_text(series).splitlines()]  # type: ignore[misc]


def sample(marks: Sequence[str], now: dt.datetime, step: dt.timedelta) -> list[tuple[str, str, str]]:
    """The rows of the file to fill in: the times of the days around `now`, values left empty."""
    count, back = (8, 3) if step == DAY else (72, 24)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    start = (midnight if step == DAY else now.replace(minute=0, second=0, microsecond=0)) - back * step
    before, after = (marks[0], marks[1] if len(marks) > 1 else marks[0]) if marks else ("", "")
    times = [start + i * step for i in range(count)]
    return [(when_text(at, step), "", before if at + step <= now else after) for at in times]


def heads(fact: Any) -> tuple[str, str, str]:
    """The heading of the file to fill in; the value column bears the fact's own name."""
    return (TIME, fact.label.removesuffix("序列") or VALUE, MARK)


def step_of(text: Any) -> dt.timedelta | None:
    """The step chosen in a form: 24, 1, or anything else for told by the times."""
    return STEPS.get(str(text))


def spoken(series: Series) -> Mapping[str, Any]:
    """What a page says of a series in one line."""
    counts: dict[str, int] = {}
    for value, mark in zip(series.values, series.marks, strict=True):
        if value is not None:
            counts[mark] = counts.get(mark, 0) + 1
    return {
        "step": "24小时均值" if series.step == DAY else "逐小时值" if series.step == HOUR else f"每{series.step}一个",
        "count": len(series), "gaps": series.values.count(None), "marks": counts,
        "start": series.at(0), "end": series.at(len(series)),
    }  # fmt: skip
