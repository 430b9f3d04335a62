"""A rule as a reader without FEEL reads it: tests, literals, limits and who acts, in the words of an office.

What these words do not cover stays as it is written; nothing is dropped, and the page shows the written form beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gongbao.engine.time.counting import limit_text, parse_limit
from gongbao.office.pages import words
from gongbao.policy import schema

_COMPARE = {">=": "≥ ", "<=": "≤ ", ">": "＞ ", "<": "＜ ", "=": "＝ ", "!=": "≠ "}
_TEST = re.compile(r"(>=|<=|!=|>|<|=)\s*(.+)")
_RANGE = re.compile(r"([\[(\]])\s*(.+?)\s*\.\.\s*(.+?)\s*([\])\[])")
_STRING = re.compile(r'"([^"]*)"')
_TOKEN = re.compile(r"(?:!=|=)\s*(?:true|false)\b|[A-Za-z_][A-Za-z_0-9]*(?:\.[A-Za-z_0-9]+)*|[<>]=|!=")
_TRUTH = re.compile(r"(!=|=)\s*(true|false)")
_TIMES = re.compile(r'\btimes\("(\w+)"\)')
_ID = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+")
_GRAMMAR = {
    "if": "如果", "then": "则", "else": "否则", "and": "且", "or": "或", "null": "不详", "true": "是", "false": "否",
    ">=": "≥", "<=": "≤", "!=": "≠", "not": "非", "contains": "含有", "in": "属于",
    "case.number": "编号", "case.title": "标题", "case.place": "区域", "case.level": "层级", "case.opened_at": "开立时间",
    "as_of": "此时", "actor.unit": "操作单位", "year": "年份", "seq": "序号", "signer": "签发人", "unit": "单位",
}  # fmt: skip
_KINDS = {"period": "期限", "date": "日期", "wait": "不少于", "right": "逾期失权", "lead": "提前", "repeat": "定期"}
_PER = {"day": "日", "week": "周", "month": "月", "quarter": "季度", "year": "年"}


def value_words(value: Any) -> str:
    """A literal of a pack: 是, 否, 需人工判定 for null, numbers exact."""
    if value is None:
        return "需人工判定"
    if isinstance(value, schema.SettingRef):
        return value.setting
    if isinstance(value, Mapping):
        return "；".join(f"{key}：{value_words(item)}" for key, item in value.items())
    return words.shown(value)


def test_words(test: str, pack: schema.Pack) -> str:
    """A unary test: `>= params.limit` is ≥ 300; `"A","B"` is A 或 B; `[1..5]` is 1 至 5（含两端）."""
    text = test.strip()
    if text in ("-", ""):
        return "不限"
    if text.startswith("not(") and text.endswith(")") and _balanced(text[4:-1]):
        return f"除 {test_words(text[4:-1], pack)} 外"
    parts = _parted(text)
    if len(parts) > 1:
        return " 或 ".join(test_words(part, pack) for part in parts)
    if text in ("true", "false", "null"):
        return {"true": "是", "false": "否", "null": "未填"}[text]
    if found := _STRING.fullmatch(text):
        return found[1]
    if found := _RANGE.fullmatch(text):
        low, high = expression_words(found[2], pack), expression_words(found[3], pack)
        ends = ("含" if found[1] == "[" else "不含", "含" if found[4] == "]" else "不含")
        return f"{low} 至 {high}（{'含两端' if ends == ('含', '含') else f'{ends[0]}下限、{ends[1]}上限'}）"
    if found := _TEST.fullmatch(text):
        return _COMPARE[found[1]] + expression_words(found[2], pack)
    return expression_words(text, pack)


def expression_words(text: str, pack: schema.Pack) -> str:
    """An expression with its figures, and with the labels of what it reads; the grammar of FEEL in plain words."""
    text = _TIMES.sub(lambda m: f'"“{event_labels(pack).get(m[1], m[1])}”的次数"', text)
    parts = re.split(r'("[^"]*")', text)
    words_ = [part[1:-1] if part.startswith('"') else _TOKEN.sub(lambda m: _token(m, pack), part) for part in parts]
    return re.sub(r"\s*(为是|为否)", r" \1", "".join(words_)).strip()


def _token(found: re.Match[str], pack: schema.Pack) -> str:
    name = found[0]
    if truth := _TRUTH.fullmatch(name):
        return "为否" if (truth[1] == "!=") == (truth[2] == "true") else "为是"
    head, _, rest = name.partition(".")
    if head == "params" and rest in pack.params:
        return f"{words.shown(pack.params[rest].value)}{pack.params[rest].unit or ''}"
    if head == "settings" and rest in pack.settings:
        return f"〔设置：{pack.settings[rest].label}〕"
    if head == "decided" and (of := rest.partition(".")[0]) in pack.decisions:
        return f"已决定的{pack.decisions[of].label}"
    if head in pack.decisions and rest:
        return pack.decisions[head].output[rest].label or pack.decisions[head].label if rest in pack.decisions[
            head].output else name  # fmt: skip
    if head in pack.facts:
        field = pack.facts[head].fields.get(rest) if rest else None
        return pack.facts[head].label + (f"的{field.label}" if field else f".{rest}" if rest else "")
    return _GRAMMAR.get(name, name)


def filled_words(text: str, pack: schema.Pack) -> str:
    """A sentence of a template with what is filled in named in 【】."""
    return re.sub(r"\{([^{}]*)\}", lambda m: f"【{expression_words(m[1], pack)}】", text)


def named_settings(text: str, pack: schema.Pack) -> str:
    """A sentence of the pack's authors in which settings are named by id, with their labels."""
    return _ID.sub(lambda m: f"“{pack.settings[m[0]].label}”" if m[0] in pack.settings else m[0], text)


