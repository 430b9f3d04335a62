"""What one evaluation may cost: a budget of steps, from which all that repeats, walks or grows is paid.

A budget is a list of one number, the steps left. A turn of a loop and a call of a function take one; lists, contexts and
strings take steps by their size when they are walked over or made. So the whole budget is some seconds and some hundred
megabytes at worst, whatever a formula does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gongbao.feel.errors import FeelLimitError

MAX_STEPS = 1_000_000

#: The key under which a scope may carry a budget that all formulas evaluated on it share; no name of FEEL is equal to it.
BUDGET: Any = object()

#: What a call of a host's function costs inside a loop, beside the size of its arguments.
HOST_CALL = 20


def spend(budget: list[int], steps: int = 1) -> None:
    """Takes steps; ``FeelLimitError`` when none are left."""
    budget[0] -= steps
    if budget[0] < 0:
        raise FeelLimitError("循环、函数调用和所处理内容的总量超过一条公式允许的上限")


def fresh(budget: list[int] | None = None) -> list[int]:
    """The budget given, or a new one."""
    return [MAX_STEPS] if budget is None else budget


def weight(value: Any) -> int:
    """The steps that walking over a value, or making it, takes."""
    kind = type(value)
    if kind is str:
        return len(value) >> 6
    if kind is list or kind is tuple:
        return len(value) >> 3
    return len(value) if kind is dict else 0


def metered(budget: list[int], function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Any:
    """What the function gives, its arguments and its result paid for."""
    steps = 0
    for each in arguments:
        steps += weight(each)
    if steps:
        spend(budget, steps)
    result = function(*arguments, **named)
    if steps := weight(result):
        spend(budget, steps)
    return result


def hosted(budget: list[int], function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Any:
    """The same for a function of the host."""
    spend(budget, HOST_CALL + sum(weight(each) for each in named.values()))
    return metered(budget, function, *arguments, **named)


def grown(budget: list[int], value: Any) -> Any:
    """A value just made, paid for."""
    if steps := weight(value):
        spend(budget, steps)
    return value
