"""One decision compiled into one query over a table of facts: which rows are settled, by which rule, with what.

The query (an Ibis expression over an unbound table named `input`) keeps every column of the table and adds
`__settled`, `__rule` (the rule that held, null where two readings of an empty setting hold by different ones),
`__row` (the rule of the first reading) and `__out_<output>`. What these say where `__settled` is false means nothing:
such a row (a fact unknown or not allowed, a setting empty that matters to it, no rule or two that hold) goes through
`engine.decide` (batch.rest), so that its candidates are those that one case would get.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import ibis

from gongbao.batch.lower import Lowering, Piece, Refused, constant, every
from gongbao.engine.decision.logic import PERSON, Decision
from gongbao.engine.fact import MAX_TEXT
from gongbao.engine.world import World
from gongbao.feel import syntax

MAX_READINGS = 16  # combinations of the values that empty settings may still take
ROW = "__gongbao_row"  # the column of the input that numbers its rows, from 0
STATUS = ("settled", "open", "needs_person", "invalid")
TOLD = ("rule", "status", "candidates", "reason")
# A text that is taken as it stands: not empty, no space at its ends, no control character (others go one by one).
_CLEAN = r"^[^\s\pZ\pC]([^\pC]*[^\s\pZ\pC])?$"
# The same, but narrower, for PostgreSQL, whose expressions know no Unicode classes: ASCII and Chinese without spaces.
_PLAIN = "^[!-~一-鿿·—‘-”…、。〈-】〔〕！（），：；？]+$"
_MOST_KEPT = 64  # compiled queries kept in this process


class BatchError(ValueError):
    """A table or a decision that cannot be run as columns; the message (Chinese) names the column or expression."""


@dataclass(frozen=True)
class Plan:
    """A decision compiled for one schema. `given`: the table's columns; `columns`: fact -> column.

    by_rule: for each output that is a constant in every rule, its value by rule number (from 1); `dtypes`: Ibis types.
    """

    world: World
    decision: str
    dialect: str
    given: tuple[str, ...]
    columns: Mapping[str, str]
    expression: Any
    dtypes: Mapping[str, str]
    by_rule: Mapping[str, Mapping[int, Any]]

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


def plan(world: World, decision: str, types: Mapping[str, Any], dialect: str = "duckdb") -> Plan:
    """The decision compiled over a table of these columns (name -> Ibis type). BatchError says what is wrong or why not.

    What was compiled is kept for the process: the same version, settings and columns compile once.
    """
    filled = (repr(world.params), *((name, repr(s.value)) for name, s in world.settings.items()))
    key = (world.pack, world.version, decision, dialect, filled, tuple((n, str(t)) for n, t in types.items()))
    if key not in _made:
        if len(_made) >= _MOST_KEPT:
            _made.pop(next(iter(_made)))
        _made[key] = _Maker(world, decision, types, dialect).plan()
    return _made[key]


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
            elif what == "settings" and head == "settings":
                found.add(rest)
            elif head in ("decided", "case", "actor", "as_of"):
                label = world.decisions[decision].label
                raise BatchError(f"判定“{label}”读 {path}，它属于某一件办件，不能成批")
    return found


class _Maker:
    """One compilation: a table that grows by computed columns, each value computed once however often it is read.

    Where settings are empty, every reading of them is computed side by side; `Names` are kept per reading.
    """

    def __init__(self, world: World, decision: str, types: Mapping[str, Any], dialect: str) -> None:
        self.spec = check_decision(world, decision)
        self.world, self.decision, self.dialect = world, decision, dialect
        self.given = tuple(c for c in types if c != ROW)
        self.columns = fact_columns(world, decision, self.given)
        clash = {o if o not in self.given else f"{decision}_{o}" for o in self.spec.output_names} | set(TOLD)
        if taken := sorted(clash & set(self.given)):
            raise BatchError(f"输入表已有列 {'、'.join(taken)}，与输出的列同名")
        # Only facts are computed with; the other columns pass through under their names, whatever they hold.
        # Another engine than DuckDB is not even sent them.
        read = set(self.columns.values())
        shape = {c: types[c] if c in read else "string" for c in self.given if c in read or dialect == "duckdb"}
        self.table = ibis.table({**shape, ROW: "int64"}, name="input")
        self.shared: dict[str, tuple[str, Piece]] = {}
        self.own: list[dict[str, tuple[str, Piece]]] = []
        self._count = 0

    def plan(self) -> Plan:
        complete: Any = ibis.literal(True)
        pieces: dict[str, Piece] = {}
        for fact, column in self.columns.items():
            pieces[fact], valid = self._piece(fact)
            complete = _both(complete, self.table[column].notnull())
            if valid is not None:
                complete = _both(complete, valid)
        self._keep(self.shared, {**pieces, "": Piece(complete, "boolean", nullable=False)})
        for name, value in self.world.params.items():
            with suppress(Refused):  # an expression that reads it is refused by name
                self.shared[f"params.{name}"] = ("", constant(value, f"params.{name}"))
        self.own = [{f"settings.{n}": ("", p) for n, p in reading.items()} for reading in self._readings()]
        held: list[Any] = []
        for name in _needed(self.world, self.decision):
            try:
                self._lower(name)
            except Refused as e:
                raise BatchError(f"判定“{self.world.decisions[name].label}”不能按列计算：{e}") from None
            held.append(f"{name}/settled")
        seen = [self._names(r) for r in range(len(self.own))]
        settled = seen[0][""].expr
        for names in seen:
            for each in held:
                settled = _both(settled, names[each].expr)
        rule = row = seen[0][f"{self.decision}/row"].expr
        for names in seen[1:]:
            for output in self.spec.output_names:
                path = f"{self.decision}.{output}"
                settled = _both(settled, Lowering({}).compare("=", seen[0][path], names[path], True))
        for names in seen[1:]:
            rule = ibis.cases((rule == names[f"{self.decision}/row"].expr, rule), else_=ibis.null("int64"))
        if self.spec.formula:
            rule = ibis.null("int64")
        outputs = {o: seen[0][f"{self.decision}.{o}"] for o in self.spec.output_names}
        made = self.table.select(
            *[self.table[c] for c in (*(self.given if self.dialect == "duckdb" else ()), ROW)],
            __settled=settled,
            __rule=rule,
            __row=row,
            **{f"__out_{o}": _shown(p) for o, p in outputs.items()},
        )
        dtypes = {o: _dtype(p) for o, p in outputs.items()}
        return Plan(
            self.world, self.decision, self.dialect, self.given, self.columns, made, dtypes, self._by_rule(dtypes)
        )

    # ----------------------------------------------------------------------------------------------- names and stages

    def _names(self, reading: int) -> dict[str, Piece]:
        """Every name of one reading as a piece of the table as it is now."""
        return {
            name: Piece(self.table[c], p.kind, p.scale, p.nullable) if c else p
            for kept in (self.shared, self.own[reading])
            for name, (c, p) in kept.items()
        }

    def _keep(self, kept: dict[str, tuple[str, Piece]], pieces: Mapping[str, Piece]) -> None:
        self._keep_all([(kept, pieces)])

    def _keep_all(self, made: Sequence[tuple[dict[str, tuple[str, Piece]], Mapping[str, Piece]]]) -> None:
        """One more stage: these pieces become columns (constants stay constants)."""
        columns: dict[str, Any] = {}
        for kept, pieces in made:
            for name, piece in pieces.items():
                if piece.constant or piece.kind == "null":
                    kept[name] = ("", piece)
                    continue
                self._count += 1
                column = f"__c{self._count}"
                columns[column] = piece.expr
                kept[name] = (column, piece)
        if columns:
            self.table = self.table.mutate(**columns)

    def _each(self, make: Any) -> None:
        """A stage over all readings: `make` gives the pieces for the names of one of them."""
        self._keep_all([(own, make(self._names(i))) for i, own in enumerate(self.own)])

    # ------------------------------------------------------------------------------------------------------ the facts

    def _piece(self, fact: str) -> tuple[Piece, Any]:
        """The column of a fact as a piece, and whether its value is allowed (None: every value is)."""
        spec, column = self.world.facts[fact], self.table[self.columns[fact]]
        dtype = column.type()
        where = f"列 {self.columns[fact]}（{spec.label}）"
        match spec.type:
            case "boolean":
                if not dtype.is_boolean():
                    raise BatchError(f"{where}应是布尔列，现为 {dtype}")
                return Piece(column, "boolean", nullable=False), None
            case "integer" | "number" | "money":
                if dtype.is_integer():
                    piece = Piece(column.cast("int64"), "number", nullable=False)
                elif dtype.is_decimal() and spec.type != "integer":
                    scale = dtype.scale or 0
                    unit = ibis.literal(10**scale, "int64")
                    piece = Piece((column * unit).cast("int64"), "number", scale, nullable=False)
                else:
                    kind = "整数列" if spec.type == "integer" else "整数或十进制（decimal）列，不能是浮点列"
                    raise BatchError(f"{where}应是{kind}，现为 {dtype}")
                return piece, self._within(piece, fact, where)
            case "choice" | "text" | "place" | "unit" | "person":
                if not dtype.is_string():
                    raise BatchError(f"{where}应是文字列，现为 {dtype}")
                if spec.type == "choice":
                    valid = column.isin(list(spec.values))
                elif spec.format is not None:
                    raise BatchError(f"{where}的格式 {spec.format} 不能按列核对")
                else:
                    clean = _PLAIN if self.dialect == "postgres" else _CLEAN
                    valid = column.re_search(clean) & (column.length() <= MAX_TEXT)
                return Piece(column, "text", nullable=False), valid
            case "date":
                if not dtype.is_date():
                    raise BatchError(f"{where}应是日期列，现为 {dtype}")
                return Piece(column, "date", nullable=False), None
        raise BatchError(f"{where}的类型 {spec.type} 不能按列计算")

    def _within(self, piece: Piece, fact: str, where: str) -> Any:
        spec, low, valid = self.world.facts[fact], Lowering({}, where), None
        for bound, op in ((spec.min, ">="), (spec.max, "<=")):
            if bound is not None:
                valid = _both(valid, low.compare(op, piece, constant(bound, where), True))
        places = spec.scale if spec.scale is not None else 2 if spec.type == "money" else None
        if places is not None and piece.scale > places:
            whole = ibis.literal(10 ** (piece.scale - places), "int64")
            valid = _both(valid, piece.expr % whole == 0)
        return valid

    def _readings(self) -> Iterator[dict[str, Piece]]:
        """The settings as filled; each empty one at every value it may still take."""
        fixed: dict[str, Piece] = {}
        open_: dict[str, Sequence[Any]] = {}
        for name in sorted(_read(self.world, self.decision, "settings")):
            setting = self.world.settings[name]
            if setting.value is not None:
                fixed[name] = constant(setting.value, f"settings.{name}")
                continue
            choices = setting.values or setting.candidates or ((True, False) if setting.type == "boolean" else ())
            if not choices:
                raise BatchError(f"设置“{setting.label}”（{name}）还没有填写，由 {setting.owner} 填写后才能成批判定")
            open_[name] = choices
        size = 1
        for values in open_.values():
            size *= len(values)
        if size > MAX_READINGS:
            raise BatchError(f"有 {len(open_)} 项设置没有填写，组合过多：{'、'.join(open_)}")
        for values in itertools.product(*open_.values()):
            yield {**fixed, **{n: constant(v, n) for n, v in zip(open_, values, strict=True)}}

    # ------------------------------------------------------------------------------------------------------ the rules

    def _lower(self, name: str) -> None:
        """One decision: keeps `<decision>.<output>`, `<decision>/row` and `<decision>/settled`.

        Settled means that exactly one rule holds (the first, where they are ordered) and that it does not leave the
        matter to a person. Refused where a column cannot mean the same.
        """
        decision = self.world.decisions[name]
        if decision.for_each is not None:
            raise Refused("for_each（逐项判定）不能按列计算")
        if decision.hit not in ("unique", "first"):
            raise Refused(f"命中方式 {decision.hit} 的结果不止取自一条规则，不能按列计算")
        table, trees, texts = decision.table.table, decision.trees, dict(decision.table.table.lets)
        for let in decision.table.let_names:
            self._each(lambda names, let=let: {let: Lowering(names, texts[let]).value(trees.lets[let])})
        self._each(lambda names: {
            f"{name}/{j}": Lowering(names, c.expression).value(node)
            for j, (c, node) in enumerate(zip(table.inputs, trees.inputs, strict=True))
        })  # fmt: skip
        self._each(lambda names: self._rows(names, decision))
        self._each(lambda names: self._chosen(names, decision))
        self._each(lambda names: self._outcome(names, decision))

    def _rows(self, names: Mapping[str, Piece], decision: Decision) -> dict[str, Piece]:
        """Whether each rule holds."""
        table, trees = decision.table.table, decision.trees
        held: dict[str, Piece] = {}
        for i, (rule, cells) in enumerate(zip(table.rules, trees.cells, strict=True)):
            tests = [
                Lowering(names, str(text)).tests(names[f"{decision.id}/{j}"], cell)
                for j, (cell, text) in enumerate(zip(cells, rule.cells, strict=True))
                if cell is not None and cell.tests
            ]
            whole = ibis.literal(False) if rule.otherwise else every(tests)
            held[f"{decision.id}#{i}"] = Piece(whole, "boolean", nullable=False)
        return held

    def _chosen(self, names: Mapping[str, Piece], decision: Decision) -> dict[str, Piece]:
        """The rule that holds, from 1, and whether no other does where only one may."""
        name, fallback = decision.id, decision.trees.fallback
        rows = [names[f"{name}#{i}"].expr for i in range(len(decision.rows))]
        otherwise = ibis.null("int64") if fallback is None else ibis.literal(fallback + 1, "int64")
        number = ibis.cases(*((held, ibis.literal(i + 1, "int64")) for i, held in enumerate(rows)), else_=otherwise)
        made = {f"{name}/row": Piece(number, "number", nullable=fallback is None)}
        rows = [held for i, held in enumerate(rows) if i != fallback]
        if decision.hit == "unique" and len(rows) > 1:  # two rules at once: `decide` says which
            one = sum((held.cast("int32") for held in rows[1:]), rows[0].cast("int32")) <= 1
            made[f"{name}/one"] = Piece(one, "boolean", nullable=False)
        return made

    def _outcome(self, names: Mapping[str, Piece], decision: Decision) -> dict[str, Piece]:
        """The outputs, and whether they settle the matter: a person decides where all are null or one says so."""
        name, trees, table = decision.id, decision.trees, decision.table.table
        number = names[f"{name}/row"]
        settled: Any = number.expr.notnull() if number.nullable else None
        if f"{name}/one" in names:
            settled = _both(settled, names[f"{name}/one"].expr)
        made: dict[str, Piece] = {}
        for j, output in enumerate(decision.outputs):
            entries = []
            for i, row in enumerate(trees.entries):
                text = str(getattr(table.rules[i].outputs[j], "text", output.label))
                entries.append((number.expr == i + 1, Lowering(names, text).value(row[j])))
            made[f"{name}.{output.name}"] = Lowering(names, output.label).pick(entries)
        if all(isinstance(node, syntax.Literal) for row in trees.entries for node in row):
            asked = [i + 1 for i, row in enumerate(trees.entries) if _persons([_literal(node) for node in row])]
            if asked:
                settled = _both(settled, number.expr.notin(asked))
        else:
            nothing = [ibis.literal(True) if p.kind == "null" else p.expr.isnull() for p in made.values()]
            settled = _both(settled, ~every(nothing))
            for piece in made.values():
                if piece.kind == "text":
                    settled = _both(settled, ~piece.expr.identical_to(PERSON))
        whole = ibis.literal(True) if settled is None else settled
        made[f"{name}/settled"] = Piece(whole, "boolean", nullable=False)
        if len(decision.outputs) == 1:
            made[name] = made[f"{name}.{decision.outputs[0].name}"]
        return made

    def _by_rule(self, dtypes: Mapping[str, str]) -> dict[str, dict[int, Any]]:
        """The outputs whose entries are all literal texts or null: engines write these cheaper by the rule's number."""
        found: dict[str, dict[int, Any]] = {}
        for j, output in enumerate(self.spec.output_names):
            column = [row[j] for row in self.spec.trees.entries]
            if dtypes[output] == "string" and all(isinstance(node, syntax.Literal) for node in column):
                found[output] = {i + 1: _literal(node) for i, node in enumerate(column)}
        return found


def _literal(node: Any) -> Any:
    return node.value


def _persons(values: Sequence[Any]) -> bool:
    return PERSON in values or all(v is None for v in values)


def _both(a: Any, b: Any) -> Any:
    """`a and b`, leaving out what is always true."""
    if a is None or (isinstance(a.op(), ibis.expr.operations.Literal) and a.op().value is True):
        return b
    return a & b


def _dtype(piece: Piece) -> str:
    if piece.kind == "number":
        return "int64" if piece.scale == 0 else f"decimal(38, {piece.scale})"
    return {"text": "string", "boolean": "boolean", "date": "date", "null": "string"}[piece.kind]


def _shown(piece: Piece) -> Any:
    """The value as a reader has it: a scaled number as a decimal."""
    if piece.kind != "number" or piece.scale == 0:
        return piece.expr
    from decimal import Decimal

    unit = ibis.literal(Decimal(1).scaleb(-piece.scale), f"decimal({piece.scale + 1}, {piece.scale})")
    return (piece.expr * unit).cast(_dtype(piece))
