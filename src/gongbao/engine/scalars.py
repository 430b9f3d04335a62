"""One raw value, mostly text, read as the type of its fact: a yes or no, a number, a date, a code.

Every reader gives a value of the type or raises `Bad` with what may stand there.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from gongbao.engine.codes import credit_code_problem, resident_id_problem
from gongbao.engine.specs import Fact
from gongbao.engine.time.calendar import SHANGHAI
from gongbao.feel import YearsMonths
from gongbao.feel.temporal import read_duration
from gongbao.feel.values import Value

MAX_TEXT = 20_000
_MAX_DIGITS = 30
TOO_LARGE = 10**_MAX_DIGITS


class Bad(Exception):
    """The value at hand cannot be read: why (may be empty), and what is allowed."""

    def __init__(self, allowed: str, why: str = "") -> None:
        self.allowed = allowed
        self.why = why


_TRUE = {"是", "true", "yes", "on", "对", "√"}
_FALSE = {"否", "false", "no", "off", "错", "×"}


def _boolean(raw: Any, fact: Fact) -> bool:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str):
        text = plain(raw).lower()
        if text in _TRUE or text in _FALSE:
            return text in _TRUE
    raise Bad("是或否（true 或 false）")


_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?|[+-]?\.\d+")
_TIMES = {"元": 1, "万元": 10_000, "亿元": 100_000_000}


def _number(raw: Any, fact: Fact) -> Any:
    if type(raw) is not int:
        raw = _exact(raw, fact)
    elif not -TOO_LARGE < raw < TOO_LARGE:
        raise Bad(_allowed_number(fact), "太长")
    if (fact.min is not None and raw < fact.min) or (fact.max is not None and raw > fact.max):
        raise Bad(_allowed_number(fact))
    return raw


def _exact(raw: Any, fact: Fact) -> int | Decimal:
    """A number from whatever was given: an int where it is whole, no more places than the fact has."""
    if isinstance(raw, bool):
        raise Bad(_allowed_number(fact))
    if isinstance(raw, float):
        if not math.isfinite(raw):
            raise Bad(_allowed_number(fact))
        raw = Decimal(repr(raw))  # a float of JSON or XLSX is taken by its printed form
    if isinstance(raw, str):
        raw = _from_digits(raw, fact)
    if not isinstance(raw, int | Decimal) or (isinstance(raw, Decimal) and not raw.is_finite()):
        raise Bad(_allowed_number(fact))
    # copy_abs and not abs: the arithmetic of a number such as 1e999999999 overflows
    size = raw.copy_abs() if isinstance(raw, Decimal) else abs(raw)
    if size >= TOO_LARGE or (isinstance(raw, Decimal) and len(raw.as_tuple().digits) > 2 * _MAX_DIGITS):
        raise Bad(_allowed_number(fact), "太长")
    if isinstance(raw, Decimal) and raw == raw.to_integral_value():
        raw = int(raw)
    if fact.type == "integer" and not isinstance(raw, int):
        raise Bad(_allowed_number(fact))
    scale = fact.scale if fact.scale is not None else 2 if fact.type == "money" else None
    if scale is not None and isinstance(raw, Decimal) and raw != round(raw, scale):
        raise Bad(_allowed_number(fact), f"最多 {scale} 位小数")
    number: int | Decimal = raw
    return number


def _from_digits(raw: str, fact: Fact) -> Decimal:
    text = unicodedata.normalize("NFKC", raw).strip().replace("−", "-")
    if len(text) > 3 * _MAX_DIGITS:
        raise Bad(_allowed_number(fact), "太长")
    times = 1
    if fact.type == "money":
        text = text.lstrip("¥").strip()
        unit = next((u for u in ("亿元", "万元", "元") if text.endswith(u)), "")
        text, times = text.removesuffix(unit).strip(), _TIMES.get(unit, 1)
    elif fact.unit:
        text = text.removesuffix(unicodedata.normalize("NFKC", fact.unit)).strip()
    if not _NUMBER.fullmatch(text) or not text.isascii():
        raise Bad(_allowed_number(fact))
    return Decimal(text.replace(",", "")) * times


def _allowed_number(fact: Fact) -> str:
    kind = {"integer": "整数", "money": "金额（元）"}.get(fact.type, "数")
    if fact.min is not None and fact.max is not None:
        return f"{fact.min} 到 {fact.max} 的{kind}"
    if fact.min is not None:
        return f"不小于 {fact.min} 的{kind}"
    return f"不大于 {fact.max} 的{kind}" if fact.max is not None else kind


def _text(raw: Any, fact: Fact) -> str:
    if isinstance(raw, int) and not isinstance(raw, bool):
        raw = str(raw)  # a number cell of a sheet under a text column
    elif isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e15:
        raw = str(int(raw))
    if not isinstance(raw, str):
        raise Bad("文本")
    text = raw.strip()
    if len(text) > MAX_TEXT:
        raise Bad(f"不超过 {MAX_TEXT} 字的文本", f"有 {len(text)} 字")
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\r\t" for c in text):
        raise Bad("不含控制字符的文本")
    if fact.format in _FORMATS:
        if fact.format != "email":
            text = unicodedata.normalize("NFKC", text).replace(" ", "").upper()
        problem, allowed = _FORMATS[fact.format]
        if (why := problem(text)) is not None:
            raise Bad(allowed, why)
    return text


def _unlike(pattern: str) -> Callable[[str], str | None]:
    """Of a text that is not written like the pattern there is nothing more to say than what is allowed."""
    compiled = re.compile(pattern, re.ASCII)
    return lambda text: None if compiled.fullmatch(text) else ""


_FORMATS: dict[str, tuple[Callable[[str], str | None], str]] = {
    "resident_id": (resident_id_problem, "18位身份证号（末位校验须相符）"),
    "credit_code": (credit_code_problem, "18位统一社会信用代码（末位校验须相符）"),
    "mobile": (_unlike(r"1[3-9]\d{9}"), "11位手机号码，如 13800000000"),
    "phone": (_unlike(r"\+?\d[\d-]{2,18}"), "电话号码，如 13800000000 或 0316-12345"),
    "email": (_unlike(r"[^@\s]+@[^@\s]+\.[^@\s]+"), "电子邮件地址"),
}


def has_format(text: str, fact: Fact) -> bool:
    """Whether a text stands as a fact of this format is read; true where the fact states none."""
    if fact.format not in _FORMATS:
        return True
    try:
        return _text(text, fact) == text
    except Bad:
        return False


def _choice(raw: Any, fact: Fact) -> str:
    text = plain(str(raw)) if isinstance(raw, str) or (isinstance(raw, int) and not isinstance(raw, bool)) else None
    for value in fact.values:
        if text is not None and plain(value) == text:
            return value
    near = near_name(text or "", fact.values)
    raise Bad(f"下列之一：{'、'.join(fact.values)}", f"是否指{near}" if near else "")


_DATE = r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
_CLOCK = r"(\d{1,2})(?:[:时](?:(\d{1,2})(?:[:分](?:(\d{1,2})(?:\.\d+)?秒?)?)?)?)"
_DAY = re.compile(_DATE + r"|(\d{4})(\d{2})(\d{2})", re.ASCII)
_MOMENT = re.compile(rf"{_DATE}[T ]?{_CLOCK}\s*(Z|[+-]\d{{2}}:?\d{{2}})?", re.ASCII)


def _date(raw: Any, fact: Fact) -> dt.date:
    allowed = "日期，如 2023-01-19"
    if isinstance(raw, dt.datetime):
        if raw.time() == dt.time():
            return raw.date()
        raise Bad(allowed, "不写时刻")
    if isinstance(raw, dt.date):
        return raw
    text = plain(raw) if isinstance(raw, str) else ""
    found = _DAY.fullmatch(text.removesuffix("00:00:00").rstrip("T ") if text.endswith("00:00:00") else text)
    if found is None:
        raise Bad(allowed)
    return _day(found.group(1, 2, 3) if found[1] else found.group(4, 5, 6), allowed)


def _day(parts: Iterable[str | Any], allowed: str) -> dt.date:
    year, month, day = (int(part) for part in parts)
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise Bad(allowed, "没有这一天") from None


def _datetime(raw: Any, fact: Fact) -> dt.datetime:
    allowed = "日期和时刻，如 2023-01-19 08:30"
    if isinstance(raw, dt.datetime):
        return raw.replace(tzinfo=SHANGHAI) if raw.tzinfo is None else raw.astimezone(SHANGHAI)
    found = _MOMENT.fullmatch(plain(raw)) if isinstance(raw, str) else None
    if found is None:
        raise Bad(allowed)
    day = _day(found.group(1, 2, 3), allowed)
    hour, minute, second = (int(found[i] or 0) for i in (4, 5, 6))
    days = 0
    if (hour, minute, second) == (24, 0, 0):  # the end of a day is the beginning of the next
        days, hour = 1, 0
    try:
        moment = dt.datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=SHANGHAI)
        if found[7]:
            moment = dt.datetime.fromisoformat(f"{moment:%Y-%m-%dT%H:%M:%S}{found[7]}").astimezone(SHANGHAI)
        return moment + dt.timedelta(days=days)
    except (ValueError, OverflowError):
        raise Bad(allowed, "没有这个时刻") from None


def read_start(raw: Any) -> dt.datetime:
    """The moment at which a reading begins; a bare date is its midnight."""
    try:
        return _datetime(raw, _MOMENT_FACT)
    except Bad:
        day = _date(raw, _MOMENT_FACT)
        return dt.datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


_MOMENT_FACT = Fact("at", "时间", "datetime")
_LENGTH = re.compile(r"(\d{1,6}) ?(分钟|minutes?|小时|个小时|hours?|天|日|days?|周|weeks?|个月|months?|年|years?)")


def _duration(raw: Any, fact: Fact) -> dt.timedelta | YearsMonths:
    if isinstance(raw, dt.timedelta | YearsMonths):
        return raw
    text = plain(raw) if isinstance(raw, str) else ""
    read = read_duration(text)
    if read is not None:
        return read
    found = _LENGTH.fullmatch(text)
    if found is None:
        raise Bad("一段时间，如 2小时、3天、1个月或 PT2H")
    amount, unit = int(found[1]), found[2]
    if unit.startswith(("个月", "month")):
        return YearsMonths(amount)
    if unit.startswith(("年", "year")):
        return YearsMonths(12 * amount)
    minutes = {"分": 1, "m": 1, "小": 60, "个": 60, "h": 60, "天": 1440, "日": 1440, "d": 1440, "周": 10080, "w": 10080}
    return dt.timedelta(minutes=amount * minutes[unit[0]])


def _file(raw: Any, fact: Fact) -> Any:
    if isinstance(raw, Mapping):
        if all(isinstance(key, str) and isinstance(item, str | int | None) for key, item in raw.items()):
            return dict(raw)
        raise Bad("文件名或文件说明")
    return _text(raw, fact)


READERS: dict[str, Callable[[Any, Fact], Value]] = {
    "boolean": _boolean, "integer": _number, "number": _number, "money": _number, "text": _text, "unit": _text,
    "person": _text, "place": _text, "choice": _choice, "date": _date, "datetime": _datetime, "duration": _duration,
    "file": _file,
}  # fmt: skip


def plain(text: str) -> str:
    """For comparing: full-width letters and digits as half-width, spaces trimmed."""
    return unicodedata.normalize("NFKC", text).strip()


def near_name(text: str, names: Iterable[str]) -> str:
    import difflib  # only for a message, and slow to load

    close = difflib.get_close_matches(text[:60], list(names), n=1, cutoff=0.6)
    return f"“{close[0]}”" if close else ""
