"""One decision compiled into one query over a table of facts: which rows are settled, by which rule, with what.

The query (an Ibis expression over an unbound table named `input`) keeps every column of the table and adds
`__settled`, `__rule` (the rule that held, null where two readings of an empty setting hold by different ones),
`__row` (the rule of the first reading) and `__out_<output>`. What these say where `__settled` is false means nothing:
such a row (a fact unknown or not allowed, a setting empty that matters to it, no rule or two that hold) goes through
`engine.decide` (batch.rest), so that its candidates are those that one case would get.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import ibis

from gongbao.batch import days, rules
from gongbao.batch.facts import BatchError, BeyondError, Column, part_of
from gongbao.batch.lower import Lowering, Piece, Refused, constant, every
from gongbao.batch.pieces import dtype_of, shown
from gongbao.batch.stages import Stages
from gongbao.engine.decision.grounds import grounds
from gongbao.engine.decision.logic import Decision
from gongbao.engine.labels import label_of
from gongbao.engine.world import Setting, World
from gongbao.feel import syntax

__all__ = ["ROW", "STATUS", "BatchError", "Plan", "check_decision", "counts_days", "fact_columns", "plan"]

MAX_READINGS = 16  # combinations of the values that empty settings may still take
ROW = "__gongbao_row"  # the column of the input that numbers its rows, from 0
STATUS = ("settled", "open", "needs_person", "invalid")
TOLD = ("rule", "status", "candidates", "reason")
_MOST_KEPT = 64  # compiled queries kept in this process


@dataclass(frozen=True)
class Plan:
    """A decision compiled for one schema. `given`: the table's columns; `columns`: fact -> column.

    by_rule: for each output that is a constant in every rule, its value by rule number (from 1); `dtypes`: Ibis types;
    look_ups: the tables of days that must stand beside the input (batch.days), by name.
    """

    world: World
    decision: str
    dialect: str
    given: tuple[str, ...]
    columns: Mapping[str, str]
    expression: Any
    dtypes: Mapping[str, str]
    by_rule: Mapping[str, Mapping[int, Any]]
    look_ups: tuple[str, ...] = ()

    @property
    def spec(self) -> Decision:
        return self.world.decisions[self.decision]

    @property
    def outputs(self) -> tuple[str, ...]:
        return self.spec.output_names

    def shown(self, output: str) -> str:
        """The column of an output: its own name, or `<decision>_<output>` where the table has such a column."""
        return output if output not in self.given else f"{self.decision}_{output}"

    @cached_property
    def sql(self) -> str:
        """The query in the engine's own SQL."""
        fused = ibis.options.sql.fuse_selects
        ibis.options.sql.fuse_selects = False  # what a stage computed must not be written out again in the next
        try:
            return str(ibis.to_sql(self.expression, dialect=self.dialect))
        finally:
            ibis.options.sql.fuse_selects = fused


_made: dict[Any, Plan] = {}


def plan(
    world: World, decision: str, types: Mapping[str, Any], dialect: str = "duckdb", as_of: dt.datetime | None = None
) -> Plan:
    """The decision compiled over a table of these columns (name -> Ibis type). BatchError says what is wrong or why not.

    as_of: the moment of deciding, for a decision that reads it.
    What was compiled is kept for the process: the same version, settings, columns and (where read) moment compile once.
    """
    moment = _moment(world, decision, as_of)
    filled = (repr(world.params), *((name, repr(s.value)) for name, s in world.settings.items()))
    filled = (*filled, ("", str(days.digest(world.calendar)) if counts_days(world, decision) else ""))
    key = (world.pack, world.version, decision, dialect, filled, moment, tuple((n, str(t)) for n, t in types.items()))
    if key not in _made:
        if len(_made) >= _MOST_KEPT:
            _made.pop(next(iter(_made)))
        _made[key] = _compiled(world, decision, types, dialect, moment)
    return _made[key]


def _moment(world: World, decision: str, as_of: dt.datetime | None) -> dt.datetime | None:
    """The moment of deciding where the decision or one that it requires reads it, else None."""
    spec = check_decision(world, decision)
    if not grounds(world, decision).as_of:
        return None
    if as_of is None:
        raise BatchError(f"判定“{spec.label}”要看判定之日（as_of）：请用 --on 写明哪一天")
    return as_of


