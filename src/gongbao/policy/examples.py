"""The pack's own examples, run: what each says should come out, what did, and which rules it reached.

Expectations are partial: only what is written is compared. Times are written as people say them: a day means due by
the end of that day, a minute means that minute, `24:00` the end of a day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from gongbao.dmn import DmnError
from gongbao.engine.case import possible, replay
from gongbao.engine.decision.decide import decide
from gongbao.engine.decision.outcome import Outcome
from gongbao.engine.errors import CaseError
from gongbao.engine.fact import read_facts
from gongbao.engine.model import DECIDED, OPENED, CaseState, Deadline, Event, SettingRef
from gongbao.engine.scoresheet import score
from gongbao.engine.time.calendar import localise
from gongbao.engine.time.counting import due, parse_limit
from gongbao.engine.world import World
from gongbao.feel.errors import FeelError
from gongbao.policy import schema
from gongbao.policy.events import problems_of, read_events, value_of
from gongbao.policy.indicator_examples import against as _indicator
from gongbao.policy.times import DAY as _DAY
from gongbao.policy.times import moment, start_of


@dataclass(frozen=True, slots=True)
class Result:
    """One example: no `differences` means that it holds. `outcome` is there for examples of decisions."""

    index: int
    id: str
    of: str
    differences: tuple[str, ...]
    outcome: Outcome | None = None

    @property
    def ok(self) -> bool:
        return not self.differences


def run(world: World, examples: Iterable[schema.Example]) -> list[Result]:
    """Every example in written order. Never raises for a wrong example: that is in its differences."""
    return [run_one(world, example, i) for i, example in enumerate(examples)]


def run_one(world: World, example: schema.Example, index: int = 0) -> Result:
    outcome: Outcome | None = None
    try:
        there = world.with_settings(_plain(example.settings)) if example.settings else world
        if example.of == "decision":
            outcome = _decided(there, example)
            differences = _against_outcome(outcome, example.expect)
        else:
            differences = _RUN[example.of](there, example)
    except (CaseError, DmnError, FeelError, LookupError, ValueError) as e:
        text = str(e.args[0]) if isinstance(e, KeyError) and e.args else str(e)
        differences = [f"用到没有的名字“{text}”" if text.isidentifier() else text]
    return Result(index, example.id, example.of, tuple(differences), outcome)


# --------------------------------------------------------------------------------------------------------- decisions


def _decided(world: World, example: schema.Example) -> Outcome:
    name = _named(example.decision, "decision", world.decisions)
    given = dict(example.given)
    # What stands around the facts may be given beside them: what was decided, and the case.
    decided = given.pop("decided", None)
    case = given.pop("case", None)
    as_of = given.pop("as_of", None) or example.now or example.on
    facts = read_facts(world.facts, given)
    return decide(world, name, facts, decided=decided, case=case, as_of=moment(as_of) if as_of else None)


_PARTIAL = {"candidates", "at_least", "ask", "needs_person", "rule", "error", "value"}


def _against_outcome(outcome: Outcome, expect: Any) -> list[str]:
    """A value, a mapping of outputs, or a mapping of what is known of it while facts are unknown."""
    expect = _plain(expect)
    outputs = {o.name for o in outcome.decision.outputs}
    if isinstance(expect, dict) and expect and set(expect) <= _PARTIAL - outputs:
        return list(_partial(outcome, expect))
    if not outcome.settled or outcome.value is None:
        return [f"应为 {shown(expect)}，实为未定：{_open(outcome)}"]
    return _same(outcome.value, expect, "")


def _partial(outcome: Outcome, expect: Mapping[str, Any]) -> Iterable[str]:
    if "value" in expect:
        yield from _same(outcome.output, expect["value"], "")
    if "candidates" in expect:
        wanted, found = list(expect["candidates"]), list(outcome.candidates)
        missing = [w for w in wanted if not any(_matches(f, w) for f in found)]
        extra = [f for f in found if not any(_matches(f, w) for w in wanted)]
        if missing or extra:
            yield f"候选应为 {shown(wanted)}，实为 {shown(found)}"
    if "at_least" in expect and not _matches(outcome.at_least, expect["at_least"]):
        yield f"至少应为 {shown(expect['at_least'])}，实为 {shown(outcome.at_least)}"
    if "ask" in expect and list(outcome.ask)[: len(expect["ask"])] != list(expect["ask"]):
        yield f"应先问 {shown(expect['ask'])}，实为 {shown(list(outcome.ask))}"
    if "needs_person" in expect and outcome.needs_person is not expect["needs_person"]:
        yield f"{'应' if expect['needs_person'] else '不应'}需人工判定，实为 {_open(outcome)}"
    if "rule" in expect and expect["rule"] not in outcome.cites:
        yield f"应依据 {expect['rule']}，实为 {'、'.join(outcome.cites) or '无'}"


def _open(outcome: Outcome) -> str:
    parts = [shown(outcome.value)] if outcome.value is not None else []
    if outcome.candidates:
        parts.append(f"候选 {shown(list(outcome.candidates))}")
    if outcome.ask:
        parts.append(f"须先知 {'、'.join(outcome.ask)}")
    if outcome.needs_person:
        parts.append(outcome.reason or "需人工判定")
    return "；".join(parts)


# --------------------------------------------------------------------------------------------------------- deadlines


def _deadline(world: World, example: schema.Example) -> list[str]:
    given = dict(example.given)
    kind, roll = "period", None
    if example.deadline is not None:
        found = _find_deadline(world, example.deadline)
        limit: Any = found.limit if found.limit is not None else found.every
        kind, roll = found.kind, found.roll
        if kind == "date":
            day = found.on_or_before
            return _same_time(moment(day) if not hasattr(day, "evaluate") else None, _due_of(example.expect), "到期")
        if isinstance(limit, SettingRef):
            limit = world.settings[limit.name].value
            if limit is None:
                return [] if _due_of(example.expect) is None else ["时限是一项还没有填写的设置"]
    else:
        limit, kind = given.get("limit"), given.get("kind", "period")
    start = given.get("before" if kind == "lead" else "from", given.get("from"))
    if limit is None or start is None:
        return ["时限样例须给出 deadline（流程.时限编号）或 given.limit，以及 given.from"]
    pauses = [(moment(p["opens"]), moment(p["closes"])) for p in given.get("pauses", ())]
    extensions = [parse_limit(e) for e in given.get("extensions", ())]
    made = due(
        parse_limit(limit) if isinstance(limit, str) else limit, start_of(start), world.calendar, kind,
        pauses=pauses, extensions=extensions, roll=roll,
    )  # fmt: skip
    return _same_time(made.at, _due_of(example.expect), "到期")


def _find_deadline(world: World, name: str) -> Deadline:
    """`procedure.deadline`, `procedure.step.deadline`, or a duty's id."""
    known: dict[str, Deadline] = {}
    for procedure in world.procedures.values():
        for deadline in procedure.deadlines:
            known[f"{procedure.id}.{deadline.id}"] = deadline
        for step in procedure.steps.values():
            for deadline in step.deadlines:
                known[f"{procedure.id}.{step.id}.{deadline.id}"] = deadline
                known.setdefault(f"{procedure.id}.{deadline.id}", deadline)
    for duty in world.duties:
        if duty.deadline is not None:
            known[duty.id] = duty.deadline
    return known[_named(name, "deadline", known)]


