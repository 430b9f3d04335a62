"""A table over what is not known, as a diagram of everything that may come out.

Its leaves are `Result`s; what is impossible (an `assume` that does not hold) is `IMPOSSIBLE`. A decision that is
required is part of the diagram, so that what it reads and what the other reads cannot contradict each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any, NamedTuple

from gongbao.dmn.compile import overlap
from gongbao.engine.decision.diagram import Choice, Diagram, Leaf, leaves_of
from gongbao.engine.decision.logic import PERSON, Decision, Output
from gongbao.engine.decision.outcome import Outcome, says_person
from gongbao.engine.decision.space import Space
from gongbao.engine.decision.symbolic import Symbolic
from gongbao.engine.decision.unknown import OPEN, Linear, Open, frozen, is_known
from gongbao.feel.syntax import Literal, Node, UnaryTests
from gongbao.feel.values import Value, as_list, is_number

_MAX_VALUES = 64


Rows = tuple[int, ...]
Outputs = tuple[Value, ...]


class Result(NamedTuple):
    """One thing that may come out: the matched rows, and per output its value (or OPEN)."""

    rows: Rows
    outputs: Outputs


class Impossible(NamedTuple):
    """In place of a result: what is assumed does not hold."""

    why: str = "assume"


IMPOSSIBLE: Any = Impossible()


def judge(outcome: Outcome, space: Space) -> Diagram:
    """All that may come out of the outcome's decision; numbers that are not known stand in it as linear forms."""
    decision, diagrams = outcome.decision, space.diagrams
    impossible = diagrams.leaf(IMPOSSIBLE)
    symbolic = symbolic_of(outcome, space)
    found = judged(decision, symbolic)
    for each in decision.assume:
        found = diagrams.either(symbolic.holds(each.node), found, impossible)
    for inner in outcome.required.values():
        if any(each.decision.assume for each in _chain(inner)):  # a settled one too: it says what its facts cannot be
            possible = diagrams.apply(lambda r: r != IMPOSSIBLE, judge(inner, space))
            found = diagrams.either(possible, found, impossible)
    return found


def symbolic_of(outcome: Outcome, space: Space) -> Symbolic:
    """The expressions of the outcome's decision, those that it requires understood."""
    for name, inner in outcome.required.items():
        if name in space.domains and name not in space.decisions:
            space.decisions[name] = _decided(name, inner, space)
    decision = outcome.decision
    found = space.readings.get(decision.id)
    if found is None:
        found = space.readings[decision.id] = Symbolic(space, decision.language, outcome.scope, decision.trees.lets)
    return found


def _chain(outcome: Outcome) -> Sequence[Outcome]:
    return [outcome, *(each for inner in outcome.required.values() for each in _chain(inner))]


def _decided(name: str, inner: Outcome, space: Space) -> Diagram:
    """What a required decision comes to; where its text has no rule a person decides, and it may be any value."""
    decision = inner.decision
    every = _every_value(decision)
    hang = frozenset((name,))
    person = space.diagrams.leaf(Open(hang, name)) if every is None else space.diagrams.choice(Choice(name, every))

    def value(result: Result) -> Any:
        if result == IMPOSSIBLE:
            return None
        if not decision.listing and says_person(result.outputs):
            return person
        outputs = [Open(hang, (name, i)) if each is OPEN else each for i, each in enumerate(result.outputs)]
        return dict(zip(decision.output_names, outputs, strict=True))

    return space.diagrams.apply(value, judge(inner, space))


def _every_value(decision: Decision) -> tuple[Value, ...] | None:
    """Every value that a person may decide; None where they cannot be listed."""
    choices = [_values_of(output) for output in decision.outputs]
    if decision.listing or any(each is None for each in choices):
        return None
    found = [dict(zip(decision.output_names, each, strict=True)) for each in product(*(each or () for each in choices))]
    return tuple(found) if 0 < len(found) <= _MAX_VALUES else None


def _values_of(output: Output) -> tuple[Value, ...] | None:
    if output.type == "boolean":
        return (True, False)
    return tuple(value for value in output.values if value != PERSON) or None


