"""Which rules stand on which clause: every citation of a pack, resolved to the clause it means, with the page that
shows the rule."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from gongbao.gazette.clause import Clause
from gongbao.gazette.clauses import resolve
from gongbao.gazette.documents import Document
from gongbao.gazette.locators import parse, render
from gongbao.gazette.text import GazetteError
from gongbao.office.library import packs, readable, shelf
from gongbao.policy.cites import Cited, cited
from gongbao.policy.schema import Pack

_PARAGRAPH = re.compile(r"第\d+款$")


@dataclass(frozen=True, slots=True)
class Standing:
    """One rule on one clause. `kind`: what it is, in words; `locator`: the clause as the gazette has it."""

    kind: str
    title: str
    words: str
    url: str
    cite: str
    locator: str
    resolved: bool


KINDS = (
    "判定", "判定规则", "办理程序", "环节", "动作", "时限", "任务与措施", "数字", "设置", "事实", "清单", "文书",
    "效力", "待明确的问题", "不产生规则",
)  # fmt: skip


def canonical(document: Document | None, cite: str) -> tuple[str, bool]:
    """The locator of the cited clause (a paragraph belongs to its clause), and whether the gazette has it."""
    if document is not None:
        try:
            return _PARAGRAPH.sub("", resolve(document, cite).locator), True
        except (GazetteError, IndexError):
            pass
    tokens = parse(cite)
    return (_PARAGRAPH.sub("", render(tokens)) if tokens else cite), False


_held: dict[tuple[str, str, str], tuple[Standing, ...]] = {}


def canonical_paragraph(locator: str) -> str:
    """The clause that a paragraph (第N款) belongs to."""
    return _PARAGRAPH.sub("", locator)


def standings(pack: str) -> tuple[Standing, ...]:
    """Everything of the pack that cites its document, in the order of its files."""
    read, entry = packs.pack_of(pack), shelf.of_pack(pack)
    document = entry.document if entry is not None else None
    key = (pack, packs.version(pack), document.digest if document is not None else "")
    if key not in _held:
        if len(_held) > 200:
            _held.clear()
        labels = readable.event_labels(read)
        _held[key] = tuple(_standing(read, labels, document, one) for one in cited(read))
    return _held[key]


def on_clause(pack: str, clause: Clause | None, locator: str) -> tuple[tuple[str, tuple[Standing, ...]], ...]:
    """What stands on a clause and on those below it, by kind."""
    under = {c.locator for c in clause.walk()} if clause is not None else {locator}
    return by_kind(s for s in standings(pack) if s.locator in under)


def by_kind(found: Iterable[Standing]) -> tuple[tuple[str, tuple[Standing, ...]], ...]:
    groups: dict[str, dict[Standing, None]] = {}
    for one in found:
        groups.setdefault(one.kind, {})[one] = None
    return tuple((kind, tuple(groups[kind])) for kind in KINDS if kind in groups)


def counts(pack: str) -> dict[str, int]:
    """How many rules stand on each clause itself."""
    found: dict[str, int] = {}
    for one in standings(pack):
        if one.kind not in ("不产生规则", "待明确的问题"):
            found[one.locator] = found.get(one.locator, 0) + 1
    return found


def _standing(pack: Pack, labels: Mapping[str, str], document: Document | None, one: Cited) -> Standing:
    locator, resolved = canonical(document, one.cite)
    kind, title, words, url = _about(pack, labels, one)
    return Standing(kind, title, words, url, one.cite, locator, resolved)


def page(pack: str, kind: str, name: str = "", mark: str = "") -> str:
    """The address of the page that shows a thing of a pack; `mark` is the place on it."""
    city, slug = pack.split("/")
    args = [city, slug, *([name] if name else [])]
    return reverse(f"library:{kind}", args=args) + (f"#{mark}" if mark else "")


def _about(pack: Pack, labels: Mapping[str, str], one: Cited) -> tuple[str, str, str, str]:
    """What a citation belongs to: kind, title, its words in short, its page."""
    path, name = one.path, str(one.path[0])
    match one.file:
        case "decisions.yaml":
            spec = pack.decisions[name]
            if one.kind == "Rule":
                number = int(path[2]) + 1
                return "判定规则", f"{spec.label} 第 {number} 行", rule_words(pack, spec.rules[number - 1]), page(
                    pack.id, "decision", name, f"r{number}")  # fmt: skip
            return "判定", spec.label, "", page(pack.id, "decision", name)
        case "procedures.yaml":
            return _of_procedure(pack, labels, one)
        case "duties.yaml":
            duty = pack.duties[int(path[0])]
            lead = readable.whos_words(duty.lead, pack)
            return "任务与措施", duty.do, lead, page(pack.id, "duties", "", f"d-{duty.id}")
        case "params.yaml":
            param = pack.params[name]
            words = param.text or f"{readable.value_words(param.value)}（{param.implied}）"
            return "数字", words, "", page(pack.id, "figures", "", f"p-{name}")
        case "settings.yaml":
            setting = pack.settings[name]
            return "设置", setting.label, f"由{setting.owner}设定", page(pack.id, "figures", "", f"s-{name}")
        case "facts.yaml":
            return "事实", pack.facts[name].label, "", page(pack.id, "figures", "", f"f-{name}")
        case "registers.yaml":
            rows = f"{len(pack.rows.get(name, ()))} 行"
            return "清单", pack.registers[name].label, rows, page(pack.id, "register", name)
        case "documents.yaml":
            return "文书", pack.documents[name].label, "", page(pack.id, "template", name)
    return _of_document(pack, one)


def _of_document(pack: Pack, one: Cited) -> tuple[str, str, str, str]:
    home = page(pack.id, "pack")
    if one.path[0] == "open_questions":
        question = pack.document.open_questions[int(one.path[1])]
        return "待明确的问题", question.about, readable.named_settings(question.treated_as, pack), f"{home}#questions"
    if one.path[0] == "no_rule":
        return "不产生规则", pack.document.no_rule[int(one.path[1])].reason, "", home
    span = pack.document.in_force
    return "效力", f"自 {span.from_} 起" + (f"，至 {span.until}" if span.until else ""), "", home


def _of_procedure(pack: Pack, labels: Mapping[str, str], one: Cited) -> tuple[str, str, str, str]:
    name = str(one.path[0])
    spec: Any = pack.procedures[name]
    procedure, mark, where = spec, "", spec.label
    node: Any = spec
    for i, key in enumerate(one.path[1:], 1):
        if isinstance(key, str) and hasattr(node, f"{key}_"):
            key = f"{key}_"
        node = getattr(node, key) if isinstance(key, str) and not isinstance(node, dict) else node[key]
        if one.path[1] == "steps" and i == 2:
            mark, where = f"step-{key}", f"{procedure.label} · {node.label}"
    url = page(pack.id, "procedure", name, mark)
    if one.kind == "DeadlineSpec":
        words = readable.deadline_words(node, pack, labels)
        return "时限", node.label, words, page(pack.id, "procedure", name, f"t-{node.id}")
    if one.kind == "ActionSpec":
        return "动作", node.label, where, url
    if one.kind == "StepSpec":
        return "环节", node.label, procedure.label, url
    if one.kind == "ProcedureSpec":
        return "办理程序", spec.label, "", url
    return "办理程序", where, {"DecideSpec": "由谁决定", "Extend": "延长"}.get(one.kind, ""), url


def rule_words(pack: Pack, rule: Any) -> str:
    """One row in a line: 一般失信次数 ≥ 1；… → B."""
    if rule.when is None:
        return f"其余情形 → {readable.value_words(rule.otherwise)}"
    cells = [
        f"{column_label(pack, column)} {readable.test_words(cell, pack)}"
        for column, cell in rule.when.items() if cell.strip() != "-"
    ]  # fmt: skip
    return f"{'；'.join(cells)} → {readable.value_words(rule.then)}"


def column_label(pack: Pack, column: str) -> str:
    """What a column of a table is called: the fact's label, an output's, or the `let` name itself."""
    if column in pack.facts:
        return pack.facts[column].label
    head, _, output = column.partition(".")
    if head == "decided" or head in pack.decisions:
        name = output if head == "decided" else head
        if name in pack.decisions:
            label = pack.decisions[name].label
            return f"已决定的{label}" if head == "decided" else label
    if head == "settings" and output in pack.settings:
        return pack.settings[output].label
    if head in pack.facts and output in pack.facts[head].fields:
        return f"{pack.facts[head].label}：{pack.facts[head].fields[output].label}"
    return column
