"""In the browser, by keyboard: the other documents of the duty desk, each from what begins it to what ends it.

Environment and food are in test_walk.py, the heavy pollution in alerts/test_walk.py. Needs Debian's chromium;
GONGBAO_SHOTS=<folder> keeps pictures, of which docs/ shows some (docs/how-to/walks-of-the-duty-desk.md).
"""

from __future__ import annotations

import datetime as dt

import pytest
from tests.office.browsing import WALK, shot
from tests.office.incidents.conftest import FIRE, FIREWORKS, STRAW
from tests.office.incidents.walking import by_hand, call

from gongbao.office import clock
from gongbao.office.cases import service
from gongbao.office.cases.models import CLOSED, Case

pytestmark = [pytest.mark.django_db(transaction=True), *WALK]
BLOOD = "langfang/blood-supply:shortage"


def number() -> str:
    return Case.objects.latest("id").number


def at(who) -> str:
    """The page of the newest matter, opened."""
    who.go(f"/incidents/{number()}/")
    return number()


def decided() -> dict[str, object]:
    seen = service.look(Case.objects.latest("id"))
    return {name: next(iter(one.value.values())) for name, one in seen.state.decided.items()}


def readings(*days: tuple[str, str]) -> str:
    return "\n".join(f"{day}T00:00 {value} 监测" for day, value in days)


def test_blood_from_a_reading_of_stock_to_warning_response_and_end(person, night, account) -> None:
    station = person(account("station", "廊坊市中心血站", "承办人", name="温站"))
    health = person(account("health", "廊坊市卫生健康委员会", "值班员", name="夏值班"))
    city = person(account("city", "廊坊市人民政府", "值班员", name="赵值班"))
    call(station, "血库告急，O型血库存今天0点2.1天，广阳区医院反映手术用血激增", BLOOD)
    low = [f"2023-02-{day}" for day in range(20, 29)]
    station.act(
        "stock_read", stock_o=readings(*((day, "2.4") for day in low)), stock_total=readings(*((d, "4.6") for d in low))
    )
    station.act("station_phoned", reported_grade="较大", said="O型连续7个工作日不高于3天")
    at(health)
    health.act(
        "verify.assessed",
        surge="是",
        donors_fall="否",
        destroyed="否",
        restore_days="0",
        recognised="未认定",
        tight="是",
    )
    assert decided()["grade"] == "较大"
    health.shot("blood-01-graded")
    night.advance(minutes=20)
    at(health)
    health.key("p")
    health.page.wait_for_selector("#now textarea[name=f-said]")
    health.page.locator("#now textarea[name=f-said]").fill("O型连续7个工作日偏低，核定为较大")
    health.leave("Control+Enter")
    at(health)
    health.act("warning_proposed", area="全市", outlook="一周内难以恢复", advice="O型血市民就近献血")
    at(city)
    city.act("issue.warning_published")
    assert decided()["level"] == "黄色"
    city.shot("blood-02-warned")
    at(health)
    health.act("propose.start_requested")
    at(city)
    city.act("city_start.government_started", commander="钱某（副市长）")
    assert decided()["response"] == "Ⅲ级"
    city.shot("blood-03-response")
    night.advance(days=8)
    at(health)
    health.act(
        "respond.end_proposed", crisis_gone="是", supply_normal="是", end_approver="市政府", expert_opinion="可以终止"
    )
    at(city)
    city.act("city_end.government_ended")
    assert decided()["response"] == "无"
    city.act("in_force.warning_lifted")
    assert decided()["level"] == "无"
    city.shot("blood-04-ended")


def test_a_fire_from_the_first_report_to_the_assessment_of_what_was_put_right(person, night, account) -> None:
    brigade = person(account("brigade", "廊坊市消防救援支队", "值班员", name="雷值班"))
    city = person(account("city", "廊坊市人民政府", "承办人", name="赵承办"))
    call(brigade, "霸州市一家具厂仓库昨晚8点起火，明火扑灭，过火面积600平方米，死亡1人", FIRE, fire_unit="某家具厂仓库")
    brigade.act("accept.accepted", site_kind="其他场所", grade="较大", deaths="1", social="是")
    assert decided()["jurisdiction"] == "市级政府"
    brigade.act("petition.petitioned")
    brigade.shot("fire-01-petitioned")
    at(city)
    both = "同级纪检监察机关、同级检察院"
    city.act(
        "found_city.city_formed",
        leader="秦某",
        member_units="市应急管理局\n市公安局",
        members="秦某\n尤某",
        invited=both,
    )
    night.advance(days=40)
    at(brigade)
    parts = dict.fromkeys(("unit", "course", "loss", "cause", "liability", "measures"), "已查明")
    brigade.act(
        "investigate.report_submitted", **{f"part_{name}": text for name, text in parts.items()}, members="秦某\n尤某",
        signed="秦某\n尤某", evidence_listed="目录",
    )  # fmt: skip
    at(city)
    city.act("approve.approved", reply_note="同意", answerers="某家具厂")
    city.act("assess_found.assessors_formed", assessor_leader="秦某", assessors="秦某\n尤某", discipline_invited="是")
    night.advance(days=30)
    at(brigade)
    brigade.act(
        "assess.assessment_reported", eval_liability="已追究", eval_measures="已落实", eval_site="已检查",
        eval_conclusion="落实到位", methods="现场核查", staff_not_held="否", fines_short="否", credit_not_done="否",
    )  # fmt: skip
    brigade.shot("fire-02-assessed")
    at(city)
    city.act("assess_handle.all_carried_out")
    seen = service.look(Case.objects.get())
    assert {d.id: d.status for d in seen.state.deadlines if d.id in ("investigation", "assessment")} == {
        "investigation": "met", "assessment": "met",
    }  # fmt: skip


