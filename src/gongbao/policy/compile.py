"""From a pack's files to what the engine runs: every expression compiled once, every mistake told with its place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from graphlib import CycleError, TopologicalSorter
from typing import Any

from gongbao.dmn import TableError
from gongbao.engine import model
from gongbao.engine.decision.logic import Decision, compile_decision
from gongbao.engine.fact import Fact, FactErrors, compile_facts, read_facts
from gongbao.engine.functions import FUNCTIONS
from gongbao.engine.indicator import Indicator
from gongbao.engine.indicator_forms import decisions_of, facts_of
from gongbao.engine.register import Register, RegisterError, from_table
from gongbao.engine.time.calendar import default_calendar
from gongbao.engine.time.counting import parse_limit
from gongbao.engine.units import Units
from gongbao.engine.world import Setting, World
from gongbao.feel import compile_expression
from gongbao.feel.errors import FeelError
from gongbao.policy import schema
from gongbao.policy.errors import PackError, Problem
from gongbao.policy.expressions import compile_written, scope_names, written
from gongbao.policy.indicators import built
from gongbao.policy.names import no_such
from gongbao.policy.scoresheets import sheets_of
from gongbao.policy.source import Source
from gongbao.policy.times import fixed_day

Key = tuple[str | int, ...]
Path = tuple[str | int, ...]


def compile_pack(source: Source, version: str = "") -> World:
    """The pack's World. PackError with every problem of every expression, limit, reference to a register or unit."""
    return _Compiler(source).world(version)


