"""A decision table compiled to one straight-line Python function, and its cells one by one.

``CompiledTable.decide(scope)`` is the fast way when every fact is known. The engine asks single cells when some are
not (``cells[rule][input].evaluate(scope)`` gives True, False or None), and finds in ``constants`` the values at which
the outcome can change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from itertools import combinations
from typing import Any

from gongbao.dmn.apart import apart
from gongbao.dmn.errors import OverlapError, TableError
from gongbao.dmn.table import DecisionTable, Expression, Rule, check_shape
from gongbao.feel import FeelSyntaxError, Functions, Value
from gongbao.feel.compile import Scope, distinct, load
from gongbao.feel.emit import Emitter
from gongbao.feel.literals import literals
from gongbao.feel.parse import KnownName, parse_expression, parse_unary_tests
from gongbao.feel.program import Code
from gongbao.feel.syntax import Literal, Name, Node, UnaryTests, walk
from gongbao.feel.values import add, eq, lt


class Outcome:
    """What a table decided.

    ``rows`` are the 0-based numbers of the matched rules (empty: none held), ``values`` the output entries: one tuple
    in column order for the single-hit policies, a tuple of such tuples for the collecting ones, None when no rule
    held. ``lets`` are the derived values in the order of ``table.let_names``.
    """

    __slots__ = ("lets", "rows", "scope", "table", "values")

    def __init__(
        self, table: CompiledTable, rows: tuple[int, ...], values: Any, lets: tuple[Value, ...], scope: Scope
    ) -> None:
        self.table = table
        self.rows = rows
        self.values = values
        self.lets = lets
        self.scope = scope

    @property
    def row(self) -> int | None:
        """The matched rule of a single-hit table."""
        return self.rows[0] if self.rows else None

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The matched rules themselves."""
        return tuple(self.table.table.rules[row] for row in self.rows)

    @property
    def output(self) -> Value:
        """The value of the decision: of its one output, a mapping of several, a list of these when collecting."""
        table = self.table.table
        if table.hit in ("collect", "rule order", "output order"):
            found = [self._shaped(values) for values in self.values or ()]
            return found if table.aggregator is None else _aggregated(table.aggregator, found)
        return None if self.values is None else self._shaped(self.values)

    def _shaped(self, values: tuple[Value, ...]) -> Value:
        outputs = self.table.table.outputs
        if len(outputs) == 1:
            return values[0]
        return {output.name: value for output, value in zip(outputs, values, strict=True)}

    @property
    def let_values(self) -> dict[str, Value]:
        return dict(zip(self.table.let_names, self.lets, strict=True))

    def compared(self) -> tuple[Value, ...]:
        """The values of the inputs that the cells were compared with, computed again from the scope."""
        return tuple(each.evaluate(self.scope) for each in self.table.inputs)

    def __repr__(self) -> str:
        return f"Outcome({self.table.table.name}: rows={self.rows}, output={self.output!r})"


End = Callable[[int | None, list[str], list[str], list[str]], None]
"""Writes what a generated function does with its hit; see `CompiledTable.write`."""


class Part:
    """One expression or cell of a table, compiled when it is first asked for, over the facts (lets included).

    ``names`` are the free names it depends on, also through lets, dotted; ``own`` are the names it reads itself,
    lets included; ``constants`` the values written in it and in the lets it uses; ``calls`` the functions.
    """

    def __init__(self, table: CompiledTable, text: str, own: Iterable[Node], write: Callable[[Emitter], Code]) -> None:
        self.text = text
        self._table = table
        self._own = tuple(own)
        self._write = write

    @cached_property
    def _emitter(self) -> Emitter:
        emitter = self._table.emitter()
        self._table.emit_lets(emitter, self.lets)
        emitter.text = self.text
        emitter.emit(f"return {self._write(emitter).text}")
        return emitter

    @cached_property
    def lets(self) -> tuple[str, ...]:
        """The lets it uses, directly or through others, in order of computation."""
        return self._table.lets_behind(self._own)

    @cached_property
    def names(self) -> tuple[str, ...]:
        return self._emitter.names()

    @cached_property
    def calls(self) -> tuple[str, ...]:
        self.names  # noqa: B018  compiling is what finds the calls
        return tuple(self._emitter.calls)

    @cached_property
    def constants(self) -> tuple[Value, ...]:
        nodes = (*self._own, *(self._table.let_nodes[name] for name in self.lets))
        return distinct(value for node in nodes for value in literals(node) if value is not None)

    @cached_property
    def evaluate(self) -> Callable[[Scope], Value]:
        """``evaluate(scope)``: the value; of a cell True, False, or None when null takes part."""
        function: Callable[[Scope], Value] = load(self._emitter.source("part"), "part", self._emitter, self.text)
        return function


