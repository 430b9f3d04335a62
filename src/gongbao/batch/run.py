"""One decision over a whole table: the settled rows as columns, the open ones one by one, the same answers as `decide`.

A row whose facts are all known and valid is decided in DuckDB by the lowered rules. Every other row (a fact unknown
or not allowed, a setting empty that matters to it, no rule or two that hold) goes through `decide`, so that its
candidates are those that one case would get. Each row of the result says which it was:

    status      settled | open (candidates) | needs_person | invalid (a value is not allowed)
    <output>    one column per output, null unless settled; named `<decision>_<output>` where the table has that column
    rule        the rule that held, counted from 1; null unless exactly one did
    candidates  JSON list of what is still possible, where open
    reason      what to ask for, or what is wrong, in Chinese
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa

from gongbao.batch.lower import Lowering, Piece, Refused, constant
from gongbao.dmn import OverlapError
from gongbao.engine.canonical import to_jsonable
from gongbao.engine.decision import PERSON, Outcome, decide
from gongbao.engine.fact import MAX_TEXT, FactErrors, read_facts
from gongbao.engine.world import World

CHUNK = 10_000  # open rows decided at a time
SHOWN = 5  # rows with a value that is not allowed that are told by number
MAX_READINGS = 16  # combinations of the values that empty settings may still take
MAGIC = b"PAR1"  # what a Parquet file begins and ends with
_ROW = "__gongbao_row"
# A text that is taken as it stands: not empty, no space at its ends, no control character (others go one by one).
_CLEAN = r"^[^\s\pZ\pC]([^\pC]*[^\s\pZ\pC])?$"


class BatchError(ValueError):
    """A table or a decision that cannot be run as columns; the message (Chinese) names the column or expression."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did. `outcomes`: rows per value of the first output; `status`: rows per status.

    invalid: the first rows with a value that is not allowed: row, column, value and what is allowed, in Chinese.
    """

    rows: int
    status: Mapping[str, int]
    outcomes: Mapping[str, int]
    one_by_one: int
    seconds: float
    invalid: tuple[str, ...] = ()

    @property
    def told(self) -> dict[str, int]:
        words = {"settled": "已定", "open": "未定", "needs_person": "需人工判定", "invalid": "数据有误"}
        return {words[k]: v for k, v in self.status.items()}

    def as_dict(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "status": dict(self.status),
            "outcomes": dict(self.outcomes),
            "one_by_one": self.one_by_one,
            "seconds": round(self.seconds, 3),
        }


# ----------------------------------------------------------------------------------------------------------- running


def run_parquet(world: World, decision: str, source: Path, target: Path, as_of: dt.datetime | None = None) -> Summary:
    """Decide every row of a Parquet file and write the result beside its columns. BatchError names what is wrong.

    The target is written beside its place and moved there when it is whole; after an error there is none.
    """
    source, target = Path(source), Path(target)
    _is_parquet(source)
    if target.resolve() == source.resolve():
        raise BatchError("输出文件不能是输入文件本身")
    if not target.parent.is_dir():
        raise BatchError(f"没有这个文件夹：{target.parent}")
    if target.is_dir():
        raise BatchError(f"{target} 是一个文件夹；--output 应是一个文件")
    started = time.monotonic()
    con = _connect()
    try:
        table = con.read_parquet(str(source), file_row_number=True).rename({_ROW: "file_row_number"})
        table.schema()
    except Exception as e:
        raise BatchError(f"{source.name} 不是可读的 Parquet 文件（可能已损坏）：{_first_line(e)}") from None
    plan = _Plan(world, decision, table)
    partial = target.with_name(f".{target.name}.partial")
    try:
        if table.count().to_pyarrow().as_py() == 0:
            raise BatchError(f"{source.name} 里一行也没有")
        result, one_by_one = plan.finish(con, as_of)
        con.to_parquet(result, str(partial))
        counts = _counts(con, con.read_parquet(str(partial)), plan.shown(plan.outputs[0]))
        partial.replace(target)
    except ibis.common.exceptions.IbisError as e:
        raise BatchError(f"计算失败：{_first_line(e)}") from None
    except _duckdb().IOException as e:
        raise BatchError(f"读不出 {source.name} 或写不出 {target}：{_first_line(e)}") from None
    except _duckdb().Error as e:
        raise BatchError(f"计算失败（数可能太大，或 {source.name} 已损坏）：{_first_line(e)}") from None
    except OSError as e:
        raise BatchError(f"写不出 {target}：{e.strerror}") from None
    finally:
        partial.unlink(missing_ok=True)
    return Summary(*counts, one_by_one, time.monotonic() - started, tuple(plan.invalid))


def _is_parquet(source: Path) -> None:
    """BatchError where the file is none, is empty, or does not begin and end as a Parquet file does."""
    if not source.is_file():
        raise BatchError(f"没有这个文件：{source}")
    try:
        with source.open("rb") as file:
            begins, size = file.read(4), file.seek(0, 2)
            file.seek(max(0, size - 4))
            ends = file.read(4)
    except OSError as e:
        raise BatchError(f"读不出 {source}：{e.strerror}") from None
    if size == 0:
        raise BatchError(f"{source.name} 是空的（0 字节）")
    if begins != MAGIC or size < 12:
        raise BatchError(f"{source.name} 不是 Parquet 文件（应以 PAR1 开头）")
    if ends != MAGIC:
        raise BatchError(f"{source.name} 不是完整的 Parquet 文件（应以 PAR1 结尾，可能没有传完）")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def run_arrow(world: World, decision: str, table: pa.Table, as_of: dt.datetime | None = None) -> pa.Table:
    """The same over an Arrow table in memory; the rows keep their order."""
    con = _connect()
    numbered = table.append_column(_ROW, pa.array(range(table.num_rows), pa.int64()))
    plan = _Plan(world, decision, con.create_table("input", numbered))
    try:
        result, _ = plan.finish(con, as_of)
        return result.to_pyarrow()
    except _duckdb().Error as e:
        raise BatchError(f"计算失败（数可能太大）：{_first_line(e)}") from None


def _connect() -> Any:
    con = ibis.duckdb.connect()
    con.raw_sql("SET enable_progress_bar = false")
    return con


def _duckdb() -> Any:
    import duckdb

    return duckdb


def _counts(con: Any, table: Any, output: str) -> tuple[int, dict[str, int], dict[str, int]]:
    by_status = table.group_by("status").agg(n=table.count()).to_pyarrow().to_pylist()
    by_value = table.filter(table.status == "settled").group_by(output).agg(n=ibis._.count()).to_pyarrow().to_pylist()
    status = {r["status"]: r["n"] for r in by_status}
    order = ("settled", "open", "needs_person", "invalid")
    outcomes = {str(r[output]): r["n"] for r in sorted(by_value, key=lambda r: (-r["n"], str(r[output])))}
    return sum(status.values()), {k: status[k] for k in order if k in status}, outcomes


# ---------------------------------------------------------------------------------------------------------- the plan


class _Plan:
    """One decision lowered over one table: `settled` rows are decided by columns, the rest are for `decide`."""

    def __init__(self, world: World, decision: str, table: Any) -> None:
        spec = world.decisions.get(decision)
        if spec is None:
            raise BatchError(f"没有“{decision}”这个判定；有：{'、'.join(world.decisions)}")
        if not spec.columns:
            able = "、".join(n for n, d in world.decisions.items() if d.columns) or "无"
            raise BatchError(f"判定“{spec.label}”没有写 columns: true，不能成批；可成批的：{able}")
        self.world, self.decision, self.spec = world, decision, spec
        self.outputs = tuple(o.name for o in spec.outputs)
        self.table = table
        self.invalid: list[str] = []  # the first of the rows with a value that is not allowed
        self.given = [c for c in table.columns if c != _ROW]
        self.columns = self._columns()
        clash = {self.shown(o) for o in self.outputs} | {"rule", "status", "candidates", "reason"}
        if taken := sorted(clash & set(self.given)):
            raise BatchError(f"输入表已有列 {'、'.join(taken)}，与输出的列同名")

    def shown(self, output: str) -> str:
        """The column of an output: its own name, or `<decision>_<output>` where the table has such a column."""
        return output if output not in self.given else f"{self.decision}_{output}"

    # -------------------------------------------------------------------------------------------------- the columns

    def _columns(self) -> dict[str, str]:
        """Fact -> column of the table, for every fact that the decision or one it requires reads."""
        facts = sorted(self._read("facts"))
        found: dict[str, str] = {}
        missing: list[str] = []
        for fact in facts:
            spec = self.world.facts[fact]
            names = [c for c in (fact, spec.label) if c in self.given]
            if len(names) == 2 and names[0] != names[1]:
                raise BatchError(f"表里同时有列 {names[0]} 和 {names[1]}，说的是同一项事实")
            if names:
                found[fact] = names[0]
            else:
                missing.append(f"{fact}（{spec.label}）")
        if missing:
            raise BatchError(f"表里缺少列：{'、'.join(missing)}")
        return found

    def _decisions(self) -> list[str]:
        """The decisions needed, each after those that it requires."""
        order: list[str] = []

        def visit(name: str) -> None:
            for required in self.world.decisions[name].requires:
                visit(required)
            if name not in order:
                order.append(name)

        visit(self.decision)
        return order

    def _read(self, what: str) -> set[str]:
        found: set[str] = set()
        for name in self._decisions():
            for path in self.world.decisions[name].names:
                head, _, rest = path.partition(".")
                if what == "facts" and head in self.world.facts:
                    found.add(head)
                elif what == "settings" and head == "settings":
                    found.add(rest)
                elif head in ("decided", "case", "actor", "as_of"):
                    raise BatchError(f"判定“{self.spec.label}”读 {path}，它属于某一件办件，不能成批")
        return found

    def _piece(self, fact: str) -> tuple[Piece, Any]:
        """The column of a fact as a piece, and whether its value is allowed."""
        spec, column = self.world.facts[fact], self.table[self.columns[fact]]
        dtype = column.type()
        where = f"列 {self.columns[fact]}（{spec.label}）"
        valid = ibis.literal(True)
        match spec.type:
            case "boolean":
                if not dtype.is_boolean():
                    raise BatchError(f"{where}应是布尔列，现为 {dtype}")
                return Piece(column, "boolean"), valid
            case "integer" | "number" | "money":
                if dtype.is_integer():
                    piece = Piece(column.cast("int64"), "number")
                elif dtype.is_decimal() and spec.type != "integer":
                    scale = dtype.scale or 0
                    piece = Piece((column * ibis.literal(10**scale, "int64")).cast("int64"), "number", scale)
                else:
                    kind = "整数列" if spec.type == "integer" else "整数或十进制（decimal）列，不能是浮点列"
                    raise BatchError(f"{where}应是{kind}，现为 {dtype}")
                low = Lowering({}, where)
                for bound, op in ((spec.min, ">="), (spec.max, "<=")):
                    if bound is not None:
                        valid = valid & low.compare(op, piece, constant(bound, where), True)
                if spec.scale is not None and piece.scale > spec.scale:
                    whole = ibis.literal(10 ** (piece.scale - spec.scale), "int64")
                    valid = valid & (piece.expr % whole == 0)
                return piece, valid
            case "choice" | "text" | "place" | "unit" | "person":
                if not dtype.is_string():
                    raise BatchError(f"{where}应是文字列，现为 {dtype}")
                if spec.type == "choice":
                    valid = column.isin(list(spec.values))
                elif spec.format is not None:
                    raise BatchError(f"{where}的格式 {spec.format} 不能按列核对")
                else:
                    valid = column.re_search(_CLEAN) & (column.length() <= MAX_TEXT)
                return Piece(column, "text"), valid
            case "date":
                if not dtype.is_date():
                    raise BatchError(f"{where}应是日期列，现为 {dtype}")
                return Piece(column, "date"), valid
        raise BatchError(f"{where}的类型 {spec.type} 不能按列计算")

    # ------------------------------------------------------------------------------------------------- the lowering

    def finish(self, con: Any, as_of: dt.datetime | None) -> tuple[Any, int]:
        """The result as an expression, and how many rows were decided one by one."""
        fused = ibis.options.sql.fuse_selects
        ibis.options.sql.fuse_selects = False  # what a stage computed must not be written out again in the next
        try:
            decided = con.create_table("decided", self._decided(con), temp=True, overwrite=True)
        finally:
            ibis.options.sql.fuse_selects = fused
        inputs = [decided[_ROW], *(decided[c] for c in dict.fromkeys(self.columns.values()))]
        rest = decided.filter(~decided["__settled"]).select(*inputs)
        made = list(self._one_by_one(rest, as_of))
        rest_table = con.create_table("one_by_one", pa.concat_tables(made), overwrite=True)
        count = sum(t.num_rows for t in made)
        joined = decided.left_join(rest_table, decided[_ROW] == rest_table["__row"])
        chosen: dict[str, Any] = {c: joined[c] for c in self.given}
        for output in self.outputs:
            chosen[self.shown(output)] = ibis.coalesce(joined[f"__out_{output}"], joined[f"__rest_{output}"])
        chosen["rule"] = ibis.coalesce(joined["__rule"], joined["__rest_rule"])
        chosen["status"] = ibis.coalesce(joined["__rest_status"], ibis.literal("settled"))
        chosen["candidates"] = joined["__rest_candidates"]
        chosen["reason"] = joined["__rest_reason"]
        return joined.order_by(joined[_ROW]).select(**chosen), count

    def _decided(self, con: Any) -> Any:
        """The table with `__settled`, `__rule` and `__out_<output>`; the last two are null where not settled."""
        names: dict[str, Piece] = {}
        complete: Any = ibis.literal(True)
        for fact in self.columns:
            piece, valid = self._piece(fact)
            names[fact] = piece
            complete = complete & self.table[self.columns[fact]].notnull() & valid.fill_null(False)
        stage = _Stage(self.table)
        stage.keep({**names, "__complete": Piece(complete, "boolean")})
        for name, value in self.world.params.items():
            with suppress(Refused):  # an expression that reads it is refused by name
                stage.constants[f"params.{name}"] = constant(value, f"params.{name}")
        first: dict[str, Piece] = {}
        settled, rule = "__complete", ""
        for number, reading in enumerate(self._readings()):
            if number:
                stage.settle(con, f"reading{number}", [*names, *(f"__r0.{o}" for o in self.outputs), settled, rule])
            stage.constants.update({f"settings.{n}": p for n, p in reading.items()})
            mark = f"__r{number}"
            held, one = self._lowered(stage, mark)
            seen = stage.names()
            both = seen[settled].expr & seen[held].expr
            outputs = {o: seen[f"{self.decision}.{o}"] for o in self.outputs}
            kept = {f"{mark}.{o}": p for o, p in outputs.items()}
            if number:
                low = Lowering({})
                for output in self.outputs:
                    both = both & low.compare("=", seen[f"__r0.{output}"], outputs[output], True)
                again = seen[rule].expr
                kept[f"{mark}.rule"] = Piece(
                    ibis.cases((again.identical_to(seen[one].expr), again), else_=ibis.null("int64")), "number"
                )
            else:
                kept[f"{mark}.rule"] = seen[one]
            stage.keep({**kept, f"{mark}.settled": Piece(both, "boolean")})
            settled, rule = f"{mark}.settled", f"{mark}.rule"
        seen = stage.names()
        first = {o: seen[f"__r0.{o}"] for o in self.outputs}
        self.dtypes = {o: self._dtype(p) for o, p in first.items()}
        done = seen[settled].expr
        return stage.table.select(
            *[stage.table[c] for c in (*self.given, _ROW)],
            __settled=done,
            __rule=ibis.cases((done, seen[rule].expr), else_=ibis.null("int64")),
            **{
                f"__out_{o}": ibis.cases((done, self._shown(p)), else_=ibis.null(self.dtypes[o]))
                for o, p in first.items()
            },
        )

    def _readings(self) -> Iterator[dict[str, Piece]]:
        """The settings as filled; each empty one at every value it may still take."""
        fixed: dict[str, Piece] = {}
        open_: dict[str, Sequence[Any]] = {}
        for name in sorted(self._read("settings")):
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

    def _lowered(self, stage: _Stage, mark: str) -> tuple[str, str]:
        """All decisions needed, each on top of those it requires: the names of what is settled, and of the rule."""
        settled: list[str] = []
        for name in self._decisions():
            try:
                _lower(self.world, name, stage, mark)
            except Refused as e:
                raise BatchError(f"判定“{self.world.decisions[name].label}”不能按列计算：{e}") from None
            settled.append(f"{mark}.{name}.settled")
        seen = stage.names()
        held: Any = ibis.literal(True)
        for one in settled:
            held = held & seen[one].expr
        stage.keep({f"{mark}.held": Piece(held, "boolean")})
        return f"{mark}.held", f"{mark}.{self.decision}.rule"

    @staticmethod
    def _dtype(piece: Piece) -> str:
        if piece.kind == "number":
            return "int64" if piece.scale == 0 else f"decimal(38, {piece.scale})"
        return {"text": "string", "boolean": "boolean", "date": "date", "null": "string"}[piece.kind]

    @classmethod
    def _shown(cls, piece: Piece) -> Any:
        if piece.kind != "number" or piece.scale == 0:
            return piece.expr
        unit = ibis.literal(Decimal(1).scaleb(-piece.scale), f"decimal({piece.scale + 1}, {piece.scale})")
        return (piece.expr * unit).cast(cls._dtype(piece))

    # ------------------------------------------------------------------------------------------------- the other rows

    def _one_by_one(self, rest: Any, as_of: dt.datetime | None) -> Iterator[pa.Table]:
        schema = self._rest_schema()
        yield schema.empty_table()
        for chunk in rest.to_pyarrow_batches(chunk_size=CHUNK):
            rows = [self._decide(r, as_of) for r in chunk.to_pylist()]
            if rows:
                yield pa.Table.from_pylist(rows, schema=schema)

    def _rest_schema(self) -> pa.Schema:
        fields = [("__row", pa.int64())]
        for output, dtype in self.dtypes.items():
            scale = dtype.partition(", ")[2].rstrip(")")
            fields.append((f"__rest_{output}", pa.decimal128(38, int(scale)) if scale else _ARROW[dtype]))
        fields += [("__rest_rule", pa.int64())]
        fields += [(f"__rest_{n}", pa.string()) for n in ("status", "candidates", "reason")]
        return pa.schema(fields)

    def _decide(self, row: Mapping[str, Any], as_of: dt.datetime | None) -> dict[str, Any]:
        made: dict[str, Any] = {"__row": row[_ROW]}
        given = {fact: row[column] for fact, column in self.columns.items() if row[column] is not None}
        try:
            facts = read_facts(self.world.facts, given)
        except FactErrors as e:
            if len(self.invalid) < SHOWN:
                wrong = (f"列 {self.columns.get(i.path, i.path)}：{i.message}" for i in e.items)
                self.invalid.append(f"第 {row[_ROW] + 1} 行，{'；'.join(wrong)}")
            return {**made, "__rest_status": "invalid", "__rest_reason": str(e)}
        try:
            outcome = decide(self.world, self.decision, facts, as_of=as_of)
        except OverlapError as e:
            return {**made, "__rest_status": "needs_person", "__rest_reason": str(e)}
        if outcome.settled and not outcome.needs_person and outcome.value is not None:
            made.update({f"__rest_{o}": v for o, v in outcome.value.items()})
            if len(outcome.rows) == 1 and not self.spec.formula:
                made["__rest_rule"] = outcome.rows[0] + 1
            return {**made, "__rest_status": "settled"}
        if outcome.candidates:
            made["__rest_candidates"] = json.dumps(to_jsonable(list(outcome.candidates)), ensure_ascii=False)
        made["__rest_status"] = "needs_person" if outcome.needs_person else "open"
        made["__rest_reason"] = self._why(outcome)
        return made

    def _why(self, outcome: Outcome) -> str:
        labels = [self.world.labels.get(name, name) for name in outcome.ask]
        return "；".join([*([f"须先知：{'、'.join(labels)}"] if labels else []), *filter(None, [outcome.reason])])


_ARROW = {"int64": pa.int64(), "string": pa.string(), "boolean": pa.bool_(), "date": pa.date32()}


class _Stage:
    """A table that grows by computed columns, so that each value is computed once however often it is read."""

    def __init__(self, table: Any) -> None:
        self.table = table
        self.constants: dict[str, Piece] = {}
        self._made = 0
        self._kept: dict[str, tuple[str, Piece]] = {}  # name -> its column, and the kind and scale of the piece

    def names(self) -> dict[str, Piece]:
        """Every name as a piece of the table as it is now."""
        kept = {n: p if not c else Piece(self.table[c], p.kind, p.scale) for n, (c, p) in self._kept.items()}
        return {**self.constants, **kept}

    def settle(self, con: Any, name: str, wanted: Sequence[str]) -> None:
        """Compute what there is now, and go on with these names only: many readings would nest too deep."""
        self._kept = {n: self._kept[n] for n in wanted}
        columns = [c for c in self.table.columns if not c.startswith("__c")]
        columns += dict.fromkeys(c for c, _ in self._kept.values() if c)
        self.table = con.create_table(name, self.table.select(*columns), temp=True, overwrite=True)

    def keep(self, pieces: Mapping[str, Piece]) -> None:
        columns: dict[str, Any] = {}
        for name, piece in pieces.items():
            if piece.kind == "null":
                self._kept[name] = ("", piece)
                continue
            self._made += 1
            column = f"__c{self._made}"
            columns[column] = piece.expr
            self._kept[name] = (column, piece)
        if columns:
            self.table = self.table.mutate(**columns)


def _lower(world: World, name: str, stage: _Stage, mark: str) -> None:
    """One decision: keeps `<decision>.<output>`, and under `<mark>.<decision>` whether it is settled and by which rule.

    Settled means that exactly one rule holds (the first, where they are ordered) and that it does not leave the
    matter to a person.
    """
    decision = world.decisions[name]
    if decision.for_each is not None:
        raise Refused("for_each（逐项判定）不能按列计算")
    if decision.collects:
        raise Refused("collect 的结果不止一个，不能按列计算")
    table, trees, texts = decision.table.table, decision.trees, dict(decision.table.table.lets)
    for let in decision.table.let_names:
        stage.keep({let: Lowering(stage.names(), texts[let]).value(trees.lets[let])})
    names = stage.names()
    subjects = [Lowering(names, c.expression).value(n) for c, n in zip(table.inputs, trees.inputs, strict=True)]
    stage.keep({f"{mark}.{name}.in{j}": subject for j, subject in enumerate(subjects)})
    names = stage.names()
    held: dict[str, Piece] = {}
    for i, (rule, cells) in enumerate(zip(table.rules, trees.cells, strict=True)):
        whole: Any = ibis.literal(not rule.otherwise)
        for j, (cell, text) in enumerate(zip(cells, rule.cells, strict=True)):
            if cell is not None:
                whole = whole & Lowering(names, str(text)).tests(names[f"{mark}.{name}.in{j}"], cell)
        held[f"{mark}.{name}.{i}"] = Piece(whole, "boolean")
    stage.keep(held)
    names = stage.names()
    rows = [names[each].expr for each in held]
    number = ibis.cases(*((h, i + 1) for i, h in enumerate(rows)), else_=_fallback(trees.fallback)).cast("int64")
    one: Any = ibis.literal(True)
    if decision.hit == "unique" and len(rows) > 1:  # two rules at once: `decide` says which
        one = sum((h.cast("int64") for h in rows[1:]), rows[0].cast("int64")) <= 1
    stage.keep({f"{mark}.{name}.row": Piece(number, "number"), f"{mark}.{name}.one": Piece(one, "boolean")})
    names = stage.names()
    number = names[f"{mark}.{name}.row"].expr
    outputs: dict[str, Piece] = {}
    for j, output in enumerate(decision.outputs):
        entries = []
        for i, row in enumerate(trees.entries):
            text = str(getattr(table.rules[i].outputs[j], "text", output.label))
            entries.append((number == i + 1, Lowering(names, text).value(row[j])))
        outputs[f"{name}.{output.name}"] = Lowering(names, output.label).pick(entries)
    stage.keep(outputs)
    names = stage.names()
    settled = names[f"{mark}.{name}.row"].expr.notnull() & names[f"{mark}.{name}.one"].expr
    # A person decides where every output is null or one says so itself; `decide` gives the reason.
    everything: Any = ibis.literal(True)
    for each in outputs:
        piece = names[each]
        everything = everything & (ibis.literal(True) if piece.kind == "null" else piece.expr.isnull())
        if piece.kind == "text":
            settled = settled & ~piece.expr.identical_to(PERSON)
    kept = Piece(ibis.null("int64") if decision.formula else names[f"{mark}.{name}.row"].expr, "number")
    stage.keep({f"{mark}.{name}.settled": Piece(settled & ~everything, "boolean"), f"{mark}.{name}.rule": kept})
    if len(outputs) == 1:
        stage.keep({name: stage.names()[next(iter(outputs))]})


def _fallback(row: int | None) -> Any:
    return ibis.null("int64") if row is None else ibis.literal(row + 1, "int64")
