"""The nearest changes of an outcome as JSON data and in Chinese: "一般失信行为记录次数少1次（1次→0次），即升为A"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from gongbao.engine.canonical import to_jsonable
from gongbao.engine.decision.nearest import Change, Nearest, nearest
from gongbao.engine.decision.outcome import Outcome, facts_of
from gongbao.engine.labels import label_of
from gongbao.engine.series import DAY, Series
from gongbao.engine.specs import fact_at
from gongbao.engine.world import World
from gongbao.feel.temporal import write_number
from gongbao.feel.values import Value, is_number

SHOWN = 8  # changes that a reader is shown
READINGS = 4  # readings of one series that are named


def nearest_data(outcome: Outcome) -> list[dict[str, Any]]:
    """[{value, direction: raise | lower | null, changes: [{fact, label, from, to, steps, reading?}], text}], the smallest first.

    reading: of a series, which of its readings it is, from 1.
    """
    world = outcome.world
    return [
        {
            "value": to_jsonable(each.value),
            "direction": each.direction,
            "changes": [
                {
                    "fact": change.fact,
                    "label": label_of(world, change.fact),
                    "from": to_jsonable(change.now),
                    "to": to_jsonable(change.then),
                    "steps": change.by,
                    **({} if change.place is None else {"reading": change.place + 1}),
                }
                for change in each.changes
            ],
            "text": in_words(world, outcome, each),
        }
        for each in nearest(outcome)
    ]


def nearest_lines(outcome: Outcome) -> list[str]:
    """The nearest changes for a reader, without those of personal facts."""
    found = [each for each in nearest(outcome) if not any(_is_personal(outcome.world, c.fact) for c in each.changes)]
    lines = [in_words(outcome.world, outcome, each) for each in found[:SHOWN]]
    return [*lines, f"另有 {len(found) - SHOWN} 种结果"] if len(found) > SHOWN else lines


def in_words(world: World, outcome: Outcome, each: Nearest) -> str:
    changes = "，且".join(_changes(world, outcome, each))
    if each.value is None:
        return f"{changes}，即无规定可依，须人工判定"
    word = {"raise": "升为", "lower": "降为", None: "为"}[each.direction]
    return f"{changes}，即{word}{_value(outcome, each.value)}"


def _changes(world: World, outcome: Outcome, each: Nearest) -> Iterator[str]:
    """The changes in words; the readings of a series are told together."""
    for name, some in groupby(each.changes, lambda change: change.fact):
        found = list(some)
        said = label_of(world, name)
        series = facts_of(outcome).get(name)
        if isinstance(series, Series):
            many = f"等{len(found)}个读数" if len(found) > READINGS else ""
            yield said + "、".join(_place(series, c) + _by(world, c) for c in found[:READINGS]) + many
        else:
            yield said + _by(world, found[0])


def _by(world: World, change: Change) -> str:
    fact = fact_at(world.facts, change.fact.split("."))
    unit = (fact.unit or "") if fact is not None else ""
    if is_number(change.now):
        way = "多" if change.then > change.now else "少"
        by = write_number(abs(change.then - change.now))
        return f"{way}{by}{unit}（{write_number(change.now)}{unit}→{write_number(change.then)}{unit}）"
    if type(change.now) is date:
        way = "晚" if change.then > change.now else "早"
        return f"{way}{abs((change.then - change.now).days)}日（{change.now}→{change.then}）"
    return f"由“{_shown(change.now)}”改为“{_shown(change.then)}”"


def _place(series: Series, change: Change) -> str:
    """Which reading of a series: 第4日（11月18日）."""
    assert change.place is not None
    daily, at = series.step == DAY, series.at(change.place)
    shown = "" if at is None else f"（{at.month}月{at.day}日{'' if daily else f'{at:%H:%M}'}）"
    return f"第{change.place + 1}{'日' if daily else '个读数'}{shown}"


def _value(outcome: Outcome, value: Mapping[str, Value]) -> str:
    """An outcome: the one output, or those that are not the same now."""
    if len(value) == 1:
        return _shown(next(iter(value.values())))
    held = outcome.value or {}
    labels = {output.name: output.label for output in outcome.decision.outputs}
    other = {name: each for name, each in value.items() if each != held.get(name)}
    return "，".join(f"{labels[name]} {_shown(each)}" for name, each in other.items())


def _shown(value: Value) -> str:
    if value is None:
        return "无规定"
    if isinstance(value, bool):
        return "是" if value else "否"
    if is_number(value):
        return write_number(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "、".join(_shown(each) for each in value) or "无"
    return str(value)


def _is_personal(world: World, name: str) -> bool:
    return bool(getattr(world.facts.get(name.partition(".")[0]), "personal", None))
