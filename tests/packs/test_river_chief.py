"""River chiefs: a yearly score with four grades and what withholds the highest, patrols counted by quarter, problems passed on."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

import pytest
from tests.packs.logs import Log as CaseLog
from tests.packs.papers import assert_every_paper_is_filled

from gongbao.engine.errors import CaseError
from gongbao.engine.fact import read_facts
from gongbao.engine.model import Actor
from gongbao.engine.scoresheet import Score, score
from gongbao.engine.scoresheet_ranking import ranked
from gongbao.engine.world import World
from gongbao.policy.check import check_folder
from gongbao.policy.loader import load_folder, packs_root

FOLDER = packs_root() / "langfang" / "river-chief"
SHANGHAI = dt.timezone(dt.timedelta(hours=8))
OFFICE = Actor("office", "廊坊市河长制办公室", frozenset({"承办人"}))
COUNTY = Actor("sanhe", "三河市人民政府", frozenset({"承办人"}))


@cache
def world() -> World:
    return load_folder(FOLDER)


def at(text: str) -> dt.datetime:
    return dt.datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


def scored(points: Any, **more: Any) -> Score:
    facts = {"score": points, "accident": False, "criticised": False, **more}
    return score(world(), world().scoresheets["chief"], read_facts(world().facts, facts))


class Log(CaseLog):
    at = staticmethod(at)

    def __init__(self, procedure: str, by: Actor, when: str, **facts: Any) -> None:
        super().__init__(world(), procedure, by, when, facts)


def test_the_pack_passes_its_own_check() -> None:
    report = check_folder(FOLDER)
    assert report.errors == ()
    assert report.warnings == ()


@pytest.mark.parametrize(
    ("points", "grade"),
    [("90", "优秀"), ("89.99", "良好"), ("80", "良好"), ("79.99", "合格"), ("60", "合格"), ("59.99", "不合格")],
)
def test_the_grade_at_its_bound(points: str, grade: str) -> None:
    assert scored(points).grade == grade


def test_criticism_from_above_withholds_the_highest_grade_and_names_no_other() -> None:
    found = scored(95, criticised=True)
    assert (found.grade, found.grades) == (None, ("不合格", "合格", "良好"))
    assert any("不得评为优秀" in reason for reason in found.reasons)
    assert scored(85, criticised=True).grade == "良好"


def test_the_missing_sheet_stays_missing() -> None:
    sheet = world().scoresheets["chief"]
    assert [line.id for line in sheet.lines] == ["unified"]
    assert (sheet.full, sheet.printed, sheet.discrepancies) == (100, 100, ())
    assert scored(None).missing == ("score",)


def test_eleven_subjects_are_ranked_with_ties() -> None:
    places = ranked([("三河市", scored(92), {}), ("香河县", scored(88), {}), ("廊坊开发区", scored(88), {})])
    assert [(p.subject, p.best, p.tied) for p in places] == [
        ("三河市", 1, False),
        ("香河县", 2, True),
        ("廊坊开发区", 2, True),
    ]


def test_who_is_not_qualified_explains_within_ten_working_days_before_the_end() -> None:
    log = Log("assessment", OFFICE, "2017-12-01 09:00", area_unit="三河市人民政府", year=2017)
    log.do(COUNTY, "self_done", "2017-12-18 09:00", report="已自评").do(COUNTY, "self_reported", "2017-12-28 09:00")
    log.do(OFFICE, "scored", "2018-01-05 09:00", score=59, accident=False, criticised=False)
    log.do(OFFICE, "announced", "2018-01-10 09:00", chief_opinion="同意", rank_low=False)
    (due,) = [d for d in log.state().deadlines if d.id == "explain_by"]
    assert due.due is not None
    assert due.due.date() == dt.date(2018, 1, 24)
    with pytest.raises(CaseError, match="说明原因"):
        log.do(OFFICE, "finished", "2018-01-11 09:00")
    log.do(COUNTY, "explained", "2018-01-20 09:00", report="限期整改").do(OFFICE, "finished", "2018-01-22 09:00")
    assert log.state().closed_at is not None


def test_a_quarter_without_a_patrol_of_the_county_chief_is_flagged() -> None:
    log = Log(
        "chief_duty", COUNTY, "2018-01-02 09:00", area_unit="三河市人民政府", level="县级", chief="某县长", river="甲河"
    )
    log.do(COUNTY, "patrolled", "2018-02-01 09:00").do(COUNTY, "patrolled", "2018-08-01 09:00")
    quarters = {
        d.due.date(): d.breached for d in log.state("2018-10-08 09:00").deadlines if d.id == "county_patrol" and d.due
    }
    assert quarters[dt.date(2018, 3, 31)] is False
    assert quarters[dt.date(2018, 6, 30)] is True
    assert quarters[dt.date(2018, 9, 30)] is False


def test_a_patrol_is_filed_within_five_working_days() -> None:
    log = Log("patrol", COUNTY, "2017-11-06 09:00", area_unit="三河市人民政府", level="县级", chief="某县长", river="甲河",
              has_problem=False)  # fmt: skip
    (due,) = [d for d in log.state().deadlines if d.id == "file_by"]
    assert due.due is not None
    assert due.due.date() == dt.date(2017, 11, 13)


@pytest.mark.parametrize(("townships", "villages"), [(4, 3), (0, 3), (2, 2)])
def test_a_sample_outside_the_scheme_is_not_taken(townships: int, villages: int) -> None:
    log = Log("verification", OFFICE, "2017-11-20 09:00", area_unit="三河市人民政府")
    log.do(COUNTY, "scheme_filed", "2017-11-28 09:00", report="方案").do(
        COUNTY, "township_done", "2017-12-18 09:00", report="结果"
    )
    with pytest.raises(CaseError, match="1至3个乡"):
        log.do(OFFICE, "sampled", "2018-01-05 09:00", townships=townships, villages=villages)


def test_nothing_is_published_that_was_not_reviewed() -> None:
    log = Log(
        "sharing", COUNTY, "2017-11-06 09:00", area_unit="三河市人民政府", info_kind="日常管理信息", bulletin="动态"
    )
    with pytest.raises(CaseError, match="未经审核"):
        log.do(COUNTY, "released", "2017-11-06 10:00", channel="工作简报", reviewed=False)


def test_every_paper_is_filled() -> None:
    assert_every_paper_is_filled(FOLDER, world())
