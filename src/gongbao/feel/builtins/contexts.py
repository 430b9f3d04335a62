"""Built-ins on contexts."""

from __future__ import annotations

from collections.abc import Mapping

from gongbao.feel.builtins.registry import builtin
from gongbao.feel.meter import fresh, spend
from gongbao.feel.values import Value, as_list, is_list


@builtin("get value", "m, key")
def get_value(context: Value, key: Value) -> Value:
    """The entry of a context under a key."""
    return context.get(key) if isinstance(context, Mapping) and isinstance(key, str) else None


@builtin("get entries", "m", cost="own")
def get_entries(context: Value, budget: list[int] | None = None) -> Value:
    """The entries of a context, as contexts with ``key`` and ``value``."""
    if not isinstance(context, Mapping):
        return None
    spend(fresh(budget), 2 * len(context))
    return [{"key": key, "value": value} for key, value in context.items()]


@builtin("context", "entries", cost="size")
def make_context(entries: Value) -> Value:
    """The context made of entries with ``key`` and ``value``; null when a key is missing or stands twice."""
    if entries is None:
        return None
    made: dict[str, Value] = {}
    for entry in as_list(entries):
        if not isinstance(entry, Mapping) or not isinstance(entry.get("key"), str) or "value" not in entry:
            return None
        if entry["key"] in made:
            return None
        made[entry["key"]] = entry["value"]
    return made


@builtin("context put", "context, key, value", "context, keys, value", cost="size")
def context_put(context: Value, key: Value, value: Value) -> Value:
    """The context with one entry set; a list of keys leads into the contexts inside."""
    if not isinstance(context, Mapping):
        return None
    keys = list(key) if is_list(key) else [key]
    if not keys or len(keys) > 50 or not all(isinstance(each, str) for each in keys):
        return None
    return _put(context, keys, value)


def _put(context: Mapping[str, Value], keys: list[str], value: Value) -> Value:
    if len(keys) == 1:
        return {**context, keys[0]: value}
    inner = context.get(keys[0])
    if not isinstance(inner, Mapping):
        return None
    return {**context, keys[0]: _put(inner, keys[1:], value)}


@builtin("context merge", "contexts", cost="own")
def context_merge(contexts: Value, budget: list[int] | None = None) -> Value:
    """Several contexts in one; the last wins."""
    if contexts is None:
        return None
    budget = fresh(budget)
    merged: dict[str, Value] = {}
    for context in as_list(contexts):
        if not isinstance(context, Mapping):
            return None
        spend(budget, 1 + (len(context) >> 3))
        merged.update(context)
    return merged
