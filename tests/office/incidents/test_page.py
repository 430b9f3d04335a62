"""The page of an incident: clocks and the acts that end them, questions that regrade, nothing lowered silently."""

from __future__ import annotations

import io

import pytest
from docx import Document
from tests.office.incidents.conftest import POISONED

from gongbao.office import worker
from gongbao.office.cases import service
from gongbao.office.cases.models import Case, Notice
from gongbao.office.incidents import board, listing, questions
from gongbao.office.people import access

pytestmark = pytest.mark.django_db
PACK, PROCEDURE = "langfang/food-safety-incident", "incident"
MILD = {
    "disease": "不涉及", "water_pollution": False, "harm": "造成但不严重", "counties": 1, "cities": 1, "provinces": 1,
    "abroad": False, "public_harm": False, "extreme": False, "novel": False, "spreading": False, "tainted": True,
    "recognised": "未认定",
}  # fmt: skip


@pytest.fixture
def incident(night, city_food) -> Case:
    facts = {"place": "三河市", "situation": POISONED, "poisoned": 120, "occurred_at": "2023-02-28 18:30"}
    return service.open_case(city_food, PACK, PROCEDURE, facts, source="电话", data={"place": "三河市"})


@pytest.fixture
def graded(incident, city_food) -> Case:
    return service.act(incident, city_food, "assessed", facts={**MILD, "deaths": 0})


def clocks(case: Case, account) -> dict[str, board.Clock]:
    seen = service.look(case)
    return {c.state.id: c for c in board.board(seen, account, service.possible(seen, account)).live}


def test_a_clock_shows_whom_it_binds_whom_to_tell_and_the_act_that_ends_it(incident, city_food, county_food) -> None:
    clock = clocks(incident, city_food)["desk_call_opened"]
    assert clock.own
    assert clock.missing == ("中共廊坊市委员会", "廊坊市人民政府")
    assert [(e.id, e.phone) for e in clock.endings] == [("city_phoned", True)]
    other = clocks(incident, county_food)["desk_call_opened"]
    assert not other.own
    assert other.endings == ()
    assert other.held == ("市局电话报市委、市政府、省局：廊坊市市场监督管理局",)


def test_who_was_told_already_is_missing_no_longer(incident, city_food) -> None:
    case = service.act(incident, city_food, "city_phoned", facts={"to": ["中共廊坊市委员会"], "said": "x"})
    assert clocks(case, city_food)["desk_call_opened"].missing == ("廊坊市人民政府",)


def test_the_form_of_a_call_is_filled_from_the_case_and_sent_as_a_call(incident, city_food, signed_in) -> None:
    client = signed_in(city_food)
    page = client.get(
        f"/incidents/{incident.number}/form/?do=city_phoned&phone=1&clock=.desk_call_opened.1"
    ).content.decode()
    assert page.count("checked") == 2
    assert "<option selected>电话</option>" in page
    assert "中毒120人" in page
    sent = {
        "action": "city_phoned",
        "f-to": ["中共廊坊市委员会", "廊坊市人民政府"],
        "f-said": "x",
        "source": "电话",
        "seq": "1",
    }
    assert client.post(f"/incidents/{incident.number}/act/", sent).status_code == 302
    seen = service.look(Case.objects.get())
    assert seen.events[-1].source == "电话"
    assert [d.status for d in seen.state.deadlines if d.id == "desk_call_opened"] == ["met"]


@pytest.mark.parametrize(("minutes", "status"), [(10, "met"), (11, "met_late")])
def test_ten_minutes_are_in_time_and_eleven_are_not(night, incident, city_food, minutes: int, status: str) -> None:
    night.advance(minutes=minutes)
    case = service.act(
        incident,
        city_food,
        "city_phoned",
        facts={"to": ["中共廊坊市委员会", "廊坊市人民政府"], "said": "x"},
        source="电话",
    )
    found = board.board(service.look(case), city_food, ())
    assert [d.status for d in found.past if d.id == "desk_call_opened"] == [status]
    assert found.missed == (status == "met_late")


def test_what_only_registers_never_conflicts_and_what_decides_does(incident, city_food, signed_in) -> None:
    client = signed_in(city_food)
    service.record(incident, city_food, {"deaths": 0})
    sent = {"action": "city_phoned", "f-to": ["廊坊市人民政府"], "f-said": "x", "seq": "1"}
    assert client.post(f"/incidents/{incident.number}/act/", sent).status_code == 302
    decides = {"step": "verify", "action": "assessed", "seq": "1", **{f"f-{n}": _typed(v) for n, v in MILD.items()}}
    answer = client.post(f"/incidents/{incident.number}/act/", decides)
    assert answer.status_code == 409
    assert "您打开页面以后发生的事" in answer.content.decode()
    assert 'value="1"' in answer.content.decode()


