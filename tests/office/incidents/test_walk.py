"""In the browser, by keyboard: two incidents from the first call at night to their end, by those whose acts they are.

Needs Debian's chromium; GONGBAO_SHOTS=<folder> keeps a picture of every page, 1280 and 390 wide.
"""

from __future__ import annotations

import datetime as dt

import pytest
from tests.office.browsing import WALK
from tests.office.incidents.conftest import ENVIRONMENT, FOOD
from tests.office.incidents.walking import call

from gongbao.office.cases import service
from gongbao.office.cases.models import Case

pytestmark = [pytest.mark.django_db(transaction=True), *WALK]
SICK = "三河市燕郊第三中学来电，昨晚6点半食堂晚饭后120名学生呕吐、腹泻，均已送医"
SPILL = "永清县群众来电，今天2点左右一辆罐车在永清县城东侧翻，甲醛泄漏流入河道，河水有刺鼻气味，疏散群众60人"
MILD = {
    "harm": "造成但不严重", "counties": "1", "cities": "1", "provinces": "1", "abroad": "否", "public_harm": "否",
    "extreme": "否", "novel": "否", "spreading": "否", "tainted": "是", "recognised": "未认定",
}  # fmt: skip


def test_food_from_the_first_call_to_the_final_report(person, night, city_food, city_government) -> None:
    c, g = person(city_food), person(city_government)
    call(c, SICK, FOOD)
    case = Case.objects.get()
    seen = service.look(case)
    assert seen.state.facts["poisoned"] == 120
    assert seen.state.facts["occurred_at"] == night.moment.replace(day=28, month=2, hour=18, minute=30)
    assert case.place == "三河市"
    c.shot("food-03-open")
    assert "10分钟内电话报市委、市政府" in c.page.locator(".board").inner_text()

    night.advance(minutes=4)
    c.key("p")
    c.page.wait_for_selector("#now textarea[name=f-said]")
    assert c.page.locator("#now [name=f-to]:checked").count() == 2
    c.shot("food-04-phone")
    c.page.locator("#now textarea[name=f-said]").focus()
    c.leave("Control+Enter")
    seen = service.look(case)
    assert [d.status for d in seen.state.deadlines if d.id == "desk_call_opened"] == ["met"]
    assert seen.events[-1].source == "电话"

    night.advance(minutes=10)
    c.go(f"/incidents/{case.number}/")
    question = c.page.locator("#questions .ask-one").first
    assert "死亡人数" in question.inner_text()
    question.locator("[name=f-deaths]").fill("0")
    with c.page.expect_navigation(wait_until="domcontentloaded"):
        c.page.keyboard.press("Enter")
    assert "死亡人数：0人" in c.page.locator(".flash").inner_text()
    c.shot("food-05-questions")
    c.act("verify.assessed", disease="不涉及", water_pollution="否", **MILD)
    assert "较大" in c.page.locator(".standing").inner_text()
    c.shot("food-06-graded")
    c.act("propose.city_proposed")
    g.go(f"/incidents/{case.number}/")
    g.act("city_start.city_started", commander="钱某（副市长）")
    assert "Ⅲ级" in g.page.locator(".standing").inner_text()
    g.shot("food-07-started")

    night.advance(minutes=50)
    c.go(f"/incidents/{case.number}/")
    c.leave("3")
    c.shot("food-08-reports")
    c.page.get_by_role("link", name="填报").first.focus()
    c.go(f"/incidents/{case.number}/")
    c.act(
        "city_wrote", to="中共廊坊市委员会、廊坊市人民政府、河北省市场监督管理局", accident_unit="燕郊第三中学", site="燕郊", involved="300",
        first_measures="封存食品", rescue_trouble="否", report_unit="廊坊市市场监督管理局", contact="李某",
        contact_phone="03160000000",
    )  # fmt: skip
    c.act("respond.groups_formed", groups="事故调查组、医疗救治组")
    c.shot("food-09-running")
    c.leave("2")
    c.shot("food-10-duties")
    assert "事故调查组" in c.page.locator("main").inner_text()

    night.advance(days=3)
    c.go(f"/incidents/{case.number}/")
    c.act(
        "respond.end_proposed", all_treated="是", stable_hours="24", new_acute="否", infectious="否", scene_controlled="是",
        cleaned="是", hazards_gone="是", experts_agree="是",
    )  # fmt: skip
    g.go(f"/incidents/{case.number}/")
    g.act("city_approve.city_ended")
    c.go(f"/incidents/{case.number}/")
    c.act("after.settled", settlement_note="已结清")
    c.act("after.investigated", duty_report="责任已查明")
    c.act("after.summarised", lessons="加强索证")
    c.act(
        "after.final_reported", to="中共廊坊市委员会、廊坊市人民政府、河北省市场监督管理局", overview="食堂聚餐", process="调查",
        nature="食品安全事故", responsibility="食堂", outcome="罚款", rectification="整改", effect="有效",
    )  # fmt: skip
    assert service.look(Case.objects.get(pk=case.pk)).state.closed_at is not None
    c.go(f"/incidents/{case.number}/")
    c.leave("4")
    c.shot("food-11-log")
    c.leave("5")
    c.shot("food-12-review")
    assert "超时" in c.page.locator(".review").inner_text()
    c.go("/incidents/")
    c.shot("food-13-home")


