"""A fire point by its place: to the unit on duty, with the police on farm land, to the end or to supervision."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from gongbao.engine.case import act, open_case, replay
from gongbao.engine.errors import NotPossible, NotYours
from gongbao.engine.model import Actor, CaseState, Event
from gongbao.engine.world import World
from gongbao.policy.check import check_folder
from gongbao.policy.loader import load_folder, packs_root

FOLDER = packs_root() / "langfang" / "straw-burning"
SHANGHAI = dt.timezone(dt.timedelta(hours=8))
BEFORE, AFTER = dt.datetime(2017, 10, 3, 20, 0, tzinfo=SHANGHAI), dt.datetime(2023, 10, 3, 20, 0, tzinfo=SHANGHAI)
SITES = [
    ("农田", "廊坊市环境保护局", "廊坊市生态环境局"),
    ("农田林网", "廊坊市林业局", "廊坊市自然资源和规划局"),
    ("经济林", "廊坊市林业局", "廊坊市自然资源和规划局"),
    ("公路两侧用地范围", "廊坊市交通运输局", "廊坊市交通运输局"),
    ("生活垃圾堆放点", "廊坊市建设局", "廊坊市住房和城乡建设局"),
]


@pytest.fixture(scope="module")
def world() -> World:
    return load_folder(FOLDER)


class Log:
    """The log of one fire point in 三河, written only through the engine's own acts."""

    def __init__(self, world: World, now: dt.datetime) -> None:
        self.world, self.now = world, now
        self.office = Actor("office", world.units.successors("市农业局", now.date())[0].name, frozenset({"承办人"}))
        facts = {"place": "三河市", "seen_at": now.isoformat(), "spot": "甲村东", "source": "气象信息"}
        self.events: list[Event] = list(
            open_case(world, "fire_point", actor=Actor("weather", "廊坊市气象局"), facts=facts, data={"place": "三河市"},
                      occurred_at=now, recorded_at=now)
        )  # fmt: skip

    def do(self, actor: Actor, action: str, **facts: Any) -> Log:
        self.events += act(self.world, "fire_point", self.events, action=action, actor=actor, facts=facts,
                           occurred_at=self.now, recorded_at=self.now)  # fmt: skip
        return self

    def handled(self, site: str, unit: str) -> Log:
        self.do(self.office, "routed", site=site)
        return self.do(Actor("unit", unit), "handled", handled_note="已扑灭", put_out=True)

    def state(self) -> CaseState:
        state = replay(self.world, "fire_point", self.events, self.now)
        assert state.problems == ()
        return state


def test_the_pack_passes_its_own_check() -> None:
    assert check_folder(FOLDER).errors == ()


@pytest.mark.parametrize("now", [BEFORE, AFTER])
@pytest.mark.parametrize(("site", "then", "later"), SITES)
def test_a_fire_point_goes_to_the_unit_of_its_place_or_who_carries_on_its_work(
    world: World, site: str, then: str, later: str, now: dt.datetime
) -> None:
    unit = then if now is BEFORE else later
    log = Log(world, now).do(Log(world, now).office, "routed", site=site)
    assert {t.unit for t in log.state().tasks if t.duty == "put_out"} == {unit}
    assert any(t.duty == "enforce" for t in log.state().tasks) is (site == "农田")
    with pytest.raises(NotYours):
        log.do(Actor("other", "廊坊市财政局"), "handled", handled_note="已扑灭", put_out=True)
    log.do(Actor("unit", unit), "handled", handled_note="已扑灭", put_out=True)
    log.do(log.office, "finished", large=False, serious=False)
    assert log.state().closed_at == now
    assert {t.status for t in log.state().tasks if t.duty == "put_out"} == {"done"}


def test_a_place_that_the_text_does_not_name_needs_a_unit_and_a_reason(world: World) -> None:
    log = Log(world, BEFORE)
    for given in ({}, {"assigned": "市水务局"}, {"assign_note": "河滩"}):
        with pytest.raises(NotPossible, match="指定单位"):
            log.do(log.office, "routed", site="其他地方", **given)
    log.do(log.office, "routed", site="其他地方", assigned="市水务局", assign_note="河滩")
    log.do(Actor("water", "廊坊市水务局"), "handled", handled_note="已扑灭", put_out=True)


def test_what_still_burns_is_not_handled(world: World) -> None:
    log = Log(world, BEFORE).do(Log(world, BEFORE).office, "routed", site="农田")
    with pytest.raises(NotPossible, match="扑灭"):
        log.do(Actor("unit", "廊坊市环境保护局"), "handled", handled_note="在烧", put_out=False)


@pytest.mark.parametrize(("large", "serious"), [(True, False), (False, True), (True, True)])
def test_large_burning_or_serious_harm_goes_to_the_supervision_authority(
    world: World, large: bool, serious: bool
) -> None:
    log = Log(world, BEFORE).handled("农田", "廊坊市环境保护局")
    with pytest.raises(NotPossible, match="须转市监察局"):
        log.do(log.office, "finished", large=large, serious=serious)
    log.do(log.office, "sent_to_supervision", large=large, serious=serious, blamed="甲镇")
    assert log.events[-1].data["opens"]["procedure"] == "supervision"
    assert log.state().closed_at == BEFORE


def test_a_small_fire_is_not_sent_to_the_supervision_authority(world: World) -> None:
    log = Log(world, BEFORE).handled("农田", "廊坊市环境保护局")
    with pytest.raises(NotPossible, match="才转"):
        log.do(log.office, "sent_to_supervision", large=False, serious=False, blamed="甲镇")
    log.do(log.office, "finished", large=False, serious=False)


def test_every_unit_of_the_division_has_its_task_in_the_season(world: World) -> None:
    office = Actor("office", "廊坊市农业局")
    events = open_case(world, "season_work", actor=office, facts={"season": "2017年秋季"}, occurred_at=BEFORE,
                       recorded_at=BEFORE)  # fmt: skip
    state = replay(world, "season_work", events, BEFORE)
    units = {t.unit for t in state.tasks}
    divided = {world.units.find(str(row["unit"])).name for row in world.registers["division"].rows}
    assert len(divided) == 13
    assert divided <= units
    assert sum(t.duty == "others" for t in state.tasks) == 11
