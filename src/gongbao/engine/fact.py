"""Typed facts: what may be known about a case, and the one gate through which raw input becomes values.

`read_facts` takes what forms, XLSX and JSON give (mostly text) by the facts' ids or Chinese labels, and gives values
of their types, or one `FactErrors` with everything that is wrong. What is empty is unknown, which is not an error.

Types and their values: boolean bool · integer int · number, money int or Decimal (money in 元) · text, unit, person,
place, file, choice str · date date · datetime aware datetime in Asia/Shanghai · duration timedelta or YearsMonths ·
list list · record dict · series `engine.series.Series`.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from gongbao.engine.calendar import SHANGHAI
from gongbao.engine.model import Value
from gongbao.engine.series import MAX_READINGS, Series, read_step, spaced
from gongbao.feel import YearsMonths
from gongbao.feel.temporal import read_duration

MAX_TEXT = 20_000
MAX_ITEMS = 10_000
_MAX_DIGITS = 30
_MAX_DEPTH = 12


@dataclass(frozen=True, slots=True)
class Fact:
    """One typed fact, as policy.schema.FactSpec writes it down; `fields` are those of a record (or its list)."""

    id: str
    label: str
    type: str
    help: str | None = None
    min: int | Decimal | None = None
    max: int | Decimal | None = None
    step: int | Decimal | None = None
    scale: int | None = None
    unit: str | None = None
    values: tuple[str, ...] = ()
    ordered: bool = False
    of: str | None = None
    fields: Mapping[str, Fact] = field(default_factory=dict)
    marks: tuple[str, ...] = ()
    max_items: int | None = None
    judged_by: str | None = None
    format: str | None = None
    personal: str | None = None
    keep: str | None = None
    cite: str | None = None

    @property
    def numeric(self) -> bool:
        return self.type in ("integer", "number", "money")


def compile_facts(specs: Mapping[str, Any]) -> dict[str, Fact]:
    """Facts from their specs: policy.schema.FactSpec objects, or mappings with the same keys."""
    return {name: _compiled(name, spec) for name, spec in specs.items()}


def _compiled(name: str, spec: Any) -> Fact:
    known = Fact.__dataclass_fields__.keys() - {"id", "fields"}
    if isinstance(spec, Mapping):
        given = {key: spec[key] for key in known if key in spec}
        fields = spec.get("fields") or {}
    else:
        given = {key: getattr(spec, key) for key in known if hasattr(spec, key)}
        fields = getattr(spec, "fields", {})
    given.update({key: tuple(given.get(key) or ()) for key in ("values", "marks")})
    return Fact(id=name, fields=compile_facts(fields), **given)


# Errors -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FactError:
    """One thing wrong: `path` is the fact's id (with fields and positions), `allowed` says what may stand there."""

    path: str
    label: str
    value: Value
    allowed: str
    message: str


class FactErrors(ValueError):
    """Everything that is wrong with the facts given; none of them was taken."""

    def __init__(self, items: Sequence[FactError]) -> None:
        self.items = tuple(items)
        super().__init__("\n".join(item.message for item in self.items))


class _Bad(Exception):
    """The value at hand cannot be read: why (may be empty), and what is allowed."""

    def __init__(self, allowed: str, why: str = "") -> None:
        self.allowed = allowed
        self.why = why


# Reading ----------------------------------------------------------------------------------------------------------


def read_facts(specs: Mapping[str, Fact], raw: Any, *, where: str = "") -> dict[str, Value]:
    """The known facts by id. `FactErrors` lists every unknown name, duplicate and wrong value; `where` leads the paths.

    What is null, empty or only spaces is unknown and left out.
    """
    reader = _Reader()
    found = reader.record(specs, raw, where, "", 0)
    if reader.errors:
        raise FactErrors(reader.errors)
    return found


