"""``instance of``: whether a value has a FEEL type, given as ``(name, arguments, entries)``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gongbao.feel.values import Value, as_list, is_list, kind_of

Spec = tuple[Any, ...]


def instance_of(value: Value, spec: Spec) -> bool:
    """``value instance of type``; null is an instance of ``Null`` alone, ``Any`` takes every other value."""
    name, arguments, entries = spec
    if value is None:
        return bool(name == "Null")
    if name == "Any":
        return True
    if kind_of(value) != name:
        return False
    if name == "list" and arguments:
        return all(instance_of(item, arguments[0]) for item in as_list(value))
    if name == "context" and entries:
        return all(_has_entry(value, key, wanted) for key, wanted in entries)
    if name == "range" and arguments:
        ends = [end for end in (value.low, value.high) if end is not None]
        return all(instance_of(end, arguments[0]) for end in ends)
    if name == "function" and arguments:
        return len(value.parameters) == len(arguments)
    return True


def converted(value: Value, spec: Spec) -> Value:
    """The value as one of a parameter's type: as it is, the one item of a list, or the list of itself; else null."""
    if value is None or instance_of(value, spec):
        return value
    if is_list(value) and len(value) == 1 and instance_of(value[0], spec):
        return value[0]
    return [value] if spec[0] == "list" and instance_of([value], spec) else None


def _has_entry(context: Mapping[str, Value], key: str, wanted: Spec) -> bool:
    return key in context and (context[key] is None or instance_of(context[key], wanted))