class _Compiler:
    """One compilation: where a file and key are known, so that each complaint can name them."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.pack = source.pack
        self.problems: list[Problem] = []
        self.names = scope_names(source.pack)

    def complain(self, file: str, path: Path, message: str, code: str = "compile") -> None:
        self.problems.append(self.source.problem(file, path, message, code=code))

    def world(self, version: str) -> World:
        units = self.units()
        facts = self.facts()
        decisions = self.decisions()
        indicators = self.indicators()
        measured = compile_facts({k: v for each in indicators.values() for k, v in facts_of(each).items()})
        judging = self.judging(indicators, measured)
        procedures = {name: self.procedure(name, spec) for name, spec in self.pack.procedures.items()}
        registers = self.registers()
        duties = tuple(self.duty(i, spec) for i, spec in enumerate(self.pack.duties))
        if self.problems:
            raise PackError(self.problems)
        procedures = {
            name: _with_duties(p, tuple(d for d in duties if d.procedure == name)) for name, p in procedures.items()
        }
        document = self.pack.document.model_dump(mode="python", by_alias=True)
        return World(
            pack=self.pack.id,
            version=version,
            document=document,
            facts={**facts, **measured},
            params={name: p.value for name, p in self.pack.params.items()},
            settings={name: _setting(name, s) for name, s in self.pack.settings.items()},
            decisions={**decisions, **judging},
            procedures=procedures,
            duties=duties,
            registers=registers,
            units=units,
            calendar=default_calendar(),
            certified_by=self.pack.document.review.certified_by,
            labels={
                **labels(self.pack),
                **{fact.id: fact.label for fact in measured.values()},
                **{decision.id: decision.label for decision in judging.values()},
            },
            label=self.source.folder.resolve().name.partition("@")[2],
            indicators=indicators,
            scoresheets=sheets_of(self.pack),
        )

    # ------------------------------------------------------------------------------------------- facts, decisions

    def facts(self) -> dict[str, Fact]:
        return compile_facts(self.pack.facts)

    def decisions(self) -> dict[str, Decision]:
        """Each decision whose expressions all compile; every one that does not is told, not only the first."""
        wrong: set[str] = set()
        for one in written(self.pack):
            if one.decision is None:
                continue
            try:
                compile_written(self.pack, one)
            except FeelError as e:
                wrong.add(one.decision)
                self.complain(one.file, one.path, f"{'格子' if one.kind == 'cell' else '表达式'}有误：{e}")
        made: dict[str, Decision] = {}
        for name, spec in self.pack.decisions.items():
            if name not in wrong and (decision := self.decision(name, spec)) is not None:
                made[name] = decision
        self.loops()
        return made

    def decision(self, name: str, spec: schema.DecisionSpec) -> Decision | None:
        keys = {"when", "then", "otherwise", "cite", "note", "implied"}
        try:
            return compile_decision(
                name,
                label=spec.label,
                cite=spec.cite,
                output=spec.output,
                hit=spec.hit,
                let=spec.let,
                assume=spec.assume,
                requires=spec.requires,
                rules=[r.model_dump(include=keys, exclude_unset=True) for r in spec.rules],
                value=spec.value,
                for_each=spec.for_each,
                take=spec.take,
                columns=spec.columns,
                asks=spec.asks,
                names=self.names,
            )
        except TableError as e:
            self.complain("decisions.yaml", _where(name, spec, e), e.reason)
        except FeelError as e:
            self.complain("decisions.yaml", (name,), str(e))
        return None

    def loops(self) -> None:
        """A decision cannot require itself, through whatever others."""
        graph = {n: [r for r in s.requires if r in self.pack.decisions] for n, s in self.pack.decisions.items()}
        try:
            tuple(TopologicalSorter(graph).static_order())
        except CycleError as e:
            ring = " → ".join(reversed(e.args[1]))
            self.complain("decisions.yaml", (e.args[1][0], "requires"), f"判定互相依赖：{ring}")

    # ------------------------------------------------------------------------------------------- the small pieces

    def expression(self, file: str, path: Path, text: str | None, extra: Iterable[str] = ()) -> Any:
        """The compiled expression; None where there is none or it is wrong (then the problem is noted)."""
        if text is None:
            return None
        try:
            return compile_expression(text, (*self.names, *extra), FUNCTIONS)
        except FeelError as e:
            self.complain(file, path, f"表达式有误：{e}")
            return None

    def limit(self, file: str, path: Path, value: str | schema.SettingRef | None) -> Any:
        if value is None:
            return None
        if isinstance(value, schema.SettingRef):
            if value.setting not in self.pack.settings:
                self.complain(file, path, no_such(value.setting, "设置", self.pack.settings), "name")
            elif self.pack.settings[value.setting].each:
                self.complain(file, path, f"设置“{value.setting}”由每个单位各自填写，时限不知道取谁的值")
            return model.SettingRef(value.setting)
        try:
            return parse_limit(value)
        except ValueError as e:
            self.complain(file, path, str(e))
            return None

    def who(self, file: str, path: Path, spec: schema.Who) -> model.Who:
        kind = next(k for k in _WHO if getattr(spec, k) is not None)
        place = None
        if kind == "relative":
            place = self.expression(file, (*path, "place"), spec.place)
        return model.Who(kind, getattr(spec, kind), spec.level, place)

    def whos(self, file: str, path: Path, specs: tuple[schema.Who, ...]) -> tuple[model.Who, ...]:
        many = len(specs) > 1
        return tuple(self.who(file, (*path, i) if many else path, s) for i, s in enumerate(specs))

    def moment(self, file: str, path: Path, ref: schema.EventRef | None) -> model.Moment | None:
        if ref is None:
            return None
        to = self.whos(file, (*path, "to"), ref.to)
        for kind in _MOMENTS:
            if (name := getattr(ref, kind)) is not None:
                return model.Moment(kind, name, ref.pick, ref.where, to)
        raise AssertionError("schema.EventRef has exactly one of its kinds")

    def deadline(self, file: str, path: Path, spec: schema.DeadlineSpec, step: str | None = None) -> model.Deadline:
        extend = spec.extend
        extension = None
        if extend is not None:
            at = (*path, "extend")
            extension = model.Extension(
                self.limit(file, (*at, "max"), extend.max),
                extend.times,
                self.who(file, (*at, "by"), extend.by) if extend.by else None,
                extend.event,
                self.expression(file, (*at, "requires"), extend.requires),
            )
        at_least: Any = spec.at_least
        if isinstance(at_least, schema.SettingRef):
            at_least = self.limit(file, (*path, "at_least"), at_least)
        return model.Deadline(
            id=spec.id,
            label=spec.label,
            cite=spec.cite,
            kind=spec.kind,
            limit=self.limit(file, (*path, "limit"), spec.limit),
            on_or_before=self.day(file, (*path, "on_or_before"), spec.on_or_before),
            while_=self.expression(file, (*path, "while"), spec.while_),
            from_=self.moment(file, (*path, "from"), spec.from_),
            before=self.moment(file, (*path, "before"), spec.before),
            met_by=self.moment(file, (*path, "met_by"), spec.met_by),
            pause=tuple((p.opens, p.closes) for p in spec.pause),
            extend=extension,
            then=spec.then,
            closes=spec.closes,
            every=self.limit(file, (*path, "every"), spec.every),
            at=spec.at,
            at_least=at_least,
            per=spec.per,
            until=self.moment(file, (*path, "until"), spec.until),
            owner=self.whos(file, (*path, "owner"), spec.owner),
            roll=spec.roll,
            by_time=dt.time.fromisoformat(spec.by_time) if spec.by_time else None,
            step=step,
        )

    def day(self, file: str, path: Path, value: dt.date | str | None) -> Any:
        """A day as it stands, or an expression that gives one."""
        day = fixed_day(value)
        return day if day is not None or value is None else self.expression(file, path, str(value))

    # ------------------------------------------------------------------------------------------- procedures, duties

    def procedure(self, name: str, spec: schema.ProcedureSpec) -> model.Procedure:
        file = "procedures.yaml"
        self.refuse_reserved(name, spec)
        steps = {s: self.step(file, (name, "steps", s), s, step) for s, step in spec.steps.items()}
        return model.Procedure(
            id=name,
            label=spec.label,
            case_word=spec.case or self.pack.document.work.case,
            cite=spec.cite,
            form=form(spec.form),
            start=spec.start or tuple(spec.steps)[:1],
            steps=steps,
            anytime={a: self.action(file, (name, "anytime", a), a, act) for a, act in spec.anytime.items()},
            deadlines=tuple(
                self.deadline(file, (name, "deadlines", i), d) for i, d in enumerate(spec.deadlines)
            ),
            decide={
                d: model.Decide(one.proposed_by, self.whos(file, (name, "decide", d, "decided_by"), one.decided_by),
                                one.cite)
                for d, one in spec.decide.items()
            },
            open_by=self.whos(file, (name, "open_by"), spec.open_by),
            number=spec.number,
            title=self.expression(file, (name, "title"), spec.title),
            signals=tuple(model.Signal(s.words, s.said, s.cite) for s in spec.signals),
        )  # fmt: skip

    def refuse_reserved(self, name: str, spec: schema.ProcedureSpec) -> None:
        """Names that PACK.md reserves and this version does not run are said, not passed over in silence."""
        if spec.bodies:
            self.complain("procedures.yaml", (name, "bodies"), "bodies 在本版还不能运行", "reserved")
        for decision, one in spec.decide.items():
            if one.may_raise is not None:
                path = (name, "decide", decision, "may_raise")
                self.complain("procedures.yaml", path, "may_raise 在本版还不能运行", "reserved")
        if any(not isinstance(o, str) for o in spec.opened_by):
            self.complain("procedures.yaml", (name, "opened_by"), "watch 在本版还不能运行", "reserved")

    def step(self, file: str, path: Path, name: str, spec: schema.StepSpec) -> model.Step:
        each = None
        bound: tuple[str, ...] = ()
        if spec.each:
            if len(spec.each) > 1:
                self.complain(file, (*path, "each"), "each 只能有一个变量")
            variable, text = next(iter(spec.each.items()))
            bound = (variable,)
            each = (variable, self.expression(file, (*path, "each", variable), text))
        return model.Step(
            id=name,
            label=spec.label,
            by=self.whos(file, (*path, "by"), spec.by),
            cite=spec.cite,
            when=self.expression(file, (*path, "when"), spec.when),
            each=each,
            actions={
                a: self.action(file, (*path, "actions", a), a, act, bound) for a, act in spec.actions.items()
            },
            deadlines=tuple(
                self.deadline(file, (*path, "deadlines", i), d, name) for i, d in enumerate(spec.deadlines)
            ),
        )  # fmt: skip

    def action(
        self, file: str, path: Path, name: str, spec: schema.ActionSpec, bound: tuple[str, ...] = ()
    ) -> model.Action:
        return model.Action(
            id=name,
            label=spec.label,
            by=self.whos(file, (*path, "by"), spec.by),
            form=form(spec.form),
            sets=self.sets(file, path, spec),
            computes={
                fact: made
                for fact, text in spec.computed.items()
                if (made := self.expression(file, (*path, "sets", fact), text, bound)) is not None
            },
            requires=self.expression(file, (*path, "requires"), spec.requires, bound),
            why=spec.why,
            to=spec.to,
            stay=spec.stay,
            join=spec.join,
            event=spec.event or name,
            decides=spec.decides,
            opens=_opens(spec.opens),
            document=spec.document,
            on_behalf=spec.on_behalf,
            cite=spec.cite,
        )

    def sets(self, file: str, path: Path, spec: schema.ActionSpec) -> dict[str, model.Value]:
        """The facts that an act itself says, as values; each must be a fact of the pack that its form does not ask."""
        asked = {entry.removesuffix("?") for entry in spec.form}
        for name in asked & set(spec.sets):
            self.complain(file, (*path, "sets", name), f"“{name}”由动作自己写定，不能又在 form 里填写")
        try:
            for name in spec.computed.keys() - self.pack.facts.keys():
                self.complain(file, (*path, "sets", name), no_such(name, "事实", self.pack.facts), "name")
            written = {name: value for name, value in spec.sets.items() if name not in spec.computed}
            return read_facts(self.facts(), written) if written else {}
        except FactErrors as errors:
            for item in errors.items:
                self.complain(file, (*path, "sets", item.path), item.message)
            return {}

    def duty(self, i: int, spec: schema.DutySpec) -> model.Duty:
        file = "duties.yaml"
        return model.Duty(
            id=spec.id,
            do=spec.do,
            cite=spec.cite,
            lead=self.whos(file, (i, "lead"), spec.lead),
            with_=self.whos(file, (i, "with"), spec.with_),
            while_=self.expression(file, (i, "while"), spec.while_),
            on=self.moment(file, (i, "on"), spec.on),
            procedure=spec.procedure,
            each=spec.each,
            kind=spec.kind,
            deadline=self.deadline(file, (i, "deadline"), spec.deadline) if spec.deadline else None,
            evidence=spec.evidence,
            exempt=spec.exempt,
            includes_lower=spec.includes_lower,
            on_lowering=spec.on_lowering,
            on_repeat=spec.on_repeat,
            done_by=self.moment(file, (i, "done_by"), spec.done_by),
        )

    # ------------------------------------------------------------------------------------------------- indicators

    def indicators(self) -> dict[str, Indicator]:
        """The indicators by their ids, in written order."""
        made: dict[str, Indicator] = {}
        for i, spec in enumerate(self.pack.indicators):
            at = partial(lambda i, specs, key: self.whos("indicators.yaml", (i, key), specs), i)
            if spec.id in made:
                self.complain("indicators.yaml", (i, "id"), f"指标编号“{spec.id}”重复", "duplicate")
            made[spec.id] = built(self.pack.id, spec, at)
        return made

    def judging(self, indicators: Mapping[str, Indicator], measured: Mapping[str, Fact]) -> dict[str, Decision]:
        """The decisions that the indicators become."""
        names = (*self.names, *measured)
        made: dict[str, Decision] = {}
        for i, indicator in enumerate(indicators.values()):
            for one in decisions_of(indicator):
                if taken := {one["id"], *measured} & {*self.pack.decisions, *self.pack.facts}:
                    message = f"由它得出的名字“{'、'.join(sorted(taken))}”已有别的含义"
                    self.complain("indicators.yaml", (i, "id"), message, "name")
                    continue
                try:
                    made[one["id"]] = compile_decision(**one, names=names)
                except (TableError, FeelError) as e:
                    self.complain("indicators.yaml", (i,), str(e))
        return made

    # ------------------------------------------------------------------------------------------- registers, units

    def registers(self) -> dict[str, Register]:
        made: dict[str, Register] = {}
        for name, spec in self.pack.registers.items():
            if spec.from_cases is not None:
                self.complain("registers.yaml", (name, "from_cases"), "from_cases 在本版还不能运行", "reserved")
                continue
            try:
                made[name] = from_table(name, spec.model_dump(), self.pack.rows.get(name, ()))
            except RegisterError as e:
                self.complain("registers.yaml", (name,), str(e))
        return made

    def units(self) -> Units:
        try:
            return Units(self.source.units.model_dump(by_alias=True))
        except ValueError as e:
            self.problems.append(Problem("units.yaml", None, "", str(e), code="unit"))
            return Units()


_WHO: tuple[Any, ...] = ("unit", "post", "role", "body", "party", "group", "fact", "decision", "relative")
_MOMENTS: tuple[Any, ...] = ("event", "fact", "decided")


def _where(name: str, spec: schema.DecisionSpec, error: TableError) -> Path:
    """The key that an error of a table is about."""
    column = error.column
    if spec.value:
        return (name, "value", column) if column in spec.value else (name, "let", column) if column else (name,)
    if error.rule is None or error.rule >= len(spec.rules):
        return (name, "let", column) if column in spec.let else (name, "rules")
    rule = spec.rules[error.rule]
    at: Path = (name, "rules", error.rule)
    if rule.when is not None and column in rule.when:
        return (*at, "when", column)
    return (*at, "then" if rule.when is not None else "otherwise") if column in spec.output else at


def form(names: Iterable[str]) -> tuple[tuple[str, bool], ...]:
    """`("place", "phone?")` as (fact, required) pairs."""
    return tuple((n.removesuffix("?"), not n.endswith("?")) for n in names)


def labels(pack: schema.Pack) -> dict[str, str]:
    """What people call each thing of the pack, by its id (`decision.output` for outputs)."""
    found = {f"params.{name}": spec.label for name, spec in pack.params.items() if spec.label}
    for named in (pack.facts, pack.settings, pack.decisions, pack.procedures, pack.registers, pack.documents):
        found.update({name: spec.label for name, spec in named.items()})
    for name, spec in pack.decisions.items():
        for output, one in spec.output.items():
            found[f"{name}.{output}"] = one.label or (spec.label if len(spec.output) == 1 else output)
    return found


def _setting(name: str, spec: schema.Setting) -> Setting:
    return Setting(
        name=name,
        label=spec.label,
        owner=spec.owner,
        type=spec.type,
        values=spec.values,
        candidates=spec.candidates,
        unit=spec.unit,
        min=spec.min,
        max=spec.max,
        why=spec.why,
        each=spec.each,
    )


def _with_duties(procedure: model.Procedure, duties: tuple[model.Duty, ...]) -> model.Procedure:
    return replace(procedure, duties=duties)


def _opens(spec: schema.Opens | None) -> model.Opens | None:
    if spec is None:
        return None
    return model.Opens(spec.procedure, spec.link, spec.pack, spec.carry, spec.site, dict(spec.answers))