# Tables -------------------------------------------------------------------------------------------------------------


def judged(decision: Decision, symbolic: Symbolic) -> Diagram:
    """The results of a decision's table, for each item where it is decided item by item."""
    if decision.for_each is None:
        return _table(decision, symbolic)
    name, expression = decision.for_each
    diagrams = symbolic.diagrams

    def each(listed: Any) -> Any:
        if not is_known(listed):
            return _unlisted(decision, symbolic, name, listed)
        items = as_list(listed) if listed is not None else []
        if not items:
            return without_items(decision, symbolic)
        found = [_table(decision, symbolic.within(name, diagrams.leaf(item))) for item in items]
        return diagrams.apply(lambda *results: combined(decision, results), *found)

    return diagrams.apply(each, symbolic.value(expression.node))


def _unlisted(decision: Decision, symbolic: Symbolic, name: str, listed: Any) -> Diagram:
    """The results for a list of which nothing is known: of one item that may be anything, or without items."""
    diagrams = symbolic.diagrams
    hang: frozenset[str] = getattr(listed, "names", frozenset())
    none = without_items(decision, symbolic)
    if decision.take == "all":
        return diagrams.leaf(Result((), (Open(hang, (name, "all")),) * len(decision.outputs)))
    item = diagrams.leaf(Open(hang, (name, listed)))
    some = _table(decision, symbolic.within(name, item))
    return diagrams.either(symbolic.ask(hang, (True, False), (name, "some")), some, none)


def items_of(decision: Decision, symbolic: Symbolic) -> tuple[tuple[Value, tuple[int, ...]], ...]:
    """The items of `for_each` with the rows each can stand on, when it is known which items there are."""
    if decision.for_each is None:
        return ()
    name, expression = decision.for_each
    listed = symbolic.seen(expression.node)
    found = []
    for item in as_list(listed) if listed is not None else []:
        inside = _table(decision, symbolic.within(name, symbolic.diagrams.leaf(item)))
        found.append((item, tuple(sorted({row for leaf in leaves_of(inside) for row in leaf.value.rows}))))
    return tuple(found)


def without_items(decision: Decision, symbolic: Symbolic) -> Diagram:
    """The result for a list without items: the `otherwise` row stands alone."""
    if decision.take == "all":
        return symbolic.diagrams.leaf(Result((), tuple([] for _ in decision.outputs)))
    fallback = decision.trees.fallback
    return _nothing(decision, symbolic) if fallback is None else _entries(decision, symbolic, fallback)


def combined(decision: Decision, results: Sequence[Result]) -> Result:
    """The result for a list of items: the highest of theirs, or all as lists."""
    if decision.take == "all":
        rows = tuple(dict.fromkeys(row for each in results for row in each.rows))
        return Result(rows, tuple([each.outputs[i] for each in results] for i in range(len(decision.outputs))))
    at = decision.ranked
    assert at is not None
    return highest([each.rows for each in results], [each.outputs for each in results], at, decision.outputs[at])


def highest(rows: Sequence[Rows], outputs: Sequence[Outputs], at: int, output: Output) -> Result:
    """The highest of the results; the first of equals, with the rows of all that come out the same.

    Where an item has no rule, the whole has none, unless another item has the highest value there is.
    """
    ranks = [output.rank(each[at]) for each in outputs]
    top = len(output.values) - 1
    wanted = max(ranks) if None not in ranks else top if top in ranks else None  # type: ignore[type-var]
    chosen = outputs[ranks.index(wanted)]
    if ranks.count(wanted) == 1:
        return Result(tuple(sorted(rows[ranks.index(wanted)])), chosen)
    same = [i for i, rank in enumerate(ranks) if rank == wanted]
    if not (wanted is not None and len(chosen) == 1 and type(chosen[0]) is str):
        like = frozen(chosen)  # the rank does not tell all that comes out
        same = [i for i in same if frozen(outputs[i]) == like]
    return Result(tuple(sorted({row for i in same for row in rows[i]})), chosen)


def rank_key(rank: int | None) -> int:
    """For sorting by rank: what has none comes first."""
    return -1 if rank is None else rank