class _Reader:
    """One reading: the errors so far."""

    def __init__(self) -> None:
        self.errors: list[FactError] = []

    def record(self, specs: Mapping[str, Fact], raw: Any, path: str, label: str, depth: int) -> dict[str, Value]:
        if not isinstance(raw, Mapping):
            self.complain(path, label or "事实", raw, "一组“名称: 值”")
            return {}
        if depth > _MAX_DEPTH:
            self.complain(path, label, "……", f"最多嵌套 {_MAX_DEPTH} 层")
            return {}
        found: dict[str, Value] = {}
        given_as: dict[str, Any] = {}
        for key, value in raw.items():
            fact = self.named(specs, key, value, path)
            if fact is None:
                continue
            here = f"{path}.{fact.id}" if path else fact.id
            if fact.id in given_as:
                message = f"“{fact.label}”（{here}）给了两次：{given_as[fact.id]} 和 {key}；只能给一次"
                self.errors.append(FactError(here, fact.label, value, "只给一次", message))
                continue
            given_as[fact.id] = key
            read = self.value(fact, value, here, fact.label, depth)
            if read is not None:
                found[fact.id] = read
        return found

    def named(self, specs: Mapping[str, Fact], key: Any, value: Any, path: str) -> Fact | None:
        """The fact a key means, by id or by label."""
        if isinstance(key, str):
            text = _plain(key)
            if text in specs:
                return specs[text]
            labelled = [fact for fact in specs.values() if _plain(fact.label) == text]
            if len(labelled) == 1:
                return labelled[0]
            if labelled:
                ids = "、".join(fact.id for fact in labelled)
                self.unknown(path, key, value, f"“{key}”同时是几项事实的名称，请写编号：{ids}", ids)
                return None
        names = [*specs, *(fact.label for fact in specs.values())]
        near = _near(str(key), names)
        hint = f"；是否指{near}？" if near else f"；可用：{_listed(names)}"
        self.unknown(path, str(key), value, f"没有{_shown(key)}这项事实{hint}", near or _listed(names))
        return None

    def unknown(self, path: str, key: str, value: Any, message: str, allowed: str) -> None:
        self.errors.append(FactError(f"{path}.{key}" if path else key, key, value, allowed, message))

    def complain(self, path: str, label: str, value: Any, allowed: str, why: str = "") -> None:
        shown = f"“{label}”（{path}）" if path else f"“{label}”"
        message = f"{shown}：给出的是 {_shown(value)}，{why + '，' if why else ''}须为{allowed}"
        self.errors.append(FactError(path, label, value, allowed, message))

    def value(self, fact: Fact, raw: Any, path: str, label: str, depth: int) -> Value:
        """The value of one fact, None when it is unknown or wrong."""
        if raw is None or (isinstance(raw, str) and not raw.strip()) or (isinstance(raw, float) and math.isnan(raw)
                                                                         and fact.type == "text"):  # fmt: skip
            return None
        if fact.type == "record":
            return self.record(fact.fields, raw, path, label, depth + 1)
        if fact.type == "list":
            return self.items(fact, raw, path, label, depth)
        if fact.type == "series":
            return self.series(fact, raw, path, label)
        try:
            return _READERS[fact.type](raw, fact)
        except _Bad as bad:
            self.complain(path, label, raw, bad.allowed, bad.why)
            return None

    def items(self, fact: Fact, raw: Any, path: str, label: str, depth: int) -> Value:
        if isinstance(raw, str) and fact.of != "record":
            raw = [part for part in re.split(r"[、；;\n]", raw) if part.strip()]
        if isinstance(raw, str | Mapping) or not isinstance(raw, Sequence | set | frozenset):
            self.complain(path, label, raw, "一列值")
            return None
        limit = fact.max_items or MAX_ITEMS
        if len(raw) > limit:
            self.complain(path, label, f"{len(raw)} 项", f"最多 {limit} 项")
            return None
        item = _item(fact)
        read = [self.value(item, each, f"{path}[{i}]", f"{label}第{i}项", depth + 1) for i, each in enumerate(raw, 1)]
        return [each for each in read if each is not None]

    # Series ---------------------------------------------------------------------------------------------------

    def series(self, fact: Fact, raw: Any, path: str, label: str) -> Value:
        """A series from {start, step, values, marks}, a list of values, or a list of {at, value, mark}."""
        limit = min(fact.max_items or MAX_READINGS, MAX_READINGS)
        if isinstance(raw, Series):
            raw = {"start": raw.start, "step": raw.step, "values": raw.values, "marks": raw.marks}
        if isinstance(raw, str):
            raw = [part.strip() for part in re.split(r"[,，、；;\s]+", raw) if part.strip()]
        form = dict(raw) if isinstance(raw, Mapping) else {"values": raw}
        allowed = "数的列表、{at, value, mark} 的列表，或 {start, step, values, marks}"
        readings = form.get("values", form.get("readings"))
        extra = set(form) - {"start", "step", "values", "readings", "marks"}
        if not isinstance(readings, list | tuple) or extra or {"values", "readings"} <= set(form):
            self.complain(path, label, raw, allowed, f"不认识 {'、'.join(sorted(map(str, extra)))}" if extra else "")
            return None
        if len(readings) > limit:
            self.complain(path, label, f"{len(readings)} 个读数", f"最多 {limit} 个读数")
            return None
        before = len(self.errors)
        try:
            step = None if form.get("step") is None else read_step(_number_text(form["step"]))
            if readings and all(isinstance(each, Mapping) for each in readings):
                made = self.dated(fact, readings, step, path, label, form)
            else:
                made = self.listed(fact, readings, step, path, label, form)
        except ValueError as error:
            self.complain(path, label, raw if len(str(raw)) < 60 else "……", allowed, str(error))
            return None
        if made is not None and len(made) > limit:
            self.complain(path, label, f"{len(made)} 个读数", f"最多 {limit} 个读数")
        return made if len(self.errors) == before else None

    def listed(
        self, fact: Fact, readings: Sequence[Any], step: dt.timedelta | None, path: str, label: str, form: Any
    ) -> Series | None:
        values = self.numbers(fact, readings, path, label)
        marks = form.get("marks")
        if marks is None or isinstance(marks, str):
            marks = [marks or ""] * len(values)
        if not isinstance(marks, list | tuple) or len(marks) != len(values):
            self.complain(f"{path}.marks", f"{label}的标记", marks, f"一个标记，或 {len(values)} 个标记的列表")
            return None
        named = [self.mark(fact, each, f"{path}.marks[{i}]", label) for i, each in enumerate(marks, 1)]
        start = form.get("start")
        if start is not None:
            try:
                start = _read_start(start)
            except _Bad as bad:
                self.complain(f"{path}.start", f"{label}的起点", start, bad.allowed, bad.why)
                return None
        return Series(start, step or dt.timedelta(hours=24), tuple(values), tuple(named))

    def dated(
        self, fact: Fact, readings: Sequence[Any], step: dt.timedelta | None, path: str, label: str, form: Any
    ) -> Series | None:
        moments = []
        for i, each in enumerate(readings, 1):
            extra = set(each) - {"at", "value", "mark"}
            if extra or "at" not in each:
                self.complain(f"{path}[{i}]", f"{label}第{i}个读数", each, "{at, value, mark}")
                continue
            try:
                moments.append(_read_start(each["at"]))
            except _Bad as bad:
                self.complain(f"{path}[{i}].at", f"{label}第{i}个读数的时间", each["at"], bad.allowed, bad.why)
        values = self.numbers(fact, [each.get("value") for each in readings], path, label)
        common = form.get("marks") if isinstance(form.get("marks"), str) else ""
        marks = [self.mark(fact, each.get("mark") or common, f"{path}[{i}].mark", label)
                 for i, each in enumerate(readings, 1)]  # fmt: skip
        return spaced(moments, values, marks, step) if len(moments) == len(readings) else None

    def numbers(self, fact: Fact, raw: Sequence[Any], path: str, label: str) -> list[Any]:
        item = _item(fact)
        missing = ("-", "--", "—", "——", "/", "NA", "N/A", "缺测")
        return [
            None
            if isinstance(each, str) and each.strip() in missing
            else self.value(item, each, f"{path}[{i}]", f"{label}第{i}个读数", 1)
            for i, each in enumerate(raw, 1)
        ]

    def mark(self, fact: Fact, raw: Any, path: str, label: str) -> str:
        text = _plain(raw) if isinstance(raw, str) else ""
        if not text and not raw:
            return ""
        name = _MARKS.get(text, text) if text not in fact.marks else text
        if fact.marks and name not in fact.marks:
            self.complain(path, f"{label}的标记", raw, f"{'、'.join(fact.marks)}之一")
        return name


