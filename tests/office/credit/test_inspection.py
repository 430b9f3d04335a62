"""Draws: no ratio, no draw; strata by grade and risk; the same seed gives the same list; other checks run anyway."""

from __future__ import annotations

import pytest

from gongbao.office import clock, worlds
from gongbao.office.credit import inspection, invent, models, runs
from gongbao.office.credit.models import Enterprise

pytestmark = pytest.mark.django_db
ITEM = {"department": "市市场监督管理局", "item": "对食品生产者的监督检查"}


def fill(unit=ITEM["department"], **values):
    for name, value in values.items():
        worlds.set_setting(models.PACK, name, value, by="x", reason="试", unit=unit)


@pytest.fixture
def city(db):
    invent.fill(600, as_of=clock.today(), added_at=clock.now())
    fill(repaired_counts="不计入", record_date="认定日期", penalty_scope="限于评价周期内")
    runs.carry_out(runs.prepare("jian"))


def test_without_a_ratio_there_is_no_draw_and_it_says_whose_it_is(city, regulator):
    with pytest.raises(inspection.NoDraw, match=r"文中没有抽查比例.*“降低后的抽查比例”（廊坊市市场监督管理局）"):
        inspection.draw(regulator, **ITEM, asked={}, seed="1")
    assert not models.Draw.objects.exists()


RATIOS = {"ratio_reduced": 2, "ratio_normal": 10, "ratio_raised": 50}


@pytest.mark.parametrize(
    ("of", "ratio", "number"), [(100, "2", 2), (101, "2", 3), (1, "2", 1), (0, "2", 0), (3, "100", 3), (7, "0", 0)]
)
def test_the_number_drawn_is_rounded_up(of, ratio, number):
    from decimal import Decimal

    assert inspection.Stratum("常规", tuple(map(str, range(of))), Decimal(ratio)).number == number


def test_a_draw_is_stratified_and_can_be_repeated(city, regulator):
    fill(**RATIOS, conflict_reading="从严")
    made = inspection.draw(regulator, **ITEM, asked={}, seed="2023春")
    by = {s["sampling"]: s for s in made.strata}
    assert made.results.count() == sum(s["drawn"] for s in made.strata)
    assert 0 < by["合理降低"]["drawn"] < by["合理降低"]["of"] // 40
    assert by["执行限制措施"]["drawn"] == by["未定"]["drawn"] == 0
    same, then, now = inspection.repeat(made)
    assert (same, then == now) == (True, True)
    other = inspection.draw(regulator, **ITEM, asked={}, seed="2023秋")
    assert set(other.results.values_list("enterprise", flat=True)) != set(
        made.results.values_list("enterprise", flat=True)
    )
    Enterprise.objects.filter(pk=made.results.first().enterprise_id).update(grade="D")
    assert inspection.repeat(made)[0] is False


def test_two_departments_draw_by_their_own_ratios(enterprise, regulator):
    for _ in range(10):
        enterprise(grade="A", grade_status="settled")
    fill(**RATIOS)
    rows = worlds.world(models.PACK).registers["items"].rows
    safety = {"department": "市应急管理局", "item": next(r["item"] for r in rows if r["department"] == "市应急管理局")}
    with pytest.raises(inspection.NoDraw, match="廊坊市应急管理局"):
        inspection.draw(regulator, **safety, asked={}, seed="1")
    fill(unit=safety["department"], **{**RATIOS, "ratio_reduced": 50})
    made = [inspection.draw(regulator, **each, asked={}, seed="1") for each in (ITEM, safety)]
    assert [one.results.count() for one in made] == [1, 5]
    assert [one.ratios for one in made] == [{"合理降低": "2"}, {"合理降低": "50"}]
    fill(ratio_reduced=90)
    assert all(inspection.repeat(one)[1] == inspection.repeat(one)[2] for one in made)


def test_a_unit_outside_the_group_fills_nothing():
    with pytest.raises(ValueError, match="“廊坊市行政审批局”不在其中"):
        fill(unit="市行政审批局", ratio_reduced=5)
    with pytest.raises(ValueError, match="“”不在其中"):
        fill(unit="", ratio_reduced=5)


def test_grade_and_risk_that_differ_are_left_out_until_the_setting_says(enterprise, regulator):
    fill(**RATIOS)
    enterprise(grade="A", grade_status="settled", sector_risk="较高")
    enterprise(grade="A", grade_status="settled")
    found = {s.sampling: s.of for s in inspection.strata(worlds.world(models.PACK), {}, ITEM["department"])}
    assert found == {"合理降低": 1, "未定": 1}
    fill(conflict_reading="从严")
    found = {s.sampling: s.of for s in inspection.strata(worlds.world(models.PACK), {}, ITEM["department"])}
    assert found == {"合理降低": 1, "适当提高": 1}


def test_a_complaint_is_checked_whatever_the_grade(enterprise, regulator):
    fill(**{**RATIOS, "ratio_reduced": 0})
    company = enterprise(grade="A", grade_status="settled")
    assert inspection.draw(regulator, **ITEM, asked={}, seed="1").results.count() == 0
    made = inspection.draw(regulator, **ITEM, asked={}, seed="1", extra=[(company.credit_code, "投诉举报")])
    row = made.results.get()
    assert (row.how, "不因等级降低而减免" in row.reason) == ("另行检查", True)
    for wrong in ("年度抽查计划", "随便"):
        with pytest.raises(inspection.NoDraw, match="来由"):
            inspection.draw(regulator, **ITEM, asked={}, seed="1", extra=[(company.credit_code, wrong)])


def test_only_key_targets_are_checked_by_direction(enterprise, regulator):
    fill(**{**RATIOS, "ratio_raised": 0})
    good, bad = enterprise(grade="A", grade_status="settled"), enterprise(grade="C", grade_status="settled")
    made = inspection.draw(regulator, **ITEM, asked={}, seed="1", directed=[bad.credit_code])
    assert made.results.get(how="定向").enterprise == bad
    with pytest.raises(inspection.NoDraw, match="不在重点监管对象"):
        inspection.draw(regulator, **ITEM, asked={}, seed="1", directed=[good.credit_code])


def test_teams_are_drawn_too(enterprise, regulator):
    fill(**{**RATIOS, "ratio_reduced": 100})
    for _ in range(4):
        enterprise(grade="A", grade_status="settled")
    people = ["甲", "乙", "丙"]
    made = inspection.draw(regulator, **ITEM, asked={}, seed="1", people=people, size=2)
    assert all(len(set(row.team)) == 2 and set(row.team) <= set(people) for row in made.results.all())
    with pytest.raises(inspection.NoDraw, match="每户人数"):
        inspection.draw(regulator, **ITEM, asked={}, seed="1", people=people, size=4)


def test_a_city_owned_company_stands_in_the_directory_of_the_city(enterprise):
    own, other = enterprise(city_owned=True), enterprise()
    assert list(inspection.scope({"county": "市级"})) == [own]
    assert list(inspection.scope({"county": "三河市"})) == [other]