class CompiledTable:
    """A table ready to decide; see ``compile_table``."""

    decide: Callable[[Scope], Outcome]

    def __init__(
        self,
        table: DecisionTable,
        names: Iterable[KnownName],
        functions: Functions | None,
        strict: bool,
        shares_budget: bool = False,
    ) -> None:
        self.table = table
        self._given = tuple(names)
        self._functions = functions
        self._strict = strict
        self._shares_budget = shares_budget
        let_names = [name for name, _ in table.lets]
        self._spellings = [*self._given, *let_names, *(functions or ())]
        parsed = {name: self._parsed(text, name) for name, text in table.lets}
        if len(parsed) < len(table.lets):
            raise TableError(table.name, "let 里有两个同名的值")
        self.let_nodes: dict[str, Node] = {name: parsed[name] for name in self._ordered(parsed)}
        self.let_names: tuple[str, ...] = tuple(self.let_nodes)
        #: The trees of the inputs, of the cells, and of the output entries (a literal stands for itself).
        self.input_nodes = [self._parsed(column.expression, column.expression) for column in table.inputs]
        self.tests = [
            [self._cell(rule.cells[j], i, column.expression) for j, column in enumerate(table.inputs)]
            for i, rule in enumerate(table.rules)
        ]
        self.entry_nodes = [
            [
                self._parsed(entry.text, output.name, i) if isinstance(entry, Expression) else entry
                for entry, output in zip(rule.outputs, table.outputs, strict=True)
            ]
            for i, rule in enumerate(table.rules)
        ]
        emitter = self._emitted()
        #: The free names the whole table reads, dotted.
        self.names: tuple[str, ...] = emitter.names()
        self.calls: tuple[str, ...] = distinct(emitter.calls)
        self.source: str = emitter.source("decide")
        self.decide = load(self.source, "decide", emitter, table.name)

    def __getstate__(self) -> dict[str, Any]:
        """What it was made with; the parts are compiled anew when they are asked for."""
        return {name: value for name, value in self.__dict__.items() if name not in _PARTS}

    # Reading ---------------------------------------------------------------------------------------------------

    def _parsed(self, text: str, column: str, rule: int | None = None) -> Node:
        try:
            return parse_expression(text, self._spellings)
        except FeelSyntaxError as error:
            raise TableError(self.table.name, str(error), rule, column) from error

    def _cell(self, cell: Value, rule: int, column: str) -> UnaryTests:
        if not isinstance(cell, str):
            return UnaryTests(()) if cell is None else UnaryTests((Literal(cell),))
        try:
            return parse_unary_tests(cell, self._spellings)
        except FeelSyntaxError as error:
            raise TableError(self.table.name, str(error), rule, column) from error

    def _ordered(self, parsed: Mapping[str, Node]) -> Iterable[str]:
        graph = {name: [other for other in parsed if other in _named(node)] for name, node in parsed.items()}
        try:
            return tuple(TopologicalSorter(graph).static_order())
        except CycleError as error:
            raise TableError(self.table.name, f"let 里的值互相引用：{' → '.join(error.args[1][::-1])}") from None

    def lets_behind(self, nodes: Iterable[Node]) -> tuple[str, ...]:
        wanted: set[str] = set()
        for node in nodes:
            wanted |= _named(node)
        for name in reversed(self.let_names):
            if name in wanted:
                wanted |= _named(self.let_nodes[name])
        return tuple(name for name in self.let_names if name in wanted)

    # Parts -----------------------------------------------------------------------------------------------------

    @cached_property
    def inputs(self) -> tuple[Part, ...]:
        """The input expressions, each on its own."""
        columns = zip(self.table.inputs, self.input_nodes, strict=True)
        return tuple(self._part(column.expression, node) for column, node in columns)

    @cached_property
    def lets(self) -> dict[str, Part]:
        """The derived values, each on its own, in order of computation."""
        texts = dict(self.table.lets)
        return {name: self._part(texts[name], node) for name, node in self.let_nodes.items()}

    @cached_property
    def cells(self) -> tuple[tuple[Part | None, ...], ...]:
        """``cells[rule][input]``: the predicate of a cell; None where the input does not matter."""
        return tuple(
            tuple(
                self._cell_part(str(rule.cells[j]), self.input_nodes[j], tests) if tests.tests else None
                for j, tests in enumerate(self.tests[i])
            )
            for i, rule in enumerate(self.table.rules)
        )

    @cached_property
    def entries(self) -> tuple[tuple[Part | None, ...], ...]:
        """``entries[rule][output]``: the expression of an output entry; None where it is a literal."""
        return tuple(
            tuple(self._part("", node) if isinstance(node, Node) else None for node in row) for row in self.entry_nodes
        )

    @cached_property
    def constants(self) -> dict[str, tuple[Value, ...]]:
        """For each free name the values written in the cells and expressions that depend on it."""
        found: dict[str, list[Value]] = {name: [] for name in self.names}
        parts = [*self.inputs, *(part for row in (*self.cells, *self.entries) for part in row if part is not None)]
        for part in parts:
            for name in part.names:
                found.setdefault(name, []).extend(part.constants)
        return {name: distinct(values) for name, values in found.items()}

    def expression(self, text: str) -> Part:
        """Any expression over the facts and lets of the table, such as one of a decision's ``assume``."""
        return self._part(text, self._parsed(text, text))

    def _part(self, text: str, node: Node) -> Part:
        return Part(self, text, (node,), lambda emitter: emitter.value(node))

    def _cell_part(self, text: str, subject: Node, tests: UnaryTests) -> Part:
        def write(emitter: Emitter) -> Code:
            value = emitter.atom(subject)
            with emitter.frame({"?": value}):
                return emitter.value(emitter.tests(value, tests.tests, tests.negated))

        return Part(self, text, (subject, tests), write)

    # The function ----------------------------------------------------------------------------------------------

    def emitter(self) -> Emitter:
        emitter = Emitter(self._given and (*self._given, *self.let_names), self._functions, self._strict)
        emitter.shares_budget = self._shares_budget
        return emitter

    def emit_lets(self, emitter: Emitter, names: Iterable[str]) -> list[str]:
        variables = []
        for name in names:
            with self._located(name):
                code = emitter.define(emitter.value(self.let_nodes[name]), "v")
            emitter.frames[0][name] = code
            variables.append(code.text)
        return variables

    def _located(self, column: str, rule: int | None = None) -> _Located:
        return _Located(self.table.name, column, rule)

    def _emitted(self) -> Emitter:
        emitter = self.emitter()
        emitter.hosts.update({"T": self, "Outcome": Outcome, "overlap": overlap, "finish": _finish})

        def end(rule: int | None, outputs: list[str], lets: list[str], inputs: list[str]) -> None:
            values = "None" if rule is None else _tuple_of(outputs)
            emitter.emit(f"return Outcome(T, {() if rule is None else (rule,)}, {values}, {_tuple_of(lets)}, s)")

        self.write(emitter, end)
        return emitter

    def write(self, emitter: Emitter, end: End) -> None:
        """Writes lets, inputs and rows into the function that `emitter` is writing.

        Of a single-hit table, `end` writes what the function does where a row is the hit (or None is, of no row): it
        gets the row, the Python of its outputs, and that of the lets and inputs. A collecting table ends in
        `finish(T, rows, values, lets, s)`, so its function must be one over a scope `s`.
        """
        lets = self.emit_lets(emitter, self.let_names)
        subjects = []
        for column, node in zip(self.table.inputs, self.input_nodes, strict=True):
            with self._located(column.expression):
                subjects.append(emitter.atom(node))
        inputs = [subject.text for subject in subjects]

        def finished(rule: int | None) -> None:
            end(rule, [] if rule is None else self._row_values(emitter, rule), lets, inputs)

        hit = self.table.hit
        if hit == "first":
            self._emit_first(emitter, subjects, finished)
        elif hit == "unique":
            self._emit_unique(emitter, subjects, finished)
        else:
            self._emit_collecting(emitter, subjects, _tuple_of(lets))

    def _row_condition(self, emitter: Emitter, rule: int, subjects: list[Code]) -> str:
        parts = []
        for column, subject, tests in zip(self.table.inputs, subjects, self.tests[rule], strict=True):
            if tests.tests:
                with self._located(column.expression, rule), emitter.frame({"?": subject}):
                    parts.append(emitter.condition(emitter.tests(subject, tests.tests, tests.negated)))
        return " and ".join(parts) or "True"

    def _row_values(self, emitter: Emitter, rule: int) -> list[str]:
        texts = []
        for output, entry in zip(self.table.outputs, self.entry_nodes[rule], strict=True):
            with self._located(output.name, rule):
                texts.append(emitter.value(entry).text if isinstance(entry, Node) else _rendered(emitter, entry))
        return texts

    def _fallback(self) -> int | None:
        return next((i for i, rule in enumerate(self.table.rules) if rule.otherwise), None)

    def _emit_first(self, emitter: Emitter, subjects: list[Code], finished: Callable[[int | None], None]) -> None:
        for i, rule in enumerate(self.table.rules):
            if not rule.otherwise:
                emitter.emit(f"if {self._row_condition(emitter, i, subjects)}:")
                with emitter.block() as lines:
                    finished(i)
                emitter.lines.append(lines)
        finished(self._fallback())

    def _emit_unique(self, emitter: Emitter, subjects: list[Code], finished: Callable[[int | None], None]) -> None:
        rules = [i for i, rule in enumerate(self.table.rules) if not rule.otherwise]
        if all(apart(self.tests[a], self.tests[b], emitter.fixed) for a, b in combinations(rules, 2)):
            self._emit_first(emitter, subjects, finished)  # no two can hold, so the first that does is the only one
            return
        emitter.emit("hit = -1")
        for at, i in enumerate(rules):
            emitter.emit(f"if {self._row_condition(emitter, i, subjects)}:")
            if at:
                emitter.emit(f" if hit >= 0: overlap(T, hit, {i})")
            emitter.emit(f" hit = {i}")
        for i in rules:
            emitter.emit(f"if hit == {i}:")
            with emitter.block() as lines:
                finished(i)
            emitter.lines.append(lines)
        finished(self._fallback())

    def _emit_collecting(self, emitter: Emitter, subjects: list[Code], lets: str) -> None:
        emitter.emit("rows = []")
        emitter.emit("values = []")
        for i, rule in enumerate(self.table.rules):
            if not rule.otherwise:
                emitter.emit(f"if {self._row_condition(emitter, i, subjects)}:")
                self._emit_collected(emitter, i)
        fallback = self._fallback()
        if fallback is not None:
            emitter.emit("if not rows:")
            self._emit_collected(emitter, fallback)
        emitter.emit(f"return finish(T, rows, values, {lets}, s)")

    def _emit_collected(self, emitter: Emitter, rule: int) -> None:
        with emitter.block() as lines:
            values = _tuple_of(self._row_values(emitter, rule))
            emitter.emit(f"rows.append({rule})")
            emitter.emit(f"values.append({values})")
        emitter.lines.append(lines)


