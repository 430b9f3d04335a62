"""``instance of``: whether a value has a FEEL type, given as ``(name, arguments, entries)``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from gongbao.feel.meter import fresh, spend
from gongbao.feel.values import Value, as_list, is_list, kind_of

Spec = tuple[Any, ...]
#: The types of a model by name: each tells whether a value is one of it, for a budget.
OwnTypes: TypeAlias = Mapping[str, Callable[[Value, list[int] | None], bool]]
_NONE: OwnTypes = {}


def instance_of(value: Value, spec: Spec, budget: list[int] | None = None, own: OwnTypes = _NONE) -> bool:
    """``value instance of type``; null is an instance of ``Null`` alone, ``Any`` takes every other value."""
    name, arguments, entries = spec
    if value is None:
        return bool(name == "Null")
    if name in own:
        return own[name](value, budget)
    if name == "Any":
        return True
    if kind_of(value) != name:
        return False
    if name == "list" and arguments:
        budget = fresh(budget)  # parts may be shared, so that a small list is a large tree
        spend(budget, 1 + (len(value) >> 3))
        return all(instance_of(item, arguments[0], budget, own) for item in as_list(value))
    if name == "context" and entries:
        budget = fresh(budget)
        spend(budget)
        return all(_has_entry(value, key, wanted, budget, own) for key, wanted in entries)
    if name == "range" and arguments:
        ends = [end for end in (value.low, value.high) if end is not None]
        return all(instance_of(end, arguments[0], budget, own) for end in ends)
    if name == "function" and arguments:
        return len(value.parameters) == len(arguments)
    return True


def converted(value: Value, spec: Spec, budget: list[int] | None = None, own: OwnTypes = _NONE) -> Value:
    """The value as one of a parameter's type: as it is, the one item of a list, or the list of itself; else null."""
    if value is None or instance_of(value, spec, budget, own):
        return value
    if is_list(value) and len(value) == 1 and instance_of(value[0], spec, budget, own):
        return value[0]
    return [value] if spec[0] == "list" and instance_of([value], spec, budget, own) else None


def _has_entry(context: Mapping[str, Value], key: str, wanted: Spec, budget: list[int], own: OwnTypes) -> bool:
    return key in context and (context[key] is None or instance_of(context[key], wanted, budget, own))
