"""A scoring sheet as a pack writes it, turned into decisions: one per line, one of the total, one of the grade.

They stand among the pack's decisions and are looked at, traced and receipted like those that somebody wrote; findings
about them are told where the sheet has them (`DecisionSpec.made_at`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from gongbao.engine import scoresheet as engine
from gongbao.policy import schema

Number = int | Decimal
PLACES = engine.PLACES
Path = tuple[str | int, ...]

FILE = "scoresheets.yaml"
#: What less than a step costs, as the owner of `partial` may set it.
NOT_COUNTED, WHOLE_STEP, IN_PROPORTION = "不足一档不扣", "不足一档按一档扣", "不足一档按比例扣"
PARTIAL = (NOT_COUNTED, WHOLE_STEP, IN_PROPORTION)
#: How points are given in proportion where the text only says 按比例, as the owner of `curve` may set it.
LINEAR, BY_HAND = "按完成比例得分", "人工评定"
CURVES = (LINEAR, BY_HAND)


def decisions_of(sheets: Mapping[str, schema.ScoresheetSpec]) -> dict[str, schema.DecisionSpec]:
    """The decisions that all sheets of a pack become, by id. ValueError (pydantic) where one cannot be."""
    made: dict[str, schema.DecisionSpec] = {}
    for name, sheet in sheets.items():
        for decision, spec, path in _of_sheet(name, sheet):
            spec._made_at = (FILE, path)
            made[decision] = spec
    return made


def _of_sheet(name: str, sheet: schema.ScoresheetSpec) -> Iterator[tuple[str, schema.DecisionSpec, Path]]:
    for i, item in enumerate(sheet.items):
        at: Path = (name, "items", i)
        for j, part in enumerate(item.parts):
            yield part_id(name, item, part), _line(part, part.label), (*at, "parts", j)
        yield item_id(name, item), _sum(name, item) if item.parts else _line(item, item.label), at
    yield f"{name}_total", _total(name, sheet), (name,)
    if sheet.grades is not None:
        yield f"{name}_grade", _grade(name, sheet, sheet.grades), (name, "grades")


def item_id(sheet: str, item: schema.ScoreItem) -> str:
    return f"{sheet}_{item.id}"


def part_id(sheet: str, item: schema.ScoreItem, part: schema.ScorePart) -> str:
    return f"{sheet}_{item.id}_{part.id}"


# One line -----------------------------------------------------------------------------------------------------------

_POINTS = {"points": schema.OutputSpec(type="number", label="得分", unit="分")}


def _line(part: schema.ScorePart, label: str) -> schema.DecisionSpec:
    """The decision of one rule."""
    full, cite = part.full, part.rule_cite or part.cite
    rules: list[dict[str, Any]] = []
    more: dict[str, Any] = {}
    if part.rule in ("all_or_nothing", "veto"):
        assert part.when is not None
        met, not_met = (True, False) if part.rule == "veto" else (full, part.miss)
        rules = [{"when": {part.when: "true"}, "then": met}, {"when": {part.when: "false"}, "then": not_met}]
    elif part.rule == "per_missing":
        assert part.have is not None
        assert part.each is not None
        assert part.need is not None
        short = f"{_n(part.need)} - ({part.have})"
        if part.step is not None and part.partial is not None:
            setting = f"settings.{part.partial.setting}"
            more["let"] = {
                "steps_short": f"({short}) / {_n(part.step)}",
                "whole_steps": "floor(steps_short)",
                "steps_counted": f'if steps_short = whole_steps or {setting} = "{NOT_COUNTED}" then whole_steps '
                f'else if {setting} = "{WHOLE_STEP}" then whole_steps + 1 '
                f'else if {setting} = "{IN_PROPORTION}" then steps_short else null',
            }
            short = "steps_counted"
        left = _floored(f"{_n(full)} - {_n(-part.each)} * ({short})", part.floor)
        rules = [
            {"when": {part.have: f">= {_n(part.need)}"}, "then": full},
            {"when": {part.have: f"< {_n(part.need)}"}, "then": f"= {left}"},
        ]
    elif part.rule == "share":
        given = f"= {_n(full)} * ({part.have}) / ({part.of})"
        whole = f"({part.have}) >= ({part.of})"
        rules = [{"when": {whole: "true"}, "then": full}]
        if part.curve is None:
            rules.append({"when": {whole: "false"}, "then": given})
        else:
            setting = f"settings.{part.curve.setting}"
            rules.append({"when": {whole: "false", setting: f'"{LINEAR}"'}, "then": given})
            if part.judged is not None:
                rules.append({"when": {whole: "false", setting: f'"{BY_HAND}"'}, "then": f"= {part.judged}"})
    elif part.rule == "bands":
        assert part.on is not None
        rules = [{"when": {part.on: band.when}, "then": band.points, "note": band.note} for band in part.bands]
    else:
        value = _formula(part)
        requires = (part.decision.partition(".")[0],) if part.decision is not None else ()
        return schema.DecisionSpec(label=label, cite=cite, output=_POINTS, value={"points": value}, requires=requires)
    output = {"hit": schema.OutputSpec(type="boolean", label=label)} if part.rule == "veto" else _POINTS
    return schema.DecisionSpec(
        label=label, cite=cite, output=output, rules=tuple(schema.Rule(**{"cite": cite, **each}) for each in rules), **more
    )  # fmt: skip


def _formula(part: schema.ScorePart) -> str:
    if part.rule == "table":
        assert part.decision is not None
        return part.decision
    if part.rule == "judged":
        assert part.judged is not None
        return part.judged
    assert part.count is not None
    assert part.each is not None
    if part.rule == "bonus":
        given = f"{_n(part.each)} * ({part.count})"
        return given if part.full is None else f"min({given}, {_n(part.full)})"
    return _floored(f"{_n(part.full)} - {_n(-part.each)} * ({part.count})", part.floor)


def _floored(points: str, floor: Number | schema.SettingRef | None) -> str:
    if floor is None:
        return points
    if isinstance(floor, schema.SettingRef):  # it matters only below nought
        return f"if {points} >= 0 then {points} else max({points}, settings.{floor.setting})"
    return f"max({points}, {_n(floor)})"


def _n(value: Number | None) -> str:
    assert value is not None
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


# The whole ----------------------------------------------------------------------------------------------------------


def _sum(name: str, item: schema.ScoreItem) -> schema.DecisionSpec:
    """The item that its parts add up to, no more than its own points where the sheet says what holds then."""
    parts = [part_id(name, item, part) for part in item.parts]
    added = " + ".join(f"{each}.points" for each in parts)
    if item.over == "full":
        added = f"min({added}, {_n(item.full)})"
    elif isinstance(item.over, schema.SettingRef):
        added = f"if {added} <= {_n(item.full)} then {added} else min({added}, settings.{item.over.setting})"
    return schema.DecisionSpec(
        label=item.label, cite=item.cite, output=_POINTS, value={"points": added}, requires=tuple(parts)
    )  # fmt: skip


def _total(name: str, sheet: schema.ScoresheetSpec) -> schema.DecisionSpec:
    zero = [item for item in sheet.items if item.rule == "veto" and item.effect == "zero"]
    terms = []
    for item in sheet.items:
        if item.rule == "veto":
            continue
        points = f"{item_id(name, item)}.points"
        if isinstance(item.weight, schema.SettingRef):
            points = f"settings.{item.weight.setting} * {points}"
        elif item.weight is not None:
            points = f"{_n(item.weight)} * {points}"
        struck = [f"{item_id(name, veto)}.hit" for veto in zero if veto.item == item.id]
        terms.append(f"(if {' or '.join(struck)} then 0 else {points})" if struck else points)
    total = " + ".join(terms) or "0"
    if whole := [f"{item_id(name, veto)}.hit" for veto in zero if veto.item is None]:
        total = f"if {' or '.join(whole)} then 0 else {total}"
    requires = [item_id(name, item) for item in sheet.items if item.rule != "veto" or item.effect == "zero"]
    return schema.DecisionSpec(
        label=f"{sheet.label}总分", cite=sheet.cite, output=_POINTS, value={"points": total}, requires=tuple(requires)
    )  # fmt: skip


def _grade(name: str, sheet: schema.ScoresheetSpec, grades: schema.GradesSpec) -> schema.DecisionSpec:
    """The bands of the total, before them the vetoes that withhold a grade from whoever has the points for it."""
    total = f"{name}_total.points"
    if any(part.rule == "share" for item in sheet.items for part in (item, *item.parts)):
        total = f"decimal({total}, {PLACES})"
    vetoes = [item for item in sheet.items if item.rule == "veto" and item.effect == "withhold"]
    rules = []
    for veto in vetoes:
        for band in grades.bands:
            if band.then == veto.withhold:
                note = veto.note or f"有“{veto.label}”，不得评为{veto.withhold}；评为什么等次，文中没有写"
                when = {total: band.when, f"{item_id(name, veto)}.hit": "true"}
                rules.append(schema.Rule(when=when, then=veto.instead, cite=veto.cite, note=note))
    rules += [schema.Rule(when={total: band.when}, then=band.then, cite=band.cite) for band in grades.bands]
    output = {"grade": schema.OutputSpec(type="choice", label=grades.label, values=grades.values, ordered=True)}
    return schema.DecisionSpec(
        label=f"{sheet.label}{grades.label}", cite=sheet.cite, output=output, rules=tuple(rules),
        hit="first" if vetoes else "unique", requires=(f"{name}_total", *(item_id(name, each) for each in vetoes)),
    )  # fmt: skip


# What the engine judges by ------------------------------------------------------------------------------------------


def sheets_of(pack: schema.Pack) -> dict[str, engine.Sheet]:
    """The sheets of a pack as the engine takes them."""
    return {name: _sheet(name, sheet) for name, sheet in pack.scoresheets.items()}


def _sheet(name: str, sheet: schema.ScoresheetSpec) -> engine.Sheet:
    lines = [_engine_item(name, item) for item in sheet.items]
    take = sheet.ranking.take if sheet.ranking is not None else None
    grades = sheet.grades
    return engine.Sheet(
        id=name,
        label=sheet.label,
        cite=sheet.cite,
        subject=sheet.subject,
        lines=tuple(line for line in lines if line.rule != "veto"),
        vetoes=tuple(line for line in lines if line.rule == "veto"),
        total=f"{name}_total",
        full=full_total(sheet),
        printed=sheet.printed_total.value if sheet.printed_total is not None else None,
        discrepancies=tuple(message for _, message in discrepancies(name, sheet)),
        grade=f"{name}_grade" if grades is not None else None,
        grades=grades.values if grades is not None else (),
        cuts=tuple(sorted({cut for band in grades.bands for cut in numbers_of(band.when)})) if grades else (),
        subjects=sheet.subjects,
        take=take.setting if isinstance(take, schema.SettingRef) else take,
        take_cite=sheet.ranking.cite if sheet.ranking is not None else "",
        within=sheet.ranking.within if sheet.ranking is not None else None,
        votes=engine.Votes(sheet.votes.limit, sheet.votes.by, sheet.votes.cite) if sheet.votes is not None else None,
    )


def numbers_of(cell: str) -> list[Number]:
    """The numbers of a cell, 0 and 1 included."""
    from gongbao.feel.parse import parse_unary_tests
    from gongbao.feel.syntax import Literal, walk

    found = (each.value for each in walk(parse_unary_tests(cell)) if isinstance(each, Literal))
    return [each for each in found if isinstance(each, schema.NUMBERS) and not isinstance(each, bool)]


def _engine_item(name: str, item: schema.ScoreItem) -> engine.Line:
    weight = item.weight.setting if isinstance(item.weight, schema.SettingRef) else item.weight
    if not item.parts:
        return _engine_line(item, item_id(name, item), weight, item.group)
    parts = tuple(_engine_line(part, part_id(name, item, part), None, None, item.id) for part in item.parts)
    high = sum((part.high for part in parts if part.high is not None), start=0)
    return engine.Line(
        item.id, item.label, item_id(name, item), item.cite, "parts", "", item.full,
        sum((part.low for part in parts), start=0), min(high, item.full) if item.over == "full" and item.full else high,
        parts, item.over.setting if isinstance(item.over, schema.SettingRef) else item.full if item.over else None, weight, item.group, evidence=papers_of(item), note=item.note,
    )  # fmt: skip


def _engine_line(
    part: schema.ScorePart, decision: str, weight: Number | str | None, group: str | None, within: str = ""
) -> engine.Line:
    low, high = bounds(part)
    return engine.Line(
        f"{within}.{part.id}" if within else part.id, part.label, decision, part.rule_cite or part.cite, part.rule, in_words(part),
        part.full, low, high, (), None, weight, group, part.effect, part.withhold, part.item, papers_of(part), part.note,
        part.judged,
    )  # fmt: skip


def papers_of(part: schema.ScorePart) -> tuple[str, ...]:
    """The papers that the subject hands in."""
    return part.evidence.papers if part.evidence is not None and part.evidence.provided_by is None else ()


def bounds(part: schema.ScorePart) -> tuple[Number, Number | None]:
    """The least and the most points that a rule can give, whatever is found."""
    full: Number = part.full if part.full is not None else 0
    if part.rule == "veto":
        return 0, 0
    if part.rule == "bonus":
        return 0, part.full
    if part.rule == "all_or_nothing":
        return min(part.miss, full), max(part.miss, full)
    if part.rule == "bands":
        points = [band.points for band in part.bands if band.points is not None]
        if len(points) < len(part.bands):
            points += [0, full]
        return min(points), max(points)
    floor = part.floor if isinstance(part.floor, int | Decimal) else None
    if part.rule == "per_missing" and part.need is not None and part.each is not None:
        lost = -part.each * (part.need if part.step is None else -(-part.need // part.step))
        return (full - lost if floor is None else max(full - lost, floor)), full
    if part.rule == "per_case" and floor is not None:
        return floor, full
    return 0, full


def full_total(sheet: schema.ScoresheetSpec) -> Number:
    """What all items come to, without bonuses; an item whose weight is a setting counts as it stands."""
    found: Number = 0
    for item in sheet.items:
        if item.rule not in ("veto", "bonus") and item.full is not None:
            found += item.full * (item.weight if isinstance(item.weight, int | Decimal) else 1)
    return found


def discrepancies(name: str, sheet: schema.ScoresheetSpec) -> Iterator[tuple[Path, str]]:
    """Where the printed points do not come to what is printed: shown, never repaired."""
    for i, item in enumerate(sheet.items):
        points = [part.full for part in item.parts if part.full is not None and part.rule != "bonus"]
        if points and item.full is not None and sum(points) != item.full:
            yield (name, "items", i), f"“{item.label}”满分 {_n(item.full)} 分，各分项合计 {_n(sum(points))} 分"
    total, printed = full_total(sheet), sheet.printed_total
    if printed is not None and printed.value != total:
        yield (name, "printed_total"), f"各项满分合计 {_n(total)} 分，文件印的总分是 {printed.text}"
    elif printed is None and total != 100:
        yield (name, "items"), f"各项满分合计 {_n(total)} 分，不是 100 分；文件没有印总分"


def in_words(part: schema.ScorePart) -> str:
    """The rule of a line as people say it; the points stand beside it."""
    match part.rule:
        case "per_missing":
            assert part.need is not None
            assert part.each is not None
            each = f"每少 {_n(part.step or 1)} 扣 {_n(-part.each)} 分"
            return f"达到 {_n(part.need)} 得满分，{each}"
        case "per_case":
            assert part.each is not None
            return f"每次扣 {_n(-part.each)} 分"
        case "bonus":
            assert part.each is not None
            most = f"，最多 {_n(part.full)} 分" if part.full is not None else ""
            return f"每次加 {_n(part.each)} 分{most}"
        case "share":
            return "按完成的比例得分" if part.curve is None else "全部完成得满分，未完成的按比例扣分"
        case "all_or_nothing":
            return f"做到得 {_n(part.full)} 分，未做到得 {_n(part.miss)} 分"
        case "bands":
            return "分档得分"
        case "judged":
            return "由人评定"
        case _:
            return ""
