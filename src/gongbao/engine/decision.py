"""A decision: typed facts through a table or formula to an outcome that can say on which row and clause it stands.

`decide` gives what holds for every possible value of what is not known: a settled outcome, or the candidates with the
questions that can change it. With all facts known it runs the table's generated function and nothing else; the trace
is made when somebody asks for it (engine.trace).

A row that comes out null, 需人工判定, or no row at all, means that the text has no rule for these facts: a person
decides, and the outcome says so.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import Any, Literal

from gongbao.dmn import CompiledTable, TableError, compile_table, decision_table
from gongbao.engine import unknown
from gongbao.engine.fact import Fact
from gongbao.engine.model import Value
from gongbao.engine.scope import CASE_FUNCTIONS, REGISTERS
from gongbao.engine.series import SERIES_FUNCTIONS, Series
from gongbao.engine.unknown import OPEN, Domain, Language, Leaf, Result, Verdict, View, frozen, is_known
from gongbao.engine.world import Setting, World
from gongbao.feel import Functions, compile_expression, parse_expression, parse_unary_tests
from gongbao.feel.compile import CompiledExpression
from gongbao.feel.syntax import Literal as LiteralNode
from gongbao.feel.syntax import Node, UnaryTests
from gongbao.feel.values import as_list

PERSON = "需人工判定"  # an output may say so itself
FUNCTIONS: Functions = {**CASE_FUNCTIONS, **SERIES_FUNCTIONS}
"""The functions that every expression of a pack may call."""

_CONTEXTS = ("params", "settings", "decided", "case", "actor", "as_of")
_TYPED = ("boolean", "choice", "text", "unit", "person", "place")  # outputs that a comparison of numbers may settle
_MAX_SUBSETS = 6
_MAX_VALUES = 64


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
        return self.values.index(value) if self.ordered and value in self.values else None


@dataclass(frozen=True, slots=True)
class Row:
    """What a reader wants to know of a row beside its cells: the clause, a remark, why a figure is not printed."""

    cite: str
    note: str | None = None
    implied: str | None = None


@dataclass(frozen=True)
class Decision:
    """A compiled decision; see `compile_decision`. A formula is a table of one row without cells."""

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
    def settings(self) -> tuple[str, ...]:
        return tuple(name.split(".")[1] for name in self.names if name.startswith("settings."))

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
        calls = {*self.table.calls, *(self.for_each[1].calls if self.for_each is not None else ())}
        return bool(calls & set(SERIES_FUNCTIONS))

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


# Compiling --------------------------------------------------------------------------------------------------------


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
    table = decision.table.table
    spellings = [*decision.language.names, *(decision.language.functions or ())]

    def cell(written: Value) -> UnaryTests | None:
        if written is None:
            return None
        if not isinstance(written, str):
            return UnaryTests((LiteralNode(written),))
        return parse_unary_tests(written, spellings)

    return Trees(
        lets={name: parse_expression(text, spellings) for name, text in table.lets},
        inputs=tuple(parse_expression(column.expression, spellings) for column in table.inputs),
        cells=tuple(tuple(cell(each) for each in rule.cells) for rule in table.rules),
        entries=tuple(
            tuple(
                parse_expression(_text(entry), spellings) if hasattr(entry, "text") else LiteralNode(entry)
                for entry in rule.outputs
            )
            for rule in table.rules
        ),
        fallback=next((i for i, rule in enumerate(table.rules) if rule.otherwise), None),
    )


# The outcome ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenSetting:
    """A setting that is not filled and matters here."""

    name: str
    label: str
    owner: str
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One way to a candidate: `when` are values of unknown facts, settings and required decisions (dotted names),
    `rows` the rows it can stand on."""

    value: Mapping[str, Value]
    when: Mapping[str, Value]
    rows: tuple[int, ...]


