"""The series of a case as small pictures side by side: readings, the line of the text, and the run towards each grade.

Integers and fractions in SVG attributes only, so that it needs no style attribute and no script; the words beneath each
picture say the same.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from gongbao.engine.series import DAY, Series
from gongbao.engine.time.calendar import Calendar
from gongbao.office.alerts.chart import px
from gongbao.office.cases.service import Look
from gongbao.office.incidents.runs import Run, runs_of
from gongbao.office.pages import words

SHOWN = 30  # readings of each series
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 340, 136, 8, 296, 18, 112
SIGNS = {"<=": "≤", ">=": "≥"}


@dataclass(frozen=True, slots=True)
class Bar:
    """One reading. `kind`: counted (of the run), plain, left-out (a rest day that the run does not count)."""

    x: str
    y: str
    width: str
    height: str
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Picture:
    """One series. `line`: where its line stands, empty where no run has one; `zero`: where zero stands."""

    label: str
    unit: str
    bars: tuple[Bar, ...]
    gaps: tuple[tuple[str, str], ...]  # x and width of missing readings
    zero: str
    line: str
    line_word: str
    line_word_at: str
    first: str
    last: str
    latest: str
    told: str
    reached: bool  # whether the run is long enough for an outcome
    describes: str


@dataclass(frozen=True, slots=True)
class Standing:
    """The readings of a run that count: how many, and where they stand in the series."""

    run: Run
    length: int | None
    counted: frozenset[int]
    left_out: frozenset[int]


def applies(seen: Look) -> bool:
    """Whether the case has a series of its own; a warning's is drawn by its room."""
    from gongbao.office.alerts import warnings

    return warnings.of_case(seen) is None and any(isinstance(v, Series) for v in seen.state.facts.values())


def context(seen: Look, request: Any) -> dict[str, Any] | None:
    """Values of stocks_panel.html: pictures, and what each length of a run is a condition of."""
    runs = {run.series: run for run in runs_of(seen.world)}
    held = [(name, v) for name in seen.world.facts if isinstance(v := seen.state.facts.get(name), Series) and len(v)]
    if not held:
        return None
    made = []
    for name, series in held:
        run = runs.get(name)
        standing = None if run is None else _standing(seen, run, series)
        made.append(_picture(seen.world.facts[name], series, standing))
    lengths = {
        f"{mark.value}：满{mark.length}{run.unit}（{mark.cite}）": None
        for name, _ in held if (run := runs.get(name)) for mark in run.marks
    }  # fmt: skip
    return {
        "pictures": made,
        "lengths": list(lengths),
        "rests": any(b.kind == "left-out" for p in made for b in p.bars),
    }


def _standing(seen: Look, run: Run, series: Series) -> Standing:
    length = run.length(seen.world, series)
    rests = _rests(seen.world.calendar, series) if run.working_days else frozenset()
    kept = [i for i in range(len(series)) if i not in rests]
    return Standing(run, length, frozenset(kept[len(kept) - (length or 0) :]), rests)


def _rests(calendar: Calendar, series: Series) -> frozenset[int]:
    if series.start is None:
        return frozenset()
    days = [(series.start + i * series.step).date() for i in range(len(series))]
    return frozenset(i for i, day in enumerate(days) if not calendar.is_working(day))


def in_words(standing: Standing) -> str:
    """O型低库存连续5个工作日，已满5个工作日（一般），再2个工作日到较大."""
    run, n = standing.run, standing.length
    if n is None:
        return f"{run.label}：有读数缺测，或没有写明第一个读数的日期，连续长度不能确定"
    if n == 0:
        return f"{run.label}：现在没有"
    told = [f"{run.label}连续{n}{run.unit}"]
    if past := [mark for mark in run.marks if mark.length <= n]:
        told.append(f"已满{past[-1].length}{run.unit}（{past[-1].value}）")
    if ahead := [mark for mark in run.marks if mark.length > n]:
        told.append(f"再{ahead[0].length - n}{run.unit}到{ahead[0].value}")
    return "，".join(told)


def _picture(fact: Any, series: Series, standing: Standing | None) -> Picture:
    begin = max(0, len(series) - SHOWN)
    shown = [(i, series.values[i]) for i in range(begin, len(series))]
    line = standing.run.line if standing is not None else None
    known = [Fraction(v) for _, v in shown if v is not None] + ([] if line is None else [Fraction(line)])
    high, low = max([*known, Fraction(0)]), min([*known, Fraction(0)])
    span = (high - low) or Fraction(1)
    slot = Fraction(RIGHT - LEFT, len(shown))

    def y(value: Any) -> Fraction:
        return TOP + (high - Fraction(value)) * (BOTTOM - TOP) / span

    bars, gaps = [], []
    for place, (i, value) in enumerate(shown):
        x = LEFT + slot * place
        if value is None:
            gaps.append((px(x), px(slot)))
            continue
        kind = "plain"
        if standing is not None:
            kind = "counted" if i in standing.counted else "left-out" if i in standing.left_out else "plain"
        top = min(y(value), y(0))
        height = max(abs(y(value) - y(0)), Fraction(3, 2))
        note = {"counted": "，计入连续", "left-out": "，休息日不计"}.get(kind, "")
        title = f"{_day(series, i)} {words.shown(value)}{fact.unit or ''}{note}"
        bars.append(Bar(px(x + slot / 8), px(top), px(slot * 3 / 4), px(height), kind, title))
    told = in_words(standing) if standing is not None else ""
    past = [] if standing is None else [m for m in standing.run.marks if m.length <= (standing.length or 0)]
    sign = "" if standing is None else SIGNS.get(standing.run.op, standing.run.op)
    values = [v for _, v in shown if v is not None]
    latest = "缺测" if series.values[-1] is None else f"{words.shown(series.values[-1])}{fact.unit or ''}"
    extremes = f"最低{words.shown(min(values))}，最高{words.shown(max(values))}" if values else "都缺测"
    return Picture(
        fact.label, fact.unit or "", tuple(bars), tuple(gaps), px(y(0)), "" if line is None else px(y(line)),
        "" if line is None else f"{sign}{words.shown(_plain(line))}", "" if line is None else px(y(line) + 4),
        _day(series, begin), _day(series, len(series) - 1), latest, told, bool(past),
        f"{fact.label}，{_day(series, begin)}至{_day(series, len(series) - 1)}共{len(shown)}个读数，{extremes}，最后为{latest}",
    )  # fmt: skip


def _plain(number: Any) -> Any:
    """A line as it is written: an exact fraction is a decimal again."""
    return Decimal(number.numerator) / number.denominator if isinstance(number, Fraction) else number


def _day(series: Series, i: int) -> str:
    at: dt.datetime | None = series.at(i)
    if at is None:
        return f"第{i + 1}个"
    return f"{at:%m-%d}" if series.step == DAY else f"{at:%m-%d %H:%M}"
