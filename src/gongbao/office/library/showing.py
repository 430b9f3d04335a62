"""A decision of a pack laid out to be read: inputs, rows, outputs, cites, and the examples with what they give."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from gongbao.engine.world import World
from gongbao.office import gazettes
from gongbao.office.library import readable
from gongbao.office.library.standing import column_label
from gongbao.policy import schema
from gongbao.policy.examples import run_one

_HIT = {"unique": "各行互不重叠", "first": "自上而下取第一行", "collect": "合并所有成立的行"}


@dataclass(frozen=True, slots=True)
class ShownCell:
    words: str
    written: str


@dataclass(frozen=True, slots=True)
class ShownRow:
    number: int
    cells: tuple[ShownCell, ...]
    outputs: tuple[str, ...]
    cite: str
    note: str
    otherwise: bool
    text: str | None  # the clause, where its gazette is loaded


@dataclass(frozen=True, slots=True)
class ShownExample:
    id: str
    given: str
    expect: str
    cite: str
    note: str
    confirmed_by: str
    ok: bool
    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownDecision:
    name: str
    label: str
    cite: str
    hit: str
    columns: tuple[str, ...]
    outputs: tuple[str, ...]
    possible: tuple[tuple[str, str], ...]  # output -> its values
    rows: tuple[ShownRow, ...]
    formulas: tuple[tuple[str, str], ...]
    lets: tuple[tuple[str, str], ...]
    required: tuple[tuple[str, str], ...]
    for_each: str
    assume: tuple[str, ...]
    in_columns: bool


def decision(pack: schema.Pack, name: str) -> ShownDecision:
    spec = pack.decisions[name]
    columns = list(dict.fromkeys(c for rule in spec.rules for c in rule.when or {}))
    outputs = {key: _output_label(spec, key) for key in spec.output}
    ordered = {key: "（由低到高）" if out.ordered else "" for key, out in spec.output.items()}
    return ShownDecision(
        name=name, label=spec.label, cite=spec.cite, hit=_HIT[spec.hit] if spec.rules else "按公式计算",
        columns=tuple(column_label(pack, c) for c in columns), outputs=tuple(outputs.values()),
        possible=tuple((outputs[key], "、".join(out.values) + ordered[key]) for key, out in spec.output.items()
                       if out.values),
        rows=tuple(_row(pack, i, rule, columns, list(outputs)) for i, rule in enumerate(spec.rules, 1)),
        formulas=tuple((outputs[key], readable.expression_words(text, pack)) for key, text in spec.value.items()),
        lets=tuple((key, readable.expression_words(text, pack)) for key, text in spec.let.items()),
        required=tuple((r, pack.decisions[r].label) for r in spec.requires if r in pack.decisions),
        for_each="、".join(f"{key}：{text}" for key, text in spec.for_each.items()),
        assume=spec.assume, in_columns=spec.columns,
    )  # fmt: skip


def _output_label(spec: schema.DecisionSpec, key: str) -> str:
    return spec.output[key].label or (spec.label if len(spec.output) == 1 else key)


def _row(pack: schema.Pack, number: int, rule: schema.Rule, columns: list[str], outputs: list[str]) -> ShownRow:
    cells = []
    for column in columns:
        written = (rule.when or {}).get(column, "-")
        cells.append(ShownCell(readable.test_words(written, pack) if rule.when is not None else "", written))
    result = rule.then if rule.when is not None else rule.otherwise
    given = result if isinstance(result, dict) else dict.fromkeys(outputs, result)
    return ShownRow(
        number, tuple(cells), tuple(_result(pack, given.get(o)) for o in outputs), rule.cite, rule.note or "",
        rule.when is None, gazettes.clause_text(pack.document.number, rule.cite, pack.document.title),
    )  # fmt: skip


def _result(pack: schema.Pack, value: Any) -> str:
    if isinstance(value, str) and value.startswith("= "):
        return readable.expression_words(value[2:], pack)
    return readable.value_words(value)


def examples(pack: schema.Pack, world: World, name: str) -> tuple[ShownExample, ...]:
    """The examples of one decision, each tried now: with the settings that it names, not those that the office filled."""
    world = world.with_settings(dict.fromkeys(world.settings))
    made = []
    for example in pack.examples:
        if example.of == "decision" and example.decision == name:
            try:
                differences = run_one(world, example).differences
            except Exception as error:  # an example must not take the page down with it
                logging.getLogger(__name__).warning("样例 %s：%s", example.id, error)
                differences = (str(error),)
            made.append(ShownExample(
                example.id, _given(pack, example), _expected(pack, example.expect), example.cite or "",
                example.note or "", example.confirmed_by or "", not differences, tuple(differences),
            ))  # fmt: skip
    return tuple(made)


def _given(pack: schema.Pack, example: schema.Example) -> str:
    parts = [f"{column_label(pack, key)}：{_short(value)}" for key, value in example.given.items()]
    parts += [f"〔设置〕{pack.settings[k].label if k in pack.settings else k}：{_short(v)}"
              for k, v in example.settings.items()]  # fmt: skip
    return "；".join(parts) or "（什么都不知道）"


def _short(value: Any) -> str:
    text = readable.value_words(value) if value is not None else "不详"
    return text if len(text) <= 160 else text[:160] + "……"


_EXPECT = {
    "candidates": "可能为", "at_least": "至少为", "ask": "还须了解", "needs_person": "需人工判定", "rule": "依据",
    "open": "待设定", "reason": "原因",
}  # fmt: skip


def _expected(pack: schema.Pack, expect: Any) -> str:
    if not isinstance(expect, dict):
        return readable.value_words(expect)
    outputs = {key: out.label or key for spec in pack.decisions.values() for key, out in spec.output.items()}
    parts = []
    for key, value in expect.items():
        if key == "needs_person":
            parts.append("需人工判定" if value else "不需人工判定")
        elif key == "ask" and isinstance(value, (list, tuple)):
            parts.append("还须了解 " + "、".join(column_label(pack, str(v)) for v in value))
        else:
            parts.append(f"{_EXPECT.get(key, outputs.get(key, key))} {_short(value)}")
    return "；".join(parts)