def compile_table(
    table: DecisionTable,
    names: Iterable[KnownName] = (),
    functions: Functions | None = None,
    *,
    strict: bool = True,
    shares_budget: bool = False,
) -> CompiledTable:
    """Compiles a table once; ``names``, ``functions``, ``strict`` and ``shares_budget`` as for ``feel.compile_expression``.

    ``TableError`` names the row and column of a cell that is no FEEL, lets that refer to each other in a circle,
    an output outside the allowed values. The result's ``decide(scope)`` gives an ``Outcome`` and raises
    ``OverlapError`` when two rows of a ``unique`` table (or two different outputs of an ``any`` table) hold.
    """
    check_shape(table)
    return CompiledTable(table, names, functions, strict, shares_budget)


class _Located:
    """Says in which row and column of which table an expression could not be compiled."""

    def __init__(self, table: str, column: str, rule: int | None) -> None:
        self.table, self.column, self.rule = table, column, rule

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, FeelSyntaxError):
            raise TableError(self.table, str(error), self.rule, self.column) from error


_PARTS = ("inputs", "lets", "cells", "entries", "constants")


def _named(node: Node) -> set[str]:
    return {each.name for each in walk(node) if isinstance(each, Name)}


def _tuple_of(texts: list[str]) -> str:
    return "(" + "".join(f"{text}, " for text in texts) + ")"