def fact_columns(world: World, decision: str, given: Sequence[str]) -> dict[str, str]:
    """Fact -> column of the table, for every fact that the decision or one it requires reads."""
    found: dict[str, str] = {}
    missing: list[str] = []
    for fact in sorted(_read(world, decision, "facts")):
        spec = world.facts[fact]
        names = list(dict.fromkeys(c for c in (fact, spec.label) if c in given))
        if len(names) == 2:
            raise BatchError(f"表里同时有列 {names[0]} 和 {names[1]}，说的是同一项事实")
        if names:
            found[fact] = names[0]
        else:
            missing.append(f"{fact}（{spec.label}）")
    if missing:
        raise BatchError(f"表里缺少列：{'、'.join(missing)}")
    return found


def check_decision(world: World, decision: str) -> Decision:
    """The decision, where it says that it may run as columns."""
    spec = world.decisions.get(decision)
    if spec is None:
        raise BatchError(f"没有“{decision}”这个判定；有：{'、'.join(world.decisions)}")
    if not spec.columns:
        able = "、".join(n for n, d in world.decisions.items() if d.columns) or "无"
        raise BatchError(f"判定“{spec.label}”没有写 columns: true，不能成批；可成批的：{able}")
    return spec


def counts_days(world: World, decision: str) -> bool:
    """Whether working days matter to the decision or to one that it requires."""
    return any(world.decisions[name].counts_days for name in _needed(world, decision))


def _needed(world: World, decision: str) -> list[str]:
    """The decisions needed, each after those that it requires."""
    order: list[str] = []

    def visit(name: str) -> None:
        for required in world.decisions[name].requires:
            visit(required)
        if name not in order:
            order.append(name)

    visit(decision)
    return order


def _read(world: World, decision: str, what: str) -> set[str]:
    found: set[str] = set()
    for name in _needed(world, decision):
        for path in world.decisions[name].names:
            head, _, rest = path.partition(".")
            if what == "facts" and head in world.facts:
                found.add(head)
            elif what == head and head in ("settings", "params"):
                found.add(rest)
            elif head in ("decided", "case", "actor"):
                label = world.decisions[decision].label
                raise BatchError(f"判定“{label}”读 {path}，它属于某一件办件，不能成批")
    return found


def _compiled(world: World, decision: str, types: Mapping[str, Any], dialect: str, moment: dt.datetime | None) -> Plan:
    spec = check_decision(world, decision)
    given = tuple(c for c in types if c != ROW)
    columns = fact_columns(world, decision, given)
    clash = {o if o not in given else f"{decision}_{o}" for o in spec.output_names} | set(TOLD)
    if taken := sorted(clash & set(given)):
        raise BatchError(f"输入表已有列 {'、'.join(taken)}，与输出的列同名")
    # Only facts are computed with; the other columns pass through under their names, whatever they hold.
    # PostgreSQL is not even sent them.
    read, passed = set(columns.values()), dialect != "postgres"
    shape = {c: types[c] if c in read else "string" for c in given if c in read or passed}
    if not passed:
        shape = _without_structs(shape)
    _figures_fit(world, decision)
    stages = Stages(ibis.table({**shape, ROW: "int64"}, name="input"), dialect)
    readings = list(_readings(world, decision))
    _facts(stages, world, columns)
    if moment is not None:
        stages.shared["as_of"] = ("", constant(moment, "as_of"))
    stages.own = [{f"settings.{n}": ("", p) for n, p in reading.items()} for reading in readings]
    for name in _needed(world, decision):
        try:
            rules.lower(stages, world.decisions[name])
        except Refused as e:
            raise BatchError(f"判定“{world.decisions[name].label}”不能按列计算：{e}") from None
    seen = [stages.names(r) for r in range(len(stages.own))]
    settled = [seen[0][COMPLETE].expr, *(names[each].expr for names in seen for each in stages.held)]
    rule, row = (seen[0][f"{decision}/{what}"].expr for what in ("rule", "row"))
    try:
        for names in seen[1:]:
            for output in spec.output_names:
                path = f"{decision}.{output}"
                settled.append(Lowering({}, "", dialect).compare("=", seen[0][path], names[path], True))
        for names in seen[1:]:
            rule = ibis.cases((rule == names[f"{decision}/rule"].expr, rule), else_=ibis.null("int64"))
        outputs = {o: seen[0][f"{decision}.{o}"] for o in spec.output_names}
        columns_out = {f"__out_{o}": shown(p) for o, p in outputs.items()}
    except Refused as e:
        raise BatchError(f"判定“{spec.label}”不能按列计算：{e}") from None
    table = stages.table
    made = table.select(
        *[table[c] for c in (*(given if passed else ()), ROW)],
        __settled=every(settled),
        __rule=ibis.null("int64") if spec.formula else rule,
        __row=row,
        **columns_out,
    )
    dtypes = {o: dtype_of(p) for o, p in outputs.items()}
    by_rule = _by_rule(spec, dtypes)
    return Plan(world, decision, dialect, given, columns, made, dtypes, by_rule, tuple(stages.look_ups))


