"""A script of a drill is held against its pack: units, facts, decisions, and that what it expects can follow."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from gongbao.policy import loader
from gongbao.policy.drills import length, scripts
from gongbao.policy.errors import PackError

TOY = Path(__file__).parents[1] / "office" / "packs" / "toy"
SCRIPT = """\
label: 扬尘
procedure: warning
starts: 2023-03-06 22:00:00
brief: 说明
injects:
  - {at: 0 minutes, to: [热线中心], from: 居民, text: 扬尘。, facts: {dust: 99}}
  - {at: 30 minutes, to: [热线中心], from: 居民, text: 更大了。, facts: {dust: 100}}
expects:
  - {within: 30 minutes, decided: {level: 黄色}}
"""


@pytest.fixture
def script(tmp_path):
    """script(text) reads it as the only script of the toy pack."""
    city = tmp_path / "toy"
    shutil.copytree(TOY, city)
    folder = city / "street"
    world = loader.load_folder(folder)

    def read(text: str):
        shutil.rmtree(folder / "drills", ignore_errors=True)
        (folder / "drills").mkdir()
        (folder / "drills" / "one.yaml").write_text(text, "utf-8")
        return scripts(folder, world)

    return read


def refused(script, text: str) -> str:
    with pytest.raises(PackError) as told:
        script(text)
    return "；".join(str(p) for p in told.value.problems)


def test_a_script_that_fits_its_pack_gives_its_offsets_in_order(script) -> None:
    made = script(SCRIPT)["one"]
    assert made.pack == "toy/street"
    assert made.starts == dt.datetime.fromisoformat("2023-03-06T22:00:00+08:00")
    assert [at for at, _ in made.injects] == [dt.timedelta(0), dt.timedelta(minutes=30)]
    assert [within for within, _ in made.expects] == [dt.timedelta(minutes=30)]


@pytest.mark.parametrize(("given", "seconds"), [("90 minutes", 5400), ("2小时", 7200), ("1 day", 86400)])
def test_a_time_of_a_drill_is_in_minutes_hours_or_days(given: str, seconds: int) -> None:
    assert length(given) == dt.timedelta(seconds=seconds)


def test_a_time_that_has_no_length_of_its_own_is_refused() -> None:
    with pytest.raises(ValueError, match="只能用分钟、小时、日"):
        length("2 working days")


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ("procedure: warning", "procedure: warn", "没有办理程序“warn”；现有：complaint、alarm、warning"),
        ("to: [热线中心], from: 居民, text: 扬尘", "to: [热线局], from: 居民, text: 扬尘", "“热线局”不是单位"),
        ("dust: 99", "dusty: 99", "dusty"),
        ("dust: 99", "dust: 很多", "很多"),
        ("at: 30 minutes", "at: 3 working days", "只能用分钟、小时、日"),
        ("level: 黄色", "level: 蓝色", "“蓝色”不是结果之一；只能是 无、黄色、红色"),
        ("level: 黄色", "grade: 黄色", "不判定“grade”；判定的有：level"),
        ("brief: 说明\n", "", "brief"),
        ("brief: 说明", "brief: 说明\nextra: 1", "extra"),
    ],
)
def test_what_does_not_fit_the_pack_is_named(script, was: str, becomes: str, says: str) -> None:
    assert says in refused(script, SCRIPT.replace(was, becomes, 1))


def test_what_is_expected_must_follow_from_what_was_told_by_then(script) -> None:
    script(SCRIPT)  # told at 30 minutes, expected within 30
    early = SCRIPT.replace("within: 30 minutes", "within: 29 minutes")
    assert "判不出“黄色”，而是 无" in refused(script, early)


def test_every_script_of_the_packs_fits_its_pack() -> None:
    found = 0
    for pack in loader.find_packs(Path(__file__).parents[2] / "packs"):
        if (pack.folder / "drills").is_dir():
            found += len(scripts(pack.folder, loader.load_folder(pack.folder)))
    assert found >= 3
