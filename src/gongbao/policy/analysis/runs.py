"""The run of a series as a number of its own, and a series that comes to it.

`latest_run(on_working_days(stock), "<=", params.low_days)` is looked at as a whole number from 0 on, the same one wherever
the same call stands. Runs of different series have nothing to do with one another; a series that two different calls
look at, or that stands anywhere else, is not gone through. Series are tried until one comes to the number, so every
case found has facts that can be pasted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from gongbao.engine.decision.logic import Decision
from gongbao.engine.series import DAY, Series, series_form
from gongbao.engine.time.calendar import SHANGHAI
from gongbao.engine.time.dates import CALENDAR, Counted
from gongbao.engine.world import World
from gongbao.feel import syntax
from gongbao.feel.syntax import Name
from gongbao.feel.values import is_number
from gongbao.policy.analysis.symbols import Leaf, Unsupported

CALLS = ("run", "latest_run")
_LONGEST = 400  # readings; a series of a year


@dataclass(frozen=True, slots=True)
class Run(Leaf):
    """A call that counts readings of one series. `comes_to`: what it is for such a series."""

    series: str = ""
    call: syntax.Call | None = None
    comes_to: Callable[[Series], Any] | None = None
    readings: tuple[Any, ...] = ()  # to try
    start: dt.datetime | None = None


def run_leaf(world: World, decision: Decision, node: syntax.Call, leaves: Mapping[str, Leaf]) -> Run | None:
    """The number that a call comes to; None where it does not look at one series alone.

    Unsupported where another call looks at the same series.
    """
    compiled = decision.language.of(node)
    facts = [name for name in compiled.names if name in world.facts and world.facts[name].type == "series"]
    if node.named or len(facts) != 1 or any(n not in facts and not n.startswith("params.") for n in compiled.names):
        return None
    fact = world.facts[facts[0]]
    assert isinstance(node.function, Name)
    name = f"{node.function.name}({facts[0]})"
    known = leaves.get(name)
    other = known is not None and getattr(known, "call", None) != node
    if other or any(
        isinstance(each, Run) and each.series == facts[0] and each.name != name for each in leaves.values()
    ):
        raise Unsupported(f"“{fact.label}”的两种连续长度相互牵连，取值不能列举")
    if isinstance(known, Run):
        return known
    day = world.calendar.next_working_day(world.document["in_force"]["from"])

    def comes_to(series: Series) -> Any:
        return compiled.evaluate({"params": world.params, CALENDAR: Counted(world.calendar), facts[0]: series})

    step = fact.step or 1
    lines = [Decimal(0), *(value for value in world.params.values() if is_number(value))]
    inside = [each for line in lines for each in (line, line - step, line + step)]
    readings = [
        each for each in inside if (fact.min is None or each >= fact.min) and (fact.max is None or each <= fact.max)
    ]
    start = dt.datetime.combine(day, dt.time(), SHANGHAI)
    return Run(
        name, "number", low=0, series=facts[0], call=node, comes_to=comes_to, readings=tuple(readings), start=start
    )


def with_series(leaves: Mapping[str, Leaf], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Values of leaves with a series in the place of every run. Unsupported where none comes to it."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        leaf = leaves[name]
        if isinstance(leaf, Run):
            found[leaf.series] = series_form(_series_of(leaf, value))
        else:
            found[name] = value
    return found


def _series_of(leaf: Run, length: int) -> Series:
    """The shortest daily series of one reading over and over that comes to a run."""
    assert leaf.comes_to is not None
    for reading in leaf.readings:
        if leaf.comes_to(_daily(leaf, reading, 1)) != min(length, 1):
            continue
        for days in range(max(length, 1), _LONGEST):
            made = _daily(leaf, reading, days)
            if leaf.comes_to(made) == length:
                return made
    raise Unsupported(f"没有找到“{leaf.name}”等于 {length} 的序列")


def _daily(leaf: Run, reading: Any, days: int) -> Series:
    return Series(leaf.start, DAY, (reading,) * days, ("",) * days)