class Outcome:
    """What a decision gives for these facts.

    status        settled: one outcome whatever the unknown facts are; candidates: several are possible.
    value         the outputs by name when settled (lists of values when rows are collected, or `take: all`), else
                  None. None too when the text has no rule for the facts.
    candidates    the possible outputs, each whole; an output that may be any value is left out of its candidate.
    complete      whether `candidates` are all (False: an output may be a value that cannot be listed).
    at_least      for each ordered output the lowest candidate, when all are known.
    ask           the facts whose answer can change it, the most telling first.
    open          the settings that are not filled and matter.
    needs_person  a person must decide (需人工判定); `reason` says why, in Chinese.
    rows          the matched rows, by their place in the decision (0-based), `cites` their clauses.
    cases         for each candidate a case in which it comes out.
    unruled       a case is possible in which the text has no rule.
    """

    __slots__ = (
        "as_of", "ask", "at_least", "candidates", "cases", "complete", "decision", "items", "needs_person", "open",
        "reason", "required", "rows", "scope", "status", "unruled", "value", "world",
    )  # fmt: skip

    def __init__(
        self,
        world: World,
        decision: Decision,
        status: Literal["settled", "candidates"],
        value: dict[str, Value] | None,
        rows: tuple[int, ...],
        scope: Mapping[str, Value],
        required: Mapping[str, Outcome],
        as_of: dt.datetime | None = None,
    ) -> None:
        self.world = world
        self.decision = decision
        self.status = status
        self.value = value
        self.rows = rows
        self.scope = scope
        self.required = required
        self.as_of = as_of
        self.candidates: tuple[dict[str, Value], ...] = ()
        self.complete = True
        self.at_least: dict[str, Value] = {}
        self.ask: tuple[str, ...] = ()
        self.open: tuple[OpenSetting, ...] = ()
        self.needs_person = False
        self.reason = ""
        self.unruled = False
        self.items: tuple[tuple[Value, tuple[int, ...]], ...] = ()
        self.cases: tuple[Case, ...] = ()

    @property
    def settled(self) -> bool:
        return self.status == "settled"

    @property
    def output(self) -> Value:
        """The plain value of the one output, or the outputs by name; None when there is none."""
        if self.value is None:
            return None
        return next(iter(self.value.values())) if len(self.value) == 1 else self.value

    @property
    def version(self) -> str:
        return self.world.version

    @property
    def cites(self) -> tuple[str, ...]:
        """The clauses of the matched rows, or of the decision where no row matched."""
        found = tuple(dict.fromkeys(self.decision.rows[row].cite for row in self.rows))
        return found or (self.decision.cite,)

    @property
    def trace(self) -> dict[str, Any]:
        from gongbao.engine.trace import trace

        return trace(self)

    def to_dict(self) -> dict[str, Any]:
        """Everything, trace included, as JSON data."""
        from gongbao.engine.trace import as_dict

        return as_dict(self)

    def explain(self) -> str:
        """The grounds of the outcome as Chinese text."""
        from gongbao.engine.trace import explain

        return explain(self)

    def __repr__(self) -> str:
        shown = self.value if self.settled else self.candidates
        return f"Outcome({self.decision.id}: {self.status} {shown!r}, rows={self.rows})"


# Deciding ---------------------------------------------------------------------------------------------------------


def decide(
    world: World,
    decision_id: str,
    facts: Mapping[str, Value],
    *,
    decided: Mapping[str, Value] | None = None,
    case: Mapping[str, Value] | None = None,
    as_of: dt.datetime | None = None,
) -> Outcome:
    """What a decision gives for these facts (by id, as `read_facts` gives them; null or absent is unknown).

    decided: what was formally decided in the case (`decided.<decision>`); case: what `case.` shows.
    KeyError (Chinese) for a decision that does not exist; dmn.OverlapError when two rows of a `unique` table hold.
    """
    return _decide(world, _decision(world, decision_id), facts, decided or {}, case or {}, as_of, {})


def _decision(world: World, name: str) -> Decision:
    found = world.decisions.get(name)
    if found is None:
        near = difflib.get_close_matches(name, list(world.decisions), n=1)
        hint = f"，是否指 {near[0]}？" if near else f"；可用：{'、'.join(world.decisions) or '无'}"
        raise KeyError(f"没有“{name}”这项判定{hint}")
    return found