def _due_of(expect: Any) -> Any:
    return expect.get("due") if isinstance(expect, Mapping) else expect


# -------------------------------------------------------------------------------------------------------- procedures


def _procedure(world: World, example: schema.Example) -> list[str]:
    name = _named(example.procedure, "procedure", world.procedures)
    read = read_events(world, name, _plain(example.events))
    latest = max((e.recorded_at for e in read.events), default=None)
    now = moment(example.now) if example.now is not None else latest
    if now is None:
        return [*map(str, read.problems), "流程样例须有 events 或 now"]
    state = replay(world, name, read.events, now)
    problems = [str(p) for p in problems_of(world, state, read, now)]
    expect = dict(_plain(example.expect))
    differences = [] if "problems" in expect else list(problems)
    differences += _against_state(world, state, read.events, problems, expect, now)
    return differences


_STATE_KEYS = (
    "steps", "deadlines", "tasks", "possible", "not_possible", "closed", "decided", "facts", "problems", "taken_part",
)  # fmt: skip


def _against_state(
    world: World, state: CaseState, events: Sequence[Event], problems: Sequence[str], expect: Mapping[str, Any],
    now: dt.datetime,
) -> list[str]:  # fmt: skip
    differences = [f"expect 里不认识“{k}”；可写：{'、'.join(_STATE_KEYS)}" for k in expect if k not in _STATE_KEYS]
    if "steps" in expect:
        differences += _same_set("所在环节", [s.id for s in state.steps], expect["steps"])
    if "closed" in expect and (state.closed_at is not None) is not expect["closed"]:
        differences.append(f"{'应' if expect['closed'] else '不应'}已办结")
    for name, wanted in (expect.get("deadlines") or {}).items():
        differences += _against_deadline(state, str(name), wanted)
    for decision, wanted in (expect.get("decided") or {}).items():
        made = state.decided.get(decision)
        value = None if made is None else made.value if isinstance(wanted, Mapping) else next(iter(made.value.values()))
        differences += _same(value, wanted, f"decided.{decision}")
    if "facts" in expect:
        wanted_facts = read_facts(world.facts, expect["facts"])
        for name, wanted in wanted_facts.items():
            differences += _same(state.facts.get(name), wanted, f"facts.{name}")
    if "tasks" in expect:
        tasks = [t for t in state.tasks if t.status != "cancelled"]
        if isinstance(expect["tasks"], int):
            if len(tasks) != expect["tasks"]:
                differences.append(f"应有 {expect['tasks']} 项任务，实有 {len(tasks)} 项")
        else:
            differences += _same_duties([t.duty for t in tasks], expect["tasks"])
    if "possible" in expect or "not_possible" in expect:
        options = possible(world, state, events, None, now)
        allowed = {p.action for p in options if p.allowed}
        why = {p.action: p.why_not for p in options if not p.allowed}
        for action in expect.get("possible") or ():
            if action not in allowed:
                differences.append(f"动作“{action}”应可办，实为不可：{why.get(action) or '此时没有这个动作'}")
        for action in expect.get("not_possible") or ():
            if action in allowed:
                differences.append(f"动作“{action}”应不可办，实为可办")
    if "problems" in expect:
        for text in expect["problems"]:
            if not any(text in p for p in problems):
                differences.append(f"应提示“{text}”，实为 {shown(problems)}")
    if "taken_part" in expect:
        differences += [f"“{u}”应是参与单位" for u in expect["taken_part"] if u not in state.taken_part]
    return differences


