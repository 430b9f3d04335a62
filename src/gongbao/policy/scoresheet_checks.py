"""Does a scoring sheet fit together? What it names, what its parts come to, and how low its points can fall."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from gongbao.engine.functions import FUNCTIONS
from gongbao.engine.units import Units
from gongbao.feel import compile_unary_tests
from gongbao.policy import schema
from gongbao.policy.errors import Problem
from gongbao.policy.names import no_such
from gongbao.policy.observed import needed
from gongbao.policy.scoresheets import CURVES, FILE, PARTIAL, bounds, numbers_of
from gongbao.policy.source import Source

Path = tuple[str | int, ...]


def scoresheets(source: Source) -> Iterator[Problem]:
    """Every mistake of every sheet."""
    for name, sheet in source.pack.scoresheets.items():
        yield from _whole(source, name, sheet)
        seen: set[str] = set()
        for i, item in enumerate(sheet.items):
            at: Path = (name, "items", i)
            if item.id in seen:
                yield source.problem(FILE, (*at, "id"), f"编号“{item.id}”重复", code="duplicate")
            seen.add(item.id)
            yield from _item(source, at, sheet, item)


#: So many decisions that a grade stands on are still gone through together with it.
_FEW = 6


def beyond(pack: schema.Pack, name: str) -> bool:
    """Whether a decision is not looked at as a table: a sum of lines, or the grade of more lines than can be combined.

    The bands of such a grade are gone through here, and an example must expect each of them.
    """
    spec = pack.decisions[name]
    if spec.made_at is None:
        return False
    return not spec.rules or (name.endswith("_grade") and len(needed(pack, name)) > _FEW)


def _whole(source: Source, name: str, sheet: schema.ScoresheetSpec) -> Iterator[Problem]:
    pack = source.pack
    ranking = sheet.ranking
    if ranking is not None and isinstance(ranking.take, schema.SettingRef):
        yield from _setting(source, (name, "ranking", "take"), ranking.take)
    if ranking is not None and ranking.within is not None:
        fact = pack.facts.get(ranking.within)
        if fact is None or fact.type != "choice":
            message = no_such(ranking.within, "choice 事实", [n for n, f in pack.facts.items() if f.type == "choice"])
            yield source.problem(FILE, (name, "ranking", "within"), message, code="name")
    for i, band in enumerate(sheet.grades.bands if sheet.grades is not None else ()):
        assert sheet.grades is not None
        if band.then not in sheet.grades.values:
            message = no_such(band.then, "等次", sheet.grades.values)
            yield source.problem(FILE, (name, "grades", "bands", i, "then"), message, code="value")
    if sheet.grades is not None:
        yield from _bands(source, (name, "grades", "bands"), sheet.grades)
        yield from _expected(source, name, sheet.grades)
    if sheet.subjects is not None:
        try:
            units = Units(source.units.model_dump(by_alias=True))
        except ValueError:
            return  # told with the names of units
        if not units.is_group(sheet.subjects):
            yield source.problem(FILE, (name, "subjects"), f"没有“{sheet.subjects}”这个组", code="unit")


def _expected(source: Source, name: str, grades: schema.GradesSpec) -> Iterator[Problem]:
    """Every grade is what some example expects."""
    found: set[Any] = set()
    for example in source.pack.examples:
        if example.of == "score" and example.sheet == name and isinstance(example.expect, dict):
            found.add(example.expect.get("grade"))
        elif example.of == "decision" and example.decision == f"{name}_grade":
            found.add(example.expect if isinstance(example.expect, str) else None)
    for i, band in enumerate(grades.bands):
        if band.then not in found:
            at = (name, "grades", "bands", i)
            yield source.problem(FILE, at, f"没有样例评为“{band.then}”", code="unreached")


def _bands(source: Source, at: Path, grades: schema.GradesSpec) -> Iterator[Problem]:
    """Every total is in one band: looked at on each bound of a band, between the bounds and beyond them."""
    cuts = sorted({Decimal(cut) for band in grades.bands for cut in numbers_of(band.when)})
    between = [(low + high) / 2 for low, high in itertools.pairwise(cuts)]
    points = sorted({*cuts, *between, *(cuts[:1] and [cuts[0] - 1, cuts[-1] + 1])})
    tests = [compile_unary_tests(band.when, (), FUNCTIONS) for band in grades.bands]
    for point in points:
        held = [band.then for band, test in zip(grades.bands, tests, strict=True) if test.evaluate(point, {}) is True]
        if len(held) != 1:
            said = "没有等次" if not held else f"同时是{'、'.join(held)}"
            yield source.problem(FILE, at, f"总分 {point:f} {said}", code="overlap" if held else "gap")


def _item(source: Source, at: Path, sheet: schema.ScoresheetSpec, item: schema.ScoreItem) -> Iterator[Problem]:
    if isinstance(item.weight, schema.SettingRef):
        yield from _setting(source, (*at, "weight"), item.weight)
    if isinstance(item.over, schema.SettingRef):
        yield from _setting(source, (*at, "over"), item.over)
    if not item.parts:
        yield from _part(source, at, sheet, item)
        return
    if item.full is not None:
        most = [high for part in item.parts if (high := bounds(part)[1]) is not None]
        if sum(most) > item.full and item.over is None:
            message = (
                f"各分项合计 {sum(most)} 分，超过满分 {item.full} 分；须用 over 写明超过时怎么算（full，或一项设置）"
            )
            yield source.problem(FILE, at, message, code="score")
    seen: set[str] = set()
    for j, part in enumerate(item.parts):
        if part.id in seen:
            yield source.problem(FILE, (*at, "parts", j, "id"), f"编号“{part.id}”重复", code="duplicate")
        seen.add(part.id)
        if part.rule == "veto":
            yield source.problem(FILE, (*at, "parts", j, "rule"), "否决（veto）自成一项，不能是分项", code="score")
        yield from _part(source, (*at, "parts", j), sheet, part)


def _part(source: Source, at: Path, sheet: schema.ScoresheetSpec, part: schema.ScorePart) -> Iterator[Problem]:
    pack = source.pack
    if part.judged is not None and part.judged not in pack.facts:
        yield source.problem(FILE, (*at, "judged"), no_such(part.judged, "事实", pack.facts), code="name")
    if part.decision is not None:
        yield from _decision(source, (*at, "decision"), part.decision)
    for key, ref, allowed in (("curve", part.curve, CURVES), ("partial", part.partial, PARTIAL)):
        if ref is not None:
            yield from _setting(source, (*at, key), ref)
            setting = pack.settings.get(ref.setting)
            wrong = [v for v in (setting.candidates or setting.values) if v not in allowed] if setting else []
            if setting is not None and (wrong or not (setting.candidates or setting.values)):
                message = f"设置“{setting.label}”的 candidates 只能是 {'、'.join(allowed)}"
                yield source.problem(FILE, (*at, key), message, code="value")
    if isinstance(part.floor, schema.SettingRef):
        yield from _setting(source, (*at, "floor"), part.floor)
    low, _ = bounds(part)
    if part.rule == "per_missing" and part.floor is None and low < 0:
        message = f"扣到底是 {low} 分，须用 floor 写明最低分；文中没有写的，作为一项设置"
        yield source.problem(FILE, at, message, code="score")
    if part.withhold is not None and (sheet.grades is None or part.withhold not in sheet.grades.values):
        values = sheet.grades.values if sheet.grades is not None else ()
        yield source.problem(FILE, (*at, "withhold"), no_such(part.withhold, "等次", values), code="value")
    if part.item is not None and part.item not in {item.id for item in sheet.items if item.rule != "veto"}:
        message = no_such(part.item, "考核项", [item.id for item in sheet.items])
        yield source.problem(FILE, (*at, "item"), message, code="name")


def _setting(source: Source, at: Path, ref: schema.SettingRef) -> Iterator[Problem]:
    if ref.setting not in source.pack.settings:
        yield source.problem(FILE, at, no_such(ref.setting, "设置", source.pack.settings), code="name")


def _decision(source: Source, at: Path, wanted: str) -> Iterator[Problem]:
    decisions: dict[str, Any] = source.pack.decisions
    name, _, output = wanted.partition(".")
    if name not in decisions:
        yield source.problem(FILE, at, no_such(name, "判定", decisions), code="name")
    elif output not in decisions[name].output:
        yield source.problem(
            FILE, at, f"写作 判定.结果；{name} 的结果有 {'、'.join(decisions[name].output)}", code="name"
        )
