"""Days and episodes at each level are those of the pack's own decision over the stretches of the series."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from gongbao.batch.whatif.compare import simulate
from gongbao.batch.whatif.result import Row
from gongbao.batch.whatif.spells import series_of, spells
from gongbao.engine.series import Series
from gongbao.engine.time.calendar import SHANGHAI
from gongbao.policy.loader import load_folder
from gongbao.policy.settings import with_settings
from gongbao.policy.variant import variant

HEAVY = Path(__file__).parents[3] / "packs/langfang/heavy-pollution"
NOW = with_settings(
    load_folder(HEAVY), {"light_max": 100, "moderate_max": 200, "valid_hours": 20, "trend_counts": True}
)  # fmt: skip
LOWER, _ = variant(HEAVY, NOW, {"params.heavy_aqi": "150"})
START = dt.datetime(2017, 11, 1, tzinfo=SHANGHAI)
DAY, HOUR = dt.timedelta(hours=24), dt.timedelta(hours=1)


def daily(*values: int | None) -> dict[str, Series]:
    return {"aqi": Series(START, DAY, values, ("监测",) * len(values))}


def days(facts: dict[str, object], world: object = NOW) -> list[str]:
    return list(spells(world, "level", facts).days.values())  # type: ignore[arg-type, union-attr]


@pytest.mark.parametrize(("value", "level"), [(200, "无"), (201, "蓝色")])
def test_a_single_day_at_and_above_the_line(value: int, level: str) -> None:
    assert days(daily(50, value, 50)) == ["无", level, "无"]


def test_every_day_of_an_episode_has_the_level_of_the_whole_episode() -> None:
    assert days(daily(50, 210, 220, 60, 60)) == ["无", "黄色", "黄色", "无", "无"]
    assert days(daily(210, 210, 310, 60)) == ["橙色", "橙色", "橙色", "无"]


def test_two_episodes_have_each_their_own() -> None:
    found = spells(NOW, "level", daily(210, 60, 60, 210, 220, 60))
    assert list(found.days.values()) == ["蓝色", "无", "无", "黄色", "黄色", "无"]
    assert found.episodes == ("蓝色", "黄色")


def test_time_between_stretches_that_count_as_one_lies_in_the_episode() -> None:
    facts = daily(210, 60, 220)
    assert days({**facts, "gap_reading": "间隔计入连续计算"}) == ["黄色"] * 3
    assert days({**facts, "gap_reading": "分段计算"}) == ["蓝色", "无", "蓝色"]


def test_a_day_is_settled_where_what_is_open_does_not_matter_to_it() -> None:
    found = spells(NOW, "level", daily(210, 60, 220, 60, 60, 60, 230, 230, 60))
    assert list(found.days.values())[3:] == ["无", "无", "无", "黄色", "黄色", "无"]
    assert set(list(found.days.values())[:3]) == {"未定"}
    assert found.episodes is None


def test_a_setting_that_nobody_can_list_leaves_open_what_stands_on_it() -> None:
    empty = with_settings(NOW, {"light_max": None})
    assert set(days(daily(210, 60, 60, 210), empty)) == {"未定"}
    assert days(daily(50, 210, 50), empty) == ["无", "蓝色", "无"]  # a single stretch does not need it


def test_a_stretch_over_midnight_makes_both_its_days() -> None:
    # windows whose mean is above the line cover 11-02 00:00 to 11-03 12:00, no two of them one after the other
    values = (50,) * 30 + (260,) * 24 + (50,) * 18
    assert days({"aqi": Series(START, HOUR, values, ("监测",) * len(values))}) == ["无", "蓝色", "蓝色"]


def test_the_lower_line_gives_more_days_and_the_sums_are_all_days() -> None:
    held = [Row("甲站", daily(160, 170, 60, 60, 210, 160)), Row("乙站", daily(60, 60))]
    found, _ = simulate(NOW, LOWER, "level", held)
    assert found.days.total == 8 == sum(found.days.after)
    told = dict(zip(found.days.outcomes, zip(found.days.before, found.days.after, strict=True), strict=True))
    assert told["黄色"] == (0, 4)
    assert told["蓝色"] == (1, 0)
    assert found.episodes == {"蓝色": (1, 0), "黄色": (0, 2)}
    assert found.days.up == 4


def test_other_decisions_have_no_days() -> None:
    assert series_of(NOW, "signer") is None
    assert series_of(NOW, "level") == "aqi"
    assert spells(NOW, "level", {"aqi": Series(None, DAY, (210,), ("监测",))}) is None
