"""The leaders' law study of 2023: least numbers of the year, thirty minutes, the text five days ahead, the units' own plans."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.packs.papers import assert_every_paper_is_filled
from tests.packs.test_proposals_2023 import Log, at

from gongbao.engine.case import standing_tasks
from gongbao.engine.decision.decide import decide
from gongbao.engine.errors import NotPossible, NotYours
from gongbao.engine.model import Actor
from gongbao.engine.world import World
from gongbao.policy.check import check_folder
from gongbao.policy.loader import load_folder, packs_root

FOLDER = packs_root() / "langfang" / "law-study-2023"
JUSTICE = Actor("justice", "廊坊市司法局", frozenset({"承办人"}))
SPORT = Actor("sport", "廊坊市体育局", frozenset({"承办人"}))
STUDIED: dict[str, Any] = {
    "held_on": "2023-05-01", "content_group": "宪法、民法典等", "law": "中华人民共和国宪法", "attended": "市政府领导",
}  # fmt: skip
LECTURE: dict[str, Any] = {
    "department": "市体育局", "meeting_at": "2023-05-15", "content_group": "新出台或修订的法律法规及规章", "law": "体育法",
}  # fmt: skip


@cache
def loaded() -> World:
    return load_folder(FOLDER)


@pytest.fixture(scope="module")
def world() -> World:
    return loaded()


def test_the_pack_passes_its_own_check() -> None:
    report = check_folder(FOLDER)
    assert report.errors == ()
    assert report.warnings == ()


def test_every_paper_is_filled_from_the_case_that_issues_it(world: World) -> None:
    assert_every_paper_is_filled(FOLDER, world)


@given(st.integers(0, 9), st.integers(0, 3), st.integers(0, 3))
@settings(max_examples=40, deadline=None)
def test_the_year_is_done_when_nothing_is_missing(meetings: int, special: int, court: int) -> None:
    facts = {"before_meeting": meetings, "special": special, "court": court}
    missing = decide(loaded(), "missing", facts).value["list"]
    assert [len(missing) == 0] == [meetings >= 6 and special >= 1 and court >= 1]
    assert ("旁听人民法院庭审" in missing) is (court < 1)
    result = decide(loaded(), "year_result", facts).value
    assert result == {"result": "未完成" if missing else "完成"}


def test_what_was_registered_is_what_is_counted(world: World) -> None:
    log = Log(world, "year_plan", JUSTICE, "03-23 09:00", year="2023年度").do(JUSTICE, "started")
    for _ in range(6):
        log.do(JUSTICE, "meeting_studied", **STUDIED)
    log.do(JUSTICE, "special_studied", teacher="某教授", printed=True, **STUDIED)
    with pytest.raises(NotPossible, match="还没有都达到次数"):
        log.do(JUSTICE, "completed")
    log.do(JUSTICE, "court_attended", held_on="2023-10-10", court_name="某案", attended="市政府领导")
    assert log.do(JUSTICE, "completed").state().closed_at is not None


@pytest.mark.parametrize(
    ("when", "status"),
    [("05-09 23:59", "met"), ("05-10 00:01", "met_late"), ("05-13 09:00", "met_late")],
)
def test_the_text_comes_five_whole_days_before_the_meeting(world: World, when: str, status: str) -> None:
    log = Log(world, "lecture", JUSTICE, "05-01 09:00", **LECTURE)
    log.do(SPORT, "lecturer_named", lecturer="王某", is_head=True).do(SPORT, "material_sent", when, material="讲稿")
    assert [d.status for d in log.state().deadlines if d.id == "material"] == [status]
    said = decide(world, "material_time", {"meeting_at": dt.date(2023, 5, 15), "material_on": at(when).date()}).value
    assert said == {"result": "按时" if status == "met" else "晚报"}


def test_only_the_department_that_lectures_prepares(world: World) -> None:
    with pytest.raises(NotYours):
        Log(world, "lecture", JUSTICE, "05-01 09:00", **LECTURE).do(
            JUSTICE, "lecturer_named", lecturer="王某", is_head=True
        )


def test_counties_and_departments_have_their_own_plans_to_make(world: World) -> None:
    tasks = standing_tasks(world, (), at("04-01 09:00"))
    by_duty: dict[str, set[str]] = {}
    for task in tasks:
        by_duty.setdefault(task.duty, set()).add(task.unit)
    assert len(by_duty["own_plan"]) == 12 + 31
    assert by_duty["assess"] == {"廊坊市司法局"}