def _against_deadline(state: CaseState, name: str, wanted: Any) -> list[str]:
    name, _, instance = name.partition("#")
    tasks = [t.deadline for t in state.tasks if t.deadline is not None]
    found = [d for d in (*state.deadlines, *tasks) if d.id == name and (not instance or d.instance == int(instance))]
    if wanted is None:
        return [f"不应有时限“{name}”"] if found else []
    if not found:
        return [f"没有时限“{name}”；有：{'、'.join(d.id for d in state.deadlines) or '无'}"]
    one = found[-1]
    if not isinstance(wanted, Mapping):
        return _same_time(one.due, wanted, f"时限“{name}”到期")
    differences: list[str] = []
    for key, value in wanted.items():
        if key in ("due", "arises_at", "met_at", "lapsed_at"):
            differences += _same_time(getattr(one, key), value, f"时限“{name}”的 {key}")
        elif key == "owner":
            differences += _same_set(f"时限“{name}”的责任人", list(one.owner), value)
        elif hasattr(one, key):
            differences += _same(getattr(one, key), value, f"时限“{name}”的 {key}")
        else:
            differences.append(f"时限没有“{key}”这一项")
    return differences


# ------------------------------------------------------------------------------------------------------------ scores

_SCORE_KEYS = (
    "total", "lowest", "highest", "full", "grade", "grades", "items", "missing", "open", "needs_person", "vetoes",
    "discrepancies",
)  # fmt: skip