def _rendered(emitter: Emitter, value: Value) -> str:
    """An output literal; lists and contexts are made anew for each outcome."""
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_rendered(emitter, item) for item in value) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key!r}: {_rendered(emitter, item)}" for key, item in value.items()) + "}"
    return emitter.constant(value).text


def _shown(table: CompiledTable, rule: int) -> str:
    label = table.table.rules[rule].label
    return f"第 {rule + 1} 行" + (f"（{label}）" if label else "")


def overlap(table: CompiledTable, first: int, second: int) -> None:
    """Raises the OverlapError of two rows of a `unique` table that both hold."""
    reason = f"规定只能有一行成立，而{_shown(table, first)}和{_shown(table, second)}同时成立"
    raise OverlapError(table.table.name, reason, (first, second))


def _finish(table: CompiledTable, rows: list[int], values: list[Any], lets: tuple[Value, ...], scope: Scope) -> Outcome:
    hit = table.table.hit
    if hit in ("collect", "rule order"):
        return Outcome(table, tuple(rows), tuple(values), lets, scope)
    if not rows:
        return Outcome(table, (), None if hit != "output order" else (), lets, scope)
    if hit == "any":
        for row, value in zip(rows, values, strict=True):
            if eq(list(value), list(values[0])) is not True:
                reason = f"同时成立的行结果应当相同，而{_shown(table, rows[0])}和{_shown(table, row)}不同"
                raise OverlapError(table.table.name, reason, (rows[0], row))
        return Outcome(table, tuple(rows), values[0], lets, scope)
    order = sorted(range(len(rows)), key=lambda at: _rank(table, values[at]))
    if hit == "priority":
        return Outcome(table, (rows[order[0]],), values[order[0]], lets, scope)
    return Outcome(table, tuple(rows[at] for at in order), tuple(values[at] for at in order), lets, scope)


def _rank(table: CompiledTable, values: tuple[Value, ...]) -> tuple[int, ...]:
    """Where each value stands in the order of its column.

    A value that is not listed comes last; a column without an order does not count.
    """
    places = [{value: at for at, value in enumerate(column.values)} for column in table.table.outputs]
    return tuple(place.get(value, len(place)) for place, value in zip(places, values, strict=True))


def _aggregated(aggregator: str, found: list[Value]) -> Value:
    if aggregator == "count":
        return len(found)
    if not found:
        return None
    best = found[0]
    for value in found[1:]:
        if aggregator == "sum":
            best = add(best, value)
        elif (lt(value, best) if aggregator == "min" else lt(best, value)) is True:
            best = value
    return best