def test_environment_from_the_first_call_to_the_evaluation(person, night, city_environment, account) -> None:
    e = person(city_environment)
    h = person(account("hq", "廊坊市突发环境事件应急指挥部", "值班员", "承办人", name="郑值班"))
    y = person(account("yongqing", "永清县人民政府", "承办人", name="吴承办"))
    call(e, SPILL, ENVIRONMENT)
    case = Case.objects.get()
    seen = service.look(case)
    assert case.place == "永清县"
    assert seen.state.facts["occurred_at"] == night.moment.replace(hour=2, minute=0)
    e.shot("env-03-open")
    night.advance(minutes=15)
    e.act(
        "verify.assessed", kind="水体污染", inside="是", cause="危化品运输交通事故", pollutant="甲醛", deaths="0", injured="0",
        evacuated="60", loss="100000", ecology="未涉及", water_cut="乡（镇）", radiation="否", cross="跨县级", may_cross="跨县级",
        county_dispute="否", some_effect="是",
    )  # fmt: skip
    held = service.look(Case.objects.get(pk=case.pk)).state.decided["grade"].value
    e.shot("env-04-graded")
    assert held["grade"] in e.page.locator(".standing").inner_text()
    e.act("city_reported", to="市政府、河北省生态环境厅", said="永清县发生甲醛泄漏")
    if held["grade"] == "较大":
        h.go(f"/incidents/{case.number}/")
        h.act("start.city_started", commander="冯某（副市长）")
    else:
        y.go(f"/incidents/{case.number}/")
        y.act("start.county_started", commander="冯某（副县长）")
    h.go(f"/incidents/{case.number}/")
    h.shot("env-05-started")
    y.go(f"/incidents/{case.number}/duties/")
    y.key("s")
    y.page.wait_for_selector(".flash")
    y.shot("env-06-county-duties")
    night.advance(days=2)
    ended = {"condition_removed": "是", "within_limits": "是", "harm_removed": "是"}
    if held["grade"] == "较大":
        h.act("respond.city_ended", **ended)
    else:
        y.go(f"/incidents/{case.number}/")
        y.act("respond.county_ended", **ended)
    e.go(f"/incidents/{case.number}/")
    e.act("after.damage_assessed", damage_note="损失十万元")
    e.act("after.investigated", inquiry_note="驾驶不当", with_discipline="否")
    y.go(f"/incidents/{case.number}/")
    y.act("after.aftermath_planned", aftermath="修复河道")
    e.act("after.finished")
    e.go(f"/incidents/{case.number}/review/")
    e.shot("env-07-review")
    assert service.look(Case.objects.get(pk=case.pk)).state.closed_at - night.moment < dt.timedelta(minutes=1)
