"""The courtyards' drains of 2022: stages by day, trade by yard, three at the acceptance, nineteen Fridays at noon."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.packs.papers import assert_every_paper_is_filled
from tests.packs.test_proposals_2023 import SHANGHAI, Log

from gongbao.engine.decision.decide import decide
from gongbao.engine.errors import CaseError, NotPossible, NotYours
from gongbao.engine.model import Actor
from gongbao.engine.world import World
from gongbao.policy.check import check_folder
from gongbao.policy.loader import load_folder, packs_root

FOLDER = packs_root() / "langfang" / "courtyard-drainage"
COUNTY = Actor("county", "广阳区人民政府", frozenset({"承办人"}))
OTHER = Actor("other", "安次区人民政府", frozenset({"承办人"}))
CITY = Actor("city", "廊坊市住房和城乡建设局", frozenset({"承办人"}))
YARD: dict[str, Any] = {
    "county": "广阳区人民政府", "place": "广阳区", "street": "某街道办事处", "yard": "某小区", "yard_type": "住宅小区", "holder": "某物业",
    "area_kind": "主城区（含组团区）",
}  # fmt: skip
PLAN: dict[str, Any] = {
    "plan_note": "分流",
    "restaurant": False,
    "new_storm": False,
    "fund_source": ["权属或使用管理单位自筹"],
}
THREE = ("街道办事处", "属地行业主管部门工作专班", "排水主管部门")
FIRST_FRIDAY = dt.date(2022, 2, 18)


@cache
def loaded() -> World:
    return load_folder(FOLDER)


@pytest.fixture(scope="module")
def world() -> World:
    return loaded()


def finished(world: World) -> Log:
    log = Log(world, "yard", COUNTY, "2022-02-16 09:00", **YARD).do(COUNTY, "listed", combined=True, survey_note="合流")
    log.do(COUNTY, "plan_made", **PLAN).do(COUNTY, "plan_filed", filed_with="某排水主管部门")
    return log.do(COUNTY, "completed", "2022-06-01 09:00", works_note="完工", images_kept=True)


def test_the_pack_passes_its_own_check() -> None:
    report = check_folder(FOLDER)
    assert report.errors == ()
    assert report.warnings == ()


def test_every_paper_is_filled_from_the_case_that_issues_it(world: World) -> None:
    assert_every_paper_is_filled(FOLDER, world)


@given(st.dates(dt.date(2022, 2, 1), dt.date(2022, 7, 31)))
@settings(max_examples=40, deadline=None)
def test_fridays_are_counted_up_to_the_day_of_the_target(day: dt.date) -> None:
    fridays = [FIRST_FRIDAY + dt.timedelta(weeks=n) for n in range(40)]
    expected = sum(f <= min(day, dt.date(2022, 6, 30)) for f in fridays)
    assert decide(loaded(), "report_count", {"day": day}).value == {"n": expected}


def test_nineteen_reports_are_due_on_fridays_at_noon_and_a_minute_later_is_missed(world: World) -> None:
    log = Log(world, "weekly", COUNTY, "2022-02-16 09:00", report_unit="广阳区人民政府", contact_person="王某")
    log.do(COUNTY, "began")
    week: dict[str, Any] = {"week_note": "本周", "yards_total": 5, "yards_done": 0}
    for n in range(19):
        friday = FIRST_FRIDAY + dt.timedelta(weeks=n)
        log.do(COUNTY, "reported", f"{friday} {'12:00' if n != 3 else '12:01'}", **week)
    log.do(COUNTY, "reporting_ended", "2022-06-30 18:00", reason_note="期满")
    found = [d for d in log.state("2022-07-10 09:00").deadlines if d.id == "weekly" and d.status != "cancelled"]
    dues = [d.due.astimezone(SHANGHAI) for d in found if d.due]
    assert dues == [dt.datetime.combine(FIRST_FRIDAY + dt.timedelta(weeks=n), dt.time(12), SHANGHAI) for n in range(19)]
    assert [n for n, d in enumerate(found) if d.breached] == [3]


@pytest.mark.parametrize("missing", THREE)
def test_no_yard_is_put_to_use_with_one_of_the_three_missing(world: World, missing: str) -> None:
    there = [one for one in THREE if one != missing]
    with pytest.raises(NotPossible, match="现场验收合格"):
        finished(world).do(
            COUNTY, "accepted", inspected_by=there, connection="雨污水分别接入", passed=True, accept_note="好"
        )


@pytest.mark.parametrize("connection", ["混接", "错接", "漏接"])
def test_wrong_connections_go_back_to_the_works(world: World, connection: str) -> None:
    seen: dict[str, Any] = {"inspected_by": list(THREE), "connection": connection, "passed": True, "accept_note": "验"}
    with pytest.raises(NotPossible):
        finished(world).do(COUNTY, "accepted", **seen)
    log = finished(world).do(COUNTY, "rejected", **seen)
    assert [s.id for s in log.state().steps] == ["works"]


def test_a_yard_is_closed_off_when_its_files_are_handed_in(world: World) -> None:
    log = finished(world).do(COUNTY, "accepted", inspected_by=list(THREE), connection="雨污水分别接入", passed=True,
                             accept_note="好")  # fmt: skip
    with pytest.raises(NotPossible, match="备案"):
        log.do(COUNTY, "closed_off", archive_filed=False)
    assert log.do(COUNTY, "closed_off", archive_filed=True).state().closed_at is not None


def test_another_county_does_not_act_on_the_yard(world: World) -> None:
    log = Log(world, "yard", COUNTY, "2022-02-16 09:00", **YARD)
    with pytest.raises(NotYours):
        log.do(OTHER, "listed", combined=True, survey_note="合流")


def test_the_trade_of_the_yard_has_it_to_watch_over(world: World) -> None:
    log = Log(world, "yard", COUNTY, "2022-02-16 09:00", **{**YARD, "yard_type": "医院、卫生所"})
    log.do(COUNTY, "listed", combined=True, survey_note="合流")
    assert {t.unit for t in log.state().tasks if t.duty == "supervise_yard"} == {"廊坊市卫生健康委员会"}


def test_every_county_has_the_survey_to_make_by_its_date(world: World) -> None:
    log = Log(world, "campaign", CITY, "2022-02-15 15:00", contact_person="李某")
    tasks = [t for t in log.state("2022-02-26 00:01").tasks if t.duty == "ledger"]
    assert len(tasks) == 11
    assert {t.deadline.status for t in tasks if t.deadline} == {"overdue"}


def test_no_yard_is_registered_after_the_day_of_the_target(world: World) -> None:
    with pytest.raises(CaseError, match="2022-06-30"):
        Log(world, "yard", COUNTY, "2022-07-01 09:00", **YARD)
