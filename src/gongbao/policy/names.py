"""Does every name that a pack uses mean something? Facts, parameters, decisions, steps, events, units, papers.

A name that means nothing is never silently null: it is a mistake of the pack, told with the nearest name there is.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import Any

from gongbao.engine import model
from gongbao.engine.units import UnitNotFound, Units
from gongbao.engine.world import Setting
from gongbao.feel import CompiledExpression, CompiledTests, syntax
from gongbao.feel.errors import FeelError
from gongbao.policy import schema
from gongbao.policy.errors import Problem
from gongbao.policy.expressions import EVENT_FUNCTIONS, Written, compile_written, written
from gongbao.policy.settings import read_setting
from gongbao.policy.source import Source

_FREE = {"case", "actor", "as_of"}  # what stands below them depends on the case, not on the pack
_ACTOR = ("unit", "post", "posts", "roles", "account")
_OWN_EVENTS = (model.OPENED, model.RECORDED, model.DECIDED, model.VOIDED, model.NOTE, *model.TASK_EVENTS)


def names(source: Source) -> Iterator[Problem]:
    """Every name that means nothing, and every literal that its fact or output cannot hold."""
    for one in written(source.pack):
        yield from _expression(source, one)
    yield from _settings(source)
    yield from _decisions(source)
    yield from _procedures(source)
    yield from _duties(source)
    yield from _units(source)


def events_of(spec: schema.ProcedureSpec) -> tuple[str, ...]:
    """The event types that a case of this procedure may hold."""
    found: dict[str, None] = dict.fromkeys(_OWN_EVENTS)
    deadlines = [*spec.deadlines, *(d for s in spec.steps.values() for d in s.deadlines)]
    for actions in (spec.anytime, *(s.actions for s in spec.steps.values())):
        for name, action in actions.items():
            found[action.event or name] = None
            found[name] = None
    for deadline in deadlines:
        if deadline.then:
            found[deadline.then] = None
        if deadline.extend:
            found[deadline.extend.event] = None
        for pause in deadline.pause:
            found.update(dict.fromkeys((pause.opens, pause.closes)))
    return tuple(found)


def compiled(source: Source, one: Written) -> CompiledExpression | CompiledTests | None:
    """The expression compiled with all the names of its place; None where it does not compile (compile tells why)."""
    try:
        return compile_written(source.pack, one)
    except FeelError:
        return None


# ------------------------------------------------------------------------------------------------------ expressions


def _expression(source: Source, one: Written) -> Iterator[Problem]:
    expression = compiled(source, one)
    if expression is None:
        return
    for name in expression.names:
        if one.file == "documents.yaml" and name.partition(".")[0] in _FREE:
            continue
        if (message := _unknown(source.pack, name, one)) is not None:
            yield source.problem(one.file, one.path, message, code="name")
    yield from _events_named(source, one, expression.node)
    yield from _literals(source, one, expression.node)


def _unknown(pack: schema.Pack, dotted: str, one: Written) -> str | None:
    head, *rest = dotted.split(".")
    if head in one.extra or head in _FREE:
        if head == "actor" and rest and rest[0] not in _ACTOR:
            return f"actor 没有“{rest[0]}”；可用：{'、'.join(_ACTOR)}"
        return None
    decision = pack.decisions.get(one.decision) if one.decision else None
    if decision is not None and head in decision.let:
        return None
    if head in ("params", "settings"):
        there = pack.params if head == "params" else pack.settings
        if not rest:
            return f"{head} 后面要写名字，如 {head}.x"
        return None if rest[0] in there else no_such(f"{head}.{rest[0]}", "参数" if head == "params" else "设置", there)
    if head == "decided":
        if not rest:
            return None
        made = pack.decisions.get(rest[0])
        if made is None:
            return no_such(f"decided.{rest[0]}", "判定", pack.decisions)
        if len(rest) > 1 and len(made.output) > 1 and rest[1] not in made.output:
            return no_such(f"decided.{rest[0]}.{rest[1]}", "结果", made.output)
        return None
    if head in pack.facts:
        return _field(pack.facts[head], rest, dotted)
    if head in pack.decisions:
        if decision is not None and head not in decision.requires:
            return f"读到判定“{head}”，但没有写进 requires"
        if rest and rest[0] not in pack.decisions[head].output:
            return no_such(f"{head}.{rest[0]}", "结果", pack.decisions[head].output)
        return None
    known = [*pack.facts, *pack.decisions, *(decision.let if decision else ()), *one.extra]
    return no_such(head, "事实、let 或判定", known)


def _field(fact: schema.FactSpec, rest: list[str], dotted: str) -> str | None:
    if rest and fact.type in ("record", "list", "series") and fact.fields and rest[0] not in fact.fields:
        return no_such(dotted, "字段", fact.fields)
    if rest and fact.type in ("boolean", "integer", "number", "money", "text", "choice", "file"):
        return f"“{dotted}”：事实“{fact.label}”没有下级字段"
    return None


def no_such(name: str, kind: str, known: Iterable[str]) -> str:
    """That there is no such fact, setting, step ..., with the names that come near, or the few that there are."""
    names = list(known)
    near = difflib.get_close_matches(name.rpartition(".")[2], names, n=3, cutoff=0.7)
    near = near or difflib.get_close_matches(name.rpartition(".")[2], names, n=1, cutoff=0.6)
    meant = "或".join(f"“{n}”" for n in near)
    hint = f"，是否应为{meant}" if near else f"；可用：{'、'.join(names)}" if 0 < len(names) <= 12 else ""
    return f"没有“{name}”这个{kind}{hint}"


def _events_named(source: Source, one: Written, node: syntax.Node) -> Iterator[Problem]:
    """`last(reported)` must name an event of the procedure, `register(items)` a register."""
    for call in (n for n in syntax.walk(node) if isinstance(n, syntax.Call)):
        if not isinstance(call.function, syntax.Name) or not call.arguments:
            continue
        argument = call.arguments[0]
        name = argument.name if isinstance(argument, syntax.Name) else getattr(argument, "value", None)
        if call.function.name in EVENT_FUNCTIONS and one.procedure in source.pack.procedures and isinstance(name, str):
            known = events_of(source.pack.procedures[one.procedure])
            if name not in known:
                yield source.problem(one.file, one.path, no_such(name, "事件", known), code="name")
        if call.function.name == "register" and isinstance(name, str) and name not in source.pack.registers:
            yield source.problem(one.file, one.path, no_such(name, "清单", source.pack.registers), code="name")


def _literals(source: Source, one: Written, node: syntax.Node) -> Iterator[Problem]:
    """A text compared with a choice must be one of its values."""
    if one.kind == "cell" and one.subject is not None:
        allowed = _values_of(source.pack, one.subject.split("."), one)
        if allowed:
            yield from _strings(source, one, node, allowed, one.subject)
        return
    for part in syntax.walk(node):
        if isinstance(part, syntax.Comparison) and part.op in ("=", "!="):
            sides = [(part.left, part.right), (part.right, part.left)]
        elif isinstance(part, syntax.In):
            sides = [(part.value, test) for test in part.tests]
        else:
            continue
        for subject, value in sides:
            path = _dotted(subject)
            allowed = _values_of(source.pack, path, one) if path else ()
            if allowed:
                yield from _strings(source, one, value, allowed, ".".join(path))


def _strings(
    source: Source, one: Written, node: syntax.Node, allowed: tuple[str, ...], subject: str
) -> Iterator[Problem]:
    # Only what stands there as a value: the arguments of a function are its own affair.
    direct: list[syntax.Node] = [node]
    while direct:
        part = direct.pop()
        if isinstance(part, syntax.Literal) and isinstance(part.value, str) and part.value not in allowed:
            message = f"“{part.value}”不是“{subject}”可取的值；可取：{'、'.join(allowed)}"
            yield source.problem(one.file, one.path, message, code="value")
        elif isinstance(part, (syntax.UnaryTests, syntax.ListLiteral, syntax.UnaryComparison)):
            direct.extend(syntax.children(part))


def _dotted(node: syntax.Node) -> list[str]:
    if isinstance(node, syntax.Name):
        return [node.name]
    if isinstance(node, syntax.Path):
        base = _dotted(node.base)
        return [*base, node.name] if base else []
    return []


def _values_of(pack: schema.Pack, path: list[str], one: Written) -> tuple[str, ...]:
    """The values that a choice fact, a setting or a decision's output may take; empty where that is open."""
    head, *rest = path
    if head in one.extra or (one.decision and head in pack.decisions[one.decision].let):
        return ()
    if head in pack.facts and not rest:
        return pack.facts[head].values
    if head == "settings" and rest and rest[0] in pack.settings:
        setting = pack.settings[rest[0]]
        return tuple(str(v) for v in (setting.values or setting.candidates) if isinstance(v, str))
    if head == "decided" and rest:
        head, *rest = rest
    if head in pack.decisions:
        outputs = pack.decisions[head].output
        output = outputs.get(rest[0]) if rest else next(iter(outputs.values())) if len(outputs) == 1 else None
        return output.values if output is not None else ()
    return ()