_MARKS = {"observed": "监测", "forecast": "预报", "trend": "趋势"}


def _item(fact: Fact) -> Fact:
    """The fact that one item of a list or one reading of a series is."""
    return Fact(
        fact.id, fact.label, fact.of or "text", min=fact.min, max=fact.max, step=fact.step, scale=fact.scale,
        unit=fact.unit, values=fact.values, fields=fact.fields, format=fact.format,
    )  # fmt: skip


# Scalars ----------------------------------------------------------------------------------------------------------

_TRUE = {"是", "true", "yes", "on", "对", "√"}
_FALSE = {"否", "false", "no", "off", "错", "×"}


def _boolean(raw: Any, fact: Fact) -> bool:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str):
        text = _plain(raw).lower()
        if text in _TRUE or text in _FALSE:
            return text in _TRUE
    raise _Bad("是或否（true 或 false）")


_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?|[+-]?\.\d+")
_TIMES = {"元": 1, "万元": 10_000, "亿元": 100_000_000}


def _number(raw: Any, fact: Fact) -> Any:
    allowed = _allowed_number(fact)
    if isinstance(raw, bool):
        raise _Bad(allowed)
    if isinstance(raw, float):
        if not math.isfinite(raw):
            raise _Bad(allowed)
        raw = Decimal(repr(raw))  # a float of JSON or XLSX is taken by its printed form
    if isinstance(raw, str):
        raw = _from_digits(raw, fact, allowed)
    if not isinstance(raw, int | Decimal) or (isinstance(raw, Decimal) and not raw.is_finite()):
        raise _Bad(allowed)
    # copy_abs and not abs: the arithmetic of a number such as 1e999999999 overflows
    size = raw.copy_abs() if isinstance(raw, Decimal) else abs(raw)
    if size >= 10**_MAX_DIGITS or (isinstance(raw, Decimal) and len(raw.as_tuple().digits) > 2 * _MAX_DIGITS):
        raise _Bad(allowed, "太长")
    if isinstance(raw, Decimal) and raw == raw.to_integral_value():
        raw = int(raw)
    if fact.type == "integer" and not isinstance(raw, int):
        raise _Bad(allowed)
    scale = fact.scale if fact.scale is not None else 2 if fact.type == "money" else None
    if scale is not None and isinstance(raw, Decimal) and raw != round(raw, scale):
        raise _Bad(allowed, f"最多 {scale} 位小数")
    if (fact.min is not None and raw < fact.min) or (fact.max is not None and raw > fact.max):
        raise _Bad(allowed)
    return raw


