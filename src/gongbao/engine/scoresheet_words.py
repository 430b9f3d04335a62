"""A score as plain JSON data and as Chinese text: lines, deductions with their clauses, what is missing."""

from __future__ import annotations

from typing import Any

from gongbao.engine.labels import label_of
from gongbao.engine.scoresheet import Number, Score, Scored
from gongbao.engine.scoresheet_ranking import Difference, Place
from gongbao.engine.world import World


def as_dict(world: World, score: Score) -> dict[str, Any]:
    """One score as JSON data; numbers stay numbers (exact decimals)."""
    sheet = score.sheet
    return {
        "pack": world.pack,
        "version": world.version,
        "sheet": sheet.id,
        "label": sheet.label,
        "cite": sheet.cite,
        "full": sheet.full,
        "printed_total": sheet.printed,
        "discrepancies": list(sheet.discrepancies),
        "total": score.total,
        "lowest": score.lowest,
        "highest": score.highest,
        "grade": score.grade,
        "grades": list(score.grades),
        "vetoes": [
            {"id": line.id, "label": line.label, "cite": line.cite, "effect": line.effect, "hit": hit}
            for line, hit in score.vetoes
        ],
        "lines": [_line(each) for each in score.lines],
        "deductions": [
            {"line": each.line, "label": each.label, "points": each.points, "why": each.why, "cite": each.cite}
            for each in score.deductions
        ],
        "missing": [{"fact": name, "label": label_of(world, name)} for name in score.missing],
        "open": [
            {"setting": name, "label": world.settings[name].label, "owner": world.settings[name].owner}
            for name in score.open
        ],
        "needs_person": bool(score.reasons),
        "reasons": list(score.reasons),
    }


def _line(each: Scored) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": each.id,
        "label": each.line.label,
        "cite": each.line.cite,
        "full": each.line.full,
        "points": each.points,
        "lowest": each.lowest,
        "highest": each.highest,
        "rule": each.line.says,
        "missing": list(each.missing),
        "evidence": list(each.line.evidence),
        "lacking": list(each.lacking),
    }
    if each.parts:
        made["parts"] = [_line(part) for part in each.parts]
    return made


def places_as_dict(places: tuple[Place, ...]) -> list[dict[str, Any]]:
    return [
        {
            "subject": each.subject, "place": each.best if each.best == each.worst else None, "best": each.best,
            "worst": each.worst, "tied": each.tied, "chosen": each.chosen, "within": each.within,
            "left_out": each.left_out or None, "total": each.score.total, "lowest": each.score.lowest,
            "highest": each.score.highest, "grade": each.score.grade,
        }
        for each in places
    ]  # fmt: skip


def differences_as_dict(found: tuple[Difference, ...]) -> list[dict[str, Any]]:
    return [
        {"line": each.line, "label": each.label, "cite": each.cite, "self": each.self_points,
         "verified": each.verified_points}
        for each in found
    ]  # fmt: skip


def differences_in_words(found: tuple[Difference, ...]) -> list[str]:
    return [
        f"　{each.line} {each.label}：自评 {_settled(each.self_points)}，核定 {_settled(each.verified_points)}（{each.cite}）"
        for each in found
    ]


def _settled(value: Number | None) -> str:
    return "未定" if value is None else number(value)


def points(score: Score | Scored) -> str:
    """The points as people write them: 96.2, or 90.2—96.2 while they are not settled."""
    settled = score.total if isinstance(score, Score) else score.points
    if settled is not None:
        return number(settled)
    lowest = "未定" if score.lowest is None else number(score.lowest)
    return f"{lowest}—{'不封顶' if score.highest is None else number(score.highest)}"


def number(value: Number) -> str:
    """At most four places: what a division leaves behind is not for reading."""
    if isinstance(value, int):
        return str(value)
    return f"{round(value, 4).normalize():f}"


def explain(world: World, score: Score) -> str:
    """The score in Chinese: the total, each line that lost points with why and its clause, what is missing."""
    sheet = score.sheet
    lines = [f"{sheet.label}：{points(score)} 分（满分 {number(sheet.full)}）"]
    if score.grade is not None:
        lines[0] += f"，{score.grade}"
    elif score.grades:
        lines[0] += f"，可能为 {'、'.join(score.grades)}"
    lines += [f"注意：{each}" for each in sheet.discrepancies]
    lines += [f"否决：{line.label}（{line.cite}）" for line, hit in score.vetoes if hit]
    lines += [f"{each.label}：扣 {number(each.points)} 分；{each.why}（{each.cite}）" for each in score.deductions]
    for scored in score.lines:
        for each in (scored, *scored.parts):
            if each.points is None and not each.parts:
                asked = "、".join(label_of(world, name) for name in each.missing)
                said = f"；还须查明：{asked}" if asked else ""
                lines.append(f"{each.line.label}：{points(each)} 分，未定{said}（{each.line.cite}）")
            if each.lacking:
                lines.append(f"{each.line.label}：缺佐证材料 {'、'.join(each.lacking)}（{each.line.cite}）")
    lines += [f"需人工判定：{each}" for each in score.reasons]
    return "\n".join(lines)
