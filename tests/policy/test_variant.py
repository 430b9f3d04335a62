"""A pack with other figures is checked as a pack is: names, kinds and bounds, in Chinese; its files are not touched."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from gongbao.policy.loader import load_folder, pack_hash
from gongbao.policy.settings import with_settings
from gongbao.policy.variant import read_changes, variant, with_pack

PACKS = Path(__file__).parents[2] / "packs/langfang"
CREDIT, HEAVY = PACKS / "enterprise-credit", PACKS / "heavy-pollution"


def test_a_figure_and_a_setting_are_changed_and_the_rest_stays() -> None:
    world = with_settings(load_folder(CREDIT), {"conflict_reading": "从严"})
    before = pack_hash(CREDIT)
    after, made = variant(CREDIT, world, {"params.general_limit": "3", "settings.repaired_counts": "计入"})
    assert (after.params["general_limit"], after.settings["repaired_counts"].value) == (3, "计入")
    assert after.settings["conflict_reading"].value == "从严"
    assert world.params["general_limit"] == 5
    assert [(c.name, c.before, c.after, c.unit, c.cite) for c in made] == [
        ("params.general_limit", 5, 3, "次", "三（五）"), ("settings.repaired_counts", None, "计入", "", "三（三）"),
    ]  # fmt: skip
    assert [c.words() for c in made] == [
        "5次（计入的一般失信次数）改为 3次", "已修复的记录是否计入次数：未填 改为 计入",
    ]  # fmt: skip
    assert after.version != world.version
    assert pack_hash(CREDIT) == before


@pytest.mark.parametrize(("folder", "change", "why"), [
    (CREDIT, "params.genral_limit=3", "没有“genral_limit”这个参数，是否应为“general_limit”"),
    (CREDIT, "params.general_limit=三", "（params.general_limit）：给出的是 “三”，须为不小于 0 的整数"),
    (CREDIT, "params.general_limit=-1", "须为不小于 0 的整数"),
    (CREDIT, "params.general_limit=2.5", "须为不小于 0 的整数"),
    (CREDIT, "params.general_limit=", "不能是空的"),
    (CREDIT, "settings.repaired_count=计入", "没有“repaired_count”这个设置，是否应为“repaired_counts”"),
    (CREDIT, "settings.repaired_counts=也许", "只能是 计入、不计入，现为“也许”"),
    (CREDIT, "settings.ratio_normal=101", "须为0 到 100 的数"),
    (HEAVY, "settings.valid_hours=25", "须为1 到 24 的整数"),
    (HEAVY, "settings.trend_counts=也许", "须为是或否"),
    (HEAVY, "params.season_from=2017-02-30", "没有这一天"),
])  # fmt: skip
def test_what_the_pack_does_not_allow_is_refused_with_what_it_does(folder: Path, change: str, why: str) -> None:
    with pytest.raises(ValueError, match=".*" + why.replace("（", "（").replace(".", r"\.")):
        variant(folder, load_folder(folder), read_changes([change]))


@pytest.mark.parametrize(("written", "why"), [
    (["x=3"], "params.名字=值"), (["params.x"], "params.名字=值"), (["params.=3"], "params.名字=值"),
    (["params.x=1", "params.x=2"], "改了两次"),
])  # fmt: skip
def test_a_change_is_written_in_one_way(written: list[str], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_changes(written)


def test_at_both_bounds_of_a_setting() -> None:
    world = load_folder(HEAVY)
    for value in (1, 24):
        assert variant(HEAVY, world, {"settings.valid_hours": str(value)})[0].settings["valid_hours"].value == value


def test_yes_and_no_and_the_empty_value() -> None:
    world = with_settings(load_folder(HEAVY), {"trend_counts": True})
    assert variant(HEAVY, world, {"settings.trend_counts": "否"})[0].settings["trend_counts"].value is False
    assert variant(HEAVY, world, {"settings.trend_counts": ""})[0].settings["trend_counts"].value is None


def test_a_share_may_be_a_fraction_though_it_is_printed_whole() -> None:
    after, _ = variant(HEAVY, load_folder(HEAVY), {"params.vocs_red": "22.5"})
    assert after.params["vocs_red"] == Decimal("22.5")


def test_another_folder_has_the_settings_that_both_have() -> None:
    world = with_settings(load_folder(CREDIT), {"repaired_counts": "计入"})
    assert with_pack(CREDIT, world).settings["repaired_counts"].value == "计入"