def _from_digits(raw: str, fact: Fact, allowed: str) -> Decimal:
    text = unicodedata.normalize("NFKC", raw).strip().replace("−", "-")
    if len(text) > 3 * _MAX_DIGITS:
        raise _Bad(allowed, "太长")
    times = 1
    if fact.type == "money":
        text = text.lstrip("¥").strip()
        unit = next((u for u in ("亿元", "万元", "元") if text.endswith(u)), "")
        text, times = text.removesuffix(unit).strip(), _TIMES.get(unit, 1)
    elif fact.unit:
        text = text.removesuffix(unicodedata.normalize("NFKC", fact.unit)).strip()
    if not _NUMBER.fullmatch(text) or not text.isascii():
        raise _Bad(allowed)
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
        raise _Bad("文本")
    text = raw.strip()
    if len(text) > MAX_TEXT:
        raise _Bad(f"不超过 {MAX_TEXT} 字的文本", f"有 {len(text)} 字")
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\r\t" for c in text):
        raise _Bad("不含控制字符的文本")
    check = _FORMATS.get(fact.format or "")
    if check is not None:
        text = unicodedata.normalize("NFKC", text).replace(" ", "").upper() if fact.format != "email" else text
        if not check[0](text):
            raise _Bad(check[1])
    return text


def _resident_id(text: str) -> bool:
    """GB 11643: 17 digits holding a date of birth, and a check character."""
    if not re.fullmatch(r"[1-9]\d{16}[\dX]", text, re.ASCII):
        return False
    try:
        dt.date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * pow(2, 17 - i, 11) for i, digit in enumerate(text[:17]))
    return "10X98765432"[total % 11] == text[17]


_CREDIT_CODE = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: no I, O, S, V, Z


def credit_code_check(body: str) -> str:
    """The check character of a unified social credit code (GB 32100-2015) from its first 17 characters."""
    total = sum(_CREDIT_CODE.index(character) * pow(3, place, 31) for place, character in enumerate(body[:17]))
    return _CREDIT_CODE[-total % 31]


def _credit_code(text: str) -> bool:
    return len(text) == 18 and set(text) <= set(_CREDIT_CODE) and credit_code_check(text) == text[17]