def test_a_field_fire_goes_to_the_unit_on_duty_and_is_closed(person, night, account) -> None:
    office = person(account("farm", "廊坊市农业农村局", "值班员", name="柳值班"))
    bureau = person(account("env", "廊坊市生态环境局", "值班员", name="周值班"))
    call(office, "文安县某村东农田里冒烟，今天2点看见火光，像是烧秸秆", STRAW, spot="某村东", source="群众举报")
    office.act("route.routed", site="农田", burnt="秸秆")
    assert "廊坊市生态环境局" in office.page.locator("main").inner_text()
    office.shot("straw-01-routed")
    at(bureau)
    bureau.act("handle.handled", handled_note="已扑灭，翻土压实", put_out="是")
    at(office)
    office.act("review.finished", large="否", serious="否")
    assert Case.objects.get().status == CLOSED
    office.shot("straw-02-closed")


def test_a_report_of_fireworks_ends_at_the_range_of_the_penalty(person, night, account) -> None:
    police = person(account("police", "廊坊市公安局", "值班员", name="韩值班"))
    call(police, "广阳区小区门口有人放鞭炮，昨晚11点到现在没停", FIREWORKS)
    place = {"zone": "外环线以内", "site": "不在所列场所", "warning_on": "否", "adjusted": "没有调整"}
    police.act("triage.taken", activity="燃放", **place)
    police.act("police_inquiry.police_confirmed", finding="当场查见", unsafe="没有发现", large_display="否", **place)
    assert decided()["violation"] == "禁放区域场所时段燃放"
    penalty = {
        "crime": "否",
        "public_order": "否",
        "other_law": "否",
        "applied": "第二十二条",
        "measure_done": "是",
        "fined": "是",
    }
    police.act("punish.punished", refused=True, **penalty, fine="2001")
    assert "罚款在幅度内" in police.page.locator(".errors").inner_text()
    police.shot("fireworks-01-beyond-the-range")
    at(police)
    police.act("punish.punished", **penalty, fine="2000")
    police.shot("fireworks-02-penalty")


def test_a_flight_asked_for_is_allowed_or_not_with_its_grounds(person, night, account) -> None:
    police = person(account("police", "廊坊市公安局", "值班员", name="韩值班"))
    flight = {"place": "广阳区", "object_name": "无人机", "purpose": "商业", "in_city": "是", "applicant": "某公司"}
    by_hand(police, "langfang/low-altitude-control:flight", **flight, flight_from="2023-03-05T09:00",
            flight_until="2023-03-05T11:00")  # fmt: skip
    at(police)
    police.act("check.must_apply")
    assert decided()["allowed"] == "须先申请批准"
    assert "尚未批准" in police.page.locator("main").inner_text()
    police.shot("flight-01-must-apply")
    police.act("approval.permitted", approver="某飞行管制部门", approval_no="2023-7", approved_scope="3月5日9时至11时")
    assert decided()["allowed"] == "可以飞行或施放"
    police.shot("flight-02-allowed")
    elsewhere = {**flight, "in_city": "否"}
    by_hand(police, "langfang/low-altitude-control:flight", **elsewhere, flight_from="2023-03-06T09:00",
            flight_until="2023-03-06T11:00")  # fmt: skip
    at(police)
    police.act("check.not_covered")
    assert decided()["allowed"] == "本通告不适用"


