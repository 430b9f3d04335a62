"""The one gate through which raw input becomes typed facts.

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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from gongbao.engine.scalars import MAX_TEXT, READERS, TOO_LARGE, Bad, near_name, plain, read_start
from gongbao.engine.series import DAY, MAX_READINGS, Series, read_step, spaced
from gongbao.engine.specs import Fact, compile_facts, item_of
from gongbao.feel.values import Value

__all__ = ["MAX_TEXT", "Fact", "FactError", "FactErrors", "compile_facts", "read_facts"]

MAX_ITEMS = 10_000
_MAX_DEPTH = 12


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


def read_facts(specs: Mapping[str, Fact], raw: Any, *, where: str = "") -> dict[str, Value]:
    """The known facts by id. `FactErrors` lists every unknown name, duplicate and wrong value; `where` leads the paths.

    What is null, empty or only spaces is unknown and left out.
    """
    reader = _Reader()
    found = reader.record(specs, raw, where, "", 0)
    if reader.errors:
        raise FactErrors(reader.errors)
    return found


def read_plain(fact: Fact, raw: Any) -> Value:
    """The value of one fact; None when it is unknown or wrong (`read_facts` then says what is wrong)."""
    if type(raw) is list and fact.type == "series" and (plain := _whole_series(fact, raw)) is not None:
        return plain
    reader = _Reader()
    value = reader.value(fact, raw, fact.id, fact.label, 0)
    return None if reader.errors else value


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
            if (exact := specs.get(key)) is not None:
                return exact
            text = plain(key)
            if text in specs:
                return specs[text]
            labelled = [fact for fact in specs.values() if plain(fact.label) == text]
            if len(labelled) == 1:
                return labelled[0]
            if labelled:
                ids = "、".join(fact.id for fact in labelled)
                self.unknown(path, key, value, f"“{key}”同时是几项事实的名称，请写编号：{ids}", ids)
                return None
        names = [*specs, *(fact.label for fact in specs.values())]
        near = near_name(str(key), names)
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
            return READERS[fact.type](raw, fact)
        except Bad as bad:
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
        item = item_of(fact)
        read = [self.value(item, each, f"{path}[{i}]", f"{label}第{i}项", depth + 1) for i, each in enumerate(raw, 1)]
        return [each for each in read if each is not None]

    # Series ---------------------------------------------------------------------------------------------------

    def series(self, fact: Fact, raw: Any, path: str, label: str) -> Value:
        """A series from {start, step, values, marks}, a list of values, or a list of {at, value, mark}."""
        limit = min(fact.max_items or MAX_READINGS, MAX_READINGS)
        if type(raw) is list and (plain := _whole_series(fact, raw)) is not None:
            return plain
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
        if not readings:
            # Nothing measured is not nothing found: an empty series would settle what is not known.
            self.complain(path, label, "没有读数", "至少一个读数；还不知道就不给这一项")
            return None
        if len(readings) > limit:
            self.complain(path, label, f"{len(readings)} 个读数", f"最多 {limit} 个读数")
            return None
        before = len(self.errors)
        try:
            step = None if form.get("step") is None else read_step(_number_text(form["step"]))
        except ValueError:
            self.complain(f"{path}.step", f"{label}的间隔", form["step"], "“1 h”或“24 h”这样的间隔，最长一天")
            return None
        try:
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
                start = read_start(start)
            except Bad as bad:
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
                moments.append(read_start(each["at"]))
            except Bad as bad:
                self.complain(f"{path}[{i}].at", f"{label}第{i}个读数的时间", each["at"], bad.allowed, bad.why)
        values = self.numbers(fact, [each.get("value") for each in readings], path, label)
        common = form.get("marks") if isinstance(form.get("marks"), str) else ""
        marks = [self.mark(fact, each.get("mark") or common, f"{path}[{i}].mark", label)
                 for i, each in enumerate(readings, 1)]  # fmt: skip
        return spaced(moments, values, marks, step) if len(moments) == len(readings) else None

    def numbers(self, fact: Fact, raw: Sequence[Any], path: str, label: str) -> list[Any]:
        if _whole(fact, raw):
            return list(raw)
        item = item_of(fact)
        missing = ("-", "--", "—", "——", "/", "NA", "N/A", "缺测")
        return [
            None
            if isinstance(each, str) and each.strip() in missing
            else self.value(item, each, f"{path}[{i}]", f"{label}第{i}个读数", 1)
            for i, each in enumerate(raw, 1)
        ]

    def mark(self, fact: Fact, raw: Any, path: str, label: str) -> str:
        text = plain(raw) if isinstance(raw, str) else ""
        if not text and not raw:
            return ""
        name = _MARKS.get(text, text) if text not in fact.marks else text
        if fact.marks and name not in fact.marks:
            self.complain(path, f"{label}的标记", raw, f"{'、'.join(fact.marks)}之一")
        return name


def _whole_series(fact: Fact, raw: list[Any]) -> Series | None:
    """The series of a plain list of whole numbers; None where the list must be read one by one."""
    if len(raw) > min(fact.max_items or MAX_READINGS, MAX_READINGS) or not _whole(fact, raw):
        return None
    return Series(None, DAY, tuple(raw), ("",) * len(raw))


def _whole(fact: Fact, raw: Sequence[Any]) -> bool:
    """Whether the readings of a series all are whole numbers within its bounds, which need no reading."""
    if fact.of not in ("integer", "number", "money") or {*map(type, raw)} != {int}:
        return False
    low = -TOO_LARGE if fact.min is None else fact.min
    high = TOO_LARGE if fact.max is None else fact.max
    return bool(low <= min(raw) and max(raw) <= high)


_MARKS = {"observed": "监测", "forecast": "预报", "trend": "趋势"}


def _number_text(value: Any) -> Any:
    return plain(value) if isinstance(value, str) else Decimal(repr(value)) if isinstance(value, float) else value


def _shown(value: Any) -> str:
    text = f"“{value}”" if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "……"


def _listed(names: Sequence[str]) -> str:
    return "、".join(names[:12]) + (f" 等 {len(names)} 个" if len(names) > 12 else "") if names else "（无）"