def _decide(
    world: World,
    decision: Decision,
    facts: Mapping[str, Value],
    decided: Mapping[str, Value],
    case: Mapping[str, Value],
    as_of: dt.datetime | None,
    done: dict[str, Outcome],
) -> Outcome:
    scope: dict[str, Value] = {**facts, "params": world.params, "decided": decided, "case": case, "as_of": as_of}
    scope[REGISTERS] = world.registers
    required: dict[str, Outcome] = {}
    known = True
    for name in decision.requires:
        if name not in done:
            done[name] = _decide(world, _decision(world, name), facts, decided, case, as_of, done)
        required[name] = outcome = done[name]
        if outcome.settled and not outcome.needs_person:
            scope[name] = outcome.value
        else:
            known = False
    settings = decision.settings
    if settings:
        held = world.settings
        scope["settings"] = values = {name: held[name].value for name in settings}
        known = known and None not in values.values()
    if known:
        for name in decision.plain_facts:
            if facts.get(name) is None:
                known = False
                break
        else:
            known = not decision.dotted_facts or all(_reached(facts, path) for path in decision.dotted_facts)
    if not known or (decision.reads_series and any(isinstance(v, Series) and not v.complete for v in facts.values())):
        return _possible(world, decision, facts, scope, required, as_of)
    if decision.for_each is not None:
        return _each_known(world, decision, scope, required, as_of)
    found = decision.table.decide(scope)
    rows = found.rows
    if decision.hit == "collect":
        return _collected(world, decision, found.values or (), rows, scope, required, as_of)
    if found.values is None:
        return _no_rule(Outcome(world, decision, "settled", None, rows, scope, required, as_of))
    value = dict(zip(decision.output_names, found.values, strict=True))
    outcome = Outcome(world, decision, "settled", value, rows, scope, required, as_of)
    if found.values[0] is None or found.values[0] == PERSON:
        _judged_by_row(outcome, found.values)
    return outcome


def _reached(facts: Mapping[str, Value], path: Sequence[str]) -> bool:
    found: Any = facts
    for part in path:
        found = found.get(part) if isinstance(found, Mapping) else None
    return found is not None


def _no_rule(outcome: Outcome) -> Outcome:
    outcome.unruled = outcome.needs_person = True
    outcome.reason = f"{PERSON}：“{outcome.decision.label}”没有写这种情形（{outcome.decision.cite}）"
    return outcome


def _judged_by_row(outcome: Outcome, values: Sequence[Value]) -> None:
    """A row that says itself that the text has no rule: null in every output, or 需人工判定."""
    if _is_person(values):
        row = outcome.decision.rows[outcome.rows[0]] if outcome.rows else None
        outcome.needs_person = True
        why = row.note if row is not None and row.note else "文中没有写这种情形"
        outcome.reason = f"{PERSON}：{why}（{row.cite if row is not None else outcome.decision.cite}）"
        outcome.unruled = True
        if all(value is None for value in values):
            outcome.value = None


def _is_person(values: Sequence[Value]) -> bool:
    return all(value is None for value in values) or PERSON in [value for value in values if isinstance(value, str)]


def _collected(
    world: World,
    decision: Decision,
    found: Sequence[Sequence[Value]],
    rows: tuple[int, ...],
    scope: Mapping[str, Value],
    required: Mapping[str, Outcome],
    as_of: dt.datetime | None,
) -> Outcome:
    columns = {output.name: [each[i] for each in found] for i, output in enumerate(decision.outputs)}
    return Outcome(world, decision, "settled", columns, rows, scope, required, as_of)


def _each_known(
    world: World,
    decision: Decision,
    scope: dict[str, Value],
    required: Mapping[str, Outcome],
    as_of: dt.datetime | None,
) -> Outcome:
    """One decision per item of a list, all of it known; without an item the `otherwise` row stands alone."""
    assert decision.for_each is not None
    name, expression = decision.for_each
    listed = expression.evaluate(scope)
    if listed is None and decision.reads_series:
        return _possible(world, decision, {}, scope, required, as_of)
    items = as_list(listed) if listed is not None else []
    results = []
    for item in items:
        found = decision.table.decide({**scope, name: item})
        values = found.values if found.values is not None else (None,) * len(decision.outputs)
        results.append(Result(found.rows, values))
    if items:
        (whole,) = _combined(decision, [(result,) for result in results])
    else:
        (whole,) = _without_items(decision, View(decision.language, scope, {}, decision.trees.lets), {})
    outcome = _outcome_of(world, decision, whole, scope, required, as_of)
    outcome.items = tuple((item, result.rows) for item, result in zip(items, results, strict=False))
    return outcome


def _outcome_of(
    world: World,
    decision: Decision,
    result: Result,
    scope: Mapping[str, Value],
    required: Mapping[str, Outcome],
    as_of: dt.datetime | None,
) -> Outcome:
    value = _named(decision, result.outputs)
    outcome = Outcome(world, decision, "settled", value, result.rows, scope, required, as_of)
    if decision.collects or (decision.for_each is not None and decision.take == "all"):
        return outcome
    if not result.rows and _is_person(result.outputs):
        outcome.value = None
        return _no_rule(outcome)
    _judged_by_row(outcome, result.outputs)
    return outcome


