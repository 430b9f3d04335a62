"""Indicators between the files of packs and the engine: built from their specs, and held against each other.

One number stands in one place: plans that have an indicator in common give it one name (`same_as`), under which it is
entered once; where they disagree on its baseline or its target, `disagreements` lists it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from gongbao.engine import indicator as engine
from gongbao.engine import model
from gongbao.engine.indicator_words import said_of, shown
from gongbao.policy import schema

_UP = {"floor": True, "full": True, "growth": True, "ceiling": False, "rank": False, "zero": False}
Whos = Callable[[tuple[schema.Who, ...], str], tuple[model.Who, ...]]


def built(pack: str, spec: schema.IndicatorSpec, whos: Whos) -> engine.Indicator:
    """The indicator as the engine knows it; `whos` compiles who owns it (specs, key)."""
    return engine.Indicator(
        id=spec.id,
        key=spec.same_as or f"{pack}:{spec.id}",
        label=spec.label,
        cite=spec.cite,
        targets=tuple(_target(spec, i, target) for i, target in enumerate(spec.target)),
        group=spec.group,
        unit=spec.unit,
        ratio=engine.Ratio(spec.value.num, spec.value.den, spec.value.per) if spec.value else None,
        baseline=engine.Baseline(
            _ref(spec.baseline.year), spec.baseline.value, spec.baseline.bound, spec.baseline.text
        ),
        nature=spec.nature,
        owner=whos(spec.owner, "owner"),
        with_=whos(spec.with_, "with"),
        source=spec.source,
        min=spec.min,
        max=spec.max,
        step=spec.step,
        path=spec.path.setting if spec.path else None,
        parts=spec.parts,
    )


def _target(spec: schema.IndicatorSpec, number: int, target: schema.TargetSpec) -> engine.Target:
    name = f"indicator_{spec.id}" + (f"_{number + 1}" if number else "")
    cite = target.cite or spec.cite
    better = None if spec.better is None else spec.better == "up"
    up = _UP.get(target.form, better)
    if target.form == "change" and isinstance(target.by, schema.NUMBERS) and target.by != 0:
        up = target.by > 0
    return engine.Target(
        form=target.form,
        cite=cite,
        decision=name,
        progress=f"{name}_progress" if up is not None and (target.milestones or spec.path) else None,
        whole=f"{name}_whole" if target.judge else None,
        year=target.year,
        each_year=target.each_year,
        since=target.since,
        value=target.value,
        strict=target.strict,
        by=target.by,
        unit=_ref(target.unit),
        against=_ref(target.against),
        over=target.over,
        tolerance=_ref(target.tolerance),
        strive=target.strive,
        judge=_judge(target.judge),
        milestones={year: _point(one, cite) for year, one in target.milestones.items()},
        quotas={who: (value, f"{name}_quota_{i}") for i, (who, value) in enumerate(target.quotas.items(), 1)},
        text=target.text,
        up=up,
    )


def _judge(judge: schema.Judge | None) -> engine.Judge | None:
    if judge is None:
        return None
    part = judge.pass_ if isinstance(judge.pass_, dict) else {}
    return engine.Judge(judge.each, part.get("share"), part.get("at_least"), _ref(judge.count))


def _point(one: Any, cite: str) -> engine.Point:
    if isinstance(one, schema.Milestone):
        return engine.Point(one.value, one.cite or cite)
    return engine.Point(one, cite)


def _ref(value: Any) -> Any:
    return model.SettingRef(value.setting) if isinstance(value, schema.SettingRef) else value


# One number, one place ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What plans say differently of one shared indicator: `said` is (pack, what it says) of each."""

    key: str
    about: str  # 单位、2020年基期值、2025年目标 ...
    said: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return f"“{self.key}”的{self.about}不一致：{'；'.join(f'{pack} 为 {what}' for pack, what in self.said)}"


def disagreements(packs: Iterable[schema.Pack]) -> Iterator[Disagreement]:
    """Every shared indicator whose unit, baseline of one year or target of one year is not the same in all its plans."""
    shared: dict[str, list[tuple[str, engine.Indicator]]] = {}
    for pack in packs:
        for spec in pack.indicators:
            if spec.same_as:
                one = built(pack.id, spec, lambda whos, key: ())
                shared.setdefault(f"{pack.id.partition('/')[0]} {spec.same_as}", []).append((pack.id, one))
    for name, plans in shared.items():
        key = name.partition(" ")[2]
        yield from _differ(key, "单位", [(pack, one.unit) for pack, one in plans])
        for year in sorted({one.baseline.year for _, one in plans if isinstance(one.baseline.year, int)}):
            bases = [(p, shown(o.baseline.known, o.unit)) for p, o in plans
                     if o.baseline.year == year and o.baseline.known is not None]  # fmt: skip
            yield from _differ(key, f"{year}年基期值", bases)
        for year in sorted({target.year for _, one in plans for target in one.targets if target.year is not None}):
            said = [(p, "、".join(said_of(o, t) for t in o.targets if t.year == year)) for p, o in plans]
            yield from _differ(key, f"{year}年目标", [(pack, what) for pack, what in said if what])


def _differ(key: str, about: str, said: list[tuple[str, str]]) -> Iterator[Disagreement]:
    if len({what for _, what in said}) > 1:
        yield Disagreement(key, about, tuple(said))
