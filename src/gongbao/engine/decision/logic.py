"""A decision as a pack writes it, compiled: its outputs, its table or formula, and the names it reads.

A formula is a table of one row without cells. The table's generated function judges a case of which everything is
known (engine.decision.decide); the syntax trees are for what is not (engine.decision.judging).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gongbao.dmn import CompiledTable, TableError, compile_table, decision_table
from gongbao.engine.decision.space import Language
from gongbao.engine.functions import FUNCTIONS
from gongbao.engine.series import SERIES_FUNCTIONS
from gongbao.engine.time.dates import WORKING_DAY_FUNCTIONS
from gongbao.feel import Functions, compile_expression
from gongbao.feel.compile import CompiledExpression
from gongbao.feel.syntax import Literal as LiteralNode
from gongbao.feel.syntax import Node, UnaryTests
from gongbao.feel.values import Value

PERSON = "需人工判定"  # an output may say so itself
_CONTEXTS = ("params", "settings", "decided", "case", "actor", "as_of")


@dataclass(frozen=True, slots=True)
class Output:
    """One output; `values` are its possible ones, from the lowest to the highest where `ordered`."""

    name: str
    label: str
    type: str = "choice"
    values: tuple[Value, ...] = ()
    ordered: bool = False
    unit: str | None = None

    def rank(self, value: Value) -> int | None:
        """Where a value stands, from 0 (the lowest); None when it is not one of them."""
        try:
            return self.values.index(value) if self.ordered else None
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Row:
    """What a reader wants to know of a row beside its cells: the clause, a remark, why a figure is not printed."""

    cite: str
    note: str | None = None
    implied: str | None = None


@dataclass(frozen=True)
class Decision:
    """A compiled decision; see `compile_decision`."""

    id: str
    label: str
    cite: str
    hit: str
    outputs: tuple[Output, ...]
    table: CompiledTable
    rows: tuple[Row, ...]
    language: Language
    assume: tuple[CompiledExpression, ...] = ()
    requires: tuple[str, ...] = ()
    for_each: tuple[str, CompiledExpression] | None = None
    take: str = "highest"
    columns: bool = False
    asks: tuple[str, ...] = ()
    formula: bool = False

    @property
    def collects(self) -> bool:
        return self.hit == "collect"

    @cached_property
    def listing(self) -> bool:
        """Whether its outputs are lists: of all rows that match, or of all items."""
        return self.collects or (self.for_each is not None and self.take == "all")

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every name it reads, dotted, the item of `for_each` left out."""
        found = dict.fromkeys(self.table.names)
        if self.for_each is not None:
            item = self.for_each[0]
            found = {name: None for name in found if name.partition(".")[0] != item}
            found.update(dict.fromkeys(self.for_each[1].names))
        return tuple(found)

    @cached_property
    def facts(self) -> tuple[str, ...]:
        """The facts it reads itself (dotted for a field of a record)."""
        other = {*_CONTEXTS, *self.requires}
        return tuple(name for name in self.names if name.partition(".")[0] not in other)

    @cached_property
    def fact_paths(self) -> tuple[tuple[str, ...], ...]:
        return tuple(tuple(name.split(".")) for name in self.facts)

    @cached_property
    def settings(self) -> tuple[str, ...]:
        return tuple(name.split(".")[1] for name in self.names if name.startswith("settings."))

    @cached_property
    def assumed(self) -> tuple[str, ...]:
        """The names that only its `assume` reads, dotted: they decide what is possible, not what comes out."""
        return tuple(dict.fromkeys(name for each in self.assume for name in each.names if name not in self.names))

    @cached_property
    def let_texts(self) -> Mapping[str, str]:
        return dict(self.table.table.lets)

    @cached_property
    def registers(self) -> tuple[str, ...]:
        """The registers it looks things up in."""
        texts = [text for _, text in self.table.table.lets]
        texts += [column.expression for column in self.table.table.inputs]
        texts += [part.text for row in (*self.table.cells, *self.table.entries) for part in row if part is not None]
        texts += [_text(entry) for rule in self.table.table.rules for entry in rule.outputs]
        texts += [] if self.for_each is None else [self.for_each[1].text]
        found = (re.findall(r'\bregister\(\s*"?([^\s")]+)', text) for text in texts)
        return tuple(dict.fromkeys(name for names in found for name in names))

    @cached_property
    def reads_series(self) -> bool:
        return bool(self._calls & set(SERIES_FUNCTIONS))

    @cached_property
    def counts_days(self) -> bool:
        """Whether working days matter to it."""
        return bool(self._calls & set(WORKING_DAY_FUNCTIONS))

    @cached_property
    def looks_up(self) -> bool:
        """Whether it looks anything up in a register."""
        return "register" in self._calls

    @cached_property
    def _calls(self) -> frozenset[str]:
        others = (*self.assume, *([] if self.for_each is None else [self.for_each[1]]))
        return frozenset((*self.table.calls, *(name for each in others for name in each.calls)))

    @cached_property
    def output_names(self) -> tuple[str, ...]:
        return tuple(output.name for output in self.outputs)

    @cached_property
    def plain_facts(self) -> tuple[str, ...]:
        return tuple(name for name in self.facts if "." not in name)

    @cached_property
    def dotted_facts(self) -> tuple[tuple[str, ...], ...]:
        return tuple(tuple(name.split(".")) for name in self.facts if "." in name)

    @cached_property
    def ranked(self) -> int | None:
        """The position of the first ordered output."""
        return next((i for i, output in enumerate(self.outputs) if output.ordered), None)

    @cached_property
    def trees(self) -> Trees:
        return _trees(self)