def _table(decision: Decision, symbolic: Symbolic) -> Diagram:
    trees, diagrams = decision.trees, symbolic.diagrams
    rows: list[tuple[int, Diagram]] = []
    sure: int | None = None  # a row that holds whatever the unknown is
    for i, cells in enumerate(trees.cells):
        if i == trees.fallback:
            continue
        condition = _row(symbolic, trees.inputs, cells)
        certain = type(condition) is Leaf
        if certain and condition.value is False:  # type: ignore[union-attr]
            continue
        if certain and sure is not None:
            overlap(decision.table, sure, i)
        if sure is None:
            rows.append((i, condition))
        if certain and not decision.collects:
            if decision.hit != "unique":
                break
            sure = i
    fallback = trees.fallback
    none = _nothing(decision, symbolic) if fallback is None else _entries(decision, symbolic, fallback)
    if decision.collects:
        return _collected(decision, symbolic, rows, none)
    found = none
    for i, condition in reversed(rows):
        found = diagrams.either(condition, _entries(decision, symbolic, i), found)
    return found


def _nothing(decision: Decision, symbolic: Symbolic) -> Diagram:
    empty: tuple[Value, ...] = tuple([] if decision.collects else None for _ in decision.outputs)
    return symbolic.diagrams.leaf(Result((), empty))


def _row(symbolic: Symbolic, inputs: Sequence[Node], cells: Sequence[UnaryTests | None]) -> Diagram:
    diagrams = symbolic.diagrams
    never = diagrams.leaf(False)
    held: Diagram = diagrams.leaf(True)
    for node, tests in zip(inputs, cells, strict=True):
        if tests is None:
            continue
        held = diagrams.either(held, symbolic.cell(node, tests), never)
        if held is never:
            break
    return held


def _collected(decision: Decision, symbolic: Symbolic, rows: Sequence[tuple[int, Diagram]], none: Diagram) -> Diagram:
    """The results of a table that collects: every row that holds adds its outputs."""
    diagrams = symbolic.diagrams
    found: Diagram = diagrams.leaf(Result((), tuple([] for _ in decision.outputs)))

    def add(held: Result, more: Result) -> Result:
        columns = zip(held.outputs, more.outputs, strict=True)
        return Result((*held.rows, *more.rows), tuple([*column, value] for column, value in columns))

    for i, condition in rows:
        found = diagrams.either(condition, diagrams.apply(add, found, _entries(decision, symbolic, i)), found)
    if decision.trees.fallback is None:
        return found
    plain = diagrams.apply(lambda r: Result(r.rows, tuple([value] for value in r.outputs)), none)
    return diagrams.either(diagrams.apply(lambda r: not r.rows, found), plain, found)


def _entries(decision: Decision, symbolic: Symbolic, row: int) -> Diagram:
    """The result of one row; an output that must be one of several values is one of them, whatever it hangs on."""
    nodes = decision.trees.entries[row]
    if all(type(node) is Literal for node in nodes):
        return symbolic.diagrams.leaf(Result((row,), tuple(node.value for node in nodes)))  # type: ignore[attr-defined]
    found = [
        _one_of(output, symbolic, symbolic.value(node)) for output, node in zip(decision.outputs, nodes, strict=True)
    ]
    return symbolic.diagrams.apply(lambda *values: Result((row,), values), *found)


def _one_of(output: Output, symbolic: Symbolic, found: Diagram) -> Diagram:
    values = (True, False) if output.type == "boolean" else output.values
    if not values or (type(found) is Leaf and is_known(found.value)):
        return found
    diagrams = symbolic.diagrams

    def one(value: Any) -> Any:
        if is_known(value):
            return value
        if not isinstance(value, Linear) or value.kind != "number":
            return symbolic.ask(value.names, values, value)
        found: Diagram = diagrams.leaf(value)  # a number: each of the values where it is that one
        for each in (each for each in values if is_number(each)):
            equal = symbolic.compare("=", diagrams.leaf(value), diagrams.leaf(each))
            found = diagrams.either(equal, diagrams.leaf(each), found)
        return found

    return diagrams.apply(one, found)
