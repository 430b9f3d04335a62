"""Grades: what counts in the cycle, the boundaries of A, B, C and D, what is open, and what would change it."""

from __future__ import annotations

import datetime as dt

import pytest

from gongbao.engine.decision.decide import decide
from gongbao.engine.receipt import receipt_from, verify_receipt
from gongbao.office import worlds
from gongbao.office.credit import facts as counting
from gongbao.office.credit import grading, models
from gongbao.office.pages.grounds import grounds_of

pytestmark = pytest.mark.django_db
START = dt.date(2022, 3, 1)


def graded(enterprise):
    return grading.grade(enterprise).verdict


@pytest.mark.parametrize(("number", "grade"), [(0, "A"), (1, "B"), (5, "B"), (6, "C")])
def test_the_number_of_general_records_makes_the_grade(enterprise, record, number, grade):
    company = enterprise()
    for _ in range(number):
        record(company)
    assert graded(company).grade == grade


@pytest.mark.parametrize(("status", "grade"), [("有效", "C"), ("已移出", "A")])
def test_an_entry_in_a_list_counts_until_it_is_taken_off(enterprise, record, status, grade):
    company = enterprise()
    record(
        company,
        kind="严重失信主体名单信息",
        klass=models.SERIOUS,
        listed=True,
        status=status,
        dated=dt.date(2019, 5, 1),
    )
    assert graded(company).grade == grade


SEVEN = ("暂扣许可证件", "降低资质等级", "吊销许可证件", "限制开展生产经营活动", "责令停产停业", "责令关闭", "限制从业")


@pytest.mark.parametrize("kind", SEVEN)
def test_one_of_the_seven_penalties_makes_c(enterprise, record, kind):
    company = enterprise()
    record(company, klass=models.SERIOUS, penalty_kind=kind)
    assert graded(company).grade == "C"


def test_a_revoked_licence_makes_d_whatever_else_there_is(enterprise, record):
    assert graded(enterprise(licence_revoked=True)).grade == "D"
    company = enterprise(licence_revoked=None)
    record(company, klass=models.LICENCE, penalty_kind="吊销营业执照")
    assert graded(company).grade == "D"


@pytest.mark.parametrize(
    ("dated", "grade"), [(START, "A"), (START + dt.timedelta(days=1), "B"), (dt.date(2023, 3, 1), "B")]
)
def test_the_cycle_is_the_year_that_ends_today(enterprise, record, dated, grade):
    company = enterprise()
    record(company, dated=dated)
    assert graded(company).grade == grade


def test_a_department_may_shorten_the_cycle_but_not_lengthen_it(world, enterprise, record):
    company = enterprise()
    record(company, dated=dt.date(2022, 8, 1))
    assert grading.grade(company, cycle=counting.cycle(world, dt.date(2023, 3, 1), 6)).verdict.grade == "A"
    assert str(counting.cycle(world, dt.date(2023, 8, 31), 6)) == "2023-03-01 至 2023-08-31"
    for months in (0, 13):
        with pytest.raises(ValueError, match="评价周期"):
            counting.cycle(world, dt.date(2023, 3, 1), months)


def test_records_that_did_serious_harm_fit_no_grade_and_a_person_decides(enterprise, record):
    company = enterprise()
    record(company, serious_consequence=True)
    found = graded(company)
    assert (found.status, found.grade, found.candidates) == ("needs_person", "", ())
    assert "1至5次一般失信但造成严重后果" in found.reason


def test_a_judgement_that_is_not_made_leaves_the_grade_open(enterprise, record):
    company = enterprise()
    record(company, serious_consequence=None)
    found = graded(company)
    assert (found.grade, found.candidates) == ("", ("B",))
    assert "一般失信行为造成严重后果" in found.reason


def test_records_under_objection_count_and_withdrawn_ones_do_not(enterprise, record):
    disputed, withdrawn = enterprise(), enterprise()
    record(disputed, status=models.DISPUTED)
    record(withdrawn, status=models.WITHDRAWN)
    assert (graded(disputed).grade, graded(withdrawn).grade) == ("B", "A")


def test_a_record_that_two_dates_place_differently_is_open_until_the_setting_says_which(enterprise, record):
    company = enterprise()
    record(company, dated=START, collected_on=START + dt.timedelta(days=3))
    found = graded(company)
    assert (found.status, found.candidates) == ("needs_person", ("B", "A"))
    assert "记录归入评价周期所依的日期" in found.reason
    worlds.set_setting(models.PACK, "record_date", "归集日期", by="x", reason="试")
    assert graded(company).grade == "B"
    worlds.set_setting(models.PACK, "record_date", "认定日期", by="x", reason="试")
    assert graded(company).grade == "A"


def test_an_old_serious_penalty_is_open_until_the_setting_says(enterprise, record):
    company = enterprise()
    record(company, klass=models.SERIOUS, penalty_kind="责令关闭", dated=dt.date(2020, 1, 1))
    assert graded(company).candidates == ("C", "A")
    worlds.set_setting(models.PACK, "penalty_scope", "限于评价周期内", by="x", reason="试")
    assert graded(company).grade == "A"


def test_a_repaired_record_is_open_only_where_it_makes_a_difference(enterprise, record):
    makes, none = enterprise(), enterprise()
    record(makes, status=models.REPAIRED)
    for _ in range(2):
        record(none)
    record(none, status=models.REPAIRED)
    assert graded(makes).candidates == ("B", "A")
    assert "已修复的记录是否计入次数" in graded(makes).reason
    assert graded(none).grade == "B"


@pytest.fixture
def settled_world(world):
    return world.with_settings({"repaired_counts": "不计入"})


def test_what_would_change_it_is_the_nearest_way_to_each_grade(settled_world):
    none = dict.fromkeys(("general_records", "repaired_records", "serious_listed", "serious_penalties"), 0)
    facts = {"licence_revoked": False, **none, "general_records": 6, "serious_consequence": False}
    assert grounds_of(decide(settled_world, "grade", facts)).nearest == (
        "一般失信行为记录次数少1次（6次→5次），即升为B",
        "已被依法吊销营业执照由“否”改为“是”，即降为D",
        "一般失信行为记录次数少6次（6次→0次），即升为A",
        "一般失信行为记录次数少1次（6次→5次），且一般失信行为造成严重后果由“否”改为“是”，即无规定可依，须人工判定",
    )


def test_a_grade_is_kept_with_a_receipt_that_can_be_recomputed(enterprise, record, world):
    company = enterprise()
    record(company)
    row = grading.regrade(company, cause="单个评价")
    company.refresh_from_db()
    assert (company.grade, row.before, row.rule) == ("B", "", 4)
    assert verify_receipt(receipt_from(row.receipt), world) == []
