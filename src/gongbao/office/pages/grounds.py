"""判定依据: an outcome made ready to read: what holds, by which row, which values met which test, which clause.

The rows, values and tests come from the engine's trace; the clause text from the gazettes that the city has loaded.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from gongbao.engine.case.proposal import propose, rule_of
from gongbao.engine.case.state import fold_of
from gongbao.engine.decision.change_words import nearest_lines
from gongbao.engine.decision.logic import PERSON
from gongbao.engine.decision.outcome import Outcome
from gongbao.engine.decision.sources import facts_behind
from gongbao.engine.decision.trace import as_dict
from gongbao.engine.labels import label_of
from gongbao.engine.series import Series
from gongbao.engine.world import World
from gongbao.office import gazettes, worlds
from gongbao.office.pages import words
from gongbao.policy.errors import PackError

MANY_ITEMS = 12


@dataclass(frozen=True, slots=True)
class Output:
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Compared:
    """One value and the test it met; `open`: not known yet, so the test is what it would have to meet.

    source: by which entries of the case the facts behind it came, by whom and when.
    """

    label: str
    value: str
    test: str
    open: bool = False
    source: str = ""


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
    notice: str
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
    doubts: tuple[str, ...] = ()  # why there may be other candidates
    complete: bool = True
    nearest: tuple[str, ...] = ()  # the smallest changes that would give another outcome
    address: str = ""  # the page of the decision, in the version that decided


def clause_text(world: World, cite: str) -> str | None:
    if world.house:
        return dict(world.document["clauses"]).get(cite)
    return gazettes.clause_text(str(world.document.get("number") or ""), cite, str(world.document.get("title") or ""))


def grounds_of(
    outcome: Outcome,
    world: World | None = None,
    decision: str = "",
    *,
    decided: Any = None,
    entered: Mapping[str, str] | None = None,
    nested: bool = False,
) -> Grounds:
    """`outcome`: of `decide` or a proposal. `decided`: engine.model.Decided, where the case has one for it.

    entered: fact -> by which entry of the case it came. nested: of a decision that another requires.
    """
    world = world or outcome.world
    found = as_dict(outcome)
    trace = found["trace"]
    read = Reading(world, outcome, {let["name"]: let["value"] for let in trace.get("lets", ())}, entered or {})
    rows = [_row(read, row) for row in trace.get("rows", ())]
    for item in trace.get("items", ())[:MANY_ITEMS]:
        inside = Reading(world, outcome, {let["name"]: let["value"] for let in item["lets"]}, entered or {})
        rows += [_row(inside, row, _item(item["item"])) for row in item["rows"]]
    value = outcome.value if outcome.settled else None
    own = dict(decided.value) if decided is not None else None
    return Grounds(
        label=outcome.decision.label,
        document=str(world.document.get("number") or ""),
        notice=world.notice,
        outputs=_outputs(outcome, value),
        rows=tuple(dict.fromkeys(rows)),
        candidates=tuple(_words(outcome, each) for each in outcome.candidates) if not outcome.settled else (),
        at_least="、".join(words.shown(v) for v in outcome.at_least.values()) if not outcome.settled else "",
        ask=tuple(_asked(outcome, each) for each in found["ask"]),
        open=tuple(f"{each['label']}（由{each['owner']}设定）" for each in found["open"]),
        needs_person=outcome.reason.removeprefix(f"{PERSON}：") or "规则未作规定" if outcome.needs_person else "",
        required=tuple(grounds_of(inner, world, entered=entered, nested=True) for inner in outcome.required.values()),
        decided="" if own is None else f"{_words(outcome, own)}　{decided.by}　{words.when(decided.at)}",
        differs=own is not None and value is not None and own != value,
        stale=decided is not None and decided.stale,
        doubts=outcome.doubts,
        complete=outcome.complete,
        nearest=() if nested else tuple(nearest_lines(outcome)),
        address=""
        if _of_indicator(world, outcome.decision.id)
        else pack_address(world, "decision", outcome.decision.id),
    )


def _of_indicator(world: World, name: str) -> bool:
    """Whether a decision was made of an indicator: no page of the pack shows it, the indicator's own does."""
    return any(name in target.decisions for each in world.indicators.values() for target in each.targets)


def pack_address(world: World, page: str = "pack", name: str = "") -> str:
    """The page of a pack, or of a thing in it, in the version of this world; "" for a world of no pack."""
    city, _, slug = world.pack.partition("/")
    if not slug:
        return ""
    try:
        present = worlds.current_version(world.pack)
    except (PackError, worlds.NoPack):
        present = ""
    address = reverse(f"library:{page}", args=[city, slug, *([name] if name else [])])
    return address if world.version == present else f"{address}?version={world.version[:16]}"


def _asked(outcome: Outcome, ask: Mapping[str, Any]) -> str:
    held = outcome.scope.get(ask["fact"])
    return f"{ask['label']}中缺测的读数" if isinstance(held, Series) else str(ask["label"])


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


