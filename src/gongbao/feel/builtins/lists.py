"""Built-ins on lists; positions count from 1, negative ones from the end; a single value is a list of itself."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from gongbao.feel.builtins.registry import builtin
from gongbao.feel.meter import fresh, spend
from gongbao.feel.values import (
    DECIMAL128,
    Value,
    add,
    as_list,
    call_value,
    check_length,
    conjunction,
    disjunction,
    div,
    eq,
    is_list,
    is_number,
    kind_of,
    lt,
    mul,
    sub,
    whole,
)


def _listed(arguments: tuple[Value, ...]) -> list[Value] | None:
    """The list that ``min([1, 2])`` and ``min(1, 2)`` both speak of; None for null."""
    if len(arguments) == 1:
        return None if arguments[0] is None else as_list(arguments[0])
    return list(arguments)


def _numbers(arguments: tuple[Value, ...]) -> list[Value] | None:
    """The same, when all of them are numbers and there is at least one."""
    items = _listed(arguments)
    return items if items and all(is_number(item) for item in items) else None


def _position(items: list[Value], position: Value) -> int | None:
    at = whole(position) if is_number(position) else None
    if at is None or at == 0 or abs(at) > len(items):
        return None
    return at - 1 if at > 0 else len(items) + at


@builtin("list contains", "list, element", cost="own")
def list_contains(items: Value, element: Value, budget: list[int] | None = None) -> Value:
    """Whether a list holds an element (null may be one)."""
    budget = fresh(budget)
    return None if items is None else any(eq(item, element, budget) is True for item in as_list(items))


@builtin("list replace", "list, position, newItem", "list, match, newItem", cost="own")
def list_replace(items: Value, where: Value, new: Value, budget: list[int] | None = None) -> Value:
    """The list with the item at a position, or every item for which ``match(item, newItem)`` holds, replaced."""
    if items is None:
        return None
    items = as_list(items)
    if is_number(where):
        at = _position(items, int(where) if abs(where) <= len(items) + 1 else 0)
        return None if at is None else [*items[:at], new, *items[at + 1 :]]
    if where is None or kind_of(where) != "function":
        return None
    spend(fresh(budget), len(items))
    matches = [call_value(where, item, new) for item in items]
    if any(type(each) is not bool for each in matches):
        return None
    return [new if holds else item for item, holds in zip(items, matches, strict=True)]


@builtin("count", "list")
def count(items: Value) -> Value:
    """How many items a list has."""
    return None if items is None else len(as_list(items))


def _extreme(arguments: tuple[Value, ...], better: Callable[[Value, Value], bool | None]) -> Value:
    items = _listed(arguments)
    if not items or better(items[0], items[0]) is None:
        return None
    best = items[0]
    for item in items[1:]:
        verdict = better(item, best)
        if verdict is None:
            return None
        if verdict:
            best = item
    return best


@builtin("min", "list", "values...", cost="size")
def minimum(*arguments: Value) -> Value:
    """The least of a list, or of the arguments; null for an empty list."""
    return _extreme(arguments, lt)


@builtin("max", "list", "values...", cost="size")
def maximum(*arguments: Value) -> Value:
    """The greatest of a list, or of the arguments; null for an empty list."""
    return _extreme(arguments, lambda a, b: lt(b, a))


def _total(items: list[Value]) -> Value:
    total: Value = 0
    for item in items:
        total = add(total, item)
    return total


@builtin("sum", "list", "values...", cost="size")
def total(*arguments: Value) -> Value:
    """The sum of a list of numbers; null for an empty list."""
    items = _numbers(arguments)
    return None if items is None else _total(items)


@builtin("product", "list", "values...", cost="size")
def product(*arguments: Value) -> Value:
    """The product of a list of numbers; null for an empty list."""
    items = _numbers(arguments)
    if items is None:
        return None
    result: Value = 1
    for item in items:
        result = mul(result, item)
    return result


@builtin("mean", "list", "values...", cost="size")
def mean(*arguments: Value) -> Value:
    """The arithmetic mean of a list of numbers."""
    items = _numbers(arguments)
    return None if items is None else div(_total(items), len(items))


@builtin("median", "list", "values...", cost="size")
def median(*arguments: Value) -> Value:
    """The middle number of a list, or the mean of the two middle ones."""
    items = _numbers(arguments)
    if items is None:
        return None
    items = sorted(items)
    half = len(items) // 2
    return items[half] if len(items) % 2 else div(add(items[half - 1], items[half]), 2)


@builtin("stddev", "list", "values...", cost="size")
def stddev(*arguments: Value) -> Value:
    """The standard deviation of a sample; null for fewer than two numbers."""
    items = _numbers(arguments)
    if items is None or len(items) < 2:
        return None
    middle = div(_total(items), len(items))
    squares: Value = 0
    for item in items:
        off = sub(item, middle)
        squares = add(squares, mul(off, off))
    variance = div(squares, len(items) - 1)
    return None if variance is None else DECIMAL128.sqrt(variance)  # null where a square is beyond decimal128


@builtin("mode", "list", "values...", cost="size")
def mode(*arguments: Value) -> Value:
    """The numbers that occur most often, in rising order."""
    items = _listed(arguments)
    if items is None or not all(is_number(item) for item in items):
        return None
    times: dict[Any, int] = {}
    for item in items:
        times[item] = times.get(item, 0) + 1
    most = max(times.values(), default=0)
    return sorted(item for item, n in times.items() if n == most)


@builtin("all", "list", "values...", cost="size")
def every(*arguments: Value) -> Value:
    """Whether all of a list are true: false if one is false, else null if one is no boolean."""
    items = _listed(arguments)
    if items is None:
        return None
    result: bool | None = True
    for item in items:
        result = conjunction(result, item)
    return result


@builtin("any", "list", "values...", cost="size")
def some(*arguments: Value) -> Value:
    """Whether one of a list is true: null if none is but one is no boolean."""
    items = _listed(arguments)
    if items is None:
        return None
    result: bool | None = False
    for item in items:
        result = disjunction(result, item)
    return result


@builtin("sublist", "list, start position, length?", cost="size")
def sublist(items: Value, start: Value, length: Value = None) -> Value:
    """The part of a list from a position on, at most ``length`` items."""
    if items is None:
        return None
    items = as_list(items)
    at = _position(items, start)
    if at is None:
        return None
    if length is None:
        return items[at:]
    size = whole(length) if is_number(length) else None
    return None if size is None or size < 1 or at + size > len(items) else items[at : at + size]


@builtin("append", "list, item...", cost="size")
def append(items: Value, *new: Value) -> Value:
    """The list with more items at its end."""
    return None if items is None else [*as_list(items), *new]


@builtin("concatenate", "list...", cost="size")
def concatenate(*lists: Value) -> Value:
    """Several lists in a row."""
    if any(items is None for items in lists):
        return None
    parts = [as_list(items) for items in lists]
    check_length(sum(len(part) for part in parts))
    return [item for part in parts for item in part]


@builtin("insert before", "list, position, newItem", cost="size")
def insert_before(items: Value, position: Value, new: Value) -> Value:
    """The list with an item put before the one at a position."""
    if items is None:
        return None
    items = as_list(items)
    at = _position(items, position)
    return None if at is None else [*items[:at], new, *items[at:]]


@builtin("remove", "list, position", cost="size")
def remove(items: Value, position: Value) -> Value:
    """The list without the item at a position."""
    if items is None:
        return None
    items = as_list(items)
    at = _position(items, position)
    return None if at is None else [*items[:at], *items[at + 1 :]]


@builtin("reverse", "list", cost="size")
def reverse(items: Value) -> Value:
    """The list from its end."""
    return None if items is None else as_list(items)[::-1]


@builtin("index of", "list, match", cost="own")
def index_of(items: Value, match: Value, budget: list[int] | None = None) -> Value:
    """All positions at which a list holds an element."""
    if items is None:
        return None
    budget = fresh(budget)
    return [at for at, item in enumerate(as_list(items), start=1) if eq(item, match, budget) is True]


@builtin("distinct values", "list", cost="own")
def distinct_values(items: Value, budget: list[int] | None = None) -> Value:
    """The list with each value once, where it first stands."""
    return None if items is None else _distinct(as_list(items), fresh(budget))


@builtin("union", "list...", cost="own")
def union(*lists: Value, budget: list[int] | None = None) -> Value:
    """Several lists in a row, each value once."""
    joined = concatenate(*lists)
    return None if joined is None else _distinct(joined, fresh(budget))


def _distinct(items: list[Value], budget: list[int]) -> list[Value]:
    kept: list[Value] = []
    compared: list[Value] = []
    simple: set[tuple[str, Any]] = set()
    for item in items:
        kind = kind_of(item)
        if kind in ("list", "context", "range", "function", "time"):
            spend(budget, 1 + (len(compared) >> 2))
            if not any(eq(item, other, budget) is True for other in compared):
                compared.append(item)
                kept.append(item)
        elif (kind, item) not in simple:
            simple.add((kind, item))
            kept.append(item)
    return kept


@builtin("flatten", "list", cost="own")
def flatten(items: Value, budget: list[int] | None = None) -> Value:
    """The list with the lists inside it, at any depth, laid out in a row."""
    if items is None:
        return None
    flat: list[Value] = []
    budget = fresh(budget)
    stack = [iter(as_list(items))]
    while stack:
        for item in stack[-1]:
            if is_list(item):
                spend(budget)  # empty lists too: shared parts make a small list a large tree
                stack.append(iter(item))
                break
            flat.append(item)
            check_length(len(flat))
        else:
            stack.pop()
    return flat


@builtin("sort", "list, precedes?", cost="size")
def sort(items: Value, precedes: Value = None) -> Value:
    """The list in rising order, or in the order in which ``precedes(x, y)`` says that x comes first."""
    if items is None:
        return None
    items = as_list(items)
    if precedes is None:
        if any(lt(a, items[0]) is None for a in items):
            return None
        if len({type(item) for item in items}) == 1 and isinstance(items[0], int | Decimal | str):
            return sorted(items)
        return sorted(items, key=cmp_to_key(lambda a, b: -1 if lt(a, b) else 1 if lt(b, a) else 0))
    if kind_of(precedes) != "function":
        return None

    def order(a: Value, b: Value) -> int:
        if call_value(precedes, a, b) is True:
            return -1
        return 1 if call_value(precedes, b, a) is True else 0

    return sorted(items, key=cmp_to_key(order))
