"""What generated code may refer to, and nothing else: the operators of FEEL, its built-ins, a few Python types."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from gongbao.feel import temporal, values
from gongbao.feel.builtins import BUILTINS
from gongbao.feel.meter import BUDGET, grown, hosted, metered, spend
from gongbao.feel.types import converted, instance_of
from gongbao.feel.values import Value, YearsMonths

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


def paid(function: Callable[..., Value], cost: str, budget: list[int]) -> Callable[..., Value]:
    """A built-in function as a value: what it costs is taken from the budget of the formula that speaks of it."""
    if cost == "flat":
        return function
    own = {"budget": budget} if cost == "own" else {}
    return lambda *arguments: metered(budget, function, *arguments, **own)


def snapshot(items: list[Value], budget: list[int]) -> list[Value]:
    """What a loop has so far (``partial``), as a list of its own."""
    values.iterate(items, None, False, budget)
    return list(items)


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
    "BUDGET": BUDGET,
    "paid": paid,
    "spend": spend,
    "metered": metered,
    "hosted": hosted,
    "grown": grown,
    "instance_of": instance_of,
    "converted": converted,
    **{kind.__name__: kind for kind in (Decimal, date, datetime, time, timedelta, KeyError)},
    **{kind.__name__: kind for kind in (type, int, str, bool, list, tuple, dict, len)},
    **{python_name(name): builtin.call for name, builtin in BUILTINS.items()},
}
