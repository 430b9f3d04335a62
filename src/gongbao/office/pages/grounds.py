"""判定依据: an outcome made ready to read: what holds, by which row, which values met which test, which clause.

The rows, values and tests come from the engine's trace; the clause text from the gazettes that the city has loaded.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gongbao.engine.decision import PERSON, Outcome
from gongbao.engine.proposal import propose, rule_of
from gongbao.engine.state import fold_of
from gongbao.engine.trace import as_dict
from gongbao.engine.world import World
from gongbao.office import gazettes
from gongbao.office.pages import words

MANY_ITEMS = 12


@dataclass(frozen=True, slots=True)
class Output:
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Compared:
    """One value and the test it met."""

    label: str
    value: str
    test: str


@dataclass(frozen=True, slots=True)
class MatchedRow:
    cite: str
    note: str
    compared: tuple[Compared, ...]
    text: str | None  # the clause, where its gazette is loaded
    item: str = ""
    otherwise: bool = False


@dataclass(frozen=True, slots=True)
class Grounds:
    label: str
    document: str
    certified: bool
    outputs: tuple[Output, ...]
    rows: tuple[MatchedRow, ...]
    candidates: tuple[str, ...] = ()
    at_least: str = ""
    ask: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    needs_person: str = ""
    required: tuple[Grounds, ...] = ()
    decided: str = ""  # what was formally decided, by whom and when
    differs: bool = False  # from what the rules now propose
    stale: bool = False


def clause_text(world: World, cite: str) -> str | None:
    return gazettes.clause_text(str(world.document.get("number") or ""), cite, str(world.document.get("title") or ""))


def grounds_of(outcome: Outcome, world: World | None = None, decision: str = "", *, decided: Any = None) -> Grounds:
    """`outcome`: of `decide` or a proposal. `decided`: engine.model.Decided, where the case has one for it."""
    world = world or outcome.world
    found = as_dict(outcome)
    trace = found["trace"]
    rows = [_row(world, row) for row in trace.get("rows", ())]
    for item in trace.get("items", ())[:MANY_ITEMS]:
        rows += [_row(world, row, _item(item["item"])) for row in item["rows"]]
    value = outcome.value if outcome.settled else None
    own = dict(decided.value) if decided is not None else None
    return Grounds(
        label=outcome.decision.label,
        document=str(world.document.get("number") or ""),
        certified=bool(world.certified_by),
        outputs=_outputs(outcome, value),
        rows=tuple(dict.fromkeys(rows)),
        candidates=tuple(_words(outcome, each) for each in outcome.candidates) if not outcome.settled else (),
        at_least="、".join(words.shown(v) for v in outcome.at_least.values()) if not outcome.settled else "",
        ask=tuple(each["label"] for each in found["ask"]),
        open=tuple(f"{each['label']}（由{each['owner']}设定）" for each in found["open"]),
        needs_person=outcome.reason.removeprefix(f"{PERSON}：") or "规则未作规定" if outcome.needs_person else "",
        required=tuple(grounds_of(inner, world) for inner in outcome.required.values()),
        decided="" if own is None else f"{_words(outcome, own)}　{decided.by}　{words.when(decided.at)}",
        differs=own is not None and value is not None and own != value,
        stale=decided is not None and decided.stale,
    )


def _outputs(outcome: Outcome, value: Mapping[str, Any] | None) -> tuple[Output, ...]:
    if value is None:
        return ()
    outputs = {output.name: output for output in outcome.decision.outputs}
    single = len(outputs) == 1
    return tuple(
        Output("" if single else outputs[name].label, _with_unit(each, outputs[name].unit))
        for name, each in value.items()
        if name in outputs
    )


def _with_unit(value: Any, unit: str | None) -> str:
    text = words.shown(value)
    return f"{text} {unit}" if unit and value is not None else text


def _words(outcome: Outcome, value: Mapping[str, Any]) -> str:
    return "，".join(words.shown(each) for each in value.values())


def _item(item: Any) -> str:
    """One of the things judged; a stretch of a series is told by its beginning, end and length."""
    if isinstance(item, Mapping) and {"from", "until", "hours"} <= item.keys():
        ends = [words.when(dt.datetime.fromisoformat(item[key])) for key in ("from", "until") if item[key]]
        return "，".join([*([" 至 ".join(ends)] if ends else []), f"{words.shown(item['hours'])}小时"])
    return words.shown(item)


def _row(world: World, row: Mapping[str, Any], item: str = "") -> MatchedRow:
    compared = tuple(_compared(world, cell) for cell in row["cells"])
    return MatchedRow(
        cite=row["cite"], note=row["note"] or ("其余情形" if row.get("otherwise") else ""), compared=compared,
        text=clause_text(world, row["cite"]), item=item, otherwise=bool(row.get("otherwise")),
    )  # fmt: skip


def _compared(world: World, cell: Mapping[str, Any]) -> Compared:
    fact = world.facts.get(cell["input"])
    if getattr(fact, "personal", None):
        value = "（个人信息）"
    else:
        value = _with_unit(cell["value"], cell.get("unit"))
    return Compared(str(cell["label"]), value, test_words(world, str(cell["test"])))


_FIGURE = re.compile(r"(params|settings)\.(\w+)")
_LIMIT = re.compile(r"(>=|<=|>|<)\s*(-?[\d.]+)")
_BETWEEN = re.compile(r"\[(-?[\d.]+?)\s*\.\.\s*(-?[\d.]+)\]")
_NAMED = re.compile(r'"[^"]*"(\s*,\s*"[^"]*")*')
_LIMITS = {">=": "不小于", "<=": "不大于", ">": "大于", "<": "小于"}


def test_words(world: World, test: str) -> str:
    """A cell of a table as a clerk reads it: figures for their names, words for signs; others stay as they are."""

    def figure(found: re.Match[str]) -> str:
        held = (
            world.params.get(found[2]) if found[1] == "params" else getattr(world.settings.get(found[2]), "value", None)
        )
        return found[0] if held is None else words.shown(held)

    text = _FIGURE.sub(figure, test).strip()
    if text in ("true", "false"):
        return "是" if text == "true" else "否"
    if found := _LIMIT.fullmatch(text):
        return f"{_LIMITS[found[1]]} {found[2]}"
    if found := _BETWEEN.fullmatch(text):
        return f"{found[1]} 至 {found[2]}"
    if _NAMED.fullmatch(text):
        return "或".join(re.findall(r'"([^"]*)"', text))
    return text


def of_case(seen: Any) -> tuple[Grounds, ...]:
    """The decisions that count in a case: those its procedure decides, that say who acts, or that were decided."""
    world, state, now = seen.world, seen.state, seen.now
    rule = world.procedures[state.procedure]
    names = dict.fromkeys([*rule.decide, *state.decided, *_who_decisions(rule)])
    fold = fold_of(world, state.procedure, seen.events)
    scope = fold.scope(now)
    found = []
    for name in names:
        decision = rule_of(rule, name)
        if decision in world.decisions:
            outcome = propose(world, decision, state.facts, scope["decided"], scope["case"], now)
            if outcome.settled or outcome.needs_person or name in state.decided or _known(state.facts, outcome):
                found.append(grounds_of(outcome, world, decided=state.decided.get(name)))
    return tuple(found)


def _known(facts: Mapping[str, Any], outcome: Outcome) -> bool:
    """Whether anything that the decision reads is known: a decision about nothing yet is not worth a line."""
    return any(facts.get(name) is not None for name in outcome.decision.language.names if name in outcome.world.facts)


def _who_decisions(rule: Any) -> list[str]:
    whos = [who for step in rule.steps.values() for who in step.by]
    return [who.name.partition(".")[0] for who in whos if who.kind == "decision"]
