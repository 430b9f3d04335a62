"""The picture of a series: where each bar, line and band stands in an SVG, computed here and drawn by a template.

Integers and fractions only, and SVG attributes only, so that it needs no style attribute and no script. It is drawn
twice, for a wide and a narrow page; the table beneath it says the same in words.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from gongbao.engine.series import DAY, Series
from gongbao.office.alerts.assessment import Assessment

HEADROOM = 30  # above the highest bar: its number, and the word 现在
KINDS = ("observed", "forecast", "trend")  # how the first, second and third mark of a series is drawn


@dataclass(frozen=True, slots=True)
class Bar:
    x: str
    y: str
    width: str
    height: str
    kind: str
    title: str
    label: str = ""
    middle: str = ""
    label_y: str = ""


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of time: an episode, or readings that are missing."""

    x: str
    width: str
    middle: str
    title: str = ""
    number: int = 0
    level: int = 0  # 1 蓝 .. 4 红, for the chip


@dataclass(frozen=True, slots=True)
class Mark:
    """A line with its label: a threshold (y), a day (x), the present (x)."""

    at: str
    label: str
    label_at: str = ""
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    bars: tuple[Bar, ...]
    gaps: tuple[Band, ...]
    episodes: tuple[Band, ...]
    lines: tuple[Mark, ...]
    scale: tuple[Mark, ...]
    days: tuple[Mark, ...]
    mean: tuple[str, ...]  # point lists of the mean over the window, one per unbroken piece
    now: str
    now_at_end: bool
    hourly: bool
    name: str
    describes: str

    @property
    def inner_width(self) -> int:
        return self.right - self.left

    @property
    def inner_height(self) -> int:
        return self.bottom - self.top


def px(value: Fraction | int) -> str:
    """A coordinate to a tenth."""
    tenths = round(Fraction(value) * 10)
    sign, tenths = ("-", -tenths) if tenths < 0 else ("", tenths)
    return f"{sign}{tenths // 10}.{tenths % 10}" if tenths % 10 else f"{sign}{tenths // 10}"


def level_number(level: str | None) -> int:
    return {"蓝": 1, "黄": 2, "橙": 3, "红": 4}.get((level or "")[:1], 0)


