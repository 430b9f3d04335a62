"""The items of a series that a table is decided for, found by running the real functions over every short series.

What a rule asks of a stretch is how long readings stay beyond a line, so only the side of each line that a reading is
on matters, and a run longer than the longest figure of the table is like one just as long. The readings are therefore
one of each kind that behaves differently, the series all those up to that length; what else the list depends on (how
a gap counts, settings) is varied beside them. Every case found has a series that can be pasted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from gongbao.engine.decision.linear import nearest
from gongbao.engine.decision.logic import Decision
from gongbao.engine.functions import REGISTERS
from gongbao.engine.series import DAY, Series, series_form
from gongbao.engine.time.dates import CALENDAR, Counted
from gongbao.engine.world import World
from gongbao.feel import values
from gongbao.feel.errors import FeelError
from gongbao.policy.analysis.calls import Unfound, not_found, witness
from gongbao.policy.analysis.evaluate import Evaluator
from gongbao.policy.analysis.space import Asked, Class, Cuts, Group
from gongbao.policy.analysis.symbols import Leaf, State, TooMany, Unsupported, explore, value_of

MAX_SERIES = 6_000
_MAX_BESIDE = 4  # the longest series with readings between that make no item


def item_group(world: World, decision: Decision, evaluator: Evaluator, asked: Sequence[Asked], assume: Any) -> Group:
    """All columns as one group, each state with the smallest series that brings an item to it."""
    assert decision.for_each is not None
    name, expression = decision.for_each
    series = [each for each in expression.names if each in world.facts and world.facts[each].type == "series"]
    if len(series) != 1 or world.facts[series[0]].of not in ("integer", "number"):
        raise Unsupported("逐项判定的各项不是由一个数字序列得出")
    beside = [evaluator.leaves[each] for each in expression.names if _is_leaf(evaluator, each, series[0])]
    found: dict[tuple[Class, ...], tuple[Any, Mapping[str, Any]]] = {}
    length = _longest(asked)
    first, *others = _settings_beside(beside)
    loud, quiet = _readings(world, decision, evaluator, asked, series[0], first)
    known: dict[Any, list[tuple[tuple[Class, ...], State]]] = {}
    for tried, readings in enumerate(_series(loud, quiet, length)):
        if tried > MAX_SERIES:
            raise TooMany
        sides = [first]
        if any(each in quiet for each in readings[1:-1]):
            sides += others
        for side in sides:
            items = items_of(world, decision, series[0], readings, side)
            key = (repr(items), None if side is first else repr(side))
            if key not in known:
                known[key] = list(_classes(evaluator, name, items, asked, assume, side))
            for classes, state in known[key]:
                try:
                    beside_it = witness(state)
                except Unfound as error:
                    raise Unsupported(not_found(error.names)) from None
                if beside_it is None:
                    continue
                facts = {series[0]: series_form(_as_series(readings)), **side, **beside_it}
                size = (len(items) > 1, side is not first, len(readings), sum(readings))
                if classes not in found or size < found[classes][0]:
                    found[classes] = size, facts
    if not found:
        raise Unsupported("没有一个序列得出要判定的项")
    ordered = sorted(found.items(), key=lambda each: each[1][0])
    return Group(tuple(range(len(asked))), [(classes, facts, {}) for classes, (_, facts) in ordered])


def classes_of_item(evaluator: Evaluator, name: str, item: Any, asked: Sequence[Asked], state: State) -> Any:
    """The class of every column for one item; `Fork` where that depends on what the state leaves open."""
    evaluator.bound = {name: item}
    return tuple(one.of(evaluator, state) for one in asked)


def _is_leaf(evaluator: Evaluator, name: str, series: str) -> bool:
    if name == series or name.startswith("params."):
        return False
    evaluator.leaf(name)
    return True


def _longest(asked: Sequence[Asked]) -> int:
    """The largest figure that a run is compared with."""
    cuts = [cut for one in asked for q in one.questions if isinstance(q, Cuts) and not q.base for cut in q.cuts]
    return int(max((cut for cut in cuts if cut < 100), default=2))


def _settings_beside(leaves: Sequence[Leaf]) -> list[dict[str, Any]]:
    """The usual values of what a list depends on besides the series, then each other value alone."""
    choices: dict[str, list[Any]] = {}
    for leaf in leaves:
        if leaf.kind == "values":
            choices[leaf.name] = list(leaf.values)
        else:
            ends = [nearest(leaf.low, leaf.high), *([] if leaf.high is None else [leaf.high])]
            choices[leaf.name] = [value_of(leaf, k) for k in dict.fromkeys(ends)]
    usual = {name: listed[0] for name, listed in choices.items()}
    return [usual, *({**usual, name: value} for name, listed in choices.items() for value in listed[1:])]


def _readings(
    world: World, decision: Decision, evaluator: Evaluator, asked: Sequence[Asked], series: str, side: Mapping[str, Any]
) -> tuple[list[Any], list[Any]]:
    """One reading of each kind that alone makes an item (those that come to the same are one kind), and the lowest
    and highest of those that make none."""
    assert decision.for_each is not None
    name, expression = decision.for_each
    fact = world.facts[series]
    step = fact.step or 1
    lines = [
        world.params[each[7:]] for each in (*expression.names, *decision.table.names) if each.startswith("params.")
    ]
    lines += [value for part in decision.table.lets.values() for value in part.constants]
    low = fact.min if fact.min is not None else 0
    numbers = {low, *(line + by for line in lines if values.is_number(line) for by in (0, step))}
    loud: dict[Any, Any] = {}
    quiet: list[Any] = []
    for reading in sorted(number for number in numbers if fact.max is None or number <= fact.max):
        items = items_of(world, decision, series, (reading,), side)
        if items:
            found = next(iter(_classes(evaluator, name, items, asked, (), side)), (None, None))[0]
            loud.setdefault(found, reading)
        else:
            quiet = [*quiet[:1], reading]
    return sorted(loud.values()), quiet


def _series(loud: Sequence[Any], quiet: Sequence[Any], length: int) -> Iterator[tuple[Any, ...]]:
    """All series up to a length, shorter first; with readings between that make no item, up to four readings.

    One that begins or ends with such a reading has the items of the series without it.
    """
    for n in range(1, length + 1):
        inside = [*loud, *quiet] if n <= _MAX_BESIDE else loud
        if n == 1:
            yield from ((reading,) for reading in loud)
        else:
            for first, between, last in product(loud, product(inside, repeat=n - 2), loud):
                yield first, *between, last


def _as_series(readings: Sequence[Any]) -> Series:
    return Series(None, DAY, tuple(readings), ("",) * len(readings))


def items_of(
    world: World, decision: Decision, series: str, readings: Sequence[Any], side: Mapping[str, Any]
) -> list[Any]:
    """The items that the rule's own list has for these readings."""
    assert decision.for_each is not None
    scope: dict[str, Any] = {
        "params": world.params, REGISTERS: world.registers, CALENDAR: Counted(world.calendar),
        series: _as_series(readings),
    }  # fmt: skip
    for name, value in side.items():
        inner = scope
        *parts, last = name.split(".")
        for part in parts:
            inner = inner.setdefault(part, {})
        inner[last] = value
    try:
        found = decision.for_each[1].evaluate(scope)
    except FeelError:
        return []
    return list(found) if isinstance(found, (list, tuple)) else []


def _classes(
    evaluator: Evaluator, name: str, items: Sequence[Any], asked: Sequence[Asked], assume: Any, side: Mapping[str, Any]
) -> Iterator[tuple[tuple[Class, ...], State]]:
    for item in items:
        start = State(
            evaluator.leaves, picks={n: (v,) for n, v in side.items() if evaluator.leaves[n].kind == "values"}
        )
        for classes, state in explore(
            start, lambda state, item=item: classes_of_item(evaluator, name, item, asked, state), [2_000]  # type: ignore[misc]
        ):  # fmt: skip
            if all(evaluator.truth(state, node) is not False for node in assume):
                yield classes, state
