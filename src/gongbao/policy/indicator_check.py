"""Are a pack's indicators whole? What they refer to is there, their targets can be, and every form is held at its boundary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from gongbao.engine.indicator import LINEAR, PATH, PERCENT, PERSON, POINTS, PREVIOUS, REACHED
from gongbao.engine.indicator_judge import Result
from gongbao.engine.indicator_reading import subject_of
from gongbao.engine.units import Units
from gongbao.engine.world import World
from gongbao.policy import schema
from gongbao.policy.errors import PackError, Problem
from gongbao.policy.indicator_examples import judge
from gongbao.policy.indicators import disagreements
from gongbao.policy.names import no_such
from gongbao.policy.source import Source, read_pack

FILE = "indicators.yaml"
_SIDES = {
    "at": "恰好达到",
    "below": "差一步达到",
    "above": "超出一步",
    "open": "还没有录入或判定",
    "yes": "判为达到",
    "no": "判为未达到",
}
_WANTED = {
    "exact": ("at", "below", "above"), "qualitative": ("open", "yes", "no"), "assigned": ("open", "at", "below"),
    "about": ("at", "open"),
}  # fmt: skip


def indicators(source: Source, world: World | None) -> Iterator[Problem]:
    """Everything wrong with the indicators of a pack; the boundaries only where it compiles."""
    if not source.pack.indicators:
        return
    yield from _references(source)
    yield from _bounds(source)
    yield from _sums(source)
    yield from _shared(source)
    if world is not None:
        yield from _boundaries(source, world)


# References ---------------------------------------------------------------------------------------------------------


def _references(source: Source) -> Iterator[Problem]:
    pack, units = source.pack, Units(source.units.model_dump(by_alias=True))
    ids = [spec.id for spec in pack.indicators]
    for i, spec in enumerate(pack.indicators):
        for key in ("num", "den") if spec.value else ():
            name = getattr(spec.value, key)
            fact = pack.facts.get(name)
            if fact is None:
                yield _wrong(source, (i, "value", key), no_such(name, "事实", pack.facts), "name")
            elif fact.type not in ("integer", "number", "money"):
                yield _wrong(source, (i, "value", key), f"事实“{fact.label}”不是数", "type")
        for part in spec.parts:
            if part not in ids or part == spec.id:
                yield _wrong(source, (i, "parts"), no_such(part, "指标", ids), "name")
        yield from _setting(source, (i, "path"), spec.path, texts=(LINEAR,))
        yield from _setting(source, (i, "baseline", "year"), spec.baseline.year, number=True)
        for n, target in enumerate(spec.target):
            at: tuple[str | int, ...] = (i, "target", n) if len(spec.target) > 1 else (i, "target")
            yield from _setting(source, (*at, "tolerance"), target.tolerance, number=True, floor=True)
            yield from _setting(source, (*at, "against"), target.against, texts=(PREVIOUS, PATH))
            yield from _setting(source, (*at, "unit"), target.unit, texts=(POINTS, PERCENT))
            if target.judge is not None:
                yield from _setting(source, (*at, "judge", "count"), target.judge.count, number=True)
                if not units.is_group(target.judge.each) and target.judge.count is None:
                    message = f"“{target.judge.each}”不是登记的组；用 count 写明一共几个（数或设置），否则说不出都达到"
                    yield _wrong(source, (*at, "judge", "each"), message, "unit")
            for who in target.quotas:
                if who not in units.areas and not units.knows(who):
                    yield _wrong(source, (*at, "quotas", who), f"“{who}”不是登记的地方或单位", "unit")
                elif (kept := subject_of(units, who)) != who:
                    yield _wrong(source, (*at, "quotas", who), f"“{who}”应写作“{kept}”，数值以它为对象", "unit")


def _setting(
    source: Source, path: tuple[str | int, ...], ref: Any, *, texts: tuple[str, ...] = (), number: bool = False,
    floor: bool = False,
) -> Iterator[Problem]:  # fmt: skip
    """A setting that an indicator reads is there, and can hold what is read from it."""
    if not isinstance(ref, schema.SettingRef):
        return
    spec = source.pack.settings.get(ref.setting)
    if spec is None:
        yield _wrong(source, path, no_such(ref.setting, "设置", source.pack.settings), "name")
        return
    if texts and (strange := [c for c in spec.candidates if c not in texts] or not spec.candidates):
        said = "、".join(map(str, strange)) if isinstance(strange, list) else "无"
        yield _wrong(source, path, f"设置“{spec.label}”的 candidates 只能取 {'、'.join(texts)}，现有 {said}", "value")
    if number and spec.type not in ("number", "integer"):
        yield _wrong(source, path, f"设置“{spec.label}”须是数（number 或 integer），现为 {spec.type}", "type")
    if floor and (spec.min is None or spec.min < 0):
        yield _wrong(source, path, f"设置“{spec.label}”是可差多少，须写 min: 0", "value")


def _bounds(source: Source) -> Iterator[Problem]:
    """No target or baseline lies outside what a value may be."""
    for i, spec in enumerate(source.pack.indicators):
        numbers: list[tuple[tuple[str | int, ...], Any]] = [((i, "baseline", "value"), spec.baseline.value)]
        for n, target in enumerate(spec.target):
            at: tuple[str | int, ...] = (i, "target", n) if len(spec.target) > 1 else (i, "target")
            numbers.append(((*at, "value"), target.value))
        for path, value in numbers:
            if value is None:
                continue
            if (spec.min is not None and value < spec.min) or (spec.max is not None and value > spec.max):
                yield _wrong(source, path, f"{value} 不在“{spec.label}”可取的 {spec.min} 到 {spec.max} 之间", "value")


def _sums(source: Source) -> Iterator[Problem]:
    """The printed targets of the parts come to the printed target of the whole; a difference is shown, not repaired."""
    by_id = {spec.id: spec for spec in source.pack.indicators}
    for i, spec in enumerate(source.pack.indicators):
        parts = [by_id[part] for part in spec.parts if part in by_id]
        said = [part.target[0].value for part in parts]
        total = spec.target[0].value
        if parts and total is not None and None not in said and sum(v for v in said if v is not None) != total:
            listed = " + ".join(map(str, said))
            message = f"“{spec.label}”的目标印的是 {total}，各部分 {listed} = {sum(v for v in said if v is not None)}"
            yield _wrong(source, (i, "parts"), message, "sum", "warning")


# One number, one place ------------------------------------------------------------------------------------------------


def _shared(source: Source) -> Iterator[Problem]:
    """Where another plan of the city says something else of a shared indicator, unless the pack has it as a question.

    The question bears the shared name as its id.
    """
    own = {spec.same_as: i for i, spec in enumerate(source.pack.indicators) if spec.same_as}
    asked = {question.id for question in source.pack.document.open_questions}
    if not own:
        return
    for found in disagreements([source.pack, *_beside(source)]):
        if found.key in own and found.key not in asked and any(pack == source.pack.id for pack, _ in found.said):
            yield _wrong(source, (own[found.key], "same_as"), str(found), "disagree", "warning")


def _beside(source: Source) -> Iterator[schema.Pack]:
    """The other packs of the city that have indicators."""
    for path in sorted(source.folder.resolve().parent.glob(f"*/{FILE}")):
        if path.parent.name.partition("@")[0] != source.pack.id.partition("/")[2]:
            try:
                yield read_pack(path.parent)
            except PackError:
                continue  # told where that pack is checked


# Boundaries ----------------------------------------------------------------------------------------------------------


def _boundaries(source: Source, world: World) -> Iterator[Problem]:
    """For every form that the pack uses an example on each side of its boundary."""
    seen: dict[str, set[str]] = {}
    for example in source.pack.examples:
        if example.of != "indicator" or example.indicator not in world.indicators:
            continue
        there = world.with_settings(dict(example.settings)) if example.settings else world
        try:
            results: Sequence[Result] = judge(there, example).results
        except (LookupError, ValueError):
            continue  # told with the examples
        for result in _flat(results):
            seen.setdefault(result.target.form, set()).update(_side(result))
    forms = {target.form: i for i, spec in reversed(list(enumerate(source.pack.indicators))) for target in spec.target}
    for form, i in forms.items():
        for side in _WANTED.get(form, ("at", "below")):
            if side not in seen.get(form, ()):
                yield _wrong(source, (i, "target", "form"), f"目标形式 {form} 缺“{_SIDES[side]}”的样例", "unguarded")


def _flat(results: Iterable[Result]) -> Iterator[Result]:
    for result in results:
        yield result
        yield from _flat(result.members)


def _side(result: Result) -> Iterator[str]:
    if result.status == PERSON:
        yield "open"
    if isinstance(result.value, str):
        yield "yes" if result.status == REACHED else "no"
    if result.goal is None or result.value is None or isinstance(result.value, str):
        return
    step = result.indicator.step or 1
    off = Decimal(result.value) - Decimal(result.goal)
    off = off if result.target.up is not False else -off
    if result.target.strict:
        # What is not allowed is the number itself; one step better is the first that is.
        off -= step
    if off == 0:
        yield "at"
    elif -step <= off < 0:
        yield "below"
    elif 0 < off <= step:
        yield "above"


def _wrong(source: Source, path: tuple[str | int, ...], message: str, code: str, level: Any = "error") -> Problem:
    return source.problem(FILE, path, message, code=code, level=level)