def limit_words(limit: str | schema.SettingRef | None, pack: schema.Pack) -> str:
    """`3 working days` is 3个工作日; a setting shows its label and who fills it."""
    if limit is None:
        return ""
    if isinstance(limit, schema.SettingRef):
        setting = pack.settings.get(limit.setting)
        return f"由{setting.owner}设定（{setting.label}）" if setting else limit.setting
    return limit_text(parse_limit(limit))


def deadline_words(spec: schema.DeadlineSpec, pack: schema.Pack, labels: Mapping[str, str]) -> str:
    """What the time rule asks, counted from what, until what."""
    head = _KINDS[spec.kind]
    body = limit_words(spec.limit, pack)
    if spec.kind == "date":
        body = f"{spec.on_or_before} 前"
    if spec.every is not None:
        body = f"每 {limit_words(spec.every, pack)} 一次"
    if spec.at is not None:
        body = f"于 {spec.at}"
    if spec.at_least is not None:
        of = spec.at_least
        least = pack.settings[of.setting].label if isinstance(of, schema.SettingRef) else of
        body = f"每{_PER[spec.per or 'year']}至少 {least} 次"
    start = moment_words(spec.from_, pack, labels)
    before = moment_words(spec.before, pack, labels)
    met = moment_words(spec.met_by, pack, labels)
    parts = [f"{head} {body}".strip() if spec.kind != "date" else body]
    parts += [f"自“{start}”起"] if start else []
    parts += [f"在“{before}”之前"] if before else []
    parts += [f"以“{met}”为准"] if met else []
    if spec.extend is not None:
        parts.append(f"可延长 {limit_words(spec.extend.max, pack)}，{spec.extend.times} 次")
    return "，".join(parts)


def moment_words(ref: schema.EventRef | None, pack: schema.Pack, labels: Mapping[str, str]) -> str:
    if ref is None:
        return ""
    if ref.event is not None:
        return labels.get(ref.event, ref.event)
    name = ref.fact or ref.decided or ""
    if ref.decided is not None:
        return f"作出“{labels.get(name, name)}”"
    return pack.facts[name].label if name in pack.facts else name


def who_words(who: schema.Who, pack: schema.Pack) -> str:
    if who.relative is not None:
        return f"{'所在地' if who.place == 'case.place' else ''}{who.level + '级' if who.level else ''}{who.relative}"
    if who.fact is not None:
        return f"“{pack.facts[who.fact].label if who.fact in pack.facts else who.fact}”所指单位"
    if who.decision is not None:
        name = who.decision.partition(".")[0]
        return f"由“{pack.decisions[name].label if name in pack.decisions else name}”确定的单位"
    return next(v for v in (who.unit, who.post, who.role, who.body, who.party, who.group) if v is not None)


def whos_words(whos: tuple[schema.Who, ...], pack: schema.Pack) -> str:
    return "、".join(who_words(who, pack) for who in whos)


def event_labels(pack: schema.Pack) -> dict[str, str]:
    """What people call each event: the label of the action that makes it."""
    found = {"opened": "开立", "decided": "作出决定", "recorded": "补充事实", "closed": "办结"}
    for procedure in pack.procedures.values():
        for actions in (*(step.actions for step in procedure.steps.values()), procedure.anytime):
            for name, action in actions.items():
                found.setdefault(action.event or name, action.label)
    for name, decision in pack.decisions.items():
        found.setdefault(name, decision.label)
    return found


def _parted(text: str) -> list[str]:
    """The alternatives of a test, parted by commas outside brackets and quotes."""
    parts, depth, quoted, at = [], 0, False, 0
    for i, c in enumerate(text):
        if c == '"':
            quoted = not quoted
        elif not quoted and c in "([{":
            depth += 1
        elif not quoted and c in ")]}":
            depth -= 1
        elif not quoted and not depth and c == ",":
            parts.append(text[at:i].strip())
            at = i + 1
    return [*parts, text[at:].strip()]


def _balanced(text: str) -> bool:
    depth = 0
    for c in re.sub(r'"[^"]*"', "", text):
        depth += (c == "(") - (c == ")")
        if depth < 0:
            return False
    return depth == 0