def test_a_month_of_a_duty_post_ends_at_its_compliance(person, night, account) -> None:
    county = person(account("xianghe", "香河县人民政府", "承办人", name="吴承办"))
    by_hand(county, "langfang/rural-road-safety:post_month", place="香河县", town="某镇", post_name="某村口劝导站",
            month="2023-02-01")  # fmt: skip
    at(county)
    county.act("duty.plan_made", plan_note="两人轮流")
    days = [f"2023-02-{day:02}" for day in range(1, 16)]
    county.act("duty.days_logged", new_dates="\n".join(days), new_hours="\n".join("6" for _ in days))
    county.act("duty.month_over")
    county.shot("road-01-month")
    assert "合规" in county.page.locator("main").inner_text()
    county.act("check.compliant")
    assert Case.objects.get().status == CLOSED


def test_a_reserve_goes_from_the_catalogue_to_stock_is_drawn_and_filed(person, night, account) -> None:
    planner = person(account("plan", "廊坊市发展和改革委员会", "承办人", name="方承办"))
    city = person(account("city", "廊坊市人民政府", "承办人", name="赵承办"))
    keeper = person(account("relief", "廊坊市应急管理局", "值班员", "承办人", name="罗值班"))
    by_hand(planner, "langfang/material-reserve:planning", plan_kind="储备物资目录", plan_period="2023年度")
    at(planner)
    planner.act("draft.departments_consulted", consulted="市应急管理局", consult_note="品种已商定")
    planner.act("draft.catalogue_submitted", varieties="棉被", scales="棉被500床", factors="发展需要、供应风险")
    at(city)
    city.act("approve.approved")
    by_hand(keeper, "langfang/material-reserve:custody", department="廊坊市应急管理局", goods="救灾物资", variety="棉被",
            measure="床", planned="500", floor="300", in_catalogue="是")  # fmt: skip
    at(keeper)
    keeper.act("select.selected", keeper="某仓储公司", select_by="招投标", mode="市场化方式", prescribed="否")
    terms = dict.fromkeys(("storage_term", "depot", "quality", "rotation_terms", "draw_terms", "subsidy_terms",
                           "liability_terms"), "按合同")  # fmt: skip
    keeper.act(
        "contract.signed",
        **terms,
        depot_place="广阳区",
        contract_quantity="500",
        needs_rotation="否",
        safety_ready="是",
    )
    keeper.act("store.received", order_no="入1", in_quantity="500", quality_ok="是", dedicated="是")
    held = number()
    keeper.shot("reserve-01-stock")
    by_hand(keeper, "langfang/material-reserve:urgent_call", department="廊坊市应急管理局", trigger="市内突发重大事件",
            trigger_note="转移群众", authority="市人民政府授权部门", authorisation="市政府值班室电话")  # fmt: skip
    at(keeper)
    keeper.act("call.called", draw_varieties="棉被", draw_quantities="200床", use_note="安置点", transport_note="车2台")
    urgent = number()
    keeper.go(f"/incidents/{held}/")
    keeper.act("store.issued", order_no="出1", out_quantity="200", out_for="紧急调用")
    assert service.look(Case.objects.get(number=held)).state.facts["on_hand"] == 300
    keeper.go(f"/incidents/{urgent}/")
    keeper.act("rescue.work_over", work_ended_on=f"{night.moment:%Y-%m-%d}")
    assert "二十日内备案" in keeper.page.locator("main").inner_text()
    keeper.act("file.filed", filing_note="已报市政府")
    keeper.shot("reserve-02-filed")
    seen = service.look(Case.objects.get(number=urgent))
    assert [d.status for d in seen.state.deadlines if d.id == "filing"] == ["met"]


def test_a_register_is_kept_searched_and_exported(person, night, account) -> None:
    keeper = person(account("guangyang", "廊坊市应急管理局", "值班员", name="罗值班"))
    keeper.go("/resources/langfang/emergency-system/teams/new/")
    form = keeper.page.locator("form:has([name='c-name'])")
    for name, value in (("name", "广阳区抢险一队"), ("field", "危化"), ("members", "20")):
        form.locator(f"[name='c-{name}']").fill(value)
    form.locator("[name='c-place']").select_option("广阳区")
    form.locator("[name='c-class']").select_option("专业救援队伍")
    form.locator("[name='c-name']").focus()
    keeper.leave("Enter")
    assert "已登记 广阳区抢险一队" in keeper.page.locator("main, .flash").all_inner_texts().__str__()
    keeper.go("/resources/langfang/emergency-system/teams/?q=抢险一队")
    assert keeper.page.locator("td.title", has_text="抢险一队").count() == 1
    shot(keeper.page, "register-01-found")
    with keeper.page.expect_download() as got:
        keeper.page.get_by_role("link", name="XLSX").first.click()
    assert got.value.suggested_filename.endswith(".xlsx")


def test_each_walk_is_of_the_night_of_the_desk(night) -> None:
    assert night.moment == dt.datetime(2023, 3, 1, 3, 10, tzinfo=clock.SHANGHAI)
