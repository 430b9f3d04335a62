"""One case judged by a table while something in it is not known: the rows that may match, the outputs they may give.

Everything is told that three-valued evaluation (engine.decision.view) does not exclude; what stood in the way is noted in the
view, for engine.decision.search to try.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any

from gongbao.engine.decision.logic import Decision, Output
from gongbao.engine.decision.search import Result, Verdict
from gongbao.engine.decision.unknown import OPEN, UNKNOWN, OneOf, frozen, is_known
from gongbao.engine.decision.view import View
from gongbao.feel.syntax import Literal, Node, UnaryTests
from gongbao.feel.values import Value, as_list

_TYPED = ("boolean", "choice", "text", "unit", "person", "place")  # outputs that a comparison of numbers may settle
_MAX_SUBSETS = 6


def judge(decision: Decision, view: View, tried: Mapping[str, bool]) -> Verdict:
    """All that may come out; `tried` are the numbers that were tried (name -> whether at all of their values)."""
    if decision.for_each is None:
        return _judge_table(decision, view, tried)
    name, expression = decision.for_each
    listed = view.value(expression.node)
    if not is_known(listed):
        item = _judge_table(decision, view.inside(name, UNKNOWN), tried)
        none = without_items(decision, view, tried)
        if decision.take == "all":
            return Verdict((Result((), (OPEN,) * len(decision.outputs)),), True)
        return Verdict(_distinct([*item.results, *none]), True)
    items = as_list(listed) if listed is not None else []
    if not items:
        return Verdict(without_items(decision, view, tried), False)
    view.note_carried(expression.node, items)
    verdicts = [_judge_table(decision, view.inside(name, item), tried) for item in items]
    results = combined(decision, [verdict.results for verdict in verdicts])
    return Verdict(results, any(verdict.blocked for verdict in verdicts))


def items_of(decision: Decision, view: View) -> tuple[tuple[Value, tuple[int, ...]], ...]:
    """The items of `for_each` with the rows each can stand on, when it is known which items there are."""
    if decision.for_each is None:
        return ()
    name, expression = decision.for_each
    listed = view.value(expression.node)
    if not is_known(listed) or listed is None:
        return ()
    found = []
    for item in as_list(listed):
        results = _judge_table(decision, view.inside(name, item), {}).results
        found.append((item, tuple(sorted({row for result in results for row in result.rows}))))
    return tuple(found)


def without_items(decision: Decision, view: View, tried: Mapping[str, bool]) -> tuple[Result, ...]:
    """The result for a list without items: the `otherwise` row stands alone."""
    if decision.take == "all":
        return (Result((), tuple([] for _ in decision.outputs)),)
    fallback = decision.trees.fallback
    values, _ = _entries(decision, view, fallback, tried)
    return (Result(() if fallback is None else (fallback,), values),)


def combined(decision: Decision, per_item: Sequence[Sequence[Result]]) -> tuple[Result, ...]:
    """The results for a list of items: the highest of them, or all as lists."""
    if decision.take == "all":
        if any(len(results) > 1 for results in per_item):
            return (Result((), (OPEN,) * len(decision.outputs)),)
        every = [results[0] for results in per_item]
        rows = tuple(dict.fromkeys(row for each in every for row in each.rows))
        return (Result(rows, tuple([each.outputs[i] for each in every] for i in range(len(decision.outputs)))),)
    at = decision.ranked
    assert at is not None
    output = decision.outputs[at]
    top = len(output.values) - 1
    if all(len(results) == 1 for results in per_item):
        return (_highest([results[0] for results in per_item], at, output),)
    found: list[Result] = []
    ranks = [[output.rank(result.outputs[at]) for result in results] for results in per_item]
    # The highest of all is at least the lowest that each item can be; an item without a rule could be anything.
    floor = max((min(rank if rank is not None else -1 for rank in each) for each in ranks), default=-1)
    for results, own in zip(per_item, ranks, strict=True):
        for result, rank in zip(results, own, strict=True):
            if (rank is None and floor < top) or (rank is not None and rank >= floor):
                found.append(result)
    found.sort(key=lambda result: rank_key(output.rank(result.outputs[at])))
    return _distinct(found)


def _highest(results: Sequence[Result], at: int, output: Output) -> Result:
    """The highest of settled results; the first of equals, with the rows of all that come out the same.

    Where an item has no rule, the whole has none, unless another item has the highest value there is.
    """
    ranks = [output.rank(result.outputs[at]) for result in results]
    top = len(output.values) - 1
    wanted = None if None in ranks and top not in ranks else max(rank for rank in ranks if rank is not None)
    chosen = results[ranks.index(wanted)]
    same = [result for result in results if frozen(result.outputs) == frozen(chosen.outputs)]
    return Result(tuple(sorted({row for result in same for row in result.rows})), chosen.outputs)


def rank_key(rank: int | None) -> int:
    """For sorting by rank: what has none comes first."""
    return -1 if rank is None else rank


def _distinct(results: Iterable[Result]) -> tuple[Result, ...]:
    found: dict[Any, Result] = {}
    for result in results:
        found.setdefault((result.rows, frozen(result.outputs)), result)
    return tuple(found.values())


def _judge_table(decision: Decision, view: View, tried: Mapping[str, bool]) -> Verdict:
    trees = decision.trees
    certain: list[int] = []
    maybe: list[int] = []
    for i, cells in enumerate(trees.cells):
        if i == trees.fallback:
            continue
        holds = _row(view, trees.inputs, cells)
        if holds is True:
            certain.append(i)
            if decision.hit in ("first", "unique"):
                break
        elif holds is not False:
            maybe.append(i)
    if decision.hit == "unique" and certain:
        maybe = []  # where one row holds, no other does
    choices = _row_sets(decision.hit, certain, maybe, trees.fallback)
    if choices is None:
        return Verdict((Result(tuple(certain), (OPEN,) * len(decision.outputs)),), True)
    results: list[Result] = []
    blocked = len(choices) > 1 or (bool(maybe) and not choices)
    for rows in choices:
        outputs, waiting = _outputs(decision, view, rows, tried)
        blocked = blocked or waiting
        results.extend(Result(rows, each) for each in outputs)
    return Verdict(_distinct(results), blocked)


def _row(view: View, inputs: Sequence[Node], cells: Sequence[UnaryTests | None]) -> Any:
    needs, lines = len(view.needs), len(view.lines)
    held: Any = True
    for node, tests in zip(inputs, cells, strict=True):
        if tests is None:
            continue
        found = view.cell(node, tests)
        if found is False:
            del view.needs[needs:], view.lines[lines:]
            return False
        if found is not True:
            held = UNKNOWN
    return held


def _row_sets(hit: str, certain: list[int], maybe: list[int], fallback: int | None) -> list[tuple[int, ...]] | None:
    """The sets of rows that may be the matched ones; None when there are too many."""
    none: tuple[int, ...] = () if fallback is None else (fallback,)
    if hit in ("first", "unique"):
        return [(row,) for row in [*maybe, *certain]] + ([] if certain else [none])
    if len(maybe) > _MAX_SUBSETS:
        return None
    sets = []
    for chosen in product((False, True), repeat=len(maybe)):
        rows = sorted([*certain, *(row for row, taken in zip(maybe, chosen, strict=True) if taken)])
        sets.append(tuple(rows) or none)
    return list(dict.fromkeys(sets))


def _outputs(
    decision: Decision, view: View, rows: tuple[int, ...], tried: Mapping[str, bool]
) -> tuple[list[tuple[Value, ...]], bool]:
    """The outputs of matched rows, every alternative, and whether something that can be tried stands in the way."""
    if not decision.collects:
        values, waiting = _entries(decision, view, rows[0] if rows else None, tried)
        alternatives = [each.values if isinstance(each, OneOf) else (each,) for each in values]
        return list(product(*alternatives)), waiting
    columns: list[list[Value]] = [[] for _ in decision.outputs]
    waiting = False
    for row in rows:
        values, more = _entries(decision, view, row, tried)
        waiting = waiting or more
        for column, value in zip(columns, values, strict=True):
            column.append(None if isinstance(value, OneOf) or value is OPEN else value)
        if any(isinstance(value, OneOf) or value is OPEN for value in values):
            return [(OPEN,) * len(decision.outputs)], waiting
    return [tuple(columns)], waiting


def _entries(
    decision: Decision, view: View, row: int | None, tried: Mapping[str, bool]
) -> tuple[tuple[Value, ...], bool]:
    """The output entries of one row: known values, OneOf, or OPEN.

    A number that was tried at a few points stands for many; an output computed from it is open, unless it is a
    choice, which only comparisons can settle.
    """
    if row is None:
        return (None,) * len(decision.outputs), False
    found: list[Value] = []
    waiting = False
    for output, node in zip(decision.outputs, decision.trees.entries[row], strict=True):
        needs, lines = len(view.needs), len(view.lines)
        value = view.value(node)
        if is_known(value):
            partly = any(not whole for whole in tried.values())
            if partly and output.type not in _TYPED and not isinstance(node, Literal):
                value = OPEN if _reads(decision, node) & {n for n, whole in tried.items() if not whole} else value
            found.append(value)
            continue
        view.blur(value)  # the number itself is what is missing
        if output.values and not (isinstance(value, OneOf) and all(map(is_known, value.values))):
            value = OneOf(output.values)  # whatever it is, it is one of these
        listed = isinstance(value, OneOf) and all(is_known(each) for each in value.values)
        if output.type not in _TYPED:
            # More points of a number would not list the values; what else stands in the way can be tried.
            del view.lines[lines:]
            rest = [each for each in view.needs[needs:] if _kind(view, each[0]) != "number"]
            noted = [each for each in view.needs[needs:] if _kind(view, each[0]) == "number"]
            del view.needs[needs:]
            view.needs.extend((*rest, *((name, False) for name, _ in noted)))
            waiting = waiting or any(_kind(view, name) == "values" for name, _ in rest)
        else:
            waiting = True
        found.append(value if listed else OPEN)
    return tuple(found), waiting


def _kind(view: View, name: str) -> str:
    domain = view.unknown.get(name)
    return domain.kind if domain is not None else ""


def _reads(decision: Decision, node: Node) -> set[str]:
    found: set[str] = set()
    lets = decision.trees.lets
    for name in decision.language.of(node).names:
        head = name.partition(".")[0]
        found |= _reads(decision, lets[head]) if head in lets else {name}
    return found