COMPLETE = "facts/complete"


def _without_structs(shape: Mapping[str, Any]) -> dict[str, Any]:
    """The columns with a column for each field of a struct in place of the struct."""
    made: dict[str, Any] = {}
    for column, dtype in shape.items():
        kind = ibis.dtype(dtype)
        fields = {part_of(column, name): field for name, field in kind.fields.items()} if kind.is_struct() else {}
        made.update(fields or {column: dtype})
    return made


def _facts(stages: Stages, world: World, columns: Mapping[str, str]) -> None:
    """The first stage: every fact as a piece, and whether all are known and allowed."""
    complete: list[Any] = []
    pieces: dict[str, Piece] = {}
    for fact, name in columns.items():
        column = Column(stages.table, name, world.facts[fact], stages.dialect)
        complete.append(column.valid)
        if column.piece is not None:
            pieces[fact] = column.piece
        if column.series is not None:
            stages.series[fact] = column.series
    whole = every(complete) if complete else ibis.literal(True)
    stages.keep([(stages.shared, {**pieces, COMPLETE: Piece(whole, "boolean", nullable=False)})])
    for name, value in world.params.items():
        with suppress(Refused):  # an expression that reads it is refused by name
            stages.shared[f"params.{name}"] = ("", constant(value, f"params.{name}"))


def _figures_fit(world: World, decision: str) -> None:
    """BeyondError where a figure that the decision reads is larger than columns compute with."""
    for name in sorted(_read(world, decision, "params")):
        value = world.params.get(name)
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise BeyondError(f"“{label_of(world, f'params.{name}')}”为 {value}，超出成列计算的数（64 位整数）")


def _readings(world: World, decision: str) -> Iterator[dict[str, Piece]]:
    """The settings as filled; each empty one at every value it may still take."""
    fixed: dict[str, Piece] = {}
    open_: dict[str, Sequence[Any]] = {}
    for name in sorted(_read(world, decision, "settings")):
        setting = world.settings[name]
        if setting.value is not None:
            fixed[name] = constant(setting.value, f"settings.{name}")
            continue
        choices = setting.values or setting.candidates or ((True, False) if setting.type == "boolean" else ())
        if not choices:
            raise BatchError(_unfilled(setting))
        open_[name] = choices
    size = 1
    for values in open_.values():
        size *= len(values)
    if size > MAX_READINGS:
        raise BatchError(f"有 {len(open_)} 项设置没有填写，组合过多：{'、'.join(open_)}")
    for values in itertools.product(*open_.values()):
        yield {**fixed, **{n: constant(v, n) for n, v in zip(open_, values, strict=True)}}


def _unfilled(setting: Setting) -> str:
    label = f"设置“{setting.label}”（{setting.name}）"
    if not setting.each:
        return f"{label}还没有填写，由 {setting.owner} 填写后才能成批判定"
    if setting.whose is None:
        return f"{label}由 {setting.owner} 各自填写：请用 --unit 写明按哪个单位的值判定"
    return f"{label}由 {setting.owner} 各自填写，{setting.whose} 还没有填写"


def _by_rule(spec: Decision, dtypes: Mapping[str, str]) -> dict[str, dict[int, Any]]:
    """The outputs whose entries are all literal texts or null: engines write these cheaper by the rule's number."""
    found: dict[str, dict[int, Any]] = {}
    for j, output in enumerate(spec.output_names):
        column = [row[j] for row in spec.trees.entries]
        if dtypes[output] == "string" and all(isinstance(node, syntax.Literal) for node in column):
            found[output] = {i + 1: node.value for i, node in enumerate(column)}  # type: ignore[attr-defined]
    return found
