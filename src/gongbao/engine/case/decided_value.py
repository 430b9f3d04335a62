"""The value that a person decides: of the type of each output, and one of those that may come out.

需人工判定 is never one: it is what the rules say when they leave it to a person, who then says what holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gongbao.engine.decision.logic import PERSON, Decision, Output
from gongbao.engine.errors import CaseError, Fault
from gongbao.engine.fact import FactErrors, read_facts
from gongbao.engine.model import Value
from gongbao.engine.scalars import plain
from gongbao.engine.specs import Fact

_KINDS: Mapping[str, str] = {
    "boolean": "是或否", "integer": "整数", "number": "数", "money": "金额（元）", "text": "文本", "date": "日期",
    "datetime": "日期和时刻", "duration": "一段时间", "unit": "单位", "person": "人员", "place": "地点",
    "file": "文件", "list": "一列值", "record": "一组“名称: 值”", "series": "一列读数",
}  # fmt: skip
_TEXTS = ("text", "unit", "person", "place")


class Refused(CaseError):
    """A value that the decision cannot have; each output that is wrong is a fault."""


def decided_value(rule: Decision, given: Mapping[str, Any] | Any) -> dict[str, Value]:
    """What a person decides, by output. `given`: output -> value; the bare value where there is one output.

    Text is read as a form's is (`3` is a number where the output is one). An output that lists takes a list, or one
    item of it. Raises Refused, naming the decision, the output, the value and what is allowed.
    """
    own = given if isinstance(given, Mapping) else {rule.outputs[0].name: given}
    names = rule.output_names
    faults = [
        Fault(str(name), f"判定“{rule.label}”没有“{name}”这一项；有：{'、'.join(names)}", value, names)
        for name, value in own.items()
        if name not in names
    ]
    read: dict[str, Value] = {}
    for output in rule.outputs:
        value = own.get(output.name)
        try:
            read[output.name] = _listed(output, value) if rule.listing else _one(output, value)
        except _Wrong as wrong:
            allowed = wrong.allowed or allowed_values(output)
            said = f"的“{output.label}”" if output.label != rule.label else ""
            what = f"没有写{said.removeprefix('的')}" if wrong.missing else f"{said}不能是{_shown(wrong.value)}"
            text = f"判定“{rule.label}”{what}；可为：{'、'.join(allowed)}"
            faults.append(Fault(output.name, text, value, allowed))
    if faults:
        raise Refused("\n".join(fault.text for fault in faults), faults=tuple(faults))
    return read


def offered(output: Output) -> tuple[str, ...]:
    """The values that a person may choose from, as text; none where any value of the type will do."""
    if output.type == "boolean" and not output.values:
        return ("是", "否")
    return tuple(str(value) for value in output.values if value != PERSON)


def allowed_values(output: Output) -> tuple[str, ...]:
    """What a person may decide, in words: the values there are, else the kind of value."""
    return offered(output) or (_KINDS.get(output.type, "文本"),)


class _Wrong(Exception):
    def __init__(self, value: Any, allowed: tuple[str, ...] = (), *, missing: bool = False) -> None:
        self.value, self.allowed, self.missing = value, allowed, missing


def _listed(output: Output, value: Any) -> Value:
    if value is None:
        raise _Wrong(value, missing=True)
    return [_one(output, item) for item in (value if isinstance(value, list | tuple) else [value])]


def _one(output: Output, value: Any) -> Value:
    if value is None or (isinstance(value, str) and not value.strip()):
        raise _Wrong(value, missing=True)
    if isinstance(value, str) and plain(value) == PERSON:
        raise _Wrong(value)
    if output.values:
        found = [each for each in output.values if each != PERSON and _same(each, value)]
        if not found:
            raise _Wrong(value)
        return found[0]
    if output.type == "choice":  # without values: whatever text the rules give
        if not isinstance(value, str):
            raise _Wrong(value, ("文本",))
        return value.strip()
    return _typed(output, value)


def _same(allowed: Value, value: Any) -> bool:
    """Whether it is that value, or its text as a form gives it; true is not 1."""
    if isinstance(value, bool) or isinstance(allowed, bool):
        return value is allowed
    if isinstance(value, str):
        return plain(value) == plain(str(allowed))
    if isinstance(value, int) and isinstance(allowed, str):
        return str(value) == allowed
    return bool(allowed == value)


def _typed(output: Output, value: Any) -> Value:
    if output.type == "record":
        if not isinstance(value, Mapping):
            raise _Wrong(value)
        return dict(value)
    if output.type in _TEXTS and not isinstance(value, str):
        raise _Wrong(value)  # the reader of facts takes a number for text: a cell of a sheet may hold one
    fact = Fact("value", output.label, output.type, unit=output.unit)
    try:
        return read_facts({"value": fact}, {"value": value}).get("value")
    except FactErrors as errors:
        raise _Wrong(value, (errors.items[0].allowed,)) from None


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"一列值（{'、'.join(map(str, value))}）"
    text = f"“{value}”" if isinstance(value, str) else "是" if value is True else "否" if value is False else str(value)
    return text if len(text) <= 60 else text[:57] + "……"