def _named(decision: Decision, outputs: Sequence[Value]) -> dict[str, Value]:
    return {output.name: value for output, value in zip(decision.outputs, outputs, strict=True) if value is not OPEN}


# What is possible -------------------------------------------------------------------------------------------------


def _possible(
    world: World,
    decision: Decision,
    facts: Mapping[str, Value],
    scope: Mapping[str, Value],
    required: Mapping[str, Outcome],
    as_of: dt.datetime | None,
) -> Outcome:
    """The outcome when something the decision reads is not known."""
    view = view_of(world, decision, scope, required)
    domains = view.unknown

    def judge(case: View, tried: Mapping[str, bool]) -> Verdict:
        return _judge(decision, case, tried)

    leaves = unknown.explore(view, judge, [each.node for each in decision.assume])
    return _summary(world, decision, leaves, domains, scope, required, as_of)


def view_of(world: World, decision: Decision, scope: Mapping[str, Value], required: Mapping[str, Outcome]) -> View:
    """The decision's expressions over what a scope knows, the rest unknown."""
    return View(decision.language, scope, dict(_domains(world, decision, scope, required)), decision.trees.lets)


def _domains(
    world: World, decision: Decision, scope: Mapping[str, Value], required: Mapping[str, Outcome]
) -> Iterator[tuple[str, Domain]]:
    for name in decision.facts:
        path = name.split(".")
        for length in range(1, len(path) + 1):
            if not _reached(scope, path[:length]):
                dotted = ".".join(path[:length])
                yield dotted, _fact_domain(dotted, world.facts, path[:length])
                break
    for name in decision.settings:
        setting = world.settings[name]
        if not _reached(scope, ("settings", name)):
            yield f"settings.{name}", _setting_domain(f"settings.{name}", setting)
    for name, outcome in required.items():
        if name not in scope:
            yield name, _decision_domain(name, outcome)


def _fact_domain(name: str, facts: Mapping[str, Fact], path: Sequence[str]) -> Domain:
    fact: Fact | None = facts.get(path[0])
    for part in path[1:]:
        fact = fact.fields.get(part) if fact is not None else None
    if fact is None:
        return Domain(name, "opaque")
    return _domain(name, fact.type, fact.values, fact.min, fact.max, fact.scale, "fact")


def _setting_domain(name: str, setting: Setting) -> Domain:
    listed = setting.candidates or setting.values
    if listed and setting.type not in ("integer", "number", "money"):
        return Domain(name, "values", tuple(listed), origin="setting")
    if setting.candidates:
        return Domain(name, "values", tuple(setting.candidates), origin="setting")
    return _domain(name, setting.type, (), setting.min, setting.max, None, "setting")


def _domain(
    name: str,
    type_: str,
    values: Sequence[Value],
    low: int | Decimal | None,
    high: int | Decimal | None,
    scale: int | None,
    origin: str,
) -> Domain:
    if type_ == "boolean":
        return Domain(name, "values", (True, False), origin=origin)
    if type_ == "choice" and values:
        return Domain(name, "values", tuple(values), origin=origin)
    if type_ in ("integer", "number", "money"):
        places = 0 if type_ == "integer" else 2 if type_ == "money" and scale is None else scale
        return Domain(
            name,
            "number",
            low=None if low is None else Fraction(low),
            high=None if high is None else Fraction(high),
            unit=None if places is None else Fraction(1, 10**places),
            origin=origin,
        )
    return Domain(name, "opaque", origin=origin)


def _decision_domain(name: str, outcome: Outcome) -> Domain:
    """What a required decision may turn out to be: its candidates, or anything where a person decides."""
    candidates = list(outcome.candidates)
    whole = [each for each in candidates if len(each) == len(outcome.decision.outputs)]
    if outcome.complete and len(whole) == len(candidates) and candidates and not _without_rule(outcome):
        return Domain(name, "values", tuple(candidates), origin="decision")
    choices = [_values_of(output) for output in outcome.decision.outputs]
    if outcome.decision.collects or any(each is None for each in choices):
        return Domain(name, "opaque", origin="decision")
    names = [output.name for output in outcome.decision.outputs]
    every = [dict(zip(names, each, strict=True)) for each in product(*(each or () for each in choices))]
    kind = "values" if 0 < len(every) <= _MAX_VALUES else "opaque"
    return Domain(name, kind, tuple(every) if kind == "values" else (), origin="decision")


