"""Every FEEL expression of a pack with the place where it is written and the names that only it sees."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from gongbao.engine.functions import FUNCTIONS
from gongbao.feel import CompiledExpression, CompiledTests, compile_expression, compile_unary_tests
from gongbao.policy import schema
from gongbao.policy.times import fixed_day

Path = tuple[str | int, ...]

_BRACED = re.compile(r"\{([^{}]+)\}")
EVENT_FUNCTIONS = ("first", "last", "this_visit", "times")


@dataclass(frozen=True, slots=True)
class Written:
    """One expression. `subject` is set for a table cell (a unary test): the column it tests.

    `decision`: the decision it belongs to (its lets and required decisions are seen); `procedure`: whose events.
    """

    file: str
    path: Path
    text: str
    kind: Literal["expression", "cell", "column"] = "expression"
    extra: tuple[str, ...] = ()
    decision: str | None = None
    procedure: str | None = None
    subject: str | None = None
    formula: bool = True  # figures are refused in formulas; cells carry the row's thresholds


def written(pack: schema.Pack) -> Iterator[Written]:
    """All of them, file by file, in written order."""
    for name, decision in pack.decisions.items():
        if decision.made_at is None:
            yield from _decision(name, decision)
    for name, sheet in pack.scoresheets.items():
        yield from _sheet(name, sheet)
    for name, procedure in pack.procedures.items():
        yield from _procedure(name, procedure)
    for i, duty in enumerate(pack.duties):
        yield from _maybe("duties.yaml", (i, "while"), duty.while_, procedure=duty.procedure, extra=("each",))
        yield from _whos("duties.yaml", (i, "lead"), duty.lead, ("each",), duty.procedure)
        yield from _whos("duties.yaml", (i, "with"), duty.with_, ("each",), duty.procedure)
        if duty.deadline is not None:
            yield from _deadline("duties.yaml", (i, "deadline"), duty.deadline, duty.procedure, ("each",))
    for name, template in pack.documents.items():
        for key in ("issuer", "addressees", "title"):
            for found in _BRACED.finditer(getattr(template, key) or ""):
                yield Written("documents.yaml", (name, key), found[1], extra=PAPER, formula=False)
        for key, texts in (("body", template.body), ("copies", template.copies)):
            for i, text in enumerate(texts):
                for found in _BRACED.finditer(text):
                    yield Written("documents.yaml", (name, key, i), found[1], extra=PAPER, formula=False)
        for label, text in template.table.items():
            yield Written("documents.yaml", (name, "table", label), text, extra=PAPER, formula=False)
    for name, register in pack.registers.items():
        columns = tuple(register.columns)
        yield from _maybe("registers.yaml", (name, "where"), register.where, extra=columns)


def scope_names(pack: schema.Pack) -> tuple[str, ...]:
    """The top-level names every expression of a pack may read; `let` names of a decision come on top of these."""
    fixed = ("params", "settings", "decided", "case", "actor", "as_of")
    return tuple(dict.fromkeys((*pack.facts, *pack.decisions, *fixed)))


def compile_written(pack: schema.Pack, one: Written) -> CompiledExpression | CompiledTests:
    """The expression compiled with all the names of its place. FeelError, in Chinese, where it is wrong."""
    known = [*scope_names(pack), *one.extra]
    if one.decision is not None:
        known += pack.decisions[one.decision].let
    return _compiled(one.text, one.kind == "cell", tuple(known))


@lru_cache(maxsize=8192)  # the same expression is looked at by several checks
def _compiled(text: str, cell: bool, known: tuple[str, ...]) -> CompiledExpression | CompiledTests:
    if cell:
        return compile_unary_tests(text, known, FUNCTIONS)
    return compile_expression(text, known, FUNCTIONS)


# What a paper may read besides the case: its own number and date, and who issues and signs it.
PAPER = ("document", "number", "issued_on", "issuer", "signer", "unit", "tasks", "deadlines")


def _maybe(file: str, path: Path, text: str | None, **more: Any) -> Iterator[Written]:
    if text is not None:
        yield Written(file, path, text, **more)


def _decision(name: str, spec: schema.DecisionSpec) -> Iterator[Written]:
    file = "decisions.yaml"
    each = tuple(spec.for_each)
    for variable, text in spec.for_each.items():
        yield Written(file, (name, "for_each", variable), text, decision=name)
    for variable, text in spec.let.items():
        yield Written(file, (name, "let", variable), text, extra=each, decision=name)
    for i, text in enumerate(spec.assume):
        yield Written(file, (name, "assume", i), text, extra=each, decision=name)
    for i, rule in enumerate(spec.rules):
        for column, cell in (rule.when or {}).items():
            at = (name, "rules", i, "when", column)
            yield Written(file, at, column, "column", each, name, formula=True)
            yield Written(file, at, cell, "cell", each, name, subject=column, formula=False)
        for where in ("then", "otherwise"):
            yield from _outcome(file, (name, "rules", i, where), getattr(rule, where), name, each)
    for output, text in spec.value.items():
        yield Written(file, (name, "value", output), text, extra=each, decision=name)


def _sheet(name: str, sheet: schema.ScoresheetSpec) -> Iterator[Written]:
    """What its authors wrote; the decisions that it becomes are made of these."""
    for i, item in enumerate(sheet.items):
        parts = [((name, "items", i, "parts", j), part) for j, part in enumerate(item.parts)]
        for at, part in (((name, "items", i), item), *parts):
            for key in ("when", "have", "count", "of", "on"):
                yield from _maybe("scoresheets.yaml", (*at, key), getattr(part, key))
            for k, band in enumerate(part.bands):
                cell = (*at, "bands", k, "when")
                yield Written("scoresheets.yaml", cell, band.when, "cell", subject=part.on, formula=False)
    for k, grade in enumerate(sheet.grades.bands if sheet.grades is not None else ()):
        yield Written("scoresheets.yaml", (name, "grades", "bands", k, "when"), grade.when, "cell", formula=False)


def _outcome(file: str, path: Path, value: Any, decision: str, extra: tuple[str, ...]) -> Iterator[Written]:
    if isinstance(value, dict):
        for output, one in value.items():
            yield from _outcome(file, (*path, output), one, decision, extra)
    elif isinstance(value, str) and value.startswith("= "):
        yield Written(file, path, value[2:], extra=extra, decision=decision)


def _procedure(name: str, spec: schema.ProcedureSpec) -> Iterator[Written]:
    file = "procedures.yaml"
    yield from _maybe(file, (name, "title"), spec.title, procedure=name)
    yield from _whos(file, (name, "open_by"), spec.open_by, (), name)
    for decision, one in spec.decide.items():
        yield from _whos(file, (name, "decide", decision, "decided_by"), one.decided_by, (), name)
    for step_name, step in spec.steps.items():
        at = (name, "steps", step_name)
        bound = tuple(step.each)
        yield from _maybe(file, (*at, "when"), step.when, procedure=name)
        yield from _whos(file, (*at, "by"), step.by, bound, name)
        for variable, text in step.each.items():
            yield Written(file, (*at, "each", variable), text, procedure=name)
        for action_name, action in step.actions.items():
            yield from _action(file, (*at, "actions", action_name), action, name, bound)
        for i, deadline in enumerate(step.deadlines):
            yield from _deadline(file, (*at, "deadlines", i), deadline, name, bound)
    for action_name, action in spec.anytime.items():
        yield from _action(file, (name, "anytime", action_name), action, name, ())
    for i, deadline in enumerate(spec.deadlines):
        yield from _deadline(file, (name, "deadlines", i), deadline, name, ())


def _action(
    file: str, path: Path, spec: schema.ActionSpec, procedure: str, bound: tuple[str, ...]
) -> Iterator[Written]:
    yield from _maybe(file, (*path, "requires"), spec.requires, procedure=procedure, extra=bound)
    for fact, text in spec.computed.items():
        yield Written(file, (*path, "sets", fact), text, procedure=procedure, extra=bound)
    yield from _whos(file, (*path, "by"), spec.by, bound, procedure)


def _deadline(
    file: str, path: Path, spec: schema.DeadlineSpec, procedure: str | None, bound: tuple[str, ...]
) -> Iterator[Written]:
    yield from _maybe(file, (*path, "while"), spec.while_, procedure=procedure, extra=bound)
    if isinstance(spec.on_or_before, str) and fixed_day(spec.on_or_before) is None:
        yield Written(file, (*path, "on_or_before"), spec.on_or_before, procedure=procedure, extra=bound)
    if spec.extend is not None:
        yield from _maybe(file, (*path, "extend", "requires"), spec.extend.requires, procedure=procedure, extra=bound)
    yield from _whos(file, (*path, "owner"), spec.owner, bound, procedure)


def _whos(
    file: str, path: Path, whos: tuple[schema.Who, ...], extra: tuple[str, ...], procedure: str | None
) -> Iterator[Written]:
    for i, who in enumerate(whos):
        if who.relative is not None:
            at = (*path, i, "place") if len(whos) > 1 else (*path, "place")
            yield Written(file, at, who.place, extra=extra, procedure=procedure)