_FORMATS: dict[str, tuple[Callable[[str], Any], str]] = {
    "resident_id": (_resident_id, "18位身份证号（末位校验须相符）"),
    "phone": (re.compile(r"\+?\d[\d-]{2,18}", re.ASCII).fullmatch, "电话号码，如 13800000000 或 0316-12345"),
    "credit_code": (_credit_code, "18位统一社会信用代码（末位校验须相符）"),
    "email": (re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+").fullmatch, "电子邮件地址"),
}


def _choice(raw: Any, fact: Fact) -> str:
    text = _plain(str(raw)) if isinstance(raw, str) or (isinstance(raw, int) and not isinstance(raw, bool)) else None
    for value in fact.values:
        if text is not None and _plain(value) == text:
            return value
    near = _near(text or "", fact.values)
    raise _Bad(f"下列之一：{'、'.join(fact.values)}", f"是否指{near}" if near else "")


_DATE = r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
_CLOCK = r"(\d{1,2})(?:[:时](?:(\d{1,2})(?:[:分](?:(\d{1,2})(?:\.\d+)?秒?)?)?)?)"
_DAY = re.compile(_DATE + r"|(\d{4})(\d{2})(\d{2})", re.ASCII)
_MOMENT = re.compile(rf"{_DATE}[T ]?{_CLOCK}\s*(Z|[+-]\d{{2}}:?\d{{2}})?", re.ASCII)


def _date(raw: Any, fact: Fact) -> dt.date:
    allowed = "日期，如 2023-01-19"
    if isinstance(raw, dt.datetime):
        if raw.time() == dt.time():
            return raw.date()
        raise _Bad(allowed, "不写时刻")
    if isinstance(raw, dt.date):
        return raw
    text = _plain(raw) if isinstance(raw, str) else ""
    found = _DAY.fullmatch(text.removesuffix("00:00:00").rstrip("T ") if text.endswith("00:00:00") else text)
    if found is None:
        raise _Bad(allowed)
    return _day(found.group(1, 2, 3) if found[1] else found.group(4, 5, 6), allowed)


def _day(parts: Iterable[str | Any], allowed: str) -> dt.date:
    year, month, day = (int(part) for part in parts)
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise _Bad(allowed, "没有这一天") from None


def _datetime(raw: Any, fact: Fact) -> dt.datetime:
    allowed = "日期和时刻，如 2023-01-19 08:30"
    if isinstance(raw, dt.datetime):
        return raw.replace(tzinfo=SHANGHAI) if raw.tzinfo is None else raw.astimezone(SHANGHAI)
    found = _MOMENT.fullmatch(_plain(raw)) if isinstance(raw, str) else None
    if found is None:
        raise _Bad(allowed)
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
        raise _Bad(allowed, "没有这个时刻") from None


def _read_start(raw: Any) -> dt.datetime:
    """The moment at which a reading begins; a bare date is its midnight."""
    try:
        return _datetime(raw, _MOMENT_FACT)
    except _Bad:
        day = _date(raw, _MOMENT_FACT)
        return dt.datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


_MOMENT_FACT = Fact("at", "时间", "datetime")
_LENGTH = re.compile(r"(\d{1,6}) ?(分钟|minutes?|小时|个小时|hours?|天|日|days?|周|weeks?|个月|months?|年|years?)")


def _duration(raw: Any, fact: Fact) -> dt.timedelta | YearsMonths:
    if isinstance(raw, dt.timedelta | YearsMonths):
        return raw
    text = _plain(raw) if isinstance(raw, str) else ""
    read = read_duration(text)
    if read is not None:
        return read
    found = _LENGTH.fullmatch(text)
    if found is None:
        raise _Bad("一段时间，如 2小时、3天、1个月或 PT2H")
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
        raise _Bad("文件名或文件说明")
    return _text(raw, fact)


_READERS: dict[str, Callable[[Any, Fact], Value]] = {
    "boolean": _boolean, "integer": _number, "number": _number, "money": _number, "text": _text, "unit": _text,
    "person": _text, "place": _text, "choice": _choice, "date": _date, "datetime": _datetime, "duration": _duration,
    "file": _file,
}  # fmt: skip


# Texts ------------------------------------------------------------------------------------------------------------


def _plain(text: str) -> str:
    """For comparing: full-width letters and digits as half-width, spaces trimmed."""
    return unicodedata.normalize("NFKC", text).strip()


def _number_text(value: Any) -> Any:
    return _plain(value) if isinstance(value, str) else Decimal(repr(value)) if isinstance(value, float) else value


def _shown(value: Any) -> str:
    text = f"“{value}”" if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "……"


def _near(text: str, names: Iterable[str]) -> str:
    import difflib  # only for a message, and slow to load

    close = difflib.get_close_matches(text[:60], list(names), n=1, cutoff=0.6)
    return f"“{close[0]}”" if close else ""


def _listed(names: Sequence[str]) -> str:
    return "、".join(names[:12]) + (f" 等 {len(names)} 个" if len(names) > 12 else "") if names else "（无）"
