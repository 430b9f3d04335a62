"""Every decision of the packs while facts are unknown: exact, with a case for each candidate, and no idle question."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gongbao.engine.decision.candidates import MANY
from gongbao.engine.decision.decide import decide, filled
from gongbao.engine.decision.outcome import Outcome
from gongbao.engine.decision.samples import around
from gongbao.engine.decision.unknown import frozen
from gongbao.engine.world import World
from gongbao.policy.loader import load_folder

PACKS = Path(__file__).parents[3] / "packs" / "langfang"
WORLDS = {
    folder.name: load_folder(folder) for folder in sorted(PACKS.iterdir()) if (folder / "decisions.yaml").is_file()
}
EVERY = [
    (pack, name)
    for pack, world in WORLDS.items()
    for name, decision in world.decisions.items()
    if len(decision.requires) <= MANY  # the total of a sheet is not gone through (engine.scoresheet gives its range)
]
ROUNDS = 12

# A series with a missing reading is not gone through reading by reading (the series drawn here have none).
DAY = dt.datetime(2023, 3, 1, 9, tzinfo=ZoneInfo("Asia/Shanghai"))  # for those that read the day of deciding
# Days reckoned from days, and texts searched by a register's patterns: the outcome itself says what it could not go through.
NOT_EXACT = {"lead_time", "supervise", "lint", "verdict"}


def drawn(world: World, name: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Cases of the decision: all its facts around the lines of its rules, and those of them that are known."""
    chance = random.Random(name)
    pools = around(decide(world, name, {}, as_of=DAY))
    made = []
    for number in range(ROUNDS):
        facts = {fact: chance.choice(values) for fact, values in pools.items()}
        share = {0: 0.0, 1: 1.0}.get(number, chance.random())
        made.append((facts, {fact: value for fact, value in facts.items() if chance.random() < share}))
    return made


def told(outcome: Outcome) -> set[Any]:
    found = [outcome.value] if outcome.settled else list(outcome.candidates)
    return {frozen(each) for each in found if each is not None} | ({None} if outcome.unruled else set())


def filled_world(world: World, when: dict[str, Any]) -> World:
    given = {name: setting.value for name, setting in world.settings.items() if setting.value is not None}
    more = {name.split(".", 1)[1]: value for name, value in when.items() if name.startswith("settings.")}
    return world.with_settings({**given, **more})


@pytest.mark.parametrize(("pack", "name"), EVERY, ids=lambda each: each)
def test_a_decision_of_a_pack_is_exact_whatever_is_unknown(pack: str, name: str) -> None:
    world = WORLDS[pack]
    for facts, known in drawn(world, name):
        nested: dict[str, Any] = filled({}, known)
        outcome = decide(world, name, nested, as_of=DAY)
        assert outcome.exact or name in NOT_EXACT, known
        assert outcome.complete or outcome.doubts, known
        whole = decide(world, name, filled({}, facts), as_of=DAY)
        if outcome.complete and "不能同时成立" not in outcome.reason + whole.reason:
            assumed = _assumed(world, name, whole)
            assert not assumed or told(whole) <= told(outcome), facts
        for each in outcome.cases:
            given = {n: v for n, v in each.when.items() if n not in world.decisions and not n.startswith("settings.")}
            again = decide(filled_world(world, dict(each.when)), name, filled(nested, given), as_of=DAY)
            assert frozen(each.value) in told(again) or not outcome.complete, each.when
        assert not set(outcome.ask) & {n for n in known if not hasattr(known[n], "values")}


def _assumed(world: World, name: str, whole: Outcome) -> bool:
    """Whether a case in which everything is known is one that the decision and those it requires think possible."""
    decision = world.decisions[name]
    held = [each.evaluate(whole.scope) for each in decision.assume]
    return False not in held and all(_assumed(world, n, inner) for n, inner in whole.required.items())
