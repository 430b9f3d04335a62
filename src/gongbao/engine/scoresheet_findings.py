"""Findings as they come: those of one subject, or of many with their self-scores, papers and votes.

One subject: a mapping of facts, by id or label; or, where more is to be said, `{subject, verified, self, evidence}`
with `verified` (or `facts`) what the verifying unit found, `self` what the subject says of itself and `evidence` the
papers handed in, by line. Many: a list of these, or `{subjects: [...], votes: [{voter, subject, at}]}`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gongbao.engine.fact import read_facts
from gongbao.engine.scoresheet import Sheet
from gongbao.engine.scoresheet_ranking import Vote
from gongbao.engine.world import World
from gongbao.feel.values import Value

_KEYS = ("subject", "facts", "verified", "self", "evidence")


@dataclass(frozen=True, slots=True)
class Findings:
    """What is known of one subject; `own` is what it says of itself, None where it said nothing."""

    subject: str
    facts: Mapping[str, Value]
    own: Mapping[str, Value] | None = None
    evidence: Mapping[str, tuple[str, ...]] | None = None


def read_findings(world: World, sheet: Sheet, raw: Any) -> tuple[tuple[Findings, ...], tuple[Vote, ...], bool]:
    """The findings, the votes, and whether there are many subjects. ValueError (Chinese) names what is wrong."""
    votes: tuple[Vote, ...] = ()
    if isinstance(raw, Mapping) and "subjects" in raw:
        if extra := sorted(set(raw) - {"subjects", "votes"}):
            raise ValueError(f"不认识“{'、'.join(map(str, extra))}”；可写：subjects、votes")
        votes = _votes(sheet, raw.get("votes") or [])
        raw = raw["subjects"]
    if isinstance(raw, list):
        found = tuple(_one(world, sheet, each, f"第 {i} 个对象") for i, each in enumerate(raw, 1))
        named = [each.subject for each in found]
        if twice := sorted({name for name in named if named.count(name) > 1}):
            raise ValueError(f"对象重复：{'、'.join(twice)}")
        if "" in named:
            raise ValueError(f"第 {named.index('') + 1} 个对象没有写 subject（被考核的{sheet.subject}）")
        return found, votes, True
    return (_one(world, sheet, raw, ""),), votes, False


def _one(world: World, sheet: Sheet, raw: Any, where: str) -> Findings:
    if not isinstance(raw, Mapping):
        raise ValueError(f"{where or '情况'}应是一个映射（JSON 对象），现为 {type(raw).__name__}")
    if not set(raw) & {"subject", "verified", "self"}:
        return Findings("", read_facts(world.facts, raw))
    where = where and f"{where}（{raw.get('subject') or '没有写名称'}）："
    if extra := sorted(set(raw) - set(_KEYS)):
        raise ValueError(f"{where}不认识“{'、'.join(map(str, extra))}”；可写：{'、'.join(_KEYS)}")
    if "verified" in raw and "facts" in raw:
        raise ValueError(f"{where}verified 与 facts 只写一个")
    subject = raw.get("subject")
    if subject is not None and not isinstance(subject, str):
        raise ValueError(f"{where}subject 应是文字，现为 {subject}")
    own = raw.get("self")
    facts = raw.get("verified", raw.get("facts"))
    return Findings(
        subject or "", read_facts(world.facts, facts or {}), None if own is None else read_facts(world.facts, own),
        _evidence(sheet, raw.get("evidence"), where),
    )  # fmt: skip


def _evidence(sheet: Sheet, raw: Any, where: str) -> dict[str, tuple[str, ...]] | None:
    if raw is None:
        return None
    known = {each.id: each for line in sheet.lines for each in (line, *line.parts)}
    if not isinstance(raw, Mapping):
        raise ValueError(f"{where}evidence 应是 项的编号: [材料名, ...]")
    found = {}
    for id_, papers in raw.items():
        if str(id_) not in known:
            raise ValueError(f"{where}evidence：没有“{id_}”这一项；有：{'、'.join(known)}")
        if not isinstance(papers, list) or not all(isinstance(each, str) for each in papers):
            raise ValueError(f"{where}evidence：“{id_}”应是材料名的列表，现为 {papers}")
        found[str(id_)] = tuple(papers)
    return found


def _votes(sheet: Sheet, raw: Any) -> tuple[Vote, ...]:
    if raw and sheet.votes is None:
        raise ValueError(f"“{sheet.label}”没有写投票")
    if not isinstance(raw, list):
        raise ValueError("votes 应是列表，每票写 voter、subject、at")
    found = []
    for i, each in enumerate(raw, 1):
        if not isinstance(each, Mapping) or set(each) != {"voter", "subject", "at"}:
            raise ValueError(f"第 {i} 票应写 voter、subject、at 三项，现为 {each}")
        try:
            at = dt.datetime.fromisoformat(str(each["at"]))
        except ValueError:
            raise ValueError(f"第 {i} 票的 at 应是时间（2022-10-20T09:00），现为 {each['at']}") from None
        found.append(Vote(str(each["voter"]), str(each["subject"]), at))
    return tuple(found)