# -------------------------------------------------------------------------------------------------------- references


def _settings(source: Source) -> Iterator[Problem]:
    """Every value listed for a setting is one that its type can hold."""
    for name, spec in source.pack.settings.items():
        setting = Setting(name, label=spec.label, owner=spec.owner, type=spec.type, unit=spec.unit)
        for key, listed in (("values", spec.values), ("candidates", spec.candidates)):
            for i, value in enumerate(listed):
                try:
                    if spec.type != "choice":  # the values of a choice are whatever is listed
                        read_setting(setting, value)
                except (ValueError, KeyError) as e:
                    yield source.problem("settings.yaml", (name, key, i), f"“{spec.label}”：{e}", code="value")


def _decisions(source: Source) -> Iterator[Problem]:
    pack, file = source.pack, "decisions.yaml"
    for name, spec in pack.decisions.items():
        for i, required in enumerate(spec.requires):
            if required not in pack.decisions or required == name:
                yield source.problem(
                    file, (name, "requires", i), no_such(required, "判定", pack.decisions), code="name"
                )
        for i, fact in enumerate(spec.asks):
            if fact not in pack.facts:
                yield source.problem(file, (name, "asks", i), no_such(fact, "事实", pack.facts), code="name")
        for let in spec.let:
            if let in pack.facts or let in pack.decisions:
                yield source.problem(file, (name, "let", let), f"let 的“{let}”与事实或判定同名", code="name")
        if name in pack.facts:
            yield source.problem(file, (name,), f"判定“{name}”与一项事实同名", code="name")


