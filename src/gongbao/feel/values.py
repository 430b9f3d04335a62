"""The values of FEEL and what the operators do with them: equality, order, arithmetic, access.

============================  ==========================================
FEEL                          Python
============================  ==========================================
null                          ``None``
boolean                       ``bool``
number                        ``int`` or ``decimal.Decimal``, never ``float``
string                        ``str``
date, time                    ``datetime.date``, ``datetime.time`` (beyond their bounds: ``far.py``)
date and time                 ``datetime.datetime`` with a zone
days and time duration        ``datetime.timedelta``
years and months duration     ``YearsMonths``
list                          ``list`` (a host may pass a ``tuple``)
context                       ``dict`` (a host may pass any ``Mapping``)
range                         ``Range``
function                      ``FeelFunction``
============================  ==========================================

An operation on values it is not defined for gives null, as the standard (DMN 1.5, chapter 10) says; nothing
here raises except ``FeelValueError`` for a ``float`` or a datetime without zone, which only a host can pass in,
and ``FeelLimitError``. Numbers are exact: integers stay ``int``; beyond 34 significant digits results round
half-even as decimal128 does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from gongbao.feel import far
from gongbao.feel.errors import FeelLimitError, FeelValueError
from gongbao.feel.far import FAR, FarDate, FarMoment, FarTime
from gongbao.feel.meter import fresh, spend

Value: TypeAlias = Any

#: The zone of every date and time that states none.
CITY_ZONE = ZoneInfo("Asia/Shanghai")

#: decimal128: 34 digits, half-even.
DECIMAL128 = Context(
    prec=34,
    rounding=ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)
_BIGGEST_INT = 10**34

#: The longest string (in characters) and list (in items) that an expression may build.
MAX_LENGTH = 1_000_000


@dataclass(frozen=True, slots=True, order=True)
class YearsMonths:
    """A years and months duration, as a whole number of months (negative: backwards)."""

    months: int


@dataclass(frozen=True, slots=True)
class Range:
    """``[low..high]``; an end that is None and open is unbounded, as in the range of ``> 5``."""

    low: Value
    high: Value
    low_closed: bool = True
    high_closed: bool = True


@dataclass(frozen=True, slots=True)
class FeelFunction:
    """A function value: ``call`` takes the arguments in the order of ``parameters``."""

    parameters: tuple[str, ...]
    call: Callable[..., Value]


_KINDS: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    Decimal: "number",
    str: "string",
    date: "date",
    datetime: "date and time",
    time: "time",
    FarDate: "date",
    FarMoment: "date and time",
    FarTime: "time",
    timedelta: "days and time duration",
    YearsMonths: "years and months duration",
    list: "list",
    tuple: "list",
    dict: "context",
    Range: "range",
    FeelFunction: "function",
}

# Pairs of types that Python compares, and adds, as FEEL does.
_NUMERIC = frozenset((a, b) for a in (int, Decimal) for b in (int, Decimal))
_DIRECT = _NUMERIC | {(kind, kind) for kind in (str, date, timedelta, YearsMonths)}


def kind_of(value: Value) -> str:
    """The FEEL kind of a value, e.g. ``number``; ``FeelValueError`` for a float or another foreign object."""
    kind = _KINDS.get(type(value))
    if kind is not None:
        return kind
    if isinstance(value, Mapping):
        return "context"
    for base, name in _KINDS.items():  # subclasses: IntEnum, a str subclass, a pandas Timestamp
        if base is not bool and isinstance(value, base):
            return name
    raise FeelValueError(f"公式不接受 {type(value).__name__} 类型的值 {value!r}：数字须为整数或 Decimal，时间须带时区")


def is_number(value: Value) -> bool:
    return type(value) is int or type(value) is Decimal


def is_list(value: Value) -> bool:
    return type(value) is list or type(value) is tuple


def is_context(value: Value) -> bool:
    return isinstance(value, Mapping)


def as_list(value: Value) -> list[Value]:
    """A list as it is, anything else as the list of itself (FEEL's implicit conversion)."""
    if type(value) is list:
        return value
    return list(value) if type(value) is tuple else [value]


def check_length(length: int) -> None:
    """``FeelLimitError`` for a string or list that is too long to build."""
    if length > MAX_LENGTH:
        raise FeelLimitError(f"公式产生的文字或列表太长（{length}，最多 {MAX_LENGTH}）")


def normal(number: int | Decimal) -> int | Decimal:
    """The number within decimal128: integers beyond 34 digits are rounded to 34 digits."""
    if type(number) is int and not -_BIGGEST_INT < number < _BIGGEST_INT:
        return DECIMAL128.plus(Decimal(number))
    return number


def whole(number: int | Decimal) -> int | None:
    """The number as an ``int`` when it has no fraction (and at most 34 digits), else None."""
    if type(number) is int:
        return number
    if type(number) is not Decimal or not number.is_finite() or number.adjusted() > 34:
        return None
    return int(number) if number == number.to_integral_value() else None


# Equality and order ---------------------------------------------------------------------------------------


def eq(left: Value, right: Value, budget: list[int] | None = None) -> bool | None:
    """``left = right``: null equals only null; values of different kinds compare to null.

    What lists and contexts cost to compare is taken from ``budget``.
    """
    if (type(left), type(right)) in _DIRECT:
        return bool(left == right)
    if left is None or right is None:
        return left is right
    kind = kind_of(left)
    if kind != kind_of(right):
        return None
    if kind in ("list", "context"):
        try:
            return _equal_inside(left, right, {}, fresh(budget))
        except RecursionError:
            raise FeelLimitError("列表或对象套得太深，无法比较") from None
    if kind == "date and time":
        return bool(_order(left, right) == _order(right, left))
    if kind == "time":
        return _clock(left) == _clock(right)
    if kind == "range":
        if left.low_closed != right.low_closed or left.high_closed != right.high_closed:
            return False
        return _all_equal((left.low, left.high), (right.low, right.high), {}, fresh(budget))
    if kind == "function":
        return left is right
    return bool(left == right)


def _equal_inside(
    left: Value, right: Value, known: dict[tuple[int, int], bool | None], budget: list[int]
) -> bool | None:
    """Equality of two lists or two contexts; ``known`` holds the pairs done, since parts may be shared."""
    pair = (id(left), id(right))
    if pair in known:
        return known[pair]
    spend(budget, 1 + (len(left) >> 2))
    if isinstance(left, Mapping):
        if left.keys() != right.keys():
            return False
        known[pair] = _all_equal([left[key] for key in left], [right[key] for key in left], known, budget)
    else:
        known[pair] = _all_equal(left, right, known, budget) if len(left) == len(right) else False
    return known[pair]


def _all_equal(left: Any, right: Any, known: dict[tuple[int, int], bool | None], budget: list[int]) -> bool | None:
    result: bool | None = True
    for a, b in zip(left, right, strict=True):
        both = (is_list(a) and is_list(b)) or (is_context(a) and is_context(b))
        same = _equal_inside(a, b, known, budget) if both else eq(a, b, budget)
        if same is False:
            return False
        if same is None:
            result = None
    return result


def ne(left: Value, right: Value, budget: list[int] | None = None) -> bool | None:
    same = eq(left, right, budget)
    return None if same is None else not same


def lt(left: Value, right: Value) -> bool | None:
    """``left < right`` for two numbers, strings, dates, times or durations of one kind, else null."""
    if (type(left), type(right)) in _DIRECT:
        return bool(left < right)
    if left is None or right is None:
        return None
    kind = kind_of(left)
    if kind != kind_of(right) or kind in ("boolean", "list", "context", "range", "function"):
        return None
    if kind == "date and time":
        return bool(_order(left, right) < _order(right, left))
    if kind == "time":
        return _clock(left) < _clock(right)
    return bool(left < right)


def gt(left: Value, right: Value) -> bool | None:
    return lt(right, left)


def le(left: Value, right: Value) -> bool | None:
    if (type(left), type(right)) in _DIRECT:
        return bool(left <= right)
    above = lt(right, left)
    return None if above is None else not above


def ge(left: Value, right: Value) -> bool | None:
    if (type(left), type(right)) in _DIRECT:
        return bool(left >= right)
    below = lt(left, right)
    return None if below is None else not below


def instant(moment: datetime) -> datetime:
    """The moment in UTC, so that two zones, or two offsets of one zone, compare and subtract by real time."""
    if moment.tzinfo is None:
        raise FeelValueError(f"时间 {moment.isoformat()} 没有时区")
    return moment.astimezone(UTC)


def _order(moment: Value, other: Value) -> Any:
    """What tells when a moment is, to be compared with that of the other."""
    if type(moment) is FarMoment or type(other) is FarMoment or not (_near(moment) and _near(other)):
        return far.order(moment)
    return instant(moment)


def _near(moment: datetime) -> bool:
    """Whether a moment is within Python's calendar in every zone."""
    return 1 < moment.year < 9999


def _clock(value: Any) -> tuple[timedelta, int]:
    """Time of day since midnight UTC (and nanoseconds); a time without a zone counts in the city's zone."""
    since_midnight = timedelta(
        hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond
    )
    nanos = value.nanos if type(value) is FarTime else 0
    offset = offset_of(value)
    return since_midnight - (timedelta(hours=8) if offset is None else offset), nanos  # an offset of zero is one


def offset_of(value: Any) -> timedelta | None:
    """The offset from UTC; a time in a named zone takes the zone's standard offset."""
    offset: timedelta | None = value.utcoffset()
    if offset is None and value.tzinfo is not None:
        offset = value.tzinfo.utcoffset(datetime(2023, 1, 1, tzinfo=value.tzinfo))
    return offset


# Ranges and membership ------------------------------------------------------------------------------------


def includes(bounds: Range, value: Value) -> bool | None:
    """Whether ``value`` lies in the range; null when it cannot be compared with an end."""
    above: bool | None = True
    below: bool | None = True
    if bounds.low is not None or bounds.low_closed:
        above = le(bounds.low, value) if bounds.low_closed else lt(bounds.low, value)
    if bounds.high is not None or bounds.high_closed:
        below = le(value, bounds.high) if bounds.high_closed else lt(value, bounds.high)
    return conjunction(above, below)


def make_range(low: Value, high: Value, low_closed: bool, high_closed: bool) -> Range | None:
    """The range, or null when its ends are not of one ordered kind, or the low end lies above the high end."""
    return None if le(low, high) is not True else Range(low, high, low_closed, high_closed)


def open_range(op: str, end: Value) -> Range | None:
    """``(< end)``, ``(>= end)`` or ``(= end)`` as a range; null for ``!=``, and where the end has no order."""
    if op == "!=" or le(end, end) is not True:
        return None
    if op in ("<", "<="):
        return Range(None, end, False, op == "<=")
    return Range(end, end if op == "=" else None, op != ">", op == "=")


def in_value(value: Value, test: Value, budget: list[int] | None = None) -> bool | None:
    """``value in test``: equal to it, one of its elements, or inside it when it is (or holds) a range."""
    if type(test) is Range:
        return includes(test, value)
    if is_list(test):
        budget = fresh(budget)
        spend(budget, len(test) >> 3)
        found: bool | None = False
        for item in test:
            hit = includes(item, value) if type(item) is Range else eq(value, item, budget)
            if hit is True:
                return True
            if hit is None and type(item) is Range:
                found = None
        return True if is_list(value) and eq(value, test, budget) is True else found
    return eq(value, test, budget)


# Three-valued logic ---------------------------------------------------------------------------------------


def conjunction(left: Value, right: Value) -> bool | None:
    """``left and right``; anything but a boolean counts as null."""
    if left is False or right is False:
        return False
    return True if left is True and right is True else None


def disjunction(left: Value, right: Value) -> bool | None:
    if left is True or right is True:
        return True
    return False if left is False and right is False else None


# Arithmetic -----------------------------------------------------------------------------------------------


def add(left: Value, right: Value) -> Value:
    """``left + right``: numbers, strings, durations, and a duration on a date, time or date and time."""
    if type(left) is int and type(right) is int:
        return normal(left + right)
    if is_number(left) and is_number(right):
        return _rounded(DECIMAL128.add, left, right)
    kinds = (kind_of(left), kind_of(right))
    if kinds == ("string", "string"):
        check_length(len(left) + len(right))
        return left + right
    if kinds[1] in _DURATIONS:
        return _shift(left, kinds[0], right)
    if kinds[0] in _DURATIONS:
        return _shift(right, kinds[1], left)
    return None


def sub(left: Value, right: Value) -> Value:
    """``left - right``: numbers, durations, two dates or moments (a days and time duration), a date less a duration."""
    if type(left) is int and type(right) is int:
        return normal(left - right)
    if is_number(left) and is_number(right):
        return _rounded(DECIMAL128.subtract, left, right)
    a, b = kind_of(left), kind_of(right)
    if a in _DURATIONS and a != b:
        return None
    if b in _DURATIONS:
        return _shift(left, a, neg(right))
    if a in _DATES and b in _DATES:
        if type(left) is date and type(right) is date:
            return left - right
        return _difference(left, right)
    if a == b == "time":
        return _clock(left)[0] - _clock(right)[0]
    return None


def _difference(left: Value, right: Value) -> timedelta | None:
    """The time between two dates or moments; null beyond what a duration holds."""
    try:
        if not (isinstance(left, FAR) or isinstance(right, FAR)):
            return instant(midnight_of(left)) - instant(midnight_of(right))
        if not far.is_moment(left) and not far.is_moment(right):
            return timedelta(days=left.toordinal() - right.toordinal())
        return timedelta(microseconds=far.order(midnight_of(left))[0] - far.order(midnight_of(right))[0])
    except OverflowError:
        return None


def mul(left: Value, right: Value) -> Value:
    """``left * right``: numbers, or a duration and a number."""
    if type(left) is int and type(right) is int:
        return normal(left * right)
    if is_number(left) and is_number(right):
        return _rounded(DECIMAL128.multiply, left, right)
    if is_number(left):
        left, right = right, left
    if not is_number(right):
        return None
    return _scaled(left, right)


def div(left: Value, right: Value) -> Value:
    """``left / right``: numbers, a duration and a number, or two durations of one kind; by zero is null."""
    if is_number(left) and is_number(right):
        if right == 0:
            return None
        if type(left) is int and type(right) is int and left % right == 0:
            return left // right
        return _rounded(DECIMAL128.divide, left, right)
    a, b = kind_of(left), kind_of(right)
    if a in _DURATIONS and b == "number":
        return _scaled(left, right, divide=True)
    if a == b == "days and time duration":
        return div(_microseconds(left), _microseconds(right))
    if a == b == "years and months duration":
        return div(left.months, right.months)
    return None


def power(left: Value, right: Value) -> Value:
    """``left ** right`` for two numbers."""
    if not (is_number(left) and is_number(right)):
        return None
    if type(left) is int and type(right) is int and right >= 0 and left.bit_length() * right <= 128:
        return normal(left**right)
    return _rounded(DECIMAL128.power, left, right)


def neg(value: Value) -> Value:
    """``-value`` for a number or a duration."""
    if is_number(value):
        return -value
    if type(value) is timedelta:
        return None if value == timedelta.max else -value  # the one whose opposite Python cannot hold
    return YearsMonths(-value.months) if type(value) is YearsMonths else None


_DURATIONS = ("days and time duration", "years and months duration")
_DATES = ("date", "date and time")


def _rounded(operation: Callable[[Any, Any], Decimal], left: Value, right: Value) -> Decimal | None:
    try:
        result = operation(left, right)
    except ArithmeticError:
        return None
    return result if result.is_finite() else None


def _microseconds(value: timedelta) -> int:
    return value // timedelta(microseconds=1)


def _scaled(duration: Value, factor: int | Decimal, divide: bool = False) -> Value:
    """A duration times (or divided by) a number: exact to the microsecond, or cut to whole months."""
    kind = kind_of(duration)
    if kind not in _DURATIONS:
        return None
    amount = duration.months if kind == "years and months duration" else _microseconds(duration)
    scaled = div(amount, factor) if divide else mul(amount, factor)
    if scaled is None:
        return None
    try:
        if kind == "years and months duration":
            return _months(int(scaled))
        return timedelta(microseconds=int(scaled))
    except OverflowError:
        return None


def _months(months: int) -> YearsMonths | None:
    """The duration; null beyond any calendar."""
    return YearsMonths(months) if abs(months) <= 10**12 else None


def _shift(value: Value, kind: str, duration: Value) -> Value:
    try:
        if type(duration) is YearsMonths:
            if kind == "years and months duration":
                return _months(value.months + duration.months)
            return add_months(value, duration.months) if kind in _DATES else None
        if kind in _DATES:
            return _moved(value, kind, duration)
        if kind == "days and time duration":
            return value + duration
        if kind == "time":
            moved = datetime.combine(date(2000, 1, 1), value.replace(tzinfo=None)) + duration
            clock = moved.time().replace(tzinfo=value.tzinfo)
            return far.make_time(clock, value.nanos) if type(value) is FarTime else clock
    except OverflowError:
        return None
    return None


def _moved(value: Value, kind: str, duration: timedelta) -> Value:
    if not isinstance(value, FAR):
        try:
            if kind == "date":
                return (datetime(value.year, value.month, value.day) + duration).date()  # noqa: DTZ001
            return (instant(value) + duration).astimezone(value.tzinfo)
        except OverflowError:
            pass  # beyond Python's calendar
    return far.later(value, duration)


def add_months(value: Value, months: int) -> Value:
    """A date or moment ``months`` later; a day that the month does not have becomes its last day."""
    year, month = divmod(value.year * 12 + value.month - 1 + months, 12)
    day = min(value.day, days_in_month(year, month + 1))
    if isinstance(value, FAR) or not 1 <= year <= 9999:
        return far.with_date(value, year, month + 1, day)
    return value.replace(year=year, month=month + 1, day=day)


def days_in_month(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def midnight_of(value: Any) -> Any:
    """A moment as it is; a date as the beginning of its day in the city's zone."""
    return value if far.is_moment(value) else far.combine(value, time(), CITY_ZONE)


# Access ---------------------------------------------------------------------------------------------------


def path(value: Value, name: str, budget: list[int] | None = None) -> Value:
    """``value.name``: an entry of a context, of each context of a list, or a property of a temporal value."""
    if isinstance(value, Mapping):
        return value.get(name)
    if is_list(value):
        budget = fresh(budget)
        spend(budget, 1 + (len(value) >> 3))
        try:
            return [path(item, name, budget) for item in value]
        except RecursionError:
            raise FeelLimitError("列表套得太深") from None
    if value is None:
        return None
    prop = _PROPERTIES.get((kind_of(value), name))
    return None if prop is None else prop(value)


def _seconds(value: Any) -> int | Decimal:
    second: int = value.second
    nanos = value.microsecond * 1000 + (value.nanos if isinstance(value, FarTime | FarMoment) else 0)
    return second + Decimal(nanos).scaleb(-9).normalize() if nanos else second


def _zone_name(zone: tzinfo | None) -> str | None:
    return getattr(zone, "key", None)


def _spread(months: bool) -> Callable[[YearsMonths], int]:
    def part(value: YearsMonths) -> int:
        sign = -1 if value.months < 0 else 1
        size = abs(value.months)
        return sign * (size % 12 if months else size // 12)

    return part


def _part(unit: int, wrap: int | None) -> Callable[[timedelta], int]:
    def part(value: timedelta) -> int:
        sign = -1 if value < timedelta(0) else 1
        size = _microseconds(abs(value)) // (unit * 1_000_000)
        return sign * (size if wrap is None else size % wrap)

    return part


def _properties() -> dict[tuple[str, str], Callable[[Any], Value]]:
    found: dict[tuple[str, str], Callable[[Any], Value]] = {}
    for kind in ("date", "date and time"):
        found[kind, "year"] = lambda v: v.year
        found[kind, "month"] = lambda v: v.month
        found[kind, "day"] = lambda v: v.day
        found[kind, "weekday"] = lambda v: v.isoweekday()
    for kind in ("time", "date and time"):
        found[kind, "hour"] = lambda v: v.hour
        found[kind, "minute"] = lambda v: v.minute
        found[kind, "second"] = _seconds
        found[kind, "time offset"] = offset_of
        found[kind, "timezone"] = lambda v: _zone_name(v.tzinfo)
    found["years and months duration", "years"] = _spread(months=False)
    found["years and months duration", "months"] = _spread(months=True)
    for name, unit, wrap in (("days", 86400, None), ("hours", 3600, 24), ("minutes", 60, 60), ("seconds", 1, 60)):
        found["days and time duration", name] = _part(unit, wrap)
    found["range", "start"] = lambda v: v.low
    found["range", "end"] = lambda v: v.high
    found["range", "start included"] = lambda v: v.low_closed
    found["range", "end included"] = lambda v: v.high_closed
    return found


_PROPERTIES = _properties()


def index(items: Value, position: Value) -> Value:
    """``items[position]``: 1 is the first, -1 the last; null outside, or for a fraction."""
    at = whole(position)
    items = as_list(items)
    if at is None or at == 0 or not -len(items) <= at <= len(items):
        return None
    return items[at - 1 if at > 0 else at]


def iterate(source: Value, end: Value, has_end: bool, budget: list[int]) -> Any:
    """What a ``for`` or a quantifier runs over; None when it cannot be run over.

    A range of whole numbers or of dates counts up (``a..b`` also down); anything but a list is a list of itself.
    ``budget`` holds how many steps this evaluation has left.
    """
    if has_end:
        found = _count(source, end)
    elif type(source) is Range:
        found = _count_range(source)
    elif source is None:
        return None
    else:
        found = as_list(source)
    if found is not None:
        spend(budget, len(found))
    return found


def _count_range(bounds: Range) -> Any:
    low, high = bounds.low, bounds.high
    if is_number(low) and is_number(high):
        first, last = whole(low), whole(high)
        if first is None or last is None:
            return None
        first += 0 if bounds.low_closed else 1
        last -= 0 if bounds.high_closed else 1
        return _bounded(first, last) if first <= last else []
    found = _count(low, high)
    if found is None:
        return None
    return found[0 if bounds.low_closed else 1 : len(found) - (0 if bounds.high_closed else 1)]


def _count(first: Value, last: Value) -> Any:
    if is_number(first) and is_number(last):
        low, high = whole(first), whole(last)
        return None if low is None or high is None else _bounded(low, high)
    if type(first) is date and type(last) is date:
        step = 1 if first <= last else -1
        start = first.toordinal()
        return [date.fromordinal(day) for day in _bounded(start, last.toordinal())] if step else None
    return None


def _bounded(first: int, last: int) -> range:
    if abs(last - first) > 10_000_000:
        raise FeelLimitError("循环次数超过一条公式允许的上限")
    return range(first, last + 1) if first <= last else range(first, last - 1, -1)


def call_value(function: Value, *arguments: Value) -> Value:
    """Calls a function value; null when it is none, or takes another number of arguments."""
    if type(function) is not FeelFunction or len(arguments) != len(function.parameters):
        return None
    try:
        return function.call(*arguments)
    except RecursionError:
        raise FeelLimitError("函数自己调用自己的层数超过上限") from None


def call_named(function: Value, arguments: Mapping[str, Value]) -> Value:
    """Calls a function value with named arguments; a parameter not named is null."""
    if type(function) is not FeelFunction or not set(arguments) <= set(function.parameters):
        return None
    return call_value(function, *(arguments.get(name) for name in function.parameters))


COMPARE: dict[str, Callable[[Any, Any], bool | None]] = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
MIRROR = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
"""The comparison that says the same with its sides exchanged."""