def draw(a: Assessment, *, name: str, now: dt.datetime, marks: tuple[str, ...], narrow: bool = False) -> Chart:
    """The chart of an assessment. `marks`: the marks of the series fact, in the order they are drawn in."""
    series = a.series
    width, height, left, right_gap = (360, 250, 32, 50) if narrow else (860, 270, 40, 52)
    right, top, bottom = width - right_gap, 40, height - 34
    n = max(1, len(series))
    slot = Fraction(right - left, n)
    highest = max([v for v in series.values if v is not None] + [line.value for line in a.lines])
    inner = bottom - top
    ceiling = (int(highest) // 100 + 1) * 100
    while (ceiling - highest) * inner < HEADROOM * ceiling:
        ceiling += 100

    def x(position: Fraction | int) -> Fraction:
        return left + slot * position

    def y(value: Any) -> Fraction:
        return bottom - Fraction(value) * inner / ceiling

    def moment_x(moment: dt.datetime) -> Fraction:
        assert series.start is not None
        return left + slot * Fraction(
            (moment - series.start) // dt.timedelta(minutes=1), series.step // dt.timedelta(minutes=1)
        )

    each = slot >= (22 if not narrow else 26)
    gutter = min(Fraction(8), slot / 5) if slot > 5 else Fraction(0)
    kinds = {mark: KINDS[min(i, len(KINDS) - 1)] for i, mark in enumerate(marks)}
    bars, gaps = [], []
    for i, (value, mark) in enumerate(zip(series.values, series.marks, strict=True)):
        if value is None:
            if gaps and gaps[-1][1] == i:
                gaps[-1][1] = i + 1
            else:
                gaps.append([i, i + 1])
            continue
        title = f"{_moment(series, i)} {name} {value}（{mark}）"
        bars.append(Bar(
            px(x(i) + gutter / 2), px(y(value)), px(max(slot - gutter, Fraction(1))),
            px(Fraction(value) * inner / ceiling),
            kinds.get(mark, KINDS[0]), title, str(value) if each else "", px(x(i) + slot / 2), px(y(value) - 4),
        ))  # fmt: skip
    episodes = tuple(
        Band(px(moment_x(e.start)), px(moment_x(e.end) - moment_x(e.start)),
             px((moment_x(e.start) + moment_x(e.end)) / 2),
             f"过程{e.number}：{e.start:%m-%d %H:%M} 至 {e.end:%m-%d %H:%M}，{e.hours}小时，{e.level or '级别未定'}",
             e.number, level_number(e.level))
        for e in a.episodes or () if e.start is not None and e.end is not None
    )  # fmt: skip
    present, at_end = "", False
    if series.start is not None and series.start <= now <= series.start + n * series.step:
        present, at_end = px(moment_x(now)), moment_x(now) > (left + right) / 2
    lines = [(y(line.value), line.words) for line in a.lines]
    return Chart(
        width, height, left, right, top, bottom, tuple(bars),
        tuple(
            Band(px(x(i)), px(slot * (j - i)), px(x(Fraction(i + j, 2))), f"{_moment(series, i)} 起缺测 {j - i} 个")
            for i, j in gaps
        ),
        episodes,
        tuple(Mark(px(at), words, px(at + 4)) for at, words in lines),
        tuple(Mark(px(y(v)), str(v), px(y(v) + 4)) for v in range(0, ceiling + 1, 100)),
        _days(series, slot, left, narrow), _mean(a, x, y), present, at_end, series.step < DAY, name,
        describe(a, name),
    )  # fmt: skip


def _moment(series: Series, i: int) -> str:
    at = series.at(i)
    if at is None:
        return f"第{i + 1}个"
    return f"{at:%m-%d}" if series.step == DAY and at.time() == dt.time() else f"{at:%m-%d %H:%M}"


def _days(series: Series, slot: Fraction, left: int, narrow: bool) -> tuple[Mark, ...]:
    """The days beneath the chart: as many as there is room for, at their midnight (or the reading's own hour)."""
    if series.start is None:
        return ()
    needed = 44
    per_day = DAY // series.step
    every = 1
    while slot * per_day * every < needed:
        every += 1
    first = series.start if series.step == DAY else series.start.replace(hour=0, minute=0)
    if first < series.start:
        first += DAY
    marks, day = [], 0
    end = series.start + len(series) * series.step
    while first + day * DAY < end:
        at = first + day * DAY
        if day % every == 0:
            offset = Fraction((at - series.start) // dt.timedelta(minutes=1), series.step // dt.timedelta(minutes=1))
            place = left + slot * offset
            middle = place + slot / 2 if series.step == DAY else place
            marks.append(Mark(px(place), f"{at:%m-%d}", px(middle), True))
        day += 1
    return tuple(marks)


def _mean(a: Assessment, x: Any, y: Any) -> tuple[str, ...]:
    """The mean over the window, at the end of each window, where readings are finer than the window."""
    series = a.series
    n = dt.timedelta(hours=int(a.window_hours)) // series.step
    if n <= 1:
        return ()
    pieces: list[list[str]] = [[]]
    for end in range(n, len(series) + 1):
        window = series.values[end - n : end]
        if None in window:
            pieces.append([])
            continue
        mean = sum((Fraction(v) for v in window if v is not None), Fraction(0)) / n
        pieces[-1].append(f"{px(x(end))},{px(y(mean))}")
    return tuple(" ".join(piece) for piece in pieces if len(piece) > 1)


def describe(a: Assessment, name: str) -> str:
    """The chart in one sentence, for those who do not see it."""
    values = [v for v in a.series.values if v is not None]
    parts = [f"{name}共{len(a.series)}个读数，最高{max(values)}"]
    if a.episodes is None:
        parts.append("缺测使过程的起止不能确定")
    elif not a.episodes:
        parts.append("没有超过预警门槛的过程")
    else:
        parts += [
            f"过程{e.number}自{e.start:%m月%d日%H时}至{e.end:%m月%d日%H时}，{e.hours}小时，{e.level or '级别未定'}"
            for e in a.episodes if e.start is not None and e.end is not None
        ]  # fmt: skip
    parts.append(f"判定{a.level}" if a.level is not None else f"需人工判定，可能为{'、'.join(a.candidates)}")
    return "；".join(parts) + "。"
