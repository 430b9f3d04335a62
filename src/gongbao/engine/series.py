"""A row of readings over time, and what a rule may ask of it: stretches above a line, their longest run, their share.

A `Series` is evenly spaced: one reading per hour, or per 24 hours, or another step that divides 24 hours. A reading
may be missing (a gap); nothing is put in its place. Each reading may carry a mark (监测, 预报, 趋势).

How the functions read the words of a plan
- *Mean over N hours*: over any N hours in a row, which may cross midnight. A window with a missing hour has no mean,
  unless a rule says how many valid hours are enough (`valid_hours`): then the mean is that of the hours it has.
  Without a mean a window is still beyond a line if it is so whatever the missing hours were (`never_below`, `never_above`).
- *Lasting N days*: N windows one after the other, beginning at any hour, each with its mean beyond the line. Where
  the readings are N-hour means themselves, they are the windows.
- *Stretch (过程)*: the longest connected time covered by windows whose mean is above the line. Two stretches between
  which the air did not improve long enough are one; how the hours between them count is a reading (`GAP_READINGS`)
  that the text may leave open, so it comes in as an argument.
- A result that depends on something missing or open is null, never a guess. An argument that is null makes the result
  null only where it matters (`stretches` of a series with a single stretch needs no gap reading), so a decision can
  ask with what it has.
"""

from __future__ import annotations

import datetime as dt
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Any

from gongbao.feel import FeelValueError, HostFunction
from gongbao.feel.values import Value, div

Number = int | Decimal
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(hours=24)

SEPARATE = "分段计算"  # each stretch on its own
DROPPED = "剔除间隔连续计算"  # joined, the hours between left out
COUNTED = "间隔计入连续计算"  # joined, the hours between count as above the line of the stretch
GAP_READINGS = (SEPARATE, DROPPED, COUNTED)


@lru_cache(maxsize=1000)
def _divides_day(step: dt.timedelta) -> bool:
    return step > dt.timedelta(0) and not DAY % step


@dataclass(frozen=True, slots=True)
class Series:
    """Readings `values` from `start` on, one per `step`; `marks` says what each is ("" where nothing is said).

    start: an aware datetime in Asia/Shanghai, or None when only the order of the readings is known.
    """

    start: dt.datetime | None
    step: dt.timedelta
    values: tuple[Number | None, ...]
    marks: tuple[str, ...]

    def __post_init__(self) -> None:
        if not _divides_day(self.step):
            raise ValueError(f"序列的间隔须能整除24小时，给出的是 {self.step}")
        if len(self.marks) != len(self.values):
            raise ValueError(f"序列有 {len(self.values)} 个读数，却有 {len(self.marks)} 个标记")

    def __len__(self) -> int:
        return len(self.values)

    @property
    def complete(self) -> bool:
        """Whether no reading is missing."""
        return None not in self.values

    def at(self, position: int) -> dt.datetime | None:
        """When the reading at `position` begins; at `len(series)` the end of the series."""
        return None if self.start is None else self.start + position * self.step