def _form(source: Source, file: str, path: tuple[str | int, ...], form: tuple[str, ...]) -> Iterator[Problem]:
    for i, entry in enumerate(form):
        if entry.removesuffix("?") not in source.pack.facts:
            message = no_such(entry.removesuffix("?"), "事实", source.pack.facts)
            yield source.problem(file, (*path, i), message, code="name")


def _procedures(source: Source) -> Iterator[Problem]:
    pack, file = source.pack, "procedures.yaml"
    for name, spec in pack.procedures.items():
        yield from _form(source, file, (name, "form"), spec.form)
        for i, step in enumerate(spec.start):
            if step not in spec.steps:
                yield source.problem(file, (name, "start", i), no_such(step, "环节", spec.steps), code="name")
        for decision, decide in spec.decide.items():
            for key, wanted in (((decision,), decision), ((decision, "proposed_by"), decide.proposed_by)):
                if wanted not in pack.decisions:
                    yield source.problem(
                        file, (name, "decide", *key), no_such(wanted, "判定", pack.decisions), code="name"
                    )
        places = [((name, "anytime"), spec.anytime)]
        places += [((name, "steps", s, "actions"), step.actions) for s, step in spec.steps.items()]  # type: ignore[misc]
        for path, actions in places:
            for action_name, action in actions.items():
                yield from _action(source, spec, (*path, action_name), action)
        deadlines: list[tuple[tuple[str | int, ...], schema.DeadlineSpec]] = [
            ((name, "deadlines", i), d) for i, d in enumerate(spec.deadlines)
        ]
        for step_name, step_spec in spec.steps.items():
            deadlines += [((name, "steps", step_name, "deadlines", i), d) for i, d in enumerate(step_spec.deadlines)]
        seen: set[str] = set()
        for at, deadline in deadlines:
            if deadline.id in seen:
                yield source.problem(file, at, f"时限编号“{deadline.id}”在本流程中重复", code="duplicate")
            seen.add(deadline.id)
            yield from _deadline(source, file, at, deadline, spec)


def _action(
    source: Source, spec: schema.ProcedureSpec, path: tuple[str | int, ...], action: schema.ActionSpec
) -> Iterator[Problem]:
    pack, file = source.pack, "procedures.yaml"
    yield from _form(source, file, (*path, "form"), action.form)
    for i, target in enumerate(action.to):
        if target not in spec.steps and target != model.CLOSED:
            message = no_such(target, "环节", [*spec.steps, model.CLOSED])
            yield source.problem(file, (*path, "to", i), message, code="step")
    if action.decides is not None and action.decides not in spec.decide:
        yield source.problem(
            file, (*path, "decides"), no_such(action.decides, "decide 里的判定", spec.decide), code="name"
        )
    if action.document is not None and action.document not in pack.documents:
        yield source.problem(file, (*path, "document"), no_such(action.document, "文书", pack.documents), code="name")
    opens = action.opens
    if opens is not None and opens.pack in (None, pack.id):
        if opens.procedure not in pack.procedures:
            message = no_such(opens.procedure, "流程", pack.procedures)
            yield source.problem(file, (*path, "opens", "procedure"), message, code="name")
        else:
            yield from _answers(source, spec, pack.procedures[opens.procedure], (*path, "opens", "answers"), opens)
    elif opens is not None and opens.pack is not None and not _is_beside(source, opens.pack):
        message = f"没有“{opens.pack}”这个政策包"
        yield source.problem(file, (*path, "opens", "pack"), message, code="name", level="warning")