def _values_of(output: Output) -> tuple[Value, ...] | None:
    if output.type == "boolean":
        return (True, False)
    return tuple(value for value in output.values if value != PERSON) or None


def _without_rule(outcome: Outcome) -> bool:
    """Whether a case is possible in which the text has no rule, so that a person may decide anything."""
    return outcome.unruled


# Judging one case -------------------------------------------------------------------------------------------------


def _judge(decision: Decision, view: View, tried: Mapping[str, bool]) -> Verdict:
    if decision.for_each is None:
        return _judge_table(decision, view, tried)
    name, expression = decision.for_each
    listed = view.value(expression.node)
    if not is_known(listed):
        item = _judge_table(decision, view.inside(name, unknown.UNKNOWN), tried)
        none = _without_items(decision, view, tried)
        if decision.take == "all":
            return Verdict((Result((), (OPEN,) * len(decision.outputs)),), True)
        return Verdict(_distinct([*item.results, *none]), True)
    items = as_list(listed) if listed is not None else []
    if not items:
        return Verdict(_without_items(decision, view, tried), False)
    verdicts = [_judge_table(decision, view.inside(name, item), tried) for item in items]
    results = _combined(decision, [verdict.results for verdict in verdicts])
    return Verdict(results, any(verdict.blocked for verdict in verdicts))


def _without_items(decision: Decision, view: View, tried: Mapping[str, bool]) -> tuple[Result, ...]:
    if decision.take == "all":
        return (Result((), tuple([] for _ in decision.outputs)),)
    fallback = decision.trees.fallback
    values, _ = _entries(decision, view, fallback, tried)
    return (Result(() if fallback is None else (fallback,), values),)


def _combined(decision: Decision, per_item: Sequence[Sequence[Result]]) -> tuple[Result, ...]:
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
    found.sort(key=lambda result: _order(output.rank(result.outputs[at])))
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


def _order(rank: int | None) -> int:
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
            held = unknown.UNKNOWN
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
        alternatives = [each.values if isinstance(each, unknown.OneOf) else (each,) for each in values]
        return list(product(*alternatives)), waiting
    columns: list[list[Value]] = [[] for _ in decision.outputs]
    waiting = False
    for row in rows:
        values, more = _entries(decision, view, row, tried)
        waiting = waiting or more
        for column, value in zip(columns, values, strict=True):
            column.append(None if isinstance(value, unknown.OneOf) or value is OPEN else value)
        if any(isinstance(value, unknown.OneOf) or value is OPEN for value in values):
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
            if partly and output.type not in _TYPED and not isinstance(node, LiteralNode):
                value = OPEN if _reads(decision, node) & {n for n, whole in tried.items() if not whole} else value
            found.append(value)
            continue
        view.blur(value)  # the number itself is what is missing
        if output.values and not (isinstance(value, unknown.OneOf) and all(map(is_known, value.values))):
            value = unknown.OneOf(output.values)  # whatever it is, it is one of these
        listed = isinstance(value, unknown.OneOf) and all(is_known(each) for each in value.values)
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


# Summing up -------------------------------------------------------------------------------------------------------