def series_form(series: Series) -> dict[str, Value]:
    """The series as it is written down: start, step, values, and marks where there are any."""
    hours = Decimal(series.step // dt.timedelta(minutes=1)) / 60
    form: dict[str, Value] = {"step": f"{format(hours.normalize(), 'f')} h", "values": list(series.values)}
    if series.start is not None:
        form["start"] = series.start
    if any(series.marks):
        form["marks"] = series.marks[0] if len(set(series.marks)) == 1 else list(series.marks)
    return form


# Windows ----------------------------------------------------------------------------------------------------------

_TEST = re.compile(r"\s*(>=|<=|>|<|=|≥|≤|＞|＜|＝)\s*(-?\d+(?:\.\d+)?)?\s*")
_SAME = {"≥": ">=", "≤": "<=", "＞": ">", "＜": "<", "＝": "="}
_OPERATIONS: dict[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "=": operator.eq,
}  # fmt: skip
Test = tuple[str, int | Fraction]
Bounds = tuple[int | Fraction | None, int | Fraction | None]


def read_test(test: Value, line: Value = None) -> Test | None:
    """`> 300`, or an operator and its line, or a bare number (beyond it: `>`); None when something is null.

    FeelValueError for a text that is no comparison.
    """
    kind = type(test)
    if kind is int:
        return (">", test)
    if kind is Decimal:
        return (">", Fraction(test))
    if test is None:
        return None
    if kind is str and line is not None and test in _OPERATIONS:
        if type(line) is int:
            return (test, line)
        return (test, _exact(line)) if _is_number(line) else None
    found = _TEST.fullmatch(test) if isinstance(test, str) else None
    if found is None or (found[2] is not None and line is not None):
        raise FeelValueError(f"序列的比较须写作“> 300”这样的文本，或给一个数（即大于它），给出的是 {test!r}")
    op = _SAME.get(found[1], found[1])
    if found[2] is None:
        return (op, _exact(line)) if _is_number(line) else None
    return (op, Fraction(Decimal(found[2])))


def _exact(number: Number) -> int | Fraction:
    """For comparing and adding without rounding; whole numbers stay what they are, which is ten times as fast."""
    return number if type(number) is int else Fraction(number)


def _is_number(value: Value) -> bool:
    return type(value) is int or type(value) is Decimal


def holds(value: int | Fraction | None, test: Test) -> bool | None:
    """Whether a number meets a test; None for one that is missing."""
    return None if value is None else _OPERATIONS[test[0]](value, test[1])


def _exactly(values: Sequence[Number | None]) -> Sequence[int | Fraction | None]:
    if {*map(type, values)} <= {int}:
        return values  # type: ignore[return-value]
    return [None if value is None else _exact(value) for value in values]


def _sums(values: Sequence[int | Fraction], n: int) -> list[int | Fraction]:
    """The sum of every n numbers in a row."""
    so_far = [0, *accumulate(values)]
    return list(map(operator.sub, so_far[n:], so_far))


def _totals(values: Sequence[Number | None], n: int) -> Iterator[tuple[int | Fraction, int]]:
    """Of every n readings in a row: the exact sum of those that are there, and how many are missing."""
    there = [0 if value is None else value for value in _exactly(values)]
    return zip(_sums(there, n), _sums([value is None for value in values], n), strict=True)  # type: ignore[arg-type]


def _means(values: Sequence[Number | None], n: int, enough: int | None = None) -> list[Fraction | None]:
    """The exact mean of every n readings in a row, of those that are there; None where fewer than `enough` are (all)."""
    least = max(enough or n, 1)
    return [Fraction(total, n - missing) if n - missing >= least else None for total, missing in _totals(values, n)]


def _held(
    values: Sequence[Number | None], n: int, test: Test, enough: int | None = None, between: Bounds = (None, None)
) -> list[bool | None]:
    """Whether the mean of every n readings in a row holds; None where a missing reading leaves that open.

    enough: how many readings make a mean (all n). between: what no reading is below, and above: where the mean is on
    the same side of the line with the missing ones at either end, they cannot matter. Sums are compared with so many
    times the line, since a mean would have to be a fraction.
    """
    holds, line = _OPERATIONS[test[0]], test[1]
    if None not in values:
        exact: Any = _exactly(values) if type(line) is not int or n > 1 else values
        line *= n
        return [holds(each, line) for each in (exact if n == 1 else _sums(exact, n))]
    least = max(enough or n, 1)
    held: list[bool | None] = []
    for total, missing in _totals(values, n):
        if n - missing >= least:
            held.append(holds(total, line * (n - missing)))
        else:
            low, high = (None if bound is None else total + missing * bound for bound in between)
            held.append(_whatever(low, high, (test[0], line * n)))
    return held


def _whatever(low: int | Fraction | None, high: int | Fraction | None, test: Test) -> bool | None:
    """Whether every number from low to high holds, or none; None where some may. None as an end: no end."""
    op, line = test
    if op in (">", ">="):
        sure, never = holds(low, test), holds(high, test)
    elif op in ("<", "<="):
        sure, never = holds(high, test), holds(low, test)
    else:
        outside = (low is not None and low > line) or (high is not None and high < line)
        sure, never = None, False if outside else None
    return True if sure else False if never is False else None


def _of_missing(
    step: dt.timedelta, valid_hours: Value = None, never_below: Value = None, never_above: Value = None
) -> tuple[int | None, Bounds]:
    """What `_held` must be told where readings are missing."""
    return _enough(valid_hours, step), (_fraction(never_below), _fraction(never_above))


def _enough(valid_hours: Value, step: dt.timedelta) -> int | None:
    """How many readings that many hours are, rounded up; None without a number of hours."""
    hours = _hours(valid_hours)
    return None if hours is None else -(-hours // step)


@lru_cache(maxsize=1000)
def _per(length: dt.timedelta, step: dt.timedelta) -> int:
    """How many readings a length of time has; FeelValueError when it is not a whole number of them."""
    if length < step or length % step:
        raise FeelValueError(f"每 {step} 一个读数的序列不能按 {length} 计算")
    return length // step


def read_steps(hours: Value, step: dt.timedelta) -> int | None:
    """How many readings a number of hours (or a length) is at least; None without one."""
    return _enough(hours, step)


def _hours(value: Value) -> dt.timedelta | None:
    if _is_number(value):
        return _length(value)
    return value if isinstance(value, dt.timedelta) else None


@lru_cache(maxsize=1000)
def _length(hours: Number) -> dt.timedelta:
    return dt.timedelta(seconds=int(hours * 3600))


# Stretches --------------------------------------------------------------------------------------------------------


CARRIED = slice(6, 9)
"""The arguments of `stretches` that a stretch carries on to what looks inside it: valid_hours and what follows."""


def stretches(
    series: Value,
    above: Value,
    window_hours: Value,
    lifted_at_most: Value = None,
    lifted_for_hours: Value = None,
    gap_reading: Value = None,
    valid_hours: Value = None,
    never_below: Value = None,
    never_above: Value = None,
) -> Value:
    """The stretches (过程) of a series in which the mean over `window_hours` is above `above`, in order.

    Two neighbours stay apart when the readings between them are at most `lifted_at_most` for at least
    `lifted_for_hours` hours in a row (counted between the end of the one and the beginning of the other). Otherwise
    they are one episode, and `gap_reading` (one of GAP_READINGS) says how it counts. `valid_hours`: how many hours with
    a reading make a mean (null: every hour of the window). `never_below`, `never_above`: what no reading can be beyond.
    Each stretch is a context:

        from, until      the moments (null when the series has no start), until being the end of the last hour
        hours            its length, hours between parts included
        parts            how many stretches it was joined from
        gap_hours        the hours between the parts
        step_hours, window_hours, above, valid_hours, never_below, never_above,
        values, marks, between
                         what the other functions need: the readings, and for each whether it lies between the parts

    Null when a missing reading leaves open where a stretch begins or ends, or whether two are one, and when a null
    argument matters.
    """
    window = _hours(window_hours)
    if series is None or not _is_number(above) or window is None:
        return None
    series = _series(series)
    n, values = _per(window, series.step), series.values
    if n == 1 and type(above) is int and {*map(type, values)} <= {int}:
        covered: list[tuple[int, int]] | None = _plain_spans(values, above)
    else:
        told = () if None not in values else _of_missing(series.step, valid_hours, never_below, never_above)
        covered = _covered(_held(values, n, (">", _exact(above)), *told), n)
    if covered is None:
        return None
    apart = gap_reading == SEPARATE
    groups = [[span] for span in (covered if apart else covered[:1])]
    for before, span in () if apart else pairwise(covered):
        lifted = _lifted(series, before[1], span[0], lifted_at_most, _hours(lifted_for_hours))
        if lifted:
            groups.append([span])
        elif lifted is None or gap_reading is None:
            return None
        else:
            groups[-1].append(span)
    if gap_reading is not None and gap_reading not in GAP_READINGS:
        raise FeelValueError(f"间隔的读法须为 {'、'.join(GAP_READINGS)}，给出的是 {gap_reading!r}")
    how = (_hours_of(1, series.step), _in_hours(window), above, valid_hours, never_below, never_above)
    return [_stretch(series, group, gap_reading == DROPPED, how) for group in groups]


def _fraction(value: Value) -> int | Fraction | None:
    return _exact(value) if _is_number(value) else None


def _series(value: Value) -> Series:
    if isinstance(value, Series):
        return value
    raise FeelValueError(f"须为序列，给出的是 {type(value).__name__}")


def _covered(held: list[bool | None], n: int) -> list[tuple[int, int]] | None:
    """The connected times covered by windows that hold, as [first, end); None when one that is open matters."""
    if None not in held:
        return _spans(held, n)
    sure, maybe = (_spans(bounds, n) for bounds in _bounds(held))
    return sure if sure == maybe else None


def _spans(held: Sequence[bool | None], n: int) -> list[tuple[int, int]]:
    spans = []
    first, end = 0, -1
    for i, holds in enumerate(held):
        if holds:
            if i > end:  # two windows that only touch are connected: the pollution went on without a break
                if end > 0:
                    spans.append((first, end))
                first = i
            end = i + n
    if end > 0:
        spans.append((first, end))
    return spans


def _plain_spans(values: Sequence[int], line: int) -> list[tuple[int, int]]:
    """As `_spans` of windows of one whole number each, none of them missing."""
    spans, first = [], -1
    for i, value in enumerate(values):
        if value > line:
            if first < 0:
                first = i
        elif first >= 0:
            spans.append((first, i))
            first = -1
    if first >= 0:
        spans.append((first, len(values)))
    return spans


def _lifted(series: Series, first: int, end: int, at_most: Value, hours: dt.timedelta | None) -> bool | None:
    """Whether the air was good for long enough in [first, end); None when that cannot be told."""
    if hours is None or (end - first) * series.step < hours:
        return None if hours is None else False
    if not _is_number(at_most):
        return None
    sure = maybe = best_sure = best_maybe = 0
    for value in series.values[first:end]:
        good = None if value is None else value <= at_most
        sure = sure + 1 if good else 0
        maybe = 0 if good is False else maybe + 1
        best_sure, best_maybe = max(best_sure, sure), max(best_maybe, maybe)
    if best_sure * series.step >= hours:
        return True
    return None if best_maybe * series.step >= hours else False


def _stretch(series: Series, spans: list[tuple[int, int]], dropped: bool, how: Sequence[Value]) -> dict[str, Value]:
    first, end, step = spans[0][0], spans[-1][1], series.step
    start, values, marks = series.start, [*series.values[first:end]], [*series.marks[first:end]]
    between, gaps = [False] * (end - first), 0
    for (_, before), (after, _) in pairwise(spans) if len(spans) > 1 else ():
        between[before - first : after - first] = [True] * (after - before)
        gaps += after - before
    if dropped and gaps:
        values = [value for value, gap in zip(values, between, strict=True) if not gap]
        marks = [mark for mark, gap in zip(marks, between, strict=True) if not gap]
        between = [False] * len(values)
    step_hours, window_hours, above, valid_hours, never_below, never_above = how
    return {
        "from": None if start is None else start + first * step,
        "until": None if start is None else start + end * step,
        "hours": _hours_of(end - first, step),
        "parts": len(spans),
        "gap_hours": _hours_of(gaps, step) if gaps else 0,
        "step_hours": step_hours,
        "window_hours": window_hours,
        "above": above,
        "values": values,
        "marks": marks,
        "between": between,
        "valid_hours": valid_hours,
        "never_below": never_below,
        "never_above": never_above,
    }


@lru_cache(maxsize=10_000)
def _hours_of(many: int, step: dt.timedelta) -> Value:
    return _in_hours(many * step)


@lru_cache(maxsize=1000)
def _in_hours(length: dt.timedelta) -> Value:
    return div(length // dt.timedelta(minutes=1), 60)


def longest(stretch: Value, test: Value, line: Value = None) -> Value:
    """How many windows in a row hold at most inside a stretch: of 24 hours each, the days it lasts.

    `longest(e, 300)` counts means above 300, `longest(e, ">=", 500)` those of 500 or more. Hours between joined parts
    that count (间隔计入连续计算) are above the line of the stretch, and above no other. Of a series, the step is the
    window. Null when a missing reading could make it longer.
    """
    wanted = (">", test) if type(test) is int else read_test(test, line)
    if stretch is None or wanted is None:
        return None
    if isinstance(stretch, Series):
        return _longest_run(_held(stretch.values, 1, wanted), 1)
    values, between = stretch["values"], stretch["between"]
    if stretch["step_hours"] == stretch["window_hours"] and None not in values and True not in between:
        return _longest_plain(values, wanted)
    step, window = _hours(stretch["step_hours"]), _hours(stretch["window_hours"])
    if step is None or window is None:
        return None
    n = _per(window, step)
    told = [stretch.get(name) for name in ("valid_hours", "never_below", "never_above")]
    held = _held(values, n, wanted, *_of_missing(step, *told))
    if True in between and wanted == (">", _exact(stretch["above"])):
        held = [
            True if all(between[i : i + n]) else _mixed(values[i : i + n], between[i : i + n], wanted[1], hold)
            for i, hold in enumerate(held)
        ]
    return _longest_run(held, n)


def _mixed(
    values: Sequence[Number | None], between: Sequence[bool], line: int | Fraction, hold: bool | None
) -> bool | None:
    """A window partly between two parts: an hour in between stands at the line or at its reading, if that is more."""
    if not any(between):
        return hold
    raised = [line if gap and (v is None or v < line) else v for v, gap in zip(values, between, strict=True)]
    total = [Fraction(v) for v in raised if v is not None]
    return None if len(total) < len(raised) else sum(total) >= line * len(raised)


def series_tests(values: Sequence[Number | None], test: Test) -> list[bool | None]:
    return [None if value is None else holds(_exact(value), test) for value in values]


def _bounds(held: list[bool | None]) -> tuple[list[bool], list[bool]]:
    return [hold is True for hold in held], [hold is not False for hold in held]


def _longest_plain(values: Sequence[Number], test: Test) -> int:
    """As `_longest_run` of windows of one reading each, none of them missing."""
    beyond, line = _OPERATIONS[test[0]], test[1]
    here = most = 0
    for value in values if type(line) is int else _exactly(values):
        if beyond(value, line):
            here += 1
            if here > most:
                most = here
        else:
            here = 0
    return most


def _longest_run(held: list[bool | None], n: int) -> int | None:
    """The most windows that hold one after the other, each beginning where the last ended; None when open."""
    if None not in held:
        return _run(held, n)
    sure, maybe = (_run(bounds, n) for bounds in _bounds(held))
    return sure if sure == maybe else None


def _run(held: Sequence[bool | None], n: int) -> int:
    runs = [0] * len(held)
    for i, hold in enumerate(held):
        if hold:
            runs[i] = runs[i - n] + 1 if i >= n else 1
    return max(runs, default=0)


def peak(stretch: Value) -> Value:
    """The highest mean over the window inside a stretch (of a series: the highest reading); null with one missing."""
    if stretch is None:
        return None
    if isinstance(stretch, Series):
        return None if not stretch.complete else max(stretch.values, default=None)  # type: ignore[type-var]
    step, window = _hours(stretch["step_hours"]), _hours(stretch["window_hours"])
    if step is None or window is None:
        return None
    means = _means(stretch["values"], _per(window, step), _enough(stretch.get("valid_hours"), step))
    if not means or None in means:
        return None
    best = max(mean for mean in means if mean is not None)
    return div(best.numerator, best.denominator)


def marked_hours(of: Value, mark: Value) -> Value:
    """How many hours of a stretch or series carry this mark."""
    if of is None or mark is None:
        return None
    step = of.step if isinstance(of, Series) else _hours(of["step_hours"])
    marks = of.marks if isinstance(of, Series) else of["marks"]
    return None if step is None else _in_hours(sum(each == mark for each in marks) * step)


def share(of: Value, mark: Value) -> Value:
    """The part of the readings of a stretch or series that carry this mark, from 0 to 1; null when it is empty."""
    if of is None or mark is None:
        return None
    marks = of.marks if isinstance(of, Series) else of["marks"]
    return div(sum(each == mark for each in marks), len(marks)) if marks else None


# Plain functions of a series --------------------------------------------------------------------------------------


def without(series: Value, mark: Value) -> Value:
    """The series as if the readings with this mark did not exist: cut off at its ends, missing inside."""
    if series is None or mark is None:
        return None
    series = _series(series)
    kept = [i for i, each in enumerate(series.marks) if each != mark]
    if not kept:
        return Series(series.start, series.step, (), ())
    first, end = kept[0], kept[-1] + 1
    values = tuple(None if series.marks[i] == mark else series.values[i] for i in range(first, end))
    return Series(series.at(first), series.step, values, series.marks[first:end])


def mean_of(series: Value) -> Value:
    """The mean of all readings; null when one is missing or there is none."""
    if series is None or not _series(series).values or not series.complete:
        return None
    total = sum((Fraction(v) for v in series.values if v is not None), Fraction(0)) / len(series)
    return div(total.numerator, total.denominator)


def run(series: Value, test: Value, line: Value = None) -> Value:
    """How many readings in a row hold at most (`run(stock_days, "<= 3")`); null when a missing one could add to it."""
    return None if series is None else longest(_series(series), test, line)


def latest_run(series: Value, test: Value, line: Value = None) -> Value:
    """How many readings in a row hold up to the last one: 0 where the last does not.

    Null when a missing reading could add to it, or the last one is missing.
    """
    wanted = read_test(test, line)
    if series is None or wanted is None:
        return None
    sure, maybe = (_trailing(held) for held in _bounds(series_tests(_series(series).values, wanted)))
    return sure if sure == maybe else None


def _trailing(held: Sequence[bool]) -> int:
    return next((i for i, hold in enumerate(reversed(held)) if not hold), len(held))


def lasting_hours(series: Value, since: Value, test: Value, line: Value = None) -> Value:
    """For how many hours from the moment `since` on every reading holds without a break.

    0 when the reading at that moment does not hold; null when the series does not reach it, or a missing reading
    comes before the end of the run.
    """
    wanted = read_test(test, line)
    if series is None or wanted is None or not isinstance(since, dt.datetime):
        return None
    series = _series(series)
    if series.start is None or not series.start <= since < series.start + len(series) * series.step:
        return None
    at = (since - series.start) // series.step
    for i in range(at, len(series)):
        value = series.values[i]
        if value is None:
            return None
        if not holds(Fraction(value), wanted):
            return 0 if i == at else _in_hours(series.start + i * series.step - since)
    return _in_hours(series.start + len(series) * series.step - since)


def readings(series: Value) -> Value:
    """The readings as a list of contexts {at, value, mark}; a missing one has the value null."""
    if series is None:
        return None
    series = _series(series)
    return [
        {"at": series.at(i), "value": value, "mark": mark}
        for i, (value, mark) in enumerate(zip(series.values, series.marks, strict=True))
    ]


SERIES_FUNCTIONS: Mapping[str, HostFunction] = {
    "stretches": HostFunction(stretches, summary="各次过程：均值高于某线的各段时间"),
    "longest": HostFunction(longest, summary="一次过程中均值连续满足条件的最长段数（天数）"),
    "peak": HostFunction(peak, summary="一次过程中均值的最高值"),
    "marked_hours": HostFunction(marked_hours, summary="带某标记（监测、预报、趋势）的小时数"),
    "share": HostFunction(share, summary="带某标记的读数所占比例"),
    "without": HostFunction(without, summary="去掉某标记的读数之后的序列"),
    "mean_of": HostFunction(mean_of, summary="全部读数的均值"),
    "run": HostFunction(run, summary="连续满足条件的最多读数个数"),
    "latest_run": HostFunction(latest_run, summary="截至最后一个读数，连续满足条件的读数个数"),
    "lasting_hours": HostFunction(lasting_hours, summary="自某时刻起持续满足条件的小时数"),
    "readings": HostFunction(readings, summary="各读数"),
}
"""What a decision may call on a series. A null argument makes the result null only where it matters."""


# Reading ----------------------------------------------------------------------------------------------------------

_STEP = re.compile(r"(\d+(?:\.\d+)?)\s*(h|hours?|小时|d|days?|天|日|min|minutes?|分钟)")
_MINUTES = {"h": 60, "小": 60, "d": 1440, "天": 1440, "日": 1440, "m": 1, "分": 1}


def read_step(value: Value) -> dt.timedelta:
    """`24 h`, `1小时`, a number of hours or a duration. ValueError (Chinese) for anything else."""
    if isinstance(value, dt.timedelta):
        return value
    found = _STEP.fullmatch(value.strip()) if isinstance(value, str) else None
    minutes = Decimal(found[1]) * _MINUTES[found[2][0]] if found else value * 60 if _is_number(value) else Decimal(0)
    if 0 < minutes <= 1440:
        return dt.timedelta(seconds=int(minutes * 60))
    raise ValueError(f"序列的间隔写作“1 h”或“24 h”，给出的是 {value!r}")


def spaced(
    moments: Sequence[dt.datetime], values: Sequence[Number | None], marks: Sequence[str], step: dt.timedelta | None
) -> Series:
    """The evenly spaced series of readings given one by one; moments without a reading are missing.

    Without `step` it is 24 hours when all readings lie whole days apart, else one hour. ValueError (Chinese) for two
    readings at one moment, or one that is off the grid.
    """
    order = sorted(range(len(moments)), key=moments.__getitem__)
    if not order:
        return Series(None, step or DAY, (), ())
    start = moments[order[0]]
    if step is None:
        step = DAY if all((moments[i] - start) % DAY == dt.timedelta(0) for i in order) else HOUR
    placed: dict[int, int] = {}
    for i in order:
        position, rest = divmod(moments[i] - start, step)
        if rest:
            raise ValueError(f"读数时间 {moments[i].isoformat()} 不在每 {step} 一个的刻度上")
        if position in placed:
            raise ValueError(f"时间 {moments[i].isoformat()} 有两个读数")
        placed[position] = i
    length = max(placed) + 1
    if length > MAX_READINGS:
        raise ValueError(f"序列最多 {MAX_READINGS} 个读数，按首末时间需要 {length} 个")
    slots = [placed.get(position) for position in range(length)]
    return Series(
        start,
        step,
        tuple(None if i is None else values[i] for i in slots),
        tuple("" if i is None else marks[i] for i in slots),
    )


MAX_READINGS = 20_000