def _answers(
    source: Source, spec: schema.ProcedureSpec, there: schema.ProcedureSpec, path: tuple[str | int, ...],
    opens: schema.Opens,
) -> Iterator[Problem]:  # fmt: skip
    """The events that answer are events of the opened procedure, the actions that record them are ours."""
    events = {action.event or name for name, action in _all_actions(there)}
    ours = [name for name, _ in _all_actions(spec)]
    for event, actions in opens.answers.items():
        if event not in events:
            message = no_such(event, "事件", sorted(events))
            yield source.problem("procedures.yaml", (*path, event), message, code="name")
        for name in actions:
            if name not in ours:
                yield source.problem("procedures.yaml", (*path, event), no_such(name, "动作", ours), code="name")


def _all_actions(spec: schema.ProcedureSpec) -> list[tuple[str, schema.ActionSpec]]:
    return [*(pair for step in spec.steps.values() for pair in step.actions.items()), *spec.anytime.items()]


def _is_beside(source: Source, pack: str) -> bool:
    """Whether another pack stands in the same root."""
    city, _, slug = pack.partition("/")
    return any((source.folder.parent.parent / city).glob(f"{slug}*/document.yaml"))


def _deadline(
    source: Source, file: str, path: tuple[str | int, ...], spec: schema.DeadlineSpec,
    procedure: schema.ProcedureSpec | None,
) -> Iterator[Problem]:  # fmt: skip
    pack = source.pack
    known = events_of(procedure) if procedure is not None else None
    for key in ("from_", "before", "met_by", "until"):
        ref = getattr(spec, key)
        at = (*path, key.rstrip("_"))
        if ref is None:
            continue
        if ref.event is not None and known is not None and ref.event not in known:
            yield source.problem(file, (*at, "event"), no_such(ref.event, "事件", known), code="name")
        if ref.fact is not None and ref.fact not in pack.facts:
            yield source.problem(file, (*at, "fact"), no_such(ref.fact, "事实", pack.facts), code="name")
        if ref.decided is not None and ref.decided not in pack.decisions:
            yield source.problem(file, (*at, "decided"), no_such(ref.decided, "判定", pack.decisions), code="name")
    if spec.closes is not None and procedure is not None:
        actions = {a for s in procedure.steps.values() for a in s.actions} | set(procedure.anytime)
        if spec.closes not in actions:
            yield source.problem(file, (*path, "closes"), no_such(spec.closes, "动作", sorted(actions)), code="name")


def _duties(source: Source) -> Iterator[Problem]:
    pack, file = source.pack, "duties.yaml"
    seen: set[str] = set()
    for i, duty in enumerate(pack.duties):
        if duty.id in seen:
            yield source.problem(file, (i, "id"), f"任务编号“{duty.id}”重复", code="duplicate")
        seen.add(duty.id)
        if duty.procedure is not None and duty.procedure not in pack.procedures:
            yield source.problem(file, (i, "procedure"), no_such(duty.procedure, "流程", pack.procedures), code="name")
        procedure = pack.procedures.get(duty.procedure) if duty.procedure else None
        known = events_of(procedure) if procedure is not None else None
        for key in ("on", "done_by"):
            ref: schema.EventRef | None = getattr(duty, key)
            if ref is None:
                continue
            if ref.event is not None and known is not None and ref.event not in known:
                yield source.problem(file, (i, key, "event"), no_such(ref.event, "事件", known), code="name")
            if ref.decided is not None and ref.decided not in pack.decisions:
                message = no_such(ref.decided, "判定", pack.decisions)
                yield source.problem(file, (i, key, "decided"), message, code="name")
        if duty.done_by is not None and (duty.procedure is None or duty.done_by.fact is not None):
            message = "done_by 是事项里的事件或判定，须同时写 procedure，不能是事实的时间"
            yield source.problem(file, (i, "done_by"), message, code="name")
        if duty.deadline is not None:
            yield from _deadline(source, file, (i, "deadline"), duty.deadline, procedure)


# ------------------------------------------------------------------------------------------------------------- units