def _summary(
    world: World,
    decision: Decision,
    leaves: Sequence[Leaf],
    domains: Mapping[str, Domain],
    scope: Mapping[str, Value],
    required: Mapping[str, Outcome],
    as_of: dt.datetime | None,
) -> Outcome:
    results: dict[Any, list[Result]] = {}
    for leaf in leaves:
        for result in leaf.results:
            results.setdefault(frozen(result.outputs), []).append(result)
    if not results:
        outcome = Outcome(world, decision, "settled", None, (), scope, required, as_of)
        outcome.unruled = outcome.needs_person = True
        outcome.reason = f"{PERSON}：已知事实与“{decision.label}”的前提（assume）不能同时成立"
        return outcome
    listing = decision.collects or (decision.for_each is not None and decision.take == "all")
    empty = [found for found in results.values() if not listing and _is_person(found[0].outputs)]
    listed = [found for found in results.values() if listing or not all(v is None for v in found[0].outputs)]
    complete = all(OPEN not in _flat(found[0].outputs) for found in results.values())
    relevant = _relevant(leaves, domains)
    if len(results) == 1 and complete:
        found = next(iter(results.values()))
        rows = tuple(sorted({row for result in found for row in result.rows}))
        outcome = _outcome_of(world, decision, Result(rows, found[0].outputs), scope, required, as_of)
        outcome.items = items_of(decision, View(decision.language, scope, domains, decision.trees.lets))
        return outcome
    outcome = Outcome(world, decision, "candidates", None, (), scope, required, as_of)
    _order_candidates(decision, listed)
    named = [(_named(decision, found[0].outputs), found) for found in listed]
    shown = [(value, found) for value, found in named if value]
    outcome.candidates = tuple(value for value, _ in shown)
    outcome.cases = tuple(_case(value, found, leaves, relevant) for value, found in shown)
    outcome.items = items_of(decision, View(decision.language, scope, domains, decision.trees.lets))
    outcome.complete = complete
    if complete and not empty and not listing:
        outcome.at_least = {
            output.name: min((value[output.name] for value in outcome.candidates), key=lambda v: _order(output.rank(v)))
            for output in decision.outputs
            if output.ordered and outcome.candidates
        }
    outcome.ask = _asks(decision, leaves, relevant, domains, required)
    outcome.open = tuple(_open_settings(world, relevant, domains, required))
    _explain_open(world, outcome, empty)
    return outcome


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


def _case(value: dict[str, Value], found: Sequence[Result], leaves: Sequence[Leaf], relevant: Sequence[str]) -> Case:
    """The case of a candidate that assumes least."""
    wanted = frozen(found[0].outputs)
    ways = [
        {name: leaf.assigned[name] for name in relevant if name in leaf.assigned}
        for leaf in leaves
        if any(frozen(result.outputs) == wanted for result in leaf.results)
    ]
    when = min(ways, key=len, default={})
    return Case(value, when, tuple(sorted({row for result in found for row in result.rows})))


def _flat(outputs: Sequence[Value]) -> list[Value]:
    return [each for each in outputs if each is OPEN]


def _order_candidates(decision: Decision, listed: list[list[Result]]) -> None:
    at = decision.ranked

    def key(found: list[Result]) -> tuple[int, tuple[int, ...]]:
        rank = None if at is None else decision.outputs[at].rank(found[0].outputs[at])
        return (_order(rank), min(result.rows for result in found))

    listed.sort(key=key)


def _relevant(leaves: Sequence[Leaf], domains: Mapping[str, Domain]) -> list[str]:
    """The unknown names whose value makes a difference, the most telling first."""
    outcomes = [frozenset(frozen(result.outputs) for result in leaf.results) for leaf in leaves]
    waiting = {name for leaf in leaves if len(leaf.results) > 1 or not leaf.exact or _open(leaf) for name in leaf.needs}
    found: list[tuple[float, int, str]] = []
    for at, name in enumerate(domains):
        if name in waiting or _tells(name, leaves, outcomes):
            found.append((_left(name, leaves, outcomes), at, name))
    return [name for _, _, name in sorted(found)]


def _open(leaf: Leaf) -> bool:
    return any(OPEN in _flat(result.outputs) for result in leaf.results)


def _tells(name: str, leaves: Sequence[Leaf], outcomes: Sequence[frozenset[Any]]) -> bool:
    """Whether two cases that differ in nothing but this name come out differently."""
    groups: dict[Any, list[int]] = {}
    for i, leaf in enumerate(leaves):
        if name in leaf.assigned:
            groups.setdefault(frozen(leaf.assigned[name]), []).append(i)
    sides = list(groups.values())
    compared = 0
    for i, one in enumerate(sides):
        for other in sides[:i]:
            for a in one:
                for b in other:
                    compared += 1
                    if compared > 200_000:
                        return True
                    if outcomes[a] != outcomes[b] and _agree(leaves[a].assigned, leaves[b].assigned, name):
                        return True
    return False


def _agree(one: Mapping[str, Value], other: Mapping[str, Value], but: str) -> bool:
    return all(name == but or name not in other or frozen(other[name]) == frozen(value) for name, value in one.items())


def _left(name: str, leaves: Sequence[Leaf], outcomes: Sequence[frozenset[Any]]) -> float:
    """How many outcomes are left on average once this name is known."""
    by_value: dict[Any, set[Any]] = {}
    always: set[Any] = set()
    for leaf, found in zip(leaves, outcomes, strict=True):
        if name in leaf.assigned:
            by_value.setdefault(frozen(leaf.assigned[name]), set()).update(found)
        else:
            always |= found
    return sum(len(found | always) for found in by_value.values()) / len(by_value) if by_value else len(always) + 1


