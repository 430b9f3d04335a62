"""From an indicator to decisions: every form of target as a table that the one evaluator runs, traces and receipts.

Per target `indicator_<id>` (a second one `indicator_<id>_2` ...) says 达标, 推进中 or 未达标 of a value of a year, and
beside it the number that had to be reached (`goal`); `..._progress` says 在轨 or 落后 against the point of that year;
`..._whole` says of the members together what their own results come to; `..._quota_<n>` is one member's own share.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, localcontext
from typing import Any

from gongbao.engine.indicator import (
    BEHIND,
    FINAL,
    MISSED,
    NO,
    NO_DATA,
    ON_PATH,
    PERCENT,
    PREVIOUS,
    REACHED,
    UNDER_WAY,
    YEAR,
    YES,
    Indicator,
    Number,
    Target,
)  # fmt: skip
from gongbao.engine.model import SettingRef

_STATUS = {"type": "choice", "label": "结论"}


def facts_of(indicator: Indicator) -> dict[str, dict[str, Any]]:
    """The facts that its decisions read, as engine.fact.compile_facts takes them."""
    name, unit = indicator.label, indicator.unit or None
    number = {"type": "number", "unit": unit, "min": indicator.min, "max": indicator.max, "step": indicator.step}
    whole = {"type": "integer", "min": 0}
    made: dict[str, dict[str, Any]] = {
        YEAR: {"label": "数值所属年度", "type": "integer", "min": 1900, "max": 2200},
        FINAL: {"label": "是全年（年末）的数值", "type": "boolean"},
        indicator.fact(): {**number, "label": name},
    }
    for target in indicator.targets:
        if target.reads_previous:
            made[indicator.fact("previous")] = {**number, "label": f"{name}（上年）"}
        if target.reads_baseline and indicator.baseline.known is None:
            made[indicator.fact("base")] = {**number, "label": f"{name}（基期）"}
        if target.form == "assigned":
            made[indicator.fact("assigned")] = {**number, "label": f"{name}（{target.assigned_as}）"}
        if target.form == "qualitative":
            made[indicator.fact("judged")] = {"label": f"{name}：是否达到", "type": "choice", "values": (YES, NO)}
        if target.progress:
            made[indicator.fact("point")] = {**number, "label": f"{name}（本年应达到）"}
        if target.judge:
            made[indicator.fact("passed")] = {**whole, "label": f"{target.judge.each}中已达到的个数"}
            made[indicator.fact("missing")] = {**whole, "label": f"{target.judge.each}中没有数值的个数"}
            made[indicator.fact("members")] = {**whole, "label": f"{target.judge.each}的个数"}
    return made


def decisions_of(indicator: Indicator) -> Iterator[dict[str, Any]]:
    """The arguments of `compile_decision` for each of its decisions, `id` among them."""
    for target in indicator.targets:
        yield _reached(indicator, target, target.decision, target.value)
        for value, decision in target.quotas.values():
            yield _reached(indicator, target, decision, value)
        if target.progress:
            yield _progress(indicator, target)
        if target.judge and target.whole:
            yield _whole(indicator, target)


def goal_of(indicator: Indicator, target: Target, value: Number | None) -> str | None:
    """The number to be reached, as an expression; None where there is none."""
    if target.form == "qualitative":
        return None
    if target.form == "assigned":
        return indicator.fact("assigned")
    if target.form == "full":
        return _text(100 if value is None else value)
    if target.form == "zero":
        return "0"
    if target.form not in ("change", "growth"):
        return _text(value or 0)
    known = indicator.baseline.known
    base = indicator.fact("base") if known is None else _text(known)
    if target.form == "growth":
        year = target.year or 0
        return f"{base} * {_text(_factor(target.by, year - _year(indicator)))}"
    previous = _moved(indicator.fact("previous"), target)
    path = f"{base} + {_text(target.by)} * ({YEAR} - {_year(indicator)})"
    if isinstance(target.against, SettingRef):
        return f'if settings.{target.against.name} = "{PREVIOUS}" then {previous} else {path}'
    return {"previous_actual": previous, "path": path}.get(str(target.against)) or _moved(base, target)


def _reached(indicator: Indicator, target: Target, decision: str, value: Number | None) -> dict[str, Any]:
    goal = goal_of(indicator, target, value)
    let: dict[str, str] = {} if goal is None else {"goal": goal}
    subject = indicator.fact("judged" if target.form == "qualitative" else "value")
    rules: list[dict[str, Any]] = []
    told: Any = "= goal" if goal is not None else None

    def row(when: Mapping[str, str], status: str) -> dict[str, Any]:
        then = {"status": status} if goal is None else {"status": status, "goal": told}
        return {"when": dict(when), "then": then, "cite": target.cite}

    counts_up = target.over == "sum" and target.up  # such a sum only grows: what is reached stays reached
    # What is for the whole of a time, or for its last year against the one before, is not reached before it is over.
    at_end = bool(target.over and not counts_up) or target.reads_previous
    part = row({FINAL: "false"}, UNDER_WAY)
    early = row({YEAR: f"< {target.year}"}, UNDER_WAY) if target.year is not None and not target.each_year else None
    mark = goal if goal is not None and target.form not in ("change", "growth", "assigned") else "goal"
    if not counts_up:
        rules.append(part)
        if at_end and early:
            rules.append(early)
    if target.form == "qualitative":
        rules.append(row({subject: f'"{YES}"'}, REACHED))
    elif target.form == "about":
        tolerance = target.tolerance
        limit = f"settings.{tolerance.name}" if isinstance(tolerance, SettingRef) else _text(tolerance)
        beyond = mark if target.up is None else f"{'>=' if target.up else '<='} {mark}"
        let["off"] = (
            f"abs({subject} - goal)" if target.up is None
            else f"goal - {subject}" if target.up else f"{subject} - goal"
        )  # fmt: skip
        rules.append(row({subject: beyond}, REACHED))  # whatever is meant by about
        rules.append(row({"off": f"<= {limit}"}, REACHED))
    else:
        rules.append(row({subject: f"{_operator(target)}{mark}"}, REACHED))
    if early and not at_end:
        rules.append(early)
    if counts_up:
        rules.append(part)
    missed = {"status": MISSED} if goal is None else {"status": MISSED, "goal": told}
    rules.append({"otherwise": missed, "cite": target.cite})
    outputs: dict[str, Any] = {"status": {**_STATUS, "values": (MISSED, UNDER_WAY, REACHED)}}
    if goal is not None:
        outputs["goal"] = {"type": "number", "label": "应达到", "unit": indicator.unit or None}
    return {
        "id": decision, "label": indicator.label, "cite": target.cite, "hit": "first", "output": outputs, "let": let,
        "rules": rules,
    }  # fmt: skip


def _progress(indicator: Indicator, target: Target) -> dict[str, Any]:
    point = indicator.fact("point")
    cell = f"{'>=' if target.up else '<='} {point}"
    return {
        "id": target.progress, "label": f"{indicator.label}：进度", "cite": target.cite, "hit": "first",
        "output": {"status": {**_STATUS, "values": (BEHIND, ON_PATH)}},
        "rules": [
            {"when": {indicator.fact(): cell}, "then": ON_PATH, "cite": target.cite},
            {"otherwise": BEHIND, "cite": target.cite},
        ],
    }  # fmt: skip


def _whole(indicator: Indicator, target: Target) -> dict[str, Any]:
    assert target.judge is not None
    passed, missing, members = (indicator.fact(what) for what in ("passed", "missing", "members"))
    judge = target.judge
    need = (
        _text(judge.at_least) if judge.at_least is not None
        else f"{members} * {_text(judge.share)} / 100" if judge.share is not None else members
    )  # fmt: skip
    cite = target.cite
    return {
        "id": target.whole, "label": f"{indicator.label}：{judge.each}合计", "cite": cite, "hit": "first",
        "output": {"status": {**_STATUS, "values": (MISSED, NO_DATA, UNDER_WAY, REACHED)}},
        "let": {"need": need, "possible": f"{passed} + {missing}"},
        "rules": [
            {"when": {passed: ">= need"}, "then": REACHED, "cite": cite},
            *([] if target.year is None else [{"when": {YEAR: f"< {target.year}"}, "then": UNDER_WAY, "cite": cite}]),
            {"when": {FINAL: "false"}, "then": UNDER_WAY, "cite": cite},
            {"when": {"possible": ">= need"}, "then": NO_DATA, "cite": cite},
            {"otherwise": MISSED, "cite": cite},
        ],
    }  # fmt: skip


def _operator(target: Target) -> str:
    if target.form in ("exact", "zero"):
        return ""
    strict = "" if target.strict else "="
    return f"{'>' if target.up else '<'}{strict} "


def _moved(base: str, target: Target) -> str:
    assert isinstance(target.by, int | Decimal)
    times, plus = f"{base} * {_text(_factor(target.by, 1))}", f"{base} + {_text(target.by)}"
    if isinstance(target.unit, SettingRef):
        return f'(if settings.{target.unit.name} = "{PERCENT}" then {times} else {plus})'
    return times if target.unit == PERCENT else plus


def _factor(by: Any, years: int) -> Decimal:
    """(1 + by/100) to the power of the years, exactly."""
    with localcontext() as context:
        context.prec = 60
        return (1 + Decimal(by) / 100) ** years


def _year(indicator: Indicator) -> Any:
    year = indicator.baseline.year
    return f"settings.{year.name}" if isinstance(year, SettingRef) else year


def _text(number: Any) -> str:
    text = format(number, "f") if isinstance(number, Decimal) else str(number)
    return f"({text})" if text.startswith("-") else text