def _score(world: World, example: schema.Example) -> list[str]:
    sheet = world.scoresheets[_named(example.sheet, "sheet", world.scoresheets)]
    as_of = example.now or example.on
    facts = read_facts(world.facts, dict(example.given))
    found = score(world, sheet, facts, as_of=moment(as_of) if as_of else None)
    expect = dict(_plain(example.expect))
    differences = [f"expect 里不认识“{k}”；可写：{'、'.join(_SCORE_KEYS)}" for k in expect if k not in _SCORE_KEYS]
    lines = {each.id: each for line in found.lines for each in (line, *line.parts)}
    plain = {
        "total": found.total, "lowest": found.lowest, "highest": found.highest, "full": sheet.full, "grade": found.grade,
        "needs_person": bool(found.reasons),
    }  # fmt: skip
    listed = {
        "grades": found.grades, "missing": found.missing, "open": found.open,
        "vetoes": [line.id for line, hit in found.vetoes if hit], "discrepancies": sheet.discrepancies,
    }  # fmt: skip
    for key, wanted in expect.items():
        if key in plain and not _matches(plain[key], wanted):
            differences.append(f"{key} 应为 {shown(wanted)}，实为 {shown(plain[key])}")
        elif key in listed and isinstance(wanted, int):
            differences += _same(len(listed[key]), wanted, key)
        elif key in listed:
            differences += _same_set(key, listed[key], wanted)
    for id_, wanted in (expect.get("items") or {}).items():
        each = lines.get(str(id_))
        if each is None:
            differences.append(f"没有“{id_}”这一项；有：{'、'.join(lines)}")
        elif isinstance(wanted, Mapping):
            span = {"lowest": each.lowest, "highest": each.highest}
            differences += _same(span, wanted, f"items.{id_}")
        elif not _matches(each.points, wanted):
            differences.append(f"第 {id_} 项应得 {shown(wanted)}，实为 {shown(each.points)}")
    return differences


# ------------------------------------------------------------------------------------------------ registers, duties


def _register(world: World, example: schema.Example) -> list[str]:
    register = world.registers[_named(example.register_, "register", world.registers)]
    found: dict[str, Any] = {
        "count": register.total,
        "printed_total": register.printed_total,
        "groups": register.groups,
        "discrepancies": [str(d) for d in register.discrepancies],
    }
    differences: list[str] = []
    for key, wanted in dict(_plain(example.expect)).items():
        if key == "row":
            for number, row in wanted.items():
                values = register.rows[int(number) - 1] if 0 < int(number) <= register.total else {}
                for column, value in row.items():
                    differences += _same(values.get(column), value, f"第 {number} 行 {column}")
        elif key == "discrepancies" and isinstance(wanted, int):
            differences += _same(len(found[key]), wanted, key)
        elif key not in found:
            differences.append(f"expect 里不认识“{key}”；可写：{'、'.join([*found, 'row'])}")
        elif key == "groups":
            for group, value in wanted.items():
                differences += _same(found[key].get(group), value, f"groups.{group}")
        else:
            differences += _same(found[key], wanted, key)
    return differences


def _duty(world: World, example: schema.Example) -> list[str]:
    """Which duties arise where these levels are decided, in a case that was just opened."""
    given = dict(_plain(example.given))
    decided = dict(given.pop("decided", None) or {})
    for name in list(given):
        if name in world.decisions:
            decided[name] = given.pop(name)
    name = example.procedure or next(iter(world.procedures), None)
    at = moment(example.now or example.on or world.document["in_force"]["from"])
    facts = read_facts(world.facts, given)
    opened = Event(OPENED, 1, at, at, facts=facts)
    events = [opened]
    for decision, value in decided.items():
        rules = world.procedures[_named(name, "procedure", world.procedures)]
        outputs = value_of(world, rules, decision, value, facts, at)
        data = {"decision": decision, "value": outputs}
        events.append(Event(DECIDED, len(events) + 1, at, at, data=data))
    state = replay(world, _named(name, "procedure", world.procedures), events, at)
    arisen = [t.duty for t in state.tasks if t.status != "cancelled"]
    return _same_duties(arisen, _plain(example.expect))


def _same_duties(arisen: Sequence[str], wanted: Any) -> list[str]:
    """A list is all of them; a mapping says some that do (`includes`), some that do not (`excludes`), and `count`."""
    ids = list(dict.fromkeys(arisen))
    if not isinstance(wanted, Mapping):
        return _same_set("任务", ids, wanted)
    differences = [f"应有任务“{d}”" for d in wanted.get("includes", ()) if d not in ids]
    differences += [f"不应有任务“{d}”" for d in wanted.get("excludes", ()) if d in ids]
    if "count" in wanted and len(ids) != wanted["count"]:
        differences.append(f"应有 {wanted['count']} 项任务，实有 {len(ids)} 项：{'、'.join(ids)}")
    return differences