def _asks(
    decision: Decision,
    leaves: Sequence[Leaf],
    relevant: Sequence[str],
    domains: Mapping[str, Domain],
    required: Mapping[str, Outcome],
) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for name in relevant:
        if domains[name].origin == "fact":
            found[name] = None
        elif domains[name].origin == "decision":
            found.update(dict.fromkeys(required[name].ask))
    # A series with a missing reading is known, and yet it is what must be asked for.
    gaps = {name for leaf in leaves for name in leaf.needs if name not in domains and name in decision.facts}
    found.update(dict.fromkeys(sorted(gaps)))
    first = [name for name in decision.asks if name in found]
    return tuple(dict.fromkeys([*first, *found]))


def _open_settings(
    world: World, relevant: Sequence[str], domains: Mapping[str, Domain], required: Mapping[str, Outcome]
) -> Iterator[OpenSetting]:
    seen: set[str] = set()
    for name in relevant:
        if domains[name].origin == "setting":
            setting = world.settings[name.split(".", 1)[1]]
            seen.add(setting.name)
            yield OpenSetting(setting.name, setting.label, setting.owner, setting.why)
        elif domains[name].origin == "decision":
            for each in required[name].open:
                if each.name not in seen:
                    seen.add(each.name)
                    yield each


def _explain_open(world: World, outcome: Outcome, empty: Sequence[Sequence[Result]]) -> None:
    """Whether a person must decide, and why."""
    reasons = [f"设置“{each.label}”未填（{each.owner}）" for each in outcome.open]
    judged = [name for name in outcome.ask if _judge_of(world, name)]
    outcome.unruled = bool(empty)
    if len(judged) == len(outcome.ask):  # as long as something else can be asked, that comes first
        for found in empty:
            for row in sorted({row for result in found for row in result.rows}):
                each = outcome.decision.rows[row]
                reasons.append(f"{each.note or '文中没有写其中的一种情形'}（{each.cite}）")
            if not all(result.rows for result in found):
                reasons.append(f"文中没有写其中的一种情形（{outcome.decision.cite}）")
    for name, inner in outcome.required.items():
        if inner.needs_person and not inner.open and name not in outcome.scope:
            reasons.append(inner.reason.removeprefix(f"{PERSON}：") or f"“{inner.decision.label}”未定")
    if not reasons and judged and len(judged) == len(outcome.ask):
        reasons = [f"“{_label(world, name)}”须由{_judge_of(world, name)}判断" for name in judged]
    if reasons:
        outcome.needs_person = True
        outcome.reason = f"{PERSON}：" + "；".join(dict.fromkeys(reasons))


def _fact(world: World, name: str) -> Fact | None:
    head, *rest = name.split(".")
    fact: Fact | None = world.facts.get(head)
    for part in rest:
        fact = fact.fields.get(part) if fact is not None else None
    return fact


def _judge_of(world: World, name: str) -> str | None:
    fact = _fact(world, name)
    return fact.judged_by if fact is not None else None


def _label(world: World, name: str) -> str:
    fact = _fact(world, name)
    return fact.label if fact is not None else name


# What a decision stands on ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a decision can read, required decisions included."""

    facts: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    registers: tuple[str, ...] = ()
    decided: tuple[str, ...] = ()
    case: tuple[str, ...] = ()
    decisions: tuple[str, ...] = field(default=())


def grounds(world: World, decision_id: str) -> Grounds:
    """Everything that the outcome of a decision may stand on; facts by their id (not their fields)."""
    seen: dict[str, Decision] = {}
    waiting = [decision_id]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen[name] = _decision(world, name)
            waiting.extend(seen[name].requires)
    found = list(seen.values())

    def every(names: Iterable[Iterable[str]]) -> tuple[str, ...]:
        return tuple(sorted({each for some in names for each in some}))

    def under(head: str, decision: Decision) -> list[str]:
        return [name.split(".")[1] for name in decision.names if name.startswith(head + ".")]

    return Grounds(
        facts=every([name.partition(".")[0] for name in each.facts] for each in found),
        settings=every(each.settings for each in found),
        registers=every(each.registers for each in found),
        decided=every(under("decided", each) for each in found),
        case=every(under("case", each) for each in found),
        decisions=tuple(sorted(seen)),
    )