@dataclass(frozen=True, slots=True)
class Trees:
    """The syntax trees of a table, for what is not known."""

    lets: Mapping[str, Node]
    inputs: tuple[Node, ...]
    cells: tuple[tuple[UnaryTests | None, ...], ...]
    entries: tuple[tuple[Node, ...], ...]
    fallback: int | None


def compile_decision(
    id: str,
    *,
    label: str,
    cite: str,
    output: Mapping[str, Any],
    hit: str = "unique",
    let: Mapping[str, str] | None = None,
    assume: Iterable[str] = (),
    requires: Iterable[str] = (),
    rules: Iterable[Mapping[str, Any]] = (),
    value: Mapping[str, str] | None = None,
    for_each: Mapping[str, str] | None = None,
    take: str = "highest",
    columns: bool = False,
    asks: Iterable[str] = (),
    names: Iterable[str] = (),
    functions: Functions | None = None,
) -> Decision:
    """A decision from what a pack says (PACK.md section 3).

    output: per output a mapping (or object) with type, label, values, ordered, unit.
    rules:  rows `{when, then, cite, note?, implied?}` or `{otherwise, cite}`; keys that are not set are absent.
    names:  every name its expressions may read besides lets and the item of `for_each` (facts, decisions, params ...).

    Raises dmn.TableError (with row and column) or feel.FeelSyntaxError, in Chinese.
    """
    functions = FUNCTIONS if functions is None else functions
    outputs = tuple(_output(name, spec, label, len(output)) for name, spec in output.items())
    let = dict(let or {})
    item = tuple(for_each or ())
    known = tuple(dict.fromkeys((*names, *requires, *item, *_CONTEXTS)))
    rows = list(rules) if value is None or not value else [_formula(value, cite)]
    table = compile_table(
        decision_table(
            label,
            [{key: row[key] for key in ("when", "then", "otherwise", "cite") if key in row} for row in rows],
            {each.name: each.values for each in outputs},
            hit=hit,  # type: ignore[arg-type]
            lets=let,
        ),
        names=known,
        functions=functions,
    )
    decision = Decision(
        id=id,
        label=label,
        cite=cite,
        hit=hit,
        outputs=outputs,
        table=table,
        rows=tuple(Row(str(row.get("cite", cite)), row.get("note"), row.get("implied")) for row in rows),
        language=Language((*known, *let), functions),
        assume=tuple(compile_expression(text, (*known, *let), functions) for text in assume),
        requires=tuple(requires),
        for_each=next(((n, compile_expression(text, known, functions)) for n, text in (for_each or {}).items()), None),
        take=take,
        columns=columns,
        asks=tuple(asks),
        formula=bool(value),
    )
    if decision.for_each is not None and take == "highest" and decision.ranked is None:
        raise TableError(label, "take: highest 要求有一项结果写明 ordered（由低到高的取值）")
    if decision.for_each is not None and hit == "collect":
        raise TableError(label, "for_each 不能与 collect 同用")
    return decision


def find(decisions: Mapping[str, Decision], name: str) -> Decision:
    """The decision of that name; KeyError (Chinese) with a near one where there is none."""
    found = decisions.get(name)
    if found is None:
        near = difflib.get_close_matches(name, list(decisions), n=1)
        hint = f"，是否指 {near[0]}？" if near else f"；可用：{'、'.join(decisions) or '无'}"
        raise KeyError(f"没有“{name}”这项判定{hint}")
    return found


def _output(name: str, spec: Any, label: str, count: int) -> Output:
    get = spec.get if isinstance(spec, Mapping) else lambda key, default=None: getattr(spec, key, default)
    shown = get("label") or (label if count == 1 else name)
    values = tuple(get("values") or ())
    return Output(name, shown, get("type") or "choice", values, bool(get("ordered")), get("unit"))


def _formula(value: Mapping[str, str], cite: str) -> dict[str, Any]:
    return {"when": {}, "then": {name: f"= {text}" for name, text in value.items()}, "cite": cite}


def _text(entry: Any) -> str:
    return str(getattr(entry, "text", ""))


def _trees(decision: Decision) -> Trees:
    table = decision.table
    return Trees(
        lets=table.let_nodes,
        inputs=tuple(table.input_nodes),
        cells=tuple(tuple(tests if tests.tests else None for tests in row) for row in table.tests),
        entries=tuple(
            tuple(entry if isinstance(entry, Node) else LiteralNode(entry) for entry in row)
            for row in table.entry_nodes
        ),
        fallback=next((i for i, rule in enumerate(table.table.rules) if rule.otherwise), None),
    )