def _typed(value: object) -> str:
    return {True: "是", False: "否"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def test_questions_come_in_the_order_in_which_they_change_the_grade_and_an_answer_tells_what_it_changed(
    incident, city_food, signed_in
) -> None:
    client = signed_in(city_food)
    page = client.get(f"/incidents/{incident.number}/").content.decode()
    assert page.partition('id="questions"')[2].find("死亡人数") > 0
    answer = client.post(f"/incidents/{incident.number}/answer/", {"fact": "deaths", "f-deaths": "1"}, follow=True)
    told = answer.content.decode()
    assert "由较大或重大或特别重大变为重大或特别重大" in told
    assert "死亡人数：1人" in told
    change = questions.last_change(service.look(Case.objects.get()), "grade")
    assert change.changed
    assert change.facts == ("死亡人数：1人",)


def test_an_empty_answer_is_asked_again(incident, city_food, signed_in) -> None:
    answer = signed_in(city_food).post(f"/incidents/{incident.number}/answer/", {"fact": "deaths", "f-deaths": ""})
    assert answer.status_code == 422
    assert "死亡人数：请填写后再提交" in answer.content.decode()


@pytest.mark.parametrize(
    ("facts", "turn", "proposed"),
    [
        ({"poisoned": 120}, "", "较大"),
        ({"poisoned": 100}, "", "较大"),
        ({"poisoned": 99}, "建议降级", "一般"),
        ({"deaths": 1}, "建议升级", "重大"),
        ({"deaths": 10}, "建议升级", "重大"),
    ],
)
def test_a_new_fact_proposes_and_only_an_act_decides(graded, city_food, facts, turn, proposed, signed_in) -> None:
    case = service.record(graded, city_food, facts)
    found = questions.standing(service.look(case), "grade")
    assert (found.decided, found.turn, found.proposed) == ("较大", turn, proposed)
    page = signed_in(city_food).get(f"/incidents/{case.number}/").content.decode()
    assert (turn in page) if turn else ("建议升级" not in page and "建议降级" not in page)
    assert Case.objects.get().decided["grade"] == {"grade": "较大"}


def test_a_missed_clock_goes_to_the_unit_its_leader_and_the_unit_above_once(night, graded) -> None:
    worker.fire_timers()  # the county's clocks were past when the grade was decided
    told = Notice.objects.filter(text__contains="县局30分钟内电话报市局")
    assert set(told.values_list("who", "kind")) == {
        ("三河市市场监督管理局", "due"), ("三河市市场监督管理局带班领导", "escalated"), ("廊坊市市场监督管理局", "escalated"),
    }  # fmt: skip
    assert all("获知时已到期" in text for text in told.values_list("text", flat=True))
    before = Notice.objects.count()
    worker.fire_timers()
    assert Notice.objects.count() == before


def test_a_leader_on_duty_reads_what_goes_to_the_leader_of_the_unit(account) -> None:
    leader = account("lead", "三河市市场监督管理局", "带班领导")
    other = account("other", "霸州市市场监督管理局", "带班领导")
    assert "三河市市场监督管理局带班领导" in leader.names
    assert "三河市市场监督管理局带班领导" not in other.names


def test_every_tab_answers_for_who_takes_part_and_refuses_others(graded, city_food, account, signed_in) -> None:
    client, stranger = signed_in(city_food), signed_in(account("stranger", "廊坊市气象局", "值班员"))
    for tab in ("", "duties/", "reports/", "log/", "review/", "review/docx/"):
        assert client.get(f"/incidents/{graded.number}/{tab}").status_code == 200, tab
        assert stranger.get(f"/incidents/{graded.number}/{tab}").status_code == 403, tab


def test_reports_tell_to_whom_and_what_was_sent(graded, city_food, signed_in) -> None:
    service.act(graded, city_food, "city_phoned", facts={"to": ["廊坊市人民政府"], "said": "x"}, source="电话")
    page = signed_in(city_food).get(f"/incidents/{graded.number}/reports/").content.decode()
    for kind in ("首报", "续报", "终报"):
        assert f"<h2>{kind}</h2>" in page
    assert "河北省市场监督管理局" in page
    assert "电话 → 廊坊市人民政府" in page
    assert "在“后期工作”环节报" in page


def test_duties_are_signed_at_once_and_groups_count_their_units(graded, city_food, county_food, signed_in) -> None:
    client = signed_in(county_food)
    page = client.get(f"/incidents/{graded.number}/duties/").content.decode()
    assert "事故调查组" in page
    assert "（文中未写）" in page  # 社会稳定组 has no lead in the text
    client.post(f"/incidents/{graded.number}/duties/sign/")
    own = [t for t in service.look(graded).state.tasks if t.unit == county_food.unit]
    assert own
    assert {t.status for t in own} <= {"received", "done"}


def test_the_after_action_report_holds_every_clock_decision_and_order_and_no_personal_value(
    graded, city_food, county_food, signed_in, night
) -> None:
    service.act(graded, city_food, "city_phoned", facts={"to": ["廊坊市人民政府"], "said": "x", "told_whom": "钱某某"})
    content = signed_in(city_food).get(f"/incidents/{graded.number}/review/docx/").content
    document = Document(io.BytesIO(content))
    cells = "\n".join(cell.text for table in document.tables for row in table.rows for cell in row.cells)
    for state in service.look(graded).state.deadlines:
        assert state.label in cells
    assert "超时未完成（获知时已到期）" in cells
    assert "附件2 第3行" in cells
    for task in service.look(graded).state.tasks:
        assert task.do in cells
    assert "钱某某" not in cells
    assert "后续事项" in "\n".join(p.text for p in document.paragraphs)


def test_the_list_puts_the_gravest_first_and_replays_no_case(night, city_food, graded, signed_in, monkeypatch) -> None:
    night.advance(minutes=1)
    mild = service.open_case(
        city_food, PACK, PROCEDURE, {"place": "霸州市", "situation": "一般"}, data={"place": "霸州市"}
    )
    monkeypatch.setattr(service.engine, "replay", lambda *_: pytest.fail("a list replays no case"))
    home = listing.home(access.visible(city_food), night.moment)
    assert [row.case.number for row in home.open] == [graded.number, mild.number]
    assert [(row.level, row.late) for row in home.open] == [("较大", True), ("", False)]
    assert home.late == 1
    page = signed_in(city_food).get("/incidents/")
    assert page.status_code == 200
    assert graded.number in page.content.decode()


def test_a_matter_of_another_room_has_no_page_here(night, account, signed_in) -> None:
    taker = account("taker", "廊坊市12345政务服务热线中心", "话务员")
    facts = {"content": "路灯不亮", "place": "三河市", "channel": "电话", "platform": "12345", "belongs": "12345",
             "request_type": "投诉"}  # fmt: skip
    case = service.open_case(
        taker, "langfang/hotline-110", "request", facts, data={"place": "三河市", "platform": "12345"}
    )
    assert signed_in(taker).get(f"/incidents/{case.number}/").status_code == 404
    assert listing.home(access.visible(taker), night.moment).open == ()


def test_what_the_call_said_is_offered_beside_the_question(night, city_food, signed_in) -> None:
    facts = {"place": "三河市", "situation": POISONED, "poisoned": 120}
    case = service.open_case(city_food, PACK, PROCEDURE, facts, data={"place": "三河市"})
    page = signed_in(city_food).get(f"/incidents/{case.number}/").content.decode()
    assert "接报内容里读到 死亡人数 <b>1</b>" in page
    assert "1人死亡" in page
    assert "deaths" not in service.look(case).state.facts
    confirmed = {"fact": "deaths", "f-deaths": "1", "note": "接报内容：1人死亡"}
    signed_in(city_food).post(f"/incidents/{case.number}/answer/", confirmed)
    event = service.look(Case.objects.get()).events[-1]
    assert (event.facts, event.note) == ({"deaths": 1}, "接报内容：1人死亡")


def test_an_act_is_called_by_its_own_name_where_several_make_such_an_entry(
    graded, city_food, account, signed_in
) -> None:
    mayor = account("mayor", "廊坊市人民政府", "承办人")
    case = service.act(graded, city_food, "city_proposed")
    case = service.act(case, mayor, "city_started", facts={"commander": "钱某"}, expected_seq=case.seq)
    page = signed_in(city_food).get(f"/incidents/{case.number}/log/").content.decode()
    assert "<b>启动Ⅲ级响应，成立市指挥部</b>" in page
    assert "<b>启动Ⅳ级响应</b>" not in page