@dataclass(frozen=True, slots=True)
class Reading:
    """What the names in a row's tests stand for: the pack's labels, the facts of the case, the row's own lets."""

    world: World
    outcome: Outcome
    lets: Mapping[str, Any]
    entered: Mapping[str, str]

    def source_of(self, expression: str) -> str:
        """The entries of the case by which the facts behind an input came."""
        names = facts_behind(self.outcome, expression)
        return "；".join(
            dict.fromkeys(self.entered[head] for n in names if (head := n.partition(".")[0]) in self.entered)
        )

    def named(self, name: str) -> str:
        """A name as a reader knows it, with the value it has here."""
        head, _, rest = name.partition(".")
        if head == "params" and rest in self.world.params:
            return words.shown(self.world.params[rest])
        if head == "settings" and rest in self.world.settings:
            held = self.world.settings[rest]
            return f"{held.label}（{'未设定' if held.value is None else _with_unit(held.value, held.unit)}）"
        if _is_personal(self.world, head):
            return f"{label_of(self.world, name)}（个人信息）"
        value: Any = self.lets.get(name)
        if value is None:
            value = self.outcome.scope
            for part in name.split("."):
                value = value.get(part) if isinstance(value, Mapping) else None
        return label_of(self.world, name) + ("" if value is None else f"（{words.shown(value)}）")

    def derived_from(self, name: str) -> str:
        """The known facts that a let of the decision is worked out from, with their values; "" for anything else."""
        text = dict(self.outcome.decision.table.table.lets).get(name, "")
        read = dict.fromkeys(found[3] for found in _TOKEN.finditer(text) if found[3] in self.world.facts)
        known = {each: self.outcome.scope.get(each) for each in read if not _is_personal(self.world, each)}
        return "，".join(
            f"{label_of(self.world, each)} {_with_unit(value, self.world.facts[each].unit)}"
            for each, value in known.items() if value is not None
        )  # fmt: skip


def _is_personal(world: World, name: str) -> bool:
    return bool(getattr(world.facts.get(name), "personal", None))


def _row(read: Reading, row: Mapping[str, Any], item: str = "") -> MatchedRow:
    compared = tuple(_compared(read, cell) for cell in row["cells"])
    notes = [row["note"] or ("其余情形" if row.get("otherwise") else "")]
    if not read.outcome.settled and row["outputs"]:
        when = "如成立" if any(each.open for each in compared) else "其余不成立时"
        notes.insert(0, f"{when}：{'，'.join(words.shown(value) for value in row['outputs'].values())}")
    return MatchedRow(
        cite=row["cite"], note="；".join(filter(None, notes)), compared=compared,
        text=clause_text(read.world, row["cite"]), item=item, otherwise=bool(row.get("otherwise")),
    )  # fmt: skip


def _compared(read: Reading, cell: Mapping[str, Any]) -> Compared:
    open_ = cell["value"] is None and not read.outcome.settled
    value = "尚不能定" if open_ else _with_unit(cell["value"], cell.get("unit"))
    if _is_personal(read.world, cell["input"]):
        value = "（个人信息）"
    label = str(cell["label"])
    if label == cell["input"] and not _NAME.fullmatch(label):  # a condition of its own, not a name
        label = expression_words(read, label)
    elif source := read.derived_from(label):
        value = f"{value}（{source}）"
    return Compared(label, value, test_words(read, str(cell["test"])), open_, read.source_of(str(cell["input"])))


_NAME = re.compile(r"[^\W\d]\w*")
_LIMIT = re.compile(r"(>=|<=|>|<|!=|=)\s*(.+)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_BETWEEN = re.compile(r"\[(.+?)\s*\.\.\s*(.+)\]")
_NAMED = re.compile(r'"[^"]*"(\s*,\s*"[^"]*")*')
_LIMITS = {">=": "不小于", "<=": "不大于", ">": "大于", "<": "小于", "=": "等于", "!=": "不等于"}
_DAYS = {">=": "不早于", "<=": "不晚于", ">": "晚于", "<": "早于", "=": "等于", "!=": "不等于"}
_TOKEN = re.compile(r'"([^"]*)"|([<>!]=|[<>=])|([^\W\d][\w.]*)|\s+')
_GRAMMAR = {
    "and": "，且", "or": "，或", "not": "不是", "in": "属于", "true": "是", "false": "否", "null": "不详", "as_of": "此时",
}  # fmt: skip


def expression_words(read: Reading, text: str) -> str:
    """An expression of a rule as a clerk reads it: names by their labels with their values, words for signs."""

    def spoken(found: re.Match[str]) -> str:
        quoted, sign, name = found.groups()
        if name is not None:
            return _GRAMMAR.get(name) or read.named(name)
        return f" {_LIMITS[sign]} " if sign is not None else quoted or ""

    return _TOKEN.sub(spoken, text).strip()


def test_words(read: Reading, test: str) -> str:
    """A cell of a table as a clerk reads it: figures for their names, words for signs."""
    text = test.strip()
    if text in ("true", "false"):
        return "是" if text == "true" else "否"
    if text.startswith("not(") and text.endswith(")"):
        return f"不是{test_words(read, text[4:-1])}"
    if _NAMED.fullmatch(text):
        return "或".join(re.findall(r'"([^"]*)"', text))
    if found := _BETWEEN.fullmatch(text):
        return f"{expression_words(read, found[1])} 至 {expression_words(read, found[2])}"
    if found := _LIMIT.fullmatch(text):
        limit = expression_words(read, found[2])
        return f"{(_DAYS if _DAY.fullmatch(limit) else _LIMITS)[found[1]]} {limit}"
    return expression_words(read, text)


def of_case(seen: Any, entered: Mapping[str, str] | None = None) -> tuple[Grounds, ...]:
    """The decisions that count in a case: those its procedure decides, that say who acts, or that were decided.

    entered: fact -> by which entry it came, by whom and when.
    """
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
                found.append(grounds_of(outcome, world, decided=state.decided.get(name), entered=entered))
    return tuple(found)


def _known(facts: Mapping[str, Any], outcome: Outcome) -> bool:
    """Whether anything that the decision reads is known: a decision about nothing yet is not worth a line."""
    return any(facts.get(name) is not None for name in outcome.decision.language.names if name in outcome.world.facts)


def _who_decisions(rule: Any) -> list[str]:
    whos = [who for step in rule.steps.values() for who in step.by]
    return [who.name.partition(".")[0] for who in whos if who.kind == "decision"]
