"""Built-ins that turn one kind of value into another, and ``not`` and ``is defined``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from gongbao.feel.builtins.registry import builtin
from gongbao.feel.errors import FeelLimitError
from gongbao.feel.meter import fresh, spend
from gongbao.feel.temporal import write, write_number
from gongbao.feel.values import DECIMAL128, Range, Value, check_length, is_list, is_number, kind_of

_NUMBER = re.compile(r"-?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,5})?", re.ASCII)


@builtin("string", "from", cost="own")
def string(value: Value, budget: list[int] | None = None) -> Value:
    """The value as text, as FEEL would write it; null stays null."""
    if value is None:
        return None
    try:
        written = _shown(value, fresh(budget), nested=False)
    except RecursionError:
        raise FeelLimitError("列表或对象套得太深，无法写成文字") from None
    check_length(len(written))
    return written


def _shown(value: Value, left: list[int], nested: bool = True) -> str:
    """The text of a value; ``left`` is the budget: since parts may be shared, a small value may have a long text."""
    spend(left, 1 + (len(value) >> 6 if nested and isinstance(value, str) else 0))
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' if nested else value
    if is_number(value):
        return write_number(value)
    if is_list(value):
        return "[" + ", ".join(_shown(item, left) for item in value) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_shown(entry, left)}" for key, entry in value.items()) + "}"
    if isinstance(value, Range):
        ends = f"{_shown(value.low, left)}..{_shown(value.high, left)}"
        return ("[" if value.low_closed else "(") + ends + ("]" if value.high_closed else ")")
    if kind_of(value) == "function":
        return "function(" + ", ".join(value.parameters) + ")"
    text = write(value)
    return f'@"{text}"' if nested else text


@builtin("number", "from, grouping separator?, decimal separator?")
def number(text: Value, grouping: Value = None, point: Value = None) -> Value:
    """The number that a text spells, with the separators it uses."""
    if is_number(text) and grouping is None and point is None:
        return text
    if not isinstance(text, str) or len(text) > 400:
        return None
    if grouping not in (None, " ", ",", ".") or point not in (None, ".", ",") or (grouping and grouping == point):
        return None
    plain = text.replace(grouping, "") if grouping else text
    plain = plain.replace(point, ".") if point else plain
    if not _NUMBER.fullmatch(plain):
        return None
    if plain.lstrip("-").isdecimal():
        return int(plain)
    try:
        return DECIMAL128.create_decimal(Decimal(plain))
    except ArithmeticError:
        return None


@builtin("not", "negand")
def negation(value: Value) -> Value:
    """The opposite of a boolean; null for anything else."""
    return not value if value is True or value is False else None


@builtin("is defined", "value")
def is_defined(value: Value) -> Value:
    """Whether there is a value, that is, anything but null."""
    return value is not None