def _units(source: Source) -> Iterator[Problem]:
    """Every unit, group, post and function that the pack names is one of the city's."""
    pack = source.pack
    try:
        units = Units(source.units.model_dump(by_alias=True))
    except ValueError as e:
        yield Problem("units.yaml", None, "", str(e), code="unit")
        return
    for file, path, who in _whos(pack):
        if (message := _who(pack, units, who)) is not None:
            yield source.problem(file, path, message, code="unit")
    if (message := _unit(units, pack.document.owner)) is not None:
        yield source.problem("document.yaml", ("owner",), message, code="unit")
    for name, setting in pack.settings.items():
        if _unit(units, setting.owner) is not None and not units.is_group(setting.owner):
            message = f"“{setting.owner}”不是登记的单位或组；这项设置没有确定的主人"
            yield source.problem("settings.yaml", (name, "owner"), message, code="unit", level="warning")
        if setting.each and not units.is_group(setting.owner):
            message = f"each 是每个成员各填自己的值，“{setting.owner}”不是组"
            yield source.problem("settings.yaml", (name, "each"), message, code="unit")
    for i, duty in enumerate(pack.duties):
        if duty.each is not None and not (
            units.is_group(duty.each) or duty.each in pack.facts or duty.each.partition(".")[0] in pack.decisions
        ):
            yield source.problem("duties.yaml", (i, "each"), f"没有“{duty.each}”这个组", code="unit")
    for name, decision in pack.decisions.items():
        outputs = {o for o, spec in decision.output.items() if spec.type == "unit"}
        for i, rule in enumerate(decision.rules):
            for where in ("then", "otherwise"):
                value: Any = getattr(rule, where)
                values = value if isinstance(value, dict) else {next(iter(decision.output)): value}
                for output in outputs & set(values):
                    unit = values[output]
                    if isinstance(unit, str) and not unit.startswith("= ") and _unit(units, unit) is not None:
                        at = (name, "rules", i, where)
                        yield source.problem("decisions.yaml", at, _unit(units, unit) or "", code="unit")
    for name, register in pack.registers.items():
        columns = [c for c, spec in register.columns.items() if spec.type == "unit"]
        seen: set[str] = set()
        for number, row in enumerate(pack.rows.get(name, ())):
            for column in columns:
                for unit in str(row[column] or "").split("、"):
                    if unit and unit not in seen and not units.is_group(unit) and (m := _unit(units, unit)) is not None:
                        file = f"registers/{(register.file or '').removeprefix('registers/')}"
                        yield Problem(file, number + 2, column, m, code="unit")
                    seen.add(unit)


def _unit(units: Units, name: str) -> str | None:
    try:
        units.find(name)
    except UnitNotFound as e:
        return str(e)
    return None


def _who(pack: schema.Pack, units: Units, who: schema.Who) -> str | None:
    if who.unit is not None:
        return _unit(units, who.unit)
    if who.group is not None and not units.is_group(who.group):
        return f"没有“{who.group}”这个组"
    if who.fact is not None and who.fact not in pack.facts:
        return no_such(who.fact, "事实", pack.facts)
    if who.decision is not None:
        name, _, output = who.decision.partition(".")
        if name not in pack.decisions:
            return no_such(name, "判定", pack.decisions)
        if output and output not in pack.decisions[name].output:
            return no_such(who.decision, "结果", pack.decisions[name].output)
    if who.relative is not None:
        known = sorted({f for u in units.units.values() for f in u.functions})
        if who.relative not in known:
            return no_such(who.relative, "职能（units.yaml 的 functions）", known)
    if who.post is not None:
        unit, mark, post = who.post.replace("/", " ").rpartition(" ")
        known = sorted({p.name for p in units.posts})
        if post not in known:
            return no_such(post, "职务（units.yaml 的 posts）", known)
        if mark and (message := _unit(units, unit)) is not None:
            return message
    return None


def _whos(pack: schema.Pack) -> Iterator[tuple[str, tuple[str | int, ...], schema.Who]]:
    def walk(value: Any, file: str, path: tuple[str | int, ...]) -> Iterator[Any]:
        if isinstance(value, schema.Who):
            yield file, path, value
        elif isinstance(value, schema.Model):
            for field, info in type(value).model_fields.items():
                yield from walk(getattr(value, field), file, (*path, info.alias or field))
        elif isinstance(value, dict):
            for key, item in value.items():
                yield from walk(item, file, (*path, key))
        elif isinstance(value, tuple):
            for i, item in enumerate(value):
                yield from walk(item, file, (*path, i))

    for file, value in (
        ("procedures.yaml", pack.procedures), ("duties.yaml", pack.duties), ("documents.yaml", pack.documents),
        ("indicators.yaml", pack.indicators), ("scoresheets.yaml", pack.scoresheets),
    ):  # fmt: skip
        yield from walk(value, file, ())
