"""What generated code may refer to, and nothing else: the operators of FEEL, its built-ins, a few Python types."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from gongbao.feel import temporal, values
from gongbao.feel.builtins import BUILTINS
from gongbao.feel.errors import FeelLimitError
from gongbao.feel.types import converted, instance_of
from gongbao.feel.values import Value, YearsMonths

#: Steps that all loops and all calls of functions of one evaluation may take together.
MAX_STEPS = 1_000_000

#: The function behind each comparison and each arithmetic operator.
COMPARISONS = {"=": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
ARITHMETIC = {"+": "add", "-": "sub", "*": "mul", "/": "div", "**": "power"}


@dataclass(frozen=True, slots=True)
class HostFunction:
    """A function that the engine adds to the language, such as ``first(event)`` or ``register(name)``.

    ``call`` gets evaluated arguments by position, and named ones as keywords (spaces become ``_``). Parameters in
    ``bare`` take a name as it stands: ``first(report_received)`` passes ``"report_received"``. With ``takes_scope``
    the mapping the expression is evaluated on comes first.
    """

    call: Callable[..., Value]
    bare: frozenset[str] = frozenset()
    takes_scope: bool = False
    summary: str = ""


def python_name(builtin: str) -> str:
    return "f_" + builtin.replace(" ", "_")


def snapshot(items: list[Value], budget: list[int]) -> list[Value]:
    """What a loop has so far (``partial``), as a list of its own."""
    values.iterate(items, None, False, budget)
    return list(items)


def spend(budget: list[int]) -> None:
    """Takes one step for the call of a function: functions that call each other double the work at every level."""
    budget[0] -= 1
    if budget[0] < 0:
        raise FeelLimitError("函数调用次数超过一条公式允许的上限")


#: Everything that generated source may refer to. There are no Python builtins beside these.
RUNTIME: dict[str, Any] = {
    "__builtins__": {},
    **{name: getattr(values, name) for name in (*COMPARISONS.values(), *ARITHMETIC.values())},
    **{
        name: getattr(values, name)
        for name in ("neg", "path", "index", "iterate", "in_value", "make_range", "open_range")
    },
    **{name: getattr(values, name) for name in ("is_number", "is_context", "call_value", "call_named", "FeelFunction")},
    "YearsMonths": YearsMonths,
    "read_date": temporal.read_date,
    "read_moment": temporal.read_moment,
    "read_time": temporal.read_time,
    "snapshot": snapshot,
    "spend": spend,
    "instance_of": instance_of,
    "converted": converted,
    **{kind.__name__: kind for kind in (Decimal, date, datetime, time, timedelta, KeyError)},
    **{kind.__name__: kind for kind in (type, int, str, bool, list, tuple, dict, len)},
    **{python_name(name): builtin.call for name, builtin in BUILTINS.items()},
}