_RUN: dict[str, Callable[[World, schema.Example], list[str]]] = {
    "deadline": _deadline,
    "procedure": _procedure,
    "register": _register,
    "duty": _duty,
    "indicator": _indicator,
    "score": _score,
}


# ------------------------------------------------------------------------------------------------------- comparisons


def _same_time(found: dt.datetime | None, wanted: Any, what: str) -> list[str]:
    if wanted is None or found is None:
        return [] if wanted is None and found is None else [f"{what}应为 {wanted or '空'}，实为 {_time(found)}"]
    found = localise(found)
    text = str(wanted).strip().replace("T", " ")
    if _DAY.fullmatch(text) or text.endswith(" 24:00"):
        day = dt.date.fromisoformat(text[:10])
        # The last instant of a day is 23:59:59; close of business is a setting of the office.
        ok = found.date() == day and (found.time() >= dt.time(17) or _DAY.fullmatch(text) is not None)
        return [] if ok else [f"{what}应为 {text}，实为 {_time(found)}"]
    exact = moment(wanted)
    ok = found == exact or (exact.second == 0 and found.replace(second=0) == exact)
    return [] if ok else [f"{what}应为 {text}，实为 {_time(found)}"]


def _time(value: dt.datetime | None) -> str:
    return "空" if value is None else f"{localise(value):%Y-%m-%d %H:%M:%S}"


def _same(found: Any, wanted: Any, what: str) -> list[str]:
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        differences: list[str] = []
        for key, value in wanted.items():
            name = f"{what}.{key}" if what else str(key)
            if key not in found:
                differences.append(f"没有“{name}”；有：{'、'.join(map(str, found))}")
            else:
                differences += _same(found[key], value, name)
        return differences
    if isinstance(found, Mapping) and len(found) == 1:
        found = next(iter(found.values()))
    if _matches(found, wanted):
        return []
    return [f"{what + ' ' if what else ''}应为 {shown(wanted)}，实为 {shown(found)}"]


def _matches(found: Any, wanted: Any) -> bool:
    """Equal as a rule means it: 2.50 is 2.5, true is not 1, a mapping may say less than there is."""
    if isinstance(found, Mapping) and isinstance(wanted, Mapping):
        return all(k in found and _matches(found[k], v) for k, v in wanted.items())
    if isinstance(found, Mapping) and len(found) == 1:
        return _matches(next(iter(found.values())), wanted)
    if isinstance(found, (list, tuple)) and isinstance(wanted, (list, tuple)):
        return len(found) == len(wanted) and all(_matches(f, w) for f, w in zip(found, wanted, strict=True))
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted
    if isinstance(found, (dt.datetime, dt.date)) and isinstance(wanted, str):
        return not _same_time(moment(found), wanted, "")
    if isinstance(found, (int, Decimal)) and isinstance(wanted, str):
        return str(found) == wanted
    return bool(found == wanted)


def _same_set(what: str, found: Sequence[Any], wanted: Any) -> list[str]:
    wanted = [wanted] if isinstance(wanted, str) else list(wanted or ())
    if sorted(set(map(str, found))) == sorted(set(map(str, wanted))):
        return []
    return [f"{what}应为 {shown(wanted)}，实为 {shown(list(dict.fromkeys(found)))}"]


def shown(value: Any) -> str:
    """A value as people read it: 是, 否, 空, lists with 、."""
    if value is None:
        return "空"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, (list, tuple)):
        return "（" + "、".join(shown(v) for v in value) + "）"
    if isinstance(value, Mapping):
        return "{" + "，".join(f"{k}：{shown(v)}" for k, v in value.items()) + "}"
    return str(value)


def _named(name: str | None, key: str, known: Mapping[str, Any]) -> str:
    if name is None:
        raise ValueError(f"样例须写 {key}")
    if name not in known:
        raise ValueError(f"没有“{name}”这个 {key}；有：{'、'.join(known) or '无'}")
    return name


def _plain(value: Any) -> Any:
    """Tuples and mappings of a frozen model as plain lists and dicts."""
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return value
