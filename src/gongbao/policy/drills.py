"""Scripts of drills (演练脚本): `drills/<name>.yaml` of a pack folder. They are no part of the law, so of no version.

A script says on which procedure one trains, on what simulated day it begins, what the players are told from outside
and when (injects), and what ought to have been decided by when (expects). The clocks of the plan itself need not be
written: the case knows them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from gongbao.engine.case.proposal import rule_of
from gongbao.engine.decision.decide import decide
from gongbao.engine.fact import FactErrors, read_facts
from gongbao.engine.model import Limit, Value
from gongbao.engine.time.calendar import localise
from gongbao.engine.time.counting import parse_limit
from gongbao.policy.complaints import in_chinese
from gongbao.policy.errors import PackError, Problem
from gongbao.policy.schema import Cite, Model
from gongbao.policy.yaml_core import dotted, parse

if TYPE_CHECKING:
    from gongbao.engine.world import World

MAX_SCRIPT = 200_000  # bytes
_STEPS = {"minutes": dt.timedelta(minutes=1), "hours": dt.timedelta(hours=1), "days": dt.timedelta(days=1)}


class InjectSpec(Model):
    """What is told from outside: `at` after the beginning, to units; `table`: a series to bring in, as rows of text.

    facts: what the text says, as facts of the pack. The players do not see them: what is expected must follow from them.
    """

    at: str
    to: tuple[str, ...] = Field(min_length=1)
    from_: str = Field(alias="from", min_length=1)
    by: Literal["电话", "书面", "系统", "口头"] = "电话"
    text: str = Field(min_length=1)
    table: str | None = None
    facts: dict[str, Any] = {}


class ExpectSpec(Model):
    """What ought to be decided `within` a time of the beginning: decision -> value of its first output."""

    within: str
    decided: dict[str, str] = Field(min_length=1)
    cite: Cite | None = None


class ScriptFile(Model):
    label: str
    procedure: str
    starts: dt.datetime
    brief: str
    injects: tuple[InjectSpec, ...] = Field(min_length=1)
    expects: tuple[ExpectSpec, ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    """A script that fits its pack. Offsets are from the beginning; `starts` is in Asia/Shanghai."""

    id: str
    pack: str
    spec: ScriptFile
    starts: dt.datetime
    injects: tuple[tuple[dt.timedelta, InjectSpec], ...]  # in order of time
    expects: tuple[tuple[dt.timedelta, ExpectSpec], ...]


_FILE = TypeAdapter(ScriptFile)


def length(text: str) -> dt.timedelta:
    """`90 minutes`, `2小时`, `1 day` as a length of time. ValueError for what has none of its own (working days)."""
    limit: Limit = parse_limit(text)
    if limit.unit not in _STEPS:
        raise ValueError(f"“{text}”不能作演练时间：只能用分钟、小时、日")
    return limit.amount * _STEPS[limit.unit]


def scripts(folder: Path, world: World) -> dict[str, Script]:
    """Every script of a pack folder by its file's name, held against the pack. PackError with all that is wrong."""
    found: dict[str, Script] = {}
    problems: list[Problem] = []
    for path in sorted(Path(folder).glob("drills/*.yaml")):
        made = _read(path, world, problems)
        if made is not None:
            found[path.stem] = made
    if problems:
        raise PackError(problems)
    return found


def _read(path: Path, world: World, problems: list[Problem]) -> Script | None:
    name = f"drills/{path.name}"
    data = path.read_bytes()
    if len(data) > MAX_SCRIPT:
        problems.append(Problem(name, None, "", f"文件过大：{len(data):,} 字节，上限 {MAX_SCRIPT:,}", code="too_large"))
        return None
    parsed = parse(data.decode("utf-8", errors="replace"), name)
    problems.extend(parsed.problems)
    if parsed.problems:
        return None

    def wrong(where: tuple[str | int, ...], message: str) -> None:
        line = next((parsed.lines[where[:n]] for n in range(len(where), -1, -1) if where[:n] in parsed.lines), None)
        problems.append(Problem(name, line, dotted(where), message, code="drill"))

    try:
        spec = _FILE.validate_python(parsed.value)
    except ValidationError as error:
        problems.extend(in_chinese(error, name, _FILE, parsed))
        return None
    before = len(problems)
    rule = world.procedures.get(spec.procedure)
    if rule is None:
        wrong(("procedure",), f"没有办理程序“{spec.procedure}”；现有：{'、'.join(world.procedures) or '无'}")
    injects, expects, told = [], [], []
    begins = localise(spec.starts)
    for n, inject in enumerate(spec.injects):
        at = _length(inject.at, ("injects", n, "at"), wrong)
        for k, whom in enumerate(inject.to):
            if not world.units.knows(whom):
                wrong(("injects", n, "to", k), f"“{whom}”不是单位；须为 units.yaml 里的单位")
        facts = {}
        try:
            facts = read_facts(world.facts, inject.facts)
        except FactErrors as errors:
            wrong(("injects", n, "facts"), str(errors))
        if at is not None:
            injects.append((at, inject))
            told.append((at, facts))
    for n, expect in enumerate(spec.expects):
        within = _length(expect.within, ("expects", n, "within"), wrong)
        for decision, value in expect.decided.items():
            where = ("expects", n, "decided", decision)
            allowed = rule.decide if rule is not None else {}
            if rule is not None and decision not in allowed:
                wrong(where, f"程序“{rule.label}”不判定“{decision}”；判定的有：{'、'.join(allowed) or '无'}")
            elif rule is not None:
                known = [str(v) for v in world.decisions[rule_of(rule, decision)].outputs[0].values]
                if known and value not in known:
                    wrong(where, f"“{value}”不是结果之一；只能是 {'、'.join(known)}")
                elif within is not None and (
                    why := _unfounded(world, rule_of(rule, decision), value, told, begins, within)
                ):
                    wrong(where, why)
        if within is not None:
            expects.append((within, expect))
    if len(problems) > before:
        return None
    return Script(
        path.stem, world.pack, spec, begins,
        tuple(sorted(injects, key=lambda pair: pair[0])), tuple(sorted(expects, key=lambda pair: pair[0])),
    )  # fmt: skip


def _unfounded(
    world: World, decision: str, value: str, told: list[tuple[dt.timedelta, dict[str, Value]]], begins: dt.datetime,
    within: dt.timedelta,
) -> str:  # fmt: skip
    """Why the value cannot follow from what has been told by then; empty where it can."""
    facts: dict[str, Value] = {}
    for at, some in sorted(told, key=lambda pair: pair[0]):
        if at <= within:
            facts |= some
    outcome = decide(world, decision, facts, as_of=begins + within)
    name = world.decisions[decision].outputs[0].name
    possible = (
        [str(one.get(name)) for one in outcome.candidates] if outcome.value is None else [str(outcome.value.get(name))]
    )
    return "" if not possible or value in possible else f"到这时告知的事实判不出“{value}”，而是 {'、'.join(possible)}"


def _length(
    text: str, where: tuple[str | int, ...], wrong: Callable[[tuple[str | int, ...], str], None]
) -> dt.timedelta | None:
    try:
        return length(text)
    except ValueError as error:
        wrong(where, str(error))
        return None
