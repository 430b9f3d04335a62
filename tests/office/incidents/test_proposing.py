"""Which plans a call is about: each plan is found by how people speak of it, and never by what is denied or over."""

from __future__ import annotations

import datetime as dt
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.office.incidents.conftest import (
    ENVIRONMENT,
    FIRE,
    FIREWORKS,
    FLIGHT,
    FOOD,
    HAZE,
    NIGHT,
    STRAW,
)

from gongbao.office.incidents import found
from gongbao.office.incidents.plans import Plan
from gongbao.office.incidents.proposing import propose
from gongbao.policy.loader import load_folder, packs_root

PACKS = ("environmental-incident", "fire-investigation", "fireworks", "food-safety-incident", "heavy-pollution",
         "low-altitude-control", "straw-burning")  # fmt: skip


@cache
def plans() -> tuple[Plan, ...]:
    worlds = [load_folder(packs_root() / "langfang" / slug) for slug in PACKS]
    return tuple(Plan(world, name) for world in worlds for name, rule in world.procedures.items() if rule.signals)


def keys(text: str) -> list[str]:
    return [p.plan.key for p in propose(text, plans())]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("三河市一所中学食堂，32名学生晚饭后呕吐腹泻", FOOD),
        ("婚宴上好多人吃坏了，上吐下泻", FOOD),
        ("医院报告收治疑似食物中毒患者12例", FOOD),
        ("文安县化工厂爆炸，有毒气体泄漏", ENVIRONMENT),
        ("大城县子牙河河水发黑，死鱼漂了一片", ENVIRONMENT),
        ("液氨罐车侧翻，氨味很重", ENVIRONMENT),
        ("水源地取水中断", ENVIRONMENT),
        ("昨晚霸州市家具厂火灾，死亡3人", FIRE),
        ("居民楼着火，已扑灭，烧伤两人", FIRE),
        ("小区里有人放鞭炮", FIREWORKS),
        ("路边摊位违规卖烟花爆竹", FIREWORKS),
        ("无人机在机场净空区黑飞", FLIGHT),
        ("有人放孔明灯", FLIGHT),
        ("永清县地里秸秆着火冒烟", STRAW),
        ("卫星发现一个火点，在麦茬地", STRAW),
        ("预报后天起重污染天气，AQI超过200", HAZE),
    ],
)
def test_each_plan_is_proposed_first_for_a_call_that_is_its_own(text: str, first: str) -> None:
    assert keys(text)[0] == first


def test_one_event_may_be_several_plans() -> None:
    assert set(keys("食品厂火灾，氨气泄漏，附近群众有人呕吐，饮用水污染")) >= {FIRE, ENVIRONMENT}


@pytest.mark.parametrize("text", ["没有泄漏，没着火", "去年那里火灾烧死过人", "问一下营业执照怎么办", ""])
def test_what_is_denied_or_over_or_of_another_kind_proposes_nothing(text: str) -> None:
    assert keys(text) == []


def test_the_reason_names_the_words_and_the_clause_and_whether_it_prints_them() -> None:
    (one,) = propose("食物中毒", plans())
    assert [(w.words, w.cite, w.printed) for w in one.why] == [(("食物中毒",), "附件2", True)]
    (other,) = propose("吃坏了肚子，上吐下泻", plans())
    assert all(not w.printed for w in other.why)


def test_a_printed_word_outweighs_a_spoken_one_of_another_plan() -> None:
    assert keys("毒气和火灾") == [FIRE, ENVIRONMENT]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_without_an_error_and_everything_read_stands_in_it(text: str) -> None:
    units = plans()[0].world.units
    for proposed in propose(text, plans()):
        assert all(word in text.lower() for why in proposed.why for word in why.words)
    for moment, _ in found.times(text, NIGHT):
        assert moment <= NIGHT
    for area, _ in found.places(text, units):
        assert area in units.areas
    assert all(value >= 0 for value, _, _ in found.counts(text, found.SAID["死亡"]))


@pytest.mark.parametrize(
    ("text", "value"), [("0", 0), ("32", 32), ("1.2万", 12000), ("十", 10), ("三十二", 32), ("两百", 200), ("一千零五", 1005),
                        ("五万", 50000), ("1.5", None)]
)  # fmt: skip
def test_numbers_in_digits_and_in_words(text: str, value: int | None) -> None:
    assert found.number(text) == value


@pytest.mark.parametrize(
    ("text", "label", "values"),
    [
        ("32人呕吐、2人死亡", "中毒人数", [32]),
        ("32人呕吐、2人死亡", "死亡人数", [2]),
        ("死亡两人，疏散群众约三百人", "死亡人数", [2]),
        ("死亡两人，疏散群众约三百人", "疏散、转移人数", [300]),
        ("5人受伤", "中毒或重伤人数", []),
        ("5人重伤", "中毒或重伤人数", [5]),
        ("有300人就餐，120人腹泻", "中毒人数", [120]),
        ("3号楼死亡", "死亡人数", []),
    ],
)
def test_a_number_belongs_to_the_word_beside_it(text: str, label: str, values: list[int]) -> None:
    assert [value for value, _, _ in found.counts(text, found.words_of(label))] == values


def at(day: int, hour: int, minute: int = 0, month: int = 3) -> dt.datetime:
    return NIGHT.replace(month=month, day=day, hour=hour, minute=minute)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("今天2点10分", at(1, 2, 10)),
        ("2:10", at(1, 2, 10)),
        ("3:10", at(1, 3, 10)),
        ("3:11", at(28, 3, 11, 2)),  # a minute later than now: it was yesterday
        ("昨晚6点半", at(28, 18, 30, 2)),
        ("今晚11点", at(28, 23, 0, 2)),
        ("凌晨一点", at(1, 1)),
        ("2月28日14时05分", at(28, 14, 5, 2)),
        ("2023-02-28 14:05", at(28, 14, 5, 2)),
        ("半小时前", None),
        ("20分钟前", at(1, 2, 50)),
        ("两个小时前", at(1, 1, 10)),
    ],
)
def test_times_are_read_from_the_night_on_which_they_are_told(text: str, moment: dt.datetime | None) -> None:
    assert [m for m, _ in found.times(text, NIGHT)][:1] == ([moment] if moment else [])


def test_places_and_units_concerned_are_read_without_the_words_around_them() -> None:
    units = plans()[0].world.units
    text = "群众来电反映，昨晚霸州家具厂着火，位于广阳区的华联商场也有烟"
    assert [area for area, _ in found.places(text, units)] == ["霸州市", "广阳区"]
    ((name, _), *_) = found.organisations("来电称三河市燕郊第三中学食堂出事", units)
    assert name.startswith("燕郊第三中学")
