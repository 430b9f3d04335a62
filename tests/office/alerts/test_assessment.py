"""What a series means: episodes with the time between them, the level, what is open and what each answer would give."""

from __future__ import annotations

import datetime as dt

import pytest

from gongbao.engine.series import DAY, HOUR, Series
from gongbao.engine.world import World
from gongbao.office.alerts.assessment import Assessment, assess
from gongbao.office.alerts.chart import Chart, draw
from gongbao.office.clock import SHANGHAI
from gongbao.policy.loader import load_folder, packs_root

START = dt.datetime(2017, 11, 3, tzinfo=SHANGHAI)
MARKS = ("监测", "预报", "趋势")


@pytest.fixture(scope="module")
def world() -> World:
    return load_folder(packs_root() / "langfang" / "heavy-pollution").with_settings(
        {"light_max": 150, "moderate_max": 200, "trend_counts": True}
    )


def days(*values: int | None, step: dt.timedelta = DAY) -> Series:
    return Series(START, step, tuple(values), ("预报",) * len(values))


def chart(a: Assessment, **more) -> Chart:
    return draw(a, name="AQI", now=START + DAY, marks=MARKS, **more)


def test_the_lines_are_those_the_pack_compares_with(world: World) -> None:
    assert [line.words for line in assess(world, days(250)).lines] == ["＞200", "＞300", "≥500"]


def test_two_episodes_parted_by_48_good_hours_keep_their_own_levels(world: World) -> None:
    a = assess(world, days(250, 250, 250, 250, 100, 100, 350, 350))
    assert a.level == "黄色"
    assert [(e.level, e.gap_after, e.joined_to_next) for e in a.episodes or ()] == [
        ("黄色", 48, False),
        ("黄色", None, False),
    ]
    assert a.span == (START, START + 4 * DAY)


def test_a_gap_of_24_hours_leaves_the_level_to_a_person(world: World) -> None:
    a = assess(world, days(250, 250, 250, 250, 100, 350, 350))
    assert a.level is None
    assert a.candidates == ("黄色", "红色")
    assert (a.episodes or ())[0].joined_to_next is True
    assert {s.value: s.level for s in a.suppositions} == {
        "分段计算": "黄色", "剔除间隔连续计算": "红色", "间隔计入连续计算": "红色",
    }  # fmt: skip
    assert a.span == (START, START + 7 * DAY)


def test_a_person_s_reading_of_the_gap_settles_it(world: World) -> None:
    series = days(250, 250, 250, 250, 100, 350, 350)
    assert assess(world, series, {"gap_reading": "分段计算"}).level == "黄色"
    assert assess(world, series, {"gap_reading": "间隔计入连续计算"}).level == "红色"


def test_an_empty_setting_that_matters_is_named_with_its_owner() -> None:
    bare = load_folder(packs_root() / "langfang" / "heavy-pollution")
    trend = Series(START, DAY, (250, 250, 250, 350, 350), ("预报",) * 3 + ("趋势",) * 2)
    a = assess(bare, trend)
    assert a.level is None
    assert [(s.name, s.owner) for s in a.outcome.open] == [("trend_counts", "市应急响应办公室")]
    assert {s.value: s.level for s in a.suppositions if s.kind == "setting"} == {True: "红色", False: "黄色"}


def test_missing_readings_may_leave_the_episodes_open(world: World) -> None:
    a = assess(world, days(250, None, 250))
    assert a.episodes is None
    assert a.level is None


def test_hours_count_in_windows_across_midnight(world: World) -> None:
    hours = [100] * 18 + [201] * 24 + [100] * 18
    assert assess(world, days(*hours, step=HOUR)).level == "蓝色"
    assert assess(world, days(*([100] * 18 + [200] * 24 + [100] * 18), step=HOUR)).level == "无"


def test_clean_air_has_no_episode(world: World) -> None:
    a = assess(world, days(80, 200))
    assert (a.level, a.episodes, a.span) == ("无", (), (None, None))


# ------------------------------------------------------------------------------------------------------- the picture


def test_a_bar_per_reading_a_band_per_episode_a_line_per_threshold(world: World) -> None:
    c = chart(assess(world, days(100, 250, 310, 250, None, 100)))
    assert len(c.bars) == 5
    assert len(c.gaps) == 1
    assert len(c.episodes) == 0  # the gap leaves the end of the episode open
    c = chart(assess(world, days(100, 250, 310, 250)))
    assert [(e.number, e.level) for e in c.episodes] == [(1, 3)]
    assert [line.label for line in c.lines] == ["＞200", "＞300", "≥500"]
    assert {b.kind for b in c.bars} == {"forecast"}


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("values", [(5,), (250, 900, 30), tuple([260] * 480)])
def test_everything_is_drawn_inside_the_picture(world: World, narrow: bool, values: tuple[int, ...]) -> None:
    c = chart(assess(world, days(*values, step=HOUR if len(values) > 100 else DAY)), narrow=narrow)
    for b in c.bars:
        assert c.left <= float(b.x)
        assert float(b.x) + float(b.width) <= c.right + 1
        assert c.top <= float(b.y) <= c.bottom
        assert abs(float(b.y) + float(b.height) - c.bottom) < 0.2
    for line in c.lines:
        assert c.top <= float(line.at) <= c.bottom


def test_the_picture_is_told_in_words(world: World) -> None:
    words = chart(assess(world, days(100, 250, 310, 250))).describes
    assert "最高310" in words
    assert "72小时" in words
    assert "橙色" in words


def test_hours_have_a_line_of_24_hour_means_broken_at_gaps(world: World) -> None:
    assert len(chart(assess(world, days(*[210] * 60, step=HOUR))).mean) == 1
    assert len(chart(assess(world, days(*[210] * 30, None, *[210] * 30, step=HOUR))).mean) == 2
    assert chart(assess(world, days(210, 210))).mean == ()
