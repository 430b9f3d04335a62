"""A plan gives the outcome that the general way gives, for every decision of every pack, or leaves it to that way."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongbao.dmn import OverlapError
from gongbao.engine.decision import decide as deciding
from gongbao.engine.decision.decide import decide, grounds, judge
from gongbao.engine.decision.plan import Plan
from gongbao.engine.decision.trace import as_dict, explain
from gongbao.engine.fact import FactErrors, read_facts
from gongbao.engine.specs import Fact
from gongbao.engine.time.calendar import SHANGHAI
from gongbao.engine.world import World
from gongbao.policy.loader import load_folder

PACKS = Path(__file__).parents[3] / "packs"
FOLDERS = sorted(path.parent for path in PACKS.glob("*/*/document.yaml"))
FILLED: dict[str, Any] = {
    "repaired_counts": "计入", "conflict_reading": "从严", "raise_reading": "两项都要具备", "ratio_reduced": 2,
    "ratio_normal": Decimal("3.5"), "ratio_raised": 10, "light_max": 150, "moderate_max": 200, "valid_hours": 20,
    "trend_counts": True, "odd_even_rule": "奇数日单号", "listed_yellow_may_pass": False,
}  # fmt: skip


def world_of(folder: Path) -> World:
    world = load_folder(folder)
    return world.with_settings({name: FILLED[name] for name in world.settings if name in FILLED})


AS_OF = dt.datetime(2020, 11, 20, 9, tzinfo=SHANGHAI)
WORLDS = {folder.name: world_of(folder) for folder in FOLDERS}
DECISIONS = [(pack, name) for pack, world in WORLDS.items() for name in world.decisions]


def values(fact: Fact) -> st.SearchStrategy[Any]:
    """Plain values, values on both sides of their bounds, unread text, and what is wrong."""
    wrong = st.sampled_from([None, "", " ", "x", -1, 10**31, Decimal("0.005"), True, [], "是", "3", "2017-12-01"])
    match fact.type:
        case "boolean":
            good: st.SearchStrategy[Any] = st.booleans()
        case "integer" | "number" | "money":
            low, high = int(fact.min or 0), int(fact.max if fact.max is not None else 600)
            good = st.integers(low, min(low + 6, high)) | st.integers(low, high)
            if fact.type != "integer":
                good |= st.integers(low, high).map(lambda n: Decimal(n) / 10)
        case "choice":
            good = st.sampled_from(fact.values)
        case "date":
            good = st.dates(dt.date(2017, 11, 1), dt.date(2021, 3, 1))
        case "series":
            reading = st.sampled_from([100, 150, 151, 200, 201, 300, 301, 499, 500])
            good = st.lists(reading, min_size=1, max_size=8) | st.lists(reading | st.none(), min_size=1, max_size=8)
        case _:
            good = st.text("甲乙 x\n", max_size=3)
    return st.one_of(good, good, good, good, good, good, good, wrong)


def of_each(world: World, name: str) -> st.SearchStrategy[dict[str, Any]]:
    read: set[str] = set()
    waiting = [name]
    while waiting:
        decision = world.decisions[waiting.pop()]
        read |= {fact.partition(".")[0] for fact in decision.facts}
        waiting += decision.requires
    known = {fact: values(world.facts[fact]) for fact in sorted(read) if fact in world.facts}
    return st.fixed_dictionaries(known) | st.fixed_dictionaries({}, optional=known)


def told(run: Any) -> Any:
    try:
        outcome = run()
        return as_dict(outcome), explain(outcome)
    except (OverlapError, FactErrors) as error:
        return str(error)


@pytest.mark.parametrize(("pack", "name"), DECISIONS)
def test_a_plan_says_what_the_general_way_says(pack: str, name: str) -> None:
    world = WORLDS[pack]
    world.plans[name] = 2
    as_of = AS_OF if grounds(world, name).as_of else None
    decide(world, name, {}, as_of=as_of)  # the third use makes the plan
    assert isinstance(world.plans[name], Plan)

    @settings(max_examples=6, deadline=None)
    @given(of_each(world, name))
    def check(raw: dict[str, Any]) -> None:
        def general() -> Any:
            return deciding._decide(world, world.decisions[name], read_facts(world.facts, raw), {}, {}, as_of, {})

        expected = told(general)
        assert told(lambda: judge(world, name, raw, as_of=as_of)) == expected
        assert told(lambda: decide(world, name, read_facts(world.facts, raw), as_of=as_of)) == expected

    check()
